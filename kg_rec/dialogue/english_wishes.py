"""Wishes in English, read from left to right: a phrase sets the slot that the next names go to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from kg_rec.dialogue.building import Slots, moment
from kg_rec.dialogue.english_cues import (
    ADDS,
    AFTER,
    AMOUNT,
    AMOUNT_AFTER,
    AND,
    BIT,
    DEGREE,
    FAN,
    HOW_MANY,
    HOW_MANY_ASKED,
    OTHERS,
    PATTERNS,
    PREPOSITIONS,
    SIGNS,
    SUFFIXED,
    THAN,
    TWICE,
    YEARS,
)
from kg_rec.dialogue.english_words import DECADES, FILLERS, NUMBERS
from kg_rec.ontology.speech import NUMBERS as ORDERED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kg_rec.dialogue.marking import Context, Marked
    from kg_rec.dialogue.requests import Request
    from kg_rec.ids import Iri

__all__ = ["class_nouns", "wishes"]


def wishes(marked: Marked) -> Request:
    """Return the wishes of a text with marks."""
    slots = Slots(marked.context)
    reader = _Reader(marked, slots)
    reader.read()
    others = bool(OTHERS.search(marked.text)) and not slots.compare
    return slots.request(others=others, adds=bool(ADDS.match(marked.text)))


def class_nouns(context: Context) -> frozenset[str]:
    """Return the nouns of the class of items, in the singular and plural."""
    ontology = context.names.ontology
    kind = ontology.classes.get(ontology.item_class)
    labels = kind.labels.get("en", ()) if kind else ()
    words = {"item", *(label.lower() for label in labels)}
    return frozenset(words | {_plural(word) for word in words})


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


class _Reader:
    """Reads wishes word by word.

    Args:
        marked: The text.
        slots: Where they go.
    """

    def __init__(self, marked: Marked, slots: Slots) -> None:
        self.marked = marked
        self.context = marked.context
        self.slots = slots
        self.nouns = class_nouns(marked.context)
        self.words = marked.text.split()
        self.opinion = False
        self.steps: tuple[Callable[[str], int], ...] = (
            self._year,
            self._amount,
            self._comparative,
            self._degree,
            self._suffixed,
            self._count,
            self._cue,
            self._separator,
            self._name,
        )

    def read(self) -> None:
        """Read all of the text."""
        i = 0
        while i < len(self.words):
            rest = " ".join(self.words[i:])
            width = next((n for step in self.steps if (n := step(rest))), 0)
            if not width:
                self._lose(self.words[i])
                width = 1
            i += width

    def _year(self, rest: str) -> int:
        attribute = moment(self.context)
        for pattern, op in YEARS:
            match = pattern.match(rest)
            if match is None or attribute is None:
                continue
            numbers = [_year_of(text) for text in match.groups() if text] or [_THIS_CENTURY]
            first = numbers[0]
            spans: dict[str, tuple[str, float | tuple[float, float]]] = {
                "between": ("between", (min(numbers), max(numbers))),
                "d": ("between", (first, first + 9)),
                "<d": ("<", first),
                ">d": (">", first + 9),
                ">=d": (">=", first),
                ">=c": (">=", first),
                "<c": ("<", first),
            }
            self.slots.condition(attribute, *spans.get(op, (op, first)))
            return _width(match[0])
        return 0

    def _amount(self, rest: str) -> int:
        match = AMOUNT.match(rest) or AMOUNT_AFTER.match(rest)
        if match is None:
            return 0
        relation = self._of_unit(match["unit"])
        if relation is None:
            return 0
        self.slots.condition(relation, SIGNS[match["op"]], float(match["number"]))
        return _width(match[0])

    def _of_unit(self, unit: str) -> Iri | None:
        """Return the relation whose values are numbers of a unit, as in "pages"."""
        relations = self.context.names.ontology.relations
        for iri, words in self.context.speech.relations["en"].items():
            known = {word for phrase in words.asking for word in phrase.split()}
            if relations[iri].range in ORDERED and {unit, unit.rstrip("s")} & known:
                return iri
        return None

    def _comparative(self, rest: str) -> int:
        relations = self.context.names.ontology.relations
        for iri, words in self.context.speech.relations["en"].items():
            if relations[iri].range not in ORDERED:
                continue
            for more, forms in ((True, words.more), (False, words.less)):
                if not forms:
                    continue
                either = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
                noun = f"(?: (?:{'|'.join(map(re.escape, self.nouns))}|ones?))?"
                match = re.match(
                    rf"{BIT}(?P<denied>no |not )?(?:{either})(?![\w'>]){noun}{THAN}", rest
                )
                if match:
                    self._compare(iri, match["than"], more=more != bool(match["denied"]))
                    return _width(match[0])
        return 0

    def _degree(self, rest: str) -> int:
        match = DEGREE.match(rest)
        if match is None:
            return 0
        less = match["degree"] != "more"
        node = self._subject(match["what"])
        plural = re.match(r"(?:\S+ )(?:films?|movies?)", rest[match.start("what") :])
        named = match["what"].startswith("<") and (plural or self._is_plural(match["what"]))
        if node is None or (not less and named and not match["than"]):
            return 0 if node is not None or match["degree"] == "more" else self._unknown(match)
        self._compare(node, match["than"], more=not less)
        return _width(match[0])

    def _unknown(self, match: re.Match[str]) -> int:
        """Take note of a comparison with something that the graph does not know."""
        if match["what"] in FILLERS or match["what"] in self.nouns:
            return 0
        said = re.sub(r"<\w+>", lambda m: self.marked.written(m[0]), match[0])
        self.slots.lost.append(said if " " in said else f"{said} …")
        return _width(match[0])

    def _is_plural(self, mark: str) -> bool:
        name = self.marked.found[int(mark[2:-1])]
        return name.text.lower().endswith("s")

    def _suffixed(self, rest: str) -> int:
        """Read "scarier" as more of what "scary" means."""
        match = SUFFIXED.match(rest)
        if match is None or match["what"] in FILLERS:
            return 0
        word = match["what"]
        if word.startswith("<"):
            word = self.marked.found[int(word[2:-1])].text.lower()
            if not (word.endswith("er") and match["than"]):
                return 0
        bases = [f"{word[:-3]}y"] if word.endswith("ier") else [word[:-2], word[:-1], word[:-3]]
        known = [self._adjective(base) for base in bases if len(base) > TWICE]
        if match["than"]:
            known += [self.context.names.subject(base) for base in bases if len(base) > TWICE]
        node = next((n for n in known if n is not None), None)
        if node is None:
            return self._unknown(match) if match["than"] else 0
        self._compare(node, match["than"], more=True)
        return _width(match[0])

    def _adjective(self, word: str) -> Iri | None:
        """Return the genre or subject that an adjective of the ontology means."""
        for node, words in self.context.speech.hidden.items():
            if (word, "en") in words and node not in self.context.names.ontology.relations:
                return node
        return None

    def _subject(self, what: str) -> Iri | None:
        if what.startswith("<"):
            name = self.marked.found[int(what[2:-1])]
            return self.context.names.subject(name.text) or name.nodes[0]
        if what in FILLERS or what in self.nouns:
            return None
        return self.context.names.subject(what)

    def _compare(self, attribute: Iri, than: str | None, *, more: bool) -> None:
        item = self.marked.node(than) if than else None
        self.slots.compared(attribute, more=more, than=item)

    def _count(self, rest: str) -> int:
        match = HOW_MANY_ASKED.match(rest)
        if match is None:
            match = HOW_MANY.match(rest)
            if match is None or not self._counts(rest[match.end() :].split()):
                return 0
        number = next(text for text in match.groups() if text)
        self.slots.k = NUMBERS.get(number) or int(number)
        return _width(match[0])

    def _counts(self, after: Sequence[str]) -> bool:
        """Return whether what follows a number can be counted: a noun of the class, or a name."""
        near = [word for word in after[:4] if word not in {",", "."}]
        nouns = self.nouns | {
            "ones",
            "recommendations",
            "suggestions",
            "titles",
            "picks",
            "options",
            "more",
        }
        return any(word in nouns or word.startswith("<e") for word in near)

    def _cue(self, rest: str) -> int:
        for mode, pattern in PATTERNS:
            match = pattern.match(rest)
            if match:
                self.opinion = mode == "love"
                self.slots.turn("like" if mode == "love" else mode)
                return _width(match[0])
        match = PREPOSITIONS.match(rest)
        bound = self.slots.mode in {"exclude", "dislike"} and self.slots.fresh
        if match and self.opinion and self.slots.mode == "like":
            return _width(match[0])
        if match and not bound:
            if self.slots.mode != "include":
                self.slots.turn("include")
            return _width(match[0])
        return 0

    def _separator(self, rest: str) -> int:
        match = AND.match(rest)
        if match is None:
            return 0
        after = rest[match.end() :].lstrip(", ")
        if not after.startswith("<"):
            self.slots.turn(
                "include" if self.slots.mode != "exclude" or not self.slots.fresh else "exclude"
            )
        return _width(match[0])

    def _name(self, rest: str) -> int:
        word = rest.split(" ", 1)[0]
        if not word.startswith("<"):
            return 0
        nodes = self.marked.nodes(word)
        if re.match(r"<e\d+> by <e", rest) and self._asks(word):
            return 1  # "music by Hans Zimmer"
        judged = self._judged(rest[len(word) :])
        spoken = word not in {"<it>", "<he>"} or self.slots.mode != "include"
        if nodes and (spoken or (word == "<he>" and self._is_wished(rest))):
            self.slots.add(nodes)
        if judged:
            self.slots.turn("include")
        return 1 + judged

    def _judged(self, after: str) -> int:
        """Set the slot of a name by what is said after it; return how many words that is."""
        for mode, pattern in AFTER:
            match = pattern.match(after)
            if match:
                self.slots.turn(mode)
                return _width(match[0])
        fan = FAN.match(after)
        if fan is None:
            return 0
        denied = self.slots.mode in {"exclude", "dislike"} and self.slots.fresh
        self.slots.turn("dislike" if denied else "like")
        return _width(fan[0])

    def _is_wished(self, rest: str) -> bool:
        """Return whether a pronoun is part of a wish: "more films with her", "his other films"."""
        words = rest.split()
        before = (
            self.words[len(self.words) - len(words) - 1] if len(words) < len(self.words) else ""
        )
        after = words[1:3]
        return bool(PREPOSITIONS.fullmatch(before)) or any(word in self.nouns for word in after)

    def _asks(self, mark: str) -> bool:
        """Return whether a name is a word that asks for a relation, too."""
        own = self.context.speech.relations["en"].values()
        return any(self.marked.written(mark).lower() in words.asking for words in own)

    def _lose(self, word: str) -> None:
        """Take note of a word that means something, but nothing known."""
        clean = word.strip("'\".,-")
        if not clean or clean in FILLERS or clean in self.nouns or clean in NUMBERS:
            return
        node = self._adjective(clean)
        if node is not None:
            self.slots.add((node,))
            return
        self.slots.lost.append(clean)


def _year_of(text: str) -> int:
    """Return the year that digits or the name of a decade stand for."""
    if text in DECADES:
        return DECADES[text]
    number = int(text)
    if number >= _CENTURY:
        return number
    return number + (1900 if number >= _RECENT else 2000)


_CENTURY, _RECENT, _THIS_CENTURY = 100, 30, 2000


@lru_cache(maxsize=1024)
def _width(text: str) -> int:
    return len(text.split())
