"""The drawing of what is around a node: readable, whole, the same each time, safe."""

from __future__ import annotations

import importlib
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import pytest

from kg_rec import DataError, KnowledgeGraph, UnknownIdError, cli
from kg_rec.ids import SCHEMA, Iri, Literal
from kg_rec.ontology import LABEL, TYPE
from kg_rec.report.neighbourhood import BOXES, GROUPS, IN_GROUP, find_node, neighbourhood
from kg_rec.report.neighbourhood_drawing import (
    HEIGHT,
    Picture,
    narrow,
    render_neighbourhood,
    wide,
)
from kg_rec.statements import DERIVED, USERS, Evidence, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg_rec import Recommender

EVIL = "</title></text><script>alert('x')</script>\"><img src=x onerror=alert(1)>&\x00"
HEAT = Iri("urn:heat")


def node(name: object) -> Iri:
    return Iri(f"urn:{name}")


def statements() -> Iterator[Statement]:
    """Yield a film with all that is hard to draw."""
    yield Statement(Triple(HEAT, LABEL, Literal("Heat")))
    yield Statement(Triple(HEAT, TYPE, SCHEMA["Movie"]))
    yield Statement(Triple(HEAT, SCHEMA["description"], Literal("Long " * 200)))
    yield Statement(Triple(HEAT, SCHEMA["name"], Literal("霸王别姬" * 20, language="zh")))
    yield Statement(Triple(HEAT, SCHEMA["name"], Literal("")))
    yield Statement(Triple(HEAT, SCHEMA["director"], node("mann")), (Evidence("d", 0, 4, "Heat"),))
    yield Statement(Triple(HEAT, SCHEMA["sequel"], HEAT))
    yield Statement(Triple(node("ann"), SCHEMA["likes"], HEAT), part=USERS)
    yield Statement(Triple(HEAT, SCHEMA["isSimilarTo"], node("evil")), part=DERIVED)
    yield Statement(Triple(node("evil"), SCHEMA["isSimilarTo"], HEAT), part=DERIVED)
    yield Statement(Triple(node("evil"), LABEL, Literal(EVIL)))
    for number in range(43):
        yield Statement(Triple(HEAT, SCHEMA["actor"], node(f"actor{number:02}")))
    for number in range(GROUPS + 3):
        yield Statement(Triple(node("list"), node(f"relation{number:02}"), HEAT))


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    return KnowledgeGraph.from_statements(statements(), {"d": "Heat by Mann"})


def test_groups_and_what_is_left_out(graph: KnowledgeGraph) -> None:
    found = neighbourhood(graph, HEAT)
    out = {g.relation: g for g in found.groups if g.out}
    actors = out["actor"]
    assert len(actors.shown) + actors.more == 43
    assert len(actors.shown) <= IN_GROUP
    assert [n.label for n in actors.shown][:2] == ["actor00", "actor01"]
    assert len([g for g in found.groups if not g.out]) == GROUPS
    assert found.left_out == (0, 4)  # with "sequel", which is on both sides
    assert out["director"].shown[0].kind == "text"
    assert out["director"].shown[0].quote == "Heat"
    assert out["is similar to"].shown[0].kind == "derived"
    assert "is similar to" not in {g.relation for g in found.groups if not g.out}
    assert found.caption == "Movie"


def test_users_are_shown_on_request(graph: KnowledgeGraph) -> None:
    assert "users" not in neighbourhood(graph, HEAT).kinds
    assert "urn:ann" not in render_neighbourhood(neighbourhood(graph, HEAT))
    assert "users" in neighbourhood(graph, HEAT, users=True).kinds


def test_one_more_is_drawn_not_counted() -> None:
    many = [Statement(Triple(HEAT, SCHEMA["actor"], node(n))) for n in range(IN_GROUP + 1)]
    (group,) = neighbourhood(KnowledgeGraph.from_statements(many), HEAT).groups
    assert (len(group.shown), group.more) == (IN_GROUP + 1, 0)


@pytest.mark.parametrize("layout", [wide, narrow])
def test_nothing_lies_over_another(graph: KnowledgeGraph, layout: Any) -> None:
    picture: Picture = layout(neighbourhood(graph, HEAT, users=True))
    assert picture.centre is not None
    areas = [(b.x, b.y, b.x + b.width, b.y + HEIGHT) for b in [*picture.boxes, picture.centre]]
    areas += [(n.x, n.y - 12, n.x + 8 * len(n.text), n.y + 2) for n in picture.notes]
    for number, (x0, y0, x1, y1) in enumerate(areas):
        assert x0 >= 0
        assert y0 >= 0
        assert x1 <= picture.width
        assert y1 <= picture.height
        for a0, b0, a1, b1 in areas[number + 1 :]:
            assert x1 <= a0 or a1 <= x0 or y1 <= b0 or b1 <= y0
    assert len(picture.boxes) <= 2 * (BOXES + GROUPS)


