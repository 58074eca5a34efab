"""Item neighbourhoods: cosine with shrinkage, and the random walk RP3β."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.collaborative.sparse import KEPT, largest, without_diagonal

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["item_cosine", "rp3beta"]

_BLOCK = 2048
"""Items whose weights are made at a time, which bounds memory."""


def item_cosine(
    events: sparse.csr_array, *, shrink: float = 10.0, keep: int = KEPT
) -> sparse.csr_array:
    """Return ``x_i·x_j / (|x_i||x_j| + shrink)``, the ``keep`` largest of each item.

    Sarwar et al., WWW 2001; the shrinkage as in Bell & Koren, ICDM 2007: few common users say
    little.

    Args:
        events: X, users × items, not negative.
        shrink: What is added to the denominator.
        keep: Neighbours of an item.
    """
    norms = np.sqrt(np.asarray(events.power(2).sum(axis=0)))
    columns = events.T.tocsr()
    blocks = []
    for start in range(0, columns.shape[0], _BLOCK):
        common = sparse.coo_array(columns[start : start + _BLOCK] @ events)
        common.data = common.data / (norms[start + common.row] * norms[common.col] + shrink)
        common.data[start + common.row == common.col] = 0.0
        blocks.append(largest(common.tocsr(), keep))
    return sparse.csr_array(sparse.vstack(blocks, format="csr"))


def rp3beta(
    events: sparse.csr_array, *, alpha: float = 0.4, beta: float = 0.3, keep: int = KEPT
) -> sparse.csr_array:
    """Return the chance of a random walk item, user, item, over popularity to the power beta.

    Paudel et al., ACM TiiS 2017. ``B[j, i] = Σ_u p(u|j)^α p(i|u)^α / n_i^β``: a walk starts at
    item j, goes to somebody who likes it, and on to item i.

    Args:
        events: X, users × items, not negative.
        alpha: Power of the transition probabilities.
        beta: Power of the popularity that is divided by.
        keep: Neighbours that each item j leads to.
    """
    activity = np.asarray(events.sum(axis=1), dtype=np.float64)
    liked = np.asarray(events.sum(axis=0), dtype=np.float64)
    to_item = sparse.csr_array(sparse.diags_array(_inverse(activity)) @ events)
    to_user = sparse.csr_array((events @ sparse.diags_array(_inverse(liked))).T)
    to_item.data **= alpha
    to_user.data **= alpha
    to_item = sparse.csr_array(to_item @ sparse.diags_array(_inverse(liked) ** beta))
    blocks = [
        largest(to_user[start : start + _BLOCK] @ to_item, keep + 1)
        for start in range(0, to_user.shape[0], _BLOCK)
    ]
    walks = without_diagonal(sparse.csr_array(sparse.vstack(blocks, format="csr")))
    return largest(walks, keep)


def _inverse(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(np.divide(1.0, values, out=np.zeros_like(values), where=values > 0))
