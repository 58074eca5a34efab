"""What sort of thing a name seems to name, judged by the words around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.text.entities import GROUP, PERSON, PLACE, THING, WORK

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span

__all__ = ["sort_of"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_BEFORE = {
    WORK: _set(
        "film movie picture novel book album song series play show watch watched rewatch see saw"
        " read reread remake sequel called titled masterpiece biopic drama comedy thriller"
    ),
    PERSON: _set(
        "actor actress director filmmaker writer author novelist singer musician composer"
        " producer star comedian poet artist mr. mrs. ms. dr. sir dame president professor by"
        " starring brother sister son daughter father mother wife husband"
    ),
    GROUP: _set("band company studio label group orchestra team duo trio publisher"),
    PLACE: _set("city town village country island near"),
}
_AFTER = {
    WORK: _set("star premiere gross follow depict flop release run screen adapt open"),
    PERSON: _set(
        "say win direct write play marry die born laugh smile tell think act sing wave arrive"
        " speak joke retire return star appear grow live work meet love"
    ),
    GROUP: _set("found release split reunite publish buy merge announce decline sell"),
}
_ENTITIES = {
    "PERSON": PERSON,
    "WORK_OF_ART": WORK,
    "GPE": PLACE,
    "LOC": PLACE,
    "FAC": PLACE,
    "ORG": GROUP,
}
_WEIGHT = {PERSON: 1.5, WORK: 1.5, PLACE: 1.0, GROUP: 0.6}  # small pipelines call too much an ORG
_NEAR = 3
_CUE, _SURE = 1.0, 2.0


def sort_of(span: Span) -> str:
    """Return ``"person"``, ``"work"``, ``"place"``, ``"group"``; ``""`` where nothing says so.

    What is written in lower case is no name but a ``"thing"``.

    Args:
        span: The name, in a text that a pipeline has read.
    """
    doc = span.doc
    if span.text.islower():
        return THING
    scores = dict.fromkeys((PERSON, WORK, PLACE, GROUP), 0.0)
    for token in span:
        sort = _ENTITIES.get(token.ent_type_)
        if sort:
            scores[sort] += _WEIGHT[sort] / len(span)
    for token in doc[max(0, span.start - _NEAR) : span.start]:
        for sort, words in _BEFORE.items():
            near = token.i == span.start - 1
            scores[sort] += (_CUE if near else _CUE / 2) * (token.lower_ in words)
    verb = next((t for t in doc[span.end : span.end + _NEAR] if t.pos_ in {"VERB", "AUX"}), None)
    if verb is not None and not any(t.is_punct for t in doc[span.end : verb.i]):
        for sort, words in _AFTER.items():
            scores[sort] += _CUE * (verb.lemma_.lower() in words)
    if _is_dated(doc, span.end) or _is_quoted(doc, span):
        scores[WORK] += _SURE
    best = max(scores, key=lambda sort: scores[sort])
    return best if scores[best] >= _CUE else ""


def _is_dated(doc: Doc, i: int) -> bool:
    """Return whether a year in brackets follows, as after a title."""
    year = doc[i + 1].text if i + 2 < len(doc) else ""
    return bool(year) and doc[i].text == "(" and len(year) == 4 and year.isdigit()  # noqa: PLR2004


def _is_quoted(doc: Doc, span: Span) -> bool:
    quotes = {'"', "“", "”", "'", "‘", "’", "``", "''", "«", "»"}
    inside = span.start > 0 and span.end < len(doc)
    return inside and doc[span.start - 1].text in quotes and doc[span.end].text in quotes
