"""Spans of a text that may be named in a relation: names, numbers, dates, noun phrases.

Of spans that overlap one is kept: an entity or a name over a noun phrase, the longer one over the
shorter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spacy.matcher import PhraseMatcher

from kg_rec.text.pair_patterns import place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spacy.language import Language
    from spacy.tokens import Doc, Token

    from kg_rec.text.pair_patterns import Place
    from kg_rec.text.words import Words

__all__ = ["Known", "candidates", "named"]

_LEADING = {"DET", "PRON", "PUNCT", "SPACE", "CCONJ", "ADP", "PART"}
_TRAILING = {"PUNCT", "SPACE", "PART", "CCONJ", "ADP"}
_NUMBERS = {"QUANTITY", "MONEY", "PERCENT", "CARDINAL"}
_HYPHENS = {"-", "‑", "–"}
_ARTICLES = {"A", "An", "The"}


def candidates(doc: Doc, words: Words, known: Known | None = None) -> list[Place]:
    """Return the spans, in the order of the text, without overlaps.

    Args:
        doc: The text.
        words: The word lists of its language.
        known: Names that are known.
    """
    spans = {(start, end, rank) for start, end, rank in _spans(doc, words) if start < end}
    if known is not None:
        spans |= {(start, end, -1) for start, end in known.spans(doc)}
    taken: set[int] = set()
    kept: list[Place] = []
    for start, end, _ in sorted(spans, key=lambda s: (s[2], s[0] - s[1], s[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept.append(place(doc, start, end))
    return sorted(kept)


class Known:
    """Names that are known, as they are written.

    Args:
        nlp: The pipeline whose tokenizer reads the texts.
        names: The names.
    """

    def __init__(self, nlp: Language, names: Iterable[str]) -> None:
        self._matcher = PhraseMatcher(nlp.vocab)
        self._matcher.add("name", [nlp.make_doc(name) for name in sorted(names)])

    def spans(self, doc: Doc) -> Iterator[tuple[int, int]]:
        """Yield where they stand: first and last token of each."""
        yield from ((start, end) for _, start, end in self._matcher(doc))

    def longest(self, doc: Doc) -> list[tuple[int, int]]:
        """Return where they stand, without those that overlap a longer one."""
        taken: set[int] = set()
        kept = []
        for start, end in sorted(set(self.spans(doc)), key=lambda s: (s[0] - s[1], s)):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                kept.append((start, end))
        return sorted(kept)


def named(places: list[Place]) -> list[list[Place]]:
    """Return places by the name that stands there, in the order of their first."""
    found: dict[str, list[Place]] = {}
    for here in places:
        found.setdefault(here.text, []).append(here)
    return list(found.values())


def _spans(doc: Doc, words: Words) -> Iterator[tuple[int, int, int]]:
    """Yield spans with their rank; the lowest wins where they overlap."""
    names = list(_runs(doc, words))
    yield from ((start, end, 0) for start, end in names)
    inside = {i for start, end in names for i in range(start, end)}
    for span in doc.ents:
        if span.label_ in _NUMBERS:
            yield from ((t.i, t.i + 1, 1) for t in span if _is_number(t) and t.i not in inside)
        else:
            yield (*_trimmed(doc, span.start, span.end), 1)
    yield from ((t.i, t.i + 1, 2) for t in doc if _is_number(t) and t.i not in inside)
    if doc.has_annotation("DEP"):
        for span in doc.noun_chunks:
            cut = [t.i for t in span if t.tag_ == "POS"]
            start, end = _trimmed(doc, cut[-1] + 1 if cut else span.start, span.end)
            yield start, end, 3


def _is_number(token: Token) -> bool:
    return token.like_num or (token.pos_ == "NUM" and token.text[0].isdigit())


def _trimmed(doc: Doc, start: int, end: int) -> tuple[int, int]:
    while start < end and doc[start].pos_ in _LEADING and not doc[start].text[0].isdigit():
        start += 1
    while start < end and doc[end - 1].pos_ in _TRAILING and doc[end - 1].text not in {")", "!"}:
        end -= 1
    return start, end


def _runs(doc: Doc, words: Words) -> Iterator[tuple[int, int]]:
    """Yield runs of capitalised words, with what joins them: ``11 University of Texas Road``."""
    i = 0
    while i < len(doc):
        end = i
        while end < len(doc) and _is_proper(doc, end):
            end = _over(doc, end + 1, words)
        if end == i:
            i += 1
            continue
        yield _widened(doc, i, end)
        i = end


def _over(doc: Doc, i: int, words: Words) -> int:
    """Return the token at which a run goes on after ``of`` or a hyphen, else the token itself."""
    if i + 1 < len(doc):
        joins = doc[i].lower_ in words.particles | words.kinship - {"for", "to"}
        hyphen = doc[i].text in _HYPHENS and not doc[i].whitespace_ and not doc[i - 1].whitespace_
        if hyphen or (joins and _is_proper(doc, i + 1)):
            return i + 2 if hyphen else i + 1
    return i


def _widened(doc: Doc, start: int, end: int) -> tuple[int, int]:
    """Return a run with a number or article before it and the common noun that it modifies."""
    before = doc[start - 1] if start else None
    inside = before is not None and not doc[start].is_sent_start
    if before is not None and inside and (_is_number(before) or _is_capital_article(before)):
        start -= 1
    after = doc[end] if end < len(doc) else None
    if after is not None and _is_number(after) and not after.is_sent_start:
        return start, end + 1
    if after is not None and after.pos_ == "NOUN" and doc[end - 1].head.i == end:
        return start, end + 1
    return start, end


def _is_capital_article(token: Token) -> bool:
    return token.text in _ARTICLES and token.i > 0 and not token.is_sent_start


def _is_proper(doc: Doc, i: int) -> bool:
    token = doc[i]
    if token.pos_ == "PROPN":
        return token.text[0].isalpha()
    return token.is_title and not token.is_sent_start and token.pos_ in {"NOUN", "ADJ", "VERB"}
