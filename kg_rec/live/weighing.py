"""How much items weigh by the events that are left: what of a fit is made again in place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.folding import known_of
from kg_rec.ids import mint
from kg_rec.live.support import supported
from kg_rec.popularity import fresh_likes, popularity
from kg_rec.profiles import content_links
from kg_rec.segments import POPULAR_IN, segment_popularity
from kg_rec.vectors import FACT_BLOCKS, POPULARITY, Fitted, ItemVectors, content_weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kg_rec.model import Model

__all__ = ["reweighed"]


def reweighed(model: Model) -> Model:
    """Return a model whose items weigh what they would if it had been fitted on its events.

    These are the events that it was fitted on, as far as they are still there; later ones wait for
    the next fit. Popularity and the weights of content are made again; ``fitted`` still says what
    they are now. Whatever was learned from several users stays.

    Args:
        model: A model that has lost events.
    """
    events, times = _weighed_events(model)
    config, fitted = model.config.ranking, Fitted.of(events)
    before, now = (
        content_weights(likes, config.facts, config.facts_cold)
        for likes in (model.fitted.likes, fitted.likes)
    )
    factor = np.divide(now, before, out=np.ones_like(now), where=before > 0)
    fresh = fresh_likes(events, times, config.popularity_half_life, graded=model.log.graded)
    vectors = _scaled(model.vectors, factor)
    vectors = _with_column(vectors, popularity(fresh) * config.popularity)
    vectors = _with_segments(vectors, model, fresh)
    found = replace(model, vectors=vectors, fitted=fitted)
    return supported(found, events, np.flatnonzero(fitted.likes < model.fitted.likes))


def _weighed_events(model: Model) -> tuple[sparse.csr_array, NDArray[np.float64] | None]:
    """Return the events that the vectors are weighed with, and their times."""
    if model.log.weighed.all():
        return model.events, model.event_times
    log = model.log.take(model.log.weighed)
    rows = log.rows(model.users.ids, [item.id for item in model.items])
    known = replace(known_of(model, rows), users=model.users)
    return known.event_matrix, known.event_times


def _scaled(vectors: ItemVectors, factor: NDArray[np.float64]) -> ItemVectors:
    """Return vectors with the content of each item times a factor."""
    content = {*FACT_BLOCKS, *content_links(c.block for c in vectors.columns)}
    inside = np.array([column.block in content for column in vectors.columns], dtype=bool)
    matrix = vectors.matrix.copy()
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    matrix.data *= np.where(inside[matrix.indices], factor[rows], 1.0)
    return ItemVectors(matrix, vectors.columns)


def _with_column(vectors: ItemVectors, values: NDArray[np.float64]) -> ItemVectors:
    """Return vectors with other values in the column of popularity."""
    matrix, number = vectors.matrix.copy(), vectors.index[POPULARITY]
    matrix.data[matrix.indices == number] = 0.0
    rows = np.flatnonzero(values)
    cells = (values[rows], (rows, np.full(len(rows), number)))
    column = sparse.csr_array(sparse.coo_array(cells, shape=matrix.shape).tocsr())
    changed = sparse.csr_array(matrix + column)
    changed.eliminate_zeros()
    return ItemVectors(changed, vectors.columns)


def _with_segments(vectors: ItemVectors, model: Model, fresh: sparse.csr_array) -> ItemVectors:
    """Return vectors with what is popular in segments as it is now."""
    old = [column.predicate == POPULAR_IN for column in vectors.columns]
    if not any(old):
        return vectors
    config, base = model.config, model.config.base_iri
    users = [mint(base, "user", name) for name in model.users]
    least, weight = config.privacy.min_support, config.ranking.popularity * config.ranking.segments
    block = segment_popularity(model.graph, users, fresh, base, least).scaled(weight)
    after = vectors.index[POPULARITY] + 1
    first, last = (
        [n for n in range(*ends) if not old[n]] for ends in ((after,), (after, len(old)))
    )
    parts = [
        ItemVectors(
            sparse.csr_array(vectors.matrix[:, some]), tuple(vectors.columns[n] for n in some)
        )
        for some in (first, last)
    ]
    return ItemVectors.join([parts[0], block, parts[1]])
