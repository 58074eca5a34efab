"""The blend: how much each kind of reason counts, learned from likes that were held back.

For a sample of users some likes are hidden, all learners are fitted on the rest, and the weights
are changed one at a time as long as the hidden likes rise in the lists (coordinate ascent). The
weights are few and start from good defaults, and only a clear gain changes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec import collaborative
from kg_rec.ontology.given import block_of
from kg_rec.popularity import fresh_likes, popularity
from kg_rec.profiles import fading, link_weight, own_likeness
from kg_rec.ranking.ridge import RidgeProfiles
from kg_rec.vectors import content_weights, liked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.blocks import Describer
    from kg_rec.config import RankingConfig

__all__ = ["learned_weights"]

_CELLS = 8_000_000
"""Scores of a learner that are held: as many users are judged as that allows."""
_USERS = 2_000
"""Most users who are judged."""
_LEAST_USERS = 50
"""Fewer judged users say too little; the weights stay as given."""
_LEAST_LIKES = 3
"""Likes of a user from which on some are hidden."""
_HIDDEN = 0.2
"""Share of their likes that is hidden."""
_K = 20
_GRID: Mapping[str, tuple[float, ...]] = {
    "slim": (0.0, 0.35, 0.7, 1.4),
    "rp3beta": (0.0, 0.15, 0.4, 0.8),
    "facts": (0.0, 0.05, 0.1, 0.2, 0.4),
    "facts_cold": (0.05, 0.1, 0.2, 0.4, 0.8),
    "shared_likers": (0.0, 200.0),
    "popularity": (0.001, 0.02, 0.1),
}
"""The values that are tried for each weight, in this order.

