"""Griffe extension: the few reStructuredText marks in docstrings, as Markdown."""
# ruff: noqa: INP001 - not a package

from __future__ import annotations

import re
from typing import Any

import griffe

ROLE = re.compile(r":(?:class|func|meth|mod|data|attr):`~?([^`]+)`")
TABLE = re.compile(r"^=+(?:  =+)+\n(.+)\n=+(?:  =+)+\n((?:.+\n)+?)=+(?:  =+)+$", re.MULTILINE)


class RestructuredText(griffe.Extension):
    """Rewrites roles, literal blocks and simple tables."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Rewrite the docstring of an object."""
        if obj.docstring:
            obj.docstring.value = to_markdown(obj.docstring.value)


def to_markdown(text: str) -> str:
    """Return the text with Markdown marks."""
    text = ROLE.sub(r"`\1`", text)
    text = re.sub(r"^::\n\n", "", text, flags=re.MULTILINE)
    return TABLE.sub(_table, text)


def _table(match: re.Match[str]) -> str:
    header, *rows = (_cells(line) for line in f"{match[1]}\n{match[2]}".strip().split("\n"))
    return "\n".join([_row(header), _row(["---"] * len(header)), *map(_row, rows)])


def _cells(line: str) -> list[str]:
    return [cell.replace("``", "`") for cell in re.split(r" {2,}", line.strip())]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
