"""Where the settings of a build, and the files that they name, are found."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg_rec.config import Config
from kg_rec.errors import ConfigError
from kg_rec.io.endpoint import is_endpoint

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["file_names", "located", "settings_of", "source_of", "stored"]


def settings_of(config: Config | Mapping[str, Any] | str | Path | None) -> tuple[Config, Path]:
    """Return the settings, and the folder that their relative paths start from."""
    if config is None:
        return Config(), Path()
    if isinstance(config, Config):
        return config, Path()
    if isinstance(config, Mapping):
        return Config.parse(dict(config)), Path()
    if not isinstance(config, str | Path):
        kind = type(config).__name__
        raise ConfigError(f"config: expected settings or a TOML file, found {kind}")
    base = Path(config).parent
    return located(base, Config.load(config)), base


def located(base: Path, config: Config) -> Config:
    """Return the settings with ontology and pipeline found beside the TOML file, if there."""
    changed: dict[str, Any] = {}
    changed["ontology"] = tuple(
        str(base / name) if (base / name).is_file() else name for name in config.ontology
    )
    inside: dict[str, str] = {}
    if config.text.model and (base / config.text.model).is_dir():
        inside["model"] = str(base / config.text.model)
    if (base / config.text.encoder).exists():
        inside["encoder"] = str(base / config.text.encoder)
    for key in ("entities", "cache"):
        if (name := getattr(config.text, key)) is not None:
            inside[key] = str(base / name)
    if inside:
        changed["text"] = config.text.model_copy(update=inside)
    changed["vectors"] = tuple(
        one.model_copy(update={"file": tuple(str(base / name) for name in one.file)})
        for one in config.vectors
    )
    return config.model_copy(update=changed)


def file_names(given: str | Path | Sequence[str | Path]) -> list[str]:
    """Return one file name, or several, as a list."""
    return [str(n) for n in ([given] if isinstance(given, str | os.PathLike) else given)]


def stored(base: Path, name: str) -> str:
    """Return the name of a graph: a file beside the configuration, or the URL of a server."""
    return name if is_endpoint(name) else str(base / name)


def source_of(given: Any, configured: str | None, base: Path) -> Any:
    """Return a source of data: what is given, else the file that the settings name."""
    if given is not None or configured is None:
        return given
    return base / configured
