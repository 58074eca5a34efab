"""What users say they like and dislike, with negation and contrast in the scope of a clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ontology import CONCEPT, DISLIKES, ITEM, LIKES, PERSON
from kg_rec.text.cues import Cue, CueTable, cues_for
from kg_rec.text.resolving import Resolved

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
    """A user likes or dislikes a target, as said at tokens ``start`` to ``end``."""

    predicate: Iri
    target: Resolved
    start: int
    end: int
    strength: float


class Signal(NamedTuple):
    """A cue at tokens ``start`` to ``end``, with its strength after negation."""

    start: int
    end: int
    strength: float
    before: bool


class _Target(NamedTuple):
    start: int
    end: int
    found: Resolved


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
        self.concepts = concepts
        self.gazetteer = gazetteer
        self.nouns = nouns
        self.table = cues_for(language)
        self._by_first: dict[str, list[Cue]] = {}
        for cue in self.table.cues:
            self._by_first.setdefault(cue.phrase[0], []).append(cue)

    def tastes(self, page: Page, hits: Sequence[Hit], resolver: Resolver) -> Iterator[Taste]:
        """Yield the tastes stated on a page, from left to right."""
        signals = self.signals(page)
        targets = sorted(self._targets(page, hits, resolver, signals), key=lambda t: t.start)
        clauses = _clauses(page, self.table, signals)
        for target in targets:
            clause = next(c for c in clauses if target.start in c)
            strength, cue = self._strength(page, target, clause, signals)
            if strength == 0:
                continue
            start = min(target.start, cue.start) if cue else target.start
            end = max(target.end, cue.end) if cue else target.end
            predicate = LIKES if strength > 0 else DISLIKES
            yield Taste(predicate, target.found, start, end, abs(strength))

    def signals(self, page: Page) -> list[Signal]:
        """Return the cues of a page, left to right, negation applied, without overlaps."""
        found: list[Signal] = []
        i = 0
        while i < len(page.doc):
            cue = None if page.mention_at(i) else self._cue_at(page, i)
            if cue is None:
                i += 1
                continue
            end = i + len(cue.phrase)
            strength = cue.denied if self._is_denied(page, i, found) else cue.strength
            if not cue.before and self._is_of_others(page.doc[i]):
                strength = 0.0
            found.append(Signal(i, end, strength, cue.before))
            i = end
        return found

    def _is_of_others(self, token: Token) -> bool:
        """Return whether somebody else is the subject of a verb: "my wife loves musicals"."""
        subjects = [child for child in token.children if child.dep_ == "nsubj"]
        return token.pos_ == "VERB" and any(
            child.lower_ not in self.table.speakers for child in subjects
        )

    def _cue_at(self, page: Page, i: int) -> Cue | None:
        token = page.doc[i]
        for key in dict.fromkeys((token.lower_, _lemma(token))):
            for cue in self._by_first.get(key, ()):
                if _reads(page, i, cue.phrase) and self._is_cue(page, i, cue):
                    return cue
        return None

    def _is_cue(self, page: Page, i: int, cue: Cue) -> bool:
        """Rule out words that only look like a cue: "films like these", "in no time"."""
        word = page.doc[i]
        if cue.phrase == ("like",) and page.trained:
            return word.pos_ == "VERB" or (word.pos_ != "ADP" and _after_person(page, i))
        if cue.phrase in {("please",), ("boring",)}:
            last = i + 1 >= len(page.doc) or page.doc[i + 1].is_punct
            return i > 0 and last and cue.phrase == ("boring",)
        return True

    def _is_denied(self, page: Page, i: int, found: Sequence[Signal]) -> bool:
        """Return whether a negation stands shortly before, in no other cue."""
        low = max(0, i - _NEAR, found[-1].end if found else 0)
        for k in range(i - 1, low - 1, -1):
            token = page.doc[k]
            if token.lower_ in self.table.negations:
                return True
            if token.is_punct or token.lower_ in self.table.contrasts or token.is_sent_end:
                return False
        return False

    def _strength(
        self, page: Page, target: _Target, clause: range, signals: Sequence[Signal]
    ) -> tuple[float, Signal | None]:
        """Return the strength of a target's taste, and the cue that gives it."""
        inside = [s for s in signals if s.start in clause]
        if any(s.strength == 0 for s in inside):
            return 0.0, None
        ahead = [s for s in inside if not s.before and s.end <= target.start]
        behind = [s for s in inside if s.before and s.start >= target.end]
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

    def _is_outdone(self, page: Page, cue: Signal, target: _Target) -> bool:
        """Return whether something else is preferred to a target."""
        between = {token.lower_ for token in page.doc[cue.end : target.start]}
        verb = _lemma(page.doc[cue.start])
        return any(verb == lemma and between & words for lemma, words in self.table.comparisons)

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
            _reads(page, i, phrase) and i + len(phrase) <= high
            for i in range(low, high)
            for phrase in self.table.exceptions
        )

    def _targets(
        self, page: Page, hits: Sequence[Hit], resolver: Resolver, signals: Sequence[Signal]
    ) -> Iterator[_Target]:
        taken = {i for signal in signals for i in range(signal.start, signal.end)}
        for subject in self.concepts.known(page, hits):
            if subject.start in taken and subject.end - subject.start == 1:
                continue
            yield _Target(subject.start, subject.end, _resolved(subject, resolver))
        taken |= {i for hit in hits for i in range(hit.start, hit.end)}
        for mention in page.mentions:
            found = self._named(page, mention, resolver)
            if found is not None:
                yield _Target(mention.start, mention.end, found)
        yield from self._phrases(page, taken, resolver)

    def _phrases(self, page: Page, taken: set[int], resolver: Resolver) -> Iterator[_Target]:
        last = -1
        for subject in self.concepts.phrases(page, taken, loose=True):
            if subject.start < last:
                continue  # the head of a phrase that was just taken
            last = subject.end
            yield _Target(subject.start, subject.end, _resolved(subject, resolver))
        for token in page.doc:
            described = token.i and page.doc[token.i - 1].lower_ in self.table.descriptive
            plain = token.lemma_.lower() in page.words.generic_adjectives
            if described and token.pos_ == "ADJ" and token.i not in taken and not plain:
                known = self.gazetteer.concepts_like(token.lower_)
                label = token.lower_
                found = (
                    Resolved(known, CONCEPT, label, minted=False)
                    if known
                    else resolver.concept(label)
                )
                if not any(s.start <= token.i < s.end for s in self.signals(page)):
                    yield _Target(token.i, token.i + 1, found)

    def _named(self, page: Page, mention: Mention, resolver: Resolver) -> Resolved | None:
        """Return what a name stands for; an unknown one only if its entity type has a class."""
        if mention.entities:
            known = self.gazetteer.by_iri[mention.entities[0]]
            return resolver.resolve(page, mention, known.types[0])
        known_person = self.gazetteer.person(mention.name)
        if known_person is not None:
            return Resolved(known_person, PERSON, mention.name, minted=False)
        for iri, cls in self.nouns.ontology.classes.items():
            if mention.label in cls.ner_labels and iri != ITEM:
                return resolver.resolve(page, mention, iri)
        return None


