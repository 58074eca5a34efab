"""What is liked together: each learner against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import minimize

from kg_rec import collaborative
from kg_rec.collaborative import autoencoder
from kg_rec.config import RankingConfig

seeds = st.integers(0, 2**32 - 1)


def random_likes(rng: np.random.Generator, users: int = 12, items: int = 6) -> sparse.csr_array:
    return sparse.csr_array((rng.random((users, items)) < 0.4).astype(float))


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_ease_is_the_best_zero_diagonal_regression(seed: int) -> None:
    """Each column of B solves its own ridge regression on all other items (Steck 2019)."""
    rng = np.random.default_rng(seed)
    likes, facts = random_likes(rng), rng.random((6, 4))
    kernel = sparse.csr_array(facts @ facts.T)
    found = collaborative.ease(likes, kernel, ridge=2.0, dropout=0.5, side=3.0).toarray()
    own = (likes.T @ likes).toarray()
    gram = own + 3.0 * kernel.toarray() + np.diag(2.0 + 0.5 * np.diag(own))
    for item in range(6):
        others = [n for n in range(6) if n != item]
        expected = np.linalg.solve(gram[np.ix_(others, others)], gram[others, item])
        assert np.allclose(found[others, item], expected)
        assert found[item, item] == 0.0


def test_ease_in_single_precision_and_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    likes = random_likes(np.random.default_rng(1), 200, 40)
    expected = collaborative.ease(likes).toarray()
    monkeypatch.setattr(autoencoder, "_DOUBLE", 10)
    monkeypatch.setattr(autoencoder, "_BLOCK", 7)
    assert np.allclose(collaborative.ease(likes).toarray(), expected, atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_slim_minimises_its_objective(seed: int) -> None:
    rng = np.random.default_rng(seed)
    likes = random_likes(rng)
    found = collaborative.slim(likes, l1=0.2, l2=1.0, sweeps=500).toarray()
    x = likes.toarray()

    def objective(w: np.ndarray, others: np.ndarray, target: np.ndarray) -> float:
        left = target - others @ w
        return 0.5 * float(left @ left) + 0.2 * float(np.abs(w).sum()) + 0.5 * float(w @ w)

    assert (found >= 0).all()
    for item in range(6):
        rest = [n for n in range(6) if n != item]
        args = (x[:, rest], x[:, item])
        best = minimize(objective, np.zeros(5), args, bounds=[(0, None)] * 5)
        assert objective(found[rest, item], *args) <= best.fun + 1e-3


def test_slim_is_the_same_twice_and_few_candidates_bound_it() -> None:
    likes = random_likes(np.random.default_rng(2), 100, 30)
    one, two = (collaborative.slim(likes, l1=0.1, l2=1.0) for _ in range(2))
    assert (one != two).nnz == 0
    few = collaborative.slim(likes, l1=0.1, l2=1.0, candidates=3)
    assert np.bincount(few.indices, minlength=30).max() <= 3


def test_rp3beta_is_the_walk_it_says() -> None:
    likes = random_likes(np.random.default_rng(3), 9, 5)
    found = collaborative.rp3beta(likes, alpha=0.5, beta=0.4).toarray()
    x = likes.toarray()
    active, liked = x.sum(axis=1), x.sum(axis=0)
    for j in range(5):
        for i in range(5):
            both = np.flatnonzero(x[:, i] * x[:, j])
            walk = sum((1 / liked[j]) ** 0.5 * (1 / active[u]) ** 0.5 for u in both)
            assert found[j, i] == pytest.approx(walk / liked[i] ** 0.4 if i != j and walk else 0.0)


def test_item_cosine_shrinks_what_few_users_say() -> None:
    likes = random_likes(np.random.default_rng(4), 9, 5)
    found = collaborative.item_cosine(likes, shrink=2.0).toarray()
    x = likes.toarray()
    norms = np.linalg.norm(x, axis=0)
    expected = x.T @ x / (np.outer(norms, norms) + 2.0)
    np.fill_diagonal(expected, 0.0)
    assert np.allclose(found, expected)


def test_what_only_facts_connect_is_told_apart() -> None:
    likes = sparse.csr_array([[1.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    facts = sparse.csr_array(np.ones((4, 1)))
    kernel = sparse.csr_array(facts @ facts.T)
    learned = collaborative.members(likes, facts, kernel, RankingConfig(), ["ease", "slim"])
    for matrix in learned.values():
        both, alike = collaborative.witnessed(matrix, likes)
        assert both[0, 1] > 0
        assert both[0, 2] <= 0  # both are liked, by nobody together
        assert alike[0, 2] == max(matrix[0, 2], 0)
        assert not both[[3]].nnz  # liked by nobody
        assert not both[:, [3]].nnz
        assert (both.multiply(alike)).nnz == 0


def test_no_dense_matrix_above_the_stated_memory() -> None:
    config = RankingConfig(memory="1 MB")
    assert collaborative.default_weights(config, 100)["ease"] == 1.0
    above = collaborative.default_weights(config, 1000)
    assert above["ease"] == 0.0
    assert above["rp3beta"] > 0


def test_largest_keeps_the_lower_column_of_a_tie() -> None:
    matrix = sparse.csr_array([[1.0, -3.0, 3.0, 3.0], [0.0, 0.0, 0.0, 2.0]])
    found = collaborative.largest(matrix, 2).toarray()
    assert found.tolist() == [[0, -3, 3, 0], [0, 0, 0, 2]]
