"""The state of training in a file, to go on from after an interruption; imports torch."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from kg_rec.errors import ConfigError
from kg_rec.io.files import write_file

if TYPE_CHECKING:
    from kg_rec.config import EmbeddingsConfig
    from kg_rec.embeddings.facts import Facts

__all__ = ["fingerprint", "read", "write"]

_MAY_CHANGE = {"epochs", "checkpoint"}
"""Settings that training may go on with though they changed."""


def fingerprint(facts: Facts, config: EmbeddingsConfig, seed: int) -> str:
    """Return a hash of all that a state of training belongs to."""
    settings = config.model_dump(mode="json", exclude=_MAY_CHANGE)
    digest = hashlib.sha256(json.dumps([settings, seed], sort_keys=True).encode())
    for names in (facts.nodes, facts.relations, facts.attributes):
        digest.update("\n".join(names).encode() + b"\0")
    digest.update(facts.triples.tobytes())
    digest.update(facts.numbers.tobytes())
    return digest.hexdigest()


def write(path: str | Path, state: dict[str, Any], belongs_to: str) -> None:
    """Write a state beside its place and rename it.

    Raises:
        DataError: The file cannot be written.
    """
    content = io.BytesIO()
    torch.save({"kg_rec": belongs_to, **state}, content)
    write_file(path, content.getvalue())


def read(path: str | Path, belongs_to: str) -> dict[str, Any] | None:
    """Read a state; ``None`` if there is no file, or one of other facts or settings.

    Only tensors, numbers, texts and plain containers are read; no code is run.

    Raises:
        ConfigError: The file is no checkpoint.
    """
    path = Path(path)
    if not path.exists():
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pickles that are refused in the next moment
            state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
        same = state.pop("kg_rec") == belongs_to
    except OSError as error:
        raise ConfigError(f"embeddings.checkpoint: {path}: {error.strerror}") from None
    except (
        pickle.UnpicklingError,
        zipfile.BadZipFile,
        RuntimeError,
        EOFError,
        KeyError,
        AttributeError,
        TypeError,
        ValueError,
    ):
        message = f"embeddings.checkpoint: {path} is no checkpoint of kg_rec; it is left alone"
        raise ConfigError(message) from None
    return state if same else None
