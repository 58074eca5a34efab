"""What one document says, gathered: each fact once, with all its evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ids import Literal
from kg_rec.ontology import LABEL, TYPE
from kg_rec.statements import FACTS, USERS, Evidence, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.ids import Iri
    from kg_rec.statements import Document
    from kg_rec.text.aligned import Aligned
    from kg_rec.text.resolving import Resolved, Resolver

__all__ = ["ENTITY", "Findings", "Reading", "new_entities"]

ENTITY = "entity"
"""Extractor of the statements that give a new entity its type and label."""

_MOST_EVIDENCE = 8
_SURE = 0.9


class Findings(NamedTuple):
    """What one document says, as plain values that other processes can send.

    Attributes:
        document: Its id.
        owner: The user who speaks, else ``""``.
        entities: New entities, each with where it is named.
        statements: What is said.
    """

    document: str
    owner: str
    entities: tuple[tuple[Resolved, Evidence], ...]
    statements: tuple[Statement, ...]


def new_entities(found: Findings, seen: set[tuple[str, Iri]]) -> Iterator[Statement]:
    """Yield types and labels of the entities that are not in ``seen``, and add them to it.

    What only users' words name belongs to the users' part, once for each of them: it is forgotten
    with the user and stays for the others.
    """
    part = USERS if found.owner else FACTS
    for entity, named in found.entities:
        iri = entity.iri
        if ("", iri) not in seen and (found.owner, iri) not in seen:
            seen.add((found.owner, iri))
            yield Statement(Triple(iri, TYPE, entity.kind), (named,), _SURE, ENTITY, part)
            yield Statement(Triple(iri, LABEL, Literal(entity.name)), (named,), _SURE, ENTITY, part)


class Reading:
    """Gathers what a document says.

    Args:
        document: The document.
        source: Its text as it is read.
        resolver: Knows which entity a mention stands for.
    """

    def __init__(self, document: Document, source: Aligned, resolver: Resolver) -> None:
        self.document = document
        self.source = source
        self.resolver = resolver
        self._facts: dict[tuple[Triple, int], Statement] = {}
        self._evidence: dict[tuple[Triple, int], dict[Evidence, None]] = {}
        self._entities: dict[Iri, tuple[Resolved, Evidence]] = {}

    def add(self, statement: Statement) -> None:
        """Take up a statement; a second time only its evidence counts, unless it is surer."""
        key = (statement.triple, statement.polarity)
        known = self._facts.get(key)
        if known is None or statement.confidence > known.confidence:
            self._facts[key] = statement
        kept = self._evidence.setdefault(key, {})
        for passage in statement.evidence:
            if len(kept) < _MOST_EVIDENCE:
                kept[passage] = None

    def is_new(self, entity: Resolved) -> bool:
        """Return whether an entity is new and was not named before in the document."""
        return entity.minted and entity.iri not in self._entities

    def introduce(self, entity: Resolved, named: Evidence) -> None:
        """Take note of an entity, if it is new, with where the text names it."""
        if entity.minted:
            self._entities.setdefault(entity.iri, (entity, named))

    def findings(self) -> Findings:
        """Return all of it."""
        statements = tuple(
            statement
            if len(kept := self._evidence[key]) == len(statement.evidence)
            else replace(statement, evidence=tuple(kept))
            for key, statement in self._facts.items()
        )
        entities = tuple(self._entities.values())
        return Findings(self.document.id, self.document.user or "", entities, statements)
