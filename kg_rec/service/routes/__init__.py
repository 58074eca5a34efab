"""The endpoints."""

from __future__ import annotations

from kg_rec.service.routes import (
    changing,
    looking,
    operating,
    people,
    recommending,
    starting,
    talking,
)

__all__ = ["ROUTERS"]

ROUTERS = (
    recommending.router,
    changing.router,
    talking.router,
    looking.router,
    starting.router,
    people.router,
    operating.router,
)
