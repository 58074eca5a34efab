"""A few rows into, and out of, a large table: sorted as it is, nothing is sorted anew."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

from kg_rec.graph.columns import PARTS, join, take, tidy
from kg_rec.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kg_rec.graph.columns import Columns
    from kg_rec.graph.raw import Raw

__all__ = ["changed"]

_T = TypeVar("_T", bound=np.generic)

_FEW = 8
"""A table is large if it has so many times the rows that are added."""


def changed(
    columns: Columns, added: Sequence[Raw], goes: NDArray[np.bool_] | None = None
) -> Columns:
    """Return a table without some rows and with others: the same as if all had been joined.

    Args:
        columns: The table.
        added: What comes, in any order; rows that the table has already are merged.
        goes: bool array, one a row: what goes.
    """
    if goes is not None and goes.any():
        columns = _without(columns, goes)
    new = tidy(added[0]) if len(added) == 1 else join(added)
    if columns.part_names == PARTS and not len(new.triple_codes):
        return columns
    if not _is_simple(columns, new):
        return join([columns, new])
    return _inserted(columns, new)


def _is_simple(columns: Columns, new: Columns) -> bool:
    """Return whether new rows are few, of the same parts, and sort by one number."""
    rows = len(columns.triple_codes)
    if not rows or rows < _FEW * len(new.triple_codes):
        return False
    if columns.part_names != PARTS or new.part_names != PARTS:
        return False
    size = len(columns.terms) + len(new.terms)
    if len(PARTS) * size**3 < 1 << 63:
        return True
    predicates = len(np.unique(columns.triple_codes[:, 1])) + len(np.unique(new.triple_codes[:, 1]))
    return len(PARTS) * size * size * predicates < 1 << 63


def _without(columns: Columns, goes: NDArray[np.bool_]) -> Columns:
    """Return the rows that stay; terms, extractors and documents not in use any more go."""
    stays = np.flatnonzero(~goes)
    rows = columns.triple_codes[stays]
    used = np.zeros(len(columns.terms), dtype=bool)
    used[rows.ravel()] = True
    extractors = columns.extractors[stays]
    in_use = np.bincount(extractors, minlength=len(columns.extractor_names)) > 0
    if not used.all() or not in_use.all() or goes[columns.spans[:, 0]].any():
        return take(columns, stays)
    new_row = (np.cumsum(~goes) - 1).astype(np.int32)
    spans = columns.spans.copy()
    spans[:, 0] = new_row[spans[:, 0]]
    return replace(
        columns,
        triple_codes=rows,
        part_codes=columns.part_codes[stays],
        confidences=columns.confidences[stays],
        strengths=columns.strengths[stays],
        extractors=extractors,
        spans=spans,
    )


class _Renamed(NamedTuple):
    """Two sorted lists of names as one, and what the codes of each are there."""

    names: tuple[str, ...]
    old: NDArray[np.int32]
    new: NDArray[np.int32]


def _renamed(old: Sequence[str], new: Sequence[str]) -> _Renamed:
    names = tuple(sorted({*old, *new}))
    code = {name: number for number, name in enumerate(names)}
    codes = (np.array([code[name] for name in some], dtype=np.int32) for some in (old, new))
    return _Renamed(names, *codes)


def _inserted(columns: Columns, new: Columns) -> Columns:
    terms, old_terms, new_terms = _joined_terms(columns.terms, new.terms)
    extractors = _renamed(columns.extractor_names, new.extractor_names)
    old_triples, new_triples = old_terms[columns.triple_codes], new_terms[new.triple_codes]
    ranks = _ranks(len(terms), old_triples[:, 1], new_triples[:, 1])
    keys = _keys(columns.part_codes, old_triples, ranks)
    wanted = _keys(new.part_codes, new_triples, ranks)
    place = np.searchsorted(keys, wanted)
    there = keys[np.minimum(place, len(keys) - 1)] == wanted
    merged = _merged(columns, new, extractors, place[there], there)
    at, fresh = place[~there], ~there

    def put(old: NDArray[_T], more: NDArray[_T]) -> NDArray[_T]:
        return np.insert(old, at, more[fresh], axis=0)

    old_row = np.arange(len(keys)) + np.searchsorted(at, np.arange(len(keys)), side="right")
    new_row = np.empty(len(wanted), dtype=np.int64)
    new_row[fresh] = at + np.arange(len(at))
    new_row[there] = old_row[place[there]]
    documents, spans = _joined_spans(columns, new, old_row, new_row)
    found = replace(
        columns,
        terms=terms,
        triple_codes=put(old_triples, new_triples),
        part_codes=put(columns.part_codes, new.part_codes),
        confidences=put(merged.confidences, new.confidences),
        strengths=put(merged.strengths, new.strengths),
        extractors=put(merged.extractors, extractors.new[new.extractors]),
        extractor_names=extractors.names,
        spans=spans,
        documents=documents,
    )
    return _used_extractors(found) if there.any() else found


def _joined_terms(terms: Terms, new: Terms) -> tuple[Terms, NDArray[np.int32], NDArray[np.int32]]:
    """Return one dictionary of two, and what the codes of each are there."""
    keys = new.keys()
    places = np.array([terms.place_of_key(key) for key in keys], dtype=np.int64)
    known = [
        place < len(terms) and terms.key(place) == key
        for key, place in zip(keys, places.tolist(), strict=True)
    ]
    fresh = np.flatnonzero(~np.array(known, dtype=bool))
    at = places[fresh]
    codes = np.arange(len(terms))
    old_codes = (codes + np.searchsorted(at, codes, side="right")).astype(np.int32)
    new_codes = np.empty(len(keys), dtype=np.int32)
    new_codes[fresh] = at + np.arange(len(at))
    new_codes[known] = old_codes[places[known]]
    if not len(fresh):
        return terms, old_codes, new_codes
    starts = np.concatenate([[0], terms.ends])
    cuts = [0, *starts[at].tolist(), len(terms.block)]
    pieces = [terms.block[start:end] for start, end in pairwise(cuts)]
    between = [*(keys[n] for n in fresh.tolist()), b""]
    block = b"".join(part for pair in zip(pieces, between, strict=True) for part in pair)
    lengths = np.diff(terms.ends, prepend=0)
    all_lengths = np.insert(lengths, at, [len(keys[n]) for n in fresh.tolist()])
    joined = Terms(block, np.cumsum(all_lengths))
    made = zip(old_codes[list(terms.made)].tolist(), terms.made.values(), strict=True)
    joined.made.update(made)  # what was made or found once need not be again
    found = ((term, code) for term, code in terms.found.items() if code is not None)
    joined.found.update((term, int(old_codes[code])) for term, code in found)
    return joined, old_codes, new_codes


def _ranks(size: int, *predicates: NDArray[np.int32]) -> NDArray[np.int64]:
    used = np.zeros(size, dtype=bool)
    for some in predicates:
        used[some] = True
    return np.cumsum(used) - 1


def _keys(
    parts: NDArray[np.integer], triples: NDArray[np.int32], ranks: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return what rows are sorted by: part, subject, predicate, object as one number."""
    size = len(ranks)
    key = parts.astype(np.int64) * size + triples[:, 0]
    key *= int(ranks[-1]) + 1
    key += ranks[triples[:, 1]]
    key *= size
    key += triples[:, 2]
    return key


