"""Events while a model is used: at once for the profile, after a refresh for all; the journal."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg_rec import DataError, ModelError, Recommender, UnknownIdError
from kg_rec.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

QUICK = {"embeddings": {"epochs": 0}, "ranking": {"blend": "fixed"}}
GENRES = ["Crime", "Comedy", "Drama", "Horror"]
ITEMS = pd.DataFrame(
    {
        "id": [f"i{n:02}" for n in range(24)],
        "genre": [GENRES[n % 4] for n in range(24)],
        "actor": [f"Actor {n % 5}" for n in range(24)],
    }
)


def events(seed: int = 0, users: int = 12) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (f"u{user:02}", f"i{item:02}")
        for user in range(users)
        for item in sorted(rng.choice(24, 6, replace=False).tolist())
    ]
    return pd.DataFrame(rows, columns=["user", "item"])


def shown(model: Recommender, user: str) -> list[Any]:
    return [
        (one.item, one.score, [(c.source, c.path, c.value) for c in one.contributions])
        for one in model.recommend(user, k=8)
    ]


def fit(table: pd.DataFrame, **config: Any) -> Recommender:
    return Recommender.fit(items=ITEMS, interactions=table, config={**QUICK, **config})


@pytest.fixture(scope="module")
def base() -> Recommender:
    return fit(events())


@pytest.fixture
def model(base: Recommender) -> Recommender:
    return copy.copy(base)


KINDS = {"interactions": {"kinds": {"view": {"half_life": "10d"}}}}


def of_kinds(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = events(seed)
    table["kind"] = rng.choice(["view", "purchase", "favourite"], len(table))
    table["timestamp"] = np.sort(rng.integers(1_700_000_000, 1_705_000_000, len(table)))
    return table


# --- events ------------------------------------------------------------------------------------


def test_update_is_seen_at_once(model: Recommender) -> None:
    before = [r.item for r in model.recommend("u00", k=24)]
    assert model.update(pd.DataFrame({"user": ["u00"], "item": [before[0]]})) == 1
    assert before[0] not in [r.item for r in model.recommend("u00", k=24)]
    assert before[0] in [h.item for h in model.history("u00")]


def test_a_new_user_is_known_by_events_alone(model: Recommender) -> None:
    with pytest.raises(UnknownIdError):
        model.recommend("new")
    model.update(pd.DataFrame({"user": ["new", "new"], "item": ["i00", "i04"]}))
    assert shown(model, "new") == [
        (one.item, one.score, [(c.source, c.path, c.value) for c in one.contributions])
        for one in model.recommend(history=["i00", "i04"], k=8)
    ]
    assert "new" in model.users


@pytest.mark.parametrize("kinds", [False, True])
def test_profiles_are_those_of_a_model_with_the_same_vectors(*, kinds: bool) -> None:
    """Events one by one, folded or not: the same lists as events told at once."""
    table = of_kinds(1) if kinds else events(1)
    config = KINDS if kinds else {}
    first, later = table.iloc[:50], table.iloc[50:]
    one, other = fit(first, **config), fit(first, **config)
    for _, row in later.iterrows():
        one.update(row.to_frame().T)
    other.update(later)
    hot = {user: shown(one, user) for user in sorted({*table["user"]})}
    assert other.model.users.ids == tuple(sorted({*table["user"]}))  # folds
    assert {user: shown(other, user) for user in hot} == hot
    whole = fit(table, **config).model
    np.testing.assert_array_equal(other.model.events.toarray(), whole.events.toarray())
    np.testing.assert_array_equal(other.model.events.indices, whole.events.indices)
    if kinds:
        np.testing.assert_array_equal(other.model.event_times, whole.event_times)


@pytest.mark.parametrize("kinds", [False, True])
def test_refresh_equals_a_fit(*, kinds: bool) -> None:
    table = of_kinds(2) if kinds else events(2)
    config = {**(KINDS if kinds else {}), "ranking": {"blend": "learned"}}
    live, whole = fit(table.iloc[:40], **config), fit(table, **config)
    live.update(table.iloc[40:])
    live.refresh()
    for user in whole.users:
        assert shown(live, user) == shown(whole, user)
    assert live.graph.serialize("nq") == whole.graph.serialize("nq")


def test_saved_after_an_update(model: Recommender, tmp_path: Path) -> None:
    model.update(pd.DataFrame({"user": ["u00", "new"], "item": ["i23", "i23"]}))
    again = Recommender.load(model.save(tmp_path / "model"))
    for user in ("u00", "new", "u05"):
        assert shown(again, user) == shown(model, user)


def test_an_id_is_taken_once(model: Recommender, tmp_path: Path) -> None:
    table = pd.DataFrame({"user": ["a", "a", "a"], "item": ["i01", "i02", "i01"], "id": "xyx"[:3]})
    table["id"] = ["x", "y", "x"]
    assert model.update(table) == 2
    assert model.update(table) == 0
    again = Recommender.load(model.save(tmp_path / "model"))
    assert again.update(table) == 0
    assert [h.weight for h in again.history("a")] == [1.0, 1.0]


def test_a_bad_row_leaves_all_as_it_was(model: Recommender) -> None:
    before = shown(model, "u00")
    bad = pd.DataFrame({"user": ["u00", "u00"], "item": ["i23", "nothing"]})
    with pytest.raises(DataError, match=r"row 2.*unknown item 'nothing'"):
        model.update(bad)
    assert shown(model, "u00") == before


def test_kinds_are_not_mixed(model: Recommender) -> None:
    table = pd.DataFrame({"user": ["u00"], "item": ["i23"], "kind": ["view"]})
    with pytest.raises(DataError, match="found events of kinds, the model's have no kinds"):
        model.update(table)


def test_a_copy_goes_on_as_it_was(model: Recommender) -> None:
    snapshot = copy.copy(model)
    before = shown(snapshot, "u00")
    model.update(pd.DataFrame({"user": ["u00"], "item": [before[0][0]]}))
    assert len(model.model.log) == len(snapshot.model.log) + 1
    assert shown(snapshot, "u00") == before


def test_times_of_events_told_without_one() -> None:
    table = of_kinds(3)
    model = fit(table, **KINDS)
    model.update(pd.DataFrame({"user": ["u00"], "item": ["i00"], "kind": ["purchase"]}))
    assert math.isfinite(model.model.log.times[-1])
    assert model.model.log.latest > table["timestamp"].max()


# --- journal -----------------------------------------------------------------------------------


def test_a_journal_is_told_again(model: Recommender, tmp_path: Path) -> None:
    folder, journal = model.save(tmp_path / "model"), tmp_path / "live.journal"
    live = Recommender.load(folder, journal=journal)
    live.update(pd.DataFrame({"user": ["u00", "new"], "item": ["i23", "i03"]}))
    live.update(pd.DataFrame({"user": ["new"], "item": ["i07"]}))
    with pytest.raises(ModelError, match="in use by another process"):
        Recommender.load(folder, journal=journal)
    live.close()
    again = Recommender.load(folder, journal=journal)
    assert shown(again, "new") == shown(live, "new")
    again.checkpoint()
    assert journal.read_bytes() == b""
    again.update(pd.DataFrame({"user": ["new"], "item": ["i11"]}))
    again.close()
    last = Recommender.load(folder, journal=journal)
    assert [h.item for h in last.history("new")] == ["i03", "i07", "i11"]
    last.close()


def test_what_a_model_holds_is_not_told_twice(model: Recommender, tmp_path: Path) -> None:
    """A crash between saving the model and emptying the journal."""
    folder, journal = model.save(tmp_path / "model"), tmp_path / "live.journal"
    live = Recommender.load(folder, journal=journal)
    live.update(pd.DataFrame({"user": ["new"], "item": ["i03"]}))
    live.save(folder)
    live.close()
    again = Recommender.load(folder, journal=journal)
    assert [h.weight for h in again.history("new")] == [1.0]
    assert len(again.model.log) == len(live.model.log)
    again.close()


@settings(max_examples=30, deadline=None)
@given(cut=st.integers(1, 400))
def test_a_line_cut_short_is_cut_off(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("journal") / "a.journal"
    with Journal(path) as journal:
        for n in range(4):
            journal.append("update", {"n": n, "word": "héllo"})
    lines = path.read_bytes().splitlines(keepends=True)
    kept = path.read_bytes()[:-cut]
    path.write_bytes(kept)
    with Journal(path) as journal:
        whole = [n for n in range(4) if len(b"".join(lines[: n + 1])) <= len(kept)]
        assert [entry.data["n"] for entry in journal.entries()] == whole
        assert journal.append("update", {"n": 9}) == len(whole) + 1


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    with Journal(path) as journal:
        journal.append("update", {"n": 1})
        journal.append("update", {"n": 2})
    path.write_bytes(path.read_bytes().replace(b'"n": 1', b'"n": 7'))
    with pytest.raises(ModelError, match="line 1: broken"):
        Journal(path)
    with pytest.raises(ModelError, match="line 1: broken"):  # and its lock is free again
        Journal(path)


def test_what_a_journal_refuses_may_be_told_again(model: Recommender, tmp_path: Path) -> None:
    live = Recommender.load(model.save(tmp_path / "model"), journal=tmp_path / "a.journal")
    table = pd.DataFrame({"user": ["new"], "item": ["i03"], "id": ["x"]})
    live.close()  # writing to a closed file fails
    with pytest.raises(ValueError, match="closed file"):
        live.update(table)
    live._journal = None
    assert live.update(table) == 1


def test_an_id_is_taken_once_though_a_journal_told_of_items_after_it(
    model: Recommender, tmp_path: Path
) -> None:
    folder, journal = model.save(tmp_path / "model"), tmp_path / "a.journal"
    live = Recommender.load(folder, journal=journal)
    table = pd.DataFrame({"user": ["new"], "item": ["i03"], "id": ["x"]})
    assert live.update(table) == 1
    live.add_items(pd.DataFrame({"id": ["i99"], "genre": ["Crime"], "actor": ["Actor 1"]}))
    live.close()
    again = Recommender.load(folder, journal=journal)
    assert again.update(table) == 0
    again.close()
