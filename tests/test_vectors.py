from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from kg_rec import Iri, KnowledgeGraph, Preference, Statement, Triple, vectors
from kg_rec.config import RankingConfig
from kg_rec.profiles import REST, ProfileBuilder, _attribute

DIRECTOR, WRITER, ABOUT = Iri("urn:director"), Iri("urn:writer"), Iri("urn:about")
WEIGHTS = {DIRECTOR: 1.0, WRITER: 0.5, ABOUT: 1.0}
ITEMS = [Iri(f"urn:film{n}") for n in range(4)]
ANN, HEIST, RARE = Iri("urn:ann"), Iri("urn:heist"), Iri("urn:rare")
FACTS = [
    (0, DIRECTOR, ANN),
    (0, WRITER, ANN),
    (1, DIRECTOR, ANN),
    (1, ABOUT, HEIST),
    (2, ABOUT, HEIST),
    (2, ABOUT, RARE),
]
LINKS = 0.02 * (np.ones((4, 4)) - np.eye(4))
CONTENT = {"facts", "similar_in_graph", "similar_in_text"}


@pytest.fixture
def ones() -> vectors.ItemVectors:
    statements = [Statement(Triple(ITEMS[row], p, o)) for row, p, o in FACTS]
    return vectors.incidence(KnowledgeGraph.from_statements(statements), ITEMS, WEIGHTS)


def test_incidence_names_its_columns(ones: vectors.ItemVectors) -> None:
    named = {
        (row, *ones.columns[column][1:]) for row, column in zip(*ones.matrix.nonzero(), strict=True)
    }
    assert named == {(row, p, o) for row, p, o in FACTS}


def test_facts_are_idf_weighted_cosines_of_all_facts(ones: vectors.ItemVectors) -> None:
    facts = vectors.weigh_facts(ones, WEIGHTS)
    dense = facts.matrix.toarray()
    every = vectors.weigh_facts(ones, WEIGHTS, min_items=1).matrix.toarray()
    assert np.linalg.norm(every, axis=1).tolist() == pytest.approx([1.0, 1.0, 1.0, 0.0])
    away = ~np.eye(4, dtype=bool)
    assert (dense @ dense.T)[away] == pytest.approx((every @ every.T)[away])
    column = facts.index[vectors.Column("facts", ABOUT, RARE)]
    assert not dense[:, column].any()  # one film only
    ann, heist = (
        facts.index[vectors.Column("facts", *c)] for c in ((DIRECTOR, ANN), (ABOUT, HEIST))
    )
    assert dense[1, ann] == pytest.approx(dense[1, heist])  # both shared by two of four


def test_stated_counts_an_entity_once_by_its_heaviest_relation(ones: vectors.ItemVectors) -> None:
    stated = vectors.weigh_stated(ones, WEIGHTS)
    dense = stated.matrix.toarray()
    ann, rare = (
        stated.index[vectors.Column("stated", vectors.ANY_RELATION, e)] for e in (ANN, RARE)
    )
    assert dense[0, ann] == dense[1, ann] == pytest.approx(np.log(3) / np.log(5))
    assert dense[2, rare] == pytest.approx(1.0)


EVENTS = sparse.csr_array([[1.0, 0.0, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 1.0, 0.0]])
"""Nobody has had the last item."""


def builder(ones: vectors.ItemVectors) -> ProfileBuilder:
    config = RankingConfig()
    share = vectors.content_weights(EVENTS.sum(axis=0), config.facts, config.facts_cold)
    close = sparse.csr_array(
        sparse.diags_array(share) @ vectors.even_links(sparse.csr_array(LINKS))
    )
    facts = vectors.count_facts(ones, WEIGHTS).rows_scaled(share)
    blocks = [facts, vectors.weigh_stated(ones, WEIGHTS)]
    blocks += [
        vectors.item_columns(name, Iri(f"urn:{name}"), ITEMS, sparse.csr_array(links))
        for name, links in (
            ("liked_with", LINKS),
            ("related", 0 * LINKS),
            ("shared_likers", 0.5 * LINKS),
            ("similar_in_graph", close * config.similar_in_graph),
            ("similar_in_text", close * config.similar_in_text),
        )
    ]
    popular = vectors.ItemVectors(sparse.csr_array(np.ones((4, 1))), (vectors.POPULARITY,))
    all_blocks = vectors.ItemVectors.join([*blocks, popular])
    labels = [(str(item), str(item)) for item in ITEMS]
    return ProfileBuilder(all_blocks, ITEMS, labels, config, vectors.Fitted.of(EVENTS))


def cells(profile, source: int, block: str, build: ProfileBuilder) -> dict[Iri, float]:  # noqa: ANN001
    row = profile.matrix[[source]].tocoo()
    columns = [build.vectors.columns[c] for c in row.col]
    return {c.object: v for c, v in zip(columns, row.data, strict=True) if c.block == block}


