"""What an explanation is made of: hops, contributions, recommendations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar, overload

import numpy as np

from kg_rec.ontology import (
    LIKED_WITH,
    RARELY_LIKED_WITH,
    RELATED_TO,
    SHARES_LIKERS,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
)
from kg_rec.ontology.given import block_of, given_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kg_rec.profiles import Source
    from kg_rec.statements import Evidence, Triple
    from kg_rec.vectors import Column

__all__ = [
    "Alike",
    "Contribution",
    "Contributions",
    "Hop",
    "Terms",
    "ends",
    "hop_values",
]


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


class Terms(Protocol):
    """Says what there is to say of the terms of one score, when it is asked for."""

    def path(self, term: Contribution) -> tuple[Hop, ...]:
        """Return the steps from the source of a term to the item."""

    def fact(self, term: Contribution) -> str:
        """Return what is said of the item."""

    def other(self, term: Contribution) -> str:
        """Return the name of the other item of a link."""

    def tie(self, term: Contribution) -> str:
        """Return what ties that to the source."""

    def evidence(self, term: Contribution) -> tuple[Evidence, ...]:
        """Return the passages behind a term."""

    def support(self, term: Contribution) -> tuple[Hop, ...]:
        """Return the facts that back a learned link."""

    def passages(self, hops: Sequence[Hop]) -> tuple[Evidence, ...]:
        """Return the passages that state the facts of a path."""

    def of_entity(self, source: Source) -> bool:
        """Return whether a source is a stated preference for something that is no item."""


_T = TypeVar("_T")


class _Made(Generic[_T]):
    """A value that is made when it is first asked for, as by ``functools.cached_property``.

    That takes a lock each time (until Python 3.12), a seventh of what a list with reasons costs;
    here two threads that ask at once both make the value.
    """

    def __init__(self, make: Callable[[Any], _T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, term: None, kind: type[Any]) -> _Made[_T]: ...
    @overload
    def __get__(self, term: object, kind: type[Any]) -> _T: ...
    def __get__(self, term: object | None, kind: type[Any]) -> _T | _Made[_T]:
        """Return the value, which is an attribute from then on."""
        if term is None:
            return self
        made = term.__dict__[self._name] = self._make(term)
        return made


class Contribution:
    """One term of a score; it does not change, and equals another one of the same values.

    Attributes:
        value: Its part of the score; negative if it speaks against the item.
        source: What it starts from.
        column: The column of the item vectors that it comes from; None if it is made by hand.
        rare: Whether the item's value there is negative: it is seldom liked with the other.
    """

    value: float
    source: Source
    column: Column | None
    rare: bool

    def __init__(
        self,
        value: float,
        source: Source,
        path: tuple[Hop, ...],
        fact: str,
        other: str = "",
        tie: str = "",
        evidence: tuple[Evidence, ...] = (),
        support: tuple[Hop, ...] = (),
    ) -> None:
        words = {"fact": fact, "other": other, "tie": tie}
        self.__dict__.update(value=value, source=source, path=path, evidence=evidence, **words)
        self.__dict__.update(support=support, support_evidence=())
        self.__dict__.update(column=None, rare=False, terms=None)

    @classmethod
    def of(
        cls, terms: Terms, value: float, source: Source, column: Column, *, rare: bool
    ) -> Contribution:
        """Return a term whose words, path and passages are made when asked for."""
        term = cls.__new__(cls)
        term.__dict__.update(terms=terms, value=value, source=source, column=column, rare=rare)
        return term

    @_Made
    def path(self) -> tuple[Hop, ...]:
        """The steps from the source to the item; empty for popularity."""
        return self._terms.path(self)

    @_Made
    def fact(self) -> str:
        """What is said of the item, as in ``"directed by Jane Campion"``.

        If it is linked to another item, ``{}`` stands for that: ``"liked by those who like {}"``.
        """
        return self._terms.fact(self)

    @_Made
    def other(self) -> str:
        """Name of that other item, or empty."""
        return self._terms.other(self)

    @_Made
    def tie(self) -> str:
        """What ties this to the source, as in ``"like The Piano (1993)"``, or empty."""
        return self._terms.tie(self)

    @_Made
    def evidence(self) -> tuple[Evidence, ...]:
        """What the user said, and the passages that state the facts of the path."""
        return self._terms.evidence(self)

    @_Made
    def support(self) -> tuple[Hop, ...]:
        """For a learned link between two items: the path of facts that best joins them, if any.

        It backs the link and has no part in the score: the value came from a model, not from
        these hops.
        """
        return self._terms.support(self)

    @_Made
    def support_evidence(self) -> tuple[Evidence, ...]:
        """The passages that state the facts of the supporting path."""
        return self._terms.passages(self.support) if self.support else ()

    @property
    def text(self) -> str:
        """The reason in words."""
        said = self.fact.replace("{}", self.other) if self.other else self.fact
        comma = "，" if self.tie[:1] >= "\u4e00" else ", "
        return f"{said}{comma}{self.tie}" if self.tie else said

    @_Made
    def kind(self) -> str:
        """What kind of reason it is.

        ``fact``, ``preference``, ``profile``, ``popularity``, or a kind of link: ``liked_with``,
        ``related``, ``shared_likers``, ``similar_in_graph``, ``similar_in_text``, ``model``,
        ``community``.
        """
        source, link = self.source.kind, self._link
        if source == "preference" and self._of_entity:
            return "preference"
        if link:
            return link
        return "fact" if source in {"history", "preference"} else source

    @_Made
    def about(self) -> tuple[str, ...]:
        """Relation and entity (or other item) of the last step: what is said of the item."""
        column = self.column
        if column is None:
            last = self.path[-1] if self.path else None
            return (last.triple.predicate, str(ends(last)[0])) if last else ()
        if self.source.kind == "popularity":
            return ()
        rare = self.rare and column.predicate == LIKED_WITH
        return RARELY_LIKED_WITH if rare else column.predicate, column.object

    @property
    def _link(self) -> str:
        """The kind of link between items or people, or empty."""
        if self.column is not None:
            return "" if self.column.block in _NO_LINKS else self.column.block
        if not self.path:
            return ""
        predicate = self.path[-1].triple.predicate
        return block_of(predicate) if given_name(predicate) else _LINK_KINDS.get(predicate, "")

    @property
    def _of_entity(self) -> bool:
        """Whether it starts from a preference for something that is no item."""
        if self.column is not None:
            return self._terms.of_entity(self.source)
        path, iri = self.path, self.source.iri
        if len(path) > 1:
            return path[0].triple.subject != iri or path[0].reverse
        return not (self._link and path[0].triple.object == iri)

    @property
    def _terms(self) -> Terms:
        terms: Terms = self.__dict__["terms"]
        return terms

    def to_dict(self, *, support: bool = False) -> dict[str, Any]:
        """Return plain values for JSON.

        Args:
            support: Whether to look for the facts that back a learned link, and to add them.
        """
        backing = {"support": hop_values(self.support)} if support and self.support else {}
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
            **backing,
        }

    def _values(self) -> tuple[Any, ...]:
        words = (self.fact, self.other, self.tie)
        return (self.value, self.source, self.path, *words, self.evidence)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Contribution):
            return NotImplemented
        return self is other or self._values() == other._values()

    def __hash__(self) -> int:
        return hash((self.value, self.source, self.about))

    def __setattr__(self, name: str, value: object) -> None:
        msg = f"a contribution does not change: {name!r} cannot be set"
        raise AttributeError(msg)

    def __repr__(self) -> str:
        return f"<{self.value:+.4f} {self.text}>"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy the values, not the model behind them."""
        return Contribution, self._values()


