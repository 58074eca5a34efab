"""The W3C test suites of RDF 1.1 and JSON-LD 1.1 (toRdf), run through our reader and writers.

    python tests/benchmarks/w3c.py DATA

DATA holds ``rdf-tests/rdf11`` (https://github.com/w3c/rdf-tests) and ``jsonld-tests``
(https://github.com/w3c/json-ld-api, folder ``tests``). Prints a table, and every test that does not
pass with its reason.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox
import rdflib
from rdflib.collection import Collection
from rdflib.namespace import RDF, Namespace

from kg_rec import DataError, DataWarning, KnowledgeGraph
from kg_rec.ids import BlankNode, Iri, to_oxigraph
from kg_rec.io.formats import FORMATS, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SUITES = {
    "rdf-turtle": "ttl",
    "rdf-n-triples": "nt",
    "rdf-n-quads": "nq",
    "rdf-trig": "trig",
    "rdf-xml": "rdf",
}
ROUND_TRIPS = ("ttl", "nt", "nq", "trig", "jsonld", "rdf")
JSONLD_BASE = "https://w3c.github.io/json-ld-api/tests/"


@dataclass(frozen=True)
class Case:
    """A test: its suite and name, its kind, what is read, and the graph that is expected."""

    suite: str
    name: str
    kind: str
    source: Source
    base: str
    expected: Path | None = None
    options: dict[str, Any] = field(default_factory=dict)


def cases(data: Path) -> list[Case]:
    """Return the tests of all suites."""
    found = [case for suite in SUITES for case in rdf_cases(data / "rdf-tests/rdf11" / suite)]
    return [*found, *jsonld_cases(data / "jsonld-tests")]


def rdf_cases(folder: Path) -> Iterator[Case]:
    """Yield the tests of a manifest."""
    home = f"https://w3c.github.io/rdf-tests/rdf/rdf11/{folder.name}/"
    manifest = rdflib.Graph().parse(folder / "manifest.ttl", publicID=f"{home}manifest.ttl")
    (entries,) = manifest.objects(None, MF.entries)
    for test in Collection(manifest, entries):
        kind = str(manifest.value(test, RDF.type)).split("#Test")[-1]
        action = str(manifest.value(test, MF.action)).removeprefix(home)
        result = manifest.value(test, MF.result)
        expected = folder / str(result).removeprefix(home) if result is not None else None
        source = Source(folder / action, FORMATS[SUITES[folder.name]])
        name = str(test).split("#")[-1]
        yield Case(folder.name, name, _kind(kind), source, f"{home}{action}", expected)


def _kind(name: str) -> str:
    if "Negative" in name:
        return "negative"
    return "evaluation" if name.endswith("Eval") else "syntax"


def jsonld_cases(folder: Path) -> Iterator[Case]:
    """Yield the tests of JSON-LD to RDF."""
    manifest = json.loads((folder / "toRdf-manifest.jsonld").read_text(encoding="utf-8"))
    for test in manifest["sequence"]:
        kind = test["@type"][0].removeprefix("jld:")
        options = test.get("option", {})
        base = options.get("base", JSONLD_BASE + test["input"])
        expected = folder / test["expect"] if "expect" in test else None
        source = Source(folder / test["input"], FORMATS["jsonld"])
        name = test["@id"].removeprefix("#")
        yield Case("jsonld-toRdf", name, _kind(_jsonld_kind(kind)), source, base, expected, options)


def _jsonld_kind(kind: str) -> str:
    return f"{kind}Eval" if kind == "PositiveEvaluationTest" else kind


def read(case: Case) -> KnowledgeGraph:
    """Read the graph of a test as it is: no part, no evidence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # of triples that JSON-LD leaves out
        return KnowledgeGraph.read(case.source, resolve=case.base, part="", evidence=False)


