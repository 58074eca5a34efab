"""The compiled part of the kernel: tiles of items, dense head, inverted tail (numba)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Tiles", "best", "tiles_of"]

TILE = 4096
"""Items whose scores are held at a time: they fit into the first cache."""
CHUNK = 64
"""Scores whose maximum is looked at before the scores themselves."""
DENSE = 0.1
"""Share of the items from which a column is added as a whole."""
BLOCK = 16
"""Queries that a thread takes at a time."""


class Tiles(NamedTuple):
    """Items in tiles of rows, each with its frequent columns dense and the others inverted.

    Attributes:
        size: Number of items.
        head: Columns kept dense.
        tail: The other columns that any item has.
        dense: (tiles × head × TILE) values.
        starts: int64 (tiles × tail + 1): where the items of a column begin.
        rows: int32: row within the tile, for each stored value.
        values: The stored values.
    """

    size: int
    head: NDArray[np.intp]
    tail: NDArray[np.intp]
    dense: NDArray[np.floating]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    values: NDArray[np.floating]


def tiles_of(items: sparse.csr_array) -> Tiles:
    """Arrange items for :func:`best`."""
    size, width = items.shape
    frequency = np.bincount(items.indices, minlength=width)
    head = np.flatnonzero(frequency > DENSE * size)
    tail = np.flatnonzero((frequency > 0) & (frequency <= DENSE * size))
    place = np.full(width, -1, dtype=np.int64)
    place[head] = np.arange(len(head))
    count = -(-size // TILE)
    rows = np.repeat(np.arange(size, dtype=np.int64), np.diff(items.indptr))
    frequent = place[items.indices] >= 0
    dense = np.zeros((count, len(head), TILE), dtype=items.dtype)
    at = rows[frequent]
    dense[at // TILE, place[items.indices[frequent]], at % TILE] = items.data[frequent]
    rare = items[:, tail]
    blocks = [rare[t * TILE : (t + 1) * TILE].tocsc() for t in range(count)]
    offsets = np.cumsum([0, *(block.nnz for block in blocks)])
    none = np.zeros(0)
    return Tiles(
        size,
        head,
        tail,
        dense,
        np.array(
            [b.indptr + offset for b, offset in zip(blocks, offsets[:-1], strict=True)],
            dtype=np.int64,
        ).reshape(count, len(tail) + 1),
        np.concatenate([none, *(block.indices for block in blocks)]).astype(np.int32),
        np.concatenate([none, *(block.data for block in blocks)]).astype(items.dtype),
    )


def best(
    queries: sparse.csr_array,
    tiles: Tiles,
    k: int,
    *,
    exclude: sparse.csr_array,
    threshold: float,
    groups: NDArray[np.int64],
    threads: int,
) -> tuple[NDArray[np.int64], NDArray[np.floating]]:
    """Return rows and scores (queries × k) of the best items; row -1 where there are fewer.

    Args:
        queries: CSR of the dtype of the tiles.
        tiles: The items.
        k: How many.
        exclude: CSR (queries × items) with sorted indices.
        threshold: Scores must be above it.
        groups: A number for each item; the best item of a number stands for all. Empty: no groups.
        threads: Blocks of queries are shared out among so many.
    """
    size = queries.shape[0]
    head = np.ascontiguousarray(queries[:, tiles.head].toarray())
    tail = queries[:, tiles.tail]
    rows = np.full((size, k), -1, dtype=np.int64)
    scores = np.full((size, k), -np.inf, dtype=tiles.values.dtype)

    def run(start: int) -> None:
        _rank(
            start,
            min(size, start + BLOCK),
            head,
            tail.indptr,
            tail.indices,
            tail.data,
            exclude.indptr,
            exclude.indices,
            tiles.size,
            tiles.dense,
            tiles.starts,
            tiles.rows,
            tiles.values,
            threshold,
            groups,
            rows,
            scores,
        )

    starts = range(0, size, BLOCK)
    if threads == 1 or len(starts) == 1:
        for start in starts:
            run(start)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(run, starts))
    return rows, scores


@nb.njit(nogil=True, cache=True, fastmath={"contract"})
def _add_head(scores, query, dense, width, used):  # pragma: no cover - compiled
    """Set scores to the sum of the dense columns that a query has, four at a time."""
    count = 0
    for column in range(len(query)):
        if query[column] != 0:
            used[count] = column
            count += 1
    scores[:width] = 0
    place = 0
    while place + 4 <= count:
        a, b = dense[used[place]], dense[used[place + 1]]
        c, d = dense[used[place + 2]], dense[used[place + 3]]
        p, q = query[used[place]], query[used[place + 1]]
        r, s = query[used[place + 2]], query[used[place + 3]]
        for row in range(width):
            scores[row] += p * a[row] + q * b[row] + r * c[row] + s * d[row]
        place += 4
    while place < count:
        a, p = dense[used[place]], query[used[place]]
        for row in range(width):
            scores[row] += p * a[row]
        place += 1


@nb.njit(nogil=True, cache=True, fastmath={"nnan", "nsz", "reassoc"})
def _peaks(scores, width, peaks):  # pragma: no cover - compiled
    """Write the maximum of each chunk of scores; return the number of chunks."""
    count = 0
    for start in range(0, width, CHUNK):
        peak = scores[start]
        for row in range(start, min(width, start + CHUNK)):
            peak = max(peak, scores[row])
        peaks[count] = peak
        count += 1
    return count


@nb.njit(nogil=True, cache=True)
def _insert(row, score, rows, scores, groups):  # pragma: no cover - compiled
    """Put an item into a list that is sorted from best to worst; later rows follow equal ones."""
    place = len(rows) - 1
    if len(groups):
        for other in range(len(rows)):
            if rows[other] >= 0 and groups[rows[other]] == groups[row]:
                if scores[other] >= score:
                    return
                place = other
                break
    while place > 0 and scores[place - 1] < score:
        scores[place] = scores[place - 1]
        rows[place] = rows[place - 1]
        place -= 1
    scores[place] = score
    rows[place] = row


@nb.njit(nogil=True, cache=True)
def _rank(  # pragma: no cover - compiled
    first,
    last,
    head,
    tail_starts,
    tail_columns,
    tail_values,
    out_starts,
    out_rows,
    size,
    dense,
    starts,
    item_rows,
    item_values,
    threshold,
    groups,
    found_rows,
    found_scores,
):
    """Rank the items for the queries from ``first`` to before ``last``, tile by tile."""
    k = found_rows.shape[1]
    scores = np.empty(TILE, dtype=dense.dtype)
    peaks = np.empty(TILE // CHUNK, dtype=dense.dtype)
    used = np.empty(dense.shape[1], dtype=np.int64)
    lowest = dense.dtype.type(threshold)
    outs = out_starts[first:last].copy()
    for tile in range(starts.shape[0]):
        start = tile * TILE
        width = min(size, start + TILE) - start
        for number in range(last - first):
            query = first + number
            _add_head(scores, head[query], dense[tile], width, used)
            for place in range(tail_starts[query], tail_starts[query + 1]):
                column, value = tail_columns[place], tail_values[place]
                for cell in range(starts[tile, column], starts[tile, column + 1]):
                    scores[item_rows[cell]] += value * item_values[cell]
            while outs[number] < out_starts[query + 1] and out_rows[outs[number]] < start + width:
                scores[out_rows[outs[number]] - start] = -np.inf
                outs[number] += 1
            count = _peaks(scores, width, peaks)
            best_rows, best_scores = found_rows[query], found_scores[query]
            floor = max(lowest, best_scores[k - 1])
            if tile == 0 and count >= k and not len(groups):
                # k chunks reach this value, so the k best do
                reached = np.partition(peaks[:count], count - k)[count - k]
                floor = max(floor, np.nextafter(reached, dense.dtype.type(-np.inf)))
            for chunk in range(count):
                if peaks[chunk] <= floor:
                    continue
                for row in range(chunk * CHUNK, min(width, (chunk + 1) * CHUNK)):
                    if scores[row] > floor:
                        _insert(start + row, scores[row], best_rows, best_scores, groups)
                        floor = max(floor, best_scores[k - 1])