Popularity is never without weight: it is all there is for those of whom nothing is known.
"""
_GAIN = 0.01
"""Relative gain from which on a weight is changed."""
_CLEAR_GAIN = {"shared_likers": 0.03}
"""The same for weights that matter most to people with less history than those who are judged."""
_ROUNDS = 2
_NEAR = "similar_in_"
"""Start of the weights of closeness in vectors that come with the items."""


def learned_weights(
    describer: Describer,
    likes: sparse.csr_array,
    nodes: NDArray[np.float32],
    config: RankingConfig,
    seed: int,
) -> RankingConfig:
    """Return the settings with the weights at which hidden likes are ranked best (NDCG@20).

    Args:
        describer: The items.
        likes: CSR (users × items), not negative.
        nodes: Embeddings of the items in the graph (items × dimensions), zeros for none.
        config: Where the weights start.
        seed: Seed of what is hidden.
    """
    held = _Held.out_of(likes, seed)
    start = collaborative.default_weights(config, likes.shape[1])
    if held is None:
        return config.model_copy(update=start)
    judge = _Judge.of(describer, held, nodes, config)
    own = {_NEAR + name: weight for name, weight in config.similar_in.items() if weight}
    grid = {**{name: _shares(weight) for name, weight in own.items()}, **_GRID}
    found = {**start, **{name: float(getattr(config, name)) for name in _GRID if name not in start}}
    found |= own
    best = judge.quality(found)
    for _ in range(_ROUNDS):
        before = dict(found)
        for name, values in grid.items():
            best = _improve(judge, found, name, values, best)
        if found == before:
            break
    near = {name.removeprefix(_NEAR): found.pop(name) for name in own}
    return config.model_copy(update={**found, "similar_in": {**config.similar_in, **near}})


def _shares(weight: float) -> tuple[float, ...]:
    """Return the weights that are tried for given vectors: none, less, and that of the settings."""
    return 0.0, weight / 4, weight


def _improve(
    judge: _Judge, found: dict[str, float], name: str, values: Sequence[float], best: float
) -> float:
    """Set a weight to the best of some values, if that is a clear gain."""
    tried = {
        value: judge.quality({**found, name: value}) for value in values if value != found[name]
    }
    value = max(tried, key=lambda v: (tried[v], -v))
    if tried[value] <= best * (1 + _CLEAR_GAIN.get(name, _GAIN)):
        return best
    found[name] = value
    return tried[value]


@dataclass(frozen=True)
class _Held:
    """Likes without the hidden ones, and the hidden ones of those who are judged."""

    rest: sparse.csr_array
    seen: sparse.csr_array
    hidden: sparse.csr_array

    @classmethod
    def out_of(cls, likes: sparse.csr_array, seed: int) -> _Held | None:
        users = np.flatnonzero((likes > 0).sum(axis=1) >= _LEAST_LIKES)
        most = min(_USERS, _CELLS // max(likes.shape[1], 1))
        if min(len(users), most) < _LEAST_USERS:
            return None
        rng = np.random.default_rng(seed)
        judged = np.sort(rng.permutation(users)[:most])
        cells = sparse.coo_array(likes)
        order = rng.random(len(cells.row))
        rank = np.empty(len(order), dtype=np.int64)
        by_user = np.lexsort((order, cells.row))
        starts = np.searchsorted(cells.row[by_user], cells.row[by_user])
        rank[by_user] = np.arange(len(order)) - starts
        counts = np.bincount(cells.row, minlength=likes.shape[0])
        hide = np.isin(cells.row, judged)
        hide &= rank < np.maximum(1, (_HIDDEN * counts[cells.row]).astype(np.int64))
        parts = [
            sparse.csr_array(
                sparse.coo_array(
                    (cells.data[chosen], (cells.row[chosen], cells.col[chosen])), shape=likes.shape
                ).tocsr()
            )
            for chosen in (~hide, hide)
        ]
        return cls(parts[0], parts[0][judged], parts[1][judged])


class _Judge:
    """Scores of each kind of reason for those who are judged, and how well a blend ranks."""

    def __init__(
        self, held: _Held, scores: dict[str, NDArray[np.float32]], content: _Content
    ) -> None:
        self.scores = scores
        self.content = content
        self.liked = liked(held.rest)
        self.hidden = held.hidden.astype(bool).toarray()
        self.out = (
            held.seen.indices,
            np.repeat(np.arange(len(self.hidden)), np.diff(held.seen.indptr)),
        )
        gains = 1.0 / np.log2(np.arange(_K) + 2.0)
        self.gains = gains
        self.ideal = np.cumsum(gains)[np.minimum(self.hidden.sum(axis=1), _K) - 1]

    @classmethod
    def of(
        cls,
        describer: Describer,
        held: _Held,
        nodes: NDArray[np.float32],
        config: RankingConfig,
    ) -> _Judge:
        start = collaborative.default_weights(config, held.rest.shape[1])
        names = [name for name in collaborative.MEMBERS if start[name] or name in _GRID]
        learned = describer.company(held.rest, names)
        scores = {name: _dense(held.seen @ matrix) for name, matrix in learned.items()}
        shape = (held.rest.shape[1], held.rest.shape[1])
        together = collaborative.blended(learned, start, config.neighbours, shape)
        few = fading(np.diff(held.seen.indptr))
        shared = held.seen @ describer.shared_likers(held.rest).T
        scores["shared_likers"] = _dense(sparse.diags_array(few) @ shared)
        scores["popularity"] = popularity(fresh_likes(held.rest)).astype(np.float32)[None, :]
        return cls(held, scores, _Content(describer, held, together, nodes, config))

    def quality(self, weights: Mapping[str, float]) -> float:
        """Return the mean NDCG@20 of the hidden likes."""
        total = sum(weights[name] for name in collaborative.MEMBERS) or 1.0
        share = content_weights(self.liked, weights["facts"], weights["facts_cold"])
        scores = self.content.scores(weights) * share.astype(np.float32)
        scores += weights["popularity"] * self.scores["popularity"]
        for name in collaborative.MEMBERS:
            if weights[name] and name in self.scores:
                scores += np.float32(weights[name] / total) * self.scores[name]
        scores += np.float32(weights["shared_likers"]) * self.scores["shared_likers"]
        scores[self.out[1], self.out[0]] = -np.inf
        return float(np.mean(self._gained(scores) / self.ideal))

    def _gained(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        k = min(_K, scores.shape[1])
        top = np.argpartition(-scores, k - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(scores, top, axis=1), axis=1, kind="stable")
        top = np.take_along_axis(top, order, axis=1)
        return np.asarray(np.take_along_axis(self.hidden, top, axis=1) @ self.gains[:k])


class _Content:
    """Scores of content for those who are judged, as ``ProfileBuilder`` makes them."""

    def __init__(
        self,
        describer: Describer,
        held: _Held,
        together: sparse.csr_array,
        nodes: NDArray[np.float32],
        config: RankingConfig,
    ) -> None:
        self._facts = describer.content().matrix
        self._near = {block_of(p): link for p, link in describer.closeness(nodes).items()}
        self._config = config
        self._shape = held.seen.shape
        self._had = np.flatnonzero(liked(held.rest))
        targets = held.seen + config.company * config.liked_with * (held.seen @ together)
        targets = _dense(targets)[:, self._had].astype(np.float64)
        length = np.linalg.norm(targets, axis=1, keepdims=True)
        seen = np.sqrt(held.seen.power(2).sum(axis=1))[:, None]
        self._targets = targets * seen / np.where(length > 0, length, 1.0)
        self._known: dict[tuple[float, ...], NDArray[np.float32]] = {}

    def scores(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        """Return the scores with some weights of closeness; those that are made are kept."""
        used = {
            name: weights.get(name, link_weight(self._config, name)) * bool(link.nnz)
            for name, link in self._near.items()
        }
        key = tuple(used.values())
        if key not in self._known:
            self._known[key] = self._made(used)
        return self._known[key]

    def _made(self, weights: Mapping[str, float]) -> NDArray[np.float32]:
        facts, had = self._facts, self._had
        links = {name: self._near[name] * weight for name, weight in weights.items()}
        near = sparse.csr_array(sum(links.values(), start=sparse.csr_array((facts.shape[0],) * 2)))
        if not facts.nnz and not near.nnz:
            return np.zeros(self._shape, dtype=np.float32)
        every, each = own_likeness(links, weights)
        inside = sparse.csr_array(near[had][:, had] + sparse.diags_array(each[had]))
        alpha = RidgeProfiles(facts[had], self._config.ridge + every, inside).solve(self._targets)
        return np.asarray((alpha @ facts[had]) @ facts.T + alpha @ near[had], dtype=np.float32)


def _dense(matrix: sparse.csr_array) -> NDArray[np.float32]:
    return sparse.csr_array(matrix).toarray().astype(np.float32)
