"""What the service must refuse, and how: the right status, one shape, and it goes on."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance

from kg_rec import Recommender
from kg_rec.service import ServiceSettings, app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.types import Receive, Scope, Send

TOKEN = "a token of the tests"  # noqa: S105
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
BOUNDS = {"texts": False, "watch": 0, "rate": 100_000, "sparql_timeout": 1.0, "sparql_rows": 5}


def made(folder: Path, **bounds: Any) -> FastAPI:
    return app(folder, settings=ServiceSettings(**{**BOUNDS, "token": TOKEN, **bounds}))


@pytest.fixture(scope="module")
def folder(tiny: Recommender, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.save(tmp_path_factory.mktemp("hostile") / "model")


@pytest.fixture(scope="module")
def application(folder: Path) -> FastAPI:
    return made(folder)


@pytest.fixture(scope="module")
def client(application: FastAPI) -> Iterator[TestClient]:
    with TestClient(application, base_url="http://127.0.0.1", headers=HEADERS) as found:
        yield found


@pytest.fixture(autouse=True)
def _is_alive(client: TestClient) -> Iterator[None]:
    yield
    assert client.get("/health").status_code == 200
    assert client.post("/recommend", json={"user": "u"}).status_code == 200


def refused(answer: httpx.Response, status: int, code: str, *words: str) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert all(word in error["message"] for word in words), error["message"]
    assert set(answer.json()) == {"error"}
    assert set(error) == {"code", "message"}


# --- who may ask -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "no token"),
        ("Bearer wrong", "a wrong token"),
        (f"Bearer {TOKEN}x", "a wrong token"),
        (f"Bearer {TOKEN[:-1]}", "a wrong token"),
        (f"Basic {TOKEN}", "a wrong token"),
        (TOKEN, "a wrong token"),
        ("Bearer \xe9\xff", "a wrong token"),
        ("Bearer", "a wrong token"),
    ],
)
def test_without_the_token_nothing_is_told(
    application: FastAPI, header: str | None, words: str
) -> None:
    stranger = TestClient(application, base_url="http://service.example")
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    for method, path in [
        ("POST", "/recommend"),
        ("GET", "/users/u"),
        ("DELETE", "/users/u"),
        ("GET", "/sparql?query=ASK{}"),
        ("GET", "/metrics"),
        ("POST", "/reload"),
        ("GET", "/nothing"),
        ("GET", "/page/../users"),
    ]:
        answer = stranger.request(method, path, headers=headers)
        refused(answer, 401, "unauthorized", words)
        assert answer.headers["www-authenticate"] == "Bearer"
    assert stranger.get("/health").status_code == 200


@pytest.mark.parametrize(
    ("client_host", "host", "origin", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8000", None, 200),
        ("::1", "[::1]:8000", None, 200),
        ("127.0.0.1", "localhost", "http://localhost", 200),
        ("10.0.0.7", "127.0.0.1", None, 403),
        ("127.0.0.1", "evil.example", None, 403),
        ("127.0.0.1", "127.0.0.1.evil.example", None, 403),
        ("127.0.0.1", "[", None, 403),
        ("127.0.0.1", "127.0.0.1:8000", "http://evil.example", 403),
        ("127.0.0.1", "127.0.0.1:8000", "http://127.0.0.1:9999", 403),
        ("127.0.0.1", "127.0.0.1:8000", "null", 403),
    ],
)
def test_without_a_token_only_this_machine_asks_and_no_page_of_another_site(
    folder: Path, client_host: str, host: str, origin: str | None, status: int
) -> None:
    local = made(folder, token=None, sparql_workers=0)
    asks = TestClient(local, base_url="http://127.0.0.1", client=(client_host, 1))
    headers = {"Host": host, **({} if origin is None else {"Origin": origin})}
    answer = asks.post("/recommend", json={"user": "u"}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        refused(answer, 403, "forbidden", "without a token")
    local.state.service.close()


# --- bodies ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"\xff\xfe", 400, ""),
        (b"", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"null", 422, "invalid"),
        (b'"text"', 422, "invalid"),
        (b"[" * 50_000, 400, ""),
        (b'{"k": NaN}', 422, "invalid"),
        (b'{"k": 1e400}', 422, "invalid"),
        (b'{"k": "3"}', 422, "invalid"),
        (b'{"k": 0}', 422, "invalid"),
        (b'{"k": 101}', 422, "invalid"),
        (b'{"misspelt": 1}', 422, "invalid"),
        (b'{"user": "\\ud800"}', 422, "invalid"),
        (b'{"user": ""}', 422, "invalid"),
        (b'{"history": {"a": Infinity}}', 422, "invalid"),
        (b'{"text": "' + b"x" * 2001 + b'"}', 422, "invalid"),
        (b'{"text": "   "}', 422, "invalid"),
        (b'{"rerank": {"diversity": 7}}', 422, "invalid"),
        (b'{"where": "__import__(1)"}', 422, "invalid"),
        (b'{"where": "' + b"(" * 400 + b'"}', 422, "invalid"),
        (b'{"mute": [["a"]]}', 422, "invalid"),
    ],
)
def test_bad_bodies(client: TestClient, body: bytes, status: int, code: str) -> None:
    answer = client.post("/recommend", content=body, headers={"Content-Type": "application/json"})
    refused(answer, status, code or answer.json()["error"]["code"])
    assert len(answer.json()["error"]["message"]) < 1000


def test_a_body_of_another_type(client: TestClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        answer = client.post("/recommend", content=b'{"user": "u"}', headers={"Content-Type": kind})
        refused(answer, 415, "unsupported_media_type", kind, "application/json")


def test_an_oversized_body_is_refused_whether_it_says_so_or_not(client: TestClient) -> None:
    body = json.dumps({"text": "x" * 600_000}).encode()
    kind = {"Content-Type": "application/json"}
    refused(client.post("/recommend", content=body, headers=kind), 413, "too_large", "524,288")

    def chunks() -> Iterator[bytes]:
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    refused(client.post("/recommend", content=chunks(), headers=kind), 413, "too_large")


def test_too_many_events_or_cells(client: TestClient) -> None:
    events = [{"user": "u", "item": "a"}] * 1001
    refused(client.post("/events", json={"events": events}), 422, "invalid", "1000")
    refused(client.post("/events", json={"events": []}), 422, "invalid")
    row = {f"c{n}": "x" for n in range(101)}
    refused(client.post("/items", json={"items": [row]}), 422, "invalid")


# --- ids ---------------------------------------------------------------------------------------

TRICKS = [
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "%00",
    "u%00",
    "..%5c..%5c",
    "%ff%fe",
    "%ed%a0%80",
    "a" * 513,
    quote("ключ-键-🔑"),
    "%0d%0aSet-Cookie:%20x=1",
    "<script>",
    "'; DROP TABLE users; --",
    "{user}",
    "u/",
    "/u",
    "%2e",
    "%20",
]


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/users/"), ("DELETE", "/users/"), ("DELETE", "/items/"), ("GET", "/graph/")],
)
def test_tricks_in_ids(client: TestClient, method: str, path: str, trick: str) -> None:
    answer = client.request(method, path + trick)
    assert answer.status_code in {400, 404, 405, 422}, (answer.status_code, answer.text)
    assert set(answer.json()) == {"error"}
    assert "set-cookie" not in answer.headers


def test_files_are_only_those_of_the_page(client: TestClient) -> None:
    for path in (
        "/page/../service.py",
        "/page/..%2f..%2ferrors.py",
        "/page/%2fetc/passwd",
        "/page/",
    ):
        answer = client.get(path)
        refused(answer, 404, "not_found")


def test_ids_of_any_letters_work(client: TestClient) -> None:
    for user in ("ключ 🔑", "a/b?c#d", "100%", "..", "a" * 512):
        event = {"events": [{"user": user, "item": "a"}]}
        assert client.post("/events", json=event).status_code == 200, user
        path = "/users/" + quote(user, safe="").replace(".", "%2e")
        assert client.get(path).status_code in {200, 404}
        assert client.post("/recommend", json={"user": user}).status_code == 200
    assert client.get("/users/" + quote("a/b?c#d", safe="")).json()["user"] == "a/b?c#d"


# --- SPARQL ------------------------------------------------------------------------------------

SLOW = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n2 ?o }"


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "DELETE WHERE { ?s ?p ?o }",
        "# comment\nPREFIX a: <urn:a>\n drop ALL",
        "LOAD <file:///etc/passwd>",
        "CLEAR ALL",
        "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    ],
)
def test_updates_are_refused(client: TestClient, update: str) -> None:
    refused(client.get("/sparql", params={"query": update}), 403, "read_only", "SELECT")
    kind = {"Content-Type": "application/sparql-query"}
    refused(client.post("/sparql", content=update, headers=kind), 403, "read_only")
    refused(client.post("/sparql", data={"update": update}), 403, "read_only")
    kind = {"Content-Type": "application/sparql-update"}
    refused(client.post("/sparql", content=update, headers=kind), 403, "read_only")
    count = client.get("/sparql", params={"query": "ASK { <urn:a> ?p ?o }"})
    assert count.json()["boolean"] is False


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT", "SPARQL query"),
        ("SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }", "SERVICE"),
        ("ASK {}; DELETE WHERE { ?s ?p ?o }", "SPARQL query"),
        ("\x00", "SPARQL query"),
    ],
)
def test_broken_queries(client: TestClient, query: str, words: str) -> None:
    refused(client.get("/sparql", params={"query": query}), 400, "bad_query", words)


def test_queries_in_no_form(client: TestClient) -> None:
    refused(client.get("/sparql"), 422, "invalid", "query")
    refused(client.post("/sparql", json={"query": "ASK {}"}), 415, "unsupported_media_type")
    kind = {"Content-Type": "application/sparql-query"}
    refused(client.post("/sparql", content=b"\xff", headers=kind), 400, "bad_request", "UTF-8")
    refused(client.post("/sparql", content=b"", headers=kind), 422, "invalid")
    refused(client.post("/sparql", content=b"x" * 10_001, headers=kind), 422, "invalid")


def test_a_slow_query_is_ended_and_the_next_is_answered(client: TestClient) -> None:
    assert client.get("/sparql", params={"query": "ASK {}"}).status_code == 200
    start = time.monotonic()
    refused(client.get("/sparql", params={"query": SLOW}), 504, "timeout", "1 s")
    assert time.monotonic() - start < 3
    for _ in range(20):  # until another process has the facts
        answer = client.get("/sparql", params={"query": "ASK {}"})
        if answer.status_code == 200:
            break
        refused(answer, 503, "busy")
    assert answer.json()["boolean"] is True


def test_rows_are_limited(client: TestClient) -> None:
    answer = client.get("/sparql", params={"query": "SELECT * { ?s ?p ?o }"})
    assert len(answer.json()["results"]["bindings"]) == 5
    assert answer.headers["x-more-rows"] == "true"


# --- too much, too long ------------------------------------------------------------------------


def test_the_rate_of_an_address_is_limited(folder: Path) -> None:
    application = made(folder, rate=2, sparql_workers=0)
    asks = TestClient(application, base_url="http://127.0.0.1", headers=HEADERS)
    answers = [asks.get("/users") for _ in range(20)]
    assert [a.status_code for a in answers[:10]] == [200] * 10
    refused(answers[-1], 429, "too_many_requests")
    assert int(answers[-1].headers["retry-after"]) > 0
    other = TestClient(
        application, base_url="http://127.0.0.1", headers=HEADERS, client=("10.0.0.2", 1)
    )
    assert other.get("/users").status_code == 200
    application.state.service.close()


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Make lists take some seconds."""
    recommend = Recommender.recommend

    def by(seconds: float) -> None:
        def slowly(self: Recommender, *args: Any, **kwargs: Any) -> Any:
            time.sleep(seconds)
            return recommend(self, *args, **kwargs)

        monkeypatch.setattr(Recommender, "recommend", slowly)

    return by


