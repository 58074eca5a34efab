"""SPARQL: named graphs, what each holds, and the command."""

from __future__ import annotations

import csv
import http.server
import io
import json
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pyoxigraph
import pytest

from kg_rec import DataError, KnowledgeGraph, cli
from kg_rec.graph.provenance import EVIDENCE_GRAPH, PART_GRAPHS, RECOMMENDATION_GRAPH
from kg_rec.graph.sparql import Solutions, results_csv, results_json
from kg_rec.ids import BlankNode, Iri, Literal
from kg_rec.statements import DERIVED, FACTS, USERS, Evidence, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from kg_rec import Recommender

A, B, P = Iri("urn:a"), Iri("urn:b"), Iri("urn:p")
COUNT = "SELECT (COUNT(*) AS ?n) {{ {} }}"


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    """Return a graph with one triple in two parts, one read in a text, one in a graph of a name."""
    said = Statement(Triple(A, P, B), (Evidence("d", 0, 4, "A is"),), 0.5, "form:x")
    return KnowledgeGraph.from_statements(
        [
            said,
            Statement(Triple(A, P, B), part=USERS),
            Statement(Triple(B, P, Literal("b", language="en")), part=USERS),
            Statement(Triple(B, P, A), part=DERIVED),
            Statement(Triple(A, P, BlankNode("_:x")), part="urn:other"),
        ],
        {"d": "A is B"},
    )


def count(graph: KnowledgeGraph, pattern: str) -> int:
    return int(graph.sparql(COUNT.format(pattern))[0]["n"].value)


def test_the_default_graph_holds_each_triple_once(graph: KnowledgeGraph) -> None:
    assert len(graph) == 5
    assert count(graph, "?s ?p ?o") == 4
    assert count(graph, "?s ?p ?o FILTER NOT EXISTS { GRAPH <urn:none> { ?s ?p ?o } }") == 4


