"""What an ontology is made of: forms, classes, relations, individuals; and the terms of ours."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from kg_rec.ids import KGREC, RDF, RDFS, SCHEMA, SKOS, Iri

__all__ = [
    "ALT_LABEL",
    "CONCEPT",
    "CRITICISED_FOR",
    "DISLIKES",
    "ITEM",
    "LABEL",
    "LIKED_WITH",
    "LIKES",
    "PERSON",
    "PRAISED_FOR",
    "PREDICTED_TO_LIKE",
    "RARELY_LIKED_WITH",
    "RATED_DOWN",
    "RATED_UP",
    "RELATED_TO",
    "SHARES_LIKERS",
    "SIMILAR_IN_GRAPH",
    "SIMILAR_IN_TEXT",
    "TYPE",
    "USER",
    "Entity",
    "Form",
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
PRAISED_FOR = KGREC["praisedFor"]
CRITICISED_FOR = KGREC["criticisedFor"]
RATED_UP = KGREC["ratedUp"]
RATED_DOWN = KGREC["ratedDown"]
LIKED_WITH = KGREC["likedWith"]
RARELY_LIKED_WITH = KGREC["rarelyLikedWith"]
RELATED_TO = KGREC["relatedTo"]
PREDICTED_TO_LIKE = KGREC["predictedToLike"]
SHARES_LIKERS = KGREC["sharesLikersWith"]
SIMILAR_IN_GRAPH = KGREC["similarInGraph"]
SIMILAR_IN_TEXT = KGREC["similarInText"]


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
        broader: The concepts that it is a kind of (``skos:broader``).
    """

    iri: Iri
    types: tuple[Iri, ...]
    labels: dict[str, tuple[str, ...]]
    broader: tuple[Iri, ...] = ()


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
        domain: Class of its subjects, if stated; the first of ``domains``.
        range: Class or datatype of its objects, if stated; the first of ``ranges`` that text can
            name (a class with an entity type), else the first.
        forms: How text says it.
        wordings: Language to the phrase that an explanation uses.
        reason: True if a shared value is a reason to recommend.
        weight: Weight of such reasons.
        domains: Classes of its subjects, any of which will do.
        ranges: Classes or datatypes of its objects, any of which will do.
        parents: The properties that it implies (``rdfs:subPropertyOf``).
        inverses: The properties that say the same from object to subject, stated on either side.
        symmetric: True if it holds both ways (``owl:SymmetricProperty``).
        transitive: True if it chains (``owl:TransitiveProperty``).
    """

    iri: Iri
    labels: dict[str, tuple[str, ...]]
    domain: Iri | None = None
    range: Iri | None = None
    forms: tuple[Form, ...] = ()
    wordings: dict[str, str] = field(default_factory=dict)
    reason: bool = False
    weight: float = 1.0
    domains: tuple[Iri, ...] = ()
    ranges: tuple[Iri, ...] = ()
    parents: tuple[Iri, ...] = ()
    inverses: tuple[Iri, ...] = ()
    symmetric: bool = False
    transitive: bool = False

    def words(self, language: str = "en") -> str:
        """Return the wording of an explanation, with ``{object}`` in it."""
        label = self.labels.get(language, (self.iri.local_name,))[0]
        return self.wordings.get(language, f"{label} {{object}}")
