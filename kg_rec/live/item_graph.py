"""What a graph holds of some items."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kg_rec.graph.leaving import without_nodes
from kg_rec.ids import Iri
from kg_rec.io import texts_of
from kg_rec.ontology import ALT_LABEL, LABEL, TYPE
from kg_rec.statements import DERIVED, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph, Links
    from kg_rec.model import CatalogueItem

__all__ = ["facts_of", "relinked", "told_of", "without_items_of"]

_ONTOLOGY = "ontology"


def facts_of(graph: KnowledgeGraph) -> KnowledgeGraph:
    """Return what is neither said by users nor learned, for a look at it."""
    others = [code for code, part in enumerate(graph.part_names) if part in {USERS, DERIVED}]
    return graph.only(~np.isin(graph.part_codes, others))


def told_of(graph: KnowledgeGraph, items: Iterable[Iri]) -> KnowledgeGraph:
    """Return what a graph says of some items, and of what they have to do with."""
    facts = facts_of(graph)
    wanted = _marked(facts, items)
    wanted[facts.triple_codes[wanted[facts.triple_codes[:, 0]], 2]] = True
    return facts.take(np.flatnonzero(wanted[facts.triple_codes[:, 0]]))


def relinked(
    graph: KnowledgeGraph, items: Sequence[Iri], links: Iterable[Links]
) -> tuple[NDArray[np.bool_], list[Links]]:
    """Return which rows of a graph are learned links that hold no more, and the new ones.

    Args:
        graph: The graph; it need not know all items.
        items: What rows and columns of the links are.
        links: All links of their predicates, which may be none.
    """
    code = np.array([_code(graph, iri) for iri in items], dtype=np.int64)
    size, codes = len(graph.terms), graph.triple_codes
    learned = graph.part_codes == graph.part_names.index(DERIVED)
    goes, new = np.zeros(len(graph), dtype=bool), []
    for link in links:
        rows = np.flatnonzero(learned & (codes[:, 1] == _code(graph, link.predicate)))
        pairs = codes[rows, 0].astype(np.int64) * size + codes[rows, 2]
        subjects, objects = code[link.rows], code[link.columns]
        wanted = np.where((subjects < 0) | (objects < 0), -1, subjects * size + objects)
        goes[rows[~np.isin(pairs, wanted)]] = True
        fresh = ~np.isin(wanted, pairs)
        new.append(link._replace(rows=link.rows[fresh], columns=link.columns[fresh]))
    return goes, new


def without_items_of(
    graph: KnowledgeGraph, items: Sequence[CatalogueItem]
) -> tuple[KnowledgeGraph, set[Iri]]:
    """Return a graph without some items, and the nodes that are gone.

    What goes: triples that have one of them as subject or object; passages of their texts and what
    these alone state; nodes of which nothing but a name and a class is left, and that nothing else
    points to. The ontology's own stay.
    """
    iris = [item.iri for item in items]
    around = _around(graph, iris)
    own = texts_of({item.id for item in items}, graph.documents)
    left = without_nodes(graph, iris, own)
    alone = [node for node in around if _is_alone(left, node)]
    left = without_nodes(left, alone, ()) if alone else left
    return left, {node for node in {*iris, *around} if left.terms.code(node) is None}


def _around(graph: KnowledgeGraph, items: Sequence[Iri]) -> set[Iri]:
    """Return the nodes that facts join to some items."""
    facts = facts_of(graph)
    gone, codes = _marked(facts, items), facts.triple_codes
    objects, subjects = codes[gone[codes[:, 0]], 2], codes[gone[codes[:, 2]], 0]
    ends = np.unique(np.concatenate([objects, subjects]))
    terms = [graph.terms[code] for code in ends[ends < graph.terms.nodes].tolist()]
    return {term for term in terms if isinstance(term, Iri)} - {*items}


def _is_alone(graph: KnowledgeGraph, node: Iri) -> bool:
    """Return whether a node is there, and has only a name and a class."""
    if graph.terms.code(node) is None:
        return False
    learned = graph.part_names.index(DERIVED)
    said, pointing = graph.rows(subject=node), graph.rows(object=node)
    if (graph.part_codes[pointing] != learned).any():
        return False
    said = said[graph.part_codes[said] != learned]
    names = [_code(graph, predicate) for predicate in (TYPE, LABEL, ALT_LABEL)]
    own = [n for n, name in enumerate(graph.extractor_names) if name == _ONTOLOGY]
    return bool(
        np.isin(graph.triple_codes[said, 1], names).all()
        and not np.isin(graph.extractors[said], own).any()
        and not (graph.rows(predicate=node)).size
    )


def _marked(graph: KnowledgeGraph, nodes: Iterable[Iri]) -> NDArray[np.bool_]:
    marked = np.zeros(len(graph.terms), dtype=bool)
    marked[[code for node in nodes if (code := graph.terms.code(node)) is not None]] = True
    return marked


def _code(graph: KnowledgeGraph, node: Iri) -> int:
    code = graph.terms.code(node)
    return -1 if code is None else code
