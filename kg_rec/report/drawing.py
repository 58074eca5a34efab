"""Drawn graphs: layers from left to right, from what speaks for an item to the item."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.report.flows import Flow, Limits, Node, strongest
from kg_rec.report.language import ENGLISH, Words
from kg_rec.report.reasons import KINDS
from kg_rec.report.words import shorten, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kg_rec.explanations import Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology

__all__ = ["Box", "Drawing", "Edge", "Way", "crossings", "draw", "draw_paths", "in_words"]

HEIGHT = 46.0
TOP = 34.0
"""Room for the headings of the layers."""
BAND = 34.0
"""Most width that the edges at one side of a node take together."""
THIN = 1.6
SWEEPS = 12
CROSSINGS = 1
"""Most pairs of lines that cross in the drawing of one item; weak ways are left out for that."""


class Layout(NamedTuple):
    """Where the layers of a drawing are.

    Attributes:
        left: Left edge of each layer, by number.
        widths: Width of its boxes.
        cells: Width of a half-width character in it: wide enough for any font; items are bold.
        step: From one box of a layer to the next.
    """

    left: Mapping[int, float]
    widths: Mapping[int, float]
    cells: Mapping[int, float]
    step: float

    @property
    def width(self) -> float:
        """Width of the whole drawing."""
        return max(self.left[n] + self.widths[n] for n in self.left)


WHOLE = Layout(
    {0: 0.0, 1: 132.0, 2: 432.0, 3: 720.0},
    {0: 72.0, 1: 215.0, 2: 200.0, 3: 240.0},
    {0: 7.5, 1: 7.5, 2: 7.5, 3: 9.0},
    58.0,
)
"""The drawing of a list."""
SINGLE = Layout(
    {1: 0.0, 2: 306.0, 3: 590.0}, {1: 226.0, 2: 204.0, 3: 230.0}, {1: 7.5, 2: 7.5, 3: 9.0}, 53.0
)
"""The drawing of one item."""
FEW = Limits(items=1, sources=5, middles=5, flows=9)
HEADINGS = {0: "Who", 1: "What speaks", 2: "Facts and links", 3: "Recommended"}


@dataclass
class Box:
    """A node and its place.

    Attributes:
        node: What it is.
        x: Left edge.
        y: Upper edge.
        width: Its width; the height is ``HEIGHT``.
        label: The name, shortened to fit.
        kind: The kind of most of what goes through it.
        value: The sum of what goes through it.
    """

    node: Node
    x: float
    y: float
    width: float
    label: str
    kind: str = ""
    value: float = 0.0

    @property
    def middle(self) -> float:
        """The height of its centre."""
        return self.y + HEIGHT / 2


@dataclass
class Edge:
    """A curve from the right side of one box to the left side of another.

    Attributes:
        start: The box it leaves.
        end: The box it reaches.
        value: What it carries.
        kind: The kind of reason, empty for what starts at the user.
        width: Stroke width.
        y0: Where it leaves.
        y1: Where it arrives.
    """

    start: Box
    end: Box
    value: float
    kind: str
    width: float = THIN
    y0: float = 0.0
    y1: float = 0.0

    @property
    def curve(self) -> str:
        """The path data of SVG."""
        x0, x1 = self.start.x + self.start.width, self.end.x
        bend = (x1 - x0) / 2
        return (
            f"M{x0:.1f} {self.y0:.1f}C{x0 + bend:.1f} {self.y0:.1f} "
            f"{x1 - bend:.1f} {self.y1:.1f} {x1:.1f} {self.y1:.1f}"
        )


@dataclass
class Drawing:
    """What the template draws.

    Attributes:
        boxes: Nodes.
        edges: Edges, the widest first so that thin ones stay in sight.
        flows: The ways in words, strongest first.
        height: Height of the picture.
        width: Its width.
        kinds: The kinds of reasons in it.
        layer_sizes: How many nodes each layer has, by number.
        headings: Place and text of the headings of the layers.
        box_height: Height of a box.
    """

    boxes: list[Box]
    edges: list[Edge]
    flows: list[Flow]
    height: float
    width: float
    kinds: list[str]
    layer_sizes: dict[int, int]
    headings: list[tuple[float, str]]
    box_height: float = HEIGHT

    @property
    def ways(self) -> list[Way]:
        """The flows by the fact or link that they go through, strongest first."""
        groups: dict[tuple[Node, str], list[Flow]] = defaultdict(list)
        for flow in self.flows:
            groups[flow.middle, flow.kind].append(flow)
        ways = [
            Way(middle, kind, math.fsum(f.value for f in flows), tuple(flows))
            for (middle, kind), flows in groups.items()
        ]
        return sorted(ways, key=lambda way: -abs(way.value))


class Way(NamedTuple):
    """All flows through one fact or link.

    Attributes:
        middle: The fact or link.
        kind: The kind of reason.
        value: The sum of the flows.
        flows: The flows, strongest first.
    """

    middle: Node
    kind: str
    value: float
    flows: tuple[Flow, ...]


def draw(
    recommendations: Sequence[Recommendation],
    graph: KnowledgeGraph,
    ontology: Ontology,
    words: Words = ENGLISH,
) -> Drawing | None:
    """Return the drawing of the strongest ways to the best items; None if there is nothing to see.

    Popularity alone is no picture: one line to each item.
    """
    flows = strongest(recommendations, graph, ontology, words)
    if all(f.kind == "popularity" for f in flows):
        return None
    user = Node(0, "user", words("You"), "")
    return _drawing(flows, [[user], *_ordered(flows)], WHOLE, words)


def draw_paths(
    recommendation: Recommendation,
    graph: KnowledgeGraph,
    ontology: Ontology,
    words: Words = ENGLISH,
) -> Drawing | None:
    """Return the drawing of the strongest paths to one item; None if there is nothing to see.

    The weakest of them are left out until hardly any lines cross.
    """
    flows = strongest([recommendation], graph, ontology, words, FEW)
    if all(f.kind == "popularity" for f in flows):
        return None
    while True:
        drawing = _drawing(flows, _ordered(flows), SINGLE, words)
        if crossings(drawing.edges) <= CROSSINGS:
            return drawing
        flows = sorted(flows, key=lambda f: abs(f.value), reverse=True)[:-1]


def _drawing(
    flows: Sequence[Flow], layers: Sequence[Sequence[Node]], layout: Layout, words: Words
) -> Drawing:
    boxes = _boxes(layers, layout)
    _describe(boxes, flows)
    edges = _edges(flows, boxes)
    _spread(edges)
    used = {f.kind for f in flows}
    numbers = [layer[0].layer for layer in layers]
    return Drawing(
        list(boxes.values()),
        sorted(edges, key=lambda e: -e.width),
        sorted(flows, key=lambda f: -abs(f.value)),
        TOP + max(map(len, layers)) * layout.step,
        layout.width,
        [kind for kind in KINDS if kind in used],
        dict(zip(numbers, map(len, layers), strict=True)),
        [(layout.left[n], words(HEADINGS[n])) for n in numbers],
    )


def crossings(edges: Sequence[Edge]) -> int:
    """Return how many pairs of lines between the same two layers cross."""
    return sum(
        (a.y0 - b.y0) * (a.y1 - b.y1) < 0
        for a, b in combinations(edges, 2)
        if a.start.x == b.start.x and a.start is not b.start and a.end is not b.end
    )


# --- order -------------------------------------------------------------------------------------


def _ordered(flows: Sequence[Flow]) -> list[list[Node]]:
    """Return the layers; items by rank, the others at the mean of their neighbours (Sugiyama)."""
    items = sorted({f.item for f in flows}, key=lambda n: n.rank)
    sources = list(dict.fromkeys(f.source for f in flows))
    middles = list(dict.fromkeys(f.middle for f in flows))
    for _ in range(SWEEPS):
        middles = _by_neighbours(middles, flows, lambda f: f.middle, items, sources)
        sources = _by_neighbours(sources, flows, lambda f: f.source, middles)
    return [sources, middles, items]


def _by_neighbours(
    nodes: Sequence[Node],
    flows: Sequence[Flow],
    end: Callable[[Flow], Node],
    *others: Sequence[Node],
) -> list[Node]:
    """Return nodes sorted by the weighted mean place of their neighbours in other layers."""
    place = {n: (i + 0.5) / len(layer) for layer in others for i, n in enumerate(layer)}
    total: Mapping[Node, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for f in flows:
        for other in (f.source, f.middle, f.item):
            if other in place:
                weight = abs(f.value) ** 0.5
                total[end(f)][0] += weight * place[other]
                total[end(f)][1] += weight
    return sorted(nodes, key=lambda n: (total[n][0] / (total[n][1] or 1.0), n.id))


# --- places ------------------------------------------------------------------------------------


def _boxes(layers: Sequence[Sequence[Node]], layout: Layout) -> dict[Node, Box]:
    height = max(map(len, layers)) * layout.step
    boxes = {}
    for layer in layers:
        step = min(height / len(layer), layout.step * 1.6)
        top = TOP + (height - step * len(layer)) / 2 + (step - HEIGHT) / 2
        number = layer[0].layer
        left, width = layout.left[number], layout.widths[number]
        for place, node in enumerate(layer):
            label = shorten(node.label, int((width - 20) / layout.cells[number]))
            boxes[node] = Box(node, left, round(top + place * step, 1), width, label)
    return boxes


def _describe(boxes: Mapping[Node, Box], flows: Sequence[Flow]) -> None:
    """Add to the boxes what goes through them."""
    by_kind: dict[Node, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for f in flows:
        for node in (f.source, f.middle, f.item):
            boxes[node].value += f.value
            by_kind[node][f.kind] += abs(f.value)
    for node, kinds in by_kind.items():
        boxes[node].kind = max(kinds, key=lambda kind: kinds[kind])


def _edges(flows: Sequence[Flow], boxes: Mapping[Node, Box]) -> list[Edge]:
    sums: dict[tuple[Node, Node, str], float] = defaultdict(float)
    user = next((node for node in boxes if node.layer == 0), None)
    for f in flows:
        if user:
            sums[user, f.source, ""] += f.value
        sums[f.source, f.middle, f.kind] += f.value
        sums[f.middle, f.item, f.kind] += f.value
    return [Edge(boxes[a], boxes[b], value, kind) for (a, b, kind), value in sums.items()]


def _spread(edges: Sequence[Edge]) -> None:
    """Set widths by value, and the places where edges meet their boxes, none over another."""
    leaving: dict[int, list[Edge]] = defaultdict(list)
    arriving: dict[int, list[Edge]] = defaultdict(list)
    for e in edges:
        leaving[id(e.start)].append(e)
        arriving[id(e.end)].append(e)
    sides = [*leaving.values(), *arriving.values()]
    most = max(sum(abs(e.value) for e in side) for side in sides) or 1.0
    for e in edges:
        e.width = round(max(THIN, BAND * abs(e.value) / most), 1)
    for side in leaving.values():
        for e, y in _ports(side, lambda e: e.end.y, side[0].start.middle):
            e.y0 = y
    for side in arriving.values():
        for e, y in _ports(side, lambda e: e.start.y, side[0].end.middle):
            e.y1 = y


def _ports(
    side: Sequence[Edge], order: Callable[[Edge], float], centre: float
) -> list[tuple[Edge, float]]:
    """Return where each edge of one side of a box meets it, in the order of the other ends."""
    side = sorted(side, key=lambda e: (order(e), e.kind))
    gap = 1.0
    total = sum(e.width + gap for e in side) - gap
    squeeze = min(1.0, (HEIGHT - 6) / total)
    y = centre - total * squeeze / 2
    places = []
    for e in side:
        places.append((e, y + e.width * squeeze / 2))
        y += (e.width + gap) * squeeze
    return places


def in_words(flow: Flow, places: int = 3) -> str:
    """Return a way through the graph as a line of text."""
    steps = (flow.source.label, f"{flow.middle.caption}: {flow.middle.label}", flow.item.label)
    return f"{' → '.join(steps)} ({signed(flow.value, places)})"
