"""Names of a graph found in what somebody says: items, people, genres, subjects, in any language.

Words are compared in lower case and without accents; an item is found without its year and without
its article, too ("the matrix" as "Matrix"), a subject in the plural as well.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz import fuzz, process

from kg_rec.dialogue.lexicon import Entry, Lexicon, Rank, best
from kg_rec.dialogue.spelling import (
    SHORT,
    STEM,
    Token,
    keys,
    singulars,
    stem,
    tokens,
)
from kg_rec.ontology import CONCEPT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.ids import Iri

__all__ = ["Name", "Names"]

_BEFORE_SUBJECTS = frozenset({"about", "involving", "regarding", "concerning"})
_SENTENCE = re.compile(r"[.!?:\n]")
_WINDOW = 3
"""Most words of a misspelt name."""
_BEFORE_PEOPLE = frozenset({"by", "with", "starring", "featuring"})
_LONGEST = 14
_SIMILAR, _SURE = 88, 92
"""Likeness (0 to 100) from which a misspelt name is taken for a known one."""
_ADJECTIVE = re.compile(r"(?:ent|ic|al|ous|ful|ive)$")
_CLEARLY = 3
"""How many times as many items have what a noun means, for an adjective to mean it, too; how many
items have a subject that outweighs the name of a genre."""


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


class Names(Lexicon):
    """Finds the names of a graph in texts.

    Args:
        graph: The graph, without users.
        ontology: The domain.
        items: Nodes of the items.
        hidden: Further words that mean an individual.
        common: Words that are no names in lower case.
    """

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
        chosen = best(items or entries)
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
                nodes = best(self._table[self._joined[close[0]]])
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
        if nouns and all(e.rank > Rank.NAMED for e in entries):
            nodes = [*nouns, *(e.node for e in entries)]
            return max(nodes, key=lambda node: (self._uses.get(node, 0), node))
        return best(entries)[0] if entries else None

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
                entries = [e for e in entries if e.rank < Rank.PERSON]
            elif _in_longer_name(text, span[0].start, span[-1].end):
                entries = [e for e in entries if e.written]
            if entries:
                fit = self._subjects(span) or _expected(entries, before.lower()) or entries
                nodes = self._meant(fit, written, eager=eager)
                return Name(nodes, span[0].start, span[-1].end, written), width
        return None, 1

    def _meant(self, entries: Sequence[Entry], written: str, *, eager: bool) -> tuple[Iri, ...]:
        exact = [e for e in entries if e.written == written and e.node in self.items]
        items = [e for e in entries if eager and e.node in self.items]
        nodes = best(exact or items or entries)
        if _ADJECTIVE.search(written) and self._rank(nodes[0]) >= Rank.OTHER:
            noun = self.subject(written)
            uses = self._uses.get(nodes[0], 0)
            if noun is not None and self._uses.get(noun, 0) >= _CLEARLY * max(uses, 1):
                return (noun,)
        return nodes

    def _subjects(self, span: Sequence[Token]) -> list[Entry]:
        """Return the subjects of "gangster films": those of many items outweigh a genre's name."""
        if len(span) == 1 or span[-1].key not in self._nouns:
            return []
        entries = self._at([word.key for word in span[:-1]])
        if not entries or any(e.rank <= Rank.NAMED for e in entries):
            return []
        return [
            e for e in entries if e.rank == Rank.SUBJECT and self._uses.get(e.node, 0) >= _CLEARLY
        ]

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

    def _is_word(self, entry: Entry, written: str, before: str, begins: bool) -> bool:  # noqa: FBT001 - inside
        """Return whether a name is rather an ordinary word here."""
        if not entry.weak or not written.isascii():
            return False
        if entry.rank in {Rank.OTHER, Rank.SUBJECT}:
            return before.lower() not in _BEFORE_SUBJECTS
        capital = written[:1].isupper() or written[:1].isdigit()
        return not capital or (begins and written.casefold() in self._common)

    def _misspelt(self, text: str, words: Sequence[Token]) -> Name | None:
        wanted = " ".join(w.key for w in words)
        if len(wanted) < SHORT or not self._is_rare(words):
            return None
        alike = [key for key in self._table if key.count(" ") == len(words) - 1]
        close = process.extractOne(wanted, alike, scorer=fuzz.ratio, score_cutoff=_SIMILAR)
        if close is None:
            return None
        return Name(best(self._table[close[0]]), words[0].start, words[-1].end, text)


def _in_longer_name(text: str, start: int, end: int) -> bool:
    """Return whether Chinese characters are a part of a foreign name: "伍德" in "…·伊斯特伍德"."""
    before = re.search(r"[·•・][\u3400-\u9fff]*$", text[:start])
    return before is not None or text[end : end + 1] in {"·", "•", "・"}


def _expected(entries: Sequence[Entry], before: str) -> list[Entry]:
    """Return the entries that the word before makes likely: people after "by"."""
    if before in _BEFORE_PEOPLE:
        return [e for e in entries if e.rank == Rank.PERSON]
    if before in _BEFORE_SUBJECTS and all(e.rank > Rank.PART for e in entries):
        return [e for e in entries if e.rank == Rank.SUBJECT]
    return []
