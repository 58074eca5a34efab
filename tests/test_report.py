"""The report: reasons that add up, pages that hold still, load nothing and can be read by all."""

from __future__ import annotations

import importlib
import math
import re
import shutil
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from markupsafe import Markup
from report_fixtures import TASTE, TEXTS, World, film, thing

import kg_rec.report
from kg_rec.explanations import Contribution, Hop, Recommendation
from kg_rec.ids import SCHEMA
from kg_rec.ontology import LIKED_WITH
from kg_rec.profiles import EVERYONE, Source
from kg_rec.report import Reason, group_reasons, render_fragment, render_report, render_text
from kg_rec.report.drawing import CROSSINGS, HEIGHT, crossings, draw, draw_paths
from kg_rec.report.flows import FLOWS, MIDDLES, SOURCES
from kg_rec.report.language import LANGUAGES, Words
from kg_rec.report.page import IndexLine, render_audience, render_index
from kg_rec.report.passages import Documents, mark
from kg_rec.report.reasons import KINDS
from kg_rec.report.relations import Steps
from kg_rec.report.terms import ROWS, TERMS, ledger
from kg_rec.report.words import isolate, shorten, signed, width
from kg_rec.statements import Evidence, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator

EVIL = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>&"
RIGHT = "שלום 123 <b>עולם</b>"
LONG = "The Very Long Title Of A Film That Nobody Has Ever Seen Twice, Part Seven " * 7
VOID = {"meta", "link", "br", "img", "hr", "input"}


@pytest.fixture(scope="module")
def world() -> World:
    return World()


@pytest.fixture(scope="module")
def odd() -> World:
    return World(
        {
            "Inception (2010)": EVIL,
            "The Town (2010)": "霸王别姬 " * 20,
            "The Dark Knight (2008)": "🎬🍿👩‍👩‍👧 " + LONG,
            "heist": EVIL,
            "Heat (1995)": "Heat\x00\u202e",
            "Memento (2000)": RIGHT,
        }
    )


@pytest.fixture(scope="module")
def pages(world: World, odd: World) -> dict[str, str]:
    views = {
        "history": world.view(world.history()),
        "typed": world.view(world.typed(), taste=TASTE),
        "nobody": world.view(world.nobody()),
        "one": world.view(world.history(), k=1),
        "none": world.view(world.history(), k=0),
        "odd": replace(odd.view(odd.history()), title=EVIL, user=EVIL, about={EVIL: EVIL}),
        "odd typed": odd.view(odd.typed(), taste=TASTE),
        "chinese": replace(world.view(world.history()), language="zh"),
    }
    found = {name: render_report(view) for name, view in views.items()}
    found["audience"] = render_audience(world.audience())
    found["odd audience"] = render_audience(odd.audience())
    lines = [IndexLine("user-ada.html", "Ada", "Heat"), IndexLine("odd.html", EVIL, RIGHT)]
    return found | {"index": render_index("Recommendations", lines)}


