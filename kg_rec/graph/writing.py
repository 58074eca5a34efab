"""RDF out: lines joined from the texts of terms; same graph, same bytes.

Each term's text is made once, and a triple is a join of three.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.errors import DataError
from kg_rec.graph.blank import canonical_names
from kg_rec.graph.columns import PARTS, Columns
from kg_rec.graph.json_ld import json_ld
from kg_rec.graph.provenance import EVIDENCE_GRAPH, evidence_triples, graph_of_part
from kg_rec.graph.rdf_xml import rdf_xml
from kg_rec.ids import PREFIXES, XSD
from kg_rec.io.triple_table import DEFAULT_GRAPH, Numbers
from kg_rec.terms import sorted_terms, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from kg_rec.io.formats import Format

__all__ = ["PROFILES", "Quads", "quads_of", "rdf_chunks"]

PROFILES = ("plain", "evidence", "rdf12")
"""``plain``: the triples; ``evidence`` and ``rdf12``: also where they come from."""

_PLAIN_NAME = re.compile(rb"[A-Za-z_][A-Za-z0-9_-]*")
_TYPED = re.compile(rb"\^\^<http://www\.w3\.org/2001/XMLSchema#([A-Za-z]+)>$")
_NO_IRI = (b"_", b'"')
_ROWS = 1 << 13  # what a core's cache holds


class Quads(NamedTuple):
    """What is written: triples in graphs, sorted by graph, subject, predicate and object.

    Attributes:
        tokens: The text of each term in N-Triples, in order of code.
        codes: int32 array (quads × 4) of graph, subject, predicate and object.
        graphs: The text of each graph's name; the default graph is ``b""``.
    """

    tokens: list[bytes]
    codes: NDArray[np.int32]
    graphs: list[bytes]


def quads_of(columns: Columns, profile: str = "plain", *, named: bool = False) -> Quads:
    """Return what is to be written of a graph.

    Args:
        columns: The graph.
        profile: One of ``PROFILES``.
        named: Whether the parts of the graph are named graphs; else they are the default graph.

    Raises:
        DataError: The profile is unknown.
    """
    if profile not in PROFILES:
        msg = f"unknown profile {profile!r}; known: {', '.join(PROFILES)}"
        raise DataError(msg)
    columns = canonical_names(columns)
    parts = [
        graph_of_part(part) if named or part not in PARTS else DEFAULT_GRAPH
        for part in columns.part_names
    ]
    graphs = Numbers()
    graph_codes = graphs.codes(parts, len(parts))[columns.part_codes]
    quads = np.column_stack([graph_codes, columns.triple_codes])
    keys = columns.terms.keys()
    if profile != "plain":
        graph = EVIDENCE_GRAPH.encode() if named else DEFAULT_GRAPH
        triples = evidence_triples(columns, triple_terms=profile == "rdf12")
        keys, quads = _joined(keys, quads, triples, graphs[graph])
    names = sorted(graphs)
    place = np.array([names.index(name) for name in graphs], dtype=np.int32)
    quads[:, 0] = place[quads[:, 0]]
    iris = bisect_left(keys, 1, key=lambda key: key[:1] in _NO_IRI)
    tokens = [b"<%s>" % key for key in keys[:iris]] + keys[iris:]
    triple_terms = bisect_left(keys, 1, key=lambda key: not key.startswith(b"<<"))
    tokens[:triple_terms] = keys[:triple_terms]
    return Quads(tokens, _sorted(quads), [token_of(name) if name else b"" for name in names])


def _joined(
    keys: list[bytes], quads: NDArray[np.int32], triples: Iterator[tuple[bytes, ...]], graph: int
) -> tuple[list[bytes], NDArray[np.int32]]:
    """Return sorted keys and quads in their codes, with triples in one graph added."""
    numbers = Numbers(zip(keys, range(len(keys)), strict=True))
    rows = [(graph, *map(numbers.__getitem__, triple)) for triple in triples]
    added = np.array(rows, dtype=np.int32).reshape(-1, 4)
    terms, new = sorted_terms(list(numbers))
    quads = np.concatenate([quads, added])
    quads[:, 1:] = new[quads[:, 1:]]
    return terms.keys(), quads


def _sorted(quads: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return quads sorted, each once."""
    if not _ascend(quads):
        quads = quads[np.lexsort(quads.T[::-1])]
        keep = np.ones(len(quads), dtype=bool)
        keep[1:] = (quads[1:] != quads[:-1]).any(axis=1)
        quads = quads[keep]
    return quads


def _ascend(quads: NDArray[np.int32]) -> bool:
    """Return whether each quad is greater than the one before."""
    decided = np.zeros(max(len(quads) - 1, 0), dtype=bool)
    for column in quads.T:
        if (~decided & (column[1:] < column[:-1])).any():
            return False
        decided |= column[1:] > column[:-1]
    return bool(decided.all())


def rdf_chunks(
    columns: Columns, format_: Format, profile: str = "plain", *, named: bool | None = None
) -> Iterator[bytes]:
    """Yield the content of an RDF file, piece by piece.

    Args:
        columns: The graph.
        format_: The format.
        profile: One of ``PROFILES``.
        named: Whether parts are named graphs; by default in N-Quads and TriG.

    Raises:
        DataError: The format cannot hold the graph; the message says why.
    """
    if named is None:
        named = format_.name in {"nq", "trig"}
    if not format_.named:
        columns = _in_default_graph(columns)
    quads = quads_of(columns, profile, named=named and format_.named)
    if format_.name in {"nt", "nq"}:
        return _lines(quads)
    if format_.name in {"ttl", "trig"}:
        return _turtle(quads)
    return json_ld(quads) if format_.name == "jsonld" else rdf_xml(quads)


