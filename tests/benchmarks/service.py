"""The service while it is used: a stream of events beside readers, and crashes among writes.

Run it on a quiet machine:

    python tests/benchmarks/service.py demo/model            # both
    python tests/benchmarks/service.py demo/model --kills 20 --events 10000

The model folder is copied; a real server runs on 127.0.0.1. Readers keep to a rate: what a request
waits because the one before it was late counts as its time (no coordinated omission). The same
load is put on an empty FastAPI application, for comparison.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from kg_rec import Recommender

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EMPTY = """
import sys
import fastapi, uvicorn
app = fastapi.FastAPI()
@app.post("/recommend")
async def recommend(asked: dict): return {"items": []}
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
"""


class Server:
    """A server in a process of its own.

    Args:
        command: What starts it.
        url: Where it is then; without one, its log tells.
    """

    def __init__(self, command: Sequence[str], url: str = "") -> None:
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.log: list[dict[str, Any]] = []
        self.url = url or self._told()

    def _told(self) -> str:
        """Return the URL that the log tells."""
        stream = self.process.stderr
        assert stream is not None
        for line in stream:
            told = json.loads(line) if line.startswith("{") else {}
            if told.get("event") == "listening":
                return str(told["url"])
        raise SystemExit(f"the server did not start: exit code {self.process.wait()}")

    def drain(self) -> None:
        """Read its log from now on, so that it never waits for that."""

        def read() -> None:
            with self.process.stderr or contextlib.nullcontext() as stream:
                for _ in stream or ():
                    pass

        threading.Thread(target=read, daemon=True).start()

    def wait_until_up(self) -> None:
        """Wait until it answers."""
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/health").status_code < 500:
                    return
            time.sleep(0.05)
        raise SystemExit("the server does not answer")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """End it as an operator would, and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


def served(folder: Path, *more: str) -> Server:
    """Serve a model folder; its journal is beside it."""
    command = [sys.executable, "-m", "kg_rec", "serve", str(folder), "--port", "0"]
    found = Server([*command, "--rate", "100000", "--no-texts", *more])
    found.drain()
    found.wait_until_up()
    return found


def empty() -> Server:
    """Serve an application that does nothing."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = Server([sys.executable, "-c", EMPTY, str(port)], f"http://127.0.0.1:{port}")
    found.drain()
    found.wait_until_up()
    return found


@contextlib.contextmanager
def copied(model: Path) -> Iterator[Path]:
    """Give a copy of a model folder."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(shutil.copytree(model, Path(place) / "model"))


