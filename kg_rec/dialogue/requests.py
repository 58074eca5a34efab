"""What somebody asks for in one turn, as it was understood."""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from kg_rec.ontology.speech import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.dialogue.names import Names
    from kg_rec.ids import Iri

__all__ = ["INTENTS", "Compare", "Question", "Request", "Where", "number_of", "slots_of"]

INTENTS = (
    "recommend",
    "more_like",
    "why",
    "why_not",
    "compare",
    "question",
    "feedback",
    "show",
    "undo",
    "reset",
    "profile",
    "help",
    "unknown",
)
"""What a turn may be."""


class Where(NamedTuple):
    """A condition on a value.

    Attributes:
        attribute: The relation.
        op: ``<``, ``<=``, ``>``, ``>=``, ``==``, ``!=``, ``between`` or ``outside``.
        value: A number, or the first and the last one.
    """

    attribute: Iri
    op: str
    value: float | tuple[float, float]

    def allows(self, number: float) -> bool:
        """Return whether a number meets it.

        Examples:
            >>> from kg_rec import Iri
            >>> Where(Iri("urn:year"), "between", (1990, 1999)).allows(1995)
            True
        """
        if isinstance(self.value, tuple):
            inside = self.value[0] <= number <= self.value[1]
            return inside == (self.op == "between")
        return bool(_COMPARED[self.op](number, self.value))


_COMPARED = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


class Compare(NamedTuple):
    """More or less of something, than an item or than what was shown.

    Attributes:
        attribute: A relation with values that have an order, or a genre or subject.
        more: Whether more is wanted.
        than: The item; None is what was shown.
    """

    attribute: Iri
    more: bool
    than: Iri | None = None


class Question(NamedTuple):
    """A question that another may go on from.

    Attributes:
        relation: What was asked for.
        subject: Of which item.
        object: Or of which value.
        kind: As in :class:`Request`.
    """

    relation: Iri
    subject: Iri | None
    object: Iri | None
    kind: str


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for.

    Attributes:
        intent: One of :data:`INTENTS`.
        items: The items that it is about; of ``compare`` the one that is above comes first.
        like: What is liked.
        dislike: What is disliked.
        exclude: What items are not to have to do with.
        include: What items are to have to do with.
        where: Conditions on values; of a ``yesno`` question what is asked.
        compare: More or less of something.
        k: How many items.
        verdict: ``like``, ``dislike``, ``hide`` or ``seen``.
        relation: What a question asks for.
        subject: Of which item.
        object: Or of which value.
        kind: ``who``, ``what``, ``when``, ``list``, ``yesno`` or ``count``.
        others: Whether other items than those shown are wanted.
        adds: Whether it adds to the wishes so far; else it takes their place.
        lost: Words that were not understood.
    """

    intent: str
    items: tuple[Iri, ...] = ()
    like: tuple[Iri, ...] = ()
    dislike: tuple[Iri, ...] = ()
    exclude: tuple[Iri, ...] = ()
    include: tuple[Iri, ...] = ()
    where: tuple[Where, ...] = ()
    compare: tuple[Compare, ...] = ()
    k: int | None = None
    verdict: str = ""
    relation: Iri | None = None
    subject: Iri | None = None
    object: Iri | None = None
    kind: str = ""
    others: bool = False
    adds: bool = False
    lost: tuple[str, ...] = ()

    @property
    def has_wishes(self) -> bool:
        """Whether it says anything of what is wanted."""
        named = self.like or self.dislike or self.exclude or self.include
        return bool(named or self.where or self.compare or self.k)

    @property
    def question(self) -> Question | None:
        """What a question asks; None if it is no question, or one that cannot be answered."""
        if self.intent != "question" or self.relation is None:
            return None
        if self.where or (self.subject is None and self.object is None):
            return None
        return Question(self.relation, self.subject, self.object, self.kind)

    def with_lost(self, words: Sequence[str]) -> Request:
        """Return it with words that were not understood."""
        return replace(self, lost=tuple(dict.fromkeys([*self.lost, *words])))


def number_of(text: str) -> float | None:
    """Return the number that a text is, or the year that it begins with; None if there is none."""
    try:
        return float(text)
    except ValueError:
        head = text[:4]
        return float(head) if head.isdigit() else None


def slots_of(request: Request, names: Names) -> dict[str, Any]:
    """Return the slots of a request as plain values: names in English, numbers; no empty ones."""
    label = names.label
    found: dict[str, Any] = {
        "like": [label(node) for node in request.like],
        "dislike": [label(node) for node in request.dislike],
        "exclude": [label(node) for node in request.exclude],
        "include": [label(node) for node in request.include],
        "where": [_where(one, names) for one in request.where],
        "compare": [_compare(one, names) for one in request.compare],
        "k": request.k,
        "verdict": request.verdict,
        "relation": request.relation and attribute_name(request.relation, names),
        "kind": request.kind,
        "subject": request.subject and label(request.subject),
        "object": request.object and label(request.object),
    }
    if request.items and request.intent != "question":
        found["item"] = label(request.items[0])
    if len(request.items) > 1:
        found["other" if request.intent == "compare" else "also"] = label(request.items[1])
    return {name: value for name, value in found.items() if value}


def attribute_name(attribute: Iri, names: Names) -> str:
    """Return what an attribute is called: a relation to values by its label, as ``year``.

    Other relations have their local names, subjects and genres their labels.
    """
    relation = names.ontology.relations.get(attribute)
    if relation is None:
        return names.label(attribute)
    if relation.range in NUMBERS:
        return relation.labels.get("en", (attribute.local_name,))[0]
    return attribute.local_name


def _where(one: Where, names: Names) -> dict[str, Any]:
    value = list(map(_number, one.value)) if isinstance(one.value, tuple) else _number(one.value)
    return {"attribute": attribute_name(one.attribute, names), "op": one.op, "value": value}


def _number(value: float) -> float:
    return int(value) if value == int(value) else value


def _compare(one: Compare, names: Names) -> dict[str, Any]:
    return {
        "attribute": attribute_name(one.attribute, names),
        "direction": "more" if one.more else "less",
        "than": None if one.than is None else names.label(one.than),
    }
