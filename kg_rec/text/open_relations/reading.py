"""From a parsed document to its open relations."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from kg_rec.errors import ExtractionWarning
from kg_rec.text.open_relations.model import OpenRelation
from kg_rec.text.open_relations.nouns import nominal
from kg_rec.text.open_relations.subjects import is_passive
from kg_rec.text.open_relations.tree import Tree
from kg_rec.text.open_relations.verbs import verbal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Doc, Span

    from kg_rec.text.open_relations.verbs import Draft

__all__ = ["open_relations"]

_SILENT = {"possessive": "have", "place": "be in"}
_UNSAID = frozenset({"neg", "advmod", "auxpass"})
_KEPT_HELPERS = frozenset({"MD", "TO"})
_CONDITIONS = frozenset({"if", "unless", "whether"})
_MARK = frozenset({"mark"})
_CLIMBED = frozenset({"conj", "xcomp", "acl", "relcl", "pcomp", "prep", "pobj", "dobj", "nsubj"})
_VERBAL = frozenset({"VERB", "AUX"})
_HIGHEST = 12

_BASE = {
    "verb-object": 0.72,
    "verb-attribute": 0.75,
    "verb-adjective": 0.72,
    "verb-agent": 0.78,
    "verb-preposition": 0.84,
    "verb-clause": 0.86,
    "verb-time": 0.84,
    "verb-recipient": 0.7,
    "adjunct": 0.64,
    "apposition": 0.6,
    "place": 0.7,
    "title": 0.6,
    "possessive": 0.3,
}
_LONG_ARGUMENT = 8
_LONG_FACTOR = 0.84
_INNER_FACTOR = 0.92
_WORDS_TO_HALF = 120
_LEAST = 0.5


def open_relations(doc: Doc) -> Iterator[OpenRelation]:
    """Yield the relations that a document states in its own words.

    Works on the parse of an English spaCy pipeline (ClearNLP labels) and is not trained. A verb
    gives a relation to its first complement, which carries the others as adjuncts, and one of its
    own to each other prepositional phrase (pattern ``"adjunct"``). Lists are distributed.

    Args:
        doc: A document with tags, lemmas and dependencies; named entities help appositions.

    Warns:
        ExtractionWarning: The document has no parse; nothing is yielded.

    References:
        Del Corro and Gemulla, "ClausIE: clause-based open information extraction", WWW 2013;
        Bhardwaj et al., "CaRB: a crowdsourced benchmark for Open IE", EMNLP 2019.

    Examples:
        >>> import spacy
        >>> list(open_relations(spacy.blank("en")("")))
        []
    """
    if not len(doc):
        return
    if not doc.has_annotation("DEP"):
        warnings.warn(
            "no open relations: the spaCy pipeline has no parser; use a trained one, "
            "as in pip install 'kg-rec[en]'",
            ExtractionWarning,
            stacklevel=2,
        )
        return
    tree = Tree(doc)
    ends = _sentence_lengths(doc)
    seen: set[tuple[object, ...]] = set()
    for draft in (*verbal(tree), *nominal(tree)):
        key = (draft.subject, draft.words, draft.object)
        if key not in seen:
            seen.add(key)
            yield _relation(tree, draft, ends[draft.anchor])


def _sentence_lengths(doc: Doc) -> list[int]:
    lengths: list[int] = []
    for sentence in doc.sents:
        lengths += [len(sentence)] * len(sentence)
    return lengths


def _relation(tree: Tree, draft: Draft, length: int) -> OpenRelation:
    doc = tree.doc
    denied = any(tree.deps[i] == "neg" for i in draft.words)
    return OpenRelation(
        _span(doc, draft.subject),
        tuple([doc[i] for i in draft.words]),
        _label(tree, draft),
        _span(doc, draft.object),
        -1 if denied else 1,
        _confidence(tree, draft, length),
        draft.pattern,
        tuple([_span(doc, extent) for extent in draft.adjuncts]),
        _context(tree, draft),
    )


def _span(doc: Doc, extent: tuple[int, int]) -> Span:
    return doc[extent[0] : extent[1]]


def _confidence(tree: Tree, draft: Draft, length: int) -> float:
    value = _BASE[draft.pattern]
    arguments = (draft.subject, draft.object)
    if max(end - start for start, end in arguments) > _LONG_ARGUMENT:
        value *= _LONG_FACTOR
    if tree.heads[draft.anchor] != draft.anchor and draft.words:
        value *= _INNER_FACTOR
    return round(value * max(_LEAST, 1 - length / (2 * _WORDS_TO_HALF)), 3)


def _label(tree: Tree, draft: Draft) -> str:
    if not draft.words:
        return _SILENT.get(draft.pattern, "be")
    said = " ".join([_lemma(tree, i) for i in draft.words if _is_said(tree, i)])
    return f"be {said}" if draft.pattern == "place" else said


def _is_said(tree: Tree, i: int) -> bool:
    dep = tree.deps[i]
    if dep == "advmod" and tree.children[i]:
        return True
    return dep not in _UNSAID and (dep != "aux" or tree.tags[i] in _KEPT_HELPERS)


def _lemma(tree: Tree, i: int) -> str:
    if tree.tags[i] == "VBN" and is_passive(tree, i):
        return f"be {tree.lower[i]}"
    if tree.deps[i] == "prep":
        return tree.lower[i]
    return tree.doc[i].lemma_.lower() or tree.lower[i]


def _context(tree: Tree, draft: Draft) -> str:
    """Return under which proviso a relation holds."""
    if any(tree.tags[i] == "MD" for i in draft.words):
        return "modal"
    i = draft.anchor
    for _ in range(_HIGHEST):
        dep, head = tree.deps[i], tree.heads[i]
        if dep == "ccomp" and tree.pos[head] in _VERBAL:
            return "attributed"
        if dep == "advcl":
            marks = {tree.lower[m] for m in tree.under(i, _MARK)}
            return "conditional" if marks & _CONDITIONS else "fact"
        if head == i or dep not in _CLIMBED:
            return "fact"
        i = head
    return "fact"
