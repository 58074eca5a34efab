"""A model folder: plain arrays and JSON with a manifest; loading never executes code.

::

    MODEL/
        manifest.json     format version, kg_rec version, SHA-256 of each file
        arrays.npz        numpy arrays without pickle
        documents.jsonl   the texts that evidence cites, one {"id", "text"} a line
        model.json        settings, terms, ids, labels
        ontology.ttl      the ontology

A folder is written beside its destination and renamed, so a reader never sees half of one.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import shutil
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from kg_rec._version import __version__
from kg_rec.config import Config
from kg_rec.embeddings import NodeVectors
from kg_rec.errors import ModelError
from kg_rec.event_log import EventLog
from kg_rec.explanations.tuning import Wishes
from kg_rec.graph import KnowledgeGraph
from kg_rec.graph.columns import Columns
from kg_rec.ids import IdIndex, Iri
from kg_rec.model import CatalogueItem, Model
from kg_rec.ontology import Ontology
from kg_rec.terms import Terms
from kg_rec.vectors import Column, Fitted, ItemVectors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


__all__ = ["FORMAT", "check_free", "install", "load", "save"]

FORMAT = 4
"""Version of the folder's format. It changes when vectors or files come to mean something else; a
folder of another version is refused, since its lists would not be those it was made for."""
_MANIFEST = "manifest.json"
_FILES = ("arrays.npz", "documents.jsonl", "model.json", "ontology.ttl")


@dataclass(frozen=True)
class _Contents:
    """What a model folder holds.

    Attributes:
        arrays: Numeric arrays by name.
        documents: Document id to text.
        values: JSON values.
        ontology: Turtle.
    """

    arrays: Mapping[str, NDArray[Any]]
    documents: Mapping[str, str]
    values: Mapping[str, Any]
    ontology: str


def _pack_csr(name: str, matrix: sparse.csr_array) -> dict[str, NDArray[Any]]:
    """Return a CSR matrix as named arrays."""
    return {
        f"{name}.data": matrix.data,
        f"{name}.indices": matrix.indices,
        f"{name}.indptr": matrix.indptr,
        f"{name}.shape": np.array(matrix.shape),
    }


def _unpack_csr(name: str, arrays: Mapping[str, NDArray[Any]]) -> sparse.csr_array:
    """Return the CSR matrix that ``pack_csr`` has packed."""
    data, indices, indptr = (arrays[f"{name}.{part}"] for part in ("data", "indices", "indptr"))
    rows, columns = arrays[f"{name}.shape"].tolist()
    matrix = sparse.csr_array((data, indices, indptr), shape=(rows, columns))
    matrix.check_format(full_check=True)  # an index out of range would read foreign memory
    return matrix


def save(model: Model, folder: str | Path) -> Path:
    """Write a model folder; an older model there is replaced at the end, in one rename.

    Raises:
        ModelError: Something that is not a model is in the way, or the folder cannot be written.
    """
    check_free(folder)
    contents = _contents(model)
    try:
        _replace(Path(folder).resolve(), contents)
    except OSError as error:
        raise ModelError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return Path(folder)


def install(new: str | Path, folder: str | Path) -> None:
    """Put a model folder in the place of another one on the same file system, in one rename.

    Raises:
        ModelError: One of the two is no model, or cannot be moved.
    """
    _check_manifest(Path(new))
    check_free(folder)
    folder = Path(folder).resolve()
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _swap(Path(new), folder, beside / "old")
    except OSError as error:
        raise ModelError(f"{folder}: cannot be replaced: {error.strerror or error}") from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def check_free(folder: str | Path) -> None:
    """Check that a model may be written to a folder: there is none, an empty one, or a model.

    Raises:
        ModelError: Something else is there; it is not overwritten.
    """
    folder = Path(folder)
    if folder.exists() and not (folder.is_dir() and _is_ours(folder)):
        msg = f"{folder} exists and is not a kg_rec model; it is not overwritten"
        raise ModelError(msg)
    names = {path.name for path in folder.iterdir()} if folder.exists() else set()
    others = sorted(n for n in names - {_MANIFEST, *_FILES} if not n.startswith("."))
    if others:
        msg = f"{folder} holds {others[0]!r}, which is no part of a model; it is not overwritten"
        raise ModelError(msg)


def _is_ours(folder: Path) -> bool:
    """Return whether a folder has a manifest of ours, or is empty."""
    if not any(folder.iterdir()):
        return True
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and {"format", "kg_rec", "sha256"} <= manifest.keys()


def _replace(folder: Path, contents: _Contents) -> None:
    """Write the new folder beside the old one and swap them; whatever fails, the old one stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _write(beside / "new", contents)
        _swap(beside / "new", folder, beside / "old")
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _swap(new: Path, folder: Path, old: Path) -> None:
    try:
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)


