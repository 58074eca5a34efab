"""Films that nobody has rated, recommended from their title, tagline and overview alone.

The models are built by the public API from tables: the films' texts and the training ratings. The
candidates are films without a rating; each user's list ranks them. NDCG@10 with the standard ideal.
Rivals are computed beside it on the same words (scikit-learn's TF-IDF; wordllama's vectors).

    python tests/benchmarks/text_cold.py --data ../shared/data [--part valid] [--out lists.tsv]

``--out`` writes the lists of the whole model: tab-separated ``user item rank score``.
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy import sparse

from kg_rec import Recommender

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

K = 20
ABLATION: dict[str, dict[str, Any]] = {
    "words": {"text": {"read": ["words"]}, "ranking": {"similar_in_text": 0.0}},
    "names": {"text": {"read": ["names"]}, "ranking": {"similar_in_text": 0.0}},
    "concepts": {"text": {"read": ["concepts"]}, "ranking": {"similar_in_text": 0.0}},
    "relations": {"text": {"read": ["relations"]}, "ranking": {"similar_in_text": 0.0}},
    "all four": {"ranking": {"similar_in_text": 0.0}},
    "all four, and closeness in meaning": {},
    "the same without company": {"ranking": {"company": 0.0}},
}
WHOLE = "all four, and closeness in meaning"


@dataclass(frozen=True)
class Task:
    """Films with text, ratings to learn from, candidates, and what users liked of them."""

    films: pd.DataFrame
    train: pd.DataFrame
    candidates: list[str]
    relevant: dict[str, set[str]]

    @property
    def texts(self) -> list[str]:
        """Title, tagline and overview of each film."""
        parts = (self.films[name] for name in ("title", "tagline", "overview"))
        return ["\n".join(filter(None, row)) for row in zip(*parts, strict=True)]


def read(data: Path, part: str) -> Task:
    """Read the task; for the test, the validation ratings are learned from, too."""
    folder = data / "ml-latest-small-tmdb"
    films = pd.read_csv(folder / "films_with_text.csv", dtype=str, keep_default_na=False)
    ratings = {
        name: pd.read_csv(folder / "cold" / f"{name}.tsv", sep="\t", dtype=str)
        for name in ("train", "valid", part)
    }
    train = ratings["train"]
    if part == "test":
        train = pd.concat([train, ratings["valid"]])
    relevant: dict[str, set[str]] = {}
    for user, film in zip(ratings[part].user_id, ratings[part].item_id, strict=True):
        relevant.setdefault(user, set()).add(film)
    candidates = (folder / "cold" / f"candidates_{part}.txt").read_text().split()
    return Task(films, train, candidates, relevant)


def fit(task: Task, settings: dict[str, Any]) -> Recommender:
    """Build a model from the films' texts and the ratings."""
    items = task.films[["item_id", "title"]]
    texts = task.films.melt("item_id", ["tagline", "overview"], value_name="text")
    config: dict[str, Any] = {
        "items": {"id": "item_id", "label": "title"},
        "texts": {"item": "item_id"},
        "interactions": {"user": "user_id", "item": "item_id"},
        "embeddings": {"epochs": 0},
        **settings,
    }
    return Recommender.fit(
        items,
        texts=texts[texts.text != ""],
        interactions=task.train[["user_id", "item_id"]],
        config=config,
    )


def lists(model: Recommender, task: Task) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    """Yield each user's best candidates with their scores."""
    row_of = {item.id: row for row, item in enumerate(model.items)}
    names = sorted(task.candidates)
    chosen = model.model.vectors.matrix[[row_of[name] for name in names]].tocsr()
    for user in sorted(set(task.relevant) & set(model.users)):
        scores = (chosen @ model.profile(user).vector.T).toarray().ravel()
        best = np.argsort(-scores, kind="stable")[:K]
        yield user, [(names[n], float(scores[n])) for n in best]


