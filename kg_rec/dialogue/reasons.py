"""Why an item is in a list, why not, why one is above another: reasons, with the facts behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.dialogue.answers import Understood
from kg_rec.explanations.answers import in_words
from kg_rec.report.reasons import group_reasons

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg_rec.dialogue.answers import Fact
    from kg_rec.dialogue.facts import Facts
    from kg_rec.dialogue.lists import Lists
    from kg_rec.dialogue.state import State
    from kg_rec.dialogue.wording import Wording
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.statements import Triple

__all__ = ["Reasons"]

_Told = tuple[str, tuple["Fact", ...], tuple[Understood, ...]]
_MOST = 6
_THREE_PLACES = 0.001


class Reasons:
    """Tells reasons.

    Args:
        graph: The graph, without users; learned links are in it.
        facts: Names triples and finds where they were read.
        lists: Scores and compares.
        wording: The language.
    """

    def __init__(self, graph: KnowledgeGraph, facts: Facts, lists: Lists, wording: Wording) -> None:
        self.graph = graph
        self.facts = facts
        self.lists = lists
        self.wording = wording

    def why(self, state: State, item: Iri) -> _Told:
        """Return what speaks for an item, and without what it would not be in the list."""
        say = self.wording
        found = self.lists.explained(state, item, say.language)
        reasons = group_reasons(found, _MOST, found.words)
        shown = state.shown
        place = ("place", shown.index(item) + 1) if item in shown else ("rank", found.rank)
        lines = [say(place[0], name=say.name(item), rank=place[1])]
        lines += [say("for")] if reasons else [found.words("nothing speaks for it or against it")]
        lines += [f"  {_number(reason.value)}  {reason.text}" for reason in reasons]
        lines += self._without(state, item)
        hops = [hop.triple for reason in reasons for hop in reason.path]
        return self._grounded("\n".join(lines), [item], hops)

    def why_not(self, state: State, item: Iri) -> _Told:
        """Return which wishes keep an item out of the list, or what it lacks."""
        say = self.wording
        barred = self.lists.barred_by(state, item)
        if barred:
            words = say.join([self._bar(slot, value) for slot, value in barred])
            nodes = tuple(v for _, v in barred if v in self.graph.types)
            text = say("barred", name=say.name(item), all=words)
            told = Understood("barred", words, (item, *nodes))
            ties = [t for node in nodes for t in self._between(item, node)]
            kept = (value.attribute for slot, value in barred if slot == "where")
            ties += [t for attribute in kept for t in self.graph.triples(item, attribute)]
            return text, tuple(self.facts.fact(t, say.language) for t in ties), (told,)
        if item in state.shown:
            rank = state.shown.index(item) + 1
            return say("in list", name=say.name(item), rank=rank), (), ()
        what_if = self.lists.what_if(state, say.language)
        name = self.lists.id_of(item)
        if what_if.rank(name) is None:
            return say("known item", name=say.name(item)), (), ()
        last = state.shown[-1:] or (None,)
        over = self.lists.id_of(last[0]) if last[0] is not None else None
        answer = what_if.answer(name, max(len(state.shown), 1), over)
        text = "\n".join(in_words(answer, say.language))
        return self._grounded(text, [item, *(n for n in last if n is not None)])

    def compared(self, state: State, item: Iri, other: Iri) -> _Told:
        """Return why an item is above another one, reason by reason."""
        say = self.wording
        what_if = self.lists.what_if(state, say.language)
        for one in (item, other):
            if what_if.rank(self.lists.id_of(one)) is None:
                return say("known item", name=say.name(one)), (), ()
        answer = what_if.answer(self.lists.id_of(item), state.k, self.lists.id_of(other))
        return self._grounded("\n".join(in_words(answer, say.language)), [item, other])

    # --- inside ----------------------------------------------------------------------------------

    def _without(self, state: State, item: Iri) -> list[str]:
        """Return without what an item would leave the list, if it is in the plain list."""
        what_if = self.lists.what_if(state, self.wording.language)
        name = self.lists.id_of(item)
        rank = what_if.rank(name)
        if rank is None or rank > state.k:
            return []
        return in_words(what_if.answer(name, state.k), self.wording.language)[1:]

    def _bar(self, slot: str, value: object) -> str:
        say = self.wording
        if slot == "where":
            return say.where(value).text  # type: ignore[arg-type]
        phrase = slot if slot in {"include", "exclude"} else f"verdict {slot}"
        return say(phrase, name=say.name(value))  # type: ignore[arg-type]

    def _grounded(self, text: str, items: Sequence[Iri], hops: Iterable[Triple] = ()) -> _Told:
        """Return a text with the facts that tie all it names to what it is about."""
        named = [node for name in self.wording.names.find(text) for node in name.nodes]
        triples = dict.fromkeys(triple for triple in hops if triple in self.graph)
        for node in dict.fromkeys(named):
            for item in items:
                triples.update(dict.fromkeys(self._between(item, node)))
        told = tuple(self.facts.fact(triple, self.wording.language) for triple in triples)
        nodes = {n for triple in triples for n in (triple.subject, triple.object)}
        loose = tuple(n for n in dict.fromkeys(named) if n not in nodes and n not in items)
        because = (Understood("because", self.wording.listed(loose), loose),) if loose else ()
        return text, told, because

    def _between(self, item: Iri, node: Iri) -> list[Triple]:
        """Return the triples that tie an item to a node, either way."""
        forth = self.graph.triples(item, None, node)
        return [*forth, *self.graph.triples(node, None, item)]


def _number(value: float) -> str:
    """Return a signed number to three places, or to one digit if it is smaller than that."""
    return f"{value:+.3f}" if abs(value) >= _THREE_PLACES else f"{value:+.4f}"
