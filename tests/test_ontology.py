from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg_rec import Iri, Ontology, OntologyError, UnknownIdError
from kg_rec.ids import SCHEMA, XSD, Namespace
from kg_rec.ontology import ITEM, PERSON

if TYPE_CHECKING:
    from pathlib import Path

HEAD = """
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix kgrec: <https://w3id.org/kg-rec/ns#> .
@prefix : <http://example.org/> .
"""
BOOKS = (
    HEAD
    + """
:Book a owl:Class ; rdfs:subClassOf kgrec:Item ; rdfs:label "book"@en, "书"@zh .
:Novel a owl:Class ; rdfs:subClassOf :Book .
:by a owl:ObjectProperty ; rdfs:label "author"@en ; rdfs:domain :Book ; kgrec:reason true ;
    kgrec:weight 2 ; kgrec:form "written by {object}"@en, "由{object}所著"@zh ;
    kgrec:wording "by {object}"@en .
:pages a owl:DatatypeProperty ; rdfs:label "pages" .
:Gothic a :Style ; rdfs:label "Gothic" ; skos:altLabel "gothic novel" .
:Style a owl:Class .
"""
)
EXAMPLE = Namespace("http://example.org/")


def test_a_domain_is_read() -> None:
    books = Ontology(BOOKS)
    assert books.item_class == EXAMPLE["Book"]
    assert books.is_a(EXAMPLE["Novel"], ITEM)
    assert not books.is_a(EXAMPLE["Style"], ITEM)
    by = books.relation("author")
    assert (by.domain, by.range, by.reason, by.weight) == (EXAMPLE["Book"], None, True, 2.0)
    assert [f.language for f in by.forms] == ["en", "zh"]
    assert by.words().format(object="Ann") == "by Ann"
    assert by.words("zh") == "by {object}"
    assert books.relation("pages").words() == "pages {object}"
    assert books.reasons == {EXAMPLE["by"]: 2.0}
    assert books.entities.keys() == {EXAMPLE["Gothic"]}
    assert books.classes[EXAMPLE["Book"]].labels == {"en": ("book",), "zh": ("书",)}


def test_individuals_are_found_by_any_name_of_the_right_class() -> None:
    books = Ontology(BOOKS)
    assert books.entity("GOTHIC novel", EXAMPLE["Style"]) == EXAMPLE["Gothic"]
    assert books.entity("gothic") == EXAMPLE["Gothic"]
    assert books.entity("gothic", EXAMPLE["Book"]) is None


def test_relations_are_found_by_iri_local_name_or_label() -> None:
    movies = Ontology.load("movies")
    for name in (SCHEMA["director"], "director"):
        assert movies.relation(name).iri == SCHEMA["director"]
    with pytest.raises(UnknownIdError, match="unknown relation 'directr'; did you mean 'director'"):
        movies.relation("directr")


def test_the_shipped_ontology_is_whole() -> None:
    movies = Ontology.load("movies")
    assert movies.item_class == SCHEMA["Movie"]
    assert movies.classes[PERSON].ner_labels == ("PERSON",)
    for relation in movies.relations.values():
        assert relation.labels.get("en"), relation.iri
        assert relation.wordings.get("en", "").count("{object}") == 1, relation.iri
        if relation.range:
            known = relation.range in movies.classes
            assert known or relation.range.startswith("http://www.w3.org/2001/XMLSchema#")
        assert all("{object}" in form.text for form in relation.forms), relation.iri
    assert "movies" in Ontology.shipped()


def test_the_21_genres_of_the_demo_are_individuals() -> None:
    movies = Ontology.load("movies")
    genre = Iri("https://w3id.org/kg-rec/movies#Genre")
    names = "Action Adventure Animation Biography Comedy Crime Documentary Drama Family Fantasy"
    names += " History Horror Music Musical Mystery Romance Sci-Fi Sport Thriller War Western"
    assert all(movies.entity(name, genre) for name in names.split())


@pytest.mark.parametrize(
    ("turtle", "message"),
    [
        (HEAD + ":a :b", r"mine\.ttl, line 8"),
        (HEAD + ':p a rdf:Property ; kgrec:weight "much" .', r"kgrec:weight of <.*p> is 'much'"),
    ],
)
def test_a_broken_ontology_says_where(turtle: str, message: str) -> None:
    with pytest.raises(OntologyError, match=message):
        Ontology(turtle, "mine.ttl")


