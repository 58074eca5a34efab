"""Reports of a model: asks it, and puts together what a page shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from kg_rec._version import __version__
from kg_rec.errors import DataError, UnknownIdError
from kg_rec.explanations.quotes import unquoted
from kg_rec.listing import LISTING, Listing
from kg_rec.ontology import SIMILAR_IN_TEXT
from kg_rec.pseudonyms import People
from kg_rec.ranking.exploration import Exploration
from kg_rec.report.changes import Changes, Questions, changes
from kg_rec.report.language import Words
from kg_rec.report.leanings import LeaningsMaker
from kg_rec.report.page import Audience, Person, ReportView
from kg_rec.report.relations import relation_name
from kg_rec.strategies import AUTO, UNTOLD
from kg_rec.tastes import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kg_rec.explanations import Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.model import CatalogueItem, Model
    from kg_rec.profiles import Profile
    from kg_rec.ranking import TopK

__all__ = ["Ask", "Recommending", "Report", "Reporter"]

FIRST = (1, 10, 100)
"""The lengths of lists that a report on an item counts people for."""
LENGTH = 10
"""The length of the list that an item is asked to be in, where the report is on the item alone."""
PEOPLE = 10
"""How many people a report on an item shows, if not told."""
NAMES = 12
"""Most names of one relation that a report on an item lists."""


class Recommending(Protocol):
    """What is asked for a report: :class:`kg_rec.Recommender`."""

    @property
    def model(self) -> Model:
        """The fitted model."""
        ...

    @property
    def pseudonyms(self) -> Callable[[str], str]:
        """What gives users pseudonyms."""
        ...

    def redacted(self, text: str) -> str:
        """Return a text as it may be shown."""
        ...

    def profile(
        self,
        user: str | None = None,
        *,
        history: Mapping[str, float] | Sequence[str] | None = None,
        text: str | None = None,
        attributes: Mapping[str, str | Sequence[str]] | None = None,
        friends: Sequence[str] = (),
        segments: Mapping[str, str] | None = None,
        strategy: str = AUTO,
    ) -> Profile:
        """Return what is known of someone."""
        ...

    def recommend(  # noqa: PLR0913 - as of Recommender
        self,
        user: str | None = None,
        *,
        history: Mapping[str, float] | Sequence[str] | None = None,
        text: str | None = None,
        attributes: Mapping[str, str | Sequence[str]] | None = None,
        friends: Sequence[str] = (),
        segments: Mapping[str, str] | None = None,
        k: int = 10,
        language: str = "en",
        strategy: str = AUTO,
        explore: float = 0.0,
        seed: int = 0,
    ) -> Sequence[Recommendation]:
        """Return the best items for someone."""
        ...

    def explain(  # noqa: PLR0913 - as of Recommender
        self,
        item: str,
        user: str | None = None,
        *,
        history: Mapping[str, float] | Sequence[str] | None = None,
        text: str | None = None,
        attributes: Mapping[str, str | Sequence[str]] | None = None,
        friends: Sequence[str] = (),
        segments: Mapping[str, str] | None = None,
        language: str = "en",
        mute: str | Sequence[Any] = (),
        strategy: str = AUTO,
    ) -> Recommendation:
        """Return why an item has its score for someone."""
        ...

    def what_if(
        self,
        user: str | None = None,
        *,
        history: Mapping[str, float] | Sequence[str] | None = None,
        text: str | None = None,
        attributes: Mapping[str, str | Sequence[str]] | None = None,
        friends: Sequence[str] = (),
        segments: Mapping[str, str] | None = None,
        language: str = "en",
        strategy: str = AUTO,
    ) -> Questions:
        """Return what answers what-if questions on someone's list."""
        ...

    def rank(self, users: Sequence[str] | None = None, k: int = 10) -> TopK:
        """Return the best items of users, without reasons."""
        ...

    def to_rdf(
        self,
        found: Sequence[Recommendation],
        user: str | None = None,
        *,
        text: str | None = None,
        real_ids: bool = False,
    ) -> KnowledgeGraph:
        """Return recommendations as RDF."""
        ...


@dataclass(frozen=True)
class Report:
    """A report, to be written in a format.

    Attributes:
        view: What it shows.
        lists: The recommendations in it, and whom each list is for.
        recommender: Writes them as RDF.
        real_ids: Whether data formats name users and quote what they wrote.
    """

    view: ReportView | Audience
    lists: Sequence[tuple[Ask, Sequence[Recommendation]]]
    recommender: Recommending
    real_ids: bool = False

    @property
    def people(self) -> People | None:
        """Gives users pseudonyms in data formats; None where they have their ids."""
        base = self.recommender.model.config.base_iri
        return None if self.real_ids else People(base, self.recommender.pseudonyms)

    def graphs(self) -> list[KnowledgeGraph]:
        """Return the lists as RDF, each as a graph of its own."""
        to_rdf, real = self.recommender.to_rdf, self.real_ids
        return [to_rdf(found, ask.user, text=ask.told, real_ids=real) for ask, found in self.lists]


