"""Popularity alone, when old likes count less: what is listed next, by time.

The first 80 % of all likes by time are learned from, the next 10 % chosen by, the last 10 % found
(then learned from is 90 %). Users of those parts get the most popular items that they have not had.

    python tests/benchmarks/popularity_decay.py --data ../shared/data
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from kg_rec.config import Config
from kg_rec.demo import DEMO_CONFIG
from kg_rec.evaluation import metrics
from kg_rec.popularity import fresh_likes, popularity

HALF_LIVES = ("never", "360d", "180d", "90d", "30d", "14d", "7d")
COLUMNS = ["user", "item", "rating", "timestamp"]


def quality(
    likes: pd.DataFrame, start: float, end: float, half_life: str
) -> tuple[int, float, float]:
    """Return how many users are judged, NDCG@10 and Recall@20."""
    users, items = (pd.factorize(likes[name])[0] for name in ("user", "item"))
    first, last = int(len(likes) * start), int(len(likes) * end)
    shape = (users.max() + 1, items.max() + 1)

    def matrix(values: np.ndarray, rows: slice) -> sparse.csr_array:
        cells = (values, (users[rows], items[rows]))
        return sparse.csr_array(sparse.coo_array(cells, shape=shape).tocsr())

    known, wanted = slice(0, first), slice(first, last)
    had = matrix(np.ones(first), known)
    times = matrix(likes["timestamp"].to_numpy(np.float64)[known], known)
    relevant = matrix(np.ones(last - first), wanted)
    judged = np.flatnonzero(np.diff(relevant.indptr))
    scores = np.tile(popularity(fresh_likes(had, times.data, half_life)), (len(judged), 1))
    seen = sparse.coo_array(had[judged])
    scores[seen.row, seen.col] = -np.inf
    ranked = np.argsort(-scores, axis=1, kind="stable")[:, :20]
    return (
        len(judged),
        float(np.nanmean(metrics.ndcg(ranked, relevant[judged], 10))),
        float(np.nanmean(metrics.recall(ranked, relevant[judged], 20))),
    )


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    demo = Config.load(DEMO_CONFIG).interactions.path or ""
    sources = {
        "the demonstration": (pd.read_csv(DEMO_CONFIG.parent / demo), 7),
        "ml-100k": (pd.read_csv(data / "ml-100k" / "ml-100k.inter", sep="\t"), 4),
    }
    for name, (table, like_at) in sources.items():
        table.columns = pd.Index(COLUMNS)
        likes = table[table["rating"] >= like_at].sort_values("timestamp", kind="stable")
        for part, start in (("valid", 0.8), ("test", 0.9)):
            for half_life in HALF_LIVES:
                users, ndcg, recall = quality(likes, start, start + 0.1, half_life)
                print(
                    f"{name:18s} {part:6s} {users:4d} users  half-life {half_life:6s}"
                    f"  NDCG@10 {ndcg:.4f}  Recall@20 {recall:.4f}"
                )


if __name__ == "__main__":
    main()
