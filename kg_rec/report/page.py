"""The page: what the templates need, made from recommendations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import jinja2
from markupsafe import Markup

from kg_rec.report.drawing import draw, in_words
from kg_rec.report.passages import Documents, Passage, Piece, mark
from kg_rec.report.reasons import KINDS, Reason, group_reasons, kind_of
from kg_rec.report.words import clean, number, plural, shorten, signed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.explanations import Hop, Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology
    from kg_rec.profiles import Profile, Source

__all__ = ["ReportView", "environment", "render_fragment", "render_report"]

CHIPS = 12
"""Most items of the history that the page names."""
CHIPS_DISLIKED = 6
PASSAGES = 2
"""Most passages quoted for one reason; the list of all contributions has the others."""
FRAGMENT_REASONS = 3


@dataclass(frozen=True)
class ReportView:
    """What a report shows.

    Attributes:
        title: Title of the page.
        user: Who it is for: a name, or "A typed taste".
        taste: What someone typed, or the user's own text.
        profile: What the model knows of them.
        recommendations: The ranked list, with all contributions.
        graph: Labels and documents.
        ontology: Names of relations.
        about: Facts on the model for the footer, by name.
    """

    title: str
    user: str
    taste: str | None
    profile: Profile
    recommendations: Sequence[Recommendation]
    graph: KnowledgeGraph
    ontology: Ontology
    about: Mapping[str, str]


class Chips(NamedTuple):
    """Names in a row under a heading, and how many more there are."""

    heading: str
    positive: bool
    labels: tuple[str, ...]
    more: int


class Segment(NamedTuple):
    """A part of a bar: its kind, and place and width in per cent."""

    kind: str
    start: float
    width: float


class ShownReason(NamedTuple):
    """A reason with the passages that are quoted, and how many are not."""

    reason: Reason
    passages: tuple[Passage, ...]
    more: int


class Card(NamedTuple):
    """A recommendation as the page shows it."""

    recommendation: Recommendation
    reasons: tuple[ShownReason, ...]
    segments: tuple[Segment, ...]
    summary: str


def render_report(view: ReportView) -> str:
    """Return the report as one HTML page that loads nothing.

    The page is the same, byte for byte, for the same view.

    Args:
        view: What to show.
    """
    documents = Documents(view.graph, view.taste, view.recommendations)
    grouped = [group_reasons(r) for r in view.recommendations]
    zero, scale = _scale(grouped)
    cards = [
        Card(r, _shown(reasons, documents), _segments(reasons, zero, scale), _summary(reasons))
        for r, reasons in zip(view.recommendations, grouped, strict=True)
    ]
    taste = _taste(view, documents)
    drawing = draw(view.recommendations, view.graph, view.ontology)
    return (
        environment()
        .get_template("report.html.jinja")
        .render(
            view=view,
            taste=taste,
            marks=sorted({piece.mark for piece in taste if piece.mark}, reverse=True),
            chip_rows=_chip_rows(view.profile.sources),
            cards=cards,
            zero=zero,
            kinds=_used_kinds(grouped),
            drawing=drawing,
            steps=_Steps(view.graph, view.ontology),
        )
    )


def render_fragment(recommendations: Sequence[Recommendation]) -> str:
    """Return a small HTML table for notebooks; its style applies to nothing else.

    Args:
        recommendations: The ranked list.
    """
    rows = [(r, group_reasons(r, FRAGMENT_REASONS)) for r in recommendations]
    return environment().get_template("fragment.html.jinja").render(rows=rows)


@cache
def environment() -> jinja2.Environment:
    """Return what renders templates: everything escaped, unprintable characters replaced."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("kg_rec.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    found.globals |= {"KINDS": KINDS}
    found.globals |= {"kind_of": kind_of, "in_words": in_words, "plural": plural}
    found.filters |= {"number": number, "signed": signed, "shorten": shorten}
    return found


def _printable(value: object) -> object:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


# --- the profile -------------------------------------------------------------------------------


def _taste(view: ReportView, documents: Documents) -> tuple[Piece, ...]:
    """Return the taste, with what was understood of it marked as a like or a dislike."""
    if view.taste is None:
        return ()
    spans = [
        (e.start, e.end, "like" if source.positive else "dislike")
        for source in view.profile.sources
        if source.kind == "preference"
        for e in source.evidence
        if documents.in_taste(e)
    ]
    return mark(view.taste, spans)


