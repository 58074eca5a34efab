"""Phrases of English that tell what a wish says of the names in it."""

from __future__ import annotations

import re
from typing import NamedTuple

from kg_rec.dialogue.english_words import DECADES, NUMBERS
from kg_rec.dialogue.marking import ITEM

__all__ = [
    "ADDS",
    "AFTER",
    "AMOUNT",
    "AMOUNT_AFTER",
    "AND",
    "BIT",
    "DEGREE",
    "FAN",
    "HOW_MANY",
    "HOW_MANY_ASKED",
    "OTHERS",
    "PATTERNS",
    "PREPOSITIONS",
    "SIGNS",
    "SUFFIXED",
    "THAN",
    "TWICE",
    "YEARS",
]

VERY = (
    r"(?:really |also |quite |absolutely |just |do |always |have |particularly |much |so |very )*"
)
CUES = (
    (
        "dislike",
        rf"(?:do|did|does) not {VERY}(?:like|love|enjoy|care for)",
        rf"not {VERY}(?:like|love|enjoy|care for)",
        r"hate[ds]?",
        r"can not (?:stand|bear)",
        r"dislike[ds]?",
        r"detest|loathe|despise",
        r"(?:tired|sick|weary) of",
        r"fed up with",
        r"bored (?:of|by|with)",
        rf"not {VERY}(?:a )?(?:big |huge )?(?:fan of|into|keen on|fond of)",
        r"not my (?:thing|cup of tea)",
    ),
    (
        "exclude",
        r"nothing(?: (?:too|very|really|that is|which is|else))?",
        r"nothing(?: (?:too|else))? (?:with|by|from|about|like|in|featuring|starring|involving)",
        r"nothing(?: (?:too|else))? (?:set in|to do with)",
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
        r"(?:do|does) not (?:want|show|give|recommend|suggest)(?: to (?:see|watch))?(?: me)?",
        r"(?:do|does) not (?:include|need|have|contain|involve|feature|star)",
        r"would rather not (?:see|watch|have)",
        r"never (?:show|recommend|suggest)(?: me)?",
        r"hide",
        r"free of",
        r"rather than",
        r"instead of",
        rf"(?:do|did) not {VERY}(?:fancy|feel like)",
        r"am not in the mood for",
        r"not in the mood for",
        r"(?:had )?enough(?: of)?",
        r"keep (?:it )?free of",
        r"never",
    ),
    (
        "love",
        rf"(?:i|we) {VERY}(?:like|liked|love|loved|adore|adored|enjoy|enjoyed|am into)",
        r"(?:loved|adored|enjoyed)",
        r"(?:love|adore|enjoy)(?= (?:all |any |the |good |old )*<[ie]\d)",
        r"(?:crazy|mad|wild|passionate|nuts) about",
        r"(?:obsessed with|addicted to|big on|devoted to|partial to)",
        rf"(?:and|also) {VERY}(?:liked|love|loved|adore|adored|enjoyed)",
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
        rf"(?:i|we) would {VERY}(?:like|love|prefer|fancy)(?: to (?:see|watch|read|hear|have))?",
        rf"(?:i|we) {VERY}(?:want|need|fancy)(?: to (?:see|watch|read|hear|have))?",
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
_END = r"(?= [,.;!?]| and\b| but\b|$)"
_NOUN = r"(?: (?:films?|movies?|ones?))?"
_SO = r"(?:really |definitely |always |just |simply |do |absolutely |also |still )*"
AFTER = (
    (
        "like",
        re.compile(
            rf"{_NOUN} (?:(?:is|are|was|were) {_SO}"
            r"(?:(?:among |one of )?my (?:absolute |all time )?"
            r"(?:favou?rites?|thing|jam|passion|cup of tea)(?: \w+)?|the best"
            r"|what i (?:like|love|enjoy))"
            rf"|i {_SO}(?:like|love|enjoy|adore)){_END}"
        ),
    ),
    (
        "dislike",
        re.compile(
            rf"{_NOUN} (?:(?:is|are|was|were) {_SO}not {_SO}"
            rf"(?:my (?:thing|cup of tea|favou?rites?|jam)|for me)"
            rf"|{_SO}(?:bores?|annoys?|irritates?) me(?: to (?:tears|death))?"
            rf"|{_SO}(?:puts? me to sleep|leaves? me cold)"
            rf"|i {_SO}(?:hate|detest|dislike|can not stand|do not {_SO}(?:like|enjoy))){_END}"
        ),
    ),
)
"""What is said of a name after it: "<e0> is my favourite"."""
FAN = re.compile(
    r"(?: (?:films?|movies?))? (?:fans?|lovers?|buffs?|fanatics?|enthusiasts?|addicts?|devotees?)\b"
)
"""Who has a taste for a name before it: "a <e0> fan"."""
PREPOSITIONS = re.compile(
    r"(?:with|by|from|about|starring|featuring|directed by|set in|involving|having|written by)\b"
)
_ARTICLES = r"(?:(?: any| the| an?| all)(?= ))*"
PATTERNS = tuple(
    (mode, re.compile(rf"(?:{'|'.join(sorted(said, key=len, reverse=True))})(?![\w'>]){_ARTICLES}"))
    for mode, *said in CUES
)
Y = r"((?:1[89]|20)\d\d)"
D = (
    r"(?:the )?(?:early |mid |late )?(?:"
    r"(?:(?:19|20)?(\d0) ?'?s\b|(?:19|20)?(\d0) 's\b|((?:19|20)\d0) ?'?s\b|("
    + "|".join(DECADES)
    + r"))(?! \d))"
)
FROM = (
    r"(?:(?:that )?(?:is |are |was |were )?(?:from|made|released|shot|dated?|published|out|came out"
    r"|which came out|produced|recorded|written)(?: in)? )*"
)


class _Span(NamedTuple):
    """A pattern of years: how it is said, and what it means."""

    pattern: re.Pattern[str]
    op: str


def _years(op: str, pattern: str) -> _Span:
    return _Span(re.compile(pattern), op)


YEARS = (
    _years("between", rf"{FROM}(?:between|from) {Y} (?:and|to|until|till|through|-|–) {Y}"),
    _years("between", rf"{FROM}{Y} ?[-–] ?{Y}"),
    _years(">=", rf"(?:no|not) (?:older than|earlier than|before) {Y}"),
    _years("<=", rf"(?:no|not) (?:newer than|later than|more recent than|after) {Y}"),
    _years(">=c", rf"{FROM}(?:in |of )?this century"),
    _years("<c", rf"{FROM}(?:in |of )?(?:the )?last century"),
    _years(">=", rf"{FROM}(?:since|from|at least) {Y} ?(?:on|onwards?|or later|and later|forward)"),
    _years(">=", rf"{FROM}{Y} (?:or|and) (?:later|newer|after|onwards?|up)"),
    _years(">=", rf"{FROM}(?:since|as of|starting from) {Y}"),
    _years("<=", rf"{FROM}{Y} (?:or|and) (?:earlier|older|before)"),
    _years("<=", rf"{FROM}(?:up to|until|till|by|through|no later than) {Y}"),
    _years("<", rf"{FROM}(?:before|prior to|earlier than|older than|pre-?) ?(?:the year )?{Y}"),
    _years(
        ">",
        rf"{FROM}(?:after|later than|newer than|more recent than|younger than|post-?) ?"
        rf"(?:the year )?{Y}",
    ),
    _years("<d", rf"{FROM}(?:before|prior to|older than|earlier than|pre-?) ?{D}"),
    _years(">d", rf"{FROM}(?:after|later than|newer than|post-?) ?{D}"),
    _years(">=d", rf"{FROM}since {D}"),
    _years("d", rf"{FROM}(?:in |of |during )?{D}(?: or so)?"),
    _years("==", rf"{FROM}(?:in |of |year )?(?:exactly )?{Y}(?! ?')"),
)
AMOUNT = re.compile(
    r"(?P<op>under|below|less than|fewer than|shorter than|at most|no more than|up to|over|above"
    r"|more than|longer than|at least|exactly|no less than) (?P<number>\d+(?:\.\d+)?)"
    r" (?P<unit>[a-z]+)"
)
AMOUNT_AFTER = re.compile(
    r"(?P<unit>[a-z]+) (?:of |is )?(?P<op>under|below|less than|at most|over|above|more than"
    r"|at least|of at least) (?P<number>\d+(?:\.\d+)?)"
)
SIGNS = {
    **dict.fromkeys(("under", "below", "less than", "fewer than", "shorter than"), "<"),
    **dict.fromkeys(("at most", "no more than", "up to"), "<="),
    **dict.fromkeys(("over", "above", "more than", "longer than"), ">"),
    **dict.fromkeys(("at least", "no less than", "of at least"), ">="),
    "exactly": "==",
}
BIT = r"(?:(?:a )?(?:little |bit |lot |much |slightly |way |even |somewhat |far |touch |tad )+)?"
THAN = rf"(?: than (?:(?P<than>{ITEM})|(?:the )?(?:others|rest|list|these|those|them)))?"
DEGREE = re.compile(
    rf"{BIT}(?P<degree>more|less|fewer|not (?:so|as|too|very|that|overly|particularly)|too)"
    rf"(?: of| about)? (?P<what><e\d+>|[a-z][\w-]+){THAN}"
)
SUFFIXED = re.compile(rf"{BIT}(?P<what>[a-z]+er|<e\d+>){THAN}")
COUNT = "|".join(NUMBERS)
HOW_MANY = re.compile(
    rf"(?:top |best |a |just |only )*(\d{{1,2}}|{COUNT})(?: of)?(?= (?!hours?|min|years?|tickets?))"
)
HOW_MANY_ASKED = re.compile(
    rf"(?:(?:show|give|find|recommend|suggest|list)(?: me| us)? (?:the )?"
    rf"(?:top |best |just |only )?"
    rf"(?P<asked>\d{{1,2}}|{COUNT})(?: of)?(?! hours?| min| years?)"
    rf"|(?:just|only) (?P<only>\d{{1,2}}|{COUNT})(?: this time| please)?(?: [.!])?$)"
)
AND = re.compile(r"(?:,|and|or|nor|&|/|, and|, or)(?: |$)")
ADDS = re.compile(
    r"^(?:and|but|also|only|just|plus|same|ok|okay|now|with|without|no|not|none|nothing)\b"
)
OTHERS = re.compile(r"\b(?:else|others?|another|different|more|next|new ones)\b")
TWICE = 2
