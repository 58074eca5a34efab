"""Options of lists: what they are restricted to, and how they are re-ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg_rec.cli.common import err_console, is_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.report.shown import Recommendations

__all__ = [
    "Boost",
    "Calibration",
    "Caps",
    "Diversity",
    "Facet",
    "Mute",
    "Novelty",
    "Only",
    "Where",
    "Without",
    "reranking",
    "tell",
    "told",
]


def _texts(values: list[str] | None) -> list[str] | None:
    for value in values or ():
        is_text(value)
    return values


Only = Annotated[
    list[str] | None,
    typer.Option(
        "--only",
        metavar="NAME",
        callback=_texts,
        help="List only what is this item or class, or has to do with this entity; repeatable.",
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(
        "--without",
        metavar="NAME",
        callback=_texts,
        help="List nothing that is this item or class, or has to do with this entity; repeatable.",
    ),
]
Mute = Annotated[
    list[str] | None,
    typer.Option(
        "--mute",
        metavar="REASON",
        callback=_texts,
        help="Not because of this: an item, entity, relation, relation=entity, or kind; "
        "repeatable.",
    ),
]
Boost = Annotated[
    list[str] | None,
    typer.Option(
        "--boost", metavar="REASON", callback=_texts, help="More because of this; repeatable."
    ),
]
Where = Annotated[
    str | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        callback=is_text,
        help="As in \"year >= 1990 and genre == 'Crime'\"; or SPARQL with ?item.",
    ),
]
Diversity = Annotated[
    float | None, typer.Option("--diversity", help="Avoid items like those above: 0 to below 1.")
]
Novelty = Annotated[
    float | None, typer.Option("--novelty", help="Prefer what few people like: 0 to below 1.")
]
Calibration = Annotated[
    float | None,
    typer.Option("--calibration", help="Keep the proportions of the history: 0 to below 1."),
]
Facet = Annotated[
    str | None,
    typer.Option(
        "--facet", metavar="RELATION", callback=is_text, help="What --calibration keeps; genre."
    ),
]
Caps = Annotated[
    list[str] | None,
    typer.Option(
        "--cap",
        metavar="RELATION=N",
        callback=_texts,
        help="At most N items that share a value, as in director=2; repeatable.",
    ),
]


def reranking(caps: Sequence[str] | None, **given: float | str | None) -> dict[str, Any] | None:
    """Return the settings of re-ranking that options give; None if they give none."""
    found: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    for cap in caps or ():
        relation, _, most = cap.partition("=")
        if not relation or not most.isdecimal():
            msg = f"--cap: expected RELATION=N, as in director=2, found {cap!r}"
            raise typer.BadParameter(msg)
        found.setdefault("caps", {})[relation] = int(most)
    return found or None


def told(found: Recommendations) -> dict[str, Any]:
    """Return note and moves of a list as plain values for JSON; nothing where there are none."""
    values: dict[str, Any] = {"note": found.note} if found.note else {}
    if found.moves:
        values["moves"] = [move._asdict() for move in found.moves]
    return values


def tell(found: Recommendations) -> None:
    """Print note and moves of a list to standard error."""
    for move in found.moves:
        after = "out" if move.after is None else move.after
        line = f"{move.label}: {move.before} -> {after}, {move.why}"
        err_console.print(f"kg-rec: moved: {line}", markup=False, soft_wrap=True)
    if found.note:
        err_console.print(f"kg-rec: note: {found.note}", markup=False, soft_wrap=True)
