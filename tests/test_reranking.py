from __future__ import annotations

import itertools
import json
import math
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from typer.testing import CliRunner

from kg_rec import Recommender
from kg_rec.errors import ConfigError, UnknownIdError
from kg_rec.ranking.reranking import SMOOTHING, Cap, Pool, rerank
from kg_rec.vectors import unit_rows

if TYPE_CHECKING:
    from pathlib import Path

    from kg_rec.report.shown import Recommendations

GENRES = ["Crime", "Comedy", "Horror", "Drama"]
ALL = {"diversity": 0.4, "novelty": 0.3, "calibration": 0.5}


@pytest.fixture(scope="module")
def films() -> Recommender:
    """Forty films of eight directors, and thirty people."""
    rng = np.random.default_rng(3)
    items = pd.DataFrame(
        {
            "id": [f"f{n:02}" for n in range(40)],
            "label": [f"Film {n:02}" for n in range(40)],
            "genre": [GENRES[n % 4] for n in range(40)],
            "director": [f"Director {n % 8}" for n in range(40)],
            "datePublished": [str(1980 + n) for n in range(40)],
        }
    )
    liked = [(f"u{u:02}", f"f{n:02}") for u in range(30) for n in rng.choice(40, 8, replace=False)]
    events = pd.DataFrame(liked, columns=["user", "item"])
    return Recommender.fit(items, interactions=events, config={"embeddings": {"epochs": 0}})


def pools(seed: int) -> Pool:
    rng = np.random.default_rng(seed)
    size = int(rng.integers(1, 30))
    features = sparse.csr_array(rng.random((size, 6)) * (rng.random((size, 6)) < 0.4))
    facets = rng.random((size, 4)) * (rng.random((size, 4)) < 0.5)
    facets /= np.maximum(facets.sum(axis=1, keepdims=True), 1e-12)
    wanted = rng.random(4) * (rng.random(4) < 0.8) + 1e-9
    return Pool(
        np.sort(rng.normal(size=size).round(1))[::-1].copy(),
        diversity=float(rng.choice([0.0, 0.3, 0.8])),
        features=unit_rows(features),
        novelty=float(rng.choice([0.0, 0.5])),
        novel=rng.random(size),
        calibration=float(rng.choice([0.0, 0.6, 0.95])),
        facets=sparse.csr_array(facets),
        wanted=wanted / wanted.sum(),
        caps=[Cap(sparse.csr_array(rng.random((size, 3)) < 0.4), int(rng.integers(1, 4)))],
    )


def value(pool: Pool, listed: list[int], candidate: int, k: int) -> float:
    """The formula as it is written down, from dense arrays."""
    assert pool.features is not None
    assert pool.facets is not None
    assert pool.novel is not None
    assert pool.wanted is not None
    features, facets = pool.features.toarray(), pool.facets.toarray()
    spread = float(np.ptp(pool.scores)) or 1.0
    near = max((float(features[candidate] @ features[j]) for j in listed), default=0.0)

    def fit(rows: list[int]) -> float:
        shares = facets[rows].sum(axis=0) / k if rows else np.zeros(4)
        mixed = SMOOTHING * pool.wanted + (1 - SMOOTHING) * shares
        return float((pool.wanted * np.log(mixed)).sum())

    d, n, c = pool.diversity, pool.novelty, pool.calibration
    gain = fit([*listed, candidate]) - fit(listed)
    return float(
        pool.scores[candidate]
        - d / (1 - d) * spread * max(near, 0.0)
        + n / (1 - n) * spread * pool.novel[candidate]
        + c / (1 - c) * spread * gain
    )


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_each_place_goes_to_the_best_that_the_caps_allow(seed: int, k: int) -> None:
    pool = pools(seed)
    places, skips = rerank(pool, k)
    matrix, most = pool.caps[0]
    marks = matrix.toarray()
    listed: list[int] = []
    for place in places:
        counts = marks[listed].sum(axis=0)
        free = [
            n
            for n in range(len(pool.scores))
            if n not in listed and (counts[marks[n]] < most).all()
        ]
        values = {n: value(pool, listed, n, k) for n in free}
        assert place.score == pytest.approx(values[place.candidate], abs=1e-9)
        assert place.score >= max(values.values()) - 1e-9
        listed.append(place.candidate)
    assert len(places) == k or not any(
        n not in listed and (marks[listed].sum(axis=0)[marks[n]] < most).all()
        for n in range(len(pool.scores))
    )
    for skip in skips:
        assert marks[listed[: skip.place], skip.value].sum() == most


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 12))
def test_terms_sum_to_the_score_and_scores_never_rise(seed: int, k: int) -> None:
    pool = pools(seed)
    places, _ = rerank(pool, k)
    for place in places:
        total = pool.scores[place.candidate] + math.fsum(term.value for term in place.terms)
        assert place.score == pytest.approx(total, abs=1e-9)
        assert all(term.value < 0 for term in place.terms if term.kind == "diversity")
        assert all(term.value > 0 for term in place.terms if term.kind != "diversity")
    scores = [place.score for place in places]
    assert all(b <= a + 1e-9 for a, b in itertools.pairwise(scores))
    assert len({place.candidate for place in places}) == len(places)


