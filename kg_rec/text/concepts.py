"""Subjects and genres: what an item is about, from noun phrases and known labels."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ontology import CONCEPT
from kg_rec.text.words import words_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.tokens import Doc, Token

    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology, OntologyClass, Relation
    from kg_rec.text.gazetteer import Gazetteer, Hit
    from kg_rec.text.page import Nouns, Page

__all__ = ["ConceptReader", "Subject", "base_phrases"]

_WORD = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")
_CONTENT = {"NOUN", "ADJ"}
_LONGEST = 3
_GENRE_REACH = 4
_NO_SUBJECTS = {"NORP", "ORDINAL", "CARDINAL"}
_CHUNK, _HEAD = 0.7, 0.6


class Subject(NamedTuple):
    """A subject at tokens ``start`` to ``end``; ``iri`` if it is known."""

    iri: Iri | None
    kind: Iri
    label: str
    start: int
    end: int
    extractor: str
    confidence: float


class ConceptReader:
    """Reads genres and subjects.

    Args:
        ontology: The domain.
        gazetteer: What is known.
        nouns: The nouns of the ontology's classes.
        language: Language of the texts.
    """

    def __init__(
        self, ontology: Ontology, gazetteer: Gazetteer, nouns: Nouns, language: str
    ) -> None:
        self.ontology = ontology
        self.gazetteer = gazetteer
        self.nouns = nouns
        self.language = language
        self.words = words_for(language)
        self._domain = _domain_words(ontology, language)
        self.generic = self.words.generic_nouns | self._domain
        self._names = {
            iri: (labels[0], frozenset(labels[1:]))
            for iri, entity in ontology.entities.items()
            if (labels := entity.labels.get(language))
        }

        self._labels = {
            label.lower()
            for preferred, others in self._names.values()
            for label in (preferred, *others)
        }

    def is_subject(self, hit: Hit) -> bool:
        """Return whether a known label is of concepts, not of items, people or places."""
        return all(self.gazetteer.is_a(entity, CONCEPT) for entity in hit.entities)

    def relation(self, kind: Iri) -> Iri | None:
        """Return the relation of items to subjects of a class, the closest range first."""
        relations = [r for r in self.ontology.relations.values() if r.range is not None]
        for wanted in (kind, CONCEPT):
            for relation in relations:
                if relation.range == wanted:
                    return relation.iri
        return None

    def subjects(self, page: Page, hits: Sequence[Hit]) -> Iterator[Subject]:
        """Yield the genres and subjects of a text about an item, from left to right."""
        taken: set[int] = set()
        for hit in hits:
            if any(self._is_genre(page, hit, entity.iri, strict=True) for entity in hit.entities):
                taken.update(self._used(page, hit))
                yield from self._known(page, hit, strict=True)
            elif not any(entity.iri in self._names for entity in hit.entities):
                taken.update(range(hit.start, hit.end))
                yield from self._known(page, hit, strict=True)
        yield from self.phrases(page, taken)

    def _used(self, page: Page, hit: Hit) -> range:
        """Return the tokens of a genre label that are no subject: not "ghost" in "ghost story"."""
        span = page.doc[hit.start : hit.end]
        if (
            not self._is_item_noun(span[-1])
            or span[-1].lower_ in self._labels
            or span[:-1].text.lower() in self._labels
        ):
            return range(hit.start, hit.end)
        return range(hit.end - 1, hit.end)

    def known(self, page: Page, hits: Sequence[Hit]) -> Iterator[Subject]:
        """Yield the known subjects of a user's text; a genre may stand alone there."""
        for hit in hits:
            lemma = page.doc[hit.start].lemma_.lower()
            light = lemma in self.words.generic_nouns | self.words.generic_adjectives
            if hit.end - hit.start > 1 or not light:
                yield from self._known(page, hit, strict=False)

    def compound_start(self, page: Page, subject: Subject) -> int:
        """Return where the compound starts whose last word is a subject: ``time travel``."""
        start = subject.start
        if not page.trained or page.doc[subject.end - 1].pos_ != "NOUN" or self._is_own(subject):
            return start
        while start > 0 and subject.end - start < _LONGEST:
            token = page.doc[start - 1]
            noun = token.tag_ == "NN" or (token.tag_ == "NNP" and bool(token.is_sent_start))
            joined = noun and token.dep_ in {"compound", "nmod"}
            named = page.mention_at(start - 1) is not None and not token.is_sent_start
            if not joined or named or not _WORD.fullmatch(token.text):
                break
            start -= 1
        return start

    def _is_own(self, subject: Subject) -> bool:
        return subject.iri in self._names

    def phrases(self, page: Page, taken: set[int], *, loose: bool = False) -> Iterator[Subject]:
        """Yield subjects from noun phrases, outside the tokens taken.

        Args:
            page: The text.
            taken: Tokens that are used up.
            loose: True for a user's words, where "violent films" has the subject "violent".
        """
        if not page.trained or not page.doc.has_annotation("DEP"):
            return
        chunks = sorted({*base_phrases(page.doc), *(_fragments(page.doc) if loose else ())})
        for start, end in chunks:
            free = [
                t for t in page.doc[start:end] if t.i not in taken and page.mention_at(t.i) is None
            ]
            found = list(self._phrase(free))
            yield from found or self._described(free, page.doc[end - 1], loose=loose)

    def _known(self, page: Page, hit: Hit, *, strict: bool) -> Iterator[Subject]:
        own = [e for e in hit.entities if e.iri in self._names]
        meant = [e for e in own if self._is_genre(page, hit, e.iri, strict=strict)]
        for entity in meant or [e for e in hit.entities if e not in own]:
            kind = entity.types[0]
            label = next(iter(entity.labels.values()), ("",))[0]
            yield Subject(entity.iri, kind, label, hit.start, hit.end, "label", 0.9)

    def _is_genre(self, page: Page, hit: Hit, iri: Iri, *, strict: bool) -> bool:
        """Return whether a label of the ontology's individual is meant as that individual.

        Before or as a noun for the item it is. Alone, only in a user's text (``strict`` off), and
        only if a label beside the preferred one says so: "war" is a subject, "horror" a genre.
        """
        if iri not in self._names:
            return False
        doc, last = page.doc, page.doc[hit.end - 1]
        if self._is_item_noun(last) and not self._modifies_other(page, hit.end):
            return not strict or not _names_other(page, hit)
        for i in range(hit.end, min(hit.end + _GENRE_REACH, len(doc))):
            if self._is_item_noun(doc[i]):
                return not strict or not _names_other(page, hit)
            if doc[i].pos_ not in {"NOUN", "ADJ", "PROPN"} and doc[i].text not in {"-", "and", ","}:
                break
        if strict:
            return False
        return self._stands_alone(page, hit, iri)

    def _modifies_other(self, page: Page, i: int) -> bool:
        """Return whether a noun that is none for the item follows: ``documentary form``."""
        follows = i < len(page.doc) and page.doc[i].pos_ == "NOUN"
        return follows and not self._is_item_noun(page.doc[i])

    def _stands_alone(self, page: Page, hit: Hit, iri: Iri) -> bool:
        _, others = self._names[iri]
        span = page.doc[hit.start : hit.end]
        texts = {span.text.lower(), span.lemma_.lower()}
        if not texts & {label.lower() for label in others}:
            return span.text.lower() == span.lemma_.lower() and self._is_bare(page, hit)
        return (
            not page.trained
            or len(span) > 1
            or span[0].pos_ in {"NOUN", "PROPN"}
            or span[0].i == len(page.doc) - 1
        )

    def _is_bare(self, page: Page, hit: Hit) -> bool:
        """Return whether a genre's label is a phrase of its own: "I love crime", no "a crime"."""
        before = page.doc[hit.start - 1] if hit.start else None
        after = page.doc[hit.end] if hit.end < len(page.doc) else None
        if page.doc[hit.end - 1].pos_ not in {"NOUN", "PROPN"}:
            return False
        closed = after is None or after.pos_ not in {"NOUN", "PROPN", "ADP"}
        opened = before is None or before.pos_ not in {"ADP", "DET", "PRON", "NOUN", "ADJ"}
        return closed and opened

    def _is_item_noun(self, token: Token) -> bool:
        return self.nouns.is_a(token, self.ontology.item_class)

    def _phrase(self, tokens: list[Token]) -> Iterator[Subject]:
        """Yield a chunk of up to three words and its head, or the nouns before a generic head."""
        words = [t for t in tokens if _kind(t) in _CONTENT and self._is_useful(t)]
        if not tokens or not words:
            return
        head = tokens[-1]
        words = [t for t in words if t.pos_ == "NOUN" or t.head is head or t.head in words]
        if _kind(head) != "NOUN" or head not in words:
            nouns = [
                t for t in words if t.pos_ == "NOUN" and t.dep_ in {"compound", "nmod", "conj"}
            ]
            yield from (self._subject([t]) for t in nouns if t is not head)
            return
        tail = _tail(words)
        if len(tail) > 1 and not _is_cut(tokens, tail):
            yield self._subject(tail)
        yield self._subject([head])

    def _described(self, tokens: Sequence[Token], head: Token, *, loose: bool) -> Iterator[Subject]:
        """Yield what describes a noun for the item: "bleak film", "heist film" taken for alike.

        In a user's words (``loose``) any generic noun will do: "strong woman".
        """
        for token in tokens:
            if token.pos_ != "ADJ" or token is head or not self._is_useful(token):
                continue
            if token.lower_ in self._domain:
                continue
            if head.lemma_.lower() in self._domain if loose else self._is_item_noun(head):
                known = self.gazetteer.concepts_like(token.lower_)
                yield Subject(
                    known, CONCEPT, token.lower_, token.i, token.i + 1, "adjective", _HEAD
                )
            elif loose and head.pos_ == "NOUN" and head.i - token.i == 1:
                yield self._subject([token, head])

    def _is_useful(self, token: Token) -> bool:
        lemma = token.lemma_.lower()
        if not _WORD.fullmatch(token.text) or token.is_stop or token.ent_type_ in _NO_SUBJECTS:
            return False
        if _is_half(token):
            return False
        if token.pos_ == "ADJ":
            return lemma not in self.words.generic_adjectives
        return lemma not in self.generic and token.lower_ not in self.generic

    def _subject(self, tokens: Sequence[Token]) -> Subject:
        label = _phrase_label(tokens)
        confidence = _CHUNK if len(tokens) > 1 else _HEAD
        known = self.gazetteer.concept(label)
        return Subject(
            known, CONCEPT, label, tokens[0].i, tokens[-1].i + 1, "noun phrase", confidence
        )