def skipped(case: Case) -> str:
    """Return why a test is not for us; empty if it is."""
    if "json-ld-1.0" in {case.options.get(key) for key in ("specVersion", "processingMode")}:
        return "for processors of JSON-LD 1.0; ours reads 1.1"
    if case.options.get("produceGeneralizedRdf"):
        return "generalized RDF: blank nodes as predicates are no RDF"
    if "rdfDirection" in case.options:
        return "base directions as datatypes or nodes, for which there is no option"
    if "expandContext" in case.options:
        return "a context given beside the file, for which there is no option"
    return ""


def outcome(case: Case) -> str:
    """Return ``passed``, or what went wrong."""
    if reason := skipped(case):
        return f"skipped: {reason}"
    try:
        graph = read(case)
    except DataError as error:
        if case.kind != "negative":
            return f"refused: {error}"
        return "passed" if str(case.source.path) in str(error) else f"names no file: {error}"
    if case.kind == "negative":
        return "read, though it is wrong"
    if case.expected is None or case.kind == "syntax":
        return "passed"
    expected = ox.parse(path=case.expected, format=_format(case.expected), base_iri=case.base)
    return "passed" if isomorphic(dataset(graph), set(expected)) else "another graph than expected"


def _format(path: Path) -> ox.RdfFormat:
    return ox.RdfFormat.N_QUADS if path.suffix == ".nq" else ox.RdfFormat.N_TRIPLES


def dataset(graph: KnowledgeGraph, *, named: bool = True) -> set[ox.Quad]:
    """Return the quads of a graph; own parts, and all if asked for, are the default graph."""
    return {
        ox.Quad(*map(to_oxigraph, statement.triple), _graph_name(statement.part if named else ""))
        for statement in graph.statements()
    }


def _graph_name(part: str) -> Any:
    if part in {"", "facts", "users", "derived"}:
        return ox.DefaultGraph()
    return to_oxigraph(BlankNode(part) if part.startswith("_:") else Iri(part))


def isomorphic(one: set[ox.Quad], other: set[ox.Quad]) -> bool:
    """Return whether two datasets differ in labels of blank nodes at most."""
    if len(one) != len(other):
        return False
    pair = ox.Dataset(one), ox.Dataset(other)
    for each in pair:
        each.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return pair[0] == pair[1]


def round_trip(graph: KnowledgeGraph, name: str) -> str:
    """Write a graph in a format and return whether it comes back: to us and to pyoxigraph."""
    try:
        content = graph.serialize(name, named=False)
    except DataError as error:
        return str(error)
    named = FORMATS[name].named
    back = KnowledgeGraph.read(Source(Path("out"), FORMATS[name], content), part="", evidence=False)
    expected = dataset(graph, named=named)
    if not isomorphic(dataset(back), expected):
        return "another graph comes back"
    theirs = set(ox.parse(content, format=FORMATS[name].rdf))
    return "passed" if isomorphic(theirs, expected) else "pyoxigraph reads another graph"


def main() -> None:
    """Print the table."""
    found = cases(Path(sys.argv[1]))
    results = [(case, outcome(case)) for case in found]
    counts = Counter((case.suite, case.kind, result == "passed") for case, result in results)
    print("| suite | kind | passed | not passed |\n|---|---|---|---|")
    for suite, kind in sorted({(case.suite, case.kind) for case in found}):
        print(f"| {suite} | {kind} | {counts[suite, kind, True]} | {counts[suite, kind, False]} |")
    for case, result in results:
        if result != "passed":
            print(f"{case.suite} {case.name} ({case.kind}): {result}")
    backs: Counter[tuple[str, str]] = Counter()
    for case in found:
        if case.kind == "evaluation":
            try:
                graph = read(case)
            except DataError:
                continue
            for name in ROUND_TRIPS:
                backs[name, round_trip(graph, name)] += 1
    for (name, result), count in sorted(backs.items()):
        print(f"round trip {name}: {count} {result}")


if __name__ == "__main__":
    main()
