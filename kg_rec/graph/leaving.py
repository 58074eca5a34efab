"""Takes people out of a graph: what they did and said, their texts, what only they brought."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kg_rec.graph.columns import take
from kg_rec.graph.knowledge_graph import KnowledgeGraph
from kg_rec.ids import RDFS
from kg_rec.ontology.acts import CHOSE, REJECTED
from kg_rec.statements import DERIVED, USERS

if TYPE_CHECKING:
    from collections.abc import Collection

    from numpy.typing import NDArray

    from kg_rec.graph.columns import Columns
    from kg_rec.ids import Iri

__all__ = ["documents_of", "without_nodes", "without_people"]

_NOT_READ = ("table", "ontology", "rdf:", "model:", "recommendation")
"""Starts of the extractors of what holds without any text."""
_SUB_PROPERTY = RDFS["subPropertyOf"]


def without_people(
    graph: KnowledgeGraph,
    people: Collection[Iri],
    documents: Collection[str] = (),
    lists: Collection[Iri] = (),
) -> KnowledgeGraph:
    """Return a graph in which nothing names some people or comes from their texts alone.

    What goes: triples that have one of them as subject or object; passages of their texts, and what
    these alone state, the names and classes of entities among it; the predicates of acts that
    nobody else did; learned links of entities that nothing else is known of; then terms, texts and
    names of extractors that are not in use any more. What others have said, too, stays with the
    passages of the others.

    Args:
        graph: The graph.
        people: Nodes of the people.
        documents: Ids of texts of theirs; texts in which they say what they like are known anyway.
        lists: Nodes of lists that were recommended to them.

    Returns:
        The same graph if there is nothing of them in it.

    Examples:
        >>> from kg_rec import Iri, Statement, Triple
        >>> ann, bob, heat = Iri("urn:ann"), Iri("urn:bob"), Iri("urn:heat")
        >>> liked = [Statement(Triple(p, Iri("urn:likes"), heat), part=USERS) for p in (ann, bob)]
        >>> graph = without_people(KnowledgeGraph.from_statements(liked), [ann])
        >>> [triple.subject for triple in graph], list(graph.terms)
        ([Iri('urn:bob')], [Iri('urn:bob'), Iri('urn:heat'), Iri('urn:likes')])
    """
    theirs = {*documents, *documents_of(graph, people)}
    return _without(graph, _with_parts(graph.columns, {*people, *lists}), theirs)


def without_nodes(
    graph: KnowledgeGraph, nodes: Collection[Iri], documents: Collection[str]
) -> KnowledgeGraph:
    """Return a graph without some nodes and texts, and without what only these brought.

    What goes is as in :func:`without_people`.

    Args:
        graph: The graph.
        nodes: The nodes.
        documents: Ids of the texts.
    """
    gone = np.zeros(len(graph.terms), dtype=bool)
    gone[[code for node in nodes if (code := graph.terms.code(node)) is not None]] = True
    return _without(graph, gone, documents)


def _without(
    graph: KnowledgeGraph, gone: NDArray[np.bool_], documents: Collection[str]
) -> KnowledgeGraph:
    columns = graph.columns
    span_goes = np.isin(columns.spans[:, 1], _document_codes(columns, documents))
    goes = gone[columns.triple_codes].any(axis=1) | _said_only_there(columns, span_goes)
    if not goes.any() and not span_goes.any():
        return graph
    goes |= _unused_acts(graph, goes)
    goes |= _orphaned_links(columns, goes)
    kept = replace(columns, spans=columns.spans[~span_goes])
    return KnowledgeGraph(take(kept, np.flatnonzero(~goes)))


def documents_of(graph: KnowledgeGraph, people: Collection[Iri]) -> set[str]:
    """Return the ids of the texts in which some people say what they like."""
    codes = [code for node in people if (code := graph.terms.code(node)) is not None]
    rows = np.flatnonzero(np.isin(graph.triple_codes[:, 0], codes))
    cited = graph.spans[np.isin(graph.spans[:, 0], rows), 1]
    names = list(graph.documents)
    return {names[code] for code in np.unique(cited).tolist()}


def _with_parts(columns: Columns, nodes: Collection[Iri]) -> NDArray[np.bool_]:
    """Return which terms are some nodes, or parts of these (``…#r1``)."""
    terms = columns.terms
    gone = np.zeros(len(terms), dtype=bool)
    for node in nodes:
        if (code := terms.code(node)) is not None:
            gone[code] = True
        start, end = (terms.place_of_key(f"{node}{mark}".encode()) for mark in ("#", "$"))
        gone[start:end] = True
    return gone


def _document_codes(columns: Columns, names: Collection[str]) -> list[int]:
    return [code for code, name in enumerate(columns.documents) if name in names]


def _said_only_there(columns: Columns, span_goes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows all of whose passages go, and that no table or file states."""
    rows = len(columns.triple_codes)
    gone = np.bincount(columns.spans[span_goes, 0], minlength=rows)
    left = np.bincount(columns.spans[~span_goes, 0], minlength=rows)
    read = np.array([not name.startswith(_NOT_READ) for name in columns.extractor_names], bool)
    return np.asarray((gone > 0) & (left == 0) & read[columns.extractors])


def _unused_acts(graph: KnowledgeGraph, goes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the rows on predicates of acts that only rows that go have."""
    unused = np.zeros(len(goes), dtype=bool)
    users = graph.part_codes == graph.part_names.index(USERS)
    codes = graph.triple_codes
    for parent in (CHOSE, REJECTED):
        for row in graph.rows(predicate=_SUB_PROPERTY, object=parent).tolist():
            act = codes[row, 0]
            if not ((codes[:, 1] == act) & ~goes).any():
                unused |= users & (codes[:, 0] == act)
    return unused


def _orphaned_links(columns: Columns, goes: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the learned links of nodes that lose all else that is said of them."""
    learned = columns.part_codes == columns.part_names.index(DERIVED)
    ends = columns.triple_codes[:, [0, 2]]
    lost, known = _marked(ends[goes], columns), _marked(ends[~goes & ~learned], columns)
    return np.asarray(learned & (lost & ~known)[ends].any(axis=1))


def _marked(codes: NDArray[np.int32], columns: Columns) -> NDArray[np.bool_]:
    marked = np.zeros(len(columns.terms), dtype=bool)
    marked[codes.ravel()] = True
    return marked
