"""From tables, texts and RDF to a model: the stages of a build, one after the other."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy import sparse

from kg_rec import embeddings, io
from kg_rec.blending import learned_weights
from kg_rec.blocks import Describer, learned_links, text_vectors
from kg_rec.community import friendships, liked_by
from kg_rec.errors import DataError, DataWarning
from kg_rec.graph import KnowledgeGraph
from kg_rec.graph.inference import infer
from kg_rec.ids import SCHEMA, IdIndex, mint
from kg_rec.io.endpoint import Endpoint, headers_from, is_endpoint
from kg_rec.model import CatalogueItem, Model
from kg_rec.ontology import SIMILAR_IN_GRAPH, SIMILAR_IN_TEXT, USER, Entity, Ontology
from kg_rec.ontology.acts import CHOICES
from kg_rec.popularity import fresh_likes
from kg_rec.statements import USERS
from kg_rec.validation import validate
from kg_rec.vectors import ItemVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.config import Config, RankingConfig
    from kg_rec.statements import Document, Statement
    from kg_rec.text import Extractor

_HTTPS = "https://schema.org/"  # the ontology is read with http, too

__all__ = ["Prepared", "Progress", "Sources", "build", "prepare", "text_reader"]


class Progress(Protocol):
    """Is told how far a build is."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` steps of a stage are made."""


def _silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


@dataclass(frozen=True)
class Sources:
    """What a model is built from: each a file name, a dataframe, or ``None``."""

    items: Any
    texts: Any = None
    interactions: Any = None
    users: Any = None
    graph: Sequence[str | KnowledgeGraph] = ()
    friends: Any = None


def build(sources: Sources, config: Config, progress: Progress | None = None) -> Model:
    """Build a model.

    Raises:
        DataError: A table or file is not as expected.
        ConfigError: A setting names something that is not there.
    """
    return prepare(sources, config, progress).model(config.ranking, progress)


