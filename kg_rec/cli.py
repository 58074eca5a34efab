"""The command ``kg-rec``: arguments, progress, output; no logic of its own.

Results go to standard output, all else to standard error. What computes is imported when a command
needs it, so that ``--help`` and wrong usage are answered at once.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from kg_rec import __version__
from kg_rec import demo as demonstration
from kg_rec.errors import DataWarning, ExtractionWarning, KgRecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg_rec.building import Progress as ProgressCallback
    from kg_rec.explanations import Recommendation
    from kg_rec.profiles import Preference
    from kg_rec.recommender import Recommender

__all__ = ["app", "main"]

app = typer.Typer(
    name="kg-rec",
    help="Recommendations from a knowledge graph; every score is an exact sum of named reasons.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


class RdfFormat(StrEnum):
    """RDF formats of export: the keys of ``graph.FORMATS``."""

    ttl = "ttl"
    nt = "nt"
    jsonld = "jsonld"


class ListFormat(StrEnum):
    """How recommendations are printed."""

    table = "table"
    json = "json"


class ExplanationFormat(StrEnum):
    """How an explanation is printed."""

    text = "text"
    json = "json"
    html = "html"


def _is_text(value: str | None) -> str | None:
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
    str | None, typer.Option("--user", callback=_is_text, help="Id of a user of the model.")
]
Text = Annotated[
    str | None,
    typer.Option("--text", callback=_is_text, help='A taste, as in "I love heist films".'),
]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no hints.")]
Count = Annotated[int, typer.Option("-k", min=1, help="How many items.")]


def _show_version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"kg-rec {__version__}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda asked: _show_version(asked=asked),
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    """Recommendations from a knowledge graph; every score is an exact sum of named reasons."""


@app.command(short_help="Build the film demonstration and look at it.")
def demo(
    out: Annotated[Path, typer.Option("--out", help="The folder to write.")] = Path("demo"),
    taste: Annotated[str, typer.Option("--taste", help="Your taste.")] = demonstration.TASTE,
    *,
    quiet: Quiet = False,
) -> None:
    """Build the shipped film demonstration, print three people's top 10, write a report."""
    from kg_rec import bundle, io  # noqa: PLC0415 - see above
    from kg_rec.recommender import Recommender  # noqa: PLC0415

    bundle.check_free(out / "model")
    out.mkdir(parents=True, exist_ok=True)
    with _progress(quiet=quiet) as progress:
        model = Recommender.fit(config=demonstration.DEMO_CONFIG, progress=progress)
        model.save(out / "model")
        io.write_file(out / "graph.ttl", model.graph.serialize("ttl"))
        model.report(text=taste, out=out / "report.html")
    rated, told = demonstration.RATED_USER, demonstration.TOLD_USER
    _print_table(model.recommend(rated), f"For user {rated}, known by ratings")
    said = model.graph.documents[f"users/{told}"]
    _print_table(model.recommend(told), f"For user {told}, who said: {said}")
    _print_table(model.recommend(text=taste), f"For a taste just typed: {taste}")
    _hint(f"Open {out / 'report.html'}; the graph is {out / 'graph.ttl'}", quiet=quiet)


@app.command(short_help="Write a kg-rec.toml with tiny example tables.")
def init(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to write to.")],
) -> None:
    """Write a commented kg-rec.toml with tiny example tables, ready for build."""
    for path in demonstration.init(folder):
        _hint(f"wrote {path}", quiet=False)


@app.command(short_help="Build a model from tables, texts and RDF.")
def build(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The settings, a TOML file.")],
    out: Annotated[Path, typer.Option("--out", help="The model folder to write.")],
    *,
    quiet: Quiet = False,
) -> None:
    """Build a model from the tables, texts and RDF that a configuration names."""
    from kg_rec import bundle  # noqa: PLC0415
    from kg_rec.recommender import Recommender  # noqa: PLC0415

    bundle.check_free(out)
    with _progress(quiet=quiet) as progress:
        model = Recommender.fit(config=config, progress=progress)
        model.save(out)
    users, items = len(model.users), len(model.items)
    _hint(f"{out}: {items:,} items, {users:,} users, {len(model.graph):,} triples", quiet=quiet)


@app.command(short_help="Print the best items for a user or a taste.")
def recommend(
    model: Model,
    user: User = None,
    text: Text = None,
    k: Count = 10,
    format: Annotated[ListFormat, typer.Option("--format")] = ListFormat.table,  # noqa: A002 - the option's name
) -> None:
    """Print the best items for a user or a taste, with the strongest reason, or all as JSON."""
    _one_of(user, text)
    recommender = _load(model)
    found = recommender.recommend(user, text=text, k=k)
    if format is ListFormat.json:
        _print_json({"user": user, "items": [item.to_dict() for item in found]})
    else:
        _print_table(found, f"For: {text}" if user is None else f"For user {user}")
    if text is not None and (note := _note(recommender.read_taste(text), found)):
        _err.print(f"kg-rec: note: {note}", markup=False, soft_wrap=True)


