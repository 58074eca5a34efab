from __future__ import annotations

import dataclasses
import logging
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import torch
from pykeen.evaluation import RankBasedEvaluator
from scipy import sparse

from kg_rec import (
    Config,
    ConfigError,
    DataError,
    Iri,
    KnowledgeGraph,
    Literal,
    Recommender,
    Statement,
    Triple,
)
from kg_rec.config import EmbeddingsConfig, TextsConfig, UsersConfig
from kg_rec.demo import DEMO_CONFIG, RATED_USER
from kg_rec.embeddings import (
    Likes,
    NodeVectors,
    TokenEncoder,
    models,
    numeric_relations,
    predicted_likes,
    top_predicted,
    train,
    train_and_predict,
)
from kg_rec.embeddings.facts import facts_of, split
from kg_rec.embeddings.linking import PREDICTS
from kg_rec.embeddings.ranks import Ranks
from kg_rec.embeddings.scoring import score_heads, score_tails
from kg_rec.errors import DataWarning

if TYPE_CHECKING:
    from collections.abc import Callable

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


# --- scores and ranks --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["TransE", "DistMult", "ComplEx", "RotatE"])
def test_quick_scores_are_those_of_pykeen(graph: KnowledgeGraph, name: str) -> None:
    facts = facts_of(graph)
    model = models.make(SETTINGS.model_copy(update={"model": name}), facts, 0)
    triples = torch.as_tensor(facts.triples[:7])
    nodes = torch.tensor([3, 1, 4, 1])
    tails, heads = score_tails(model, triples, nodes), score_heads(model, triples, nodes)
    assert torch.allclose(tails, model.score_t(triples[:, :2], tails=nodes), atol=1e-5)
    assert torch.allclose(heads, model.score_h(triples[:, 1:], heads=nodes), atol=1e-5)


@pytest.mark.parametrize("name", ["TransE", "ConvE"])
def test_ranks_are_those_of_pykeen(graph: KnowledgeGraph, name: str) -> None:
    facts = facts_of(graph)
    training, held_out = split(facts.triples, 0.1, 50, 0)
    model = models.make(SETTINGS.model_copy(update={"model": name}), facts, 0)
    ours = Ranks(held_out, facts.triples, len(facts.nodes)).mean_reciprocal(model)
    theirs = RankBasedEvaluator(filtered=True).evaluate(
        model=model,
        mapped_triples=torch.as_tensor(held_out),
        additional_filter_triples=[torch.as_tensor(training)],
        batch_size=64,
        use_tqdm=False,
    )
    assert ours == pytest.approx(theirs.get_metric("mean_reciprocal_rank"), rel=1e-5)


def test_what_is_held_out_occurs_elsewhere(graph: KnowledgeGraph) -> None:
    triples = facts_of(graph).triples
    training, held_out = split(triples, 0.3, 1000, 0)
    assert 0 < len(held_out) <= 0.3 * len(triples)
    assert len(training) + len(held_out) == len(triples)
    assert set(held_out[:, [0, 2]].ravel()) <= set(training[:, [0, 2]].ravel())
    assert set(held_out[:, 1]) <= set(training[:, 1])


# --- likes -------------------------------------------------------------------------------------

EVENTS = {"user": ["u", "v", "v", "w"], "item": ["a", "a", "c", "d"]}
USERS = [f"urn:user{n}" for n in range(6)]
FILMS = [f"urn:film{n}" for n in range(30)]
LIKES = "urn:likes"


@pytest.fixture(scope="module")
def liked(graph: KnowledgeGraph) -> KnowledgeGraph:
    """The films, and users who like those of one group only."""
    return graph.with_statements(
        Statement(Triple(Iri(user), Iri(LIKES), Iri(FILMS[film])))
        for n, user in enumerate(USERS)
        for film in range(n % 2, 20 + n % 2, 2)
    )


