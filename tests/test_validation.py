"""Validation: our findings against pyshacl's own, twenty broken graphs, the command, the build."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyshacl
import pytest
import rdflib
from rdflib import RDF, URIRef
from rdflib.collection import Collection
from typer.testing import CliRunner

from kg_rec import DataError, DataWarning, KnowledgeGraph, Ontology, OntologyError, Recommender
from kg_rec.cli import app
from kg_rec.graph.inference import infer
from kg_rec.io import read_rdf
from kg_rec.validation import SH, Report, validate

if TYPE_CHECKING:
    from collections.abc import Callable

    Fit = Callable[..., Recommender]

SUITE = Path(__file__).parent.parent.parent / "shared/data/shacl-test-suite/tests/core"
HEAD = """
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix oa: <http://www.w3.org/ns/oa#> .
@prefix schema: <http://schema.org/> .
@prefix kgrec: <https://w3id.org/kg-rec/ns#> .
@prefix : <http://example.org/> .
:u a kgrec:User ; rdfs:label "u" .
:m a schema:Movie ; rdfs:label "M" .
"""
STATEMENT = ":s a rdf:Statement ; rdf:subject :m ; rdf:predicate schema:director ; rdf:object :d . "
PASSAGE = (
    STATEMENT + ":s prov:wasDerivedFrom :e . :e a oa:SpecificResource ; oa:hasSource :doc ;"
    " oa:hasSelector :t, :q . :q a oa:TextQuoteSelector ; oa:exact 'x' . "
    ":t a oa:TextPositionSelector ; oa:start 0 ; oa:end 1 . "
)
RECOMMENDED = (
    ":r a kgrec:Recommendation ; schema:item :m ; schema:position 1 ; kgrec:score 0.5e0 ;"
    " kgrec:contribution :c . :c a kgrec:Contribution ; kgrec:value 0.5e0 ;"
    " kgrec:sourceKind kgrec:History ; kgrec:path :p . :p a kgrec:Path ; kgrec:hop :h ."
    " :h a kgrec:Hop ; schema:position 1 ; kgrec:statement :s ; kgrec:reverse false . " + STATEMENT
)
N = "http://example.org/"


def checked(folder: Path, turtle: str, ontology: str | None = "movies") -> Report:
    path = folder / "data.ttl"
    path.write_text(turtle, encoding="utf-8")
    graph = KnowledgeGraph.from_statements(read_rdf(path))
    return validate(graph, ontology=None if ontology is None else Ontology.load(ontology))


# --- the W3C suite -------------------------------------------------------------------------------


def results(report: rdflib.Graph) -> Counter[tuple[str, ...]]:
    """The results of a report as plain values; blank nodes are alike, paths are left out."""

    def value(result: object, name: str) -> str:
        node = report.value(result, URIRef(SH[name]))  # type: ignore[arg-type]
        if isinstance(node, rdflib.Literal):  # 42 and "042"^^xsd:integer are one value
            node = rdflib.Literal(str(node), datatype=node.datatype, normalize=True)
        if isinstance(
            node, rdflib.Literal
        ):  # rdflib's Turtle reader rewrites values, ours does not
            node = rdflib.Literal(str(node), datatype=node.datatype, normalize=True)
        return "[]" if isinstance(node, rdflib.BNode) else str(node)

    names = ("focusNode", "value", "sourceConstraintComponent", "resultSeverity", "sourceShape")
    found = report.subjects(RDF.type, URIRef(SH["ValidationResult"]))
    return Counter(tuple(value(r, name) for name in names) for r in found)


def cases() -> list[Path]:
    return sorted(
        path
        for path in SUITE.rglob("*.ttl")
        if "sht:Validate" in (text := path.read_text(encoding="utf-8")) and "sht:approved" in text
    )


@pytest.mark.skipif(not SUITE.is_dir(), reason="needs ../shared/data/shacl-test-suite")
@pytest.mark.filterwarnings("ignore::UserWarning")  # rdflib's reading of wrong values
def test_the_core_suite_of_w3c_passes_as_far_as_pyshacl_does() -> None:
    """Each case that pyshacl gets right (as the suite expects) is right through validate, too."""
    right, differing = 0, []
    sht = rdflib.Namespace("http://www.w3.org/ns/shacl-test#")
    mf = rdflib.Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
    for path in cases():
        manifest = rdflib.Graph().parse(path, format="turtle")
        for case in manifest.subjects(RDF.type, sht.Validate):
            action = manifest.value(case, mf.action)
            expected = manifest.value(case, mf.result)
            data, shapes = (
                Path(str(manifest.value(action, name)).removeprefix("file://"))
                for name in (sht.dataGraph, sht.shapesGraph)
            )
            wanted = results(_reachable(manifest, expected))
            conforms = bool(manifest.value(expected, URIRef(SH["conforms"])).toPython())  # type: ignore[union-attr]
            theirs = pyshacl.validate(
                rdflib.Graph().parse(data), shacl_graph=rdflib.Graph().parse(shapes)
            )
            if (theirs[0], results(theirs[1])) != (conforms, wanted):
                continue
            right += 1
            graph = KnowledgeGraph.read(data, resolve=data.as_uri(), evidence=False)
            report = validate(graph, Ontology.load(shapes).turtle)
            same = bool(report.findings) != conforms and results(report.rdf) == wanted
            if not same:
                differing.append((path.name, results(report.rdf), wanted))
    assert not differing
    assert right >= 94, "of 98; pyshacl 0.40 differs in node-001, node-002, uniqueLang-002"


def _reachable(graph: rdflib.Graph, node: object) -> rdflib.Graph:
    part = rdflib.Graph()
    waiting = [node]
    while waiting:
        for triple in graph.triples((waiting.pop(), None, None)):  # type: ignore[arg-type]
            if triple not in part:
                part.add(triple)
                waiting.append(triple[2])
    return part


# --- broken graphs -------------------------------------------------------------------------------

BROKEN = [
    (":v a kgrec:User .", "v", "MinCount of shapes:User", "label"),
    (":x kgrec:ratedUp :m .", "x", "Class of shapes:Acts", "must be a kgrec:User"),
    (":u kgrec:ratedUp 'Heat' .", "u", "NodeKind of shapes:Acts", "by its IRI"),
    (":u kgrec:likes 'Crime' .", "u", "NodeKind of shapes:Acts", "not a text"),
    (":u kgrec:ratedUp :m ; kgrec:ratedDown :m .", "u", "Disjoint of shapes:Acts", "up and down"),
    (":e a kgrec:Event ; schema:object :m .", "e", "MinCount of shapes:Event", "schema:agent"),
    (
        ":e a kgrec:Event ; schema:object :m ; schema:agent :u ; schema:startTime 'noon' .",
        "e",
        "Or of shapes:Event",
        "time of an event",
    ),
    (
        ":r a schema:Rating ; schema:ratingValue 6 ; schema:bestRating 5 .",
        "r",
        "LessThanOrEquals of shapes:Rating",
        "not above",
    ),
    (":f a schema:Movie .", "f", "MinCount of shapes:Item", "an item needs a label"),
    (":m schema:director 'Ann' .", "m", "NodeKind of movies:", "IRI"),
    (STATEMENT + ":s kgrec:confidence 1.5 .", "s", "MaxInclusive of shapes:Statement", "0 to 1"),
    (":s a rdf:Statement ; rdf:subject :m .", "s", "MinCount of shapes:Statement", "rdf:object"),
    (
        PASSAGE.replace("oa:hasSource :doc ;", ""),
        "s",
        "Node of shapes:Statement",
        "passage of a document",
    ),
    (
        PASSAGE.replace("oa:end 1", "oa:end 0"),
        "t",
        "LessThan of shapes:Position",
        "before oa:end",
    ),
    (PASSAGE.replace("oa:exact 'x'", "oa:exact ''"), "q", "MinLength of shapes:Quote", "the text"),
    (
        RECOMMENDED.replace("schema:position 1 ; kgrec:score", "schema:position 0 ; kgrec:score"),
        "r",
        "MinInclusive of shapes:Recommendation",
        "rank",
    ),
    (RECOMMENDED.replace("schema:item :m ;", ""), "r", "MinCount of shapes:Recommendation", "item"),
    (
        RECOMMENDED.replace("kgrec:value 0.5e0", "kgrec:value 0.4e0"),
        "r",
        "SPARQL of shapes:Recommendation",
        "do not sum",
    ),
    (
        RECOMMENDED.replace("kgrec:History", "kgrec:Hunch"),
        "c",
        "In of shapes:Contribution",
        "kind of a source",
    ),
    (RECOMMENDED.replace("kgrec:reverse false", "kgrec:reverse 2"), "h", "Hop", "true or false"),
    (RECOMMENDED.replace("kgrec:hop :h .", "."), "p", "MinCount of shapes:Path", "kgrec:Hops"),
]


@pytest.mark.parametrize(("turtle", "node", "rule", "message"), BROKEN)
def test_a_broken_graph_gives_the_right_finding(
    tmp_path: Path, turtle: str, node: str, rule: str, message: str
) -> None:
    report = checked(tmp_path, HEAD + turtle)
    assert not report.conforms
    found = [f for f in report.violations if f.node == N + node]
    assert found, report.findings
    assert any(rule in f.rule and message in f.message for f in found), found
    assert all(f.file == "data.ttl" and f.hint and f.severity == "Violation" for f in found)


@pytest.mark.parametrize("turtle", ["", STATEMENT, PASSAGE, RECOMMENDED, ":u kgrec:likes :x ."])
def test_the_same_graphs_unbroken_conform(tmp_path: Path, turtle: str) -> None:
    assert checked(tmp_path, HEAD + turtle).findings == ()


def test_a_subclass_of_the_item_class_is_an_item(tmp_path: Path) -> None:
    turtle = HEAD + ":Short rdfs:subClassOf schema:Movie . :f a :Short ."
    assert [f.node for f in checked(tmp_path, turtle).violations] == [N + "f"]


def test_paths_and_values_are_shown(tmp_path: Path) -> None:
    (finding,) = checked(tmp_path, HEAD + ":u kgrec:likes 'Crime' .").violations
    assert (finding.path, finding.value) == ("kgrec:likes", "Crime")
    assert str(finding) == (
        "data.ttl: http://example.org/u: what is liked must be a node, not a text (found Crime)"
    )


# --- what is handed over -------------------------------------------------------------------------


def test_only_what_shapes_can_ask_for_is_handed_over(tmp_path: Path) -> None:
    many = "".join(f":m :unasked{k} :x . " for k in range(50))
    report = checked(tmp_path, HEAD + many)
    assert report.conforms
    assert report.checked == 4


def test_a_closed_shape_sees_all(tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text(HEAD + ":m :extra :x .", encoding="utf-8")
    graph = KnowledgeGraph.from_statements(read_rdf(path))
    shapes = """
    @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix schema: <http://schema.org/> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    <urn:shape> a sh:NodeShape ; sh:targetClass schema:Movie ; sh:closed true ;
        sh:ignoredProperties ( rdf:type ) ; sh:property [ sh:path rdfs:label ] .
    """
    report = validate(graph, shapes)
    assert [f.path for f in report.violations] == ["<http://example.org/extra>"]
    assert report.checked == len(graph)


def test_broken_shapes_are_an_error() -> None:
    graph = KnowledgeGraph.from_statements([])
    with pytest.raises(OntologyError, match="shapes, line 1: not Turtle"):
        validate(graph, "<urn:a> <urn:b>")
    broken = """@prefix sh: <http://www.w3.org/ns/shacl#> .
    <urn:s> a sh:NodeShape ; sh:targetNode <urn:a> ; sh:property [ sh:minCount 1 ] ."""
    with pytest.raises(OntologyError, match="shapes: "):
        validate(graph, broken)


# --- models, build, command ----------------------------------------------------------------------


def test_a_model_conforms(starter: Recommender) -> None:
    report = validate(starter.graph, ontology=starter.model.ontology)
    assert report.conforms, report.violations[:3]


def test_what_is_inferred_conforms(starter: Recommender) -> None:
    ontology = starter.model.ontology
    assert validate(infer(starter.graph, ontology=ontology), ontology=ontology).conforms


def broken_facts(folder: Path) -> Path:
    path = folder / "facts.ttl"
    path.write_text(HEAD + ":m schema:director 'Ann' .", encoding="utf-8")
    return path


def test_a_build_stops_on_violations(fit: Fit, tmp_path: Path) -> None:
    facts = broken_facts(tmp_path)
    with pytest.raises(DataError, match=r"graph: 1 violation: facts\.ttl: http://example\.org/m: "):
        fit(graph=facts)
    with pytest.warns(DataWarning, match="graph: 1 violation"):
        fit(graph=facts, config={"validation": "warn"})
    assert fit(graph=facts, config={"validation": "off"})


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["validate", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_command(tmp_path: Path, tiny_folder: Path) -> None:
    facts = str(broken_facts(tmp_path))
    code, out, err = run(facts, "--ontology", "movies")
    assert code == 1
    assert "Violation: facts.ttl: http://example.org/m: " in out
    assert "hint: " in out
    assert err.strip().endswith("triples: 1 violations, 0 warnings")
    code, out, _ = run(facts, "--ontology", "movies", "--format", "json")
    assert code == 1
    (finding,) = json.loads(out)["findings"]
    assert finding["path"].startswith("schema:director | ")
    assert finding["rule"] == "NodeKind of movies:PeopleShape"
    code, out, _ = run(facts, "--ontology", "movies", "--format", "ttl")
    report = rdflib.Graph().parse(data=out)
    assert len(list(report.subjects(RDF.type, URIRef(SH["ValidationResult"])))) == 1
    assert run(facts)[0] == 0, "without an ontology only the vocabulary is checked"
    assert run(str(tiny_folder))[0] == 0


def test_own_shapes(tmp_path: Path) -> None:
    shapes = tmp_path / "shapes.ttl"
    shapes.write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix schema: <http://schema.org/> .
        <urn:s> a sh:NodeShape ; sh:targetClass schema:Movie ;
            sh:property [ sh:path schema:genre ; sh:minCount 1 ; sh:severity sh:Warning ] .""",
        encoding="utf-8",
    )
    code, out, err = run(str(broken_facts(tmp_path)), "--shapes", str(shapes))
    assert code == 0, "a warning is no violation"
    assert out.startswith("Warning: facts.ttl: ")
    assert "0 violations, 1 warnings" in err


def test_lists_survive(tmp_path: Path) -> None:
    """Blank nodes and lists of the data are what they were when pyshacl sees them."""
    path = tmp_path / "data.ttl"
    path.write_text(HEAD + ":m :cast ( :a :b ) .", encoding="utf-8")
    graph = KnowledgeGraph.from_statements(read_rdf(path)).to_rdflib()
    head = graph.value(URIRef(N + "m"), URIRef(N + "cast"))
    assert head is not None
    assert len(Collection(graph, head)) == 2


def test_items_of_a_table_conform(fit: Fit) -> None:
    model = fit(pd.DataFrame({"id": ["a", "b"], "director": ["Ann", "Ann"]}))
    assert validate(model.graph, ontology=model.model.ontology).conforms
