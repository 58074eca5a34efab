"""Which names mean the same, why, and how a user decides otherwise."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from extraction_users import FIXTURES, pairs

from kg_rec import Recommender
from kg_rec.errors import DataError
from kg_rec.graph.merged import merged_names
from kg_rec.ids import Iri, Literal
from kg_rec.ontology import ALT_LABEL, LABEL, PERSON, TYPE, Ontology
from kg_rec.statements import Document, Statement
from kg_rec.text import Extractor, load_pipeline, read_overrides, unify
from kg_rec.text.entities import EntityResolver, Known, NameMention
from kg_rec.text.merging import NameIndex, compare, name_of, short_for

if TYPE_CHECKING:
    from pathlib import Path

BASE = "https://example.org/"

SAME = """
J.J. Abrams | J. J. Abrams | same name
JJ Abrams | J. J. Abrams | spelling
Miloš Forman | Milos Forman | same name
C. Nolan | Christopher Nolan | initials
Samuel Jackson | Samuel L. Jackson | initials
Sir Ian McKellen | Ian McKellen | same name
Chris Columbus | Christopher Columbus | short given name
Kurosawa Akira | Akira Kurosawa | order of the names
Fyodor Dostoyevsky | Fjodor Dostojewski | same sound
Quentin Tarrantino | Quentin Tarantino | same sound
Leonardo DiCaprio | Leonardo DiCapiro | fuzzy 0.94
"""
DIFFERENT = """
Joel Coen | Ethan Coen
Robert Downey Jr. | Robert Downey Sr.
Robert Downey | Robert Downey Jr.
Toy Story 2 | Toy Story 3
Rocky II | Rocky III
The Thing (1982) | The Thing (2011)
Michael Mann | Anthony Mann
Heat | Head
"""


def rows(table: str) -> list[list[str]]:
    return [line.split(" | ") for line in table.strip().splitlines()]


@pytest.mark.parametrize(("one", "other", "reason"), rows(SAME))
def test_names_of_one_thing(one: str, other: str, reason: str) -> None:
    for a, b in ((one, other), (other, one)):
        match = compare(name_of(a), name_of(b), person=None)
        assert match is not None
        assert match.reason == reason
        assert 0 < match.score <= 1


@pytest.mark.parametrize(("one", "other"), rows(DIFFERENT))
def test_names_of_two_things(one: str, other: str) -> None:
    assert compare(name_of(one), name_of(other), person=None) is None
    assert compare(name_of(other), name_of(one), person=None) is None


def test_short_forms() -> None:
    full = name_of("The Lord of the Rings: The Two Towers")
    assert short_for(name_of("The Two Towers"), full, person=False).reason == "subtitle"  # type: ignore[union-attr]
    assert short_for(name_of("Towers"), full, person=False) is None
    assert short_for(name_of("Scott"), name_of("Ridley Scott"), person=True).reason == "surname"  # type: ignore[union-attr]
    mgm, whole = name_of("MGM"), name_of("Metro-Goldwyn-Mayer")
    assert compare(mgm, whole, person=False).reason == "acronym"  # type: ignore[union-attr]


def test_an_index_finds_all_that_compare_would_merge() -> None:
    names = [name for row in rows(SAME) for name in row[:2]]
    index: NameIndex[str] = NameIndex()
    for name in names:
        index.add(name_of(name), name)
    for one, other, _ in rows(SAME):
        assert other in [value for _, value in index.near(name_of(one))]


def people(*names: tuple[str, str]) -> list[NameMention]:
    return [NameMention(document, name, "person") for document, name in names]


def test_a_surname_is_the_only_one_of_the_document() -> None:
    mentions = people(("d", "Ridley Scott"), ("d", "Scott"), ("e", "Tony Scott"), ("e", "Scott"))
    first, again, other, too = EntityResolver([], base_iri=BASE).resolve(mentions)
    assert first.iri == again.iri != other.iri == too.iri
    assert again.reason == "surname in the document"
    both = people(("d", "Ridley Scott"), ("d", "Tony Scott"), ("d", "Scott"))
    assert len({r.iri for r in EntityResolver([], base_iri=BASE).resolve(both)}) == 3


def test_the_order_of_documents_is_irrelevant() -> None:
    names = [("a", "Scott"), ("a", "Ridley Scott"), ("b", "R. Scott"), ("c", "Ridley Scot Jr.")]
    mentions = people(*names)
    wanted = dict(zip(mentions, EntityResolver([], base_iri=BASE).resolve(mentions), strict=True))
    for seed in range(5):
        mixed = random.Random(seed).sample(mentions, len(mentions))  # noqa: S311 - no secret
        found = EntityResolver([], base_iri=BASE).resolve(mixed)
        assert dict(zip(mixed, found, strict=True)) == wanted


def test_homonyms_are_told_apart_by_sort_and_context() -> None:
    known = [
        Known(Iri(BASE + "film"), ("Michael Collins",), "work", "film by Neil Jordan"),
        Known(Iri(BASE + "man"), ("Michael Collins",), "person", "Irish revolutionary"),
    ]
    mentions = [
        NameMention("d", "Michael Collins", "work", "We watched Michael Collins."),
        NameMention("e", "Michael Collins", "person", "Michael Collins was shot."),
        NameMention("f", "Michael Collins", "", "the revolutionary Michael Collins"),
    ]
    film, man, by_words = EntityResolver(known, base_iri=BASE).resolve(mentions)
    assert film.iri == BASE + "film"
    assert man.iri == by_words.iri == BASE + "man"
    assert by_words.reason == "label, by context"


def test_an_alias_that_the_text_states() -> None:
    text = "Marshall Mathers, better known as Eminem, plays himself."
    mentions = [NameMention("d", n, "person", text) for n in ("Marshall Mathers", "Eminem")]
    later = NameMention("e", "Eminem", "person", "Eminem slept.")
    found = EntityResolver([], base_iri=BASE).resolve([*mentions, later])
    assert len({r.iri for r in found}) == 1
    assert found[1].reason == "alias in the document"


def test_who_knows_better_decides() -> None:
    overrides: dict[str, Iri | None] = {
        "Abrams": Iri(BASE + "M._H._Abrams"),
        "J. J. Abrams@e": Iri(BASE + "other"),
    }
    resolver = EntityResolver([], base_iri=BASE, overrides=overrides)
    names = [("d", "J. J. Abrams"), ("d", "Abrams"), ("e", "J. J. Abrams")]
    found = resolver.resolve(people(*names))
    assert [r.iri.removeprefix(BASE) for r in found] == [
        "Person/J._J._Abrams",
        "M._H._Abrams",
        "other",
    ]
    assert found[1].reason == "override"


def read(*texts: str) -> tuple[list[Statement], dict[str, str]]:
    extractor = Extractor(Ontology.load("movies"), base_iri=BASE)
    documents = [
        Document(f"d{n}", text, Iri(f"urn:item{n}"), title=f"Film {n}")
        for n, text in enumerate(texts)
    ]
    return list(extractor.extract(documents)), {d.id: d.text for d in documents}


def test_one_node_with_its_other_names() -> None:
    statements, documents = read(
        "A film directed by Quentin Tarantino.", "Directed by Quentin Tarrantino."
    )
    merged = unify(statements, [], documents, ontology=Ontology.load("movies"), base_iri=BASE)
    directors = {s.triple.object for s in merged if s.triple.predicate.endswith("director")}
    assert len(directors) == 1
    (name,) = [s for s in merged if s.triple.predicate == ALT_LABEL]
    assert name.triple.subject in directors
    assert name.extractor.removeprefix("merged:") == "same sound"
    assert name.evidence[0].text in {"Quentin Tarantino", "Quentin Tarrantino"}
    labels = [s for s in merged if s.triple.predicate == LABEL and s.triple.subject in directors]
    types = [s for s in merged if s.triple.predicate == TYPE and s.triple.object == PERSON]
    assert len(labels) == len(types) == 1


def test_nothing_changes_where_nothing_is_the_same() -> None:
    statements, documents = read("Directed by Joel Coen.", "Directed by Ethan Coen.")
    ontology = Ontology.load("movies")
    assert unify(statements, [], documents, ontology=ontology, base_iri=BASE) == statements


def test_merged_names_are_listed_and_can_be_kept_apart(tmp_path: Path) -> None:
    texts = ["A film directed by Quentin Tarantino.", "Directed by Quentin Tarrantino."]
    items = pd.DataFrame({"id": ["a", "b"], "text": texts})
    settings = {"embeddings": {"epochs": 0}}
    (merged,) = merged_names(Recommender.fit(items=items, config=settings).graph)
    assert {merged.name, merged.label} == {"Quentin Tarantino", "Quentin Tarrantino"}
    assert merged.reason == "same sound"
    file = tmp_path / "entities.tsv"
    file.write_text("name\tentity\nQuentin Tarrantino\tnew\n", "utf-8")
    apart = Recommender.fit(items=items, config={**settings, "text": {"entities": str(file)}})
    people = {s for s, kinds in apart.graph.types.items() if PERSON in kinds}
    assert len(people) == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: expected the columns 'name' and 'entity'"),
        ("name,entity\n", "line 1: expected the columns"),
        ("name\tentity\nAbrams\n", "line 2: expected a name and an entity"),
        ("name\tentity\nAbrams\tnobody\n", "line 2: 'nobody' is no IRI, and not 'new'"),
    ],
)
def test_a_broken_file_of_overrides_is_named(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "entities.tsv"
    file.write_text(text, "utf-8")
    with pytest.raises(DataError, match=message):
        read_overrides(file)


def test_the_cases_made_by_hand() -> None:
    """A floor; docs/text.md has the figures and what is missed."""
    nlp = load_pipeline()
    cases, own = (
        [json.loads(line) for line in (FIXTURES / name).read_text("utf-8").splitlines()]
        for name in ("entities.jsonl", "entities_dev.jsonl")
    )
    assert pairs(cases, nlp, typed=True)["f1"] > 0.77
    assert pairs(own, nlp)["f1"] > 0.95


def test_literals_stay_as_they_are() -> None:
    statements, documents = read("Directed by Quentin Tarantino in 1994.")
    merged = unify(statements, [], documents, ontology=Ontology.load("movies"), base_iri=BASE)
    assert [s for s in merged if isinstance(s.triple.object, Literal)] == [
        s for s in statements if isinstance(s.triple.object, Literal)
    ]
