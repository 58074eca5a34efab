"""Users of whom little is known: the rest of their history held back.

The judged users are those with enough events for the longest history asked for. They are not
learned from: the model is fitted on the other users, in folds if the judged ones are few, so that
each of them is somebody new. Then each shows some of its events, drawn at random (a longer history
holds the shorter ones), and all candidates are ranked. What a user had in the training part but did
not show is not ranked: it is neither known to the model nor a miss.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec import collaborative, ranking
from kg_rec.building import prepare
from kg_rec.errors import DataError
from kg_rec.evaluation import metrics
from kg_rec.evaluation.bench import among, fit, sources_of
from kg_rec.evaluation.result import compared
from kg_rec.ids import IdIndex
from kg_rec.ranking import TopK
from kg_rec.recommender import Recommender

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.building import Prepared
    from kg_rec.evaluation.bench import Bench
    from kg_rec.evaluation.data import EvaluationData
    from kg_rec.evaluation.judging import Task
    from kg_rec.evaluation.result import Evaluation

__all__ = ["by_history"]

FOLDS = 5
MOST_JUDGED = 2_000
"""Users judged at most; if there are more, one sample of them is the only fold."""
NAMES = ("kg_rec", "popularity", "item cosine")


def by_history(bench: Bench, counts: Sequence[int]) -> Evaluation:
    """Judge a model, popularity and item cosine by users who show so many events.

    Args:
        bench: Data and task; its users are those with something to be found.
        counts: How many events are shown, as in ``(1, 2, 5, 10)``.

    Returns:
        For each count a run of kg_rec, popularity and item cosine, on the same users, and the
        paired tests of the first against the others.

    Raises:
        DataError: A count is below 1, or no judged user has so many events.
    """
    counts = sorted(set(counts))
    if not counts or counts[0] < 1:
        raise DataError(f"history: expected numbers of events from 1, found {counts}")
    rng = np.random.default_rng(bench.data.config.seed)
    task, folds = _judged_users(bench, counts[-1], rng)
    bench = replace(bench, task=task)
    order = rng.random(task.known.nnz)
    shown = {count: _first(task.likes[task.users], order, count) for count in counts}
    found = _lists(bench, shown, folds)
    runs, tests = [], []
    for count in counts:
        same = [
            bench.judged(f"{name}, {_events(count)}", partial(found.__getitem__, (count, name)))
            for name in NAMES
        ]
        runs += same
        tests += [compared(same[0], other, f"ndcg@{bench.ks[0]}") for other in same[1:]]
    said = (
        f"judged: {len(task.users):,} users with {counts[-1]} events or more, none of them learned "
        f"from (in {len(folds)} {'fold' if len(folds) == 1 else 'folds'})"
    )
    return bench.evaluation(runs, tests, [said])


def _events(count: int) -> str:
    return "1 event" if count == 1 else f"{count} events"


def _judged_users(
    bench: Bench, least: int, rng: np.random.Generator
) -> tuple[Task, list[NDArray[np.int64]]]:
    """Return the task of the users with enough events, and folds of their places in it."""
    task = bench.task
    places = np.flatnonzero(np.diff(task.likes[task.users].indptr) >= least)
    if not len(places):
        raise DataError(f"history: no {bench.part} user has {least} training events")
    folds = FOLDS
    if len(places) > MOST_JUDGED:
        places, folds = np.sort(rng.permutation(places)[:MOST_JUDGED]), 1
    split = np.array_split(rng.permutation(len(places)), min(folds, len(places)))
    return task.of(places), [np.sort(fold) for fold in split]


def _first(events: sparse.csr_array, order: NDArray[np.float64], count: int) -> sparse.csr_array:
    """Return so many events of each row: those of the lowest numbers in ``order``."""
    rows = np.repeat(np.arange(events.shape[0]), np.diff(events.indptr))
    by_row = np.lexsort((order[: events.nnz], rows))
    rank = np.arange(len(rows)) - events.indptr[rows]
    chosen = by_row[rank < count]
    cells = (events.data[chosen], (rows[chosen], events.indices[chosen]))
    return sparse.csr_array(sparse.coo_array(cells, shape=events.shape).tocsr())


def _lists(
    bench: Bench, shown: Mapping[int, sparse.csr_array], folds: Sequence[NDArray[np.int64]]
) -> dict[tuple[int, str], TopK]:
    """Return the lists of all judged users, by how many events they show and by recommender."""
    shape = (len(bench.task.users), bench.length)
    found = {
        (count, name): TopK(np.full(shape, -1, dtype=np.int64), np.full(shape, -np.inf))
        for count in shown
        for name in NAMES
    }
    models = _Models(bench)
    for fold in folds:
        others = _without(bench.data, bench.task.users[fold])
        model = models.of(others)
        likes = others.liked(others.training(bench.part))
        weights = ranking.ItemIndex(
            collaborative.item_cosine(likes), candidates=bench.task.candidates
        )
        task = replace(bench.task.of(fold), likes=likes)
        for count, events in shown.items():
            own = sparse.csr_array(events[fold])
            for name, lists in (
                ("kg_rec", _of_strangers(model, own, task, bench.length)),
                ("popularity", task.most_popular(bench.length)),
                ("item cosine", ranking.top_k(own, weights, bench.length, exclude=task.known)),
            ):
                found[count, name].rows[fold] = lists.rows
                found[count, name].scores[fold] = lists.scores
    return found


class _Models:
    """Fits models that have not learned from some users.

    What facts and texts say is read and embedded once, unless likes are embedded, too.
    """

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._prepared: Prepared | None = None

    def of(self, data: EvaluationData) -> Recommender:
        """Return the model of some data, which is that of the bench without some events."""
        part, config, progress = self._bench.part, data.config, self._bench.progress
        if "users" in config.embeddings.parts:
            return fit(data, part, progress)
        if self._prepared is None:
            self._prepared = prepare(sources_of(self._bench.data, part), config, progress)
        known = self._prepared.known
        events = data.training(part)
        left = {data.users.id(row) for row in np.unique(events.users).tolist()}
        kept = [row for row in known.rows if row.user in left]
        users = IdIndex(left, kind="user")
        prepared = replace(self._prepared, known=replace(known, rows=kept, users=users))
        return Recommender(prepared.model(config.ranking, progress))


def _without(data: EvaluationData, users: NDArray[np.int64]) -> EvaluationData:
    """Return the data without what some users did in the parts that are learned from."""
    kept = {
        part: events.take(~np.isin(events.users, users))
        for part, events in data.parts.items()
        if part != "test"
    }
    return replace(data, parts={**data.parts, **kept})


def _of_strangers(model: Recommender, events: sparse.csr_array, task: Task, k: int) -> TopK:
    """Return the lists of people who are not of the model and show some events."""
    names = IdIndex((f"{row:09}" for row in range(events.shape[0])), kind="user")
    new = replace(model.model, users=names, events=events, event_times=None)
    hidden = int(np.diff(task.known.indptr).max(initial=0))
    found = Recommender(new).rank(None, k + hidden, candidates=among(model, task))
    return _unlisted(found, task.known, k)


def _unlisted(found: TopK, known: sparse.csr_array, k: int) -> TopK:
    """Return the first k of each list that are not known."""
    out = metrics.hits(found.rows, known)
    order = np.argsort(out, axis=1, kind="stable")[:, :k]
    rows = np.where(out, -1, found.rows)
    scores = np.where(out, -np.inf, found.scores)
    return TopK(np.take_along_axis(rows, order, 1), np.take_along_axis(scores, order, 1))
