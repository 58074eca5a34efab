"""Files to columns: parts from named graphs, evidence from its triples, same nodes merged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from kg_rec.graph.columns import Columns, join, raw_of, tidy
from kg_rec.graph.provenance import PART_GRAPHS, fold_evidence
from kg_rec.graph.raw import Raw
from kg_rec.ids import OWL
from kg_rec.io.sources import read_source
from kg_rec.io.triple_table import Numbers, refuse_triple_terms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from kg_rec.io.formats import Source
    from kg_rec.io.triple_table import TripleTable

__all__ = ["merge_same", "only_languages", "read_columns", "with_namespace"]

_PARTS_OF_GRAPHS = {graph.encode(): part for part, graph in PART_GRAPHS.items()}


def read_columns(
    sources: Iterable[Source], *, base_iri: str, resolve: str | None, part: str, evidence: bool
) -> Columns:
    """Read files as one graph.

    Args:
        sources: The files.
        base_iri: Names in plain triple files become IRIs below it.
        resolve: What relative IRIs in RDF are relative to; ``None`` refuses them.
        part: The part of what is in no named graph.
        evidence: Whether triples of the profiles ``evidence`` and ``rdf12`` become evidence.

    Raises:
        DataError: A file is broken; the message names file and line.
    """
    return join([_read(source, base_iri, resolve, part, evidence=evidence) for source in sources])


def _read(source: Source, base_iri: str, resolve: str | None, part: str, *, evidence: bool) -> Raw:
    table = read_source(source, base_iri, resolve)
    extractor = f"rdf:{source.name}"
    with source.checking():
        if evidence and (folded := fold_evidence(_raw(table, part, extractor))):
            return folded
        refuse_triple_terms(table)
        return _raw(table, part, extractor)


def _raw(table: TripleTable, part: str, extractor: str) -> Raw:
    count = len(table.codes)
    names = [_part(key, part) for key in table.graph_keys]
    return Raw(
        keys=table.keys,
        triple_codes=table.codes,
        part_codes=table.graphs,
        confidences=np.ones(count),
        strengths=np.ones(count),
        extractors=np.zeros(count, dtype=np.int32),
        spans=np.zeros((0, 4), dtype=np.int32),
        document_names=(),
        documents={},
        extractor_names=(extractor,),
        part_names=names,
    )


def _part(key: bytes, default: str) -> str:
    """Return the part that a named graph is; a graph of another name is a part of that name."""
    return _PARTS_OF_GRAPHS.get(key, key.decode()) if key else default


# --- same nodes ----------------------------------------------------------------------------------

_SAME_AS = OWL["sameAs"].encode()


def merge_same(columns: Columns, prefer: Sequence[str] = ()) -> Columns:
    """Return the columns with nodes that ``owl:sameAs`` links merged into one.

    The one that stays begins with the first possible text of ``prefer``, is an IRI if any is, and
    comes first in sorted order. The links between merged nodes go.
    """
    predicate = columns.terms.code_of_key(_SAME_AS)
    links = columns.triple_codes[columns.triple_codes[:, 1] == predicate]
    nodes = columns.terms.nodes
    links = links[links[:, 2] < nodes]
    if predicate is None or not len(links):
        return columns
    new = _representatives(columns, links, prefer)
    triples = columns.triple_codes.copy()
    triples[:, [0, 2]] = new[triples[:, [0, 2]]]
    kept = ~((triples[:, 1] == predicate) & (triples[:, 0] == triples[:, 2]))
    row = np.cumsum(kept) - 1
    spans = columns.spans[kept[columns.spans[:, 0]]].copy()
    spans[:, 0] = row[spans[:, 0]]
    raw = raw_of(columns)
    return tidy(
        replace(
            raw,
            triple_codes=triples[kept],
            part_codes=raw.part_codes[kept],
            confidences=raw.confidences[kept],
            strengths=raw.strengths[kept],
            extractors=raw.extractors[kept],
            spans=spans,
        )
    )


def _representatives(
    columns: Columns, links: NDArray[np.int32], prefer: Sequence[str]
) -> NDArray[np.int32]:
    """Return for each term the code of the one that stands for it."""
    size = len(columns.terms)
    ones = np.ones(len(links), dtype=np.int8)
    matrix = sparse.coo_array((ones, (links[:, 0], links[:, 2])), shape=(size, size))
    _, groups = csgraph.connected_components(matrix, directed=False)
    ranks = np.full(size, len(prefer), dtype=np.int64)
    for code in np.unique(links[:, [0, 2]]).tolist():
        text = columns.terms.key(code).decode()
        starts = (place for place, start in enumerate(prefer) if text.startswith(start))
        ranks[code] = next(starts, len(prefer))
    order = np.lexsort((np.arange(size), ranks, groups))
    _, firsts = np.unique(groups[order], return_index=True)
    return order[firsts][groups].astype(np.int32)


def only_languages(columns: Columns, languages: Iterable[str]) -> NDArray[np.bool_]:
    """Return which rows are not literals of other languages.

    A language covers its regions: ``de`` keeps ``de-at``.
    """
    wanted = tuple(language.lower() for language in languages)
    terms = columns.terms
    keep = np.ones(len(terms), dtype=bool)
    for code in range(terms.nodes, len(terms)):
        key = terms.key(code)
        if not key.endswith((b'"', b">")):
            tag = key[key.rindex(b'"') + 2 :].decode().partition("--")[0]
            keep[code] = any(tag == want or tag.startswith(f"{want}-") for want in wanted)
    return keep[columns.triple_codes[:, 2]]


def with_namespace(columns: Columns, old: str, new: str) -> Columns:
    """Return the columns with IRIs below one namespace below another."""
    start, other = old.encode(), new.encode()
    keys, changed = [], False
    for key in columns.terms.keys():  # noqa: SIM118 - no dict
        found = key.startswith(start)
        changed |= found
        keys.append(other + key[len(start) :] if found else key)
    if not changed:
        return columns
    numbers = Numbers()
    codes = numbers.codes(keys, len(keys))
    raw = raw_of(columns)
    return tidy(replace(raw, keys=list(numbers), triple_codes=codes[raw.triple_codes]))
