"""Questions: in plain language, and in SPARQL."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request, Response

from kg_rec.service.errors import ServiceError
from kg_rec.service.service import Service, Serving

__all__ = ["router"]

router = APIRouter(tags=["questions"])
_QUERY = "application/sparql-query"
_FORM = "application/x-www-form-urlencoded"
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
