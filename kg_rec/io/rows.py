"""Rows of tables checked one by one: a bad one stops the run, or all are dropped."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from kg_rec.errors import DataError, DataWarning

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from kg_rec.io.tables import Table

__all__ = ["RowError", "Rows", "name_of", "number_of", "written"]

_MOST = 1e6
"""Largest weight of an event, so that sums of squares stay finite."""

Made = TypeVar("Made")


class RowError(Exception):
    """A cell is not as expected: ``column 'x': found …, expected …``."""


@dataclass
class Rows:
    """Collects the bad rows of a table.

    Attributes:
        table: The table.
        drop: Leave bad rows out instead of stopping at the first.
        bad: Messages of those left out.
    """

    table: Table
    drop: bool
    bad: list[str] = field(default_factory=list)

    def check(self, row: int, make: Callable[[], Made]) -> Made | None:
        """Return what is made of a row; None if that raises RowError and bad rows are dropped.

        Raises:
            DataError: The row is bad and stops the run.
        """
        try:
            return make()
        except RowError as problem:
            message = f"{self.table.name}, {self.table.place(row)}, {problem}"
            if not self.drop:
                raise DataError(message) from None
            self.bad.append(message)
            return None

    def report(self) -> None:
        """Warn of the rows left out, if there are any."""
        if self.bad:
            count = "1 row" if len(self.bad) == 1 else f"{len(self.bad)} rows"
            message = f"{count} of {self.table.name} dropped; the first: {self.bad[0]}"
            warnings.warn(message, DataWarning, stacklevel=4)


def name_of(column: str, value: Any, what: str = "an id") -> str:
    """Return the id in a cell, or another name.

    Raises:
        RowError: The cell is empty, or holds a list.
    """
    if value is None:
        msg = f"column {column!r}: empty, expected {what}"
        raise RowError(msg)
    if isinstance(value, list | tuple | dict):
        msg = f"column {column!r}: found {value!r}, expected {what}"
        raise RowError(msg)
    return written(value)


def number_of(column: str, value: Any, what: str = "a number", least: float = -_MOST) -> float:
    """Return the number in a cell, from ``least`` to 1e6.

    Raises:
        RowError: The cell holds anything else; the message says ``what`` was expected.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not least <= number <= _MOST:
        start = "-1e6" if least == -_MOST else f"{least:g}"
        msg = f"column {column!r}: found {value!r}, expected {what} from {start} to 1e6"
        raise RowError(msg)
    return number


def written(value: Any) -> str:
    """Return a value as text; whole numbers without a fraction, as in the file they came from.

    A column of integers with an empty cell arrives from pandas as one of floats.
    """
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)
