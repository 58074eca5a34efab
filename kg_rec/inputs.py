"""The inputs of a build: tables, texts and RDF, read and checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from kg_rec import embeddings, io
from kg_rec.ids import IdIndex, Iri, mint
from kg_rec.model import CatalogueItem
from kg_rec.ontology import Ontology

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.config import Config
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.statements import Document

__all__ = ["Inputs", "Sources", "read_inputs"]


@dataclass(frozen=True)
class Sources:
    """What a model is built from: each a file name, a dataframe, or ``None``."""

    items: Any
    texts: Any = None
    interactions: Any = None
    users: Any = None
    graph: Sequence[str | KnowledgeGraph] = ()
    friends: Any = None


@dataclass(frozen=True)
class Inputs:
    """The inputs, checked.

    Attributes:
        config: The settings.
        ontology: The domain.
        items: The items, sorted by id.
        documents: Texts about items.
        users: User id to what that user says.
        events: What users did.
        friends: Whom users know.
        rdf: RDF files, URLs of SPARQL servers, graphs.
    """

    config: Config
    ontology: Ontology
    items: Sequence[io.Item]
    documents: Sequence[Document]
    users: Mapping[str, Document]
    events: Sequence[io.Event]
    friends: Sequence[io.Friend]
    rdf: Sequence[str | KnowledgeGraph]

    @cached_property
    def encoder(self) -> embeddings.TextEncoder:
        """What makes vectors of texts."""
        return embeddings.encoder_of(self.config.text.encoder, self.config.text.cache)

    @cached_property
    def catalogue(self) -> tuple[CatalogueItem, ...]:
        """The items as a model keeps them."""
        return tuple(CatalogueItem(item.id, item.iri, item.label) for item in self.items)

    @cached_property
    def user_nodes(self) -> list[Iri]:
        """The nodes of all users, in row order."""
        return [mint(self.config.base_iri, "user", name) for name in self.user_index.ids]

    @cached_property
    def user_index(self) -> IdIndex:
        """The ids of all users: of those who did, said or know something."""
        known = (name for friend in self.friends for name in friend[:2])
        return IdIndex([*self.users, *(event.user for event in self.events), *known], kind="user")

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
        row_of = {item.id: row for row, item in enumerate(self.items)}
        rows = self.user_index.rows(event.user for event in self.events)
        columns = np.array([row_of[event.item] for event in self.events], dtype=np.int64)
        cells = (np.array(values, dtype=np.float64), (rows, columns))
        shape = (len(self.user_index), len(self.items))
        return sparse.csr_array(sparse.coo_array(cells, shape=shape).tocsr())


def read_inputs(sources: Sources, config: Config) -> Inputs:
    """Read and check all tables.

    Raises:
        DataError: A table is not as expected.
        ConfigError: A setting names something that is not there.
    """
    ontology = Ontology.load(config.ontology)
    drop = config.bad_rows == "drop"
    table = io.read_table(sources.items, "items")
    items = io.read_items(table, config.items, ontology, config.base_iri, drop=drop)
    items.sort(key=lambda item: item.id)
    return Inputs(
        config=config,
        ontology=ontology,
        items=items,
        documents=_documents(sources, config, items),
        users=_users(sources, config),
        events=_events(sources, config, items, drop=drop),
        friends=_friends(sources, config, drop=drop),
        rdf=sources.graph,
    )


def _documents(sources: Sources, config: Config, items: Sequence[io.Item]) -> list[Document]:
    told = io.item_documents(items)
    if sources.texts is not None:
        table = io.read_table(sources.texts, "texts")
        told += io.read_texts(table, config.texts, items)
    if not config.text.labels:
        return told
    described = {document.item for document in told}
    return io.label_documents(item for item in items if item.iri in described) + told


def _users(sources: Sources, config: Config) -> dict[str, Document]:
    if sources.users is None:
        return {}
    return io.read_users(io.read_table(sources.users, "users"), config.users, config.base_iri)


def _events(
    sources: Sources, config: Config, items: Sequence[io.Item], *, drop: bool
) -> list[io.Event]:
    if sources.interactions is None:
        return []
    return io.read_interactions(
        io.read_table(sources.interactions, "interactions"),
        config.interactions,
        (item.id for item in items),
        dislike=config.ranking.dislike,
        drop=drop,
    )


def _friends(sources: Sources, config: Config, *, drop: bool) -> list[io.Friend]:
    if sources.friends is None:
        return []
    return io.read_friends(io.read_table(sources.friends, "friends"), config.friends, drop=drop)
