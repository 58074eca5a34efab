from __future__ import annotations

import logging
import subprocess
import sys

import numpy as np
import pytest

from kg_rec import ConfigError, DataError, Iri, KnowledgeGraph, Statement, Triple
from kg_rec.config import EmbeddingsConfig
from kg_rec.embeddings import NodeVectors, TokenEncoder, train

SETTINGS = EmbeddingsConfig(model="TransE", dimension=16, epochs=60, batch_size=64, patience=2)


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    """Two groups of films that share people with their own group only."""
    rng = np.random.default_rng(0)
    return KnowledgeGraph.from_statements(
        Statement(Triple(Iri(f"urn:film{n}"), Iri(f"urn:r{r}"), Iri(f"urn:person{n % 2}-{who}")))
        for n in range(30)
        for r in range(2)
        for who in rng.choice(5, 3, replace=False)
    )


def test_films_of_a_group_come_closer(graph: KnowledgeGraph) -> None:
    found = train(graph, SETTINGS, seed=1)
    films = [f"urn:film{n}" for n in range(30)]
    unit = found.rows(films)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    cosines = unit @ unit.T
    same = np.equal.outer(np.arange(30) % 2, np.arange(30) % 2) & ~np.eye(30, dtype=bool)
    assert cosines[same].mean() > cosines[~same & ~np.eye(30, dtype=bool)].mean() + 0.2
    assert 0 < found.mean_reciprocal_rank <= 1
    assert 0 < found.epochs <= 60


def test_same_seed_same_vectors(graph: KnowledgeGraph) -> None:
    one, two, other = (train(graph, SETTINGS, seed=s).matrix for s in (5, 5, 6))
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def test_early_stop_keeps_the_best_and_reports_progress(graph: KnowledgeGraph) -> None:
    calls: list[tuple[int, int]] = []
    settings = SETTINGS.model_copy(update={"epochs": 500, "learning_rate": 0.3})
    found = train(graph, settings, 0, lambda done, total: calls.append((done, total)))
    assert calls[0] == (5, 500)
    assert calls[-1][0] < 500
    assert found.epochs == calls[-1][0] - 5 * settings.patience


@pytest.mark.parametrize("model", ["ComplEx", "RotatE"])
def test_complex_vectors_become_real(graph: KnowledgeGraph, model: str) -> None:
    found = train(graph, SETTINGS.model_copy(update={"model": model, "epochs": 2}))
    assert found.matrix.shape == (len(found.names), 16)
    assert found.matrix.dtype == np.float32


def test_an_unknown_model_is_named(graph: KnowledgeGraph) -> None:
    with pytest.raises(ConfigError, match=r"PyKEEN has no model 'TransX'; it has .*TransE"):
        train(graph, SETTINGS.model_copy(update={"model": "TransX"}))


def test_a_graph_without_triples_is_refused() -> None:
    with pytest.raises(DataError, match="without triples"):
        train(KnowledgeGraph.from_statements([]), SETTINGS)


def test_a_few_triples_train_without_held_out_ones() -> None:
    graph = KnowledgeGraph.from_statements(
        [Statement(Triple(*map(Iri, ("urn:a", "urn:p", "urn:b"))))]
    )
    found = train(graph, SETTINGS.model_copy(update={"epochs": 3}))
    assert found.epochs == 3
    assert np.isnan(found.mean_reciprocal_rank)


def test_unknown_nodes_have_zero_vectors() -> None:
    vectors = NodeVectors(("a",), np.ones((1, 2), dtype=np.float32), 1, 0.5)
    assert vectors.rows(["b", "a"]).tolist() == [[0, 0], [1, 1]]
    assert NodeVectors.empty().rows(["a"]).shape == (1, 1)


def test_tokens_carry_meaning() -> None:
    encoder = TokenEncoder()
    robbery, heist, opera = encoder.encode(["bank robbery", "robbing a bank", "an opera singer"])
    assert robbery @ heist > robbery @ opera
    assert encoder.encode([]).shape == (0, 256)


def test_the_logging_of_others_is_left_alone(graph: KnowledgeGraph) -> None:
    code = """
import logging
from kg_rec.embeddings import TokenEncoder
TokenEncoder().encode(["a"])
print(logging.root.level, logging.root.handlers)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "30 []\n"
    level = logging.getLogger("pykeen").level
    train(graph, SETTINGS.model_copy(update={"epochs": 1}))
    assert logging.getLogger("pykeen").level == level


@pytest.mark.parametrize(
    "model", ["ConvE", "DistMultLiteral", "ComplExLiteral", "TransH", "RGCN", "CompGCN", "TuckER"]
)
def test_other_models_train(graph: KnowledgeGraph, model: str) -> None:
    settings = SETTINGS.model_copy(update={"model": model, "epochs": 2})
    one, two = (train(graph, settings, seed=3) for _ in range(2))
    assert one.model == model
    assert len(one.matrix) == len(one.names)
    assert np.isfinite(one.matrix).all()
    assert np.array_equal(one.matrix, two.matrix)
