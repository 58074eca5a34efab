"""Exact top-k beside sparse_dot_topn and scikit-learn: same results, time in one run.

    pip install sparse_dot_topn==1.2.0 scikit-learn
    python tests/benchmarks/kernel.py [--data ../shared/data] [--only large] [--repeats 3]

* ``zipf``: 20,000 items with 40 of 50,000 Zipf-distributed features each, 5,000 queries of 60;
* ``ml-100k``: items and users of a model fitted on ``ml-100k/split`` of ``--data``;
* ``large``: 1,000,000 items with 30 features, 1,000 queries of 60; scikit-learn, which holds all
  scores, ranks 250 queries at a time.

All in float32, top 10, two threads where a library has threads. Each round runs all in turn; a
repeat takes the median of its rounds; printed are medians of the repeats, as ratios within one run.
Times include what each library does to the items first. Memory is what the process takes at most
beyond the data while the kernel runs (Linux with glibc).
"""

from __future__ import annotations

import argparse
import ctypes
import re
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from kg_rec import Recommender
from kg_rec.ranking import top_k

if TYPE_CHECKING:
    from collections.abc import Callable

K = 10
AT_ONCE = 250_000_000
"""Scores that scikit-learn may hold: 1 GB."""
RELATIONS = {
    "film.film.actor": "actor",
    "film.film.directed_by": "director",
    "film.film.written_by": "author",
    "film.film.produced_by": "producer",
    "film.film.genre": "genre",
    "film.film.subjects": "about",
}
"""Freebase relations of ml-100k, and ours."""

Pair = tuple[sparse.csr_array, sparse.csr_array]


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


def drawn(items: int, filled: int, queries: int) -> Pair:
    rng = np.random.default_rng(0)
    return zipf(rng, items, filled, 50_000), zipf(rng, queries, 60, 50_000)


def fitted(data: Path) -> Pair:
    """Return the vectors of items and users of a model, divided by their norms."""
    folder = data / "ml-100k"

    def read(name: str) -> pd.DataFrame:
        table = pd.read_csv(folder / name, sep="\t", dtype=str, keep_default_na=False)
        return table.rename(columns=lambda column: column.split(":")[0])

    facts = read("ml-100k.kg")
    facts = facts[facts.relation_id.isin(RELATIONS)]
    columns = facts.pivot_table(
        index="head_id", columns="relation_id", values="tail_id", aggfunc="|".join, fill_value=""
    )
    films, link = read("ml-100k.item"), read("ml-100k.link").set_index("item_id").entity_id
    table = pd.DataFrame({"id": films.item_id, "label": films.movie_title})
    for name in RELATIONS:
        table[name] = films.item_id.map(link).map(columns[name]).fillna("")
    settings = {name: {"relation": to, "separator": "|"} for name, to in RELATIONS.items()}
    events = read("split/train.tsv")[["user_id", "item_id"]]
    events = events.set_axis(["user", "item"], axis="columns")
    config = {"items": {"facts": settings}, "embeddings": {"epochs": 0}}
    model = Recommender.fit(table, interactions=events, config=config)
    users = sparse.vstack([model.profile(user).vector for user in model.users], format="csr")
    return _unit(model.model.vectors.matrix), _unit(sparse.csr_array(users))


def _unit(matrix: sparse.csr_array) -> sparse.csr_array:
    lengths = np.sqrt(np.asarray(matrix.power(2).sum(axis=1))).ravel()
    scale = sparse.diags_array(1 / np.where(lengths > 0, lengths, 1))
    return sparse.csr_array(scale @ matrix).astype(np.float32)


