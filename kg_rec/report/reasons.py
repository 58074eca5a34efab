"""Contributions, which can be hundreds, as the few reasons that a person reads."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg_rec.explanations.terms import Contributions
from kg_rec.ontology.texts import HAS_WORD
from kg_rec.report.language import ENGLISH, Words
from kg_rec.report.words import NEGLIGIBLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg_rec.explanations import Contribution, Hop, Recommendation
    from kg_rec.statements import Evidence

__all__ = ["KINDS", "Reason", "group_reasons", "kind_of"]

KINDS = {
    "fact": "Shared facts: something you chose has it, too",
    "preference": "What you said you like or dislike",
    "liked_with": "Liked by the same people",
    "related": "Related by facts and company",
    "shared_likers": "Popular among those who like the same",
    "similar_in_graph": "Close in the knowledge graph",
    "similar_in_text": "Close in the meaning of its text",
    "given": "Alike in pictures, sounds or other vectors",
    "model": "Foreseen by a model of the graph",
    "community": "Chosen by people you know",
    "profile": "All your choices against the rest",
    "popularity": "Popular with everyone",
    "rerank": "For the list as a whole: variety, novelty, balance",
    "rest": "Smaller reasons, summed",
}
"""The kinds of reasons, and what a legend says of them."""

_LEAST = 0.02
"""Share of the strongest reason below which a reason is not named."""
_QUOTED = re.compile("“.*”")
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
        brief: The reason in fewer words, where there are any: a stated preference without the
            company that it brings.
        strongest: The strongest contribution; None for a sum of small reasons.
    """

    value: float
    text: str
    kind: str
    sources: tuple[str, ...] = ()
    path: tuple[Hop, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    count: int = 1
    brief: str = ""
    strongest: Contribution | None = field(default=None, compare=False, repr=False)

    @property
    def against(self) -> bool:
        """Whether it counts against the item, by more than a rounding error."""
        return self.value <= -NEGLIGIBLE


def group_reasons(
    recommendation: Recommendation, most: int = 6, words: Words = ENGLISH
) -> list[Reason]:
    """Return the reasons for a recommendation; their values sum to its score.

    Contributions that end in the same fact are one reason, and so are the links of one kind and
    what follows from one stated preference.

    Args:
        recommendation: What to explain.
        most: How many reasons to name; the others, and those below a fiftieth of the strongest,
            are summed in one last reason.
        words: Speaks the language that the contributions are in.

    Returns:
        The largest absolute value first, and the sum of the smaller ones last.
    """
    terms = Contributions.of(recommendation.contributions)
    values = terms.values.tolist()
    groups = _groups(terms)
    _say_once(groups, values)
    sums = {key: math.fsum(values[n] for n in group) for key, group in groups.items()}
    keys = sorted(groups, key=lambda key: (-abs(sums[key]), key))
    least = _LEAST * max(map(abs, sums.values()), default=0.0)
    count = sum(abs(sums[key]) >= least for key in keys[:most])
    if len(keys) == count + 1 <= most:
        count += 1  # one small reason is named as well as counted
    reasons = [_reason([terms[n] for n in groups[key]], sums[key], words) for key in keys[:count]]
    smaller = [groups[key] for key in keys[count:]]
    return [*reasons, _rest(terms, smaller, words)] if smaller else reasons


def _groups(terms: Contributions) -> dict[_Key, list[int]]:
    """Return the places of the contributions of each reason; most of them need not be made."""
    groups: dict[_Key, list[int]] = defaultdict(list)
    if terms.alike is None:
        for place, contribution in enumerate(terms):
            groups[_key(contribution)].append(place)
        return groups
    numbers, _, lasting, known = terms.alike
    here: dict[int, _Key] = {}
    for place, number in enumerate(numbers):
        memory = known if number < lasting else here
        key = memory.get(number)
        if key is None:
            key = memory[number] = _key(terms[place])
        groups[key].append(place)
    return groups


def _say_once(groups: dict[_Key, list[int]], values: Sequence[float]) -> None:
    """Put a fact that is tied to choices and to the taste as a whole into one reason.

    If one speaks for the item and the other against it, they stay two.
    """
    for key in [key for key in groups if key[0] == "profile"]:
        same = groups.get(("fact", *key[1:]), [])
        if math.fsum(values[n] for n in same) * math.fsum(values[n] for n in groups[key]) > 0:
            same += groups.pop(key)


def kind_of(contribution: Contribution) -> str:
    """Return the kind of a contribution, as in ``KINDS``."""
    kind = contribution.kind
    return "given" if kind.startswith("similar_in_") and kind not in KINDS else kind


def _key(contribution: Contribution) -> _Key:
    """Return what the contributions of one reason have in common."""
    kind, source = contribution.kind, contribution.source
    match kind:
        case "preference":
            return kind, source.id, str(source.positive)
        case "fact" if contribution.about[:1] == (HAS_WORD,):
            return kind, HAS_WORD
        case "fact" | "profile":
            return kind, *contribution.about
        case "community":
            return kind, contribution.fact
        case _ if contribution.about:
            return kind, contribution.about[0], contribution.tie if source.kind == "profile" else ""
        case _:
            return kind, source.id


def _reason(group: Iterable[Contribution], value: float, words: Words) -> Reason:
    """Return the reason that some contributions make."""
    group = sorted(group, key=lambda c: -abs(c.value))
    kind = kind_of(group[0])
    say = {"fact": _fact, "preference": _preference, "profile": _fact, "popularity": _alone}
    return Reason(
        value,
        say.get(kind, _link)(group, words),
        kind,
        tuple(_labels(group, words)),
        group[0].path,
        _evidence(group),
        len(group),
        group[0].text if kind == "preference" else "",
        group[0],
    )


def _rest(terms: Contributions, groups: Sequence[Sequence[int]], words: Words) -> Reason:
    """Return the sum of small groups of contributions."""
    places = [place for group in groups for place in group]
    sources = {source.id: source for source in map(terms.source, places)}
    return Reason(
        math.fsum(terms.values[places].tolist()),
        words.count(len(groups), "{n} smaller reason", "{n} smaller reasons"),
        "rest",
        tuple(map(words.source, sources.values())),
        count=len(places),
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


def _alone(group: Sequence[Contribution], _: Words) -> str:
    return group[0].text


def _fact(group: Sequence[Contribution], words: Words) -> str:
    """Return "directed by Jane Campion, like The Piano (1993) and 3 more"."""
    chosen = [c for c in group if c.source.kind != "profile"]
    liked = _labels((c for c in chosen if c.source.positive), words)
    disliked = _labels((c for c in chosen if not c.source.positive), words)
    taste = (c.tie for c in group if c.source.kind == "profile")
    phrases = [_facts(group, words), *taste]
    if liked:
        phrases.append(words("like {names}", names=words.join(liked)))
    if disliked:
        also = "and " if liked else ""
        said = f"{also}like {{names}}, which you did not like"
        phrases.append(words(said, names=words.join(disliked)))
    return words.comma.join(phrases)


def _facts(group: Sequence[Contribution], words: Words) -> str:
    """Return what is said of the item; several words of its texts are quoted together."""
    firsts: dict[object, Contribution] = {}
    for c in group:  # those of one column say the same
        firsts.setdefault((id(c.column), c.rare) if c.column else id(c), c)
    facts = list(dict.fromkeys(c.fact for c in firsts.values()))
    quoted = [m[0] for fact in facts[1:] if (m := _QUOTED.search(fact))]
    if not quoted or len(quoted) < len(facts) - 1:
        return facts[0]
    first = _QUOTED.search(facts[0])
    if first is None:
        return facts[0]
    said = words.join([first[0], *quoted])
    return f"{facts[0][: first.start()]}{said}{facts[0][first.end() :]}"


def _link(group: Sequence[Contribution], words: Words) -> str:
    """Return "liked by those who like Heat (1995) and Se7en (1995)"."""
    said = group[0].fact.replace("{}", words.join(list(dict.fromkeys(c.other for c in group))))
    tie = group[0].tie if group[0].source.kind in {"profile", "community"} else ""
    return f"{said}{words.comma}{tie}" if tie else said


def _preference(group: Sequence[Contribution], words: Words) -> str:
    """Return "in the genre Crime, which you like; also liked by those who like Heat (1995)"."""
    facts = [c for c in group if not c.other]
    links: dict[str, list[Contribution]] = defaultdict(list)
    for c in group:
        if c.other:
            links[c.fact].append(c)
    company = words.semicolon.join(_link(link, words) for link in links.values())
    if not facts:
        name = words.source(group[0].source)
        asked = group[0].source.relation is not None
        said = "which you asked for" if asked else "which you like"
        return words(f"goes with {{name}}, {said}: {{company}}", name=name, company=company)
    if not company:
        return facts[0].text
    return words("{fact}; also {company}", fact=facts[0].text, company=company)


def _labels(group: Iterable[Contribution], words: Words) -> list[str]:
    return list({c.source.id: words.source(c.source) for c in group}.values())
