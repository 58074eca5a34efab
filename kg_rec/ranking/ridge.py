"""Ridge profiles: how much each item says about a taste, learned from what was chosen."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy import sparse

__all__ = ["RidgeProfiles"]

DENSE = 4_000
"""Items up to which a dense Cholesky factor is made and kept (128 MB)."""
_RANK = 200
"""Rank of the preconditioner above that."""
_TOLERANCE = 1e-9


class RidgeProfiles:
    """Solves ``(F Fᵀ + L + ridge·I) α = t``: kernel ridge regression (Saunders et al., ICML 1998).

    ``(F Fᵀ + L) α`` then scores items. Up to ``DENSE`` items by a Cholesky factor that is kept;
    above by conjugate gradients, without forming ``F Fᵀ``, with a randomised Nyström
    preconditioner (Frangella, Tropp & Udell, SIAM J. Matrix Anal. Appl. 2023): facts that many
    items share make a few eigenvalues very large, and these it takes out.

    Args:
        facts: F, CSR (items × facts).
        ridge: Regularisation.
        links: L, symmetric CSR (items × items); ``L + ridge·I`` is positive definite.

    Examples:
        >>> from scipy import sparse
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
        if targets.shape[1] <= DENSE:
            return np.asarray(cho_solve(self._factor, targets.T, check_finite=False)).T
        return _conjugate_gradients(self._product, self._precondition, targets.T).T

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

    def _precondition(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        vectors, values = self._largest
        inside = vectors.T @ v
        scale = (values[-1] + self.ridge) / (values + self.ridge) - 1.0
        return np.asarray(v + vectors @ (scale[:, None] * inside))

    @cached_property
    def _largest(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Approximate eigenvectors and eigenvalues of ``F Fᵀ``, the largest first."""
        test = np.random.default_rng(0).standard_normal((self.facts.shape[0], _RANK))
        test, _ = np.linalg.qr(test)
        image = self.facts @ (self._transposed @ test)
        shift = np.sqrt(len(test)) * np.spacing(np.linalg.norm(image))
        image += shift * test
        root = cholesky(test.T @ image, lower=False)
        half = solve_triangular(root, image.T, trans="T", lower=False).T
        vectors, roots, _ = np.linalg.svd(half, full_matrices=False)
        return vectors, np.maximum(roots**2 - shift, 0.0)


def _conjugate_gradients(
    product: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    precondition: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    targets: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Solve ``A x = t`` for each column t at once (Hestenes & Stiefel 1952)."""
    x = np.zeros_like(targets)
    residual = targets.copy()
    enough = _TOLERANCE * np.linalg.norm(targets, axis=0)
    direction = precondition(residual)
    size = np.einsum("ij,ij->j", residual, direction)
    for _ in range(10 * len(targets)):
        if np.all(np.linalg.norm(residual, axis=0) <= enough):
            break
        image = product(direction)
        step = _over(size, np.einsum("ij,ij->j", direction, image))
        x += step * direction
        residual -= step * image
        conditioned = precondition(residual)
        new = np.einsum("ij,ij->j", residual, conditioned)
        direction = conditioned + _over(new, size) * direction
        size = new
    return x


def _over(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(a, b, out=np.zeros_like(a), where=b > 0)
