"""What noun phrases say: appositions, possessives, titles, places within places."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.text.open_relations.phrases import members, phrase
from kg_rec.text.open_relations.verbs import Draft

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg_rec.text.open_relations.tree import Tree

__all__ = ["nominal"]

_NOUNS = frozenset({"NOUN", "PROPN"})
_PLACES = frozenset({"GPE", "LOC", "FAC"})
_AMOUNTS = frozenset({"DATE", "TIME", "MONEY", "PERCENT", "QUANTITY", "CARDINAL", "ORDINAL"})
_CONJ = frozenset({"conj"})
_DETERMINERS = frozenset({"det", "poss", "nummod"})
_PLACED = frozenset({"pobj"})
_IN = frozenset({"in", "at"})
_SHORTEST_TITLE = 3


def nominal(tree: Tree) -> Iterator[Draft]:
    """Yield what the noun phrases of a document say."""
    for i, dep in enumerate(tree.deps):
        if dep == "appos":
            yield from _apposition(tree, tree.heads[i], i)
        elif dep == "poss":
            yield from _possessive(tree, i, tree.heads[i])
        elif dep == "compound":
            yield from _title(tree, i, tree.heads[i])
        elif dep == "prep":
            yield from _place(tree, tree.heads[i], i)


def _apposition(tree: Tree, name: int, value: int) -> Iterator[Draft]:
    """Yield "A is B" for "A, B"; for places, "A is in B"."""
    if tree.pos[name] not in _NOUNS or tree.pos[value] not in _NOUNS:
        return
    kinds = {tree.doc[name].ent_type_, tree.doc[value].ent_type_}
    if kinds & _AMOUNTS or _is_list(tree, name, value) or tree.lower[value - 1] == "-":
        return
    pattern = "place" if kinds <= _PLACES else "apposition"
    subject = phrase(tree, name)
    for member in members(tree, value):
        yield Draft(subject, (), phrase(tree, member), pattern, value)


def _is_list(tree: Tree, name: int, value: int) -> bool:
    """Return whether "A, B and C" was read as an apposition: bare names, further ones joined."""
    if not tree.under(value, _CONJ) and not tree.under(name, _CONJ):
        return False
    bare = not tree.under(name, _DETERMINERS) and not tree.under(value, _DETERMINERS)
    return bare and tree.pos[name] == tree.pos[value] == "PROPN"


def _possessive(tree: Tree, owner: int, thing: int) -> Iterator[Draft]:
    if tree.pos[owner] not in _NOUNS or tree.pos[thing] not in _NOUNS:
        return
    first = tree.right[owner] + 1
    start, end = phrase(tree, owner)
    while end - 1 > start and tree.tags[end - 1] == "POS":
        end -= 1
    if first <= thing:
        last = phrase(tree, thing)[1]
        yield Draft((start, end), (), (first, last), "possessive", thing)


def _place(tree: Tree, name: int, preposition: int) -> Iterator[Draft]:
    """Yield "A is in B" for "A in B" where both are names."""
    where = tree.under(preposition, _PLACED)
    if tree.pos[name] != "PROPN" or tree.lower[preposition] not in _IN or not where:
        return
    if tree.pos[where[0]] == "PROPN" and tree.doc[where[0]].ent_type_ not in _AMOUNTS:
        subject = (phrase(tree, name)[0], preposition)
        yield Draft(subject, (preposition,), phrase(tree, where[0]), "place", preposition)


def _title(tree: Tree, title: int, name: int) -> Iterator[Draft]:
    """Yield "Ann Lee is author" for "author Ann Lee"."""
    if tree.pos[title] != "NOUN" or tree.tags[name] != "NNP":
        return
    long = len(tree.lower[title]) >= _SHORTEST_TITLE and tree.doc[title].is_alpha
    if long and title < name and tree.pos[title + 1] == "PROPN":
        yield Draft((title + 1, name + 1), (), (tree.left[title], title + 1), "title", name)
