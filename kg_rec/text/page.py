"""A parsed stretch of a document, with what the readers of it share."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg_rec.text.gazetteer import trained
from kg_rec.text.mentions import Group, Mention, groups
from kg_rec.text.names import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Doc, Token

    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology
    from kg_rec.statements import Document, Evidence
    from kg_rec.text.aligned import Aligned
    from kg_rec.text.words import Words

__all__ = ["Nouns", "Page"]

_MODIFIERS = {"ADJ", "NOUN", "PROPN", "NUM", "ADV"}
_LONGEST_PHRASE = 12
_NOT_NOUNS = {"VERB", "AUX", "ADJ", "ADV"}
_NOUN_PLACES = {"pobj", "nsubj", "nsubjpass", "dobj", "attr", "appos"}


class Nouns:
    """The nouns that the ontology has for its classes; ``roles``: for its relations.

    Args:
        ontology: The domain.
        language: Language of the labels.
    """

    def __init__(self, ontology: Ontology, language: str) -> None:
        self.ontology = ontology
        self._by_last: dict[str, list[tuple[tuple[str, ...], Iri]]] = {}
        for iri, cls in ontology.classes.items():
            for label in cls.labels.get(language, ()):
                words = tuple(label.lower().replace("-", " - ").split())
                self._by_last.setdefault(words[-1], []).append((words[:-1], iri))

        labels = {
            label.lower()
            for relation in ontology.relations.values()
            for label in relation.labels.get(language, ())
        }
        self.roles = frozenset(labels | {f"{label}s" for label in labels})

    def classes(self, token: Token) -> set[Iri]:
        """Return the classes that a token is a noun of, alone or with the words before it."""
        named = self._by_last.get(token.lower_) or self._by_last.get(token.lemma_.lower())
        if not named or _is_no_noun(token):
            return set()
        return {iri for words, iri in named if _precedes(words, token)}

    def candidates(self, page: Page) -> Iterator[int]:
        """Yield the tokens of a page that may be a noun of some class, by their words."""
        for i, (lower, lemma) in enumerate(zip(page.lowers, page.lemmas, strict=True)):
            if lower in self._by_last or lemma in self._by_last:
                yield i

    def is_a(self, token: Token, ancestor: Iri) -> bool:
        """Return whether a token is a noun of a class or of one below it."""
        return any(self.ontology.is_a(iri, ancestor) for iri in self.classes(token))


@dataclass(slots=True)
class Page:
    """A stretch of a document.

    Attributes:
        doc: The tokens.
        document: Where they are from.
        source: The document's text as it is read, with the way back to the original.
        offset: Where the stretch starts in that text.
        mentions: The names in it.
        words: The word lists of the language.
        surnames: Last words of the full names in the document so far, case folded.
        items: Tokens that may stand for the item, once they are looked for.
        groups: The lists that they stand in.
        pronouns: Token to the person that it stands for: ``he``, ``she``, ``who``.
        lowers: The tokens in lower case.
        lemmas: Their lemmas, in lower case.
        vocabulary: All of both.
        trained: Whether parts of speech and a parse are there.
    """

    doc: Doc
    document: Document
    source: Aligned
    offset: int
    mentions: list[Mention]
    words: Words
    surnames: frozenset[str] = frozenset()
    items: set[int] | None = None
    groups: list[Group] = field(default_factory=list)
    pronouns: dict[int, Mention] = field(default_factory=dict)
    lowers: list[str] = field(init=False)
    lemmas: list[str] = field(init=False)
    vocabulary: frozenset[str] = field(init=False)
    trained: bool = field(init=False)
    _starts: list[int] = field(init=False)
    _mention_at: dict[int, Mention] = field(default_factory=dict)
    _group_at: dict[int, Group] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lowers = [token.lower_ for token in self.doc]
        self.lemmas = [token.lemma_.lower() for token in self.doc]
        self.vocabulary = frozenset(self.lowers).union(self.lemmas)
        self.trained = trained(self.doc)
        self._starts = [token.i for token in self.doc if token.is_sent_start]
        self.groups = groups(self.doc, self.mentions, self.words)
        for mention in self.mentions:
            self._mention_at.update(dict.fromkeys(range(mention.start, mention.end), mention))
        for group in self.groups:
            for mention in group.members:
                self._group_at.update(dict.fromkeys(range(mention.start, mention.end), group))

    def sentence_end(self, i: int) -> int:
        """Return the token after the sentence of a token."""
        k = bisect.bisect_right(self._starts, i)
        return self._starts[k] if k < len(self._starts) else len(self.doc)

    def mention_at(self, i: int) -> Mention | None:
        """Return the mention that covers a token."""
        return self._mention_at.get(i)

    def group_at(self, i: int) -> Group | None:
        """Return the list that a token's mention stands in; None for roles."""
        return self._group_at.get(i)

    def is_short_for(self, mention: Mention) -> bool:
        """Return whether a fuller name of the same person is in the text up to here."""
        last = name_key(mention.name).split()[-1:]
        return mention.length == 1 and bool(self.surnames.intersection(last))

    def evidence(self, start: int, end: int) -> Evidence:
        """Return the evidence for tokens ``start`` to ``end``, cited from the original text."""
        span = self.doc[start:end]
        first, last = self.offset + span.start_char, self.offset + span.end_char
        return self.document.evidence(*self.source.source(first, last))

    def phrase_start(self, head: int) -> int:
        """Return the first token of the noun phrase that ends at a head noun."""
        i = head
        while i > 0 and head - i < _LONGEST_PHRASE:
            token, before = self.doc[i], self.doc[i - 1]
            if token.is_sent_start or before.pos_ == "DET" or before.dep_ == "poss":
                return i - 1 if before.pos_ in {"DET", "PRON"} and not token.is_sent_start else i
            inner = _is_modifier(before)
            comma = before.text in {",", "and"} and token.pos_ == "ADJ" and i > 1
            if not inner and not (comma and self.doc[i - 2].pos_ == "ADJ"):
                return i
            i -= 1
        return i

    def phrase_head(self, start: int, accepts: set[int]) -> int | None:
        """Return the last accepted noun of the noun phrase that starts at a token."""
        found = None
        for i in range(start, min(start + _LONGEST_PHRASE, len(self.doc))):
            token = self.doc[i]
            if i > start and token.is_sent_start:
                break
            if i in accepts:
                found = i
                continue
            if found is not None and token.tag_ == "NN":
                found = None  # "comic-book adaptation" is no book
                break
            if found is not None and token.pos_ not in {"NOUN", "ADJ"} and token.text != "-":
                break
            if not self._is_inner(i, start):
                break
        if found is None and start < len(self.doc):
            return self._pointed_at(start)
        return found

    def _is_inner(self, i: int, start: int) -> bool:
        """Return whether a token can stand inside a noun phrase that starts at ``start``."""
        token = self.doc[i]
        if token.pos_ in {"DET", "PRON"}:
            return i == start or self.doc[i - 1].pos_ in {"DET", "ADV"}
        if token.text in {",", "and"}:
            return i > start and (self.doc[i - 1].pos_ == "ADJ" or self.doc[i - 1].text == "-")
        if token.text == "-":
            return i > start  # "black-and-white"
        if token.tag_ == "POS":
            return self._is_brand(i - 1)
        return _is_modifier(token) or token.text in {"“", '"'}

    def _pointed_at(self, start: int) -> int | None:
        """Return the head of a phrase that points at the item by its determiner alone."""
        if self.doc[start].lower_ not in self.words.demonstratives:
            return None
        i = start
        while i + 1 < len(self.doc) and _is_modifier(self.doc[i + 1]):
            i += 1
        alone = i == start and self.doc[i].pos_ == "PRON"
        return i if alone or self.doc[i].pos_ == "NOUN" else None

    def _is_brand(self, i: int) -> bool:
        mention = self.mention_at(i)
        return mention is not None and mention.label not in {"PERSON", ""}


