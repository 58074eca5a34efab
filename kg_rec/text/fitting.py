"""Weights of patterns from examples: a log-linear model with few weights.

For each object of an example, the reading (subject, relation) that holds is to beat all others and
"nothing". The weights maximise the logarithm of its probability (conditional logit: McFadden,
"Conditional logit analysis of qualitative choice behavior", 1974), less an L1 penalty, which makes
most of them exactly zero. Steps are those of AdaGrad with a proximal step for the penalty (Duchi,
Hazan, Singer, "Adaptive subgradient methods", JMLR 12, 2011, section 5.1), in an order drawn from
a fixed seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import scipy.sparse as sp

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Ints = npt.NDArray[np.int64]

__all__ = ["Facts", "Schedule", "Table", "chances", "fit", "table_of"]

_STEP = 0.15
_BATCH = 256
_START = 1e-2


@dataclass(frozen=True)
class Table:
    """Pairs of names, those of one object together.

    Attributes:
        holds: Pairs × patterns; 1 where a pattern holds of a pair.
        group: The number of each pair's object, never falling.
        truth: Pairs × relations; 1 where the relation holds.
        facts: Pairs × facts; 1 where the pair states the fact. One fact may be stated often.
    """

    holds: Any
    group: Ints
    truth: Floats
    facts: Any

    def rows(self, chosen: Ints) -> Table:
        """Return the part with some pairs; groups are numbered anew."""
        _, group = np.unique(self.group[chosen], return_inverse=True)
        return Table(self.holds[chosen], group, self.truth[chosen], self.facts[chosen])

    def columns(self, chosen: Ints) -> Table:
        """Return the part with some patterns, numbered anew."""
        return replace(self, holds=self.holds[:, chosen])

    @cached_property
    def support(self) -> Floats:
        """Patterns × (relations + 1): with how many different facts each pattern was seen."""
        seen = (self.holds.T @ self.facts).tocsr()
        seen.data[:] = 1
        relation = (self.facts.T @ self.truth) > 0
        by_relation = np.asarray(seen @ relation.astype(np.float32))
        return np.column_stack([by_relation, by_relation.sum(axis=1)])


class Schedule(NamedTuple):
    """How weights are fitted.

    Attributes:
        rounds: How often all examples are seen.
        penalty: Weight of the L1 penalty, for each pair.
        seed: Of the order.
    """

    rounds: int = 8
    penalty: float = 1e-3
    seed: int = 0


def chances(table: Table, weights: Floats) -> Floats:
    """Return the probability of each relation for each pair, against all rivals and "nothing".

    Args:
        table: The pairs.
        weights: Patterns × (relations + 1); the last column counts for every relation.
    """
    scores = table.holds @ weights
    scores = scores[:, :-1] + scores[:, -1:]
    groups = int(table.group[-1]) + 1 if len(table.group) else 0
    top: Floats = np.zeros(groups, np.float32)
    np.maximum.at(top, table.group, scores.max(axis=1))
    powers = np.exp(scores - top[table.group][:, None])
    total = np.exp(-top)
    np.add.at(total, table.group, powers.sum(axis=1))
    shares: Floats = powers / total[table.group][:, None]
    return shares


def fit(
    table: Table, allowed: npt.NDArray[np.bool_], schedule: Schedule, start: Floats | None = None
) -> Floats:
    """Return the weights, patterns × (relations + 1); zero where they are not allowed.

    Args:
        table: The pairs to learn from.
        allowed: Patterns × (relations + 1): which weights there may be.
        schedule: How often, how sparse.
        start: Weights to start from; None for zeros.
    """
    weights = np.zeros(allowed.shape, np.float32) if start is None else start.copy()
    squares = np.full(allowed.shape, _START, np.float32)
    firsts = np.flatnonzero(np.diff(table.group, prepend=-1))
    bounds = np.append(firsts, len(table.group))
    order = np.random.default_rng(schedule.seed)
    size = max(1, _BATCH * len(firsts) // max(1, len(table.group)))
    for _ in range(schedule.rounds):
        shuffled = order.permutation(len(firsts))
        for k in range(0, len(shuffled), size):
            objects = np.sort(shuffled[k : k + size])
            rows = np.concatenate([np.arange(bounds[o], bounds[o + 1]) for o in objects])
            _step(table.rows(rows), allowed, schedule.penalty * len(rows), weights, squares)
    return weights


def _step(
    batch: Table,
    allowed: npt.NDArray[np.bool_],
    penalty: float,
    weights: Floats,
    squares: Floats,
) -> None:
    """Move the weights of the patterns in a batch, in place."""
    seen = np.unique(batch.holds.indices)
    excess = chances(batch, weights) - _target(batch)
    held = batch.holds[:, seen].T
    slope = np.empty((len(seen), weights.shape[1]), np.float32)
    slope[:, :-1] = held @ excess
    slope[:, -1] = held @ excess.sum(axis=1)
    slope *= allowed[seen]
    squares[seen] += slope * slope
    pace = _STEP / np.sqrt(squares[seen])
    moved = weights[seen] - pace * slope
    weights[seen] = np.sign(moved) * np.maximum(np.abs(moved) - pace * np.float32(penalty), 0)


def _target(batch: Table) -> Floats:
    """Return what the probabilities should be: shared, if an object has several relations."""
    count = np.zeros(int(batch.group[-1]) + 1, np.float32)
    np.add.at(count, batch.group, batch.truth.sum(axis=1))
    return np.asarray(batch.truth / np.maximum(count, 1)[batch.group][:, None], np.float32)


def table_of(rows: list[Ints], patterns: int, group: list[int], facts: Facts) -> Table:
    """Return a table of pairs, each given as the numbers of the patterns that hold of it."""
    ends = np.cumsum([0, *map(len, rows)])
    columns = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    ones = np.ones(len(columns), np.float32)
    holds = sp.csr_matrix((ones, columns, ends), shape=(len(rows), patterns))
    stated = sp.csr_matrix(
        (np.ones(len(facts.row), np.float32), (facts.row, facts.fact)),
        shape=(len(rows), max(facts.fact, default=-1) + 1),
    )
    truth = np.zeros((len(rows), facts.relations), np.float32)
    truth[facts.row, facts.relation] = 1
    return Table(holds, np.asarray(group, np.int64), truth, stated)


class Facts(NamedTuple):
    """What pairs state, one entry each: the row of the pair, the fact's number and relation."""

    row: list[int]
    fact: list[int]
    relation: list[int]
    relations: int
