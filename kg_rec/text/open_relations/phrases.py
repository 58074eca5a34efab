"""Arguments: where the phrase of a head begins and ends, and the members of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg_rec.text.open_relations.tree import Tree

__all__ = ["clause", "members", "phrase"]

Extent = tuple[int, int]

_OUTSIDE = frozenset({"relcl", "appos", "conj", "cc", "preconj", "advcl", "parataxis", "punct"})
_OUTER_LEFT = frozenset({"cc", "preconj", "punct", "mark"})
_NEVER_CUT = frozenset({"-", "/", "%", "'", "`", '"', "``", "''", "“", "”", "‘", "’", "$"})
_QUOTES = frozenset({"`", '"', "``", "''", "“", "”", "‘", "’", "'"})
_CONJ = frozenset({"conj"})
_MOST_MEMBERS = 12


def phrase(tree: Tree, head: int) -> Extent:
    """Return the half-open extent of a noun or adjective phrase, without what is told apart.

    Relative clauses, appositions and further members of a list are left out; prepositional
    phrases and participles stay.
    """
    start = end = head
    for child in reversed(tree.children[head]):
        if child > head:
            continue
        if tree.deps[child] in _OUTER_LEFT and tree.lower[child] not in _NEVER_CUT:
            break
        start = tree.left[child]
    for child in tree.children[head]:
        if child < head:
            continue
        if tree.deps[child] in _OUTSIDE and tree.lower[child] not in _NEVER_CUT:
            break
        end = _end(tree, child)
    return _trim(tree, start, end + 1)


def clause(tree: Tree, head: int) -> Extent:
    """Return the half-open extent of a clause with all its words, without punctuation around."""
    start, end = tree.left[head], tree.right[head] + 1
    if tree.deps[start] == "mark":
        start += 1
    return _trim(tree, start, end)


def members(tree: Tree, head: int) -> list[int]:
    """Return the members of a list: a head and what is joined to it by commas and "and"."""
    found = [head]
    for member in found:
        found += tree.under(member, _CONJ)
    pos = "PRON" if tree.pos[head] == "PRON" else tree.pos[head]
    kind = _kind(pos)
    return [m for m in found if _kind(tree.pos[m]) == kind][:_MOST_MEMBERS]


def _kind(pos: str) -> str:
    return "noun" if pos in {"NOUN", "PROPN", "PRON", "NUM", "DET", "X"} else pos


def _end(tree: Tree, child: int) -> int:
    """Return the last word of what follows a head."""
    return tree.right[child]


def _trim(tree: Tree, start: int, end: int) -> Extent:
    while end - start > 1 and tree.pos[end - 1] in {"PUNCT", "CCONJ"}:
        if tree.lower[end - 1] in _QUOTES and _opened(tree, start, end - 1):
            break
        end -= 1
    while end - start > 1 and tree.lower[start] in {",", ";", ":", "--", ")"}:
        start += 1
    return start, end


def _opened(tree: Tree, start: int, end: int) -> bool:
    return any(word in _QUOTES for word in tree.lower[start:end])
