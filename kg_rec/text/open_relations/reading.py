"""From a parsed document to its open relations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.text.open_relations.model import OpenRelation
from kg_rec.text.open_relations.nouns import nominal
from kg_rec.text.open_relations.subjects import is_passive
from kg_rec.text.open_relations.tree import Tree
from kg_rec.text.open_relations.verbs import verbal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Doc

    from kg_rec.text.open_relations.verbs import Draft

__all__ = ["open_relations"]

_SILENT = {"possessive": "have"}


def open_relations(doc: Doc) -> Iterator[OpenRelation]:
    """Yield the relations that a parsed document states."""
    tree = Tree(doc)
    for draft in verbal(tree):
        yield _relation(tree, draft)
    for draft in nominal(tree):
        yield _relation(tree, draft)


def _relation(tree: Tree, draft: Draft) -> OpenRelation:
    doc = tree.doc
    return OpenRelation(
        doc[slice(*draft.subject)],
        tuple(doc[i] for i in draft.words),
        _label(tree, draft),
        doc[slice(*draft.object)],
        -1 if any(tree.deps[i] == "neg" for i in draft.words) else 1,
        0.5,
        draft.pattern,
        tuple(doc[slice(*extent)] for extent in draft.adjuncts),
    )


def _label(tree: Tree, draft: Draft) -> str:
    if not draft.words:
        return _SILENT.get(draft.pattern, "be")
    words = [_lemma(tree, i) for i in draft.words if _is_said(tree, i)]
    return " ".join(words)


def _is_said(tree: Tree, i: int) -> bool:
    dep = tree.deps[i]
    return dep not in {"neg", "advmod", "auxpass"} and (dep != "aux" or tree.tags[i] in {"MD", "TO"})


def _lemma(tree: Tree, i: int) -> str:
    if is_passive(tree, i):
        return f"be {tree.lower[i]}"
    return tree.doc[i].lemma_.lower()