def _is_half(token: Token) -> bool:
    """Return whether a hyphen stands on either side of a word."""
    doc, i = token.doc, token.i
    return (i > 0 and doc[i - 1].text == "-") or (i + 1 < len(doc) and doc[i + 1].text == "-")


def _domain_words(ontology: Ontology, language: str) -> frozenset[str]:
    """Return the words by which the ontology talks about items: no subjects of their own."""
    named_things: list[OntologyClass | Relation] = [
        *ontology.classes.values(),
        *ontology.relations.values(),
    ]
    labels = [label for named in named_things for label in named.labels.get(language, ())]
    forms = [
        form.text
        for relation in ontology.relations.values()
        for form in relation.forms
        if form.language == language
    ]
    text = " ".join([*labels, *(re.sub(r"\{\w+\}", " ", form) for form in forms)])
    words = re.findall(r"[^\W\d_]+", text.lower())
    return frozenset([*words, *(word.removesuffix("s") for word in words)])


def base_phrases(doc: Doc) -> Iterator[tuple[int, int]]:
    """Yield base noun phrases, cut at commas, conjunctions and possessives."""
    for chunk in doc.noun_chunks:
        start = chunk.start
        for token in chunk:
            pause = token.pos_ in {"PUNCT", "CCONJ"} and token.text != "-"
            if pause or token.tag_ == "POS":
                yield start, token.i
                start = token.i + 1
        yield start, chunk.end


