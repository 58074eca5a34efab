from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import spearmanr

from kg_rec import ranking, vectors
from kg_rec.errors import DataError
from kg_rec.popularity import fresh_likes, popularity
from kg_rec.ranking import compiled, top
from kg_rec.ranking.ridge import RidgeProfiles

seeds = st.integers(0, 100_000)


def random_csr(rng: np.random.Generator, rows: int, columns: int) -> sparse.csr_array:
    dense = rng.integers(-2, 3, (rows, columns)) * (rng.random((rows, columns)) < 0.4)
    return sparse.csr_array(dense.astype(float))


Rows = list[tuple[int, float]]


def oracle(
    scores: np.ndarray,
    k: int,
    excluded: set[int],
    threshold: float | None,
    candidates: set[int],
    groups: np.ndarray | None,
) -> Rows:
    rows = sorted(candidates - excluded, key=lambda r: (-scores[r], r))
    found: Rows = []
    seen = set()
    for row in rows:
        label = row if groups is None else groups[row]
        if (threshold is None or scores[row] > threshold) and label not in seen:
            seen.add(label)
            found.append((row, scores[row]))
    return found[:k]


@pytest.mark.parametrize("small", [0, 10**9], ids=["compiled", "product"])
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=seeds,
    k=st.integers(1, 14),
    threshold=st.sampled_from([None, -1.0, 0.0, 2.0]),
    dtype=st.sampled_from([np.float32, np.float64]),
    grouped=st.booleans(),
    some=st.booleans(),
    size=st.sampled_from([1, 9, 130, 4100]),
)
def test_top_k_equals_a_dense_sort(  # noqa: PLR0913, PLR0917
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    k: int,
    threshold: float | None,
    dtype: type,
    grouped: bool,  # noqa: FBT001 - hypothesis passes by name
    some: bool,  # noqa: FBT001
    size: int,
    small: int,
) -> None:
    """Ties, empty rows, duplicates, exclusions, thresholds, candidates, groups, large k."""
    monkeypatch.setattr(top, "SMALL", small)
    rng = np.random.default_rng(seed)
    queries, items = random_csr(rng, 5, 6).astype(dtype), random_csr(rng, size, 6).astype(dtype)
    exclude = sparse.csr_array(rng.random((5, size)) < 0.3)
    candidates = np.flatnonzero(rng.random(size) < 0.6) if some else np.arange(size)
    groups = rng.integers(0, 4, size) if grouped else None
    found = ranking.top_k(
        queries,
        items,
        k,
        exclude=exclude,
        threshold=threshold,
        candidates=candidates if some else None,
        group=groups,
    )
    assert found.rows.shape == found.scores.shape == (5, k)
    assert found.scores.dtype == dtype
    scores = queries.toarray() @ items.toarray().T
    for query, (rows, values) in enumerate(found.to_lists()):
        excluded = set(np.flatnonzero(exclude.toarray()[query]).tolist())
        wanted = oracle(scores[query], k, excluded, threshold, set(candidates.tolist()), groups)
        assert list(zip(rows, values, strict=True)) == wanted


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [700, 9000], ids=["one tile", "three tiles"])
def test_dense_queries_equal_a_dense_sort(
    monkeypatch: pytest.MonkeyPatch, dtype: type, size: int
) -> None:
    """Columns that many queries have are added for all of them at once; others are not."""
    monkeypatch.setattr(top, "SMALL", 0)
    found_shared = []
    rng = np.random.default_rng(size)
    rare = rng.integers(1, 4, (size, 400)) * (rng.random((size, 400)) < 0.01)
    items = sparse.csr_array(np.hstack([rare, rng.integers(0, 2, (size, 3))]).astype(dtype))
    queries = rng.integers(-2, 3, (150, 403)) * (rng.random((150, 403)) < 0.7)
    queries[70:, 50:] *= rng.random((80, 353)) < 0.02
    asked = sparse.csr_array(queries.astype(dtype))
    exclude = sparse.csr_array(rng.random((150, size)) < 0.05)
    tiles = compiled.tiles_of(items)
    slots = np.empty(403, dtype=np.int32)
    starts, columns = asked.indptr.astype(np.int64), asked.indices.astype(np.int32)
    for first in (0, 128):
        counts, part = np.zeros(403, dtype=np.int32), starts[first : first + compiled.GROUP + 1]
        found_shared.append(compiled._find_shared(part, columns, tiles, counts, slots, 16))
    assert found_shared == [16, 0]  # the first group shares as much as it may
    scores = queries @ items.toarray().T
    for groups in (None, rng.integers(0, 50, size)):
        found = ranking.top_k(asked, items, 70, exclude=exclude, group=groups)
        for query, (rows, values) in enumerate(found.to_lists()):
            excluded = set(
                exclude.indices[exclude.indptr[query] : exclude.indptr[query + 1]].tolist()
            )
            wanted = oracle(scores[query], 70, excluded, None, set(range(size)), groups)
            assert list(zip(rows, values, strict=True)) == wanted


def test_duplicate_cells_are_summed_and_equal_items_tie() -> None:
    cells = (np.array([0.1, 0.2, 0.3, 0.1]), np.array([0, 0, 1, 0]), np.array([0, 3, 4]))
    items = sparse.csr_array(cells, shape=(2, 2))
    found = ranking.top_k(sparse.csr_array([[1.0, 1.0]]), items, 2)
    assert found.scores.tolist() == [[pytest.approx(0.6), pytest.approx(0.1)]]


