"""Metrics equal those of RecBole, ranx and the scorer of record; splits; the protocol."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats

import kg_rec
from kg_rec import (
    ConfigError,
    DataError,
    DataWarning,
    Iri,
    KnowledgeGraph,
    collaborative,
    evaluation,
    ranking,
)
from kg_rec.config import RankingConfig
from kg_rec.evaluation import EvaluationConfig, load_data, metrics, splits, statistics, tuning
from kg_rec.evaluation.ablation import shuffled, shuffled_graph, without_graph
from kg_rec.evaluation.bench import task_of
from kg_rec.evaluation.comparing import SCORERS
from kg_rec.evaluation.histories import _Models, _without
from kg_rec.evaluation.linking import link_items
from kg_rec.evaluation.protocol import bench_of
from kg_rec.evaluation.settings_file import with_ranking
from kg_rec.evaluation.tables import read_cells, read_events, read_ids, read_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg_rec.evaluation import Evaluation

FIXTURES = Path(__file__).parent / "fixtures"
SHARED = Path(__file__).parents[2] / "shared"
ACCURACY = {
    "ndcg": metrics.ndcg,
    "recall": metrics.recall,
    "precision": metrics.precision,
    "hit": metrics.hit,
    "mrr": metrics.reciprocal_rank,
    "map": metrics.average_precision,
}


def csr(rows: list[list[int]], items: int) -> sparse.csr_array:
    dense = np.zeros((len(rows), items))
    for row, columns in enumerate(rows):
        dense[row, columns] = 1.0
    return sparse.csr_array(dense)


# --- metrics -------------------------------------------------------------------------------------


def test_metrics_equal_recbole() -> None:
    """Numbers of RecBole's own classes, on lists that the fixture holds."""
    told = json.loads((FIXTURES / "recbole_metrics.json").read_text())
    ranked = np.array(told["ranked"])
    relevant = csr(told["relevant"], told["items"])
    counts = np.array(told["training_counts"], dtype=np.float64)
    for k in (5, 10, 20):
        found = {name: metric(ranked, relevant, k).mean() for name, metric in ACCURACY.items()}
        found["itemcoverage"] = metrics.coverage(ranked, told["items"], k)
        found["giniindex"] = metrics.gini(ranked, told["items"], k)
        found["averagepopularity"] = metrics.average_popularity(ranked, counts, k).mean()
        for name, value in found.items():
            assert value == pytest.approx(told["metrics"][f"{name}@{k}"], abs=1e-9), name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of ranx and numba
def test_metrics_equal_ranx() -> None:
    """User by user; MAP where both define the same thing: no more than k relevant items."""
    ranx = pytest.importorskip("ranx", reason="ranx is not installed")
    rng = np.random.default_rng(2)
    ranked = np.stack([rng.permutation(50)[:12] for _ in range(30)])
    rows = [sorted(rng.permutation(50)[: rng.integers(1, 20)].tolist()) for _ in range(30)]
    relevant = csr(rows, 50)
    qrels = ranx.Qrels({f"{u:02}": {str(i): 1 for i in row} for u, row in enumerate(rows)})
    run = ranx.Run(
        {f"{u:02}": {str(i): 100.0 - r for r, i in enumerate(row)} for u, row in enumerate(ranked)}
    )
    names = {"ndcg": "ndcg", "recall": "recall", "precision": "precision", "hit": "hit_rate"}
    names |= {"mrr": "mrr", "map": "map"}
    for k in (5, 10):
        for name, theirs in names.items():
            values = ranx.evaluate(qrels, run, f"{theirs}@{k}", return_mean=False)
            ours = ACCURACY[name](ranked, relevant, k)
            few = np.array([name != "map" or len(row) <= k for row in rows])
            assert few.sum() > 3
            np.testing.assert_allclose(ours[few], values[few], atol=1e-9, err_msg=name)


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_metrics_equal_a_plain_oracle(data: st.DataObject) -> None:
    """Loops over lists and sets, short lists and users with nothing relevant among them."""
    items = data.draw(st.integers(1, 8))
    k = data.draw(st.integers(1, 6))
    orders = data.draw(st.lists(st.permutations(range(items)), min_size=1, max_size=5))
    lists = [order[: data.draw(st.integers(0, items))] for order in orders]
    rows = [data.draw(st.lists(st.integers(0, items - 1), unique=True)) for _ in lists]
    width = max(map(len, lists))
    ranked = np.array([[*found, *[-1] * (width - len(found))] for found in lists], dtype=np.int64)
    ranked = ranked.reshape(len(lists), width)
    for name, metric in ACCURACY.items():
        values = metric(ranked, csr(rows, items), k)
        for value, found, row in zip(values, lists, rows, strict=True):
            expected = _oracle(name, found[:k], set(row), k)
            assert value == pytest.approx(expected, nan_ok=True), name


def _oracle(name: str, found: list[int], relevant: set[int], k: int) -> float:
    if not relevant:
        return math.nan
    places = [place for place, item in enumerate(found, start=1) if item in relevant]
    ideal = min(len(relevant), k)
    return {
        "ndcg": sum(1 / math.log2(p + 1) for p in places)
        / sum(1 / math.log2(p + 1) for p in range(1, ideal + 1)),
        "recall": len(places) / len(relevant),
        "precision": len(places) / k,
        "hit": float(bool(places)),
        "mrr": 1 / places[0] if places else 0.0,
        "map": sum(n / p for n, p in enumerate(places, start=1)) / ideal,
    }[name]


