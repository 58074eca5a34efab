"""Which language a text is in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

__all__ = ["detect", "is_chinese"]

_SURE = 0.8
_LONGEST = 1_000
_LEAST_HAN = 0.4
_IDEOGRAPHIC, _FEW = frozenset({"zh", "ja", "ko"}), 0.25


def detect(text: str, languages: tuple[str, ...]) -> str:
    """Return which of some languages a text is in; the first of them where that is not clear.

    Offline, by py3langid (Lui and Baldwin 2012, byte n-grams, 139 languages).

    Args:
        text: The text; its first 1,000 characters decide.
        languages: ISO 639-1 codes, the most likely one first.

    Examples:
        >>> detect("我喜欢科幻片", ("en", "zh")), detect("Heat", ("en", "zh"))
        ('zh', 'en')
    """
    known = _identifier(languages) if len(languages) > 1 else None
    if known is None or not any(c.isalpha() for c in text[:_LONGEST]):
        return languages[0]
    found, probability = known.classify(text[:_LONGEST])
    sure = probability >= _SURE and (found not in _IDEOGRAPHIC or _share_of_ideographs(text) > _FEW)
    return str(found) if sure else languages[0]


def is_chinese(text: str) -> bool:
    """Return whether most letters of a text are Chinese characters, and none is kana or hangul.

    Examples:
        >>> is_chinese("我喜欢Heat"), is_chinese("Heat（盗火线）is crime"), is_chinese("映画が好き")
        (True, False, False)
    """
    letters = [c for c in text[:_LONGEST] if c.isalpha()]
    han = sum("\u4e00" <= c <= "\u9fff" for c in letters)
    other = any("\u3040" <= c <= "\u30fa" or "\uac00" <= c <= "\ud7a3" for c in letters)
    return han > 1 and not other and han >= _LEAST_HAN * len(letters)


def _share_of_ideographs(text: str) -> float:
    """Return the share of letters that are no alphabet: a text that quotes a name has few."""
    letters = [c for c in text[:_LONGEST] if c.isalpha()]
    return sum(c >= "\u1100" for c in letters) / len(letters)


@cache
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier | None:
    """Return a model of those of the languages that it knows; None if they are fewer than two."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - takes 0.3 s

    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = [code for code in languages if code in set(model.labels)]
    model.set_languages(known)
    return model if len(known) > 1 else None
