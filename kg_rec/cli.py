"""The command ``kg-rec``: arguments, progress, output; no logic of its own."""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from kg_rec import demo as demonstration
from kg_rec import io
from kg_rec.errors import DataWarning, ExtractionWarning, KgRecError
from kg_rec.recommender import Recommender

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.building import Progress as ProgressCallback
    from kg_rec.explanations import Recommendation

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


Model = Annotated[Path, typer.Argument(help="A model folder, as build and demo write it.")]
User = Annotated[str | None, typer.Option("--user", help="Id of a user of the model.")]
Text = Annotated[str | None, typer.Option("--text", help="A taste in the first person.")]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no hints.")]
Count = Annotated[int, typer.Option("-k", min=1, help="How many items.")]


@app.command()
def demo(
    out: Annotated[Path, typer.Option("--out", help="The folder to write.")] = Path("demo"),
    taste: Annotated[str, typer.Option("--taste", help="Your taste.")] = demonstration.TASTE,
    *,
    quiet: Quiet = False,
) -> None:
    """Build the shipped film demonstration, print three people's top 10, write a report."""
    with _progress(quiet=quiet) as progress:
        model = Recommender.fit(config=demonstration.DEMO_CONFIG, progress=progress)
        out.mkdir(parents=True, exist_ok=True)
        model.save(out / "model")
        io.write_file(out / "graph.ttl", model.graph.serialize("ttl"))
        model.report(text=taste, out=out / "report.html")
    rated, told = demonstration.RATED_USER, demonstration.TOLD_USER
    _print_table(model.recommend(rated), f"For user {rated}, known by ratings")
    said = model.graph.documents[f"users/{told}"]
    _print_table(model.recommend(told), f"For user {told}, who said: {said}")
    _print_table(model.recommend(text=taste), f"For a taste just typed: {taste}")
    _hint(f"Open {out / 'report.html'}; the graph is {out / 'graph.ttl'}", quiet=quiet)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="The folder to write to.")]) -> None:
    """Write a commented kg-rec.toml with tiny example tables, ready for build."""
    for path in demonstration.init(folder):
        _out.print(f"wrote {path}", markup=False)


@app.command()
def build(
    config: Annotated[Path, typer.Argument(help="The settings, a TOML file.")],
    out: Annotated[Path, typer.Option("--out", help="The model folder to write.")],
    *,
    quiet: Quiet = False,
) -> None:
    """Build a model from the tables, texts and RDF that a configuration names."""
    with _progress(quiet=quiet) as progress:
        model = Recommender.fit(config=config, progress=progress)
        model.save(out)
    users, items = len(model.users), len(model.items)
    _hint(f"{out}: {items:,} items, {users:,} users, {len(model.graph):,} triples", quiet=quiet)


@app.command()
def recommend(
    model: Model,
    user: User = None,
    text: Text = None,
    k: Count = 10,
    format: Annotated[ListFormat, typer.Option("--format")] = ListFormat.table,  # noqa: A002 - the option's name
) -> None:
    """Print the best items for a user or a taste, with the strongest reason, or all as JSON."""
    _one_of(user, text)
    recommender = Recommender.load(model)
    found = recommender.recommend(user, text=text, k=k)
    if format is ListFormat.json:
        _print_json({"user": user, "items": [item.to_dict() for item in found]})
        return
    _print_table(found, f"For user {user}" if user else f"For: {text}")
    if text and not recommender.read_taste(text):
        _err.print("note: no like or dislike was understood in the text; this is what is popular")


@app.command()
def explain(
    model: Model,
    item: Annotated[str, typer.Option("--item", help="Id of the item.")],
    user: User = None,
    text: Text = None,
    format: Annotated[ExplanationFormat, typer.Option("--format")] = ExplanationFormat.text,  # noqa: A002 - the option's name
) -> None:
    """Print why an item has its score for a user or a taste: all terms, with evidence."""
    _one_of(user, text)
    recommender = Recommender.load(model)
    if format is ExplanationFormat.html:
        sys.stdout.write(recommender.report(user, text=text, item=item))
        return
    explanation = recommender.explain(item, user, text=text)
    if format is ExplanationFormat.json:
        _print_json({"user": user, "items": [explanation.to_dict()]})
        return
    from kg_rec.report import render_text  # noqa: PLC0415 - other commands do without templates

    sys.stdout.write(render_text(explanation) + "\n")


@app.command()
def report(model: Model, out: Out, user: User = None, text: Text = None, k: Count = 10) -> None:
    """Write a self-contained HTML page of recommendations and their reasons."""
    _one_of(user, text)
    Recommender.load(model).report(user, text=text, k=k, out=out)
    _out.print(f"wrote {out}", markup=False)


@app.command()
def export(
    model: Model,
    out: Out,
    format: Annotated[RdfFormat, typer.Option("--format")] = RdfFormat.ttl,  # noqa: A002 - the option's name
) -> None:
    """Write the graph of a model as RDF."""
    graph = Recommender.load(model).graph
    io.write_file(out, graph.serialize(format))
    _out.print(f"wrote {out}: {len(graph):,} triples", markup=False)


def main() -> None:
    """Run the command; expected errors are one line and exit code 1, wrong usage is 2."""
    warnings.showwarning = _show_warning
    try:
        app()
    except KgRecError as error:
        _err.print(f"kg-rec: error: {error}", markup=False, soft_wrap=True)
        sys.exit(1)
    except OSError as error:
        _err.print(f"kg-rec: error: {error}", markup=False, soft_wrap=True)
        sys.exit(1)


# --- inside ----------------------------------------------------------------------------------


def _one_of(user: str | None, text: str | None) -> None:
    if (user is None) == (text is None):
        msg = "give either --user or --text"
        raise typer.BadParameter(msg)


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def _print_table(found: list[Recommendation], title: str) -> None:
    from kg_rec.report import group_reasons  # noqa: PLC0415 - other commands do without templates

    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("item", style="bold")
    table.add_column("score", justify="right")
    table.add_column("strongest reason")
    for item in found:
        reason = group_reasons(item)[0]
        table.add_row(str(item.rank), escape(item.label), f"{item.score:.3f}", escape(reason.text))
    _out.print(table)
    _out.print()


def _hint(message: str, *, quiet: bool) -> None:
    if not quiet:
        _out.print(message, markup=False, soft_wrap=True)


@contextlib.contextmanager
def _progress(*, quiet: bool) -> Iterator[ProgressCallback]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=_err, disable=quiet) as bars:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, DataWarning | ExtractionWarning):
        _err.print(f"kg-rec: warning: {message}", markup=False, soft_wrap=True)
