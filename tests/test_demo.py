"""The demonstration as it runs: what it reads, whom it recommends what, and what it leaves."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from extraction import MOVIES, RELATIONS, key

from kg_rec import Iri, Recommender, Triple
from kg_rec.demo import RATED_USER, TASTE, TOLD_USER
from kg_rec.ids import KGREC, SCHEMA

GOLD = json.loads(
    (Path(__file__).parent / "fixtures" / "gold_facts.json").read_text(encoding="utf-8")
)


@pytest.fixture(scope="module")
def model(demo_folder: Path) -> Recommender:
    return Recommender.load(demo_folder)


def read_facts(model: Recommender, relation: str) -> set[tuple[str, str]]:
    films = {item.iri: item.id for item in model.items if item.id in GOLD["films"]}
    triples = model.graph.triples(predicate=RELATIONS[relation])
    return {
        (films[t.subject], key(model.graph.label(t.object))) for t in triples if t.subject in films
    }


@pytest.mark.parametrize(
    ("relation", "precision", "recall"),
    [
        ("director", 0.95, 0.90),
        ("actor", 0.90, 0.85),
        ("writer", 0.85, 0.75),
        ("source_author", 0.8, 0.7),
    ],
)
def test_facts_of_sixty_held_apart_films(
    model: Recommender, relation: str, precision: float, recall: float
) -> None:
    gold = {(film, key(name)) for film, facts in GOLD["films"].items() for name in facts[relation]}
    found = read_facts(model, relation)
    hits = len(gold & found)
    figures = f"{relation}: precision {hits / len(found):.3f}, recall {hits / len(gold):.3f}"
    details = f"{figures}\nwrong: {sorted(found - gold)}\nmissed: {sorted(gold - found)}"
    assert hits / len(found) >= precision, details
    assert hits / len(gold) >= recall, details


def test_a_typed_taste_gives_what_a_person_expects(model: Recommender) -> None:
    best = model.recommend(text=TASTE, k=10)
    nolan = Iri(f"{model.model.config.base_iri}Person/Christopher_Nolan")
    heist = Iri(f"{model.model.config.base_iri}Concept/heist")
    assert best[0].label == "Inception (2010)"  # the one heist film by Nolan
    for item in best[:7]:
        by_nolan = Triple(item.iri, SCHEMA["director"], nolan) in model.graph
        of_heist = Triple(item.iri, SCHEMA["about"], heist) in model.graph
        assert by_nolan or of_heist, item.label
    horror = MOVIES["Horror"]
    assert not any(Triple(item.iri, SCHEMA["genre"], horror) in model.graph for item in best)


@pytest.mark.parametrize("who", [{"user": RATED_USER}, {"user": TOLD_USER}, {"text": TASTE}])
def test_sums_hops_and_slices(model: Recommender, who: dict[str, str]) -> None:
    texts = {**model.graph.documents, "text": who.get("text", "")}
    for item in model.recommend(**who, k=10):
        total = sum(term.value for term in item.contributions)
        assert total == pytest.approx(item.score, rel=1e-6)
        for term in item.contributions:
            assert all(hop.triple in model.graph for hop in term.path)
            assert all(texts[e.document][e.start : e.end] == e.text for e in term.evidence)


def test_people_known_by_text_are_in_the_graph(model: Recommender) -> None:
    told = [f"t{n:02}" for n in range(1, 41)]
    said = {user: model.preferences(user) for user in told}
    assert all(said.values()), [user for user, found in said.items() if not found]
    dislikes = sum(p.strength < 0 for found in said.values() for p in found)
    assert dislikes >= 20
    reasons = {
        t.source.kind for u in told for r in model.recommend(u, k=1) for t in r.contributions
    }
    assert "preference" in reasons
    user = Iri(f"{model.model.config.base_iri}user/{TOLD_USER}")
    assert any(model.graph.triples(user, KGREC["likes"]))


def test_three_readers_count_the_same_triples(model: Recommender) -> None:
    content = model.graph.serialize("ttl")
    counts = {
        "graph": len({*model.graph}),
        "pyoxigraph": sum(1 for _ in ox.parse(content, format=ox.RdfFormat.TURTLE)),
        "rdflib": len(rdflib.Graph().parse(data=content, format="turtle")),
    }
    assert len(set(counts.values())) == 1, counts


N3 = """
const { Parser } = require(process.argv[1] + "/n3");
const text = require("fs").readFileSync(process.argv[2], "utf8");
console.log(new Parser({ format: "text/turtle" }).parse(text).length);
"""


@pytest.mark.skipif(
    not (shutil.which("node") and os.environ.get("KG_REC_NODE_MODULES")),
    reason="N3.js is missing: npm install n3, and KG_REC_NODE_MODULES=its node_modules folder",
)
def test_n3_counts_the_same_triples(model: Recommender, tmp_path: Path) -> None:
    file = tmp_path / "graph.ttl"
    file.write_bytes(model.graph.serialize("ttl"))
    command = ["node", "-e", N3, os.environ["KG_REC_NODE_MODULES"], str(file)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert int(said) == len({*model.graph})


@pytest.mark.skipif(
    not shutil.which("rapper"), reason="rapper is missing: apt install raptor2-utils"
)
def test_rapper_counts_the_same_triples(model: Recommender, tmp_path: Path) -> None:
    file = tmp_path / "graph.ttl"
    file.write_bytes(model.graph.serialize("ttl"))
    command = ["rapper", "-i", "turtle", "-c", str(file)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    assert f"Parsing returned {len({*model.graph})} triples" in said