def test_ndcg_takes_the_ideal_over_all_that_is_relevant() -> None:
    """KGAT's takes it over the own hits, and finds 1 here."""
    value = metrics.ndcg(np.array([[0, 3, 4]]), csr([[0, 1, 2]], 5), 3)[0]
    assert value == pytest.approx(1 / (1 + 1 / math.log2(3) + 1 / 2))


def test_diversity_is_the_mean_over_pairs() -> None:
    rng = np.random.default_rng(0)
    features = sparse.csr_array(rng.random((9, 4)) * (rng.random((9, 4)) < 0.6))
    ranked = np.array([[0, 1, 2, 3], [5, 8, -1, -1], [7, -1, -1, -1]])
    dense = features.toarray()
    norms = np.linalg.norm(dense, axis=1)
    unit = dense / np.where(norms > 0, norms, 1)[:, None]
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    expected = [1 - np.mean([unit[a] @ unit[b] for a, b in pairs]), 1 - unit[5] @ unit[8]]
    found = metrics.diversity(ranked, features, 4)
    assert found[:2] == pytest.approx(expected)
    assert math.isnan(found[2])


# --- statistics ----------------------------------------------------------------------------------


def test_intervals_equal_those_of_scipy() -> None:
    values = np.random.default_rng(4).random(300) ** 3
    low, high = statistics.bootstrap_interval(values[:, None], resamples=4000, seed=1)
    other = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=4000, rng=np.random.default_rng(2)
    ).confidence_interval
    assert (low[0], high[0]) == pytest.approx((other.low, other.high), abs=0.004)


def test_intervals_cover_the_mean_as_often_as_they_say() -> None:
    rng = np.random.default_rng(6)
    table = rng.exponential(1.0, (80, 400))  # 400 samples of a known mean
    covered = []
    for column in table.T:
        low, high = statistics.bootstrap_interval(column[:, None], resamples=400, seed=3)
        covered.append(low[0] <= 1.0 <= high[0])
    assert 0.88 <= np.mean(covered) <= 0.98


def test_the_paired_test_equals_that_of_scipy() -> None:
    rng = np.random.default_rng(9)
    one, other = rng.random(40) + 0.08, rng.random(40)
    found = statistics.paired_test(one, other, seed=5)
    theirs = stats.permutation_test(
        (one, other),
        lambda a, b, axis: np.mean(a - b, axis=axis),
        permutation_type="samples",
        n_resamples=9999,
        vectorized=True,
        rng=np.random.default_rng(1),
    )
    assert found.mean == pytest.approx(np.mean(one - other))
    assert found.p == pytest.approx(theirs.pvalue, abs=0.02)


def test_the_paired_test_is_uniform_where_there_is_no_difference() -> None:
    rng = np.random.default_rng(8)
    found = [
        statistics.paired_test(rng.random(30), rng.random(30), resamples=199, seed=n).p
        for n in range(300)
    ]
    assert 0.02 <= np.mean(np.array(found) <= 0.05) <= 0.09


# --- splits --------------------------------------------------------------------------------------

EVENTS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7)), min_size=1, max_size=60)


@given(EVENTS, st.integers(0, 3))
@settings(deadline=None)
def test_a_random_split_takes_the_same_share_of_each_user(
    events: list[tuple[int, int]], seed: int
) -> None:
    users = np.array([user for user, _ in events])
    parts = splits.random(users, valid=0.2, test=0.3, seed=seed)
    assert (parts == splits.random(users, valid=0.2, test=0.3, seed=seed)).all()
    for user in set(users.tolist()):
        own = parts[users == user]
        count = len(own)
        assert (own == splits.TEST).sum() == min(max(1, int(0.3 * count)), count - 1)
        assert (own == splits.TRAIN).any()


@given(EVENTS, st.integers(0, 3))
@settings(deadline=None)
def test_cold_items_and_users_are_in_one_part_only(
    events: list[tuple[int, int]], seed: int
) -> None:
    users, items = (np.array(column) for column in zip(*events, strict=True))
    for parts, codes in (
        (splits.cold_items(items, valid=0.3, test=0.3, seed=seed), items),
        (splits.cold_users(users, valid=0.3, test=0.3, seed=seed), users),
    ):
        for code in set(codes.tolist()):
            assert len(set(parts[codes == code].tolist())) == 1


def test_cold_users_keep_as_many_events_as_asked() -> None:
    users = np.repeat(np.arange(10), 6)
    parts = splits.cold_users(users, valid=0.2, test=0.3, known=2, seed=1)
    kept = {u: int((parts[users == u] == splits.TRAIN).sum()) for u in range(10)}
    assert sorted(kept.values()) == [2] * 5 + [6] * 5


def test_a_split_by_time_learns_from_nothing_later() -> None:
    rng = np.random.default_rng(3)
    times = rng.integers(0, 40, 200).astype(float)
    parts = splits.by_time(rng.integers(0, 9, 200), times, valid=0.2, test=0.2)
    assert times[parts == splits.TRAIN].max() < times[parts == splits.VALID].min()
    assert times[parts == splits.VALID].max() < times[parts == splits.TEST].min()
    with pytest.raises(DataError, match="no timestamp"):
        splits.by_time(np.zeros(2, dtype=int), np.array([1.0, math.nan]))


