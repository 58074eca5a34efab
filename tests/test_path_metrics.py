"""Path metrics against hopwise's own numbers, by hand, and on the explanations of real models."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import path_metrics as benchmark  # tests/benchmarks
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg_rec.evaluation import explaining
from kg_rec.evaluation.path_metrics import (
    METRICS,
    SELF_LOOP,
    ExplanationPath,
    PathHop,
    PathNode,
    lir,
    moving_average,
    path_metrics,
    ppt,
    ptc,
    sep,
)

if TYPE_CHECKING:
    from kg_rec import Recommender

FIXTURE = Path(__file__).parent / "fixtures" / "path_metrics.json"
SHARED = Path(__file__).parents[2] / "shared"
PGPR = {
    "LIR": 0.38261452317,
    "SEP": 0.395870109181,
    "LID": 0.655623286235,
    "SED": 0.988266998342,
    "LITD": 0.05013405205,
    "SETD": 0.077168366692,
    "PTD": 0.096257445109,
    "PTC": 0.094186849917,
    "PPT": 0.276271702711,
}
"""What hopwise 0.9.1.post1 says of PGPR's 18,724 paths, its sort made stable."""
PGPR_LIR_UNSTABLE = 0.384637415409
"""LIR with numpy's unstable sort, as hopwise calls it: items of one time change places."""


def path(user: str, *steps: tuple[str, str] | tuple[str, str, str]) -> ExplanationPath:
    """Return a path from (relation, node) or (relation, type, node)."""
    nodes = [PathNode(user, "user")]
    hops = []
    for relation, *rest in steps:
        *kind, name = rest
        nodes.append(PathNode(name, *kind, is_item=name.startswith("i")))
        hops.append(PathHop(nodes[-2], relation, nodes[-1]))
    return ExplanationPath(user, nodes[-1].id, tuple(hops))


@pytest.fixture(scope="module")
def made_up() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FIXTURE.read_text(encoding="utf-8"))
    return found


def fixture_paths(told: dict[str, Any]) -> list[ExplanationPath]:
    def node(kind: str, name: str) -> PathNode:
        return PathNode(name, kind, is_item=kind != "user" and int(name) < told["items"])

    found = []
    for user, item, nodes in told["paths"]:
        places = [node(*rest) for _, *rest in nodes]
        steps = zip(places, nodes[1:], places[1:], strict=False)
        found.append(ExplanationPath(user, item, tuple(PathHop(a, r[0], b) for a, r, b in steps)))
    return found


def test_made_up_paths_score_as_in_hopwise(made_up: dict[str, Any]) -> None:
    found = path_metrics(
        fixture_paths(made_up),
        relations=made_up["relations"],
        longest=made_up["longest"],
        times=made_up["times"],
        popularity={kind: dict(pairs) for kind, pairs in made_up["links"].items()},
    )
    assert found == {
        name: pytest.approx(value, abs=5e-8 if name == "LIR" else 1e-11)  # LIR there is float32
        for name, value in made_up["hopwise"].items()
    }


def test_pgpr_scores_as_in_hopwise() -> None:
    paths, data = SHARED / "peers" / "hopwise_PGPR_paths.jsonl.gz", SHARED / "data" / "ml-100k"
    if not (paths.exists() and data.exists()):
        pytest.skip("needs ../shared/peers and ../shared/data/ml-100k")
    world = benchmark.read_world(data, "ml-100k.link.as_shipped")
    found = benchmark.judge(benchmark.read_paths(paths, most=None), world)
    assert found == {name: pytest.approx(value, abs=1e-8) for name, value in PGPR.items()}
    assert found["LIR"] == pytest.approx(PGPR_LIR_UNSTABLE, abs=3e-3)


# --- by hand -------------------------------------------------------------------------------------


@given(st.lists(st.floats(0, 1e9), min_size=2, max_size=60).map(sorted))
def test_moving_average_is_that_of_pandas(values: list[float]) -> None:
    found = moving_average(values)
    shown = pd.Series(range(len(values)) if values[0] == values[-1] else values, dtype=float)
    average = shown.ewm(span=len(shown)).mean()
    span = average.max() - average.min()
    if span > 1e-6 * average.max():
        assert found == pytest.approx(((average - average.min()) / span).to_numpy(), abs=1e-6)
    assert found.min() == 0.0
    assert found.max() == 1.0


def test_recency_rises_with_time() -> None:
    paths = [path("u", ("had", f"i{n}"), ("like", "i9")) for n in (1, 2, 3)]
    found = lir(paths, {"u": {"i3": 300.0, "i1": 100.0, "i2": 200.0}})
    assert found[0] == 0.0
    assert 0.0 < found[1] < found[2] == 1.0


def test_recency_of_what_was_not_had_is_zero_and_of_what_is_no_item_is_left_out() -> None:
    strange = path("u", ("had", "i7"), ("like", "i9"))
    said = path("u", ("likes", "crime"), ("genre", "i9"))
    assert lir([strange, said], {"u": {"i1": 1.0, "i2": 2.0}}).tolist() == [0.0]
    assert lir([strange], {}).tolist() == [0.0]


def test_popularity_is_scaled_by_type() -> None:
    links = {"entity": {"rare": 1.0, "usual": 5.0, "hub": 99.0}, "user": {"v": 2.0, "w": 3.0}}
    paths = [
        path("u", ("had", "i1"), ("genre", end), ("genre", "i2"))
        for end in ("rare", "usual", "hub")
    ]
    paths.append(path("u", ("had", "i1"), ("had", "user", "w"), ("had", "i2")))
    paths.append(path("u", ("had", "i1"), ("genre", "unknown"), ("genre", "i2")))
    found = sep(paths, links)
    assert found[0] == 0.0 < found[1] < found[2] == 1.0
    assert found[3:].tolist() == [1.0, 0.0]


