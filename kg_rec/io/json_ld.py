"""JSON-LD in. Documents with a context go through PyLD, which knows all of JSON-LD 1.1.

Documents without one (expanded form, as we write it) say the same to every reader; pyoxigraph reads
them, far faster. No context is ever fetched: a context is in the document, or in a file beside it.
"""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg_rec.errors import DataError, DataWarning
from kg_rec.io.triple_table import scoped, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg_rec.io.formats import Source
    from kg_rec.io.triple_table import TripleTable

__all__ = ["read_json_ld"]

_NO_BASE = "x-no-base://file/"
_STRING = "http://www.w3.org/2001/XMLSchema#string"


def read_json_ld(source: Source, base_iri: str | None) -> TripleTable:
    """Read a JSON-LD file.

    Args:
        source: The file.
        base_iri: What relative IRIs are relative to; without it they are refused.

    Raises:
        DataError: The file cannot be read or is broken, or needs a context from elsewhere.

    Warns:
        DataWarning: Triples were left out, as the standard asks: an IRI or language tag in them is
            not valid.
    """
    with source.open() as stream:
        content = stream.read()
    with source.checking():
        found = _with_pyld(content, source, base_iri) if b'"@context"' in content else None
        if found is None:
            base = base_iri or _NO_BASE
            found = table_of(ox.parse(content, format=ox.RdfFormat.JSON_LD, base_iri=base))
            _refuse_relative(found.keys)
        return scoped(found, source)


def _with_pyld(content: bytes, source: Source, base_iri: str | None) -> TripleTable | None:
    """Return the table; ``None`` if PyLD itself fails, which is no fault of the document."""
    from pyld import jsonld  # noqa: PLC0415 - other formats do without it

    options = {
        "base": base_iri or _NO_BASE,
        "processingMode": "json-ld-1.1",
        "documentLoader": _Contexts(source, base_iri or _NO_BASE),
    }
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # words that begin with @ are for later
            dataset = jsonld.to_rdf(_parsed(content), options)
    except jsonld.JsonLdError as error:
        raise DataError(_reason(error)) from None
    except RecursionError:
        raise DataError("nested too deeply") from None
    except (TypeError, KeyError, AttributeError, IndexError):
        return None
    left_out: list[str] = []
    table = table_of(_quads(dataset, left_out))
    _refuse_relative(table.keys)
    if left_out:
        msg = f"{source.path}: {len(left_out)} triples left out, the first: {left_out[0]}"
        warnings.warn(msg, DataWarning, stacklevel=2)
    return table


def _parsed(content: bytes) -> Any:
    try:
        return json.loads(content.decode())
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DataError(f"line {line}: byte 0x{content[error.start]:02x} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise DataError(f"line {error.lineno}: not JSON: {error.msg}") from None


class _Contexts:
    """Gives contexts that stand in files beside the document, and no others.

    Args:
        source: The document.
        base_iri: Its IRI.
    """

    def __init__(self, source: Source, base_iri: str) -> None:
        self._folder = source.path.parent.resolve() if source.content is None else None
        self._start = base_iri.rpartition("/")[0] + "/"

    def __call__(self, url: str, _options: Any = None) -> dict[str, Any]:
        if self._folder is not None and url.startswith(self._start):
            path = (self._folder / url.removeprefix(self._start)).resolve()
            if path.is_relative_to(self._folder) and path.is_file():
                document = _parsed(path.read_bytes())
                return {"contextUrl": None, "documentUrl": url, "document": document}
        shown = url.removeprefix(_NO_BASE)
        raise DataError(f"context {shown!r} is neither in the document nor a file beside it")


def _reason(error: Any) -> str:
    """Return what is wrong, from the innermost error that says it."""
    while inner := getattr(error, "cause", None) or error.__cause__:
        error = inner
    if isinstance(error, DataError):
        return str(error)
    code, details = getattr(error, "code", None), getattr(error, "details", None) or {}
    found = ", ".join(f"{name} {str(value)[:80]!r}" for name, value in details.items())
    text = str(error.args[0] if error.args else error).removesuffix(".")
    return ": ".join(part for part in (code, text, found) if part)


def _quads(dataset: dict[str, list[dict[str, Any]]], left_out: list[str]) -> Iterator[ox.Quad]:
    for name, triples in dataset.items():
        for triple in triples:
            if None in triple.values():
                left_out.append("its object is no valid IRI")
                continue
            try:
                graph = ox.DefaultGraph() if name == "@default" else _node(name)
                subject, predicate = _node(triple["subject"]["value"]), triple["predicate"]["value"]
                yield ox.Quad(subject, ox.NamedNode(predicate), _term(triple["object"]), graph)
            except ValueError as error:
                left_out.append(str(error))


def _refuse_relative(keys: Iterable[bytes]) -> None:
    for key in keys:
        if key.startswith(_NO_BASE.encode()):
            relative = key.decode().removeprefix(_NO_BASE)
            raise DataError(f"{relative!r} is a relative IRI, and there is no base")


def _node(value: str) -> ox.NamedNode | ox.BlankNode:
    return ox.BlankNode(value[2:]) if value.startswith("_:") else ox.NamedNode(value)


def _term(node: dict[str, str]) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if node["type"] != "literal":
        return _node(node["value"])
    if "language" in node:
        return ox.Literal(node["value"], language=node["language"])
    return ox.Literal(node["value"], datatype=ox.NamedNode(node.get("datatype", _STRING)))
