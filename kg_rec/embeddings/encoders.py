"""Texts to vectors: token vectors of a language model, by several libraries.

================================  =====================================  =======================
encoder                           what it loads                          extra
================================  =====================================  =======================
:class:`TokenEncoder`             wordllama, inside its wheel            none
:class:`TransformerEncoder`       a folder of sentence-transformers or   ``transformers``
                                  Hugging Face: BERT, GPT, T5, …
:class:`WordVectorEncoder`        word2vec, ``.bin`` or ``.txt``         ``word2vec``
================================  =====================================  =======================

Nothing is downloaded.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from kg_rec.embeddings.cache import CachedEncoder
from kg_rec.embeddings.given import Encoder
from kg_rec.errors import ConfigError, MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

__all__ = [
    "TextEncoder",
    "TokenEncoder",
    "TransformerEncoder",
    "WordVectorEncoder",
    "encoder_of",
]

WORDLLAMA = "wordllama"
_PIECE = 20_000
"""Characters that wordllama encodes at a time."""
_WORD_FILES = (".bin", ".txt", ".vec")
_BLOCK = 1 << 20


class TextEncoder(Encoder[str], Protocol):
    """Turns texts into vectors whose cosines say how close the texts are in meaning."""

    @property
    def key(self) -> str:
        """What tells these vectors from others: name and a hash of the weights."""
        ...

    def encode(self, things: Sequence[str], /) -> NDArray[np.float32]:
        """Return a float32 array (texts × dimensions)."""
        ...


def encoder_of(setting: str = WORDLLAMA, cache: str | Path | None = None) -> TextEncoder:
    """Return the encoder that a setting names.

    Args:
        setting: ``"wordllama"``, a folder with a transformer model, or a word2vec file.
        cache: A folder that keeps vectors, so that a text is encoded once; None keeps none.

    Raises:
        ConfigError: There is no such folder or file.

    Examples:
        >>> encoder_of().name
        'wordllama'
        >>> encoder_of("no/such/model")
        Traceback (most recent call last):
        kg_rec.errors.ConfigError: text.encoder: 'no/such/model' is neither 'wordllama' nor ...
    """
    encoder: TextEncoder
    if setting == WORDLLAMA:
        encoder = TokenEncoder()
    elif Path(setting).is_dir():
        encoder = TransformerEncoder(setting)
    elif Path(setting).is_file():
        encoder = WordVectorEncoder(setting)
    else:
        raise ConfigError(
            f"text.encoder: {setting!r} is neither 'wordllama' nor a folder with a model, nor a"
            f" word2vec file ({', '.join(_WORD_FILES)})"
        )
    return encoder if cache is None else CachedEncoder(encoder, cache)


class TokenEncoder:
    """Static token vectors of wordllama (256 dimensions), averaged over the tokens of a text.

    The weights are inside the wordllama wheel; nothing is downloaded. A long text is encoded in
    pieces, whose vectors are averaged by their length, so that memory stays bounded.

    Examples:
        >>> TokenEncoder().encode(["a heist"]).shape
        (1, 256)
    """

    name = WORDLLAMA
    key = WORDLLAMA

    @property
    def _model(self) -> Any:
        return _wordllama()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a float32 array (texts × 256)."""
        if not texts:
            return np.zeros((0, 256), dtype=np.float32)
        return np.stack([self._mean(text) for text in texts])

    def _mean(self, text: str) -> NDArray[np.float32]:
        pieces = [text[n : n + _PIECE] for n in range(0, len(text), _PIECE)] or [text]
        vectors = [self._model.embed(piece)[0] for piece in pieces]
        return np.average(vectors, axis=0, weights=[len(p) or 1 for p in pieces]).astype(np.float32)


