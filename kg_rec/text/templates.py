"""Patterns that decide alone, compiled: paths to `DependencyMatcher`, words to `Matcher`."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from spacy.matcher import DependencyMatcher, Matcher

from kg_rec.errors import OntologyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.language import Language
    from spacy.tokens import Doc

    from kg_rec.ontology import Ontology, Relation
    from kg_rec.text.pair_patterns import Place

__all__ = ["TemplateMatcher", "dependency_pattern", "word_pattern"]

_SLOTS = ("{subject}", "{object}")
_STEP = re.compile(r"[<>][a-z:]+(?:\|[a-z:]+)*$")
_SHORTEST = 3
_COMMON = {"be", "is", "was", "of", "in", "by", "a", "the"}


class _Compiled(NamedTuple):
    relation: Relation
    text: str


class TemplateMatcher:
    """Finds the patterns without weights in parsed texts.

    Args:
        ontology: Gives the patterns.
        nlp: The pipeline that reads the texts.
        language: Their language.

    Raises:
        OntologyError: A pattern is broken.
    """

    def __init__(self, ontology: Ontology, nlp: Language, language: str) -> None:
        self._paths = DependencyMatcher(nlp.vocab)
        self._words = Matcher(nlp.vocab)
        self._made: dict[int, _Compiled] = {}
        self._ends: dict[int, tuple[int, int]] = {}
        self._strings = nlp.vocab.strings
        self._needed: set[int] = set()
        self._needs_nothing = False
        for relation in ontology.relations.values():
            for pattern in ontology.patterns.by_relation.get(relation.iri, ()):
                if pattern.weight is None and pattern.language in {"", language}:
                    self._add(relation, pattern.text, ontology.source)

    def __bool__(self) -> bool:
        """Whether there is any pattern."""
        return bool(self._made)

    def _add(self, relation: Relation, text: str, source: str) -> None:
        where = f"{source}: pattern {text!r} of <{relation.iri}>"
        key = f"{relation.iri} {text}"
        number = self._strings.add(key)
        self._made[number] = _Compiled(relation, text)
        needed = _needed(text)
        self._needed.update(self._strings.add(word) for word in needed)
        self._needs_nothing |= not needed
        if "<" in text or ">" in text:
            nodes, ends = dependency_pattern(text, where)
            self._paths.add(key, [nodes])
            self._ends[number] = ends
        else:
            self._words.add(key, word_pattern(text, where))

    def may_match(self, doc: Doc) -> bool:
        """Return whether a text has a word that a pattern needs; quick, to pass over most texts."""
        if self._needs_nothing or not self._made:
            return bool(self._made)
        return any(t.lemma in self._needed or t.lower in self._needed for t in doc)

    def matches(
        self, doc: Doc, places: Sequence[Place]
    ) -> Iterator[tuple[Relation, str, Place, Place]]:
        """Yield relation, pattern, subject and object of each match, in the order of the text."""
        name_of = {i: here for here in places for i in range(here.start, here.end)}
        found: list[tuple[int, int, int]] = []
        if len(self._paths) and doc.has_annotation("DEP"):
            for number, tokens in self._paths(doc):
                subject, object_ = (tokens[k] for k in self._ends[number])
                ends = itertools.product(_listed(doc, subject), _listed(doc, object_))
                found += [(*pair, number) for pair in ends]
        if len(self._words):
            found += self._word_matches(doc, name_of)
        for subject, object_, number in sorted(set(found)):
            made = self._made[number]
            one, other = name_of.get(subject), name_of.get(object_)
            if one and other and one is not other:
                yield made.relation, made.text, one, other

    def _word_matches(self, doc: Doc, name_of: dict[int, Place]) -> Iterator[tuple[int, int, int]]:
        """Yield matches of words that have a name on either side."""
        for number, start, end in self._words(doc):
            if start == 0 or end >= len(doc):
                continue
            left, right = name_of.get(start - 1), name_of.get(end)
            if left and right and left.end == start and right.start == end:
                ends = (start - 1, end)
                forward = self._made[number].text.startswith(_SLOTS[0])
                yield (*(ends if forward else ends[::-1]), number)


def _needed(text: str) -> set[str]:
    """Return words one of which is in every text that a pattern matches; none if there is none."""
    for part in text.split():
        inner = part[0] not in "<>{(*" and part.isascii() and part[0].isalpha()
        if inner and part not in _COMMON:
            return {word.lower() for word in part.split("|")}
    return set()


def _listed(doc: Doc, i: int) -> list[int]:
    """Return a token and those that follow it in a list: what holds of one holds of all."""
    return [i, *(token.i for token in doc[i].conjuncts if token.i > i)]


def dependency_pattern(text: str, where: str = "") -> tuple[list[dict[str, Any]], tuple[int, int]]:
    """Compile a path between names to a pattern of spaCy's `DependencyMatcher`.

    Args:
        text: As in ``"{subject} <nsubjpass direct >agent by >pobj {object}"``.
        where: What an error message begins with.

    Returns:
        The pattern, and the places of subject and object in it.

    Raises:
        OntologyError: It does not begin and end in a slot, or a step is none.

    Examples:
        >>> nodes, ends = dependency_pattern("{subject} <nsubj found >dobj {object}")
        >>> [node.get("RIGHT_ATTRS") for node in nodes], ends
        ([{'DEP': 'nsubj'}, {'LEMMA': 'found'}, {'DEP': 'dobj'}], (0, 2))
    """
    parts = text.split()
    words, steps = parts[::2], parts[1::2]
    if not _is_whole(words, steps):
        raise OntologyError(
            f"{where or repr(text)}: expected a path like '{{subject}} <nsubj found >dobj "
            "{object}', from one slot to the other"
        )
    nodes: list[dict[str, Any]] = [{"RIGHT_ID": "0", "RIGHT_ATTRS": {}}]
    for k, (step, word) in enumerate(zip(steps, words[1:], strict=True), start=1):
        dep = _one_of(step[1:])
        rising = step.startswith("<")
        attrs = {} if word in _SLOTS or word == "*" else {"LEMMA": _one_of(word)}
        if rising:
            nodes[-1]["RIGHT_ATTRS"]["DEP"] = dep
        else:
            attrs["DEP"] = dep
        nodes.append(
            {
                "LEFT_ID": str(k - 1),
                "REL_OP": "<" if rising else ">",
                "RIGHT_ID": str(k),
                "RIGHT_ATTRS": attrs,
            }
        )
    return nodes, (words.index(_SLOTS[0]), words.index(_SLOTS[1]))


def _is_whole(words: Sequence[str], steps: Sequence[str]) -> bool:
    ends = {words[0], words[-1]} == set(_SLOTS)
    inner = not any(word in _SLOTS for word in words[1:-1])
    return ends and inner and len(words) == len(steps) + 1 and all(map(_STEP.match, steps))


def _one_of(text: str) -> Any:
    options = text.split("|")
    return {"IN": options} if len(options) > 1 else text


def word_pattern(text: str, where: str = "") -> list[list[dict[str, Any]]]:
    """Compile words between names to patterns of spaCy's `Matcher`, one for each choice.

    Words match by lemma or as they are; ``a|b`` is either, ``(a)`` may be missing.

    Raises:
        OntologyError: It does not begin and end in a slot, or has no word.

    Examples:
        >>> word_pattern("{subject} is coach of {object}")[0][1]
        {'LOWER': 'coach'}
        >>> len(word_pattern("{subject} , (the) coach of {object}"))
        4
    """
    first, *words, last = text.split() if len(text.split()) >= _SHORTEST else ["", ""]
    if {first, last} != set(_SLOTS):
        msg = f"{where or repr(text)}: expected words from one slot to the other"
        raise OntologyError(f"{msg}, as in '{{subject}} is coach of {{object}}'")
    choices = [_choices(word) for word in words]
    found: list[list[dict[str, Any]]] = []
    for chosen in itertools.product(*choices):
        tokens = [word for word in chosen if word]
        for attribute in ("LOWER", "LEMMA"):
            pattern = [{attribute: word} for word in tokens]
            if pattern and pattern not in found:
                found.append(pattern)
    return found


def _choices(word: str) -> tuple[str, ...]:
    optional = word.startswith("(") and word.endswith(")") and len(word) > 1
    options = word.strip("()").split("|") if len(word) > 1 else [word]
    return (*options, "") if optional else tuple(options)
