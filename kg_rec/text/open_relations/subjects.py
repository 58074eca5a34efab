"""Who does it: a verb's own subject, or the one it shares, takes over or leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kg_rec.text.open_relations.tree import Tree

__all__ = ["RELATIVES", "Subject", "antecedent", "has_subject", "is_passive", "subject_of"]

RELATIVES = frozenset({"who", "whom", "which", "that"})

_SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj", "csubjpass"})
_OBJECTS = frozenset({"dobj", "dative"})
_VERBAL = frozenset({"VERB", "AUX"})
_PARTICIPLES = frozenset({"VBN", "VBG", "VBD"})
_FINITE = frozenset({"VBD", "VBZ", "VBP"})
_TIMES = frozenset({"DATE", "TIME"})
_SHARING = frozenset({"conj", "xcomp", "advcl", "ccomp", "dep"})
_NAMING = frozenset({"NOUN", "PROPN", "PRON"})
_DEEPEST = 12


class Subject(NamedTuple):
    """The head of a verb's subject, and whether the verb has it from another verb."""

    head: int
    shared: bool


def subject_of(tree: Tree, verb: int, depth: int = 0) -> Subject | None:
    """Return who a verb speaks of, or None where the sentence does not say.

    Joined verbs share a subject, relative clauses and participles speak of the noun before them,
    infinitives of the object ("asked Ann to go") or else of the subject ("Ann tried to go").
    """
    if depth > _DEEPEST:
        return None
    own = tree.under(verb, _SUBJECTS) or _misread(tree, verb)
    if own:
        return _own(tree, verb, own[0])
    dep, head = tree.deps[verb], tree.heads[verb]
    if head != verb and dep in {"acl", "relcl"}:
        fits = tree.tags[verb] in _PARTICIPLES and tree.pos[head] not in _VERBAL
        return Subject(described(tree, head), shared=True) if fits else None
    if head != verb and dep == "pcomp":
        return _of_preposition(tree, head, depth)
    if head != verb and dep in _SHARING and tree.pos[head] in _VERBAL:
        return _of_verb(tree, verb, head, depth)
    return None


def _misread(tree: Tree, verb: int) -> list[int]:
    """Return a name right before a finite verb that was read as an adverbial: "Mann made Heat"."""
    if tree.tags[verb] not in _FINITE or tree.deps[verb] == "conj" or not verb:
        return []
    near = tree.deps[verb - 1] == "npadvmod" and tree.heads[verb - 1] == verb
    named = near and tree.pos[verb - 1] == "PROPN"
    return [verb - 1] if named and tree.doc[verb - 1].ent_type_ not in _TIMES else []


def _own(tree: Tree, verb: int, own: int) -> Subject | None:
    if tree.lower[own] in RELATIVES and tree.tags[own] in {"WP", "WDT"}:
        noun = antecedent(tree, verb)
        return None if noun is None else Subject(described(tree, noun), shared=True)
    return None if tree.deps[own] in {"csubj", "csubjpass"} else Subject(own, shared=False)


def _of_verb(tree: Tree, verb: int, head: int, depth: int) -> Subject | None:
    if tree.deps[verb] == "xcomp":
        objects = [c for c in tree.under(head, _OBJECTS) if c < verb]
        if objects:
            return Subject(objects[-1], shared=True)
    if tree.deps[verb] in {"advcl", "ccomp"} and tree.tags[verb] not in {"VBG", "VBN", "VB"}:
        return None
    found = subject_of(tree, head, depth + 1)
    return None if found is None else Subject(found.head, shared=True)


def _of_preposition(tree: Tree, preposition: int, depth: int) -> Subject | None:
    head = tree.heads[preposition]
    if tree.pos[head] not in _VERBAL or head == preposition:
        return None
    found = subject_of(tree, head, depth + 1)
    return None if found is None else Subject(found.head, shared=True)


def described(tree: Tree, noun: int) -> int:
    """Return who a noun speaks of: in "Heat is a film" the film is Heat."""
    if tree.deps[noun] != "attr":
        return noun
    named = [c for c in tree.under(tree.heads[noun], _SUBJECTS) if tree.pos[c] in _NAMING]
    return named[0] if named else noun


def has_subject(tree: Tree, verb: int) -> bool:
    """Return whether a verb has a subject of its own."""
    return bool(tree.under(verb, _SUBJECTS))


def antecedent(tree: Tree, verb: int) -> int | None:
    """Return the noun that a relative clause describes; None if the verb is in none."""
    for _ in range(_DEEPEST):
        dep, head = tree.deps[verb], tree.heads[verb]
        if dep == "relcl":
            return head if tree.pos[head] not in _VERBAL else None
        if head == verb or dep not in {"conj", "xcomp", "ccomp"}:
            return None
        verb = head
    return None


def is_passive(tree: Tree, verb: int) -> bool:
    """Return whether a verb is in the passive voice ("was made", "a film made in")."""
    if tree.tags[verb] != "VBN":
        return False
    labels = {tree.deps[c] for c in tree.children[verb]}
    if "auxpass" in labels:
        return True
    if "aux" in labels or "dobj" in labels:
        return False
    dep, head = tree.deps[verb], tree.heads[verb]
    return dep in {"acl", "relcl", "advcl"} or (dep == "conj" and is_passive(tree, head))
