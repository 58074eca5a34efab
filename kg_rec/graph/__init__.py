"""The knowledge graph: one columnar triple table, with RDF, networkx, PyKEEN and CSR as views."""

from __future__ import annotations

from kg_rec.graph.columns import Columns
from kg_rec.graph.knowledge_graph import FORMATS, KnowledgeGraph
from kg_rec.graph.raw import Links

__all__ = ["FORMATS", "Columns", "KnowledgeGraph", "Links"]