def _resolved(subject: Subject, resolver: Resolver) -> Resolved:
    if subject.iri is not None:
        return Resolved(subject.iri, subject.kind, subject.label, minted=False)
    return resolver.concept(subject.label)


def _lemma(token: Token) -> str:
    return token.lemma_.lower() or token.lower_


def _reads(page: Page, i: int, phrase: Sequence[str]) -> bool:
    """Return whether the tokens from ``i`` on are a phrase, word by word or by lemma."""
    if i + len(phrase) > len(page.doc):
        return False
    return all(
        word in {page.doc[i + k].lower_, _lemma(page.doc[i + k])} for k, word in enumerate(phrase)
    )


def _after_person(page: Page, i: int) -> bool:
    before = page.doc[max(0, i - 2) : i]
    return any(t.pos_ in {"PRON", "AUX", "PART"} for t in before)


def _is_nearer(page: Page, target: _Target, ahead: Signal, behind: Signal) -> bool:
    """Return whether the cue behind a target rules it: "I find musicals boring"."""
    between = page.doc[ahead.end : target.start]
    far = any(token.text in {",", "and"} for token in between)
    near = behind.start - target.end <= _NEAR
    return near and (far or behind.start - target.end <= 1)


def _clauses(page: Page, table: CueTable, signals: Sequence[Signal]) -> list[range]:
    """Return the stretches that a cue reaches over: cut at sentence ends and contrasts.

    A comma or "and" cuts too if a new cue, or a new subject with a verb, follows at once.
    """
    starts = [0]
    opens = {signal.start for signal in signals if not signal.before}
    inner = {i for signal in signals for i in range(signal.start + 1, signal.end)}
    inner |= _exceptive(page, table)
    for token in page.doc:
        i = token.i
        if i == 0 or i in inner:
            continue
        previous = page.doc[i - 1]
        fresh = token.is_sent_start or previous.lower_ in table.contrasts - {"but"}
        joined = previous.text in {",", "and", "–", "-"}
        begins = joined and (i in opens or _begins_clause(page, i))
        if fresh or token.lower_ in table.contrasts or begins:
            starts.append(i)
    ends = [*starts[1:], len(page.doc)]
    return [range(start, end) for start, end in zip(starts, ends, strict=True)]


def _exceptive(page: Page, table: CueTable) -> set[int]:
    """Return the contrasts that end an exception ("anything but") and so cut nothing."""
    return {
        i + len(phrase) - 1
        for i in range(len(page.doc))
        for phrase in table.exceptions
        if phrase[-1] in table.contrasts and _reads(page, i, phrase)
    }


def _begins_clause(page: Page, i: int) -> bool:
    return page.doc[i].dep_ == "nsubj" and page.doc[i].pos_ == "PRON"
