"""The ontology is the configuration: classes, relations, how they are said, and which are reasons.

A domain is one Turtle file. Beside RDFS, SKOS and schema.org it uses these terms of ours
(``kgrec:`` is ``https://w3id.org/kg-rec/ns#``):

==================  ========  ================================================================
term                on        meaning
==================  ========  ================================================================
``kgrec:Item``      class     superclass of what is recommended
``kgrec:nerLabel``  class     spaCy entity type that stands for the class: ``"PERSON"``
``kgrec:form``      property  how text says it: ``"directed by {object}"@en``
``kgrec:wording``   property  how an explanation says it: ``"directed by {object}"@en``
``kgrec:reason``    property  ``true`` if shared values are reasons to recommend
``kgrec:weight``    property  weight of those reasons, default 1
==================  ========  ================================================================

``rdfs:label`` and ``skos:altLabel`` name classes and individuals in text.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg_rec.errors import OntologyError, UnknownIdError
from kg_rec.ids import KGREC, OWL, RDF, RDFS, SCHEMA, SKOS, Iri, Literal, Term, triple_from_oxigraph

__all__ = [
    "CONCEPT",
    "DISLIKES",
    "ITEM",
    "LABEL",
    "LIKED_WITH",
    "LIKES",
    "PERSON",
    "RARELY_LIKED_WITH",
    "RATED_DOWN",
    "RATED_UP",
    "SIMILAR_IN_GRAPH",
    "SIMILAR_IN_TEXT",
    "TYPE",
    "USER",
    "Entity",
    "Form",
    "Ontology",
    "OntologyClass",
    "Relation",
]

TYPE = RDF["type"]
LABEL = RDFS["label"]
ALT_LABEL = SKOS["altLabel"]
CONCEPT = SKOS["Concept"]
PERSON = SCHEMA["Person"]
ITEM = KGREC["Item"]
USER = KGREC["User"]
LIKES = KGREC["likes"]
DISLIKES = KGREC["dislikes"]
RATED_UP = KGREC["ratedUp"]
RATED_DOWN = KGREC["ratedDown"]
LIKED_WITH = KGREC["likedWith"]
RARELY_LIKED_WITH = KGREC["rarelyLikedWith"]
SIMILAR_IN_GRAPH = KGREC["similarInGraph"]
SIMILAR_IN_TEXT = KGREC["similarInText"]

_SHIPPED = (
    Path(__file__).parent / "ontologies",  # in a wheel
    Path(__file__).parent.parent / "ontologies",  # in a checkout
)
_Node = dict[Iri, list[Term]]
_Facts = dict[Iri, _Node]


class Form(NamedTuple):
    """A lexical form: a phrase with ``{object}`` and, where it helps, ``{subject}``."""

    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Entity:
    """An individual named by the ontology, such as a genre.

    Attributes:
        iri: Its IRI.
        types: Its classes.
        labels: Language to names, the preferred one first.
    """

    iri: Iri
    types: tuple[Iri, ...]
    labels: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class OntologyClass:
    """A class of entities.

    Attributes:
        iri: Its IRI.
        labels: Language to nouns for it, the preferred one first: ``{"en": ("film", "movie")}``.
        parents: Its direct superclasses.
        ner_labels: spaCy entity types that stand for it, as in ``("PERSON",)``.
    """

    iri: Iri
    labels: dict[str, tuple[str, ...]]
    parents: tuple[Iri, ...] = ()
    ner_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Relation:
    """A property of entities.

    Attributes:
        iri: Its IRI.
        labels: Language to names, the preferred one first.
        domain: Class of its subjects, if stated.
        range: Class or datatype of its objects, if stated.
        forms: How text says it.
        wordings: Language to the phrase that an explanation uses.
        reason: True if a shared value is a reason to recommend.
        weight: Weight of such reasons.
    """

    iri: Iri
    labels: dict[str, tuple[str, ...]]
    domain: Iri | None = None
    range: Iri | None = None
    forms: tuple[Form, ...] = ()
    wordings: dict[str, str] = field(default_factory=dict)
    reason: bool = False
    weight: float = 1.0

    def words(self, language: str = "en") -> str:
        """Return the wording of an explanation, with ``{object}`` in it."""
        label = self.labels.get(language, (self.iri.local_name,))[0]
        return self.wordings.get(language, f"{label} {{object}}")


class Ontology:
    """The classes, relations and named individuals of a domain.

    Args:
        turtle: The ontology as Turtle.
        source: Its file name, for error messages.

    Raises:
        OntologyError: The Turtle is broken, or a value is of the wrong kind.

    Examples:
        >>> movies = Ontology.load("movies")
        >>> movies.relation("director").words().format(object="Jane Campion")
        'directed by Jane Campion'
    """

    def __init__(self, turtle: str, source: str = "ontology") -> None:
        self.turtle = turtle
        self.source = source
        facts = _read(turtle, source)
        self.classes = {
            iri: _class(iri, node)
            for iri, node in sorted(facts.items())
            if _has_type(node, _CLASS_TYPES)
        }
        self.relations = {
            iri: self._relation(iri, node)
            for iri, node in sorted(facts.items())
            if _has_type(node, _PROPERTY_TYPES)
        }
        self.entities = {
            iri: Entity(iri, types, _labels(node))
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
    def load(cls, name: str | Path) -> Ontology:
        """Read a shipped ontology by name (``"movies"``) or a Turtle file by path."""
        candidates = [Path(name), *(folder / f"{name}.ttl" for folder in _SHIPPED)]
        path = next((p for p in candidates if p.is_file()), None)
        if path is None:
            raise UnknownIdError("ontology", name, cls.shipped())
        try:
            return cls(path.read_text(encoding="utf-8"), path.name)
        except UnicodeDecodeError as error:
            msg = f"{path}: byte {error.start} is not UTF-8"
            raise OntologyError(msg) from None

    @staticmethod
    def shipped() -> list[str]:
        """Return the names of the ontologies that come with the package."""
        return sorted({p.stem for folder in _SHIPPED for p in folder.glob("*.ttl")})

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
        found: set[Iri] = set()
        waiting = [iri]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting += self.classes[current].parents if current in self.classes else ()
        return frozenset(found)

    def is_a(self, iri: Iri, ancestor: Iri) -> bool:
        """Return whether a class is another one or below it."""
        return ancestor in self.ancestors(iri)

    @property
    def item_class(self) -> Iri:
        """The class of what is recommended: the first below ``kgrec:Item``, or that itself."""
        return next((iri for iri in self.classes if iri != ITEM and self.is_a(iri, ITEM)), ITEM)

    @property
    def reasons(self) -> dict[Iri, float]:
        """The relations that count as reasons, with their weights."""
        return {r.iri: r.weight for r in self.relations.values() if r.reason}

    def _relation(self, iri: Iri, node: _Node) -> Relation:
        weight = next((o.value for o in _literals(node, KGREC["weight"])), "1")
        try:
            number = float(weight)
        except ValueError:
            msg = f"{self.source}: kgrec:weight of <{iri}> is {weight!r}, expected a number"
            raise OntologyError(msg) from None
        return Relation(
            iri,
            _labels(node),
            next(iter(_iris(node, RDFS["domain"])), None),
            next(iter(_iris(node, RDFS["range"])), None),
            tuple(Form(o.value, o.language or "en") for o in _literals(node, KGREC["form"])),
            {o.language or "en": o.value for o in _literals(node, KGREC["wording"])},
            any(o.value in {"true", "1"} for o in _literals(node, KGREC["reason"])),
            number,
        )


_CLASS_TYPES = {RDFS["Class"], OWL["Class"]}
_PROPERTY_TYPES = {
    RDF["Property"],
    OWL["ObjectProperty"],
    OWL["DatatypeProperty"],
}


def _read(turtle: str, source: str) -> _Facts:
    facts: _Facts = defaultdict(lambda: defaultdict(list))
    try:
        for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE):
            subject, predicate, value = triple_from_oxigraph(quad)
            facts[subject][predicate].append(value)
    except SyntaxError as error:
        msg = f"{source}, line {error.lineno}: not Turtle: {error.msg}"
        raise OntologyError(msg) from None
    return facts


def _has_type(node: _Node, types: set[Iri]) -> bool:
    return any(t in types for t in node.get(TYPE, ()))


def _iris(node: _Node, predicate: Iri) -> list[Iri]:
    return [o for o in node.get(predicate, ()) if isinstance(o, Iri)]


def _literals(node: _Node, predicate: Iri) -> list[Literal]:
    return [o for o in node.get(predicate, ()) if isinstance(o, Literal)]


def _labels(node: _Node) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for predicate in (LABEL, SKOS["prefLabel"], ALT_LABEL):
        for literal in _literals(node, predicate):
            found[literal.language or "en"][literal.value] = None
    return {language: tuple(names) for language, names in found.items()}


def _class(iri: Iri, node: _Node) -> OntologyClass:
    ner = tuple(o.value for o in _literals(node, KGREC["nerLabel"]))
    return OntologyClass(iri, _labels(node), tuple(_iris(node, RDFS["subClassOf"])), ner)
