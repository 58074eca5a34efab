"""Files out: written beside their place and renamed."""

from __future__ import annotations

import contextlib
from pathlib import Path

from kg_rec.errors import DataError

__all__ = ["write_file"]


def write_file(path: str | Path, content: bytes) -> Path:
    """Write a file beside its place and rename it, so that there is never half of one.

    Raises:
        DataError: The folder does not exist or cannot be written to.
    """
    path = Path(path)
    if path.is_dir():
        raise DataError(f"{path}: cannot be written: it is a folder")
    try:
        if path.exists() and not path.is_file():  # a pipe or a terminal, as /dev/stdout
            path.write_bytes(content)
        else:
            _replace(path.resolve(), content)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from None
    return path


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise
