"""Vectors of graph nodes as plain arrays: what a saved model holds, without torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["NodeVectors"]


def _nothing() -> NDArray[np.float32]:
    return np.zeros((0, 1), dtype=np.float32)


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
    """

    names: tuple[str, ...]
    matrix: NDArray[np.float32]
    epochs: int
    mean_reciprocal_rank: float
    model: str = ""
    relations: tuple[str, ...] = ()
    relation_matrix: NDArray[np.float32] = field(default_factory=_nothing)
    norm: int = 2

    @classmethod
    def empty(cls) -> NodeVectors:
        """Return the vectors of no nodes."""
        return cls((), _nothing(), 0, float("nan"))

    @cached_property
    def _row(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names)}

    @cached_property
    def _relation_row(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.relations)}

    def __contains__(self, name: object) -> bool:
        """Return whether a node has a vector."""
        return name in self._row

    def rows(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of some nodes, zeros for those that have none."""
        found = np.zeros((len(names), self.matrix.shape[1]), dtype=np.float32)
        for row, name in enumerate(names):
            if name in self._row:
                found[row] = self.matrix[self._row[name]]
        return found

    def relation(self, name: str) -> NDArray[np.float32] | None:
        """Return the vector of a relation, or ``None`` if it has none."""
        row = self._relation_row.get(name)
        return None if row is None else self.relation_matrix[row]
