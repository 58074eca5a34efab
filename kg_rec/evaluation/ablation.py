"""What the graph is worth: the same model with the real graph, a shuffled one, and none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kg_rec import io
from kg_rec.graph import KnowledgeGraph
from kg_rec.graph.columns import raw_of, tidy
from kg_rec.ontology import LABEL

if TYPE_CHECKING:
    from kg_rec.evaluation.data import EvaluationData

__all__ = ["has_facts", "shuffled", "shuffled_graph", "without_graph"]

_NAMES = ("id", "label", "iri")


def has_facts(data: EvaluationData) -> bool:
    """Return whether anything is known of the items but ids and names."""
    told = any(name not in _NAMES for name in data.table.columns)
    return bool(len(data.graph) or data.endpoints or told or "texts" in data.sources)


def shuffled(data: EvaluationData, seed: int = 0) -> EvaluationData:
    """Return the data with facts and texts that are as many and as common, but of other items.

    The tails of the triples of each relation are permuted, so that every node keeps how many
    triples of each relation it has; so are the columns of the items table and the items of
    further texts.

    Args:
        data: The data.
        seed: Of the permutations.
    """
    rng = np.random.default_rng(seed)
    sources: dict[str, Any] = dict(data.sources)
    if "texts" in sources:
        texts = io.read_table(sources["texts"])
        column = data.config.texts.item
        items = texts.column(column, "texts.item")
        sources["texts"] = replace(texts, columns=texts.columns | {column: _permuted(items, rng)})
    columns = {
        name: cells if name in _NAMES else _permuted(cells, rng)
        for name, cells in data.table.columns.items()
    }
    return replace(
        data,
        graph=shuffled_graph(data.graph, seed),
        table=replace(data.table, columns=columns),
        sources=sources,
    )


def shuffled_graph(graph: KnowledgeGraph, seed: int = 0) -> KnowledgeGraph:
    """Return a graph in which the objects of each relation are permuted; names stay.

    Triples that become equal are one, so that the graph may be a little smaller.

    Args:
        graph: The graph.
        seed: Of the permutations.
    """
    rng = np.random.default_rng(seed)
    raw = raw_of(graph.columns)
    triples = raw.triple_codes.copy()
    named = graph.terms.code(LABEL)
    for predicate in np.unique(triples[:, 1]).tolist():
        if predicate != named:
            rows = np.flatnonzero(triples[:, 1] == predicate)
            triples[rows, 2] = triples[rng.permutation(rows), 2]
    return KnowledgeGraph(tidy(replace(raw, triple_codes=triples)))


def without_graph(data: EvaluationData) -> EvaluationData:
    """Return the data without facts and texts about items: ids and names are left."""
    columns = {name: cells for name, cells in data.table.columns.items() if name in _NAMES}
    sources = {kind: path for kind, path in data.sources.items() if kind != "texts"}
    return replace(
        data,
        graph=KnowledgeGraph.from_statements(()),
        table=replace(data.table, columns=columns),
        sources=sources,
        endpoints=(),
    )


def _permuted(cells: list[Any], rng: np.random.Generator) -> list[Any]:
    return [cells[place] for place in rng.permutation(len(cells)).tolist()]