@app.command(short_help="Print why an item has its score.")
def explain(
    model: Model,
    item: Annotated[str, typer.Option("--item", callback=_is_text, help="Id of the item.")],
    user: User = None,
    text: Text = None,
    format: Annotated[ExplanationFormat, typer.Option("--format")] = ExplanationFormat.text,  # noqa: A002 - the option's name
) -> None:
    """Print why an item has its score for a user or a taste: all terms, with evidence."""
    _one_of(user, text)
    recommender = _load(model)
    if format is ExplanationFormat.html:
        sys.stdout.write(recommender.report(user, text=text, item=item))
        return
    explanation = recommender.explain(item, user, text=text)
    if format is ExplanationFormat.json:
        _print_json({"user": user, "items": [explanation.to_dict()]})
        return
    from kg_rec.report import render_text  # noqa: PLC0415 - other commands do without templates

    sys.stdout.write(render_text(explanation) + "\n")


@app.command(short_help="Write an HTML page of recommendations.")
def report(model: Model, out: Out, user: User = None, text: Text = None, k: Count = 10) -> None:
    """Write a self-contained HTML page of recommendations and their reasons."""
    _one_of(user, text)
    _load(model).report(user, text=text, k=k, out=out)
    _hint(f"wrote {out}", quiet=False)


@app.command(short_help="Write the graph of a model as RDF.")
def export(
    model: Model,
    out: Out,
    format: Annotated[RdfFormat, typer.Option("--format")] = RdfFormat.ttl,  # noqa: A002 - the option's name
    *,
    users: Annotated[
        bool, typer.Option("--users", help="Write what users did and said, too (personal data).")
    ] = False,
) -> None:
    """Write the graph of a model as RDF: facts and learned links, and by choice the users."""
    from kg_rec import io  # noqa: PLC0415
    from kg_rec.statements import DERIVED, FACTS, USERS  # noqa: PLC0415

    graph = _load(model).graph.select([FACTS, DERIVED, USERS] if users else [FACTS, DERIVED])
    io.write_file(out, graph.serialize(format))
    _hint(f"wrote {out}: {len(graph):,} triples", quiet=False)


def main() -> None:
    """Run the command; expected errors are one line and exit code 1, wrong usage is 2."""
    warnings.showwarning = _show_warning
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8")  # names hold any letter, whatever the locale
    try:
        app()
    except (KgRecError, OSError) as error:
        message = " ".join(str(error).split())
        _err.print(f"kg-rec: error: {message}", markup=False, soft_wrap=True)
        sys.exit(1)


# --- inside ----------------------------------------------------------------------------------


def _load(model: Path) -> Recommender:
    from kg_rec.recommender import Recommender  # noqa: PLC0415

    return Recommender.load(model)


def _one_of(user: str | None, text: str | None) -> None:
    if (user is None) == (text is None):
        msg = "give either --user or --text"
        raise typer.BadParameter(msg)


def _note(said: Sequence[Preference], found: Sequence[Recommendation]) -> str | None:
    """Return what the reader of a list should know of the taste that it was made for."""
    if not said:
        return "no like or dislike was understood in the text; this is what is popular"
    used = {term.source.id for item in found for term in item.contributions}
    lost = [repr(p.label) for p in said if p.strength > 0 and p.entity not in used]
    return f"none of these items has to do with {', '.join(lost)}" if lost else None


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _print_table(found: Sequence[Recommendation], title: str) -> None:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text as Words  # noqa: PLC0415

    from kg_rec.report import group_reasons  # noqa: PLC0415 - other commands do without templates

    _out.print(_one_line(title), markup=False, soft_wrap=True)
    if not found:
        _out.print("nothing is left to recommend\n")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("item", style="bold")
    table.add_column("score", justify="right")
    table.add_column("strongest reason")
    for item in found:
        reason = next(
            (r.brief or r.text for r in group_reasons(item)), "nothing speaks for it or against it"
        )
        cells = (str(item.rank), item.label, f"{item.score:.3f}", reason)
        table.add_row(*(Words(_one_line(cell)) for cell in cells))
    with _out.capture() as drawn:
        _out.print(table)
    lines = (line.rstrip() for line in drawn.get().splitlines())
    sys.stdout.write("\n".join(lines) + "\n\n")


def _one_line(text: str) -> str:
    """Return a text without line breaks and control characters, which would steer the terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _hint(message: str, *, quiet: bool) -> None:
    if not quiet:
        _err.print(message, markup=False, soft_wrap=True)


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[ProgressCallback]:
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bars = Progress(*columns, TimeRemainingColumn(), console=_err, disable=quiet)
    tasks: dict[str, Any] = {}

    def show(stage: str, done: int, total: int) -> None:
        if stage not in tasks:
            bars.start()  # not before: a stopped display without bars leaves an empty line
            tasks[stage] = bars.add_task(stage, total=total)
        bars.update(tasks[stage], completed=done, total=total)

    try:
        yield show
    finally:
        if tasks:
            bars.stop()


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, DataWarning | ExtractionWarning):
        _err.print(f"kg-rec: warning: {message}", markup=False, soft_wrap=True)
