"""Ridge profiles: how much each item says about a taste, learned from what was chosen."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.linalg import cho_factor, cho_solve

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["RidgeProfiles"]

DENSE = 8_000
"""Items up to which many profiles are solved with a dense factor (512 MB)."""
_TOLERANCE = 1e-10


class RidgeProfiles:
    """Solves ``(F Fᵀ + L + ridge·I) α = t``: kernel ridge regression (Saunders et al., ICML 1998).

    ``(F Fᵀ + L) α`` then scores items. One profile is solved by conjugate gradients without
    forming ``F Fᵀ``, many by a Cholesky factor that is kept, where it fits.

    Args:
        facts: F, CSR (items × facts).
        ridge: Regularisation.
        links: L, symmetric CSR (items × items); ``L + ridge·I`` is positive definite.

    Examples:
        >>> facts = sparse.csr_array([[1.0], [1.0]])
        >>> RidgeProfiles(facts, ridge=1.0).solve(np.array([[1.0, 0.0]])).round(3).tolist()
        [[0.667, -0.333]]
    """

    def __init__(
        self, facts: sparse.csr_array, ridge: float, links: sparse.csr_array | None = None
    ) -> None:
        self.facts = facts
        self.ridge = ridge
        self.links = links
        self._transposed = facts.T.tocsr()

    def solve(self, targets: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return α (profiles × items) for some targets (profiles × items)."""
        size = targets.shape[1]
        if size <= DENSE and (len(targets) > 1 or "_factor" in self.__dict__):
            return np.asarray(cho_solve(self._factor, targets.T, check_finite=False)).T
        return _conjugate_gradients(self._product, targets.T, 10 * size).T

    @cached_property
    def _factor(self) -> tuple[NDArray[np.float64], bool]:
        kernel = (self.facts @ self._transposed).toarray()
        if self.links is not None:
            kernel += self.links.toarray()
        kernel[np.diag_indices(len(kernel))] += self.ridge
        factor, lower = cho_factor(kernel, overwrite_a=True, check_finite=False)
        return factor, bool(lower)

    def _product(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        near = 0.0 if self.links is None else self.links @ v
        return np.asarray(self.facts @ (self._transposed @ v) + near + self.ridge * v)


def _conjugate_gradients(
    product: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    targets: NDArray[np.float64],
    most: int,
) -> NDArray[np.float64]:
    """Solve ``A x = t`` for each column t (Hestenes & Stiefel 1952), all columns at once."""
    x = np.zeros_like(targets)
    residual = targets.copy()
    direction = residual.copy()
    size = np.einsum("ij,ij->j", residual, residual)
    enough = size * _TOLERANCE**2
    for _ in range(most):
        if np.all(size <= enough):
            break
        image = product(direction)
        curve = np.einsum("ij,ij->j", direction, image)
        step = np.divide(size, curve, out=np.zeros_like(size), where=curve > 0)
        x += step * direction
        residual -= step * image
        new = np.einsum("ij,ij->j", residual, residual)
        direction = residual + np.divide(new, size, out=np.zeros_like(size), where=size > 0) * (
            direction
        )
        size = new
    return x
