"""The signs that speak for a relation between two names, as readable patterns.

A pattern is a line of text with ``{subject}`` and ``{object}``. There are these kinds:

==============================================  =================================================
pattern                                         holds of two names if
==============================================  =================================================
``{subject} <nsubj be >attr coach {object}``    the path between their head words in the parse is
                                                this: ``<dep`` goes up to a governor, ``>dep``
                                                down; words are lemmas, ``*`` is any word
``{subject} ~ coach ~ {object}``                the lemma is on that path
``{subject} is coach of {object}``              these are the words between; ``{name}`` is a name
``{subject} ... coach ... {object}``            the lemma is among the words between
``born in {object}``, ``{object} members``      the words stand before or after; ``^`` and ``$``
                                                are the ends of the sentence
``{object:type=GPE}``                           the name is of this entity type
``{object:shape=0.0}``                          it is written so: ``0`` for digits, ``Xx``, ``x``
``{object:first=the}``, ``{object:last=city}``  it begins or ends with the word
``{subject:type=ORG} {object:type=GPE}``        both are of these types
``{subject} ... {object} names=1``              one name is between, the subject first
``{subject} ... {object} sentences=1``          they are in neighbouring sentences
``{subject} {object}``                          always: where the score of a relation starts
==============================================  =================================================
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spacy.tokens import Doc, Token

__all__ = ["ALWAYS", "Place", "PlacedNames", "head_of", "place", "tree_path"]

ALWAYS = "{subject} {object}"
SUBJECT, OBJECT, NAME = "{subject}", "{object}", "{name}"
_LONGEST_PATH = 6
_MOST_WORDS = 7
_AROUND = 3
_FAR = 3
_EMPTY = {"DET", "PUNCT", "SPACE"}
_DIGITS = re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_YEAR = re.compile(r"\d{4}")
_SHAPE = 12


class Place(NamedTuple):
    """A name at tokens ``start`` to ``end``; ``kind`` is its entity type, or ``""``."""

    start: int
    end: int
    text: str
    kind: str


def place(doc: Doc, start: int, end: int, kind: str | None = None) -> Place:
    """Return the place of a name; its type is that of most of its tokens, if not given."""
    if kind is None:
        found = Counter(t.ent_type_ for t in doc[start:end] if t.ent_type_)
        kind = found.most_common(1)[0][0] if found else ""
    return Place(start, end, doc[start:end].text, kind)


class PlacedNames:
    """The names of a text, of which every two have patterns.

    Args:
        doc: The text.
        places: Its names.
    """

    def __init__(self, doc: Doc, places: Iterable[Place]) -> None:
        self.doc = doc
        self.order = sorted(set(places))
        self._name_at: dict[int, int] = {}
        for here in self.order:
            for i in range(here.start, here.end):
                self._name_at[i] = max(self._name_at.get(i, 0), here.end)
        self._own: dict[tuple[Place, str], list[str]] = {}

    def patterns(self, subject: Place, object_: Place) -> list[str]:
        """Return the patterns that hold of two names, each once, in a fixed order."""
        types = f"{{subject:type={subject.kind}}} {{object:type={object_.kind}}}"
        found = [
            ALWAYS,
            types,
            *self._paths(subject, object_),
            *self._arrangement(subject, object_),
            *self._words(subject, object_),
            *self._about(subject, "subject"),
            *self._about(object_, "object"),
        ]
        return list(dict.fromkeys(found))

    def _paths(self, subject: Place, object_: Place) -> Iterator[str]:
        start, end = head_of(self.doc, subject), head_of(self.doc, object_)
        path = tree_path(start, end) if start != end else None
        if path is None:
            return
        yield write_path(*path, bare=False)
        yield write_path(*path, bare=True)
        inner = [*path[0][1:], *path[1]]
        for token in inner:
            if token not in {start, end} and token.pos_ not in _EMPTY:
                yield f"{SUBJECT} ~ {token.lemma_.lower()} ~ {OBJECT}"

    def _arrangement(self, subject: Place, object_: Place) -> Iterator[str]:
        left, right, ends = _ordered(subject, object_)
        between = sum(left.end <= m.start and m.end <= right.start for m in self.order)
        starts = sum(bool(t.is_sent_start) for t in self.doc[left.start + 1 : right.start + 1])
        apart = f"{ends[0]} ... {ends[1]}"
        yield apart
        yield f"{apart} names={min(between, _FAR)}"
        yield f"{apart} sentences={min(starts, _FAR)}"
        if self.order[0] in {left, right}:
            yield f"^ {ends[0] if left == self.order[0] else ends[1]}"

    def _words(self, subject: Place, object_: Place) -> Iterator[str]:
        left, right, ends = _ordered(subject, object_)
        words, lemmas = [], set()
        i = left.end
        while i < right.start:
            if i in self._name_at:
                words.append(NAME)
                i = self._name_at[i]
                continue
            token = self.doc[i]
            words.append(token.lower_)
            if token.pos_ not in _EMPTY:
                lemmas.add(token.lemma_.lower())
            i += 1
        if len(words) <= _MOST_WORDS:
            yield " ".join((ends[0], *words, ends[1]))
        for lemma in sorted(lemmas):
            yield f"{ends[0]} ... {lemma} ... {ends[1]}"

    def _about(self, here: Place, slot: str) -> list[str]:
        key = (here, slot)
        if key not in self._own:
            self._own[key] = [*_kinds(here, slot), *self._around(here, slot)]
        return self._own[key]

    def _around(self, here: Place, slot: str) -> Iterator[str]:
        before = self._before(here.start)
        after = self._after(here.end)
        for k in range(1, _AROUND + 1):
            if len(before) >= k:
                yield " ".join((*before[-k:], f"{{{slot}}}"))
            if len(after) >= k:
                yield " ".join((f"{{{slot}}}", *after[:k]))

    def _before(self, start: int) -> list[str]:
        found: list[str] = []
        i = start
        while len(found) < _AROUND:
            if i == 0 or self.doc[i].is_sent_start:
                return ["^", *found]
            i -= 1
            inside = i in self._name_at
            found.insert(0, NAME if inside else self.doc[i].lower_)
            while inside and i - 1 in self._name_at:
                i -= 1
        return found

    def _after(self, end: int) -> list[str]:
        found: list[str] = []
        i = end
        while len(found) < _AROUND:
            if i >= len(self.doc) or self.doc[i].is_sent_start:
                return [*found, "$"]
            found.append(NAME if i in self._name_at else self.doc[i].lower_)
            i = self._name_at.get(i, i + 1)
        return found


def _ordered(subject: Place, object_: Place) -> tuple[Place, Place, tuple[str, str]]:
    if subject <= object_:
        return subject, object_, (SUBJECT, OBJECT)
    return object_, subject, (OBJECT, SUBJECT)


def _kinds(here: Place, slot: str) -> Iterator[str]:
    words = here.text.lower().split()
    yield f"{{{slot}:type={here.kind}}}"
    yield f"{{{slot}:shape={_shape(here.text)}}}"
    if words:
        yield f"{{{slot}:first={words[0]}}}"
        yield f"{{{slot}:last={words[-1]}}}"


def _shape(text: str) -> str:
    """Return how a name is written: ``yyyy`` for a year, ``Xx 0`` for "Area 51"."""
    if _YEAR.fullmatch(text):
        return "yyyy"
    letters = _LETTERS.sub(lambda m: "Xx" if m.group()[0].isupper() else "x", text)
    return " ".join(dict.fromkeys(_DIGITS.sub("0", letters).split()))[:_SHAPE]


def head_of(doc: Doc, here: Place) -> Token:
    """Return the token of a name that governs the rest of it."""
    for token in doc[here.start : here.end]:
        if token.head == token or not here.start <= token.head.i < here.end:
            return token
    return doc[here.end - 1]


def tree_path(start: Token, end: Token) -> tuple[list[Token], list[Token]] | None:
    """Return the tokens up from one to the common governor, and those down to the other.

    None if they are in different sentences, or too far apart.
    """
    up = [start, *start.ancestors]
    down = [end]
    while down[-1] not in up:
        if down[-1].head == down[-1]:
            return None
        down.append(down[-1].head)
    rise = up[: up.index(down[-1]) + 1]
    fall = down[:-1][::-1]
    return (rise, fall) if len(rise) + len(fall) <= _LONGEST_PATH + 1 else None


def write_path(up: Sequence[Token], down: Sequence[Token], *, bare: bool) -> str:
    """Write a path; a bare one keeps prepositions and has ``*`` for all other words."""
    end = down[-1] if down else up[-1]
    steps = [(f"<{token.dep_}", up[k + 1]) for k, token in enumerate(up[:-1])]
    steps += [(f">{token.dep_}", token) for token in down]
    parts = [SUBJECT]
    for step, token in steps:
        any_word = bare and token.pos_ != "ADP"
        word = OBJECT if token == end else "*" if any_word else token.lemma_.lower()
        parts += [step, word]
    return " ".join(parts)
