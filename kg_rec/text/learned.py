"""Learned patterns as Turtle that a person can read and delete from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kg_rec.ontology import ANY_NAME, ANY_RELATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology, Pattern
    from kg_rec.text.learning import Score

__all__ = ["as_turtle"]

_HEAD = """
# --- learned patterns -------------------------------------------------------------------------
# Written by kg-rec learn-forms. Delete what you don't believe: what is gone no longer counts.
# rdf:value        the sign in the text; docs/text.md says how to read it
# kgrec:weight     what it adds to the score of the relation, or takes from it
# kgrec:support    how many facts of the examples it was seen with
# kgrec:precision  in which share of the pairs of names that had it
# kgrec:threshold  the confidence from which on a relation is read
# Under kgrec:anyRelation: what speaks for some relation, whichever. Under kgrec:anyName: names that
# the examples have; support and precision: in how many of them it stands, and is a name.
@prefix kgrec: <https://w3id.org/kg-rec/ns#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""


def as_turtle(
    ontology: Ontology, patterns: dict[Iri, list[Pattern]], threshold: float, score: Score
) -> str:
    """Return an ontology with learned patterns as Turtle, one pattern a line."""
    lines = [ontology.turtle.rstrip(), _HEAD]
    if score.examples:
        lines.append(
            f"# On {score.examples:,} examples held out: precision {score.precision:.3f}, "
            f"recall {score.recall:.3f}, F1 {score.f1:.3f} (names given).\n"
        )
    lines.append(f"kgrec:anyRelation kgrec:threshold {threshold} .\n")
    for relation in sorted(patterns, key=lambda iri: (iri in {ANY_RELATION, ANY_NAME}, iri)):
        lines += _block(ontology, relation, patterns[relation])
    return "\n".join(lines) + "\n"


def _block(ontology: Ontology, relation: Iri, patterns: list[Pattern]) -> Iterator[str]:
    known = ontology.relations.get(relation)
    if known and known.labels:
        label = next(iter(known.labels.values()))[0]
        yield f"# {' '.join(label.split())}"
    yield f"<{relation}>"
    for k, pattern in enumerate(patterns):
        yield _line(pattern) + (" ." if k + 1 == len(patterns) else " ;")
    yield ""


def _line(pattern: Pattern) -> str:
    text = json.dumps(pattern.text, ensure_ascii=False)
    tag = f"@{pattern.language}" if pattern.language else ""
    weight = "" if pattern.weight is None else f"kgrec:weight {pattern.weight} ; "
    numbers = f"kgrec:support {pattern.support} ; kgrec:precision {pattern.precision}"
    return f"    kgrec:pattern [ rdf:value {text}{tag} ; {weight}{numbers} ]"
