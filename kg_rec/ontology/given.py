"""The relations of vectors that come with the items: closeness in a poster, a sound, anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.ids import KGREC, OWL, RDFS, Iri, Literal
from kg_rec.ontology.domain import Ontology
from kg_rec.ontology.terms import ITEM, LABEL, SIMILAR_IN_GRAPH, SIMILAR_IN_TEXT, TYPE
from kg_rec.terms import key_of, token_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg_rec.ids import Term

__all__ = ["SIMILAR_TO", "block_of", "given_name", "similar_in", "with_relation"]

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


def with_relation(
    ontology: Ontology,
    name: str,
    wording: Mapping[str, str] | None = None,
    *,
    transferred: bool = False,
) -> Ontology:
    """Return an ontology that has the relation of closeness in some vectors, named and worded.

    Args:
        ontology: The ontology; if it has the relation, it has the say.
        name: Name of the vectors.
        wording: How an explanation says it, by language, where it is not as usual.
        transferred: Whether the vectors are of another model, and some made from content.

    Examples:
        >>> movies = with_relation(Ontology.load("movies"), "poster")
        >>> movies.relations[similar_in("poster")].words().format(object="Heat")
        'close to Heat in poster'
    """
    relation = similar_in(name)
    if relation in ontology.relations:
        return ontology
    shown = name.replace("_", " ")
    also = (", transferred", "（迁移）") if transferred else ("", "")
    labels = {"en": f"similar in {shown}{also[0]}", "zh": f"{shown}相近{also[1]}"}
    words = {
        "en": f"close to {{object}} in {shown}{also[0].replace(', t', ' (t')}{')' * transferred}",
        "zh": f"{shown}与{{object}}相近{also[1]}",
        **(wording or {}),
    }
    facts: list[tuple[Iri, Term]] = [
        (TYPE, OWL["ObjectProperty"]),
        (RDFS["subPropertyOf"], SIMILAR_TO),
        (RDFS["domain"], ITEM),
        (RDFS["range"], ITEM),
        *((LABEL, Literal(text, language=code)) for code, text in labels.items()),
        *((KGREC["wording"], Literal(text, language=code)) for code, text in words.items()),
    ]
    lines = [
        b" ".join(token_of(key_of(term)) for term in (relation, predicate, value)) + b" ."
        for predicate, value in facts
    ]
    added = b"\n".join(lines).decode()
    return Ontology(f"{ontology.turtle.rstrip()}\n\n{added}\n", ontology.source)
