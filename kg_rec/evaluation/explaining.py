"""How good the explanations of a model are: how exact, how well grounded, how varied.

A path of the metrics is that of the best reason for a recommended item: the largest term of its
score that starts at something the user had or said.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.evaluation.path_metrics import ExplanationPath, PathHop, PathNode, path_metrics
from kg_rec.explanations.terms import ends
from kg_rec.ids import Iri
from kg_rec.ontology import (
    ALT_LABEL,
    DISLIKES,
    LABEL,
    LIKES,
    RATED_DOWN,
    RATED_UP,
    TYPE,
    USER,
)
from kg_rec.ontology.given import given_name
from kg_rec.report import group_reasons
from kg_rec.report.reasons import kind_of
from kg_rec.statements import DERIVED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from kg_rec.explanations import Contribution, Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.profiles import Profile
    from kg_rec.recommender import Recommender
    from kg_rec.report import Reason

__all__ = ["Tally", "best_path", "event_times", "explain_metrics", "link_counts", "tally"]

CHECKED = 5
"""How many of the largest terms of a score are taken out, one at a time, to see what changes."""
LONGEST = 7
"""Nodes and relations of a path of four nodes: user, item, entity, item."""
_STARTS = {
    "history": (RATED_UP, RATED_DOWN),
    "preference": (LIKES, DISLIKES),
    "community": (),
    "model": (),
}
"""The sources that a path of the metrics may start from, and how a user is joined to them."""
_SIMILARITIES = frozenset({"related", "similar_in_graph", "similar_in_text", "model"})
"""The blocks of columns that say no more than that vectors are close."""


def explain_metrics(
    recommender: Recommender, users: Sequence[str] | None = None, k: int = 10
) -> dict[str, float | None]:
    """Return how good the explanations of the users' lists are.

    Args:
        recommender: The model.
        users: Whose lists; None is all users.
        k: How many items a list has.

    Returns:
        Name to value; None for what cannot be told:

        * ``users``, ``items``: how many lists, and how many recommendations are in them;
        * ``additivity_error``: the largest relative difference of a score and the sum of its terms;
        * ``deletion_error``: the largest relative difference of a term's value and of what the
            score loses when the item is scored again without it (five largest terms of each);
        * ``path_share``, ``evidence_share``, ``similarity_share``: the share of the positive score
            mass in terms that have a path, that quote a text, that say no more than that vectors
            are close;
        * ``reasons_per_item``: named reasons of a recommendation, ``reasons_per_user``: different
            ones in a list;
        * ``fidelity``: the share of recommendations with a path for the metrics;
        * LIR, SEP, LID, SED, LITD, SETD, PTD, PTC, PPT: see :mod:`kg_rec.evaluation.path_metrics`;
            LIR is None if the events of the model have no times.

    Raises:
        UnknownIdError: The model has no such user.
    """
    return tally(recommender, users, k).to_dict()


def tally(recommender: Recommender, users: Sequence[str] | None = None, k: int = 10) -> Tally:
    """Return what the explanations of the users' lists are like; see :func:`explain_metrics`."""
    found = Tally(recommender)
    for user in recommender.users if users is None else users:
        found.add(user, recommender.recommend(user, k=k))
    return found


class _Mass(NamedTuple):
    """The positive score mass, and the parts of it that have something."""

    all: float = 0.0
    path: float = 0.0
    evidence: float = 0.0
    similarity: float = 0.0

    def plus(self, terms: Iterable[Contribution]) -> _Mass:
        """Return the mass with that of some terms."""
        found = [t for t in terms if t.value > 0]
        return _Mass(
            self.all + math.fsum(t.value for t in found),
            self.path + math.fsum(t.value for t in found if t.path),
            self.evidence + math.fsum(t.value for t in found if t.evidence),
            self.similarity + math.fsum(t.value for t in found if _only_similar(t)),
        )


