"""What verbs say: subject, verb, object, complements and prepositional phrases."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.text.open_relations.complements import complements
from kg_rec.text.open_relations.phrases import members, phrase
from kg_rec.text.open_relations.subjects import has_subject, subject_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.text.open_relations.complements import Complement
    from kg_rec.text.open_relations.phrases import Extent
    from kg_rec.text.open_relations.subjects import Subject
    from kg_rec.text.open_relations.tree import Tree

__all__ = ["Draft", "verbal"]

_HELPERS = frozenset({"aux", "auxpass", "neg", "prt"})
_AUXILIARIES = frozenset({"aux", "auxpass"})
_NO_PREDICATE = frozenset({"aux", "auxpass", "amod", "compound", "prt", "det", "case", "mark"})
_VERBAL = frozenset({"VERB", "AUX"})
_TO_DO = frozenset({"xcomp"})
_ABLE = frozenset({"acomp"})
_DIRECT = frozenset({"dobj", "attr"})
_CONJ = frozenset({"conj"})
_TOLD_APART = frozenset({"preposition", "agent"})
_TIMES = frozenset({"preposition", "time"})
_ADVERB_REACH = 3


class Draft(NamedTuple):
    """A relation by token numbers.

    Attributes:
        subject: Extent of the subject.
        words: The relation's tokens: the verb with its helpers, then what leads to the object.
        object: Extent of the object.
        pattern: Name of the pattern.
        anchor: The verb or noun that says it.
        adjuncts: Extents of further arguments.
        shared: Whether the subject is taken over from another verb or noun.
    """

    subject: Extent
    words: tuple[int, ...]
    object: Extent
    pattern: str
    anchor: int
    adjuncts: tuple[Extent, ...] = ()
    shared: bool = False


def verbal(tree: Tree) -> Iterator[Draft]:
    """Yield what the verbs of a document say."""
    taken: set[int] = set()
    for verb, pos in enumerate(tree.pos):
        if pos in _VERBAL and verb not in taken and tree.deps[verb] not in _NO_PREDICATE:
            chain = _chain(tree, verb)
            taken.update(chain)
            yield from _read(tree, chain)


def _read(tree: Tree, chain: list[int]) -> Iterator[Draft]:
    verb = chain[0]
    subject = subject_of(tree, verb)
    if subject is None:
        return
    found = [c for c in _complements(tree, chain) if not c.start <= subject.head < c.extent[1]]
    if not found:
        return
    first = min(found, key=lambda c: (c.rank, c.start))
    words = _words(tree, chain)
    others = [c.extent for c in found if c is not first] + _leading(tree, verb, subject)
    adjuncts = tuple(sorted(set(others)))
    for extent in _subjects(tree, verb, subject):
        for complement in found:
            main = complement is first
            if not main and complement.kind not in _TOLD_APART:
                continue
            pattern = f"verb-{complement.kind}" if main else "adjunct"
            said = (*words, *complement.words)
            for value in complement.objects:
                if value != extent:
                    extra = adjuncts if main else ()
                    yield Draft(extent, said, value, pattern, verb, extra, subject.shared)


def _complements(tree: Tree, chain: list[int]) -> list[Complement]:
    """Return what the verbs take; a joined verb may share it: "written and directed by"."""
    found = [c for link in chain for c in complements(tree, link, chain)]
    if found:
        return found
    joined = [v for v in tree.under(chain[-1], _CONJ) if tree.tags[v] == tree.tags[chain[-1]]]
    return complements(tree, joined[0], ()) if joined and not has_subject(tree, joined[0]) else []


def _subjects(tree: Tree, verb: int, subject: Subject) -> Iterator[Extent]:
    """Yield the extents of who does it; what a participle describes ends before it."""
    inner = subject.shared and tree.heads[verb] == subject.head
    for head in [subject.head] if inner else members(tree, subject.head):
        start, end = phrase(tree, head)
        if inner and start <= head < tree.left[verb] < end:
            end = tree.left[verb]
            while end - 1 > head and tree.pos[end - 1] == "PUNCT":
                end -= 1
        yield start, end


def _chain(tree: Tree, verb: int) -> list[int]:
    """Return a verb and the words that lead on to an infinitive: "has been able to begin"."""
    chain = [verb]
    while True:
        last = chain[-1]
        if tree.under(last, _DIRECT):
            return chain
        nexts = [x for x in tree.under(last, _TO_DO) if x > last and tree.pos[x] in _VERBAL]
        nexts += [a for a in tree.under(last, _ABLE) if tree.under(a, _TO_DO)]
        if not nexts or has_subject(tree, nexts[0]):
            return chain
        chain.append(nexts[0])


def _words(tree: Tree, chain: list[int]) -> list[int]:
    words = list(chain)
    for verb in chain:
        words += [c for c in tree.children[verb] if _belongs(tree, verb, c)]
    if tree.deps[chain[0]] == "conj" and not any(tree.deps[w] in _AUXILIARIES for w in words):
        words += _borrowed(tree, chain[0])
    return sorted(words)


def _belongs(tree: Tree, verb: int, child: int) -> bool:
    dep = tree.deps[child]
    if dep in _HELPERS:
        return True
    near = verb - _ADVERB_REACH < child < verb and tree.left[child] == tree.right[child]
    return near and dep == "advmod" and tree.tags[child] == "RB"


def _borrowed(tree: Tree, verb: int) -> list[int]:
    """Return the auxiliaries that a joined verb shares: "was cut and (was) sold"."""
    head = tree.heads[verb]
    if tree.tags[head] != tree.tags[verb] or has_subject(tree, verb):
        return []
    return [c for c in tree.under(head, _AUXILIARIES) if c < head]


def _leading(tree: Tree, verb: int, subject: Subject) -> list[Extent]:
    """Return what stands before a subject that joined verbs share: "In 1995 she came and sang"."""
    if tree.deps[verb] != "conj" or not subject.shared:
        return []
    head = tree.heads[verb]
    if tree.pos[head] not in _VERBAL:
        return []
    opening = tree.left[subject.head]
    return [c.extent for c in complements(tree, head, ()) if c.start < opening and c.kind in _TIMES]
