"""Evaluation: data and splits, the protocol, metrics, intervals and paired tests, tuning.

:func:`evaluate` does it all; :mod:`~kg_rec.evaluation.metrics` and
:mod:`~kg_rec.evaluation.splits` are pure functions of arrays.
"""

from __future__ import annotations

from kg_rec.evaluation.config import EvaluationConfig
from kg_rec.evaluation.data import EvaluationData, load_data
from kg_rec.evaluation.protocol import evaluate
from kg_rec.evaluation.result import Comparison, Evaluation, Mean, Run

__all__ = [
    "Comparison",
    "Evaluation",
    "EvaluationConfig",
    "EvaluationData",
    "Mean",
    "Run",
    "evaluate",
    "load_data",
]
