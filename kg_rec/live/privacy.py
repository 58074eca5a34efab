"""A user taken out of a model, and events that are too old.

What stays is as if the model had never seen them, as far as it is updated in place: the graph, the
events, the history and profile of everybody else, popularity, how much the content of each item
counts, friends. What was learned of many users together (what is liked together, shared likers,
embeddings that were trained with users, the learned blend) keeps numbers that they had a part in,
without any name, until the next fit; see :mod:`kg_rec.live.refitting`.
"""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import numpy as np
from scipy import sparse

from kg_rec.community import BLOCK, friendships
from kg_rec.errors import DataError
from kg_rec.explanations.names import NodeNames
from kg_rec.explanations.tuning import Wishes
from kg_rec.folding import fades, folded, known_of
from kg_rec.graph.leaving import without_people
from kg_rec.ids import IdIndex, mint
from kg_rec.io import time_of
from kg_rec.io.rows import RowError
from kg_rec.live.weighing import reweighed
from kg_rec.ontology import LABEL, TYPE
from kg_rec.ontology.acts import FOAF_KNOWS, KNOWS
from kg_rec.pseudonyms import list_node
from kg_rec.vectors import ItemVectors

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from numpy.typing import NDArray

    from kg_rec.event_log import EventLog
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.io import EventRow
    from kg_rec.model import Model

__all__ = ["moment_of", "wishes_left", "without_events", "without_user"]


def without_user(model: Model, user: str) -> Model:
    """Return a model that holds nothing of a user.

    People who are known only because the user told whom they know go, too.

    Args:
        model: The model; it stays as it is.
        user: Id of the user.

    Raises:
        UnknownIdError: The model has no such user.
    """
    model.users.row(user)
    return _without(model, {user, *_only_known_by(model, user)})


def moment_of(value: Any) -> float:
    """Return a time as seconds since 1970.

    Raises:
        DataError: It is none.

    Examples:
        >>> moment_of("1970-01-02"), moment_of(5)
        (86400.0, 5.0)
    """
    with contextlib.suppress(RowError):
        found = time_of("now", value)
        if math.isfinite(found):
            return found
    raise DataError(f"now: found {value!r}, expected seconds since 1970 or ISO 8601")


def without_events(model: Model, before: float) -> Model:
    """Return a model without the events before a time, and without users who had no others.

    Events whose time is not known stay, as do users who have said something, know somebody, or have
    wishes that are remembered.

    Args:
        model: The model; it stays as it is.
        before: Seconds since 1970.
    """
    old = model.log.times < before
    if not old.any():
        return model
    users, items = model.users.ids, [item.id for item in model.items]
    changed = np.isin(model.log.users, np.unique(model.log.users[old]))
    left: dict[str, list[EventRow]] = {users[n]: [] for n in np.unique(model.log.users[old])}
    for row in model.log.take(changed & ~old).rows(users, items):
        left[row.user].append(row)
    found = folded(model, left)
    gone = {user for user, rows in left.items() if not rows} & _unknown(found, left)
    return _without(found, gone) if gone else reweighed(found)


def _without(model: Model, gone: Collection[str]) -> Model:
    """Return a model that holds nothing of some users."""
    nodes = {mint(model.config.base_iri, "user", name) for name in gone}
    documents = {f"users/{name}" for name in gone}
    lists = {list_node(model.config.base_iri, name) for name in gone}
    graph = without_people(model.graph, nodes, documents, lists)
    left = _without_rows(model, gone)
    found = replace(
        left,
        graph=graph,
        vectors=_of_people_left(left, graph, nodes),
        node_vectors=model.node_vectors.without(nodes),
        remembered=wishes_left(model, gone, nodes),
    )
    return reweighed(found)


# --- whom -------------------------------------------------------------------------------------


def _only_known_by(model: Model, user: str) -> set[str]:
    """Return the users of whom nothing is known but that they know the user, or the user them."""
    graph, base = model.graph, model.config.base_iri
    node = mint(base, "user", user)
    known = {t.object for p in (KNOWS, FOAF_KNOWS) for t in graph.triples(node, p)}
    known |= {t.subject for p in (KNOWS, FOAF_KNOWS) for t in graph.triples(None, p, node)}
    if not known:
        return set()
    start = mint(base, "user", "")
    names = {unquote(str(n).removeprefix(start)) for n in known if str(n).startswith(start)}
    return _unknown(model, {name for name in names - {user} if name in model.users}, node)


