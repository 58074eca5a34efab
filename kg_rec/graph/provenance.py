"""Where triples come from, as RDF: confidence, extractor, part, and passages of text.

Profile ``evidence`` (RDF 1.1) names a triple by a node ``rdf:Statement`` with ``rdf:subject``,
``rdf:predicate`` and ``rdf:object``; profile ``rdf12`` (RDF 1.2) by ``rdf:reifies`` and a triple
term. The rest is the same: ``kgrec:confidence``, ``kgrec:strength``, ``kgrec:extractor``,
``kgrec:part``, and ``prov:wasDerivedFrom`` with an ``oa:SpecificResource`` for each passage: a
document, and where it stands there (Web Annotation, ``oa:TextPositionSelector`` and
``oa:TextQuoteSelector``). Nodes are named by hashes of what they say: same graph, same names.

A triple of part ``facts`` from a table needs no such node: that is the default in these profiles.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from hashlib import blake2b
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from kg_rec.errors import DataError
from kg_rec.ids import KGREC, OA, PROV, RDF, SCHEMA, XSD, Iri, Literal, Namespace
from kg_rec.io.triple_table import triple_term
from kg_rec.statements import DERIVED, FACTS, USERS
from kg_rec.terms import key_of, term_of, token_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph.columns import Columns
    from kg_rec.graph.raw import Raw

__all__ = [
    "EVIDENCE_GRAPH",
    "PART_GRAPHS",
    "RECOMMENDATION_GRAPH",
    "evidence_triples",
    "fold_evidence",
    "graph_of_part",
    "statement_iri",
]

_GRAPH = Namespace("https://w3id.org/kg-rec/graph/")
_ID = Namespace("https://w3id.org/kg-rec/id/")
PART_GRAPHS = {
    FACTS: _GRAPH["facts"],
    USERS: _GRAPH["users"],
    DERIVED: _GRAPH["derived"],
}
"""The named graph of each part, in formats that have named graphs."""
EVIDENCE_GRAPH = _GRAPH["evidence"]
"""The named graph of evidence."""
RECOMMENDATION_GRAPH = _GRAPH["recommendations"]
"""The named graph of recommendations, which is the part that they are, too; personal data."""

_TABLE = "table"
_TYPE = key_of(RDF["type"])
_STATEMENT = key_of(RDF["Statement"])
_SUBJECT, _PREDICATE, _OBJECT, _REIFIES = (
    key_of(RDF[name]) for name in ("subject", "predicate", "object", "reifies")
)
_CONFIDENCE, _STRENGTH, _EXTRACTOR, _PART = (
    key_of(KGREC[name]) for name in ("confidence", "strength", "extractor", "part")
)
_DERIVED_FROM = key_of(PROV["wasDerivedFrom"])
_SOURCE, _SELECTOR, _START, _END, _EXACT = (
    key_of(OA[name]) for name in ("hasSource", "hasSelector", "start", "end", "exact")
)
_RESOURCE, _POSITION, _QUOTE = (
    key_of(OA[name]) for name in ("SpecificResource", "TextPositionSelector", "TextQuoteSelector")
)
_DOCUMENT, _IDENTIFIER, _TEXT = (
    key_of(KGREC["Document"]),
    key_of(SCHEMA["identifier"]),
    key_of(SCHEMA["text"]),
)

_Keys = tuple[bytes, bytes, bytes]


def graph_of_part(part: str) -> bytes:
    """Return the key of the named graph of a part; ``b""`` is the default graph.

    Examples:
        >>> graph_of_part("facts")
        b'https://w3id.org/kg-rec/graph/facts'
    """
    return (PART_GRAPHS.get(part) or part).encode()


def statement_iri(part: str, triple: Sequence[bytes]) -> Iri:
    """Return the node that names a triple of a part.

    Args:
        part: The part.
        triple: Keys of subject, predicate and object.
    """
    return _hashed("statement", [part.encode(), *map(token_of, triple)])


def document_iri(name: str) -> Iri:
    """Return the node of a document.

    Examples:
        >>> document_iri("items/heat")
        Iri('https://w3id.org/kg-rec/id/document/items/heat')
    """
    return _ID[f"document/{quote(name) if name else '%20'}"]


def _hashed(kind: str, parts: Sequence[bytes]) -> Iri:
    return _ID[f"{kind}/{blake2b(b' '.join(parts), digest_size=10).hexdigest()}"]


# --- out -----------------------------------------------------------------------------------------


def told_rows(columns: Columns) -> NDArray[np.int64]:
    """Return the rows that say more than "a fact from a table", or stand in several parts."""
    names = np.array([name != _TABLE for name in columns.extractor_names], dtype=bool)
    parts = np.array([part != FACTS for part in columns.part_names], dtype=bool)
    told = (columns.confidences != 1) | (columns.strengths != 1)
    told |= names[columns.extractors] | parts[columns.part_codes]
    told[columns.spans[:, 0]] = True
    order = np.lexsort(columns.triple_codes.T)
    ordered = columns.triple_codes[order]
    twice = np.flatnonzero((ordered[1:] == ordered[:-1]).all(axis=1))
    told[order[twice]] = told[order[twice + 1]] = True
    return np.flatnonzero(told)


def evidence_triples(columns: Columns, *, triple_terms: bool) -> Iterator[_Keys]:
    """Return the triples of keys that say where the triples of a graph come from.

    Args:
        columns: The graph.
        triple_terms: Whether a triple is named by a triple term, as in profile ``rdf12``.
    """
    spans = defaultdict(list)
    for row, document, start, end in columns.spans.tolist():
        spans[row].append((document, start, end))
    documents = list(columns.documents)
    for row in told_rows(columns).tolist():
        triple = tuple(columns.terms.key(code) for code in columns.triple_codes[row].tolist())
        part = columns.part_names[columns.part_codes[row]]
        node = key_of(statement_iri(part, triple))
        yield from _naming(node, triple, triple_terms=triple_terms)
        yield node, _PART, key_of(Literal(part))
        extractor = columns.extractor_names[columns.extractors[row]]
        yield node, _EXTRACTOR, key_of(Literal(extractor))
        yield node, _CONFIDENCE, _number(columns.confidences[row])
        if columns.strengths[row] != 1:
            yield node, _STRENGTH, _number(columns.strengths[row])
        for document, start, end in spans[row]:
            name = documents[document]
            yield from _passage(node, name, columns.documents[name], start, end)
    for name in documents:
        node = key_of(document_iri(name))
        yield node, _TYPE, _DOCUMENT
        yield node, _IDENTIFIER, key_of(Literal(name))
        yield node, _TEXT, key_of(Literal(columns.documents[name]))


def _naming(node: bytes, triple: tuple[bytes, ...], *, triple_terms: bool) -> Iterator[_Keys]:
    if triple_terms:
        yield node, _REIFIES, b"<<( %s )>>" % b" ".join(map(token_of, triple))
        return
    yield node, _TYPE, _STATEMENT
    yield from zip([node] * 3, (_SUBJECT, _PREDICATE, _OBJECT), triple, strict=True)


def _number(value: float) -> bytes:
    return key_of(Literal(repr(float(value)), XSD["double"]))


def _passage(statement: bytes, name: str, text: str, start: int, end: int) -> Iterator[_Keys]:
    place = _hashed("evidence", [quote(name).encode(), b"%d" % start, b"%d" % end])
    node, position, words = (key_of(Iri(f"{place}{end}")) for end in ("", "/position", "/quote"))
    yield statement, _DERIVED_FROM, node
    yield node, _TYPE, _RESOURCE
    yield node, _SOURCE, key_of(document_iri(name))
    yield node, _SELECTOR, position
    yield node, _SELECTOR, words
    yield position, _TYPE, _POSITION
    yield position, _START, key_of(Literal(str(start), XSD["nonNegativeInteger"]))
    yield position, _END, key_of(Literal(str(end), XSD["nonNegativeInteger"]))
    yield words, _TYPE, _QUOTE
    yield words, _EXACT, key_of(Literal(text[start:end]))


# --- in ------------------------------------------------------------------------------------------


class _Facts(defaultdict[bytes, dict[bytes, list[bytes]]]):
    """Subject to predicate to objects, of the triples that may be about triples."""

    def one(self, node: bytes, predicate: bytes) -> bytes | None:
        """Return the only object, if there is one."""
        found = self[node].get(predicate, []) if node in self else []
        return found[0] if len(found) == 1 else None

    def value(self, node: bytes, predicate: bytes) -> str | None:
        """Return the value of the only object, if there is one."""
        key = self.one(node, predicate)
        term = None if key is None else term_of(key)
        return term.value if isinstance(term, Literal) else None


_ABOUT = {
    _SUBJECT,
    _PREDICATE,
    _OBJECT,
    _REIFIES,
    _CONFIDENCE,
    _STRENGTH,
    _EXTRACTOR,
    _PART,
    _DERIVED_FROM,
    _SOURCE,
    _SELECTOR,
    _START,
    _END,
    _EXACT,
    _IDENTIFIER,
    _TEXT,
    _TYPE,
}


def fold_evidence(raw: Raw) -> Raw | None:
    """Return the columns with triples about triples as evidence; ``None`` if there are none.

    What is about a triple has a ``kgrec:extractor``. Other statements stay as they are.

    Raises:
        DataError: Such triples are incomplete, or a quote is not what stands in the document.
    """
    if _EXTRACTOR not in raw.keys:
        return None
    facts = _facts(raw)
    nodes = [node for node, values in facts.items() if _EXTRACTOR in values]
    told = [_told(node, facts) for node in sorted(nodes)]
    passages = {key for node in nodes for key in facts[node].get(_DERIVED_FROM, [])}
    selectors = {key for node in passages for key in facts[node].get(_SELECTOR, [])}
    documents = {key for node in passages for key in facts[node].get(_SOURCE, [])}
    about = {*nodes, *passages, *selectors, *documents}
    triples = {triple for triple, *_ in told}
    texts = {facts.value(node, _IDENTIFIER): facts.value(node, _TEXT) for node in documents}
    return _folded_raw(raw, told, about, triples, {n: t for n, t in texts.items() if n and t})


def _facts(raw: Raw) -> _Facts:
    facts = _Facts(dict)
    codes = [code for code, key in enumerate(raw.keys) if key in _ABOUT]
    rows = raw.triple_codes[np.isin(raw.triple_codes[:, 1], codes)]
    for s, p, o in rows.tolist():
        facts[raw.keys[s]].setdefault(raw.keys[p], []).append(raw.keys[o])
    return facts


_Told = tuple[_Keys, str, str, float, float, list[tuple[str, int, int]]]


def _told(node: bytes, facts: _Facts) -> _Told:
    """Return the triple of a statement node, its part, extractor, numbers and passages."""
    term = facts.one(node, _REIFIES)
    if term is not None and term.startswith(b"<<"):
        named = triple_term(term)
        keys = [
            _plain(str(part).encode()) for part in (named.subject, named.predicate, named.object)
        ]
    else:
        keys = [facts.one(node, p) or b"" for p in (_SUBJECT, _PREDICATE, _OBJECT)]
    if not all(keys):
        raise DataError(f"statement {node.decode()} names no triple")
    triple = (keys[0], keys[1], keys[2])
    part = facts.value(node, _PART) or FACTS
    extractor = facts.value(node, _EXTRACTOR) or ""
    numbers = [_float(node, facts, predicate) for predicate in (_CONFIDENCE, _STRENGTH)]
    passages = [_read_passage(key, facts) for key in facts[node].get(_DERIVED_FROM, [])]
    return triple, part, extractor, numbers[0], numbers[1], passages


def _plain(token: bytes) -> bytes:
    return token[1:-1] if token.startswith(b"<") else token


def _float(node: bytes, facts: _Facts, predicate: bytes) -> float:
    text = facts.value(node, predicate)
    try:
        return 1.0 if text is None else float(text)
    except ValueError:
        raise DataError(f"statement {node.decode()}: {text!r} is not a number") from None


def _read_passage(node: bytes, facts: _Facts) -> tuple[str, int, int]:
    """Return document, start and end of a passage, after a check of what is quoted."""
    document = facts.one(node, _SOURCE) or b""
    name, text = facts.value(document, _IDENTIFIER), facts.value(document, _TEXT)
    selectors = facts[node].get(_SELECTOR, [])
    found = {
        p: facts.value(s, p) for s in selectors for p in (_START, _END, _EXACT) if p in facts[s]
    }
    try:
        start, end = int(found[_START] or ""), int(found[_END] or "")
    except (KeyError, ValueError):
        raise DataError(f"evidence {node.decode()} has no start and end") from None
    if name is None or text is None:
        raise DataError(f"evidence {node.decode()} cites a document without identifier or text")
    if found.get(_EXACT) is not None and text[start:end] != found[_EXACT]:
        place = f"evidence {node.decode()}: at {start}:{end} of document {name!r}"
        raise DataError(f"{place} stands {text[start:end]!r}, but {found[_EXACT]!r} is quoted")
    return name, start, end


def _folded_raw(
    raw: Raw,
    told: list[_Told],
    about: set[bytes],
    triples: set[_Keys],
    documents: dict[str, str],
) -> Raw:
    """Return the rows that are about no triple, and those that were told about."""
    keys = list(raw.keys)
    code = {key: number for number, key in enumerate(keys)}
    for triple in triples:
        for key in triple:
            if key not in code:
                code[key] = len(keys)
                keys.append(key)
    inside = np.zeros(len(keys), dtype=bool)
    inside[[code[key] for key in about]] = True
    gone = {tuple(code[key] for key in triple) for triple in triples}
    known = np.array([key in _ABOUT for key in keys], dtype=bool)
    keep = ~(inside[raw.triple_codes[:, 0]] & known[raw.triple_codes[:, 1]])
    suspects = np.flatnonzero(keep & np.isin(raw.triple_codes[:, 0], [s for s, _, _ in gone]))
    for row in suspects.tolist():
        keep[row] = tuple(raw.triple_codes[row].tolist()) not in gone
    kept = int(keep.sum())
    parts = [*raw.part_names, *(part for _, part, *_ in told)]
    names = list(documents)
    place = {name: number for number, name in enumerate(names)}
    spans = [
        (kept + row, place[name], start, end)
        for row, (*_, passages) in enumerate(told)
        for name, start, end in passages
    ]
    added = np.array([[code[key] for key in triple] for triple, *_ in told], dtype=np.int32)
    new = np.arange(len(told), dtype=np.int32)
    return replace(
        raw,
        keys=keys,
        triple_codes=np.concatenate([raw.triple_codes[keep], added.reshape(-1, 3)]),
        part_codes=np.concatenate([raw.part_codes[keep], new + len(raw.part_names)]),
        confidences=np.concatenate([np.ones(kept), [entry[3] for entry in told]]),
        strengths=np.concatenate([np.ones(kept), [entry[4] for entry in told]]),
        extractors=np.concatenate([np.zeros(kept, dtype=np.int32), new + 1]),
        spans=np.array(spans, dtype=np.int32).reshape(-1, 4),
        document_names=names,
        documents=documents,
        extractor_names=[_TABLE, *(entry[2] for entry in told)],
        part_names=parts,
    )