def test_diversities_by_hand() -> None:
    paths = [
        path("u", ("had", "i1"), ("genre", "crime"), ("genre", "i7")),
        path("u", ("had", "i1"), ("genre", "crime"), ("genre", "i8")),
        path("u", ("had", "i2"), ("had", "user", "v"), ("had", "i9")),
        path("w", ("had", "i1"), ("genre", "crime"), ("genre", "i7")),
    ]
    found = path_metrics(paths, relations=2, longest=7)
    assert found == {
        "LIR": None,
        "SEP": None,
        "LID": (2 / 3 + 1) / 2,
        "SED": (2 / 3 + 1) / 2,
        "LITD": (1 / 3 + 1) / 2,
        "SETD": (2 / 3 + 1) / 2,
        "PTD": (2 / 2 + 1) / 2,
        "PTC": pytest.approx((1 - 2 / 6 + 0) / 2),
        "PPT": (2 / 3 + 1) / 2,
    }
    assert list(found) == list(METRICS)


def test_a_padding_hop_has_no_type_of_its_own() -> None:
    short = path("u", ("had", "i1"), ("sequel", "i2"), (SELF_LOOP, "i2"))
    assert short.type == "sequel"
    assert ptc([short, path("u", ("had", "i1"), ("sequel", "i3"))]).tolist() == [0.0]


def test_patterns_never_exceed_one() -> None:
    paths = [path("u", ("had", "i1"), (f"r{n}", "i2")) for n in range(9)]
    assert ppt(paths, longest=7).tolist() == [1.0]


def test_no_paths_are_no_numbers() -> None:
    assert set(path_metrics([], relations=1, longest=7, times={}, popularity={}).values()) == {None}


# --- the explanations of a model -----------------------------------------------------------------


def test_a_model_is_exact_and_grounded(starter: Recommender) -> None:
    found = explaining.explain_metrics(starter, k=5)
    assert found["users"] == len(starter.users)
    assert found["items"] == sum(len(starter.recommend(user, k=5)) for user in starter.users)
    assert found["additivity_error"] < 1e-12
    assert found["deletion_error"] < 1e-9
    assert 0 < found["evidence_share"] < found["path_share"] <= 1
    assert 0 <= found["similarity_share"] < 1
    assert found["reasons_per_item"] >= 1
    assert found["LIR"] is None
    assert all(0 <= found[name] <= 1 for name in METRICS if name != "LIR")


def test_shares_are_those_of_the_terms(starter: Recommender) -> None:
    user = starter.users[0]
    terms = [t for r in starter.recommend(user, k=3) for t in r.contributions if t.value > 0]
    mass = math.fsum(t.value for t in terms)
    told = math.fsum(t.value for t in terms if t.evidence)
    found = explaining.explain_metrics(starter, [user], k=3)
    assert found["evidence_share"] == pytest.approx(told / mass)


def test_a_wrong_term_is_found_out(tiny: Recommender, monkeypatch: pytest.MonkeyPatch) -> None:
    assert explaining.explain_metrics(tiny, ["v"])["additivity_error"] < 1e-12
    real = tiny.recommend

    def lying(*args: Any, **options: Any) -> Any:
        found = real(*args, **options)
        first = found[0].contributions[0]
        object.__setattr__(first, "value", first.value * 1.5)
        return found

    monkeypatch.setattr(tiny, "recommend", lying)
    found = explaining.explain_metrics(tiny, ["v"])
    assert found["additivity_error"] > 0.1
    assert found["deletion_error"] > 0.1


def test_paths_begin_at_the_user_and_end_at_the_item(starter: Recommender) -> None:
    iris = {item.iri for item in starter.items}
    for user in starter.users:
        for best in starter.recommend(user, k=5):
            found = explaining.best_path(user, best, iris)
            if found is None:
                continue
            assert found.hops[0].head == PathNode(user, "user")
            assert found.hops[-1].tail == PathNode(best.iri, is_item=True)
            assert all(a.tail == b.head for a, b in zip(found.hops, found.hops[1:], strict=False))


def test_recency_is_told_where_times_are(fit: Any) -> None:
    events = pd.DataFrame(
        {"user": ["u", "u", "u", "v"], "item": ["a", "c", "d", "b"], "timestamp": [10, 20, 30, 40]}
    )
    model = fit(interactions=events)
    times = explaining.event_times(model)
    assert times is not None
    node = {item.id: str(item.iri) for item in model.items}
    assert times["u"] == {node["a"]: 10.0, node["c"]: 20.0, node["d"]: 30.0}
    found = explaining.explain_metrics(model, ["u"])  # b is left, and a has its genre
    assert found["LIR"] == 0.0


def test_links_are_facts_and_events(tiny: Recommender) -> None:
    found = explaining.link_counts(tiny.graph)
    assert {name.rsplit("/", 1)[-1]: n for name, n in found["user"].items()} == {
        "u": 1.0,
        "v": 2.0,
        "w": 1.0,
    }
    alpha = next(str(item.iri) for item in tiny.items if item.id == "a")
    assert found["entity"][alpha] == 3.0  # its genre, and two users
    assert np.isfinite(list(found["entity"].values())).all()
