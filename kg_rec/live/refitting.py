"""All that is learned of many users together, learned again from what a model holds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from kg_rec.building import embedded
from kg_rec.folding import known_of
from kg_rec.ontology import PREDICTED_TO_LIKE
from kg_rec.statements import DERIVED

if TYPE_CHECKING:
    from kg_rec.building import Progress
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.model import Model

__all__ = ["refitted"]


def refitted(model: Model, progress: Progress | None = None) -> Model:
    """Return the model as a build with the same settings and data would make it.

    Texts are not read again: their statements are in the graph, and stay as they are.

    Args:
        model: The model, with all that it was told folded in.
        progress: Told how far it is.
    """
    prepared = embedded(known_of(model), _told(model.graph), model.texts, progress)
    fitted = prepared.model(model.given, progress)
    log = replace(fitted.log, weighed=np.ones(len(fitted.log), dtype=bool))
    return replace(fitted, log=log, remembered=model.remembered, journal=model.journal)


def _told(graph: KnowledgeGraph) -> KnowledgeGraph:
    """Return a graph without what was learned from it."""
    told = graph.select([part for part in graph.part_names if part != DERIVED])
    predicted = told.rows(predicate=PREDICTED_TO_LIKE)
    if not len(predicted):
        return told
    return told.take(np.setdiff1d(np.arange(len(told)), predicted))
