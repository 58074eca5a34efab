"""The strongest ways from a user to the recommended items: what the drawing draws."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ontology import LIKED_WITH, RARELY_LIKED_WITH
from kg_rec.ontology.texts import described
from kg_rec.report.reasons import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg_rec.explanations import Contribution, Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology

__all__ = ["Flow", "Node", "strongest"]

ITEMS = 5
SOURCES = 8
MIDDLES = 10
"""Most nodes in each layer of the drawing."""
FLOWS = 32
"""Most flows in the drawing."""
LEAST = 0.01
"""Flows below this share of the strongest one are left out, unless their item has no other."""

_LINKS = {
    "liked_with": "liked together",
    "similar_in_graph": "close in the graph",
    "similar_in_text": "close in meaning",
}


class Node(NamedTuple):
    """A node of the drawing.

    Attributes:
        layer: 0 for the user, 1 sources, 2 facts and links, 3 items.
        id: Unique in its layer.
        label: Its name.
        caption: What it is, in a word or two.
    """

    layer: int
    id: str
    label: str
    caption: str


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
    recommendations: Sequence[Recommendation], graph: KnowledgeGraph, ontology: Ontology
) -> list[Flow]:
    """Return the flows of the largest absolute value that fit in a drawing.

    The strongest flow of each item comes first, so that each item is reached if it can be; then
    the strongest of each fact, so that many links of one kind don't hide the facts.
    """
    flows = sorted(
        _flows(recommendations[:ITEMS], graph, ontology),
        key=lambda f: (-abs(f.value), f.item.id, f.middle.id, f.source.id),
    )
    least = max((abs(f.value) for f in flows), default=0.0) * LEAST
    by_item = {f.item: f for f in reversed(flows)}
    strong = [f for f in flows if abs(f.value) >= least]
    by_middle = {f.middle: f for f in reversed(strong)}
    return _fitting(dict.fromkeys([*by_item.values(), *reversed(by_middle.values()), *strong]))


def _fitting(flows: Iterable[Flow]) -> list[Flow]:
    """Return the flows, in order, whose nodes are in the drawing or still have room in it."""
    sources: set[Node] = set()
    middles: set[Node] = set()
    chosen: list[Flow] = []
    for flow in flows:
        if len(chosen) == FLOWS:
            break
        more_sources, more_middles = sources | {flow.source}, middles | {flow.middle}
        if len(more_sources) <= SOURCES and len(more_middles) <= MIDDLES:
            sources, middles = more_sources, more_middles
            chosen.append(flow)
    return chosen


def _flows(
    recommendations: Sequence[Recommendation], graph: KnowledgeGraph, ontology: Ontology
) -> list[Flow]:
    sums: dict[tuple[Node, Node, Node, str], float] = defaultdict(float)
    for r in recommendations:
        item = Node(3, r.item, r.label, f"rank {r.rank}")
        for c in r.contributions:
            sums[_source(c), _middle(c, graph, ontology), item, kind_of(c)] += c.value
    return [Flow(*key, value) for key, value in sums.items()]


def _source(contribution: Contribution) -> Node:
    source = contribution.source
    captions = {
        ("history", True): "you chose",
        ("history", False): "you did not like",
        ("preference", True): "you said you like",
        ("preference", False): "you said you don't like",
        ("profile", True): "all others",
        ("popularity", True): "everyone",
    }
    caption = captions.get((source.kind, source.positive), source.kind)
    return Node(1, f"{source.kind} {source.id} {source.positive}", source.label, caption)


def _middle(contribution: Contribution, graph: KnowledgeGraph, ontology: Ontology) -> Node:
    if not contribution.path:
        return Node(2, "", "popularity", "known to many")
    last = contribution.path[-1].triple
    example = graph.label(last.object)
    if kind_of(contribution) in _LINKS:
        sign = "seldom " if "rarely" in last.predicate.local_name else ""
        return Node(2, last.predicate, sign + _LINKS[kind_of(contribution)], "link")
    if last.predicate in {LIKED_WITH, RARELY_LIKED_WITH}:  # an example of a stated preference
        sign = "seldom liked with" if "rarely" in last.predicate.local_name else "liked with"
        return Node(2, f"{last.predicate} {last.object}", example, sign)
    relation = described(ontology, last.predicate)
    labels = relation.labels.get("en", (last.predicate.local_name,))
    return Node(2, f"{last.predicate} {last.object}", example, labels[0])
