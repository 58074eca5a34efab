"""Words and names of texts, concepts that are alike, and what they do for items nobody has had."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from kg_rec import Recommender, likeness, vectors
from kg_rec.embeddings import TokenEncoder
from kg_rec.errors import ExtractionWarning
from kg_rec.ids import SCHEMA, Iri
from kg_rec.ontology import CONCEPT, SIMILAR_IN_TEXT, Ontology
from kg_rec.ontology.texts import HAS_WORD, MENTIONS, SIMILAR_CONCEPT, WORD, described
from kg_rec.report.reasons import kind_of
from kg_rec.statements import DERIVED, Document
from kg_rec.text import Extractor
from kg_rec.text.keyphrases import KINDS

if TYPE_CHECKING:
    from kg_rec.statements import Statement

BASE = "https://example.org/"
HEAT = Iri("urn:heat")
PAIRS = Path(__file__).parent / "fixtures" / "concept_pairs.tsv"
TEXTS = {
    "a": ("Night Bank", "A robber plans a bank robbery. The robber fools the police in Boston."),
    "b": ("Gold Run", "The robber wants gold. A robbery goes wrong and the police follow."),
    "c": ("Sky Robots", "Robots leave the planet. A spaceship carries the robots to space."),
    "d": ("Star Ship", "A spaceship crosses space. The planet of robots waits for Ripley Stone."),
    "e": ("Wedding Day", "A bride doubts her marriage. The wedding is in spring."),
    "f": ("Second Bride", "The groom wants another wedding. Marriage is a bride's dream."),
}


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor(Ontology.load("movies"), base_iri=BASE, kinds=KINDS)


def read(extractor: Extractor, text: str, title: str = "Heat") -> list[Statement]:
    return list(extractor.extract([Document("d", text, HEAT, title=title)]))


def objects(statements: list[Statement], predicate: Iri) -> set[str]:
    return {str(s.triple.object) for s in statements if s.triple.predicate == predicate}


# --- words and names --------------------------------------------------------------------------


def test_content_words_are_lemmas_without_stop_words(extractor: Extractor) -> None:
    found = objects(read(extractor, "The robbers were running from two banks."), HAS_WORD)
    assert found == {f"{BASE}Word/{word}" for word in ("robber", "run", "bank")}


def test_names_are_mentions_of_their_class_and_the_title_is_none(extractor: Extractor) -> None:
    said = read(extractor, "In Boston, Neil McCauley meets his match.")
    found = objects(said, MENTIONS)
    assert f"{BASE}Person/Neil_McCauley" in found
    assert f"{BASE}Place/Boston" in found
    assert str(HEAT) not in objects(read(extractor, "Blue Steel is loud.", "Blue Steel"), MENTIONS)


def test_every_term_shows_each_place_that_says_it(extractor: Extractor) -> None:
    text = "A robber robs. The robber hides; the robber pays."
    (robber,) = [s for s in read(extractor, text) if str(s.triple.object) == f"{BASE}Word/robber"]
    assert [text[e.start : e.end] for e in robber.evidence] == ["robber"] * 3


def test_a_mere_title_gives_words_but_no_facts_or_subjects(extractor: Extractor) -> None:
    said = read(extractor, "Toy Story", "Toy Story")
    assert objects(said, HAS_WORD) == {f"{BASE}Word/toy", f"{BASE}Word/story"}
    assert not objects(said, SCHEMA["about"])


def test_words_are_read_only_when_asked_for() -> None:
    plain = Extractor(Ontology.load("movies"), base_iri=BASE)
    said = read(plain, "A robber in Boston meets Neil McCauley.")
    assert not objects(said, HAS_WORD) | objects(said, MENTIONS)


def test_words_are_no_concepts_that_a_users_text_would_find(extractor: Extractor) -> None:
    said = read(extractor, "People go and want.")
    kinds = {str(s.triple.object) for s in said if s.triple.predicate.endswith("#type")}
    assert WORD in kinds
    assert CONCEPT not in kinds


def test_a_pipeline_without_tags_gives_words(extractor: Extractor) -> None:
    document = Document("d", "Der Räuber flieht aus der Bank.", HEAT, title="Heat", lang="de")
    with pytest.warns(ExtractionWarning, match="no trained spaCy pipeline"):
        said = list(extractor.extract([document]))
    assert {"räuber", "bank"} <= {
        w.rsplit("/", 1)[1].replace("r%C3%A4", "rä") for w in objects(said, HAS_WORD)
    }


# --- likeness ---------------------------------------------------------------------------------


def contexts(seed: int = 0) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    """Return 40 items of two topics, each with concepts of its own, and random names."""
    rng = np.random.default_rng(seed)
    topic = np.repeat([0, 1], 20)
    texts = rng.normal(size=(2, 16))[topic] * 2 + rng.normal(size=(40, 16))
    concepts = np.zeros((40, 6))
    for column in range(6):
        concepts[rng.permutation(20)[:6] + 20 * (column % 2), column] = 1
    return sparse.csr_array(concepts), texts, rng.normal(size=(6, 8))


def test_concepts_of_like_texts_are_alike_others_are_not() -> None:
    found = likeness.alike(*contexts())
    pairs = set(zip(found.one.tolist(), found.other.tolist(), strict=True))
    assert pairs
    assert all(one % 2 == other % 2 and one < other for one, other in pairs)
    assert ((found.strength >= likeness.LEAST) & (found.strength <= 1)).all()


def test_standing_side_by_side_makes_no_likeness() -> None:
    concepts, texts, names = contexts()
    twin = sparse.csr_array(sparse.hstack([concepts[:, [0]], concepts[:, [0]]]))
    assert len(likeness.alike(twin, texts, names[:2]).one) == 0


@given(st.integers(0, 12), st.integers(0, 5), st.integers(0, 2**16))
def test_likeness_takes_any_shape(items: int, concepts: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    has = sparse.csr_array(sparse.random_array((items, concepts), density=0.7, rng=rng))
    found = likeness.alike(has, rng.normal(size=(items, 4)), rng.normal(size=(concepts, 4)))
    assert (found.one < found.other).all()


def test_names_alone_tell_related_from_unrelated_pairs_apart() -> None:
    """The pairs were judged by hand before anything was measured."""
    with PAIRS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    related = np.array([row["related"] == "1" for row in rows])
    encoder = TokenEncoder()
    one, other = (encoder.encode([row[end] for row in rows]) for end in ("one", "other"))
    cosines = (one * other).sum(axis=1) / np.linalg.norm(one, axis=1)
    cosines /= np.linalg.norm(other, axis=1)
    higher = (cosines[related][:, None] > cosines[~related][None, :]).mean()
    assert len(rows) == 200
    assert higher > 0.95


# --- in a model -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def model() -> Recommender:
    items = pd.DataFrame([(i, title, text) for i, (title, text) in TEXTS.items()])
    items.columns = ["id", "label", "text"]
    events = pd.DataFrame(
        [("u", "a"), ("u", "c"), ("v", "a"), ("v", "e"), ("w", "c"), ("w", "e")],
        columns=["user", "item"],
    )
    config = {"embeddings": {"epochs": 0}}
    return Recommender.fit(items, interactions=events, config=config)


def test_an_item_without_events_is_found_by_its_words(model: Recommender) -> None:
    fresh = [r.item for r in model.recommend(history=["a"], k=5) if r.item in "bdf"]
    assert fresh[0] == "b"


def test_reasons_from_words_add_up_and_show_their_places(model: Recommender) -> None:
    best = model.explain("b", history=["a"])
    assert sum(c.value for c in best.contributions) == pytest.approx(best.score, rel=1e-6)
    words = [c for c in best.contributions if c.path and c.path[-1].triple.predicate == HAS_WORD]
    assert any("whose text says “robber”" in c.text for c in words)
    for reason in words:
        assert all(hop.triple in model.graph for hop in reason.path)
        assert reason.evidence
        for said in reason.evidence:
            assert model.graph.documents[said.document][said.start : said.end] == said.text


def test_closeness_to_what_nobody_chose_is_told_apart_from_that_to_history(
    model: Recommender,
) -> None:
    reasons = model.explain("b", history=["a"]).contributions
    close = [c for c in reasons if c.path and c.path[-1].triple.predicate == SIMILAR_IN_TEXT]
    assert {c.source.kind for c in close} == {"history", "profile"}
    assert {kind_of(c) for c in close} == {"similar_in_text"}
    assert all(bool(c.tie) == (c.source.kind == "profile") for c in close)
    page = model.report(history=["a"], k=3)
    assert "in meaning (wordllama)" in page


def test_how_often_a_text_says_a_word_counts(model: Recommender) -> None:
    iris = [item.iri for item in model.items]
    found = vectors.incidence(model.graph, iris, [HAS_WORD], [HAS_WORD])
    robber = next(n for n, c in enumerate(found.columns) if model.graph.label(c.object) == "robber")
    a, b = (found.matrix[[row]].toarray()[0, robber] for row in (0, 1))
    assert a == pytest.approx(1 + np.log(2))
    assert b == pytest.approx(1.0)


def test_what_users_like_reaches_what_is_alike(tmp_path: Path) -> None:
    """Two groups of films; "planet" and "spaceship" are never in the same text."""
    places = ["desert", "forest", "harbour", "valley"]
    space = [
        (f"s{n}", f"A crew in outer space finds a {thing}. Astronauts land near a {places[n % 4]}.")
        for n, thing in enumerate(["planet", "spaceship"] * 4)
    ]
    love = [
        (f"l{n}", f"A bride dreams of a {thing}. Her family sings in the {places[n % 4]}.")
        for n, thing in enumerate(["wedding", "marriage"] * 4)
    ]
    items = pd.DataFrame(space + love, columns=["id", "text"])
    model = Recommender.fit(items, config={"embeddings": {"epochs": 0}})
    links = list(model.graph.select([DERIVED], [SIMILAR_CONCEPT]).statements())
    named = {
        frozenset(model.graph.label(term) for term in (s.triple.subject, s.triple.object))
        for s in links
    }
    assert frozenset({"planet", "spaceship"}) in named
    assert not any({"planet", "bride"} <= pair for pair in named)
    assert all(likeness.LEAST <= s.strength <= 1 and "wordllama" in s.extractor for s in links)
    best = model.recommend(text="I love films about planets", k=8)
    reasons = [c for c in best[-1].contributions if "close in meaning" in c.text]
    assert {r.item[0] for r in best} == {"s"}
    assert reasons
    assert all(hop.triple in model.graph for c in reasons for hop in c.path)
    model.save(tmp_path / "model")
    again = Recommender.load(tmp_path / "model").recommend(text="I love films about planets", k=8)
    assert [r.score for r in again] == [r.score for r in best]


def test_an_ontology_has_the_say_on_mentions() -> None:
    turtle = """
        @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
        @prefix schema: <http://schema.org/> . @prefix kgrec: <https://w3id.org/kg-rec/ns#> .
        schema:mentions a rdf:Property ; kgrec:wording "naming {object}"@en .
    """
    assert described(Ontology(turtle), MENTIONS).words() == "naming {object}"
    assert described(Ontology(turtle), HAS_WORD).words() == "whose text says “{object}”"
