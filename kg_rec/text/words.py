"""Word lists of a language that grammar needs; nothing here is about a domain.

What a domain adds (class nouns, roles, crafts) comes from the labels and forms of its ontology.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["WORDS", "Words", "words_for"]


@dataclass(frozen=True, slots=True)
class Words:
    """The closed-class and generic words of a language.

    Attributes:
        negations: Words that turn a statement round.
        modals: Auxiliaries of what is not (yet) so.
        demonstratives: Determiners that point at what the text is about.
        pronouns: Pronouns for what the text is about.
        relatives: Relative pronouns.
        bygone: Adverbs of what was so of something else.
        definites: Articles for what is known already.
        others: Modifiers that point at something else of the kind.
        sources: Prepositions that introduce what something comes from or is compared with.
        kinship: Prepositions between a thing and what it derives from.
        particles: Lower-case words inside names.
        suffixes: Words after a name that belong to it.
        honorifics: Words before a name that stand for a role, not a person.
        place_words: First words of places, by which a misread person is told from a place.
        conjunctions: Words that join what is alike.
        agents: Prepositions before who does something.
        articles: Determiners before a name that are no part of it.
        persons: Pronouns for one person.
        personal: Relative pronouns for people.
        owning: Relative pronouns that stand for an owner.
        reflexives: Pronouns that only stress a subject or a verb.
        companions: Prepositions of company.
        roles: Words before what someone appears as.
        no_descriptors: Words that begin something new where a modifier could stand.
        professions: What people are, before their names: "rapper Jane Doe".
        generic_nouns: Nouns that name no subject.
        generic_adjectives: Adjectives that make no subject.
    """

    negations: frozenset[str] = frozenset()
    modals: frozenset[str] = frozenset()
    demonstratives: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    relatives: frozenset[str] = frozenset()
    bygone: frozenset[str] = frozenset()
    definites: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    kinship: frozenset[str] = frozenset()
    particles: frozenset[str] = frozenset()
    suffixes: frozenset[str] = frozenset()
    honorifics: frozenset[str] = frozenset()
    place_words: frozenset[str] = frozenset()
    conjunctions: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    personal: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    owning: frozenset[str] = frozenset()
    reflexives: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    companions: frozenset[str] = frozenset()
    no_descriptors: frozenset[str] = frozenset()
    professions: frozenset[str] = frozenset()
    generic_nouns: frozenset[str] = frozenset()
    generic_adjectives: frozenset[str] = frozenset()


def words_for(language: str) -> Words:
    """Return the word lists of a language; empty ones where there are none.

    Examples:
        >>> "not" in words_for("en").negations, words_for("zh").negations
        (True, frozenset())
    """
    return WORDS.get(language, Words())


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


WORDS = {
    "en": Words(
        negations=_set("not n't n’t never neither nor no without hardly nobody"),
        modals=_set("would could should might"),
        demonstratives=_set("this these our"),
        pronouns=_set("it"),
        relatives=_set("who which that whom"),
        bygone=_set("previously formerly originally earlier once"),
        definites=_set("the"),
        others=_set("original earlier previous other another same preceding former prior"),
        sources=_set("like unlike than from on upon after before since behind"),
        kinship=_set("of to for"),
        particles=_set("de del della der den da di do dos du la le van von bin ibn al el ter y"),
        suffixes=_set("Jr. Jr Sr. Sr II III IV"),
        honorifics=_set("Mr. Mr Mrs. Mrs Ms. Ms Miss Dr. Dr Sir Captain Professor King Queen"),
        conjunctions=_set("and & or plus"),
        agents=_set("by"),
        articles=_set("the a an"),
        personal=_set("who whom"),
        owning=_set("whose"),
        reflexives=_set("himself herself themselves itself both also"),
        persons=_set("he she"),
        roles=_set("as"),
        companions=_set("with"),
        no_descriptors=_set("also this these"),
        professions=_set(
            "rapper singer musician comedian comic actor actress star newcomer veteran footballer"
            " wrestler boxer dancer model writer author novelist playwright dramatist poet"
            " journalist cartoonist artist photographer composer songwriter producer filmmaker"
            " film-maker screenwriter showrunner animator brothers sisters"
        ),
        place_words=_set(
            "New North South East West San Santa Los Las Saint St. Hong Sri Costa United Great El"
            " Rio Puerto Buenos Central Cape Fort Lake Mount Northern Southern Eastern Western Old"
        ),
        generic_nouns=_set(
            "man woman person people guy someone somebody anybody anyone anything something"
            " nothing everything everyone everybody one thing stuff kind sort type bit lot number"
            " group pair couple time year day week month hour minute moment night morning evening"
            " decade century age period past present future beginning start end middle way manner"
            " place area part piece side point case fact matter idea subject theme life world"
            " reality use hand eye head face name word work job order rest hope help turn look"
            " sense touch deal course result reason cause effect example series set line level"
            " degree amount top bottom back front center centre form style version half other self"
            " none each date summer winter spring autumn member friend home house street room door"
            " thought feeling mind chance attempt plan effort success failure event situation"
            " problem question answer truth view scene sequence award prize best picture winner"
            " role lead movie show watch preference taste favorite favourite please mood weekend"
            " tonight today recommendation suggestion bunch variety mix mixture combination title"
            " basis source origin background setting debut return actress actor budget air"
            " audience fan viewer public critic hit opponent figure hero heroine character mine"
            " yours everyday trail track path midst eve sake care search pursuit boy girl lady"
            " gentleman kid star run entry talk hold seat wheel instant unit rule land lag target"
            " colour color screen panel material footage share size news phase company generation"
            " crew nut vein wrong wife husband boyfriend girlfriend flatmate credit dish break"
            " attention presence absence ability power control difficulty trouble"
        ),
        generic_adjectives=_set(
            "young old older elder new good great bad best better worst big small little large"
            " long short high low own other first second third last next only same several many"
            " few more most much less such different similar various certain whole full real true"
            " main major minor early late recent former current free able unable sure ready usual"
            " famous popular well-known nice favourite favorite lovely beautiful strange odd funny"
            " ordinary simple successful important particular special entire final original two"
            " three four five six seven eight nine ten beloved unlikely unexpected younger"
            " youngest oldest latest rare fine decent awesome amazing terrible awful cool slow"
            " fast quick less-known silly stupid clever plain boring dull overlong mere very"
        ),
    ),
}
