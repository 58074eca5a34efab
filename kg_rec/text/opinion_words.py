"""English words of praise and blame: what reviews call good and bad.

Only words that judge; words that describe (slow, dark, violent, sad, funny) are subjects of taste
themselves. Lemmas, lower case. Verbs are told apart by who feels: in "I adore it" the subject, in
"it bores me" the object.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["OPINIONS", "Opinions", "judging_words"]


class Opinions(NamedTuple):
    """Words that judge.

    Attributes:
        adjectives: What is said of a thing: value from -1 to 1.
        nouns: What a thing is called: "a mess", "a joy".
        verdicts: Verbs whose subject is judged: "it drags", "it shines".
        effects: Verbs whose subject does something to the speaker: "it bores me".
        objects: Words that stand for the speaker as the one who feels it.
        links: Verbs between a thing and what it is called.
        softeners: Adverbs that turn praise into blame: "too long", "less so".
    """

    adjectives: dict[str, float]
    nouns: dict[str, float]
    verdicts: dict[str, float]
    effects: dict[str, float]
    objects: frozenset[str]
    links: frozenset[str]
    softeners: frozenset[str]


def _values(good: str, bad: str) -> dict[str, float]:
    return {**dict.fromkeys(good.split(), 0.8), **dict.fromkeys(bad.split(), -0.8)}


def judging_words(language: str) -> frozenset[str]:
    """Return the words that judge: no targets themselves."""
    if language not in OPINIONS:
        return frozenset()
    return frozenset(OPINIONS[language].nouns) | frozenset(OPINIONS[language].adjectives)


OPINIONS = {
    "en": Opinions(
        adjectives=_values(
            good="""
            absorbing accomplished admirable adorable affordable amazing amusing appealing
            astonishing astounding awesome beautiful beloved best better brilliant breathtaking
            captivating charming clever cohesive comfortable comfy compelling convincing cool
            cracking crisp cute dazzling decent delicious delightful dependable divine durable
            easy effective electric elegant enchanting engaging enjoyable enthralling excellent
            exceptional
            exciting exhilarating exquisite extraordinary fab fabulous faultless favorite favourite
            fantastic fascinating fine first-class first-rate flawless flavourful friendly fun
            generous genius gifted glorious good gorgeous great grand gripping handsome handy
            happy heartwarming heavenly helpful hilarious hypnotic immaculate immersive impeccable
            impressive incomparable incredible ingenious innovative insightful inspired inspiring
            invaluable irresistible lifelike likeable likable lovable lovely luscious luxurious
            magic magical magnificent marvellous marvelous masterful masterly memorable mesmerising
            mesmerizing mind-blowing mouthwatering moving neat nice nuanced okay ok outstanding
            perfect phenomenal pleasant pleasing polished powerful precious priceless profound
            quality refreshing reliable remarkable responsive rewarding riveting robust
            satisfying scrumptious seamless sensational sharp sleek smart smooth solid sophisticated
            sparkling special spectacular spellbinding splendid spot-on stellar strong stunning
            sturdy stylish sublime succulent super superb superior supreme sweet-natured tasty
            tasteful terrific thoughtful thrilling timeless top top-notch touching touted
            tremendous unbeatable unforgettable unique unmatched unmissable unrivalled uplifting
            useful valuable vivid warm warm-hearted welcome well-acted well-crafted well-written
            winning wise witty wonderful wondrous worthwhile worthy yummy
            """,
            bad="""
            abysmal amateurish annoying appalling atrocious average awful awkward bad bland
            bloated bogus boring bothersome botched broken buggy careless cheap cheesy cliched
            clichéd clumsy clunky confusing contrived corny cramped crap crappy cringey cringy
            cringeworthy crude deceptive derivative diabolical dire dirty disappointing
            disastrous disgraceful disgusting dismal dodgy dreadful dreary dull dumb dusty empty
            endless
            exasperating exhausting expensive faulty feeble filthy flabby flat flavourless flawed
            flimsy foolish forced forgettable frustrating fussy garbage generic ghastly greasy
            grating hackneyed half-baked heavy-handed hideous hollow hopeless horrendous horrible
            horrid idiotic impersonal inane incoherent incompetent inconsistent inedible inept
            inferior infuriating insipid insufferable insulting intolerable irksome irritating
            jarring joyless juvenile laboured lacklustre lackluster laggy lame lazy leaden lifeless
            limp loathsome loud lousy ludicrous mediocre meh messy mind-numbing mindless miscast
            miserable misguided monotonous muddled muddy nasty nauseating noisy offensive outrageous
            off-putting off-key one-dimensional one-note outdated overblown overcooked overlong
            overpriced overrated overdone overhyped over-the-top painful paper-thin pathetic
            patronising patronizing pedestrian pitiful plodding pointless poor predictable
            preposterous pretentious pricey puerile redundant repetitive repellent repulsive
            ridiculous rotten rubbish rude rushed scrappy second-rate self-indulgent senseless
            shabby shallow shambolic shoddy sickening silly simplistic sloppy sluggish soggy
            soulless sour stale stiff stilted stodgy stupid substandard superficial tacky tasteless
            tawdry tedious tepid terrible thin third-rate tiresome tiring trashy trite
            trivial unacceptable unappealing unbearable unconvincing underwhelming undercooked
            uneven unfinished unfunny unhelpful unimpressive uninspired uninspiring uninteresting
            unlikable unlikeable unnecessary unoriginal unpleasant unreliable unsatisfying
            unusable unwatchable unreadable useless vapid vile weak wooden worse worst worthless
            wretched wrong
            """,
        ),
        nouns=_values(
            good="""
            ace beauty blast blessing bliss bonus classic corker crowd-pleaser delight diamond
            dream feast gem genius godsend heaven hero highlight hit hoot jewel joy knockout
            legend lifesaver marvel master masterclass masterpiece miracle must must-have must-see
            passion perfection pleasure revelation riot star strength success thing-of-beauty thrill
            treasure treat triumph winner wonder
            """,
            bad="""
            abomination annoyance bore bother catastrophe chore cliche cliché con crime curse
            deal-breaker dealbreaker debacle disappointment disaster disgrace dud embarrassment
            gripe complaint weakness
            failure farce fiasco flop garbage hell horror-show insult irritation joke junk lemon
            let-down letdown mess miss misfire mistake mockery nightmare no-no nonsense nuisance
            ordeal pain rip-off rubbish scam shambles shame slog snooze snoozefest snore
            torture train-wreck trainwreck trash travesty turn-off waste yawn
            """,
        ),
        verdicts=_values(
            good="""
            deliver excel impress land rock rule shine slap soar sparkle triumph work kill slay last
            """,
            bad="""
            annoy bomb bore break collapse crackle crash creak
            disappoint drag fail falter flop freeze grate irritate lag leak malfunction
            misfire overheat
            overstay plod stink struggle suck sag underwhelm
            """,
        ),
        effects=_values(
            good="""
            absorb amaze amuse astonish astound bewitch captivate charm cheer comfort delight
            dazzle enchant engage enthral enthrall entertain excite fascinate floor get grab grip
            hook impress inspire intrigue mesmerise mesmerize move overwhelm please relax satisfy
            seduce soothe stun suit surprise thrill touch win wow
            """,
            bad="""
            aggravate alienate anger annoy appal appall bore bother bug confuse creep depress
            disappoint disgust disturb enrage exasperate exhaust frustrate gross infuriate irk
            irritate nauseate offend puzzle repel repulse revolt sadden scare sicken tire unnerve
            upset weary
            """,
        ),
        objects=frozenset({"me", "us", "my", "our", "myself"}),
        links=frozenset({"be", "seem", "look", "feel", "sound", "taste", "smell", "get", "become",
                         "remain", "stay", "prove", "turn"}),
        softeners=frozenset({"too", "overly", "excessively", "unnecessarily", "needlessly",
                              "painfully", "unbearably", "annoyingly", "ridiculously", "absurdly",
                              "woefully"}),
    ),
}  # fmt: skip