_NO_LINKS = frozenset({"facts", "facts_in", "linked", "stated", "popularity"})
_LINK_KINDS = {
    LIKED_WITH: "liked_with",
    RARELY_LIKED_WITH: "liked_with",
    RELATED_TO: "related",
    SHARES_LIKERS: "shared_likers",
    SIMILAR_IN_GRAPH: "similar_in_graph",
    SIMILAR_IN_TEXT: "similar_in_text",
}


class Alike(NamedTuple):
    """What is known of the contributions of a score before they are made.

    Those of one number are of one kind, and say the same of the item: they have the same column and
    sign, and the same source, or any of the history.

    Attributes:
        numbers: A number for each.
        sources: The source of each.
        lasting: Up to this number they mean the same for every profile and item.
        known: What somebody has found out about such numbers, to be kept with the model.
    """

    numbers: Sequence[int]
    sources: Sequence[Source]
    lasting: int
    known: dict[int, Any]


class Contributions(Sequence[Contribution]):
    """The terms of a score: a sequence like a tuple, whose members are made when asked for.

    Equal to a tuple of equal contributions.

    Args:
        values: float64: the values, the largest absolute value first.
        make: Makes the contribution of a place.
        alike: What is known of them before they are made.

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
        alike: Alike | None = None,
    ) -> None:
        self.values = values
        self.alike = alike
        self._make = make
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

    def source(self, place: int) -> Source:
        """Return where the contribution of a place starts from."""
        return self[place].source if self.alike is None else self.alike.sources[place]

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
