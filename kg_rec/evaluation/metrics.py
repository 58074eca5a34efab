"""Metrics of ranked lists: pure functions on arrays, one value a user.

``ranked`` is an int array (users × places) of item rows, best first, -1 where a list is shorter.
``relevant`` is a CSR array (users × items) that stores something at each relevant item. ``k`` is
how many places count; lists need not be that long. A user without a relevant item has NaN, since
nothing can be found.

Binary relevance, full ranking. The definitions are those of RecBole (Zhao et al., CIKM 2021) and,
but for MAP where more than ``k`` items are relevant, of ranx (Bassani, ECIR 2022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Ranked = NDArray[np.integer]
    Values = NDArray[np.float64]

__all__ = [
    "BY_HITS",
    "Judged",
    "average_popularity",
    "average_precision",
    "coverage",
    "diversity",
    "gini",
    "hit",
    "hits",
    "ndcg",
    "novelty",
    "precision",
    "recall",
    "reciprocal_rank",
    "serendipity",
]


def hits(ranked: Ranked, relevant: sparse.csr_array) -> NDArray[np.bool_]:
    """Return which places hold a relevant item: bool array (users × places).

    Examples:
        >>> relevant = sparse.csr_array(np.array([[0, 1, 1], [1, 0, 0]]))
        >>> hits(np.array([[1, 0], [2, -1]]), relevant).tolist()
        [[True, False], [False, False]]
    """
    users, items = relevant.shape
    keys = np.repeat(np.arange(users), np.diff(relevant.indptr)) * items + relevant.indices
    asked = np.arange(users)[:, None] * items + ranked
    found: NDArray[np.bool_] = np.isin(asked, keys, kind="sort") & (ranked >= 0)
    return found


class Judged(NamedTuple):
    """Lists against what is relevant: all that metrics of hits need.

    Attributes:
        found: Bool array (users × places): which places hold a relevant item.
        relevant: How many items are relevant, NaN for none.
    """

    found: NDArray[np.bool_]
    relevant: Values

    @classmethod
    def of(cls, ranked: Ranked, relevant: sparse.csr_array) -> Judged:
        """Judge lists."""
        count = np.diff(relevant.indptr).astype(np.float64)
        return cls(hits(ranked, relevant), np.where(count > 0, count, np.nan))

    def first(self, k: int) -> Judged:
        """Return the first k places."""
        return self._replace(found=self.found[:, :k])

    def defined(self, values: NDArray[Any]) -> Values:
        """Return values with NaN where nothing is relevant."""
        return np.where(np.isnan(self.relevant), np.nan, values)


def precision(ranked: Ranked, relevant: sparse.csr_array, k: int) -> Values:
    """Return hits / k.

    Examples:
        >>> precision(np.array([[2, 0]]), sparse.csr_array([[1, 0, 0]]), 2).tolist()
        [0.5]
    """
    return BY_HITS["precision"](Judged.of(ranked[:, :k], relevant), k)


def recall(ranked: Ranked, relevant: sparse.csr_array, k: int) -> Values:
    """Return hits / relevant items.

    Examples:
        >>> recall(np.array([[2, 0]]), sparse.csr_array([[1, 1, 0]]), 2).tolist()
        [0.5]
    """
    return BY_HITS["recall"](Judged.of(ranked[:, :k], relevant), k)


def hit(ranked: Ranked, relevant: sparse.csr_array, k: int) -> Values:
    """Return 1 where any of the k items is relevant, else 0.

    Examples:
        >>> hit(np.array([[2, 0]]), sparse.csr_array([[1, 1, 0]]), 2).tolist()
        [1.0]
    """
    return BY_HITS["hit"](Judged.of(ranked[:, :k], relevant), k)


def ndcg(ranked: Ranked, relevant: sparse.csr_array, k: int) -> Values:
    """Return the normalised discounted cumulative gain (Järvelin & Kekäläinen, TOIS 2002).

    ``sum of 1 / log2(1 + place) over the hits``, divided by what a list would have that begins with
    all relevant items: the ideal runs over min(relevant items, k) places, never over the own hits.

    Examples:
        >>> ndcg(np.array([[2, 0]]), sparse.csr_array([[1, 0, 0]]), 2).round(4).tolist()
        [0.6309]
    """
    return BY_HITS["ndcg"](Judged.of(ranked[:, :k], relevant), k)


def reciprocal_rank(ranked: Ranked, relevant: sparse.csr_array, k: int) -> Values:
    """Return 1 / place of the first hit, 0 without one; its mean is the MRR (Voorhees, 1999).

    Examples:
        >>> reciprocal_rank(np.array([[2, 0]]), sparse.csr_array([[1, 0, 0]]), 2).tolist()
        [0.5]
    """
    return BY_HITS["reciprocal_rank"](Judged.of(ranked[:, :k], relevant), k)


def average_precision(ranked: Ranked, relevant: sparse.csr_array, k: int) -> Values:
    """Return the precisions at the hits, summed and divided by min(relevant items, k).

    Its mean is the MAP. (trec_eval and ranx divide by all relevant items, so that no list of k can
    reach 1 where more than k are relevant.)

    Examples:
        >>> average_precision(np.array([[2, 0]]), sparse.csr_array([[1, 0, 0]]), 2).tolist()
        [0.5]
    """
    return BY_HITS["average_precision"](Judged.of(ranked[:, :k], relevant), k)


def _precision(judged: Judged, k: int) -> Values:
    return judged.defined(judged.found.sum(axis=1) / k)


def _recall(judged: Judged, _: int) -> Values:
    return judged.defined(judged.found.sum(axis=1) / judged.relevant)


def _hit(judged: Judged, _: int) -> Values:
    return judged.defined(np.asarray(judged.found.any(axis=1)))


def _ndcg(judged: Judged, k: int) -> Values:
    discount = 1.0 / np.log2(np.arange(k) + 2.0)
    ideal = np.concatenate([[np.nan], np.cumsum(discount)])
    most = np.minimum(np.nan_to_num(judged.relevant), k).astype(np.int64)
    return judged.defined(judged.found @ discount[: judged.found.shape[1]] / ideal[most])


def _reciprocal_rank(judged: Judged, _: int) -> Values:
    found = judged.found
    first = found.argmax(axis=1) if found.shape[1] else np.zeros(len(found), dtype=np.int64)
    return judged.defined(np.where(found.any(axis=1), 1.0 / (first + 1.0), 0.0))


def _average_precision(judged: Judged, k: int) -> Values:
    found = judged.found
    places = np.arange(1, found.shape[1] + 1)
    total = (np.cumsum(found, axis=1) / places * found).sum(axis=1)
    return judged.defined(total / np.minimum(judged.relevant, k))


BY_HITS: dict[str, Callable[[Judged, int], Values]] = {
    "precision": _precision,
    "recall": _recall,
    "hit": _hit,
    "ndcg": _ndcg,
    "reciprocal_rank": _reciprocal_rank,
    "average_precision": _average_precision,
}
"""The metrics of hits, as functions of lists that are judged: worth it for several metrics."""


# --- beyond accuracy -----------------------------------------------------------------------------


def _listed(ranked: Ranked, k: int, values: Values) -> Values:
    """Return the mean of a value of items over each list; NaN for an empty list."""
    first = ranked[:, :k]
    there = first >= 0
    count = np.where(there.any(axis=1), there.sum(axis=1), np.nan)
    value: Values = np.divide(np.where(there, values[first], 0.0).sum(axis=1), count)
    return value


def novelty(ranked: Ranked, popularity: Values, users: int, k: int) -> Values:
    """Return the mean self-information of the listed items, in bits (Zhou et al., PNAS 2010).

    ``-log2((1 + users who had the item) / (1 + users))``: 0 for what everyone had.

    Args:
        ranked: The lists.
        popularity: How many users had each item in the training data.
        users: How many users the training data has.
        k: How many places count.

    Examples:
        >>> novelty(np.array([[0], [1]]), np.array([3.0, 0.0]), 3, 1).tolist()
        [0.0, 2.0]
    """
    bits = -np.log2((1.0 + popularity) / (1.0 + users))
    return _listed(ranked, k, bits)


def average_popularity(ranked: Ranked, popularity: Values, k: int) -> Values:
    """Return the mean number of users who had the listed items.

    Examples:
        >>> average_popularity(np.array([[0, 1]]), np.array([3.0, 0.0]), 2).tolist()
        [1.5]
    """
    return _listed(ranked, k, np.asarray(popularity, dtype=np.float64))


def diversity(ranked: Ranked, features: sparse.csr_array, k: int) -> Values:
    """Return 1 - the mean cosine of all pairs of a list (Smyth & McClave, 2001).

    NaN for lists of fewer than two items. An item without features is like no other.

    Args:
        ranked: The lists.
        features: CSR (items × named features), any row norms.
        k: How many places count.

    Examples:
        >>> features = sparse.csr_array(np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]))
        >>> diversity(np.array([[0, 1], [0, 2]]), features, 2).tolist()
        [0.0, 1.0]
    """
    norms = np.sqrt(np.asarray(features.multiply(features).sum(axis=1), dtype=np.float64))
    unit = sparse.csr_array(sparse.diags_array(1.0 / np.where(norms > 0, norms, 1.0)) @ features)
    first = ranked[:, :k]
    there = first >= 0
    rows = np.repeat(np.arange(len(first)), there.sum(axis=1))
    cells = (np.ones(len(rows)), (rows, first[there]))
    chosen = sparse.coo_array(cells, shape=(len(first), features.shape[0])).tocsr()
    total = sparse.csr_array(chosen @ unit)  # |sum of a list's vectors|^2 = selves + 2 x pairs
    length = np.asarray(total.multiply(total).sum(axis=1), dtype=np.float64)
    selves = np.asarray(chosen @ (norms > 0).astype(np.float64), dtype=np.float64)
    count = there.sum(axis=1).astype(np.float64)
    pairs = np.where(count > 1, count * (count - 1), np.nan)
    return 1.0 - (length - selves) / pairs


def serendipity(ranked: Ranked, relevant: sparse.csr_array, expected: Ranked, k: int) -> Values:
    """Return the share of k places with an item that is relevant and was not to be expected.

    To be expected is what a primitive recommender lists for that user at the same length (Ge,
    Delgado-Battenfeld & Jannach, RecSys 2010).

    Args:
        ranked: The lists.
        relevant: The relevant items.
        expected: The lists of the primitive recommender, here: by popularity.
        k: How many places count.

    Examples:
        >>> relevant = sparse.csr_array(np.array([[1, 1, 0]]))
        >>> serendipity(np.array([[0, 1]]), relevant, np.array([[0, 2]]), 2).tolist()
        [0.5]
    """
    judged = Judged.of(ranked[:, :k], relevant)
    users = np.arange(len(ranked))[:, None]
    width = relevant.shape[1]
    plain = np.isin(ranked[:, :k] + users * width, expected[:, :k] + users * width, kind="sort")
    return judged.defined((judged.found & ~plain).sum(axis=1) / k)


def coverage(ranked: Ranked, items: int, k: int) -> float:
    """Return the share of the catalogue that is in some list.

    Args:
        ranked: The lists.
        items: How many items may be listed.
        k: How many places count.

    Examples:
        >>> coverage(np.array([[0, 1], [0, -1]]), 4, 2)
        0.5
    """
    first = ranked[:, :k]
    return len(np.unique(first[first >= 0])) / items


def gini(ranked: Ranked, items: int, k: int) -> float:
    """Return how unevenly the places go to the items: 0 all alike, towards 1 all to one.

    ``sum over i of (2 i - n - 1) c_i / (n sum of c)``, with counts ``c`` of all n items ascending.

    Examples:
        >>> gini(np.array([[0, 1], [0, 1]]), 2, 2), gini(np.array([[0], [0]]), 4, 1)
        (0.0, 0.75)
    """
    first = ranked[:, :k]
    counts = np.sort(np.unique(first[first >= 0], return_counts=True)[1])
    places = np.arange(items - len(counts) + 1, items + 1)
    total = counts.sum() * items
    return float(((2 * places - items - 1) * counts).sum() / total) if total else float("nan")
