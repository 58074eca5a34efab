"""What a model card says, measured on the model itself: plain values, put into words by the report.

The headings are those of Mitchell et al. ("Model Cards for Model Reporting", FAT* 2019); see
:mod:`kg_rec.report.card` for the words and :mod:`kg_rec.evaluation.holding_out` for the check.
"""

from __future__ import annotations

import math
import platform
from importlib import metadata
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from kg_rec._version import __version__
from kg_rec.errors import DataError
from kg_rec.evaluation import groups
from kg_rec.evaluation.explaining import tally
from kg_rec.evaluation.holding_out import LEAST, SHARE, K, hold_out
from kg_rec.evaluation.result import compared
from kg_rec.explanations.words import relation_name
from kg_rec.graph.statistics import statistics
from kg_rec.ontology import ALT_LABEL, LABEL, SIMILAR_IN_GRAPH, SIMILAR_IN_TEXT, TYPE
from kg_rec.report.card import ModelCard
from kg_rec.statements import DERIVED, USERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.evaluation.explaining import Tally
    from kg_rec.evaluation.holding_out import HeldOut
    from kg_rec.evaluation.result import Run
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.graph.statistics import Statistics
    from kg_rec.io import Table
    from kg_rec.recommender import Recommender

__all__ = ["model_card"]

EXPLAINED = 200
"""Users whose lists are explained, drawn by the seed of the model."""
HEAD = 0.2
"""The most popular items that make the short head: this share of the catalogue."""
REASONS = 12
"""How many of the most used reasons are named."""
RELATIONS = 12
"""How many of the most frequent relations are named."""
METRIC = f"ndcg@{K}"
_PACKAGES = ("numpy", "scipy", "spacy", "pykeen", "torch", "wordllama", "pyoxigraph")


def model_card(
    recommender: Recommender,
    *,
    name: str = "model",
    evaluation: Mapping[str, Any] | None = None,
    users: Table | None = None,
    key: str = "user_id",
    notes: Mapping[str, str] | None = None,
) -> ModelCard:
    """Return the card of a model: what it is made from, how well it does, for whom it does worse.

    Accuracy by group is always that of a check from within: a share of the model's own likes is put
    aside, and company and popularity are learned again without it.

    Args:
        recommender: The model.
        name: What it is called.
        evaluation: What ``kg-rec evaluate --format json`` wrote: its accuracy comes first, and its
            runs without and with a shuffled graph are the ablation.
        users: A table of what is known of users: accuracy by each of its columns, too.
        key: Its column of ids.
        notes: What only the owner can say: see :data:`kg_rec.report.card.NOTES`.

    Raises:
        DataError: The table knows none of the users.
    """
    model = recommender.model
    counts = statistics(recommender.graph, [item.iri for item in recommender.items])
    explained = tally(recommender, _sample(recommender), K)
    found: dict[str, Any] = {
        "model": _about(recommender, name),
        "notes": dict(notes or {}),
        "data": _data(recommender),
        "graph": _graph(counts, recommender),
        "coverage": counts.coverage._asdict(),
        "evaluation": None if evaluation is None else dict(evaluation),
        "explanations": _explanations(explained),
        "settings": model.config.model_dump(mode="json"),
        "versions": _versions(),
    }
    found |= _check(recommender, users, key)
    return ModelCard(_plain(found))


