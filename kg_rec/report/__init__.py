"""Explanations for people: self-contained pages, fragments for notebooks, plain text, and more.

A score can have hundreds of contributions. :func:`group_reasons` makes the few reasons of them that
all of these show; the reasons sum to the score, too.

Names are imported when first used: what ranks needs no templates.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg_rec.report.compose import Reporter
    from kg_rec.report.formats import Format, render, write_folder
    from kg_rec.report.fragments import render_fragment
    from kg_rec.report.page import Audience, ReportView, render_audience, render_report
    from kg_rec.report.plain import render_text
    from kg_rec.report.reasons import Reason, group_reasons

_HOMES = {
    "Audience": "page",
    "Format": "formats",
    "Reason": "reasons",
    "ReportView": "page",
    "Reporter": "compose",
    "group_reasons": "reasons",
    "render": "formats",
    "render_audience": "page",
    "render_fragment": "fragments",
    "render_report": "page",
    "render_text": "plain",
    "write_folder": "formats",
}

__all__ = [
    "Audience",
    "Format",
    "Reason",
    "ReportView",
    "Reporter",
    "group_reasons",
    "render",
    "render_audience",
    "render_fragment",
    "render_report",
    "render_text",
    "write_folder",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
