"""Paths for what a TransE of hopwise recommends: those whose three triples it finds most plausible.

    python tests/benchmarks/transe_paths.py DATA/ml100k_split LISTS.tsv OUT.jsonl

``DATA/ml100k_split.*`` are RecBole's files of the split (train.inter, link, kg, item) and the
embeddings that hopwise wrote beside them (useremb, entityemb, relationemb). hopwise's TransE ranks
and explains nothing; of the patterns that its PGPR may walk on ml-100k, this takes for each
recommended item the path of the largest sum of ``-|head + relation - tail|``.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

INTERACTION = "[UI-Relation]"
PATTERNS = (
    ("film.film.prequel", "film.film.prequel"),
    ("film.film.sequel", "film.film.sequel"),
    ("film.film.actor", "film.actor.film"),
    ("film.actor.film", "film.actor.film"),
    ("film.film_subject.films", "film.film_subject.films"),
    ("film.film.subjects", "film.film.subjects"),
    ("film.film.rating", "film.content_rating.film"),
    ("film.film.genre", "film.film_genre.films_in_this_genre"),
    ("film.film.written_by", "film.writer.film"),
    ("film.film.directed_by", "film.director.film"),
    ("film.film.cinematography", "film.cinematographer.film"),
    ("film.film.produced_by", "film.producer.film"),
    ("film.film.production_companies", "film.production_company.films"),
)
"""hopwise's path constraints for ml-100k, besides that over another user."""


class Walk(NamedTuple):
    """A path: its plausibility, and its nodes as in hopwise's explanations."""

    value: float
    nodes: tuple[tuple[str, str, str], ...]


def rows(path: str) -> list[list[str]]:
    """Return the cells of a tab-separated file with a header."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines[1:]]


def vectors(path: str) -> dict[str, NDArray[np.float32]]:
    """Return the embeddings of a file, by name."""
    return {name: np.array(told.split(), dtype=np.float32) for name, told in rows(path)}


class World:
    """The graph, the events and the embeddings.

    Args:
        base: Start of the names of the files.
    """

    def __init__(self, base: str) -> None:
        self.link = dict(map(tuple, rows(f"{base}.link")))
        self.users, self.entities = vectors(f"{base}.useremb"), vectors(f"{base}.entityemb")
        self.relations = vectors(f"{base}.relationemb")
        catalogue = [row[0] for row in rows(f"{base}.item")]
        self.item_of = {self.link.get(item, item): item for item in catalogue}
        self.history: dict[str, dict[str, float]] = defaultdict(dict)
        self.fans: dict[str, list[str]] = defaultdict(list)
        for user, item, *_ in rows(f"{base}.train.inter"):
            entity = self.link.get(item, item)
            self.history[user][entity] = self._value(
                self.users[user], INTERACTION, self.entities[entity]
            )
            self.fans[entity].append(user)
        self.near: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
        for head, relation, tail in rows(f"{base}.kg"):
            value = self._value(self.entities[head], relation, self.entities[tail])
            for one, other in ((head, tail), (tail, head)):
                known = self.near[one][relation]
                known[other] = max(known.get(other, -np.inf), value)

    def _value(self, head: NDArray[np.float32], relation: str, tail: NDArray[np.float32]) -> float:
        return -float(np.linalg.norm(head + self.relations[relation] - tail))

    def best(self, user: str, item: str) -> Walk | None:
        """Return the most plausible path from a user to an item."""
        target = self.link.get(item, item)
        return max((*self._over_facts(user, target), *self._over_users(user, target)), default=None)

    def _over_facts(self, user: str, target: str) -> Iterator[Walk]:
        own, near = self.history[user], self.near.get(target, {})
        for first, last in PATTERNS:
            for entity, end in near.get(last, {}).items():
                for film, middle in self.near[entity].get(first, {}).items():
                    if film in own:
                        steps = ((first, "entity", self._name(entity)), (last, target))
                        yield self._walk(own[film] + middle + end, user, film, *steps)

    def _over_users(self, user: str, target: str) -> Iterator[Walk]:
        own = self.history[user]
        for other in self.fans[target]:
            theirs = self.history[other]
            for film in own.keys() & theirs.keys() if other != user else ():
                value = own[film] + theirs[film] + theirs[target]
                steps = ((INTERACTION, "user", other), (INTERACTION, target))
                yield self._walk(value, user, film, *steps)

    def _walk(
        self, value: float, user: str, film: str, middle: tuple[str, str, str], end: tuple[str, str]
    ) -> Walk:
        start = ("self_loop", "user", user)
        linking = (INTERACTION, "entity", self._name(film))
        return Walk(value, (start, linking, middle, (end[0], "entity", self._name(end[1]))))

    def _name(self, entity: str) -> str:
        return f"item:{self.item_of[entity]}" if entity in self.item_of else entity


def main(argv: Sequence[str] | None = None) -> None:
    """Write the paths, one JSON object a line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", help="Start of the names of the files.")
    parser.add_argument("lists", help="Tab-separated: user, item, rank, score.")
    parser.add_argument("out", type=Path)
    asked = parser.parse_args(argv)
    world = World(asked.data)
    with asked.out.open("w", encoding="utf-8") as out:
        for user, item, _, score in rows(asked.lists):
            if found := world.best(user, item):
                told = {"user": user, "item": item, "score": float(score), "path": found.nodes}
                out.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
