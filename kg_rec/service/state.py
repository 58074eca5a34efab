"""The model of the moment: readers take it as it is, one writer puts another in its place.

A change is made on a copy (``copy.copy``), is in the journal when that is done, and is seen when
the copy takes the place. A request works with one copy from begin to end.
"""

from __future__ import annotations

import copy
import gc
import logging
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from kg_rec import bundle
from kg_rec.config import NEVER
from kg_rec.errors import ModelError
from kg_rec.recommender import Recommender
from kg_rec.service.learning import Learner
from kg_rec.service.logs import frames, log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kg_rec.service.metrics import Metrics

__all__ = ["State"]

_T = TypeVar("_T")
_TRIES = 10
"""How often a folder is read again that is being replaced at the moment."""


class State:
    """The model of the moment, where it came from, and where its changes are kept.

    Args:
        folder: The model folder.
        journal: The file of changes; None keeps them in memory only.
        metrics: Where changes and loads are counted.
        texts: Whether models are made ready to read texts, too.
        patience: Seconds after which no request is answered from a model of before.

    Attributes:
        current: The model of the moment.
        loaded: When its folder was read, in seconds since 1970.
        catalogue: A number that goes up with each change of facts or items.
        replaced: Called when a model of another build is there.
        learner: Learns again in the background.
    """

    def __init__(
        self,
        folder: Path,
        journal: Path | None,
        metrics: Metrics,
        *,
        texts: bool = False,
        patience: float = 10.0,
    ) -> None:
        self._texts = texts
        self._patience = patience
        self.folder = folder
        self._metrics = metrics
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._seen = self._mark()
        self._forgotten = 0
        self.current = Recommender.load(folder, journal=journal)
        self.loaded = time.time()
        self.catalogue = 0
        self.replaced: Callable[[], None] = lambda: None
        self.learner = Learner(folder, journal, self._install)
        self._warm(self.current)
        self._measure()

    # --- changes -----------------------------------------------------------------------------

    def change(self, operation: str, work: Callable[[Recommender], _T]) -> _T:
        """Make a change and return what it gives; when it returns the change is on disk.

        Args:
            operation: Name of the change, for the measures.
            work: Changes a recommender.
        """
        with self._lock:
            changed = copy.copy(self.current)
            result = work(changed)
            self.current = changed
        self._metrics.changes.labels(operation).inc()
        self._measure()
        return result

    def change_catalogue(self, operation: str, work: Callable[[Recommender], _T]) -> _T:
        """Make a change of items or facts; it is seen when it can be answered from at once."""

        def warmed(changed: Recommender) -> _T:
            result = work(changed)
            self._warm(changed)
            return result

        result = self.change(operation, warmed)
        self.catalogue += 1
        return result

    def forget(self, user: str) -> None:
        """Take a user out of the model, its folder, its journal, and of what is being learned."""
        self._take_out("forget", lambda changed: changed.forget(user))

    def expire(self) -> None:
        """Drop the events that are older than the settings of the model allow."""
        if self.current.config.privacy.retention != NEVER:
            log("expired", events=self._take_out("expire", lambda changed: changed.expire()))

    def _take_out(self, operation: str, work: Callable[[Recommender], _T]) -> _T:
        """Make a change after which nothing on disk or in memory holds what was taken out."""

        def everywhere(changed: Recommender) -> _T:
            learning = self.learner.state == "running"
            self.learner.stop()
            self._forgotten += 1
            result = work(changed)
            self._seen = self._mark()
            self._warm(changed)
            if learning:
                self.learner.start()
            return result

        result = self.change(operation, everywhere)
        self._tidy_later()
        return result

    # --- other models ------------------------------------------------------------------------

    def reload(self, *, force: bool = True) -> bool:
        """Put the model of the folder in the place of this one, with all changes of the journal.

        Args:
            force: Whether to read it even if the folder is as it was.

        Returns:
            Whether there is another model now.

        Raises:
            ModelError: The folder cannot be read; the model of before stays.
        """
        with self._loading:
            mark = self._mark()
            if mark == self._seen and not force:
                return False
            self._seen = mark
            try:
                self._replace()
            except Exception as error:
                self._metrics.loads.labels("failed").inc()
                log("load failed", logging.ERROR, **frames(error))
                raise
            self._metrics.loads.labels("done").inc()
            log("loaded", items=len(self.current.items))
            self._tidy_later()
            return True

    def _replace(self) -> None:
        while not self._take(self._forgotten, self._read()):
            pass  # somebody was forgotten meanwhile, whom the folder still held
        self.catalogue += 1
        self.replaced()
        self._measure()

    def _take(self, forgotten: int, found: Recommender) -> bool:
        """Put a model that was read in this one's place, unless it holds somebody forgotten."""
        self._warm(found)
        with self._lock:
            if forgotten != self._forgotten:
                return False
            found.take_over(self.current)
            self.current, self.loaded = found, time.time()
            return True

    def _read(self) -> Recommender:
        for _ in range(_TRIES - 1):
            try:
                return Recommender.load(self.folder)
            except ModelError:  # perhaps it is being replaced
                time.sleep(0.1)
        return Recommender.load(self.folder)

    def _mark(self) -> tuple[int, int]:
        """Return what tells one manifest from another."""
        try:
            found = (self.folder / "manifest.json").stat()
        except OSError:
            return (0, 0)
        return found.st_ino, found.st_mtime_ns

    def refresh(self) -> bool:
        """Learn again in another process, whose model then takes the place of this one.

        Returns:
            Whether that was begun; False if it is being done already.
        """
        with self._lock:
            return self.learner.start()

    def _install(self, learned: Path) -> None:
        """Put what was learned in the place of this model and of its folder."""
        forgotten, found = self._forgotten, Recommender.load(learned)
        held = found.model.journal
        self._warm(found)
        with self._lock:
            if forgotten != self._forgotten:  # it holds somebody who was forgotten meanwhile
                return
            found.take_over(self.current)
            bundle.install(learned, self.folder)
            self._seen = self._mark()
            found.shorten_journal(held)
            self.current, self.loaded = found, time.time()
        self.catalogue += 1
        self._measure()

    def _tidy_later(self) -> None:
        """Free the model of before, when the requests that it answered have ended."""
        later = threading.Timer(self._patience, _tidy)
        later.daemon = True
        later.start()

    def close(self) -> None:
        """End learning, and close the journal."""
        self.learner.stop()
        with self._lock:
            self.current.close()

    def _warm(self, recommender: Recommender) -> None:
        """Make what the first answers would have to wait for."""
        recommender.warm()
        for found in recommender.recommend(history=[recommender.items[0].id], k=1):
            found.reasons()
        if self._texts:
            recommender.read_taste("I like this.")

    def _measure(self) -> None:
        self._metrics.model.labels("items").set(len(self.current.items))


def _tidy() -> None:
    """Free what nothing refers to any more, also of what was there at the start."""
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    gc.collect()
    if frozen:
        gc.freeze()