@pytest.mark.parametrize("name", [*PREDICTS, "ConvE"])
def test_likes_are_predicted(liked: KnowledgeGraph, name: str) -> None:
    small = {"output_channels": 4, "output_dropout": 0.0} if name == "ConvE" else {}
    update = {"model": name, "patience": 0, "epochs": 60, "options": small}
    settings = SETTINGS.model_copy(update=update)
    users = [*USERS, "urn:nobody"]
    vectors, found = train_and_predict(liked, settings, Likes(users, FILMS, LIKES, keep=30), 1)
    dense = found.toarray()
    own = np.equal.outer(np.arange(6) % 2, np.arange(30) % 2)
    assert dense[:6][own].mean() > dense[:6][~own].mean() + 0.2
    assert not dense[6].any()
    if name in PREDICTS:
        again = top_predicted(predicted_likes(vectors, users, FILMS, LIKES), 30)
        assert np.allclose(again.toarray(), dense, atol=1e-3)


def test_predictions_are_few_new_and_above_the_mean() -> None:
    scores = np.array([[3, 1, 2, 2], [1, 1, 1, 1], [-np.inf] * 4], dtype=np.float32)
    known = sparse.csr_array(np.array([[1, 0, 0, 0], [0] * 4, [0] * 4]))
    assert top_predicted(scores, 1).toarray()[0] == pytest.approx([np.sqrt(2), 0, 0, 0])
    assert top_predicted(np.array([[4, 1, 2, 3]], dtype=np.float32), 4, known[[0]]).indices == [3]
    assert top_predicted(scores, 2).indptr.tolist() == [0, 1, 1, 1]
    assert top_predicted(scores[2:], 2).shape == (1, 4)


def test_links_are_predicted_only_where_there_is_a_formula(graph: KnowledgeGraph) -> None:
    vectors = train(graph, SETTINGS.model_copy(update={"epochs": 1}))
    with pytest.raises(ConfigError, match="know no relation urn:likes"):
        predicted_likes(vectors, USERS, FILMS, LIKES)
    with pytest.raises(ConfigError, match="ConvE predicts no links here; TransE, DistMult"):
        predicted_likes(dataclasses.replace(vectors, model="ConvE"), USERS, FILMS, LIKES)


# --- new nodes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*PREDICTS, "TransH"])
def test_a_new_node_stands_among_its_kind(graph: KnowledgeGraph, name: str) -> None:
    settings = SETTINGS.model_copy(update={"model": name, "patience": 0})
    trained = train(graph, settings, seed=1)
    facts = [("urn:new", f"urn:r{r}", f"urn:person1-{who}") for r in range(2) for who in range(4)]
    found = trained.infer([*facts, ("urn:x", "urn:r0", "urn:y")])
    assert "urn:new" in found
    assert "urn:x" not in found
    assert np.array_equal(found.rows(FILMS), trained.rows(FILMS))
    for rows in (found.rows, found.contexts):
        films = rows(FILMS) / np.linalg.norm(rows(FILMS), axis=1, keepdims=True)
        cosines = films @ rows(["urn:new"])[0]
        assert cosines[1::2].mean() > cosines[::2].mean()


def test_the_context_of_a_new_node_is_that_of_a_known_one(graph: KnowledgeGraph) -> None:
    trained = train(graph, SETTINGS.model_copy(update={"epochs": 2}))
    same = [("urn:new", p, o) for s, p, o in graph if s == "urn:film3"]
    one, other = trained.infer(same).contexts(["urn:new", "urn:film3"])
    assert len(same) > len({o for _, _, o in same})  # a person in two relations counts once
    assert np.allclose(one, other, atol=1e-6)


# --- numbers -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def numbered(graph: KnowledgeGraph) -> KnowledgeGraph:
    """The films, with a year each."""
    year = Iri("http://www.w3.org/2001/XMLSchema#gYear")
    return graph.with_statements(
        Statement(Triple(Iri(f"urn:film{n}"), Iri("urn:year"), Literal(str(1990 + n), year)))
        for n in range(30)
    )


