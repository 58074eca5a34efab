"""Small matters of wording: lists, signed numbers, lengths of labels."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "ELLIPSIS",
    "NAME",
    "NEGLIGIBLE",
    "clean",
    "isolate",
    "join",
    "number",
    "places_for",
    "plural",
    "shorten",
    "signed",
    "width",
]

_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff"
_LEFT = "A-Za-z\u00c0-\u058f\u0900-\u1fff\u3040-\ud7ff"
_RIGHT_TO_LEFT = re.compile(f"([{_RIGHT}](?:[^{_LEFT}]*[{_RIGHT}])?)")
MINUS = "\N{MINUS SIGN}"
NEGLIGIBLE = 5e-7
"""Absolute values below this are shown as zero."""
NAME = 80
"""Most half-width characters of a name in small print: paths, quotes, terms."""
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def clean(text: str) -> str:
    r"""Return a text without what neither HTML nor XML can hold (control characters, surrogates).

    Characters that set the direction of all that follows are left out.

    Examples:
        >>> clean("He\x00at")
        'He\ufffdat'
    """
    return _UNPRINTABLE.sub("\ufffd", _DIRECTIONS.sub("", text))


def isolate(text: str) -> Markup:
    """Return a text as HTML in which what is written from right to left moves nothing else.

    Examples:
        >>> print(isolate("<like שלום, 7 more>"))
        &lt;like <bdi>שלום</bdi>, 7 more&gt;
    """
    parts = _RIGHT_TO_LEFT.split(clean(text))
    marked = (
        Markup("<bdi>{}</bdi>").format(p) if n % 2 else escape(p) for n, p in enumerate(parts)
    )
    return Markup().join(marked)


def join(names: Sequence[str], most: int = 2) -> str:
    """Return names as one phrase; of many, only the first ``most`` are named.

    Examples:
        >>> join(["Heat"]), join(["Heat", "Se7en"]), join(["Heat", "Se7en", "Drive"])
        ('Heat', 'Heat and Se7en', 'Heat, Se7en and Drive')
        >>> join(["Heat", "Se7en", "Drive", "Psycho"])
        'Heat, Se7en and 2 more'
    """
    names = list(names)
    if len(names) > most + 1:
        names = [*names[:most], f"{len(names) - most:,} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """Return a count with its noun.

    Examples:
        >>> plural(1, "reason"), plural(1200, "reason")
        ('1 reason', '1,200 reasons')
    """
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def number(value: float, places: int = 3) -> str:
    """Return a number to so many places, or to one significant digit if it is smaller than that.

    What is below a millionth is as good as zero, and written so.

    Examples:
        >>> number(0.30221), number(-2.0), number(0.00042), number(1e-19)
        ('0.302', '−2.000', '0.0004', '0.000')
    """
    size = abs(value)
    if size < NEGLIGIBLE:
        return f"{0:.{places}f}"
    if size < 10.0**-places:
        places = -int(f"{size:.0e}".split("e")[1])
    return f"{MINUS if value < 0 else ''}{size:.{places}f}"


def signed(value: float, places: int = 3) -> str:
    """Return a number with its sign.

    Examples:
        >>> signed(0.012), signed(-0.012), signed(0.0), signed(0.012, 4)
        ('+0.012', '−0.012', '0.000', '+0.0120')
    """
    said = number(value, places)
    return f"+{said}" if value >= NEGLIGIBLE else said


def places_for(values: Iterable[float]) -> int:
    """Return how many places show three digits of the largest absolute value: 3 to 6.

    Examples:
        >>> places_for([1.25, 0.3]), places_for([0.053]), places_for([])
        (3, 4, 3)
    """
    largest = max(map(abs, values), default=1.0)
    return min(6, max(3, 2 - math.floor(math.log10(largest)))) if largest >= NEGLIGIBLE else 3


def width(text: str) -> int:
    """Return the width of a text in half-width cells; Chinese, Japanese, emoji take two.

    Examples:
        >>> width("Heat"), width("霸王别姬")
        (4, 8)
    """
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shorten(text: str, cells: int) -> str:
    """Return a text of at most so many cells, cut at a word if one ends near, with an ellipsis.

    Examples:
        >>> shorten("The Curious Case of Benjamin Button (2008)", 22)
        'The Curious Case of…'
    """
    text = " ".join(text.split())
    if width(text) <= cells:
        return text
    kept, used = "", 1
    for char in text:
        used += _cells(char)
        if used > cells:
            break
        kept += char
    head = kept.rsplit(" ", 1)[0]
    return (head if width(head) * 3 >= cells * 2 else kept).rstrip(" ,;:-(\u2013\u200d") + ELLIPSIS
