"""How much an item is liked by everybody, by choice with more weight on what is recent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.config import NEVER, seconds

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["fresh_likes", "popularity"]


def popularity(likes: sparse.csr_array) -> NDArray[np.float64]:
    """Return ``ln(1 + likes) / ln(1 + most likes)`` of each item: 0 to 1.

    Args:
        likes: CSR (users × items): what each like counts, from :func:`fresh_likes`.
    """
    counts = np.asarray(likes.sum(axis=0), dtype=np.float64)
    most = np.log1p(counts.max(initial=0.0))
    return np.log1p(counts) / (most or 1.0)


def fresh_likes(
    events: sparse.csr_array,
    times: NDArray[np.float64] | None = None,
    half_life: str = NEVER,
    *,
    graded: bool = False,
) -> sparse.csr_array:
    """Return what each like counts: 1, or its weight, times ``2^(-age / half_life)``.

    Age counts from the latest time of all. A like without a time counts as one of the oldest.

    Args:
        events: CSR (users × items) of signed weights; those above 0 are likes.
        times: Seconds since 1970, one for each value of ``events``; NaN where it is not known.
        half_life: A duration, as in ``"90d"``; ``"never"``: age does not matter.
        graded: Whether a like counts its weight: a view is less than a purchase.

    Examples:
        >>> events = sparse.csr_array([[1.0, 0.2], [0.0, -1.0]])
        >>> fresh_likes(events, np.array([0.0, 86400.0, 86400.0]), "1d").toarray().tolist()
        [[0.5, 1.0], [0.0, 0.0]]
    """
    counted = events.data.clip(min=0.0) if graded else (events.data > 0).astype(np.float64)
    if half_life != NEVER and times is not None and np.isfinite(times).any():
        ages = np.nanmax(times) - times
        ages[np.isnan(ages)] = np.nanmax(ages)
        counted *= np.exp2(-ages / seconds(half_life))
    return sparse.csr_array((counted, events.indices, events.indptr), shape=events.shape)
