"""The catalogue as an axis of arrays: rows and columns move when items come and go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy import sparse

from kg_rec.folding import fades, known_of
from kg_rec.profiles import item_blocks
from kg_rec.vectors import Fitted, ItemVectors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kg_rec.model import CatalogueItem, Model

__all__ = ["Axis", "moved"]

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Axis:
    """Where the rows of items go.

    Attributes:
        items: The new catalogue, sorted by id.
        place: int64 array: the new row of each old one, -1 for what goes.
        source: int64 array: the old row of each new one, -1 for what comes.
    """

    items: tuple[CatalogueItem, ...]
    place: NDArray[np.int64]
    source: NDArray[np.int64]

    @classmethod
    def of(cls, model: Model, items: Sequence[CatalogueItem]) -> Axis:
        """Return where the rows of a model go."""
        ordered = tuple(sorted(items, key=lambda item: item.id))
        old = {item.id: row for row, item in enumerate(model.items)}
        new = {item.id: row for row, item in enumerate(ordered)}
        place = np.array([new.get(item.id, -1) for item in model.items], dtype=np.int64)
        source = np.array([old.get(item.id, -1) for item in ordered], dtype=np.int64)
        return cls(ordered, place, source)

    @property
    def new(self) -> NDArray[np.int64]:
        """The rows of what comes."""
        return np.flatnonzero(self.source < 0)

    def rows(self, values: NDArray[_T]) -> NDArray[_T]:
        """Return rows of the new catalogue; zeros for what comes."""
        found = np.zeros((len(self.source), *values.shape[1:]), dtype=values.dtype)
        found[self.source >= 0] = values[self.source[self.source >= 0]]
        return found

    def columns(self, matrix: sparse.csr_array) -> tuple[sparse.csr_array, NDArray[np.bool_]]:
        """Return a matrix whose columns are items, and which of its values stay."""
        to = self.place[matrix.indices]
        stays = to >= 0
        before = np.concatenate([[0], np.cumsum(stays)])
        shape = (matrix.shape[0], len(self.source))
        return sparse.csr_array(
            (matrix.data[stays], to[stays], before[matrix.indptr]), shape=shape
        ), stays


def moved(model: Model, axis: Axis) -> Model:
    """Return a model of another catalogue, whose graph is still the old one.

    The blocks that say what items are hold nothing of a new item.
    """
    log = model.log.take(axis.place[model.log.items] >= 0)
    log = replace(log, items=axis.place[log.items])
    events, stays = axis.columns(model.events)
    times = None if model.event_times is None else model.event_times[stays]
    gone = {item.id for item, row in zip(model.items, axis.place, strict=True) if row < 0}
    found = replace(
        model,
        items=axis.items,
        log=log,
        events=events,
        event_times=None if times is None or np.isnan(times).all() else times,
        fitted=Fitted(axis.rows(model.fitted.likes), axis.rows(model.fitted.had)),
        texts=axis.rows(model.texts),
        features={name: axis.rows(rows) for name, rows in model.features.items()},
        vectors=_moved_vectors(model.vectors, axis),
        remembered={
            user: wishes._replace(
                hidden=tuple(name for name in wishes.hidden if name not in gone),
                seen=tuple(name for name in wishes.seen if name not in gone),
            )
            for user, wishes in model.remembered.items()
        },
    )
    if fades(model.config.interactions) and log.latest < model.log.latest:
        told = replace(known_of(found), users=model.users)
        return replace(found, events=told.event_matrix, event_times=told.event_times)
    return found


def _moved_vectors(vectors: ItemVectors, axis: Axis) -> ItemVectors:
    """Return the vectors of the new catalogue; columns that are items move, too."""
    blocks: dict[str, list[int]] = {}
    for number, column in enumerate(vectors.columns):
        blocks.setdefault(column.block, []).append(number)
    linked = item_blocks(blocks)
    stays = axis.source >= 0
    source = np.where(stays, axis.source, 0)
    rows = sparse.csr_array(sparse.diags_array(stays.astype(np.float64)) @ vectors.matrix[source])
    rows.eliminate_zeros()
    parts = []
    for name, numbers in blocks.items():
        matrix = sparse.csr_array(rows[:, numbers])
        columns = tuple(vectors.columns[number] for number in numbers)
        if name in linked:
            matrix, _ = axis.columns(matrix)
            matrix.sort_indices()
            columns = tuple(columns[0]._replace(object=item.iri) for item in axis.items)
        parts.append(ItemVectors(matrix, columns))
    return ItemVectors.join(parts)
