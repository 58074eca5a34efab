"""Contributions made when asked for, what-if questions, muted and boosted reasons, words."""

from __future__ import annotations

import copy
import os
import pickle
import re
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse
from test_laws import random_model, some_profile

from kg_rec import DataError, Preference, Recommender, UnknownIdError
from kg_rec.explanations import Contribution, Contributions
from kg_rec.explanations.counterfactuals import Person, Rescorer
from kg_rec.explanations.explainer import FACT_BLOCKS
from kg_rec.explanations.quotes import quote
from kg_rec.explanations.terms import ends
from kg_rec.explanations.tuning import Wishes
from kg_rec.explanations.words import PHRASES
from kg_rec.ontology import SIMILAR_IN_TEXT
from kg_rec.profiles import Profile
from kg_rec.report.language import Words
from kg_rec.report.shown import Explanation
from kg_rec.vectors import ANY_RELATION

if TYPE_CHECKING:
    from kg_rec.model import CatalogueItem

slow_data = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@cache
def model_of(seed: int) -> Recommender:
    """Return a small model; no test changes it."""
    return random_model(seed)


# --- contributions -----------------------------------------------------------------------------


def test_contributions_are_like_a_tuple() -> None:
    model = model_of(1)
    terms = model.recommend("u1", k=1)[0].contributions
    assert isinstance(terms, Contributions)
    plain = tuple(terms)
    assert terms == plain
    assert plain == tuple(model.recommend("u1", k=1)[0].contributions)
    assert hash(terms) == hash(plain)
    assert terms[0] is terms[-len(terms)]
    assert terms[:2] == plain[:2]
    assert list(reversed(terms)) == list(reversed(plain))
    assert plain[0] in terms
    assert terms != plain[:-1]
    with pytest.raises(IndexError):
        terms[len(terms)]
    with pytest.raises(AttributeError, match="does not change: 'value'"):
        terms[0].value = 1.0


def test_copies_of_contributions_leave_the_model_behind() -> None:
    terms = model_of(1).recommend("u1", k=1)[0].contributions
    for other in (copy.deepcopy(terms), pickle.loads(pickle.dumps(terms))):  # noqa: S301 - ours
        assert other == terms
        assert [c.text for c in other] == [c.text for c in terms]
    assert b"Explainer" not in pickle.dumps(terms)


def by_hand(c: Contribution) -> Contribution:
    return Contribution(c.value, c.source, c.path, c.fact, c.other, c.tie, c.evidence)


@slow_data
@given(st.integers(0, 10_000))
def test_kinds_are_those_that_the_path_tells(seed: int) -> None:
    """What a term is about is told by its column, and by its path where that is all there is."""
    model = model_of(seed % 5)
    profile = some_profile(model, seed)
    for row, item in enumerate(model.items):
        for term in model._explainer.contributions(profile, row, item.iri):
            assert by_hand(term) == term
            assert by_hand(term).kind == term.kind
            if term.kind != "preference":
                assert by_hand(term).about == term.about


# --- counterfactuals ---------------------------------------------------------------------------


def person_of(model: Recommender, seed: int) -> Person:
    rng = np.random.default_rng(seed)
    rows = rng.choice(9, int(rng.integers(1, 5)), replace=False)
    events = {int(row): float(rng.choice([1.0, 1.0, -0.5])) for row in rows}
    stated = sorted({c.object for c in model.model.vectors.block("stated").columns})
    said = [Preference(entity, 1.0, str(entity)) for entity in stated[: int(rng.integers(0, 3))]]
    said.append(Preference(model.items[int(rng.integers(9))].iri, 0.8, "an item"))
    return Person(events, said)


