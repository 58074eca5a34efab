"""What a verb takes: objects, attributes, prepositional phrases and clauses."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.text.open_relations.phrases import clause, members, phrase
from kg_rec.text.open_relations.subjects import RELATIVES, antecedent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.text.open_relations.phrases import Extent
    from kg_rec.text.open_relations.tree import Tree

__all__ = ["Complement", "complements"]

_KINDS = {"dobj": "object", "attr": "attribute", "oprd": "attribute", "acomp": "adjective"}
_RANKS = {"object": 0, "attribute": 0, "adjective": 1, "agent": 2, "clause": 3, "preposition": 4}
_LATE = 6
_PREPOSITIONS = frozenset({"prep", "agent", "dative"})
_PREP = frozenset({"prep"})
_NESTED = frozenset({"prep", "pcomp"})
_PLACED = frozenset({"pobj"})
_CLAUSES = frozenset({"ccomp", "xcomp"})
_VERBAL = frozenset({"VERB", "AUX"})
_SAYING = frozenset(
    {
        "add",
        "admit",
        "announce",
        "argue",
        "ask",
        "believe",
        "claim",
        "conclude",
        "declare",
        "explain",
        "find",
        "hope",
        "insist",
        "know",
        "note",
        "predict",
        "read",
        "recall",
        "reply",
        "report",
        "say",
        "show",
        "state",
        "suggest",
        "tell",
        "think",
        "warn",
        "write",
    }
)
_EXAMPLES = frozenset({"including", "excluding"})
_ASIDE = frozenset({"example", "instance", "fact", "course"})


class Complement(NamedTuple):
    """What a verb takes.

    Attributes:
        kind: ``"object"``, ``"attribute"``, ``"adjective"``, ``"agent"``, ``"clause"``,
            ``"preposition"``, ``"time"`` (a noun phrase without preposition: "last week") or
            ``"recipient"`` ("gave *her* a part").
        words: The tokens that lead to it: preposition, "that", the adjective in "equal to".
        objects: The extents of what stands there, one for each member of a list.
        extent: The whole, with its preposition.
        rank: What comes first where a verb takes several.
    """

    kind: str
    words: tuple[int, ...]
    objects: tuple[Extent, ...]
    extent: Extent
    rank: int

    @property
    def start(self) -> int:
        """First token."""
        return self.extent[0]


def complements(tree: Tree, verb: int, chain: Sequence[int]) -> list[Complement]:
    """Return what a verb takes, in the order of the text.

    Args:
        tree: The parse.
        verb: The verb.
        chain: Verbs that belong to the relation's words and are no complements.
    """
    found: list[Complement] = []
    for child in tree.children[verb]:
        dep = tree.deps[child]
        if child in chain:
            continue
        if dep in _KINDS:
            found += _direct(tree, verb, child, _KINDS[dep])
        elif dep in _PREPOSITIONS:
            found += _prepositional(tree, child, verb)
        elif dep in _CLAUSES:
            found += _clausal(tree, verb, child)
        elif dep == "advmod" and child > verb:
            found += _adverbial(tree, child, verb)
        elif dep == "npadvmod":
            extent = phrase(tree, child)
            found.append(Complement("time", (), (extent,), extent, _LATE))
    return found


def _direct(tree: Tree, verb: int, child: int, kind: str) -> list[Complement]:
    rank = _RANKS[kind]
    if _is_relative(tree, child):
        noun = antecedent(tree, verb)
        if noun is None:
            return []
        extent = _before(tree, noun, verb)
        return [Complement(kind, (), (extent,), extent, rank)]
    linked = tree.under(child, _PREP) if kind == "adjective" else []
    inner = _prepositional(tree, linked[0], verb) if linked and linked[0] > child else []
    if inner:
        words = (child, *inner[0].words)
        return [Complement(kind, words, inner[0].objects, phrase(tree, child), rank)]
    objects = tuple(phrase(tree, member) for member in members(tree, child))
    return [Complement(kind, (), objects, (objects[0][0], objects[-1][1]), rank)]


def _before(tree: Tree, noun: int, verb: int) -> Extent:
    start, end = phrase(tree, noun)
    return (start, min(end, tree.left[verb])) if noun < tree.left[verb] else (start, end)


def _is_relative(tree: Tree, i: int) -> bool:
    return tree.lower[i] in RELATIVES and tree.tags[i] in {"WP", "WDT"}


def _prepositional(tree: Tree, preposition: int, verb: int) -> list[Complement]:
    if tree.lower[preposition] in _EXAMPLES:
        return []
    words = [preposition]
    kind = "agent" if tree.deps[preposition] == "agent" else "preposition"
    rank = _RANKS[kind] + (preposition < verb)
    while True:
        last = words[-1]
        placed = tree.under(last, _PLACED)
        if placed:
            return _placed(tree, verb, placed[0], Complement(kind, tuple(words), (), (0, 0), rank))
        nested = tree.under(last, _NESTED)
        if not nested:
            return _indirect(tree, preposition)
        if tree.pos[nested[0]] in _VERBAL:
            extent = clause(tree, nested[0])
            whole = (preposition, extent[1])
            return [Complement(kind, tuple(words), (extent,), whole, rank + 1)]
        words.append(nested[0])


def _adverbial(tree: Tree, adverb: int, verb: int) -> list[Complement]:
    """Return where an adverb leads: "flows north *of the town*"."""
    linked = [c for c in tree.under(adverb, _PREP) if c > adverb]
    inner = _prepositional(tree, linked[0], verb) if linked else []
    return [
        c._replace(words=(adverb, *c.words), extent=(min(adverb, c.start), c.extent[1]))
        for c in inner
    ]


def _placed(tree: Tree, verb: int, noun: int, draft: Complement) -> list[Complement]:
    if _is_relative(tree, noun):
        found = antecedent(tree, verb)
        extent = None if found is None else _before(tree, found, verb)
        return [] if extent is None else [draft._replace(objects=(extent,), extent=extent)]
    if tree.lower[noun] in _ASIDE and tree.left[noun] == noun:
        return []
    objects = tuple(phrase(tree, member) for member in members(tree, noun))
    return [draft._replace(objects=objects, extent=(draft.words[0], objects[-1][1]))]


def _indirect(tree: Tree, noun: int) -> list[Complement]:
    """Return who is given something, where no preposition says it."""
    if tree.deps[noun] != "dative" or tree.pos[noun] == "ADP":
        return []
    extent = phrase(tree, noun)
    return [Complement("recipient", (), (extent,), extent, _LATE)]


def _clausal(tree: Tree, verb: int, child: int) -> list[Complement]:
    """Return a clause as object; one before the verb only with a verb of saying."""
    first = tree.left[child]
    apart = child < verb or "," in tree.lower[verb:first]
    if apart and tree.doc[verb].lemma_ not in _SAYING:
        return []
    extent = clause(tree, child)
    words = (first,) if tree.deps[first] == "mark" and first < extent[0] else ()
    return [Complement("clause", words, (extent,), (first, extent[1]), _RANKS["clause"])]
