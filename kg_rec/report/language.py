"""The words of reports in English and in other languages."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kg_rec.report.chinese import CHINESE
from kg_rec.report.words import join

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Term
    from kg_rec.profiles import Source

__all__ = ["ENGLISH", "LANGUAGES", "Words"]

LANGUAGES: Mapping[str, Mapping[str, str]] = {"en": {}, "zh": CHINESE}
"""By language code: an English phrase to what is said instead of it."""


class Words:
    """Says the phrases of a report in a language, and names things in it.

    Args:
        language: A key of ``LANGUAGES``; any other is English.
        graph: Where names of things in other languages are looked up.

    Examples:
        >>> Words("zh")("Recommendations"), Words("fr")("Recommendations")
        ('推荐', 'Recommendations')
    """

    def __init__(self, language: str = "en", graph: KnowledgeGraph | None = None) -> None:
        self.language = language if language in LANGUAGES else "en"
        self._graph = graph
        self._said = LANGUAGES[self.language]

    def __call__(self, phrase: str, **values: object) -> str:
        """Return a phrase, with values for what stands in braces."""
        said = self._said.get(phrase, phrase)
        return said.format_map(values) if values else said

    def count(self, number: int, one: str, many: str) -> str:
        """Return a count with its noun; ``{n}`` in ``one`` and ``many`` stands for the number.

        Examples:
            >>> Words().count(1200, "{n} item", "{n} items")
            '1,200 items'
        """
        return self(one if number == 1 and self._plural else many, n=f"{number:,}")

    def join(self, names: Sequence[str], most: int = 2) -> str:
        """Return names as one phrase; of many, only the first ``most`` are named.

        Examples:
            >>> Words().join(["Heat", "Se7en", "Drive", "Psycho"])
            'Heat, Se7en and 2 more'
            >>> Words("zh").join(["盗火线", "七宗罪", "亡命驾驶", "惊魂记"])
            '盗火线、七宗罪等4项'
        """
        if self._plural:
            return join(names, most)
        names = list(names)
        if len(names) > most + 1:
            return f"{'、'.join(names[:most])}等{len(names):,}项"
        return "和".join(["、".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    def of(self, graph: KnowledgeGraph) -> Words:
        """Return what speaks the same language and names the things of a graph."""
        return Words(self.language, graph)

    def name(self, term: Term) -> str:
        """Return the name of a node in this language, or the one it has."""
        assert self._graph is not None  # noqa: S101 - a slip of ours
        return self._graph.label(term, None if self.language == "en" else self.language)

    def source(self, source: Source) -> str:
        """Return the name of what a reason starts from."""
        if source.iri is None:
            return self(source.label)
        if self._graph is None or self.language == "en":
            return source.label
        own = self.name(source.iri)
        return own if own != self._graph.label(source.iri) else source.label

    @property
    def comma(self) -> str:
        """What stands between two parts of a sentence."""
        return ", " if self._plural else "，"

    @property
    def list_comma(self) -> str:
        """What stands between the members of a list."""
        return ", " if self._plural else "、"

    @property
    def semicolon(self) -> str:
        """What stands between two sentences in one."""
        return "; " if self._plural else "；"

    @property
    def space(self) -> str:
        """What stands between two sentences."""
        return " " if self._plural else ""

    @property
    def colon(self) -> str:
        """What stands before that which was announced."""
        return ": " if self._plural else "："

    @cached_property
    def _plural(self) -> bool:
        """Whether nouns have a plural, and words have spaces between them."""
        return self.language != "zh"


ENGLISH = Words()
"""What speaks where no language is told."""
