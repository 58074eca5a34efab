"""Tables and RDF files in: checked row by row, turned into statements and signed events."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
import math
import warnings
import zlib
from codecs import BOM_UTF8
from collections import Counter
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from kg_rec.errors import DataError, DataWarning, MissingDependencyError
from kg_rec.ids import XSD, Iri, Literal, mint, triple_from_oxigraph
from kg_rec.ontology import ALT_LABEL, LABEL, TYPE
from kg_rec.statements import Document, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from io import BufferedReader

    from kg_rec.config import (
        FactColumn,
        InteractionsConfig,
        ItemsConfig,
        TextsConfig,
        UsersConfig,
    )
    from kg_rec.ontology import Ontology, OntologyClass, Relation

__all__ = [
    "Event",
    "Item",
    "Table",
    "item_statements",
    "ontology_statements",
    "read_interactions",
    "read_items",
    "read_rdf",
    "read_table",
    "read_texts",
    "read_users",
    "write_file",
]


@dataclass(frozen=True)
class Table:
    """A table as columns of plain Python values, with a name for error messages.

    Attributes:
        name: File name, or what the caller called it.
        columns: Column name to values; ``None`` for an empty cell.
        lines: The line of a text file that each row starts in; empty for other tables.
    """

    name: str
    columns: dict[str, list[Any]]
    lines: Sequence[int] = ()

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), []))

    def column(self, name: str, setting: str) -> list[Any]:
        """Return a column; DataError says what there is and which setting names it."""
        if name not in self.columns:
            found = ", ".join(map(repr, self.columns)) or "none"
            msg = f"{self.name}: no column {name!r} (setting {setting}); columns: {found}"
            raise DataError(msg)
        return self.columns[name]

    def optional(self, name: str, setting: str, default: str) -> list[Any]:
        """Return a column; ``None`` in each cell if it is absent and has its default name."""
        if name == default and name not in self.columns:
            return [None] * len(self)
        return self.column(name, setting)

    def place(self, row: int) -> str:
        """Return where a row stands, counted from 1 without the header: ``row 2 (line 3)``."""
        line = f" (line {self.lines[row]})" if self.lines else ""
        return f"row {row + 1}{line}"


@dataclass(frozen=True)
class Item:
    """One row of the items table."""

    id: str
    iri: Iri
    label: str
    text: str | None
    facts: tuple[tuple[Relation, str], ...] = ()


@dataclass(frozen=True)
class Event:
    """One row of the interactions table; ``weight`` is signed."""

    user: str
    item: str
    weight: float


@dataclass
class _Rows:
    """Collects the bad rows of a table: the first stops the run, or all are dropped."""

    table: Table
    drop: bool
    bad: list[str] = field(default_factory=list)

    def check(self, row: int, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except _RowError as problem:
            message = f"{self.table.name}, {self.table.place(row)}, {problem}"
            if not self.drop:
                raise DataError(message) from None
            self.bad.append(message)
            return None

    def report(self) -> None:
        if self.bad:
            count = "1 row" if len(self.bad) == 1 else f"{len(self.bad)} rows"
            message = f"{count} of {self.table.name} dropped; the first: {self.bad[0]}"
            warnings.warn(message, DataWarning, stacklevel=4)


class _RowError(Exception):
    """A cell is not as expected: ``column 'x': found …, expected …``."""


def read_table(source: Any, name: str = "table") -> Table:
    """Read a table.

    Args:
        source: A file (``.csv``, ``.tsv``, ``.jsonl``, ``.parquet``), or a pandas, polars or
            pyarrow table, or any other that narwhals knows.
        name: What to call a table that has no file name.

    Raises:
        DataError: The file is missing, not UTF-8, broken, or of an unknown kind; the message
            names the line.

    Examples:
        >>> import pandas
        >>> read_table(pandas.DataFrame({"id": ["a", None]})).columns
        {'id': ['a', None]}
    """
    if isinstance(source, str | Path):
        return _read_file(Path(source))
    import narwhals as nw  # noqa: PLC0415 - serving does not need it

    try:
        frame = nw.from_native(source, eager_only=True)
    except TypeError:
        msg = f"{name}: expected a file name or a table, found {type(source).__name__}"
        raise DataError(msg) from None
    except nw.exceptions.NarwhalsError as error:
        raise DataError(f"{name}: {' '.join(str(error).split())}") from None
    return Table(name, {c: [_plain(v) for v in frame[c].to_list()] for c in frame.columns})


def _read_file(path: Path) -> Table:
    readers = {".csv": ",", ".tsv": "\t"}
    kind = path.suffix.lower()
    if not path.is_file():
        msg = f"{path}: no such file"
        raise DataError(msg)
    if kind in readers:
        return _read_delimited(path, readers[kind])
    if kind == ".jsonl":
        return _read_json_lines(path)
    if kind == ".parquet":
        return _read_parquet(path)
    msg = f"{path}: unknown kind of table; known: .csv, .tsv, .jsonl, .parquet"
    raise DataError(msg)


def _text_of(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        msg = f"{path}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8"
        raise DataError(msg) from None


def _read_delimited(path: Path, separator: str) -> Table:
    rows = _delimited_rows(path, separator)
    _, header = next(rows, (0, []))
    if not header:
        msg = f"{path}: the file is empty, expected a header"
        raise DataError(msg)
    twice = [name for name, count in Counter(header).items() if count > 1 and name]
    if twice:
        msg = f"{path}: column {twice[0]!r} is there twice"
        raise DataError(msg)
    cells: list[list[str]] = []
    lines: list[int] = []
    for line, row in rows:
        if len(row) != len(header):
            found = f"{len(row)} cells, expected {len(header)} as in the header"
            raise DataError(f"{path}, line {line}: {found}")
        cells.append(row)
        lines.append(line)
    columns = zip(*cells, strict=True) if cells else ([] for _ in header)
    named = {
        name: [_plain(value) for value in column]
        for name, column in zip(header, columns, strict=True)
        if name
    }
    return Table(path.name, named, lines)


def _delimited_rows(path: Path, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the line that it starts in."""
    text = StringIO(_text_of(path), newline="")  # line ends are kept: a quoted cell may hold some
    reader = csv.reader(text, delimiter=separator, strict=True)
    line = 0
    with _cells_of_any_length():
        try:
            for row in reader:
                if any(row):
                    yield line + 1, row
                line = reader.line_num
        except csv.Error as error:
            raise DataError(f"{path}, line {line + 1}: not a table: {error}") from None