def _unknown(model: Model, users: Iterable[str], friend: Iri | None = None) -> set[str]:
    """Return those of some users of whom nothing is known, or only that they know a friend."""
    rows = {model.users.id(row) for row in np.unique(model.log.users).tolist()}
    some = {*users} - rows - {*model.remembered}
    base = model.config.base_iri
    return {name for name in some if not _said_of(model.graph, mint(base, "user", name), friend)}


def _said_of(graph: KnowledgeGraph, person: Iri, friend: Iri | None) -> bool:
    """Return whether more is known of a person than name, class, and knowing a friend."""
    about = [t for t in graph.triples(person) if t.predicate not in {TYPE, LABEL}]
    about += graph.triples(None, None, person)
    return any(friend not in {t.subject, t.object} for t in about)


# --- events -----------------------------------------------------------------------------------


def _without_rows(model: Model, gone: Collection[str]) -> Model:
    """Return the model without some users in its index and events; the graph stays."""
    stays = np.array([name not in gone for name in model.users], dtype=bool)
    users = IdIndex((name for name in model.users if name not in gone), kind="user")
    place = np.cumsum(stays) - 1
    log = model.log.take(stays[model.log.users]).moved(place)
    if fades(model.config.interactions, model.log.kind_names) and log.latest < model.log.latest:
        events, times = _aged(model, log, users)
    else:
        events, times = _cut(model, stays)
    return replace(model, users=users, log=log, events=events, event_times=times)


def _aged(
    model: Model, log: EventLog, users: IdIndex
) -> tuple[sparse.csr_array, NDArray[np.float64] | None]:
    """Return what rows come to, where the latest of all is another now."""
    rows = log.rows(users.ids, [item.id for item in model.items])
    known = replace(known_of(model, rows), users=users)
    return known.event_matrix, known.event_times


def _cut(
    model: Model, stays: NDArray[np.bool_]
) -> tuple[sparse.csr_array, NDArray[np.float64] | None]:
    events = sparse.csr_array(model.events[np.flatnonzero(stays)])
    if model.event_times is None:
        return events, None
    times = model.event_times[np.repeat(stays, np.diff(model.events.indptr))]
    return events, None if np.isnan(times).all() else times


# --- vectors ----------------------------------------------------------------------------------


def _of_people_left(model: Model, graph: KnowledgeGraph, gone: Collection[Iri]) -> ItemVectors:
    """Return the vectors without columns of people who are gone, or nobody's friend any more."""
    vectors = model.vectors
    strangers = _nobodys_friends(model, graph) if _has_block(vectors, BLOCK) else set()
    kept = [
        n
        for n, column in enumerate(vectors.columns)
        if column.object not in gone and (column.block != BLOCK or column.object not in strangers)
    ]
    if len(kept) == len(vectors.columns):
        return vectors
    matrix = sparse.csr_array(vectors.matrix[:, kept])
    return ItemVectors(matrix, tuple(vectors.columns[n] for n in kept))


def _has_block(vectors: ItemVectors, name: str) -> bool:
    return any(column.block == name for column in vectors.columns)


def _nobodys_friends(model: Model, graph: KnowledgeGraph) -> set[Iri]:
    nodes = [mint(model.config.base_iri, "user", name) for name in model.users]
    known = np.asarray(friendships(graph, nodes).sum(axis=0)) > 0
    return {node for node, is_known in zip(nodes, known.tolist(), strict=True) if not is_known}


# --- wishes -----------------------------------------------------------------------------------


def wishes_left(model: Model, gone: Collection[str], nodes: Collection[Iri]) -> dict[str, Wishes]:
    """Return what is remembered of the others, without reasons that are named after the gone."""
    ids = {item.id: item.iri for item in model.items}
    names = NodeNames(model.graph, model.ontology, ids)

    def is_theirs(reason: str) -> bool:
        ends = (reason, reason.partition("=")[2])
        return any(set(meant) <= {*nodes} for end in ends if end and (meant := names.nodes(end)))

    def left(wishes: Iterable[Any]) -> Wishes:
        kept = Wishes(*wishes)
        mute, boost = (tuple(r for r in rs if not is_theirs(r)) for rs in kept[:2])
        return kept._replace(mute=mute, boost=boost)

    return {name: left(w) for name, w in model.remembered.items() if name not in gone}
