"""Patterns: readable signs that text states a relation between two names, with their numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.errors import OntologyError
from kg_rec.ids import KGREC, RDF, Iri, Literal

if TYPE_CHECKING:
    from kg_rec.ontology.reading import Facts, Node

__all__ = ["ANY_NAME", "ANY_RELATION", "Pattern", "Patterns", "read_patterns"]

ANY_RELATION = KGREC["anyRelation"]
"""Stands for every relation: its patterns speak for *some* relation between two names."""
ANY_NAME = KGREC["anyName"]
"""Stands for every name: its patterns are names that text mostly means as such."""
PATTERN = KGREC["pattern"]
_THRESHOLD = 0.5


class Pattern(NamedTuple):
    """A sign that a relation is stated; see :mod:`kg_rec.text.pair_patterns` for the language.

    Attributes:
        text: As in ``"{subject} <nsubjpass direct >agent by >pobj {object}"``.
        weight: What it adds to the score of the relation; None if it decides alone.
        support: How many known facts it was seen with.
        precision: Share of the pairs with this sign that had the relation, from 0 to 1.
        language: Language of its words; ``""`` for all.
    """

    text: str
    weight: float | None = None
    support: int = 0
    precision: float = 1.0
    language: str = ""


class Patterns(NamedTuple):
    """All patterns of an ontology.

    Attributes:
        by_relation: Relation, or :data:`ANY_RELATION`, to its patterns.
        threshold: The confidence from which on a reading holds, from 0 to 1.
    """

    by_relation: dict[Iri, tuple[Pattern, ...]]
    threshold: float = _THRESHOLD

    @property
    def learned(self) -> bool:
        """Whether some have weights."""
        return any(p.weight is not None for found in self.by_relation.values() for p in found)


def read_patterns(facts: Facts, source: str) -> Patterns:
    """Return the patterns (``kgrec:pattern``) that an ontology gives its relations.

    A value is a plain text, which decides alone, or a node with ``rdf:value``, ``kgrec:weight``,
    ``kgrec:support`` and ``kgrec:precision``.

    Raises:
        OntologyError: A node has no text, or a number is none.
    """
    found: dict[Iri, tuple[Pattern, ...]] = {}
    for iri, node in sorted(facts.items()):
        patterns = [_pattern(value, facts, source, iri) for value in node.get(PATTERN, ())]
        if patterns:
            found[iri] = tuple(sorted(patterns, key=lambda p: p.text))
    node = facts.get(ANY_RELATION, {})
    threshold = _number(node, KGREC["threshold"], source, ANY_RELATION)
    return Patterns(found, _THRESHOLD if threshold is None else threshold)


def _pattern(value: object, facts: Facts, source: str, of: Iri) -> Pattern:
    if isinstance(value, Literal):
        return Pattern(value.value, language=value.language or "")
    node = facts.get(value, {}) if isinstance(value, Iri) else {}
    text = next((o for o in node.get(RDF["value"], ()) if isinstance(o, Literal)), None)
    if text is None:
        raise OntologyError(f"{source}: a kgrec:pattern of <{of}> has no text (rdf:value)")
    support = _number(node, KGREC["support"], source, of)
    precision = _number(node, KGREC["precision"], source, of)
    return Pattern(
        text.value,
        _number(node, KGREC["weight"], source, of),
        int(support or 0),
        1.0 if precision is None else precision,
        text.language or "",
    )


def _number(node: Node, term: Iri, source: str, of: Iri) -> float | None:
    value = next((o.value for o in node.get(term, ()) if isinstance(o, Literal)), None)
    try:
        return None if value is None else float(value)
    except ValueError:
        name = term.local_name
        msg = f"{source}: kgrec:{name} of a pattern of <{of}> is {value!r}, expected a number"
        raise OntologyError(msg) from None
