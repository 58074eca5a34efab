"""kg_rec.extract and the command: documents to statements, resumable, in several processes."""

from __future__ import annotations

import functools
import json
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc

import kg_rec
from kg_rec import Document, Iri, Literal, Ontology, Recommender, cli
from kg_rec.errors import ConfigError, DataError, DataWarning, ExtractionWarning, UnknownIdError
from kg_rec.ids import SCHEMA, XSD
from kg_rec.io import StatementFile, read_documents, read_statements, statement_line
from kg_rec.ontology import DISLIKES, LABEL, LIKES, TYPE
from kg_rec.statements import Evidence, Statement, Triple
from kg_rec.text import extractor as extractor_module
from kg_rec.text import load_pipeline

if TYPE_CHECKING:
    from pathlib import Path

KEYS = [
    "document", "subject", "subject_text", "predicate", "object", "object_text",
    "start", "end", "text", "polarity", "confidence", "extractor",
]  # fmt: skip
TEXTS = [
    {"id": "heat", "text": "Michael Mann wrote and directed this heist film.", "item": "Heat"},
    {"id": "none", "text": "Nothing of use?"},
    {"id": 7, "text": "<p>It was <b>not</b> directed by Steven Spielberg.</p>", "item": "urn:x"},
    {"id": "ann", "text": "I love heist films but I hate horror.", "user": "ann"},
    {"id": "piano", "text": "Jane Campion directed The Piano. She also wrote it.", "item": "urn:p"},
]
DIRECTOR = SCHEMA["director"]


FILMS = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix kgrec: <https://w3id.org/kg-rec/ns#> .
@prefix schema: <http://schema.org/> .
schema:Movie a rdfs:Class ; rdfs:subClassOf kgrec:Item ; rdfs:label "film"@en .
schema:Person a rdfs:Class ; rdfs:label "person"@en ; kgrec:nerLabel "PERSON" .
schema:director a rdf:Property ; rdfs:range schema:Person ;
    kgrec:form "directed by {object}"@en, "{object} directs {subject}"@en .
schema:author a rdf:Property ; rdfs:range schema:Person ;
    kgrec:form "{object} writes {subject}"@en .
schema:about a rdf:Property ; rdfs:range skos:Concept .
"""  # a few forms: those of the shipped ontology take a second to compile


@pytest.fixture(scope="module")
def movies() -> Ontology:
    return Ontology(FILMS)


@pytest.fixture
def ontology(tmp_path: Path) -> Path:
    path = tmp_path / "films.ttl"
    path.write_text(FILMS, encoding="utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path / "documents.jsonl", TEXTS)


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def load_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractor_module, "load_pipeline", _load)


_load = functools.cache(load_pipeline)
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process; return its exit code and what it says."""

    def command(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["kg-rec", "extract", *map(str, words)])
        code: object = 0
        with warnings.catch_warnings():
            warnings.simplefilter("always", DataWarning)
            try:
                cli.main()
            except SystemExit as stop:
                code = stop.code
        out, err = capsys.readouterr()
        return int(str(code or 0)), out + err

    return command


# --- the function ----------------------------------------------------------------------------


def test_mappings_become_statements(movies: Ontology) -> None:
    found = list(kg_rec.extract(TEXTS, movies))
    said = {(s.triple.predicate.local_name, s.object_text, s.polarity) for s in found}
    assert ("director", "Michael Mann", 1) in said
    assert ("director", "Steven Spielberg", -1) in said
    assert {s.triple.predicate for s in found if s.part == "users"} == {LIKES, DISLIKES}
    assert not [s for s in found if s.triple.predicate in {TYPE, LABEL}]


def test_offsets_are_into_the_original(movies: Ontology) -> None:
    texts = {str(row["id"]): str(row["text"]) for row in TEXTS}
    found = list(kg_rec.extract(TEXTS, movies, names=True))
    assert all(texts[e.document][e.start : e.end] == e.text for s in found for e in s.evidence)
    (denied,) = [s for s in found if s.polarity < 0 and s.triple.predicate == DIRECTOR]
    assert denied.evidence[0].text == "not</b> directed by Steven Spielberg"


