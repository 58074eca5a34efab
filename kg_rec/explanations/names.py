"""What people call the nodes and relations of a graph."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from kg_rec.errors import DataError, UnknownIdError
from kg_rec.ids import Iri, Literal
from kg_rec.ontology import ALT_LABEL, LABEL
from kg_rec.ontology.texts import TEXT_RELATIONS
from kg_rec.statements import USERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology

__all__ = ["NodeNames"]

_SHOWN = 3
"""Most nodes that a message names."""


class NodeNames:
    """Finds nodes by id, IRI or name, and relations by IRI, local name or label.

    Args:
        graph: The graph.
        ontology: Names of relations.
        ids: Nodes by an id of their own, as items have.
    """

    def __init__(
        self, graph: KnowledgeGraph, ontology: Ontology, ids: Mapping[str, Iri] | None = None
    ) -> None:
        self.graph = graph
        self.ontology = ontology
        self.ids = ids or {}

    def node(self, name: str) -> Iri:
        """Return the node of an id, an IRI or a name (ignoring case; labels before other names).

        Raises:
            UnknownIdError: There is none.
            DataError: Several nodes have the name.
        """
        found = self.nodes(name)
        if not found:
            raise UnknownIdError("node", name, [*self.ids, *self._public(LABEL)])
        if len(found) > 1:
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            several = ", ".join(f"<{node}>" for node in found[:_SHOWN])
            raise DataError(f"{name!r} names several nodes: {several}{more}; give one of these")
        return found[0]

    def nodes(self, name: str) -> tuple[Iri, ...]:
        """Return all nodes that an id, an IRI or a name may mean; none if it means nothing."""
        if name in self.ids:
            return (self.ids[name],)
        if (node := self._iri(name)) is not None:
            return (node,)
        key = name.strip().casefold()
        return tuple(self._names.get(key) or self._others.get(key) or ())

    @property
    def known(self) -> set[str]:
        """Ids, names (in lower case), and names of relations; those of people's part apart."""
        names = (*self._public(LABEL), *self._public(ALT_LABEL))
        return {*self.ids, *names, *self._relations}

    def _public(self, predicate: Iri) -> set[str]:
        """Return the names that may be told to anybody: not those that only users brought."""
        rows = self.graph.rows(predicate=predicate)
        rows = rows[self.graph.part_codes[rows] != self.graph.part_names.index(USERS)]
        codes = set(self.graph.triple_codes[rows, 2].tolist())
        return {self.graph.label(self.graph.terms[code]).casefold() for code in codes}

    def relation(self, name: str) -> Iri:
        """Return the relation of an IRI, a local name or a label.

        Raises:
            UnknownIdError: There is none.
        """
        if name not in self._relations:
            raise UnknownIdError("relation", name, self._relations)
        return self._relations[name]

    def has_relation(self, name: str) -> bool:
        """Return whether a name is one of a relation."""
        return name in self._relations

    def _iri(self, name: str) -> Iri | None:
        """Return the node whose IRI a text is; ``<…>`` around it is fine."""
        try:
            node = Iri(name.removeprefix("<").removesuffix(">"))
        except DataError:
            return None
        code = self.graph.terms.code(node)
        return node if code is not None and code < self.graph.terms.nodes else None

    @cached_property
    def _names(self) -> dict[str, list[Iri]]:
        return self._named(LABEL)

    @cached_property
    def _others(self) -> dict[str, list[Iri]]:
        return self._named(ALT_LABEL)

    def _named(self, predicate: Iri) -> dict[str, list[Iri]]:
        found: dict[str, dict[Iri, None]] = defaultdict(dict)
        for triple in self.graph.triples(predicate=predicate):
            if isinstance(triple.object, Literal):
                found[triple.object.value.strip().casefold()][triple.subject] = None
        return {name: list(nodes) for name, nodes in found.items()}

    @cached_property
    def _relations(self) -> dict[str, Iri]:
        """Names of the relations that the graph uses or the ontology has; IRIs come first."""
        terms = self.graph.terms
        used = {Iri(str(terms[code])) for code in set(self.graph.triple_codes[:, 1].tolist())}
        described = {**TEXT_RELATIONS, **self.ontology.relations}
        known = sorted({*used, *described})
        found: dict[str, Iri] = {str(iri): iri for iri in known}
        for iri in known:
            found.setdefault(iri.local_name, iri)
        for iri, relation in described.items():
            for names in relation.labels.values():
                for name in names:
                    found.setdefault(name, iri)
        return found
