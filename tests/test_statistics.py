"""Statistics of a graph, against counting by hand and by networkx."""

from __future__ import annotations

import json
import sys
from statistics import median
from typing import TYPE_CHECKING

import networkx as nx
import pytest

from kg_rec import KnowledgeGraph, cli
from kg_rec.graph.statistics import statistics
from kg_rec.ids import SCHEMA, Iri, Literal
from kg_rec.ontology import LABEL, TYPE
from kg_rec.statements import DERIVED, USERS, Evidence, Statement, Triple

if TYPE_CHECKING:
    from pathlib import Path

    from kg_rec import Recommender

ACTOR, YEAR = SCHEMA["actor"], SCHEMA["datePublished"]


def node(name: str) -> Iri:
    return Iri(f"urn:{name}")


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    read = (Evidence("d", 0, 4, "Heat"), Evidence("d", 5, 7, "by"))
    return KnowledgeGraph.from_statements(
        [
            *(Statement(Triple(node(f), TYPE, SCHEMA["Movie"])) for f in ("heat", "up", "solo")),
            Statement(Triple(node("heat"), LABEL, Literal("Heat"))),
            Statement(Triple(node("heat"), ACTOR, node("pacino")), read),
            Statement(Triple(node("heat"), ACTOR, node("kilmer"))),
            Statement(Triple(node("up"), ACTOR, node("asner"))),
            Statement(Triple(node("up"), YEAR, Literal("2009"))),
            Statement(Triple(node("ann"), SCHEMA["likes"], node("solo")), part=USERS),
            Statement(Triple(node("heat"), node("near"), node("up")), part=DERIVED),
            Statement(Triple(node("heat"), ACTOR, node("pacino")), part="urn:other"),
        ],
        {"d": "Heat by"},
    )


def test_counts(graph: KnowledgeGraph) -> None:
    found = statistics(graph, [node("heat"), node("up"), node("solo"), node("unknown")])
    assert found.triples == 11
    assert found.parts == {"facts": 8, "users": 1, "derived": 1, "urn:other": 1}
    assert found.nodes == 8  # three films, three people, a user, a class
    assert found.literals == 2
    assert (found.evidence, found.passages, found.documents) == (1, 2, 1)
    assert [(c.label, c.nodes) for c in found.classes] == [("Movie", 3)]
    actor = next(r for r in found.relations if r.iri == ACTOR)
    assert (actor.triples, actor.subjects, actor.objects, actor.evidence) == (3, 2, 3, 1)
    assert found.coverage == (4, 2, 1, 1, 1.0)


def test_degrees_are_those_of_networkx(starter: Recommender) -> None:
    graph = starter.graph
    facts = graph.select(["facts"])
    links = nx.Graph()
    degree: dict[Iri, int] = {}
    for s, p, o in set(facts):
        if isinstance(o, Iri) and p != TYPE:
            links.add_edge(s, o)
            for end in (s, o):
                degree[end] = degree.get(end, 0) + 1
    found = statistics(graph).degrees
    assert found.nodes == links.number_of_nodes() == len(degree)
    assert found.components == nx.number_connected_components(links) > 0
    assert found.largest == max(map(len, nx.connected_components(links)))
    assert found.median == median(degree.values())
    assert found.most == max(degree.values()) == found.busiest[0][1]
    assert found.mean == pytest.approx(2 * found.links / found.nodes, abs=1e-3)


def test_nothing() -> None:
    found = statistics(KnowledgeGraph.from_statements([]))
    assert found.triples == found.degrees.nodes == found.coverage.items == 0


def test_relations_and_parts_sum_to_the_triples(starter: Recommender) -> None:
    found = statistics(starter.graph, [item.iri for item in starter.items])
    assert sum(found.parts.values()) == found.triples == len(starter.graph)
    assert sum(r.triples for r in found.relations) == len(set(starter.graph))
    assert found.coverage.items == len(starter.items)
    assert 0 < found.coverage.evidence <= found.coverage.facts <= found.coverage.items


def test_the_command(
    tiny_folder: Path,
    tiny: Recommender,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["kg-rec", "graph", str(tiny_folder), "--format", "json"])
    with pytest.raises(SystemExit):
        cli.main()
    found = json.loads(capsys.readouterr().out)
    assert found["triples"] == len(tiny.graph)
    assert found["coverage"]["items"] == 4
    monkeypatch.setattr(sys, "argv", ["kg-rec", "graph", str(tiny_folder)])
    with pytest.raises(SystemExit):
        cli.main()
    out = capsys.readouterr().out
    assert f"{len(tiny.graph):,} triples" in out
    assert "4 of 4 items have facts" in out
