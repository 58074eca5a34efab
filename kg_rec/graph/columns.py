"""The columns of a graph: merged, sorted, integer-coded; all on arrays and keys of terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from kg_rec.graph.raw import Raw, raw_statements, stack
from kg_rec.io.triple_table import Numbers
from kg_rec.statements import DERIVED, FACTS, USERS
from kg_rec.terms import Terms, sorted_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.statements import Statement

__all__ = ["PARTS", "Columns", "columns_of", "join", "only", "raw_of", "take", "tidy"]

PARTS = (FACTS, USERS, DERIVED)
"""The parts that every graph may have, in the order of their codes; named graphs follow."""


@dataclass(frozen=True, eq=False)
class Columns:
    """The table of a graph, sorted by part, subject, predicate, object; no row is there twice.

    Attributes:
        terms: The dictionary.
        triple_codes: int32 array (triples × 3) of subject, predicate and object codes.
        part_codes: int array: code into ``part_names``.
        confidences: float64 array in [0, 1]; the highest of merged statements.
        strengths: float64 array in [-1, 1]: polarity times strength; 1 for a fact.
        extractors: int32 array: code into ``extractor_names``.
        spans: int32 array (evidence × 4) of triple row, document code, start, end; sorted.
        documents: Document id to text, for the documents that evidence cites, sorted by id.
        extractor_names: Sorted.
        part_names: ``PARTS``, then names of other graphs, sorted.
    """

    terms: Terms
    triple_codes: NDArray[np.int32]
    part_codes: NDArray[np.integer]
    confidences: NDArray[np.float64]
    strengths: NDArray[np.float64]
    extractors: NDArray[np.int32]
    spans: NDArray[np.int32]
    documents: Mapping[str, str]
    extractor_names: tuple[str, ...]
    part_names: tuple[str, ...] = PARTS

    def checked(self) -> Columns:
        """Return this table after checking that codes are in range and lengths agree.

        Raises:
            ValueError: They are not: no table of ours.
        """
        self.terms.block.decode()
        rows, spans = len(self.triple_codes), self.spans
        limits = [
            (self.triple_codes, len(self.terms)),
            (self.part_codes, len(self.part_names)),
            (self.extractors, len(self.extractor_names)),
            (spans[:, 0], rows),
            (spans[:, 1], len(self.documents)),
        ]
        if any(len(c) and not 0 <= c.min() <= c.max() < limit for c, limit in limits):
            msg = "a code of the graph is out of range"
            raise ValueError(msg)
        columns = (self.part_codes, self.confidences, self.strengths, self.extractors)
        if any(len(column) != rows for column in columns):
            msg = "columns of the graph differ in length"
            raise ValueError(msg)
        return self


# --- from statements -----------------------------------------------------------------------------


def columns_of(statements: Iterable[Statement], documents: Mapping[str, str]) -> Columns:
    """Return the columns of some statements.

    Equal triples of one part become one, with the evidence of all and the highest confidence.

    Raises:
        DataError: Evidence cites a document that is not given, or is not its slice.
    """
    return tidy(raw_statements(statements, documents))


# --- from columns --------------------------------------------------------------------------------


def raw_of(columns: Columns) -> Raw:
    """Return the columns of a graph as those of a part of another."""
    fields = {name: getattr(columns, name) for name in Raw.__dataclass_fields__ if name in _SAME}
    names = tuple(columns.documents)
    return Raw(keys=columns.terms.keys(), document_names=names, **fields)


_SAME = Columns.__dataclass_fields__.keys() & Raw.__dataclass_fields__.keys()


def join(tables: Sequence[Columns | Raw]) -> Columns:
    """Return the columns of several graphs together."""
    if len(tables) == 1:
        return tables[0] if isinstance(tables[0], Columns) else tidy(tables[0])
    raw = [raw_of(table) if isinstance(table, Columns) else table for table in tables]
    keys, of_keys = _joined([table.keys for table in raw])
    parts, of_parts = _joined([table.part_names for table in raw])
    extractors, of_extractors = _joined([table.extractor_names for table in raw])
    documents, of_documents = _joined([table.document_names for table in raw])
    spans = [table.spans.copy() for table in raw]
    before = 0
    for table, rows, names in zip(raw, spans, of_documents, strict=True):
        rows[:, 0] += before
        rows[:, 1] = names[rows[:, 1]]
        before += len(table.triple_codes)
    pairs = list(zip(raw, of_keys, of_parts, of_extractors, strict=True))
    return tidy(
        Raw(
            keys=keys,
            triple_codes=stack([codes[table.triple_codes] for table, codes, _, _ in pairs], (0, 3)),
            part_codes=stack([codes[table.part_codes] for table, _, codes, _ in pairs], (0,)),
            confidences=np.concatenate([np.zeros(0), *(table.confidences for table in raw)]),
            strengths=np.concatenate([np.zeros(0), *(table.strengths for table in raw)]),
            extractors=stack([codes[table.extractors] for table, _, _, codes in pairs], (0,)),
            spans=stack(spans, (0, 4)),
            document_names=documents,
            documents={name: text for table in raw for name, text in table.documents.items()},
            extractor_names=extractors,
            part_names=parts,
        )
    )


def _joined(names: Sequence[Iterable[Any]]) -> tuple[list[Any], list[NDArray[np.int32]]]:
    """Return the different names of several lists, and for each list their numbers."""
    numbers = Numbers()
    codes = [np.fromiter(map(numbers.__getitem__, some), np.int32) for some in names]
    return list(numbers), codes


def take(columns: Columns, rows: NDArray[np.integer]) -> Columns:
    """Return some rows, which ascend; terms, extractors and documents that are left unused go."""
    used, triples = np.unique(columns.triple_codes[rows], return_inverse=True)
    names, extractors = np.unique(columns.extractors[rows], return_inverse=True)
    new_row = np.full(len(columns.triple_codes), -1, dtype=np.int32)
    new_row[rows] = np.arange(len(rows), dtype=np.int32)
    spans = columns.spans[new_row[columns.spans[:, 0]] >= 0]
    cited, documents = np.unique(spans[:, 1], return_inverse=True)
    ids = list(columns.documents)
    kept = np.stack([new_row[spans[:, 0]], documents, spans[:, 2], spans[:, 3]], axis=1)
    return replace(
        columns,
        terms=columns.terms.take(used),
        triple_codes=triples.reshape(-1, 3).astype(np.int32),
        part_codes=columns.part_codes[rows],
        confidences=columns.confidences[rows],
        strengths=columns.strengths[rows],
        extractors=extractors.astype(np.int32),
        extractor_names=tuple(columns.extractor_names[name] for name in names),
        spans=kept.astype(np.int32),
        documents={ids[code]: columns.documents[ids[code]] for code in cited},
    )


def only(columns: Columns, rows: NDArray[np.bool_]) -> Columns:
    """Return some rows with all terms, extractors and documents, whether in use or not."""
    spans = columns.spans[rows[columns.spans[:, 0]]]
    spans[:, 0] = (np.cumsum(rows) - 1)[spans[:, 0]]
    return replace(
        columns,
        triple_codes=columns.triple_codes[rows],
        part_codes=columns.part_codes[rows],
        confidences=columns.confidences[rows],
        strengths=columns.strengths[rows],
        extractors=columns.extractors[rows],
        spans=spans,
    )


# --- sorting and merging -------------------------------------------------------------------------


def tidy(raw: Raw) -> Columns:
    """Return the columns sorted, equal rows merged, with what is used and no more."""
    terms, triples = _sorted_triples(raw)
    part_names, parts = _renamed(raw.part_names, raw.part_codes, first=PARTS)
    extractor_names, extractors = _renamed(raw.extractor_names, raw.extractors)
    keys = _row_keys(parts, triples, len(terms))
    order = _argsort(keys)
    firsts = _firsts([column[order] for column in keys])
    groups = np.cumsum(firsts) - 1
    confidences, strengths = raw.confidences[order], raw.strengths[order]
    extractors = extractors[order]
    if not firsts.all():
        confidences, extractors = _best(groups, confidences, extractors)
        strengths = _strongest(np.flatnonzero(firsts), strengths)
        extractor_names, extractors = _renamed(extractor_names, extractors)
    row_of = np.empty(len(order), dtype=np.int32)
    row_of[order] = groups
    kept = order[firsts]
    names, spans = _sorted_spans(raw, row_of)
    return Columns(
        terms=terms,
        triple_codes=triples[kept],
        part_codes=parts[kept].astype(np.int8 if len(part_names) < 1 << 7 else np.int32),
        confidences=confidences,
        strengths=strengths,
        extractors=extractors.astype(np.int32, copy=False),
        spans=spans,
        documents={name: raw.documents[name] for name in names},
        extractor_names=extractor_names,
        part_names=part_names,
    )


def _sorted_triples(raw: Raw) -> tuple[Terms, NDArray[np.int32]]:
    """Return the dictionary of the terms in use, and the triples in its codes."""
    used = np.zeros(len(raw.keys), dtype=bool)
    used[raw.triple_codes.ravel()] = True
    keys = raw.keys
    if not used.all():
        keys = [keys[code] for code in np.flatnonzero(used).tolist()]
    terms, codes = sorted_terms(keys)
    new_code = np.zeros(len(raw.keys), dtype=np.int32)
    new_code[used] = codes
    return terms, new_code[raw.triple_codes].reshape(-1, 3)


def _renamed(
    names: Sequence[str], codes: NDArray[np.integer], first: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    """Return the names in use, sorted behind the first ones, and the codes of these."""
    used = {names[code] for code in np.unique(codes)}
    ordered = (*first, *sorted(used - set(first)))
    place = {name: number for number, name in enumerate(ordered)}
    new_code = np.array([place.get(name, 0) for name in names], dtype=np.int32)
    return ordered, new_code[codes] if len(codes) else np.zeros(0, dtype=np.int32)


_Keys = list["NDArray[np.int64] | NDArray[np.int32]"]


def _row_keys(parts: NDArray[np.int32], triples: NDArray[np.int32], size: int) -> _Keys:
    """Return what rows are sorted by, most important first; one number a row where it fits."""
    predicates, ranks = np.unique(triples[:, 1], return_inverse=True)
    if not len(triples) or (int(parts.max()) + 1) * size**2 * len(predicates) >= 1 << 63:
        return [parts, triples[:, 0], triples[:, 1], triples[:, 2]]
    key = parts.astype(np.int64) * size + triples[:, 0]
    key *= len(predicates)
    key += ranks
    key *= size
    key += triples[:, 2]
    return [key]


def _argsort(keys: _Keys) -> NDArray[np.int64]:
    if len(keys) == 1:
        return np.argsort(keys[0], kind="stable")
    return np.lexsort(keys[::-1])


def _firsts(keys: _Keys) -> NDArray[np.bool_]:
    """Return which rows differ from the row before."""
    firsts = np.zeros(len(keys[0]), dtype=bool)
    firsts[:1] = True
    for key in keys:
        firsts[1:] |= key[1:] != key[:-1]
    return firsts


def _best(
    groups: NDArray[np.int64], confidences: NDArray[np.float64], extractors: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return the highest confidence of each group, with the last of the extractors that have it."""
    order = np.lexsort((extractors, confidences, groups))
    last = order[np.append(groups[1:] != groups[:-1], [True])]
    return confidences[last], extractors[last]


def _strongest(starts: NDArray[np.int64], strengths: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the value of each group that is farthest from 0; the positive one of two."""
    high, low = (f.reduceat(strengths, starts) for f in (np.maximum, np.minimum))
    return np.where(high >= -low, high, low)


def _sorted_spans(raw: Raw, row_of: NDArray[np.int32]) -> tuple[list[str], NDArray[np.int32]]:
    """Return the documents that are cited, sorted, and the spans in these terms."""
    cited = {raw.document_names[code] for code in np.unique(raw.spans[:, 1])}
    names = sorted(cited)
    place = {name: number for number, name in enumerate(names)}
    new_code = np.array([place.get(name, 0) for name in raw.document_names], dtype=np.int32)
    spans = raw.spans.copy()
    if len(spans):
        spans[:, 0] = row_of[spans[:, 0]]
        spans[:, 1] = new_code[spans[:, 1]]
    spans = spans[np.lexsort(spans.T[::-1])]
    return names, spans[_firsts(list(spans.T))]
