"""The command that lists which names were taken for the same thing, and why."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from kg_rec.cli.common import Model, load, print_json, print_rows

__all__ = ["entities"]


class EntityFormat(StrEnum):
    """How merged names are printed."""

    table = "table"
    json = "json"


def entities(
    model: Model,
    format: Annotated[EntityFormat, typer.Option("--format")] = EntityFormat.table,  # noqa: A002 - the option's name
) -> None:
    """Print which names were taken for the same thing, why, and where they stand.

    To decide otherwise, list names in a file (columns: name, entity; tab-separated) and name it as
    `entities` in the [text] table of the configuration.
    """
    from kg_rec.graph.merged import merged_names  # noqa: PLC0415 - see cli/__init__.py

    merged = [
        {
            "name": m.name,
            "entity": m.entity,
            "label": m.label,
            "reason": m.reason,
            "documents": list(m.documents),
        }
        for m in merged_names(load(model).graph.without_users())
    ]
    if format is EntityFormat.json:
        print_json(merged)
        return
    print_rows(
        ("name", "means", "because", "in"),
        [(m["name"], m["label"], m["reason"], " ".join(m["documents"])) for m in merged],
        empty="every name was taken for a thing of its own",
    )
