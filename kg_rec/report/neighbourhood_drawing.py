"""Drawings of what is around a node, made so that all of it can be read.

The drawing is a tree: what the node says on the right, what says something of it on the left, one
group for each relation. Boxes stand below each other, so that no label lies over another; of large
groups the first are shown and the rest counted. A second layout, one column, is for narrow screens.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.report.neighbourhood import KINDS, Group, Neighbour, Neighbourhood
from kg_rec.report.templating import environment
from kg_rec.report.words import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Picture", "narrow", "render_neighbourhood", "wide"]

HEIGHT = 44.0
STEP = 50.0
HEADING = 24.0
MORE = 20.0
GAP = 14.0
NARROW = 358.0
SIDE = 320.0
CENTRE = 240.0
REACH = 80.0
CELL = 7.5
SMALL_CELL = 6.6
TRUNK = 12.0
INDENT = 30.0


class Box(NamedTuple):
    """A drawn node: place, size, the name and caption as far as they fit, and the whole name."""

    x: float
    y: float
    width: float
    label: str
    caption: str
    title: str
    kind: str


class Note(NamedTuple):
    """A line of text: place, what it says, whether it heads a group."""

    x: float
    y: float
    text: str
    heading: bool


class Line(NamedTuple):
    """A drawn link: path data of SVG, and its kind."""

    path: str
    kind: str


@dataclass
class Picture:
    """A layout: all that the template draws."""

    width: float
    height: float = 0.0
    centre: Box | None = None
    boxes: list[Box] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    box_height: float = HEIGHT


def wide(around: Neighbourhood) -> Picture:
    """Return the layout with the node in the middle; a side without links takes no room."""
    before = [g for g in around.groups if not g.out]
    after = [g for g in around.groups if g.out]
    left = SIDE + REACH if before else 0.0
    picture = Picture(left + CENTRE + (REACH + SIDE if after else 0.0))
    sides = [
        (before, 0.0, around.left_out[1]),
        (after, left + CENTRE + REACH, around.left_out[0]),
    ]
    heights = [_height(groups, rest) for groups, _, rest in sides]
    picture.height = max(*heights, 2 * HEIGHT)
    middle = min(picture.height / 2, 320.0)
    picture.centre = _box(left, middle - HEIGHT / 2, CENTRE, _own(around))
    for (groups, x, rest), height in zip(sides, heights, strict=True):
        top = max(0.0, middle - height / 2)
        _place(picture, groups, x, top, SIDE, rest)
    for box in picture.boxes:
        picture.lines.append(Line(_curve(picture.centre, box), box.kind))
    return picture


def narrow(around: Neighbourhood) -> Picture:
    """Return the layout in one column, below the node."""
    picture = Picture(NARROW)
    picture.centre = _box(0.0, 0.0, NARROW, _own(around))
    top = HEIGHT + GAP
    for out in (True, False):
        groups = [g for g in around.groups if g.out is out]
        rest = around.left_out[not out]
        _place(picture, groups, INDENT, top, NARROW - INDENT, rest)
        top += _height(groups, rest)
    picture.height = max(top, HEIGHT)
    for box in picture.boxes:
        middle = box.y + HEIGHT / 2
        picture.lines.append(Line(f"M{TRUNK:.1f} {middle:.1f}H{box.x:.1f}", box.kind))
    if picture.boxes:
        path = f"M{TRUNK:.1f} {HEIGHT:.1f}V{picture.boxes[-1].y + HEIGHT / 2:.1f}"
        picture.lines.append(Line(path, "trunk"))
    return picture


def _own(around: Neighbourhood) -> Neighbour:
    return Neighbour(around.label, around.caption or "no class", "", "")


def _height(groups: Sequence[Group], rest: int) -> float:
    inside = sum(HEADING + STEP * len(g.shown) + MORE * bool(g.more) + GAP for g in groups)
    return inside + (HEADING if rest else 0.0)


def _place(
    picture: Picture, groups: Sequence[Group], x: float, top: float, width: float, rest: int
) -> None:
    """Put the groups of one side below each other."""
    y = top
    for group in groups:
        heading = shorten(group.heading, int(width / CELL))
        picture.notes.append(Note(x, y + HEADING - 8, heading, heading=True))
        y += HEADING
        for neighbour in group.shown:
            picture.boxes.append(_box(x, y, width, neighbour))
            y += STEP
        if group.more:
            picture.notes.append(Note(x + 11, y + 10, f"and {group.more:,} more", heading=False))
            y += MORE
        y += GAP
    if rest:
        words = f"and {plural(rest, 'more relation')}"
        picture.notes.append(Note(x, y + HEADING - 8, words, heading=False))


def _box(x: float, y: float, width: float, neighbour: Neighbour) -> Box:
    label = shorten(neighbour.label, int((width - 24) / CELL)) or "(empty)"
    caption = shorten(neighbour.caption, int((width - 24) / SMALL_CELL))
    return Box(x, y, width, label, caption, neighbour.label, neighbour.kind)


def _curve(centre: Box, box: Box) -> str:
    """Return a curve from the side of the centre to the near side of a box."""
    right = box.x > centre.x
    x0 = centre.x + centre.width if right else centre.x
    x1 = box.x if right else box.x + box.width
    y0, y1 = centre.y + HEIGHT / 2, box.y + HEIGHT / 2
    bend = (x1 - x0) / 2
    return f"M{x0:.1f} {y0:.1f}C{x0 + bend:.1f} {y0:.1f} {x1 - bend:.1f} {y1:.1f} {x1:.1f} {y1:.1f}"


# --- out -----------------------------------------------------------------------------------------


def render_neighbourhood(around: Neighbourhood, *, page: bool = True) -> str:
    """Return the drawing as an HTML page that loads nothing, or as an SVG picture.

    Same neighbourhood, same text.

    Args:
        around: What to draw.
        page: Whether it is a page, with the same in words below; else a picture.
    """
    name = "neighbourhood.html.jinja" if page else "neighbourhood.svg.jinja"
    pictures: Iterable[tuple[str, Picture]] = [("wide", wide(around)), ("narrow", narrow(around))]
    return (
        environment().get_template(name).render(around=around, pictures=dict(pictures), kinds=KINDS)
    )
