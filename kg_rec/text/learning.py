"""Lexical forms from examples: which patterns speak for which relation, and how strongly.

Distant supervision (Mintz et al., "Distant supervision for relation extraction without labeled
data", ACL 2009) without a black box: every pattern that decides is written to the ontology, with
its weight, how often it was seen with the relation, and in which share of its pairs. A person can
read them and delete from them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.errors import DataError, OntologyError, UnknownIdError
from kg_rec.ontology import ANY_NAME, ANY_RELATION, Ontology, Pattern
from kg_rec.text.candidates import candidates, named
from kg_rec.text.examples import aligned, read_examples
from kg_rec.text.fitting import Facts, Schedule, Table, chances, fit, table_of
from kg_rec.text.known_names import names_worth_knowing
from kg_rec.text.learned import as_turtle
from kg_rec.text.pair_patterns import ALWAYS, PlacedNames
from kg_rec.text.pairs import rivals_of
from kg_rec.text.pipelines import load_pipeline
from kg_rec.text.words import words_for

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt
    from spacy.language import Language
    from spacy.tokens import Doc

    from kg_rec.ids import Iri
    from kg_rec.ontology import Relation
    from kg_rec.text.examples import Example
    from kg_rec.text.fitting import Floats
    from kg_rec.text.pair_patterns import Place

    Mask = npt.NDArray[np.bool_]

__all__ = ["LearnedForms", "Score", "learn_forms"]

_SELECTING = Schedule(rounds=6, penalty=5e-4)
_SETTLING = Schedule(rounds=3, penalty=2e-5)
_LEAST_SUPPORT = 2
_LEAST_WEIGHT = 0.1
_HELD_OUT = 5
_THRESHOLDS = tuple(round(0.2 + 0.05 * k, 2) for k in range(9))
_DECIMALS = 2


class Score(NamedTuple):
    """How well the patterns do on examples that they were not learned from.

    ``precision``, ``recall`` and ``f1`` are of whole triples with the names given, from 0 to 1.
    """

    precision: float
    recall: float
    f1: float
    examples: int


class LearnedForms(NamedTuple):
    """What was learned.

    Attributes:
        turtle: The ontology with the learned patterns.
        patterns: Relation, or ``kgrec:anyRelation``, to its patterns, the strongest first.
        threshold: The confidence from which on a reading holds.
        held_out: The score on every fifth example, learned from the others.
    """

    turtle: str
    patterns: dict[Iri, list[Pattern]]
    threshold: float
    held_out: Score

    def __len__(self) -> int:
        """Return the number of patterns."""
        return sum(map(len, self.patterns.values()))


def learn_forms(
    examples: Iterable[Example] | str | Path,
    ontology: Ontology,
    *,
    pipeline: Language | str | None = None,
    language: str = "en",
) -> LearnedForms:
    """Learn how text says the relations of an ontology.

    A fifth of the examples (every fifth) is held out to choose the threshold and to measure; then
    all are learned from. The same examples give the same patterns.

    Args:
        examples: Texts with the triples that they state, or a file of them
            (see :func:`~kg_rec.text.examples.read_examples`).
        ontology: Has the relations; labels are enough.
        pipeline: A spaCy pipeline or its name; None picks one for the language.
        language: Of the texts.

    Raises:
        DataError: An example is broken, names a relation that the ontology does not have, or no
            triple can be found in its text.
        OntologyError: The ontology has learned patterns already.

    Examples:
        >>> from kg_rec.text.examples import Example
        >>> ontology = Ontology('''<urn:born> a <http://www.w3.org/2002/07/owl#ObjectProperty> ;
        ...     <http://www.w3.org/2000/01/rdf-schema#label> "birth place" .''')
        >>> texts = [(f"{who} was born in {where}.", who, where) for who in ("Ann", "Bo", "Cy")
        ...          for where in ("Rome", "Oslo", "Bern", "Riga")]
        >>> learned = learn_forms(
        ...     [Example(t, t, ((s, "birth place", o),)) for t, s, o in texts], ontology)
        >>> "born in {object}" in {p.text for p in learned.patterns["urn:born"]}
        True
    """
    if ontology.patterns.learned:
        msg = f"{ontology.source} has learned patterns already; learn from the ontology without"
        raise OntologyError(msg)
    if isinstance(examples, str | Path):
        examples = read_examples(examples)
    known = list(examples)
    if pipeline is None or isinstance(pipeline, str):
        pipeline = load_pipeline(pipeline, language)
    docs = pipeline.pipe((example.text for example in known), batch_size=64)
    samples = _Samples(ontology, language)
    for doc, example in zip(docs, known, strict=True):
        samples.add(doc, example)
    names = names_worth_knowing(pipeline, samples.read, language)
    return _learned(samples, language, names)


def _learned(samples: _Samples, language: str, names: list[Pattern]) -> LearnedForms:
    if not samples.facts.row:
        raise DataError("no triple of the examples has both ends in its text: nothing to learn")
    held = samples.example % _HELD_OUT == _HELD_OUT - 1
    table = samples.table()
    threshold, score = 0.5, Score(0.0, 0.0, 0.0, 0)
    if held.any() and not held.all():
        part = samples.learn(table.rows(np.flatnonzero(~held)))
        measured = np.flatnonzero(held & samples.given)
        threshold, score = samples.choose(table.rows(measured), part, held)
    weights = samples.learn(table)
    patterns = samples.patterns(table, weights, language)
    if names:
        patterns[ANY_NAME] = names
    turtle = as_turtle(samples.ontology, patterns, threshold, score)
    return LearnedForms(turtle, patterns, threshold, score)


class _Samples:
    """The pairs of names of all examples, with their patterns as numbers.

    Args:
        ontology: Has the relations.
        language: Of the texts.
    """

    def __init__(self, ontology: Ontology, language: str) -> None:
        self.ontology = ontology
        self.read: list[tuple[Doc, list[list[Place]]]] = []
        self._words = words_for(language)
        self.relations: list[Relation] = []
        self.facts = Facts([], [], [], 0)
        self._fact: dict[tuple[str, int, str], int] = {}
        self._missed: list[int] = []
        self._column: dict[str, int] = {}
        self._number: dict[str, int] = {}
        self._rows: list[list[int]] = []
        self._group: list[int] = []
        self._example: list[int] = []
        self._given: list[bool] = []
        self._examples = 0

    @property
    def example(self) -> npt.NDArray[np.int64]:
        """The number of each pair's example."""
        return np.asarray(self._example, np.int64)

    @property
    def given(self) -> npt.NDArray[np.bool_]:
        """Whether each pair was met with the names of the examples only."""
        return np.asarray(self._given, np.bool_)

    def add(self, doc: Doc, example: Example) -> None:
        """Take up an example: with its names alone, then among all that could be names.

        The first is how to tell relations, the second how to tell names, too.
        """
        for _, relation, _ in example.triples:
            self._relation(relation, example)
        names, triples = aligned(doc, example)
        self.read.append((doc, names))
        stated = sorted((s, self._column[r], o) for s, r, o in triples)
        found = self._add_pairs(doc, names, stated, given=True)
        cover = {i for places in names for here in places for i in range(here.start, here.end)}
        other = [
            here
            for here in candidates(doc, self._words)
            if cover.isdisjoint(range(here.start, here.end))
        ]
        if other and not example.marks:
            self._add_pairs(doc, [*names, *named(other)], stated, given=False)
        self._missed += [self._examples] * (len(set(example.triples)) - found)
        self._examples += 1

    def _add_pairs(
        self,
        doc: Doc,
        names: list[list[Place]],
        stated: list[tuple[int, int, int]],
        *,
        given: bool,
    ) -> int:
        """Take up all pairs of names; return how many of the facts are among them."""
        placed = PlacedNames(doc, (here for places in names for here in places))
        row_of: dict[tuple[int, int], int] = {}
        for rivals in rivals_of(names):
            group = self._group[-1] + 1 if self._group else 0
            for rival in rivals:
                row_of[rival.subject_name, rival.object_name] = len(self._rows)
                patterns = placed.patterns(rival.subject, rival.object)
                number = self._number
                self._rows.append([number.setdefault(text, len(number)) for text in patterns])
                self._group.append(group)
                self._example.append(self._examples)
                self._given.append(given)
        here = [(s, column, o) for s, column, o in stated if (s, o) in row_of]
        for s, column, o in here:
            fact = (names[s][0].text, column, names[o][0].text)
            self.facts.row.append(row_of[s, o])
            self.facts.fact.append(self._fact.setdefault(fact, len(self._fact)))
            self.facts.relation.append(column)
        return len(here)

    def _relation(self, name: str, example: Example) -> None:
        if name not in self._column:
            try:
                relation = self.ontology.relation(name)
            except UnknownIdError as error:
                raise DataError(f"example {example.id}: {error}") from None
            if relation not in self.relations:
                self.relations.append(relation)
            self._column[name] = self.relations.index(relation)

    def table(self) -> Table:
        """Return all pairs."""
        rows = [np.asarray(row, np.int64) for row in self._rows]
        facts = self.facts._replace(relations=len(self.relations))
        return table_of(rows, len(self._number), self._group, facts)

    def learn(self, table: Table) -> Floats:
        """Return weights: first those that matter are selected, then they are fitted freely."""
        allowed = table.support >= _LEAST_SUPPORT
        allowed[self._number[ALWAYS]] = True
        used = np.flatnonzero(allowed.any(axis=1))
        part, always = table.columns(used), np.searchsorted(used, self._number[ALWAYS])
        weights = fit(part, allowed[used], _SELECTING)
        strong = np.abs(weights) >= _LEAST_WEIGHT
        strong[always] = True
        weights = fit(part, strong, _SETTLING, np.where(strong, weights, np.float32(0)))
        kept = np.zeros(allowed.shape, np.float32)
        kept[used] = np.where(np.abs(weights) >= _LEAST_WEIGHT, weights, np.float32(0))
        return np.round(kept, _DECIMALS)

    def choose(self, table: Table, weights: Floats, held: Mask) -> tuple[float, Score]:
        """Return the threshold with the best F1 on pairs, and the score there."""
        shares = chances(table, weights)
        examples = set(self.example[held].tolist())
        missed = sum(example in examples for example in self._missed)
        true = float(table.truth.sum()) + missed
        scored = []
        for threshold in _THRESHOLDS:
            taken = shares >= threshold
            hits, read = float(table.truth[taken].sum()), int(taken.sum())
            f1 = 2 * hits / max(1.0, read + true)
            score = Score(hits / max(1, read), hits / max(1.0, true), f1, len(examples))
            scored.append((threshold, score))
        return max(scored, key=lambda pair: (pair[1].f1, -pair[0]))

    def patterns(self, table: Table, weights: Floats, language: str) -> dict[Iri, list[Pattern]]:
        """Return the patterns of each relation, the strongest first."""
        held = np.column_stack(
            [table.holds.T @ table.truth, table.holds.T @ table.truth.any(axis=1)]
        )
        seen = np.asarray(table.holds.sum(axis=0)).ravel()
        texts = list(self._number)
        found: dict[Iri, list[Pattern]] = {}
        owners = [*(relation.iri for relation in self.relations), ANY_RELATION]
        for row, column in np.argwhere(weights):
            count = int(table.support[row, column])
            share = round(float(held[row, column] / seen[row]), _DECIMALS)
            weight = round(float(weights[row, column]), _DECIMALS)
            pattern = Pattern(texts[row], weight, count, share, language)
            found.setdefault(owners[column], []).append(pattern)
        for patterns in found.values():
            patterns.sort(key=lambda p: (-abs(p.weight or 0), p.text))
        return dict(sorted(found.items()))
