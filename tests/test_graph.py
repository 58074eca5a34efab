from __future__ import annotations

import numpy as np
import pytest

from kg_rec import DataError, Document, Iri, KnowledgeGraph, Literal, Statement, Triple
from kg_rec.graph import Links
from kg_rec.ids import RDF, RDFS, SKOS

A, B, P, Q = (Iri(f"http://example.org/{name}") for name in "abpq")
LABEL = RDFS["label"]


def graph_of(*triples: Triple, part: str = "facts") -> KnowledgeGraph:
    return KnowledgeGraph.from_statements(Statement(t, part=part) for t in triples)


def test_equal_statements_merge_and_keep_all_evidence_and_the_highest_confidence() -> None:
    text = "Ann made it. It is by Ann."
    document = Document("d", text)
    fact = Triple(A, P, B)
    one = Statement(fact, (document.evidence(0, 11),), 0.4, "x")
    two = Statement(fact, (document.evidence(13, 25),), 0.9, "y")
    graph = KnowledgeGraph.from_statements([two, one, two], {"d": text, "unused": "z"})
    (merged,) = graph.statements()
    assert [e.text for e in merged.evidence] == ["Ann made it", "It is by Ann"]
    assert (merged.confidence, merged.extractor) == (0.9, "y")
    assert graph.documents == {"d": text}


def test_evidence_of_an_unknown_document_is_refused() -> None:
    statement = Statement(Triple(A, P, B), (Document("d", "text").evidence(0, 4),))
    with pytest.raises(DataError, match="cites document 'd', which is not given"):
        KnowledgeGraph.from_statements([statement])


def test_matching_and_membership() -> None:
    graph = graph_of(Triple(A, P, B), Triple(A, Q, B), Triple(B, P, A))
    assert list(graph.triples(A)) == [Triple(A, P, B), Triple(A, Q, B)]
    assert list(graph.triples(predicate=P, object=A)) == [Triple(B, P, A)]
    assert list(graph.triples(Iri("urn:unknown"))) == []
    assert Triple(B, P, A) in graph
    assert Triple(B, Q, A) not in graph
    assert Triple(B, P, Iri("urn:unknown")) not in graph
    assert "no triple" not in graph
    assert len(graph) == 3


def test_membership_in_an_empty_graph() -> None:
    assert Triple(A, P, B) not in graph_of()
    assert graph_of().evidence(Triple(A, P, B)) == ()


def test_names_prefer_the_label_then_the_end_of_the_iri() -> None:
    graph = graph_of(
        Triple(A, LABEL, Literal("Ann")),
        Triple(A, SKOS["altLabel"], Literal("Annie")),
        Triple(A, P, B),
    )
    assert graph.label(A) == "Ann"
    assert graph.names(A) == ("Ann", "Annie")
    assert graph.label(Iri("http://example.org/Ann_Lee")) == "Ann Lee"
    assert graph.label(Literal("1999")) == "1999"


def test_parts_and_predicates_are_selected() -> None:
    statements = [Statement(Triple(A, P, B)), Statement(Triple(A, Q, B), part="users")]
    graph = KnowledgeGraph.from_statements(statements)
    assert list(graph.select(["facts"])) == [Triple(A, P, B)]
    assert list(graph.select(predicates=[Q])) == [Triple(A, Q, B)]
    assert len(graph.select(["derived"])) == 0


def test_a_triple_of_two_parts_is_exported_once() -> None:
    statements = [Statement(Triple(A, P, B)), Statement(Triple(A, P, B), part="derived")]
    graph = KnowledgeGraph.from_statements(statements)
    assert graph.serialize("nt").count(b"\n") == 1


def test_sparql() -> None:
    graph = graph_of(Triple(A, LABEL, Literal("Ann", language="en")), Triple(A, RDF["type"], B))
    rows = graph.sparql("SELECT ?s ?name ?none { ?s rdfs:label ?name OPTIONAL { ?s ?name ?none } }")
    assert rows == [{"s": A, "name": Literal("Ann", language="en"), "none": None}]
    assert graph.sparql("ASK { ?s a ?kind }") is True
    assert graph.sparql("CONSTRUCT { ?kind <urn:of> ?s } { ?s a ?kind }") == [
        Triple(B, Iri("urn:of"), A)
    ]


@pytest.mark.parametrize("query", ["SELECT", "SELECT ?x { ?x nope:y ?z }"])
def test_a_broken_query_says_where(query: str) -> None:
    with pytest.raises(DataError, match="SPARQL query: error at 1:"):
        graph_of().sparql(query)


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(DataError, match="unknown RDF format 'xml'; known: ttl, nt, jsonld"):
        graph_of().serialize("xml")


def test_an_empty_graph_has_no_pykeen_view() -> None:
    with pytest.raises(DataError, match="without triples"):
        graph_of().to_pykeen()


def test_networkx_nodes_carry_labels() -> None:
    network = graph_of(Triple(A, LABEL, Literal("Ann")), Triple(A, P, B)).to_networkx()
    assert network.nodes[A]["label"] == "Ann"
    assert network.nodes[Literal("Ann")]["label"] == "Ann"
    assert network.edges[A, B, P]["confidence"] == 1.0


def test_links_on_arrays_are_the_statements_one_by_one() -> None:
    text = "Ann made it."
    document = Document("d", text)
    known = [
        Statement(Triple(A, P, B), (document.evidence(0, 8),), 0.5, "z"),
        Statement(Triple(B, P, A), part="users"),
        Statement(Triple(B, LABEL, Literal("Bo"))),
    ]
    graph = KnowledgeGraph.from_statements(known, {"d": text})
    links = [
        Links(Q, "model:q", np.array([1, 0]), np.array([0, 1])),
        Links(P, "model:p", np.array([0]), np.array([1])),
        Links(Iri("urn:none"), "model:none", np.array([], int), np.array([], int)),
    ]
    found = graph.with_links([A, B], links)
    one_by_one = [
        Statement(Triple(*triple), extractor=name, part="derived")
        for name, triple in (("model:q", (B, Q, A)), ("model:q", (A, Q, B)), ("model:p", (A, P, B)))
    ]
    expected = graph.with_statements(one_by_one)
    assert list(found.statements()) == list(expected.statements())
    assert found.terms == expected.terms
    for name in ("triple_codes", "part_codes", "confidences", "extractors", "spans"):
        one, other = getattr(found, name), getattr(expected, name)
        assert np.array_equal(one, other), name
        assert one.dtype == other.dtype, name
