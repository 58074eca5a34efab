"""What a dialogue keeps from turn to turn, as plain values that can be written as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Self

from kg_rec.dialogue.requests import Question, Where
from kg_rec.errors import DataError
from kg_rec.ids import Iri

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["State"]

_NODES = ("like", "dislike", "exclude", "include", "shown", "skipped")


@dataclass(frozen=True, slots=True)
class State:
    """The wishes so far, and what was talked of.

    Attributes:
        like: What is liked.
        dislike: What is disliked.
        exclude: What items are not to have to do with.
        include: What items are to have to do with.
        where: Conditions on values.
        lean: Genres and subjects of which more (1) or less (-1) is wanted.
        verdicts: Items with ``like``, ``dislike``, ``hide`` or ``seen``.
        k: How many items are listed.
        shown: The items of the list, in order.
        skipped: Items that were shown before others were asked for.
        item: The item that was talked of last.
        person: Who or what else was talked of last.
        asked: Relation and value of the last question for items.
        question: The turn before, if it was a question.
    """

    like: tuple[Iri, ...] = ()
    dislike: tuple[Iri, ...] = ()
    exclude: tuple[Iri, ...] = ()
    include: tuple[Iri, ...] = ()
    where: tuple[Where, ...] = ()
    lean: tuple[tuple[Iri, int], ...] = ()
    verdicts: tuple[tuple[Iri, str], ...] = ()
    k: int = 10
    shown: tuple[Iri, ...] = ()
    skipped: tuple[Iri, ...] = ()
    item: Iri | None = None
    person: Iri | None = None
    asked: tuple[Iri, Iri] | None = None
    question: Question | None = None

    @property
    def has_wishes(self) -> bool:
        """Whether anything was wished for or judged."""
        wishes = (self.like, self.dislike, self.exclude, self.include, self.where, self.lean)
        return any(wishes) or bool(self.verdicts)

    def among(self, items: frozenset[Iri]) -> Self:
        """Return it without items that are in the catalogue no more."""
        return replace(
            self,
            shown=tuple(node for node in self.shown if node in items),
            skipped=tuple(node for node in self.skipped if node in items),
            verdicts=tuple(pair for pair in self.verdicts if pair[0] in items),
            item=self.item if self.item in items else None,
            question=self.question if self._is_among(items) else None,
        )

    def _is_among(self, items: frozenset[Iri]) -> bool:
        """Return whether the question before is of no item, or of one that there is."""
        return self.question is None or self.question.subject in {None, *items}

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self) | {"where": [[w.attribute, w.op, w.value] for w in self.where]}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return the state that :meth:`to_dict` told.

        Raises:
            DataError: The values are of something else.
        """
        known = {one.name for one in fields(cls)}
        if unknown := sorted(set(values) - known):
            raise DataError(f"state of a dialogue: unknown {unknown[0]!r}")
        try:
            return cls(**{name: _read(name, value) for name, value in values.items()})
        except (TypeError, ValueError, KeyError, IndexError) as error:
            raise DataError(f"state of a dialogue: {error}") from None


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _NODES:
        return tuple(Iri(node) for node in value)
    readers: dict[str, Callable[[Any], Any]] = {
        "where": lambda v: tuple(Where(Iri(a), str(op), _value(x)) for a, op, x in v),
        "lean": lambda v: tuple((Iri(node), int(way)) for node, way in v),
        "verdicts": lambda v: tuple((Iri(node), str(verdict)) for node, verdict in v),
        "asked": lambda v: (Iri(v[0]), Iri(v[1])),
        "question": lambda v: Question(Iri(v[0]), _node(v[1]), _node(v[2]), str(v[3])),
        "k": int,
    }
    return readers.get(name, Iri)(value)


def _node(value: Any) -> Iri | None:
    return None if value is None else Iri(value)


def _value(value: Any) -> float | tuple[float, float]:
    return (float(value[0]), float(value[1])) if isinstance(value, list | tuple) else float(value)
