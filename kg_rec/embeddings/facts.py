"""What is embedded, as integers: triples between nodes, and the numbers that nodes bear."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.errors import DataError
from kg_rec.ids import Iri, Literal

if TYPE_CHECKING:
    from typing import Literal as OneOf

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Term

__all__ = ["Facts", "facts_of", "number_of", "numeric_relations", "split"]

BINS = 8
"""Into how many parts of equal size the numbers of a relation fall, at most."""
_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMERIC = re.compile(
    re.escape(_XSD) + r"(?:decimal|double|float|byte|short|int|long|integer"
    r"|(?:positive|negative|nonPositive|nonNegative)Integer|unsigned(?:Byte|Short|Int|Long))"
)
_DATES = frozenset(f"{_XSD}{name}" for name in ("gYear", "gYearMonth", "date", "dateTime"))
_DATE = re.compile(r"(-?\d{4,})(?:-(\d\d))?(?:-(\d\d))?")
_MONTHS, _DAYS = 12, 372


class Facts(NamedTuple):
    """Triples in integers, with the names of nodes and relations.

    Attributes:
        triples: int64 array (triples × 3) of node, relation, node.
        nodes: Names of nodes: IRIs, or literals in N-Triples.
        relations: IRIs of relations.
        numbers: float32 array (nodes × attributes): the numbers that nodes bear, each attribute
            from 0 to 1, and 0 where there is none.
        attributes: IRIs of the attributes.
    """

    triples: NDArray[np.int64]
    nodes: tuple[str, ...]
    relations: tuple[str, ...]
    numbers: NDArray[np.float32]
    attributes: tuple[str, ...]


def number_of(term: Term) -> float | None:
    """Return the number that a literal means, or ``None``; dates are years and parts of a year.

    Examples:
        >>> from kg_rec.ids import Iri
        >>> number_of(Literal("1995", Iri("http://www.w3.org/2001/XMLSchema#gYear")))
        1995.0
        >>> number_of(Literal("1995"))
    """
    if not isinstance(term, Literal) or term.datatype is None:
        return None
    if term.datatype in _DATES:
        found = _DATE.match(term.value)
        if not found:
            return None
        year, month, day = (int(part or 1) for part in found.groups())
        return year + (month - 1) / _MONTHS + (day - 1) / _DAYS
    if not _NUMERIC.fullmatch(term.datatype):
        return None
    try:
        value = float(term.value)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def numeric_relations(graph: KnowledgeGraph) -> list[Iri]:
    """Return the predicates whose objects are numbers or dates, where they are literals at all."""
    relations, objects = np.unique(graph.triple_codes[:, 1:], axis=0).T
    literal = objects >= graph.terms.nodes
    return [
        Iri(str(graph.terms[relation]))
        for relation in np.unique(relations[literal]).tolist()
        if all(
            number_of(graph.terms[code]) is not None
            for code in objects[literal & (relations == relation)].tolist()
        )
    ]


def facts_of(
    graph: KnowledgeGraph, numbers: OneOf["attributes", "bins", "nodes", "none"] = "bins"
) -> Facts:
    """Return the triples of a graph in integers; names are sorted, as PyKEEN does.

    Args:
        graph: What is embedded.
        numbers: What becomes of numeric literals: ``"attributes"`` of their nodes, for models of
            literals; ``"bins"``, nodes that stand for a range; ``"nodes"`` of their own as other
            literals; ``"none"`` leaves them out.

    Raises:
        DataError: There are no triples.
    """
    codes = np.unique(graph.triple_codes, axis=0).astype(np.int64)
    if not len(codes):
        msg = "a graph without triples cannot be embedded"
        raise DataError(msg)
    values = np.full(len(codes), np.nan) if numbers == "nodes" else _values(graph, codes[:, 2])
    plain, stated = codes[np.isnan(values)], codes[~np.isnan(values)]
    values = values[~np.isnan(values)]
    ranges: list[str] = []
    if numbers == "bins":
        ends, ranges = _ranges(stated, values, graph)
        ends += len(graph.terms)  # codes of nodes that are not in the graph
        plain = np.vstack([plain, np.column_stack([stated[:, :2], ends])])
    if not len(plain):
        msg = "a graph of numbers only cannot be embedded"
        raise DataError(msg)
    facts, nodes = _numbered(plain, graph, ranges)
    return _with_numbers(facts, nodes, stated, values, graph) if numbers == "attributes" else facts


def _values(graph: KnowledgeGraph, objects: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the number that each object means, or NaN."""
    used, where = np.unique(objects, return_inverse=True)
    found = [
        number_of(graph.terms[code]) if code >= graph.terms.nodes else None
        for code in used.tolist()
    ]
    return np.array([math.nan if n is None else n for n in found])[where]


