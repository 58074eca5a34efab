"""What the graph says of the items of a catalogue, as arrays of rows."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.errors import UnknownIdError
from kg_rec.graph.provenance import RECOMMENDATION_GRAPH
from kg_rec.ids import PREFIXES, Iri, Term
from kg_rec.statements import DERIVED, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology, Relation

__all__ = ["Catalogue", "Values"]

_NO_FACTS = (USERS, DERIVED, str(RECOMMENDATION_GRAPH))
"""Parts of the graph that say nothing of what items are."""


class Values(NamedTuple):
    """Which item has which value.

    Attributes:
        rows: int64: the items.
        codes: int64: the values, as codes of ``graph.terms``.
    """

    rows: NDArray[np.int64]
    codes: NDArray[np.int64]


class Catalogue:
    """The items of a model and the facts about them.

    What users did and said, and what a model derived, are no facts.

    Args:
        graph: The graph.
        ontology: Names of classes and relations.
        items: Nodes of the items, in row order.
        ids: Their ids.
    """

    def __init__(
        self, graph: KnowledgeGraph, ontology: Ontology, items: Sequence[Iri], ids: Sequence[str]
    ) -> None:
        self.graph = graph
        self.ontology = ontology
        self.items = items
        self.ids = ids
        self._row_of_id = {name: row for row, name in enumerate(ids)}
        self._row_of = np.full(len(graph.terms), -1, dtype=np.int64)
        for row, iri in enumerate(items):
            if (code := graph.terms.code(iri)) is not None:
                self._row_of[code] = row

    def __len__(self) -> int:
        return len(self.items)

    # --- what items have -------------------------------------------------------------------------

    def values(self, relation: str) -> Values:
        """Return the values of a relation, which is given by IRI, local name or label.

        Facts that are stated from the value to the item by an inverse relation count, too.

        Raises:
            UnknownIdError: There is no such relation.
        """
        found = self.relation(relation)
        forth = self._cells(found.iri)
        back = [self._cells(inverse, inverse=True) for inverse in found.inverses]
        if found.symmetric:
            back.append(self._cells(found.iri, inverse=True))
        cells = np.unique(np.concatenate([forth, *back], axis=1), axis=1)
        return Values(*cells)

    def having(self, node: Iri) -> NDArray[np.int64]:
        """Return the rows of the items that any fact ties to a node, itself among them."""
        code = self.graph.terms.code(node)
        if code is None:
            return np.zeros(0, dtype=np.int64)
        subjects, _, objects = self._facts
        others = np.concatenate([objects[subjects == code], subjects[objects == code], [code]])
        rows = self._row_of[others]
        return np.unique(rows[rows >= 0])

    def of_class(self, kind: Iri) -> NDArray[np.int64]:
        """Return the rows of the items of a class or of one below it."""
        types, is_a = self.graph.types, self.ontology.is_a
        rows = (
            row
            for row, item in enumerate(self.items)
            if any(is_a(own, kind) for own in types.get(item, ()))
        )
        return np.fromiter(rows, dtype=np.int64)

    # --- names -----------------------------------------------------------------------------------

    def named(self, name: str) -> NDArray[np.int64]:
        """Return the rows of the items that a name stands for.

        It is the id of an item, a class (its items), or an entity (all items that have to do with
        it); classes and entities by IRI, prefixed name, local name or label, in any case. Of
        several entities with the same name all are meant; give an IRI to mean one.

        Raises:
            UnknownIdError: Nothing bears the name; close names are told.
        """
        if (row := self._row_of_id.get(name)) is not None:
            return np.array([row])
        if (kind := self.find_class(name)) is not None:
            return self.of_class(kind)
        return np.unique(np.concatenate([self.having(node) for node in self.find_entities(name)]))

    def find_class(self, name: str) -> Iri | None:
        """Return the class of a name, or None."""
        wanted = {name.casefold(), _expanded(name).casefold()}
        for iri, kind in self.ontology.classes.items():
            labels = (label for labels in kind.labels.values() for label in labels)
            if not wanted.isdisjoint(n.casefold() for n in (iri, iri.local_name, *labels)):
                return iri
        used = {kind for kinds in self.graph.types.values() for kind in kinds}
        found = (k for k in used if not wanted.isdisjoint({k.casefold(), k.local_name.casefold()}))
        return min(found, default=None)

    def find_entities(self, name: str) -> list[Iri]:
        """Return the nodes of a name, at least one: see :meth:`named` for what is raised."""
        code = self.graph.terms.code_of_key(_expanded(name).encode())
        if code is not None:
            return [Iri(str(self.graph.terms[code]))]
        found = sorted(self._nodes_of.get(name.casefold(), ()))
        if not found:
            labels = {self.graph.label(n) for nodes in self._nodes_of.values() for n in nodes}
            raise UnknownIdError("item, class or entity", name, labels)
        return found

    def names(self, term: Term) -> tuple[str, ...]:
        """Return all that a value is called: its labels, IRI and local name; else its text."""
        if isinstance(term, Iri):
            return (*self.graph.names(term), term, term.local_name, self.graph.label(term))
        return (term.value,)

    # --- inside ----------------------------------------------------------------------------------

    @cached_property
    def _facts(self) -> NDArray[np.int32]:
        """Subjects, predicates and objects of the facts."""
        parts = self.graph.part_names
        left_out = [n for n, part in enumerate(parts) if part in _NO_FACTS]
        return self.graph.triple_codes[~np.isin(self.graph.part_codes, left_out)].T

    @cached_property
    def _nodes_of(self) -> dict[str, set[Iri]]:
        """The nodes of facts by their names in lower case."""
        found: dict[str, set[Iri]] = defaultdict(set)
        subjects, _, objects = self._facts
        for code in np.unique(np.concatenate([subjects, objects])).tolist():
            term = self.graph.terms[code]
            if isinstance(term, Iri):
                for name in (*self.graph.names(term), self.graph.label(term)):
                    found[name.casefold()].add(term)
        return found

    def relation(self, name: str) -> Relation:
        """Return a relation by IRI, prefixed name, local name or label; see :meth:`values`."""
        relations = self.ontology.relations.values()
        wanted = {name.casefold(), name.replace("_", " ").casefold(), _expanded(name).casefold()}
        for relation in relations:
            labels: Iterable[str] = (x for labels in relation.labels.values() for x in labels)
            own = (relation.iri, relation.iri.local_name, *labels)
            if not wanted.isdisjoint(n.casefold() for n in own):
                return relation
        raise UnknownIdError("relation", name, [r.iri.local_name for r in relations])

    def _cells(self, relation: Iri, *, inverse: bool = False) -> NDArray[np.int64]:
        """Return rows and codes (2 × facts) of a relation."""
        code = self.graph.terms.code(relation)
        subjects, predicates, objects = self._facts
        here = predicates == (-1 if code is None else code)
        items, values = (objects, subjects) if inverse else (subjects, objects)
        rows, codes = self._row_of[items[here]], values[here].astype(np.int64)
        return np.array([rows[rows >= 0], codes[rows >= 0]])


def _expanded(name: str) -> str:
    """Return a prefixed name as an IRI; anything else as it is."""
    prefix, colon, end = name.partition(":")
    return PREFIXES[prefix] + end if colon and prefix in PREFIXES else name