def smallest_by_hand(model: Recommender, person: Person, item: CatalogueItem, k: int) -> int | None:
    """Return the size of the smallest set, by building every profile and ranking every item."""
    index = {i.iri: row for row, i in enumerate(model.items)}
    units: list[object] = sorted(
        {*person.events, *(index[p.entity] for p in person.said if p.entity in index)}
    )
    units += [p.entity for p in person.said if p.entity not in index]
    had = {u for u in units if isinstance(u, int)}
    vectors = model.model.vectors.matrix.toarray()
    for size in range(1, len(units) + 1):
        for gone in combinations(units, size):
            events = {row: x for row, x in person.events.items() if row not in gone}
            said = [p for p in person.said if index.get(p.entity, p.entity) not in gone]
            profile = model._profiles.build(events, said)
            scores = vectors @ profile.vector.toarray().ravel()
            order = sorted(set(range(9)) - had, key=lambda row: (-scores[row], row))
            if order.index(index[item.iri]) >= k:
                return size
    return None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10_000), st.integers(1, 3))
def test_counterfactuals_are_right_and_smallest(seed: int, k: int) -> None:
    model = model_of(seed % 5)
    person = person_of(model, seed)
    asked = Rescorer(model._profiles, person)
    for row, item in enumerate(model.items):
        if row in asked.profile.known or asked.rank(row) > k:
            with pytest.raises(DataError, match=f"not among the first {k}"):
                asked.counterfactual(row, k)
            continue
        found = asked.counterfactual(row, k)
        assert found.smallest
        assert (len(found.removed) or None) == smallest_by_hand(model, person, item, k)
        assert (found.rank > k) == bool(found.removed)


