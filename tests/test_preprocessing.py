"""Texts made fit to read, languages told apart, offsets into the original kept."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg_rec.text.aligned import Aligned, Edit
from kg_rec.text.detection import detect
from kg_rec.text.preprocessing import clean

SAME = [
    "1 < 2 and 3 > 2",
    "I <3 this film & its sequel",
    "AT&T's R&D",
    "f*** it, snake_case and 5 * 3 * 2",
    "No. 5 was directed by J. J. Abrams. It stars A. B. Smith.",
    "می‌خواهم",  # the joiner belongs to the word
    "👩‍👩‍👧",
    "#1 hit",
    "",
]


@pytest.mark.parametrize("text", SAME)
def test_what_needs_nothing_stays(text: str) -> None:
    assert clean(text).text == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a \t b\u00a0c\u3000d", "a b c d"),
        ("zero\u200bwidth so\u00adft \ufeffmark", "zerowidth soft mark"),
        ("Milos\u030c Forman", "Miloš Forman"),
        ("\u1112\u1161\u11ab", "\ud55c"),
        ("<b>Bold</b> and <i class='x'>it</i>", "Bold and it"),
        ("Caf&eacute; &amp; bar &#8212; &#x4e2d;", "Café & bar — 中"),
        ("a &unknown; b", "a &unknown; b"),
        ("x<!-- gone -->y", "xy"),
        ("before<script>if (a < b) {}</script> after", "before after"),
        ("<nav>Home</nav>Text<footer>Imprint</footer>", "Text"),
        ("<form>lost? no, nobody closed it", "lost? no, nobody closed it"),
        ("<p>one\ntwo</p><p>three", "one two. three"),
        ("<h1>Heat</h1><p>Heat is long.</p> <p>Too long?", "Heat. Heat is long. Too long?"),
        ("directed by<br>Ann Lee", "directed by Ann Lee"),
        ("a<br><br>b", "a. b"),
        ("**Bold**, __bold__, `code` and ~~gone~~", "Bold, bold, code and gone"),
        ("See [the film](https://a.example/x?y=1) now", "See the film now"),
        ("# Heading\ntext", "Heading text"),
        ("At https://a.example/b. End", "At . End"),
    ],
)
def test_markup_and_characters(text: str, expected: str) -> None:
    assert " ".join(clean(text).text.split()) == expected


def test_line_ends_are_one_character() -> None:
    assert clean("one\r\ntwo\rthree\u2028four").text == "one\ntwo\nthree\nfour"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was made by Jane Campion. It was made by Jane Campion.", 1),
        ("The film was made by Jane Campion. A film was made by JANE CAMPION!", 2),
        ("It was made by Jane Campion. It was made by Jane Austen.", 2),
        ("It was made in Rome in 1995. It was made in Rome in 1996.", 2),
        ("It was made by her in Rome. It was not made by her in Rome.", 2),
        ("It was really made by her in old Rome. It was made by her in old Rome.", 1),
        ("So it goes. So it goes.", 2),  # too short to matter
        ("我喜欢克里斯托弗的科幻片。我喜欢克里斯托弗的科幻片。", 1),
        ("A thriller set in Rome, with music. © 2020 Some Site. All rights reserved.", 1),
        ("A thriller set in Rome, with music. Read more", 1),
        ("A thriller set in Rome, with music.\nSign up for our newsletter!", 1),
        ("这是一部电影，讲述了爱情。版权所有 2020", 1),
        ("He read more books than most. All rights are reserved for him.", 2),
    ],
)
def test_sentences_said_again_and_boilerplate_go(text: str, expected: int) -> None:
    kept = clean(text).text.strip()
    assert text.startswith(kept)
    assert len([c for c in kept if c in ".!。"]) == expected


@pytest.mark.parametrize(
    "text",
    ["<" * 50_000, "<!--" * 50_000, "**a " * 50_000, "<div>" * 50_000 + "x", "\x00" * 50_000,
     "a lower case sentence goes on. " * 10_000, "[a](" * 50_000, "&" * 50_000 + "&amp;"],
    ids=["open", "comments", "stars", "nested", "nul", "alike", "brackets", "references"],
)  # fmt: skip
def test_hostile_text_takes_no_long_time(text: str) -> None:
    start = time.process_time()
    clean(text)
    assert time.process_time() - start < 5


MARKED = st.lists(
    st.sampled_from(
        ["<b>", "</b>", "<p>", "<script>", "</script>", "<", "&", "&amp;", "&#8212;", "&x", ";",
         "Jane Campion", "directed it.", " ", "  ", "\n", "\r\n", "\u200b", "\u00a0", "e\u0301",
         "**", "__", "[a](b)", "https://a.b/c", "# ", "<!--", "-->", "<![x", "<!x", "中", "\u1112",
         "\u1161", "It was made in Rome.", "Read more", "©", "\ufeff", "😀", "'", '"', "="]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@given(st.one_of(MARKED, st.text(max_size=60)))
def test_every_stretch_leads_back_into_the_original(text: str) -> None:
    cleaned = clean(text)
    size = len(cleaned.text)
    last = 0
    for k in range(size):
        start, end = cleaned.source(k, k + 1)
        assert last <= start < end <= len(text)
        last = start
        if unicodedata.normalize("NFC", text[start:end]) == text[start:end]:
            plain = text[start:end]
            made = cleaned.text[k].isspace() or cleaned.text[k] == "."
            assert cleaned.text[k] == plain or made or len(plain) > 1
    if size:
        assert cleaned.source(0, size)[1] <= len(text)


@given(st.text(max_size=40), st.data())
def test_edits_on_edits(text: str, data: st.DataObject) -> None:
    aligned = Aligned(text)
    for _ in range(2):
        cuts = data.draw(st.lists(st.integers(0, len(aligned.text)), max_size=4).map(sorted))
        pairs = zip(cuts[::2], cuts[1::2], strict=False)
        edits = [Edit(a, b, data.draw(st.sampled_from(["", "x", "yz"]))) for a, b in pairs if a < b]
        aligned = aligned.edited(edits)
    for k, character in enumerate(aligned.text):
        start, end = aligned.source(k, k + 1)
        assert 0 <= start < end <= len(text)
        assert character in "xyz" or text[start:end] == character


@pytest.mark.parametrize(
    ("text", "languages", "expected"),
    [
        ("我喜欢克里斯托弗·诺兰的科幻片，讨厌恐怖片", ("en", "zh"), "zh"),
        ("I love science fiction by Christopher Nolan", ("en", "zh"), "en"),
        ("The Grand Budapest Hotel (布达佩斯大饭店) is a comedy", ("en", "zh"), "en"),
        ("Ein Film von Wim Wenders, mit Bruno Ganz in der Hauptrolle.", ("en", "de", "fr"), "de"),
        ("Heat", ("en", "zh"), "en"),
        ("1995", ("zh", "en"), "zh"),
        ("Ein Film von Wim Wenders.", ("en",), "en"),
        ("a text", ("xx", "yy"), "xx"),
    ],
)
def test_language(text: str, languages: tuple[str, ...], expected: str) -> None:
    assert detect(text, languages) == expected
