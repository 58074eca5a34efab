"""SPARQL in processes of their own: a query that takes too long ends with its process.

Oxigraph cannot be told to stop. So each process has the facts in memory, answers one query at a
time, and is killed when the time is over; another one takes its place.
"""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, NamedTuple

from kg_rec.service.errors import ServiceError
from kg_rec.service.query_process import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.service.settings import ServiceSettings

__all__ = ["Queries"]

_START = 60.0
"""Most seconds until a process has read the facts."""


class _Worker(NamedTuple):
    """A process that answers queries, over its standard input and output.

    Attributes:
        process: The process.
        into: To it.
        out: From it.
        version: Of the facts that it has.
    """

    process: subprocess.Popen[bytes]
    into: Connection
    out: Connection
    version: int

    @classmethod
    def start(cls, version: int) -> _Worker:
        """Start a process."""
        command = [sys.executable, "-m", "kg_rec.service.query_process"]
        process = subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        if process.stdin is None or process.stdout is None:
            raise AssertionError
        with process.stdin, process.stdout:
            into = Connection(os.dup(process.stdin.fileno()), readable=False)
            out = Connection(os.dup(process.stdout.fileno()), writable=False)
        return cls(process, into, out, version)

    def end(self) -> None:
        """Kill the process."""
        self.process.kill()
        self.process.wait()
        self.into.close()
        self.out.close()


class Queries:
    """Answers SPARQL about the facts of a model.

    Args:
        settings: Time, rows, memory, how many processes.
        facts: Gives the facts of the moment, and their version.
    """

    def __init__(
        self, settings: ServiceSettings, facts: Callable[[], tuple[KnowledgeGraph, int]]
    ) -> None:
        self._settings = settings
        self._facts = facts
        self._free: queue.Queue[_Worker] = queue.Queue()
        self._workers: set[_Worker] = set()
        self._lock = threading.Lock()
        self._begun = self._closed = False

    def start(self) -> None:
        """Start the processes; it takes a second or two."""
        with self._lock:
            begun, self._begun = self._begun, True
        for _ in range(0 if begun else self._settings.sparql_workers):
            self._add()

    def ask(self, query: str, accept: str) -> Answer:
        """Return what a query finds.

        Args:
            query: SPARQL 1.1; SELECT, ASK, CONSTRUCT or DESCRIBE.
            accept: Media types that are wanted, as in HTTP.

        Raises:
            ServiceError: The query is broken, would change something, takes too long, or no process
                is free.
        """
        if not self._settings.sparql_workers or os.name != "posix":
            raise ServiceError(501, "this service does not take SPARQL")
        self.start()
        worker = self._taken()
        try:
            worker.into.send((query, accept, self._settings.sparql_rows))
            if worker.out.poll(self._settings.sparql_timeout):
                answer = worker.out.recv()
                self._free.put(worker)
                return self._checked(answer)
        except (EOFError, OSError):
            self._replace(worker)
            message = "the query took too much memory or time"
            raise ServiceError(422, message, "too_expensive") from None
        self._replace(worker)
        raise ServiceError(504, f"not answered within {self._settings.sparql_timeout:g} s")

    def _checked(self, answer: Any) -> Answer:
        if isinstance(answer, Answer):
            return answer
        status, code, message = answer
        raise ServiceError(status, message, code)

    def _taken(self) -> _Worker:
        """Return a free process with the facts of the moment."""
        while True:
            try:
                worker = self._free.get(timeout=self._settings.sparql_timeout)
            except queue.Empty:
                message = "all processes that answer SPARQL are busy; try again"
                raise ServiceError(503, message, headers={"Retry-After": "1"}) from None
            if worker.version == self._facts()[1]:
                return worker
            self._end(worker)
            self._add()

    def _replace(self, worker: _Worker) -> None:
        """End a process; another one takes its place in the background."""
        self._end(worker)
        threading.Thread(target=self._add, name="sparql", daemon=True).start()

    def _add(self) -> None:
        """Start a process and wait until it can answer."""
        graph, version = self._facts()
        worker = _Worker.start(version)
        with self._lock:
            self._workers.add(worker)
        bounds = (self._settings.sparql_timeout + 1, self._settings.sparql_memory)
        with contextlib.suppress(EOFError, OSError):
            worker.into.send((graph.columns, *bounds))
            if worker.out.poll(_START) and worker.out.recv() == "ready" and not self._closed:
                self._free.put(worker)
                return
        self._end(worker)

    def _end(self, worker: _Worker) -> None:
        with self._lock:
            known = worker in self._workers
            self._workers.discard(worker)
        if known:
            worker.end()

    def close(self) -> None:
        """End all processes."""
        self._closed = True
        for worker in list(self._workers):
            self._end(worker)
