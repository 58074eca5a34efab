"""Questions about a list: what if not, why this above that, why not that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.errors import DataError
from kg_rec.explanations.answers import Answer
from kg_rec.explanations.contrast import Contrast, contrast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kg_rec.explanations.counterfactuals import Counterfactual, Rescorer
    from kg_rec.explanations.explainer import Explainer
    from kg_rec.explanations.terms import Contributions
    from kg_rec.ids import Iri

__all__ = ["WhatIf", "WhyNot"]


class WhyNot(NamedTuple):
    """Why an item is not in a list.

    Attributes:
        rank: Its rank in the catalogue without the user's history.
        score: Its score.
        last: Id of the last item of the list, which it would have to pass.
        missing: What it lacks to the score of that item.
        contrast: The difference of that item's score and its own, reason by reason.
    """

    rank: int
    score: float
    last: str
    missing: float
    contrast: Contrast


class WhatIf:
    """Answers questions about the list of one person.

    Args:
        rescorer: Scores again.
        explainer: Splits scores into terms.
        items: Id, node and name of each item, in row order.
        row_of: Returns the row of an id; UnknownIdError if there is none.
    """

    def __init__(
        self,
        rescorer: Rescorer,
        explainer: Explainer,
        items: Sequence[tuple[str, Iri, str]],
        row_of: Callable[[str], int],
    ) -> None:
        self._rescorer = rescorer
        self._explainer = explainer
        self._items = items
        self._row = row_of
        vector = rescorer.profile.vector.toarray().ravel()
        self._scores = np.asarray(rescorer.items @ vector)

    def counterfactual(self, item: str, k: int = 10) -> Counterfactual:
        """Return the smallest set of what is known without which an item leaves the list.

        See :mod:`kg_rec.explanations.counterfactuals` for what it means to remove something.

        Raises:
            UnknownIdError: There is no such item.
            DataError: The item is not among the best k.
        """
        return self._rescorer.counterfactual(self._row(item), k)

    def contrast(self, item: str, other: str) -> Contrast:
        """Return why an item is above another one: the difference, reason by reason.

        Raises:
            UnknownIdError: There is no such item.
        """
        terms = self._terms(self._row(item)), self._terms(self._row(other))
        return contrast(*terms, self._explainer.phrases)

    def why_not(self, item: str, k: int = 10) -> WhyNot:
        """Return why an item is not among the best k: its rank, and what it lacks.

        Raises:
            UnknownIdError: There is no such item.
            DataError: It is among the best k, or the user has had it.
        """
        row = self._row(item)
        label = self._items[row][2]
        if row in self._rescorer.profile.known:
            raise DataError(f"{label!r} is in the history, which is never recommended")
        order = self._order()
        rank = order.index(row) + 1
        if rank <= k:
            raise DataError(f"{label!r} is at rank {rank}, among the first {k} of the list")
        last = order[k - 1]
        missing = float(self._scores[last] - self._scores[row])
        found = contrast(self._terms(last), self._terms(row), self._explainer.phrases)
        return WhyNot(rank, float(self._scores[row]), self._items[last][0], missing, found)

    def answer(self, item: str, k: int = 10, over: str | None = None) -> Answer:
        """Return what there is to say of the place of an item.

        Args:
            item: Id of the item.
            k: The length of the list.
            over: Compare with this item. Without it an item of the list gets its counterfactual,
                another one is compared with the last of the list.

        Raises:
            UnknownIdError: There is no such item.
            DataError: The user has had the item.
        """
        rank, row = self.rank(item), self._row(item)
        if rank is None:
            raise DataError(f"{self._name(row)!r} is in the history, which is never recommended")
        score = float(self._scores[row])
        answer = Answer(item, self._name(row), rank, score, k)
        if over is None and rank <= k:
            found = self._rescorer.counterfactual(row, k)
            names = tuple(map(self._explainer.source_name, found.removed))
            return answer._replace(counterfactual=found, names=names)
        other = self._order()[k - 1] if over is None else self._row(over)
        compared = self.contrast(item, self._items[other][0])
        return answer._replace(other=self._name(other), contrast=compared)

    def rank(self, item: str) -> int | None:
        """Return the rank of an item; None if the user has had it."""
        row = self._row(item)
        return None if row in self._rescorer.profile.known else self._order().index(row) + 1

    def _name(self, row: int) -> str:
        _, iri, label = self._items[row]
        return self._explainer.name(iri, label)

    def _order(self) -> list[int]:
        """Return the rows of the items that the user has not had, best first."""
        order = np.lexsort((np.arange(len(self._scores)), -self._scores)).tolist()
        known = self._rescorer.profile.known
        return [row for row in order if row not in known]

    def _terms(self, row: int) -> Contributions:
        return self._explainer.contributions(self._rescorer.profile, row, self._items[row][1])
