"""From tables, texts and RDF to a model: the stages of a build, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from scipy import sparse

from kg_rec import embeddings, io, vectors
from kg_rec.graph import KnowledgeGraph
from kg_rec.ids import IdIndex, Iri, Literal, mint
from kg_rec.model import CatalogueItem, Model
from kg_rec.ontology import (
    LABEL,
    LIKED_WITH,
    RARELY_LIKED_WITH,
    RATED_DOWN,
    RATED_UP,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
    TYPE,
    USER,
    Entity,
    Ontology,
)
from kg_rec.statements import DERIVED, USERS, Document, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from kg_rec.config import Config
    from kg_rec.vectors import ItemVectors

__all__ = ["Progress", "Sources", "build", "graph_entities"]


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
    graph: Sequence[str] = ()


def build(sources: Sources, config: Config, progress: Progress = _silent) -> Model:
    """Build a model.

    Raises:
        DataError: A table or file is not as expected.
        ConfigError: A setting names something that is not there.
    """
    ontology = Ontology.load(config.ontology)
    drop = config.bad_rows == "drop"
    table = io.read_table(sources.items, "items")
    items = io.read_items(table, config.items, ontology, config.base_iri, drop=drop)
    items.sort(key=lambda item: item.id)
    documents = _documents(sources, config, items)
    users = _users(sources, config)
    events = _events(sources, config, items, drop=drop)
    graph = _graph(sources, config, ontology, items, documents, users, events, progress)
    return _model(config, ontology, graph, items, documents, users, events, progress)


# --- reading ---------------------------------------------------------------------------------


def _documents(sources: Sources, config: Config, items: Sequence[io.Item]) -> list[Document]:
    own = [
        Document(f"items/{item.id}/{config.items.text}", item.text, item.iri, title=item.label)
        for item in items
        if item.text is not None
    ]
    if sources.texts is None:
        return own
    table = io.read_table(sources.texts, "texts")
    return own + io.read_texts(table, config.texts, items)


def _users(sources: Sources, config: Config) -> dict[str, Document]:
    if sources.users is None:
        return {}
    return io.read_users(io.read_table(sources.users, "users"), config.users, config.base_iri)


def _events(
    sources: Sources, config: Config, items: Sequence[io.Item], *, drop: bool
) -> list[io.Event]:
    if sources.interactions is None:
        return []
    table = io.read_table(sources.interactions, "interactions")
    return io.read_interactions(
        table,
        config.interactions,
        (item.id for item in items),
        dislike=config.ranking.dislike,
        drop=drop,
    )


# --- graph -----------------------------------------------------------------------------------


def _graph(
    sources: Sources,
    config: Config,
    ontology: Ontology,
    items: Sequence[io.Item],
    documents: Sequence[Document],
    users: Mapping[str, Document],
    events: Iterable[io.Event],
    progress: Progress,
) -> KnowledgeGraph:
    stated = chain(
        io.ontology_statements(ontology),
        io.item_statements(items, ontology, config.base_iri),
        *(io.read_rdf(path) for path in sources.graph),
        _event_statements(events, items, config.base_iri),
        _user_statements(users, config.base_iri),
    )
    graph = KnowledgeGraph.from_statements(stated)
    graph = _read_texts(graph, documents, config, ontology, progress, "reading texts")
    return _read_texts(graph, list(users.values()), config, ontology, progress, "reading users")


def _read_texts(
    graph: KnowledgeGraph,
    documents: Sequence[Document],
    config: Config,
    ontology: Ontology,
    progress: Progress,
    stage: str,
) -> KnowledgeGraph:
    """Return the graph with what the documents state; what it holds is known to the reader."""
    if not documents:
        return graph
    from kg_rec.text import Extractor  # noqa: PLC0415 - imports spacy

    extractor = Extractor(
        ontology,
        graph_entities(graph),
        pipeline=config.text.model,
        language=config.text.language,
        base_iri=config.base_iri,
    )
    counted = _counted(documents, lambda done: progress(stage, done, len(documents)))
    statements = list(extractor.extract(counted))
    return graph.with_statements(statements, {d.id: d.text for d in documents})


def _counted(
    documents: Sequence[Document], report: Callable[[int], None]
) -> Iterator[Document]:
    for done, document in enumerate(documents):
        report(done)
        yield document
    report(len(documents))


def graph_entities(graph: KnowledgeGraph) -> Iterator[Entity]:
    """Return the named nodes that texts may mention: all that have a type, users apart."""
    for iri, types in graph.types.items():
        names = graph.names(iri)
        if names and USER not in types:
            yield Entity(iri, types, {"": names})


def _event_statements(
    events: Iterable[io.Event], items: Iterable[io.Item], base_iri: str
) -> Iterator[Statement]:
    iri_of = {item.id: item.iri for item in items}
    for event in events:
        user = mint(base_iri, "user", event.user)
        predicate = RATED_UP if event.weight > 0 else RATED_DOWN
        yield Statement(Triple(user, predicate, iri_of[event.item]), part=USERS)
        yield from _user(user, event.user)


def _user_statements(users: Iterable[str], base_iri: str) -> Iterator[Statement]:
    for name in users:
        yield from _user(mint(base_iri, "user", name), name)


def _user(user: Iri, name: str) -> Iterator[Statement]:
    yield Statement(Triple(user, TYPE, USER), part=USERS)
    yield Statement(Triple(user, LABEL, Literal(name)), part=USERS)


# --- vectors ---------------------------------------------------------------------------------


def _model(
    config: Config,
    ontology: Ontology,
    graph: KnowledgeGraph,
    items: Sequence[io.Item],
    documents: Sequence[Document],
    users: Mapping[str, Document],
    events: Sequence[io.Event],
    progress: Progress,
) -> Model:
    catalogue = tuple(CatalogueItem(item.id, item.iri, item.label) for item in items)
    index = IdIndex([*users, *(event.user for event in events)], kind="user")
    matrix = _event_matrix(events, index, [item.id for item in items])
    encoder = embeddings.TokenEncoder()
    node_vectors = _node_vectors(graph, config, ontology, progress)
    item_vectors = _item_vectors(
        config, ontology, graph, catalogue, matrix, node_vectors, _item_texts(documents), encoder
    )
    return Model(
        config,
        ontology,
        graph.with_statements(_learned_links(item_vectors, catalogue)),
        catalogue,
        index,
        matrix,
        item_vectors,
        node_vectors,
        {SIMILAR_IN_GRAPH: config.embeddings.model, SIMILAR_IN_TEXT: encoder.name},
    )


def _event_matrix(
    events: Sequence[io.Event], users: IdIndex, items: Sequence[str]
) -> sparse.csr_array:
    row_of = {name: row for row, name in enumerate(items)}
    rows = users.rows(event.user for event in events)
    columns = np.array([row_of[event.item] for event in events], dtype=np.int64)
    weights = np.array([event.weight for event in events], dtype=np.float64)
    matrix = sparse.coo_array((weights, (rows, columns)), shape=(len(users), len(items)))
    return sparse.csr_array(matrix.tocsr())


def _node_vectors(
    graph: KnowledgeGraph, config: Config, ontology: Ontology, progress: Progress
) -> embeddings.NodeVectors:
    """Return embeddings of the facts that are reasons, and of interactions by choice."""
    predicates = {*ontology.reasons, RATED_UP}
    facts = graph.select(config.embeddings.parts, predicates)
    if not len(facts) or not config.embeddings.epochs:
        return embeddings.NodeVectors.empty()
    name = config.embeddings.model
    return embeddings.train(
        facts,
        config.embeddings,
        config.seed,
        lambda done, total: progress(f"training {name}", done, total),
    )


def _item_texts(documents: Iterable[Document]) -> dict[Iri, str]:
    texts: dict[Iri, str] = {}
    for document in documents:
        if document.item is not None:
            before = texts.get(document.item)
            texts[document.item] = f"{before}\n{document.text}" if before else document.text
    return texts


def _item_vectors(
    config: Config,
    ontology: Ontology,
    graph: KnowledgeGraph,
    items: Sequence[CatalogueItem],
    events: sparse.csr_array,
    node_vectors: embeddings.NodeVectors,
    texts: Mapping[Iri, str],
    encoder: embeddings.TextEncoder,
) -> ItemVectors:
    weights = config.ranking
    iris = [item.iri for item in items]
    ones = vectors.incidence(graph, iris, ontology.reasons)
    facts, stated = vectors.weigh_facts(ones, ontology.reasons, weights.min_items)
    likes = sparse.csr_array(events.maximum(0.0))
    liked_with = vectors.linear_autoencoder(
        likes,
        sparse.csr_array(facts.matrix @ facts.matrix.T),
        ridge=weights.autoencoder_ridge,
        side=weights.graph_side,
        keep=weights.neighbours,
    )
    near = weights.similar_neighbours
    in_graph = vectors.nearest_neighbours(node_vectors.rows(iris), near)
    in_text = vectors.nearest_neighbours(_text_vectors(iris, texts, encoder), near)
    popular = sparse.csr_array(vectors.popularity(likes)[:, None])
    return vectors.ItemVectors.join(
        [
            facts.scaled(weights.facts),
            stated,
            vectors.item_columns("liked_with", LIKED_WITH, iris, liked_with).scaled(
                weights.liked_with
            ),
            vectors.item_columns("similar_in_graph", SIMILAR_IN_GRAPH, iris, in_graph).scaled(
                weights.similar_in_graph
            ),
            vectors.item_columns("similar_in_text", SIMILAR_IN_TEXT, iris, in_text).scaled(
                weights.similar_in_text
            ),
            vectors.ItemVectors(popular, (vectors.POPULARITY,)).scaled(weights.popularity),
        ]
    )


def _text_vectors(
    items: Sequence[Iri], texts: Mapping[Iri, str], encoder: embeddings.TextEncoder
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return a vector an item, zeros for those without text."""
    rows = [row for row, iri in enumerate(items) if iri in texts]
    encoded = encoder.encode([texts[items[row]] for row in rows])
    found = np.zeros((len(items), encoded.shape[1]), dtype=np.float32)
    found[rows] = encoded
    return found


def _learned_links(
    item_vectors: ItemVectors, items: Sequence[CatalogueItem]
) -> Iterator[Statement]:
    """Return the item-to-item links as statements, so that paths over them are in the graph."""
    for name in ("liked_with", "similar_in_graph", "similar_in_text"):
        block = item_vectors.block(name)
        cells = block.matrix.tocoo()
        for row, number, value in zip(cells.row, cells.col, cells.data, strict=True):
            column = block.columns[number]
            rare = column.predicate == LIKED_WITH and value < 0
            predicate = RARELY_LIKED_WITH if rare else column.predicate
            triple = Triple(items[row].iri, predicate, column.object)
            yield Statement(triple, extractor=f"model:{name}", part=DERIVED)

