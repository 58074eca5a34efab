"""The laws of the architecture page. Each test compares two independent ways to one result."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from kg_rec import (
    Contribution,
    Document,
    Evidence,
    Iri,
    KnowledgeGraph,
    Literal,
    ModelError,
    Preference,
    Recommender,
    Statement,
    Triple,
)
from kg_rec.bundle import _MANIFEST
from kg_rec.ids import SCHEMA, XSD

if TYPE_CHECKING:
    from pathlib import Path

GENRES = ["Crime", "Comedy", "Drama", "Horror", "Sci-Fi", "Western"]
QUICK = {
    "items": {"facts": {"genre": {"relation": "genre", "separator": "|"}}},
    "interactions": {"like_at": 6},
    "embeddings": {"epochs": 0},
}
slow_data = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def random_model(seed: int, items: int = 9, users: int = 6, **config: object) -> Recommender:
    rng = np.random.default_rng(seed)
    names = [f"i{n}" for n in range(items)]
    table = pd.DataFrame(
        {
            "id": names,
            "label": [f"Film {n}" for n in names],
            "genre": [
                "|".join(rng.choice(GENRES, rng.integers(0, 4), replace=False)) for _ in names
            ],
            "director": rng.choice(["Ann", "Bo", "Cy", ""], items),
        }
    )
    events = pd.DataFrame(
        {
            "user": [f"u{n}" for n in rng.integers(0, users, users * 4)],
            "item": rng.choice(names, users * 4),
            "weight": rng.integers(1, 11, users * 4),
        }
    )
    return Recommender.fit(items=table, interactions=events, config={**QUICK, **config})


def some_profile(model: Recommender, seed: int):  # noqa: ANN201 - kg_rec.profiles.Profile
    """Return a profile with a history and stated likes and dislikes of genres and items."""
    rng = np.random.default_rng(seed)
    history = {
        int(row): float(w)
        for row, w in zip(rng.choice(9, 3, replace=False), (1, 1, -0.5), strict=True)
    }
    entities = sorted({c.object for c in model.model.vectors.block("stated").columns})
    chosen = [entities[n] for n in rng.choice(len(entities), 2, replace=False)]
    said = [Preference(chosen[0], 1.0, "one"), Preference(chosen[1], -0.8, "two")]
    said.append(Preference(model.items[int(rng.integers(9))].iri, 0.9, "an item"))
    return model._profiles.build(history, said)


@slow_data
@given(st.integers(0, 10_000))
def test_reasons_add_up(seed: int) -> None:
    model = random_model(seed)
    profile = some_profile(model, seed)
    dense = model.model.vectors.matrix.toarray() @ profile.matrix.toarray().sum(axis=0)
    for row, item in enumerate(model.items):
        terms = model._explainer.contributions(profile, row, item.iri)
        assert sum(t.value for t in terms) == pytest.approx(dense[row], rel=1e-9, abs=1e-12)
    for user in model.users:
        found = model.recommend(user, k=9)
        assert [r.rank for r in found] == list(range(1, len(found) + 1))
        assert found == sorted(found, key=lambda r: (-r.score, r.item))
        for best in found:
            total = sum(term.value for term in best.contributions)
            assert total == pytest.approx(best.score, rel=1e-9, abs=1e-12)


@slow_data
@given(st.integers(0, 10_000))
def test_every_hop_is_in_the_graph_and_joins_source_to_item(seed: int) -> None:
    model = random_model(seed)
    profile = some_profile(model, seed)
    for row, item in enumerate(model.items):
        for term in model._explainer.contributions(profile, row, item.iri):
            assert_path(model.graph, term, item.iri)


def assert_path(graph: KnowledgeGraph, term: Contribution, item: Iri) -> None:
    if term.source.kind == "popularity":
        assert term.path == ()
        return
    assert all(hop.triple in graph for hop in term.path)
    here = term.source.iri
    for hop in term.path:
        start, end = hop.triple.subject, hop.triple.object
        if hop.reverse:
            start, end = end, start
        assert here in {start, None}
        here = end
    assert here == item


@slow_data
@given(st.integers(0, 10_000))
def test_removing_a_reason_changes_the_score_by_its_value(seed: int) -> None:
    model = random_model(seed)
    profile = some_profile(model, seed)
    vectors = model.model.vectors.matrix.toarray()
    for row, item in enumerate(model.items):
        terms = model._explainer.contributions(profile, row, item.iri)
        before = vectors[row] @ profile.matrix.toarray().sum(axis=0)
        for number, source in enumerate(profile.sources):
            without = profile.matrix.toarray()
            without[number] = 0.0
            after = vectors[row] @ without.sum(axis=0)
            value = sum(t.value for t in terms if t.source == source)
            assert before - after == pytest.approx(value, rel=1e-9, abs=1e-12)


def test_evidence_is_the_slice(starter: Recommender) -> None:
    read = [s for s in starter.graph.statements() if s.evidence]
    assert len(read) > 20
    for statement in read:
        for e in statement.evidence:
            assert starter.graph.documents[e.document][e.start : e.end] == e.text
            assert e.text.strip()
    taste = "I love heist films by Ada Quill but I hate horror"
    documents = {**starter.graph.documents, "text": taste}
    terms = [t for r in starter.recommend(text=taste) for t in r.contributions]
    assert any(e.document == "text" for t in terms for e in t.evidence)
    for e in (e for t in terms for e in t.evidence):
        assert documents[e.document][e.start : e.end] == e.text


def test_evidence_that_is_not_the_slice_is_refused() -> None:
    document = Document("d", "Directed by Ann")
    fact = Triple(Iri("urn:a"), Iri("urn:director"), Iri("urn:ann"))
    good = Statement(fact, (document.evidence(0, 8),))
    assert (
        KnowledgeGraph.from_statements([good], {"d": document.text}).evidence(fact) == good.evidence
    )
    shifted = Statement(fact, (Evidence("d", 1, 9, "Directed"),))
    with pytest.raises(ValueError, match="1:9 of document 'd' is 'Directed'"):
        KnowledgeGraph.from_statements([shifted], {"d": document.text})


iris = st.one_of(
    st.integers(0, 3).map(lambda n: Iri(f"http://example.org/é/{n}")),
    st.sampled_from(["R.I.P.D.", "a'b", "x-1", "(y)", "-", "1", "z&b"]).map(SCHEMA.__getitem__),
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
literals = st.one_of(
    texts.map(Literal),
    st.builds(Literal, texts, st.none(), st.sampled_from(["en", "zh", "de-at"])),
    st.integers().map(lambda n: Literal(str(n), XSD["integer"])),
)
triples = st.lists(st.builds(Triple, iris, iris, st.one_of(iris, literals)), max_size=12)


@settings(max_examples=60, deadline=None)
@given(triples)
def test_views_agree(facts: list[Triple]) -> None:
    graph = KnowledgeGraph.from_statements(Statement(t) for t in facts)
    expected = set(facts)
    assert set(graph) == expected
    assert len(graph.to_rdflib()) == len(expected)
    network = graph.to_networkx()
    assert {Triple(s, p, o) for s, o, p in network.edges(keys=True)} == expected
    by_predicate = {
        Triple(graph.terms[s], p, graph.terms[o])
        for p in {t.predicate for t in expected}
        for s, o in zip(*graph.adjacency(p).nonzero(), strict=True)
    }
    assert by_predicate == expected
    assert graph.adjacency().sum() == len(expected)
    if expected:
        factory = graph.to_pykeen()
        named = {t: str(t) if isinstance(t, Iri) else _nt(t) for f in expected for t in f}
        labels = {tuple(row) for row in factory.triples.tolist()}
        assert labels == {tuple(named[term] for term in triple) for triple in expected}


def _nt(literal: Literal) -> str:
    datatype = ox.NamedNode(literal.datatype) if literal.datatype else None
    return str(ox.Literal(literal.value, datatype=datatype, language=literal.language))


@settings(max_examples=40, deadline=None)
@given(triples, st.sampled_from(["ttl", "nt", "jsonld"]))
def test_export_then_import_gives_the_same_graph(facts: list[Triple], kind: str) -> None:
    graph = KnowledgeGraph.from_statements(Statement(t) for t in facts)
    content = graph.serialize(kind)
    names = {"ttl": "turtle", "nt": "nt", "jsonld": "json-ld"}
    read = rdflib.Graph().parse(data=content, format=names[kind])
    assert isomorphic(read, graph.to_rdflib())
    assert content == KnowledgeGraph.from_statements(
        Statement(t) for t in reversed(facts)
    ).serialize(kind)


SAVE = """
import sys
from test_laws import random_model
random_model(3, embeddings={"epochs": 20, "dimension": 8}).save(sys.argv[1])
"""


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """Two processes with other hash seeds and numbers of threads write the same model."""
    for name, hash_seed, threads in (("a", "1", "1"), ("b", "2", "2")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "OMP_NUM_THREADS": threads,
            "PYTHONPATH": os.path.dirname(__file__),  # noqa: PTH120 - a plain string
        }
        subprocess.run(
            [sys.executable, "-c", SAVE, str(tmp_path / name)], env=environment, check=True
        )
    files = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert _MANIFEST in files
    for name in files:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.system, ("touch exploded",))


def test_a_model_executes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle in the arrays is refused, even when the checksums are made to fit."""
    import hashlib  # noqa: PLC0415
    import json  # noqa: PLC0415

    monkeypatch.chdir(tmp_path)
    folder = random_model(0).save(tmp_path / "model")
    archive = folder / "arrays.npz"
    with np.load(archive) as arrays:
        kept = dict(arrays)
    np.savez(archive, **{**kept, "nodes": np.array([Bomb()], dtype=object)})
    manifest = json.loads((folder / _MANIFEST).read_text())
    manifest["sha256"]["arrays.npz"] = hashlib.sha256(archive.read_bytes()).hexdigest()
    (folder / _MANIFEST).write_text(json.dumps(manifest))
    assert "nodes.npy" in zipfile.ZipFile(archive).namelist()
    with pytest.raises(ModelError, match="Object arrays cannot be loaded"):
        Recommender.load(folder)
    assert not (tmp_path / "exploded").exists()
