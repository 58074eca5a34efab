"""Path search against brute force and networkx, and what ``kg-rec path`` prints."""

from __future__ import annotations

import gc
import json
import math
import shutil
import subprocess
import sys
import weakref
from collections import Counter
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg_rec import DataError, Iri, KnowledgeGraph, Literal, Statement, Triple, UnknownIdError
from kg_rec.explanations.paths import Path, PathFinder, best_paths
from kg_rec.explanations.terms import ends
from kg_rec.ontology import LABEL, TYPE, USER
from kg_rec.statements import DERIVED, FACTS, USERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path as Folder


def iri(name: object) -> Iri:
    return Iri(f"urn:x:{name}")


nodes = st.integers(0, 6)
facts = st.lists(st.tuples(nodes, st.integers(0, 2), nodes), min_size=1, max_size=24)


def graph_of(found: Iterable[tuple[object, object, object]], part: str = FACTS) -> KnowledgeGraph:
    triples = (Triple(iri(f"n{s}"), iri(f"p{p}"), iri(f"n{o}")) for s, p, o in found)
    return KnowledgeGraph.from_statements(Statement(t, part=part) for t in triples)


def costs(graph: KnowledgeGraph) -> dict[frozenset[object], float]:
    """Return the least cost of a hop between two nodes, from the formula in the docs."""
    triples = [t for t in set(graph) if t.subject != t.object]
    out = Counter((t.subject, t.predicate) for t in triples)
    into = Counter((t.predicate, t.object) for t in triples)
    often = Counter(t.predicate for t in triples)
    mean = sum(often.values()) / max(len(often), 1)
    found: dict[frozenset[object], float] = {}
    for t in triples:
        cost = math.log1p(out[t.subject, t.predicate]) + math.log1p(into[t.predicate, t.object])
        cost += math.log1p(often[t.predicate] / mean)
        pair = frozenset({t.subject, t.object})
        found[pair] = min(cost, found.get(pair, math.inf))
    return found


def brute_force(graph: KnowledgeGraph, a: Iri, b: Iri, hops: int) -> list[float]:
    """Return the costs of all paths without a node twice, sorted."""
    prices = costs(graph)
    names = {n for pair in prices for n in pair}

    def walks(path: tuple[object, ...]) -> Iterator[float]:
        if path[-1] == b:
            yield math.fsum(prices[frozenset(pair)] for pair in pairwise(path))
        elif len(path) <= hops:
            for n in names - set(path):
                if frozenset({path[-1], n}) in prices:
                    yield from walks((*path, n))

    return sorted(walks((a,)))


def check(graph: KnowledgeGraph, path: Path, a: Iri, b: Iri) -> None:
    assert path.nodes[0] == a
    assert path.nodes[-1] == b
    assert len(set(path.nodes)) == len(path.nodes)
    assert all(hop.triple in graph for hop in path.hops)
    assert all(ends(x)[1] == ends(y)[0] for x, y in pairwise(path.hops))


@settings(max_examples=300, deadline=None)
@given(facts, nodes, nodes, st.integers(1, 6), st.integers(1, 5))
def test_the_k_best_as_brute_force_finds_them(
    found: list[tuple[int, int, int]], a: int, b: int, k: int, hops: int
) -> None:
    graph = graph_of([*found, (a, 0, "a"), (b, 0, "b")])
    start, end = iri(f"n{a}"), iri(f"n{b}")
    best = best_paths(graph, start, end, k, hops)
    if a == b:
        assert best == []
        return
    expected = brute_force(graph, start, end, hops)[:k]
    assert [path.cost for path in best] == pytest.approx(expected)
    assert len({path.nodes for path in best}) == len(best)
    for path in best:
        assert len(path.hops) <= hops
        check(graph, path, start, end)
    back = best_paths(graph, end, start, k, hops)
    assert [path.cost for path in back] == pytest.approx([path.cost for path in best])


@settings(max_examples=60, deadline=None)
@given(facts)
def test_the_best_path_is_that_of_networkx(found: list[tuple[int, int, int]]) -> None:
    graph = graph_of([*found, (0, 0, 1)])
    other = nx.Graph()
    other.add_weighted_edges_from((*pair, cost) for pair, cost in costs(graph).items())
    a, b = iri("n0"), iri("n1")
    ways = islice(nx.shortest_simple_paths(other, a, b, weight="weight"), 5)
    expected = [nx.path_weight(other, path, "weight") for path in ways]
    best = best_paths(graph, a, b, k=5, max_hops=10)
    assert [path.cost for path in best] == pytest.approx(expected)


def test_small_hubs_and_rare_relations_say_more() -> None:
    crowd = [(f"film{n}", "genre", "drama") for n in range(50)]
    shared = [(film, "director", "campion") for film in ("film1", "film2")]
    words = [(film, "word", "sea") for film in ("film1", "film2")]
    words += [(f"film{n}", "word", f"w{n}") for n in range(50)]
    graph = graph_of([*crowd, *shared, *words])
    best = best_paths(graph, iri("nfilm1"), iri("nfilm2"))
    assert [path.nodes[1].local_name for path in best] == ["ncampion", "nsea", "ndrama"]


def test_relations_parts_and_users() -> None:
    a, b, user, other = iri("a"), iri("b"), iri("u"), iri("v")
    up, near = iri("up"), iri("near")
    users = [Triple(u, TYPE, USER) for u in (user, other)]
    users += [Triple(user, up, a), Triple(other, up, a), Triple(other, up, b)]
    statements = [Statement(t, part=USERS) for t in users]
    statements += [Statement(Triple(b, near, a), part=DERIVED)]
    statements += [Statement(Triple(node, LABEL, Literal("same"))) for node in (a, b)]
    graph = KnowledgeGraph.from_statements(statements)
    [only] = best_paths(graph, a, b)
    assert [hop.triple.predicate for hop in only.hops] == [near]
    assert only.hops[0].reverse
    assert best_paths(graph, a, b, relations=[up]) == []
    assert best_paths(graph, a, b, without=[DERIVED]) == []
    mine = best_paths(graph, user, b)
    assert [path.nodes for path in mine] == [(user, a, b)], "not over the user's class or others"


