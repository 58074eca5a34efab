"""Changes: events, feedback, items. An answer says that the change is on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path

from kg_rec import io
from kg_rec.errors import DataError
from kg_rec.service.answered import AddedItems, Done, EventsAnswer
from kg_rec.service.asked import Event, EventsRequest, FeedbackRequest, ItemsRequest
from kg_rec.service.errors import ServiceError
from kg_rec.service.service import Serving

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.config import InteractionsConfig
    from kg_rec.recommender import Recommender

__all__ = ["ItemId", "router"]

router = APIRouter(tags=["changes"])
ItemId = Annotated[str, Path(min_length=1, max_length=512, description="Id of an item.")]


@router.post("/events", summary="What users did")
async def events(asked: EventsRequest, service: Serving) -> EventsAnswer:
    """Take events; the next list reflects them. An event with an id is taken once."""

    def work(recommender: Recommender) -> int:
        config = recommender.config.interactions
        try:
            return recommender.update(_table(asked.events, config))
        except DataError as error:
            raise ServiceError(422, _in_our_words(str(error), config)) from None

    accepted = await service.change("update", work)
    duplicates = len(asked.events) - accepted
    service.metrics.events.labels("accepted").inc(accepted)
    service.metrics.events.labels("duplicate").inc(duplicates)
    return EventsAnswer(accepted=accepted, duplicates=duplicates)


@router.post("/feedback", summary="What a user says of an item or of reasons")
async def feedback(asked: FeedbackRequest, service: Serving) -> Done:
    """Keep a verdict on an item, and reasons that are to count nothing or double."""

    def work(recommender: Recommender) -> None:
        recommender.feedback(
            asked.user, asked.item, asked.verdict, mute=asked.mute, boost=asked.boost
        )

    await service.change("feedback", work)
    return Done()


@router.post("/items", summary="New items")
async def add_items(asked: ItemsRequest, service: Serving) -> AddedItems:
    """Put items into the catalogue; they can be recommended and explained at once."""
    names = dict.fromkeys(name for row in asked.items for name in row)
    table = io.Table("items", {name: [row.get(name) for row in asked.items] for name in names})

    def work(recommender: Recommender) -> list[str]:
        with service.reading:
            return recommender.add_items(table)

    return AddedItems(items=await service.change_catalogue("add_items", work))


@router.delete("/items/{item:path}", summary="Take an item out")
async def remove_item(item: ItemId, service: Serving) -> Done:
    """Take an item out of the catalogue, with all that only it brought."""
    await service.change_catalogue("remove_items", lambda r: r.remove_items([item]))
    return Done()


def _in_our_words(message: str, config: InteractionsConfig) -> str:
    """Return a message about columns with the names that events have here."""
    names = ("user", "item", "kind", "weight", "timestamp", "id")
    for name in names:
        message = message.replace(repr(getattr(config, name)), repr(name))
    return message


def _table(events: Sequence[Event], config: InteractionsConfig) -> io.Table:
    """Return events as a table with the columns of the model's interactions."""
    columns = {
        config.user: [event.user for event in events],
        config.item: [event.item for event in events],
    }
    more: dict[str, list[Any]] = {
        config.id: [event.id for event in events],
        config.kind: [event.kind for event in events],
        config.weight: [event.weight for event in events],
        config.timestamp: [event.timestamp for event in events],
    }
    told = {name: cells for name, cells in more.items() if any(c is not None for c in cells)}
    return io.Table("events", {**told, **columns})
