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
        people: Nouns for others, whose tastes are not the speaker's.
        conditions: Words that begin a clause whose main clause says the taste: "*when* …, I leave".
        provisos: Phrases that begin what a like depends on; only what they deny is a taste.
        descriptive: Words before an adjective that make it a subject: "nothing *too* violent".
        circumstances: Prepositions before what is no subject: "demons *in* the cellar".
        breaks: Marks that end a fragment.
        habits: Verbs that tell what the speaker does for pleasure: "I *own* them all".
        references: Phrases before what something wanted is compared with: "*similar to* Heat".
        compared: Phrases before what it is measured by, also where less is wanted.
        light_nouns: Nouns that are liked only for what is said with them.
        neutral: Strength of a fragment without any cue.
    """

    cues: tuple[Cue, ...] = ()
    negations: frozenset[str] = frozenset()
    contrasts: frozenset[str] = frozenset()
    exceptions: tuple[tuple[str, ...], ...] = ()
    comparisons: tuple[tuple[str, frozenset[str]], ...] = ()
    speakers: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    conditions: frozenset[str] = frozenset()
    provisos: tuple[tuple[str, ...], ...] = ()
    descriptive: frozenset[str] = frozenset()
    circumstances: frozenset[str] = frozenset()
    breaks: frozenset[str] = frozenset()
    habits: frozenset[str] = frozenset()
    references: tuple[tuple[str, ...], ...] = ()
    compared: tuple[tuple[str, ...], ...] = ()
    light_nouns: frozenset[str] = frozenset()
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


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _sorted(cues: list[Cue]) -> tuple[Cue, ...]:
    return tuple(sorted(cues, key=lambda cue: (-len(cue.phrase), cue.phrase)))


_ENGLISH = _sorted(
    _cues(
        """
        1.0 -0.6 love, loved, adore, worship, be crazy about, be obsessed with
        1.0 -0.6 can not get enough of, could watch
        1.0 -0.6 live for, all-time favourite be, can not resist, luv, mad about, nuts about
        1.0 -0.6 wild about, hooked on, addicted to, in love with, in awe of, blown away by
        1.0 -0.6 live and breathe, can not live without, never get enough of, never tire of
        1.0 -0.6 never get tired of, can not have enough, can never have enough, swear by
        1.0 -0.6 would kill for, die for, treasure, cherish, relish, savour, savor, idolise
        0.9 -0.8 big on, huge on, all about, here for, sold on, charmed by, moved by, pleased with
        0.9 -0.8 happy with, thrilled with, thrilled by, delighted with, delighted by, touched by
        0.9 -0.8 fascinated by, captivated by, impressed with, surprised by, taken with, taken by
        0.9 -0.8 grow up on, raised on, bring on, three cheers for, hats off to, kudos to, yay for
        0.9 -0.8 a thing for, a taste for, a passion for, a weak spot for, love of, go to for
        0.9 -0.8 fan of, favourite, favorite, favourite be, favorite be, passionate about
        0.9 -0.8 devoted to
        0.8 -0.8 like, liked, enjoy, enjoyed, be into, into, keen on, fond of, interested in
        0.8 -0.8 appreciate, dig, admire
        0.8 -0.8 prefer, recommend, look for, looking for, search for, crave, want, seek
        0.8 -0.8 recommendation for, recommendations for, suggestion for, tip for, idea for
        0.8 -0.8 reader of, lover of, admirer of, follower of, collector of, champion of, devour
        0.8 -0.8 nothing beat, nothing better than, never miss, thumb up for, thumb up to, yes to
        0.8 -0.8 give anything for, count I in for, sign I up for, daily dose of, dose of, count on
        0.8 -0.8 suggest, fancy, hunt for, on the lookout for, hope for, wish for, wish it have
        0.8 -0.8 wish they have, wish there be, long for, yearn for, in need of, can not wait for
        0.8 -0.8 look forward to, be after, point I to, point I towards, get I, bring I, treat I to
        0.8 -0.8 welcome, favour, favor, gravitate towards, gravitate to, lean towards, go for
        0.8 -0.8 stick to, stick with, opt for, vote for, return to, go back to, come back to
        0.8 -0.8 happily watch, happily read, gladly watch, always watch, still watch
        0.8 -0.8 in search of, crave for, hungry for, ready for, not say no to, never say no to
        0.8 -0.8 show I, give I, find I, choose, pick, I take, we take, I would take, would take
        0.8 -0.8 in the mood for, up for, mood for, would love, would like, need
        0.8 -0.8 impressed by
        0.7 -0.7 sucker for, soft spot for, weakness for, partial to, drawn to, care for
        0.7 -0.7 interest in
        0.5 -0.6 ok with, okay with, fine with, do not mind, don't mind, not mind, tolerate
        0.5 -0.6 would not mind watch
        0.5 -0.6 can live with, open to, curious about
        -1.0 0.5 hate, hated, loathe, despise, detest, abhor, can not stand, cannot stand
        -1.0 0.5 can not bear, could not stand
        -1.0 -1.0 can not even stand, could not bear, never could stand, do not stand
        -1.0 0.5 allergic to
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
        -0.8 0.5 have no patience for, no patience for, no time for, no interest in, no use for
        -0.8 0.5 live without, happily live without, weary of, grow tired of, be over, done with
        -0.8 0.5 through with, have it with, give up on, pass on, hard pass on, say no to, no to
        -0.8 -0.8 get I started on
        -0.8 0.5 draw the line at, worse than, turned off by, let down by
        -0.8 0.5 underwhelmed by, irritated by, repelled by, disgusted by, disturbed by, cringe at
        -0.8 0.5 laugh at, fall asleep during, fall asleep in, walk out of, struggle with
        -0.8 0.5 struggle through, suffer through, sit through, regret, complain about, ruined by
        -0.8 0.5 spoiled by, spoilt by, put up with, shy away from, stay clear of, keep away from
        -0.8 0.5 run from, minus, hold the, down on, cover my ear, cover my eye, bore of
        -0.8 -0.8 pay I to watch, pay I to read, pay I to listen to, pay I to see, pay I to
        0.8 -0.8 see the appeal of, see the point of, see the point in, get the appeal of
        0.8 -0.8 get the hype about, understand the hype about, get the hype around
        0.8 -0.8 understand the fuss about, get the fuss about, understand the appeal of, get into
        -0.8 -0.8 waste my time on, waste time on, waste your time on, waste money on
        -0.8 -0.8 hype about, hype around, hype over, fuss about, fuss over, shame about, pity about
        -0.8 -0.8 sick to death of, too short for, zero, meh on, con :, dislikes :, pet hate :
        -0.8 -0.8 pet peeve :, gripe be, complaint be, dont like, dont want, cant stand, h8
        0.8 0.8 not enough, miss, thank god for, thank goodness for, full mark for, point for
        0.8 -0.8 could listen to, could read, could eat, would follow, would watch, would read
        0.8 -0.8 agree on, day it be, it have to be, special mention for, special mention to
        0.8 0.8 nothing I love more than, nothing I like more than, nothing I enjoy more than
        0.8 0.8 nothing compare to, nothing compare with, can not go wrong with
        0.8 -0.8 would rather read, would rather watch, would rather have, would rather eat
        0.8 -0.8 mostly read, mainly read, mostly watch, mainly watch, usually read, usually watch
        0.8 -0.8 often read, often watch, listen to, always read, any good
        0.8 -0.8 I be read, I be watch, have be read, have be watch
        0.8 -0.8 any book about, any film about, any movie about, any song about, got any
        -0.8 0.5 rarely read, rarely watch, rarely eat, seldom read, seldom watch, hardly ever read
        -0.8 0.5 hardly ever watch, hardly ever listen to, rarely listen to, go off
        0 0 no opinion on, no opinion about, neutral about, neutral on, take or leave, if you like
        0 0 have not see, have not read, have not hear, have not try, if you love, if you enjoy
        0.8 -0.8 shout-out to, shoutout to, credit to
        0.8 -0.8 see every, read every, own every, hear every, see all, have to try, must try
        0.8 -0.8 have to read, must read, have to see, must see, warm to, come to love, pro :
        0.8 -0.8 ideally set in, ideally with, ideally, preferably with, preferably, set in
        -0.8 -0.8 nothing worse than, thumb down for, thumb down to, waste of
        -0.8 0.5 can not finish, could not finish, can not get into, could not get into
        -0.8 0.5 can not get through, could not get through, can not get past, lose interest in
        -0.8 0.5 lose patience with, roll my eye at, snore through, doze off during, nod off during
        -0.8 0.5 devoid of, lack of, waste on, a far cry from, kill off
        -0.8 0.5 be do with, no fan of, indifferent to, indifferent towards, immune to, wary of
        -0.8 0.5 rather than, instead of, without, problem with, disappointed by
        -0.8 0.5 disappointed with, no
        """
    )
    + _cues(
        """
        0.8 -0.8 anything with, anything by, anything from, anything about, anything like
        0.8 -0.8 anything set in, everything by, everything with, everything about
        0.8 -0.8 something with, something by, something about, something like
        0.8 -0.8 more, more of, what a, what an
        """,
        weak=True,
    )
    + _cues(
        """
        -0.8 0.5 never, do not, boring, depressing, tedious, no thank, nope, no, not
        -0.8 0.5 not so much, no way, less so, be out, be a no, be not
        0.8 -0.8 yes, always, any day, any time, anytime, too, most of all, above all
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
        1.0 -0.6 can do no wrong, could do no wrong, do a great job, do a good job, do well
        1.0 -0.6 save the day, make it worth, be the exception, be an exception
        0.9 -0.8 count I in, be magic, on repeat
        0.9 -0.8 get I through, be a guilty pleasure, be my guilty pleasure, be top of my list
        -0.8 0.5 do not do anything for I, do anything for I, count I out, lose its touch
        -0.8 0.5 lose his touch, lose her touch, taste like soap, be one thing I can do without
        -0.8 0.5 kill it for I, kill a film for I, kill it, ruin everything, ruin my evening
        1.0 -0.6 win I over, blow I away, knock my sock off, break my heart, steal my heart
        1.0 -0.6 make my day, make I laugh, make I smile, make I happy, hit the spot, do it for I
        1.0 -0.6 never disappoint, never fail, never get old, never let I down, be my jam
        1.0 -0.6 be my thing, be everything to I, steal the show, steal every scene, steal the film
        1.0 -0.6 steal the movie, be second to none, be to die for, be out of this world
        0.8 -0.8 hold up, age well, stay with I, stick with I, keep I hooked, keep I guessing
        0.8 -0.8 keep I on the edge, be worth, be a must, deserve every, deserve a, deserve an
        0.8 -0.8 carry the film, carry the movie, save the film, save the movie, be easy on the eye
        0.8 -0.8 be spot on, be on point, be top notch, be the highlight, be a plus, be a bonus
        0.8 -0.8 have its charm, grow on I, speak to I, ring true, get I, draw I in, pull I in
        -1.0 0.5 drive I nuts, drive I insane, drive I up the wall, make I angry, make I cringe
        -1.0 0.5 make I furious, make my skin crawl, be on my nerve, be a dealbreaker
        -1.0 0.5 be everything that be wrong, be what be wrong, be the last straw, be the pits
        -1.0 0.5 be against the law, should be against, be ban, be forbid, be illegal, be a crime
        -0.8 0.5 be where I draw the line, be off the table, be off the menu, be lost on I
        -0.8 0.5 never end, go on and on, go on too long, go on forever, go nowhere, lead nowhere
        -0.8 0.5 fall flat, fall apart, fall short, miss the mark, wear thin, get old, run too long
        -0.8 0.5 outstay its welcome, overstay its welcome, ruin it, ruin everything, ruin the film
        -0.8 0.5 ruin the movie, spoil it, spoil everything, let it down, let the film down
        -0.8 0.5 be by the number, be all over the place, be nothing special, be not up to much
        -0.8 0.5 leave a lot to be desired, leave much to be desired, be hit and miss, need work
        -0.8 0.5 could be better, be not worth, be beyond I, go over my head, grate on I
        -0.8 0.5 send I to sleep, bore I to tear, bore I to death, give I a headache
        -0.8 0.5 be not so much, be a chore, take I out of it, do not do it for I, never grab I
        0.8 -0.8 be my comfort read, be my comfort zone, be my happy place, be life, agree with I
        0.8 -0.8 my thing, my cup of tea, my jam, my bag, be the reason I, be the reason why
        1.0 -0.6 leave I speechless, leave I breathless, give I goosebump, give I chill, give I joy
        0.8 -0.8 carry the whole, carry the entire, twice, three time, four time, five time
        0.8 -0.8 ten time, many time, countless time, a hundred time, be a breeze, be robbed
        -0.8 0.5 make no sense, make little sense, take forever, take age, be no help, be no good
        -0.8 -0.8 be a no, be a no-no, ? not a chance, not a chance, can keep they, can keep it
        -0.8 -0.8 can keep that
        -0.8 0.5 make I dizzy, make I queasy, make I nauseous, make I uncomfortable, make I ill
        0.9 -0.8 drinker, eater
        0.9 -0.8 reader, listener, watcher, viewer, person, man, guy, girl, woman, kid, lady, bloke
        0.9 -0.8 geek, nerd, aficionado, devotee, head, aholic, obsessive, groupie, completist
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
            {"not", "n't", "n’t", "nt", "never", "neither", "hardly", "no", "nor", "nobody", "none"}
        ),
        contrasts=frozenset(
            {"but", "though", "although", "however", "yet", "whereas", "while", ";", "."}
        ),
        exceptions=(
            ("except",),
            ("except", "for"),
            ("apart", "from"),
            ("with", "the", "exception", "of"),
            ("bar",),
            ("excluding",),
            ("save", "for"),
            ("other", "than"),
            ("anything", "but"),
            ("everything", "but"),
            ("but", "not"),
            ("but", "no"),
            ("and", "not"),
            (",", "not"),
        ),
        comparisons=(
            ("prefer", frozenset({"to", "over", "than"})),
            ("favour", frozenset({"over"})),
            ("choose", frozenset({"over"})),
            ("take", frozenset({"over"})),
            ("give", frozenset({"over"})),
            ("would", frozenset({"than"})),
            ("like", frozenset({"than"})),
            ("love", frozenset({"than"})),
            ("enjoy", frozenset({"than"})),
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
        speakers=_set("i we me us who that you anyone anybody someone somebody"),
        breaks=frozenset(
            {":", ";", "...", "…", "–", "—", "-", "but", "though", "whereas", "while"}
        ),
        habits=frozenset({"own", "rewatch", "reread", "collect", "binge", "rate", "grow"}),
        references=(
            ("like",),
            ("similar", "to"),
            ("style", "of"),
            ("vein", "of"),
            ("reminiscent", "of"),
            ("along", "the", "line", "of"),
        ),
        compared=(("than",), ("as", "good", "as"), ("as", "much", "as")),
        light_nouns=_set(
            """
            thing stuff way time day night evening morning week weekend month year lot bit kind
            sort type one something anything nothing everything film movie show series book novel
            song record man woman people person guy friend wife husband kid child family reason
            point fact fan reader lover viewer student teacher part rest half hand face
            recommendation suggestion exception style taste thumb job dose death sake
            minute hour moment place world life home cinema pleasure list god goodness sense mark
            mention meh omg ngl tbh imo imho lol yay wow bookworm student shame pity fuss hype
            opinion star choice pick link chance
            """
        ),
        people=_set(
            """
            wife husband boyfriend girlfriend partner friend mother father mum mom dad brother
            sister son daughter kid child family people critic everyone everybody flatmate
            roommate colleague coworker neighbour neighbor aunt uncle grandmother grandfather
            grandma grandpa parent cousin boss teacher audience man woman guy girl boy others
            """
        ),
        circumstances=frozenset({"in", "on", "at", "under", "for", "to", "from", "into", "over"}),
        descriptive=_set("too very overly so really nothing something anything less as more"),
    ),
}
