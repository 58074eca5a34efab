"""The service, asked in process and as a real one; what it must refuse is in another file."""

from __future__ import annotations

import errno
import gc
import inspect
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pandas as pd
import pyoxigraph as ox
import pytest
import service as bench
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from kg_rec import Recommender
from kg_rec.errors import ConfigError, ModelError
from kg_rec.service import ServiceSettings, app
from kg_rec.service.logs import JsonLines
from kg_rec.service.routes import ROUTERS, operating
from kg_rec.service.server import check_host

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = ServiceSettings(texts=False, watch=0, rate=100_000, sparql_workers=0)
SLOW = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n2 ?o }"
LOCAL = {"base_url": "http://127.0.0.1", "client": ("127.0.0.1", 1)}


@pytest.fixture
def folder(tiny_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


@pytest.fixture
def client(folder: Path) -> Iterator[TestClient]:
    made = app(folder, journal=folder.with_name("journal"), settings=SETTINGS)
    with TestClient(made, **LOCAL) as found:  # type: ignore[arg-type]
        yield found


@pytest.fixture
def asking(folder: Path) -> Iterator[TestClient]:
    """A client of a service that takes SPARQL."""
    settings = SETTINGS.model_copy(update={"sparql_workers": 1})
    with TestClient(app(folder, settings=settings), **LOCAL) as found:  # type: ignore[arg-type]
        yield found


def told(client: TestClient, **asked: Any) -> dict[str, Any]:
    answer = client.post("/recommend", json=asked)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


# --- lists and explanations --------------------------------------------------------------------


def test_a_list_is_that_of_the_model_and_its_reasons_sum_to_the_scores(
    client: TestClient, tiny: Recommender
) -> None:
    found = told(client, user="u", k=3, reasons=1)
    expected = tiny.recommend("u", k=3)
    assert [item["item"] for item in found["items"]] == [item.item for item in expected]
    for item, own in zip(found["items"], expected, strict=True):
        assert item["score"] == pytest.approx(own.score)
        assert len(item["reasons"]) <= 1
        total = fsum(reason["value"] for reason in item["reasons"]) + item["rest"]
        assert total == pytest.approx(item["score"], rel=1e-6)


def test_someone_unknown_with_the_history_of_a_known_user_gets_the_same_list(
    client: TestClient,
) -> None:
    known = told(client, user="v")["items"]
    assert told(client, history=["a", "c"])["items"] == known
    assert told(client, history={"a": 1.0, "c": 1})["items"] == known


def test_every_key_is_taken_by_mute_and_takes_the_reason_away(starter_folder: Path) -> None:
    made = app(starter_folder, settings=SETTINGS)
    with TestClient(made, **LOCAL) as client:  # type: ignore[arg-type]
        users = client.get("/users", params={"limit": 100}).json()["users"]
        kinds = set()
        for user in users:
            for item in told(client, user=user, k=3, reasons=50)["items"]:
                for reason in item["reasons"]:
                    if reason["key"] is None:
                        continue
                    kinds.add(reason["kind"])
                    asked = {"user": user, "item": item["item"], "mute": [reason["key"]]}
                    answer = client.post("/explain", json=asked)
                    assert answer.status_code == 200, (reason, answer.text)
                    left = {(r["kind"], r.get("key")) for r in answer.json()["reasons"]}
                    assert (reason["kind"], reason["key"]) not in left
        assert {"fact", "popularity"} <= kinds


def test_an_explanation_has_all_terms_and_says_why_an_item_is_not_in_the_list(
    client: TestClient, tiny: Recommender
) -> None:
    answer = client.post("/explain", json={"user": "u", "item": "d", "k": 1, "terms": True}).json()
    own = tiny.explain("d", "u")
    assert [r["value"] for r in answer["reasons"]] == pytest.approx(
        [c.value for c in own.contributions]
    )
    assert answer["rank"] > 1
    assert "Delta" in answer["why_not"]
    first = client.post("/explain", json={"user": "u", "item": "b", "k": 1}).json()
    assert first["rank"] == 1
    assert "why_not" not in first


def test_a_condition_restricts_the_list_and_sparql_is_left_to_its_endpoint(
    client: TestClient,
) -> None:
    found = told(client, user="u", where="genre == 'Comedy'")
    assert {item["item"] for item in found["items"]} == {"c", "d"}
    answer = client.post("/recommend", json={"user": "u", "where": "?item a movies:Movie"})
    assert answer.status_code == 422
    assert "SPARQL" in answer.json()["error"]["message"]


def test_texts_are_understood(starter_folder: Path) -> None:
    with TestClient(app(starter_folder, settings=SETTINGS), **LOCAL) as client:  # type: ignore[arg-type]
        found = told(client, text="I love crime films.")
    assert [said["label"].casefold() for said in found["understood"]] == ["crime"]
    assert found["items"]


# --- changes -----------------------------------------------------------------------------------


def test_the_next_list_reflects_an_event_and_an_id_is_taken_once(client: TestClient) -> None:
    events = {"events": [{"id": "1", "user": "new", "item": "a"}]}
    assert client.post("/events", json=events).json() == {"accepted": 1, "duplicates": 0}
    assert client.post("/events", json=events).json() == {"accepted": 0, "duplicates": 1}
    assert told(client, user="new")["items"] == told(client, history=["a"])["items"]
    assert "new" in client.get("/users").json()["users"]


def test_a_bad_event_stops_all_of_its_request(client: TestClient) -> None:
    events = [{"user": "new", "item": "a"}, {"user": "new", "item": "nothing"}]
    answer = client.post("/events", json={"events": events})
    assert answer.status_code == 422
    assert "'nothing'" in answer.json()["error"]["message"]
    assert client.post("/recommend", json={"user": "new"}).status_code == 404


def test_a_request_that_has_begun_is_not_disturbed_by_changes(folder: Path) -> None:
    made = app(folder, settings=SETTINGS)
    state = made.state.service.state
    before = state.current
    expected = [item.item for item in before.recommend("u")]
    state.change("update", lambda r: r.update(pd.DataFrame({"user": ["u"], "item": ["b"]})))
    assert [item.item for item in before.recommend("u")] == expected
    assert "b" not in [item.item for item in state.current.recommend("u")]
    made.state.service.close()


def test_a_change_that_fails_changes_nothing(folder: Path) -> None:
    made = app(folder, settings=SETTINGS)
    state = made.state.service.state

    def fails(recommender: Recommender) -> None:
        recommender.update(pd.DataFrame({"user": ["x"], "item": ["a"]}))
        raise RuntimeError

    before = state.current
    with pytest.raises(RuntimeError):
        state.change("update", fails)
    assert state.current is before
    assert not before.knows("x")
    made.state.service.close()


def test_changes_are_there_after_a_restart(folder: Path) -> None:
    journal = folder.with_name("journal")
    for count in (1, 0):
        made = app(folder, journal=journal, settings=SETTINGS)
        with TestClient(made, **LOCAL) as client:  # type: ignore[arg-type]
            event = {"id": "1", "user": "new", "item": "a"}
            answer = client.post("/events", json={"events": [event]}).json()
            assert answer["accepted"] == count
            assert told(client, user="new")["items"]


def test_feedback_holds_from_the_next_list_on(client: TestClient) -> None:
    first = told(client, user="u")["items"][0]
    say = {"user": "u", "item": first["item"], "verdict": "hide"}
    assert client.post("/feedback", json=say).status_code == 200
    assert first["item"] not in {item["item"] for item in told(client, user="u")["items"]}
    mute = {"user": "u", "mute": [first["reasons"][0]["key"]]}
    assert client.post("/feedback", json=mute).status_code == 200
    keys = {r.get("key") for item in told(client, user="u")["items"] for r in item["reasons"]}
    assert first["reasons"][0]["key"] not in keys
    assert client.post("/feedback", json={"user": "u", "verdict": "clear"}).status_code == 200
    assert told(client, user="u")["items"][0] == first
    for wrong in ({"verdict": "like"}, {"item": "a"}, {"item": "a", "verdict": "adore"}, {}):
        assert client.post("/feedback", json={"user": "u", **wrong}).status_code == 422


def test_a_new_item_is_there_at_once_and_gone_when_it_is_taken_out(asking: TestClient) -> None:
    row = {"id": "new/1", "label": "Epsilon", "genre": "Crime"}
    assert asking.post("/items", json={"items": [row]}).json() == {"items": ["new/1"]}
    assert "new/1" in {item["item"] for item in told(asking, user="u")["items"]}
    assert asking.post("/explain", json={"user": "u", "item": "new/1"}).json()["reasons"]
    query = {"query": 'ASK { ?item rdfs:label "Epsilon" }'}
    assert asking.get("/sparql", params=query).json()["boolean"] is True
    again = asking.post("/items", json={"items": [row]})
    assert again.status_code == 422
    assert "new/1" in again.json()["error"]["message"]
    assert asking.delete("/items/new%2F1").status_code == 200
    assert asking.get("/items", params={"q": "epsilon"}).json()["items"] == []
    assert asking.get("/sparql", params=query).json()["boolean"] is False
    assert asking.delete("/items/new%2F1").status_code == 404


def test_a_dialogue_goes_on_and_is_forgotten_with_its_user(client: TestClient) -> None:
    first = client.post("/ask", json={"question": "something like Alpha", "user": "u"}).json()
    assert first["intent"] in {"recommend", "more_like"}
    assert first["items"]
    second = {"question": "why the first?", "session": first["session"]}
    answer = client.post("/ask", json=second).json()
    assert answer["intent"] == "why"
    assert answer["session"] == first["session"]
    assert first["items"][0]["label"] in answer["answer"]
    client.delete("/users/u")
    assert client.post("/ask", json=second).status_code == 404


def test_what_a_user_says_of_an_item_in_a_dialogue_is_kept(client: TestClient) -> None:
    first = told(client, user="u")["items"][0]
    said = f"I have seen {first['label']}"
    answer = client.post("/ask", json={"question": said, "user": "u"}).json()
    assert answer["intent"] == "feedback"
    assert first["item"] not in {item["item"] for item in told(client, user="u")["items"]}


def test_a_dialogue_that_was_silent_too_long_is_forgotten(folder: Path) -> None:
    settings = SETTINGS.model_copy(update={"session_age": 0.05})
    with TestClient(app(folder, settings=settings), **LOCAL) as client:  # type: ignore[arg-type]
        first = client.post("/ask", json={"question": "help"}).json()
        time.sleep(0.1)
        answer = client.post("/ask", json={"question": "help", "session": first["session"]})
        assert answer.status_code == 404
        assert "silent" in answer.json()["error"]["message"]


def test_a_user_is_told_all_and_forgotten_everywhere(client: TestClient, folder: Path) -> None:
    client.post("/events", json={"events": [{"user": "secret-name", "item": "a"}]})
    held = client.get("/users/secret-name")
    assert held.headers["content-type"] == "application/json"
    assert held.json()["events"][0]["item"] == "a"
    turtle = client.get("/users/secret-name", headers={"Accept": "text/turtle"})
    assert list(ox.parse(turtle.content, ox.RdfFormat.TURTLE))
    assert client.delete("/users/secret-name").status_code == 200
    assert client.get("/users/secret-name").status_code == 404
    assert client.delete("/users/secret-name").status_code == 404
    files = [path for path in folder.parent.rglob("*") if path.is_file()]
    assert not [path for path in files if b"secret-name" in path.read_bytes()]
    assert "secret-name" not in json.dumps(Recommender.load(folder).users)


def test_a_full_disk_is_told_and_nothing_is_changed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    event = {"events": [{"id": "1", "user": "new", "item": "a"}]}
    with monkeypatch.context() as broken:
        broken.setattr("kg_rec.journal.os.fsync", full)
        answer = client.post("/events", json=event)
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "model"
    assert "journal" not in answer.json()["error"]["message"].replace("its journal", "")
    assert "failure" in [record.message for record in caplog.records]
    assert client.post("/recommend", json={"user": "new"}).status_code == 404
    assert client.post("/events", json=event).json()["accepted"] == 1


def test_memory_holds_nothing_of_who_is_forgotten(folder: Path) -> None:
    settings = SETTINGS.model_copy(update={"timeout": 0.5})
    made = app(folder, journal=folder.with_name("journal"), settings=settings)
    user = f"user-{uuid.uuid4()}"
    with TestClient(made, **LOCAL) as client:  # type: ignore[arg-type]
        client.post("/events", json={"events": [{"user": user, "item": "a"}]})
        client.post("/ask", json={"question": "what do you know about me?", "user": user})
        assert client.post("/recommend", json={"user": user}).status_code == 200
        assert holding(user)
        assert client.delete(f"/users/{user}").status_code == 200
        assert waited(lambda: not holding(user), 10), holding(user)


def holding(text: str) -> list[str]:
    """Return the kinds of objects that hold a text, other than those of a test that runs."""
    gc.collect()
    ours = {id(text), id(sys._getframe(1).f_locals)}
    found = []
    for thing in gc.get_objects():
        if type(thing) is dict:
            parts = [*thing, *thing.values()]
        elif type(thing) in {list, tuple, set, frozenset}:
            parts = list(thing)
        else:
            continue
        if any(type(p) is str and text in p and id(p) not in ours for p in parts):
            found.append(f"{type(thing).__name__} of {len(thing)}: {str(thing)[:200]}")
    return found


# --- other models ------------------------------------------------------------------------------


def other_model(folder: Path) -> None:
    """Put a model with one more item in the place of a folder."""
    items = pd.DataFrame({"id": [*"abcde"], "genre": ["Crime"] * 5})
    events = pd.DataFrame({"user": ["u"], "item": ["a"]})
    config = {"embeddings": {"epochs": 0}}
    Recommender.fit(items, interactions=events, config=config).save(folder)


def test_a_newer_model_takes_over_with_the_changes_since(client: TestClient, folder: Path) -> None:
    client.post("/events", json={"events": [{"user": "new", "item": "a"}]})
    other_model(folder)
    assert client.post("/reload").json() == {"state": "done"}
    assert [item["item"] for item in client.get("/items").json()["items"]] == [*"abcde"]
    assert told(client, user="new")["items"]
    again = client.post("/events", json={"events": [{"user": "new", "item": "e"}]})
    assert again.json()["accepted"] == 1
    assert client.post("/recommend", json={"user": "w"}).status_code == 404


def test_a_broken_folder_leaves_the_model_of_before(client: TestClient, folder: Path) -> None:
    (folder / "model.json").write_bytes(b"{}")
    answer = client.post("/reload")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "model"
    assert told(client, user="u")["items"]


def test_no_request_fails_while_models_are_replaced(client: TestClient, folder: Path) -> None:
    failed, done = [], threading.Event()

    def read() -> None:
        while not done.is_set():
            answer = client.post("/recommend", json={"user": "u", "k": 2})
            failed.extend([answer.text] if answer.status_code != 200 else [])

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(3):
        if number == 1:
            other_model(folder)
        assert client.post("/reload").status_code == 200
    done.set()
    for reader in readers:
        reader.join()
    assert not failed


def test_the_folder_is_watched(folder: Path) -> None:
    settings = SETTINGS.model_copy(update={"watch": 0.05})
    with TestClient(app(folder, settings=settings), **LOCAL) as client:  # type: ignore[arg-type]
        other_model(folder)
        assert waited(lambda: len(client.get("/items").json()["items"]) == 5)


def test_learning_again_is_done_in_another_process_and_keeps_what_happens_meanwhile(
    client: TestClient, folder: Path
) -> None:
    client.post("/events", json={"events": [{"user": "before", "item": "a"}]})
    assert client.post("/refresh").status_code == 202
    client.post("/events", json={"events": [{"user": "meanwhile", "item": "c"}]})
    assert client.get("/health").json()["learning"] == "running"
    assert waited(lambda: client.get("/health").json()["learning"] != "running", 60)
    assert client.get("/health").json()["learning"] == "done"
    users = client.get("/users").json()["users"]
    assert {"before", "meanwhile"} <= {*users}
    learned = Recommender.load(folder)
    assert "before" in learned.users
    assert "meanwhile" not in learned.users
    journal = folder.with_name("journal").read_text("utf-8")
    assert "before" not in journal
    assert "meanwhile" in journal
    assert not list(folder.parent.glob(".model-*"))


def test_who_is_forgotten_while_something_is_learned_does_not_come_back(
    client: TestClient, folder: Path
) -> None:
    client.post("/events", json={"events": [{"user": "secret-name", "item": "a"}]})
    client.post("/refresh")
    assert client.delete("/users/secret-name").status_code == 200
    assert waited(lambda: client.get("/health").json()["learning"] != "running", 60)
    assert client.get("/users/secret-name").status_code == 404
    files = [path for path in folder.parent.rglob("*") if path.is_file()]
    assert not [path for path in files if b"secret-name" in path.read_bytes()]


# --- facts -------------------------------------------------------------------------------------


def test_sparql_answers_in_the_type_that_is_wanted(asking: TestClient) -> None:
    query = "SELECT ?item WHERE { ?item schema:genre ?g } ORDER BY ?item"
    rows = asking.get("/sparql", params={"query": query})
    assert rows.headers["content-type"] == "application/sparql-results+json"
    assert len(rows.json()["results"]["bindings"]) == 4
    kind = {"Accept": "text/csv", "Content-Type": "application/sparql-query"}
    lines = asking.post("/sparql", content=query, headers=kind).text.splitlines()
    assert lines[0] == "item"
    assert len(lines) == 5
    form = asking.post("/sparql", data={"query": "ASK { ?s ?p ?o }"})
    assert form.json()["boolean"] is True
    built = {"query": "CONSTRUCT { ?s a ?o } WHERE { ?s schema:genre ?o }"}
    triples = asking.get("/sparql", params=built)
    assert triples.headers["content-type"].startswith("text/turtle")
    assert len(list(ox.parse(triples.content, ox.RdfFormat.TURTLE))) == 4
    none = asking.get("/sparql", params={"query": query}, headers={"Accept": "image/png"})
    assert none.status_code == 406


def test_sparql_tells_nothing_of_users_and_follows_the_items(asking: TestClient) -> None:
    asking.post("/events", json={"events": [{"user": "secret-name", "item": "a"}]})
    query = "SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }"
    found = asking.get("/sparql", params={"query": query}).text
    assert "Alpha" in found
    assert "/user/" not in found
    assert "secret" not in found


def test_a_picture_of_an_item_has_nothing_of_users(client: TestClient) -> None:
    answer = client.get("/graph/a")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "Alpha" in answer.text
    assert "/user/" not in answer.text
    assert client.get("/graph/nothing").status_code == 404


def test_items_are_found_by_name(client: TestClient) -> None:
    found = client.get("/items", params={"q": "ET"}).json()["items"]
    assert found == [{"item": "b", "label": "Beta"}]
    assert len(client.get("/items", params={"limit": 2}).json()["items"]) == 2


# --- operating ---------------------------------------------------------------------------------


def test_measures_and_logs_tell_no_ids_and_no_texts(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kg_rec.service")
    event = {"id": "secret-event", "user": "secret-name", "item": "a"}
    client.post("/events", json={"events": [event]})
    client.get("/users/secret-name")
    client.get("/users?q=secret-query")
    client.get("/secret-path/secret-name")
    client.post("/recommend", json={"user": "secret-other"})
    measures = client.get("/metrics").text
    assert 'kg_rec_requests_total{method="GET",route="/users/{user}",status="200"} 1.0' in measures
    assert 'kg_rec_events_total{result="accepted"} 1.0' in measures
    lines = [
        JsonLines().format(record) for record in caplog.records if record.name == "kg_rec.service"
    ]
    assert "secret" not in measures + "".join(lines)
    seen = [json.loads(line) for line in lines]
    assert {"method": "POST", "route": "/recommend", "status": 404}.items() <= seen[-2].items()
    assert all(line["request"] and line["ms"] >= 0 for line in seen if line["event"] == "request")


def test_a_misspelt_parameter_is_refused(client: TestClient) -> None:
    answer = client.get("/items?query=a&limit=1")
    assert answer.status_code == 422
    assert "limit, q" in answer.json()["error"]["message"]


def test_a_failure_is_answered_and_logged_without_its_message(
    client: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Recommender, "recommend", fails)
    answer = client.post("/recommend", json={"user": "u"})
    assert answer.status_code == 500
    assert answer.json()["error"]["code"] == "internal"
    failure = next(r for r in caplog.records if r.message == "failure")
    line = JsonLines().format(failure)
    assert "secret" not in answer.text + line
    assert json.loads(line)["error"] == "RuntimeError"
    assert json.loads(line)["request"] == answer.headers["x-request-id"]


def test_a_host_that_others_reach_needs_a_token() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.2", "example.org"):  # noqa: S104
        with pytest.raises(ConfigError, match="KG_REC_TOKEN"):
            check_host(host, ServiceSettings())
        check_host(host, ServiceSettings(token="x" * 16))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="less than 16"):
        check_host("127.0.0.1", ServiceSettings(token="x"))  # type: ignore[arg-type]  # noqa: S106
    check_host("::1", ServiceSettings())


def test_a_journal_belongs_to_one_process(folder: Path) -> None:
    made = app(folder, journal=folder.with_name("journal"), settings=SETTINGS)
    with pytest.raises(ModelError, match="in use"):
        app(folder, journal=folder.with_name("journal"), settings=SETTINGS)
    made.state.service.close()


def waited(true: Any, seconds: float = 10) -> bool:
    """Return whether something becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


# --- a real process ----------------------------------------------------------------------------


def test_a_real_server_answers_rereads_its_model_and_ends_after_what_has_begun(
    folder: Path,
) -> None:
    server = bench.served(folder, "--watch", "0", "--sparql-timeout", "1")
    code = None
    try:
        with httpx.Client(base_url=server.url, timeout=30) as client:
            assert client.post("/recommend", json={"user": "u"}).json()["items"]
            other_model(folder)
            server.process.send_signal(signal.SIGHUP)
            assert waited(lambda: len(client.get("/items").json()["items"]) == 5)
            assert waited(lambda: client.get("/sparql?query=ASK{}").status_code == 200, 30)
            with ThreadPoolExecutor(1) as pool:
                begun = pool.submit(client.get, "/sparql", params={"query": SLOW})
                time.sleep(0.3)
                code = server.stop()
                assert begun.result().status_code == 504
    finally:
        if code is None:
            server.kill()
    assert code == 0


def test_nothing_acknowledged_is_lost_or_doubled_by_crashes(tmp_path: Path) -> None:
    items = pd.DataFrame({"id": [*"abcd"]})
    events = pd.DataFrame({"user": ["u"], "item": ["a"], "weight": [1.0], "timestamp": [1.0]})
    config = {"embeddings": {"epochs": 0}}
    folder = Recommender.fit(items, interactions=events, config=config).save(tmp_path / "model")
    found = bench.crash(folder, kills=3)
    assert found.acknowledged > 0
    assert found.cut > 0
    assert (found.lost, found.doubled) == (0, 0)


def test_wrong_usage_is_one_line(folder: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kg_rec", "serve", *arguments]
        environment = {k: v for k, v in os.environ.items() if k != "KG_REC_TOKEN"}
        return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)

    found = run(str(folder), "--host", "0.0.0.0")  # noqa: S104
    assert found.returncode == 1
    assert found.stderr.count("\n") == 1
    assert "KG_REC_TOKEN" in found.stderr


def test_no_request_goes_through_a_thread_that_is_not_ours() -> None:
    for router in (*ROUTERS, operating.free):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            called = [route.dependant.call, *(d.call for d in route.dependant.dependencies)]
            assert all(inspect.iscoroutinefunction(call) for call in called), route.path
