"""A graph from a SPARQL 1.1 server and to one: page by page, whole or not at all.

Reading. Each graph of the server is counted, read in pages of its sorted triples, and counted
again: what is read must be as much as both counts say. Triples with blank nodes are read in one
request, because their labels hold in one answer only.

Writing. Triples go into graphs of passing names first, in pages; each request can be made twice
without harm. When all are there, one update puts them where they belong, and a last one drops the
passing graphs. If anything fails before, the server's graphs are as they were.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import uuid
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph as ox

from kg_rec.errors import DataError, EndpointError
from kg_rec.graph.reading import read_columns
from kg_rec.graph.writing import quads_of
from kg_rec.ids import SKOLEM
from kg_rec.io.endpoint import Endpoint
from kg_rec.io.formats import FORMATS, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg_rec.graph.columns import Columns

__all__ = ["read_endpoint", "write_endpoint"]

_STAGING = "https://w3id.org/kg-rec/graph/staging/"
_PATTERN = "?s ?p ?o"
_BLANK = "(isBlank(?s) || isBlank(?o))"
_COUNT = f"SELECT (COUNT(*) AS ?n) (SUM(IF({_BLANK}, 1, 0)) AS ?b) {{{{ {{}} }}}}"

_CHECK = "SELECT (COUNT(*) AS ?n) (SUM(IF(isLiteral(?o), 0, 1)) AS ?m)"
_CHECK += " {{ {} {{ ?s ?p ?o }} }}"


# --- reading -------------------------------------------------------------------------------------


def read_endpoint(endpoint: str | Endpoint, graphs: Iterable[str] | None, part: str) -> Columns:
    """Read graphs of a server; see ``KnowledgeGraph.from_endpoint``."""
    with _opened(endpoint) as server:
        lines = b"".join(_Reader(server).lines(graphs))
        source = Source(_path(server), FORMATS["nq"], lines)
        return read_columns([source], base_iri=_STAGING, resolve=None, part=part, evidence=True)


def _opened(endpoint: str | Endpoint) -> Endpoint:
    return Endpoint(endpoint) if isinstance(endpoint, str) else endpoint


def _path(server: Endpoint) -> Any:
    """Return what messages and extractors call the source: host and path."""
    return _Name(re.sub(r"^\w+://|\?.*", "", server.url))


class _Name(str):
    """A name where a path is expected."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name itself."""
        return str(self)


class _Size(NamedTuple):
    """How many triples a graph has, and how many of these have blank nodes."""

    all: int
    blank: int


