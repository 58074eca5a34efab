"""Splits scores into their terms; words, paths and passages of a term are made when asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.explanations.friends import friend_hops, friend_words
from kg_rec.explanations.paths import best_paths
from kg_rec.explanations.terms import Contribution, Contributions, Hop
from kg_rec.explanations.words import phrases_in, relation_name, wording
from kg_rec.graph.inference import INFERRED, rule_of
from kg_rec.ontology import LIKED_WITH, RARELY_LIKED_WITH
from kg_rec.ontology.texts import HAS_WORD, MENTIONS, SIMILAR_CONCEPT
from kg_rec.statements import DERIVED, USERS, Triple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri, Term
    from kg_rec.ontology import Ontology
    from kg_rec.profiles import Profile, Source
    from kg_rec.vectors import Column, ItemVectors

__all__ = ["FACT_BLOCKS", "Explainer"]

FACT_BLOCKS = frozenset({"facts", "facts_in", "linked", "stated"})
"""The blocks whose terms are facts; the links of all other blocks are learned or counted."""
_KEPT = 1 << 16
"""Triples of which passages and words are kept at hand: good items are asked for again."""
_SUPPORT_HOPS = 2
"""Most hops of a path that backs a learned link."""


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
        self.phrases = phrases_in(language)
        self._label_language = None if language == "en" else language
        self._heaviest_first = _heaviest_first(ontology, vectors.columns)
        self._inferred = any(name.startswith(INFERRED) for name in graph.extractor_names)
        self._asked: tuple[Profile | None, sparse.csc_array | None] = (None, None)
        self._passages = lru_cache(_KEPT)(graph.evidence)
        self._joined = lru_cache(_KEPT)(self._join)
        self._said = lru_cache(_KEPT)(self._hop_words)
        self._label = lru_cache(_KEPT)(self._name)

    def contributions(self, profile: Profile, row: int, item: Iri) -> Contributions:
        """Return all terms of the score of an item, the largest absolute value first."""
        sources, columns, values, negative = self._terms(profile, row)

        def make(place: int) -> Contribution:
            return self._contribution(
                float(values[place]),
                profile.sources[sources[place]],
                self.vectors.columns[columns[place]],
                item,
                rare=bool(negative[place]),
            )

        return Contributions(values, make)

    def _terms(
        self, profile: Profile, row: int
    ) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64], NDArray[np.bool_]]:
        """Return sources, columns and values of the nonzero terms, and where the item's is < 0."""
        matrix = self.vectors.matrix
        here = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns, own = matrix.indices[here], matrix.data[here]
        by_column = self._by_column(profile)
        starts = by_column.indptr[columns]
        counts = by_column.indptr[columns + 1] - starts
        of = np.repeat(np.arange(len(columns)), counts)
        cells = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts - starts, counts)
        values = by_column.data[cells] * own[of]
        order = np.lexsort((columns[of], by_column.indices[cells], -np.abs(values)))
        order = order[: np.count_nonzero(values)]  # zeros are the last
        of = of[order]
        return by_column.indices[cells[order]], columns[of], values[order], own[of] < 0

    def _by_column(self, profile: Profile) -> sparse.csc_array:
        """Return the profile as CSC; a list of items asks for it again and again."""
        known, matrix = self._asked
        if known is not profile or matrix is None:
            matrix = sparse.csc_array(profile.matrix)
            self._asked = (profile, matrix)
        return matrix

    def _contribution(
        self, value: float, source: Source, column: Column, item: Iri, *, rare: bool
    ) -> Contribution:
        path = self._path(source, column, item, rare=rare)
        evidence = dict.fromkeys(source.evidence)
        for hop in path:
            evidence.update(dict.fromkeys(self._passages(hop.triple)))
        words = self._words(source, column, path, value)
        return Contribution(
            value, source, path, *words, tuple(evidence), column, self._support(column, item)
        )

    # --- paths -------------------------------------------------------------------------------

    def _path(self, source: Source, column: Column, item: Iri, *, rare: bool) -> tuple[Hop, ...]:
        if source.kind == "popularity":
            return ()
        if source.kind == "community":
            return friend_hops(self.graph, source, column.object, item)
        last = self._last(column, item, rare=rare)
        first = None if source.iri is None else self._first(source.iri, column)
        return tuple(hop for hop in (first, last) if hop is not None)

    def _first(self, source: Iri, column: Column) -> Hop | None:
        """Return the step from a source to what a column stands for; None if it is that."""
        end = column.object
        if source == end:
            return None
        if column.block == "facts":
            return Hop(Triple(source, column.predicate, end))
        if column.block == "facts_in":
            return Hop(Triple(end, column.predicate, source), reverse=True)
        if column.block == "stated":
            return Hop(Triple(source, SIMILAR_CONCEPT, end))
        return self._joined(source, end)

    def _last(self, column: Column, item: Iri, *, rare: bool) -> Hop | None:
        """Return the step from what a column stands for to an item; None if it is that."""
        start, predicate = column.object, column.predicate
        if column.block == "facts_in":
            return Hop(Triple(start, predicate, item))
        if column.block in {"linked", "stated"}:
            return None if start == item else self._joined(start, item)
        if rare and predicate == LIKED_WITH:
            predicate = RARELY_LIKED_WITH
        return Hop(Triple(item, predicate, start), reverse=True)

    def _join(self, start: Iri, end: Iri) -> Hop:
        """Return the triple of the heaviest relation between two nodes, as a step."""
        for predicate in self._heaviest_first:
            for hop in (
                Hop(Triple(end, predicate, start), True),
                Hop(Triple(start, predicate, end)),
            ):
                if hop.triple in self.graph:
                    return hop
        found = next(iter(self.graph.triples(end, None, start)), None)
        if found is not None:
            return Hop(found, reverse=True)
        return Hop(next(iter(self.graph.triples(start, None, end))))

    def _support(self, column: Column, item: Iri) -> Callable[[], tuple[Hop, ...]] | None:
        """Return what looks for the facts that back a learned link."""
        if column.block in FACT_BLOCKS or column.block in {"popularity", "community"}:
            return None

        def find() -> tuple[Hop, ...]:
            found = best_paths(
                self.graph,
                column.object,
                item,
                k=1,
                max_hops=_SUPPORT_HOPS,
                without=(USERS, DERIVED),
            )
            return found[0].hops if found else ()

        return find

    # --- words -------------------------------------------------------------------------------

    def _words(
        self, source: Source, column: Column, path: tuple[Hop, ...], value: float
    ) -> tuple[str, str, str]:
        """Return fact, other and tie of a contribution."""
        if source.kind == "community":
            return friend_words(source, path, self.language)
        if not path:
            return self.phrases.ties["popular"], "", ""
        if column.block in FACT_BLOCKS:
            alike = len(path) > 1 and path[0].triple.predicate == SIMILAR_CONCEPT
            tie = self._tie(source, value) + (self.phrases.alike if alike else "")
            return self._said(path[-1]), "", tie
        link = path[-1].triple.predicate
        words = self.phrases.links.get(link, self.phrases.links[LIKED_WITH])
        words = words.replace("MODEL", self.models.get(link, ""))
        tie = self._said(path[0]) if len(path) > 1 else ""
        if source.kind == "profile":
            tie = self._tie(source, value)
        return words, self._label(column.object), tie

    def _hop_words(self, hop: Hop) -> str:
        """Return what the subject of a triple is said to be; its object, if it is walked so."""
        triple = hop.triple
        if hop.reverse:
            words = wording(self.ontology, triple.predicate, self.language)
            said = words.replace("{object}", self._label(triple.object))
        else:
            said = self._incoming(triple)
        rule = rule_of(self.graph, triple) if self._inferred else ""
        return said + self.phrases.inferred.format(rule=rule) if rule else said

    def _incoming(self, triple: Triple) -> str:
        """Return what the object of a triple is said to be."""
        subject, relation = (
            self._label(triple.subject),
            self.ontology.relations.get(triple.predicate),
        )
        for inverse in () if relation is None else relation.inverses:
            other = self.ontology.relations.get(inverse)
            if other is not None and other.wordings:
                words = wording(self.ontology, inverse, self.language)
                return words.replace("{object}", subject)
        name = relation_name(self.ontology, triple.predicate, self.language)
        return self.phrases.incoming.format(subject=subject, relation=name)

    def _name(self, term: Term) -> str:
        return self.graph.label(term, self._label_language)

    def _tie(self, source: Source, value: float) -> str:
        """Return what ties a fact to its source."""
        known = source.kind in {"history", "preference"}
        sign = "+" if (source.positive if known else value > 0) else "-"
        name = source.label
        if source.iri is not None and self._label_language:
            own = self._label(source.iri)
            name = own if own != self.graph.label(source.iri) else name
        return self.phrases.ties[f"{source.kind if known else 'taste'}{sign}"].replace("{}", name)


def _heaviest_first(ontology: Ontology, columns: Sequence[Column]) -> tuple[Iri, ...]:
    """Return the relations of the facts, those of the largest weight first."""
    weights = {HAS_WORD: 0.0, MENTIONS: 0.0, **ontology.reasons}
    used = {c.predicate for c in columns if c.block in {"facts", "facts_in"}}
    return tuple(sorted({*weights, *used}, key=lambda p: (-weights.get(p, 0.0), p)))