def runs(items: sparse.csr_array, queries: sparse.csr_array) -> dict[str, Callable[[], Any]]:
    """Return the runs, each giving the best scores of every query in its own form."""
    from sklearn.metrics.pairwise import cosine_similarity  # noqa: PLC0415 - a rival
    from sparse_dot_topn import sp_matmul_topn  # noqa: PLC0415 - a rival

    q, i = sparse.csr_matrix(queries), sparse.csr_matrix(items)

    def ours() -> np.ndarray:
        return top_k(queries, items, K, threads=2).scores

    def topn() -> sparse.csr_matrix:
        return sp_matmul_topn(q, i.T.tocsr(), top_n=K, n_threads=2, sort=True)

    def sklearn() -> np.ndarray:
        width = max(1, AT_ONCE // i.shape[0])
        return np.vstack([ranked(q[n : n + width]) for n in range(0, q.shape[0], width)])

    def ranked(block: sparse.csr_matrix) -> np.ndarray:
        scores = cosine_similarity(block, i)
        best = np.argpartition(-scores, K, axis=1)[:, :K]
        return -np.sort(-np.take_along_axis(scores, best, axis=1), axis=1)

    return {"kg_rec": ours, "sparse_dot_topn": topn, "scikit-learn": sklearn}


def positive(found: Any) -> np.ndarray:
    """Return scores as an array, without those below 0, which sparse_dot_topn does not list."""
    if not sparse.issparse(found):
        return np.maximum(found, 0)
    scores = np.zeros((found.shape[0], K), dtype=np.float32)
    for row, own in enumerate(np.split(found.data, found.indptr[1:-1])):
        scores[row, : len(own)] = own
    return np.maximum(scores, 0)


def peak(run: Callable[[], object]) -> float:
    """Return the MB that the process takes at most beyond what it has, while something runs."""
    ctypes.CDLL(None).malloc_trim(0)  # so that memory which is free counts anew
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _memory("VmRSS")
    run()
    return _memory("VmHWM") - before


def _memory(name: str) -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else float("nan")


def compare(name: str, pair: Pair, rounds: int, repeats: int) -> None:
    """Print times and ratios of one case."""
    items, queries = pair
    print(
        f"{name}: {items.shape[0]:,} items, {queries.shape[0]:,} queries,"
        f" {items.shape[1]:,} columns, {items.nnz:,} and {queries.nnz:,} values"
    )
    work = runs(items, queries)
    top_k(queries[:300], items[:20_000], K)  # compiles
    memory = peak(work["kg_rec"])
    scores = {rival: positive(run()) for rival, run in work.items()}
    ratios: dict[str, list[float]] = {rival: [] for rival in work}
    seconds: dict[str, list[float]] = {rival: [] for rival in work}
    for _ in range(repeats):
        took: dict[str, list[float]] = {rival: [] for rival in work}
        for _ in range(rounds):
            for rival, run in work.items():
                start = time.perf_counter()
                run()
                took[rival].append(time.perf_counter() - start)
        for rival, times in took.items():
            seconds[rival].append(median(times))
            ratios[rival].append(median(times) / median(took["kg_rec"]))
    for rival in work:
        same = np.allclose(scores[rival], scores["kg_rec"], atol=1e-5)
        all_ratios = " ".join(f"{ratio:.1f}" for ratio in ratios[rival])
        print(
            f"  {rival:16} {median(seconds[rival]):8.3f} s {median(ratios[rival]):6.1f}x"
            f"  ({all_ratios})  same scores: {same}"
        )
    print(f"  peak memory of kg_rec beyond the data: {memory:,.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="the folder that holds ml-100k")
    parser.add_argument("--only", choices=["zipf", "ml-100k", "large"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    cases: dict[str, Callable[[], Pair]] = {"zipf": lambda: drawn(20_000, 40, 5_000)}
    if given.data is not None:
        cases["ml-100k"] = lambda: fitted(given.data)
    cases["large"] = lambda: drawn(1_000_000, 30, 1_000)
    for name, make in cases.items():
        if given.only in {None, name}:
            compare(name, make(), given.rounds, given.repeats)


if __name__ == "__main__":
    main()
