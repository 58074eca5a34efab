"""Threads that do the work of requests: so many at once, so many more that wait."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from kg_rec.service.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

__all__ = ["Workers"]

_T = TypeVar("_T")
_P = ParamSpec("_P")


class Workers:
    """A bounded pool of threads.

    A request that is given up on (its time is over) frees its place when its work ends, not before,
    so that slow work cannot pile up.

    Args:
        threads: How many work at once.
        waiting: How many more may wait.
        name: Of the threads.
    """

    def __init__(self, threads: int, waiting: int, name: str = "work") -> None:
        self._pool = ThreadPoolExecutor(threads, name)
        self._most = threads + waiting
        self._taken = 0
        self._lock = threading.Lock()

    async def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """Do some work in a thread and return what it gives.

        Raises:
            ServiceError: Too much is waiting already.
        """
        with self._lock:
            if self._taken >= self._most:
                raise ServiceError(
                    503, "too many requests at once; try again", headers={"Retry-After": "1"}
                )
            self._taken += 1
        future = self._pool.submit(work, *args, **kwargs)
        future.add_done_callback(self._free)
        return await asyncio.wrap_future(future)

    def _free(self, _: Future[_T]) -> None:
        with self._lock:
            self._taken -= 1

    def close(self) -> None:
        """End the threads when their work is done; what waits is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
