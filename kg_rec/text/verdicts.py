"""What a text calls good or bad: judging words, and the nouns that they judge by grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.text.opinion_words import OPINIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Token

    from kg_rec.text.opinion_words import Opinions
    from kg_rec.text.page import Page

__all__ = ["Verdict", "verdicts"]

_SUBJECTS = {"nsubj", "nsubjpass"}
_DENIALS = {"not", "n't", "n’t", "never", "hardly", "barely", "scarcely", "no", "nothing"}
_WEAKER = 0.6
_SHARES = {
    "part",
    "thing",
    "bit",
    "aspect",
    "element",
    "link",
    "side",
    "moment",
    "point",
    "feature",
}
_BACK = {"it", "he", "she", "they", "this", "that", "him", "her", "them"}


class Verdict(NamedTuple):
    """A judgement of the noun at token ``noun``, said at tokens ``start`` to ``end``.

    ``strength`` is from -1 to 1; ``inner`` if the judging word stands before the noun itself.
    """

    noun: int
    strength: float
    start: int
    end: int
    inner: bool = False


def verdicts(page: Page, language: str) -> list[Verdict]:
    """Return the judgements on a page; none without a parse or a lexicon.

    A judgement of joined nouns is one of each ("the plot and the acting are awful"); one of a
    pronoun is one of the noun before it.
    """
    opinions = OPINIONS.get(language)
    if opinions is None or not page.doc.has_annotation("DEP"):
        return []
    found: dict[int, Verdict] = {}
    for token in page.doc:
        for verdict in _of(token, opinions):
            for noun in _nouns(page.doc[verdict.noun]):
                known = found.get(noun.i)
                if (known is None or known.inner) and _is_near(verdict, noun):
                    found[noun.i] = verdict._replace(noun=noun.i)
    return sorted(found.values())


def _is_near(verdict: Verdict, noun: Token) -> bool:
    """Return whether no semicolon cuts a noun from what is said of it."""
    between = noun.doc[noun.i : verdict.end]
    return noun.i < verdict.start or not any(t.text == ";" for t in between)


def _of(token: Token, opinions: Opinions) -> Iterator[Verdict]:
    lemma = token.lemma_.lower()
    word = token.lower_
    if token.pos_ in {"VERB", "AUX"}:
        yield from _of_verb(token, lemma, opinions)
    value = opinions.adjectives.get(word, opinions.adjectives.get(lemma, 0.0))
    before = token.dep_ == "amod" or (token.is_sent_start and token.dep_ in {"compound", "nmod"})
    if before and value and token.head.pos_ in {"NOUN", "PROPN"}:
        yield _verdict(token.head, token, value, token, inner=True)
        return
    if (
        value <= 0
        and token.pos_ in {"ADJ", "ADV"}
        and any(c.lower_ in opinions.softeners for c in token.children)
    ):
        value = -0.8
    if value and token.tag_ == "VBN" and any(c.dep_ == "nsubjpass" for c in token.children):
        yield from (_verdict(subject, token, value, token) for subject in _subjects(token))
        return
    if not value and token.pos_ in {"NOUN", "PROPN"}:
        value = 0.0 if _is_mine(token, opinions) else opinions.nouns.get(lemma, 0.0)
    if not value and token.pos_ in {"NOUN", "PROPN"} and token.dep_ in {"attr", "oprd"}:
        value = next(
            (opinions.adjectives[c.lower_] for c in token.children
             if c.dep_ == "amod" and c.lower_ in opinions.adjectives), 0.0)  # fmt: skip
    if value:
        yield from _of_predicate(token, value, opinions)
        yield from _of_share(token, value)
    elif token.lemma_.lower() in _SHARES:
        yield from _of_share(token, _described(token, opinions))


def _described(token: Token, opinions: Opinions) -> float:
    """Return the value of a judging adjective before a noun."""
    words = (c.lower_ for c in token.children if c.dep_ in {"amod", "compound"})
    return next((opinions.adjectives[w] for w in words if w in opinions.adjectives), 0.0)


def _of_share(token: Token, value: float) -> Iterator[Verdict]:
    """Yield the verdict of "the best part is …", "my only complaint is …"."""
    verb = token.head
    if value and token.pos_ == "NOUN" and token.dep_ == "nsubj" and verb.lemma_ == "be":
        named = [c for c in verb.children if c.dep_ == "attr" and c.i > verb.i]
        yield from (_verdict(noun, token, value, verb) for noun in named)


def _of_predicate(token: Token, value: float, opinions: Opinions) -> Iterator[Verdict]:
    """Yield the verdict of "… is stunning", "… was a mess", "I found … boring"."""
    head = _first_conjunct(token)
    verb = head.head
    if head.dep_ in {"acomp", "attr", "oprd", "advmod", "dobj"} and (
        verb.lemma_.lower() in opinions.links
    ):
        for subject in _subjects(verb):
            yield _verdict(subject, token, value, verb)
        yield from _compared(token, value, verb)
    elif head.dep_ in {"oprd", "ccomp", "acomp", "xcomp"} and verb.pos_ == "VERB":
        objects = [c for c in head.children if c.dep_ in _SUBJECTS]
        objects = objects or [c for c in verb.children if c.dep_ in {"dobj", "nsubj"}]
        for target in objects[-1:]:
            yield _verdict(target, token, value, verb)


def _compared(token: Token, value: float, verb: Token) -> Iterator[Verdict]:
    """Yield the verdict on what something is better, or worse, than."""
    if token.tag_ != "JJR":
        return
    for than in token.children:
        if than.lower_ == "than":
            yield from (
                _verdict(c, token, -_WEAKER * value, verb)
                for c in than.children
                if c.dep_ == "pobj"
            )


def _of_verb(token: Token, lemma: str, opinions: Opinions) -> Iterator[Verdict]:
    value = opinions.verdicts.get(lemma, 0.0)
    feels = [c for c in token.children if c.dep_ in {"dobj", "dative", "pobj"}]
    mine = any(f.lower_ in opinions.objects or _is_mine(f, opinions) for f in feels)
    if lemma in opinions.effects and (mine or not feels):
        value = opinions.effects[lemma] if mine or token.tag_ in {"VBZ", "VBD"} else 0.0
    elif feels and value > 0:
        value = 0.0
    if not value:
        return
    if token.dep_ == "relcl" and token.head.pos_ in {"NOUN", "PROPN"}:
        yield _verdict(token.head, token, value, token)
        return
    for subject in _subjects(token):
        yield _verdict(subject, token, value, token)


def _is_mine(token: Token, opinions: Opinions) -> bool:
    return any(c.dep_ == "poss" and c.lower_ in opinions.objects for c in token.children)


def _verdict(
    noun: Token, word: Token, value: float, verb: Token, *, inner: bool = False
) -> Verdict:
    denied = any(c.lower_ in _DENIALS for t in {verb, word} for c in t.children)
    denied = denied or noun.lower_ == "nothing"
    strength = -_WEAKER * value if denied else value
    tokens = [noun.i, word.i, verb.i]
    return Verdict(noun.i, strength, min(tokens), max(tokens) + 1, inner)


def _subjects(verb: Token) -> list[Token]:
    """Return the subject of a verb, also across joined verbs."""
    for _ in range(4):
        own = [c for c in verb.children if c.dep_ in _SUBJECTS]
        if own or verb.dep_ not in {"conj", "aux", "xcomp"}:
            break
        verb = verb.head
    if not own and verb.dep_ == "relcl":
        return [verb.head]
    return own[:1]


def _first_conjunct(token: Token) -> Token:
    while token.dep_ == "conj" and token.head.pos_ == token.pos_:
        token = token.head
    return token


def _nouns(token: Token) -> list[Token]:
    """Return a noun with those joined to it; for a pronoun the noun before its sentence."""
    if token.lower_ in _BACK or token.lower_ in {"which", "who"}:
        back = _antecedent(token)
        return [] if back is None else [back]
    if token.pos_ == "PRON":
        return []
    return [token, *(c for c in token.conjuncts if c.i > token.i)]


def _antecedent(token: Token) -> Token | None:
    """Return the last noun before a pronoun that may be meant by it."""
    start = token.sent.start
    for i in range(token.i - 1, max(0, start - 40) - 1, -1):
        other = token.doc[i]
        if (
            other.pos_ in {"NOUN", "PROPN"}
            and other.dep_ != "compound"
            and (
                other.dep_
                in {"nsubj", "dobj", "pobj", "ROOT", "attr", "conj", "nsubjpass", "appos"}
            )
        ):
            return other
    return None
