"""The rows of the interactions table as signed events, one for each user and item.

A table without a column of kinds holds likes: weights add up, or the last rating decides.

A table with kinds holds different signs of one thing, how surely the user likes the item:

* an event has the strength ``weight · amount · 2^(-age / half-life)``, from 0 to 1. The amount is
  1; of dwell time it is ``ln(1 + t) / ln(1 + full)``, at most 1 (after Yi et al., "Beyond Clicks:
  Dwell Time for Personalization", RecSys 2014). Age counts from the latest event of the table, so
  that the same table gives the same model on any day;
* several events add up as independent signs do: ``1 - Π(1 - strength)`` (noisy-or: Pearl,
  Probabilistic Reasoning in Intelligent Systems, 1988), which nears 1 however often one looks;
* of ratings the last counts. One below ``like_at`` outdoes all that speaks for the item;
* what is left is signs for minus signs against, from -1 to 1.

What a user says of an item later ("like", "dislike": the kind ``feedback``) is a rating, whatever
else the table holds.
"""

from __future__ import annotations

import difflib
import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.config import seconds
from kg_rec.errors import ConfigError, DataError
from kg_rec.io.rows import RowError, Rows, name_of, number_of
from kg_rec.io.times import time_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from kg_rec.config import EventKind, InteractionsConfig
    from kg_rec.io.tables import Table

__all__ = [
    "FEEDBACK",
    "Act",
    "Event",
    "EventRow",
    "events_of",
    "read_events",
    "read_interactions",
    "recent",
]

FEEDBACK = "feedback"
"""The kind of rows in which a user says "like" (1), "dislike" (-1), or takes it back (0)."""

_MOST_HALVINGS = 30.0
"""An event never fades to nothing: the item stays known, and is not recommended again."""


class Act(NamedTuple):
    """What a user did with an item, all events of one kind together.

    Attributes:
        kind: Name of the kind, as in ``"view"``.
        strength: How surely it shows a like (from 0 to 1) or a dislike (below 0).
    """

    kind: str
    strength: float


@dataclass(frozen=True, slots=True)
class Event:
    """All that a user did with an item.

    Attributes:
        user: Id of the user.
        item: Id of the item.
        weight: How much it speaks for the item; negative if it speaks against it.
        acts: What happened, by kind; empty where the table has no kinds.
        time: Seconds since 1970 of the latest event, if known.
    """

    user: str
    item: str
    weight: float
    acts: tuple[Act, ...] = ()
    time: float | None = None


class EventRow(NamedTuple):
    """A row of the table.

    Attributes:
        user: Id of the user.
        item: Id of the item.
        kind: Name of the kind; empty where the table has no kinds.
        value: A rating, a count, seconds.
        time: Seconds since 1970; NaN where it is not known.
        id: 64 bits of a hash of what names the event (BLAKE2b); 0 where nothing does.
        weighed: Whether the vectors of the model are weighed with it; False if it came later.
    """

    user: str
    item: str
    kind: str
    value: float
    time: float
    id: int = 0
    weighed: bool = True


def read_interactions(
    table: Table,
    config: InteractionsConfig,
    items: Iterable[str],
    *,
    dislike: float,
    drop: bool = False,
) -> list[Event]:
    """Return signed events, one for each user and item, sorted by both.

    Without a column of kinds and without ``like_at`` the weights of repeated events add up. With
    ``like_at`` the last rating counts (by time, then by row): +1 from ``like_at`` up, ``-dislike``
    below. With a column of kinds see the top of this module.

    Args:
        table: One row an event.
        config: Names of the columns, and what the kinds count.
        items: The ids that are known.
        dislike: Weight of a rating below ``like_at``.
        drop: Leave bad rows out (with a DataWarning) instead of raising.

    Raises:
        DataError: A column is missing, an id is empty, an item or a kind unknown, a weight not a
            number, a time not a time.
        ConfigError: There are ratings beside other kinds, and no ``like_at``.
    """
    rows = read_events(table, config, items, drop=drop)
    return events_of(rows, config, dislike=dislike)


