"""Relations between any two names of a text, by the patterns of the ontology.

A pattern without a weight decides alone. Those with weights add up: the score of "this subject has
this relation to that object" is the sum of the weights of the patterns that hold of the two, and
all readings of one object compete::

    confidence(s, r, o) = exp(score(s, r, o)) / (1 + sum of exp(score(s', r', o)) over all s', r')

The 1 stands for "o is the object of nothing". A reading holds from the threshold of the ontology
on. So each decision is a sum of named reasons, and a reason goes when its pattern is deleted.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.ontology import ANY_RELATION
from kg_rec.text.pair_patterns import PlacedNames
from kg_rec.text.templates import TemplateMatcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt
    from spacy.language import Language
    from spacy.tokens import Doc

    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology, Pattern, Relation
    from kg_rec.text.pair_patterns import Place

    Floats = npt.NDArray[np.float64]

__all__ = ["PairFact", "PairReader", "Rival", "WeightedPatterns", "rivals_of"]

_SURE = 0.9
_REACH = 60


class PairFact(NamedTuple):
    """A relation between two names.

    Attributes:
        relation: What holds between them.
        subject: Where the subject is named.
        object: Where the object is named.
        confidence: How sure it is, from 0 to 1.
        reasons: The patterns that speak for or against it with their weights, strongest first.
    """

    relation: Relation
    subject: Place
    object: Place
    confidence: float
    reasons: tuple[tuple[str, float], ...]


class WeightedPatterns:
    """The patterns with weights: a table from a pattern to what it adds to which relation.

    Args:
        ontology: Gives the patterns.
        language: Of the texts.
    """

    def __init__(self, ontology: Ontology, language: str) -> None:
        found = ontology.patterns.by_relation
        self.relations = [r for iri, r in ontology.relations.items() if _weighted(found, iri)]
        columns = {relation.iri: k for k, relation in enumerate(self.relations)}
        rows: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for iri in (*columns, ANY_RELATION):
            for pattern in found.get(iri, ()):
                if pattern.weight is not None and pattern.language in {"", language}:
                    rows[pattern.text].append((columns.get(iri, -1), pattern.weight))
        self._rows = {text: _row(entries) for text, entries in rows.items()}

    def scores(self, patterns: Sequence[str]) -> Floats:
        """Return the score of every relation for a pair of names of which patterns hold."""
        total = np.zeros(len(self.relations) + 1)
        for text in patterns:
            row = self._rows.get(text)
            if row is not None:
                total[row[0]] += row[1]
        scores: Floats = total[:-1] + total[-1]
        return scores

    def reasons(self, patterns: Sequence[str], column: int) -> tuple[tuple[str, float], ...]:
        """Return what each pattern adds to one relation, what adds most first."""
        found = []
        for text in patterns:
            columns, weights = self._rows.get(text, ((), ()))
            weight = sum(w for c, w in zip(columns, weights, strict=True) if c in {column, -1})
            if weight:
                found.append((text, float(weight)))
        return tuple(sorted(found, key=lambda reason: (-reason[1], reason[0])))


def _weighted(found: dict[Iri, tuple[Pattern, ...]], iri: Iri) -> bool:
    return any(pattern.weight is not None for pattern in found.get(iri, ()))


def _row(entries: list[tuple[int, float]]) -> tuple[list[int], list[float]]:
    return [column for column, _ in entries], [weight for _, weight in entries]


class PairReader:
    """Reads relations between the names of a text.

    Args:
        ontology: The relations with their patterns.
        nlp: The pipeline that reads the texts.
        language: Their language.

    Raises:
        OntologyError: A pattern that decides alone cannot be compiled.
    """

    def __init__(self, ontology: Ontology, nlp: Language, language: str = "en") -> None:
        self.ontology = ontology
        self._weighted = WeightedPatterns(ontology, language)
        self._sure = TemplateMatcher(ontology, nlp, language)
        self._kinds: dict[tuple[Iri, ...], frozenset[str]] = {}

    def __bool__(self) -> bool:
        """Whether there is any pattern to read by."""
        return bool(self._weighted.relations) or bool(self._sure)

    def may_find(self, doc: Doc) -> bool:
        """Return whether it is worth while to look for names in a text."""
        return bool(self._weighted.relations) or self._sure.may_match(doc)

    def facts(self, doc: Doc, names: Sequence[Sequence[Place]]) -> list[PairFact]:
        """Return the relations between the names of a text, those of one object together.

        Args:
            doc: The text, parsed.
            names: What is named, each with all its places.
        """
        placed = PlacedNames(doc, (here for places in names for here in places))
        found = [*self._certain(doc, names), *self._likely(placed, names)]
        kept: dict[tuple[Iri, Place, Place], PairFact] = {}
        for fact in found:
            turned = self._turned(fact)
            kept.setdefault((turned.relation.iri, turned.subject, turned.object), turned)
        return list(kept.values())

    def _certain(self, doc: Doc, names: Sequence[Sequence[Place]]) -> Iterator[PairFact]:
        places = [here for group in names for here in group]
        for relation, text, subject, object_ in self._sure.matches(doc, places):
            if self._fits(relation.domains, subject) and self._fits(relation.ranges, object_):
                yield PairFact(relation, subject, object_, _SURE, ((text, 1.0),))

    def _likely(self, placed: PlacedNames, names: Sequence[Sequence[Place]]) -> Iterator[PairFact]:
        if not self._weighted.relations:
            return
        for rivals in rivals_of(names):
            yield from self._readings(placed, rivals)

    def _readings(self, placed: PlacedNames, rivals: Sequence[Rival]) -> Iterator[PairFact]:
        """Yield the readings of one object that hold."""
        pairs = [(rival.subject, rival.object) for rival in rivals]
        patterns = [placed.patterns(subject, object_) for subject, object_ in pairs]
        scores = np.array([self._weighted.scores(found) for found in patterns])
        scores[~np.array([self._allowed(*pair) for pair in pairs])] = -np.inf
        top = max(0.0, float(scores.max()))
        chances = np.exp(scores - top)
        chances /= np.exp(-top) + chances.sum()
        for i, column in np.argwhere(chances >= self.ontology.patterns.threshold):
            reasons = self._weighted.reasons(patterns[i], int(column))
            relation = self._weighted.relations[column]
            chance = round(float(chances[i, column]), 4)
            yield PairFact(relation, pairs[i][0], pairs[i][1], chance, reasons)

    def _allowed(self, subject: Place, object_: Place) -> list[bool]:
        return [
            self._fits(relation.domains, subject) and self._fits(relation.ranges, object_)
            for relation in self._weighted.relations
        ]

    def _fits(self, classes: tuple[Iri, ...], here: Place) -> bool:
        """Return whether a name can be of one of some classes; unknown types can be anything."""
        if not classes or not here.kind:
            return True
        if classes not in self._kinds:
            self._kinds[classes] = self._types(classes)
        kinds = self._kinds[classes]
        return not kinds or here.kind in kinds

    def _types(self, classes: tuple[Iri, ...]) -> frozenset[str]:
        """Return the entity types of classes and of those below and above them."""
        ontology = self.ontology
        return frozenset(
            label
            for kind in ontology.classes.values()
            for asked in classes
            if ontology.is_a(kind.iri, asked) or ontology.is_a(asked, kind.iri)
            for label in kind.ner_labels
        )

    def _turned(self, fact: PairFact) -> PairFact:
        """Return a fact of an inverse relation as one of the relation that is preferred."""
        relation = self._preferred(fact.relation)
        if relation is fact.relation:
            return fact
        return fact._replace(relation=relation, subject=fact.object, object=fact.subject)

    def _preferred(self, relation: Relation) -> Relation:
        """Return a relation or an inverse: a reason first, then the one with wordings."""
        known = self.ontology.relations
        both = [relation, *(known[iri] for iri in relation.inverses if iri in known)]
        return min(both, key=lambda r: (not r.reason, not r.wordings, r.iri))


class Rival(NamedTuple):
    """Two names, by number and place; all pairs with one object are rivals."""

    subject_name: int
    object_name: int
    subject: Place
    object: Place


def rivals_of(names: Sequence[Sequence[Place]]) -> Iterator[list[Rival]]:
    """Yield, object by object, the pairs that may have a relation to it.

    Of names with several places the two that are next to each other are a pair.
    """
    for k, objects in enumerate(names):
        pairs = [
            Rival(j, k, *_closest(subjects, objects))
            for j, subjects in enumerate(names)
            if j != k and subjects and objects
        ]
        near = [rival for rival in pairs if _is_near(rival.subject, rival.object)]
        if near:
            yield near


def _closest(subjects: Sequence[Place], objects: Sequence[Place]) -> tuple[Place, Place]:
    pairs = ((s, o) for s in subjects for o in objects)
    return min(pairs, key=lambda pair: (abs(pair[0].start - pair[1].start), pair))


def _is_near(subject: Place, object_: Place) -> bool:
    apart = max(subject.start, object_.start) - min(subject.end, object_.end)
    return apart <= _REACH and (subject.start, subject.end) != (object_.start, object_.end)
