"""Who is served worse: accuracy by group of users, each group against all others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import stats

from kg_rec.errors import DataError
from kg_rec.evaluation.statistics import bootstrap_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kg_rec.io import Table

    Values = NDArray[np.float64]

__all__ = ["Group", "Grouping", "by_activity", "by_columns", "judged"]

LEAST = 20
"""Judged users that a group needs: fewer are put with the others of their kind."""
MOST = 12
"""Groups of a column at most; the smaller ones are one group."""
OTHERS = "all smaller groups"
UNKNOWN = "not known"


@dataclass(frozen=True)
class Grouping:
    """Users by something that is known of them.

    Attributes:
        name: What that is, as in ``"activity"`` or the name of a column.
        labels: The groups, in the order of tables.
        member: int array: the number of the group of each user.
    """

    name: str
    labels: tuple[str, ...]
    member: NDArray[np.int64]


class Group(NamedTuple):
    """How a group is served.

    Attributes:
        label: Its name.
        users: How many users it has.
        mean: Mean of the metric, and the ends of its 95 % bootstrap interval.
        low: Lower end.
        high: Upper end.
        popular: Mean of the metric for lists by popularity.
        difference: How much better than the others it is served: difference of the means.
        difference_low: Lower end of its interval.
        difference_high: Upper end.
        worse: Whether that interval lies below 0.
    """

    label: str
    users: int
    mean: float
    low: float
    high: float
    popular: float
    difference: float
    difference_low: float
    difference_high: float
    worse: bool


def judged(grouping: Grouping, values: Values, popular: Values, *, seed: int = 0) -> list[Group]:
    """Return how each group is served.

    A group is compared with all users outside it by Welch's interval (Biometrika 1947) of the
    difference of two means, at the level ``1 - 0.05 / groups`` (Bonferroni): in 19 of 20 tables of
    groups that are served alike, none is called worse.

    Args:
        grouping: The groups.
        values: The metric, one value a user.
        popular: That of lists by popularity.
        seed: Of the bootstrap.
    """
    count = len(grouping.labels)
    found = []
    for number, label in enumerate(grouping.labels):
        inside = grouping.member == number
        low, high = bootstrap_interval(values[inside][:, None], seed=seed)
        difference, below, above = _welch(values[inside], values[~inside], 1 - 0.05 / count)
        found.append(
            Group(
                label,
                int(inside.sum()),
                float(values[inside].mean()),
                float(low[0]),
                float(high[0]),
                float(popular[inside].mean()),
                difference,
                below,
                above,
                worse=above < 0,
            )
        )
    return found


def _welch(one: Values, other: Values, level: float) -> tuple[float, float, float]:
    """Return the difference of two means and its interval; NaN where a side has one user."""
    if min(len(one), len(other)) < 2:  # noqa: PLR2004 - no variance
        return float("nan"), float("nan"), float("nan")
    difference = float(one.mean() - other.mean())
    if not (np.ptp(one) or np.ptp(other)):
        return difference, difference, difference
    ends = stats.ttest_ind(one, other, equal_var=False).confidence_interval(level)
    return difference, float(ends.low), float(ends.high)


# --- groupings -----------------------------------------------------------------------------------


def by_activity(events: NDArray[np.int64]) -> Grouping:
    """Return users by quarters of how many events they have; equal counts stay together.

    Args:
        events: Number of events of each user.

    Examples:
        >>> by_activity(np.array([1, 1, 2, 3, 4, 5, 6, 100])).labels
        ('1 event', '2 to 3 events', '4 to 5 events', '6 to 100 events')
    """
    return _by_number("activity", events.astype(np.float64), " event", " events")


def by_columns(users: Sequence[str], table: Table, key: str) -> list[Grouping]:
    """Return users by each column of a table that puts them into groups.

    Numbers of many values are cut into quarters. A column of texts that are nearly all different,
    as names, is left out.

    Args:
        users: Ids.
        table: One row a user.
        key: The column of ids.

    Raises:
        DataError: The table has no such column, or knows none of the users.
    """
    if key not in table.columns:
        there = ", ".join(map(repr, table.columns))
        raise DataError(f"{table.name}: no column {key!r} of user ids; columns: {there}")
    row_of = {str(cell): row for row, cell in enumerate(table.columns[key])}
    rows = [row_of.get(user) for user in users]
    if not any(row is not None for row in rows):
        raise DataError(f"{table.name}: none of the users of the model is in column {key!r}")
    found = []
    for name, column in table.columns.items():
        cells = [None if row is None else column[row] for row in rows]
        if name != key and (grouping := _by_cells(name, cells)):
            found.append(grouping)
    return found


def _by_cells(name: str, cells: Sequence[Any]) -> Grouping | None:
    told = [None if cell is None or str(cell).strip() == "" else str(cell) for cell in cells]
    different = {cell for cell in told if cell is not None}
    if len(different) > MOST and (numbers := _numbers(told)) is not None:
        return _by_number(name, numbers)
    if len(different) > len(told) / 2:
        return None
    return _by_name(name, [UNKNOWN if cell is None else cell for cell in told])


def _numbers(cells: Sequence[str | None]) -> Values | None:
    try:
        found = np.array([np.nan if cell is None else float(cell) for cell in cells])
    except ValueError:
        return None
    return None if np.isinf(found).any() else found


def _by_name(name: str, cells: Sequence[str]) -> Grouping | None:
    """Return users by the names of their groups, the largest first."""
    counts = Counter(cells)
    ordered = sorted(counts, key=lambda label: (label == UNKNOWN, -counts[label], label))
    kept = [label for label in ordered if counts[label] >= LEAST][:MOST]
    labels = kept if len(kept) == len(counts) else [*kept, OTHERS]
    number = {label: place for place, label in enumerate(labels)}
    member = np.array([number.get(cell, len(kept)) for cell in cells], dtype=np.int64)
    return Grouping(name, tuple(labels), member) if len(labels) > 1 else None


def _by_number(name: str, numbers: Values, unit: str = "", units: str = "") -> Grouping:
    """Return users by quarters of a number."""
    known = ~np.isnan(numbers)
    edges = np.unique(np.quantile(numbers[known], [0.25, 0.5, 0.75], method="lower"))
    member = np.where(known, np.searchsorted(edges, numbers, side="left"), len(edges) + 1)
    used, member = np.unique(member, return_inverse=True)
    labels = []
    for number in range(len(used)):
        inside = numbers[member == number]
        labels.append(_range(inside.min(), inside.max(), unit, units))
    return Grouping(name, tuple(labels), member.astype(np.int64))


def _range(low: float, high: float, unit: str, units: str) -> str:
    if np.isnan(low):
        return UNKNOWN
    if low == high:
        return f"{low:,.10g}{unit if low == 1 else units}"
    return f"{low:,.10g} to {high:,.10g}{units}"
