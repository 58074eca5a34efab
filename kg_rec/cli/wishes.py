"""Options of lists: what they are restricted to, and how they are re-ranked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kg_rec.cli.common import err_console, is_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.report.shown import Recommendations

__all__ = [
    "Attributes",
    "Boost",
    "Calibration",
    "Caps",
    "Diversity",
    "Explore",
    "Facet",
    "Friends",
    "Liked",
    "Mute",
    "Novelty",
    "Only",
    "Seed",
    "Segments",
    "Strategy",
    "Where",
    "Without",
    "asked",
    "reranking",
    "tell",
    "told",
    "whom",
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


Liked = Annotated[
    list[str] | None,
    typer.Option(
        "--liked", metavar="ITEM", callback=_texts, help="Id of an item you like; repeatable."
    ),
]
Attributes = Annotated[
    list[str] | None,
    typer.Option(
        "--attribute",
        metavar="RELATION=NAME",
        callback=_texts,
        help="Asked for, as in genre=Crime; to be avoided, as in genre=-Horror; repeatable.",
    ),
]
Friends = Annotated[
    list[str] | None,
    typer.Option(
        "--friend", metavar="USER", callback=_texts, help="Id of a user you know; repeatable."
    ),
]
Segments = Annotated[
    list[str] | None,
    typer.Option(
        "--segment",
        metavar="COLUMN=VALUE",
        callback=_texts,
        help="What you have in common with others, as in country=FR; repeatable.",
    ),
]
Strategy = Annotated[
    str | None,
    typer.Option(
        "--strategy",
        metavar="NAME",
        callback=is_text,
        help="What counts: auto, blended, content, collaborative, community, transfer, popularity.",
    ),
]
Explore = Annotated[
    float,
    typer.Option("--explore", help="Share of the places for items drawn by chance: 0 to 1."),
]
Seed = Annotated[int, typer.Option("--seed", help="Of that chance.")]


def asked(
    *,
    user: str | None,
    text: str | None,
    liked: Sequence[str] | None = None,
    attributes: Sequence[str] | None = None,
    friends: Sequence[str] | None = None,
    segments: Sequence[str] | None = None,
    strategy: str | None = None,
) -> dict[str, Any]:
    """Return whom a list is for and what counts, as arguments of a recommender.

    Raises:
        typer.BadParameter: Nothing is told, both a user and a text, or an option is broken.
    """
    one = (user is None) != (text is None)
    if not one and (user or not any((liked, attributes, friends, segments, strategy))):
        msg = "give either --user or --text, or --liked, --attribute, --friend, --segment"
        raise typer.BadParameter(msg)
    wanted: dict[str, list[str]] = {}
    for relation, name in _pairs(attributes, "--attribute", "genre=Crime"):
        wanted.setdefault(relation, []).append(name)
    return {
        "user": user,
        "text": text,
        "history": liked,
        "attributes": wanted or None,
        "friends": friends or (),
        "segments": dict(_pairs(segments, "--segment", "country=FR")) or None,
        "strategy": strategy or "auto",
    }


def _pairs(given: Sequence[str] | None, option: str, example: str) -> list[tuple[str, str]]:
    pairs = [text.partition("=") for text in given or ()]
    for name, mark, value in pairs:
        if not (name and mark and value):
            msg = f"{option}: expected NAME=VALUE, as in {example}, found {name + mark + value!r}"
            raise typer.BadParameter(msg)
    return [(name, value) for name, _, value in pairs]


def whom(told: Mapping[str, Any]) -> str:
    """Return whom a list is for, as a title."""
    if told["user"] is not None:
        return f"For user {told['user']}"
    said = [told["text"]] if told["text"] else []
    said += [f"liked {', '.join(told['history'])}"] if told["history"] else []
    for name, values in (told["attributes"] or {}).items():
        said.append(f"{name} {', '.join(values)}")
    said += [f"friend of {', '.join(told['friends'])}"] if told["friends"] else []
    said += [f"{column} {value}" for column, value in (told["segments"] or {}).items()]
    return f"For: {'; '.join(said)}" if said else "For anybody"


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
    """Return strategy, note and moves of a list as plain values for JSON."""
    values: dict[str, Any] = {"strategy": found.strategy.name, "why": found.strategy.why}
    values |= {"note": found.note} if found.note else {}
    if found.moves:
        values["moves"] = [move._asdict() for move in found.moves]
    return values


def tell(found: Recommendations, told: Mapping[str, Any]) -> None:
    """Print strategy, note and moves of a list to standard error."""
    cold = found.strategy.name in {"community", "popularity"} and told["text"] is None
    if told["strategy"] != "auto" or cold:
        line = f"{found.strategy.name}: {found.strategy.why}"
        err_console.print(f"kg-rec: {line}", markup=False, soft_wrap=True)
    for move in found.moves:
        after = "out" if move.after is None else move.after
        line = f"{move.label}: {move.before} -> {after}, {move.why}"
        err_console.print(f"kg-rec: moved: {line}", markup=False, soft_wrap=True)
    if found.note and found.note != found.strategy.why:
        err_console.print(f"kg-rec: note: {found.note}", markup=False, soft_wrap=True)
