"""What the endpoints share: the model of the moment, threads, processes, dialogues, measures."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Request

from kg_rec.errors import KgRecError
from kg_rec.service.errors import ServiceError
from kg_rec.service.logs import frames, log
from kg_rec.service.metrics import Metrics
from kg_rec.service.queries import Queries
from kg_rec.service.sessions import Sessions
from kg_rec.service.starting import StartAnswer, start_of
from kg_rec.service.state import State
from kg_rec.service.workers import Workers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.recommender import Recommender
    from kg_rec.service.settings import ServiceSettings

__all__ = ["Service", "Serving"]

_T = TypeVar("_T")
_P = ParamSpec("_P")
_CHANGES = 256
"""Most changes that wait for those before them."""
_DAY = 86_400.0
_QUERIES = 16
"""Most queries that wait for a process."""


class Service:
    """A model that answers over HTTP.

    Args:
        folder: The model folder.
        journal: The file of changes; None keeps them in memory only.
        settings: Limits.
    """

    def __init__(self, folder: Path, journal: Path | None, settings: ServiceSettings) -> None:
        self.settings = settings
        self.metrics = Metrics()
        self.state = State(
            folder, journal, self.metrics, texts=settings.texts, patience=settings.timeout + 1
        )
        self.queries = Queries(settings, self._facts)
        self.sessions: Sessions[Any] = Sessions(settings.sessions, settings.session_age)
        self.state.replaced = self.sessions.clear
        self._told: tuple[int, dict[str, StartAnswer]] = (0, {})
        self.reading = threading.Lock()
        """One text is read at a time: language pipelines are not made for more."""
        self._readers = Workers(settings.threads, settings.waiting, "read")
        self._writer = Workers(1, _CHANGES, "write")
        self._askers = Workers(max(settings.sparql_workers, 1), _QUERIES, "sparql")

    # --- work --------------------------------------------------------------------------------

    async def read(
        self,
        work: Callable[Concatenate[Recommender, _P], _T],
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _T:
        """Return what some work finds in the model of the moment."""
        return await self._readers.run(lambda: work(self.state.current, *args, **kwargs))

    async def change(self, operation: str, work: Callable[[Recommender], _T]) -> _T:
        """Make a change that needs no more than the profile of a user; it is on disk then."""
        return await self._writer.run(self.state.change, operation, work)

    async def change_catalogue(self, operation: str, work: Callable[[Recommender], _T]) -> _T:
        """Make a change of items; dialogues may be about items that are gone, and end."""
        found = await self._writer.run(self.state.change_catalogue, operation, work)
        self.sessions.clear()
        return found

    async def write(self, work: Callable[[], _T]) -> _T:
        """Do something after the changes that wait."""
        return await self._writer.run(work)

    async def query(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do something that waits for a process that answers queries."""
        return await self._askers.run(work, *args, **kwargs)

    def start(self, recommender: Recommender, language: str) -> StartAnswer:
        """Return what newcomers are told; examples are read once for each model and language."""
        version = self.state.catalogue
        if self._told[0] != version:
            self._told = (version, {})
        told = self._told[1].get(language)
        if told is None:
            with self.reading:
                told = start_of(recommender, language)
            self._told[1][language] = told
        return told.model_copy(update={"users": len(recommender.users)})

    def _facts(self) -> tuple[KnowledgeGraph, int]:
        version = self.state.catalogue
        return self.state.current.facts, version

    # --- life --------------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look for newer models meanwhile; end all threads and processes at the end."""
        threading.Thread(target=self.queries.start, name="sparql", daemon=True).start()
        tasks = [asyncio.create_task(work()) for work in (self._watch, self._expire)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.to_thread(self.close)

    async def _watch(self) -> None:
        while self.settings.watch:
            await asyncio.sleep(self.settings.watch)
            try:
                await asyncio.to_thread(self.state.reload, force=False)
            except KgRecError:
                pass  # it is in the log; the model of before stays
            except Exception as error:  # noqa: BLE001 - the next look may do better
                log("watch failed", logging.ERROR, **frames(error))

    async def _expire(self) -> None:
        while True:
            try:
                await self.write(self.state.expire)
            except Exception as error:  # noqa: BLE001 - tomorrow is another day
                log("expiry failed", logging.ERROR, **frames(error))
            await asyncio.sleep(_DAY)

    def close(self) -> None:
        """End all threads and processes, and close the journal."""
        for workers in (self._readers, self._writer, self._askers):
            workers.close()
        self.queries.close()
        self.state.close()


async def _of(request: Request) -> Service:
    """Return the service of a request; a plain function would be called in a thread of its own."""
    service: Service = request.app.state.service
    return service


Serving = Annotated[Service, Depends(_of)]


def known(recommender: Recommender, user: str | None) -> str | None:
    """Return a user who is known; other users are not told of.

    Raises:
        ServiceError: Nothing is known of the user.
    """
    if user is not None and not recommender.knows(user):
        raise ServiceError(404, "unknown user", "unknown")
    return user
