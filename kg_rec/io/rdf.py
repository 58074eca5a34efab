"""RDF files, ontologies and items as statements."""

from __future__ import annotations

import gzip
import zlib
from codecs import BOM_UTF8
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pyoxigraph as ox

from kg_rec.errors import DataError
from kg_rec.ids import SKOS, XSD, Iri, Literal, mint, triple_from_oxigraph
from kg_rec.ontology import ALT_LABEL, LABEL, TYPE
from kg_rec.statements import Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from io import BufferedReader

    from kg_rec.io.records import Item
    from kg_rec.ontology import Ontology, OntologyClass, Relation

__all__ = ["item_statements", "ontology_statements", "read_rdf"]


def read_rdf(path: str | Path) -> Iterator[Statement]:
    """Return the triples of an RDF file (Turtle, N-Triples, JSON-LD, RDF/XML; also ``.gz``).

    Raises:
        DataError: The file is missing, of an unknown kind or broken; the message names the line.
    """
    path = Path(path)
    packed = path.suffix == ".gz"
    kind = path.with_suffix("").suffix if packed else path.suffix
    format_ = ox.RdfFormat.from_extension(kind.lstrip("."))
    if format_ is None:
        known = ".ttl, .nt, .jsonld, .rdf, .nq, .trig, each also with .gz"
        raise DataError(f"{path}: unknown kind of RDF file {kind!r}; known: {known}")
    try:
        with cast("BufferedReader", gzip.open(path) if packed else path.open("rb")) as stream:
            if stream.peek(3).startswith(BOM_UTF8):
                stream.read(len(BOM_UTF8))
            for quad in ox.parse(stream, format=format_, rename_blank_nodes=True):
                triple = Triple(*triple_from_oxigraph(quad))
                yield Statement(triple, extractor=f"rdf:{path.name}")
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read: {reason}") from None
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise DataError(f"{path}{line}: {error.msg}") from None
    except DataError as error:
        raise DataError(f"{path}: {error}") from None


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
