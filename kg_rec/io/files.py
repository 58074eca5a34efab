"""Files and folders out: written beside their place, renamed when they are whole."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kg_rec.errors import DataError
from kg_rec.io.formats import open_packed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["write_file", "write_folder"]


def write_file(path: str | Path, content: bytes | Iterable[bytes]) -> Path:
    """Write a file, whole or piece by piece; packed if the end of its name says so.

    The file is there when all is written, and not before.

    Raises:
        DataError: The folder does not exist or cannot be written to.
    """
    path = Path(path)
    chunks = [content] if isinstance(content, bytes) else content
    if path.is_dir():
        raise DataError(f"{path}: cannot be written: it is a folder")
    try:
        if path.exists() and not path.is_file():  # a pipe or a terminal, as /dev/stdout
            _write(path, chunks)
        else:
            _replace(path.resolve(), chunks)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None
    return path


def _replace(path: Path, chunks: Iterable[bytes]) -> None:
    beside = path.with_name(f".part-{path.name}")
    try:
        _write(beside, chunks)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    with open_packed(path, "wb") as stream:
        for chunk in chunks:
            stream.write(chunk)


def write_folder(path: str | Path, files: Mapping[str, Iterable[bytes]]) -> Path:
    """Write a folder of files; an older one with the same files is replaced.

    Raises:
        DataError: Something else is in the way, or the folder cannot be written.
    """
    path = Path(path)
    if path.exists() and not path.is_dir():
        raise DataError(f"{path}: cannot be written: it is a file, expected a folder")
    others = {each.name for each in path.iterdir()} - files.keys() if path.exists() else set()
    if others:
        msg = f"{path} holds {min(others)!r}, which is no part of this; it is not overwritten"
        raise DataError(msg)
    try:
        _replace_folder(path.resolve(), files)
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror or error}") from None
    return path


def _replace_folder(path: Path, files: Mapping[str, Iterable[bytes]]) -> None:
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        (beside / "new").mkdir()
        for name, chunks in files.items():
            _write(beside / "new" / name, chunks)
        if path.exists():
            path.rename(beside / "old")
        (beside / "new").rename(path)
    finally:
        if (beside / "old").exists() and not path.exists():
            (beside / "old").rename(path)
        shutil.rmtree(beside, ignore_errors=True)
