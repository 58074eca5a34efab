"""Friends: what those whom a user knows have chosen speaks for an item.

The block ``community`` has a column for each user f who is a friend of somebody:

* ``V[i, f] = x[f, i] / |x[f]|`` over what f likes, so that who likes everything says little;
* ``P[u, f] = w[u, f] · (1 + 10 · cos(x[u], x[f]))``, divided by the norm of all friends of u: whose
  taste is shared counts more (homophily: McPherson et al., Annual Review of Sociology 2001), and
  those of whom nothing is known yet have their friends alone.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from kg_rec.errors import UnknownIdError
from kg_rec.ids import KGREC, RDFS, Iri, mint
from kg_rec.io.segments import segment_name
from kg_rec.ontology import PREDICTED_TO_LIKE
from kg_rec.ontology.acts import CHOICES, CHOSE, FOAF_KNOWS, KNOWS
from kg_rec.segments import memberships, segment_columns
from kg_rec.statements import Triple
from kg_rec.vectors import POPULARITY, Column, ItemVectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.graph import KnowledgeGraph

__all__ = [
    "BLOCK",
    "LIKED_BY",
    "NOBODY",
    "PREDICTIONS",
    "Community",
    "Company",
    "FriendOf",
    "friend_path",
    "friend_weights",
    "friendships",
    "liked_by",
    "predicted",
]

BLOCK = "community"
"""Name of the block of columns."""
PREDICTIONS = "model"
"""Name of the block, and of the source, of what a model of the graph predicts for a user."""
LIKED_BY = KGREC["likedBy"]
"""The predicate of its columns, from an item to a user."""
_SHARED_TASTE = 10.0
"""How much more a friend of the same taste counts than one of another; measured."""


# --- building ----------------------------------------------------------------------------------


def friendships(graph: KnowledgeGraph, users: Sequence[Iri]) -> sparse.csr_array:
    """Return who knows whom as CSR (users × users) of weights; of a pair told twice the heavier.

    Args:
        graph: ``schema:knows`` and ``foaf:knows`` in any of its parts; the strength is the weight.
        users: Nodes of the users, in row order; others are passed over.
    """
    row_of = np.full(len(graph.terms), -1, dtype=np.int64)
    codes = np.array([-1 if (c := graph.terms.code(iri)) is None else c for iri in users], np.int64)
    known = codes >= 0
    row_of[codes[known]] = np.flatnonzero(known)
    told = np.concatenate([graph.rows(predicate=p) for p in (KNOWS, FOAF_KNOWS)])
    subjects, _, objects = row_of[graph.triple_codes[told]].T
    weights = graph.strengths[told]
    good = (subjects >= 0) & (objects >= 0) & (subjects != objects) & (weights > 0)
    cells = (subjects[good], objects[good], weights[good])
    order = np.lexsort((-cells[2], cells[1], cells[0]))
    rows, columns, values = (cell[order] for cell in cells)
    first = (np.diff(rows, prepend=-1) != 0) | (np.diff(columns, prepend=-1) != 0)
    shape = (len(users), len(users))
    coo = sparse.coo_array((values[first], (rows[first], columns[first])), shape=shape)
    return sparse.csr_array(coo.tocsr())


def liked_by(
    likes: sparse.csr_array, friends: sparse.csr_array, users: Sequence[Iri]
) -> ItemVectors:
    """Return the block: a column for each user whom somebody knows and who likes something.

    Args:
        likes: CSR (users × items), not negative.
        friends: CSR (users × users), from :func:`friendships`.
        users: Nodes of the users, in row order.
    """
    norms = np.sqrt(np.asarray(likes.power(2).sum(axis=1)))
    numbers = np.flatnonzero((np.asarray(friends.sum(axis=0)) > 0) & (norms > 0))
    unit = sparse.diags_array(1.0 / norms[numbers]) @ likes[numbers]
    columns = tuple(Column(BLOCK, LIKED_BY, users[n]) for n in numbers.tolist())
    return ItemVectors(sparse.csr_array(unit.T), columns)


def predicted(likely: sparse.csr_array, users: Sequence[Iri]) -> ItemVectors:
    """Return the block of predictions: a column a user, the value of an item is how likely it is.

    Args:
        likely: CSR (users × items), from :func:`kg_rec.embeddings.top_predicted`.
        users: Nodes of the users, in row order.
    """
    columns = tuple(Column(PREDICTIONS, PREDICTED_TO_LIKE, user) for user in users)
    return ItemVectors(sparse.csr_array(likely.T.tocsr()), columns)


# --- serving -----------------------------------------------------------------------------------


def friend_weights(
    friends: sparse.csr_array, history: sparse.csr_array, liked: sparse.csr_array
) -> sparse.csr_array:
    """Return how much each friend counts for each user: rows of norm 1, or of zeros.

    Args:
        friends: CSR (users × friends): who knows whom, and how closely.
        history: CSR (users × items) of signed weights; only likes count.
        liked: CSR (items × friends), columns of norm 1, from :func:`liked_by`.
    """
    likes = sparse.csr_array(history.maximum(0.0))
    norms = np.sqrt(np.asarray(likes.power(2).sum(axis=1)))
    shared = sparse.diags_array(1.0 / np.where(norms > 0, norms, 1.0)) @ (likes @ liked)
    weights = sparse.csr_array(friends + _SHARED_TASTE * friends.multiply(shared))
    lengths = np.sqrt(np.asarray(weights.power(2).sum(axis=1)))
    return sparse.csr_array(sparse.diags_array(1.0 / np.where(lengths > 0, lengths, 1.0)) @ weights)


class FriendOf(NamedTuple):
    """A friend, people of one kind, or a model that predicts, as a source of reasons.

    Attributes:
        id: Id of the friend; ``"friend-N"`` where reasons do not name friends; name of a segment.
        label: Name of the friend, or ``"a friend of yours"``.
        knower: The node of the user who knows the friend, of the friend if that is nobody of the
            model; None where that is not to be told.
        column: The number of the column in the vectors.
        weight: How much it counts.
        kind: The kind of the source.
    """

    id: str
    label: str
    knower: Iri | None
    column: int
    weight: float
    kind: str = BLOCK


class Company(NamedTuple):
    """Whom someone unknown tells about.

    Attributes:
        friends: Ids of users whom they know; those of whom the model knows nothing do not count,
            nor do few.
        segments: Column to value of what they have in common with others.
    """

    friends: Sequence[str] = ()
    segments: Mapping[str, str] = MappingProxyType({})


NOBODY = Company()


@dataclass(frozen=True)
class Community:
    """The friends and segments of the users of a model, and what it predicts for each.

    Attributes:
        vectors: All item vectors.
        graph: Who knows whom.
        users: Ids of the users, in row order.
        base_iri: Start of the users' nodes.
        named: Whether reasons name friends.
        least: How many friends someone unknown has to tell, so that nobody is told what a single
            user chose.
    """

    vectors: ItemVectors
    graph: KnowledgeGraph
    users: Sequence[str]
    base_iri: str
    named: bool = False
    least: int = 1

    def __bool__(self) -> bool:
        return bool(len(self._columns) or self._predicted or self._segments)

    def friends(
        self, user: int | None, history: Mapping[int, float], told: Company = NOBODY
    ) -> list[FriendOf]:
        """Return the friends and segments of someone that have a column.

        Args:
            user: Row of the user; None for someone unknown.
            history: Item row to signed weight: what is known of the user now.
            told: What someone tells of others; a value of a segment that is told replaces the one
                that is known.

        Raises:
            UnknownIdError: There are no segments of a column.
        """
        events = sparse.csr_array((1, self.vectors.matrix.shape[0]))
        if history:
            cells = (list(history.values()), ([0] * len(history), list(history)))
            events = sparse.csr_array(sparse.coo_array(cells, shape=events.shape).tocsr())
        known = self._known(user, told.friends)
        row = self._weighed(known, events)
        own = None if user is None else self._predicted.get(user)
        pairs = sorted(zip(row.indices.tolist(), row.data.tolist(), strict=True))
        others = [pair for pair in pairs if pair[0] != own]
        found = [self._friend(user, n, *pair) for n, pair in enumerate(others, start=1)]
        if user is not None and own is not None:
            node = self._nodes[user]
            found.append(FriendOf(PREDICTIONS, "a model of the graph", node, own, 1.0, PREDICTIONS))
        return [*found, *self._popular(user, told.segments)]

    def _known(self, user: int | None, told: Sequence[str]) -> sparse.csr_array:
        """Return whom someone knows, as CSR (1 × friends)."""
        names = set(told)
        chosen = [n for n, name in enumerate(self._friend_names) if name in names]
        chosen = chosen if len(chosen) >= self.least else []
        cells = (np.ones(len(chosen)), (np.zeros(len(chosen), np.int64), chosen))
        shape = (1, len(self._friend_names))
        known = sparse.csr_array(sparse.coo_array(cells, shape=shape).tocsr())
        return known if user is None else sparse.csr_array(known.maximum(self._friends[[user]]))

    def _popular(self, user: int | None, told: Mapping[str, str]) -> list[FriendOf]:
        """Return the segments of someone."""
        columns = {name.partition("=")[0] for name in self._memberships[1]} if told else ()
        for column in told:
            if column not in columns:
                raise UnknownIdError("segment", column, columns)
        names = () if user is None else self._members.get(user, ())
        own = [name for name in names if name.partition("=")[0] not in told]
        new = [segment_name(column, value) for column, value in told.items()]
        return [
            FriendOf(
                name, name.replace("=", " "), None, self._segments[name], 1.0, POPULARITY.block
            )
            for name in sorted({*own, *new})
            if name in self._segments
        ]

    def weights(self, users: np.ndarray, history: sparse.csr_array) -> sparse.csr_array:
        """Return how much each friend, segment and prediction counts, as CSR (users × columns).

        Args:
            users: Rows of the users.
            history: CSR (users × items) of signed weights.
        """
        friends = self._weighed(self._friends[users], history)
        cells = [
            (n, c)
            for n, u in enumerate(users.tolist())
            for c in (
                *([self._predicted[u]] if u in self._predicted else ()),
                *(self._segments[s] for s in self._members.get(u, ()) if s in self._segments),
            )
        ]
        rows, columns = np.array(cells, dtype=np.int64).reshape(-1, 2).T
        own = sparse.coo_array((np.ones(len(cells)), (rows, columns)), shape=friends.shape)
        return sparse.csr_array(friends + own.tocsr())

    def _weighed(self, known: sparse.csr_array, history: sparse.csr_array) -> sparse.csr_array:
        """Return how much each friend counts, as CSR (users × columns)."""
        found = friend_weights(known, history, self._liked)
        shape = (known.shape[0], len(self.vectors.columns))
        placed = (found.data, self._columns[found.indices], found.indptr)
        return sparse.csr_array(placed, shape=shape)

    def _friend(self, user: int | None, number: int, column: int, weight: float) -> FriendOf:
        if not self.named:
            return FriendOf(f"friend-{number}", "a friend of yours", None, column, weight)
        iri = self.vectors.columns[column].object
        name = self.users[self._row_of[iri]]
        knower = iri if user is None else self._nodes[user]
        return FriendOf(name, self.graph.label(iri), knower, column, weight)

    @cached_property
    def _columns(self) -> np.ndarray:
        blocks = (column.block == BLOCK for column in self.vectors.columns)
        return np.flatnonzero(np.fromiter(blocks, dtype=bool))

    @cached_property
    def _predicted(self) -> dict[int, int]:
        """Row of a user to the column of what is predicted for them."""
        columns = enumerate(self.vectors.columns)
        return {self._row_of[c.object]: n for n, c in columns if c.block == PREDICTIONS}

    @cached_property
    def _nodes(self) -> list[Iri]:
        return [mint(self.base_iri, "user", name) for name in self.users]

    @cached_property
    def _row_of(self) -> dict[Iri, int]:
        return {iri: row for row, iri in enumerate(self._nodes)}

    @cached_property
    def _friend_rows(self) -> list[int]:
        return [self._row_of[self.vectors.columns[n].object] for n in self._columns.tolist()]

    @cached_property
    def _friend_names(self) -> list[str]:
        return [self.users[row] for row in self._friend_rows]

    @cached_property
    def _friends(self) -> sparse.csr_array:
        known = friendships(self.graph, self._nodes)
        return sparse.csr_array(known[:, self._friend_rows])

    @cached_property
    def _segments(self) -> dict[str, int]:
        """Name of a segment to its column."""
        columns = segment_columns(self.vectors)
        if not columns:
            return {}
        nodes = {mint(self.base_iri, "segment", name): name for name in self._memberships[1]}
        return {nodes[node]: n for node, n in columns.items() if node in nodes}

    @cached_property
    def _members(self) -> dict[int, list[str]]:
        """Row of a user to the names of the user's segments."""
        if not self._segments:
            return {}
        members, names = self._memberships
        found: dict[int, list[str]] = defaultdict(list)
        for user, place in zip(*members.nonzero(), strict=True):
            found[int(user)].append(names[int(place)])
        return found

    @cached_property
    def _memberships(self) -> tuple[sparse.csr_array, tuple[str, ...]]:
        return memberships(self.graph, self._nodes)

    @cached_property
    def _liked(self) -> sparse.csr_array:
        block = self.vectors.matrix[:, self._columns]
        norms = np.sqrt(np.asarray(block.power(2).sum(axis=0)))
        return sparse.csr_array(block @ sparse.diags_array(1.0 / np.where(norms > 0, norms, 1.0)))


# --- explaining --------------------------------------------------------------------------------


def friend_path(
    graph: KnowledgeGraph, knower: Iri | None, friend: Iri, item: Iri
) -> tuple[Triple, ...]:
    """Return the triples from a user over a friend to an item; all are walked forward.

    Of what the friend did with the item the surest sign is taken.
    """
    own = {t.subject for t in graph.triples(None, RDFS["subPropertyOf"], CHOSE)}
    rows = graph.rows(friend, None, item)
    done = [(p, s) for p, s in _acts(graph, rows) if p in {*CHOICES, *own}]
    predicate = max(done, key=lambda act: (act[1], act[0]))[0]
    last = Triple(friend, predicate, item)
    if knower is None or knower == friend:
        return (last,)
    knows = (Triple(knower, p, friend) for p in (KNOWS, FOAF_KNOWS))
    return (next(triple for triple in knows if triple in graph), last)


def _acts(graph: KnowledgeGraph, rows: np.ndarray) -> list[tuple[Iri, float]]:
    codes = graph.triple_codes[rows, 1].tolist()
    predicates = [Iri(str(graph.terms[code])) for code in codes]
    return list(zip(predicates, graph.strengths[rows].tolist(), strict=True))
