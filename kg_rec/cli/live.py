"""Commands that change a model: events, items, learning again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg_rec.cli.common import Model, Quiet, hint, is_text, progress_bars

if TYPE_CHECKING:
    from kg_rec.recommender import Recommender

__all__ = ["Journal", "add", "changed", "opened", "refresh", "remove", "update"]

Journal = Annotated[
    Path | None,
    typer.Option("--journal", help="A file of changes that the model does not hold yet."),
]


def _texts_only(values: list[str]) -> list[str]:
    for value in values:
        is_text(value)
    return values


def _named_file(text: str) -> tuple[str, str]:
    name, _, file = text.partition("=")
    if not name or not file:
        msg = f"found {text!r}, expected NAME=FILE"
        raise typer.BadParameter(msg, param_hint="--vectors")
    return name, file


def opened(model: Path, journal: Path | None) -> Recommender:
    """Return a model with the changes of its journal."""
    from kg_rec.recommender import Recommender  # noqa: PLC0415

    return Recommender.load(model, journal=journal)


def changed(recommender: Recommender, journal: Path | None) -> None:
    """Write a changed model, unless its journal holds the change."""
    if journal is None:
        recommender.checkpoint()
    recommender.close()


def update(
    model: Model,
    events: Annotated[Path, typer.Argument(metavar="EVENTS", help="A table as of interactions.")],
    journal: Journal = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Take events into a model; profiles follow at once, what is liked together with refresh."""
    recommender = opened(model, journal)
    count = recommender.update(events)
    changed(recommender, journal)
    hint(f"{count:,} {'event' if count == 1 else 'events'} taken", quiet=quiet)


def add(
    model: Model,
    items: Annotated[Path, typer.Argument(metavar="ITEMS", help="A table as of items.")],
    texts: Annotated[Path | None, typer.Option("--texts", help="A table as of texts.")] = None,
    vectors: Annotated[
        list[str] | None,
        typer.Option("--vectors", metavar="NAME=FILE", help="Vectors that come with them."),
    ] = None,
    journal: Journal = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Put new items into a model; they can be recommended and explained at once."""
    files = dict(_named_file(text) for text in vectors or ())
    recommender = opened(model, journal)
    added = recommender.add_items(items, texts, vectors=files)
    changed(recommender, journal)
    hint(f"{len(added):,} {'item' if len(added) == 1 else 'items'} added", quiet=quiet)


def remove(
    model: Model,
    items: Annotated[
        list[str], typer.Argument(metavar="ITEM...", callback=_texts_only, help="Ids of items.")
    ],
    journal: Journal = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Take items out of a model, with all that only they brought."""
    recommender = opened(model, journal)
    recommender.remove_items(items)
    changed(recommender, journal)
    hint(f"{len(items):,} {'item' if len(items) == 1 else 'items'} removed", quiet=quiet)


def refresh(model: Model, journal: Journal = None, *, quiet: Quiet = False) -> None:
    """Learn again all that is learned of many users together, and empty the journal."""
    recommender = opened(model, journal)
    with progress_bars(quiet=quiet) as progress:
        recommender.refresh(progress)
        recommender.checkpoint()
    recommender.close()
    users, items = len(recommender.users), len(recommender.items)
    hint(f"{model}: {items:,} items, {users:,} users, learned again", quiet=quiet)
