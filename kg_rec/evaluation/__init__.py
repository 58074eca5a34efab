"""Evaluation: data and splits, the protocol, metrics, intervals and paired tests, tuning."""

from __future__ import annotations
