"""The protocol: fit on what is learned from, rank all candidates, judge by what was put aside."""

from __future__ import annotations

import time
import warnings
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec import ranking
from kg_rec.building import Sources, build
from kg_rec.errors import ConfigError, DataError, DataWarning
from kg_rec.evaluation.data import load_data
from kg_rec.evaluation.judging import Task
from kg_rec.evaluation.result import Evaluation, Run
from kg_rec.ranking import TopK
from kg_rec.recommender import Recommender

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kg_rec.building import Progress
    from kg_rec.evaluation.config import EvaluationConfig
    from kg_rec.evaluation.data import EvaluationData

__all__ = ["evaluate", "fit", "rank", "task_of"]


LISTED = 20
"""Length of the lists at least, whatever they are judged at."""


def evaluate(
    source: EvaluationConfig | EvaluationData | str | Path,
    *,
    on: str | None = None,
    ks: Sequence[int] = (10, 20),
    progress: Progress | None = None,
) -> Evaluation:
    """Fit a model on the training part of some data, and judge it by the test part.

    Full ranking: every candidate that a user has not had is ranked. The test run learns from the
    validation part, too; without a test part the validation part is judged, and learned from
    is ``train`` alone.

    Args:
        source: A TOML file, settings, or data that :func:`load_data` has read.
        on: ``"test"`` or ``"valid"``; by default the test part, if there is one.
        ks: Lengths of the lists judged.
        progress: Is told how far the build is.

    Raises:
        ConfigError: A setting is not as expected.
        DataError: A table is not as expected, or there is nothing to judge by.
    """
    ks = checked_lengths(ks)
    start = time.perf_counter()
    data = load(source)
    seconds = {"read": time.perf_counter() - start}
    part = data.judged_part(on)
    task = task_of(data, part)
    run = run_of(data, task, part, ks, progress=progress, seconds=seconds)
    return evaluation_of(data, task, part, ks, [run])


def load(source: EvaluationConfig | EvaluationData | str | Path) -> EvaluationData:
    """Return the data of a configuration, or data as it is."""
    from kg_rec.evaluation.data import EvaluationData  # noqa: PLC0415 - a name of types elsewhere

    return source if isinstance(source, EvaluationData) else load_data(source)


def checked_lengths(ks: Sequence[int]) -> tuple[int, ...]:
    """Return lengths of lists, sorted.

    Raises:
        ConfigError: One is below 1, or there is none.
    """
    if not ks or min(ks) < 1:
        raise ConfigError(f"k: expected lengths from 1, found {list(ks)}")
    return tuple(sorted(set(ks)))


def task_of(data: EvaluationData, part: str) -> Task:
    """Return what lists are judged by: the users with something to be found, and what that is.

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


def fit(data: EvaluationData, part: str, progress: Progress | None = None) -> Recommender:
    """Build the model that a part is judged with."""
    sources = Sources(
        items=data.table,
        interactions=data.interactions(data.training(part)),
        graph=[data.graph, *data.endpoints],
        **data.sources,
    )
    return Recommender(build(sources, data.config, progress))


def rank(model: Recommender, task: Task, users: Sequence[str], k: int) -> TopK:
    """Return the best candidates of each judged user; those unknown to the model get one list.

    Args:
        model: The model.
        task: The task.
        users: Ids of the judged users.
        k: Length of the lists.
    """
    known = set(model.users)
    rows = np.full((len(users), k), -1, dtype=np.int64)
    scores = np.full((len(users), k), -np.inf)
    places = [place for place, user in enumerate(users) if user in known]
    if places:
        rows[places], scores[places] = _ranked(model, [users[p] for p in places], k, task)
    others = np.setdiff1d(np.arange(len(users)), places)
    if len(others):
        rows[others] = task.most_popular(k)[others]
        scores[others] = np.where(rows[others] >= 0, task.popularity[rows[others]], -np.inf)
    return TopK(rows, scores)


def _ranked(model: Recommender, users: Sequence[str], k: int, task: Task) -> TopK:
    profiles = [model.profile(user) for user in users]
    vectors = sparse.csr_array(sparse.vstack([profile.vector for profile in profiles]))
    known = [ranking.mark(sorted(profile.known), len(model.items)) for profile in profiles]
    index = ranking.ItemIndex(model.model.vectors.matrix, candidates=task.candidates)
    return ranking.top_k(vectors, index, k, exclude=sparse.csr_array(sparse.vstack(known)))


def run_of(
    data: EvaluationData,
    task: Task,
    part: str,
    ks: Sequence[int],
    *,
    name: str = "kg_rec",
    progress: Progress | None = None,
    seconds: dict[str, float] | None = None,
) -> Run:
    """Fit, rank and judge."""
    taken = dict(seconds or {})
    start = time.perf_counter()
    model = fit(data, part, progress)
    fitted = time.perf_counter()
    users = [data.users.id(row) for row in task.users.tolist()]
    found = rank(model, task, users, max(LISTED, *ks))
    taken |= {"fit": fitted - start, "rank": time.perf_counter() - fitted}
    values, whole = task.judge(found.rows, ks, features_of(model))
    return Run(name, values, whole, found, taken, data.config.seed)


def features_of(model: Recommender) -> sparse.csr_array:
    """Return what items are known by: CSR (items × named facts)."""
    return model.model.vectors.block("facts").matrix


def evaluation_of(
    data: EvaluationData, task: Task, part: str, ks: Sequence[int], runs: Sequence[Run]
) -> Evaluation:
    """Return runs as an evaluation."""
    return Evaluation(
        name=data.name,
        part=part,
        users=tuple(data.users.id(row) for row in task.users.tolist()),
        items=data.items.ids,
        candidates=task.size,
        ks=tuple(ks),
        runs=tuple(runs),
    )
