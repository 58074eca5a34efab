"""The named, weighted, sparse item matrices: every column is a predicate and an object.

Blocks of columns stand side by side:

* ``facts``: (relation, entity), words and names of the texts among them, which are weighted by
  inverse document frequency (Sparck Jones 1972) and divided by their norm; ``facts_in``: facts
  of which the item is the object; ``linked``: items that a triple joins;
* ``stated``: (any relation, entity), for what users say they like: not normalised, since a film
  is no less a heist film for having many other facts; (relation, entity) beside it where items have
  the entity in several ways;
* ``liked_with``: (likedWith, item), what is liked together; see :mod:`kg_rec.collaborative`;
* ``similar_in_graph`` and ``similar_in_text``: closeness of embeddings, nearest items only;
* ``popularity``: one column.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple, Self, cast

import numpy as np
from scipy import sparse

from kg_rec.ids import KGREC, Iri
from kg_rec.nearness import (
    even_links,
    fact_kernel,
    nearest_neighbours,
    nearest_row,
    unit_rows,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph

__all__ = [
    "ANY_RELATION",
    "FACT_BLOCKS",
    "LINKED",
    "POPULARITY",
    "Column",
    "Fitted",
    "ItemVectors",
    "content_weights",
    "count_facts",
    "even_links",
    "fact_kernel",
    "incidence",
    "item_columns",
    "liked",
    "nearest_neighbours",
    "nearest_row",
    "unit_rows",
    "weigh_facts",
    "weigh_stated",
]

_KNOWN = 5.0
"""Likes from which on an item is rather known by its company than by its content."""


class Column(NamedTuple):
    """What a column means: an item has a value there if (item, predicate, object) holds."""

    block: str
    predicate: Iri
    object: Iri


POPULARITY = Column("popularity", KGREC["popularity"], KGREC["everyone"])
"""The column of popularity."""


FACT_BLOCKS = ("facts", "facts_in", "linked")
"""The blocks that say what items are."""
LINKED = KGREC["linked"]
"""The predicate of columns of the block ``linked``: any triple between two items."""
ANY_RELATION = KGREC["anyRelation"]
"""A predicate of columns of the block ``stated``: any of the relations that are reasons."""


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
        among = np.array([column.block == name for column in self.columns], dtype=bool)
        return self.chosen(np.flatnonzero(among))

    def split(self, predicates: Collection[Iri]) -> tuple[ItemVectors, ItemVectors]:
        """Return the columns of some predicates, and those of all others."""
        among = np.array([column.predicate in predicates for column in self.columns], dtype=bool)
        return self.chosen(np.flatnonzero(among)), self.chosen(np.flatnonzero(~among))

    def chosen(self, numbers: NDArray[np.int64]) -> ItemVectors:
        """Return some columns, by number."""
        chosen = sparse.csr_array(self.matrix[:, numbers])
        return ItemVectors(chosen, tuple(self.columns[n] for n in numbers.tolist()))

    def scaled(self, weight: float) -> ItemVectors:
        """Return the vectors times a weight."""
        return ItemVectors(sparse.csr_array(self.matrix * weight), self.columns)

    def rows_scaled(self, weights: NDArray[np.float64]) -> ItemVectors:
        """Return the vectors, each item's times its weight."""
        scaled = sparse.csr_array(sparse.diags_array(weights) @ self.matrix)
        return ItemVectors(scaled, self.columns)

    def named(self, names: Iterable[tuple[str, Iri, Iri]]) -> list[Column]:
        """Return names of columns: those that there are, where there are, as names are many."""
        columns, number = self.columns, cast("dict[tuple[str, Iri, Iri], int]", self.index).get
        return [
            Column(*name) if (place := number(name)) is None else columns[place] for name in names
        ]

    @classmethod
    def none(cls) -> ItemVectors:
        """Return vectors of no items without columns."""
        return cls(sparse.csr_array((0, 0)), ())

    @staticmethod
    def join(blocks: Iterable[ItemVectors]) -> ItemVectors:
        """Return the blocks side by side."""
        blocks = list(blocks)
        matrix = sparse.hstack([block.matrix for block in blocks], format="csr")
        columns = chain.from_iterable(block.columns for block in blocks)
        return ItemVectors(sparse.csr_array(matrix), tuple(columns))


