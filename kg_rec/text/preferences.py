"""What users say they like and dislike, with negation and contrast in the scope of a clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ontology import DISLIKES, LIKES
from kg_rec.text.cues import cues_for
from kg_rec.text.signals import SignalReader, clauses, is_negation, lemma, reads
from kg_rec.text.targets import TargetReader
from kg_rec.text.verdicts import verdicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.tokens import Span, Token

    from kg_rec.ids import Iri
    from kg_rec.text.concepts import ConceptReader
    from kg_rec.text.gazetteer import Gazetteer, Hit
    from kg_rec.text.page import Nouns, Page
    from kg_rec.text.resolving import Resolved, Resolver
    from kg_rec.text.signals import Signal
    from kg_rec.text.targets import Target
    from kg_rec.text.verdicts import Verdict

__all__ = ["PreferenceReader", "Taste"]

_NEAR = 3
_FINITE = {"VBD", "VBZ", "VBP", "MD"}
_REFERENCE = 0.6
_FIRM = -0.8


class Taste(NamedTuple):
    """A user likes or dislikes a target, as said at tokens ``start`` to ``end``.

    ``named`` are the tokens that name the target.
    """

    predicate: Iri
    target: Resolved
    start: int
    end: int
    strength: float
    named: range


class _Said(NamedTuple):
    strength: float
    start: int
    end: int


class PreferenceReader:
    """Reads likes and dislikes.

    Args:
        concepts: Finds genres and subjects.
        gazetteer: What is known.
        nouns: The nouns of the ontology's classes.
        language: Language of the texts.
    """

    def __init__(
        self, concepts: ConceptReader, gazetteer: Gazetteer, nouns: Nouns, language: str
    ) -> None:
        self.language = language
        self.table = cues_for(language)
        self._signals = SignalReader(self.table)
        self._targets = TargetReader(concepts, gazetteer, nouns, self.table)

    def tastes(self, page: Page, hits: Sequence[Hit], resolver: Resolver) -> Iterator[Taste]:
        """Yield the tastes stated on a page, from left to right."""
        signals = self._signals.signals(page)
        judged = verdicts(page, self.language)
        targets = self._targets.targets(page, hits, resolver, signals, judged)
        parts = clauses(page, self.table, signals)
        signals = self._signals.turned_back(page, signals, [t.start for t in targets], parts)
        for target in targets:
            clause = next(c for c in parts if target.start in c)
            said = self._said(page, target, clause, signals, judged)
            proviso = any(reads(page, clause.start, p) for p in self.table.provisos)
            if (
                said.strength == 0
                or self._is_heading(page, target, signals)
                or (proviso and said.strength > 0)
            ):
                continue
            predicate = LIKES if said.strength > 0 else DISLIKES
            start, end = min(target.start, said.start), max(target.end, said.end)
            strength = abs(said.strength) * target.weight
            named = range(target.start, target.end)
            yield Taste(predicate, target.found, start, end, strength, named)

    def _said(
        self,
        page: Page,
        target: Target,
        clause: range,
        signals: Sequence[Signal],
        judged: Sequence[Verdict],
    ) -> _Said:
        """Return what is said of a target: by a judgement of it, a cue in its clause, or nothing.

        A judgement by the verb or predicate of the target outweighs a cue, a judging adjective
        before it does not.
        """
        where = _Said(0.0, target.start, target.end)
        if self._is_reference(page, target, clause, signals):
            return where._replace(strength=_REFERENCE)
        verdict = _verdict_on(page, target, judged)
        if verdict is not None and verdict.inner and _is_listed(page, verdict):
            verdict = None
        strength, cue = self._strength(page, target, clause, signals)
        if verdict is not None and (not verdict.inner or cue is None or cue.weak):
            return _Said(verdict.strength, verdict.start, verdict.end)
        if cue is not None:
            return _Said(strength, cue.start, cue.end)
        denied = strength < 0
        alone = self._stands_alone(page, target)
        said = self._is_exclaimed(page, target) or self._is_excepted(
            page, clause.start, target.start
        )
        if (target.judged and not said) or not (denied or alone):
            return where
        return where._replace(strength=strength)

    def _strength(
        self, page: Page, target: Target, clause: range, signals: Sequence[Signal]
    ) -> tuple[float, Signal | None]:
        """Return the strength of a target's taste, and the cue that gives it."""
        inside = [s for s in signals if s.start in clause]
        again = [s for s in inside if s.back and s.start >= target.end - 1]
        if again:
            return again[-1].strength, again[-1]
        if any(s.strength == 0 for s in inside):
            return 0.0, None
        ahead = [s for s in inside if not s.before and s.end <= target.start]
        ahead = [s for s in ahead if not s.weak] or ahead
        behind = [
            s for s in inside if s.before and s.start >= target.end and s.reach <= target.start
        ]
        cue = ahead[-1] if ahead else (behind[0] if behind else None)
        if cue is not None and self._is_outdone(page, cue, target):
            return -cue.strength, cue
        if ahead and behind and _is_nearer(page, target, ahead[-1], behind[0]):
            cue = behind[0]
        base = cue.strength if cue else self.table.neutral
        low = cue.end if cue and not cue.before else clause.start
        turned = self._is_excepted(page, low, target.start)
        told = cue is not None and cue.before and cue.strength < 0
        turned = turned or (not told and self._is_negated(page, low, target.start))
        return (-base if turned else base), cue

    def _stands_alone(self, page: Page, target: Target) -> bool:
        """Return whether a target is named in a fragment, where naming is liking.

        A sentence with a verb says something else, unless it is one of the speaker's habits.
        """
        if not page.trained:
            return True
        before = page.doc[target.start - 1] if target.start else None
        aside = before is not None and before.lower_ in self.table.circumstances
        sentence = _segment(page, target.start, self.table.breaks)
        named = {i for m in page.mentions for i in range(m.start, m.end)}
        verbs = [t for t in sentence if t.tag_ in _FINITE and t.i not in named]
        verbs = [v for v in verbs if not _is_relative(v) and _reaches(v, target.start)]
        asked = any(t.text == "?" for t in page.doc[sentence.end : sentence.end + 1])
        if not verbs:
            return not (asked or aside)
        return any(lemma(verb) in self.table.habits for verb in verbs)

    def _is_exclaimed(self, page: Page, target: Target) -> bool:
        """Return whether a phrase is a sentence of its own: "The score!"."""
        sentence = page.doc[target.start].sent
        verbless = all(t.pos_ not in {"VERB", "AUX"} for t in sentence)
        return verbless and sentence[-1].text == "!" and target.end == sentence.end - 1

    def _is_heading(self, page: Page, target: Target, signals: Sequence[Signal]) -> bool:
        """Return whether a common noun only heads a list: "Favourite *author*: …"."""
        if target.end >= len(page.doc) or page.doc[target.end].text != ":":
            return False
        named = page.mention_at(target.start) is not None
        return not named and not any(s.before and s.start == target.end for s in signals)

    def _is_reference(
        self, page: Page, target: Target, clause: range, signals: Sequence[Signal]
    ) -> bool:
        """Return whether a target is what something wanted is compared with: "like Heat"."""
        start = target.start
        while start > clause.start and page.doc[start - 1].pos_ in {"DET", "ADJ", "NUM"}:
            start -= 1
        rather = start > 1 and page.doc[start - 2].lower_ in {"rather", "more"}
        if not rather and _follows(page, start, clause, self.table.compared):
            measured = page.doc[max(0, start - 3)].lower_ in {"less", "more", "fewer"}
            return measured or not any(t.tag_ in _FINITE for t in page.doc[clause.start : start])
        if not _follows(page, start, clause, self.table.references):
            return False
        ahead = [s for s in signals if s.start in clause and s.end <= start and not s.before]
        return not any(s.strength == 0 or s.strength <= _FIRM for s in ahead)

    def _is_outdone(self, page: Page, cue: Signal, target: Target) -> bool:
        """Return whether something else is preferred to a target."""
        between = {token.lower_ for token in page.doc[cue.end : target.start]}
        after = {token.lower_ for token in page.doc[target.end : target.end + 2]}
        verb = lemma(page.doc[cue.start])
        return any(
            verb == word and between & words and not after & words
            for word, words in self.table.comparisons
        )

    def _is_negated(self, page: Page, low: int, high: int) -> bool:
        """Return whether a negation reaches a target: none of its words is a pause."""
        for token in reversed(page.doc[low:high]):
            if token.is_punct:
                return False
            if is_negation(page, token.i, self.table):
                return True
        return False

    def _is_excepted(self, page: Page, low: int, high: int) -> bool:
        """Return whether "except", "but not" or the like stands before a target."""
        return any(
            reads(page, i, phrase) and i + len(phrase) <= high
            for i in range(low, high)
            for phrase in self.table.exceptions
        )


