"""Tuning: settings of ranking that do best on the validation part; the test part is never read.

Trials are chosen by the tree-structured Parzen estimator (Bergstra et al., NeurIPS 2011) of optuna
(Akiba et al., KDD 2019), the first one being the settings as they are. A trial is given up when
its lists for a ninth or a third of the users are not among the best third of the trials that came
so far (asynchronous successive halving: Li et al., MLSys 2020). What does not depend on the
settings of ranking, as reading and embeddings, is done once.
"""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from kg_rec.building import prepare
from kg_rec.config import RankingConfig
from kg_rec.errors import ConfigError
from kg_rec.evaluation import metrics, tables
from kg_rec.evaluation.bench import rank, sources_of, task_of
from kg_rec.evaluation.data import load_data
from kg_rec.evaluation.statistics import paired_test
from kg_rec.evaluation.studies import open_study, quiet_optuna
from kg_rec.recommender import Recommender

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import optuna
    from numpy.typing import NDArray

    from kg_rec.building import Prepared, Progress
    from kg_rec.evaluation.data import EvaluationData
    from kg_rec.evaluation.judging import Task
    from kg_rec.evaluation.statistics import Difference
    from kg_rec.model import Model

__all__ = ["SPACE", "Range", "Tuning", "budget_of", "tune"]

NINTHS = (1, 3, 9)
"""The shares of the users, in ninths, after which a trial may be given up."""


class Range(NamedTuple):
    """Where a setting is looked for.

    Attributes:
        low: Least value.
        high: Largest value.
        log: Whether ratios count, not differences.
        needs: What it has an effect with: ``""``, ``"facts"``, ``"texts"``, ``"nodes"``,
            ``"friends"``.
    """

    low: float
    high: float
    log: bool = True
    needs: str = ""


SPACE: Mapping[str, Range] = {
    "facts": Range(0.01, 2.0, needs="facts"),
    "facts_cold": Range(0.02, 4.0, needs="facts"),
    "ease": Range(0.0, 1.5, log=False),
    "slim": Range(0.0, 1.5, log=False),
    "rp3beta": Range(0.0, 1.0, log=False),
    "item_cosine": Range(0.0, 1.0, log=False),
    "words": Range(0.2, 4.0, needs="texts"),
    "names": Range(0.2, 4.0, needs="texts"),
    "similar_in_graph": Range(0.01, 2.0, needs="nodes"),
    "similar_in_text": Range(0.05, 4.0, needs="texts"),
    "company": Range(0.5, 30.0, needs="facts"),
    "popularity": Range(0.001, 0.5),
    "community": Range(0.01, 2.0, needs="friends"),
    "ridge": Range(0.05, 10.0, needs="facts"),
    "user_power": Range(0.0, 1.0, log=False),
    "ease_ridge": Range(5.0, 1000.0),
    "ease_dropout": Range(0.0, 1.0, log=False),
    "slim_l1": Range(0.02, 5.0),
    "slim_l2": Range(5.0, 1000.0),
    "graph_side": Range(0.5, 200.0, needs="facts"),
    "neighbours": Range(50, 1000),
}
"""The settings that are looked for, and where."""


