"""The pages: what the templates need, made from recommendations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.report.cards import Deck, Entry, deck
from kg_rec.report.drawing import draw
from kg_rec.report.language import Words
from kg_rec.report.leanings import Leanings
from kg_rec.report.passages import Documents, Piece, mark
from kg_rec.report.relations import Steps
from kg_rec.report.templating import environment
from kg_rec.report.words import number, places_for
from kg_rec.strategies import UNTOLD, Strategy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.explanations import Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology
    from kg_rec.profiles import Profile, Source
    from kg_rec.report.changes import Changes, Without

__all__ = [
    "Audience",
    "IndexLine",
    "Person",
    "ReportView",
    "render_audience",
    "render_index",
    "render_report",
    "what_if_words",
]

CHIPS = 12
"""Most items of the history that the page names."""
CHIPS_DISLIKED = 6


@dataclass(frozen=True)
class ReportView:
    """What a report on someone shows.

    Attributes:
        title: Title of the page.
        user: Who it is for: a name, or "A typed taste".
        taste: What someone typed, or the user's own text.
        profile: What the model knows of them.
        recommendations: The ranked list, with all contributions.
        graph: Labels and documents.
        ontology: Names of relations.
        about: Facts on the model for the footer, by name.
        language: Of the page; the recommendations are to be in it.
        leanings: What the model makes of the taste.
        what_if: What would change the place of an item, by its id.
        id: The user's id, if it is one of the model.
        note: What a reader should know of the list, or empty.
        single: Whether it is on one item that was asked for, wherever it stands in the list.
        strategy: What counted in the list, and why.
    """

    title: str
    user: str
    taste: str | None
    profile: Profile
    recommendations: Sequence[Recommendation]
    graph: KnowledgeGraph
    ontology: Ontology
    about: Mapping[str, str]
    language: str = "en"
    leanings: Leanings = field(default_factory=Leanings)
    what_if: Mapping[str, Changes] = field(default_factory=dict)
    id: str | None = None
    note: str = ""
    single: bool = False
    strategy: Strategy = UNTOLD


@dataclass(frozen=True)
class Person:
    """Someone whom an item is recommended to.

    Attributes:
        id: The user's pseudonym, or id.
        name: What the page calls them.
        recommendation: The item as it is recommended to them, without what they wrote.
    """

    id: str
    name: str
    recommendation: Recommendation


@dataclass(frozen=True)
class Audience:
    """What a report on an item shows: to whom it is recommended, and why.

    Attributes:
        title: Title of the page.
        item: Name of the item.
        facts: What is known of it, by the name of the relation.
        people: Those who get it highest, with the reasons.
        reach: How many people would find it among the first so many of their list.
        asked: How many people have not had it, and were looked at.
        had: How many people have had it.
        graph: Labels and documents.
        ontology: Names of relations.
        about: Facts on the model for the footer, by name.
        language: Of the page.
        id: The id of the item.
    """

    title: str
    item: str
    facts: Mapping[str, Sequence[str]]
    people: Sequence[Person]
    reach: Mapping[int, int]
    asked: int
    had: int
    graph: KnowledgeGraph
    ontology: Ontology
    about: Mapping[str, str]
    language: str = "en"
    id: str = ""


class IndexLine(NamedTuple):
    """A line of an index of pages: the link, its name, the best item."""

    link: str
    name: str
    best: str


class Chips(NamedTuple):
    """Names in a row under a heading, and how many more there are."""

    heading: str
    positive: bool
    labels: tuple[str, ...]
    more: int


def render_report(view: ReportView) -> str:
    """Return the report on someone as one HTML page that loads nothing.

    The page is the same, byte for byte, for the same view.

    Args:
        view: What to show.
    """
    words = Words(view.language, view.graph)
    documents = Documents(view.graph, view.taste, view.recommendations, words)
    entries = [
        Entry(r.rank, r.label, _to_explore(r, words), r, documents, view.what_if.get(r.item))
        for r in view.recommendations
    ]
    taste = _taste(view, documents)
    whole = len(entries) > 1  # one item has its own drawing
    drawing = draw(view.recommendations, view.graph, view.ontology, words) if whole else None
    return _render(
        "report.html.jinja",
        words,
        view=view,
        taste=taste,
        marks=sorted({piece.mark for piece in taste if piece.mark}, reverse=True),
        chip_rows=_chip_rows(view.profile.sources, words),
        deck=deck(entries, Steps(view.graph, view.ontology, words)),
        drawing=drawing,
    )


def _to_explore(recommendation: Recommendation, words: Words) -> str:
    """Return what is said of an item that was drawn by chance; nothing of others."""
    if recommendation.chance is None:
        return ""
    return words(
        "Here to explore: drawn with a chance of {chance}", chance=f"{recommendation.chance:.1%}"
    )


def render_audience(view: Audience) -> str:
    """Return the report on an item as one HTML page that loads nothing.

    Args:
        view: What to show.
    """
    words = Words(view.language, view.graph)
    entries = [
        Entry(
            place,
            person.name,
            words("Rank {rank} of their list", rank=person.recommendation.rank),
            person.recommendation,
            Documents(view.graph, None, [person.recommendation], words),
            None,
        )
        for place, person in enumerate(view.people, start=1)
    ]
    found = deck(entries, Steps(view.graph, view.ontology, words))
    return _render("audience.html.jinja", words, view=view, deck=found)


def render_index(title: str, lines: Sequence[IndexLine], language: str = "en") -> str:
    """Return a page that lists other pages, with links relative to it.

    Args:
        title: Title of the page.
        lines: What it lists.
        language: Of the page.
    """
    return _render("index.html.jinja", Words(language), title=title, lines=lines)


def what_if_words(recommendation: Recommendation, found: Changes | None, words: Words) -> list[str]:
    """Return what would change the place of an item, in sentences."""
    if found is None:
        return []
    missing = _missing(recommendation.rank, found, words) if found.missing else ""
    without = _without(found.without, words) if found.without else ""
    muted = _muted(recommendation.rank, found, words) if found.muted else ""
    return [said for said in (missing, without, muted) if said]


def _missing(rank: int, found: Changes, words: Words) -> str:
    assert found.missing is not None  # noqa: S101 - asked before
    said = "It is at rank {rank}: to {name}, the last of the first {n}, it lacks {value}."
    last, value = found.missing
    known = {"name": last, "n": found.length, "value": number(value, places_for([value]))}
    return words(said, rank=f"{rank:,}", **known)


def _without(found: Without, words: Words) -> str:
    if not found.names:
        return words("No small set of choices or preferences keeps it in this list.")
    said = "Without {names} it would not be in this list, but at rank {rank}."
    line = words(said, names=words.join(found.names, 6), rank=f"{found.rank:,}")
    fewer = not found.smallest and len(found.names) > 1
    return words.space.join([line, words("Fewer may do.")]) if fewer else line


def _muted(rank: int, found: Changes, words: Words) -> str:
    assert found.muted is not None  # noqa: S101 - asked before
    if found.muted.rank == rank:
        said = "If “{reason}” did not count, it would stay at rank {rank}."
    elif rank <= found.length < found.muted.rank:
        said = "If “{reason}” did not count, it would fall out of this list, to rank {rank}."
    else:
        said = "If “{reason}” did not count, it would be at rank {rank}."
    return words(said, reason=found.muted.reason, rank=f"{found.muted.rank:,}")


def _render(template: str, words: Words, **given: object) -> str:
    found: Deck | None = given.get("deck")  # type: ignore[assignment]
    places = found.places if found else 3
    return (
        environment()
        .get_template(template)
        .render(_=words, count=words.count, what_if_words=what_if_words, places=places, **given)
    )


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


def _chip_rows(sources: Sequence[Source], words: Words) -> list[Chips]:
    """Return what is liked and disliked by word and by deed, without empty rows."""
    rows = (
        ("Said to like", "preference", True, CHIPS),
        ("Said to dislike", "preference", False, CHIPS),
        ("Chose and liked best", "history", True, CHIPS),
        ("Chose and did not like", "history", False, CHIPS_DISLIKED),
    )
    return [chips for row in rows if (chips := _chips(sources, words, *row)).labels]


def _chips(
    sources: Sequence[Source],
    words: Words,
    heading: str,
    kind: str,
    positive: bool,  # noqa: FBT001 - one column of the table above
    most: int,
) -> Chips:
    """Return the names of liked or disliked sources, the strongest first."""
    found = [s for s in sources if s.kind == kind and s.positive == positive]
    labels = [words.source(s) for s in sorted(found, key=lambda s: -s.strength)]
    return Chips(words(heading), positive, tuple(labels[:most]), max(0, len(labels) - most))
