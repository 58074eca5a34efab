"""Vectors of graph nodes as plain arrays: what a saved model holds, without torch."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["NodeVectors", "contexts_of", "facts_of_nodes"]


def _nothing() -> NDArray[np.float32]:
    return np.zeros((0, 1), dtype=np.float32)


def _no_counts() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class NodeVectors:
    """Vectors of nodes, and of the relations between them.

    Attributes:
        names: The nodes, as PyKEEN labels them: IRIs, or literals in N-Triples.
        matrix: float32 array (nodes × dimensions); complex embeddings are split into real and
            imaginary halves.
        epochs: Passes that were trained.
        mean_reciprocal_rank: Of the held-out triples, filtered, at the best check; from 0 to 1,
            or NaN if there was no check.
        model: The PyKEEN model, by name.
        relations: The relations that have a vector, by IRI.
        relation_matrix: float32 array (relations × their dimensions), split as ``matrix`` is;
            no rows where the model keeps something else than a vector for a relation.
        norm: Which norm a distance is measured in (TransE, RotatE).
        context_matrix: float32 array (nodes × dimensions): what surrounds a node, from
            :func:`contexts_of`; no rows in models saved before there were contexts.
        counts: int64 array: of each node, how many facts it is in.
    """

    names: tuple[str, ...]
    matrix: NDArray[np.float32]
    epochs: int
    mean_reciprocal_rank: float
    model: str = ""
    relations: tuple[str, ...] = ()
    relation_matrix: NDArray[np.float32] = field(default_factory=_nothing)
    norm: int = 2
    context_matrix: NDArray[np.float32] = field(default_factory=_nothing)
    counts: NDArray[np.int64] = field(default_factory=_no_counts)

    @classmethod
    def empty(cls) -> NodeVectors:
        """Return the vectors of no nodes."""
        return cls((), _nothing(), 0, float("nan"))

    @cached_property
    def _row(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names)}

    @cached_property
    def _relation_row(self) -> dict[str, int]:
        known = self.relations[: len(self.relation_matrix)]
        return {name: row for row, name in enumerate(known)}

    def __contains__(self, name: object) -> bool:
        """Return whether a node has a vector."""
        return name in self._row

    def places(self, names: Sequence[str]) -> NDArray[np.int64]:
        """Return the row of each node, -1 for those that have no vector."""
        return np.array([self._row.get(name, -1) for name in names], dtype=np.int64)

    def rows(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of some nodes, zeros for those that have none."""
        return self._rows_of(self.matrix, names)

    def contexts(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Return what surrounds some nodes, zeros for those that have no vector.

        Nodes are alike whose contexts are. Unlike a node's own vector, this is the same for a node
        that came after training; docs/embeddings.md says how both measure.
        """
        known = self.context_matrix if len(self.context_matrix) else self.matrix
        return self._rows_of(known, names)

    def _rows_of(self, matrix: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.float32]:
        places = self.places(names)
        found = np.zeros((len(names), matrix.shape[1]), dtype=np.float32)
        found[places >= 0] = matrix[places[places >= 0]]
        return found

    def relation(self, name: str) -> NDArray[np.float32] | None:
        """Return the vector of a relation, or ``None`` if it has none."""
        row = self._relation_row.get(name)
        return None if row is None else self.relation_matrix[row]

    def infer(self, triples: Iterable[tuple[str, str, str]]) -> NodeVectors:
        """Return the vectors with those of new nodes, which their facts place; none is retrained.

        A new node stands where its neighbours expect it, on average: for TransE at ``t - r`` or
        ``h + r``; for RotatE at ``t ∘ conj(r)`` or ``h ∘ r``; for ComplEx and DistMult in those
        directions, where a score is highest, at the mean length of nodes; for other models at the
        mean of the neighbours' vectors. Its context is the mean that :func:`contexts_of` gives.
        Facts between two new nodes, and those of known ones only, are passed over.

        Args:
            triples: Facts of new nodes: subject, predicate, object, as ``names`` has them.

        Examples:
            >>> vectors = NodeVectors(("a", "b"), np.eye(2, dtype=np.float32), 1, 0.5)
            >>> vectors.infer([("new", "p", "a"), ("new", "p", "b")]).rows(["new"]).tolist()
            [[0.5, 0.5]]
        """
        found: dict[str, list[tuple[int, str, bool]]] = defaultdict(list)
        for subject, predicate, object_ in triples:
            if (subject in self) != (object_ in self):
                is_head = object_ in self
                node, known = (subject, object_) if is_head else (object_, subject)
                found[node].append((self._row[known], predicate, is_head))
        if not found:
            return self
        new = sorted(found)
        own = np.stack([self._expected(found[name]) for name in new])
        around = np.stack([self._around([row for row, _, _ in found[name]]) for name in new])
        contexts = self.context_matrix if len(self.context_matrix) else self.matrix
        counts = [len(found[name]) for name in new]
        return replace(
            self,
            names=(*self.names, *new),
            matrix=np.vstack([self.matrix, own]),
            context_matrix=np.vstack([contexts, around]),
            counts=np.append(self._counts, counts),
        )

    def without(self, names: Collection[str]) -> NodeVectors:
        """Return the vectors without those of some nodes."""
        kept = [row for row, name in enumerate(self.names) if name not in names]
        if len(kept) == len(self.names):
            return self
        arrays = {name: getattr(self, name) for name in ("matrix", "context_matrix", "counts")}
        chosen = {name: array[kept] for name, array in arrays.items() if len(array)}
        return replace(self, names=tuple(self.names[row] for row in kept), **chosen)

    @cached_property
    def _counts(self) -> NDArray[np.int64]:
        return self.counts if len(self.counts) else np.ones(len(self.names), dtype=np.int64)

    def _around(self, rows: list[int]) -> NDArray[np.float32]:
        rows = sorted(set(rows))
        weights = np.log1p(len(self.names) / np.maximum(self._counts[rows], 1))
        mean = (_unit(self.matrix[rows]) * weights[:, None]).sum(axis=0) / weights.sum()
        return np.asarray(mean, dtype=np.float32)

    def _expected(self, facts: list[tuple[int, str, bool]]) -> NDArray[np.float32]:
        moved = [self._moved(row, predicate, is_head) for row, predicate, is_head in facts]
        mean = np.asarray(np.mean(moved, axis=0), dtype=np.float32)
        if self.model in {"DistMult", "ComplEx"}:  # any length serves; take that of the others
            mean *= self._length / (float(np.linalg.norm(mean)) or 1.0)
        return mean

    @cached_property
    def _length(self) -> float:
        return float(np.linalg.norm(self.matrix, axis=1).mean())

    def _moved(self, row: int, predicate: str, is_head: bool) -> NDArray[np.float32]:  # noqa: FBT001
        """Return where a neighbour expects a new node that is the head (or tail) of their fact."""
        vector: NDArray[np.float32] = self.matrix[row]
        relation = self.relation(predicate)
        if relation is None or self.model not in _PLACED:
            return vector
        if self.model == "TransE":
            moved: NDArray[np.float32] = vector - relation if is_head else vector + relation
            return moved
        if self.model == "DistMult":
            return vector * relation
        turn = _complex(relation)
        turned = _complex(vector) * (turn.conj() if is_head else turn)
        return np.concatenate([turned.real, turned.imag])


_PLACED = frozenset({"TransE", "DistMult", "ComplEx", "RotatE"})
"""Models that say where the missing node of a fact is expected."""


def _complex(halves: NDArray[np.float32]) -> NDArray[np.complex64]:
    real, imaginary = np.split(halves, 2, axis=-1)
    return np.asarray(real + 1j * imaginary, dtype=np.complex64)


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(norms > 0, norms, 1.0), dtype=np.float32)


def facts_of_nodes(triples: NDArray[np.int64], nodes: int) -> NDArray[np.int64]:
    """Return of each node how many facts it is in, whether as subject or object.

    Args:
        triples: int64 array (triples × 3) of node, relation, node.
        nodes: How many nodes there are.
    """
    return np.bincount(triples[:, [0, 2]].ravel(), minlength=nodes)


def contexts_of(matrix: NDArray[np.float32], triples: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the mean of the neighbours' vectors of each node.

    The vectors of neighbours are taken at length 1, weighted by ``ln(1 + n / count)`` with n nodes
    and the neighbour's facts, so that those whom half the graph knows say little (Sparck Jones
    1972). Two nodes are then alike if their neighbours are, not only if these are the same: a
    soft form of shared facts.

    Args:
        matrix: float32 array (nodes × dimensions).
        triples: int64 array (triples × 3) of node, relation, node.

    Returns:
        float32 array (nodes × dimensions); zeros for a node without facts.
    """
    size = len(matrix)
    weight = np.log1p(size / np.maximum(facts_of_nodes(triples, size), 1))
    ends = np.concatenate([triples[:, [0, 2]], triples[:, [2, 0]]])
    ends = np.unique(ends, axis=0)  # two relations between the same nodes count once
    cells = (weight[ends[:, 1]], (ends[:, 0], ends[:, 1]))
    around = sparse.csr_array(sparse.coo_array(cells, shape=(size, size)))
    total = np.asarray(around.sum(axis=1))
    mean = (around @ _unit(matrix)) / np.where(total > 0, total, 1.0)[:, None]
    return np.asarray(mean, dtype=np.float32)
