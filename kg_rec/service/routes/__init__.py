"""The endpoints."""

from __future__ import annotations

from kg_rec.service.routes import changing, looking, operating, people, recommending, talking

__all__ = ["ROUTERS"]

ROUTERS = (
    recommending.router,
    changing.router,
    talking.router,
    looking.router,
    people.router,
    operating.router,
)
