"""The terms of a score, written as paths through the graph with their evidence.

The score is ``Σ_s Σ_c P[s, c] · V[i, c]`` over the sources s of the profile and the columns c of
item i. Each nonzero product is one contribution; their sum is the score (law 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kg_rec.graph.inference import rule_of
from kg_rec.ontology import (
    LIKED_WITH,
    RARELY_LIKED_WITH,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
)
from kg_rec.ontology.texts import HAS_WORD, MENTIONS, SIMILAR_CONCEPT, described
from kg_rec.statements import Triple
from kg_rec.vectors import ANY_RELATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri, Term
    from kg_rec.ontology import Ontology
    from kg_rec.profiles import Profile, Source
    from kg_rec.statements import Evidence
    from kg_rec.vectors import Column, ItemVectors

__all__ = ["Contribution", "Explainer", "Hop", "Recommendation"]

_KEPT = 1 << 16
"""Triples of which passages and words are kept at hand: good items are asked for again."""

_LINKS = {
    "en": {
        LIKED_WITH: "liked by those who like {}",
        RARELY_LIKED_WITH: "seldom liked by those who like {}",
        SIMILAR_IN_GRAPH: "close to {} in the graph (MODEL)",
        SIMILAR_IN_TEXT: "close to {} in meaning (MODEL)",
    },
    "zh": {
        LIKED_WITH: "喜欢{}的人也喜欢",
        RARELY_LIKED_WITH: "喜欢{}的人很少喜欢",
        SIMILAR_IN_GRAPH: "在知识图谱中与{}相近（MODEL）",
        SIMILAR_IN_TEXT: "内容与{}相近（MODEL）",
    },
}
_TIES = {
    "en": {
        "history+": "like {}",
        "history-": "like {}, which you did not like",
        "preference+": "and you like {}",
        "preference-": "and you don't like {}",
        "taste+": "which goes with your taste",
        "taste-": "which you choose less than others",
        "popular": "popular with everyone",
        "alike": " (close in meaning)",
    },
    "zh": {
        "history+": "与{}相同",
        "history-": "与你不喜欢的{}相同",
        "preference+": "而你喜欢{}",
        "preference-": "而你不喜欢{}",
        "taste+": "合你的口味",
        "taste-": "你较少选择",
        "popular": "大家都喜欢",
        "alike": "（含义相近）",
    },
}


class Hop(NamedTuple):
    """A triple as a step of a path; ``reverse`` if it is walked from object to subject."""

    triple: Triple
    reverse: bool = False


@dataclass(frozen=True)
class Contribution:
    """One term of a score.

    Attributes:
        value: Its part of the score; negative if it speaks against the item.
        source: What it starts from.
        path: The steps from the source to the item; empty for popularity.
        fact: What is said of the item, as in ``"directed by Jane Campion"``; if it is linked to
            another item, ``{}`` stands for that: ``"liked by those who like {}"``.
        other: Name of that other item, or empty.
        tie: What ties this to the source, as in ``"like The Piano (1993)"``, or empty.
        evidence: The passages that state the facts of the path, and what the user said.
    """

    value: float
    source: Source
    path: tuple[Hop, ...]
    fact: str
    other: str = ""
    tie: str = ""
    evidence: tuple[Evidence, ...] = ()

    @property
    def text(self) -> str:
        """The reason in words."""
        said = self.fact.replace("{}", self.other) if self.other else self.fact
        comma = "，" if self.tie[:1] >= "\u4e00" else ", "
        return f"{said}{comma}{self.tie}" if self.tie else said

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "value": self.value,
            "source": {
                "kind": self.source.kind,
                "id": self.source.id,
                "label": self.source.label,
            },
            "path": [
                {
                    "subject": hop.triple.subject,
                    "predicate": hop.triple.predicate,
                    "object": hop.triple.object,
                    "reverse": hop.reverse,
                }
                for hop in self.path
            ],
            "text": self.text,
            "evidence": [evidence._asdict() for evidence in self.evidence],
        }


@dataclass(frozen=True)
class Recommendation:
    """An item with its rank, score, and the terms of the score.

    Attributes:
        item: Its id.
        iri: Its node in the graph.
        label: Its name.
        rank: From 1.
        score: The sum of the contributions.
        contributions: All terms, the largest absolute value first.
    """

    item: str
    iri: Iri
    label: str
    rank: int
    score: float
    contributions: tuple[Contribution, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "rank": self.rank,
            "item": self.item,
            "iri": self.iri,
            "label": self.label,
            "score": self.score,
            "contributions": [c.to_dict() for c in self.contributions],
        }


class Explainer:
    """Splits scores into contributions, and puts these into words.

    Args:
        vectors: All item vectors.
        graph: Where evidence and labels are.
        ontology: Wordings.
        models: Name of the model behind each similarity, by predicate.
        language: Language of the words, as far as there are any in it: ``en``, ``zh``.
    """

    def __init__(
        self,
        vectors: ItemVectors,
        graph: KnowledgeGraph,
        ontology: Ontology,
        models: Mapping[Iri, str],
        language: str = "en",
    ) -> None:
        self.vectors = vectors
        self.graph = graph
        self.ontology = ontology
        self.models = models
        self.language = language
        self._links = _LINKS.get(language, _LINKS["en"])
        self._ties = _TIES.get(language, _TIES["en"])
        self._label_language = None if language == "en" else language
        reasons = {HAS_WORD: 0.0, MENTIONS: 0.0, **ontology.reasons}
        self._heaviest_first = sorted(reasons, key=lambda p: (-reasons[p], p))
        self._holds = lru_cache(_KEPT)(graph.__contains__)
        self._passages = lru_cache(_KEPT)(graph.evidence)
        self._said = lru_cache(_KEPT)(self._fact_words)

    def contributions(self, profile: Profile, row: int, item: Iri) -> tuple[Contribution, ...]:
        """Return all terms of the score of an item, the largest absolute value first."""
        values = self.vectors.matrix[[row]]
        terms = (profile.matrix[:, values.indices] * values.data[None, :]).tocoo()
        order = np.lexsort((terms.col, terms.row, -np.abs(terms.data)))
        return tuple(
            self._contribution(
                float(terms.data[n]),
                profile.sources[terms.row[n]],
                self.vectors.columns[values.indices[terms.col[n]]],
                item,
            )
            for n in order
            if terms.data[n] != 0.0
        )

    def _contribution(
        self, value: float, source: Source, column: Column, item: Iri
    ) -> Contribution:
        path = self._path(source, column, item)
        evidence = dict.fromkeys(source.evidence)
        for hop in path:
            evidence.update(dict.fromkeys(self._passages(hop.triple)))
        words = self._words(source, column, path, value)
        return Contribution(value, source, path, *words, tuple(evidence))

    def _path(self, source: Source, column: Column, item: Iri) -> tuple[Hop, ...]:
        if source.kind == "popularity":
            return ()
        last = Hop(self._link(item, column), reverse=True)
        if source.iri is None or source.iri == column.object:
            return (last,)
        if column.block == "facts":
            return (Hop(Triple(source.iri, column.predicate, column.object)), last)
        if column.block == "stated":
            return (Hop(Triple(source.iri, SIMILAR_CONCEPT, column.object)), last)
        return (Hop(self._heaviest_fact(column.object, source.iri), reverse=True), last)

    def _link(self, item: Iri, column: Column) -> Triple:
        """Return the triple that a column stands for; rare company has a predicate of its own."""
        if column.predicate == ANY_RELATION:
            return self._heaviest_fact(item, column.object)
        triple = Triple(item, column.predicate, column.object)
        if column.predicate == LIKED_WITH and not self._holds(triple):
            return Triple(item, RARELY_LIKED_WITH, column.object)
        return triple

    def _heaviest_fact(self, item: Iri, entity: Iri) -> Triple:
        """Return the triple of the heaviest relation between an item and an entity."""
        return next(
            triple
            for predicate in self._heaviest_first
            if self._holds(triple := Triple(item, predicate, entity))
        )

    # --- words -------------------------------------------------------------------------------

    def _words(
        self, source: Source, column: Column, path: tuple[Hop, ...], value: float
    ) -> tuple[str, str, str]:
        """Return fact, other and tie of a contribution."""
        if not path:
            return self._ties["popular"], "", ""
        if column.block in {"facts", "stated"}:
            alike = len(path) > 1 and path[0].triple.predicate == SIMILAR_CONCEPT
            tie = self._tie(source, value) + (self._ties["alike"] if alike else "")
            return self._said(path[-1].triple), "", tie
        link = path[-1].triple.predicate
        words = self._links[link].replace("MODEL", self.models.get(link, ""))
        tie = self._said(path[0].triple) if len(path) > 1 else ""
        if source.kind == "profile":
            tie = self._tie(source, value)
        return words, self._label(column.object), tie

    def _fact_words(self, triple: Triple) -> str:
        words = described(self.ontology, triple.predicate).words(self.language)
        said = words.replace("{object}", self._label(triple.object))
        rule = rule_of(self.graph, triple)
        return f"{said} (inferred: {rule})" if rule else said

    def _label(self, term: Term) -> str:
        return self.graph.label(term, self._label_language)

    def _tie(self, source: Source, value: float) -> str:
        """Return what ties a fact to its source."""
        known = source.kind in {"history", "preference"}
        sign = "+" if (source.positive if known else value > 0) else "-"
        name = source.label
        if source.iri is not None and self._label_language:
            own = self._label(source.iri)
            name = own if own != self.graph.label(source.iri) else name
        return self._ties[f"{source.kind if known else 'taste'}{sign}"].replace("{}", name)
