"""What verbs say: subject, verb, object, complements and prepositional phrases."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.text.open_relations.phrases import clause, members, phrase
from kg_rec.text.open_relations.subjects import RELATIVES, antecedent, subject_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.text.open_relations.phrases import Extent
    from kg_rec.text.open_relations.tree import Tree

__all__ = ["Draft", "verbal"]

_HELPERS = frozenset({"aux", "auxpass", "neg", "prt"})
_AUXILIARIES = frozenset({"aux", "auxpass"})
_NO_PREDICATE = frozenset({"aux", "auxpass", "amod", "compound", "prt", "det", "case", "mark"})
_VERBAL = frozenset({"VERB", "AUX"})
_PREPOSITIONS = frozenset({"prep", "agent", "dative"})
_NESTED = frozenset({"prep", "pcomp"})
_XCOMP = frozenset({"xcomp"})
_DIRECT = frozenset({"dobj"})
_PLACED = frozenset({"pobj"})
_RANKS = {"dobj": 0, "attr": 0, "oprd": 1, "acomp": 1, "agent": 2, "clause": 3, "prep": 4, "npadvmod": 5}


class Draft(NamedTuple):
    """A relation by token numbers: extents are half-open, ``words`` are the relation's tokens."""

    subject: Extent
    words: tuple[int, ...]
    object: Extent
    pattern: str
    verb: int
    adjuncts: tuple[Extent, ...] = ()
    shared: bool = False


class Complement(NamedTuple):
    """What a verb takes: its kind, the words that lead to it, and its heads or extent."""

    kind: str
    words: tuple[int, ...]
    heads: tuple[int, ...]
    extent: Extent


def verbal(tree: Tree) -> Iterator[Draft]:
    """Yield what the verbs of a document say."""
    taken: set[int] = set()
    for verb, pos in enumerate(tree.pos):
        if pos in _VERBAL and verb not in taken and tree.deps[verb] not in _NO_PREDICATE:
            yield from _read(tree, verb, taken)


def _read(tree: Tree, verb: int, taken: set[int]) -> Iterator[Draft]:
    chain = _chain(tree, verb)
    taken.update(chain)
    subject = subject_of(tree, verb)
    if subject is None:
        return
    words = _words(tree, chain)
    complements = [c for link in chain for c in _complements(tree, link, chain)]
    if not complements:
        return
    first = min(complements, key=lambda c: (_RANKS[c.kind], c.extent))
    for about in members(tree, subject.head):
        extent = phrase(tree, about)
        for complement in complements:
            main = complement is first
            others = [c.extent for c in complements if c is not first] if main else []
            yield from _drafts(tree, verb, extent, words, complement, others, subject.shared, main)


def _drafts(tree, verb, extent, words, complement, others, shared, main) -> Iterator[Draft]:
    said = tuple(sorted({*words, *complement.words}))
    objects = [phrase(tree, h) for h in complement.heads] or [complement.extent]
    pattern = f"verb-{complement.kind}" if main else "adjunct"
    for value in objects:
        yield Draft(extent, said, value, pattern, verb, tuple(sorted(others)), shared)


def _chain(tree: Tree, verb: int) -> list[int]:
    """Return a verb and the infinitives that it leads to: "has tried to begin"."""
    chain = [verb]
    while True:
        last = chain[-1]
        nexts = [x for x in tree.under(last, _XCOMP) if x > last and tree.pos[x] in _VERBAL]
        if not nexts or tree.under(last, _DIRECT):
            return chain
        chain.append(nexts[0])


def _words(tree: Tree, chain: list[int]) -> list[int]:
    words: list[int] = []
    for verb in chain:
        words.append(verb)
        words += [c for c in tree.children[verb] if _belongs(tree, verb, c)]
    if not any(tree.deps[w] in _AUXILIARIES for w in words) and tree.deps[chain[0]] == "conj":
        words += _borrowed(tree, chain[0])
    return words


def _belongs(tree: Tree, verb: int, child: int) -> bool:
    dep = tree.deps[child]
    if dep in _HELPERS:
        return True
    alone = tree.left[child] == tree.right[child]
    return dep == "advmod" and alone and verb - 3 < child < verb and tree.tags[child] == "RB"


def _borrowed(tree: Tree, verb: int) -> list[int]:
    """Return the auxiliaries that a joined verb shares: "was cut and (was) sold"."""
    head = tree.heads[verb]
    if tree.tags[head] != tree.tags[verb] or subject_is_own(tree, verb):
        return []
    return [c for c in tree.under(head, _AUXILIARIES) if c < head]


def subject_is_own(tree: Tree, verb: int) -> bool:
    return any(tree.deps[c] in {"nsubj", "nsubjpass"} for c in tree.children[verb])


def _complements(tree: Tree, verb: int, chain: list[int]) -> list[Complement]:
    found: list[Complement] = []
    for child in tree.children[verb]:
        dep = tree.deps[child]
        if child in chain:
            continue
        if dep in {"dobj", "attr", "oprd", "acomp"}:
            found += _direct(tree, verb, child, dep)
        elif dep in _PREPOSITIONS:
            found += _prepositional(tree, child, verb)
        elif dep in {"ccomp", "xcomp"}:
            found.append(_clausal(tree, child))
        elif dep == "npadvmod":
            found.append(Complement("npadvmod", (), (), phrase(tree, child)))
    return found


def _direct(tree: Tree, verb: int, child: int, dep: str) -> list[Complement]:
    if tree.lower[child] in RELATIVES and tree.tags[child] in {"WP", "WDT"}:
        noun = antecedent(tree, verb)
        return [] if noun is None else [Complement(dep, (), (noun,), phrase(tree, noun))]
    if dep == "acomp":
        linked = [c for c in tree.under(child, frozenset({"prep"})) if c > child]
        if linked:
            inner = _prepositional(tree, linked[0], verb)
            if inner:
                first = inner[0]
                return [Complement("acomp", (child, *first.words), first.heads, first.extent)]
    return [Complement(dep, (), tuple(members(tree, child)), phrase(tree, child))]


def _prepositional(tree: Tree, preposition: int, verb: int) -> list[Complement]:
    words = [preposition]
    last = preposition
    kind = "agent" if tree.deps[preposition] == "agent" else "prep"
    for _ in range(3):
        placed = tree.under(last, _PLACED)
        if placed:
            return [_placed(tree, verb, kind, words, placed[0])]
        nested = tree.under(last, _NESTED)
        if not nested:
            break
        last = nested[0]
        if tree.pos[last] in _VERBAL:
            start, end = clause(tree, last)
            return [Complement(kind, tuple(words), (), (start, end))]
        words.append(last)
    if tree.deps[preposition] == "dative" and tree.pos[preposition] not in {"ADP"}:
        return [Complement("npadvmod", (), (preposition,), phrase(tree, preposition))]
    return []


def _placed(tree: Tree, verb: int, kind: str, words: list[int], noun: int) -> Complement:
    if tree.lower[noun] in RELATIVES:
        found = antecedent(tree, verb)
        if found is not None:
            return Complement(kind, tuple(words), (found,), phrase(tree, found))
    heads = tuple(members(tree, noun))
    return Complement(kind, tuple(words), heads, (words[0], phrase(tree, heads[-1])[1]))


def _clausal(tree: Tree, child: int) -> Complement:
    start, end = clause(tree, child)
    mark = tree.left[child]
    words = (mark,) if tree.deps[mark] == "mark" and start == mark + 1 else ()
    return Complement("clause", words, (), (start, end))
