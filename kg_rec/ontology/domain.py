"""The ontology of a domain: its classes, relations and named individuals."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Self

import pyoxigraph as ox

from kg_rec.errors import OntologyError, UnknownIdError
from kg_rec.ids import KGREC, OWL, RDF, RDFS, SCHEMA, SKOLEM, SKOS, XSD, Iri, Literal
from kg_rec.ontology.patterns import read_patterns
from kg_rec.ontology.reading import Facts, Node, Source, facts_of, parse, read_source, shipped_names
from kg_rec.ontology.terms import (
    ALT_LABEL,
    ITEM,
    LABEL,
    TYPE,
    Entity,
    Form,
    OntologyClass,
    Relation,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

__all__ = ["Ontology", "load"]

_CLASS_TYPES = {RDFS["Class"], OWL["Class"]}
_PROPERTY_TYPES = {
    RDF["Property"],
    OWL["ObjectProperty"],
    OWL["DatatypeProperty"],
    OWL["SymmetricProperty"],
    OWL["TransitiveProperty"],
    OWL["FunctionalProperty"],
    OWL["InverseFunctionalProperty"],
}
_DOMAINS = (RDFS["domain"], SCHEMA["domainIncludes"])
_RANGES = (RDFS["range"], SCHEMA["rangeIncludes"])
_INVERSE = (OWL["inverseOf"], SCHEMA["inverseOf"])
_DATATYPES = {
    SCHEMA["Boolean"]: XSD["boolean"],
    SCHEMA["Date"]: XSD["date"],
    SCHEMA["DateTime"]: XSD["dateTime"],
    SCHEMA["Float"]: XSD["double"],
    SCHEMA["Integer"]: XSD["integer"],
    SCHEMA["Number"]: XSD["decimal"],
    SCHEMA["Text"]: XSD["string"],
    SCHEMA["Time"]: XSD["time"],
    SCHEMA["URL"]: XSD["anyURI"],
}
"""Classes of schema.org whose values are literals."""


class Ontology:
    """The classes, relations and named individuals of a domain.

    Args:
        turtle: The ontology as Turtle.
        source: Its file name, for error messages.

    Attributes:
        turtle: The ontology as Turtle; of several files, all together.
        source: Names of the files.
        classes: Its classes, by IRI.
        relations: Its properties, by IRI.
        entities: Its named individuals, by IRI.
        missing: Imports that are neither shipped nor beside the file; nothing is fetched.
        patterns: Signs in text of its relations, hand-made or learned.

    Raises:
        OntologyError: The Turtle is broken, or a value is of the wrong kind.

    Examples:
        >>> movies = Ontology.load("movies")
        >>> movies.relation("director").words().format(object="Jane Campion")
        'directed by Jane Campion'
    """

    def __init__(self, turtle: str, source: str = "ontology") -> None:
        quads = parse(turtle, ox.RdfFormat.TURTLE, source)
        self._take(Source(turtle, source, facts_of(quads), ()))

    def _take(self, source: Source) -> None:
        self.turtle, self.source, facts, self.missing = source
        self.classes = {
            iri: _class(iri, node)
            for iri, node in sorted(facts.items())
            if (_has_type(node, _CLASS_TYPES) or KGREC["nerLabel"] in node)
            and not _is_anonymous(node)
        }
        self.patterns = read_patterns(facts, self.source)
        self._ancestors: dict[Iri, frozenset[Iri]] = {}
        inverses = _inverses(facts)
        self.relations = {
            iri: self._relation(iri, node, facts, tuple(sorted(inverses[iri])))
            for iri, node in sorted(facts.items())
            if _has_type(node, _PROPERTY_TYPES)
        }
        self.entities = {
            iri: Entity(iri, types, _labels(node), tuple(_iris(node, SKOS["broader"])))
            for iri, node in sorted(facts.items())
            if iri not in self.classes and iri not in self.relations
            if (types := tuple(t for t in _iris(node, TYPE) if t in self.classes))
        }
        self._individuals = {
            (name.casefold(), kind): entity.iri
            for entity in reversed(self.entities.values())
            for names in entity.labels.values()
            for name in names
            for kind in (None, *(a for t in entity.types for a in self.ancestors(t)))
        }

    @classmethod
    def load(cls, name: str | Path | Sequence[str | Path]) -> Self:
        """Read a shipped ontology by name (``"movies"``) or a file by path, or several together.

        Turtle, N3 that is Turtle, N-Triples, RDF/XML and JSON-LD are read. What a file imports
        (``owl:imports``) is read, too, if it is shipped or beside the file; nothing is fetched.
        ``https://schema.org/`` is read as ``http://schema.org/``.

        Raises:
            UnknownIdError: A name is neither shipped nor a file.
            OntologyError: A file is broken, or of an unknown kind.

        Examples:
            >>> Ontology.load("movies").item_class
            Iri('http://schema.org/Movie')
        """
        several = not isinstance(name, str) and not hasattr(name, "__fspath__")
        names: Sequence[str | Path] = list(name) if several else [name]  # type: ignore[arg-type, list-item]
        if not names:
            raise OntologyError("no ontology: expected a name or a file")
        ontology = cls.__new__(cls)
        ontology._take(read_source(names))  # noqa: SLF001 - this class
        return ontology

    @staticmethod
    def shipped() -> list[str]:
        """Return the names of the domain ontologies that come with the package."""
        return shipped_names()

    def relation(self, name: str) -> Relation:
        """Return a relation by IRI, local name or label."""
        for relation in self.relations.values():
            names = {relation.iri, relation.iri.local_name}
            if name in names.union(*relation.labels.values()):
                return relation
        known = [relation.iri.local_name for relation in self.relations.values()]
        raise UnknownIdError("relation", name, known)

    def entity(self, name: str, kind: Iri | None = None) -> Iri | None:
        """Return the individual of a class (or any) that bears a name, ignoring case."""
        return self._individuals.get((name.casefold(), kind))

    def ancestors(self, iri: Iri) -> frozenset[Iri]:
        """Return a class and all its superclasses."""
        if iri not in self._ancestors:
            found: set[Iri] = set()
            waiting = [iri]
            while waiting:
                current = waiting.pop()
                if current not in found:
                    found.add(current)
                    waiting += self.classes[current].parents if current in self.classes else ()
            self._ancestors[iri] = frozenset(found)
        return self._ancestors[iri]

    def is_a(self, iri: Iri, ancestor: Iri) -> bool:
        """Return whether a class is another one or below it."""
        return ancestor in self.ancestors(iri)

    @property
    def item_class(self) -> Iri:
        """The class of what is recommended: the first below ``kgrec:Item``, or that itself."""
        direct = (iri for iri, kind in self.classes.items() if ITEM in kind.parents)
        return next(direct, ITEM)

    @property
    def reasons(self) -> dict[Iri, float]:
        """The relations that count as reasons, with their weights."""
        return {r.iri: r.weight for r in self.relations.values() if r.reason}

    def _relation(self, iri: Iri, node: Node, facts: Facts, inverses: tuple[Iri, ...]) -> Relation:
        domains, ranges = (_classes(node, facts, terms) for terms in (_DOMAINS, _RANGES))
        return Relation(
            iri,
            _labels(node),
            next(iter(domains), None),
            next((r for r in ranges if self._is_named_in_text(r)), next(iter(ranges), None)),
            tuple(Form(o.value, o.language or "en") for o in _literals(node, KGREC["form"])),
            {o.language or "en": o.value for o in _literals(node, KGREC["wording"])},
            any(o.value in {"true", "1"} for o in _literals(node, KGREC["reason"])),
            self._weight(iri, node),
            domains,
            ranges,
            tuple(_iris(node, RDFS["subPropertyOf"])),
            inverses,
            OWL["SymmetricProperty"] in node.get(TYPE, ()),
            OWL["TransitiveProperty"] in node.get(TYPE, ()),
        )

    def _weight(self, iri: Iri, node: Node) -> float:
        weight = next((o.value for o in _literals(node, KGREC["weight"])), "1")
        try:
            return float(weight)
        except ValueError:
            msg = f"{self.source}: kgrec:weight of <{iri}> is {weight!r}, expected a number"
            raise OntologyError(msg) from None

    def _is_named_in_text(self, iri: Iri) -> bool:
        return any(self.classes[a].ner_labels for a in self.ancestors(iri) if a in self.classes)


def load(name: str | Path | Sequence[str | Path]) -> Ontology:
    """Read a shipped ontology by name or a file by path: :meth:`Ontology.load`.

    Examples:
        >>> load("movies").relation("actor").weight
        0.9
    """
    return Ontology.load(name)


def _has_type(node: Node, types: set[Iri]) -> bool:
    return any(t in types for t in node.get(TYPE, ()))


_EXPRESSIONS = {
    OWL["unionOf"],
    OWL["intersectionOf"],
    OWL["complementOf"],
    OWL["oneOf"],
    OWL["onProperty"],
}


def _is_anonymous(node: Node) -> bool:
    """Return whether a class is an expression without a name, as in a domain."""
    return bool(_EXPRESSIONS & node.keys()) and LABEL not in node


def _iris(node: Node, predicate: Iri) -> list[Iri]:
    return [o for o in node.get(predicate, ()) if isinstance(o, Iri)]


def _literals(node: Node, predicate: Iri) -> list[Literal]:
    return [o for o in node.get(predicate, ()) if isinstance(o, Literal)]


def _labels(node: Node) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for predicate in (LABEL, SKOS["prefLabel"], ALT_LABEL):
        for literal in _literals(node, predicate):
            found[literal.language or "en"][literal.value] = None
    return {language: tuple(names) for language, names in found.items()}


def _class(iri: Iri, node: Node) -> OntologyClass:
    ner = tuple(o.value for o in _literals(node, KGREC["nerLabel"]))
    parents = (p for p in _iris(node, RDFS["subClassOf"]) if not p.startswith(SKOLEM))
    return OntologyClass(iri, _labels(node), tuple(parents), ner)


def _classes(node: Node, facts: Facts, predicates: Iterable[Iri]) -> tuple[Iri, ...]:
    """Return the classes that the first of some predicates names; a union names each of its own."""
    for predicate in predicates:
        if stated := _iris(node, predicate):
            found = (kind for iri in stated for kind in _members(iri, facts))
            return tuple(dict.fromkeys(_DATATYPES.get(kind, kind) for kind in found))
    return ()


def _members(iri: Iri, facts: Facts) -> list[Iri]:
    """Return the classes of a union (OWL 2 Mapping to RDF), or the class itself."""
    node: Node = facts.get(iri, {})
    unions = _iris(node, OWL["unionOf"])
    if not unions:
        return [] if _is_anonymous(node) else [iri]
    return [kind for first in _list(unions[0], facts) for kind in _members(first, facts)]


def _list(head: Iri, facts: Facts) -> list[Iri]:
    """Return the members of an RDF list; a list that bites its tail ends there."""
    found: list[Iri] = []
    seen: set[Iri] = set()
    while head in facts and head not in seen:
        seen.add(head)
        found += _iris(facts[head], RDF["first"])
        head = next(iter(_iris(facts[head], RDF["rest"])), RDF["nil"])
    return found


def _inverses(facts: Facts) -> defaultdict[Iri, set[Iri]]:
    found: defaultdict[Iri, set[Iri]] = defaultdict(set)
    for iri, node in facts.items():
        for predicate in _INVERSE:
            for other in _iris(node, predicate):
                found[iri].add(other)
                found[other].add(iri)
    return found
