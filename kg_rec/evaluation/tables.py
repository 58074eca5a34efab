"""Tables of events, links and candidates in, by whole columns."""

from __future__ import annotations

import csv
import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec import io
from kg_rec.config import InteractionsConfig
from kg_rec.errors import DataError
from kg_rec.io.tables import text_of
from kg_rec.io.triple_table import Numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = [
    "ITEM",
    "NO_EVENTS",
    "Cells",
    "Events",
    "read_cells",
    "read_events",
    "read_ids",
    "read_items",
    "read_links",
]

USER, ITEM = ("user_id", "user"), ("item_id", "item")
RATING, TIME = ("rating", "weight"), ("timestamp", "time")
ENTITY = ("entity_id", "entity", "iri")


@dataclass(frozen=True)
class Cells:
    """A table as columns of text.

    Attributes:
        path: The file.
        columns: Name to cells; RecBole's types are taken off the names.
        lines: The line of each row, counted from 1.
        types: RecBole's type of each column, if it has any.
    """

    path: Path
    columns: dict[str, list[str]]
    lines: Sequence[int]
    types: dict[str, str]

    def named(self, names: Sequence[str]) -> list[str] | None:
        """Return the first column that has one of some names."""
        return next((self.columns[name] for name in names if name in self.columns), None)

    def needed(self, names: Sequence[str]) -> list[str]:
        """Return it; DataError says what there is."""
        found = self.named(names)
        if found is None:
            there = ", ".join(map(repr, self.columns))
            wanted = " or ".join(map(repr, dict.fromkeys(names)))
            msg = f"{self.path}, line 1: no column {wanted}; columns: {there}"
            raise DataError(msg)
        return found

    def fail(self, row: int, column: str, found: str, expected: str) -> DataError:
        """Return the error of a cell."""
        place = f"{self.path}, line {self.lines[row]}, column {column!r}"
        return DataError(f"{place}: found {found[:80]!r}, expected {expected}")


def read_cells(path: str | Path) -> Cells:
    """Read a table separated by tabs or commas, as its header is.

    Cells may be quoted (RFC 4180), except in RecBole's files.

    Raises:
        DataError: The file is missing, empty, not UTF-8, or a row has another number of cells than
            the header.
    """
    path = Path(path)
    text = text_of(path).replace("\r\n", "\n")
    header = text.partition("\n")[0]
    if not header.strip():
        raise DataError(f"{path}: expected a header in the first line, found none")
    separator = "\t" if "\t" in header else ","
    recbole = ":" in header
    names, lines, columns = (_quoted if '"' in text and not recbole else _plain)(
        path, text, separator
    )
    named = [name.partition(":")[::2] for name in names] if recbole else [(n, "") for n in names]
    if len(dict(named)) < len(named):
        twice = next(n for n, _ in named if [m for m, _ in named].count(n) > 1)
        raise DataError(f"{path}, line 1: column {twice!r} is there twice")
    cells = dict(zip(dict(named), columns, strict=True))
    return Cells(path, cells, lines, {name: kind for name, kind in named if kind})


_Columns = tuple[list[str], "Sequence[int]", list[list[str]]]


def _plain(path: Path, text: str, separator: str) -> _Columns:
    """Split a text without quoted cells, all at once."""
    rows = text.split("\n")
    numbers: Sequence[int] = range(2, len(rows) + 1)
    header, *rows = rows
    if "" in rows:
        numbers = [number for number, row in zip(numbers, rows, strict=True) if row]
        rows = [row for row in rows if row]
    width = header.count(separator) + 1
    counts = np.fromiter((row.count(separator) + 1 for row in rows), np.int64, len(rows))
    wrong = np.flatnonzero(counts != width)
    if len(wrong):
        raise _uneven(path, numbers[wrong[0]], int(counts[wrong[0]]), width)
    cells = separator.join(rows).split(separator) if rows else []
    return header.split(separator), numbers, [cells[place::width] for place in range(width)]


def _quoted(path: Path, text: str, separator: str) -> _Columns:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[list[str]] = []
    lines = []
    line = 1
    try:
        for row in reader:
            if any(row):
                rows.append(row)
                lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path}, line {line}: not a table: {error}") from None
    header, *rows = rows
    for number, row in zip(lines[1:], rows, strict=True):
        if len(row) != len(header):
            raise _uneven(path, number, len(row), len(header))
    return header, lines[1:], [[row[place] for row in rows] for place in range(len(header))]


def _uneven(path: Path, line: int, found: int, width: int) -> DataError:
    return DataError(f"{path}, line {line}: {found} cells, expected {width} as in the header")


# --- events --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Events:
    """Events as columns of numbers.

    Attributes:
        users: Row of each event's user in ``user_ids``.
        items: Row of its item in ``item_ids``.
        user_ids: Different ids.
        item_ids: Different ids.
        ratings: Float array, or None.
        times: Seconds since 1970, or None.
        kinds: What kind of event each is, as in ``"view"``, or None.
    """

    users: NDArray[np.int64]
    items: NDArray[np.int64]
    user_ids: Sequence[str]
    item_ids: Sequence[str]
    ratings: NDArray[np.float64] | None = None
    times: NDArray[np.float64] | None = None
    kinds: NDArray[np.str_] | None = None

    def __len__(self) -> int:
        return len(self.users)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.integer]) -> Events:
        """Return some of the events."""
        return replace(
            self,
            users=self.users[chosen],
            items=self.items[chosen],
            ratings=None if self.ratings is None else self.ratings[chosen],
            times=None if self.times is None else self.times[chosen],
            kinds=None if self.kinds is None else self.kinds[chosen],
        )


