"""Names of people and things: one key for the ways a name is written."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["canonical_name", "clean_name", "name_key"]

_POSSESSIVE = re.compile(r"(?:['’]s|(?<=s)['’])$")
_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_JOINED_INITIALS = re.compile(r"\b([^\W\d_]\.)(?=[^\W\d_])")
_BARE_INITIAL = re.compile(r"(?<!\S)([^\W\d_a-z])(?=\s)")
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_EDGES = " \t\r\n\"'“”‘’«»()[]{}<>,;:!?*_|/\\-–—"
_SHOUTED = 4


def clean_name(text: str) -> str:
    """Return a name as it is shown: one line, no possessive, no stray punctuation at its edges.

    Examples:
        >>> clean_name(" J.J.  Abrams's")
        'J. J. Abrams'
    """
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip(_EDGES)
    name = _POSSESSIVE.sub("", name).strip(_EDGES)
    return _JOINED_INITIALS.sub(r"\1 ", name)


def canonical_name(text: str) -> str:
    """Return the form of a person's name that its IRI is made from.

    Latin accents go, initials stand apart with a dot, every word starts with a capital,
    and a leading article goes; so each way to write a name gives one form.

    Examples:
        >>> canonical_name("J.J. Abrams"), canonical_name("Miloš Forman")
        ('J. J. Abrams', 'Milos Forman')
        >>> canonical_name("Samuel L Jackson")
        'Samuel L. Jackson'
    """
    name = _ARTICLE.sub("", clean_name(text))
    decomposed = unicodedata.normalize("NFD", name)
    name = unicodedata.normalize("NFC", _LATIN_MARKS.sub("", decomposed))
    name = " ".join(_capital(word) for word in name.split())
    return _BARE_INITIAL.sub(r"\1.", name)


def name_key(text: str) -> str:
    """Return the key by which two spellings of a name are compared.

    Examples:
        >>> name_key("J.J. ABRAMS") == name_key("J. J. Abrams")
        True
    """
    words = re.findall(r"\w+", canonical_name(text).casefold())
    return " ".join(words)


def _capital(word: str) -> str:
    word = word[:1].upper() + word[1:]
    shouted = len(word) >= _SHOUTED and word.isupper()
    return word[:1] + word[1:].lower() if shouted else word
