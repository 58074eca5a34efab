"""Recommendations and their reasons as RDF: sums, paths, shapes, readers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
import rdflib

from kg_rec.ids import KGREC
from kg_rec.validation import validate

if TYPE_CHECKING:
    from kg_rec import KnowledgeGraph, Recommender

SUMS = """
SELECT ?r (SAMPLE(?score) AS ?score) (SUM(?value) AS ?sum) (COUNT(?c) AS ?terms) WHERE {
    ?r a kgrec:Recommendation ; kgrec:score ?score ; kgrec:contribution ?c . ?c kgrec:value ?value
} GROUP BY ?r
"""
HOPS = """
SELECT ?path ?place ?subject ?predicate ?object ?reverse WHERE {
    ?path a kgrec:Path ; kgrec:hop ?hop .
    ?hop schema:position ?place ; kgrec:reverse ?reverse ; kgrec:statement ?statement .
    ?statement rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?object .
} ORDER BY ?path ?place
"""


@pytest.fixture(scope="module")
def told(starter: Recommender) -> KnowledgeGraph:
    user = starter.users[0]
    return starter.to_rdf(starter.recommend(user, k=5), user)


def test_contributions_sum_to_the_score(told: KnowledgeGraph, starter: Recommender) -> None:
    user = starter.users[0]
    rows = told.sparql(SUMS)
    assert len(rows) == len(starter.recommend(user, k=5))
    for row in rows:
        assert math.isclose(float(row["sum"].value), float(row["score"].value), rel_tol=1e-9)
    terms = sum(len(item.contributions) for item in starter.recommend(user, k=5))
    assert sum(int(row["terms"].value) for row in rows) == terms


def test_every_hop_is_a_triple_of_the_graph_and_follows_the_last(
    told: KnowledgeGraph, starter: Recommender
) -> None:
    rows = told.sparql(HOPS)
    assert rows
    last: dict[object, tuple[int, object]] = {}
    for row in rows:
        triple = (row["subject"], row["predicate"], row["object"])
        assert triple in starter.graph
        start, end = (0, 2) if row["reverse"].value == "false" else (2, 0)
        place = int(row["place"].value)
        if place > 1:
            assert last[row["path"]] == (place - 1, triple[start])
        last[row["path"]] = (place, triple[end])


def test_it_conforms_to_the_shapes(told: KnowledgeGraph) -> None:
    assert [str(finding) for finding in validate(told).findings] == []


def test_rdflib_reads_the_same(told: KnowledgeGraph) -> None:
    read = rdflib.Graph().parse(data=told.serialize("ttl"), format="turtle")
    assert len(read) == len(told)
    kind = rdflib.URIRef(KGREC["Recommendation"])
    assert len(list(read.subjects(rdflib.RDF.type, kind))) == len(told.sparql(SUMS))


def test_a_typed_taste_has_no_user_but_its_words(starter: Recommender) -> None:
    text = "I love heist films but I hate horror."
    told = starter.to_rdf(starter.recommend(text=text, k=3), text=text)
    assert told.sparql("ASK { ?list kgrec:forUser ?anybody }") is False
    said = told.sparql(
        "SELECT ?quote WHERE { ?c kgrec:said ?p . ?p oa:hasSelector ?s . ?s oa:exact ?quote }"
    )
    assert said
    assert all(row["quote"].value in text for row in said)
    again = starter.to_rdf(starter.recommend(text=text, k=3), text=text)
    assert told.serialize("ttl") == again.serialize("ttl")
