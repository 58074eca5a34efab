"""HTML and light markup taken off, as edits of the text."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.text.aligned import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["BLOCK", "html_edits", "light_edits"]

BLOCK = "\n\n"
"""What a tag becomes that sets a block apart."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_LOOKS_LIKE_HTML = re.compile(r"</?[a-zA-Z][^<>]*>|<!--[^<>]*-->|&#?\w{1,31};")
_BLOCKS = _set(
    "address article aside blockquote body caption dd div dl dt fieldset figcaption figure"
    " footer form h1 h2 h3 h4 h5 h6 head header hr html li main nav ol option p pre section select"
    " table tbody td tfoot th thead title tr ul"
)
_UNREAD = _set("script style noscript template head nav footer form button select svg")
_NEVER_TEXT = frozenset({"script", "style"})
_LIGHT = re.compile(
    r"!?\[(?P<link>[^\[\]\n]+)\]\(\s*[^()\s]+(?:\s+\"[^\"\n]*\")?\s*\)"  # [text](address)
    r"|(?<!\w)(?P<mark>\*\*\*|\*\*|___|__|~~|`)(?P<marked>[^\s*_~`](?:[^\n*_~`]*[^\s*_~`])?)(?P=mark)(?!\w)"
    r"|^[ \t]*\#{1,6}[ \t]+(?P<heading>)"
    r"|<?\b(?:https?|ftp)://[^\s<>]*[^\s<>.,;:!?)\]'\"](?P<address>)>?",
    re.MULTILINE,
)


def html_edits(text: str) -> list[Edit]:
    """Return the edits that make plain text of HTML; none for a text that has no markup.

    Tags go, character references become characters, blocks stand apart, and what is no prose
    (scripts, styles, navigation, forms) is left out.

    Examples:
        >>> html_edits("R&amp;D"), html_edits("1 < 2 & 3 > 2, I <3 it")
        ([Edit(start=1, end=6, text='&')], [])
    """
    if ("<" not in text and "&" not in text) or not _LOOKS_LIKE_HTML.search(text):
        return []
    reader = _HtmlReader(text)
    try:
        reader.feed(text)
        reader.close()
    except AssertionError:  # html.parser, of broken declarations such as "<![x"
        return []
    return list(_between(text, reader.kept()))


def light_edits(text: str) -> Iterator[Edit]:
    """Yield the edits that take off Markdown emphasis, links, headings and bare addresses."""
    if not any(mark in text for mark in ("](", "**", "__", "~~", "`", "#", "://")):
        return
    for match in _LIGHT.finditer(text):
        kept = "link" if match["link"] else "marked"
        inside = match.span(kept) if match[kept] else (match.end(), match.end())
        for start, end in ((match.start(), inside[0]), (inside[1], match.end())):
            if start < end:
                yield Edit(start, end, "")


class _Kept(NamedTuple):
    start: int
    end: int
    text: str


class _HtmlReader(HTMLParser):
    """Collects the stretches of a source that are text, with their places."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.source = source
        self._lines = [0, *accumulate(len(line) + 1 for line in source.split("\n"))]
        self._found: list[_Kept] = []
        self._unread: list[tuple[str, int]] = []
        self._dropped: set[int] = set()

    def kept(self) -> list[_Kept]:
        """Return the stretches kept, from left to right."""
        for tag, first in self._unread:
            if tag in _NEVER_TEXT:  # other elements that nobody closed are kept
                self._dropped.update(range(first, len(self._found)))
        return [kept for i, kept in enumerate(self._found) if i not in self._dropped]

    def handle_data(self, data: str) -> None:
        start = self._place()
        self._found.append(_Kept(start, start + len(data), data))

    def handle_entityref(self, name: str) -> None:
        self._reference(f"&{name}")

    def handle_charref(self, name: str) -> None:
        self._reference(f"&#{name}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - of HTMLParser
        if tag in _UNREAD:
            self._unread.append((tag, len(self._found)))
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        for k in range(len(self._unread) - 1, -1, -1):
            if self._unread[k][0] == tag:
                self._dropped.update(range(self._unread[k][1], len(self._found)))
                del self._unread[k:]
                break
        self._break(tag)

    def _reference(self, written: str) -> None:
        start = self._place()
        end = start + len(written)
        whole = self.source[end : end + 1] == ";"
        shown = html.unescape(f"{written};") if whole else written
        self._found.append(_Kept(start, end + whole, shown))

    def _break(self, tag: str) -> None:
        """Set a block apart: its tag becomes an empty line, a mere line break a line end."""
        if tag in _BLOCKS or tag == "br":
            start = self._place()
            self._found.append(_Kept(start, start + 1, BLOCK if tag in _BLOCKS else "\n"))

    def _place(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


def _between(text: str, kept: list[_Kept]) -> Iterator[Edit]:
    """Yield the edits that leave just what is kept."""
    done = 0
    for start, end, shown in kept:
        if start < done or end > len(text):
            continue
        if done < start:
            yield Edit(done, start, "")
        if text[start:end] != shown:
            yield Edit(start, end, shown)
        done = end
    if done < len(text):
        yield Edit(done, len(text), "")
