"""What a model is asked with, each made when it is first needed."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from kg_rec import ranking, tastes
from kg_rec.community import Community
from kg_rec.embeddings import encoder_of
from kg_rec.errors import DataError
from kg_rec.explanations import Explainer
from kg_rec.explanations.names import NodeNames
from kg_rec.explanations.tuning import Tuner
from kg_rec.filters import Catalogue
from kg_rec.ids import IdIndex, Iri
from kg_rec.ontology import DISLIKES, LIKES
from kg_rec.ontology.texts import SIMILAR_CONCEPT
from kg_rec.profiles import ProfileBuilder
from kg_rec.statements import USERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.model import CatalogueItem, Model
    from kg_rec.profiles import Preference
    from kg_rec.statements import Statement
    from kg_rec.text import Extractor

__all__ = ["Serving"]


class Serving:
    """A model with what answers questions to it.

    Args:
        model: The model.
    """

    def __init__(self, model: Model) -> None:
        self.model = model

    @property
    def graph(self) -> KnowledgeGraph:
        """The knowledge graph: facts, what users did and said, and learned links."""
        return self.model.graph

    @property
    def users(self) -> tuple[str, ...]:
        """The ids of the users, sorted."""
        return self.model.users.ids

    @property
    def items(self) -> tuple[CatalogueItem, ...]:
        """The catalogue, sorted by id."""
        return self.model.items

    @cached_property
    def _item_index(self) -> IdIndex:
        return IdIndex((item.id for item in self.items), kind="item")

    @cached_property
    def _catalogue(self) -> Catalogue:
        iris, ids = [item.iri for item in self.items], [item.id for item in self.items]
        return Catalogue(self.graph, self.model.ontology, iris, ids)

    @cached_property
    def _index(self) -> ranking.ItemIndex:
        return ranking.ItemIndex(self.model.vectors.matrix)

    @cached_property
    def _profiles(self) -> ProfileBuilder:
        iris = [item.iri for item in self.items]
        labels = [(item.id, item.label) for item in self.items]
        ranking = self.model.config.ranking
        return ProfileBuilder(
            self.model.vectors, iris, labels, ranking, self.model.fitted, self._similar
        )

    @cached_property
    def _community(self) -> Community:
        model = self.model
        users, named = model.users.ids, model.config.friends.named
        return Community(model.vectors, model.graph, users, model.config.base_iri, named)

    @cached_property
    def _similar(self) -> dict[Iri, list[tuple[Iri, float]]]:
        """What is alike to each concept, and how much."""
        found: dict[Iri, list[tuple[Iri, float]]] = defaultdict(list)
        rows = self.graph.rows(predicate=SIMILAR_CONCEPT)
        codes, terms = self.graph.triple_codes[rows].tolist(), self.graph.terms
        for (s, _, o), strength in zip(codes, self.graph.strengths[rows].tolist(), strict=True):
            found[Iri(str(terms[s]))].append((Iri(str(terms[o])), strength))
        return found

    @cached_property
    def _names(self) -> NodeNames:
        ids = {item.id: item.iri for item in self.items}
        return NodeNames(self.graph, self.model.ontology, ids)

    @cached_property
    def _tuner(self) -> Tuner:
        return Tuner(self.model.vectors, self._names)

    @cached_property
    def _explainers(self) -> dict[str, Explainer]:
        return {}

    @property
    def _explainer(self) -> Explainer:
        return self._explainer_in("en")

    def _explainer_in(self, language: str) -> Explainer:
        model = self.model
        if language not in self._explainers:
            self._explainers[language] = Explainer(
                model.vectors, model.graph, model.ontology, model.encoders, language
            )
        return self._explainers[language]

    @cached_property
    def _said(self) -> dict[Iri, list[Preference]]:
        by_user: dict[Iri, list[Statement]] = defaultdict(list)
        users = self.graph.select([USERS], [LIKES, DISLIKES])
        for statement in users.statements():
            by_user[statement.triple.subject].append(statement)
        return {u: tastes.preferences(said, self.graph.label) for u, said in by_user.items()}

    @cached_property
    def _extractor(self) -> Extractor:
        from kg_rec.building import text_reader  # noqa: PLC0415 - serving does not need it

        return text_reader(self.model.ontology, self.graph, self.model.config)

    @cached_property
    def _linker(self) -> tastes.ConceptLinker:
        columns = self.model.vectors.block("stated").columns
        known = {c.object: self.graph.label(c.object) for c in columns}
        settings = self.model.config.text
        return tastes.ConceptLinker(known, encoder_of(settings.encoder, settings.cache))

    def _events(self, user: str) -> dict[int, float]:
        row = self.model.users.row(user)
        start, end = self.model.events.indptr[row : row + 2]
        columns = self.model.events.indices[start:end].tolist()
        return dict(zip(columns, self.model.events.data[start:end].tolist(), strict=True))

    def _weights(self, history: Mapping[str, float] | Sequence[str]) -> dict[int, float]:
        weights = history if isinstance(history, Mapping) else dict.fromkeys(history, 1.0)
        found = {self._item_index.row(item): float(weight) for item, weight in weights.items()}
        if not all(map(math.isfinite, found.values())):
            raise DataError("history: expected finite weights")
        return found
