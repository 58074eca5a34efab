"""The cosine kernel, and the ridge profile that is learned with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import LinearOperator, cg

from kg_rec.vectors import unit_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["cosine", "ridge_profile"]


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
