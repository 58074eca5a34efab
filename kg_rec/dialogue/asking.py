"""Which relation a question asks for, by the words of the ontology."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg_rec.ontology.speech import MOMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kg_rec.dialogue.marking import Context, Marked
    from kg_rec.ids import Iri
    from kg_rec.ontology import Relation

__all__ = [
    "best_relation",
    "default_relation",
    "leads_to",
    "linked_relation",
    "relation_of_word",
    "sort_of",
    "stem",
]

_PEOPLE, _PLACES = {"PERSON", "ORG"}, {"GPE", "LOC", "FAC"}
_ENDINGS = ("ing", "ion", "ed", "er", "or", "es", "e", "s")
_LINKS = {"have": "with", "has": "with", "having": "with", "got": "with"}
_LEAST = 3


def best_relation(
    marked: Marked, language: str, wh: str = "", value: Iri | None = None
) -> Iri | None:
    """Return the relation that most words of a question name; None if no word names one.

    Args:
        marked: The question.
        language: Its language.
        wh: Its question word: "who" asks for people, "where" for places, "when" for moments.
        value: What the relation must be able to lead to.
    """
    context = marked.context
    nouns = _nouns(context, language)
    words = [w for w in re.sub(r"<[^>]*>", " ", marked.text).split() if w not in nouns]
    text = " ".join(words)
    said = _phrases(text, context, language)
    found = [
        (width, -number, iri)
        for number, (iri, own) in enumerate(context.speech.relations[language].items())
        if _fits(context, iri, wh, value)
        and (width := max((said(phrase) for phrase in own.asking), default=0))
    ]
    if found:
        return max(found)[2]
    only = [i for i in context.speech.relations[language] if wh and _answers(context, i, wh)]
    return only[0] if len(only) == 1 and wh in {"where", "when"} else None


def linked_relation(marked: Marked, value: Iri) -> Iri | None:
    """Return the relation of the word before a value: "by", "with", "about"."""
    context = marked.context
    words = re.findall(r"(\w+) (?:the |an? )?<(?:e\d+|he)>", marked.text)
    found = (relation_of_word(context, _LINKS.get(word, word), value) for word in words)
    return next((iri for iri in found if iri is not None), None)


def relation_of_word(context: Context, word: str, value: Iri) -> Iri | None:
    """Return the relation that an English word links an item and a value by, as "with" does."""
    for iri, own in context.speech.relations["en"].items():
        if word in own.links and leads_to(context, iri, value):
            return iri
    return None


def default_relation(context: Context, value: Iri) -> Iri | None:
    """Return the relation that most items have to a value, else one that may lead to it."""
    graph, relations = context.names.graph, context.names.ontology.relations
    counts: dict[Iri, int] = {}
    for triple in graph.triples(object=value):
        if triple.predicate in relations and context.names.is_item(triple.subject):
            counts[triple.predicate] = counts.get(triple.predicate, 0) + 1
    if counts:
        return max(counts, key=lambda iri: (counts[iri], iri))
    return next((iri for iri in relations if leads_to(context, iri, value)), None)


def sort_of(context: Context, relation: Iri) -> str:
    """Return how one asks for the values of a relation: ``who``, ``when`` or ``what``."""
    found = context.names.ontology.relations[relation]
    if found.range in MOMENTS:
        return "when"
    return "who" if set(_labels(context, found)) & _PEOPLE else "what"


def _fits(context: Context, iri: Iri, wh: str, value: Iri | None) -> bool:
    if value is not None and not leads_to(context, iri, value):
        return False
    return not wh or _answers(context, iri, wh)


def _answers(context: Context, iri: Iri, wh: str) -> bool:
    """Return whether values of a relation answer a question word."""
    relation = context.names.ontology.relations[iri]
    if wh == "when":
        return relation.range in MOMENTS
    labels = set(_labels(context, relation))
    if wh in {"who", "whom", "whose"}:
        return bool(labels & _PEOPLE)
    return wh != "where" or bool(labels & _PLACES)


def leads_to(context: Context, iri: Iri, value: Iri) -> bool:
    """Return whether a relation may lead to a value, by its class."""
    ranges = context.names.ontology.relations[iri].ranges
    return any(context.names.is_a(value, kind) for kind in ranges)


def _labels(context: Context, relation: Relation) -> Iterator[str]:
    """Yield the entity types of what a relation leads to."""
    ontology = context.names.ontology
    for kind in relation.ranges:
        for ancestor in ontology.ancestors(kind):
            if ancestor in ontology.classes:
                yield from ontology.classes[ancestor].ner_labels


def _nouns(context: Context, language: str) -> set[str]:
    """Return the nouns of items, which name no relation: "films" are not what somebody filmed."""
    ontology = context.names.ontology
    kind = ontology.classes.get(ontology.item_class)
    labels = kind.labels.get(language, ()) if kind else ()
    return {form for label in labels for form in (label.lower(), f"{label.lower()}s")}


def _phrases(text: str, context: Context, language: str) -> Callable[[str], int]:
    """Return what tells how much of a text a phrase is, 0 if it is not in it."""
    if language != "zh":
        return lambda phrase: _width(text, phrase)
    known = {p for own in context.speech.relations["zh"].values() for p in own.asking}
    either = "|".join(map(re.escape, sorted(known, key=lambda p: (-len(p), p))))
    found = set(re.findall(either, text)) if either else set()
    return lambda phrase: len(phrase) if phrase in found else 0


def _width(text: str, phrase: str) -> int:
    """Return how much of an English text a phrase is; inflections don't matter."""
    words, wanted = _stems(text), _stems(phrase)
    size = len(wanted)
    places = range(len(words) - size + 1)
    here = size and any(words[i : i + size] == wanted for i in places)
    return len(phrase) + 10 * size if here else 0


def _stems(text: str) -> Sequence[str]:
    return [stem(word) for word in re.findall(r"\w+", text)]


def stem(word: str) -> str:
    """Return a word without its ending: ``directed`` and ``director`` are alike."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _LEAST:
            return stem(word[: -len(ending)]) if ending == "s" else word[: -len(ending)]
    return word
