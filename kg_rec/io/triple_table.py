"""Triples as integer codes over keys of terms: what every reader of files gives."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np
import pyoxigraph as ox

from kg_rec.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from kg_rec.io.formats import Source

__all__ = [
    "DEFAULT_GRAPH",
    "Numbers",
    "TripleTable",
    "key_of_oxigraph",
    "parse_object",
    "refuse_triple_terms",
    "scoped",
    "table_of",
    "triple_term",
    "united",
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
    return key_of_oxigraph(quad.object)


def refuse_triple_terms(table: TripleTable) -> None:
    """Refuse triple terms (RDF 1.2), which a graph holds as evidence only.

    Raises:
        DataError: There is one.
    """
    for key in table.keys:
        if key.startswith(b"<<"):
            msg = f"the triple term {key.decode()} is no object of rdf:reifies"
            raise DataError(msg)


# --- from pyoxigraph ----------------------------------------------------------------------------

_AT_ONCE = 2000
_COLUMNS = tuple(map(attrgetter, ("subject", "predicate", "object")))
_GRAPH_NAME = attrgetter("graph_name")
_NO_ROWS = np.zeros((0, 3), dtype=np.int32)


def table_of(quads: Iterator[ox.Quad], *, named: bool = True) -> TripleTable:
    """Return quads of pyoxigraph as a table.

    Args:
        quads: The quads.
        named: Whether any may be in a named graph.
    """
    terms, names, iri = Numbers(), Numbers(), ox.NamedNode
    codes, graphs = [_NO_ROWS], [_NO_ROWS[:, 0]]
    while some := list(islice(quads, _AT_ONCE)):
        columns = [terms.codes(map(column, some), len(some)) for column in _COLUMNS]
        codes.append(np.stack(columns, axis=1))
        if named:
            graphs.append(names.codes(map(_GRAPH_NAME, some), len(some)))
    keys = [t.value.encode() if type(t) is iri else key_of_oxigraph(t) for t in terms]
    rows = np.concatenate(codes)
    if not names:
        return TripleTable(keys, rows, np.zeros(len(rows), dtype=np.int32), [DEFAULT_GRAPH])
    return TripleTable(keys, rows, np.concatenate(graphs), list(map(key_of_oxigraph, names)))


def key_of_oxigraph(term: Any) -> bytes:
    """Return the key of a term of pyoxigraph, or of the name of a graph."""
    if isinstance(term, ox.NamedNode):
        return term.value.encode()
    return DEFAULT_GRAPH if isinstance(term, ox.DefaultGraph) else _token(term)


def _token(term: Any) -> bytes:
    """Return the text of a term in N-Triples."""
    if isinstance(term, ox.Triple):
        return b"<<( %s )>>" % b" ".join(map(_token, term))
    return str(term).encode()


def united(
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
