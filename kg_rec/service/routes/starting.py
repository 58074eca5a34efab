"""What the page begins with."""

from __future__ import annotations

from fastapi import APIRouter

from kg_rec.service.routes.looking import Language
from kg_rec.service.service import Serving
from kg_rec.service.starting import StartAnswer

__all__ = ["router"]

router = APIRouter(tags=["look"])


@router.get("/start", summary="What there is, and what could be said")
async def start(service: Serving, language: Language = "en") -> StartAnswer:
    """Return how much there is, a few tastes that can be read, and names to filter by."""
    return await service.read(service.start, language)
