"""All that a model holds of a user, for the user: as JSON and as RDF."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from kg_rec._version import __version__
from kg_rec.explanations.tuning import Wishes
from kg_rec.graph import KnowledgeGraph
from kg_rec.graph.columns import take
from kg_rec.graph.leaving import documents_of
from kg_rec.history import history
from kg_rec.ids import KGREC, SCHEMA, XSD, Iri, Literal, mint
from kg_rec.ontology import LABEL, PREDICTED_TO_LIKE, TYPE, USER
from kg_rec.pseudonyms import People
from kg_rec.statements import USERS, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from kg_rec.ids import Term
    from kg_rec.io import EventRow
    from kg_rec.model import Model

__all__ = ["UserData", "user_data"]


@dataclass(frozen=True)
class UserData:
    """All that a model holds of a user.

    Other users are in it only if the user named them; those who named the user go by pseudonyms.

    Attributes:
        user: Id of the user.
        values: Everything, as plain values.
        graph: The statements, with the passages of the user's texts, and the raw events.
    """

    user: str
    values: dict[str, Any]
    graph: KnowledgeGraph

    def json(self) -> str:
        """Return it as JSON."""
        return json.dumps(self.values, ensure_ascii=False, indent=1) + "\n"

    def rdf(self) -> KnowledgeGraph:
        """Return it as a graph; ``.serialize("ttl", "evidence")`` writes the passages, too."""
        return self.graph

    def __repr__(self) -> str:
        return f"<UserData: {len(self.values['events']):,} events, {len(self.graph):,} triples>"


def user_data(model: Model, user: str, names: Callable[[str], str]) -> UserData:
    """Return all that a model holds of a user.

    Args:
        model: The model.
        user: Id of the user.
        names: Gives pseudonyms to others who named the user.

    Raises:
        UnknownIdError: The model has no such user.
    """
    rows = model.log.of_user(model.users.row(user)).rows(
        model.users.ids, [item.id for item in model.items]
    )
    node = mint(model.config.base_iri, "user", user)
    shown = _Shown(node, People(model.config.base_iri, names))
    told, named = _rows_of(model.graph, node, user)
    statements = [shown.statement(s) for s in told.statements()]
    values = {
        "user": user,
        "node": node,
        "made_by": f"kg_rec {__version__}",
        "events": [_event(row) for row in rows],
        "history": [_history(had) for had in history(model, user)],
        "texts": [{"document": name, "text": text} for name, text in told.documents.items()],
        "statements": [_statement(s, model.graph) for s in statements],
        "remembered": _remembered(model, user),
        "learned": _learned(model, node),
    }
    told_now = [*_event_statements(model, node, rows), *_wish_statements(model, node, user)]
    everything = [*statements, *named.statements(), *told_now]
    return UserData(user, values, KnowledgeGraph.from_statements(everything, told.documents))


# --- statements -------------------------------------------------------------------------------


def _rows_of(graph: KnowledgeGraph, node: Iri, user: str) -> tuple[KnowledgeGraph, KnowledgeGraph]:
    """Return what a user is in or the user's texts state, and the names of what is in that.

    Of the passages only those of the user's texts are there.
    """
    theirs = documents_of(graph, [node]) | {f"users/{user}"}
    codes = [code for code, name in enumerate(graph.documents) if name in theirs]
    here = np.isin(graph.spans[:, 1], codes)
    about = np.concatenate([graph.rows(node), graph.rows(None, None, node)])
    told = np.union1d(about, graph.spans[here, 0])
    columns = replace(graph.columns, spans=graph.spans[here])
    named = np.setdiff1d(_names(graph, told), told)
    return KnowledgeGraph(take(columns, told)), KnowledgeGraph(take(columns, named))


def _names(graph: KnowledgeGraph, rows: NDArray[np.integer]) -> NDArray[np.int64]:
    """Return the rows of the labels of what is in some rows, users' apart."""
    label = graph.terms.code(LABEL)
    used = np.unique(graph.triple_codes[rows][:, [0, 2]])
    labels = (graph.triple_codes[:, 1] == label) & np.isin(graph.triple_codes[:, 0], used)
    labels &= graph.part_codes != graph.part_names.index(USERS)
    return np.flatnonzero(labels)


