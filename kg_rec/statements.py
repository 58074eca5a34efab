"""Triples, the evidence for them, and documents: what passes between text, tables and graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.errors import DataError

if TYPE_CHECKING:
    from kg_rec.ids import Iri, Term

__all__ = ["DERIVED", "FACTS", "MERGED", "USERS", "Document", "Evidence", "Statement", "Triple"]

FACTS = "facts"
"""Name of the graph part that holds what is known of items and entities."""
USERS = "users"
"""Name of the graph part that holds what users did and said (personal data)."""
DERIVED = "derived"
"""Name of the graph part that holds item-to-item links learned by the model."""

MERGED = "merged:"
"""Start of the extractor of an alternative label that texts use; the reason follows."""


class Triple(NamedTuple):
    """A fact: subject, predicate, object (RDF 1.1 Concepts, section 3)."""

    subject: Iri
    predicate: Iri
    object: Term


class Evidence(NamedTuple):
    """Where a fact was read: half-open character offsets into a document, and the text there.

    ``document.text[start:end] == text``, always.
    """

    document: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A triple with where it comes from.

    Attributes:
        triple: The fact.
        evidence: The passages that state it; empty for facts from tables and RDF files.
        confidence: How sure it is that the text says so, from 0 to 1.
        extractor: What found it, as in ``"table"`` or ``"form:directed by {object}"``.
        part: The part of the graph it belongs to: ``"facts"``, ``"users"`` or ``"derived"``.
        polarity: 1, or -1 for what is denied ("not directed by …") or disliked.
        strength: How much something is liked or disliked, from 0 to 1.
        subject_text: What the text calls the subject; empty where it is only meant.
        object_text: What the text calls the object.
    """

    triple: Triple
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0
    extractor: str = "table"
    part: str = FACTS
    polarity: int = 1
    strength: float = 1.0
    subject_text: str = ""
    object_text: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A text to read.

    Attributes:
        id: Unique name, cited by evidence.
        text: The text; offsets count its characters (Unicode code points).
        item: The item that the text is about, which "the film" and "it" stand for.
        user: The user who speaks; "I love …" then becomes a like of this user.
        title: The label of the item, as in ``"Heat"``.
        lang: ISO 639-1 code of the text's language; None leaves it to the reader.

    Raises:
        DataError: The text is empty or white space, or holds half of a surrogate pair.
    """

    id: str
    text: str
    item: Iri | None = None
    user: Iri | None = None
    title: str = ""
    lang: str | None = None

    def __post_init__(self) -> None:
        if not self.text.strip():
            msg = f"document {self.id!r}: the text is empty"
            raise DataError(msg)
        try:
            self.text.encode()
        except UnicodeEncodeError as error:
            msg = f"document {self.id!r}: character {error.start} is half of a surrogate pair"
            raise DataError(msg) from None

    def evidence(self, start: int, end: int) -> Evidence:
        """Return the evidence for ``text[start:end]``."""
        return Evidence(self.id, start, end, self.text[start:end])
