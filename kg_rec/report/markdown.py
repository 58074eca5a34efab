"""Reports as Markdown (CommonMark, with the tables of GitHub)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg_rec.report.language import Words
from kg_rec.report.page import Audience, ReportView, what_if_words
from kg_rec.report.passages import Documents
from kg_rec.report.reasons import group_reasons
from kg_rec.report.words import clean, number, places_for, signed
from kg_rec.strategies import BLENDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg_rec.explanations import Recommendation
    from kg_rec.report.leanings import Leaning, Leanings
    from kg_rec.report.passages import Passage

__all__ = ["escape", "render_markdown"]

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~$&!])")
_START = re.compile(r"^(\s*)([-+=]|\d+[.)])")
PASSAGES = 2
"""Most passages quoted for one reason."""


def escape(text: str) -> str:
    r"""Return a text as one line that Markdown shows as it is.

    Examples:
        >>> print(escape("<b>1. *Heat*"))
        \<b\>1. \*Heat\*
        >>> print(escape("1. Heat"))
        1\. Heat
    """
    line = " ".join(clean(text).split())
    line = _SPECIAL.sub(r"\\\1", line)
    return _START.sub(lambda m: f"{m[1]}{m[2][:-1]}\\{m[2][-1]}", line)


def render_markdown(view: ReportView | Audience) -> str:
    """Return what a report shows as Markdown.

    Args:
        view: The report.
    """
    words = Words(view.language, view.graph)
    lines = _audience(view, words) if isinstance(view, Audience) else _person(view, words)
    return "\n".join([*lines, *_about(view.about, words)]).rstrip() + "\n"


def _person(view: ReportView, words: Words) -> Iterator[str]:
    yield from (f"# {escape(view.title)}", "", escape(view.user), "")
    yield from (f"## {words('The taste, as it was understood')}", "")
    if view.taste:
        yield from (f"> {escape(view.taste)}", "")
    for heading, kind, positive in _CHOICES:
        names = [
            escape(words.source(s))
            for s in sorted(view.profile.sources, key=lambda s: -s.strength)
            if (s.kind, s.positive) == (kind, positive)
        ]
        if names:
            yield from (f"**{words(heading)}**{words.colon}{words.join(names, 12)}", "")
    yield from _leanings(view.leanings, words)
    yield from (f"## {words('Recommendations')}", "")
    if not view.recommendations:
        said = "There is nothing to recommend: no item is left that this person has not had."
        yield from (words(said), "")
    if view.strategy.name not in {"", BLENDED}:
        yield from (f"{view.strategy.name}{words.colon}{escape(view.strategy.why)}", "")
    documents = Documents(view.graph, view.taste, view.recommendations, words)
    places = places_for(r.score for r in view.recommendations)
    for r in view.recommendations:
        drawn = words(" (to explore)") * r.explored
        yield from _item(f"{r.rank}. {escape(r.label)}{drawn}", r, documents, places)
        for said in what_if_words(r, view.what_if.get(r.item), words):
            yield from (escape(said), "")


_CHOICES = (
    ("Said to like", "preference", True),
    ("Said to dislike", "preference", False),
    ("Chose and liked best", "history", True),
    ("Chose and did not like", "history", False),
)


def _audience(view: Audience, words: Words) -> Iterator[str]:
    yield from (f"# {escape(view.title)}", "")
    asked = words.count(view.asked, "{n} person has not had it", "{n} people have not had it")
    yield from (f"{asked} · {words.count(view.had, '{n} has', '{n} have')}", "")
    yield from (f"## {words('What is known of it')}", "")
    for relation, names in view.facts.items():
        yield f"- {escape(relation)}{words.colon}{words.list_comma.join(map(escape, names))}"
    yield from ("", f"## {words('To whom, and why')}", "")
    if view.reach:
        yield from (f"| {words('Among the first')} | {words('People')} |", "|---:|---:|")
        yield from (f"| {first} | {people:,} |" for first, people in view.reach.items())
        yield ""
    if not view.people:
        yield from (words("It is near the top of nobody's list."), "")
    places = places_for(p.recommendation.score for p in view.people)
    for place, person in enumerate(view.people, start=1):
        r = person.recommendation
        documents = Documents(view.graph, None, [r], words)
        yield from _item(f"{place}. {escape(person.name)}", r, documents, places)
        yield from (words("Rank {rank} of their list", rank=r.rank), "")


def _leanings(found: Leanings, words: Words) -> Iterator[str]:
    if not found:
        return
    yield from (f"### {words('What the model makes of it')}", "")
    yield from _table([*found.liked, *found.disliked], words)
    if found.words:
        names = words.list_comma.join(map(escape, found.words))
        yield from (f"{words('Words and names that it looks for in texts:')} {names}", "")


def _table(facts: Sequence[Leaning], words: Words) -> Iterator[str]:
    if facts:
        places = places_for(fact.weight for fact in facts)
        yield from (f"| {words('Fact')} | {words('Weight')} |", "|---|---:|")
        yield from (f"| {escape(f.text)} | {signed(f.weight, places)} |" for f in facts)
        yield ""


def _item(
    heading: str, recommendation: Recommendation, documents: Documents, places: int
) -> Iterator[str]:
    words = documents.words
    score = number(recommendation.score, places)
    yield from (f"### {heading}", "", f"{words('score')}{words.colon}{score}", "")
    for reason in group_reasons(recommendation, words=words):
        against = f" ({words('counts against')})" if reason.against else ""
        yield f"- **{signed(reason.value, places)}** {escape(reason.text)}{against}"
        yield from _quotes(documents.passages(reason.evidence)[:PASSAGES])
    yield ""


def _quotes(passages: Iterable[Passage]) -> Iterator[str]:
    for passage in passages:
        said = "".join(
            f"**{escape(piece.text)}**" if piece.mark else _inside(piece.text)
            for piece in passage.pieces
        )
        yield f"  > “{said}” ({escape(passage.name)})"
        yield ""


def _inside(text: str) -> str:
    """Return a part of a line, with the spaces around it."""
    before, after = text[:1].isspace() * " ", text[-1:].isspace() * " "
    return f"{before}{escape(text)}{after}"


def _about(facts: Mapping[str, str], words: Words) -> Iterator[str]:
    if facts:
        yield from (f"## {words('How it is made')}", "")
        yield from (
            f"- {escape(words(name))}{words.colon}{escape(fact)}" for name, fact in facts.items()
        )
