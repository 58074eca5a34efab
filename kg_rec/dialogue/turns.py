"""One turn of a dialogue: what is asked for, answered from lists, facts and reasons."""

from __future__ import annotations

from dataclasses import replace
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from kg_rec.dialogue.answers import Fact, Understood
from kg_rec.dialogue.facts import Facts
from kg_rec.dialogue.lists import Lists
from kg_rec.dialogue.reasons import Reasons
from kg_rec.dialogue.requests import Request, Where
from kg_rec.dialogue.state import State
from kg_rec.dialogue.wording import Wording
from kg_rec.ontology import PERSON

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kg_rec.dialogue.requests import Compare
    from kg_rec.dialogue.session import Dialogue
    from kg_rec.dialogue.understanding import Understanding
    from kg_rec.ids import Iri
    from kg_rec.report.shown import Recommendations

__all__ = ["Said", "Turn"]

_NAMED = 20
"""Most names in what is told of someone."""


class Said(NamedTuple):
    """What a turn comes to.

    Attributes:
        text: The answer.
        state: What is kept.
        understood: What was understood beside what the request says.
        found: A list.
        facts: What the text rests on.
        sparql: The query that was asked.
        changes: Whether it can be undone.
        lost: What was not understood beside what the request says.
    """

    text: str
    state: State
    understood: tuple[Understood, ...] = ()
    found: Recommendations | None = None
    facts: tuple[Fact, ...] = ()
    sparql: str = ""
    changes: bool = False
    lost: tuple[str, ...] = ()


def _replaces(new: Where, old: Where) -> bool:
    """Return whether a condition takes the place of another; one that only excludes adds to it."""
    adds = new.op in {"!=", "outside"} and new.value != old.value
    return new.attribute == old.attribute and not adds


