"""Graphs in and out of files of all formats, by Python and by the command convert."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
import os
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import pyoxigraph as ox
import pytest
import rdflib
from backports import zstd
from pykeen.triples import TriplesFactory

from kg_rec import (
    DataError,
    Document,
    Iri,
    KnowledgeGraph,
    Literal,
    MissingDependencyError,
    Recommender,
    Statement,
    Triple,
    cli,
)
from kg_rec.graph import FORMATS
from kg_rec.ids import OWL, PREFIXES, RDF, RDFS, SCHEMA, XSD, BlankNode
from kg_rec.io import formats

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = (Path(__file__).parents[1] / "../shared/data").resolve()
EX = "http://example.org/"
HEAT, MANN, ACTOR = Iri(f"{EX}heat"), Iri(f"{EX}mann"), SCHEMA["actor"]
LABEL = RDFS["label"]
NT = b'<http://example.org/heat> <http://schema.org/name> "Heat"@en .\n'

Run = "Callable[..., tuple[int, str]]"


@pytest.fixture
def convert(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``kg-rec convert`` in this process; returns exit code and what it says."""

    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["kg-rec", "convert", *map(str, arguments)])
        try:
            cli.main()
            code = 0
        except SystemExit as exit_:
            code = int(exit_.code or 0)
        found = capsys.readouterr()
        return code, found.out + found.err

    return run


def write(path: Path, content: bytes | str) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def source(name: str, content: bytes) -> formats.Source:
    return formats.Source(Path(f"x.{name}"), formats.FORMATS[name], content)


@pytest.fixture(scope="module")
def told() -> KnowledgeGraph:
    """A graph with parts, evidence, signs, blank nodes, and one triple in two parts."""
    text = "Heat is by Mann, not by Stone. 霸王别姬 is long."
    document, other = Document("items/heat", text), Document("users/ann b", "I hate\nHeat.")
    node = BlankNode("_:role")
    statements = [
        Statement(Triple(HEAT, LABEL, Literal("Heat", language="en"))),
        Statement(
            Triple(HEAT, SCHEMA["director"], MANN), (document.evidence(0, 15),), 0.75, "f:by"
        ),
        Statement(
            Triple(HEAT, SCHEMA["director"], Iri(f"{EX}stone")),
            (document.evidence(17, 29), document.evidence(0, 4)),
            0.5,
            "f:by",
            polarity=-1,
        ),
        Statement(Triple(HEAT, ACTOR, node)),
        Statement(Triple(node, LABEL, Literal('a "role"\n', None))),
        Statement(Triple(MANN, ACTOR, HEAT), extractor="rdf:x.ttl"),
        Statement(Triple(HEAT, ACTOR, MANN)),
        Statement(Triple(HEAT, ACTOR, MANN), part="derived", extractor="model:x"),
        Statement(
            Triple(Iri(f"{EX}ann"), SCHEMA["dislikes"], HEAT),
            (other.evidence(2, 11),),
            part="users",
            strength=0.25,
            polarity=-1,
        ),
        Statement(Triple(HEAT, SCHEMA["year"], Literal("1995", XSD["gYear"])), part=f"{EX}graph"),
    ]
    return KnowledgeGraph.from_statements(statements, {d.id: d.text for d in (document, other)})


def same(one: KnowledgeGraph, other: KnowledgeGraph) -> bool:
    """Whether two graphs hold the same statements; blank nodes are named by what they say."""
    ours, theirs = (
        KnowledgeGraph.read(source("nq", graph.serialize("nq", "evidence")))
        for graph in (one, other)
    )
    found = [
        sorted(map(str, (s.triple, s.evidence, s.confidence, s.extractor, s.part, s.strength)))
        for s in ours.statements()
        if not isinstance(s.triple.subject, BlankNode)
    ]
    return found == [
        sorted(map(str, (s.triple, s.evidence, s.confidence, s.extractor, s.part, s.strength)))
        for s in theirs.statements()
        if not isinstance(s.triple.subject, BlankNode)
    ]