def test_leave_one_out_takes_the_latest() -> None:
    users = np.array([0, 0, 0, 1, 1, 2])
    times = np.array([5.0, 9.0, 7.0, 2.0, 1.0, 3.0])
    assert splits.leave_one_out(users, times).tolist() == [0, 2, 1, 2, 0, 0]
    drawn = splits.leave_one_out(np.zeros(5, dtype=int), seed=4)
    assert sorted(drawn.tolist()) == [0, 0, 0, 1, 2]


# --- reading -------------------------------------------------------------------------------------


def written(folder: Path, **files: str) -> Path:
    """Write files; a name's last ``_`` is the dot of its end."""
    for name, text in files.items():
        stem, _, end = name.rpartition("_")
        (folder / f"{stem}.{end}").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a_tsv", "user_id\titem_id\trating\ttimestamp\nu\ti\t4\t10\nv\tj\t5\t20\n"),
        ("a_csv", "timestamp,item,user,rating\n10,i,u,4\r\n\r\n20,j,v,5"),
        ("a_csv", 'user_id,item_id,rating,timestamp\n"u",i,4,1970-01-01T00:00:10\n"v",j,5,20\n'),
        (
            "a_inter",
            "user_id:token\titem_id:token\trating:float\ttimestamp:float\nu\ti\t4\t10\nv\tj\t5\t20",
        ),
    ],
)
def test_events_of_all_layouts(tmp_path: Path, name: str, text: str) -> None:
    path = written(tmp_path, **{name: text}) / name.replace("_", ".")
    found = read_events(path)
    assert [found.user_ids[u] for u in found.users] == ["u", "v"]
    assert [found.item_ids[i] for i in found.items] == ["i", "j"]
    assert found.ratings is not None
    assert found.times is not None
    assert (found.ratings.tolist(), found.times.tolist()) == ([4.0, 5.0], [10.0, 20.0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected a header in the first line, found none"),
        (
            "user_id\tfilm\n1\t2\n",
            "line 1: no column 'item' or 'item_id'; columns: 'user_id', 'film'",
        ),
        ("user_id\titem_id\n1\t2\n3\n", "line 3: 1 cells, expected 2 as in the header"),
        ("user_id\titem_id\n\n1\t2\n3\t \n", "line 4, column 'item_id': found ' ', expected an id"),
        ('user_id\titem_id\n1\t"a\tb"\n', "line 2, column 'item_id': found 'a\\tb', expected an"),
        ("user_id\titem_id\trating\n1\t2\tgood\n", "line 2, column 'rating': found 'good', exp"),
        ("user_id\titem_id\ttimestamp\n1\t2\tnow\n", "line 2, column 'timestamp': found 'now'"),
        ("user_id\titem_id\titem_id\n1\t2\t3\n", "line 1: column 'item_id' is there twice"),
        ('user_id\titem_id\n1\t"2\n', "line 2: not a table"),
    ],
)
def test_bad_events_are_named(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, bad_tsv=text) / "bad.tsv"
    with pytest.raises(DataError) as caught:
        read_events(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes(b"user_id\titem_id\nu\t\xff\n")
    with pytest.raises(DataError, match="line 2: byte 0xff is not UTF-8"):
        read_cells(tmp_path / "a.tsv")
    with pytest.raises(DataError, match=r"none\.tsv: cannot be read: No such file"):
        read_cells(tmp_path / "none.tsv")


def test_links_in_either_order(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        a_tsv="entity_id\titem_id\ne1\ti1\n",
        b_link="item_id:token\tentity_id:token\ni1\te1\n",
        c_tsv="item_id\tentity_id\ni1\te1\ni1\te2\n",
        d_txt="item_id\ni1\n\ni2\n",
    )
    assert read_links(folder / "a.tsv") == read_links(folder / "b.link") == {"i1": "e1"}
    assert read_ids(folder / "d.txt") == {"i1": 2, "i2": 4}
    with pytest.raises(DataError, match="line 3, column 'entity_id': found 'e2', expected no seco"):
        read_links(folder / "c.tsv")


# --- data ----------------------------------------------------------------------------------------

TRAIN = "user_id\titem_id\nu\ta\nu\tb\nv\ta\nv\tc\nw\tb\nw\tc\n"
TEST = "user_id\titem_id\nu\tc\nv\tb\nx\td\n"
GRAPH = (
    "head\trelation\ttail\na\tgenre\tcrime\nb\tgenre\tcrime\nc\tgenre\tcomedy\nd\tgenre\tcrime\n"
)
QUICK = "\n[embeddings]\nepochs = 0\n"


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Path]:
    """Write a small evaluation; arguments are lines of [data] and further files."""

    def make(data: str = 'train = "train.tsv"\ntest = "test.tsv"\n', **files: str) -> Path:
        texts = {"train_tsv": TRAIN, "test_tsv": TEST, **files}
        return written(tmp_path, **texts, e_toml=f"[data]\n{data}{QUICK}") / "e.toml"

    return make


