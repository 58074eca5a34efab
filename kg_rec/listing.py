"""How long a list is, what counts in it, and what of it is drawn by chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.ranking.exploration import NO_EXPLORATION, POOL, Exploration
from kg_rec.reordering import Listed
from kg_rec.strategies import AUTO, PURE

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LISTING", "Listing", "Placed", "explored", "with_reasons"]


class Listing(NamedTuple):
    """What a list is asked for with, whomever it is for.

    Attributes:
        k: How many items.
        language: Of the words: ``en``, ``zh``.
        strategy: What counts: a name of :mod:`kg_rec.strategies`.
        exploration: How much of it is drawn by chance.
    """

    k: int = 10
    language: str = "en"
    strategy: str = AUTO
    exploration: Exploration = NO_EXPLORATION

    @property
    def pure(self) -> bool:
        """Whether a part of what is known counts only."""
        return self.strategy in PURE

    @property
    def more(self) -> int:
        """How many items are drawn from, beside the best."""
        return POOL * self.k if self.exploration.share else 0


LISTING = Listing()
"""The usual one."""


class Placed(NamedTuple):
    """An item of a list; the chance is how likely it was to be drawn, None if it was not."""

    item: Listed
    chance: float | None = None


def with_reasons(rows: Sequence[int], scores: Sequence[float]) -> tuple[list[int], list[float]]:
    """Return the items that anything speaks for or against."""
    kept = [(row, score) for row, score in zip(rows, scores, strict=True) if score]
    return [row for row, _ in kept], [score for _, score in kept]


def explored(
    best: Sequence[Listed], rows: Sequence[int], scores: Sequence[float], listing: Listing
) -> list[Placed]:
    """Return a list, some places of which are drawn from the next best items.

    Args:
        best: The best items, in the order of the list.
        rows: Rows of all candidates, best first.
        scores: Their scores.
        listing: What is asked for.
    """
    if not listing.exploration.share:
        return [Placed(item) for item in best]
    taken = {item.row for item in best}
    pool = [Listed(row, score, ()) for row, score in zip(rows, scores, strict=True)]
    pool = [item for item in pool if item.row not in taken][: listing.more]
    drawn = listing.exploration.draw(np.array([item.score for item in pool]), listing.k)
    every = [*map(Placed, best), *(Placed(pool[pick.candidate], pick.chance) for pick in drawn)]
    numbers = range(len(every))
    order = listing.exploration.mixed(numbers[: len(best)], numbers[len(best) :], listing.k)
    return [every[number] for number in order]