@settings(max_examples=25, deadline=None)
@given(seed=seeds)
def test_equal_items_have_equal_scores_wherever_they_stand(seed: int) -> None:
    """Scores of any real numbers: the same row gives the same bits in any tile and place."""
    rng = np.random.default_rng(seed)
    kinds = sparse.random_array((40, 60), density=0.3, rng=rng, format="csr")
    which = rng.integers(0, 40, 6000)
    items = sparse.csr_array(kinds[which]).astype(np.float32)
    queries = sparse.random_array((70, 60), density=0.5, rng=rng, format="csr").astype(np.float32)
    tiles = compiled.tiles_of(items, 2)
    none = sparse.csr_array((70, 6000))
    for threads in (1, 2):
        rows, scores = compiled.best(
            sparse.csr_array(queries),
            tiles,
            300,
            exclude=none,
            threshold=-np.inf,
            groups=np.empty(0, dtype=np.int64),
            threads=threads,
        )
        for query in range(70):
            of_kind = dict(zip(which[rows[query]].tolist(), scores[query].tolist(), strict=True))
            assert [of_kind[kind] for kind in which[rows[query]].tolist()] == scores[query].tolist()
            same = scores[query][1:] == scores[query][:-1]
            assert (np.diff(rows[query])[same] > 0).all()  # ties: the lower row first


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(top, "SMALL", 0)
    rng = np.random.default_rng(0)
    queries, items = random_csr(rng, 200, 40), random_csr(rng, 5000, 40)
    one, four = (ranking.top_k(queries, items, 7, threads=threads) for threads in (1, 4))
    assert np.array_equal(one.rows, four.rows)
    assert np.array_equal(one.scores, four.scores)


def test_top_k_without_items_or_queries() -> None:
    empty = ranking.top_k(sparse.csr_array((1, 3)), sparse.csr_array((0, 3)), 5)
    assert list(empty.to_lists()) == [([], [])]
    none = ranking.top_k(sparse.csr_array((0, 3)), sparse.csr_array((2, 3)), 5)
    assert none.rows.shape == (0, 5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 0}, "k is 0, expected at least 1"),
        ({"queries": sparse.csr_array((1, 4))}, "same number of columns, found 4 and 3"),
        ({"exclude": sparse.csr_array((1, 3))}, r"expected shape \(1, 2\), found \(1, 3\)"),
        ({"candidates": [2]}, "expected rows from 0 to 1"),
        ({"group": [1]}, "expected 2 labels"),
    ],
)
def test_what_does_not_fit_is_named(change: dict[str, Any], message: str) -> None:
    fine = {"queries": sparse.csr_array((1, 3)), "items": sparse.csr_array((2, 3)), "k": 1}
    with pytest.raises(DataError, match=message):
        ranking.top_k(**{**fine, **change})


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_cosine_equals_the_formula_and_zero_rows_have_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b = random_csr(rng, 4, 5), random_csr(rng, 3, 5)
    found = ranking.cosine(a, b).toarray()
    for i, u in enumerate(a.toarray()):
        for j, v in enumerate(b.toarray()):
            length = np.linalg.norm(u) * np.linalg.norm(v)
            assert found[i, j] == pytest.approx(u @ v / length if length else 0.0)


@settings(max_examples=50, deadline=None)
@given(seeds, st.sampled_from([0.1, 1.0, 30.0]))
def test_ridge_profile_solves_the_normal_equations(seed: int, ridge: float) -> None:
    rng = np.random.default_rng(seed)
    facts, events = random_csr(rng, 8, 5), rng.normal(size=8)
    alpha = RidgeProfiles(facts, ridge).solve(events[None, :])[0]
    system = (facts @ facts.T).toarray() + ridge * np.eye(8)
    assert np.allclose(alpha, np.linalg.solve(system, events), atol=1e-8)


def test_many_items_are_solved_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    facts = sparse.csr_array(sparse.random_array((300, 40), density=0.2, rng=rng))
    targets = rng.normal(size=(3, 300))
    few = RidgeProfiles(facts, 0.5).solve(targets)
    monkeypatch.setattr("kg_rec.ranking.ridge.DENSE", 10)
    assert np.allclose(RidgeProfiles(facts, 0.5).solve(targets), few, atol=1e-7)


def test_nearest_neighbours_leave_out_the_row_itself_and_zero_rows() -> None:
    points = np.array([[1.0, 0.0], [2.0, 0.1], [0.0, 0.0], [-1.0, 0.0], [0.9, 1.0]])
    found = vectors.nearest_neighbours(points, 1, block=2).toarray()
    assert found.argmax(axis=1).tolist() == [1, 0, 0, 0, 1]
    assert found[2].sum() == found[3].sum() == 0.0
    assert np.diag(found).sum() == 0.0


def test_popularity_grows_with_likes_from_0_to_1() -> None:
    events = sparse.csr_array([[1.0, -1.0, 1.0], [1.0, 0.0, 0.0]])
    found = popularity(fresh_likes(events))
    assert found.tolist() == [1.0, 0.0, pytest.approx(np.log(2) / np.log(3))]
    assert spearmanr(found, [2, 0, 1]).statistic == pytest.approx(1.0)
