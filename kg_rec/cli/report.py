"""The command that writes reports."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from kg_rec.cli.common import (
    Count,
    Lang,
    Model,
    Quiet,
    Text,
    User,
    hint,
    is_text,
    load,
    progress_bars,
)
from kg_rec.cli.wishes import (
    Attributes,
    Explore,
    Friends,
    Liked,
    Seed,
    Segments,
    Strategy,
    asked,
)

if TYPE_CHECKING:
    from kg_rec.report.compose import Reporter

__all__ = ["report"]


class ReportFormat(StrEnum):
    """What a report is written as: ``kg_rec.report.formats.Format``."""

    html = "html"
    md = "md"
    json = "json"
    ttl = "ttl"
    pdf = "pdf"


def report(  # noqa: PLR0913, PLR0917 - the options
    model: Model,
    out: Annotated[Path, typer.Option("--out", help="The file to write; a folder for --users.")],
    user: User = None,
    text: Text = None,
    liked: Liked = None,
    attribute: Attributes = None,
    friend: Friends = None,
    segment: Segments = None,
    users: Annotated[
        Path | None,
        typer.Option("--users", metavar="FILE", help="One user id a line: a page each, an index."),
    ] = None,
    item: Annotated[
        str | None,
        typer.Option(
            "--item", callback=is_text, help="Why this item; alone: to whom it goes, and why."
        ),
    ] = None,
    k: Count = 10,
    lang: Lang = "en",
    strategy: Strategy = None,
    explore: Explore = 0.0,
    seed: Seed = 0,
    format: Annotated[  # noqa: A002 - the option's name
        ReportFormat | None,
        typer.Option("--format", help="If not told, the end of --out says it, else html."),
    ] = None,
    *,
    what_if: Annotated[
        bool,
        typer.Option(
            help="Tell what would change the place of each item; most of the time goes there."
        ),
    ] = True,
    real_ids: Annotated[
        bool,
        typer.Option("--real-ids", help="Ids, not pseudonyms, in data formats and of others."),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Write a report of recommendations and their reasons: HTML, Markdown, JSON, Turtle or PDF.

    On the best items for a user, many users or a typed taste, or on one item.
    """
    more = any((liked, attribute, friend, segment, strategy, explore))
    _check(user, text, users, item, more=more)
    from kg_rec.report.compose import Reporter  # noqa: PLC0415 - other commands do without it

    reporter = Reporter(load(model), lang, what_if=what_if, real_ids=real_ids)
    if users is not None:
        _write_many(reporter, users, out, k, format, quiet=quiet)
        return
    from kg_rec import io  # noqa: PLC0415
    from kg_rec.report import formats  # noqa: PLC0415

    chosen = formats.Format(format) if format else formats.format_of(out)
    ask = {}
    if user is not None or text is not None or more:
        ask = asked(
            user=user,
            text=text,
            liked=liked,
            attributes=attribute,
            friends=friend,
            segments=segment,
            strategy=strategy or "auto",
        )
    found = reporter.report(**ask, k=k, item=item, explore=explore, seed=seed)
    io.write_file(out, formats.render(found, chosen))
    hint(f"wrote {out}", quiet=quiet)


def _check(
    user: str | None, text: str | None, users: Path | None, item: str | None, *, more: bool
) -> None:
    """Refuse none or several of those whom a report can be on."""
    told = [name for name in (user, text, users) if name is not None]
    if len(told) > 1 or (not told and item is None and not more):
        msg = "give one of --user, --text, --users and --item"
        raise typer.BadParameter(msg)
    if users is not None and more:
        msg = "--users goes with none of --liked, --attribute, --strategy and the like"
        raise typer.BadParameter(msg)
    if users is not None and item is not None:
        msg = "--item goes with --user or --text, or alone"
        raise typer.BadParameter(msg)


def _write_many(
    reporter: Reporter,
    users: Path,
    out: Path,
    k: int,
    format: ReportFormat | None,  # noqa: A002 - the option's name
    *,
    quiet: bool,
) -> None:
    """Write a report each for the users of a file, and an index."""
    from kg_rec.report import formats  # noqa: PLC0415

    names = formats.read_users(users)
    chosen = formats.Format(format or ReportFormat.html)
    with progress_bars(quiet=quiet) as progress:
        index = formats.write_folder(reporter, names, out, k=k, format=chosen, progress=progress)
    hint(f"wrote {index} and {len(names):,} reports", quiet=quiet)
