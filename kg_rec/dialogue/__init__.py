"""Conversations in plain language about what is recommended, in English and Chinese.

A turn is understood (:mod:`~kg_rec.dialogue.understanding`) as one of :data:`INTENTS` with slots,
and answered from facts of the graph (:mod:`~kg_rec.dialogue.facts`), lists
(:mod:`~kg_rec.dialogue.lists`) and reasons (:mod:`~kg_rec.dialogue.reasons`). Words come from the
ontology; see :mod:`kg_rec.ontology.speech`.
"""

from __future__ import annotations

from kg_rec.dialogue.answers import Answer, Fact, Understood
from kg_rec.dialogue.checking import unfounded
from kg_rec.dialogue.lists import Speaker
from kg_rec.dialogue.requests import INTENTS
from kg_rec.dialogue.session import Dialogue
from kg_rec.dialogue.understanding import Understanding

__all__ = [
    "INTENTS",
    "Answer",
    "Dialogue",
    "Fact",
    "Speaker",
    "Understanding",
    "Understood",
    "unfounded",
]
