"""How people ask for and compare what an ontology describes.

Besides labels and lexical forms an ontology may say

* ``kgrec:question``: words that ask for the values of a relation, as in ``"wrote|script"``;
* ``kgrec:more`` and ``kgrec:less``: words that compare by it, as in ``"newer|more recent"``;
* ``skos:hiddenLabel``: words that mean an individual in a wish, as ``"scary"`` means horror, but
  are no name of it in prose.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kg_rec.ids import KGREC, SKOS, XSD, Iri, Literal
from kg_rec.ontology.reading import facts_of, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kg_rec.ontology.domain import Ontology
    from kg_rec.ontology.reading import Node
    from kg_rec.ontology.terms import Relation

__all__ = ["MOMENTS", "NUMBERS", "RelationWords", "Speech", "speech_of"]

MOMENTS = frozenset(XSD[n] for n in ("gYear", "date", "dateTime", "gYearMonth"))
"""Datatypes of moments: "when" asks for them."""
NUMBERS = MOMENTS | {
    XSD[name] for name in ("integer", "int", "decimal", "double", "float", "nonNegativeInteger")
}
"""Datatypes whose values have an order."""
_LATER = {
    "en": ("newer", "more recent", "later", "more modern", "more current", "recent", "fresher"),
    "zh": ("新", "近", "晚"),
}
_EARLIER = {
    "en": ("older", "earlier", "less recent", "more classic"),
    "zh": ("老", "旧", "早"),
}
_VERBS = re.compile(r"([\w|-]+) (?:\([\w|]+\) )?by \{object\}")
_CHINESE_VERBS = re.compile(r"由 \{object\}(?: \([^)]*\))* ([\w|、]+)$")
_LINKS = re.compile(r"(?:\{subject\} )?([a-z|]+) \{object\}")


class RelationWords(NamedTuple):
    """Words of a relation in one language.

    Attributes:
        asking: Words that ask for it, in lower case: its names, verbs, ``kgrec:question``.
        links: Words between an item and a value, as in ``("by", "from")``.
        more: Words that compare upward.
        less: Words that compare downward.
    """

    asking: tuple[str, ...]
    links: tuple[str, ...]
    more: tuple[str, ...]
    less: tuple[str, ...]


class Speech(NamedTuple):
    """How people speak of a domain.

    Attributes:
        relations: Language to relation to its words.
        hidden: Individuals to words that mean them, each with its language.
    """

    relations: Mapping[str, Mapping[Iri, RelationWords]]
    hidden: Mapping[Iri, tuple[tuple[str, str], ...]]


def speech_of(ontology: Ontology, languages: Iterable[str] = ("en", "zh")) -> Speech:
    """Return how people speak of what an ontology describes.

    Examples:
        >>> from kg_rec.ontology import Ontology
        >>> words = speech_of(Ontology.load("books")).relations["en"]
        >>> "translated" in words[Iri("http://schema.org/translator")].asking
        True
    """
    facts = facts_of(parse(ontology.turtle, ox.RdfFormat.TURTLE, ontology.source))
    relations = {
        language: {
            iri: _words(relation, facts.get(iri, {}), language)
            for iri, relation in ontology.relations.items()
        }
        for language in languages
    }
    hidden = {
        iri: tuple((o.value, o.language or "en") for o in _literals(node, SKOS["hiddenLabel"]))
        for iri, node in facts.items()
        if SKOS["hiddenLabel"] in node
    }
    return Speech(relations, hidden)


def _words(relation: Relation, node: Node, language: str) -> RelationWords:
    is_moment = relation.range in MOMENTS
    more = _said(node, "more", language) or (_LATER.get(language, ()) if is_moment else ())
    less = _said(node, "less", language) or (_EARLIER.get(language, ()) if is_moment else ())
    asking = [
        *_said(node, "question", language),
        *(label.lower() for label in relation.labels.get(language, ())),
        *_verbs(relation, language),
    ]
    return RelationWords(tuple(dict.fromkeys(asking)), _links(relation, language), more, less)


def _verbs(relation: Relation, language: str) -> list[str]:
    """Return the verbs of forms such as "directed|helmed by {object}"."""
    pattern = _CHINESE_VERBS if language == "zh" else _VERBS
    texts = (form.text for form in relation.forms if form.language == language)
    found = (pattern.fullmatch(text) for text in texts)
    return [verb.strip() for match in found if match for verb in match[1].split("|")]


def _links(relation: Relation, language: str) -> tuple[str, ...]:
    """Return the words of forms such as "{subject} by|from {object}"."""
    texts = (form.text for form in relation.forms if form.language == language)
    found = (_LINKS.fullmatch(text) for text in texts)
    words: dict[str, None] = defaultdict()
    for match in found:
        if match:
            words.update(dict.fromkeys(match[1].split("|")))
    return tuple(words)


def _said(node: Node, name: str, language: str) -> tuple[str, ...]:
    texts = (o.value for o in _literals(node, KGREC[name]) if (o.language or "en") == language)
    return tuple(word.strip().lower() for text in texts for word in text.split("|"))


def _literals(node: Node, predicate: Iri) -> list[Literal]:
    return [o for o in node.get(predicate, ()) if isinstance(o, Literal)]
