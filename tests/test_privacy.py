"""Somebody is taken out, gets what is held, has a pseudonym; others are not told their words."""

from __future__ import annotations

import copy
import json
import re
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st
from scipy import sparse
from typer.testing import CliRunner

from kg_rec import ConfigError, DataError, KnowledgeGraph, ModelError, Recommender, UnknownIdError
from kg_rec.cli import app
from kg_rec.graph.leaving import without_people
from kg_rec.graph.renaming import with_people_renamed
from kg_rec.ids import Iri, Literal, mint
from kg_rec.io.redacting import BLOT, Redactor
from kg_rec.ontology import LABEL, LIKED_WITH, LIKES, RELATED_TO, SHARES_LIKERS
from kg_rec.ontology.acts import KNOWS
from kg_rec.pseudonyms import KEY_VARIABLE, Pseudonyms
from kg_rec.report import Format, Reporter, write_folder
from kg_rec.statements import USERS, Evidence, Statement, Triple
from kg_rec.text.pipelines import installed_pipelines
from kg_rec.validation import validate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

GONE = "wanda.zzyzx"
FRIEND_ONLY = "only-in-her-list"
SAID = "I love Comedy and purple umbrella stories, but I hate Crime."
NOTHING_LEARNED = {
    "blend": "fixed",
    "ease": 0,
    "slim": 0,
    "rp3beta": 0,
    "item_cosine": 0,
    "shared_likers": 0,
}
needs_english = pytest.mark.skipif(
    not any(name.startswith("en_") for name in installed_pipelines()),
    reason="needs an English spaCy pipeline: pip install 'kg-rec[en]'",
)

# --- data ------------------------------------------------------------------------------------


def catalogue(size: int = 24) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": [f"i{n:02}" for n in range(size)],
            "label": [f"Film {n}" for n in range(size)],
            "genre": [("Crime", "Comedy", "Drama")[n % 3] for n in range(size)],
            "director": [f"Director {n % 7}" for n in range(size)],
        }
    )


