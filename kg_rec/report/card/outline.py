"""The sections of a model card, in order, and the card in a few sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg_rec.report.card.accuracy import ablation, accuracy, bias, served
from kg_rec.report.card.data import (
    details,
    evaluation_data,
    factors,
    intended_use,
    metrics,
    training_data,
)
from kg_rec.report.card.parts import (
    Section,
    metric_name,
    number,
    percent,
    with_interval,
    worse_groups,
)
from kg_rec.report.card.reasons import ethics, limits, reasons
from kg_rec.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    Values = Mapping[str, Any]

__all__ = ["sections", "summary"]


def summary(values: Values) -> tuple[str, ...]:
    """Return a card in a few sentences."""
    data, graph = values["data"], values["graph"]
    told = graph["read_in_texts"]
    read = f", {told:,} of them read in texts" if told else ""
    about = (
        f"Recommends {plural(data['items'], 'item')} to {plural(data['users'], 'user')}, from "
        f"{plural(data['events'], 'event')} and a knowledge graph of "
        f"{plural(graph['facts'], 'fact')}{read}. "
        "Every score is an exact sum of named reasons."
    )
    return tuple(filter(None, (about, _headline(values), _worse_in_short(values))))


def _headline(values: Values) -> str:
    found = values["accuracy"]
    if found is None:
        return f"Its accuracy was not measured: {values['no_accuracy']}."
    metric = found["metric"]
    mean, usual = found["metrics"][metric], found["popularity"][metric]
    return (
        f"With {percent(found['share'])} of the likes of {plural(found['users'], 'user')} put "
        f"aside, it finds them again with {metric_name(metric)} {with_interval(mean)}; ranking by "
        f"popularity alone has {number(usual['mean'])}."
    )


def _worse_in_short(values: Values) -> str:
    worse = worse_groups(values)
    if values["accuracy"] is None:
        return ""
    if not worse:
        return "No group of users that was looked at is clearly served worse than the others."
    return f"Clearly served worse than the other users: {'; '.join(worse)}."


def sections(values: Values) -> tuple[Section, ...]:
    """Return all sections of a card."""
    made = (
        details(values),
        intended_use(values["notes"]),
        factors(values),
        metrics(values),
        evaluation_data(values),
        training_data(values),
        accuracy(values),
        ablation(values),
        served(values),
        bias(values),
        reasons(values),
        ethics(values),
        limits(values),
    )
    return tuple(section for section in made if section is not None)
