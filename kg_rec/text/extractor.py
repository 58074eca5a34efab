"""Documents to statements."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from kg_rec.ids import Iri, Literal
from kg_rec.ontology import DISLIKES, LABEL, TYPE
from kg_rec.statements import FACTS, USERS, Evidence, Statement, Triple
from kg_rec.text.concepts import ConceptReader
from kg_rec.text.forms import check_forms, compile_forms
from kg_rec.text.gazetteer import Gazetteer
from kg_rec.text.matching import Matcher
from kg_rec.text.mentions import find_mentions
from kg_rec.text.page import Nouns, Page
from kg_rec.text.pieces import pieces
from kg_rec.text.pipelines import load_pipeline
from kg_rec.text.preferences import PreferenceReader
from kg_rec.text.relations import RelationReader
from kg_rec.text.resolving import Resolved, Resolver
from kg_rec.text.words import words_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from spacy.language import Language
    from spacy.tokens import Doc

    from kg_rec.ontology import Entity, Ontology
    from kg_rec.statements import Document
    from kg_rec.text.gazetteer import Hit
    from kg_rec.text.mentions import Mention

__all__ = ["Extractor"]

_PIECE = 3_000  # a batch of 64 then stays under about a gigabyte
_MOST_EVIDENCE = 8
_SURE = 0.9


class Extractor:
    """Reads documents: facts about items, and what users like.

    Args:
        ontology: The domain: classes, relations and how text says them.
        entities: What is already known: items, people, subjects; the ontology's own are known too.
        pipeline: A spaCy pipeline or its name; None picks one (see `load_pipeline`).
        language: ISO 639-1 code of the texts; picks forms and labels.
        base_iri: Where IRIs of new entities are minted, as in ``"https://example.org/"``.

    Raises:
        ConfigError: The pipeline does not exist.
        OntologyError: A lexical form is broken.

    Examples:
        >>> from kg_rec.ontology import Ontology
        >>> from kg_rec.statements import Document
        >>> extractor = Extractor(Ontology.load("movies"), base_iri="https://example.org/")
        >>> heat = Document("d", "Michael Mann directed this film.", Iri("urn:heat"), title="Heat")
        >>> [s.triple.object for s in extractor.extract([heat]) if s.triple.subject == heat.item]
        [Iri('https://example.org/Person/Michael_Mann')]
    """

    def __init__(
        self,
        ontology: Ontology,
        entities: Iterable[Entity] = (),
        *,
        pipeline: Language | str | None = None,
        language: str = "en",
        base_iri: str,
    ) -> None:
        if pipeline is None or isinstance(pipeline, str):
            pipeline = load_pipeline(pipeline, language)
        self.nlp: Language = pipeline
        self.ontology = ontology
        self.base_iri = base_iri
        self.words = words_for(language)
        self.gazetteer = Gazetteer(self.nlp, ontology, entities, language)
        self.language = language
        self._nouns = nouns = Nouns(ontology, language)
        self._roles = nouns.roles
        check_forms(ontology, language)
        self._concepts = ConceptReader(ontology, self.gazetteer, nouns, language)
        self._preferences = PreferenceReader(self._concepts, self.gazetteer, nouns, language)

    @cached_property
    def _relations(self) -> RelationReader:
        """The reader of facts; its forms are compiled when the first item's text comes."""
        matcher = Matcher(compile_forms(self.ontology, self.nlp, self.language), self._nouns)
        return RelationReader(matcher, self._nouns, self.gazetteer, self._concepts.generic)

    def extract(
        self, documents: Iterable[Document], *, batch_size: int = 64
    ) -> Iterator[Statement]:
        """Yield what the documents say, in their order; lazy and deterministic.

        Args:
            documents: Texts about an item, by a user, or both.
            batch_size: Texts that the pipeline reads at once.

        Yields:
            Per document: new entities (type and label), then each fact once, with its evidence.
        """
        limit = max(1, min(self.nlp.max_length, _PIECE))
        stream = (
            (
                piece.text,
                (document, piece.offset, piece.offset + len(piece.text) == len(document.text)),
            )
            for document in documents
            for piece in pieces(document.text, limit)
        )
        seen: set[tuple[str, Iri]] = set()
        reading: _Reading | None = None
        for doc, (document, offset, last) in self.nlp.pipe(
            stream, as_tuples=True, batch_size=batch_size
        ):
            if reading is None:
                reading = _Reading(document, Resolver(self.ontology, self.gazetteer, self.base_iri))
            self._read(doc, offset, reading)
            if last:
                yield from reading.statements(seen)
                reading = None

    def _read(self, doc: Doc, offset: int, reading: _Reading) -> None:
        document = reading.document
        hits = self.gazetteer.hits(doc, loose=document.user is not None)
        concepts = [h for h in hits if self._concepts.is_subject(h)]
        names = [h for h in hits if h not in concepts]
        page = Page(doc, document, offset, self._mentions(doc, names, document), self.words)
        reading.resolver.remember(page)
        page.surnames = reading.resolver.surnames
        if document.item is not None:
            self._read_item(page, reading, document.item)
            self._read_subjects(page, concepts, reading, document.item)
        if document.user is not None:
            self._read_user(page, concepts, reading, document.user)

    def _mentions(self, doc: Doc, names: Sequence[Hit], document: Document) -> list[Mention]:
        title = document.title if document.item is not None else ""
        return find_mentions(doc, names, self.words, title=title, roles=self._roles)

    def _read_item(self, page: Page, reading: _Reading, item: Iri) -> None:
        for fact in self._relations.facts(page):
            found = reading.resolver.resolve(page, fact.mention, fact.kind)
            if found is None or found.iri == item:
                continue
            named = page.evidence(fact.mention.start, fact.mention.end)
            statement = Statement(
                Triple(item, fact.relation.iri, found.iri),
                (page.evidence(fact.start, fact.end),),
                _SURE,
                f"form:{fact.form}",
                object_text=named.text,
            )
            reading.add(statement, found, named)

    def _read_subjects(
        self, page: Page, concepts: Sequence[Hit], reading: _Reading, item: Iri
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
                object_text=named.text,
            )
            reading.add(statement, found, named)

    def _read_user(self, page: Page, concepts: Sequence[Hit], reading: _Reading, user: Iri) -> None:
        for taste in self._preferences.tastes(page, concepts, reading.resolver):
            named = page.evidence(taste.start, taste.end)
            statement = Statement(
                Triple(user, taste.predicate, taste.target.iri),
                (named,),
                _SURE,
                "preference",
                USERS,
                polarity=-1 if taste.predicate == DISLIKES else 1,
                strength=taste.strength,
                object_text=named.text,
            )
            reading.add(statement, taste.target, named)