def read_events(
    table: Table, config: InteractionsConfig, items: Iterable[str], *, drop: bool = False
) -> list[EventRow]:
    """Return the rows of a table, checked; arguments and errors as of :func:`read_interactions`."""
    rows = Rows(table, drop)
    read = _reader(table, config, set(items))
    found = [made for n in range(len(table)) if (made := rows.check(n, lambda: read(n)))]  # noqa: B023 - called at once
    rows.report()
    if config.kind in table.columns:
        _check_like_at(config, found)
    return found


def events_of(
    rows: Sequence[EventRow],
    config: InteractionsConfig,
    *,
    dislike: float,
    now: float | None = None,
) -> list[Event]:
    """Return what rows come to: one event for each user and item, sorted by both.

    Args:
        rows: As read by :func:`read_events`, all with kinds or all without; of ``FEEDBACK``, too.
        config: What the kinds count.
        dislike: Weight of a rating below ``like_at``.
        now: The time from which age counts; None: that of the latest row.
    """
    pairs = _Pairs.of(_without_taken_back(rows), now)
    if all(row.kind in {"", FEEDBACK} for row in pairs.rows):
        weights = pairs.weights(config, dislike)
        return pairs.events(weights, [()] * len(pairs.names))
    return pairs.events(*pairs.acts(config, dislike))


def recent(rows: Sequence[EventRow], retention: str) -> Sequence[EventRow]:
    """Return the rows that are not older than a duration, counted back from the latest one.

    Raises:
        DataError: The time of a row is not known, and they are not kept for ever.

    Examples:
        >>> rows = [EventRow("u", "a", "", 1.0, day * 86400.0) for day in (0, 9)]
        >>> len(recent(rows, "1w")), len(recent(rows, "never"))
        (1, 2)
    """
    kept = seconds(retention)
    if kept == math.inf or not rows:
        return rows
    timeless = next((row for row in rows if math.isnan(row.time)), None)
    if timeless is not None:
        msg = f"interactions: an event of item {timeless.item!r} has no time"
        raise DataError(f"{msg}; privacy.retention ({retention}) needs that of all")
    latest = max(row.time for row in rows)
    return [row for row in rows if row.time >= latest - kept]


def _without_taken_back(rows: Sequence[EventRow]) -> Sequence[EventRow]:
    """Return the rows without feedback that a later one of the same user and item replaces."""
    last = {(row.user, row.item): n for n, row in enumerate(rows) if row.kind == FEEDBACK}
    if not last:
        return rows
    return [
        row
        for n, row in enumerate(rows)
        if row.kind != FEEDBACK or (last[row.user, row.item] == n and row.value)
    ]


def _check_like_at(config: InteractionsConfig, rows: Iterable[EventRow]) -> None:
    ratings = {kind for kind, says in config.kinds.items() if says.value == "rating"}
    if config.like_at is None and any(row.kind in ratings for row in rows):
        msg = "interactions.like_at: needed for ratings, the one from which an item is liked"
        raise ConfigError(msg)


# --- rows --------------------------------------------------------------------------------------


def _reader(table: Table, config: InteractionsConfig, items: set[str]) -> Callable[[int], EventRow]:
    """Return what makes a row of the table, by its number, or raises RowError."""
    users = table.column(config.user, "interactions.user")
    names = table.column(config.item, "interactions.item")
    kinds = table.optional(config.kind, "interactions.kind", "kind")
    times = table.optional(config.timestamp, "interactions.timestamp", "timestamp")
    has_kind, has_time = (name in table.columns for name in (config.kind, config.timestamp))
    default = "weight" if has_kind or config.like_at is None else ""
    values = table.optional(config.weight, "interactions.weight", default)
    named = config.id not in {config.user, config.item}
    ids = table.optional(config.id, "interactions.id", "id") if named else [None] * len(table)
    has_value = config.weight in table.columns
    fading = _Fading(config)

    def read(row: int) -> EventRow:
        user, item = name_of(config.user, users[row]), name_of(config.item, names[row])
        if item not in items:
            msg = f"column {config.item!r}: unknown item {item!r}"
            raise RowError(msg)
        kind = _kind(config, kinds[row]) if has_kind else ""
        if has_kind:
            value = _amount(config.weight, values[row], config.kinds[kind])
        else:
            value = number_of(config.weight, values[row]) if has_value else 1.0
        time = time_of(config.timestamp, times[row]) if has_time else math.nan
        if has_time and math.isnan(time) and fading.half_life(kind) < math.inf:
            msg = f"column {config.timestamp!r}: empty, expected a time, since the event fades"
            raise RowError(msg)
        name = 0 if ids[row] is None else _code_of(name_of(config.id, ids[row]))
        return EventRow(user, item, kind, value, time, name)

    return read


