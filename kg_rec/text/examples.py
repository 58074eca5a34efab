"""Examples to learn from: texts with the triples that they state."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kg_rec.errors import DataError
from kg_rec.text.pair_patterns import Place, place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from spacy.tokens import Doc

__all__ = ["Example", "Mark", "aligned", "places_of", "read_examples"]

_FIELDS = "'id', 'text' and 'triples'"
_TRIPLE = 3


class Mark(NamedTuple):
    """A name that an example marks: half-open character offsets, and its type if it is known."""

    start: int
    end: int
    kind: str | None = None


class Example(NamedTuple):
    """A text and what it states.

    Attributes:
        id: Its name, for messages.
        text: The text.
        triples: Subject, relation (label or IRI) and object. Subject and object are texts, or
            numbers of marks.
        marks: Where its names are, if that is known; else the ends of the triples are looked for.
    """

    id: str
    text: str
    triples: tuple[tuple[str | int, str, str | int], ...]
    marks: tuple[Mark, ...] = ()


def read_examples(path: str | Path) -> Iterator[Example]:
    """Yield the examples of a JSON Lines file.

    A line is ``{"id": …, "text": …, "triples": [[subject, relation, object], …]}``, and may have
    ``"mentions": [[start, end, type], …]``; subjects and objects may then be places in that list.

    Raises:
        DataError: A line is not so; the message names it.
    """
    with Path(path).open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _example(line, f"{Path(path).name}, line {number}")


def _example(line: str, where: str) -> Example:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DataError(f"{where}: not JSON: {error}") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise DataError(f"{where}: expected an object with {_FIELDS}, found {_short(row)}")
    marks = tuple(_mark(row, mark, where) for mark in _listed(row, "mentions", where))
    triples = tuple(_triple(triple, len(marks), where) for triple in _listed(row, "triples", where))
    return Example(str(row.get("id", where)), row["text"], triples, marks)


def _listed(row: Mapping[str, Any], field: str, where: str) -> list[Any]:
    found = row.get(field, None if field == "triples" else [])
    if not isinstance(found, list):
        raise DataError(f"{where}: expected a list as {field!r}, found {_short(found)}")
    return found


def _mark(row: Mapping[str, Any], mark: Any, where: str) -> Mark:
    try:
        start, end, kind = mark[0], mark[1], mark[2] if len(mark) > 2 else None  # noqa: PLR2004
        right = 0 <= start < end <= len(row["text"]) and isinstance(kind, str | None)
    except (TypeError, IndexError, KeyError):
        right = False
    if not right:
        raise DataError(f"{where}: expected [start, end, type] in 'mentions', found {_short(mark)}")
    return Mark(start, end, kind)


def _triple(triple: Any, marks: int, where: str) -> tuple[str | int, str, str | int]:
    right = isinstance(triple, list) and len(triple) == _TRIPLE and isinstance(triple[1], str)
    if not right or not all(_is_end(triple[k], marks) for k in (0, 2)):
        msg = f"{where}: expected [subject, relation, object] in 'triples', found {_short(triple)}"
        raise DataError(msg)
    return tuple(triple)


def _is_end(value: Any, marks: int) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return 0 <= value < marks
    return isinstance(value, str) and bool(value.strip())


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004


def aligned(doc: Doc, example: Example) -> tuple[list[list[Place]], set[tuple[int, str, int]]]:
    """Return the names of an example, each with its places, and the triples between them.

    A triple with an end that is not in the text is left out.
    """
    keys: list[str | int] = list(range(len(example.marks)))
    names = [_marked(doc, mark) for mark in example.marks]
    if not names:
        keys = sorted(
            {end for s, _, o in example.triples for end in (s, o) if isinstance(end, str)}
        )
        names = places_of(doc, [str(key) for key in keys])
    number = {key: k for k, key in enumerate(keys)}
    for k, mark in enumerate(example.marks):
        number.setdefault(example.text[mark.start : mark.end], k)
    triples = {
        (number[s], relation, number[o])
        for s, relation, o in example.triples
        if number.get(s) != number.get(o) and all(e in number and names[number[e]] for e in (s, o))
    }
    return names, triples


def _marked(doc: Doc, mark: Mark) -> list[Place]:
    span = doc.char_span(mark.start, mark.end, alignment_mode="expand")
    return [] if span is None else [place(doc, span.start, span.end, mark.kind)]


def places_of(doc: Doc, texts: Sequence[str]) -> list[list[Place]]:
    """Return where some names stand as whole words; inside a longer one only if nowhere else."""
    all_places = [list(_found(doc, text)) for text in texts]
    flat = [here for places in all_places for here in places]
    return [
        [here for here in places if not _is_inside(here, flat)] or places for places in all_places
    ]


def _found(doc: Doc, name: str) -> Iterator[Place]:
    text = doc.text
    start = text.find(name)
    while start >= 0:
        end = start + len(name)
        whole = not (_continues(text, start - 1, name[0]) or _continues(text, end, name[-1]))
        span = doc.char_span(start, end, alignment_mode="expand") if whole else None
        if span is not None:
            yield place(doc, span.start, span.end)._replace(text=name)
        start = text.find(name, start + 1)


def _continues(text: str, i: int, edge: str) -> bool:
    """Return whether a word goes on over the edge of a name."""
    return 0 <= i < len(text) and text[i].isalnum() and edge.isalnum()


def _is_inside(here: Place, others: Iterable[Place]) -> bool:
    length = here.end - here.start
    return any(
        other.start <= here.start and here.end <= other.end and other.end - other.start > length
        for other in others
    )
