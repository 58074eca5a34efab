"""The drawn graph: a layered layout from the user on the left to the items on the right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg_rec.report.flows import Flow, Node, strongest
from kg_rec.report.reasons import KINDS
from kg_rec.report.words import shorten, signed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kg_rec.explanations import Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology

__all__ = ["Box", "Drawing", "Edge", "draw"]

LEFT = (0.0, 132.0, 432.0, 720.0)
"""Left edge of each layer."""
WIDTHS = (72.0, 215.0, 200.0, 240.0)
HEIGHT = 46.0
STEP = 58.0
TOP = 34.0
"""Room for the headings of the layers."""
TOTAL = LEFT[-1] + WIDTHS[-1]
CELLS = (7.5, 7.5, 7.5, 8.3)
"""Width of a half-width character in each layer: wide enough for any font; items are bold."""
BAND = 34.0
"""Most width that the edges at one side of a node take together."""
THIN = 1.6
SWEEPS = 12


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
        height: Height of the picture; its width is ``TOTAL``.
        kinds: The kinds of reasons in it.
        layer_sizes: How many nodes each layer has.
        headings: Place and text of the headings of the layers.
    """

    boxes: list[Box]
    edges: list[Edge]
    flows: list[Flow]
    height: float
    kinds: list[str]
    layer_sizes: list[int]
    width: float = TOTAL
    box_height: float = HEIGHT
    headings: list[tuple[float, str]] = field(
        default_factory=lambda: list(
            zip(LEFT, ("Who", "What speaks", "Facts and links", "Recommended"), strict=True)
        )
    )


def draw(
    recommendations: Sequence[Recommendation], graph: KnowledgeGraph, ontology: Ontology
) -> Drawing | None:
    """Return the drawing of the strongest ways to the best items; None if there is nothing to see.

    Popularity alone is no picture: one line to each item.
    """
    flows = strongest(recommendations, graph, ontology)
    if all(f.kind == "popularity" for f in flows):
        return None
    layers = _ordered(flows)
    boxes = _boxes(layers)
    _describe(boxes, flows)
    edges = _edges(flows, boxes)
    _spread(edges)
    height = TOP + max(map(len, layers)) * STEP
    used = {f.kind for f in flows}
    return Drawing(
        list(boxes.values()),
        sorted(edges, key=lambda e: -e.width),
        sorted(flows, key=lambda f: -abs(f.value)),
        height,
        [kind for kind in KINDS if kind in used],
        [len(layer) for layer in layers],
    )


# --- order -------------------------------------------------------------------------------------


def _ordered(flows: Sequence[Flow]) -> list[list[Node]]:
    """Return the layers; items by rank, the others at the mean of their neighbours (Sugiyama)."""
    items = sorted({f.item for f in flows}, key=lambda n: int(n.caption.split()[-1]))
    sources = list(dict.fromkeys(f.source for f in flows))
    middles = list(dict.fromkeys(f.middle for f in flows))
    for _ in range(SWEEPS):
        middles = _by_neighbours(middles, flows, lambda f: f.middle, items, sources)
        sources = _by_neighbours(sources, flows, lambda f: f.source, middles)
    return [[USER], sources, middles, items]


USER = Node(0, "user", "You", "")


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


def _boxes(layers: Sequence[Sequence[Node]]) -> dict[Node, Box]:
    height = max(map(len, layers)) * STEP
    boxes = {}
    for number, layer in enumerate(layers):
        step = min(height / len(layer), STEP * 1.6)
        top = TOP + (height - step * len(layer)) / 2 + (step - HEIGHT) / 2
        for place, node in enumerate(layer):
            width = WIDTHS[number]
            label = shorten(node.label, int((width - 20) / CELLS[number]))
            boxes[node] = Box(node, LEFT[number], round(top + place * step, 1), width, label)
    return boxes


def _describe(boxes: Mapping[Node, Box], flows: Sequence[Flow]) -> None:
    """Add to the boxes what goes through them."""
    by_kind: dict[Node, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for f in flows:
        for node in (f.source, f.middle, f.item, USER):
            boxes[node].value += f.value
            by_kind[node][f.kind] += abs(f.value)
    for node, kinds in by_kind.items():
        boxes[node].kind = max(kinds, key=lambda kind: kinds[kind])


def _edges(flows: Sequence[Flow], boxes: Mapping[Node, Box]) -> list[Edge]:
    sums: dict[tuple[Node, Node, str], float] = defaultdict(float)
    for f in flows:
        sums[USER, f.source, ""] += f.value
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


def in_words(flow: Flow) -> str:
    """Return a way through the graph as a line of text."""
    steps = (flow.source.label, f"{flow.middle.caption}: {flow.middle.label}", flow.item.label)
    return f"{' → '.join(steps)} ({signed(flow.value)})"
