"""What users say they like and dislike, with negation and contrast in the scope of a clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ontology import DISLIKES, LIKES
from kg_rec.text.cues import cues_for
from kg_rec.text.signals import SignalReader, clauses, lemma, reads
from kg_rec.text.targets import TargetReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.tokens import Token

    from kg_rec.ids import Iri
    from kg_rec.text.concepts import ConceptReader, Subject
    from kg_rec.text.gazetteer import Gazetteer, Hit
    from kg_rec.text.mentions import Mention
    from kg_rec.text.page import Nouns, Page
    from kg_rec.text.resolving import Resolver

__all__ = ["PreferenceReader", "Signal", "Taste"]

_NEAR = 3
_REACH_BACK = 12


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
        self.table = cues_for(language)
        self._signals = SignalReader(self.table)
        self._targets = TargetReader(concepts, gazetteer, nouns, self.table)

    def tastes(self, page: Page, hits: Sequence[Hit], resolver: Resolver) -> Iterator[Taste]:
        """Yield the tastes stated on a page, from left to right."""
        signals = self.signals(page)
        targets = sorted(self._targets(page, hits, resolver, signals), key=lambda t: t.start)
        clauses = _clauses(page, self.table, signals)
        signals = self._turned_back(page, signals, targets, clauses)
        for target in targets:
            clause = next(c for c in clauses if target.start in c)
            strength, cue = self._strength(page, target, clause, signals)
            proviso = any(_reads(page, clause.start, p) for p in self.table.provisos)
            if strength == 0 or (proviso and strength > 0):
                continue
            start = min(target.start, cue.start) if cue else target.start
            end = max(target.end, cue.end) if cue else target.end
            predicate = LIKES if strength > 0 else DISLIKES
            named = range(target.start, target.end)
            yield Taste(predicate, target.found, start, end, abs(strength) * target.weight, named)

    def _strength(
        self, page: Page, target: Target, clause: range, signals: Sequence[Signal]
    ) -> tuple[float, Signal | None]:
        """Return the strength of a target's taste, and the cue that gives it."""
        inside = [s for s in signals if s.start in clause]
        if any(s.strength == 0 for s in inside):
            return 0.0, None
        ahead = [s for s in inside if not s.before and s.end <= target.start]
        ahead = [s for s in ahead if not s.weak] or ahead
        behind = [
            s for s in inside if s.before and s.start >= target.end and s.reach <= target.start
        ]
        cue = ahead[-1] if ahead else (behind[0] if behind else None)
        if cue is not None and self._is_outdone(page, cue, target):
            return 0.0, None
        if ahead and behind and _is_nearer(page, target, ahead[-1], behind[0]):
            cue = behind[0]
        base = cue.strength if cue else self.table.neutral
        low = cue.end if cue and not cue.before else clause.start
        turned = self._is_excepted(page, low, target.start)
        turned = turned or self._is_negated(page, low, target.start)
        return (-base if turned else base), cue

    def _is_outdone(self, page: Page, cue: Signal, target: Target) -> bool:
        """Return whether something else is preferred to a target."""
        between = {token.lower_ for token in page.doc[cue.end : target.start]}
        after = {token.lower_ for token in page.doc[target.end : target.end + 2]}
        verb = lemma(page.doc[cue.start])
        return any(
            verb == lemma and between & words and not after & words
            for lemma, words in self.table.comparisons
        )

    def _is_negated(self, page: Page, low: int, high: int) -> bool:
        """Return whether a negation reaches a target: none of its words is a pause."""
        for token in reversed(page.doc[low:high]):
            if token.is_punct:
                return False
            if token.lower_ in self.table.negations:
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


