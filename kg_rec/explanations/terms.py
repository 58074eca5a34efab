"""What an explanation is made of: hops, contributions, recommendations."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kg_rec.ids import Iri
    from kg_rec.profiles import Source
    from kg_rec.statements import Evidence, Triple
    from kg_rec.vectors import Column

__all__ = ["Contribution", "Contributions", "Hop", "Recommendation", "ends", "hop_values"]


class Hop(NamedTuple):
    """A triple as a step of a path; ``reverse`` if it is walked from object to subject."""

    triple: Triple
    reverse: bool = False


def ends(hop: Hop) -> tuple[Any, Any]:
    """Return where a hop starts and ends, in the direction that it is walked.

    Examples:
        >>> from kg_rec import Iri, Triple
        >>> fact = Triple(Iri("urn:a"), Iri("urn:p"), Iri("urn:b"))
        >>> ends(Hop(fact, reverse=True))
        (Iri('urn:b'), Iri('urn:a'))
    """
    subject, _, object_ = hop.triple
    return (object_, subject) if hop.reverse else (subject, object_)


def hop_values(path: Sequence[Hop]) -> list[dict[str, Any]]:
    """Return a path as plain values for JSON."""
    return [{**hop.triple._asdict(), "reverse": hop.reverse} for hop in path]


@dataclass(frozen=True)
class Contribution:
    """One term of a score.

    Attributes:
        value: Its part of the score; negative if it speaks against the item.
        source: What it starts from.
        path: The steps from the source to the item; empty for popularity.
        fact: What is said of the item, as in ``"directed by Jane Campion"``; if it is linked to
            another item, ``{}`` stands for that: ``"liked by those who like {}"``.
        other: Name of that other item, or empty.
        tie: What ties this to the source, as in ``"like The Piano (1993)"``, or empty.
        evidence: The passages that state the facts of the path, and what the user said.
        column: The column of the item vectors that it comes from; None if made by hand.
    """

    value: float
    source: Source
    path: tuple[Hop, ...]
    fact: str
    other: str = ""
    tie: str = ""
    evidence: tuple[Evidence, ...] = ()
    column: Column | None = field(default=None, compare=False)
    find_support: Callable[[], tuple[Hop, ...]] | None = field(
        default=None, compare=False, repr=False
    )

    @property
    def text(self) -> str:
        """The reason in words."""
        said = self.fact.replace("{}", self.other) if self.other else self.fact
        comma = "，" if self.tie[:1] >= "\u4e00" else ", "
        return f"{said}{comma}{self.tie}" if self.tie else said

    @cached_property
    def support(self) -> tuple[Hop, ...]:
        """For a learned link between two items: the path of facts that best joins them, if any.

        It backs the link and has no part in the score: the value came from a model, not from
        these hops. It is looked for when first asked.
        """
        return () if self.find_support is None else self.find_support()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "value": self.value,
            "source": {
                "kind": self.source.kind,
                "id": self.source.id,
                "label": self.source.label,
            },
            "path": hop_values(self.path),
            "text": self.text,
            "evidence": [evidence._asdict() for evidence in self.evidence],
        }

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy the values, not the model behind them."""
        values = (self.value, self.source, self.path, self.fact, self.other, self.tie)
        return Contribution, (*values, self.evidence, self.column)


class Contributions(Sequence[Contribution]):
    """The terms of a score: a sequence like a tuple, whose members are made when asked for.

    Equal to a tuple of equal contributions.

    Args:
        values: float64: the values, the largest absolute value first.
        make: Makes the contribution of a place.
        keys: Returns, for each place, what contributions that are said as one have in common.

    Examples:
        >>> from kg_rec.profiles import EVERYONE
        >>> one = Contribution(0.5, EVERYONE, (), "popular")
        >>> terms = Contributions.of([one])
        >>> terms == (one,), len(terms), terms.total
        (True, 1, 0.5)
    """

    def __init__(
        self,
        values: NDArray[np.float64],
        make: Callable[[int], Contribution],
        keys: Callable[[], Sequence[Hashable]] | None = None,
    ) -> None:
        self.values = values
        self._make = make
        self._keys = keys
        self._made: list[Contribution | None] = [None] * len(values)

    @classmethod
    def of(cls, contributions: Sequence[Contribution]) -> Contributions:
        """Return contributions that are made already, in their order."""
        if isinstance(contributions, cls):
            return contributions
        values = np.array([c.value for c in contributions], dtype=np.float64)
        return cls(values, contributions.__getitem__)

    @property
    def total(self) -> float:
        """The sum of the values: the score."""
        return float(self.values.sum())

    @property
    def keys(self) -> Sequence[Hashable] | None:
        """For each place, what contributions that are said as one have in common, if known."""
        return None if self._keys is None else self._keys()

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, place: int) -> Contribution: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Contribution, ...]: ...
    def __getitem__(self, place: int | slice) -> Contribution | tuple[Contribution, ...]:
        """Return the contribution of a place, or several."""
        if isinstance(place, slice):
            return tuple(self[n] for n in range(*place.indices(len(self))))
        made = self._made[place]
        if made is None:
            made = self._made[place] = self._make(place % len(self._made))
        return made

    def __iter__(self) -> Iterator[Contribution]:
        return map(self.__getitem__, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Contributions | tuple):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"<{len(self):,} contributions, {self.total:.4f} in all>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy the contributions, not the model behind them."""
        return _contributions, (tuple(self),)


def _contributions(contributions: tuple[Contribution, ...]) -> Contributions:
    return Contributions.of(contributions)


@dataclass(frozen=True)
class Recommendation:
    """An item with its rank, score, and the terms of the score.

    Attributes:
        item: Its id.
        iri: Its node in the graph.
        label: Its name.
        rank: From 1.
        score: The sum of the contributions.
        contributions: All terms, the largest absolute value first.
    """

    item: str
    iri: Iri
    label: str
    rank: int
    score: float
    contributions: Sequence[Contribution]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "rank": self.rank,
            "item": self.item,
            "iri": self.iri,
            "label": self.label,
            "score": self.score,
            "contributions": [c.to_dict() for c in self.contributions],
        }