class Page(HTMLParser):
    """Reads a page, and fails on a tag that is not closed in its order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marks: list[str] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "mark":
            self.marks.append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.texts.append(data)
        if "mark" in self.open:
            self.marks[-1] += data

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


# --- reasons -----------------------------------------------------------------------------------


def everyone(world: World) -> Iterator[Recommendation]:
    for profile in (world.history(), world.typed(), world.nobody()):
        yield from world.recommend(profile)


@pytest.mark.parametrize("most", [0, 1, 3, 6, 100])
def test_reasons_sum_to_the_score(world: World, most: int) -> None:
    for r in everyone(world):
        reasons = group_reasons(r, most)
        assert math.fsum(reason.value for reason in reasons) == pytest.approx(r.score, abs=1e-9)
        assert sum(reason.count for reason in reasons) == len(r.contributions)
        assert len([x for x in reasons if x.kind != "rest"]) <= most
        assert {reason.kind for reason in reasons} <= KINDS.keys()


def test_reasons_are_sorted_and_the_rest_is_last(world: World) -> None:
    reasons = group_reasons(world.recommend(world.history())[1], most=3)
    sizes = [abs(reason.value) for reason in reasons[:-1]]
    assert sizes == sorted(sizes, reverse=True)
    assert reasons[-1].kind == "rest"
    assert reasons[-1].text == "4 smaller reasons"
    assert not reasons[-1].against


def texts(world: World, item: str, profile: str) -> list[str]:
    found = world.recommend(getattr(world, profile)())
    return [x.text for x in group_reasons(next(r for r in found if r.item == item), 99)]


def test_wording_of_history(world: World) -> None:
    assert texts(world, "12", "history") == [
        "directed by Christopher Nolan, like Inception (2010), Memento (2000) and 2 more",
        "liked by those who like Inception (2010), Memento (2000) and 2 more",
        "about heist, like Inception (2010) and Heat (1995)",
        "close to Inception (2010) and Memento (2000) in the graph (TransE)",
        "in the genre Crime, which you choose less than others",
        "in the genre Crime, like Heat (1995), and like Sin City (2005), which you did not like",
        "popular with everyone",
    ]
    assert texts(world, "14", "history")[0] == "seldom liked by those who like Inception (2010)"


def test_wording_of_preferences(world: World) -> None:
    assert texts(world, "11", "typed") == [
        (
            "about heist, which you like; also liked by those who like Inception (2010) and"
            " Heat (1995)"
        ),
        "popular with everyone",
    ]
    assert texts(world, "14", "typed")[:2] == [
        "in the genre horror, which you don't like",
        "goes with heist, which you like: seldom liked by those who like Inception (2010)",
    ]


def test_an_item_that_was_named_counts_like_history() -> None:
    heat = Source("preference", film("5"), "Heat", film("5"))
    fact = Triple(film("5"), SCHEMA["about"], thing("heist"))
    last = Hop(Triple(film("11"), SCHEMA["about"], thing("heist")), reverse=True)
    terms = (
        Contribution(0.3, heat, (Hop(fact), last), "about heist", tie="and you like Heat"),
        Contribution(
            0.2,
            heat,
            (Hop(Triple(film("11"), LIKED_WITH, film("5")), reverse=True),),
            "liked by those who like {}",
            "Heat (1995)",
        ),
    )
    reasons = group_reasons(Recommendation("11", film("11"), "Ocean's", 1, 0.5, terms))
    assert [(r.kind, r.text) for r in reasons] == [
        ("fact", "about heist, like Heat"),
        ("liked_with", "liked by those who like Heat (1995)"),
    ]


def test_the_item_is_cited_first_and_what_the_user_said_before_that(world: World) -> None:
    by_history, by_word = (
        next(r for r in world.recommend(p) if r.item == "12")
        for p in (world.history(), world.typed())
    )
    cited = [[e.document for e in group_reasons(r)[0].evidence] for r in (by_history, by_word)]
    assert cited == [["items/12", "items/1"], ["text", "items/12", "items/1"]]


def test_no_contributions() -> None:
    r = Recommendation("1", film("1"), "Inception (2010)", 1, 0.0, ())
    assert group_reasons(r) == []
    assert "nothing speaks for it" in render_text(r)


# --- passages ----------------------------------------------------------------------------------


def test_marked_text_is_the_slice(world: World) -> None:
    best = world.recommend(world.history())
    documents = Documents(world.graph, None, best)
    for r in best:
        for reason in group_reasons(r):
            for passage in documents.passages(reason.evidence):
                text = world.documents[passage.document]
                marked = [piece.text for piece in passage.pieces if piece.mark]
                cited = [e.text for e in reason.evidence if e.document == passage.document]
                assert marked
                assert set(marked) <= set(cited)
                assert "".join(piece.text for piece in passage.pieces) in text


def test_a_sentence_ends_where_it_ends() -> None:
    text = "It was 1999. Lee J. Cobb met Mr. Fonda! Then 电影。结束 came."
    documents = Documents(World().graph, text, [])
    for words, sentence in {
        "Cobb": "Lee J. Cobb met Mr. Fonda!",
        "1999": "It was 1999.",
        "电影": "Then 电影。",
    }.items():
        start = text.index(words)
        (passage,) = documents.passages([Evidence("text", start, start + len(words), words)])
        assert "".join(p.text for p in passage.pieces).strip() == sentence.strip()


def test_long_sentences_are_clipped_around_the_mention() -> None:
    text = "word " * 200 + "heist " + "word " * 200
    documents = Documents(World().graph, text, [])
    (passage,) = documents.passages([Evidence("text", 1000, 1005, "heist")])
    assert [p.text for p in passage.pieces if p.mark] == ["heist"]
    assert sum(len(p.text) for p in passage.pieces) < 400
    assert passage.pieces[0].text.startswith("…")
    assert passage.pieces[-1].text.endswith("…")


def test_mentions_that_overlap_or_are_elsewhere_are_quoted_apart() -> None:
    text = "a bank heist film"
    documents = Documents(World().graph, text, [])
    spans = [(2, 12), (7, 17), (7, 12)]
    found = documents.passages([Evidence("text", a, b, text[a:b]) for a, b in spans])
    assert [[p.text for p in x.pieces if p.mark] for x in found] == [["bank heist"], ["heist film"]]
    (unknown,) = documents.passages([Evidence("lost", 3, 7, "what")])
    assert [p.text for p in unknown.pieces] == ["what"]
    assert mark("abc", [(0, 2, "x"), (1, 3, "y")])[0].mark == "x"


# --- the page ----------------------------------------------------------------------------------


def test_pages_are_well_formed(pages: dict[str, str]) -> None:
    for html in pages.values():
        page = Page(html)
        levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
        assert levels[0] == 1
        assert all(b - a <= 1 for a, b in pairwise(levels))
        ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
        assert len(ids) == len(set(ids))
        for svg in re.findall("<svg.*?</svg>", html, flags=re.DOTALL):
            ET.fromstring(svg)  # noqa: S314 - our own


def test_pages_load_nothing_and_run_nothing(pages: dict[str, str]) -> None:
    for html in pages.values():
        page = Page(html)
        assert not {"script", "img", "iframe", "object"} & {tag for tag, _ in page.tags}
        for _, attrs in page.tags:
            assert not [name for name in attrs if name.startswith("on")]
            for name in ("src", "href", "srcset", "action", "data"):
                link = attrs.get(name) or "#"
                assert link.startswith(("#", "data:,")) or re.fullmatch(r"[\w.-]+", link)
        assert "url(" not in html
        assert "@import" not in html


def test_labels_are_escaped(pages: dict[str, str], odd: World) -> None:
    shown = [pages[name] for name in ("odd", "odd typed", "odd audience", "index")]
    for html in (*shown, render_fragment(odd.recommend(odd.history()))):
        assert "<script" not in html
        assert "<img" not in html
        assert EVIL in Page(html).text
        assert "\x00" not in html
        assert "\u202e" not in html


def test_every_contribution_is_on_the_page(world: World, pages: dict[str, str]) -> None:
    for name, profile in {"history": world.history(), "typed": world.typed()}.items():
        tables = re.findall(r'<table class="ledger">.*?</table>', pages[name], flags=re.DOTALL)
        best = world.recommend(profile)
        assert len(tables) == len(best)
        for table, r in zip(tables, best, strict=True):
            text = Page(table).text
            for c in r.contributions:
                assert all(part in text for part in (signed(c.value), c.source.label))
                assert c.fact.replace("{}", c.other) in text or c.fact.replace("{}", "…") in text
                assert all(f"({e.document}, {e.start}–{e.end})" in text for e in c.evidence)


def test_ledger_sums_what_it_does_not_list() -> None:
    heat, item = film("5"), film("11")
    terms = tuple(
        Contribution(
            0.5**n,
            Source("history", f"{n}", f"Film {n}", heat),
            (Hop(Triple(heat, SCHEMA[f"r{n % 50}"], item)),),
            f"fact {n % 50}",
        )
        for n in range(2000)
    )
    score = math.fsum(t.value for t in terms)
    world = World()
    found = ledger(
        Recommendation("11", item, "Ocean's", 1, score, terms), Steps(world.graph, world.ontology)
    )
    assert found.size == 2000
    assert (len(found.rows), found.more[0]) == (ROWS, 50 - ROWS)
    assert math.fsum(row.value for row in found.rows) + found.more[1] == pytest.approx(score)
    for row in found.rows:
        assert len(row.terms) == TERMS
        assert row.more[0] == 40 - TERMS
        assert math.fsum(t.value for t in row.terms) + row.more[1] == pytest.approx(row.value)


def test_paths_are_written_out(pages: dict[str, str]) -> None:
    text = Page(pages["history"]).text
    assert "… → director → Christopher Nolan ← director ← The Dark Knight (2008)" in text
    assert "… ← liked with ← The Dark Knight (2008) Inception (2010) +0.100" in text
    assert "Heat (1995) ← liked with ← The Town (2010)" in text


def test_evidence_is_quoted_and_named(pages: dict[str, str]) -> None:
    page = Page(pages["history"])
    assert "text on The Dark Knight (2008)" in page.text
    assert set(page.marks) <= {"Christopher Nolan", "heist"}
    sentence = TEXTS["12"].split(". ", 1)[1]
    assert re.sub(r"\s+", "", sentence) in re.sub(r"\s+", "", page.text)


def test_the_taste_is_quoted_with_its_likes_and_dislikes(pages: dict[str, str]) -> None:
    html = pages["typed"]
    assert '<mark class="like">heist</mark>' in html
    assert '<mark class="like">Christopher Nolan</mark>' in html
    assert '<mark class="dislike">horror</mark>' in html
    assert "Said to dislike" in html
    assert "Chose" not in html


def test_history_is_shown_as_chips_and_what_is_missing_is_said(world: World) -> None:
    sources = tuple(Source("history", str(n), f"Film {n}", strength=n / 20) for n in range(20))
    profile = replace(world.history(), sources=sources)
    page = Page(render_report(replace(world.view(world.history()), profile=profile)))
    assert "Film 19 Film 18" in page.text
    assert "and 8 more" in page.text
    assert "Film 7 " not in page.text


def test_nothing_known_nothing_recommended(pages: dict[str, str]) -> None:
    assert "Nothing is known of this taste yet" in pages["nobody"]
    assert "<svg" not in pages["nobody"]
    assert "There is nothing to recommend" in pages["none"]
    assert "<article" not in pages["none"]


def test_same_view_same_page(world: World, pages: dict[str, str]) -> None:
    again = World()
    assert render_report(again.view(again.history())) == pages["history"]
    assert render_report(world.view(world.typed(), taste=TASTE)) == pages["typed"]


def test_bars_stay_in_their_track(pages: dict[str, str]) -> None:
    for html in pages.values():
        for left, size in re.findall(r'style="left:([\d.e-]+)%;width:([\d.e-]+)%"', html):
            assert float(left) >= -0.01
            assert float(left) + float(size) <= 100.01


def test_the_profile_shows_what_weighs_most(world: World, pages: dict[str, str]) -> None:
    text = Page(pages["history"]).text
    view = world.view(world.history())
    (nolan, *_), (mystery, *_) = view.leanings.liked, view.leanings.disliked or view.leanings.liked
    assert nolan.text == "directed by Christopher Nolan"
    assert nolan.share == 100.0
    assert (nolan.sources, nolan.more) == (("Inception (2010)", "Memento (2000)"), 2)
    column = world.place["facts", SCHEMA["director"], thing("Christopher Nolan")]
    weight = view.profile.vector.toarray()[0, column] * 0.5  # all who have it have 0.5
    assert nolan.weight == pytest.approx(weight)
    line = "directed by Christopher Nolan from Inception (2010); Memento (2000) and 2 more"
    assert f"{line} {signed(weight)}" in text
    assert mystery.text


def test_what_would_change_is_told(pages: dict[str, str]) -> None:
    text = Page(pages["history"]).text
    assert "Without Inception (2010) and Heat (1995) it would not be in this list" in text
    assert "If “close to Inception (2010)” did not count, it would be at rank 4." in text
    assert "it would fall out of this list, to rank 8." in text
    assert "No small set of choices or preferences keeps it in this list." in text


def test_an_audience_is_told_to_whom_and_why(pages: dict[str, str]) -> None:
    text = Page(pages["audience"]).text
    assert "Who would like Ocean's Eleven (2001)?" in text
    assert "2 people have not had it · 1 has" in text
    assert "Rank 2 of their list" in text
    assert "about heist, like Inception (2010) and Heat (1995)" in text


def test_right_to_left_names_move_nothing_else(pages: dict[str, str]) -> None:
    assert isolate("a, שלום, b") == "a, <bdi>שלום</bdi>, b"
    sentence = isolate("like שלום (2010) and עולם, 7")
    assert sentence == "like <bdi>שלום</bdi> (2010) and <bdi>עולם</bdi>, 7"
    assert isolate(EVIL) == Markup.escape(EVIL)
    parts = "<title>.*?</title>|<style>.*?</style>|<svg.*?</svg>|<bdi>.*?</bdi>"
    for name in ("odd", "odd audience", "index"):
        bare = re.sub(r'"[^"]*"', "", re.sub(parts, "", pages[name], flags=re.DOTALL))
        assert not re.search("[\u0590-\u05ff]", bare), name


# --- Chinese -----------------------------------------------------------------------------------


def phrases_of_templates() -> set[str]:
    folder = Path(kg_rec.report.__file__).parent / "templates"
    text = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.jinja"))
    counted = re.findall(r"""count\([^"\n]*"[^"\n]*", "([^"\n]*)"\)""", text)
    said = re.findall(r"""(?<![\w.])_\((["'])(.*?)\1""", text)
    return {*counted, *(phrase for _, phrase in said)}


