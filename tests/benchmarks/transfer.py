"""What vectors of another model are worth to films that nobody has had.

The other model: likes of MovieTweetings (the demonstration) in 32 dimensions (singular vectors). It
and MovieLens 100k share some films, found by title and year; the others get vectors by their facts.
To be found are the likes of MovieLens users among films that nobody has rated.

    python tests/benchmarks/transfer.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import svds

from kg_rec import Recommender
from kg_rec.demo import DEMO_CONFIG
from kg_rec.evaluation import metrics

K = 10
RELATIONS = {
    "film.film.directed_by": "director",
    "film.film.written_by": "author",
    "film.film.actor": "actor",
    "film.film.produced_by": "producer",
}


def key(title: str) -> str:
    """Return a title with its year, ready to be compared: letters and digits, no article."""
    words = re.findall(r"\w+", title.casefold())
    return " ".join(word for word in words if word not in {"the", "a", "an"})


def theirs() -> dict[str, np.ndarray]:
    """Return the vectors of the other model, by title and year."""
    folder = DEMO_CONFIG.parent
    films = pd.read_csv(folder / "movies.csv", dtype=str)
    ratings = pd.read_csv(folder / "ratings.csv", dtype=str)
    likes = ratings[ratings["rating"].astype(int) >= 7]
    rows, columns = (pd.Categorical(likes[name]) for name in ("user_id", "movie_id"))
    cells = (np.ones(len(likes)), (rows.codes, columns.codes))
    matrix = sparse.csr_array(sparse.coo_array(cells))
    weight = 1.0 / np.sqrt(np.maximum(matrix.sum(axis=0), 1.0))
    _, values, vectors = svds(matrix @ sparse.diags_array(weight), k=32, random_state=0)
    title = dict(zip(films["movie_id"], films["title"], strict=True))
    found = (vectors * values[:, None]).T
    return {key(title[name]): found[n] for n, name in enumerate(columns.categories)}


def films_of(data: Path) -> pd.DataFrame:
    """Return the films of MovieLens 100k with their facts."""
    source = data / "ml-100k"
    links = (source / "ml-100k.link").read_text(encoding="utf-8").splitlines()[1:]
    entity = dict(line.split("\t") for line in links)
    facts: dict[str, dict[str, list[str]]] = {}
    for line in (source / "ml-100k.kg").read_text(encoding="utf-8").splitlines()[1:]:
        head, relation, tail = line.split("\t")
        if relation in RELATIONS:
            facts.setdefault(head, {}).setdefault(RELATIONS[relation], []).append(tail)
    rows = []
    for line in (source / "ml-100k.item").read_text(encoding="utf-8").splitlines()[1:]:
        name, title, year, genres = line.split("\t")
        own = facts.get(entity.get(name, ""), {})
        told = {column: own.get(column, []) for column in RELATIONS.values()}
        rows.append({"id": name, "label": f"{title} ({year})", "genre": genres.split(), **told})
    return pd.DataFrame(rows)


def found(data: Path, films: pd.DataFrame, vectors: dict[str, Any], weight: float) -> float:
    """Return NDCG@10 among the films that nobody has rated."""
    source = data / "ml-100k" / "cold"
    train, test = (pd.read_csv(source / f"{p}.tsv", sep="\t", dtype=str) for p in ("train", "test"))
    liked = test[test["rating"].astype(int) >= 4]
    config: dict[str, Any] = {
        "interactions": {"user": "user_id", "item": "item_id", "weight": "rating", "like_at": 4},
        "embeddings": {"epochs": 0},
        "ranking": {"blend": "fixed"},
        "vectors": [{"name": n, "transfer": True, "weight": weight} for n in vectors],
    }
    model = Recommender.fit(films, interactions=train, vectors=vectors, config=config)
    liked = liked[liked["user_id"].isin(model.users)]
    users, row_of = (
        sorted(set(liked["user_id"])),
        {item.id: n for n, item in enumerate(model.items)},
    )
    place = {user: n for n, user in enumerate(users)}
    cells = (liked["user_id"].map(place).to_numpy(), liked["item_id"].map(row_of).to_numpy())
    wanted = sparse.csr_array(
        sparse.coo_array((np.ones(len(liked)), cells), shape=(len(users), len(row_of))).tocsr()
    )
    candidates = (source / "candidates_test.txt").read_text().split()
    rows = np.array(model.rank(users, K, candidates=candidates).rows)
    return float(np.mean(metrics.ndcg(rows, wanted, K)))


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    data = parser.parse_args().data
    films, other = films_of(data), theirs()
    shared = {
        n: other[k]
        for n, k in zip(films["id"], map(key, films["label"]), strict=True)
        if k in other
    }
    print(f"{len(films):,} films, {len(other)} of the other model, {len(shared)} shared")
    print(f"without: NDCG@{K} {found(data, films, {}, 0.0):.4f}")
    rng = np.random.default_rng(0)
    noise = {name: rng.normal(size=32) for name in shared}
    for weight in (0.5, 2.0):
        for name, vectors in (("transferred", shared), ("random", noise)):
            value = found(data, films, {"tweets": vectors}, weight)
            print(f"{name}, weight {weight}: {value:.4f}", flush=True)


if __name__ == "__main__":
    main()
