"""What the sections of a model card are made of: tables, cells that draw, numbers in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    Values = Mapping[str, Any]

__all__ = [
    "NOT_STATED",
    "Bar",
    "Cell",
    "Interval",
    "Section",
    "Table",
    "ends",
    "metric_name",
    "number",
    "part_of",
    "percent",
    "signed",
    "stated",
    "with_interval",
    "worse_groups",
]

NOT_STATED = "Not stated by the owner."


_METRICS = {
    "ndcg": "NDCG",
    "recall": "Recall",
    "precision": "Precision",
    "hit": "Hit rate",
    "mrr": "MRR",
    "map": "MAP",
    "coverage": "Coverage of the catalogue",
    "gini": "Gini of exposure",
    "novelty": "Novelty",
    "diversity": "Diversity in a list",
    "serendipity": "Serendipity",
    "popularity": "Users who liked a listed item",
}


class Bar(NamedTuple):
    """A cell that draws a share, and says it."""

    share: float
    text: str

    @property
    def width(self) -> float:
        """Per cent of the cell."""
        return round(100 * self.share, 2)


class Interval(NamedTuple):
    """A cell that draws a mean with its interval, and a line to compare with; in per cent."""

    low: float
    mean: float
    high: float
    line: float
    worse: bool


Cell = str | Bar | Interval


class Table(NamedTuple):
    """A table.

    Attributes:
        caption: What it shows.
        titles: Of the columns.
        rows: The cells.
        numbers: Which columns hold numbers.
    """

    caption: str
    titles: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers: frozenset[int] = frozenset()


class Section(NamedTuple):
    """A section of a card, in the order of its parts."""

    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    points: tuple[str, ...] = ()
    command: str = ""

    @property
    def short(self) -> str:
        """The title without what it shares with others."""
        return self.title.removeprefix("Quantitative analyses: ").capitalize()


def metric_name(metric: str) -> str:
    """Return ``"NDCG@10"`` of ``"ndcg@10"``."""
    name, _, k = metric.partition("@")
    shown = _METRICS.get(name, name)
    unit = " (bits)" if name == "novelty" else ""
    return f"{shown}@{k}{unit}" if k else f"{shown}{unit}"


def number(value: float | None, places: int | None = None) -> str:
    """Return a number in words; a dash for None."""
    if value is None:
        return "–"
    if places is None:
        places = 4 if abs(value) < 10 else 1  # noqa: PLR2004
    return f"{value:,.{places}f}".replace("-", "−")


def signed(value: float | None, places: int = 4) -> str:
    """Return a number with its sign; a dash for None."""
    if value is None:
        return "–"
    return f"{value:+.{places}f}".replace("-", "−")


def ends(mean: Values, places: int | None = None) -> str:
    """Return an interval in words, or nothing."""
    if mean.get("low") is None:
        return ""
    return f"{number(mean['low'], places)} to {number(mean['high'], places)}"


def with_interval(mean: Values) -> str:
    """Return a mean and its interval in words."""
    said, interval = number(mean["mean"]), ends(mean)
    return f"{said} ({interval})" if interval else said


def percent(share: float | None) -> str:
    """Return a share in per cent."""
    if share is None:
        return "–"
    places = 0 if share in {0, 1} or share >= 0.1 else 1 if share >= 0.01 else 2  # noqa: PLR2004
    return f"{100 * share:.{places}f} %"


def part_of(count: int, whole: int) -> str:
    """Return how many of how many, and the share."""
    return f"{count:,} of {whole:,} ({percent(count / whole)})"


def worse_groups(values: Values) -> list[str]:
    """Return the groups that are served worse, by name."""
    return [
        f"{by['by']}: {group['label']}"
        for by in values["groups"]
        for group in by["groups"]
        if group["worse"]
    ]


def stated(notes: Values, *names: str) -> list[tuple[str, str]]:
    """Return notes of the owner, and which of them are missing."""
    shown = {name: name.replace("_", " ").capitalize() for name in names}
    return [(shown[name], notes.get(name) or NOT_STATED) for name in names]
