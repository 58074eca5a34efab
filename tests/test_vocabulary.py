"""The vocabulary: every term that the code writes is defined, and defined well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SKOS

import kg_rec
from kg_rec.ontology import Ontology

ROOT = Path(kg_rec.__file__).parent
NS = "https://w3id.org/kg-rec/ns#"
IN_CODE = re.compile(r'KGREC\["(\w+)"\]')
IN_TURTLE = re.compile(r"\bkgrec:(\w+)")
DOMAINS = [n for n in Ontology.shipped() if not n.startswith("kgrec")]


def turtle(name: str) -> str:
    return Ontology.load(name).turtle


@pytest.fixture(scope="module")
def vocabulary() -> rdflib.Graph:
    return rdflib.Graph().parse(data=turtle("kgrec"), format="turtle")


def terms(graph: rdflib.Graph) -> set[str]:
    return {
        str(term).removeprefix(NS) for term in graph.subjects() if str(term).startswith(NS)
    }  # fmt: skip


def test_every_term_of_the_code_is_defined(vocabulary: rdflib.Graph) -> None:
    used = {
        name
        for path in ROOT.rglob("*.py")
        for name in IN_CODE.findall(path.read_text("utf-8"))
    }  # fmt: skip
    assert len(used) > 30
    assert used - terms(vocabulary) == set()


@pytest.mark.parametrize("name", [*DOMAINS, "kgrec-shapes"])
def test_every_term_of_an_ontology_is_defined(name: str, vocabulary: rdflib.Graph) -> None:
    text = re.sub(r'"[^"]*"|#.*', "", turtle(name))
    shapes = {term for term in IN_TURTLE.findall(text) if term.endswith("Shape")}
    assert set(IN_TURTLE.findall(text)) - terms(vocabulary) - shapes == set()


def test_every_term_has_label_comment_and_example(vocabulary: rdflib.Graph) -> None:
    for name in sorted(terms(vocabulary)):
        term = rdflib.URIRef(NS + name)
        kinds = set(vocabulary.objects(term, RDF.type))
        for wanted in (RDFS.label, RDFS.comment):
            assert vocabulary.value(term, wanted), f"{name} lacks {wanted}"
        if kinds & {OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty}:
            assert vocabulary.value(term, SKOS.example), f"{name} lacks an example"


def test_the_vocabulary_has_a_version(vocabulary: rdflib.Graph) -> None:
    (ontology,) = vocabulary.subjects(RDF.type, OWL.Ontology)
    assert str(ontology) == NS.rstrip("#")
    assert vocabulary.value(ontology, OWL.versionInfo)
    assert vocabulary.value(ontology, OWL.versionIRI)