def prepare(sources: Sources, config: Config, progress: Progress | None = None) -> Prepared:
    """Do all of a build that no setting of ``ranking`` but ``dislike`` changes; raises as build."""
    progress = progress or _silent
    data = _read(sources, config)
    graph = _graph(data, progress)
    iris = [item.iri for item in data.items]
    texts = text_vectors(iris, data.documents, data.encoder)
    return Prepared(data, graph, _node_vectors(graph, data, progress), texts)


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that a model is made of, before anything is weighed.

    Attributes:
        data: The inputs.
        graph: Facts, and what users did and said.
        node_vectors: Embeddings of the graph.
        texts: Vectors of the items' texts (items × dimensions).
    """

    data: _Data
    graph: KnowledgeGraph
    node_vectors: embeddings.NodeVectors
    texts: NDArray[np.float32]

    def model(self, settings: RankingConfig, progress: Progress | None = None) -> Model:
        """Return the model with some settings of ranking."""
        return _weighed(self, settings, progress or _silent)


def _weighed(prepared: Prepared, settings: RankingConfig, progress: Progress) -> Model:
    data, graph, node_vectors = prepared.data, prepared.graph, prepared.node_vectors
    config = data.config.model_copy(update={"ranking": settings})
    encoder = data.encoder
    iris = [item.iri for item in data.items]
    describer = Describer(graph, iris, data.ontology, settings, prepared.texts)
    likes = sparse.csr_array(data.event_matrix.maximum(0.0))
    fresh = fresh_likes(
        data.event_matrix,
        data.event_times,
        config.ranking.popularity_half_life,
        graded=any(event.acts for event in data.events),
    )
    nodes = node_vectors.contexts(iris)
    if config.ranking.blend == "learned":
        progress("learning the blend", 0, 1)
        weights = learned_weights(describer, likes, nodes, config.ranking, config.seed)
        config = config.model_copy(update={"ranking": weights})
    item_vectors = describer.item_vectors(likes, nodes, fresh, config.ranking)
    friends = _friends_block(graph, data, likes)
    if config.ranking.community and friends.columns:
        block = friends.scaled(config.ranking.community)
        item_vectors = ItemVectors.join([item_vectors, block])
    graph = graph.with_links(iris, learned_links(item_vectors))
    return Model(
        config=config,
        ontology=data.ontology,
        graph=graph.with_statements(describer.similar_concepts(encoder)),
        items=data.catalogue,
        users=data.user_index,
        events=data.event_matrix,
        vectors=item_vectors,
        node_vectors=node_vectors,
        encoders={SIMILAR_IN_GRAPH: config.embeddings.model, SIMILAR_IN_TEXT: encoder.name},
        event_times=data.event_times,
    )


# --- reading ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Data:
    """The inputs, checked."""

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
        return embeddings.encoder_of(self.config.text.encoder, self.config.text.cache)

    @cached_property
    def catalogue(self) -> tuple[CatalogueItem, ...]:
        return tuple(CatalogueItem(item.id, item.iri, item.label) for item in self.items)

    @cached_property
    def user_index(self) -> IdIndex:
        known = (name for friend in self.friends for name in friend[:2])
        return IdIndex([*self.users, *(event.user for event in self.events), *known], kind="user")

    @cached_property
    def event_matrix(self) -> sparse.csr_array:
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


def _read(sources: Sources, config: Config) -> _Data:
    ontology = Ontology.load(config.ontology)
    drop = config.bad_rows == "drop"
    table = io.read_table(sources.items, "items")
    items = io.read_items(table, config.items, ontology, config.base_iri, drop=drop)
    items.sort(key=lambda item: item.id)
    return _Data(
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


# --- graph -----------------------------------------------------------------------------------


def _graph(data: _Data, progress: Progress) -> KnowledgeGraph:
    base_iri = data.config.base_iri
    stated = chain(
        io.ontology_statements(data.ontology),
        io.item_statements(data.items, data.ontology, base_iri),
        io.event_statements(data.events, {item.id: item.iri for item in data.items}, base_iri),
        io.friend_statements(data.friends, base_iri),
        io.user_statements(data.users, base_iri),
    )
    graph = KnowledgeGraph.from_statements(stated)
    read = [found.with_namespace(_HTTPS, SCHEMA) for found in _stored(data)]
    graph = KnowledgeGraph.merged([graph, *read])
    graph = _read_texts(graph, data.documents, data, progress, "reading texts")
    graph = _read_texts(graph, list(data.users.values()), data, progress, "reading users")
    if data.config.inference:
        graph = infer(graph, data.config.inference, data.ontology)
    if data.config.validation != "off":
        _validate(graph, data)
    return graph


def _stored(data: _Data) -> Iterator[KnowledgeGraph]:
    """Return what files and SPARQL servers hold, and graphs that are given as such."""
    yield from (given for given in data.rdf if isinstance(given, KnowledgeGraph))
    named = [name for name in data.rdf if isinstance(name, str)]
    files = [name for name in named if not is_endpoint(name)]
    if files:
        yield KnowledgeGraph.read(*files, base_iri=data.config.base_iri)
    settings = data.config.endpoint
    for url in filter(is_endpoint, named):
        options = settings.model_dump(exclude={"headers"})
        with Endpoint(url, headers=headers_from(settings.headers), **options) as endpoint:
            yield KnowledgeGraph.from_endpoint(endpoint)


def _validate(graph: KnowledgeGraph, data: _Data) -> None:
    """Stop at what breaks the shapes, or warn of it.

    Raises:
        DataError: The graph breaks a shape, and the settings say to stop.
    """
    broken = validate(graph, ontology=data.ontology).violations
    if not broken:
        return
    found = "1 violation" if len(broken) == 1 else f"{len(broken):,} violations, the first"
    message = f"graph: {found}: {broken[0]}; {broken[0].hint}"
    if data.config.validation == "stop":
        raise DataError(f"{message} (validation = 'warn' goes on)")
    warnings.warn(message, DataWarning, stacklevel=2)


def _read_texts(
    graph: KnowledgeGraph,
    documents: Sequence[Document],
    data: _Data,
    progress: Progress,
    stage: str,
) -> KnowledgeGraph:
    """Return the graph with what the documents state; what it holds is known to the reader."""
    if not documents:
        return graph
    extractor = text_reader(data.ontology, graph, data.config)
    counted = _counted(documents, lambda done: progress(stage, done, len(documents)))
    found = extractor.extract(counted)
    statements = [s for s in found if s.polarity > 0 or s.part == USERS]  # no denied facts
    texts = {d.id: d.text for d in documents}
    return graph.with_statements(_unified(statements, graph, texts, data), texts)


def _unified(
    statements: Sequence[Statement],
    graph: KnowledgeGraph,
    texts: Mapping[str, str],
    data: _Data,
) -> list[Statement]:
    """Return statements in which each thing has one node, whatever texts call it."""
    from kg_rec.text import read_overrides, unify  # noqa: PLC0415 - imports spacy

    config = data.config
    file = config.text.entities
    return unify(
        statements,
        _entities(graph),
        texts,
        ontology=data.ontology,
        base_iri=config.base_iri,
        encoder=data.encoder,
        overrides=read_overrides(file) if file else None,
    )


def _counted(documents: Sequence[Document], report: Callable[[int], None]) -> Iterator[Document]:
    for done, document in enumerate(documents):
        report(done)
        yield document
    report(len(documents))


def text_reader(ontology: Ontology, graph: KnowledgeGraph, config: Config) -> Extractor:
    """Return what reads texts by an ontology, and knows the named nodes of a graph."""
    from kg_rec.text import Extractor  # noqa: PLC0415 - imports spacy

    return Extractor(
        ontology,
        _entities(graph),
        pipeline=config.text.model,
        language=config.text.language,
        kinds=config.text.read,
        base_iri=config.base_iri,
    )


def _entities(graph: KnowledgeGraph) -> Iterator[Entity]:
    """Return the named nodes that texts may mention: all that have a type, users apart."""
    for iri, types in graph.types.items():
        names = graph.names(iri)
        if names and USER not in types:
            yield Entity(iri, types, {"": names})


# --- vectors ---------------------------------------------------------------------------------


def _friends_block(graph: KnowledgeGraph, data: _Data, likes: sparse.csr_array) -> ItemVectors:
    """Return what friends have chosen; no columns where nobody knows anybody."""
    users = [mint(data.config.base_iri, "user", name) for name in data.user_index.ids]
    return liked_by(likes, friendships(graph, users), users)


def _node_vectors(graph: KnowledgeGraph, data: _Data, progress: Progress) -> embeddings.NodeVectors:
    """Return embeddings of the facts that are reasons, and of interactions by choice."""
    config = data.config.embeddings
    facts = graph.select(config.parts, {*data.ontology.reasons, *CHOICES})
    if not len(facts) or not config.epochs:
        return embeddings.NodeVectors.empty()
    stage = f"training {config.model}"
    return embeddings.train(
        facts, config, data.config.seed, lambda done, total: progress(stage, done, total)
    )