def test_a_small_evaluation(small: Callable[..., Path]) -> None:
    found = kg_rec.evaluate(small(), ks=(1, 4))
    assert found.users == ("u", "v", "x")
    assert found.items == ("a", "b", "c", "d")
    assert found.part == "test"
    had = {"u": {"a", "b"}, "v": {"a", "c"}, "x": set()}
    lists: dict[str, list[str]] = {}
    for user, item, rank, _ in found.lists():
        lists.setdefault(user, []).append(item)
        assert len(lists[user]) == rank
    assert {user: set(items) for user, items in lists.items()} == {
        user: {*"abcd"} - known for user, known in had.items()
    }
    assert found.means["recall@4"].value == pytest.approx(found.values["recall@4"].mean())
    assert found.means["ndcg@1"].low <= found.means["ndcg@1"].value <= found.means["ndcg@1"].high
    assert found.lists_tsv().splitlines()[0] == "user\titem\trank\tscore"
    assert json.loads(json.dumps(found.to_dict()))["runs"][0]["metrics"]["hit@4"]["mean"] == 1.0
    assert "hit@4" in str(found)
    assert "<caption>" in found._repr_html_()


def test_explanations_are_judged_too(tunable: Path) -> None:
    found = kg_rec.evaluate(tunable / "e.toml", ks=(3,), explain=True)
    error = found.runs[0].explanations["additivity_error"]
    assert error is not None
    assert error < 1e-6
    assert "additivity_error" in str(found)
    assert found.to_dict()["runs"][0]["explanations"]["additivity_error"] == error
    assert not kg_rec.evaluate(tunable / "e.toml").runs[0].explanations


def test_validation_is_learned_from_before_the_test(small: Callable[..., Path]) -> None:
    path = small(
        'train = "train.tsv"\nvalid = "valid.tsv"\ntest = "test.tsv"\n',
        valid_tsv="user_id\titem_id\nx\ta\n",
    )
    data = load_data(path)
    assert len(data.training("test")) == len(data.training("valid")) + 1
    found = kg_rec.evaluate(path)
    assert "a" not in [item for user, item, *_ in found.lists() if user == "x"]
    on_valid = kg_rec.evaluate(path, on="valid")
    assert on_valid.users == ("x",)
    assert "a" in [item for user, item, *_ in on_valid.lists() if user == "x"]


def test_only_candidates_are_ranked(small: Callable[..., Path]) -> None:
    path = small('train = "train.tsv"\ntest = "test.tsv"\ncandidates = "c.txt"\n', c_txt="c\nd\n")
    with pytest.warns(DataWarning, match="1 test events are of no candidate, and count as missed"):
        found = kg_rec.evaluate(path)
    assert {item for _, item, *_ in found.lists()} == {"c", "d"}
    assert found.candidates == 2
    assert found.means["coverage@10"].value == 1.0
    with pytest.warns(DataWarning):
        assert kg_rec.evaluate(path).values["hit@10"].tolist() == [1.0, 0.0, 1.0]


def test_ratings_below_the_threshold_are_not_to_be_found(small: Callable[..., Path]) -> None:
    path = small(test_tsv="user_id\titem_id\trating\nu\tc\t5\nu\td\t2\nv\tb\t1\n")
    path.write_text(path.read_text() + "\n[interactions]\nlike_at = 4\n")
    train = path.parent / "train.tsv"
    train.write_text("user_id\titem_id\trating\nu\ta\t5\nv\ta\t4\nv\tc\t5\nv\td\t1\n")
    found = kg_rec.evaluate(path)
    assert found.users == ("u",)
    assert found.values["recall@10"].tolist() == [1.0]


@pytest.mark.parametrize("kind", ["random", "leave-one-out", "time", "cold-item", "cold-user"])
def test_splits_made_here(tmp_path: Path, kind: str) -> None:
    rng = np.random.default_rng(1)
    rows = [(u, i, t) for u in range(12) for t, i in enumerate(rng.permutation(15)[:10])]
    text = "".join(f"u{u}\ti{i}\t{t * 20 + u}\n" for u, i, t in rows)
    settings = f'interactions = "all.tsv"\nsplit = {{ kind = "{kind}", test = 0.2, seed = 3 }}\n'
    folder = written(
        tmp_path,
        all_tsv=f"user_id\titem_id\ttimestamp\n{text}",
        e_toml=f"[data]\n{settings}{QUICK}",
    )
    data = load_data(folder / "e.toml")
    assert sum(map(len, data.parts.values())) == len(rows)
    found = kg_rec.evaluate(data)
    assert found.part == "test"
    put_aside = {data.items.id(row) for row in data.parts["test"].items.tolist()}
    listed = {item for _, item, *_ in found.lists()}
    assert (listed <= put_aside) is (kind == "cold-item")
    again = kg_rec.evaluate(folder / "e.toml")
    assert found.to_dict()["runs"][0]["metrics"] == again.to_dict()["runs"][0]["metrics"]


