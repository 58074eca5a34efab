"""Contributions, which can be hundreds, as the few reasons that a person reads."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg_rec.ontology import (
    LIKED_WITH,
    RARELY_LIKED_WITH,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
)
from kg_rec.report.words import NEGLIGIBLE, join, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg_rec.explanations import Contribution, Hop, Recommendation
    from kg_rec.statements import Evidence

__all__ = ["KINDS", "Reason", "group_reasons", "kind_of"]

KINDS = {
    "fact": "Shared facts: something you chose has it, too",
    "preference": "What you said you like or dislike",
    "liked_with": "Liked by the same people",
    "similar_in_graph": "Close in the knowledge graph",
    "similar_in_text": "Close in the meaning of its text",
    "profile": "All your choices against the rest",
    "popularity": "Popular with everyone",
    "rest": "Smaller reasons, summed",
}
"""The kinds of reasons, and what a legend says of them."""

_LINK_KINDS = {
    LIKED_WITH: "liked_with",
    RARELY_LIKED_WITH: "liked_with",
    SIMILAR_IN_GRAPH: "similar_in_graph",
    SIMILAR_IN_TEXT: "similar_in_text",
}
_LINK_WORDS = {
    LIKED_WITH: "liked by those who like {}",
    RARELY_LIKED_WITH: "seldom liked by those who like {}",
    SIMILAR_IN_GRAPH: "close to {} in the graph",
    SIMILAR_IN_TEXT: "close to {} in meaning",
}
_LEAST = 0.02
"""Share of the strongest reason below which a reason is not named."""
_NOT_LIKED = ", which you did not like"
_MODEL = re.compile(r" \([^()]*\)$")

_Key = tuple[str, ...]


@dataclass(frozen=True)
class Reason:
    """Some contributions as one reason.

    Attributes:
        value: Their sum; negative if it counts against the item.
        text: The reason in words.
        kind: A key of ``KINDS``.
        sources: Names of what it starts from, the strongest first.
        path: The hops of the strongest contribution.
        evidence: The passages behind it: what the user said, then what most of its contributions
            rest on.
        count: How many contributions it sums.
    """

    value: float
    text: str
    kind: str
    sources: tuple[str, ...] = ()
    path: tuple[Hop, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    count: int = 1

    @property
    def against(self) -> bool:
        """Whether it counts against the item, by more than a rounding error."""
        return self.value <= -NEGLIGIBLE


def group_reasons(recommendation: Recommendation, most: int = 6) -> list[Reason]:
    """Return the reasons for a recommendation; their values sum to its score.

    Contributions that end in the same fact are one reason, and so are the links of one kind and
    what follows from one stated preference.

    Args:
        recommendation: What to explain.
        most: How many reasons to name; the others, and those below a fiftieth of the strongest,
            are summed in one last reason.

    Returns:
        The largest absolute value first, and the sum of the smaller ones last.
    """
    groups: dict[_Key, list[Contribution]] = defaultdict(list)
    for contribution in recommendation.contributions:
        groups[_key(contribution)].append(contribution)
    reasons = [_reason(sorted(g, key=lambda c: -abs(c.value))) for g in groups.values()]
    reasons.sort(key=lambda r: (-abs(r.value), r.text))
    least = _LEAST * max((abs(r.value) for r in reasons), default=0.0)
    count = sum(abs(r.value) >= least for r in reasons[:most])
    smaller = reasons[count:]
    if not smaller or (len(smaller) == 1 and len(reasons) <= most):
        return reasons
    return [*reasons[:count], _rest(smaller)]


def kind_of(contribution: Contribution) -> str:
    """Return the kind of a contribution, as in ``KINDS``."""
    if contribution.source.kind in {"popularity", "profile"}:
        return contribution.source.kind
    if contribution.source.kind == "preference" and not _of_item(contribution):
        return "preference"
    last = contribution.path[-1].triple.predicate if contribution.path else None
    return _LINK_KINDS.get(last, "fact") if last else contribution.source.kind


def _of_item(contribution: Contribution) -> bool:
    """Return whether a stated preference is one of an item, which then counts like history."""
    path, iri = contribution.path, contribution.source.iri
    if len(path) > 1:
        return path[0].triple.subject == iri and not path[0].reverse
    return bool(path) and path[0].triple.predicate in _LINK_KINDS and path[0].triple.object == iri


def _key(contribution: Contribution) -> _Key:
    """Return what the contributions of one reason have in common."""
    kind = kind_of(contribution)
    source = contribution.source
    last = contribution.path[-1].triple if contribution.path else None
    match kind:
        case "preference":
            return kind, source.id, str(source.positive)
        case "fact" | "profile" if last:
            return kind, last.predicate, str(last.object)
        case "liked_with" | "similar_in_graph" | "similar_in_text" if last:
            return kind, last.predicate, str(source.positive)
        case _:
            return kind, source.id


def _reason(group: Sequence[Contribution]) -> Reason:
    """Return the reason that some contributions make, given the strongest first."""
    kind = kind_of(group[0])
    words = {"fact": _fact, "preference": _preference, "profile": _alone, "popularity": _alone}
    return Reason(
        math.fsum(c.value for c in group),
        words.get(kind, _link)(group),
        kind,
        tuple({c.source.id: c.source.label for c in group}.values()),
        group[0].path,
        _evidence(group),
        len(group),
    )


def _rest(reasons: Sequence[Reason]) -> Reason:
    return Reason(
        math.fsum(r.value for r in reasons),
        plural(len(reasons), "smaller reason"),
        "rest",
        tuple(dict.fromkeys(source for r in reasons for source in r.sources)),
        count=sum(r.count for r in reasons),
    )


def _evidence(group: Sequence[Contribution]) -> tuple[Evidence, ...]:
    """Return what the user said, then the passages that most contributions share.

    All contributions of a fact rest on what is said of the recommended item; each source adds what
    is said of itself. The last hop is that of the item, so its passages come last in each.
    """
    said = dict.fromkeys(e for c in group for e in c.source.evidence)
    cited = Counter(e for c in group for e in reversed(dict.fromkeys(c.evidence)) if e not in said)
    return (*said, *(evidence for evidence, _ in cited.most_common()))


# --- words -------------------------------------------------------------------------------------


def _alone(group: Sequence[Contribution]) -> str:
    return group[0].text


def _fact(group: Sequence[Contribution]) -> str:
    """Return "directed by Jane Campion, like The Piano (1993) and 3 more"."""
    liked = _labels(c for c in group if c.source.positive)
    disliked = _labels(c for c in group if not c.source.positive)
    phrases = []
    if liked:
        phrases.append(f"like {join(liked)}")
    if disliked:
        phrases.append(f"like {join(disliked)}{_NOT_LIKED}")
    return ", ".join([_fact_words(group[0]), ", and ".join(phrases)])


def _link(group: Sequence[Contribution]) -> str:
    """Return "liked by those who like Heat (1995) and Se7en (1995)"."""
    first = group[0]
    if not first.path or len(group) == 1:
        return first.text
    words = _link_words(group)
    model = _MODEL.search(first.text.removesuffix(_NOT_LIKED))
    if model and first.path[-1].triple.predicate in {SIMILAR_IN_GRAPH, SIMILAR_IN_TEXT}:
        words += model[0]
    return words if first.source.positive else words + _NOT_LIKED


def _link_words(group: Sequence[Contribution]) -> str:
    return _LINK_WORDS[group[0].path[-1].triple.predicate].format(join(_others(group)))


def _preference(group: Sequence[Contribution]) -> str:
    """Return "in the genre Crime, and you like Crime; also liked by those who like Heat (1995)"."""
    source = group[0].source
    facts = [c for c in group if c.path and c.path[-1].triple.predicate not in _LINK_KINDS]
    links: dict[str, list[Contribution]] = defaultdict(list)
    for c in group:
        if c.path and c.path[-1].triple.predicate in _LINK_KINDS:
            links[c.path[-1].triple.predicate].append(c)
    company = "; ".join(_link_words(link) for link in links.values())
    if facts:
        having = join(list(dict.fromkeys(map(_fact_words, facts))))
        words = f"{having}, and you {_verb(source.positive)} {source.label}"
        return f"{words}; also {company}" if company else words
    if company:
        return f"goes with {source.label}, which you {_verb(source.positive)}: {company}"
    return group[0].text


def _verb(positive: bool) -> str:  # noqa: FBT001 - the one thing it is about
    return "like" if positive else "don't like"


def _labels(group: Iterable[Contribution]) -> list[str]:
    return list({c.source.id: c.source.label for c in group}.values())


def _fact_words(contribution: Contribution) -> str:
    """Return the fact itself, without the source that the text ties it to."""
    source = contribution.source
    ties = (
        f", like {source.label}",
        f", and you {_verb(source.positive)} {source.label}",
    )
    text = contribution.text.removesuffix(_NOT_LIKED)
    return next((text.removesuffix(tie) for tie in ties if text.endswith(tie)), text)


def _others(group: Sequence[Contribution]) -> list[str]:
    """Return the names of the items at the other end of some links of one kind."""
    before, after = _LINK_WORDS[group[0].path[-1].triple.predicate].split("{}")
    names = {}
    for c in group:
        text = c.text.removesuffix(_NOT_LIKED)
        text = text.removeprefix(before)
        if after and after in text:
            text = text[: text.rindex(after)]
        elif len(c.path) > 1:  # "Heat (1995), in the genre Crime": an example of a preference
            text = text.rsplit(", ", 1)[0]
        names[c.path[-1].triple.object] = text
    return list(names.values())
