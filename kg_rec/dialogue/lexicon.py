"""The names of a graph by their words, each with the nodes that it may stand for."""

from __future__ import annotations

import re
from collections import defaultdict
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.dialogue.spelling import ARTICLES, SHORT, STEM, keys, singulars, spellings, stem
from kg_rec.ids import Iri
from kg_rec.ontology import CONCEPT, PERSON, USER
from kg_rec.ontology.texts import WORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology

__all__ = ["Entry", "Lexicon", "Rank", "best"]

_PAIR = 2
"""Words of a name that has no particle in it."""
_PARTICLES = frozenset({"de", "di", "del", "da", "van", "von", "la", "le", "du", "bonham"})
_TWO = len("一 二")  # a character alone is no name
_KNOWN = 2
"""How many times as many facts name a person as others of the same last name, to be meant by it."""


class Rank(IntEnum):
    """Which of several nodes of one name is meant: the least."""

    ITEM = 0
    """An item by its name."""
    PART = 1
    """An item by a part of its name."""
    NAMED = 2
    """An individual of the ontology."""
    PERSON = 3
    OTHER = 4
    SUBJECT = 5


class Entry(NamedTuple):
    """A node under one of its names.

    Attributes:
        node: The node.
        rank: Lower ones are taken first.
        written: The name as it is.
        weak: True if only a capital tells the name from a word.
    """

    node: Iri
    rank: int
    written: str
    weak: bool


