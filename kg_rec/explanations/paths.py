"""The best paths between two nodes of a graph: typed, hop-limited, best first.

The cost of a hop over the triple (s, p, o) is

    ``ln(1 + d(s, p)) + ln(1 + d(p, o)) + ln(1 + n(p) / n̄)``

with d(s, p) the triples of the relation p that start at s, d(p, o) those that end at o, n(p) all
triples of p, and n̄ the mean of n over the relations. A path costs the sum of its hops, so that
small hubs, rare relations and few hops say most. The first two parts are the typed degrees of the
degree-weighted path count (Himmelstein & Baranzini, PLoS Comput. Biol. 2015), with the logarithm
of Adamic & Adar (Social Networks 2003); the third is the frequency of the relation (Pirrò, AAAI
2012). A hop costs the same in both directions.
"""

from __future__ import annotations

import heapq
from itertools import count
from math import fsum
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from kg_rec.errors import DataError, UnknownIdError
from kg_rec.explanations.terms import Hop, ends
from kg_rec.ids import Iri
from kg_rec.ontology import TYPE, USER
from kg_rec.statements import Triple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Term

__all__ = ["Path", "PathFinder", "best_paths"]


class Path(NamedTuple):
    """A path between two nodes.

    Attributes:
        hops: Its steps; each starts where the one before ends.
        cost: The sum of the costs of the hops; the less, the more the path says.
    """

    hops: tuple[Hop, ...]
    cost: float

    @property
    def nodes(self) -> tuple[Term, ...]:
        """The nodes from start to end."""
        return (ends(self.hops[0])[0], *(ends(hop)[1] for hop in self.hops)) if self.hops else ()


def best_paths(
    graph: KnowledgeGraph,
    a: Iri,
    b: Iri,
    k: int = 5,
    max_hops: int = 3,
    relations: Collection[Iri] | None = None,
    without: Collection[str] = (),
) -> list[Path]:
    """Return the k best paths between two nodes, the best first; see the module for their cost.

    No path visits a node twice, and no two have the same nodes: between two nodes the cheapest
    triple is the hop. Users are never inside a path. Literals are no nodes. What is searched is
    made ready once for a graph and a choice of relations, and kept.

    Args:
        graph: Where to search.
        a: The start.
        b: The end; another node.
        k: How many paths at most.
        max_hops: How many hops a path has at most.
        relations: The relations of the hops; None is all.
        without: Parts of the graph to leave out, as ``"derived"``.

    Raises:
        UnknownIdError: A node is not in the graph.
        DataError: ``k`` or ``max_hops`` is below 1.

    Examples:
        >>> from kg_rec.graph import KnowledgeGraph
        >>> from kg_rec.statements import Statement, Triple
        >>> facts = [("heat", "director", "mann"), ("ali", "director", "mann")]
        >>> triples = (Triple(*(Iri(f"urn:{name}") for name in fact)) for fact in facts)
        >>> graph = KnowledgeGraph.from_statements(map(Statement, triples))
        >>> [path] = best_paths(graph, Iri("urn:heat"), Iri("urn:ali"))
        >>> path.nodes
        (Iri('urn:heat'), Iri('urn:mann'), Iri('urn:ali'))
    """
    if k < 1 or max_hops < 1:
        raise DataError(f"expected k and max_hops of at least 1, found {k} and {max_hops}")
    return PathFinder.of(graph, relations, without).paths(a, b, k, max_hops)


_Key = tuple[tuple[Iri, ...] | None, tuple[str, ...]]
_FINDERS: WeakKeyDictionary[KnowledgeGraph, dict[_Key, PathFinder]] = WeakKeyDictionary()