def ratings(users: int = 14, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    names = [GONE, *(f"user{n}" for n in range(users - 1))]
    rows = [
        (name, f"i{n:02}", int(rng.integers(1, 6)), 1.6e9 + int(rng.integers(0, 1e8)))
        for name in names
        for n in rng.choice(24, 9, replace=False)
    ]
    return pd.DataFrame(rows, columns=["user", "item", "weight", "timestamp"])


FRIENDS = pd.DataFrame(
    [
        (GONE, "user1"),
        (GONE, FRIEND_ONLY),
        ("user1", GONE),
        ("user2", GONE),
        ("user2", "user3"),
        ("user4", "user2"),
    ],
    columns=["user", "friend"],
)
TEXTS = pd.DataFrame(
    {
        "id": [GONE, "user1", "talker"],
        "text": [SAID, "I love purple umbrella stories and Drama.", "I hate Drama."],
        "country": ["FR", "FR", "DE"],
    }
)


class Data:
    """The tables of a model, with somebody or without."""

    def __init__(self, without: str = "", **settings: Any) -> None:
        events = ratings()
        self.events = events[events["user"] != without]
        keep = (FRIENDS["user"] != without) & (FRIENDS["friend"] != without)
        self.friends = FRIENDS[keep]
        self.users = TEXTS[TEXTS["id"] != without]
        self.settings = settings

    def fit(self, *, texts: bool = True) -> Recommender:
        return Recommender.fit(
            catalogue(),
            interactions=self.events,
            friends=self.friends,
            users=self.users if texts else None,
            config={"embeddings": {"epochs": 0}, **self.settings},
        )


@cache
def _fitted(without: str, given: str, texts: bool) -> Recommender:  # noqa: FBT001
    return Data(without, **json.loads(given)).fit(texts=texts)


def fitted(without: str = "", *, texts: bool = True, **given: Any) -> Recommender:
    """Return a model of one's own of that data: a copy is left alone by what changes another."""
    return copy.copy(_fitted(without, json.dumps(given), texts))


def settings(**ranking: Any) -> dict[str, Any]:
    return {
        "interactions": {"like_at": 3, "half_life": "300d"},
        "users": {"segments": ["country"]},
        "privacy": {"min_support": 2},
        "ranking": {"popularity_half_life": "300d", **ranking},
    }


def lists(model: Recommender, users: tuple[str, ...]) -> dict[str, Any]:
    return {user: [r.to_dict() for r in model.recommend(user, k=24)] for user in users}


def differing(one: Any, other: Any, place: str = "") -> str:
    """Return where two values differ by more than rounding, or nothing."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        found = (differing(one[key], other[key], f"{place}.{key}") for key in one)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = zip(one, other, strict=True)
        found = (differing(*pair, f"{place}[{n}]") for n, pair in enumerate(pairs))
    elif isinstance(one, float) and isinstance(other, float):
        return "" if abs(one - other) <= 1e-12 else f"{place}: {one} {other}"
    else:
        return "" if one == other else f"{place}: {one!r} {other!r}"
    return next(filter(None, found), "")


def content(folder: Path) -> bytes:
    """Return all bytes of a folder, packed ones unpacked."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found.append(path.read_bytes())
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    found += [archive.read(name) for name in archive.namelist()]
    return b"\n".join(found)


# --- forgetting ------------------------------------------------------------------------------


@needs_english
@pytest.mark.parametrize("later", [False, True], ids=["fitted", "updated"])
def test_the_lists_of_others_are_those_of_a_model_that_never_saw_them(later: bool) -> None:  # noqa: FBT001
    """With nothing learned of many users together: at once, in all parts."""
    given = settings(**NOTHING_LEARNED)
    model, never = fitted(**given), fitted(GONE, **given)
    if later:
        more = ratings(seed=7)
        model.update(more)
        never.update(more[more["user"] != GONE])
    model.forget(GONE)
    assert set(model.users) == set(never.users)
    assert FRIEND_ONLY not in model.users
    assert differing(lists(model, never.users), lists(never, never.users)) == ""
    one, two = (m.graph.serialize("nq", "evidence") for m in (model, never))
    assert one == two
    assert list(model.graph.terms) == list(never.graph.terms)


@needs_english
def test_after_a_refresh_the_lists_of_others_are_those_of_a_model_that_never_saw_them() -> None:
    model, never = fitted(**settings()), fitted(GONE, **settings())
    model.forget(GONE)
    before = lists(model, never.users)
    model.refresh()
    after = lists(model, never.users)
    assert differing(after, lists(never, never.users)) == ""
    assert differing(before, after) != ""  # what was learned together had a part of hers


def test_popularity_and_weights_of_content_follow_at_once() -> None:
    model, never = fitted(texts=False, **settings()), fitted(GONE, texts=False, **settings())
    model.forget(GONE)
    for name in ("facts", "similar_in_text", "popularity", "community"):
        one, two = (m.model.vectors.block(name) for m in (model, never))
        assert one.columns == two.columns, name
        assert np.allclose(one.matrix.toarray(), two.matrix.toarray(), atol=1e-12), name
    assert np.array_equal(model.model.fitted.likes, never.model.fitted.likes)
    assert np.array_equal(model.model.fitted.had, never.model.fitted.had)
    assert np.allclose(model.model.events.toarray(), never.model.events.toarray())


@needs_english
def test_nothing_in_a_saved_model_names_them(tmp_path: Path) -> None:
    model = fitted(**settings())
    model.feedback("user1", boost="Comedy")
    model.feedback(GONE, mute="Comedy")
    told = content(model.save(tmp_path / "before"))
    assert all(word in told for word in (GONE.encode(), SAID.encode(), FRIEND_ONLY.encode()))
    model.forget(GONE)
    left = content(model.save(tmp_path / "after"))
    for secret in (GONE, "zzyzx", SAID, FRIEND_ONLY):
        assert secret.encode() not in left
    assert b"purple umbrella" in left  # of user1, who said so, too
    assert model.model.remembered["user1"].boost == ("Comedy",)
    model.forget("user1")
    assert b"umbrella" not in content(model.save(tmp_path / "after"))


def test_nothing_of_embeddings_and_predictions_is_left(tmp_path: Path) -> None:
    model = Data(embeddings={"epochs": 1, "parts": ["facts", "users"]}, ranking={"model": 0.5}).fit(
        texts=False
    )
    node = mint(model.model.config.base_iri, "user", GONE)
    assert node in model.model.node_vectors
    assert any(column.object == node for column in model.model.vectors.columns)
    held = json.loads(model.export_user(GONE).json())
    assert held["learned"]["vector"]
    assert "model" in held["learned"]["columns"]
    size = len(model.model.node_vectors.names)
    model.forget(GONE)
    nodes = model.model.node_vectors
    assert len(nodes.names) < size
    assert len(nodes.names) == len(nodes.matrix) == len(nodes.context_matrix) == len(nodes.counts)
    assert b"zzyzx" not in content(model.save(tmp_path / "model"))
    assert model.recommend("user1", k=1)


def test_reasons_still_add_up_and_their_hops_are_in_the_graph() -> None:
    model = fitted(texts=False, **settings())
    model.forget(GONE)
    for user in model.users:
        for found in model.recommend(user, k=24):
            total = sum(term.value for term in found.contributions)
            assert total == pytest.approx(found.score, rel=1e-6, abs=1e-12)
            assert all(h.triple in model.graph for term in found.contributions for h in term.path)


def test_a_copy_made_before_goes_on_and_a_second_time_is_an_error() -> None:
    model = fitted(texts=False)
    before = copy.copy(model)
    wanted = lists(before, (GONE,))
    model.forget(GONE)
    assert lists(before, (GONE,)) == wanted
    with pytest.raises(UnknownIdError, match=r"^unknown user 'wanda\.zzyzx'$"):
        model.forget(GONE)


# --- forgetting: graph -----------------------------------------------------------------------

EXAMPLE = "https://example.org/"
TEXT = "heist horror western comedy"
PEOPLE = [Iri(f"{EXAMPLE}user/{name}") for name in ("ann", "ann#1", "anna", "bob")]


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    """Draw a fact, what somebody likes, or what somebody's text names."""
    word = draw(st.sampled_from(TEXT.split()))
    node, start = Iri(f"{EXAMPLE}{word}"), TEXT.index(word)
    person = draw(st.sampled_from(PEOPLE))
    passage = Evidence(f"text of {person}", start, start + len(word), word)
    kind = draw(st.sampled_from(["fact", "like", "name", "knows"]))
    if kind == "fact":
        about = draw(st.sampled_from([Iri(f"{EXAMPLE}heat"), node]))
        return Statement(Triple(about, Iri(f"{EXAMPLE}genre"), node))
    if kind == "like":
        return Statement(Triple(person, LIKES, node), (passage,), 0.9, "preference", USERS)
    if kind == "name":
        return Statement(Triple(node, LABEL, Literal(word)), (passage,), 0.9, "entity", USERS)
    other = draw(st.sampled_from(PEOPLE))
    return Statement(Triple(person, KNOWS, other), part=USERS)


@given(st.lists(statements(), max_size=30), st.sampled_from(PEOPLE))
@settings_of_hypothesis(max_examples=200, deadline=None)
def test_a_graph_without_somebody_is_that_of_all_other_statements(
    said: list[Statement], gone: Iri
) -> None:
    texts = {f"text of {person}": TEXT for person in PEOPLE}
    graph = KnowledgeGraph.from_statements(said, texts)
    theirs = [person for person in PEOPLE if person == gone or person.startswith(f"{gone}#")]
    left = [
        s
        for s in said
        if not {s.triple.subject, s.triple.object} & {*theirs}
        and not any(e.document == f"text of {gone}" for e in s.evidence)
    ]
    wanted = KnowledgeGraph.from_statements(left, texts)
    found = without_people(graph, [gone], [f"text of {gone}"])
    assert found.serialize("nq", "evidence") == wanted.serialize("nq", "evidence")
    assert found.terms == wanted.terms
    assert found.documents == wanted.documents
    assert found.extractor_names == wanted.extractor_names


@given(st.lists(statements(), max_size=30))
@settings_of_hypothesis(max_examples=100, deadline=None)
def test_a_graph_under_other_names_is_that_of_renamed_statements(said: list[Statement]) -> None:
    texts = {f"text of {person}": TEXT for person in PEOPLE}
    graph = KnowledgeGraph.from_statements(said, texts)
    new = {person: Iri(f"{EXAMPLE}p/{n}") for n, person in enumerate(PEOPLE)}
    found = with_people_renamed(graph, new, {}, texts)
    known = {t for s in said if s.part != USERS for t in s.triple}
    only = {s.triple.subject for s in said if s.extractor == "entity"} - known
    named = [s for s in said if not {s.triple.subject, s.triple.object} & only]
    wanted = [
        replace(s, evidence=(), triple=Triple(*(new.get(t, t) for t in s.triple)))  # type: ignore[call-overload,arg-type]
        for s in named
    ]
    expected = KnowledgeGraph.from_statements(wanted)
    assert found.serialize("nq", "evidence") == expected.serialize("nq", "evidence")


# --- forgetting: journal ---------------------------------------------------------------------


@pytest.fixture
def journalled(tmp_path: Path) -> Iterator[Recommender]:
    fitted(texts=False, **settings()).save(tmp_path / "model")
    model = Recommender.load(tmp_path / "model", journal=tmp_path / "journal")
    yield model
    model.close()


def events_of(*users: str) -> pd.DataFrame:
    return pd.DataFrame({"user": users, "item": "i01", "weight": 5, "timestamp": 1.8e9})


def test_nothing_in_model_and_journal_names_them(journalled: Recommender, tmp_path: Path) -> None:
    journalled.update(events_of(GONE, "user1", "late"))
    assert GONE.encode() in (tmp_path / "journal").read_bytes()
    journalled.forget(GONE)
    assert b"zzyzx" not in content(tmp_path)
    journalled.close()
    again = Recommender.load(tmp_path / "model", journal=tmp_path / "journal")
    assert GONE not in again.users
    assert [h.item for h in again.history("late")] == ["i01"]
    again.close()


def test_somebody_of_whom_only_pending_events_are_known(journalled: Recommender) -> None:
    journalled.update(events_of("late"))
    journalled.forget("late")
    assert "late" not in journalled.users
    journalled.update(events_of("late"))  # who comes back is new
    assert len(journalled.history("late")) == 1


def test_a_model_of_before_does_not_take_the_place_of_one_that_forgot(
    journalled: Recommender, tmp_path: Path
) -> None:
    journalled.update(events_of("user1"))
    journalled.checkpoint()
    before = Recommender.load(tmp_path / "model")
    journalled.forget(GONE)
    with pytest.raises(ModelError, match="not in it any more"):
        before.take_over(journalled)


def test_a_crash_before_the_folder_is_written_forgets_nobody_and_loses_nothing(
    journalled: Recommender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg_rec import bundle  # noqa: PLC0415 - here only

    def full(*_: object) -> None:
        raise ModelError("no space left")

    journalled.update(events_of("late"))
    monkeypatch.setattr(bundle, "save", full)
    with pytest.raises(ModelError, match="no space"):
        journalled.forget(GONE)
    assert GONE in journalled.users
    journalled.close()
    again = Recommender.load(tmp_path / "model", journal=tmp_path / "journal")
    assert GONE in again.users
    assert "late" in again.users
    again.close()


# --- forgetting: memory ----------------------------------------------------------------------

SCAN = """
import gc, sys
import numpy as np
from kg_rec import Recommender
model = Recommender.load(sys.argv[1])
user = next(u for u in model.users if u.startswith(chr(119) + "anda"))
model.recommend(user)
model.explain(model.items[0].id, user)
model.export_user(user)
model.report(user, k=2)
model.forget(user)
del user
gc.collect()
gc.collect()  # what only weak references held on to
wanted = sys.stdin.read()[::-1]
held = [r for o in gc.get_objects() for r in gc.get_referents(o) if r is not wanted]
texts = [r for r in held if isinstance(r, str) and wanted in r]
bytes_ = [r for r in held if isinstance(r, (bytes, bytearray)) and wanted.encode() in r]
arrays = [r for r in held if type(r) is np.ndarray and wanted.encode() in r.tobytes()]
print(len(held) > 100_000, len(texts), len(bytes_), len(arrays))
"""


def test_no_live_object_of_a_process_holds_them(tmp_path: Path) -> None:
    fitted(texts=False, **settings()).save(tmp_path / "model")
    done = subprocess.run(
        [sys.executable, "-c", SCAN, str(tmp_path / "model")],
        input=GONE[::-1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["True", "0", "0", "0"], done.stderr


# --- what is held ----------------------------------------------------------------------------


@needs_english
def test_somebody_gets_all_that_is_held() -> None:
    data = Data(**settings())
    model = data.fit()
    model.feedback(GONE, mute="Comedy")
    held = model.export_user(GONE)
    told = json.loads(held.json())
    own = data.events[data.events["user"] == GONE]
    assert [(e["item"], e["value"]) for e in told["events"]] == list(
        zip(own["item"], own["weight"].astype(float), strict=True)
    )
    times = [pd.Timestamp(e["time"]).timestamp() for e in told["events"]]
    assert times == list(own["timestamp"])
    assert told["texts"] == [{"document": f"users/{GONE}", "text": SAID}]
    assert told["remembered"]["mute"] == ["Comedy"]
    said = {(s["predicate"].rpartition("#")[2], s["label"]) for s in told["statements"]}
    assert {("likes", "Comedy"), ("dislikes", "Crime")} <= said
    for statement in told["statements"]:
        for passage in statement["evidence"]:
            assert SAID[passage["start"] : passage["end"]] == passage["text"]
    friends = [s for s in told["statements"] if s["predicate"].endswith("knows")]
    named = {s["object"].rpartition("/")[2] for s in friends if s["subject"] == told["node"]}
    assert named == {"user1", FRIEND_ONLY}  # whom she named herself
    others = {s["subject"].rpartition("/")[2] for s in friends if s["subject"] != told["node"]}
    assert others == {model.pseudonyms("user1"), model.pseudonyms("user2")}


@needs_english
def test_it_is_valid_rdf_too() -> None:
    model = fitted(**settings())
    model.feedback(GONE, mute="Comedy")
    model.feedback(GONE, "i05", "hide")
    held = model.export_user(GONE).rdf()
    assert held.sparql("ASK { ?u kgrec:mutes 'Comedy' ; kgrec:hides ?item }")
    assert validate(held).violations == ()
    count = held.sparql("SELECT (COUNT(*) AS ?n) { ?e a kgrec:Event ; schema:object ?item }")
    assert count[0]["n"].value == "9"
    assert SAID.encode() in held.serialize("nq", "evidence")


def test_all_that_is_exported_of_somebody_is_gone_after_forgetting() -> None:
    model = fitted(texts=False, **settings())
    rows = [s for s in model.export_user(GONE).rdf().triples() if s.subject.endswith(GONE)]
    assert len(rows) > 9
    model.forget(GONE)
    assert not any(triple in model.graph for triple in rows)


# --- pseudonyms ------------------------------------------------------------------------------

KEY = b"a key of more than sixteen bytes"


def test_a_pseudonym_depends_on_id_and_key_alone() -> None:
    names, same, other = Pseudonyms(KEY), Pseudonyms(KEY), Pseudonyms(KEY + b"!")
    found = {names(f"user{n}") for n in range(1000)}
    assert len(found) == 1000
    assert all(re.fullmatch(r"p-[a-z2-7]{26}", name) for name in found)
    assert names("ann") == same("ann") != other("ann")
    with pytest.raises(ConfigError, match="4 bytes, expected 16 or more"):
        Pseudonyms(b"tiny")


def test_the_key_is_in_the_environment_or_beside_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, KEY.decode())
    assert Pseudonyms.beside(tmp_path / "m")("ann") == Pseudonyms(KEY)("ann")
    assert not list(tmp_path.iterdir())
    monkeypatch.delenv(KEY_VARIABLE)
    name = Pseudonyms.beside(tmp_path / "m")("ann")
    file = tmp_path / "m.pseudonym-key"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert Pseudonyms.beside(tmp_path / "m")("ann") == name
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="others can read it"):
        Pseudonyms.beside(tmp_path / "m")("ann")


@needs_english
def test_exports_name_and_quote_nobody_unless_asked(tmp_path: Path) -> None:
    model = fitted(**settings())
    model.save(tmp_path / "model")
    run = CliRunner()
    for profile in ("plain", "evidence"):
        out = tmp_path / f"{profile}.ttl"
        command = ["export", str(tmp_path / "model"), "--out", str(out), "--users"]
        assert run.invoke(app, [*command, "--profile", profile]).exit_code == 0
        text = out.read_text(encoding="utf-8")
        assert "/user/p-" in text
        assert not re.search(rf"zzyzx|user\d|umbrella|{FRIEND_ONLY}", text)
    real = run.invoke(app, [*command, "--profile", "evidence", "--real-ids"])
    assert real.exit_code == 0
    assert SAID in out.read_text(encoding="utf-8")
    assert run.invoke(app, [*command[:-1], "--real-ids"]).exit_code == 2
    ask = ["sparql", str(tmp_path / "model"), "SELECT ?who { ?who a kgrec:User }"]
    assert "nothing is found" in run.invoke(app, ask).stdout
    assert GONE in run.invoke(app, [*ask, "--users"]).stdout
    assert model.pseudonyms(GONE)  # a model in memory has a key of its own
    key = (tmp_path / "model.pseudonym-key").read_bytes().strip()
    assert key not in content(tmp_path / "model")


@needs_english
def test_under_pseudonyms_the_graph_says_the_same() -> None:
    model = fitted(**settings())
    shared = model.export_graph(users=True)
    count = "SELECT (COUNT(*) AS ?n) { ?u a kgrec:User ; ?p ?item . ?item a kgrec:Item }"
    likes = "SELECT (COUNT(*) AS ?n) { ?u kgrec:likes ?genre . ?item schema:genre ?genre }"
    for query in (count, likes):
        assert shared.sparql(query)[0]["n"] == model.graph.sparql(query)[0]["n"]
    again = KnowledgeGraph.from_statements(shared.statements(), shared.documents)
    assert again.serialize("nq", "evidence") == shared.serialize("nq", "evidence")
    assert {p for p in model.graph.documents if p.startswith("users/")}
    assert not any(p.startswith("users/") for p in shared.documents)


@needs_english
def test_recommendations_as_rdf_name_and_quote_nobody_unless_asked() -> None:
    model = fitted(friends={"named": True})
    found = model.recommend("user1", k=5)
    told = model.to_rdf(found, "user1")
    assert validate(told).violations == ()
    text = told.serialize("nt").decode()
    assert mint(model.model.config.base_iri, "user", model.pseudonyms("user1")) in text
    assert not re.search(r"zzyzx|user\d|love|umbrella", text)
    real = model.to_rdf(found, "user1", real_ids=True).serialize("nt").decode()
    assert "/user/user1>" in real
    shared = model.export_graph(users=True)
    hops = told.sparql(
        "SELECT ?s ?p ?o { ?x a rdf:Statement; rdf:subject ?s; rdf:predicate ?p; rdf:object ?o }"
    )
    assert any("/user/p-" in row["s"] for row in hops)
    assert all((row["s"], row["p"], row["o"]) in shared for row in hops)


def test_folders_of_data_name_nobody_either(tmp_path: Path) -> None:
    model = fitted(texts=False)
    write_folder(Reporter(model, what_if=False), ["user1"], tmp_path, k=1, format=Format.json)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {f"user-{model.pseudonyms('user1')}.json", "index.html"}
    assert b"user1" not in content(tmp_path)
    real = Reporter(model, what_if=False, real_ids=True)
    write_folder(real, ["user1"], tmp_path / "real", k=1, format=Format.json)
    assert (tmp_path / "real" / "user-user1.json").exists()


# --- few people ------------------------------------------------------------------------------


def test_what_few_people_like_together_is_not_said_of_people() -> None:
    model = fitted(texts=False, privacy={"min_support": 4})
    _check_support(model, 4)
    model.forget(GONE)  # what one fewer likes is looked at again
    _check_support(model, 4)


def _check_support(model: Recommender, least: int) -> None:
    liked = sparse.csr_array((model.model.events > 0).astype(float))
    together = (liked.T @ liked).toarray()
    row_of: dict[Any, int] = {item.iri: row for row, item in enumerate(model.items)}
    for predicate in (LIKED_WITH, SHARES_LIKERS):
        pairs = model.graph.triples(predicate=predicate)
        counts = [together[row_of[t.subject], row_of[t.object]] for t in pairs]
        assert counts
        assert min(counts) >= least
    assert len(model.graph.rows(predicate=RELATED_TO))
    terms = [
        (row_of[found.iri], term)
        for user in model.users[:5]
        for found in model.recommend(user, k=5)
        for term in found.contributions
    ]
    said = [(row, term) for row, term in terms if "those who like" in term.text]
    assert said
    assert all(t.value < 0 or together[row, row_of[t.about[1]]] >= least for row, t in said)


def test_support_changes_words_and_not_what_is_liked_together() -> None:
    def company(least: int) -> np.ndarray[Any, Any]:
        vectors = fitted(texts=False, privacy={"min_support": least}).model.vectors
        return sum(  # type: ignore[return-value]
            vectors.block(name).matrix.toarray().clip(min=0.0) for name in ("liked_with", "related")
        )

    assert np.allclose(company(1), company(5), atol=1e-12)


# --- words of others -------------------------------------------------------------------------


def everything(model: Recommender, folder: Path, user: str) -> Iterator[tuple[str, str]]:
    """Yield all that is told to or of somebody, by name; and what anybody may ask."""
    item = model.items[0].id
    best = model.recommend(user, k=5)
    yield "json", json.dumps([r.to_dict(support=True) for r in best])
    yield "html of a notebook", best._repr_html_() + model.profile(user)._repr_html_()
    yield "rdf", model.to_rdf(best, user, real_ids=True).serialize("nt").decode()
    for ending in ("html", "md", "json", "ttl"):
        for name, ask in (("person", {"user": user}), ("item", {"item": item})):
            model.report(**ask, out=folder / f"report.{ending}")  # type: ignore[arg-type]
            yield f"{ending} on {name}", (folder / f"report.{ending}").read_text("utf-8")
    yield "export", model.export_graph().serialize("nq", "evidence").decode()
    around = model.around(model.items[0].label)
    yield "around", around._repr_html_()
    yield "own data", model.export_user(user).json()
    for a, b in (("Comedy", item), (item, model.items[3].id)):
        yield "paths", repr(model.paths(a, b, k=20))
    for wrong in ("wanda.zzyzz", "purple umbrela", "purple"):
        for ask in (model.recommend, model.paths, model.around):
            given = (wrong, item) if ask == model.paths else (wrong,)
            with pytest.raises((UnknownIdError, DataError)) as caught:
                ask(*given)  # type: ignore[operator]
            yield "error", str(caught.value).replace(wrong, "")
        with pytest.raises(UnknownIdError) as caught:
            model.recommend(user, mute=wrong)
        yield "error", str(caught.value).replace(wrong, "")


NOT_HAD = next(
    f"i{n:02}"
    for n in range(24)
    if f"i{n:02}" not in set(ratings().query("user == 'user5'")["item"])
)
COMMANDS: Mapping[str, Callable[[str], list[str]]] = {
    "recommend": lambda user: ["--user", user],
    "recommend as json": lambda user: ["--user", user, "--format", "json"],
    "explain": lambda user: ["--user", user, "--item", "i00"],
    "why": lambda user: ["--user", user, "--item", NOT_HAD],
    "entities": lambda _: [],
    "graph": lambda _: [],
    "sparql": lambda _: ["SELECT * { ?s ?p ?o }", "--limit", "100000", "--format", "json"],
    "sparql on evidence": lambda _: [
        "SELECT * { GRAPH ?g { ?s ?p ?o } }",
        "--limit",
        "100000",
        "--format",
        "json",
    ],
}


@needs_english
def test_nobody_is_told_what_another_one_said(tmp_path: Path) -> None:
    model = fitted(**settings())
    told = list(everything(model, tmp_path, "user5"))
    own = "own data"  # user2 named her as a friend; that is hers to see
    told += [(name, text) for name, text in everything(model, tmp_path, "user2") if name != own]
    assert "a friend of yours" in dict(told)["json"]
    folder = model.save(tmp_path / "model")
    run = CliRunner()
    for name, options in COMMANDS.items():
        done = run.invoke(app, [name.split()[0], str(folder), *options("user5")])
        assert done.exit_code == 0, done.output
        told.append((name, done.output))
    assert len(told) > 30
    for name, text in told:
        assert len(text) > 10, name
        for secret in ("zzyzx", "umbrella", "love Comedy", FRIEND_ONLY):
            assert secret not in text, name


@needs_english
def test_own_words_are_told_to_oneself(tmp_path: Path) -> None:
    model = fitted(**settings())
    model.report(GONE, out=tmp_path / "own.html")
    assert "purple umbrella stories" in (tmp_path / "own.html").read_text("utf-8")


# --- age -------------------------------------------------------------------------------------


def test_old_events_are_dropped_in_a_build() -> None:
    kept = Data(**{**settings(), "privacy": {"retention": "1y", "min_support": 2}})
    never = Data(**settings())
    never.events = kept.events[
        kept.events["timestamp"] >= kept.events["timestamp"].max() - 31_557_600
    ]
    assert 0 < len(never.events) < len(kept.events)
    one, two = kept.fit(texts=False), never.fit(texts=False)
    assert differing(lists(one, two.users), lists(two, two.users)) == ""


def test_expired_events_are_as_if_they_had_never_been() -> None:
    given = settings(**NOTHING_LEARNED)
    given["privacy"]["retention"] = "2y"
    full, never = Data(**given), Data(**given)
    now = full.events["timestamp"].max() + 31_557_600
    never.events = full.events[full.events["timestamp"] >= now - 2 * 31_557_600]
    model, wanted = full.fit(texts=False), never.fit(texts=False)
    assert model.expire(now) == len(full.fit(texts=False).model.log) - len(never.events) > 0
    assert model.expire(now) == 0
    assert set(model.users) == set(wanted.users)
    assert differing(lists(model, wanted.users), lists(wanted, wanted.users)) == ""
    assert model.graph.serialize("nq") == wanted.graph.serialize("nq")


def test_expiring_needs_times_and_a_setting() -> None:
    with pytest.raises(ConfigError, match=r"privacy.retention: not set"):
        fitted(texts=False).expire()
    data = Data(privacy={"retention": "2y"})
    with pytest.raises(DataError, match="expected seconds since 1970 or ISO 8601"):
        data.fit(texts=False).expire("some day")
    data.events = data.events.drop(columns="timestamp")
    with pytest.raises(DataError, match=r"has no time; privacy\.retention"):
        data.fit(texts=False)


def test_what_is_expired_is_not_in_the_journal_either(tmp_path: Path) -> None:
    fitted(texts=False, privacy={"retention": "2y"}).save(tmp_path / "model")
    model = Recommender.load(tmp_path / "model", journal=tmp_path / "journal")
    model.update(events_of("late"))
    assert model.expire("2100-01-01") > 0
    assert (tmp_path / "journal").read_bytes() == b""
    assert "late" not in model.users
    model.close()
    assert not len(Recommender.load(tmp_path / "model").model.log)


# --- patterns --------------------------------------------------------------------------------

PATTERNS = {
    "Mail ann.lee+x@example.co.uk!": f"Mail {BLOT}!",
    "邮箱li@例子.cn电话13812345678。": f"邮箱{BLOT}电话{BLOT}。",
    "call (415) 555-2671, +49 30 901820 or 020 7946 0958": f"call {BLOT}, {BLOT} or {BLOT}",
    "card 4111 1111 1111 1111 or 5500-0000-0000-0004": f"card {BLOT} or {BLOT}",
}
INNOCENT = (
    "2001: A Space Odyssey (1968), 1917, 12 Angry Men, @nolan_fan, C-3PO, 9780306406157",
    "4111 1111 1111 1112 fails the check; 1,234,567,890 people on 2024-01-02 10:30:00",
    "看过2001太空漫游（1968）和1917",
)


@pytest.mark.parametrize(("text", "wanted"), PATTERNS.items())
def test_patterns_are_blotted_out(text: str, wanted: str) -> None:
    blot = Redactor(("email", "phone", "card"))
    assert blot(text) == wanted
    assert blot(wanted) == wanted
    assert Redactor()(text) == text


@pytest.mark.parametrize("text", INNOCENT)
def test_titles_years_and_numbers_stay(text: str) -> None:
    assert Redactor(("email", "phone", "card"))(text) == text


@needs_english
def test_nothing_blotted_out_is_held(tmp_path: Path) -> None:
    address = "ann.lee@example.com"
    items = catalogue()
    items["text"] = f"A Comedy; write to {address} or +1 212 555 0123."
    users = pd.DataFrame({"id": ["u"], "text": [f"I love Comedy, {address}, and hate Crime."]})
    model = Recommender.fit(
        items,
        users=users,
        config={"embeddings": {"epochs": 0}, "privacy": {"redact": ["email", "phone"]}},
    )
    told = content(model.save(tmp_path / "model"))
    assert b"ann.lee" not in told
    assert b"555" not in told
    assert BLOT.encode() in told
    for statement in model.graph.statements():  # law 3, of the text as it is kept
        for e in statement.evidence:
            assert model.graph.documents[e.document][e.start : e.end] == e.text
    found = model.recommend(text=f"I love Comedy and {address}.", k=2)
    assert "ann.lee" not in json.dumps([r.to_dict() for r in found])
    page = model.report(text=f"I love Comedy and {address}.")
    assert "ann.lee" not in page
    assert BLOT in page


@needs_english
def test_nothing_blotted_out_of_new_items_is_in_the_journal(tmp_path: Path) -> None:
    fitted(texts=False, privacy={"redact": ["email"]}).save(tmp_path / "model")
    model = Recommender.load(tmp_path / "model", journal=tmp_path / "journal")
    text = "A Comedy by ann.lee@example.com."
    model.add_items(pd.DataFrame({"id": ["new"], "text": [text]}))
    model.add_items(
        pd.DataFrame({"id": ["newer"]}), pd.DataFrame({"item": ["newer"], "text": [text]})
    )
    assert BLOT in (tmp_path / "journal").read_text("utf-8")
    assert b"ann.lee" not in content(tmp_path)
    model.close()


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(ImportError, match=r"phonenumbers: pip install 'kg-rec\[privacy\]'"):
        Redactor(("phone",))("+1 212 555 0123")


# --- commands --------------------------------------------------------------------------------


def test_commands_forget_export_and_expire(tmp_path: Path) -> None:
    folder = fitted(texts=False, privacy={"retention": "1y"}).save(tmp_path / "model")
    run = CliRunner()
    held = run.invoke(app, ["export-user", str(folder), GONE])
    assert json.loads(held.stdout)["user"] == GONE
    file = tmp_path / "own.ttl"
    done = run.invoke(
        app, ["export-user", str(folder), GONE, "--format", "ttl", "--out", str(file)]
    )
    assert done.exit_code == 0
    assert "kgrec:Event" in file.read_text("utf-8")
    done = run.invoke(app, ["forget", str(folder), GONE])
    assert (done.exit_code, GONE in done.output) == (0, False)
    assert b"zzyzx" not in content(folder)
    with pytest.raises(UnknownIdError):
        run.invoke(app, ["forget", str(folder), GONE], catch_exceptions=False)
    done = run.invoke(app, ["expire", str(folder), "--now", "2100-01-01"])
    assert done.exit_code == 0
    assert not len(Recommender.load(folder).model.log)
