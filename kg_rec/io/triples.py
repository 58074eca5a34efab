"""RDF files as tables of triples, without an object for each triple."""

from __future__ import annotations

import gc
import xml.etree.ElementTree as ET
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, cast

import pyoxigraph as ox

from kg_rec.ids import RDF, Literal
from kg_rec.io.entities import Checked
from kg_rec.io.lines import read_lines
from kg_rec.io.triple_table import Numbers, TripleTable, scoped, table_of
from kg_rec.terms import key_of, term_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.io.formats import Source

__all__ = ["read_triples"]


def read_triples(source: Source, base_iri: str | None = None) -> TripleTable:
    """Read an RDF file.

    Blank nodes get labels that no other file gives, unless its content is the same.

    Args:
        source: The file.
        base_iri: What relative IRIs are relative to; without it they are refused.

    Raises:
        DataError: The file cannot be read or is broken; the message names the line.
    """
    with _no_garbage_collection():
        found = None
        if source.format.name in {"nt", "nq"}:
            found = read_lines(source)
        if found is None:
            with source.open() as stream:
                checked = Checked(stream) if source.format.name == "rdf" else stream
                quads = ox.parse(
                    cast("IO[bytes]", checked), format=source.format.rdf, base_iri=base_iri
                )
                found = table_of(quads, named=source.format.named)
        if source.format.name == "rdf":
            found = _with_canonical_xml(found)
    return scoped(found, source)


_XML_LITERAL = b'"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>'


def _with_canonical_xml(table: TripleTable) -> TripleTable:
    """Return the table with XML literals in exclusive canonical form (RDF 1.1 XML, section 7.2.17).

    pyoxigraph writes all namespaces in scope into them, used or not.
    """
    if not any(key.endswith(_XML_LITERAL) for key in table.keys):
        return table
    numbers = Numbers()
    codes = numbers.codes(map(_canonical_xml, table.keys), len(table.keys))
    return TripleTable(list(numbers), codes[table.codes], table.graphs, table.graph_keys)


def _canonical_xml(key: bytes) -> bytes:
    if not key.endswith(_XML_LITERAL):
        return key
    value = getattr(term_of(key), "value", "")
    with suppress(ET.ParseError):
        whole = ET.canonicalize(f"<x>{value}</x>", with_comments=True)
        inside = whole.removeprefix("<x>").removesuffix("</x>") if whole != "<x></x>" else ""
        return key_of(Literal(inside, RDF["XMLLiteral"]))
    return key


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Make no search for cycles: millions of short lists are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
