"""The relations that hold in every domain: what an item's text says in passing, and likeness.

An ontology that states one of them itself has the say: its weight and its wording are used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.ids import KGREC, SCHEMA, Iri, Namespace
from kg_rec.ontology.terms import CONCEPT, Relation

if TYPE_CHECKING:
    from kg_rec.ontology.domain import Ontology

__all__ = ["HAS_WORD", "MENTIONS", "SIMILAR_CONCEPT", "TEXT_RELATIONS", "WORD", "described"]

HAS_WORD = KGREC["hasWord"]
"""From an item to a content word of its texts."""
MENTIONS = SCHEMA["mentions"]
"""From an item to what its texts name in passing."""
SIMILAR_CONCEPT = KGREC["similarConcept"]
"""Between concepts that are close in meaning; a sub-property of ``skos:related``."""
WORD = Namespace("http://www.w3.org/ns/lemon/ontolex#")["Word"]
"""Class of the words of ``HAS_WORD`` (OntoLex-Lemon)."""

TEXT_RELATIONS = {
    HAS_WORD: Relation(
        HAS_WORD,
        {"en": ("word",)},
        range=WORD,
        wordings={"en": "whose text says “{object}”", "zh": "文中提到“{object}”"},
    ),
    MENTIONS: Relation(
        MENTIONS,
        {"en": ("mention",)},
        wordings={"en": "whose text mentions {object}", "zh": "文中提到{object}"},
    ),
    SIMILAR_CONCEPT: Relation(
        SIMILAR_CONCEPT,
        {"en": ("similar concept",)},
        domain=CONCEPT,
        range=CONCEPT,
        wordings={"en": "close in meaning to {object}", "zh": "与{object}意思相近"},
    ),
}
"""The relations of this module, as an ontology would describe them."""


def described(ontology: Ontology, predicate: Iri) -> Relation:
    """Return what is known of a relation: from the ontology, or from ``TEXT_RELATIONS``.

    Raises:
        KeyError: Neither has it.
    """
    return ontology.relations.get(predicate) or TEXT_RELATIONS[predicate]