def _fragments(doc: Doc) -> Iterator[tuple[int, int]]:
    """Yield nouns between pauses, as in a list that is no sentence; the parse may lose them."""
    covered = {i for chunk in doc.noun_chunks for i in range(chunk.start, chunk.end)}
    for token in doc:
        opens = token.i == 0 or doc[token.i - 1].is_punct or token.is_sent_start
        closes = token.i + 1 == len(doc) or doc[token.i + 1].is_punct
        if opens and closes and token.pos_ == "NOUN" and token.i not in covered:
            yield token.i, token.i + 1


def _is_cut(tokens: Sequence[Token], tail: Sequence[Token]) -> bool:
    """Return whether a word left out belongs to the first one kept: "high" in "high school"."""
    before = [t for t in tokens if t.i < tail[0].i]
    return any(t.head in tail[:-1] and t.pos_ in _CONTENT for t in before)


def _kind(token: Token) -> str:
    """Return the part of speech; a "proper noun" in lower case is a noun."""
    return "NOUN" if token.pos_ == "PROPN" and token.is_lower else token.pos_


def _tail(words: Sequence[Token]) -> list[Token]:
    """Return the last words, up to three, that stand side by side."""
    kept = [words[-1]]
    for token in reversed(words[:-1]):
        if kept[0].i - token.i != 1 or len(kept) == _LONGEST:
            break
        kept.insert(0, token)
    return kept


def _phrase_label(tokens: Sequence[Token]) -> str:
    """Return the lower-case words of a phrase, the last one as its lemma."""
    words = [t.lower_ for t in tokens[:-1]]
    last = tokens[-1]
    return " ".join([*words, last.lemma_.lower() if _kind(last) == "NOUN" else last.lower_])


def _names_other(page: Page, hit: Hit) -> bool:
    """Return whether the noun phrase points at something else: ``like the film noir``."""
    start = page.phrase_start(hit.end - 1)
    before = page.doc[start - 1] if start else None
    if page.doc[start].lower_ in page.words.demonstratives or before is None:
        return False
    return before.lower_ in page.words.sources and not page.doc[start].is_sent_start
