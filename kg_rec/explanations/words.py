"""What explanations say, in English and Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.explanations.terms import ends
from kg_rec.ontology import (
    DISLIKES,
    LIKED_WITH,
    LIKES,
    PREDICTED_TO_LIKE,
    RARELY_LIKED_WITH,
    RATED_DOWN,
    RATED_UP,
    RELATED_TO,
    SHARES_LIKERS,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
    TYPE,
)
from kg_rec.ontology.texts import TEXT_RELATIONS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.explanations.terms import Hop
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology, Relation

__all__ = [
    "PHRASES",
    "Phrases",
    "path_in_words",
    "phrases_in",
    "relation_name",
    "relation_of",
    "wording",
]


class Phrases(NamedTuple):
    """The phrases of one language.

    Attributes:
        links: What a learned link says of an item; ``{}`` is the other one, MODEL the model.
        ties: What ties a fact to its source: by kind of source and sign; ``itself`` is said of what
            a user likes, ``asked`` of what was asked for, ``person`` where one is.
        incoming: What is said of the object of a triple, from ``{subject}`` and ``{relation}``.
        inferred: After a fact that a ``{rule}`` gave.
        example: What is said of the other item of a link, to which a preference led.
        alike: After a fact whose entity is only close in meaning to what the user named.
        comma: Between two parts of a sentence.
        semicolon: Between two sentences in one.
        conjunction: Between the last two of several names.
        pause: Between the other names.
        more: How the names that are left out are counted, with ``{n}``, or all of them (``{all}``).
    """

    links: Mapping[str, str]
    ties: Mapping[str, str]
    incoming: str
    inferred: str
    example: str
    alike: str
    comma: str
    semicolon: str
    conjunction: str
    pause: str
    more: str

    def link(self, predicate: str, model: str) -> str:
        """Return what a learned link says of an item; ``{}`` stands for the other one."""
        said = self.links.get(predicate, self.ties["model"])
        if model:
            return said.replace("MODEL", model)
        return said.replace(" (MODEL)", "").replace("（MODEL）", "")

    def by_model(self, said: str, model: str) -> str:
        """Return what is said, with the name of the model that found it, if it has one."""
        opening, closing = ("（", "）") if self.comma == "，" else (" (", ")")
        return f"{said}{opening}{model}{closing}" if model else said

    def join(self, names: Sequence[str], most: int = 3) -> str:
        """Return names as one phrase; of more than ``most``, two fewer are named.

        Examples:
            >>> PHRASES["en"].join(["Heat", "Se7en", "Drive", "Psycho"])
            'Heat, Se7en and 2 more'
            >>> PHRASES["zh"].join(["盗火线", "七宗罪"])
            '盗火线和七宗罪'
        """
        names = list(names)
        if len(names) > most:
            kept = names[: most - 1]
            left_out = len(names) - len(kept)
            return self.pause.join(kept) + self.more.format(n=left_out, all=len(names))
        return self.conjunction.join([self.pause.join(names[:-1]), names[-1]][len(names) < 2 :])  # noqa: PLR2004


PHRASES = {
    "en": Phrases(
        links={
            LIKED_WITH: "liked by those who like {}",
            RARELY_LIKED_WITH: "seldom liked by those who like {}",
            RELATED_TO: "related to {} by facts and company",
            PREDICTED_TO_LIKE: "foreseen for you by MODEL",
            SHARES_LIKERS: "popular among those who like {}",
            SIMILAR_IN_GRAPH: "close to {} in the graph (MODEL)",
            SIMILAR_IN_TEXT: "close to {} in meaning (MODEL)",
        },
        ties={
            "history+": "like {}",
            "history-": "like {}, which you did not like",
            "item+": "like {}, which you like",
            "item-": "like {}, which you don't like",
            "preference+": "and you like {}",
            "preference-": "and you don't like {}",
            "itself+": "which you like",
            "itself-": "which you don't like",
            "itself+person": "whom you like",
            "itself-person": "whom you don't like",
            "taste+": "which goes with your taste",
            "taste-": "which you choose less than others",
            "taste+person": "who goes with your taste",
            "taste-person": "whom you choose less than others",
            "asked+": "which you asked for",
            "asked-": "which you asked to avoid",
            "asked+person": "whom you asked for",
            "asked-person": "whom you asked to avoid",
            "asked alike+": "and you asked for {}",
            "asked alike-": "and you asked to avoid {}",
            "popular": "popular with everyone",
            "popular among": "popular with people like you ({})",
            "linked": "linked to other items",
            "model": "foreseen to go with {} (MODEL)",
        },
        incoming="linked from {subject} by “{relation}”",
        inferred=" (inferred: {rule})",
        example="itself {}",
        alike=" (close in meaning)",
        comma=", ",
        semicolon="; ",
        conjunction=" and ",
        pause=", ",
        more=" and {n:,} more",
    ),
    "zh": Phrases(
        links={
            LIKED_WITH: "喜欢{}的人也喜欢它",
            RARELY_LIKED_WITH: "喜欢{}的人很少喜欢它",
            RELATED_TO: "从事实和喜好来看与{}相关",
            PREDICTED_TO_LIKE: "MODEL预测你会喜欢",
            SHARES_LIKERS: "在喜欢{}的人中受欢迎",
            SIMILAR_IN_GRAPH: "在知识图谱中与{}相近（MODEL）",
            SIMILAR_IN_TEXT: "内容与{}相近（MODEL）",
        },
        ties={
            "history+": "与{}相同",
            "history-": "与你不喜欢的{}相同",
            "item+": "与你喜欢的{}相同",
            "item-": "与你不喜欢的{}相同",
            "preference+": "而你喜欢{}",
            "preference-": "而你不喜欢{}",
            "itself+": "正是你喜欢的",
            "itself-": "正是你不喜欢的",
            "itself+person": "正是你喜欢的",
            "itself-person": "正是你不喜欢的",
            "taste+": "合你的口味",
            "taste-": "是你较少选择的",
            "taste+person": "合你的口味",
            "taste-person": "是你较少选择的",
            "asked+": "正是你要的",
            "asked-": "正是你要避开的",
            "asked+person": "正是你要的",
            "asked-person": "正是你要避开的",
            "asked alike+": "而你要{}",
            "asked alike-": "而你要避开{}",
            "popular": "大家都喜欢",
            "popular among": "与你相似的人（{}）都喜欢",
            "linked": "与其他条目有关联",
            "model": "模型预测与{}相配（MODEL）",
        },
        incoming="与{subject}有“{relation}”关系",
        inferred="（推断：{rule}）",
        example="前者{}",
        alike="（含义相近）",
        comma="，",
        semicolon="；",
        conjunction="和",
        pause="、",
        more="等{all:,}项",
    ),
}
"""The phrases by language code."""


_LABELS: Mapping[Iri, dict[str, tuple[str, ...]]] = {
    LIKED_WITH: {"zh": ("同好",)},
    RARELY_LIKED_WITH: {"zh": ("少有同好",)},
    RELATED_TO: {"zh": ("相关",)},
    SIMILAR_IN_GRAPH: {"zh": ("图中相近",)},
    SIMILAR_IN_TEXT: {"zh": ("文意相近",)},
    TYPE: {"zh": ("类别",)},
    RATED_UP: {"zh": ("喜欢",)},
    RATED_DOWN: {"zh": ("不喜欢",)},
    LIKES: {"zh": ("说过喜欢",)},
    DISLIKES: {"zh": ("说过不喜欢",)},
}
"""Names in other languages of the relations that no ontology describes."""


def phrases_in(language: str) -> Phrases:
    """Return the phrases of a language, or the English ones."""
    return PHRASES.get(language, PHRASES["en"])


def relation_of(ontology: Ontology, predicate: Iri) -> Relation | None:
    """Return what is known of a relation: from the ontology, or of texts in every domain."""
    return ontology.relations.get(predicate) or TEXT_RELATIONS.get(predicate)


def relation_name(ontology: Ontology, predicate: Iri, language: str = "en") -> str:
    """Return what a relation is called; the end of its IRI if it has no name.

    Examples:
        >>> from kg_rec.ids import Iri
        >>> from kg_rec.ontology import Ontology
        >>> relation_name(Ontology(""), Iri("http://example.org/starredIn"))
        'starred in'
    """
    relation = relation_of(ontology, predicate)
    labels = _LABELS.get(predicate, {}) if relation is None else relation.labels
    names = labels.get(language) or labels.get("en") or ()
    return names[0] if names else _spaced(predicate.local_name)


def wording(ontology: Ontology, predicate: Iri, language: str = "en") -> str:
    """Return what the subject of a relation is said to be, with ``{object}`` in it.

    Without a wording in any language it is the name of the relation: ``“sequel”: {object}``.
    """
    relation = relation_of(ontology, predicate)
    wordings = {} if relation is None else relation.wordings
    if found := wordings.get(language) or wordings.get("en"):
        return found
    name = relation_name(ontology, predicate, language)
    return f"{name}为{{object}}" if language == "zh" else f"{name} {{object}}"


def path_in_words(
    graph: KnowledgeGraph, ontology: Ontology, hops: Sequence[Hop], language: str = "en"
) -> str:
    """Return a path as a line: ``Heat –director→ Michael Mann ←director– Collateral``."""
    own = None if language == "en" else language
    said = graph.label(ends(hops[0])[0], own) if hops else ""
    for hop in hops:
        name = relation_name(ontology, hop.triple.predicate, language)
        arrow = f"←{name}–" if hop.reverse else f"–{name}→"
        said += f" {arrow} {graph.label(ends(hop)[1], own)}"
    return said


def _spaced(name: str) -> str:
    """Return "starred in" of "starredIn"."""
    parts = "".join(f" {c.lower()}" if c.isupper() else c for c in name.replace("_", " "))
    return " ".join(parts.split())
