"""Bad input, seen from outside: through Recommender."""

from __future__ import annotations

import json
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import rdflib

from kg_rec import (
    ConfigError,
    DataError,
    DataWarning,
    KgRecError,
    Ontology,
    OntologyError,
    Recommender,
    UnknownIdError,
)

if TYPE_CHECKING:
    from pathlib import Path

Fit = Callable[..., Recommender]
EVENTS = pd.DataFrame({"user": ["u", "u", "v"], "item": ["a", "b", "a"]})


def error(kind: type[KgRecError], make: Callable[[], object]) -> str:
    with pytest.raises(kind) as caught:
        make()
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- items -----------------------------------------------------------------------------------


def test_a_missing_id_column(fit: Fit) -> None:
    message = error(DataError, lambda: fit(pd.DataFrame({"key": ["a"]})))
    assert message == "items: no column 'id' (setting items.id); columns: 'key'"


def test_an_empty_id(fit: Fit) -> None:
    message = error(DataError, lambda: fit(pd.DataFrame({"id": ["a", None]})))
    assert message == "items, row 2, column 'id': empty, expected an id"


def test_an_id_twice(fit: Fit, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("id,label\na,Alpha\nb,Beta\na,Again\n")
    message = error(DataError, lambda: fit(path))
    assert message == (
        "items.csv, row 3 (line 4), column 'id': id 'a' is there twice (first in row 1 (line 2))"
    )


def test_an_id_twice_may_be_dropped(fit: Fit) -> None:
    frame = pd.DataFrame({"id": ["a", "b", "a"], "label": ["Alpha", "Beta", "Again"]})
    with pytest.warns(DataWarning, match=r"^1 row of items dropped; the first: items, row 3, "):
        model = fit(frame, config={"bad_rows": "drop"})
    assert [(item.id, item.label) for item in model.items] == [("a", "Alpha"), ("b", "Beta")]


@pytest.mark.parametrize("iri", ["no iri", "http://a.example/a b", "http://a.example/%zz"])
def test_an_invalid_iri(fit: Fit, iri: str) -> None:
    message = error(DataError, lambda: fit(pd.DataFrame({"id": ["a"], "iri": [iri]})))
    assert message.startswith(f"items, row 1, column 'iri': {iri!r} is not an absolute IRI")


def test_two_items_with_one_iri(fit: Fit) -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "iri": ["http://a.example/x"] * 2})
    message = error(DataError, lambda: fit(frame))
    assert message == (
        "items, row 2, column 'iri': IRI 'http://a.example/x' is there twice (first in row 1)"
    )
    with pytest.warns(DataWarning, match="is there twice"):
        model = fit(frame, config={"bad_rows": "drop"})
    assert [item.id for item in model.items] == ["a"]


def test_an_iri_that_another_item_gets_minted(fit: Fit) -> None:
    minted = "https://w3id.org/kg-rec/id/item/b"
    frame = pd.DataFrame({"id": ["a", "b"], "iri": [minted, None]})
    assert "is there twice (first in row 1)" in error(DataError, lambda: fit(frame))


