"""The compiled part of the kernel: tiles of items, dense head, inverted tail (numba).

Three ways to add a column to the scores of a block of queries, whichever moves least memory:

* head: columns that many items have are dense, and added as a whole by vector instructions;
* shared: columns that many queries of the block have are dense over the queries: each value of an
  item is multiplied with all queries at once;
* tail: all others are scattered through an inverted index.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

__all__ = ["Tiles", "best", "tiles_of"]

TILE = 4096
"""Items whose scores are held at a time; at most 65,536, since rows in a tile are uint16."""
PART = 512
"""Items of a tile to which the head is added at a time, so that it stays in the first cache."""
CHUNK = 64
"""Scores whose maximum is looked at before the scores themselves."""
DENSE = 0.1
"""Share of the items from which a column belongs to the head."""
BLOCK = 32
"""Queries that a thread takes at a time."""
SHARED = 8
"""Queries of a block from which a column of the tail is added for all of them at once."""
LINE = 64
"""Bytes of a cache line, and of the widest vector."""


class Tiles(NamedTuple):
    """Items in tiles of rows, each with its frequent columns dense and the others inverted.

    Attributes:
        size: Number of items.
        head_of: int32: place of each column in the head, or -1.
        tail_of: int32: place of each column in the tail, or -1.
        frequency: int64: items that have each column.
        dense: (parts × head × PART) values.
        starts: (tiles × tail + 1): where the items of a column begin.
        rows: uint16: row within the tile, for each value of the tail.
        values: The values of the tail.
        indptr: int64: the items as CSR.
        indices: int32.
        data: Values.
    """

    size: int
    head_of: NDArray[np.int32]
    tail_of: NDArray[np.int32]
    frequency: NDArray[np.int64]
    dense: NDArray[np.floating]
    starts: NDArray[np.uint64]
    rows: NDArray[np.uint16]
    values: NDArray[np.floating]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    data: NDArray[np.floating]


def tiles_of(items: sparse.csr_array, threads: int = 1) -> Tiles:
    """Arrange items, which have no duplicate cells, for :func:`best`."""
    size, width = items.shape
    indptr, indices = items.indptr.astype(np.int64), items.indices.astype(np.int32, copy=False)
    frequency = np.bincount(indices, minlength=width)
    frequent = frequency > DENSE * size
    head_of = np.where(frequent, np.cumsum(frequent) - 1, -1).astype(np.int32)
    rare = (frequency > 0) & ~frequent
    tail_of = np.where(rare, np.cumsum(rare) - 1, -1).astype(np.int32)
    tiles, parts = -(-size // TILE), -(-size // PART)
    dense = _aligned((parts, int(frequent.sum()), PART), items.dtype)
    starts = np.zeros((tiles, int(rare.sum()) + 1), dtype=np.uint64)
    _share(lambda tile: _count(tile, indptr, indices, tail_of, starts[tile]), range(tiles), threads)
    offsets = np.cumsum([0, *starts[:, -1]], dtype=np.uint64)
    starts += offsets[:tiles, None]
    rows = np.empty(int(offsets[-1]), dtype=np.uint16)
    values = np.empty(len(rows), dtype=items.dtype)

    def fill(tile: int) -> None:
        _fill(
            tile, indptr, indices, items.data, head_of, tail_of, dense, starts[tile], rows, values
        )

    _share(fill, range(tiles), threads)
    return Tiles(
        size,
        head_of,
        tail_of,
        frequency,
        dense,
        starts,
        rows,
        values,
        indptr,
        indices,
        items.data,
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
    rows = np.full((size, k), -1, dtype=np.int64)
    scores = np.full((size, k), -np.inf, dtype=tiles.values.dtype)
    asked = (queries.indptr.astype(np.int64), queries.indices.astype(np.int32, copy=False))
    out = (exclude.indptr.astype(np.int64), exclude.indices.astype(np.int64, copy=False))

    def run(start: int) -> None:
        end = min(size, start + BLOCK)
        _rank(start, end, *asked, queries.data, *out, tiles, threshold, groups, rows, scores)

    _share(run, range(0, size, BLOCK), threads)
    return rows, scores


def _share(run: Callable[[int], None], parts: Iterable[int], threads: int) -> None:
    """Run a function, which lets other threads work, for each part."""
    if threads == 1:
        for part in parts:
            run(part)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(run, parts):
            pass


def _aligned(shape: tuple[int, ...], dtype: np.dtype) -> NDArray[np.floating]:
    """Return zeros that begin on a cache line: vectors that cross lines take twice as long."""
    size = int(np.prod(shape)) * dtype.itemsize
    block = np.zeros(size + LINE, dtype=np.uint8)
    start = -block.ctypes.data % LINE
    return block[start : start + size].view(dtype).reshape(shape)


# --- arranging -----------------------------------------------------------------------------------


@nb.njit(nogil=True, cache=True)
def _count(tile, indptr, indices, tail_of, starts):  # pragma: no cover - compiled
    """Write where the items of each column of the tail begin, from 0 on."""
    last = min(len(indptr) - 1, (tile + 1) * TILE)
    for cell in range(indptr[tile * TILE], indptr[last]):
        place = tail_of[indices[cell]]
        if place >= 0:
            starts[place + 1] += np.uint64(1)
    for place in range(1, len(starts)):
        starts[place] += starts[place - 1]


@nb.njit(nogil=True, cache=True)
def _fill(  # pragma: no cover - compiled
    tile, indptr, indices, data, head_of, tail_of, dense, starts, rows, values
):
    """Put the values of a tile into the head and into the tail."""
    last = min(len(indptr) - 1, (tile + 1) * TILE)
    free = starts.copy()
    for row in range(tile * TILE, last):
        for cell in range(indptr[row], indptr[row + 1]):
            column = indices[cell]
            place = tail_of[column]
            if place >= 0:
                rows[free[place]] = row - tile * TILE
                values[free[place]] = data[cell]
                free[place] += np.uint64(1)
            else:
                dense[row // PART, head_of[column], row % PART] = data[cell]


# --- scoring -------------------------------------------------------------------------------------


@nb.njit(nogil=True, cache=True)
def _scratch(rows, width, like):  # pragma: no cover - compiled
    """Return an array (rows × width) of zeros that begins on a cache line."""
    block = np.zeros(rows * width + LINE, dtype=like.dtype)
    start = (-block.ctypes.data % LINE) // block.itemsize
    return block[start : start + rows * width].reshape((rows, width))


@nb.njit(nogil=True, cache=True, fastmath={"contract"})
def _add_head(scores, columns, weights, dense):  # pragma: no cover - compiled
    """Set the scores of a part to the sum of the dense columns of a query, eight at a time."""
    scores[:] = 0
    count, n = len(columns), 0
    while n + 8 <= count:
        a, b = dense[columns[n]], dense[columns[n + 1]]
        c, d = dense[columns[n + 2]], dense[columns[n + 3]]
        e, f = dense[columns[n + 4]], dense[columns[n + 5]]
        g, h = dense[columns[n + 6]], dense[columns[n + 7]]
        p, q, r, s = weights[n], weights[n + 1], weights[n + 2], weights[n + 3]
        t, u, v, w = weights[n + 4], weights[n + 5], weights[n + 6], weights[n + 7]
        for row in range(PART):
            low = p * a[row] + q * b[row] + r * c[row] + s * d[row]
            scores[row] += low + t * e[row] + u * f[row] + v * g[row] + w * h[row]
        n += 8
    while n + 4 <= count:
        a, b = dense[columns[n]], dense[columns[n + 1]]
        c, d = dense[columns[n + 2]], dense[columns[n + 3]]
        p, q, r, s = weights[n], weights[n + 1], weights[n + 2], weights[n + 3]
        for row in range(PART):
            scores[row] += p * a[row] + q * b[row] + r * c[row] + s * d[row]
        n += 4
    while n < count:
        a, p = dense[columns[n]], weights[n]
        for row in range(PART):
            scores[row] += p * a[row]
        n += 1


@nb.njit(nogil=True, cache=True, fastmath={"contract"})
def _add_tail(scores, columns, weights, starts, rows, values):  # pragma: no cover - compiled
    for place in range(len(columns)):
        column, weight = columns[place], weights[place]
        for cell in range(starts[column], starts[column + np.uint32(1)]):
            scores[rows[cell]] += weight * values[cell]


@nb.njit(nogil=True, cache=True, fastmath={"contract"})
def _add_shared(scores, count, start, slots, shared, tiles):  # pragma: no cover - compiled
    """Add the shared columns to the scores (queries × items) of a tile, four cells at a time."""
    total = _scratch(1, BLOCK, shared)[0]
    most = 0
    width = min(tiles.size - start, TILE)
    for row in range(start, start + width):
        most = max(most, tiles.indptr[row + 1] - tiles.indptr[row])
    places = np.zeros(most + 3, dtype=np.uint32)
    values = np.zeros(most + 3, dtype=shared.dtype)
    for row in range(width):
        found = 0
        for cell in range(tiles.indptr[start + row], tiles.indptr[start + row + 1]):
            slot = slots[tiles.indices[cell]]
            if slot >= 0:
                places[found] = slot
                values[found] = tiles.data[cell]
                found += 1
        if found == 0:
            continue
        values[found : found + 3] = 0
        total[:] = 0
        for n in range(0, found, 4):
            a, b = shared[places[n]], shared[places[n + 1]]
            c, d = shared[places[n + 2]], shared[places[n + 3]]
            p, q, r, s = values[n], values[n + 1], values[n + 2], values[n + 3]
            for query in range(BLOCK):
                total[query] += p * a[query] + q * b[query] + r * c[query] + s * d[query]
        for query in range(count):
            scores[query, row] += total[query]


@nb.njit(nogil=True, cache=True)
def _slots(columns, tiles):  # pragma: no cover - compiled
    """Return the place of each shared column, or -1, and how many there are.

    Columns are shared if that saves more additions than passing over all items costs.
    """
    slots = np.full(len(tiles.tail_of), -1, dtype=np.int32)
    counts = np.zeros(len(tiles.tail_of), dtype=np.int32)
    for column in columns:
        counts[column] += 1
    size, saved = 0, 0
    for column in columns:
        if counts[column] >= SHARED and tiles.tail_of[column] >= 0 and slots[column] < 0:
            slots[column] = size
            size += 1
            saved += tiles.frequency[column] * (counts[column] - SHARED // 2)
    if saved <= len(tiles.indices):
        slots[:] = -1
        size = 0
    return slots, size


@nb.njit(nogil=True, cache=True)
def _parted(first, last, starts, columns, values, slots, size, tiles):  # pragma: no cover
    """Return head and tail of each query as CSR, and the shared columns (columns × queries)."""
    base, end = starts[first], starts[last]
    head_starts = np.zeros(last - first + 1, dtype=np.int64)
    tail_starts = np.zeros(last - first + 1, dtype=np.int64)
    head_columns = np.empty(end - base, dtype=np.uint32)
    tail_columns = np.empty(end - base, dtype=np.uint32)
    head_values = np.empty(end - base, dtype=values.dtype)
    tail_values = np.empty(end - base, dtype=values.dtype)
    shared = _scratch(size + 1, BLOCK, values)
    heads, tails = 0, 0
    for query in range(first, last):
        for cell in range(starts[query], starts[query + 1]):
            column, value = columns[cell], values[cell]
            if tiles.head_of[column] >= 0:
                head_columns[heads], head_values[heads] = tiles.head_of[column], value
                heads += 1
            elif slots[column] >= 0:
                shared[slots[column], query - first] += value
            elif tiles.tail_of[column] >= 0:
                tail_columns[tails], tail_values[tails] = tiles.tail_of[column], value
                tails += 1
        head_starts[query - first + 1] = heads
        tail_starts[query - first + 1] = tails
    head = (head_starts, head_columns, head_values)
    return head, (tail_starts, tail_columns, tail_values), shared


# --- choosing ------------------------------------------------------------------------------------


@nb.njit(nogil=True, cache=True, fastmath={"nnan", "nsz"})
def _peaks(scores, peaks):  # pragma: no cover - compiled
    """Write the maximum of each chunk of scores."""
    for chunk in range(len(peaks)):
        peak = scores[chunk * CHUNK]
        for row in range(chunk * CHUNK, (chunk + 1) * CHUNK):
            value = scores[row]
            peak = value if value > peak else peak  # noqa: FURB136 - max is slow: it minds nan
        peaks[chunk] = peak


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
def _reached(peaks, k, like):  # pragma: no cover - compiled
    """Return a score below which the k best are not: k chunks reach the k-th largest peak."""
    if len(peaks) < k:
        return like.dtype.type(-np.inf)
    largest = np.full(k, -np.inf, dtype=like.dtype)
    for peak in peaks:
        if peak > largest[k - 1]:
            place = k - 1
            while place > 0 and largest[place - 1] < peak:
                largest[place] = largest[place - 1]
                place -= 1
            largest[place] = peak
    return np.nextafter(largest[k - 1], like.dtype.type(-np.inf))


@nb.njit(nogil=True, cache=True)
def _choose(scores, start, lowest, rows, found, peaks, groups):  # pragma: no cover - compiled
    """Put what belongs to the best of a tile's scores into a query's list."""
    k = len(rows)
    _peaks(scores, peaks)
    floor = max(lowest, found[k - 1])
    if start == 0 and not len(groups):
        floor = max(floor, _reached(peaks, k, scores))
    for chunk in range(len(peaks)):
        if peaks[chunk] <= floor:
            continue
        for row in range(chunk * CHUNK, (chunk + 1) * CHUNK):
            if scores[row] > floor:
                _insert(start + row, scores[row], rows, found, groups)
                floor = max(floor, found[k - 1])


@nb.njit(nogil=True, cache=True)
def _rank(  # pragma: no cover - compiled
    first,
    last,
    query_starts,
    query_columns,
    query_values,
    out_starts,
    out_rows,
    tiles,
    threshold,
    groups,
    found_rows,
    found_scores,
):
    """Rank the items for the queries from ``first`` to before ``last``, tile by tile."""
    columns = query_columns[query_starts[first] : query_starts[last]]
    slots, size = _slots(columns, tiles)
    head, tail, shared = _parted(
        first, last, query_starts, query_columns, query_values, slots, size, tiles
    )
    scores = _scratch(last - first, TILE, query_values)
    lowest = scores.dtype.type(threshold)
    outs = out_starts[first:last].copy()
    for tile in range(tiles.starts.shape[0]):
        start = tile * TILE
        width = min(tiles.size - start, TILE)
        peaks = np.empty((width + CHUNK - 1) // CHUNK, dtype=scores.dtype)
        for at in range(0, width, PART):
            dense = tiles.dense[(start + at) // PART]
            for query in range(last - first):
                here = slice(head[0][query], head[0][query + 1])
                _add_head(scores[query, at : at + PART], head[1][here], head[2][here], dense)
        if size:
            _add_shared(scores, last - first, start, slots, shared, tiles)
        for query in range(last - first):
            own, here = scores[query], slice(tail[0][query], tail[0][query + 1])
            _add_tail(
                own, tail[1][here], tail[2][here], tiles.starts[tile], tiles.rows, tiles.values
            )
            number = first + query
            while outs[query] < out_starts[number + 1] and out_rows[outs[query]] < start + width:
                own[out_rows[outs[query]] - start] = -np.inf
                outs[query] += 1
            own[width : len(peaks) * CHUNK] = -np.inf
            _choose(own, start, lowest, found_rows[number], found_scores[number], peaks, groups)
