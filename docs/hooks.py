"""MkDocs hook: puts the table of all settings into configuration.md, from the models themselves."""
# ruff: noqa: INP001 - not a package

from __future__ import annotations

import inspect
import typing
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from kg_rec.config import Config, EventKind, FactColumn, VectorsConfig

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "<!-- settings -->"


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace the mark by the settings."""
    return markdown.replace(MARK, "\n".join(_sections())) if MARK in markdown else markdown


def _sections() -> Iterator[str]:
    yield from _section("Top level", Config)
    for name, field in Config.model_fields.items():
        if _is_table(field.annotation):
            yield from _section(f"`[{name}]`", field.annotation)
        if name == "items":
            yield from _section("`[items.facts]`, each column", FactColumn)
        if name == "vectors":
            yield from _section("`[[vectors]]`, each", VectorsConfig)
        if name == "interactions":
            yield from _section("`[interactions.kinds]`, each kind of event", EventKind)


def _section(title: str, model: Any) -> Iterator[str]:
    yield from (f"## {title}", "", (inspect.getdoc(model) or "").split("\n")[0], "")
    yield from ("| key | default | kind | meaning |", "|---|---|---|---|")
    for name, field in model.model_fields.items():
        if not _is_table(field.annotation):
            default = "required" if field.is_required() else f"`{_toml(field.default)}`"
            meaning = " ".join((field.description or "").split()).replace("``", "`")
            yield f"| `{name}` | {default} | {_kind(field)} | {meaning} |"
    yield ""


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _toml(value: Any) -> str:
    match value:
        case None:
            return "none"
        case str():
            return f'"{value}"'
        case bool():
            return str(value).lower()
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            return str(value)


def _kind(field: Any) -> str:
    limits = [
        f"{sign} {getattr(limit, name)}"
        for limit in field.metadata
        for name, sign in (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤"))
        if hasattr(limit, name)
    ]
    return ", ".join([_plain(field.annotation), *limits])


def _plain(kind: Any) -> str:
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    arguments = [a for a in typing.get_args(kind) if a not in {type(None), Ellipsis}]
    if typing.get_origin(kind) is typing.Annotated:
        return _plain(arguments[0])
    if typing.get_origin(kind) is typing.Literal:
        return " or ".join(f'`"{a}"`' for a in arguments)
    if typing.get_origin(kind) is tuple:
        return f"list of {_plain(arguments[0])}"
    if typing.get_origin(kind) is dict:
        return "table of texts" if arguments == [str, str] else "table, see below"
    return names[kind] if kind in names else " or ".join(map(_plain, arguments))