class Turn:
    """One turn: a request, answered.

    Args:
        dialogue: The dialogue, as it was before.
        mind: What understands.
        request: What was asked for.
        language: Of the answer.
    """

    def __init__(
        self, dialogue: Dialogue, mind: Understanding, request: Request, language: str
    ) -> None:
        self.dialogue = dialogue
        self.state = dialogue.state
        self.names = mind.names
        self.request = request
        self.language = language
        self.wording = Wording(mind.names, mind.speech, language)
        self.facts = Facts(mind.stated, mind.names)
        self.lists = Lists(dialogue.recommender, mind.names, dialogue.speaker)

    def answer(self) -> Said:
        """Return what the request comes to."""
        answers: dict[str, Callable[[], Said]] = {
            "recommend": self._recommend,
            "more_like": self._more_like,
            "why": self._why,
            "why_not": self._why_not,
            "compare": self._compare,
            "question": self._question,
            "feedback": self._feedback,
            "show": self._show,
            "undo": self._undo,
            "reset": self._reset,
            "profile": self._profile,
            "help": lambda: Said(self.wording("help"), self.state),
            "unknown": self._unknown,
        }
        needs = self.request.intent in {"why", "why_not", "compare", "feedback", "more_like"}
        if needs and not self.request.items:
            return Said(self.wording("no item"), self.state)
        return answers[self.request.intent]()

    # --- wishes ----------------------------------------------------------------------------------

    def _recommend(self) -> Said:
        state, understood, lost = self._wished()
        return self._listed(state, understood)._replace(lost=tuple(lost))

    def _wished(self) -> tuple[State, list[Understood], list[str]]:
        """Return the wishes with those of the request, and how comparisons were understood."""
        request, state = self.request, self.state
        anew = not request.adds and bool(request.include or request.like)
        if anew:
            state = replace(state, like=(), include=(), exclude=(), where=(), lean=(), k=10)
        skipped = (*self.state.skipped, *self.state.shown) if request.others else ()
        state = replace(state, skipped=tuple(dict.fromkeys(skipped)), k=request.k or state.k)
        state = self._named(state)
        if request.where:
            kept = [one for one in state.where if not any(_replaces(n, one) for n in request.where)]
            state = replace(state, where=(*kept, *request.where))
        understood, lost = [], []
        for one in request.compare:
            state, told, missing = self._compared_with(state, one)
            understood.append(told)
            lost += missing
        return state, understood, lost

    def _named(self, state: State) -> State:
        """Return a state with what a request names; the last word on a node holds."""
        slots = ("like", "dislike", "exclude", "include")
        named = {node for slot in slots for node in getattr(self.request, slot)}
        changed: dict[str, Any] = {
            slot: tuple(
                dict.fromkeys(
                    [
                        *(node for node in getattr(state, slot) if node not in named),
                        *getattr(self.request, slot),
                    ]
                )
            )
            for slot in slots
        }
        lean = tuple((node, way) for node, way in state.lean if node not in named)
        people = [n for slot in slots for n in getattr(self.request, slot) if self._is_person(n)]
        state = replace(state, person=people[-1] if people else state.person)
        return replace(replace(state, lean=lean), **changed)

    def _is_person(self, node: Iri) -> bool:
        return self.names.is_a(node, PERSON)

    def _compared_with(self, state: State, one: Compare) -> tuple[State, Understood, list[str]]:
        """Return a state with a comparison as a condition or a leaning."""
        if one.attribute not in self.names.ontology.relations:
            others = tuple((n, way) for n, way in state.lean if n != one.attribute)
            lean = (*others, (one.attribute, 1 if one.more else -1))
            return replace(state, lean=lean), self.wording.compared(one, None), []
        measure = self._measure(one)
        if measure is None:
            attribute = self.wording.attribute(one.attribute)
            name = self.wording.name(one.than) if one.than else self.wording("list")
            missing = self.wording("unknown value", attribute=attribute, name=name)
            return state, self.wording.compared(one, None), [missing]
        new = Where(one.attribute, ">" if one.more else "<", measure)
        same = (">", ">=") if one.more else ("<", "<=")
        kept = [w for w in state.where if w.attribute != one.attribute or w.op not in same]
        return (
            replace(state, where=(*kept, new)),
            self.wording.compared(one, measure),
            [],
        )

    def _measure(self, one: Compare) -> float | None:
        """Return the value that more or less is wanted than: of an item, or the list's middle."""
        if one.than is not None:
            values = self.lists.values(one.attribute, [one.than])
            return (max(values) if one.more else min(values)) if values else None
        shown = self.state.shown
        if not shown:
            index = {item.item: item.iri for item in self.lists.best(self.state, self.language)}
            shown = tuple(index.values())
        values = self.lists.values(one.attribute, shown)
        return median(values) if values else None

    def _more_like(self) -> Said:
        item = self.request.items[0]
        cleared = replace(self.state, like=(item,), include=(), where=(), lean=(), skipped=())
        return self._listed(replace(cleared, item=item))

    def _listed(self, state: State, understood: Sequence[Understood] = ()) -> Said:
        """Return the list for some wishes; nothing of the list before stays unless it is empty."""
        found = self.lists.best(state, self.language)
        if not found:
            return Said(self.wording("nothing"), state, tuple(understood), found, changes=True)
        shown = tuple(item.iri for item in found)
        intent = self.request.intent
        item = state.item if intent in {"more_like", "feedback"} else None
        state = replace(state, shown=shown, item=item)
        lines = [self._list(shown)]
        if len(found) < state.k:
            lines.append(self.wording("fewer"))
        return Said("\n".join(lines), state, tuple(understood), found, changes=True)

    def _list(self, shown: Sequence[Iri]) -> str:
        names = (self.wording.name(item) for item in shown)
        return "\n".join(f"{number}. {name}" for number, name in enumerate(names, start=1))

    # --- verdicts --------------------------------------------------------------------------------

    def _feedback(self) -> Said:
        request, before = self.request, self.state
        kept = [(item, v) for item, v in before.verdicts if item not in request.items]
        new = [(item, request.verdict) for item in request.items]
        state = replace(before, verdicts=(*kept, *new), item=request.items[0])
        noted = [self.wording(f"verdict {v}", name=self.wording.name(item)) for item, v in new]
        text = self.wording("noted", all=self.wording.join(noted))
        if not before.shown:
            return Said(text, state, changes=True)
        listed = self._listed(state)
        return listed._replace(text=f"{text}\n{listed.text}")

    # --- reasons ---------------------------------------------------------------------------------

    def _reasons(self) -> Reasons:
        graph = self.dialogue.recommender.facts
        return Reasons(graph, self.facts, self.lists, self.wording)

    def _why(self) -> Said:
        item = self.request.items[0]
        text, facts, because = self._reasons().why(self.state, item)
        return Said(text, self._about(item), because, facts=facts)

    def _why_not(self) -> Said:
        item = self.request.items[0]
        text, facts, because = self._reasons().why_not(self.state, item)
        return Said(text, self._about(item), because, facts=facts)

    def _compare(self) -> Said:
        item, other = self.request.items[:2]
        text, facts, because = self._reasons().compared(self.state, item, other)
        return Said(text, self._about(item), because, facts=facts)

    def _about(self, item: Iri) -> State:
        return replace(self.state, item=item)

    # --- the graph -------------------------------------------------------------------------------

    def _question(self) -> Said:
        request = self.request
        if request.subject is None and request.object is None:
            return Said(self.wording("no item"), self.state)
        asked = self.facts.ask(request, self.language)
        text = self.wording.answered(request, asked)
        state = self.state
        if request.subject is not None:
            nodes = [v for v in asked.values if v in self.names.graph.types]
            person = request.object or (nodes[0] if nodes else state.person)
            state = replace(state, item=request.subject, person=person)
        elif request.object is not None and request.relation is not None:
            pair = (request.relation, request.object)
            state = replace(state, person=request.object, asked=pair)
            if request.kind == "list" and asked.facts:
                items = dict.fromkeys(fact.triple.subject for fact in asked.facts)
                state = replace(state, shown=tuple(items), item=None)
        return Said(text, state, facts=asked.facts, sparql=asked.sparql)

    # --- the dialogue itself ---------------------------------------------------------------------

    def _show(self) -> Said:
        if not self.state.shown:
            return Said(self.wording("no list"), self.state)
        found = self.lists.best(self.state, self.language)
        shown = tuple(item.iri for item in found)
        listed = found if shown == self.state.shown else None
        nodes = (Understood("shown", self.wording("list"), self.state.shown),)
        return Said(self._list(self.state.shown), self.state, nodes, listed)

    def _undo(self) -> Said:
        past = self.dialogue._past  # noqa: SLF001 - of the same module
        if not past:
            return Said(self.wording("nothing to undo"), self.state)
        state = past[-1].among(self.names.items)
        state = replace(state, item=self.state.item or state.item, person=self.state.person)
        text = self.wording("undone")
        if not state.shown:
            return Said(text, state)
        found = self.lists.best(state, self.language)
        state = replace(state, shown=tuple(item.iri for item in found))
        return Said(f"{text}\n{self._list(state.shown)}", state, found=found)

    def _reset(self) -> Said:
        text = self.wording("reset")
        before, nodes = self._told_before()
        if before:
            text = self.wording.sentences([text, self.wording("still", all=before)])
        known = (Understood("known", before, nodes),) if before else ()
        return Said(text, State(), known, changes=self.state != State())

    def _profile(self) -> Said:
        before, nodes = self._told_before()
        here, own = self._told_here()
        lines = [line for line in (before, here and self.wording("wished", all=here)) if line]
        if not lines:
            return Said(self.wording("knows nothing"), self.state)
        text = "\n".join([self.wording("known"), *lines])
        return Said(text, self.state, (Understood("known", text, (*nodes, *own)),))

    def _told_before(self) -> tuple[str, tuple[Iri, ...]]:
        """Return what was known before the dialogue, in words, and the nodes it names."""
        person = self.lists.known()
        items = self.dialogue.recommender.items
        weighed = [(items[row].iri, weight) for row, weight in person.events.items()]
        weighed += [(p.entity, p.strength) for p in person.said]
        weighed.sort(key=lambda pair: -abs(pair[1]))
        parts, nodes = [], []
        for phrase, sign in (("liked", 1), ("disliked", -1)):
            some = list(dict.fromkeys(n for n, weight in weighed if weight * sign > 0))[:_NAMED]
            if some:
                parts.append(self.wording(phrase, all=self.wording.listed(some)))
                nodes += some
        return self.wording.join(parts), tuple(nodes)

    def _told_here(self) -> tuple[str, tuple[Iri, ...]]:
        """Return what was wished in the dialogue, in words, and the nodes it names."""
        state, say = self.state, self.wording
        found = say.understood(
            Request(
                "recommend",
                like=state.like,
                dislike=state.dislike,
                include=state.include,
                exclude=state.exclude,
                where=state.where,
            )
        )
        found += [
            Understood("compare", say("more" if way > 0 else "less", name=say.name(node)), (node,))
            for node, way in state.lean
        ]
        found += [
            Understood("verdict", say(f"verdict {v}", name=say.name(node)), (node,))
            for node, v in state.verdicts
        ]
        nodes = tuple(node for one in found for node in one.nodes)
        return say.join([one.text for one in found]), nodes

    def _unknown(self) -> Said:
        words = self.wording.join(self.request.lost)
        text = self.wording("unknown", words=words)
        return Said(self.wording.sentences([text, self.wording("help")]), self.state)
