"""Vectors that come with the items of a build: from files, tables, arrays, encoders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from kg_rec.config import Config, VectorsConfig
from kg_rec.embeddings.given import GivenVectors, ItemEncoder, laid_out, read_vectors
from kg_rec.embeddings.transfer import aligned
from kg_rec.errors import ConfigError, DataError
from kg_rec.io.rows import written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec import io

__all__ = ["features_of", "features_of_new", "settled"]


def settled(config: Config, given: Mapping[str, Any]) -> Config:
    """Return settings that name all vectors: those of files, and those that are given.

    Args:
        config: The settings.
        given: Vectors by name, or what makes them.

    Raises:
        ConfigError: A name cannot be one, or vectors have neither a file nor are given.
    """
    known = {one.name for one in config.vectors}
    new = [{"name": name} for name in given if name not in known]
    if not new and not known:
        return config
    own = [one.model_dump() for one in config.vectors]
    parsed = Config.parse({"vectors": [*own, *new]}).vectors
    for one in parsed:
        if not one.file and one.name not in given:
            raise ConfigError(f"vectors {one.name!r}: no file, and none are given")
    return config.model_copy(update={"vectors": tuple(_named(one, given) for one in parsed)})


def _named(one: VectorsConfig, given: Mapping[str, Any]) -> VectorsConfig:
    maker = given.get(one.name)
    if one.made_by or not isinstance(maker, ItemEncoder):
        return one
    return one.model_copy(update={"made_by": maker.name})


def features_of(
    config: Config, given: Mapping[str, Any], table: io.Table, items: Sequence[str]
) -> dict[str, NDArray[np.float32]]:
    """Return the vectors of a catalogue, by name: float32 arrays (items × dimensions).

    Args:
        config: The settings, from :func:`settled`.
        given: By name, instead of a file: a mapping of ids to vectors, a table, a file, an array
            (rows of the items table × dimensions), or an :class:`~kg_rec.embeddings.ItemEncoder`.
        table: The items table.
        items: Ids of the catalogue, in row order.

    Raises:
        DataError: Vectors are not as expected.
    """
    return {
        one.name: laid_out(_read(one, given, table, config), items, others=one.transfer)
        for one in config.vectors
    }


def features_of_new(
    config: Config, given: Mapping[str, Any], table: io.Table
) -> dict[str, dict[str, list[float]]]:
    """Return the vectors of new items as plain values: name to id to vector.

    Args:
        config: The settings of the model.
        given: As in :func:`features_of`.
        table: The table of the new items.

    Raises:
        ConfigError: The model has no vectors of a name.
        DataError: Vectors are not as expected.
    """
    known = {one.name: one for one in config.vectors}
    for name in given:
        if name not in known:
            there = ", ".join(known) or "none"
            raise ConfigError(f"vectors {name!r}: the model has no vectors of that name: {there}")
    read = {name: _read(known[name], given, table, config) for name in given}
    return {
        name: dict(zip(found.ids, found.matrix.tolist(), strict=True))
        for name, found in read.items()
    }


def _read(
    one: VectorsConfig, given: Mapping[str, Any], table: io.Table, config: Config
) -> GivenVectors:
    place = f"vectors {one.name!r}"
    columns = {"id_column": one.id, "vector_column": one.vector}
    source = given.get(one.name)
    if source is None:
        return aligned([read_vectors(file, place, **columns) for file in one.file])
    if isinstance(source, GivenVectors):
        return source
    if isinstance(source, ItemEncoder):
        source = _encoded(source, table, place)
    if isinstance(source, np.ndarray):
        return _of_rows(source, table, config.items.id, place)
    if isinstance(source, list | tuple) and all(isinstance(s, str | Path) for s in source):
        return aligned([read_vectors(file, place, **columns) for file in source])
    return read_vectors(source, place, **columns)


def _encoded(encoder: ItemEncoder, table: io.Table, place: str) -> NDArray[Any]:
    rows = [
        dict(zip(table.columns, cells, strict=True))
        for cells in zip(*table.columns.values(), strict=True)
    ]
    found = encoder.encode(rows)
    if not isinstance(found, np.ndarray):
        raise DataError(f"{place}: {encoder.name} gave {type(found).__name__}, expected an array")
    return found


def _of_rows(matrix: NDArray[Any], table: io.Table, column: str, place: str) -> GivenVectors:
    if matrix.ndim != 2 or len(matrix) != len(table):  # noqa: PLR2004
        shape = " × ".join(map(str, matrix.shape))
        raise DataError(f"{place}: found {shape}, expected a row for each of {len(table)} items")
    ids = [None if name is None else written(name) for name in table.column(column, "items.id")]
    kept = [n for n, row in enumerate(matrix) if np.any(row != 0)]  # zeros: it has none
    return read_vectors({ids[n]: matrix[n] for n in kept}, place)
