"""Reports of models: each format, folders of pages, to whom an item goes, and the command."""

from __future__ import annotations

import json
import math
import os
import sys
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyoxigraph
import pytest
from markdown_it import MarkdownIt

from kg_rec import Recommender, cli, demo
from kg_rec.errors import DataError, MissingDependencyError, UnknownIdError
from kg_rec.ids import KGREC
from kg_rec.report import Format, Reporter, render, write_folder
from kg_rec.report.formats import file_name, format_of, read_users
from kg_rec.report.markdown import escape, render_markdown
from kg_rec.report.page import Audience, ReportView
from kg_rec.report.pdf import BROWSERS, find_browser, print_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Fit = Any
EVIL = "<script>alert(1)</script>\n# [a](b) `c` | *d* \\ &amp; 1. "
TASTE = "I love films with Nina Holt but I can't stand horror."


@pytest.fixture(scope="module")
def reporter(starter: Recommender) -> Reporter:
    return Reporter(starter)


@pytest.fixture
def evil(fit: Fit) -> Recommender:
    items = pd.DataFrame(
        {"id": list("abcd"), "label": [EVIL, EVIL * 9, "שלום עולם", "D"], "genre": [EVIL] * 4}
    )
    events = pd.DataFrame({"user": ["../x", "../x", "U", "u"], "item": ["a", "d", "a", "d"]})
    return fit(items, interactions=events)


# --- formats -------------------------------------------------------------------------------------


def test_json_has_all_terms_and_the_reasons_sum_up(
    starter: Recommender, reporter: Reporter
) -> None:
    named = Reporter(starter, real_ids=True)
    found = json.loads(render(named.report("ann", k=3), Format.json))
    assert json.loads(render(reporter.report("ann", k=3), Format.json))["user"] != "ann"
    plain = [r.to_dict() for r in starter.recommend("ann", k=3)]
    assert (found["user"], found["language"]) == ("ann", "en")
    for item, known in zip(found["items"], plain, strict=True):
        reasons, changes = item.pop("reasons"), item.pop("what_if")
        assert item == known
        assert math.fsum(r["value"] for r in reasons) == pytest.approx(item["score"], abs=1e-9)
        assert sum(r["terms"] for r in reasons) == len(item["contributions"])
        assert changes.keys() == {"muted", "without", "missing"}
    assert {s["kind"] for s in found["profile"]["sources"]} <= {
        *("history", "preference", "profile", "popularity")
    }
    assert found["profile"]["liked"]


def test_the_weight_of_a_fact_is_what_it_adds_on_average(
    starter: Recommender, reporter: Reporter
) -> None:
    report = reporter.report("ann")
    profile = starter.profile("ann")
    matrix, columns = starter.model.vectors.matrix, starter.model.vectors.columns
    adds = (matrix.toarray() * profile.vector.toarray())[:, :]
    expected = {
        round(float(column[column != 0].mean()), 12)
        for column, name in zip(adds.T, columns, strict=True)
        if name.block in {"facts", "stated"} and column.any()
    }
    assert not isinstance(report.view, Audience)
    shown = [*report.view.leanings.liked, *report.view.leanings.disliked]
    assert shown
    assert {round(fact.weight, 12) for fact in shown} <= expected
    assert max(shown, key=lambda fact: abs(fact.weight)).share == 100.0


@pytest.mark.parametrize("user", ["ann", "ben"])
def test_what_would_change_is_what_the_model_says(starter: Recommender, user: str) -> None:
    view = Reporter(starter).report(user, k=2).view
    assert isinstance(view, ReportView)
    questions = starter.what_if(user)
    muted = 0
    for r in view.recommendations:
        found = view.what_if[r.item]
        known = questions.counterfactual(r.item, 2)
        assert found.without
        assert found.without.names == tuple(source.label for source in known.removed)
        assert found.without.rank == known.rank
        if found.muted:
            muted += 1
            best = starter.recommend(user, k=99, mute=[found.muted.mute])
            assert next(x.rank for x in best if x.item == r.item) == found.muted.rank
    assert muted
    assert Reporter(starter, what_if=False).report(user).view.what_if == {}  # type: ignore[union-attr]


def test_an_item_out_of_the_list_is_told_what_it_lacks(demo_folder: Path) -> None:
    model = Recommender.load(demo_folder)
    best = model.recommend(demo.RATED_USER, k=30)
    view = Reporter(model).report(demo.RATED_USER, item=best[-1].item).view
    assert isinstance(view, ReportView)
    missing = view.what_if[best[-1].item].missing
    assert missing
    assert missing.last == best[9].label
    assert missing.value == pytest.approx(best[9].score - best[-1].score)
    assert (
        f"It is at rank 30: to {best[9].label}"
        in render(Reporter(model).report(demo.RATED_USER, item=best[-1].item), Format.md).decode()
    )