def _in_default_graph(columns: Columns) -> Columns:
    """Return the columns with all named graphs in the default graph."""
    names = [part if part in PARTS else "" for part in columns.part_names]
    return replace(columns, part_names=tuple(names))


# --- lines ---------------------------------------------------------------------------------------


def _lines(quads: Quads) -> Iterator[bytes]:
    starts = [token + b" " for token in quads.tokens]
    size = len(starts)
    for number, graph in enumerate(quads.graphs):
        end = b" %s .\n" % graph if graph else b" .\n"
        pieces = [*starts, *(token + end for token in quads.tokens)]
        for codes in _blocks(quads.codes[quads.codes[:, 0] == number]):
            codes[:, 2] += size
            yield b"".join(map(pieces.__getitem__, codes.ravel().tolist()))


def _blocks(codes: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """Yield codes of subjects, predicates and objects, some rows at a time."""
    for start in range(0, len(codes), _ROWS):
        yield codes[start : start + _ROWS, 1:].copy()


# --- Turtle and TriG -----------------------------------------------------------------------------

_TYPE = b"<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def _turtle(quads: Quads) -> Iterator[bytes]:
    tokens, prefixes = _shortened(quads)
    for prefix, namespace in prefixes.items():
        yield f"@prefix {prefix}: <{namespace}> .\n".encode()
    writer = _Turtle(tokens, quads)
    for number, graph in enumerate(quads.graphs):
        codes = quads.codes[quads.codes[:, 0] == number]
        if len(codes):
            yield b"\n" + (b"%s {\n" % graph if graph else b"")
            yield from writer.blocks(codes)
            yield b" .\n" + (b"}\n" if graph else b"")


class _Turtle:
    """Writes triples, those of a subject together, and those of a predicate.

    A triple is three pieces: a subject or nothing; a predicate or a comma; an object.

    Args:
        tokens: The text of each term.
        quads: What is written.
    """

    def __init__(self, tokens: list[bytes], quads: Quads) -> None:
        used = np.unique(quads.codes[:, 2]).tolist()
        verbs = [b"a" if quads.tokens[code] == _TYPE else tokens[code] for code in used]
        self._verb = np.zeros(len(tokens), dtype=np.int32)
        self._verb[used] = np.arange(len(used))
        self._size, self._verbs = len(tokens), len(used)
        self._pieces = [
            *tokens,
            *(b" .\n" + token for token in tokens),
            *(b" %s " % verb for verb in verbs),
            *(b" ;\n    %s " % verb for verb in verbs),
            b",\n        ",
            b"",
        ]

    def blocks(self, codes: NDArray[np.int32]) -> Iterator[bytes]:
        """Yield the text of triples of one graph, without the last full stop."""
        same_subject = np.zeros(len(codes), dtype=bool)
        same_subject[1:] = codes[1:, 1] == codes[:-1, 1]
        same_both = same_subject.copy()
        same_both[1:] &= codes[1:, 2] == codes[:-1, 2]
        for place, block in enumerate(_blocks(codes)):
            rows = slice(place * _ROWS, (place + 1) * _ROWS)
            text = self._text(block, same_subject[rows], same_both[rows])
            yield text if place else text.removeprefix(b" .\n")

    def _text(
        self, codes: NDArray[np.int32], same: NDArray[np.bool_], both: NDArray[np.bool_]
    ) -> bytes:
        last = len(self._pieces) - 1
        verb = self._verb[codes[:, 1]] + 2 * self._size + self._verbs * same
        codes[:, 0] = np.where(same, last, codes[:, 0] + self._size)
        codes[:, 1] = np.where(both, last - 1, verb)
        return b"".join(map(self._pieces.__getitem__, codes.ravel().tolist()))


def _shortened(quads: Quads) -> tuple[list[bytes], dict[str, str]]:
    r"""Return the texts of terms with prefixes, and the prefixes in use.

    Turtle lets a name hold escaped punctuation (``dbr:R.I.P.D\.``), but not every reader
    does; namespaces with such names are written in full.
    """
    tokens, used = list(quads.tokens), {}
    iris = bisect_left(range(len(tokens)), 1, key=lambda code: not tokens[code].startswith(b"<"))
    for prefix, namespace in PREFIXES.items():
        start = b"<" + namespace.encode()
        first, last = (
            bisect_left(quads.tokens, end, hi=iris, key=lambda token: token[:-1])
            for end in (start, start + b"\xff")
        )
        names = [token[len(start) : -1] for token in quads.tokens[first:last]]
        if names and all(_PLAIN_NAME.fullmatch(name) for name in names):
            tokens[first:last] = [b"%s:%s" % (prefix.encode(), name) for name in names]
            used[prefix] = str(namespace)
    typed = [_TYPED.sub(rb"^^xsd:\1", t) if t.endswith(b">") else t for t in tokens[iris:]]
    if typed != tokens[iris:]:
        tokens[iris:] = typed
        used["xsd"] = str(XSD)
    return tokens, used
