"""What a model makes of a taste: the facts that weigh most for someone, and against."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.explanations.words import wording
from kg_rec.ontology.texts import HAS_WORD, MENTIONS
from kg_rec.report.language import ENGLISH, Words
from kg_rec.vectors import ANY_RELATION

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ontology import Ontology
    from kg_rec.profiles import Profile
    from kg_rec.vectors import Column, ItemVectors

__all__ = ["Leaning", "Leanings", "LeaningsMaker"]

MOST = 8
"""Most facts named on each side."""
MOST_WORDS = 12
NAMED = 2
"""Most sources named for one fact."""
LEAST = 0.05
"""Share of the strongest below which a fact is not named."""
BLOCKS = frozenset({"facts", "stated"})
"""The blocks of columns that stand for a fact."""


class Leaning(NamedTuple):
    """A fact that someone leans to, or away from.

    Attributes:
        text: The fact in words, as in "directed by Jane Campion".
        weight: What it adds to the score of an item that has it, on average.
        share: The absolute weight, in per cent of the largest of the profile.
        sources: Names of what speaks most for it (or against it), if that is something else.
        more: How many other sources do.
    """

    text: str
    weight: float
    share: float
    sources: tuple[str, ...]
    more: int


@dataclass(frozen=True)
class Leanings:
    """What weighs most for someone.

    Attributes:
        liked: Facts that speak for an item, the strongest first.
        disliked: Facts that speak against it.
        words: Words and names in texts of items that speak for them, the strongest first.
    """

    liked: tuple[Leaning, ...] = ()
    disliked: tuple[Leaning, ...] = ()
    words: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return bool(self.liked or self.disliked or self.words)


class LeaningsMaker:
    """Finds what weighs most in profiles.

    The weight of a column is what it adds to a score: the profile's value times the mean of the
    items that have it. It is a summary; what counts for one item is in its own reasons.

    Args:
        vectors: The vectors of the items.
        graph: Names.
        ontology: Wordings.
        words: The language.
    """

    def __init__(
        self,
        vectors: ItemVectors,
        graph: KnowledgeGraph,
        ontology: Ontology,
        words: Words = ENGLISH,
    ) -> None:
        self.vectors = vectors
        self.graph = graph
        self.ontology = ontology
        self.words = words.of(graph)

    def of(self, profile: Profile) -> Leanings:
        """Return what weighs most in a profile."""
        weights: dict[Column, float] = {}
        vector = profile.vector
        for number, value in zip(vector.indices.tolist(), vector.data.tolist(), strict=True):
            column = self.vectors.columns[number]
            if column.block in BLOCKS:
                weights[column] = value * float(self._means[number])
        order = sorted(weights, key=lambda c: (-abs(weights[c]), c))
        facts = [c for c in order if c.predicate not in {HAS_WORD, MENTIONS}]
        top = abs(weights[facts[0]]) if facts else 0.0
        facts = [c for c in facts if top > 0.0 and abs(weights[c]) >= LEAST * top]
        said = [c for c in order if c.predicate in {HAS_WORD, MENTIONS} and weights[c] > 0]
        names = (self.words.name(c.object) for c in said)
        return Leanings(
            self._side(profile, facts, weights, top, 1.0),
            self._side(profile, facts, weights, top, -1.0),
            tuple(dict.fromkeys(names))[:MOST_WORDS],
        )

    def _side(
        self,
        profile: Profile,
        facts: Iterable[Column],
        weights: dict[Column, float],
        top: float,
        sign: float,
    ) -> tuple[Leaning, ...]:
        """Return the facts of one sign."""
        chosen = [c for c in facts if weights[c] * sign > 0][:MOST]
        sources = self._sources(profile, chosen)
        return tuple(
            Leaning(
                self._text(c),
                weights[c],
                round(100 * abs(weights[c]) / top, 1),
                tuple(sources[c][:NAMED]),
                max(0, len(sources[c]) - NAMED),
            )
            for c in chosen
        )

    def _sources(self, profile: Profile, columns: Sequence[Column]) -> dict[Column, list[str]]:
        """Return the names of what pulls each column the way it goes, the strongest first."""
        found: dict[Column, list[str]] = defaultdict(list)
        numbers = [self.vectors.index[c] for c in columns]
        table = profile.matrix[:, numbers].toarray()
        for place, column in enumerate(columns):
            pull = table[:, place] * np.sign(table[:, place].sum())
            rows = [row for row in np.argsort(-pull, kind="stable").tolist() if pull[row] > 0.0]
            sources = (profile.sources[row] for row in rows)
            found[column] = [self.words.source(s) for s in sources if s.iri != column.object]
        return found

    def _text(self, column: Column) -> str:
        name = self.words.name(column.object)
        if column.predicate == ANY_RELATION:
            return self.words("to do with {name}", name=name)
        said = wording(self.ontology, column.predicate, self.words.language)
        return said.replace("{object}", name)

    @cached_property
    def _means(self) -> NDArray[np.float64]:
        """The mean of each column over the items that have it."""
        matrix = self.vectors.matrix
        shape = matrix.shape[1]
        sums = np.bincount(matrix.indices, weights=matrix.data, minlength=shape)
        counts = np.bincount(matrix.indices, minlength=shape)
        return np.asarray(sums / np.maximum(counts, 1), dtype=np.float64)
