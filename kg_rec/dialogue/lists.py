"""Lists for the wishes of a dialogue, and the reasons of their items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kg_rec.dialogue.requests import number_of
from kg_rec.explanations.counterfactuals import Person, Rescorer
from kg_rec.explanations.what_if import WhatIf
from kg_rec.filters import Restriction
from kg_rec.filters.expressions import matching
from kg_rec.listing import Listing
from kg_rec.sources import Preference
from kg_rec.strategies import AUTO
from kg_rec.tastes import Ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.dialogue.names import Names
    from kg_rec.dialogue.requests import Where
    from kg_rec.dialogue.state import State
    from kg_rec.ids import Iri
    from kg_rec.report.shown import Explanation, Recommendations

__all__ = ["Lists", "Speaker", "expression"]

_LIKED, _LEANED = 1.0, 0.8
_CONTENT = "content"


class Speaker(NamedTuple):
    """Who speaks, and what was known before the dialogue.

    Attributes:
        user: A user of the model.
        history: Items of someone unknown.
        text: A taste, in the first person.
    """

    user: str | None = None
    history: Mapping[str, float] | Sequence[str] | None = None
    text: str | None = None


class Lists:
    """Makes lists with a recommender.

    Args:
        recommender: The recommender: its parts are used, since wishes of a dialogue are nodes.
        names: Names of nodes.
        speaker: Who speaks.
    """

    def __init__(self, recommender: Any, names: Names, speaker: Speaker) -> None:
        self._model = recommender
        self._names = names
        self._speaker = speaker
        self._ask = Ask(speaker.user, speaker.history, speaker.text)
        self._row_of = {item.iri: row for row, item in enumerate(recommender.items)}

    def best(self, state: State, language: str) -> Recommendations:
        """Return the best items for what is known and wished."""
        listing = Listing(state.k, language, self._strategy(state))
        profile = self._rescorer(state).profile
        found: Recommendations = self._model._best(profile, listing, self._restriction(state))  # noqa: SLF001
        return found

    def explained(self, state: State, item: Iri, language: str) -> Explanation:
        """Return the score of an item with its terms, and its rank in the whole catalogue."""
        profile = self._rescorer(state).profile
        found: Explanation = self._model._explained(profile, self.id_of(item), language)  # noqa: SLF001
        return found

    def what_if(self, state: State, language: str) -> WhatIf:
        """Return what compares items and tells what they lack."""
        model = self._model
        explainer, index = model._explainer_in(language), model._item_index  # noqa: SLF001
        return WhatIf(self._rescorer(state), explainer, model.items, index.row)

    def barred_by(self, state: State, item: Iri) -> list[tuple[str, Any]]:
        """Return the wishes that keep an item out of the list, each as its slot and its value."""
        row = self._row_of[item]
        found: list[tuple[str, Any]] = [
            ("include", node) for node in state.include if row not in self._having(node)
        ]
        found += [("exclude", node) for node in state.exclude if row in self._having(node)]
        found += [("where", w) for w in state.where if not self._meets(w)[row]]
        found += [
            (verdict, node)
            for node, verdict in state.verdicts
            if node == item and verdict in {"hide", "seen", "like", "dislike"}
        ]
        return found + [("like", node) for node in state.like if node == item]

    def id_of(self, item: Iri) -> str:
        """Return the id of an item."""
        return str(self._model.items[self._row_of[item]].id)

    def known(self) -> Person:
        """Return what is known of who speaks, the dialogue apart."""
        found: Person = self._model._person(self._ask, None)  # noqa: SLF001
        return found

    def values(self, attribute: Iri, items: Sequence[Iri]) -> list[float]:
        """Return the values of a relation that some items have, as numbers."""
        catalogue = self._model._catalogue  # noqa: SLF001
        rows, codes = catalogue.values(str(attribute))
        wanted = {self._row_of[item] for item in items}
        terms = catalogue.graph.terms
        found = []
        for row, code in zip(rows.tolist(), codes.tolist(), strict=True):
            if row in wanted:
                number = number_of(getattr(terms[code], "value", ""))
                found += [] if number is None else [number]
        return found

    def _rescorer(self, state: State) -> Rescorer:
        """Return what scores for the speaker and the wishes of the dialogue."""
        model = self._model
        strategy = self._strategy(state)
        tuning = model._tuning(self._speaker.user, strategy=strategy)  # noqa: SLF001
        person: Person = model._person(self._ask, tuning)  # noqa: SLF001
        events, said = dict(person.events), list(person.said)
        for node, strength in self._strengths(state):
            if node in self._row_of:
                events[self._row_of[node]] = strength
            else:
                said = [p for p in said if p.entity != node]
                said.append(Preference(node, strength, self._names.label(node)))
        hidden = {self._row_of[n] for n, v in state.verdicts if v in {"hide", "seen"}}
        person = person._replace(events=events, said=said, hidden=person.hidden | hidden)
        return Rescorer(model._profiles, person, model._community, tuning)  # noqa: SLF001

    def _strategy(self, state: State) -> str:
        """Return what counts: for "films like Heat" what films are, not who likes them."""
        return _CONTENT if any(node in self._row_of for node in state.like) else AUTO

    def _strengths(self, state: State) -> list[tuple[Iri, float]]:
        """Return how much each node is liked (to 1) or disliked (to -1)."""
        verdicts = {"like": _LIKED, "dislike": -_LIKED}
        return [
            *((node, _LIKED) for node in state.like),
            *((node, -_LIKED) for node in state.dislike),
            *((node, _LEANED * way) for node, way in state.lean),
            *((node, verdicts[v]) for node, v in state.verdicts if v in verdicts),
        ]

    def _restriction(self, state: State) -> Restriction:
        """Return the items that may be listed."""
        left = np.ones(len(self._row_of), dtype=bool)
        for node in state.include:
            left &= self._mask(node)
        for node in state.exclude:
            left &= ~self._mask(node)
        for one in state.where:
            left &= self._meets(one)
        for node in state.skipped:
            left[self._row_of[node]] = False
        if left.all():
            return Restriction()
        return Restriction(np.flatnonzero(left))

    def _mask(self, node: Iri) -> NDArray[np.bool_]:
        mask = np.zeros(len(self._row_of), dtype=bool)
        mask[list(self._having(node))] = True
        return mask

    def _having(self, node: Iri) -> set[int]:
        """Return the rows of the items that have to do with a node, by any of its name."""
        catalogue = self._model._catalogue  # noqa: SLF001
        return {row for same in self._names.same(node) for row in catalogue.having(same).tolist()}

    def _meets(self, where: Where) -> NDArray[np.bool_]:
        return matching(expression(where, self._attribute(where.attribute)), self._model._catalogue)  # noqa: SLF001

    def _attribute(self, relation: Iri) -> str:
        """Return a name of a relation that a condition can have."""
        return relation.local_name


def expression(where: Where, name: str) -> str:
    """Return a condition as :mod:`kg_rec.filters` takes it.

    Examples:
        >>> from kg_rec import Iri
        >>> from kg_rec.dialogue.requests import Where
        >>> expression(Where(Iri("urn:year"), "between", (1990, 1999)), "year")
        'year >= 1990 and year <= 1999'
    """
    if isinstance(where.value, tuple):
        low, high = where.value
        if where.op == "outside":
            return f"{name} < {low:g} or {name} > {high:g}"
        return f"{name} >= {low:g} and {name} <= {high:g}"
    return f"{name} {where.op} {where.value:g}"
