"""The card of a model: its numbers, its words, its page, and the command."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from typer.testing import CliRunner

from kg_rec import DataError, KgRecError, Recommender, io
from kg_rec.cli import app
from kg_rec.evaluation import groups
from kg_rec.evaluation.card import model_card
from kg_rec.evaluation.holding_out import hold_out, relearned
from kg_rec.report.card import NOTES, ModelCard, render_card

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

GENRES = ["Crime", "Comedy", "Drama", "Horror"]
HOSTILE = "<script>alert(1)</script> | \u202eRTL `code` *bold*"


def taste_model(seed: int = 1, users: int = 60, items: int = 40) -> Recommender:
    """Return a model of users who each like one genre, with some noise."""
    rng = np.random.default_rng(seed)
    genre = rng.integers(0, len(GENRES), items)
    table = pd.DataFrame(
        {
            "id": [f"i{n}" for n in range(items)],
            "label": [HOSTILE if n == 0 else f"Film {n}" for n in range(items)],
            "genre": [GENRES[g] for g in genre],
        }
    )
    rows = []
    for user in range(users):
        liked = np.flatnonzero(genre == user % len(GENRES))
        chosen = rng.choice(liked, min(len(liked), 3 + user % 6), replace=False)
        rows += [(f"u{user}", f"i{item}", 1) for item in chosen]
        rows += [(f"u{user}", f"i{rng.integers(items)}", 0)]
    events = pd.DataFrame(rows, columns=["user", "item", "weight"]).drop_duplicates(
        ["user", "item"]
    )
    settings = {"embeddings": {"epochs": 0}, "interactions": {"like_at": 1}}
    return Recommender.fit(table, interactions=events, config=settings)


@pytest.fixture(scope="module")
def model() -> Recommender:
    return taste_model()


@pytest.fixture(scope="module")
def people() -> io.Table:
    age = [str(20 + n) for n in range(60)]
    colour = ["red" if n % 2 else "blue" for n in range(60)]
    names = [f"Name {n}" for n in range(60)]
    ids = [f"u{n}" for n in range(60)]
    return io.Table("people", {"user_id": ids, "age": age, "colour": colour, "name": names})


@pytest.fixture(scope="module")
def card(model: Recommender, people: io.Table) -> ModelCard:
    notes = {"owner": HOSTILE, "caveats": "Made for tests."}
    return model_card(model, name="tastes", users=people, notes=notes)


# --- the check from within -----------------------------------------------------------------------


def test_what_is_put_aside_is_not_known(model: Recommender) -> None:
    held = hold_out(model, seed=3)
    assert not held.task.relevant.multiply(held.task.known).nnz
    row_of = {user: row for row, user in enumerate(model.users)}
    for place, user in enumerate(held.users):
        events = model.model.events[[row_of[user]]]
        liked = set(events.indices[events.data > 0].tolist())
        aside = set(held.task.relevant[[place]].indices.tolist())
        assert aside < liked
        assert len(liked) >= 5
        assert len(aside) == max(1, int(0.2 * len(liked)))


def test_relearning_from_all_events_is_the_model(model: Recommender) -> None:
    stays = np.ones(len(model.model.events.data), dtype=bool)
    again = relearned(model.model, stays)
    assert again.vectors.columns == model.model.vectors.columns
    assert abs(again.vectors.matrix - model.model.vectors.matrix).max() < 1e-12


def test_so_it_is_with_texts_acts_and_friends(starter: Recommender, fit: Any) -> None:
    acts = ["view", "purchase", "purchase", "click", "view", "view"]
    events = pd.DataFrame(
        {
            "user": ["u", "u", "v", "v", "w", "w"],
            "item": ["a", "b", "a", "c", "d", "b"],
            "kind": acts,
            "timestamp": [10, 20, 30, 40, 50, 60],
        }
    )
    friends = pd.DataFrame({"user": ["u", "v"], "friend": ["v", "w"]})
    other = fit(interactions=events, friends=friends)
    assert any(column.block == "community" for column in other.model.vectors.columns)
    for model in (starter, other):
        again = relearned(model.model, np.ones(len(model.model.events.data), dtype=bool))
        assert again.vectors.columns == model.model.vectors.columns
        assert abs(again.vectors.matrix - model.model.vectors.matrix).max() < 1e-12


def test_relearning_has_not_seen_what_is_put_aside(model: Recommender) -> None:
    stays = np.ones(len(model.model.events.data), dtype=bool)
    stays[:50] = False
    fewer = relearned(model.model, stays)
    kept = model.model.events.copy()
    kept.data[:50] = 0.0
    kept.eliminate_zeros()
    assert abs(fewer.events - sparse.csr_array(kept)).max() == 0.0
    assert abs(fewer.vectors.matrix - model.model.vectors.matrix).max() > 1e-6


def test_tastes_are_found_again(model: Recommender) -> None:
    held = hold_out(model)
    ours, popular = held.run.means["ndcg@10"], held.popular.means["ndcg@10"]
    assert ours.low > popular.high


def test_the_same_seed_puts_the_same_aside(model: Recommender) -> None:
    one, two, other = (hold_out(model, seed=seed) for seed in (5, 5, 6))
    assert (one.task.relevant != two.task.relevant).nnz == 0
    assert (one.task.relevant != other.task.relevant).nnz > 0


def test_too_few_likes_are_said(tiny: Recommender) -> None:
    with pytest.raises(DataError, match="no user of the model has 5 likes"):
        hold_out(tiny)
    text = model_card(tiny).to_markdown()
    assert "Its accuracy was not measured: no user of the model has 5 likes" in text
    assert "who is served worse" not in text


# --- groups --------------------------------------------------------------------------------------


def test_a_group_that_is_served_worse_is_found() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(0.5, 0.1, 200), rng.normal(0.3, 0.1, 50)])
    grouping = groups.Grouping("side", ("a", "b"), np.repeat([0, 1], [200, 50]))
    a, b = groups.judged(grouping, values, values * 0)
    assert b.worse
    assert not a.worse
    assert b.difference == pytest.approx(values[200:].mean() - values[:200].mean())
    assert b.difference_low < b.difference < b.difference_high < 0
    assert (a.users, b.users, a.popular) == (200, 50, 0.0)


def test_groups_that_are_served_alike_are_seldom_called_worse() -> None:
    wrong = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        member = rng.integers(0, 4, 200)
        grouping = groups.Grouping("x", ("a", "b", "c", "d"), member)
        found = groups.judged(grouping, rng.random(200), rng.random(200))
        wrong += any(group.worse for group in found)
    assert wrong <= 8  # one of the two sides of a 5 % error over all groups: 2.5 expected


def test_columns_become_groups(people: io.Table) -> None:
    users = [f"u{n}" for n in range(60)]
    age, colour = groups.by_columns(users, people, "user_id")  # all names differ: no groups
    assert age.labels == ("20 to 34", "35 to 49", "50 to 64", "65 to 79")
    assert np.bincount(age.member).tolist() == [15, 15, 15, 15]
    assert set(colour.labels) == {"red", "blue"}


def test_small_groups_are_put_together_and_unknown_users_are_told() -> None:
    ids = [f"u{n}" for n in range(70)]
    town = ["A"] * 30 + ["B"] * 25 + ["C"] * 5 + ["D"] * 5 + [""] * 5
    table = io.Table("t", {"id": ids, "town": town})
    (found,) = groups.by_columns([*ids, *(f"x{n}" for n in range(20))], table, "id")
    assert found.labels == ("A", "B", groups.UNKNOWN, groups.OTHERS)
    assert np.bincount(found.member).tolist() == [30, 25, 25, 10]


def test_numbers_with_gaps_have_a_group_of_their_own() -> None:
    ids = [f"u{n}" for n in range(60)]
    age = [str(n) if n % 3 else None for n in range(60)]
    (found,) = groups.by_columns(ids, io.Table("t", {"id": ids, "age": age}), "id")
    assert found.labels[-1] == groups.UNKNOWN
    assert np.bincount(found.member)[-1] == 20


def test_a_table_of_other_people_is_refused(people: io.Table) -> None:
    with pytest.raises(DataError, match="no column 'key' of user ids; columns: 'user_id', 'age'"):
        groups.by_columns(["u1"], people, "key")
    with pytest.raises(DataError, match="none of the users of the model is in column 'user_id'"):
        groups.by_columns(["nobody"], people, "user_id")


# --- words ---------------------------------------------------------------------------------------


def test_the_numbers_are_those_of_the_model(card: ModelCard, model: Recommender) -> None:
    values = card.to_dict()
    assert values["data"]["users"] == len(model.users)
    assert values["data"]["events"] == model.model.events.nnz
    assert values["graph"]["triples"] == len(model.graph)
    assert values["coverage"]["facts"] == 40
    held = hold_out(model)
    mean = values["accuracy"]["metrics"]["ndcg@10"]
    assert mean["mean"] == pytest.approx(held.run.means["ndcg@10"].value, rel=1e-6)
    assert [by["by"] for by in values["groups"]] == ["activity", "age", "colour"]
    assert sum(g["users"] for g in values["groups"][0]["groups"]) == len(held.users)
    assert sum(values["explanations"]["kinds"].values()) == pytest.approx(1.0)
    assert values["explanations"]["metrics"]["deletion_error"] < 1e-9


def test_a_card_is_json_without_nan(card: ModelCard) -> None:
    assert json.loads(render_card(card, "json")) == json.loads(json.dumps(card.to_dict()))
    json.dumps(card.to_dict(), allow_nan=False)


def test_the_same_model_has_the_same_card(people: io.Table, card: ModelCard) -> None:
    notes = {"owner": HOSTILE, "caveats": "Made for tests."}
    again = model_card(taste_model(), name="tastes", users=people, notes=notes)
    for kind in ("md", "html", "json"):
        assert render_card(again, kind) == render_card(card, kind)


def test_all_sections_of_the_paper_are_there(card: ModelCard) -> None:
    titles = [section.title for section in card.sections]
    for wanted in (
        "Model details",
        "Intended use",
        "Factors",
        "Metrics",
        "Evaluation data",
        "Training data",
        "Quantitative analyses: accuracy",
        "Ethical considerations",
        "Caveats and recommendations",
    ):
        assert wanted in titles
    text = card.to_markdown()
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == titles


def test_what_the_owner_did_not_say_is_marked(card: ModelCard) -> None:
    text = card.to_markdown()
    assert (
        text.count("Not stated by the owner.") == len(NOTES) - 3
    )  # the name is that of the folder
    assert "- Made for tests." in text


def test_markdown_shows_text_as_it_is(card: ModelCard) -> None:
    text = card.to_markdown()
    assert "<script>" not in text
    assert "\u202e" not in text
    assert "\\<script\\>alert(1)\\</script\\> \\| RTL \\`code\\` \\*bold\\*" in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(re.search(r"(?<!\\)\|$", row) for row in rows)


def test_tables_of_markdown_are_even(card: ModelCard) -> None:
    width = None
    for line in card.to_markdown().splitlines():
        if not line.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert width in {None, cells}
        width = cells


def test_the_page_is_one_file_and_escapes(card: ModelCard) -> None:
    page = card.to_html()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"""(?:src|href)=["'](?!#|data:)""", page)
    assert "@import" not in page
    assert "://" not in page


