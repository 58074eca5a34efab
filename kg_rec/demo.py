"""The demonstration that ships: real ratings of 492 films, prose on each, forty typed tastes."""

from __future__ import annotations

import shutil
from pathlib import Path

from kg_rec.errors import DataError

__all__ = ["DEMO_CONFIG", "RATED_USER", "TASTE", "TOLD_USER", "init"]

_DATA = Path(__file__).parent / "data"

DEMO_CONFIG = _DATA / "movietweetings" / "kg-rec.toml"
"""The configuration of the demonstration, beside its data."""
RATED_USER = "13637"
"""A user who is known by ratings."""
TOLD_USER = "t01"
"""A user who is known by a text only."""
TASTE = "I love heist films by Christopher Nolan but I hate horror"
"""A taste for those who type none."""


def init(folder: str | Path) -> list[Path]:
    """Write a commented configuration and tiny example tables into a folder.

    Returns:
        The files written.

    Raises:
        DataError: One of them exists already; nothing is written then.
    """
    folder = Path(folder)
    sources = sorted((_DATA / "starter").iterdir())
    for source in sources:
        if (folder / source.name).exists():
            msg = f"{folder / source.name} exists already; nothing was written"
            raise DataError(msg)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [Path(shutil.copyfile(source, folder / source.name)) for source in sources]
    except OSError as error:
        raise DataError(f"{folder}: cannot be written: {error.strerror}") from None
