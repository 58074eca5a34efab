"""Who "he", "she" and "who" are: right, or left open."""

from __future__ import annotations

import pytest

from kg_rec import Document, Iri, Ontology
from kg_rec.ids import SCHEMA
from kg_rec.text import Extractor

ITEM = Iri("urn:item")


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    return Extractor(Ontology.load("movies"), base_iri="https://example.org/")


def directors(extractor: Extractor, *texts: str) -> set[str]:
    documents = [Document(str(n), text, ITEM, title="Title") for n, text in enumerate(texts)]
    return {
        s.triple.object.local_name
        for s in extractor.extract(documents)
        if s.triple.predicate == SCHEMA["director"] and isinstance(s.triple.object, Iri)
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Christopher Nolan wrote it. He also directed.", "Christopher_Nolan"),
        ("Sofia Coppola wrote the script. She directed it, too.", "Sofia_Coppola"),
        ("The script is by Aaron Sorkin, who also directed it.", "Aaron_Sorkin"),
        ("It was written by Ann Lee, and she directed it.", "Ann_Lee"),
        ("Tom Hanks plays a lawyer. Michael Mann wrote it. He directed it.", "Michael_Mann"),
        # the subject goes on
        ("Ben Affleck cast Alan Arkin in this drama. He also directed it.", "Ben_Affleck"),
        # gender, where the text gives it
        ("It stars actress Jane Roe and John Doe. She also directed it.", "Jane_Roe"),
        # from pronoun to pronoun
        ("Christopher Nolan wrote it. He is British. He also directed it.", "Christopher_Nolan"),
    ],
)
def test_the_person_meant(extractor: Extractor, text: str, expected: str) -> None:
    (found,) = directors(extractor, text)
    assert found.endswith(expected)


@pytest.mark.parametrize(
    "text",
    [
        "Tom Hanks and Meg Ryan star. He also directed it.",
        "A film about a lonely detective. He directed it.",
        "Christopher Nolan wrote it. It is long. It is slow. He directed it.",
        "It stars actress Jane Roe. He directed it.",
        "A man meets Tom Hanks. He directed it.",
        "He directed it.",
        "They say that she directed it.",
    ],
)
def test_left_open(extractor: Extractor, text: str) -> None:
    assert directors(extractor, text) == set()


def test_nothing_is_guessed_across_documents(extractor: Extractor) -> None:
    assert directors(extractor, "Christopher Nolan wrote it.", "He directed it.") == set()


def test_the_evidence_names_the_person(extractor: Extractor) -> None:
    text = "Christopher Nolan wrote it. He also directed."
    found = [
        s
        for s in extractor.extract([Document("d", text, ITEM)])
        if s.triple.predicate == SCHEMA["director"]
    ]
    assert [e.text for s in found for e in s.evidence] == [text.removesuffix(".")]
