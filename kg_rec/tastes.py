"""What users say, as preferences over entities that the model has vectors for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from kg_rec.ids import Iri, Literal
from kg_rec.ontology import CONCEPT, DISLIKES, LABEL, LIKES
from kg_rec.sources import Preference
from kg_rec.vectors import nearest_row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from kg_rec.embeddings import TextEncoder
    from kg_rec.statements import Statement

__all__ = ["Ask", "ConceptLinker", "preferences"]


class Ask(NamedTuple):
    """Whom a list is for.

    Attributes:
        user: A user of the model.
        history: Items of someone unknown, with or without weights.
        text: What someone says of their taste.
        attributes: What someone asks for: relation to names; a name after ``-`` is to be avoided.
        friends: Ids of users whom someone knows.
        segments: What someone has in common with others: column to value.
    """

    user: str | None = None
    history: Mapping[str, float] | Sequence[str] | None = None
    text: str | None = None
    attributes: Mapping[str, str | Sequence[str]] | None = None
    friends: Sequence[str] = ()
    segments: Mapping[str, str] | None = None

    @property
    def nobody(self) -> bool:
        """Whether nothing is told of anyone."""
        told = (self.attributes, self.friends, self.segments)
        return (self.user, self.history, self.text) == (None, None, None) and not any(told)

    @property
    def told(self) -> str | None:
        """What is told of someone unknown, as one text: it tells lists apart."""
        if not any((self.history, self.attributes, self.friends, self.segments)):
            return self.text
        others = self._replace(user=None)._asdict()
        values = {name: value for name, value in others.items() if value}
        return json.dumps(values, ensure_ascii=False, default=list)

    @property
    def known(self) -> dict[str, Any]:
        """The same, as arguments of the methods of a recommender."""
        return self._asdict()


CLOSE = 0.7
"""Cosine of token vectors from which an unknown subject is taken for a known one."""


def preferences(statements: Iterable[Statement], label: Callable[[Iri], str]) -> list[Preference]:
    """Return the likes and dislikes among statements, in the order they were said.

    Args:
        statements: As the extractor gives them; others are passed over.
        label: Name of an entity that the statements don't name themselves.
    """
    statements = list(statements)
    names = {
        s.triple.subject: s.triple.object.value
        for s in statements
        if s.triple.predicate == LABEL and isinstance(s.triple.object, Literal)
    }
    found = []
    for s in statements:
        entity = s.triple.object
        if s.triple.predicate in {LIKES, DISLIKES} and isinstance(entity, Iri):
            name = names.get(entity) or label(entity)
            found.append(Preference(entity, s.polarity * s.strength, name, s.evidence))
    return sorted(found, key=lambda p: [(e.start, e.end) for e in p.evidence])


class ConceptLinker:
    """Replaces entities that no item has by the closest in meaning that one has.

    Args:
        known: Entities that items have, with their names.
        encoder: Token vectors.
    """

    def __init__(self, known: Mapping[Iri, str], encoder: TextEncoder) -> None:
        self.known = known
        self.encoder = encoder
        self._entities = list(known)
        self._vectors = encoder.encode(list(known.values()))

    def link(
        self, said: Sequence[Preference], kinds: Mapping[Iri, Sequence[Iri]]
    ) -> list[Preference]:
        """Return the preferences, unknown subjects replaced where something known is close.

        The strength is multiplied by the cosine, and the label says what stands for what.

        Args:
            said: Preferences.
            kinds: Types of the entities; only subjects (``skos:Concept``) are replaced.
        """
        return [
            self._closest(p)
            if CONCEPT in kinds.get(p.entity, ()) and p.entity not in self.known
            else p
            for p in said
        ]

    def _closest(self, preference: Preference) -> Preference:
        vector = self.encoder.encode([preference.label])[0]
        row, cosine = nearest_row(vector, self._vectors)
        if cosine < CLOSE:
            return preference
        entity = self._entities[row]
        label = f"{preference.label} (close in meaning to {self.known[entity]})"
        return preference._replace(
            entity=entity, strength=preference.strength * cosine, label=label
        )
