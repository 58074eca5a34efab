"""The protocol: fit on what is learned from, rank all candidates, judge by what was put aside."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from kg_rec.errors import ConfigError, DataError
from kg_rec.evaluation import ablation
from kg_rec.evaluation.bench import Bench, task_of
from kg_rec.evaluation.comparing import compare_scorers
from kg_rec.evaluation.data import EvaluationData, load_data
from kg_rec.evaluation.histories import by_history
from kg_rec.evaluation.result import Evaluation, compared

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kg_rec.building import Progress
    from kg_rec.evaluation.config import EvaluationConfig

__all__ = ["bench_of", "compare", "evaluate"]


EXPLAINED = 100
"""Users at most whose explanations are judged."""


def evaluate(
    source: EvaluationConfig | EvaluationData | str | Path,
    *,
    on: str | None = None,
    ks: Sequence[int] = (10, 20),
    ablate: Literal["graph"] | None = None,
    history: Sequence[int] = (),
    explain: bool = False,
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
        ablate: ``"graph"``: judge the same model with a shuffled graph and with none, too, and
            compare; see :mod:`kg_rec.evaluation.ablation`.
        history: Judge users who show so many events each, as in ``(1, 2, 5, 10)``, beside
            popularity and item cosine; see :mod:`kg_rec.evaluation.histories`.
        explain: Judge the explanations, too, on a sample of the users; see
            :mod:`kg_rec.evaluation.explaining`.
        progress: Is told how far builds are.

    Raises:
        ConfigError: A setting is not as expected.
        DataError: A table is not as expected, or there is nothing to judge by.
    """
    bench = bench_of(source, on=on, ks=ks, progress=progress)
    if history:
        return by_history(bench, history)
    if ablate is not None:
        return _ablated(bench)
    return bench.evaluation([replace(bench, explained=EXPLAINED if explain else 0).run()])


def compare(
    source: EvaluationConfig | EvaluationData | str | Path,
    *,
    on: str | None = None,
    ks: Sequence[int] = (10, 20),
    progress: Progress | None = None,
) -> Evaluation:
    """Judge all scorers side by side; the arguments are as in :func:`evaluate`.

    See :mod:`kg_rec.evaluation.comparing`.
    """
    return compare_scorers(bench_of(source, on=on, ks=ks, progress=progress))


def bench_of(
    source: EvaluationConfig | EvaluationData | str | Path,
    *,
    on: str | None = None,
    ks: Sequence[int] = (10, 20),
    progress: Progress | None = None,
) -> Bench:
    """Read data, and make ready to judge by a part of it; the arguments are as in ``evaluate``."""
    if not ks or min(ks) < 1:
        raise ConfigError(f"k: expected lengths from 1, found {list(ks)}")
    start = time.perf_counter()
    data = source if isinstance(source, EvaluationData) else load_data(source)
    seconds = {"read": time.perf_counter() - start}
    part = data.judged_part(on)
    return Bench(data, part, tuple(sorted(set(ks))), task_of(data, part), progress, seconds)


def _ablated(bench: Bench) -> Evaluation:
    """Judge a model with the real graph, a shuffled one, and none.

    Raises:
        DataError: There is no graph to take away.
    """
    data = bench.data
    if not ablation.has_facts(data):
        raise DataError(f"{data.name}: there is no graph, no facts and no texts to leave out")
    runs = [
        bench.run("real graph"),
        bench.run("shuffled graph", ablation.shuffled(data, data.config.seed)),
        bench.run("no graph", ablation.without_graph(data)),
    ]
    tests = [
        compared(runs[0], run, f"{metric}@{k}")
        for run in runs[1:]
        for k in bench.ks
        for metric in ("ndcg", "recall")
    ]
    return bench.evaluation(runs, tests)
