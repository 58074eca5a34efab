"""What somebody who comes for the first time is told: how much there is, and what could be said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyoxigraph as ox
from pydantic import BaseModel, ConfigDict

from kg_rec import __version__
from kg_rec.errors import DataError
from kg_rec.ids import OWL, SKOS, Iri
from kg_rec.ontology import TYPE
from kg_rec.ontology.texts import HAS_WORD, MENTIONS
from kg_rec.strategies import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.recommender import Recommender

__all__ = ["StartAnswer", "examples_of", "names_of", "start_of"]

_EXAMPLES = 4
_NAMES = 200
_LOVED = {"en": "I loved {} and {}.", "zh": "我喜欢{}和{}。"}


class StartAnswer(BaseModel):
    """What there is, and what could be said."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    version: str
    """Of the package."""
    items: int
    users: int
    facts: int
    """Triples of the graph; none is about a user."""
    strategies: list[str]
    """What lists can be made from."""
    examples: list[str]
    """Tastes that can be read."""
    names: list[str]
    """What items have to do with, the most common first."""


def start_of(recommender: Recommender, language: str = "en") -> StartAnswer:
    """Return what somebody is told who comes for the first time.

    Args:
        recommender: The model.
        language: Of the examples: ``en``, ``zh``.
    """
    return StartAnswer(
        version=__version__,
        items=len(recommender.items),
        users=len(recommender.users),
        facts=len(recommender.facts),
        strategies=list(STRATEGIES),
        examples=examples_of(recommender, language),
        names=names_of(recommender),
    )


# --- examples ------------------------------------------------------------------------------------


def examples_of(recommender: Recommender, language: str = "en") -> list[str]:
    """Return a few tastes that can be read, of which all that is understood has to do with items.

    They are those of the ontology, by ``skos:example``; else what most people like.
    """
    told = [*_written(recommender.ontology.turtle, language), *_loved(recommender, language)]
    return [text for text in told if _is_read(recommender, text)][:_EXAMPLES]


def _written(turtle: str, language: str) -> list[str]:
    """Return the examples in the heads of ontologies."""
    found = list(ox.parse(turtle, ox.RdfFormat.TURTLE))
    kind, example = ox.NamedNode(TYPE), ox.NamedNode(SKOS["example"])
    heads = {q.subject for q in found if q.predicate == kind and q.object.value == OWL["Ontology"]}
    texts = [q.object for q in found if q.subject in heads and q.predicate == example]
    return [text.value for text in texts if text.language == language]


def _loved(recommender: Recommender, language: str) -> Iterator[str]:
    if language not in _LOVED:
        return
    labels = [item.label for item in recommender.recommend(k=2 * _EXAMPLES, language=language)]
    for one, other in zip(labels[::2], labels[1::2], strict=False):
        yield _LOVED[language].format(one, other)


def _is_read(recommender: Recommender, text: str) -> bool:
    try:
        said = recommender.read_taste(text)
    except DataError:  # nothing reads this language here
        return False
    items = {item.iri for item in recommender.items}
    known = recommender.facts
    return bool(said) and all(
        one.entity in items or any(known.triples(None, None, one.entity)) for one in said
    )


# --- names ---------------------------------------------------------------------------------------


def names_of(recommender: Recommender, most: int = _NAMES) -> list[str]:
    """Return the names of what most items have to do with: people, genres, subjects."""
    vectors = recommender.vectors.block("facts")
    counts = np.bincount(vectors.matrix.indices, minlength=len(vectors.columns))
    label = recommender.facts.label
    found: dict[str, None] = {}
    for number in np.argsort(-counts, kind="stable"):
        column = vectors.columns[number]
        if len(found) == most:
            break
        if column.predicate not in {HAS_WORD, MENTIONS} and isinstance(column.object, Iri):
            found[label(column.object)] = None
    return list(found)