def test_a_model_s_own_settings_can_be_judged(tmp_path: Path) -> None:
    """Columns are named as in ``[interactions]``; the events of its table are split."""
    rows = [f"p{u},f{(u + n) % 9},{8 if n < 6 else 3}" for u in range(12) for n in range(8)]
    more = '[interactions]\npath = "r.csv"\nuser = "who"\nitem = "film"\nweight = "stars"\n'
    folder = written(
        tmp_path,
        r_csv="who,film,stars\n" + "\n".join(rows),
        e_toml=f"{more}like_at = 7\n{QUICK}",
    )
    found = kg_rec.evaluate(folder / "e.toml")
    assert 0 < len(found.users) <= 12
    assert found.items == tuple(f"f{n}" for n in range(9))


def test_events_of_kinds_are_weighed(tmp_path: Path) -> None:
    """A rating below the threshold outdoes a view; a view alone is a weak like."""
    header = "user_id\titem_id\tkind\trating\n"
    train = [f"{u}\t{i}\tview\t1\n" for u, i in ("ua", "ub", "va", "vc", "wb", "wc")]
    test = ["u\tc\tview\t1\n", "v\tb\tview\t1\n", "v\tb\trating\t1\n"]
    folder = written(
        tmp_path,
        train_tsv=header + "".join(train),
        test_tsv=header + "".join(test),
        e_toml='[data]\ntrain = "train.tsv"\ntest = "test.tsv"\n[interactions]\n'
        f'weight = "rating"\nlike_at = 4\n{QUICK}',
    )
    assert kg_rec.evaluate(folder / "e.toml").users == ("u",)


def test_an_item_is_the_node_that_its_link_names(small: Callable[..., Path]) -> None:
    path = small(
        'train = "train.tsv"\ntest = "test.tsv"\ngraph = ["kg.tsv", "more.ttl"]\n'
        'links = "link.tsv"\n',
        kg_tsv="head\trelation\ttail\nm.1\tgenre\tcrime\nm.2\tgenre\tcrime\n",
        link_tsv="item_id\tentity_id\na\tm.1\nb\tm.2\nc\thttp://example.org/C\nd\tm.1\n",
        more_ttl="<http://example.org/C> <http://example.org/p> <http://example.org/D> .",
    )
    data = load_data(path)
    base = data.config.base_iri
    iris = dict(zip(data.table.columns["id"], data.table.columns["iri"], strict=True))
    assert iris["a"] == f"{base}m.1"
    assert iris["c"] == "http://example.org/C"
    assert iris["d"] == f"{base}item/d"  # m.1 is item a; d gets a copy
    assert {(str(t.subject), str(t.object)) for t in data.graph.triples(Iri(iris["d"]))} == {
        (iris["d"], f"{base}crime")
    }


def test_without_links_an_item_is_the_node_of_its_id(small: Callable[..., Path]) -> None:
    settings = 'train = "train.tsv"\ntest = "test.tsv"\ngraph = "kg.tsv"\n'
    data = load_data(small(settings, kg_tsv=GRAPH))
    base = data.config.base_iri
    assert data.table.columns["iri"] == [f"{base}{item}" for item in "abcd"]


def test_recbole_graphs_are_linked(tmp_path: Path) -> None:
    head = "head_id:token\trelation_id:token\ttail_id:token\n"
    written(tmp_path, x_kg=f"{head}m.1\tgenre\tcrime\n")
    graph = KnowledgeGraph.read(tmp_path / "x.kg")
    nodes, _ = link_items(["a", "b"], graph, {"a": "m.1", "b": "m.9"})
    assert nodes[0] in {triple.subject for triple in graph}
    assert nodes[1].endswith("item/b")


def test_columns_and_lines_of_a_graph_give_the_same(tmp_path: Path) -> None:
    """A broken file is read line by line, so that the message names the line."""
    lines = ["a\tgenre\tcrime", "b\tgenre\tcaf\u00e9", '<urn:x>\tlabel\t"B"@en', "a\tlikes\t_:n"]
    written(tmp_path, one_tsv="\n".join(lines), two_tsv="\r\n\r\n".join([*lines, ""]))
    one, two = (KnowledgeGraph.read(tmp_path / name) for name in ("one.tsv", "two.tsv"))
    assert len(one) == len(two) == 4
    assert [t for t in one if "_:" not in str(t.object)] == [
        t for t in two if "_:" not in str(t.object)
    ]
    written(tmp_path, bad_tsv="\n".join([*lines, '"B"\tgenre\tcrime']))
    with pytest.raises(DataError, match="line 5"):
        KnowledgeGraph.read(tmp_path / "bad.tsv")


