"""The command that serves a model over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from kg_rec.cli.common import Model  # noqa: TC001 - typer reads it

__all__ = ["serve"]

TOKEN = "KG_REC_TOKEN"  # noqa: S105 - the name of a variable

Journal = Annotated[
    Path | None,
    typer.Option(
        "--journal", help="Keeps changes that the folder does not hold yet; MODEL.journal."
    ),
]


def serve(  # noqa: PLR0913, PLR0917 - each is an option
    model: Model,
    host: Annotated[
        str, typer.Option("--host", help=f"Address; others than this machine's need {TOKEN}.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 is any that is free.")
    ] = 8000,
    journal: Journal = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Requests at once.")] = 4,
    rate: Annotated[
        int, typer.Option("--rate", min=1, help="Most requests a second of one address.")
    ] = 200,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, max=3600, help="Most seconds of a request.")
    ] = 10.0,
    max_body: Annotated[
        int, typer.Option("--max-body", min=1, max=1_000_000, help="Most bytes of a body.")
    ] = 1 << 19,
    sparql_timeout: Annotated[
        float, typer.Option("--sparql-timeout", min=0.1, max=3600, help="Most seconds of a query.")
    ] = 5.0,
    sparql_rows: Annotated[
        int, typer.Option("--sparql-rows", min=1, max=1_000_000, help="Most rows of a query.")
    ] = 1000,
    sparql_workers: Annotated[
        int,
        typer.Option("--sparql-workers", min=0, max=64, help="Processes for SPARQL; 0 is none."),
    ] = 1,
    watch: Annotated[
        float,
        typer.Option(
            "--watch", min=0, max=3600, help="Seconds between looks for a newer model; 0 is never."
        ),
    ] = 2.0,
    *,
    texts: Annotated[
        bool, typer.Option(help="Load what reads texts at the start, not with the first text.")
    ] = True,
) -> None:
    """Serve a model over HTTP, with a page at /; the log goes to standard error.

    Clients send the token in the environment variable KG_REC_TOKEN as "Authorization: Bearer …";
    without one only this machine may ask. SIGHUP reads the model again, SIGTERM ends after the
    requests that have begun.
    """
    try:
        from kg_rec.service import ServiceSettings  # noqa: PLC0415 - other commands do without
        from kg_rec.service import serve as run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise _missing(error) from None
    settings = ServiceSettings.model_validate(
        {
            "token": os.environ.get(TOKEN) or None,
            "threads": threads,
            "rate": rate,
            "timeout": timeout,
            "max_body": max_body,
            "sparql_timeout": sparql_timeout,
            "sparql_rows": sparql_rows,
            "sparql_workers": sparql_workers,
            "watch": watch,
            "texts": texts,
        }
    )
    kept = journal or model.resolve().with_name(f"{model.resolve().name}.journal")
    run(model, host=host, port=port, journal=kept, settings=settings)


def _missing(error: ModuleNotFoundError) -> Exception:
    from kg_rec.errors import MissingDependencyError  # noqa: PLC0415

    return MissingDependencyError(error.name or "fastapi", "serve", "kg-rec serve")
