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
    width = max(1, min(1024, _CELLS // max(index.size, 1)))
    found = []
    for start in range(0, len(users), width):
        block = np.asarray(users[start : start + width], dtype=np.int64)
        own = sparse.csr_array(events[block])
        friends = community.weights(block, own) if community else None
        queries = profiles.user_vectors(own, friends)
        told = [n for n, user in enumerate(block.tolist()) if user in special]
        if told:
            vectors = [profile(int(block[n])).vector for n in told]
            queries = _with_rows(queries, told, vectors)
        found.append(ranking.top_k(queries, index, k, exclude=own))
    return ranking.TopK(
        np.concatenate([np.zeros((0, k), dtype=np.int64), *(f.rows for f in found)]),
        np.concatenate([np.zeros((0, k)), *(f.scores for f in found)]),
    )


def _with_rows(
    matrix: sparse.csr_array, rows: Sequence[int], others: Sequence[sparse.csr_array]
) -> sparse.csr_array:
    """Return the matrix with some rows replaced."""
    kept = np.ones(matrix.shape[0])
    kept[list(rows)] = 0.0
    places = (np.array(rows), np.arange(len(rows)))
    shape = (matrix.shape[0], len(rows))
    into = sparse.coo_array((np.ones(len(rows)), places), shape=shape).tocsr()
    new = into @ sparse.vstack(others, format="csr")
    return sparse.csr_array(sparse.diags_array(kept) @ matrix + new)