def test_names_describe_what_is_new_once(movies: Ontology) -> None:
    twice = [{**TEXTS[0], "id": n} for n in "ab"]
    found = [s for s in kg_rec.extract(twice, movies, names=True) if s.extractor == "entity"]
    mann = [s.triple for s in found if s.triple.subject.local_name == "Michael_Mann"]
    assert [t.predicate for t in mann] == [TYPE, LABEL]


@pytest.mark.parametrize("kind", ["list", "frame", "file", "documents"])
def test_where_documents_come_from(kind: str, file: Path, movies: Ontology) -> None:
    source = {
        "list": TEXTS,
        "frame": pd.DataFrame(TEXTS),
        "file": file,
        "documents": read_documents(file, base_iri="https://w3id.org/kg-rec/id/"),
    }[kind]
    expected = [statement_line(s) for s in kg_rec.extract(TEXTS, movies)]
    assert [statement_line(s) for s in kg_rec.extract(source, movies)] == expected


def test_an_item_is_an_iri_or_a_name() -> None:
    (one, two, three) = read_documents(
        pd.DataFrame({"id": [1, 2, 3], "text": "A text.", "item": ["urn:heat", "Heat", "12"]}),
        base_iri="https://a.example/",
    )
    assert (one.item, one.title) == (Iri("urn:heat"), "")
    assert (two.item, two.title) == (Iri("https://a.example/item/Heat"), "Heat")
    assert (three.item, three.title) == (Iri("https://a.example/item/12"), "")


def test_without_an_ontology_relations_are_open() -> None:
    text = "Marie Curie discovered radium. She was born in Warsaw in 1867."
    found = list(kg_rec.extract([{"id": "c", "text": text}], names=True))
    curie = Iri("https://w3id.org/kg-rec/id/Person/Marie_Curie")
    said = {(s.triple.subject, s.object_text) for s in found if s.extractor.startswith("open:")}
    assert {(curie, "radium"), (curie, "Warsaw")} <= said
    labels = {s.triple.object for s in found if s.triple.predicate == LABEL}
    assert Literal("discover") in labels
    values = {s.triple.object for s in found if s.object_text == "1867"}
    assert values == {Literal("1867")}


def test_an_open_pronoun_is_of_one_document_only() -> None:
    texts = [{"id": n, "text": "It sells books."} for n in ("a", "b")]
    subjects = [s.triple.subject for s in kg_rec.extract(texts)]
    assert len(subjects) == len(set(subjects)) == 2


def test_what_is_denied_enters_no_graph() -> None:
    items = pd.DataFrame(
        {
            "id": ["a", "b"],
            "label": ["Alpha", "Beta"],
            "text": ["It was not directed by Jane Campion.", "It was directed by Jane Campion."],
        }
    )
    model = Recommender.fit(items, config={"embeddings": {"epochs": 0}})
    found = [t for t in model.graph.triples() if t.predicate == DIRECTOR]
    assert [t.subject.local_name for t in found] == ["b"]


def test_the_language_of_a_document_picks_its_reader() -> None:
    turtle = """
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    @prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
    @prefix kgrec: <https://w3id.org/kg-rec/ns#> .
    @prefix schema: <http://schema.org/> .
    schema:Book a rdfs:Class ; rdfs:subClassOf kgrec:Item ; rdfs:label "Buch"@de, "book"@en .
    schema:Person a rdfs:Class ; kgrec:nerLabel "PERSON" .
    schema:author a rdf:Property ; rdfs:range schema:Person ;
        kgrec:form "geschrieben von {object}"@de, "written by {object}"@en .
    <urn:kafka> a schema:Person ; rdfs:label "Franz Kafka" .
    """
    texts = ["Ein Buch, geschrieben von Franz Kafka.", "A book, written by Franz Kafka."]
    with pytest.warns(ExtractionWarning, match="no trained spaCy pipeline for 'de'"):
        found = list(
            kg_rec.extract(
                [{"id": n, "text": text, "item": f"urn:{n}"} for n, text in enumerate(texts)],
                Ontology(turtle),
            )
        )
    assert [s.triple.object for s in found] == ["urn:kafka", "urn:kafka"]


def test_workers_need_a_pipeline_by_name(movies: Ontology) -> None:
    nlp = spacy.blank("en")
    with pytest.raises(ConfigError, match="by its name"):
        next(kg_rec.extract(TEXTS, movies, pipeline=nlp, workers=2))


