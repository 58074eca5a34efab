"""What a PyKEEN model predicts for a user is a term of the score like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from kg_rec import Recommender
from kg_rec.community import PREDICTIONS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module", params=["RotatE", "ConvE"])
def model(request: pytest.FixtureRequest) -> Recommender:
    rng = np.random.default_rng(0)
    genres = ["Crime", "Comedy", "Drama"]
    items = pd.DataFrame(
        {"id": [f"i{n}" for n in range(30)], "genre": [genres[n % 3] for n in range(30)]}
    )
    pairs = [
        (f"u{u}", f"i{i}") for u in range(40) for i in rng.permutation(30)[:8] if i % 3 == u % 3
    ]
    return Recommender.fit(
        items=items,
        interactions=pd.DataFrame(pairs, columns=["user", "item"]),
        config={
            "embeddings": {"model": request.param, "epochs": 4, "parts": ["facts", "users"]},
            "ranking": {"model": 1.0, "blend": "fixed"},
        },
    )


def test_predictions_are_terms_with_a_path(model: Recommender) -> None:
    found = model.recommend("u1", k=10)
    terms = [c for r in found for c in r.contributions if c.source.kind == PREDICTIONS]
    assert terms
    for term in terms:
        assert [hop.triple in model.graph for hop in term.path] == [True]
        assert model.model.config.embeddings.model in term.text
    for r in found:
        assert sum(c.value for c in r.contributions) == pytest.approx(r.score, rel=1e-9)
    ranked = model.rank(["u1"], k=10)
    assert [model.items[row].id for row in ranked.rows[0]] == [r.item for r in found]
    assert ranked.scores[0] == pytest.approx([r.score for r in found])


def test_predictions_are_saved_and_personal(model: Recommender, tmp_path: Path) -> None:
    loaded = Recommender.load(model.save(tmp_path / "model"))
    assert loaded.recommend("u2", k=3) == model.recommend("u2", k=3)
    assert b"predictedToLike" in model.graph.serialize("nt")
    assert b"predictedToLike" not in model.graph.without_users().serialize("nt")
    assert not any(
        c.source.kind == PREDICTIONS for c in model.recommend(history=["i1"], k=1)[0].contributions
    )
