"""New events of some users put into a model: what depends on the profile only is as in a rebuild.

What was learned of many users together (what is liked together, embeddings, popularity, the weights
of items) stays as it was fitted; see :mod:`kg_rec.live.refitting`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec import io
from kg_rec.config import NEVER
from kg_rec.event_log import EventLog
from kg_rec.history import act_names
from kg_rec.ids import IdIndex, mint
from kg_rec.inputs import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kg_rec.config import Config, InteractionsConfig
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.model import Model

__all__ = ["fades", "folded", "known_of"]


def fades(config: InteractionsConfig, kinds: Iterable[str]) -> bool:
    """Return whether events of some kinds count less as time goes by.

    Args:
        config: The settings.
        kinds: Names of kinds; empty for that of a table without kinds.
    """
    stated = (config.kinds[kind].half_life for kind in kinds if kind in config.kinds)
    return config.half_life != NEVER or any(half not in {None, NEVER} for half in stated)


def known_of(model: Model, rows: Sequence[io.EventRow] | None = None) -> Known:
    """Return what a model is weighed from.

    Args:
        model: The model.
        rows: What users did; None: what the model holds.
    """
    if rows is None:
        rows = model.log.rows(model.users.ids, [item.id for item in model.items])
    users = IdIndex([*model.users.ids, *(row.user for row in rows)], kind="user")
    config = model.config.model_copy(update={"ranking": model.given})
    return Known(config, model.ontology, model.items, users, rows, model.features)


def folded(model: Model, pending: Mapping[str, Sequence[io.EventRow]]) -> Model:
    """Return a model in which some users have other rows.

    Args:
        model: The model.
        pending: User id to all rows of that user; of users who are new to the model, too.
    """
    items = IdIndex((item.id for item in model.items), kind="item")
    users = IdIndex([*model.users.ids, *pending], kind="user")
    place = users.rows(model.users.ids)
    changed = np.isin(model.log.users, [model.users.row(u) for u in pending if u in model.users])
    stay = model.log.take(~changed)
    rows = [row for user in sorted(pending) for row in pending[user]]
    log = stay.moved(place).joined(EventLog.of(rows, users, items))
    if fades(model.config.interactions, log.kind_names) and log.latest > model.log.latest:
        told = known_of(model, log.rows(users.ids, items.ids))
        told = replace(told, users=users)
        events, times, new = told.event_matrix, told.event_times, told.events
    else:
        new = _events(rows, model.config)
        events, times = _placed(model, place, new, users, items, {*pending})
    again = {event.user for event in new} | {*pending}
    graph = _acted(model, again, new)
    return replace(model, users=users, log=log, events=events, event_times=times, graph=graph)


def _events(rows: Sequence[io.EventRow], config: Config) -> list[io.Event]:
    return io.events_of(rows, config.interactions, dislike=config.ranking.dislike)


def _placed(
    model: Model,
    place: np.ndarray,
    new: Sequence[io.Event],
    users: IdIndex,
    items: IdIndex,
    changed: set[str],
) -> tuple[sparse.csr_array, np.ndarray | None]:
    """Return events and their times, those of changed users replaced."""
    own = np.repeat(np.arange(len(model.users)), np.diff(model.events.indptr))
    gone = [model.users.row(user) for user in changed if user in model.users]
    stays = ~np.isin(own, gone)
    before = np.full(model.events.nnz, math.nan) if model.event_times is None else model.event_times
    rows = np.concatenate([place[own[stays]], users.rows(event.user for event in new)])
    cols = np.concatenate([model.events.indices[stays], items.rows(e.item for e in new)])
    data = np.concatenate([model.events.data[stays], [event.weight for event in new]])
    told = [math.nan if event.time is None else event.time for event in new]
    times = np.concatenate([before[stays], told])
    order = np.lexsort((cols, rows))
    ends = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=len(users)))])
    events = sparse.csr_array((data[order], cols[order], ends), shape=(len(users), len(items)))
    times = times[order]
    return events, None if np.isnan(times).all() else times


def _acted(model: Model, users: set[str], events: Sequence[io.Event]) -> KnowledgeGraph:
    """Return the graph with other acts of some users."""
    graph, base_iri = model.graph, model.config.base_iri
    code = graph.terms.code
    acts = [c for p in act_names(graph) if (c := code(p)) is not None]
    own = [c for user in users if (c := code(mint(base_iri, "user", user))) is not None]
    codes = graph.triple_codes
    gone = np.isin(codes[:, 1], acts) & np.isin(codes[:, 0], own)
    nodes = {item.id: item.iri for item in model.items}
    stays = graph.take(np.flatnonzero(~gone)) if gone.any() else graph
    said = [*io.user_statements(sorted(users), base_iri)]
    return stays.with_statements([*said, *io.event_statements(events, nodes, base_iri)])
