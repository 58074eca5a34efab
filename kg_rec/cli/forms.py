"""The command that learns how text says the relations of an ontology."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - typer reads it
from typing import Annotated

import typer

from kg_rec.cli.common import Out, Quiet, hint, is_text

__all__ = ["learn_forms"]


def learn_forms(
    examples: Annotated[
        Path, typer.Option("--examples", help="JSON Lines of texts with the triples they state.")
    ],
    ontology: Annotated[
        str,
        typer.Option(
            "--ontology", callback=is_text, help="The relations: a Turtle file or a name."
        ),
    ],
    out: Out,
    model: Annotated[
        str | None,
        typer.Option("--model", callback=is_text, help="spaCy pipeline, by name or folder."),
    ] = None,
    lang: Annotated[
        str, typer.Option("--lang", callback=is_text, help="Language of the texts, as in en.")
    ] = "en",
    *,
    quiet: Quiet = False,
) -> None:
    """Learn from examples how text says the relations of an ontology, and write them into it.

    A line of the examples is {"id": ..., "text": ..., "triples": [[subject, relation, object]]},
    with subject and object as in the text and the label or IRI of a relation. The Turtle that is
    written has the ontology and, one a line, every sign that decides, with its weight, how often it
    was seen and how precise it was. Delete the lines that you don't believe.
    """
    from kg_rec import io  # noqa: PLC0415 - see kg_rec.cli
    from kg_rec.ontology import Ontology  # noqa: PLC0415
    from kg_rec.text.learning import learn_forms as learn  # noqa: PLC0415
    from kg_rec.text.pipelines import known_languages  # noqa: PLC0415

    if lang not in known_languages():
        msg = f"{lang!r} is no language that spaCy has"
        raise typer.BadParameter(msg, param_hint="--lang")
    learned = learn(examples, Ontology.load(ontology), pipeline=model, language=lang)
    io.write_file(out, learned.turtle.encode())
    score = learned.held_out
    hint(
        f"{out}: {len(learned):,} patterns; a relation holds from {learned.threshold} on",
        quiet=quiet,
    )
    if score.examples:
        hint(
            f"on {score.examples:,} examples held out: precision {score.precision:.3f}, "
            f"recall {score.recall:.3f}, F1 {score.f1:.3f} (names given)",
            quiet=quiet,
        )
