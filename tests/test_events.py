"""Events by kind, half-lives, times and friends: what the rows of tables come to."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg_rec import ConfigError, DataError, Iri, KnowledgeGraph, Recommender, io
from kg_rec.config import Config, FriendsConfig, InteractionsConfig, seconds
from kg_rec.ids import KGREC, RDFS, SCHEMA, mint
from kg_rec.io.rows import RowError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Fit = Callable[..., Recommender]

DAY = 86400.0
KINDS = ["click", "dwell", "favourite", "purchase", "rating", "view"]
BASE = Config().base_iri


def read(
    rows: list[dict[str, Any]], *, dislike: float = 0.5, **settings: Any
) -> dict[tuple[str, str], io.Event]:
    table = io.read_table(pd.DataFrame(rows), "interactions")
    config = InteractionsConfig.model_validate(settings)
    found = io.read_interactions(table, config, ["a", "b", "c", "d"], dislike=dislike)
    assert [(e.user, e.item) for e in found] == sorted((e.user, e.item) for e in found)
    return {(e.user, e.item): e for e in found}


def weight(*rows: dict[str, Any], **settings: Any) -> float:
    """Return the weight that some events of u with a come to."""
    events = read([{"user": "u", "item": "a", **row} for row in rows], **settings)
    return events["u", "a"].weight


# --- kinds -----------------------------------------------------------------------------------


def test_default_kinds_are_ordered_by_how_sure_a_sign_they_are() -> None:
    kinds = InteractionsConfig().kinds
    assert sorted(kinds) == KINDS
    order = ["view", "click", "dwell", "purchase", "favourite", "rating"]
    weights = [kinds[kind].weight for kind in order]
    assert weights == sorted(weights)
    assert weights[0] > 0


def test_settings_of_a_kind_may_state_a_part_only() -> None:
    kinds = Config.parse({"interactions": {"kinds": {"view": {"weight": 0.3}, "skip": {}}}})
    view = kinds.interactions.kinds["view"]
    assert (view.weight, view.half_life) == (0.3, "90d")
    assert set(kinds.interactions.kinds) == {*KINDS, "skip"}
    assert Config.parse(kinds.model_dump(mode="json")) == kinds


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"kinds": {"view": {"weigth": 1}}}, "'interactions.kinds.view.weigth'; did you mean"),
        ({"kinds": {"view": {"weight": 2}}}, "'interactions.kinds.view.weight': "),
        ({"kinds": {"view": 2}}, "expected a table of settings, as in [interactions.kinds.view]"),
        ({"half_life": "3 months"}, "a positive number with a unit (s, min, h, d, w, y), as in"),
        ({"half_life": "0d"}, "found '0d'"),
        ({"half_life": "-1d"}, "found '-1d'"),
        ({"kinds": {"x": {"half_life": "90m"}}}, "'interactions.kinds.x.half_life': expected a"),
    ],
)
def test_wrong_settings_are_named(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.parse({"interactions": values})
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90d", 90 * DAY), ("1.5 h", 5400), ("2w", 14 * DAY), ("1y", 365.25 * DAY), ("5min", 300)],
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected
    assert seconds("never") == math.inf


def test_one_event_has_the_weight_of_its_kind() -> None:
    for kind, weight_of in (("view", 0.2), ("click", 0.3), ("favourite", 0.9), ("purchase", 0.8)):
        assert weight({"kind": kind}) == pytest.approx(weight_of)


def test_several_events_saturate() -> None:
    views = [weight(*[{"kind": "view"}] * n) for n in range(1, 40)]
    assert views == sorted(views)
    assert views[1] == pytest.approx(1 - 0.8**2)
    assert views[-1] < 1.0
    assert weight({"kind": "view", "weight": 7}) == pytest.approx(views[6])
    both = weight({"kind": "view"}, {"kind": "purchase"})
    assert both == pytest.approx(1 - 0.8 * 0.2)


def test_dwell_time_counts_by_its_logarithm_up_to_full() -> None:
    def dwell(t: float) -> float:
        return weight({"kind": "dwell", "weight": t})

    assert dwell(0) == 0.0
    assert dwell(30) == pytest.approx(0.6 * math.log(31) / math.log(301))
    assert dwell(300) == pytest.approx(0.6)
    assert dwell(1e5) == pytest.approx(0.6)
    short = weight({"kind": "dwell", "weight": 30}, kinds={"dwell": {"full": 30}})
    assert short == pytest.approx(0.6)


def test_ratings_below_the_threshold_count_against_and_outdo_views() -> None:
    up, down = {"kind": "rating", "weight": 8}, {"kind": "rating", "weight": 3}
    view = {"kind": "view", "weight": None}
    assert weight(up, like_at=7) == 1.0
    assert weight(down, like_at=7) == -0.5
    assert weight(view, view, down, view, like_at=7) == -0.5
    assert weight({"kind": "purchase", "weight": None}, down, like_at=7) == -0.5
    assert weight(view, up, like_at=7) == 1.0


def test_of_ratings_the_last_counts_by_time_then_by_row() -> None:
    up, down = {"kind": "rating", "weight": 8}, {"kind": "rating", "weight": 3}
    assert weight(up, down, like_at=7) == -0.5
    assert weight(down, up, like_at=7) == 1.0
    assert weight({**up, "timestamp": 9}, {**down, "timestamp": 5}, like_at=7) == 1.0
    assert weight({**up, "timestamp": 5}, {**down, "timestamp": 5}, like_at=7) == -0.5
    plain = [{"weight": 8, "timestamp": 9}, {"weight": 3, "timestamp": 5}]
    assert weight(*plain, like_at=7) == 1.0


def test_kinds_of_ones_own_may_count_against() -> None:
    kinds = {"skip": {"weight": -0.4}, "listen": {"value": "seconds", "weight": 1.0, "full": 180}}
    assert weight({"kind": "skip"}, kinds=kinds) == pytest.approx(-0.4)
    listened = {"kind": "listen", "weight": 200}
    assert weight(listened, {"kind": "skip"}, kinds=kinds) == pytest.approx(0.6)


def test_an_event_knows_what_happened_and_when() -> None:
    rows = [
        {"user": "u", "item": "a", "kind": "view", "timestamp": 5},
        {"user": "u", "item": "a", "kind": "view", "timestamp": 7},
        {"user": "u", "item": "a", "kind": "purchase", "timestamp": 6},
    ]
    event = read(rows, kinds={"view": {"half_life": "never"}})["u", "a"]
    assert event.time == 7
    assert [act.kind for act in event.acts] == ["purchase", "view"]
    assert [act.strength for act in event.acts] == pytest.approx([0.8, 0.36])


# --- half-lives ------------------------------------------------------------------------------


def test_an_event_halves_in_its_half_life_from_the_latest_on() -> None:
    rows: list[dict[str, Any]] = [
        {"user": "u", "item": "a", "kind": "view", "timestamp": 0},
        {"user": "u", "item": "b", "kind": "view", "timestamp": 90 * DAY},
        {"user": "v", "item": "b", "kind": "view", "timestamp": 180 * DAY},
        {"user": "v", "item": "a", "kind": "purchase", "timestamp": 0},
    ]
    found = {pair: event.weight for pair, event in read(rows).items()}
    expected = {("u", "a"): 0.05, ("u", "b"): 0.1, ("v", "b"): 0.2, ("v", "a"): 0.8}
    assert found == pytest.approx(expected)
    later = [{**row, "timestamp": row["timestamp"] + 1e8} for row in rows]
    assert {pair: event.weight for pair, event in read(later).items()} == pytest.approx(found)


def test_the_half_life_of_the_table_holds_where_a_kind_states_none() -> None:
    rows = [
        {"user": "u", "item": "a", "timestamp": 0, "weight": 8.0},
        {"user": "u", "item": "b", "timestamp": DAY, "weight": 8.0},
    ]
    assert read(rows)["u", "a"].weight == 8.0
    assert read(rows, half_life="1d")["u", "a"].weight == 4.0
    assert read(rows, half_life="1d", like_at=7)["u", "a"].weight == 0.5
    kinds = [{**row, "kind": kind} for row, kind in zip(rows, ("rating", "view"), strict=True)]
    found = read(kinds, half_life="1d", like_at=7)
    assert [e.weight for e in found.values()] == pytest.approx([0.5, 1 - 0.8**8])


def test_an_event_never_fades_to_nothing() -> None:
    rows = [
        {"user": "u", "item": "a", "timestamp": "1970-01-01"},
        {"user": "u", "item": "b", "timestamp": "2024-05-01"},
    ]
    assert 0 < read(rows, half_life="1h")["u", "a"].weight < 1e-8


counts = st.lists(
    st.tuples(
        st.sampled_from("uv"),
        st.sampled_from("ab"),
        st.sampled_from(KINDS),
        st.floats(0, 400),
        st.integers(0, 10**8),
    ),
    min_size=1,
    max_size=12,
)


@settings(deadline=None)
@given(counts)
def test_weights_agree_with_the_formula_row_by_row(
    rows: list[tuple[str, str, str, float, int]],
) -> None:
    kinds = InteractionsConfig().kinds
    now = max(row[4] for row in rows)
    expected: dict[tuple[str, str], float] = {}
    for pair in {row[:2] for row in rows}:
        own = [row for row in rows if row[:2] == pair]
        rated = [row for row in own if row[2] == "rating"]
        last = max(rated, key=lambda row: row[4], default=None)
        last = last and [row for row in rated if row[4] == last[4]][-1]
        if last and last[3] < 200:
            expected[pair] = -0.5
            continue
        missing = 0.0 if last else 1.0
        for _, _, name, value, time in own:
            if name != "rating":
                kind = kinds[name]
                half = seconds(kind.half_life or "never")
                sure = kind.weight * min(math.log1p(value) / math.log1p(300), 1)
                if name != "dwell":
                    sure = 1 - (1 - kind.weight) ** value
                missing *= 1 - sure * 2.0 ** -min((now - time) / half, 30)
        expected[pair] = 1 - missing
    columns = ("user", "item", "kind", "weight", "timestamp")
    found = read([dict(zip(columns, row, strict=True)) for row in rows], like_at=200)
    assert {k: e.weight for k, e in found.items()} == pytest.approx(expected, abs=1e-12)


# --- times -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cell",
    [
        1700000000,
        1.7e9,
        "1700000000",
        "2023-11-14T22:13:20Z",
        "2023-11-14 22:13:20",
        "2023-11-14T23:13:20+01:00",
        datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        pd.Timestamp("2023-11-14 22:13:20"),
    ],
)
def test_times_are_seconds_or_iso_8601(cell: object) -> None:
    assert io.time_of("t", cell) == 1.7e9


def test_dates_and_empty_times() -> None:
    assert io.time_of("t", date(1970, 1, 3)) == 2 * DAY
    assert all(math.isnan(io.time_of("t", cell)) for cell in (None, math.nan, pd.NaT))


@pytest.mark.parametrize("cell", ["yesterday", "14.11.2023", True, [1], math.inf, "nan"])
def test_what_is_no_time(cell: object) -> None:
    with pytest.raises(RowError) as caught:
        io.time_of("t", cell)
    message = f"column 't': found {cell!r}, expected seconds since 1970 or ISO 8601"
    assert str(caught.value) == message


def test_milliseconds_are_told_apart() -> None:
    with pytest.raises(RowError, match="are these milliseconds"):
        io.time_of("t", 1700000000000)


def test_times_of_dataframes(fit: Fit) -> None:
    moments = [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)]
    columns = {"user": ["u", "u"], "item": ["a", "b"], "timestamp": moments}
    for frame in (pd.DataFrame(columns), pl.DataFrame(columns)):
        model = fit(interactions=frame, config={"interactions": {"half_life": "1d"}})
        found = model.history("u")
        assert [(h.item, h.weight, h.last) for h in found] == [
            ("b", 1.0, moments[1]),
            ("a", 0.5, moments[0]),
        ]


# --- bad rows --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"kind": "vew"},
            "column 'kind': found 'vew', expected one of KINDS; did you mean 'view'?",
        ),
        (
            {"kind": "zap"},
            "column 'kind': found 'zap', expected one of KINDS; or add [interactions.kinds.zap]",
        ),
        ({"kind": None}, "column 'kind': empty, expected a kind of event"),
        (
            {"kind": "dwell", "weight": -1},
            "column 'weight': found -1, expected seconds from 0 to 1e6",
        ),
        ({"kind": "dwell", "weight": None}, "column 'weight': found None, expected seconds"),
        ({"kind": "view", "weight": -2}, "column 'weight': found -2, expected a count from 0"),
        ({"kind": "rating", "weight": None}, "column 'weight': found None, expected a rating"),
        ({"timestamp": "soon"}, "column 'timestamp': found 'soon', expected seconds since 1970 or"),
        (
            {"timestamp": None},
            "column 'timestamp': empty, expected a time, since the event fades",
        ),
    ],
)
def test_a_bad_row_is_named(row: dict[str, Any], message: str) -> None:
    message = message.replace("KINDS", "view, click, dwell, favourite, rating, purchase")
    good = {"user": "u", "item": "a", "kind": "view", "weight": 1, "timestamp": "2024-01-01"}
    with pytest.raises(DataError) as caught:
        read([good, {**good, **row}], like_at=3)
    assert str(caught.value).startswith(f"interactions, row 2, {message}")


def test_bad_rows_are_dropped_if_asked(fit: Fit) -> None:
    rows = pd.DataFrame({"user": ["u", "u"], "item": ["a", "b"], "kind": ["view", "vew"]})
    with pytest.warns(match="^1 row of interactions dropped; the first: interactions, row 2, col"):
        model = fit(interactions=rows, config={"bad_rows": "drop"})
    assert [h.item for h in model.history("u")] == ["a"]


def test_ratings_among_kinds_need_a_threshold() -> None:
    with pytest.raises(ConfigError, match=r"interactions\.like_at: needed for ratings"):
        read([{"user": "u", "item": "a", "kind": "rating", "weight": 3}])


def test_a_named_column_must_be_there() -> None:
    with pytest.raises(DataError, match=r"no column 'what' \(setting interactions.kind\)"):
        read([{"user": "u", "item": "a"}], kind="what")
    with pytest.raises(DataError, match=r"no column 'when' \(setting interactions.timestamp\)"):
        read([{"user": "u", "item": "a"}], timestamp="when")


# --- tables without kinds --------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("uv"), st.sampled_from("ab"), st.floats(-5, 5)),
        min_size=1,
        max_size=30,
    )
)
def test_without_kinds_weights_add_up_in_the_order_of_the_table(
    rows: list[tuple[str, str, float]],
) -> None:
    totals: dict[tuple[str, str], float] = {}
    for user, item, value in rows:
        totals[user, item] = value + totals.get((user, item), 0.0)
    columns = ("user", "item", "weight")
    found = read([dict(zip(columns, row, strict=True)) for row in rows])
    assert {pair: event.weight for pair, event in found.items()} == totals
    assert all(event.acts == () and event.time is None for event in found.values())


# --- popularity ------------------------------------------------------------------------------


def test_popularity_counts_recent_likes_more(fit: Fit) -> None:
    rows = {"user": list("stuvw"), "item": list("aaabb"), "timestamp": [0, 0, 0, 10 * DAY, 9 * DAY]}

    def popular(half_life: str, frame: dict[str, Any]) -> list[float]:
        settings = {"popularity_half_life": half_life, "popularity": 1.0}
        vectors = fit(interactions=pd.DataFrame(frame), config={"ranking": settings}).model.vectors
        return list(vectors.block("popularity").matrix.toarray()[:2, 0])

    always = [1.0, math.log(3) / math.log(4)]
    assert popular("never", rows) == pytest.approx(always)
    assert popular("90d", {k: v for k, v in rows.items() if k != "timestamp"}) == always
    old, new = math.log1p(3 * 2**-5), math.log1p(1 + 2**-0.5)
    assert popular("2d", rows) == pytest.approx([old / new, 1.0])
    kinds = {"user": list("tuv"), "item": list("aab"), "kind": ["view", "view", "purchase"]}
    assert popular("never", kinds) == pytest.approx([math.log(1.4) / math.log(1.8), 1.0])


# --- graph, history, model folder ------------------------------------------------------------


@pytest.fixture
def acts(fit: Fit) -> Recommender:
    rows = [
        ("u", "a", "view", None, "2024-01-01"),
        ("u", "a", "purchase", None, "2024-01-03"),
        ("u", "b", "rating", 2, "2024-01-02"),
        ("u", "b", "view", None, "2024-01-02"),
        ("v", "a", "rating", 9, "2024-01-01"),
        ("v", "c", "skip", None, "2024-01-01"),
    ]
    frame = pd.DataFrame(rows, columns=["user", "item", "kind", "weight", "timestamp"])
    settings = {"like_at": 7, "kinds": {"skip": {"weight": -0.4}}}
    return fit(interactions=frame, config={"interactions": settings})


def test_the_graph_says_what_happened(acts: Recommender) -> None:
    u, v = (mint(BASE, "user", name) for name in "uv")
    a, b, c = (mint(BASE, "item", name) for name in "abc")
    skip = Iri(f"{BASE}event/skip")
    expected = {
        (u, KGREC["viewed"], a),
        (u, KGREC["purchased"], a),
        (u, KGREC["ratedDown"], b),
        (u, KGREC["viewed"], b),
        (v, KGREC["ratedUp"], a),
        (v, skip, c),
    }
    done = {t for t in acts.graph if t.subject in {u, v} and t.object in {a, b, c}}
    assert done == expected
    assert (skip, RDFS["subPropertyOf"], KGREC["rejected"]) in acts.graph
    assert not {t for t in acts.graph.without_users() if {u, v, skip} & set(t)}
    strengths = {tuple(s.triple): s.strength for s in acts.graph.statements()}
    assert strengths[u, KGREC["purchased"], a] == 0.8
    assert strengths[u, KGREC["ratedDown"], b] == 0.5


def test_the_history_says_what_happened(acts: Recommender) -> None:
    found = {h.item: h for h in acts.history("u")}
    assert set(found["a"].acts) == {"viewed", "purchased"}
    assert found["a"].last == datetime(2024, 1, 3, tzinfo=UTC)
    assert set(found["b"].acts) == {"disliked", "viewed"}
    assert found["b"].weight == -0.5
    assert [h.acts for h in acts.history("v")] == [("liked",), ("skip",)]


def test_a_model_keeps_acts_and_times(acts: Recommender, tmp_path: Path) -> None:
    again = Recommender.load(acts.save(tmp_path / "model"))
    for user in acts.users:
        assert again.history(user) == acts.history(user)
    assert again.model.config == acts.model.config


def test_what_happened_is_valid_rdf_and_exports_as_interactions(
    acts: Recommender, tmp_path: Path
) -> None:
    from kg_rec.validation import validate  # noqa: PLC0415 - imports pyshacl

    assert validate(acts.graph).violations == ()
    acts.graph.write(tmp_path / "out", "recbole")
    lines = next(tmp_path.rglob("*.inter")).read_text().splitlines()
    rows = {tuple(line.split("\t")[:3]) for line in lines[1:]}
    assert {("u", "a", "1"), ("u", "b", "-1"), ("v", "a", "1")} <= {
        (r[0], r[1], r[2].removesuffix(".0")) for r in rows
    }


# --- friends ---------------------------------------------------------------------------------


def friends(rows: list[dict[str, Any]], **settings: Any) -> list[io.Friend]:
    config = FriendsConfig.model_validate(settings)
    return io.read_friends(io.read_table(pd.DataFrame(rows), "friends"), config)


def test_friends_are_read_once_one_way_or_both() -> None:
    rows = [
        {"user": "u", "friend": "v"},
        {"user": "u", "friend": "v"},
        {"user": "a", "friend": "u"},
    ]
    assert friends(rows) == [io.Friend("a", "u"), io.Friend("u", "v")]
    assert {f[:2] for f in friends(rows, mutual=True)} == {
        ("a", "u"), ("u", "a"), ("u", "v"), ("v", "u"),
    }  # fmt: skip
    weighed = [{**row, "weight": n} for n, row in enumerate(rows, start=1)]
    assert friends(weighed) == [io.Friend("a", "u", 3.0), io.Friend("u", "v", 2.0)]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"friend": "u"}, "column 'friend': found 'u', expected another user"),
        ({"friend": None}, "column 'friend': empty, expected an id"),
        ({"weight": 0}, "column 'weight': found 0, expected a number from 1e-06 to 1e6"),
    ],
)
def test_a_bad_friend_is_named(row: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as caught:
        friends([{"user": "u", "friend": "v", "weight": 1, **row}])
    assert str(caught.value) == f"friends, row 1, {message}"


def test_friends_are_personal_data_of_the_graph(fit: Fit) -> None:
    known = pd.DataFrame({"user": ["u", "u", "x"], "friend": ["v", "w", "u"], "weight": [4, 1, 1]})
    model = fit(interactions=pd.DataFrame({"user": ["u"], "item": ["a"]}), friends=known)
    assert model.users == ("u", "v", "w", "x")
    u, v, w = (mint(BASE, "user", name) for name in "uvw")
    strengths = {tuple(s.triple): (s.strength, s.part) for s in model.graph.statements()}
    assert strengths[u, SCHEMA["knows"], v] == (1.0, "users")
    assert strengths[u, SCHEMA["knows"], w] == (0.25, "users")
    assert not list(model.graph.without_users().triples(predicate=SCHEMA["knows"]))
    assert isinstance(model.graph, KnowledgeGraph)
