"""What new items are worth before everything is learned again, and what adding one takes.

The demonstration is built without its 50 last films (by id, which IMDb gives in order), and these
are added one at a time. It is also built with them. Ratings of the 50 films are kept from both; the
likes among them are to be found: among the 50, and among all films.

    python tests/benchmarks/new_items.py [--data ../shared/data] [--saved FOLDER]

With ``--data`` the time is also taken on MovieLens 100k, whose films have facts but no texts. With
``--saved`` models are kept there and used again.
"""

from __future__ import annotations

import argparse
import copy
import shutil
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse

from kg_rec import Recommender, io
from kg_rec.demo import DEMO_CONFIG
from kg_rec.evaluation import metrics

NEW = 50
LIKED = 7
K = 10


def built(folder: Path, new: set[str], saved: Path | None) -> Recommender:
    """Return the demonstration without some films, and without ratings of the 50."""
    name = f"demo-without-{len(new)}"
    if saved is not None and (saved / name).exists():
        return Recommender.load(saved / name)
    shutil.copytree(DEMO_CONFIG.parent, folder / name)
    place = folder / name
    for file, column, gone in (("movies.csv", "movie_id", new), ("ratings.csv", "movie_id", LAST)):
        table = pd.read_csv(place / file, dtype=str)
        table[~table[column].isin(gone)].to_csv(place / file, index=False)
    texts = pd.DataFrame(io.read_table(place / "texts.jsonl").columns)
    texts[~texts["id"].isin(new)].to_json(place / "texts.jsonl", orient="records", lines=True)
    model = Recommender.fit(config=place / DEMO_CONFIG.name)
    if saved is not None:
        model.save(saved / name)
    return model


def last_films() -> list[str]:
    """Return the ids of the 50 last films."""
    return sorted(pd.read_csv(DEMO_CONFIG.parent / "movies.csv", dtype=str)["movie_id"])[-NEW:]


LAST = {*last_films()}


def milliseconds(seconds: list[float]) -> str:
    """Return the median and the 95th percentile."""
    median, high = 1e3 * np.quantile(seconds, [0.5, 0.95])
    return f"median {median:.0f} ms, 95 % under {high:.0f} ms"


def add_all(model: Recommender) -> None:
    """Add the films one at a time, and tell what one takes."""
    films = pd.read_csv(DEMO_CONFIG.parent / "movies.csv", dtype=str).set_index("movie_id")
    texts = pd.DataFrame(io.read_table(DEMO_CONFIG.parent / "texts.jsonl").columns)
    texts = texts.set_index("id")
    first, *others = last_films()
    start = time.perf_counter()
    model.add_items(films.loc[[first]].reset_index(), texts.loc[[first]].reset_index())
    print(f"the first, which loads the language pipeline: {time.perf_counter() - start:.1f} s")
    user, wall, work, after = model.users[0], [], [], []
    for film in others:
        row, text = films.loc[[film]].reset_index(), texts.loc[[film]].reset_index()
        start, used = time.perf_counter(), time.process_time()
        model.add_items(row, text)
        wall.append(time.perf_counter() - start)
        work.append(time.process_time() - used)
        start = time.perf_counter()
        model.recommend(user)
        after.append(time.perf_counter() - start)
    print(f"each of {len(others)} others: {milliseconds(wall)}")
    print(f"  processor time: {milliseconds(work)}")
    print(f"  the first list after it: {milliseconds(after)}")


def likes_of(model: Recommender) -> sparse.csr_array:
    """Return who likes which of the 50 films (users × items)."""
    ratings = pd.read_csv(DEMO_CONFIG.parent / "ratings.csv", dtype=str)
    asked = ratings[ratings["movie_id"].isin(LAST) & (ratings["rating"].astype(float) >= LIKED)]
    asked = asked[asked["user_id"].isin(model.users)]
    user_row = {user: row for row, user in enumerate(model.users)}
    item_row = {item.id: row for row, item in enumerate(model.items)}
    rows, columns = asked["user_id"].map(user_row), asked["movie_id"].map(item_row)
    shape = (len(model.users), len(model.items))
    cells = (np.ones(len(asked)), (rows.to_numpy(), columns.to_numpy()))
    return sparse.csr_array(sparse.coo_array(cells, shape=shape).tocsr())


