"""Reports as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kg_rec.report.language import Words
from kg_rec.report.page import Audience, ReportView
from kg_rec.report.reasons import group_reasons

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg_rec.explanations import Recommendation
    from kg_rec.profiles import Source
    from kg_rec.pseudonyms import People
    from kg_rec.report.changes import Changes
    from kg_rec.report.leanings import Leaning, Leanings
    from kg_rec.report.reasons import Reason

__all__ = ["render_json"]


def render_json(view: ReportView | Audience, people: People | None = None) -> str:
    """Return what a report shows as JSON, with all terms of each score.

    Args:
        view: The report.
        people: Gives users pseudonyms; nothing that they wrote is quoted then.
    """
    found = _audience(view) if isinstance(view, Audience) else _person(view)
    if people is not None:
        found = people.values(found)
        if isinstance(view, ReportView) and view.id is not None:
            found |= {"user": people.names(view.id), "taste": None}
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def _person(view: ReportView) -> dict[str, Any]:
    words = Words(view.language, view.graph)
    items = [
        _item(r, words) | {"what_if": _what_if(view.what_if.get(r.item))}
        for r in view.recommendations
    ]
    return {
        "title": view.title,
        "user": view.id,
        "taste": view.taste,
        "language": words.language,
        "profile": {
            "sources": [_source(source, words) for source in view.profile.sources],
            **_leanings(view.leanings),
        },
        "strategy": view.strategy._asdict(),
        "items": items,
        "about": dict(view.about),
    }


def _audience(view: Audience) -> dict[str, Any]:
    words = Words(view.language, view.graph)
    return {
        "title": view.title,
        "item": view.id,
        "label": view.item,
        "language": words.language,
        "facts": {name: list(names) for name, names in view.facts.items()},
        "reach": {str(first): count for first, count in view.reach.items()},
        "asked": view.asked,
        "had": view.had,
        "users": [{"user": p.id} | _item(p.recommendation, words) for p in view.people],
        "about": dict(view.about),
    }


def _item(recommendation: Recommendation, words: Words) -> dict[str, Any]:
    reasons = group_reasons(recommendation, words=words)
    return recommendation.to_dict() | {"reasons": [_reason(reason) for reason in reasons]}


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "value": reason.value,
        "kind": reason.kind,
        "text": reason.text,
        "sources": list(reason.sources),
        "terms": reason.count,
        "evidence": [e._asdict() for e in reason.evidence],
    }


def _source(source: Source, words: Words) -> dict[str, Any]:
    return {
        "kind": source.kind,
        "id": source.id,
        "label": words.source(source),
        "positive": source.positive,
        "strength": source.strength,
    }


def _leanings(found: Leanings) -> dict[str, Any]:
    return {
        "liked": _facts(found.liked),
        "disliked": _facts(found.disliked),
        "words": list(found.words),
    }


def _facts(side: Iterable[Leaning]) -> list[dict[str, Any]]:
    return [{"text": fact.text, "weight": fact.weight} for fact in side]


def _what_if(found: Changes | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "muted": found.muted._asdict() if found.muted else None,
        "without": found.without._asdict() if found.without else None,
        "missing": found.missing._asdict() if found.missing else None,
    }
