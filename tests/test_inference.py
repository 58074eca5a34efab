from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg_rec import Iri, KnowledgeGraph, Literal, Ontology, Recommender, Statement, Triple
from kg_rec.graph.inference import RULES, infer, rule_of
from kg_rec.ids import OWL, RDF, RDFS, SCHEMA, SKOS, Namespace
from kg_rec.statements import USERS, Evidence

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from kg_rec.ids import Term

EX = Namespace("http://example.org/")
TYPE, SUB, SUBP, INV = RDF["type"], RDFS["subClassOf"], RDFS["subPropertyOf"], OWL["inverseOf"]


def graph_of(*triples: tuple[Iri, Iri, Term]) -> KnowledgeGraph:
    return KnowledgeGraph.from_statements(Statement(Triple(*t)) for t in triples)


def naive(triples: Iterable[Triple], rules: Collection[str]) -> set[Triple]:  # noqa: C901
    """The rules as they are written down, over and over until nothing new comes."""
    stated = set(triples)

    def pairs(predicate: Iri) -> set[tuple[Iri, Term]]:
        return {(s, o) for s, p, o in stated if p == predicate and isinstance(o, Iri)}

    classes, properties, inverses = pairs(SUB), pairs(SUBP), pairs(INV)
    inverses |= {(q, p) for p, q in inverses}
    broader = pairs(SKOS["broader"]) | {(n, b) for b, n in pairs(SKOS["narrower"])}
    symmetric = {s for s, p, o in stated if p == TYPE and o == OWL["SymmetricProperty"]}
    chains = {s for s, p, o in stated if p == TYPE and o == OWL["TransitiveProperty"]}
    known = set(stated)
    while True:
        new = set()
        for s, p, o in known:
            if "subclass" in rules and p == TYPE:
                new |= {(s, p, d) for c, d in classes if c == o}
            if "subproperty" in rules:
                new |= {(s, q, o) for r, q in properties if r == p}
            if "broader" in rules and p == SCHEMA["about"]:
                new |= {(s, p, d) for c, d in broader if c == o}
            if isinstance(o, Iri):
                if "inverse" in rules:
                    new |= {(o, q, s) for r, q in inverses if r == p}
                if "symmetric" in rules and p in symmetric:
                    new.add((o, p, s))
                if "transitive" in rules and p in chains:
                    new |= {(s, p, z) for y, r, z in known if y == o and r == p}
        new = {Triple(*t) for t in new}  # type: ignore[arg-type]
        if new <= known:
            return known
        known |= new


