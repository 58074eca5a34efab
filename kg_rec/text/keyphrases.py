"""Terms of a text about an item: its content words and the names it mentions.

A term says less than a fact, but there are many of them, and together they describe an item well
(bag of words: Salton, Wong & Yang, CACM 1975). They are read as statements with evidence like all
else, so that a score that rests on the word "robot" can show where it stands. Phrases of nouns are
read in :mod:`kg_rec.text.concepts`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ontology import CONCEPT
from kg_rec.ontology.texts import HAS_WORD, MENTIONS, WORD
from kg_rec.statements import Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from spacy.tokens import Token

    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology
    from kg_rec.statements import Evidence
    from kg_rec.text.mentions import Mention
    from kg_rec.text.page import Page
    from kg_rec.text.resolving import Resolved, Resolver

__all__ = [
    "KINDS",
    "STATED",
    "Name",
    "TermReader",
    "Word",
    "content_words",
    "kinds_of_names",
    "names",
]

STATED = ("relations", "concepts")
"""What a text says of its item: facts of the ontology's relations, and what it is about."""
KINDS = (*STATED, "names", "words")
"""All that may be read from a text about an item."""

_CONTENT = {"NOUN", "VERB", "ADJ", "ADV", "PROPN", "X", ""}
_SHORTEST = 2
_WORD_SURE, _NAME_SURE = 1.0, 0.9


class Word(NamedTuple):
    """A content word: its lemma in lower case, and the token it stands at."""

    lemma: str
    token: int


class Name(NamedTuple):
    """A name of something of a class, in passing."""

    mention: Mention
    kind: Iri


def content_words(page: Page) -> Iterator[Word]:
    """Yield the content words of a text, each time they occur.

    Nouns, verbs, adjectives, adverbs and names of letters only, without stop words; where the
    pipeline tags no parts of speech, all words that are no stop words.
    """
    for token in page.doc:
        if _is_content(token):
            yield Word((token.lemma_ or token.text).lower(), token.i)


def _is_content(token: Token) -> bool:
    if token.is_stop or not token.is_alpha or token.pos_ not in _CONTENT:
        return False
    return len(token) >= _SHORTEST or not token.is_ascii


def kinds_of_names(ontology: Ontology) -> dict[str, Iri]:
    """Return the class that each spaCy entity type stands for in an ontology."""
    return {
        label: iri
        for iri, cls in sorted(ontology.classes.items(), reverse=True)
        for label in cls.ner_labels
    }


def names(page: Page, kinds: Mapping[str, Iri], other: Iri) -> Iterator[Name]:
    """Yield the names in a text, with the class that their entity type stands for.

    Args:
        page: The text.
        kinds: spaCy entity type to class, from :func:`kinds_of_names`.
        other: Class of names of several words whose type stands for no class.
    """
    for mention in page.mentions:
        kind = kinds.get(mention.label)
        if kind is not None or mention.length > 1:
            yield Name(mention, kind or other)


class TermReader:
    """Reads the terms of texts about items as statements.

    Args:
        ontology: Its classes say what the names are names of.
        kinds: ``"words"``, ``"names"``, both or neither; others are passed over.
    """

    def __init__(self, ontology: Ontology, kinds: Collection[str] = KINDS) -> None:
        self._classes = kinds_of_names(ontology)
        self._kinds = kinds

    def read(
        self, page: Page, resolver: Resolver, item: Iri
    ) -> Iterator[tuple[Statement, Resolved, Evidence]]:
        """Yield what the text says of an item in passing, once for each place that says it.

        Yields:
            A statement, its object, and where the text names that.
        """
        yield from self._words(page, resolver, item) if "words" in self._kinds else ()
        yield from self._names(page, resolver, item) if "names" in self._kinds else ()

    def _words(
        self, page: Page, resolver: Resolver, item: Iri
    ) -> Iterator[tuple[Statement, Resolved, Evidence]]:
        named = self._named(page, item)
        for word in content_words(page):
            if word.token in named:
                continue
            made = resolver.mint(WORD, word.lemma)
            evidence = page.evidence(word.token, word.token + 1)
            triple = Triple(item, HAS_WORD, made.iri)
            yield _said(triple, evidence, _WORD_SURE, "word"), made, evidence

    def _named(self, page: Page, item: Iri) -> set[int]:
        """Return the tokens of names of several words, if these are read, but for the item's own.

        The name says it better: "Al Pacino" is about one person, "al" about many.
        """
        if "names" not in self._kinds:
            return set()
        told = (mention for mention, _ in names(page, self._classes, CONCEPT))
        others = (m for m in told if 1 < m.length < len(page.doc) and item not in m.entities)
        return {token for m in others for token in range(m.start, m.end)}

    def _names(
        self, page: Page, resolver: Resolver, item: Iri
    ) -> Iterator[tuple[Statement, Resolved, Evidence]]:
        for mention, kind in names(page, self._classes, CONCEPT):
            found = _entity(page, resolver, mention, kind)
            if found is not None and found.iri != item:
                evidence = page.evidence(mention.start, mention.end)
                triple = Triple(item, MENTIONS, found.iri)
                yield _said(triple, evidence, _NAME_SURE, "name"), found, evidence


def _entity(page: Page, resolver: Resolver, mention: Mention, kind: Iri) -> Resolved | None:
    if kind == CONCEPT and not mention.entities:
        return resolver.concept(mention.name)
    return resolver.resolve(page, mention, kind)


def _said(triple: Triple, evidence: Evidence, confidence: float, extractor: str) -> Statement:
    return Statement(triple, (evidence,), confidence, extractor, object_text=evidence.text)