def events_for(folder: Path, count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Return ratings of known and new users, each with an id of its own."""
    chance = random.Random(seed)  # noqa: S311 - a benchmark
    model = Recommender.load(folder)
    users = [*model.users, *(f"new-{n}" for n in range(len(model.users)))]
    items = [item.id for item in model.items]
    kinds = {"kind": "view"} if model.model.log.graded else {}
    return [
        {
            "id": f"event-{seed}-{n}",
            "user": chance.choice(users),
            "item": chance.choice(items),
            "weight": float(chance.randint(1, 10)),
            "timestamp": 1.7e9 + n,
            **kinds,
        }
        for n in range(count)
    ]


# --- load ----------------------------------------------------------------------------------------


class Plan(NamedTuple):
    """What load there is to be.

    Attributes:
        rate: Lists a second, in all.
        stream: Events a second.
        batch: Events of a request.
        seconds: Least seconds.
        clients: How many read.
    """

    rate: float
    stream: float
    batch: int
    seconds: float
    clients: int = 4


class Load(NamedTuple):
    """What readers and writers saw.

    Attributes:
        waits: Seconds of each answer of a list, from when it was due.
        writes: The same of each request with events.
        errors: Answers and exceptions that should not be.
        accepted: Events that were acknowledged.
        seconds: How long it took in all.
    """

    waits: list[float]
    writes: list[float]
    errors: list[str]
    accepted: int
    seconds: float


async def _reader(
    client: httpx.AsyncClient, users: Sequence[str], every: float, done: asyncio.Event, load: Load
) -> None:
    """Ask for lists at the moments of a Poisson process, as people do who don't know each other."""
    chance = random.Random(users[0])  # noqa: S311 - a benchmark
    due, number = time.perf_counter() + chance.expovariate(1 / every), 0
    while not done.is_set():
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        try:
            answer = await client.post("/recommend", json={"user": users[number % len(users)]})
            if answer.status_code != 200:
                load.errors.append(f"{answer.status_code} {answer.text[:200]}")
        except httpx.HTTPError as error:
            load.errors.append(repr(error))
        load.waits.append(time.perf_counter() - due)
        due, number = due + chance.expovariate(1 / every), number + 1


async def _writer(
    client: httpx.AsyncClient, events: Sequence[dict[str, Any]], plan: Plan, load: Load
) -> int:
    accepted, due = 0, time.perf_counter()
    for first in range(0, len(events), plan.batch):
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        told = {"events": events[first : first + plan.batch]}
        answer = await client.post("/events", json=told)
        if answer.status_code == 200:
            accepted += answer.json()["accepted"]
        else:
            load.errors.append(f"{answer.status_code} {answer.text[:200]}")
        load.writes.append(time.perf_counter() - due)
        due += plan.batch / plan.stream
    return accepted


async def _loaded(
    url: str, users: Sequence[str], events: Sequence[dict[str, Any]], plan: Plan
) -> Load:
    load, done, start = Load([], [], [], 0, 0.0), asyncio.Event(), time.perf_counter()
    async with contextlib.AsyncExitStack() as stack:
        opened = [
            await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=30))
            for _ in range(plan.clients + 1)
        ]
        for client in opened[1:]:
            await client.post("/recommend", json={"user": users[0]})
        readers = [
            asyncio.create_task(
                _reader(client, users[n :: plan.clients], plan.clients / plan.rate, done, load)
            )
            for n, client in enumerate(opened[1:])
        ]
        accepted = await _writer(opened[0], events, plan, load)
        await asyncio.sleep(max(0.0, plan.seconds - (time.perf_counter() - start)))
        done.set()
        await asyncio.gather(*readers)
    return load._replace(accepted=accepted, seconds=time.perf_counter() - start)


def under_load(folder: Path, count: int, plan: Plan) -> None:
    """Print what readers see while events are streamed in, and the same of an empty application."""
    told = events_for(folder, count)
    users = [*Recommender.load(folder).users][:400]
    rows = []
    with _running(empty()) as server:
        rows.append(("empty FastAPI", asyncio.run(_loaded(server.url, users, [], plan))))
    with copied(folder) as copy, _running(served(copy)) as server:
        rows.append(("lists", asyncio.run(_loaded(server.url, users, [], plan))))
        rows.append(("lists, events", asyncio.run(_loaded(server.url, users, told, plan))))
    print(f"{'':16s} answers     p50     p90     p99     max ms  errors  events/s")
    for name, load in rows:
        times = "".join(f"{percentile(load.waits, s):8.1f}" for s in (0.5, 0.9, 0.99, 1.0))
        stream = f"{load.accepted / load.seconds:10.0f}" if load.accepted else ""
        print(f"{name:16s} {len(load.waits):7d}{times} {len(load.errors):10d}{stream}")
        for error in load.errors[:3]:
            print("   ", error)
    last = rows[-1][1]
    ratio = percentile(last.waits, 0.99) / percentile(rows[0][1].waits, 0.99)
    print(f"p99 of lists with events is {ratio:.1f} times that of an empty application")
    print(f"events: p50 {percentile(last.writes, 0.5):.1f} ms, p99", end=" ")
    print(f"{percentile(last.writes, 0.99):.1f} ms; {last.accepted:,} of {count:,} accepted")