@lru_cache(maxsize=1)
def _wordllama() -> Any:
    """Return the model; it is loaded once."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    import wordllama  # noqa: PLC0415 - a third of a second

    root.setLevel(level)  # importing wordllama configures the root logger
    root.handlers[:] = handlers
    folder = Path(wordllama.__file__).parent
    return wordllama.WordLlama.load(cache_dir=folder, disable_download=True)


class TransformerEncoder:
    """A transformer from a folder: a sentence-transformers model, or any Hugging Face encoder.

    A folder with ``modules.json`` is pooled as that says. Any other (BERT, GPT, T5 and their
    kin; of T5 the encoder) is pooled by the mean of its last hidden states over the tokens of the
    text, padding left out (Reimers and Gurevych, EMNLP 2019). Texts longer than the model reads
    are cut there.

    Args:
        folder: Configuration, tokenizer and weights, as ``save_pretrained`` writes them.

    Raises:
        MissingDependencyError: The extra ``transformers`` is not installed.
        ConfigError: The folder holds no model that can be loaded.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.name = self.folder.resolve().name

    @cached_property
    def key(self) -> str:
        """Name, and a hash of the weights and of all else in the folder."""
        files = sorted(p for p in self.folder.rglob("*") if p.is_file())
        return f"{self.name}-{_hash_of(files)}"

    @cached_property
    def _model(self) -> Any:
        try:
            from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - an extra
        except ImportError:
            raise MissingDependencyError(
                "sentence-transformers", "transformers", "a transformer as text.encoder"
            ) from None
        if not (self.folder / "config.json").is_file():
            raise ConfigError(f"text.encoder: {self.folder} has no config.json, so no model")
        self._refuse_code()
        try:
            with _no_bars():
                model = SentenceTransformer(str(self.folder), local_files_only=True)
        except Exception as error:  # the libraries below raise anything
            reason = " ".join(str(error).split())[:300]
            raise ConfigError(f"text.encoder: {self.folder} cannot be loaded: {reason}") from error
        if getattr(model.tokenizer, "pad_token", None) is None:  # GPT has none
            model.tokenizer.pad_token = model.tokenizer.eos_token
        return model

    def _refuse_code(self) -> None:
        """Refuse a folder whose parts are code of its own: a model is data here."""
        listed = self.folder / "modules.json"
        if not listed.is_file():
            return
        try:
            kinds = [str(part["type"]) for part in json.loads(listed.read_text("utf-8"))]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(f"text.encoder: {listed} cannot be read: {error}") from None
        own = [kind for kind in kinds if not kind.startswith("sentence_transformers.")]
        if own:
            message = f"text.encoder: {listed} asks for code of its own, {own[0]!r}; it is not run"
            raise ConfigError(message)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a float32 array (texts × dimensions).

        Texts are encoded one by one: what else is in a batch would change the last digits.
        """
        if not texts:
            return np.zeros((0, self._model.get_embedding_dimension()), dtype=np.float32)
        vectors = self._model.encode(
            list(texts), batch_size=1, show_progress_bar=False, convert_to_numpy=True
        )
        return np.asarray(vectors, dtype=np.float32)


class WordVectorEncoder:
    """Word vectors of word2vec, averaged over the words of a text (Mikolov et al. 2013).

    Words are looked up as they are, then in lower case; a text without any known word has a
    vector of zeros.

    Args:
        path: A file as word2vec writes it: ``.bin`` is binary, all else is text.

    Raises:
        MissingDependencyError: The extra ``word2vec`` is not installed.
        ConfigError: The file is not of that format.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.name = self.path.name

    @cached_property
    def key(self) -> str:
        """Name, and a hash of the file."""
        return f"{self.name}-{_hash_of([self.path])}"

    @cached_property
    def _vectors(self) -> Any:
        try:
            from gensim.models import KeyedVectors  # noqa: PLC0415 - an extra
        except ImportError:
            raise MissingDependencyError("gensim", "word2vec", "word2vec as text.encoder") from None
        binary = self.path.suffix == ".bin"
        try:
            return KeyedVectors.load_word2vec_format(str(self.path), binary=binary)
        except (ValueError, EOFError, UnicodeDecodeError) as error:
            reason = " ".join(str(error).split())
            message = f"text.encoder: {self.path} is no word2vec file: {reason}"
            raise ConfigError(message) from None

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return a float32 array (texts × dimensions)."""
        found = np.zeros((len(texts), self._vectors.vector_size), dtype=np.float32)
        for row, text in enumerate(texts):
            words = [w for word in re.findall(r"\w+", text) if (w := self._known(word)) is not None]
            if words:
                found[row] = self._vectors[words].mean(axis=0)
        return found

    def _known(self, word: str) -> str | None:
        return next((w for w in (word, word.lower()) if w in self._vectors), None)


@contextlib.contextmanager
def _no_bars() -> Iterator[None]:
    """Keep transformers from drawing bars while it loads."""
    from transformers.utils import logging  # noqa: PLC0415 - an extra

    bars: Any = logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _hash_of(files: Sequence[Path]) -> str:
    """Return a short hash of the contents of files."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()[:16]
