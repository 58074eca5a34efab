"""What is around a node: its links, grouped by relation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.errors import DataError, UnknownIdError
from kg_rec.graph.inference import INFERRED
from kg_rec.graph.provenance import RECOMMENDATION_GRAPH
from kg_rec.ids import PREFIXES, Iri, Literal
from kg_rec.ontology import ALT_LABEL, LABEL, TYPE
from kg_rec.statements import DERIVED, USERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Term
    from kg_rec.ontology import Ontology

__all__ = ["KINDS", "Group", "Neighbour", "Neighbourhood", "find_node", "neighbourhood"]

KINDS = {
    "fact": "a fact from tables or files",
    "text": "a fact read in a text",
    "inferred": "inferred",
    "users": "what users did or said",
    "derived": "a link that the model learned",
}
"""Kinds of links, in the order of the legend."""

GROUPS = 9
"""Most groups of a side."""
BOXES = 18
"""About as many boxes a side has, when its groups have more."""
IN_GROUP = 6
"""Most boxes of a group."""


class Neighbour(NamedTuple):
    """A node or a value at the other end of a link.

    Attributes:
        label: Its name.
        caption: What it is.
        kind: One of ``KINDS``.
        quote: A passage that states the link; empty if there is none.
    """

    label: str
    caption: str
    kind: str
    quote: str


class Group(NamedTuple):
    """Links of one relation in one direction.

    Attributes:
        relation: Name of the relation.
        out: Whether they start at the node.
        shown: Those that are drawn.
        more: How many are not.
    """

    relation: str
    out: bool
    shown: tuple[Neighbour, ...]
    more: int

    @property
    def heading(self) -> str:
        """The relation with an arrow in its direction, seen from the node."""
        return f"{self.relation} →" if self.out else f"← {self.relation}"

    @property
    def words(self) -> str:
        """The same in words."""
        return f"“{self.relation}” {'leads to' if self.out else 'comes from'}"

    @property
    def sentence(self) -> str:
        """All of it in words."""
        more = f" and {self.more:,} more" if self.more else ""
        return f"{self.words} {', '.join(n.label for n in self.shown)}{more}"

    @property
    def is_learned(self) -> bool:
        """Whether the model learned all of these links."""
        return all(neighbour.kind == "derived" for neighbour in self.shown)


@dataclass(frozen=True)
class Neighbourhood:
    """What is around a node.

    Attributes:
        node: The node.
        label: Its name.
        caption: Its classes.
        groups: Links: those that start at the node, then those that lead to it; facts, then what
            the model learned; small groups first. Of learned links only those that start at the
            node, where there are any: those that lead to it are much the same.
        left_out: How many groups of each side are not shown: (out, in).
        links: How many links these are in all, drawn or not.
    """

    node: Iri
    label: str
    caption: str
    groups: tuple[Group, ...]
    left_out: tuple[int, int]
    links: int

    @property
    def kinds(self) -> list[str]:
        """The kinds of links that are shown, in the order of the legend."""
        used = {neighbour.kind for group in self.groups for neighbour in group.shown}
        return [kind for kind in KINDS if kind in used]

    def _repr_html_(self) -> str:
        from kg_rec.report.fragments import picture_fragment  # noqa: PLC0415 - imports templates
        from kg_rec.report.neighbourhood_drawing import render_neighbourhood  # noqa: PLC0415

        groups = "; ".join(group.sentence for group in self.groups)
        said = f"What is around {self.label}: {groups or 'nothing'}"
        return picture_fragment(render_neighbourhood(self, page=False), said)


# --- which node ----------------------------------------------------------------------------------


def find_node(graph: KnowledgeGraph, name: str, items: Mapping[str, Iri] | None = None) -> Iri:
    """Return the node that someone means.

    Args:
        graph: The graph.
        name: An IRI, in full or with a known prefix; the id of an item; or a label, in any case.
        items: Id of an item to its node.

    Raises:
        UnknownIdError: There is none; close names are told.
        DataError: The name is that of several nodes; they are told.
    """
    prefix, colon, end = name.partition(":")
    for iri in (name, PREFIXES.get(prefix, "") + end if colon else "", (items or {}).get(name, "")):
        if iri and (code := graph.terms.code_of_key(iri.encode())) is not None:
            return Iri(str(graph.terms[code]))
    named: dict[str, set[Iri]] = {}
    for predicate in (LABEL, ALT_LABEL):
        for s, _, o in graph.triples(predicate=predicate):
            named.setdefault(graph.label(o).casefold(), set()).add(s)
    found = sorted(named.get(name.casefold(), ()))
    if not found:
        labels = {graph.label(iri) for nodes in named.values() for iri in nodes}
        raise UnknownIdError("entity", name, labels)
    if len(found) > 1:
        some = ", ".join(f"{iri} ({_classes(graph, iri) or 'no class'})" for iri in found[:5])
        raise DataError(f"{name!r} is the name of {len(found)} nodes; give one: {some}")
    return found[0]


def _classes(graph: KnowledgeGraph, term: Term) -> str:
    kinds = graph.types.get(term, ()) if isinstance(term, Iri) else ()
    return ", ".join(sorted({graph.label(kind) for kind in kinds}))


# --- what is around it ---------------------------------------------------------------------------


def neighbourhood(
    graph: KnowledgeGraph, node: Iri, ontology: Ontology | None = None, *, users: bool = False
) -> Neighbourhood:
    """Return what is around a node.

    Args:
        graph: The graph.
        node: The node.
        ontology: Names of relations.
        users: Whether what users did and said is part of it.

    Raises:
        UnknownIdError: The node is not in the graph.
    """
    collector = _Collector(graph, node, ontology, users=users)
    sides = [collector.groups(out=out) for out in (True, False)]
    learned = {group.relation for group in sides[0] if group.is_learned}
    sides[1] = [g for g in sides[1] if not (g.is_learned and g.relation in learned)]
    if not any(sides) and graph.terms.code(node) is None:
        raise UnknownIdError("node", node)
    return Neighbourhood(
        node,
        graph.label(node),
        _classes(graph, node),
        tuple(group for side in sides for group in _limited(side)),
        (max(0, len(sides[0]) - GROUPS), max(0, len(sides[1]) - GROUPS)),
        sum(len(group.shown) for side in sides for group in side),
    )


def _limited(groups: Sequence[Group]) -> Iterator[Group]:
    """Yield the groups of a side that are shown, each with as many neighbours as there is room."""
    kept = groups[:GROUPS]
    room = max(2, BOXES // max(len(kept), 1))
    for group in kept:
        most = min(IN_GROUP, room)
        most += len(group.shown) == most + 1  # "and 1 more" takes no less room
        yield group._replace(shown=group.shown[:most], more=max(0, len(group.shown) - most))


class _Collector:
    """Collects the links of a node."""

    def __init__(
        self, graph: KnowledgeGraph, node: Iri, ontology: Ontology | None, *, users: bool
    ) -> None:
        self._graph = graph
        self._node = node
        self._relations = ontology.relations if ontology is not None else {}
        hidden = {str(RECOMMENDATION_GRAPH), *(() if users else (USERS,))}
        self._hidden = [n for n, name in enumerate(graph.part_names) if name in hidden]
        self._read = np.zeros(len(graph), dtype=bool)
        self._read[graph.spans[:, 0]] = True

    def groups(self, *, out: bool) -> list[Group]:
        """Return the links of one direction, all of them, small groups first."""
        graph = self._graph
        rows = graph.rows(subject=self._node) if out else graph.rows(object=self._node)
        rows = rows[~np.isin(graph.part_codes[rows], self._hidden)]
        found: dict[Iri, dict[Term, list[int]]] = {}
        for row in rows.tolist():
            s, p, o = (graph.terms[code] for code in graph.triple_codes[row].tolist())
            if out and p in {TYPE, LABEL}:
                continue
            found.setdefault(Iri(str(p)), {}).setdefault(o if out else s, []).append(row)
        groups = [
            Group(self._relation(relation), out, tuple(self._neighbours(ends)), 0)
            for relation, ends in found.items()
        ]
        return sorted(groups, key=lambda g: (g.is_learned, len(g.shown), g.relation))

    def _neighbours(self, ends: Mapping[Term, list[int]]) -> Iterator[Neighbour]:
        """Yield the other ends, the strongest link first, then by name."""
        graph = self._graph
        strength = {end: -abs(graph.strengths[rows]).max() for end, rows in ends.items()}
        for end in sorted(ends, key=lambda e: (strength[e], graph.label(e), str(e))):
            rows = ends[end]
            yield Neighbour(graph.label(end), self._caption(end), *self._origin(rows))

    def _origin(self, rows: Sequence[int]) -> tuple[str, str]:
        """Return the kind of a link, and a passage that states it."""
        graph = self._graph
        read = [row for row in rows if self._read[row]]
        if read:
            triple = next(graph.take(np.array(read[:1])).statements())
            users = triple.part == USERS
            return ("users" if users else "text"), triple.evidence[0].text
        parts = [graph.part_names[graph.part_codes[row]] for row in rows]
        names = [graph.extractor_names[graph.extractors[row]] for row in rows]
        if all(part in {USERS, DERIVED} for part in parts):
            return ("users" if USERS in parts else "derived"), ""
        return ("inferred" if all(n.startswith(INFERRED) for n in names) else "fact"), ""

    def _caption(self, term: Term) -> str:
        if isinstance(term, Literal):
            kind = f"text, {term.language}" if term.language else "text"
            return term.datatype.local_name if term.datatype else kind
        return _classes(self._graph, term) or "no class"

    def _relation(self, predicate: Iri) -> str:
        known = self._relations.get(predicate)
        if known is not None and known.labels.get("en"):
            return str(known.labels["en"][0])
        return _spaced(self._graph.label(predicate))


def _spaced(name: str) -> str:
    """Return "date published" of "datePublished"."""
    if " " in name or not name[:1].islower():
        return name
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
