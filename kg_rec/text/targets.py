"""What a user may like or dislike: names, subjects, and what has been judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ontology import CONCEPT, ITEM, PERSON
from kg_rec.text.concepts import base_phrases
from kg_rec.text.opinion_words import judging_words
from kg_rec.text.resolving import Resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.tokens import Token

    from kg_rec.text.concepts import ConceptReader, Subject
    from kg_rec.text.cues import CueTable
    from kg_rec.text.gazetteer import Gazetteer, Hit
    from kg_rec.text.mentions import Mention
    from kg_rec.text.page import Nouns, Page
    from kg_rec.text.resolving import Resolver
    from kg_rec.text.signals import Signal
    from kg_rec.text.verdicts import Verdict

__all__ = ["Target", "TargetReader"]

_JOINTS = {"and", "but", "not", ",", "or", "a", "bit", "also"}
_AMOUNTS = {"DATE", "TIME", "CARDINAL", "ORDINAL", "PERCENT", "MONEY", "QUANTITY"}


class Target(NamedTuple):
    """What stands at tokens ``start`` to ``end``.

    ``weight`` scales how much it is meant; ``judged`` if merely naming it says nothing.
    """

    start: int
    end: int
    found: Resolved
    weight: float = 1.0
    judged: bool = False


class TargetReader:
    """Finds what likes and dislikes may be about.

    Args:
        concepts: Finds genres and subjects.
        gazetteer: What is known.
        nouns: The nouns of the ontology's classes.
        table: How the language says what is liked.
    """

    def __init__(
        self, concepts: ConceptReader, gazetteer: Gazetteer, nouns: Nouns, table: CueTable
    ) -> None:
        self.concepts = concepts
        self.gazetteer = gazetteer
        self.nouns = nouns
        self.table = table
        self.judging = judging_words(concepts.language)

    def targets(
        self,
        page: Page,
        hits: Sequence[Hit],
        resolver: Resolver,
        signals: Sequence[Signal],
        judged: Sequence[Verdict],
    ) -> list[Target]:
        """Return what may be liked or disliked on a page, from left to right."""
        found = list(self._known(page, hits, resolver, signals))
        taken = {i for target in found for i in range(target.start, target.end)}
        cues = {i for signal in signals for i in range(signal.start, signal.end)}
        found += self._judged(page, taken, cues, resolver, {v.noun for v in judged if not v.inner})
        return sorted(found, key=lambda target: target.start)

    def _judged(
        self, page: Page, taken: set[int], cues: set[int], resolver: Resolver, nouns: set[int]
    ) -> Iterator[Target]:
        """Yield the other noun phrases: what counts only if something is said of it."""
        if not page.doc.has_annotation("DEP"):
            return
        for start, end in base_phrases(page.doc):
            core = _core([t for t in page.doc[start:end] if t.i not in cues])
            if not core:
                continue
            head = core[-1]
            word = head.lemma_.lower()
            if word in self.table.people and _is_own(head):
                continue
            light = word in self.table.light_nouns or word in self.nouns.roles
            light = light and all(t is head or t.lower_ in self.judging for t in core)
            if head.lower_ in self.judging or word in self.judging:
                continue
            if (
                (light and head.i not in nouns)
                or taken.intersection(t.i for t in core)
                or head.ent_type_ in _AMOUNTS
            ):
                continue
            named = head.pos_ == "PROPN"
            label = " ".join([*(t.lower_ for t in core[:-1]), head.lower_ if named else word])
            yield Target(core[0].i, head.i + 1, resolver.concept(label), judged=not named)

    def _known(
        self, page: Page, hits: Sequence[Hit], resolver: Resolver, signals: Sequence[Signal]
    ) -> Iterator[Target]:
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
        cues = taken - inner
        taken |= inner
        taken |= {i for hit in hits for i in range(hit.start, hit.end)}
        for mention in page.mentions:
            common = taken.issuperset(range(mention.start, mention.end))
            lone = mention.length == 1 and not mention.entities
            common |= lone and page.doc[mention.start].lower_ in self.judging
            found = None if common else self._named(page, mention, resolver)
            if found is not None:
                start = next((i for i in range(mention.start, mention.end) if i not in cues), 0)
                yield Target(max(start, mention.start), mention.end, found)
        yield from self._phrases(page, taken, resolver, signals)

    def _is_aside(self, page: Page, subject: Subject) -> bool:
        """Return whether a subject is only what someone is, or part of a name."""
        start = page.phrase_start(subject.start)
        before = page.doc[start - 1] if start else None
        if before is not None and before.lower_ in page.words.roles and before.pos_ == "ADP":
            return True
        mention = page.mention_at(subject.start)
        return mention is not None and mention.length > subject.end - subject.start

    def _compound(self, page: Page, subject: Subject, resolver: Resolver) -> Iterator[Target]:
        """Yield a subject, or the compound that it is the head of.

        ``time travel`` is no travel; ``bank robbery`` is also a robbery, half as much.
        """
        start = self.concepts.compound_start(page, subject)
        found = _resolved(subject, resolver)
        if start == subject.start:
            yield Target(subject.start, subject.end, found)
            return
        words = [t.lower_ for t in page.doc[start : subject.start]]
        label = " ".join([*words, subject.label.lower()])
        yield Target(start, subject.end, resolver.concept(label))
        if not self.concepts.generic.intersection(words):
            yield Target(subject.start, subject.end, found, 0.5)

    def _phrases(
        self, page: Page, taken: set[int], resolver: Resolver, signals: Sequence[Signal]
    ) -> Iterator[Target]:
        last = -1
        for subject in self.concepts.phrases(page, taken, loose=True):
            judging = page.doc[subject.end - 1].lemma_.lower() in self.judging
            if subject.start < last or (judging and subject.iri is None):
                continue  # the head of a phrase that was just taken
            last = subject.end
            if subject.iri is None and self._is_remote(page, subject):
                continue
            yield Target(subject.start, subject.end, _resolved(subject, resolver))
        for token in page.doc:
            described = self._is_wanted(page, token)
            plain = token.lemma_.lower() in page.words.generic_adjectives
            if described and token.pos_ == "ADJ" and token.i not in taken and not plain:
                known = self.gazetteer.concepts_like(token.lower_)
                label = token.lower_
                found = (
                    Resolved(known, CONCEPT, label, minted=False)
                    if known
                    else resolver.concept(label)
                )
                if not any(s.start <= token.i < s.end for s in signals):
                    yield Target(token.i, token.i + 1, found)

    def _is_wanted(self, page: Page, token: Token) -> bool:
        """Return whether an adjective is a subject: "something *scary* but not *gory*"."""
        i = token.i - 1
        joined = False
        while i >= 0 and page.doc[i].lower_ in _JOINTS:
            joined = True
            i -= 1
        if i >= 0 and page.doc[i].lower_ in self.table.descriptive:
            return not joined or i == token.i - 1
        if not joined or i < 0 or page.doc[i].pos_ != "ADJ":
            return False
        return token.lower_ not in self.judging and self._is_wanted(page, page.doc[i])

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


def _resolved(subject: Subject, resolver: Resolver) -> Resolved:
    if subject.iri is not None:
        return Resolved(subject.iri, subject.kind, subject.label, minted=False)
    return resolver.concept(subject.label)


def _is_lone_name(page: Page, mention: Mention) -> bool:
    """Return whether a mention may be a surname: no article, and no "of" after it."""
    before = page.doc[mention.start - 1] if mention.start else None
    after = page.doc[mention.end] if mention.end < len(page.doc) else None
    if page.doc[mention.end - 1].pos_ not in {"PROPN", "NOUN", "X"}:
        return False
    linked = after is not None and after.lower_ in page.words.kinship
    return not linked and (before is None or before.pos_ != "DET")


def _is_own(noun: Token) -> bool:
    """Return whether somebody of the speaker's is meant: "my sister"."""
    return any(c.dep_ == "poss" and c.pos_ == "PRON" for c in noun.children)


def _core(tokens: Sequence[Token]) -> list[Token]:
    """Return the noun that ends a phrase with the modifiers right before it."""
    nouns = [t for t in tokens if t.pos_ in {"NOUN", "PROPN"}]
    if not nouns:
        return []
    kept = [nouns[-1]]
    for token in reversed(tokens[: tokens.index(nouns[-1])]):
        plain = token.is_stop or token.pos_ not in {"NOUN", "PROPN", "ADJ", "VERB"}
        if plain or kept[0].i - token.i != 1:
            break
        kept.insert(0, token)
    return kept
