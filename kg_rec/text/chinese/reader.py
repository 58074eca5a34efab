"""Reads Chinese documents: facts by surface forms, subjects by their labels, tastes by cues."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from kg_rec.ontology import CONCEPT, DISLIKES, LIKES, PERSON
from kg_rec.statements import USERS, Statement, Triple
from kg_rec.text.chinese.cues import CUES
from kg_rec.text.chinese.forms import SurfaceForms
from kg_rec.text.chinese.names import (
    ITEM_NAME,
    KNOWN,
    PERSON_NAME,
    SHORT_NAME,
    Name,
    find_names,
    plain,
)
from kg_rec.text.chinese.segmenting import Segmenter
from kg_rec.text.chinese.tastes import tastes
from kg_rec.text.gazetteer import Gazetteer
from kg_rec.text.reading import Findings, Reading
from kg_rec.text.resolving import Resolved, Resolver

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from spacy.language import Language

    from kg_rec.ids import Iri
    from kg_rec.ontology import Entity, Ontology
    from kg_rec.statements import Document
    from kg_rec.text.aligned import Aligned
    from kg_rec.text.chinese.segmenting import Word

__all__ = ["ChineseReader"]

_STATED, _SHORT_FORM = 0.85, 0.6
_LABEL = 0.9


class ChineseReader:
    """Reads documents in Chinese.

    There is no trained pipeline of Chinese on PyPI: facts come from the ontology's forms, letter by
    letter, and names from labels, from their shape and from jieba's parts of speech.

    Args:
        nlp: Its tokenizer cuts labels.
        ontology: The domain.
        entities: What is already known.
        language: ISO 639-1 code, which labels and forms to use.
        base_iri: Where new IRIs are minted.
        kinds: What is read from texts about items, of :data:`kg_rec.text.keyphrases.KINDS`.
    """

    def __init__(
        self,
        nlp: Language,
        ontology: Ontology,
        entities: Iterable[Entity],
        language: str,
        base_iri: str,
        *,
        kinds: Collection[str],
    ) -> None:
        self.nlp = nlp
        self.ontology = ontology
        self.language = language
        self.base_iri = base_iri
        self.gazetteer = Gazetteer(nlp, ontology, entities, language)
        self._kinds = kinds
        self._forms = SurfaceForms(ontology, language)

    def learn(self, entities: Iterable[Entity]) -> None:
        """Take up more of what is known."""
        self.gazetteer.learn(entities)
        for made in ("_known", "_segmenter"):
            self.__dict__.pop(made, None)

    @cached_property
    def _known(self) -> dict[str, tuple[Iri, ...]]:
        """Label to entities: all labels that are not in an alphabet."""
        found: dict[str, dict[Iri, None]] = defaultdict(dict)
        for iri, entity in sorted(self.gazetteer.by_iri.items()):
            for names in entity.labels.values():
                for name in names:
                    label = plain(name.strip())
                    if len(label) > 1 and "\u4e00" <= label[0] <= "\u9fff":
                        found[label][iri] = None
        return {label: tuple(iris) for label, iris in found.items()}

    @cached_property
    def _segmenter(self) -> Segmenter:
        labels = (label for label in self._known if "·" not in label)
        phrases = [word for word, _ in CUES if len(word) > 1]
        return Segmenter(labels, phrases)

    def read(
        self, documents: Sequence[tuple[Document, Aligned]], batch_size: int
    ) -> list[Findings]:
        """Return what each document says.

        Args:
            documents: Documents, each with its text as it is to be read.
            batch_size: Not needed: texts are read one by one.
        """
        del batch_size
        return [self._read(document, source) for document, source in documents]

    def _read(self, document: Document, source: Aligned) -> Findings:
        resolver = Resolver(self.ontology, self.gazetteer, self.base_iri)
        reading = Reading(document, source, resolver)
        words = self._segmenter.words(source.text)
        title = document.title if document.item is not None else ""
        names = find_names(source.text, words, self._known, title)
        if document.item is not None and "relations" in self._kinds:
            self._read_facts(reading, names, document.item)
        if document.item is not None and "concepts" in self._kinds:
            self._read_subjects(reading, names, document.item)
        if document.user is not None:
            self._read_tastes(reading, words, names, document.user)
        return reading.findings()

    def _read_facts(self, reading: Reading, names: Sequence[Name], item: Iri) -> None:
        text = reading.source.text
        full = [name for name in names if "·" in name.text]
        for said in self._forms.said(text, names, self._fits):
            found = self._resolved(reading.resolver, said.name, said.relation.range or PERSON, full)
            if found is None or found.iri == item:
                continue
            loose = "..." in said.form
            self._add(
                reading,
                Triple(item, said.relation.iri, found.iri),
                (said.start, said.end),
                said.name,
                found,
                (_SHORT_FORM if loose else _STATED, f"form:{said.form}"),
            )

    def _read_subjects(self, reading: Reading, names: Sequence[Name], item: Iri) -> None:
        for name, iri, kind in self._concepts(names):
            relation = self._relation_of(kind)
            if relation is not None:
                found = Resolved(iri, kind, name.text, minted=False)
                place = (name.start, name.end)
                triple = Triple(item, relation, iri)
                self._add(reading, triple, place, name, found, (_LABEL, "label"))

    def _add(
        self,
        reading: Reading,
        triple: Triple,
        place: tuple[int, int],
        name: Name,
        found: Resolved,
        how: tuple[float, str],
    ) -> None:
        document, source = reading.document, reading.source
        passage = document.evidence(*source.source(*place))
        named = document.evidence(*source.source(name.start, name.end))
        confidence, extractor = how
        reading.introduce(found, named)
        reading.add(Statement(triple, (passage,), confidence, extractor, object_text=named.text))

    def _read_tastes(
        self, reading: Reading, words: Sequence[Word], names: Sequence[Name], user: Iri
    ) -> None:
        document, source = reading.document, reading.source
        for taste in tastes(source.text, words, names):
            for found in self._liked(reading.resolver, taste.name):
                first, last = min(taste.start, taste.name.start), max(taste.end, taste.name.end)
                named = document.evidence(*source.source(taste.name.start, taste.name.end))
                positive = taste.strength > 0
                reading.introduce(found, named)
                reading.add(
                    Statement(
                        Triple(user, LIKES if positive else DISLIKES, found.iri),
                        (document.evidence(*source.source(first, last)),),
                        _STATED,
                        "preference",
                        USERS,
                        polarity=1 if positive else -1,
                        strength=abs(taste.strength),
                        object_text=named.text,
                    )
                )

    def _liked(self, resolver: Resolver, name: Name) -> list[Resolved]:
        """Return what a target stands for: known things, a person by shape, else a concept."""
        if name.entities:
            kinds = [self.gazetteer.by_iri[iri].types[0] for iri in name.entities]
            return [
                Resolved(iri, kind, name.text, minted=False)
                for iri, kind in zip(name.entities, kinds, strict=True)
            ]
        if name.kind in {PERSON_NAME, SHORT_NAME}:
            found = self._resolved(resolver, name, PERSON, ())
            return [found] if found else []
        return [resolver.concept(name.text)]

    def _resolved(
        self, resolver: Resolver, name: Name, kind: Iri, full: Sequence[Name]
    ) -> Resolved | None:
        """Return the entity of a name; a short name is the fuller one of the document."""
        fit = [i for i in name.entities if self.gazetteer.is_a(self.gazetteer.by_iri[i], kind)]
        if fit:
            return Resolved(fit[0], kind, name.text, minted=False) if len(fit) == 1 else None
        fuller = {n.text: n for n in full if n.text.endswith(f"·{name.text}")}
        if len(fuller) == 1 and not name.entities:
            return self._resolved(resolver, next(iter(fuller.values())), kind, ())
        known = self.gazetteer.person(name.text) if kind == PERSON else None
        if known is not None:
            return Resolved(known, kind, name.text, minted=False)
        return resolver.mint(kind, name.text)

    def _fits(self, name: Name, kind: Iri) -> bool:
        """Return whether a name may be of a class, by what is known of it or by its shape."""
        if name.entities:
            known = (self.gazetteer.by_iri[iri] for iri in name.entities)
            return any(self.gazetteer.is_a(entity, kind) for entity in known)
        if name.kind == ITEM_NAME:
            return False
        return (name.kind in {PERSON_NAME, SHORT_NAME}) == (kind == PERSON)

    def _concepts(self, names: Sequence[Name]) -> Iterator[tuple[Name, Iri, Iri]]:
        for name in names:
            if name.kind != KNOWN:
                continue
            for iri in name.entities:
                entity = self.gazetteer.by_iri[iri]
                if self.gazetteer.is_a(entity, CONCEPT):
                    yield name, iri, entity.types[0]

    def _relation_of(self, kind: Iri) -> Iri | None:
        """Return the relation of items to subjects of a class, the closest range first."""
        relations = self.ontology.relations.values()
        ranges = (kind, CONCEPT)
        return next((r.iri for wanted in ranges for r in relations if r.range == wanted), None)
