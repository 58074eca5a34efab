"""Vectors kept on disk, so that a text is encoded once."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kg_rec.embeddings.encoders import TextEncoder

__all__ = ["CachedEncoder"]

_FAN = 2
_CHECK = 8


class CachedEncoder:
    """An encoder that looks into a folder first.

    A vector is one file of float32 numbers (little endian) and their checksum, named by the SHA-256
    of its text, in a folder named by the encoder's key. Files are written beside and renamed, so
    that processes may share a folder; a torn file is made anew. Nothing is thrown away: delete the
    folder to be rid of it.

    Args:
        encoder: What encodes texts that are not there.
        folder: Where vectors are kept; made if missing.
    """

    def __init__(self, encoder: TextEncoder, folder: str | Path) -> None:
        self.encoder = encoder
        self.folder = Path(folder)

    @property
    def name(self) -> str:
        """Name of the encoder behind."""
        return self.encoder.name

    @property
    def key(self) -> str:
        """Key of the encoder behind."""
        return self.encoder.key

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a float32 array (texts × dimensions)."""
        kept = {text: self._read(self._path(text)) for text in texts}
        new = [text for text, vector in kept.items() if vector is None]
        made = self.encoder.encode(new) if new or not texts else np.zeros((0, 1), dtype=np.float32)
        found = {text: vector for text, vector in kept.items() if vector is not None}
        for text, vector in zip(new, made, strict=True):
            self._write(self._path(text), vector)
            found[text] = vector
        return np.stack([found[text] for text in texts]) if texts else made

    def _path(self, text: str) -> Path:
        digest = hashlib.sha256(text.encode()).hexdigest()
        return self.folder / self.key / digest[:_FAN] / digest[_FAN:]

    def _read(self, path: Path) -> NDArray[np.float32] | None:
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        vector, found = data[:-_CHECK], data[-_CHECK:]
        whole = bool(vector) and len(vector) % 4 == 0 and found == _checksum(vector)
        return np.frombuffer(vector, dtype="<f4") if whole else None  # a torn file is made anew

    def _write(self, path: Path, vector: NDArray[np.float32]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            written = vector.astype("<f4").tobytes()
            file.write(written + _checksum(written))
        Path(file.name).replace(path)


def _checksum(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=_CHECK).digest()
