"""How sure a mean is, and whether two differ: bootstrap intervals, a paired randomisation test."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

__all__ = ["Difference", "bootstrap_interval", "paired_test"]

_AT_ONCE = 4_000_000


class Difference(NamedTuple):
    """How much better one list of values is than another, user by user.

    Attributes:
        mean: Mean difference.
        low: Lower end of its 95 % interval.
        high: Upper end.
        p: Two-sided p of the paired randomisation test.
    """

    mean: float
    low: float
    high: float
    p: float


def bootstrap_interval(
    values: Values, *, level: float = 0.95, resamples: int = 1_000, seed: int = 0
) -> tuple[Values, Values]:
    """Return the ends of percentile bootstrap intervals of the means (Efron & Tibshirani, 1993).

    Users are drawn with replacement, the same ones for all columns.

    Args:
        values: Float array (users × columns); NaN counts as absent.
        level: Share of the resampled means between the ends.
        resamples: How often users are drawn.
        seed: Of the draws.

    Examples:
        >>> low, high = bootstrap_interval(np.array([[0.0], [1.0]] * 50))
        >>> bool(0.35 < low[0] < 0.5 < high[0] < 0.65)
        True
    """
    there = ~np.isnan(values)
    both = np.hstack([np.where(there, values, 0.0), there])
    rng = np.random.default_rng(seed)
    means = []
    for size in _batches(resamples, len(values)):
        drawn = rng.integers(0, len(values), (size, len(values)))
        drawn += np.arange(size)[:, None] * len(values)
        counts = np.bincount(drawn.ravel(), minlength=size * len(values))
        total, count = np.hsplit(counts.reshape(size, -1).astype(np.float64) @ both, 2)
        means.append(total / np.where(count > 0, count, np.nan))
    tail = (1.0 - level) / 2.0
    low, high = np.nanquantile(np.concatenate(means), [tail, 1.0 - tail], axis=0)
    return low, high


def paired_test(one: Values, other: Values, *, resamples: int = 9_999, seed: int = 0) -> Difference:
    """Compare two systems on the same users: does the first have the larger mean?

    The test is Fisher's: were both alike, the sign of each user's difference would be chance. p is
    the share of random signs (the observed ones among them) with a mean difference at least as far
    from 0, so that it is never below ``1 / (resamples + 1)``. It is the test that Smucker, Allan &
    Carterette (CIKM 2007) recommend for retrieval.

    Args:
        one: Float array, one value a user.
        other: The values of the same users in the same order.
        resamples: How often signs are drawn.
        seed: Of the draws.

    Examples:
        >>> rng = np.random.default_rng(1)
        >>> better = paired_test(rng.random(200) + 0.2, rng.random(200))
        >>> better.p < 0.01 < better.low
        True
        >>> paired_test(np.zeros(5), np.zeros(5)).p
        1.0
    """
    difference = one - other
    difference = difference[~np.isnan(difference)]
    if not len(difference):
        return Difference(float("nan"), float("nan"), float("nan"), float("nan"))
    low, high = bootstrap_interval(difference[:, None], seed=seed)
    p = _random_signs(difference[difference != 0], resamples, seed)
    return Difference(float(difference.mean()), float(low[0]), float(high[0]), p)


def _random_signs(difference: Values, resamples: int, seed: int) -> float:
    observed = abs(difference.sum()) * (1.0 - 1e-12)  # sums of the same numbers differ by rounding
    rng = np.random.default_rng(seed)
    as_far = 1
    for size in _batches(resamples, len(difference)):
        minus = rng.integers(0, 2, (size, len(difference)), dtype=np.int8)
        totals = difference.sum() - 2.0 * (minus.astype(np.float64) @ difference)
        as_far += int((np.abs(totals) >= observed).sum())
    return as_far / (resamples + 1)


def _batches(total: int, width: int) -> list[int]:
    """Return sizes that add up to a total, so that none holds more than a few million numbers."""
    most = max(1, _AT_ONCE // max(width, 1))
    whole, rest = divmod(total, most)
    return [most] * whole + ([rest] if rest else [])