def test_an_unknown_ontology_is_named() -> None:
    with pytest.raises(UnknownIdError, match="movies"):
        next(kg_rec.extract(TEXTS, "movie"))


# --- pipelines that find relations themselves ------------------------------------------------


@Language.component("capital_finder")
def capital_finder(doc: Doc) -> Doc:
    """As a component of one's own may be: it sets entities and relations."""
    if not Doc.has_extension("kg_rec_relations"):
        Doc.set_extension("kg_rec_relations", default=None)
    spans = [doc.char_span(*span, label="GPE") for span in ((0, 4), (24, 29))]
    doc.ents = [span for span in spans if span is not None]
    doc._.kg_rec_relations = [
        (doc.ents[0], "capital", doc.ents[1], 0.75),
        (doc.ents[1], "urn:contains", doc.ents[0], 1.0),
        (doc.ents[0], "nonsense", doc.ents[1], 1.0),
    ]
    return doc


PLACES = """
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix kgrec: <https://w3id.org/kg-rec/ns#> .
@prefix schema: <http://schema.org/> .
schema:Place a rdfs:Class ; kgrec:nerLabel "GPE" .
<urn:capitalOf> a rdf:Property ; rdfs:label "capital"@en .
"""


def own_pipeline() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("capital_finder")
    return nlp


def test_a_pipeline_of_ones_own_is_used_as_it_is() -> None:
    documents = [{"id": "d", "text": "Rome is the capital of  Italy."}]
    with pytest.warns(ExtractionWarning, match="unknown relation 'nonsense'"):
        found = list(
            kg_rec.extract(documents, Ontology(PLACES), pipeline=own_pipeline(), clean=False)
        )
    capital, contains = found
    assert capital.triple.predicate == "urn:capitalOf"
    assert capital.triple.subject == "https://w3id.org/kg-rec/id/Place/Rome"
    assert (capital.subject_text, capital.object_text) == ("Rome", "Italy")
    assert (capital.confidence, capital.extractor) == (0.75, "pipeline")
    assert capital.evidence[0].text == "Rome is the capital of  Italy"
    assert contains.triple == (
        capital.triple.object,
        Iri("urn:contains"),
        capital.triple.subject,
    )


def test_a_pipeline_brings_its_language() -> None:
    turtle = FILMS.replace('"directed by {object}"@en', '"unter der Regie von {object}"@de')
    nlp = spacy.blank("de")
    ruler = nlp.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "PERSON", "pattern": "Wim Wenders"}])  # type: ignore[attr-defined]
    document = Document("d", "Ein Drama unter der Regie von Wim Wenders.", Iri("urn:film"))
    found = list(kg_rec.extract([document], Ontology(turtle), pipeline=nlp))
    assert [s.object_text for s in found if s.triple.predicate == DIRECTOR] == ["Wim Wenders"]


def test_entities_that_a_pipeline_links_keep_their_iri(movies: Ontology) -> None:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler")
    mann = {"label": "PERSON", "pattern": "Mr Mann", "id": "http://dbpedia.org/resource/Mann"}
    ruler.add_patterns([mann])  # type: ignore[attr-defined]
    document = Document("d", "A thriller. Directed by Mr Mann.", Iri("urn:heat"))
    found = list(kg_rec.extract([document], movies, pipeline=nlp))
    assert [s.triple.object for s in found if s.triple.predicate == DIRECTOR] == [
        "http://dbpedia.org/resource/Mann"
    ]


def test_relations_of_the_wrong_shape_are_named() -> None:
    @Language.component("careless")
    def careless(doc: Doc) -> Doc:
        doc._.kg_rec_relations = [("Rome", "capital", "Italy")]
        return doc

    if not Doc.has_extension("kg_rec_relations"):
        Doc.set_extension("kg_rec_relations", default=None)
    nlp = spacy.blank("en")
    nlp.add_pipe("careless")
    with pytest.raises(DataError, match=r"kg_rec_relations.*subject span, relation, object span"):
        list(kg_rec.extract([{"id": 1, "text": "Rome."}], pipeline=nlp))


# --- lines -----------------------------------------------------------------------------------


