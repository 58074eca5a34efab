"""Commands that judge a model by data that was put aside."""

from __future__ import annotations

import json
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kg_rec.cli.common import Quiet, hint, progress_bars

if TYPE_CHECKING:
    from kg_rec.evaluation.result import Evaluation

__all__ = ["compare", "evaluate", "tune"]


class Part(StrEnum):
    """What is judged."""

    test = "test"
    valid = "valid"


class Ablation(StrEnum):
    """What is taken away."""

    graph = "graph"


class ResultFormat(StrEnum):
    """How results are written."""

    table = "table"
    json = "json"
    html = "html"


Config = Annotated[
    Path,
    typer.Argument(
        metavar="CONFIG", help="The settings, a TOML file with a table [data]: train, test, graph."
    ),
]
Lengths = Annotated[
    list[int] | None, typer.Option("--k", "-k", min=1, help="Length of the lists; may be repeated.")
]
On = Annotated[
    Part | None, typer.Option("--on", help="The part to judge by; the test part by default.")
]
Format = Annotated[ResultFormat, typer.Option("--format", help="How the result is written.")]
ResultFile = Annotated[
    Path | None, typer.Option("--out", help="A file for the result, in place of standard output.")
]


def _numbers(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[1-9]\d*(,[1-9]\d*)*", value):
        msg = "expected numbers of events from 1, as in 1,2,5,10"
        raise typer.BadParameter(msg)
    return value


def evaluate(  # noqa: PLR0913 - an argument for each option
    config: Config,
    k: Lengths = None,
    on: On = None,
    lists: Annotated[
        Path | None, typer.Option("--lists", help="A file for the lists: user, item, rank, score.")
    ] = None,
    ablate: Annotated[
        Ablation | None,
        typer.Option("--ablate", help="Compare with a shuffled graph and with none."),
    ] = None,
    history: Annotated[
        str | None,
        typer.Option(
            "--history",
            metavar="N,N,...",
            callback=_numbers,
            help="Judge people who show so many events each: 1,2,5,10.",
        ),
    ] = None,
    format: Format = ResultFormat.table,  # noqa: A002 - the option's name
    out: ResultFile = None,
    *,
    explain: Annotated[
        bool, typer.Option("--explain", help="Judge the explanations, too.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Fit a model on training data, rank all that users have not had, judge by test data."""
    from kg_rec import evaluation, io  # noqa: PLC0415 - see kg_rec.cli

    if bool(ablate) + bool(history) + explain > 1:
        msg = "give one of --ablate, --history and --explain"
        raise typer.BadParameter(msg)
    with progress_bars(quiet=quiet) as progress:
        found = evaluation.evaluate(
            config,
            on=on and on.value,
            ks=k or (10, 20),
            ablate="graph" if ablate else None,
            history=[int(count) for count in (history or "").split(",") if count],
            explain=explain,
            progress=progress,
        )
    if lists is not None:
        io.write_file(lists, found.lists_tsv().encode())
        hint(f"wrote {lists}", quiet=quiet)
    write(found, format, out, quiet=quiet)


def compare(
    config: Config,
    k: Lengths = None,
    on: On = None,
    format: Format = ResultFormat.table,  # noqa: A002 - the option's name
    out: ResultFile = None,
    *,
    quiet: Quiet = False,
) -> None:
    """Judge all scorers side by side: popularity, what is liked together, content, the hybrid."""
    from kg_rec import evaluation  # noqa: PLC0415 - see kg_rec.cli

    with progress_bars(quiet=quiet) as progress:
        found = evaluation.compare(config, on=on and on.value, ks=k or (10, 20), progress=progress)
    write(found, format, out, quiet=quiet)


def write(found: Evaluation, kind: ResultFormat, out: Path | None, *, quiet: bool) -> None:
    """Write a result to a file, or print it."""
    from kg_rec import io  # noqa: PLC0415 - see kg_rec.cli

    text = rendered(found, kind)
    if out is None:
        sys.stdout.write(text)
    else:
        io.write_file(out, text.encode())
        hint(f"wrote {out}", quiet=quiet)


def rendered(found: Evaluation, kind: ResultFormat) -> str:
    """Return a result as text of some format."""
    if kind is ResultFormat.json:
        return json.dumps(found.to_dict(), ensure_ascii=False, indent=1) + "\n"
    return f"{found}\n" if kind is ResultFormat.table else found.to_page()


def tune(
    config: Config,
    budget: Annotated[
        str, typer.Option("--budget", metavar="TIME", help="For all trials: 90s, 10m, 1h.")
    ] = "10m",
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A TOML file for the settings, in place of standard output."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", help="An SQLite file that keeps the trials; goes on from it."),
    ] = None,
    trials: Annotated[int | None, typer.Option("--trials", min=1, help="Trials at most.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="NDCG at this length is maximised.")] = 10,
    *,
    quiet: Quiet = False,
) -> None:
    """Look for settings of ranking that do best on the validation part; write them as TOML."""
    from kg_rec import evaluation, io  # noqa: PLC0415 - see kg_rec.cli
    from kg_rec.evaluation.settings_file import with_ranking  # noqa: PLC0415
    from kg_rec.evaluation.tuning import budget_of  # noqa: PLC0415

    seconds = budget_of(budget)
    with progress_bars(quiet=quiet) as progress:
        found = evaluation.tune(
            config, budget=seconds, trials=trials, study=resume, k=k, progress=progress
        )
    hint(str(found), quiet=quiet)
    text = with_ranking(config, found.settings, Path() if out is None else out.parent)
    if out is None:
        sys.stdout.write(text)
    else:
        io.write_file(out, text.encode())
        hint(f"wrote {out}", quiet=quiet)
