"""Items in the form that the kernel takes: tiles of rows, dense head, inverted tail."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numba as nb
import numpy as np
from scipy import sparse

from kg_rec.ranking.simd import WIDE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

__all__ = ["TILE", "Tiles", "aligned", "share", "tiles_of"]

TILE = 4096
"""Items whose scores are held at a time; at most 65,536, since rows in a tile are uint16."""
DENSE = 0.05
"""Share of the items from which a column belongs to the head."""
HEAD = 96
"""Most columns of the head, so that a strip stays in the first cache."""
LINE = 64
"""Bytes of a cache line, and of the widest vector."""


class Tiles(NamedTuple):
    """Items in tiles of rows, each with its frequent columns dense and the others inverted.

    Attributes:
        size: Number of items.
        head_of: int32: place of each column in the head, or -1.
        tail_of: int32: place of each column in the tail, or -1.
        frequency: int64: items that have each column.
        dense: (strips × head × WIDE) values; a strip stays in the first cache.
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
    starts: NDArray[np.unsignedinteger]
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
    columns = np.flatnonzero(frequency > DENSE * size)
    columns = columns[np.argsort(-frequency[columns], kind="stable")[:HEAD]]
    frequent = np.zeros(width, dtype=bool)
    frequent[columns] = True
    head_of = np.where(frequent, np.cumsum(frequent) - 1, -1).astype(np.int32)
    rare = (frequency > 0) & ~frequent
    tail_of = np.where(rare, np.cumsum(rare) - 1, -1).astype(np.int32)
    tiles, strips = -(-size // TILE), -(-size // WIDE)
    dense = aligned((strips, int(frequent.sum()), WIDE), items.dtype)
    kind = np.uint32 if items.nnz < 2**32 else np.uint64
    starts = np.zeros((tiles, int(rare.sum()) + 1), dtype=kind)
    share(lambda tile: _count(tile, indptr, indices, tail_of, starts[tile]), range(tiles), threads)
    offsets = np.cumsum([0, *starts[:, -1]], dtype=np.uint64)
    starts += offsets[:tiles, None].astype(kind)
    rows = np.empty(int(offsets[-1]), dtype=np.uint16)
    values = np.empty(len(rows), dtype=items.dtype)

    def fill(tile: int) -> None:
        _fill(
            tile, indptr, indices, items.data, head_of, tail_of, dense, starts[tile], rows, values
        )

    share(fill, range(tiles), threads)
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


def share(run: Callable[[int], None], parts: Iterable[int], threads: int) -> None:
    """Run a function, which lets other threads work, for each part."""
    if threads == 1:
        for part in parts:
            run(part)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(run, parts):
            pass


def aligned(shape: tuple[int, ...], dtype: np.dtype) -> NDArray[np.floating]:
    """Return zeros that begin on a cache line: vectors that cross lines take twice as long."""
    size = int(np.prod(shape)) * dtype.itemsize
    block = np.zeros(size + LINE, dtype=np.uint8)
    start = -block.ctypes.data % LINE
    return block[start : start + size].view(dtype).reshape(shape)


@nb.njit(nogil=True, cache=True)
def _count(tile, indptr, indices, tail_of, starts):  # pragma: no cover - compiled
    """Write where the items of each column of the tail begin, from 0 on."""
    last = min(len(indptr) - 1, (tile + 1) * TILE)
    for cell in range(indptr[tile * TILE], indptr[last]):
        place = tail_of[indices[cell]]
        if place >= 0:
            starts[place + 1] += 1
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
                free[place] += 1
            else:
                dense[row // WIDE, head_of[column], row % WIDE] = data[cell]