def test_the_graph_of_an_evaluation_is_the_ablation(model: Recommender) -> None:
    mean = {"mean": 0.2, "low": 0.1, "high": 0.3}
    runs = [
        {"name": name, "metrics": {"ndcg@10": mean, "coverage@10": {**mean, "low": None}}}
        for name in ("real graph", "shuffled graph", "no graph")
    ]
    comparison = {"name": "real graph", "other": "no graph", "metric": "ndcg@10"}
    comparison |= {"mean": 0.05, "low": 0.01, "high": 0.09, "p": 0.003}
    judged = {"data": "films", "part": "test", "users": 9, "candidates": 40}
    judged |= {"runs": runs, "comparisons": [comparison]}
    text = model_card(model, evaluation=judged).to_markdown()
    assert "| shuffled graph | 0.2000 (0.1000 to 0.3000) |" in text
    assert "real graph against no graph: NDCG@10 +0.0500" in text
    assert "p = 0.003" in text
    assert "--evaluate" not in text


# --- the command ---------------------------------------------------------------------------------


def test_the_command_writes_all_formats(
    tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.toml").write_text('owner = "Ann"\n')
    command = [sys.executable, "-m", "kg_rec", "card", str(tiny_folder)]
    notes = ["--notes", str(tmp_path / "notes.toml")]
    told = subprocess.run([*command, *notes], capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("# Model card: model\n")
    assert "- **Owner:** Ann" in told.stdout
    for kind in ("html", "json"):
        out = tmp_path / f"card.{kind}"
        assert ask(tiny_folder, "--format", kind, "--out", out, "-q").exit_code == 0
        assert out.stat().st_size > 1000
    assert capsys.readouterr().out == ""


def test_the_command_evaluates_a_configuration(tiny_folder: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    items = pd.DataFrame({"item_id": [f"i{n}" for n in range(20)], "genre": GENRES * 5})
    items.to_csv(tmp_path / "items.csv", index=False)
    pairs = [(f"u{n}", f"i{i}") for n in range(12) for i in rng.choice(20, 5, replace=False)]
    events = pd.DataFrame(pairs, columns=["user_id", "item_id"])
    last = np.arange(len(events)) % 5 == 4
    events[~last].to_csv(tmp_path / "train.csv", index=False)
    events[last].to_csv(tmp_path / "test.csv", index=False)
    (tmp_path / "small.toml").write_text(
        '[data]\ntrain = "train.csv"\ntest = "test.csv"\nitems = "items.csv"\n'
        "[embeddings]\nepochs = 0\n"
    )
    found = ask(tiny_folder, "--evaluate", tmp_path / "small.toml", "-q")
    assert found.exit_code == 0, found.output
    assert "small, test part: 12 users, ranked among 20 items" in found.stdout
    assert found.stdout.count("| shuffled graph |") == 1
    assert "real graph against no graph: NDCG@10" in found.stdout


def ask(*args: str | Path) -> Result:
    return CliRunner().invoke(app, ["card", *map(str, args)])


@pytest.mark.parametrize(
    ("name", "content", "option", "said"),
    [
        ("n.toml", "ower = 'x'", "--notes", "unknown key 'ower'; did you mean 'owner'?"),
        ("n.toml", "owner = 3", "--notes", "'owner': expected text, found 3"),
        ("n.toml", "owner", "--notes", "not TOML"),
        ("e.json", "{}", "--evaluation", "expected what 'kg-rec evaluate --format json' writes"),
        ("e.json", "no", "--evaluation", "not JSON"),
        ("u.csv", "a,b\n1,2\n", "--users", "no column 'user_id' of user ids; columns: 'a', 'b'"),
    ],
)
def test_bad_files_are_named(
    tiny_folder: Path, tmp_path: Path, name: str, content: str, option: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(content)
    found = ask(tiny_folder, option, file)
    assert isinstance(found.exception, KgRecError)
    assert said in str(found.exception)
    assert str(file) in str(found.exception)


def test_missing_files_are_named(tiny_folder: Path, tmp_path: Path) -> None:
    for option in ("--notes", "--evaluation", "--users"):
        found = ask(tiny_folder, option, tmp_path / "gone")
        assert isinstance(found.exception, KgRecError)
        assert "gone: cannot be read: No such file" in str(found.exception)
    assert ask(tiny_folder, "--evaluate", "a", "--evaluation", "b").exit_code == 2


# --- in Chromium ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Any:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs chromium or google-chrome on the PATH")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_chromium(card: ModelCard, chromium: Any, width: int, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = chromium.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(card.to_html())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("document.querySelectorAll('h1').length") == 1
    found = axe.Axe().run(page)
    assert [(v["id"], v["nodes"][0]["html"]) for v in found.response["violations"]] == []
    assert [url for url in asked if not url.startswith("data:")] == []
    page.close()
