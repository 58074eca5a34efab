"""New entities of many documents brought together: one node a thing, with its other names."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kg_rec.errors import DataError
from kg_rec.ids import SCHEMA, Iri, Literal
from kg_rec.ontology import ALT_LABEL, CONCEPT, ITEM, LABEL, PERSON, TYPE
from kg_rec.ontology.texts import WORD
from kg_rec.statements import MERGED, Evidence, Statement, Triple
from kg_rec.text.entities import EntityResolver, Known, NameMention, Resolution
from kg_rec.text.reading import ENTITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kg_rec.ontology import Entity, Ontology
    from kg_rec.text.entities import Encoder

__all__ = ["Unifier", "read_overrides", "unify"]

_PLACE, _WORK, _GROUP = SCHEMA["Place"], SCHEMA["CreativeWork"], SCHEMA["Organization"]
_APART = "new"
_TYPED = (TYPE, "override")  # what a user names may be nowhere else
_COLUMNS = ("name", "entity")


def unify(
    statements: Sequence[Statement],
    known: Iterable[Entity],
    documents: Mapping[str, str],
    *,
    ontology: Ontology,
    base_iri: str,
    encoder: Encoder | None = None,
    overrides: Mapping[str, Iri | None] | None = None,
) -> list[Statement]:
    """Return statements in which names that mean the same have one node.

    What replaces a new entity keeps its name as ``skos:altLabel``; the extractor of that statement
    says why: ``"merged:initials"``. Concepts are left as they are.

    Args:
        statements: As the extractor gives them, with types and labels of new entities.
        known: What was known before.
        documents: Id to text; tells apart what bears the same name.
        ontology: Its classes say what names people, works and places.
        base_iri: Where IRIs are minted.
        encoder: Text vectors.
        overrides: As of :func:`read_overrides`.
    """
    unifier = Unifier(
        known, ontology=ontology, base_iri=base_iri, encoder=encoder, overrides=overrides
    )
    return unifier.unify(statements, documents)


class Unifier:
    """Knows names, and brings new ones together; see :func:`unify` for the arguments.

    Args:
        known: What was known before.
        ontology: Its classes say what names people, works and places.
        base_iri: Where IRIs are minted.
        encoder: Text vectors.
        overrides: As of :func:`read_overrides`.
    """

    def __init__(
        self,
        known: Iterable[Entity],
        *,
        ontology: Ontology,
        base_iri: str,
        encoder: Encoder | None = None,
        overrides: Mapping[str, Iri | None] | None = None,
    ) -> None:
        self._sorts = _Sorts(ontology)
        self._resolver = EntityResolver(
            self._named(known), base_iri=base_iri, encoder=encoder, overrides=overrides
        )

    def unify(
        self, statements: Sequence[Statement], documents: Mapping[str, str]
    ) -> list[Statement]:
        """Return statements in which names that mean the same have one node."""
        names = _new_names(statements, self._sorts)
        mentions = [
            NameMention(document, name, sort, documents.get(document, "")[:2_000], iri)
            for (iri, document), (name, sort) in sorted(_uses(statements, names).items())
        ]
        found = {
            (mention.iri, mention.document): resolution
            for mention, resolution in zip(mentions, self._resolver.resolve(mentions), strict=True)
            if mention.iri is not None and resolution.iri != mention.iri
        }
        return list(dict.fromkeys(_rewritten(statements, found))) if found else list(statements)

    def learn(self, entities: Iterable[Entity]) -> None:
        """Take up more of what is known."""
        self._resolver.learn(self._named(entities))

    def _named(self, entities: Iterable[Entity]) -> list[Known]:
        return [
            Known(
                e.iri,
                tuple(n for names in e.labels.values() for n in names),
                self._sorts.of(e.types),
            )
            for e in entities
            if not {CONCEPT, WORD} & set(e.types)
        ]


def read_overrides(path: str | Path) -> dict[str, Iri | None]:
    """Read who means what: a table with the columns ``name`` and ``entity``, tab-separated.

    ``entity`` is an IRI, or ``new`` for a name that is to stay apart. A name with ``@`` and the id
    of a document behind it holds in that document only.

    Args:
        path: The file.

    Raises:
        DataError: The file is not such a table; the message names the line.
    """
    path = Path(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t"))
    if not rows or tuple(rows[0]) != _COLUMNS:
        raise DataError(f"{path}, line 1: expected the columns 'name' and 'entity' with a tab")
    found: dict[str, Iri | None] = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(_COLUMNS) or not all(cell.strip() for cell in row):
            raise DataError(f"{path}, line {number}: expected a name and an entity with a tab")
        name, entity = (cell.strip() for cell in row)
        if entity != _APART and ":" not in entity:
            raise DataError(f"{path}, line {number}: {entity!r} is no IRI, and not 'new'")
        found[name] = None if entity == _APART else Iri(entity)
    return found


class _Sorts:
    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology

    def of(self, types: Iterable[Iri]) -> str:
        """Return the sort of things of some classes, as in :class:`Known`."""
        for kind in types:
            above = self._ontology.ancestors(kind)
            if PERSON in above:
                return "person"
            if {ITEM, _WORK} & above:
                return "work"
            if _PLACE in above:
                return "place"
            if _GROUP in above:
                return "group"
        return ""


def _new_names(statements: Iterable[Statement], sorts: _Sorts) -> dict[Iri, tuple[str, str]]:
    """Return name and sort of each new entity that is no concept and no word."""
    names: dict[Iri, str] = {}
    kinds: dict[Iri, Iri] = {}
    for statement in statements:
        if statement.extractor == ENTITY:
            subject, predicate, value = statement.triple
            if predicate == LABEL and isinstance(value, Literal):
                names.setdefault(subject, value.value)
            elif predicate == TYPE and isinstance(value, Iri):
                kinds.setdefault(subject, value)
    return {
        iri: (name, sorts.of([kinds[iri]]))
        for iri, name in names.items()
        if iri in kinds and kinds[iri] not in {CONCEPT, WORD}
    }


def _uses(
    statements: Iterable[Statement], names: Mapping[Iri, tuple[str, str]]
) -> dict[tuple[Iri, str], tuple[str, str]]:
    """Return the documents that name each new entity."""
    return {
        (term, passage.document): names[term]
        for statement in statements
        for term in (statement.triple.subject, statement.triple.object)
        if isinstance(term, Iri) and term in names
        for passage in statement.evidence
    }


def _rewritten(
    statements: Iterable[Statement], found: Mapping[tuple[Iri, str], Resolution]
) -> Iterable[Statement]:
    for statement in statements:
        by_target: dict[tuple[Iri, Iri | Literal], list[Evidence]] = {}
        subject, predicate, value = statement.triple
        for passage in statement.evidence:
            ends = (
                _target(subject, passage, found),
                _target(value, passage, found) if isinstance(value, Iri) else value,
            )
            by_target.setdefault(ends, []).append(passage)
        if set(by_target) <= {(subject, value)}:
            yield statement
            continue
        for (new, object_), evidence in by_target.items():
            reason = "" if new == subject else found[subject, evidence[0].document].reason
            if statement.extractor != ENTITY or not reason or (predicate, reason) == _TYPED:
                triple = Triple(new, predicate, object_)
                yield replace(statement, triple=triple, evidence=tuple(evidence))
            elif predicate == LABEL:
                yield replace(
                    statement,
                    triple=Triple(new, ALT_LABEL, value),
                    evidence=tuple(evidence),
                    extractor=MERGED + reason,
                )


def _target(term: Iri, passage: Evidence, found: Mapping[tuple[Iri, str], Resolution]) -> Iri:
    resolution = found.get((term, passage.document))
    return term if resolution is None else resolution.iri
