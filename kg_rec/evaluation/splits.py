"""Splits: seeded and pure, from columns of events to the part that each event is in.

Each function returns an int8 array, one number an event: ``TRAIN``, ``VALID`` or ``TEST``. Users
and items are given as row numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kg_rec.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Codes = NDArray[np.integer]
    Parts = NDArray[np.int8]

__all__ = [
    "TEST",
    "TRAIN",
    "VALID",
    "by_time",
    "cold_items",
    "cold_users",
    "leave_one_out",
    "random",
]

TRAIN, VALID, TEST = 0, 1, 2


def random(users: Codes, *, valid: float = 0.1, test: float = 0.1, seed: int = 0) -> Parts:
    """Put a random share of each user's events aside.

    A user with n events gives max(1, floor(share × n)) to each part with a share above 0, as long
    as one event stays for training.

    Args:
        users: User of each event.
        valid: Share of the validation part.
        test: Share of the test part.
        seed: Of the draw.

    Examples:
        >>> parts = random(np.repeat([0, 1], 10), seed=3)
        >>> [int((parts == part).sum()) for part in (TRAIN, VALID, TEST)]
        [16, 2, 2]
    """
    order = np.random.default_rng(seed).permutation(len(users))
    return _last(users, order, valid, test)


def by_time(
    users: Codes, times: NDArray[np.floating], *, valid: float = 0.1, test: float = 0.1
) -> Parts:
    """Put the latest share of all events aside: nothing that is learned from is later.

    Events of the same time stay together, in the earlier part.

    Args:
        users: User of each event; only their number is used.
        times: Time of each event.
        valid: Share of the validation part, the last before the test part.
        test: Share of the test part.

    Raises:
        DataError: An event has no time.

    Examples:
        >>> by_time(np.zeros(10, dtype=int), np.arange(10.0)).tolist()
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 2]
    """
    if np.isnan(times).any():
        raise DataError("split by time: an event has no timestamp")
    parts = np.zeros(len(users), dtype=np.int8)
    if not len(users):
        return parts
    ordered = np.sort(times)
    for part, share in ((VALID, valid + test), (TEST, test)):
        if share > 0:
            parts[times > ordered[max(0, int(np.ceil(len(times) * (1.0 - share))) - 1)]] = part
    return parts


def leave_one_out(
    users: Codes, times: NDArray[np.floating] | None = None, *, seed: int = 0
) -> Parts:
    """Put one event of each user aside for the test and one for validation.

    The latest and the one before, or random ones without times. Users with fewer than three events
    give no validation event, those with one give none.

    Args:
        users: User of each event.
        times: Time of each event, or None.
        seed: Of the draw; also breaks ties of time.

    Examples:
        >>> leave_one_out(np.array([0, 0, 0, 1]), np.array([3.0, 1.0, 2.0, 1.0])).tolist()
        [2, 0, 1, 0]
    """
    order = np.random.default_rng(seed).permutation(len(users))
    if times is not None:
        order = order[np.argsort(np.nan_to_num(times[order]), kind="stable")]
    from_end, count = _places(users, order)
    parts = np.zeros(len(users), dtype=np.int8)
    parts[(from_end == 0) & (count > 1)] = TEST
    parts[(from_end == 1) & (count > 2)] = VALID  # noqa: PLR2004 - one stays for training
    return parts


def cold_items(items: Codes, *, valid: float = 0.1, test: float = 0.2, seed: int = 0) -> Parts:
    """Put a random share of the items aside, with all their events.

    Args:
        items: Item of each event.
        valid: Share of the items of the validation part.
        test: Share of the items of the test part.
        seed: Of the draw.

    Examples:
        >>> parts = cold_items(np.array([0, 0, 1, 2, 2, 3, 4, 4, 4, 4]), valid=0.2, test=0.4)
        >>> bool(parts[6] == parts[7] == parts[8] == parts[9])
        True
    """
    return _groups(items, valid, test, seed)


def cold_users(
    users: Codes, *, valid: float = 0.1, test: float = 0.2, known: int = 0, seed: int = 0
) -> Parts:
    """Put a random share of the users aside, with all their events but some.

    Args:
        users: User of each event.
        valid: Share of the users of the validation part.
        test: Share of the users of the test part.
        known: How many random events of each of them stay for training; one at least is judged.
        seed: Of the draw.

    Examples:
        >>> parts = cold_users(np.repeat([0, 1, 2, 3, 4], 4), valid=0, test=0.2, known=1)
        >>> int((parts == TEST).sum())
        3
    """
    parts = _groups(users, valid, test, seed)
    order = np.random.default_rng(seed + 1).permutation(len(users))
    from_end, count = _places(users, order)
    parts[from_end < np.minimum(known, count - 1)] = TRAIN
    return parts


def _groups(codes: Codes, valid: float, test: float, seed: int) -> Parts:
    different = np.unique(codes)
    shuffled = np.random.default_rng(seed).permutation(different)
    numbers = {TEST: int(test * len(different)), VALID: int(valid * len(different))}
    part_of = np.zeros(int(different.max(initial=-1)) + 1, dtype=np.int8)
    part_of[shuffled[: numbers[TEST]]] = TEST
    part_of[shuffled[numbers[TEST] : numbers[TEST] + numbers[VALID]]] = VALID
    return part_of[codes]


def _last(users: Codes, order: NDArray[np.int64], valid: float, test: float) -> Parts:
    """Return the parts when the last events of each user, in that order, are put aside."""
    from_end, count = _places(users, order)
    tests = np.maximum(1, (test * count).astype(np.int64)) if test > 0 else np.zeros_like(count)
    valids = np.maximum(1, (valid * count).astype(np.int64)) if valid > 0 else np.zeros_like(count)
    tests = np.minimum(tests, count - 1)
    valids = np.minimum(valids, count - 1 - tests)
    parts = np.zeros(len(users), dtype=np.int8)
    parts[from_end < tests + valids] = VALID
    parts[from_end < tests] = TEST
    return parts


def _places(users: Codes, order: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each event how many events of its user follow in an order, and how many it has."""
    by_user = order[np.argsort(users[order], kind="stable")]
    sizes = np.bincount(users) if len(users) else np.zeros(0, dtype=np.int64)
    ends = np.cumsum(sizes)
    from_end = np.empty(len(users), dtype=np.int64)
    from_end[by_user] = ends[users[by_user]] - 1 - np.arange(len(users))
    return from_end, sizes[users]
