"""The strongest ways from a user to the recommended items: what the drawing draws."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.explanations.terms import ends
from kg_rec.ontology import LIKED_WITH, RARELY_LIKED_WITH
from kg_rec.report.language import ENGLISH, Words
from kg_rec.report.reasons import kind_of
from kg_rec.report.relations import relation_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg_rec.explanations import Contribution, Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology
    from kg_rec.profiles import Source

__all__ = ["Flow", "Limits", "Node", "strongest"]

ITEMS = 5
SOURCES = 8
MIDDLES = 10
FLOWS = 32


class Limits(NamedTuple):
    """How much a drawing can hold.

    Attributes:
        items: Most items.
        sources: Most nodes of the layer of sources.
        middles: Most nodes of the layer of facts and links.
        flows: Most flows.
    """

    items: int = ITEMS
    sources: int = SOURCES
    middles: int = MIDDLES
    flows: int = FLOWS


LEAST = 0.01
"""Flows below this share of the strongest one are left out, unless their item has no other."""

_LINKS = {
    "liked_with": "liked together",
    "related": "facts and company",
    "shared_likers": "same likers",
    "similar_in_graph": "close in the graph",
    "similar_in_text": "close in meaning",
    "model": "foreseen",
}


class Node(NamedTuple):
    """A node of the drawing.

    Attributes:
        layer: 0 for the user, 1 sources, 2 facts and links, 3 items.
        id: Unique in its layer.
        label: Its name.
        caption: What it is, in a word or two.
        rank: That of an item, else 0.
    """

    layer: int
    id: str
    label: str
    caption: str
    rank: int = 0


@dataclass(frozen=True)
class Flow:
    """All contributions from one source through one fact or link to one item.

    Attributes:
        source: Where it starts.
        middle: The fact or link.
        item: Where it ends.
        kind: The kind of reason.
        value: The sum of the contributions.
    """

    source: Node
    middle: Node
    item: Node
    kind: str
    value: float


def strongest(
    recommendations: Sequence[Recommendation],
    graph: KnowledgeGraph,
    ontology: Ontology,
    words: Words = ENGLISH,
    limits: Limits = Limits(),  # noqa: B008 - a tuple
) -> list[Flow]:
    """Return the flows of the largest absolute value that fit in a drawing.

    The strongest flow of each item comes first, so that each item is reached if it can be; then
    the strongest of each fact, so that many links of one kind don't hide the facts.
    """
    flows = sorted(
        _flows(recommendations[: limits.items], _Nodes(graph, ontology, words)),
        key=lambda f: (-abs(f.value), f.item.id, f.middle.id, f.source.id),
    )
    least = max((abs(f.value) for f in flows), default=0.0) * LEAST
    by_item = {f.item: f for f in reversed(flows)}
    strong = [f for f in flows if abs(f.value) >= least]
    by_middle = {f.middle: f for f in reversed(strong)}
    first = dict.fromkeys([*by_item.values(), *reversed(by_middle.values()), *strong])
    return _fitting(first, limits)


def _fitting(flows: Iterable[Flow], limits: Limits) -> list[Flow]:
    """Return the flows, in order, whose nodes are in the drawing or still have room in it."""
    sources: set[Node] = set()
    middles: set[Node] = set()
    chosen: list[Flow] = []
    for flow in flows:
        if len(chosen) == limits.flows:
            break
        more_sources, more_middles = sources | {flow.source}, middles | {flow.middle}
        if len(more_sources) <= limits.sources and len(more_middles) <= limits.middles:
            sources, middles = more_sources, more_middles
            chosen.append(flow)
    return chosen


def _flows(recommendations: Sequence[Recommendation], nodes: _Nodes) -> list[Flow]:
    sums: dict[tuple[Node, Node, Node, str], float] = defaultdict(float)
    for r in recommendations:
        item = Node(3, r.item, r.label, nodes.words("rank {rank}", rank=r.rank), r.rank)
        for c in r.contributions:
            sums[nodes.source(c), nodes.middle(c), item, kind_of(c)] += c.value
    return [Flow(*key, value) for key, value in sums.items()]


_CAPTIONS = {
    ("history", True): "you chose",
    ("history", False): "you did not like",
    ("preference", True): "you said you like",
    ("preference", False): "you said you don't like",
    ("community", True): "someone you know",
    ("model", True): "a model",
    ("profile", True): "all others",
    ("popularity", True): "everyone",
    ("rerank", True): "for the list",
}


class _Nodes:
    """Makes the nodes of contributions, each with its name and caption."""

    def __init__(self, graph: KnowledgeGraph, ontology: Ontology, words: Words) -> None:
        self.graph = graph
        self.ontology = ontology
        self.words = words.of(graph)
        self._sources: dict[tuple[str, str, bool], Node] = {}
        self._middles: dict[tuple[str, ...], Node] = {}

    def source(self, contribution: Contribution) -> Node:
        source = contribution.source
        key = source.kind, source.id, source.positive
        if key not in self._sources:
            self._sources[key] = self._source(source)
        return self._sources[key]

    def _source(self, source: Source) -> Node:
        caption = _CAPTIONS.get((source.kind, source.positive), source.kind)
        name = f"{source.kind} {source.id} {source.positive}"
        return Node(1, name, self.words.source(source), self.words(caption))

    def middle(self, contribution: Contribution) -> Node:
        key = contribution.kind, *contribution.about
        if contribution.kind in {"rerank", "profile"} and not contribution.about:
            return self._middle(contribution)
        if key not in self._middles:
            self._middles[key] = self._middle(contribution)
        return self._middles[key]

    def _middle(self, contribution: Contribution) -> Node:
        kind = kind_of(contribution)
        if kind == "community":
            return Node(2, kind, self.words("chosen by friends"), self.words("link"))
        if kind == "popularity":
            return Node(2, "", self.words("popularity"), self.words("known to many"))
        if not contribution.path:
            return Node(2, contribution.fact, contribution.text, "")
        last, node = contribution.path[-1].triple, ends(contribution.path[-1])[0]
        rarely = "rarely" in last.predicate.local_name
        if kind in {"given", *_LINKS}:
            said = self.words(("seldom " if rarely else "") + _LINKS.get(kind, ""))
            said = said or relation_name(self.ontology, last.predicate, self.words)
            return Node(2, last.predicate, said, self.words("link"))
        name, example = f"{last.predicate} {node}", self.words.name(node)
        if last.predicate in {LIKED_WITH, RARELY_LIKED_WITH}:  # an example of a stated preference
            said = "seldom liked with" if rarely else "liked with"
            return Node(2, name, example, self.words(said))
        return Node(2, name, example, relation_name(self.ontology, last.predicate, self.words))
