"""Looking things up: items by name, what is around an item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Response

from kg_rec.service.answered import NamedItem, NamedItems
from kg_rec.service.errors import ServiceError
from kg_rec.service.routes.changing import ItemId
from kg_rec.service.service import Serving

if TYPE_CHECKING:
    from kg_rec.recommender import Recommender

__all__ = ["Limit", "Search", "router"]

router = APIRouter(tags=["look"])
Search = Annotated[str, Query(max_length=200, description="Part of a name, in any case.")]
Limit = Annotated[int, Query(ge=1, le=100, description="Most that are listed.")]
Language = Annotated[
    str, Query(pattern=r"^[A-Za-z-]{2,12}$", description="Language of the names: en, zh.")
]
_SVG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}
}


@router.get("/items", summary="Items by name")
async def items(
    service: Serving, q: Search = "", limit: Limit = 10, language: Language = "en"
) -> NamedItems:
    """Return items of which a name or the id has a text in it, those that begin with it first.

    Names of all languages are looked at; that of the language is told.
    """
    return NamedItems(items=await service.read(_named, q.strip().casefold(), limit, language))


@router.get(
    "/graph/{item:path}",
    summary="What is around an item, as a picture",
    response_class=Response,
    responses=_SVG,
)
async def graph(item: ItemId, service: Serving) -> Response:
    """Return a drawing (SVG) of the facts around an item."""
    return Response(await service.read(_drawn, item), media_type="image/svg+xml")


def _named(recommender: Recommender, text: str, limit: int, language: str) -> list[NamedItem]:
    facts, own = recommender.facts, None if language == "en" else language
    found = []
    for item in recommender.items:
        names = {item.label, *facts.names(item.iri)}
        places = [place for name in names if (place := name.casefold().find(text)) >= 0]
        if places or text in item.id.casefold():
            found.append((0 not in places, not places, item.label.casefold(), item))
    best = [item for *_, item in sorted(found)[:limit]]
    return [
        NamedItem(item=item.id, label=facts.label(item.iri, own) if own else item.label)
        for item in best
    ]


def _drawn(recommender: Recommender, item: str) -> str:
    from kg_rec.report.neighbourhood import neighbourhood  # noqa: PLC0415 - imports templates
    from kg_rec.report.neighbourhood_drawing import (  # noqa: PLC0415
        render_neighbourhood,
    )

    node = next((found.iri for found in recommender.items if item in {found.id, found.iri}), None)
    if node is None:
        raise ServiceError(404, "unknown item", "unknown")
    around = neighbourhood(recommender.facts, node, recommender.ontology)
    return render_neighbourhood(around, page=False)