def test_nothing_is_asked_nothing_changes() -> None:
    places, skips = rerank(Pool(np.array([0.5, 0.5, 0.1])), 2)
    assert [(p.candidate, p.score, p.terms) for p in places] == [(0, 0.5, ()), (1, 0.5, ())]
    assert skips == []


def test_calibration_alone_reaches_the_wanted_shares() -> None:
    """Steck's case: who watched 70 % of one genre and 30 % of another gets them so."""
    facets = sparse.csr_array(np.repeat(np.eye(2), 20, axis=0))
    scores = np.concatenate([np.full(20, 0.9), np.full(20, 0.8)])
    pool = Pool(scores, calibration=0.99, facets=facets, wanted=np.array([0.7, 0.3]))
    places, _ = rerank(pool, 10)
    assert Counter(p.candidate >= 20 for p in places) == {False: 7, True: 3}


@pytest.mark.parametrize(
    "wishes",
    [
        {"diversity": 0.4},
        {"novelty": 0.3},
        {"calibration": 0.5},
        ALL,
        {**ALL, "caps": {"director": 1}},
    ],
    ids=["diversity", "novelty", "calibration", "all", "all and a cap"],
)
def test_contributions_sum_to_the_score_after_reranking(
    films: Recommender, wishes: dict[str, Any]
) -> None:
    for user in films.users[:10]:
        found = films.recommend(user, k=6, rerank=wishes)
        plain = {item.item: item.score for item in films.recommend(user, k=40)}
        scores = [item.score for item in found]
        assert scores == sorted(scores, reverse=True)
        assert [item.rank for item in found] == list(range(1, len(found) + 1))
        for item in found:
            total = math.fsum(c.value for c in item.contributions)
            assert item.score == pytest.approx(total, rel=1e-6, abs=1e-9)
            added = [c.value for c in item.contributions if c.source.kind == "rerank"]
            assert item.score - plain[item.item] == pytest.approx(math.fsum(added), abs=1e-9)


def directors(found: Recommendations) -> Counter[str]:
    of = {f"f{n:02}": f"Director {n % 8}" for n in range(40)}
    return Counter(of[item.item] for item in found)


def test_a_cap_holds_and_says_what_it_kept_out(films: Recommender) -> None:
    free = films.recommend("u00", k=10)
    capped = films.recommend("u00", k=10, rerank={"caps": {"director": 1}})
    assert max(directors(free).values()) > 1
    assert max(directors(capped).values()) == 1
    assert len(capped) == 8  # directors
    assert capped.note == "the caps (1 by director) leave 8 of the best 200 items"
    kept_out = [move for move in capped.moves if move.after is None]
    assert kept_out[0].why.startswith("the list already has 1 with director Director ")
    assert free[kept_out[0].before - 1].item == kept_out[0].item


def test_diversity_names_the_shared_facts(films: Recommender) -> None:
    found = films.recommend("u00", k=10, rerank={"diversity": 0.5})
    said = [c.text for item in found for c in item.contributions if c.source.kind == "rerank"]
    assert any(text.startswith("again directed by Director ") for text in said)
    assert all(", like Film " in text for text in said)
    assert all(
        c.path == () for item in found for c in item.contributions if c.source.id == "diversity"
    )
    moved = {move.item: move for move in found.moves}
    plain = [item.item for item in films.recommend("u00", k=40)]
    for item in found:
        before = plain.index(item.item) + 1
        if item.item in moved:
            assert (moved[item.item].before, moved[item.item].after) == (before, item.rank)
        else:
            assert before == item.rank


def test_features_can_be_chosen(films: Recommender) -> None:
    found = films.recommend("u00", k=10, rerank={"diversity": 0.5, "features": ["genre"]})
    said = [c.text for item in found for c in item.contributions if c.source.kind == "rerank"]
    assert said
    assert not any("directed" in text for text in said)