def at_once(application: FastAPI, count: int) -> list[httpx.Response]:
    """Return the answers to requests that are made at the same time."""

    async def ask() -> list[httpx.Response]:
        transport = httpx.ASGITransport(application, client=("127.0.0.1", 1))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1", headers=HEADERS
        ) as asks:
            return await asyncio.gather(
                *(asks.post("/recommend", json={"user": "u"}) for _ in range(count))
            )

    return asyncio.run(ask())


def test_what_takes_too_long_is_given_up(folder: Path, slow: Callable[[float], None]) -> None:
    application = made(folder, timeout=0.3, sparql_workers=0)
    slow(1.0)
    start = time.monotonic()
    (answer,) = at_once(application, 1)
    refused(answer, 504, "timeout", "0.3 s")
    assert time.monotonic() - start < 0.9
    slow(0.0)
    (answer,) = at_once(application, 1)
    assert answer.status_code == 200
    application.state.service.close()


def test_no_more_wait_than_allowed(folder: Path, slow: Callable[[float], None]) -> None:
    application = made(folder, threads=1, waiting=2, sparql_workers=0)
    slow(0.2)
    answers = at_once(application, 6)
    assert sorted(a.status_code for a in answers) == [200, 200, 200, 503, 503, 503]
    busy = next(a for a in answers if a.status_code == 503)
    refused(busy, 503, "busy")
    assert busy.headers["retry-after"] == "1"
    application.state.service.close()