def _is_modifier(token: Token) -> bool:
    if token.pos_ in _MODIFIERS or token.text == "-":
        return True
    if token.i == 0 or token.i + 1 == len(token.doc):
        return False
    before, after = token.nbor(-1), token.nbor(1)
    if "-" in {before.text, after.text}:
        return token.is_alpha
    if token.tag_ not in {"VBN", "VBG"}:
        return False
    inner = before.pos_ in {"PROPN", "NOUN"} and token.dep_ == "amod" and after.pos_ in _MODIFIERS
    return inner or before.pos_ in {"DET", "ADJ", "PART"}


def _is_no_noun(token: Token) -> bool:
    if token.pos_ not in _NOT_NOUNS or token.dep_ in _NOUN_PLACES:
        return False
    after = token.nbor(1) if token.i + 1 < len(token.doc) else None
    owned = token.i > 0 and token.nbor(-1).tag_ == "POS"
    if owned and after is not None and after.pos_ == "PROPN":
        return False  # "X's novel Y", misread as an adjective
    return token.pos_ != "ADJ" or (after is not None and after.pos_ in _MODIFIERS)


def _precedes(words: tuple[str, ...], token: Token) -> bool:
    before = token.doc[max(0, token.i - len(words)) : token.i]
    return tuple(t.lower_ for t in before) == words
