"""The relations of vectors that come with the items: closeness in a poster, a sound, anything."""

from __future__ import annotations

from kg_rec.ids import KGREC, Iri
from kg_rec.ontology.terms import SIMILAR_IN_GRAPH, SIMILAR_IN_TEXT

__all__ = ["SIMILAR_TO", "block_of", "given_name", "similar_in"]

SIMILAR_TO = KGREC["similarTo"]
"""What all relations of closeness imply."""
_START = f"{KGREC['similarIn']}_"
_BLOCK = "similar_in_"


def similar_in(name: str) -> Iri:
    """Return the relation of closeness in some vectors.

    Examples:
        >>> similar_in("poster").local_name
        'similarIn_poster'
    """
    return Iri(_START + name)


def given_name(predicate: str) -> str:
    """Return the name of the vectors of a relation of closeness; empty for other relations.

    Examples:
        >>> given_name(similar_in("poster")), given_name(SIMILAR_IN_TEXT)
        ('poster', '')
    """
    return predicate.removeprefix(_START) if predicate.startswith(_START) else ""


def block_of(predicate: Iri) -> str:
    """Return the block of columns of a relation of closeness.

    Examples:
        >>> block_of(similar_in("poster")), block_of(SIMILAR_IN_TEXT)
        ('similar_in_poster', 'similar_in_text')
    """
    own = {SIMILAR_IN_GRAPH: "graph", SIMILAR_IN_TEXT: "text"}
    return _BLOCK + (own.get(predicate) or given_name(predicate))
