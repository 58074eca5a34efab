"""From what somebody says to what is asked for: names, language, grammar."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from kg_rec.dialogue import chinese, english
from kg_rec.dialogue.english_words import COMMON
from kg_rec.dialogue.facts import stated_facts
from kg_rec.dialogue.marking import mark
from kg_rec.dialogue.names import Names
from kg_rec.dialogue.spelling import tokens
from kg_rec.ontology.speech import speech_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg_rec.dialogue.marking import Context
    from kg_rec.dialogue.names import Name
    from kg_rec.dialogue.requests import Request
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology

__all__ = ["Understanding", "is_chinese"]

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_AFTER = re.compile(
    r"\b(?:like|than|not|about|hide|seen|watched|liked|loved|hated|directed|wrote|in|made|of|suggest"
    r"|recommend|pick|me|why|saw|is|produced|for|read|heard|to|was|does|enjoyed|with|remove)\s+(?=\S)",
    re.IGNORECASE,
)
_WIDEST = 8
"""Most words of a name that is looked for in one place."""


class Understanding:
    """Understands what is said about a graph.

    Args:
        graph: The graph, without users.
        ontology: The domain.
        items: Nodes of the items.
    """

    def __init__(self, graph: KnowledgeGraph, ontology: Ontology, items: Sequence[Iri]) -> None:
        self.speech = speech_of(ontology)
        self.names = Names(graph, ontology, items, self.speech.hidden, COMMON)
        self._graph = graph

    @cached_property
    def stated(self) -> KnowledgeGraph:
        """What questions are about: the relations of the ontology."""
        return stated_facts(self._graph, self.names.ontology)

    def parse(self, text: str, context: Context) -> tuple[Request, str]:
        """Return what a text asks for, and its language.

        Words that may name an item are taken as its name where nothing else makes sense.
        """
        found = self.names.find(text)
        language = "zh" if is_chinese(text, found) else "en"
        grammar = chinese.parse if language == "zh" else english.parse
        best = grammar(mark(text, found, context))
        if _lack(best):
            bolder = self._bolder(text, found, language, best)
            others = [grammar(mark(text, names, context)) for names in bolder]
            best = min([best, *others], key=_lack)
        return best, language

    def _after(self, text: str) -> Iterator[Name]:
        """Yield items named after a word that names often follow, though written like words."""
        for match in _AFTER.finditer(text):
            words = tokens(text[match.end() :])[:_WIDEST]
            for width in range(len(words), 0, -1):
                start, end = match.end(), match.end() + words[width - 1].end
                name = self.names.whole(text[start:end])
                if name is not None and self.names.is_item(name.nodes[0]):
                    yield name._replace(start=start + name.start, end=start + name.end)
                    break

    def _bolder(
        self, text: str, found: Sequence[Name], language: str, best: Request
    ) -> list[list[Name]]:
        """Return names that are ordinary words, too, or are misspelt."""
        tried = []
        if language == "en":
            for own in self._after(text):
                others = [n for n in found if n.end <= own.start or n.start >= own.end]
                tried.append(sorted([*others, own], key=lambda n: n.start))
        if best.intent != "unknown" or language == "zh":
            tried.append(self.names.find(text, eager=True))
        elif (name := self.names.whole(text)) is not None:
            tried.append([name])
        tried.append(self.names.misspelt(text, found))
        return tried


def _lack(request: Request) -> int:
    """Return how much a request misses that it must name: 0 to 3."""
    needs = {"why", "why_not", "more_like", "feedback", "compare"}
    if request.intent in needs:
        return 0 if request.items else 2
    if request.intent == "question":
        return 2 if request.subject is None and request.object is None else 0
    return 3 if request.intent == "unknown" else int(bool(request.lost))


def is_chinese(text: str, found: Sequence[Name] = ()) -> bool:
    """Return whether what is said beside names is Chinese.

    Examples:
        >>> is_chinese("想看西部片"), is_chinese("films like Heat")
        (True, False)
    """
    rest = text
    for name in reversed(found):
        rest = f"{rest[: name.start]} {rest[name.end :]}"
    if not re.search(r"\w", rest):
        rest = text
    return len(_CHINESE.findall(rest)) > len(re.findall(r"[A-Za-z']+", rest)) / 2
