"""Reads the documents of one language with one spaCy pipeline."""

from __future__ import annotations

import contextlib
from functools import cached_property
from typing import TYPE_CHECKING

from kg_rec.ontology import CONCEPT, CRITICISED_FOR, LIKES, PRAISED_FOR
from kg_rec.statements import USERS, Statement, Triple
from kg_rec.text.concepts import ConceptReader
from kg_rec.text.forms import check_forms, compile_forms
from kg_rec.text.gazetteer import Gazetteer
from kg_rec.text.keyphrases import STATED, TermReader
from kg_rec.text.matching import Matcher
from kg_rec.text.mentions import find_mentions
from kg_rec.text.open_statements import OpenReader
from kg_rec.text.own_pipeline import has_relations, named_entities, stated_relations
from kg_rec.text.page import Nouns, Page
from kg_rec.text.pair_statements import PairStatements
from kg_rec.text.pieces import pieces
from kg_rec.text.preferences import PreferenceReader
from kg_rec.text.pronouns import people_meant
from kg_rec.text.reading import Findings, Reading
from kg_rec.text.relations import RelationReader
from kg_rec.text.resolving import Resolved, Resolver
from kg_rec.text.words import words_for

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from spacy.language import Language
    from spacy.tokens import Doc

    from kg_rec.ids import Iri
    from kg_rec.ontology import Entity, Ontology
    from kg_rec.statements import Document
    from kg_rec.text.aligned import Aligned
    from kg_rec.text.gazetteer import Hit
    from kg_rec.text.mentions import Mention
    from kg_rec.text.own_pipeline import Found

__all__ = ["LanguageReader"]

_PIECE = 3_000  # a batch of 64 then stays under about a gigabyte
_SURE = 0.9


