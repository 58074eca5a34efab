"""IRIs, literals and the index between outside ids and row numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

import numpy as np
import pyoxigraph as ox

from kg_rec.errors import DataError, UnknownIdError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = [
    "BlankNode",
    "IdIndex",
    "Iri",
    "Literal",
    "Namespace",
    "Term",
    "from_oxigraph",
    "mint",
    "to_oxigraph",
    "triple_from_oxigraph",
]

_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|^`\\]+')


class Iri(str):
    """An absolute IRI (RFC 3987): a string that is safe between ``<`` and ``>``.

    Raises:
        DataError: The text has no scheme, or a character that an IRI cannot hold.

    Examples:
        >>> Iri("http://schema.org/Movie")
        Iri('http://schema.org/Movie')
        >>> Iri("no scheme")
        Traceback (most recent call last):
        kg_rec.errors.DataError: 'no scheme' is not an absolute IRI
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the text."""
        if not _IRI.fullmatch(text):
            msg = f"{text!r} is not an absolute IRI"
            raise DataError(msg)
        try:
            ox.NamedNode(text)
        except ValueError as error:  # brackets, a broken percent encoding, half a character
            raise DataError(f"{text!r} is not an absolute IRI: {error}") from None
        return super().__new__(cls, text)

    def __repr__(self) -> str:
        return f"Iri({str.__repr__(self)})"

    @property
    def local_name(self) -> str:
        """The part after the last ``#``, ``/`` or ``:``, as in ``Movie``."""
        return re.split(r"[#/:]", self.rstrip("#/"))[-1]


