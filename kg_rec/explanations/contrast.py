"""Why one item above another: the difference of their scores, reason by reason."""

from __future__ import annotations

from collections import defaultdict
from math import fsum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.explanations.terms import Contribution
    from kg_rec.explanations.words import Phrases

__all__ = ["Contrast", "Difference", "contrast", "said_together"]

_Key = tuple[str, ...]


class Difference(NamedTuple):
    """What a reason does for one item and for another.

    Attributes:
        text: What is said of the item that it does more for.
        kind: The kind of reason.
        first: Its value for the first item.
        second: Its value for the second item.
    """

    text: str
    kind: str
    first: float
    second: float

    @property
    def value(self) -> float:
        """How much more it does for the first item."""
        return self.first - self.second


class Contrast(NamedTuple):
    """The difference of two scores.

    Attributes:
        first: Score of the first item.
        second: Score of the second item.
        differences: By reason, the largest absolute value first; their values sum to the
            difference of the scores.
    """

    first: float
    second: float
    differences: tuple[Difference, ...]

    @property
    def value(self) -> float:
        """How much higher the score of the first item is."""
        return self.first - self.second

    @property
    def lacking(self) -> tuple[Difference, ...]:
        """The reasons that the second item lacks, though they speak for the first."""
        return tuple(d for d in self.differences if d.first > 0.0 >= d.second)


def contrast(
    first: Sequence[Contribution], second: Sequence[Contribution], phrases: Phrases
) -> Contrast:
    """Return the difference of two scores of one person, reason by reason.

    A reason is what is said of an item: a fact, whoever it ties the item to; being liked with (or
    close to) chosen items, whichever; a stated preference.

    Args:
        first: The terms of one score.
        second: The terms of the other.
        phrases: The language of the words.
    """
    ours, theirs = _grouped(first), _grouped(second)
    keys = dict.fromkeys([*ours, *theirs])
    found = [_difference(ours.get(key, []), theirs.get(key, []), phrases) for key in keys]
    found.sort(key=lambda d: (-abs(d.value), d.text))
    return Contrast(fsum(c.value for c in first), fsum(c.value for c in second), tuple(found))


def _grouped(terms: Sequence[Contribution]) -> dict[_Key, list[Contribution]]:
    found: dict[_Key, list[Contribution]] = defaultdict(list)
    for term in terms:
        found[_key(term)].append(term)
    return found


def _key(term: Contribution) -> _Key:
    """Return what the terms of one reason have in common."""
    if term.kind == "preference":
        return term.kind, term.source.id
    if term.kind in {"fact", "profile"}:
        return "fact", *term.about  # whether it is tied to a choice or to all of them
    return term.kind, *term.about[:1]


def _difference(
    first: Sequence[Contribution], second: Sequence[Contribution], phrases: Phrases
) -> Difference:
    ours, theirs = fsum(c.value for c in first), fsum(c.value for c in second)
    more = first if first and (not second or abs(ours) >= abs(theirs)) else second
    return Difference(said_together(more, phrases), more[0].kind, ours, theirs)


def said_together(terms: Sequence[Contribution], phrases: Phrases) -> str:
    """Return what some terms of one reason say of an item, in a phrase; the strongest come first.

    Examples:
        >>> from kg_rec.explanations.terms import Contribution
        >>> from kg_rec.explanations.words import PHRASES
        >>> from kg_rec.profiles import EVERYONE
        >>> links = [Contribution(0.1, EVERYONE, (), "close to {}", name) for name in ("A", "B")]
        >>> said_together(links, PHRASES["en"])
        'close to A and B'
    """
    first = terms[0]
    if first.kind == "preference":
        plain = [c for c in terms if not c.other]
        return plain[0].text if plain else first.text
    if not first.other:
        return first.fact
    same = dict.fromkeys(c.other for c in terms if c.fact == first.fact)
    return first.fact.replace("{}", phrases.join(list(same)))