class LanguageReader:
    """Reads documents of one language.

    Args:
        nlp: The pipeline.
        ontology: The domain; None for open relations, whatever the verbs say.
        entities: What is already known.
        language: ISO 639-1 code.
        base_iri: Where new IRIs are minted.
        is_open: Yield open relations, too.
        kinds: What is read from texts about items, of :data:`KINDS`.

    Raises:
        OntologyError: A lexical form is broken.
    """

    def __init__(
        self,
        nlp: Language,
        ontology: Ontology,
        entities: Iterable[Entity],
        language: str,
        base_iri: str,
        *,
        is_open: bool = False,
        kinds: Collection[str] = STATED,
    ) -> None:
        self.nlp = nlp
        self.ontology = ontology
        self.language = language
        self.base_iri = base_iri
        self.words = words_for(language)
        self.gazetteer = Gazetteer(nlp, ontology, entities, language)
        self._nouns = nouns = Nouns(ontology, language)
        check_forms(ontology, language)
        self._concepts = ConceptReader(ontology, self.gazetteer, nouns, language)
        self._preferences = PreferenceReader(self._concepts, self.gazetteer, nouns, language)
        self._terms = TermReader(ontology, kinds)
        self._kinds = kinds
        self._open = OpenReader(ontology, language, base_iri) if is_open else None
        self._pairs = PairStatements(ontology, nlp, language)

    @cached_property
    def _relations(self) -> RelationReader:
        """The reader of facts; its forms are compiled when the first item's text comes."""
        matcher = Matcher(compile_forms(self.ontology, self.nlp, self.language), self._nouns)
        return RelationReader(matcher, self._nouns, self.gazetteer, self._concepts.generic)

    def learn(self, entities: Iterable[Entity]) -> None:
        """Take up more of what is known."""
        self.gazetteer.learn(entities)

    def read(
        self, documents: Sequence[tuple[Document, Aligned]], batch_size: int
    ) -> list[Findings]:
        """Return what each document says.

        The pipeline's memory for them is given back before this returns.

        Args:
            documents: Documents, each with its text as it is to be read.
            batch_size: Texts that the pipeline reads at once.
        """
        readings = [
            Reading(document, source, Resolver(self.ontology, self.gazetteer, self.base_iri))
            for document, source in documents
        ]
        self._prepare(readings)
        with self._memory():
            for doc, (reading, offset) in self.nlp.pipe(
                self._pieces(readings), as_tuples=True, batch_size=batch_size
            ):
                self._read(doc, offset, reading)
        return [reading.findings() for reading in readings]

    def _prepare(self, readings: Sequence[Reading]) -> None:
        """Make what lasts outside the memory zone, whose strings do not."""
        if any(reading.document.item is not None for reading in readings):
            _ = self._relations

    def _memory(self) -> contextlib.AbstractContextManager[object]:
        if getattr(self.nlp.vocab, "in_memory_zone", False):  # the caller's; zones do not nest
            return contextlib.nullcontext()
        return self.nlp.memory_zone()

    def _pieces(self, readings: Iterable[Reading]) -> Iterator[tuple[str, tuple[Reading, int]]]:
        limit = max(1, min(self.nlp.max_length, _PIECE))
        for reading in readings:
            for piece in pieces(reading.source.text, limit):
                if piece.text.strip():
                    yield piece.text, (reading, piece.offset)

    def _read(self, doc: Doc, offset: int, reading: Reading) -> None:
        document = reading.document
        hits = self.gazetteer.hits(doc, loose=document.user is not None)
        concepts = [h for h in hits if self._concepts.is_subject(h)]
        names = [h for h in hits if h not in concepts]
        mentions = self._mentions(doc, names, document)
        page = Page(doc, document, reading.source, offset, mentions, self.words)
        reading.resolver.remember(page)
        page.surnames = reading.resolver.surnames
        people_meant(page, self.language, reading.resolver.is_person)
        stated = has_relations(doc)
        if stated:
            self._take(page, stated_relations(page, self.ontology, reading.resolver), reading)
        elif self._open is not None:
            self._take(page, self._open.statements(page, reading.resolver), reading)
        elif self._reads_pairs(document):
            self._take(page, self._pairs.statements(page, reading.resolver), reading)
        if document.item is not None:
            if not stated and self._reads(document, "relations"):
                self._read_item(page, reading, document.item)
            if self._reads(document, "concepts"):
                self._read_subjects(page, concepts, reading, document.item)
            self._read_terms(page, reading, document.item)
        if document.user is not None:
            self._read_user(page, concepts, reading, document.user, document.item)

    def _reads_pairs(self, document: Document) -> bool:
        """Return whether any two names may be related: forms are for items, if none is learned."""
        free = document.item is None or self.ontology.patterns.learned
        return bool(self._pairs) and document.user is None and free

    def _reads(self, document: Document, kind: str) -> bool:
        """Return whether a document gives statements of a kind; a mere title gives terms only."""
        stated = bool(self.ontology.relations) and document.text != document.title
        return stated and kind in self._kinds

    def _mentions(self, doc: Doc, names: Sequence[Hit], document: Document) -> list[Mention]:
        title = document.title if document.item is not None else ""
        found = find_mentions(doc, names, self.words, title=title, roles=self._nouns.roles)
        return named_entities(doc, found, self.gazetteer)

    def _take(self, page: Page, found: Iterable[Found], reading: Reading) -> None:
        """Take up open relations, or those that the pipeline itself found."""
        for statement, entities in found:
            for entity, start, end in entities:
                if reading.is_new(entity):
                    reading.introduce(entity, page.evidence(start, end))
            reading.add(statement)

    def _read_item(self, page: Page, reading: Reading, item: Iri) -> None:
        for fact in self._relations.facts(page):
            found = reading.resolver.resolve(page, fact.mention, fact.kind)
            if found is None or found.iri == item:
                continue
            statement = Statement(
                Triple(item, fact.relation.iri, found.iri),
                (page.evidence(fact.start, fact.end),),
                _SURE,
                f"form:{fact.form}",
                polarity=-1 if fact.denied else 1,
                subject_text=_phrase(page, fact.subject),
                object_text=page.doc[fact.mention.start : fact.mention.end].text,
            )
            reading.introduce(found, page.evidence(fact.mention.start, fact.mention.end))
            reading.add(statement)

    def _read_subjects(
        self, page: Page, concepts: Sequence[Hit], reading: Reading, item: Iri
    ) -> None:
        for subject in self._concepts.subjects(page, concepts):
            relation = self._concepts.relation(subject.kind)
            if relation is None:
                continue
            found = (
                Resolved(subject.iri, subject.kind, subject.label, minted=False)
                if subject.iri
                else reading.resolver.concept(subject.label)
            )
            named = page.evidence(subject.start, subject.end)
            statement = Statement(
                Triple(item, relation, found.iri),
                (named,),
                subject.confidence,
                subject.extractor,
                object_text=page.doc[subject.start : subject.end].text,
            )
            reading.introduce(found, named)
            reading.add(statement)

    def _read_terms(self, page: Page, reading: Reading, item: Iri) -> None:
        for statement, entity, named in self._terms.read(page, reading.resolver, item):
            reading.introduce(entity, named)
            reading.add(statement)

    def _read_user(
        self,
        page: Page,
        concepts: Sequence[Hit],
        reading: Reading,
        user: Iri,
        item: Iri | None = None,
    ) -> None:
        """Read what a user likes; in a review of an item, aspects are said of the item."""
        for taste in self._preferences.tastes(page, concepts, reading.resolver):
            named = page.evidence(taste.start, taste.end)
            liked = taste.predicate == LIKES
            subject, predicate = user, taste.predicate
            if item is not None and taste.target.kind == CONCEPT:
                subject, predicate = item, PRAISED_FOR if liked else CRITICISED_FOR
            statement = Statement(
                Triple(subject, predicate, taste.target.iri),
                (named,),
                _SURE,
                "preference",
                USERS,
                polarity=1 if liked else -1,
                strength=taste.strength,
                object_text=page.doc[taste.named.start : taste.named.stop].text,
            )
            reading.introduce(taste.target, page.evidence(taste.named.start, taste.named.stop))
            reading.add(statement)


def _phrase(page: Page, head: int | None) -> str:
    """Return the noun phrase that a head ends; empty where the text leaves it out."""
    return "" if head is None else page.doc[page.phrase_start(head) : head + 1].text
