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
    matrix.sort_indices()
    if not np.any(np.diff(matrix.indptr) > keep):
        return matrix
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -np.abs(matrix.data), rows))
    rank = np.arange(len(order)) - matrix.indptr[rows[order]]
    chosen = np.sort(order[rank < keep])
    cells = (matrix.data[chosen], (rows[chosen], matrix.indices[chosen]))
    return sparse.coo_array(cells, shape=matrix.shape).tocsr()


def without_diagonal(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return the matrix with a diagonal of zeros, which are not stored."""
    cells = sparse.coo_array(matrix)
    kept = cells.row != cells.col
    values = (cells.data[kept], (cells.row[kept], cells.col[kept]))
    return sparse.csr_array(sparse.coo_array(values, shape=matrix.shape).tocsr())


def witnessed(weights: sparse.csr_array, events: sparse.csr_array) -> sparse.csr_array:
    """Return the weights that events speak for.

    A weight says that people like two items together, so a positive one is kept only where
    somebody does, and a negative one only between items that somebody likes.
    """
    together = sparse.csr_array(events.T @ events) > 0
    liked = sparse.diags_array((np.asarray((events > 0).sum(axis=0)) > 0).astype(np.float64))
    company = weights.maximum(0.0).multiply(together)
    avoided = liked @ weights.minimum(0.0) @ liked
    return sparse.csr_array(company + avoided)
