"""Concepts that mean much the same in a catalogue: "heist" and "bank robbery".

A word is known by the company it keeps (Firth 1957; Harris 1954): two concepts are alike if the
texts that have one are like the texts that have the other. The token vectors of the names alone
mislead: many names fall into pieces that mean nothing ("he-ist" is near "public-ist"). They help
to tell "student" and "graduate" from what only goes together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEAST", "Alike", "alike"]

LEAST = 0.3
"""Least likeness of a link, and least cosine of its contexts; docs/accuracy.md says how found."""
RARE = 0.01
"""The contexts of a link are also among this share of the closest pairs of the catalogue, or among
the two closest for each concept, where there are few."""
MIN_ITEMS = 3
"""A concept of fewer items has no context to speak of."""
MOST = 20_000
"""Most concepts compared: those of most items."""
_CANDIDATES = 30
_BLOCK = 1024


class Alike(NamedTuple):
    """Pairs of columns that are alike, each once, and how much (0 to 1)."""

    one: NDArray[np.int64]
    other: NDArray[np.int64]
    strength: NDArray[np.float64]


def alike(
    concepts: sparse.csr_array,
    texts: NDArray[np.floating],
    names: NDArray[np.floating],
    keep: int = 5,
) -> Alike:
    """Return the concepts that are alike, at most ``keep`` for each.

    The context of a concept is the sum of the text vectors of its items, less the mean of all
    texts. ``c`` is the cosine of two contexts over the items that have only one of both: what
    stands side by side is no more alike for that. ``t`` is the cosine of the vectors of the names,
    less their mean. The likeness is ``(2c + max(t, 0)) / 3``.

    Args:
        concepts: Items × concepts, nonzero where an item has the concept.
        texts: Items × dimensions; zeros for an item without text.
        names: Concepts × dimensions.
        keep: Most links from each concept.
    """
    known = np.linalg.norm(texts, axis=1) > 0
    has = sparse.csr_array(concepts.astype(bool).astype(np.float64) * known[:, None])
    count = np.asarray(has.sum(axis=0))
    chosen = np.argsort(-count, kind="stable")[:MOST]
    chosen = np.sort(chosen[count[chosen] >= MIN_ITEMS])
    items = sparse.csc_array(has[:, chosen])
    vectors = _centred(texts, known)
    context = np.asarray(items.T @ vectors)
    one, other, border = _candidates(context)
    c = _apart(items, vectors, context, one, other)
    named = _centred(names[chosen], np.ones(len(chosen), dtype=bool))
    t = np.maximum((named[one] * named[other]).sum(axis=1), 0.0)
    likeness = np.where(c >= max(LEAST, border), (2.0 * c + t) / 3.0, 0.0)
    kept = _best(one, likeness, keep)
    ends = np.sort(np.stack([chosen[one[kept]], chosen[other[kept]]]), axis=0)
    pairs, first = np.unique(ends, axis=1, return_index=True)
    return Alike(pairs[0], pairs[1], likeness[kept][first])


def _centred(texts: NDArray[np.floating], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the vectors less what all texts have in common, of length 1 (or 0)."""
    unit = _unit(texts)
    common = unit[known].mean(axis=0) if known.any() else np.zeros(texts.shape[1])
    return _unit(np.where(known[:, None], unit - common, 0.0))


def _unit(rows: NDArray[np.floating]) -> NDArray[np.float64]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1.0), dtype=np.float64)


def _candidates(
    context: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], float]:
    """Return pairs worth a closer look, and the cosine that the rarest pairs exceed."""
    unit = _unit(context)
    size = len(unit)
    keep = min(_CANDIDATES, max(size - 1, 0))
    found, cosines = [], []
    for start in range(0, size, _BLOCK):
        block = unit[start : start + _BLOCK] @ unit.T
        inside = np.arange(len(block))
        block[inside, start + inside] = -1.0
        found.append(np.argsort(-block, axis=1, kind="stable")[:, :keep])
        cosines.append(block[:, :: max(1, size // 1000)].ravel())
    if not keep:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, 1.0
    other = np.concatenate(found)
    border = float(np.quantile(np.concatenate(cosines), 1.0 - min(max(RARE, 2.0 / size), 1.0)))
    return np.repeat(np.arange(size), keep), other.ravel().astype(np.int64), border


def _apart(
    items: sparse.csc_array,
    vectors: NDArray[np.float64],
    context: NDArray[np.float64],
    one: NDArray[np.int64],
    other: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Return the cosines of contexts, the items that have both left out.

    Fewer than ``MIN_ITEMS`` items on a side that are left say nothing: 0.
    """
    found = np.zeros(len(one))
    rows = [items.indices[s:e] for s, e in zip(items.indptr, items.indptr[1:], strict=False)]
    for n, (a, b) in enumerate(zip(one.tolist(), other.tolist(), strict=True)):
        both = np.intersect1d(rows[a], rows[b], assume_unique=True)
        if min(len(rows[a]), len(rows[b])) - len(both) < MIN_ITEMS:
            continue
        shared = vectors[both].sum(axis=0)
        u, v = context[a] - shared, context[b] - shared
        norm = float(np.linalg.norm(u) * np.linalg.norm(v))
        found[n] = u @ v / norm if norm else 0.0
    return found


def _best(one: NDArray[np.int64], likeness: NDArray[np.float64], keep: int) -> NDArray[np.int64]:
    """Return which pairs are alike enough and among the ``keep`` best of their first concept."""
    order = np.lexsort((-likeness, one))
    starts = np.searchsorted(one[order], one[order])
    good = order[np.arange(len(order)) - starts < keep]
    return np.asarray(good[likeness[good] >= LEAST])
