"""What events are worth before everything is learned again.

The first 80 % of all ratings by time are learned from, the next 10 % happen while the model is
used, and the likes among the last 10 % are to be found, whole catalogue, without what each user had
before. Lists of a model that was never told, that took the events in, and that learned again.

    python tests/benchmarks/live_updates.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from kg_rec import Recommender
from kg_rec.demo import DEMO_CONFIG
from kg_rec.evaluation import metrics

COLUMNS = ["user", "item", "rating", "timestamp"]
K = 20


def demo() -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Return items, ratings and settings of the demonstration, by its tables alone."""
    items = pd.read_csv(DEMO_CONFIG.parent / "movies.csv", dtype=str)
    items = items.rename(columns={"movie_id": "id", "genres": "genre"})[["id", "genre"]]
    ratings = pd.read_csv(DEMO_CONFIG.parent / "ratings.csv", dtype={0: str, 1: str})
    return items, ratings, {"like_at": 7, "weight": "rating"}


def ml_100k(data: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Return items with genres, ratings and settings of MovieLens 100k."""
    folder = data / "ml-100k"
    items = pd.read_csv(folder / "ml-100k.item", sep="\t", dtype=str)
    items.columns = pd.Index([name.partition(":")[0] for name in items.columns])
    items = items.rename(columns={"item_id": "id", "class": "genre"})[["id", "genre"]]
    items["genre"] = items["genre"].str.replace(" ", "|")
    ratings = pd.read_csv(folder / "ml-100k.inter", sep="\t", dtype={0: str, 1: str})
    return items, ratings, {"like_at": 4, "weight": "rating"}


def lists(model: Recommender, users: list[str], had: dict[str, set[str]]) -> list[list[str]]:
    """Return the best items of users that they have not had."""
    found = []
    for user in users:
        known = [r.item for r in model.recommend(user if user in model.users else None, k=150)]
        found.append([item for item in known if item not in had.get(user, set())][:K])
    return found


def judged(found: list[list[str]], wanted: sparse.csr_array, index: dict[str, int]) -> str:
    """Return NDCG@10 and Recall@20."""
    rows = np.full((len(found), K), -1, dtype=np.int64)
    for n, items in enumerate(found):
        rows[n, : len(items)] = [index[item] for item in items]
    ndcg = np.nanmean(metrics.ndcg(rows, wanted, 10))
    return f"NDCG@10 {ndcg:.4f}  Recall@20 {np.nanmean(metrics.recall(rows, wanted, 20)):.4f}"


def measure(
    name: str, items: pd.DataFrame, ratings: pd.DataFrame, settings: dict[str, Any]
) -> None:
    """Print one data set."""
    ratings.columns = pd.Index(COLUMNS)
    ratings = ratings[ratings["item"].isin(items["id"])]
    ratings = ratings.sort_values("timestamp", kind="stable")
    first, last = int(0.8 * len(ratings)), int(0.9 * len(ratings))
    before, live, after = ratings[:first], ratings[first:last], ratings[last:]
    wanted = after[after["rating"] >= settings["like_at"]]
    users = sorted({*wanted["user"]})
    index = {item: n for n, item in enumerate(sorted(items["id"]))}
    cells = (wanted["user"].map({u: n for n, u in enumerate(users)}), wanted["item"].map(index))
    relevant = sparse.csr_array(
        sparse.coo_array((np.ones(len(wanted)), cells), shape=(len(users), len(index))).tocsr()
    )
    had = ratings[:last].groupby("user")["item"].agg(set).to_dict()
    config = {
        "items": {"facts": {"genre": {"relation": "genre", "separator": "|"}}},
        "interactions": settings,
        "embeddings": {"epochs": 0},
    }
    model = Recommender.fit(items=items, interactions=before, config=config)
    told = copy.copy(model)
    start = time.perf_counter()
    told.update(live)
    taken = time.perf_counter() - start
    again = copy.copy(told)
    start = time.perf_counter()
    again.refresh()
    learned = time.perf_counter() - start
    active = {*live["user"]}
    known = {*before["user"]}
    groups = {
        "all": users,
        "known before, active meanwhile": [u for u in users if u in known & active],
        "came meanwhile": [u for u in users if u in active - known],
    }
    print(f"{name}: {len(before):,} ratings, then {len(live):,} ({taken:.2f} s to take in,")
    print(f"  {learned:.1f} s to learn again), {len(users)} users judged")
    found = {
        "never told": lists(model, users, had),
        "taken in": lists(told, users, had),
        "learned again": lists(again, users, had),
    }
    for group, members in groups.items():
        chosen = [users.index(u) for u in members]
        for kind, every in found.items():
            said = judged([every[n] for n in chosen], relevant[chosen], index) if chosen else ""
            print(f"  {group:31s} {len(chosen):4d}  {kind:14s} {said}")
    pairs = zip(found["taken in"], found["learned again"], strict=True)
    same = np.mean([len({*a[:10]} & {*b[:10]}) / 10 for a, b in pairs])
    print(f"  of the first ten items {same:.0%} are the same before and after learning again")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    data = parser.parse_args().data
    measure("the demonstration", *demo())
    if data is not None:
        measure("ml-100k", *ml_100k(data))


if __name__ == "__main__":
    main()