nodes = st.sampled_from([EX[n] for n in "abcde"])
predicates = st.sampled_from([EX["p"], EX["q"], EX["r"], SCHEMA["about"], TYPE])
facts = st.tuples(nodes, predicates, nodes | st.just(Literal("x")))
axioms = st.one_of(
    st.tuples(nodes, st.sampled_from([SUB, SKOS["broader"], SKOS["narrower"]]), nodes),
    st.tuples(predicates, st.sampled_from([SUBP, INV]), predicates),
    st.tuples(
        predicates,
        st.just(TYPE),
        st.sampled_from([OWL["SymmetricProperty"], OWL["TransitiveProperty"]]),
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(facts | axioms, min_size=1, max_size=14), st.sets(st.sampled_from(RULES)))
def test_equals_the_rules_run_naively(
    triples: list[tuple[Iri, Iri, Term]], rules: set[str]
) -> None:
    graph = graph_of(*triples)
    assert set(infer(graph, rules)) == naive(graph, rules)  # type: ignore[arg-type]


def test_equals_owlrl_on_a_small_ontology() -> None:
    owlrl = pytest.importorskip("owlrl", reason="needs owlrl, which pyshacl brings")
    graph = graph_of(
        (EX["Novel"], SUB, EX["Book"]),
        (EX["Book"], SUB, EX["Work"]),
        (EX["wrote"], INV, EX["writtenBy"]),
        (EX["writtenBy"], SUBP, EX["madeBy"]),
        (EX["marriedTo"], TYPE, OWL["SymmetricProperty"]),
        (EX["partOf"], TYPE, OWL["TransitiveProperty"]),
        (EX["emma"], TYPE, EX["Novel"]),
        (EX["jane"], EX["wrote"], EX["emma"]),
        (EX["emma"], EX["partOf"], EX["series"]),
        (EX["series"], EX["partOf"], EX["library"]),
        (EX["ann"], EX["marriedTo"], EX["bob"]),
    )
    closed = graph.to_rdflib()
    owlrl.DeductiveClosure(owlrl.OWLRL_Semantics).expand(closed)
    ours = infer(graph).to_rdflib()
    assert set(ours) <= set(closed)
    things = {EX[name] for name in ("emma", "jane", "series", "ann", "bob")}
    wanted = {
        (s, p, o)
        for s, p, o in closed
        if Iri(s) in things and (p != OWL["sameAs"] or s != o) and "owl#Thing" not in o
        if str(p) != OWL["sameAs"] and not str(o).startswith(RDFS)
    }
    assert wanted == {(s, p, o) for s, p, o in ours if Iri(s) in things}


def test_cycles_end() -> None:
    graph = graph_of(
        (EX["A"], SUB, EX["B"]),
        (EX["B"], SUB, EX["A"]),
        (EX["p"], TYPE, OWL["TransitiveProperty"]),
        (EX["x"], TYPE, EX["A"]),
        *((EX[f"n{k}"], EX["p"], EX[f"n{(k + 1) % 50}"]) for k in range(50)),
    )
    found = infer(graph)
    assert len(list(found.triples(predicate=EX["p"]))) == 50 * 50
    assert Triple(EX["x"], TYPE, EX["B"]) in found


def test_inferred_triples_are_marked_and_keep_evidence_and_confidence() -> None:
    text = {"d": "Emma is by Jane."}
    fact = Triple(EX["emma"], EX["writtenBy"], EX["jane"])
    stated = Statement(fact, (Evidence("d", 0, 15, "Emma is by Jane"),), 0.8, "form:by")
    axiom = Statement(Triple(EX["writtenBy"], SUBP, EX["madeBy"]))
    graph = infer(KnowledgeGraph.from_statements([stated, axiom], text), ["subproperty"])
    made = Triple(EX["emma"], EX["madeBy"], EX["jane"])
    assert (rule_of(graph, made), rule_of(graph, fact)) == ("subproperty", "")
    assert graph.evidence(made) == graph.evidence(fact) == stated.evidence
    row = graph.rows(*made)[0]
    assert graph.confidences[row] == 0.8
    assert graph.extractor_names[graph.extractors[row]] == "inferred:subproperty"


def test_what_is_stated_stays_stated() -> None:
    graph = graph_of((EX["A"], SUB, EX["B"]), (EX["x"], TYPE, EX["A"]), (EX["x"], TYPE, EX["B"]))
    assert infer(graph) is graph


def test_users_are_left_alone() -> None:
    triple = Triple(EX["u"], EX["p"], EX["x"])
    axiom = Statement(Triple(EX["p"], SUBP, EX["q"]))
    graph = KnowledgeGraph.from_statements([Statement(triple, part=USERS), axiom])
    assert len(infer(graph)) == 2


def test_axioms_of_the_ontology_are_used() -> None:
    ontology = Ontology(
        """
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix : <http://example.org/> .
        :Novel a owl:Class ; rdfs:subClassOf :Book . :Book a owl:Class .
        :wrote a owl:ObjectProperty ; owl:inverseOf :by .
        :near a owl:ObjectProperty, owl:SymmetricProperty, owl:TransitiveProperty .
        """
    )
    graph = graph_of(
        (EX["emma"], TYPE, EX["Novel"]),
        (EX["emma"], EX["by"], EX["jane"]),
        (EX["a"], EX["near"], EX["b"]),
        (EX["b"], EX["near"], EX["c"]),
    )
    found = infer(graph, ontology=ontology)
    assert Triple(EX["emma"], TYPE, EX["Book"]) in found
    assert Triple(EX["jane"], EX["wrote"], EX["emma"]) in found
    assert Triple(EX["c"], EX["near"], EX["a"]) in found


def test_same_graph_same_bytes() -> None:
    triples = [(EX["A"], SUB, EX["B"]), (EX["x"], TYPE, EX["A"]), (EX["y"], TYPE, EX["A"])]
    one, other = (infer(graph_of(*order)) for order in (triples, triples[::-1]))
    assert one.serialize("nt") == other.serialize("nt")


def test_explanations_say_what_was_inferred(tmp_path: Path) -> None:
    facts = tmp_path / "facts.ttl"
    facts.write_text(
        """@prefix schema: <http://schema.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        <urn:directed> owl:inverseOf schema:director . <urn:ann> a schema:Person ;
            rdfs:label "Ann" ; <urn:directed> <urn:a>, <urn:b> .""",
        encoding="utf-8",
    )
    model = Recommender.fit(
        pd.DataFrame({"id": list("abc"), "iri": ["urn:a", "urn:b", "urn:c"]}),
        interactions=pd.DataFrame({"user": ["u", "v"], "item": ["a", "c"]}),
        graph=facts,
        config={"embeddings": {"epochs": 0}, "inference": ["inverse"]},
    )
    (best,) = model.recommend("u", k=1)
    assert best.item == "b"
    assert any("directed by Ann (inferred: inverse)" in c.text for c in best.contributions)
    told = model.to_rdf([best], "u")
    assert told.sparql("ASK { ?s kgrec:inferredBy 'inverse' }") is True