def test_no_items(fit: Fit, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("id,label\n")
    assert error(DataError, lambda: fit(path)) == "items.csv: no items"
    path.write_text("")
    message = error(DataError, lambda: fit(path))
    assert message == f"{path}: the file is empty, expected a header"
    assert error(ConfigError, Recommender.fit).startswith("no items: give a table")


def test_an_unknown_relation(fit: Fit) -> None:
    frame = pd.DataFrame({"id": ["a"], "genres": ["Crime"]})
    config = {"items": {"facts": {"genres": {"relation": "gener"}}}}
    message = error(UnknownIdError, lambda: fit(frame, config=config))
    assert message == "unknown relation 'gener'; did you mean 'genre'?"


# --- interactions ----------------------------------------------------------------------------


def test_an_unknown_item(fit: Fit) -> None:
    events = pd.DataFrame({"user": ["u", "v", "w"], "item": ["a", "zz", "b"]})
    message = error(DataError, lambda: fit(interactions=events))
    assert message == "interactions, row 2, column 'item': unknown item 'zz'"
    with pytest.warns(DataWarning) as caught:
        model = fit(interactions=events, config={"bad_rows": "drop"})
    assert [str(w.message) for w in caught] == [
        f"1 row of interactions dropped; the first: {message}"
    ]
    assert model.users == ("u", "w")
    assert model.history("w")[0].item == "b"


@pytest.mark.parametrize("column", ["user", "item"])
def test_a_missing_column_of_interactions(fit: Fit, column: str) -> None:
    events = EVENTS.rename(columns={column: "x"})
    message = error(DataError, lambda: fit(interactions=events))
    assert message.startswith(f"interactions: no column {column!r} (setting interactions.{column})")


def test_a_missing_column_of_weights(fit: Fit) -> None:
    for config in ({"like_at": 3}, {"weight": "stars"}):
        make = lambda config=config: fit(  # noqa: E731 - called below
            interactions=EVENTS, config={"interactions": config}
        )
        name = config.get("weight", "weight")
        expected = f"interactions: no column {name!r} (setting interactions.weight)"
        assert error(DataError, make).startswith(expected)


@pytest.mark.parametrize(
    "weight", ["many", "", None, "nan", float("nan"), "inf", float("inf"), "-inf", "1,5"]
)
def test_a_weight_that_is_no_finite_number(fit: Fit, weight: object) -> None:
    events = pd.DataFrame({"user": ["u", "v"], "item": ["a", "b"], "weight": [1.0, weight]})
    message = error(DataError, lambda: fit(interactions=events))
    start, end = (
        "interactions, row 2, column 'weight': found ",
        ", expected a number from -1e6 to 1e6",
    )
    assert message.startswith(start)
    assert message.endswith(end)
    with pytest.warns(DataWarning, match="column 'weight'"):
        model = fit(interactions=events, config={"bad_rows": "drop"})
    assert model.users == ("u",)


def test_counts_add_up(fit: Fit) -> None:
    events = pd.DataFrame({"user": ["u"] * 3, "item": ["a", "b", "a"], "weight": [2, 1, 3]})
    history = fit(interactions=events).history("u")
    assert [(h.item, h.weight) for h in history] == [("a", 5.0), ("b", 1.0)]
    history = fit(interactions=events[["user", "item"]]).history("u")
    assert [(h.item, h.weight) for h in history] == [("a", 2.0), ("b", 1.0)]


def test_of_ratings_the_last_counts(fit: Fit) -> None:
    events = pd.DataFrame({"user": ["u"] * 3, "item": ["a", "b", "a"], "weight": [9, 9, 2]})
    history = fit(interactions=events, config={"interactions": {"like_at": 7}}).history("u")
    assert [(h.item, h.weight) for h in history] == [("b", 1.0), ("a", -0.5)]


def test_no_interactions_leave_what_is_popular(fit: Fit, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("user,item\n")
    model = fit(interactions=path)
    assert model.users == ()
    assert len(model.recommend(history=["a"])) == 3


# --- files -----------------------------------------------------------------------------------


def test_a_broken_file_stops_the_run(fit: Fit, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(b"user,item\nu,a\nv,caf\xe9\n")
    message = error(DataError, lambda: fit(interactions=path))
    assert message == f"{path}, line 3: byte 0xe9 is not UTF-8"
    path.write_text("user,item\nu,a\nv,a,5\n")
    message = error(DataError, lambda: fit(interactions=path))
    assert message == f"{path}, line 3: 3 cells, expected 2 as in the header"


def test_broken_rdf_stops_the_run(fit: Fit, tmp_path: Path) -> None:
    path = tmp_path / "facts.ttl"
    path.write_text("<http://a.example/b> a <http://a.example/c> .\n<oops\n")
    assert error(DataError, lambda: fit(graph=path)).startswith(f"{path}, line 2: ")


def test_an_excel_file_of_integers_equals_the_table_as_made(fit: Fit, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes("\ufeffid,label\r\n5,Alpha\r\n7,Beta\r\n".encode())
    events = pd.DataFrame({"user": [1, 2], "item": [5, 7]})
    model = fit(path, interactions=events)
    assert [item.id for item in model.items] == ["5", "7"]
    assert model.users == ("1", "2")


# --- ontology --------------------------------------------------------------------------------


def test_an_unknown_ontology(fit: Fit) -> None:
    message = error(UnknownIdError, lambda: fit(ontology="moveis"))
    assert message == "unknown ontology 'moveis'; did you mean 'movies'?"


@pytest.mark.parametrize(
    ("turtle", "message"),
    [
        (b"@prefix a: <http://a.example/> .\na:b a oops:c .\n", "my.ttl, line 2: not Turtle: "),
        (b"<http://a.example/b> a 'caf\xe9' .", "byte 27 is not UTF-8"),
        (
            (
                b"@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .\n"
                b"<http://a.example/r> a rdf:Property ; <https://w3id.org/kg-rec/ns#weight> 'x' ."
            ),
            "my.ttl: kgrec:weight of <http://a.example/r> is 'x', expected a number",
        ),
    ],
)
def test_a_broken_ontology(fit: Fit, tmp_path: Path, turtle: bytes, message: str) -> None:
    path = tmp_path / "my.ttl"
    path.write_bytes(turtle)
    assert message in error(OntologyError, lambda: fit(ontology=path))


def test_files_are_found_from_the_folder_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("id\na\nb\n")
    turtle = Ontology.load("movies").turtle
    (tmp_path / "my.ttl").write_text(turtle, encoding="utf-8")
    config = tmp_path / "kg-rec.toml"
    config.write_text(
        "ontology = 'my.ttl'\n[items]\npath = 'items.csv'\n[embeddings]\nepochs = 0\n"
    )
    assert Recommender.fit(config=config).model.ontology.turtle == turtle


# --- asking ----------------------------------------------------------------------------------


def test_unknown_ids_name_close_ones(fit: Fit) -> None:
    frame = pd.DataFrame({"id": ["alpha", "beta"]})
    events = pd.DataFrame({"user": ["alice", "bob"], "item": ["alpha", "beta"]})
    model = fit(frame, interactions=events)
    for ask in (model.recommend, model.history, model.preferences, model.profile, model.report):
        message = error(UnknownIdError, lambda ask=ask: ask("alcie"))
        assert message == "unknown user 'alcie'"  # other users are not told
    message = error(UnknownIdError, lambda: model.explain("alhpa", "bob"))
    assert message == "unknown item 'alhpa'; did you mean 'alpha'?"
    message = error(UnknownIdError, lambda: model.recommend(history=["bta"]))
    assert message == "unknown item 'bta'; did you mean 'beta'?"
    assert error(UnknownIdError, lambda: model.recommend("zzz")) == "unknown user 'zzz'"


def test_no_place_at_all(tiny: Recommender) -> None:
    assert error(DataError, lambda: tiny.recommend("u", k=0)) == "k is 0, expected at least 1"


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_taste(starter: Recommender, text: str) -> None:
    assert "the text is empty" in error(DataError, lambda: starter.recommend(text=text))


# --- texts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "  ", None])
def test_an_empty_text_in_the_tables_of_texts_and_users(fit: Fit, text: str | None) -> None:
    texts = pd.DataFrame({"item": ["a", "b"], "text": ["A film.", text]}, dtype=object)
    message = error(DataError, lambda: fit(texts=texts))
    assert message == "texts, row 2, column 'text': the text is empty"
    users = pd.DataFrame({"id": ["x", "y"], "text": ["I love horror.", text]}, dtype=object)
    message = error(DataError, lambda: fit(users=users))
    assert message == "users, row 2, column 'text': the text is empty"


def test_an_empty_text_of_an_item_is_none(fit: Fit) -> None:
    model = fit(pd.DataFrame({"id": ["a", "b"], "text": ["", None]}, dtype=object))
    assert model.graph.documents == {}


def test_texts_of_unknown_items_and_users_twice(fit: Fit) -> None:
    texts = pd.DataFrame({"item": ["a", "zz"], "text": ["A film.", "A film."]})
    message = error(DataError, lambda: fit(texts=texts))
    assert message == "texts, row 2, column 'item': unknown item 'zz'"
    users = pd.DataFrame({"id": ["x", "x"], "text": ["I love horror."] * 2})
    message = error(DataError, lambda: fit(users=users))
    assert message == "users, row 2, column 'id': id 'x' is there twice"


@pytest.mark.slow
def test_a_text_of_five_megabytes(starter: Recommender, fit: Fit, tmp_path: Path) -> None:
    assert starter.graph.documents  # the pipeline is there
    filler = "Unquestionably incomprehensible circumstances notwithstanding. "
    text = filler * (5_000_000 // len(filler)) + "This heist film was directed by Ada Quill."
    path = tmp_path / "items.csv"
    path.write_text(f'id,label,text\na,Alpha,"{text}"\n')
    model = fit(path)
    document = model.graph.documents["items/a"]
    assert document == text
    said = [
        s for s in model.graph.statements() if s.evidence and s.evidence[0].document == "items/a"
    ]
    assert any(e.start >= 4_900_000 for s in said for e in s.evidence)
    for statement in said:
        assert all(document[e.start : e.end] == e.text for e in statement.evidence)


READ = """
from kg_rec import Document, Iri, Ontology
from kg_rec.text import Extractor
extractor = Extractor(Ontology.load("movies"), [], base_iri="https://a.example/")
use = lambda text: list(extractor.extract([Document("d", text, Iri("http://a.example/1"))]))
"""
ENCODE = """
from kg_rec.embeddings import TokenEncoder
encoder = TokenEncoder()
use = lambda text: encoder.encode([text])
"""
GROWTH = """
import resource
def most(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
filler = "Unquestionably incomprehensible circumstances notwithstanding. "
use(filler)
before = most()
use(filler * (SIZE // len(filler)))
print(most() - before)
"""


@pytest.mark.parametrize(
    ("use", "size"),
    [
        pytest.param(READ, 1_000_000, marks=pytest.mark.slow, id="reading"),
        pytest.param(ENCODE, 2_500_000, id="encoding"),
    ],
)
def test_memory_for_a_long_text_is_bounded(use: str, size: int) -> None:
    code = use + GROWTH.replace("SIZE", str(size))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 500  # MB


# --- ids and labels that try something ---------------------------------------------------------

ODD_IDS = [
    "a b",
    'a"b',
    "a'b",
    "a>b",
    "é",
    "e\u0301",
    "霸王",
    "a/b",
    "a%b",
    "a%20b",
    ".",
    "..",
    "a\\b",
]


@pytest.fixture(scope="module")
def odd() -> Recommender:
    frame = pd.DataFrame({"id": ODD_IDS, "genre": ["Crime"] * len(ODD_IDS)})
    events = pd.DataFrame({"user": ODD_IDS, "item": ODD_IDS})
    return Recommender.fit(frame, interactions=events, config={"embeddings": {"epochs": 0}})


def test_odd_ids_come_back(odd: Recommender, tmp_path: Path) -> None:
    model = Recommender.load(odd.save(tmp_path / "model"))
    assert set(model.users) == set(ODD_IDS)
    for user in ODD_IDS:
        found = model.recommend(user, k=99)
        assert {r.item for r in found} == set(ODD_IDS) - {user}
        assert [h.item for h in model.history(user)] == [user]
    plain = json.loads(json.dumps([r.to_dict() for r in model.recommend("a b", k=99)]))
    assert {r["item"] for r in plain} == set(ODD_IDS) - {"a b"}


@pytest.mark.parametrize(
    ("format_", "name"), [("ttl", "turtle"), ("nt", "nt"), ("jsonld", "json-ld")]
)
def test_odd_ids_are_valid_iris_in_exports(odd: Recommender, format_: str, name: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        graph = rdflib.Graph().parse(data=odd.graph.serialize(format_), format=name)
    assert len(graph) == len(odd.graph)
    assert {str(s) for s in graph.subjects()} >= {item.iri for item in odd.items}
    assert len({item.iri for item in odd.items}) == len(ODD_IDS)


def test_a_label_is_escaped_in_reports(fit: Fit) -> None:
    pytest.importorskip("kg_rec.report")
    script = "<script>alert('x')</script>"
    attribute = '"><img src=x onerror=alert(1)>'
    frame = pd.DataFrame(
        {"id": [attribute, "b", "c"], "label": [script, script, "C"], "genre": [script] * 3}
    )
    events = pd.DataFrame({"user": [script], "item": [attribute]})
    model = fit(frame, interactions=events)
    pages = [
        model.report(script),
        model.report(script, item="b"),
        model.recommend(script)._repr_html_(),
        model.explain("b", script)._repr_html_(),
    ]
    for page in pages:
        assert "&lt;script&gt;alert" in page
        assert "<script>alert" not in page
        assert "<img" not in page


# --- tables of other libraries ------------------------------------------------------------------


def test_pandas_polars_and_pyarrow_give_equal_models(tmp_path: Path) -> None:
    items = {"id": [1, 2, 3], "label": ["A", None, "C"], "genre": ["Crime", "Crime", None]}
    events = {"user": ["u", "v", "v"], "item": [1, 1, 2], "weight": [1.0, 2.5, 1.0]}
    saved = []
    for number, make in enumerate((pd.DataFrame, pl.DataFrame, pa.table)):
        model = Recommender.fit(
            make(items), interactions=make(events), config={"embeddings": {"epochs": 0}}
        )
        folder = model.save(tmp_path / str(number))
        saved.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert saved[0] == saved[1] == saved[2]
