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
    weak: bool = False
    reach: int = 0


class _Target(NamedTuple):
    start: int
    end: int
    found: Resolved
    weight: float = 1.0


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
            yield Taste(predicate, target.found, start, end, abs(strength) * target.weight)

    def signals(self, page: Page) -> list[Signal]:
        """Return the cues of a page, left to right, negation applied, without overlaps."""
        found: list[Signal] = []
        i = 0
        while i < len(page.doc):
            mention = page.mention_at(i)
            first = mention is not None and mention.length == 1 and not mention.entities
            named = mention is not None and not (first and page.doc[i].is_sent_start)
            cue = None if named else self._cue_at(page, i)
            if cue is None:
                i += 1
                continue
            end = i + len(cue.phrase)
            strength = cue.denied if self._is_denied(page, i, found) else cue.strength
            if not cue.before and self._is_of_others(page.doc[i]):
                strength = 0.0
            reach = _reach(page, i, cue) if cue.before and strength < 0 else 0
            found.append(Signal(i, end, strength, cue.before, cue.weak, reach))
            i = end
        return found

    def _turned_back(
        self,
        page: Page,
        signals: Sequence[Signal],
        targets: Sequence[_Target],
        clauses: Sequence[range],
    ) -> list[Signal]:
        """Return the signals; one that nothing follows speaks of what precedes it.

        ``Sad dramas I avoid``; ``when vampires fall in love, I leave the room``.
        """
        turned = []
        for signal in signals:
            k = next(k for k, c in enumerate(clauses) if signal.start in c)
            clause = clauses[k]
            follows = any(signal.end <= t.start < clause.stop for t in targets)
            if not signal.before and not follows and self._closes(page, signal.end):
                condition = k > 0 and page.doc[clauses[k - 1].start].lower_ in self.table.conditions
                start = clauses[k - 1].stop - 1 if condition else signal.start
                signal = signal._replace(before=True, start=start)  # noqa: PLW2901
            turned.append(signal)
        return turned

    def _closes(self, page: Page, i: int) -> bool:
        """Return whether a clause ends before a token."""
        if i >= len(page.doc):
            return True
        token = page.doc[i]
        ends = token.lower_ in self.table.contrasts | self.table.conditions
        return ends or token.is_punct or bool(token.is_sent_start)

    def _is_of_others(self, token: Token) -> bool:
        """Return whether somebody else is the subject of a verb: "my wife loves musicals"."""
        verb = token.head if token.dep_ == "xcomp" else token
        subjects = [child for child in verb.children if child.dep_ == "nsubj"]
        before = [child for child in subjects if child.i < token.i] or subjects
        return (
            bool(before) and token.pos_ == "VERB" and (before[-1].lower_ not in self.table.speakers)
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
        end = i + len(cue.phrase)
        last = end >= len(page.doc) or page.doc[end].is_punct
        if cue.phrase == ("please",):
            return False
        return not cue.final or (i > 0 and last)

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

    def _is_outdone(self, page: Page, cue: Signal, target: _Target) -> bool:
        """Return whether something else is preferred to a target."""
        between = {token.lower_ for token in page.doc[cue.end : target.start]}
        after = {token.lower_ for token in page.doc[target.end : target.end + 2]}
        verb = _lemma(page.doc[cue.start])
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
            _reads(page, i, phrase) and i + len(phrase) <= high
            for i in range(low, high)
            for phrase in self.table.exceptions
        )

    def _targets(
        self, page: Page, hits: Sequence[Hit], resolver: Resolver, signals: Sequence[Signal]
    ) -> Iterator[_Target]:
        taken = {i for signal in signals for i in range(signal.start, signal.end)}
        inner: set[int] = set()
        for subject in reversed(list(self.concepts.known(page, hits))):
            if (subject.start in taken and subject.end - subject.start == 1) or (
                subject.start in inner
            ):
                continue
            if not self._is_aside(page, subject):
                inner.update(range(self.concepts.compound_start(page, subject), subject.start))
                yield from self._compound(page, subject, resolver)
        taken |= inner
        taken |= {i for hit in hits for i in range(hit.start, hit.end)}
        for mention in page.mentions:
            common = taken.issuperset(range(mention.start, mention.end))
            found = None if common else self._named(page, mention, resolver)
            if found is not None:
                yield _Target(mention.start, mention.end, found)
        yield from self._phrases(page, taken, resolver)

    def _is_aside(self, page: Page, subject: Subject) -> bool:
        """Return whether a subject is only what someone is, or part of a name."""
        start = page.phrase_start(subject.start)
        before = page.doc[start - 1] if start else None
        if before is not None and before.lower_ in page.words.roles and before.pos_ == "ADP":
            return True
        mention = page.mention_at(subject.start)
        return mention is not None and mention.length > subject.end - subject.start

    def _compound(self, page: Page, subject: Subject, resolver: Resolver) -> Iterator[_Target]:
        """Yield a subject, or the compound that it is the head of.

        ``time travel`` is no travel; ``bank robbery`` is also a robbery, half as much.
        """
        start = self.concepts.compound_start(page, subject)
        found = _resolved(subject, resolver)
        if start == subject.start:
            yield _Target(subject.start, subject.end, found)
            return
        words = [t.lower_ for t in page.doc[start : subject.start]]
        label = " ".join([*words, subject.label.lower()])
        yield _Target(start, subject.end, resolver.concept(label))
        if not self.concepts.generic.intersection(words):
            yield _Target(subject.start, subject.end, found, 0.5)

    def _phrases(self, page: Page, taken: set[int], resolver: Resolver) -> Iterator[_Target]:
        last = -1
        for subject in self.concepts.phrases(page, taken, loose=True):
            if subject.start < last:
                continue  # the head of a phrase that was just taken
            last = subject.end
            if subject.iri is None and self._is_remote(page, subject):
                continue
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

    def _is_remote(self, page: Page, subject: Subject) -> bool:
        """Return whether an unknown subject is only a place or circumstance of another noun."""
        token = page.doc[subject.end - 1]
        governor = token.head
        if token.dep_ != "pobj" or governor.lower_ not in self.table.circumstances:
            return self._is_aside(page, subject)
        return True

    def _named(self, page: Page, mention: Mention, resolver: Resolver) -> Resolved | None:
        """Return what a name stands for; an unknown one only if its entity type has a class."""
        if mention.entities:
            fuller = self.gazetteer.surname(mention.name) if _is_lone_name(page, mention) else None
            if fuller is not None and self.gazetteer.person(mention.name):
                return Resolved(fuller, PERSON, mention.name, minted=False)
            known = self.gazetteer.by_iri[mention.entities[0]]
            return resolver.resolve(page, mention, known.types[0])
        known_person = self.gazetteer.person(mention.name)
        if known_person is None and _is_lone_name(page, mention):
            known_person = self.gazetteer.surname(mention.name)
        if known_person is not None:
            return Resolved(known_person, PERSON, mention.name, minted=False)
        for iri, cls in self.nouns.ontology.classes.items():
            if mention.label in cls.ner_labels and iri != ITEM:
                return resolver.resolve(page, mention, iri)
        return None


def _reach(page: Page, i: int, cue: Cue) -> int:
    """Return the first token that a cue speaks of: its subject's, or the last pause before."""
    token = page.doc[i]
    found = [c for c in token.children if c.dep_ in {"nsubj", "nsubjpass"} and c.i < i]
    if found:
        pronoun = found[0].pos_ == "PRON"
        return 0 if pronoun else int(found[0].left_edge.i)
    if cue.final:
        return next((k + 1 for k in range(i - 2, -1, -1) if page.doc[k].text == ","), 0)
    return 0


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


def _is_lone_name(page: Page, mention: Mention) -> bool:
    """Return whether a mention may be a surname: no article, and no "of" after it."""
    before = page.doc[mention.start - 1] if mention.start else None
    after = page.doc[mention.end] if mention.end < len(page.doc) else None
    if page.doc[mention.end - 1].pos_ not in {"PROPN", "NOUN", "X"}:
        return False
    linked = after is not None and after.lower_ in page.words.kinship
    return not linked and (before is None or before.pos_ != "DET")


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
        proviso = any(_reads(page, i, phrase) for phrase in table.provisos)
        fresh = proviso or token.is_sent_start or previous.lower_ in table.contrasts - {"but"}
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
