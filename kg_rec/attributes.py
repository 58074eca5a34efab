"""Attributes that someone asks for, as in ``{"genre": ["Crime", "-Horror"]}``, as preferences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from kg_rec.errors import DataError, UnknownIdError
from kg_rec.explanations.words import relation_name
from kg_rec.sources import Preference
from kg_rec.vectors import FACT_BLOCKS, LINKED

if TYPE_CHECKING:
    from kg_rec.explanations.names import NodeNames
    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology
    from kg_rec.vectors import ItemVectors

__all__ = ["NOT", "AttributeReader"]

NOT = "-"
"""Before a name: items with it are to be avoided."""


class AttributeReader:
    """Reads attributes: relations by IRI, local name or label, entities by IRI or name.

    Args:
        vectors: All item vectors; their columns say what items have.
        names: Names of nodes and relations.
        ontology: Labels of relations.
    """

    def __init__(self, vectors: ItemVectors, names: NodeNames, ontology: Ontology) -> None:
        self._vectors = vectors
        self._names = names
        self._ontology = ontology

    def read(self, attributes: Mapping[str, str | Sequence[str]]) -> list[Preference]:
        """Return what is asked for as preferences of full strength.

        A name that several entities have means all of them.

        Raises:
            UnknownIdError: There is no such relation, or no item has the entity by it.
            DataError: A value is no name, or the relation joins items to no entities.
        """
        if not isinstance(attributes, Mapping):
            raise DataError(f"attributes: found {attributes!r}, expected relation to names")
        return [
            preference
            for name, values in attributes.items()
            for value in _texts(name, values)
            for preference in self._preferences(name, value)
        ]

    def _preferences(self, name: str, value: str) -> list[Preference]:
        relation = self._relation(name)
        strength, entity = (-1.0, value[len(NOT) :]) if value.startswith(NOT) else (1.0, value)
        objects = self._objects[relation]
        nodes = [node for node in self._names.nodes(entity) if node in objects]
        label = self._names.graph.label
        if not nodes:
            raise UnknownIdError(name, entity, map(label, objects))
        return [Preference(node, strength, label(node), (), relation) for node in nodes]

    def _relation(self, name: str) -> Iri:
        found = self.relations.get(name) or self.relations.get(name.casefold())
        if found is not None:
            return found
        if self._names.has_relation(name):
            raise DataError(f"attributes: {name!r} joins items to no entities; try a filter")
        raise UnknownIdError("relation", name, self.relations)

    @cached_property
    def _objects(self) -> dict[Iri, dict[Iri, None]]:
        """What items have by each relation."""
        found: dict[Iri, dict[Iri, None]] = defaultdict(dict)
        for column in self._vectors.columns:
            if column.block in FACT_BLOCKS and column.predicate != LINKED:
                found[column.predicate][column.object] = None
        return found

    @cached_property
    def relations(self) -> dict[str, Iri]:
        """The relations that can be asked for, by IRI, local name and label, small letters too."""
        found: dict[str, Iri] = {}
        for iri in self._objects:
            labels = [relation_name(self._ontology, iri, language) for language in ("en", "zh")]
            if (relation := self._ontology.relations.get(iri)) is not None:
                labels += [name for names in relation.labels.values() for name in names]
            for name in (str(iri), iri.local_name, *labels):
                found.setdefault(name, iri)
                found.setdefault(name.casefold(), iri)
        return found


def _texts(name: str, values: Any) -> list[str]:
    """Return the names that are asked for by a relation."""
    texts = [values] if isinstance(values, str) else values
    if not isinstance(texts, Sequence) or not all(isinstance(t, str) and t for t in texts):
        raise DataError(f"attributes: {name!r} is {values!r}, expected a name or a list of names")
    return list(texts)
