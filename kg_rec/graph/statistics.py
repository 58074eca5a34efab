"""What is in a graph: counts by part, class and relation, degrees, components, coverage of items.

Degrees and components are those of the links among facts: triples between two nodes, types and the
parts of users and of learned links apart, which would join everything to everything.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from kg_rec.graph.provenance import RECOMMENDATION_GRAPH
from kg_rec.ids import Iri
from kg_rec.ontology import ALT_LABEL, LABEL, TYPE
from kg_rec.statements import DERIVED, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from kg_rec.graph.knowledge_graph import KnowledgeGraph

__all__ = ["ClassCount", "Coverage", "Degrees", "RelationCount", "Statistics", "statistics"]

_NO_FACTS = (TYPE, LABEL, ALT_LABEL)
_BUSIEST = 10


class ClassCount(NamedTuple):
    """How many nodes have a class."""

    iri: Iri
    label: str
    nodes: int


class RelationCount(NamedTuple):
    """How often a relation stands in a graph.

    Attributes:
        iri: The relation.
        label: Its name.
        triples: How many triples have it.
        subjects: How many nodes have it.
        objects: How many different values it has.
        evidence: How many of its triples were read in a text.
    """

    iri: Iri
    label: str
    triples: int
    subjects: int
    objects: int
    evidence: int


class Degrees(NamedTuple):
    """How many links nodes have, those without any apart.

    Attributes:
        nodes: How many nodes have links.
        links: How many links there are.
        median: Links of the node in the middle.
        mean: Links of a node on average: twice the links by the nodes.
        most: Links of the busiest node.
        busiest: The names of the busiest nodes, each with its links.
        components: How many groups of nodes no link joins.
        largest: How many nodes the largest of these has.
    """

    nodes: int
    links: int
    median: float
    mean: float
    most: int
    busiest: tuple[tuple[str, int], ...]
    components: int
    largest: int


class Coverage(NamedTuple):
    """How many items something is known of.

    Attributes:
        items: How many items there are.
        facts: How many have a fact, besides types and names.
        evidence: How many have a fact that was read in a text.
        liked: How many somebody had to do with.
        facts_each: Facts of an item on average.
    """

    items: int
    facts: int
    evidence: int
    liked: int
    facts_each: float


@dataclass(frozen=True)
class Statistics:
    """What is in a graph.

    Attributes:
        triples: How many triples it has; one in two parts counts twice.
        nodes: IRIs and blank nodes that are a subject or an object.
        literals: Different literals.
        parts: Triples of each part.
        evidence: Triples that were read in a text.
        passages: Passages of text that state them.
        documents: Texts that these are in.
        classes: Classes, the largest first.
        relations: Relations, the most frequent first.
        degrees: Links and what they join.
        coverage: What is known of items.
    """

    triples: int
    nodes: int
    literals: int
    parts: dict[str, int]
    evidence: int
    passages: int
    documents: int
    classes: tuple[ClassCount, ...]
    relations: tuple[RelationCount, ...]
    degrees: Degrees
    coverage: Coverage

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        found = asdict(self)
        return found | {
            "classes": [c._asdict() for c in self.classes],
            "relations": [r._asdict() for r in self.relations],
            "degrees": self.degrees._asdict(),
            "coverage": self.coverage._asdict(),
        }


def statistics(graph: KnowledgeGraph, items: Iterable[Iri] = ()) -> Statistics:
    """Return what is in a graph.

    Args:
        graph: The graph.
        items: The nodes of the items.

    Examples:
        >>> from kg_rec.graph import KnowledgeGraph
        >>> statistics(KnowledgeGraph.from_statements([])).triples
        0
    """
    told = np.zeros(len(graph), dtype=bool)
    told[graph.spans[:, 0]] = True
    parts = np.bincount(graph.part_codes, minlength=len(graph.part_names)).tolist()
    nodes = np.unique(graph.triple_codes[:, [0, 2]])
    return Statistics(
        triples=len(graph),
        nodes=int((nodes < graph.terms.nodes).sum()),
        literals=len(graph.terms) - graph.terms.nodes,
        parts={name: count for name, count in zip(graph.part_names, parts, strict=True) if count},
        evidence=int(told.sum()),
        passages=len(graph.spans),
        documents=len(graph.documents),
        classes=_classes(graph),
        relations=_relations(graph, told),
        degrees=_degrees(graph),
        coverage=_coverage(graph, told, items),
    )


def _classes(graph: KnowledgeGraph) -> tuple[ClassCount, ...]:
    counts = Counter(kind for kinds in graph.types.values() for kind in set(kinds))
    found = [ClassCount(iri, graph.label(iri), count) for iri, count in counts.items()]
    return tuple(sorted(found, key=lambda c: (-c.nodes, c.iri)))


def _relations(graph: KnowledgeGraph, told: NDArray[np.bool_]) -> tuple[RelationCount, ...]:
    found = []
    for code in np.unique(graph.triple_codes[:, 1]).tolist():
        iri = Iri(str(graph.terms[code]))
        rows = graph.rows(predicate=iri)
        triples = np.unique(graph.triple_codes[rows], axis=0)
        subjects, objects = (len(np.unique(triples[:, column])) for column in (0, 2))
        evidence = len(np.unique(graph.triple_codes[rows[told[rows]]], axis=0))
        found.append(
            RelationCount(iri, graph.label(iri), len(triples), subjects, objects, evidence)
        )
    return tuple(sorted(found, key=lambda r: (-r.triples, r.iri)))


def _fact_rows(graph: KnowledgeGraph) -> NDArray[np.bool_]:
    """Return which rows are facts: not of users, not learned, neither types nor names."""
    apart = {USERS, DERIVED, str(RECOMMENDATION_GRAPH)}
    parts = np.array([name not in apart for name in graph.part_names], dtype=bool)
    codes = [code for iri in _NO_FACTS if (code := graph.terms.code(iri)) is not None]
    said: NDArray[np.bool_] = np.isin(graph.triple_codes[:, 1], codes)
    facts: NDArray[np.bool_] = parts[graph.part_codes] & ~said
    return facts


def _degrees(graph: KnowledgeGraph) -> Degrees:
    links = np.unique(graph.triple_codes[_fact_rows(graph)], axis=0)
    links = links[links[:, 2] < graph.terms.nodes]
    if not len(links):
        return Degrees(0, 0, 0.0, 0.0, 0, (), 0, 0)
    ends = links[:, [0, 2]]
    counts = np.bincount(ends.ravel(), minlength=graph.terms.nodes)
    order = np.argsort(-counts, kind="stable")[:_BUSIEST].tolist()
    busiest = [(graph.label(graph.terms[code]), int(counts[code])) for code in order]
    sizes = _component_sizes(ends, counts)
    linked = counts[counts > 0]
    return Degrees(
        nodes=len(linked),
        links=len(links),
        median=float(np.median(linked)),
        mean=round(float(linked.mean()), 3),
        most=int(linked.max()),
        busiest=tuple(pair for pair in busiest if pair[1]),
        components=len(sizes),
        largest=int(sizes.max()),
    )


def _component_sizes(ends: NDArray[np.int32], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    ones = np.ones(len(ends), dtype=np.int8)
    matrix = sparse.coo_array((ones, (ends[:, 0], ends[:, 1])), shape=(len(counts), len(counts)))
    _, components = csgraph.connected_components(matrix, directed=False)
    sizes = np.bincount(components[counts > 0])
    return sizes[sizes > 0]


def _coverage(graph: KnowledgeGraph, told: NDArray[np.bool_], items: Iterable[Iri]) -> Coverage:
    named = list(dict.fromkeys(items))
    known = [code for iri in named if (code := graph.terms.code(iri)) is not None]
    wanted = np.zeros(len(graph.terms), dtype=bool)
    wanted[known] = True
    facts = _fact_rows(graph)
    users = graph.part_codes == graph.part_names.index(USERS)
    triples = np.unique(graph.triple_codes[facts], axis=0)
    return Coverage(
        items=len(named),
        facts=_ends(graph.triple_codes[facts], wanted),
        evidence=_ends(graph.triple_codes[facts & told], wanted),
        liked=_ends(graph.triple_codes[users], wanted),
        facts_each=round(float(wanted[triples[:, [0, 2]]].sum()) / (len(named) or 1), 3),
    )


def _ends(triples: NDArray[np.int32], wanted: NDArray[np.bool_]) -> int:
    """Return how many of the wanted nodes are subject or object of some triples."""
    ends = np.unique(triples[:, [0, 2]])
    return int(wanted[ends].sum())
