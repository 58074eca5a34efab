"""Evidence in its sentence, with the mentions marked."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.explanations.quotes import sentence_around
from kg_rec.report.language import ENGLISH, Words
from kg_rec.report.words import ELLIPSIS, NAME, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg_rec.explanations import Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.statements import Evidence

__all__ = ["Documents", "Passage", "Piece", "mark"]

AROUND = 170
"""Most characters shown before the first and after the last mention of a passage."""
LOOKED_AT = 300
"""The strongest contributions of an item, whose facts tell what their texts are about."""
APART = 240
"""Mentions of one sentence that are farther apart than this are quoted one by one."""


class Piece(NamedTuple):
    """Some of a text; ``mark`` says what a mention is, and is empty for what surrounds it."""

    text: str
    mark: str = ""


@dataclass(frozen=True)
class Passage:
    """A quoted sentence.

    Attributes:
        document: Id of the document.
        name: What a reader calls it.
        pieces: The sentence, cut so that the mentions can be marked.
    """

    document: str
    name: str
    pieces: tuple[Piece, ...]


class Documents:
    """The documents that a page quotes, and how it names them.

    Args:
        graph: Has the texts, and says what facts they state.
        taste: What the user typed or wrote; evidence in other documents of users is looked up here.
        recommendations: A text is named after the item that most of their facts in it are of.
        words: The language.
    """

    def __init__(
        self,
        graph: KnowledgeGraph,
        taste: str | None,
        recommendations: Iterable[Recommendation],
        words: Words = ENGLISH,
    ) -> None:
        self.words = words.of(graph)
        self.texts = graph.documents
        self.taste = taste
        subjects: dict[str, Counter[str]] = defaultdict(Counter)
        terms = (c for r in recommendations for c in r.contributions[:LOOKED_AT])
        for hop in {hop for c in terms for hop in c.path}:
            for e in graph.evidence(hop.triple):
                subjects[e.document][self.words.name(hop.triple.subject)] += 1
        self.subjects = {
            name: min(found, key=lambda s: (-found[s], s)) for name, found in subjects.items()
        }

    def in_taste(self, evidence: Evidence) -> bool:
        """Return whether a passage stands in what the user typed."""
        inside = (
            self.taste is not None and self.taste[evidence.start : evidence.end] == evidence.text
        )
        other = self.texts.get(evidence.document, self.taste) != self.taste
        return inside and bool(evidence.text) and not other

    def name(self, evidence: Evidence) -> str:
        """Return what a reader calls the document of a passage."""
        if self.in_taste(evidence):
            return self.words("your own words")
        if evidence.document.startswith("users/"):
            return self.words("the user's own text")
        subject = self.subjects.get(evidence.document)
        if subject is None:
            return evidence.document
        return self.words("text on {name}", name=shorten(subject, NAME))

    def passages(self, evidence: Iterable[Evidence]) -> list[Passage]:
        """Return the sentences of some evidence; mentions in one sentence are marked together."""
        groups: dict[tuple[str, int, int], list[Evidence]] = {}
        for e in evidence:
            key = (e.document, *self._sentence(e))
            groups.setdefault(key, []).append(e)
        return [self._passage(run) for group in groups.values() for run in _runs(group)]

    def _text(self, evidence: Evidence) -> str | None:
        """Return the document of a passage, if it is at hand and holds it."""
        text = self.taste if self.in_taste(evidence) else self.texts.get(evidence.document)
        held = text is not None and text[evidence.start : evidence.end] == evidence.text
        return text if held else None

    def _sentence(self, evidence: Evidence) -> tuple[int, int]:
        text = self._text(evidence)
        if text is None:
            return evidence.start, evidence.end
        return sentence_around(text, evidence.start, evidence.end)

    def _passage(self, run: Sequence[Evidence]) -> Passage:
        first, last = run[0], run[-1]
        text = self._text(first)
        if text is None:
            pieces: tuple[Piece, ...] = (Piece(first.text, "mention"),)
        else:
            start, end = self._sentence(first)[0], self._sentence(last)[1]
            before = _tail(text[start : first.start].lstrip())
            after = _head(text[last.end : end].rstrip())
            inside = mark(text, [(e.start, e.end, "mention") for e in run], first.start, last.end)
            pieces = tuple(p for p in (Piece(before), *inside, Piece(after)) if p.text)
        return Passage(first.document, self.name(first), pieces)


def mark(
    text: str,
    spans: Iterable[tuple[int, int, str]],
    start: int = 0,
    end: int | None = None,
) -> tuple[Piece, ...]:
    """Return ``text[start:end]`` in pieces; of spans that overlap the first is marked.

    Examples:
        >>> mark("I love Heat", [(7, 11, "like")])
        (Piece(text='I love ', mark=''), Piece(text='Heat', mark='like'))
    """
    end = len(text) if end is None else end
    pieces, place = [], start
    for first, last, name in sorted(spans, key=lambda s: (s[0], -s[1])):
        if place <= first < last <= end:
            pieces += [Piece(text[place:first]), Piece(text[first:last], name)]
            place = last
    return tuple(p for p in (*pieces, Piece(text[place:end])) if p.text)


def _runs(group: Iterable[Evidence]) -> list[list[Evidence]]:
    """Return the mentions of one sentence in runs that are near each other.

    A mention inside another one is left out, one that overlaps another starts a new run.
    """
    runs: list[list[Evidence]] = []
    for e in sorted(group, key=lambda e: (e.start, -e.end)):
        if runs and e.end <= runs[-1][-1].end:
            continue
        if runs and 0 <= e.start - runs[-1][-1].end <= APART:
            runs[-1].append(e)
        else:
            runs.append([e])
    return runs


def _tail(text: str) -> str:
    if len(text) <= AROUND:
        return text
    cut = text[-AROUND:]
    return f"{ELLIPSIS} {cut.split(' ', 1)[-1]}"


def _head(text: str) -> str:
    if len(text) <= AROUND:
        return text
    cut = text[:AROUND]
    return f"{cut.rsplit(' ', 1)[0].rstrip(' ,;:')} {ELLIPSIS}"