def _chip_rows(sources: Sequence[Source]) -> list[Chips]:
    """Return what is liked and disliked by word and by deed, without empty rows."""
    rows = (
        ("Said to like", "preference", True, CHIPS),
        ("Said to dislike", "preference", False, CHIPS),
        ("Chose and liked best", "history", True, CHIPS),
        ("Chose and did not like", "history", False, CHIPS_DISLIKED),
    )
    return [chips for row in rows if (chips := _chips(sources, *row)).labels]


def _chips(
    sources: Sequence[Source],
    heading: str,
    kind: str,
    positive: bool,  # noqa: FBT001 - one column of the table above
    most: int,
) -> Chips:
    """Return the names of liked or disliked sources, the strongest first."""
    found = [s for s in sources if s.kind == kind and s.positive == positive]
    labels = [s.label for s in sorted(found, key=lambda s: -s.strength)]
    return Chips(heading, positive, tuple(labels[:most]), max(0, len(labels) - most))


# --- the cards ---------------------------------------------------------------------------------


def _used_kinds(grouped: Sequence[Sequence[Reason]]) -> list[str]:
    used = {r.kind for reasons in grouped for r in reasons}
    return [kind for kind in KINDS if kind in used]


def _shown(reasons: Sequence[Reason], documents: Documents) -> tuple[ShownReason, ...]:
    """Return the reasons with their passages; what two reasons rest on is quoted once."""
    quoted: set[Passage] = set()
    shown = []
    for reason in reasons:
        passages = [p for p in documents.passages(reason.evidence) if p not in quoted]
        quoted.update(passages[:PASSAGES])
        shown.append(
            ShownReason(reason, tuple(passages[:PASSAGES]), max(0, len(passages) - PASSAGES))
        )
    return tuple(shown)


def _scale(grouped: Sequence[Sequence[Reason]]) -> tuple[float, float]:
    """Return where zero is in all bars, in per cent, and the per cent of one unit of value."""
    right = max((sum(max(r.value, 0.0) for r in reasons) for reasons in grouped), default=0.0)
    left = max((sum(max(-r.value, 0.0) for r in reasons) for reasons in grouped), default=0.0)
    whole = left + right or 1.0
    return round(100 * left / whole, 3), 100 / whole


def _segments(reasons: Sequence[Reason], zero: float, scale: float) -> tuple[Segment, ...]:
    """Return the parts of a bar: what speaks for it to the right of zero, the rest to the left."""
    segments = []
    right = left = zero
    for r in reasons:
        size = abs(r.value) * scale
        if r.value >= 0:
            segments.append(Segment(r.kind, round(right, 3), round(size, 3)))
            right += size
        else:
            left -= size
            segments.append(Segment(r.kind, round(left, 3), round(size, 3)))
    return tuple(segments)


def _summary(reasons: Sequence[Reason]) -> str:
    """Return what a bar shows, in words: the sum of each kind."""
    sums: dict[str, float] = {}
    for r in reasons:
        sums[r.kind] = sums.get(r.kind, 0.0) + r.value
    return "; ".join(f"{KINDS[kind]}: {signed(value)}" for kind, value in sums.items())


class _Steps:
    """Writes paths for the list of all contributions."""

    def __init__(self, graph: KnowledgeGraph, ontology: Ontology) -> None:
        self.graph = graph
        self.ontology = ontology

    def __call__(self, path: Sequence[Hop]) -> str:
        """Return a path as "Heat → genre → Crime ← genre ← Se7en"."""
        if not path:
            return ""
        first = path[0].triple
        words = self.graph.label(first.object if path[0].reverse else first.subject)
        for triple, reverse in path:
            arrow = "←" if reverse else "→"
            end = self.graph.label(triple.subject if reverse else triple.object)
            words += f" {arrow} {self._relation(triple.predicate)} {arrow} {end}"
        return words

    def _relation(self, predicate: Iri) -> str:
        relation = self.ontology.relations.get(predicate)
        if relation is None:
            return _spaced(predicate.local_name)
        return relation.labels.get("en", (predicate.local_name,))[0]


def _spaced(name: str) -> str:
    """Return "liked with" of "likedWith"."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
