"""Nearness of rows: cosines, the nearest ones of each, links both ways; on arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.collaborative import largest

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["even_links", "fact_kernel", "nearest_neighbours", "nearest_row", "unit_rows"]

DENSE_ITEMS = 10_000
"""Most items for which the kernel of facts is whole."""
CANDIDATES = 200
"""Nearest items of each in the kernel of facts, where there are more."""
_BLOCK = 1024


def unit_rows(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return the matrix with rows divided by their Euclidean norm; rows of zeros stay."""
    norms = np.sqrt(np.asarray(matrix.power(2).sum(axis=1)))
    return sparse.csr_array(sparse.diags_array(1.0 / np.where(norms > 0, norms, 1.0)) @ matrix)


def fact_kernel(facts: sparse.csr_array) -> sparse.csr_array:
    """Return ``F Fᵀ``, the cosines of all items; the nearest ones only, where there are many.

    Up to ``DENSE_ITEMS`` items it is whole; above, each keeps its ``CANDIDATES`` nearest, both
    ways, so that memory is bounded: items that have texts nearly all share some word.

    Args:
        facts: F, CSR (items × facts), rows of norm 1 at most.
    """
    size = facts.shape[0]
    if size <= DENSE_ITEMS:
        return sparse.csr_array(facts @ facts.T)
    transposed = facts.T.tocsr()
    blocks = [
        largest(sparse.csr_array(facts[start : start + _BLOCK] @ transposed), CANDIDATES)
        for start in range(0, size, _BLOCK)
    ]
    nearest = sparse.csr_array(sparse.vstack(blocks, format="csr"))
    return sparse.csr_array(nearest.maximum(nearest.T))


def nearest_neighbours(
    vectors: NDArray[np.floating], keep: int, block: int = 1024
) -> sparse.csr_array:
    """Return the positive cosines of each row's ``keep`` nearest other rows, as CSR (rows × rows).

    Args:
        vectors: Rows × dimensions; a row of zeros has no neighbours.
        keep: Neighbours of a row.
        block: Rows compared at a time, which bounds memory to block × rows.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(norms > 0, norms, 1.0)
    blocks = []
    for start in range(0, len(unit), block):
        cosines = unit[start : start + block] @ unit.T
        inside = np.arange(len(cosines))
        cosines[inside, start + inside] = 0.0
        blocks.append(largest(_not_below(cosines, keep), keep))
    return sparse.csr_array(sparse.vstack(blocks, format="csr"), dtype=np.float64)


def _not_below(values: NDArray[np.floating], keep: int) -> sparse.csr_array:
    """Return the positive values of each row that are not below its ``keep`` largest ones."""
    if keep >= values.shape[1]:
        return sparse.csr_array(np.maximum(values, 0.0))
    least = np.partition(values, -keep, axis=1)[:, [-keep]]
    kept = (values >= least) & (values > 0)
    starts = np.concatenate([[0], np.cumsum(np.count_nonzero(kept, axis=1))])
    return sparse.csr_array((values[kept], np.nonzero(kept)[1], starts), shape=values.shape)


def even_links(links: sparse.csr_array) -> sparse.csr_array:
    """Return links both ways, each divided by the root of what both ends have in all.

    ``D^-1/2 L D^-1/2`` with L the larger of both directions and D its row sums: the eigenvalues
    lie in [-1, 1] (Chung, Spectral Graph Theory, 1997), so that it adds to a kernel what a unit
    matrix adds, and an item that is close to everything counts no more than others.

    Args:
        links: Items × items, not negative, without diagonal.
    """
    both = links.maximum(links.T)
    degree = np.asarray(both.sum(axis=1), dtype=np.float64)
    root = sparse.diags_array(1.0 / np.sqrt(np.where(degree > 0, degree, 1.0)))
    return sparse.csr_array(root @ both @ root)


def nearest_row(vector: NDArray[np.floating], vectors: NDArray[np.floating]) -> tuple[int, float]:
    """Return the row of largest cosine with a vector, and that cosine; else (0, 0.0)."""
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(vector)
    cosines = vectors @ vector / np.where(norms > 0, norms, 1.0)
    if not len(cosines):
        return 0, 0.0
    row = int(np.argmax(cosines))
    return row, float(cosines[row])
