"""Long texts in pieces: cut at sentence ends or white space, with offsets kept."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Piece", "pieces"]

_BREAKS = (
    re.compile(r"\n\s*\n"),
    re.compile(r"[.!?。！？…][\"'”’)\]]*\s+|[。！？]"),
    re.compile(r"\s+"),
)


class Piece(NamedTuple):
    """A stretch of a text that starts at ``offset``."""

    offset: int
    text: str


def pieces(text: str, limit: int) -> Iterator[Piece]:
    """Yield consecutive stretches of at most ``limit`` characters; together they are the text.

    A cut is made after the last paragraph end in the second half of the stretch, else after the
    last sentence end, else after the last white space, else where the limit falls.

    Examples:
        >>> [piece.text for piece in pieces("One two. Three four.", 12)]
        ['One two. ', 'Three four.']
    """
    start = 0
    while len(text) - start > limit:
        end = _cut(text, start, start + limit)
        yield Piece(start, text[start:end])
        start = end
    yield Piece(start, text[start:])


def _cut(text: str, start: int, end: int) -> int:
    middle = start + (end - start) // 2
    for pattern in _BREAKS:
        ends = [match.end() for match in pattern.finditer(text, middle, end)]
        if ends:
            return ends[-1]
    return end
