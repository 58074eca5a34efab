"""Popularity among people of one kind: of a country, an age, an occupation.

The block ``popularity`` has, beside the column of everyone, one for each value of the columns that
``users.segments`` names, as far as enough users have it: ``ln(1 + likes) / ln(1 + most likes)``
among these. It is what can be said to people of whom nothing but that is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.ids import KGREC, mint
from kg_rec.ontology.acts import SEGMENT
from kg_rec.popularity import popularity
from kg_rec.vectors import POPULARITY, Column, ItemVectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri

__all__ = ["POPULAR_IN", "memberships", "segment_columns", "segment_popularity"]

POPULAR_IN = KGREC["popularIn"]
"""The predicate of the columns, from an item to a segment."""


def memberships(
    graph: KnowledgeGraph, users: Sequence[Iri]
) -> tuple[sparse.csr_array, tuple[str, ...]]:
    """Return who is in which segment, as CSR (users × segments) of ones, and their names, sorted.

    Args:
        graph: Where it is told.
        users: Nodes of the users, in row order.
    """
    rows = graph.rows(predicate=SEGMENT)
    codes = graph.triple_codes[rows]
    names = {code: graph.label(graph.terms[code]) for code in np.unique(codes[:, 2]).tolist()}
    known = tuple(sorted(names.values()))
    place = {name: n for n, name in enumerate(known)}
    row_of = {graph.terms.code(node): n for n, node in enumerate(users)} if len(rows) else {}
    pairs = {
        (row_of[user], place[names[segment]])
        for user, _, segment in codes.tolist()
        if user in row_of
    }
    cells = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    shape = (len(users), len(known))
    ones = sparse.coo_array((np.ones(cells.shape[1]), (cells[0], cells[1])), shape=shape)
    return sparse.csr_array(ones.tocsr()), known


def segment_popularity(
    graph: KnowledgeGraph,
    users: Sequence[Iri],
    fresh: sparse.csr_array,
    base_iri: str,
    least: int,
) -> ItemVectors:
    """Return a column for each segment that has enough users.

    Args:
        graph: Where it is told who is in which.
        users: Nodes of the users, in row order.
        fresh: CSR (users × items): what each like counts, from
            :func:`~kg_rec.popularity.fresh_likes`.
        base_iri: Start of the nodes of segments.
        least: How many users a segment has at least: fewer say little, and could be guessed.
    """
    members, names = memberships(graph, users)
    counts = np.asarray(members.sum(axis=0))
    chosen = np.flatnonzero(counts >= least).tolist()
    columns = [popularity(fresh[np.flatnonzero(members[:, [n]].toarray().ravel())]) for n in chosen]
    table = np.array(columns, dtype=np.float64).reshape(len(chosen), fresh.shape[1])
    nodes = tuple(
        Column(POPULARITY.block, POPULAR_IN, mint(base_iri, "segment", names[n])) for n in chosen
    )
    return ItemVectors(sparse.csr_array(table.T), nodes)


def segment_columns(vectors: ItemVectors) -> dict[Iri, int]:
    """Return the number of each segment's column, by the node of the segment."""
    return {c.object: n for n, c in enumerate(vectors.columns) if c.predicate == POPULAR_IN}