class _Reading:
    """What one document says, gathered: each fact once, with all its evidence."""

    def __init__(self, document: Document, resolver: Resolver) -> None:
        self.document = document
        self.resolver = resolver
        self._facts: dict[Triple, Statement] = {}
        self._evidence: dict[Triple, dict[Evidence, None]] = {}
        self._entities: dict[Iri, tuple[Resolved, Evidence]] = {}

    def add(self, statement: Statement, target: Resolved, named: Evidence) -> None:
        """Take up a statement; a second time only its evidence counts, unless it is surer.

        Args:
            statement: What the text says.
            target: Its object.
            named: Where the text names the object.
        """
        triple = statement.triple
        known = self._facts.get(triple)
        if known is None or statement.confidence > known.confidence:
            self._facts[triple] = statement
        kept = self._evidence.setdefault(triple, {})
        for passage in statement.evidence:
            if len(kept) < _MOST_EVIDENCE:
                kept[passage] = None
        if target.minted:
            self._entities.setdefault(target.iri, (target, named))

    def statements(self, seen: set[tuple[str, Iri]]) -> Iterator[Statement]:
        """Yield the statements; entities in ``seen`` are not introduced again.

        What only users' words name belongs to the users' part, once for each of them: it is
        forgotten with the user and stays for the others.
        """
        owner = self.document.user or ""
        part = USERS if owner else FACTS
        for iri, (entity, evidence) in self._entities.items():
            if ("", iri) in seen or (owner, iri) in seen:
                continue
            seen.add((owner, iri))
            for predicate, value in ((TYPE, entity.kind), (LABEL, Literal(entity.name))):
                yield Statement(Triple(iri, predicate, value), (evidence,), _SURE, "entity", part)
        for triple, statement in self._facts.items():
            yield replace(statement, evidence=tuple(self._evidence[triple]))
