"""Names of a graph found in what somebody says: items, people, genres, subjects, in any language.

Words are compared in lower case and without accents; an item is found without its year and without
its article, too ("the matrix" as "Matrix"), a subject in the plural as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from rapidfuzz import fuzz, process

from kg_rec.dialogue.spelling import (
    ARTICLES,
    SHORT,
    STEM,
    Token,
    keys,
    singulars,
    spellings,
    stem,
    tokens,
)
from kg_rec.ids import Iri
from kg_rec.ontology import CONCEPT, PERSON, USER
from kg_rec.ontology.texts import WORD

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology

__all__ = ["Name", "Names"]

_BEFORE_SUBJECTS = frozenset({"about", "involving", "regarding", "concerning"})
_SENTENCE = re.compile(r"[.!?:\n]")
_WINDOW, _PAIR = 3, 2
"""Most words of a misspelt name; words of a name that has no particle in it."""
_PARTICLES = frozenset({"de", "di", "del", "da", "van", "von", "la", "le", "du", "bonham"})
_BEFORE_PEOPLE = frozenset({"by", "with", "starring", "featuring"})
_LONGEST = 14
_DIRECT, _ALIAS, _NAMED, _PERSON, _OTHER, _SUBJECT = range(6)
"""Which of several nodes is meant: an item by its name, by a part of it, an individual of the
ontology, a person, anything else, a subject."""
_SIMILAR, _SURE = 88, 92
"""Likeness (0 to 100) from which a misspelt name is taken for a known one."""
_ADJECTIVE = re.compile(r"(?:ent|ic|al|ous|ful|ive)$")
_TWO = len("一 二")  # a character alone is no name
_CLEARLY = 3
"""How many times as many items have what a noun means, for an adjective to mean it, too; how many
items have a subject that outweighs the name of a genre."""
_KNOWN = 2
"""How many times as many facts name a person as others of the same last name, to be meant by it."""


class Name(NamedTuple):
    """A name at characters ``start`` to ``end``.

    Attributes:
        nodes: What it may stand for; several where an ontology gives one name to several.
        start: Where it begins.
        end: Where it ends.
        text: As it is written.
    """

    nodes: tuple[Iri, ...]
    start: int
    end: int
    text: str


class _Entry(NamedTuple):
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


class Names:
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

    def find(self, text: str, *, eager: bool = False) -> list[Name]:
        """Return the names in a text, from left to right, the longest first, without overlaps.

        Args:
            text: The text.
            eager: Take words that may be the name of an item for it, where nothing else is named.
        """
        words = tokens(text)
        found: list[Name] = []
        i = 0
        while i < len(words):
            name, width = self._longest(text, words, i, eager=eager)
            if name is not None:
                found.append(name)
            i += width
        return found

    def whole(self, text: str) -> Name | None:
        """Return what a whole text names, an item if it may be one; misspelt names count."""
        words = tokens(text)
        if not words:
            return None
        entries = self._at([w.key for w in words])
        if not entries:
            return self._misspelt(text, words)
        items = [e for e in entries if e.node in self.items]
        chosen = _best(items or entries)
        return Name(chosen, words[0].start, words[-1].end, text)

    def misspelt(self, text: str, found: Sequence[Name]) -> list[Name]:
        """Return names that words beside those found are likely meant to be, in all ``found``."""
        kept = list(found)
        words = tokens(text)
        i = 0
        while i < len(words):
            width = next((w for w in range(_WINDOW, 0, -1) if self._corrects(words, i, w, kept)), 0)
            i += width or 1
        return sorted(kept, key=lambda name: name.start)

    def _corrects(self, words: Sequence[Token], i: int, width: int, kept: list[Name]) -> bool:
        """Add the name that some words come close to, if there is one."""
        span = words[i : i + width]
        inside = any(n.start < span[-1].end and n.end > span[0].start for n in kept)
        if len(span) < width or inside or not self._is_rare(span):
            return False
        wanted = "".join(word.key for word in span)
        tries = [wanted, *singulars(wanted)] if len(wanted) > STEM - 1 and wanted.isascii() else []
        for key in tries:
            close = process.extractOne(
                key, list(self._joined), scorer=fuzz.ratio, score_cutoff=_SURE
            )
            if close is not None:
                nodes = _best(self._table[self._joined[close[0]]])
                kept.append(Name(nodes, span[0].start, span[-1].end, self._joined[close[0]]))
                return True
        return False

    @cached_property
    def _joined(self) -> dict[str, str]:
        """Names of items, people, genres and subjects without spaces, to what they are in full."""
        keys = (key for key in self._table if key.isascii() and len(key) >= STEM)
        return {key.replace(" ", ""): key for key in keys}

    def subject(self, word: str) -> Iri | None:
        """Return the subject or genre that a word means: ``violent`` means ``violence``."""
        entries = [e for e in self._at(keys(word)) if self.is_a(e.node, CONCEPT)]
        nouns = self._stems.get(stem(word), ())
        if nouns and all(e.rank > _NAMED for e in entries):
            nodes = [*nouns, *(e.node for e in entries)]
            return max(nodes, key=lambda node: (self._uses.get(node, 0), node))
        return _best(entries)[0] if entries else None

    # --- inside ----------------------------------------------------------------------------------

    def _longest(
        self, text: str, words: Sequence[Token], i: int, *, eager: bool
    ) -> tuple[Name | None, int]:
        """Return the longest name that begins at a word, and how many words it takes."""
        before = text[words[i - 1].start : words[i - 1].end] if i else ""
        begins = not i or bool(_SENTENCE.search(text[words[i - 1].end : words[i].start]))
        for width in range(min(_LONGEST, len(words) - i), 0, -1):
            span = words[i : i + width]
            written = text[span[0].start : span[-1].end]
            known = self._at([w.key for w in span])
            bold = eager and self._is_rare(span)
            entries = [e for e in known if bold or not self._is_word(e, written, before, begins)]
            if self._is_last_name(text, span, before):
                entries = [e for e in entries if e.rank < _PERSON]
            elif _in_longer_name(text, span[0].start, span[-1].end):
                entries = [e for e in entries if e.written]
            if entries:
                fit = self._subjects(span) or _expected(entries, before.lower()) or entries
                nodes = self._meant(fit, written, eager=eager)
                return Name(nodes, span[0].start, span[-1].end, written), width
        return None, 1

    def _meant(self, entries: Sequence[_Entry], written: str, *, eager: bool) -> tuple[Iri, ...]:
        exact = [e for e in entries if e.written == written and e.node in self.items]
        items = [e for e in entries if eager and e.node in self.items]
        nodes = _best(exact or items or entries)
        if _ADJECTIVE.search(written) and self._rank(nodes[0]) >= _OTHER:
            noun = self.subject(written)
            uses = self._uses.get(nodes[0], 0)
            if noun is not None and self._uses.get(noun, 0) >= _CLEARLY * max(uses, 1):
                return (noun,)
        return nodes

    def _subjects(self, span: Sequence[Token]) -> list[_Entry]:
        """Return the subjects of "gangster films": those of many items outweigh a genre's name."""
        if len(span) == 1 or span[-1].key not in self._nouns:
            return []
        entries = self._at([word.key for word in span[:-1]])
        if not entries or any(e.rank <= _NAMED for e in entries):
            return []
        return [e for e in entries if e.rank == _SUBJECT and self._uses.get(e.node, 0) >= _CLEARLY]

    @cached_property
    def _nouns(self) -> frozenset[str]:
        """The usual nouns of items, in the singular and plural."""
        kind = self.ontology.classes.get(self.ontology.item_class)
        nouns = (kind.labels.get("en", ()) if kind else ())[:2]
        return frozenset(form for noun in nouns for form in (noun.lower(), f"{noun.lower()}s"))

    def _is_rare(self, span: Sequence[Token]) -> bool:
        """Return whether any of some words is no common one."""
        return any(word.key not in self._common for word in span)

    def _is_last_name(self, text: str, span: Sequence[Token], before: str) -> bool:
        """Return whether a word is the last name of somebody unknown: "Ryan" in "Meg Ryan"."""
        capitals = before[:1].isupper() and text[span[0].start].isupper() and before.isascii()
        return len(span) == 1 and capitals and before.casefold() not in self._common

    def _is_word(self, entry: _Entry, written: str, before: str, begins: bool) -> bool:  # noqa: FBT001 - inside
        """Return whether a name is rather an ordinary word here."""
        if not entry.weak or not written.isascii():
            return False
        if entry.rank in {_OTHER, _SUBJECT}:
            return before.lower() not in _BEFORE_SUBJECTS
        capital = written[:1].isupper() or written[:1].isdigit()
        return not capital or (begins and written.casefold() in self._common)

    def _at(self, words: Sequence[str]) -> list[_Entry]:
        """Return the entries of some words, the last of which may be a plural."""
        found = list(self._table.get(" ".join(words), ()))
        for last in singulars(words[-1]):
            plural = self._table.get(" ".join([*words[:-1], last]), ())
            found += [e for e in plural if e.rank in {_NAMED, _SUBJECT}]
        return sorted(found, key=self._order)

    def _order(self, entry: _Entry) -> tuple[int, int, Iri]:
        """Return what entries of one name are sorted by: subjects and other things by their use."""
        return min(entry.rank, _OTHER), -self._uses.get(entry.node, 0), entry.node

    def _misspelt(self, text: str, words: Sequence[Token]) -> Name | None:
        wanted = " ".join(w.key for w in words)
        if len(wanted) < SHORT or not self._is_rare(words):
            return None
        alike = [key for key in self._table if key.count(" ") == len(words) - 1]
        close = process.extractOne(wanted, alike, scorer=fuzz.ratio, score_cutoff=_SIMILAR)
        if close is None:
            return None
        return Name(_best(self._table[close[0]]), words[0].start, words[-1].end, text)

    @cached_property
    def _table(self) -> dict[str, list[_Entry]]:
        """Words of names, joined by spaces, to the nodes they name."""
        found: dict[str, dict[Iri, _Entry]] = defaultdict(dict)
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
                found[key].setdefault(node, _Entry(node, _PERSON, "", weak))
        return {key: sorted(entries.values(), key=self._order) for key, entries in found.items()}

    def _entry(
        self, node: Iri, written: str, words: Sequence[str], *, is_part: bool
    ) -> _Entry | None:
        rank = self._rank(node)
        ordinary = all(word in self._common for word in words)
        if not words or (len(written) == 1 and not written.isdigit()):
            return None
        if rank > _DIRECT:
            return _Entry(node, rank, written, weak=rank > _NAMED and ordinary)
        content = [word for word in words if word not in ARTICLES]
        weak = len(content) <= 1 or ordinary
        return _Entry(node, _ALIAS if is_part else _DIRECT, written, weak)

    def _rank(self, node: Iri) -> int:
        if node in self.items:
            return _DIRECT
        if node in self.ontology.entities:
            return _NAMED
        if self.is_a(node, PERSON):
            return _PERSON
        return _SUBJECT if self.is_a(node, CONCEPT) else _OTHER

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
            if self._rank(node) != _PERSON or not (uses := self._uses.get(node)):
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
                nodes = [e.node for e in entries if e.rank in {_NAMED, _SUBJECT}]
                found[stem(key)] += nodes
        return found

    def _counted(self) -> dict[Iri, int]:
        """Return how many facts have each node as their object."""
        terms, codes = self.graph.terms, self.graph.triple_codes
        numbers, counts = np.unique(codes[:, 2], return_counts=True)
        pairs = ((terms[n], c) for n, c in zip(numbers.tolist(), counts.tolist(), strict=True))
        return {term: count for term, count in pairs if isinstance(term, Iri)}


def _in_longer_name(text: str, start: int, end: int) -> bool:
    """Return whether Chinese characters are a part of a foreign name: "伍德" in "…·伊斯特伍德"."""
    before = re.search(r"[·•・][\u3400-\u9fff]*$", text[:start])
    return before is not None or text[end : end + 1] in {"·", "•", "・"}


def _expected(entries: Sequence[_Entry], before: str) -> list[_Entry]:
    """Return the entries that the word before makes likely: people after "by"."""
    if before in _BEFORE_PEOPLE:
        return [e for e in entries if e.rank == _PERSON]
    if before in _BEFORE_SUBJECTS and all(e.rank > _ALIAS for e in entries):
        return [e for e in entries if e.rank == _SUBJECT]
    return []


def _best(entries: Sequence[_Entry]) -> tuple[Iri, ...]:
    """Return the nodes that a name stands for: of an ontology's individuals all, else one."""
    first = entries[0]
    if first.rank != _NAMED:
        return (first.node,)
    return tuple(dict.fromkeys(e.node for e in entries if e.rank == _NAMED))
