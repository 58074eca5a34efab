"""Names of blank nodes that depend on what is said of them, not on the file they were read from.

A node's name is a hash of its triples, of those of its blank neighbours, and so on, until nothing
new tells nodes apart (colour refinement; Weisfeiler and Leman 1968). Nodes that are still alike are
told apart one by one. Two files with the same graph give the same names, except for graphs that
refinement cannot see through (strongly regular ones) and for very many nodes that are alike, where
the labels of the file decide. A change of a triple renames the nodes that hang together with it and
no others, so that a diff stays readable.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from kg_rec.graph.columns import Columns, raw_of, tidy

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["canonical_names"]

_Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
_TRIES = 200
_WORK = 20_000_000


def canonical_names(columns: Columns) -> Columns:
    """Return the columns with blank nodes named after what is said of them."""
    names = _names(columns)
    if not names:
        return columns
    raw = raw_of(columns)
    parts = [names.get(part.encode(), part.encode()).decode() for part in raw.part_names]
    keys = [names.get(key, key) for key in raw.keys]
    return tidy(replace(raw, keys=keys, part_names=parts))


def _names(columns: Columns) -> dict[bytes, bytes]:
    """Return the new key of each blank node."""
    terms = columns.terms
    nodes = [terms.key(code) for code in range(terms.iris, terms.nodes)]
    inside = set(nodes)
    alone = [
        p.encode() for p in columns.part_names if p.startswith("_:") and p.encode() not in inside
    ]
    nodes = [*nodes, *alone]
    if not nodes:
        return {}
    colours = _Colours(columns, nodes).told_apart()
    return {key: b"_:b%015x" % (int(c) >> 4) for key, c in zip(nodes, colours, strict=True)}


class _Colours:
    """Colours of blank nodes: 64-bit hashes, equal for nodes that look alike.

    Args:
        columns: The graph.
        nodes: Keys of the blank nodes: those of its terms in order, then names of graphs.
    """

    def __init__(self, columns: Columns, nodes: list[bytes]) -> None:
        self._count = len(nodes)
        self._read_rows(columns, nodes)
        self._components = self._connected()
        self._labels = np.argsort(np.argsort(np.array(nodes, dtype=object)))
        sizes = np.bincount(self._components)[self._components]
        self.colours: _Hashes = _mixed(sizes.astype(np.uint64))  # rings differ in nothing else

    def _read_rows(self, columns: Columns, nodes: list[bytes]) -> None:
        """Keep the triples with blank nodes: number of node (or -1) and hash, column by column."""
        first, last = columns.terms.iris, columns.terms.nodes
        place = {key: number for number, key in enumerate(nodes)}
        parts = np.array([place.get(p.encode(), -1) for p in columns.part_names], dtype=np.int64)
        of_part = parts[columns.part_codes]
        ends = columns.triple_codes[:, [0, 2]]
        blank = (ends >= first) & (ends < last)
        rows = np.flatnonzero(blank.any(axis=1) | (of_part >= 0))
        codes = columns.triple_codes[rows]
        hashes = _term_hashes(columns, codes)
        of_names = np.array([_hash(name.encode()) for name in columns.part_names], dtype=np.uint64)
        nodes_of_ends = np.where(blank[rows], ends[rows] - first, -1)
        self._nodes = np.column_stack([nodes_of_ends, of_part[rows]])
        self._hashes = np.column_stack(
            [hashes[:, 0], hashes[:, 2], of_names[columns.part_codes[rows]]]
        )
        self._predicates = hashes[:, 1]

    def _connected(self) -> NDArray[np.int32]:
        pairs = [self._nodes[:, [a, b]] for a, b in ((0, 1), (0, 2), (1, 2))]
        links = np.concatenate(pairs)
        links = links[(links >= 0).all(axis=1)]
        ones = np.ones(len(links), dtype=np.int8)
        shape = (self._count, self._count)
        matrix = sparse.coo_array((ones, (links[:, 0], links[:, 1])), shape=shape)
        return csgraph.connected_components(matrix, directed=False)[1]

    def told_apart(self) -> _Hashes:
        """Return colours that are all different."""
        self._refine()
        tries = min(_TRIES, _WORK // (len(self._nodes) + 1))
        for _ in range(tries):
            alike = self._alike()
            if not len(alike):
                return self.colours
            self._mark(alike[:1])
        for _ in range(self._count):
            alike = self._alike()
            if not len(alike):
                break
            self._mark(alike)
        return self.colours

    def _alike(self) -> NDArray[np.int64]:
        """Return the nodes of the least colour that several have, in order of their labels."""
        values, counts = np.unique(self.colours, return_counts=True)
        if (counts == 1).all():
            return np.zeros(0, dtype=np.int64)
        nodes = np.flatnonzero(self.colours == values[counts > 1][0])
        return nodes[np.argsort(self._labels[nodes])]

    def _mark(self, nodes: NDArray[np.int64]) -> None:
        """Give nodes colours of their own."""
        ranks = np.arange(2, len(nodes) + 2, dtype=np.uint64)
        self.colours[nodes] = _mixed(self.colours[nodes] + _mixed(ranks))
        self._refine(self._components[nodes])

    def _refine(self, components: NDArray[np.int32] | None = None) -> None:
        """Mix colours of neighbours in, in each component until it tells no more nodes apart.

        Without components, in all of them, and once at least.
        """
        active = np.zeros(int(self._components.max()) + 1, dtype=bool)
        active[slice(None) if components is None else components] = True
        before = self._distinct(self.colours) if components is not None else np.zeros_like(active)
        while active.any():
            colours = self._next()
            found = self._distinct(np.where(active[self._components], colours, self.colours))
            active &= found > before
            self.colours = np.where(active[self._components], colours, self.colours)
            before = found

    def _distinct(self, colours: _Hashes) -> NDArray[np.int64]:
        """Return how many different colours each component has."""
        order = np.lexsort((colours, self._components))
        new = np.ones(self._count, dtype=bool)
        c, k = colours[order], self._components[order]
        new[1:] = (c[1:] != c[:-1]) | (k[1:] != k[:-1])
        return np.bincount(k[new], minlength=int(self._components.max()) + 1)

    def _next(self) -> _Hashes:
        """Return the colours with those of the neighbours mixed in."""
        known = self._nodes >= 0
        values = np.where(known, self.colours[self._nodes], self._hashes)
        sums = np.zeros(self._count, dtype=np.uint64)
        for place in range(3):
            rows = np.flatnonzero(known[:, place])
            message = _mixed(self._predicates[rows] + np.uint64(place + 1))
            for other in range(3):
                same = self._nodes[rows, other] == self._nodes[rows, place]
                value = np.where(same, np.uint64(7), values[rows, other])
                message = _mixed(message + _mixed(value + np.uint64(other + 11)))
            np.add.at(sums, self._nodes[rows, place], message)
        return _mixed(self.colours + _mixed(sums))


def _term_hashes(columns: Columns, codes: NDArray[np.int32]) -> NDArray[np.uint64]:
    used, places = np.unique(codes, return_inverse=True)
    hashes = [_hash(columns.terms.key(code)) for code in used.tolist()]
    return np.array(hashes, dtype=np.uint64)[places].reshape(-1, 3)


def _hash(key: bytes) -> int:
    return int.from_bytes(blake2b(key, digest_size=8).digest(), "big")


def _mixed(values: NDArray[np.uint64]) -> _Hashes:
    """Return values with their bits mixed (splitmix64; Steele, Lea and Flood 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
