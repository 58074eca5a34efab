"""Any profile, ways to serve it by name, and what of a list is drawn by chance."""

from __future__ import annotations

import copy
import json
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from kg_rec import DataError, Iri, Recommender, UnknownIdError
from kg_rec.cli import app
from kg_rec.ids import KGREC, SCHEMA
from kg_rec.ranking.exploration import Exploration, chances, systematic
from kg_rec.segments import POPULAR_IN
from kg_rec.strategies import PURE
from kg_rec.vectors import POPULARITY

if TYPE_CHECKING:
    from pathlib import Path

ITEMS = pd.DataFrame(
    {
        "id": [f"i{n:02}" for n in range(24)],
        "label": [f"Film {n}" for n in range(24)],
        "genre": [("Crime", "Comedy", "Drama", "Horror")[n % 4] for n in range(24)],
        "director": [("Ann", "Bo", "Cy")[n % 3] for n in range(24)],
        "actor": [("Ann", "Dee", "Bo", "Eve", "Flo")[n % 5] for n in range(24)],
    }
)
QUICK = {"embeddings": {"epochs": 0}, "ranking": {"blend": "fixed"}}
PEOPLE = 16
KIN = "what people like you (country FR) like"
PRIVACY = {"privacy": {"min_support": 2}}
SMALL = settings(max_examples=10, deadline=None)


def tables(seed: int = 0) -> dict[str, pd.DataFrame]:
    """Return likes, friends and people; of the last two only friends and segments are known."""
    rng = np.random.default_rng(seed)
    rows = [
        (f"u{user:02}", f"i{item:02}")
        for user in range(PEOPLE - 2)
        for item in rng.choice(24, 5, replace=False, p=weights(user)).tolist()
    ]
    friends = [
        (f"u{a:02}", f"u{b:02}") for a in range(PEOPLE) for b in ((a + 1) % 14, (a + 5) % 14)
    ]
    people = [(f"u{n:02}", "FR" if n % 2 else "CN", "one" if n == 3 else "") for n in range(PEOPLE)]
    return {
        "interactions": pd.DataFrame(rows, columns=["user", "item"]),
        "friends": pd.DataFrame([f for f in friends if f[0] != f[1]], columns=["user", "friend"]),
        "users": pd.DataFrame(people, columns=["id", "country", "club"]),
    }


def weights(user: int) -> np.ndarray:
    """Return how likely somebody is to like each film: people of a country like other ones."""
    own = np.where(np.arange(24) % 2 == user % 2, 5.0, 1.0) + np.arange(24) / 24
    return own / own.sum()


@cache
def fitted(seed: int) -> Recommender:
    """Return a model; no test changes it."""
    config = {**QUICK, **PRIVACY, "users": {"segments": ["country", "club"]}}
    return Recommender.fit(ITEMS, **tables(seed), config=config)


@pytest.fixture(scope="module")
def model() -> Recommender:
    return fitted(0)


def told(found: Any) -> list[dict[str, Any]]:
    return [one.to_dict() for one in found]


# --- any profile -----------------------------------------------------------------------------


def test_who_has_the_history_of_a_user_gets_the_same(fit: Any) -> None:
    tables_ = tables()
    lone = fit(ITEMS, interactions=tables_["interactions"])
    for user in lone.users:
        history = {i.item: i.weight for i in lone.history(user)}
        assert told(lone.recommend(history=history)) == told(lone.recommend(user))
        assert lone.explain("i00", history=history) == lone.explain("i00", user)


@pytest.mark.slow
def test_on_the_demonstration_lists_of_200_people_are_the_same(demo_folder: Path) -> None:
    demo = Recommender.load(demo_folder)
    people = [u for u in demo.users if demo._events(u) and not demo.preferences(u)][:200]
    assert len(people) == 200
    for user in people:
        history = {demo.items[row].id: weight for row, weight in demo._events(user).items()}
        assert told(demo.recommend(history=history, k=5)) == told(demo.recommend(user, k=5))
    said = [u for u in demo.users if demo.preferences(u) and not demo._events(u)]
    texts = {user: demo.graph.documents[f"users/{user}"] for user in said[:8]}
    read = {u: sorted(p[:2] for p in demo.read_taste(text)) for u, text in texts.items()}
    same = [u for u in read if read[u] == sorted(p[:2] for p in demo.preferences(u))]
    assert len(same) >= 5  # of the others a text names what no item has
    for user in same:
        typed, known = demo.recommend(text=texts[user]), demo.recommend(user)
        assert [r.item for r in typed] == [r.item for r in known]
        assert [r.score for r in typed] == pytest.approx([r.score for r in known], rel=1e-12)


