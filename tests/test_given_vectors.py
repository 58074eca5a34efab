"""Vectors that come with the items, and those of other models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import rdflib
from safetensors.numpy import save_file

from kg_rec import ConfigError, DataError, Iri, Recommender
from kg_rec.config import Config
from kg_rec.embeddings import GivenVectors, ItemEncoder, read_vectors
from kg_rec.embeddings.transfer import aligned, placed
from kg_rec.ids import RDFS
from kg_rec.ontology.given import SIMILAR_TO, similar_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

QUICK: dict[str, Any] = {"embeddings": {"epochs": 0}}
ITEMS = pd.DataFrame({"id": ["a", "b", "c", "d"], "genre": ["Crime", "Drama", "Comedy", "Drama"]})
EVENTS = pd.DataFrame({"user": ["u", "v", "v", "w"], "item": ["a", "a", "d", "d"]})
POSTERS = {"a": [1.0, 0.0], "b": [0.0, 1.0], "c": [0.9, 0.1], "d": [0.1, 0.9]}
POSTER = similar_in("poster")


def fitted(given: Any, **config: Any) -> Recommender:
    settings = {**QUICK, **config}
    return Recommender.fit(ITEMS, interactions=EVENTS, vectors={"poster": given}, config=settings)


class Colours:
    """An encoder: what a column of paths stands for."""

    name = "colours"

    def encode(self, things: Sequence[Mapping[str, Any]], /) -> NDArray[np.float64]:
        return np.array([POSTERS[row["id"]] for row in things])


# --- files ---------------------------------------------------------------------------------------


def as_parquet(folder: Path, vectors: dict[str, list[float]]) -> Path:
    path = folder / "posters.parquet"
    pd.DataFrame({"id": list(vectors), "vector": list(vectors.values())}).to_parquet(path)
    return path


def as_jsonl(folder: Path, vectors: dict[str, list[float]]) -> Path:
    path = folder / "posters.jsonl"
    lines = [json.dumps({"id": name, "vector": vector}) for name, vector in vectors.items()]
    path.write_text("\n".join(lines))
    return path


def as_npz(folder: Path, vectors: dict[str, list[float]]) -> Path:
    path = folder / "posters.npz"
    np.savez(path, ids=np.array(list(vectors)), vectors=np.array(list(vectors.values())))
    return path


def as_safetensors(folder: Path, vectors: dict[str, list[float]]) -> Path:
    path = folder / "posters.safetensors"
    matrix = np.array(list(vectors.values()), dtype=np.float32)
    save_file({"vectors": matrix}, path, metadata={"ids": json.dumps(list(vectors))})
    return path


@pytest.mark.parametrize("write", [as_parquet, as_jsonl, as_npz, as_safetensors])
def test_all_kinds_of_files_hold_the_same(
    write: Callable[[Path, dict[str, list[float]]], Path], tmp_path: Path
) -> None:
    found = read_vectors(write(tmp_path, POSTERS))
    assert found.ids == tuple(POSTERS)
    assert np.allclose(found.matrix, list(POSTERS.values()))
    name = write(tmp_path, POSTERS).name
    (tmp_path / "kg-rec.toml").write_text(
        f'[[vectors]]\nname = "poster"\nfile = "{name}"\n[embeddings]\nepochs = 0\n'
        '[items]\npath = "items.csv"\n[interactions]\npath = "events.csv"\n'
    )
    ITEMS.to_csv(tmp_path / "items.csv", index=False)
    EVENTS.to_csv(tmp_path / "events.csv", index=False)
    model = Recommender.fit(config=tmp_path / "kg-rec.toml")
    assert lists(model) == lists(fitted(POSTERS))


def lists(model: Recommender) -> list[tuple[str, str, float]]:
    return [
        (user, best.item, pytest.approx(best.score))  # type: ignore[misc]
        for user in model.users
        for best in model.recommend(user)
    ]


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ({"a": [1.0], "z": [1.0]}, "vectors 'poster', row 2: unknown item 'z'"),
        ({"a": [1.0, 2.0], "b": [1.0]}, "row 2 \\(id 'b'\\): found 1 numbers, expected 2"),
        ({"a": [1.0, float("nan")]}, "row 1 \\(id 'a'\\): number 2 is nan"),
        ({"a": [1.0, 1e300]}, "row 1 \\(id 'a'\\): number 2 is 1e"),
        ({"a": ["red"]}, "expected a list of numbers"),
        ({"a": 3.0}, "expected a list of numbers"),
        ({"": [1.0]}, "row 1: the id is empty"),
        ({}, "no vectors"),
        (np.ones((3, 2)), "found 3 × 2, expected a row for each of 4 items"),
        (pd.DataFrame({"id": ["a"]}), "no column 'vector'"),
        (pd.DataFrame({"id": ["a", "a"], "vector": [[1.0], [1.0]]}), "id 'a' is there twice"),
        ("no-such.npz", "no such file"),
    ],
)
def test_what_is_wrong_with_vectors_is_named(vectors: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        fitted(vectors)


def test_broken_files_are_named(tmp_path: Path) -> None:
    for name in ("x.npz", "x.safetensors"):
        (tmp_path / name).write_bytes(b"no such thing")
        with pytest.raises(DataError, match=name):
            read_vectors(tmp_path / name)
    np.savez(tmp_path / "y.npz", ids=np.array(["a"]))
    with pytest.raises(DataError, match="expected arrays 'ids' and 'vectors', found ids"):
        read_vectors(tmp_path / "y.npz")
    np.savez(tmp_path / "z.npz", ids=np.array(["a", None], dtype=object), vectors=np.ones((2, 1)))
    with pytest.raises(DataError, match="without pickle"):
        read_vectors(tmp_path / "z.npz")
    np.savez(tmp_path / "w.npz", ids=np.array(["a"]), vectors=np.ones((2, 1)))
    with pytest.raises(DataError, match="found 1 ids and vectors of 2 × 1"):
        read_vectors(tmp_path / "w.npz")
    save_file({"vectors": np.ones((1, 1), dtype=np.float32)}, tmp_path / "v.safetensors")
    with pytest.raises(DataError, match="expected 'ids' in the metadata"):
        read_vectors(tmp_path / "v.safetensors")


@pytest.mark.parametrize("name", ["Poster", "graph", "text", "a b", ""])
def test_names_that_cannot_be_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="expected small letters"):
        Config.parse({"vectors": [{"name": name, "file": "x.npz"}]})


def test_names_must_differ_and_have_a_source() -> None:
    with pytest.raises(ConfigError, match="different names"):
        Config.parse({"vectors": [{"name": "x"}, {"name": "x"}]})
    with pytest.raises(ConfigError, match="vectors 'x': no file, and none are given"):
        Recommender.fit(ITEMS, config={"vectors": [{"name": "x"}]})


# --- reasons -------------------------------------------------------------------------------------


def test_likeness_is_a_reason_of_its_own_name() -> None:
    model = fitted(Colours())
    reasons = [c for c in model.explain("c", "u").contributions if c.kind == "similar_in_poster"]
    assert reasons[0].text == "close to a in poster (colours)"
    assert reasons[0].path[-1].triple.predicate == POSTER
    found = model.explain("c", "u", language="zh").contributions
    assert "poster与a相近（colours）" in [c.text for c in found]
    for user in model.users:
        for best in model.recommend(user):
            assert best.score == pytest.approx(sum(c.value for c in best.contributions))
            assert all(hop.triple in model.graph for c in best.contributions for hop in c.path)


def test_lists_of_many_are_those_of_each() -> None:
    model = fitted({name: vector for name, vector in POSTERS.items() if name != "b"})
    best = model.rank(k=2)
    for user, rows, scores in zip(model.users, best.rows, best.scores, strict=True):
        found = model.recommend(user, k=2)
        assert [model.items[row].id for row in rows] == [r.item for r in found]
        assert scores == pytest.approx([r.score for r in found])


def test_vectors_of_some_items_leave_tastes_for_the_others_as_they_were() -> None:
    """What is liked among films without vectors is not told less surely."""
    items = pd.DataFrame({"id": list("abcdef"), "genre": ["Crime", "Drama"] * 3})
    events = pd.DataFrame({"user": ["u", "v", "v"], "item": ["a", "b", "d"]})
    far = {"e": [1.0, 0.0], "f": [0.9, 0.1]}
    alone = {**QUICK, "ranking": {"blend": "fixed", "company": 0.0}}
    plain = Recommender.fit(items, interactions=events, config=alone)
    given = Recommender.fit(items, interactions=events, vectors={"poster": far}, config=alone)
    for item in ("b", "c", "d"):
        one, other = (model.explain(item, "u").contributions for model in (plain, given))
        facts = [sorted((c.text, c.value) for c in cs if c.kind == "fact") for cs in (one, other)]
        assert [text for text, _ in facts[0]] == [text for text, _ in facts[1]]
        assert [v for _, v in facts[1]] == pytest.approx([v for _, v in facts[0]], rel=1e-3)


def test_a_wording_of_ones_own_is_said() -> None:
    wording = {"en": "looks like {object}", "zh": "看起来像{object}"}
    model = fitted(POSTERS, vectors=[{"name": "poster", "wording": wording}])
    assert "looks like a" in [c.text for c in model.explain("c", "u").contributions]
    assert "看起来像a" in [c.text for c in model.explain("c", "u", language="zh").contributions]


@pytest.mark.parametrize("name", ["similar_in_poster", "similar in poster", str(POSTER)])
def test_likeness_can_be_muted_and_boosted(name: str) -> None:
    model = fitted(POSTERS)
    plain = model.explain("c", "u").score
    muted = model.explain("c", "u", mute=name)
    assert not [c for c in muted.contributions if c.kind == "similar_in_poster"]
    assert muted.score < plain < model.explain("c", "u", boost=name).score


def test_likeness_is_described_in_rdf_and_reports(tmp_path: Path) -> None:
    model = fitted(POSTERS)
    graph = rdflib.Graph().parse(data=model.graph.serialize("ttl"), format="turtle")
    assert (rdflib.URIRef(POSTER), rdflib.RDFS.label, None) in graph
    assert str(SIMILAR_TO) in {
        str(o)
        for o in rdflib.Graph()
        .parse(data=model.model.ontology.turtle)
        .objects(rdflib.URIRef(POSTER), rdflib.URIRef(RDFS["subPropertyOf"]))
    }
    for language, said in (("en", "close to a in poster"), ("zh", "poster与a相近")):
        assert said in model.report("u", item="c", language=language)
        assert said in model.report("u", language=language)
        model.report(item="c", language=language, out=tmp_path / "page.md")
        model.report(language=language, history=["a"], out=tmp_path / "page.json")


def test_a_saved_model_keeps_them_and_learns_again(tmp_path: Path) -> None:
    model = fitted(Colours(), vectors=[{"name": "poster", "weight": 0.7}])
    again = Recommender.load(model.save(tmp_path / "model"))
    assert lists(again) == lists(model)
    assert again.explain("c", "u").contributions == model.explain("c", "u").contributions
    again.refresh()
    assert lists(again) == lists(model)
    assert again.model.config.ranking.similar_in == {"poster": 0.7}


def test_an_item_without_a_vector_has_no_such_likeness() -> None:
    model = fitted({name: vector for name, vector in POSTERS.items() if name != "c"})
    assert not [c for c in model.explain("c", "u").contributions if c.kind == "similar_in_poster"]
    assert not list(model.graph.triples(None, POSTER, Iri("https://w3id.org/kg-rec/id/item/c")))


def test_a_new_item_brings_its_vector() -> None:
    model = fitted(POSTERS)
    row = pd.DataFrame({"id": ["new"], "genre": ["Horror"]})
    model.add_items(row, vectors={"poster": {"new": [1.0, 0.05]}})
    assert "close to a in poster" in [c.text for c in model.explain("new", "u").contributions]
    with pytest.raises(ConfigError, match="no vectors of that name: poster"):
        model.add_items(pd.DataFrame({"id": ["x"]}), vectors={"sound": {"x": [1.0]}})
    with pytest.raises(DataError, match="found 3 numbers a vector, expected 2"):
        model.add_items(pd.DataFrame({"id": ["x"]}), vectors={"poster": {"x": [1.0, 2.0, 3.0]}})
    with pytest.raises(DataError, match="unknown item 'y'"):
        model.add_items(pd.DataFrame({"id": ["x"]}), vectors={"poster": {"y": [1.0, 2.0]}})
    assert len(model.items) == 5
    model.add_items(pd.DataFrame({"id": ["z"]}))
    model.remove_items(["new"])
    assert model.model.features["poster"].tolist()[-1] == [0.0, 0.0]


def test_the_journal_keeps_vectors_of_new_items(tmp_path: Path) -> None:
    fitted(POSTERS).save(tmp_path / "model")
    model = Recommender.load(tmp_path / "model", journal=tmp_path / "journal")
    model.add_items(pd.DataFrame({"id": ["new"]}), vectors={"poster": {"new": [1.0, 0.05]}})
    model.close()
    again = Recommender.load(tmp_path / "model", journal=tmp_path / "journal")
    assert lists(again) == lists(model)
    again.close()


def test_encoders_are_known_by_their_shape() -> None:
    assert isinstance(Colours(), ItemEncoder)
    assert not isinstance(POSTERS, ItemEncoder)


# --- what it is worth ----------------------------------------------------------------------------


def tastes(seed: int, people: int = 90, films: int = 60) -> tuple[Any, Any, NDArray[np.float64]]:
    """Return films, likes and looks: people like films that look alike; genres say nothing."""
    rng = np.random.default_rng(seed)
    looks = rng.normal(size=(films, 6))
    wants = rng.normal(size=(people, 6))
    likes = [
        (f"u{person}", f"f{film:02}")
        for person in range(people)
        for film in np.argsort(-(looks @ wants[person]))[:8]
    ]
    items = pd.DataFrame({"id": [f"f{n:02}" for n in range(films)]})
    items["genre"] = rng.choice(["Crime", "Drama", "Comedy"], films)
    return items, pd.DataFrame(likes, columns=["user", "item"]), looks


def found_cold(items: Any, likes: Any, cold: set[str], config: Any = None, **more: Any) -> float:
    """Return the mean place, from 0 (best) to 1, of what people like among cold items."""
    model = Recommender.fit(
        items,
        interactions=likes[~likes["item"].isin(cold)],
        config={**QUICK, **(config or {})},
        **more,
    )
    asked = likes[likes["item"].isin(cold) & likes["user"].isin(model.users)]
    places = []
    for user, own in asked.groupby("user"):
        ranked = model.rank([str(user)], len(cold), candidates=sorted(cold)).rows[0]
        order = [model.items[row].id for row in ranked]
        places += [order.index(item) / (len(cold) - 1) for item in own["item"]]
    return float(np.mean(places))


def test_what_looks_alike_is_found_though_nobody_has_had_it() -> None:
    items, likes, looks = tastes(0)
    cold = {f"f{n:02}" for n in range(0, 60, 5)}
    without = found_cold(items, likes, cold)
    assert found_cold(items, likes, cold, vectors={"looks": looks}) < without - 0.15


def test_vectors_that_say_nothing_do_little_harm() -> None:
    items, likes, _ = tastes(1)
    noise = np.random.default_rng(2).normal(size=(60, 6))
    plain = Recommender.fit(items, interactions=likes, config=QUICK)
    given = Recommender.fit(items, interactions=likes, config=QUICK, vectors={"noise": noise})
    same = [
        len({r.item for r in plain.recommend(u)} & {r.item for r in given.recommend(u)})
        for u in plain.users[:30]
    ]
    assert np.mean(same) > 8


def test_the_blend_drops_vectors_that_say_nothing_and_keeps_those_that_do() -> None:
    items, likes, looks = tastes(3)
    noise = np.random.default_rng(2).normal(size=(60, 6))
    for vectors, learned in ((noise, 0.0), (looks, 0.5)):
        model = Recommender.fit(items, interactions=likes, config=QUICK, vectors={"x": vectors})
        assert model.model.config.ranking.similar_in == {"x": learned}
        assert model.model.given.similar_in == {"x": 0.5}


# --- other models --------------------------------------------------------------------------------


def test_two_spaces_become_one_by_what_they_share() -> None:
    rng = np.random.default_rng(0)
    space = rng.normal(size=(30, 5))
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    names = [f"i{n}" for n in range(30)]
    one = GivenVectors(tuple(names[:20]), space[:20].astype(np.float32), "one")
    two = GivenVectors(tuple(names[10:]), (3 * space[10:] @ turn + 1).astype(np.float32), "two")
    both = aligned([one, two])
    assert both.ids == (*names,)
    centred = space - space[10:20].mean(axis=0)
    assert np.allclose(cosines(both.matrix), cosines(centred), atol=1e-4)
    with pytest.raises(DataError, match="two: shares 0 items with one, expected at least 2"):
        aligned([one._replace(ids=tuple(names[:10]), matrix=one.matrix[:10]), two])


def cosines(rows: NDArray[Any]) -> NDArray[Any]:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(unit @ unit.T)


def test_content_places_items_that_another_model_lacks() -> None:
    rng = np.random.default_rng(3)
    content = rng.normal(size=(200, 8))
    foreign = content @ rng.normal(size=(8, 5)) + 0.1 * rng.normal(size=(200, 5))
    kernel = content @ content.T
    given = np.where(np.arange(200)[:, None] < 150, foreign, 0.0).astype(np.float32)
    found = placed(given, kernel)
    assert found.explained > 0.9
    wanted = foreign - foreign[:150].mean(axis=0)
    assert np.corrcoef(found.rows[150:].ravel(), wanted[150:].ravel())[0, 1] > 0.95
    left = [placed(drop(given, n), kernel).rows[n] for n in range(10)]
    assert np.corrcoef(np.ravel(left), wanted[:10].ravel())[0, 1] > 0.95


def drop(given: NDArray[np.float32], row: int) -> NDArray[np.float32]:
    rows = given.copy()
    rows[row] = 0.0
    return rows


def test_a_map_that_explains_nothing_is_not_made() -> None:
    rng = np.random.default_rng(4)
    kernel = np.eye(60)
    given = rng.normal(size=(60, 5)).astype(np.float32)
    given[50:] = 0.0
    found = placed(given, kernel)
    assert found.explained < 0.01
    assert not found.rows[50:].any()


def by_directors() -> tuple[Any, Any, dict[str, NDArray[np.float64]], set[str]]:
    """Return films, likes, what another model knows, and films that nobody has had.

    Another model knows which directors are alike; of new films only the director is known.
    """
    rng = np.random.default_rng(5)
    looks = rng.normal(size=(40, 4))
    directors = np.arange(120) % 40
    items = pd.DataFrame({"id": [f"f{n:03}" for n in range(120)]})
    items["director"] = [f"Director {number}" for number in directors]
    films = looks[directors] + 0.1 * rng.normal(size=(120, 4))
    wants = rng.normal(size=(90, 4))
    likes = [
        (f"u{person}", f"f{film:03}")
        for person in range(90)
        for film in rng.permutation(np.argsort(-(films @ wants[person]))[:30])[:6]
    ]
    cold = {f"f{n:03}" for n in range(80, 120)}
    known = {name: row for name, row in zip(items["id"], films, strict=True) if name not in cold}
    theirs = {**known, "a film of theirs only": films[0]}
    return items, pd.DataFrame(likes, columns=["user", "item"]), theirs, cold


TRANSFER = {"vectors": [{"name": "theirs", "transfer": True}]}


def test_vectors_of_another_model_help_items_that_it_does_not_know() -> None:
    items, likes, theirs, cold = by_directors()
    without = found_cold(items, likes, cold)
    assert found_cold(items, likes, cold, TRANSFER, vectors={"theirs": theirs}) < without - 0.015


def test_a_transferred_likeness_says_that_it_is_one() -> None:
    items, likes, theirs, cold = by_directors()
    model = Recommender.fit(
        items,
        interactions=likes[~likes["item"].isin(cold)],
        vectors={"theirs": theirs},
        config={**QUICK, **TRANSFER},
    )
    model.add_items(pd.DataFrame({"id": ["new"], "director": ["Director 3"]}))
    for item in ("f100", "new"):
        reasons = [c for c in model.explain(item, "u0").contributions if "theirs" in c.kind]
        assert reasons
        assert all("in theirs (transferred)" in reason.text for reason in reasons)
    assert not model.model.features["theirs"][80:].any()  # they are made, not given
    with pytest.raises(DataError, match="no vector is of an item of the catalogue"):
        Recommender.fit(items, vectors={"theirs": {"x": [1.0]}}, config={**QUICK, **TRANSFER})