def incidence(
    graph: KnowledgeGraph,
    items: Sequence[Iri],
    relations: Iterable[Iri],
    counted: Collection[Iri] = (),
    known: ItemVectors | None = None,
) -> ItemVectors:
    """Return the items × facts matrix: which item has which fact, and how surely.

    A value is the confidence of the statement, which is 1 unless it was read from text. There are
    three blocks: ``facts`` (the item is the subject), ``facts_in`` (the item is the object), and
    ``linked``: a column an item, for itself and for those that a triple joins to it.

    Args:
        graph: The facts.
        items: The rows.
        relations: The relations of the columns.
        counted: Relations of which it matters how often a text says them: their value is
            multiplied by ``1 + ln(passages)`` (Salton & Buckley 1988).
        known: Vectors whose names of columns are used again.
    """
    row_of = _rows_of(graph, items)
    found: list[tuple[Column, _Facts]] = []
    links: list[_Facts] = []
    for p in sorted(set(relations)):
        out = _facts_of(graph, p, row_of, counted)
        back = _facts_of(graph, p, row_of, (), incoming=True)
        found += [(Column("facts", p, p), out), (Column("facts_in", p, p), back)]
        links += [_among(side, row_of) for side in (out, back)]
    if any(len(link.rows) for link in links):
        found.append((Column("linked", LINKED, LINKED), _linked(links, graph, items)))
    return _side_by_side(graph, len(items), found, known or ItemVectors.none())


def _rows_of(graph: KnowledgeGraph, items: Sequence[Iri]) -> NDArray[np.int64]:
    """Return the row of each term of a graph that is an item, -1 for the others."""
    row_of = np.full(len(graph.terms), -1, dtype=np.int64)
    codes = [graph.terms.code(iri) for iri in items]
    row_of[[code for code in codes if code is not None]] = [
        row for row, code in enumerate(codes) if code is not None
    ]
    return row_of


def _side_by_side(
    graph: KnowledgeGraph, size: int, found: Sequence[tuple[Column, _Facts]], known: ItemVectors
) -> ItemVectors:
    objects, term = [np.unique(facts.objects) for _, facts in found], graph.terms.made.__getitem__
    columns = known.named(
        (head.block, head.predicate, cast("Iri", term(code)))
        for (head, _), used in zip(found, objects, strict=True)
        for code in used.tolist()
    )
    starts = np.cumsum([0, *(len(used) for used in objects)])
    cols = [
        start + np.searchsorted(used, facts.objects)
        for start, used, (_, facts) in zip(starts, objects, found, strict=False)
    ]
    rows, values = ([facts[n] for _, facts in found] for n in (0, 2))
    cells = (_joined(values, np.float64), (_joined(rows, np.int64), _joined(cols, np.int64)))
    matrix = sparse.coo_array(cells, shape=(size, len(columns)))
    return ItemVectors(sparse.csr_array(matrix.tocsr()), tuple(columns))


class _Facts(NamedTuple):
    """The facts of one relation: rows of items, codes of the other ends, values."""

    rows: NDArray[np.int64]
    objects: NDArray[np.int32]
    values: NDArray[np.float64]


def _facts_of(
    graph: KnowledgeGraph,
    relation: Iri,
    row_of: NDArray[np.int64],
    counted: Collection[Iri],
    *,
    incoming: bool = False,
) -> _Facts:
    """Return the facts of a relation; what several parts of the graph state counts once."""
    numbers = graph.rows(predicate=relation)
    subjects, _, objects = graph.triple_codes[numbers].T
    if incoming:
        subjects, objects = objects, subjects
    kept = (row_of[subjects] >= 0) & (objects < graph.terms.nodes)
    numbers, objects = numbers[kept], objects[kept]
    values = graph.confidences[numbers].astype(np.float64)
    if relation in counted:
        passages = np.searchsorted(graph.spans[:, 0], numbers, side="right")
        passages -= np.searchsorted(graph.spans[:, 0], numbers, side="left")
        values = values * (1.0 + np.log(np.maximum(passages, 1)))
    return _once(_Facts(row_of[subjects[kept]], objects, values))


