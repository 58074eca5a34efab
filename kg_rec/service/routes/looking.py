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
_SVG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}}}}
}


@router.get("/items", summary="Items by name")
async def items(service: Serving, q: Search = "", limit: Limit = 10) -> NamedItems:
    """Return items whose name or id has a text in it, those that begin with it first."""
    return NamedItems(items=await service.read(_named, q.strip().casefold(), limit))


@router.get(
    "/graph/{item:path}",
    summary="What is around an item, as a picture",
    response_class=Response,
    responses=_SVG,
)
async def graph(item: ItemId, service: Serving) -> Response:
    """Return a drawing (SVG) of the facts around an item."""
    return Response(await service.read(_drawn, item), media_type="image/svg+xml")


def _named(recommender: Recommender, text: str, limit: int) -> list[NamedItem]:
    found = []
    for item in recommender.items:
        place = item.label.casefold().find(text)
        if place >= 0 or text in item.id.casefold():
            found.append((place != 0, place < 0, item.label.casefold(), item.id, item.label))
    return [NamedItem(item=name, label=label) for *_, name, label in sorted(found)[:limit]]


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
