from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kg_rec import Evidence, Literal, ModelError, Recommender, Statement, Triple, bundle
from kg_rec.ids import KGREC
from kg_rec.ontology import LABEL, LIKES
from kg_rec.statements import USERS

FILES = ("arrays.npz", "documents.jsonl", "manifest.json", "model.json", "ontology.ttl")


@pytest.fixture(scope="module")
def model(tiny: Recommender) -> Recommender:
    """A model with texts and evidence, made without a language pipeline."""
    a, b = (item.iri for item in tiny.items[:2])
    documents = {
        "items/a": "Alpha resembles Beta, résumé and all.",
        "users/u": "Two\nlines\u2028and 霸王.",
    }
    statements = [
        Statement(Triple(a, KGREC["resembles"], b), (Evidence("items/a", 0, 5, "Alpha"),)),
        Statement(Triple(b, LABEL, Literal("Bêta", language="fr"))),
        Statement(Triple(b, LIKES, a), (Evidence("users/u", 0, 9, "Two\nlines"),), 0.5, "x", USERS),
    ]
    graph = tiny.graph.with_statements(statements, documents)
    return Recommender(dataclasses.replace(tiny.model, graph=graph))


@pytest.fixture(scope="module")
def saved(model: Recommender, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as saved; read only."""
    return model.save(tmp_path_factory.mktemp("saved") / "model")


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """A model folder that a test may change."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refused(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        Recommender.load(folder)
    assert str(folder) in str(caught.value)
    return str(caught.value)


def change(folder: Path, **values: Any) -> None:
    """Change the manifest."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def sign(folder: Path) -> None:
    """Write the checksums of the files as they are."""
    change(
        folder,
        sha256={
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in FILES
            if name != "manifest.json"
        },
    )


# --- loading -----------------------------------------------------------------------------------


def test_what_is_saved_is_loaded(model: Recommender, saved: Path) -> None:
    loaded = Recommender.load(saved)
    assert sorted(path.name for path in saved.iterdir()) == list(FILES)
    assert list(loaded.graph.statements()) == list(model.graph.statements())
    assert loaded.graph.documents == model.graph.documents
    assert loaded.items == model.items
    assert loaded.model.config == model.model.config
    assert len(model.users) == 3
    for user in model.users:
        before = [r.to_dict() for r in model.recommend(user)]
        assert [r.to_dict() for r in loaded.recommend(user)] == before


def test_saved_twice_is_the_same(saved: Path, tmp_path: Path) -> None:
    again = Recommender.load(saved).save(tmp_path / "again")
    assert contents(again) == contents(saved)


def test_no_folder_and_no_model(tmp_path: Path) -> None:
    assert refused(tmp_path / "none") == f"{tmp_path / 'none'}: no such folder"
    assert refused(tmp_path).endswith("is not a kg_rec model: no readable manifest.json")
    file = tmp_path / "file"
    file.write_text("")
    assert "is not a kg_rec model" in refused(file)


@pytest.mark.parametrize("name", ["triple_codes", "part_codes", "extractors", "spans", "term_ends"])
def test_a_code_out_of_range(folder: Path, name: str) -> None:
    with np.load(folder / "arrays.npz") as archive:
        arrays = dict(archive)
    arrays[f"graph.{name}"] = arrays[f"graph.{name}"] + 100
    np.savez(folder / "arrays.npz", **arrays)
    sign(folder)
    assert f"not as a model of format {bundle.FORMAT}: " in refused(folder)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"format": 1}', '"text"', "\xff"])
def test_a_manifest_of_something_else(folder: Path, manifest: str) -> None:
    (folder / "manifest.json").write_text(manifest, encoding="latin-1")
    assert "is not a kg_rec model: no readable manifest.json" in refused(folder)


@pytest.mark.parametrize("name", [n for n in FILES if n != "manifest.json"])
def test_a_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refused(folder) == f"{folder}: {name} is missing"


@pytest.mark.parametrize("name", [n for n in FILES if n != "manifest.json"])
@pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
def test_a_flipped_bit(folder: Path, name: str, place: float) -> None:
    path = folder / name
    content = bytearray(path.read_bytes())
    content[round((len(content) - 1) * place)] ^= 1
    path.write_bytes(content)
    assert refused(folder).startswith(f"{path} was changed after saving: SHA-256 ")


def test_a_flipped_bit_of_the_manifest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any bit outside the version of kg_rec and white space is noticed."""
    monkeypatch.setattr(bundle, "_read", lambda _: pytest.fail("the manifest was believed"))
    path = folder / "manifest.json"
    content = path.read_bytes()
    manifest = json.loads(content)
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        try:
            values = json.loads(changed)
        except ValueError:
            values = None
        if values is None or any(values.get(k) != manifest[k] for k in ("format", "sha256")):
            path.write_bytes(changed)
            assert str(folder) in refused(folder)


@pytest.mark.parametrize("found", [bundle.FORMAT + 1, 0, 2, -1, "1", None, 1.5])
def test_another_format(folder: Path, found: object) -> None:
    change(folder, format=found)
    expected = f"has format {found!r}, this version of kg_rec reads {bundle.FORMAT}; build"
    assert expected in refused(folder)


@pytest.mark.parametrize("name", ["model.json", "documents.jsonl", "ontology.ttl", "arrays.npz"])
def test_signed_nonsense(folder: Path, name: str) -> None:
    for nonsense in (b"{}", b"[1]", b"\xff", b"oops"):
        (folder / name).write_bytes(nonsense)
        sign(folder)
        assert len(refused(folder)) > len(str(folder))


def test_arrays_never_run_code(folder: Path) -> None:
    ran: list[str] = []

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (ran.append, ("ran",))

    with np.load(folder / "arrays.npz") as archive:
        arrays = dict(archive)
    arrays["nodes"] = np.array([Evil()], dtype=object)
    np.savez(folder / "arrays.npz", allow_pickle=True, **arrays)
    sign(folder)
    assert "cannot be read" in refused(folder)
    assert ran == []


def test_an_index_out_of_range(folder: Path) -> None:
    with np.load(folder / "arrays.npz") as archive:
        arrays = dict(archive)
    arrays["vectors.indices"] = arrays["vectors.indices"] + 10**6
    np.savez(folder / "arrays.npz", **arrays)
    sign(folder)
    assert f"not as a model of format {bundle.FORMAT}" in refused(folder)


# --- saving ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": "mine"},
        {"manifest.json": '{"name": "a web application"}'},
        {"manifest.json": "[]"},
        {"manifest.json": "not json"},
    ],
)
def test_what_is_no_model_is_not_overwritten(
    tiny: Recommender, tmp_path: Path, files: dict[str, str]
) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    before = contents(tmp_path)
    with pytest.raises(ModelError, match="exists and is not a kg_rec model; it is not overwritten"):
        tiny.save(tmp_path)
    assert contents(tmp_path) == before


