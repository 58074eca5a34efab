"""Names of relations, and paths written as a line."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from kg_rec.explanations.words import relation_name as named
from kg_rec.report.language import ENGLISH, Words
from kg_rec.report.words import NAME, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.explanations import Hop
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology

__all__ = ["Steps", "relation_name"]


def relation_name(ontology: Ontology, predicate: Iri, words: Words = ENGLISH) -> str:
    """Return what a relation is called; the end of its IRI if nothing says more."""
    own, english = (named(ontology, predicate, code) for code in (words.language, "en"))
    return words(english) if own == english else own


class Steps:
    """Writes paths as lines.

    Args:
        graph: Names of nodes.
        ontology: Names of relations.
        words: The language.
    """

    def __init__(self, graph: KnowledgeGraph, ontology: Ontology, words: Words = ENGLISH) -> None:
        self.graph = graph
        self.ontology = ontology
        self.words = words.of(graph)
        self._relation = cache(partial(relation_name, ontology, words=self.words))
        self._name = cache(lambda node: shorten(self.words.name(node), NAME))

    def __call__(self, path: Sequence[Hop]) -> str:
        """Return a path as "Heat → genre → Crime ← genre ← Se7en"."""
        return self.line(self.nodes(path), path)

    def nodes(self, path: Sequence[Hop]) -> list[str]:
        """Return the names of the nodes along a path."""
        if not path:
            return []
        first = path[0].triple
        start = first.object if path[0].reverse else first.subject
        ends = (t.subject if reverse else t.object for t, reverse in path)
        return [self._name(node) for node in (start, *ends)]

    def line(self, names: Sequence[str], path: Sequence[Hop]) -> str:
        """Return names joined by the relations of a path."""
        parts = list(names[:1])
        for (triple, reverse), end in zip(path, names[1:], strict=True):
            arrow = "←" if reverse else "→"
            parts += [arrow, self._relation(triple.predicate), arrow, end]
        return " ".join(parts)