def budget_of(text: str) -> float:
    """Return the seconds of a budget.

    Raises:
        ConfigError: It is no number with a unit.

    Examples:
        >>> budget_of("10m"), budget_of("1.5h"), budget_of("90s")
        (600.0, 5400.0, 90.0)
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)", text.strip())
    if not found or not float(found[1]):
        raise ConfigError(f"budget: expected a time as in 90s, 10m or 1h, found {text!r}")
    return float(found[1]) * {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}[found[2]]


@dataclass(frozen=True)
class Tuning:
    """What tuning has found.

    Attributes:
        name: Of the data.
        metric: What was maximised on the validation part.
        before: Its mean with the settings as they were.
        after: Its mean with the best settings.
        difference: The paired test of both. It is optimistic: the best of many was chosen on the
            same users; judge by the test part.
        start: The settings as they were.
        best: The best settings.
        trials: How many were tried.
        given_up: How many of these were given up early.
    """

    name: str
    metric: str
    before: float
    after: float
    difference: Difference
    start: RankingConfig
    best: RankingConfig
    trials: int
    given_up: int

    @cached_property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Settings that differ: before and after."""
        pairs = {name: (getattr(self.start, name), getattr(self.best, name)) for name in SPACE}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def __str__(self) -> str:
        width = max(map(len, self.changes), default=0)
        found = (
            f"{self.name}, valid: {self.metric} {self.before:.4f} before, {self.after:.4f} after"
        )
        tried = f"{self.trials:,} trials ({self.given_up:,} given up early)"
        lines = [
            f"  {name:{width}}  {before:<8.4g}  {after:.4g}"
            for name, (before, after) in self.changes.items()
        ]
        return "\n".join([f"{found} {tried}", *lines])

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The settings of ranking to write down: all that were looked for, and a fixed blend."""
        found = {name: getattr(self.best, name) for name in SPACE}
        rounded = {n: v if isinstance(v, int) else float(f"{v:.6g}") for n, v in found.items()}
        return {"blend": "fixed", **rounded}


def tune(
    source: EvaluationData | str | Path,
    *,
    budget: float = 600.0,
    trials: int | None = None,
    study: str | Path | None = None,
    k: int = 10,
    progress: Progress | None = None,
) -> Tuning:
    """Look for the settings of ranking that do best on the validation part.

    Args:
        source: A TOML file with ``data.train`` and ``data.valid`` (or ``data.interactions``), or
            data that was read.
        budget: Seconds for all; the trial that is running then is finished.
        trials: How many trials at most; None: as many as there is time for.
        study: An SQLite file that keeps the trials; if it is there, tuning goes on from it.
        k: NDCG at this length is maximised.
        progress: Is told how far it is.

    Raises:
        ConfigError: A setting is not as expected, or the study is of something else.
        DataError: There is nothing to judge by.
    """
    end = time.monotonic() + budget
    data = _without_test(load_data(source) if isinstance(source, str | Path) else source)
    target = _Target.of(data, k, progress)

    def report(*_: object) -> None:
        if progress:
            left = max(0.0, end - time.monotonic())
            progress("tuning", int(budget - left), int(budget))

    with quiet_optuna():
        found = open_study(study, _fingerprint(target), target.parameters(), data.config.seed)
        found.optimize(
            target, n_trials=trials, timeout=max(1.0, end - time.monotonic()), callbacks=[report]
        )
    return target.result(found)


def _without_test(data: EvaluationData) -> EvaluationData:
    """Return the data without its test part."""
    return replace(data, parts={**data.parts, "test": tables.NO_EVENTS})


@dataclass(frozen=True)
class _Target:
    """What is maximised: the mean NDCG of the validation part, as a function of settings.

    Attributes:
        name: Of the data.
        prepared: What no setting changes.
        task: What lists are judged by.
        users: Ids of the judged users.
        order: Their places in the order in which they are judged.
        k: Length of the lists.
        start: The settings as they were; if the blend is learned, with the learned weights.
        before: NDCG of each user with these.
        space: The settings that have an effect, and where they are looked for.
    """

    name: str
    prepared: Prepared
    task: Task
    users: tuple[str, ...]
    order: NDArray[np.int64]
    k: int
    start: RankingConfig
    before: NDArray[np.float64]
    space: Mapping[str, Range]

    @classmethod
    def of(cls, data: EvaluationData, k: int, progress: Progress | None) -> _Target:
        """Prepare all that no setting changes, and judge the settings as they are."""
        part = data.judged_part("valid")
        task = task_of(data, part)
        prepared = prepare(sources_of(data, part), data.config, progress)
        model = prepared.model(data.config.ranking, progress)
        order = np.random.default_rng(data.config.seed).permutation(len(task.users))
        blank = cls(
            name=data.name,
            prepared=prepared,
            task=task,
            users=tuple(data.users.id(row) for row in task.users.tolist()),
            order=order,
            k=k,
            start=model.config.ranking.model_copy(update={"blend": "fixed"}),
            before=np.zeros(0),
            space=_with_effect(model, prepared),
        )
        return replace(blank, before=blank.values(model))

    def __call__(self, trial: optuna.Trial) -> float:
        """Judge the settings of a trial; it may be given up on the way."""
        import optuna  # noqa: PLC0415 - heavy

        model = self.prepared.model(self.settings(_suggested(trial, self.space)))

        def report(ninths: int, mean: float) -> None:
            trial.report(mean, ninths)
            if ninths < NINTHS[-1] and trial.should_prune():
                raise optuna.TrialPruned

        return float(self.values(model, report).mean())

    def settings(self, changed: Mapping[str, Any]) -> RankingConfig:
        """Return the settings with some of them changed."""
        return RankingConfig.model_validate({**self.start.model_dump(), **changed})

    def parameters(self) -> dict[str, float]:
        """Return the settings as they were, drawn into the space."""
        values = {name: float(getattr(self.start, name)) for name in self.space}
        return {
            name: min(max(value, self.space[name].low), self.space[name].high)
            for name, value in values.items()
        }

    def values(
        self, model: Model, report: Callable[[int, float], None] | None = None
    ) -> NDArray[np.float64]:
        """Return the NDCG of each user, in the order of the task."""
        recommender = Recommender(model)
        found = np.full(len(self.users), np.nan)
        bounds = [len(self.users) * ninths // NINTHS[-1] for ninths in NINTHS]
        for ninths, start, end in zip(NINTHS, [0, *bounds], bounds, strict=False):
            places = np.sort(self.order[start:end])
            task = self.task.of(places)
            users = [self.users[place] for place in places.tolist()]
            lists = rank(recommender, task, users, self.k)
            found[places] = metrics.ndcg(lists.rows, task.relevant, self.k)
            if report and end:
                report(ninths, float(np.nanmean(found)))
        return found

    def result(self, study: optuna.Study) -> Tuning:
        """Return what a study has found; the settings as they were, if nothing was better."""
        from optuna.trial import TrialState  # noqa: PLC0415 - heavy

        best, after = self.start, self.before
        done = study.get_trials(states=[TrialState.COMPLETE])
        if done and study.best_value > self.before.mean():
            best = self.settings(study.best_params)
            after = self.values(self.prepared.model(best))
        return Tuning(
            name=self.name,
            metric=f"ndcg@{self.k}",
            before=float(self.before.mean()),
            after=float(after.mean()),
            difference=paired_test(after, self.before),
            start=self.start,
            best=best,
            trials=len(study.trials),
            given_up=len(study.get_trials(states=[TrialState.PRUNED])),
        )


def _with_effect(model: Model, prepared: Prepared) -> dict[str, Range]:
    """Return the settings that change something in a model."""
    told = {
        "": True,
        "facts": bool(model.vectors.block("facts").matrix.nnz),
        "texts": bool(prepared.texts.any()),
        "nodes": bool(prepared.node_vectors.names),
        "friends": bool(model.vectors.block("community").matrix.nnz),
    }
    return {name: span for name, span in SPACE.items() if told[span.needs]}


def _suggested(trial: optuna.Trial, space: Mapping[str, Range]) -> dict[str, float]:
    return {
        name: trial.suggest_int(name, int(span.low), int(span.high), log=span.log)
        if isinstance(span.low, int)
        else trial.suggest_float(name, span.low, span.high, log=span.log)
        for name, span in space.items()
    }


def _fingerprint(target: _Target) -> str:
    """Return digits that tell a task from others: its data, its settings, what is looked for."""
    config = target.prepared.known.config
    told = (
        config.model_dump_json(exclude={"ranking"}),
        target.start.model_dump_json(),
        sorted(target.space.items()),
        target.users,
        target.k,
        target.before.round(9).tolist(),
    )
    return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()
