"""What notebooks show of recommendations, explanations and profiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg_rec.explanations import Recommendation
from kg_rec.profiles import Profile
from kg_rec.report.language import ENGLISH, Words
from kg_rec.strategies import UNTOLD, Strategy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.model import Model
    from kg_rec.reordering import Move
    from kg_rec.report.reasons import Reason

__all__ = ["Explanation", "Recommendations", "ShownProfile"]


@dataclass(frozen=True)
class Explanation(Recommendation):
    """A recommendation that notebooks show with its reasons and what they rest on.

    Attributes:
        words: The language that it is in.
    """

    words: Words = field(default=ENGLISH, repr=False, compare=False)

    def reasons(self, most: int = 6) -> list[Reason]:
        """Return the terms as a few reasons in words; their values sum to the score.

        See :func:`kg_rec.report.group_reasons`: what three films of yours have in common with the
        item is one reason with three sources, and the smaller ones are summed in the last.

        Args:
            most: How many reasons to name.
        """
        from kg_rec.report.reasons import group_reasons  # noqa: PLC0415 - imports templates

        return group_reasons(self, most, self.words)

    def _repr_html_(self) -> str:
        from kg_rec.report.fragments import explanation_fragment  # noqa: PLC0415 - templates

        return explanation_fragment(self, self.words)


class Recommendations(list[Explanation]):
    """A list of recommendations that notebooks show as a table.

    Attributes:
        note: What a reader should know, such as why the list is empty; or empty.
        strategy: What counted, by name, and why.
        moves: What re-ranking put elsewhere, or kept out.
    """

    note: str = ""
    strategy: Strategy = UNTOLD
    moves: Sequence[Move] = ()

    @property
    def words(self) -> Words:
        """The language that they are in."""
        return self[0].words if self else ENGLISH

    def _repr_html_(self) -> str:
        from kg_rec.report.fragments import render_fragment  # noqa: PLC0415 - imports templates

        return render_fragment(self, self.words)


@dataclass(frozen=True)
class ShownProfile(Profile):
    """A profile that notebooks show as what the model makes of someone.

    Attributes:
        model: What it was made with.
    """

    model: Model | None = field(default=None, repr=False, compare=False)

    def _repr_html_(self) -> str:
        from kg_rec.report.fragments import profile_fragment  # noqa: PLC0415 - imports templates

        return profile_fragment(self, self.model) if self.model else ""

    @classmethod
    def of(cls, profile: Profile, model: Model) -> ShownProfile:
        """Return a profile that shows itself."""
        return cls(profile.sources, profile.matrix, profile.known, model)
