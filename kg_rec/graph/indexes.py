"""Indexes of the triple table: orders by subject, predicate and object, made when first needed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Indexes", "Pattern"]

Pattern = tuple[int | None, int | None, int | None]
"""Codes of subject, predicate and object; ``None`` matches all."""


class Indexes:
    """Finds the rows that match a pattern.

    Each index costs 4 bytes a triple and 8 a term; there are three at most.

    Args:
        triples: int32 array (triples × 3) of codes.
        size: How many terms there are.

    Examples:
        >>> triples = np.array([[0, 2, 1], [1, 2, 0], [0, 2, 3]], dtype=np.int32)
        >>> Indexes(triples, 4).rows((0, 2, None))
        array([0, 2], dtype=int32)
    """

    def __init__(self, triples: NDArray[np.int32], size: int) -> None:
        self._triples = triples
        self._size = size

    def rows(self, pattern: Pattern) -> NDArray[np.int32]:
        """Return the rows that match, ascending."""
        bound = tuple(code is not None for code in pattern)
        if not any(bound):
            return np.arange(len(self._triples), dtype=np.int32)
        order = self._order_for(bound)
        return np.sort(order.rows([pattern[column] for column in order.columns]))

    def _order_for(self, bound: tuple[bool, ...]) -> _Order:
        """Return the order in which the bound columns come first."""
        if bound[0] and (bound[1] or not bound[2]):
            return self._by_subject
        return self._by_object if bound[2] and not bound[1] else self._by_predicate

    @cached_property
    def _by_subject(self) -> _Order:
        return _Order(self._triples, (0, 1, 2), self._size)

    @cached_property
    def _by_predicate(self) -> _Order:
        return _Order(self._triples, (1, 2, 0), self._size)

    @cached_property
    def _by_object(self) -> _Order:
        return _Order(self._triples, (2, 0, 1), self._size)


class _Order:
    """Rows sorted by three columns."""

    def __init__(
        self, triples: NDArray[np.int32], columns: tuple[int, int, int], size: int
    ) -> None:
        self.columns = columns
        self._triples = triples
        first, second, third = (triples[:, column] for column in columns)
        if size**3 < 1 << 63:
            keys = (first.astype(np.int64) * size + second) * size + third
            order = np.argsort(keys, kind="stable")
        else:
            order = np.lexsort((third, second, first))
        self._order = order.astype(np.int32)
        counts = np.bincount(first, minlength=size)
        self._starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])

    def rows(self, codes: list[int | None]) -> NDArray[np.int32]:
        """Return the rows whose first columns are these codes, up to the first ``None``."""
        head, *tail = codes
        low, high = self._starts[head or 0 :][:2].tolist()
        for column, code in zip(self.columns[1:], tail, strict=True):
            if code is None:
                break
            low, high = self._narrow(low, high, column, code)
        return self._order[low:high]

    def _narrow(self, low: int, high: int, column: int, code: int) -> tuple[int, int]:
        values, order = self._triples[:, column], self._order
        places = range(low, high)
        first = bisect_left(places, code, key=lambda place: int(values[order[place]]))
        last = bisect_right(places, code, lo=first, key=lambda place: int(values[order[place]]))
        return low + first, low + last
