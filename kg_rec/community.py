"""Friends: what those whom a user knows have chosen speaks for an item.

The block ``community`` has a column for each user f who is a friend of somebody:

* ``V[i, f] = x[f, i] / |x[f]|`` over what f likes, so that who likes everything says little;
* ``P[u, f] = w[u, f] · (1 + 10 · cos(x[u], x[f]))``, divided by the norm of all friends of u: whose
  taste is shared counts more (homophily: McPherson et al., Annual Review of Sociology 2001), and
  those of whom nothing is known yet have their friends alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from kg_rec.ids import KGREC, RDFS, Iri, mint
from kg_rec.ontology import PREDICTED_TO_LIKE
from kg_rec.ontology.acts import CHOICES, CHOSE, FOAF_KNOWS, KNOWS
from kg_rec.statements import Triple
from kg_rec.vectors import Column, ItemVectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.graph import KnowledgeGraph

__all__ = [
    "BLOCK",
    "LIKED_BY",
    "PREDICTIONS",
    "Community",
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
    """A friend, or a model that predicts, as a source of reasons.

    Attributes:
        id: Id of the friend; ``"friend-N"`` where reasons do not name friends.
        label: Name of the friend, or ``"a friend of yours"``.
        knower: The node of the user who knows the friend; None where that is not to be told.
        column: The number of the friend's column in the vectors.
        weight: How much the friend counts.
    """

    id: str
    label: str
    knower: Iri | None
    column: int
    weight: float
    kind: str = BLOCK


@dataclass(frozen=True)
class Community:
    """The friends of the users of a model, and what it predicts for each.

    Attributes:
        vectors: All item vectors.
        graph: Who knows whom.
        users: Ids of the users, in row order.
        base_iri: Start of the users' nodes.
        named: Whether reasons name friends.
    """

    vectors: ItemVectors
    graph: KnowledgeGraph
    users: Sequence[str]
    base_iri: str
    named: bool = True

    def __bool__(self) -> bool:
        return bool(len(self._columns) or self._predicted)

    def friends(self, user: int, history: Mapping[int, float]) -> list[FriendOf]:
        """Return the friends of a user who have a column.

        Args:
            user: Row of the user.
            history: Item row to signed weight: what is known of the user now.
        """
        events = sparse.csr_array((1, self.vectors.matrix.shape[0]))
        if history:
            cells = (list(history.values()), ([0] * len(history), list(history)))
            events = sparse.csr_array(sparse.coo_array(cells, shape=events.shape).tocsr())
        row = self.weights(np.array([user]), events)
        own = self._predicted.get(user)
        pairs = sorted(zip(row.indices.tolist(), row.data.tolist(), strict=True))
        others = [pair for pair in pairs if pair[0] != own]
        found = [self._friend(user, n, *pair) for n, pair in enumerate(others, start=1)]
        if own is not None:
            node = self._nodes[user]
            found.append(FriendOf(PREDICTIONS, "a model of the graph", node, own, 1.0, PREDICTIONS))
        return found

    def weights(self, users: np.ndarray, history: sparse.csr_array) -> sparse.csr_array:
        """Return how much each friend and prediction counts, as CSR (users × columns).

        Args:
            users: Rows of the users.
            history: CSR (users × items) of signed weights.
        """
        found = friend_weights(self._friends[users], history, self._liked)
        shape = (len(users), len(self.vectors.columns))
        placed = (found.data, self._columns[found.indices], found.indptr)
        friends = sparse.csr_array(placed, shape=shape)
        own = [
            (n, c)
            for n, u in enumerate(users.tolist())
            if (c := self._predicted.get(u)) is not None
        ]
        cells = (
            np.ones(len(own)),
            (np.array([n for n, _ in own], np.int64), np.array([c for _, c in own], np.int64)),
        )
        return sparse.csr_array(friends + sparse.coo_array(cells, shape=shape).tocsr())

    def _friend(self, user: int, number: int, column: int, weight: float) -> FriendOf:
        if not self.named:
            return FriendOf(f"friend-{number}", "a friend of yours", None, column, weight)
        iri = self.vectors.columns[column].object
        name = self.users[self._row_of[iri]]
        return FriendOf(name, self.graph.label(iri), self._nodes[user], column, weight)

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
    def _friends(self) -> sparse.csr_array:
        rows = [self._row_of[self.vectors.columns[n].object] for n in self._columns.tolist()]
        return sparse.csr_array(friendships(self.graph, self._nodes)[:, rows])

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
    if knower is None:
        return (last,)
    knows = (Triple(knower, p, friend) for p in (KNOWS, FOAF_KNOWS))
    return (next(triple for triple in knows if triple in graph), last)


def _acts(graph: KnowledgeGraph, rows: np.ndarray) -> list[tuple[Iri, float]]:
    codes = graph.triple_codes[rows, 1].tolist()
    predicates = [Iri(str(graph.terms[code])) for code in codes]
    return list(zip(predicates, graph.strengths[rows].tolist(), strict=True))
