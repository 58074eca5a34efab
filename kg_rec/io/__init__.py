"""Tables and RDF files in, checked row by row; files out, written whole or not at all."""

from __future__ import annotations

from kg_rec.io.documents import documents_of, read_documents, read_statements, statement_line
from kg_rec.io.files import write_file
from kg_rec.io.rdf import item_statements, ontology_statements, read_rdf
from kg_rec.io.records import (
    Event,
    Item,
    item_documents,
    label_documents,
    read_interactions,
    read_items,
    read_texts,
    read_users,
)
from kg_rec.io.resuming import StatementFile
from kg_rec.io.tables import Table, read_table

__all__ = [
    "Event",
    "Item",
    "StatementFile",
    "Table",
    "documents_of",
    "item_documents",
    "item_statements",
    "label_documents",
    "ontology_statements",
    "read_documents",
    "read_interactions",
    "read_items",
    "read_rdf",
    "read_statements",
    "read_table",
    "read_texts",
    "read_users",
    "statement_line",
    "write_file",
]
