"""What renders the templates."""

from __future__ import annotations

from functools import cache

import jinja2
from markupsafe import Markup

from kg_rec.report.drawing import in_words
from kg_rec.report.reasons import KINDS
from kg_rec.report.words import clean, isolate, number, plural, shorten, signed

__all__ = ["environment"]


@cache
def environment() -> jinja2.Environment:
    """Return what renders templates: everything escaped, unprintable characters replaced."""
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("kg_rec.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    found.globals |= {"KINDS": KINDS, "in_words": in_words, "plural": plural}
    found.filters |= {"number": number, "signed": signed, "shorten": shorten, "isolate": isolate}
    return found


def _printable(value: object) -> object:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value
