"""What friends add to recommendations: Last.fm listeners who know each other (HetRec 2011).

Artists with three listeners at least, whole catalogue ranked, 80 % of each user's artists to learn
from, 10 % to choose by (``valid``), 10 % held back (``test``). Cold users are a fifth of all, of
whose training part only the first N artists of a shuffle are left; the others of it are not listed.

    python tests/benchmarks/community.py --data ../shared/data [--part valid] [--seed 42]

The test part is fitted on training and validation artists together, with the settings as shipped.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from kg_rec import Recommender
from kg_rec.collaborative.neighbourhood import item_cosine
from kg_rec.community import BLOCK, friend_weights, liked_by
from kg_rec.evaluation import metrics
from kg_rec.ids import Iri, mint
from kg_rec.vectors import Column, ItemVectors

K = 10
LEFT = (0, 1, 2, 5)
WEIGHTS = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)


@dataclass(frozen=True)
class Task:
    """Likes to learn from, likes to find, what is not listed, and who knows whom."""

    likes: sparse.csr_array
    relevant: sparse.csr_array
    hidden: sparse.csr_array
    friends: sparse.csr_array
    judged: np.ndarray

    def quality(self, scores: np.ndarray) -> tuple[float, float]:
        """Return NDCG@10 and Recall@20 of dense scores of those who are judged."""
        seen = sparse.coo_array((self.likes + self.hidden)[self.judged])
        scores = scores.astype(np.float64, copy=True)
        scores[seen.row, seen.col] = -np.inf
        ranked = np.argsort(-scores, axis=1, kind="stable")[:, :20]
        relevant = self.relevant[self.judged]
        return (
            float(np.nanmean(metrics.ndcg(ranked, relevant, K))),
            float(np.nanmean(metrics.recall(ranked, relevant, 20))),
        )


def read(data: Path, part: str, seed: int, left: int | None = None) -> Task:
    """Read the data; with ``left``, all but so many likes of a fifth of the users are hidden."""
    folder = data / "kgcn-lastfm" / "hetrec2011"
    had = pd.read_csv(folder / "user_artists.dat", sep="\t")
    knows = pd.read_csv(folder / "user_friends.dat", sep="\t")
    had = had[had.groupby("artistID")["userID"].transform("nunique") >= 3]
    users = np.union1d(had["userID"], knows["userID"])
    items = np.unique(had["artistID"])
    rows, columns = users.searchsorted(had["userID"]), items.searchsorted(had["artistID"])
    rng = np.random.default_rng(seed)
    place = pd.Series(rng.permutation(len(had))).groupby(rows).rank(method="first").to_numpy() - 1
    tenth = np.bincount(rows)[rows] // 10
    test, valid = place < tenth, (place >= tenth) & (place < 2 * tenth)
    train = ~test & ~valid if part == "valid" else ~test
    wanted = valid if part == "valid" else test
    cold = np.zeros(len(users), dtype=bool)
    if left is not None:
        cold[rng.permutation(len(users))[: len(users) // 5]] = True
        kept = pd.Series(np.where(train, place, np.inf)).groupby(rows).rank(method="first") <= left
        hidden = train & cold[rows] & ~kept.to_numpy()
    else:
        hidden = np.zeros(len(had), dtype=bool)
    shape = (len(users), len(items))
    likes, relevant, held = (
        _csr(rows[some], columns[some], shape) for some in (train & ~hidden, wanted, hidden)
    )
    judged = np.flatnonzero(cold) if left is not None else np.arange(len(users))
    judged = judged[np.diff(relevant.indptr)[judged] > 0]
    knower, known = (users.searchsorted(knows[name]) for name in ("userID", "friendID"))
    friends = _csr(knower, known, (len(users), len(users)))
    return Task(likes, relevant, held, friends, judged)


def _csr(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array(sparse.coo_array((np.ones(len(rows)), (rows, columns)), shape=shape))


def fitted(task: Task) -> Recommender:
    """Return a model of tables alone: likes and friends."""
    likes, knows = (sparse.coo_array(m) for m in (task.likes, task.friends))
    names = [f"{n:05d}" for n in range(task.likes.shape[1])]
    users = [f"{n:05d}" for n in range(task.likes.shape[0])]
    events = {"user": [users[u] for u in likes.row], "item": [names[i] for i in likes.col]}
    friends = {"user": [users[u] for u in knows.row], "friend": [users[u] for u in knows.col]}
    return Recommender.fit(
        pd.DataFrame({"id": names}),
        interactions=pd.DataFrame(events),
        friends=pd.DataFrame(friends),
        config={"embeddings": {"epochs": 0}, "validation": "off"},
    )


def weighed(model: Recommender, weight: float) -> Recommender:
    """Return the model with another weight of the block of friends."""
    vectors = model.model.vectors
    rest = [n for n, c in enumerate(vectors.columns) if c.block != BLOCK]
    kept = ItemVectors(
        sparse.csr_array(vectors.matrix[:, rest]), tuple(vectors.columns[n] for n in rest)
    )
    block = vectors.block(BLOCK).scaled(weight / model.model.config.ranking.community)
    joined = ItemVectors.join([kept, block]) if weight else kept
    return Recommender(replace(model.model, vectors=joined))


def scores_of(model: Recommender, task: Task) -> np.ndarray:
    """Return the scores of all items for those who are judged."""
    size = task.likes.shape[1]
    known = {name: row for row, name in enumerate(model.users)}
    users = [f"{n:05d}" for n in task.judged if f"{n:05d}" in known]
    found = model.rank(users, k=size)
    scores = np.full((len(task.judged), size), -np.inf)
    place = {int(n): row for row, n in enumerate(task.judged)}
    for user, rows, values in zip(users, found.rows, found.scores, strict=True):
        good = rows >= 0
        scores[place[int(user)], rows[good]] = values[good]
    return scores


def report(task: Task, title: str, weights: tuple[float, ...]) -> None:
    """Print what each scorer reaches."""
    likes, judged = task.likes, task.judged
    print(f"\n{title}: {len(judged):,} users, {likes.nnz:,} likes of {likes.shape[1]:,} artists")
    popular = np.tile(np.asarray(likes.sum(axis=0)), (len(judged), 1))
    show("popularity", task.quality(popular))
    similar = item_cosine(likes, shrink=10.0, keep=300)
    show("item cosine", task.quality((likes[judged] @ similar).toarray() + 1e-9 * popular))
    users = [mint("https://example.org/", "user", str(n)) for n in range(likes.shape[0])]
    for name, friends in (("friends", task.friends), ("friends, shuffled", shuffled(task))):
        show(f"{name} alone", task.quality(by_friends(task, friends, users) + 1e-9 * popular))
    model = fitted(task)
    for weight in weights:
        show(f"model, community = {weight}", task.quality(scores_of(weighed(model, weight), task)))


def by_friends(task: Task, friends: sparse.csr_array, users: list[Iri]) -> np.ndarray:
    """Return the scores of the block of friends alone."""
    block = liked_by(task.likes, friends, users)
    row = {iri: n for n, iri in enumerate(users)}
    chosen = [row[column.object] for column in block.columns if isinstance(column, Column)]
    who = task.judged
    weights = friend_weights(
        sparse.csr_array(friends[who][:, chosen]), task.likes[who], block.matrix
    )
    return np.asarray((weights @ block.matrix.T).toarray())


def shuffled(task: Task) -> sparse.csr_array:
    """Return as many friends for everybody, drawn by chance from all who are somebody's."""
    knows = sparse.coo_array(task.friends)
    drawn = np.random.default_rng(0).permutation(knows.col)
    return _csr(knows.row, drawn, task.friends.shape)


def show(name: str, quality: tuple[float, float]) -> None:
    """Print a line."""
    print(f"  {name:28s} NDCG@10 {quality[0]:.4f}  Recall@20 {quality[1]:.4f}", flush=True)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=("valid", "test"), default="test")
    parser.add_argument("--seed", type=int, default=42)
    given = parser.parse_args()
    weights = WEIGHTS if given.part == "valid" else (0.0, 0.3)
    for left in (None, *LEFT):
        title = "all users" if left is None else f"cold users with {left} artists left"
        report(read(given.data, given.part, given.seed, left), title, weights)


if __name__ == "__main__":
    main()
