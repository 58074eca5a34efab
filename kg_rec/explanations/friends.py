"""Reasons that start from a friend: the path over the friend, and its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.community import friend_path
from kg_rec.explanations.terms import Hop
from kg_rec.ontology import RATED_UP
from kg_rec.ontology.acts import ACTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.profiles import Source

__all__ = ["friend_hops", "friend_words"]

_ACTS = {
    "en": {
        RATED_UP: "liked by {}",
        ACTS["view"]: "viewed by {}",
        ACTS["click"]: "clicked by {}",
        ACTS["dwell"]: "watched, heard or read by {}",
        ACTS["favourite"]: "a favourite of {}",
        ACTS["purchase"]: "bought by {}",
    },
    "zh": {
        RATED_UP: "{}喜欢",
        ACTS["view"]: "{}看过",
        ACTS["click"]: "{}点击过",
        ACTS["dwell"]: "{}读过或看过",
        ACTS["favourite"]: "{}收藏",
        ACTS["purchase"]: "{}买过",
    },
}
_OTHER = {"en": "chosen by {}", "zh": "{}选择过"}
_KNOWN = {"en": "whom you know", "zh": "你认识的人"}
_HIDDEN = {"en": "chosen by a friend of yours", "zh": "你的一位朋友选择过"}


def friend_hops(graph: KnowledgeGraph, source: Source, friend: Iri, item: Iri) -> tuple[Hop, ...]:
    """Return the steps from a user over a friend to an item; none where friends are not named."""
    if source.iri is None:
        return ()
    return tuple(Hop(triple) for triple in friend_path(graph, source.iri, friend, item))


def friend_words(source: Source, path: Sequence[Hop], language: str) -> tuple[str, str, str]:
    """Return fact, other and tie of a contribution that starts from a friend."""
    language = language if language in _ACTS else "en"
    if not path:
        return _HIDDEN[language], "", ""
    predicate = path[-1].triple.predicate
    return _ACTS[language].get(predicate, _OTHER[language]), source.label, _KNOWN[language]
