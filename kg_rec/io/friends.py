"""The rows of the friends table: who knows whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.io.rows import RowError, Rows, name_of, number_of

if TYPE_CHECKING:
    from kg_rec.config import FriendsConfig
    from kg_rec.io.tables import Table

__all__ = ["Friend", "read_friends"]

_LEAST = 1e-6


class Friend(NamedTuple):
    """A row of the table of friends: ``user`` knows ``friend``."""

    user: str
    friend: str
    weight: float = 1.0


def read_friends(table: Table, config: FriendsConfig, *, drop: bool = False) -> list[Friend]:
    """Return who knows whom, sorted; of a pair that is there twice the heavier one.

    Raises:
        DataError: A column is missing, an id is empty, somebody is their own friend, a weight is
            not a positive number.
    """
    rows = Rows(table, drop)
    users = table.column(config.user, "friends.user")
    friends = table.column(config.friend, "friends.friend")
    weights = table.optional(config.weight, "friends.weight", "weight")
    has_weight = config.weight in table.columns

    def friend(row: int) -> Friend:
        user, other = name_of(config.user, users[row]), name_of(config.friend, friends[row])
        if user == other:
            msg = f"column {config.friend!r}: found {other!r}, expected another user"
            raise RowError(msg)
        weight = number_of(config.weight, weights[row], least=_LEAST) if has_weight else 1.0
        return Friend(user, other, weight)

    heaviest: dict[tuple[str, str], float] = {}
    for row in range(len(table)):
        found = rows.check(row, lambda: friend(row))  # noqa: B023 - called at once
        if found:
            pairs = [found[:2], found[1::-1]] if config.mutual else [found[:2]]
            for pair in pairs:
                heaviest[pair] = max(found.weight, heaviest.get(pair, 0.0))
    rows.report()
    return [Friend(user, other, weight) for (user, other), weight in sorted(heaviest.items())]
