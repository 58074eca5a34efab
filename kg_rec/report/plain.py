"""An explanation as plain text, for the terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from kg_rec.report.language import ENGLISH, Words
from kg_rec.report.reasons import Reason, group_reasons
from kg_rec.report.words import clean, number, signed

if TYPE_CHECKING:
    from kg_rec.explanations import Recommendation
    from kg_rec.statements import Evidence

__all__ = ["render_text"]

COLUMNS = 88
QUOTES = 2
"""Most passages quoted for one reason."""


def render_text(recommendation: Recommendation, words: Words = ENGLISH) -> str:
    """Return a recommendation and its reasons as plain text.

    Args:
        recommendation: What to explain.
        words: The language that it is in.

    Returns:
        Lines of at most 88 characters: rank, label and score; then one reason a paragraph, with
        signed values that sum to the score, and the passages that state it.
    """
    label = clean(recommendation.label)
    lines = [f"{recommendation.rank}. {label}   {number(recommendation.score)}"]
    for reason in group_reasons(recommendation, words=words):
        lines += _reason(reason, words)
    if not recommendation.contributions:
        lines.append(f"    {words('nothing speaks for it or against it')}")
    return "\n".join(lines)


def _reason(reason: Reason, words: Words) -> list[str]:
    against = f" ({words('counts against')})" if reason.against else ""
    text = f"{signed(reason.value):>8}  {_one_line(reason.text)}{against}"
    lines = _wrap(text, 12)
    for evidence in reason.evidence[:QUOTES]:
        lines += _wrap(f"{'':12}{_quote(evidence)}", 12)
    more = len(reason.evidence) - QUOTES
    said = words.count(more, "and {n} more passage", "and {n} more passages")
    return [*lines, f"{'':12}{said}"] if more > 0 else lines


def _quote(evidence: Evidence) -> str:
    return f"“{_one_line(evidence.text)}” ({_one_line(evidence.document)})"


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _wrap(text: str, indent: int) -> list[str]:
    return textwrap.wrap(text, COLUMNS, subsequent_indent=" " * indent, break_on_hyphens=False)
