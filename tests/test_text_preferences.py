"""kg_rec.text: what users say they like and dislike."""

from __future__ import annotations

import re

import pytest

from kg_rec.ids import Iri
from kg_rec.ontology import (
    CONCEPT,
    CRITICISED_FOR,
    DISLIKES,
    LIKES,
    PERSON,
    PRAISED_FOR,
    Entity,
    Ontology,
)
from kg_rec.statements import USERS, Document
from kg_rec.text import Extractor
from kg_rec.text.cues import CUES, cues_for

USER = Iri("urn:user")
MOVIE = Iri("http://schema.org/Movie")
KNOWN = [
    ("heist", CONCEPT, "heist"),
    ("violence", CONCEPT, "violence"),
    ("serial", CONCEPT, "serial killer"),
    ("zombie", CONCEPT, "zombie"),
    ("travel", CONCEPT, "time travel"),
    ("nolan", PERSON, "Christopher Nolan"),
    ("hanks", PERSON, "Tom Hanks"),
    ("mann", PERSON, "Michael Mann"),
    ("heat", MOVIE, "Heat (1995)"),
    ("matrix", MOVIE, "The Matrix"),
    ("godfather", MOVIE, "The Godfather"),
    ("alien", MOVIE, "Alien (1979)"),
    ("titanic", MOVIE, "Titanic"),
]

TABLE = """
My sister hates horror but I love it. | +Horror
I can't recommend Heat enough. | +heat
The best part was Tom Hanks. | +hanks
My only complaint is Tom Hanks. | -hanks
There's nothing I love more than heist films. | +heist
Tom Hanks? Not a chance. | -hanks
I love heist films by Christopher Nolan but I hate horror. | +heist +nolan -Horror
I'm not into musicals. | -Musical
I can't stand Tom Hanks. | -hanks
I'm a big fan of Michael Mann. | +mann
anything with Tom Hanks | +hanks
no musicals please | -Musical
more films like Heat | +heat
nothing too violent | -violence
science fiction with strong women | +SciFi +strong woman
I don't like romantic comedies. | -Romance -Comedy
I like thrillers, but not horror movies. | +Thriller -Horror
I never liked westerns. | -Western
Zombies bore me. | -zombie
Heists! | +heist
I enjoy time travel and serial killers. | +travel +serial
I don't mind documentaries. | +Documentary
I'm sick of superheroes. | -superhero
My favourite director is Christopher Nolan. | +nolan
My favourite films are Alien and The Godfather. | +alien +godfather
I loved The Matrix and Titanic, hated Heat. | +matrix +titanic -heat
anything but horror | -Horror
Everything except war films. | -War
Horror is not for me. | -Horror
I find musicals boring. | -Musical
Tom Hanks is great. | +hanks
I adore animated films, dislike westerns and can't stand musicals. | +Animation -Western -Musical
I prefer crime dramas to comedies | +Crime +Drama -Comedy
I love war films, however I hate musicals | +War -Musical
looking for a heist thriller without violence | +heist +Thriller -violence
I wouldn't recommend Titanic. | -titanic
I'm not a fan of Tom Hanks, though I liked Heat | -hanks +heat
less romance, more action | -Romance +Action
Interested in family dramas about grief. | +Family +Drama +grief
fed up with zombies | -zombie
I love Quentin Tarantino. | +Quentin Tarantino
I really enjoyed the matrix | +matrix
Too much violence puts me off. | -violence
I don't hate musicals. | +Musical
Films by Michael Mann, not Christopher Nolan. | +mann -nolan
I like films that do not have zombies | -zombie
My wife loves musicals, but I adore westerns. | +Western
I used to like westerns. | -Western
I like neither musicals nor westerns. | -Musical -Western
I really don't like violent movies. | -violence
Please no more superhero movies! | -superhero
Horror? No thanks. | -Horror
Zombies? Never again. | -zombie
I leave the room when zombies appear. | -zombie
When zombies appear, I leave the room. | -zombie
Zombies don't interest me. | -zombie
Spare me the musicals. | -Musical
You can keep your musicals. | -Musical
I'd rather skip romance. | -Romance
Sad westerns I avoid. | -Western
What I don't enjoy is anything about zombies. | -zombie
Everything apart from westerns | -Western
War films are fine as long as there isn't too much violence. | +War -violence
Musicals: no, they bore me. | -Musical
I love horror. | +Horror
I adore Hanks. | +hanks
Not a fan of Nolan, tired of zombies. | -nolan -zombie
I love musicals, so long as nobody is a zombie. | +Musical -zombie
"""


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    known = [Entity(Iri(f"urn:{i}"), (kind,), {"en": (label,)}) for i, kind, label in KNOWN]
    return Extractor(Ontology.load("movies"), known, base_iri="https://example.org/")


