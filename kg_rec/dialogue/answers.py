"""What a dialogue answers: a text, and the facts and lists that it is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg_rec.ids import Iri
    from kg_rec.report.shown import Recommendations
    from kg_rec.statements import Evidence, Triple

__all__ = ["Answer", "Fact", "Understood"]


class Fact(NamedTuple):
    """A triple of the graph that an answer rests on.

    Attributes:
        triple: It.
        labels: Names of its three parts, in the language of the answer.
        evidence: Where texts say it; empty for what tables and RDF say.
    """

    triple: Triple
    labels: tuple[str, str, str]
    evidence: tuple[Evidence, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        subject, predicate, object_ = self.triple
        value = getattr(object_, "value", object_)
        found: dict[str, Any] = {
            "subject": str(subject),
            "predicate": str(predicate),
            "object": str(value),
            "labels": list(self.labels),
        }
        if self.evidence:
            found["evidence"] = [e._asdict() for e in self.evidence]
        return found


class Understood(NamedTuple):
    """One thing that was understood.

    Attributes:
        slot: What of a request it is, as in ``like``, ``where``, ``item``.
        text: It in words.
        nodes: The nodes that it names.
    """

    slot: str
    text: str
    nodes: tuple[Iri, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {"slot": self.slot, "text": self.text, "entities": [str(n) for n in self.nodes]}


@dataclass(frozen=True)
class Answer:
    """An answer.

    Attributes:
        intent: What the turn was understood as, of :data:`kg_rec.dialogue.INTENTS`.
        slots: What was asked for: names in English, numbers; see :doc:`dialogue <dialogue>`.
        text: The answer; with a ``phrase`` hook what that makes of it.
        understood: What was understood.
        not_understood: What was not.
        recommendations: A list of items, if there is one.
        facts: The triples of the graph that the text rests on.
        sparql: The query that was asked, if one was.
        plain: The answer as it is made of facts alone, before any hook.
        language: Its language.
    """

    intent: str
    slots: Mapping[str, Any]
    text: str
    understood: tuple[Understood, ...] = ()
    not_understood: tuple[str, ...] = ()
    recommendations: Recommendations | None = None
    facts: tuple[Fact, ...] = ()
    sparql: str = ""
    plain: str = field(default="", compare=False)
    language: str = "en"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; items without the terms of their scores."""
        items = self.recommendations or ()
        return {
            "answer": self.text,
            "intent": self.intent,
            "slots": dict(self.slots),
            "understood": [one.to_dict() for one in self.understood],
            "not_understood": list(self.not_understood),
            "items": [
                {"item": i.item, "label": i.label, "rank": i.rank, "score": i.score} for i in items
            ],
            "facts": [fact.to_dict() for fact in self.facts],
            "sparql": self.sparql,
            "language": self.language,
        }