def test_long_histories_are_searched_by_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The result is right, none of it can be spared, and it is rarely larger than the smallest."""
    sizes = []
    for seed in range(8):
        model = random_model(seed, items=30, users=12)
        events = dict.fromkeys(range(seed % 3, 24, 3), 1.0)
        asked = Rescorer(model._profiles, Person(events))
        row = next(row for row in range(30) if row not in events and asked.rank(row) == 2)
        exact = asked.counterfactual(row, 2)
        monkeypatch.setattr("kg_rec.explanations.counterfactuals.EXACT", 1)
        found = asked.counterfactual(row, 2)
        monkeypatch.undo()
        numbers = tuple(asked.sources.index(source) for source in found.removed)
        assert bool(numbers) == bool(exact.removed) or not numbers
        if numbers:
            assert asked.rank(row, numbers) == found.rank > 2
            for n in range(len(numbers)) if len(numbers) > 1 else ():
                assert asked.rank(row, numbers[:n] + numbers[n + 1 :]) <= 2
            assert not found.smallest or len(numbers) == len(exact.removed)
        sizes.append((len(numbers), len(exact.removed)))
    assert sum(mine == best for mine, best in sizes) >= 5, sizes


# --- why this, why not that --------------------------------------------------------------------


@slow_data
@given(st.integers(0, 10_000))
def test_a_contrast_sums_to_the_difference_of_the_scores(seed: int) -> None:
    model = model_of(seed % 5)
    user = f"u{seed % 5}"
    asked = model.what_if(user)
    a, b = (model.items[n].id for n in np.random.default_rng(seed).choice(9, 2, replace=False))
    found = asked.contrast(a, b)
    scores = [model.explain(item, user).score for item in (a, b)]
    assert [found.first, found.second] == pytest.approx(scores, abs=1e-12)
    assert sum(d.value for d in found.differences) == pytest.approx(found.value, abs=1e-12)
    assert len({(d.kind, d.text) for d in found.differences}) == len(found.differences)
    sizes = [abs(d.value) for d in found.differences]
    assert sizes == sorted(sizes, reverse=True)
    back = asked.contrast(b, a)
    assert [d.value for d in back.differences] == pytest.approx(
        [-d.value for d in found.differences]
    )


def test_why_not_tells_rank_and_what_is_missing() -> None:
    model = model_of(2)
    whole = model.recommend("u1", k=9)
    asked = model.what_if("u1")
    for r in whole[2:]:
        found = asked.why_not(r.item, k=2)
        assert (found.rank, found.last) == (r.rank, whole[1].item)
        assert found.score == pytest.approx(r.score)
        assert found.missing == pytest.approx(whole[1].score - r.score)
        assert found.contrast.value == pytest.approx(found.missing)
        assert all(d.first > 0 >= d.second for d in found.contrast.lacking)
    with pytest.raises(DataError, match="at rank 1, among the first 2"):
        asked.why_not(whole[0].item, k=2)
    had = model.history("u1")[0].item
    with pytest.raises(DataError, match="in the history"):
        asked.why_not(had)
    with pytest.raises(UnknownIdError, match="unknown item 'nope'"):
        asked.why_not("nope")


# --- muted and boosted reasons -----------------------------------------------------------------


def reasons_of(model: Recommender) -> list[object]:
    """Return one reason of each sort."""
    crime = model._names.node("Crime")
    return [
        "Crime",
        str(crime),
        "genre",
        ("genre", "Crime"),
        "popularity",
        "liked_with",
        "i1",
        "fact",
    ]


def touches(reason: object, term: Contribution, model: Recommender) -> bool:
    """Return whether a term is of a reason, told by its path and its words."""
    nodes = {str(n) for hop in term.path for n in (hop.triple.subject, hop.triple.object)}
    relations = {hop.triple.predicate.local_name for hop in term.path}
    crime = str(model._names.node("Crime"))
    match reason:
        case "popularity":
            return term.source.kind == "popularity"
        case "liked_with":
            return term.kind == "liked_with" or bool(relations & {"likedWith", "rarelyLikedWith"})
        case "fact":
            return relations in ({"genre"}, {"director"})
        case "genre":
            return relations == {"genre"}
        case "i1":
            return str(model._names.node("i1")) in nodes
        case _:
            return crime in nodes


@pytest.mark.parametrize("seed", range(4))
def test_a_muted_reason_counts_nothing_and_the_others_stay(seed: int) -> None:
    model = model_of(seed)
    for reason in reasons_of(model):
        before = {r.item: r for r in model.recommend("u1", k=9)}
        for r in model.recommend("u1", k=9, mute=[reason]):
            if r.item == reason:  # all that is said of it begins or ends there
                continue
            terms = list(before[r.item].contributions)
            kept = [c for c in terms if not touches(reason, c, model)]
            assert sorted(c.value for c in r.contributions) == pytest.approx(
                sorted(c.value for c in kept)
            )
            assert r.score == pytest.approx(sum(c.value for c in kept), abs=1e-12)
            assert r.score == pytest.approx(sum(c.value for c in r.contributions), abs=1e-12)


def test_a_boosted_reason_counts_double() -> None:
    model = model_of(1)
    before = {r.item: r for r in model.recommend("u1", k=9)}
    for r in model.recommend("u1", k=9, boost="popularity"):
        popular = sum(c.value for c in before[r.item].contributions if c.kind == "popularity")
        assert r.score == pytest.approx(before[r.item].score + popular)
    western = model._names.node("Western")
    of = {i.id for i in model.items for t in model.graph.triples(i.iri, None, western)}
    more = {r.item: r for r in model.recommend("u1", k=9, boost=["Western"])}
    ranks = [[found[item].rank for item in sorted(of & found.keys())] for found in (before, more)]
    assert sum(ranks[1]) < sum(ranks[0])
    liked = [c for item in of & more.keys() for c in more[item].contributions]
    said = {c.text for c in liked if c.kind == "preference"}
    assert "in the genre Western, which you like" in said
    both = model.recommend("u1", k=9, boost="popularity", mute="popularity")
    assert not any(c.kind == "popularity" for r in both for c in r.contributions)


def test_wishes_are_remembered_and_saved(tmp_path: Path) -> None:
    model = Recommender(model_of(3).model)
    before = model.recommend("u1", k=9)
    asked = model.recommend("u1", k=9, mute=["Crime", ("genre", "Drama")], boost=["popularity"])
    model.feedback("u1", mute=["Crime", ("genre", "Drama")], boost=["popularity"])
    assert model.recommend("u1", k=9) == asked
    assert model.recommend("u2", k=9) == model_of(3).recommend("u2", k=9)
    again = Recommender.load(model.save(tmp_path / "model"))
    kept = Wishes(("Crime", "genre=Drama"), ("popularity",))
    assert again.model.remembered == {"u1": kept}
    assert [r.to_dict() for r in again.recommend("u1", k=9)] == [r.to_dict() for r in asked]
    rows = again.rank(["u1", "u2"], k=3).rows
    for user, ranked in zip(("u1", "u2"), rows, strict=True):
        listed = [r.item for r in again.recommend(user, k=3)]
        assert listed == [again.items[row].id for row in ranked if row >= 0]
    what = again.what_if("u1")
    assert what.rank(asked[0].item) == 1
    again.feedback("u1", verdict="clear")
    assert again.recommend("u1", k=9) == before
    assert again.model.remembered == {}


def test_reasons_that_are_none() -> None:
    model = model_of(0)
    for name in ("nope", "Crim", ("genre", "nope"), ("director", "Crime")):
        with pytest.raises(UnknownIdError, match="unknown reason"):
            model.recommend("u1", mute=[name])
    with pytest.raises(UnknownIdError, match="did you mean 'popularity'"):
        model.recommend("u1", mute="popularit")
    with pytest.raises(UnknownIdError, match="unknown reason"):
        model.feedback("u1", mute="nope")


# --- words, quotes, support ------------------------------------------------------------------


def test_a_quote_is_the_sentence_with_the_mention_apart(starter: Recommender) -> None:
    graph = starter.graph
    passages = [e for s in graph.statements() for e in s.evidence]
    assert len(passages) > 20
    for e in passages:
        found = quote(e, graph)
        assert found.mention == e.text
        whole = found.before + found.mention + found.after
        assert whole in graph.documents[e.document]
        assert found == quote(e, graph.documents[e.document])
    elsewhere = passages[0]._replace(document="nowhere")
    assert quote(elsewhere, graph) == ("", elsewhere.text, "", "nowhere")


def test_a_learned_link_may_be_backed_by_facts(starter: Recommender) -> None:
    terms = [c for r in starter.recommend("ann", k=5) for c in r.contributions]
    links = [c for c in terms if c.kind in {"liked_with", "related", "similar_in_text"}]
    assert links
    for c in links:
        hops = c.support
        assert not hops or ends(hops[0])[0] == c.column.object
        assert all(hop.triple in starter.graph for hop in hops)
        assert len(hops) <= 2
        told = c.to_dict(support=True)
        assert ("support" in told) == bool(hops)
        assert "support" not in c.to_dict()
        for e in c.support_evidence:
            assert starter.graph.documents[e.document][e.start : e.end] == e.text
    assert any(c.support for c in links)
    assert all(c.support == () for c in terms if c.kind in {"fact", "popularity"})


def test_phrases_of_links_and_names() -> None:
    english, chinese = PHRASES["en"], PHRASES["zh"]
    assert english.link(SIMILAR_IN_TEXT, "word2vec") == "close to {} in meaning (word2vec)"
    assert english.link(SIMILAR_IN_TEXT, "") == "close to {} in meaning"
    assert english.link("urn:other", "RotatE") == "foreseen to go with {} (RotatE)"
    assert chinese.link("urn:other", "") == "模型预测与{}相配"
    names = ["A", "B", "C", "D"]
    assert [english.join(names[:n]) for n in range(1, 5)] == [
        "A",
        "A and B",
        "A, B and C",
        "A, B and 2 more",
    ]
    assert [chinese.join(names[:n]) for n in range(1, 5)] == ["A", "A和B", "A、B和C", "A、B等4项"]
    for phrases in PHRASES.values():
        assert phrases.ties.keys() == english.ties.keys()
        assert phrases.links.keys() == english.links.keys()


PEOPLE = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix schema: <http://schema.org/> .
@prefix kgrec: <https://w3id.org/kg-rec/ns#> .
@prefix : <http://example.org/> .
schema:Person a rdfs:Class ; rdfs:label "person"@en .
:Band a rdfs:Class ; rdfs:subClassOf kgrec:Item ; rdfs:label "band"@en .
:member a rdf:Property ; rdfs:label "member"@en ; rdfs:range schema:Person ;
    kgrec:wording "with {object}"@en, "有{object}"@zh ; kgrec:reason true .
:genre a rdf:Property ; rdfs:label "genre"@en ; kgrec:reason true .
:supports a rdf:Property ; rdfs:label "supports"@en ; rdfs:range :Band ;
    kgrec:wording "that supported {object}"@en ; kgrec:reason true .
"""


