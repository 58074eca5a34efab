"""Lists of others after somebody is forgotten, against those of a model that never saw them.

The demonstration is built twice: with all its users, and without one. From the first that one is
then forgotten; the lists of a sample of the others are compared at once and after a refresh.

    python tests/benchmarks/forgetting.py [--user 16036] [--sample 200] [--epochs N]
"""

from __future__ import annotations

import argparse
import json
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kg_rec import Config, Recommender, demo

if TYPE_CHECKING:
    from collections.abc import Sequence

K = 10


def built(without: str, epochs: int | None) -> tuple[Recommender, float]:
    """Build the demonstration without a user; returns the seconds, too."""
    folder = demo.DEMO_CONFIG.parent
    config = Config.load(demo.DEMO_CONFIG).model_dump(mode="json")
    for name in ("items", "texts", "interactions", "users"):
        config[name]["path"] = str(folder / config[name]["path"])
    config["graph"] = [str(folder / name) for name in config["graph"]]
    if epochs is not None:
        config["embeddings"]["epochs"] = epochs
    ratings = pd.read_csv(config["interactions"]["path"], dtype=str)
    tastes = pd.read_json(config["users"]["path"], lines=True, dtype={"user_id": str})
    start = time.perf_counter()
    model = Recommender.fit(
        interactions=ratings[ratings["user_id"] != without],
        users=tastes[tastes["user_id"] != without],
        config=config,
    )
    return model, time.perf_counter() - start


def compared(one: Recommender, other: Recommender, users: Sequence[str]) -> dict[str, float]:
    """Return how far the lists and scores of two models agree."""
    same, shared, difference = [], [], []
    for user in users:
        mine, theirs = (model.recommend(user, k=K) for model in (one, other))
        scores = {r.item: r.score for r in theirs}
        same.append([r.item for r in mine] == [r.item for r in theirs])
        shared.append(len({r.item for r in mine} & scores.keys()) / K)
        difference += [abs(r.score - scores[r.item]) for r in mine if r.item in scores]
    found: dict[str, Any] = {
        "identical lists": np.mean(same),
        "shared of ten": np.mean(shared),
        "largest difference of a score": np.max(difference),
    }
    return {name: float(value) for name, value in found.items()}


def main() -> None:
    """Print the comparison as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--user", default="16036")
    parser.add_argument("--sample", type=int, default=200)
    parser.add_argument("--epochs", type=int)
    args = parser.parse_args()
    never, seconds = built(args.user, args.epochs)
    model, _ = built("", args.epochs)
    users = never.users[:: max(1, len(never.users) // args.sample)]
    found: dict[str, Any] = {"events": len(model.history(args.user)), "build": seconds}
    found["before"] = compared(model, never, users)
    start = time.perf_counter()
    model.forget(args.user)
    found["forget"] = time.perf_counter() - start
    found["at once"] = compared(model, never, users)
    start = time.perf_counter()
    model.refresh()
    found["refresh"] = time.perf_counter() - start
    found["after refresh"] = compared(model, never, users)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
