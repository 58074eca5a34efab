"""What people say they like and dislike, in Chinese: cues, clause by clause."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.text.chinese.cues import CONTRASTS, CUES, EXCEPT, GENERAL, PREFIXES, SUFFIXES, VERDICTS
from kg_rec.text.chinese.names import WORK_NAME, Name
from kg_rec.text.chinese.segmenting import PHRASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.text.chinese.segmenting import Word

__all__ = ["Taste", "tastes"]

_NOUN = re.compile(r"^(?:n|an|vn|j|l|i|b|eng|nr)")
_CONTENT = re.compile(r"^(?:[avzbilj]|n|an|vn|eng)")
_KIND_WORDS = frozenset(["片", "戏", "剧", "类", "风", "番", "曲", "歌", "书", "舞"])
_NEGATION = re.compile(
    r"(?:不|没|没有|(?<!特)别|无)(?:太|怎么|大|再|是|很|那么|给我|会|想|敢|要|特别)*$"
)
_ENOUGH = re.compile(r"无(?P<what>[^，。]{1,4})不欢")
_LESS = re.compile(r"不像(?P<than>[^，。]{1,14}?)(?:那么|那样|这么|这样)(?P<what>[^，。的]{1,4})")
_RATHER = re.compile(r"(?:比起|相比|相较于|与其)(?P<what>[^，。]{1,14}?)(?=[，,])")
_DEGREE = re.compile(r"(?:太|那么|这么|过于|过分|特别)$")
_INVERTED = re.compile(r"(?:是|算)?(?:个|唯一的)?例外")
_ALSO = re.compile(r"还|也|另外")

_LIST = 4
_Said = tuple[float, int, int]
"""Strength, and where it is said."""


class Taste(NamedTuple):
    """A target with its signed strength, as said at characters ``start`` to ``end``."""

    name: Name
    strength: float
    start: int
    end: int


class _Clause(NamedTuple):
    start: int
    end: int
    cues: tuple[_Said, ...]
    targets: tuple[Name, ...]
    lists: bool


def tastes(text: str, words: Sequence[Word], names: Sequence[Name]) -> list[Taste]:
    """Return the tastes that a text states, from left to right.

    A clause without a cue goes with the one before it if it only goes on with a list, and with a
    cue that comes after it alone: ``歌舞片，我真的受不了``.

    Args:
        text: The text.
        words: Its words.
        names: The names in it.
    """
    targets = _targets(text, words, names)
    fixed = _fixed(text, targets)
    clauses = _clauses(text, words, [t for t in targets if t not in fixed])
    found = {**_of_clauses(text, clauses), **fixed}
    return sorted(
        (Taste(name, strength, start, end) for name, (strength, start, end) in found.items()),
        key=lambda taste: taste.name.start,
    )


def _of_clauses(text: str, clauses: Sequence[_Clause]) -> dict[Name, _Said]:
    found: dict[Name, _Said] = {}
    last: _Said | None = None
    for k, clause in enumerate(clauses):
        before = clauses[k - 1] if k else None
        if clause.cues and not clause.targets and before is not None:
            bygone = text[before.start : before.end].startswith(PREFIXES)
            joined = text[before.end : clause.start] in {"，", ",", "、"}
            if (joined and not before.cues) or (bygone and clause.cues[0][0] < 0):
                found.update(dict.fromkeys(before.targets, clause.cues[0]))
        for target in clause.targets:
            cue = _speaking(clause, target) or _carried(text, clause, last)
            if cue is not None:
                found[target] = cue
        last = clause.cues[-1] if clause.cues else _carried(text, clause, last)
    return found


def _carried(text: str, clause: _Clause, last: _Said | None) -> _Said | None:
    """Return what a clause without a cue takes over from the one before it."""
    inverted = _INVERTED.search(text, clause.start, clause.end)
    if last is not None and inverted:
        return -last[0], inverted.start(), inverted.end()
    return last if clause.lists else None


def _fixed(text: str, targets: Sequence[Name]) -> dict[Name, _Said]:
    """Return the targets of figures of speech that fix their polarity."""
    found: dict[Name, _Said] = {}
    for match in EXCEPT.finditer(text):
        also = _ALSO.match(text[match.end() :].lstrip("，,我"))
        found.update(_within(targets, match, "what", 0.8 if also else -0.8))
    for match in _LESS.finditer(text):
        found.update(_within(targets, match, "than", 0.4))
        found.update(_within(targets, match, "what", -0.8))
    for match in _RATHER.finditer(text):
        found.update(_within(targets, match, "what", -0.4))
    for match in _ENOUGH.finditer(text):
        found.update(_within(targets, match, "what", 1.0))
    return found


def _within(
    targets: Sequence[Name], match: re.Match[str], group: str, strength: float
) -> dict[Name, _Said]:
    start, end = match.span(group)
    inside = [t for t in targets if start <= t.start and t.end <= end]
    return {t: (strength, match.start(), match.end()) for t in inside}


# --- clauses -----------------------------------------------------------------------------------


def _clauses(text: str, words: Sequence[Word], targets: Sequence[Name]) -> list[_Clause]:
    inner = {k for t in targets for k in range(t.start, t.end)}
    cuts = [m for m in CONTRASTS.finditer(text) if m.start() not in inner]
    starts = [0, *(m.end() for m in cuts)]
    ends = [*(m.start() for m in cuts), len(text)]
    found = []
    for start, end in zip(starts, ends, strict=True):
        own = tuple(t for t in targets if start <= t.start < end)
        if text[start:end].strip():
            cues = _cues(text, words, (start, end), own)
            rest = text[start:end]
            for target in own:
                rest = rest.replace(target.text, "")
            found.append(_Clause(start, end, cues, own, bool(own) and len(rest) <= _LIST))
    return found


def _cues(
    text: str, words: Sequence[Word], place: tuple[int, int], targets: Sequence[Name]
) -> tuple[_Said, ...]:
    """Return the cues of a clause, from left to right: outside the targets, the longest first."""
    start, end = place
    taken = {k for t in targets for k in range(t.start, t.end)}
    whole = {(word.start, word.end) for word in words}
    found: list[_Said] = []
    for target in targets:
        suffix = next((s for s in SUFFIXES if text.startswith(s, target.end)), None)
        if suffix is not None:
            taken.update(range(target.end, target.end + len(suffix)))
            found.append((0.9, target.end, target.end + len(suffix)))
    for word, strength in CUES:
        at = text.find(word, start, end)
        while at >= 0:
            span = range(at, at + len(word))
            if taken.isdisjoint(span) and (len(word) > 1 or (at, at + 1) in whole):
                taken.update(span)
                denied = _NEGATION.search(text[start:at])
                found.append((-strength if denied else strength, at, at + len(word)))
            at = text.find(word, at + 1, end)
    return tuple(sorted(found, key=lambda cue: cue[1])) or _verdict(text, place, targets)


def _verdict(text: str, place: tuple[int, int], targets: Sequence[Name]) -> tuple[_Said, ...]:
    """Return what is said of an aspect by an adjective behind it: ``剧情太拖沓``."""
    start, end = place
    first = min((t.end for t in targets), default=start)
    for word in sorted(VERDICTS, key=lambda v: (-len(v), v)):
        at = text.find(word, first, end)
        if at >= 0:
            strength = -VERDICTS[word] if _NEGATION.search(text[start:at]) else VERDICTS[word]
            return ((strength, at, at + len(word)),)
    return ()


def _speaking(clause: _Clause, target: Name) -> _Said | None:
    """Return the cue that speaks of a target: the last one before it, else the first behind."""
    before = [cue for cue in clause.cues if cue[1] < target.start]
    return before[-1] if before else (clause.cues[0] if clause.cues else None)


# --- targets -----------------------------------------------------------------------------------


def _targets(text: str, words: Sequence[Word], names: Sequence[Name]) -> list[Name]:
    """Return what a taste may be of: names, nouns side by side, what describes a noun."""
    taken = {k for n in names for k in range(n.start, n.end)}
    found = [n for n in names if n.text not in GENERAL]
    k = 0
    while k < len(words):
        stop = k
        while stop < len(words) and _is_noun(words[stop], taken):
            stop += 1
        if _is_kind(words, stop, taken) and (stop > k or _is_content(words[stop], taken)):
            stop += 2 if words[stop].text not in _KIND_WORDS else 1
        elif k < stop < len(words) and words[stop].text in _KIND_WORDS:
            stop += 1
        if stop > k:
            phrase = _phrase(text, words[k:stop])
            if phrase is not None:
                found.append(phrase)
            k = stop
            continue
        if _is_description(text, words, k, taken):
            found.append(Name(words[k].text, words[k].start, words[k].end, WORK_NAME))
        k += 1
    found += _liked_words(text, words, found, taken)
    return sorted(found, key=lambda n: n.start)


def _is_kind(words: Sequence[Word], k: int, taken: set[int]) -> bool:
    """Return whether a word and one for a kind make a compound: ``搞笑|片``."""
    follows = k + 1 < len(words) and words[k + 1].text in _KIND_WORDS
    return follows and _is_content(words[k], taken)


def _is_content(word: Word, taken: set[int]) -> bool:
    """Return whether a word of two letters or more says something, and is no cue."""
    cue = any(word.text == cue for cue, _ in CUES) or word.text in VERDICTS
    plain = word.start not in taken and len(word.text) > 1 and word.text not in GENERAL
    return plain and not cue and bool(_CONTENT.match(word.tag))


def _liked_words(
    text: str, words: Sequence[Word], found: Sequence[Name], taken: set[int]
) -> list[Name]:
    """Return what a cue speaks of where no noun does: ``喜欢搞笑的``, ``催泪就算了``."""
    new = []
    start = 0
    for k in range(len(words) + 1):
        if k < len(words) and not CONTRASTS.fullmatch(words[k].text):
            continue
        clause = words[start:k]
        start = k + 1
        if not clause or any(clause[0].start <= n.start < clause[-1].end for n in found):
            continue
        place = (clause[0].start, clause[-1].end)
        cues = _cues(text, words, place, ())
        inside = {i for _, first, last in cues for i in range(first, last)}
        content = [w for w in clause if _is_content(w, taken) and w.start not in inside]
        after = [w for w in content if cues and w.start >= cues[0][2]]
        chosen = after[:1] or ([w for w in content if w is clause[0]] if cues else [])
        new += [Name(w.text, w.start, w.end, WORK_NAME) for w in chosen if w.text not in GENERAL]
    return new


def _phrase(text: str, words: Sequence[Word]) -> Name | None:
    kept = list(words)
    if all(w.text in GENERAL for w in kept):
        return None
    while kept and kept[0].text in GENERAL:
        kept = kept[1:]
    start, end = kept[0].start, kept[-1].end
    return Name(text[start:end], start, end, WORK_NAME)


def _is_noun(word: Word, taken: set[int]) -> bool:
    if word.start in taken or (word.tag == "nr" and len(word.text) == 1):
        return False
    cue = any(word.text == cue for cue, _ in CUES) or word.text in VERDICTS
    return bool(_NOUN.match(word.tag)) and not cue


def _is_description(text: str, words: Sequence[Word], k: int, taken: set[int]) -> bool:
    """Return whether an adjective is a taste: before ``的`` and a noun, or after ``太``."""
    word = words[k]
    if word.start in taken or len(word.text) < 2 or word.tag in {"x", "d", "ul", PHRASE}:  # noqa: PLR2004
        return False
    if any(word.text == cue for cue, _ in CUES):
        return False
    after = words[k + 1] if k + 1 < len(words) else None
    if _DEGREE.search(text[: word.start]) and not _is_predicate(words, k, taken):
        return True
    if not re.match("[azv]", word.tag) or after is None:
        return False
    opens = k == 0 or words[k - 1].tag == "x"
    topic = opens and after.tag in {"d", "zg"} and word.tag != "v"
    described = word.tag != "v" and after.text == "的" and k + 2 < len(words)
    return topic or described


def _is_predicate(words: Sequence[Word], k: int, taken: set[int]) -> bool:
    """Return whether something before in the clause is what an adjective is said of."""
    for word in reversed(words[:k]):
        if word.tag == "x":
            return False
        if word.start in taken or _NOUN.match(word.tag):
            return True
    return False
