"""Questions that leave out what the question before said: "and in Alien?", "and the director?"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kg_rec.dialogue.asking import default_relation, leads_to, linked_relation
from kg_rec.dialogue.marking import ENTITY
from kg_rec.dialogue.requests import Request

if TYPE_CHECKING:
    from kg_rec.dialogue.marking import Marked

__all__ = ["asked_words", "continued"]


def continued(marked: Marked, mark: str) -> Request | None:
    """Return the question before with another item, or another value; None if there was none.

    Args:
        marked: The text.
        mark: Of the other item or value.
    """
    asked, node = marked.context.question, marked.node(mark)
    if asked is None or node is None:
        return None
    before = Request("question", **asked._asdict())
    if marked.context.names.is_item(node):
        return None if asked.subject is None else replace(before, items=(node,), subject=node)
    if asked.object is None:
        return None
    fits = asked.relation if leads_to(marked.context, asked.relation, node) else None
    relation = linked_relation(marked, node) or fits or default_relation(marked.context, node)
    items = () if asked.subject is None else (asked.subject,)
    if relation is None:
        return None
    return replace(before, items=items, relation=relation, object=node)


def asked_words(marked: Marked, language: str) -> Marked:
    """Return a question whose names that ask for a relation are words: "music" in "who did it"."""
    own = marked.context.speech.relations[language].values()
    asking = {phrase for words in own for phrase in words.asking}

    def plain(match: re.Match[str]) -> str:
        written = marked.written(match[0]).lower()
        return written if written in asking else match[0]

    return marked.with_text(re.sub(ENTITY, plain, marked.text))
