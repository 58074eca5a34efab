"""Small pieces of HTML for notebooks; their style applies to nothing else."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from kg_rec.report.language import ENGLISH, Words
from kg_rec.report.leanings import LeaningsMaker
from kg_rec.report.reasons import group_reasons
from kg_rec.report.templating import environment
from kg_rec.report.words import clean, places_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.explanations import Recommendation
    from kg_rec.model import Model
    from kg_rec.profiles import Profile

__all__ = ["explanation_fragment", "picture_fragment", "profile_fragment", "render_fragment"]

REASONS = 3
"""Most reasons that a row of a list names."""
PASSAGES = 2
"""Most passages that one reason of an explanation quotes."""


def render_fragment(recommendations: Sequence[Recommendation], words: Words = ENGLISH) -> str:
    """Return recommendations as a small HTML table.

    Args:
        recommendations: The ranked list.
        words: The language that they are in.
    """
    rows = [(r, group_reasons(r, REASONS, words)) for r in recommendations]
    places = places_for(r.score for r in recommendations)
    return _render("fragment.html.jinja", words, rows=rows, places=places)


def explanation_fragment(recommendation: Recommendation, words: Words = ENGLISH) -> str:
    """Return one recommendation with its reasons, a bar of each, and what they rest on.

    Args:
        recommendation: What to explain.
        words: The language that it is in.
    """
    reasons = group_reasons(recommendation, words=words)
    most = max((abs(r.value) for r in reasons), default=0.0) or 1.0
    return _render(
        "explanation.html.jinja",
        words,
        r=recommendation,
        rows=[(reason, round(100 * abs(reason.value) / most, 1)) for reason in reasons],
        passages=PASSAGES,
        places=places_for([recommendation.score]),
    )


def profile_fragment(profile: Profile, model: Model, words: Words = ENGLISH) -> str:
    """Return what a model makes of someone: the facts that weigh most, and what they come from.

    Args:
        profile: What is known of them.
        model: The model that it was made with.
        words: The language.
    """
    found = LeaningsMaker(model.vectors, model.graph, model.ontology, words).of(profile)
    known = [s for s in profile.sources if s.kind in {"history", "preference"}]
    weights = [fact.weight for fact in (*found.liked, *found.disliked)]
    return _render(
        "profile.html.jinja", words, found=found, known=known, places=places_for(weights)
    )


def picture_fragment(svg: str, said: str) -> str:
    """Return a drawing as an image: its style and its names touch nothing around it.

    Args:
        svg: The drawing.
        said: What it shows, for those who don't see it.
    """
    data = base64.b64encode(svg.encode()).decode()
    return _render("picture.html.jinja", ENGLISH, data=data, said=clean(said))


def _render(template: str, words: Words, **given: object) -> str:
    return environment().get_template(template).render(_=words, count=words.count, **given)
