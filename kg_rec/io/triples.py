"""RDF files as integer codes over keys of terms, without an object for each triple.

N-Triples and N-Quads are split by lines and spaces; each different piece is then checked and made
canonical once. What is not that plain (comments, tabs, other ends of lines) and all other formats
go through pyoxigraph, triple by triple; so do broken files, which gives the line of the error.
"""

from __future__ import annotations

import gc
import re
import xml.etree.ElementTree as ET
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any, cast

import numpy as np
import pyoxigraph as ox

from kg_rec.errors import DataError
from kg_rec.ids import RDF, Literal
from kg_rec.io.entities import Checked
from kg_rec.terms import key_of, term_of

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from kg_rec.io.formats import Source

__all__ = [
    "DEFAULT_GRAPH",
    "Numbers",
    "TripleTable",
    "parse_object",
    "read_triples",
    "refuse_triple_terms",
    "scoped",
    "table_of",
    "triple_term",
]

DEFAULT_GRAPH = b""
"""Key of the default graph."""


@dataclass(frozen=True, eq=False)
class TripleTable:
    """Triples as read: in any order, some perhaps twice.

    Attributes:
        keys: Different keys of terms (see ``kg_rec.terms``); a triple term is its N-Triples text.
        codes: int32 array (triples × 3) into ``keys``.
        graphs: int32 array: the graph of each triple, code into ``graph_keys``.
        graph_keys: Key of each graph's name; the default graph is ``b""``.
    """

    keys: list[bytes]
    codes: NDArray[np.int32]
    graphs: NDArray[np.int32]
    graph_keys: list[bytes]


class Numbers(dict[Any, int]):
    """Gives each new key the next number."""

    def __missing__(self, key: Any) -> int:
        self[key] = number = len(self)
        return number

    def codes(self, keys: Iterable[Any], count: int = -1) -> NDArray[np.int32]:
        """Return the numbers of some keys."""
        return np.fromiter(map(self.__getitem__, keys), np.int32, count)


def read_triples(source: Source, base_iri: str | None = None) -> TripleTable:
    """Read an RDF file.

    Blank nodes get labels that no other file gives, unless its content is the same.

    Args:
        source: The file.
        base_iri: What relative IRIs are relative to; without it they are refused.

    Raises:
        DataError: The file cannot be read or is broken; the message names the line.
    """
    with _no_garbage_collection():
        found = None
        if source.format.name in {"nt", "nq"}:
            found = _read_lines(source)
        if found is None:
            with source.open() as stream:
                checked = Checked(stream) if source.format.name == "rdf" else stream
                quads = ox.parse(
                    cast("IO[bytes]", checked), format=source.format.rdf, base_iri=base_iri
                )
                found = table_of(quads, named=source.format.named)
        if source.format.name == "rdf":
            found = _with_canonical_xml(found)
    return scoped(found, source)


_XML_LITERAL = b'"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#XMLLiteral>'


def _with_canonical_xml(table: TripleTable) -> TripleTable:
    """Return the table with XML literals in exclusive canonical form (RDF 1.1 XML, section 7.2.17).

    pyoxigraph writes all namespaces in scope into them, used or not.
    """
    if not any(key.endswith(_XML_LITERAL) for key in table.keys):
        return table
    numbers = Numbers()
    codes = numbers.codes(map(_canonical_xml, table.keys), len(table.keys))
    return TripleTable(list(numbers), codes[table.codes], table.graphs, table.graph_keys)


def _canonical_xml(key: bytes) -> bytes:
    if not key.endswith(_XML_LITERAL):
        return key
    value = getattr(term_of(key), "value", "")
    with suppress(ET.ParseError):
        whole = ET.canonicalize(f"<x>{value}</x>", with_comments=True)
        inside = whole.removeprefix("<x>").removesuffix("</x>") if whole != "<x></x>" else ""
        return key_of(Literal(inside, RDF["XMLLiteral"]))
    return key


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Make no search for cycles: millions of short lists are none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def scoped(table: TripleTable, source: Source) -> TripleTable:
    """Return the table with blank nodes named after the content of the file."""
    blank = [key for key in [*table.keys, *table.graph_keys] if key.startswith(b"_:")]
    if not blank:
        return table
    prefix = f"_:b{source.digest()}n"
    names = {key: f"{prefix}{number}".encode() for number, key in enumerate(dict.fromkeys(blank))}
    return TripleTable(
        [names.get(key) or _scoped_triple(key, names) for key in table.keys],
        table.codes,
        table.graphs,
        [names.get(key, key) for key in table.graph_keys],
    )


