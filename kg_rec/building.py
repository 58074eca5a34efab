"""From tables, texts and RDF to a model: the stages of a build, one after the other."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from scipy import sparse

from kg_rec import embeddings, io
from kg_rec.blending import learned_weights
from kg_rec.blocks import Describer, Given, foreign_relations, learned_links, text_vectors
from kg_rec.community import friendships, liked_by, predicted
from kg_rec.errors import DataError, DataWarning
from kg_rec.graph import KnowledgeGraph
from kg_rec.graph.inference import infer
from kg_rec.ids import SCHEMA
from kg_rec.inputs import Inputs, Known, Sources, read_inputs
from kg_rec.io.endpoint import Endpoint, headers_from, is_endpoint
from kg_rec.memory import Estimate, estimate
from kg_rec.model import Model
from kg_rec.ontology import (
    PREDICTED_TO_LIKE,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
    USER,
    Entity,
    Ontology,
)
from kg_rec.ontology.acts import CHOICES
from kg_rec.ontology.given import similar_in
from kg_rec.popularity import fresh_likes
from kg_rec.segments import segment_popularity
from kg_rec.statements import USERS, Statement, Triple
from kg_rec.validation import validate
from kg_rec.vectors import Fitted, ItemVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from spacy.language import Language

    from kg_rec.config import Config, RankingConfig
    from kg_rec.statements import Document
    from kg_rec.text import Extractor, Unifier

_HTTPS = "https://schema.org/"  # the ontology is read with http, too

__all__ = [
    "Prepared",
    "Progress",
    "Sources",
    "build",
    "check_shapes",
    "embedded",
    "embedded_facts",
    "prepare",
    "text_reader",
    "unifier_of",
]


class Progress(Protocol):
    """Is told how far a build is."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` steps of a stage are made; of 0, that it is a message."""


def _silent(stage: str, done: int, total: int) -> None:
    """Show no progress."""


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
    data = read_inputs(sources, config)
    progress(str(_memory(data)), 0, 0)
    graph = _graph(data, progress)
    iris = [item.iri for item in data.items]
    texts = text_vectors(iris, data.documents, data.known.encoder)
    return embedded(data.known, graph, texts, progress)