class _Shown:
    """Puts pseudonyms in the place of others who named the user."""

    def __init__(self, node: Iri, people: People) -> None:
        self.node = node
        self.people = people

    def statement(self, statement: Statement) -> Statement:
        subject, predicate, end = statement.triple
        if end != self.node or subject == self.node:
            return statement
        return replace(statement, triple=Triple(self.people.node(subject), predicate, end))


def _statement(statement: Statement, graph: KnowledgeGraph) -> dict[str, Any]:
    subject, predicate, end = statement.triple
    return {
        "subject": subject,
        "predicate": predicate,
        "object": end if isinstance(end, Iri) else end.value,
        "label": graph.label(end),
        "part": statement.part,
        "strength": statement.polarity * statement.strength,
        "confidence": statement.confidence,
        "extractor": statement.extractor,
        "evidence": [passage._asdict() for passage in statement.evidence],
    }


# --- events -----------------------------------------------------------------------------------


def _event(row: EventRow) -> dict[str, Any]:
    return {
        "item": row.item,
        "kind": row.kind or None,
        "value": row.value,
        "time": _iso(row.time),
        "id": f"{row.id:016x}" if row.id else None,
    }


def _iso(seconds: float) -> str | None:
    return None if math.isnan(seconds) else datetime.fromtimestamp(seconds, UTC).isoformat()


def _history(had: Any) -> dict[str, Any]:
    last = None if had.last is None else had.last.isoformat()
    return {**had._asdict(), "acts": list(had.acts), "last": last}


def _event_statements(model: Model, node: Iri, rows: Sequence[EventRow]) -> Iterator[Statement]:
    """Yield the raw events in the terms of the vocabulary: ``kgrec:Event``."""
    iri_of = {item.id: item.iri for item in model.items}
    yield Statement(Triple(node, TYPE, USER), part=USERS)
    for number, row in enumerate(rows, start=1):
        event = Iri(f"{node}#event{number}")
        for predicate, value in _of_event(row, node, iri_of[row.item]):
            yield Statement(Triple(event, predicate, value), part=USERS)


def _of_event(row: EventRow, node: Iri, item: Iri) -> Iterator[tuple[Iri, Term]]:
    yield TYPE, KGREC["Event"]
    yield SCHEMA["agent"], node
    yield SCHEMA["object"], item
    yield SCHEMA["value"], Literal(repr(row.value), XSD["double"])
    if row.kind:
        yield SCHEMA["additionalType"], Literal(row.kind)
    if (moment := _iso(row.time)) is not None:
        yield SCHEMA["startTime"], Literal(moment, XSD["dateTime"])


# --- what is remembered and learned -----------------------------------------------------------


def _remembered(model: Model, user: str) -> dict[str, list[str]]:
    wishes = Wishes(*model.remembered.get(user, ()))
    return {name: list(said) for name, said in wishes._asdict().items()}


def _wish_statements(model: Model, node: Iri, user: str) -> Iterator[Statement]:
    """Yield what is remembered of the user in the terms of the vocabulary."""
    wishes = Wishes(*model.remembered.get(user, ()))
    iri_of = {item.id: item.iri for item in model.items}
    ends: list[tuple[Iri, Term]] = [
        *((KGREC["mutes"], Literal(name)) for name in wishes.mute),
        *((KGREC["boosts"], Literal(name)) for name in wishes.boost),
        *((KGREC["hides"], iri_of[item]) for item in wishes.hidden if item in iri_of),
        *((KGREC["hasSeen"], iri_of[item]) for item in wishes.seen if item in iri_of),
    ]
    for predicate, end in ends:
        yield Statement(Triple(node, predicate, end), part=USERS)


def _learned(model: Model, node: Iri) -> dict[str, Any]:
    """Return what models have made of the user: a vector, predictions, columns of friends."""
    vector = model.node_vectors.rows([node])[0].tolist() if node in model.node_vectors else None
    labels = {item.iri: item.id for item in model.items}
    foreseen = [t.object for t in model.graph.triples(node, PREDICTED_TO_LIKE)]
    return {
        "vector": vector,
        "predicted_to_like": [labels[i] for i in foreseen if isinstance(i, Iri) and i in labels],
        "columns": sorted({c.block for c in model.vectors.columns if c.object == node}),
    }
