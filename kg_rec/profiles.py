"""Who asks: sources (history items, stated preferences, …) times the columns they speak for.

The user's vector is the sum of the rows, so each score splits by source and column exactly.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from kg_rec.ranking.ridge import RidgeProfiles
from kg_rec.sources import EVERYONE, REST, Preference, Profile, Source, stated_source
from kg_rec.vectors import ANY_RELATION, FACT_BLOCKS, POPULARITY, ItemVectors, content_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    from kg_rec.community import FriendOf
    from kg_rec.config import RankingConfig
    from kg_rec.ids import Iri
    from kg_rec.vectors import Fitted

__all__ = ["EVERYONE", "REST", "Preference", "Profile", "ProfileBuilder", "Source", "fading"]


CONTENT_LINKS = ("similar_in_graph", "similar_in_text")
"""The blocks whose columns are items, and which say what an item is like."""
LIKE_LINKS = ("liked_with", "related")
"""The blocks whose columns are items, and which say what goes with a liked item."""
SHARED_LIKERS = "shared_likers"
"""The block whose columns are items, and which speaks for those of whom little is known."""
ITEM_BLOCKS = (*LIKE_LINKS, SHARED_LIKERS, *CONTENT_LINKS)
"""The blocks whose columns are items; vectors that come with the items add others."""
_HALF = 2.0
"""Likes that halve the weight of shared likers: then autoencoders know better (measured)."""
EXAMPLES = 20
"""Items that stand for a stated preference when asked what goes together with it."""


def content_links(blocks: Iterable[str]) -> tuple[str, ...]:
    """Return the blocks of closeness: of graph and text, and those of some that are such, too.

    Examples:
        >>> content_links(["facts", "similar_in_poster"])
        ('similar_in_graph', 'similar_in_text', 'similar_in_poster')
    """
    own = {name for name in {*blocks} if name.startswith("similar_in_")}
    return (*CONTENT_LINKS, *sorted(own - {*CONTENT_LINKS}))


def item_blocks(blocks: Iterable[str]) -> tuple[str, ...]:
    """Return the blocks whose columns are items, those of given vectors among them."""
    return (*LIKE_LINKS, SHARED_LIKERS, *content_links(blocks))


def link_weight(config: RankingConfig, block: str) -> float:
    """Return the weight of a block of closeness beside that of facts."""
    if block in CONTENT_LINKS:
        return float(getattr(config, block))
    return config.similar_in.get(block.removeprefix("similar_in_"), 0.0)


def own_likeness(
    links: Mapping[str, sparse.csr_array], weights: Mapping[str, float]
) -> tuple[float, NDArray[np.float64]]:
    """Return what items add to a kernel of links by being like themselves.

    The least eigenvalue of even links is minus their weight, so that much makes it a kernel: for
    all items alike in graph and text; of vectors that only some items have, for these alone.

    Args:
        links: Items × items, by block, times their weight.
        weights: The weights.

    Returns:
        What all items add, and what each adds besides.
    """
    every, each = 0.0, np.zeros(next(iter(links.values())).shape[0])
    for name, block in links.items():
        if name in CONTENT_LINKS:
            every += weights[name] * bool(block.nnz)
        else:
            each[np.diff(block.indptr) > 0] += weights[name]
    return every, each


class Content(NamedTuple):
    """What a taste for content is learned with: facts, links, regularisation, items' weights.

    Attributes:
        facts: CSR (items × facts).
        links: CSR (items × items).
        ridge: Regularisation of all items.
        own: float64 array: regularisation of each item besides.
        share: float64 array: how much the content of each item counts.
    """

    facts: sparse.csr_array
    links: sparse.csr_array
    ridge: float
    own: NDArray[np.float64]
    share: NDArray[np.float64]

    def among(self, rows: NDArray[np.int64]) -> RidgeProfiles:
        """Return what learns tastes from some items."""
        links = self.links[rows][:, rows]
        if self.own.any():
            links = links + sparse.diags_array(self.own[rows])
        facts = sparse.csr_array(self.facts[rows])
        return RidgeProfiles(facts, self.ridge, sparse.csr_array(links))


class ProfileBuilder:
    """Builds profiles against the vectors of one model.

    Args:
        vectors: All item vectors.
        items: IRIs of the items, in row order.
        labels: Ids and names of the items, in row order.
        config: Weights.
        fitted: What was known of the items when they were weighed: a taste is learned from those
            that somebody has had.
        similar: What is alike to an entity, and how much (0 to 1): who likes one likes the others
            that much less.
    """

    def __init__(
        self,
        vectors: ItemVectors,
        items: Sequence[Iri],
        labels: Sequence[tuple[str, str]],
        config: RankingConfig,
        fitted: Fitted,
        similar: Mapping[Iri, Sequence[tuple[Iri, float]]] | None = None,
    ) -> None:
        self.similar = similar or {}
        self.vectors = vectors
        self.labels = labels
        self.config = config
        self.iris = items
        self.row_of = {iri: row for row, iri in enumerate(items)}
        blocks = np.array([column.block for column in vectors.columns])
        self._facts = np.flatnonzero(np.isin(blocks, FACT_BLOCKS))
        names = set(blocks.tolist())
        self._near = content_links(names)
        self._item_blocks = {name: np.flatnonzero(blocks == name) for name in item_blocks(names)}
        together = [vectors.matrix[:, self._item_blocks[name]] for name in LIKE_LINKS]
        self._company = sparse.csr_array(sum(together[1:], start=together[0]))
        self._shared = sparse.csr_array(vectors.matrix[:, self._item_blocks[SHARED_LIKERS]])
        self._popular = vectors.matrix[:, [vectors.index[POPULARITY]]].toarray()
        self._content = self._unweighted(fitted)
        had = np.flatnonzero(fitted.had)
        self._had = had if len(had) else np.arange(len(items))
        self._stated = {
            vectors.columns[number][1:]: number
            for number in np.flatnonzero(blocks == "stated").tolist()
        }
        self._by_column = vectors.matrix.tocsc()

    def _unweighted(self, fitted: Fitted) -> Content:
        """Return the content of the items as it was before items got their weights."""
        config = self.config
        share = content_weights(fitted.likes, config.facts, config.facts_cold)
        scale = sparse.diags_array(np.divide(1.0, share, out=np.zeros_like(share), where=share > 0))
        matrix = self.vectors.matrix
        links = {
            name: sparse.csr_array(scale @ matrix[:, self._item_blocks[name]])
            for name in self._near
        }
        every, each = own_likeness(links, {name: link_weight(config, name) for name in links})
        facts = sparse.csr_array(scale @ matrix[:, self._facts])
        near = sparse.csr_array(sum(links.values(), start=sparse.csr_array(self._company.shape)))
        return Content(facts, near, config.ridge + every, each, share)

    def build(
        self,
        history: Mapping[int, float],
        preferences: Sequence[Preference],
        friends: Sequence[FriendOf] = (),
    ) -> Profile:
        """Return the profile of someone.

        Args:
            history: Item row to signed weight.
            preferences: What the user said; likes of items count as history.
            friends: Whom the user knows, and people like the user, from
                :meth:`~kg_rec.community.Community.friends`.
        """
        events, sources = self._events(history, preferences)
        cells = _Cells()
        if events:
            self._add_events(events, cells)
            sources.append(REST)
        for preference in preferences:
            if self._event(preference) is None:
                self._add_preference(preference, len(sources), cells)
                sources.append(stated_source(preference))
        for friend in friends:
            cells.add(len(sources), [friend.column], [friend.weight])
            sources.append(Source(friend.kind, friend.id, friend.label, friend.knower))
        cells.add(len(sources), [self.vectors.index[POPULARITY]], [1.0])
        sources.append(EVERYONE)
        matrix = cells.matrix((len(sources), len(self.vectors.columns)))
        length = float(np.linalg.norm(np.asarray(matrix.sum(axis=0)))) or 1.0
        return Profile(tuple(sources), sparse.csr_array(matrix / length), frozenset(events))

    def _events(
        self, history: Mapping[int, float], preferences: Sequence[Preference]
    ) -> tuple[dict[int, float], list[Source]]:
        events = dict(sorted(history.items()))
        sources = {row: self._history_source(row, weight) for row, weight in events.items()}
        for preference in preferences:
            row = self._event(preference)
            if row is not None and row not in history:
                events[row] = preference.strength
                sources[row] = stated_source(preference)
        return events, list(sources.values())

    def _event(self, preference: Preference) -> int | None:
        """Return the row of the item that is liked or disliked; None if it is no item."""
        return self.row_of.get(preference.entity) if preference.relation is None else None

    def _history_source(self, row: int, weight: float) -> Source:
        name, label = self.labels[row]
        return Source("history", name, label, self.iris[row], weight > 0, strength=abs(weight))

    def _add_events(self, events: dict[int, float], cells: _Cells) -> None:
        """Add one row an event, and one for all other items (``REST``)."""
        rows = np.array(list(events), dtype=np.int64)
        facts = self._content.facts
        x = np.zeros(facts.shape[0])
        x[rows] = list(events.values())
        alpha = self._learned(x[None, :])[0]
        own = sparse.csr_array(facts[rows] * alpha[rows, None])
        total = np.asarray(facts.T @ alpha)
        own = _attribute(own, total)
        content = [self._item_blocks[name] for name in self._near]
        fade = self.config.shared_likers * float(fading(np.count_nonzero(x > 0)))
        for source, row in enumerate(rows.tolist()):
            start, end = own.indptr[source : source + 2]
            cells.add(source, self._facts[own.indices[start:end]], own.data[start:end])
            if x[row] > 0:
                for name in LIKE_LINKS:
                    cells.add(source, [self._item_blocks[name][row]], [x[row]])
                column = self._item_blocks[SHARED_LIKERS][row]
                cells.add(source, [column], [x[row] * fade])
            for block in content:
                cells.add(source, [block[row]], [alpha[row]])
        cells.add(len(rows), self._facts, total - np.asarray(own.sum(axis=0)))
        others = np.setdiff1d(np.arange(len(x)), rows)
        for block in content:
            cells.add(len(rows), block[others], alpha[others])

    def scores(
        self, events: sparse.csr_array, friends: sparse.csr_array | None = None
    ) -> NDArray[np.float64]:
        """Return the scores of all items for users of whom only events are known (users × items).

        They are those of :meth:`build`: items times ``Profile.vector``.

        Args:
            events: CSR (users × items) of signed weights, of users of the model.
            friends: CSR (users × columns), from :meth:`~kg_rec.community.Community.weights`.
        """
        content = self._content
        alpha = self._learned(events.toarray()).T
        likes = sparse.csr_array(events.maximum(0.0))
        likes.eliminate_zeros()
        taste = content.facts.T @ alpha
        found = content.share[:, None] * (content.facts @ taste + content.links @ alpha)
        found += (self._company @ likes.T).toarray()
        few = sparse.csr_array(
            sparse.diags_array(self.config.shared_likers * fading(np.diff(likes.indptr))) @ likes
        )
        found += (self._shared @ few.T).toarray()
        found += self._popular
        squares = 1.0 + np.square(taste).sum(axis=0)
        squares += len(LIKE_LINKS) * np.asarray(likes.power(2).sum(axis=1))
        squares += np.asarray(few.power(2).sum(axis=1))
        squares += len(self._near) * np.square(alpha).sum(axis=0)
        if friends is not None:
            found += (self.vectors.matrix @ friends.T).toarray()
            squares += np.asarray(friends.power(2).sum(axis=1))
        return np.asarray((found / np.sqrt(squares)).T)

    def _learned(self, events: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weight of each item in ridge profiles of the content (users × items).

        What is liked together with the history counts beside it, by ``config.company``; the whole
        keeps the length of the history. Learned is from items that somebody has had: that nobody
        had the others says nothing about them.
        """
        alpha = np.zeros_like(events)
        if not self._content.facts.nnz and not self._content.links.nnz:
            return alpha
        liked = np.asarray((self._company @ np.maximum(events, 0.0).T).T)
        both = events + self.config.company * liked
        length = np.linalg.norm(both, axis=1, keepdims=True)
        both *= np.linalg.norm(events, axis=1, keepdims=True) / np.where(length > 0, length, 1.0)
        among = np.union1d(self._had, np.flatnonzero(events.any(axis=0)))
        alpha[:, among] = self._ridge_among(among).solve(both[:, among])
        return alpha

    def _ridge_among(self, rows: NDArray[np.int64]) -> RidgeProfiles:
        if len(rows) == len(self._had):
            return self._ridge
        return self._content.among(rows)

    @cached_property
    def _ridge(self) -> RidgeProfiles:
        return self._content.among(self._had)

    def _add_preference(self, preference: Preference, source: int, cells: _Cells) -> None:
        """Add what has the entity or what is like it, and (for a like) what goes with that."""
        weight = self.config.stated * preference.strength
        if weight < 0:
            weight *= self.config.stated_dislike
        elif preference.relation is not None:
            weight *= self.config.asked
        anyhow = self._stated.get((ANY_RELATION, preference.entity))
        asked = (preference.relation or ANY_RELATION, preference.entity)
        column = self._stated.get(asked, anyhow)
        if column is None:
            return
        cells.add(source, [column], [weight])
        for entity, likeness in self.similar.get(preference.entity, ()):
            if (near := self._stated.get((ANY_RELATION, entity))) is not None:
                cells.add(source, [near], [weight * likeness])
        if weight > 0:
            rows, share = self._examples(column)
            for name in LIKE_LINKS:
                cells.add(source, self._item_blocks[name][rows], weight * share)

    def _examples(self, column: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the items that best show an entity (popular ones first), and shares of 1."""
        match = self._by_column[:, [column]].toarray().ravel()
        rows = np.lexsort((-self._popular.ravel(), -match))[:EXAMPLES]
        rows = rows[match[rows] > 0]
        return rows, match[rows] / match[rows].sum()


def _attribute(own: sparse.csr_array, total: NDArray[np.float64]) -> sparse.csr_array:
    """Return the share of a learned taste that each event accounts for.

    A ridge profile sets what was chosen against all that was not, so the taste for a fact
    (``total``) is mostly less than what the events with that fact add up to (``own``). Events that
    pull the other way get nothing, the others are scaled down to the total; never up: the rest
    is not theirs.

    Args:
        own: Events × facts.
        total: The learned weight of each fact.
    """
    agrees = np.sign(own.data) == np.sign(total[own.indices])
    scaled = own.copy()
    scaled.data = np.where(agrees, own.data, 0.0)
    pull = np.asarray(scaled.sum(axis=0))
    share = np.divide(total, pull, out=np.zeros_like(total), where=pull != 0)
    scaled.data *= np.minimum(share, 1.0)[own.indices]
    scaled.eliminate_zeros()
    return scaled


def fading(likes: ArrayLike) -> NDArray[np.float64]:
    """Return how much shared likers count, by the number of likes: half as much every 2 likes."""
    return np.asarray(np.exp2(-np.asarray(likes) / _HALF))


class _Cells:
    """Collects the cells of a sparse matrix."""

    def __init__(self) -> None:
        self.rows: list[NDArray[np.int64]] = []
        self.columns: list[NDArray[np.int64]] = []
        self.values: list[NDArray[np.float64]] = []

    def add(self, row: int, columns: ArrayLike, values: ArrayLike) -> None:
        numbers = np.asarray(columns, dtype=np.int64)
        self.rows.append(np.full(len(numbers), row, dtype=np.int64))
        self.columns.append(numbers)
        self.values.append(np.asarray(values, dtype=np.float64))

    def matrix(self, shape: tuple[int, int]) -> sparse.csr_array:
        """Return the sum of what was added, as CSR."""
        places = (np.concatenate(self.rows), np.concatenate(self.columns))
        matrix = sparse.coo_array((np.concatenate(self.values), places), shape=shape).tocsr()
        matrix.eliminate_zeros()
        return matrix
