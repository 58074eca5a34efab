"""Tables from files and dataframes, as columns of plain Python values."""

from __future__ import annotations

import contextlib
import csv
import json
import math
from collections import Counter
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg_rec.errors import DataError, MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Table", "plain", "read_table", "text_of"]


@dataclass(frozen=True)
class Table:
    """A table as columns of plain Python values, with a name for error messages.

    Attributes:
        name: File name, or what the caller called it.
        columns: Column name to values; ``None`` for an empty cell.
        lines: The line of a text file that each row starts in; empty for other tables.
    """

    name: str
    columns: dict[str, list[Any]]
    lines: Sequence[int] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))

    def column(self, name: str, setting: str) -> list[Any]:
        """Return a column; DataError says what there is and which setting names it."""
        if name not in self.columns:
            found = ", ".join(map(repr, self.columns)) or "none"
            msg = f"{self.name}: no column {name!r} (setting {setting}); columns: {found}"
            raise DataError(msg)
        return self.columns[name]

    def optional(self, name: str, setting: str, default: str) -> list[Any]:
        """Return a column; ``None`` in each cell if it is absent and has its default name."""
        if name == default and name not in self.columns:
            return [None] * len(self)
        return self.column(name, setting)

    def place(self, row: int) -> str:
        """Return where a row stands, counted from 1 without the header: ``row 2 (line 3)``."""
        line = f" (line {self.lines[row]})" if self.lines else ""
        return f"row {row + 1}{line}"


def read_table(source: Any, name: str = "table") -> Table:
    """Read a table.

    Args:
        source: A file (``.csv``, ``.tsv``, ``.jsonl``, ``.parquet``), or a pandas, polars or
            pyarrow table, or any other that narwhals knows; a ``Table`` is returned as it is.
        name: What to call a table that has no file name.

    Raises:
        DataError: The file is missing, not UTF-8, broken, or of an unknown kind; the message
            names the line.

    Examples:
        >>> import pandas
        >>> read_table(pandas.DataFrame({"id": ["a", None]})).columns
        {'id': ['a', None]}
    """
    if isinstance(source, Table):
        return source
    if isinstance(source, str | Path):
        return _read_file(Path(source))
    import narwhals as nw  # noqa: PLC0415 - serving does not need it

    try:
        frame = nw.from_native(source, eager_only=True)
    except TypeError:
        msg = f"{name}: expected a file name or a table, found {type(source).__name__}"
        raise DataError(msg) from None
    except nw.exceptions.NarwhalsError as error:
        raise DataError(f"{name}: {' '.join(str(error).split())}") from None
    return Table(name, {c: [plain(v) for v in frame[c].to_list()] for c in frame.columns})


def _read_file(path: Path) -> Table:
    readers = {".csv": ",", ".tsv": "\t"}
    kind = path.suffix.lower()
    if not path.is_file():
        msg = f"{path}: no such file"
        raise DataError(msg)
    if kind in readers:
        return _read_delimited(path, readers[kind])
    if kind == ".jsonl":
        return _read_json_lines(path)
    if kind == ".parquet":
        return _read_parquet(path)
    msg = f"{path}: unknown kind of table; known: .csv, .tsv, .jsonl, .parquet"
    raise DataError(msg)


def text_of(path: Path) -> str:
    """Return the text of a file in UTF-8.

    Raises:
        DataError: It cannot be read, or is not UTF-8; the line is named.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        msg = f"{path}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8"
        raise DataError(msg) from None


def _read_delimited(path: Path, separator: str) -> Table:
    rows = _delimited_rows(path, separator)
    _, header = next(rows, (0, []))
    if not header:
        msg = f"{path}: the file is empty, expected a header"
        raise DataError(msg)
    twice = [name for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        msg = f"{path}: column {twice[0]!r} is there twice"
        raise DataError(msg)
    cells: list[list[str]] = []
    lines: list[int] = []
    for line, row in rows:
        if len(row) != len(header):
            found = f"{len(row)} cells, expected {len(header)} as in the header"
            raise DataError(f"{path}, line {line}: {found}")
        cells.append(row)
        lines.append(line)
    columns = zip(*cells, strict=True) if cells else ([] for _ in header)
    named = {
        name: [plain(value) for value in column]
        for name, column in zip(header, columns, strict=True)
        if name
    }
    return Table(path.name, named, lines)


def _delimited_rows(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the line that it starts in."""
    text = StringIO(text_of(path), newline="")  # line ends are kept: a quoted cell may hold some
    reader = csv.reader(text, delimiter=separator, strict=True)
    line = 0
    with _cells_of_any_length():
        try:
            for row in reader:
                if any(row):
                    yield line + 1, row
                line = reader.line_num
        except csv.Error as error:
            raise DataError(f"{path}, line {line + 1}: not a table: {error}") from None


@contextlib.contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Lift the limit of 131,072 characters that the csv module sets to a cell."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_json_lines(path: Path) -> Table:
    rows = {
        number: _json_object(path, number, line)
        for number, line in enumerate(text_of(path).split("\n"), start=1)
        if line.strip()
    }
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    columns = {name: [plain(row.get(name)) for row in rows.values()] for name in names}
    return Table(path.name, columns, list(rows))


def _json_object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        msg = f"{path}, line {number}: not JSON: {error}"
        raise DataError(msg) from None
    if not isinstance(row, dict):
        msg = f"{path}, line {number}: expected a JSON object, found {type(row).__name__}"
        raise DataError(msg)
    if "\\ud" in line.lower() and not _is_unicode(row):
        raise DataError(f"{path}, line {number}: half of a surrogate pair is not a character")
    return row


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_parquet(path: Path) -> Table:
    try:
        from pyarrow import ArrowInvalid, parquet  # noqa: PLC0415 - optional
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet", "reading Parquet") from None
    try:
        return read_table(parquet.read_table(path), path.name)
    except (ArrowInvalid, OSError) as error:
        msg = f"{path}: not Parquet: {error}"
        raise DataError(msg) from None


def plain(value: Any) -> Any:
    """Return ``None`` for empty cells (empty text, NaN, null), else the value."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return None if isinstance(value, str) and not value.strip() else value
