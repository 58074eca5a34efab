"""HDT files (Header, Dictionary, Triples: a packed, indexed form of RDF), if a library is there."""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING, Any

from kg_rec.errors import DataError, MissingDependencyError
from kg_rec.io.edges import table_of_keys
from kg_rec.io.triple_table import parse_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.io.formats import Source
    from kg_rec.io.triple_table import TripleTable

__all__ = ["read_hdt"]


def read_hdt(source: Source) -> TripleTable:
    """Read an HDT file.

    Raises:
        MissingDependencyError: There is no HDT library.
        DataError: The library cannot read the file.
    """
    if not source.path.is_file():
        raise DataError(f"{source.path}: cannot be read: No such file or directory")
    library = _library(source)
    try:
        triples, _ = library.HDTDocument(str(source.path)).search_triples("", "", "")
        return table_of_keys(_keys(triples))
    except (RuntimeError, OSError, ValueError) as error:
        raise DataError(f"{source.path}: cannot be read: {error}") from None


def _library(source: Source) -> Any:
    for name in ("hdt", "rdflib_hdt"):
        with contextlib.suppress(ImportError):
            return importlib.import_module(name)
    raise MissingDependencyError("rdflib-hdt", "hdt", f"{source.path}: HDT")


def _keys(triples: Any) -> Iterator[tuple[bytes, bytes, bytes]]:
    for s, p, o in triples:
        yield str(s).encode(), str(p).encode(), _object(str(o))


def _object(text: str) -> bytes:
    return parse_object(text) if text.startswith('"') else text.encode()
