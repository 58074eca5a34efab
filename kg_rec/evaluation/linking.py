"""Which node of the graph each item is."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from kg_rec.errors import DataError
from kg_rec.graph import KnowledgeGraph
from kg_rec.graph.columns import join, raw_of, take
from kg_rec.graph.knowledge_graph import BASE_IRI
from kg_rec.ids import Iri, mint
from kg_rec.io.edges import cell_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.graph.columns import Columns
    from kg_rec.graph.raw import Raw

__all__ = ["link_items"]


def link_items(
    items: Sequence[str],
    graph: KnowledgeGraph,
    links: Mapping[str, str],
    base_iri: str = BASE_IRI,
) -> tuple[list[Iri], KnowledgeGraph]:
    """Return the node of each item, and the graph in which no two items are one node.

    An item is the node that its link names, else the node of its own id if the graph has one, else
    a new one. Where several items have one node, each gets a copy of what the graph says of it.

    Args:
        items: Ids.
        graph: The facts.
        links: Item id to entity, as written in a plain triple file or as an IRI.
        base_iri: Start of the IRIs of plain names.

    Raises:
        DataError: A linked entity is a broken IRI.
    """
    known = graph.terms.code_of_key
    nodes: list[Iri] = []
    for item in items:
        keys = _keys(links.get(item, item), base_iri, linked=item in links)
        key = next((key for key in keys if known(key) is not None), None)
        own = mint(base_iri, "item", item)
        nodes.append(own if key is None else Iri(key.decode()))
    return _apart(items, nodes, graph, base_iri)


def _keys(name: str, base_iri: str, *, linked: bool) -> list[bytes]:
    """Return the keys that a name may have in a graph, whatever the kind of its file."""
    try:
        plain = cell_key(name, base_iri)
    except DataError:
        if linked:
            raise
        return []
    return [plain, f"{base_iri}entity/{quote(name, safe='')}".encode()]


def _apart(
    items: Sequence[str], nodes: list[Iri], graph: KnowledgeGraph, base_iri: str
) -> tuple[list[Iri], KnowledgeGraph]:
    """Give all but the first item of a node a node of their own, which is a copy."""
    places = defaultdict(list)
    for place, node in enumerate(nodes):
        places[node].append(place)
    copies = {}
    for node, same in places.items():
        for place in same[1:]:
            nodes[place] = copy = mint(base_iri, "item", items[place])
            copies[copy] = node
    return nodes, _with_copies(graph, copies) if copies else graph


def _with_copies(graph: KnowledgeGraph, copies: Mapping[Iri, Iri]) -> KnowledgeGraph:
    """Return the graph with all triples of some nodes said of other nodes, too."""
    columns = graph.columns
    found: list[Columns | Raw] = [columns]
    for copy, node in copies.items():
        code = columns.terms.code(node)
        rows = np.flatnonzero((columns.triple_codes[:, ::2] == code).any(axis=1))
        part = raw_of(take(columns, rows))
        keys = [copy.encode() if key == node.encode() else key for key in part.keys]
        found.append(replace(part, keys=keys))
    return KnowledgeGraph(join(found))
