"""Exploration: some places of a list for items that are not the best known, drawn by chance.

Items are drawn in proportion to their scores, with exactly known chances, by systematic sampling
(Madow, Annals of Mathematical Statistics 1949): a pick of chance ``p`` stands for ``1 / p`` items
when a list is judged by what people did with it (inverse propensity: Horvitz and Thompson 1952).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["NO_EXPLORATION", "POOL", "Exploration", "Pick", "chances", "systematic"]

POOL = 10
"""Items that are drawn from, in lists: so many times as long as the list."""
_ROUND = 9
"""Decimals of a number of places that count: 0.29 × 100 is 29."""


class Pick(NamedTuple):
    """An item that was drawn.

    Attributes:
        candidate: Its place among the candidates.
        chance: How likely it was to be drawn, from 0 to 1.
    """

    candidate: int
    chance: float


class Exploration(NamedTuple):
    """How much of a list is drawn by chance.

    Attributes:
        share: Of the places of the list, from 0 to 1.
        seed: Of the chance; the same seed draws the same items.
    """

    share: float = 0.0
    seed: int = 0

    def checked(self) -> Exploration:
        """Return this.

        Raises:
            DataError: The share is not from 0 to 1, or the seed is below 0.
        """
        if not 0.0 <= self.share <= 1.0:
            raise DataError(f"explore is {self.share}, expected a share from 0 to 1")
        if self.seed < 0:
            raise DataError(f"seed is {self.seed}, expected at least 0")
        return self

    def places(self, k: int) -> float:
        """Return how many places of a list of k are drawn, on average."""
        return round(self.share * k, _ROUND)

    def kept(self, k: int) -> int:
        """Return how many of the best items may be in a list of k."""
        return k - math.floor(self.places(k))

    def draw(self, scores: NDArray[np.float64], k: int) -> list[Pick]:
        """Return what is drawn for a list of k, in the order of the chance.

        Their number is the share of the places, rounded up or down by chance.

        Args:
            scores: Those of the items that are drawn from.
            k: The length of the list.
        """
        rng = np.random.default_rng(self.seed)
        likely = chances(scores, self.places(k))
        return [Pick(n, float(likely[n])) for n in systematic(likely, rng)]

    def mixed(self, best: Sequence[int], picks: Sequence[int], k: int) -> list[int]:
        """Return a list of at most k with the picks at places drawn by chance, not the first.

        Args:
            best: The best items, in their order.
            picks: What was drawn.
            k: The length of the list.

        Examples:
            >>> Exploration(0.5, seed=0).mixed([1, 2, 3, 4], [8, 9], 4)
            [1, 2, 8, 9]
        """
        rng = np.random.default_rng([self.seed, 1])
        best = list(best[: k - len(picks)])
        size = len(best) + len(picks)
        first = 1 if best else 0
        drawn = rng.choice(np.arange(first, size), len(picks), replace=False)
        places = dict(zip(sorted(drawn.tolist()), picks, strict=True))
        others = iter(best)
        return [places[n] if n in places else next(others) for n in range(size)]


NO_EXPLORATION = Exploration()


def chances(scores: NDArray[np.float64], places: float) -> NDArray[np.float64]:
    """Return the chance of each item to be drawn; they sum to the places, none is above 1.

    They are in proportion to the scores, as far as these are positive; if none is, all are equal.

    Args:
        scores: One for each item.
        places: How many are drawn, on average; of fewer items all.

    Examples:
        >>> chances(np.array([3.0, 1.0, 1.0, 1.0]), 1.0).round(3).tolist()
        [0.5, 0.167, 0.167, 0.167]
        >>> chances(np.array([8.0, 1.0, 1.0]), 2.0).round(3).tolist()
        [1.0, 0.5, 0.5]
    """
    weights = np.maximum(scores, 0.0)
    if not weights.any():
        weights = np.ones(len(scores))
    found = np.zeros(len(weights))
    free = weights > 0
    places = min(places, float(np.count_nonzero(free)))
    while free.any():
        left = places - np.count_nonzero(found >= 1.0)
        found[free] = weights[free] * left / weights[free].sum()
        full = free & (found >= 1.0)
        if not full.any():
            break
        found[full] = 1.0
        free &= ~full
    return found


def systematic(likely: NDArray[np.float64], rng: np.random.Generator) -> list[int]:
    """Return items drawn without repetition, each with exactly its chance.

    Args:
        likely: The chances, none above 1.
        rng: The chance itself.

    Examples:
        >>> drawn = systematic(np.array([1.0, 0.5, 0.5]), np.random.default_rng(0))
        >>> len(drawn), 0 in drawn
        (2, True)
    """
    order = rng.permutation(len(likely))
    ends = np.cumsum(likely[order])
    total = float(ends[-1]) if len(ends) else 0.0
    marks = rng.random() + np.arange(math.ceil(total) + 1)
    marks = marks[marks < round(total, _ROUND)]
    chosen = np.unique(np.searchsorted(ends, marks, side="right").clip(max=len(likely) - 1))
    return [int(order[n]) for n in chosen.tolist()]