def test_a_like_speaks_through_facts_and_links_a_dislike_through_facts_only(
    ones: vectors.ItemVectors,
) -> None:
    build = builder(ones)
    profile = build.build({0: 1.0, 2: -0.5}, [])
    assert [s.kind for s in profile.sources] == ["history", "history", "profile", "popularity"]
    assert [s.positive for s in profile.sources[:2]] == [True, False]
    assert cells(profile, 0, "liked_with", build).keys() == {ITEMS[0]}
    assert cells(profile, 1, "liked_with", build) == {}
    assert cells(profile, 0, "facts", build)[ANN] > 0
    assert cells(profile, 1, "facts", build)[HEIST] < 0
    assert profile.known == {0, 2}


def test_history_and_rest_together_are_the_ridge_profile(ones: vectors.ItemVectors) -> None:
    """What speaks for each item is what kernel ridge regression gives it, solved densely."""
    build = builder(ones)
    config = RankingConfig()
    x = np.array([1.0, 0.0, -0.5, 0.0])
    profile = build.build({0: 1.0, 2: -0.5}, [])
    facts = vectors.count_facts(ones, WEIGHTS).matrix.toarray()
    even = config.similar_in_graph + config.similar_in_text
    kernel = facts @ facts.T + even * vectors.even_links(sparse.csr_array(LINKS)).toarray()
    target = x + config.company * LINKS @ np.maximum(x, 0.0)
    target *= np.linalg.norm(x) / np.linalg.norm(target)
    had = np.array([0, 1, 2])  # nobody has had the last item: that says nothing about it
    system = kernel[np.ix_(had, had)] + (config.ridge + even) * np.eye(3)
    alpha = np.linalg.solve(system, target[had])
    content = [n for n, c in enumerate(build.vectors.columns) if c.block in CONTENT]
    found = build.vectors.matrix[:, content] @ profile.vector[:, content].T
    share = vectors.content_weights(EVENTS.sum(axis=0), config.facts, config.facts_cold)
    expected = share * (kernel[:, had] @ alpha)
    ratio = found.toarray().ravel() / expected
    assert ratio == pytest.approx(np.full(4, ratio[0]))


def test_scores_of_many_users_are_those_of_their_profiles(ones: vectors.ItemVectors) -> None:
    build = builder(ones)
    events = sparse.csr_array([[1.0, 0.0, -0.5, 0.0], [0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    for row, dense in zip(build.scores(events), events.toarray(), strict=True):
        history = {item: value for item, value in enumerate(dense.tolist()) if value}
        vector = build.build(history, []).vector
        assert row == pytest.approx((build.vectors.matrix @ vector.T).toarray().ravel(), abs=1e-9)


def test_a_stated_like_reaches_what_goes_with_its_examples(ones: vectors.ItemVectors) -> None:
    build = builder(ones)
    profile = build.build({}, [Preference(ANN, 1.0, "Ann")])
    assert cells(profile, 0, "stated", build).keys() == {ANN}
    links = cells(profile, 0, "liked_with", build)
    assert links.keys() == {ITEMS[0], ITEMS[1]}
    assert sum(links.values()) == pytest.approx(cells(profile, 0, "stated", build)[ANN])


def test_a_stated_dislike_weighs_more_and_reaches_nothing_else(ones: vectors.ItemVectors) -> None:
    build = builder(ones)
    like = build.build({}, [Preference(HEIST, 1.0, "heist")]).matrix.toarray()
    dislike = build.build({}, [Preference(HEIST, -1.0, "heist")])
    assert cells(dislike, 0, "liked_with", build) == {}
    popularity = build.vectors.index[vectors.POPULARITY]
    stated = build.vectors.index[vectors.Column("stated", vectors.ANY_RELATION, HEIST)]
    ratio = dislike.matrix.toarray()[0, stated] / dislike.matrix.toarray()[1, popularity]
    assert ratio == pytest.approx(-3 * like[0, stated] / like[1, popularity])


def test_a_liked_item_is_history_and_not_recommended(ones: vectors.ItemVectors) -> None:
    profile = builder(ones).build({}, [Preference(ITEMS[1], 0.9, "Film 1")])
    assert profile.sources[0].kind == "preference"
    assert profile.sources[1] == REST
    assert profile.known == {1}


def test_the_profile_vector_has_length_1(ones: vectors.ItemVectors) -> None:
    profile = builder(ones).build({0: 1.0}, [Preference(HEIST, 0.5, "heist")])
    assert np.linalg.norm(profile.vector.toarray()) == pytest.approx(1.0)


def test_attribution_scales_down_what_agrees_and_drops_what_does_not() -> None:
    own = sparse.csr_array([[2.0, 1.0, -1.0], [2.0, -3.0, 0.0]])
    total = np.array([1.0, -1.0, -5.0])
    found = _attribute(own, total).toarray()
    assert found.tolist() == [[0.5, 0.0, -1.0], [0.5, -1.0, 0.0]]