def test_numbers_become_attributes_bins_nodes_or_nothing(numbered: KnowledgeGraph) -> None:
    plain = facts_of(numbered, "none")
    given = facts_of(numbered, "attributes")
    films = [given.nodes.index(f"urn:film{n}") for n in range(30)]
    assert given.attributes == ("urn:year",)
    assert given.numbers[films, 0] == pytest.approx(np.linspace(0, 1, 30))
    assert given.nodes == plain.nodes
    assert len(facts_of(numbered, "bins").nodes) == len(plain.nodes) + 8
    assert len(facts_of(numbered, "nodes").nodes) == len(plain.nodes) + 30
    assert numeric_relations(numbered) == ["urn:year"]


@pytest.mark.parametrize("model", ["DistMultLiteral", "ComplExLiteral"])
def test_literal_models_read_the_numbers(numbered: KnowledgeGraph, model: str) -> None:
    settings = SETTINGS.model_copy(update={"model": model, "epochs": 5})
    found = train(numbered, settings)
    without = train(numbered.select(predicates=[Iri("urn:r0"), Iri("urn:r1")]), settings)
    assert found.names == without.names
    assert not np.allclose(found.matrix, without.matrix)


# --- checkpoints -------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["RotatE", "ConvE"])
def test_a_resumed_run_gives_the_same_vectors(
    graph: KnowledgeGraph, tmp_path: Path, model: str
) -> None:
    path = tmp_path / "state.pt"
    settings = SETTINGS.model_copy(update={"model": model, "epochs": 10, "patience": 9})
    whole = train(graph, settings)
    kept = settings.model_copy(update={"checkpoint": str(path)})

    def stop(done: int, _total: int) -> None:
        if done > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(graph, kept, 0, stop)
    steps: list[int] = []
    resumed = train(graph, kept, 0, lambda done, _total: steps.append(done))
    assert steps == [10]
    assert np.array_equal(resumed.matrix, whole.matrix)
    assert resumed.epochs == whole.epochs


def test_checkpoints_of_something_else_are_not_used(
    graph: KnowledgeGraph, liked: KnowledgeGraph, tmp_path: Path
) -> None:
    path = tmp_path / "state.pt"
    settings = SETTINGS.model_copy(update={"epochs": 1, "checkpoint": str(path)})
    train(graph, settings)
    with pytest.warns(DataWarning, match="of other facts or settings; begun anew"):
        train(liked, settings)
    path.write_bytes(pickle.dumps(Path))
    with pytest.raises(ConfigError, match=r"state\.pt is no checkpoint of kg_rec"):
        train(graph, settings)


# --- in a model --------------------------------------------------------------------------------


def test_a_saved_model_ranks_without_torch(fit: Callable[..., Recommender], tmp_path: Path) -> None:
    made = fit(interactions=pd.DataFrame(EVENTS), config={"embeddings": {"epochs": 2}})
    folder = made.save(tmp_path / "model")
    loaded = Recommender.load(folder).model.node_vectors
    for name, value in vars(made.model.node_vectors).items():
        if not name.startswith("_"):
            np.testing.assert_array_equal(getattr(loaded, name), value, name)
    code = f"""
import sys
from kg_rec import Recommender
model = Recommender.load({str(folder)!r})
model.recommend("u")
model.model.node_vectors.infer([("urn:new", "urn:p", model.model.node_vectors.names[0])])
print({{"torch", "pykeen"}} & set(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.slow
@pytest.mark.parametrize("model", ["ConvE", "RotatE", "DistMultLiteral"])
def test_models_train_and_recommend_on_the_demonstration(model: str) -> None:
    config = Config.load(DEMO_CONFIG).model_copy(update={"graph": ()})
    settings = config.embeddings.model_copy(update={"model": model, "epochs": 3})
    folder = DEMO_CONFIG.parent
    made = Recommender.fit(
        folder / config.items.path,
        interactions=folder / config.interactions.path,
        config=config.model_copy(
            update={"embeddings": settings, "texts": TextsConfig(), "users": UsersConfig()}
        ),
    )
    assert made.model.node_vectors.model == model
    assert 0 < made.model.node_vectors.mean_reciprocal_rank <= 1
    assert len(made.recommend(RATED_USER, k=5)) == 5
    block = made.model.vectors.block("similar_in_graph")
    assert block.matrix.nnz > 492
