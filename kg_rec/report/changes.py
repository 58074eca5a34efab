"""What would change the place of an item in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from kg_rec.errors import DataError, UnknownIdError
from kg_rec.ontology.texts import HAS_WORD
from kg_rec.report.reasons import KINDS, Reason, group_reasons

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg_rec.explanations import Recommendation
    from kg_rec.explanations.counterfactuals import Counterfactual
    from kg_rec.explanations.what_if import WhyNot
    from kg_rec.report.language import Words

__all__ = ["Changes", "Missing", "Muted", "Questions", "Without", "changes", "mute_name"]


class Muted(NamedTuple):
    """The list without one reason.

    Attributes:
        reason: The reason that is muted, in words; of a learned link the kind as a whole.
        mute: Its name, as ``recommend(mute=…)`` takes it.
        rank: The rank of the item then, in the whole catalogue.
    """

    reason: str
    mute: str
    rank: int


class Without(NamedTuple):
    """The list without something that is known of the person.

    Attributes:
        names: The fewest choices or preferences without which the item is not in the list; empty
            if there are none.
        rank: The rank of the item without them.
        smallest: Whether it is proven that no fewer will do.
    """

    names: tuple[str, ...]
    rank: int
    smallest: bool


class Missing(NamedTuple):
    """What an item lacks to be in the list.

    Attributes:
        last: Name of the last item of the list.
        value: What it lacks to the score of that item.
    """

    last: str
    value: float


class Changes(NamedTuple):
    """What would change the place of an item.

    Attributes:
        length: How long the list is.
        muted: Without its strongest reason.
        without: Without something known of the person; None if it is not in the list.
        missing: What it lacks if it is not in the list.
    """

    length: int
    muted: Muted | None = None
    without: Without | None = None
    missing: Missing | None = None


class Questions(Protocol):
    """Answers what-if questions: :class:`kg_rec.explanations.what_if.WhatIf`."""

    def counterfactual(self, item: str, k: int = 10) -> Counterfactual:
        """Return without what an item would not be among the best k."""
        ...

    def why_not(self, item: str, k: int = 10) -> WhyNot:
        """Return why an item is not among the best k."""
        ...


def changes(
    found: Recommendation,
    length: int,
    questions: Questions | None,
    muted_rank: Callable[[str], int],
    label: Callable[[str], str],
    words: Words,
) -> Changes:
    """Return what would change the place of an item.

    Args:
        found: The item, its rank and reasons.
        length: How long the list is.
        questions: Answers what-if questions; None if all items are in the list anyway.
        muted_rank: Returns the rank of the item if a reason is muted.
        label: Returns the name of an item.
        words: The language.
    """
    muted = _muted(found, muted_rank, words)
    if questions is None:
        return Changes(length, muted)
    without = _without(found, length, questions, words)
    return Changes(length, muted, without, _missing(found, length, questions, label))


def mute_name(reason: Reason) -> str | None:
    """Return the name by which ``recommend(mute=…)`` knows a reason; None if it has none."""
    term = reason.strongest
    if term is None or reason.kind == "rerank":
        return None
    if reason.kind == "preference":
        return term.source.iri
    if reason.kind in {"fact", "profile"}:
        return _fact_name(term.about)
    return term.kind


def _fact_name(about: tuple[str, ...]) -> str | None:
    """Return the name of a fact: of a column of any relation it is the entity alone."""
    if len(about) < 2:  # noqa: PLR2004 - relation and entity
        return None
    relation, entity = about[:2]
    if relation == HAS_WORD:  # all words are one reason
        return relation
    return entity if relation.endswith(("anyRelation", "linked")) else f"{relation}={entity}"


def _muted(found: Recommendation, muted_rank: Callable[[str], int], words: Words) -> Muted | None:
    """Return the rank of an item without its strongest reason for it."""
    reasons = (r for r in group_reasons(found, words=words) if r.value > 0)
    reason = next(reasons, None)
    name = mute_name(reason) if reason else None
    if reason is None or name is None:
        return None
    try:
        said = words(KINDS[name]) if name in KINDS else reason.brief or reason.text
        return Muted(said, name, muted_rank(name))
    except (DataError, UnknownIdError):  # a name of several nodes
        return None


def _without(
    found: Recommendation, length: int, questions: Questions, words: Words
) -> Without | None:
    try:
        known = questions.counterfactual(found.item, length)
    except DataError:  # not among the first by score: re-ranked, filtered or simply not there
        return None
    return Without(tuple(words.source(s) for s in known.removed), known.rank, known.smallest)


def _missing(
    found: Recommendation, length: int, questions: Questions, label: Callable[[str], str]
) -> Missing | None:
    if found.rank <= length:
        return None
    try:
        known = questions.why_not(found.item, length)
    except DataError:  # in the history
        return None
    return Missing(label(known.last), known.missing)
