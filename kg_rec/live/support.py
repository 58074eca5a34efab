"""What is said of people only as long as enough of them are left who like it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from scipy import sparse

from kg_rec.graph import Links
from kg_rec.ontology import LIKED_WITH, RARELY_LIKED_WITH, RELATED_TO, SHARES_LIKERS
from kg_rec.vectors import ItemVectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.model import Model

__all__ = ["supported"]


def supported(model: Model, events: sparse.csr_array, items: NDArray[np.int64]) -> Model:
    """Return a model that says what people like together only where enough of them still do.

    Links of too few users are links of facts and company from now on, with the same values; shared
    likers and what is seldom liked together, which are nothing else, go.

    Args:
        model: The model.
        events: CSR (users × items) of signed weights that the vectors are weighed with.
        items: Rows of the items that fewer users like than before.
    """
    found = _Few.of(events, items, model.config.privacy.min_support)
    vectors = _moved(model.vectors, found)
    if vectors is model.vectors:
        return model
    return replace(model, vectors=vectors, graph=_told(model, found))


class _Few(NamedTuple):
    """Pairs of items that too few users like together.

    Attributes:
        changed: bool array: items that fewer users like than before.
        items: bool array: those of them that too few like.
        enough: int64 array: the pairs of them that enough do, as ``one * items + other``; sorted.
    """

    changed: NDArray[np.bool_]
    items: NDArray[np.bool_]
    enough: NDArray[np.int64]

    @classmethod
    def of(cls, events: sparse.csr_array, items: NDArray[np.int64], least: int) -> Self:
        liked = sparse.csr_array((events[:, items] > 0).astype(np.float64))
        together = sparse.coo_array(liked.T @ liked)
        enough = together.data >= least
        one, other = items[together.row[enough]], items[together.col[enough]]
        size = events.shape[1]
        changed = np.zeros(size, dtype=bool)
        changed[items] = True
        few = changed.copy()
        few[one[one == other]] = False
        return cls(changed, few, np.sort(one * size + other))

    def pairs(self, one: NDArray[np.integer], other: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return which pairs too few users like together."""
        both = self.changed[one] & self.changed[other]
        keys = one.astype(np.int64) * len(self.changed) + other
        return np.asarray(both & ~np.isin(keys, self.enough))


def _moved(vectors: ItemVectors, few: _Few) -> ItemVectors:
    """Return the vectors with cells of too few users put into the block of the others, or gone."""
    cells = vectors.matrix.tocoo()
    blocks = np.array([column.block for column in vectors.columns])
    start = {name: int(np.argmax(blocks == name)) for name in ("liked_with", "related")}
    block, values, columns = blocks[cells.col], cells.data.copy(), cells.col.copy()
    item = np.zeros(len(blocks), dtype=np.int64)
    for name in ("liked_with", "shared_likers"):
        item[blocks == name] = np.arange(np.count_nonzero(blocks == name))
    pairs = few.pairs(cells.row, item[cells.col])
    company = block == "liked_with"
    moved = company & pairs & (values > 0)
    gone = (company & (values < 0) & few.items[item[cells.col]]) | (
        (block == "shared_likers") & pairs
    )
    if not (moved | gone).any():
        return vectors
    columns[moved] += start["related"] - start["liked_with"]
    values[gone] = 0.0
    matrix = sparse.coo_array((values, (cells.row, columns)), shape=cells.shape).tocsr()
    matrix.eliminate_zeros()
    return ItemVectors(sparse.csr_array(matrix), vectors.columns)


def _told(model: Model, few: _Few) -> KnowledgeGraph:
    """Return the graph with the links of too few users replaced or gone."""
    graph = model.graph
    nodes = [item.iri for item in model.items]
    row_of = np.full(len(graph.terms), -1, dtype=np.int64)
    codes = [graph.terms.code(node) for node in nodes]
    for row, code in enumerate(codes):
        if code is not None:
            row_of[code] = row

    def ends(predicate: Iri) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
        rows = graph.rows(predicate=predicate)
        one, other = row_of[graph.triple_codes[rows][:, [0, 2]]].T
        return rows, one, other

    rows, one, other = ends(LIKED_WITH)
    moved = few.pairs(one, other)
    shared, *pairs = ends(SHARES_LIKERS)
    rare, _, liked = ends(RARELY_LIKED_WITH)
    gone = np.concatenate([rows[moved], shared[few.pairs(*pairs)], rare[few.items[liked]]])
    left = graph.take(np.setdiff1d(np.arange(len(graph)), gone))
    return left.with_links(nodes, [Links(RELATED_TO, "model:related", one[moved], other[moved])])
