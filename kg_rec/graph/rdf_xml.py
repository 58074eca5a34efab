"""RDF/XML out, a node after the other (RDF 1.1 XML Syntax, section 2)."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from kg_rec.errors import DataError
from kg_rec.ids import PREFIXES, RDF, BlankNode, Iri, Literal
from kg_rec.terms import term_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.graph.writing import Quads
    from kg_rec.ids import Term

__all__ = ["rdf_xml"]

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*$")
_RETURN = {"\r": "&#13;"}  # a reader would make a line feed of it
_NAMESPACES = {namespace: prefix for prefix, namespace in PREFIXES.items()}


def rdf_xml(quads: Quads) -> Iterator[bytes]:
    """Yield the content of an RDF/XML file, piece by piece.

    Raises:
        DataError: A literal holds a character that XML 1.0 has no way to write, a predicate does
            not end in an XML name, or there is a triple term.
    """
    if any(token.startswith(b"<<") for token in quads.tokens):
        msg = "RDF/XML has no triple terms; write Turtle, TriG, N-Triples or N-Quads"
        raise DataError(msg)
    used = dict.fromkeys(quads.codes[:, 2].tolist())
    names = {code: _element(_term(quads.tokens[code])) for code in used}
    namespaces = sorted({name[:2] for name in names.values() if name[0]} | {("rdf", str(RDF))})
    declared = "".join(f"\n    xmlns:{p}={quoteattr(uri)}" for p, uri in namespaces)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{declared}>\n'.encode()
    for subject, rows in groupby(quads.codes[:, 1:].tolist(), key=lambda row: row[0]):
        node = _term(quads.tokens[subject])
        yield f"<rdf:Description {_reference(node, 'about')}>\n".encode()
        for _, predicate, value in rows:
            yield _property(names[predicate], _term(quads.tokens[value])).encode()
        yield b"</rdf:Description>\n"
    yield b"</rdf:RDF>\n"


def _term(token: bytes) -> Term:
    return term_of(token[1:-1] if token.startswith(b"<") else token)


def _element(predicate: Term) -> tuple[str, str, str]:
    """Return prefix, namespace and local name; a namespace without prefix is declared in place."""
    match = _NAME.search(str(predicate))
    if match is None or not match.start():
        msg = f"RDF/XML cannot hold the predicate <{predicate}>: it does not end in an XML name"
        raise DataError(msg)
    namespace = str(predicate)[: match.start()]
    return _NAMESPACES.get(namespace, ""), namespace, match[0]


def _reference(node: Term, attribute: str) -> str:
    if isinstance(node, BlankNode):
        return f'rdf:nodeID="{node.local_name}"'
    return f"rdf:{attribute}={quoteattr(str(node))}"


def _property(name: tuple[str, str, str], value: Term) -> str:
    prefix, namespace, local = name
    tag = f"{prefix}:{local}" if prefix else local
    start = tag if prefix else f"{local} xmlns={quoteattr(namespace)}"
    if isinstance(value, Iri):
        return f"  <{start} {_reference(value, 'resource')}/>\n"
    if match := _NO_XML.search(value.value):
        shown = f"U+{ord(match[0]):04X} of the literal {value.value[:60]!r}"
        raise DataError(f"RDF/XML cannot hold the character {shown}")
    return f"  <{start}{_kind(value)}>{escape(value.value, _RETURN)}</{tag}>\n"


def _kind(value: Literal) -> str:
    if value.direction:
        version = 'rdf:version="1.2" xmlns:its="http://www.w3.org/2005/11/its" its:version="2.0"'
        return f' xml:lang="{value.language}" {version} its:dir="{value.direction}"'
    if value.language:
        return f' xml:lang="{value.language}"'
    return f" rdf:datatype={quoteattr(value.datatype)}" if value.datatype else ""
