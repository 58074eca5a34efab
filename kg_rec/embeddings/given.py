"""Vectors that come with the items, of posters, sounds, other models: read, checked, laid out.

=================  ====================================================================
file               layout
=================  ====================================================================
``.parquet``       a column of ids and a column of lists of numbers, all of one length
``.jsonl``         the same, a JSON object a line
``.npz``           numpy arrays ``ids`` and ``vectors`` (ids × dimensions); no pickle
``.safetensors``   a tensor ``vectors``, and in the metadata ``ids``: a JSON list
=================  ====================================================================
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import numpy as np

from kg_rec import io
from kg_rec.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Encoder", "GivenVectors", "ItemEncoder", "laid_out", "read_vectors"]

_T_contra = TypeVar("_T_contra", contravariant=True)


class Encoder(Protocol[_T_contra]):
    """Turns things (texts, rows of items, pictures) into vectors; their cosines say how alike."""

    @property
    def name(self) -> str:
        """Name of what makes the vectors, shown in explanations."""
        ...

    def encode(self, things: Sequence[_T_contra], /) -> NDArray[np.floating]:
        """Return an array (things × dimensions); a row of zeros for what has no vector."""
        ...


@runtime_checkable
class ItemEncoder(Protocol):
    """An :class:`Encoder` of items: each a row of the items table, column to value.

    A column may hold anything: a path of a picture, a price.
    """

    @property
    def name(self) -> str:
        """Name of what makes the vectors, shown in explanations."""
        ...

    def encode(self, things: Sequence[Mapping[str, Any]], /) -> NDArray[np.floating]:
        """Return an array (items × dimensions); a row of zeros for what has no vector."""
        ...


class GivenVectors(NamedTuple):
    """Vectors by id.

    Attributes:
        ids: Ids of the items.
        matrix: float32 array (ids × dimensions).
        place: What they were read from, for messages.
    """

    ids: tuple[str, ...]
    matrix: NDArray[np.float32]
    place: str


def read_vectors(
    source: Any, name: str = "vectors", *, id_column: str = "id", vector_column: str = "vector"
) -> GivenVectors:
    """Read vectors.

    Args:
        source: A file (see the module), a dataframe with a column of ids and one of vectors, or a
            mapping of ids to vectors.
        name: What to call vectors that have no file.
        id_column: Name of the column of ids.
        vector_column: Name of the column of vectors.

    Raises:
        DataError: The file is missing or broken; an id is empty or there twice; a vector is no list
            of finite numbers, or of another length than the first.

    Examples:
        >>> read_vectors({"a": [1.0, 0.0], "b": [0.0, 1.0]}).matrix.shape
        (2, 2)
        >>> read_vectors({"a": [1.0, 0.0], "b": [0.0]})
        Traceback (most recent call last):
        kg_rec.errors.DataError: vectors, row 2 (id 'b'): found 1 numbers, expected 2 as in row 1
    """
    if isinstance(source, Mapping):
        return _checked([*source], [*source.values()], name)
    suffix = Path(source).suffix.lower() if isinstance(source, str | Path) else ""
    if suffix == ".npz":
        return _read_npz(Path(source))
    if suffix == ".safetensors":
        return _read_safetensors(Path(source))
    table = io.read_table(source, name)
    ids = table.column(id_column, f"vectors.id of {name!r}")
    return _checked(ids, table.column(vector_column, f"vectors.vector of {name!r}"), table.name)


def laid_out(
    given: GivenVectors, items: Sequence[str], *, others: bool = False
) -> NDArray[np.float32]:
    """Return vectors in the order of a catalogue, zeros for items that have none.

    Args:
        given: The vectors.
        items: Ids of the catalogue.
        others: Whether vectors of other items are passed over; else they are an error.

    Raises:
        DataError: There is a vector of an item that is not in the catalogue, or none of any.
    """
    row_of = {name: row for row, name in enumerate(items)}
    unknown = [(n, name) for n, name in enumerate(given.ids, start=1) if name not in row_of]
    if unknown and not others:
        number, name = unknown[0]
        more = f" ({len(unknown):,} such ids)" if len(unknown) > 1 else ""
        raise DataError(f"{given.place}, row {number}: unknown item {name!r}{more}")
    if len(unknown) == len(given.ids):
        raise DataError(f"{given.place}: no vector is of an item of the catalogue")
    found = np.zeros((len(items), given.matrix.shape[1]), dtype=np.float32)
    known = [(row_of[name], n) for n, name in enumerate(given.ids) if name in row_of]
    rows, places = (list(side) for side in zip(*known, strict=True))
    found[rows] = given.matrix[places]
    return found


def _checked(ids: Sequence[Any], vectors: Sequence[Any], place: str) -> GivenVectors:
    names: dict[str, int] = {}
    rows: list[NDArray[np.float64]] = []
    for number, (value, vector) in enumerate(zip(ids, vectors, strict=True), start=1):
        where = f"{place}, row {number}"
        if value is None or str(value).strip() == "":
            raise DataError(f"{where}: the id is empty")
        name = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        if name in names:
            raise DataError(f"{where}: id {name!r} is there twice (first in row {names[name]})")
        names[name] = number
        rows.append(_numbers(vector, f"{where} (id {name!r})"))
        if len(rows[-1]) != len(rows[0]):
            found = f"found {len(rows[-1])} numbers, expected {len(rows[0])} as in row 1"
            raise DataError(f"{where} (id {name!r}): {found}")
    if not rows:
        raise DataError(f"{place}: no vectors")
    return GivenVectors(tuple(names), np.stack(rows).astype(np.float32), place)


def _numbers(vector: Any, place: str) -> NDArray[np.float64]:
    try:
        found = np.asarray(vector, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{place}: found {vector!r:.60}, expected a list of numbers") from None
    if found.ndim != 1 or not len(found):
        raise DataError(f"{place}: found {vector!r:.60}, expected a list of numbers")
    with np.errstate(over="ignore"):
        wrong = np.flatnonzero(~np.isfinite(found.astype(np.float32)))
    if len(wrong):
        value = found[wrong[0]]
        raise DataError(f"{place}: number {wrong[0] + 1} is {value}, expected a finite one")
    return found


def _read_npz(path: Path) -> GivenVectors:
    _there(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            names = ", ".join(archive.files)
            ids, vectors = (archive[n] if n in archive.files else None for n in ("ids", "vectors"))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, AttributeError) as error:
        raise DataError(f"{path}: no arrays that numpy reads without pickle: {error}") from None
    if ids is None or vectors is None:
        raise DataError(f"{path}: expected arrays 'ids' and 'vectors', found {names or 'none'}")
    return _of_arrays(ids.tolist(), vectors, path)


def _read_safetensors(path: Path) -> GivenVectors:
    from safetensors import SafetensorError, safe_open  # noqa: PLC0415 - serving does without

    _there(path)
    try:
        with safe_open(path, framework="numpy") as file:
            names, told = [*file.keys()], (file.metadata() or {}).get("ids")
            vectors = file.get_tensor("vectors") if "vectors" in names else None
    except (SafetensorError, OSError, TypeError) as error:
        raise DataError(f"{path}: not safetensors: {error}") from None
    if vectors is None:
        found = ", ".join(names) or "none"
        raise DataError(f"{path}: expected a tensor 'vectors', found {found}")
    try:
        ids = json.loads(told or "")
    except ValueError:
        ids = None
    if not isinstance(ids, list):
        raise DataError(f"{path}: expected 'ids' in the metadata: a JSON list")
    return _of_arrays(ids, vectors, path)


def _of_arrays(ids: Any, vectors: NDArray[Any], path: Path) -> GivenVectors:
    if not isinstance(ids, list) or vectors.ndim != 2 or len(ids) != len(vectors):  # noqa: PLR2004
        shape = " × ".join(map(str, vectors.shape)) or "one number"
        count = len(ids) if isinstance(ids, list) else 1
        raise DataError(f"{path}: found {count} ids and vectors of {shape}, expected a row an id")
    if vectors.dtype.kind not in "fiu":
        raise DataError(f"{path}: found vectors of {vectors.dtype}, expected numbers")
    return _checked(ids, [*vectors], path.name)


def _there(path: Path) -> None:
    if not path.is_file():
        raise DataError(f"{path}: no such file")
