"""The rows of tables as items and documents."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg_rec.errors import DataError
from kg_rec.ids import Iri, mint
from kg_rec.io.rows import RowError, Rows, name_of, written
from kg_rec.io.tables import Table, plain
from kg_rec.statements import Document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from kg_rec.config import (
        FactColumn,
        ItemsConfig,
        TextsConfig,
        UsersConfig,
    )
    from kg_rec.ontology import Ontology, Relation

__all__ = [
    "Item",
    "item_documents",
    "label_documents",
    "read_items",
    "read_texts",
    "read_users",
    "texts_of",
]


@dataclass(frozen=True)
class Item:
    """One row of the items table."""

    id: str
    iri: Iri
    label: str
    text: str | None
    facts: tuple[tuple[Relation, str], ...] = ()


def read_items(
    table: Table,
    config: ItemsConfig,
    ontology: Ontology,
    base_iri: str,
    *,
    drop: bool = False,
    taken: Collection[str] = (),
) -> list[Item]:
    """Return the items of a table, in its order.

    Args:
        table: One row an item.
        config: Names of the columns.
        ontology: Its relations are recognised as columns.
        base_iri: Start of minted IRIs.
        drop: Leave bad rows out (with a DataWarning) instead of raising.
        taken: Ids and IRIs of items that are known already; a row must be of none of them.

    Raises:
        DataError: A column is missing, an id is empty, an id or IRI is there twice or is taken, an
            IRI is not valid.
    """
    rows = Rows(table, drop)
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
            raise RowError(msg)
        if name in taken:
            raise RowError(f"column {column!r}: the catalogue has an item of {kind} {name!r}")

    def item(row: int) -> Item:
        name = name_of(config.id, ids[row])
        check_new(config.id, "id", name, row)
        iri = _item_iri(config.iri, iris[row], base_iri, name)
        check_new(config.iri, "IRI", str(iri), row)
        label = name if labels[row] is None else written(labels[row])
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
        raise RowError(msg) from None


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
        return [written(value) for value in cell if plain(value) is not None]
    parts = str(cell).split(separator) if separator else [written(cell)]
    return [part.strip() for part in parts if part.strip()]


def item_documents(items: Iterable[Item]) -> list[Document]:
    """Return the prose of the items table as documents, named ``items/ID``."""
    return [
        Document(_document_name(item, 1), item.text, item.iri, title=item.label)
        for item in items
        if item.text is not None
    ]


def label_documents(items: Iterable[Item]) -> list[Document]:
    """Return the names of items as documents of their own, named ``labels/ID``."""
    return [
        Document(f"labels/{_escaped(item.id)}", item.label, item.iri, title=item.label)
        for item in items
    ]


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("/", "%2F")


def _document_name(item: Item, number: int) -> str:
    """Return ``items/ID`` or ``items/ID/number``; ``%`` and ``/`` of the id are percent-encoded."""
    name = _escaped(item.id)
    return f"items/{name}" if number == 1 else f"items/{name}/{number}"


def texts_of(items: Collection[str], documents: Iterable[str]) -> set[str]:
    """Return those of some names of documents that are of texts of some items, by id."""
    own = {_escaped(name) for name in items}
    parts = {name: name.split("/") for name in documents}
    return {
        name
        for name, (kind, *rest) in parts.items()
        if kind in {"items", "labels"} and rest and rest[0] in own
    }


def read_texts(table: Table, config: TextsConfig, items: Sequence[Item]) -> list[Document]:
    """Return the documents of a table of texts, named ``items/ID``, ``items/ID/2`` and so on.

    Items that have prose of their own count that as their first text.

    Raises:
        DataError: A column is missing, a text is empty, or its item is unknown.
    """
    known = {item.id: item for item in items}
    names = table.column(config.item, "texts.item")
    texts = table.column(config.text, "texts.text")
    languages = table.optional(config.lang, "texts.lang", "lang")
    seen = Counter(item.id for item in items if item.text is not None)
    found = []
    for row, (name, text, lang) in enumerate(zip(names, texts, languages, strict=True)):
        place = f"{table.name}, {table.place(row)}, column"
        if text is None:
            raise DataError(f"{place} {config.text!r}: the text is empty")
        item = known.get(written(name))
        if item is None:
            raise DataError(f"{place} {config.item!r}: unknown item {name!r}")
        seen[item.id] += 1
        document = _document_name(item, seen[item.id])
        code = str(lang) if lang is not None else None
        found.append(Document(document, str(text), item.iri, title=item.label, lang=code))
    return found


def read_users(table: Table, config: UsersConfig, base_iri: str) -> dict[str, Document]:
    """Return what users say of themselves, by user id; the document's id is ``users/ID``.

    Where users have segments, a text may be empty, and its column may be missing.

    Raises:
        DataError: A column is missing, a text is empty, or a user is there twice.
    """
    ids = table.column(config.id, "users.id")
    if config.segments:
        texts = table.optional(config.text, "users.text", "text")
    else:
        texts = table.column(config.text, "users.text")
    found: dict[str, Document] = {}
    known: set[str] = set()
    for row, (value, text) in enumerate(zip(ids, texts, strict=True)):
        place = f"{table.name}, {table.place(row)}"
        try:
            name = name_of(config.id, value)
        except RowError as problem:
            raise DataError(f"{place}, {problem}") from None
        if name in known:
            raise DataError(f"{place}, column {config.id!r}: id {name!r} is there twice")
        known.add(name)
        if text is None and config.segments:
            continue
        if text is None:
            raise DataError(f"{place}, column {config.text!r}: the text is empty")
        found[name] = Document(f"users/{name}", str(text), user=mint(base_iri, "user", name))
    return found