def ndcg(found: list[str], relevant: set[str], k: int = 10) -> float:
    """Return binary NDCG@k; the ideal list holds min(k, relevant) hits."""
    gains = 1 / np.log2(np.arange(2, k + 2))
    hits = np.array([item in relevant for item in found[:k]], dtype=bool)
    return float(gains[: len(hits)][hits].sum() / gains[: min(k, len(relevant))].sum())


def mean_ndcg(found: dict[str, list[str]], task: Task) -> float:
    """Return the mean over users; one without a list counts as zero."""
    return float(np.mean([ndcg(found.get(u, []), r) for u, r in task.relevant.items()]))


# --- rivals -----------------------------------------------------------------------------------


def rivals(task: Task) -> Iterator[tuple[str, float]]:
    """Yield the rivals' names and NDCG@10."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415 - rivals only

    from kg_rec.embeddings import TokenEncoder  # noqa: PLC0415 - rivals only

    rng = np.random.default_rng(0)
    yield "random", _ranked(task, lambda x: rng.random(x.shape))
    words = sparse.csr_array(TfidfVectorizer().fit_transform(task.texts))
    yield from _cosine_and_ridge(task, "TF-IDF words", (words @ words.T).toarray())
    dense = TokenEncoder().encode(task.texts)
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    yield from _cosine_and_ridge(task, "wordllama vectors", dense @ dense.T)


def _cosine_and_ridge(task: Task, name: str, kernel: Any) -> Iterator[tuple[str, float]]:
    """Yield the rank by summed cosines, and by kernel ridge regression over the rated films."""
    yield f"cosine of {name}", _ranked(task, lambda x: x @ kernel)

    def ridge(x: Any) -> Any:
        rated = np.flatnonzero(x.sum(axis=0))
        inside = kernel[np.ix_(rated, rated)] + np.eye(len(rated))
        return x[:, rated] @ np.linalg.solve(inside, kernel[rated])

    yield f"ridge over {name}", _ranked(task, ridge)


def _ranked(task: Task, score: Callable[[Any], Any]) -> float:
    """Return the NDCG@10 of a scorer of the users × films matrix."""
    row_of = {film: row for row, film in enumerate(task.films.item_id)}
    users = {user: row for row, user in enumerate(sorted(set(task.train.user_id)))}
    liked = np.zeros((len(users), len(row_of)))
    liked[task.train.user_id.map(users), task.train.item_id.map(row_of)] = 1.0
    names = sorted(task.candidates)
    scores = score(liked)[:, [row_of[name] for name in names]]
    order = np.argsort(-scores, axis=1, kind="stable")[:, :K]
    found = {u: [names[n] for n in order[row]] for u, row in users.items()}
    return mean_ndcg(found, task)


# --- the table --------------------------------------------------------------------------------


def main() -> None:
    """Print the table; write the lists of the whole model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=["valid", "test"], default="valid")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", choices=list(ABLATION))
    args = parser.parse_args()
    task = read(args.data, args.part)
    for name, value in () if args.only else rivals(task):
        print(f"{name:36} NDCG@10 {value:.4f}", flush=True)
    for name, settings in ABLATION.items():
        if args.only in {None, name}:
            start = time.perf_counter()
            ours = dict(lists(fit(task, settings), task))
            value = mean_ndcg({u: [item for item, _ in found] for u, found in ours.items()}, task)
            seconds = time.perf_counter() - start
            print(f"{name:36} NDCG@10 {value:.4f}  ({seconds:.0f} s)", flush=True)
            if name == WHOLE and args.out:
                write(ours, args.out)


def write(ours: dict[str, list[tuple[str, float]]], path: Path) -> None:
    """Write lists, as the scorer reads them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, delimiter="\t", lineterminator="\n")
        rows.writerow(["user", "item", "rank", "score"])
        for user, found in ours.items():
            rows.writerows(
                [user, item, rank, f"{score:.6g}"]
                for rank, (item, score) in enumerate(found, start=1)
            )


if __name__ == "__main__":
    main()