def test_calibration_brings_what_the_history_has(films: Recommender) -> None:
    taste = {"f00": 1.0, "f04": 1.0, "f01": 1.0}  # two crime films, a comedy
    found = films.recommend(history=taste, k=6, rerank={"calibration": 0.98})
    assert Counter(GENRES[int(item.item[1:]) % 4] for item in found) == {"Crime": 4, "Comedy": 2}
    said = {c.text for item in found for c in item.contributions if c.source.id == "calibration"}
    assert "brings Crime, of which the list had none (67% of your history)" in said
    assert "adds to Comedy (33% of your history)" in said


def test_calibration_without_a_history_changes_nothing(films: Recommender) -> None:
    plain, same = (
        films.recommend(history=[]),
        films.recommend(history=[], rerank={"calibration": 0.9}),
    )
    assert [(i.item, i.score) for i in plain] == [(i.item, i.score) for i in same]


def test_novelty_says_how_few(films: Recommender) -> None:
    likes = np.bincount(films.model.events.indices, minlength=40)
    found = films.recommend("u00", k=5, rerank={"novelty": 0.9})
    plain = films.recommend("u00", k=5)
    row = {item.id: n for n, item in enumerate(films.items)}
    assert sum(likes[row[i.item]] for i in found) < sum(likes[row[i.item]] for i in plain)
    texts = {c.text for c in found[0].contributions if c.source.id == "novelty"}
    assert texts == {f"liked by only {likes[row[found[0].item]]} of 30 people"}


def test_words_are_chinese_if_asked(films: Recommender) -> None:
    found = films.recommend("u00", rerank=ALL, language="zh")
    texts = [c.text for item in found for c in item.contributions if c.source.kind == "rerank"]
    assert any("喜欢" in text for text in texts)
    assert not any("again" in text for text in texts)


def test_configuration_and_its_errors(films: Recommender) -> None:
    with pytest.raises(ConfigError, match=r"rerank\.diversity"):
        films.recommend("u00", rerank={"diversity": 1.0})
    with pytest.raises(ConfigError, match="did you mean 'novelty'"):
        films.recommend("u00", rerank={"noveltie": 0.1})
    with pytest.raises(UnknownIdError, match="unknown relation 'directer'"):
        films.recommend("u00", rerank={"caps": {"directer": 1}})
    with pytest.raises(UnknownIdError, match="unknown relation 'gerne'"):
        films.recommend("u00", rerank={"calibration": 0.1, "facet": "gerne"})


def test_the_same_twice(films: Recommender) -> None:
    one, two = (films.recommend("u03", rerank=ALL) for _ in range(2))
    assert [i.to_dict() for i in one] == [i.to_dict() for i in two]
    assert one.moves == two.moves


def test_reranking_is_written_as_rdf_and_html(films: Recommender) -> None:
    found = films.recommend("u00", rerank=ALL)
    graph = films.to_rdf(found, "u00")
    kinds = graph.sparql("SELECT (COUNT(*) AS ?n) { ?c kgrec:sourceKind kgrec:Rerank }")
    wanted = sum(c.source.kind == "rerank" for item in found for c in item.contributions)
    assert int(kinds[0]["n"].value) == wanted > 0
    assert "of your history" in found._repr_html_()


def test_the_command_restricts_and_reranks(films: Recommender, tmp_path: Path) -> None:
    from kg_rec.cli import app  # noqa: PLC0415 - only here

    films.save(tmp_path / "model")
    run = CliRunner()
    wishes = ["--where", "year >= 1990", "--cap", "director=1", "--diversity", "0.3"]
    done = run.invoke(app, ["recommend", str(tmp_path / "model"), "--user", "u00", *wishes])
    assert done.exit_code == 0
    assert "number" not in done.stdout
    assert "the list already has 1 with director" in done.stderr
    asked = ["recommend", str(tmp_path / "model"), "--user", "u00", "--format", "json"]
    told = json.loads(run.invoke(app, [*asked, "--where", "year > 2090"]).stdout)
    assert (told["items"], told["note"]) == ([], "no item meets year > 2090")
    moved = json.loads(run.invoke(app, [*asked, *wishes]).stdout)["moves"]
    assert {"item", "label", "before", "after", "why"} == set(moved[0])
    wrong = run.invoke(app, [*asked, "--cap", "director"])
    assert wrong.exit_code == 2
    assert "expected RELATION=N" in wrong.stderr