NO_EVENTS = Events(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), (), ())
"""No events."""


def read_events(path: str | Path, settings: InteractionsConfig | None = None) -> Events:
    """Read ``user_id item_id [rating] [timestamp]``; ``user`` and ``item`` will do.

    Args:
        path: The file.
        settings: Names of columns that come before these, and of the column of kinds.

    Raises:
        DataError: A column is missing, an id is empty or holds a tab or line break, a rating is
            no number, a time neither a number nor ISO 8601.
    """
    cells = read_cells(path)
    names = settings or InteractionsConfig()
    user, item = (names.user, *USER), (names.item, *ITEM)
    return Events(
        *_coded(cells, cells.needed(user), USER[0], cells.needed(item), ITEM[0]),
        ratings=_numbers(cells, (names.weight, *RATING)),
        times=_times(cells, (names.timestamp, *TIME)),
        kinds=_kinds(cells, names.kind),
    )


def _kinds(cells: Cells, name: str) -> NDArray[np.str_] | None:
    column = cells.columns.get(name)
    return None if column is None else np.array(column, dtype=np.str_)


class _Coded(NamedTuple):
    users: NDArray[np.int64]
    items: NDArray[np.int64]
    user_ids: list[str]
    item_ids: list[str]


def _coded(cells: Cells, users: list[str], user: str, items: list[str], item: str) -> _Coded:
    found = []
    for column, name in ((users, user), (items, item)):
        numbers = Numbers()
        codes = numbers.codes(column, len(column)).astype(np.int64)
        _check_ids(cells, list(numbers), codes, name)
        found.append((codes, list(numbers)))
    (one, one_ids), (other, other_ids) = found
    return _Coded(one, other, one_ids, other_ids)


def _check_ids(cells: Cells, ids: list[str], codes: NDArray[np.int64], column: str) -> None:
    for number, name in enumerate(ids):
        if not name.strip() or any(c in name for c in "\t\n\r"):
            row = int(np.flatnonzero(codes == number)[0])
            raise cells.fail(row, column, name, "an id without tabs and line breaks")


def _numbers(cells: Cells, names: Sequence[str]) -> NDArray[np.float64] | None:
    column = cells.named(names)
    if column is None:
        return None
    try:
        found = np.array(column, dtype=np.str_).astype(np.float64)
    except ValueError:
        found = np.array([_number(cell) for cell in column])
    bad = np.flatnonzero(~np.isfinite(found))
    if len(bad):
        name = next(name for name in names if name in cells.columns)
        raise cells.fail(int(bad[0]), name, column[bad[0]], "a number")
    return found


def _number(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _times(cells: Cells, names: Sequence[str]) -> NDArray[np.float64] | None:
    column = cells.named(names)
    if column is None:
        return None
    found = np.array([_seconds(cell) for cell in column], dtype=np.float64)
    bad = np.flatnonzero(np.isnan(found))
    if len(bad):
        name = next(name for name in names if name in cells.columns)
        expected = "seconds since 1970 or a date as in 2020-01-31"
        raise cells.fail(int(bad[0]), name, column[bad[0]], expected)
    return found


def _seconds(cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        return float("nan")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


# --- links and candidates ------------------------------------------------------------------------


def read_links(path: str | Path) -> dict[str, str]:
    """Return item id to entity, from a table ``item_id entity_id`` in any order of columns.

    Raises:
        DataError: A column is missing, a cell is empty, or an item has two entities.
    """
    cells = read_cells(path)
    items, entities = cells.needed(ITEM), cells.needed(ENTITY)
    found: dict[str, str] = {}
    for row, (item, entity) in enumerate(zip(items, entities, strict=True)):
        if not item.strip() or not entity.strip():
            raise cells.fail(row, ITEM[0], item, "an item and its entity")
        if found.setdefault(item, entity) != entity:
            msg = f"no second entity of item {item!r}, which is {found[item]!r}"
            raise cells.fail(row, ENTITY[0], entity, msg)
    return found


def read_ids(path: str | Path) -> dict[str, int]:
    """Return ids, one a line, with the lines that they stand in; a header is passed over.

    Raises:
        DataError: The file is missing, or holds none.
    """
    lines = text_of(Path(path)).splitlines()
    first = int(bool(lines) and lines[0].partition(":")[0].strip() in ITEM)
    found = {line: n for n, line in _numbered(lines, first) if line.strip()}
    if not found:
        raise DataError(f"{path}: expected item ids, one a line, found none")
    return found


def _numbered(lines: Sequence[str], first: int) -> Iterator[tuple[int, str]]:
    return itertools.islice(enumerate(lines, start=1), first, None)


def read_items(path: str | Path) -> io.Table:
    """Read a table of items: any that kg_rec reads, or one of RecBole's."""
    path = Path(path)
    if path.suffix.lower() in {".jsonl", ".parquet"}:
        return io.read_table(path)
    cells = read_cells(path)
    columns = {
        name: [cell if cell.strip() else None for cell in column]
        for name, column in cells.columns.items()
    }
    return io.Table(path.name, columns, list(cells.lines))
