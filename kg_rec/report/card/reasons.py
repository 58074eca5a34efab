"""Sections of a model card on why items are recommended, and what to mind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg_rec.report.card.parts import Bar, Section, Table, number, percent, stated, worse_groups
from kg_rec.report.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Values = Mapping[str, Any]

__all__ = ["ethics", "limits", "reasons"]

_KINDS = {
    "fact": "Facts shared with what the user chose",
    "preference": "What the user said",
    "liked_with": "Liked by the same people",
    "similar_in_graph": "Close in the graph",
    "similar_in_text": "Close in meaning",
    "given": "Alike in given vectors",
    "profile": "The user's taste as a whole",
    "popularity": "Popular with everyone",
    "community": "Liked by people the user knows",
    "related": "Related by facts and company",
    "shared_likers": "Popular among those who like the same",
    "model": "Foreseen by a model of the graph",
    "rerank": "For the list as a whole",
}


def reasons(values: Values) -> Section:
    """Return what explanations are like."""
    found = values["explanations"]
    m = found["metrics"]
    if not m["items"]:
        return Section("reasons", "Explanations", ("No list was explained: there is none.",))
    facts = (
        ("Looked at", f"{m['items']:,.0f} recommendations of {m['users']:,.0f} users"),
        ("Scores that are not the sum of their reasons", _error(m["additivity_error"])),
        ("Reasons whose removal takes another amount away", _error(m["deletion_error"])),
        ("Score in reasons with a path through the graph", percent(m["path_share"])),
        ("Score in reasons that quote a text", percent(m["evidence_share"])),
        ("Score in mere closeness of vectors", percent(m["similarity_share"])),
        ("Named reasons of a recommendation", number(m["reasons_per_item"], 1)),
        ("Different reasons in a list", number(m["reasons_per_user"], 1)),
    )
    tables = [_kinds(found["kinds"]), _used(found["reasons"], m["items"] or 1)]
    if any(m.get(name) is not None for name in ("LID", "LIR")):
        tables.append(_paths(m))
    said = "Score means the positive score mass of the lists; what counts against an item is apart."
    return Section("reasons", "Explanations", (said,), facts, tuple(tables))


def _error(value: float) -> str:
    return f"none (largest relative error {value:.0e})" if value < 1e-6 else f"up to {value:.1e}"  # noqa: PLR2004


def _kinds(kinds: Values) -> Table:
    rows = tuple((_KINDS.get(kind, kind), _bar(share, 1.0)) for kind, share in kinds.items())
    return Table("What the score is made of", ("Kind of reason", "Share of the score"), rows)


def _used(reasons: Sequence[Values], items: float) -> Table:
    most = max([reason["recommendations"] for reason in reasons], default=1) / items
    rows = tuple((r["reason"], _bar(r["recommendations"] / items, most)) for r in reasons)
    return Table("The most used reasons", ("Reason", "Share of recommendations"), rows)


def _bar(share: float, whole: float) -> Bar:
    return Bar(share / (whole or 1.0), percent(share))


def _paths(metrics: Values) -> Table:
    names = ("LIR", "SEP", "LID", "SED", "LITD", "SETD", "PTD", "PTC", "PPT")
    row = tuple(number(metrics[name], 3) for name in names)
    caption = "Paths of the best reasons (Balloccu et al., SIGIR 2022), from 0 to 1"
    return Table(caption, names, (row,), frozenset(range(len(names))))


def ethics(values: Values) -> Section:
    """Return whom the model may harm."""
    data = values["data"]
    held = "ids of users, what they had and when"
    if data["users_who_said_something"]:
        held += ", and what they said of themselves"
    points = [
        (
            f"The model folder holds personal data: {held}. Treat it so; exports of the graph are "
            "without it, or under pseudonyms. kg-rec forget takes somebody out."
        ),
        "Explanations name what a user had. Show them to that user only.",
        (
            "Learned links say what at least privacy.min_support users like together. For "
            "sensitive items they can still give away more than a user meant to tell."
        ),
    ]
    if not data["users"]:
        points = ["The model holds no users."]
    if worse := worse_groups(values):
        points.append(
            f"Some are served worse: {'; '.join(worse)}. Look before relying on it there."
        )
    return Section(
        "ethics",
        "Ethical considerations",
        facts=tuple(stated(values["notes"], "ethics")),
        points=tuple(points),
    )


def limits(values: Values) -> Section:
    """Return what to mind, computed from the numbers."""
    points = list(_computed_limits(values))
    if note := values["notes"].get("caveats"):
        points.insert(0, note)
    return Section("limits", "Caveats and recommendations", points=tuple(points))


def _computed_limits(values: Values) -> Iterable[str]:
    data, coverage, model = values["data"], values["coverage"], values["model"]
    items = coverage["items"] or 1
    if without := items - coverage["facts"]:
        yield (
            f"{plural(without, 'item')} ({percent(without / items)}) have no fact: they are "
            "recommended by company and popularity only, and explained by these."
        )
    if data["items_without_events"]:
        count = plural(data["items_without_events"], "item")
        yield f"{count} have no event: they can be recommended by what they are like only."
    if data["users_without_events"]:
        count = plural(data["users_without_events"], "user")
        yield f"{count} have no event: they are known by what they said only."
    if (found := values["accuracy"]) is not None:
        yield (
            f"Users with fewer than {found['least']} likes were not judged; the check says nothing "
            "of how they are served."
        )
        yield (
            "Likes were put aside at random, not by time, so the check knows what came later; "
            "expect less in use."
        )
    yield (
        "What was not liked may not have been seen: accuracy on observed likes favours what was "
        "shown and popular, and is no measure of satisfaction. Test with people before deciding."
    )
    if values["graph"]["read_in_texts"]:
        yield (
            "Facts read in texts can be wrong. Each quotes the passage it was read in: look at it "
            f"before relying on it. Texts were read as {model['text_language']}."
        )
    if not data["times"]:
        yield "Events have no times: old and new taste count alike."
