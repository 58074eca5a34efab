"""A part of some data, on which recommenders are fitted, asked and judged alike."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from kg_rec.building import Sources, build
from kg_rec.errors import DataError, DataWarning
from kg_rec.evaluation.explaining import explain_metrics
from kg_rec.evaluation.judging import Task
from kg_rec.evaluation.result import Evaluation, Run
from kg_rec.ranking import TopK
from kg_rec.recommender import Recommender

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from scipy import sparse

    from kg_rec.building import Progress
    from kg_rec.evaluation.data import EvaluationData
    from kg_rec.evaluation.result import Comparison

__all__ = ["LISTED", "Bench", "among", "fit", "rank", "sources_of", "task_of"]

LISTED = 20
"""Length of the lists at least, whatever they are judged at."""


@dataclass
class Bench:
    """Fits, asks and judges recommenders on one task.

    Attributes:
        data: The data; its training part is what is learned from.
        part: What is judged: ``"test"`` or ``"valid"``.
        ks: Lengths of the lists judged.
        task: What lists are judged by: the users with something to be found, and what that is.
        progress: Is told how far builds are.
        seconds: What it took to read the data.
        explained: How many of the judged users' lists are explained, to measure explanations.
        features: What the diversity is measured by: facts of the first model that was fitted.
    """

    data: EvaluationData
    part: str
    ks: tuple[int, ...]
    task: Task
    progress: Progress | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    explained: int = 0
    features: sparse.csr_array | None = field(default=None, init=False)

    @cached_property
    def users(self) -> tuple[str, ...]:
        """Ids of the judged users."""
        return tuple(self.data.users.id(row) for row in self.task.users.tolist())

    @property
    def length(self) -> int:
        """Length of the lists."""
        return max(LISTED, *self.ks)

    def run(self, name: str = "kg_rec", data: EvaluationData | None = None) -> Run:
        """Fit a model, by choice on other data about the same items, and judge it."""
        start = time.perf_counter()
        model = fit(data or self.data, self.part, self.progress)
        taken = {**self.seconds, "fit": time.perf_counter() - start}
        if self.features is None:
            self.features = model.model.vectors.block("facts").matrix
        run = self.judged(name, lambda: rank(model, self.task, self.users, self.length), taken)
        return replace(run, explanations=self._explanations(model)) if self.explained else run

    def _explanations(self, model: Recommender) -> dict[str, float | None]:
        """Return what explanations of some of the lists are like, those among all items."""
        known = sorted(set(self.users).intersection(model.users))
        if len(known) > self.explained:
            rng = np.random.default_rng(self.data.config.seed)
            known = sorted(rng.choice(known, self.explained, replace=False).tolist())
        return explain_metrics(model, known, self.ks[0])

    def judged(
        self, name: str, lists: Callable[[], TopK], seconds: dict[str, float] | None = None
    ) -> Run:
        """Make lists and judge them."""
        start = time.perf_counter()
        found = lists()
        taken = {**(seconds or {}), "rank": time.perf_counter() - start}
        values, whole = self.task.judge(found.rows, self.ks, self.features)
        return Run(name, values, whole, found, taken, self.data.config.seed)

    def evaluation(
        self,
        runs: Sequence[Run],
        comparisons: Sequence[Comparison] = (),
        notes: Sequence[str] = (),
    ) -> Evaluation:
        """Return runs as an evaluation."""
        return Evaluation(
            name=self.data.name,
            part=self.part,
            users=self.users,
            items=self.data.items.ids,
            candidates=self.task.size,
            ks=self.ks,
            runs=tuple(runs),
            comparisons=tuple(comparisons),
            notes=tuple(notes),
        )


def task_of(data: EvaluationData, part: str) -> Task:
    """Return what lists are judged by.

    Raises:
        DataError: No user has anything to be found.
    """
    relevant = data.liked(data.parts[part])
    users = np.flatnonzero(np.diff(relevant.indptr)).astype(np.int64)
    if not len(users):
        raise DataError(f"{data.name}: no {part} event is a like, so there is nothing to be found")
    training = data.training(part)
    task = Task(
        users=users,
        relevant=relevant[users],
        known=data.matrix(training)[users],
        likes=data.liked(training),
        candidates=data.candidates[part],
    )
    _warn(task, data.name, part)
    return task


def _warn(task: Task, name: str, part: str) -> None:
    """Warn of relevant items that no list can hold."""
    had = int(task.relevant.multiply(task.known).nnz)
    if had:
        said = f"{name}: {had:,} {part} events are in the training part, too, and count as missed"
        warnings.warn(said, DataWarning, stacklevel=3)
    if task.candidates is not None:
        outside = int((~np.isin(task.relevant.indices, task.candidates)).sum())
        if outside:
            said = f"{name}: {outside:,} {part} events are of no candidate, and count as missed"
            warnings.warn(said, DataWarning, stacklevel=3)


def sources_of(data: EvaluationData, part: str) -> Sources:
    """Return what is learned from before a part is judged."""
    return Sources(
        items=data.table,
        interactions=data.interactions(data.training(part)),
        graph=[data.graph, *data.endpoints],
        **data.sources,
    )


def fit(data: EvaluationData, part: str, progress: Progress | None = None) -> Recommender:
    """Build the model that a part is judged with."""
    return Recommender(build(sources_of(data, part), data.config, progress))


def rank(model: Recommender, task: Task, users: Sequence[str], k: int) -> TopK:
    """Return the best candidates of each judged user.

    Users of whom the model knows nothing get the most popular candidates.

    Args:
        model: The model.
        task: The task.
        users: Ids of the judged users.
        k: Length of the lists.
    """
    known = set(model.users)
    popular = task.most_popular(k)
    rows, scores = popular.rows.copy(), popular.scores.copy()
    places = [place for place, user in enumerate(users) if user in known]
    if places:
        asked = [users[place] for place in places]
        rows[places], scores[places] = model.rank(asked, k, candidates=among(model, task))
    return TopK(rows, scores)


def among(model: Recommender, task: Task) -> list[str] | None:
    """Return the ids of the items to rank among; None for all."""
    if task.candidates is None:
        return None
    return [model.items[row].id for row in task.candidates.tolist()]