# --- profiles and named graphs -------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("profile", ["evidence", "rdf12"])
def test_evidence_comes_back(told: KnowledgeGraph, name: str, profile: str) -> None:
    if profile == "rdf12" and name in {"jsonld", "rdf"}:
        with pytest.raises(DataError, match="has no triple terms"):
            told.serialize(name, profile)
        return
    if not formats.FORMATS[name].named:
        told = told.select(["facts", "users", "derived"])
    content = told.serialize(name, profile)
    back = KnowledgeGraph.read(source(name, content))
    expected = list(told.statements())
    found = {s.triple: s for s in back.statements() if s.part != "derived"}
    assert len(back) == len(told)
    for statement in expected:
        if statement.part != "derived" and not any(
            isinstance(term, BlankNode) for term in statement.triple
        ):
            assert found[statement.triple] == statement
    assert back.documents == told.documents
    assert back.serialize(name, profile) == content


def test_evidence_is_told_in_the_terms_of_the_web_annotation_model(told: KnowledgeGraph) -> None:
    graph = rdflib.Graph().parse(data=told.serialize("ttl", "evidence"), format="turtle")
    (row,) = graph.query("""
        PREFIX oa: <http://www.w3.org/ns/oa#> PREFIX prov: <http://www.w3.org/ns/prov#>
        PREFIX kgrec: <https://w3id.org/kg-rec/ns#> PREFIX schema: <http://schema.org/>
        SELECT ?quote ?start ?end ?confidence ?name WHERE {
            ?s rdf:subject <http://example.org/heat> ; rdf:object <http://example.org/mann> ;
               rdf:predicate schema:director ; kgrec:confidence ?confidence ;
               prov:wasDerivedFrom [ oa:hasSource [ schema:identifier ?name ] ;
                   oa:hasSelector [ a oa:TextPositionSelector ; oa:start ?start ; oa:end ?end ] ,
                                  [ a oa:TextQuoteSelector ; oa:exact ?quote ] ] }
    """)
    assert [value.toPython() for value in row] == ["Heat is by Mann", 0, 15, 0.75, "items/heat"]


def test_a_changed_quote_is_refused(told: KnowledgeGraph) -> None:
    content = told.serialize("ttl", "evidence").replace(
        b'oa:exact "Heat is by', b'oa:exact "It is by'
    )
    with pytest.raises(DataError, match="stands 'Heat is by Mann', but 'It is by Mann' is quoted"):
        KnowledgeGraph.read(source("ttl", content))


def test_parts_are_named_graphs(told: KnowledgeGraph) -> None:
    dataset = ox.Dataset(ox.parse(told.serialize("trig"), format=ox.RdfFormat.TRIG))
    names = {
        str(quad.graph_name).strip("<>").removeprefix("https://w3id.org/kg-rec/")
        for quad in dataset
    }
    assert names == {"graph/facts", "graph/users", "graph/derived", f"{EX}graph"}
    back = KnowledgeGraph.read(source("trig", told.serialize("trig")))
    assert back.part_names == told.part_names
    assert np.array_equal(np.bincount(back.part_codes), np.bincount(told.part_codes))


def test_other_named_graphs_stay(told: KnowledgeGraph) -> None:
    quads = list(ox.parse(told.serialize("jsonld"), format=ox.RdfFormat.JSON_LD))
    assert {str(q.graph_name) for q in quads} == {"DEFAULT", f"<{EX}graph>"}
    assert told.serialize("ttl").count(b"1995") == 1


