"""The process that answers SPARQL; it holds the facts, and no personal data."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sys
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kg_rec.errors import DataError
from kg_rec.graph import KnowledgeGraph
from kg_rec.graph.sparql import Dataset, Solutions, results_csv, results_json
from kg_rec.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection

__all__ = ["Answer", "answer", "run"]

_JSON, _CSV = "application/sparql-results+json", "text/csv"
_TURTLE, _LINES = "text/turtle", "application/n-triples"
_ROWS = (_JSON, "application/json", _CSV)
_TRIPLES = (_TURTLE, _LINES)
_MEGABYTE = 1 << 20
_UPDATE = re.compile(
    r"(?:\s|#[^\n]*\n|PREFIX\s+[^\s<]*\s*<[^>]*>|BASE\s*<[^>]*>)*"
    r"(INSERT|DELETE|LOAD|CLEAR|CREATE|DROP|COPY|MOVE|ADD|WITH)\b",
    re.IGNORECASE,
)


class Answer(NamedTuple):
    """What a query found.

    Attributes:
        body: In the media type.
        media: The media type.
        more: Whether there is more than the limit.
    """

    body: bytes
    media: str
    more: bool


def run(into: Connection, out: Connection) -> None:
    """Answer the queries of a pipe until it is closed.

    Args:
        into: Gives the facts, most seconds of a query and most megabytes, then queries: text, media
            types, most rows.
        out: Takes ``"ready"``, then an ``Answer`` or (status, code, message) for each query.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal; the service ends us
    columns, seconds, megabytes = into.recv()
    dataset = Dataset(KnowledgeGraph(columns))
    dataset.answers("ASK {}")
    _limit_memory(megabytes)
    out.send("ready")
    with contextlib.suppress(EOFError, OSError):
        while True:
            query, accept, most = into.recv()
            _alarm(seconds)
            try:
                found: Any = answer(dataset, query, accept, most)
            except DataError as error:
                found = (400, "bad_query", str(error))
            except MemoryError:
                found = (422, "too_expensive", "the query took too much memory")
            except Exception:  # noqa: BLE001 - of Oxigraph, while rows are made
                found = (422, "bad_query", "the query cannot be evaluated")
            _alarm(0)
            out.send(found)


def _limit_memory(megabytes: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - POSIX

        most = megabytes * _MEGABYTE
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _alarm(seconds: float) -> None:
    """Have the system end this process after some seconds; 0 takes that back."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def answer(dataset: Dataset, query: str, accept: str, most: int) -> Answer | tuple[int, str, str]:
    """Return what a query finds in the media type that is wanted most.

    Raises:
        DataError: The query is broken.
    """
    if _UPDATE.match(query):
        message = "updates are not taken here: SELECT, ASK, CONSTRUCT or DESCRIBE"
        return 403, "read_only", message
    found = dataset.ask(query)
    offered = _ROWS if isinstance(found, Solutions | bool) else _TRIPLES
    media = _wanted(accept, offered)
    if media is None:
        return 406, "not_acceptable", f"expected Accept of one of {', '.join(offered)}"
    if isinstance(found, bool):
        return Answer(_truth(found, media), media, more=False)
    if isinstance(found, Solutions):
        rows, more = _first(found.rows, most)
        write = results_csv if media == _CSV else results_json
        return Answer(write(found.variables, rows).encode(), media, more)
    triples, more = _first(found, most)
    graph = KnowledgeGraph.from_statements(map(Statement, triples))
    return Answer(graph.serialize("ttl" if media == _TURTLE else "nt"), media, more)


def _first(rows: Iterator[Any], most: int) -> tuple[list[Any], bool]:
    kept = list(islice(rows, most))
    return kept, next(rows, None) is not None


def _truth(found: bool, media: str) -> bytes:  # noqa: FBT001 - the answer
    said = str(found).lower()
    return said.encode() if media == _CSV else f'{{"head": {{}}, "boolean": {said}}}'.encode()


def _wanted(accept: str, offered: Sequence[str]) -> str | None:
    """Return what is wanted most of what is offered (RFC 9110, 12.5.1); None if nothing is.

    Examples:
        >>> _wanted("text/csv;q=0.5, application/json", _ROWS), _wanted("", _ROWS)
        ('application/json', 'application/sparql-results+json')
        >>> _wanted("image/png", _ROWS)
    """
    ranges = [part.partition(";") for part in (accept or "*/*").lower().split(",")]
    wanted = {name.strip(): _quality(rest) for name, _, rest in ranges}

    def quality(media: str) -> float:
        of_kind = f"{media.partition('/')[0]}/*"
        return next((wanted[n] for n in (media, of_kind, "*/*") if n in wanted), 0.0)

    best = max(offered, key=quality)
    return best if quality(best) > 0 else None


def _quality(parameters: str) -> float:
    found = re.search(r"\bq\s*=\s*([0-9.]+)", parameters)
    try:
        return float(found[1]) if found else 1.0
    except ValueError:
        return 0.0


def _main() -> None:
    """Answer over standard input and output; nothing else may write to the latter."""
    from multiprocessing.connection import Connection  # noqa: PLC0415

    out = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    from kg_rec.service import query_process  # noqa: PLC0415, PLW0406 - what is sent is of it

    query_process.run(
        Connection(os.dup(sys.stdin.fileno()), writable=False), Connection(out, readable=False)
    )


if __name__ == "__main__":
    _main()
