"""The page of the service, driven in a real browser against a real server on this machine."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import pandas as pd
import pytest

from kg_rec import Recommender
from kg_rec.explanations.tuning import KINDS
from kg_rec.service import starting
from kg_rec.service.routes.operating import PAGE
from kg_rec.strategies import STRATEGIES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SCRIPTS = sorted(PAGE.glob("*.js"))
TASTE = "I love heist films by Michael Mann, but I hate horror"
WAIT = 20_000
HOSTILE = "<img src=x onerror='window.hurt = 1'><b>&amp;"
TOKEN = "a-token-of-this-test"  # noqa: S105 - of a server of this test


# --- the files ----------------------------------------------------------------------------------


def test_nothing_is_inline_and_nothing_is_loaded_from_elsewhere() -> None:
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|javascript:", html)
    urls = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert all(url.startswith(("page/", "#")) for url in urls)
    for file in (*SCRIPTS, PAGE / "page.css"):
        text = file.read_text(encoding="utf-8")
        assert not re.findall(
            r"(inner|outer|adjacent)HTML|document\.write|\beval\(|Function\(", text
        )
        assert not re.findall(r"https?://\w|@import|url\(", text), file.name


def test_all_that_is_said_is_said_in_chinese() -> None:
    chinese = (PAGE / "chinese.js").read_text(encoding="utf-8")
    known = dict(re.findall(r'^  "([^"]+)": "([^"]+)",$', chinese, re.MULTILINE))
    html = (PAGE / "index.html").read_text(encoding="utf-8")
    said = set(re.findall(r'data-say(?:-label|-placeholder)?="([^"]+)"', html))
    for file in SCRIPTS:
        text = file.read_text(encoding="utf-8")
        said |= set(re.findall(r'\bsay\(\s*"([^"]+)"', text))
        said |= set(sum(re.findall(r'\bcount\([^"]+"([^"]+)", "([^"]+)"', text), ()))
    said |= set(STRATEGIES)
    assert len(said) > 90
    assert sorted(said - known.keys()) == []
    values = re.compile(r"\{\w+\}").findall
    for english, translated in known.items():
        assert sorted(values(english)) == sorted(values(translated))


def test_every_kind_of_reason_has_words_and_a_colour() -> None:
    text, css = [(PAGE / name).read_text(encoding="utf-8") for name in ("kinds.js", "page.css")]
    named = set(re.findall(r'^  (\w+): "', text, re.MULTILINE))
    assert {*KINDS, "rerank", "rest"} <= named
    assert all(f".k-{kind} {{" in css for kind in named)


def test_examples_are_read_by_the_model(tiny: Recommender) -> None:
    told = starting.start_of(tiny, "xx")
    assert (told.items, told.users, told.examples) == (4, 3, [])
    assert told.names[:2] == ["Comedy", "Crime"]


# --- servers and windows ------------------------------------------------------------------------


class Server(NamedTuple):
    """A service that runs."""

    url: str
    log: Path


@contextlib.contextmanager
def serving(model: Path, folder: Path, *options: str, token: str | None = None) -> Iterator[Server]:
    """Serve a copy of a model; the process is ended by its own id."""
    copied, log = shutil.copytree(model, folder / "model"), folder / "log"
    words = [sys.executable, "-m", "kg_rec", "serve", str(copied), "--port", "0", *options]
    environment = {name: value for name, value in os.environ.items() if name != "KG_REC_TOKEN"}
    environment |= {"KG_REC_TOKEN": token} if token else {}
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=errors, env=environment
        ) as process,
    ):
        try:
            yield Server(url_of(process, log), log)
        finally:
            process.terminate()
            process.wait(20)


def url_of(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return where a service listens, once it does."""
    for _ in range(600):
        lines = log.read_text(encoding="utf-8").splitlines()
        found = [json.loads(line) for line in lines if '"listening"' in line]
        started = any("startup complete" in line for line in lines)
        if found and started:
            return str(found[0]["url"])
        assert process.poll() is None, log.read_text(encoding="utf-8")
        time.sleep(0.1)
    raise AssertionError(log.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def server(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(demo_folder, tmp_path_factory.mktemp("served")) as found:
        yield found


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


Open: TypeAlias = "Callable[..., Any]"


@pytest.fixture
def opened(browser: Any) -> Iterator[Open]:
    """Open the page; at the end nothing may have been asked of another host or said to the console.

    An answer that is an error is said to the console by the browser itself: ``errors`` allows it.
    """
    seen: list[str] = []
    said: list[str] = []
    contexts: list[Any] = []
    hosts: set[str] = set()

    def open_page(url: str, *, errors: bool = False, lists: bool = True, **options: Any) -> Any:
        def expected(text: str) -> bool:
            return errors and text.startswith("Failed to load")

        context = browser.new_context(**{"locale": "en-GB", "reduced_motion": "reduce", **options})
        contexts.append(context)
        hosts.add(url)
        page = context.new_page()
        page.set_default_timeout(WAIT)
        page.on("request", lambda r: seen.append(r.url))
        page.on("console", lambda m: said.extend([m.text] * (not expected(m.text))))
        page.on("pageerror", lambda e: said.append(str(e)))
        page.goto(url)
        if lists:
            settled(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    strange = [url for url in seen if not url.startswith((*hosts, *(f"blob:{h}" for h in hosts)))]
    assert (strange, said) == ([], [])


def until(page: Any, expression: str) -> None:
    """Wait until something holds; ``wait_for_function`` needs eval, which the page forbids."""
    for _ in range(WAIT // 50):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{expression}: {page.locator('body').inner_text()}")


def settled(page: Any) -> None:
    """Wait for the list that was asked for."""
    until(
        page,
        "document.querySelector('#list > li')"
        " && document.querySelector('#results').getAttribute('aria-busy') === 'false'"
        " && !/One moment|Meanwhile/.test(document.querySelector('#status').textContent)",
    )


def titles(page: Any) -> list[str]:
    ids = "all => all.map(e => e.dataset.item)"
    found: list[str] = page.eval_on_selector_all("#list > li", ids)
    return found


def say(page: Any, taste: str) -> None:
    """Type a taste."""
    page.get_by_label("What do you like").fill(taste)
    act(page, lambda: page.get_by_role("button", name="Recommend", exact=True).click())


def act(page: Any, work: Callable[[], Any]) -> None:
    """Do something that changes the list, and wait for it."""
    with page.expect_response(lambda r: r.url.endswith("/recommend")):
        work()
    settled(page)


def card(page: Any, place: int) -> Any:
    """Return a card with its reasons opened."""
    found = page.locator("#list > li").nth(place)
    if not found.locator("details.why-it").evaluate("e => e.open"):
        found.locator("details.why-it > summary").click()
    return found


def meet(page: Any, user: str) -> None:
    """Pick a user, by keyboard."""
    page.get_by_role("button", name="A known user").press("Enter")
    page.keyboard.type(user)
    with page.expect_response(lambda r: "/users/" in r.url):
        act(page, lambda: page.keyboard.press("Enter"))


def decimal(text: str) -> Decimal:
    return Decimal(text.replace("\N{MINUS SIGN}", "-").lstrip("=+ "))


# --- the list -----------------------------------------------------------------------------------


def test_the_first_view_has_ten_items_whose_shown_reasons_add_up_to_the_shown_score(
    opened: Open, server: Server
) -> None:
    page = opened(server.url)
    assert len(titles(page)) == 10
    assert page.locator("#examples button").count() == 4
    for place in range(10):
        found = card(page, place)
        parts = [decimal(text) for text in found.locator(".part .value").all_inner_texts()]
        score = decimal(found.locator(".score").inner_text().split()[0])
        assert 1 <= len(parts) <= 5
        assert sum(parts) == score == decimal(found.locator(".total .value").inner_text())
        assert "exactly" in found.locator(".total").inner_text()


def test_a_typed_taste_is_understood_and_quoted(opened: Open, server: Server) -> None:
    page = opened(server.url)
    say(page, TASTE)
    understood = page.locator("#understood li")
    last = {text.split()[-1] for text in understood.all_inner_texts()}
    assert last == {"heist", "Mann", "Horror"}
    assert "Horror" in page.locator("#understood li.not").inner_text()
    quote = card(page, 0).locator("blockquote").first
    assert quote.locator("mark").inner_text() in TASTE
    assert "your own words" in quote.inner_text()
    page.get_by_text("text on Heat (1995)").first.wait_for()


def test_a_muted_reason_is_gone_and_the_list_follows_and_comes_back(
    opened: Open, server: Server
) -> None:
    page = opened(server.url)
    say(page, TASTE)
    before = titles(page)
    key = card(page, 0).locator(".part").first.get_attribute("data-key")
    act(page, card(page, 0).get_by_role("button", name="Mute").first.click)
    assert titles(page) != before
    for place in range(10):
        card(page, place)
    assert page.locator(f'.part[data-key="{key}"]').count() == 0
    assert re.match(r"Muted: .+\. .*\d+ (up|down|new)", page.locator("#status").inner_text())
    assert page.locator("#list .move").count() > 0
    assert page.locator("#gone button").count() == len(set(before) - set(titles(page))) > 0
    act(page, lambda: page.get_by_role("button", name="Undo: Muted").click())
    assert titles(page) == before
    assert page.locator("#wishes").is_hidden()


def test_a_boosted_reason_counts_double(opened: Open, server: Server) -> None:
    page = opened(server.url)
    say(page, "I love heist films, and I like Tom Hanks")
    item = titles(page)[0]
    row = card(page, 0).locator(".part").first
    key, value = row.get_attribute("data-key"), float(row.locator(".value").get_attribute("title"))
    act(page, lambda: row.get_by_role("button", name="Boost").click())
    again = page.locator(f'#list > li[data-item="{item}"] .part[data-key="{key}"]')
    doubled = float(again.locator(".value").get_attribute("title"))
    assert doubled == pytest.approx(2 * value, rel=0.05)
    assert again.get_by_role("button", name="Boost").get_attribute("aria-pressed") == "true"
    assert page.evaluate("document.activeElement.closest('li').dataset.item") == item


def test_someone_new_gives_feedback(opened: Open, server: Server) -> None:
    page = opened(server.url)
    say(page, TASTE)
    before = titles(page)
    act(page, lambda: card(page, 1).get_by_role("button", name="Hide").click())
    assert titles(page)[:9] == [before[0], *before[2:]]
    assert page.locator("#list .move.new").count() == 1
    act(page, lambda: card(page, 0).locator('[data-verdict="like"]').click())
    assert before[0] not in titles(page)
    assert page.locator("#changes li").count() == 2
    say(page, TASTE)
    assert titles(page) == before


def test_items_that_were_liked_are_picked_by_name(opened: Open, server: Server) -> None:
    page = opened(server.url)
    page.get_by_label("What do you like").fill("")
    field = page.get_by_role("combobox", name="Items you liked")
    field.press_sequentially("toy st")
    page.get_by_role("option", name="Toy Story 3 (2010)").wait_for()
    act(page, lambda: field.press("Enter"))
    assert page.locator("#liked-field .chips li").count() == 1
    assert "Toy Story 3 (2010): liked." in page.locator("#status").inner_text()
    assert "like Toy Story 3 (2010)" in card(page, 0).inner_text()


# --- a known user -------------------------------------------------------------------------------


def test_what_a_user_says_is_kept_and_taken_back(opened: Open, server: Server) -> None:
    page = opened(server.url)
    meet(page, "100")
    before = titles(page)
    assert "User 100" in page.locator("#about-list").inner_text()
    page.locator("#user-about", has_text="items so far").wait_for()
    act(page, lambda: card(page, 0).get_by_role("button", name="Hide").click())
    act(page, card(page, 0).get_by_role("button", name="Mute").first.click)
    with page.expect_response(lambda r: r.url.endswith("/feedback")):
        page.get_by_role("button", name="Keep for 100").click()
    kept = titles(page)
    assert before[0] not in kept

    other = opened(server.url)
    meet(other, "100")
    assert titles(other) == kept
    other.locator("#changes li").nth(1).wait_for()
    for _ in range(2):
        act(other, other.locator("#changes button").first.click)
    assert other.locator("#wishes").is_hidden()
    assert titles(other) == before


def test_a_user_gets_all_that_is_held_and_is_forgotten(opened: Open, server: Server) -> None:
    page = opened(server.url)
    meet(page, "10019")
    with page.expect_download() as download:
        page.get_by_role("button", name="All that is held").click()
    held = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert held["user"] == "10019"
    assert held["events"]
    page.get_by_role("button", name="Forget", exact=True).click()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="Forget", exact=True).click()
    act(page, page.get_by_role("button", name="Forget 10019").click)
    assert "Forgotten: 10019." in page.locator("#status").inner_text()
    assert page.request.get(f"{server.url}/users/10019").status == 404
    assert page.locator("#known").is_hidden()


# --- what opens over the page -------------------------------------------------------------------


def test_why_not(opened: Open, server: Server) -> None:
    page = opened(server.url)
    say(page, TASTE)
    field = page.get_by_role("combobox", name="Why is something not in the list?")
    field.press_sequentially("alien")
    page.get_by_role("option", name="Alien (1979)").wait_for()
    field.press("Enter")
    sheet = page.get_by_role("dialog")
    sheet.locator(".total").wait_for()
    said = sheet.inner_text()
    assert "Why is it not in the list?" in said
    assert "Horror" in said
    assert "counts against" in said
    parts = [decimal(text) for text in sheet.locator(".part .value").all_inner_texts()]
    assert sum(parts) == decimal(sheet.locator(".total .value").inner_text()) < 0
    page.keyboard.press("Escape")
    assert sheet.is_hidden()


def test_why_an_item_left_the_list(opened: Open, server: Server) -> None:
    page = opened(server.url)
    say(page, TASTE)
    act(page, card(page, 0).get_by_role("button", name="Mute").first.click)
    gone = page.locator("#gone button").first
    name = gone.inner_text()
    gone.click()
    sheet = page.get_by_role("dialog")
    rank = sheet.get_by_text(re.compile(r"Rank \d+ of the whole")).inner_text().split()[1]
    assert f"{name} is at rank {rank} " in sheet.locator(".why").inner_text()
    page.keyboard.press("Escape")
    act(page, card(page, 0).get_by_role("button", name="Hide").click)
    page.locator("#gone button").first.click()
    assert "leaves it out" in sheet.locator(".why").inner_text()


def test_the_graph_of_an_item(opened: Open, server: Server) -> None:
    page = opened(server.url)
    say(page, TASTE)
    card(page, 0).get_by_role("button", name="Graph").click()
    image = page.get_by_role("dialog").locator("img")
    image.wait_for()
    until(page, "document.querySelector('dialog img').naturalWidth > 300")
    facts = dict(
        zip(
            page.locator("dialog dt").all_inner_texts(),
            page.locator("dialog dd").all_inner_texts(),
            strict=True,
        )
    )
    assert facts["director →"] == "Michael Mann"
    assert "Al Pacino" in facts["actor →"]
    page.get_by_role("button", name="Close").click()
    assert page.evaluate("document.activeElement.textContent") == "Graph"


def ask(page: Any, question: str) -> Any:
    """Ask something; return what is answered."""
    said = page.locator("#conversation .theirs")
    before = said.count()
    page.get_by_role("textbox", name="Question").fill(question)
    page.keyboard.press("Enter")
    until(page, f"document.querySelectorAll('#conversation .theirs').length > {before}")
    return said.nth(before)


def test_a_dialogue(opened: Open, server: Server) -> None:
    page = opened(server.url)
    say(page, TASTE)
    listed = ask(page, "films like Heat but newer")
    assert "like Heat (1995)" in listed.inner_text()
    assert listed.locator("ol li").count() == 10
    assert "1." not in "".join(listed.locator("p").all_inner_texts())
    assert "Alien (1979)" in ask(page, "why not Alien?").inner_text()
    answer = ask(page, "who directed it?")
    assert "Ridley Scott" in answer.locator("p").first.inner_text()
    answer.get_by_text("1 fact").click()
    assert "Alien (1979) \u2014 director \u2014 Ridley Scott" in answer.inner_text()
    assert "blorp" in ask(page, "blorp").inner_text()
    listed.locator("ol button").first.click()
    sheet = page.get_by_role("dialog")
    parts = [decimal(text) for text in sheet.locator(".part .value").all_inner_texts()]
    assert sum(parts) == decimal(sheet.locator(".total .value").inner_text())
    assert page.locator("#conversation").evaluate("e => e.getAttribute('role')") == "log"


def test_what_a_user_says_in_a_dialogue_changes_the_list(opened: Open, server: Server) -> None:
    page = opened(server.url)
    meet(page, "10004")
    first = titles(page)[0]
    name = card(page, 0).locator("h3").evaluate("e => e.firstChild.data")
    act(page, lambda: ask(page, f"hide {name}"))
    assert first not in titles(page)


# --- filters, languages, errors -----------------------------------------------------------------


def test_filters_and_what_is_wrong_with_them(opened: Open, server: Server) -> None:
    page = opened(server.url, errors=True)
    page.locator("#filters > summary").click()
    page.get_by_label("Only what has to do with").fill("Animation")
    page.get_by_label("Condition").fill("year >= 2005")
    apply = page.get_by_role("button", name="Apply")
    act(page, apply.click)
    names = page.eval_on_selector_all("#list h3", "all => all.map(e => e.firstChild.data)")
    assert names
    assert min(int(name[-5:-1]) for name in names) >= 2005
    page.get_by_label("Condition").fill("year >>= 1")
    apply.click()
    fault = page.get_by_role("alert").filter(has_text="year")
    fault.wait_for()
    page.get_by_label("Condition").fill("")
    page.get_by_label("Only what has to do with").fill("Nobody Atall")
    apply.click()
    page.get_by_role("alert").filter(has_text="Nobody Atall").wait_for()
    act(page, page.get_by_role("button", name="Reset").click)
    assert page.locator("#fault").is_hidden()
    assert len(titles(page)) == 10


def test_it_speaks_chinese(opened: Open, server: Server) -> None:
    pytest.importorskip("jieba", reason="Chinese texts need jieba: pip install 'kg-rec[zh]'")
    page = opened(server.url)
    page.get_by_role("button", name="中文").click()
    until(page, "/^我/.test(document.querySelector('#taste').value)")
    settled(page)
    assert page.evaluate("document.documentElement.lang") == "zh"
    assert "相加正好是分数" in card(page, 0).inner_text()
    understood = "".join(page.locator("#understood li").all_inner_texts())
    assert "克里斯托弗·诺兰" in understood
    page.get_by_role("combobox", name="你喜欢过的作品").fill("盗火")
    page.get_by_role("option", name="盗火线").wait_for()
    words = page.eval_on_selector_all("[data-say]", "all => all.map(e => e.textContent)")
    assert all(re.search("[\u4e00-\u9fff]", word) for word in words)
    page.reload()
    settled(page)
    assert page.get_by_role("button", name="中文").get_attribute("aria-pressed") == "true"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service with a token, and items whose names are HTML."""
    folder = tmp_path_factory.mktemp("guarded")
    items = {
        "id": ["a", "b", "../c"],
        "label": [HOSTILE, "Beta", "Gamma"],
        "genre": ["Crime", HOSTILE, HOSTILE],
    }
    events = {"user": ["u", "v", "v"], "item": ["b", "b", "a"]}
    model = Recommender.fit(
        pd.DataFrame(items), interactions=pd.DataFrame(events), config={"embeddings": {"epochs": 0}}
    ).save(folder / "fitted")
    with serving(model, folder, "--no-texts", "--sparql-workers", "0", token=TOKEN) as found:
        yield found


def test_a_token_is_asked_for_and_names_are_no_html(opened: Open, guarded: Server) -> None:
    page = opened(guarded.url, errors=True, lists=False)
    field = page.get_by_role("textbox", name="Token")
    field.fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").filter(has_text="a wrong token").wait_for()
    field.fill(TOKEN)
    page.keyboard.press("Enter")
    settled(page)
    page.get_by_role("combobox", name="Items you liked").fill("gam")
    page.get_by_role("option", name="Gamma").click()
    page.get_by_role("button", name="Graph").first.click()
    until(page, "document.querySelector('dialog img')?.naturalWidth > 300")
    assert HOSTILE in page.locator("body").inner_text()
    assert page.evaluate("window.hurt") is None
    assert page.locator("img[src=x], #list b b").count() == 0
    page.reload()
    settled(page)


def test_a_service_that_is_gone_is_said_to_be(opened: Open, server: Server) -> None:
    page = opened(server.url, errors=True)
    page.context.set_offline(True)
    page.get_by_role("button", name="Recommend", exact=True).click()
    page.get_by_role("alert").filter(has_text="The service does not answer.").wait_for()
    page.context.set_offline(False)
    act(page, page.get_by_role("button", name="Try again").click)
    assert page.locator("#fault").is_hidden()


# --- for everybody ------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    opened: Open, server: Server, scheme: str, width: int
) -> None:
    name = "axe_playwright_python.sync_playwright"
    pytest.importorskip(name, reason="needs axe-core (pip install axe-playwright-python)")
    axe = importlib.import_module(name).Axe()
    page = opened(server.url, viewport={"width": width, "height": 900}, color_scheme=scheme)
    act(page, card(page, 0).get_by_role("button", name="Mute").first.click)
    ask(page, "why not Alien?")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")

    def check() -> None:
        violations = axe.run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in violations] == []
        inner, outer = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert inner <= outer

    check()
    page.get_by_role("button", name="Graph").first.click()
    page.locator("dialog img").wait_for()
    check()


def test_the_policy_allows_no_inline_scripts_or_styles(opened: Open, server: Server) -> None:
    page = opened(server.url)
    policy = page.request.get(server.url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    blocked = """() => new Promise(done => {
      document.addEventListener('securitypolicyviolation', e => done(e.violatedDirective));
      const script = document.createElement('script'); script.textContent = 'window.hurt = 1';
      document.body.append(script); setTimeout(() => done('allowed'), 500);
    })"""
    browser_page = page.context.new_page()
    browser_page.goto(server.url)
    assert browser_page.evaluate(blocked).startswith("script-src")
