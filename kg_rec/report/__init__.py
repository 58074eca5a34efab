"""Explanations for people: a self-contained HTML page, a table for notebooks, plain text.

A score can have hundreds of contributions. :func:`group_reasons` makes the few reasons of them that
all three show; the reasons sum to the score, too.
"""

from __future__ import annotations

from kg_rec.report.page import ReportView, render_fragment, render_report
from kg_rec.report.plain import render_text
from kg_rec.report.reasons import Reason, group_reasons

__all__ = [
    "Reason",
    "ReportView",
    "group_reasons",
    "render_fragment",
    "render_report",
    "render_text",
]
