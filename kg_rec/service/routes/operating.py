"""For those who run it: health, measures, newer models, learning again; and the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from kg_rec import __version__
from kg_rec.errors import ModelError
from kg_rec.service.answered import Health, Progress
from kg_rec.service.errors import ServiceError
from kg_rec.service.service import Serving

__all__ = ["PAGE", "free", "router"]

router = APIRouter(tags=["operate"])
free = APIRouter(tags=["operate"])
"""For which no token is needed."""
PAGE = Path(__file__).parent.parent / "page"
"""The folder of the page and all that it loads."""
_TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}}
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@free.get("/", include_in_schema=False)
async def page() -> Response:
    """Return the page."""
    index = PAGE / "index.html"
    if not index.is_file():
        raise ServiceError(404, "this installation has no page")
    return FileResponse(index, headers={"Content-Security-Policy": _POLICY})


@free.get("/health", summary="Whether it works")
async def health(service: Serving) -> Health:
    """Return that the service works; no token is needed."""
    return Health(status="ok", version=__version__, learning=service.state.learner.state)


@router.get("/metrics", summary="Measures for Prometheus", response_class=Response, responses=_TEXT)
async def metrics(service: Serving) -> Response:
    """Return counts and durations; none of them is about a user."""
    service.metrics.sessions.set(len(service.sessions))
    return Response(service.metrics.text(), media_type="text/plain; version=1.0.0; charset=utf-8")


@router.post("/reload", summary="Read the model folder again")
async def reload(service: Serving) -> Progress:
    """Put the model of the folder, with the changes of the journal, in the place of this one."""
    try:
        await service.read(lambda _: service.state.reload())
    except ModelError as error:
        raise ServiceError(409, f"the model of before stays: {error}", "model") from None
    return Progress(state="done")


@router.post("/refresh", summary="Learn again", status_code=202)
async def refresh(service: Serving) -> Progress:
    """Begin to learn what is learned of many users together; the answers go on meanwhile."""
    await service.write(service.state.refresh)
    return Progress(state=service.state.learner.state)
