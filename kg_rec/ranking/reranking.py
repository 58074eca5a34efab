"""Re-ranking of a list: diversity, novelty, calibration and caps, all as sums of named terms.

The list is built greedily: each place goes to the candidate of the largest score so far, which is
its own score plus, in units of the range ``r`` of the candidates' scores:

* diversity: ``-d/(1-d) · r · max_j cos(i, j)`` over the items j above (MMR: Carbonell & Goldstein,
  SIGIR 1998, with scores scaled to [0, 1]); the cosine splits into one term for each feature that
  both have;
* novelty: ``n/(1-n) · r · novel_i``, with ``novel_i`` from 0 to 1 (self-information: Vargas &
  Castells, RecSys 2011);
* calibration: ``c/(1-c) · r · (F(list + i) - F(list))`` with ``F = Σ_g p_g ln(a p_g + (1-a) q_g)``,
  which is minus the Kullback-Leibler divergence of the list from the wanted shares p but for a
  constant (Steck, RecSys 2018); ``q_g`` is the share of g in a list of k items.

As the list grows, what diversity takes can only grow and what calibration gives can only shrink (F
is submodular), so that scores never rise from one place to the next. Ties go to the candidate that
was better before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy import sparse

__all__ = ["Cap", "Place", "Pool", "Skip", "Term", "rerank"]

SMOOTHING = 0.01
"""The share a of the wanted distribution in that of the list, so that the logarithm is finite."""


class Term(NamedTuple):
    """A part of what re-ranking adds to a score.

    Attributes:
        kind: ``"diversity"``, ``"novelty"`` or ``"calibration"``.
        value: What it adds.
        key: The feature or facet value that it is about; -1 for novelty.
        other: For diversity, the candidate above that is most like this one.
        times: How many items above have the same feature or facet value.
    """

    kind: str
    value: float
    key: int = -1
    other: int = -1
    times: int = 0


class Place(NamedTuple):
    """A place of the list: a candidate, its score, and what was added to that."""

    candidate: int
    score: float
    terms: tuple[Term, ...]


class Skip(NamedTuple):
    """A candidate that a cap kept from a place.

    Attributes:
        candidate: Which.
        place: The place, from 0, that it would have had.
        cap: Number of the cap.
        value: The facet value that the list had enough of.
    """

    candidate: int
    place: int
    cap: int
    value: int


class Cap(NamedTuple):
    """At most so many items of the list may share a value.

    Attributes:
        values: CSR (candidates × values); what is stored counts.
        most: How many.
    """

    values: sparse.csr_array
    most: int


@dataclass(frozen=True)
class Pool:
    """The candidates, best first.

    Attributes:
        scores: float64 (candidates).
        diversity: d, from 0 to below 1.
        features: CSR (candidates × features), rows of norm 1, not negative.
        novelty: n, from 0 to below 1.
        novel: float64 (candidates) from 0 to 1.
        calibration: c, from 0 to below 1.
        facets: CSR (candidates × facet values), rows that sum to 1 or 0.
        wanted: p, float64 (facet values), sums to 1.
        caps: Caps.
    """

    scores: NDArray[np.float64]
    diversity: float = 0.0
    features: sparse.csr_array | None = None
    novelty: float = 0.0
    novel: NDArray[np.float64] | None = None
    calibration: float = 0.0
    facets: sparse.csr_array | None = None
    wanted: NDArray[np.float64] | None = None
    caps: Sequence[Cap] = field(default=())


def rerank(pool: Pool, k: int) -> tuple[list[Place], list[Skip]]:
    """Return the best list of at most k candidates, and those that caps kept from it.

    Examples:
        >>> from scipy import sparse
        >>> twins = sparse.csr_array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> pool = Pool(np.array([0.9, 0.8, 0.5]), diversity=0.5, features=twins)
        >>> places, _ = rerank(pool, 2)
        >>> [(place.candidate, round(place.score, 3)) for place in places]
        [(0, 0.9), (2, 0.5)]
    """
    return _Greedy(pool, k).run()


class _Greedy:
    """The state of a list that grows."""

    def __init__(self, pool: Pool, k: int) -> None:
        self.pool = pool
        self.k = k
        size = len(pool.scores)
        self.range = float(np.ptp(pool.scores)) or 1.0 if size else 1.0
        self.nearest = np.zeros(size)
        self.near = np.full(size, -1, dtype=np.int64)
        self.free = np.ones(size, dtype=bool)
        self.listed: list[int] = []
        self.shares = np.zeros(0 if pool.wanted is None else len(pool.wanted))
        self.counts = [np.zeros(cap.values.shape[1], dtype=np.int64) for cap in pool.caps]
        self.facets = None if pool.facets is None else pool.facets.toarray()

    def run(self) -> tuple[list[Place], list[Skip]]:
        places: list[Place] = []
        skips: list[Skip] = []
        while len(places) < self.k and self.free.any():
            scores = np.where(self.free, self._scores(), -np.inf)
            best = int(np.argmax(scores))
            self.free[best] = False
            if (skip := self._full(best)) is not None:
                skips.append(skip)
                continue
            terms = tuple(self._terms(best))
            total = float(self.pool.scores[best]) + sum(term.value for term in terms)
            places.append(Place(best, total, terms))
            self._add(best)
        return places, skips

    def _scores(self) -> NDArray[np.float64]:
        pool = self.pool
        scores = pool.scores - self._weight(pool.diversity) * self.nearest
        if pool.novel is not None:
            scores = scores + self._weight(pool.novelty) * pool.novel
        if self.facets is not None:
            scores = scores + self._weight(pool.calibration) * self._gains(self.facets).sum(axis=-1)
        return np.asarray(scores)

    def _weight(self, share: float) -> float:
        return share / (1.0 - share) * self.range

    def _gains(self, facets: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what candidates add to F, for each facet value."""
        wanted = self.pool.wanted
        if wanted is None:
            return np.zeros_like(facets)
        used = wanted > 0
        before = SMOOTHING * wanted[used] + (1 - SMOOTHING) * self.shares[used]
        gains = np.zeros_like(facets)
        more = (1 - SMOOTHING) * facets[..., used] / self.k
        gains[..., used] = wanted[used] * np.log1p(more / before)
        return gains

    def _full(self, candidate: int) -> Skip | None:
        """Return which cap, if any, keeps a candidate from the next place."""
        for number, (cap, counts) in enumerate(zip(self.pool.caps, self.counts, strict=True)):
            for value in _stored(cap.values, candidate)[0].tolist():
                if counts[value] >= cap.most:
                    return Skip(candidate, len(self.listed), number, value)
        return None

    def _add(self, candidate: int) -> None:
        for cap, counts in zip(self.pool.caps, self.counts, strict=True):
            counts[_stored(cap.values, candidate)[0]] += 1
        if self.pool.features is not None:
            features = self.pool.features
            likeness = np.asarray(features @ features[[candidate]].toarray().ravel())
            closer = likeness > self.nearest
            self.near[closer] = candidate
            self.nearest = np.maximum(self.nearest, likeness)
        if self.facets is not None:
            self.shares = self.shares + self.facets[candidate] / self.k
        self.listed.append(candidate)

    # --- terms -----------------------------------------------------------------------------------

    def _terms(self, candidate: int) -> list[Term]:
        """Return what is added to the score of a candidate, and why; zeros are left out."""
        terms = [*self._like_above(candidate), *self._calibrating(candidate)]
        if self.pool.novel is not None:
            value = self._weight(self.pool.novelty) * float(self.pool.novel[candidate])
            terms.append(Term("novelty", value))
        return [term for term in terms if term.value != 0.0]

    def _like_above(self, candidate: int) -> list[Term]:
        features, other = self.pool.features, int(self.near[candidate])
        weight = self._weight(self.pool.diversity)
        if features is None or other < 0 or weight == 0.0:
            return []
        columns, values = _stored(features, candidate)
        theirs = features[[other]].toarray().ravel()[columns]
        counts = (features[self.listed][:, columns] > 0).sum(axis=0)
        return [
            Term("diversity", float(-weight * value), int(column), other, int(count))
            for column, value, count in zip(columns, values * theirs, counts, strict=True)
        ]

    def _calibrating(self, candidate: int) -> list[Term]:
        if self.facets is None:
            return []
        values = self._weight(self.pool.calibration) * self._gains(self.facets[candidate])
        above = (self.facets[self.listed] > 0).sum(axis=0)
        return [
            Term("calibration", float(values[g]), int(g), times=int(above[g]))
            for g in np.flatnonzero(values)
        ]


def _stored(matrix: sparse.csr_array, row: int) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Return columns and values of a row."""
    here = slice(matrix.indptr[row], matrix.indptr[row + 1])
    return matrix.indices[here], matrix.data[here]