@pytest.mark.parametrize(
    ("data", "files", "message"),
    [
        ('train = "train.tsv"\n', {}, "'data': expected train and test (or valid)"),
        ("", {}, "data: expected train and test (or valid), or interactions to split"),
        ('train = "a.tsv"\nsplit = { seed = 1 }\n', {}, "or interactions to split; found split"),
        ('train = "train.tsv"\ntets = "test.tsv"\n', {}, "'data.tets'; did you mean 'test'?"),
        ('train = "train.tsv"\ntest = "none.tsv"\n', {}, "none.tsv: cannot be read: No such file"),
        (
            'train = "train.tsv"\ntest = "test.tsv"\n',
            {"test_tsv": "user_id\titem_id\n"},
            "test.tsv: expected events below the header, found none",
        ),
        (
            'train = "train.tsv"\ntest = "test.tsv"\nitems = "items.tsv"\ncandidates = "c.txt"\n',
            {"items_tsv": "item_id\nd\n", "c_txt": "d\nzzz\n"},
            "c.txt, line 2: 'zzz' is no item of the data",
        ),
        (
            'train = "train.tsv"\ntest = "test.tsv"\ncandidates = "c.txt"\n',
            {"c_txt": "y\nzzz\n"},
            "c.txt, line 1: 'y' is no item of the data",
        ),
        (
            'interactions = "train.tsv"\nsplit = { kind = "time" }\n',
            {},
            "data.split: 'time' needs a column 'timestamp'",
        ),
        (
            'interactions = "train.tsv"\nsplit = { kind = "random", test = 0.9, valid = 0.2 }\n',
            {},
            "expected valid + test below 1",
        ),
        (
            'train = "train.tsv"\ntest = "test.tsv"\nitems = "items.csv"\n',
            {"items_csv": "name,year\nA,1\n"},
            "items.csv, line 1: no column 'item_id'; columns: 'name', 'year'",
        ),
    ],
)
def test_bad_settings_and_files_are_named(
    small: Callable[..., Path], data: str, files: dict[str, str], message: str
) -> None:
    with pytest.raises((ConfigError, DataError)) as caught:
        kg_rec.evaluate(small(data, **files))
    assert message in str(caught.value)


def test_there_must_be_something_to_judge_by(small: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="there are no valid events to judge by"):
        kg_rec.evaluate(small(), on="valid")
    with pytest.raises(ConfigError, match="expected lengths from 1"):
        kg_rec.evaluate(small(), ks=(0,))


# --- ablation ------------------------------------------------------------------------------------


