"""Vectors of another model or encoder brought here: its space turned, the items it lacks placed.

* Two sets of vectors in different spaces are brought together by the items that both have: the
  rotation (with reflection) that moves one set closest to the other (orthogonal Procrustes;
  Schönemann, Psychometrika 31, 1966), after both are centred and scaled to length 1 on average.
  A rotation keeps all cosines, so what one model says of likeness stays as it is.
* An item without a vector gets one by what is known of it: ridge regression from content (facts and
  texts) to the other space, learned on the items that have both. The regularisation is that of
  least error when each item is left out in turn, in closed form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import linalg

from kg_rec.embeddings.given import GivenVectors
from kg_rec.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Placed", "aligned", "placed"]

_LEAST = 2
"""Fewest items that spaces must share."""
_PENALTIES = tuple(10.0**power for power in range(-3, 4))
_USEFUL = 0.01
"""Share of the variance from which on a map is made."""
_MOST = 4_000
"""Most items that a map is learned on."""


def aligned(sets: Sequence[GivenVectors]) -> GivenVectors:
    """Return several sets of vectors as one, in the space of the first.

    An item that several have keeps the vector of the first of them.

    Args:
        sets: The vectors; those of each but the first share items with what came before.

    Raises:
        DataError: Fewer than two items are shared.

    Examples:
        >>> square = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]], dtype=np.float32)
        >>> one = GivenVectors(("a", "b", "c"), square[:3], "one")
        >>> turned = GivenVectors(("a", "b", "c", "d"), square @ np.array([[0, 1], [-1, 0]]), "two")
        >>> both = aligned([one, turned])
        >>> both.ids, bool(both.matrix[1] @ both.matrix[3] < 0)
        (('a', 'b', 'c', 'd'), True)
    """
    first, *others = sets
    for other in others:
        first = _joined(first, other)
    return first


def _joined(first: GivenVectors, other: GivenVectors) -> GivenVectors:
    row_of = {name: row for row, name in enumerate(first.ids)}
    shared = [(row_of[name], n) for n, name in enumerate(other.ids) if name in row_of]
    if len(shared) < _LEAST:
        found = f"{len(shared)} item" if len(shared) == 1 else f"{len(shared)} items"
        raise DataError(
            f"{other.place}: shares {found} with {first.place}, expected at least {_LEAST}"
        )
    here, there = (list(side) for side in zip(*shared, strict=True))
    width = max(first.matrix.shape[1], other.matrix.shape[1])
    one, two = (
        _standard(_wide(m, width), rows)
        for m, rows in ((first.matrix, here), (other.matrix, there))
    )
    rotation, _ = linalg.orthogonal_procrustes(two[there], one[here])
    new = [n for n, name in enumerate(other.ids) if name not in row_of]
    matrix = np.vstack([one, two[new] @ rotation]).astype(np.float32)
    ids = (*first.ids, *(other.ids[n] for n in new))
    return GivenVectors(ids, matrix, f"{first.place} and {other.place}")


def _wide(matrix: NDArray[np.float32], width: int) -> NDArray[np.float64]:
    return np.pad(matrix.astype(np.float64), ((0, 0), (0, width - matrix.shape[1])))


def _standard(matrix: NDArray[np.float64], rows: Sequence[int]) -> NDArray[np.float64]:
    """Return vectors centred, and of length 1 on average, by some of them."""
    moved: NDArray[np.float64] = matrix - matrix[rows].mean(axis=0)
    length = np.sqrt(np.square(moved[rows]).sum(axis=1).mean())
    return moved / (length or 1.0)


class Placed(NamedTuple):
    """Vectors, those of items that had none made from content.

    Attributes:
        rows: float32 array (items × dimensions), centred.
        explained: Share of the variance of left-out vectors that content explains, at most 1; below
            a hundredth the map is of no use, and none is made.
        penalty: The regularisation that was best.
    """

    rows: NDArray[np.float32]
    explained: float
    penalty: float


def placed(given: NDArray[np.float32], kernel: NDArray[np.floating]) -> Placed:
    """Return given vectors, and vectors made from content for items that have none.

    Args:
        given: float array (items × dimensions), zeros for none.
        kernel: float array (items × items): inner products of content; a zero diagonal says that
            nothing is known of an item, which then gets no vector.
    """
    has = np.flatnonzero(given.any(axis=1))
    rows = np.zeros(given.shape, dtype=np.float32)
    if len(has) < _LEAST:
        return Placed(rows + given, 0.0, 0.0)
    mean = given[has].mean(axis=0)
    rows[has] = given[has] - mean
    known = np.flatnonzero(np.diagonal(kernel) > 0)
    learned_on = np.intersect1d(has, known)
    learned_on = learned_on[:: -(-len(learned_on) // _MOST) or 1]
    lacking = np.setdiff1d(known, has)
    if len(learned_on) < _LEAST:
        return Placed(rows, 0.0, 0.0)
    wanted = rows[learned_on].astype(np.float64)
    values, vectors = linalg.eigh(kernel[np.ix_(learned_on, learned_on)].astype(np.float64))
    turned = vectors.T @ wanted
    errors = [_left_out(values, vectors, turned, wanted, penalty) for penalty in _PENALTIES]
    best = int(np.argmin(errors))
    explained = 1.0 - errors[best] / (float(np.square(wanted).mean()) or 1.0)
    if explained > _USEFUL and len(lacking):
        solved = vectors @ (turned / (np.maximum(values, 0.0) + _PENALTIES[best])[:, None])
        rows[lacking] = kernel[np.ix_(lacking, learned_on)] @ solved
    return Placed(rows, explained, _PENALTIES[best])


def _left_out(
    values: NDArray[np.float64],
    vectors: NDArray[np.float64],
    turned: NDArray[np.float64],
    wanted: NDArray[np.float64],
    penalty: float,
) -> float:
    """Return the mean squared error of ridge regression on items that are left out in turn."""
    share = np.maximum(values, 0.0) / (np.maximum(values, 0.0) + penalty)
    fitted = vectors @ (share[:, None] * turned)
    leverage = np.square(vectors) @ share
    return float(np.square((wanted - fitted) / (1.0 - leverage)[:, None]).mean())
