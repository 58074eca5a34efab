"""RecBole atomic files in: ``.inter``, ``.item``, ``.user``, ``.kg`` and ``.link``.

The header names columns with their types, as in ``user_id:token``; cells stand between tabs.

* ``.kg``: a triple of entities a line.
* ``.link``: an item and the entity that it is, linked by ``owl:sameAs``.
* ``.inter``: an event a line, with the user as ``schema:agent`` and the item as ``schema:object``.
* ``.item`` and ``.user``: a node a line; a column of its name becomes ``rdfs:label``, each other
  column a property below the base.

(RecBole, "Atomic Files", https://recbole.io/atomic_files.html.)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from kg_rec.errors import DataError
from kg_rec.ids import KGREC, OWL, RDF, RDFS, SCHEMA, XSD, Iri, Literal, mint
from kg_rec.io.cells import table_of_columns
from kg_rec.io.edges import decoded_line, table_of_keys
from kg_rec.terms import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader

    from kg_rec.io.formats import Source
    from kg_rec.io.triple_table import TripleTable

__all__ = ["is_label", "read_recbole"]

_Keys = tuple[bytes, bytes, bytes]
_TYPE, _LABEL, _SAME_AS = key_of(RDF["type"]), key_of(RDFS["label"]), key_of(OWL["sameAs"])
_EVENT, _AGENT, _OBJECT = (
    key_of(KGREC["Event"]),
    key_of(SCHEMA["agent"]),
    key_of(SCHEMA["object"]),
)
_RATING, _TIME = key_of(SCHEMA["ratingValue"]), key_of(SCHEMA["startTime"])
_TYPES = {"token", "token_seq", "float", "float_seq"}
_NAME = re.compile(r"(?:.+_)?(?:name|title)")


def is_label(column: str) -> bool:
    """Return whether a column holds the names of its nodes, as ``movie_title``.

    Examples:
        >>> is_label("movie_title"), is_label("titles")
        (True, False)
    """
    return bool(_NAME.fullmatch(column))


class _Line(NamedTuple):
    """A line: its number, and the cells that are not empty by the names of their columns."""

    number: int
    cells: dict[str, str]

    def needs(self, column: str) -> str:
        """Return a cell that must be there."""
        if column not in self.cells:
            raise DataError(f"line {self.number}: no {column}")
        return self.cells[column]


class _Namer:
    """Makes keys of ids, each once."""

    def __init__(self, base_iri: str) -> None:
        self._base = base_iri
        self._made: dict[tuple[str, str], bytes] = {}

    def __call__(self, kind: str, name: str) -> bytes:
        found = self._made.get((kind, name))
        if found is None:
            found = self._made[kind, name] = self._new(kind, name)
        return found

    def _new(self, kind: str, name: str) -> bytes:
        if "://" in name:
            return key_of(Iri(name))
        if kind in {"item", "user"}:
            return key_of(mint(self._base, kind, name))
        return f"{self._base}{kind}/{quote(name, safe='')}".encode()

    def column(self, kind: str, name: str) -> bytes:
        """Return the property that a column is."""
        return f"{self._base}{kind}/column/{quote(name, safe='')}".encode()


def read_recbole(source: Source, base_iri: str) -> TripleTable:
    """Read an atomic file; the end of its name tells which.

    Raises:
        DataError: The header is not RecBole's, a needed column is missing, or a line has another
            number of cells.
    """
    kind = next((end for end in _READERS if end in source.name.lower()), None)
    if kind is None:
        msg = f"not an atomic file of RecBole; known: {', '.join(_READERS)}"
        raise DataError(f"{source.path}: {msg}")
    reader, needed = _READERS[kind]
    if kind == ".kg":
        with source.open() as stream:
            table = _kg_by_columns(stream, base_iri)
        if table is not None:
            return table
    with source.open() as stream:
        lines = _lines(stream, needed)
        namer = _Namer(base_iri)
        return table_of_keys(triple for line in lines for triple in reader(line, namer))


def _lines(stream: BufferedReader, needed: tuple[str, ...]) -> Iterator[_Line]:
    names, types = _header(stream.readline())
    missing = [name for name in needed if name not in names]
    if missing:
        msg = f"line 1: no column {missing[0]!r}; found: {', '.join(names)}"
        raise DataError(msg)
    for number, line in enumerate(stream, start=2):
        text = decoded_line(line, number)
        if not text:
            continue
        cells = text.split("\t")
        if len(cells) != len(names):
            msg = f"line {number}: {len(cells)} cells, expected {len(names)} as in the header"
            raise DataError(msg)
        found = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
        for name, type_ in zip(names, types, strict=True):
            if type_ == "float" and name in found:
                _check_number(found[name], name, number)
        yield _Line(number, found)


def _header(line: bytes) -> tuple[list[str], list[str]]:
    cells = decoded_line(line, 1).split("\t")
    pairs = [cell.rpartition(":") for cell in cells]
    if any(type_ not in _TYPES or not name for name, _, type_ in pairs):
        msg = f"line 1: expected names and types as in 'user_id:token', found {cells[0][:40]!r}"
        raise DataError(msg)
    return [name for name, _, _ in pairs], [type_ for _, _, type_ in pairs]


def _check_number(cell: str, name: str, number: int) -> None:
    try:
        float(cell)
    except ValueError:
        raise DataError(f"line {number}, column {name!r}: {cell!r} is not a number") from None


# --- a line of each kind -------------------------------------------------------------------------


def _kg(line: _Line, name: _Namer) -> Iterator[_Keys]:
    head, relation, tail = (line.needs(column) for column in _NEEDED_KG)
    yield name("entity", head), name("relation", relation), name("entity", tail)


def _kg_by_columns(stream: BufferedReader, base_iri: str) -> TripleTable | None:
    """Return the table of a file of just head, relation and tail; None if anything is amiss."""
    names, _ = _header(stream.readline())
    if tuple(names) != _NEEDED_KG:
        return None
    name = _Namer(base_iri)

    def key_of_kind(kind: str) -> Callable[[str], bytes | None]:
        def key(cell: str) -> bytes | None:
            try:
                return name(kind, cell) if cell else None
            except DataError:
                return None

        return key

    node, relation = key_of_kind("entity"), key_of_kind("relation")
    return table_of_columns(stream, b"", (node, relation, node))


def _link(line: _Line, name: _Namer) -> Iterator[_Keys]:
    yield name("item", line.needs("item_id")), _SAME_AS, name("entity", line.needs("entity_id"))


def _event(line: _Line, name: _Namer) -> Iterator[_Keys]:
    user, item = line.needs("user_id"), line.needs("item_id")
    event = name("event", f"{user}/{item}/{line.cells.get('timestamp', line.number)}")
    yield event, _TYPE, _EVENT
    yield event, _AGENT, name("user", user)
    yield event, _OBJECT, name("item", item)
    known = {"rating": _RATING, "timestamp": _TIME}
    for column, cell in line.cells.items():
        if column not in {"user_id", "item_id"}:
            yield event, known.get(column) or name.column("event", column), _value(cell)


def _item(line: _Line, name: _Namer) -> Iterator[_Keys]:
    yield from _node(line, name, "item")


def _user(line: _Line, name: _Namer) -> Iterator[_Keys]:
    node = name("user", line.needs("user_id"))
    yield node, _TYPE, key_of(KGREC["User"])
    yield from _node(line, name, "user")


def _node(line: _Line, name: _Namer, kind: str) -> Iterator[_Keys]:
    node = name(kind, line.needs(f"{kind}_id"))
    for column, cell in line.cells.items():
        if column != f"{kind}_id":
            label = is_label(column)
            predicate = _LABEL if label else name.column(kind, column)
            yield node, predicate, key_of(Literal(cell)) if label else _value(cell)


def _value(cell: str) -> bytes:
    """Return the literal of a cell; numbers are typed."""
    if _INTEGER.fullmatch(cell):
        return key_of(Literal(cell, XSD["integer"]))
    return key_of(Literal(cell, XSD["double"] if _NUMBER.fullmatch(cell) else None))


_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][+-]?[0-9]+)?")
_NEEDED_KG = ("head_id", "relation_id", "tail_id")
_READERS: dict[str, tuple[Callable[[_Line, _Namer], Iterator[_Keys]], tuple[str, ...]]] = {
    ".kg": (_kg, _NEEDED_KG),
    ".link": (_link, ("item_id", "entity_id")),
    ".inter": (_event, ("user_id", "item_id")),
    ".item": (_item, ("item_id",)),
    ".user": (_user, ("user_id",)),
}
