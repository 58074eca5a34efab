"""The inputs of a build: tables, texts and RDF, read and checked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from kg_rec import embeddings, io
from kg_rec.event_log import EventLog
from kg_rec.features import features_of, settled
from kg_rec.ids import IdIndex, Iri, mint
from kg_rec.io.redacting import Redactor
from kg_rec.model import CatalogueItem
from kg_rec.ontology import Ontology
from kg_rec.ontology.given import with_relation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.config import Config
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.statements import Document, Statement

__all__ = ["Inputs", "Known", "Sources", "documents_of", "read_inputs"]


@dataclass(frozen=True)
class Sources:
    """What a model is built from: each a file name, a dataframe, or ``None``."""

    items: Any
    texts: Any = None
    interactions: Any = None
    users: Any = None
    graph: Sequence[str | KnowledgeGraph] = ()
    friends: Any = None
    vectors: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What a model is weighed from, beside its graph.

    Attributes:
        config: The settings.
        ontology: The domain.
        items: The catalogue, sorted by id.
        users: The ids of all users: of those who did, said or know something.
        rows: What users did, row by row.
        features: Vectors that came with the items, by name (items × dimensions).
    """

    config: Config
    ontology: Ontology
    items: tuple[CatalogueItem, ...]
    users: IdIndex
    rows: Sequence[io.EventRow]
    features: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    @cached_property
    def encoder(self) -> embeddings.TextEncoder:
        """What makes vectors of texts."""
        return embeddings.encoder_of(self.config.text.encoder, self.config.text.cache)

    @cached_property
    def item_index(self) -> IdIndex:
        """The ids of the items."""
        return IdIndex((item.id for item in self.items), kind="item")

    @cached_property
    def user_nodes(self) -> list[Iri]:
        """The nodes of all users, in row order."""
        return [mint(self.config.base_iri, "user", name) for name in self.users.ids]

    @cached_property
    def log(self) -> EventLog:
        """The rows as columns."""
        return EventLog.of(self.rows, self.users, self.item_index)

    @cached_property
    def events(self) -> Sequence[io.Event]:
        """What the rows come to: one event for each user and item."""
        settings = self.config
        return io.events_of(self.rows, settings.interactions, dislike=settings.ranking.dislike)

    @cached_property
    def event_matrix(self) -> sparse.csr_array:
        """Signed weights: float64 CSR (users × items)."""
        return self._of_events([event.weight for event in self.events])

    @cached_property
    def event_times(self) -> NDArray[np.float64] | None:
        """Seconds since 1970, in the order of the data of ``event_matrix``; None if none is known.

        NaN where a time is not known.
        """
        times = [math.nan if event.time is None else event.time for event in self.events]
        return None if all(map(math.isnan, times)) else self._of_events(times).data

    def _of_events(self, values: Sequence[float]) -> sparse.csr_array:
        """Return a value of each event as users × items."""
        rows = self.users.rows(event.user for event in self.events)
        columns = self.item_index.rows(event.item for event in self.events)
        cells = (np.array(values, dtype=np.float64), (rows, columns))
        shape = (len(self.users), len(self.items))
        return sparse.csr_array(sparse.coo_array(cells, shape=shape).tocsr())

    def statements(self) -> Iterator[Statement]:
        """Return what users did as statements, and the users themselves."""
        base_iri = self.config.base_iri
        yield from io.event_statements(self.events, {i.id: i.iri for i in self.items}, base_iri)


@dataclass(frozen=True)
class Inputs:
    """The inputs, checked.

    Attributes:
        known: Items, users and events.
        items: The items with all that tables say of them, sorted by id.
        documents: Texts about items.
        users: User id to what that user says.
        friends: Whom users know.
        segments: User id to the names of the segments that the user is in.
        rdf: RDF files, URLs of SPARQL servers, graphs.
    """

    known: Known
    items: Sequence[io.Item]
    documents: Sequence[Document]
    users: Mapping[str, Document]
    friends: Sequence[io.Friend]
    segments: Mapping[str, Sequence[str]]
    rdf: Sequence[str | KnowledgeGraph]


def read_inputs(sources: Sources, config: Config) -> Inputs:
    """Read and check all tables.

    Raises:
        DataError: A table is not as expected.
        ConfigError: A setting names something that is not there.
    """
    config = settled(config, sources.vectors)
    ontology = Ontology.load(config.ontology)
    for one in config.vectors:
        ontology = with_relation(ontology, one.name, one.wording, transferred=one.transfer)
    drop = config.bad_rows == "drop"
    table = io.read_table(sources.items, "items")
    items = io.read_items(table, config.items, ontology, config.base_iri, drop=drop)
    items.sort(key=lambda item: item.id)
    users, segments = _users(sources, config)
    friends = _friends(sources, config, drop=drop)
    rows = _events(sources, config, items, drop=drop)
    told = {*users, *segments, *(name for f in friends for name in f[:2])}
    names = {*told, *(row.user for row in rows)}
    catalogue = tuple(CatalogueItem(item.id, item.iri, item.label) for item in items)
    features = features_of(config, sources.vectors, table, [item.id for item in items])
    return Inputs(
        known=Known(config, ontology, catalogue, IdIndex(names, kind="user"), rows, features),
        items=items,
        documents=documents_of(sources.texts, config, items),
        users=users,
        friends=friends,
        segments=segments,
        rdf=sources.graph,
    )


def documents_of(texts: Any, config: Config, items: Sequence[io.Item]) -> list[Document]:
    """Return the prose of items: that of their own table, and of a table of texts.

    Raises:
        DataError: A text is not as expected.
    """
    told = io.item_documents(items)
    if texts is not None:
        table = io.read_table(texts, "texts")
        told += io.read_texts(table, config.texts, items)
    told = [Redactor.of(config.privacy).document(document) for document in told]
    if not config.text.labels:
        return told
    described = {document.item for document in told}
    return io.label_documents(item for item in items if item.iri in described) + told


def _users(
    sources: Sources, config: Config
) -> tuple[dict[str, Document], dict[str, tuple[str, ...]]]:
    if sources.users is None:
        return {}, {}
    table = io.read_table(sources.users, "users")
    blot = Redactor.of(config.privacy).document
    read = io.read_users(table, config.users, config.base_iri)
    users = {name: blot(document) for name, document in read.items()}
    return users, io.read_segments(table, config.users)


def _events(
    sources: Sources, config: Config, items: Sequence[io.Item], *, drop: bool
) -> Sequence[io.EventRow]:
    if sources.interactions is None:
        return []
    table = io.read_table(sources.interactions, "interactions")
    rows = io.read_events(table, config.interactions, (item.id for item in items), drop=drop)
    return io.recent(rows, config.privacy.retention)


def _friends(sources: Sources, config: Config, *, drop: bool) -> list[io.Friend]:
    if sources.friends is None:
        return []
    return io.read_friends(io.read_table(sources.friends, "friends"), config.friends, drop=drop)
