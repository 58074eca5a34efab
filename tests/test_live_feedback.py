"""What people say of what they are shown: it holds at once, is kept, and can be taken back."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_live import ITEMS, events, fit
from typer.testing import CliRunner

from kg_rec import DataError, Recommender, UnknownIdError
from kg_rec.cli import app
from kg_rec.explanations.tuning import Wishes
from kg_rec.live.feedback import VERDICTS, Feedback

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def base() -> Recommender:
    return fit(events())


@pytest.fixture
def model(base: Recommender) -> Recommender:
    return copy.copy(base)


def told(model: Recommender, user: str, **ask: Any) -> list[dict[str, Any]]:
    return [one.to_dict() for one in model.recommend(user, **ask)]


def items(model: Recommender, user: str, k: int = 24) -> list[str]:
    return [one.item for one in model.recommend(user, k=k)]


# --- items -----------------------------------------------------------------------------------


def test_a_like_is_an_event_and_a_dislike_too(model: Recommender, base: Recommender) -> None:
    first, second = items(base, "u03", 2)
    model.feedback("u03", first, "like")
    model.feedback("u03", second, "dislike")
    history = {i.item: i.weight for i in base.history("u03")}
    dislike = -base.model.config.ranking.dislike
    lone = base.recommend(history={**history, first: 1.0, second: dislike})
    assert told(model, "u03") == [one.to_dict() for one in lone]
    assert {i.item: i.weight for i in model.history("u03")} == {
        **history,
        first: 1.0,
        second: dislike,
    }
    assert told(model, "u04") == told(base, "u04")
    assert items(base, "u03", 1) == [first]


def test_what_was_said_last_decides(model: Recommender, base: Recommender) -> None:
    first = items(base, "u03", 1)[0]
    for verdict, weight in (("like", 1.0), ("dislike", -0.5), ("like", 1.0), ("clear", None)):
        model.feedback("u03", first, verdict)
        history = {i.item: i.weight for i in model.history("u03")}
        assert history.get(first) == weight
    assert told(model, "u03") == told(base, "u03")


def test_what_is_hidden_or_seen_is_not_listed_and_changes_nothing_else(
    model: Recommender, base: Recommender
) -> None:
    before = {one.item: one.score for one in base.recommend("u03", k=24)}
    first, second, *rest = before
    model.feedback("u03", first, "hide")
    model.feedback("u03", second, "seen")
    assert {one.item: one.score for one in model.recommend("u03", k=24)} == {
        item: before[item] for item in rest
    }
    assert model.model.remembered["u03"] == Wishes((), (), (first,), (second,))
    assert [model.items[row].id for row in model.rank(["u03"], k=3).rows[0]] == rest[:3]
    assert model.explain(first, "u03").score == before[first]
    assert model.what_if("u03").rank(first) is None
    assert model.what_if("u03").rank(rest[0]) == 1
    assert model.history("u03") == base.history("u03")
    assert not {first, second} & {one.item for one in model.recommend("u03", explore=1.0, k=20)}
    model.feedback("u03", first, "seen")
    assert model.model.remembered["u03"] == Wishes((), (), (), (second, first))
    model.feedback("u03", first, "clear")
    model.feedback("u03", second, "like")
    assert "u03" not in model.model.remembered
    assert first in items(model, "u03")


# --- reasons ---------------------------------------------------------------------------------


def test_what_is_said_of_reasons_adds_up(model: Recommender, base: Recommender) -> None:
    model.feedback("u01", mute="Crime")
    model.feedback("u01", mute=[("actor", "Actor 1")], boost=["Drama"])
    asked = {"mute": ["Crime", ("actor", "Actor 1")], "boost": ["Drama"]}
    assert told(model, "u01") == told(base, "u01", **asked)
    model.feedback("u01", boost="Crime")
    assert model.model.remembered["u01"][:2] == (("actor=Actor 1",), ("Drama", "Crime"))
    model.feedback("u01", mute=[("actor", "Actor 1")], verdict="clear")
    assert model.model.remembered["u01"][:2] == ((), ("Drama", "Crime"))
    model.feedback("u01", verdict="clear")
    assert model.model.remembered == {}
    assert told(model, "u01") == told(base, "u01")


def test_sums_hold_with_all_that_is_wanted(model: Recommender) -> None:
    model.feedback("u01", items(model, "u01", 1)[0], "dislike", mute="Crime", boost="Drama")
    profile = model.profile("u01")
    vectors = model.model.vectors.matrix
    for one in model.recommend("u01", k=24, explore=0.3):
        assert sum(c.value for c in one.contributions) == pytest.approx(one.score, rel=1e-9)
        own = vectors[[model._item_index.row(one.item)]].toarray()[0]
        for source in {c.source for c in one.contributions}:
            left = profile.matrix.toarray()
            left[[s == source for s in profile.sources]] = 0.0
            value = sum(c.value for c in one.contributions if c.source == source)
            assert one.score - left.sum(axis=0) @ own == pytest.approx(value, abs=1e-12)


def test_a_reason_that_is_gone_is_forgotten_quietly(base: Recommender) -> None:
    lone = pd.concat([ITEMS, pd.DataFrame({"id": ["x1", "x2"], "genre": "Noir", "actor": "Zoe"})])
    model = Recommender.fit(
        lone,
        interactions=events(),
        config={"embeddings": {"epochs": 0}, "ranking": {"blend": "fixed"}},
    )
    model.feedback("u01", "x1", "hide", mute=["Noir", "Crime"])
    kept = Recommender(base.model)
    kept._rebase(remembered=model.model.remembered)
    assert told(kept, "u01") == told(base, "u01", mute="Crime")


# --- keeping ---------------------------------------------------------------------------------


def test_who_is_new_can_say_something(model: Recommender) -> None:
    popular = items(model, "u01") and [one.item for one in model.recommend(k=3)]
    model.feedback("new", popular[0], "hide")
    assert items(model, "new")[:2] == popular[1:]
    model.feedback("newer", popular[0], "like")
    assert told(model, "newer") == [one.to_dict() for one in model.recommend(history=[popular[0]])]
    assert {"new", "newer"} <= set(model.users)
    assert items(model, "new")[:2] == popular[1:]
    model.refresh()
    assert popular[0] not in items(model, "new")


def test_a_copy_made_before_stays_as_it_was(model: Recommender, base: Recommender) -> None:
    before, first = copy.copy(model), items(model, "u03", 1)[0]
    model.feedback("u03", first, "hide", mute="Crime")
    model.feedback("u03", items(model, "u03", 1)[0], "like")
    assert told(before, "u03") == told(base, "u03")
    assert told(model, "u03") != told(base, "u03")


def test_feedback_is_saved_and_in_the_journal(base: Recommender, tmp_path: Path) -> None:
    folder = copy.copy(base).save(tmp_path / "model")
    model = Recommender.load(folder, journal=tmp_path / "journal")
    first, second, third = items(model, "u03", 3)
    model.feedback("u03", first, "hide", mute="Crime")
    model.feedback("u03", second, "like", time="2026-11-24")
    model.feedback("new", third, "seen", boost=("genre", "Drama"))
    shown = {user: told(model, user) for user in ("u03", "u04", "new")}
    model._journal.close()  # type: ignore[union-attr]
    again = Recommender.load(folder, journal=tmp_path / "journal")
    assert {user: told(again, user) for user in shown} == shown
    again.checkpoint()
    again.close()
    stored = Recommender.load(folder)
    assert {user: told(stored, user) for user in shown} == shown


def test_feedback_in_a_model_that_knows_times_has_one(base: Recommender) -> None:
    timed = events().assign(timestamp=1_700_000_000)
    model = fit(timed, interactions={"half_life": "30d"})
    first = items(model, "u03", 1)[0]
    model.feedback("u03", first, "like", time=1_700_000_000 + 30 * 86_400)
    weights = {i.item: i.weight for i in model.history("u03")}
    assert weights[first] == pytest.approx(1.0)
    others = [weight for item, weight in weights.items() if item != first]
    assert others == pytest.approx([0.5] * len(others))
    model.feedback("u04", items(model, "u04", 1)[0], "like")
    assert model.model.log.latest > 1_764_000_000
    assert base.model.log.latest == float("-inf")


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({"item": "i99", "verdict": "like"}, UnknownIdError, "unknown item 'i99'"),
        ({"item": "i01", "verdict": "love"}, UnknownIdError, "unknown verdict 'love'"),
        ({"item": "i01"}, DataError, "without a verdict: like, dislike, hide, seen, clear"),
        ({"verdict": "hide"}, DataError, "feedback 'hide' without an item"),
        ({}, DataError, "nothing is said"),
        ({"mute": "Crimee"}, UnknownIdError, "unknown reason 'Crimee'; did you mean 'crime'"),
        ({"item": "i01", "verdict": "like", "time": "soon"}, DataError, "found 'soon'"),
    ],
)
def test_feedback_that_says_nothing_is_refused_and_changes_nothing(
    model: Recommender,
    base: Recommender,
    said: dict[str, Any],
    error: type[Exception],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        model.feedback("u03", **said)
    assert model._base is base._base
    assert model._pending == {}


_NAMES = st.lists(st.sampled_from(["Crime", "Drama", "popularity"]), max_size=2, unique=True)
_SAID = st.builds(
    Feedback,
    st.just("u"),
    st.sampled_from(["i1", "i2"]),
    st.sampled_from(VERDICTS),
    _NAMES.map(tuple),
    _NAMES.map(tuple),
)


@settings(deadline=None)
@given(st.lists(_SAID, max_size=8))
def test_of_each_item_and_reason_only_the_last_is_kept(said: list[Feedback]) -> None:
    wishes = Wishes()
    for one in said:
        wishes = one.wishes(wishes)
    for item in ("i1", "i2"):
        verdicts = [one.verdict for one in said if one.item == item]
        last = verdicts[-1] if verdicts else None
        assert (item in wishes.hidden) == (last == "hide")
        assert (item in wishes.seen) == (last == "seen")
    for name in ("Crime", "Drama", "popularity"):
        of = [one for one in said if name in {*one.mute, *one.boost}]
        kept = bool(of) and of[-1].verdict != "clear"
        assert (name in wishes.mute) == (kept and name in of[-1].mute)
        assert (name in wishes.boost) == (kept and name in of[-1].boost)
    for names in wishes:
        assert len(set(names)) == len(names)


# --- commands --------------------------------------------------------------------------------


def kg_rec(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_feedback_by_command(base: Recommender, tmp_path: Path) -> None:
    folder = copy.copy(base).save(tmp_path / "model")
    first = items(base, "u03", 1)[0]
    hide = ["feedback", folder, "u03", "--item", first, "--verdict", "hide"]
    assert kg_rec(*hide) == (0, "", f"{folder}: user u03: hide '{first}'\n")
    assert first not in items(Recommender.load(folder), "u03")
    journal = tmp_path / "journal"
    assert kg_rec("feedback", folder, "u03", "--mute", "Crime", "--journal", journal)[0] == 0
    assert told(Recommender.load(folder), "u03") != told(base, "u03", mute="Crime")
    live = Recommender.load(folder, journal=journal)
    assert live.model.remembered["u03"] == Wishes(("Crime",), (), (first,))
    live.close()
    assert kg_rec("feedback", folder, "u03", "--verdict", "clear")[0] == 0
    assert told(Recommender.load(folder), "u03") == told(base, "u03")
    for wrong in (["--item", first], ["--verdict", "hide"], [], ["--verdict", "love"]):
        assert kg_rec("feedback", folder, "u03", *wrong)[0] == 2