class Reporter:
    """Makes reports of one model in one language.

    Args:
        recommender: What is asked.
        language: A key of :data:`kg_rec.report.language.LANGUAGES`.
        what_if: Whether to look for what would change the place of each item. It takes most of the
            time.
        real_ids: Whether users whom nobody asked for, and users in data formats, are named by
            their ids.
    """

    def __init__(
        self,
        recommender: Recommending,
        language: str = "en",
        *,
        what_if: bool = True,
        real_ids: bool = False,
    ) -> None:
        self.what_if = what_if
        self.real_ids = real_ids
        self.recommender = recommender
        self.model = recommender.model
        self.graph = self.model.graph
        self.language = language
        self.words = Words(language, self.graph)
        self._leanings = LeaningsMaker(
            self.model.vectors, self.graph, self.model.ontology, self.words
        )

    def report(  # noqa: PLR0913 - as of Recommender.report
        self,
        user: str | None = None,
        *,
        history: Mapping[str, float] | Sequence[str] | None = None,
        text: str | None = None,
        attributes: Mapping[str, str | Sequence[str]] | None = None,
        friends: Sequence[str] = (),
        segments: Mapping[str, str] | None = None,
        k: int = 10,
        item: str | None = None,
        strategy: str = AUTO,
        explore: float = 0.0,
        seed: int = 0,
    ) -> Report:
        """Return the report on someone, on why someone gets an item, or on an item alone.

        The arguments are those of :meth:`kg_rec.Recommender.report`.
        """
        text = None if text is None else self.recommender.redacted(text)
        ask = Ask(user, history, text, attributes, friends, segments)
        listing = Listing(k, self.language, strategy, Exploration(explore, seed))
        if item is None:
            return self.person(ask, listing)
        return self.audience(item, k) if ask.nobody else self.reason(ask, item, listing)

    def person(self, ask: Ask, listing: Listing = LISTING) -> Report:
        """Return the report on the best items for someone.

        Raises:
            UnknownIdError: The model has no such user or item.
            DataError: The text is empty, or ``k`` is below 1.
        """
        drawn = listing.exploration
        found = self.recommender.recommend(
            **ask.known,
            k=listing.k,
            language=self.language,
            strategy=listing.strategy,
            explore=drawn.share,
            seed=drawn.seed,
        )
        return self._report(ask, found, self.words("Recommendations"), listing)

    def reason(self, ask: Ask, item: str, listing: Listing = LISTING) -> Report:
        """Return the report on why an item has its score for someone."""
        found = self.recommender.explain(
            item, **ask.known, language=self.language, strategy=listing.strategy
        )
        title = self.words("Why {name}?", name=found.label)
        return self._report(ask, [found], title, listing._replace(k=LENGTH), single=True)

    def audience(self, item: str, most: int = PEOPLE) -> Report:
        """Return the report on an item: to whom it is recommended, and why.

        People are in the order of the rank that the item has in their list, then of its score.
        Those who have had it are left out. They go by pseudonyms, and are not quoted.

        Raises:
            UnknownIdError: The model has no such item.
            DataError: ``most`` is below 1.
        """
        if most < 1:
            raise DataError(f"k is {most}, expected at least 1")
        row = self._row(item)
        places = self._places(row)
        chosen = [self.model.users.ids[user] for user in list(places)[:most]]
        people = [self._person(user, item) for user in chosen]
        name = self._item_name(self.model.items[row])
        had = int(np.count_nonzero(self.model.events[:, [row]].toarray()))
        view = Audience(
            self.words("Who would like {name}?", name=name),
            name,
            self._facts(self.model.items[row].iri),
            people,
            {first: sum(place < first for place in places.values()) for first in FIRST},
            len(self.model.users) - had,
            had,
            self.graph,
            self.model.ontology,
            self._about(),
            self.language,
            item,
        )
        lists = [(Ask(user), [p.recommendation]) for user, p in zip(chosen, people, strict=True)]
        return Report(view, lists, self.recommender, self.real_ids)

    # --- someone ---------------------------------------------------------------------------------

    def _report(
        self,
        ask: Ask,
        found: Sequence[Recommendation],
        title: str,
        listing: Listing,
        *,
        single: bool = False,
    ) -> Report:
        profile = self.recommender.profile(**ask.known, strategy=listing.strategy)
        view = ReportView(
            title=title,
            user=self._name(ask),
            taste=ask.text or self._taste(ask.user),
            profile=profile,
            recommendations=found,
            graph=self.graph,
            ontology=self.model.ontology,
            about=self._about(),
            language=self.language,
            leanings=self._leanings.of(profile),
            id=ask.user,
            note=getattr(found, "note", ""),
            single=single,
            what_if=self._changes(ask, found, listing) if self.what_if else {},
            strategy=getattr(found, "strategy", UNTOLD),
        )
        return Report(view, [(ask, found)], self.recommender, self.real_ids)

    def _changes(
        self, ask: Ask, found: Sequence[Recommendation], listing: Listing
    ) -> dict[str, Changes]:
        """Return what would change the place of each item; nothing for those drawn by chance."""
        asked = {**ask.known, "language": self.language, "strategy": listing.strategy}
        every = 1 < len(found) < listing.k
        questions = None if every else self.recommender.what_if(**asked)

        def changed(r: Recommendation) -> Changes:
            rank = partial(self._muted_rank, asked, r.item)
            return changes(r, listing.k, questions, rank, self._label, self.words)

        return {r.item: changed(r) for r in found if not r.explored}

    def _muted_rank(self, asked: Mapping[str, Any], item: str, mute: str) -> int:
        return self.recommender.explain(item, **asked, mute=mute).rank

    def _label(self, item: str) -> str:
        return self._item_name(self.model.items[self._row(item)])

    def _name(self, ask: Ask) -> str:
        if ask.user is not None:
            return self.words("User {id}", id=ask.user)
        return self.words("A typed taste" if ask.text else "Someone new")

    def _taste(self, user: str | None) -> str | None:
        return self.graph.documents.get(f"users/{user}")

    # --- an item ---------------------------------------------------------------------------------

    def _row(self, item: str) -> int:
        for row, one in enumerate(self.model.items):
            if one.id == item:
                return row
        raise UnknownIdError("item", item, [one.id for one in self.model.items])

    def _item_name(self, item: CatalogueItem) -> str:
        own = self.words.name(item.iri)
        return own if own != self.graph.label(item.iri) else item.label

    def _places(self, row: int) -> dict[int, int]:
        """Return the place of an item in the list of each user who has it there, best first."""
        found = self.recommender.rank(k=min(FIRST[-1], len(self.model.items)))
        users, places = np.nonzero(found.rows == row)
        scores = found.scores[users, places]
        order = np.lexsort((users, -scores, places))
        return dict(zip(users[order].tolist(), places[order].tolist(), strict=True))

    def _person(self, user: str, item: str) -> Person:
        why = self.recommender.explain(item, user, language=self.language)
        name = user if self.real_ids else self.recommender.pseudonyms(user)
        terms = unquoted(why.contributions)
        return Person(name, self._name(Ask(name)), replace(why, contributions=terms))

    def _facts(self, item: Iri) -> dict[str, list[str]]:
        """Return what is known of an item, by the name of the relation."""
        names: dict[Iri, list[str]] = defaultdict(list)
        for triple in self.graph.triples(subject=item):
            if triple.predicate in self.model.ontology.reasons:
                names[triple.predicate].append(self.words.name(triple.object))
        name = partial(relation_name, self.model.ontology, words=self.words)
        found = {name(predicate): sorted(set(said)) for predicate, said in names.items()}
        return {relation: self._some(said) for relation, said in sorted(found.items())}

    def _some(self, names: list[str]) -> list[str]:
        more = len(names) - NAMES
        return [*names[:NAMES], self.words("and {n} more", n=f"{more:,}")] if more > 0 else names

    # --- the model -------------------------------------------------------------------------------

    def _about(self) -> dict[str, str]:
        """Return facts on the model for the foot of a report."""
        model, count, words = self.model, self.words.count, self.words
        events = count(model.events.nnz, "{n} event", "{n} events")
        nodes = model.node_vectors
        epochs = count(nodes.epochs, "{n} epoch", "{n} epochs")
        trained = f"{model.config.embeddings.model}, {epochs}" if nodes.names else words("none")
        texts = count(len(self.graph.documents), "{n} text cited", "{n} texts cited")
        return {
            "Catalogue": count(len(model.items), "{n} item", "{n} items"),
            "Users": f"{count(len(model.users), '{n} user', '{n} users')}, {events}",
            "Knowledge graph": f"{count(len(self.graph), '{n} triple', '{n} triples')}, {texts}",
            "Graph embeddings": trained,
            "Text vectors": model.encoders[SIMILAR_IN_TEXT],
            "Seed": str(model.config.seed),
            "Made by": f"kg_rec {__version__}",
        }
