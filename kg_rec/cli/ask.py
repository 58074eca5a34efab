"""The command that talks: one question, one a line, or a session."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kg_rec.cli.common import (
    Lang,
    Model,
    Text,
    User,
    err_console,
    is_text,
    load,
    one_line,
    out_console,
    print_table,
)
from kg_rec.cli.paths import PathFormat
from kg_rec.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg_rec.dialogue import Answer

__all__ = ["ask"]

_LEAVING = {"quit", "exit", "bye", "q", ":q", "退出", "再见"}
_NUMBER = re.compile(r"\d+\. ")
_MOST = 8
"""Most facts that are printed under an answer."""


def ask(
    model: Model,
    question: Annotated[
        str | None,
        typer.Argument(
            metavar="[QUESTION]",
            callback=is_text,
            help='As in "films like Heat but newer"; without it a session begins.',
        ),
    ] = None,
    user: User = None,
    text: Text = None,
    lang: Lang = "en",
    format: Annotated[  # noqa: A002 - the option's name
        PathFormat, typer.Option("--format", help="Of JSON each answer is one line.")
    ] = PathFormat.text,
) -> None:
    """Talk about a model in plain language, English or Chinese.

    Wishes add up: "films like Heat but newer", "nothing with Tom Cruise", "why the second?",
    "who directed it?", "undo". Without a question lines are read from standard input.
    """
    dialogue = load(model).dialogue(user, text=text, language=lang)
    for line in [question] if question is not None else _lines():
        try:
            answer = dialogue.ask(line)
        except DataError as error:
            if question is not None:
                raise
            err_console.print(f"kg-rec: {error}", markup=False, soft_wrap=True)
            continue
        _print(answer, format)


def _lines() -> Iterator[str]:
    """Yield what is said, line by line; at a terminal with a prompt, until somebody leaves."""
    if not sys.stdin.isatty():
        yield from _said(sys.stdin)
        return
    out_console.print('Say what you like, ask, or "help"; "quit" ends.', markup=False)
    while True:
        try:
            line = input("> ")
        except (EOFError, KeyboardInterrupt):
            out_console.print()
            return
        if line.strip().casefold() in _LEAVING:
            return
        yield from _said([line])


def _said(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        is_text(line)
        if line.strip():
            yield line.strip()


def _print(answer: Answer, output_format: PathFormat) -> None:
    if output_format is PathFormat.json:
        sys.stdout.write(json.dumps(answer.to_dict(), ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    lines = [_clean(line) for line in answer.text.splitlines()]
    if answer.recommendations:
        numbered = [n for n, line in enumerate(lines) if _NUMBER.match(line)]
        print_table(answer.recommendations, "\n".join(lines[: numbered[0]]))
        lines = lines[numbered[-1] + 1 :]
    for line in lines:
        out_console.print(line, markup=False, soft_wrap=True)
    _print_facts(answer)


def _clean(line: str) -> str:
    """Return a line without control characters; its indent stays."""
    indent = len(line) - len(line.lstrip(" "))
    return " " * indent + one_line(line)


def _print_facts(answer: Answer) -> None:
    """Print the facts that answer a question, each with the first passage that says it."""
    if answer.intent != "question":
        return
    for fact in answer.facts[:_MOST]:
        said = f"  “{fact.evidence[0].text}” ({fact.evidence[0].document})" if fact.evidence else ""
        out_console.print(
            one_line(f"· {' — '.join(fact.labels)}{said}"),
            style="dim",
            markup=False,
            soft_wrap=True,
        )
    if len(answer.facts) > _MOST:
        out_console.print(f"· {len(answer.facts) - _MOST} more", style="dim", markup=False)
