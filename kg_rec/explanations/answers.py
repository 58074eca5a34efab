"""What there is to say of the place of an item, in English and Chinese."""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, Any, NamedTuple

from kg_rec.explanations.words import phrases_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kg_rec.explanations.contrast import Contrast, Difference
    from kg_rec.explanations.counterfactuals import Counterfactual

__all__ = ["Answer", "in_words"]

_NAMED = 8
"""Most differences that are named; the others are summed."""
_SAID = {
    "en": {
        "rank": "{item} is at rank {rank} (score {score:.3f}).",
        "without": "Without {names} it would be at rank {after}, not among the first {k}.",
        "smallest": "No smaller set does that.",
        "spared": "None of these can be spared; that there is no smaller set is not proven.",
        "never": "Whatever of the choices is left out, it stays among the first {k}.",
        "maybe": "No set of choices was found without which it is not among the first {k}.",
        "above": "It is {gap:.3f} above {other} (score {score:.3f}):",
        "below": "It is {gap:.3f} below {other} (score {score:.3f}):",
        "one": "one smaller difference",
        "rest": "{n} smaller differences",
        "said": "{name}: {text}",
    },
    "zh": {
        "rank": "{item}排在第{rank}位（得分{score:.3f}）。",
        "without": "如果没有{names}，它会排在第{after}位，不在前{k}位之内。",
        "smallest": "没有更小的组合能做到这一点。",
        "spared": "其中任何一项都不可少；是否有更小的组合未经证明。",
        "never": "无论去掉哪些选择，它都在前{k}位之内。",
        "maybe": "没有找到去掉后能使它离开前{k}位的组合。",
        "above": "它比{other}（得分{score:.3f}）高{gap:.3f}：",
        "below": "它比{other}（得分{score:.3f}）低{gap:.3f}：",
        "one": "一项较小的差别",
        "rest": "{n}项较小的差别",
        "said": "{name}：{text}",
    },
}


class Answer(NamedTuple):
    """Why an item has its place.

    Attributes:
        item: Its id.
        label: Its name.
        rank: Its rank in the catalogue without the history.
        score: Its score.
        k: The length of the list.
        counterfactual: Without what it would not be in the list, if it is in it.
        names: The names of what that leaves out.
        other: Name of the item that it is compared with.
        contrast: The difference of its score and the score of that item.
    """

    item: str
    label: str
    rank: int
    score: float
    k: int
    counterfactual: Counterfactual | None = None
    names: tuple[str, ...] = ()
    other: str = ""
    contrast: Contrast | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        found: dict[str, Any] = {
            "item": self.item,
            "label": self.label,
            "rank": self.rank,
            "score": self.score,
        }
        without, compared = self.counterfactual, self.contrast
        if without is not None:
            found["without"] = {
                "removed": [
                    {"kind": s.kind, "id": s.id, "label": s.label} for s in without.removed
                ],
                "rank": without.rank,
                "smallest": without.smallest,
                "k": without.k,
            }
        if compared is not None:
            found["contrast"] = {
                "other": self.other,
                "score": compared.second,
                "differences": [
                    {"text": d.text, "kind": d.kind, "item": d.first, "other": d.second}
                    for d in compared.differences
                ],
            }
        return found


def in_words(answer: Answer, language: str = "en") -> list[str]:
    """Return an answer as lines of text."""
    said = _SAID.get(language, _SAID["en"])
    lines = [said["rank"].format(item=answer.label, rank=answer.rank, score=answer.score)]
    if answer.counterfactual is not None:
        lines += _without(answer.counterfactual, answer.names, said, language)
    if answer.contrast is not None:
        lines += _compared(answer, answer.contrast, said)
    return lines


def _without(
    found: Counterfactual, labels: Sequence[str], said: Mapping[str, str], language: str
) -> list[str]:
    if not found.removed:
        return [said["never" if found.smallest else "maybe"].format(k=found.k)]
    names = phrases_in(language).join(labels, most=len(labels))
    first = said["without"].format(names=names, after=found.rank, k=found.k)
    if len(found.removed) == 1:
        return [first]
    return [first, said["smallest" if found.smallest else "spared"]]


def _compared(answer: Answer, contrast: Contrast, said: Mapping[str, str]) -> list[str]:
    side = "above" if contrast.value >= 0 else "below"
    gap, score = abs(contrast.value), contrast.second
    lines = [said[side].format(gap=gap, other=answer.other, score=score)]
    named, rest = contrast.differences[:_NAMED], contrast.differences[_NAMED:]
    lines += [f"  {_number(d.value)}  {_side(d, answer, said)}" for d in named]
    if rest:
        words = said["one"] if len(rest) == 1 else said["rest"].format(n=len(rest))
        lines.append(f"  {_number(_sum(rest))}  {words}")
    return lines


def _side(difference: Difference, answer: Answer, said: Mapping[str, str]) -> str:
    """Return what a reason says, and of which of the two items."""
    ours = abs(difference.first) >= abs(difference.second)
    name = answer.label if ours else answer.other
    return said["said"].format(name=name, text=difference.text)


def _sum(differences: Sequence[Difference]) -> float:
    return fsum(d.value for d in differences)


def _number(value: float) -> str:
    """Return a signed number to three places, or to one digit if it is smaller than that."""
    return f"{value:+.3f}" if abs(value) >= 0.001 else f"{value:+.4f}"  # noqa: PLR2004
