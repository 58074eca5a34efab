"""RDF files, ontologies and items as statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from kg_rec.ids import SKOS, XSD, Iri, Literal, mint
from kg_rec.io.formats import Source
from kg_rec.io.sources import read_source
from kg_rec.io.triple_table import refuse_triple_terms
from kg_rec.ontology import ALT_LABEL, LABEL, TYPE
from kg_rec.statements import Statement, Triple
from kg_rec.terms import term_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from kg_rec.io.records import Item
    from kg_rec.ontology import Ontology, OntologyClass, Relation

__all__ = ["item_statements", "ontology_statements", "read_rdf"]

_BASE_IRI = "https://w3id.org/kg-rec/id/"


def read_rdf(path: str | Path) -> Iterator[Statement]:
    """Return the triples of a file of any format of ``kg_rec.io.formats``, packed or not.

    ``KnowledgeGraph.read`` makes a graph of it without an object for each triple.

    Raises:
        DataError: The file is missing, of an unknown kind or broken; the message names the line.
    """
    source = Source.of(path)
    table = read_source(source, _BASE_IRI)
    with source.checking():
        refuse_triple_terms(table)
    terms = [cast("Iri", term_of(key)) for key in table.keys]
    for s, p, o in table.codes.tolist():
        triple = Triple(terms[s], terms[p], terms[o])
        yield Statement(triple, extractor=f"rdf:{source.name}")


def item_statements(
    items: Iterable[Item], ontology: Ontology, base_iri: str
) -> Iterator[Statement]:
    """Return what the items table states: types, labels, and the facts of its columns.

    A fact's value is a named individual of the ontology if one of the relation's range bears
    that name, a literal if the range is a datatype, and a minted entity else.
    """
    for item in items:
        yield Statement(Triple(item.iri, TYPE, ontology.item_class))
        yield Statement(Triple(item.iri, LABEL, Literal(item.label)))
        for relation, value in item.facts:
            yield from _fact(item.iri, relation, value, ontology, base_iri)


def _fact(
    subject: Iri, relation: Relation, value: str, ontology: Ontology, base_iri: str
) -> Iterator[Statement]:
    target = relation.range
    if target and target.startswith(XSD):
        yield Statement(Triple(subject, relation.iri, Literal(value, target)))
        return
    named = ontology.entity(value, target)
    iri = named or mint(base_iri, target.local_name if target else "Thing", value)
    yield Statement(Triple(subject, relation.iri, iri))
    if not named:
        yield Statement(Triple(iri, LABEL, Literal(value)))
        if target:
            yield Statement(Triple(iri, TYPE, target))


def ontology_statements(ontology: Ontology) -> Iterator[Statement]:
    """Return the names of classes, relations and individuals, and the types of these last."""
    terms: list[OntologyClass | Relation] = [
        *ontology.classes.values(),
        *ontology.relations.values(),
    ]
    for term in terms:
        for language, names in term.labels.items():
            literal = Literal(names[0], language=language)
            yield Statement(Triple(term.iri, LABEL, literal), extractor="ontology")
    for entity in ontology.entities.values():
        for kind in entity.types:
            yield Statement(Triple(entity.iri, TYPE, kind), extractor="ontology")
        for concept in entity.broader:
            yield Statement(Triple(entity.iri, SKOS["broader"], concept), extractor="ontology")
        for language, names in entity.labels.items():
            for predicate, name in zip(
                [LABEL, *[ALT_LABEL] * (len(names) - 1)], names, strict=True
            ):
                literal = Literal(name, language=language)
                yield Statement(Triple(entity.iri, predicate, literal), extractor="ontology")
