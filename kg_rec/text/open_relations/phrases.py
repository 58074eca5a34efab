"""Arguments: where the phrase of a head begins and ends, and the members of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg_rec.text.open_relations.tree import Tree

__all__ = ["Extent", "clause", "members", "phrase"]

Extent = tuple[int, int]
"""Half-open range of tokens."""

_OUTSIDE = frozenset({"relcl", "appos", "conj", "cc", "preconj", "advcl", "parataxis", "punct"})
_OUTER_LEFT = frozenset({"cc", "preconj", "punct", "mark"})
_OPENING = frozenset({"`", '"', "``", "“", "‘", "'"})
_CLOSING = frozenset({"''", '"', "”", "’", "'"})
_QUOTES = _OPENING | _CLOSING
_INSIDE = _QUOTES | {"-", "/", "%", "$"}
_EDGES = frozenset({",", ";", ":", "--", "–", "(", ")", ".", "!", "?"})
_PLACED = frozenset({"pobj"})
_CONJ = frozenset({"conj"})
_NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "NUM", "DET", "X", "SYM"})
_MOST_MEMBERS = 12


def phrase(tree: Tree, head: int) -> Extent:
    """Return the extent of a noun or adjective phrase, without what is told apart.

    Relative clauses, appositions and further members of a list are left out; prepositional
    phrases and participles stay.
    """
    start = head
    for child in reversed(tree.children[head]):
        if child > head:
            continue
        if tree.deps[child] in _OUTER_LEFT and tree.lower[child] not in _INSIDE:
            break
        start = tree.left[child]
    return _trim(tree, start, _last(tree, head) + 1)


def _last(tree: Tree, head: int) -> int:
    """Return the last word of a phrase; a prepositional phrase in it ends with its noun's."""
    while True:
        last = head
        for child in tree.children[head]:
            if child < head:
                continue
            if tree.deps[child] in _OUTSIDE and tree.lower[child] not in _INSIDE:
                break
            last = child
        placed = tree.under(last, _PLACED) if tree.deps[last] == "prep" and last > head else []
        if not placed or placed[-1] < last:
            return head if last == head else tree.right[last]
        head = members(tree, placed[-1])[-1]


def clause(tree: Tree, head: int) -> Extent:
    """Return the extent of a clause with all its words but the one that introduces it."""
    start, end = tree.left[head], tree.right[head] + 1
    if tree.deps[start] == "mark" and start < head:
        start += 1
    return _trim(tree, start, end)


def members(tree: Tree, head: int) -> list[int]:
    """Return the members of a list: a head and what is joined to it by commas and "and"."""
    found = [head]
    for member in found:
        found += tree.under(member, _CONJ)
    if len(found) == 1:
        return found
    kind = _kind(tree, head)
    return [m for m in found if _kind(tree, m) == kind][:_MOST_MEMBERS]


def _kind(tree: Tree, i: int) -> str:
    pos = tree.pos[i]
    return "NOUN" if pos in _NOMINAL else pos


def _trim(tree: Tree, start: int, end: int) -> Extent:
    """Leave out punctuation at both ends, and quotation marks that have no partner inside."""
    words, pos = tree.lower, tree.pos
    while end - start > 1:
        last = words[end - 1]
        if last == ")" and "(" in words[start:end]:
            break
        if last in _CLOSING and pos[end - 1] == "PUNCT":
            if any(word in _OPENING for word in words[start : end - 1]):
                break
        elif last not in _EDGES and pos[end - 1] != "CCONJ":
            break
        end -= 1
    while end - start > 1:
        first = words[start]
        if first in _OPENING and pos[start] == "PUNCT":
            if any(word in _CLOSING for word in words[start + 1 : end]):
                break
        elif first not in _EDGES:
            break
        start += 1
    return start, end
