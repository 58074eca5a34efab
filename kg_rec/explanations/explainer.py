"""Splits scores into their terms; words, paths and passages of a term are made when asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from kg_rec.community import PREDICTIONS
from kg_rec.explanations.friends import friend_hops, friend_words
from kg_rec.explanations.paths import best_paths
from kg_rec.explanations.terms import Alike, Contribution, Contributions, Hop
from kg_rec.explanations.words import phrases_in, relation_name, wording
from kg_rec.graph.inference import INFERRED, rule_of
from kg_rec.ids import Iri
from kg_rec.ontology import LIKED_WITH, PERSON, RARELY_LIKED_WITH, TYPE
from kg_rec.ontology.given import given_name
from kg_rec.ontology.texts import HAS_WORD, MENTIONS, SIMILAR_CONCEPT
from kg_rec.profiles import item_blocks
from kg_rec.statements import DERIVED, USERS, Triple
from kg_rec.vectors import ANY_RELATION, LINKED, POPULARITY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Term
    from kg_rec.ontology import Ontology
    from kg_rec.profiles import Profile, Source
    from kg_rec.statements import Evidence
    from kg_rec.vectors import Column, ItemVectors

__all__ = ["FACT_BLOCKS", "Explainer"]

FACT_BLOCKS = frozenset({"facts", "facts_in", "linked", "stated"})
"""The blocks whose terms are facts; the links of all other blocks are learned or counted."""
_KEPT = 1 << 16
"""Triples of which passages and words are kept at hand: good items are asked for again."""
_OF_ALL = {"history": 0, "profile": 1, "popularity": 2}
"""Kinds of sources of which it does not matter for the kind of a reason which one it is."""
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
        self._learned = frozenset(item_blocks({c.block for c in vectors.columns}))
        linked = self._learned | {"linked"}
        self.items = frozenset(c.object for c in vectors.columns if c.block in linked)
        self._asked: tuple[Profile | None, sparse.csc_array | None] = (None, None)
        self._kinds_of: tuple[Profile | None, NDArray[np.int64]] = (None, np.zeros(0, np.int64))
        self._known: dict[int, Any] = {}
        self._passages = lru_cache(_KEPT)(graph.evidence)
        self.joined = lru_cache(_KEPT)(self._join)
        self._said = lru_cache(_KEPT)(self._hop_words)
        self._label = lru_cache(_KEPT)(self._name)
        self._is_person = lru_cache(_KEPT)(self._person)

    def contributions(self, profile: Profile, row: int, item: Iri) -> Contributions:
        """Return all terms of the score of an item, the largest absolute value first."""
        sources, columns, values, rare = self._terms(profile, row)
        terms = _ItemTerms(self, item)

        def make(place: int) -> Contribution:
            return Contribution.of(
                terms,
                float(values[place]),
                profile.sources[sources[place]],
                self.vectors.columns[columns[place]],
                rare=bool(rare[place]),
            )

        return Contributions(values, make, self._alike(profile, sources, columns, values, rare))

    def _alike(
        self,
        profile: Profile,
        sources: NDArray[np.int32],
        columns: NDArray[np.int32],
        values: NDArray[np.float64],
        rare: NDArray[np.bool_],
    ) -> Alike:
        """Return which terms say the same of an item; see ``Alike``."""
        kinds = self._kinds(profile)[sources]
        numbers = ((kinds * len(self.vectors.columns) + columns) * 2 + rare) * 2 + (values > 0)
        lasting = len(_OF_ALL) * len(self.vectors.columns) * 4
        own = [profile.sources[source] for source in sources.tolist()]
        return Alike(numbers.tolist(), own, lasting, self._known)

    def _kinds(self, profile: Profile) -> NDArray[np.int64]:
        """Return a number for each source: of its kind, if all of that kind are alike."""
        known, kinds = self._kinds_of
        if known is not profile:
            found = (
                _OF_ALL.get(source.kind, len(_OF_ALL) + number)
                for number, source in enumerate(profile.sources)
            )
            kinds = np.fromiter(found, dtype=np.int64, count=len(profile.sources))
            self._kinds_of = (profile, kinds)
        return kinds

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

    # --- paths -------------------------------------------------------------------------------

    def path(self, term: Contribution, item: Iri) -> tuple[Hop, ...]:
        """Return the steps from the source of a term to an item."""
        source, column = term.source, term.column
        if column is None or source.kind == "popularity":
            return ()
        if source.kind == "community":
            return friend_hops(self.graph, source, column.object, item)
        if source.kind == PREDICTIONS:
            return (Hop(Triple(column.object, column.predicate, item)),)
        last = self._last(column, item, rare=term.rare)
        first = None if source.iri is None else self._first(source.iri, column, source.relation)
        return tuple(hop for hop in (first, last) if hop is not None)

    def _first(self, source: Iri, column: Column, relation: Iri | None) -> Hop | None:
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
        return self.joined(source, end, relation)

    def _last(self, column: Column, item: Iri, *, rare: bool) -> Hop | None:
        """Return the step from what a column stands for to an item; None if it is that."""
        start, predicate = column.object, column.predicate
        if column.block == "facts_in":
            return Hop(Triple(start, predicate, item))
        if column.block in {"linked", "stated"}:
            asked = predicate if predicate not in {LINKED, ANY_RELATION} else None
            return None if start == item else self.joined(start, item, asked)
        if rare and predicate == LIKED_WITH:
            predicate = RARELY_LIKED_WITH
        return Hop(Triple(item, predicate, start), reverse=True)

    def _join(self, start: Iri, end: Iri, relation: Iri | None = None) -> Hop:
        """Return the triple of a relation between two nodes, or of the heaviest, as a step."""
        first = () if relation is None else (relation,)
        for predicate in (*first, *self._heaviest_first):
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

    def support(self, term: Contribution, item: Iri) -> tuple[Hop, ...]:
        """Return the best path of facts from the other item of a learned link, if any."""
        column = term.column
        if column is None or column.block not in self._learned or column.object == item:
            return ()
        ends, without = (column.object, item), (USERS, DERIVED)
        found = best_paths(
            self.graph, *ends, 1, _SUPPORT_HOPS, relations=self._heaviest_first, without=without
        )
        return found[0].hops if found else ()

    def evidence(self, term: Contribution) -> tuple[Evidence, ...]:
        """Return what the user said, and the passages that state the facts of a path."""
        learned = term.column is not None and term.column.block in self._learned
        if learned and term.source.kind in {"history", "profile"}:
            return term.source.evidence  # no text states a learned link
        return tuple(dict.fromkeys([*term.source.evidence, *self.passages(term.path)]))

    def passages(self, hops: Sequence[Hop]) -> tuple[Evidence, ...]:
        """Return the passages that state the facts of a path, each once."""
        return tuple(dict.fromkeys(e for hop in hops for e in self._passages(hop.triple)))

    # --- words -------------------------------------------------------------------------------

    def fact(self, term: Contribution) -> str:
        """Return what is said of an item."""
        column, path = term.column, term.path
        if term.source.kind == "community":
            return friend_words(term.source, path, self.language)[0]
        if term.source.kind == "popularity" or column is None:
            return self._popular(column, term.source)
        if column.block in FACT_BLOCKS:
            return self._said(path[-1]) if path else self.phrases.ties["linked"]
        model = self.models.get(column.predicate, "")
        if given_name(column.predicate):
            words = wording(self.ontology, column.predicate, self.language)
            return self.phrases.by_model(words.replace("{object}", "{}"), model)
        return self.phrases.link(term.about[0], model)

    def _popular(self, column: Column | None, source: Source) -> str:
        ties = self.phrases.ties
        if column is None or column == POPULARITY:
            return ties["popular"]
        return ties["popular among"].replace("{}", source.label)

    def other(self, term: Contribution) -> str:
        """Return the name of the other item of a link, or of a friend."""
        if term.source.kind == "community":
            return friend_words(term.source, term.path, self.language)[1]
        column = term.column
        alone = {"popularity", PREDICTIONS}
        if column is None or column.block in FACT_BLOCKS or term.source.kind in alone:
            return ""
        return self._label(column.object)

    def tie(self, term: Contribution) -> str:
        """Return what ties what is said of an item to the source."""
        source, column = term.source, term.column
        if source.kind == "community":
            return friend_words(source, term.path, self.language)[2]
        if column is None or source.kind in {"popularity", PREDICTIONS}:
            return ""
        if source.kind == "profile":
            tie = f"taste{'+' if term.value > 0 else '-'}"
            person = column.block == "facts" and self._is_person(column.predicate, column.object)
            return self.phrases.ties[tie + "person" * person]
        if column.block not in FACT_BLOCKS:
            example = len(term.path) > 1  # of what a stated preference is for
            return self.phrases.example.format(self._said(term.path[0])) if example else ""
        return self._tie(source, column, term.path)

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
        subject = self._label(triple.subject)
        relation = self.ontology.relations.get(triple.predicate)
        for inverse in () if relation is None else relation.inverses:
            other = self.ontology.relations.get(inverse)
            if other is not None and other.wordings:
                words = wording(self.ontology, inverse, self.language)
                return words.replace("{object}", subject)
        name = relation_name(self.ontology, triple.predicate, self.language)
        return self.phrases.incoming.format(subject=subject, relation=name)

    def _name(self, term: Term) -> str:
        return self.graph.label(term, self._label_language)

    def source_name(self, source: Source) -> str:
        """Return the name of a source in the language of the words, if it has one."""
        return source.label if source.iri is None else self.name(source.iri, source.label)

    def name(self, node: Iri, label: str) -> str:
        """Return the name of a node in the language of the words; without one, a label."""
        own = self._label(node)
        return own if self._label_language and own != self.graph.label(node) else label

    def _tie(self, source: Source, column: Column, path: Sequence[Hop]) -> str:
        """Return what ties a fact to a choice or to a stated preference."""
        ties, sign = self.phrases.ties, "+" if source.positive else "-"
        name = self.source_name(source)
        if source.relation is not None:
            return self._asked_for(source, column, sign)
        if source.kind == "history" or source.iri in self.items:
            kind = "history" if source.kind == "history" else "item"
            return ties[kind + sign].replace("{}", name)
        said = ties[f"preference{sign}"].replace("{}", name)
        if source.iri != column.object:
            return said + self.phrases.alike
        if name.casefold() != self._label(column.object).casefold():
            return said
        predicate = path[-1].triple.predicate
        if self._is_person(predicate, column.object):
            return ties[f"itself{sign}person"]
        unsure = predicate == MENTIONS and self._is_person(None, column.object)
        return said if unsure else ties[f"itself{sign}"]

    def _asked_for(self, source: Source, column: Column, sign: str) -> str:
        """Return what ties a fact to an attribute that was asked for."""
        ties = self.phrases.ties
        if source.iri != column.object:
            named = ties[f"asked alike{sign}"].replace("{}", self.source_name(source))
            return named + self.phrases.alike
        person = self._is_person(source.relation, column.object)
        return ties[f"asked{sign}" + "person" * person]

    def _person(self, predicate: Iri | None, node: Iri) -> bool:
        """Return whether a node is a person, by its class and by what the relation is for.

        Texts may mention a firm that looks like a person.

        Args:
            predicate: The relation; None takes the word of the class.
            node: The node.
        """
        relation = self.ontology.relations.get(predicate) if predicate else None
        ranges = (PERSON,) if predicate is None else () if relation is None else relation.ranges
        kinds = [t.object for t in self.graph.triples(node, TYPE) if isinstance(t.object, Iri)]
        return all(any(self.ontology.is_a(k, PERSON) for k in among) for among in (ranges, kinds))


class _ItemTerms:
    """Says what there is to say of the terms of one item's score."""

    def __init__(self, explainer: Explainer, item: Iri) -> None:
        self._item = item
        self._explainer = explainer
        self.fact = explainer.fact
        self.other = explainer.other
        self.tie = explainer.tie
        self.evidence = explainer.evidence
        self.passages = explainer.passages

    def path(self, term: Contribution) -> tuple[Hop, ...]:
        return self._explainer.path(term, self._item)

    def support(self, term: Contribution) -> tuple[Hop, ...]:
        return self._explainer.support(term, self._item)

    def of_entity(self, source: Source) -> bool:
        return source.relation is not None or source.iri not in self._explainer.items


def _heaviest_first(ontology: Ontology, columns: Sequence[Column]) -> tuple[Iri, ...]:
    """Return the relations of the facts, those of the largest weight first."""
    weights = {HAS_WORD: 0.0, MENTIONS: 0.0, **ontology.reasons}
    used = {c.predicate for c in columns if c.block in {"facts", "facts_in"}}
    return tuple(sorted({*weights, *used}, key=lambda p: (-weights.get(p, 0.0), p)))
