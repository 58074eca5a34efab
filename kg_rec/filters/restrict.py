"""Turns what somebody asks for into the rows of the items that may be recommended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.errors import DataError
from kg_rec.filters.expressions import matching
from kg_rec.ids import Iri

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from kg_rec.filters.catalogue import Catalogue

__all__ = ["NO_RESTRICTION", "ItemFilter", "Restriction"]

_PROLOGUE = r"(?:\s*(?:#[^\n]*\n|PREFIX\s+[^\s<]*\s*<[^>]*>|BASE\s*<[^>]*>))*\s*"
_SELECT = re.compile(_PROLOGUE + r"SELECT\b", re.IGNORECASE)
_ASK = re.compile(rf"({_PROLOGUE})ASK\s*(?:WHERE\s*)?(?=\{{)", re.IGNORECASE)
_ITEM = re.compile(r"[?$]item\b")


class Restriction(NamedTuple):
    """Which items may be recommended.

    Attributes:
        rows: int64: their rows, ascending; None is all.
        note: What a reader should know, as in ``"no item meets year > 2090"``; or empty.
    """

    rows: NDArray[np.int64] | None = None
    note: str = ""


NO_RESTRICTION = Restriction()
"""All items may be recommended."""


class ItemFilter:
    """Restricts the items of a catalogue.

    Args:
        catalogue: The items and what is known of them.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def restrict(
        self,
        only: str | Sequence[str] = (),
        without: str | Sequence[str] = (),
        where: str | None = None,
    ) -> Restriction:
        """Return the items that pass all of some conditions.

        Args:
            only: Items, classes or entities (see :meth:`Catalogue.named`): an item must be one of
                them or have to do with one of them.
            without: The same: an item must not.
            where: A condition (see :func:`~kg_rec.filters.expressions.matching`), or SPARQL with
                ``?item``: a SELECT, an ASK or only a graph pattern.

        Raises:
            UnknownIdError: Something named is not known.
            DataError: A condition or query is broken.
        """
        only, without = _several(only), _several(without)
        if not only and not without and where is None:
            return NO_RESTRICTION
        steps = []
        if only:
            steps.append(("is or has to do with " + _or(only), self._marked(only)))
        if without:
            steps.append(("is without " + _or(without), ~self._marked(without)))
        if where is not None:
            steps.append(("meets " + " ".join(where.split()), self._where(where)))
        return _meeting(steps)

    def _marked(self, names: Sequence[str]) -> NDArray[np.bool_]:
        mask = np.zeros(len(self.catalogue), dtype=bool)
        for name in names:
            mask[self.catalogue.named(name)] = True
        return mask

    def _where(self, text: str) -> NDArray[np.bool_]:
        if not text.strip():
            raise DataError("where: expected a condition, found nothing")
        if _ITEM.search(text) or _SELECT.match(text) or _ASK.match(text):
            return self._queried(_select(text))
        return matching(text, self.catalogue)

    def _queried(self, query: str) -> NDArray[np.bool_]:
        found = self.catalogue.graph.dataset.ask(query)
        variables = getattr(found, "variables", ())
        if "item" not in variables:
            named = ", ".join(f"?{v}" for v in variables) or "none"
            raise DataError(f"where: expected a query for ?item, found the variables {named}")
        place = variables.index("item")
        wanted = {row[place] for row in found.rows}  # type: ignore[union-attr]
        return np.fromiter((Iri(i) in wanted for i in self.catalogue.items), bool)


def _select(text: str) -> str:
    """Return a SELECT for ?item of any of the three forms."""
    if _SELECT.match(text):
        return text
    if ask := _ASK.match(text):
        return f"{ask[1]}SELECT DISTINCT ?item WHERE {text[ask.end() :]}"
    return f"SELECT DISTINCT ?item WHERE {{ {text} }}"


def _meeting(steps: Sequence[tuple[str, NDArray[np.bool_]]]) -> Restriction:
    """Return the rows that pass all steps, and which step leaves none."""
    left = np.ones(len(steps[0][1]), dtype=bool)
    for number, (words, mask) in enumerate(steps):
        left &= mask
        if not left.any():
            before = " and ".join(w for w, _ in steps[:number])
            alone = mask.any() and before
            note = f"no item that {before} also {words}" if alone else f"no item {words}"
            return Restriction(np.zeros(0, dtype=np.int64), note)
    return Restriction(np.flatnonzero(left))


def _several(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)