class _Reader:
    """Reads graphs of a server as N-Quads."""

    def __init__(self, server: Endpoint) -> None:
        self._server = server

    def lines(self, graphs: Iterable[str] | None) -> Iterator[bytes]:
        """Yield the lines of some graphs, or of all; ``""`` is the default graph."""
        patterns = self._patterns(None if graphs is None else list(graphs))
        sizes = {name: self._size(pattern) for name, pattern in patterns.items()}
        for name, pattern in patterns.items():
            yield from self._pages(name, pattern, sizes[name])
        if any(size.blank for size in sizes.values()):
            yield from self._blank(patterns, sum(size.blank for size in sizes.values()))
        for name, pattern in patterns.items():
            self._compare(name, sizes[name], self._size(pattern))

    def _patterns(self, graphs: list[str] | None) -> dict[str, str]:
        """Return what finds the triples of each graph."""
        rows = self._server.select(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ {_PATTERN} }} }}")
        there = sorted(g.value for (g,) in rows if isinstance(g, ox.NamedNode))
        there = [name for name in there if not name.startswith(_STAGING)]
        if graphs is None:
            graphs = ["", *there]
        missing = sorted(set(graphs) - {"", *there})
        if missing:
            known = ", ".join(there) or "none"
            raise DataError(f"{_path(self._server)}: no graph {missing[0]!r}; known: {known}")
        patterns = {name: f"GRAPH {_iri(name)} {{ {_PATTERN} }}" for name in graphs if name}
        if "" in graphs:
            patterns[""] = self._default(named=bool(there))
        return patterns

    def _default(self, *, named: bool) -> str:
        """Return what finds the default graph, without the others where it holds all of them."""
        inside = f"FILTER NOT EXISTS {{ GRAPH ?h {{ {_PATTERN} }} }}"
        apart = f"ASK {{ GRAPH ?h {{ {_PATTERN} }} FILTER NOT EXISTS {{ {_PATTERN} }} }}"
        union = named and not self._server.ask(apart)
        return f"{_PATTERN} {inside}" if union else _PATTERN

    def _size(self, pattern: str) -> _Size:
        ((count, blank),) = self._server.select(_COUNT.format(pattern))
        return _Size(int(count.value), int(blank.value) if blank is not None else 0)

    def _pages(self, name: str, pattern: str, size: _Size) -> Iterator[bytes]:
        """Yield the triples without blank nodes, in order."""
        got, wanted, page = 0, size.all - size.blank, self._server.page
        where = f"{pattern} FILTER(!{_BLANK})"
        while got < wanted:
            rows = self._server.select(
                f"SELECT ?s ?p ?o {{ {where} }} ORDER BY ?s ?p ?o LIMIT {page} OFFSET {got}"
            )
            if not rows:
                self._compare(name, size, _Size(got + size.blank, size.blank))
            got += len(rows)
            yield from self._written([(*row, name) for row in rows])
        self._compare(name, size, _Size(got + size.blank, size.blank))

    def _blank(self, patterns: dict[str, str], count: int) -> Iterator[bytes]:
        """Yield the triples with blank nodes, of all graphs in one request."""
        names = list(patterns)
        parts = [
            f"{{ {pattern} FILTER{_BLANK} BIND({number} AS ?number) }}"
            for number, pattern in enumerate(patterns.values())
        ]
        rows = self._server.select(f"SELECT ?s ?p ?o ?number {{ {' UNION '.join(parts)} }}")
        if len(rows) != count:
            self._compare("with blank nodes", _Size(count, count), _Size(len(rows), len(rows)))
        yield from self._written([(s, p, o, names[int(n.value)]) for s, p, o, n in rows])

    def _written(self, rows: Sequence[tuple[Any, ...]]) -> Iterator[bytes]:
        for s, p, o, name in rows:
            end = f"{_iri(name)} .\n" if name else ".\n"
            yield f"{s} {p} {o} {end}".encode()

    def _compare(self, name: str, wanted: _Size, found: _Size) -> None:
        if wanted != found:
            raise EndpointError(
                f"{_path(self._server)}: graph {name or 'default'}: {wanted.all:,} triples were"
                f" promised, {found.all:,} found: it was changed, or the answer is not whole"
            )


def _iri(name: str) -> str:
    return str(ox.NamedNode(name))


# --- writing -------------------------------------------------------------------------------------


def write_endpoint(
    columns: Columns, endpoint: str | Endpoint, profile: str, *, replace: bool
) -> int:
    """Write a graph to a server; see ``KnowledgeGraph.to_endpoint``."""
    quads = quads_of(columns, profile, named=True)
    tokens = [_in_sparql(token) for token in quads.tokens]
    with _opened(endpoint) as server:
        writer = _Writer(server, [_target(name) for name in quads.graphs])
        try:
            writer.stage(tokens, quads.codes.tolist())
            writer.finish(replace=replace)
        except BaseException:
            with dataclasses.replace(server, tries=1) as once, contextlib.suppress(EndpointError):
                writer.drop(once)
            raise
        writer.drop(server)
    return len(quads.codes)


def _target(token: bytes) -> str:
    """Return the name of a graph in an update; a blank node gets a global name."""
    if not token:
        return "DEFAULT"
    text = token.decode()
    return f"GRAPH <{SKOLEM}{text[2:]}>" if text.startswith("_:") else f"GRAPH {text}"


_PAIR = re.compile(rb"\\\\([uU])|\\.", re.DOTALL)


