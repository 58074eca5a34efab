"""All scorers side by side: each is the model with all other kinds of reasons switched off.

So each gives additive, named terms as the whole does, and nothing but its weights differs. Only the
prediction of links by the graph's embeddings stands outside: the model takes no more from them than
what is near to what.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from kg_rec import collaborative, embeddings, ranking
from kg_rec.building import embedded_facts, prepare
from kg_rec.config import RankingConfig
from kg_rec.evaluation.bench import rank, sources_of
from kg_rec.evaluation.result import compared
from kg_rec.ids import mint
from kg_rec.ontology import RATED_UP
from kg_rec.ranking import TopK
from kg_rec.recommender import Recommender

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg_rec.building import Prepared
    from kg_rec.evaluation.bench import Bench
    from kg_rec.evaluation.result import Evaluation, Run
    from kg_rec.model import Model

__all__ = ["HYBRID", "SCORERS", "compare_scorers"]

_OFF: Mapping[str, Any] = {
    "blend": "fixed",
    "facts": 0.0,
    "facts_cold": 0.0,
    "liked_with": 0.0,
    "ease": 0.0,
    "slim": 0.0,
    "rp3beta": 0.0,
    "item_cosine": 0.0,
    "shared_likers": 0.0,
    "popularity": 0.0,
    "community": 0.0,
    "model": 0.0,
}
"""No kind of reason counts."""
_CONTENT = {"facts": 1.0, "facts_cold": 1.0, "company": 0.0}
HYBRID = "hybrid"
SCORERS: Mapping[str, Mapping[str, Any]] = {
    "popularity": {"popularity": 1.0},
    "item cosine": {"liked_with": 1.0, "item_cosine": 1.0},
    "RP3beta": {"liked_with": 1.0, "rp3beta": 1.0},
    "EASE": {"liked_with": 1.0, "ease": 1.0, "graph_side": 0.0},
    "EASE with the graph": {"liked_with": 1.0, "ease": 1.0},
    "SLIM": {"liked_with": 1.0, "slim": 1.0, "graph_side": 0.0},
    "SLIM with the graph": {"liked_with": 1.0, "slim": 1.0},
    "content, cosine": {**_CONTENT, "ridge": 1e9},
    "content, ridge": _CONTENT,
    "community": {"community": 1.0},
}
"""Name of each scorer to what it switches on. A ridge profile of endless regularisation is the
sum of the item vectors: the plain cosine."""
_MOST_CELLS = 200_000_000
"""Users times candidates up to which links are predicted: the scores of all are held at once."""
_NEEDS = {
    "EASE": "dense",
    "EASE with the graph": "dense, facts",
    "SLIM with the graph": "facts",
    "content, cosine": "content",
    "content, ridge": "content",
    "community": "community",
}


def compare_scorers(bench: Bench) -> Evaluation:
    """Judge each scorer alone and the hybrid, which comes first.

    Returns:
        A run for each scorer that has something to say, and the paired tests of the hybrid against
        each.
    """
    start = time.perf_counter()
    prepared = prepare(sources_of(bench.data, bench.part), bench.data.config, bench.progress)
    seconds = {**bench.seconds, "prepare": time.perf_counter() - start}
    settings = bench.data.config.ranking
    whole, model = _run(bench, prepared, HYBRID, settings, seconds)
    runs = [whole]
    told, alone = _told(model, prepared), _as_published(prepared)
    for name, switched in SCORERS.items():
        if _NEEDS.get(name, "") in told:
            values = {**settings.model_dump(), **_OFF, **switched}
            runs.append(_run(bench, alone, name, RankingConfig.model_validate(values))[0])
    runs += _link_prediction(bench, prepared)
    tests = [compared(whole, run, f"ndcg@{bench.ks[0]}") for run in runs[1:]]
    return bench.evaluation(runs, tests)


def _as_published(prepared: Prepared) -> Prepared:
    """Return what scorers are made of that keep all their weights, however few users bear them."""
    config = prepared.known.config
    privacy = config.privacy.model_copy(update={"min_support": 1})
    known = replace(prepared.known, config=config.model_copy(update={"privacy": privacy}))
    return replace(prepared, known=known)


def _run(
    bench: Bench,
    prepared: Prepared,
    name: str,
    settings: RankingConfig,
    seconds: Mapping[str, float] | None = None,
) -> tuple[Run, Model]:
    start = time.perf_counter()
    model = prepared.model(settings)
    taken = {**(seconds or {}), "fit": time.perf_counter() - start}
    if bench.features is None:
        bench.features = model.vectors.block("facts").matrix
    asked = Recommender(model)
    run = bench.judged(name, lambda: rank(asked, bench.task, bench.users, bench.length), taken)
    return run, model


def _told(model: Model, prepared: Prepared) -> set[str]:
    """Return what scorers may need and is there."""
    found = {""}
    if model.vectors.block("facts").matrix.nnz:
        found |= {"facts", "content"}
    if collaborative.ease_bytes(len(model.items)) <= model.config.ranking.memory:
        found |= {"dense", "dense, facts"} if "facts" in found else {"dense"}
    if prepared.texts.any():
        found.add("content")
    if model.vectors.block("community").matrix.nnz:
        found.add("community")
    return found


def _link_prediction(bench: Bench, prepared: Prepared) -> list[Run]:
    """Return the run of the embeddings alone, trained on facts and likes, if any are trained."""
    config = prepared.known.config.embeddings
    cells = len(bench.users) * bench.task.size
    if not config.epochs or cells > _MOST_CELLS:
        return []
    start = time.perf_counter()
    found = _predicted(bench, prepared)
    taken = {"fit": time.perf_counter() - start}
    return [bench.judged(f"link prediction, {config.model}", lambda: found, taken)]


def _predicted(bench: Bench, prepared: Prepared) -> TopK:
    """Rank by how likely the model finds it that a user likes an item."""
    known, task = prepared.known, bench.task
    candidates = np.arange(len(known.items)) if task.candidates is None else task.candidates
    asked = embeddings.Likes(
        users=[mint(known.config.base_iri, "user", name) for name in bench.users],
        items=[known.items[row].iri for row in candidates.tolist()],
        relation=RATED_UP,
        keep=bench.length,
        known=sparse.csr_array(task.known[:, candidates]),
    )
    facts = embedded_facts(prepared.graph, known.ontology, ("facts", "users"))
    settings = known.config.embeddings

    def report(done: int, total: int) -> None:
        if bench.progress:
            bench.progress("training on likes", done, total)

    seed = known.config.seed
    scores = embeddings.train_and_predict(facts, settings, asked, seed, report)[1]
    chosen = ranking.top_k(scores, sparse.eye_array(len(candidates), format="csr"), bench.length)
    liked = chosen.scores > 0
    rows = np.where(liked, candidates[chosen.rows], -1)
    return TopK(rows, np.where(liked, chosen.scores, -np.inf))
