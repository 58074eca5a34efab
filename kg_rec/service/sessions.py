"""Dialogues in memory: so many, for so long, and forgotten with their user."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from kg_rec.service.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Sessions"]

_T = TypeVar("_T")


class _Kept(NamedTuple, Generic[_T]):
    """A dialogue.

    Attributes:
        dialogue: It.
        user: With whom.
        at: When it was last asked for, in seconds.
    """

    dialogue: _T
    user: str | None
    at: float


class Sessions(Generic[_T]):
    """Dialogues by name; names cannot be guessed.

    Args:
        most: How many are kept; the one that was silent longest goes first.
        age: Seconds after which a silent one is forgotten.
        clock: Tells the time.

    Examples:
        >>> sessions = Sessions(most=1, age=60)
        >>> name = sessions.add("a dialogue", None)
        >>> sessions.get(name)
        'a dialogue'
        >>> _ = sessions.add("another", "ann")
        >>> sessions.get(name)
        Traceback (most recent call last):
        kg_rec.service.errors.ServiceError: 404: no such session: it may have been silent too long
        >>> sessions.forget("ann"), len(sessions)
        (1, 0)
    """

    def __init__(self, most: int, age: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._age = age
        self._clock = clock
        self._kept: OrderedDict[str, _Kept[_T]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, dialogue: _T, user: str | None) -> str:
        """Keep a dialogue and return its name."""
        name = secrets.token_urlsafe(16)
        self.put(name, dialogue, user)
        return name

    def put(self, name: str, dialogue: _T, user: str | None) -> None:
        """Keep a dialogue under a name."""
        with self._lock:
            self._kept[name] = _Kept(dialogue, user, self._clock())
            self._kept.move_to_end(name)
            self._drop()

    def clear(self) -> None:
        """Drop all dialogues."""
        with self._lock:
            self._kept.clear()

    def get(self, name: str) -> _T:
        """Return a dialogue.

        Raises:
            ServiceError: There is none, or it was silent too long.
        """
        with self._lock:
            self._drop()
            kept = self._kept.get(name)
            if kept is None:
                raise ServiceError(404, "no such session: it may have been silent too long")
            self._kept[name] = kept._replace(at=self._clock())
            self._kept.move_to_end(name)
            return kept.dialogue

    def forget(self, user: str) -> int:
        """Drop all dialogues with a user and return how many these were."""
        with self._lock:
            theirs = [name for name, kept in self._kept.items() if kept.user == user]
            for name in theirs:
                del self._kept[name]
            return len(theirs)

    def _drop(self) -> None:
        """Drop what is too old or too much; the oldest are first."""
        oldest = self._clock() - self._age
        while self._kept:
            first = next(iter(self._kept.values()))
            if first.at > oldest and len(self._kept) <= self._most:
                return
            self._kept.popitem(last=False)
