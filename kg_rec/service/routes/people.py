"""What is held of a user: told, and taken out."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from kg_rec.service.answered import Done, UserIds
from kg_rec.service.routes.looking import Limit, Search
from kg_rec.service.service import Serving, known

if TYPE_CHECKING:
    from kg_rec.recommender import Recommender

__all__ = ["router"]

router = APIRouter(tags=["users"])
UserId = Annotated[str, Path(min_length=1, max_length=512, description="Id of a user.")]
_HELD: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "application/json": {"schema": {"type": "object"}},
            "text/turtle": {"schema": {"type": "string"}},
        }
    }
}


@router.get("/users", summary="Users by id")
async def users(service: Serving, q: Search = "", limit: Limit = 10) -> UserIds:
    """Return ids of users that have a text in them, those that begin with it first."""
    return UserIds(users=await service.read(_ids, q.strip(), limit))


@router.get(
    "/users/{user:path}",
    summary="All that is held of a user",
    response_class=Response,
    responses=_HELD,
)
async def export_user(user: UserId, request: Request, service: Serving) -> Response:
    """Return all that is held of a user: as JSON, or with `Accept: text/turtle` as RDF."""
    turtle = "text/turtle" in request.headers.get("accept", "")
    body = await service.read(_exported, user, turtle=turtle)
    return Response(body, media_type="text/turtle" if turtle else "application/json")


@router.delete("/users/{user:path}", summary="Forget a user")
async def forget(user: UserId, service: Serving) -> Done:
    """Take a user out of the model, its folder, its journal, and all dialogues."""
    known(service.state.current, user)
    await service.write(lambda: service.state.forget(user))
    service.sessions.forget(user)
    return Done()


def _ids(recommender: Recommender, text: str, limit: int) -> list[str]:
    found = [user for user in recommender.users if text in user]
    return sorted(found, key=lambda user: (not user.startswith(text), user))[:limit]


def _exported(recommender: Recommender, user: str, *, turtle: bool) -> str | bytes:
    known(recommender, user)
    held = copy.copy(recommender).export_user(user)  # folds what is pending, which others need not
    return held.rdf().serialize("ttl", "evidence") if turtle else held.json()