def _scoped_triple(key: bytes, names: dict[bytes, bytes]) -> bytes:
    """Return a triple term (RDF 1.2) with its blank nodes renamed; other keys as they are."""
    if not key.startswith(b"<<"):
        return key
    parts = [_scoped_triple(_token(term), names) for term in triple_term(key)]
    return b"<<( %s )>>" % b" ".join(names.get(part, part) for part in parts)


def triple_term(key: bytes) -> ox.Triple:
    """Return the triple of a key of a triple term."""
    (quad,) = ox.parse(b"<x:s> <x:p> " + key + b" .", format=ox.RdfFormat.N_TRIPLES)
    triple: ox.Triple = quad.object
    return triple


def parse_object(text: str) -> bytes:
    """Return the key of an object as N-Triples writes it.

    Raises:
        DataError: It is broken.
    """
    try:
        (quad,) = ox.parse(f"<x:s> <x:p> {text} .", format=ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise DataError(f"{text[:80]!r} is no literal of N-Triples: {error}") from None
    return _key(quad.object)


# --- any format, through pyoxigraph --------------------------------------------------------------

_AT_ONCE = 2000
_COLUMNS = tuple(map(attrgetter, ("subject", "predicate", "object", "graph_name")))


def table_of(quads: Iterator[ox.Quad], *, named: bool = True) -> TripleTable:
    """Return quads of pyoxigraph as a table.

    Args:
        quads: The quads.
        named: Whether any may be in a named graph.
    """
    columns = _COLUMNS if named else _COLUMNS[:3]
    pools = tuple(Numbers() for _ in columns)
    found: list[list[NDArray[np.int32]]] = []
    while some := list(islice(quads, _AT_ONCE)):
        pairs = zip(pools, columns, strict=True)
        found.append([pool.codes(map(column, some), len(some)) for pool, column in pairs])
    iri = ox.NamedNode
    subjects, predicates, objects, *graphs = (
        [term.value.encode() if type(term) is iri else _key(term) for term in pool]
        for pool in pools
    )
    return _united([subjects, predicates, objects], found, *graphs)


def _key(term: Any) -> bytes:
    if isinstance(term, ox.NamedNode):
        return term.value.encode()
    return DEFAULT_GRAPH if isinstance(term, ox.DefaultGraph) else _token(term)


def _token(term: Any) -> bytes:
    """Return the text of a term in N-Triples."""
    if isinstance(term, ox.Triple):
        return b"<<( %s )>>" % b" ".join(map(_token, term))
    return str(term).encode()


def _united(
    keys: Sequence[Sequence[bytes]],
    found: list[list[NDArray[np.int32]]],
    graphs: Sequence[bytes] | None = None,
) -> TripleTable:
    """Return the table of three columns that have keys of their own, and of a column of graphs."""
    numbers = Numbers()
    columns = [
        _column(found, place, numbers.codes(own, len(own))) for place, own in enumerate(keys)
    ]
    names = Numbers()
    if graphs is None:
        codes = np.zeros(len(columns[0]), dtype=np.int32)
    else:
        codes = _column(found, 3, names.codes(graphs, len(graphs)))
    return TripleTable(
        list(numbers), np.stack(columns, axis=1), codes, list(names) or [DEFAULT_GRAPH]
    )


def _column(
    found: list[list[NDArray[np.int32]]], place: int, new: NDArray[np.int32]
) -> NDArray[np.int32]:
    if not found:
        return np.zeros(0, dtype=np.int32)
    codes: NDArray[np.int32] = new[np.concatenate([chunk[place] for chunk in found])]
    return codes


# --- N-Triples and N-Quads by lines --------------------------------------------------------------

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


def _read_lines(source: Source) -> TripleTable | None:
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
        return _united([subjects, predicates, objects], found)
    for chunk in found:
        chunk.append(chunk[2])
    return _united([subjects, predicates, objects], found, graphs)


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
        keys[place] = _key(getattr(quad, role))
        if graphs is not None:
            graphs[place] = _key(quad.graph_name)


def refuse_triple_terms(table: TripleTable) -> None:
    """Refuse triple terms (RDF 1.2), which a graph holds as evidence only.

    Raises:
        DataError: There is one.
    """
    for key in table.keys:
        if key.startswith(b"<<"):
            msg = f"the triple term {key.decode()} is no object of rdf:reifies"
            raise DataError(msg)
