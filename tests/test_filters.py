from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from kg_rec import Recommender
from kg_rec.errors import DataError, UnknownIdError
from kg_rec.filters import Catalogue, ItemFilter

if TYPE_CHECKING:
    from pathlib import Path

NAMES = {"a": "Alpha", "b": "Beta", "c": "Gamma", "d": "Delta", "e": "Epsilon"}


@pytest.fixture(scope="module")
def films() -> Recommender:
    items = pd.DataFrame(
        {
            "id": list(NAMES),
            "label": list(NAMES.values()),
            "genre": ["Crime", "Crime", "Comedy", "Comedy", "Horror"],
            "datePublished": ["1990", "1995-05-01", "2001", "1980", ""],
            "director": ["Ann Lee", "Ann Lee", "Bob", "", "Cy"],
            "actor": ["Bob", "", "Ann Lee", "", ""],
        }
    )
    events = pd.DataFrame({"user": ["u", "v", "v", "w"], "item": ["a", "a", "c", "d"]})
    return Recommender.fit(items, interactions=events, config={"embeddings": {"epochs": 0}})


@pytest.fixture(scope="module")
def chooser(films: Recommender) -> ItemFilter:
    iris, ids = [item.iri for item in films.items], [item.id for item in films.items]
    return ItemFilter(Catalogue(films.graph, films.model.ontology, iris, ids))


def left(chooser: ItemFilter, **wishes: Any) -> str:
    rows = chooser.restrict(**wishes).rows
    assert rows is not None
    return "".join(chooser.catalogue.ids[row] for row in rows)


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("year >= 1990", "abc"),
        ("year == 1995", "b"),
        ("year >= '1995-05-01'", "bc"),
        ("1980 < year <= 1995", "ab"),
        ("2000 > year", "abd"),
        ("not year", "e"),
        ("year", "abcd"),
        ("genre == 'crime' and year < 1995", "a"),
        ("genre == 'Crime' or genre == 'Horror'", "abe"),
        ("genre != 'Crime'", "cde"),
        ("genre in ('Crime', 'Horror')", "abe"),
        ("genre not in ['Crime', 'Horror']", "cd"),
        ("'Crime' in genre", "ab"),
        ("'Crime' not in genre", "cde"),
        ("not (genre == 'Crime' or director == 'bob')", "de"),
        ("director == 'Ann Lee' or actor == 'Ann Lee'", "abc"),
        ("id == 'a' or label == 'beta'", "ab"),
        ("datePublished > -5", "abcd"),
        ("?item schema:genre movies:Crime", "ab"),
        ("{ ?item schema:genre movies:Crime } UNION { ?item schema:genre movies:Horror }", "abe"),
        ("ASK { ?item schema:genre movies:Crime }", "ab"),
        ("SELECT ?item WHERE { ?item schema:director ?d . ?other schema:actor ?d }", "abc"),
        ("PREFIX s: <http://schema.org/>\nSELECT ?item { ?item s:director ?d }", "abce"),
    ],
)
def test_conditions(chooser: ItemFilter, where: str, wanted: str) -> None:
    assert left(chooser, where=where) == wanted


@pytest.mark.parametrize(
    ("wishes", "wanted"),
    [
        ({"only": "film"}, "abcde"),
        ({"only": "Movie"}, "abcde"),
        ({"only": "http://schema.org/Movie"}, "abcde"),
        ({"only": "Crime"}, "ab"),
        ({"only": "movies:Crime"}, "ab"),
        ({"only": ["Crime", "c"]}, "abc"),
        ({"without": "Ann Lee"}, "de"),  # directs or acts
        ({"without": ["a", "Horror"]}, "bcd"),
        ({"only": "Ann Lee", "without": "Crime"}, "c"),
        ({"only": "Ann Lee", "where": "year > 1990"}, "bc"),
        ({"without": "film"}, ""),
    ],
)
def test_only_and_without(chooser: ItemFilter, wishes: dict[str, Any], wanted: str) -> None:
    assert left(chooser, **wishes) == wanted