def test_pages_of_the_demonstration_are_small(demo_folder: Path) -> None:
    model = Recommender.load(demo_folder)
    events = model.model.events
    most = model.users[int(np.argmax(np.diff(events.indptr)))]
    reporter = Reporter(model)
    asks: list[dict[str, str]] = [{"user": most}, {"text": demo.TASTE}, {"item": "1375666"}]
    for ask in asks:
        assert len(render(reporter.report(**ask), Format.html)) < 400_000  # type: ignore[arg-type]


def test_markdown_shows_names_as_they_are(evil: Recommender) -> None:
    for found in (Reporter(evil).report("../x"), Reporter(evil).report(item="b")):
        tokens = MarkdownIt("commonmark").enable("table").parse(render_markdown(found.view))
        inline = [t for token in tokens for t in (token.children or [token])]
        assert not [t for t in inline if t.type in {"html_inline", "html_block", "link_open"}]
        text = " ".join("".join(t.content for t in token.children or []) for token in tokens)
        assert " ".join(EVIL.split()) in " ".join(text.split())
    said = MarkdownIt().parse(escape(EVIL))
    assert "".join(t.content for t in said[1].children or []) == " ".join(EVIL.split())


def test_markdown_has_the_same_reasons(reporter: Reporter) -> None:
    text = render(reporter.report(text=TASTE, k=2), Format.md).decode()
    assert text.startswith("# Recommendations\n\nA typed taste\n")
    assert "**Said to dislike**" in text
    assert text.count("\n### ") == 3
    assert "- **+" in text


def test_turtle_holds_each_list(reporter: Reporter) -> None:
    lists = pyoxigraph.NamedNode(KGREC["RecommendationList"])
    kind = pyoxigraph.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    for report in (reporter.report("ann"), reporter.report(item="m2", k=2)):
        data = render(report, Format.ttl)
        quads = pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.TURTLE)
        found = {q.subject for q in quads if (q.predicate, q.object) == (kind, lists)}
        assert len(found) == len(report.lists)


def needs_browser() -> None:
    try:
        find_browser()
    except MissingDependencyError as error:
        pytest.skip(f"needs a browser: {error}")


def test_pdf_is_tagged(reporter: Reporter) -> None:
    needs_browser()
    printed = render(Reporter(reporter.recommender, "zh").report("ann", k=1), Format.pdf)
    assert printed.startswith(b"%PDF-")
    assert b"/Marked true" in printed
    assert b"/StructTreeRoot" in printed
    assert b"/Lang (zh)" in printed
    assert b"/Outlines" in printed


def test_a_missing_browser_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("KG_REC_CHROMIUM", raising=False)
    with pytest.raises(MissingDependencyError, match=f"none of {BROWSERS[0]}"):
        print_page("<p>x")
    monkeypatch.setenv("KG_REC_CHROMIUM", "nowhere")
    with pytest.raises(MissingDependencyError, match="KG_REC_CHROMIUM is 'nowhere'"):
        print_page("<p>x")


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script that stands for a browser")
def test_a_failing_browser_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    browser = tmp_path / "chromium"
    monkeypatch.setenv("KG_REC_CHROMIUM", str(browser))
    for script, said in (("echo no >&2; exit 3", "failed: no"), ("exit 0", "wrote no PDF")):
        browser.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        browser.chmod(0o755)
        with pytest.raises(DataError, match=said):
            print_page("<p>x")


def test_the_end_of_a_name_tells_the_format(starter: Recommender, tmp_path: Path) -> None:
    assert format_of("a.JSON") is Format.json
    assert format_of("a.txt") is format_of("a") is Format.html
    page = starter.report("ann", k=1, out=tmp_path / "ann.md")
    assert page.startswith("<!doctype html>")
    assert (tmp_path / "ann.md").read_text(encoding="utf-8").startswith("# Recommendations")


# --- to whom an item goes ------------------------------------------------------------------------


def places(model: Recommender, item: str) -> dict[str, tuple[int, float]]:
    """Return rank and score of an item in the whole list of each user who has not had it."""
    found = {}
    for user in model.users:
        for r in model.recommend(user, k=len(model.items)):
            if r.item == item:
                found[user] = (r.rank, r.score)
    return found


@pytest.mark.parametrize("item", ["m1", "m2", "m3", "m4"])
def test_an_audience_is_who_has_it_highest(
    starter: Recommender, reporter: Reporter, item: str
) -> None:
    known = places(starter, item)
    view = reporter.audience(item, 3).view
    assert isinstance(view, Audience)
    best = sorted(known, key=lambda user: (known[user][0], -known[user][1]))[:3]
    assert [p.id for p in view.people] == [starter.pseudonyms(user) for user in best]
    for p, user in zip(view.people, best, strict=True):
        assert (p.recommendation.rank, p.recommendation.score) == pytest.approx(known[user])
    for first, people in view.reach.items():
        assert people == sum(rank <= first for rank, _ in known.values())
    assert view.asked == len(known)
    assert view.asked + view.had == len(starter.users)


