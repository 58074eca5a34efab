"""Open relations: what single sentences give, and laws that hold for any text."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import extraction_carb
import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from kg_rec.errors import ExtractionWarning
from kg_rec.text.open_relations import OpenRelation, open_relations

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not spacy.util.is_package(extraction_carb.PIPELINE),
    reason=f"the pipeline {extraction_carb.PIPELINE} is missing: pip install 'kg-rec[en]'",
)


@pytest.fixture(scope="module")
def nlp() -> spacy.language.Language:
    return spacy.load(extraction_carb.PIPELINE)


def read(nlp: spacy.language.Language, text: str) -> list[OpenRelation]:
    return list(open_relations(nlp(text)))


def triples(found: list[OpenRelation]) -> set[tuple[str, str, str]]:
    return {(r.subject.text, r.label, r.object.text) for r in found}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Michael Mann directed Heat.", {("Michael Mann", "direct", "Heat")}),
        ("Heat was directed by Michael Mann.", {("Heat", "be directed by", "Michael Mann")}),
        ("Heat is a crime film.", {("Heat", "be", "a crime film")}),
        ("The numbers are equal to the sum.", {("The numbers", "be equal to", "the sum")}),
        ("Einstein was born in Ulm.", {("Einstein", "be born in", "Ulm")}),
        ("Ann has carefully read the book.", {("Ann", "read", "the book")}),
        ("The river flows north of Ulm.", {("The river", "flow north of", "Ulm")}),
        ("Ann gave up the job.", {("Ann", "give up", "the job")}),
        ("The finding shows that water boils.", {("The finding", "show that", "water boils")}),
    ],
)
def test_a_verb_gives_its_relation(
    nlp: spacy.language.Language, text: str, expected: set[tuple[str, str, str]]
) -> None:
    assert triples(read(nlp, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Ann and Bob wrote letters and books.",
            {(s, "write", o) for s in ("Ann", "Bob") for o in ("letters", "books")},
        ),
        (
            "The division took Cisterna and raced to Civitavecchia and Rome.",
            {
                ("The division", "take", "Cisterna"),
                ("The division", "race to", "Civitavecchia"),
                ("The division", "race to", "Rome"),
            },
        ),
        (
            "Heat is a film written and directed by Michael Mann.",
            {
                ("Heat", "be written by", "Michael Mann"),
                ("Heat", "be directed by", "Michael Mann"),
            },
        ),
    ],
)
def test_lists_are_distributed(
    nlp: spacy.language.Language, text: str, expected: set[tuple[str, str, str]]
) -> None:
    assert expected <= triples(read(nlp, text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The man who wrote the book left.", ("The man", "write", "the book")),
        ("The company that Jobs founded makes phones.", ("Jobs", "found", "The company")),
        ("The house in which she lived burned down.", ("she", "live in", "The house")),
        ("He found a tunnel leading to a mine.", ("a tunnel", "lead to", "a mine")),
        ("The company tried to sell computers.", ("The company", "try to sell", "computers")),
        ("They were able to win the match.", ("They", "be able to win", "the match")),
        ("After winning the race, Ann left the town.", ("Ann", "win", "the race")),
    ],
)
def test_who_does_it_is_found_in_other_clauses(
    nlp: spacy.language.Language, text: str, expected: tuple[str, str, str]
) -> None:
    assert expected in triples(read(nlp, text))


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("Bush, the President, left Ohio.", "apposition", ("Bush", "be", "the President")),
        (
            "Richard Burr, director of the team, sold the house.",
            "apposition",
            ("Richard Burr", "be", "director of the team"),
        ),
        ("Nolan's film won a prize.", "possessive", ("Nolan", "have", "film")),
        ("She lives in Hoboken, New Jersey.", "place", ("Hoboken", "be in", "New Jersey")),
        ("It was disputed by author Bill Bryson.", "title", ("Bill Bryson", "be", "author")),
    ],
)
def test_nouns_give_relations(
    nlp: spacy.language.Language, text: str, pattern: str, expected: tuple[str, str, str]
) -> None:
    found = [r for r in read(nlp, text) if r.pattern == pattern]
    assert triples(found) == {expected}
    assert found[0].phrase in {"is", "has", "is in"}
    assert found[0].relation == ()


def test_other_phrases_are_adjuncts_and_relations_of_their_own(
    nlp: spacy.language.Language,
) -> None:
    first, second = read(nlp, "Mann directed Heat in 1995.")
    assert [span.text for span in first.adjuncts] == ["in 1995"]
    assert (second.label, second.object.text, second.pattern) == ("direct in", "1995", "adjunct")
    assert second.adjuncts == ()


def test_the_relation_leads_to_its_object_also_where_the_phrase_comes_first(
    nlp: spacy.language.Language,
) -> None:
    (found,) = (r for r in read(nlp, "In 1995 Mann worked.") if r.object.text == "1995")
    assert found.phrase == "worked In"


def test_denied_is_negative(nlp: spacy.language.Language) -> None:
    (found,) = read(nlp, "Curie did not win the prize.")
    assert found.polarity == -1
    assert found.label == "win"
    assert found.phrase == "did not win"


@pytest.mark.parametrize(
    ("text", "label", "context"),
    [
        ("Mann directed Heat.", "direct", "fact"),
        ("Mann may direct Heat.", "may direct", "modal"),
        ("The critic said that Mann directed Heat.", "direct", "attributed"),
        ("If Mann directs Heat, fans win.", "direct", "conditional"),
    ],
)
def test_context_says_under_which_proviso(
    nlp: spacy.language.Language, text: str, label: str, context: str
) -> None:
    assert {r.context for r in read(nlp, text) if r.label == label} == {context}


def test_a_list_of_names_is_no_apposition(nlp: spacy.language.Language) -> None:
    found = read(nlp, "The cast includes Tom Sizemore, Jon Voight and Val Kilmer.")
    assert not [r for r in found if r.pattern == "apposition"]


def test_surer_patterns_have_more_confidence(nlp: spacy.language.Language) -> None:
    plain = read(nlp, "Mann directed Heat.")[0]
    (possessive,) = read(nlp, "Mann's film.")
    assert plain.confidence > 2 * possessive.confidence


def test_no_parse_no_relations_one_warning() -> None:
    doc = spacy.blank("en")("Mann directed Heat. He wrote it.")
    with pytest.warns(ExtractionWarning, match="no parser") as caught:
        assert list(open_relations(doc)) == []
    assert len(caught) == 1


@pytest.mark.parametrize("text", ["", " ", "\n\n", ".", "Heat", "!?", "and", "🎬"])
def test_texts_without_a_clause_give_nothing(nlp: spacy.language.Language, text: str) -> None:
    assert read(nlp, text) == []


def test_very_long_sentences_end(nlp: spacy.language.Language) -> None:
    names = ", ".join(f"Ann{i} Lee{i}" for i in range(400))
    found = read(nlp, f"{names} and Bob wrote {names} and then sang in {names}.")
    assert len(found) < 2000


def test_long_chains_of_phrases_end(nlp: spacy.language.Language) -> None:
    found = read(nlp, "Ann read the book " + "of the book " * 1500)
    assert ("Ann", "read") in {(r.subject.text, r.label) for r in found}


def test_deep_nesting_ends() -> None:
    size = 2000
    words = ["said"] * size
    doc = Doc(
        spacy.blank("en").vocab,
        words=words,
        heads=[max(i - 1, 0) for i in range(size)],
        deps=["ROOT", *["ccomp"] * (size - 1)],
        tags=["VB"] * size,
        pos=["VERB"] * size,
    )
    assert list(open_relations(doc)) == []


_TEXT = (
    "Ann Bob Heat Paris the a film book who which that it and or but , . ; ( ) \" ' - '' `` was is "
    "directed by wrote in of with to go not may said if has 's been loved 1995 quickly"
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(_TEXT.split()), max_size=40), st.sampled_from([" ", "  ", "\n"]))
def test_offsets_slice_to_the_text(
    nlp: spacy.language.Language, words: list[str], space: str
) -> None:
    text = space.join(words)
    doc = nlp(text)
    for found in open_relations(doc):
        for span in (found.subject, found.object, *found.adjuncts):
            assert text[span.start_char : span.end_char] == span.text
            assert span.text.strip()
            assert found.start <= found.end <= len(text)
        passage = text[found.start : found.end]
        assert found.subject.text in passage
        assert found.object.text in passage
        assert all(token.text in passage for token in found.relation)
        assert 0 < found.confidence <= 1
        assert found.polarity in {1, -1}
        assert found.label == found.label.strip() != ""
        assert found.subject != found.object


def test_a_text_is_read_the_same_again(nlp: spacy.language.Language) -> None:
    text = "Ann, a baker, and Bob opened a shop in Paris in 1990, which sold bread."
    first, again = ([str(r) for r in read(nlp, text)] for _ in range(2))
    assert len(first) > 3
    assert first == again


def test_rows_for_the_scorer_have_no_stray_tabs(
    nlp: spacy.language.Language, tmp_path: Path
) -> None:
    path = tmp_path / "rows.tsv"
    sentence = "Mann directed\tHeat in 1995 ."
    count = extraction_carb.write(path, extraction_carb.whole(nlp, [sentence]))
    rows = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    assert count == len(rows) == 1
    text, confidence, relation, *arguments = rows[0]
    assert text == "Mann directed Heat in 1995 ."
    assert 0 < float(confidence) <= 1
    assert (relation, arguments) == ("directed", ["Mann", "Heat", "in 1995"])


def test_an_empty_text_does_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(open_relations(spacy.blank("en")(""))) == []
