"""All terms of a score, those along the same path in one row."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.explanations.explainer import FACT_BLOCKS
from kg_rec.report.words import ELLIPSIS, NAME, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg_rec.explanations import Contribution, Recommendation
    from kg_rec.report.relations import Steps
    from kg_rec.statements import Evidence

__all__ = ["Ledger", "Row", "Term", "ledger"]

ROWS = 40
"""Most rows that are listed; the others are summed."""
TERMS = 24
"""Most terms that one row lists; the others are summed."""
PASSAGES = 3
"""Most passages that one row names."""
BYTES = 14_000
"""Once the rows hold so much text, the others are summed: a page is to stay small."""


class Term(NamedTuple):
    """A term: its value, and what sets it apart from the others of its row."""

    value: float
    name: str


class Row(NamedTuple):
    """Terms that say the same along the same path.

    Attributes:
        value: Their sum.
        text: What is said of the item.
        path: The path; what differs from term to term is an ellipsis.
        source: What all of them start from, or empty.
        terms: The strongest terms.
        more: How many others there are, and their sum.
        evidence: The first passages.
        passages: How many other passages there are.
    """

    value: float
    text: str
    path: str
    source: str
    terms: tuple[Term, ...]
    more: tuple[int, float]
    evidence: tuple[Evidence, ...]
    passages: int


class Ledger(NamedTuple):
    """A score in rows.

    Attributes:
        rows: The largest absolute values first.
        more: How many rows are left out, and their sum.
        size: How many terms the score has.
    """

    rows: tuple[Row, ...]
    more: tuple[int, float]
    size: int


def ledger(recommendation: Recommendation, steps: Steps) -> Ledger:
    """Return all terms of a score; what is not listed is summed, so that the total is there."""
    groups: dict[tuple[object, ...], list[Contribution]] = defaultdict(list)
    for c in recommendation.contributions:
        groups[_key(c)].append(c)
    sums = {key: math.fsum(c.value for c in group) for key, group in groups.items()}
    order = sorted(groups, key=lambda key: -abs(sums[key]))
    rows: list[Row] = []
    room = BYTES
    listed = 0
    for key in order[:ROWS]:
        if room <= 0:
            break
        found = _rows(groups[key], steps)
        room -= sum(map(_size, found))
        rows += found
        listed += 1
    left_out = [sums[key] for key in order[listed:]]
    more = len(left_out), math.fsum(left_out)
    return Ledger(tuple(rows), more, len(recommendation.contributions))


def _size(row: Row) -> int:
    """Return how many bytes of text a row holds."""
    names = (t.name for t in row.terms)
    cited = (f"{e.text}{e.document}" for e in row.evidence)
    return len("".join((row.text, row.path, row.source, *names, *cited)).encode(errors="replace"))


def _key(c: Contribution) -> tuple[object, ...]:
    """Return what the terms of a row have in common, without making their words and paths."""
    source, about = c.source, c.about
    linked = c.column is not None and c.column.block not in FACT_BLOCKS
    said = about[:1] if linked and c.kind != "popularity" else about
    alone = "" if source.kind == "history" else source.id
    return c.kind, said, alone, source.positive, source.kind == "profile" and c.value > 0


def _rows(group: Iterable[Contribution], steps: Steps) -> list[Row]:
    """Return the strongest terms of a group, those of one shape of path and one wording in a row.

    The others are summed in the first row.
    """
    ordered = sorted(group, key=lambda c: -abs(c.value))
    shapes: dict[object, list[Contribution]] = defaultdict(list)
    for c in ordered[:TERMS]:
        shape = tuple((hop.triple.predicate, hop.reverse) for hop in c.path)
        shapes[c.fact, shape].append(c)
    left_out = [c.value for c in ordered[TERMS:]]
    more = len(left_out), math.fsum(left_out)
    first, *others = shapes.values()
    return [_row(first, steps, more), *(_row(terms, steps) for terms in others)]


def _row(group: Sequence[Contribution], steps: Steps, more: tuple[int, float] = (0, 0.0)) -> Row:
    ways = [steps.nodes(c.path) for c in group]
    common = [names[0] if len(set(names)) == 1 else ELLIPSIS for names in zip(*ways, strict=True)]
    sources = {c.source.id: steps.words.source(c.source) for c in group}
    one = len(sources) == 1
    terms = [
        Term(c.value, shorten(_name(names, common) if one else sources[c.source.id], NAME))
        for c, names in zip(group, ways, strict=True)
    ]
    evidence = _passages(group)
    return Row(
        math.fsum([more[1], *(term.value for term in terms)]),
        _text(group[0], len(group) + more[0]),
        steps.line(common, group[0].path),
        next(iter(sources.values())) if one else "",
        tuple(terms) if len(terms) + more[0] > 1 else (),
        more,
        evidence[:PASSAGES],
        max(0, len(evidence) - PASSAGES),
    )


def _name(names: Sequence[str], common: Sequence[str]) -> str:
    """Return what differs from the other terms of the row."""
    own = [name for name, shared in zip(names, common, strict=True) if shared == ELLIPSIS]
    return ", ".join(own)


def _text(first: Contribution, count: int) -> str:
    if count == 1:
        return first.text
    said = first.fact.replace("{}", ELLIPSIS)
    return f"{said}, {first.tie}" if first.source.kind == "profile" and first.tie else said


def _passages(group: Iterable[Contribution]) -> tuple[Evidence, ...]:
    return tuple(dict.fromkeys(e for c in group for e in reversed(c.evidence)))
