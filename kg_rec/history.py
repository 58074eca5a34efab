"""What a user has had: items, what happened with them, and when."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ids import RDFS, Iri, mint
from kg_rec.ontology.acts import ACTS, CHOSE, REJECTED
from kg_rec.ontology.terms import RATED_DOWN, RATED_UP

if TYPE_CHECKING:
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.model import Model

__all__ = ["HistoryItem", "act_names", "history"]

_SUB_PROPERTY = RDFS["subPropertyOf"]

_WORDS = {
    RATED_UP: "liked",
    RATED_DOWN: "disliked",
    ACTS["view"]: "viewed",
    ACTS["click"]: "clicked",
    ACTS["dwell"]: "dwelt on",
    ACTS["favourite"]: "marked as favourite",
    ACTS["purchase"]: "purchased",
}


class HistoryItem(NamedTuple):
    """An item that a user has had.

    Attributes:
        item: Its id.
        label: Its name.
        weight: How much what happened speaks for it; negative if it speaks against it.
        acts: What happened: ``"viewed"``, ``"purchased"``, ``"liked"``, ``"disliked"``; of kinds
            that the settings add, their names.
        last: When something happened last, if that is known.
    """

    item: str
    label: str
    weight: float
    acts: tuple[str, ...] = ()
    last: datetime | None = None


def act_names(graph: KnowledgeGraph) -> dict[Iri, str]:
    """Return the predicates of what users do in a graph, each with its word."""
    own = {t.subject: t for p in (CHOSE, REJECTED) for t in graph.triples(None, _SUB_PROPERTY, p)}
    return {**{p: graph.label(p) for p in own}, **_WORDS}


def history(model: Model, user: str) -> list[HistoryItem]:
    """Return what a user has had, best liked first.

    Raises:
        UnknownIdError: The model has no such user.
    """
    row = model.users.row(user)
    start, end = model.events.indptr[row : row + 2].tolist()
    times = [math.nan] * (end - start)
    if model.event_times is not None:
        times = model.event_times[start:end].tolist()
    acts = _acts(model.graph, mint(model.config.base_iri, "user", user))
    found = []
    columns, weights = (a[start:end].tolist() for a in (model.events.indices, model.events.data))
    for column, weight, time in zip(columns, weights, times, strict=True):
        item = model.items[column]
        last = None if math.isnan(time) else datetime.fromtimestamp(time, UTC)
        found.append(HistoryItem(item.id, item.label, weight, tuple(acts[item.iri]), last))
    return sorted(found, key=lambda h: (-h.weight, h.item))


def _acts(graph: KnowledgeGraph, user: Iri) -> dict[Iri, list[str]]:
    """Return the words of what a user did with each item."""
    done: dict[Iri, list[str]] = defaultdict(list)
    names = act_names(graph)
    for triple in graph.triples(user):
        if triple.predicate in names and isinstance(triple.object, Iri):
            done[triple.object].append(names[triple.predicate])
    return done
