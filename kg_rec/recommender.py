"""The façade: fit, recommend, explain, report, save, load. It composes stages and has no maths."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kg_rec import bundle, io, ranking
from kg_rec.asking import Asking
from kg_rec.batch import rank_users
from kg_rec.errors import ConfigError, DataError
from kg_rec.explanations import best_paths
from kg_rec.explanations.counterfactuals import Rescorer
from kg_rec.explanations.what_if import WhatIf
from kg_rec.filters import NO_RESTRICTION, ItemFilter, Restriction
from kg_rec.history import HistoryItem, history
from kg_rec.ids import mint
from kg_rec.listing import Listing, explored, with_reasons
from kg_rec.locating import file_names, settings_of, source_of, stored
from kg_rec.pseudonyms import People, list_node
from kg_rec.ranking.exploration import Exploration
from kg_rec.reordering import Reorderer, joined, reranking_of, shortage
from kg_rec.report.language import Words
from kg_rec.report.shown import Explanation, Recommendations, ShownProfile
from kg_rec.statements import DERIVED
from kg_rec.strategies import AUTO, few
from kg_rec.tastes import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from kg_rec.building import Progress
    from kg_rec.config import Config, RerankConfig
    from kg_rec.dialogue import Answer, Dialogue, Understanding
    from kg_rec.explanations import Contribution, Recommendation
    from kg_rec.explanations import Path as GraphPath
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.model import CatalogueItem
    from kg_rec.profiles import Profile
    from kg_rec.report.neighbourhood import Neighbourhood

__all__ = ["Explanation", "HistoryItem", "Recommendations", "Recommender"]


class Recommender(Asking):
    """Recommends items, and splits each score into named reasons.

    Make one with :meth:`fit` or :meth:`load`.

    Examples:
        >>> import pandas as pd
        >>> items = pd.DataFrame({"id": ["a", "b", "c"], "genre": ["Crime", "Crime", "Comedy"]})
        >>> events = pd.DataFrame({"user": ["u", "v", "v"], "item": ["a", "a", "c"]})
        >>> quick = {"embeddings": {"epochs": 0}}
        >>> model = Recommender.fit(items=items, interactions=events, config=quick)
        >>> best = model.recommend(user="u", k=1)[0]
        >>> best.item
        'b'
        >>> abs(best.score - sum(c.value for c in best.contributions)) < 1e-9
        True
    """

    # --- making, saving, loading -------------------------------------------------------------

    @classmethod
    def fit(  # noqa: PLR0913 - each is a source of data
        cls,
        items: Any = None,
        *,
        interactions: Any = None,
        users: Any = None,
        texts: Any = None,
        friends: Any = None,
        graph: str | Path | Sequence[str | Path] | None = None,
        ontology: str | Path | Sequence[str | Path] | None = None,
        vectors: Mapping[str, Any] | None = None,
        config: Config | Mapping[str, Any] | str | Path | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Build a model from tables, texts and RDF.

        A table is a file name (CSV, TSV, JSON Lines, Parquet) or a pandas, polars or pyarrow
        table. What is not given is taken from the paths of the configuration.

        Args:
            items: One row an item: its id; by choice a label, an IRI, prose, facts.
            interactions: One row an event: user, item; by choice a weight, a kind, a time.
            users: One row a user: id and a text in the first person.
            texts: One row a text about an item, where the items table has no prose.
            friends: One row a friend: user, friend; by choice a weight.
            graph: RDF files with further facts; also URLs of SPARQL servers.
            ontology: A shipped ontology by name, or a file; several are read as one.
            vectors: Vectors that come with the items, by name (``poster``): each a mapping of ids
                to vectors, a table, a file, an array with a row for each of ``items``, or an
                :class:`~kg_rec.embeddings.ItemEncoder`.
            config: Settings; a mapping of them, or a TOML file.
            progress: Called with (stage, steps done, steps in all).

        Raises:
            DataError: A table or file is not as expected.
            ConfigError: A setting is not as expected.
        """
        from kg_rec.building import Sources, build  # noqa: PLC0415 - serving does not need it

        settings, base = settings_of(config)
        if ontology is not None:
            settings = settings.model_copy(update={"ontology": tuple(file_names(ontology))})
        sources = Sources(
            items=source_of(items, settings.items.path, base),
            texts=source_of(texts, settings.texts.path, base),
            interactions=source_of(interactions, settings.interactions.path, base),
            users=source_of(users, settings.users.path, base),
            friends=source_of(friends, settings.friends.path, base),
            graph=file_names(graph or ()) or [stored(base, name) for name in settings.graph],
            vectors=vectors or {},
        )
        if sources.items is None:
            msg = "no items: give a table, or set items.path in the configuration"
            raise ConfigError(msg)
        return cls(build(sources, settings, progress))

    def save(self, folder: str | Path) -> Path:
        """Write the model to a folder; see :mod:`kg_rec.bundle` for what it holds."""
        return bundle.save(self.model, folder)

    @classmethod
    def load(cls, folder: str | Path, *, journal: str | Path | None = None) -> Self:
        """Read a model folder. Nothing in it is executed; changed files are refused.

        Args:
            folder: The folder.
            journal: A file that keeps the changes made from now on, so that a crash loses none;
                those that it holds already are made again. It is made if there is none.

        Raises:
            ModelError: The folder is no model, or the journal is in use or broken.
        """
        found = cls(bundle.load(folder))
        found._attach(Path(folder), journal)
        return found

    # --- looking -----------------------------------------------------------------------------

    def history(self, user: str) -> list[HistoryItem]:
        """Return what a user has had and what happened, best liked first."""
        return history(self.model, user)

    def around(self, name: str, *, users: bool = False) -> Neighbourhood:
        """Return what is around a node of the graph; notebooks draw it.

        Args:
            name: The id of an item, an IRI, or a name in any case.
            users: Whether what users did and said is part of it (personal data).

        Raises:
            UnknownIdError: There is no such node; close names are told.
            DataError: The name is that of several nodes; they are told.
        """
        from kg_rec.report.neighbourhood import find_node, neighbourhood  # noqa: PLC0415

        graph = self.graph if users else self.facts
        node = find_node(graph, name, {item.id: item.iri for item in self.items})
        return neighbourhood(graph, node, self.ontology, users=users)

    # --- recommending ------------------------------------------------------------------------

    def recommend(  # noqa: PLR0913 - each is a wish of its own
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
        only: str | Sequence[str] = (),
        without: str | Sequence[str] = (),
        where: str | None = None,
        rerank: RerankConfig | Mapping[str, Any] | None = None,
        mute: str | Sequence[Any] = (),
        boost: str | Sequence[Any] = (),
        strategy: str = AUTO,
        explore: float = 0.0,
        seed: int = 0,
    ) -> Recommendations:
        """Return the best items for someone, with all terms of each score.

        Of someone unknown any of ``history``, ``text``, ``attributes``, ``friends`` and
        ``segments`` may be told; with ``user`` they add to what is known.

        Args:
            user: A user of the model.
            history: Ids of items liked, or item id to signed weight.
            text: What someone says of their taste, in the first person.
            attributes: What someone asks for: relation to names, by IRI or name, as in
                ``{"genre": ["Crime", "-Horror"]}``; what is after ``-`` is to be avoided.
            friends: Ids of users whom someone knows; those that the model does not have, or that
                were nobody's friend when it was fitted, do not count. If fewer are left than
                ``privacy.min_support``, none counts: a list would tell what a single user chose.
            segments: What someone has in common with others, as in ``{"country": "FR"}``; see
                ``users.segments`` in the configuration.
            k: How many items.
            language: Language of the reasons' words: ``en``, ``zh``.
            only: Items, classes or entities by id, IRI or name: nothing is listed that neither is
                one of them nor has to do with one.
            without: The same: nothing is listed that is one of them or has to do with one.
            where: A condition, as in ``"year >= 1990 and genre == 'Crime'"``, or SPARQL with
                ``?item``; see :mod:`kg_rec.filters`.
            rerank: What changes the order for the list as a whole, as in ``{"diversity": 0.3}``;
                see ``RerankConfig``. Without it, what the configuration says.
            mute: Reasons that are to count nothing: items and entities by id, IRI or name,
                relations, pairs of both, kinds of reasons; see :mod:`kg_rec.explanations.tuning`.
            boost: Reasons that are to count double.
            strategy: What counts at all, by name: see :mod:`kg_rec.strategies`.
            explore: Share of the places (0 to 1) for items drawn by chance from the next best, in
                proportion to their scores; not the first place. See
                :mod:`kg_rec.ranking.exploration`.
            seed: Of that chance.

        Returns:
            The list; its ``strategy`` says what counted and why, its ``note`` why it is empty or
            short, its ``moves`` what re-ranking changed.

        Raises:
            UnknownIdError: The model has no such user or item, or what is named is unknown.
            DataError: The text is empty, ``k`` is below 1, or a condition is broken.
            ConfigError: A setting of ``rerank`` is not as expected.
        """
        ask = Ask(user, history, text, attributes, friends, segments)
        profile = self._profile(ask, self._tuning(user, mute, boost, strategy))
        listing = Listing(k, language, strategy, Exploration(explore, seed).checked())
        restriction = ItemFilter(self._catalogue).restrict(only, without, where)
        return self._best(profile, listing, restriction, rerank)

    def rank(
        self,
        users: Sequence[str] | None = None,
        k: int = 10,
        *,
        candidates: Sequence[str] | None = None,
    ) -> ranking.TopK:
        """Return the best items of many users at once, without the terms of the scores.

        The items and scores are those of :meth:`recommend`.

        Args:
            users: Users of the model; None is all.
            k: How many items each.
            candidates: Items that may be listed; None is all.

        Returns:
            Rows of ``items`` and scores (users × k).

        Raises:
            UnknownIdError: The model has no such user or item.
            DataError: ``k`` is below 1.

        Examples:
            >>> import pandas as pd
            >>> events = pd.DataFrame({"user": ["u", "v", "v"], "item": ["a", "a", "c"]})
            >>> quick = {"embeddings": {"epochs": 0}}
            >>> items = pd.DataFrame({"id": ["a", "b", "c"]})
            >>> model = Recommender.fit(items=items, interactions=events, config=quick)
            >>> [model.items[row].id for row in model.rank(["u"], k=1).rows[0]]
            ['c']
        """
        index = self._index
        if candidates is not None:
            rows = [self._item_index.row(item) for item in candidates]
            index = ranking.ItemIndex(self.model.vectors.matrix, candidates=rows)
        chosen = self.users if users is None else users
        base, row_of = self.model.config.base_iri, self.model.users.row
        return rank_users(
            [row_of(user) for user in chosen],
            self.model.events,
            self._profiles,
            index,
            k,
            special={
                row_of(u)
                for u in chosen
                if mint(base, "user", u) in self._said or u in self.model.remembered
            },
            profile=lambda row: self.profile(self.users[row]),
            community=self._community,
        )

    def explain(  # noqa: PLR0913 - as above
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
        boost: str | Sequence[Any] = (),
        strategy: str = AUTO,
    ) -> Explanation:
        """Return the score of one item for someone, its rank in the whole catalogue, and all terms.

        The rank counts the items that the user has not had; an item of the user's own history gets
        the rank it would have beside them. The arguments are those of :meth:`recommend`.
        """
        ask = Ask(user, history, text, attributes, friends, segments)
        profile = self._profile(ask, self._tuning(user, mute, boost, strategy))
        return self._explained(profile, item, language)

    def what_if(  # noqa: PLR0913 - as above
        self,
        user: str | None = None,
        *,
        history: Mapping[str, float] | Sequence[str] | None = None,
        text: str | None = None,
        attributes: Mapping[str, str | Sequence[str]] | None = None,
        friends: Sequence[str] = (),
        segments: Mapping[str, str] | None = None,
        language: str = "en",
        mute: str | Sequence[Any] = (),
        boost: str | Sequence[Any] = (),
        strategy: str = AUTO,
    ) -> WhatIf:
        """Return what answers questions about someone's list.

        Without what would an item not be in it, why is one item above another, why is an item not
        in it; see :class:`~kg_rec.explanations.what_if.WhatIf`. The arguments are those of
        :meth:`recommend`; a user's remembered wishes hold, too.
        """
        ask = Ask(user, history, text, attributes, friends, segments)
        tuning = self._tuning(user, mute, boost, strategy)
        rescorer = Rescorer(self._profiles, self._person(ask, tuning), self._community, tuning)
        return WhatIf(rescorer, self._explainer_in(language), self.items, self._item_index.row)

    def paths(
        self,
        a: str,
        b: str,
        *,
        k: int = 5,
        max_hops: int = 3,
        relations: Sequence[str] | None = None,
        learned: bool = True,
    ) -> list[GraphPath]:
        """Return the best paths between two nodes; see :mod:`kg_rec.explanations.paths`.

        Args:
            a: Id of an item, IRI, or name of a node.
            b: Another one.
            k: How many paths at most.
            max_hops: How many hops a path has at most.
            relations: Relations of the hops, by IRI, local name or label; None is all.
            learned: Whether links that the model has learned may be hops.

        Raises:
            UnknownIdError: There is no such node or relation.
            DataError: A name is that of several nodes.
        """
        only = None if relations is None else [self._names.relation(name) for name in relations]
        ends = self._names.node(a), self._names.node(b)
        without = () if learned else (DERIVED,)
        return best_paths(self.graph, *ends, k, max_hops, only, without)

    def report(  # noqa: PLR0913 - as above
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
        language: str = "en",
        strategy: str = AUTO,
        explore: float = 0.0,
        seed: int = 0,
        out: str | Path | None = None,
        real_ids: bool = False,
    ) -> str:
        """Return a self-contained HTML page of recommendations and their reasons.

        Args:
            user: As in :meth:`recommend`.
            history: As in :meth:`recommend`.
            text: As in :meth:`recommend`.
            attributes: As in :meth:`recommend`.
            friends: As in :meth:`recommend`.
            segments: As in :meth:`recommend`.
            k: As in :meth:`recommend`; with an item alone, how many people.
            item: Explain this item only; without anyone to explain it to, the page says to whom it
                is recommended most, and why.
            language: Of the page: ``en``, ``zh``.
            strategy: As in :meth:`recommend`.
            explore: As in :meth:`recommend`.
            seed: As in :meth:`recommend`.
            out: Where to write the report, too: a page, or what the end of the name tells
                (``.md``, ``.json``, ``.ttl``, ``.pdf``).
            real_ids: Whether data formats, and a report on an item alone, name users by their ids,
                not by pseudonyms.
        """
        from kg_rec.report import compose, formats  # noqa: PLC0415 - imports templates

        found = compose.Reporter(self, language, real_ids=real_ids).report(
            user,
            history=history,
            text=text,
            attributes=attributes,
            friends=friends,
            segments=segments,
            k=k,
            item=item,
            strategy=strategy,
            explore=explore,
            seed=seed,
        )
        if out is not None:
            io.write_file(out, formats.render(found, formats.format_of(out)))
        return formats.page_of(found)

    def to_rdf(
        self,
        found: Sequence[Recommendation],
        user: str | None = None,
        *,
        text: str | None = None,
        real_ids: bool = False,
    ) -> KnowledgeGraph:
        """Return recommendations, with all terms of their scores, as RDF; see ``kgrec.ttl``.

        The graph can be asked (``.sparql``) and written (``.serialize``). Users go by pseudonyms
        in it, and nothing that they wrote is quoted; see :mod:`kg_rec.pseudonyms`.

        Args:
            found: What :meth:`recommend` or :meth:`explain` gave.
            user: For whom.
            text: The taste that it was made for, where there is no user; its hash names the list.
            real_ids: Whether it names the user and quotes what the user said (personal data).
        """
        from kg_rec.report.rdf import recommendation_graph  # noqa: PLC0415 - imports templates

        base = self._base.config.base_iri
        people = None if real_ids else People(base, self.pseudonyms)
        digest = hashlib.blake2b((text or "").encode(), digest_size=8).hexdigest()
        name = mint(base, "list", f"taste-{digest}")
        if user is not None:
            name = list_node(base, user if real_ids else self.pseudonyms(user))
        node = None if user is None else mint(base, "user", user)
        return recommendation_graph(found, self._base.graph, name=name, user=node, people=people)

    def profile(  # noqa: PLR0913 - as above
        self,
        user: str | None = None,
        *,
        history: Mapping[str, float] | Sequence[str] | None = None,
        text: str | None = None,
        attributes: Mapping[str, str | Sequence[str]] | None = None,
        friends: Sequence[str] = (),
        segments: Mapping[str, str] | None = None,
        mute: str | Sequence[Any] = (),
        boost: str | Sequence[Any] = (),
        strategy: str = AUTO,
    ) -> ShownProfile:
        """Return what is known of someone: sources and the columns they speak for.

        The arguments are those of :meth:`recommend`.
        """
        ask = Ask(user, history, text, attributes, friends, segments)
        return self._profile(ask, self._tuning(user, mute, boost, strategy))

    # --- talking -----------------------------------------------------------------------------

    def dialogue(
        self,
        user: str | None = None,
        *,
        history: Mapping[str, float] | Sequence[str] | None = None,
        text: str | None = None,
        language: str = "en",
        phrase: Callable[[Answer], str] | None = None,
    ) -> Dialogue:
        """Return a session in plain language, English or Chinese; see :mod:`kg_rec.dialogue`.

        Args:
            user: As in :meth:`recommend`.
            history: As in :meth:`recommend`.
            text: As in :meth:`recommend`.
            language: Of answers to what has no language, such as a title alone.
            phrase: Makes the text of an answer from its facts, as a language model does.

        Raises:
            UnknownIdError: The model has no such user or item.
            DataError: The text is empty.
        """
        from kg_rec.dialogue import Dialogue, Speaker  # noqa: PLC0415 - others do without

        speaker = Speaker(user, history, text)
        self._person(Ask(*speaker), None)  # a wrong id is told now, not with the first answer
        return Dialogue(self, speaker, language=language, phrase=phrase)

    def ask(self, question: str, user: str | None = None, **given: Any) -> Answer:
        """Return the answer to one question; the arguments are those of :meth:`dialogue`.

        Examples:
            >>> import pandas as pd
            >>> items = pd.DataFrame({"id": ["a", "b"], "label": ["Heat", "Big"]})
            >>> items["director"] = ["Michael Mann", "Penny Marshall"]
            >>> model = Recommender.fit(items, config={"embeddings": {"epochs": 0}})
            >>> model.ask("who directed Heat?").text
            'Heat: directed by Michael Mann.'
        """
        return self.dialogue(user, **given).ask(question)

    @cached_property
    def _understanding(self) -> Understanding:
        from kg_rec.dialogue import Understanding  # noqa: PLC0415 - others do without

        items = [item.iri for item in self.items]
        return Understanding(self.facts, self._base.ontology, items)

    # --- inside ------------------------------------------------------------------------------

    def _best(
        self,
        profile: Profile,
        listing: Listing,
        restriction: Restriction = NO_RESTRICTION,
        rerank: RerankConfig | Mapping[str, Any] | None = None,
    ) -> Recommendations:
        k, language = listing.k, listing.language
        if k < 1:
            msg = f"k is {k}, expected at least 1"
            raise DataError(msg)
        rules = reranking_of(rerank, self._base.config)
        size = max(k, rules.pool) if rules.active else k
        rows, scores = self._ranked(profile, profile.known, size + listing.more, restriction.rows)
        if listing.pure:
            rows, scores = with_reasons(rows, scores)
        order = Reorderer(self._base.vectors, self._catalogue, self._base.events, language)
        kept = listing.exploration.kept(k)
        found, moves = order.reorder(profile, rows[:size], scores[:size], kept, rules)
        placed = explored(found, rows, scores, listing)
        by = self._strategies.of_items(profile, [item.row for item, _ in placed])
        listed = Recommendations(
            self._recommendation(
                profile, item.row, rank, item.score, language, item.terms, by[rank - 1], chance
            )
            for rank, (item, chance) in enumerate(placed, start=1)
        )
        strategy = self._strategies.chosen(profile, listing.strategy, language)
        short = shortage(len(listed), k, restriction, rules)
        if listing.pure and len(listed) < k and not short:
            short = few(len(listed), strategy.name, language) if listed else strategy.why
        listed.note = restriction.note or short
        listed.moves = moves
        listed.strategy = strategy
        return listed

    def _explained(self, profile: Profile, item: str, language: str = "en") -> Explanation:
        row = self._item_index.row(item)
        rows, scores = self._ranked(profile, profile.known - {row}, len(self._base.items))
        place = rows.index(row)
        by = self._strategies.of_items(profile, [row])[0]
        return self._recommendation(profile, row, place + 1, scores[place], language, by=by)

    def _ranked(
        self,
        profile: Profile,
        left_out: frozenset[int],
        k: int,
        allowed: NDArray[np.int64] | None = None,
    ) -> tuple[list[int], list[float]]:
        index = self._index
        if allowed is not None:
            index = ranking.ItemIndex(self._base.vectors.matrix, candidates=allowed)
        exclude = ranking.mark(sorted(left_out), len(self._base.items))
        found = ranking.top_k(profile.vector, index, k, exclude=exclude)
        return next(found.to_lists())

    def _recommendation(
        self,
        profile: Profile,
        row: int,
        rank: int,
        score: float,
        language: str,
        added: Sequence[Contribution] = (),
        by: str = "",
        chance: float | None = None,
    ) -> Explanation:
        item = self._base.items[row]
        terms = self._explainer_in(language).contributions(profile, row, item.iri)
        terms = joined(terms, added) if added else terms
        label = item.label if language == "en" else self._label_in(item, language)
        words = Words(language, self._base.graph)
        parts = (item.id, item.iri, label, rank, score, terms, words)
        return Explanation(*parts, strategy=by, chance=chance)

    def _label_in(self, item: CatalogueItem, language: str) -> str:
        own = self._base.graph.label(item.iri, language)
        return own if own != self._base.graph.label(item.iri) else item.label
