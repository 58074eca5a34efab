"""Names of nodes: labels, alternative labels, and what an IRI ends in."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from kg_rec.ids import Literal
from kg_rec.ontology import ALT_LABEL, LABEL

if TYPE_CHECKING:
    from kg_rec.graph.knowledge_graph import KnowledgeGraph
    from kg_rec.ids import Iri, Term

__all__ = ["Names"]


class Names:
    """What the nodes of a graph are called.

    A label is the first of its node: by part, then by value.

    Args:
        graph: The graph.
    """

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._first: dict[Iri, str] = {}
        self._by_language: dict[tuple[Iri, str], str] = {}
        self._others: dict[Iri, list[str]] = defaultdict(list)
        for node, label in _labels(graph):
            first = self._first.setdefault(node, label.value)
            if label.value != first:
                self._others[node].append(label.value)
            self._by_language.setdefault((node, label.language or ""), label.value)
        for triple in graph.triples(predicate=ALT_LABEL):
            if isinstance(triple.object, Literal):
                self._others[triple.subject].append(triple.object.value)

    def label(self, term: Term, language: str | None = None) -> str:
        """Return the name of a term, in a language if it has one there."""
        if isinstance(term, Literal):
            return term.value
        found = self._by_language.get((term, language.lower())) if language else None
        if found is None:
            found = self._first.get(term)
        return term.local_name.replace("_", " ") if found is None else found

    def all(self, term: Iri) -> tuple[str, ...]:
        """Return the labels of a node, in all languages, and the alternative ones."""
        found = [self._first[term]] if term in self._first else []
        return (*found, *self._others.get(term, ()))


def _labels(graph: KnowledgeGraph) -> list[tuple[Iri, Literal]]:
    rows = graph.rows(predicate=LABEL)
    parts = graph.part_codes[rows].tolist()
    found = [
        (part, triple.subject, o.value, o.datatype or "", o.language or "", o.direction or "", o)
        for part, triple in zip(parts, graph.triples(predicate=LABEL), strict=True)
        if isinstance(o := triple.object, Literal)
    ]
    return [(entry[1], entry[-1]) for entry in sorted(found, key=lambda entry: entry[:-1])]
