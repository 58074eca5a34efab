"""The command ``kg-rec``: arguments, progress, output; no logic of its own.

Results go to standard output, all else to standard error. What computes is imported when a command
needs it, so that ``--help`` and wrong usage are answered at once.
"""

from __future__ import annotations

import sys
import warnings
from io import TextIOWrapper
from typing import Annotated, Any

import typer

from kg_rec import __version__
from kg_rec.cli import (
    ask,
    card,
    convert,
    entities,
    evaluate,
    extract,
    feedback,
    forms,
    graph,
    live,
    models,
    paths,
    privacy,
    report,
    serve,
    validate,
)
from kg_rec.cli.common import err_console
from kg_rec.errors import DataWarning, ExtractionWarning, KgRecError

__all__ = ["app", "main"]

app = typer.Typer(
    name="kg-rec",
    help="Recommendations from a knowledge graph; every score is an exact sum of named reasons.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


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


app.command(short_help="Read documents into statements.")(extract.extract)
app.command(short_help="Learn from examples how text says relations.")(forms.learn_forms)
app.command(short_help="Build the film demonstration and look at it.")(models.demo)
app.command(short_help="Write a kg-rec.toml with tiny example tables.")(models.init)
app.command(short_help="Build a model from tables, texts and RDF.")(models.build)
app.command(short_help="Print the best items for a user or a taste.")(models.recommend)
app.command(short_help="Print why an item has its score.")(models.explain)
app.command(short_help="Print the best paths between two nodes.")(paths.path)
app.command(short_help="Print why an item is in the list, or why not.")(paths.why)
app.command(short_help="Talk about a model in plain language.")(ask.ask)
app.command(short_help="Keep what a user says of items and reasons.")(feedback.feedback)
app.command(short_help="Write a report of recommendations.")(report.report)
app.command(short_help="Judge a model by data put aside.")(evaluate.evaluate)
app.command(short_help="Judge all scorers side by side.")(evaluate.compare)
app.command(short_help="Look for the settings that do best.")(evaluate.tune)
app.command(short_help="Write the card of a model: data, accuracy, limits.")(card.card)
app.command(short_help="Take events into a model.")(live.update)
app.command(short_help="Put new items into a model.")(live.add)
app.command(short_help="Take items out of a model.")(live.remove)
app.command(short_help="Learn again from all that a model was told.")(live.refresh)
app.command(short_help="Take a user out of a model.")(privacy.forget)
app.command(short_help="Write all that a model holds of a user.")(privacy.export_user)
app.command(short_help="Drop the events that are too old to be kept.")(privacy.expire)
app.command(short_help="Write the graph of a model as RDF.")(models.export)
app.command(short_help="Print which names were taken for the same thing.")(entities.entities)
app.command(short_help="Turn graphs of one format into another.")(convert.convert)
app.command(short_help="Print what is in a graph, or draw a part.")(graph.graph)
app.command(short_help="Ask the graph of a model by SPARQL.")(graph.sparql)
app.command(short_help="Serve a model over HTTP, with a page.")(serve.serve)
app.command(short_help="Check a graph against its shapes (SHACL).")(validate.validate)


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
        err_console.print(f"kg-rec: error: {message}", markup=False, soft_wrap=True)
        sys.exit(1)


def _show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    if issubclass(category, DataWarning | ExtractionWarning):
        err_console.print(f"kg-rec: warning: {message}", markup=False, soft_wrap=True)
