"""An append-only file of changes: each is on disk before it is seen, and told once after a crash.

One JSON object a line: ``{"seq": 7, "op": "events", "data": {…}, "sum": "…"}``, with the first 64
bits of the SHA-256 of the other three. A line that a crash has cut short was never acknowledged,
and is cut off when the file is opened; any other broken line is an error.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from filelock import FileLock, Timeout

from kg_rec.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

__all__ = ["Entry", "Journal"]


class Entry(NamedTuple):
    """A change.

    Attributes:
        seq: Its number; they ascend by one.
        op: Name of the method.
        data: Its arguments, as JSON.
    """

    seq: int
    op: str
    data: Mapping[str, Any]

    def line(self) -> bytes:
        """Return the entry as a line of the file."""
        values = {"seq": self.seq, "op": self.op, "data": self.data}
        text = json.dumps({**values, "sum": _sum(values)}, ensure_ascii=False, allow_nan=False)
        return text.encode() + b"\n"


def _sum(values: Mapping[str, Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class Journal:
    """A journal that is open for writing; no other process can open it meanwhile.

    Args:
        path: The file; it is made if there is none.
        after: Entries up to this number are in the model already.

    Raises:
        ModelError: The file cannot be opened, another process has it, or a line is broken.

    Examples:
        >>> with Journal(Path(tempfile.mkdtemp()) / "live.journal") as journal:
        ...     journal.append("events", {"rows": []}), len(list(journal.entries()))
        (1, 1)
    """

    def __init__(self, path: str | Path, after: int = 0) -> None:
        self.path = Path(path)
        self._lock = FileLock(f"{self.path}.lock", thread_local=False)
        try:
            self._lock.acquire(timeout=0)
            self._file = self.path.open("ab")
        except Timeout:
            raise ModelError(f"{self.path}: in use by another process") from None
        except OSError as error:
            raise ModelError(f"{self.path}: cannot be opened: {error.strerror}") from None
        _sync_folder(self.path.parent)
        try:
            self.seq = max([after, *(entry.seq for entry in self._opened())])
        except ModelError:
            self.close()
            raise

    def append(self, op: str, data: Mapping[str, Any]) -> int:
        """Write a change, and return its number when it is safely on disk.

        Raises:
            ModelError: It cannot be written; the file is as it was.
        """
        entry = Entry(self.seq + 1, op, data)
        end = self._file.tell()
        try:
            self._file.write(entry.line())
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                self._file.truncate(end)
            raise ModelError(f"{self.path}: cannot be written: {error.strerror}") from None
        self.seq = entry.seq
        return entry.seq

    def entries(self, after: int = 0) -> Iterator[Entry]:
        """Yield the changes after a number, in their order.

        Raises:
            ModelError: A line is broken; the message names it.
        """
        for number, line in enumerate(self.path.read_bytes().splitlines(), start=1):
            entry = _parsed(line)
            if entry is None:
                raise ModelError(f"{self.path}, line {number}: broken, expected a change")
            if entry.seq > after:
                yield entry

    def drop(self, upto: int) -> None:
        """Take out the changes up to a number, in one rename: a model holds them now."""
        kept = b"".join(entry.line() for entry in self.entries(upto))
        descriptor, name = tempfile.mkstemp(prefix=f".{self.path.name}-", dir=self.path.parent)
        with os.fdopen(descriptor, "wb") as beside:
            beside.write(kept)
            beside.flush()
            os.fsync(beside.fileno())
        Path(name).replace(self.path)
        _sync_folder(self.path.parent)
        self._file.close()
        self._file = self.path.open("ab")

    def close(self) -> None:
        """Close the file; others may open it."""
        if hasattr(self, "_file"):
            self._file.close()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _opened(self) -> Iterator[Entry]:
        """Cut off a line that was cut short, and yield the others."""
        content = self.path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self.path, whole)
        return self.entries()


def _parsed(line: bytes) -> Entry | None:
    try:
        values = json.loads(line)
        told = values.pop("sum")
        entry = Entry(values["seq"], values["op"], values["data"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return entry if told == _sum(values) else None


def _sync_folder(folder: Path) -> None:
    """Have the name of a new file on disk, too; not every system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