@contextlib.contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """Lift the limit of 131,072 characters that the csv module sets to a cell."""
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _read_json_lines(path: Path) -> Table:
    rows = {
        number: _json_object(path, number, line)
        for number, line in enumerate(_text_of(path).split("\n"), start=1)
        if line.strip()
    }
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    columns = {name: [_plain(row.get(name)) for row in rows.values()] for name in names}
    return Table(path.name, columns, list(rows))


def _json_object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        msg = f"{path}, line {number}: not JSON: {error}"
        raise DataError(msg) from None
    if not isinstance(row, dict):
        msg = f"{path}, line {number}: expected a JSON object, found {type(row).__name__}"
        raise DataError(msg)
    if "\\ud" in line.lower() and not _is_unicode(row):
        raise DataError(f"{path}, line {number}: half of a surrogate pair is not a character")
    return row


def _is_unicode(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _read_parquet(path: Path) -> Table:
    try:
        from pyarrow import ArrowInvalid, parquet  # noqa: PLC0415 - optional
    except ImportError:
        raise MissingDependencyError("pyarrow", "parquet", "reading Parquet") from None
    try:
        return read_table(parquet.read_table(path), path.name)
    except (ArrowInvalid, OSError) as error:
        msg = f"{path}: not Parquet: {error}"
        raise DataError(msg) from None


def _plain(value: Any) -> Any:
    """Return ``None`` for empty cells (empty text, NaN, null), else the value."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return None if isinstance(value, str) and not value.strip() else value


def _name(column: str, value: Any) -> str:
    if value is None:
        msg = f"column {column!r}: empty, expected an id"
        raise _RowError(msg)
    if isinstance(value, list | tuple | dict):
        msg = f"column {column!r}: found {value!r}, expected an id"
        raise _RowError(msg)
    return _written(value)


def _written(value: Any) -> str:
    """Return a value as text; whole numbers without a fraction, as in the file they came from.

    A column of integers with an empty cell arrives from pandas as one of floats.
    """
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value)) if whole else str(value)


def _number(column: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        msg = f"column {column!r}: found {value!r}, expected a finite number"
        raise _RowError(msg)
    return number


# --- items ---------------------------------------------------------------------------------


def read_items(
    table: Table, config: ItemsConfig, ontology: Ontology, base_iri: str, *, drop: bool = False
) -> list[Item]:
    """Return the items of a table, in its order.

    Args:
        table: One row an item.
        config: Names of the columns.
        ontology: Its relations are recognised as columns.
        base_iri: Start of minted IRIs.
        drop: Leave bad rows out (with a DataWarning) instead of raising.

    Raises:
        DataError: A column is missing, an id is empty, an id or IRI is there twice, an IRI is not
            valid.
    """
    rows = _Rows(table, drop)
    ids = table.column(config.id, "items.id")
    labels = table.optional(config.label, "items.label", "label")
    iris = table.optional(config.iri, "items.iri", "iri")
    texts = table.optional(config.text, "items.text", "text")
    facts = _fact_columns(table, config, ontology)
    seen: dict[str, int] = {}

    def check_new(column: str, kind: str, name: str, row: int) -> None:
        if seen.setdefault(f"{kind} {name}", row) != row:
            before = table.place(seen[f"{kind} {name}"])
            msg = f"column {column!r}: {kind} {name!r} is there twice (first in {before})"
            raise _RowError(msg)

    def item(row: int) -> Item:
        name = _name(config.id, ids[row])
        check_new(config.id, "id", name, row)
        iri = _item_iri(config.iri, iris[row], base_iri, name)
        check_new(config.iri, "IRI", str(iri), row)
        label = name if labels[row] is None else _written(labels[row])
        text = None if texts[row] is None else str(texts[row])
        values = ((r, v) for c, s, r in facts for v in _values(table.columns[c][row], s))
        return Item(name, iri, label, text, tuple(values))

    items = [found for row in range(len(table)) if (found := rows.check(row, lambda: item(row)))]  # noqa: B023 - called at once
    rows.report()
    if not items:
        msg = f"{table.name}: no items"
        raise DataError(msg)
    return items


def _item_iri(column: str, value: Any, base_iri: str, name: str) -> Iri:
    if value is None:
        return mint(base_iri, "item", name)
    try:
        return Iri(str(value))
    except DataError as error:
        msg = f"column {column!r}: {error}"
        raise _RowError(msg) from None


def _fact_columns(
    table: Table, config: ItemsConfig, ontology: Ontology
) -> list[tuple[str, str | None, Relation]]:
    """Return (column, separator, relation): those configured, and those named like a relation."""
    for name in config.facts:
        table.column(name, f"items.facts.{name}")
    known = {
        name: relation
        for relation in ontology.relations.values()
        for name in (relation.iri.local_name, *(n for ns in relation.labels.values() for n in ns))
    }
    used = {config.id, config.label, config.iri, config.text}
    found: list[tuple[str, str | None, Relation]] = []
    for name in table.columns:
        column: FactColumn | None = config.facts.get(name)
        if column:
            found.append((name, column.separator, ontology.relation(column.relation)))
        elif name in known and name not in used:
            found.append((name, None, known[name]))
    return found


def _values(cell: Any, separator: str | None) -> list[str]:
    if cell is None:
        return []
    if isinstance(cell, list | tuple):
        return [_written(value) for value in cell if _plain(value) is not None]
    parts = str(cell).split(separator) if separator else [_written(cell)]
    return [part.strip() for part in parts if part.strip()]


def item_statements(
    items: Iterable[Item], ontology: Ontology, base_iri: str
) -> Iterator[Statement]:
    """Return what the items table states: types, labels, and the facts of its columns.

    A fact's value is a named individual of the ontology if one of the relation's range bears
    that name, a literal if the range is a datatype, and a minted entity else.
    """
    for item in items:
        yield Statement(Triple(item.iri, TYPE, ontology.item_class))
        yield Statement(Triple(item.iri, LABEL, Literal(item.label)))
        for relation, value in item.facts:
            yield from _fact(item.iri, relation, value, ontology, base_iri)


def _fact(
    subject: Iri, relation: Relation, value: str, ontology: Ontology, base_iri: str
) -> Iterator[Statement]:
    target = relation.range
    if target and target.startswith(XSD):
        yield Statement(Triple(subject, relation.iri, Literal(value, target)))
        return
    named = ontology.entity(value, target)
    iri = named or mint(base_iri, target.local_name if target else "Thing", value)
    yield Statement(Triple(subject, relation.iri, iri))
    if not named:
        yield Statement(Triple(iri, LABEL, Literal(value)))
        if target:
            yield Statement(Triple(iri, TYPE, target))


def ontology_statements(ontology: Ontology) -> Iterator[Statement]:
    """Return the names of classes, relations and individuals, and the types of these last."""
    terms: list[OntologyClass | Relation] = [
        *ontology.classes.values(),
        *ontology.relations.values(),
    ]
    for term in terms:
        for language, names in term.labels.items():
            literal = Literal(names[0], language=language)
            yield Statement(Triple(term.iri, LABEL, literal), extractor="ontology")
    for entity in ontology.entities.values():
        for kind in entity.types:
            yield Statement(Triple(entity.iri, TYPE, kind), extractor="ontology")
        for language, names in entity.labels.items():
            for predicate, name in zip(
                [LABEL, *[ALT_LABEL] * (len(names) - 1)], names, strict=True
            ):
                literal = Literal(name, language=language)
                yield Statement(Triple(entity.iri, predicate, literal), extractor="ontology")


# --- texts, users, interactions --------------------------------------------------------------


def read_texts(table: Table, config: TextsConfig, items: Sequence[Item]) -> list[Document]:
    """Return the documents of a table of texts; named ``items/ID``, ``items/ID/2`` and so on.

    In these names ``%`` and ``/`` of an id are percent-encoded, so that no two are the same.

    Raises:
        DataError: A column is missing, a text is empty, or its item is unknown.
    """
    known = {item.id: item for item in items}
    names = table.column(config.item, "texts.item")
    texts = table.column(config.text, "texts.text")
    seen: Counter[str] = Counter()
    found = []
    for row, (name, text) in enumerate(zip(names, texts, strict=True)):
        place = f"{table.name}, {table.place(row)}, column"
        if text is None:
            raise DataError(f"{place} {config.text!r}: the text is empty")
        item = known.get(_written(name))
        if item is None:
            raise DataError(f"{place} {config.item!r}: unknown item {name!r}")
        seen[item.id] += 1
        suffix = f"/{seen[item.id]}" if seen[item.id] > 1 else ""
        safe = item.id.replace("%", "%25").replace("/", "%2F")
        found.append(Document(f"items/{safe}{suffix}", str(text), item.iri, title=item.label))
    return found


def read_users(table: Table, config: UsersConfig, base_iri: str) -> dict[str, Document]:
    """Return what users say of themselves, by user id; the document's id is ``users/ID``.

    Raises:
        DataError: A column is missing, a text is empty, or a user is there twice.
    """
    ids = table.column(config.id, "users.id")
    texts = table.column(config.text, "users.text")
    found: dict[str, Document] = {}
    for row, (value, text) in enumerate(zip(ids, texts, strict=True)):
        place = f"{table.name}, {table.place(row)}"
        try:
            name = _name(config.id, value)
        except _RowError as problem:
            raise DataError(f"{place}, {problem}") from None
        if name in found:
            raise DataError(f"{place}, column {config.id!r}: id {name!r} is there twice")
        if text is None:
            raise DataError(f"{place}, column {config.text!r}: the text is empty")
        found[name] = Document(f"users/{name}", str(text), user=mint(base_iri, "user", name))
    return found


def read_interactions(
    table: Table,
    config: InteractionsConfig,
    items: Iterable[str],
    *,
    dislike: float,
    drop: bool = False,
) -> list[Event]:
    """Return signed events, one for each user and item.

    Without ``like_at`` the weights of repeated events add up. With it, the last rating counts:
    +1 from ``like_at`` up, ``-dislike`` below.

    Raises:
        DataError: A column is missing, an id is empty, an item unknown, a weight not a number.
    """
    rows = _Rows(table, drop)
    known = set(items)
    users = table.column(config.user, "interactions.user")
    names = table.column(config.item, "interactions.item")
    default = "weight" if config.like_at is None else ""
    weights = table.optional(config.weight, "interactions.weight", default)
    has_weight = config.weight in table.columns
    totals: dict[tuple[str, str], float] = {}

    def event(row: int) -> Event:
        user, item = _name(config.user, users[row]), _name(config.item, names[row])
        if item not in known:
            msg = f"column {config.item!r}: unknown item {item!r}"
            raise _RowError(msg)
        return Event(user, item, _number(config.weight, weights[row]) if has_weight else 1.0)

    for row in range(len(table)):
        found = rows.check(row, lambda: event(row))  # noqa: B023 - called at once
        if found:
            key = (found.user, found.item)
            rating = config.like_at is not None
            totals[key] = found.weight + (0.0 if rating else totals.get(key, 0.0))
    rows.report()
    return [Event(u, i, _sign(w, config.like_at, dislike)) for (u, i), w in sorted(totals.items())]


def _sign(weight: float, like_at: float | None, dislike: float) -> float:
    if like_at is None:
        return weight
    return 1.0 if weight >= like_at else -dislike


# --- RDF -------------------------------------------------------------------------------------


def read_rdf(path: str | Path) -> Iterator[Statement]:
    """Return the triples of an RDF file (Turtle, N-Triples, JSON-LD, RDF/XML; also ``.gz``).

    Raises:
        DataError: The file is missing, of an unknown kind or broken; the message names the line.
    """
    path = Path(path)
    packed = path.suffix == ".gz"
    kind = path.with_suffix("").suffix if packed else path.suffix
    format_ = ox.RdfFormat.from_extension(kind.lstrip("."))
    if format_ is None:
        known = ".ttl, .nt, .jsonld, .rdf, .nq, .trig, each also with .gz"
        raise DataError(f"{path}: unknown kind of RDF file {kind!r}; known: {known}")
    try:
        with cast("BufferedReader", gzip.open(path) if packed else path.open("rb")) as stream:
            if stream.peek(3).startswith(BOM_UTF8):
                stream.read(len(BOM_UTF8))
            for quad in ox.parse(stream, format=format_, rename_blank_nodes=True):
                triple = Triple(*triple_from_oxigraph(quad))
                yield Statement(triple, extractor=f"rdf:{path.name}")
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read: {reason}") from None
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise DataError(f"{path}{line}: {error.msg}") from None
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


# --- out -------------------------------------------------------------------------------------


def write_file(path: str | Path, content: bytes) -> Path:
    """Write a file beside its place and rename it, so that there is never half of one.

    Raises:
        DataError: The folder does not exist or cannot be written to.
    """
    path = Path(path)
    if path.is_dir():
        raise DataError(f"{path}: cannot be written: it is a folder")
    try:
        if path.exists() and not path.is_file():  # a pipe or a terminal, as /dev/stdout
            path.write_bytes(content)
        else:
            _replace(path.resolve(), content)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from None
    return path


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
