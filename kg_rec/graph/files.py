"""A graph to a file or folder, in any format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kg_rec.errors import DataError
from kg_rec.graph import exchange
from kg_rec.graph.atomic import recbole_files
from kg_rec.graph.writing import rdf_chunks
from kg_rec.io.files import write_file, write_folder
from kg_rec.io.formats import format_named, format_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg_rec.graph.knowledge_graph import KnowledgeGraph
    from kg_rec.io.formats import Format

__all__ = ["write_graph"]


def write_graph(
    graph: KnowledgeGraph,
    path: str | Path,
    format_name: str | None,
    profile: str,
    *,
    named: bool | None,
    base_iri: str,
) -> Path:
    """Write a graph; see ``KnowledgeGraph.write``."""
    path = Path(path)
    if format_name is None:
        format_ = format_of(path, writes=True)
    else:
        format_ = format_named(format_name, writes=True)
    if format_.rdf is None and profile != "plain":
        raise DataError(f"profile {profile!r} is for RDF, not for {format_.title}")
    if format_.name == "neo4j":
        return write_folder(path, exchange.neo4j_files(graph))
    if format_.name == "recbole":
        return write_folder(path, recbole_files(graph, path.name, base_iri))
    return write_file(path, _chunks(graph, format_, profile, named=named))


def _chunks(
    graph: KnowledgeGraph, format_: Format, profile: str, *, named: bool | None
) -> Iterable[bytes]:
    if format_.rdf is not None:
        return rdf_chunks(graph.columns, format_, profile, named=named)
    if format_.name == "tsv":
        return exchange.tsv(graph.columns)
    if format_.name == "pykeen":
        return exchange.pykeen_triples(graph.columns)
    return exchange.graphml(graph) if format_.name == "graphml" else exchange.gexf(graph)
