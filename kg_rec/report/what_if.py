"""What would be different for an item of a list: data that the page shows."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Muted", "WhatIf", "Without"]


class Muted(NamedTuple):
    """The list without one reason.

    Attributes:
        reason: The reason that is muted, in words.
        rank: The rank of the item then, in the whole catalogue.
    """

    reason: str
    rank: int


class Without(NamedTuple):
    """The list without something that is known of the person.

    Attributes:
        names: The fewest choices or preferences without which the item is not in the list; empty
            if there are none.
        rank: The rank of the item without them.
        smallest: Whether it is proven that no fewer will do.
    """

    names: tuple[str, ...]
    rank: int
    smallest: bool


class WhatIf(NamedTuple):
    """What would change the place of an item.

    Attributes:
        length: How long the list is.
        muted: Without its strongest reason.
        without: Without something known of the person; None if that was not looked for.
    """

    length: int
    muted: Muted | None = None
    without: Without | None = None
