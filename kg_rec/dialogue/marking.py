"""What somebody says, with its names replaced by marks, so that grammars see its build alone.

Marks: ``<i0>`` is the first name, of an item; ``<e1>`` the second, of something else; ``<p2>`` the
second place of the list, ``<p-1>`` its last; ``<it>`` the item that was talked of, ``<he>`` the
person.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.dialogue.names import Name, Names
    from kg_rec.dialogue.requests import Question
    from kg_rec.ids import Iri
    from kg_rec.ontology.speech import Speech

__all__ = ["ANY", "ENTITY", "ITEM", "PERSON_MARK", "Context", "Marked", "mark"]

ITEM = r"<(?:i\d+|p-?\d+|it)>"
ENTITY = r"<e\d+>"
PERSON_MARK = r"<(?:e\d+|he)>"
ANY = r"<(?:[ie]\d+|p-?\d+|it|he)>"
_MARK = re.compile(r"<([a-z]+)(-?\d*)>")


class Context(NamedTuple):
    """What was talked of.

    Attributes:
        names: The names of the graph.
        speech: How people speak of the domain.
        shown: The items of the list, in order.
        item: The item that was talked of last.
        person: Who or what else was talked of last.
        asked: Relation and object of the last question about a value.
        question: The turn before, if it was a question.
    """

    names: Names
    speech: Speech
    shown: tuple[Iri, ...] = ()
    item: Iri | None = None
    person: Iri | None = None
    asked: tuple[Iri, Iri] | None = None
    question: Question | None = None


class Marked(NamedTuple):
    """A text with marks.

    Attributes:
        text: The text, in lower case, names replaced by marks.
        found: The names.
        context: What was talked of.
        original: The text as it was said.
    """

    text: str
    found: Sequence[Name]
    context: Context
    original: str = ""

    def nodes(self, mark: str) -> tuple[Iri, ...]:
        """Return what a mark stands for; nothing if there is no such place or talk."""
        match = _MARK.fullmatch(mark)
        if match is None:
            return ()
        kind, number = match[1], int(match[2] or 0)
        if kind in {"i", "e"}:
            return self.found[number].nodes
        shown, context = self.context.shown, self.context
        if kind == "he":
            return () if context.person is None else (context.person,)
        if kind == "it" and (before := re.search(r"<(?:i\d+|p-?\d+)>", self.text)):
            return self.nodes(before[0])
        if kind == "it":
            first = context.item or next(iter(shown), None)
            return () if first is None else (first,)
        place = number - 1 if number > 0 else len(shown) + number
        return (shown[place],) if 0 <= place < len(shown) else ()

    def node(self, mark: str) -> Iri | None:
        """Return the first of what a mark stands for."""
        return next(iter(self.nodes(mark)), None)

    def written(self, mark: str) -> str:
        """Return the name that a mark stands for, as it is written; other marks as they are."""
        match = re.fullmatch(r"<[ie](\d+)>", mark)
        return self.found[int(match[1])].text if match else mark

    def marks(self, pattern: str = ANY) -> list[str]:
        """Return the marks in the text that match a pattern."""
        return re.findall(pattern, self.text)

    def with_text(self, text: str) -> Marked:
        """Return the same with another text."""
        return self._replace(text=text)


def _bare(text: str) -> str:
    """Return words between names: in lower case, nothing in them looks like a mark."""
    return re.sub(r"[<>]", " ", text.lower())


def mark(text: str, found: Sequence[Name], context: Context) -> Marked:
    """Return a text with its names replaced by marks, in lower case, quotation marks taken off."""
    parts, last = [], 0
    for number, name in enumerate(found):
        kind = "i" if context.names.is_item(name.nodes[0]) else "e"
        parts += [_bare(text[last : name.start]), f"<{kind}{number}>"]
        last = name.end
    whole = "".join([*parts, _bare(text[last:])])
    return Marked(re.sub(r"[\"“”„«»《》〈〉「」『』*_]", "", whole), tuple(found), context, text)
