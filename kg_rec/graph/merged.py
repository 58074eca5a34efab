"""Which names of texts were taken for the same thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ids import Iri, Literal
from kg_rec.ontology import ALT_LABEL
from kg_rec.statements import MERGED

if TYPE_CHECKING:
    from kg_rec.graph.knowledge_graph import KnowledgeGraph

__all__ = ["MergedName", "merged_names"]


class MergedName(NamedTuple):
    """A name that was taken for one of a thing that has another.

    Attributes:
        name: The name, as texts have it.
        entity: The thing.
        label: Its name.
        reason: Why, as in ``"initials"``.
        documents: Ids of the documents.
    """

    name: str
    entity: Iri
    label: str
    reason: str
    documents: tuple[str, ...]


def merged_names(graph: KnowledgeGraph) -> list[MergedName]:
    """Return the names of a graph that reading texts merged, sorted by name."""
    found = []
    for statement in graph.select(predicates=[ALT_LABEL]).statements():
        entity, _, name = statement.triple
        if statement.extractor.startswith(MERGED) and isinstance(name, Literal):
            documents = tuple(dict.fromkeys(e.document for e in statement.evidence))
            reason = statement.extractor.removeprefix(MERGED)
            found.append(MergedName(name.value, entity, graph.label(entity), reason, documents))
    return sorted(found)
