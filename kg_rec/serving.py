"""What a model is asked with, each made when it is first needed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kg_rec import io, ranking, tastes
from kg_rec.community import Community
from kg_rec.embeddings import encoder_of
from kg_rec.errors import DataError
from kg_rec.explanations import Explainer
from kg_rec.explanations.names import NodeNames
from kg_rec.explanations.tuning import Tuner
from kg_rec.filters import Catalogue
from kg_rec.folding import fades
from kg_rec.ids import IdIndex, Iri
from kg_rec.io.redacting import Redactor
from kg_rec.ontology import DISLIKES, LIKES
from kg_rec.ontology.texts import SIMILAR_CONCEPT
from kg_rec.profiles import ProfileBuilder
from kg_rec.statements import USERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.config import Config
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.model import CatalogueItem, Model
    from kg_rec.ontology import Ontology
    from kg_rec.profiles import Preference
    from kg_rec.statements import Statement
    from kg_rec.text import Extractor
    from kg_rec.vectors import ItemVectors

__all__ = ["Serving"]


class Serving:
    """A model with what answers questions to it.

    Args:
        model: The model.
    """

    def __init__(self, model: Model) -> None:
        self._base = model
        self._pending: Mapping[str, Sequence[io.EventRow]] = {}
        self._now = model.log.latest

    @property
    def model(self) -> Model:
        """The model, with all that it was told."""
        if self._pending:
            self._fold()
        return self._base

    def _fold(self) -> None:
        """Put what is pending into the model."""

    def _rebase(self, **changes: Any) -> None:
        """Change fields of the model that nothing is made of."""
        self._base = replace(self._base, **changes)

    @property
    def graph(self) -> KnowledgeGraph:
        """The knowledge graph: facts, what users did and said, and learned links."""
        return self.model.graph

    @property
    def users(self) -> tuple[str, ...]:
        """The ids of the users, sorted."""
        ids = self._base.users.ids
        new = [user for user in self._pending if user not in self._base.users]
        return tuple(sorted([*ids, *new])) if new else ids

    @property
    def items(self) -> tuple[CatalogueItem, ...]:
        """The catalogue, sorted by id."""
        return self._base.items  # no event changes it

    @property
    def config(self) -> Config:
        """The settings that the model was built with."""
        return self._base.config

    @property
    def ontology(self) -> Ontology:
        """The domain."""
        return self._base.ontology

    @property
    def vectors(self) -> ItemVectors:
        """The named item vectors."""
        return self._base.vectors

    @cached_property
    def facts(self) -> KnowledgeGraph:
        """The knowledge graph without what users did and said: no personal data."""
        return self._base.graph.without_users()

    def knows(self, user: str) -> bool:
        """Return whether anything is known of a user; events that are pending count."""
        return user in self._pending or user in self._base.users

    def warm(self) -> None:
        """Make now what answers are made of; else the first answers wait for it."""
        for name in ("facts", "_catalogue", "_index", "_profiles", "_community", "_tuner", "_said"):
            getattr(self, name)
        self._explainer_in("en")
        len(self._names.known)

    @cached_property
    def _item_index(self) -> IdIndex:
        return IdIndex((item.id for item in self._base.items), kind="item")

    @cached_property
    def _catalogue(self) -> Catalogue:
        iris, ids = [item.iri for item in self._base.items], [item.id for item in self._base.items]
        return Catalogue(self._base.graph, self._base.ontology, iris, ids)

    @cached_property
    def _index(self) -> ranking.ItemIndex:
        return ranking.ItemIndex(self._base.vectors.matrix)

    @cached_property
    def _profiles(self) -> ProfileBuilder:
        iris = [item.iri for item in self._base.items]
        labels = [(item.id, item.label) for item in self._base.items]
        ranking = self._base.config.ranking
        return ProfileBuilder(
            self._base.vectors, iris, labels, ranking, self._base.fitted, self._similar
        )

    @cached_property
    def _community(self) -> Community:
        model = self._base
        config, users = model.config, model.users.ids
        named, least = config.friends.named, config.privacy.min_support
        return Community(model.vectors, model.graph, users, config.base_iri, named, least)

    @cached_property
    def _similar(self) -> dict[Iri, list[tuple[Iri, float]]]:
        """What is alike to each concept, and how much."""
        found: dict[Iri, list[tuple[Iri, float]]] = defaultdict(list)
        rows = self._base.graph.rows(predicate=SIMILAR_CONCEPT)
        codes, terms = self._base.graph.triple_codes[rows].tolist(), self._base.graph.terms
        for (s, _, o), strength in zip(
            codes, self._base.graph.strengths[rows].tolist(), strict=True
        ):
            found[Iri(str(terms[s]))].append((Iri(str(terms[o])), strength))
        return found

    @cached_property
    def _names(self) -> NodeNames:
        ids = {item.id: item.iri for item in self._base.items}
        return NodeNames(self._base.graph, self._base.ontology, ids)

    @cached_property
    def _tuner(self) -> Tuner:
        return Tuner(self._base.vectors, self._names)

    @cached_property
    def _explainers(self) -> dict[str, Explainer]:
        return {}

    @property
    def _explainer(self) -> Explainer:
        return self._explainer_in("en")

    def _explainer_in(self, language: str) -> Explainer:
        model = self._base
        if language not in self._explainers:
            self._explainers[language] = Explainer(
                model.vectors, model.graph, model.ontology, model.encoders, language
            )
        return self._explainers[language]

    @cached_property
    def _said(self) -> dict[Iri, list[Preference]]:
        by_user: dict[Iri, list[Statement]] = defaultdict(list)
        users = self._base.graph.select([USERS], [LIKES, DISLIKES])
        for statement in users.statements():
            by_user[statement.triple.subject].append(statement)
        return {u: tastes.preferences(said, self._base.graph.label) for u, said in by_user.items()}

    @cached_property
    def _extractor(self) -> Extractor:
        from kg_rec.building import text_reader  # noqa: PLC0415 - serving does not need it

        base, pipeline = self._base, self.__dict__.get("_pipeline")
        return text_reader(base.ontology, base.graph, base.config, pipeline)

    def redacted(self, text: str) -> str:
        """Return a text without what ``privacy.redact`` keeps out of texts; all is read so."""
        return Redactor.of(self._base.config.privacy)(text)

    @cached_property
    def _linker(self) -> tastes.ConceptLinker:
        columns = self._base.vectors.block("stated").columns
        known = {c.object: self._base.graph.label(c.object) for c in columns}
        settings = self._base.config.text
        return tastes.ConceptLinker(known, encoder_of(settings.encoder, settings.cache))

    def _row(self, user: str) -> int | None:
        """Return the row of a user; None for one whose first events are pending.

        Raises:
            UnknownIdError: Nothing is known of the user.
        """
        if user in self._pending and user not in self._base.users:
            return None
        return self._base.users.row(user)

    def _rows_of(self, user: str) -> Sequence[io.EventRow]:
        """Return the rows of a user; none of one who is new."""
        if user in self._pending:
            return self._pending[user]
        base = self._base
        if user not in base.users:
            return ()
        return base.log.of_user(base.users.row(user)).rows(base.users.ids, self._item_index.ids)

    def _events(self, user: str) -> dict[int, float]:
        """Return the signed weights of a user's items, by row."""
        settings = self._base.config.interactions
        row = self._row(user)
        if row is None or user in self._pending or self._faded:
            dislike = self._base.config.ranking.dislike
            rows = self._rows_of(user)
            found = io.events_of(rows, settings, dislike=dislike, now=self._latest)
            return {self._item_index.row(event.item): event.weight for event in found}
        start, end = self._base.events.indptr[row : row + 2]
        columns = self._base.events.indices[start:end].tolist()
        return dict(zip(columns, self._base.events.data[start:end].tolist(), strict=True))

    @property
    def _latest(self) -> float | None:
        return self._now if math.isfinite(self._now) else None

    @property
    def _faded(self) -> bool:
        """Whether all events count less than in the model, since later ones are pending."""
        config, log = self._base.config.interactions, self._base.log
        return fades(config, log.kind_names) and self._now > log.latest

    def _weights(self, history: Mapping[str, float] | Sequence[str]) -> dict[int, float]:
        weights = history if isinstance(history, Mapping) else dict.fromkeys(history, 1.0)
        found = {self._item_index.row(item): float(weight) for item, weight in weights.items()}
        if not all(map(math.isfinite, found.values())):
            raise DataError("history: expected finite weights")
        return found
