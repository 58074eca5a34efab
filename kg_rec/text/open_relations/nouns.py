"""What noun phrases say: appositions, possessives, titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.text.open_relations.phrases import members, phrase
from kg_rec.text.open_relations.verbs import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.text.open_relations.tree import Tree

__all__ = ["nominal"]

_NOUNS = frozenset({"NOUN", "PROPN"})


def nominal(tree: Tree) -> Iterator[Draft]:
    """Yield what the noun phrases of a document say."""
    for i, dep in enumerate(tree.deps):
        head = tree.heads[i]
        if dep == "appos" and tree.pos[head] in _NOUNS:
            for value in members(tree, i):
                yield Draft(phrase(tree, head), (), phrase(tree, value), "apposition", i)
        elif dep == "poss" and tree.pos[i] in _NOUNS and tree.pos[head] in _NOUNS:
            yield from _possessive(tree, i, head)
        elif dep == "compound" and tree.pos[i] == "NOUN" and tree.tags[head] == "NNP":
            yield from _title(tree, i, head)


def _possessive(tree: Tree, owner: int, thing: int) -> Iterator[Draft]:
    start = tree.right[owner] + 1
    owners = phrase(tree, owner)
    while tree.tags[owners[1] - 1] == "POS":
        owners = (owners[0], owners[1] - 1)
    if start <= thing:
        yield Draft(owners, (), (start, phrase(tree, thing)[1]), "possessive", thing)


def _title(tree: Tree, title: int, name: int) -> Iterator[Draft]:
    start = title + 1
    if tree.pos[start] == "PROPN":
        yield Draft((start, name + 1), (), (tree.left[title], title + 1), "title", name)
