"""The blocks of a model: what is known of items, as named columns and as links between nodes."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from kg_rec import collaborative, likeness, vectors
from kg_rec.graph import Links
from kg_rec.ids import KGREC, OWL, RDF, RDFS, SKOS, Iri
from kg_rec.ontology import (
    CONCEPT,
    LIKED_WITH,
    RARELY_LIKED_WITH,
    RELATED_TO,
    SHARES_LIKERS,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
)
from kg_rec.ontology.given import block_of, similar_in
from kg_rec.ontology.texts import HAS_WORD, MENTIONS, SIMILAR_CONCEPT, TEXT_RELATIONS
from kg_rec.popularity import popularity
from kg_rec.profiles import item_blocks, link_weight
from kg_rec.statements import DERIVED, USERS, Statement, Triple
from kg_rec.vectors import ItemVectors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.config import RankingConfig
    from kg_rec.embeddings import TextEncoder
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology
    from kg_rec.statements import Document

__all__ = ["Describer", "Given", "foreign_relations", "learned_links", "text_vectors"]


class Given(NamedTuple):
    """Vectors that come with the items.

    Attributes:
        vectors: By name: float arrays (items × dimensions), zeros for none.
        transferred: Names of those that items without one get by their content.
    """

    vectors: Mapping[str, NDArray[np.float32]] = MappingProxyType({})
    transferred: Collection[str] = ()


class Describer:
    """Describes the items of a graph.

    Args:
        graph: What is known.
        items: The items, in row order.
        ontology: Which relations are reasons, and their weights.
        config: Weights of all else.
        texts: float array (items × dimensions), from :func:`text_vectors`.
        support: How many users must like two items for it to be said that people do.
        given: Vectors that come with the items.
        known: Vectors whose names of columns are used again.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        items: Sequence[Iri],
        ontology: Ontology,
        config: RankingConfig,
        texts: NDArray[np.float32],
        support: int = 1,
        given: Given | None = None,
        known: ItemVectors | None = None,
    ) -> None:
        self.graph = graph
        self.support = support
        self.items = items
        self.config = config
        self.texts = texts
        self.given = given or Given()
        self.known = known
        told = {HAS_WORD: config.words, MENTIONS: config.names}
        foreign = dict.fromkeys(foreign_relations(graph, ontology), 1.0)
        self.reasons = {**told, **foreign, **ontology.reasons}
        counted = {HAS_WORD, MENTIONS}
        self.found = _told_once(vectors.incidence(graph, items, self.reasons, counted, known))

    def content(self) -> ItemVectors:
        """Return what items are: facts, and words and names of their texts."""
        texts, facts = self.found.split({HAS_WORD, MENTIONS})
        least = self.config.min_items
        return ItemVectors.join(
            [
                vectors.count_facts(facts, self.reasons, least),
                vectors.weigh_facts(texts, self.reasons, least).scaled(
                    max(self.config.words, self.config.names)
                ),
            ]
        )

    def company(
        self, likes: sparse.csr_array, names: Collection[str]
    ) -> dict[str, sparse.csr_array]:
        """Return what is liked together, by some of the learners of ``collaborative``.

        Args:
            likes: CSR (users × items), not negative.
            names: The learners.
        """
        facts, kernel = self._side
        return collaborative.members(likes, facts, kernel, self.config, names)

    def shared_likers(self, likes: sparse.csr_array) -> sparse.csr_array:
        """Return how many likers items have in common: the mean of a random walk and the cosine.

        A few likes in all say little, and so weigh little, and what fewer than ``support`` users
        have in common says nothing. Row i holds what speaks for item i.
        """
        if not self.config.shared_likers:
            return sparse.csr_array((len(self.items), len(self.items)))
        names = ("rp3beta", "item_cosine")
        weights = dict.fromkeys(names, 1.0)
        keep = min(self.config.neighbours, _SHARED)
        shape = (len(self.items), len(self.items))
        shared = collaborative.blended(self.company(likes, names), weights, keep, shape)
        shared = collaborative.witnessed(shared, likes, self.support)[0]
        return sparse.csr_array(shared.T.tocsr() * (likes.nnz / (likes.nnz + _FEW)))

    @cached_property
    def _side(self) -> tuple[sparse.csr_array, sparse.csr_array]:
        """Facts as side information: unit rows, and their cosines."""
        known = self.found.split({HAS_WORD, MENTIONS})[1]
        facts = vectors.unit_rows(
            vectors.weigh_facts(known, self.reasons, self.config.min_items).matrix
        )
        return facts, vectors.fact_kernel(facts)

    def links(self, nodes: NDArray[np.float32]) -> dict[Iri, sparse.csr_array]:
        """Return closeness in the graph, of texts and of given vectors, each times its weight.

        Args:
            nodes: Embeddings of the items in the graph (items × dimensions), zeros for none.
        """
        return {
            predicate: sparse.csr_array(near * link_weight(self.config, block_of(predicate)))
            for predicate, near in self.closeness(nodes).items()
        }

    def closeness(self, nodes: NDArray[np.float32]) -> dict[Iri, sparse.csr_array]:
        """Return links between near items, both ways, before they are weighed; as :meth:`links`."""
        found = {SIMILAR_IN_GRAPH: self._near(nodes), SIMILAR_IN_TEXT: self._near(self.texts)}
        for name, rows in sorted(self.given.vectors.items()):
            lacking = name in self.given.transferred and not rows.any(axis=1).all()
            found[similar_in(name)] = self._near_by_content(rows) if lacking else self._near(rows)
        return found

    def _near(self, rows: NDArray[np.float32]) -> sparse.csr_array:
        near = vectors.nearest_neighbours(rows, self.config.similar_neighbours)
        return vectors.even_links(near)

    def _near_by_content(self, given: NDArray[np.float32]) -> sparse.csr_array:
        """Return links of vectors of which some are made: these count by how sure they are."""
        from kg_rec.embeddings.transfer import placed  # noqa: PLC0415 - scipy.linalg

        found = placed(given, self._content_kernel)
        sure = np.where(given.any(axis=1), 1.0, max(found.explained, 0.0))
        root = sparse.diags_array(np.sqrt(sure))
        return sparse.csr_array(root @ self._near(found.rows) @ root)

    @cached_property
    def _content_kernel(self) -> NDArray[np.float64]:
        """Inner products of items by facts and texts, each of length 1 at most."""
        told = vectors.unit_rows(
            vectors.weigh_facts(self.found, self.reasons, self.config.min_items).matrix
        )
        norms = np.linalg.norm(self.texts, axis=1, keepdims=True)
        texts = self.texts / np.where(norms > 0, norms, 1.0)
        return np.asarray((told @ told.T).toarray() + texts.astype(np.float64) @ texts.T)

    def item_vectors(
        self,
        likes: sparse.csr_array,
        nodes: NDArray[np.float32],
        fresh: sparse.csr_array,
        config: RankingConfig,
    ) -> ItemVectors:
        """Return all blocks side by side, each times its weight.

        Args:
            likes: CSR (users × items), not negative.
            nodes: Embeddings of the items in the graph (items × dimensions), zeros for none.
            fresh: CSR (users × items): what each like counts for popularity, from
                :func:`~kg_rec.popularity.fresh_likes`.
            config: The weights, learned or given.
        """
        weights = collaborative.default_weights(config, len(self.items))
        learned = self.company(likes, [name for name, weight in weights.items() if weight])
        company = self._company(learned, weights, likes, config.neighbours)
        share = vectors.content_weights(vectors.liked(likes), config.facts, config.facts_cold)
        popular = sparse.csr_array(popularity(fresh)[:, None])
        return ItemVectors.join(
            [
                self.described(nodes, share),
                *(self._links(p, link * config.liked_with) for p, link in company.items()),
                self._links(SHARES_LIKERS, self.shared_likers(likes)),
                ItemVectors(popular, (vectors.POPULARITY,)).scaled(config.popularity),
            ]
        )

    def described(self, nodes: NDArray[np.float32], share: NDArray[np.float64]) -> ItemVectors:
        """Return the blocks that say what items are, of which no event tells.

        Args:
            nodes: As in :meth:`item_vectors`.
            share: How much the content of each item counts.
        """
        stated = self.found.split({HAS_WORD, vectors.LINKED})[1]
        return ItemVectors.join(
            [
                self.content().rows_scaled(share),
                vectors.weigh_stated(stated, self.reasons, self.known),
                *(self._links(p, k).rows_scaled(share) for p, k in self.links(nodes).items()),
            ]
        )

    def _company(
        self,
        learned: Mapping[str, sparse.csr_array],
        weights: Mapping[str, float],
        likes: sparse.csr_array,
        keep: int,
    ) -> dict[Iri, sparse.csr_array]:
        """Return links of what people like together, and of what too few do to say so."""
        shape = (len(self.items), len(self.items))
        blend = collaborative.blended(learned, weights, keep, shape)
        seen, unseen = collaborative.witnessed(blend, likes, self.support)
        return {LIKED_WITH: seen.T.tocsr(), RELATED_TO: unseen.T.tocsr()}

    def _links(self, predicate: Iri, weights: sparse.csr_array) -> ItemVectors:
        block = _BLOCKS.get(predicate) or block_of(predicate)
        return vectors.item_columns(block, predicate, self.items, weights)

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