@dataclass
class Tally:
    """Adds up what the explanations of one list after the other are like.

    Attributes:
        recommender: The model.
        paths: The path of the best reason of each recommendation that has one.
        mass: The positive score mass.
        additivity: The largest relative error of a sum.
        deletion: The largest relative error of a term.
        named: Named reasons of each recommendation.
        different: Different named reasons of each list.
        kinds: The positive score mass by kind of reason, see ``kg_rec.report.reasons.KINDS``.
        uses: How many recommendations each reason helps: kind, relation and entity.
        words: What each of them says of an item.
    """

    recommender: Recommender
    paths: list[ExplanationPath] = field(default_factory=list)
    mass: _Mass = field(default_factory=_Mass)
    additivity: float = 0.0
    deletion: float = 0.0
    named: list[int] = field(default_factory=list)
    different: list[int] = field(default_factory=list)
    kinds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    uses: Counter[tuple[str, ...]] = field(default_factory=Counter)
    words: dict[tuple[str, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        items = self.recommender.items
        self.row_of = {item.id: row for row, item in enumerate(items)}
        self.iris = {item.iri for item in items}
        self.vectors = self.recommender.model.vectors

    def add(self, user: str, found: Sequence[Recommendation]) -> None:
        """Add a user's list."""
        profile = self.recommender.profile(user)
        keys: set[tuple[str, ...]] = set()
        for item in found:
            terms = item.contributions
            self.mass = self.mass.plus(terms)
            error = math.fsum(t.value for t in terms) - item.score
            self.additivity = max(self.additivity, _relative(error, item))
            self.deletion = max(self.deletion, self._deletion(profile, item))
            for term in terms:
                self.kinds[kind_of(term)] += max(term.value, 0.0)
            reasons = [r for r in group_reasons(item) if r.kind != "rest"]
            self.named.append(len(reasons))
            keys.update(self._used(reasons, terms))
            if path := best_path(user, item, self.iris):
                self.paths.append(path)
        self.different.append(len(keys))

    def _used(
        self, reasons: Iterable[Reason], terms: Iterable[Contribution]
    ) -> set[tuple[str, ...]]:
        """Count the reasons that speak for an item, and keep their words; return all."""
        keys = {_key(r, r.kind): r.value > 0 for r in reasons}
        self.uses.update(key for key, speaks_for in keys.items() if speaks_for)
        unknown = keys.keys() - self.words.keys()
        for term in terms if unknown else ():
            if (key := _key(term, kind_of(term))) in unknown:
                self.words.setdefault(key, term.fact.replace("{}", term.other))
        return set(keys)

    def _deletion(self, profile: Profile, item: Recommendation) -> float:
        """Return the largest error of the terms as what the score loses without them."""
        row = self.vectors.matrix[[self.row_of[item.item]]]
        columns = {column: place for place, column in enumerate(row.indices.tolist())}
        cells = np.asarray(profile.matrix[:, row.indices].toarray(), dtype=np.float64)
        sources = {source: number for number, source in enumerate(profile.sources)}
        whole = float(cells.sum(axis=0) @ row.data)
        worst = 0.0
        for term in item.contributions[:CHECKED]:
            if term.column is None:
                continue  # of the list as a whole: re-ranking
            place = sources[term.source]
            column = columns[self.vectors.index[term.column]]
            kept = cells[place, column]
            cells[place, column] = 0.0
            lost = whole - float(cells.sum(axis=0) @ row.data)
            cells[place, column] = kept
            worst = max(worst, _relative(lost - term.value, item))
        return worst

    def to_dict(self) -> dict[str, float | None]:
        """Return the measures of all lists added, by name."""
        graph = self.recommender.graph
        found = path_metrics(
            self.paths,
            relations=len(_relations(graph)),
            longest=LONGEST,
            times=event_times(self.recommender),
            popularity=link_counts(graph),
        )
        return {**self._shares(), **found}

    def _shares(self) -> dict[str, float | None]:
        items = len(self.named)
        mass = self.mass.all or math.nan
        found = {
            "users": float(len(self.different)),
            "items": float(items),
            "additivity_error": self.additivity,
            "deletion_error": self.deletion,
            "path_share": self.mass.path / mass,
            "evidence_share": self.mass.evidence / mass,
            "similarity_share": self.mass.similarity / mass,
            "reasons_per_item": sum(self.named) / items if items else math.nan,
            "reasons_per_user": _mean(self.different),
            "fidelity": len(self.paths) / items if items else math.nan,
        }
        return {name: None if math.isnan(value) else value for name, value in found.items()}


def _mean(values: Sequence[int]) -> float:
    return sum(values) / len(values) if values else math.nan


def _relative(error: float, found: Recommendation) -> float:
    """Return an error relative to the score, or to its largest term where that is larger."""
    scale = max(abs(found.score), *(abs(t.value) for t in found.contributions[:1]), 0.0)
    return abs(error) / scale if scale else abs(error)


def _only_similar(term: Contribution) -> bool:
    if term.column is None:
        return False
    return term.column.block in _SIMILARITIES or bool(given_name(term.column.predicate))


def _key(found: Reason | Contribution, kind: str) -> tuple[str, ...]:
    """Return what makes a reason different from others: its kind, and what it says of the item.

    Who a friend is makes no difference, and is not told.
    """
    if not found.path or kind == "community":
        return (kind,)
    last = found.path[-1]
    return kind, last.triple.predicate, str(ends(last)[0])


# --- paths ---------------------------------------------------------------------------------------


def best_path(
    user: str, found: Recommendation, items: Collection[Iri], *, hops: int = 1
) -> ExplanationPath | None:
    """Return the path of the largest positive term that starts at what the user had or said.

    Args:
        user: For whom.
        found: The recommendation.
        items: The nodes of the catalogue.
        hops: Least hops from there to the item; with 2 there is something between them.
    """
    usable = (t for t in found.contributions if t.value > 0 and t.source.kind in _STARTS)
    best = next((t for t in usable if len(t.path) >= hops), None)
    return None if best is None else _neutral(user, found.item, best, items)


def _neutral(user: str, item: str, term: Contribution, items: Collection[Iri]) -> ExplanationPath:
    """Return the path of a term; it starts with what the user did or said, or with a friend."""
    hops = []
    head = PathNode(user, "user")
    people = term.source.kind in {"community", "model"}
    if not people:
        tail = _node(ends(term.path[0])[0], items)
        liked = 0 if term.source.positive else 1
        hops.append(PathHop(head, str(_STARTS[term.source.kind][liked]), tail))
        head = tail
    for hop in term.path:
        tail = _node(ends(hop)[1], items, "user" if people else "entity")
        hops.append(PathHop(head, hop.triple.predicate, tail))
        head = tail
    return ExplanationPath(user, item, tuple(hops))


def _node(node: Iri, items: Collection[Iri], kind: str = "entity") -> PathNode:
    there = node in items
    return PathNode(str(node), "entity" if there else kind, is_item=there)


def event_times(recommender: Recommender) -> dict[str, dict[str, float]] | None:
    """Return when each user had each item (its node), or None if the model keeps no times."""
    model = recommender.model
    if model.event_times is None:
        return None
    found = {}
    for row, user in enumerate(model.users.ids):
        own = slice(*model.events.indptr[row : row + 2].tolist())
        nodes = (str(model.items[column].iri) for column in model.events.indices[own].tolist())
        times = zip(nodes, model.event_times[own].tolist(), strict=True)
        found[user] = {node: time for node, time in times if not math.isnan(time)}
    return found


def link_counts(graph: KnowledgeGraph) -> dict[str, dict[str, float]]:
    """Return how many links each node has, by type: ``user`` and ``entity``.

    Links are facts and what users did and said; types, names and learned links are none.
    """
    triples = graph.triple_codes[_links(graph)]
    triples = triples[triples[:, 2] < graph.terms.nodes]
    counts = np.bincount(triples[:, [0, 2]].ravel(), minlength=graph.terms.nodes)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for code in np.flatnonzero(counts).tolist():
        name = str(graph.terms[code])
        kind = "user" if USER in graph.types.get(Iri(name), ()) else "entity"
        found[kind][name] = float(counts[code])
    return dict(found)


def _links(graph: KnowledgeGraph) -> NDArray[np.bool_]:
    derived = np.array([name == DERIVED for name in graph.part_names], dtype=bool)
    codes = [c for iri in (TYPE, LABEL, ALT_LABEL) if (c := graph.terms.code(iri)) is not None]
    found: NDArray[np.bool_] = ~derived[graph.part_codes] & ~np.isin(
        graph.triple_codes[:, 1], codes
    )
    return found


def _relations(graph: KnowledgeGraph) -> NDArray[np.int32]:
    return np.unique(graph.triple_codes[_links(graph), 1])
