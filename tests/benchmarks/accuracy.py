"""Accuracy on public data: the five tasks of the page on accuracy, through ``kg_rec.evaluate``.

Each task is written as tables and a configuration with little more than the names of its files;
settings were chosen on the validation parts. The lists are written for any other scorer.

    python tests/benchmarks/accuracy.py --data ../shared/data --out DIR [--only NAME] [--on valid]
        [--ablate graph] [--history]

writes ``DIR/NAME.tsv`` (tab-separated ``user item rank score``, top 20) and ``DIR/results.json``.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import resource
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import kg_rec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Rows = list[list[str]]


def read(path: Path, separator: str | None = "\t") -> Rows:
    """Read the lines of a table, split."""
    return [line.split(separator) for line in path.read_text(encoding="utf-8").splitlines()]


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a tab-separated table."""
    lines = ["\t".join(header), *("\t".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table of texts, quoted where that is needed."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def write_events(folder: Path, parts: dict[str, Rows]) -> None:
    """Write one table of events a part."""
    for name, rows in parts.items():
        write(folder / f"{name}.tsv", ("user_id", "item_id"), (row[:2] for row in rows))


def write_config(folder: Path, name: str, data: dict[str, Any], more: str = "") -> Path:
    """Write the configuration of a task."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in data.items()]
    path = folder / f"{name}.toml"
    path.write_text("\n".join(["[data]", *lines, more]) + "\n", encoding="utf-8")
    return path


PARTS = {"train": "train.tsv", "valid": "valid.tsv", "test": "test.tsv"}
GRAPH = ("head", "relation", "tail")


def ml_100k_graph(data: Path, folder: Path) -> None:
    """Write the graph of ml-100k with genres and years, and its (realigned) links."""
    source = data / "ml-100k"
    links = read(source / "ml-100k.link")[1:]
    entity = dict(links)
    facts = read(source / "ml-100k.kg")[1:]
    for item, _, year, *genres in read(source / "ml-100k.item")[1:]:
        node = entity.get(item, f"film-{item}")
        facts += [[node, "genre", f"genre-{genre}"] for genre in " ".join(genres).split()]
        if year.isdigit():
            facts += [[node, "year", f"year-{year}"]]
            facts += [[node, "years", f"years-{int(year) // 5 * 5}"]]
        if item not in entity:
            links.append([item, node])
    write(folder / "kg.tsv", GRAPH, facts)
    write(folder / "link.tsv", ("item_id", "entity_id"), links)


def ml_100k(data: Path, folder: Path) -> Path:
    """Films that people rated 4 or 5, of all films (the peers' split)."""
    source = data / "ml-100k" / "split"
    write_events(folder, {part: read(source / name)[1:] for part, name in PARTS.items()})
    write(folder / "items.tsv", ["item_id"], read(source / "items.txt"))
    ml_100k_graph(data, folder)
    files = {**PARTS, "graph": "kg.tsv", "links": "link.tsv", "items": "items.tsv"}
    return write_config(folder, "ml-100k", files)


def ml_100k_cold(data: Path, folder: Path) -> Path:
    """Films that nobody has rated yet, known by their facts."""
    source = data / "ml-100k" / "cold"
    write_events(folder, {part: read(source / name)[1:] for part, name in PARTS.items()})
    ml_100k_graph(data, folder)
    candidates = {part: str(source / f"candidates_{part}.txt") for part in ("valid", "test")}
    for part, path in candidates.items():
        (folder / f"{part}.txt").write_text(Path(path).read_text())
    more = '[data.candidates]\nvalid = "valid.txt"\ntest = "test.txt"'
    files = {**PARTS, "graph": "kg.tsv", "links": "link.tsv"}
    return write_config(folder, "ml-100k-cold", files, more)


def lastfm_dbpedia(data: Path, folder: Path) -> Path:
    """Music artists that people listened to, with facts from DBpedia."""
    source = data / "lastfm-dbpedia"
    names = {"train": "train.dat", "valid": "val.dat", "test": "test.dat"}
    write_events(folder, {part: read(source / name, None) for part, name in names.items()})
    facts = [
        [row[0], path.stem, row[1]]
        for path in sorted((source / "graphs").glob("*.edgelist"))
        for row in read(path, None)
    ]
    write(folder / "kg.tsv", GRAPH, facts)
    return write_config(folder, "lastfm-dbpedia", {**PARTS, "graph": "kg.tsv"})


def kgat_amazon_book(data: Path, folder: Path) -> Path:
    """Books that people bought; no graph. A tenth of the training part is the validation part."""
    source = data / "kgat-amazon-book"
    rng = np.random.default_rng(1)
    parts: dict[str, Rows] = {"train": [], "valid": [], "test": []}
    for user, *items in read(source / "train.txt", None):
        held = set(rng.permutation(len(items))[: len(items) // 10].tolist()) if items else set()
        for n, item in enumerate(items):
            parts["valid" if n in held else "train"].append([user, item])
    for user, *items in read(source / "test.txt", None):
        parts["test"] += [[user, item] for item in items]
    write_events(folder, parts)
    return write_config(folder, "kgat-amazon-book", PARTS)


def tmdb_facts(data: Path) -> Iterator[list[str]]:
    """Yield genres, keywords and companies of the films of ml-latest-small."""
    source = data / "ml-latest-small-tmdb"
    with (source / "links.csv").open(encoding="utf-8") as file:
        film = {row["tmdbId"]: row["movieId"] for row in csv.DictReader(file)}
    with zipfile.ZipFile(source / "tmdb_5000_movies.csv.zip") as archive:
        raw = archive.read(archive.namelist()[0]).decode("utf-8")
    kinds = {"genres": "genre", "keywords": "keyword", "production_companies": "company"}
    for row in csv.DictReader(io.StringIO(raw)):
        for column, relation in kinds.items():
            if row["id"] in film:
                for value in json.loads(row[column]):
                    yield [film[row["id"]], relation, f"{relation}-{value['id']}"]


def ml_latest_text_cold(data: Path, folder: Path) -> Path:
    """Films that nobody has rated yet, known by their texts, keywords, genres and companies."""
    source = data / "ml-latest-small-tmdb"
    cold = source / "cold"
    write_events(folder, {part: read(cold / name)[1:] for part, name in PARTS.items()})
    with (source / "films_with_text.csv").open(encoding="utf-8") as file:
        films = list(csv.DictReader(file))
    titles = [[film["item_id"], film["title"]] for film in films]
    write_csv(folder / "items.csv", ("item_id", "title"), titles)
    texts = [
        [film["item_id"], film[column]]
        for film in films
        for column in ("tagline", "overview")
        if film[column].strip()
    ]
    write_csv(folder / "texts.csv", ("item", "text"), texts)
    write(folder / "kg.tsv", GRAPH, tmdb_facts(data))
    for part in ("valid", "test"):
        listed = (cold / f"candidates_{part}.txt").read_text()
        (folder / f"{part}.txt").write_text(listed)
    more = (
        '[data.candidates]\nvalid = "valid.txt"\ntest = "test.txt"\n'
        '[items]\nlabel = "title"\n[texts]\npath = "texts.csv"'
    )
    files = {**PARTS, "graph": "kg.tsv", "items": "items.csv"}
    return write_config(folder, "ml-latest-text-cold", files, more)


TASKS: dict[str, Callable[[Path, Path], Path]] = {
    "ml-100k": ml_100k,
    "lastfm-dbpedia": lastfm_dbpedia,
    "kgat-amazon-book": kgat_amazon_book,
    "ml-100k-cold": ml_100k_cold,
    "ml-latest-text-cold": ml_latest_text_cold,
}


def run(name: str, data: Path, out: Path, on: str | None, ablate: Any) -> dict[str, Any]:
    """Write, fit, rank and judge one task."""
    folder = out / "data" / name
    folder.mkdir(parents=True, exist_ok=True)
    config = TASKS[name](data, folder)
    start = time.perf_counter()
    result = kg_rec.evaluate(config, on=on, ks=(10, 20), ablate=ablate)
    seconds = time.perf_counter() - start
    print(result, flush=True)
    (out / f"{name}.tsv").write_text(result.lists_tsv(), encoding="utf-8")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**result.to_dict(), "wall_seconds": seconds, "peak_mib": memory}


def main() -> None:
    """Run the tasks that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=TASKS, action="append")
    parser.add_argument("--on", choices=["test", "valid"])
    parser.add_argument("--ablate", choices=["graph"])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / "results.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    for name in args.only or TASKS:
        results[name] = run(name, args.data, args.out, args.on, args.ablate)
        path.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