def test_triples_about_triples_stay_without_a_profile(
    told: KnowledgeGraph, convert: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    path = write(tmp_path / "a.ttl", told.serialize("ttl", "evidence"))
    assert convert(path, "--out", tmp_path / "b.nt")[0] == 0
    lines = (tmp_path / "b.nt").read_bytes().count(b"\n")
    assert lines == len(rdflib.Graph().parse(path))
    assert convert(path, "--out", tmp_path / "c.nt", "--profile", "plain")[0] == 0
    assert (tmp_path / "c.nt").read_bytes().count(b"\n") < lines / 3
    code, said = convert(path, "--out", tmp_path / "d.nt", "--profile", "rdf12")
    assert (code, (tmp_path / "d.nt").read_bytes().count(b"<<(") > 0) == (0, True), said
    code, said = convert(tmp_path / "d.nt", "--out", tmp_path / "e.nt")
    assert (code, (tmp_path / "e.nt").exists()) == (1, False)
    assert "is no object of rdf:reifies" in said or "triple term" in said


# --- the same everywhere -------------------------------------------------------------------------


def test_one_triple_a_line_so_that_a_diff_is_readable(told: KnowledgeGraph) -> None:
    lines = told.serialize("ttl").decode().splitlines()
    added = Statement(Triple(HEAT, ACTOR, Iri(f"{EX}a")))
    more = told.with_statements([added]).serialize("ttl").decode().splitlines()
    assert len(more) == len(lines) + 1
    assert len(set(more) - set(lines)) <= 2


@pytest.mark.parametrize("name", [*FORMATS, "tsv", "graphml", "gexf", "pykeen"])
def test_the_same_graph_gives_the_same_bytes(
    told: KnowledgeGraph, name: str, tmp_path: Path
) -> None:
    again = KnowledgeGraph.from_statements(reversed(list(told.statements())), told.documents)
    paths = [tmp_path / "a", tmp_path / "b"]
    for graph, path in zip((told, again), paths, strict=True):
        graph.write(path, name)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_blank_nodes_of_files_stay_apart(tmp_path: Path) -> None:
    one = write(tmp_path / "a.nt", "_:b <urn:p> <urn:x> .\n")
    other = write(tmp_path / "b.ttl", "_:b <urn:p> <urn:x>, <urn:y> .\n")
    graph = KnowledgeGraph.read(one, other)
    assert len({t.subject for t in graph}) == 2
    assert len(KnowledgeGraph.read(one, one)) == 1
    assert list(KnowledgeGraph.read(one)) == list(KnowledgeGraph.read(one))


def rdflib_count(path: Path, name: str) -> int:
    if name not in {"nq", "trig"}:
        return len(rdflib.Graph().parse(path, format=RDFLIB[name]))
    dataset = rdflib.Dataset()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # rdflib's readers use its old names
        dataset.parse(path, format=RDFLIB[name])
    return sum(1 for _ in dataset.quads())


def readers(path: Path, name: str) -> dict[str, int]:
    """How many triples each reader that is here finds in a file."""
    counts = {
        "rdflib": rdflib_count(path, name),
        "pyoxigraph": len(set(ox.parse(path=path, format=formats.FORMATS[name].rdf))),
        "ours": len(KnowledgeGraph.read(path)),
    }
    if shutil.which("rapper") and name in RAPPER:
        command = ["rapper", "-q", "-i", RAPPER[name], "-o", "ntriples", str(path)]
        found = subprocess.run(command, check=True, capture_output=True)
        counts["rapper"] = len(set(found.stdout.splitlines()))
    modules = os.environ.get("KG_REC_NODE_MODULES")
    if modules and shutil.which("node") and name in N3:
        found = subprocess.run(
            [shutil.which("node") or "", "-e", N3_COUNT, str(path), N3[name]],
            check=True,
            capture_output=True,
            env={**os.environ, "NODE_PATH": modules},
        )
        counts["N3.js"] = int(found.stdout)
    return counts


RDFLIB = {
    "ttl": "turtle",
    "nt": "nt11",
    "jsonld": "json-ld",
    "rdf": "xml",
    "nq": "nquads",
    "trig": "trig",
}
RAPPER = {"ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml"}  # it drops the names of graphs
N3 = {"ttl": "Turtle", "nt": "N-Triples", "nq": "N-Quads", "trig": "TriG"}
N3_COUNT = """
const { Parser, Store } = require('n3')
const text = require('fs').readFileSync(process.argv[1], 'utf8')
console.log(new Store(new Parser({ format: process.argv[2] }).parse(text)).size)
"""


@pytest.mark.parametrize("name", RDFLIB)
@pytest.mark.parametrize("profile", ["plain", "evidence"])
def test_all_readers_find_the_same_number_of_triples(
    starter: Recommender, name: str, profile: str, tmp_path: Path
) -> None:
    graph = starter.graph
    path = graph.write(tmp_path / f"graph.{name}", None, profile)
    counts = readers(path, name)
    ours = counts.pop("ours")
    apart = profile == "evidence" or name in {"nq", "trig"}  # parts are kept apart
    assert ours == (len(graph) if apart else len(set(graph)))
    assert len(set(counts.values())) == 1, counts
    if profile == "plain":
        assert counts["rdflib"] == ours
    if "CI" in os.environ:
        assert len(counts) == 2 + (name in RAPPER) + (name in N3)


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["", ".gz", ".bz2", ".xz", ".zst"])
@pytest.mark.parametrize("name", ["nt", "ttl", "jsonld", "tsv"])
def test_packed_files(
    convert: Callable[..., tuple[int, str]], tmp_path: Path, name: str, end: str
) -> None:
    content = NT * 3
    path = write(tmp_path / "in.nt", content)
    out = tmp_path / f"out.{name}{end}"
    assert convert(path, "--out", out)[0] == 0
    unpack = {".gz": gzip, ".bz2": bz2, ".xz": lzma, ".zst": zstd}
    raw = out.read_bytes()
    assert b"Heat" in (unpack[end].decompress(raw) if end else raw)  # type: ignore[attr-defined]
    assert list(KnowledgeGraph.read(out)) == list(KnowledgeGraph.read(path))
    assert convert(path, "--out", out)[0] == 0
    assert out.read_bytes() == raw


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["none.nt", "--out", "o.ttl"], 1, "none.nt: cannot be read: No such file"),
        (
            ["in.nt", "--out", "o.xyz"],
            1,
            "o.xyz: unknown kind of RDF file '.xyz'; known: .ttl, .nt",
        ),
        (["in.nt", "--out", "o.hdt"], 1, "o.hdt: unknown kind of RDF file '.hdt'"),
        (
            ["in.nt", "--out", "o", "--format", "word"],
            1,
            "unknown format 'word'; can be written: ttl",
        ),
        (
            ["in.nt", "--out", "o.ttl", "--from", "word"],
            1,
            "unknown format 'word'; can be read: ttl",
        ),
        (["in.nt", "--out", "o.ttl", "--from", "ttl", "--profile", "x"], 1, "unknown profile 'x'"),
        (
            ["in.nt", "--out", "o.tsv", "--profile", "rdf12"],
            1,
            "profile 'rdf12' is for RDF, not for",
        ),
        (["bad.nt", "--out", "o.ttl"], 1, "bad.nt, line 2: "),
        (["odd.nt", "--out", "o.rdf"], 1, "RDF/XML cannot hold the predicate <urn:1>"),
        (["odd.nt", "--out", "none/o.nt"], 1, "none/o.nt: cannot be written: No such file"),
        (["in.nt"], 2, "Missing option '--out'"),
    ],
)
def test_a_convert_that_fails_leaves_nothing(
    convert: Callable[..., tuple[int, str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "in.nt", NT)
    write(tmp_path / "bad.nt", NT + b"oops .\n")
    write(tmp_path / "odd.nt", b"<urn:a> <urn:1> <urn:b> .\n")
    found, said = convert(*arguments)
    assert found == code
    assert message in said
    assert "Traceback" not in said
    assert {path.name for path in tmp_path.iterdir()} == {"in.nt", "bad.nt", "odd.nt"}


def test_an_older_file_stays_if_writing_fails(
    convert: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    odd = write(tmp_path / "odd.nt", NT + b"<urn:a> <urn:1> <urn:b> .\n")
    out = write(tmp_path / "o.rdf", "old")
    assert convert(odd, "--out", out)[0] == 1
    assert out.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"odd.nt", "o.rdf"}


def test_hdt_without_a_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("hdt", "rdflib_hdt"):
        monkeypatch.setitem(sys.modules, name, None)
    path = write(tmp_path / "g.hdt", "x")
    with pytest.raises(
        MissingDependencyError, match=r"HDT needs rdflib-hdt: pip install 'kg-rec\[hdt"
    ):
        KnowledgeGraph.read(path)


def test_zstandard_without_a_library_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'kg-rec\[zstd\]'"):
        KnowledgeGraph.read(write(tmp_path / "g.nt.zst", "x"))


# --- plain triple files --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "a b\tlikes\tc\n",
        "head\trelation\ttail\na b\tlikes\tc\n",
        "head_id:token\trelation_id:token\ttail_id:token\na b\tlikes\tc\r\n\n",
    ],
)
def test_names_become_iris_below_the_base(tmp_path: Path, content: str) -> None:
    graph = KnowledgeGraph.read(write(tmp_path / "g.tsv", content), base_iri=EX)
    assert list(graph) == [tuple(Iri(EX + name) for name in ("a%20b", "likes", "c"))]


