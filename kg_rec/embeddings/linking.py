"""Link prediction from saved vectors: who would like what, without torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from kg_rec.embeddings.vectors import NodeVectors

__all__ = ["PREDICTS", "predicted_likes", "top_predicted"]

_BLOCK = 256


def predicted_likes(
    vectors: NodeVectors, users: Sequence[str], items: Sequence[str], relation: str
) -> NDArray[np.float32]:
    """Return the plausibility of (user, relation, item) for each user and item.

    With vectors ``u``, ``r``, ``i`` of user, relation and item:

    * TransE: ``-‖u + r - i‖`` (Bordes et al., NIPS 2013), in the norm that it was trained in
    * DistMult: ``Σ u r i`` (Yang et al., ICLR 2015)
    * ComplEx: ``Re Σ u r conj(i)`` (Trouillon et al., ICML 2016)
    * RotatE: ``-‖u ∘ r - i‖`` (Sun et al., ICLR 2019)

    The values are PyKEEN's scores, to rounding. They are comparable within one user.

    Args:
        vectors: Trained on facts and interactions (``embeddings.parts`` holds ``"users"``).
        users: Nodes of users.
        items: Nodes of items.
        relation: The relation that says that a user likes an item.

    Returns:
        float32 array (users × items); -inf where user or item have no vector.

    Raises:
        ConfigError: There is no formula for the model, or it knows no such relation.
    """
    score = PREDICTS.get(vectors.model)
    if score is None:
        has = ", ".join(PREDICTS)
        msg = f"embeddings.model: {vectors.model or 'none'} predicts no links here; {has} do"
        raise ConfigError(msg)
    middle = vectors.relation(relation)
    if middle is None:
        msg = f"the embeddings know no relation {relation}; embeddings.parts must hold 'users'"
        raise ConfigError(msg)
    found = np.full((len(users), len(items)), -np.inf, dtype=np.float32)
    known = vectors.places(items) >= 0
    ends = vectors.rows(items)[known]
    heads = vectors.rows(users)
    for start in range(0, len(users), _BLOCK):
        block = score(heads[start : start + _BLOCK], middle, ends, vectors.norm)
        found[start : start + _BLOCK, known] = block
    found[vectors.places(users) < 0] = -np.inf
    return found


def top_predicted(
    scores: NDArray[np.float32], keep: int, known: sparse.csr_array | None = None
) -> sparse.csr_array:
    """Return the best predictions of each user, set against all items of that user.

    The value is how many standard deviations a prediction is above the user's mean; only positive
    ones are kept, so that a user's row is sparse and comparable with those of others.

    Args:
        scores: Users × items, from :func:`predicted_likes` or a model's own scores.
        keep: Most items of a user; ties go to the first.
        known: Users × items, nonzero where an item is known already and takes no place.

    Returns:
        float64 CSR (users × items).
    """
    rows, columns, values = [], [], []
    for user, row in enumerate(scores.astype(np.float64)):
        real = np.isfinite(row)
        spread = float(row[real].std()) if real.any() else 0.0
        if not spread:
            continue
        standard = np.where(real, (row - row[real].mean()) / spread, -np.inf)
        if known is not None:
            standard[known.indices[known.indptr[user] : known.indptr[user + 1]]] = -np.inf
        best = np.argsort(-standard, kind="stable")[:keep]
        best = np.sort(best[standard[best] > 0])
        rows.append(np.full(len(best), user))
        columns.append(best)
        values.append(standard[best])
    if not rows:
        return sparse.csr_array(sparse.coo_array(scores.shape, dtype=np.float64))
    cells = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return sparse.csr_array(sparse.coo_array(cells, shape=scores.shape))


def _trans_e(
    users: NDArray[np.float32], r: NDArray[np.float32], items: NDArray[np.float32], norm: int
) -> NDArray[np.float32]:
    return np.asarray(-_distances(users + r, items, norm), dtype=np.float32)


def _dist_mult(
    users: NDArray[np.float32], r: NDArray[np.float32], items: NDArray[np.float32], _: int
) -> NDArray[np.float32]:
    return np.asarray((users * r) @ items.T, dtype=np.float32)


def _compl_ex(
    users: NDArray[np.float32], r: NDArray[np.float32], items: NDArray[np.float32], _: int
) -> NDArray[np.float32]:
    return np.asarray(_turned(users, r) @ items.T, dtype=np.float32)


def _rotat_e(
    users: NDArray[np.float32], r: NDArray[np.float32], items: NDArray[np.float32], norm: int
) -> NDArray[np.float32]:
    if norm != 1:
        return -_distances(_turned(users, r), items, 2)
    turned = np.split(_turned(users, r), 2, axis=1)
    ends = np.split(items, 2, axis=1)
    apart = [one[:, None, :] - other[None] for one, other in zip(turned, ends, strict=True)]
    return np.asarray(-np.hypot(*apart).sum(axis=2), dtype=np.float32)


def _turned(vectors: NDArray[np.float32], r: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the complex product of vectors and a relation, all as real and imaginary halves."""
    a, b = np.split(vectors, 2, axis=1)
    c, d = np.split(r, 2)
    return np.hstack([a * c - b * d, a * d + b * c])


def _distances(
    one: NDArray[np.float32], other: NDArray[np.float32], norm: int
) -> NDArray[np.float32]:
    from scipy.spatial.distance import cdist  # noqa: PLC0415 - a tenth of a second

    if norm == 1:
        return np.asarray(cdist(one, other, "cityblock"), dtype=np.float32)
    return np.asarray(cdist(one, other, "minkowski", p=norm), dtype=np.float32)


PREDICTS: dict[
    str,
    Callable[
        [NDArray[np.float32], NDArray[np.float32], NDArray[np.float32], int], NDArray[np.float32]
    ],
] = {"TransE": _trans_e, "DistMult": _dist_mult, "ComplEx": _compl_ex, "RotatE": _rotat_e}
"""The models whose scores are computed from saved vectors, and how."""