# --- the schema --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def schema(tiny: Recommender, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tiny.save(tmp_path_factory.mktemp("schema") / "model")
    application = made(folder)

    async def living(scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on; schemathesis would begin and end a life for each of them."""
        if scope["type"] == "http":
            await application(scope, receive, send)
            return
        for word in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{word}.complete"})

    yield schemathesis.openapi.from_asgi("/openapi.json", living)
    application.state.service.close()


OPERATIONS = [
    "POST /recommend",
    "POST /explain",
    "POST /events",
    "POST /feedback",
    "POST /items",
    "DELETE /items/{item}",
    "GET /items",
    "GET /start",
    "POST /ask",
    "GET /sparql",
    "POST /sparql",
    "GET /graph/{item}",
    "GET /users",
    "GET /users/{user}",
    "DELETE /users/{user}",
    "GET /health",
    "GET /metrics",
    "POST /reload",
    "POST /refresh",
]


MEANING = {"POST /recommend", "POST /events", "POST /feedback", "POST /items"} | {
    "GET /sparql",
    "POST /sparql",
}
"""Operations that may refuse what is right in form: an unknown item, a broken query."""


def test_all_operations_are_tried(schema: Any) -> None:
    found = [result.ok().label for result in schema.get_all_operations()]
    assert sorted(found) == sorted(OPERATIONS)
    described = schema.raw_schema
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    bodies = [
        described["components"]["schemas"][name]
        for name in ("RecommendRequest", "ExplainRequest", "EventsRequest", "ItemsRequest")
    ]
    assert all(body["examples"] for body in bodies)


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("label", OPERATIONS)
def test_the_service_is_as_its_schema_says(schema: Any, label: str, mode: GenerationMode) -> None:
    operation = next(
        found for result in schema.get_all_operations() if (found := result.ok()).label == label
    )

    left_out = [positive_data_acceptance] if label in MEANING else []

    @settings(
        max_examples=8 if label != "POST /refresh" else 1,
        deadline=None,
        suppress_health_check=[*HealthCheck],
        derandomize=True,
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: schemathesis.Case) -> None:
        has_token = mode is GenerationMode.POSITIVE or "Authorization" in (case.headers or {})
        headers = HEADERS if has_token else {}
        answer = case.call(headers=headers)
        if answer.status_code != 413:  # right, but not among what schemathesis expects
            case.validate_response(answer, excluded_checks=left_out, headers=headers)

    try:
        check()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # nothing can be wrong with such a request
