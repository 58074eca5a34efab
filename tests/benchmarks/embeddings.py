"""Graph embeddings: speed and ranks beside ``pykeen.pipeline``, and what they are worth.

``--speed``: the same model and arguments, triples and epochs, in PyKEEN's pipeline (its defaults:
batches of 256, one false triple for a true one, Adam at 0.001) and in this package (its defaults).
Held-out triples are ranked by one filtered ranker for both. ``--cpu`` takes seconds of processor
time, for a machine that is busy with other work.

``--cold``: NDCG@10 on ml-100k/cold among the films without events, judged on its valid part;
``--test`` judges on the test part instead. Columns: cosine of the contexts of films; ridge profile
of facts with the nearest films by that cosine beside them, at weights 0 to 4 (the best one is
named); rank and seconds of training.

``--infer``: the same, of films that training never saw, placed by their facts afterwards.

    python tests/benchmarks/embeddings.py --data ../shared/data --speed --cold --infer
"""

from __future__ import annotations

import argparse
import csv
import logging
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from pykeen.pipeline import pipeline
from pykeen.training import SLCWATrainingLoop
from pykeen.triples import CoreTriplesFactory
from scipy import sparse

from kg_rec import Iri, KnowledgeGraph, Recommender, vectors
from kg_rec.config import Config, EmbeddingsConfig
from kg_rec.demo import DEMO_CONFIG
from kg_rec.embeddings import NodeVectors, train
from kg_rec.embeddings.facts import Facts, facts_of, split
from kg_rec.embeddings.models import PARTS, better
from kg_rec.embeddings.ranks import Ranks
from kg_rec.embeddings.training import Trainer
from kg_rec.embeddings.vectors import contexts_of
from kg_rec.ontology.acts import CHOICES

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

WEIGHTS = (0.0, 0.5, 1.0, 2.0, 4.0)
RIDGE = 3.0
NEAR = 20
MODELS: dict[str, dict[str, Any]] = {
    "RotatE (default)": {},
    "TransE": {"model": "TransE"},
    "DistMult": {"model": "DistMult"},
    "ComplEx": {"model": "ComplEx"},
}


def main() -> None:
    """Print the tables asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--cold", action="store_true")
    parser.add_argument("--infer", action="store_true")
    parser.add_argument("--test", action="store_true")
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--graphs", nargs="+", default=["ml-100k", "demo"])
    args = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    if args.speed:
        for name in args.graphs:
            graph = ml100k_graph(args.data) if name == "ml-100k" else demo_graph()
            clock = time.process_time if args.cpu else time.perf_counter
            speed(name, graph, args.models, args.epochs, clock)
    if args.cold or args.infer:
        judged = Cold(args.data, "test" if args.test else "valid")
        if args.cold:
            cold(judged, args.models)
        if args.infer:
            inferred(judged, args.models)


# --- graphs ----------------------------------------------------------------------------------


def ml100k_graph(data: Path) -> KnowledgeGraph:
    """Return the graph of ml-100k, facts only."""
    return KnowledgeGraph.read(data / "ml-100k" / "ml-100k.kg")


def demo_graph() -> KnowledgeGraph:
    """Return the genres of the demonstration's films, with who liked which; no texts are read."""
    config = Config.load(DEMO_CONFIG)
    folder = DEMO_CONFIG.parent
    made = Recommender.fit(
        folder / str(config.items.path),
        interactions=folder / str(config.interactions.path),
        config={
            **config.model_dump(exclude={"texts", "users", "graph"}),
            "embeddings": {"epochs": 0},
        },
    )
    reasons = {*made.model.ontology.reasons, *CHOICES}
    return made.model.graph.select(("facts", "users"), reasons)


# --- speed -----------------------------------------------------------------------------------


class Run(NamedTuple):
    """Seconds of training and the filtered mean reciprocal rank of held-out triples."""

    seconds: float
    rank: float


class Timed(SLCWATrainingLoop):
    """The pipeline's default loop, with a clock around training."""

    def __init__(self, *, clock: Callable[[], float], **kwargs: Any) -> None:
        """Take a clock, and what the loop takes."""
        super().__init__(**kwargs)
        self.clock, self.seconds = clock, 0.0

    def train(self, *args: Any, **kwargs: Any) -> Any:
        """Train as always."""
        start = self.clock()
        losses = super().train(*args, **kwargs)
        self.seconds = self.clock() - start
        return losses


