"""JSON-LD out in expanded form, a node a line (JSON-LD 1.1, section 3.1 and 9)."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from kg_rec.errors import DataError
from kg_rec.ids import RDF, Iri, Literal
from kg_rec.terms import term_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg_rec.graph.writing import Quads
    from kg_rec.ids import Term

__all__ = ["json_ld"]

_TYPE = str(RDF["type"])


def json_ld(quads: Quads) -> Iterator[bytes]:
    """Yield the content of a JSON-LD file, a line at a time.

    Raises:
        DataError: There is a triple term, which JSON-LD 1.1 has not.
    """
    if any(token.startswith(b"<<") for token in quads.tokens):
        msg = "JSON-LD has no triple terms; write Turtle, TriG, N-Triples or N-Quads"
        raise DataError(msg)
    separator = b"[\n"
    for number, rows in groupby(quads.codes.tolist(), key=lambda row: row[0]):
        lines = [_line(node) for node in _nodes(rows, quads.tokens)]
        graph = quads.graphs[number]
        if graph:
            name = json.dumps(str(_term(graph)), ensure_ascii=False)
            yield separator + f'{{"@id":{name},"@graph":[\n'.encode()
            yield b",\n".join(lines) + b"\n]}"
        else:
            yield separator + b",\n".join(lines)
        separator = b",\n"
    yield b"\n]\n" if separator == b",\n" else b"[]\n"


def _term(token: bytes) -> Term:
    return term_of(token[1:-1] if token.startswith(b"<") else token)


def _line(node: dict[str, Any]) -> bytes:
    return json.dumps(node, ensure_ascii=False, separators=(",", ":")).encode()


def _nodes(rows: Iterable[list[int]], tokens: list[bytes]) -> Iterator[dict[str, Any]]:
    for subject, of_subject in groupby(rows, key=lambda row: row[1]):
        node: dict[str, Any] = {"@id": str(_term(tokens[subject]))}
        for _, _, predicate, value in of_subject:
            name, term = str(_term(tokens[predicate])), _term(tokens[value])
            if name == _TYPE and isinstance(term, Iri):
                node.setdefault("@type", []).append(str(term))
            else:
                node.setdefault(name, []).append(_value(term))
        yield node


def _value(term: Term) -> dict[str, str]:
    if not isinstance(term, Literal):
        return {"@id": str(term)}
    value = {"@value": term.value}
    if term.language:
        value["@language"] = term.language
    if term.direction:
        value["@direction"] = term.direction
    if term.datatype:
        value["@type"] = str(term.datatype)
    return value