class _Weights(NamedTuple):
    confidences: NDArray[np.float64]
    strengths: NDArray[np.float64]
    extractors: NDArray[np.int32]


def _merged(
    columns: Columns,
    new: Columns,
    extractors: _Renamed,
    rows: NDArray[np.int64],
    there: NDArray[np.bool_],
) -> _Weights:
    """Return what rows weigh where they are stated again: the highest, as in ``tidy``."""
    confidences, strengths = columns.confidences, columns.strengths
    codes = extractors.old[columns.extractors]
    if not len(rows):
        return _Weights(confidences, strengths, codes)
    confidences, strengths = confidences.copy(), strengths.copy()
    own, more = confidences[rows], new.confidences[there]
    other = extractors.new[new.extractors[there]]
    same, last = own == more, np.maximum(codes[rows], other)
    codes[rows] = np.where(same, last, np.where(more > own, other, codes[rows]))
    confidences[rows] = np.maximum(own, more)
    high = np.maximum(strengths[rows], new.strengths[there])
    low = np.minimum(strengths[rows], new.strengths[there])
    strengths[rows] = np.where(high >= -low, high, low)
    return _Weights(confidences, strengths, codes)


def _used_extractors(columns: Columns) -> Columns:
    used = np.bincount(columns.extractors, minlength=len(columns.extractor_names)) > 0
    if used.all():
        return columns
    names = tuple(n for n, is_used in zip(columns.extractor_names, used, strict=True) if is_used)
    codes = (np.cumsum(used) - 1).astype(np.int32)[columns.extractors]
    return replace(columns, extractors=codes, extractor_names=names)


def _joined_spans(
    columns: Columns, new: Columns, old_row: NDArray[np.int64], new_row: NDArray[np.int64]
) -> tuple[dict[str, str], NDArray[np.int32]]:
    """Return the documents of two tables, and the spans of both, sorted, each once."""
    documents = _renamed(tuple(columns.documents), tuple(new.documents))
    texts = {**columns.documents, **new.documents}
    own, more = (
        _renumbered(table.spans, rows, codes)
        for table, rows, codes in (
            (columns, old_row, documents.old),
            (new, new_row, documents.new),
        )
    )
    spans = np.insert(own, np.searchsorted(own[:, 0], more[:, 0]), more, axis=0)
    if np.isin(more[:, 0], own[:, 0]).any():
        spans = spans[np.lexsort(spans.T[::-1])]
        spans = spans[np.append([True], (np.diff(spans, axis=0) != 0).any(axis=1))]
    return {name: texts[name] for name in documents.names}, spans


def _renumbered(
    spans: NDArray[np.int32], rows: NDArray[np.int64], codes: NDArray[np.int32]
) -> NDArray[np.int32]:
    found = spans.copy()
    if len(found):
        found[:, 0], found[:, 1] = rows[found[:, 0]], codes[found[:, 1]]
    return found
