from __future__ import annotations

import pytest

from kg_rec import Iri, Ontology, OntologyError, UnknownIdError
from kg_rec.ids import SCHEMA, Namespace
from kg_rec.ontology import ITEM, PERSON

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
