"""Blots e-mail addresses, telephone and card numbers out of texts, before they are read or kept.

What looks like one is judged by libraries that are kept up to date: ``email-validator``,
``phonenumbers`` (Google's metadata of all countries), ``python-stdnum`` (the check digit of cards,
ISO/IEC 7812). None of them asks a server. Passages of a text are those of the blotted one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kg_rec.errors import MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg_rec.config import PrivacyConfig
    from kg_rec.statements import Document

__all__ = ["BLOT", "Redactor"]

BLOT = "███"
"""What stands where something was; it has no letters, so that nothing is read from it."""

# Chinese and Japanese are written without spaces: what stands before an address is none of it.
_LETTER = r"(?:(?![\u3040-\u30ff\u3400-\u9fff])[\w-])"
_EMAIL = re.compile(
    rf"(?:{_LETTER}|[.!#$%&'*+/=?^`{{|}}~])+@[\w-]+(?:\.[\w-]+)*?\.{_LETTER}{{2,}}(?:\.{_LETTER}{{2,}})*"
)
_CARD = re.compile(r"(?<![\d.,])[2-6]\d{3}(?:[ -]?\d){9,15}(?![.,]?\d)")
_DIGITS = re.compile(r"(?:\d\D{0,3}){7}")


@dataclass(frozen=True)
class Redactor:
    """Blots out some kinds of personal data.

    Attributes:
        kinds: ``email``, ``phone``, ``card``.
        regions: Countries whose telephone numbers are found without a country code (ISO 3166).

    Examples:
        >>> blot = Redactor(("email", "phone", "card"))
        >>> blot("I love Heat (mail ann@example.com, call +1 212 555 0123)")
        'I love Heat (mail ███, call ███)'
    """

    kinds: tuple[str, ...] = ()
    regions: tuple[str, ...] = ("US", "GB", "CN")

    @classmethod
    def of(cls, config: PrivacyConfig) -> Redactor:
        """Return what the settings ask for."""
        return cls(config.redact, config.phone_regions)

    def __call__(self, text: str) -> str:
        """Return a text with what was found blotted out.

        Raises:
            MissingDependencyError: The libraries of the extra ``privacy`` are not there.
        """
        for kind in ("email", "card", "phone"):
            if kind in self.kinds:
                text = _blotted(text, self._found(kind, text))
        return text

    def document(self, document: Document) -> Document:
        """Return a document with its text blotted."""
        text = self(document.text)
        return document if text == document.text else replace(document, text=text)

    def _found(self, kind: str, text: str) -> Iterator[tuple[int, int]]:
        """Return where something of a kind stands."""
        if kind == "email":
            return _emails(text)
        return _cards(text) if kind == "card" else _phones(text, self.regions)


def _blotted(text: str, found: Iterator[tuple[int, int]]) -> str:
    pieces, place = [], 0
    for start, end in sorted(found):
        if start >= place:
            pieces += [text[place:start], BLOT]
        place = max(place, end)
    return "".join([*pieces, text[place:]])


def _emails(text: str) -> Iterator[tuple[int, int]]:
    if "@" not in text:
        return
    is_valid = _judge_of_emails()
    for match in _EMAIL.finditer(text):
        start = next((s for s in range(*match.span()) if is_valid(text[s : match.end()])), None)
        if start is not None:
            yield start, match.end()


def _judge_of_emails() -> Callable[[str], bool]:
    try:
        import email_validator  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _missing("email-validator") from error

    def is_valid(address: str) -> bool:
        try:
            email_validator.validate_email(address, check_deliverability=False)
        except email_validator.EmailNotValidError as problem:
            return "special-use" in str(problem)  # reserved names are written in texts, too
        return True

    return is_valid


def _cards(text: str) -> Iterator[tuple[int, int]]:
    found = list(_CARD.finditer(text))
    if not found:
        return
    try:
        from stdnum import luhn  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _missing("python-stdnum") from error
    for match in found:
        if luhn.is_valid(re.sub(r"\D", "", match[0])):
            yield match.span()


def _phones(text: str, regions: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    if not _DIGITS.search(text):
        return
    try:
        import phonenumbers  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise _missing("phonenumbers") from error
    for region in regions or (None,):
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            yield match.start, match.end


def _missing(package: str) -> MissingDependencyError:
    return MissingDependencyError(package, "privacy", "privacy.redact")
