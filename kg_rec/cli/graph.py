"""Commands that ask and look at the graph of a model."""

from __future__ import annotations

import sys
import threading
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from kg_rec.cli.common import Model, hint, is_text, load, print_json, print_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.graph.sparql import Solutions
    from kg_rec.graph.statistics import Statistics
    from kg_rec.ids import Term
    from kg_rec.recommender import Recommender
    from kg_rec.statements import Triple

__all__ = ["graph", "sparql"]

_T = TypeVar("_T")
ROWS = 1000
"""Most rows of a printed table, unless told otherwise."""


class StatisticsFormat(StrEnum):
    """How statistics are printed."""

    table = "table"
    json = "json"


class ResultFormat(StrEnum):
    """How results of SPARQL are printed."""

    table = "table"
    json = "json"
    csv = "csv"
    ttl = "ttl"
    nt = "nt"


def graph(
    model: Model,
    around: Annotated[
        str | None,
        typer.Option(
            "--around",
            metavar="ENTITY",
            callback=is_text,
            help="Draw what is around a node: its IRI, label, or the id of an item.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The drawing to write: .html or .svg.")
    ] = None,
    format: Annotated[StatisticsFormat, typer.Option("--format")] = StatisticsFormat.table,  # noqa: A002 - the option's name
    *,
    users: Annotated[
        bool, typer.Option("--users", help="Draw what users did and said, too (personal data).")
    ] = False,
) -> None:
    """Print what is in the graph of a model, or draw what is around a node."""
    if (around is None) != (out is None):
        msg = "--around and --out belong together"
        raise typer.BadParameter(msg)
    if out is not None and out.suffix.lower() not in _DRAWN:
        msg = f"--out: {str(out)!r} ends in neither .html nor .svg"
        raise typer.BadParameter(msg)
    recommender = load(model)
    if around is not None and out is not None:
        _draw(recommender, around, out, users=users)
        return
    from kg_rec.graph.statistics import statistics  # noqa: PLC0415

    found = statistics(recommender.graph, [item.iri for item in recommender.items])
    if format is StatisticsFormat.json:
        print_json(found.to_dict())
    else:
        _print_statistics(found)


_DRAWN = (".html", ".htm", ".svg")


def _draw(recommender: Recommender, name: str, out: Path, *, users: bool) -> None:
    from kg_rec import io  # noqa: PLC0415
    from kg_rec.report.neighbourhood_drawing import render_neighbourhood  # noqa: PLC0415

    found = recommender.around(name, users=users)
    drawn = render_neighbourhood(found, page=out.suffix.lower() != ".svg")
    io.write_file(out, drawn.encode())
    hint(f"wrote {out}: {found.links:,} links of {found.label}", quiet=False)


def _print_statistics(found: Statistics) -> None:
    """Print statistics as lines and tables."""
    degrees, items = found.degrees, found.coverage
    parts = ", ".join(f"{name} {count:,}" for name, count in found.parts.items())
    read = f"{found.passages:,} passages of {found.documents:,} texts"
    joined = f"{degrees.components:,} components, the largest of {degrees.largest:,}"
    known = f"({items.facts_each:g} each), {items.evidence:,} have facts read in texts"
    lines = [
        f"{found.triples:,} triples ({parts})",
        f"{found.nodes:,} nodes, {found.literals:,} literals",
        f"{found.evidence:,} triples read in texts: {read}",
        f"{degrees.links:,} links among facts join {degrees.nodes:,} nodes; {joined}",
        f"links of a node: median {degrees.median:g}, mean {degrees.mean:g}, most {degrees.most:,}",
        f"{items.facts:,} of {items.items:,} items have facts {known}, {items.liked:,} have users",
    ]
    sys.stdout.write("\n".join(lines) + "\n\n")
    print_rows(
        ["class", "nodes"], [(c.label, f"{c.nodes:,}") for c in found.classes], empty="no classes"
    )
    sys.stdout.write("\n")
    titles = ["relation", "triples", "subjects", "objects", "read in texts"]
    rows = [(r.label, *(f"{number:,}" for number in r[2:])) for r in found.relations]
    print_rows(titles, rows, empty="no relations")
    sys.stdout.write("\n")
    busiest = [(name, f"{count:,}") for name, count in degrees.busiest]
    print_rows(["most linked", "links"], busiest, empty="no links")


