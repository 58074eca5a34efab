"""What an open relation is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from spacy.tokens import Span, Token

__all__ = ["OpenRelation"]


class OpenRelation(NamedTuple):
    """A relation that a sentence states in its own words.

    ``doc.text[start:end]`` is the passage that states it, and each span slices to its own words.

    Attributes:
        subject: Who or what the sentence speaks of.
        relation: The words that say the relation: the verb with its helpers, then what leads to the
            object. Empty where no word says it ("Heat, a film", "Mann's film").
        label: The relation's lemma phrase, as in ``"be born in"``. Passives keep their participle,
            modal verbs are kept, adverbs and auxiliaries of time are left out.
        object: What is said of the subject.
        polarity: 1, or -1 where the sentence denies it.
        confidence: How likely the sentence says so, above 0 and at most 1. Learned coarsely from
            the development part of CaRB: the mean precision of the pattern.
        pattern: The pattern that found it, as in ``"verb-object"``.
        adjuncts: Further arguments of the same verb, with their prepositions: time, place, means.
        context: ``"fact"``; ``"modal"`` where a modal verb says that it may, can or must be;
            ``"attributed"`` inside of what somebody says or thinks; ``"conditional"`` under "if".
    """

    subject: Span
    relation: tuple[Token, ...]
    label: str
    object: Span
    polarity: int
    confidence: float
    pattern: str
    adjuncts: tuple[Span, ...] = ()
    context: str = "fact"

    @property
    def start(self) -> int:
        """First character of the passage that states the relation."""
        words = [token.idx for token in self.relation]
        return min(self.subject.start_char, self.object.start_char, *words)

    @property
    def end(self) -> int:
        """Character after the passage that states the relation."""
        words = [token.idx + len(token) for token in self.relation]
        return max(self.subject.end_char, self.object.end_char, *words)

    @property
    def phrase(self) -> str:
        """The relation's words in reading order; ``"is"`` or ``"has"`` where no word says it."""
        words = " ".join([token.text for token in self.relation])
        if self.pattern == "place":
            return f"is {words or 'in'}"
        return words or ("has" if self.label == "have" else "is")
