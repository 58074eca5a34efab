"""Tastes in words that no phrase of wishes covers: the text stage reads them.

"Heist films are my jam, musicals bore me to tears" is read by the cues, negations and contrasts of
:mod:`kg_rec.text.preferences` and by closeness in meaning (:class:`kg_rec.tastes.ConceptLinker`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from kg_rec.dialogue.requests import Request

if TYPE_CHECKING:
    from kg_rec.dialogue.names import Names

__all__ = ["by_taste"]

_OF_ONESELF = re.compile(r"\b(?:i|i'm|i've|me|my|mine|we|us|our)\b|我", re.IGNORECASE)
_OF_OTHERS = re.compile(
    r"[?？]|\b(?:need|want|book|buy|order|call|please|can you|could you|would|tell me)\b|帮|请|要",
    re.IGNORECASE,
)
_LEAST = 0.5
"""Least strength of a taste that is taken up."""


def by_taste(request: Request, text: str, recommender: Any, names: Names) -> Request:
    """Return a request, or, where it was not understood, the tastes that its words state.

    Args:
        request: What was understood.
        text: What was said.
        recommender: Reads tastes (``read_taste``).
        names: What is known: tastes for anything else are no wishes here.
    """
    words = [word for word in request.lost if " " not in word]
    judged = request.like or request.dislike
    unread = request.intent == "unknown" or (request.intent == "recommend" and words and not judged)
    if not unread or not _OF_ONESELF.search(text) or _OF_OTHERS.search(text):
        return request
    known = names.graph.types
    said = [p for p in recommender.read_taste(text) if p.entity in known]
    said = [p for p in said if abs(p.strength) >= _LEAST]
    if not said:
        return request
    like = tuple(dict.fromkeys(p.entity for p in said if p.strength > 0))
    dislike = tuple(dict.fromkeys(p.entity for p in said if p.strength < 0))
    return Request("recommend", like=like, dislike=dislike, adds=True)
