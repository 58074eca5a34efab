"""What the page begins with."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from kg_rec.service.service import Serving
from kg_rec.service.starting import StartAnswer

__all__ = ["router"]

router = APIRouter(tags=["look"])
Language = Annotated[
    str, Query(pattern=r"^[A-Za-z-]{2,12}$", description="Language of the examples: en, zh.")
]


@router.get("/start", summary="What there is, and what could be said")
async def start(service: Serving, language: Language = "en") -> StartAnswer:
    """Return how much there is, a few tastes that can be read, and names to filter by."""
    return await service.read(service.start, language)
