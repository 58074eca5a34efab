"""What is already known, found in text: items, people, genres, subjects by their labels."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from spacy.matcher import PhraseMatcher

from kg_rec.ontology import CONCEPT, PERSON
from kg_rec.text.names import clean_name, name_key
from kg_rec.text.words import words_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from spacy.language import Language
    from spacy.tokens import Doc, Span, Token

    from kg_rec.ids import Iri
    from kg_rec.ontology import Entity, Ontology

__all__ = ["Gazetteer", "Hit", "trained"]

_PARENTHESIS = re.compile(r"\s*\([^()]*\)\s*$")
_SURNAME = 2
_FINITE = {"VB", "VBD", "VBZ", "VBP", "MD"}
_NAME_TAGS = {"PROPN", "X"}
_ORDINARY = {"PRON", "ADP", "DET", "INTJ", "ADV", "AUX", "SCONJ", "CCONJ", "PART", "VERB"}


class Hit(NamedTuple):
    """Known entities with one label, at tokens ``start`` to ``end``."""

    start: int
    end: int
    entities: tuple[Entity, ...]


class Gazetteer:
    """The labels of known entities.

    Args:
        nlp: The pipeline whose tokenizer reads the texts.
        ontology: Its individuals are known too.
        entities: What else is known.
        language: Which labels to use; entities without labels in it give all they have.
    """

    def __init__(
        self, nlp: Language, ontology: Ontology, entities: Iterable[Entity], language: str
    ) -> None:
        self.ontology = ontology
        self.words = words_for(language)
        self.by_iri: dict[Iri, Entity] = dict(ontology.entities)
        self.by_iri.update({entity.iri: entity for entity in entities})
        self._kinds: dict[tuple[tuple[Iri, ...], Iri], bool] = {}
        self._people: dict[str, set[Iri]] = defaultdict(set)
        self._surnames: dict[str, set[Iri]] = defaultdict(set)
        self._concepts: dict[str, Iri] = {}
        self._labels: dict[str, dict[tuple[str, Iri], None]] = defaultdict(dict)
        self._matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        self._lemmas = PhraseMatcher(nlp.vocab, attr="LEMMA")
        self._nlp, self._language = nlp, language
        self._take_up(self.by_iri)

    def learn(self, entities: Iterable[Entity]) -> None:
        """Take up more of what is known."""
        new = {e.iri: e for e in entities if e.iri not in self.by_iri}
        self.by_iri = {**self.by_iri, **new}  # whoever reads meanwhile has the one before
        self._concepts = dict(self._concepts)
        self._take_up(new)

    def _take_up(self, entities: Mapping[Iri, Entity]) -> None:
        changed: dict[str, None] = {}
        for _, entity in sorted(entities.items()):
            for label in _labels(entity, self._language):
                changed.update(dict.fromkeys(self._add(label, entity)))
        self._compile(self._nlp, changed)

    def is_a(self, entity: Entity, ancestor: Iri) -> bool:
        """Return whether an entity is of a class or of one below it."""
        key = (entity.types, ancestor)
        if key not in self._kinds:
            self._kinds[key] = any(self.ontology.is_a(kind, ancestor) for kind in entity.types)
        return self._kinds[key]

    def person(self, name: str) -> Iri | None:
        """Return the known person of a name, however it is spelled; None if not just one."""
        found = self._people.get(name_key(name), set())
        return next(iter(found)) if len(found) == 1 else None

    def surname(self, name: str) -> Iri | None:
        """Return the only known person whose name ends so, as in "Scorsese" or "De Niro"."""
        key = name_key(name)
        found = self._surnames.get(key, set()) - self._people.get(key, set())
        return next(iter(found)) if len(found) == 1 else None

    def concept(self, label: str) -> Iri | None:
        """Return the known concept of a label."""
        return self._concepts.get(label.casefold())

    def concepts_like(self, word: str, share: float = 0.6) -> Iri | None:
        """Return the known one-word concept that shares most of a word's beginning.

        ``violent`` finds ``violence``: both begin with ``violen``.
        """
        stem = word.casefold()[: max(5, round(len(word) * share) + 1)]
        found = [label for label in self._concepts if label.startswith(stem) and " " not in label]
        return self._concepts[min(found)] if found and len(word) > len(stem) else None

    def hits(self, doc: Doc, *, loose: bool) -> list[Hit]:
        """Return what is known in a text, in order, longest first, without overlaps.

        Args:
            doc: The text.
            loose: True for people's own words, where titles come in lower case.
        """
        spans = sorted(
            self._spans(doc, loose=loose), key=lambda hit: (hit.start - hit.end, hit.start)
        )
        taken: set[int] = set()
        kept = []
        for hit in spans:
            if taken.isdisjoint(range(hit.start, hit.end)):
                taken.update(range(hit.start, hit.end))
                kept.append(hit)
        return sorted(kept, key=lambda hit: hit.start)

    def _spans(self, doc: Doc, *, loose: bool) -> Iterator[Hit]:
        for key, start, end in self._matcher(doc):
            labels = self._labels[doc.vocab.strings[key]]
            span = doc[start:end]
            fit = {
                iri: self.by_iri[iri]
                for label, iri in labels
                if self._fits(span, label, iri, loose=loose)
            }
            if fit:
                yield Hit(start, end, tuple(fit.values()))
        if len(self._lemmas) and doc.has_annotation("LEMMA"):
            for key, start, end in self._lemmas(doc):
                labels = self._labels[doc.vocab.strings[key]]
                found = {iri: self.by_iri[iri] for _, iri in labels if self._is_common(iri)}
                if not any(t.pos_ in {"PROPN", "AUX"} for t in doc[start:end]) and _is_noun_like(
                    doc[start:end]
                ):
                    yield Hit(start, end, tuple(found.values()))

    def _add(self, label: str, entity: Entity) -> list[str]:
        """Take up a label; return how it may be written, in lower case."""
        name = clean_name(label)
        if not name:
            return []
        if CONCEPT in entity.types or (
            entity.iri not in self.ontology.entities and self.is_a(entity, CONCEPT)
        ):
            self._concepts.setdefault(name.casefold(), entity.iri)
        if self.is_a(entity, PERSON):
            words = name_key(name).split()
            self._people[" ".join(words)].add(entity.iri)
            for k in range(1, min(len(words), _SURNAME + 1)):
                self._surnames[" ".join(words[-k:])].add(entity.iri)
        ways = {label.strip(), _PARENTHESIS.sub("", label).strip()} - {""}
        for written in ways:
            self._labels[written.lower()][written, entity.iri] = None
        return [written.lower() for written in ways]

    def _compile(self, nlp: Language, keys: Iterable[str]) -> None:
        for key in keys:
            labels = self._labels[key]
            self._matcher.add(
                key, [nlp.make_doc(label) for label in dict.fromkeys(label for label, _ in labels)]
            )
            if any(self._is_common(iri) for _, iri in labels):
                self._lemmas.add(key, [_in_lemmas(nlp.make_doc(key))])

    def _is_common(self, iri: Iri) -> bool:
        return self.is_a(self.by_iri[iri], CONCEPT)

    def _fits(self, span: Span, label: str, iri: Iri, *, loose: bool) -> bool:
        if self._is_common(iri):
            return not any(t.pos_ == "AUX" for t in span) and _is_noun_like(span)
        if _word_count(label) == 1:
            return span.text == label and self._stands_alone(span)
        shown = [t for t in span if t.is_alpha]
        if not shown or not all(t.is_lower for t in shown):
            return True
        return (loose and sum(not t.is_stop for t in shown) > 1) or (loose and _is_named(span))

    def _stands_alone(self, span: Span) -> bool:
        """Return whether a one-word name is not an ordinary word or a part of another name."""
        first = span[0]
        before = span.doc[span.start - 1] if span.start else None
        after = span.doc[span.end] if span.end < len(span.doc) else None
        if not first.text[0].isupper() and not first.text[0].isdigit():
            return not first.text[0].islower()
        if first.ent_type_ == "PERSON" and first.ent_iob_ == "I":
            return False  # "Hitchcock" in "Alfred Hitchcock's thriller"
        if _capital(after) or (_capital(before) and before is not None and not _begins(before)):
            return False
        if _begins(first) or (before is not None and before.is_upper and len(before.text) > 1):
            return not trained(span.doc) or first.pos_ in _NAME_TAGS
        return not trained(span.doc) or first.pos_ not in _ORDINARY or first.lower_ == "her"


def _in_lemmas(doc: Doc) -> Doc:
    """Return a label whose words are their own lemmas."""
    for token in doc:
        token.lemma_ = token.lower_
    return doc


def _is_noun_like(span: Span) -> bool:
    """Return whether a word may be a subject here: no verb, no half of a hyphenated word."""
    if len(span) > 1 or not trained(span.doc):
        return True
    token = span[0]
    if token.tag_ in _FINITE or token.pos_ == "ADV":
        return False
    around = span.doc[max(0, token.i - 1) : token.i + 2]
    return not any(t.text == "-" and not t.whitespace_ for t in around)


def trained(doc: Doc) -> bool:
    """Return whether a text was read by a trained pipeline (parts of speech and a parse)."""
    return doc.has_annotation("DEP") and doc.has_annotation("POS")


def _labels(entity: Entity, language: str) -> list[str]:
    own = entity.labels.get(language)
    return list(own) if own else [name for names in entity.labels.values() for name in names]


def _word_count(label: str) -> int:
    return len(re.findall(r"\w+", label))


def _begins(token: Token) -> bool:
    return token.i == 0 or bool(token.is_sent_start) or token.nbor(-1).text in {":", '"', "“", "("}


def _capital(token: Token | None) -> bool:
    return token is not None and token.text[:1].isupper() and token.is_alpha


def _is_named(span: Span) -> bool:
    before = span.doc[max(0, span.start - 2) : span.start]
    return any(
        t.lemma_ in {"like", "love", "watch", "enjoy", "hate", "see", "than"} for t in before
    )
