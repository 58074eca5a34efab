"""Commands on what a model holds of its users."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from kg_rec.cli.common import Model, Quiet, hint, is_text
from kg_rec.cli.live import Journal, changed, opened

__all__ = ["expire", "export_user", "forget"]

UserId = Annotated[
    str, typer.Argument(metavar="USER", callback=is_text, help="Id of a user of the model.")
]


class DataFormat(StrEnum):
    """What the data of a user is written as."""

    json = "json"
    ttl = "ttl"
    nq = "nq"


def forget(model: Model, user: UserId, journal: Journal = None, *, quiet: Quiet = False) -> None:
    """Take a user out of a model and its journal: nothing in them names the user any more.

    What was learned of many users together keeps numbers that the user had a part in, without any
    name, until the next refresh.
    """
    recommender = opened(model, journal)
    recommender.forget(user)
    changed(recommender, journal)
    hint(f"{model}: forgotten; users left: {len(recommender.users):,}", quiet=quiet)


def export_user(
    model: Model,
    user: UserId,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write; without it, it is printed.")
    ] = None,
    format: Annotated[DataFormat, typer.Option("--format")] = DataFormat.json,  # noqa: A002 - the option's name
    journal: Journal = None,
) -> None:
    """Write all that a model holds of a user, for the user: as JSON, Turtle or N-Quads."""
    recommender = opened(model, journal)
    found = recommender.export_user(user)
    recommender.close()
    if format is DataFormat.json:
        content = found.json().encode()
    else:
        content = found.rdf().serialize(format, "evidence")
    if out is None:
        sys.stdout.write(content.decode())
        return
    from kg_rec import io  # noqa: PLC0415 - other commands do without

    io.write_file(out, content)
    hint(f"wrote {out}", quiet=False)


def expire(
    model: Model,
    now: Annotated[
        str | None,
        typer.Option(
            "--now", callback=is_text, help="The time from which age counts; the present if none."
        ),
    ] = None,
    journal: Journal = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Drop the events of a model that are older than privacy.retention allows."""
    recommender = opened(model, journal)
    count = recommender.expire(now)
    changed(recommender, journal)
    hint(f"{model}: {count:,} {'event' if count == 1 else 'events'} dropped", quiet=quiet)
