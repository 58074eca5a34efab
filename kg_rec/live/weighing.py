"""How much items weigh by the events that are left: what of a fit is made again in place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.community import BLOCK, PREDICTIONS, friendships, liked_by
from kg_rec.folding import known_of
from kg_rec.ids import mint
from kg_rec.live.support import supported
from kg_rec.popularity import fresh_likes, popularity
from kg_rec.profiles import content_links
from kg_rec.segments import POPULAR_IN, segment_popularity
from kg_rec.vectors import FACT_BLOCKS, POPULARITY, Fitted, ItemVectors, content_weights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from kg_rec.ids import Iri
    from kg_rec.model import Model

__all__ = ["reweighed"]


def reweighed(model: Model) -> Model:
    """Return a model whose items weigh what they would if it had been fitted on its events.

    These are the events that it was fitted on, as far as they are still there; later ones wait for
    the next fit. Popularity, what friends have chosen and the weights of content are made again;
    ``fitted`` says what they are now. Whatever was learned from several users stays.

    Args:
        model: A model that has lost events or users.
    """
    events, times = _weighed_events(model)
    config, fitted = model.config.ranking, Fitted.of(events)
    before, now = (
        content_weights(likes, config.facts, config.facts_cold)
        for likes in (model.fitted.likes, fitted.likes)
    )
    factor = np.divide(now, before, out=np.ones_like(now), where=before > 0)
    fresh = fresh_likes(events, times, config.popularity_half_life, graded=model.log.graded)
    content, last = _split(_scaled(model.vectors, factor))
    vectors = ItemVectors.join([content, *_made_again(model, events, fresh), last])
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
    content = {*FACT_BLOCKS, *content_links(column.block for column in vectors.columns)}
    inside = np.array([column.block in content for column in vectors.columns], dtype=bool)
    matrix = vectors.matrix.copy()
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    matrix.data *= np.where(inside[matrix.indices], factor[rows], 1.0)
    return ItemVectors(matrix, vectors.columns)


def _split(vectors: ItemVectors) -> tuple[ItemVectors, ItemVectors]:
    """Return the vectors without what is made again: what stands before it, and after it."""
    again = {POPULARITY.block, BLOCK}
    left = [n for n, column in enumerate(vectors.columns) if column.block not in again]
    last = [n for n in left if vectors.columns[n].block == PREDICTIONS]
    first, after = (
        ItemVectors(
            sparse.csr_array(vectors.matrix[:, some]), tuple(vectors.columns[n] for n in some)
        )
        for some in (left[: len(left) - len(last)], last)
    )
    return first, after


def _made_again(
    model: Model, events: sparse.csr_array, fresh: sparse.csr_array
) -> Iterator[ItemVectors]:
    """Yield popularity with everyone, in segments, and what friends have chosen, as a build does.

    Args:
        model: The model; its graph says who is in which segment and who knows whom.
        events: CSR (users × items) of signed weights.
        fresh: CSR (users × items): what each like counts for popularity.
    """
    config, base = model.config, model.config.base_iri
    weights, columns = config.ranking, model.vectors.columns
    everyone = sparse.csr_array(popularity(fresh)[:, None])
    yield ItemVectors(everyone, (POPULARITY,)).scaled(weights.popularity)
    if not any(c.predicate == POPULAR_IN or c.block == BLOCK for c in columns):
        return
    users, least = [mint(base, "user", name) for name in model.users], config.privacy.min_support
    segments = segment_popularity(model.graph, users, fresh, base, least)
    yield segments.scaled(weights.popularity * weights.segments)
    if weights.community:
        yield _of_friends(model, events, users).scaled(weights.community)


def _of_friends(model: Model, events: sparse.csr_array, users: list[Iri]) -> ItemVectors:
    likes = sparse.csr_array(events.maximum(0.0))
    return liked_by(likes, friendships(model.graph, users), users)
