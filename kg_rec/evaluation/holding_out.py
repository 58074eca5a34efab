"""A check from within: a share of a model's own events put aside, the rest learned from again.

What facts and texts say of items stays; what is learned from events (company, popularity) is
learned again from the events that are left. It is a quick look at a finished model, for its card;
the evaluation of settings is :mod:`kg_rec.evaluation.protocol`, on data that no model has seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.blocks import Describer, Given
from kg_rec.community import BLOCK as COMMUNITY
from kg_rec.community import friendships, liked_by
from kg_rec.errors import DataError
from kg_rec.evaluation import splits
from kg_rec.evaluation.bench import rank
from kg_rec.evaluation.judging import Task
from kg_rec.evaluation.result import Run
from kg_rec.ids import mint
from kg_rec.popularity import fresh_likes
from kg_rec.recommender import Recommender
from kg_rec.statements import DERIVED, USERS
from kg_rec.vectors import Fitted, ItemVectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.model import Model

__all__ = ["HeldOut", "hold_out", "relearned"]

LEAST = 5
"""Likes that a user needs to be judged."""
SHARE = 0.2
"""Share of these that is put aside."""
K = 10
_FROM_TEXTS = "similar_in_text"


@dataclass(frozen=True)
class HeldOut:
    """Lists of a model that has not seen a share of its events, judged by these.

    Attributes:
        users: Ids of the judged users.
        task: What was to be found, what was known.
        run: The model's lists.
        popular: The lists of a recommender that knows popularity only.
        embeddings: Whether the graph's embeddings were kept; they are not where they have seen the
            events.
        blend: Whether the weights of the kinds of reason were learned before, from all events.
    """

    users: tuple[str, ...]
    task: Task
    run: Run
    popular: Run
    embeddings: bool
    blend: bool


def hold_out(
    recommender: Recommender, *, share: float = SHARE, least: int = LEAST, seed: int = 0
) -> HeldOut:
    """Put a random share of each user's likes aside, learn again, and judge by them.

    Args:
        recommender: The model; it stays as it is.
        share: Of the likes of each judged user; one at least.
        least: Users with fewer likes are learned from, but not judged.
        seed: Of the draw.

    Raises:
        DataError: No user has as many likes.
    """
    model = recommender.model
    stays, aside = _split(model.events, share, least, seed)
    train = _part(model.events, stays)
    judged = np.flatnonzero(np.diff(aside.indptr)).astype(np.int64)
    if not len(judged):
        raise DataError(f"no user of the model has {least} likes, so none can be put aside")
    task = Task(
        users=judged,
        relevant=aside[judged],
        known=_ones(train)[judged],
        likes=_ones(sparse.csr_array(train.maximum(0.0))),
        candidates=None,
    )
    reduced = Recommender(relearned(model, stays))
    users = tuple(model.users.id(row) for row in judged.tolist())
    found = rank(reduced, task, users, K)
    usual = task.most_popular(K)
    features = reduced.model.vectors.block("facts").matrix
    runs = [
        Run(name, *task.judge(lists.rows, [K], features), lists, seed=seed)
        for name, lists in (("this model", found), ("popularity", usual))
    ]
    learned = model.config.ranking.blend == "learned"
    return HeldOut(users, task, runs[0], runs[1], not _saw_events(model), learned)


def _split(
    events: sparse.csr_array, share: float, least: int, seed: int
) -> tuple[NDArray[np.bool_], sparse.csr_array]:
    """Return which events stay, and the likes that are put aside as CSR (users × items)."""
    rows = np.repeat(np.arange(events.shape[0]), np.diff(events.indptr))
    likes = np.flatnonzero(events.data > 0)
    enough = np.bincount(rows[likes], minlength=events.shape[0]) >= least
    chosen = likes[enough[rows[likes]]]
    parts = splits.random(rows[chosen], valid=0.0, test=share, seed=seed)
    stays = np.ones(len(rows), dtype=bool)
    stays[chosen[parts == splits.TEST]] = False
    return stays, _part(events, ~stays)


def _part(events: sparse.csr_array, chosen: NDArray[np.bool_]) -> sparse.csr_array:
    """Return some of the events, in their order."""
    rows = np.repeat(np.arange(events.shape[0]), np.diff(events.indptr))[chosen]
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=events.shape[0]))])
    cells = (events.data[chosen], events.indices[chosen], ends)
    return sparse.csr_array(cells, shape=events.shape)


def _ones(matrix: sparse.csr_array) -> sparse.csr_array:
    found = sparse.csr_array(matrix, copy=True)
    found.eliminate_zeros()
    found.data[:] = 1.0
    return found


def relearned(model: Model, stays: NDArray[np.bool_]) -> Model:
    """Return a model that has learned from some of its events only.

    Its graph is that of the model, so it ranks and does not explain.

    Args:
        model: The model.
        stays: Which events stay: one for each value of ``model.events``.
    """
    ranking = model.config.ranking
    items = [item.iri for item in model.items]
    nodes = model.node_vectors.contexts(items)
    if _saw_events(model):
        nodes = np.zeros_like(nodes)
    events = _part(model.events, stays)
    times = None if model.event_times is None else model.event_times[stays]
    likes = sparse.csr_array(events.maximum(0.0))
    facts = _before_learning(model.graph)
    support = model.config.privacy.min_support
    given = Given(model.features, model.config.transferred)
    describer = Describer(facts, items, model.ontology, ranking, model.texts, support, given)
    half_life = ranking.popularity_half_life
    fresh = fresh_likes(events, times, half_life, graded=model.log.graded)
    found = describer.item_vectors(likes, nodes, fresh, ranking)
    if any(column.block == COMMUNITY for column in model.vectors.columns):
        users = [mint(model.config.base_iri, "user", name) for name in model.users.ids]
        friends = liked_by(likes, friendships(model.graph, users), users)
        found = ItemVectors.join([found, friends.scaled(ranking.community)])
    fitted = Fitted.of(events)
    return replace(model, events=events, fitted=fitted, vectors=found, event_times=times)


def _before_learning(graph: KnowledgeGraph) -> KnowledgeGraph:
    """Return a graph without what was learned and what users did."""
    return graph.select([part for part in graph.part_names if part not in {USERS, DERIVED}])


def _saw_events(model: Model) -> bool:
    return "users" in model.config.embeddings.parts and bool(model.node_vectors.names)
