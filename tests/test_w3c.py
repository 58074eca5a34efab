"""The W3C suites: each test passes or is skipped for a reason that is named."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import w3c

from kg_rec import DataError, KnowledgeGraph
from kg_rec.io.formats import FORMATS, Source

DATA = Path(__file__).parents[1] / "../shared/data"

needs_data = pytest.mark.skipif(
    not (DATA / "rdf-tests/rdf11").is_dir(), reason="the W3C suites (../shared/data) are not here"
)


@pytest.fixture(scope="module")
def results() -> list[tuple[w3c.Case, str]]:
    return [(case, w3c.outcome(case)) for case in w3c.cases(DATA.resolve())]


@needs_data
def test_each_test_passes_or_is_skipped_for_a_reason(results: list[tuple[w3c.Case, str]]) -> None:
    failed = [(c.suite, c.name, r) for c, r in results if r != "passed" and "skipped: " not in r]
    assert failed == []


@needs_data
def test_the_suites_are_whole(results: list[tuple[w3c.Case, str]]) -> None:
    """As many tests as W3C lists, and few are skipped."""
    assert Counter(case.suite for case, _ in results) == {
        "rdf-turtle": 313,
        "rdf-n-triples": 70,
        "rdf-n-quads": 87,
        "rdf-trig": 356,
        "rdf-xml": 166,
        "jsonld-toRdf": 467,
    }
    skipped = Counter(r for _, r in results if r != "passed")
    assert sorted(skipped.values()) == [1, 4, 19]
    assert all(case.suite == "jsonld-toRdf" for case, r in results if r != "passed")


@needs_data
def test_errors_name_the_line_and_the_reason(results: list[tuple[w3c.Case, str]]) -> None:
    for case, _ in results:
        if case.kind == "negative" and case.suite != "jsonld-toRdf":
            with pytest.raises(DataError, match=r"(, line \d+: )?.{15}") as caught:
                w3c.read(case)
            has_line = ", line " in str(caught.value)
            # what RDF/XML forbids beyond XML is found without a place
            assert has_line or case.suite == "rdf-xml", case.name


@needs_data
@pytest.mark.parametrize("name", w3c.ROUND_TRIPS)
def test_round_trips(name: str, results: list[tuple[w3c.Case, str]]) -> None:
    """What we write of each graph comes back, to us and to pyoxigraph."""
    graphs = [w3c.read(c) for c, r in results if c.kind == "evaluation" and r == "passed"]
    assert len(graphs) > 700
    found = Counter(w3c.round_trip(graph, name) for graph in graphs)
    others = {result for result in found if result != "passed"}
    if name == "rdf":
        assert all(result.startswith("RDF/XML cannot hold") for result in others)
        assert sum(found[result] for result in others) == 28
    else:
        assert others == set()


def test_the_harness_sees_a_wrong_graph() -> None:
    """The comparison is no rubber stamp."""
    source = Source(Path("x.ttl"), FORMATS["ttl"], b"<urn:a> <urn:p> [ <urn:q> 1 ] .")
    graph = KnowledgeGraph.read(source)
    other = Source(Path("x.ttl"), FORMATS["ttl"], b"<urn:a> <urn:p> [ <urn:q> 2 ] .")
    assert w3c.isomorphic(w3c.dataset(graph), w3c.dataset(graph))
    assert not w3c.isomorphic(w3c.dataset(graph), w3c.dataset(KnowledgeGraph.read(other)))
