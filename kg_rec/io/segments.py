"""Segments: what users have in common, by columns of the table of users (personal data)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.ids import Literal, mint
from kg_rec.io.rows import name_of
from kg_rec.io.tables import plain
from kg_rec.ontology.acts import SEGMENT
from kg_rec.statements import USERS, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kg_rec.config import UsersConfig
    from kg_rec.io.tables import Table

__all__ = ["read_segments", "segment_name", "segment_statements"]


def segment_name(column: str, value: object) -> str:
    """Return the name of a segment, or nothing where a cell is empty.

    Examples:
        >>> segment_name("country", "FR"), segment_name("age", 30.0), segment_name("age", None)
        ('country=FR', 'age=30', '')
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = "" if value is None else str(plain(value)).strip()
    return f"{column}={text}" if text else ""


def read_segments(table: Table, config: UsersConfig) -> dict[str, tuple[str, ...]]:
    """Return the segments of each user who is in some.

    Args:
        table: One row a user.
        config: Names of the columns.

    Raises:
        DataError: A column is missing.
    """
    ids = table.column(config.id, "users.id")
    columns = {name: table.column(name, "users.segments") for name in config.segments}
    found = {
        name_of(config.id, user): tuple(
            name for column, cells in columns.items() if (name := segment_name(column, cells[row]))
        )
        for row, user in enumerate(ids)
    }
    return {user: names for user, names in found.items() if names}


def segment_statements(segments: Mapping[str, Sequence[str]], base_iri: str) -> Iterator[Statement]:
    """Yield which segments users are in."""
    for user, names in segments.items():
        node = mint(base_iri, "user", user)
        for name in names:
            yield Statement(Triple(node, SEGMENT, Literal(name)), part=USERS)
