"""Relations between any two names of a page, as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.ids import XSD, Literal
from kg_rec.ontology import ANY_NAME
from kg_rec.statements import Statement, Triple
from kg_rec.text.candidates import Known, candidates, named
from kg_rec.text.mentions import Mention
from kg_rec.text.names import clean_name
from kg_rec.text.own_pipeline import Found, end_of
from kg_rec.text.pair_patterns import Place, place
from kg_rec.text.pairs import PairReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.language import Language

    from kg_rec.ids import Iri, Term
    from kg_rec.ontology import Ontology
    from kg_rec.text.page import Page
    from kg_rec.text.pairs import PairFact
    from kg_rec.text.resolving import Resolved, Resolver

__all__ = ["GIVEN", "PairStatements"]

GIVEN = "kg_rec_mentions"
"""Key of the spans (``doc.spans``) by which a pipeline says what is named, all of it."""

_MOST_REASONS = 3


class PairStatements:
    """Reads statements by the patterns of an ontology.

    Args:
        ontology: The relations with their patterns.
        nlp: The pipeline that reads the texts.
        language: Their language.

    Raises:
        OntologyError: A pattern is broken.
    """

    def __init__(self, ontology: Ontology, nlp: Language, language: str) -> None:
        self._reader = PairReader(ontology, nlp, language)
        names = {p.text for p in ontology.patterns.by_relation.get(ANY_NAME, ())}
        self._known = Known(nlp, names)

    def __bool__(self) -> bool:
        """Whether the ontology has patterns."""
        return bool(self._reader)

    def statements(self, page: Page, resolver: Resolver) -> Iterator[Found]:
        """Yield what a page states, with what it names."""
        if not self._reader.may_find(page.doc):
            return
        names = named([*self._places(page)])
        for fact in self._reader.facts(page.doc, names):
            if page.words.negations.isdisjoint(_between(page, fact)):
                yield _found(page, fact, resolver)

    def _places(self, page: Page) -> Iterator[Place]:
        """Yield what may be named: what the pipeline says, or known names and candidates."""
        given = page.doc.spans.get(GIVEN)
        if given is not None:
            yield from (place(page.doc, s.start, s.end, s.label_ or None) for s in given)
            return
        linked = [m for m in page.mentions if m.entities]
        taken = {i for m in linked for i in range(m.start, m.end)}
        for mention in linked:
            text = page.doc[mention.start : mention.end].text
            yield Place(mention.start, mention.end, text, mention.label)
        for here in candidates(page.doc, page.words, self._known):
            if taken.isdisjoint(range(here.start, here.end)):
                yield here


def _between(page: Page, fact: PairFact) -> set[str]:
    """Return the words between the two names of a fact, if a sentence holds both."""
    start, end = sorted((fact.subject, fact.object))
    words = page.doc[start.end : end.start]
    return set() if any(t.is_sent_start for t in words) else {t.lower_ for t in words}


def _found(page: Page, fact: PairFact, resolver: Resolver) -> Found:
    subject = _end(page, fact.subject, fact.relation.domain, resolver)
    ends = [(subject, fact.subject.start, fact.subject.end)]
    target: Term
    if _is_value(fact):
        target = Literal(fact.object.text)
    else:
        entity = _end(page, fact.object, fact.relation.range, resolver)
        ends.append((entity, fact.object.start, fact.object.end))
        target = entity.iri
    start = min(fact.subject.start, fact.object.start)
    evidence = page.evidence(start, max(fact.subject.end, fact.object.end))
    reasons = [text for text, weight in fact.reasons if weight > 0][:_MOST_REASONS]
    statement = Statement(
        Triple(subject.iri, fact.relation.iri, target),
        (evidence,),
        fact.confidence,
        f"pattern:{' + '.join(reasons)}",
        subject_text=fact.subject.text,
        object_text=fact.object.text,
    )
    return Found(statement, tuple(ends))


def _end(page: Page, here: Place, kind: Iri | None, resolver: Resolver) -> Resolved:
    """Return what a name stands for: somebody known, else something new of a class."""
    mention = page.mention_at(here.start)
    if kind is None or (mention and mention.entities):
        return end_of(page, page.doc[here.start : here.end], resolver)
    if mention is None or (mention.start, mention.end) != (here.start, here.end):
        mention = Mention(here.start, here.end, clean_name(here.text) or here.text, here.kind)
    found = resolver.resolve(page, mention, kind)
    return found or end_of(page, page.doc[here.start : here.end], resolver)


def _is_value(fact: PairFact) -> bool:
    """Return whether an object is a value: the range says so, or it is a number or a date."""
    if fact.relation.ranges:
        return any(kind.startswith(str(XSD[""])) for kind in fact.relation.ranges)
    return any(c.isdigit() for c in fact.object.text) and not any(
        c.isalpha() for c in fact.object.text
    )