def test_pages_are_the_same_each_time_and_load_nothing(graph: KnowledgeGraph) -> None:
    again = KnowledgeGraph.from_statements(reversed(list(statements())), graph.documents)
    for page in (True, False):
        text = render_neighbourhood(neighbourhood(graph, HEAT), page=page)
        assert text == render_neighbourhood(neighbourhood(again, HEAT), page=page)
        assert "<script" not in text
        assert "<img" not in text
        assert not re.search(r"(?:src|href)=\"(?!data:)|url\(|@import", text)
        assert "\x00" not in text


def test_the_picture_is_xml(graph: KnowledgeGraph) -> None:
    root = ET.fromstring(render_neighbourhood(neighbourhood(graph, HEAT), page=False))  # noqa: S314 - our own
    texts = ["".join(element.itertext()) for element in root.iter()]
    assert any(EVIL.replace("\x00", "\ufffd") == text for text in texts)
    assert "What is around Heat" in texts


def test_a_node_alone() -> None:
    alone = KnowledgeGraph.from_statements([Statement(Triple(HEAT, TYPE, SCHEMA["Movie"]))])
    assert "Nothing but its name" in render_neighbourhood(neighbourhood(alone, HEAT))
    ET.fromstring(render_neighbourhood(neighbourhood(alone, HEAT), page=False))  # noqa: S314
    with pytest.raises(UnknownIdError, match="unknown node 'urn:other'"):
        neighbourhood(alone, node("other"))


def test_names_of_nodes(graph: KnowledgeGraph) -> None:
    twice = graph.with_statements([Statement(Triple(node("b"), LABEL, Literal("heat")))])
    for name in ("urn:heat", "Heat", "hEAT", "7"):
        assert find_node(graph, name, {"7": HEAT}) == HEAT
    assert find_node(graph, "schema:Movie") == SCHEMA["Movie"]
    with pytest.raises(DataError, match="'Heat' is the name of 2 nodes; give one: urn:b"):
        find_node(twice, "Heat")
    with pytest.raises(UnknownIdError, match="unknown entity 'Heet'; did you mean 'Heat'"):
        find_node(graph, "Heet")


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny_folder: Path
) -> Any:
    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kg-rec", "graph", str(tiny_folder), *map(str, words)])
        code: object = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        return int(str(code)), *capsys.readouterr()

    return command


def test_the_command_draws(run: Any, tmp_path: Path, tiny: Recommender) -> None:
    for end, start in ((".html", "<!doctype html>"), (".svg", "<svg ")):
        out = tmp_path / f"a{end}"
        code, said, err = run("--around", "a", "--out", out)
        assert (code, said) == (0, "")
        assert "links of Alpha" in err
        assert out.read_text(encoding="utf-8").startswith(start)
        assert "Crime" in out.read_text(encoding="utf-8")
    assert run("--around", "v", "--out", tmp_path / "x.svg")[0] == 1  # a user
    assert run("--around", "v", "--out", tmp_path / "x.svg", "--users")[0] == 0
    assert tiny.users


def test_wrong_usage(run: Any, tmp_path: Path) -> None:
    assert run("--around", "a")[0] == 2
    assert run("--around", "a", "--out", tmp_path / "a.png")[0] == 2
    code, _, err = run("--around", "Alpa", "--out", tmp_path / "a.svg")
    assert (code, err) == (1, "kg-rec: error: unknown entity 'Alpa'; did you mean 'Alpha'?\n")
    assert not list(tmp_path.iterdir())


# --- in a browser --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install it)")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip("needs chromium or google-chrome on the PATH")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


FITS = """[...document.querySelectorAll('svg g')].filter(g => g.getBoundingClientRect().width)
    .flatMap(g => [...g.querySelectorAll('text')].map(t => t.getBBox().x + t.getBBox().width
        - g.querySelector('rect').getBBox().x - g.querySelector('rect').getBBox().width))"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_in_chromium(
    browser: Any, graph: KnowledgeGraph, tmp_path: Path, width: int, scheme: str
) -> None:
    name = "axe_playwright_python.sync_playwright"
    pytest.importorskip(name, reason="needs axe-core (pip install axe-playwright-python)")
    file = tmp_path / "page.html"
    html = render_neighbourhood(neighbourhood(graph, HEAT, users=True))
    file.write_text(html, encoding="utf-8")
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, offline=True)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(file.as_uri())
    inner, outer = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert inner <= outer
    beyond = page.evaluate(FITS)
    assert len(beyond) > 20
    assert max(beyond) <= 0
    shown = page.evaluate(
        "[...document.querySelectorAll('svg.around')].map(s => s.getBoundingClientRect().width)"
    )
    assert len([w for w in shown if w]) == 1
    assert max(shown) >= min(width - 60, 1000)  # not shrunk until nobody can read it
    violations = importlib.import_module(name).Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
    assert not said
    context.close()