def _once(facts: _Facts) -> _Facts:
    """Return each fact once, with its largest value."""
    order = np.lexsort((-facts.values, facts.objects, facts.rows))
    same = np.diff(facts.rows[order], prepend=-1) == 0
    same &= np.diff(facts.objects[order], prepend=-1) == 0
    first = order[~same]
    return _Facts(facts.rows[first], facts.objects[first], facts.values[first])


def _among(facts: _Facts, row_of: NDArray[np.int64]) -> _Facts:
    """Return the facts whose other end is an item, too."""
    kept = row_of[facts.objects] >= 0
    return _Facts(facts.rows[kept], facts.objects[kept], facts.values[kept])


def _linked(links: Sequence[_Facts], graph: KnowledgeGraph, items: Sequence[Iri]) -> _Facts:
    """Return direct links between items, and a column for each linked item itself."""
    rows, objects, values = (np.concatenate(parts) for parts in zip(*links, strict=True))
    own = np.unique(rows)
    codes = np.array([graph.terms.code(items[row]) for row in own], dtype=objects.dtype)
    with_own = _Facts(
        np.concatenate([rows, own]),
        np.concatenate([objects, codes]),
        np.concatenate([values, np.ones(len(own))]),
    )
    return _once(with_own)


def _joined(arrays: Sequence[NDArray[Any]], kind: type) -> NDArray[Any]:
    return np.concatenate([np.zeros(0, dtype=kind), *arrays])


def weigh_facts(
    found: ItemVectors, weights: Mapping[Iri, float], min_items: int = 2
) -> ItemVectors:
    """Return facts weighted by IDF, rows of norm 1 at most, so that inner products are cosines.

    The weight of a fact is ``weight(relation) × ln(1 + n / df)``, with n items of which df have
    it. Rows are divided by their norm. Then only those facts remain that at least ``min_items``
    items share: the others link nothing, but an item that has many of them is less like others.

    Args:
        found: Items × facts, from :func:`incidence`; a value multiplies the weight of a fact.
        weights: Weight of each relation; 1 for the others.
        min_items: From how many items on a fact is a shared one.
    """
    frequency = _frequency(found)
    idf = _relation_weights(found, weights) * np.log1p(
        found.matrix.shape[0] / np.maximum(frequency, 1)
    )
    weighed = unit_rows(sparse.csr_array(found.matrix * idf[None, :]))
    return _shared(ItemVectors(weighed, found.columns), frequency, min_items)


def count_facts(
    found: ItemVectors, weights: Mapping[Iri, float], min_items: int = 2
) -> ItemVectors:
    """Return facts weighted by relation alone, the whole scaled to a mean squared norm of 1.

    Rows are not divided by their norm, and rare facts weigh no more than others: a ridge profile
    finds out what matters, and items of which more is known are more often chosen (measured; see
    the page on accuracy).

    Args:
        found: Items × facts, from :func:`incidence`; a value multiplies the weight of a fact.
        weights: Weight of each relation; 1 for the others.
        min_items: From how many items on a fact is a shared one.
    """
    frequency = _frequency(found)
    weighed = sparse.csr_array(found.matrix * _relation_weights(found, weights)[None, :])
    shared = _shared(ItemVectors(weighed, found.columns), frequency, min_items)
    squares = np.asarray(shared.matrix.power(2).sum(axis=1))
    some = squares > 0
    return shared.scaled(1.0 / np.sqrt(squares[some].mean())) if np.any(some) else shared


def _frequency(found: ItemVectors) -> NDArray[np.int64]:
    return np.bincount(found.matrix.indices, minlength=len(found.columns))


def _relation_weights(found: ItemVectors, weights: Mapping[Iri, float]) -> NDArray[np.float64]:
    return np.array([weights.get(column.predicate, 1.0) for column in found.columns])


def _shared(weighed: ItemVectors, frequency: NDArray[np.int64], min_items: int) -> ItemVectors:
    """Return the facts that at least some items share."""
    shared = sparse.csr_array(weighed.matrix * (frequency >= min_items)[None, :])
    shared.eliminate_zeros()
    return ItemVectors(shared, weighed.columns)


