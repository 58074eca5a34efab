"""A look at the head of an XML file before it is parsed: entities that could fill the memory."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg_rec.errors import DataError

if TYPE_CHECKING:
    from io import BufferedReader

__all__ = ["Checked"]

_HEAD = 1 << 20
_LONGEST = 4096
_BEFORE_ROOT = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_PIECE = re.compile(
    rb"<!--.*?-->|<\?.*?\?>|\"[^\"]*\"|'[^']*'|[<>\"']|[^<>\"']+",
    re.DOTALL,
)
_ENTITY = re.compile(
    rb"<!ENTITY\s+(?:%\s+)?(?P<name>[^\s\"'>]+)\s*(?P<kind>[A-Za-z]*)\s*"
    rb"(?P<value>\"[^\"]*\"|'[^']*')"
)


class Checked:
    """A stream whose head was looked at.

    Entities that stand for names, as in ``&owl;Class``, are common in ontologies. Those that refer
    to others, to files, or are long, can make gigabytes of a small file; they are refused.

    Args:
        stream: The stream, at its beginning.

    Raises:
        DataError: There is such an entity.
    """

    def __init__(self, stream: BufferedReader) -> None:
        self._head = stream.read(_HEAD)
        self._stream = stream
        _check(self._head)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        if not self._head:
            return self._stream.read(size)
        if size < 0:
            found, self._head = self._head + self._stream.read(), b""
            return found
        found, self._head = self._head[:size], self._head[size:]
        return found


def _check(head: bytes) -> None:
    place = 0
    while space := _BEFORE_ROOT.match(head, place):
        place = space.end()
    if not head.startswith(b"<!DOCTYPE", place):
        if place == len(head) and len(head) == _HEAD:
            msg = "no element in the first million bytes"
            raise DataError(msg)
        return
    line = head.count(b"\n", 0, place) + 1
    inside = head[place : _end_of_type(head, place)]
    found = list(_ENTITY.finditer(inside))
    for entity in found:
        _check_entity(entity, line)
    if inside.count(b"<!ENTITY") != len(found):
        raise DataError(f"line {line}: an entity of the document type cannot be read")


def _end_of_type(head: bytes, place: int) -> int:
    """Return where a document type ends."""
    depth = 0
    for piece in _PIECE.finditer(head, place):
        depth += {b"<": 1, b">": -1}.get(piece[0], 0)
        if not depth:
            return piece.end()
    msg = "the document type does not end in the first million bytes"
    raise DataError(msg)


def _check_entity(entity: re.Match[bytes], line: int) -> None:
    name = entity["name"].decode(errors="replace")
    if entity["kind"]:
        raise DataError(f"line {line}: entity {name!r} is in another file, which is not read")
    if b"&" in entity["value"] or b"%" in entity["value"]:
        raise DataError(f"line {line}: entity {name!r} refers to another entity")
    if len(entity["value"]) > _LONGEST:
        raise DataError(f"line {line}: entity {name!r} is longer than {_LONGEST} bytes")
