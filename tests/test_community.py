"""Friends: what they chose is a reason, named, exact, and more of one for those who did little."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from kg_rec import Iri, KnowledgeGraph, Recommender, Statement, Triple
from kg_rec.community import BLOCK, friend_path, friend_weights, friendships, liked_by
from kg_rec.config import Config
from kg_rec.ids import KGREC, SCHEMA, mint
from kg_rec.ontology.acts import FOAF_KNOWS, KNOWS
from kg_rec.statements import USERS
from kg_rec.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Fit = Callable[..., Recommender]

BASE = Config().base_iri
EVENTS = pd.DataFrame(
    {
        "user": ["u", "v", "v", "w", "w", "w"],
        "item": ["a", "a", "c", "d", "a", "b"],
        "kind": ["view", "purchase", "view", "rating", "rating", "view"],
        "weight": [1, 1, 1, 9, 2, 1],
    }
)
FRIENDS = pd.DataFrame({"user": ["u", "u", "x"], "friend": ["v", "w", "w"], "weight": [1, 2, 1]})
LIKE_AT = {"interactions": {"like_at": 5}}


def user(name: str) -> Iri:
    return mint(BASE, "user", name)


@pytest.fixture(scope="module")
def model() -> Recommender:
    items = pd.DataFrame({"id": list("abcd"), "genre": ["Crime", "Crime", "Comedy", "Comedy"]})
    config = {"embeddings": {"epochs": 0}, **LIKE_AT, "friends": {"named": True}}
    return Recommender.fit(items, interactions=EVENTS, friends=FRIENDS, config=config)


# --- arrays ----------------------------------------------------------------------------------


def test_friendships_are_read_from_any_part_of_a_graph() -> None:
    u, v, w = user("u"), user("v"), user("w")
    told = [
        Statement(Triple(u, KNOWS, v), part=USERS, strength=0.5),
        Statement(Triple(u, FOAF_KNOWS, v)),
        Statement(Triple(v, FOAF_KNOWS, w)),
        Statement(Triple(w, KNOWS, w)),
        Statement(Triple(w, KNOWS, user("stranger"))),
    ]
    found = friendships(KnowledgeGraph.from_statements(told), [u, v, w, user("nowhere")])
    expected = np.zeros((4, 4))
    expected[0, 1] = expected[1, 2] = 1.0
    assert found.toarray().tolist() == expected.tolist()


matrices = st.integers(0, 10_000)


@settings(deadline=None)
@given(matrices)
def test_friends_count_by_their_weight_and_shared_taste(seed: int) -> None:
    rng = np.random.default_rng(seed)
    events = rng.integers(-1, 3, (5, 6)) * rng.integers(0, 2, (5, 6)) * 1.0
    knows = rng.random((5, 5)) * rng.integers(0, 2, (5, 5))
    np.fill_diagonal(knows, 0.0)
    likes = events.clip(min=0.0)
    names = [user(str(n)) for n in range(5)]
    block = liked_by(sparse.csr_array(likes), sparse.csr_array(knows), names)
    chosen = [names.index(column.object) for column in block.columns]
    assert chosen == [f for f in range(5) if knows[:, f].any() and likes[f].any()]
    found = friend_weights(
        sparse.csr_array(knows[:, chosen]), sparse.csr_array(events), block.matrix
    ).toarray()
    for u in range(5):
        weights = []
        for f in chosen:
            both = np.linalg.norm(likes[u]) * np.linalg.norm(likes[f])
            cosine = likes[u] @ likes[f] / both if both else 0.0
            weights.append(knows[u, f] * (1 + 10 * cosine))
        length = np.linalg.norm(weights)
        expected = np.array(weights) / length if length else np.array(weights)
        assert found[u] == pytest.approx(expected, abs=1e-12)
    columns = block.matrix.toarray()
    assert np.linalg.norm(columns, axis=0) == pytest.approx(np.ones(len(chosen)))


# --- recommending ----------------------------------------------------------------------------


def test_a_friend_is_a_reason_and_its_path_goes_over_the_friend(model: Recommender) -> None:
    best = model.recommend("x", k=1)[0]
    assert best.item == "d"
    (term,) = [c for c in best.contributions if c.source.kind == "community"]
    assert (term.source.id, term.text) == ("w", "liked by w, whom you know")
    item = mint(BASE, "item", "d")
    hops = [(hop.triple, hop.reverse) for hop in term.path]
    assert hops == [
        ((user("x"), SCHEMA["knows"], user("w")), False),
        ((user("w"), KGREC["ratedUp"], item), False),
    ]
    assert all(triple in model.graph for triple, _ in hops)
    assert term.value == max(c.value for c in best.contributions)


def test_what_the_friend_did_is_said_as_it_was(model: Recommender) -> None:
    texts = {
        c.text
        for r in model.recommend("u", k=4)
        for c in r.contributions
        if c.source.kind == "community"
    }
    assert texts == {"viewed by v, whom you know", "liked by w, whom you know"} | {
        "viewed by w, whom you know"
    }
    assert model.explain("c", "u", language="zh").contributions[0].text.startswith("v看过")


def test_what_a_friend_rated_low_is_no_reason(model: Recommender) -> None:
    terms = model.explain("a", "x").contributions
    assert not [c for c in terms if c.source.kind == "community"]


def test_the_surest_sign_is_the_path() -> None:
    u, v, item = user("u"), user("v"), Iri("urn:item")
    told = [
        Statement(Triple(u, FOAF_KNOWS, v)),
        Statement(Triple(v, KGREC["viewed"], item), part=USERS, strength=0.2),
        Statement(Triple(v, KGREC["purchased"], item), part=USERS, strength=0.8),
    ]
    graph = KnowledgeGraph.from_statements(told)
    path = friend_path(graph, u, v, item)
    assert path == ((u, FOAF_KNOWS, v), (v, KGREC["purchased"], item))
    assert friend_path(graph, None, v, item) == path[1:]


small = settings(max_examples=20, deadline=None)


@small
@given(matrices)
def test_reasons_add_up_and_lists_of_many_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    items = [f"i{n}" for n in range(8)]
    table = pd.DataFrame({"id": items, "genre": rng.choice(["Crime", "Comedy", "Drama"], 8)})
    users = [f"u{n}" for n in range(6)]
    events = pd.DataFrame({"user": rng.choice(users, 15), "item": rng.choice(items, 15)})
    pairs = {(a, b) for a, b in rng.choice(users, (9, 2)).tolist() if a != b}
    known = pd.DataFrame(sorted(pairs), columns=["user", "friend"])
    config = {"embeddings": {"epochs": 0}}
    model = Recommender.fit(table, interactions=events, friends=known, config=config)
    lists = model.rank(k=4)
    for number, name in enumerate(model.users):
        profile = model.profile(name)
        dense = model.model.vectors.matrix @ np.asarray(profile.matrix.sum(axis=0))
        found = model.recommend(name, k=4)
        for place, best in enumerate(found):
            row = [item.id for item in model.items].index(best.item)
            total = sum(c.value for c in best.contributions)
            assert total == pytest.approx(best.score, rel=1e-9, abs=1e-12)
            assert dense[row] == pytest.approx(best.score, rel=1e-5, abs=1e-6)
            assert lists.scores[number, place] == pytest.approx(best.score, rel=1e-5, abs=1e-6)


def test_a_hidden_friend_is_named_nowhere(fit: Fit) -> None:
    hidden = fit(interactions=EVENTS, friends=FRIENDS, config=LIKE_AT)
    terms = [c for r in hidden.recommend("u", k=4) for c in r.contributions]
    friends = [c for c in terms if c.source.kind == "community"]
    assert {c.source.id for c in friends} == {"friend-1", "friend-2"}
    assert {c.text for c in friends} == {"chosen by a friend of yours"}
    assert all(c.path == () and c.source.iri is None for c in friends)
    told = hidden.to_rdf(hidden.recommend("u", k=4), "u").serialize("nt").decode()
    assert user("v") not in told
    assert user("w") not in told
    page = hidden.report("u", k=4)
    assert user("v") not in page


def test_a_list_with_friends_is_valid_rdf(model: Recommender) -> None:
    graph = model.to_rdf(model.recommend("u", k=4), "u")
    assert validate(graph).violations == ()
    assert KGREC["Community"] in {t.object for t in graph.triples(predicate=KGREC["sourceKind"])}


def test_a_model_keeps_friends(model: Recommender, tmp_path: Path) -> None:
    again = Recommender.load(model.save(tmp_path / "model"))
    for name in model.users:
        assert again.recommend(name, k=3) == model.recommend(name, k=3)


def test_without_friends_or_weight_there_are_no_columns(fit: Fit) -> None:
    events = EVENTS[["user", "item"]]
    assert not fit(interactions=events).model.vectors.block(BLOCK).columns
    off = fit(interactions=events, friends=FRIENDS, config={"ranking": {"community": 0}})
    assert not off.model.vectors.block(BLOCK).columns
    assert not [c for c in off.recommend("u")[0].contributions if c.source.kind == "community"]


def test_friends_may_come_with_rdf(fit: Fit, tmp_path: Path) -> None:
    path = tmp_path / "friends.ttl"
    path.write_text(f"<{user('u')}> <{FOAF_KNOWS}> <{user('v')}> .")
    found = fit(interactions=EVENTS[["user", "item"]], graph=path)
    assert {c.object for c in found.model.vectors.block(BLOCK).columns} == {user("v")}