@pytest.fixture(scope="module")
def bands(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    folder = tmp_path_factory.mktemp("bands")
    (folder / "bands.ttl").write_text(PEOPLE)
    (folder / "more.nt").write_text(
        "<http://example.org/a> <http://example.org/supports> <http://example.org/b> .\n"
        "<http://example.org/festival> <http://example.org/invited> <http://example.org/b> .\n"
        "<http://example.org/festival> <http://example.org/invited> <http://example.org/c> .\n"
    )
    items = pd.DataFrame(
        {
            "id": list("abcd"),
            "label": ["Alpha", "Beta", "Gamma", "Delta"],
            "iri": [f"http://example.org/{n}" for n in "abcd"],
            "member": ["Ann", "Bo", "Ann", "Bo"],
            "genre": ["jazz", "jazz", "folk", "folk"],
        }
    )
    return Recommender.fit(
        items,
        interactions=pd.DataFrame({"user": list("uuv"), "item": list("abc")}),
        graph=str(folder / "more.nt"),
        ontology=str(folder / "bands.ttl"),
        config={"embeddings": {"epochs": 0}, "validation": "off"},
    )


def test_what_is_said_of_facts_in_all_directions(bands: Recommender) -> None:
    """A relation without wording, one from elsewhere, and direct links, either way."""
    for item, history, expected in [
        ("b", "a", "genre jazz, like Alpha"),
        ("c", "a", "with Ann, like Alpha"),
        ("c", "b", "linked from festival by “invited”, like Beta"),
        ("a", "b", "that supported Beta, like Beta"),
        ("b", "a", "linked from Alpha by “supports”, like Alpha"),
    ]:
        terms = bands.explain(item, history=[history]).contributions
        assert expected in [c.text for c in terms]
        for c in terms:
            assert all(hop.triple in bands.graph for hop in c.path)
            assert "{" not in c.text


def test_who_and_which(bands: Recommender) -> None:
    node = {name: bands._names.node(name) for name in ("Ann", "jazz")}
    said = [Preference(node["Ann"], 1.0, "Ann"), Preference(node["jazz"], -1.0, "jazz")]
    said.append(Preference(bands.items[3].iri, -0.5, "Delta"))
    profile = bands._profiles.build({}, said)
    english, chinese = (
        {
            c.text
            for row, item in enumerate(bands.items)
            for c in bands._explainer_in(language).contributions(profile, row, item.iri)
        }
        for language in ("en", "zh")
    )
    assert {"with Ann, whom you like", "genre jazz, which you don't like"} <= english
    assert {"有Ann，正是你喜欢的", "genre为jazz，正是你不喜欢的"} <= chinese
    assert "genre folk, like Delta, which you don't like" in english
    assert "genre为folk，与你不喜欢的Delta相同" in chinese


SNAPSHOT = Path(__file__).parent / "fixtures" / "demo_explanations.txt"


def spoken_for(model: Recommender, user: str) -> tuple[int, Profile]:
    """Return the item that shares most facts with what a user chose or said, and a profile.

    In it each shared fact counts 1, so that the words depend on the graph and on nothing learned.
    """
    vectors = model.model.vectors
    told = [s for s in model.profile(user).sources if s.kind in {"history", "preference"}]
    rows = [model._profiles.row_of.get(s.iri) for s in told]
    blocks = np.array([c.block for c in vectors.columns])
    facts = np.isin(blocks, list(FACT_BLOCKS - {"stated"}))
    anyhow = np.array([c.predicate == ANY_RELATION for c in vectors.columns])
    stated = (blocks == "stated") & anyhow
    has = sparse.csr_array((vectors.matrix != 0) * (facts | stated)[None, :]).toarray()
    objects = np.array([c.object for c in vectors.columns], dtype=object)
    said = [(objects == s.iri) & stated for s in told]
    speaks = np.array([s if r is None else has[r] & facts for s, r in zip(said, rows, strict=True)])
    shared = has.astype(np.int64) @ speaks.sum(axis=0)
    shared[[r for r in rows if r is not None]] = -1
    item = int(np.argmax(shared))
    own = vectors.matrix[[item]].toarray().ravel()
    both = speaks & has[item]
    values = np.divide(1.0, own[None, :], out=np.zeros(both.shape), where=both)
    return item, Profile(tuple(told), sparse.csr_array(values), frozenset())


def explained(model: Recommender) -> str:
    """Return an item for each of fifteen people, and its reasons, in English and Chinese."""
    told = [user for user in model.users if model.preferences(user)][:10]
    rated = [user for user in model.users if len(model.history(user)) > 8][:5]
    lines = []
    for user in [*told, *rated]:
        row, profile = spoken_for(model, user)
        for language in ("en", "zh"):
            explainer, iri = model._explainer_in(language), model.items[row].iri
            name = explainer.name(iri, model.items[row].label)
            order = {id(source): n for n, source in enumerate(profile.sources)}
            terms = sorted(
                explainer.contributions(profile, row, iri),
                key=lambda c: (order[id(c.source)], c.about),
            )
            ones = [Contribution(1.0, c.source, c.path, c.fact, "", c.tie) for c in terms]
            found = Explanation("", iri, name, 1, len(ones), ones, Words(language, model.graph))
            lines.append(f"{user}: {name}")
            lines += [f"  {reason.text}" for reason in found.reasons()]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_explanations_of_the_demonstration_read_as_they_were_read(demo_folder: Path) -> None:
    """Thirty explanations that were read aloud; ``KG_REC_SNAPSHOT=write`` takes new ones."""
    found = explained(Recommender.load(demo_folder))
    if os.environ.get("KG_REC_SNAPSHOT") == "write":
        SNAPSHOT.write_text(found, encoding="utf-8")
    assert found == SNAPSHOT.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "zh"])
