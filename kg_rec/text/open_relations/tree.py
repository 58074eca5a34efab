"""A parse as plain lists: what stands under a token, where its words begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from spacy.tokens import Doc

__all__ = ["Tree"]


class Tree:
    """The dependency tree of a document in columns, indexed by token.

    Token objects are slow to make and to ask; a document is asked once for each column.

    Attributes:
        doc: The document.
        heads: Token that each token hangs on; a root hangs on itself.
        deps: Dependency labels (ClearNLP style, as English pipelines give them).
        tags: Fine part-of-speech tags (Penn Treebank).
        pos: Coarse part-of-speech tags (Universal POS).
        lower: Texts in lower case.
        children: Tokens under each token, in their order.
        left: First token under each token, itself included.
        right: Last token under each token, itself included.
    """

    __slots__ = ("children", "deps", "doc", "heads", "left", "lower", "pos", "right", "tags")

    def __init__(self, doc: Doc) -> None:
        size = len(doc)
        steps = doc.to_array("HEAD").astype(np.int64)
        self.doc = doc
        self.heads: list[int] = (np.arange(size) + steps).tolist()
        self.deps = [token.dep_ for token in doc]
        self.tags = [token.tag_ for token in doc]
        self.pos = [token.pos_ for token in doc]
        self.lower = [token.lower_ for token in doc]
        self.children: list[list[int]] = [[] for _ in range(size)]
        self.left = list(range(size))
        self.right = list(range(size))
        self._grow()

    def _grow(self) -> None:
        heads, left, right = self.heads, self.left, self.right
        for i, head in enumerate(heads):
            if head != i:
                self.children[head].append(i)
            j = head
            while left[j] > i:
                left[j] = i
                j = heads[j]
        for i in range(len(heads) - 1, -1, -1):
            j = heads[i]
            while right[j] < i:
                right[j] = i
                j = heads[j]

    def under(self, i: int, deps: frozenset[str]) -> list[int]:
        """Return the children of a token that have one of some labels."""
        labels = self.deps
        return [c for c in self.children[i] if labels[c] in deps]
