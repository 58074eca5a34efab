"""Ontologies of others become domains by adding lexical forms in a second file."""

from __future__ import annotations

from pathlib import Path

import pytest

from kg_rec import Document, Iri, Ontology, extract

DATA = Path(__file__).parent.parent.parent / "shared/data/ontologies"
PREFIXES = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix kgrec: <https://w3id.org/kg-rec/ns#> .
@prefix schema: <{schema}> .
@prefix mo: <http://purl.org/ontology/mo/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix dc: <http://purl.org/dc/elements/1.1/> .
@prefix film: <http://www.movieontology.org/2009/10/01/movieontology.owl#> .
@prefix newer: <http://www.movieontology.org/2009/11/09/> .
@prefix dbo: <http://dbpedia.org/ontology/> .
"""
CASES = {
    "schemaorg-current-https.ttl": (
        "https://schema.org/",
        """
        schema:Movie rdfs:subClassOf kgrec:Item ; rdfs:label "film"@en .
        schema:Person kgrec:nerLabel "PERSON" .
        schema:director kgrec:form "directed by {object}"@en ; kgrec:reason true .
        """,
        "This film was directed by Jane Campion.",
        "http://schema.org/director",
        "Jane Campion",
    ),
    "movieontology.owl": (
        "http://schema.org/",
        """
        newer:Movie rdfs:subClassOf kgrec:Item ; rdfs:label "film"@en .
        dbo:Actor kgrec:nerLabel "PERSON" .
        film:hasActor kgrec:form "starring {object}"@en ; kgrec:reason true .
        """,
        "A quiet film starring Tilda Swinton.",
        "hasActor",
        "Tilda Swinton",
    ),
    "musicontology.n3": (
        "http://schema.org/",
        """
        mo:Record rdfs:subClassOf kgrec:Item ; rdfs:label "record"@en, "album"@en .
        foaf:Agent kgrec:nerLabel "PERSON" .
        mo:producer kgrec:form "produced by {object}"@en ; kgrec:reason true .
        """,
        "This album was produced by Brian Eno.",
        "producer",
        "Brian Eno",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_forms_in_a_second_file_make_it_a_domain(name: str, tmp_path: Path) -> None:
    if not DATA.is_dir():
        pytest.skip(f"needs {DATA.name} beside the project (../shared/data/ontologies)")
    schema, forms, text, relation, wanted = CASES[name]
    file = tmp_path / "forms.ttl"
    file.write_text(PREFIXES.replace("{schema}", schema) + forms, "utf-8")
    ontology = Ontology.load([DATA / name, file])
    assert len(ontology.relations) > 30
    assert ontology.reasons
    item = Document("d", text, Iri("urn:item"))
    said = [s for s in extract([item], ontology) if s.triple.subject == "urn:item"]
    assert [(s.triple.predicate.endswith(relation), s.object_text) for s in said] == [
        (True, wanted)
    ]
