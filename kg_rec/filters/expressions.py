"""Conditions on items, as in ``year >= 1990 and genre == 'Crime'``.

The text is parsed by Python's ``ast`` and walked; nothing of it is ever executed.
"""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from kg_rec.errors import DataError
from kg_rec.ids import Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from kg_rec.filters.catalogue import Catalogue
    from kg_rec.ids import Term

__all__ = ["matching"]

Constant = str | float
MOST = 2_000
"""Longest condition, in characters."""

_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt,
    ast.LtE: ast.GtE,
    ast.Gt: ast.Lt,
    ast.GtE: ast.LtE,
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
    ast.In: ast.Eq,  # 'Crime' in genre
    ast.NotIn: ast.NotEq,
}
_SIGNS = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}
_YEAR = re.compile(r"([+-]?\d{4,})(-\d\d(-\d\d)?)?(T.*|Z|[+-]\d\d:\d\d)?")
_ASSIGNED = re.compile(r"(?<![=<>!])=(?!=)")
_HOW = "as in year >= 1990 and genre == 'Crime'"


def matching(text: str, catalogue: Catalogue) -> NDArray[np.bool_]:
    """Return which items meet a condition.

    Names are relations of the ontology by local name or label (``_`` for a space), and ``id``,
    ``label``. A relation can have several values: ``==``, ``<`` and ``in`` ask whether any value
    does, ``!=`` and ``not in`` whether none does; a name alone, whether there is any. Entities are
    equal to their names, in any case. A date beside a number is its year.

    Args:
        text: Comparisons of names with texts, numbers and tuples of these, joined by ``and``,
            ``or``, ``not`` and brackets.
        catalogue: The items.

    Raises:
        DataError: The text is anything else; the message shows the place.
        UnknownIdError: A name is no relation; close ones are told.
    """
    if len(text) > MOST:
        raise DataError(f"where: expected {MOST} characters at most, found {len(text)}")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = getattr(error, "offset", None)
        at = f" at character {place}" if place else ""
        hint = "; equal is written ==" if _ASSIGNED.search(text) else ""
        raise DataError(f"where: {text!r} is no condition{at}; expected one {_HOW}{hint}") from None
    return _Walk(text.strip(), catalogue).mask(tree.body)


class _Walk:
    """Walks over a parsed condition; what is not expected is refused."""

    def __init__(self, text: str, catalogue: Catalogue) -> None:
        self.text = text
        self.catalogue = catalogue

    def mask(self, node: ast.expr) -> NDArray[np.bool_]:
        """Return which items meet a condition."""
        match node:
            case ast.BoolOp(op=ast.And(), values=parts):
                return _all([self.mask(part) for part in parts])
            case ast.BoolOp(op=ast.Or(), values=parts):
                return ~_all([~self.mask(part) for part in parts])
            case ast.UnaryOp(op=ast.Not(), operand=part):
                return ~self.mask(part)
            case ast.Name(id=name):
                return self._any(name, lambda _: True)
            case ast.Compare(left=left, ops=ops, comparators=others):
                pairs = zip([left, *others], ops, others, strict=False)
                return _all([self._compared(a, type(op), b, node) for a, op, b in pairs])
        raise self._refused(node)

    def _compared(
        self, left: ast.expr, sign: type[ast.cmpop], right: ast.expr, whole: ast.expr
    ) -> NDArray[np.bool_]:
        if isinstance(right, ast.Name) and not isinstance(left, ast.Name) and sign in _TURNED:
            left, sign, right = right, _TURNED[sign], left
        elif isinstance(left, ast.Name) and sign in {ast.In, ast.NotIn}:
            return self._member(left.id, right, outside=sign is ast.NotIn)
        if not isinstance(left, ast.Name) or sign in {ast.Is, ast.IsNot}:
            raise self._refused(whole)
        value = self._constant(right)
        if sign is ast.Eq:
            return self._any(left.id, lambda term: self._equal(term, value))
        if sign is ast.NotEq:
            return ~self._any(left.id, lambda term: self._equal(term, value))
        return self._any(left.id, lambda term: _ordered(term, value, sign))

    def _member(self, name: str, node: ast.expr, *, outside: bool) -> NDArray[np.bool_]:
        if not isinstance(node, ast.Tuple | ast.List | ast.Set):
            raise self._refused(node)
        values = [self._constant(part) for part in node.elts]
        found = self._any(name, lambda term: any(self._equal(term, value) for value in values))
        return ~found if outside else found

    def _constant(self, node: ast.expr) -> Constant:
        match node:
            case ast.Constant(value=bool()):
                return str(node.value).lower()  # as RDF writes it
            case ast.Constant(value=str() | int() | float() as value):
                return value
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
                return -number
        raise self._refused(node)

    def _any(self, name: str, test: Callable[[Term], bool]) -> NDArray[np.bool_]:
        """Return which items have a value that passes a test."""
        catalogue = self.catalogue
        mask = np.zeros(len(catalogue), dtype=bool)
        if name in {"id", "label"}:
            named = catalogue.ids if name == "id" else map(catalogue.graph.label, catalogue.items)
            mask[:] = [test(Literal(text)) for text in named]
            return mask
        rows, codes = catalogue.values(name)
        used, place = np.unique(codes, return_inverse=True)
        terms = catalogue.graph.terms
        passed = np.fromiter((test(terms[code]) for code in used.tolist()), bool, len(used))
        mask[rows[passed[place]]] = True
        return mask

    def _equal(self, term: Term, value: Constant) -> bool:
        if isinstance(value, str):
            return value.casefold() in {name.casefold() for name in self.catalogue.names(term)}
        return _number(term) == value

    def _refused(self, node: ast.expr) -> DataError:
        part = ast.get_source_segment(self.text, node) or self.text
        return DataError(f"where: {part!r} cannot be read here; expected a comparison {_HOW}")


def _all(masks: Sequence[NDArray[np.bool_]]) -> NDArray[np.bool_]:
    return np.asarray(np.array(masks).all(axis=0))


def _ordered(term: Term, value: Constant, sign: type[ast.cmpop]) -> bool:
    compare = _ORDER[sign]
    if isinstance(value, str):
        if not _YEAR.fullmatch(value):
            found = f"{_SIGNS[sign]} {value!r}"
            raise DataError(f"where: only numbers and dates have an order, found {found}")
        return isinstance(term, Literal) and bool(
            _YEAR.fullmatch(term.value) and compare(term.value[: len(value)], value)
        )
    number = _number(term)
    return number is not None and compare(number, value)


def _number(term: Term) -> float | None:
    """Return a value as a number: that of a literal, or the year of a date."""
    text = term.value if isinstance(term, Literal) else ""
    try:
        return float(text)
    except ValueError:
        found = _YEAR.fullmatch(text)
        return float(found[1]) if found else None
