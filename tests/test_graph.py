from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg_rec import DataError, Document, Iri, KnowledgeGraph, Literal, Statement, Triple
from kg_rec.graph import Links
from kg_rec.graph.columns import _row_keys
from kg_rec.ids import RDF, RDFS, SKOS, XSD, BlankNode, Term

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
    with pytest.raises(
        DataError, match="unknown RDF format 'xml'; known: ttl, nt, jsonld, rdf, nq"
    ):
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


# --- the table against a naive one ---------------------------------------------------------------

TEXT = "Ann made it. Bo did not."
DOCUMENTS = {"d": TEXT, "e": TEXT[::-1]}
nodes = st.sampled_from([A, B, P, BlankNode("_:x"), BlankNode("_:y"), Iri("urn:z")])
objects = st.one_of(nodes, st.sampled_from([Literal("a"), Literal("b", language="en")]))
passages = st.builds(
    lambda name, ends: Document(name, DOCUMENTS[name]).evidence(*sorted(ends)),
    st.sampled_from(["d", "e"]),
    st.tuples(st.integers(0, 24), st.integers(0, 24)),
)
statements = st.builds(
    Statement,
    st.builds(Triple, nodes, st.sampled_from([P, Q]), objects),
    st.lists(passages, max_size=2).map(tuple),
    st.sampled_from([0.25, 0.5, 1.0]),
    st.sampled_from(["x", "y", "table"]),
    st.sampled_from(["facts", "users", "derived", "", "http://example.org/g"]),
    st.sampled_from([1, -1]),
    st.sampled_from([0.5, 1.0]),
)


def naive(given: list[Statement]) -> dict[tuple[Triple, str], tuple[object, ...]]:
    """Merge statements one by one, as the documentation says it."""
    found: dict[tuple[Triple, str], list[Statement]] = {}
    for statement in given:
        found.setdefault((statement.triple, statement.part), []).append(statement)
    return {
        key: (
            max((s.confidence, s.extractor) for s in same),
            sorted({e for s in same for e in s.evidence}),
            max((s.polarity * s.strength for s in same), key=lambda value: (abs(value), value)),
        )
        for key, same in found.items()
    }


def as_told(graph: KnowledgeGraph) -> dict[tuple[Triple, str], tuple[object, ...]]:
    return {
        (s.triple, s.part): (
            (s.confidence, s.extractor),
            sorted(s.evidence),
            s.polarity * s.strength,
        )
        for s in graph.statements()
    }


@settings(max_examples=150, deadline=None)
@given(st.lists(statements, max_size=12), st.lists(statements, max_size=6))
def test_merging_is_that_of_statements_one_by_one(
    one: list[Statement], other: list[Statement]
) -> None:
    graph = KnowledgeGraph.from_statements(one, DOCUMENTS)
    both = naive([*one, *other])
    assert as_told(graph) == naive(one)
    added = graph.with_statements(other, DOCUMENTS)
    assert as_told(added) == both
    merged = KnowledgeGraph.merged([KnowledgeGraph.from_statements(other, DOCUMENTS), graph])
    for name in ("triple_codes", "part_codes", "confidences", "strengths", "extractors", "spans"):
        assert np.array_equal(getattr(merged, name), getattr(added, name)), name
    assert merged.terms == added.terms
    assert merged.documents == added.documents
    assert (merged.extractor_names, merged.part_names) == (added.extractor_names, added.part_names)


@settings(max_examples=100, deadline=None)
@given(st.lists(statements, max_size=12), st.sets(st.sampled_from(["facts", "users", "", "no"])))
def test_selecting_is_filtering_and_drops_what_is_unused(
    given: list[Statement], parts: set[str]
) -> None:
    graph = KnowledgeGraph.from_statements(given, DOCUMENTS).select(parts, [P])
    kept = [s for s in given if s.part in parts and s.triple.predicate == P]
    assert as_told(graph) == naive(kept)
    assert set(graph.terms) == {term for s in kept for term in s.triple}
    assert set(graph.documents) == {e.document for s in kept for e in s.evidence}
    names = {graph.extractor_names[code] for code in graph.extractors}
    assert names == set(graph.extractor_names)


@settings(max_examples=100, deadline=None)
@given(st.lists(statements, max_size=12), st.none() | nodes, st.none() | nodes, st.none() | objects)
def test_the_indexes_find_what_a_scan_finds(
    given: list[Statement], s: Iri | None, p: Iri | None, o: Term | None
) -> None:
    graph = KnowledgeGraph.from_statements(given, DOCUMENTS)
    scan = [t for t in graph if all(w in (None, x) for w, x in zip((s, p, o), t, strict=True))]
    assert list(graph.triples(s, p, o)) == scan
    rows = graph.rows(s, p, o)
    assert (np.diff(rows) > 0).all()
    for triple in scan:
        assert triple in graph


def test_a_graph_too_big_for_one_sorting_key_is_sorted_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facts = [Triple(s, p, o) for s in (B, A) for p in (Q, P) for o in (B, A, Literal("x"))]
    expected = list(graph_of(*facts))
    huge = lambda parts, triples, _: _row_keys(parts, triples, 1 << 31)  # noqa: E731
    monkeypatch.setattr("kg_rec.graph.columns._row_keys", huge)
    assert list(graph_of(*facts, *facts)) == expected


def test_a_blank_node_is_a_node_without_a_global_name() -> None:
    node = BlankNode("_:x")
    graph = graph_of(Triple(A, P, node), Triple(node, LABEL, Literal("Ann")))
    assert graph.label(node) == "Ann"
    assert graph.sparql("SELECT ?o { ?s <http://example.org/p> ?o FILTER isBlank(?o) }")
    assert len(graph.to_rdflib()) == 2
    for wrong in ("x", "_:", "_:a b"):
        with pytest.raises(DataError, match="is not a blank node"):
            BlankNode(wrong)


def test_tags_of_languages_are_compared_without_case() -> None:
    graph = graph_of(Triple(A, LABEL, Literal("x", language="EN-gb")))
    assert Triple(A, LABEL, Literal("x", language="en-GB")) in graph
    assert Triple(A, LABEL, Literal("x", XSD["string"])) not in graph


def test_a_plain_string_and_an_xsd_string_are_one() -> None:
    graph = graph_of(Triple(A, P, Literal("x")), Triple(A, P, Literal("x", XSD["string"])))
    assert list(graph) == [Triple(A, P, Literal("x"))]


def test_the_dictionary_is_a_sequence() -> None:
    terms = graph_of(Triple(A, P, Literal("x")), Triple(A, P, BlankNode("_:b"))).terms
    assert terms[-1] == Literal("x")
    assert terms[1:] == (P, BlankNode("_:b"), Literal("x"))
    assert (len(terms), terms.iris, terms.nodes) == (4, 2, 3)
    assert [terms.code(term) for term in terms] == [0, 1, 2, 3]
    with pytest.raises(IndexError):
        terms[4]
    with pytest.raises(DataError, match="language subtag is invalid"):
        terms.code(Literal("x", language="no tag"))
