"""Documents in, from tables; statements out and in again, as JSON Lines."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg_rec.errors import DataError
from kg_rec.ids import Iri, Term, from_oxigraph, mint, to_oxigraph
from kg_rec.io.rows import RowError, Rows, name_of
from kg_rec.io.tables import plain, read_table
from kg_rec.statements import FACTS, USERS, Document, Evidence, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

__all__ = ["documents_of", "read_documents", "read_statements", "statement_line"]

_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]+)*")
_NUMBER = re.compile(r"[\d.,:/ -]+")
_KEYS = ("document", "subject", "predicate", "object", "start", "end", "text", "polarity")


def read_documents(
    source: Any,
    *,
    base_iri: str,
    drop: bool = False,
    languages: Collection[str] | None = None,
    id_column: str = "id",
    text_column: str = "text",
) -> list[Document]:
    """Return the documents of a table, in its order.

    Columns beside the id and the text may be ``lang`` (language code), ``item`` (what the text is
    about: an IRI or a name), ``title`` (the item's name) and ``user`` (who speaks: an IRI or an
    id). Other columns are passed over.

    Args:
        source: A file (``.jsonl``, ``.csv``, ``.tsv``, ``.parquet``) or a dataframe.
        base_iri: Where items and users get IRIs that have none.
        drop: Leave bad rows out (with a DataWarning) instead of raising.
        languages: The codes that ``lang`` may hold; None for any.
        id_column: Name of the column of ids.
        text_column: Name of the column of texts.

    Raises:
        DataError: A column is missing; an id is empty or there twice; a text is empty or no text;
            a language code is unknown.

    Examples:
        >>> import pandas
        >>> table = pandas.DataFrame({"id": [7], "text": ["A heist."], "item": ["Heat"]})
        >>> read_documents(table, base_iri="https://example.org/")[0].item
        Iri('https://example.org/item/Heat')
    """
    table = read_table(source, "documents")
    for column in (id_column, text_column):
        if column not in table.columns:
            there = ", ".join(map(repr, table.columns)) or "none"
            msg = f"{table.name}: no column {column!r}, which documents need; columns: {there}"
            raise DataError(msg)
    rows, found = Rows(table, drop), _Documents(base_iri, languages, id_column, text_column)
    for row in range(len(table)):
        cells = {name: column[row] for name, column in table.columns.items()}
        rows.check(row, lambda: found.add(cells, table.place(row)))  # noqa: B023 - called at once
    rows.report()
    return found.documents


def documents_of(
    given: Iterable[Document | Mapping[str, Any]], base_iri: str
) -> Iterator[Document]:
    """Yield documents as they come, made of mappings where they are none.

    Raises:
        DataError: One is not as expected, or its id was there before.
    """
    known = _Documents(base_iri, None, "id", "text")
    for number, one in enumerate(given, start=1):
        try:
            yield known.take(one, str(number))
        except RowError as problem:
            raise DataError(f"document {number}: {problem}") from None


class _Documents:
    """Makes documents of the cells of rows, each id once."""

    def __init__(
        self, base_iri: str, languages: Collection[str] | None, id_column: str, text_column: str
    ) -> None:
        self.documents: list[Document] = []
        self._base_iri = base_iri
        self._languages = languages
        self._id_column, self._text_column = id_column, text_column
        self._places: dict[str, str] = {}

    def add(self, cells: Mapping[str, Any], place: str) -> None:
        """Add the document of a row; RowError says what is wrong with it."""
        name = name_of(self._id_column, cells.get(self._id_column))
        text = self._prose(cells)
        item, user = _text(cells, "item"), _text(cells, "user")
        try:
            document = Document(
                name,
                text,
                item=self._iri("item", item) if item else None,
                user=self._iri("user", user) if user else None,
                title=_text(cells, "title") or _title(item),
                lang=self._language(cells),
            )
        except DataError as error:
            raise RowError(str(error)) from None
        self.check_new(name, place)
        self.documents.append(document)

    def take(self, given: object, place: str) -> Document:
        """Return a document, or what is made of a mapping; none is kept."""
        if isinstance(given, Document):
            self.check_new(given.id, place)
            return given
        if isinstance(given, Mapping):
            self.add({name: plain(value) for name, value in given.items()}, place)
            return self.documents.pop()
        msg = f"found {type(given).__name__}, expected a Document or a mapping"
        raise RowError(msg)

    def check_new(self, name: str, place: str) -> None:
        """Refuse an id that was there before."""
        if name in self._places:
            first = self._places[name]
            msg = f"column {self._id_column!r}: id {name!r} is there twice (first in {first})"
            raise RowError(msg)
        self._places[name] = place

    def _prose(self, cells: Mapping[str, Any]) -> str:
        text = cells.get(self._text_column)
        if text is None:
            msg = f"column {self._text_column!r}: the text is empty"
            raise RowError(msg)
        if not isinstance(text, str):
            msg = f"column {self._text_column!r}: found {text!r}, expected a text"
            raise RowError(msg)
        return text

    def _iri(self, kind: str, name: str) -> Iri:
        return _as_iri(name) or mint(self._base_iri, kind, name)

    def _language(self, cells: Mapping[str, Any]) -> str | None:
        written = _text(cells, "lang")
        if not written:
            return None
        match = _CODE.fullmatch(written)
        code = match[1].lower() if match else ""
        if not code or (self._languages is not None and code not in self._languages):
            msg = f"column 'lang': found {written!r}, expected a language code, as in 'en'"
            raise RowError(msg)
        return code


def _text(cells: Mapping[str, Any], column: str) -> str:
    value = cells.get(column)
    return "" if value is None else name_of(column, value)


def _as_iri(name: str) -> Iri | None:
    try:
        return Iri(name)
    except DataError:
        return None


def _title(item: str) -> str:
    """Return the name of an item that is given by one; an IRI or a number is none."""
    return "" if not item or _as_iri(item) or _NUMBER.fullmatch(item) else item


def statement_line(statement: Statement) -> str:
    r"""Return a statement as a line of JSON, without the line end.

    Keys, in this order: ``document``, ``subject``, ``subject_text``, ``predicate``, ``object``,
    ``object_text``, ``start``, ``end``, ``text``, ``polarity``, ``confidence``, ``extractor``; and
    ``strength`` for what a user likes or dislikes. The passage is the first one that says so.

    ``object`` is a string: an IRI as it is, a literal as N-Triples write it, which begins with
    a quotation mark.

    Examples:
        >>> from kg_rec.ids import Literal
        >>> triple = Triple(Iri("urn:heat"), Iri("urn:year"), Literal("1995"))
        >>> line = statement_line(Statement(triple, (Evidence("d", 0, 4, "1995"),), 0.9, "x"))
        >>> json.loads(line)["object"]
        '"1995"'
    """
    passage = statement.evidence[0] if statement.evidence else Evidence("", 0, 0, "")
    row = {
        "document": passage.document,
        "subject": str(statement.triple.subject),
        "subject_text": statement.subject_text,
        "predicate": str(statement.triple.predicate),
        "object": _written_term(statement.triple.object),
        "object_text": statement.object_text,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "polarity": statement.polarity,
        "confidence": round(statement.confidence, 4),
        "extractor": statement.extractor,
    }
    if statement.part == USERS and statement.extractor != "entity":
        row["strength"] = round(statement.strength, 4)
    return json.dumps(row, ensure_ascii=False)


def _written_term(term: Term) -> str:
    return str(term) if isinstance(term, Iri) else str(to_oxigraph(term))


def read_statements(path: str | Path) -> Iterator[Statement]:
    """Yield the statements of a JSON Lines file that ``kg-rec extract`` wrote.

    Raises:
        DataError: The file is missing, or a line is no statement; the message names it.
    """
    table = read_table(path)
    for key in _KEYS:
        if len(table):
            table.column(key, "statements")
    for row in range(len(table)):
        cells = {name: column[row] for name, column in table.columns.items()}
        try:
            yield _statement(cells)
        except (DataError, SyntaxError, ValueError, TypeError) as error:
            raise DataError(f"{table.name}, {table.place(row)}: no statement: {error}") from None


def _statement(cells: dict[str, Any]) -> Statement:
    triple = Triple(Iri(cells["subject"]), Iri(cells["predicate"]), _read_term(cells["object"]))
    passage = Evidence(
        str(cells["document"]), int(cells["start"]), int(cells["end"]), str(cells["text"])
    )
    strength = cells.get("strength")
    return Statement(
        triple,
        (passage,),
        float(cells.get("confidence") or 1.0),
        str(cells.get("extractor") or "extract"),
        FACTS if strength is None else USERS,
        int(cells["polarity"]),
        1.0 if strength is None else float(strength),
        cells.get("subject_text") or "",
        cells.get("object_text") or "",
    )


def _read_term(written: str) -> Term:
    if not written.startswith('"'):
        return Iri(written)
    line = f"<urn:s> <urn:p> {written} ."
    (quad,) = ox.parse(line, format=ox.RdfFormat.N_TRIPLES)
    return from_oxigraph(quad.object)
