"""Tables and RDF files in, checked row by row; files out, written whole or not at all."""

from __future__ import annotations

from kg_rec.io.documents import documents_of, read_documents, read_statements, statement_line
from kg_rec.io.events import (
    FEEDBACK,
    Act,
    Event,
    EventRow,
    events_of,
    read_events,
    read_interactions,
    recent,
)
from kg_rec.io.files import write_file
from kg_rec.io.friends import Friend, read_friends
from kg_rec.io.rdf import item_statements, ontology_statements, read_rdf
from kg_rec.io.records import (
    Item,
    item_documents,
    label_documents,
    read_items,
    read_texts,
    read_users,
    texts_of,
)
from kg_rec.io.resuming import StatementFile
from kg_rec.io.segments import read_segments, segment_name, segment_statements
from kg_rec.io.tables import Table, read_table
from kg_rec.io.times import time_of
from kg_rec.io.user_statements import event_statements, friend_statements, user_statements

__all__ = [
    "FEEDBACK",
    "Act",
    "Event",
    "EventRow",
    "Friend",
    "Item",
    "StatementFile",
    "Table",
    "documents_of",
    "event_statements",
    "events_of",
    "friend_statements",
    "item_documents",
    "item_statements",
    "label_documents",
    "ontology_statements",
    "read_documents",
    "read_events",
    "read_friends",
    "read_interactions",
    "read_items",
    "read_rdf",
    "read_segments",
    "read_statements",
    "read_table",
    "read_texts",
    "read_users",
    "recent",
    "segment_name",
    "segment_statements",
    "statement_line",
    "texts_of",
    "time_of",
    "user_statements",
    "write_file",
]
