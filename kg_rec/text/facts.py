"""Facts, and which of several readings of one mention holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg_rec.ids import Iri
    from kg_rec.ontology import Relation
    from kg_rec.text.matching import Match
    from kg_rec.text.mentions import Mention

__all__ = ["Fact", "is_beaten", "is_outnamed", "strongest"]


class Fact(NamedTuple):
    """A relation of the item to what a mention names, with the tokens that say so.

    ``words`` are the tokens of the form, ``listed`` are all that stand at its ``{object}``;
    ``denied`` is true if the text says that it does not hold; ``subject`` is the head of what
    stands for the item, if anything does.
    """

    relation: Relation
    mention: Mention
    kind: Iri
    start: int
    end: int
    form: str
    width: int
    words: range
    loose: bool
    listed: tuple[Mention, ...]
    active: bool
    denied: bool = False
    subject: int | None = None


def strongest(facts: list[Fact]) -> Iterator[Fact]:
    """Yield the facts that hold: of two whose words overlap, the one with the longer form."""
    seen: set[tuple[int, str]] = set()
    for fact in sorted(facts, key=lambda f: (f.mention.start, -f.width, f.end - f.start)):
        rivals = [f for f in facts if f.mention is fact.mention and f is not fact]
        beaten = any(
            (fact.loose and not rival.loose)
            or (rival.width > fact.width and _overlap(rival.words, fact.words))
            or _is_nearer(rival, fact)
            for rival in rivals
        )
        key = (fact.mention.start, fact.relation.iri)
        if not beaten and key not in seen:
            seen.add(key)
            yield fact


def is_outnamed(fact: Fact, facts: Sequence[Fact]) -> bool:
    """Return whether a single name yields to a full one elsewhere that has the same relation."""
    if fact.mention.length > 1 or fact.mention.entities or len(fact.listed) > 1:
        return False
    return any(f.relation is fact.relation and f.mention.length > 1 for f in facts)


def _is_nearer(rival: Fact, fact: Fact) -> bool:
    """Return whether another form begins anew in what was read as one list."""
    between = fact.words.stop <= rival.words.start and rival.words.stop <= fact.mention.start
    return between and any(fact.words.stop <= m.start < rival.words.start for m in fact.listed)


def is_beaten(match: Match, others: Sequence[Match]) -> bool:
    """Return whether a longer form holds of the same words."""
    words = range(match.start, match.end)
    return any(
        other.width > match.width
        and (_overlap(range(other.start, other.end), words) or other.subject in words)
        for other in others
    )


def _overlap(one: range, other: range) -> bool:
    return max(one.start, other.start) < min(one.stop, other.stop)