def test_what_is_refused() -> None:
    graph = graph_of([("a", "p", "b")])
    with pytest.raises(UnknownIdError, match="unknown node 'urn:x:nope'"):
        best_paths(graph, iri("nope"), iri("na"))
    with pytest.raises(DataError, match="at least 1, found 0 and 3"):
        best_paths(graph, iri("na"), iri("nb"), k=0)


def test_what_is_searched_is_kept_with_the_graph_only() -> None:
    graph = graph_of([("a", "p", "b")])
    assert PathFinder.of(graph) is PathFinder.of(graph)
    assert PathFinder.of(graph) is not PathFinder.of(graph, without=[DERIVED])
    gone = weakref.ref(graph)
    del graph
    gc.collect()
    assert gone() is None


# --- the commands ------------------------------------------------------------------------------


def kg_rec(*arguments: object) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "kg_rec", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


def test_path_prints_words_with_hops(tiny_folder: Folder) -> None:
    assert kg_rec("path", tiny_folder, "a", "Beta", "--relation", "genre") == (
        0,
        "1. Alpha –genre→ Crime ←genre– Beta   (cost 4.97)\n",
        "",
    )
    code, out, _ = kg_rec("path", tiny_folder, "a", "beta", "--format", "json", "-k", 1)
    [found] = json.loads(out)["paths"]
    assert code == 0
    assert found["cost"] > 0
    assert set(found["hops"][0]) == {"subject", "predicate", "object", "reverse"}
    code, out, _ = kg_rec("path", tiny_folder, "a", "b", "--hops", 1, "--facts")
    assert (code, out) == (0, "no path of at most 1 hop from a to b\n")


def test_path_of_unknown_or_doubtful_names(tiny_folder: Folder) -> None:
    assert kg_rec("path", tiny_folder, "a", "Betas") == (
        1,
        "",
        "kg-rec: error: unknown node 'Betas'; did you mean 'beta', 'delta'?\n",
    )
    code, _, err = kg_rec("path", tiny_folder, "a", "b", "--relation", "nope")
    assert (code, err) == (1, "kg-rec: error: unknown relation 'nope'\n")
    code, _, err = kg_rec("path", tiny_folder, "a", "genre")
    assert code == 1
    assert "'genre' names several nodes: <http://schema.org/genre>, <" in err
    code, _, err = kg_rec("path", tiny_folder, "a", "b", "--hops", 0)
    assert code == 2


def test_why_in_the_list_and_why_not(tiny_folder: Folder) -> None:
    why = ["why", tiny_folder, "--user", "v", "--item"]
    code, out, err = kg_rec(*why, "d", "-k", 1)
    assert (code, err) == (0, "")
    assert out.startswith("Delta is at rank 1 (score ")
    assert "\nWithout Gamma it would be at rank 2, not among the first 1.\n" in out
    code, out, _ = kg_rec(*why, "b", "-k", 1)
    assert out.startswith("Beta is at rank 2")
    assert "below Delta (score" in out
    assert "Delta: in the genre Comedy\n" in out
    lines = [line.split()[0] for line in out.splitlines()[2:]]
    gap = float(out.splitlines()[1].split()[2])
    assert sum(map(float, lines)) == pytest.approx(-gap, abs=0.002)
    code, out, _ = kg_rec(*why, "d", "--over", "b")
    assert "above Beta (score" in out
    code, out, _ = kg_rec(*why, "b", "--lang", "zh", "-k", 1)
    assert out.startswith("Beta排在第2位")
    code, out, _ = kg_rec(*why, "d", "--format", "json")
    assert set(json.loads(out)) == {"user", "item", "label", "rank", "score", "without"}
    refused = kg_rec("why", tiny_folder, "--user", "v", "--item", "a")
    assert refused == (
        1,
        "",
        "kg-rec: error: 'Alpha' is in the history, which is never recommended\n",
    )


def test_mute_boost_and_feedback(tiny_folder: Folder, tmp_path: Folder) -> None:
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    ask = ["recommend", folder, "--user", "v", "--format", "json"]
    _, out, _ = kg_rec(*ask, "--mute", "genre=Crime", "--mute", "popularity")
    muted = json.loads(out)["items"]
    said = {term["text"] for item in muted for term in item["contributions"]}
    assert said
    assert not any("Crime" in text or "popular" in text for text in said)
    code, out, err = kg_rec(
        "feedback", folder, "v", "--mute", "genre=Crime", "--mute", "popularity"
    )
    assert (code, out) == (0, "")
    assert err == f"{folder}: user v: mute 'genre=Crime', 'popularity'\n"
    assert json.loads(kg_rec(*ask)[1])["items"] == muted
    code, _, err = kg_rec("feedback", folder, "v", "--verdict", "clear")
    assert err == f"{folder}: user v: clear\n"
    assert json.loads(kg_rec(*ask)[1])["items"] != muted
    code, _, err = kg_rec(*ask, "--boost", "Crim")
    assert (code, err) == (1, "kg-rec: error: unknown reason 'Crim'; did you mean 'crime'?\n")
    html = ["explain", folder, "--user", "v", "--item", "b", "--format", "html", "--mute", "genre"]
    assert kg_rec(*html)[0] == 2
