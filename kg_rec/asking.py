"""Who asks: what someone did, said, wants and knows, as a profile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kg_rec import tastes
from kg_rec.attributes import AttributeReader
from kg_rec.community import Company
from kg_rec.errors import DataError
from kg_rec.explanations.counterfactuals import Person
from kg_rec.explanations.tuning import Tuning, Wishes
from kg_rec.ids import Iri, mint
from kg_rec.live import Live
from kg_rec.ontology import TYPE
from kg_rec.report.shown import ShownProfile
from kg_rec.statements import Document
from kg_rec.strategies import AUTO, Strategies

if TYPE_CHECKING:
    from kg_rec.sources import Preference
    from kg_rec.tastes import Ask

__all__ = ["Asking"]


class Asking(Live):
    """A model that makes a profile of who asks, known or not."""

    def warm(self) -> None:
        """Make now what answers are made of; else the first answers wait for it."""
        super().warm()
        bool(self._community)
        self._strategies.others(AUTO)
        len(self._attributes.relations)

    def preferences(self, user: str) -> list[Preference]:
        """Return what a user has said to like and dislike."""
        self._row(user)
        return self._said.get(mint(self._base.config.base_iri, "user", user), [])

    def read_taste(self, text: str) -> list[Preference]:
        """Return what a text in the first person says to like and dislike.

        A subject that no item has is replaced by the closest in meaning that some item has, if
        there is one; its label says so.

        Raises:
            DataError: The text is empty.
        """
        user = mint(self._base.config.base_iri, "user", "anonymous")
        statements = list(
            self._extractor.extract([Document("text", self.redacted(text), user=user)])
        )
        said = tastes.preferences(statements, self._base.graph.label)
        kinds: dict[Iri, list[Iri]] = defaultdict(list)
        for s in statements:
            if s.triple.predicate == TYPE:
                kinds[s.triple.subject].append(Iri(str(s.triple.object)))
        return self._linker.link(said, {**self._base.graph.types, **kinds})

    def read_attributes(self, attributes: Mapping[str, str | Sequence[str]]) -> list[Preference]:
        """Return what someone asks for as preferences; see :meth:`Recommender.recommend`.

        Raises:
            UnknownIdError: There is no such relation, or no item has the entity by it.
            DataError: A value is no name, or the relation joins items to no entities.
        """
        return self._attributes.read(attributes)

    # --- inside ------------------------------------------------------------------------------

    def _profile(self, ask: Ask, tuning: Tuning | None) -> ShownProfile:
        """Return the profile of someone, with the cells that do not count left out."""
        person = self._person(ask, tuning)
        friends = (
            self._community.friends(person.user, person.events, person.company)
            if any(person.company) or (person.user is not None and self._community)
            else []
        )
        profile = self._profiles.build(person.events, person.said, friends)
        profile = replace(profile, known=profile.known | person.hidden)
        return ShownProfile.of(tuning.apply(profile) if tuning else profile, self._base)

    def _person(self, ask: Ask, tuning: Tuning | None) -> Person:
        """Return what is known of someone."""
        events: dict[int, float] = {}
        said: list[Preference] = []
        if ask.user is not None:
            events = self._events(ask.user)
            said = self.preferences(ask.user)
        if ask.history is not None:
            events |= self._weights(ask.history)
        if ask.text is not None:
            said = said + self.read_taste(ask.text)
        if ask.attributes:
            said = said + self.read_attributes(ask.attributes)
        beside = tuning.liked_beside(said) if tuning else ()
        return Person(
            events,
            [*said, *beside],
            None if ask.user is None else self._row(ask.user),
            _company(ask.friends, ask.segments),
            self._hidden(ask.user),
        )

    def _tuning(
        self,
        user: str | None,
        mute: str | Sequence[Any] = (),
        boost: str | Sequence[Any] = (),
        strategy: str = AUTO,
    ) -> Tuning | None:
        """Return what counts nothing and what double; None if all counts as it is."""
        wishes = Wishes.of(mute, boost)
        known = self._wishes(user)
        if known.mute or known.boost:
            wishes = self._tuner.known(known).plus(wishes)
        others = self._strategies.others(strategy)
        if not wishes.mute and not wishes.boost and others is None:
            return None
        tuning = self._tuner.tuning(wishes)
        return tuning if others is None else tuning.but(others)

    def _wishes(self, user: str | None) -> Wishes:
        """Return what is remembered of a user."""
        return Wishes() if user is None else self._base.remembered.get(user, Wishes())

    def _hidden(self, user: str | None) -> frozenset[int]:
        """Return the rows of items that a user does not want listed."""
        wishes, index = self._wishes(user), self._item_index
        return frozenset(index.row(i) for i in (*wishes.hidden, *wishes.seen) if i in index)

    @cached_property
    def _strategies(self) -> Strategies:
        return Strategies(self._base.vectors, self._base.config.transferred)

    @cached_property
    def _attributes(self) -> AttributeReader:
        return AttributeReader(self._base.vectors, self._names, self._base.ontology)


def _company(friends: Sequence[str], segments: Mapping[str, str] | None) -> Company:
    """Return whom someone tells about.

    Raises:
        DataError: The segments are no mapping.
    """
    if not isinstance(segments or {}, Mapping):
        raise DataError(f"segments: found {segments!r}, expected column to value")
    return Company((friends,) if isinstance(friends, str) else tuple(friends), segments or {})
