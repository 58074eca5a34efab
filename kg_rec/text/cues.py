"""How people say what they like and dislike: one table per language.

A cue is a phrase of lemmas. ``strength`` is the confidence that the taste is given; its sign says
whether it is liked. ``after`` cues speak of what follows in the clause, ``before`` cues of what
precedes. A negation in front turns a cue round: to its ``denied`` strength.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CUES", "Cue", "CueTable", "cues_for"]


class Cue(NamedTuple):
    """A phrase of liking (positive strength) or disliking (negative).

    Attributes:
        phrase: Lower-case lemmas, or the words as they are.
        strength: From -1 to 1.
        denied: Strength when a negation stands in front.
        before: True if it speaks of what precedes it.
        weak: True if a cue before it in the clause says more: "hate *anything with* …".
        final: True if it is a cue only where a clause ends.
    """

    phrase: tuple[str, ...]
    strength: float
    denied: float
    before: bool = False
    weak: bool = False
    final: bool = False


class CueTable(NamedTuple):
    """The cues of a language, with the words that bound and turn them.

    Attributes:
        cues: The cues, longest first.
        negations: Words that turn a cue round.
        contrasts: Words that end the reach of a cue.
        exceptions: Phrases after which the opposite holds: "anything *but* …".
        comparisons: Cues that set one thing above another, with the words before the other.
        speakers: Subjects of the verbs by which the user speaks of his or her own taste.
        conditions: Words that begin a clause whose main clause says the taste: "*when* …, I leave".
        provisos: Phrases that begin what a like depends on; only what they deny is a taste.
        descriptive: Words before an adjective that make it a subject: "nothing *too* violent".
        circumstances: Prepositions before what is no subject: "demons *in* the cellar".
        neutral: Strength of a fragment without any cue.
    """

    cues: tuple[Cue, ...] = ()
    negations: frozenset[str] = frozenset()
    contrasts: frozenset[str] = frozenset()
    exceptions: tuple[tuple[str, ...], ...] = ()
    comparisons: tuple[tuple[str, frozenset[str]], ...] = ()
    speakers: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    provisos: tuple[tuple[str, ...], ...] = ()
    descriptive: frozenset[str] = frozenset()
    circumstances: frozenset[str] = frozenset()
    neutral: float = 0.6


def cues_for(language: str) -> CueTable:
    """Return the cue table of a language; without one, every mention is a mild like.

    Examples:
        >>> Cue(("adore",), 1.0, -0.6) in cues_for("en").cues, cues_for("xx").cues
        (True, ())
    """
    return CUES.get(language, CueTable())


def _cues(rows: str, *, before: bool = False, weak: bool = False, final: bool = False) -> list[Cue]:
    found = []
    for row in rows.strip().splitlines():
        strength, denied, phrases = row.split(maxsplit=2)
        found += [
            Cue(tuple(phrase.lower().split()), float(strength), float(denied), before, weak, final)
            for phrase in phrases.split(", ")
        ]
    return found


def _sorted(cues: list[Cue]) -> tuple[Cue, ...]:
    return tuple(sorted(cues, key=lambda cue: (-len(cue.phrase), cue.phrase)))


_ENGLISH = _sorted(
    _cues(
        """
        1.0 -0.6 love, loved, adore, worship, be crazy about, be obsessed with
        1.0 -0.6 can not get enough of, could watch
        1.0 -0.6 live for, all-time favourite be, can not resist
        0.9 -0.8 fan of, favourite, favorite, favourite be, favorite be, passionate about
        0.9 -0.8 devoted to
        0.8 -0.8 like, liked, enjoy, enjoyed, be into, into, keen on, fond of, interested in
        0.8 -0.8 appreciate, dig, admire
        0.8 -0.8 prefer, recommend, look for, looking for, search for, crave, want, seek
        0.8 -0.8 suggest, fancy
        0.8 -0.8 show I, give I, find I, choose, pick, I take, we take
        0.8 -0.8 in the mood for, up for, mood for, would love, would like, need
        0.8 -0.8 impressed by
        0.7 -0.7 sucker for, soft spot for, weakness for, partial to, drawn to, care for
        0.7 -0.7 interest in
        0.5 -0.6 ok with, okay with, fine with, do not mind, don't mind, not mind, tolerate
        0.5 -0.6 would not mind watch
        0.5 -0.6 can live with, open to, curious about
        -1.0 0.5 hate, hated, loathe, despise, detest, abhor, can not stand, cannot stand
        -1.0 0.5 can not bear, could not stand
        -1.0 0.5 stand, bear, allergic to
        -0.4 0.5 use to like, use to love, use to enjoy
        -0.8 0.5 dislike, avoid, skip, sick of, tired of, fed up with, bored by, bored with
        -0.8 0.5 annoyed by, bored of
        -0.8 0.5 nothing with, nothing by, nothing about, nothing like, nothing, no more
        -0.8 0.5 enough of, fewer, less
        -0.8 0.5 put off by, scared of, spare I, stay away from, can keep, keep your
        -0.8 -0.5 too much, too many
        -0.8 0.5 leave the room, fall asleep, walk out, switch off, turn off, zone out, can not do
        -0.8 0.5 roll my eyes, run a mile, look away, rather skip, not for I
        -0.8 0.5 steer clear of
        -0.8 0.5 have enough of, never watch, can do without, could do without, have no time for
        -0.8 0.5 have no patience for
        -0.8 0.5 rather than, instead of, without, problem with, disappointed by
        -0.8 0.5 disappointed with, no
        """
    )
    + _cues(
        """
        0.8 -0.8 anything with, anything by, anything from, anything about, anything like
        0.8 -0.8 anything set in, everything by, everything with, everything about
        0.8 -0.8 something with, something by, something about, something like
        0.8 -0.8 more, more of
        """,
        weak=True,
    )
    + _cues(
        """
        -0.8 0.5 never, do not, boring, depressing, tedious, no thank, nope
        0.8 -0.8 yes
        """,
        before=True,
        final=True,
    )
    + _cues(
        """
        -0.8 0.5 ? no, ? never, ? not, ? nope, : no, : never, : not, : nope
        -0.8 0.5 no thank, no thank you, never again, be my idea of hell, get on my nerve
        -0.8 0.5 make I restless, make I sick, make I yawn, make I sleepy, do nothing for I
        -0.8 0.5 put I to sleep, drive I mad, drive I crazy, drive I up the wall, be a turn-off
        0.8 -0.8 ? yes, : yes, interest I, appeal to I, attract I, excite I, thrill I, suit I
        0.8 -0.8 get I every time, move I, work on I, be welcome, be my weakness, set the bar
        1.0 -0.6 be perfect, be wonderful, be my hero, be my heroine, make I cry
        0.9 -0.8 fan, nut, addict, lover, buff, junkie, freak, enthusiast
        """,
        before=True,
    )
    + _cues(
        """
        1.0 -0.6 be amazing, be brilliant, be the best, be fantastic, rock
        1.0 -0.6 be a masterpiece, rule
        0.9 -0.8 be my favourite, be my favorite, be great, be excellent, be my thing
        0.9 -0.8 be my cup of tea, work for I
        0.8 -0.8 be good, be fun, be cool, be enjoyable, make I happy, please, be nice
        0.5 -0.6 be ok, be okay, be fine, be alright, be all right
        -1.0 0.5 be awful, be terrible, be horrible, suck, be the worst, disgust I
        -1.0 0.5 be unbearable
        -0.8 0.5 be boring, bore I, be bad, annoy I, be not for I, leave I cold, be overrated
        -0.8 0.5 be dull, scare I
        -0.8 0.5 turn I off, put I off, be not my thing, be tedious
        """,
        before=True,
    )
)

CUES = {
    "en": CueTable(
        cues=_ENGLISH,
        negations=frozenset(
            {"not", "n't", "n’t", "never", "neither", "hardly", "no", "nor", "nobody", "none"}
        ),
        contrasts=frozenset(
            {"but", "though", "although", "however", "yet", "whereas", "while", ";", "."}
        ),
        exceptions=(
            ("except",),
            ("except", "for"),
            ("apart", "from"),
            ("other", "than"),
            ("anything", "but"),
            ("everything", "but"),
            ("but", "not"),
            ("but", "no"),
            ("and", "not"),
            (",", "not"),
        ),
        comparisons=(
            ("prefer", frozenset({"to", "over"})),
            ("choose", frozenset({"over"})),
            ("pick", frozenset({"over"})),
            ("i", frozenset({"over"})),
            ("we", frozenset({"over"})),
        ),
        conditions=frozenset({"when", "whenever", "if", "once"}),
        provisos=(
            ("as", "long", "as"),
            ("so", "long", "as"),
            ("provided",),
            ("unless",),
        ),
        speakers=frozenset({"i", "we", "me", "us", "who", "that"}),
        circumstances=frozenset({"in", "on", "at", "under", "for", "to", "from", "into", "over"}),
        descriptive=frozenset(
            {"too", "very", "overly", "so", "really", "nothing", "something", "anything"}
        ),
    ),
}