def test_all_that_templates_say_is_said_in_chinese() -> None:
    phrases = phrases_of_templates()
    assert len(phrases) > 50
    assert phrases <= LANGUAGES["zh"].keys()
    for english, chinese in LANGUAGES["zh"].items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese)), english


def test_all_that_pages_say_is_said_in_chinese(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: set[str] = set()

    def say(_: Words, phrase: str, **values: object) -> str:
        said.add(phrase)
        return LANGUAGES["zh"].get(phrase, phrase).format_map(values)

    monkeypatch.setattr(Words, "__call__", say)
    for profile in (world.history(), world.typed(), world.nobody()):
        for k in (5, 0):
            view = world.view(profile, k=k, taste=TASTE)
            render_report(replace(view, language="zh"))
    render_audience(replace(world.audience(), language="zh"))
    render_index("x", [IndexLine("a.html", "a", "b")], "zh")
    fixed = {"Data", "Version", "director", "genre", "subject", "actor"}
    assert said - LANGUAGES["zh"].keys() <= fixed
    assert len(said) > 60


def test_every_kind_of_reason_has_its_colours_and_its_words() -> None:
    style = (Path(kg_rec.report.__file__).parent / "templates" / "report.css").read_text("utf-8")
    for kind, said in KINDS.items():
        assert style.count(f"--{kind}:") == 2, kind
        assert f".k-{kind} " in style
        assert kind == "rest" or (f".e-{kind} " in style and f".t-{kind} " in style)
        assert said in LANGUAGES["zh"]


def test_a_chinese_page_says_so(pages: dict[str, str]) -> None:
    assert '<html lang="zh">' in pages["chinese"]
    assert '<html lang="en">' in pages["history"]
    text = Page(pages["chinese"]).text
    assert "系统理解的喜好" in text
    assert "如果没有Inception (2010)和Heat (1995)，它就不在本列表中，而是第9名。" in text


# --- the drawing -------------------------------------------------------------------------------


def test_boxes_do_not_overlap_and_labels_fit(world: World, odd: World) -> None:
    for w in (world, odd):
        drawing = draw(w.recommend(w.history()), w.graph, w.ontology)
        assert drawing is not None
        layers: dict[int, list[float]] = {}
        for box in drawing.boxes:
            layers.setdefault(box.node.layer, []).append(box.y)
            assert box.y >= 0
            assert box.y + HEIGHT <= drawing.height
            assert width(box.label) * 7 <= box.width
        for places in layers.values():
            places.sort()
            assert all(b - a >= HEIGHT for a, b in pairwise(places))


def test_the_paths_of_an_item_hardly_cross(world: World, odd: World) -> None:
    for w in (world, odd):
        for r in (*w.recommend(w.history()), *w.recommend(w.typed())):
            drawing = draw_paths(r, w.graph, w.ontology)
            if drawing is None:
                continue
            assert crossings(drawing.edges) <= CROSSINGS
            assert drawing.layer_sizes[3] == 1
            assert {f.item.id for f in drawing.flows} == {r.item}
            strongest = max(r.contributions, key=lambda c: abs(c.value))
            assert strongest.source.id in {f.source.id.split()[1] for f in drawing.flows}
            for number in (1, 2):
                places = sorted(b.y for b in drawing.boxes if b.node.layer == number)
                assert all(b - a >= HEIGHT for a, b in pairwise(places))
            assert all(way.value == math.fsum(f.value for f in way.flows) for way in drawing.ways)


def test_the_drawing_is_small_and_reaches_each_item(world: World) -> None:
    best = world.recommend(world.history())
    drawing = draw(best, world.graph, world.ontology)
    assert drawing is not None
    assert drawing.layer_sizes[1] <= SOURCES
    assert drawing.layer_sizes[2] <= MIDDLES
    assert len(drawing.flows) <= FLOWS
    assert {f.item.id for f in drawing.flows} == {r.item for r in best}
    assert draw(world.recommend(world.nobody()), world.graph, world.ontology) is None


# --- fragment, plain text ------------------------------------------------------------------------


def test_fragment_is_scoped(world: World) -> None:
    html = render_fragment(world.recommend(world.history(), 3))
    Page(html)
    style = re.search(r"<style>(.*?)</style>", html, flags=re.DOTALL)
    assert style
    for selectors in re.findall(r"([^{}]+)\{", style[1]):
        assert all(s.strip().startswith(".kg-rec-fragment") for s in selectors.split(","))
    assert "The Dark Knight (2008)" in html
    assert "No recommendations" in render_fragment([])


def test_plain_text(world: World) -> None:
    text = render_text(world.recommend(world.history())[0])
    assert text.startswith("1. The Dark Knight (2008)   1.258\n  +0.510  directed by Christopher")
    assert "“Christopher Nolan” (items/12)" in text
    assert "−0.040  in the genre Crime, which you choose less than others (counts against)" in text
    assert text.endswith("+0.003  1 smaller reason")
    assert max(map(len, text.split("\n"))) <= 88


def test_plain_text_holds_no_control_characters(odd: World) -> None:
    for r in odd.recommend(odd.history()):
        assert not re.search("[\x00-\x09\x0b-\x1f]", render_text(r))


def test_popularity_alone() -> None:
    terms = (Contribution(0.5, EVERYONE, (), "popular with everyone"),)
    (reason,) = group_reasons(Recommendation("1", film("1"), "Inception", 1, 0.5, terms))
    assert reason == Reason(0.5, "popular with everyone", "popularity", (EVERYONE.label,))


def test_shorten_never_exceeds_its_cells() -> None:
    for text in ("霸王别姬" * 9, LONG, "x" * 99, "👩‍👩‍👧" * 9, ""):
        for cells in range(3, 40):
            assert width(shorten(text, cells)) <= cells


# --- in a browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright (pip install it)")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    path = path or shutil.which("google-chrome")
    if path is None:
        pytest.skip("needs chromium or google-chrome on the PATH")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(params=[1280, 390])
def window(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    context = browser.new_context(
        viewport={"width": request.param, "height": 900}, offline=True, bypass_csp=False
    )
    yield context
    context.close()


LABELS = """
[...document.querySelectorAll('svg rect + text + text')].filter(t => t.getClientRects().length)
.map(t => {
  const box = t.parentNode.querySelector('rect');
  const edge = +box.getAttribute('x') + +box.getAttribute('width');
  return [t.getBBox().x + t.getBBox().width, edge];
})
"""


def test_the_page_in_chromium(window: Any, pages: dict[str, str], tmp_path: Path) -> None:
    for name, html in pages.items():
        file = tmp_path / "report.html"
        file.write_text(html, encoding="utf-8")
        page = window.new_page()
        requests: list[str] = []
        said: list[str] = []
        page.on("request", lambda r, seen=requests: seen.append(r.url))
        page.on("console", lambda m, seen=said: seen.append(m.text))
        page.on("pageerror", lambda e, seen=said: seen.append(str(e)))
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        inner, outer = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert inner <= outer, name
        assert [url for url in requests if not url.startswith("data:")] == [file.as_uri()]
        assert not said
        assert all(end <= edge for end, edge in page.evaluate(LABELS)), name
        page.close()


def test_paths_are_drawn_where_there_is_room_and_listed_where_not(
    browser: Any, pages: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(pages["history"], encoding="utf-8")
    heights = "s => [...document.querySelectorAll(s)].map(e => e.getBoundingClientRect().height)"
    for size, drawn, listed in ((1280, True, False), (390, False, True)):
        page = browser.new_page(viewport={"width": size, "height": 900})
        page.goto(file.as_uri())
        assert all((h > 100) == drawn for h in page.evaluate(heights, ".paths svg"))
        assert all((h > 50) == listed for h in page.evaluate(heights, ".paths .tree"))
        page.close()


@pytest.mark.parametrize(("scheme", "size"), [("light", 1280), ("dark", 390), ("dark", 1280)])
def test_axe_finds_nothing(
    browser: Any, pages: dict[str, str], tmp_path: Path, scheme: str, size: int
) -> None:
    name = "axe_playwright_python.sync_playwright"
    pytest.importorskip(name, reason="needs axe-core (pip install axe-playwright-python)")
    axe = importlib.import_module(name).Axe()
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, offline=True)
    some = {"dark1280": ("history", "audience")}.get(f"{scheme}{size}", tuple(pages))
    for html in [pages[name] for name in some]:
        file = tmp_path / "report.html"
        file.write_text(html, encoding="utf-8")
        page = context.new_page()
        page.set_viewport_size({"width": size, "height": 900})
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        violations = axe.run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
        page.close()
    context.close()
