"""The loops of the learners, compiled with numba; imported when they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numba import get_num_threads, njit, prange

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

__all__ = ["coordinate_descent", "largest_places"]

_TOLERANCE = 1e-3
"""Largest change of a weight in a full sweep at which a column is done."""
_FULL_SWEEP = 5
"""Every fifth sweep looks at all candidates, the others at those with a weight."""


def coordinate_descent(
    columns: sparse.csc_array, candidates: sparse.csr_array, *, l1: float, l2: float, sweeps: int
) -> NDArray[np.float64]:
    """Return the weight of each candidate of each item.

    Args:
        columns: X, CSC (rows × items).
        candidates: CSR (items × items): which items the column of an item may use.
        l1: Lasso penalty.
        l2: Ridge penalty.
        sweeps: Most passes.
    """
    squares = np.asarray(columns.power(2).sum(axis=0), dtype=np.float64)
    index = np.int64
    weights: NDArray[np.float64] = _all_items(
        columns.shape[0],
        columns.indptr.astype(index),
        columns.indices.astype(index),
        columns.data.astype(np.float64),
        candidates.indptr.astype(index),
        candidates.indices.astype(index),
        squares,
        (float(l1), float(l2), int(sweeps)),
        get_num_threads(),
    )
    return weights


@njit(parallel=True, cache=True, nogil=True)
def _all_items(
    rows: int,
    starts: Any,
    places: Any,
    values: Any,
    candidate_starts: Any,
    candidates: Any,
    squares: Any,
    settings: Any,
    threads: int,
) -> Any:  # pragma: no cover - compiled
    weights = np.zeros(len(candidates))
    items = len(candidate_starts) - 1
    for thread in prange(threads):
        residual = np.zeros(rows)
        for item in range(thread, items, threads):
            first, last = candidate_starts[item], candidate_starts[item + 1]
            if first < last:
                own = weights[first:last]
                near = candidates[first:last]
                _one_item(item, near, own, starts, places, values, squares, residual, settings)
    return weights


@njit(cache=True, nogil=True)
def _one_item(
    item: int,
    near: Any,
    weights: Any,
    starts: Any,
    places: Any,
    values: Any,
    squares: Any,
    residual: Any,
    settings: Any,
) -> None:  # pragma: no cover - compiled
    """Fit one column; ``residual`` is zero before and after."""
    l1, l2, sweeps = settings
    for p in range(starts[item], starts[item + 1]):
        residual[places[p]] = values[p]
    for sweep in range(sweeps):
        full = sweep == 0 or sweep % _FULL_SWEEP == _FULL_SWEEP - 1
        largest = 0.0
        for n in range(len(near)):
            if not full and weights[n] == 0.0:
                continue
            j = near[n]
            pull = weights[n] * squares[j] - l1
            for p in range(starts[j], starts[j + 1]):
                pull += values[p] * residual[places[p]]
            change = max(pull / (squares[j] + l2), 0.0) - weights[n]
            if change != 0.0:
                weights[n] += change
                largest = max(largest, abs(change))
                for p in range(starts[j], starts[j + 1]):
                    residual[places[p]] -= change * values[p]
        if full and largest < _TOLERANCE:
            break
    for p in range(starts[item], starts[item + 1]):
        residual[places[p]] = 0.0
    for n in range(len(near)):
        if weights[n] != 0.0:
            for p in range(starts[near[n]], starts[near[n] + 1]):
                residual[places[p]] = 0.0


def largest_places(
    values: NDArray[np.float64], starts: NDArray[np.integer], keep: int
) -> NDArray[np.bool_]:
    """Return which values of each row are the ``keep`` largest by size (ties: the first).

    Args:
        values: The values of all rows, one row after the other.
        starts: Where each row starts, and the end of the last.
        keep: How many of each row.
    """
    kept = np.ones(len(values), dtype=np.bool_)
    _largest_of_rows(np.abs(values), starts.astype(np.int64), keep, kept)
    return kept


@njit(parallel=True, cache=True, nogil=True)
def _largest_of_rows(
    sizes: Any, starts: Any, keep: int, kept: Any
) -> None:  # pragma: no cover - compiled
    for row in prange(len(starts) - 1):
        first, last = starts[row], starts[row + 1]
        if last - first <= keep:
            continue
        own = sizes[first:last]
        least = np.partition(own, len(own) - keep)[len(own) - keep]
        left = keep
        for n in range(len(own)):
            if own[n] > least:
                left -= 1
        for n in range(len(own)):
            if own[n] < least:
                kept[first + n] = False
            elif own[n] == least:
                kept[first + n] = left > 0
                left -= 1
