"""Texts that were changed, with the way back: which characters each one comes from."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Aligned", "Edit"]


class Edit(NamedTuple):
    """Characters ``start`` to ``end`` become ``text``; the stretch is not empty."""

    start: int
    end: int
    text: str


class Aligned:
    """A text made from another one, and where in that one each of its characters stood.

    Args:
        text: The text as it is now.
        starts: Per character, the first one of the original that it comes from; None if the text
            is the original.
        ends: Per character, the original's character after the last that it comes from.

    Examples:
        >>> text = Aligned("a <b>c").edited([Edit(2, 5, "")])
        >>> text.text, text.source(0, 3)
        ('a c', (0, 6))
    """

    __slots__ = ("_ends", "_starts", "text")

    def __init__(
        self, text: str, starts: array[int] | None = None, ends: array[int] | None = None
    ) -> None:
        self.text = text
        self._starts = starts
        self._ends = ends

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch of the original that ``text[start:end]`` comes from.

        Args:
            start: First character.
            end: Character after the last, greater than ``start``.
        """
        if self._starts is None or self._ends is None:
            return start, end
        return self._starts[start], self._ends[end - 1]

    def edited(self, edits: Iterable[Edit]) -> Aligned:
        """Return the text with stretches replaced.

        Args:
            edits: From left to right, without overlaps.
        """
        edits = list(edits)
        if not edits:
            return self
        size = len(self.text)
        old_starts = array("q", range(size)) if self._starts is None else self._starts
        old_ends = array("q", range(1, size + 1)) if self._ends is None else self._ends
        parts: list[str] = []
        starts, ends = array("q"), array("q")
        done = 0
        for start, end, text in edits:
            parts += (self.text[done:start], text)
            starts += old_starts[done:start]
            ends += old_ends[done:start]
            first, last = self.source(start, end)
            starts.extend([first] * len(text))
            ends.extend([last] * len(text))
            done = end
        parts.append(self.text[done:])
        return Aligned("".join(parts), starts + old_starts[done:], ends + old_ends[done:])