def test_friends_and_segments_that_are_told_are_as_known_ones(model: Recommender) -> None:
    user = f"u{PEOPLE - 1}"
    friends = tables()["friends"].groupby("user")["friend"].agg(list)[user]
    asked = model.recommend(friends=[*friends, "stranger"], segments={"country": "FR"})
    assert told(asked) == told(model.recommend(user))
    assert asked.strategy == model.recommend(user).strategy


def test_one_friend_that_is_told_does_not_tell_what_that_user_chose(model: Recommender) -> None:
    for friends in (["u03"], ["u03", "u03"], ["u03", "stranger"]):
        assert told(model.recommend(friends=friends)) == told(model.recommend())
        assert not model.recommend(friends=friends, strategy="community")
    assert model.recommend(friends=["u03", "u04"], strategy="community")


def test_attributes_are_reasons_that_were_asked_for(model: Recommender) -> None:
    found = model.recommend(attributes={"genre": ["Crime", "-Horror"], "director": "Ann"}, k=24)
    genre, director = (dict(zip(ITEMS["id"], ITEMS[c], strict=True)) for c in ("genre", "director"))
    assert (genre[found[0].item], director[found[0].item]) == ("Crime", "Ann")
    assert {genre[one.item] for one in found[-6:]} == {"Horror"}
    best = [c for c in found[0].contributions if c.source.kind == "preference"]
    said = {c.text for c in best if len(c.path) == 1}
    assert said == {
        "in the genre Crime, which you asked for",
        "directed by Ann, whom you asked for",
    }
    assert {c.kind for c in best} == {"preference"}
    zh = model.recommend(attributes={"genre": "Crime"}, k=1, language="zh")[0]
    assert "正是你要的" in {c.tie for c in zh.contributions}


def test_a_relation_that_is_asked_for_is_meant(model: Recommender) -> None:
    film = dict(zip(ITEMS["id"], zip(ITEMS["director"], ITEMS["actor"], strict=True), strict=True))
    for place, relation in enumerate(("director", "actor")):
        ask = {relation: "Ann"}
        found = [
            (one, c)
            for one in model.recommend(attributes=ask, k=24, strategy="content")
            for c in one.contributions
        ]
        assert {one.item for one, _ in found} == {
            i for i, who in film.items() if who[place] == "Ann"
        }
        assert all(c.path[-1].triple.predicate == SCHEMA[relation] for _, c in found)
        assert all(hop.triple in model.graph for _, c in found for hop in c.path)
    by = model.recommend(attributes={str(SCHEMA["director"]): str(node(model, "Ann"))}, k=3)
    assert told(by) == told(model.recommend(attributes={"director": "ann"}, k=3))


def node(model: Recommender, name: str) -> Iri:
    (found,) = model._names.nodes(name)
    return found