class PathFinder:
    """A graph made ready for path search: undirected, one edge a pair of nodes, as CSR.

    Args:
        graph: Where to search.
        relations: The relations of the hops; None is all.
        without: Parts of the graph to leave out.

    Attributes:
        starts: int64 (nodes + 1): where the edges of each node start.
        nodes: int32: the other node of each edge, ascending for each node.
        costs: float64: the cost of each edge.
        rows: int32: the row of its triple.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        relations: Collection[Iri] | None = None,
        without: Collection[str] = (),
    ) -> None:
        self.size = graph.terms.nodes
        self._terms, self._triples = graph.terms, graph.triple_codes  # the graph itself may go
        rows = _searched(graph, relations, without)
        costs = _hop_costs(graph.triple_codes[rows], len(graph.terms))
        subjects, objects = graph.triple_codes[rows][:, [0, 2]].T.astype(np.int64)
        low, high = np.minimum(subjects, objects), np.maximum(subjects, objects)
        order = np.lexsort((rows, costs, low * self.size + high))
        pairs = (low * self.size + high)[order]
        cheapest = order[np.diff(pairs, prepend=-1) != 0]
        start = np.concatenate([low[cheapest], high[cheapest]])
        end = np.concatenate([high[cheapest], low[cheapest]])
        by_start = np.argsort(start * self.size + end, kind="stable")
        self.starts = np.concatenate([[0], np.cumsum(np.bincount(start, minlength=self.size))])
        self.nodes = end[by_start].astype(np.int32)
        self.costs = np.tile(costs[cheapest], 2)[by_start]
        self.rows = np.tile(rows[cheapest], 2)[by_start].astype(np.int32)
        self._private = np.zeros(self.size, dtype=bool)
        self._private[graph.triple_codes[graph.rows(None, TYPE, USER), 0]] = True

    @classmethod
    def of(
        cls,
        graph: KnowledgeGraph,
        relations: Collection[Iri] | None = None,
        without: Collection[str] = (),
    ) -> PathFinder:
        """Return what searches a graph; it is made once for each choice."""
        key = (None if relations is None else tuple(sorted(relations)), tuple(sorted(without)))
        known = _FINDERS.setdefault(graph, {})
        if key not in known:
            known[key] = cls(graph, relations, without)
        return known[key]

    def paths(self, a: Iri, b: Iri, k: int = 5, max_hops: int = 3) -> list[Path]:
        """Return the k best paths; see :func:`best_paths`."""
        start, end = self._code(a), self._code(b)
        found = self._search(start, end, max_hops) if start != end else iter(())
        best = [self._path(start, edges) for _, edges in zip(range(k), found, strict=False)]
        return sorted(best, key=lambda path: (path.cost, path.nodes))

    def _code(self, node: Iri) -> int:
        code = self._terms.code(node)
        if code is None or code >= self.size:
            raise UnknownIdError("node", node)
        return code

    def _path(self, start: int, edges: tuple[int, ...]) -> Path:
        hops, here = [], start
        for edge in edges:
            codes = self._triples[self.rows[edge]].tolist()
            terms = (self._terms.made[code] for code in codes)
            hops.append(Hop(Triple(*terms), reverse=codes[0] != here))  # type: ignore[arg-type]
            here = int(self.nodes[edge])
        return Path(tuple(hops), fsum(self.costs[list(edges)].tolist()))

    def _search(self, start: int, end: int, max_hops: int) -> Iterator[tuple[int, ...]]:
        """Yield paths as edges, the best first.

        A* (Hart, Nilsson, Raphael 1968) over the paths from the start: the bound on the rest is
        the cost of the best walk of so many hops to the end, from :meth:`_bounds`.
        """
        bounds = self._bounds(start, end, max_hops)
        number = count()
        waiting: list[tuple[float, int, _Siblings, int]] = []

        def push(siblings: _Siblings, place: int) -> None:
            if place < len(siblings.edges):
                bound = float(siblings.bounds[place])
                heapq.heappush(waiting, (bound, next(number), siblings, place))

        push(self._expand((start,), (), 0.0, end, bounds), 0)
        while waiting:
            _, _, siblings, place = heapq.heappop(waiting)
            push(siblings, place + 1)
            edge = int(siblings.edges[place])
            node, edges = int(self.nodes[edge]), (*siblings.path, edge)
            if node == end:
                yield edges
            else:
                cost = siblings.cost + float(self.costs[edge])
                push(self._expand((*siblings.nodes, node), edges, cost, end, bounds), 0)

    def _expand(
        self,
        nodes: tuple[int, ...],
        path: tuple[int, ...],
        cost: float,
        end: int,
        bounds: list[NDArray[np.float64]],
    ) -> _Siblings:
        """Return the ways to go on from the last node, the most promising first."""
        first, last = self.starts[nodes[-1]], self.starts[nodes[-1] + 1]
        others = self.nodes[first:last]
        rest = cost + self.costs[first:last] + bounds[len(bounds) - len(nodes)][others]
        rest[np.isin(others, nodes) | (self._private[others] & (others != end))] = np.inf
        order = np.flatnonzero(np.isfinite(rest))
        order = order[np.argsort(rest[order], kind="stable")]
        return _Siblings(nodes, path, cost, first + order, rest[order])

    def _bounds(self, start: int, end: int, max_hops: int) -> list[NDArray[np.float64]]:
        """Return, for 0 to ``max_hops - 1`` hops, the cost of the best walk to the end.

        The last is only right for the neighbours of the start, which is what it is asked for.
        """
        bound = np.full(self.size, np.inf)
        bound[end] = 0.0
        bounds, frontier = [bound], np.array([end])
        near = self.nodes[self.starts[start] : self.starts[start + 1]]
        for hops in range(1, max_hops):
            ahead, behind = (int(self._degrees(n).sum()) for n in (frontier, near))
            before, bound = bound, bound.copy()
            if hops == max_hops - 1 and behind < ahead:
                self._pull(near, before, bound, start)
            else:
                frontier = self._push(frontier, before, bound, start)
            bounds.append(bound)
        return bounds

    def _degrees(self, nodes: NDArray[np.integer]) -> NDArray[np.int64]:
        return np.asarray(self.starts[nodes + 1] - self.starts[nodes])

    def _edges(self, nodes: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the edges of some nodes, and where those of each start in that list."""
        counts = self._degrees(nodes)
        first = np.cumsum(counts) - counts
        return np.arange(counts.sum()) + np.repeat(self.starts[nodes] - first, counts), first

    def _push(
        self,
        frontier: NDArray[np.integer],
        before: NDArray[np.float64],
        bound: NDArray[np.float64],
        start: int,
    ) -> NDArray[np.integer]:
        """Lower the bounds of the neighbours of a frontier; return those that were lowered."""
        edges, _ = self._edges(frontier)
        others = self.nodes[edges]
        costs = self.costs[edges] + np.repeat(before[frontier], self._degrees(frontier))
        better = costs < bound[others]
        others, costs = others[better], costs[better]
        np.minimum.at(bound, others, costs)
        reached = np.unique(others)
        return np.asarray(reached[~self._private[reached] & (reached != start)])

    def _pull(
        self,
        near: NDArray[np.int32],
        before: NDArray[np.float64],
        bound: NDArray[np.float64],
        start: int,
    ) -> None:
        """Lower the bounds of some nodes, all of which have an edge: that to the start."""
        edges, first = self._edges(near)
        others = self.nodes[edges]
        costs = self.costs[edges] + before[others]
        costs[(self._private[others] & (before[others] > 0)) | (others == start)] = np.inf
        bound[near] = np.minimum(bound[near], np.minimum.reduceat(costs, first))