def embedded(
    known: Known,
    graph: KnowledgeGraph,
    texts: NDArray[np.float32],
    progress: Progress | None = None,
) -> Prepared:
    """Train the embeddings of a graph.

    Args:
        known: Items, users and events.
        graph: Facts, and what users did and said.
        texts: Vectors of the items' texts (items × dimensions).
        progress: Told how far it is.
    """
    node_vectors, predictions = _embedded(graph, known, progress or _silent)
    return Prepared(known, graph, node_vectors, texts, predictions)


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that a model is made of, before anything is weighed.

    Attributes:
        known: Items, users and events.
        graph: Facts, and what users did and said.
        node_vectors: Embeddings of the graph.
        texts: Vectors of the items' texts (items × dimensions).
        predictions: CSR (users × items): what a model of the graph predicts, if it holds users.
    """

    known: Known
    graph: KnowledgeGraph
    node_vectors: embeddings.NodeVectors
    texts: NDArray[np.float32]
    predictions: sparse.csr_array | None = None

    def model(self, settings: RankingConfig, progress: Progress | None = None) -> Model:
        """Return the model with some settings of ranking."""
        return _weighed(self, settings, progress or _silent)


def _weighed(prepared: Prepared, settings: RankingConfig, progress: Progress) -> Model:
    known, graph, node_vectors = prepared.known, prepared.graph, prepared.node_vectors
    settings = _with_weights(settings, known.config)
    config = known.config.model_copy(update={"ranking": settings})
    encoder = known.encoder
    iris = [item.iri for item in known.items]
    support = config.privacy.min_support
    describer = Describer(
        graph,
        iris,
        known.ontology,
        settings,
        prepared.texts,
        support,
        Given(known.features, config.transferred),
    )
    likes = sparse.csr_array(known.event_matrix.maximum(0.0))
    fresh = fresh_likes(
        known.event_matrix,
        known.event_times,
        config.ranking.popularity_half_life,
        graded=known.log.graded,
    )
    nodes = node_vectors.contexts(iris)
    if config.ranking.blend == "learned":
        progress("learning the blend", 0, 1)
        weights = learned_weights(describer, likes, nodes, config.ranking, config.seed)
        config = config.model_copy(update={"ranking": weights})
        progress("learning the blend", 1, 1)
    item_vectors = describer.item_vectors(likes, nodes, fresh, config.ranking)
    item_vectors = ItemVectors.join([item_vectors, _in_segments(graph, known, fresh, config)])
    friends = _friends_block(graph, known, likes)
    if config.ranking.community and friends.columns:
        block = friends.scaled(config.ranking.community)
        item_vectors = ItemVectors.join([item_vectors, block])
    graph = graph.with_links(iris, learned_links(item_vectors))
    told = list(describer.similar_concepts(encoder))
    if config.ranking.model and prepared.predictions is not None:
        block = predicted(prepared.predictions, known.user_nodes)
        item_vectors = ItemVectors.join([item_vectors, block.scaled(config.ranking.model)])
        told += _predictions(prepared.predictions, known, config.embeddings.model)
    return Model(
        config=config,
        given=settings,
        ontology=known.ontology,
        graph=graph.with_statements(told),
        items=known.items,
        users=known.users,
        log=known.log,
        events=known.event_matrix,
        fitted=Fitted.of(known.event_matrix),
        texts=prepared.texts,
        vectors=item_vectors,
        node_vectors=node_vectors,
        encoders={
            SIMILAR_IN_GRAPH: config.embeddings.model,
            PREDICTED_TO_LIKE: config.embeddings.model,
            SIMILAR_IN_TEXT: encoder.name,
            **{similar_in(one.name): one.made_by for one in config.vectors},
        },
        features=known.features,
        event_times=known.event_times,
    )


def _with_weights(settings: RankingConfig, config: Config) -> RankingConfig:
    """Return settings that have a weight for all vectors that come with the items."""
    weights = {one.name: one.weight for one in config.vectors}
    return settings.model_copy(update={"similar_in": {**weights, **settings.similar_in}})


def _memory(data: Inputs) -> Estimate:
    """Return the memory that the rest of the build takes."""
    reasons = data.known.ontology.reasons
    facts = Counter((r.iri, v) for item in data.items for r, v in item.facts if r.iri in reasons)
    known = data.known
    acts = sum(max(len(event.acts), 1) for event in known.events)
    named = 2 * (len(known.items) + len(known.users))
    return estimate(
        known.config,
        sparse.csr_array(known.event_matrix.maximum(0.0)),
        frequencies=None if data.rdf or data.documents else list(facts.values()),
        triples=acts + named + len(data.friends) + facts.total(),
        documents=len(data.documents) + len(data.users),
    )


# --- graph -----------------------------------------------------------------------------------


def _graph(data: Inputs, progress: Progress) -> KnowledgeGraph:
    known = data.known
    base_iri = known.config.base_iri
    stated = chain(
        io.ontology_statements(known.ontology),
        io.item_statements(data.items, known.ontology, base_iri),
        known.statements(),
        io.friend_statements(data.friends, base_iri),
        io.user_statements({**data.users, **data.segments}, base_iri),
        io.segment_statements(data.segments, base_iri),
    )
    graph = KnowledgeGraph.from_statements(stated)
    read = [found.with_namespace(_HTTPS, SCHEMA) for found in _stored(data)]
    graph = KnowledgeGraph.merged([graph, *read])
    graph = _read_texts(graph, data.documents, known, progress, "reading texts")
    graph = _read_texts(graph, list(data.users.values()), known, progress, "reading users")
    if known.config.inference:
        graph = infer(graph, known.config.inference, known.ontology)
    if known.config.validation != "off":
        check_shapes(graph, known.ontology, known.config.validation)
    return graph


def _stored(data: Inputs) -> Iterator[KnowledgeGraph]:
    """Return what files and SPARQL servers hold, and graphs that are given as such."""
    config = data.known.config
    yield from (given for given in data.rdf if isinstance(given, KnowledgeGraph))
    named = [name for name in data.rdf if isinstance(name, str)]
    files = [name for name in named if not is_endpoint(name)]
    if files:
        yield KnowledgeGraph.read(*files, base_iri=config.base_iri)
    settings = config.endpoint
    for url in filter(is_endpoint, named):
        options = settings.model_dump(exclude={"headers"})
        with Endpoint(url, headers=headers_from(settings.headers), **options) as endpoint:
            yield KnowledgeGraph.from_endpoint(endpoint)


def check_shapes(graph: KnowledgeGraph, ontology: Ontology, validation: str) -> None:
    """Stop at what breaks the shapes, or warn of it.

    Args:
        graph: What is looked at.
        ontology: The domain.
        validation: ``"stop"`` or ``"warn"``.

    Raises:
        DataError: The graph breaks a shape, and the settings say to stop.
    """
    broken = validate(graph, ontology=ontology).violations
    if not broken:
        return
    found = "1 violation" if len(broken) == 1 else f"{len(broken):,} violations, the first"
    message = f"graph: {found}: {broken[0]}; {broken[0].hint}"
    if validation == "stop":
        raise DataError(f"{message} (validation = 'warn' goes on)")
    warnings.warn(message, DataWarning, stacklevel=2)


def _read_texts(
    graph: KnowledgeGraph,
    documents: Sequence[Document],
    known: Known,
    progress: Progress,
    stage: str,
) -> KnowledgeGraph:
    """Return the graph with what the documents state; what it holds is known to the reader."""
    if not documents:
        return graph
    extractor = text_reader(known.ontology, graph, known.config)
    counted = _counted(documents, lambda done: progress(stage, done, len(documents)))
    found = extractor.extract(counted)
    facts = documents[0].user is None  # what users say of items is theirs, and no fact
    statements = [s for s in found if s.part == USERS or (facts and s.polarity > 0)]
    texts = {d.id: d.text for d in documents}
    return graph.with_statements(_unified(statements, graph, texts, known), texts)


def _unified(
    statements: Sequence[Statement],
    graph: KnowledgeGraph,
    texts: Mapping[str, str],
    known: Known,
) -> list[Statement]:
    """Return statements in which each thing has one node, whatever texts call it."""
    return unifier_of(known.config, known.ontology, graph).unify(statements, texts)


def unifier_of(config: Config, ontology: Ontology, graph: KnowledgeGraph) -> Unifier:
    """Return what brings names of texts together with those of a graph."""
    from kg_rec.text import Unifier, read_overrides  # noqa: PLC0415 - imports spacy

    file = config.text.entities
    return Unifier(
        _entities(graph),
        ontology=ontology,
        base_iri=config.base_iri,
        encoder=embeddings.encoder_of(config.text.encoder, config.text.cache),
        overrides=read_overrides(file) if file else None,
    )


def _counted(documents: Sequence[Document], report: Callable[[int], None]) -> Iterator[Document]:
    for done, document in enumerate(documents):
        report(done)
        yield document
    report(len(documents))


def text_reader(
    ontology: Ontology, graph: KnowledgeGraph, config: Config, pipeline: Language | None = None
) -> Extractor:
    """Return what reads texts by an ontology, and knows the named nodes of a graph.

    Args:
        ontology: The domain.
        graph: What is known.
        config: How texts are read.
        pipeline: The spaCy pipeline, if it is loaded already.
    """
    from kg_rec.text import Extractor  # noqa: PLC0415 - imports spacy

    return Extractor(
        ontology,
        _entities(graph),
        pipeline=pipeline or config.text.model,
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


def _in_segments(
    graph: KnowledgeGraph, known: Known, fresh: sparse.csr_array, config: Config
) -> ItemVectors:
    """Return what is popular in segments of users."""
    least, ranking = config.privacy.min_support, config.ranking
    block = segment_popularity(graph, known.user_nodes, fresh, config.base_iri, least)
    return block.scaled(ranking.popularity * ranking.segments)


def _friends_block(graph: KnowledgeGraph, known: Known, likes: sparse.csr_array) -> ItemVectors:
    """Return what friends have chosen; no columns where nobody knows anybody."""
    users = known.user_nodes
    return liked_by(likes, friendships(graph, users), users)


def _predictions(likely: sparse.csr_array, known: Known, model: str) -> Iterator[Statement]:
    """Yield what a model predicts that users like; it is personal data."""
    cells = likely.tocoo()
    users, items = known.user_nodes, known.items
    for user, item in zip(cells.row.tolist(), cells.col.tolist(), strict=True):
        triple = Triple(users[user], PREDICTED_TO_LIKE, items[item].iri)
        yield Statement(triple, extractor=f"model:{model}", part=USERS)


def _embedded(
    graph: KnowledgeGraph, known: Known, progress: Progress
) -> tuple[embeddings.NodeVectors, sparse.csr_array | None]:
    """Return embeddings of facts that are reasons, of numbers, and of interactions by choice.

    With interactions it is also predicted what each user likes, if that is to count.
    """
    config = known.config.embeddings
    facts = embedded_facts(graph, known.ontology, config.parts)
    if not len(facts) or not config.epochs:
        return embeddings.NodeVectors.empty(), None
    stage = f"training {config.model}"

    def shown(done: int, total: int) -> None:
        progress(stage, done, total)

    if USERS not in config.parts or not known.config.ranking.model:
        return embeddings.train(facts, config, known.config.seed, shown), None
    asked = embeddings.Likes(
        users=known.user_nodes,
        items=[item.iri for item in known.items],
        relation=max(CHOICES, key=lambda p: len(facts.rows(predicate=p))),
        known=known.event_matrix,
    )
    return embeddings.train_and_predict(facts, config, asked, known.config.seed, shown)


def embedded_facts(
    graph: KnowledgeGraph, ontology: Ontology, parts: Iterable[str]
) -> KnowledgeGraph:
    """Return what is embedded of some parts: facts that are reasons, numbers, what users chose."""
    reasons = {*ontology.reasons, *foreign_relations(graph, ontology)}
    return graph.select(parts, {*reasons, *CHOICES, *embeddings.numeric_relations(graph)})
