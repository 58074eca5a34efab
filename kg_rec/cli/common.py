"""What the commands share: kinds of arguments, output, progress."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg_rec.building import Progress as ProgressCallback
    from kg_rec.explanations import Recommendation
    from kg_rec.recommender import Recommender

__all__ = [
    "Count",
    "Lang",
    "Model",
    "Out",
    "Quiet",
    "RealIds",
    "Text",
    "User",
    "err_console",
    "hint",
    "is_text",
    "load",
    "one_line",
    "one_of",
    "print_json",
    "print_rows",
    "print_table",
    "progress_bars",
]

out_console = Console(highlight=False)
err_console = Console(stderr=True, highlight=False)


def is_text(value: str | None) -> str | None:
    """Refuse an argument that is not UTF-8: Python hands it over with halves of characters."""
    try:
        (value or "").encode()
    except UnicodeEncodeError:
        msg = "not UTF-8"
        raise typer.BadParameter(msg) from None
    return value


Model = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model folder, as build and demo write it.")
]
User = Annotated[
    str | None, typer.Option("--user", callback=is_text, help="Id of a user of the model.")
]
Text = Annotated[
    str | None,
    typer.Option("--text", callback=is_text, help='A taste, as in "I love heist films".'),
]
Lang = Annotated[
    str, typer.Option("--lang", callback=is_text, help="Language of the reasons: en, zh.")
]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]
RealIds = Annotated[
    bool, typer.Option("--real-ids", help="In RDF: ids and own words of users, not pseudonyms.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no hints.")]
Count = Annotated[int, typer.Option("-k", min=1, help="How many items.")]


def load(model: Path) -> Recommender:
    """Return the model of a folder, ready to recommend."""
    from kg_rec.recommender import Recommender  # noqa: PLC0415

    return Recommender.load(model)


def one_of(user: str | None, text: str | None) -> None:
    """Refuse both or neither of a user and a text."""
    if (user is None) == (text is None):
        msg = "give either --user or --text"
        raise typer.BadParameter(msg)


def print_json(value: Any) -> None:
    """Print a value as JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def print_table(found: Sequence[Recommendation], title: str) -> None:
    """Print a list of items, each with its strongest reason."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text as Words  # noqa: PLC0415

    from kg_rec.report.language import ENGLISH  # noqa: PLC0415 - other commands do without
    from kg_rec.report.reasons import group_reasons  # noqa: PLC0415

    out_console.print(one_line(title), markup=False, soft_wrap=True)
    if not found:
        out_console.print("nothing is left to recommend\n")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("item", style="bold")
    table.add_column("score", justify="right")
    table.add_column("strongest reason")
    words = getattr(found, "words", ENGLISH)
    for item in found:
        reason = next(
            (r.brief or r.text for r in group_reasons(item, words=words)),
            words("nothing speaks for it or against it"),
        )
        label = item.label + words(" (to explore)") * item.explored
        cells = (str(item.rank), label, f"{item.score:.3f}", reason)
        table.add_row(*(Words(one_line(cell)) for cell in cells))
    with out_console.capture() as drawn:
        out_console.print(table)
    lines = (line.rstrip() for line in drawn.get().splitlines())
    sys.stdout.write("\n".join(lines) + "\n\n")


def one_line(text: str) -> str:
    """Return a text without line breaks and control characters, which would steer the terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def print_rows(titles: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str) -> None:
    """Print a table of plain cells, or a line that says there is nothing in it."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text as Words  # noqa: PLC0415

    if not rows:
        out_console.print(empty, markup=False, soft_wrap=True)
        return
    table = Table(*titles, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Words(one_line(str(cell))) for cell in row))
    with out_console.capture() as drawn:
        out_console.print(table)
    sys.stdout.write("\n".join(line.rstrip() for line in drawn.get().splitlines()) + "\n")


def hint(message: str, *, quiet: bool) -> None:
    """Print a message to standard error, unless that is to be quiet."""
    if not quiet:
        err_console.print(message, markup=False, soft_wrap=True)


@contextlib.contextmanager
def progress_bars(*, quiet: bool) -> Iterator[ProgressCallback]:
    """Give a callback (stage, done, total) that draws one bar for each stage on standard error."""
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bars = Progress(*columns, TimeRemainingColumn(), console=err_console, disable=quiet)
    tasks: dict[str, Any] = {}
    told: set[str] = set()

    def show(stage: str, done: int, total: int) -> None:
        if not total:  # a message
            if stage not in told:
                told.add(stage)
                hint(stage, quiet=quiet)
            return
        if stage not in tasks:
            bars.start()  # not before: a stopped display without bars leaves an empty line
            tasks[stage] = bars.add_task(stage, total=total)
        bars.update(tasks[stage], completed=done, total=total)

    try:
        yield show
    finally:
        if tasks:
            bars.stop()
