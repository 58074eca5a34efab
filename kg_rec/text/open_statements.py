"""Open relations as statements: what their subjects and objects are, and a predicate for the words.

* A name is an entity: a ``schema:Person`` or an ``owl:Thing``, as when there is an ontology.
* "He" and "she" are the person they stand for; "it" and "this film" the document's item.
* A date, a number or an amount is a literal.
* Any other noun phrase is a ``skos:Concept``, by its words without articles.
* A pronoun that stays open is a thing of this one document, never of two.
* The predicate is minted from the relation's words (``…/relation/be_bear_in``), which label it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kg_rec.ids import RDF, Literal, mint
from kg_rec.statements import Statement, Triple
from kg_rec.text.own_pipeline import THING, Found, kind_of
from kg_rec.text.resolving import Resolved

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Span

    from kg_rec.ids import Term
    from kg_rec.ontology import Ontology
    from kg_rec.text.mentions import Mention
    from kg_rec.text.open_relations import OpenRelation
    from kg_rec.text.page import Page
    from kg_rec.text.resolving import Resolver

__all__ = ["OpenReader"]

PROPERTY = RDF["Property"]
_VALUES = {"DATE", "TIME", "PERCENT", "MONEY", "QUANTITY", "ORDINAL", "CARDINAL"}
_LIGHT = {"DET", "PUNCT", "SPACE"}

_REPORTED = 0.5
"""How much surer the text is of what it says itself than of what it says that others say."""


class OpenReader:
    """Makes statements of open relations.

    Args:
        ontology: Classes for entity types, if there are any.
        language: ISO 639-1 code of the texts, and of the literals.
        base_iri: Where IRIs are minted.
    """

    def __init__(self, ontology: Ontology, language: str, base_iri: str) -> None:
        self.ontology = ontology
        self.language = language
        self.base_iri = base_iri

    def statements(self, page: Page, resolver: Resolver) -> Iterator[Found]:
        """Yield what a page says, from left to right."""
        from kg_rec.text.open_relations import open_relations  # noqa: PLC0415 - not in every run

        for found in open_relations(page.doc):
            if found.context == "conditional":
                continue  # "if Ann leaves Paris" does not say that she does
            subject = self._entity(page, found.subject, resolver)
            target = self._value(found.object) or self._entity(page, found.object, resolver)
            if target == subject:
                continue
            predicate = _predicate(self.base_iri, found.label)
            start, end = _extent(found)
            statement = Statement(
                Triple(subject.iri, predicate.iri, _term(target)),
                (page.evidence(start, end),),
                found.confidence * (_REPORTED if found.context == "attributed" else 1.0),
                f"open:{found.pattern}",
                polarity=found.polarity,
                subject_text=found.subject.text,
                object_text=found.object.text,
            )
            named = [(subject, found.subject.start, found.subject.end), (predicate, start, end)]
            if isinstance(target, Resolved):
                named.append((target, found.object.start, found.object.end))
            yield Found(statement, tuple(named))

    def _value(self, span: Span) -> Literal | None:
        """Return a date, number or amount, or a clause, as a literal."""
        root = span.root
        if root.ent_type_ in _VALUES and root.pos_ not in {"NOUN", "PROPN"}:
            return Literal(span.text)
        whole = [t for t in span if t.pos_ not in _LIGHT]
        if whole and all(t.ent_type_ in _VALUES for t in whole):
            return Literal(span.text)
        if root.pos_ in {"VERB", "AUX", "ADV", "ADP"}:
            return Literal(span.text, language=self.language)
        return None

    def _entity(self, page: Page, span: Span, resolver: Resolver) -> Resolved:
        root = span.root
        mention = page.mention_at(root.i)
        if mention is None and len(span) == 1:
            mention = page.pronouns.get(root.i)
        if self._is_item(page, span):
            item = page.document.item
            if item is not None:
                return Resolved(item, THING, span.text, minted=False)
        if mention is not None:
            return self._name(page, mention, resolver)
        if root.pos_ == "PRON" or span[0].lower_ in page.words.demonstratives:
            place = f"{page.document.id}/{page.evidence(span.start, span.end).start}"
            return Resolved(mint(self.base_iri, "mention", place), THING, span.text, minted=True)
        return resolver.concept(_label(span))

    def _is_item(self, page: Page, span: Span) -> bool:
        """Return whether a span stands for what the document is about."""
        item, root = page.document.item, span.root
        if item is None:
            return False
        mention = page.mention_at(root.i)
        if mention is not None:
            return item in mention.entities or mention.name == page.document.title
        pointed = span[0].lower_ in page.words.demonstratives and root.tag_ == "NN"
        return pointed or (len(span) == 1 and root.lower_ in page.words.pronouns)

    def _name(self, page: Page, mention: Mention, resolver: Resolver) -> Resolved:
        if mention.entities:
            known = resolver.gazetteer.by_iri[mention.entities[0]]
            return Resolved(known.iri, known.types[0], mention.name, minted=False)
        kind = kind_of(mention.label, self.ontology)
        return resolver.resolve(page, mention, kind) or resolver.mint(kind, mention.name)


@lru_cache(maxsize=1 << 14)
def _predicate(base_iri: str, label: str) -> Resolved:
    return Resolved(mint(base_iri, "relation", label), PROPERTY, label, minted=True)


def _term(target: Resolved | Literal) -> Term:
    return target.iri if isinstance(target, Resolved) else target


def _extent(found: OpenRelation) -> tuple[int, int]:
    """Return the first token of a relation and its ends, and the one after the last."""
    tokens = [t.i for t in found.relation]
    return (
        min(found.subject.start, found.object.start, *tokens),
        max(found.subject.end, found.object.end, *(i + 1 for i in tokens)),
    )


def _label(span: Span) -> str:
    """Return the words of a noun phrase in lower case, without articles, its head as a lemma."""
    words = [
        t.lemma_.lower() if t.i == span.root.i and t.pos_ == "NOUN" else t.lower_
        for t in span
        if not (t.pos_ in _LIGHT or t.is_space)
    ]
    return " ".join(words) or span.text.strip().lower() or "thing"
