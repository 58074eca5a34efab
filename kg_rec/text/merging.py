"""Which names mean the same thing: aliases, initials, short forms, misspellings, homonyms.

Every merge has a reason that can be listed and overridden. Names are compared as lists of words
without accents, titles ("Dr.") and articles; numbers must be equal ("Toy Story 2" is not
"Toy Story 3"), and so must "Jr." and "Sr.".
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from kg_rec.text.names import name_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Match", "Name", "NameIndex", "compare", "name_of", "short_for"]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TITLES = _set(
    """
    mr mrs ms miss dr sir dame lord lady prof professor president captain capt director actor
    actress king queen prince princess saint st rev judge senator
    """
)
_COMPANY = _set(
    """
    inc ltd llc corp corporation co company plc gmbh ag limited incorporated
    """
)
_TRADES = _set(
    """
    pictures studios studio films entertainment records group productions media animation
    international music publishing books press
    """
)
_GENERATIONS = frozenset({"jr", "sr", "junior", "senior", "ii", "iii", "iv"})
_SURE_GENERATIONS = frozenset({"jr", "sr", "junior", "senior"})
_SAME_GENERATION = {"junior": "jr", "senior": "sr"}
_EXPANDED = {
    "bros": "brothers",
    "n": "and",
    "vol": "volume",
    "pt": "part",
    "st": "saint",
    "20th": "twentieth",
    "21st": "twentyfirst",
    "1st": "first",
    "2nd": "second",
    "3rd": "third",
}
_SHORT = {
    "bob": "robert",
    "bill": "william",
    "billy": "william",
    "jim": "james",
    "jimmy": "james",
    "tony": "anthony",
    "mike": "michael",
    "liz": "elizabeth",
    "kate": "katherine",
    "dick": "richard",
    "ted": "theodore",
    "ned": "edward",
    "jack": "john",
    "peggy": "margaret",
    "chuck": "charles",
    "harry": "henry",
}
_SPELLED = (
    ("ph", "f"), ("ck", "k"), ("sch", "sh"), ("tch", "ch"), ("kh", "h"), ("ts", "z"), ("x", "ks"),
    ("c", "k"), ("j", "i"), ("y", "i"), ("w", "v"), ("q", "k"), ("ss", "s"),
)  # fmt: skip
_ROMAN = re.compile(r"(?:ii|iii|iv|v|vi|vii|viii|ix|x)$")
_YEAR = re.compile(r"\s*\((?:(\d{4})|[^()]*film|[^()]*novel|[^()]*album)\)\s*$")
_LIGHT = frozenset({"of", "the", "and", "a", "de", "for", "in"})

FUZZY = 0.88
"""Similarity of two names (of letters, from 0 to 1) from which one is taken for a misspelling."""
SHORTEST = 7
"""Letters that a name must have for its misspellings to be told from other names."""


_WORD_ALIKE = 0.75
_SLIP = 5


class Match(NamedTuple):
    """Two names mean the same, for a reason, more or less surely (0 to 1)."""

    reason: str
    score: float


class Name(NamedTuple):
    """A name as it is compared.

    Attributes:
        text: As written.
        words: Its words, case folded, without accents, titles and articles.
        generation: ``"jr"``, ``"sr"``, … or empty.
        is_acronym: Whether it is written in capitals only: "MGM".
        year: A year in brackets behind it, or empty.
    """

    text: str
    words: tuple[str, ...]
    generation: str
    is_acronym: bool
    year: str = ""


_T = TypeVar("_T")


class NameIndex(Generic[_T]):
    """Names with what they stand for, found by names that may mean the same.

    A name is near another one if they share a word, if one is the other's acronym, or if their
    letters are alike (``rapidfuzz.fuzz.ratio``), so that :func:`compare` and :func:`short_for` need
    not look at all.
    """

    def __init__(self) -> None:
        self._entries: list[tuple[Name, _T]] = []
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_heads: dict[str, list[int]] = defaultdict(list)
        self._whole: dict[int, str] = {}
        self._last: dict[int, str] = {}

    def add(self, name: Name, value: _T) -> None:
        """Take up a name."""
        number = len(self._entries)
        self._entries.append((name, value))
        for word in {*name.words, "".join(name.words), _spelled(name)}:
            self._by_word[word].append(number)
        self._by_heads[_heads(name)].append(number)
        self._whole[number] = " ".join(name.words)
        self._last[number] = name.words[-1] if name.words else ""

    def exact(self, name: Name) -> Iterator[tuple[Name, _T]]:
        """Yield the entries of the same words and generation."""
        for number in self._by_word.get("".join(name.words), ()):
            other, value = self._entries[number]
            if other.words == name.words and other.generation == name.generation:
                yield other, value

    def near(self, name: Name) -> Iterator[tuple[Name, _T]]:
        """Yield the entries that may mean the same, in the order in which they were taken up."""
        joined = "".join(name.words)
        words = {*name.words, joined, _spelled(name)}
        found = {n for word in words for n in self._by_word.get(word, ())}
        found.update(self._by_heads.get(joined, ()), self._by_word.get(_heads(name), ()))
        if len(joined) >= SHORTEST:
            where = self._last if len(name.words) == 1 else self._whole
            wanted = " ".join(name.words)
            cutoff = 100 * (_WORD_ALIKE if len(name.words) == 1 else FUZZY)
            similar = process.extract(
                wanted, where, scorer=fuzz.ratio, score_cutoff=cutoff, limit=None
            )
            found.update(number for _, _, number in similar)
        yield from (self._entries[number] for number in sorted(found))


def name_of(text: str) -> Name:
    """Return a name ready to be compared.

    Examples:
        >>> name_of("Sir J.J. Abrams Jr.")[1:3]
        (('j', 'j', 'abrams'), 'jr')
    """
    bare = _YEAR.sub("", text).replace("&", " and ")
    words = [_EXPANDED.get(word, word) for word in name_key(bare).split()]
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    while len(words) > 1 and words[-1] in _COMPANY:
        words = words[:-1]
    least = 1 if words[-1:] and words[-1] in _SURE_GENERATIONS else 2
    generation = words[-1] if len(words) > least and words[-1] in _GENERATIONS else ""
    if generation:
        words = words[:-1]
    letters = re.sub(r"[\W_]", "", text)
    acronym = letters.isupper() and letters.isalpha() and 1 < len(letters) <= 6  # noqa: PLR2004
    year = _YEAR.search(text)
    return Name(
        text,
        tuple(words),
        _SAME_GENERATION.get(generation, generation),
        acronym,
        year[1] or "" if year else "",
    )


def compare(one: Name, other: Name, *, person: bool | None) -> Match | None:
    """Return why two full names mean the same; None if nothing says so.

    Args:
        one: A name.
        other: Another one.
        person: Whether they name people, who have initials and given names; None if that is open.

    Examples:
        >>> compare(name_of("JJ Abrams"), name_of("J. J. Abrams"), person=True).reason
        'spelling'
        >>> compare(name_of("Samuel Jackson"), name_of("Samuel L. Jackson"), person=True).reason
        'initials'
        >>> compare(name_of("Joel Coen"), name_of("Ethan Coen"), person=True)
    """
    if not one.words or not other.words or one.generation != other.generation:
        return None
    if one.year and other.year and one.year != other.year:
        return None
    same = _same_letters(one, other)
    if same is not None:
        return same
    if person is not False and (found := _given_names_agree(one.words, other.words)):
        return found
    if person is not True and (found := _parts_agree(one, other)):
        return found
    return _misspelt(one, other)


def _same_letters(one: Name, other: Name) -> Match | None:
    if one.words == other.words:
        return Match("same name", 1.0)
    joined = "".join(one.words)
    if joined == "".join(other.words):
        return Match("spelling", 1.0)
    alike = len(joined) >= SHORTEST and _spelled(one) == _spelled(other)
    if alike and _numbers(one.words) == _numbers(other.words):
        return Match("same sound", 0.9)
    return None


def short_for(short: Name, full: Name, *, person: bool | None) -> Match | None:
    """Return why a name is short for a fuller one: a surname, a given name, a subtitle.

    Only within one document, or where just one thing is known that it may mean.

    Examples:
        >>> short_for(name_of("Abrams"), name_of("J. J. Abrams"), person=True).reason
        'surname'
    """
    if not short.words or len(short.words) >= len(full.words):
        return None
    if short.generation and short.generation != full.generation:
        return None
    found = None if person is False else _part_of_person(short, full)
    return found if found or person else _part_of_title(short, full)


def _part_of_person(short: Name, full: Name) -> Match | None:
    word, last = short.words[0], full.words[-1]
    if full.words[-len(short.words) :] == short.words:
        return Match("surname", 0.9)
    if len(short.words) > 1:
        return None
    if full.words[0] == word and len(word) > 1:
        return Match("given name", 0.8)
    if len(last) >= SHORTEST and _alike(word, last):
        return Match(f"fuzzy {_ratio(word, last):.2f}", 0.8)
    return None


def _part_of_title(short: Name, full: Name) -> Match | None:
    parts = [name_of(part).words for part in re.split(r":\s|\s[–—-]\s", full.text)]
    if len(parts) > 1 and short.words in parts:
        return Match("subtitle", 0.9)
    long = len(short.words) > 1 or len(short.words[0]) >= SHORTEST
    if long and full.words[: len(short.words)] == short.words:
        return Match("beginning", 0.8)
    return None


def _given_names_agree(one: Sequence[str], other: Sequence[str]) -> Match | None:
    """Return why two people may be one: the family name is shared, the given names fit."""
    if min(len(one), len(other)) < 2:  # noqa: PLR2004
        return None
    if len(one) == 2 and tuple(reversed(one)) == tuple(other):  # noqa: PLR2004
        return Match("order of the names", 0.9)
    if one[-1] != other[-1]:
        return None
    few, many = sorted((one[:-1], other[:-1]), key=len)
    if (few[0] != many[0] and len(few) != len(many)) or not _in_order(few, many):
        return None
    letters = min(len(word) for word in (few[0], many[0]))
    same = few[0] == many[0]
    return Match("initials" if same or letters == 1 else "short given name", 0.95 if same else 0.9)


def _in_order(few: Sequence[str], many: Sequence[str]) -> bool:
    """Return whether the first given names agree, and the others stand in the same order."""
    if not _begins_alike(few[0], many[0]):
        return False
    rest = iter(many[1:])
    return all(any(_begins_alike(word, other) for other in rest) for word in few[1:])


def _begins_alike(one: str, other: str) -> bool:
    """Return whether a given name may be the other, its initial or its short form."""
    short, full = sorted((one, other), key=len)
    if len(short) == 1:
        return full[0] == short
    prefix = len(short) > 2 and full.startswith(short)  # noqa: PLR2004
    return short == full or prefix or full == _SHORT.get(short)


def _spelled(name: Name) -> str:
    """Return the letters of a name as they sound, whatever the alphabet they were brought from."""
    text = " ".join(name.words)
    for written, sound in _SPELLED:
        text = text.replace(written, sound)
    return re.sub(r"(.)\1+", r"\1", text)


def _parts_agree(one: Name, other: Name) -> Match | None:
    short, full = sorted((one, other), key=lambda name: len(name.words))
    if short.is_acronym and len(full.words) > 1 and _heads(full) == "".join(short.words):
        return Match("acronym", 0.9)
    rest = full.words[len(short.words) :]
    if full.words[: len(short.words)] == short.words and rest and set(rest) <= _TRADES:
        return Match("company", 0.9)
    return None


def _heads(name: Name) -> str:
    """Return the first letters of the words, as an acronym has them."""
    return "".join(word[0] for word in name.words if word not in _LIGHT)


def _misspelt(one: Name, other: Name) -> Match | None:
    a, b = one.words, other.words
    if _numbers(a) != _numbers(b) or abs(len(a) - len(b)) > 1:
        return None
    if min(len("".join(a)), len("".join(b))) < SHORTEST:
        return None
    if len(a) == len(b) and not all(x == y or _alike(x, y) for x, y in zip(a, b, strict=True)):
        return None
    ratio = _ratio(" ".join(a), " ".join(b))
    return Match(f"fuzzy {ratio:.2f}", ratio * 0.9) if ratio >= FUZZY else None


def _alike(one: str, other: str) -> bool:
    """Return whether one word may be a slip of the other: one letter in five is another."""
    if one[0] != other[0]:
        return False
    return OSA.distance(one, other) <= max(len(one), len(other)) // _SLIP


def _ratio(one: str, other: str) -> float:
    return fuzz.ratio(one, other) / 100


def _numbers(words: Sequence[str]) -> list[str]:
    return [word for word in words if word.isdigit() or _ROMAN.fullmatch(word)]
