"""Words and phrases of English by which a dialogue tells what is asked for."""

from __future__ import annotations

import re

__all__ = [
    "COMMON",
    "CONTRACTIONS",
    "DECADES",
    "FILLERS",
    "NUMBERS",
    "ORDINALS",
    "REQUEST",
    "any_of",
]


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def any_of(*phrases: str) -> re.Pattern[str]:
    """Return a pattern of whole words that matches any of some phrases."""
    return re.compile(r"(?<![\w'<])(?:" + "|".join(phrases) + r")(?![\w>])")


CONTRACTIONS = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"\bcan(?:'?t|not)\b", "can not"),
        (r"\bwon'?t\b", "will not"),
        (r"\b(do|did|does|is|are|was|were|has|have|had|could|would|should)n'?t\b", r"\1 not"),
        (r"\bi'?m\b", "i am"),
        (r"\bi'?ve\b", "i have"),
        (r"\b(what|who|where|when|how|why|that|it|he|she|there|here)(?:'s| 's)(?!\w)", r"\1 is"),
        (r"\b(what|who)s\b", r"\1 is"),
        (r"\blet'?s\b", "let us"),
        (r"(?<=[\w>])'re\b", " are"),
        (r"(?<=[\w>])'ve\b", " have"),
        (r"(?<=[\w>])'ll\b", " will"),
        (r"(?<=[a-z>])'d\b", " would"),
        (r"(?<=[\w>])'s\b", " 's"),
        (r"\bgimme\b", "give me"),
        (r"\bwanna\b", "want to"),
        (r"\b(?:pls|plz)\b", "please"),
        (r"\bu\b", "you"),
    )
)
NUMBERS = {
    word: number
    for number, word in enumerate(
        (
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ),
        start=2,
    )
} | {"dozen": 12, "couple": 2, "twenty": 20}
ORDINALS = {
    **{
        word: number
        for number, word in enumerate(
            [
                "first",
                "second",
                "third",
                "fourth",
                "fifth",
                "sixth",
                "seventh",
                "eighth",
                "ninth",
                "tenth",
            ],
            start=1,
        )
    },
    **{f"{n}{end}": n for n in range(1, 51) for end in ("st", "nd", "rd", "th")},
    "last": -1,
    "final": -1,
}
DECADES = {
    "twenties": 1920,
    "thirties": 1930,
    "forties": 1940,
    "fifties": 1950,
    "sixties": 1960,
    "seventies": 1970,
    "eighties": 1980,
    "nineties": 1990,
    "noughties": 2000,
    "naughties": 2000,
}
FILLERS = _set(
    """
    a an the of to and or but for me my i we us you your it that this these those is are was
    were be been am do does did have has had can could would will should may might shall please
    thanks thank ok okay well so then now just only also too either both with by from in on at
    as about into than any some something anything one ones thing things stuff kind sort type
    really very quite bit little lot much maybe perhaps actually hi hello hey hmm oh yes yeah
    yep sure great nice cool good sounds there here what which who how when where if else other
    others another more again still like want need think know get got give show tell find let
    see watch tonight today tomorrow evening weekend time moment next new out up down off over
    not no nothing none never without nor rather instead preferably ideally mood feel feeling
    fancy love please alright all right watching seeing looking recommend recommendation
    recommendations suggest suggestion suggestions recommended idea ideas option options pick
    picks choice choices title titles result results list set made released came come featuring
    starring stars star released dated year years around since because though although while
    before after between until his her their them they he she him best better top favourite
    favorite same similar set based involving contains containing deal deals dealing story
    stories tale tales go going try different somewhat slightly even way far but's 's why
    everything all every each surprise make makes keep e g eg thx ta cheers anyway . , ; ! ? : -
    – … ( ) " ' & /
    """
)
"""Words that carry no wish of their own."""
COMMON = FILLERS | _set(
    """
    scrap scratch cancel revert repeat second third fourth fifth first last film films movie
    movies why reason reasons back undo help hide seen watched read heard liked loved hated hate
    dislike start reset word words name names person people man woman day night week month hour
    minute weather ticket tickets book part end way world life work place number half line point
    question answer short long old newer older shorter longer recent recently early late big
    small bad worse worst dark light real true false director actor writer producer composer
    genre subject theme explain explanation remove delete drop skip forget scary funny sad happy
    sound sounds plot plots case cases fact facts order level side sides run play plays playing
    cut piece pieces couple pair group team member members figure figures power force sense
    state states talk call calls care chance change charge check class clear close cover deal
    fall fan fans feature features field fine focus form full game head hand hands high hold hit
    home hope house idea interest job keep kid kids law lead leads leave length less let low
    main make making matter mean meaning mention mind miss mistake move moves note offer open
    pass past picture pictures plan present problem produce quick quality rate rating rest
    return rule screen section setting show shows sign site size sort speak speed spot step stop
    stuff style support surprise table taste tastes term test text thought title top total touch
    track trust try turn type use user value version view voice vote walk want watch win wish
    young adult popular famous classic hidden easy hard heavy simple strange weird interesting
    cinema theatre audience critic critics review reviews oscar award awards friend friends
    family girlfriend boyfriend wife husband date evening morning afternoon today tomorrow
    saturday sunday friday previous next current above below before after another system machine
    computer language english chinese france money price cheap
    """
)
"""Words that name nothing, unless they are written like names."""
REQUEST = any_of(
    r"recommend(?:ations?|ed)?",
    r"suggest(?:ions?)?",
    r"show me",
    r"(?:give|find|get|fetch|bring|pick) (?:me|us)",
    r"(?:i|we) (?:want|need|fancy|would (?:like|love|prefer|rather)|am after|feel like)",
    r"want(?:ed)? (?:to|a|an|some|something|more)",
    r"looking for",
    r"search(?:ing)? for",
    r"mood for",
    r"up for",
    r"(?:should|can|could|shall) (?:i|we) (?:watch|see|read|hear|listen|try|buy|play|get)",
    r"do you (?:have|know)(?: of)? (?:any|a|an|some|other|more|something|anything)",
    r"(?:have you )?got (?:any|a|an|some|something|anything)",
    r"(?:are|is) there (?:any|a|an|some|something|anything)",
    r"any",
    r"some(?:thing)?",
    r"anything",
    r"how about",
    r"what about",
    r"let us (?:watch|see|try|read|have|go)",
    r"(?:to|can|could) (?:watch|read|listen to|play) (?:tonight|next|now)",
    r"what else",
    r"more",
    r"another",
    r"others?",
    r"different",
    r"else",
    r"surprise me",
    r"instead",
    r"ones?",
    r"nothing",
    r"none",
    r"please",
    r"find",
    r"only",
)
"""Signs that something is to be recommended."""