def speed(
    name: str, graph: KnowledgeGraph, models: list[str], epochs: int, clock: Callable[[], float]
) -> None:
    """Print a row a model: PyKEEN's pipeline and this package in one sitting."""
    facts = facts_of(graph)
    training, held_out = split(facts.triples, 0.05, 500, 0)
    print(f"\n{name}: {len(training):,} triples, {len(facts.nodes):,} nodes, {epochs} epochs")
    print(f"{'model':18}{'pipeline s':>11}{'MRR':>7}{'kg_rec s':>10}{'MRR':>7}{'times':>7}")
    _ours(facts, training, held_out, EmbeddingsConfig(), 1, clock)  # imports and first calls
    for label in models:
        config = EmbeddingsConfig(**{**MODELS[label], "epochs": epochs, "patience": 0})
        ours = _ours(facts, training, held_out, config, epochs, clock)
        theirs = _theirs(facts, training, held_out, config, clock)
        print(
            f"{label:18}{theirs.seconds:11.2f}{theirs.rank:7.3f}{ours.seconds:10.2f}"
            f"{ours.rank:7.3f}{theirs.seconds / ours.seconds:7.1f}",
            flush=True,
        )


def _ours(
    facts: Facts,
    training: NDArray[np.int64],
    held_out: NDArray[np.int64],
    config: EmbeddingsConfig,
    epochs: int,
    clock: Callable[[], float],
) -> Run:
    settings = config.model_copy(update={"patience": 0, "epochs": epochs})
    start = clock()
    trainer = Trainer(facts._replace(triples=training), settings, 0)
    while not trainer.ended:
        trainer.train()
    seconds = clock() - start
    ranks = Ranks(held_out, facts.triples, len(facts.nodes))
    return Run(seconds, ranks.mean_reciprocal(trainer.model))


def _theirs(
    facts: Facts,
    training: NDArray[np.int64],
    held_out: NDArray[np.int64],
    config: EmbeddingsConfig,
    clock: Callable[[], float],
) -> Run:
    dimension = config.dimension // PARTS.get(config.model, 1)
    sizes = {"num_entities": len(facts.nodes), "num_relations": len(facts.relations)}
    result = pipeline(
        training=CoreTriplesFactory(torch.as_tensor(training), **sizes),
        testing=CoreTriplesFactory(torch.as_tensor(held_out[:2]), **sizes),
        model=config.model,
        model_kwargs={"embedding_dim": dimension, **better(config.model)},
        training_loop=Timed,
        training_loop_kwargs={"clock": clock},
        training_kwargs={"use_tqdm": False, "num_epochs": config.epochs},
        evaluation_kwargs={"use_tqdm": False},
        random_seed=0,
    )
    ranks = Ranks(held_out, facts.triples, len(facts.nodes))
    return Run(result.training_loop.seconds, ranks.mean_reciprocal(result.model))


# --- cold films ------------------------------------------------------------------------------


class Cold:
    """The films of ml-100k/cold, who liked them, and the facts about them.

    Args:
        data: The folder of data sets.
        part: ``"valid"``, or ``"test"`` with the valid part among what is known.
    """

    def __init__(self, data: Path, part: str) -> None:
        folder = data / "ml-100k" / "cold"
        self.graph = ml100k_graph(data)
        known = _events(folder / "train.tsv")
        if part == "test":
            known += _events(folder / "valid.tsv")
        asked = _events(folder / f"{part}.tsv")
        lines = (folder / f"candidates_{part}.txt").read_text().split()
        self.candidates = sorted(set(lines))
        items = sorted({item for _, item in known} | set(self.candidates))
        users = sorted({user for user, _ in asked})
        with (data / "ml-100k" / "ml-100k.link").open() as file:
            links = dict(line.split()[:2] for line in file)
        base = "https://w3id.org/kg-rec/id/entity/"
        self.iris = [Iri(base + links.get(item, f"none-{item}")) for item in items]
        row = {item: n for n, item in enumerate(items)}
        self.cold = np.array([row[item] for item in self.candidates])
        self.warm = np.setdiff1d(np.arange(len(items)), self.cold)
        self.known = _matrix(known, users, row)
        self.asked = _matrix(asked, users, row)[:, self.cold]
        relations = [p for p in self.graph.terms if "/relation/" in str(p)]
        found = vectors.incidence(self.graph, self.iris, relations)
        self.facts = vectors.weigh_facts(found, dict.fromkeys(relations, 1.0)).matrix.toarray()

    def ndcg(self, scores: NDArray[np.float64]) -> float:
        """Return the mean NDCG@10 of users × candidates."""
        order = np.argsort(-scores, axis=1, kind="stable")[:, :10]
        gains = 1.0 / np.log2(np.arange(2, 12))
        ideal = np.cumsum(gains)[np.minimum(self.asked.sum(axis=1).astype(int), 10) - 1]
        hits = np.take_along_axis(self.asked, order, axis=1)
        return float(((hits * gains).sum(axis=1) / ideal).mean())

    def cosine(self, rows: NDArray[np.floating]) -> float:
        """Return NDCG@10 of the cosine with the sum of the history."""
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        unit = rows / np.where(norms > 0, norms, 1.0)
        return self.ndcg((self.known @ unit) @ unit[self.cold].T)

    def beside_facts(self, rows: NDArray[np.floating]) -> tuple[float, float]:
        """Return the best NDCG@10 of a ridge profile of facts and nearest films, and its weight."""
        near = vectors.even_links(vectors.nearest_neighbours(rows, NEAR)).toarray()
        return max((self._ridge(weight * near, weight), weight) for weight in WEIGHTS)

    def _ridge(self, links: NDArray[np.float64], weight: float) -> float:
        kernel = self.facts @ self.facts.T + links
        solved = np.linalg.solve(
            kernel[np.ix_(self.warm, self.warm)] + (RIDGE + weight) * np.eye(len(self.warm)),
            self.known[:, self.warm].T,
        )
        return self.ndcg(solved.T @ kernel[np.ix_(self.warm, self.cold)])


