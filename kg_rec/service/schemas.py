"""What is asked and what is answered, with examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from kg_rec.config import RerankConfig

__all__ = [
    "AddedItems",
    "AskAnswer",
    "AskRequest",
    "Done",
    "ErrorAnswer",
    "Event",
    "EventsAnswer",
    "EventsRequest",
    "Evidence",
    "ExplainRequest",
    "Explanation",
    "Fact",
    "FeedbackRequest",
    "Health",
    "ItemsRequest",
    "ListedItem",
    "NamedItem",
    "NamedItems",
    "Person",
    "Progress",
    "Reason",
    "RecommendAnswer",
    "RecommendRequest",
    "Source",
    "Understood",
    "UserIds",
]

Id = Annotated[str, Field(min_length=1, max_length=512)]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(min_length=1, max_length=512)]
Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
Names = Annotated[list[Name], Field(max_length=50)]
Pairs = Annotated[
    list[Name | Annotated[list[Name], Field(min_length=2, max_length=2)]], Field(max_length=50)
]


class _Asked(BaseModel):
    """A request: nothing is guessed, nothing unknown is passed over."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True
    )


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


# --- recommend, explain --------------------------------------------------------------------------


class Person(_Asked):
    """For whom: a user of the model, someone unknown by choices, words or attributes, or both."""

    user: Id | None = None
    """Id of a user of the model."""
    history: (
        Annotated[list[Id], Field(max_length=1000)]
        | Annotated[dict[Id, Finite], Field(max_length=1000)]
        | None
    ) = None
    """Ids of liked items, or item id to weight, which is negative for a dislike."""
    text: Words | None = None
    """What someone says of their taste, in the first person."""
    attributes: Annotated[dict[Name, Name | Names], Field(max_length=50)] | None = None
    """What is liked, by relation."""
    mute: Pairs = []
    """Reasons that are to count nothing: the ``key`` of a reason, or a name."""
    boost: Pairs = []
    """Reasons that are to count double."""
    language: Annotated[str, Field(pattern=r"^[A-Za-z-]{2,12}$")] = "en"
    """Language of the reasons: ``en``, ``zh``."""


class RecommendRequest(Person):
    """What a list is to be."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "I love heist films, I hate horror", "k": 3},
                {"history": ["0113277"], "attributes": {"genre": ["Crime"]}, "k": 5},
            ]
        }
    )

    k: Annotated[int, Field(ge=1, le=100)] = 10
    """How many items."""
    only: Names = []
    """Items, classes or entities: nothing is listed that neither is one nor has to do with one."""
    without: Names = []
    """The same: nothing is listed that is one of them or has to do with one."""
    where: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """A condition, as in ``year >= 1990 and genre == 'Crime'``."""
    rerank: RerankConfig | None = None
    """What changes the order for the list as a whole."""
    strategy: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")] = "auto"
    """What lists are made from."""
    explore: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the places that are given to items to learn from."""
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    """Which of them; the same seed gives the same list."""
    reasons: Annotated[int, Field(ge=0, le=50)] = 5
    """Most reasons of an item; the others are summed in its ``rest``."""


class ExplainRequest(Person):
    """Which item is to be explained."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"item": "0113277", "text": "I love heist films, I hate horror"}]
        }
    )

    item: Id
    """Id of the item."""
    k: Annotated[int, Field(ge=1, le=100)] = 10
    """Length of the list that it is in, or not."""
    terms: bool = False
    """Every single term of the score, instead of those of one fact or link together."""


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
    """At most ten passages."""


class ListedItem(_Answered):
    """An item of a list. The values of its reasons and the rest sum to its score."""

    item: str
    label: str
    rank: int
    score: float
    strategy: str | None = None
    explored: bool | None = None
    reasons: list[Reason]
    rest: float


class Understood(_Answered):
    """What a text was understood to say."""

    entity: str
    label: str
    strength: float
    """From -1 (hated) to 1 (loved)."""


class RecommendAnswer(_Answered):
    """A list of items with their reasons."""

    user: str | None = None
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


# --- changes -------------------------------------------------------------------------------------


class Event(_Asked):
    """What a user did with an item."""

    id: Id | None = None
    """Names the event, so that it is never taken twice, however often it is sent."""
    user: Id
    item: Id
    kind: Name | None = None
    """In a model with kinds of events: ``view``, ``purchase``, …"""
    weight: Finite | None = None
    """A rating, a count, seconds."""
    timestamp: Annotated[float, Field(allow_inf_nan=False, ge=0, le=1e11)] | Words | None = None
    """Seconds since 1970, or ISO 8601."""


class EventsRequest(_Asked):
    """What happened; all of it is taken, or nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"events": [{"id": "e-1", "user": "ann", "item": "0113277"}]}]
        }
    )

    events: Annotated[list[Event], Field(min_length=1, max_length=1000)]


class EventsAnswer(_Answered):
    """What became of the events, which are on disk now."""

    accepted: int
    duplicates: int
    """Whose id was taken before."""


class FeedbackRequest(_Asked):
    """What a user says of an item or of reasons."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"user": "ann", "item": "0113277", "verdict": "like"},
                {"user": "ann", "mute": ["popularity"]},
            ]
        }
    )

    user: Id
    item: Id | None = None
    verdict: Literal["like", "dislike", "hide", "seen", "clear"] | None = None
    mute: Pairs = []
    boost: Pairs = []

    @model_validator(mode="after")
    def _says_something(self) -> FeedbackRequest:
        if (self.item is None) != (self.verdict is None):
            raise ValueError("item and verdict belong together")
        if self.item is None and not self.mute and not self.boost:
            raise ValueError("expected item and verdict, mute or boost")
        return self


Cell = Annotated[str, Field(max_length=20_000)] | Finite | bool | None
Row = Annotated[
    dict[Name, Cell | Annotated[list[Words | Finite], Field(max_length=200)]],
    Field(min_length=1, max_length=100),
]


class ItemsRequest(_Asked):
    """New items, one object each, with the columns of the items table."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"items": [{"id": "new-1", "title": "A New Film", "genre": "Crime"}]}]
        }
    )

    items: Annotated[list[Row], Field(min_length=1, max_length=100)]


class AddedItems(_Answered):
    """The ids of the items that were added."""

    items: list[str]


class Done(_Answered):
    """What was done."""

    done: bool = True


class Progress(_Answered):
    """What something is at: ``idle``, ``running``, ``done`` or ``failed``."""

    state: str


# --- looking -------------------------------------------------------------------------------------


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


# --- dialogue ------------------------------------------------------------------------------------


class AskRequest(_Asked):
    """Something said in a dialogue."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "films like Heat but newer"}]}
    )

    question: Words
    session: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Of an answer of before; without it a dialogue begins."""
    user: Id | None = None
    text: Words | None = None
    language: Annotated[str, Field(pattern=r"^[A-Za-z-]{2,12}$")] | None = None


class Fact(_Answered):
    """A triple of the graph, with the names of its three parts."""

    subject: str
    predicate: str
    object: str
    labels: list[str]


class AskAnswer(_Answered):
    """What a dialogue answers."""

    session: str
    answer: str
    intent: str
    understood: list[Any] = []
    not_understood: list[str] = []
    items: list[ListedItem] = []
    facts: list[Fact] = []