def test_parts_are_named_graphs(graph: KnowledgeGraph) -> None:
    sizes = {FACTS: 1, USERS: 2, DERIVED: 1}
    for part, size in sizes.items():
        assert count(graph, f"GRAPH <{PART_GRAPHS[part]}> {{ ?s ?p ?o }}") == size
    assert count(graph, "GRAPH <urn:other> { ?s ?p ?o }") == 1
    names = {row["g"] for row in graph.sparql("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
    assert names == {*PART_GRAPHS.values(), EVIDENCE_GRAPH, "urn:other"}


def test_from_leaves_what_users_did_out(graph: KnowledgeGraph) -> None:
    found = graph.sparql(f"SELECT ?s ?p ?o FROM <{PART_GRAPHS[FACTS]}> {{ ?s ?p ?o }}")  # noqa: S608
    assert found == [{"s": A, "p": P, "o": B}]


def test_evidence_is_a_named_graph(graph: KnowledgeGraph) -> None:
    rows = graph.sparql(
        f"""SELECT ?s ?o ?quote ?start {{ GRAPH <{EVIDENCE_GRAPH}> {{
            ?statement rdf:subject ?s ; rdf:object ?o ; prov:wasDerivedFrom ?place .
            ?place oa:hasSelector/oa:exact ?quote ; oa:hasSelector/oa:start ?start }} }}"""
    )
    assert [(r["s"], r["o"], r["quote"].value, r["start"].value) for r in rows] == [
        (A, B, "A is", "0")
    ]
    assert not graph.sparql("ASK { ?statement rdf:subject ?s }")


@pytest.mark.parametrize(
    "start",
    [
        "ASK { GRAPH <https://w3id.org/kg-rec/graph/evidence> {",
        "ASK { GRAPH ?g {",
        "ASK { GRAPH$g{",
        "ASK { graph # <urn:x>\n ?g {",
        "PREFIX g: <https://w3id.org/kg-rec/graph/evid> ASK { GRAPH g:ence {",
        "BASE <https://w3id.org/kg-rec/graph/> ASK { GRAPH <./%65vidence/../evidence> {",
        "ASK { GRAPH <https://w3id.org/kg-rec/graph/\\u0065vidence> {",
        "ASK FROM <https://w3id.org/kg-rec/graph/evidence> { {",
    ],
)
def test_evidence_is_there_however_it_is_named(graph: KnowledgeGraph, start: str) -> None:
    assert graph.sparql(start + " ?statement rdf:subject ?s } }") is True


def test_keywords_are_found_however_they_are_written(graph: KnowledgeGraph) -> None:
    for word in ("graph", "GrApH", "# '\nGraph", '?x . FILTER(?x != "\'") GRAPH'):
        wrapped = word.replace("?x .", "?s ?p ?x .")
        assert count(graph, f"{wrapped} <urn:other> {{ ?s2 ?p2 ?o2 }}") > 0


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """Give the port of a server that keeps what it is asked."""
    seen: list[str] = []

    class Keeper(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.path)
            self.send_error(500)

        do_GET = do_POST  # noqa: N815 - http.server's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Keeper)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port, seen
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "clause",
    [
        "SERVICE {}",
        "service silent {}",
        '?s ?p "\\u0022" . SERVICE {} . ?s ?q """ ',
        "?s ?p <urn:\\u0041'> . SERVICE {} . ?s ?q '' ",
        "?s movies:a\\'b ?p . SERVICE {} . ?s movies:c\\'d '' ",
        "# ?\nSERVICE{}",
        "?s ?p '#' . SERVICE {}",
        "?s ?p 1.SERVICE {}",
        'FILTER(?s < 1 || "a>" = "b") SERVICE {}',
        "BIND('''x'y''' AS ?z) SERVICE {}",
    ],
)
def test_no_other_server_is_asked(
    graph: KnowledgeGraph, listener: tuple[int, list[str]], clause: str
) -> None:
    port, seen = listener
    asked = f"<http://127.0.0.1:{port}/> {{ ?a ?b ?c }}"
    query = f"SELECT * {{ {clause.replace('{}', asked)} }}"
    with pytest.raises(DataError, match="SERVICE"):
        graph.sparql(query)
    assert not seen


def test_service_as_a_name_is_no_clause(graph: KnowledgeGraph) -> None:
    query = 'SELECT ?service { ?s ?service "SERVICE" ; <urn:SERVICE> ?o . ?s kgrec:SERVICE ?x }'
    assert graph.sparql(query) == []


def test_rows_come_while_they_are_found(graph: KnowledgeGraph) -> None:
    found = graph.dataset.ask("SELECT ?s ?x { ?s ?p ?o }")
    assert isinstance(found, Solutions)
    assert found.variables == ("s", "x")
    assert next(found.rows)[1] is None


def test_results_are_read_by_others(graph: KnowledgeGraph) -> None:
    found = graph.dataset.ask("SELECT ?s ?o ?x { GRAPH ?g { ?s <urn:p> ?o } } ORDER BY ?s ?o")
    assert isinstance(found, Solutions)
    rows = list(found.rows)
    read: Any = pyoxigraph.parse_query_results(
        results_json(found.variables, rows), pyoxigraph.QueryResultsFormat.JSON
    )
    assert [v.value for v in read.variables] == ["s", "o", "x"]
    values = [[None if t is None else t.value for t in solution] for solution in read]
    assert values == [[_value(t) for t in row] for row in rows]
    lines = list(csv.reader(io.StringIO(results_csv(found.variables, rows), newline="")))
    assert lines[0] == ["s", "o", "x"]
    assert len(lines) == len(rows) + 1


def _value(term: Any) -> str | None:
    if term is None or isinstance(term, Literal):
        return None if term is None else term.value
    return str(term).removeprefix("_:")


def test_csv_and_json_of_hostile_values() -> None:
    rows = [[Literal('a,"b"\r\n<>\x07')], [Iri("urn:x")]]
    assert [r[0] for r in csv.reader(io.StringIO(results_csv(["v"], rows), newline=""))][1:] == [
        'a,"b"\r\n<>\x07',
        "urn:x",
    ]
    bindings = json.loads(results_json(["v"], rows))["results"]["bindings"]
    assert bindings[0]["v"]["value"] == 'a,"b"\r\n<>\x07'


# --- recommendations -----------------------------------------------------------------------------


def test_which_reasons_were_given_most_often(tiny: Recommender) -> None:
    lists = [tiny.to_rdf(tiny.recommend(user, k=2), user) for user in tiny.users]
    graph = KnowledgeGraph.merged([tiny.graph, *lists])
    rows = graph.sparql(
        f"""SELECT ?label ?reason (COUNT(*) AS ?times) {{
            GRAPH <{RECOMMENDATION_GRAPH}> {{
                ?r schema:item ?item ; kgrec:contribution ?c .
                ?c schema:description ?reason ; kgrec:value ?value FILTER (?value > 0) }}
            ?item rdfs:label ?label
        }} GROUP BY ?label ?reason"""
    )
    counted = {(r["label"].value, r["reason"].value): int(r["times"].value) for r in rows}
    expected: dict[tuple[str, str], int] = {}
    for user in tiny.users:
        for item in tiny.recommend(user, k=2):
            for term in item.contributions:
                if term.value > 0:
                    key = item.label, term.text
                    expected[key] = expected.get(key, 0) + 1
    assert counted == expected
    assert expected


# --- the command ---------------------------------------------------------------------------------


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tiny_folder: Path
) -> Callable[..., tuple[int, str, str]]:
    def command(*words: object) -> tuple[int, str, str]:
        arguments = ["kg-rec", "sparql", str(tiny_folder), *map(str, words)]
        monkeypatch.setattr(sys, "argv", arguments)
        capsys.readouterr()
        code: object = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        return int(str(code)), *capsys.readouterr()

    return command


