"""Plain triple files: head, relation and tail in columns, or head and tail of one relation."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from kg_rec.errors import DataError
from kg_rec.ids import PREFIXES, Iri
from kg_rec.io.cells import table_of_columns
from kg_rec.io.triple_table import DEFAULT_GRAPH, Numbers, TripleTable, parse_object, scoped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from io import BufferedReader

    from kg_rec.io.formats import Source

__all__ = ["cell_key", "decoded_line", "read_edges", "table_of_keys"]

_HEADERS = {
    ("head", "relation", "tail"),
    ("h", "r", "t"),
    ("subject", "predicate", "object"),
    ("s", "p", "o"),
    ("source", "relation", "target"),
    ("from", "rel", "to"),
    ("head_id", "relation_id", "tail_id"),
}
_BLANK = re.compile(r"_:[A-Za-z0-9_][A-Za-z0-9_.-]*")


def read_edges(source: Source, base_iri: str) -> TripleTable:
    """Read a plain triple file: cells between tabs, or between spaces if there are no tabs.

    A cell is an IRI, ``_:name``, a literal as in N-Triples, or a name, which becomes an IRI below
    the base. A header (``head relation tail`` and its like) is passed over. In files of two
    columns the relation is the file's name, as in ``dbo:genre.edgelist``.

    Raises:
        DataError: A line has another number of cells; the message names it.
    """
    with source.open() as stream:
        table = _by_columns(stream, base_iri) if source.format.name != "edges" else None
    if table is None:
        with source.open() as stream:
            table = table_of_keys(_triples(stream, source, base_iri))
    return scoped(table, source)


def _by_columns(stream: BufferedReader, base_iri: str) -> TripleTable | None:
    """Return the table of a file of three columns between tabs; None if anything is amiss."""
    first = stream.readline()
    if b"\t" not in first:
        return None
    cells = first.decode(errors="replace").rstrip("\r\n").split("\t")
    known = cache(lambda cell: cell_key(cell, base_iri))

    def checked(*refused: bytes) -> Callable[[str], bytes | None]:
        def key(cell: str) -> bytes | None:
            try:
                found = known(cell)
            except DataError:
                return None
            return None if found.startswith(refused) else found

        return key

    keys = (checked(b'"'), checked(b'"', b"_:"), checked())
    return table_of_columns(stream, b"" if _is_header(cells) else first, keys)


def _is_header(cells: Sequence[str]) -> bool:
    return tuple(cell.split(":")[0].lower() for cell in cells) in _HEADERS


def table_of_keys(triples: Iterator[tuple[bytes, bytes, bytes]]) -> TripleTable:
    """Return the table of triples of keys."""
    numbers = Numbers()
    rows = [(numbers[s], numbers[p], numbers[o]) for s, p, o in triples]
    codes = np.array(rows, dtype=np.int32).reshape(-1, 3)
    return TripleTable(list(numbers), codes, np.zeros(len(rows), dtype=np.int32), [DEFAULT_GRAPH])


def _triples(
    stream: BufferedReader, source: Source, base_iri: str
) -> Iterator[tuple[bytes, bytes, bytes]]:
    named = source.format.name == "edges"
    columns = 2 if named else 3
    relation = _relation(source, base_iri) if named else b""
    keys: dict[str, bytes] = {}
    separator: str | None = "\t"
    for number, line in enumerate(stream, start=1):
        text = decoded_line(line, number)
        if not text:
            continue
        if number == 1:
            separator = "\t" if "\t" in text else None
        cells = text.split(separator, -1 if separator else columns - 1)
        if number == 1 and _is_header(cells):
            continue
        if len(cells) != columns:
            msg = f"line {number}: {len(cells)} cells, expected {columns} between tabs or spaces"
            raise DataError(msg)
        for cell in cells:
            if cell not in keys:
                keys[cell] = _key(cell, number, base_iri)
        head, tail = keys[cells[0]], keys[cells[-1]]
        middle = relation or keys[cells[1]]
        if head.startswith(b'"') or not middle or middle.startswith((b'"', b"_:")):
            msg = f"line {number}: {cells[0]!r} or {cells[1]!r} is a literal, expected a name"
            raise DataError(msg)
        yield head, middle, tail


def decoded_line(line: bytes, number: int) -> str:
    """Return a line of a file as text, without its end; DataError if it is not UTF-8."""
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        byte = line[error.start]
        raise DataError(f"line {number}: byte 0x{byte:02x} is not UTF-8") from None


def _key(cell: str, number: int, base_iri: str) -> bytes:
    try:
        return cell_key(cell, base_iri)
    except DataError as error:
        raise DataError(f"line {number}: {error}") from None


def cell_key(cell: str, base_iri: str) -> bytes:
    """Return the key of a cell.

    Raises:
        DataError: It is empty, or a broken IRI or literal.

    Examples:
        >>> cell_key("Michael Mann", "https://example.org/")
        b'https://example.org/Michael%20Mann'
        >>> cell_key('"heist"@en', "https://example.org/")
        b'"heist"@en'
    """
    if not cell.strip():
        msg = "an empty cell, expected a name"
        raise DataError(msg)
    if cell.startswith('"'):
        return parse_object(cell)
    if _BLANK.fullmatch(cell):
        return cell.encode()
    if cell.startswith("<") and cell.endswith(">"):
        return Iri(cell[1:-1]).encode()
    if "://" in cell or cell.startswith(("urn:", "mailto:", "tag:")):
        return Iri(cell).encode()
    prefix, colon, name = cell.partition(":")
    if colon and prefix in PREFIXES:
        return Iri(PREFIXES[prefix] + quote(name)).encode()
    return Iri(base_iri + quote(cell, safe="/")).encode()


def _relation(source: Source, base_iri: str) -> bytes:
    """Return the key that the name of a file stands for."""
    name = source.name
    while Path(name).suffix.lower() in {".gz", ".bz2", ".xz", ".zst", ".edgelist"}:
        name = Path(name).stem
    return cell_key(name, base_iri)
