"""How names are written: words to compare, parts, plurals, beginnings."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ARTICLES", "SHORT", "STEM", "Token", "keys", "singulars", "spellings", "stem", "tokens"]

_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_YEAR = re.compile(r"\s*\(\d{4}\)\s*$")
ARTICLES = ("the", "a", "an")
_DASH, _OR = re.compile(r"\s+-\s+"), re.compile(r"\s+or:.*", re.IGNORECASE)
_PARTS = re.compile(r"\s*[:：]\s*|\s+-\s+")
STEM, SHORT = 6, 4


class Token(NamedTuple):
    """A word, or a Chinese character, at characters ``start`` to ``end``; ``key`` compares it."""

    key: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Return the words of a text, and each Chinese character, without punctuation.

    Examples:
        >>> [token.key for token in tokens("Léon, 教父?")]
        ['leon', '教', '父']
    """
    return [Token(_plain(m[0]), m.start(), m.end()) for m in _TOKEN.finditer(text)]


def keys(text: str) -> list[str]:
    """Return the words of a text, to compare."""
    return [token.key for token in tokens(text)]


def _plain(word: str) -> str:
    """Return a word in lower case, without accents."""
    parts = unicodedata.normalize("NFKD", word)
    return "".join(c for c in parts if not unicodedata.combining(c)).casefold()


def spellings(name: str, *, is_item: bool) -> Iterator[tuple[str, bool]]:
    """Yield the ways a name is written, each with whether it is only a part of the name."""
    yield name, False
    if not is_item:
        return
    short = _YEAR.sub("", name)
    yield short, False
    yield short.replace("&", "and"), False
    first, _, rest = short.partition(" ")
    if first.casefold() in ARTICLES and rest:
        yield rest, True
    joined = "".join(keys(short))
    if len(keys(short)) > 1 and len(joined) > SHORT:
        yield joined, True
    yield from (
        (head, True) for head in (_DASH.split(short)[0], _OR.sub("", short)) if head != short
    )
    parts = _PARTS.split(short)
    if len(parts) > 1:
        yield from ((part, True) for part in parts if len(keys(part)) > 1)


def singulars(key: str) -> Iterator[str]:
    """Yield what a plural may be the plural of."""
    if len(key) < SHORT or not key.endswith("s") or not key.isascii():
        return
    if key.endswith("ies"):
        yield f"{key[:-3]}y"
    elif key.endswith("es"):
        yield key[:-2]
    yield key[:-1]


def stem(word: str) -> str:
    """Return the beginning that a word shares with its kin: ``violent``, ``violence``."""
    return _plain(word)[:STEM]