def percentile(times: Sequence[float], share: float) -> float:
    """Return the milliseconds within which a share of the answers came."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@contextlib.contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        yield server
    finally:
        code = server.stop()
        if code not in {0, -signal.SIGTERM}:
            print(f"exit code {code}")


# --- crashes -------------------------------------------------------------------------------------


class Crashes(NamedTuple):
    """What a server held after crashes among writes.

    Attributes:
        acknowledged: Events that were acknowledged.
        lost: Of these, those that it did not hold.
        doubled: Events that it held more than once.
        held: Events that it held.
        sent: Events that were sent, some more than once.
        cut: Requests that were sent and not answered.
    """

    acknowledged: int
    lost: int
    doubled: int
    held: int
    sent: int
    cut: int


def crash(model: Path, *, kills: int, batch: int = 5, most: int = 400, seed: int = 0) -> Crashes:
    """Kill a server while it is written to, start it again, again and again.

    What was not acknowledged is sent once more, with the same ids.

    Args:
        model: A model folder; it is copied.
        kills: How often.
        batch: Events of a request.
        most: Most requests before a kill; it comes within half a second.
        seed: Of what is sent and when the server is killed.
    """
    chance = random.Random(seed)  # noqa: S311 - a benchmark
    events = events_for(model, (kills + 1) * batch * most, seed)
    waiting = [events[n : n + batch] for n in range(0, len(events), batch)]
    acknowledged: dict[str, dict[str, Any]] = {}
    sent: dict[str, dict[str, Any]] = {}
    cut = 0
    with copied(model) as folder:
        for number in range(kills + 1):
            server = served(folder, "--sparql-workers", "0")
            count = chance.randint(5, 40)
            killer = None if number == kills else chance.uniform(0.02, 0.5)
            for told in _send(server, waiting, count, killer):
                sent |= {event["id"]: event for event in told.batch}
                cut += not told.answered
                if told.answered:
                    acknowledged |= {event["id"]: event for event in told.batch}
                    waiting.remove(told.batch)
            if number == kills:
                server.stop()
        return _checked(folder, acknowledged, sent, cut)


class _Told(NamedTuple):
    """A request: its events, and whether it was answered."""

    batch: list[dict[str, Any]]
    answered: bool


def _send(
    server: Server, waiting: Sequence[list[dict[str, Any]]], count: int, killer: float | None
) -> list[_Told]:
    """Send batches from two clients until the server is killed."""
    if killer is not None:
        threading.Timer(killer, server.kill).start()

    def send(own: Sequence[list[dict[str, Any]]]) -> list[_Told]:
        told = []
        with httpx.Client(base_url=server.url, timeout=30) as client:
            for batch in own:
                try:
                    answer = client.post("/events", json={"events": batch})
                    answer.raise_for_status()
                except httpx.TransportError:
                    return [*told, _Told(batch, answered=False)]
                told.append(_Told(batch, answered=True))
        return told

    chosen = waiting[: count if killer is None else None]
    with ThreadPoolExecutor(2) as pool:
        found = [told for own in pool.map(send, (chosen[::2], chosen[1::2])) for told in own]
    server.process.wait(timeout=60) if killer is not None else None
    return found


def _checked(
    folder: Path, acknowledged: dict[str, Any], sent: dict[str, dict[str, Any]], cut: int
) -> Crashes:
    """Count what a model holds after all; times tell the events apart."""
    journal = folder.with_name(f"{folder.name}.journal")
    model = Recommender.load(folder, journal=journal)
    log = model.model.log
    counts: dict[float, int] = {}
    for moment in log.times.tolist():
        counts[moment] = counts.get(moment, 0) + 1
    held = {name: counts.get(event["timestamp"], 0) for name, event in sent.items()}
    model.close()
    return Crashes(
        len(acknowledged),
        sum(not held[name] for name in acknowledged),
        sum(count > 1 for count in held.values()),
        sum(count > 0 for count in held.values()),
        len(sent),
        cut,
    )


def main() -> None:
    """Print both measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--events", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=50.0, help="lists a second, in all")
    parser.add_argument("--stream", type=float, default=500.0, help="events a second")
    parser.add_argument("--batch", type=int, default=10, help="events of a request")
    parser.add_argument("--seconds", type=float, default=20.0, help="least seconds of a load")
    parser.add_argument("--kills", type=int, default=20)
    asked = parser.parse_args()
    if asked.events:
        plan = Plan(asked.rate, asked.stream, asked.batch, asked.seconds)
        under_load(asked.model, asked.events, plan)
    if asked.kills:
        start = time.perf_counter()
        found = crash(asked.model, kills=asked.kills)
        print(f"{asked.kills} kills in {time.perf_counter() - start:.0f} s: {found}")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
