"""Cards: one recommendation each, with its bar, reasons, quotes and drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.report.drawing import Drawing, draw_paths
from kg_rec.report.language import ENGLISH, Words
from kg_rec.report.reasons import KINDS, Reason, group_reasons
from kg_rec.report.terms import Ledger, ledger
from kg_rec.report.words import places_for, signed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg_rec.explanations import Recommendation
    from kg_rec.report.changes import Changes
    from kg_rec.report.passages import Documents, Passage
    from kg_rec.report.relations import Steps

__all__ = ["Card", "Deck", "Entry", "Segment", "ShownReason", "deck"]

PASSAGES = 2
"""Most passages quoted for one reason; the ledger names others."""


class Entry(NamedTuple):
    """What a card is made from.

    Attributes:
        place: Its number in the list.
        title: Its heading.
        note: A line below the heading, or empty.
        recommendation: What it explains.
        documents: The texts that it quotes.
        what_if: What would change its place.
    """

    place: int
    title: str
    note: str
    recommendation: Recommendation
    documents: Documents
    what_if: Changes | None


class Segment(NamedTuple):
    """A part of a bar: its kind, and place and width in per cent."""

    kind: str
    start: float
    width: float


class ShownReason(NamedTuple):
    """A reason as the page shows it.

    Attributes:
        reason: The reason.
        passages: The passages that are quoted.
        more: How many are not.
        support: For a learned link: the facts that join its ends, as a path; or empty.
    """

    reason: Reason
    passages: tuple[Passage, ...]
    more: int
    support: str = ""


class Card(NamedTuple):
    """A recommendation as the page shows it."""

    entry: Entry
    reasons: tuple[ShownReason, ...]
    segments: tuple[Segment, ...]
    summary: str
    drawing: Drawing | None
    ledger: Ledger


class Deck(NamedTuple):
    """The cards of a page.

    Attributes:
        cards: In the order of the list.
        zero: Where zero is in all bars, in per cent.
        kinds: The kinds of reasons on them.
        places: Decimal places of the numbers.
    """

    cards: tuple[Card, ...]
    zero: float
    kinds: tuple[str, ...]
    places: int


def deck(entries: Sequence[Entry], steps: Steps) -> Deck:
    """Return the cards of a page; all bars have one scale.

    Args:
        entries: What to show.
        steps: Writes paths; its words are the language of the page.
    """
    words = steps.words
    grouped = [group_reasons(e.recommendation, words=words) for e in entries]
    zero, scale = _scale(grouped)
    places = places_for(e.recommendation.score for e in entries)
    cards = (
        Card(
            e,
            _shown(reasons, e.documents, steps),
            _segments(reasons, zero, scale),
            _summary(reasons, places, words),
            draw_paths(e.recommendation, steps.graph, steps.ontology, words),
            ledger(e.recommendation, steps),
        )
        for e, reasons in zip(entries, grouped, strict=True)
    )
    used = {r.kind for reasons in grouped for r in reasons}
    return Deck(tuple(cards), zero, tuple(kind for kind in KINDS if kind in used), places)


def _shown(
    reasons: Sequence[Reason], documents: Documents, steps: Steps
) -> tuple[ShownReason, ...]:
    """Return the reasons with their passages; what several rest on is told once."""
    quoted: set[Passage] = set()
    joined: set[str] = set()
    shown = []
    for reason in reasons:
        passages = [p for p in documents.passages(reason.evidence) if p not in quoted]
        quoted.update(passages[:PASSAGES])
        more = max(0, len(passages) - PASSAGES)
        support = _support(reason, steps)
        support = "" if support in joined else support
        joined.add(support)
        shown.append(ShownReason(reason, tuple(passages[:PASSAGES]), more, support))
    return tuple(shown)


def _support(reason: Reason, steps: Steps) -> str:
    """Return the facts that back a learned link; a link that counts against needs none."""
    if reason.strongest is None or reason.against:
        return ""
    return steps(reason.strongest.support)


def _scale(grouped: Sequence[Sequence[Reason]]) -> tuple[float, float]:
    """Return where zero is in all bars, in per cent, and the per cent of one unit of value."""
    right = max((sum(max(r.value, 0.0) for r in reasons) for reasons in grouped), default=0.0)
    left = max((sum(max(-r.value, 0.0) for r in reasons) for reasons in grouped), default=0.0)
    whole = left + right or 1.0
    return round(100 * left / whole, 3), 100 / whole


def _segments(reasons: Iterable[Reason], zero: float, scale: float) -> tuple[Segment, ...]:
    """Return the parts of a bar: what speaks for it to the right of zero, the rest to the left."""
    segments = []
    right = left = zero
    for r in reasons:
        size = abs(r.value) * scale
        if r.value >= 0:
            segments.append(Segment(r.kind, round(right, 2), round(size, 2)))
            right += size
        else:
            left -= size
            segments.append(Segment(r.kind, round(left, 2), round(size, 2)))
    return tuple(segments)


def _summary(reasons: Iterable[Reason], places: int, words: Words = ENGLISH) -> str:
    """Return what a bar shows, in words: the sum of each kind."""
    sums: dict[str, float] = {}
    for r in reasons:
        sums[r.kind] = sums.get(r.kind, 0.0) + r.value
    return words.semicolon.join(
        f"{words(KINDS[kind])}{words.colon}{signed(value, places)}" for kind, value in sums.items()
    )
