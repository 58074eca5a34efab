"""Sections of a model card on what the model is, and what it is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg_rec.report.card.parts import Section, Table, part_of, percent, stated
from kg_rec.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

    Values = Mapping[str, Any]

__all__ = ["details", "evaluation_data", "factors", "intended_use", "metrics", "training_data"]


def details(values: Values) -> Section:
    """Return what the model is, and what made it."""
    model, notes = values["model"], values["notes"]
    versions = ", ".join(f"{name} {version}" for name, version in values["versions"].items())
    parts = ", ".join(f"{name} ({count:,})" for name, count in model["columns"].items())
    facts = [
        *stated(notes, "owner", "contact", "date", "licence"),
        ("Kind", "sparse linear model: user vectors times item vectors with named columns"),
        ("Columns", parts),
        ("Ontology", ", ".join(model["ontology"])),
        ("Graph embeddings", _embeddings(model)),
        ("Text vectors", model["text_vectors"] or "none"),
        ("Language of texts", model["text_language"]),
        ("Seed", str(model["seed"])),
        ("Versions", versions),
    ]
    return Section("details", "Model details", facts=tuple(facts))


def _embeddings(model: Values) -> str:
    if not model["graph_embeddings"]:
        return "none"
    of = "facts and events" if model["embedded_users"] else "facts"
    return f"{model['graph_embeddings']} of {of}, {plural(model['epochs'], 'epoch')}"


def intended_use(notes: Values) -> Section:
    """Return what the model is for."""
    facts = stated(notes, "intended_use", "intended_users", "out_of_scope")
    fit = (
        "By its make the model is for ranking the items of one catalogue for its users, with "
        "reasons that can be checked. It is not made to judge people: a score compares items for "
        "one user, and says nothing when compared between users."
    )
    return Section("use", "Intended use", (fit,), tuple(facts))


def factors(values: Values) -> Section:
    """Return what may make a difference."""
    looked = [by["by"] for by in values["groups"]]
    points = (
        f"Groups that accuracy was measured for: {', '.join(looked) or 'none'}.",
        "Combinations of these were not looked at.",
        "Items: with and without facts, with and without events (see Training data).",
        "Nothing is known here of how people see the list: device, time, other lists.",
    )
    return Section("factors", "Factors", points=points)


def metrics(values: Values) -> Section | None:
    """Return how accuracy is measured."""
    if values["accuracy"] is None and values["evaluation"] is None:
        return None
    points = (
        "Full ranking of all items that a user has not had; no sampled negatives.",
        (
            "NDCG takes the ideal over all that could have been found; recall is hits by what was "
            "to be found; hit rate is the share of users with a hit."
        ),
        "Intervals are 95 % percentile bootstrap intervals over users.",
        "Two models are compared user by user, by a randomisation test of the mean difference.",
        (
            "A group is called served worse if Welch's interval of its difference to all others, "
            "corrected for the number of groups (Bonferroni), lies below zero."
        ),
    )
    return Section("metrics", "Metrics", points=points)


def evaluation_data(values: Values) -> Section:
    """Return what accuracy is measured on."""
    paragraphs = []
    if (evaluation := values["evaluation"]) is not None:
        paragraphs.append(
            f"{evaluation['data']}, {evaluation['part']} part: "
            f"{plural(evaluation['users'], 'user')}, ranked among "
            f"{plural(evaluation['candidates'], 'item')}. The model that was judged is fitted on "
            "the training part; whether with the settings of this one, the evaluation does not say."
        )
    if (found := values["accuracy"]) is not None:
        paragraphs.append(
            f"A check from within the model: of each user with at least {found['least']} likes, "
            f"{percent(found['share'])} of these, drawn at random (seed {found['seed']}), were put "
            f"aside: {plural(found['put_aside'], 'like')} of {plural(found['users'], 'user')}. "
            f"What is learned from events was learned again from the rest. {_kept(found)}"
        )
    if not paragraphs:
        paragraphs.append(f"None: {values['no_accuracy']}.")
    return Section("evaluation-data", "Evaluation data", tuple(paragraphs))


def _kept(found: Values) -> str:
    """Return what was not learned again."""
    kept = (
        "Facts, texts and embeddings stayed"
        if found["embeddings_kept"]
        else "Facts and texts stayed, the graph embeddings (which have seen the events) did not"
    )
    blend = (
        " The weights of the kinds of reason, a few numbers, were learned before from all events."
        if found["blend_kept"]
        else ""
    )
    return f"{kept}; no setting was chosen by this check.{blend}"


def training_data(values: Values) -> Section:
    """Return what the model is made from."""
    data, graph, coverage = values["data"], values["graph"], values["coverage"]
    items = max(coverage["items"], 1)
    facts = [
        *stated(values["notes"], "data_source"),
        ("Events", _events(data)),
        ("Events of a user", _spread(data["events_per_user"])),
        ("Events of an item", _spread(data["events_per_item"])),
        ("Users who said something", f"{data['users_who_said_something']:,}"),
        ("Graph", _triples(graph)),
        ("Read in texts", _texts(graph)),
        ("Items with a fact", part_of(coverage["facts"], items)),
        ("Items with a fact read in a text", part_of(coverage["evidence"], items)),
        ("Items with an event", part_of(coverage["liked"], items)),
        ("Facts of an item", f"{coverage['facts_each']:.1f} on average"),
    ]
    titles = ("Relation", "Triples", "Items or things", "Values", "Read in texts")
    rows = tuple(
        (r["label"], *(f"{r[name]:,}" for name in ("triples", "subjects", "objects", "evidence")))
        for r in graph["relations"]
    )
    more = graph["relations_in_all"] - len(rows)
    caption = "The most frequent relations" if more else "Relations"
    table = Table(caption, titles, rows, frozenset(range(1, 5)))
    return Section("training-data", "Training data", facts=tuple(facts), tables=(table,))


def _events(data: Values) -> str:
    against = f", {data['dislikes']:,} of them against an item" if data["dislikes"] else ""
    times = "with times" if data["times"] else "without times"
    return (
        f"{data['events']:,}{against}, of {plural(data['users'], 'user')} and "
        f"{plural(data['items'], 'item')} ({percent(data['density'])} of all pairs), {times}"
    )


def _spread(found: Values) -> str:
    low, middle, high = (f"{found[name]:,.0f}" for name in ("least", "median", "most"))
    return f"median {middle}, from {low} to {high}"


def _triples(graph: Values) -> str:
    return (
        f"{graph['triples']:,} triples of {graph['nodes']:,} nodes: {graph['facts']:,} facts, "
        f"{graph['of_users']:,} of users, {graph['learned']:,} learned links"
    )


def _texts(graph: Values) -> str:
    if not graph["read_in_texts"]:
        return "nothing"
    return (
        f"{graph['read_in_texts']:,} facts; with names and types {graph['passages']:,} passages of "
        f"{plural(graph['documents'], 'text')} are cited"
    )