class BlankNode(Iri):
    """A node without a global name (RDF 1.1 Concepts, section 3.4), written ``_:label``.

    It stands wherever an IRI stands for a node, and so counts as one here, but its name means
    nothing outside of its graph. The string is the whole ``_:label``.

    Raises:
        DataError: The label is not one that N-Triples can hold.

    Examples:
        >>> BlankNode("_:b1"), BlankNode("_:b1").local_name
        (BlankNode('_:b1'), 'b1')
    """

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Check the label."""
        try:
            ox.BlankNode(text.removeprefix("_:"))
        except ValueError as error:
            raise DataError(f"{text!r} is not a blank node: {error}") from None
        if not text.startswith("_:"):
            raise DataError(f"{text!r} is not a blank node: expected '_:' before the label")
        return str.__new__(cls, text)

    def __repr__(self) -> str:
        return f"BlankNode({str.__repr__(self)})"


@dataclass(frozen=True, slots=True)
class Literal:
    """An RDF literal: a value with a datatype, a language, or neither (a plain string).

    Attributes:
        value: The lexical form.
        datatype: IRI of the datatype; ``None`` for ``xsd:string`` and with a language.
        language: BCP 47 tag.
        direction: ``"ltr"`` or ``"rtl"``: base direction, beside a language (RDF 1.2).

    Raises:
        DataError: It has a datatype and a language, or a direction without a language.

    Examples:
        >>> Literal("heist", language="en").value
        'heist'
    """

    value: str
    datatype: Iri | None = None
    language: str | None = None
    direction: str | None = None

    def __post_init__(self) -> None:
        if self.datatype is not None and self.language is not None:
            msg = f"literal {self.value!r} has a datatype and a language, expected one at most"
            raise DataError(msg)
        if self.direction is not None and self.language is None:
            msg = f"literal {self.value!r} has a direction and no language"
            raise DataError(msg)


Term = Iri | Literal


class Namespace(str):
    """A prefix that makes IRIs: ``SCHEMA["Movie"]``.

    Examples:
        >>> Namespace("http://schema.org/")["Movie"]
        Iri('http://schema.org/Movie')
    """

    __slots__ = ()

    def __getitem__(self, name: object) -> Iri:
        return Iri(f"{self}{name}")


RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
OWL = Namespace("http://www.w3.org/2002/07/owl#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
SCHEMA = Namespace("http://schema.org/")
KGREC = Namespace("https://w3id.org/kg-rec/ns#")
PROV = Namespace("http://www.w3.org/ns/prov#")
OA = Namespace("http://www.w3.org/ns/oa#")

PREFIXES: dict[str, str] = {
    "rdf": RDF,
    "rdfs": RDFS,
    "owl": OWL,
    "xsd": XSD,
    "skos": SKOS,
    "schema": SCHEMA,
    "kgrec": KGREC,
    "prov": PROV,
    "oa": OA,
    "movies": Namespace("https://w3id.org/kg-rec/movies#"),
    "dbr": Namespace("http://dbpedia.org/resource/"),
    "dbo": Namespace("http://dbpedia.org/ontology/"),
}


SKOLEM = Namespace("https://w3id.org/.well-known/genid/")
"""Where blank nodes go that need a global name (RDF 1.1 Concepts, section 3.5)."""


def to_oxigraph(term: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    """Return the pyoxigraph term.

    Raises:
        DataError: The language tag of a literal is not valid.
    """
    if isinstance(term, Iri):
        return ox.BlankNode(term[2:]) if isinstance(term, BlankNode) else ox.NamedNode(term)
    datatype = ox.NamedNode(term.datatype) if term.datatype else None
    direction = ox.BaseDirection(term.direction) if term.direction else None
    try:
        return ox.Literal(
            term.value, datatype=datatype, language=term.language, direction=direction
        )
    except ValueError as error:
        raise DataError(f"literal {term.value!r}: {error}") from None


def from_oxigraph(term: object) -> Term:
    """Return our term for a pyoxigraph one.

    Raises:
        DataError: The term is a triple (RDF 1.2), or its IRI is not valid.
    """
    if isinstance(term, ox.NamedNode):
        return Iri(term.value)
    if isinstance(term, ox.BlankNode):
        return BlankNode(f"_:{term.value}")
    if not isinstance(term, ox.Literal):
        msg = f"{term} is neither an IRI, a blank node nor a literal"
        raise DataError(msg)
    if term.language:
        direction = getattr(term.direction, "value", None) or term.direction
        return Literal(term.value, None, term.language, direction and str(direction))
    datatype = Iri(term.datatype.value)
    return Literal(term.value, None if datatype == XSD["string"] else datatype)


def triple_from_oxigraph(triple: ox.Triple | ox.Quad) -> tuple[Iri, Iri, Term]:
    """Return subject, predicate and object as our terms; the graph of a quad is dropped."""
    subject = from_oxigraph(triple.subject)
    if not isinstance(subject, Iri):
        msg = f"subject {subject} is neither an IRI nor a blank node"
        raise DataError(msg)
    return subject, Iri(triple.predicate.value), from_oxigraph(triple.object)


def mint(base: str, kind: str, name: str) -> Iri:
    """Return a stable IRI for a name: same base, kind and name, same IRI.

    White space becomes ``_``; whatever an IRI cannot hold is percent-encoded (RFC 3986),
    so different names never meet in one IRI except by Unicode normal form (NFC) and white space
    when ``kind`` is not an id.

    Examples:
        >>> mint("https://example.org/", "Person", "Christopher Nolan")
        Iri('https://example.org/Person/Christopher_Nolan')
        >>> mint("https://example.org/", "item", 'a "b">c')
        Iri('https://example.org/item/a%20%22b%22%3Ec')
    """
    if kind not in {"item", "user"}:
        name = re.sub(r"\s+", "_", unicodedata.normalize("NFC", name).strip())
    if name in {".", ".."}:  # steps of a path, not names (RFC 3986, section 5.2.4)
        return Iri(f"{base}{quote(kind)}/{name.replace('.', '%2E')}")
    return Iri(f"{base}{quote(kind)}/{quote(name, safe='')}")


_PEOPLE = "user"
"""The kind of ids that no message tells to those who do not know them."""


class IdIndex:
    """Outside ids on one side, row numbers on the other, in sorted order.

    Sorting makes the order of the input irrelevant.

    Args:
        ids: The ids; duplicates are folded.
        kind: What they are called in error messages.

    Examples:
        >>> index = IdIndex(["b", "a"], kind="item")
        >>> index.row("b"), index.id(0), len(index), "c" in index
        (1, 'a', 2, False)
    """

    def __init__(self, ids: Iterable[str], kind: str = "id") -> None:
        self.ids: tuple[str, ...] = tuple(sorted(set(ids)))
        self.kind = kind
        self._rows = {name: row for row, name in enumerate(self.ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self.ids)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def id(self, row: int) -> str:
        """Return the id of a row."""
        return self.ids[row]

    def row(self, name: str) -> int:
        """Return the row of an id; UnknownIdError names close ids, except those of users."""
        try:
            return self._rows[name]
        except KeyError:
            told = () if self.kind == _PEOPLE else self.ids
            raise UnknownIdError(self.kind, name, told) from None

    def rows(self, names: Iterable[str]) -> NDArray[np.int64]:
        """Return the rows of several ids, in their order."""
        return np.fromiter((self.row(name) for name in names), dtype=np.int64)