def test_a_model_with_files_of_others_is_not_overwritten(tiny: Recommender, folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    before = contents(folder)
    with pytest.raises(ModelError, match=r"holds 'notes\.txt', which is no part of a model"):
        tiny.save(folder)
    assert contents(folder) == before


def test_a_file_is_not_overwritten(tiny: Recommender, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(ModelError, match="is not a kg_rec model"):
        tiny.save(file)
    with pytest.raises(ModelError, match="cannot be written: "):
        tiny.save(file / "model")
    assert file.read_text() == "mine"


def test_an_older_model_is_replaced(tiny: Recommender, tiny_folder: Path, folder: Path) -> None:
    assert tiny.save(folder) == folder
    assert contents(folder) == contents(tiny_folder)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_an_empty_or_missing_folder_is_filled(
    tiny: Recommender, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "new" / "er"):
        assert len(Recommender.load(tiny.save(folder)).items) == 4
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert tiny.save(".") == Path()
    assert len(Recommender.load(tmp_path / "here").items) == 4


def test_what_a_link_points_to_is_replaced(tiny: Recommender, folder: Path) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder, target_is_directory=True)
    tiny.save(link)
    assert link.is_symlink()
    assert len(Recommender.load(folder).items) == 4


@pytest.mark.parametrize(
    ("existed", "step"),
    [
        (True, "write"),
        (True, "first rename"),
        (True, "last rename"),
        (False, "write"),
        (False, "last rename"),
    ],
)
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_midway_leaves_the_old_model(
    tiny: Recommender,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    existed: bool,  # noqa: FBT001
    step: str,
    failure: BaseException,
) -> None:
    if not existed:
        shutil.rmtree(folder)
    before = contents(folder) if existed else {}
    write_bytes, rename = Path.write_bytes, Path.rename

    def failing_write(path: Path, content: bytes) -> int:
        if step == "write" and path.name == "ontology.ttl":
            raise failure
        return write_bytes(path, content)

    def failing_rename(path: Path, target: Path) -> Path:
        if (step, path.name) in {("first rename", "model"), ("last rename", "new")}:
            raise failure
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", failing_write)
        patch.setattr(Path, "rename", failing_rename)
        with pytest.raises((ModelError, KeyboardInterrupt)) as caught:
            tiny.save(folder)
    if isinstance(failure, OSError):
        assert str(caught.value) == f"{folder}: cannot be written: No space left on device"
    assert folder.exists() == existed
    if existed:
        assert contents(folder) == before
        Recommender.load(folder)
    assert [p for p in folder.parent.iterdir() if p != folder] == []