def test_lines_have_the_documented_keys(
    file: Path, tmp_path: Path, ontology: Path, run: Run
) -> None:
    code, said = run("--in", file, "--ontology", ontology, "--out", tmp_path / "out.jsonl")
    rows = lines(tmp_path / "out.jsonl")
    count = f"{tmp_path / 'out.jsonl'}: {len(rows)} statements of 5 documents"
    assert (code, said.splitlines()[-1]) == (0, count)
    texts = {str(row["id"]): str(row["text"]) for row in TEXTS}
    for row in rows:
        taste = row["predicate"] in {LIKES, DISLIKES}
        assert list(row) == ([*KEYS, "strength"] if taste else KEYS)
        assert texts[row["document"]][row["start"] : row["end"]] == row["text"]
        assert row["polarity"] in {1, -1}
        assert 0 <= row["confidence"] <= 1
    assert list(tmp_path.glob(".*")) == []


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "term",
    [Iri("urn:o"), Literal('a "b"\n'), Literal("1995", XSD["gYear"]), Literal("猫", language="zh")],
)
def test_statements_come_back(term: Iri | Literal, tmp_path: Path) -> None:
    passage = Evidence("d", 2, 5, "abc")
    statement = Statement(
        Triple(Iri("urn:s"), Iri("urn:p"), term), (passage,), 0.75, "x", "users", -1, 0.5, "s", "o"
    )
    (tmp_path / "s.jsonl").write_text(statement_line(statement) + "\n", encoding="utf-8")
    assert list(read_statements(tmp_path / "s.jsonl")) == [statement]


def test_a_line_that_is_no_statement_is_named(tmp_path: Path) -> None:
    row = json.loads(statement_line(Statement(Triple(Iri("urn:s"), Iri("urn:p"), Iri("urn:o")))))
    path = write(tmp_path / "s.jsonl", [row, {**row, "object": "no iri"}])
    with pytest.raises(DataError, match=r"row 2 \(line 2\), no statement|row 2 \(line 2\): no"):
        list(read_statements(path))


# --- many documents --------------------------------------------------------------------------


def many(count: int) -> list[dict[str, Any]]:
    return [{**TEXTS[n % len(TEXTS)], "id": f"d{n}"} for n in range(count)]


def test_workers_change_no_byte(tmp_path: Path, ontology: Path, run: Run) -> None:
    file = write(tmp_path / "d.jsonl", many(30))
    outs = [tmp_path / f"{n}.jsonl" for n in (1, 2)]
    for workers, out in enumerate(outs, start=1):
        options = ["--ontology", ontology, "--workers", workers, "--batch-size", 2, "--names"]
        assert run("--in", file, "--out", out, *options)[0] == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.55, 0.999, 1.0])
@pytest.mark.parametrize("part", [True, False])
def test_a_resumed_run_equals_one_in_one_go(
    share: float,
    part: bool,  # noqa: FBT001
    tmp_path: Path,
    ontology: Path,
    run: Run,
) -> None:
    file = write(tmp_path / "d.jsonl", many(12))
    options = ["--in", file, "--ontology", ontology, "--batch-size", 1, "--names"]
    assert run(*options, "--out", tmp_path / "whole.jsonl")[0] == 0
    whole = (tmp_path / "whole.jsonl").read_bytes()
    out = tmp_path / "out.jsonl"
    torn = tmp_path / ".out.jsonl.part" if part else out
    torn.write_bytes(whole[: int(share * len(whole))])
    code, said = run(*options, "--out", out, "--resume")
    assert code == 0
    assert out.read_bytes() == whole
    assert not (tmp_path / ".out.jsonl.part").exists()
    assert ("are read already" in said) is (share > 0)


def test_what_is_done_is_not_read_again(tmp_path: Path, movies: Ontology) -> None:
    documents = [Document(f"d{n}", "Directed by Jane Campion.", Iri(f"urn:{n}")) for n in range(9)]
    said = list(kg_rec.extract(documents, movies))
    out = tmp_path / "s.jsonl"
    file = StatementFile(out, [d.id for d in documents])
    with file.writing():
        for document in documents[:5]:
            file.write(s for s in said if s.evidence[0].document == document.id)
    again = StatementFile(out, [d.id for d in documents], resume=True)
    assert again.done == 4  # the fifth may have been cut short
    assert [row["document"] for row in again.rows] == ["d0", "d1", "d2", "d3"]


