"""Learning again in a process of its own, from a copy of the model folder and of the journal.

What it learns is written beside the model and put in its place by the service, not by that process:
so it can be ended at any moment, and leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from kg_rec.service.logs import frames, log

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Learner"]

_MARK = "-learning-"
_LOWER = 10
"""How much nicer the process is to others than the service."""


class Learner:
    """Runs at most one process that learns.

    Args:
        folder: The model folder.
        journal: Its journal, if it has one.
        done: Called with the folder of what was learned; puts it in place.
    """

    def __init__(self, folder: Path, journal: Path | None, done: Callable[[Path], None]) -> None:
        self._folder = folder.resolve()
        self._journal = journal
        self._done = done
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self.state = "idle"
        """``idle``, ``running``, ``done`` or ``failed``."""
        self.clean()

    def start(self) -> bool:
        """Begin to learn, unless that is being done.

        To be called while nothing changes the journal.
        """
        with self._lock:
            if self._process is not None:
                return False
            place = Path(tempfile.mkdtemp(prefix=self._prefix, dir=self._folder.parent))
            try:
                self._process = self._begin(place)
            except OSError:
                shutil.rmtree(place, ignore_errors=True)
                raise
            self.state = "running"
        watch = threading.Thread(
            target=self._wait, args=(self._process, place), name="learning", daemon=True
        )
        watch.start()
        return True

    def stop(self) -> None:
        """End learning, if it is being done, and take away what it has read."""
        with self._lock:
            process, self._process = self._process, None
            if process is not None:
                self.state = "idle"
                process.kill()
                process.wait()
        self.clean()

    def clean(self) -> None:
        """Take away what was left by a process that was ended."""
        for left in self._folder.parent.glob(f"{self._prefix}*"):
            shutil.rmtree(left, ignore_errors=True)

    @property
    def _prefix(self) -> str:
        return f".{self._folder.name}{_MARK}"

    def _begin(self, place: Path) -> subprocess.Popen[bytes]:
        """Copy what is learned from, and start the process."""
        shutil.copytree(self._folder, place / "model", copy_function=_linked)
        command = [sys.executable, "-m", "kg_rec", "refresh", str(place / "model"), "--quiet"]
        if self._journal is not None:
            shutil.copy2(self._journal, place / "journal")
            command += ["--journal", str(place / "journal")]
        process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if hasattr(os, "setpriority"):
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, _LOWER)
        return process

    def _wait(self, process: subprocess.Popen[bytes], place: Path) -> None:
        start = time.monotonic()
        code = process.wait()
        if self._process is not process:  # it was ended
            return
        outcome = self._outcome(code, place)
        with self._lock:
            if self._process is process:
                self._process, self.state = None, outcome
        shutil.rmtree(place, ignore_errors=True)
        log("learning", state=outcome, seconds=round(time.monotonic() - start, 1))

    def _outcome(self, code: int, place: Path) -> str:
        """Put what was learned in place, and return what has come of it."""
        if code:
            log("learning failed", logging.ERROR, code=code)
            return "failed"
        try:
            self._done(place / "model")
        except Exception as error:  # noqa: BLE001 - logged; the service goes on as it was
            log("learning failed", logging.ERROR, **frames(error))
            return "failed"
        return "done"


def _linked(source: str, target: str) -> None:
    """Give a file that is never changed in place another name, where that can be done."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
