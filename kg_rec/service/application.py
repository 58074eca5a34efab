"""The service as an ASGI application."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import Depends, FastAPI, Request
from fastapi.security import HTTPBearer
from fastapi.staticfiles import StaticFiles

from kg_rec import __version__
from kg_rec.service.answered import ErrorAnswer
from kg_rec.service.errors import ServiceError, handle_errors
from kg_rec.service.gate import Bounds, Guard, Watch
from kg_rec.service.routes import ROUTERS
from kg_rec.service.routes.operating import PAGE, free
from kg_rec.service.service import Service
from kg_rec.service.settings import ServiceSettings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["app"]

_TOKEN = HTTPBearer(auto_error=False, description="The token that the service was started with.")
_FAULTS = {
    400: "Not as HTTP, JSON or SPARQL has it.",
    401: "No token, or a wrong one.",
    403: "Not allowed.",
    404: "No such user, item, name or session.",
    405: "Not such a request.",
    406: "Of no type that is wanted.",
    409: "The model of before stays.",
    413: "The body is too large.",
    415: "The body is of another type.",
    422: "Not as expected.",
    429: "Too many requests.",
    500: "An error on our side.",
    501: "This service cannot do that.",
    503: "Busy; try again.",
    504: "It took too long.",
}


def app(
    folder: str | Path,
    *,
    journal: str | Path | None = None,
    settings: ServiceSettings | None = None,
) -> FastAPI:
    """Return a model as an ASGI application; any ASGI server runs it, in one process.

    Args:
        folder: The model folder.
        journal: A file that keeps changes, so that a crash loses none; without it they are in
            memory only.
        settings: Limits.

    Raises:
        ModelError: The folder is no model, or the journal is in use or broken.
    """
    place = None if journal is None else Path(journal)
    service = Service(Path(folder), place, settings or ServiceSettings())

    @contextlib.asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        async with service.running():
            yield

    made = FastAPI(
        title="kg_rec",
        version=__version__,
        description="Recommendations whose scores are exact sums of named reasons.",
        lifespan=life,
        docs_url=None,  # these pages load from another host
        redoc_url=None,
        responses=_faults(),
    )
    made.state.service = service
    for router in ROUTERS:
        made.include_router(router, dependencies=[Depends(_TOKEN), Depends(_known_queries)])
    made.include_router(free)
    made.mount("/page", StaticFiles(directory=PAGE, check_dir=False), name="page")
    handle_errors(made)
    made.add_middleware(Bounds, settings=service.settings)
    made.add_middleware(Guard, settings=service.settings)
    made.add_middleware(Watch, metrics=service.metrics)
    return made


async def _known_queries(request: Request) -> None:
    """Refuse parameters that an endpoint does not have: a misspelt one would count for nothing.

    Raises:
        ServiceError: There is one.
    """
    known = {field.alias for field in request.scope["route"].dependant.query_params}
    for name in request.query_params:
        if name not in known:
            expected = ", ".join(sorted(known)) or "none"
            raise ServiceError(422, f"query: unknown parameter; expected of {expected}")


def _faults() -> dict[int | str, dict[str, Any]]:
    return {
        status: {"model": ErrorAnswer, "description": words} for status, words in _FAULTS.items()
    }