def tastes(extractor: Extractor, text: str) -> dict[str, float]:
    """Return what is liked (positive) and disliked (negative), with its strength."""
    signs = {LIKES: 1, DISLIKES: -1}
    return {
        s.triple.object.local_name.replace("_", " "): signs[s.triple.predicate] * s.strength
        for s in extractor.extract([Document("d", text, user=USER)])
        if s.triple.subject == USER and isinstance(s.triple.object, Iri)
    }


@pytest.mark.parametrize("row", [row for row in TABLE.strip().splitlines() if row])
def test_polarity(extractor: Extractor, row: str) -> None:
    text, expected = row.split(" | ")
    found = {("+" if value > 0 else "-") + name for name, value in tastes(extractor, text).items()}
    assert found == set(re.split(r" (?=[+-])", expected))


def test_strength(extractor: Extractor) -> None:
    love, like, mind = (
        tastes(extractor, text)["Tom Hanks" if "Hanks" not in text else "hanks"]
        for text in ("I love Tom Hanks.", "I like Tom Hanks.", "I don't mind Tom Hanks.")
    )
    assert 1 >= love > like > mind > 0


def test_tastes_are_personal(extractor: Extractor) -> None:
    statements = list(extractor.extract([Document("d", "I love Quentin Tarantino.", user=USER)]))
    assert {s.part for s in statements} == {USERS}
    assert {s.extractor for s in statements} == {"entity", "preference"}


@pytest.mark.parametrize(
    "text", ["I haven't seen Heat.", "I have no opinion on musicals.", "He was born in Vienna."]
)
def test_what_is_no_taste(extractor: Extractor, text: str) -> None:
    assert not tastes(extractor, text)


def test_a_review_judges_the_aspects_of_its_item(extractor: Extractor) -> None:
    item = Iri("urn:reviewed")
    text = "The plot was thin, but I adored the soundtrack and Tom Hanks."
    found = list(extractor.extract([Document("d", text, item, USER)]))
    said = {s.object_text: s for s in found if s.extractor == "preference"}
    assert [s.triple.subject for s in said.values()] == [item, item, USER]
    assert said["plot"].triple.predicate == CRITICISED_FOR
    assert said["soundtrack"].triple.predicate == PRAISED_FOR
    assert said["Tom Hanks"].triple.predicate == LIKES
    assert [s.polarity for s in said.values()] == [-1, 1, 1]
    assert {s.part for s in said.values()} == {USERS}
    assert said["soundtrack"].strength > said["plot"].strength > 0


def test_a_name_first_read_of_a_user_is_known_to_all_later(extractor: Extractor) -> None:
    documents = [
        Document("u", "I love Quentin Tarantino.", user=USER),
        Document("i", "Quentin Tarantino directed this.", Iri("urn:item")),
        Document("v", "I hate Quentin Tarantino.", user=Iri("urn:other")),
    ]
    new = [s for s in extractor.extract(documents) if s.extractor == "entity"]
    assert [s.evidence[0].document for s in new] == ["u", "u", "i", "i"]


def test_words_without_a_cue_table_are_mild_likes() -> None:
    assert cues_for("xx").neutral == cues_for("en").neutral
    assert all(-1 <= cue.strength <= 1 for cue in CUES["en"].cues)


def test_a_compound_is_not_its_head() -> None:
    known = [Entity(Iri(f"urn:{w}"), (CONCEPT,), {"en": (w,)}) for w in ("travel", "robbery")]
    reader = Extractor(Ontology.load("movies"), known, base_iri="https://example.org/")
    assert set(tastes(reader, "I love time travel.")) == {"time travel"}
    robberies = tastes(reader, "I love bank robberies.")
    assert robberies["bank robbery"] == 2 * robberies["robbery"]


def test_a_surname_of_two_people_is_left_open() -> None:
    people = [
        Entity(Iri(f"urn:{w}"), (PERSON,), {"en": (f"{w} Nolan",)})
        for w in ("Christopher", "Jonathan")
    ]
    reader = Extractor(Ontology.load("movies"), people, base_iri="https://example.org/")
    assert not {"Christopher", "Jonathan"} & set(tastes(reader, "I adore Nolan."))


def test_a_users_text_compiles_no_forms(extractor: Extractor) -> None:
    fresh = Extractor(extractor.ontology, base_iri="https://example.org/")
    list(fresh.extract([Document("d", "I love horror.", user=USER)]))
    assert "_relations" not in vars(fresh.reader("en"))
    list(fresh.extract([Document("d", "A film by Ann Lee.", Iri("urn:item"))]))
    assert "_relations" in vars(fresh.reader("en"))