def test_lists_of_the_demonstration_leave_no_template_and_say_nothing_twice(
    demo_folder: Path, language: str
) -> None:
    model = Recommender.load(demo_folder)
    for user in np.random.default_rng(0).choice(model.users, 20):
        for r in model.recommend(user, k=5, language=language):
            texts = [reason.text for reason in r.reasons()]
            assert len(set(texts)) == len(texts)
            for text in texts:
                assert not re.search(r"[{}]|MODEL|None|  |,,|，，|\(\)|（）|^[,，]|[,，]$", text), (
                    text
                )
                assert not re.search(r"\b(like|with|by|the|and|which|whom) \1\b", text), text


@pytest.mark.slow
def test_explanations_of_the_demonstration_are_exact(demo_folder: Path) -> None:
    model = Recommender.load(demo_folder)
    vectors, graph = model.model.vectors, model.graph
    rng = np.random.default_rng(0)
    for user in rng.choice(model.users, 40):
        profile = model.profile(user)
        weights = profile.vector.toarray().ravel()
        row = int(rng.integers(len(model.items)))
        own = vectors.matrix[[row]].toarray().ravel()
        terms = model._explainer.contributions(profile, row, model.items[row].iri)
        assert terms.total == pytest.approx(weights @ own, rel=1e-6, abs=1e-12)
        for term in terms[:5]:
            matrix = profile.matrix.toarray()
            place = next(n for n, s in enumerate(profile.sources) if s is term.source)
            matrix[place, vectors.index[term.column]] = 0.0
            assert weights @ own - matrix.sum(axis=0) @ own == pytest.approx(term.value, rel=1e-6)
        assert all(hop.triple in graph for c in terms for hop in c.path)
        for e in (e for c in terms for e in c.evidence):
            assert graph.documents[e.document][e.start : e.end] == e.text
