"""Sections of a model card on how well the model does, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg_rec.report.card.parts import (
    Cell,
    Interval,
    Section,
    Table,
    ends,
    metric_name,
    number,
    percent,
    signed,
    with_interval,
    worse_groups,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    Values = Mapping[str, Any]

__all__ = ["ablation", "accuracy", "bias", "served"]


_COMMAND = "kg-rec card MODEL --evaluate CONFIG.toml"


def accuracy(values: Values) -> Section | None:
    """Return how accurate the lists are: by an evaluation, and by the check from within."""
    found, evaluation = values["accuracy"], values["evaluation"]
    tables = []
    if evaluation is not None:
        run = evaluation["runs"][0]
        rows = _metric_rows(run["metrics"])
        caption = f"{run['name']} on {evaluation['data']}, {evaluation['part']} part"
        tables.append(Table(caption, ("Metric", "Mean", "95 % interval"), rows, frozenset({1, 2})))
    if found is not None:
        titles = ("Metric", "This model", "95 % interval", "By popularity")
        rows = _metric_rows(found["metrics"], found["popularity"])
        caption = f"{percent(found['share'])} of the likes put aside, lists of {found['k']}"
        tables.append(Table(caption, titles, rows, frozenset({1, 2, 3})))
    if not tables:
        return None
    said = () if found is None else (_difference(found),)
    return Section("accuracy", "Quantitative analyses: accuracy", said, tables=tuple(tables))


def _difference(found: Values) -> str:
    d = found["difference"]
    sure = f"95 % interval {signed(d['low'])} to {signed(d['high'])}, p = {d['p']:.2g}"
    name = metric_name(found["metric"])
    return f"Against ranking by popularity: {name} {signed(d['mean'])} ({sure})."


def _metric_rows(metrics: Values, others: Values | None = None) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = []
    for name, mean in metrics.items():
        row = (metric_name(name), number(mean["mean"]), ends(mean))
        rows.append((*row, number(others[name]["mean"])) if others is not None else row)
    return tuple(rows)


def ablation(values: Values) -> Section | None:
    """Return what is left of the accuracy with a shuffled graph and with none."""
    evaluation = values["evaluation"]
    title = "Quantitative analyses: what the graph is worth"
    if evaluation is None or len(evaluation["runs"]) < 2:  # noqa: PLR2004 - nothing beside it
        said = (
            "Not measured on this card: it needs the data that the model was made from, with a "
            "part put aside, and a configuration of an evaluation."
        )
        return Section("ablation", title, (said,), command=_COMMAND)
    runs = evaluation["runs"]
    chosen = [name for name in runs[0]["metrics"] if name.split("@")[0] in {"ndcg", "recall"}]
    rows = tuple(
        (run["name"], *(with_interval(run["metrics"][name]) for name in chosen)) for run in runs
    )
    table = Table(
        "The same model with other graphs, or none",
        ("Graph", *map(metric_name, chosen)),
        rows,
        frozenset(range(1, len(chosen) + 1)),
    )
    points = tuple(map(_comparison, evaluation["comparisons"]))
    return Section("ablation", title, tables=(table,), points=points)


def _comparison(found: Values) -> str:
    sure = f"95 % interval {signed(found['low'])} to {signed(found['high'])}, p = {found['p']:.2g}"
    against = f"{found['name']} against {found['other']}"
    return f"{against}: {metric_name(found['metric'])} {signed(found['mean'])} ({sure})."


def served(values: Values) -> Section | None:
    """Return how groups of users are served."""
    if not values["groups"]:
        return None
    worse = worse_groups(values)
    said = (
        f"Clearly served worse: {'; '.join(worse)}."
        if worse
        else "No group is clearly served worse."
    )
    told = (
        "Users with many events have more that can be found, and fewer items left to rank: compare "
        "a group with what popularity alone gives the same users."
    )
    tables = tuple(_group_table(by, values["accuracy"]) for by in values["groups"])
    title = "Quantitative analyses: who is served worse"
    return Section("groups", title, (said, told), tables=tables)


def _group_table(by: Values, accuracy: Values) -> Table:
    metric = by["metric"]
    name = metric_name(metric)
    titles = (
        by["by"].capitalize(),
        "Users",
        name,
        "95 % interval",
        "",
        "By popularity",
        "Against the others",
        "Worse",
    )
    line = accuracy["metrics"][metric]["mean"]
    shown = [line, *(g[end] for g in by["groups"] for end in ("low", "high") if g[end] is not None)]
    scale = (min(shown), max(*shown, min(shown) + 1e-9))
    rows = tuple(_group_row(group, line, scale) for group in by["groups"])
    return Table(f"{name} by {by['by']}", titles, rows, frozenset({1, 2, 3, 5, 6}))


def _group_row(group: Values, line: float, scale: tuple[float, float]) -> tuple[Cell, ...]:
    start, end = scale
    low, mean, high, middle = (
        round(100 * ((start if value is None else value) - start) / (end - start), 2)
        for value in (group["low"], group["mean"], group["high"], line)
    )
    difference = signed(group["difference"], 3)
    if group["difference_low"] is not None:
        between = (signed(group[f"difference_{end}"], 3) for end in ("low", "high"))
        difference = f"{difference} ({' to '.join(between)})"
    return (
        group["label"],
        f"{group['users']:,}",
        number(group["mean"], 3),
        ends(group, 3),
        Interval(low, mean, high, middle, group["worse"]),
        number(group["popular"], 3),
        difference,
        "yes" if group["worse"] else "",
    )


def bias(values: Values) -> Section | None:
    """Return how popular what is listed is."""
    found = values["bias"]
    if found is None:
        return None
    facts = (
        ("Liked by, on average", _popular(found)),
        ("Lift", _lift(found["lift"])),
        (
            f"The {percent(found['head'])} most popular items",
            (
                f"{percent(found['head_of_events'])} of the likes, "
                f"{percent(found['head_of_lists'])} of the places in lists"
            ),
        ),
        (
            "Items in some list",
            (
                f"{percent(found['coverage'])} of the catalogue; by popularity alone "
                f"{percent(found['coverage_of_popularity'])}"
            ),
        ),
        (
            "Gini of exposure",
            (
                f"{number(found['gini'])} (0: all items alike, 1: one item has all places); by "
                f"popularity alone {number(found['gini_of_popularity'])}"
            ),
        ),
    )
    return Section("bias", "Quantitative analyses: popularity bias", facts=facts)


def _popular(found: Values) -> str:
    lists, history = f"{found['lists']:,.1f}", f"{found['history']:,.1f}"
    return f"{lists} users for an item of a list, {history} for an item of a user's history"


def _lift(lift: float | None) -> str:
    if lift is None:
        return "–"
    more = "more" if lift >= 0 else "less"
    return (
        f"a user's list is on average {percent(abs(lift))} {more} popular than the user's history"
    )
