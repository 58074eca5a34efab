"""What lists for people of whom little is known are worth, by strategy.

* Last.fm listeners who know each other (HetRec 2011): of a fifth of all users nothing is known but
  their friends; see ``community.py`` for the split.
* MovieLens 100k: of a fifth of all users nothing is known but age group, gender and occupation;
  their films rated 4 and 5 are to be found, the whole catalogue is ranked.
* MovieLens 100k: 200 users of the model, and the same histories given by somebody unknown.

    python tests/benchmarks/cold_start.py --data ../shared/data [--seed 42] [--part lastfm]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from community import Task, fitted, read, show

from kg_rec import Recommender
from kg_rec.evaluation import metrics

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from scipy import sparse

LIKED = 4
AGES = [0, 18, 25, 35, 45, 56, 120]
SEGMENTS = ("age", "gender", "occupation")
SAME = 200


def scores(model: Recommender, asks: Iterable[Mapping[str, Any]]) -> np.ndarray:
    """Return the scores of all items for each of some people; what nothing speaks for is last."""
    matrix = model.model.vectors.matrix
    popular = model.profile(strategy="popularity").vector @ matrix.T
    least = 1e-9 * popular.toarray().ravel()  # ties, and places that a strategy leaves open
    found = [(model.profile(**ask).vector @ matrix.T).toarray().ravel() + least for ask in asks]
    return np.array(found)


# --- friends -----------------------------------------------------------------------------------


def friends_only(data: Path, seed: int) -> None:
    """Print what friends alone are worth."""
    task = read(data, "test", seed, left=0)
    print(f"\nLast.fm: {len(task.judged):,} users of whom friends alone are known")
    model = fitted(task)
    users = [f"{n:05d}" for n in task.judged.tolist()]
    known = [[f"{n:05d}" for n in _friends(task, n)] for n in task.judged.tolist()]
    print(f"  friends: {np.mean([len(k) for k in known]):.1f} a user")
    for strategy in ("popularity", "community", "auto"):
        asks: list[dict[str, Any]] = [{"user": user, "strategy": strategy} for user in users]
        show(f"{strategy}", task.quality(scores(model, asks)))
    asks = [{"friends": names, "strategy": "community"} for names in known]
    show("community, friends told", task.quality(scores(model, asks)))
    few = [{"friends": names[:5], "strategy": "auto"} for names in known]
    show("auto, at most 5 friends told", task.quality(scores(model, few)))


def _friends(task: Task, user: int) -> list[int]:
    return [int(n) for n in task.friends.indices[slice(*task.friends.indptr[user : user + 2])]]


# --- segments ----------------------------------------------------------------------------------


def segments_only(data: Path, seed: int) -> None:
    """Print what age group, gender and occupation alone are worth."""
    events, people = _movielens(data)
    cold = set(np.random.default_rng(seed).permutation(people["id"])[: len(people) // 5])
    seen = events[~events["user"].isin(cold)]
    model = Recommender.fit(
        pd.DataFrame({"id": sorted(set(events["item"]))}),
        interactions=seen,
        users=people[~people["id"].isin(cold)],
        config={**QUICK, "users": {"segments": list(SEGMENTS)}},
    )
    wanted = events[events["user"].isin(cold)]
    relevant, users = _matrix(wanted, model)
    rows = people.set_index("id").loc[users]
    print(f"\nMovieLens 100k: {len(users)} users of whom no film is known")
    for columns in ((), *((c,) for c in SEGMENTS), SEGMENTS):
        told = [{c: row[c] for c in columns} for _, row in rows.iterrows()]
        found = scores(model, [{"segments": segments} for segments in told])
        ranked = np.argsort(-found, axis=1, kind="stable")[:, :20]
        quality = (
            float(np.nanmean(metrics.ndcg(ranked, relevant, 10))),
            float(np.nanmean(metrics.recall(ranked, relevant, 20))),
        )
        show(f"popularity, {' + '.join(columns) or 'with everyone'}", quality)


def _movielens(data: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    events, people = (
        pd.read_csv(data / "ml-100k" / f"ml-100k.{name}", sep="\t", dtype=str)
        for name in ("inter", "user")
    )
    for table in (events, people):
        table.columns = [name.partition(":")[0] for name in table.columns]
    events = events.rename(columns={"user_id": "user", "item_id": "item"})
    people = people.rename(columns={"user_id": "id"})[["id", *SEGMENTS]]
    people["age"] = pd.cut(people["age"].astype(int), AGES).astype(str)
    liked = events["rating"].astype(float) >= LIKED
    return events.loc[liked, ["user", "item"]], people


def _matrix(events: pd.DataFrame, model: Recommender) -> tuple[sparse.csr_array, list[str]]:
    """Return likes as CSR (users × items), and the users."""
    from scipy import sparse  # noqa: PLC0415 - as an annotation above

    users = sorted(set(events["user"]))
    row, column = ({name: n for n, name in enumerate(names)} for names in (users, _ids(model)))
    places = ([row[u] for u in events["user"]], [column[i] for i in events["item"]])
    shape = (len(users), len(model.items))
    ones = sparse.coo_array((np.ones(len(events)), places), shape=shape)
    return sparse.csr_array(ones.tocsr()), users


def _ids(model: Recommender) -> list[str]:
    return [item.id for item in model.items]


# --- the same for unknown people ---------------------------------------------------------------


def same(data: Path, seed: int) -> None:
    """Print for how many users the same history from somebody unknown gives the same list."""
    events, _ = _movielens(data)
    items = pd.read_csv(data / "ml-100k" / "ml-100k.item", sep="\t", dtype=str, quoting=3)
    items.columns = [name.partition(":")[0] for name in items.columns]
    items = items.rename(columns={"item_id": "id", "movie_title": "label", "class": "genre"})
    facts = {"genre": {"relation": "genre", "separator": " "}}
    model = Recommender.fit(
        items[["id", "label", "genre"]],
        interactions=events,
        config={**QUICK, "items": {"facts": facts}},
    )
    chosen = np.random.default_rng(seed).permutation(model.users)[:SAME].tolist()
    equal, start = 0, time.perf_counter()
    for user in chosen:
        history = {one.item: one.weight for one in model.history(user)}
        known, unknown = model.recommend(user), model.recommend(history=history)
        equal += [r.to_dict() for r in known] == [r.to_dict() for r in unknown]
    took = time.perf_counter() - start
    print(f"\nMovieLens 100k: lists and reasons are the same for {equal} of {SAME}, {took:.0f} s")


QUICK = {"embeddings": {"epochs": 0}, "validation": "off"}
PARTS = {"lastfm": friends_only, "segments": segments_only, "same": same}


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--part", choices=PARTS)
    given = parser.parse_args()
    for name, part in PARTS.items():
        if given.part in {None, name}:
            part(given.data, given.seed)


if __name__ == "__main__":
    main()
