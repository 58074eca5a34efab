"""Passages quoted in their sentence, with the mention apart and the document named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.explanations.terms import Contribution, Contributions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.statements import Evidence

__all__ = ["Quote", "quote", "sentence_around", "unquoted"]

WINDOW = 1000
"""Most characters looked through for the start and the end of a sentence."""

# A sentence ends at a full stop and a space before what may start one, but not in "J. Cobb".
_NO_END = r"(?<!\b\w)(?<!\b[MDSJ]r)(?<!\b[SM]t)(?<!\bM[rs]s)"
_END = re.compile(_NO_END + r"[.!?…][\"”’)\]]*\s+(?=[\"“‘(\[]?[^\W\d_a-z])|[。!?]\s*|\n+")


class Quote(NamedTuple):
    """A mention in its sentence.

    Attributes:
        before: The sentence up to the mention.
        mention: The mention.
        after: The rest of the sentence.
        document: Id of the document.
    """

    before: str
    mention: str
    after: str
    document: str


def quote(evidence: Evidence, source: KnowledgeGraph | str) -> Quote:
    """Return a passage in its sentence.

    Args:
        evidence: The passage.
        source: The text of the document, or the graph that has it. Of a text that is not at hand,
            or does not hold the passage, the mention alone is quoted.

    Examples:
        >>> from kg_rec.statements import Document
        >>> plot = Document("plot", "A heist goes wrong. Directed by Michael Mann. It rains.")
        >>> quote(plot.evidence(32, 44), plot.text)
        Quote(before='Directed by ', mention='Michael Mann', after='.', document='plot')
    """
    text = source if isinstance(source, str) else source.documents.get(evidence.document, "")
    mention = text[evidence.start : evidence.end]
    if mention != evidence.text:
        return Quote("", evidence.text, "", evidence.document)
    start, end = sentence_around(text, evidence.start, evidence.end)
    before, after = text[start : evidence.start].lstrip(), text[evidence.end : end].rstrip()
    return Quote(before, mention, after, evidence.document)


def sentence_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the sentence of a passage starts and ends.

    Examples:
        >>> sentence_around("It rains. She met J. Cobb in Rome. It snows.", 21, 25)
        (10, 35)
    """
    first, last = max(0, start - WINDOW), min(len(text), end + WINDOW)
    for match in _END.finditer(text, first, last):
        if match.end() <= start:
            first = match.end()
        elif match.start() >= end - 1:
            last = match.end()
            break
    return first, last


def unquoted(terms: Sequence[Contribution]) -> Contributions:
    """Return the terms of a score without what the person said: somebody else is to read them.

    Args:
        terms: The contributions, the largest absolute value first.
    """

    def make(place: int) -> Contribution:
        term = terms[place]
        source = term.source._replace(evidence=())
        if term.column is None:
            words = (term.fact, term.other, term.tie)
            return Contribution(term.value, source, term.path, *words, (), term.support)
        return Contribution.of(
            term.__dict__["terms"], term.value, source, term.column, rare=term.rare
        )

    return Contributions(np.array([term.value for term in terms], dtype=np.float64), make)