_FEW = 10_000
"""Likes in all that are few."""
_SHARED = 200
"""Most items that an item shares likers with."""
_BLOCKS = {
    LIKED_WITH: "liked_with",
    RELATED_TO: "related",
    SHARES_LIKERS: "shared_likers",
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


def learned_links(
    item_vectors: ItemVectors, blocks: Sequence[str] | None = None
) -> Iterator[Links]:
    """Yield the item-to-item links, so that paths over them are in the graph.

    Args:
        item_vectors: The vectors.
        blocks: Blocks whose columns are items; None is all.
    """
    known = {column.block for column in item_vectors.columns}
    for name in item_blocks(known) if blocks is None else blocks:
        block = item_vectors.block(name)
        cells = block.matrix.tocoo()
        predicate = block.columns[0].predicate
        rare = (cells.data < 0) & (predicate == LIKED_WITH)
        for chosen, link in ((~rare, predicate), (rare, RARELY_LIKED_WITH)):
            yield Links(link, f"model:{name}", cells.row[chosen], cells.col[chosen])


_NOT_FACTS = tuple(str(namespace) for namespace in (RDF, RDFS, OWL, SKOS, KGREC))
"""Vocabularies whose predicates describe terms, or are the package's own."""


def foreign_relations(graph: KnowledgeGraph, ontology: Ontology) -> list[Iri]:
    """Return the predicates between nodes that the ontology does not know; all are reasons.

    A graph that comes with a vocabulary of its own can so be used as it is.
    """
    parts = [part for part in graph.part_names if part not in {USERS, DERIVED}]
    facts = graph.select(parts)
    codes = facts.triple_codes[facts.triple_codes[:, 2] < facts.terms.nodes, 1]
    used = [Iri(str(facts.terms[code])) for code in np.unique(codes).tolist()]
    known = {*ontology.relations, *TEXT_RELATIONS}
    return [p for p in used if p not in known and not p.startswith(_NOT_FACTS)]