def _in_sparql(token: bytes) -> str:
    r"""Return a term of N-Triples for an update.

    SPARQL reads ``\u0041`` before anything else (section 19.2), so ``\\u0041``, a backslash and a
    few letters in N-Triples, is written with the ``u`` as an escape.

    Examples:
        >>> _in_sparql(b'"Heat"'), _in_sparql(rb'"\\u0041"')
        ('"Heat"', '"\\\\\\u00750041"')
    """
    if b"\\" not in token:
        return token.decode()
    return _PAIR.sub(_escaped, token).decode()


def _escaped(found: re.Match[bytes]) -> bytes:
    return b"\\\\\\u%04x" % found[1][0] if found[1] else found[0]


class _Writer:
    """Writes quads to graphs of passing names, then to those where they belong."""

    def __init__(self, server: Endpoint, targets: Sequence[str]) -> None:
        self._server = server
        self._targets = targets
        run = uuid.uuid4().hex
        self._plain = [f"GRAPH <{_STAGING}{run}/{n}>" for n in range(len(targets))]
        self._blank = [f"GRAPH <{_STAGING}{run}/{n}/blank>" for n in range(len(targets))]
        self._used: list[list[str]] = [[] for _ in targets]
        self._links: Counter[str] = Counter()

    def stage(self, tokens: list[str], quads: list[list[int]]) -> None:
        """Write all quads to passing graphs, and check that they are there."""
        plain: list[list[str]] = [[] for _ in self._targets]
        blank: list[list[str]] = [[] for _ in self._targets]
        for g, s, p, o in quads:
            is_blank = tokens[s].startswith("_:") or tokens[o].startswith("_:")
            (blank if is_blank else plain)[g].append(f"{tokens[s]} {tokens[p]} {tokens[o]} .\n")
            if not tokens[o].startswith('"'):
                self._links[(self._blank if is_blank else self._plain)[g]] += 1
        for number, lines in enumerate(plain):
            self._insert(number, lines)
        self._insert_blank(blank)

    def _insert(self, number: int, lines: list[str]) -> None:
        if not lines:
            return
        graph, page = self._plain[number], self._server.page
        self._used[number].append(graph)
        for start in range(0, len(lines), page):
            text = "".join(lines[start : start + page])
            self._server.update(f"INSERT DATA {{ {graph} {{\n{text}}} }}")
        self._check(graph, len(lines))

    def _insert_blank(self, blank: list[list[str]]) -> None:
        """Write triples with blank nodes in one update, which first drops what one before left."""
        pairs = [(n, self._blank[n], lines) for n, lines in enumerate(blank) if lines]
        if not pairs:
            return
        for number, graph, _ in pairs:
            self._used[number].append(graph)
        drops = ";\n".join(f"DROP SILENT {graph}" for _, graph, _ in pairs)
        data = "".join(f"{graph} {{\n{''.join(lines)}}}\n" for _, graph, lines in pairs)
        self._server.update(f"{drops};\nINSERT DATA {{ {data} }}")
        for _, graph, lines in pairs:
            self._check(graph, len(lines))

    def _check(self, graph: str, sent: int) -> None:
        """Check how much is there; a server may keep the literals ``01`` and ``1`` as one."""
        ((count, links),) = self._server.select(_CHECK.format(graph))
        found = int(count.value)
        if found > sent or (int(links.value) if links is not None else 0) != self._links[graph]:
            raise EndpointError(
                f"{_path(self._server)}: {sent:,} triples were sent, {found:,} are there"
            )

    def finish(self, *, replace: bool) -> None:
        """Put what is in passing graphs where it belongs, in one update."""
        steps = []
        for target, used in zip(self._targets, self._used, strict=True):
            if used and replace:
                steps.append(f"DROP SILENT {target}")
            steps += [f"ADD {graph} TO {target}" for graph in used]
        if steps:
            self._server.update(";\n".join(steps))

    def drop(self, server: Endpoint) -> None:
        """Drop the passing graphs."""
        graphs = [graph for used in self._used for graph in used]
        if graphs:
            server.update(";\n".join(f"DROP SILENT {graph}" for graph in graphs))