def _is_nearer(page: Page, target: Target, ahead: Signal, behind: Signal) -> bool:
    """Return whether the cue behind a target rules it: "I find musicals boring"."""
    between = page.doc[ahead.end : target.start]
    far = any(token.text in {",", "and"} for token in between)
    near = behind.start - target.end <= _NEAR
    return near and (far or behind.start - target.end <= 1)


def _verdict_on(page: Page, target: Target, judged: Sequence[Verdict]) -> Verdict | None:
    """Return the judgement of the noun phrase that a target stands in."""
    for verdict in judged:
        noun = page.doc[verdict.noun]
        inside = target.start <= noun.i < target.end
        if inside or (noun.left_edge.i <= target.start and target.end == noun.i):
            return verdict
    return None


def _is_listed(page: Page, verdict: Verdict) -> bool:
    """Return whether a blaming word is worn as a badge among names liked: "…, stupid puns"."""
    before = page.doc[verdict.start - 1] if verdict.start > 1 else None
    if before is None or before.text != "," or verdict.strength > 0:
        return False
    return page.mention_at(before.i - 1) is not None


def _follows(page: Page, i: int, clause: range, phrases: Sequence[tuple[str, ...]]) -> bool:
    """Return whether one of some phrases ends right before a token, in the same clause."""
    return any(
        i - len(phrase) >= clause.start
        and reads(page, i - len(phrase), phrase)
        and page.doc[i - 1].pos_ not in {"VERB", "AUX"}
        for phrase in phrases
    )


def _segment(page: Page, i: int, breaks: frozenset[str]) -> Span:
    """Return the stretch around a token that no break or sentence end cuts."""
    start = end = i
    while (
        start > 0 and not page.doc[start].is_sent_start and page.doc[start - 1].text not in breaks
    ):
        start -= 1
    size = len(page.doc)
    while end < size and page.doc[end].text not in breaks | {"?", "!", "."}:
        end += 1
        if end < size and page.doc[end].is_sent_start:
            break
    return page.doc[start:end]


def _reaches(verb: Token, i: int) -> bool:
    """Return whether a clause begins at or before a token: what precedes it is a list apart."""
    subjects = [c for c in verb.children if c.dep_ in {"nsubj", "nsubjpass", "expl"}]
    start = min([verb.i, *(c.left_edge.i for c in subjects)])
    return start <= i


def _is_relative(token: Token) -> bool:
    """Return whether a verb stands in a clause that describes a noun."""
    while (
        token.dep_ in {"aux", "auxpass", "conj", "ccomp", "xcomp", "advcl"}
        and token.head is not token
    ):
        token = token.head
    return token.dep_ in {"relcl", "acl"}
