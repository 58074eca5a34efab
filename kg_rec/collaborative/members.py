"""The learners side by side, and their blend: one matrix of what is liked together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.collaborative.autoencoder import ease, ease_bytes, slim, weigh_users
from kg_rec.collaborative.neighbourhood import item_cosine, rp3beta
from kg_rec.collaborative.sparse import largest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kg_rec.config import RankingConfig

__all__ = ["MEMBERS", "blended", "default_weights", "members"]

MEMBERS = ("ease", "slim", "rp3beta", "item_cosine")
"""The learners by name."""
_SAMPLE = 500
"""Users by whom a learner's scale is found."""


def default_weights(config: RankingConfig, items: int) -> dict[str, float]:
    """Return the weight of each learner, before anything is known of the data.

    EASE is left out where its dense matrix would exceed ``config.memory``; a random walk then
    stands beside SLIM.
    """
    weights = {name: float(getattr(config, name)) for name in MEMBERS}
    if weights["ease"] and ease_bytes(items) > config.memory:
        weights["rp3beta"] = max(weights["rp3beta"], 0.5 * weights["ease"])
        weights["slim"] = max(weights["slim"], 0.5 * weights["ease"])
        weights["ease"] = 0.0
    return weights


def members(
    likes: sparse.csr_array,
    facts: sparse.csr_array,
    kernel: sparse.csr_array,
    config: RankingConfig,
    names: Collection[str],
) -> dict[str, sparse.csr_array]:
    """Return the weights of some learners, all on the scale of likes.

    Regressions are: the less there is to learn from, the smaller are their weights. Walks and
    cosines are scaled. Items that nobody likes take part, since facts lead over them to others,
    but their own weights are dropped: their content says more of them (measured).

    Args:
        likes: X, users × items, not negative.
        facts: F, items × columns, rows of norm 1 or 0.
        kernel: ``F Fᵀ``, or the nearest items of it.
        config: Settings of the learners.
        names: Which of ``MEMBERS``.
    """
    if not likes.sum():
        return {name: sparse.csr_array((likes.shape[1],) * 2) for name in sorted(names)}
    side = sparse.csr_array(facts * np.sqrt(config.graph_side))
    made = {
        "ease": lambda: ease(
            weigh_users(likes, config.user_power),
            kernel,
            ridge=config.ease_ridge,
            dropout=config.ease_dropout,
            side=config.graph_side,
        ),
        "slim": lambda: slim(likes, facts=side, l1=config.slim_l1, l2=config.slim_l2),
        "rp3beta": lambda: _calibrated(rp3beta(likes), likes),
        "item_cosine": lambda: _calibrated(item_cosine(likes), likes),
    }
    liked = sparse.diags_array((np.asarray(likes.sum(axis=0)) > 0).astype(np.float64))
    return {name: sparse.csr_array(liked @ made[name]() @ liked) for name in sorted(names)}


def _calibrated(weights: sparse.csr_array, likes: sparse.csr_array) -> sparse.csr_array:
    """Return the weights times ``<X, XB> / <XB, XB>``: the scale that fits the likes best."""
    some = likes[:: max(1, likes.shape[0] // _SAMPLE)]
    scores = sparse.csr_array(some @ weights)
    square, common = float(scores.power(2).sum()), float(scores.multiply(some).sum())
    return sparse.csr_array(weights * (common / square)) if common > 0 else weights


def blended(
    learned: Mapping[str, sparse.csr_array],
    weights: Mapping[str, float],
    keep: int,
    shape: tuple[int, int],
) -> sparse.csr_array:
    """Return ``Σ_m w_m B_m / Σ_m w_m``, the ``keep`` largest of each row.

    Args:
        learned: Weights of the learners.
        weights: How much each counts.
        keep: Links that each item leads to.
        shape: Items × items.
    """
    total = sum(weights[name] for name in learned) or 1.0
    parts = [matrix * (weights[name] / total) for name, matrix in learned.items() if weights[name]]
    if not parts:
        return sparse.csr_array(shape)
    return largest(sparse.csr_array(sum(parts[1:], start=parts[0])), keep)