@pytest.mark.parametrize(
    ("attributes", "error", "message"),
    [
        ({"genre": "Crim"}, UnknownIdError, "unknown genre 'Crim'; did you mean 'Crime'"),
        ({"gnre": "Crime"}, UnknownIdError, "unknown relation 'gnre'; did you mean 'genre'"),
        ({"director": "Flo"}, UnknownIdError, "unknown director 'Flo'"),
        ({"genre": 5}, DataError, "'genre' is 5, expected a name or a list of names"),
        ({"genre": [""]}, DataError, "expected a name"),
        (["genre"], DataError, "expected relation to names"),
        ({"label": "Film 1"}, DataError, "joins items to no entities"),
    ],
)
def test_attributes_that_are_none(
    model: Recommender, attributes: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        model.recommend(attributes=attributes)


# --- strategies ------------------------------------------------------------------------------


@SMALL
@given(st.integers(0, 2**16))
def test_a_blended_score_is_the_sum_of_all_strategies(seed: int) -> None:
    model = fitted(seed % 3)
    rng = np.random.default_rng(seed)
    ask = {
        "user": f"u{rng.integers(PEOPLE):02}" if rng.integers(2) else None,
        "history": [f"i{n:02}" for n in rng.choice(24, 2, replace=False)],
        "attributes": {"genre": ["Crime", "-Drama"]},
        "friends": ["u03", "u04"],
        "segments": {"country": "FR"},
    }
    item = f"i{rng.integers(24):02}"
    whole = model.explain(item, **ask)
    parts = [model.explain(item, **ask, strategy=name) for name in PURE]
    assert sum(part.score for part in parts) == pytest.approx(whole.score, rel=1e-9)
    assert sum(len(part.contributions) for part in parts) == len(whole.contributions)
    for one in (whole, *parts):
        total = sum(c.value for c in one.contributions)
        assert total == pytest.approx(one.score, rel=1e-6, abs=1e-12)
    most = max((part for part in parts if part.contributions), key=lambda part: part.score)
    assert whole.strategy == most.strategy == PURE[parts.index(most)]
    assert model.explain(item, **ask, strategy="blended") == whole


@SMALL
@given(st.integers(0, 2**16))
def test_without_a_source_the_score_is_less_by_its_value(seed: int) -> None:
    model = fitted(seed % 3)
    name = PURE[seed % len(PURE)]
    ask = {"friends": ["u03", "u09"], "segments": {"country": "CN"}, "attributes": {"actor": "Dee"}}
    profile = model.profile(f"u{seed % PEOPLE:02}", **ask, strategy=name)
    row = seed % 24
    own = model.model.vectors.matrix[[row]].toarray()[0]
    terms = model._explainer.contributions(profile, row, model.items[row].iri)
    for number, source in enumerate(profile.sources):
        left = profile.matrix.toarray()
        before, left[number] = left.sum(axis=0) @ own, 0.0
        value = sum(c.value for c in terms if c.source == source)
        assert before - left.sum(axis=0) @ own == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_auto_tells_what_it_goes_by(model: Recommender) -> None:
    nothing = model.recommend()
    assert nothing.strategy == ("popularity", "nothing is known of you yet: what most people like")
    kin = model.recommend(segments={"country": "FR"}).strategy
    assert kin == (
        "popularity",
        f"nothing that you chose or said is known: {KIN} and what most people like",
    )
    friends = model.recommend(friends=["u01", "u02"]).strategy
    assert friends.name == "community"
    assert "what people you know chose" in friends.why
    history = model.recommend(history=["i01"]).strategy
    assert history == ("blended", "what counts: what you chose and what most people like")
    assert model.recommend(attributes={"genre": "Crime"}).strategy.name == "blended"
    assert "还一无所知" in model.recommend(language="zh").strategy.why


def test_what_is_asked_for_counts_alone(model: Recommender) -> None:
    for name in set(PURE) - {"transfer"}:
        found = model.recommend("u00", strategy=name, k=5)
        assert found.strategy.name == name
        assert "as asked" in found.strategy.why
        assert {one.strategy for one in found} == {name}
        assert all(one.contributions for one in found)
    popular = model.recommend("u00", strategy="popularity")
    kinds = {c.source.kind for one in popular for c in one.contributions}
    assert kinds == {"popularity"}


def test_a_strategy_that_has_nothing_to_say_says_so(model: Recommender) -> None:
    for name, why in (
        ("content", "nothing is known that you like"),
        ("collaborative", "nothing is known that you chose"),
        ("community", "nobody is known whom you know"),
        ("transfer", "no vectors of another model are there"),
    ):
        found = model.recommend(strategy=name)
        assert (list(found), found.strategy.name) == ([], name)
        assert why in found.note
    few = model.recommend(friends=["u01", "u02"], strategy="community", k=24)
    assert 0 < len(few) < 24
    assert few.note == f"no more than {len(few)} found by community"
    with pytest.raises(UnknownIdError, match="unknown strategy 'contents'; did you mean 'content'"):
        model.recommend("u00", strategy="contents")


def test_vectors_of_another_model_are_a_strategy() -> None:
    rng = np.random.default_rng(0)
    given = {name: dict(zip(ITEMS["id"], rng.normal(size=(24, 3)), strict=True)) for name in "ab"}
    config = {**QUICK, "vectors": [{"name": "a", "transfer": True}, {"name": "b"}]}
    model = Recommender.fit(
        ITEMS, vectors=given, config=config, interactions=tables()["interactions"]
    )
    found = model.recommend("u00", strategy="transfer", k=5)
    assert {c.column.block for one in found for c in one.contributions} == {"similar_in_a"}
    assert {one.strategy for one in found} == {"transfer"}
    blocks = {
        c.column.block
        for one in model.recommend("u00", strategy="content", k=24)
        for c in one.contributions
    }
    assert "similar_in_b" in blocks
    assert "similar_in_a" not in blocks


def test_questions_are_answered_for_the_list_of_a_strategy(model: Recommender) -> None:
    ask = {"history": ["i01", "i02", "i03"], "friends": ["u05", "u06"]}
    for name in ("content", "community", "popularity"):
        found = model.recommend(**ask, strategy=name, k=3)
        what = model.what_if(**ask, strategy=name)
        assert [what.rank(one.item) for one in found] == [1, 2, 3]
    assert model.what_if(**ask).counterfactual(model.recommend(**ask)[0].item, 3).k == 3


# --- segments --------------------------------------------------------------------------------


def test_what_is_popular_among_people_of_one_kind(model: Recommender) -> None:
    columns = [c for c in model.model.vectors.columns if c.predicate == POPULAR_IN]
    assert [c.object.rpartition("/")[2] for c in columns] == ["country%3DCN", "country%3DFR"]
    french = tables()["interactions"]
    french = french[french["user"].str[1:].astype(int) % 2 == 1]["item"]
    counts = Counter(french.tolist())
    expected = np.array([np.log1p(counts[i]) for i in ITEMS["id"]]) / np.log1p(max(counts.values()))
    config = model.model.config.ranking
    own = model.model.vectors.matrix[:, [model.model.vectors.index[columns[1]]]].toarray().ravel()
    assert own == pytest.approx(expected * config.popularity * config.segments)
    best = model.recommend(segments={"country": "FR"}, k=1)[0]
    assert "popular with people like you (country FR)" in {c.text for c in best.contributions}
    assert int(best.item[1:]) % 2 == 1


def test_what_is_told_of_others_is_checked(model: Recommender) -> None:
    with pytest.raises(DataError, match="segments: found 'FR', expected column to value"):
        model.recommend(segments="FR")  # type: ignore[arg-type]
    assert told(model.recommend(friends="u03")) == told(model.recommend(friends=["u03"]))
    aged = fit_ages()
    for age in (30, 30.0, "30", " 30 "):
        assert aged.recommend(segments={"age": age}).strategy.why.count("age 30") == 1


def fit_ages() -> Recommender:
    events = tables()["interactions"]
    people = pd.DataFrame({"id": events["user"].unique(), "age": 30.0})
    config = {**QUICK, "users": {"segments": ["age"]}}
    return Recommender.fit(ITEMS, interactions=events, users=people, config=config)


def test_few_people_are_no_segment(model: Recommender) -> None:
    for value in ("one", "never heard of"):
        assert told(model.recommend(segments={"club": value})) == told(model.recommend())
    with pytest.raises(UnknownIdError, match="unknown segment 'contry'; did you mean 'country'"):
        model.recommend(segments={"contry": "FR"})


def test_users_keep_their_segments(model: Recommender, tmp_path: Path) -> None:
    again = Recommender.load(model.save(tmp_path / "model"))
    again.refresh()
    for one in (model, again):
        lists = one.rank(["u00", "u15"], k=6)
        for user, rows in zip(("u00", "u15"), lists.rows, strict=True):
            found = one.recommend(user, k=6)
            assert [one.items[row].id for row in rows] == [r.item for r in found]
            told_ = {c.source.id for r in found for c in r.contributions}
            assert f"country={'FR' if user == 'u15' else 'CN'}" in told_
    assert told(again.recommend("u15")) == told(model.recommend("u15"))
    other = model.recommend("u15", segments={"country": "CN"})
    assert "country=FR" not in {c.source.id for r in other for c in r.contributions}
    assert not len(model.graph.without_users().rows(predicate=KGREC["segment"]))


def test_a_table_of_users_without_texts_needs_segments(fit: Any) -> None:
    with pytest.raises(DataError, match="no column 'text'"):
        fit(ITEMS, users=tables()["users"])
    with pytest.raises(DataError, match="no column 'city'"):
        fit(ITEMS, users=tables()["users"], config={"users": {"segments": ["city"]}})
    twice = pd.concat([tables()["users"]] * 2)
    with pytest.raises(DataError, match="is there twice"):
        fit(ITEMS, users=twice, config={"users": {"segments": ["country"]}})


# --- exploration -----------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.floats(-1, 10), min_size=1, max_size=40), st.floats(0, 12), st.integers(0, 99))
def test_chances_sum_to_the_places_and_are_kept(
    scores: list[float], places: float, seed: int
) -> None:
    likely = chances(np.array(scores), places)
    free = np.count_nonzero(np.array(scores) > 0) or len(scores)
    assert likely.sum() == pytest.approx(min(places, free))
    assert likely.min() >= 0.0
    assert likely.max() <= 1.0 + 1e-12
    drawn = systematic(likely, np.random.default_rng(seed))
    assert len(set(drawn)) == len(drawn)
    assert all(likely[n] > 0 for n in drawn)
    assert abs(len(drawn) - likely.sum()) < 1 + 1e-6


def test_each_item_is_drawn_as_often_as_its_chance() -> None:
    likely = chances(np.array([5.0, 3.0, 2.0, 1.0, 1.0, 0.0]), 2.5)
    drawn = Counter(
        n for seed in range(4000) for n in systematic(likely, np.random.default_rng(seed))
    )
    assert [drawn[n] / 4000 for n in range(6)] == pytest.approx(likely.tolist(), abs=0.03)


def test_some_places_are_there_to_explore(model: Recommender) -> None:
    plain = model.recommend("u01", k=10)
    explored = Counter()
    for seed in range(40):
        found = model.recommend("u01", k=10, explore=0.25, seed=seed)
        drawn = [one for one in found if one.explored]
        assert len(drawn) in {2, 3}
        assert [one.rank for one in found] == list(range(1, 11))
        kept = [one.item for one in found if not one.explored]
        assert kept == [one.item for one in plain][: len(kept)]
        assert found[0].item == plain[0].item
        assert len({one.item for one in found}) == 10
        for one in found:
            assert sum(c.value for c in one.contributions) == pytest.approx(one.score)
            assert one.score == model.explain(one.item, "u01").score
        assert all(one.to_dict()["explored"] for one in drawn)
        explored.update(one.rank for one in drawn)
        again = model.recommend("u01", k=10, explore=0.25, seed=seed)
        assert told(again) == told(found)
    assert 2.2 < sum(explored.values()) / 40 < 2.8
    assert set(explored) == set(range(2, 11))


def test_what_may_not_be_listed_is_not_explored(model: Recommender) -> None:
    for seed in range(10):
        found = model.recommend("u01", only="Crime", k=4, explore=1.0, seed=seed)
        assert {int(one.item[1:]) % 4 for one in found} == {0}
        known = set(tables()["interactions"].query("user == 'u01'")["item"])
        assert not known & {one.item for one in found}
        assert all(one.explored for one in found)
    with pytest.raises(DataError, match="expected a share from 0 to 1"):
        model.recommend("u01", explore=1.5)
    with pytest.raises(DataError, match="expected at least 0"):
        model.recommend("u01", explore=0.5, seed=-1)
    assert model.recommend("u01", explore=0.0, seed=3) == model.recommend("u01")
    assert Exploration(0.29).places(100) == 29.0


def test_pages_and_data_say_what_is_there_to_explore(model: Recommender) -> None:
    ask = {"history": ["i01"], "explore": 0.3, "seed": 1}
    found = model.recommend(**ask)
    number = sum(one.explored for one in found)
    assert number == 3
    assert model.report(**ask).count("Here to explore: drawn with a chance of") == number
    rdf = model.to_rdf(found)
    drawn = [float(rdf.label(t.object)) for t in rdf.triples(predicate=KGREC["chance"])]
    assert sorted(drawn) == sorted(one.chance for one in found if one.chance is not None)
    assert len(list(rdf.triples(predicate=KGREC["strategy"]))) == len(found)
    page = model.report(segments={"country": "FR"})
    assert "what people like you (country FR) like" in page


def test_popularity_is_a_block_of_its_own_columns(model: Recommender) -> None:
    kinds = {c.predicate for c in model.model.vectors.block(POPULARITY.block).columns}
    assert kinds == {POPULARITY.predicate, POPULAR_IN}
    muted = copy.copy(model).recommend("u00", mute="popularity")
    assert not [c for one in muted for c in one.contributions if c.source.kind == "popularity"]


# --- commands --------------------------------------------------------------------------------


def kg_rec(*words: object) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout, done.stderr


def test_all_of_it_by_command(model: Recommender, tmp_path: Path) -> None:
    folder = model.save(tmp_path / "model")
    ask = ["recommend", folder, "--format", "json", "-k", 4]
    options = ["--liked", "i01", "--attribute", "genre=Crime", "--attribute", "genre=-Horror"]
    options += ["--friend", "u03", "--friend", "u04", "--segment", "country=FR"]
    drawn = ["--explore", 0.5, "--seed", 3, "--strategy", "blended"]
    found = json.loads(kg_rec(*ask, *options, *drawn)[1])
    expected = model.recommend(
        history=["i01"],
        attributes={"genre": ["Crime", "-Horror"]},
        friends=["u03", "u04"],
        segments={"country": "FR"},
        k=4,
        explore=0.5,
        seed=3,
        strategy="blended",
    )
    assert found["items"] == json.loads(json.dumps(told(expected)))
    assert (found["strategy"], found["why"]) == expected.strategy
    code, out, err = kg_rec("recommend", folder, "--strategy", "popularity", *drawn[:4], "-k", 4)
    assert (code, out.count("(to explore)")) == (0, 2)
    assert err == "kg-rec: popularity: as asked, only what most people like counts\n"
    why = ["explain", folder, "--item", "i04", "--format", "json", *options]
    (item,) = json.loads(kg_rec(*why)[1])["items"]
    assert sum(c["value"] for c in item["contributions"]) == pytest.approx(item["score"])
    out = tmp_path / "page.html"
    assert kg_rec("report", folder, *options, *drawn, "--out", out, "-q")[0] == 0
    assert "Here to explore: drawn" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ([], 2, "--attribute"),
        (["--user", "u01", "--text", "I love it"], 2, "either --user or --text"),
        (["--attribute", "genre"], 2, "expected NAME=VALUE, as in genre=Crime"),
        (["--segment", "=FR"], 2, "expected NAME=VALUE, as in country=FR"),
        (["--liked", "i99"], 1, "unknown item 'i99'"),
        (["--segment", "contry=FR"], 1, "did you mean 'country'"),
        (["--user", "u01", "--strategy", "conten"], 1, "did you mean 'content'"),
        (["--user", "u01", "--explore", "2"], 1, "expected a share from 0 to 1"),
    ],
)
def test_wrong_options(
    model: Recommender, tmp_path: Path, options: list[str], code: int, message: str
) -> None:
    folder = model.save(tmp_path / "model")
    done = CliRunner().invoke(app, ["recommend", str(folder), *options])
    assert done.exit_code == code
    assert message in (" ".join(done.stderr.split()) if code == 2 else str(done.exception))