def test_other_documents_are_no_resumption(tmp_path: Path, ontology: Path, run: Run) -> None:
    one, two = (write(tmp_path / f"{n}.jsonl", many(3)[n:]) for n in (0, 1))
    out = tmp_path / "s.jsonl"
    assert run("--in", one, "--ontology", ontology, "--out", out)[0] == 0
    before = out.read_bytes()
    code, said = run("--in", two, "--ontology", ontology, "--out", out, "--resume")
    assert code == 1
    assert "not of these documents in this order" in said
    assert out.read_bytes() == before


def test_a_run_that_fails_leaves_the_old_file(
    tmp_path: Path, ontology: Path, file: Path, run: Run
) -> None:
    out = tmp_path / "s.jsonl"
    out.write_text("old\n", encoding="utf-8")
    code, said = run("--in", file, "--ontology", ontology, "--model", "en_none", "--out", out)
    assert code == 1
    assert "'en_none' is not installed" in said
    assert out.read_text(encoding="utf-8") == "old\n"


# --- bad input -------------------------------------------------------------------------------

GOOD = {"id": "a", "text": "A text.", "lang": "en"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"id": None}, "column 'id': empty, expected an id"),
        ({"id": ["x"]}, r"column 'id': found \['x'\], expected an id"),
        ({"id": "a"}, r"column 'id': id 'a' is there twice \(first in row 1 \(line 1\)\)"),
        ({"text": None}, "column 'text': the text is empty"),
        ({"text": 12}, "column 'text': found 12, expected a text"),
        ({"text": ["x"]}, r"column 'text': found \['x'\], expected a text"),
        ({"lang": "qq"}, "column 'lang': found 'qq', expected a language code, as in 'en'"),
        ({"lang": "English"}, "column 'lang': found 'English'"),
        ({"item": ["x"]}, "column 'item': found"),
        ({"user": {"x": 1}}, "column 'user': found"),
    ],
)
def test_a_bad_row_is_named_or_dropped(
    row: dict[str, Any], message: str, tmp_path: Path, ontology: Path, run: Run
) -> None:
    file = write(tmp_path / "d.jsonl", [GOOD, {**GOOD, "id": "b", **row}])
    out = tmp_path / "s.jsonl"
    code, said = run("--in", file, "--ontology", ontology, "--out", out)
    assert code == 1
    assert not out.exists()
    with pytest.raises(DataError, match=rf"row 2 \(line 2\), {message}"):
        read_documents(file, base_iri="urn:x:", languages={"en"})
    code, said = run("--in", file, "--ontology", ontology, "--out", out, "--bad-rows", "drop")
    assert code == 0
    assert "1 row of d.jsonl dropped; the first: d.jsonl, row 2 (line 2)" in said
    assert said.splitlines()[-1].endswith("of 1 documents")


def test_a_column_that_is_missing_is_named(tmp_path: Path, run: Run) -> None:
    file = write(tmp_path / "d.jsonl", [{"name": "a", "text": "A text."}])
    code, said = run("--in", file, "--out", tmp_path / "s.jsonl")
    assert code == 1
    assert "no column 'id'" in said


@pytest.mark.parametrize(
    "options", [["--lang", "qq"], ["--workers", "0"], ["--batch-size", "0"], ["--bad-rows", "x"]]
)
def test_wrong_usage_is_2(options: list[str], file: Path, tmp_path: Path, run: Run) -> None:
    code, said = run("--in", file, "--out", tmp_path / "s.jsonl", *options)
    assert code == 2
    assert options[0] in said


@pytest.mark.parametrize("given", [{"text": "A text."}, {"id": 1}, "text", {"id": 1, "text": " "}])
def test_a_bad_mapping_is_named(given: object, movies: Ontology) -> None:
    with pytest.raises(DataError, match=r"^document 2: "):
        list(kg_rec.extract([GOOD, given], movies))


def test_an_id_comes_once(movies: Ontology) -> None:
    with pytest.raises(DataError, match=r"document 2: .*'a' is there twice"):
        list(kg_rec.extract([GOOD, GOOD], movies))
