"""N-Triples and N-Quads by lines, quicker than any parser: split at spaces, and checked by piece.

Each different piece (a subject, a predicate, the rest of a line) is checked and made canonical
once: by a pattern that takes the plain ones, and by pyoxigraph in a line of its own else. A chunk
with lines that are not that plain (comments, tabs, other ends of lines) goes through pyoxigraph as
a whole, and so does a broken file, which gives the line of the error.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg_rec.io.triple_table import DEFAULT_GRAPH, Numbers, key_of_oxigraph, united

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator, Sequence

    from kg_rec.io.formats import Source
    from kg_rec.io.triple_table import TripleTable

__all__ = ["read_lines"]

_CHUNK = 1 << 18  # what fits into the cache of a core is read twice as fast
_HTTP = rb"https?://[A-Za-z0-9.-]+(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?(?:#[A-Za-z0-9._~-]*)?"
_NODE = re.compile(rb"<(" + _HTTP + rb")>")
_NOT_TYPES = (
    rb"(?!http://www\.w3\.org/(?:2001/XMLSchema#string"
    rb"|1999/02/22-rdf-syntax-ns#(?:l|dirL)angString)>)"
)
_OBJECT = (
    rb"(?:<("
    + _HTTP
    + rb')>|("[^"\\\x00-\x1f\x7f]*"(?:@[a-z]{2,3}|\^\^<'
    + _NOT_TYPES
    + _HTTP
    + rb">)?))"
)
_REST = {
    "nt": re.compile(_OBJECT + rb" \."),
    "nq": re.compile(_OBJECT + rb"(?: <(" + _HTTP + rb")>)? \."),
}
_NO_CHARACTER = re.compile("[\ufffe\uffff]")


class _NotPlainError(Exception):
    """A piece of a line is not valid on its own; pyoxigraph has to read the whole file."""


def read_lines(source: Source) -> TripleTable | None:
    """Return the table, or ``None`` if the lines are not plain, or wrong."""
    pools = (Numbers(), Numbers(), Numbers())
    found = []
    with source.open() as stream:
        for chunk in _whole_lines(stream):
            columns = _split(chunk)
            if columns is None:
                columns = _parsed(chunk, source)
            if columns is None:
                return None
            count = len(columns[0])
            found.append([pool.codes(own, count) for pool, own in zip(pools, columns, strict=True)])
    try:
        return _checked(pools, found, source)
    except _NotPlainError:
        return None


def _whole_lines(stream: io.BufferedReader) -> Iterator[bytes]:
    """Yield the content in pieces that end with a line."""
    pieces: list[bytes] = []
    while piece := stream.read(_CHUNK):
        end = piece.rfind(b"\n") + 1
        if end:
            yield b"".join([*pieces, piece[:end]])
            pieces = []
        pieces.append(piece[end:])
    if any(pieces):
        yield b"".join(pieces)


_Pieces = tuple["Sequence[bytes]", "Sequence[bytes]", "Sequence[bytes]"]


def _split(chunk: bytes) -> _Pieces | None:
    """Return subject, predicate and rest of each line; ``None`` if there is no such line."""
    lines = chunk.split(b"\n")
    if not lines[-1]:
        lines.pop()
    if b"\r" in chunk:
        return None
    try:
        subjects, predicates, rests = zip(*[line.split(b" ", 2) for line in lines], strict=False)
    except ValueError:  # a line has less than three pieces
        return None
    return subjects, predicates, rests


def _parsed(chunk: bytes, source: Source) -> _Pieces | None:
    """Return the same pieces, from pyoxigraph."""
    columns: tuple[list[bytes], list[bytes], list[bytes]] = ([], [], [])
    try:
        for quad in ox.parse(chunk, format=source.format.rdf):
            columns[0].append(str(quad.subject).encode())
            columns[1].append(str(quad.predicate).encode())
            graph = quad.graph_name
            end = "" if isinstance(graph, ox.DefaultGraph) else f" {graph}"
            columns[2].append(f"{quad.object}{end} .".encode())
    except SyntaxError:
        return None
    return columns


def _checked(
    pools: tuple[Numbers, Numbers, Numbers], found: list[Any], source: Source
) -> TripleTable:
    """Return the table after a check of each different piece.

    Raises:
        _NotPlainError: One is not valid.
    """
    subjects, predicates = (
        [_plain_node(piece) or b"" for piece in pool] for pool in (pools[0], pools[1])
    )
    _check_rest(subjects, list(pools[0]), b"%s <x:p> <x:o> .", "subject", source)
    _check_rest(predicates, list(pools[1]), b"<x:s> %s <x:o> .", "predicate", source)
    match = _REST[source.format.name].fullmatch
    objects, graphs = [], []
    for piece in pools[2]:
        key, graph = _plain_rest(match(piece))
        objects.append(key)
        graphs.append(graph)
    _check_rest(objects, list(pools[2]), b"<x:s> <x:p> %s", "object", source, graphs)
    for pool in pools:
        pool.clear()
    if not any(graphs):
        return united([subjects, predicates, objects], found)
    for chunk in found:
        chunk.append(chunk[2])
    return united([subjects, predicates, objects], found, graphs)


def _plain_node(piece: bytes) -> bytes | None:
    match = _NODE.fullmatch(piece)
    return match[1] if match else None


def _plain_rest(match: re.Match[bytes] | None) -> tuple[bytes, bytes]:
    """Return the keys of object and graph; that of the object is empty if it needs a parser."""
    if match is None:
        return b"", b""
    iri, literal, *graph = match.groups()
    if literal is not None and not literal.isascii():
        try:
            if _NO_CHARACTER.search(literal.decode()):
                return b"", b""
        except UnicodeDecodeError:
            return b"", b""
    return iri or literal, (graph and graph[0]) or DEFAULT_GRAPH


def _check_rest(
    keys: list[bytes],
    pieces: Sequence[bytes],
    line: bytes,
    role: str,
    source: Source,
    graphs: list[bytes] | None = None,
) -> None:
    """Fill in keys that are still empty: each piece is parsed in a line of its own."""
    places = [place for place, key in enumerate(keys) if not key]
    text = b"\n".join(line % pieces[place] for place in places)
    try:
        quads = list(ox.parse(text, format=source.format.rdf))
    except (SyntaxError, ValueError):
        raise _NotPlainError from None
    if len(quads) != len(places):  # a comment, as in "#s <x:p> <x:o> ."
        raise _NotPlainError
    for place, quad in zip(places, quads, strict=True):
        keys[place] = key_of_oxigraph(getattr(quad, role))
        if graphs is not None:
            graphs[place] = key_of_oxigraph(quad.graph_name)
