"""Pipelines that find entities and relations themselves, taken at their word.

A component may set ``doc.ents`` and the extension attribute ``doc._.kg_rec_relations``: a list of
(subject span, relation, object span, confidence). The relation is an IRI, or the local name or a
label of one of the ontology's. Where an entity's ``kb_id_`` or ``id_`` is an absolute IRI, that is
its IRI.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, NamedTuple

from spacy.tokens import Doc

from kg_rec.errors import DataError, ExtractionWarning, UnknownIdError
from kg_rec.ids import OWL, Iri, mint
from kg_rec.ontology import PERSON, Entity
from kg_rec.statements import Statement, Triple
from kg_rec.text.gazetteer import trained
from kg_rec.text.mentions import Mention
from kg_rec.text.names import clean_name
from kg_rec.text.resolving import Resolved

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.tokens import Span

    from kg_rec.ontology import Ontology
    from kg_rec.text.gazetteer import Gazetteer
    from kg_rec.text.page import Page
    from kg_rec.text.resolving import Resolver

__all__ = [
    "EXTENSION",
    "Found",
    "end_of",
    "has_relations",
    "kind_of",
    "named_entities",
    "stated_relations",
]

EXTENSION = "kg_rec_relations"
"""Name of the extension attribute of spaCy's Doc that holds a pipeline's own relations."""

THING = OWL["Thing"]
_PARTS = 4


class Found(NamedTuple):
    """A statement, and what it names, each with its tokens: the first, and after the last."""

    statement: Statement
    entities: tuple[tuple[Resolved, int, int], ...]


def has_relations(doc: Doc) -> bool:
    """Return whether a pipeline set relations of its own; an empty list counts, None does not."""
    return Doc.has_extension(EXTENSION) and doc._.get(EXTENSION) is not None


def named_entities(doc: Doc, mentions: list[Mention], gazetteer: Gazetteer) -> list[Mention]:
    """Return the mentions, with the entities of a pipeline that links them or has no parse.

    A trained pipeline's entities are in the mentions already, but for IRIs that it gives them.
    """
    own = [e for e in doc.ents if not trained(doc) or _iri(e) is not None]
    if not own:
        return mentions
    added = [_mention(entity, gazetteer) for entity in own]
    taken = {i for m in added for i in range(m.start, m.end)}
    kept = [m for m in mentions if taken.isdisjoint(range(m.start, m.end))]
    return sorted([*kept, *added], key=lambda m: m.start)


def _mention(span: Span, gazetteer: Gazetteer) -> Mention:
    name, iri = clean_name(span.text) or span.text, _iri(span)
    if iri is None:
        return Mention(span.start, span.end, name, span.label_)
    if iri not in gazetteer.by_iri:
        kind = kind_of(span.label_, gazetteer.ontology)
        gazetteer.by_iri[iri] = Entity(iri, (kind,), {"": (name,)})
    return Mention(span.start, span.end, name, span.label_, (iri,))


def _iri(span: Span) -> Iri | None:
    for written in (span.kb_id_, span.id_):
        try:
            return Iri(written)
        except DataError:
            continue
    return None


def kind_of(label: str, ontology: Ontology) -> Iri:
    """Return the class that a spaCy entity type stands for."""
    for iri, cls in ontology.classes.items():
        if label in cls.ner_labels:
            return iri
    return PERSON if label == "PERSON" else THING


def stated_relations(page: Page, ontology: Ontology, resolver: Resolver) -> Iterator[Found]:
    """Yield the relations that the pipeline set, as statements.

    Raises:
        DataError: The extension holds something else than (span, relation, span, confidence).

    Warns:
        ExtractionWarning: A relation is neither an IRI nor in the ontology; it is left out.
    """
    for row in page.doc._.get(EXTENSION):
        subject, name, target, confidence = _checked(row)
        relation = _relation(name, ontology)
        if relation is None:
            continue
        subject_end = end_of(page, subject, resolver)
        object_end = end_of(page, target, resolver)
        start, end = min(subject.start, target.start), max(subject.end, target.end)
        statement = Statement(
            Triple(subject_end.iri, relation, object_end.iri),
            (page.evidence(start, end),),
            confidence,
            "pipeline",
            subject_text=subject.text,
            object_text=target.text,
        )
        named = ((subject_end, subject), (object_end, target))
        yield Found(statement, tuple((entity, span.start, span.end) for entity, span in named))


def _checked(row: Sequence[object]) -> tuple[Span, str, Span, float]:
    from spacy.tokens import Span  # noqa: PLC0415

    parts = tuple(row) if isinstance(row, list | tuple) else ()
    if len(parts) == _PARTS:
        subject, name, target, confidence = parts
        spans = isinstance(subject, Span) and isinstance(target, Span)
        number = isinstance(confidence, int | float) and 0 <= confidence <= 1
        if spans and isinstance(name, str) and number:
            return subject, name, target, float(confidence)
    msg = (
        f"doc._.{EXTENSION}: found {row!r}, expected (subject span, relation, object span,"
        " confidence from 0 to 1)"
    )
    raise DataError(msg)


def _relation(name: str, ontology: Ontology) -> Iri | None:
    try:
        return ontology.relation(name).iri
    except UnknownIdError as error:
        try:
            return Iri(name)
        except DataError:
            warnings.warn(f"left out: {error}", ExtractionWarning, stacklevel=2)
            return None


def end_of(page: Page, span: Span, resolver: Resolver) -> Resolved:
    """Return what a span stands for: the item, somebody named or meant, or a new thing."""
    i = span.root.i if span.doc.has_annotation("DEP") else span.start
    mention = page.mention_at(i) or page.pronouns.get(i)
    document = page.document
    if document.item is not None and (
        span.text == document.title or (mention and document.item in mention.entities)
    ):
        return Resolved(document.item, resolver.ontology.item_class, span.text, minted=False)
    label = mention.label if mention else span.label_
    kind = kind_of(label, resolver.ontology)
    if mention is not None:
        if mention.entities:
            known = resolver.gazetteer.by_iri[mention.entities[0]]
            return Resolved(known.iri, known.types[0], mention.name, minted=False)
        found = resolver.resolve(page, mention, kind)
        if found is not None:
            return found
    name = clean_name(span.text) or span.text
    return Resolved(mint(resolver.base_iri, kind.local_name, name), kind, name, minted=True)
