"""Views of a graph for other libraries: made from the table when asked for, never second stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kg_rec.errors import DataError
from kg_rec.ids import PREFIXES, BlankNode, Literal, Term

if TYPE_CHECKING:
    import networkx as nx
    import rdflib
    from pykeen.triples import TriplesFactory

    from kg_rec.graph.knowledge_graph import KnowledgeGraph

__all__ = ["networkx_view", "pykeen_view", "rdflib_view"]


def rdflib_view(graph: KnowledgeGraph) -> rdflib.Graph:
    """Return the triples as an rdflib graph with prefixes bound; base directions are dropped."""
    import rdflib  # noqa: PLC0415 - a fifth of a second that serving does not need

    def convert(term: Term) -> rdflib.URIRef | rdflib.BNode | rdflib.Literal:
        if isinstance(term, Literal):
            return rdflib.Literal(
                term.value, lang=term.language, datatype=term.datatype, normalize=False
            )
        return rdflib.BNode(term[2:]) if isinstance(term, BlankNode) else rdflib.URIRef(term)

    view = rdflib.Graph()
    for prefix, namespace in PREFIXES.items():
        view.bind(prefix, namespace)
    nodes = [convert(term) for term in graph.terms]
    for s, p, o in graph.triple_codes.tolist():
        view.add((nodes[s], nodes[p], nodes[o]))
    return view


def networkx_view(graph: KnowledgeGraph) -> nx.MultiDiGraph[Term]:
    """Return a directed multigraph: terms are nodes, the key of an edge is its predicate."""
    import networkx as nx  # noqa: PLC0415 - serving does not need it

    view: nx.MultiDiGraph[Term] = nx.MultiDiGraph()
    for row, (s, p, o) in enumerate(graph):
        for term in (s, o):
            if term not in view:
                view.add_node(term, label=graph.label(term))
        view.add_edge(s, o, key=p, confidence=float(graph.confidences[row]))
    return view


def pykeen_view(graph: KnowledgeGraph) -> TriplesFactory:
    """Return the triples as a PyKEEN factory; literals are written as in N-Triples."""
    from pykeen.triples import TriplesFactory  # noqa: PLC0415 - imports torch

    if not len(graph):
        msg = "a graph without triples has no PyKEEN view"
        raise DataError(msg)
    labels = np.array([key.decode() for key in graph.terms.keys()])  # noqa: SIM118 - no dict
    return TriplesFactory.from_labeled_triples(labels[graph.triple_codes])
