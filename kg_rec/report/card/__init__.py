"""The card of a model, put into words: Markdown, a self-contained HTML page, or the plain values.

The sections are those of Mitchell et al. ("Model Cards for Model Reporting", FAT* 2019), and one on
explanations. All numbers are measured (``kg_rec.evaluation.card``); what only the owner of a model
can say comes from :data:`NOTES`, and is marked as not stated where it is not.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import jinja2

from kg_rec.report.card.outline import sections, summary
from kg_rec.report.card.parts import Bar, Interval, Section
from kg_rec.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.report.card.parts import Cell, Table

__all__ = ["FORMATS", "NOTES", "ModelCard", "render_card"]

FORMATS = ("md", "html", "json")
"""What a card can be written as."""
NOTES = {
    "name": "what the model is called, in place of the name of its folder",
    "owner": "who made the model, and answers for it",
    "contact": "where questions and complaints go",
    "date": "when the model was made",
    "licence": "of the model and its data",
    "intended_use": "what the model is for",
    "intended_users": "who is to use it",
    "out_of_scope": "what it is not for",
    "data_source": "where events, users and texts come from, and with whose consent",
    "ethics": "risks and harms that were thought of",
    "caveats": "anything else a reader should know",
}
"""What only the owner can say, and what each is about."""


@dataclass(frozen=True)
class ModelCard:
    """A card.

    Attributes:
        values: Plain values, as JSON has them.
    """

    values: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The heading of the card."""
        return f"Model card: {self.values['notes'].get('name') or self.values['model']['name']}"

    @property
    def summary(self) -> tuple[str, ...]:
        """The card in a few sentences."""
        return summary(self.values)

    @property
    def sections(self) -> tuple[Section, ...]:
        """All sections, in order."""
        return sections(self.values)

    def to_markdown(self) -> str:
        """Return the card as Markdown."""
        return render_card(self, "md")

    def to_html(self) -> str:
        """Return the card as a self-contained page."""
        return render_card(self, "html")

    def to_dict(self) -> dict[str, Any]:
        """Return the plain values."""
        return dict(self.values)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()


def render_card(card: ModelCard, kind: str = "md") -> str:
    """Return a card as ``md``, ``html`` or ``json``; the same bytes for the same card."""
    if kind == "json":
        return json.dumps(card.values, ensure_ascii=False, indent=1) + "\n"
    if kind == "html":
        return _page().render(card=card)
    return _markdown(card)


@cache
def _page() -> jinja2.Template:
    found = jinja2.Environment(
        loader=jinja2.PackageLoader("kg_rec.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: clean(value) if type(value) is str else value,
    )
    found.tests |= {
        "bar": lambda cell: isinstance(cell, Bar),
        "interval": lambda cell: isinstance(cell, Interval),
    }
    return found.get_template("card.html.jinja")


# --- Markdown ------------------------------------------------------------------------------------

_MARKUP = str.maketrans({c: f"\\{c}" for c in "\\`*_{}[]<>#|~"})


def _markdown(card: ModelCard) -> str:
    lines = [f"# {_plain(card.title)}", ""]
    for sentence in card.summary:
        lines += [_plain(sentence), ""]
    for section in card.sections:
        lines += [f"## {section.title}", ""]
        for paragraph in section.paragraphs:
            lines += [_plain(paragraph), ""]
        if section.command:
            lines += ["```sh", section.command, "```", ""]
        if section.facts:
            lines += [f"- **{_plain(name)}:** {_plain(value)}" for name, value in section.facts]
            lines.append("")
        for table in section.tables:
            lines += [*_table(table), ""]
        if section.points:
            lines += [*(f"- {_plain(point)}" for point in section.points), ""]
    return "\n".join(lines).rstrip() + "\n"


def _plain(text: str) -> str:
    """Return a text as Markdown that shows it as it is."""
    return " ".join(clean(text).split()).translate(_MARKUP)


def _table(table: Table) -> list[str]:
    kept = [n for n, _ in enumerate(table.titles) if not _drawn(table.rows, n)]
    marks = ["---:" if n in table.numbers else "---" for n in kept]
    rows = [[_cell(row[n]) for n in kept] for row in table.rows]
    return [
        f"**{_plain(table.caption)}**",
        "",
        *(
            f"| {' | '.join(cells)} |"
            for cells in ([_plain(table.titles[n]) for n in kept], marks, *rows)
        ),
    ]


def _drawn(rows: Sequence[Sequence[Cell]], column: int) -> bool:
    """Return whether a column only draws what others say in numbers."""
    return bool(rows) and all(isinstance(row[column], Interval) for row in rows)


def _cell(cell: Cell) -> str:
    return _plain(cell.text if isinstance(cell, Bar) else str(cell))
