"""The command that checks a graph against its shapes."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads it
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from kg_rec.cli.common import hint, load, one_line, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology
    from kg_rec.validation import Finding, Report

__all__ = ["validate"]


class FindingFormat(StrEnum):
    """How findings are printed."""

    table = "table"
    json = "json"
    ttl = "ttl"


def validate(
    paths: Annotated[
        list[Path], typer.Argument(metavar="FILE...|MODEL", help="RDF files, or a model folder.")
    ],
    shapes: Annotated[
        list[Path] | None,
        typer.Option("--shapes", help="SHACL shapes to use instead of those that are built in."),
    ] = None,
    ontology: Annotated[
        list[str] | None,
        typer.Option("--ontology", help="A domain, as in movies: its shapes and class tree count."),
    ] = None,
    format: Annotated[FindingFormat, typer.Option("--format")] = FindingFormat.table,  # noqa: A002 - the option's name
) -> None:
    """Check a graph against its shapes (SHACL): what is wrong, where, and how to mend it.

    Exit code 1 if there is a violation. A model is checked against the vocabulary and its own
    ontology; a file against the vocabulary and what --ontology or --shapes names.
    """
    from kg_rec.ontology import Ontology  # noqa: PLC0415 - wrong usage is answered at once
    from kg_rec.validation import validate as check  # noqa: PLC0415

    graph, domain = _read(paths)
    if ontology:
        domain = Ontology.load(ontology)
    rules = Ontology.load(shapes).turtle if shapes else None
    report = check(graph, rules, domain)
    if format is FindingFormat.json:
        findings = [finding.to_dict() for finding in report.findings]
        print_json({"conforms": report.conforms, "findings": findings})
    elif format is FindingFormat.ttl:
        sys.stdout.write(report.rdf.serialize(format="turtle"))
    else:
        _print(report.findings)
    hint(_summary(report, len(graph)), quiet=False)
    if not report.conforms:
        raise typer.Exit(1)


def _read(paths: Sequence[Path]) -> tuple[KnowledgeGraph, Ontology | None]:
    """Return the graph of a model with its ontology, or that of some files."""
    from kg_rec.graph import KnowledgeGraph  # noqa: PLC0415

    if len(paths) == 1 and paths[0].is_dir():
        model = load(paths[0]).model
        return model.graph, model.ontology
    graphs = [
        KnowledgeGraph.read(path, resolve=f"file:///{quote(path.name)}", evidence=False)
        for path in paths
    ]
    return KnowledgeGraph.merged(graphs), None


def _summary(report: Report, triples: int) -> str:
    found, violations = len(report.findings), len(report.violations)
    counts = f"{violations:,} violations, {found - violations:,} warnings" if found else "conforms"
    return f"{triples:,} triples: {counts}"


def _print(findings: Sequence[Finding]) -> None:
    """Print each finding as lines that stay whole: where, what, how to mend it, which rule."""
    for finding in findings:
        sys.stdout.write(
            f"{finding.severity}: {one_line(str(finding))}\n"
            f"  path {finding.path or '-'}; rule {finding.rule}\n"
            f"  hint: {one_line(finding.hint)}\n"
        )
