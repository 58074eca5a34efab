"""Lists and explanations."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Response

from kg_rec.errors import DataError
from kg_rec.explanations.answers import in_words
from kg_rec.report.language import Words
from kg_rec.service.answered import Explanation, RecommendAnswer, Strategy, Understood
from kg_rec.service.asked import ExplainRequest, Person, RecommendRequest
from kg_rec.service.errors import ServiceError
from kg_rec.service.reasons import listed, reasons_of, rest_of, terms_of
from kg_rec.service.service import Service, Serving, known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.profiles import Preference
    from kg_rec.recommender import Recommender

__all__ = ["json_of", "router"]

router = APIRouter(tags=["recommend"])
_ALL = 10_000
_SPARQL = re.compile(r"[?$]item\b|\bSELECT\b|\bASK\b", re.IGNORECASE)
_WISHES = ("k", "only", "without", "where", "rerank", "explore", "seed")


def json_of(answer: Any) -> Response:
    """Return an answer as JSON, without what is not told."""
    return Response(answer.model_dump_json(exclude_none=True), media_type="application/json")


@router.post("/recommend", response_model=RecommendAnswer, summary="The best items for someone")
async def recommend(asked: RecommendRequest, service: Serving) -> Response:
    """Return the best items for a user, or for someone unknown, each with its reasons.

    The values of the reasons of an item and its `rest` sum to its score.
    """
    return json_of(await service.read(_recommended, service, asked))


@router.post("/explain", response_model=Explanation, summary="Why an item has its score")
async def explain(asked: ExplainRequest, service: Serving) -> Response:
    """Return all reasons of the score of one item, and why it is not in the list, if it is not."""
    return json_of(await service.read(_explained, service, asked))


def _recommended(
    recommender: Recommender, service: Service, asked: RecommendRequest
) -> RecommendAnswer:
    if asked.where is not None and _SPARQL.search(asked.where):
        message = "where: SPARQL is not taken here; expected a condition, as in year >= 1990"
        raise ServiceError(422, message)
    person = _person(recommender, asked)
    wishes = {name: getattr(asked, name) for name in _WISHES if name in asked.model_fields_set}
    with _reading(service, asked):
        found = recommender.recommend(**person, **wishes)
        understood = [] if asked.text is None else recommender.read_taste(asked.text)
    return RecommendAnswer(
        user=asked.user,
        strategy=Strategy(name=found.strategy.name, why=found.strategy.why),
        items=[listed(item, asked.reasons) for item in found],
        understood=_understood(recommender, understood, asked.language),
        note=found.note,
    )


def _understood(
    recommender: Recommender, said: Sequence[Preference], language: str
) -> list[Understood]:
    """Return what was understood, by the names that things have in a language."""
    words = Words(language, recommender.facts)
    labels = [words.name(one.entity) if words.language != "en" else one.label for one in said]
    return [
        Understood(entity=one.entity, label=label, strength=one.strength)
        for one, label in zip(said, labels, strict=True)
    ]


def _explained(recommender: Recommender, service: Service, asked: ExplainRequest) -> Explanation:
    person = _person(recommender, asked)
    with _reading(service, asked):
        found = recommender.explain(asked.item, **person)
        why_not = None if found.rank <= asked.k else _why_not(recommender, asked, person)
    reasons = terms_of(found) if asked.terms else reasons_of(found, _ALL)
    return Explanation(
        item=found.item,
        label=found.label,
        rank=found.rank,
        score=found.score,
        reasons=reasons,
        rest=rest_of(found, reasons),
        why_not=why_not,
    )


def _why_not(recommender: Recommender, asked: ExplainRequest, person: dict[str, Any]) -> str:
    """Return why an item is not in the list, in words."""
    try:
        answer = recommender.what_if(**person).answer(asked.item, asked.k)
    except DataError as error:  # it is in the history
        return str(error)
    return "\n".join(in_words(answer, asked.language))


def _person(recommender: Recommender, asked: Person) -> dict[str, Any]:
    """Return the arguments that say for whom."""
    known(recommender, asked.user)
    names = Person.model_fields.keys() & asked.model_fields_set
    return {name: value for name in names if (value := getattr(asked, name)) is not None}


def _reading(service: Service, asked: Person) -> contextlib.AbstractContextManager[object]:
    return contextlib.nullcontext() if asked.text is None else service.reading
