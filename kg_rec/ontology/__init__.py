"""The ontology is the configuration: classes, relations, how they are said, and which are reasons.

A domain is one Turtle file, or several: a published ontology and a file of lexical forms for it.
Beside RDFS, OWL, SKOS and schema.org it uses these terms of ours (``kgrec:`` is
``https://w3id.org/kg-rec/ns#``; ``ontologies/kgrec.ttl`` defines them):

==================  ========  ================================================================
term                on        meaning
==================  ========  ================================================================
``kgrec:Item``      class     superclass of what is recommended
``kgrec:nerLabel``  class     spaCy entity type that stands for the class: ``"PERSON"``
``kgrec:form``      property  how text says it: ``"directed by {object}"@en``
``kgrec:pattern``   property  sign in text of it: ``"{subject} <nsubj buy >dobj {object}"``
``kgrec:wording``   property  how an explanation says it: ``"directed by {object}"@en``
``kgrec:reason``    property  ``true`` if shared values are reasons to recommend
``kgrec:weight``    property  weight of those reasons, default 1
``kgrec:question``  property  how people ask for it: ``"wrote|script"@en``
``kgrec:more``      property  how people compare upward by it: ``"newer"@en``; so ``kgrec:less``
==================  ========  ================================================================

``rdfs:label`` and ``skos:altLabel`` name classes and individuals in text.
"""

from __future__ import annotations

from kg_rec.ontology.domain import Ontology, load
from kg_rec.ontology.patterns import ANY_NAME, ANY_RELATION, Pattern, Patterns
from kg_rec.ontology.reading import canonical
from kg_rec.ontology.terms import (
    ALT_LABEL,
    CONCEPT,
    CRITICISED_FOR,
    DISLIKES,
    ITEM,
    LABEL,
    LIKED_WITH,
    LIKES,
    PERSON,
    PRAISED_FOR,
    PREDICTED_TO_LIKE,
    RARELY_LIKED_WITH,
    RATED_DOWN,
    RATED_UP,
    RELATED_TO,
    SHARES_LIKERS,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
    TYPE,
    USER,
    Entity,
    Form,
    OntologyClass,
    Relation,
)

__all__ = [
    "ALT_LABEL",
    "ANY_NAME",
    "ANY_RELATION",
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
    "Ontology",
    "OntologyClass",
    "Pattern",
    "Patterns",
    "Relation",
    "canonical",
    "load",
]