@pytest.mark.parametrize(
    ("where", "error", "message"),
    [
        ("gerne == 'x'", UnknownIdError, "unknown relation 'gerne'; did you mean 'genre'"),
        ("genre = 'x'", DataError, "at character 7; expected one .*; equal is written =="),
        ("", DataError, "expected a condition, found nothing"),
        ("year > 'abc'", DataError, "only numbers and dates have an order, found > 'abc'"),
        ("__import__('os').system('true')", DataError, "cannot be read here"),
        ("(lambda: 1)() == 1", DataError, "cannot be read here"),
        ("year.real > 3", DataError, "'year.real > 3' cannot be read here"),
        ("year + 1 > 3", DataError, "cannot be read here"),
        ("year > genre", DataError, "'genre' cannot be read here"),
        ("[y for y in year]", DataError, "cannot be read here"),
        ("genre is 'x'", DataError, "cannot be read here"),
        ("genre == f'{id}'", DataError, "cannot be read here"),
        ("year == None", DataError, "'None' cannot be read here"),
        ("(" * 900 + "year" + ")" * 900, DataError, "is no condition"),
        ("year or " * 400 + "year", DataError, "expected 2000 characters at most"),
        ("SELECT ?x { ?x ?p ?o }", DataError, r"expected a query for \?item, found the variables"),
        ("?item foo", DataError, "SPARQL query"),
        ("SELECT ?item { SERVICE <http://x.org/> { ?item ?p ?o } }", DataError, "SERVICE"),
    ],
)
def test_what_cannot_be_read_is_refused(
    chooser: ItemFilter, where: str, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        chooser.restrict(where=where)


def test_unknown_names_are_told_with_close_ones(chooser: ItemFilter) -> None:
    with pytest.raises(UnknownIdError, match="'Ann Le'; did you mean 'Ann Lee'"):
        chooser.restrict(without="Ann Le")


def test_what_users_did_and_models_derived_is_no_fact(films: Recommender) -> None:
    assert [item.item for item in films.recommend("u", only="b")] == ["b"]  # not all liked with b


def test_lists_keep_scores_and_order_of_what_is_left(films: Recommender) -> None:
    plain = [(i.item, i.score) for i in films.recommend("u")]
    some = films.recommend("u", where="genre != 'Comedy'")
    assert [(i.item, i.score) for i in some] == [p for p in plain if p[0] in "be"]
    assert [i.rank for i in some] == [1, 2]


def test_an_empty_list_says_why(films: Recommender) -> None:
    nothing = films.recommend("u", where="year > 2090")
    assert list(nothing) == []
    assert nothing.note == "no item meets year > 2090"
    both = films.recommend("u", only="Crime", where="year > 2000")
    assert both.note == "no item that is or has to do with Crime also meets year > 2000"
    known = films.recommend("u", only="a")
    assert known.note == "1 item passes the filter, and nothing of that is new"
    short = films.recommend("u", only="Crime")
    assert short.note == "only 2 items pass the filter"
    assert films.recommend("u", k=4).note == ""


def test_of_several_nodes_with_one_name_all_are_meant() -> None:
    items = pd.DataFrame(
        {"id": ["a", "b", "c"], "director": ["Ann Lee", "", ""], "about": ["", "Ann Lee", "Bees"]}
    )
    films = Recommender.fit(items, config={"embeddings": {"epochs": 0}})
    assert {item.item for item in films.recommend(history=[], only="ann lee")} == {"a", "b"}
    node = next(iri for iri in films.graph.types if iri.endswith("/Person/Ann_Lee"))
    assert {item.item for item in films.recommend(history=[], only=node)} == {"a"}


def test_a_fact_that_an_inverse_relation_states_counts(tmp_path: Path) -> None:
    ontology = """@prefix : <http://e.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix kgrec: <https://w3id.org/kg-rec/ns#> .
        :Song a rdfs:Class ; rdfs:subClassOf kgrec:Item . :Band a rdfs:Class .
        :by a owl:ObjectProperty ; rdfs:range :Band ; owl:inverseOf :played ; kgrec:reason true .
        :played a owl:ObjectProperty ."""
    (tmp_path / "songs.ttl").write_text(ontology)
    (tmp_path / "facts.ttl").write_text(
        "@prefix : <http://e.org/> . :Abba :played :one . :two :by :Abba ."
    )
    items = pd.DataFrame(
        {"id": ["1", "2", "3"], "iri": [f"http://e.org/{n}" for n in ("one", "two", "three")]}
    )
    songs = Recommender.fit(
        items,
        ontology=tmp_path / "songs.ttl",
        graph=tmp_path / "facts.ttl",
        config={"embeddings": {"epochs": 0}},
    )
    found = songs.recommend(history=[], where="by == 'Abba'")
    assert {item.item for item in found} == {"1", "2"}
    assert {item.item for item in songs.recommend(history=[], without="Abba")} == {"3"}