def weigh_stated(
    ones: ItemVectors, weights: Mapping[Iri, float], known: ItemVectors | None = None
) -> ItemVectors:
    """Return the block ``stated``: a column an entity, and one a relation to it if it has several.

    The value is ``weight × ln(1 + n / df) / ln(1 + n)``, from 0 to the weight of the heaviest
    relation between item and entity: who likes a director does not like her films twice because
    she wrote them, too. Who asks for her as a writer means the columns of that relation.

    Args:
        ones: Items × facts, from :func:`incidence`; only where it is nonzero counts.
        weights: Weight of each relation.
        known: Vectors whose names of columns are used again.
    """
    entities = [(ANY_RELATION, column.object) for column in ones.columns]
    told = [(column.predicate, column.object) for column in ones.columns]
    ways = Counter(entity for _, entity in dict.fromkeys(told))
    several = [n for n, (_, entity) in enumerate(told) if ways[entity] > 1]
    own = ItemVectors(
        sparse.csr_array(ones.matrix[:, several]), tuple(ones.columns[n] for n in several)
    )
    return ItemVectors.join(
        [
            _heaviest(ones, entities, weights, known or ItemVectors.none()),
            _heaviest(own, [told[n] for n in several], weights, known or ItemVectors.none()),
        ]
    )


def _heaviest(
    ones: ItemVectors,
    names: Sequence[tuple[Iri, Iri]],
    weights: Mapping[Iri, float],
    known: ItemVectors,
) -> ItemVectors:
    """Return a column a name (relation, entity), with the heaviest of its facts."""
    cells = ones.matrix.tocoo()
    used = tuple(sorted(set(names)))
    number = {name: n for n, name in enumerate(used)}
    column_of = np.array([number[name] for name in names], dtype=np.int64)
    weight_of = _relation_weights(ones, weights)
    size = ones.matrix.shape[0]
    pairs = cells.row.astype(np.int64) * len(used) + column_of[cells.col]
    places, where = np.unique(pairs, return_inverse=True)
    heaviest = np.zeros(len(places))
    np.maximum.at(heaviest, where, weight_of[cells.col])
    rows, columns = np.divmod(places, len(used) or 1)
    frequency = np.bincount(columns, minlength=len(used))
    values = heaviest * np.log1p(size / frequency[columns]) / np.log1p(size)
    matrix = sparse.coo_array((values, (rows, columns)), shape=(size, len(used))).tocsr()
    block = known.named(("stated", relation, entity) for relation, entity in used)
    return ItemVectors(sparse.csr_array(matrix), tuple(block))


def item_columns(
    name: str, predicate: Iri, items: Sequence[Iri], weights: sparse.csr_array
) -> ItemVectors:
    """Return a block whose columns are items: row i holds what speaks for item i."""
    return ItemVectors(weights, tuple(Column(name, predicate, iri) for iri in items))


def content_weights(liked: NDArray[np.number], warm: float, cold: float) -> NDArray[np.float64]:
    """Return how much the content of each item counts: from ``cold`` to ``warm``.

    Of an item that nobody has had, nothing else is known; the more people like it, the more its
    company says. ``warm + (cold - warm) / (1 + liked / 5)``.

    Args:
        liked: How many users like each item.
        warm: Weight for an item that many like.
        cold: Weight for an item that nobody has had.
    """
    return np.asarray(warm + (cold - warm) / (1.0 + liked / _KNOWN))


def liked(likes: sparse.csr_array) -> NDArray[np.int64]:
    """Return how many users like each item."""
    return np.asarray((likes > 0).sum(axis=0), dtype=np.int64)


class Fitted(NamedTuple):
    """What was known of the items when they were weighed; later events change it at the next fit.

    Attributes:
        likes: int64 array: how many users liked each item.
        had: bool array: whether anybody had it.
    """

    likes: NDArray[np.int64]
    had: NDArray[np.bool_]

    @classmethod
    def of(cls, events: sparse.csr_array) -> Self:
        """Return what is known by events: CSR (users × items) of signed weights."""
        return cls(liked(events), np.bincount(events.indices, minlength=events.shape[1]) > 0)
