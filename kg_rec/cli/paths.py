"""Commands on how things hang together in a model."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kg_rec.cli.common import (
    Lang,
    Model,
    Text,
    User,
    is_text,
    load,
    one_line,
    one_of,
    print_json,
)

if TYPE_CHECKING:
    from kg_rec.explanations import Path

__all__ = ["path", "why"]


class PathFormat(StrEnum):
    """How paths are printed."""

    text = "text"
    json = "json"


def path(  # noqa: PLR0913 - an argument for each option
    model: Model,
    a: Annotated[
        str, typer.Argument(metavar="A", callback=is_text, help="Id of an item, IRI or name.")
    ],
    b: Annotated[str, typer.Argument(metavar="B", callback=is_text, help="Another one.")],
    k: Annotated[int, typer.Option("-k", min=1, help="How many paths.")] = 5,
    hops: Annotated[int, typer.Option("--hops", min=1, help="Most hops of a path.")] = 3,
    relations: Annotated[
        list[str] | None,
        typer.Option("--relation", help="Only over this relation; may be repeated."),
    ] = None,
    lang: Lang = "en",
    format: Annotated[PathFormat, typer.Option("--format")] = PathFormat.text,  # noqa: A002 - the option's name
    *,
    facts: Annotated[
        bool, typer.Option("--facts", help="Only over facts, not over links that were learned.")
    ] = False,
) -> None:
    """Print the best paths between two nodes of the graph; small hubs and rare relations first."""
    from kg_rec.explanations.words import path_in_words  # noqa: PLC0415 - others do without

    recommender = load(model)
    ontology = recommender.model.ontology
    found = recommender.paths(a, b, k=k, max_hops=hops, relations=relations, learned=not facts)
    if format is PathFormat.json:
        print_json({"paths": [_values(path) for path in found]})
        return
    if not found:
        limit = "1 hop" if hops == 1 else f"{hops} hops"
        sys.stdout.write(one_line(f"no path of at most {limit} from {a} to {b}") + "\n")
    for number, one in enumerate(found, start=1):
        said = one_line(path_in_words(recommender.graph, ontology, one.hops, lang))
        sys.stdout.write(f"{number}. {said}   (cost {one.cost:.2f})\n")


def _values(found: Path) -> dict[str, object]:
    from kg_rec.explanations.terms import hop_values  # noqa: PLC0415 - other commands do without

    return {"cost": found.cost, "hops": hop_values(found.hops)}


def why(
    model: Model,
    item: Annotated[str, typer.Option("--item", callback=is_text, help="Id of the item.")],
    user: User = None,
    text: Text = None,
    over: Annotated[
        str | None, typer.Option("--over", callback=is_text, help="Id of an item to compare with.")
    ] = None,
    k: Annotated[int, typer.Option("-k", min=1, help="Length of the list.")] = 10,
    lang: Lang = "en",
    format: Annotated[PathFormat, typer.Option("--format")] = PathFormat.text,  # noqa: A002 - the option's name
) -> None:
    """Print without what an item would not be in the list, or what it lacks to be in it.

    With --over: why it is above or below another item, reason by reason.
    """
    one_of(user, text)
    answer = load(model).what_if(user, text=text, language=lang).answer(item, k, over)
    if format is PathFormat.json:
        print_json({"user": user, **answer.to_dict()})
        return
    from kg_rec.explanations.answers import in_words  # noqa: PLC0415 - other commands do without

    sys.stdout.write("".join(f"{line}\n" for line in in_words(answer, lang)))
