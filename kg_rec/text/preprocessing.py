"""Texts made fit to read: no markup, one way to write each character, nothing said twice.

Every step is a list of edits, so that each character left knows which characters of the original
it stands for; evidence cites the original.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.text.aligned import Aligned, Edit
from kg_rec.text.markup import BLOCK, html_edits, light_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["clean"]

_INVISIBLE = "\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
_ODD = re.compile(
    rf"[{_INVISIBLE}]+"
    r"|(?<=[\x21-\x7e])[\u200c\u200d]+(?=[\x21-\x7e])"  # joiners mean nothing between Latin letters
    r"|\r\n?|[\x85\u2028]|\u2029"
    r"|[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000\x0b\x0c]+"
)
_GAP = re.compile(r"[ ]*\n[ ]*\n\s*")
_ENDS = frozenset(".!?:;,…。！？：；，—–-\"'”’»)]")
_LINE_ENDS = {"\r\n": "\n", "\r": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n\n"}
_JAMO = re.compile("[\u1160-\u11ff]")
_SENTENCE_END = re.compile(
    r"(?<!\b[A-Z])(?<!\b(?:[DMS]r|Ms|St|Jr|vs))(?<!\b(?:Mrs|Inc))[.!?…]+[\"'”’»)\]]*[ ]+"
    r"|[。！？]+[”’」』）]*|\n+"
)
_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:['’-][^\W\u3400-\u9fff]+)*")
_FEW, _ALIKE, _BRIEF, _SHORT = 5, 0.85, 14, 200
_MEMORY = 64  # sentences with the same names that a new one is compared with, besides equal ones
_TURNS = frozenset(
    ["no", "not", "never", "neither", "nor", "without", "不", "没", "没有", "非", "无"]
)
_BOILERPLATE = re.compile(
    r"""\W*(?:
    (?:©|\(c\)\s|copyright\b).*(?:\d{4}|reserved).* | .*\ball\ rights\ reserved\W*
    | (?:read|show|see|view|learn)\ (?:more|less|all)(?:\ about\ .*)? | continue\ reading\b.*
    | click\ here\b.* | (?:back|skip|go)\ to\ (?:the\ )?(?:top|main\ content|content)
    | (?:subscribe|sign\ up)\b.*(?:newsletter|channel|updates|mailing\ list).*
    | (?:sign|log)\ (?:in|up|out)(?:\ to\ .*)? | (?:share|follow\ us)\ (?:this\ )?(?:on|via)\b.*
    | (?:this|our)\ (?:web)?site\ uses\ cookies.* | .*\baccept\ (?:all\ )?cookies.*
    | advertisements? | sponsored(?:\ content)? | (?:terms\ of\ (?:use|service)|privacy\ policy)
    | 版权所有.* | (?:点击)?(?:查看|阅读)(?:更多|全文) | (?:登录|注册|分享到?|广告)
    )\W*""",
    re.IGNORECASE | re.VERBOSE,
)


def clean(text: str) -> Aligned:
    r"""Return a text as it is read.

    HTML and Markdown are taken off, characters composed (Unicode NFC), odd and repeated spaces made
    one space, invisible characters dropped; then boilerplate ("All rights reserved.") and sentences
    that say again what was said go. A text that needs none of it comes back as it is.

    Examples:
        >>> cleaned = clean("<p>Directed by&nbsp;<b>Milos\u030c</b> Forman.</p>")
        >>> cleaned.text.strip(), cleaned.source(0, 8)
        ('Directed by Miloš Forman.', (3, 11))
    """
    aligned = Aligned(text)
    markup = html_edits(text)
    aligned = aligned.edited(markup)
    aligned = aligned.edited(light_edits(aligned.text))
    if not aligned.text.isascii():
        aligned = aligned.edited(_composed(aligned.text))
    if any(edit.text == BLOCK for edit in markup):
        aligned = aligned.edited(_unwrapped(aligned.text))
    aligned = aligned.edited(_spaced(aligned.text))
    aligned = aligned.edited(_paragraphs(aligned.text))
    return aligned.edited(_said_before(aligned.text))


def _composed(text: str) -> Iterator[Edit]:
    """Yield the edits that compose characters (NFC), cluster by cluster."""
    if unicodedata.is_normalized("NFC", text):
        return
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and _continues(text[end]):
            continue
        cluster = text[start:end]
        composed = unicodedata.normalize("NFC", cluster)
        if composed != cluster:
            yield Edit(start, end, composed)
        start = end


def _continues(character: str) -> bool:
    """Return whether a character may compose with what precedes it."""
    return unicodedata.category(character)[0] == "M" or bool(_JAMO.match(character))


def _unwrapped(text: str) -> Iterator[Edit]:
    """Yield the edits that make spaces of the line ends inside an HTML paragraph."""
    for match in re.finditer(r"(?<!\n)(?:\r\n?|\n)(?!\n)", text):
        yield Edit(match.start(), match.end(), " ")


def _spaced(text: str) -> Iterator[Edit]:
    """Yield the edits that leave plain single spaces and line ends, and nothing invisible."""
    for match in _ODD.finditer(text):
        found = match.group()
        if found[0] in _LINE_ENDS:
            yield Edit(match.start(), match.end(), _LINE_ENDS[found])
        elif found.isspace():
            if found != " ":
                yield Edit(match.start(), match.end(), " ")
        else:
            yield Edit(match.start(), match.end(), "")


def _paragraphs(text: str) -> Iterator[Edit]:
    """Yield the edits that leave one empty line between paragraphs, and a full stop before it.

    A heading would be read as the beginning of the sentence after it.
    """
    for match in _GAP.finditer(text):
        inside = match.start() > 0 and match.end() < len(text)
        ended = inside and text[match.start() - 1] in _ENDS
        gap = "\n\n" if ended else ".\n\n"
        if gap != match.group():
            yield Edit(match.start(), match.end(), gap if inside else "")


class _Said(NamedTuple):
    names: frozenset[str]
    words: frozenset[str]


def _said_before(text: str) -> Iterator[Edit]:
    """Yield the edits that drop boilerplate and sentences that nearly repeat an earlier one."""
    earlier: dict[frozenset[str], deque[frozenset[str]]] = {}
    exactly: set[_Said] = set()
    for start, end in _sentences(text):
        words = _WORD.findall(text, start, end)
        brief = len(words) <= _BRIEF and end - start <= _SHORT
        if brief and _BOILERPLATE.fullmatch(text[start:end].strip()):
            yield Edit(start, end, "")
        elif len(words) >= _FEW:
            said = _said(words)
            known = earlier.setdefault(said.names, deque(maxlen=_MEMORY))
            if said in exactly or any(_is_alike(said.words, other) for other in known):
                yield Edit(start, end, "")
            else:
                exactly.add(said)
                known.append(said.words)


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE_END.finditer(text):
        yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _said(words: list[str]) -> _Said:
    """Return the words that tell facts apart (names, numbers, negations), and all words."""
    names = frozenset(w for w in words[1:] if not w.islower())
    turns = frozenset(w.lower() for w in words if w.lower() in _TURNS or w.lower().endswith("n't"))
    return _Said(names | turns, frozenset(w.casefold() for w in words))


def _is_alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _ALIKE * len(one | other)
