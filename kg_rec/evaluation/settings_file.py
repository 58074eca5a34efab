"""A configuration with other settings of ranking, written as TOML."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from kg_rec.io.endpoint import is_endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["with_ranking"]

_DATA = ("train", "valid", "test", "interactions", "items", "graph", "links")
_PATHS = {
    ("graph",),
    ("ontology",),
    *(("data", name) for name in _DATA),
    ("data", "candidates"),
    ("data", "candidates", "valid"),
    ("data", "candidates", "test"),
    *((table, "path") for table in ("items", "texts", "interactions", "users", "friends")),
    *(("text", name) for name in ("model", "encoder", "entities", "cache")),
}
"""The settings that name files."""


def with_ranking(config: str | Path, ranking: Mapping[str, Any], folder: str | Path) -> str:
    """Return a configuration with some settings of ``[ranking]`` replaced, as TOML.

    Args:
        config: The file.
        ranking: The settings; ``None`` leaves a setting out.
        folder: Where the result is to be: paths that lead to files are made relative to it.
    """
    config = Path(config)
    values = tomllib.loads(config.read_text(encoding="utf-8-sig"))
    moved = _moved(values, (), config.parent, Path(folder))
    changed = {**moved.get("ranking", {}), **ranking}
    moved["ranking"] = {name: value for name, value in changed.items() if value is not None}
    return tomli_w.dumps(moved)


def _moved(value: Any, place: tuple[str, ...], old: Path, new: Path) -> Any:
    if isinstance(value, dict):
        return {key: _moved(inner, (*place, key), old, new) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, place, old, new) for inner in value]
    if place not in _PATHS or not isinstance(value, str) or is_endpoint(value):
        return value
    path = old / value
    return Path(os.path.relpath(path, new)).as_posix() if path.exists() else value
