"""How much memory a build will take, told before the work starts."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.collaborative import default_weights, ease_bytes
from kg_rec.collaborative.sparse import KEPT
from kg_rec.nearness import CANDIDATES, DENSE_ITEMS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy import sparse

    from kg_rec.config import Config

__all__ = ["Estimate", "Part", "estimate", "resident"]

_CELL = 12
"""Bytes of a cell of a sparse matrix: a double and a 32-bit index."""
_COMPILED = 180_000_000
"""Compiled code and libraries that are loaded on the way (measured)."""
_PIPELINE = 450_000_000
"""A small language pipeline and the vectors of words (measured)."""
_TORCH = 400_000_000
"""PyTorch and PyKEEN (measured)."""
_TRIPLE = 500
"""Bytes of a triple while the graph is made (measured)."""
_COPIES = 6
"""Matrices of learned links that are held at once: the learners, their sums, their transposes."""
_MOST_MEGABYTES = 95_000_000
_LEAST_SHARE = 0.03
"""Share of the whole from which on a part is named."""


class Part(NamedTuple):
    """What takes memory, and how many bytes."""

    name: str
    bytes: int


class Estimate(NamedTuple):
    """The memory that a build takes at its peak, as the parts that are held then.

    Examples:
        >>> print(Estimate((Part("tables", 200_000_000), Part("EASE (9,000 items)", 10**9))))
        about 1.2 GB of memory: EASE (9,000 items) 1.0 GB, tables 0.2 GB
    """

    parts: tuple[Part, ...]

    @property
    def bytes(self) -> int:
        """The sum of the parts."""
        return sum(part.bytes for part in self.parts)

    def __str__(self) -> str:
        parts = sorted(self.parts, key=lambda part: -part.bytes)
        named = [p for p in parts if p.bytes >= _LEAST_SHARE * self.bytes]
        told = ", ".join(f"{part.name} {_said(part.bytes)}" for part in named)
        return f"about {_said(self.bytes)} of memory: {told}"


def _said(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= _MOST_MEGABYTES else f"{count / 1e6:.0f} MB"


def estimate(
    config: Config,
    likes: sparse.csr_array,
    *,
    frequencies: Sequence[int] | None = (),
    triples: int = 0,
    documents: int = 0,
    held: int | None = None,
) -> Estimate:
    """Return what a build takes at its peak, from what is known once the tables are read.

    Sparse products have at most as many cells as pairs are made: two items of each user, two of
    each fact; and never more than items × items. What is known of RDF files is less, so that the
    likeness by facts is then taken at its most.

    Args:
        config: The settings.
        likes: CSR (users × items), not negative.
        frequencies: How many items have each fact; None where it is not known.
        triples: Statements of tables: facts, events, friends.
        documents: Texts to read.
        held: Bytes that the process holds already; None is asked of the system.
    """
    items = likes.shape[1]
    liked = int(np.count_nonzero(likes.sum(axis=0)))
    together = _CELL * min(_pairs(np.diff(likes.indptr)), liked * liked)
    facts = _CELL * _likeness_cells(items, frequencies)
    solve = 0
    if liked and default_weights(config.ranking, items)["ease"]:
        solve = ease_bytes(items) + min(together + facts, _CELL * items * items)
    learned = _COPIES * _CELL * liked * min(liked, KEPT)
    at_once = (
        (Part(f"EASE ({items:,} items)", solve),)
        if solve + together > learned
        else (Part("links between items", learned),)
    )
    parts = (
        Part("tables and libraries", _COMPILED + (resident() if held is None else held)),
        Part("graph", triples * _TRIPLE),
        Part("reading texts", _PIPELINE if documents else 0),
        Part("embeddings", _embeddings(config, items, frequencies)),
        Part("likeness by facts", facts),
        Part("what is liked together", together * (2 if solve + together > learned else 1)),
        *at_once,
    )
    return Estimate(tuple(part for part in parts if part.bytes))


def _pairs(counts: np.ndarray) -> int:
    return int((counts.astype(np.int64) ** 2).sum())


def _likeness_cells(items: int, frequencies: Sequence[int] | None) -> int:
    if items > DENSE_ITEMS:
        return 2 * CANDIDATES * items
    if frequencies is None:
        return items * items
    return min(_pairs(np.asarray(frequencies, dtype=np.int64)), items * items)


def _embeddings(config: Config, items: int, frequencies: Sequence[int] | None) -> int:
    """Return what training takes: vectors, gradients and two moments of each node."""
    if not config.embeddings.epochs:
        return 0
    nodes = items + len(frequencies or ())
    return _TORCH + 4 * 4 * nodes * config.embeddings.dimension


def resident() -> int:
    """Return the bytes that this process holds in memory now; 0 where the system does not tell."""
    status = Path("/proc/self/statm")
    if status.is_file():
        import resource  # noqa: PLC0415 - not on Windows

        return int(status.read_text().split()[1]) * resource.getpagesize()
    if sys.platform == "win32":
        return 0
    import resource  # noqa: PLC0415 - not on Windows

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