def _write(folder: Path, contents: _Contents) -> None:
    folder.mkdir()
    arrays = io.BytesIO()
    np.savez_compressed(arrays, allow_pickle=False, **dict(sorted(contents.arrays.items())))
    documents = [
        json.dumps({"id": name, "text": text}, ensure_ascii=False) + "\n"
        for name, text in sorted(contents.documents.items())
    ]
    files = {
        "arrays.npz": arrays.getvalue(),
        "documents.jsonl": "".join(documents).encode(),
        "model.json": _json(contents.values),
        "ontology.ttl": contents.ontology.encode(),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    manifest = {"format": FORMAT, "kg_rec": __version__, "sha256": sums}
    (folder / _MANIFEST).write_bytes(_json(manifest))


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def load(folder: str | Path) -> Model:
    """Read a model folder, after checking its manifest and checksums.

    Raises:
        ModelError: The folder is missing, not a model, of another format, or was changed.
    """
    folder = Path(folder)
    _check_manifest(folder)
    contents = _read(folder)
    try:
        return _model(contents)
    except (KeyError, IndexError, TypeError, ValueError) as error:  # made by something else
        raise ModelError(f"{folder}: not as a model of format {FORMAT}: {error}") from None


def _read(folder: Path) -> _Contents:
    try:
        with np.load(folder / "arrays.npz", allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        lines = (folder / "documents.jsonl").read_text(encoding="utf-8").split("\n")
        documents = [json.loads(line) for line in lines if line]
        texts = {document["id"]: document["text"] for document in documents}
        values = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        ontology = (folder / "ontology.ttl").read_text(encoding="utf-8")
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder}: cannot be read: {error}") from None
    return _Contents(arrays, texts, values, ontology)


def _check_manifest(folder: Path) -> None:
    if not folder.exists():
        raise ModelError(f"{folder}: no such folder")
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        format_, sums = manifest["format"], dict(manifest["sha256"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ModelError(f"{folder} is not a kg_rec model: no readable {_MANIFEST}") from None
    if format_ != FORMAT or not isinstance(format_, int):
        msg = f"{folder} has format {format_!r}, this version of kg_rec reads {FORMAT}"
        raise ModelError(f"{msg}; build the model again")
    for name in _FILES:
        path = folder / name
        if not path.is_file():
            raise ModelError(f"{folder}: {name} is missing")
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if found != sums.get(name):
            sums_differ = f"SHA-256 {found[:12]}…, expected {str(sums.get(name))[:12]}…"
            raise ModelError(f"{path} was changed after saving: {sums_differ}")


# --- model to arrays and back ------------------------------------------------------------------

_GRAPH_ARRAYS = ("triple_codes", "part_codes", "confidences", "strengths", "extractors", "spans")


def _contents(model: Model) -> _Contents:
    graph, nodes = model.graph, model.node_vectors
    rank = nodes.mean_reciprocal_rank
    arrays = {
        **_pack_csr("events", model.events),
        **_pack_csr("vectors", model.vectors.matrix),
        **{f"log.{name}": array for name, array in model.log.arrays.items()},
        "fitted.likes": model.fitted.likes,
        "fitted.had": model.fitted.had,
        "texts": model.texts,
        **{f"features.{name}": rows for name, rows in model.features.items()},
        **{f"graph.{name}": getattr(graph, name) for name in _GRAPH_ARRAYS},
        "graph.term_block": np.frombuffer(graph.terms.block, dtype=np.uint8),
        "graph.term_ends": graph.terms.ends,
        "nodes": nodes.matrix,
        "nodes.relations": nodes.relation_matrix,
        "nodes.contexts": nodes.context_matrix,
        "nodes.counts": nodes.counts,
    }
    if model.event_times is not None:
        arrays["events.times"] = model.event_times
    values = {
        "config": model.config.model_dump(mode="json"),
        "given": model.given.model_dump(mode="json"),
        "extractors": graph.extractor_names,
        "parts": graph.part_names,
        "items": model.items,
        "users": model.users.ids,
        "columns": model.vectors.columns,
        "nodes": {
            "names": nodes.names,
            "epochs": nodes.epochs,
            "mean_reciprocal_rank": None if math.isnan(rank) else rank,
            "model": nodes.model,
            "relations": nodes.relations,
            "norm": nodes.norm,
        },
        "encoders": model.encoders,
        "remembered": model.remembered,
        "kinds": model.log.kind_names,
        "journal": model.journal,
    }
    return _Contents(arrays, graph.documents, values, model.ontology.turtle)


def _model(contents: _Contents) -> Model:
    arrays, values = contents.arrays, contents.values
    return Model(
        config=Config.parse(values["config"], "model"),
        given=Config.parse({"ranking": values["given"]}, "model").ranking,
        ontology=Ontology(contents.ontology),
        graph=KnowledgeGraph(_graph_columns(contents)),
        items=tuple(CatalogueItem(name, Iri(iri), label) for name, iri, label in values["items"]),
        users=IdIndex(values["users"], kind="user"),
        log=_log(arrays, tuple(values["kinds"])),
        events=_unpack_csr("events", arrays),
        fitted=Fitted(arrays["fitted.likes"], arrays["fitted.had"]),
        texts=arrays["texts"],
        vectors=ItemVectors(
            _unpack_csr("vectors", arrays),
            tuple(Column(block, Iri(p), Iri(o)) for block, p, o in values["columns"]),
        ),
        node_vectors=_node_vectors(arrays, values["nodes"]),
        encoders={Iri(predicate): name for predicate, name in values["encoders"].items()},
        remembered={
            user: Wishes(*map(tuple, wishes)) for user, wishes in values["remembered"].items()
        },
        event_times=_event_times(arrays),
        journal=values["journal"],
        features={
            name.removeprefix("features."): rows
            for name, rows in arrays.items()
            if name.startswith("features.")
        },
    )


def _log(arrays: Mapping[str, NDArray[Any]], kinds: tuple[str, ...]) -> EventLog:
    inside = {name: arrays[f"log.{name}"] for name in EventLog.NAMES}
    return EventLog(**inside, kind_names=kinds)


def _node_vectors(arrays: Mapping[str, NDArray[Any]], nodes: Mapping[str, Any]) -> NodeVectors:
    rank = nodes["mean_reciprocal_rank"]
    later = {
        "relation_matrix": "nodes.relations",
        "context_matrix": "nodes.contexts",
        "counts": "nodes.counts",
    }
    return NodeVectors(
        tuple(nodes["names"]),
        arrays["nodes"],
        nodes["epochs"],
        math.nan if rank is None else rank,
        model=nodes["model"],
        relations=tuple(nodes["relations"]),
        norm=nodes["norm"],
        **{field: arrays[name] for field, name in later.items() if name in arrays},
    )


def _event_times(arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.float64] | None:
    times = arrays.get("events.times")
    if times is not None and times.shape != arrays["events.data"].shape:
        msg = f"{len(times)} times, {len(arrays['events.data'])} events"
        raise ValueError(msg)
    return times


def _graph_columns(contents: _Contents) -> Columns:
    arrays, values = contents.arrays, contents.values
    return Columns(
        terms=Terms(arrays["graph.term_block"].tobytes(), arrays["graph.term_ends"]),
        extractor_names=tuple(values["extractors"]),
        part_names=tuple(values["parts"]),
        documents={name: contents.documents[name] for name in sorted(contents.documents)},
        **{name: arrays[f"graph.{name}"] for name in _GRAPH_ARRAYS},
    ).checked()
