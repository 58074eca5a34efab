"""The catalogue as an axis of arrays: rows and columns move when items come and go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from scipy import sparse

from kg_rec.folding import fades, known_of
from kg_rec.profiles import LIKE_LINKS, SHARED_LIKERS, content_links
from kg_rec.vectors import FACT_BLOCKS, Fitted, ItemVectors, item_columns

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

    Of its vectors there are only the blocks that say what people did.
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
    if fades(model.config.interactions, model.log.kind_names) and log.latest < model.log.latest:
        told = replace(known_of(found), users=model.users)
        return replace(found, events=told.event_matrix, event_times=told.event_times)
    return found


def _moved_vectors(vectors: ItemVectors, axis: Axis) -> ItemVectors:
    """Return the blocks that no text and no fact tells, of the new catalogue.

    Columns that are items move, too.
    """
    names = [column.block for column in vectors.columns]
    described = {*FACT_BLOCKS, "stated", *content_links(names)}
    kept = vectors.chosen(np.flatnonzero([name not in described for name in names]))
    stays = (axis.source >= 0).astype(np.float64)
    rows = kept.matrix[np.maximum(axis.source, 0)]
    moved_rows = ItemVectors(sparse.csr_array(sparse.diags_array(stays) @ rows), kept.columns)
    parts = []
    for name in dict.fromkeys(column.block for column in kept.columns):
        block = moved_rows.block(name)
        if name in {*LIKE_LINKS, SHARED_LIKERS}:
            matrix, _ = axis.columns(block.matrix)
            matrix.eliminate_zeros()
            predicate = block.columns[0].predicate
            block = item_columns(name, predicate, [item.iri for item in axis.items], matrix)
        parts.append(block)
    return ItemVectors.join(parts)
