"""Patterns made from the labels of relations, for ontologies without lexical forms.

"coach" gives "Ann is the coach of Rome", "Rome's coach is Ann", "Ann, coach of Rome", "Ann coached
Rome" and the like; "is part of" gives "Rome is part of Italy".
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from kg_rec.ontology import Ontology

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["label_patterns", "with_label_patterns"]

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\s()]+")
_COPULAS = ("is", "was", "are", "were", "has", "had")
_PREPOSITIONS = ("of", "in", "by", "at", "to", "from", "on", "for", "with")
_AGENT = re.compile(r"(?:or|er)$")
_PHRASES = (
    "{{object}} is|was (the|a|an) {0} of|for|in {{subject}}",
    "{{object}} , (the|a|an) {0} of|for|in {{subject}}",
    "{{subject}} 's {0} is|was {{object}}",
    "{{subject}} 's {0} (,) {{object}}",
)
_NOUN_PATHS = (
    "{{subject}} <poss {0} <nsubj be >attr {{object}}",
    "{{subject}} <pobj of <prep {0} <nsubj be >attr {{object}}",
    "{{object}} <nsubj be >attr {0} >prep of >pobj {{subject}}",
    "{{subject}} <poss {0} >appos {{object}}",
    "{{object}} <nsubj be >attr {0} >poss {{subject}}",
    "{{subject}} <nsubj have >dobj {0} >prep of >pobj {{object}}",
)
_VERB_PATHS = (
    "{{object}} <nsubj {0} >dobj {{subject}}",
    "{{subject}} <nsubjpass {0} >agent by >pobj {{object}}",
)


def label_patterns(label: str) -> Iterator[str]:
    """Yield the patterns of a label.

    Examples:
        >>> list(label_patterns("isPartOf"))
        ['{subject} is part of {object}']
        >>> "{object} <nsubj direct >dobj {subject}" in set(label_patterns("director"))
        True
    """
    words = [word.lower() for word in _CAMEL.split(label) if word]
    if not words:
        return
    if words[0] in _COPULAS or words[-1] in _PREPOSITIONS:
        verb = words if words[0] in _COPULAS else ["(is|was)", *words]
        yield " ".join(("{subject}", *verb, "{object}"))
        return
    yield from (form.format(" ".join(words)) for form in _PHRASES)
    if len(words) > 1:
        return
    yield from (form.format(words[0]) for form in _NOUN_PATHS)
    stem = _AGENT.sub("", words[0])
    verbs = (stem, f"{stem}e") if stem != words[0] else ()
    yield from (form.format(verb) for verb in verbs for form in _VERB_PATHS)


def with_label_patterns(ontology: Ontology, language: str = "en") -> Ontology:
    """Return an ontology with patterns made from the labels of its relations."""
    lines = [ontology.turtle]
    for relation in ontology.relations.values():
        for label in relation.labels.get(language, ()):
            lines += [
                f"<{relation.iri}> <https://w3id.org/kg-rec/ns#pattern> "
                f"{json.dumps(text, ensure_ascii=False)}@{language} ."
                for text in label_patterns(label)
            ]
    return Ontology("\n".join(lines), ontology.source)