def test_facts_of_the_item_are_those_of_the_graph(starter: Recommender, reporter: Reporter) -> None:
    view = reporter.audience("m2").view
    assert isinstance(view, Audience)
    item = next(item for item in starter.items if item.id == "m2")
    known = {starter.graph.label(t.object) for t in starter.graph.triples(subject=item.iri)}
    named = {name for names in view.facts.values() for name in names}
    assert named
    assert named <= known


def test_an_unknown_item_is_named(reporter: Reporter) -> None:
    with pytest.raises(UnknownIdError, match="unknown item 'm22'; did you mean"):
        reporter.report(item="m22")
    with pytest.raises(DataError, match="k is 0"):
        reporter.report(item="m2", k=0)


# --- folders -------------------------------------------------------------------------------------


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.links.append(str(dict(attrs)["href"]))


def test_a_folder_of_pages_and_its_index(evil: Recommender, tmp_path: Path) -> None:
    users = list(evil.users)
    index = write_folder(Reporter(evil), users, tmp_path / "new" / "out", k=2)
    links = Links(index.read_text(encoding="utf-8")).links
    assert len(links) == len(users) == len({link.casefold() for link in links})
    files = {path.name for path in index.parent.iterdir()}
    assert files == {*links, "index.html"}
    for user, link in zip(users, links, strict=True):
        page = (index.parent / link).read_text(encoding="utf-8")
        assert page == evil.report(user, k=2)


def test_other_formats_in_a_folder(starter: Recommender, tmp_path: Path) -> None:
    write_folder(Reporter(starter, "zh"), ["ann"], tmp_path, k=1, format=Format.md)
    assert "user-ann.md" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "user-ann.md").read_text(encoding="utf-8").startswith("# 推荐")


def test_nothing_is_written_for_an_unknown_user(starter: Recommender, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    with pytest.raises(UnknownIdError, match="'nobody'"):
        write_folder(Reporter(starter), ["ann", "nobody"], folder)
    assert not folder.exists()
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(DataError, match="cannot be written"):
        write_folder(Reporter(starter), ["ann"], tmp_path / "file")


def test_file_names_are_safe() -> None:
    odd = ["../../etc/passwd", "a/b", "a b", "con", "ü", "x" * 300, "", ".", "🎬", "a\\b", "a:b"]
    names = [file_name(user) for user in odd]
    assert len(set(names)) == len(odd)
    for name in names:
        assert name.startswith("user-")
        assert name.isascii()
        assert len(name) < 100
        assert not set(name) & set('/\\:*?"<>| ')


def test_users_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "users.txt"
    path.write_bytes("\ufeffann\r\n\r\n ben \nann\n".encode())
    assert read_users(path) == ["ann", "ben"]
    for content, said in ((b"\n", "found none"), (b"\xff", "not UTF-8 at byte 0")):
        path.write_bytes(content)
        with pytest.raises(DataError, match=said):
            read_users(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_users(tmp_path / "none")


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kg-rec", "report", *map(str, words)])
        capsys.readouterr()
        code: object = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        return (int(str(code)), *capsys.readouterr())

    return command


Run = Any


def test_the_command_writes_each_kind(run: Run, starter_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.html"
    assert run(starter_folder, "--item", "m2", "--out", out) == (0, "", f"wrote {out}\n")
    assert "Who would like Harbour Lights" in out.read_text(encoding="utf-8")
    assert run(starter_folder, "--item", "m2", "--user", "ann", "--out", out, "-q") == (0, "", "")
    assert "Why Harbour Lights" in out.read_text(encoding="utf-8")
    words = (starter_folder, "--text", TASTE, "--lang", "zh", "--out", out)
    assert run(*words)[0] == 0
    assert '<html lang="zh">' in out.read_text(encoding="utf-8")
    assert run(*words, "--format", "json")[0] == 0
    assert json.loads(out.read_text(encoding="utf-8"))["title"] == "推荐"
    users = tmp_path / "users.txt"
    users.write_text("ann\nben\n", encoding="utf-8")
    code, _, said = run(starter_folder, "--users", users, "--out", tmp_path / "many", "-q")
    assert (code, said) == (0, "")
    assert len(list((tmp_path / "many").iterdir())) == 3


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--user", "u", "--text", "I love horror"],
        ["--user", "u", "--users", "x"],
        ["--users", "x", "--item", "a"],
        ["--user", "u", "--format", "docx"],
    ],
)
def test_wrong_usage(run: Run, tiny_folder: Path, words: list[str]) -> None:
    code, out, said = run(tiny_folder, "--out", "x", *words)
    assert (code, out) == (2, "")
    assert "Error: " in said


def test_an_unknown_user_of_a_file_is_one_line(run: Run, tiny_folder: Path, tmp_path: Path) -> None:
    users = tmp_path / "users.txt"
    users.write_text("u\nnobody\n", encoding="utf-8")
    code, out, said = run(tiny_folder, "--users", users, "--out", tmp_path / "out", "-q")
    assert (code, out, said) == (1, "", "kg-rec: error: unknown user 'nobody'\n")
