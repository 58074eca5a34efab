"""Ways to serve someone, by name: which columns count, and what is said of it.

=================  ==============================================================================
``content``        what items are like: facts, words and names of texts, closeness
``collaborative``  what is liked by the same people
``community``      what friends have chosen
``transfer``       closeness in vectors of another model, those of ``vectors`` with ``transfer``
``popularity``     what most people like, and people like someone
``blended``        all of it
``auto``           all of it, told by the name of what is known of someone
=================  ==============================================================================

Each column of the vectors belongs to one of the first five, so that a blended score is the sum of
the scores by each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.community import BLOCK as COMMUNITY
from kg_rec.community import PREDICTIONS
from kg_rec.errors import UnknownIdError
from kg_rec.profiles import LIKE_LINKS, SHARED_LIKERS
from kg_rec.vectors import POPULARITY

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray
    from scipy import sparse

    from kg_rec.sources import Profile
    from kg_rec.vectors import ItemVectors

__all__ = [
    "AUTO",
    "BLENDED",
    "PURE",
    "STRATEGIES",
    "UNTOLD",
    "Strategies",
    "Strategy",
    "few",
    "strategy_of",
]

AUTO = "auto"
BLENDED = "blended"
PURE = ("content", "collaborative", "community", "transfer", "popularity")
"""The strategies that columns belong to."""
STRATEGIES = (AUTO, BLENDED, *PURE)
"""All names that can be asked for."""
_OF_BLOCK = {
    **dict.fromkeys((*LIKE_LINKS, SHARED_LIKERS, PREDICTIONS), "collaborative"),
    COMMUNITY: "community",
    POPULARITY.block: "popularity",
}
_COUNTS = {
    "en": {
        "history": "what you chose",
        "preference": "what you said",
        "community": "what people you know chose",
        "model": "what a model of the graph foresees",
        "segment": "what people like you ({}) like",
        "popularity": "what most people like",
    },
    "zh": {
        "history": "你选过的",
        "preference": "你说过的",
        "community": "你认识的人选过的",
        "model": "图谱模型的预测",
        "segment": "与你相似的人（{}）喜欢的",
        "popularity": "大家都喜欢的",
    },
}
"""What the kinds of sources stand for, in the order in which they are named."""
_WHY = {
    "en": {
        "nothing": "nothing is known of you yet: {}",
        "new": "nothing that you chose or said is known: {}",
        "known": "what counts: {}",
        "content": "as asked, only what items are like counts",
        "collaborative": "as asked, only what the same people like counts",
        "community": "as asked, only what people you know chose counts",
        "transfer": "as asked, only what another model finds close counts",
        "popularity": "as asked, only what most people like counts",
        "blended": "as asked, all counts: {}",
        "empty": "by {} nothing can be said: {}",
        "content?": "nothing is known that you like or dislike",
        "collaborative?": "nothing is known that you chose",
        "community?": "nobody is known whom you know, or too few",
        "transfer?": "no vectors of another model are there, or nothing is known that you chose",
        "popularity?": "nobody has liked anything",
        "few": "no more than {} found by {}",
        "comma": ", ",
        "and": " and ",
    },
    "zh": {
        "nothing": "对你还一无所知：{}",
        "new": "还不知道你选过或说过什么：{}",
        "known": "依据：{}",
        "content": "按要求只看内容",
        "collaborative": "按要求只看相同的人喜欢什么",
        "community": "按要求只看你认识的人选了什么",
        "transfer": "按要求只看另一个模型认为相近的",
        "popularity": "按要求只看大家喜欢什么",
        "blended": "按要求综合一切：{}",
        "empty": "“{}”没有可说的：{}",
        "content?": "不知道你喜欢或不喜欢什么",
        "collaborative?": "不知道你选过什么",
        "community?": "不知道你认识谁，或人数太少",
        "transfer?": "没有另一个模型的向量，或不知道你选过什么",
        "popularity?": "还没有人喜欢过什么",
        "few": "仅找到{}项（{}）",
        "comma": "、",
        "and": "和",
    },
}


class Strategy(NamedTuple):
    """The strategy of a list.

    Attributes:
        name: Its name, never ``auto``.
        why: Why it is this one, in words.
    """

    name: str = ""
    why: str = ""


UNTOLD = Strategy()
"""Where there is no list."""


def strategy_of(block: str, transferred: Collection[str] = ()) -> str:
    """Return the strategy that a block of columns belongs to.

    Args:
        block: Its name.
        transferred: Names of vectors of other models.

    Examples:
        >>> [strategy_of(block) for block in ("facts", "liked_with", "popularity")]
        ['content', 'collaborative', 'popularity']
    """
    if block.removeprefix("similar_in_") in transferred:
        return "transfer"
    return _OF_BLOCK.get(block, "content")


class Strategies:
    """The strategies of one model.

    Args:
        vectors: All item vectors.
        transferred: Names of vectors of other models.
    """

    def __init__(self, vectors: ItemVectors, transferred: Collection[str] = ()) -> None:
        self._matrix = vectors.matrix
        blocks = [column.block for column in vectors.columns]
        code = {block: PURE.index(strategy_of(block, transferred)) for block in set(blocks)}
        self._codes = np.array([code[block] for block in blocks], dtype=np.int64)

    def others(self, name: str) -> NDArray[np.bool_] | None:
        """Return which columns do not count; None if all do.

        Raises:
            UnknownIdError: There is no such strategy.
        """
        if name not in STRATEGIES:
            raise UnknownIdError("strategy", name, STRATEGIES)
        return self._codes != PURE.index(name) if name in PURE else None

    def of_items(self, profile: Profile, rows: Sequence[int]) -> list[str]:
        """Return by which strategy each item was found: the one that most of its score is from.

        Args:
            profile: For whom.
            rows: Rows of the items.
        """
        vector = profile.vector.toarray().ravel()
        return [self._of_item(vector, self._matrix, row) for row in rows]

    def _of_item(self, vector: NDArray[np.float64], matrix: sparse.csr_array, row: int) -> str:
        here = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns = matrix.indices[here]
        values = matrix.data[here] * vector[columns]
        told = self._codes[columns[values != 0]]
        shares = np.bincount(self._codes[columns], values, len(PURE))
        silent = np.bincount(told, minlength=len(PURE)) == 0
        return PURE[int(np.argmax(np.where(silent, -np.inf, shares)))] if len(told) else ""

    def chosen(self, profile: Profile, asked: str, language: str = "en") -> Strategy:
        """Return the strategy of a list and why it is that.

        Args:
            profile: For whom, with the columns that do not count left out.
            asked: What was asked for.
            language: Of the words: ``en``, ``zh``.
        """
        words = _WHY[language if language in _WHY else "en"]
        counts = self._counting(profile)
        told = _told(profile, counts, language)
        if asked in PURE:
            if asked in counts:
                return Strategy(asked, words[asked])
            return Strategy(asked, words["empty"].format(asked, words[f"{asked}?"]))
        if asked == BLENDED:
            return Strategy(asked, words["blended"].format(told))
        kinds = {source.kind for source in profile.sources}
        beside = counts - {"popularity"}
        known = "known" if kinds & {"history", "preference"} else "new" if beside else "nothing"
        if _segments(profile) and known == "nothing":
            known = "new"
        name = "popularity" if not beside else BLENDED if len(beside) > 1 else min(beside)
        return Strategy(name, words[known].format(told))

    def _counting(self, profile: Profile) -> set[str]:
        """Return the strategies that have something to say."""
        return {PURE[code] for code in np.unique(self._codes[profile.matrix.indices]).tolist()}


def few(found: int, name: str, language: str = "en") -> str:
    """Return the note of a list that is short, since a strategy finds no more."""
    return _WHY[language if language in _WHY else "en"]["few"].format(found, name)


def _segments(profile: Profile) -> list[str]:
    own = POPULARITY.block
    return [s.label for s in profile.sources if s.kind == own and s.id != own]


def _told(profile: Profile, counts: set[str], language: str) -> str:
    """Return what counts, in words."""
    language = language if language in _COUNTS else "en"
    said, words = _COUNTS[language], _WHY[language]
    kinds = {source.kind for source in profile.sources}
    if "popularity" not in counts:
        kinds -= {"popularity"}
    own = ("history", "preference", "community", "model")
    names = [said[kind] for kind in own if kind in kinds]
    segments = _segments(profile) if "popularity" in kinds else []
    if segments:
        names.append(said["segment"].format(words["comma"].join(segments)))
    names += [said["popularity"]] if "popularity" in kinds else []
    if not names:
        return ""
    return words["and"].join([words["comma"].join(names[:-1]), names[-1]] if names[1:] else names)
