"""Item-to-item weights as sparse matrices: the largest of each row, and those that events bear."""

from __future__ import annotations

import numpy as np
from scipy import sparse

__all__ = ["KEPT", "largest", "without_diagonal", "witnessed"]

KEPT = 1000
"""Weights that a learner keeps for each item unless told otherwise."""


def largest(matrix: sparse.csr_array, keep: int) -> sparse.csr_array:
    """Return the ``keep`` largest absolute values of each row (ties: lower column)."""
    matrix = sparse.csr_array(matrix)
    matrix.eliminate_zeros()
    if not matrix.has_sorted_indices:
        matrix.sort_indices()
    if not np.any(np.diff(matrix.indptr) > keep):
        return matrix
    from kg_rec.collaborative.compiled import largest_places  # noqa: PLC0415 - imports numba

    kept = largest_places(matrix.data, matrix.indptr, keep)
    starts = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr]
    parts = (matrix.data[kept], matrix.indices[kept], starts)
    return sparse.csr_array(parts, shape=matrix.shape)


def without_diagonal(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return the matrix with a diagonal of zeros, which are not stored."""
    cells = sparse.coo_array(matrix)
    kept = cells.row != cells.col
    values = (cells.data[kept], (cells.row[kept], cells.col[kept]))
    return sparse.csr_array(sparse.coo_array(values, shape=matrix.shape).tocsr())


def witnessed(
    weights: sparse.csr_array, likes: sparse.csr_array, least: int = 1
) -> tuple[sparse.csr_array, sparse.csr_array]:
    """Return the weights that people bear witness to, and the others, which facts and company bear.

    A weight says that people like two items together, so a positive one is of the first kind only
    where at least ``least`` users do, and a negative one only if as many like the item that it
    starts from. A negative one without witnesses is dropped: it says nothing of facts.

    Args:
        weights: Items × items; row j says what liking item j speaks for.
        likes: Users × items, positive where a user likes an item.
        least: How many users make a witness.
    """
    liked = sparse.csr_array((likes > 0).astype(np.float64))
    together = sparse.csr_array(liked.T @ liked)
    enough = sparse.diags_array((together.diagonal() >= least).astype(np.float64))
    above, below = weights.maximum(0.0), weights.minimum(0.0)
    seen = sparse.csr_array(above.multiply(together >= least))
    unseen = sparse.csr_array(above - seen)
    unseen.eliminate_zeros()
    return sparse.csr_array(seen + enough @ below), unseen
