"""Exact top-k of sparse inner products, and the ridge profile: pure functions on arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, cg

from kg_rec.vectors import unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["TopK", "cosine", "mark", "ridge_profile", "top_k"]


class TopK(NamedTuple):
    """The best items of one query: rows, best first, and their scores."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]

    def to_lists(self) -> tuple[list[int], list[float]]:
        """Return rows and scores as plain lists."""
        return self.rows.tolist(), self.scores.tolist()


def cosine(queries: sparse.csr_array, items: sparse.csr_array) -> sparse.csr_array:
    """Return the cosines of all rows of both matrices, as CSR (queries × items).

    A row of zeros has cosine 0 with every row.

    Examples:
        >>> u = sparse.csr_array([[0.5, 0.3, 0.2]])
        >>> v = sparse.csr_array([[0.4, 0.5, 0.1], [0.6, 0.2, 0.2], [0.3, 0.4, 0.3]])
        >>> cosine(u, v).toarray().round(4).tolist()
        [[0.9262, 0.9782, 0.9181]]
    """
    return sparse.csr_array(unit_rows(queries) @ unit_rows(items).T)


def top_k(
    queries: sparse.csr_array,
    items: sparse.csr_array,
    k: int,
    exclude: sparse.csr_array | None = None,
    cells: int = 4_000_000,
) -> list[TopK]:
    """Return the k items of largest inner product with each query, exactly.

    Ties go to the lower row. Queries are taken in blocks of at most ``cells`` scores, so that
    memory is bounded and queries × items is never whole.

    Args:
        queries: CSR (queries × columns).
        items: CSR (items × columns).
        k: How many; fewer are returned where fewer items are left.
        exclude: CSR (queries × items); items stored there are left out.
        cells: Most scores held at a time.

    Examples:
        >>> eye = sparse.csr_array(np.eye(3))
        >>> top_k(sparse.csr_array([[0.0, 2.0, 1.0]]), eye, 2)[0].rows.tolist()
        [1, 2]
    """
    block = max(1, cells // max(1, items.shape[0]))
    transposed = items.T.tocsr()
    found = []
    for start in range(0, queries.shape[0], block):
        scores = (queries[start : start + block] @ transposed).toarray()
        if exclude is not None:
            _leave_out(scores, exclude[start : start + block])
        found += [_best(row, k) for row in scores]
    return found


def mark(rows: Sequence[int], size: int) -> sparse.csr_array:
    """Return one CSR row of a given size that stores ones at some columns: what to exclude."""
    places = (np.zeros(len(rows), dtype=np.int64), np.asarray(rows, dtype=np.int64))
    return sparse.coo_array((np.ones(len(rows)), places), shape=(1, size)).tocsr()


def _leave_out(scores: NDArray[np.float64], exclude: sparse.csr_array) -> None:
    rows = np.repeat(np.arange(exclude.shape[0]), np.diff(exclude.indptr))
    scores[rows, exclude.indices] = -np.inf


def _best(scores: NDArray[np.float64], k: int) -> TopK:
    if k < len(scores):
        border = np.partition(scores, -k)[-k]
        rows = np.flatnonzero(scores >= border)
    else:
        rows = np.arange(len(scores))
    rows = rows[scores[rows] > -np.inf]
    rows = rows[np.lexsort((rows, -scores[rows]))][:k]
    return TopK(rows, scores[rows])


def ridge_profile(
    facts: sparse.csr_array,
    events: NDArray[np.float64],
    ridge: float,
    links: sparse.csr_array | None = None,
) -> NDArray[np.float64]:
    """Return ``α = (F Fᵀ + L + ridge·I)⁻¹ x``: how much each item says about a user's taste.

    ``(F Fᵀ + L) α`` scores items as kernel ridge regression does (Saunders et al., ICML 1998);
    solved by conjugate gradients without forming ``F Fᵀ``.

    Args:
        facts: F, CSR (items × facts), rows of norm 1 at most.
        events: x, one signed value an item.
        ridge: Regularisation.
        links: L, symmetric CSR (items × items); ``L + ridge·I`` is positive definite.
    """
    size = len(events)
    transposed = facts.T.tocsr()

    def product(v: NDArray[np.float64]) -> NDArray[np.float64]:
        near = 0.0 if links is None else links @ v
        return np.asarray(facts @ (transposed @ v) + near + ridge * v)

    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    solution, _ = cg(operator, events, rtol=1e-10, maxiter=10 * size)
    return np.asarray(solution)
