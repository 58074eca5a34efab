"""RecBole atomic files out: ``.inter``, ``.item``, ``.user``, ``.kg`` and ``.link``.

An item is what users had to do with: the object of ``kgrec:ratedUp``, ``kgrec:ratedDown``, of other
acts (``kgrec:viewed``) and of events, and what stands below ``item/`` of the base. Its id is the
end of its IRI there, or the whole IRI. (RecBole, "Atomic Files",
https://recbole.io/atomic_files.html.)
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import unquote

from kg_rec.ids import KGREC, OWL, SCHEMA, XSD, Iri, Literal
from kg_rec.ontology import LABEL, RATED_DOWN, TYPE, USER
from kg_rec.ontology.acts import CHOICES
from kg_rec.statements import FACTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg_rec.graph.knowledge_graph import KnowledgeGraph
    from kg_rec.ids import Term

__all__ = ["recbole_files"]

_NUMBERS = {XSD["double"], XSD["float"], XSD["decimal"], XSD["integer"]}
_SAME_AS, _EVENT = OWL["sameAs"], KGREC["Event"]
_AGENT, _OBJECT = SCHEMA["agent"], SCHEMA["object"]
_NAMES = {SCHEMA["ratingValue"]: "rating", SCHEMA["startTime"]: "timestamp", LABEL: "name"}
_Table = dict[str, dict[str, list[Literal]]]


def recbole_files(graph: KnowledgeGraph, name: str, base_iri: str) -> dict[str, Iterable[bytes]]:
    """Return the atomic files of a dataset; a file that would have no line is left out.

    Args:
        graph: The graph.
        name: The name of the dataset.
        base_iri: IRIs of items, users and entities below it are shortened to their ends.
    """
    writer = _Atomic(graph, base_iri)
    files = {
        "inter": writer.interactions(),
        "item": writer.table("item", writer.items),
        "user": writer.table("user", writer.users),
        "kg": writer.knowledge(),
        "link": writer.links(),
    }
    return {f"{name}.{end}": lines for end, lines in files.items() if len(lines) > 1}


class _Atomic:
    """Makes the lines of the files; the first is the header."""

    def __init__(self, graph: KnowledgeGraph, base_iri: str) -> None:
        self._graph = graph
        self._base = base_iri
        self._events = {t.subject for t in graph.triples(None, TYPE, _EVENT)}
        rated = {t for p in (*CHOICES, RATED_DOWN) for t in graph.triples(predicate=p)}
        of_events = {t for t in graph.triples(predicate=_OBJECT) if t.subject in self._events}
        agents = {t for t in graph.triples(predicate=_AGENT) if t.subject in self._events}
        stated = {t.subject for t in graph.triples(None, TYPE, USER)}
        nodes = {term for term in graph.terms[: graph.terms.iris] if isinstance(term, Iri)}
        self.users = sorted({*stated, *(t.subject for t in rated), *map(_node, agents)})
        below = {node for node in nodes if node.startswith(f"{base_iri}item/")} - _columns(nodes)
        self.items = sorted({*below, *map(_node, rated), *map(_node, of_events)})

    def interactions(self) -> list[bytes]:
        """Return a line for each event, and for what is chosen (1) or rated down (-1)."""
        rows: _Table = {}
        for event in sorted(self._events):
            values = self._literals(event, "event")
            users, items = (
                [o for p, o in self._said[event] if p == wanted and isinstance(o, Iri)]
                for wanted in (_AGENT, _OBJECT)
            )
            for user, item in product(users, items):
                rows["\t".join([self._id("user", user), self._id("item", item), event])] = values
        for predicate, value in (*((p, "1") for p in CHOICES), (RATED_DOWN, "-1")):
            for triple in self._graph.triples(predicate=predicate):
                ids = self._id("user", triple.subject), self._id("item", _node(triple))
                rows["\t".join([*ids, ""])] = {"rating": [Literal(value, XSD["double"])]}
        return _lines(["user_id", "item_id"], rows)

    def table(self, kind: str, nodes: Iterable[Iri]) -> list[bytes]:
        """Return a line for each node, with its literals."""
        rows = {self._id(kind, node): self._literals(node, kind) for node in nodes}
        return _lines([f"{kind}_id"], rows)

    def knowledge(self) -> list[bytes]:
        """Return a line for each fact between nodes."""
        lines = {
            "\t".join([self._id("entity", s), self._id("relation", p), self._id("entity", o)])
            for s, p, o in self._facts
        }
        return _file("head_id:token\trelation_id:token\ttail_id:token", sorted(lines))

    def links(self) -> list[bytes]:
        """Return a line for each item: the entity that it is, by a link or by its own facts."""
        known = {node for s, _, o in self._facts for node in (s, o)}
        lines = []
        for item in self.items:
            same = [o for p, o in self._said[item] if p == _SAME_AS and isinstance(o, Iri)]
            entities = same or [item]
            lines += [
                f"{self._id('item', item)}\t{self._id('entity', entity)}"
                for entity in entities
                if same or entity in known
            ]
        return _file("item_id:token\tentity_id:token", lines)

    @cached_property
    def _said(self) -> dict[Iri, list[tuple[Iri, Term]]]:
        """What is said of users, items and events."""
        found: dict[Iri, list[tuple[Iri, Term]]] = {
            node: [] for node in (*self.users, *self.items, *self._events)
        }
        for s, p, o in self._graph:
            if s in found:
                found[s].append((p, o))
        return found

    @cached_property
    def _facts(self) -> list[tuple[Iri, Iri, Iri]]:
        """The facts between nodes that are neither users nor events."""
        apart = {*self.users, *self._events}
        return [
            (s, p, o)
            for s, p, o in self._graph.select([FACTS, ""])
            if isinstance(o, Iri) and p != _SAME_AS and s not in apart
        ]

    def _literals(self, node: Iri, kind: str) -> dict[str, list[Literal]]:
        found: dict[str, list[Literal]] = defaultdict(list)
        for predicate, value in self._said[node]:
            if isinstance(value, Literal):
                found[self._column(predicate, kind)].append(value)
        return found

    def _column(self, predicate: Iri, kind: str) -> str:
        start = f"{self._base}{kind}/column/"
        own = unquote(predicate.removeprefix(start)) if predicate.startswith(start) else ""
        return own or _NAMES.get(predicate) or predicate.local_name

    def _id(self, kind: str, node: Iri) -> str:
        start = f"{self._base}{kind}/"
        name = unquote(node.removeprefix(start)) if node.startswith(start) else str(node)
        return _cell(name)


def _node(triple: tuple[Iri, Iri, Term]) -> Iri:
    """Return the object, which is a node."""
    return triple[2] if isinstance(triple[2], Iri) else triple[0]


def _columns(nodes: Iterable[Iri]) -> set[Iri]:
    return {node for node in nodes if "/column/" in node}


def _lines(ids: list[str], rows: _Table) -> list[bytes]:
    """Return header and lines; what stands behind the ids in a key only tells rows apart."""
    names = sorted({name for values in rows.values() for name in values} - set(ids))
    types = {name: _type([v for row in rows.values() for v in row.get(name, ())]) for name in names}
    header = [*(f"{name}:token" for name in ids), *(f"{name}:{types[name]}" for name in names)]
    lines = [
        "\t".join(
            [
                *key.split("\t")[: len(ids)],
                *(_joined(values.get(name, ()), types[name]) for name in names),
            ]
        )
        for key, values in rows.items()
    ]
    return _file("\t".join(header), lines)


def _type(values: list[Literal]) -> str:
    """Return the type of a column that RecBole has for its values."""
    if all(value.datatype in _NUMBERS for value in values):
        return "float"
    return "token_seq" if any(" " in value.value for value in values) else "token"


def _joined(values: Iterable[Literal], type_: str) -> str:
    found = [_cell(value.value) for value in values]
    return " ".join(found if type_ == "token_seq" else found[:1])


def _cell(text: str) -> str:
    """Return a text that stands in one cell of one line."""
    return " ".join(text.split())


def _file(header: str, lines: Iterable[str]) -> list[bytes]:
    return [f"{line}\n".encode() for line in (header, *lines)]
