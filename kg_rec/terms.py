"""The dictionary of terms: all in one block of bytes, made into objects when asked for.

A term has one *key*, which is UTF-8 bytes:

* an IRI is its own text, as in ``http://schema.org/Movie``;
* a blank node is ``_:label``;
* a literal is what canonical N-Triples writes, as in ``"heist"@en``.

Equal terms have equal keys, so that whatever reads or merges triples works on bytes alone.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate, chain
from operator import itemgetter
from typing import TYPE_CHECKING, overload

import numpy as np

from kg_rec.ids import BlankNode, Iri, Literal, Term, to_oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["Terms", "key_of", "sorted_terms", "term_of", "token_of"]

_BLANK, _QUOTE = ord("_"), ord('"')
_PLAIN = re.compile(r'[^\x00-\x1f"\\\x7f\ud800-\udfff\ufffe\uffff]*')
_ESCAPE = re.compile(r"\\(u[0-9A-F]{4}|U[0-9A-F]{8}|.)")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "b": "\b", "f": "\f"}
_XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


def key_of(term: Term) -> bytes:
    r"""Return the key of a term.

    Raises:
        DataError: A literal holds half of a surrogate pair, or its language tag is not valid.

    Examples:
        >>> key_of(Iri("http://schema.org/Movie")), key_of(Literal('a "b"', language="EN"))
        (b'http://schema.org/Movie', b'"a \\"b\\""@en')
    """
    if isinstance(term, Iri):
        return term.encode()
    if term.language is None and _PLAIN.fullmatch(term.value):
        typed = term.datatype is not None and term.datatype != _XSD_STRING
        return (
            f'"{term.value}"^^<{term.datatype}>'.encode() if typed else f'"{term.value}"'.encode()
        )
    return str(to_oxigraph(term)).encode()


def term_of(key: bytes) -> Term:
    """Return the term of a key, unchecked: keys come from terms or from a parser.

    Examples:
        >>> term_of(b'"1999"^^<http://www.w3.org/2001/XMLSchema#gYear>').value
        '1999'
    """
    text = key.decode()
    if key[0] == _BLANK:
        return str.__new__(BlankNode, text)
    if key[0] != _QUOTE:
        return str.__new__(Iri, text)
    end = text.rindex('"')
    value = text[1:end]
    if "\\" in value:
        value = _ESCAPE.sub(_unescape, value)
    if text.startswith("@", end + 1):
        language, _, direction = text[end + 2 :].partition("--")
        return Literal(value, None, language, direction or None)
    return Literal(value, str.__new__(Iri, text[end + 4 : -1]) if end + 1 < len(text) else None)


def _unescape(match: re.Match[str]) -> str:
    name = match[1]
    return chr(int(name[1:], 16)) if len(name) > 1 else _ESCAPED.get(name, name)


def token_of(key: bytes) -> bytes:
    """Return what N-Triples and Turtle write for a key.

    Examples:
        >>> token_of(b"http://schema.org/Movie"), token_of(b"_:b1")
        (b'<http://schema.org/Movie>', b'_:b1')
    """
    return key if key[0] in {_BLANK, _QUOTE} else b"<" + key + b">"


class _Made(dict[int, "Term"]):
    """The terms that were asked for, by code; makes those that were not."""

    def __init__(self, terms: Terms) -> None:
        super().__init__()
        self._terms = terms

    def __missing__(self, code: int) -> Term:
        self[code] = term = term_of(self._terms.key(int(code)))
        return term


class Terms(Sequence[Term]):
    """A sorted sequence of different terms: IRIs, then blank nodes, then literals.

    Keys are one block of bytes: a term costs its length and 8 bytes. Objects are made when asked
    for, and kept.

    Args:
        block: The keys, one after the other, sorted within each kind.
        ends: int64 array: where each key ends in the block.

    Attributes:
        made: The term of each code, as ``terms[code]``; quicker in loops.
        found: The codes that were asked for; None for terms that are not here.

    Raises:
        ValueError: The ends do not ascend to the end of the block.

    Examples:
        >>> terms = Terms.of([Literal("Heat"), Iri("urn:b"), Iri("urn:a")])
        >>> terms[:2]
        (Iri('urn:a'), Iri('urn:b'))
        >>> terms.code(Iri("urn:b")), terms.code(Iri("urn:c"))
        (1, None)
    """

    def __init__(self, block: bytes, ends: NDArray[np.int64]) -> None:
        if len(block) != (ends[-1] if len(ends) else 0) or (np.diff(ends, prepend=0) <= 0).any():
            msg = "the ends of terms do not ascend to the end of the block"
            raise ValueError(msg)
        self.block = block
        self.ends = ends
        self._ends = array("q", ends.astype(np.int64).tobytes())  # gives int, quicker than numpy
        self.made = _Made(self)
        self.found: dict[Term, int | None] = {}
        self._starts = _kind_starts(self)

    @classmethod
    def of(cls, terms: Iterable[Term]) -> Terms:
        """Return the dictionary of some terms."""
        return sorted_terms(list({key_of(term) for term in terms}))[0]

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, code: int) -> Term: ...
    @overload
    def __getitem__(self, code: slice) -> tuple[Term, ...]: ...
    def __getitem__(self, code: int | slice) -> Term | tuple[Term, ...]:
        """Return the term of a code."""
        if isinstance(code, slice):
            return tuple(self[number] for number in range(*code.indices(len(self))))
        return self.made[code]

    def __iter__(self) -> Iterator[Term]:
        return map(self.made.__getitem__, range(len(self)))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Terms):
            return self.block == other.block and np.array_equal(self.ends, other.ends)
        return tuple(self) == other

    __hash__ = None  # type: ignore[assignment] # equal to a tuple of its terms

    def __repr__(self) -> str:
        return f"<Terms: {len(self):,}>"

    def key(self, code: int) -> bytes:
        """Return the key of a code."""
        if code < 0:
            code += len(self._ends)
        return self.block[self._ends[code - 1] if code else 0 : self._ends[code]]

    def keys(self) -> list[bytes]:
        """Return all keys, in order of code."""
        block, ends = self.block, self._ends
        return [block[start:end] for start, end in zip(chain([0], ends), ends, strict=False)]

    def take(self, codes: NDArray[np.integer]) -> Terms:
        """Return the dictionary of some codes, which ascend."""
        keys = [self.key(code) for code in codes.tolist()]
        return Terms(b"".join(keys), np.cumsum([len(key) for key in keys], dtype=np.int64))

    def code(self, term: Term) -> int | None:
        """Return the code of a term; ``None`` if it is not here."""
        if term not in self.found:
            self.found[term] = self.code_of_key(key_of(term))
        return self.found[term]

    def code_of_key(self, key: bytes) -> int | None:
        """Return the code of a key; ``None`` if it is not here."""
        place = self.place_of_key(key)
        there = place < self._starts[_kind(key) + 1] and self.key(place) == key
        return place if there else None

    def place_of_key(self, key: bytes) -> int:
        """Return the code that a key has or would have: that of the first one not below it."""
        kind = _kind(key)
        low, high = self._starts[kind], self._starts[kind + 1]
        return bisect_left(range(low, high), key, key=self.key) + low

    @property
    def nodes(self) -> int:
        """How many are IRIs or blank nodes; codes from here on are of literals."""
        return self._starts[2]

    @property
    def iris(self) -> int:
        """How many are IRIs; they come first."""
        return self._starts[1]


def sorted_terms(keys: Sequence[bytes]) -> tuple[Terms, NDArray[np.int32]]:
    """Return the dictionary of different keys, and the code of each key given."""
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)
    first = np.fromiter(map(itemgetter(0), keys), np.uint8, len(keys))[order]
    kinds = (first == _BLANK) + 2 * (first == _QUOTE).astype(np.int8)
    order = order[np.argsort(kinds, kind="stable")]
    in_order = [keys[place] for place in order.tolist()]
    ends = np.fromiter(accumulate(map(len, in_order)), np.int64, len(keys))
    codes = np.empty(len(keys), dtype=np.int32)
    codes[order] = np.arange(len(keys), dtype=np.int32)
    return Terms(b"".join(in_order), ends), codes


def _kind(key: bytes) -> int:
    """Return 0 for an IRI, 1 for a blank node, 2 for a literal."""
    return {_BLANK: 1, _QUOTE: 2}.get(key[0], 0)


def _kind_starts(terms: Terms) -> tuple[int, int, int, int]:
    """Return where IRIs, blank nodes and literals start, and where they end."""
    count = len(terms)
    blank, literal = (
        bisect_left(range(count), kind, key=lambda code: _kind(terms.key(code))) for kind in (1, 2)
    )
    return 0, blank, literal, count
