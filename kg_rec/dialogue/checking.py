"""Whether an answer rests on the graph: nothing is named that its facts and lists do not name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg_rec.ids import Iri

if TYPE_CHECKING:
    from kg_rec.dialogue.answers import Answer
    from kg_rec.dialogue.names import Names
    from kg_rec.graph import KnowledgeGraph

__all__ = ["unfounded"]


def unfounded(answer: Answer, graph: KnowledgeGraph, names: Names) -> list[str]:
    """Return what an answer says without a ground; nothing, if all is well.

    Args:
        answer: The answer.
        graph: The graph: each fact of the answer has to be in it.
        names: What the text may name: items, people, genres, places. Each has to be in a fact or a
            list of the answer, or in what was understood of the question.
    """
    problems = [f"not in the graph: {f.triple}" for f in answer.facts if f.triple not in graph]
    grounds: set[Iri] = set()
    for fact in answer.facts:
        ends = (fact.triple.subject, fact.triple.object)
        grounds |= {end for end in ends if isinstance(end, Iri)}
    grounds |= {item.iri for item in answer.recommendations or ()}
    grounds |= {node for one in answer.understood for node in one.nodes}
    labels = {label for node in grounds for label in names.called(node)}
    text = re.sub(r"^\d+\. ", "", answer.plain, flags=re.MULTILINE)
    for words in answer.not_understood:
        edge = r"\b" if words.isascii() and words.isalnum() else ""
        told = f"{edge}{re.escape(words)}{edge}"
        text = re.sub(told, " ", text, count=1)  # told back, not stated
    phrases = _phrases(names)
    loose = (
        name.text
        for name in names.find(text)
        if not grounds & set(name.nodes)
        and not _is_part(name.text, labels)
        and name.text.casefold() not in phrases
    )
    problems += [f"named without a fact: {text!r}" for text in loose]
    return problems


def _phrases(names: Names) -> set[str]:
    """Return the words by which the ontology says relations: "music" in "with music by"."""
    relations = names.ontology.relations.values()
    said = [text for r in relations for text in r.wordings.values()]
    said += [label for r in relations for own in r.labels.values() for label in own]
    return {word for text in said for word in re.findall(r"\w+", text.casefold())}


def _is_part(text: str, labels: set[str]) -> bool:
    """Return whether a name is a part of a longer one that has a ground."""
    return any(text.casefold() in label for label in labels)
