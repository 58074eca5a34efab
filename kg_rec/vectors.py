"""The named, weighted, sparse item matrices: every column is a predicate and an object.

Blocks of columns stand side by side:

* ``facts``: (relation, entity), words and names of the texts among them, weighted by inverse
  document frequency (Sparck Jones 1972) and divided by the norm of the row, so that inner
  products are cosines;
* ``stated``: (any relation, entity), for what users say they like: not normalised, since a film
  is no less a heist film for having many other facts;
* ``liked_with``: (likedWith, item), the weights of a linear autoencoder with zero diagonal (EASE:
  Steck, WWW 2019), with the facts as side information;
* ``similar_in_graph`` and ``similar_in_text``: closeness of embeddings, nearest items only;
* ``popularity``: one column.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import linalg, sparse

from kg_rec.ids import KGREC, Iri

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph

__all__ = [
    "ANY_RELATION",
    "POPULARITY",
    "Column",
    "ItemVectors",
    "even_links",
    "fact_kernel",
    "incidence",
    "item_columns",
    "linear_autoencoder",
    "nearest_neighbours",
    "nearest_row",
    "unit_rows",
    "weigh_facts",
    "weigh_stated",
]

DENSE_ITEMS = 6_000
"""Most items for which the autoencoder inverts a dense items × items matrix (288 MB)."""
CANDIDATES = 200
"""Co-liked items that each column of the sparse autoencoder may use."""
_BLOCK = 1024


class Column(NamedTuple):
    """What a column means: an item has a value there if (item, predicate, object) holds."""

    block: str
    predicate: Iri
    object: Iri


POPULARITY = Column("popularity", KGREC["popularity"], KGREC["everyone"])
"""The column of popularity."""


ANY_RELATION = KGREC["anyRelation"]
"""The predicate of columns of the block ``stated``: any of the relations that are reasons."""


@dataclass(frozen=True)
class ItemVectors:
    """Item vectors with named columns.

    Attributes:
        matrix: float64 CSR (items × columns).
        columns: The name of each column.
    """

    matrix: sparse.csr_array
    columns: tuple[Column, ...]

    @cached_property
    def index(self) -> dict[Column, int]:
        """Column name to column number."""
        return {column: number for number, column in enumerate(self.columns)}

    def block(self, name: str) -> ItemVectors:
        """Return the columns of one block."""
        numbers = [n for n, column in enumerate(self.columns) if column.block == name]
        chosen = sparse.csr_array(self.matrix[:, numbers])
        return ItemVectors(chosen, tuple(self.columns[n] for n in numbers))

    def without(self, predicate: Iri) -> ItemVectors:
        """Return the columns of all predicates but one."""
        numbers = [n for n, column in enumerate(self.columns) if column.predicate != predicate]
        chosen = sparse.csr_array(self.matrix[:, numbers])
        return ItemVectors(chosen, tuple(self.columns[n] for n in numbers))

    def scaled(self, weight: float) -> ItemVectors:
        """Return the vectors times a weight."""
        return ItemVectors(sparse.csr_array(self.matrix * weight), self.columns)

    @staticmethod
    def join(blocks: Iterable[ItemVectors]) -> ItemVectors:
        """Return the blocks side by side."""
        blocks = list(blocks)
        matrix = sparse.hstack([block.matrix for block in blocks], format="csr")
        return ItemVectors(
            sparse.csr_array(matrix), tuple(c for block in blocks for c in block.columns)
        )


def incidence(
    graph: KnowledgeGraph,
    items: Sequence[Iri],
    relations: Iterable[Iri],
    counted: Collection[Iri] = (),
) -> ItemVectors:
    """Return the items × facts matrix: which item has which (relation, entity), and how surely.

    A value is the confidence of the statement, which is 1 unless it was read from text.

    Args:
        graph: The facts.
        items: The rows.
        relations: The relations of the columns.
        counted: Relations of which it matters how often a text says them: their value is
            multiplied by ``1 + ln(passages)`` (Salton & Buckley 1988).
    """
    row_of = np.full(len(graph.terms), -1, dtype=np.int64)
    codes = [graph.terms.code(iri) for iri in items]
    row_of[[code for code in codes if code is not None]] = [
        row for row, code in enumerate(codes) if code is not None
    ]
    found = {p: _facts_of(graph, p, row_of, counted) for p in sorted(set(relations))}
    objects = {p: np.unique(facts.objects) for p, facts in found.items()}
    columns = tuple(
        Column("facts", p, Iri(str(graph.terms[code])))
        for p, used in objects.items()
        for code in used.tolist()
    )
    starts = np.cumsum([0, *(len(used) for used in objects.values())])
    cols = [
        start + np.searchsorted(objects[p], facts.objects)
        for start, (p, facts) in zip(starts, found.items(), strict=False)
    ]
    rows, values = ([f[n] for f in found.values()] for n in (0, 2))
    cells = (_joined(values, np.float64), (_joined(rows, np.int64), _joined(cols, np.int64)))
    matrix = sparse.coo_array(cells, shape=(len(items), len(columns)))
    return ItemVectors(sparse.csr_array(matrix.tocsr()), columns)


class _Facts(NamedTuple):
    """The facts of one relation: rows of items, codes of objects, values."""

    rows: NDArray[np.int64]
    objects: NDArray[np.int32]
    values: NDArray[np.float64]


def _facts_of(
    graph: KnowledgeGraph, relation: Iri, row_of: NDArray[np.int64], counted: Collection[Iri]
) -> _Facts:
    """Return the facts of a relation; what several parts of the graph state counts once."""
    numbers = graph.rows(predicate=relation)
    subjects, _, objects = graph.triple_codes[numbers].T
    kept = (row_of[subjects] >= 0) & (objects < graph.terms.nodes)
    numbers, objects = numbers[kept], objects[kept]
    values = graph.confidences[numbers].astype(np.float64)
    if relation in counted:
        passages = np.searchsorted(graph.spans[:, 0], numbers, side="right")
        passages -= np.searchsorted(graph.spans[:, 0], numbers, side="left")
        values = values * (1.0 + np.log(np.maximum(passages, 1)))
    rows = row_of[subjects[kept]]
    order = np.lexsort((-values, objects, rows))
    same = np.diff(rows[order], prepend=-1) == 0
    same &= np.diff(objects[order], prepend=-1) == 0
    first = order[~same]
    return _Facts(rows[first], objects[first], values[first])


def _joined(arrays: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *arrays])


def weigh_facts(
    found: ItemVectors, weights: Mapping[Iri, float], min_items: int = 2
) -> ItemVectors:
    """Return the block ``facts``: weighted by IDF, rows of norm 1 at most.

    The weight of a fact is ``weight(relation) × ln(1 + n / df)``, with n items of which df have
    it. Rows are divided by their norm. Then only those facts remain that at least ``min_items``
    items share: the others link nothing, but an item that has many of them is less like others.

    Args:
        found: Items × facts, from :func:`incidence`; a value multiplies the weight of a fact.
        weights: Weight of each relation.
        min_items: From how many items on a fact is a shared one.
    """
    frequency = np.bincount(found.matrix.indices, minlength=len(found.columns))
    relation_weight = np.array([weights[column.predicate] for column in found.columns])
    idf = relation_weight * np.log1p(found.matrix.shape[0] / np.maximum(frequency, 1))
    weighed = unit_rows(sparse.csr_array(found.matrix * idf[None, :]))
    shared = sparse.csr_array(weighed * (frequency >= min_items)[None, :])
    shared.eliminate_zeros()
    return ItemVectors(shared, found.columns)


def weigh_stated(ones: ItemVectors, weights: Mapping[Iri, float]) -> ItemVectors:
    """Return the block ``stated``: a column an entity, however it is related to the items.

    The value is ``weight × ln(1 + n / df) / ln(1 + n)``, from 0 to the weight of the heaviest
    relation between item and entity: who likes a director does not like her films twice because
    she wrote them, too.

    Args:
        ones: Items × facts, from :func:`incidence`; only where it is nonzero counts.
        weights: Weight of each relation.
    """
    cells = ones.matrix.tocoo()
    entities = tuple(sorted({column.object for column in ones.columns}))
    number = {entity: n for n, entity in enumerate(entities)}
    entity_of = np.array([number[column.object] for column in ones.columns], dtype=np.int64)
    weight_of = np.array([weights[column.predicate] for column in ones.columns])
    size = ones.matrix.shape[0]
    places, where = np.unique(cells.row * len(entities) + entity_of[cells.col], return_inverse=True)
    heaviest = np.zeros(len(places))
    np.maximum.at(heaviest, where, weight_of[cells.col])
    rows, columns = np.divmod(places, len(entities) or 1)
    frequency = np.bincount(columns, minlength=len(entities))
    values = heaviest * np.log1p(size / frequency[columns]) / np.log1p(size)
    matrix = sparse.coo_array((values, (rows, columns)), shape=(size, len(entities))).tocsr()
    names = tuple(Column("stated", ANY_RELATION, entity) for entity in entities)
    return ItemVectors(sparse.csr_array(matrix), names)


def unit_rows(matrix: sparse.csr_array) -> sparse.csr_array:
    """Return the matrix with rows divided by their Euclidean norm; rows of zeros stay."""
    norms = np.sqrt(np.asarray(matrix.power(2).sum(axis=1)))
    return sparse.csr_array(sparse.diags_array(1.0 / np.where(norms > 0, norms, 1.0)) @ matrix)


def fact_kernel(facts: sparse.csr_array) -> sparse.csr_array:
    """Return ``F Fᵀ``, the cosines of all items; the nearest ones only, where there are many.

    Up to ``DENSE_ITEMS`` items it is whole; above, each keeps its ``CANDIDATES`` nearest, both
    ways, so that memory is bounded: items that have texts nearly all share some word.

    Args:
        facts: F, CSR (items × facts), rows of norm 1 at most.
    """
    size = facts.shape[0]
    if size <= DENSE_ITEMS:
        return sparse.csr_array(facts @ facts.T)
    transposed = facts.T.tocsr()
    blocks = [
        _largest(sparse.csr_array(facts[start : start + _BLOCK] @ transposed), CANDIDATES)
        for start in range(0, size, _BLOCK)
    ]
    nearest = sparse.csr_array(sparse.vstack(blocks, format="csr"))
    return sparse.csr_array(nearest.maximum(nearest.T))


def item_columns(
    name: str, predicate: Iri, items: Sequence[Iri], weights: sparse.csr_array
) -> ItemVectors:
    """Return a block whose columns are items: row i holds what speaks for item i."""
    return ItemVectors(weights, tuple(Column(name, predicate, iri) for iri in items))


def linear_autoencoder(
    events: sparse.csr_array, kernel: sparse.csr_array, *, ridge: float, side: float, keep: int
) -> sparse.csr_array:
    """Return item-to-item weights B with zero diagonal, the ``keep`` largest of each column.

    The best ``B`` for ``|X - XB|² + ridge·|B|²`` under ``diag(B) = 0`` is ``I - P / diag(P)`` with
    ``P = (XᵀX + ridge·I)⁻¹`` (Steck, WWW 2019, eq. 8). Facts enter as further rows of X, of weight
    √side, so that ``XᵀX`` becomes ``XᵀX + side·K``. Above ``DENSE_ITEMS`` items each column is
    solved over its ``CANDIDATES`` nearest items only.

    A weight says that people like two items together, so a positive one is kept only where
    somebody does, and a negative one only between items that somebody likes.

    Args:
        events: X, users × items.
        kernel: K, items × items, positive semidefinite.
        ridge: Regularisation.
        side: Weight of the kernel.
        keep: Links kept for each item, the largest by absolute value.

    Returns:
        CSR (items × items); row i holds what speaks for item i: ``B[:, i]``.
    """
    gram = sparse.csr_array(events.T @ events + side * kernel)
    solve = _dense_columns if gram.shape[0] <= DENSE_ITEMS else _sparse_columns
    return _largest(_witnessed(solve(gram, ridge), events), keep)


def _witnessed(weights: sparse.csr_array, events: sparse.csr_array) -> sparse.csr_array:
    """Return the weights that events speak for; the others come from the kernel alone."""
    together = sparse.csr_array(events.T @ events) > 0
    liked = sparse.diags_array((np.asarray((events > 0).sum(axis=0)) > 0).astype(np.float64))
    company = weights.maximum(0.0).multiply(together)
    avoided = liked @ weights.minimum(0.0) @ liked
    return sparse.csr_array(company + avoided)


def _dense_columns(gram: sparse.csr_array, ridge: float) -> sparse.csr_array:
    full = gram.toarray()
    full[np.diag_indices_from(full)] += ridge
    inverse = linalg.inv(full, overwrite_a=True, check_finite=False)
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return sparse.csr_array(weights.T)


def _sparse_columns(gram: sparse.csr_array, ridge: float) -> sparse.csr_array:
    near = _largest(gram - sparse.diags_array(gram.diagonal()), CANDIDATES)
    rows = []
    for item in range(gram.shape[0]):
        chosen = near.indices[near.indptr[item] : near.indptr[item + 1]]
        block = gram[chosen][:, chosen].toarray()
        block[np.diag_indices_from(block)] += ridge
        target = gram[[item]][:, chosen].toarray()[0]
        rows.append(linalg.solve(block, target, assume_a="pos") if len(chosen) else target)
    values = np.concatenate(rows)
    return sparse.csr_array((values, near.indices, near.indptr), shape=gram.shape)


def _largest(matrix: sparse.csr_array, keep: int) -> sparse.csr_array:
    """Return the ``keep`` largest absolute values of each row (ties: lower column)."""
    matrix = sparse.csr_array(matrix)
    matrix.eliminate_zeros()
    matrix.sort_indices()
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -np.abs(matrix.data), rows))
    rank = np.arange(len(order)) - matrix.indptr[rows[order]]
    chosen = order[rank < keep]
    cells = (matrix.data[chosen], (rows[chosen], matrix.indices[chosen]))
    return sparse.coo_array(cells, shape=matrix.shape).tocsr()


def nearest_neighbours(
    vectors: NDArray[np.floating], keep: int, block: int = 1024
) -> sparse.csr_array:
    """Return the positive cosines of each row's ``keep`` nearest other rows, as CSR (rows × rows).

    Args:
        vectors: Rows × dimensions; a row of zeros has no neighbours.
        keep: Neighbours of a row.
        block: Rows compared at a time, which bounds memory to block × rows.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(norms > 0, norms, 1.0)
    blocks = []
    for start in range(0, len(unit), block):
        cosines = unit[start : start + block] @ unit.T
        inside = np.arange(len(cosines))
        cosines[inside, start + inside] = 0.0
        blocks.append(_largest(sparse.csr_array(np.maximum(cosines, 0.0)), keep))
    return sparse.csr_array(sparse.vstack(blocks, format="csr"), dtype=np.float64)


def even_links(links: sparse.csr_array) -> sparse.csr_array:
    """Return links both ways, each divided by the root of what both ends have in all.

    ``D^-1/2 L D^-1/2`` with L the larger of both directions and D its row sums: the eigenvalues
    lie in [-1, 1] (Chung, Spectral Graph Theory, 1997), so that it adds to a kernel what a unit
    matrix adds, and an item that is close to everything counts no more than others.

    Args:
        links: Items × items, not negative, without diagonal.
    """
    both = links.maximum(links.T)
    degree = np.asarray(both.sum(axis=1), dtype=np.float64)
    root = sparse.diags_array(1.0 / np.sqrt(np.where(degree > 0, degree, 1.0)))
    return sparse.csr_array(root @ both @ root)


def nearest_row(vector: NDArray[np.floating], vectors: NDArray[np.floating]) -> tuple[int, float]:
    """Return the row of largest cosine with a vector, and that cosine; else (0, 0.0)."""
    norms = np.linalg.norm(vectors, axis=1) * np.linalg.norm(vector)
    cosines = vectors @ vector / np.where(norms > 0, norms, 1.0)
    if not len(cosines):
        return 0, 0.0
    row = int(np.argmax(cosines))
    return row, float(cosines[row])
