"""Lists for many users at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec import ranking

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from kg_rec.community import Community
    from kg_rec.profiles import Profile, ProfileBuilder

__all__ = ["rank_users"]

_CELLS = 4_000_000
"""Users times items that are held at a time."""


def rank_users(
    users: Sequence[int],
    events: sparse.csr_array,
    profiles: ProfileBuilder,
    index: ranking.ItemIndex,
    k: int,
    *,
    special: Collection[int],
    profile: Callable[[int], Profile],
    community: Community | None = None,
) -> ranking.TopK:
    """Return the best items of users, without those of their events.

    Args:
        users: Rows of ``events``.
        events: CSR (users × items) of signed weights.
        profiles: Makes the vectors of users of whom only events are known.
        index: The items.
        k: How many items each.
        special: Users of whom more is known.
        profile: Makes the profiles of these.
        community: Their friends, if anybody has some.
    """
    width = max(1, _CELLS // max(index.size, 1))
    found = []
    for start in range(0, len(users), width):
        block = np.asarray(users[start : start + width], dtype=np.int64)
        own = sparse.csr_array(events[block])
        friends = community.weights(block, own) if community else None
        scores = profiles.scores(own, friends)
        known = own
        for n, user in enumerate(block.tolist()):
            if user in special:
                asks = profile(user)
                scores[n] = (asks.vector @ profiles.vectors.matrix.T).toarray()[0]
                known = _and_known(known, n, asks)
        found.append(ranking.best_of(scores, k, exclude=known, candidates=index.rows))
    return ranking.TopK(
        np.concatenate([np.zeros((0, k), dtype=np.int64), *(f.rows for f in found)]),
        np.concatenate([np.zeros((0, k)), *(f.scores for f in found)]),
    )


def _and_known(known: sparse.csr_array, row: int, profile: Profile) -> sparse.csr_array:
    """Return what users know, with what a profile knows at a row."""
    start, end = known.indptr[row : row + 2]
    more = sorted(profile.known - {*known.indices[start:end].tolist()})
    if not more:
        return known
    cells = known.tocoo()
    rows = np.concatenate([cells.row, np.full(len(more), row)])
    places = (rows, np.concatenate([cells.col, more]))
    ones = sparse.coo_array((np.ones(len(rows)), places), shape=known.shape)
    return sparse.csr_array(ones.tocsr())
