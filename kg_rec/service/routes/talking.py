"""Questions: in plain language, and in SPARQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response

from kg_rec.dialogue import Dialogue, Speaker
from kg_rec.service.answered import AskAnswer
from kg_rec.service.asked import AskRequest
from kg_rec.service.errors import ServiceError
from kg_rec.service.reasons import listed
from kg_rec.service.routes.recommending import json_of
from kg_rec.service.service import Service, Serving, known

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg_rec.recommender import Recommender

__all__ = ["router"]

router = APIRouter(tags=["questions"])
_QUERY = "application/sparql-query"
_FORM = "application/x-www-form-urlencoded"
_REASONS = 3
"""Most reasons of an item of a dialogue."""
_LONGEST = 10_000
_EXAMPLE = "SELECT ?film WHERE { ?film a movies:Movie } LIMIT 3"
_FOUND: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What was found; the header X-More-Rows says that there is more.",
        "content": {
            "application/sparql-results+json": {"schema": {"type": "object"}},
            "application/json": {"schema": {"type": "object"}},
            "text/csv": {"schema": {"type": "string"}},
            "text/turtle": {"schema": {"type": "string"}},
            "application/n-triples": {"schema": {"type": "string"}},
        },
    }
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            _QUERY: {"schema": {"type": "string", "minLength": 1}, "example": _EXAMPLE},
            _FORM: {
                "schema": {
                    "type": "object",
                    "properties": {"query": {"type": "string", "minLength": 1}},
                    "required": ["query"],
                },
            },
        },
    }
}


@router.post("/ask", response_model=AskAnswer, summary="A question in plain language")
async def ask(asked: AskRequest, service: Serving) -> Response:
    """Answer a wish, a question or a verdict, in English or Chinese.

    The answer names a session; sent with the next question, wishes add up and “the second” is an
    item of the list before. What is said of an item by a user is kept, as by `/feedback`.
    """
    kept = None if asked.session is None else service.sessions.get(asked.session)
    turn = await service.read(_turn, service, asked, kept)
    if turn.user is not None:
        for item, verdict in turn.verdicts:
            await service.change("feedback", _feedback(turn.user, item, verdict))
    if asked.session is None:
        name = service.sessions.add(turn.kept, turn.user)
    else:
        name = asked.session
        service.sessions.put(name, turn.kept, turn.user)
    return json_of(AskAnswer(session=name, **turn.answer))


@router.get("/sparql", summary="Ask the facts by SPARQL", response_class=Response, responses=_FOUND)
async def sparql(
    request: Request,
    service: Serving,
    query: Annotated[
        str, Query(min_length=1, max_length=_LONGEST, openapi_examples={"q": {"value": _EXAMPLE}})
    ],
) -> Response:
    """Answer SELECT, ASK, CONSTRUCT or DESCRIBE about the facts; none is about a user.

    Common prefixes (rdf, rdfs, owl, xsd, skos, schema, kgrec, movies, dbr) are known. Nothing is
    changed and no other server is asked.
    """
    return await _asked(request, service, query)


@router.post(
    "/sparql",
    summary="The same, with a query that is long",
    response_class=Response,
    responses=_FOUND,
    openapi_extra=_BODY,
)
async def sparql_posted(request: Request, service: Serving) -> Response:
    """Answer a query in the body; see SPARQL 1.1 Protocol, section 2.1."""
    return await _asked(request, service, _posted(request, await request.body()))


class _Turn(NamedTuple):
    """A turn of a dialogue.

    Attributes:
        answer: What is answered, as plain values.
        kept: The dialogue, as plain values.
        user: With whom.
        verdicts: What was said of items.
    """

    answer: dict[str, Any]
    kept: dict[str, Any]
    user: str | None
    verdicts: list[tuple[str, str]]


def _turn(
    recommender: Recommender, service: Service, asked: AskRequest, kept: dict[str, Any] | None
) -> _Turn:
    verdicts: list[tuple[str, str]] = []

    def told(item: str, verdict: str) -> None:
        verdicts.append((item, verdict))

    known(recommender, asked.user)
    with service.reading:
        if kept is None:
            kept = recommender.dialogue(asked.user, text=asked.text).to_dict()
        dialogue = Dialogue.of(recommender, kept, told=told)
        _speak(dialogue, asked)
        answer = dialogue.ask(asked.question)
    items = [listed(item, _REASONS) for item in answer.recommendations or ()]
    return _Turn(
        answer.to_dict() | {"items": items}, dialogue.to_dict(), dialogue.speaker.user, verdicts
    )


def _speak(dialogue: Dialogue, asked: AskRequest) -> None:
    """Let somebody else speak, or in another language, if that is said."""
    if asked.user is not None or asked.text is not None:
        dialogue.speaker = Speaker(asked.user, None, asked.text)
    if asked.language is not None:
        dialogue.language = asked.language


def _feedback(user: str, item: str, verdict: str) -> Callable[[Recommender], None]:
    return lambda recommender: recommender.feedback(user, item, verdict)


async def _asked(request: Request, service: Service, query: str) -> Response:
    accept = request.headers.get("accept", "")
    found = await service.query(service.queries.ask, query, accept)
    more = {"X-More-Rows": "true"} if found.more else {}
    return Response(found.body, media_type=found.media, headers=more)


def _posted(request: Request, body: bytes) -> str:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ServiceError(400, "the query is not UTF-8") from None
    if kind == _FORM:
        values = parse_qs(text, keep_blank_values=True, max_num_fields=20)
        if "update" in values:
            raise ServiceError(403, "updates are not taken here", "read_only")
        text = (values.get("query") or [""])[0]
    elif kind == "application/sparql-update":
        raise ServiceError(403, "updates are not taken here", "read_only")
    elif kind != _QUERY:
        raise ServiceError(415, f"expected a body of type {_QUERY} or {_FORM}")
    if not text.strip() or len(text) > _LONGEST:
        raise ServiceError(422, f"expected a query of 1 to {_LONGEST:,} characters")
    return text