def test_an_unknown_ontology_is_named() -> None:
    with pytest.raises(UnknownIdError, match="unknown ontology 'movie'; did you mean 'movies'"):
        Ontology.load("movie")


# --- several files -------------------------------------------------------------------------------

OWN = HEAD + "@prefix schema: <https://schema.org/> .\n"


def test_files_are_read_as_one(tmp_path: Path) -> None:
    (tmp_path / "classes.ttl").write_text(OWN + ":Book a owl:Class ; rdfs:label 'book' .")
    (tmp_path / "forms.ttl").write_text(
        OWN + ":Book rdfs:subClassOf kgrec:Item . :by a owl:ObjectProperty ; kgrec:reason true ."
    )
    both = Ontology.load([tmp_path / "classes.ttl", tmp_path / "forms.ttl"])
    assert both.item_class == EXAMPLE["Book"]
    assert both.reasons == {EXAMPLE["by"]: 1.0}
    again = Ontology(both.turtle)
    assert (again.classes, again.relations) == (both.classes, both.relations)
    other = Ontology.load([tmp_path / "classes.ttl", tmp_path / "forms.ttl"])
    assert other.turtle == both.turtle


def test_imports_are_read_locally_or_named(tmp_path: Path) -> None:
    (tmp_path / "base.ttl").write_text(
        OWN + "<> a owl:Ontology ; owl:imports <main.ttl> . :Book a owl:Class ."
    )
    (tmp_path / "main.ttl").write_text(
        OWN + "<> a owl:Ontology ; owl:imports <base.ttl>, <https://w3id.org/kg-rec/movies>,"
        " <https://example.org/elsewhere> . :Book rdfs:subClassOf kgrec:Item ."
    )
    ontology = Ontology.load(tmp_path / "main.ttl")
    assert EXAMPLE["Book"] in ontology.classes
    assert ontology.relation("director").reason
    assert ontology.missing == (Iri("https://example.org/elsewhere"),)
    assert str(tmp_path) not in ontology.turtle


def test_rdf_xml_is_read(tmp_path: Path) -> None:
    (tmp_path / "o.owl").write_text(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:owl="http://www.w3.org/2002/07/owl#">'
        '<owl:Class rdf:about="http://example.org/Book"/></rdf:RDF>'
    )
    assert Ontology.load(tmp_path / "o.owl").classes.keys() == {EXAMPLE["Book"]}
    (tmp_path / "o.xyz").write_text("")
    with pytest.raises(OntologyError, match=r"unknown kind of ontology '\.xyz'"):
        Ontology.load(tmp_path / "o.xyz")


def test_unions_and_includes_are_several_classes() -> None:
    ontology = Ontology(
        OWN
        + """
        :Person a owl:Class ; kgrec:nerLabel "PERSON" . :Firm a owl:Class . :Book a owl:Class .
        :by a owl:ObjectProperty ; rdfs:domain [ a owl:Class ; owl:unionOf ( :Book :Film ) ] ;
            schema:rangeIncludes :Firm, :Person ; owl:inverseOf :made .
        :made a owl:ObjectProperty . :pages a rdf:Property ; schema:rangeIncludes schema:Integer .
        :near a owl:ObjectProperty, owl:SymmetricProperty, owl:TransitiveProperty .
        """
    )
    by = ontology.relation("by")
    assert by.domains == (EXAMPLE["Book"], EXAMPLE["Film"])
    assert by.ranges == (EXAMPLE["Firm"], EXAMPLE["Person"])
    assert by.range == EXAMPLE["Person"], "text can name it"
    assert by.inverses == (EXAMPLE["made"],)
    assert ontology.relation("made").inverses == (EXAMPLE["by"],)
    assert ontology.relation("pages").range == XSD["integer"]
    near = ontology.relation("near")
    assert (near.symmetric, near.transitive) == (True, True)
    assert ontology.classes.keys() == {EXAMPLE[n] for n in ("Book", "Firm", "Person")}


def test_schema_org_is_one_namespace() -> None:
    ontology = Ontology(OWN + "schema:Movie a owl:Class ; rdfs:subClassOf kgrec:Item .")
    assert ontology.item_class == SCHEMA["Movie"]
