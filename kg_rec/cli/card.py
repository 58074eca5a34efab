"""The command that writes the card of a model."""

from __future__ import annotations

import difflib
import json
import sys
import tomllib
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg_rec.cli.common import Model, Quiet, hint, load, progress_bars
from kg_rec.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg_rec.io import Table

__all__ = ["card"]

_IDS = ("user_id", "user", "id")


class CardFormat(StrEnum):
    """How a card is written: ``kg_rec.report.card.FORMATS``."""

    md = "md"
    html = "html"
    json = "json"


def card(
    model: Model,
    format: Annotated[  # noqa: A002 - the option's name
        CardFormat, typer.Option("--format", help="How the card is written.")
    ] = CardFormat.md,
    out: Annotated[
        Path | None, typer.Option("--out", help="A file, in place of standard output.")
    ] = None,
    evaluate: Annotated[
        Path | None,
        typer.Option(
            "--evaluate",
            metavar="CONFIG",
            help="Evaluate this configuration, with the graph, a shuffled one and none.",
        ),
    ] = None,
    evaluation: Annotated[
        Path | None,
        typer.Option(
            "--evaluation", metavar="FILE", help="What kg-rec evaluate --format json has written."
        ),
    ] = None,
    users: Annotated[
        Path | None,
        typer.Option("--users", help="A table of users: accuracy by each of its columns, too."),
    ] = None,
    notes: Annotated[
        Path | None,
        typer.Option(
            "--notes", help="A TOML file of what only you can say: owner, contact, intended_use, …"
        ),
    ] = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Write what a model is made from, how well it does, for whom it does worse, and its limits.

    Accuracy by group, and all of it without an evaluation, comes from a check from within: a fifth
    of the model's own likes is put aside, and what is learned from events is learned again.
    """
    if evaluate is not None and evaluation is not None:
        msg = "give either --evaluate or --evaluation"
        raise typer.BadParameter(msg)
    from kg_rec import io  # noqa: PLC0415 - see kg_rec.cli
    from kg_rec.evaluation.card import model_card  # noqa: PLC0415
    from kg_rec.report.card import render_card  # noqa: PLC0415

    owner = {} if notes is None else _notes(notes)
    judged = None if evaluation is None else _evaluation(evaluation)
    table, key = (None, "") if users is None else _users(users)
    recommender = load(model)
    if evaluate is not None:
        judged = _evaluated(evaluate, quiet=quiet)
    name = model.resolve().name
    found = model_card(recommender, name=name, evaluation=judged, users=table, key=key, notes=owner)
    text = render_card(found, format)
    if out is None:
        sys.stdout.write(text)
    else:
        io.write_file(out, text.encode())
        hint(f"wrote {out}", quiet=quiet)


def _evaluated(config: Path, *, quiet: bool) -> dict[str, Any]:
    """Evaluate a configuration; without a graph if it has none."""
    from kg_rec import evaluation  # noqa: PLC0415 - see kg_rec.cli
    from kg_rec.evaluation.ablation import has_facts  # noqa: PLC0415

    data = evaluation.load_data(config)
    with progress_bars(quiet=quiet) as progress:
        found = evaluation.evaluate(
            data, ablate="graph" if has_facts(data) else None, progress=progress
        )
        return found.to_dict()


def _evaluation(file: Path) -> Mapping[str, Any]:
    """Read what ``kg-rec evaluate --format json`` wrote."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise DataError(f"{file}: not JSON: {error}") from None
    needed = {"data", "part", "users", "candidates", "runs", "comparisons"}
    if not (isinstance(found, dict) and needed <= found.keys() and found["runs"]):
        raise DataError(f"{file}: expected what 'kg-rec evaluate --format json' writes")
    return found


def _users(file: Path) -> tuple[Table, str]:
    """Read a table of users, and find its column of ids."""
    from kg_rec.evaluation.tables import read_items  # noqa: PLC0415 - see kg_rec.cli

    table = read_items(file)
    key = next((name for name in _IDS if name in table.columns), None)
    if key is None:
        there = ", ".join(map(repr, table.columns))
        raise DataError(f"{file}: no column 'user_id' of user ids; columns: {there}")
    return table, key


def _notes(file: Path) -> dict[str, str]:
    """Read the owner's notes."""
    from kg_rec.report.card import NOTES  # noqa: PLC0415 - see kg_rec.cli

    try:
        found = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise ConfigError(f"{file}: not TOML: {error}") from None
    for key, value in found.items():
        if key not in NOTES:
            close = difflib.get_close_matches(key, NOTES, n=1)
            tip = f"did you mean {close[0]!r}?" if close else f"known keys: {', '.join(NOTES)}"
            raise ConfigError(f"{file}: unknown key {key!r}; {tip}")
        if not isinstance(value, str):
            raise ConfigError(f"{file}: {key!r}: expected text, found {value!r}")
    return found
