"""The blocks of a model: what is known of items, as named columns and as links between nodes."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec import likeness, vectors
from kg_rec.graph import Links
from kg_rec.ontology import (
    CONCEPT,
    LIKED_WITH,
    RARELY_LIKED_WITH,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
)
from kg_rec.ontology.texts import HAS_WORD, MENTIONS, SIMILAR_CONCEPT
from kg_rec.popularity import fresh_likes, popularity
from kg_rec.profiles import ITEM_BLOCKS
from kg_rec.statements import DERIVED, Statement, Triple
from kg_rec.vectors import ItemVectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.config import RankingConfig
    from kg_rec.embeddings import TextEncoder
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.statements import Document

__all__ = ["Describer", "learned_links", "text_vectors"]


class Describer:
    """Describes the items of a graph.

    Args:
        graph: What is known.
        items: The items, in row order.
        reasons: Weight of each relation that is a reason, from the ontology.
        config: Weights of all else.
        texts: float array (items × dimensions), from :func:`text_vectors`.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        items: Sequence[Iri],
        reasons: Mapping[Iri, float],
        config: RankingConfig,
        texts: NDArray[np.float32],
    ) -> None:
        self.graph = graph
        self.items = items
        self.config = config
        self.texts = texts
        self.reasons = {HAS_WORD: config.words, MENTIONS: config.names, **reasons}
        self.found = _told_once(vectors.incidence(graph, items, self.reasons, {HAS_WORD, MENTIONS}))

    def item_vectors(
        self,
        likes: sparse.csr_array,
        nodes: NDArray[np.float32],
        fresh: sparse.csr_array | None = None,
    ) -> ItemVectors:
        """Return all blocks side by side, each times its weight.

        Args:
            likes: CSR (users × items), not negative.
            nodes: Embeddings of the items in the graph (items × dimensions), zeros for none.
            fresh: What each like counts for popularity (users × items); 1 if not told.
        """
        config = self.config
        facts = vectors.weigh_facts(self.found, self.reasons, config.min_items)
        stated = self.found.without(HAS_WORD)
        known = vectors.weigh_facts(stated.without(MENTIONS), self.reasons, config.min_items)
        liked_with = vectors.linear_autoencoder(
            likes,
            vectors.fact_kernel(vectors.unit_rows(known.matrix)),
            ridge=config.autoencoder_ridge,
            side=config.graph_side,
            keep=config.neighbours,
        )
        counted = fresh_likes(likes) if fresh is None else fresh
        popular = sparse.csr_array(popularity(counted)[:, None])
        in_graph = self._near(nodes, config.similar_in_graph)
        in_text = self._near(self.texts, config.similar_in_text)
        return ItemVectors.join(
            [
                facts.scaled(config.facts),
                vectors.weigh_stated(stated, self.reasons),
                self._links(LIKED_WITH, liked_with * config.liked_with),
                self._links(SIMILAR_IN_GRAPH, in_graph),
                self._links(SIMILAR_IN_TEXT, in_text),
                ItemVectors(popular, (vectors.POPULARITY,)).scaled(config.popularity),
            ]
        )

    def _near(self, rows: NDArray[np.float32], weight: float) -> sparse.csr_array:
        """Return links between near items; their weight is relative to that of facts."""
        near = vectors.nearest_neighbours(rows, self.config.similar_neighbours)
        return vectors.even_links(near) * (self.config.facts * weight)

    def _links(self, predicate: Iri, weights: sparse.csr_array) -> ItemVectors:
        return vectors.item_columns(_BLOCKS[predicate], predicate, self.items, weights)

    def similar_concepts(self, encoder: TextEncoder) -> Iterator[Statement]:
        """Yield the links between concepts that are alike, both ways; their strength says how."""
        types = self.graph.types
        numbers = [
            n
            for n, column in enumerate(self.found.columns)
            if column.predicate not in {HAS_WORD, MENTIONS}
            and CONCEPT in types.get(column.object, ())
        ]
        if not numbers or not self.texts.any():
            return
        concepts = [self.found.columns[n].object for n in numbers]
        names = encoder.encode([self.graph.label(concept) for concept in concepts])
        chosen = sparse.csr_array(self.found.matrix[:, numbers])
        pairs = likeness.alike(chosen, self.texts, names)
        for one, other, strength in zip(*(column.tolist() for column in pairs), strict=True):
            for a, b in ((one, other), (other, one)):
                triple = Triple(concepts[a], SIMILAR_CONCEPT, concepts[b])
                yield Statement(
                    triple,
                    extractor=f"model:contexts and names, {encoder.name}",
                    part=DERIVED,
                    strength=round(strength, 4),
                )


_BLOCKS = {
    LIKED_WITH: "liked_with",
    SIMILAR_IN_GRAPH: "similar_in_graph",
    SIMILAR_IN_TEXT: "similar_in_text",
}


def _told_once(found: ItemVectors) -> ItemVectors:
    """Return the facts without mentions of what another relation ties to the item as well."""
    number = {entity: n for n, entity in enumerate({c.object: None for c in found.columns})}
    object_of = np.array([number[column.object] for column in found.columns], dtype=np.int64)
    passing = np.array([column.predicate == MENTIONS for column in found.columns], dtype=bool)
    cells = found.matrix.tocoo()
    pairs = cells.row.astype(np.int64) * max(len(number), 1) + object_of[cells.col]
    mere = passing[cells.col]
    kept = ~(mere & np.isin(pairs, pairs[~mere]))
    chosen = (cells.data[kept], (cells.row[kept], cells.col[kept]))
    matrix = sparse.coo_array(chosen, shape=found.matrix.shape).tocsr()
    return ItemVectors(sparse.csr_array(matrix), found.columns)


def text_vectors(
    items: Sequence[Iri], documents: Iterable[Document], encoder: TextEncoder
) -> NDArray[np.float32]:
    """Return a vector of all texts of each item, zeros for those without text."""
    texts: dict[Iri, list[str]] = defaultdict(list)
    for document in documents:
        if document.item is not None:
            texts[document.item].append(document.text)
    rows = [row for row, item in enumerate(items) if item in texts]
    encoded = encoder.encode(["\n".join(texts[items[row]]) for row in rows])
    found = np.zeros((len(items), encoded.shape[1]), dtype=np.float32)
    found[rows] = encoded
    return found


def learned_links(item_vectors: ItemVectors) -> Iterator[Links]:
    """Yield the item-to-item links, so that paths over them are in the graph."""
    for name in ITEM_BLOCKS:
        block = item_vectors.block(name)
        cells = block.matrix.tocoo()
        predicate = block.columns[0].predicate
        rare = (cells.data < 0) & (predicate == LIKED_WITH)
        for chosen, link in ((~rare, predicate), (rare, RARELY_LIKED_WITH)):
            yield Links(link, f"model:{name}", cells.row[chosen], cells.col[chosen])
