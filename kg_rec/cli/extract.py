"""The command that reads documents into statements."""

from __future__ import annotations

from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated

import typer

from kg_rec.cli.common import Out, Quiet, err_console, hint, is_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["extract"]


class BadRows(StrEnum):
    """What is done with a document that cannot be read."""

    stop = "stop"
    drop = "drop"


def extract(  # noqa: PLR0913, PLR0917 - one for each option
    source: Annotated[
        Path, typer.Option("--in", help="The documents: .jsonl, .csv, .tsv or .parquet.")
    ],
    out: Out,
    ontology: Annotated[
        str | None,
        typer.Option(
            "--ontology",
            callback=is_text,
            help="What to look for: a Turtle file, or movies. Without it, open relations.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", callback=is_text, help="spaCy pipeline, by name or folder."),
    ] = None,
    lang: Annotated[
        str | None,
        typer.Option(
            "--lang", callback=is_text, help="Language of texts that do not say it, as in en."
        ),
    ] = None,
    base_iri: Annotated[
        str | None,
        typer.Option("--base-iri", callback=is_text, help="Where IRIs of new entities begin."),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 1,
    batch_size: Annotated[
        int, typer.Option("--batch-size", min=1, help="Texts the pipeline reads at once.")
    ] = 64,
    bad_rows: Annotated[
        BadRows, typer.Option("--bad-rows", help="Stop at a bad document, or leave it out.")
    ] = BadRows.stop,
    *,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where an earlier run of the same stopped.")
    ] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Write type and label of each new entity, too.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Read documents into statements: one JSON line each, with the passage that says so.

    A document has an id and a text, and may have lang, item (what it is about), title (the item's
    name) and user (who speaks). Lines are written beside the file, which is there when all are.
    """
    from kg_rec import io  # noqa: PLC0415 - see kg_rec.cli
    from kg_rec.config import Config  # noqa: PLC0415
    from kg_rec.ids import Iri  # noqa: PLC0415
    from kg_rec.ontology import Ontology  # noqa: PLC0415
    from kg_rec.text import extraction  # noqa: PLC0415
    from kg_rec.text.pipelines import known_languages  # noqa: PLC0415
    from kg_rec.text.reading import new_entities  # noqa: PLC0415

    base, codes = base_iri or extraction.BASE_IRI, known_languages()
    Config.parse({"base_iri": base}, "--base-iri")
    if lang is not None and lang not in codes:
        msg = f"{lang!r} is no language that spaCy has"
        raise typer.BadParameter(msg, param_hint="--lang")
    documents = io.read_documents(
        source, base_iri=base, drop=bad_rows is BadRows.drop, languages=codes
    )
    known = Ontology.load(ontology) if ontology else None
    recipe = extraction.Recipe(known, pipeline=model, language=lang, base_iri=base)
    file = io.StatementFile(out, [document.id for document in documents], resume=resume)
    if file.done:
        hint(f"{file.done:,} of {len(documents):,} documents are read already", quiet=quiet)
    found = extraction.find_all(documents, recipe, batch_size, workers, done=file.done)
    seen = {("", Iri(row["subject"])) for row in file.rows if row["extractor"] == "entity"}
    count = len(file.rows)
    with file.writing(), _bar(len(documents), file.done, quiet=quiet) as advance:
        for one in found:
            described = new_entities(one, seen) if names else ()
            count += file.write([*described, *one.statements])
            advance()
    hint(f"{out}: {count:,} statements of {len(documents):,} documents", quiet=quiet)


@contextmanager
def _bar(total: int, done: int, *, quiet: bool) -> Iterator[Callable[[], None]]:
    """Draw a bar on standard error with documents a second and the time left."""
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text  # noqa: PLC0415

    class Speed(TextColumn):
        """Documents a second."""

        def render(self, task: Task) -> Text:
            """Return the speed since the start."""
            speed = (task.completed - done) / (task.elapsed or 1)
            return Text(f"{speed:,.0f} docs/s")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Speed(""))
    bars = Progress(*columns, TimeRemainingColumn(), console=err_console, disable=quiet)
    with bars:
        task = bars.add_task("reading documents", total=total, completed=done)
        try:
            yield lambda: bars.advance(task)
        except KeyboardInterrupt:
            hint("stopped; the same with --resume goes on from here", quiet=quiet)
            raise