def test_shuffling_keeps_degrees(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [f"h{rng.integers(30)}\tr{rng.integers(3)}\tt{rng.integers(300)}" for _ in range(200)]
    written(tmp_path, kg_tsv="\n".join(rows))
    graph = KnowledgeGraph.read(tmp_path / "kg.tsv")
    other = shuffled_graph(graph, seed=1)
    assert len(graph) - len(other) <= 3  # some may have become equal

    def degrees(of: KnowledgeGraph, *places: int) -> dict[Any, int]:
        keys, counts = np.unique(of.triple_codes[:, places], axis=0, return_counts=True)
        named = (tuple(of.terms[c] for c in key) for key in keys.tolist())
        return dict(zip(named, counts.tolist(), strict=True))

    if len(graph) == len(other):
        assert degrees(graph, 0, 1) == degrees(other, 0, 1)
        assert degrees(graph, 1, 2) == degrees(other, 1, 2)
    same = {*graph} & {*other}
    assert len(same) < 0.2 * len(graph)
    assert {*shuffled_graph(graph, seed=1)} == {*other}


def test_ablation_leaves_the_facts_out(small: Callable[..., Path]) -> None:
    settings = 'train = "train.tsv"\ntest = "test.tsv"\ngraph = "kg.tsv"\nitems = "items.csv"\n'
    path = small(
        settings, kg_tsv=GRAPH, items_csv="item_id,label,genre\na,A,Crime\nb,B,Comedy\nc,C,War\n"
    )
    data = load_data(path)
    bare = without_graph(data)
    assert not len(bare.graph)
    assert set(bare.table.columns) == {"id", "label", "iri"}
    mixed = shuffled(data, seed=2)
    assert mixed.table.columns["id"] == data.table.columns["id"]
    assert sorted(map(str, mixed.table.columns["genre"])) == sorted(
        map(str, data.table.columns["genre"])
    )
    found = kg_rec.evaluate(data, ablate="graph", ks=(2,))
    assert [run.name for run in found.runs] == ["real graph", "shuffled graph", "no graph"]
    assert {c.other for c in found.comparisons} == {"shuffled graph", "no graph"}


def test_nothing_to_leave_out_is_an_error(small: Callable[..., Path]) -> None:
    with pytest.raises(DataError, match="there is no graph"):
        kg_rec.evaluate(small(), ablate="graph")


# --- little history ------------------------------------------------------------------------------


def test_strangers_are_judged_by_what_they_show(tmp_path: Path) -> None:
    """Two groups of people who like two groups of items; one event tells which group it is."""
    rng = np.random.default_rng(5)
    rows = [
        (f"u{u:02}", f"i{(u % 2) * 12 + i:02}", i)
        for u in range(40)
        for i in rng.permutation(12)[:8].tolist()
    ]
    text = "user_id\titem_id\n" + "".join(f"{u}\t{i}\n" for u, i, _ in rows)
    settings = '[data]\ninteractions = "a.tsv"\nsplit = { test = 0.2, valid = 0 }\n'
    folder = written(tmp_path, a_tsv=text, e_toml=settings + QUICK)
    data = load_data(folder / "e.toml")
    found = kg_rec.evaluate(data, history=(1, 3), ks=(5,))
    assert [run.name for run in found.runs][:3] == [
        "kg_rec, 1 event",
        "popularity, 1 event",
        "item cosine, 1 event",
    ]
    had = data.matrix(data.training("test"))
    for number in range(len(found.runs)):
        for user, item, *_ in found.lists(number):
            assert not had[data.users.row(user), data.items.row(item)]
    recall = {run.name: run.means["recall@5"].value for run in found.runs}
    assert recall["kg_rec, 1 event"] > recall["popularity, 1 event"] + 0.2
    assert recall["popularity, 1 event"] == recall["popularity, 3 events"]
    assert "none of them learned from" in found.notes[0]
    users = data.config.embeddings.model_copy(update={"parts": ("facts", "users")})
    anew = replace(data, config=data.config.model_copy(update={"embeddings": users}))
    once, afresh = (_Models(bench_of(given)) for given in (data, anew))
    for start in (0, 20):
        strangers = np.arange(start, start + 20)
        one, other = once.of(_without(data, strangers)), afresh.of(_without(anew, strangers))
        assert one.users == other.users == data.users.ids[20 - start :][:20]
        assert (one.rank().rows == other.rank().rows).all()
    with pytest.raises(DataError, match="no test user has 50 training events"):
        kg_rec.evaluate(data, history=(50,))
    with pytest.raises(DataError, match="expected numbers of events from 1"):
        kg_rec.evaluate(data, history=(0,))


# --- scorers side by side ------------------------------------------------------------------------


def test_scorers_side_by_side(tunable: Path) -> None:
    """Each scorer alone ranks as its learner does, without the model around it."""
    found = evaluation.compare(tunable / "e.toml", ks=(5,))
    names = [run.name for run in found.runs]
    assert names[0] == "hybrid"
    assert set(names[1:]) == SCORERS.keys() - {"community"}  # nobody knows anybody here
    assert {c.other for c in found.comparisons} == set(names[1:])
    data = load_data(tunable / "e.toml")
    task = task_of(data, "test")
    queries = task.likes[task.users]
    whole = found.runs[0]
    assert whole.means["recall@5"].value == kg_rec.evaluate(data, ks=(5,)).means["recall@5"].value
    by_name = dict(zip(names, found.runs, strict=True))
    popular = task.most_popular(20).rows
    assert (by_name["popularity"].lists.rows == popular).all()
    cosine = collaborative.item_cosine(task.likes)
    best = ranking.top_k(queries, cosine, 1, exclude=task.known).rows[:, 0]
    assert (by_name["item cosine"].lists.rows[:, 0] == best).mean() > 0.9


@pytest.mark.slow
def test_embeddings_alone_predict_links(tunable: Path) -> None:
    """They are trained on facts and likes, and tell the two groups apart."""
    settings = tunable / "embedded.toml"
    text = (tunable / "e.toml").read_text()
    settings.write_text(text.replace("epochs = 0", "epochs = 8\ndimension = 16"))
    data = load_data(settings)
    found = evaluation.compare(data, ks=(5,))
    run = next(run for run in found.runs if run.name.startswith("link prediction"))
    had = data.matrix(data.training("test"))
    lists = found.lists(found.runs.index(run))
    rows = [(data.users.row(user), data.items.row(item)) for user, item, *_ in lists]
    assert not any(had[user, item] for user, item in rows)
    popularity = next(run for run in found.runs if run.name == "popularity")
    assert run.means["recall@5"].value > popularity.means["recall@5"].value


# --- tuning --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tunable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two groups of people and films, with a graph that tells the groups apart."""
    rng = np.random.default_rng(7)
    parts: dict[str, list[str]] = {"train": [], "valid": [], "test": []}
    for user in range(40):
        films = (user % 2) * 15 + rng.permutation(15)
        for place, film in enumerate(films[:9].tolist()):
            part = "test" if place == 8 else "valid" if place > 5 else "train"
            parts[part].append(f"u{user:02}\ti{film:02}")
    facts = [f"i{film:02}\tgenre\tg{film // 15}" for film in range(30)]
    facts += [f"i{film:02}\tactor\ta{rng.integers(9)}" for film in range(30)]
    data = 'train = "train.tsv"\nvalid = "valid.tsv"\ntest = "test.tsv"\ngraph = "kg.tsv"\n'
    header = {part: "\n".join(["user_id\titem_id", *rows]) for part, rows in parts.items()}
    return written(
        tmp_path_factory.mktemp("tunable"),
        **{f"{part}_tsv": text for part, text in header.items()},
        kg_tsv="head\trelation\ttail\n" + "\n".join(facts),
        e_toml=f'ontology = "movies"\n[data]\n{data}{QUICK}[ranking]\nfacts = 0.3\nridge = 2.0\n',
    )


def test_all_that_is_looked_for_is_a_setting() -> None:
    for name, span in tuning.SPACE.items():
        default = getattr(RankingConfig(), name)
        assert span.low <= default <= span.high, name
        assert not span.log or span.low > 0, name


def test_tuning_never_reads_the_test_part(tunable: Path, tmp_path: Path) -> None:
    found = tuning.tune(tunable / "e.toml", budget=600, trials=3)
    assert (found.trials, found.metric) == (3, "ndcg@10")
    assert found.after >= found.before
    copy = Path(shutil.copytree(tunable, tmp_path / "copy"))
    other = (copy / "valid.tsv").read_text()  # as many events of the same people and films
    (copy / "test.tsv").write_text(other)
    again = tuning.tune(copy / "e.toml", budget=600, trials=3)
    assert again.best == found.best
    assert (again.before, again.after) == (found.before, found.after)


def test_tuning_starts_from_the_settings_as_they_are(tunable: Path) -> None:
    found = tuning.tune(tunable / "e.toml", budget=600, trials=1)
    assert found.start.ridge == 2.0
    judged = kg_rec.evaluate(tunable / "e.toml", on="valid")
    assert judged.means["ndcg@10"].value == pytest.approx(found.before)


def test_tuning_goes_on_where_it_stopped(tunable: Path, tmp_path: Path) -> None:
    study = tmp_path / "study.db"
    assert tuning.tune(tunable / "e.toml", budget=600, trials=2, study=study).trials == 2
    assert tuning.tune(tunable / "e.toml", budget=600, trials=2, study=study).trials == 4
    with pytest.raises(ConfigError, match="keeps a study of other data or settings"):
        tuning.tune(tunable / "e.toml", budget=600, trials=1, study=study, k=5)
    (tmp_path / "no.db").write_text("no database, but long enough to be looked into" * 9)
    with pytest.raises(ConfigError, match="keeps no study"):
        tuning.tune(tunable / "e.toml", budget=600, trials=1, study=tmp_path / "no.db")


def test_a_trial_that_is_behind_is_given_up() -> None:
    """The ninths at which a trial reports are the rungs of the pruner."""
    study = optuna.create_study(
        direction="maximize", pruner=optuna.pruners.SuccessiveHalvingPruner(reduction_factor=3)
    )

    def quality(trial: optuna.Trial) -> float:
        value = [0.5, 0.6, 0.7, 0.8, 0.1][trial.number]
        for ninths in tuning.NINTHS:
            trial.report(value, ninths)
            if ninths < 9 and trial.should_prune():
                raise optuna.TrialPruned
        return value

    study.optimize(quality, n_trials=5)
    assert [trial.state.name for trial in study.trials][-2:] == ["COMPLETE", "PRUNED"]


def test_settings_are_written_for_another_folder(tunable: Path, tmp_path: Path) -> None:
    text = with_ranking(tunable / "e.toml", {"ridge": 0.25, "facts": None}, tmp_path)
    (tmp_path / "best.toml").write_text(text)
    told = tomllib.loads(text)
    assert told["ranking"] == {"ridge": 0.25}
    assert told["ontology"] == "movies"
    assert load_data(tmp_path / "best.toml").parts["train"].users.tolist()
    beside = tomllib.loads(with_ranking(tunable / "e.toml", {}, tunable))
    assert beside == tomllib.loads((tunable / "e.toml").read_text())


@pytest.mark.parametrize("text", ["", "10", "0m", "ten minutes", "-5s"])
def test_budgets_have_a_unit(text: str) -> None:
    with pytest.raises(ConfigError, match="expected a time as in 90s, 10m or 1h"):
        tuning.budget_of(text)


# --- command -------------------------------------------------------------------------------------


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kg_rec", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command(small: Callable[..., Path], tmp_path: Path) -> None:
    lists, page = tmp_path / "lists.tsv", tmp_path / "page.html"
    config = small()
    done = run("evaluate", config, "--k", "5", "--lists", lists, "--format", "json", "-q")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["k"] == [5]
    assert lists.read_text().startswith("user\titem\trank\tscore\n")
    done = run("evaluate", config, "--format", "html", "--out", page)
    assert (done.returncode, done.stdout) == (0, "")
    assert "</html>" in page.read_text()
    (tmp_path / "test.tsv").unlink()
    done = run("evaluate", config)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert run("evaluate", config, "--on", "train").returncode == 2
    assert run("evaluate", config, "--history", "0,2").returncode == 2


def test_the_command_tunes(tunable: Path, tmp_path: Path) -> None:
    best = tmp_path / "best.toml"
    done = run("tune", tunable / "e.toml", "--trials", "2", "--out", best)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "2 trials" in done.stderr
    assert kg_rec.evaluate(best).means["ndcg@10"].value > 0
    assert run("tune", tunable / "e.toml", "--budget", "soon").returncode == 1


# --- the scorer of record ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ml-100k", "ml-100k-cold"])
def test_values_equal_the_scorer_of_record(tmp_path: Path, name: str) -> None:
    folder = SHARED / "data" / "ml-100k" / ("cold" if name.endswith("cold") else "split")
    scorer = SHARED / "peers" / "score.py"
    if not folder.is_dir() or not scorer.is_file():
        pytest.skip("needs ../shared/data/ml-100k and ../shared/peers/score.py")
    among = "candidates_test.txt" if name.endswith("cold") else "items.txt"
    config = EvaluationConfig.parse(
        {
            "data": {
                **{part: str(folder / f"{part}.tsv") for part in ("train", "valid", "test")},
                "candidates": str(folder / among),
            },
            "embeddings": {"epochs": 0},
        }
    )
    found: Evaluation = kg_rec.evaluate(config)
    (tmp_path / "lists.tsv").write_text(found.lists_tsv())
    done = subprocess.run(
        [sys.executable, scorer, name, tmp_path / "lists.tsv", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert not any(told["faults"].values())
    for k in (10, 20):
        for metric in ("ndcg", "recall", "precision", "hit", "mrr", "coverage"):
            ours = found.means[f"{metric}@{k}"].value
            assert ours == pytest.approx(told[f"{metric}@{k}"], abs=1e-9), metric
