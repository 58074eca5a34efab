"""People of a graph under other names: their nodes, labels and lists; their words are left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kg_rec.graph.columns import raw_of, take, tidy
from kg_rec.graph.knowledge_graph import KnowledgeGraph
from kg_rec.graph.leaving import documents_of
from kg_rec.io.triple_table import Numbers
from kg_rec.ontology import LABEL
from kg_rec.statements import USERS
from kg_rec.terms import key_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    from kg_rec.graph.columns import Columns
    from kg_rec.ids import Iri, Literal

__all__ = ["with_people_renamed"]


def with_people_renamed(
    graph: KnowledgeGraph,
    nodes: Mapping[Iri, Iri],
    labels: Mapping[Iri, Literal],
    documents: Collection[str] = (),
) -> KnowledgeGraph:
    """Return a graph in which some people, and what belongs to them, have other names.

    Their own words are left out: no passage of their texts is cited any more, and nothing is said
    of what only these texts name.

    Args:
        graph: The graph.
        nodes: The new node of each person, and of lists that were made for them; nodes below
            (``…#r1``) are renamed with them.
        labels: The new label of each person, by the old node.
        documents: Ids of texts of theirs; those in which they say what they like are known anyway.

    Examples:
        >>> from kg_rec import Iri, Statement, Triple
        >>> from kg_rec.ids import Literal
        >>> ann, x = Iri("urn:ann"), Iri("urn:x")
        >>> graph = KnowledgeGraph.from_statements([Statement(Triple(ann, LABEL, Literal("ann")))])
        >>> next(with_people_renamed(graph, {ann: x}, {ann: Literal("x")}).triples()).object.value
        'x'
    """
    graph = _without_words(graph, {*documents, *documents_of(graph, nodes)}, nodes)
    columns = graph.columns
    numbers = Numbers()
    new = numbers.codes(_renamed_keys(columns, nodes), len(columns.terms))
    raw = raw_of(columns)
    triples = new[raw.triple_codes]
    _relabel(columns, triples, numbers, labels)
    return KnowledgeGraph(tidy(replace(raw, keys=list(numbers), triple_codes=triples)))


def _without_words(
    graph: KnowledgeGraph, documents: Collection[str], people: Collection[Iri]
) -> KnowledgeGraph:
    """Return a graph without passages of some texts, and without what only these name."""
    columns = graph.columns
    codes = [code for code, name in enumerate(columns.documents) if name in documents]
    theirs = np.isin(columns.spans[:, 1], codes)
    if not theirs.any():
        return graph
    subjects = np.zeros(len(columns.terms), dtype=bool)
    subjects[columns.triple_codes[np.unique(columns.spans[theirs, 0]), 0]] = True
    known = columns.triple_codes[columns.part_codes != columns.part_names.index(USERS)]
    subjects[known[:, [0, 2]].ravel()] = False
    subjects[[code for node in people if (code := columns.terms.code(node)) is not None]] = False
    stays = ~subjects[columns.triple_codes].any(axis=1)
    kept = replace(columns, spans=columns.spans[~theirs])
    return KnowledgeGraph(take(kept, np.flatnonzero(stays)))


def _renamed_keys(columns: Columns, nodes: Mapping[Iri, Iri]) -> list[bytes]:
    """Return the keys of all terms, those of some nodes and of what is below them changed."""
    terms = columns.terms
    keys = terms.keys()
    for old, new in nodes.items():
        start, end = (terms.place_of_key(f"{old}{mark}".encode()) for mark in ("#", "$"))
        own = terms.code(old)
        size = len(old.encode())
        for code in [*range(start, end), *([] if own is None else [own])]:
            keys[code] = new.encode() + keys[code][size:]
    return keys


def _relabel(
    columns: Columns,
    triples: NDArray[np.int32],
    numbers: Numbers,
    labels: Mapping[Iri, Literal],
) -> None:
    """Put the new labels of people in the place of the old ones."""
    terms = columns.terms
    label = terms.code(LABEL)
    new = {code: said for node, said in labels.items() if (code := terms.code(node)) is not None}
    rows = np.flatnonzero(columns.triple_codes[:, 1] == label) if label is not None else ()
    for row in rows:
        said = new.get(int(columns.triple_codes[row, 0]))
        if said is not None:
            triples[row, 2] = numbers[key_of(said)]
