"""What users did, row by row, as columns: what a model folds, ages out, exports and forgets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np

from kg_rec.io import FEEDBACK, EventRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kg_rec.ids import IdIndex

__all__ = ["EventLog"]


@dataclass(frozen=True, eq=False)
class EventLog:
    """Rows of events, those of a user together, in the order they were told.

    Attributes:
        users: int64 array: rows of the users, ascending.
        items: int64 array: rows of the items.
        kinds: int64 array: codes into ``kind_names``.
        values: float64 array: ratings, counts, seconds.
        times: float64 array: seconds since 1970; NaN where it is not known.
        ids: uint64 array: what the ids of the events come to, see ``EventRow.id``; 0 for none.
        weighed: bool array: whether the vectors of the model are weighed with a row.
        kind_names: Names of the kinds, sorted; empty for that of a table without kinds.
    """

    users: NDArray[np.int64]
    items: NDArray[np.int64]
    kinds: NDArray[np.int64]
    values: NDArray[np.float64]
    times: NDArray[np.float64]
    ids: NDArray[np.uint64]
    weighed: NDArray[np.bool_]
    kind_names: tuple[str, ...] = ("",)

    NAMES: ClassVar[tuple[str, ...]] = (
        "users",
        "items",
        "kinds",
        "values",
        "times",
        "ids",
        "weighed",
    )
    """Names of the columns."""

    @classmethod
    def of(cls, rows: Sequence[EventRow], users: IdIndex, items: IdIndex) -> Self:
        """Return rows as columns."""
        names = tuple(sorted({row.kind for row in rows})) or ("",)
        code = {name: n for n, name in enumerate(names)}
        found = cls(
            users.rows(row.user for row in rows),
            items.rows(row.item for row in rows),
            np.array([code[row.kind] for row in rows], dtype=np.int64),
            np.array([row.value for row in rows], dtype=np.float64),
            np.array([row.time for row in rows], dtype=np.float64),
            np.array([row.id for row in rows], dtype=np.uint64),
            np.array([row.weighed for row in rows], dtype=bool),
            names,
        )
        return found.take(np.argsort(found.users, kind="stable"))

    def __len__(self) -> int:
        return len(self.users)

    @property
    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The columns by name."""
        return {name: getattr(self, name) for name in self.NAMES}

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> Self:
        """Return some rows."""
        chosen = {name: array[rows] for name, array in self.arrays.items()}
        return type(self)(**chosen, kind_names=self.kind_names)  # type: ignore[arg-type]

    def moved(self, place: NDArray[np.int64]) -> Self:
        """Return the log with other rows for the users: ``place[row]``, which ascend."""
        return replace(self, users=place[self.users])

    def joined(self, other: Self) -> Self:
        """Return the rows of both; those of a user in this order."""
        names = tuple(sorted({*self._used(), *other._used()})) or ("",)
        both = [log.renamed(names) for log in (self, other)]
        arrays = zip(*(log.arrays.values() for log in both), strict=True)
        found = dict(zip(self.NAMES, map(np.concatenate, arrays), strict=True))
        joined = type(self)(**found, kind_names=names)
        return joined.take(np.argsort(joined.users, kind="stable"))

    def renamed(self, names: Sequence[str]) -> Self:
        """Return the log with other names of kinds, which hold all that are used."""
        codes = [names.index(name) if name in names else -1 for name in self.kind_names]
        kinds = np.array(codes, dtype=np.int64)[self.kinds]
        return replace(self, kinds=kinds, kind_names=tuple(names))

    def _used(self) -> set[str]:
        return {self.kind_names[code] for code in np.unique(self.kinds).tolist()}

    def of_user(self, row: int) -> Self:
        """Return the rows of a user."""
        start, end = np.searchsorted(self.users, [row, row + 1])
        return self.take(np.arange(start, end))

    def rows(self, users: Sequence[str], items: Sequence[str]) -> list[EventRow]:
        """Return the rows as they were read.

        Args:
            users: Ids of the users, in row order.
            items: Ids of the items, in row order.
        """
        columns = (array.tolist() for array in self.arrays.values())
        return [
            EventRow(users[user], items[item], self.kind_names[kind], *rest)
            for user, item, kind, *rest in zip(*columns, strict=True)
        ]

    @property
    def graded(self) -> bool:
        """Whether there are kinds of events, some of which count more than others."""
        return not {*self.kind_names} <= {"", FEEDBACK}

    @property
    def latest(self) -> float:
        """The time of the latest event; minus infinity where none is known."""
        known = self.times[np.isfinite(self.times)]
        return float(known.max(initial=-np.inf))
