"""NDCG@10 on the demonstration's ratings: popularity, autoencoder, graph as side information, all.

Likes (rating 7 and up) of each user with five or more are split 80/20 at random; the model is
built from the rest, and ranks the whole catalogue less what the user has had. The defaults of
``RankingConfig`` were chosen on the draw of seed 5, so quote another one.

    python tests/benchmarks/demo_accuracy.py --seed 11
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd

from kg_rec import Recommender
from kg_rec.demo import DEMO_CONFIG

LIKE_AT = 7
NONE = dict.fromkeys(
    ("facts", "liked_with", "similar_in_graph", "similar_in_text", "popularity"), 0.0
)
MODELS: dict[str, dict[str, float]] = {
    "popularity": {**NONE, "popularity": 1.0},
    "autoencoder without graph": {**NONE, "liked_with": 1.0, "graph_side": 0.0},
    "autoencoder with graph": {**NONE, "liked_with": 1.0},
    "facts only (ridge profile)": {**NONE, "facts": 1.0},
    "all (defaults)": {},
}


def split(ratings: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, dict[str, set[str]]]:
    """Return the ratings to build from, and the held-out likes of each user."""
    rng = np.random.default_rng(seed)
    held: dict[str, set[str]] = {}
    for user, rows in ratings[ratings.rating >= LIKE_AT].groupby("user_id"):
        if len(rows) >= 5:
            chosen = rng.permutation(rows.movie_id.to_numpy())[: max(1, len(rows) // 5)]
            held[str(user)] = set(chosen)
    out = [m in held.get(u, ()) for u, m in zip(ratings.user_id, ratings.movie_id, strict=True)]
    return ratings[~np.array(out)], held


def ndcg(found: list[str], relevant: set[str], k: int = 10) -> float:
    """Return binary NDCG@k; the ideal list holds min(k, relevant) hits."""
    gains = 1 / np.log2(np.arange(2, k + 2))
    hits = np.array([item in relevant for item in found[:k]])
    return float(gains[: len(hits)][hits].sum() / gains[: min(k, len(relevant))].sum())


def main() -> None:
    """Print a row a model, with the paired difference to the one before."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=11)
    seed = parser.parse_args().seed
    folder = DEMO_CONFIG.parent
    ratings = pd.read_csv(folder / "ratings.csv", dtype={"user_id": str, "movie_id": str})
    train, held = split(ratings, seed)
    scores: dict[str, list[float]] = defaultdict(list)
    for name, weights in MODELS.items():
        model = Recommender.fit(interactions=train, config=config(weights))
        for user in sorted(held):
            found = [r.item for r in model.recommend(user, k=10)]
            scores[name].append(ndcg(found, held[user]))
        print(f"{name:28} NDCG@10 {np.mean(scores[name]):.4f}  ({len(held)} users)", flush=True)


def config(ranking: dict[str, float]) -> Any:
    """Return the demonstration's settings with other weights."""
    from kg_rec import Config  # noqa: PLC0415 - beside its one use

    settings = Config.load(DEMO_CONFIG)
    folder = DEMO_CONFIG.parent
    changed: dict[str, Any] = {
        name: getattr(settings, name).model_copy(
            update={"path": str(folder / getattr(settings, name).path)}
        )
        for name in ("items", "texts", "users")
    }
    changed["ranking"] = settings.ranking.model_copy(update=ranking)
    return settings.model_copy(update=changed)


if __name__ == "__main__":
    main()
