"""Questions about the graph, asked in SPARQL; nodes stand in queries as IRIs, never as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.dialogue.answers import Fact
from kg_rec.dialogue.requests import number_of
from kg_rec.ids import Iri, Literal
from kg_rec.ontology import TYPE
from kg_rec.statements import Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg_rec.dialogue.names import Names
    from kg_rec.dialogue.requests import Request, Where
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Term
    from kg_rec.ontology import Ontology

__all__ = ["Asked", "Facts", "stated_facts"]


class Asked(NamedTuple):
    """What a question found.

    Attributes:
        sparql: The query.
        facts: The triples that answer it; of a "no" what the graph says instead.
        values: The nodes and values that were found.
        holds: Whether what a yes-or-no question asks is in the graph.
    """

    sparql: str
    facts: tuple[Fact, ...]
    values: tuple[Term, ...]
    holds: bool = False


def stated_facts(graph: KnowledgeGraph, ontology: Ontology) -> KnowledgeGraph:
    """Return the part of a graph that questions are about: relations of the ontology, classes."""
    wanted = {*ontology.relations, TYPE}
    codes = [code for iri in wanted if (code := graph.terms.code(iri)) is not None]
    return graph.take(np.flatnonzero(np.isin(graph.triple_codes[:, 1], codes)))


class Facts:
    """Answers questions from a graph.

    Args:
        graph: What may be told.
        names: Names of nodes.
    """

    def __init__(self, graph: KnowledgeGraph, names: Names) -> None:
        self.graph = graph
        self.names = names

    def ask(self, request: Request, language: str) -> Asked:
        """Answer a question; ``request.relation`` and one end are known."""
        assert request.relation is not None  # noqa: S101 - a question has one
        if request.kind == "yesno" and request.subject and request.object:
            return self._holds(request.subject, request.relation, request.object, language)
        if request.kind == "yesno" and request.subject and request.where:
            return self._meets(request.subject, request.where[0], language)
        if request.subject is not None:
            return self._values(request.subject, request.relation, language)
        assert request.object is not None  # noqa: S101 - or the other end
        return self._items(request.relation, request.object, language)

    def fact(self, triple: Triple, language: str) -> Fact:
        """Return a triple with its names and where it was read."""
        return Fact(triple, self._labels(triple, language), self.graph.evidence(triple))

    def same(self, node: Iri) -> tuple[Iri, ...]:
        """Return the nodes with the name of a node: texts and tables may have made two of one."""
        return self.names.same(node)

    def _values(self, subject: Iri, relation: Iri, language: str) -> Asked:
        query = (
            f"SELECT DISTINCT ?value WHERE {{ <{subject}> <{relation}> ?value }} ORDER BY ?value"
        )
        values = [row[0] for row in self._rows(query)]
        return self._told(query, (Triple(subject, relation, v) for v in values), values, language)

    def _items(self, relation: Iri, value: Iri, language: str) -> Asked:
        query = (
            f"SELECT DISTINCT ?item ?value WHERE {{ VALUES ?value {{ {_all(self.same(value))} }} "
            f"?item <{relation}> ?value }} ORDER BY ?item"
        )
        rows = [row for row in self._rows(query) if self.names.is_item(Iri(str(row[0])))]
        triples = [Triple(Iri(str(item)), relation, found) for item, found in rows]
        return self._told(query, triples, dict.fromkeys(row[0] for row in rows), language)

    def _holds(self, subject: Iri, relation: Iri, value: Iri, language: str) -> Asked:
        nodes = self.same(value)
        query = f"ASK {{ VALUES ?value {{ {_all(nodes)} }} <{subject}> <{relation}> ?value }}"
        if self.graph.sparql(query):
            triples = [Triple(subject, relation, node) for node in nodes]
            held = [triple for triple in triples if triple in self.graph]
            return self._told(query, held, [value], language)._replace(holds=True)
        return self._values(subject, relation, language)._replace(sparql=query)

    def _meets(self, subject: Iri, where: Where, language: str) -> Asked:
        """Return the values of an item, and whether one of them meets a condition."""
        asked = self._values(subject, where.attribute, language)
        numbers = (number_of(v.value) for v in asked.values if isinstance(v, Literal))
        return asked._replace(holds=any(where.allows(n) for n in numbers if n is not None))

    def _told(
        self, query: str, triples: Iterable[Triple], values: Iterable[Term], language: str
    ) -> Asked:
        facts = tuple(self.fact(triple, language) for triple in triples)
        return Asked(query, facts, tuple(values))

    def _rows(self, query: str) -> Sequence[tuple[Term, ...]]:
        return [tuple(row.values()) for row in self.graph.sparql(query)]

    def _labels(self, triple: Triple, language: str) -> tuple[str, str, str]:
        subject, predicate, value = triple
        relation = self.names.ontology.relations.get(predicate)
        labels = relation.labels if relation else {}
        name = labels.get(language, labels.get("en", (predicate.local_name,)))[0]
        last = value.value if isinstance(value, Literal) else self.names.label(value, language)
        return self.names.label(subject, language), name, last


def _all(nodes: Iterable[Iri]) -> str:
    return " ".join(f"<{node}>" for node in nodes)
