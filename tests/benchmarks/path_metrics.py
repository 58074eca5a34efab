"""The nine path metrics of explanations on ml-100k: other recommenders' paths, and kg_rec's.

    python tests/benchmarks/path_metrics.py ML100K --paths NAME=FILE.jsonl ... --kg-rec CONFIG.toml

ML100K is a folder with RecBole's files of ml-100k and ``split/``. A file of paths has a JSON object
a line: user, item, score, and the path as nodes, each with the relation that leads to it. Of each
user the ten items of highest score are judged, unless ``--all`` is given.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

import numpy as np

from kg_rec.evaluation.bench import fit
from kg_rec.evaluation.data import load_data
from kg_rec.evaluation.explaining import best_path
from kg_rec.evaluation.path_metrics import (
    METRICS,
    SELF_LOOP,
    ExplanationPath,
    PathHop,
    PathNode,
    path_metrics,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kg_rec.ids import Iri

K = 10
INTERACTION = "[UI-Relation]"
HOPWISE_RELATIONS = 26
"""ml-100k's 24 relations, that of interactions, and the padding."""
LONGEST = 7


class World(NamedTuple):
    """What the metrics need to know beside the paths."""

    times: dict[str, dict[str, float]]
    popularity: dict[str, dict[str, float]]


def rows(path: Path) -> list[list[str]]:
    """Return the cells of a tab-separated file with a header."""
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def read_world(folder: Path, links: str = "ml-100k.link") -> World:
    """Return times and numbers of links, in hopwise's order of nodes, which decides ties.

    Items are numbered as they appear in train, valid, test and the catalogue, those without an
    entity first; times are float32, as hopwise holds them.
    """
    parts = [rows(folder / "split" / f"{part}.tsv") for part in ("train", "valid", "test")]
    catalogue = (folder / "split" / "items.txt").read_text(encoding="utf-8").split()
    item_of = _items_of(folder / links)
    linked = {name.removeprefix("item:") for name in item_of.values()}
    order = dict.fromkeys([row[1] for part in parts for row in part] + catalogue)
    number = {item: n for n, item in enumerate(sorted(order, key=linked.__contains__))}
    times: dict[str, dict[str, float]] = defaultdict(dict)
    for user, item, _, time in sorted(parts[0], key=lambda row: number[row[1]]):
        times[user][f"item:{item}"] = float(np.float32(time))
    return World(dict(times), _popularity(item_of, folder / "ml-100k.kg", parts[0]))


def _items_of(links: Path) -> dict[str, str]:
    """Return the item of each entity; of several the first."""
    item_of: dict[str, str] = {}
    for item, entity in rows(links):
        item_of.setdefault(entity, f"item:{item}")
    return item_of


def _popularity(
    item_of: dict[str, str], graph: Path, train: list[list[str]]
) -> dict[str, dict[str, float]]:
    users: dict[str, float] = defaultdict(float)
    entities: dict[str, float] = defaultdict(float)
    for user, item, *_ in train:
        users[user] += 1
        entities[f"item:{item}"] += 1
    for head, _, tail in rows(graph):
        for node in (head, tail):
            entities[item_of.get(node, node)] += 1
    return {"user": dict(users), "entity": dict(entities)}


def read_paths(file: Path, most: int | None = K) -> list[ExplanationPath]:
    """Return the paths of a file; of each user those of the items of highest score."""
    found: dict[str, list[tuple[float, ExplanationPath]]] = defaultdict(list)
    for line in _lines(file):
        told = json.loads(line)
        path = ExplanationPath(told["user"], told["item"], tuple(_hops(told["path"])))
        found[told["user"]].append((told["score"], path))
    best = (sorted(own, key=lambda pair: -pair[0])[:most] for own in found.values())
    return [path for own in best for _, path in own]


def _lines(file: Path) -> Iterator[str]:
    if file.suffix == ".gz":
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield from lines
    else:
        with file.open(encoding="utf-8") as lines:
            yield from lines


def _hops(nodes: Sequence[Sequence[str]]) -> Iterator[PathHop]:
    for (_, *head), (relation, *tail) in pairwise(nodes):
        yield PathHop(_node(*head), relation or SELF_LOOP, _node(*tail))


def _node(kind: str, name: str) -> PathNode:
    return PathNode(name, kind, is_item=name.startswith("item:"))


def kg_rec_paths(config: Path) -> dict[str, list[ExplanationPath]]:
    """Return the paths of kg_rec's reasons: of the best ones, and of the best ones through a fact.

    The model learns from the training events; validation events are left out of the lists, as they
    are for the others.
    """
    data = load_data(config)
    model = fit(data, "valid")
    later: dict[str, set[str]] = defaultdict(set)
    valid = data.parts["valid"]
    for user, item in zip(valid.users.tolist(), valid.items.tolist(), strict=True):
        later[data.users.id(user)].add(data.items.id(item))
    items = {item.iri: f"item:{item.id}" for item in model.items}
    found: dict[str, list[ExplanationPath]] = {"kg_rec": [], "kg_rec, through a fact": []}
    for user in model.users:
        listed = model.recommend(user, k=K + len(later[user]))
        for best in [r for r in listed if r.item not in later[user]][:K]:
            for hops, paths in enumerate(found.values(), start=1):
                if path := best_path(user, best, items, hops=hops):
                    paths.append(_renamed(path, items))
    return found


def _renamed(path: ExplanationPath, items: Mapping[Iri, str]) -> ExplanationPath:
    """Return a path with the names that the graph's file has for nodes."""
    named = {str(iri): name for iri, name in items.items()}

    def node(old: PathNode) -> PathNode:
        name = named.get(old.id) or unquote(old.id.rsplit("/", 1)[-1])
        return old._replace(id=name)

    return path._replace(
        hops=tuple(PathHop(node(h.head), h.relation, node(h.tail)) for h in path.hops)
    )


def judge(paths: Iterable[ExplanationPath], world: World) -> dict[str, float | None]:
    """Return the nine metrics of paths on ml-100k."""
    return path_metrics(
        paths,
        relations=HOPWISE_RELATIONS,
        longest=LONGEST,
        times=world.times,
        popularity=world.popularity,
    )


def print_rows(table: dict[str, dict[str, float | None]]) -> None:
    """Print a Markdown table."""
    print("| model |", " | ".join(METRICS), "|")
    print("|---" * (len(METRICS) + 1) + "|")
    for name, found in table.items():
        cells = ("–" if (v := found[m]) is None else f"{v:.3f}".lstrip("0") for m in METRICS)
        print(f"| {name} |", " | ".join(cells), "|")


def main(argv: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--paths", nargs="*", default=[], metavar="NAME=FILE")
    parser.add_argument("--kg-rec", type=Path, metavar="CONFIG.toml")
    parser.add_argument("--links", default="ml-100k.link", help="ml-100k.link.as_shipped, if so")
    parser.add_argument("--all", action="store_true", help="Judge all paths of a file.")
    asked: Any = parser.parse_args(argv)
    world = read_world(asked.folder, asked.links)
    table = {}
    if asked.kg_rec is not None:
        table = {name: judge(paths, world) for name, paths in kg_rec_paths(asked.kg_rec).items()}
    for named in asked.paths:
        name, _, file = named.partition("=")
        table[name] = judge(read_paths(Path(file), None if asked.all else K), world)
    print_rows(table)


if __name__ == "__main__":
    main()