def _ranges(
    stated: NDArray[np.int64], values: NDArray[np.float64], graph: KnowledgeGraph
) -> tuple[NDArray[np.int64], list[str]]:
    """Return which range of its relation each number is in, and names of the ranges."""
    found = np.zeros(len(stated), dtype=np.int64)
    names: list[str] = []
    for relation in np.unique(stated[:, 1]).tolist():
        chosen = stated[:, 1] == relation
        edges = np.unique(np.quantile(values[chosen], np.linspace(0, 1, BINS + 1)[1:-1]))
        found[chosen] = len(names) + np.searchsorted(edges, values[chosen], side="right")
        names += [f"{graph.terms[relation]} range {n}" for n in range(len(edges) + 1)]
    return found, names


def _numbered(
    triples: NDArray[np.int64], graph: KnowledgeGraph, ranges: list[str]
) -> tuple[Facts, NDArray[np.int64]]:
    """Return the facts, and the codes of their nodes."""
    triples = np.unique(triples, axis=0)
    nodes, ends = np.unique(triples[:, [0, 2]], return_inverse=True)
    relations, middle = np.unique(triples[:, 1], return_inverse=True)
    ends = ends.reshape(-1, 2)
    known = len(graph.terms)
    names = [
        graph.terms.key(n).decode() if n < known else ranges[n - known] for n in nodes.tolist()
    ]
    facts = Facts(
        np.column_stack([ends[:, 0], middle, ends[:, 1]]),
        tuple(names),
        tuple(graph.terms.key(p).decode() for p in relations.tolist()),
        np.zeros((len(nodes), 0), dtype=np.float32),
        (),
    )
    return facts, nodes


def _with_numbers(
    facts: Facts,
    nodes: NDArray[np.int64],
    stated: NDArray[np.int64],
    values: NDArray[np.float64],
    graph: KnowledgeGraph,
) -> Facts:
    """Return the facts with the numbers of their nodes, each relation scaled to 0 to 1.

    Where the graph states none, the number of facts of a node (its logarithm) is the one number.
    """
    relations = np.unique(stated[:, 1]).tolist()
    if not relations:
        degree = np.bincount(facts.triples[:, [0, 2]].ravel(), minlength=len(nodes))
        scaled = np.log1p(degree) / np.log1p(degree.max())
        return facts._replace(numbers=scaled[:, None].astype(np.float32), attributes=("degree",))
    numbers = np.zeros((len(nodes), len(relations)), dtype=np.float32)
    rows = np.minimum(np.searchsorted(nodes, stated[:, 0]), len(nodes) - 1)
    for column, relation in enumerate(relations):
        chosen = (stated[:, 1] == relation) & (nodes[rows] == stated[:, 0])
        low, high = values[chosen].min(initial=np.inf), values[chosen].max(initial=-np.inf)
        spread = high - low if high > low else 1.0
        numbers[rows[chosen], column] = (values[chosen] - low) / spread
    names = tuple(graph.terms.key(p).decode() for p in relations)
    return facts._replace(numbers=numbers, attributes=names)


def split(
    triples: NDArray[np.int64], share: float, most: int, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return triples to train on and triples held out.

    A triple is held out only if its nodes and its relation occur in others that are trained on.

    Args:
        triples: int64 array (triples × 3).
        share: Share to hold out.
        most: Most triples to hold out.
        seed: Same seed, same split.
    """
    size = min(int(len(triples) * share), most)
    counts = np.bincount(triples[:, [0, 2]].ravel())
    uses = np.bincount(triples[:, 1])
    held = np.zeros(len(triples), dtype=bool)
    for row in np.random.default_rng(seed).permutation(len(triples)).tolist():
        if not size:
            break
        head, relation, tail = triples[row].tolist()
        if min(counts[head], counts[tail], uses[relation]) > 1 + (head == tail):
            counts[head] -= 1
            counts[tail] -= 1
            uses[relation] -= 1
            held[row] = True
            size -= 1
    return triples[~held], triples[held]