def _plain(value: Any) -> Any:
    """Return a value with None for numbers that JSON has no word for."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.7g}") if math.isfinite(value) else None
    return value


# --- what it is ----------------------------------------------------------------------------------


def _about(recommender: Recommender, name: str) -> dict[str, Any]:
    model = recommender.model
    trained = bool(model.node_vectors.names)
    return {
        "name": name,
        "seed": model.config.seed,
        "ontology": list(model.config.ontology),
        "graph_embeddings": model.encoders.get(SIMILAR_IN_GRAPH) if trained else None,
        "embedded_users": trained and "users" in model.config.embeddings.parts,
        "epochs": model.node_vectors.epochs if trained else 0,
        "text_vectors": model.encoders.get(SIMILAR_IN_TEXT),
        "text_language": model.config.text.language,
        "text_pipeline": model.config.text.model,
        "columns": _blocks(recommender),
    }


def _blocks(recommender: Recommender) -> dict[str, int]:
    """Return how many columns each block of the item vectors has."""
    names, counts = np.unique(
        [column.block for column in recommender.model.vectors.columns], return_counts=True
    )
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def _data(recommender: Recommender) -> dict[str, Any]:
    events = recommender.model.events
    each = np.diff(events.indptr)
    had = np.asarray(_ones(events).sum(axis=0))
    told = sum(name.startswith("users/") for name in recommender.graph.documents)
    size = events.shape[0] * events.shape[1]
    return {
        "users": events.shape[0],
        "items": events.shape[1],
        "events": int(events.nnz),
        "likes": int((events.data > 0).sum()),
        "dislikes": int((events.data < 0).sum()),
        "density": events.nnz / size if size else 0.0,
        "events_per_user": _spread(each),
        "events_per_item": _spread(had),
        "users_without_events": int((each == 0).sum()),
        "users_who_said_something": told,
        "items_without_events": int((had == 0).sum()),
        "documents": len(recommender.graph.documents),
        "times": recommender.model.event_times is not None,
    }


def _ones(matrix: sparse.csr_array) -> sparse.csr_array:
    found = sparse.csr_array(matrix, copy=True)
    found.data[:] = 1.0
    return found


def _spread(counts: Any) -> dict[str, float]:
    if not len(counts):
        return {"least": 0.0, "median": 0.0, "most": 0.0}
    least, median, most = np.quantile(counts, [0.0, 0.5, 1.0]).tolist()
    return {"least": least, "median": median, "most": most}


def _graph(counts: Statistics, recommender: Recommender) -> dict[str, Any]:
    ontology = recommender.model.ontology
    stated = _stated(recommender.graph)
    relations = [r for r in counts.relations if r.iri in stated]
    return {
        "triples": counts.triples,
        "facts": sum(r.triples for r in relations),
        "of_users": counts.parts.get(USERS, 0),
        "learned": counts.parts.get(DERIVED, 0),
        "nodes": counts.nodes,
        "literals": counts.literals,
        "read_in_texts": sum(r.evidence for r in relations),
        "passages": counts.passages,
        "documents": counts.documents,
        "classes": [c._asdict() for c in counts.classes[:RELATIONS]],
        "relations": [
            {**r._asdict(), "label": relation_name(ontology, r.iri)} for r in relations[:RELATIONS]
        ],
        "relations_in_all": len(relations),
    }


def _stated(graph: KnowledgeGraph) -> set[str]:
    """Return the relations of facts: not of users, not learned, neither types nor names."""
    facts = graph.select([part for part in graph.part_names if part not in {USERS, DERIVED}])
    codes = np.unique(facts.triple_codes[:, 1]).tolist()
    return {str(facts.terms[code]) for code in codes} - {TYPE, LABEL, ALT_LABEL}


def _versions() -> dict[str, str]:
    """Return the versions of what made the card; a package that is not there is left out."""
    found = {"kg_rec": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


# --- how well it does ----------------------------------------------------------------------------


def _check(recommender: Recommender, users: Table | None, key: str) -> dict[str, Any]:
    """Return accuracy, popularity bias and groups, from a check from within."""
    seed = recommender.model.config.seed
    try:
        held = hold_out(recommender, seed=seed)
    except DataError as problem:
        return {"accuracy": None, "no_accuracy": str(problem), "bias": None, "groups": []}
    found = [groups.by_activity(np.diff(held.task.known.indptr))]
    if users is not None:
        found += groups.by_columns(held.users, users, key)
    return {
        "accuracy": _accuracy(held, seed),
        "bias": _bias(held),
        "groups": [_groups(grouping, held, seed) for grouping in found],
    }


def _accuracy(held: HeldOut, seed: int) -> dict[str, Any]:
    difference = compared(held.run, held.popular, METRIC).difference
    return {
        "k": K,
        "share": SHARE,
        "least": LEAST,
        "seed": seed,
        "users": len(held.users),
        "put_aside": int(held.task.relevant.nnz),
        "embeddings_kept": held.embeddings,
        "blend_kept": held.blend,
        "metrics": _means(held.run),
        "popularity": _means(held.popular),
        "metric": METRIC,
        "difference": difference._asdict(),
    }


def _means(run: Run) -> dict[str, dict[str, float]]:
    return {
        name: {"mean": mean.value, "low": mean.low, "high": mean.high}
        for name, mean in run.means.items()
    }


def _groups(grouping: groups.Grouping, held: HeldOut, seed: int) -> dict[str, Any]:
    values, popular = held.run.values[METRIC], held.popular.values[METRIC]
    judged = groups.judged(grouping, values, popular, seed=seed)
    return {"by": grouping.name, "metric": METRIC, "groups": [g._asdict() for g in judged]}


def _bias(held: HeldOut) -> dict[str, float]:
    """Return how popular what is listed is, beside what the same users had.

    ``lift`` is the group average popularity of Abdollahpouri et al. (RMSE at RecSys 2019): how much
    more popular a user's list is than the user's history, averaged.
    """
    counts = held.task.popularity
    lists = held.run.lists.rows[:, :K]
    known = held.task.known
    sizes = np.maximum(np.diff(known.indptr), 1)
    own = np.asarray(known @ counts) / sizes
    listed = held.run.values[f"popularity@{K}"]
    there = (own > 0) & ~np.isnan(listed)
    head = np.zeros(len(counts), dtype=bool)
    head[np.argsort(-counts, kind="stable")[: max(1, int(HEAD * len(counts)))]] = True
    return {
        "history": float(own.mean()),
        "lists": float(np.nanmean(listed)),
        "lift": float((listed[there] / own[there] - 1).mean()) if there.any() else math.nan,
        "head": HEAD,
        "head_of_events": float(counts[head].sum() / (counts.sum() or 1.0)),
        "head_of_lists": float(head[lists[lists >= 0]].mean()),
        "coverage": held.run.whole[f"coverage@{K}"],
        "gini": held.run.whole[f"gini@{K}"],
        "gini_of_popularity": held.popular.whole[f"gini@{K}"],
        "coverage_of_popularity": held.popular.whole[f"coverage@{K}"],
    }


# --- why -----------------------------------------------------------------------------------------


def _sample(recommender: Recommender) -> Sequence[str]:
    users = recommender.users
    if len(users) <= EXPLAINED:
        return users
    rng = np.random.default_rng(recommender.model.config.seed)
    rows = np.sort(rng.choice(len(users), EXPLAINED, replace=False))
    return [users[row] for row in rows.tolist()]


def _explanations(explained: Tally) -> dict[str, Any]:
    mass = sum(explained.kinds.values()) or 1.0
    kinds = sorted(explained.kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    uses = sorted(explained.uses.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "k": K,
        "metrics": explained.to_dict(),
        "kinds": {kind: value / mass for kind, value in kinds if value},
        "reasons": [
            {"reason": _said(key, explained), "kind": key[0], "recommendations": count}
            for key, count in uses[:REASONS]
        ],
    }


def _said(key: tuple[str, ...], explained: Tally) -> str:
    """Return what a reason says of an item; of friends not who they are."""
    return "chosen by people the user knows" if key[0] == "community" else explained.words[key]
