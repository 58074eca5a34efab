"""What an evaluation finds: values of each user, means with intervals, lists, comparisons."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kg_rec.evaluation.statistics import Difference, bootstrap_interval, paired_test

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.ranking import TopK

__all__ = ["Comparison", "Evaluation", "Mean", "Run", "compared"]


class Mean(NamedTuple):
    """A metric: its mean over the users, and the ends of its 95 % bootstrap interval.

    Metrics of all lists together, as coverage, have no interval (NaN).
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Run:
    """One recommender, judged.

    Attributes:
        name: What it is called.
        values: By metric, as ``"ndcg@10"``: one value for each judged user.
        whole: Metrics of all lists together.
        lists: The lists, rows of items, best first.
        seconds: How long each stage took.
        seed: Seed of the intervals.
        explanations: What explanations of the lists are like, if that was asked for; see
            :func:`~kg_rec.evaluation.explaining.explain_metrics`.
    """

    name: str
    values: Mapping[str, NDArray[np.float64]]
    whole: Mapping[str, float]
    lists: TopK
    seconds: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    explanations: Mapping[str, float | None] = field(default_factory=dict)

    @cached_property
    def means(self) -> dict[str, Mean]:
        """All metrics, those of accuracy first."""
        table = np.stack(list(self.values.values()), axis=1)
        low, high = bootstrap_interval(table, seed=self.seed)
        middle = [float(np.nanmean(c)) if not np.isnan(c).all() else np.nan for c in table.T]
        found = map(Mean, middle, low.tolist(), high.tolist())
        whole = {name: Mean(value, np.nan, np.nan) for name, value in self.whole.items()}
        return dict(zip(self.values, found, strict=True)) | whole

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold: means, intervals, seconds."""
        return {
            "name": self.name,
            "metrics": {
                name: {"mean": _number(m.value), "low": _number(m.low), "high": _number(m.high)}
                for name, m in self.means.items()
            },
            "seconds": {stage: round(taken, 3) for stage, taken in self.seconds.items()},
            **({"explanations": dict(self.explanations)} if self.explanations else {}),
        }


class Comparison(NamedTuple):
    """One recommender against another, by one metric, user by user.

    Attributes:
        name: The one that is to be better.
        other: What it is compared with.
        metric: As in ``"ndcg@10"``.
        difference: Mean difference, its interval, and p of the paired randomisation test.
    """

    name: str
    other: str
    metric: str
    difference: Difference

    def __str__(self) -> str:
        d = self.difference
        sure = f"95 % interval {d.low:+.4f} to {d.high:+.4f}, p = {d.p:.4g}"
        return f"{self.name} against {self.other}: {self.metric} {d.mean:+.4f} ({sure})"


def compared(one: Run, other: Run, metric: str) -> Comparison:
    """Compare two runs on the same users."""
    found = paired_test(one.values[metric], other.values[metric], seed=one.seed)
    return Comparison(one.name, other.name, metric, found)


@dataclass(frozen=True)
class Evaluation:
    """Runs on one task, side by side; the first is the one that was asked for.

    Attributes:
        name: Of the data.
        part: What was judged: ``"test"`` or ``"valid"``.
        users: Ids of the judged users, in the order of the values.
        items: Ids of all items, in the order of the rows of the lists.
        candidates: How many items were ranked among.
        ks: Lengths of the lists judged.
        runs: What was judged.
        comparisons: Paired tests between runs.
        notes: What a reader should know.
    """

    name: str
    part: str
    users: tuple[str, ...]
    items: tuple[str, ...]
    candidates: int
    ks: tuple[int, ...]
    runs: tuple[Run, ...]
    comparisons: tuple[Comparison, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def values(self) -> Mapping[str, NDArray[np.float64]]:
        """By metric: one value a user, of the first run."""
        return self.runs[0].values

    @property
    def means(self) -> Mapping[str, Mean]:
        """The metrics of the first run."""
        return self.runs[0].means

    @property
    def seconds(self) -> Mapping[str, float]:
        """How long each stage of the first run took."""
        return self.runs[0].seconds

    def lists(self, run: int = 0) -> list[tuple[str, str, int, float]]:
        """Return a run's lists as rows of user, item, rank (from 1) and score."""
        return [
            (user, self.items[row], rank, score)
            for user, (rows, scores) in zip(
                self.users, self.runs[run].lists.to_lists(), strict=True
            )
            for rank, (row, score) in enumerate(zip(rows, scores, strict=True), start=1)
        ]

    def lists_tsv(self, run: int = 0) -> str:
        """Return the lists, tab-separated below the header ``user item rank score``."""
        rows = (f"{u}\t{i}\t{rank}\t{score:.9g}\n" for u, i, rank, score in self.lists(run))
        return "user\titem\trank\tscore\n" + "".join(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            "data": self.name,
            "part": self.part,
            "users": len(self.users),
            "items": len(self.items),
            "candidates": self.candidates,
            "k": list(self.ks),
            "runs": [run.to_dict() for run in self.runs],
            "comparisons": [
                {
                    "name": c.name,
                    "other": c.other,
                    "metric": c.metric,
                    **{key: _number(value) for key, value in c.difference._asdict().items()},
                }
                for c in self.comparisons
            ],
            "notes": list(self.notes),
        }

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """Return titles and rows of a table: a metric a row, or of many runs a run a row."""
        names = sorted(self.means, key=lambda name: self.ks.index(int(name.split("@")[1])))
        if len(self.runs) > _FEW:
            chosen = [name for name in names if name.split("@")[0] in _CHIEF]
            return ["", *chosen], [
                [run.name, *(_shown(run.means[name].value) for name in chosen)] for run in self.runs
            ]
        if len(self.runs) == 1:
            found = [[name, _shown(m.value), _interval(m)] for name, m in self._in_order(names)]
            return ["metric", self.runs[0].name, "95 %"], found
        cells = [[_shown(run.means[name].value) for run in self.runs] for name in names]
        titles = ["metric", *(run.name for run in self.runs)]
        return titles, [[name, *row] for name, row in zip(names, cells, strict=True)]

    def _in_order(self, names: Sequence[str]) -> list[tuple[str, Mean]]:
        return [(name, self.means[name]) for name in names]

    def remarks(self) -> list[str]:
        """Return what is to be said below the table, line by line."""
        return [
            *_measures(self.runs[0].explanations),
            *map(str, self.comparisons),
            *self.notes,
        ]

    def summary(self) -> str:
        """Return a line on what was judged."""
        among = f"{self.candidates:,} of {len(self.items):,} items"
        if self.candidates == len(self.items):
            among = f"all {len(self.items):,} items"
        return f"{self.name}, {self.part}: {len(self.users):,} users, ranked among {among}"

    def __str__(self) -> str:
        titles, rows = self.rows()
        widths = [max(len(row[place]) for row in [titles, *rows]) for place in range(len(titles))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in [titles, *rows]
        ]
        seconds = ", ".join(f"{stage} {taken:.1f} s" for stage, taken in self.seconds.items())
        after = [*self.remarks(), *([seconds] if seconds else [])]
        return "\n".join([self.summary(), "", *lines, "", *after])

    def to_html(self) -> str:
        """Return the tables as a piece of HTML."""
        told = self.runs[0].explanations.items()
        measures = [[name, _measure(value)] for name, value in told]
        remarks = [*map(str, self.comparisons), *self.notes]
        return (
            _html_table(self.summary(), *self.rows())
            + "".join(f"<p>{escape(line)}</p>" for line in remarks)
            + (_html_table("Explanations", ["measure", "value"], measures) if measures else "")
        )

    def to_page(self) -> str:
        """Return a self-contained HTML page."""
        title = escape(f"Evaluation: {self.name}")
        return (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{title}</title><style>{_STYLE}</style></head>"
            f"<body><main><h1>{title}</h1>{self.to_html()}</main></body></html>\n"
        )

    def _repr_html_(self) -> str:
        return self.to_html()


_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;"
    "max-width:60rem;padding:0 1rem}main{overflow-x:auto}table{border-collapse:collapse}"
    "caption{text-align:left;padding:.5rem 0;white-space:nowrap}"
    "th,td{padding:.2rem .8rem;text-align:right;"
    "border-bottom:1px solid #8884;font-variant-numeric:tabular-nums}"
    "th:first-child{text-align:left}"
)


_FEW = 3
_CHIEF = ("ndcg", "recall", "mrr", "coverage")
"""What is shown of many runs."""


def _interval(mean: Mean) -> str:
    return "" if np.isnan(mean.low) else f"{_shown(mean.low)}–{_shown(mean.high)}"


def _html_table(caption: str, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(title)}</th>' for title in titles)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    top = f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
    return f"<table>{top}<tbody>{body}</tbody></table>"


def _measures(explanations: Mapping[str, float | None]) -> list[str]:
    """Return measures of explanations, one a line."""
    names = max(map(len, explanations), default=0)
    lines = [f"{n:{names}}  {_measure(v)}".rstrip() for n, v in explanations.items()]
    return ["explanations", "", *lines, ""] if lines else []


def _measure(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == round(value) else f"{value:.3g}"


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 7)


def _shown(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.4f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004
