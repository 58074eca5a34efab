"""What is asked, with examples: bounded, and nothing unknown is passed over."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from kg_rec.config import RerankConfig

__all__ = [
    "AskRequest",
    "Event",
    "EventsRequest",
    "ExplainRequest",
    "FeedbackRequest",
    "ItemsRequest",
    "Person",
    "RecommendRequest",
]

Id = Annotated[str, Field(min_length=1, max_length=512)]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(min_length=1, max_length=512)]
_WHOLE = BeforeValidator(lambda v: int(v) if isinstance(v, float) and v.is_integer() else v)
"""JSON Schema has it that 3.0 is an integer, too."""
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
    """What is asked for, by relation; a name after ``-`` is to be avoided."""
    friends: Annotated[list[Id], Field(max_length=200)] = []
    """Ids of users whom someone knows."""
    segments: Annotated[dict[Name, Name], Field(max_length=20)] | None = None
    """What someone has in common with others, as in ``{"country": "FR"}``."""
    strategy: Annotated[str, Field(pattern=r"^[a-z_]{1,30}$")] = "auto"
    """What counts: ``auto``, ``blended``, ``content``, ``collaborative``, ``community`` or
    ``popularity``."""
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

    k: Annotated[int, Field(ge=1, le=100), _WHOLE] = 10
    """How many items."""
    only: Names = []
    """Items, classes or entities: nothing is listed that neither is one nor has to do with one."""
    without: Names = []
    """The same: nothing is listed that is one of them or has to do with one."""
    where: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """A condition, as in ``year >= 1990 and genre == 'Crime'``."""
    rerank: RerankConfig | None = None
    """What changes the order for the list as a whole."""
    explore: Annotated[float, Field(ge=0, le=1)] = 0.0
    """Share of the places that are given to items to learn from."""
    seed: Annotated[int, Field(ge=0, lt=2**32), _WHOLE] = 0
    """Which of them; the same seed gives the same list."""
    reasons: Annotated[int, Field(ge=0, le=50), _WHOLE] = 5
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
    k: Annotated[int, Field(ge=1, le=100), _WHOLE] = 10
    """Length of the list that it is in, or not."""
    terms: bool = False
    """Every single term of the score, instead of those of one fact or link together."""


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
        if self.item is not None and self.verdict is None:
            raise ValueError("an item needs a verdict")
        if self.item is None and self.verdict not in {None, "clear"}:
            raise ValueError(f"{self.verdict} needs an item")
        if self.verdict is None and not self.mute and not self.boost:
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


class AskRequest(_Asked):
    """Something said in a dialogue."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "films like Heat but newer"}]}
    )

    question: Annotated[str, Field(min_length=1, max_length=1000)]
    session: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Of an answer of before; without it a dialogue begins."""
    user: Id | None = None
    text: Words | None = None
    language: Annotated[str, Field(pattern=r"^[A-Za-z-]{2,12}$")] | None = None
