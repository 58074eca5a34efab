"""The command that turns graphs of one format into another."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from kg_rec.cli.common import Quiet, hint, is_text

__all__ = ["convert"]

_READ = "ttl, nt, nq, trig, jsonld, rdf, n3, tsv, edges, recbole, hdt"
_WRITTEN = "ttl, nt, nq, trig, jsonld, rdf, tsv, pykeen, graphml, gexf, neo4j, recbole"


def convert(  # noqa: PLR0913 - one parameter an option
    files: Annotated[list[Path], typer.Argument(metavar="IN…", help="Files, also packed.")],
    out: Annotated[
        Path, typer.Option("--out", help="The file to write; a folder for neo4j, recbole.")
    ],
    from_: Annotated[
        str | None,
        typer.Option("--from", help=f"Format of IN, if its name does not tell: {_READ}."),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        str | None, typer.Option("--format", help=f"Format of OUT, if not told: {_WRITTEN}.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            help="What is written of evidence: plain (nothing), evidence (RDF 1.1), rdf12."
            " Without it triples about triples stay as they are.",
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option("--base", callback=is_text, help="What relative IRIs and names are below."),
    ] = None,
    languages: Annotated[
        list[str] | None,
        typer.Option("--language", help="Keep texts of this language only (repeat for more)."),
    ] = None,
    *,
    same_as: Annotated[
        bool, typer.Option("--merge-same", help="Make one node of those linked by owl:sameAs.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Convert graphs between formats; several IN become one OUT."""
    from kg_rec.graph.knowledge_graph import (  # noqa: PLC0415 - --help does without it
        BASE_IRI,
        KnowledgeGraph,
    )

    below = base or BASE_IRI
    graph = KnowledgeGraph.read(
        *files, format=from_, resolve=base, part="", evidence=profile is not None, base_iri=below
    )
    if same_as:
        graph = graph.merge_same()
    if languages:
        graph = graph.only_languages(languages)
    graph.write(out, format, profile or "plain", base_iri=below)
    hint(f"wrote {out}: {len(graph):,} triples", quiet=quiet)