def quality(model: Recommender, *, among: bool) -> tuple[float, int]:
    """Return NDCG@10 of the likes, and of how many users it is the mean."""
    likes = likes_of(model)
    asked = np.flatnonzero(np.diff(likes.indptr))
    users = [model.users[row] for row in asked]
    best = model.rank(users, K, candidates=sorted(LAST) if among else None)
    values = metrics.ndcg(np.array(best.rows), likes[asked], K)
    return float(np.mean(values)), len(asked)


def ml_100k(data: Path, saved: Path | None) -> None:
    """Tell what adding a film of MovieLens 100k takes."""
    source = data / "ml-100k"
    lines = (source / "ml-100k.item").read_text(encoding="utf-8").splitlines()[1:]
    films = [line.split("\t") for line in lines]
    entity = dict(
        line.split("\t") for line in (source / "ml-100k.link").read_text().splitlines()[1:]
    )
    facts: dict[str, dict[str, list[str]]] = {}
    for line in (source / "ml-100k.kg").read_text().splitlines()[1:]:
        head, relation, tail = line.split("\t")
        facts.setdefault(head, {}).setdefault(relation, []).append(tail)
    wanted = {"film.film.directed_by": "director", "film.film.written_by": "author"}
    wanted |= {"film.film.actor": "actor", "film.film.produced_by": "producer"}
    rows = []
    for name, label, year, genres in films:
        own = facts.get(entity.get(name, ""), {})
        told = {column: own.get(relation, []) for relation, column in wanted.items()}
        rows.append({"id": name, "label": label, "genre": genres.split(), "year": year, **told})
    ratings = pd.read_csv(source / "ml-100k.inter", sep="\t", dtype=str).iloc[:, :3]
    ratings.columns = ["user", "item", "weight"]
    ids = [row["id"] for row in rows]
    if saved is not None and (saved / "ml-100k").exists():
        model = Recommender.load(saved / "ml-100k")
    else:
        model = Recommender.fit(
            pd.DataFrame(rows[:-NEW]),
            interactions=ratings[ratings["item"].isin(ids[:-NEW])],
            config={"interactions": {"like_at": 4}, "ranking": {"blend": "fixed"}},
        )
        if saved is not None:
            model.save(saved / "ml-100k")
    print(f"MovieLens 100k: {len(model.items):,} films, {len(model.graph):,} triples")
    model.add_items(pd.DataFrame(rows[-NEW:][:1]))
    seconds, work = [], []
    for row in rows[-NEW:][1:]:
        start, used = time.perf_counter(), time.process_time()
        model.add_items(pd.DataFrame([row]))
        seconds.append(time.perf_counter() - start)
        work.append(time.process_time() - used)
    print(f"each of {len(seconds)}: {milliseconds(seconds)}")
    print(f"  processor time: {milliseconds(work)}")


def main() -> None:
    """Build, add, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--saved", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = built(Path(folder), LAST, arguments.saved)
        add_all(model)
        whole = built(Path(folder), set(), arguments.saved)
    refreshed = copy.copy(model)
    refreshed.refresh()
    for among, place in ((True, "among the 50"), (False, "among all films")):
        found, count = quality(model, among=among)
        best = quality(whole, among=among)[0]
        again = quality(refreshed, among=among)[0]
        print(
            f"{place}, {count} users: NDCG@{K} added {found:.4f}, rebuilt {best:.4f}"
            f" (ratio {found / best:.3f}), refreshed {again:.4f}"
        )
    if arguments.data is not None:
        ml_100k(arguments.data, arguments.saved)


if __name__ == "__main__":
    main()