class _Siblings(NamedTuple):
    """The ways to go on from one node, the most promising first.

    Attributes:
        nodes: The nodes of the path so far.
        path: Its edges.
        cost: What they cost.
        edges: The edges that may follow.
        bounds: The least cost of a whole path over each.
    """

    nodes: tuple[int, ...]
    path: tuple[int, ...]
    cost: float
    edges: NDArray[np.int64]
    bounds: NDArray[np.float64]


def _searched(
    graph: KnowledgeGraph, relations: Collection[Iri] | None, without: Collection[str]
) -> NDArray[np.int64]:
    """Return the rows of the triples between two different nodes that may be hops."""
    codes = graph.triple_codes
    kept = (codes[:, 2] < graph.terms.nodes) & (codes[:, 0] != codes[:, 2])
    parts = [number for number, name in enumerate(graph.part_names) if name in without]
    if parts:
        kept &= ~np.isin(graph.part_codes, parts)
    if relations is not None:
        known = [code for p in relations if (code := graph.terms.code(p)) is not None]
        kept &= np.isin(codes[:, 1], known)
    return np.flatnonzero(kept)


def _hop_costs(triples: NDArray[np.int32], size: int) -> NDArray[np.float64]:
    """Return the cost of each triple as a hop."""
    subjects, predicates, objects = triples.T.astype(np.int64)
    used, relation, frequency = np.unique(predicates, return_inverse=True, return_counts=True)
    rarity = np.log1p(frequency * len(used) / max(len(triples), 1))
    out, into = (_counts(relation * size + node) for node in (subjects, objects))
    return np.asarray(np.log1p(out) + np.log1p(into) + rarity[relation])


def _counts(keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how often the key of each place occurs."""
    _, place, counts = np.unique(keys, return_inverse=True, return_counts=True)
    return counts[place]
