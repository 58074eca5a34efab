"""Scores as answers: a few reasons in words, what they are called, and the rest."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING

import numpy as np

from kg_rec.explanations.terms import Contributions
from kg_rec.explanations.tuning import KINDS
from kg_rec.ontology.texts import HAS_WORD
from kg_rec.report.reasons import Reason as Grouped
from kg_rec.report.reasons import group_reasons
from kg_rec.service.answered import Evidence, ListedItem, Reason, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.explanations import Contribution
    from kg_rec.report.shown import Explanation
    from kg_rec.statements import Evidence as Passage

__all__ = ["key_of", "listed", "reasons_of", "terms_of"]

_PASSAGES = 5
"""Most passages of a reason."""
_BOTH = 2


def key_of(term: Contribution) -> str | None:
    """Return what ``mute`` and ``boost`` take for the reason that a term is part of.

    All words of texts go together, as they do in a reason.
    """
    kind, about = term.kind, term.about
    if kind == "preference":
        return term.source.id
    if kind in {"fact", "profile"} and about:
        if about[0] == HAS_WORD:
            return str(HAS_WORD)
        return "=".join(about) if len(about) == _BOTH else None
    return kind if kind in KINDS or kind.startswith("similar_in_") else None


def listed(item: Explanation, most: int) -> ListedItem:
    """Return an item with its strongest reasons."""
    reasons = reasons_of(item, most)
    return ListedItem(
        item=item.item,
        label=item.label,
        rank=item.rank,
        score=item.score,
        strategy=item.strategy or None,
        explored=item.explored or None,
        chance=item.chance,
        reasons=reasons,
        rest=rest_of(item, reasons),
    )


def reasons_of(item: Explanation, most: int) -> list[Reason]:
    """Return the strongest reasons: facts, links and preferences, each with all its terms."""
    if not most:
        return []
    weight = _weight(item)
    grouped = group_reasons(item, most, item.words)
    return [_of_group(reason, weight) for reason in grouped if reason.kind != "rest"]


def terms_of(item: Explanation) -> list[Reason]:
    """Return each term of a score as a reason."""
    weight = _weight(item)
    return [_of_term(term, weight) for term in item.contributions]


def rest_of(item: Explanation, reasons: Sequence[Reason]) -> float:
    """Return what the score is without some reasons."""
    return item.score - fsum(reason.value for reason in reasons)


def _weight(item: Explanation) -> float:
    """Return how much speaks for and against an item in all."""
    return float(np.abs(Contributions.of(item.contributions).values).sum()) or 1.0


def _of_group(reason: Grouped, weight: float) -> Reason:
    strongest = reason.strongest
    if strongest is None:
        raise AssertionError
    return Reason(
        value=reason.value,
        share=reason.value / weight,
        sentence=reason.text,
        kind=reason.kind,
        source=_source(strongest),
        sources=len(reason.sources),
        key=key_of(strongest),
        evidence=_passages(reason.evidence),
    )


def _of_term(term: Contribution, weight: float) -> Reason:
    return Reason(
        value=term.value,
        share=term.value / weight,
        sentence=term.text,
        kind=term.kind,
        source=_source(term),
        key=key_of(term),
        evidence=_passages(term.evidence),
    )


def _source(term: Contribution) -> Source:
    source = term.source
    return Source(kind=source.kind, id=source.id, label=source.label)


def _passages(found: Sequence[Passage]) -> list[Evidence]:
    return [
        Evidence(document=e.document, start=e.start, end=e.end, text=e.text)
        for e in found[:_PASSAGES]
    ]
