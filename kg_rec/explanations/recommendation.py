"""A recommendation: an item, its place, and the terms of its score."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.explanations.terms import Contribution
    from kg_rec.ids import Iri

__all__ = ["Recommendation"]


@dataclass(frozen=True)
class Recommendation:
    """An item with its rank, score, and the terms of the score.

    Attributes:
        item: Its id.
        iri: Its node in the graph.
        label: Its name.
        rank: Its place in the list, from 1.
        score: The sum of the contributions.
        contributions: All terms, the largest absolute value first.
        strategy: By which it was found: the one that most of the score is from; empty where
            nothing speaks for the item.
        chance: For an item that is in the list to explore: how likely it was to be drawn.
    """

    item: str
    iri: Iri
    label: str
    rank: int
    score: float
    contributions: Sequence[Contribution]
    strategy: str = field(default="", kw_only=True)
    chance: float | None = field(default=None, kw_only=True)

    @property
    def explored(self) -> bool:
        """Whether it is in the list to explore, and not for its score."""
        return self.chance is not None

    def to_dict(self, *, support: bool = False) -> dict[str, Any]:
        """Return plain values for JSON.

        Args:
            support: Whether to look for the facts that back learned links, and to add them.
        """
        drawn = {"explored": True, "chance": self.chance} if self.explored else {}
        return {
            "rank": self.rank,
            "item": self.item,
            "iri": self.iri,
            "label": self.label,
            "score": self.score,
            "strategy": self.strategy,
            **drawn,
            "contributions": [c.to_dict(support=support) for c in self.contributions],
        }
