"""Columns in any order: what statements, links and files are before they are sorted and merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kg_rec.errors import DataError
from kg_rec.io.triple_table import Numbers
from kg_rec.statements import DERIVED, Evidence, Statement
from kg_rec.terms import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.ids import Iri, Term

__all__ = ["Links", "Raw", "raw_links", "raw_statements", "stack"]


@dataclass(frozen=True, eq=False)
class Raw:
    """Columns in any order, with rows and unused terms that may go; see :class:`Columns`.

    Attributes:
        keys: Different keys of terms, in any order.
        document_names: What document codes of ``spans`` stand for.
        documents: Texts of at least these documents.
    """

    keys: Sequence[bytes]
    triple_codes: NDArray[np.int32]
    part_codes: NDArray[np.integer]
    confidences: NDArray[np.float64]
    strengths: NDArray[np.float64]
    extractors: NDArray[np.int32]
    spans: NDArray[np.int32]
    document_names: Sequence[str]
    documents: Mapping[str, str]
    extractor_names: Sequence[str]
    part_names: Sequence[str]


class Links(NamedTuple):
    """Triples of one predicate between nodes: (node of a row, predicate, node of a column).

    Attributes:
        predicate: The predicate.
        extractor: What found them.
        rows: int array.
        columns: int array of the same length.
    """

    predicate: Iri
    extractor: str
    rows: NDArray[np.integer]
    columns: NDArray[np.integer]


def raw_statements(statements: Iterable[Statement], documents: Mapping[str, str]) -> Raw:
    """Return statements as columns, one row each; raises as ``columns_of``."""
    terms, parts, extractors, cited = (Numbers() for _ in range(4))
    rows: list[tuple[int, ...]] = []
    weights: list[tuple[float, float]] = []
    spans: list[tuple[int, int, int, int]] = []
    for row, statement in enumerate(statements):
        s, p, o = statement.triple
        codes = (terms[s], terms[p], terms[o])
        rows.append((*codes, parts[statement.part], extractors[statement.extractor]))
        weights.append((statement.confidence, statement.polarity * statement.strength))
        for passage in statement.evidence:
            _check_evidence(passage, documents)
            spans.append((row, cited[passage.document], passage.start, passage.end))
    numbers = np.array(rows, dtype=np.int32).reshape(-1, 5)
    confidences, strengths = np.array(weights, dtype=np.float64).reshape(-1, 2).T
    keys, codes_of_terms = _folded([key_of(term) for term in terms])
    return Raw(
        keys=keys,
        triple_codes=codes_of_terms[numbers[:, :3]],
        part_codes=numbers[:, 3],
        confidences=confidences,
        strengths=strengths,
        extractors=numbers[:, 4],
        spans=np.array(spans, dtype=np.int32).reshape(-1, 4),
        document_names=tuple(cited),
        documents=documents,
        extractor_names=tuple(extractors),
        part_names=tuple(parts),
    )


def _check_evidence(evidence: Evidence, documents: Mapping[str, str]) -> None:
    name, start, end, text = evidence
    if name not in documents:
        msg = f"evidence cites document {name!r}, which is not given"
        raise DataError(msg)
    if documents[name][start:end] != text:
        found = documents[name][start:end]
        place = f"evidence at {start}:{end} of document {name!r}"
        raise DataError(f"{place} is {text!r}, but there stands {found!r}")


def _folded(names: Iterable[Any]) -> tuple[list[Any], NDArray[np.int32]]:
    """Return the different names, and for each name given the number of it."""
    numbers = Numbers()
    codes = np.array([numbers[name] for name in names], dtype=np.int32)
    return list(numbers), codes


def raw_links(nodes: Sequence[Iri], links: Iterable[Links]) -> Raw:
    """Return derived triples as columns.

    Args:
        nodes: What rows and columns of the links are.
        links: The links.
    """
    links = [link for link in links if len(link.rows)]
    names: list[Term] = [*nodes, *(link.predicate for link in links)]
    keys, codes = _folded([key_of(name) for name in names])
    sizes = [len(link.rows) for link in links]
    triples = [
        np.stack(
            [codes[link.rows], np.full(len(link.rows), codes[place]), codes[link.columns]], axis=1
        )
        for place, link in enumerate(links, start=len(nodes))
    ]
    found, extractors = _folded(link.extractor for link in links)
    count = sum(sizes)
    return Raw(
        keys=keys,
        triple_codes=stack(triples, (0, 3)),
        part_codes=np.zeros(count, dtype=np.int8),
        confidences=np.ones(count),
        strengths=np.ones(count),
        extractors=np.repeat(extractors, sizes),
        spans=np.zeros((0, 4), dtype=np.int32),
        document_names=(),
        documents={},
        extractor_names=found,
        part_names=(DERIVED,),
    )


def stack(arrays: Sequence[NDArray[Any]], shape: tuple[int, ...]) -> NDArray[np.int32]:
    """Return arrays one below the other; of none, an empty array of that shape."""
    return np.concatenate([np.zeros(shape, dtype=np.int32), *arrays]).astype(np.int32, copy=False)
