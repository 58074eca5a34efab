"""A file of statements that grows document by document, and can go on where it stopped."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any, BinaryIO

from kg_rec.errors import DataError
from kg_rec.io.documents import statement_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from kg_rec.statements import Statement

__all__ = ["StatementFile"]


class StatementFile:
    """Writes statements of documents, one JSON line each.

    The lines are written to ``.NAME.part`` beside the file, which takes its name when all are
    there. A run that was stopped leaves that part, and another one may go on from it.

    Args:
        path: The file.
        ids: Ids of all documents, in their order.
        resume: Go on from an earlier part, or from the file itself; else begin anew.

    Attributes:
        done: How many documents, from the first on, need not be read again. The last one that has
            lines is not among them: it may have been cut short.
        rows: The lines kept of them, as JSON objects.

    Raises:
        DataError: The earlier lines are no statements, or not of these documents in this order.
    """

    def __init__(self, path: Path, ids: Sequence[str], *, resume: bool = False) -> None:
        self.path = path
        self.done = 0
        self.rows: list[dict[str, Any]] = []
        self._part = path.with_name(f".{path.name}.part")
        self._kept = b""
        if resume:
            self._take_up(ids)

    @contextlib.contextmanager
    def writing(self) -> Iterator[StatementFile]:
        """Open the file; it takes its name when this ends without an error.

        Raises:
            DataError: The folder does not exist or cannot be written to.
        """
        if self.path.is_dir():
            raise DataError(f"{self.path}: cannot be written: it is a folder")
        try:
            direct = self.path.exists() and not self.path.is_file()  # a pipe, as /dev/stdout
            with (self.path if direct else self._part).open("wb") as stream:
                stream.write(self._kept)
                self._stream: BinaryIO = stream
                yield self
            if not direct:
                self._part.replace(self.path)
        except OSError as error:
            raise DataError(f"{self.path}: cannot be written: {error.strerror}") from None

    def write(self, statements: Iterable[Statement]) -> int:
        """Write the statements of one document; return how many they are."""
        lines = [statement_line(statement) + "\n" for statement in statements]
        self._stream.write("".join(lines).encode())
        self._stream.flush()
        return len(lines)

    def _take_up(self, ids: Sequence[str]) -> None:
        source = next((p for p in (self._part, self.path) if p.is_file()), None)
        if source is None:
            return
        lines = source.read_bytes().split(b"\n")[:-1]  # what has no line end was cut short
        rows = [_row(source, number, line) for number, line in enumerate(lines, start=1)]
        places = {name: place for place, name in enumerate(ids)}
        found = [places.get(str(row["document"]), -1) for row in rows]
        if -1 in found or found != sorted(found):
            msg = f"{source}: not of these documents in this order; without --resume it is replaced"
            raise DataError(msg)
        self.done = found[-1] if found else 0
        whole = [line for line, place in zip(lines, found, strict=True) if place < self.done]
        self.rows = rows[: len(whole)]
        self._kept = b"".join(line + b"\n" for line in whole)


def _row(source: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError:
        row = None
    if not isinstance(row, dict) or "document" not in row:
        raise DataError(f"{source}, line {number}: no statement; without --resume it is replaced")
    return row
