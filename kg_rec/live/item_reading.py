"""Texts of new items, read by what has read the others."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from kg_rec.building import text_reader, unifier_of
from kg_rec.ids import Iri, Literal
from kg_rec.ontology import ALT_LABEL, LABEL, TYPE, USER, Entity
from kg_rec.statements import USERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from spacy.language import Language

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.model import Model
    from kg_rec.statements import Document, Statement
    from kg_rec.text import Extractor

__all__ = ["ItemReader", "is_known"]


class ItemReader:
    """Reads texts about new items as a build does: by what tables and files name.

    What texts named before is known where names of new texts are brought together with it.

    Args:
        model: The model.
        pipeline: The spaCy pipeline, if it is loaded already.

    Attributes:
        tastes: What reads the words of users, if there is one; it learns what it may meet there.
    """

    def __init__(self, model: Model, pipeline: Language | None = None) -> None:
        graph = model.graph
        stated = [name.startswith(_STATED) for name in graph.extractor_names]
        known = graph.only(np.array(stated, dtype=bool)[graph.extractors])
        self._extractor = text_reader(model.ontology, known, model.config, pipeline)
        self._unifier = unifier_of(model.config, model.ontology, graph)
        self.tastes: Extractor | None = None

    @property
    def pipeline(self) -> Language:
        """The spaCy pipeline."""
        return self._extractor.nlp

    def read(self, documents: Sequence[Document]) -> list[Statement]:
        """Return what texts state, each thing by one node."""
        found = self._extractor.extract(documents)
        kept = [s for s in found if s.polarity > 0 or s.part == USERS]  # no denied facts
        return self._unifier.unify(kept, {d.id: d.text for d in documents})

    def learn(self, stated: Iterable[Statement]) -> None:
        """Take up the things that tables name."""
        entities = _named(stated)
        self._extractor.learn(entities)
        self._take_up(entities)

    def learn_read(self, read: Iterable[Statement]) -> None:
        """Take up the things that texts name."""
        self._take_up(_named(read))

    def _take_up(self, entities: Sequence[Entity]) -> None:
        self._unifier.learn(entities)
        if self.tastes is not None:
            self.tastes.learn(entities)


_STATED = ("table", "ontology", "rdf:")
"""Starts of the extractors of what tables and files state."""


def _named(statements: Iterable[Statement]) -> list[Entity]:
    types: dict[Iri, dict[Iri, None]] = defaultdict(dict)
    names: dict[Iri, dict[str, None]] = defaultdict(dict)
    for statement in statements:
        subject, predicate, value = statement.triple
        if predicate == TYPE and isinstance(value, Iri):
            types[subject][value] = None
        elif predicate in {LABEL, ALT_LABEL} and isinstance(value, Literal):
            names[subject][value.value] = None
    return [
        Entity(iri, tuple(kinds), {"": tuple(names[iri])})
        for iri, kinds in types.items()
        if iri in names and USER not in kinds
    ]


def is_known(statements: Iterable[Statement], graph: KnowledgeGraph) -> bool:
    """Return whether all that statements point to is in a graph, or named by them."""
    statements = list(statements)
    named = {entity.iri for entity in _named(statements)}
    ends = {term for s in statements for term in (s.triple.subject, s.triple.object)}
    return all(
        term in named or graph.terms.code(term) is not None
        for term in ends
        if isinstance(term, Iri)
    )