def _code_of(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def _kind(config: InteractionsConfig, value: object) -> str:
    kind = name_of(config.kind, value, "a kind of event")
    if kind not in config.kinds:
        close = difflib.get_close_matches(kind, config.kinds, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"or add [interactions.kinds.{kind}]"
        known = ", ".join(config.kinds)
        msg = f"column {config.kind!r}: found {kind!r}, expected one of {known}; {hint}"
        raise RowError(msg)
    return kind


def _amount(column: str, value: object, kind: EventKind) -> float:
    """Return the value of an event of a kind: a count (1 if empty), seconds or a rating."""
    if kind.value == "rating":
        return number_of(column, value, "a rating")
    if kind.value == "count" and value is None:
        return 1.0
    what = "seconds" if kind.value == "seconds" else "a count"
    return number_of(column, value, what, least=0.0)


class _Fading:
    """The half-lives of kinds, in seconds."""

    def __init__(self, config: InteractionsConfig) -> None:
        stated = {kind: says.half_life or config.half_life for kind, says in config.kinds.items()}
        self._seconds = {kind: seconds(text) for kind, text in stated.items()}
        self._other = seconds(config.half_life)

    def half_life(self, kind: str) -> float:
        """Return the half-life of a kind; of the only one, if that has no name."""
        return self._seconds.get(kind, self._other)


# --- rows of a pair together -------------------------------------------------------------------


@dataclass(frozen=True)
class _Pairs:
    """The rows of a table by user and item.

    Attributes:
        rows: The rows, in the order of the table.
        names: The pairs, sorted.
        of_row: The pair of each row.
        times: The time of each row; -inf where it is not known.
        now: The time from which age counts; None: that of the latest row.
    """

    rows: Sequence[EventRow]
    names: Sequence[tuple[str, str]]
    of_row: NDArray[np.int64]
    times: NDArray[np.float64]
    now: float | None = None

    @classmethod
    def of(cls, rows: Sequence[EventRow], now: float | None = None) -> _Pairs:
        names = sorted({(row.user, row.item) for row in rows})
        number = {name: n for n, name in enumerate(names)}
        of_row = np.array([number[row.user, row.item] for row in rows], dtype=np.int64)
        times = np.array([row.time for row in rows], dtype=np.float64)
        return cls(rows, names, of_row, np.where(np.isnan(times), -np.inf, times), now)

    def events(self, weights: NDArray[np.float64], acts: Sequence[tuple[Act, ...]]) -> list[Event]:
        """Return the pairs as events."""
        latest = np.full(len(self.names), -np.inf)
        np.maximum.at(latest, self.of_row, self.times)
        return [
            Event(user, item, weight, done, time if time > -math.inf else None)
            for (user, item), weight, done, time in zip(
                self.names, weights.tolist(), acts, latest.tolist(), strict=True
            )
        ]

    def weights(self, config: InteractionsConfig, dislike: float) -> NDArray[np.float64]:
        """Return the weight of each pair, where all rows are of one kind."""
        value = self._column(lambda row: row.value)
        said = np.array([row.kind == FEEDBACK for row in self.rows], dtype=bool)
        rated = said | (config.like_at is not None)
        likes = value >= np.where(said, 0.0, config.like_at or 0.0)
        value = np.where(rated, np.where(likes, 1.0, -dislike), value) * self._kept(config)
        decided = np.bincount(self.of_row, said, len(self.names))[self.of_row] > 0
        value[(decided | rated) & ~self._is_last(rated)] = 0.0
        return np.bincount(self.of_row, value, len(self.names)).astype(np.float64)

    def acts(
        self, config: InteractionsConfig, dislike: float
    ) -> tuple[NDArray[np.float64], list[tuple[Act, ...]]]:
        """Return the weight of each pair, and what happened."""
        kinds = sorted(config.kinds)
        number = {kind: n for n, kind in enumerate(kinds)}
        number[FEEDBACK] = number["rating"]
        kind_of_row = np.array([number[row.kind] for row in self.rows], dtype=np.int64)
        signs = self._column(lambda row: _sign(row, config, dislike)) * self._kept(config)
        rated = np.array([says.value == "rating" for _, says in sorted(config.kinds.items())])
        ratings = rated[kind_of_row]
        signs[ratings & ~self._is_last(ratings)] = 0.0
        cells, where = np.unique(self.of_row * len(kinds) + kind_of_row, return_inverse=True)
        of_cell, kind_of_cell = np.divmod(cells, len(kinds))
        strengths = _together(signs, where, len(cells))
        against = strengths.clip(max=0.0)
        outdone = np.zeros(len(self.names), dtype=bool)
        outdone[of_cell[rated[kind_of_cell] & (strengths < 0)]] = True
        speaking = np.where(outdone[of_cell], against, strengths)
        acts: list[list[Act]] = [[] for _ in self.names]
        for pair, kind, strength in zip(
            of_cell.tolist(), kind_of_cell.tolist(), strengths.tolist(), strict=True
        ):
            acts[pair].append(Act(kinds[kind], strength))
        return _together(speaking, of_cell, len(self.names)), [tuple(done) for done in acts]

    def _column(self, value: Callable[[EventRow], float]) -> NDArray[np.float64]:
        return np.array([value(row) for row in self.rows], dtype=np.float64)

    def _kept(self, config: InteractionsConfig) -> NDArray[np.float64]:
        """Return what is left of each event: ``2^(-age / half-life)``."""
        fading = _Fading(config)
        half_lives = self._column(lambda row: fading.half_life(row.kind))
        known = np.isfinite(self.times)
        now = self.times[known].max(initial=-np.inf) if self.now is None else self.now
        ages = np.zeros(len(self.times))
        ages[known] = np.maximum(now - self.times[known], 0.0)
        return np.exp2(-np.minimum(ages / half_lives, _MOST_HALVINGS))

    def _is_last(self, among: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which of some rows is the last of its pair, by time and then by row."""
        chosen = np.flatnonzero(among)
        order = chosen[np.lexsort((chosen, self.times[chosen], self.of_row[chosen]))]
        ends = np.diff(self.of_row[order], append=-1) != 0
        last = np.zeros(len(self.rows), dtype=bool)
        last[order[ends]] = True
        return last


def _sign(row: EventRow, config: InteractionsConfig, dislike: float) -> float:
    """Return how surely an event of now shows a like (up to 1), or a dislike (down to -1)."""
    if row.kind == FEEDBACK:
        return 1.0 if row.value > 0 else -min(dislike, 1.0)
    kind = config.kinds[row.kind]
    if kind.value == "rating":
        likes = config.like_at is not None and row.value >= config.like_at
        return kind.weight * (1.0 if likes else -min(dislike, 1.0))
    if kind.value == "seconds":
        return kind.weight * min(math.log1p(row.value) / math.log1p(kind.full), 1.0)
    return math.copysign(1.0 - (1.0 - abs(kind.weight)) ** row.value, kind.weight)


def _together(
    signs: NDArray[np.float64], groups: NDArray[np.int64], count: int
) -> NDArray[np.float64]:
    """Return the signs for less the signs against of each group, each ``1 - Π(1 - strength)``."""
    sides = []
    for side in (signs, -signs):
        missing = np.ones(count)
        np.multiply.at(missing, groups, 1.0 - side.clip(min=0.0))
        sides.append(1.0 - missing)
    return np.asarray(sides[0] - sides[1])
