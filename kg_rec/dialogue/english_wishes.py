"""Wishes in English, read from left to right: a phrase sets the slot that the next names go to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.dialogue.building import Slots, moment
from kg_rec.dialogue.english_words import DECADES, FILLERS, NUMBERS
from kg_rec.dialogue.marking import ITEM
from kg_rec.ontology.speech import NUMBERS as ORDERED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kg_rec.dialogue.marking import Context, Marked
    from kg_rec.dialogue.requests import Request
    from kg_rec.ids import Iri

__all__ = ["class_nouns", "wishes"]

_VERY = r"(?:really |also |quite |absolutely |just |do |always |have |particularly |much |so |very )*"
_CUES = (
    (
        "dislike",
        rf"(?:do|did|does) not {_VERY}(?:like|love|enjoy|care for)",
        rf"not {_VERY}(?:like|love|enjoy|care for)",
        r"hate[ds]?",
        r"can not (?:stand|bear)",
        r"dislike[ds]?",
        r"detest|loathe|despise",
        r"(?:tired|sick|weary) of",
        r"fed up with",
        r"bored (?:of|by|with)",
        rf"not {_VERY}(?:a )?(?:big |huge )?(?:fan of|into|keen on|fond of)",
        r"not my (?:thing|cup of tea)",
    ),
    (
        "exclude",
        r"nothing(?: (?:too|very|really|that is|which is|else))?(?: (?:with|by|from|about|like|in"
        r"|featuring|starring|set in|involving|to do with))?",
        r"no(?: more)?(?! idea| matter| problem| later| older| earlier| newer)",
        r"without",
        r"none(?: of| with| by| about)?",
        r"(?:any|every)thing but",
        r"not (?:with|by|about|from|a|an|any|the|another|starring|featuring|in)",
        r"not(?= <)",
        r"except(?: for)?",
        r"excluding",
        r"avoid(?:ing)?",
        r"skip",
        r"leave out",
        r"minus",
        r"other than",
        r"apart from",
        r"aside from",
        r"(?:do|does) not (?:want|show|give|recommend|suggest|include|need|have|contain|involve"
        r"|feature|star)(?: to (?:see|watch))?(?: me)?",
        r"would rather not (?:see|watch|have)",
        r"never (?:show|recommend|suggest)(?: me)?",
        r"hide",
        r"free of",
        r"rather than",
        r"instead of",
        r"am not in the mood for",
        r"not in the mood for",
        r"(?:had )?enough of",
        r"keep (?:it )?free of",
        r"never",
    ),
    (
        "love",
        rf"(?:i|we) {_VERY}(?:like|liked|love|loved|adore|adored|enjoy|enjoyed|am into)",
        rf"(?:and|also) {_VERY}(?:liked|love|loved|adore|adored|enjoyed)",
        r"(?:big |huge |great )?fan of",
        r"my (?:all time )?favou?rites?(?: \w+)?(?: (?:is|are|was))",
        r"(?:am|really) into",
        r"(?:fond of|keen on)",
    ),
    (
        "like",
        r"(?<!would )(?<!feel )like(?: that of)?",
        r"similar to",
        r"in the (?:style|vein|spirit|manner) of",
        r"reminiscent of",
        r"along the lines of",
        r"such as",
        r"as good as",
        r"comparable to",
        r"resembling",
        r"close to",
        r"based on my love of",
    ),
    (
        "include",
        rf"(?:i|we) would {_VERY}(?:like|love|prefer|fancy)(?: to (?:see|watch|read|hear|have))?",
        rf"(?:i|we) {_VERY}(?:want|need|fancy)(?: to (?:see|watch|read|hear|have))?",
        r"feel(?:ing)? like",
        r"mood for",
        r"but",
        r"only",
        r"[.;!?]",
        r"still",
        r"must (?:have|be|star|feature)",
        r"has to (?:have|be|star|feature)",
    ),
)
_PREPOSITIONS = re.compile(
    r"(?:with|by|from|about|starring|featuring|directed by|set in|involving|having|written by)\b"
)
_PATTERNS = tuple(
    (mode, re.compile(rf"(?:{'|'.join(phrases)})(?![\w'>])(?:(?: any| the| an?| all)(?= ))*"))
    for mode, *phrases in _CUES
)
_Y = r"((?:1[89]|20)\d\d)"
_D = (
    r"(?:the )?(?:early |mid |late )?(?:"
    + r"(?:(?:19|20)?(\d0) ?'?s\b|(?:19|20)?(\d0) 's\b|((?:19|20)\d0) ?'?s\b|("
    + "|".join(DECADES)
    + r"))(?! \d))"
)
_FROM = (
    r"(?:(?:that )?(?:is |are |was |were )?(?:from|made|released|shot|dated?|published|out|came out"
    r"|which came out|produced|recorded|written)(?: in)? )*"
)


class _Span(NamedTuple):
    """A pattern of years: how it is said, and what it means."""

    pattern: re.Pattern[str]
    op: str


def _years(op: str, pattern: str) -> _Span:
    return _Span(re.compile(pattern), op)


_YEARS = (
    _years("between", rf"{_FROM}(?:between|from) {_Y} (?:and|to|until|till|through|-|–) {_Y}"),
    _years("between", rf"{_FROM}{_Y} ?[-–] ?{_Y}"),
    _years(">=", rf"(?:no|not) (?:older|earlier) than {_Y}"),
    _years("<=", rf"(?:no|not) (?:newer|later|more recent) than {_Y}"),
    _years(">=", rf"{_FROM}(?:since|from|at least) {_Y} ?(?:on|onwards?|or later|and later|forward)"),
    _years(">=", rf"{_FROM}{_Y} (?:or|and) (?:later|newer|after|onwards?|up)"),
    _years(">=", rf"{_FROM}(?:since|as of|starting from) {_Y}"),
    _years("<=", rf"{_FROM}{_Y} (?:or|and) (?:earlier|older|before)"),
    _years("<=", rf"{_FROM}(?:up to|until|till|by|through|no later than) {_Y}"),
    _years("<", rf"{_FROM}(?:before|prior to|earlier than|older than|pre-?) ?(?:the year )?{_Y}"),
    _years(
        ">",
        rf"{_FROM}(?:after|later than|newer than|more recent than|younger than|post-?) ?"
        rf"(?:the year )?{_Y}",
    ),
    _years("<d", rf"{_FROM}(?:before|prior to|older than|earlier than|pre-?) ?{_D}"),
    _years(">d", rf"{_FROM}(?:after|later than|newer than|post-?) ?{_D}"),
    _years(">=d", rf"{_FROM}since {_D}"),
    _years("d", rf"{_FROM}(?:in |of |during )?{_D}(?: or so)?"),
    _years("==", rf"{_FROM}(?:in |of |year )?(?:exactly )?{_Y}(?! ?')"),
)
_AMOUNT = re.compile(
    r"(?P<op>under|below|less than|fewer than|shorter than|at most|no more than|up to|over|above"
    r"|more than|longer than|at least|exactly|no less than) (?P<number>\d+(?:\.\d+)?) (?P<unit>[a-z]+)"
)
_AMOUNT_AFTER = re.compile(
    r"(?P<unit>[a-z]+) (?:of |is )?(?P<op>under|below|less than|at most|over|above|more than"
    r"|at least|of at least) (?P<number>\d+(?:\.\d+)?)"
)
_SIGNS = {
    **dict.fromkeys(("under", "below", "less than", "fewer than", "shorter than"), "<"),
    **dict.fromkeys(("at most", "no more than", "up to"), "<="),
    **dict.fromkeys(("over", "above", "more than", "longer than"), ">"),
    **dict.fromkeys(("at least", "no less than", "of at least"), ">="),
    "exactly": "==",
}
_BIT = r"(?:(?:a )?(?:little |bit |lot |much |slightly |way |even |somewhat |far |touch |tad )+)?"
_THAN = rf"(?: than (?:(?P<than>{ITEM})|(?:the )?(?:others|rest|list|these|those|them)))?"
_DEGREE = re.compile(
    rf"{_BIT}(?P<degree>more|less|fewer|not (?:so|as|too|very|that|overly|particularly)|too)"
    rf"(?: of)? (?P<what><e\d+>|[a-z][\w-]+){_THAN}"
)
_SUFFIXED = re.compile(rf"{_BIT}(?P<what>[a-z]+er){_THAN}")
_COUNT = "|".join(NUMBERS)
_HOW_MANY = re.compile(rf"(?:top |best |a |just |only )*(\d{{1,2}}|{_COUNT})(?: of)?(?= (?!hours?|min|years?|tickets?))")
_HOW_MANY_ASKED = re.compile(
    rf"(?:show|give|find|recommend|suggest|list)(?: me| us)? (?:the )?(?:top |best |just |only )?(\d{{1,2}}|{_COUNT})(?: of)?(?! hours?| min| years?)"
)
_AND = re.compile(r"(?:,|and|or|nor|&|/|, and|, or)(?: |$)")
_ADDS = re.compile(r"^(?:and|but|also|only|just|plus|same|ok|okay|now|with|without|no|not|none|nothing)\b")
_OTHERS = re.compile(r"\b(?:else|others?|another|different|more|next|new ones)\b")
_TWICE = 2


def wishes(marked: Marked) -> Request:
    """Return the wishes of a text with marks."""
    slots = Slots(marked.context)
    reader = _Reader(marked, slots)
    reader.read()
    others = bool(_OTHERS.search(marked.text)) and not slots.compare
    found = slots.request(others=others, adds=bool(_ADDS.match(marked.text)))
    said = _opinions(marked, found)
    return said or found


def class_nouns(context: Context) -> frozenset[str]:
    """Return the nouns of the class of items, in the singular and plural."""
    ontology = context.names.ontology
    kind = ontology.classes.get(ontology.item_class)
    labels = kind.labels.get("en", ()) if kind else ()
    words = {"item", *(label.lower() for label in labels)}
    return frozenset(words | {_plural(word) for word in words})


def _plural(word: str) -> str:
    return f"{word[:-1]}ies" if word.endswith("y") else f"{word}s"


def _opinions(marked: Marked, found: Request) -> Request | None:
    """Return wishes with the likes and dislikes that the text stage reads, where no cue was found."""
    del marked, found
    return None


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
        for pattern, op in _YEARS:
            match = pattern.match(rest)
            if match is None or attribute is None:
                continue
            numbers = [_year_of(text) for text in match.groups() if text]
            first = numbers[0]
            spans: dict[str, tuple[str, float | tuple[float, float]]] = {
                "between": ("between", (min(numbers), max(numbers))),
                "d": ("between", (first, first + 9)),
                "<d": ("<", first),
                ">d": (">", first + 9),
                ">=d": (">=", first),
            }
            self.slots.condition(attribute, *spans.get(op, (op, first)))
            return _width(match[0])
        return 0

    def _amount(self, rest: str) -> int:
        match = _AMOUNT.match(rest) or _AMOUNT_AFTER.match(rest)
        if match is None:
            return 0
        relation = self._of_unit(match["unit"])
        if relation is None:
            return 0
        self.slots.condition(relation, _SIGNS[match["op"]], float(match["number"]))
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
                match = re.match(rf"{_BIT}(?P<denied>no |not )?(?:{either})(?![\w'>]){noun}{_THAN}", rest)
                if match:
                    self._compare(iri, match["than"], more=more != bool(match["denied"]))
                    return _width(match[0])
        return 0

    def _degree(self, rest: str) -> int:
        match = _DEGREE.match(rest)
        if match is None:
            return 0
        less = match["degree"] not in {"more"}
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
        self.slots.lost.append(match[0])
        return _width(match[0])

    def _is_plural(self, mark: str) -> bool:
        name = self.marked.found[int(mark[2:-1])]
        return name.text.lower().endswith("s")

    def _suffixed(self, rest: str) -> int:
        """Read "scarier" as more of what "scary" means."""
        match = _SUFFIXED.match(rest)
        if match is None or match["what"] in FILLERS:
            return 0
        word = match["what"]
        bases = [f"{word[:-3]}y"] if word.endswith("ier") else [word[:-2], word[:-1], word[:-3]]
        node = next((n for base in bases if len(base) > _TWICE and (n := self._adjective(base))), None)
        if node is None:
            return 0
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
        match = _HOW_MANY_ASKED.match(rest)
        if match is None:
            match = _HOW_MANY.match(rest)
            if match is None or not self._counts(rest[match.end() :].split()):
                return 0
        self.slots.k = NUMBERS.get(match[1]) or int(match[1])
        return _width(match[0])

    def _counts(self, after: Sequence[str]) -> bool:
        """Return whether what follows a number can be counted: a noun of the class, or a name."""
        near = [word for word in after[:4] if word not in {",", "."}]
        nouns = self.nouns | {"ones", "recommendations", "suggestions", "titles", "picks", "options", "more"}
        return any(word in nouns or word.startswith("<e") for word in near)

    def _cue(self, rest: str) -> int:
        for mode, pattern in _PATTERNS:
            match = pattern.match(rest)
            if match:
                self.opinion = mode == "love"
                self.slots.turn("like" if mode == "love" else mode)
                return _width(match[0])
        match = _PREPOSITIONS.match(rest)
        bound = self.slots.mode in {"exclude", "dislike"} and self.slots.fresh
        if match and self.opinion and self.slots.mode == "like":
            return _width(match[0])
        if match and not bound:
            if self.slots.mode != "include":
                self.slots.turn("include")
            return _width(match[0])
        return 0

    def _separator(self, rest: str) -> int:
        match = _AND.match(rest)
        if match is None:
            return 0
        after = rest[match.end() :].lstrip(", ")
        if not after.startswith("<"):
            self.slots.turn("include" if self.slots.mode != "exclude" or not self.slots.fresh else "exclude")
        return _width(match[0])

    def _name(self, rest: str) -> int:
        word = rest.split(" ", 1)[0]
        if not word.startswith("<"):
            return 0
        nodes = self.marked.nodes(word)
        if nodes and not (word in {"<it>", "<he>"} and self.slots.mode == "include"):
            self.slots.add(nodes)
        return 1

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


_CENTURY, _RECENT = 100, 30


@lru_cache(maxsize=1024)
def _width(text: str) -> int:
    return len(text.split())
