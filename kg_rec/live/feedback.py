"""What people say of what they are shown: likes, dislikes, what to hide, reasons to mute."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from kg_rec.errors import DataError, UnknownIdError
from kg_rec.explanations.tuning import Wishes
from kg_rec.io import FEEDBACK, EventRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["VERDICTS", "Feedback", "remembered"]

VERDICTS = ("like", "dislike", "hide", "seen", "clear")
"""What can be said of an item; ``clear`` takes back what was said before."""
_VALUES = {"like": 1.0, "dislike": -1.0, "clear": 0.0}


class Feedback(NamedTuple):
    """What somebody says, as it is written to a journal.

    Attributes:
        user: Id of the user.
        item: Id of an item, if it is of one.
        verdict: One of ``VERDICTS``, if it is of an item or takes something back.
        mute: Names of reasons.
        boost: Names of reasons.
        time: Seconds since 1970; None where the model knows no times.
    """

    user: str
    item: str | None = None
    verdict: str | None = None
    mute: tuple[str, ...] = ()
    boost: tuple[str, ...] = ()
    time: float | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Return what a journal holds."""
        names = {name: tuple(data[name]) for name in ("mute", "boost")}
        return cls(**{**data, **names})

    def checked(self) -> Self:
        """Return this.

        Raises:
            UnknownIdError: There is no such verdict.
            DataError: It says nothing, or only half of something.
        """
        if not self.user:
            raise DataError("feedback: the id of the user is empty")
        if self.verdict is not None and self.verdict not in VERDICTS:
            raise UnknownIdError("verdict", self.verdict, VERDICTS)
        if self.item is not None and self.verdict is None:
            expected = ", ".join(VERDICTS)
            raise DataError(f"feedback on item {self.item!r} without a verdict: {expected}")
        if self.item is None and self.verdict not in {None, "clear"}:
            raise DataError(f"feedback {self.verdict!r} without an item")
        if self.verdict is None and not self.mute and not self.boost:
            raise DataError("feedback: nothing is said: give an item and a verdict, mute or boost")
        return self

    def wishes(self, before: Wishes) -> Wishes:
        """Return what is wanted from now on.

        What was said last of an item or a reason holds; likes and dislikes are events, and no part
        of it.

        Args:
            before: What was wanted before.

        Examples:
            >>> before = Wishes(mute=("Crime",), hidden=("heat",))
            >>> Feedback("ann", "heat", "seen", boost=("Crime",)).wishes(before)
            Wishes(mute=(), boost=('Crime',), hidden=(), seen=('heat',))
        """
        if self.verdict == "clear" and self == Feedback(self.user, None, "clear", time=self.time):
            return Wishes()
        items = () if self.item is None else (self.item,)
        told = {self.verdict: items} if items else {}
        both = (*self.mute, *self.boost)
        clears = self.verdict == "clear"
        return Wishes(
            _with(before.mute, both, () if clears else self.mute),
            _with(before.boost, both, () if clears else self.boost),
            _with(before.hidden, items, told.get("hide", ())),
            _with(before.seen, items, told.get("seen", ())),
        )

    def event(self, before: Iterable[EventRow]) -> EventRow | None:
        """Return what is said of an item as a row of events, if it is one.

        Args:
            before: The rows of the user.
        """
        if self.item is None or self.verdict not in _VALUES:
            return None
        said = any(row.kind == FEEDBACK and row.item == self.item for row in before)
        if self.verdict == "clear" and not said:
            return None
        time = math.nan if self.time is None else self.time
        value = _VALUES[self.verdict]
        return EventRow(self.user, self.item, FEEDBACK, value, time, weighed=False)


def _with(before: Sequence[str], gone: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """Return names without some, then new ones."""
    return (*(name for name in before if name not in gone), *dict.fromkeys(new))


def remembered(before: Mapping[str, Wishes], user: str, wishes: Wishes) -> dict[str, Wishes]:
    """Return the wishes of all, those of a user replaced."""
    others = {name: said for name, said in before.items() if name != user}
    return dict(sorted({**others, user: wishes}.items())) if wishes else others
