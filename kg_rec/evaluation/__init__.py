"""Evaluation: data and splits, the protocol, metrics, intervals and paired tests, tuning.

:func:`evaluate` does it all; :mod:`~kg_rec.evaluation.metrics` and
:mod:`~kg_rec.evaluation.splits` are pure functions of arrays.
"""

from __future__ import annotations

from kg_rec.evaluation.config import EvaluationConfig
from kg_rec.evaluation.data import EvaluationData, load_data
from kg_rec.evaluation.protocol import compare, evaluate
from kg_rec.evaluation.result import Comparison, Evaluation, Mean, Run
from kg_rec.evaluation.tuning import Tuning, tune

__all__ = [
    "Comparison",
    "Evaluation",
    "EvaluationConfig",
    "EvaluationData",
    "Mean",
    "Run",
    "Tuning",
    "compare",
    "evaluate",
    "load_data",
    "tune",
]
