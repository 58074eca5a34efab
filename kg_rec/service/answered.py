"""What is answered."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

__all__ = [
    "AddedItems",
    "AskAnswer",
    "Done",
    "ErrorAnswer",
    "ErrorDetail",
    "EventsAnswer",
    "Evidence",
    "Explanation",
    "Fact",
    "Health",
    "ListedItem",
    "NamedItem",
    "NamedItems",
    "Progress",
    "Reason",
    "RecommendAnswer",
    "Source",
    "Strategy",
    "Told",
    "Understood",
    "UserIds",
]


class _Answered(BaseModel):
    """An answer."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)


class ErrorDetail(_Answered):
    """What is wrong."""

    code: str
    """For programs."""
    message: str
    """For people: what was found and what was expected."""


class ErrorAnswer(_Answered):
    """The answer to whatever fails."""

    error: ErrorDetail


class Evidence(_Answered):
    """A passage that states a fact, or in which the user said so."""

    document: str
    start: int
    end: int
    text: str


class Source(_Answered):
    """What a reason starts from."""

    kind: str
    id: str
    label: str


class Reason(_Answered):
    """A part of a score."""

    value: float
    """How much of the score; negative if it speaks against the item."""
    share: float
    """The same as a share of all that speaks for or against the item."""
    sentence: str
    """In words."""
    kind: str
    source: Source
    """The strongest thing that it starts from."""
    sources: int = 1
    """How many things it starts from."""
    key: str | None = None
    """What ``mute`` and ``boost`` take for it; null if it cannot be changed."""
    evidence: list[Evidence] = []
    """At most five passages."""


class ListedItem(_Answered):
    """An item of a list. The values of its reasons and the rest sum to its score."""

    item: str
    label: str
    rank: int
    score: float
    strategy: str | None = None
    explored: bool | None = None
    """Whether it is in the list by chance, to learn from."""
    chance: float | None = None
    """How likely it was to be drawn then."""
    reasons: list[Reason]
    rest: float


class Understood(_Answered):
    """What a text was understood to say."""

    entity: str
    label: str
    strength: float
    """From -1 (hated) to 1 (loved)."""


class Strategy(_Answered):
    """What counted in a list, and why."""

    name: str
    why: str


class RecommendAnswer(_Answered):
    """A list of items with their reasons."""

    user: str | None = None
    strategy: Strategy | None = None
    items: list[ListedItem]
    understood: list[Understood] = []
    note: str = ""
    """What a reader should know, such as why the list is short."""


class Explanation(_Answered):
    """All that a score is made of; the values and the rest sum to it."""

    item: str
    label: str
    rank: int
    """In the whole catalogue without the history."""
    score: float
    reasons: list[Reason]
    rest: float
    why_not: str | None = None
    """Why it is not in the list, if it is not."""


class EventsAnswer(_Answered):
    """What became of the events, which are on disk now."""

    accepted: int
    duplicates: int
    """Whose id was taken before."""


class AddedItems(_Answered):
    """The ids of the items that were added."""

    items: list[str]


class Done(_Answered):
    """What was done."""

    done: bool = True


class Progress(_Answered):
    """What something is at: ``idle``, ``running``, ``done`` or ``failed``."""

    state: str


class NamedItem(_Answered):
    """An item and its name."""

    item: str
    label: str


class NamedItems(_Answered):
    """Items, the best match first."""

    items: list[NamedItem]


class UserIds(_Answered):
    """Ids of users."""

    users: list[str]


class Health(_Answered):
    """How the service is."""

    status: Literal["ok"]
    version: str
    learning: str
    """What learning again is at: ``idle``, ``running``, ``done``, ``failed``."""


class Fact(_Answered):
    """A triple of the graph, with the names of its three parts."""

    subject: str
    predicate: str
    object: str
    labels: list[str]
    evidence: list[Evidence] = []


class Told(_Answered):
    """One thing that was understood of a question."""

    slot: str
    """What of the question it is, as in ``like``, ``where``, ``item``."""
    text: str
    """It in words."""
    entities: list[str]
    """The nodes that it names."""


class AskAnswer(_Answered):
    """What a dialogue answers."""

    session: str
    """For the next question."""
    answer: str
    intent: str
    """What the question was understood as."""
    slots: dict[str, Any]
    """What was asked for."""
    understood: list[Told]
    not_understood: list[str]
    items: list[ListedItem]
    facts: list[Fact]
    """What the answer rests on."""
    sparql: str
    """The query that was asked, if one was."""
    language: str