def sparql(
    model: Model,
    query: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", callback=is_text, help="SPARQL 1.1; @FILE reads a file, - the input."
        ),
    ],
    format: Annotated[  # noqa: A002 - the option's name
        ResultFormat | None,
        typer.Option(
            "--format",
            help="table, json or csv for SELECT and ASK; ttl or nt for CONSTRUCT and DESCRIBE.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help=f"Most rows; {ROWS:,} in a table, else all."),
    ] = None,
    timeout: Annotated[
        float, typer.Option("--timeout", min=0.1, help="Most seconds that the query may take.")
    ] = 60.0,
    recommendations: Annotated[
        int | None,
        typer.Option(
            "--recommendations",
            min=1,
            help="Ask over the best so many items of each user, too, with their reasons.",
        ),
    ] = None,
    *,
    users: Annotated[
        bool,
        typer.Option(
            "--users", help="Ask over what users did and said, too (personal data), as they are."
        ),
    ] = False,
) -> None:
    """Ask the graph of a model by SPARQL 1.1; nothing is changed, no other server is asked.

    The default graph holds all but, unless asked for, what users did and said. Named graphs:
    <https://w3id.org/kg-rec/graph/facts>, …/users, …/derived, …/evidence, …/recommendations.
    """
    text = _query(query)
    recommender = load(model)
    graph = recommender.export_graph(users=users, real_ids=True)
    if recommendations:
        graph = _with_recommendations(recommender, recommendations)
    if format in {None, ResultFormat.table} and limit is None:
        limit = ROWS
    found, more = _within(timeout, lambda: _found(graph, text, limit))
    _print(found, format)
    if more:
        hint(f"these are the first {limit:,}; there are more (--limit)", quiet=False)


def _query(given: str) -> str:
    """Return the query of an argument, a file or the input."""
    if given != "-" and not given.startswith("@"):
        return given
    name = given[1:]
    try:
        return Path(name).read_text(encoding="utf-8") if name else sys.stdin.read()
    except UnicodeDecodeError:
        raise _error(f"{name or 'the input'}: not UTF-8") from None
    except OSError as error:
        raise _error(f"{name}: cannot be read: {error.strerror}") from None


def _error(message: str) -> Exception:
    from kg_rec.errors import DataError  # noqa: PLC0415

    return DataError(message)


def _with_recommendations(recommender: Recommender, k: int) -> KnowledgeGraph:
    """Return the graph with the best items of all users and their reasons in it."""
    from kg_rec.graph import KnowledgeGraph  # noqa: PLC0415

    lists = (
        recommender.to_rdf(recommender.recommend(user, k=k), user, real_ids=True)
        for user in recommender.users
    )
    return KnowledgeGraph.merged([recommender.graph, *lists])


def _found(graph: KnowledgeGraph, query: str, limit: int | None) -> tuple[Any, bool]:
    """Return what a query finds, and whether there is more than the limit."""
    from kg_rec.graph.sparql import Solutions  # noqa: PLC0415

    found = graph.dataset.ask(query)
    if isinstance(found, bool):
        return found, False
    rows: Iterator[Any] = found.rows if isinstance(found, Solutions) else found
    kept = list(islice(rows, limit))
    more = limit is not None and next(rows, None) is not None
    return (found._replace(rows=iter(kept)) if isinstance(found, Solutions) else kept), more


def _within(seconds: float, work: Callable[[], _T]) -> _T:
    """Return what some work gives, if it is done in time; the process must end otherwise."""
    done: list[_T] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(work())
        except Exception as error:  # noqa: BLE001 - raised where it is awaited
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise _error(f"SPARQL query: not answered within {seconds:g} s (--timeout)")
    return done[0]


def _print(found: Any, format_: ResultFormat | None) -> None:
    """Print what a query found in a format that fits it."""
    is_graph = isinstance(found, list)
    fitting = {ResultFormat.ttl, ResultFormat.nt} if is_graph else set(ResultFormat) - _GRAPHS
    if format_ is None:
        format_ = ResultFormat.ttl if is_graph else ResultFormat.table
    if format_ not in fitting:
        kind = "CONSTRUCT and DESCRIBE" if is_graph else "SELECT and ASK"
        names = ", ".join(sorted(fitting))
        raise _error(f"format {str(format_)!r} is not one of {kind}; these have {names}")
    if isinstance(found, list):
        _print_triples(found, format_)
    elif isinstance(found, bool):
        _print_truth(found, format_)
    else:
        _print_rows(found, format_)


_GRAPHS = {ResultFormat.ttl, ResultFormat.nt}


def _print_triples(triples: list[Triple], format_: ResultFormat) -> None:
    from kg_rec.graph import KnowledgeGraph  # noqa: PLC0415
    from kg_rec.statements import Statement  # noqa: PLC0415

    graph = KnowledgeGraph.from_statements(map(Statement, triples))
    sys.stdout.write(graph.serialize(format_).decode())


def _print_truth(found: bool, format_: ResultFormat) -> None:  # noqa: FBT001 - the answer
    if format_ is ResultFormat.json:
        print_json({"head": {}, "boolean": found})
    else:
        sys.stdout.write(f"{str(found).lower()}\n")


def _print_rows(found: Solutions, format_: ResultFormat) -> None:
    from kg_rec.graph.sparql import results_csv, results_json  # noqa: PLC0415

    if format_ is ResultFormat.json:
        sys.stdout.write(results_json(*found) + "\n")
    elif format_ is ResultFormat.csv:
        sys.stdout.write(results_csv(*found))
    else:
        rows = [[_shown(term) for term in row] for row in found.rows]
        print_rows(found.variables, rows, empty="nothing is found")


def _shown(term: Term | None) -> str:
    """Return a term as people write it: IRIs with prefixes, literals by their value."""
    from kg_rec.graph.exchange import short_name  # noqa: PLC0415
    from kg_rec.ids import Literal  # noqa: PLC0415

    if term is None:
        return ""
    return term.value if isinstance(term, Literal) else short_name(term)
