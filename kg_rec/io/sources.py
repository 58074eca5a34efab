"""Any file of triples as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.io.edges import read_edges
from kg_rec.io.hdt import read_hdt
from kg_rec.io.json_ld import read_json_ld
from kg_rec.io.recbole import read_recbole
from kg_rec.io.triples import read_triples

if TYPE_CHECKING:
    from kg_rec.io.formats import Source
    from kg_rec.io.triple_table import TripleTable

__all__ = ["read_source"]


def read_source(source: Source, base_iri: str, resolve: str | None = None) -> TripleTable:
    """Read a file.

    Args:
        source: The file.
        base_iri: Names in plain triple files become IRIs below it.
        resolve: What relative IRIs in RDF are relative to; ``None`` refuses them.

    Raises:
        DataError: The file is missing or broken; the message names the line.
        MissingDependencyError: An optional package is needed.
    """
    name = source.format.name
    if name in {"tsv", "edges"}:
        return read_edges(source, base_iri)
    if name == "recbole":
        return read_recbole(source, base_iri)
    if name == "jsonld":
        return read_json_ld(source, resolve)
    return read_hdt(source) if name == "hdt" else read_triples(source, resolve)