def _events(path: Path) -> list[tuple[str, str]]:
    with path.open(newline="") as file:
        return [(r["user_id"], r["item_id"]) for r in csv.DictReader(file, delimiter="\t")]


def _matrix(
    events: list[tuple[str, str]], users: list[str], row: dict[str, int]
) -> NDArray[np.float64]:
    number = {user: n for n, user in enumerate(users)}
    found = np.zeros((len(users), len(row)))
    for user, item in events:
        if user in number:
            found[number[user], row[item]] = 1.0
    return found


def _row(label: str, judged: Cold, rows: NDArray[np.floating], rank: float, seconds: float) -> None:
    beside, weight = judged.beside_facts(rows)
    cosine = judged.cosine(rows)
    print(f"{label:34}{cosine:8.4f}{beside:9.4f}{weight:5.1f}{rank:8.3f}{seconds:8.1f}", flush=True)


def _head() -> None:
    print(f"\n{'vectors of films':34}{'cosine':>8}{'+ facts':>9}{'at':>5}{'MRR':>8}{'s':>8}")


def cold(judged: Cold, models: list[str]) -> None:
    """Print a row a model: what its vectors are worth for films without events."""
    _head()
    none = np.zeros((len(judged.iris), 1))
    print(
        f"{'facts alone':34}{judged.cosine(judged.facts):8.4f}{judged.beside_facts(none)[0]:9.4f}"
    )
    facts = facts_of(judged.graph)
    chance = np.random.default_rng(0).standard_normal((len(facts.nodes), 64)).astype(np.float32)
    blank = NodeVectors(facts.nodes, chance, 0, float("nan"))
    around = contexts_of(chance, facts.triples)
    blank = NodeVectors(facts.nodes, chance, 0, float("nan"), context_matrix=around)
    _row("random, contexts", judged, blank.contexts(judged.iris), float("nan"), 0.0)
    left, sizes, _ = sparse.linalg.svds(sparse.csr_array(judged.facts), k=64, random_state=0)
    _row("SVD of facts", judged, left * np.sqrt(sizes), float("nan"), 0.0)
    for label in models:
        start = time.perf_counter()
        found = train(judged.graph, EmbeddingsConfig(**MODELS[label]))
        seconds = time.perf_counter() - start
        rank = found.mean_reciprocal_rank
        _row(label, judged, found.rows(judged.iris), rank, seconds)
        _row(f"{label}, contexts", judged, found.contexts(judged.iris), rank, seconds)


def inferred(judged: Cold, models: list[str]) -> None:
    """Print a row a model: films that are placed by their facts after training without them."""
    _head()
    unseen = {judged.iris[row] for row in judged.cold.tolist()}
    graph = judged.graph
    about = [n for n, (s, _, o) in enumerate(graph) if s in unseen or o in unseen]
    rest = graph.take(np.setdiff1d(np.arange(len(graph)), about))
    facts = [tuple(map(str, triple)) for triple in graph.take(np.array(about))]
    for label in models:
        start = time.perf_counter()
        found = train(rest, EmbeddingsConfig(**MODELS[label]))
        seconds = time.perf_counter() - start
        placed = found.infer(facts)
        rank = found.mean_reciprocal_rank
        _row(f"{label}, inferred", judged, placed.rows(judged.iris), rank, seconds)
        _row(f"{label}, inferred contexts", judged, placed.contexts(judged.iris), rank, seconds)


if __name__ == "__main__":
    main()