def test_numbers_between_spaces(tmp_path: Path) -> None:
    graph = KnowledgeGraph.read(write(tmp_path / "kg.txt", "0 1 2\n2 1 0\n"), base_iri=EX)
    assert list(graph) == [tuple(Iri(EX + n) for n in row) for row in ("012", "210")]


def test_cells_may_be_iris_literals_and_blank_nodes(tmp_path: Path) -> None:
    line = 'urn:a\tschema:name\t"x\\ty"@en\n_:b\t<urn:p>\thttp://e/x\n'
    graph = KnowledgeGraph.read(write(tmp_path / "g.tsv", line))
    assert Triple(Iri("urn:a"), SCHEMA["name"], Literal("x\ty", language="en")) in graph
    assert len(list(graph.triples(None, Iri("urn:p"), Iri("http://e/x")))) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\tc\na\tb\n", "line 2: 2 cells, expected 3"),
        ("a\tb\tc\td\n", "line 1: 4 cells, expected 3"),
        ("a\tb\t\n", "line 1: an empty cell"),
        ('a\tb\t"x\n', "line 1: '\"x' is no literal of N-Triples"),
        ('"a"\tb\tc\n', "line 1: '\"a\"' or 'b' is a literal"),
        ("http://e/ a\tb\tc\n", "line 1: 'http://e/ a' is not an absolute IRI"),
        (b"a\tb\t\xff\n", "line 1: byte 0xff is not UTF-8"),
    ],
)
def test_a_broken_plain_file_is_named_with_its_line(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        KnowledgeGraph.read(write(tmp_path / "g.tsv", content))
    assert str(caught.value).startswith(f"{tmp_path}/g.tsv: {message}")


@pytest.mark.skipif(not (DATA / "lastfm-dbpedia").is_dir(), reason="lastfm-dbpedia is not here")
def test_edge_lists_become_a_graph() -> None:
    files = sorted((DATA / "lastfm-dbpedia/graphs").glob("*.edgelist"))
    graph = KnowledgeGraph.read(*files)
    lines = {(path.stem, line) for path in files for line in path.read_text().splitlines()}
    assert len(graph) == len(lines) == 110_921
    assert {t.predicate for t in graph} == {
        Iri(PREFIXES["dbo"] + p.stem.split(":")[1]) for p in files
    }
    assert KnowledgeGraph.read(source("ttl", graph.serialize("ttl"))).terms == graph.terms


# --- same nodes, languages -----------------------------------------------------------------------


def test_same_nodes_become_one(tmp_path: Path, convert: Callable[..., tuple[int, str]]) -> None:
    content = f"""
        <urn:b> <{OWL["sameAs"]}> <urn:c> . <urn:c> <{OWL["sameAs"]}> <urn:a>, _:x .
        _:x <urn:p> <urn:c> . <urn:z> <urn:p> "c" . <urn:d> <{OWL["sameAs"]}> <urn:d> .
    """
    graph = KnowledgeGraph.read(write(tmp_path / "g.ttl", content)).merge_same()
    a, p = Iri("urn:a"), Iri("urn:p")
    assert list(graph) == [Triple(a, p, a), Triple(Iri("urn:z"), p, Literal("c"))]
    preferred = KnowledgeGraph.read(tmp_path / "g.ttl").merge_same(prefer=["urn:c", "urn:b"])
    assert {t.subject for t in preferred} == {Iri("urn:c"), Iri("urn:z")}
    assert convert(tmp_path / "g.ttl", "--out", tmp_path / "o.nt", "--merge-same")[0] == 0
    assert (tmp_path / "o.nt").read_text() == '<urn:a> <urn:p> <urn:a> .\n<urn:z> <urn:p> "c" .\n'


def test_merging_keeps_evidence(told: KnowledgeGraph) -> None:
    link = Statement(Triple(MANN, OWL["sameAs"], Iri(f"{EX}a_mann")))
    merged = told.with_statements([link]).merge_same()
    (statement,) = [
        s for s in merged.statements() if s.triple.object == f"{EX}a_mann" and s.evidence
    ]
    assert [e.text for e in statement.evidence] == ["Heat is by Mann"]
    assert len(merged) == len(told)


def test_labels_by_language(tmp_path: Path, convert: Callable[..., tuple[int, str]]) -> None:
    content = f'<urn:a> <{LABEL}> "Heat"@en, "盗火线"@zh-Hans, "Hitze"@de-AT, "x" .'
    path = write(tmp_path / "g.ttl", content)
    graph = KnowledgeGraph.read(path)
    assert graph.label(Iri("urn:a"), "zh-hans") == "盗火线"
    assert graph.label(Iri("urn:a"), "fr") == graph.label(Iri("urn:a")) == "Heat"
    arguments = ("--language", "de", "--language", "EN")
    assert convert(path, "--out", tmp_path / "o.nt", *arguments)[0] == 0
    found = {str(t.object) for t in KnowledgeGraph.read(tmp_path / "o.nt")}
    assert len(found) == 3
    assert not any("zh" in text for text in found)


# --- other tools ---------------------------------------------------------------------------------


def test_pykeen_reads_the_triples_between_nodes(told: KnowledgeGraph, tmp_path: Path) -> None:
    path = told.write(tmp_path / "triples.tsv", "pykeen")
    factory = TriplesFactory.from_path(path)
    between = {t for t in told if isinstance(t.object, Iri)}
    assert factory.num_triples == len(between)
    assert HEAT in factory.entity_to_id


@pytest.mark.parametrize("name", ["graphml", "gexf"])
def test_networkx_reads_graphml_and_gexf(told: KnowledgeGraph, name: str, tmp_path: Path) -> None:
    odd = Statement(Triple(MANN, LABEL, Literal("a\x01<b>&\ufffe")))
    graph = told.with_statements([odd])
    path = graph.write(tmp_path / f"g.{name}")
    read = {"graphml": nx.read_graphml, "gexf": nx.read_gexf}[name](path)
    assert read.number_of_edges() == sum(isinstance(t.object, Iri) for t in graph)
    assert read.nodes[HEAT]["label"] == "Heat"
    assert read.nodes[MANN]["label"] == "a\ufffd<b>&\ufffd"
    assert {d["predicate"] for *_, d in read.edges(data=True)} >= {ACTOR, SCHEMA["director"]}


def test_neo4j_files(told: KnowledgeGraph, tmp_path: Path) -> None:
    typed = told.with_statements([Statement(Triple(HEAT, RDF["type"], SCHEMA["Movie"]))])
    folder = typed.write(tmp_path / "neo", "neo4j")
    assert {path.name for path in folder.iterdir()} == {
        "nodes.csv",
        "relationships.csv",
        "import.txt",
    }
    with (folder / "nodes.csv").open(encoding="utf-8", newline="") as stream:
        nodes = {row["iri:ID"]: row for row in csv.DictReader(stream)}
    assert nodes[HEAT][":LABEL"] == "Movie"
    assert nodes[HEAT]["rdfs:label:string[]"] == "Heat"
    with (folder / "relationships.csv").open(encoding="utf-8", newline="") as stream:
        edges = list(csv.DictReader(stream))
    assert {edge[":START_ID"] for edge in edges} | {
        edge[":END_ID"] for edge in edges
    } <= nodes.keys()
    assert (HEAT, MANN, "schema:director", "0.75") in {
        (e[":START_ID"], e[":END_ID"], e[":TYPE"], e["confidence:double"]) for e in edges
    }
    write(folder / "notes.txt", "mine")
    with pytest.raises(DataError, match=r"holds 'notes\.txt', which is no part of this"):
        typed.write(folder, "neo4j")


ATOMIC = {
    "d.inter": "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    "1\t10\t4\t88\n1\t11\t2.5\t89\n",
    "d.item": "item_id:token\tclass:token_seq\tname:token_seq\n"
    "10\tCrime Drama\tHeat 2\n11\t\tUp it\n",
    "d.user": "user_id:token\tage:float\tgender:token\n1\t24\tM\n",
    "d.kg": "head_id:token\trelation_id:token\ttail_id:token\nm.1\tfilm.by\tm.2\n",
    "d.link": "item_id:token\tentity_id:token\n10\tm.1\n",
}


def test_atomic_files_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    for name, content in ATOMIC.items():
        write(folder / name, content)
    graph = KnowledgeGraph.read(folder)
    (tmp_path / "out").mkdir()
    out = graph.write(tmp_path / "out/d", "recbole")
    found = {path.name: path.read_text() for path in out.iterdir()}
    assert found == ATOMIC


def test_links_make_items_and_entities_one(tmp_path: Path) -> None:
    for name, content in ATOMIC.items():
        write(tmp_path / name, content)
    graph = KnowledgeGraph.read(tmp_path, base_iri=EX).merge_same(prefer=[f"{EX}item/"])
    facts = list(graph.triples(predicate=Iri(f"{EX}relation/film.by")))
    assert facts == [Triple(Iri(f"{EX}item/10"), facts[0].predicate, Iri(f"{EX}entity/m.2"))]


def test_atomic_files_of_a_model(starter: Recommender, tmp_path: Path) -> None:
    folder = starter.graph.write(tmp_path / "films", "recbole")
    lines = {path.suffix: path.read_text().splitlines() for path in folder.iterdir()}
    events = starter.model.events.nnz
    assert lines[".inter"][0] == "user_id:token\titem_id:token\trating:float"
    assert len(lines[".inter"]) == events + 1
    linked = {line.split("\t")[1] for line in lines[".link"][1:]}
    heads = {line.split("\t")[0] for line in lines[".kg"][1:]}
    assert linked & heads
    assert all(line.count("\t") == lines[".item"][0].count("\t") for line in lines[".item"])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("d.kg", "a\tb\tc\n", "line 1: expected names and types as in 'user_id:token', found 'a'"),
        (
            "d.kg",
            "head_id:token\ttail_id:token\n",
            "line 1: no column 'relation_id'; found: head_id",
        ),
        ("d.inter", "user_id:token\titem_id:token\n1\n", "line 2: 1 cells, expected 2"),
        ("d.inter", "user_id:token\titem_id:token\n1\t\n", "line 2: no item_id"),
        ("d.item", "item_id:token\tx:float\n1\tb\n", "line 2, column 'x': 'b' is not a number"),
        ("d.user", b"user_id:token\n\xff\n", "line 2: byte 0xff is not UTF-8"),
    ],
)
def test_a_broken_atomic_file_is_named_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        KnowledgeGraph.read(write(tmp_path / name, content))
    assert str(caught.value).startswith(f"{tmp_path}/{name}: {message}")


