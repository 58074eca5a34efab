"""Times in the cells of tables: seconds since 1970, or ISO 8601."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from typing import Any

from kg_rec.io.rows import RowError

__all__ = ["time_of"]

_MOST = 1e11
"""The year 5138 in seconds; in milliseconds it was in 1973."""


def time_of(column: str, value: Any) -> float:
    """Return a time as seconds since 1970-01-01 UTC; NaN for an empty cell.

    A number is seconds. A text in ISO 8601 without a zone is in UTC.

    Raises:
        RowError: The cell holds anything else, or milliseconds.

    Examples:
        >>> [time_of("t", cell) for cell in ("1970-01-02", "86400", "1970-01-02T01:00+01:00")]
        [86400.0, 86400.0, 86400.0]
    """
    if value is None or value != value:  # noqa: PLR0124 - pandas writes an empty time as NaT
        return math.nan
    seconds = _seconds(value)
    if abs(seconds) <= _MOST:
        return seconds
    hint = "; are these milliseconds?" if seconds < 1000 * _MOST else ""
    msg = f"column {column!r}: found {value!r}, expected seconds since 1970 or ISO 8601{hint}"
    raise RowError(msg)


def _seconds(value: Any) -> float:
    """Return the seconds of a value; infinity if it is no time."""
    if isinstance(value, date):
        return _since_1970(value)
    try:
        number = math.inf if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        return _seconds_of_text(str(value).strip())
    return math.inf if math.isnan(number) else number


def _seconds_of_text(text: str) -> float:
    try:
        return _since_1970(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return math.inf


def _since_1970(moment: date) -> float:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
