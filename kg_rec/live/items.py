"""Items put into a model and taken out of it, without training.

What says what items are (facts, words, closeness, what may be stated) is afterwards as in a build
with the same catalogue, for all items; the other blocks and the learned weights stay as they were
fitted, and say nothing of a new item until the next fit; see :mod:`kg_rec.live.refitting`. A new
item has no node embedding of its own: its neighbours in the graph place it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kg_rec import io
from kg_rec.blocks import Describer, Given, learned_links, text_vectors
from kg_rec.building import check_shapes, embedded_facts
from kg_rec.embeddings import encoder_of
from kg_rec.embeddings.given import laid_out, read_vectors
from kg_rec.errors import ConfigError, DataError
from kg_rec.graph.inference import infer
from kg_rec.ids import IdIndex
from kg_rec.inputs import documents_of
from kg_rec.live.item_axis import Axis, moved
from kg_rec.live.item_graph import facts_of, relinked, told_of, without_items_of
from kg_rec.live.item_reading import ItemReader, is_known
from kg_rec.live.privacy import wishes_left
from kg_rec.model import CatalogueItem
from kg_rec.profiles import content_links
from kg_rec.vectors import ItemVectors, content_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.model import Model
    from kg_rec.statements import Document, Statement

__all__ = ["with_items", "without_items"]


def with_items(
    model: Model,
    items: io.Table,
    texts: io.Table | None = None,
    reader: ItemReader | None = None,
    vectors: Mapping[str, Mapping[str, Sequence[float]]] | None = None,
) -> Model:
    """Return a model that has more items; they are read as those of a build are.

    Args:
        model: The model; it stays as it is.
        items: A table as that of ``items``.
        texts: A table as that of ``texts``, of these items.
        reader: What reads texts, of this model or of one that came before; it learns from them.
            Without one it is made, which takes seconds.
        vectors: Vectors that come with them: name to id to vector, as those of the model.

    Raises:
        DataError: A row is not as expected, the catalogue has the item, a text is of another item,
            or what is stated breaks the shapes of the ontology.
    """
    new = _read(model, items)
    iris = [item.iri for item in new]
    documents = documents_of(texts, model.config, new)
    told, prose = _told(model, new, documents, reader), {d.id: d.text for d in documents}
    base = model.graph
    if model.config.inference:
        base = infer(base.changed(told, prose), model.config.inference, model.ontology)
        told = []
    facts = facts_of(base).changed(told, prose)
    if model.config.validation != "off":
        check_shapes(told_of(facts, iris), model.ontology, model.config.validation)
    catalogue = [*model.items, *(CatalogueItem(i.id, i.iri, i.label) for i in new)]
    axis = Axis.of(model, catalogue)
    found = moved(model, axis)
    features = _features(found, axis, vectors or {})
    nodes = model.node_vectors
    if nodes.names:
        nodes = nodes.infer(_embeddable(facts, iris, model))
    rows = _texts(found, axis, documents)
    grown = replace(found, graph=base, node_vectors=nodes, texts=rows, features=features)
    return _described(grown, model.vectors, facts, told, prose)


def without_items(model: Model, ids: Sequence[str]) -> Model:
    """Return a model without some items, and without what only they brought.

    Their events and texts go, and so do entities that nothing else is known of, and wishes that
    name one of these.

    Args:
        model: The model; it stays as it is.
        ids: Ids of the items.

    Raises:
        UnknownIdError: The model has no such item.
        DataError: No item would be left.
    """
    index = IdIndex((item.id for item in model.items), kind="item")
    gone = {index.row(name) for name in ids}
    if len(gone) == len(model.items):
        raise DataError("a model needs at least one item; these are all")
    axis = Axis.of(model, [item for row, item in enumerate(model.items) if row not in gone])
    graph, nodes = without_items_of(model.graph, [model.items[row] for row in sorted(gone)])
    wishes = wishes_left(model, (), nodes)
    left = moved(replace(model, remembered=wishes), axis)
    left = replace(left, graph=graph, node_vectors=model.node_vectors.without(nodes))
    return _described(left, model.vectors, facts_of(graph))


def _read(model: Model, items: io.Table) -> list[io.Item]:
    config = model.config
    taken = {name for item in model.items for name in (item.id, item.iri)}
    drop = config.bad_rows == "drop"
    return io.read_items(
        items, config.items, model.ontology, config.base_iri, drop=drop, taken=taken
    )


def _told(
    model: Model, items: Sequence[io.Item], documents: Sequence[Document], reader: ItemReader | None
) -> list[Statement]:
    """Return what the table and the texts state."""
    told = list(io.item_statements(items, model.ontology, model.config.base_iri))
    if reader is None and not documents:
        return told
    for known in (reader, None):
        own = known or ItemReader(model)
        own.learn(told)
        said = own.read(documents)
        if is_known([*told, *said], model.graph):
            break
    own.learn_read(said)
    return [*told, *said]


def _texts(model: Model, axis: Axis, documents: Sequence[Document]) -> NDArray[np.float32]:
    """Return the vectors of all texts, those of new items made."""
    if not documents:
        return model.texts
    encoder = encoder_of(model.config.text.encoder, model.config.text.cache)
    made = text_vectors([model.items[row].iri for row in axis.new], documents, encoder)
    found = model.texts
    if not found.any():  # no item had a text before
        found = np.zeros((len(model.items), made.shape[1]), dtype=np.float32)
    found[axis.new] = made
    return found


def _features(
    model: Model, axis: Axis, vectors: Mapping[str, Mapping[str, Sequence[float]]]
) -> dict[str, NDArray[np.float32]]:
    """Return the vectors that came with the items, those of new ones put in."""
    found = dict(model.features)
    ids = [model.items[row].id for row in axis.new]
    for name, given in vectors.items():
        known = found.get(name)
        if known is None:
            there = ", ".join(found) or "none"
            raise ConfigError(f"vectors {name!r}: the model has no vectors of that name: {there}")
        own = laid_out(read_vectors(given, f"vectors {name!r}"), ids)
        if own.shape[1] != known.shape[1]:
            wanted = f"expected {known.shape[1]}, as the model has"
            raise DataError(f"vectors {name!r}: found {own.shape[1]} numbers a vector, {wanted}")
        known[axis.new] = own
    return found


def _embeddable(
    facts: KnowledgeGraph, items: Sequence[Iri], model: Model
) -> list[tuple[str, str, str]]:
    """Return the facts of new items as embeddings have them."""
    codes = [code for iri in items if (code := facts.terms.code(iri)) is not None]
    own = facts.take(np.flatnonzero(np.isin(facts.triple_codes[:, [0, 2]], codes).any(axis=1)))
    own = embedded_facts(own, model.ontology, model.config.embeddings.parts)
    key = own.terms.key
    return [(key(s).decode(), key(p).decode(), key(o).decode()) for s, p, o in own.triple_codes]


def _described(
    model: Model,
    before: ItemVectors,
    facts: KnowledgeGraph,
    told: Sequence[Statement] = (),
    documents: Mapping[str, str] | None = None,
) -> Model:
    """Return a model from :func:`moved` with what says what its items are, and their links.

    Args:
        model: The model; its graph does not have what is told yet.
        before: The vectors before.
        facts: The facts of its graph, and what is told.
        told: What is told.
        documents: Id to text, of what is told.
    """
    iris = [item.iri for item in model.items]
    settings = model.config.ranking
    given = Given(model.features, model.config.transferred)
    describer = Describer(
        facts, iris, model.ontology, settings, model.texts, given=given, known=before
    )
    share = content_weights(model.fitted.likes, settings.facts, settings.facts_cold)
    described = describer.described(model.node_vectors.contexts(iris), share)
    near = content_links(column.block for column in described.columns)
    goes, links = relinked(model.graph, iris, learned_links(described, near))
    graph = model.graph.changed(told, documents, goes=goes, nodes=iris, links=links)
    return replace(model, vectors=ItemVectors.join([described, model.vectors]), graph=graph)