@pytest.mark.skipif(not (DATA / "ml-100k/ml-100k.kg").is_file(), reason="ml-100k is not here")
def test_the_atomic_files_that_recbole_ships(tmp_path: Path) -> None:
    files = [DATA / f"ml-100k/ml-100k.{end}" for end in ("inter", "item", "kg", "link", "user")]
    graph = KnowledgeGraph.read(*files)
    graph.write(tmp_path / "ml-100k", "recbole")
    for path in files[:3]:
        lines = path.read_text().splitlines()
        assert len((tmp_path / "ml-100k" / path.name).read_text().splitlines()) == len(lines)
    kg = (tmp_path / "ml-100k/ml-100k.kg").read_text().splitlines()
    assert sorted(kg) == sorted(files[2].read_text().splitlines())


def test_json_ld_is_one_node_a_line(told: KnowledgeGraph) -> None:
    content = told.serialize("jsonld").decode()
    nodes = json.loads(content)
    assert content.count("\n") >= len(nodes)
    (heat,) = [node for node in nodes if node["@id"] == HEAT and "@graph" not in node]
    assert heat[LABEL] == [{"@value": "Heat", "@language": "en"}]


def test_a_graph_of_nothing(tmp_path: Path) -> None:
    empty = KnowledgeGraph.from_statements([])
    for name in [*FORMATS, "tsv", "graphml", "gexf", "pykeen"]:
        path = empty.write(tmp_path / f"g-{name}", name)
        if formats.FORMATS[name].reads:
            assert len(KnowledgeGraph.read(path, format=name)) == 0
    assert len(KnowledgeGraph.read()) == 0
    assert same(empty, KnowledgeGraph.merged([]))
