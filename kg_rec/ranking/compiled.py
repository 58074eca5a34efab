"""The compiled part of the kernel: tiles of items, dense head, inverted tail (numba).

Three ways to add a column to the scores of a block of queries, whichever moves least memory:

* head: columns that many items have are dense, and added as a whole by vector instructions;
* shared: columns that many of a group of queries have are dense over these: each value of an item
  is multiplied with all of them at once;
* tail: all others are scattered through an inverted index.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np
from scipy import sparse

from kg_rec.ranking.simd import WIDE, above, add_columns, highest, lowest_bit
from kg_rec.ranking.tiles import TILE, Tiles, aligned, share, tiles_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Tiles", "best", "tiles_of"]

BLOCK = 512
"""Queries that a thread takes at most at a time; they go over a tile while it is in the cache."""
GROUP = WIDE
"""Queries whose scores of a tile are held at a time."""
SAMPLE = 8
"""Every so many queries of a group are looked at to find the columns that many have."""
SHARED = 3
"""Queries of such a sample from which a column of the tail is added for all of them at once."""
LOOP = 4
"""Additions that take as long as to begin with a column of the tail."""
MOST = 16_384
"""Most shared columns of a group."""


class _Workspace(NamedTuple):
    """What a thread writes to again and again; memory that is asked for anew has to be cleared.

    Attributes:
        scores: GROUP × (TILE and a little, so that rows are in different sets of the cache).
        queries: groups × GROUP × shared columns (and a little).
        shared: groups × shared columns × GROUP.
        sums: TILE × GROUP.
    """

    scores: NDArray[np.floating]
    queries: NDArray[np.floating]
    shared: NDArray[np.floating]
    sums: NDArray[np.floating]


def _workspace(groups: int, tiles: Tiles) -> _Workspace:
    most, kind = min(MOST, tiles.starts.shape[1]), tiles.values.dtype
    return _Workspace(
        aligned((GROUP, TILE + WIDE), kind),
        aligned((groups, GROUP, most + 8), kind),
        aligned((groups, most, GROUP), kind),
        aligned((TILE, GROUP), kind),
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

    block = _block(size, threads) if len(tiles.starts) > 1 else GROUP
    own = threading.local()

    def run(start: int) -> None:
        if not hasattr(own, "work"):
            own.work = _workspace(block // GROUP, tiles)
        end = min(size, start + block)
        _rank(
            start, end, *asked, queries.data, *out, tiles, threshold, groups, rows, scores, own.work
        )

    share(run, range(0, size, block), threads)
    return rows, scores


def _block(queries: int, threads: int) -> int:
    """Return how many queries, in whole groups, a thread takes at a time: two turns if it can."""
    even = -(-queries // (2 * threads * GROUP)) * GROUP
    return max(GROUP, min(BLOCK, even))


# --- scoring -------------------------------------------------------------------------------------


@nb.njit(nogil=True, cache=True)
def _add_head(scores, first, last, start, strips, head, tiles):  # pragma: no cover - compiled
    """Set the scores (queries × items) of a tile to the sums of the head's columns."""
    starts, columns, weights = head
    flat = scores.reshape(scores.size)
    for strip in range(strips):
        dense = tiles.dense[start // WIDE + strip]
        for query in range(first, last):
            at = (query - first) * scores.shape[1] + strip * WIDE
            add_columns(flat, at, columns, weights, starts[query], starts[query + 1], dense)


@nb.njit(nogil=True, cache=True, fastmath={"contract"})
def _add_tail(scores, columns, weights, starts, rows, values):  # pragma: no cover - compiled
    for place in range(len(columns)):
        column, weight = columns[place], weights[place]
        for cell in range(np.uint64(starts[column]), np.uint64(starts[column + np.uint32(1)])):
            scores[rows[cell]] += weight * values[cell]


@nb.njit(nogil=True, cache=True, fastmath={"contract"})
def _add_shared(scores, count, tile, slots, shared, sums, tiles):  # pragma: no cover - compiled
    """Add the shared columns to the scores (queries × items) of a tile."""
    width = min(tiles.size - tile * TILE, TILE)
    sums[:width] = 0
    starts = tiles.starts[tile]
    for column in range(len(slots)):
        place = tiles.tail_of[column]
        if slots[column] < 0 or place < 0:
            continue
        weights = shared[slots[column]]
        for cell in range(np.uint64(starts[place]), np.uint64(starts[place + 1])):
            own, value = sums[tiles.rows[cell]], tiles.values[cell]
            for query in range(GROUP):
                own[query] += value * weights[query]
    for first in range(0, width, 8):
        for query in range(count):
            for row in range(first, min(first + 8, width)):
                scores[query, row] += sums[row, query]


@nb.njit(nogil=True, cache=True)
def _turn(rows, columns, size):  # pragma: no cover - compiled
    """Write the transpose of GROUP rows, a cache line of each at a time."""
    for start in range(0, size, 8):
        for row in range(GROUP):
            for column in range(start, min(start + 8, size)):
                columns[column, row] = rows[row, column]


@nb.njit(nogil=True, cache=True)
def _find_shared(starts, columns, tiles, counts, slots, most):  # pragma: no cover - compiled
    """Write the place of each shared column of a group into ``slots``; return how many there are.

    Columns are shared if that saves more additions than passing over all items costs; if not, then
    nothing is written.
    """
    saved = 0
    for query in range(0, len(starts) - 1, SAMPLE):
        for column in columns[starts[query] : starts[query + 1]]:
            counts[column] += 1
            if counts[column] >= SHARED and tiles.tail_of[column] >= 0:
                new = SHARED if counts[column] == SHARED else 1
                saved += new * SAMPLE * (tiles.frequency[column] + LOOP)
    size = 0
    if saved > len(tiles.values):
        slots[:] = -1
        for column in range(len(counts)):
            if counts[column] >= SHARED and tiles.tail_of[column] >= 0 and size < most:
                slots[column] = size
                size += 1
        for column in range(len(counts)):
            if tiles.frequency[column] == 0:
                slots[column] = size  # beyond the others, and never read
    for query in range(0, len(starts) - 1, SAMPLE):
        for column in columns[starts[query] : starts[query + 1]]:
            counts[column] = 0
    return size


@nb.njit(nogil=True, cache=True)
def _parted(starts, columns, values, sizes, slots, shared, tiles):  # pragma: no cover - compiled
    """Return head and tail of each query as CSR, and fill ``shared`` (groups × GROUP × columns)."""
    count, base = len(starts) - 1, starts[0]
    size = starts[count] - base
    head_starts = np.zeros(count + 1, dtype=np.int64)
    tail_starts = np.zeros(count + 1, dtype=np.int64)
    head_columns = np.empty(size, dtype=np.uint32)
    tail_columns = np.empty(size, dtype=np.uint32)
    head_values = np.empty(size, dtype=values.dtype)
    tail_values = np.empty(size, dtype=values.dtype)
    heads, tails = 0, 0
    for query in range(count):
        group = query // GROUP
        sharing, slot_of, own = sizes[group] > 0, slots[group], shared[group, query % GROUP]
        for cell in range(starts[query], starts[query + 1]):
            column, value = columns[cell], values[cell]
            if sharing and slot_of[column] >= 0:
                own[np.uint32(slot_of[column])] += value
            elif tiles.head_of[column] >= 0:
                head_columns[heads], head_values[heads] = tiles.head_of[column], value
                heads += 1
            elif tiles.tail_of[column] >= 0:
                tail_columns[tails], tail_values[tails] = tiles.tail_of[column], value
                tails += 1
        head_starts[query + 1] = heads
        tail_starts[query + 1] = tails
    head = (head_starts, head_columns, head_values)
    return head, (tail_starts, tail_columns, tail_values)


# --- choosing ------------------------------------------------------------------------------------


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
def _reached(scores, strips, k):  # pragma: no cover - compiled
    """Return a score below which the k best are not: of WIDE sets of items, k reach it."""
    least = scores.dtype.type(-np.inf)
    if k > WIDE:
        return least
    peaks = np.empty(WIDE, dtype=scores.dtype)
    highest(scores, strips, peaks)
    largest = np.full(k, -np.inf, dtype=scores.dtype)
    for peak in peaks:
        if peak > largest[k - 1]:
            place = k - 1
            while place > 0 and largest[place - 1] < peak:
                largest[place] = largest[place - 1]
                place -= 1
            largest[place] = peak
    return np.nextafter(largest[k - 1], least)


@nb.njit(nogil=True, cache=True)
def _choose(scores, start, strips, lowest, rows, found, groups):  # pragma: no cover - compiled
    """Put what belongs to the best of a tile's scores into a query's list."""
    last = len(rows) - 1
    floor = max(lowest, found[last])
    if start == 0 and not len(groups):
        floor = max(floor, _reached(scores, strips, len(rows)))
    for strip in range(strips):
        bits = above(scores, strip * WIDE, floor)
        while bits:
            row = strip * WIDE + np.int64(lowest_bit(bits))
            bits &= bits - np.uint64(1)
            if scores[row] > floor:
                _insert(start + row, scores[row], rows, found, groups)
                floor = max(floor, found[last])


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
    work,
):
    """Rank the items for the queries from ``first`` to before ``last``, tile by tile."""
    count = last - first
    groups_of = (count + GROUP - 1) // GROUP
    own_starts = query_starts[first : last + 1]
    slots = np.empty((groups_of, len(tiles.tail_of)), dtype=np.int32)
    counts = np.zeros(len(tiles.tail_of), dtype=np.int32)
    sizes = np.zeros(groups_of, dtype=np.int64)
    for group in range(groups_of):
        group_starts = own_starts[group * GROUP : min(count, (group + 1) * GROUP) + 1]
        sizes[group] = _find_shared(
            group_starts, query_columns, tiles, counts, slots[group], work.shared.shape[1]
        )
        work.queries[group, :, : sizes[group]] = 0
    head, tail = _parted(own_starts, query_columns, query_values, sizes, slots, work.queries, tiles)
    for group in range(groups_of):
        _turn(work.queries[group], work.shared[group], sizes[group])
    scores, shared = work.scores, work.shared
    lowest = scores.dtype.type(threshold)
    outs = out_starts[first:last].copy()
    for tile in range(tiles.starts.shape[0]):
        start = tile * TILE
        width = min(tiles.size - start, TILE)
        strips = (width + WIDE - 1) // WIDE
        for group in range(groups_of):
            begin, end = group * GROUP, min(count, (group + 1) * GROUP)
            _add_head(scores, begin, end, start, strips, head, tiles)
            if sizes[group]:
                _add_shared(
                    scores, end - begin, tile, slots[group], shared[group], work.sums, tiles
                )
            for query in range(begin, end):
                own, here = scores[query - begin], slice(tail[0][query], tail[0][query + 1])
                _add_tail(
                    own, tail[1][here], tail[2][here], tiles.starts[tile], tiles.rows, tiles.values
                )
                number = first + query
                stop = out_starts[number + 1]
                while outs[query] < stop and out_rows[outs[query]] < start + width:
                    own[out_rows[outs[query]] - start] = -np.inf
                    outs[query] += 1
                own[width : strips * WIDE] = -np.inf
                _choose(
                    own, start, strips, lowest, found_rows[number], found_scores[number], groups
                )
