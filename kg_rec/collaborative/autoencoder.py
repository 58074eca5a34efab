"""Linear autoencoders with zero diagonal: EASE in closed form, SLIM by coordinate descent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.linalg import get_lapack_funcs

from kg_rec.collaborative.sparse import KEPT, largest
from kg_rec.errors import ConfigError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ease", "ease_bytes", "slim", "weigh_users"]

_DOUBLE = 8_000
"""Items up to which the dense inverse is made in double precision."""
_BLOCK = 1024


def weigh_users(events: sparse.csr_array, power: float) -> sparse.csr_array:
    """Return events whose rows weigh ``n_u^-power`` in ``XᵀX``, 1 on average.

    Who likes everything says less about what goes together than who likes ten items; the squared
    error of each user is weighted as in Steck, "Autoencoders that don't overfit towards the
    identity" (NeurIPS 2020).

    Args:
        events: X, users × items.
        power: 0 leaves the rows as they are, 1 gives each user the same weight.
    """
    activity = np.asarray((events > 0).sum(axis=1), dtype=np.float64)
    weights = np.maximum(activity, 1.0) ** -power
    weights /= weights[activity > 0].mean() if np.any(activity > 0) else 1.0
    return sparse.csr_array(sparse.diags_array(np.sqrt(weights)) @ events)


def ease_bytes(items: int) -> int:
    """Return the memory that :func:`ease` takes for its dense matrix, in bytes."""
    return items * items * (8 if items <= _DOUBLE else 4)


def ease(
    events: sparse.csr_array,
    kernel: sparse.csr_array | None = None,
    *,
    ridge: float = 100.0,
    dropout: float = 0.25,
    side: float = 25.0,
    keep: int = KEPT,
) -> sparse.csr_array:
    """Return the item-to-item weights of EASE, the ``keep`` largest of each row.

    The best ``B`` for ``|X - XB|² + |Λ^½ B|²`` under ``diag(B) = 0`` is ``I - P / diag(P)`` with
    ``P = (XᵀX + Λ)⁻¹`` (Steck, WWW 2019, eq. 8). Here ``Λ = ridge·I + dropout·diag(XᵀX)``, the
    ridge of a denoising autoencoder (Steck, NeurIPS 2020). Facts enter as further rows of X, of
    weight √side, so that ``XᵀX`` becomes ``XᵀX + side·K``.

    Args:
        events: X, users × items, rows weighted as wanted (:func:`weigh_users`).
        kernel: K, items × items, positive semidefinite; None is no side information.
        ridge: Regularisation of each item alike.
        dropout: Regularisation in proportion to how often an item is liked.
        side: Weight of the kernel.
        keep: Weights kept of each row, the largest by absolute value.
    """
    gram = sparse.csr_array(events.T @ events)
    diagonal = gram.diagonal()
    if kernel is not None:
        gram = sparse.csr_array(gram + side * kernel)
    size = gram.shape[0]
    kind = np.float64 if size <= _DOUBLE else np.float32
    full = gram.astype(kind).toarray(order="F")  # not the other way: double would be held, too
    full[np.diag_indices(size)] += (ridge + dropout * diagonal).astype(full.dtype)
    _invert(full)
    scale = -1.0 / np.diag(full)
    blocks = []
    for start in range(0, size, _BLOCK):
        end = min(start + _BLOCK, size)
        rows = _symmetric_rows(full, start, end) * scale
        rows[np.arange(end - start), np.arange(start, end)] = 0.0
        blocks.append(largest(sparse.csr_array(rows), keep))
    return sparse.csr_array(sparse.vstack(blocks, format="csr"), dtype=np.float64)


def _invert(matrix: NDArray[np.floating]) -> None:
    """Replace the upper triangle of a positive definite matrix by that of its inverse, in place."""
    functions: Any = get_lapack_funcs(("potrf", "potri"), (matrix,))
    potrf, potri = functions
    factor, failed = potrf(matrix, lower=False, overwrite_a=True, clean=False)
    if not failed:
        _, failed = potri(factor, lower=False, overwrite_c=True)
    if failed:
        raise ConfigError("ranking.ridge: too small for these events; the matrix is singular")


def _symmetric_rows(upper: NDArray[np.floating], start: int, end: int) -> NDArray[np.floating]:
    """Return some rows of a symmetric matrix of which the upper triangle is given."""
    square = np.triu(upper[start:end, start:end])
    square = square + np.triu(square, 1).T
    return np.hstack([upper[:start, start:end].T, square, upper[start:end, end:]])


def slim(
    events: sparse.csr_array,
    *,
    facts: sparse.csr_array | None = None,
    l1: float = 0.5,
    l2: float = 50.0,
    candidates: int = 500,
    keep: int = KEPT,
    sweeps: int = 30,
) -> sparse.csr_array:
    """Return the item-to-item weights of SLIM: sparse, none negative.

    The column ``w`` of item j minimises ``½|x_j - Xw|² + l1·|w|₁ + ½·l2·|w|²`` with ``w ≥ 0`` and
    ``w_j = 0`` (Ning & Karypis, ICDM 2011), by cyclic coordinate descent over the ``candidates``
    items closest to j by cosine (fsSLIM, ibid.). Memory does not grow with the square of items.

    Args:
        events: X, users × items.
        facts: Facts of the items (items × columns) as further rows of X (cSLIM: Ning & Karypis,
            RecSys 2012), scaled as wanted.
        l1: Lasso penalty: the larger, the fewer weights.
        l2: Ridge penalty.
        candidates: Items that an item's column may use.
        keep: Weights kept of each row.
        sweeps: Most passes over the candidates.
    """
    from kg_rec.collaborative.compiled import coordinate_descent  # noqa: PLC0415 - imports numba

    rows = events if facts is None else sparse.vstack([events, facts.T])
    columns = sparse.csc_array(rows, dtype=np.float64)
    near = _closest(sparse.csr_array(columns.T), candidates)
    near.data = coordinate_descent(columns, near, l1=l1, l2=l2, sweeps=sweeps)
    return largest(sparse.csr_array(near.T.tocsr()), keep)


def _closest(items: sparse.csr_array, keep: int) -> sparse.csr_array:
    """Return the ``keep`` rows of largest cosine with each row."""
    norms = np.sqrt(np.asarray(items.power(2).sum(axis=1)))
    scale = sparse.diags_array(1.0 / np.where(norms > 0, norms, 1.0))
    unit = sparse.csr_array(scale @ items)
    transposed = unit.T.tocsr()
    blocks = []
    for start in range(0, unit.shape[0], _BLOCK):
        cosines = sparse.coo_array(unit[start : start + _BLOCK] @ transposed)
        cosines.data[start + cosines.row == cosines.col] = 0.0
        blocks.append(largest(cosines.tocsr(), keep))
    return sparse.csr_array(sparse.vstack(blocks, format="csr"))
