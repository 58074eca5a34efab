"""Statements to columns: merged, sorted, integer-coded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kg_rec.errors import DataError
from kg_rec.ids import Iri, Term
from kg_rec.statements import DERIVED, FACTS, USERS, Evidence, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph.knowledge_graph import KnowledgeGraph

__all__ = ["PARTS", "Links", "columns_of", "columns_with_links"]

PARTS = (FACTS, USERS, DERIVED)
"""The parts of the graph, in the order of their codes."""


class Links(NamedTuple):
    """Triples of one predicate between nodes: (node of a row, predicate, node of a column).

    Attributes:
        predicate: The predicate.
        extractor: What found them.
        rows: int array.
        columns: int array of the same length.
    """

    predicate: Iri
    extractor: str
    rows: NDArray[np.integer]
    columns: NDArray[np.integer]


def columns_of(statements: Iterable[Statement], documents: Mapping[str, str]) -> dict[str, Any]:
    """Return the columns of a graph, as :class:`KnowledgeGraph` takes them.

    Equal triples of one part become one, with the evidence of all and the highest confidence.

    Raises:
        DataError: Evidence cites a document that is not given, or is not its slice.
    """
    merged = _merge(statements, documents)
    terms = tuple(sorted({t for triple, _ in merged for t in triple}, key=_sort_key))
    code = {term: number for number, term in enumerate(terms)}
    rows = sorted(
        (
            PARTS.index(part),
            code[triple.subject],
            code[triple.predicate],
            code[triple.object],
            triple,
        )
        for triple, part in merged
    )
    names = tuple(sorted({entry[1] for entry in merged.values()}))
    cited = sorted({e.document for entry in merged.values() for e in entry[2]})
    document_code = {name: number for number, name in enumerate(cited)}
    entries = [merged[row[4], PARTS[row[0]]] for row in rows]
    spans = [
        (row, document_code[e.document], e.start, e.end)
        for row, entry in enumerate(entries)
        for e in sorted(entry[2])
    ]
    return {
        "terms": terms,
        "triple_codes": np.array([row[1:4] for row in rows], dtype=np.int32).reshape(-1, 3),
        "part_codes": np.array([row[0] for row in rows], dtype=np.int8),
        "confidences": np.array([entry[0] for entry in entries], dtype=np.float64),
        "strengths": np.array([entry[3] for entry in entries], dtype=np.float64),
        "extractors": np.array([names.index(entry[1]) for entry in entries], dtype=np.int32),
        "extractor_names": names,
        "spans": np.array(spans, dtype=np.int32).reshape(-1, 4),
        "documents": {name: documents[name] for name in cited},
    }


_Merged = dict[tuple[Triple, str], tuple[float, str, frozenset[Evidence], float]]


def columns_with_links(
    graph: KnowledgeGraph, nodes: Sequence[Iri], links: Iterable[Links]
) -> dict[str, Any]:
    """Return the columns of a graph with derived triples between some of its nodes.

    As ``columns_of`` all statements together, but on arrays: learned links can be millions.

    Args:
        graph: A graph without derived triples; all nodes are among its terms.
        nodes: What rows and columns of the links are.
        links: The links, each predicate once.
    """
    links = [link for link in links if len(link.rows)]
    terms = tuple(sorted({*graph.terms, *(link.predicate for link in links)}, key=_sort_key))
    code = {term: number for number, term in enumerate(terms)}
    names = tuple(sorted({*graph.extractor_names, *(link.extractor for link in links)}))
    node_codes = np.array([code[node] for node in nodes], dtype=np.int32)
    triples = [np.array([code[term] for term in graph.terms], dtype=np.int32)[graph.triple_codes]]
    finder = np.array([names.index(name) for name in graph.extractor_names], dtype=np.int32)
    finders = [finder[graph.extractors]]
    for link in links:
        predicate = np.full(len(link.rows), code[link.predicate], dtype=np.int32)
        triples.append(np.stack([node_codes[link.rows], predicate, node_codes[link.columns]], 1))
        finders.append(np.full(len(link.rows), names.index(link.extractor), dtype=np.int32))
    whole = np.concatenate(triples).reshape(-1, 3)
    added = len(whole) - len(graph)
    parts = np.concatenate([graph.part_codes, np.full(added, PARTS.index(DERIVED), dtype=np.int8)])
    order = np.lexsort((whole[:, 2], whole[:, 1], whole[:, 0], parts))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    spans = graph.spans.copy()
    spans[:, 0] = place[spans[:, 0]]
    return {
        "terms": terms,
        "triple_codes": whole[order],
        "part_codes": parts[order],
        "confidences": np.concatenate([graph.confidences, np.ones(added)])[order],
        "strengths": np.concatenate([graph.strengths, np.ones(added)])[order],
        "extractors": np.concatenate(finders)[order],
        "extractor_names": names,
        "spans": spans[np.argsort(spans[:, 0], kind="stable")],
        "documents": graph.documents,
    }


def _merge(statements: Iterable[Statement], documents: Mapping[str, str]) -> _Merged:
    merged: _Merged = {}
    for statement in statements:
        for passage in statement.evidence:
            _check_evidence(passage, documents)
        key = (statement.triple, statement.part)
        confidence, extractor = statement.confidence, statement.extractor
        evidence, strength = frozenset(statement.evidence), statement.polarity * statement.strength
        if key in merged:
            old = merged[key]
            best = max((old[0], old[1]), (confidence, extractor))
            strongest = max(old[3], strength, key=lambda value: (abs(value), value))
            merged[key] = (*best, old[2] | evidence, strongest)
        else:
            merged[key] = (confidence, extractor, evidence, strength)
    return merged


def _check_evidence(evidence: Evidence, documents: Mapping[str, str]) -> None:
    name, start, end, text = evidence
    if name not in documents:
        msg = f"evidence cites document {name!r}, which is not given"
        raise DataError(msg)
    if documents[name][start:end] != text:
        found = documents[name][start:end]
        place = f"evidence at {start}:{end} of document {name!r}"
        raise DataError(f"{place} is {text!r}, but there stands {found!r}")


def _sort_key(term: Term) -> tuple[int, str, str, str]:
    if isinstance(term, Iri):
        return (0, term, "", "")
    return (1, term.value, term.datatype or "", term.language or "")