LABELS = "SELECT ?label { ?film a schema:Movie ; rdfs:label ?label } ORDER BY ?label"


def test_a_table(run: Any) -> None:
    code, out, err = run(LABELS)
    assert (code, err) == (0, "")
    assert out.split() == ["label", "Alpha", "Beta", "Delta", "Gamma"]


def test_limit_says_that_there_is_more(run: Any) -> None:
    code, out, err = run(LABELS, "--limit", 2, "--format", "csv")
    assert (code, out) == (0, "label\r\nAlpha\r\nBeta\r\n")
    assert "there are more" in err
    assert run(LABELS, "--limit", 4)[2] == ""


def test_formats_of_the_command(run: Any, tmp_path: Path) -> None:
    found = json.loads(run(LABELS, "--format", "json")[1])
    assert len(found["results"]["bindings"]) == 4
    assert json.loads(run("ASK {}", "--format", "json")[1])["boolean"] is True
    assert run("ASK { ?s ?s ?s }")[1] == "false\n"
    made = tmp_path / "made.ttl"
    made.write_text(run("CONSTRUCT WHERE { ?film schema:genre ?g }")[1], encoding="utf-8")
    assert len(KnowledgeGraph.read(made)) == 4
    assert run("CONSTRUCT WHERE { ?f schema:genre ?g }", "--format", "nt")[1].count("\n") == 4
    assert run("SELECT * { ?s ?s ?s }")[1] == "nothing is found\n"


def test_queries_of_files_and_the_input(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "q.rq"
    file.write_text(LABELS, encoding="utf-8")
    assert "Alpha" in run(f"@{file}")[1]
    monkeypatch.setattr(sys, "stdin", io.StringIO(LABELS))
    assert "Alpha" in run("-")[1]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["SELECT ?x { ?x"], "SPARQL query: error at 1:"),
        (["INSERT DATA { <urn:a> <urn:b> 1 }"], "SPARQL query: error at 1:"),
        (["@missing.rq"], "missing.rq: cannot be read: No such file"),
        (["SELECT * { ?s ?p ?o }", "--format", "ttl"], "is not one of SELECT and ASK"),
        (["CONSTRUCT WHERE { ?s ?p ?o }", "--format", "csv"], "is not one of CONSTRUCT"),
        (["SELECT * { SERVICE <urn:x> { ?s ?p ?o } }"], "SERVICE would ask another server"),
    ],
)
def test_errors_are_one_line(run: Any, words: list[str], message: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_slow_query_is_given_up(run: Any) -> None:
    # all triples with all, four times over: millions of rows
    slow = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    start = time.monotonic()
    code, _, err = run(slow, "--timeout", 0.3)
    assert code == 1
    assert "not answered within 0.3 s" in err
    assert time.monotonic() - start < 10


def test_recommendations_are_asked_on_request(run: Any) -> None:
    query = "ASK { ?list a kgrec:RecommendationList }"
    assert run(query)[1] == "false\n"
    assert run(query, "--recommendations", 1)[1] == "true\n"
