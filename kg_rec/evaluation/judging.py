"""All metrics of ranked lists at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec import ranking
from kg_rec.evaluation import metrics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["ACCURACY", "BEYOND", "Task"]

ACCURACY = {
    "ndcg": "ndcg",
    "recall": "recall",
    "precision": "precision",
    "hit": "hit",
    "mrr": "reciprocal_rank",
    "map": "average_precision",
}
"""Metrics of hits: short name to that of its function."""
BEYOND = ("novelty", "diversity", "serendipity", "popularity", "coverage", "gini")
"""Metrics beyond accuracy; the last two are of all lists together."""


@dataclass(frozen=True, eq=False)
class Task:
    """What lists are judged by.

    Attributes:
        users: Rows of the judged users, ascending.
        relevant: CSR (judged users × items): what is to be found.
        known: CSR (judged users × items): what they had, which is not listed.
        likes: CSR (all users × items): what is learned from.
        candidates: Rows of the items to rank among; None for all.
    """

    users: NDArray[np.int64]
    relevant: sparse.csr_array
    known: sparse.csr_array
    likes: sparse.csr_array
    candidates: NDArray[np.int64] | None

    @property
    def size(self) -> int:
        """How many items may be listed."""
        return self.relevant.shape[1] if self.candidates is None else len(self.candidates)

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """How many users liked each item in the training data."""
        return np.asarray(self.likes.sum(axis=0), dtype=np.float64)

    def of(self, places: NDArray[np.int64]) -> Task:
        """Return the task of some of the judged users."""
        return replace(
            self,
            users=self.users[places],
            relevant=self.relevant[places],
            known=self.known[places],
        )

    def most_popular(self, k: int) -> ranking.TopK:
        """Return the most popular items that each user has not had, with their popularity."""
        return _most_popular(self, k)

    def judge(
        self,
        ranked: NDArray[np.int64],
        ks: Sequence[int],
        features: sparse.csr_array | None = None,
    ) -> tuple[dict[str, NDArray[np.float64]], dict[str, float]]:
        """Return the metrics of lists.

        Args:
            ranked: Rows of items (judged users × places), -1 where a list is shorter.
            ks: Lengths to judge at.
            features: CSR (items × named features) for the diversity; without it there is none.

        Returns:
            By name, as ``"ndcg@10"``: one value a user; one value for all lists.
        """
        values: dict[str, NDArray[np.float64]] = {}
        whole: dict[str, float] = {}
        usual = self.most_popular(max(ks)).rows
        judged = metrics.Judged.of(ranked[:, : max(ks)], self.relevant)
        learners = int((np.diff(self.likes.indptr) > 0).sum())
        for k in ks:
            for name, metric in ACCURACY.items():
                values[f"{name}@{k}"] = metrics.BY_HITS[metric](judged.first(k), k)
            values[f"novelty@{k}"] = metrics.novelty(ranked, self.popularity, learners, k)
            if features is not None and features.nnz:
                values[f"diversity@{k}"] = metrics.diversity(ranked, features, k)
            values[f"serendipity@{k}"] = metrics.serendipity(ranked, self.relevant, usual, k)
            values[f"popularity@{k}"] = metrics.average_popularity(ranked, self.popularity, k)
            whole[f"coverage@{k}"] = metrics.coverage(ranked, self.size, k)
            whole[f"gini@{k}"] = metrics.gini(ranked, self.size, k)
        return values, whole


@lru_cache(maxsize=2)
def _most_popular(task: Task, k: int) -> ranking.TopK:
    ones = sparse.csr_array(np.ones((len(task.users), 1)))
    counts = sparse.csr_array(task.popularity[:, None])
    return ranking.top_k(ones, counts, k, exclude=task.known, candidates=task.candidates)
