"""Words of Chinese text, by jieba (https://github.com/fxsjy/jieba), with names of ours."""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from kg_rec.errors import MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PHRASE", "Segmenter", "Word"]

PHRASE = "phrase"
"""Part of speech of the phrases that a reader asks for."""


class Word(NamedTuple):
    """A word at characters ``start`` to ``end``, with jieba's part of speech (``n``, ``v``)."""

    text: str
    start: int
    end: int
    tag: str


class Segmenter:
    """Cuts text into words with parts of speech.

    Args:
        names: What is to be one word: labels of what is known.
        phrases: What else is; its part of speech is :data:`PHRASE`.

    Raises:
        MissingDependencyError: jieba is not installed.
    """

    def __init__(self, names: Iterable[str], phrases: Iterable[str] = ()) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # jieba asks setuptools for its own files
            try:
                import jieba  # noqa: PLC0415 - an extra
                import jieba.posseg  # noqa: PLC0415
            except ImportError:
                raise MissingDependencyError("jieba", "zh", "Chinese text") from None
            logger = logging.getLogger("jieba")
            level = logger.level
            logger.setLevel(logging.WARNING)
            try:
                self._tagger: Any = jieba.posseg.POSTokenizer(jieba.Tokenizer())
                self._tagger.initialize()
            finally:
                logger.setLevel(level)
        for phrase in sorted(set(phrases)):
            self._tagger.tokenizer.add_word(phrase, tag=PHRASE)
            self._tagger.word_tag_tab[phrase] = PHRASE
        for name in sorted(set(names)):
            self._tagger.tokenizer.add_word(name, tag="n")
            self._tagger.word_tag_tab[name] = "n"

    def words(self, text: str) -> list[Word]:
        """Return the words of a text; together they are the text."""
        found, start = [], 0
        for word, tag in self._tagger.cut(text):
            found.append(Word(word, start, start + len(word), tag))
            start += len(word)
        return found
