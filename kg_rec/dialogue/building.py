"""Slots of a request, gathered from left to right."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kg_rec.dialogue.requests import Compare, Request, Where
from kg_rec.ontology.speech import MOMENTS

if TYPE_CHECKING:
    from kg_rec.dialogue.marking import Context, Marked
    from kg_rec.ids import Iri

__all__ = ["Slots", "hidden", "moment"]

_TURNED = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "==": "!=",
    "!=": "==",
    "between": "outside",
    "outside": "between",
}


@dataclass
class Slots:
    """What was found so far.

    Attributes:
        context: What was talked of.
        mode: The slot that the next name goes to.
        fresh: Whether nothing was named since the mode was set.
    """

    context: Context
    mode: str = "include"
    fresh: bool = True
    named: dict[str, dict[Iri, None]] = field(
        default_factory=lambda: {m: {} for m in ("like", "dislike", "exclude", "include")}
    )
    where: list[Where] = field(default_factory=list)
    compare: list[Compare] = field(default_factory=list)
    k: int | None = None
    lost: list[str] = field(default_factory=list)

    def turn(self, mode: str) -> None:
        """Set the slot of the names that follow."""
        self.mode, self.fresh = mode, True

    def add(self, nodes: tuple[Iri, ...]) -> None:
        """Take up what a name stands for."""
        self.fresh = False
        for node in nodes:
            is_item = self.context.names.is_item(node)
            slot = "like" if self.mode == "include" and is_item else self.mode
            self.named[slot][node] = None

    def condition(self, attribute: Iri | None, op: str, value: float | tuple[float, float]) -> None:
        """Take up a condition; what is excluded is turned round."""
        if attribute is None:
            return
        if self.mode == "exclude" and self.fresh:
            op = _TURNED[op]
        self.where.append(Where(attribute, op, value))
        self.fresh = False

    def compared(self, attribute: Iri, *, more: bool, than: Iri | None = None) -> None:
        """Take up a comparison; what is excluded is turned round."""
        turned = (
            self.mode == "exclude"
            and self.fresh
            and attribute in self.context.names.ontology.relations
        )
        self.compare.append(Compare(attribute, more != turned, than))
        self.fresh = False

    def request(self, *, others: bool = False, adds: bool = False) -> Request:
        """Return all of it; a comparison without a standard takes the only item that is liked."""
        items = [node for node in self.named["like"] if self.context.names.is_item(node)]
        only = items[0] if len(items) == 1 else None
        compare = [c._replace(than=only) if c.than is None else c for c in self.compare]
        return Request(
            "recommend",
            like=tuple(self.named["like"]),
            dislike=tuple(self.named["dislike"]),
            exclude=tuple(self.named["exclude"]),
            include=tuple(self.named["include"]),
            where=tuple(dict.fromkeys(self.where)),
            compare=tuple(dict.fromkeys(compare)),
            k=self.k,
            others=others,
            adds=adds,
            lost=tuple(dict.fromkeys(self.lost)),
        )


def hidden(request: Request, marked: Marked) -> Request:
    """Return a request that only excludes items as a verdict on them: "no more Heat"."""
    is_item = marked.context.names.is_item
    if not request.exclude or not all(is_item(node) for node in request.exclude):
        return request
    if replace(request, exclude=()).has_wishes:
        return request
    return Request("feedback", items=request.exclude, verdict="hide", lost=request.lost)


def moment(context: Context) -> Iri | None:
    """Return the relation of items to moments, such as their year; None if there is none."""
    relations = context.names.ontology.relations.values()
    item = context.names.ontology.item_class
    found = [r for r in relations if r.range in MOMENTS]
    own = [r.iri for r in found if not r.domains or item in r.domains]
    return next(iter(own or [r.iri for r in found]), None)
