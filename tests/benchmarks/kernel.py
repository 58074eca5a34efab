"""Exact top-k beside sparse_dot_topn and scikit-learn: same results, time in one run.

pip install sparse_dot_topn==1.2.0 scikit-learn
python tests/benchmarks/kernel.py [--rounds 5] [--large]

Queries and items are unit rows with Zipf-distributed columns. Each round runs all in turn; printed
are medians, and ratios of medians.
"""

from __future__ import annotations

import argparse
import resource
import time
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.ranking import top_k

if TYPE_CHECKING:
    from collections.abc import Callable

K = 10


def zipf(rng: np.random.Generator, rows: int, filled: int, columns: int) -> sparse.csr_array:
    """Return unit rows with so many Zipf-distributed columns drawn for each, float32."""
    weights = 1 / np.arange(1, columns + 1)
    steps = np.cumsum(weights) / weights.sum()
    drawn = np.minimum(np.searchsorted(steps, rng.random(rows * filled)), columns - 1)
    values = (rng.random(rows * filled) + 0.1).astype(np.float32)
    places = (np.repeat(np.arange(rows), filled), drawn)
    matrix = sparse.coo_array((values, places), shape=(rows, columns)).tocsr()
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return sparse.csr_array(matrix / lengths[:, None]).astype(np.float32)


def rivals(
    queries: sparse.csr_array, items: sparse.csr_array, *, large: bool
) -> dict[str, Callable[[], np.ndarray]]:
    """Return the runs, each giving the best scores of every query."""
    from sparse_dot_topn import sp_matmul_topn  # noqa: PLC0415 - a rival

    q, i = sparse.csr_matrix(queries), sparse.csr_matrix(items)

    def ours() -> np.ndarray:
        return top_k(queries, items, K, threshold=0.0).scores

    def topn() -> np.ndarray:
        found = sp_matmul_topn(q, i.T.tocsr(), top_n=K, n_threads=2, sort=True)
        return found.data.reshape(-1, K)

    def sklearn() -> np.ndarray:
        from sklearn.metrics.pairwise import cosine_similarity  # noqa: PLC0415

        scores = cosine_similarity(q, i)
        best = np.argpartition(-scores, K, axis=1)[:, :K]
        return -np.sort(-np.take_along_axis(scores, best, axis=1), axis=1)

    runs = {"kg_rec": ours, "sparse_dot_topn, 2 threads": topn}
    return runs if large else {**runs, "scikit-learn": sklearn}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="1,000,000 items, 1,000 queries")
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    sizes = (1_000_000, 30, 1_000) if given.large else (20_000, 40, 5_000)
    items, queries = zipf(rng, sizes[0], sizes[1], 50_000), zipf(rng, sizes[2], 60, 50_000)
    runs = rivals(queries, items, large=given.large)
    took: dict[str, list[float]] = {name: [] for name in runs}
    scores: dict[str, np.ndarray] = {name: run() for name, run in runs.items()}  # warm
    for _ in range(given.rounds):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            took[name].append(time.perf_counter() - start)
    for name, seconds in took.items():
        same = np.allclose(scores[name], scores["kg_rec"], atol=1e-5)
        ratio = median(seconds) / median(took["kg_rec"])
        print(f"{name:28} {median(seconds):7.3f} s  {ratio:5.1f}x  same scores: {same}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


if __name__ == "__main__":
    main()