class Lexicon:
    """The names of a graph.

    Args:
        graph: The graph, without users.
        ontology: The domain.
        items: Nodes of the items.
        hidden: Further words that mean an individual.
        common: Words that are no names in lower case.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        ontology: Ontology,
        items: Sequence[Iri],
        hidden: Mapping[Iri, Sequence[tuple[str, str]]],
        common: frozenset[str],
    ) -> None:
        self.graph = graph
        self.ontology = ontology
        self.items = frozenset(items)
        self._hidden = hidden
        self._common = common
        self._uses = self._counted()

    def is_item(self, node: Iri) -> bool:
        """Return whether a node is an item."""
        return node in self.items

    def is_a(self, node: Iri, kind: Iri) -> bool:
        """Return whether a node is of a class or of one below it."""
        return any(self.ontology.is_a(own, kind) for own in self.kinds(node))

    def kinds(self, node: Iri) -> tuple[Iri, ...]:
        """Return the classes of a node."""
        entity = self.ontology.entities.get(node)
        return entity.types if entity else self.graph.types.get(node, ())

    def label(self, node: Iri, language: str = "en") -> str:
        """Return the name of a node in a language."""
        entity = self.ontology.entities.get(node)
        if entity is not None and entity.labels.get(language):
            return entity.labels[language][0]
        return self.graph.label(node, language)

    def called(self, node: Iri) -> set[str]:
        """Return all names of a node, in lower case."""
        entity = self.ontology.entities.get(node)
        own = [name for names in (entity.labels if entity else {}).values() for name in names]
        return {name.casefold() for name in (*own, *self.graph.names(node))}

    def same(self, node: Iri) -> tuple[Iri, ...]:
        """Return the nodes with the name of a node: texts and tables may have made two of one."""
        if node in self.items or node in self.ontology.entities:
            return (node,)
        entries = self._table.get(" ".join(keys(self.graph.label(node))), ())
        written = self.graph.label(node).casefold()
        others = (e.node for e in entries if e.written.casefold() == written)
        kept = (o for o in others if o not in self.items and o not in self.ontology.entities)
        return tuple(dict.fromkeys([node, *kept]))

    # --- inside ----------------------------------------------------------------------------------

    def _at(self, words: Sequence[str]) -> list[Entry]:
        """Return the entries of some words, the last of which may be a plural."""
        found = list(self._table.get(" ".join(words), ()))
        for last in singulars(words[-1]):
            plural = self._table.get(" ".join([*words[:-1], last]), ())
            found += [e for e in plural if e.rank in {Rank.NAMED, Rank.SUBJECT}]
        return sorted(found, key=self._order)

    def _order(self, entry: Entry) -> tuple[int, int, Iri]:
        """Return what entries of one name are sorted by: subjects and other things by their use."""
        return min(entry.rank, Rank.OTHER), -self._uses.get(entry.node, 0), entry.node

    @cached_property
    def _table(self) -> dict[str, list[Entry]]:
        """Words of names, joined by spaces, to the nodes they name."""
        found: dict[str, dict[Iri, Entry]] = defaultdict(dict)
        for node, name in self._named():
            for written, is_part in spellings(name, is_item=node in self.items):
                words = keys(written)
                entry = self._entry(node, written, words, is_part=is_part)
                if entry is not None:
                    known = found[" ".join(words)].get(node)
                    if known is None or known.rank > entry.rank:
                        found[" ".join(words)][node] = entry
        for key, node in self._short_names():
            if key not in self._common:
                weak = key in found or (key.isascii() and len(key) < STEM)
                found[key].setdefault(node, Entry(node, Rank.PERSON, "", weak))
        return {key: sorted(entries.values(), key=self._order) for key, entries in found.items()}

    def _entry(
        self, node: Iri, written: str, words: Sequence[str], *, is_part: bool
    ) -> Entry | None:
        rank = self._rank(node)
        ordinary = all(word in self._common for word in words)
        if not words or (len(written) == 1 and not written.isdigit()):
            return None
        if rank > Rank.ITEM:
            return Entry(node, rank, written, weak=rank > Rank.NAMED and ordinary)
        content = [word for word in words if word not in ARTICLES]
        weak = len(content) <= 1 or ordinary
        return Entry(node, Rank.PART if is_part else Rank.ITEM, written, weak)

    def _rank(self, node: Iri) -> int:
        if node in self.items:
            return Rank.ITEM
        if node in self.ontology.entities:
            return Rank.NAMED
        if self.is_a(node, PERSON):
            return Rank.PERSON
        return Rank.SUBJECT if self.is_a(node, CONCEPT) else Rank.OTHER

    def _named(self) -> Iterator[tuple[Iri, str]]:
        """Yield all nodes with all their names: users, words and classes apart."""
        for node, entity in self.ontology.entities.items():
            yield from ((node, name) for names in entity.labels.values() for name in names)
        for node, words in self._hidden.items():
            yield from ((node, word) for word, _ in words)
        for node, kinds in self.graph.types.items():
            if not {USER, WORD} & set(kinds):
                yield from ((node, name) for name in self.graph.names(node))

    def _short_names(self) -> Iterator[tuple[str, Iri]]:
        """Yield last names of people, each with the only or by far best known bearer."""
        found: dict[str, dict[Iri, int]] = defaultdict(dict)
        for node in self.graph.types:
            if self._rank(node) != Rank.PERSON or not (uses := self._uses.get(node)):
                continue
            for name in self.graph.names(node):
                parts = re.split(r"[\s·]+", name.strip())
                ends = parts[-1:] if name.isascii() else [parts[-1], parts[0]]
                if len(parts) > _PAIR and parts[-2].casefold() in _PARTICLES:
                    ends = [*ends, " ".join(parts[-2:])]
                for short in ends if len(parts) > 1 else ():
                    key = " ".join(keys(short))
                    if len(key) >= (SHORT if key.isascii() else _TWO):
                        found[key][node] = uses
        for last, counts in found.items():
            first, *others = sorted(counts, key=lambda node: (-counts[node], node))
            if not others or counts[first] >= _KNOWN * counts[others[0]]:
                yield last, first

    @cached_property
    def _stems(self) -> dict[str, list[Iri]]:
        """Beginnings of the names of subjects that are one word."""
        found: dict[str, list[Iri]] = defaultdict(list)
        for key, entries in self._table.items():
            if " " not in key and len(key) > SHORT and key.isascii():
                nodes = [e.node for e in entries if e.rank in {Rank.NAMED, Rank.SUBJECT}]
                found[stem(key)] += nodes
        return found

    def _counted(self) -> dict[Iri, int]:
        """Return how many facts have each node as their object."""
        terms, codes = self.graph.terms, self.graph.triple_codes
        numbers, counts = np.unique(codes[:, 2], return_counts=True)
        pairs = ((terms[n], c) for n, c in zip(numbers.tolist(), counts.tolist(), strict=True))
        return {term: count for term, count in pairs if isinstance(term, Iri)}


def best(entries: Sequence[Entry]) -> tuple[Iri, ...]:
    """Return the nodes that a name stands for: of an ontology's individuals all, else one."""
    first = entries[0]
    if first.rank != Rank.NAMED:
        return (first.node,)
    return tuple(dict.fromkeys(e.node for e in entries if e.rank == Rank.NAMED))
