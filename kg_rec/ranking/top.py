"""Exact top-k of sparse inner products."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from kg_rec.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

    from kg_rec.ranking.compiled import Tiles

__all__ = ["ItemIndex", "TopK", "best_of", "mark", "top_k"]

SMALL = 4_000_000
"""Scores up to which one sparse product is used: less than it takes to load the compiled kernel."""
CELL = 4
"""Scores that take as long as one stored value of the queries."""


class TopK(NamedTuple):
    """The best items of each query, best first.

    Attributes:
        rows: int64 (queries × k): rows of the items, -1 where fewer are left.
        scores: float (queries × k), -inf where fewer are left.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.floating]

    def to_lists(self) -> Iterator[tuple[list[int], list[float]]]:
        """Yield rows and scores of each query as plain lists, without the padding."""
        lengths = (self.rows >= 0).sum(axis=1).tolist()
        for rows, scores, length in zip(self.rows, self.scores, lengths, strict=True):
            yield rows[:length].tolist(), scores[:length].tolist()


class ItemIndex:
    """Items made ready for :func:`top_k`; worth keeping when it is called again.

    Args:
        items: CSR (items × columns), float32 or float64; scores are of this precision.
        candidates: Rows that may be recommended; None is all.
        groups: A label for each item, such as the work of an edition: of items with the same
            label only the best is listed.

    Raises:
        DataError: A candidate is no row, or the labels are not one for each item.
    """

    def __init__(
        self,
        items: sparse.csr_array,
        *,
        candidates: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> None:
        self.size = items.shape[0]
        self.rows: NDArray[np.int64] | None = None
        if candidates is not None:
            self.rows = _checked_rows(candidates, self.size)
            items = items[self.rows]
        items = items if items.dtype == np.float32 else items.astype(np.float64, copy=False)
        if not items.has_canonical_format:
            items = items.copy()
            items.sum_duplicates()
        self.items = items
        self.groups = np.empty(0, dtype=np.int64)
        if groups is not None:
            labels = np.asarray(groups)
            if labels.shape != (self.size,):
                raise DataError(f"groups: expected {self.size} labels, found {labels.shape}")
            numbers = np.unique(labels, return_inverse=True)[1]
            self.groups = numbers if self.rows is None else numbers[self.rows]

    @cached_property
    def transposed(self) -> sparse.csr_array:
        """The items as columns."""
        return self.items.T.tocsr()

    @cached_property
    def tiles(self) -> Tiles:
        """The items as the compiled kernel takes them."""
        from kg_rec.ranking.compiled import tiles_of  # noqa: PLC0415 - imports numba

        return tiles_of(self.items, os.cpu_count() or 1)


def top_k(
    queries: sparse.csr_array,
    items: sparse.csr_array | ItemIndex,
    k: int,
    *,
    exclude: sparse.csr_array | None = None,
    threshold: float | None = None,
    candidates: ArrayLike | None = None,
    group: ArrayLike | None = None,
    threads: int | None = None,
) -> TopK:
    """Return the k items of largest inner product with each query, exactly.

    Ties go to the lower row, whatever the number of threads. Queries × items is never held.
    Columns that many items have are added as a whole, the others through an inverted index
    (as in Bayardo, Ma, Srikant, WWW 2007), in tiles of items whose scores stay in the cache.

    Args:
        queries: CSR (queries × columns).
        items: CSR (items × columns), or an index of them.
        k: How many; at least 1.
        exclude: CSR (queries × items); items stored there are left out for that query.
        threshold: Only scores above it are listed; None lists all, also zeros.
        candidates: Rows that may be listed; None is all.
        group: A label for each item; of items with the same label only the best is listed.
        threads: Threads; None takes one for each core.

    Returns:
        Rows and scores, of the precision of the items.

    Raises:
        DataError: Shapes that do not fit, or ``k`` below 1.

    Examples:
        >>> eye = sparse.csr_array(np.eye(3))
        >>> top_k(sparse.csr_array([[0.0, 2.0, 1.0]]), eye, 2).rows.tolist()
        [[1, 2]]
        >>> top_k(sparse.csr_array([[0.0, 2.0, 1.0]]), eye, 2, threshold=1.0).rows.tolist()
        [[1, -1]]
    """
    index = (
        items
        if isinstance(items, ItemIndex)
        else ItemIndex(items, candidates=candidates, groups=group)
    )
    _check(queries, index, k, exclude)
    queries = queries.astype(index.items.dtype, copy=False)
    out = _excluded(exclude, index, queries.shape[0])
    floor = -np.inf if threshold is None else threshold
    width = max(1, min(k, index.items.shape[0]))
    if queries.shape[0] * index.items.shape[0] + CELL * queries.nnz <= SMALL:
        rows, scores = _by_product(queries, index, width, out, floor)
    else:
        from kg_rec.ranking import compiled  # noqa: PLC0415 - imports numba

        rows, scores = compiled.best(
            queries,
            index.tiles,
            width,
            exclude=out,
            threshold=floor,
            groups=index.groups,
            threads=threads or os.cpu_count() or 1,
        )
    if index.rows is not None:
        listed = rows >= 0
        rows[listed] = index.rows[rows[listed]]
    return _padded(rows, scores, k)


def best_of(
    scores: NDArray[np.floating],
    k: int,
    *,
    exclude: sparse.csr_array,
    candidates: NDArray[np.int64] | None = None,
) -> TopK:
    """Return the k items of largest score of each row; ties go to the lower item.

    Args:
        scores: Queries × items; changed in place.
        k: How many; at least 1.
        exclude: CSR (queries × items); items stored there are left out for that query.
        candidates: Rows that may be listed; None is all.

    Raises:
        DataError: ``k`` is below 1.
    """
    if k < 1:
        raise DataError(f"k is {k}, expected at least 1")
    if candidates is not None:
        others = np.ones(scores.shape[1], dtype=bool)
        others[candidates] = False
        scores[:, others] = -np.inf
    width = min(k, scores.shape[1])
    nothing = np.zeros(0, dtype=np.int64)
    rows, best = _of_scores(scores, width, exclude, -np.inf, nothing)
    return _padded(rows, best, k)


def _padded(rows: NDArray[np.int64], scores: NDArray[np.floating], k: int) -> TopK:
    missing = ((0, 0), (0, k - rows.shape[1]))
    return TopK(
        np.pad(rows, missing, constant_values=-1),
        np.pad(scores, missing, constant_values=-np.inf),
    )


def mark(rows: Sequence[int], size: int) -> sparse.csr_array:
    """Return one CSR row of a given size that stores ones at some columns: what to exclude."""
    places = (np.zeros(len(rows), dtype=np.int64), np.asarray(rows, dtype=np.int64))
    return sparse.coo_array((np.ones(len(rows)), places), shape=(1, size)).tocsr()


def _checked_rows(candidates: ArrayLike, size: int) -> NDArray[np.int64]:
    rows = np.unique(np.asarray(candidates, dtype=np.int64))
    if len(rows) and not 0 <= rows[0] <= rows[-1] < size:
        raise DataError(f"candidates: expected rows from 0 to {size - 1}, found {rows[[0, -1]]}")
    return rows


def _check(
    queries: sparse.csr_array, index: ItemIndex, k: int, exclude: sparse.csr_array | None
) -> None:
    if k < 1:
        raise DataError(f"k is {k}, expected at least 1")
    if queries.shape[1] != index.items.shape[1]:
        found = f"{queries.shape[1]} and {index.items.shape[1]}"
        raise DataError(f"queries and items: expected the same number of columns, found {found}")
    shape = (queries.shape[0], index.size)
    if exclude is not None and exclude.shape != shape:
        raise DataError(f"exclude: expected shape {shape}, found {exclude.shape}")


def _excluded(exclude: sparse.csr_array | None, index: ItemIndex, queries: int) -> sparse.csr_array:
    """Return what is left out, as CSR (queries × candidates) with sorted indices."""
    if exclude is None:
        nothing = np.zeros(0, dtype=np.int64)
        shape = (queries, index.items.shape[0])
        return sparse.coo_array((nothing, (nothing, nothing)), shape=shape).tocsr()
    out = exclude if index.rows is None else sparse.csr_array(exclude[:, index.rows])
    if not out.has_sorted_indices:
        out = out.copy()
        out.sort_indices()
    return out


def _by_product(
    queries: sparse.csr_array, index: ItemIndex, k: int, out: sparse.csr_array, floor: float
) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
    return _of_scores((queries @ index.transposed).toarray(), k, out, floor, index.groups)


def _of_scores(
    scores: NDArray[np.floating],
    k: int,
    out: sparse.csr_array,
    floor: float,
    groups: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
    scores[np.repeat(np.arange(out.shape[0]), np.diff(out.indptr)), out.indices] = -np.inf
    rows = np.full((len(scores), k), -1, dtype=np.int64)
    best = np.full((len(scores), k), -np.inf, dtype=scores.dtype)
    for number, row in enumerate(scores):
        chosen = _best(row, k, floor, groups)
        rows[number, : len(chosen)] = chosen
        best[number, : len(chosen)] = row[chosen]
    return rows, best


def _best(
    scores: NDArray[np.floating], k: int, floor: float, groups: NDArray[np.int64]
) -> NDArray[np.int64]:
    if k < len(scores) and not len(groups):
        rows = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
    else:
        rows = np.arange(len(scores))
    rows = rows[scores[rows] > floor]
    rows = rows[np.lexsort((rows, -scores[rows]))]
    if len(groups):
        rows = rows[np.sort(np.unique(groups[rows], return_index=True)[1])]
    return rows[:k]
