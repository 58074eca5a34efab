"""The command by which users say what they think of lists."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from kg_rec.cli.common import Model, hint, is_text
from kg_rec.cli.live import Journal, changed, opened
from kg_rec.cli.wishes import Boost, Mute  # noqa: TC001 - typer reads the annotations

__all__ = ["feedback"]


class Verdict(StrEnum):
    """What can be said of an item: ``live.feedback.VERDICTS``."""

    like = "like"
    dislike = "dislike"
    hide = "hide"
    seen = "seen"
    clear = "clear"


def feedback(
    model: Model,
    user: Annotated[str, typer.Argument(metavar="USER", callback=is_text, help="Id of a user.")],
    item: Annotated[
        str | None, typer.Option("--item", callback=is_text, help="Id of the item it is of.")
    ] = None,
    verdict: Annotated[
        Verdict | None,
        typer.Option("--verdict", help="What is said of the item; clear takes back what was said."),
    ] = None,
    mute: Mute = None,
    boost: Boost = None,
    journal: Journal = None,
) -> None:
    """Keep in a model what a user says of items and reasons; it holds for all lists from now on."""
    if item is None and verdict not in {None, Verdict.clear}:
        msg = f"--verdict {verdict} needs --item"
        raise typer.BadParameter(msg)
    if item is not None and verdict is None:
        msg = "--item needs --verdict"
        raise typer.BadParameter(msg)
    if verdict is None and not mute and not boost:
        msg = "give --item and --verdict, --mute or --boost"
        raise typer.BadParameter(msg)
    recommender = opened(model, journal)
    recommender.feedback(user, item, verdict, mute=mute or (), boost=boost or ())
    changed(recommender, journal)
    said = [] if verdict is None else [f"{verdict} {item!r}" if item else str(verdict)]
    for name, reasons in (("mute", mute), ("boost", boost)):
        said += [f"{name} {', '.join(map(repr, reasons))}"] if reasons else []
    hint(f"{model}: user {user}: {'; '.join(said)}", quiet=False)
