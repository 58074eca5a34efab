"""Wishes in Chinese, read from left to right, clause by clause."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg_rec.dialogue.building import Slots, moment
from kg_rec.dialogue.marking import ITEM
from kg_rec.ontology.speech import NUMBERS as ORDERED

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg_rec.dialogue.marking import Marked
    from kg_rec.dialogue.requests import Request
    from kg_rec.ids import Iri

__all__ = ["wishes"]

_DIGITS = {c: n for n, c in enumerate("一二三四五六七八九十", start=1)} | {
    "两": 2,
    "俩": 2,
    "仨": 3,
}
_TENS = {"二": 20, "三": 30, "四": 40, "五": 50, "六": 60, "七": 70, "八": 80, "九": 90, "零": 0}
_CUES = (
    (
        "dislike",
        r"(?:不|没)(?:太|怎么|是很|大|那么)?(?:喜欢|爱看|爱|感冒|感兴趣|待见)",
        r"讨厌|受不了|反感|厌恶|看腻了|看够了|烦|恨",
    ),
    (
        "exclude",
        r"(?:但|可|只是|就是)?(?:不要|别要|不想(?:再)?(?:要|看|见)?(?:到|见)?|不看|别有|别给我|别来|别推荐|不含|不带|不包括|不需要|不能有|不准有|不许有)(?:有|任何|再有|再|看到|出现|什么)?",
        r"除了|除去|去掉|排除|避开|没有|没|不是|非|拒绝|别|少来|不涉及|不(?=<)|无(?=<)|剔除|避免",
    ),
    (
        "like",
        r"(?:就)?(?:像|类似于?|如同|好像|仿|参照|跟|和(?=<i\d+>(?:差不多|类似|一样|相似|那样|同类|风格))|与(?=<i\d+>))",
        r"(?:我)?(?:很|非常|特别|超级?|最|挺|都|也|更)?(?:喜欢|爱看|热爱|喜爱|钟爱|迷)|(?:超|最|好|很|真|就|都)爱|爱死|爱(?=<)|(?:我|本人)(?:很|也|都)?爱(?!情)",
        r"偏爱|钟情(?:于)?|痴迷(?:于)?|热衷(?:于)?|酷爱|着迷(?:于)?|沉迷(?:于)?|钟意|中意|偏好",
    ),
    (
        "include",
        r"(?:我)?(?:想|要|想要|希望|给我|帮我|请|麻烦|推荐|来|找|换|看|有|是|关于|讲|由|带|包含|只要|最好|必须|得)+",
        r"但是?|不过|只是|[.;!?]",
    ),
)
_ASKED = r"有没有|有什么|有哪些|有无|是否有"
_PATTERNS = tuple((mode, re.compile("|".join(phrases))) for mode, *phrases in _CUES)
_Y = r"((?:1[89]|20)\d\d)年?(?:代)?"
_D = (
    r"(?:上世纪|上个世纪|二十世纪|20世纪)?"
    r"(?:((?:19|20)?\d0)|([二三四五六七八九零])十|(零零|〇〇))(?:年代|后)"
)
_YEARS = tuple(
    (re.compile(pattern), op)
    for pattern, op in (
        (r"(?:上世纪|二十世纪)?([二三四五六七八九])([二三四五六七八九])十年代(?:的)?", "dd"),
        (rf"{_D}(?:以前|之前)(?:的)?", "<d"),
        (rf"{_D}(?:以后|之后)(?:的)?", ">d"),
        (rf"{_D}(?:以来|起)(?:的)?", ">=d"),
        (rf"{_D}(?:拍的|的|那会儿的?)?", "d"),
        (rf"{_Y}(?:到|至|-|—|~|和|与){_Y}(?:年)?(?:之间|间)?(?:的)?", "between"),
        (rf"(?:不早于|不晚于2){_Y}", ">="),
        (rf"{_Y}(?:或|及)(?:之|以)?后(?:的)?", ">="),
        (rf"{_Y}(?:或|及)(?:之|以)?前(?:的)?", "<="),
        (rf"(?:自从?|从){_Y}(?:开始|起|以来)?", ">="),
        (rf"{_Y}(?:以来|起)(?:的)?", ">="),
        (rf"(?:比)?{_Y}(?:以前|之前|前)(?:上映|拍|出|发行|出版)?(?:的)?", "<"),
        (rf"早于{_Y}", "<"),
        (rf"(?:比)?{_Y}(?:以后|之后|后)(?:上映|拍|出|发行|出版)?(?:的)?", ">"),
        (rf"晚于{_Y}", ">"),
        (rf"比{_Y}(?:更|还)?(?:新|晚)(?:的)?", ">"),
        (rf"比{_Y}(?:更|还)?(?:老|早|旧)(?:的)?", "<"),
        (rf"{_Y}(?:上映|拍|出|发行|出版)?(?:的)?", "=="),
    )
)
_LITTLE = r"(?:一点儿?|一些|点儿?|些)?(?:的)?"
_COUNTERS = "部|个|本|张|首|片|条|款"
_COUNT = re.compile(
    rf"(?:只要|就要|最好|前)?([二两三四五六七八九十]|十?[一二三四五六七八九]|\d{{1,2}})(?:{_COUNTERS})(?!都)"
)
_ONE = re.compile(rf"(?:一|几|这|那|某)(?:{_COUNTERS})|一(?:点|些|下|样)")
_LESS = (
    r"(?:没那么|不那么|不要太|不要那么|别太|别那么|不太|不怎么|少一?点|少些"
    r"|不要这么|没这么|少一些|不是那么|不算太|太)"
)
_MORE = r"(?:更加?|再|多一?点|多些|比较|还要)"
_THAN = rf"(?:比(?P<than>{ITEM}|这些|那些|它们)(?:要|更|还|稍微?|再|来得)*)?"
_SIMILAR = re.compile(
    rf"(?:像|跟|和|与|同)?(?P<item>{ITEM})"
    r"(?:一样|那样|这样|那种|差不多|类似|相似|风格|同类|之类|类型|这种|这类|那类)+(?:的)?"
)
_BESIDES = re.compile(
    rf"除了(?P<item>{ITEM})(?:之外|以外)?,?(?:还有|有没有|有)(?:什么|哪些)?类似的?"
)
_SKIP = re.compile(
    r"[,、和与或跟以及还有等的了吧呢吗啊呀嘛哦额嗯我你请帮麻烦谢些几给想要看来再都也就能可以会把那这样种类型"
    r"电影影片子片作品书小说专辑唱推荐一下点个部本首张有没是好不错随便什么其他它别另外另外还再换批最近今晚今天晚上适合"
    r"系列主演出演导执导拍里面中上下在由演过关于讲题材方面风格内容故事发生着儿"
    r"找说继续接着更新一般般比较稍微"
    r"经典老佳作差不多类似同样相似现在目前然后那么所以对于只全部之所\s:\"'()~…·—-]"
)
_LIKED_AFTER = re.compile(
    r"(?:[和、与跟]<[ie]\d+>)*(?P<said>(?:我|都|很|最|也|特别|非常|一直)+(?:喜欢|爱看|爱|中意)(?!什么|哪)"
    r"|是我(?:的)?(?:最爱|心头好|本命|菜|最喜欢的?)|(?:的)?(?:影)?(?:迷|控|粉丝|发烧友|爱好者)(?!你|情|失))"
)
"""What is said of a name after it, that it is liked."""
_OTHERS = re.compile(r"别的|其他|其它|另外|换一?批|换几|换点|还有|再来")
_ADDS = re.compile(r"^(?:但|可是|不过|也|还|再|而且|并且|另外|只|不要|别|要|没|不|更|最好)")


def wishes(marked: Marked) -> Request:
    """Return the wishes of a text with marks."""
    slots = Slots(marked.context)
    _Reader(marked, slots).read()
    return slots.request(
        others=bool(_OTHERS.search(marked.text)), adds=bool(_ADDS.match(marked.text))
    )


class _Reader:
    """Reads wishes from left to right.

    Args:
        marked: The text.
        slots: Where they go.
    """

    def __init__(self, marked: Marked, slots: Slots) -> None:
        self.marked = marked
        self.context = marked.context
        self.slots = slots
        self._lost = ""
        self._describes = False
        self.steps: tuple[Callable[[str], int], ...] = (
            self._year,
            self._comparative,
            self._degree,
            self._count,
            self._similar,
            self._cue,
            self._pause,
            self._name,
            self._adjective,
            self._skip,
        )

    def read(self) -> None:
        """Read all of the text."""
        text, i = self.marked.text, 0
        while i < len(text):
            width = next((n for step in self.steps if (n := step(text[i:]))), 0)
            if width:
                self._lose()
            else:
                self._lost += text[i]
            i += width or 1
        self._lose()

    def _lose(self) -> None:
        if len(self._lost) > 1 or (self._lost and self._lost.isascii()):
            self.slots.lost.append(self._lost)
        self._lost = ""

    def _year(self, rest: str) -> int:
        attribute = moment(self.context)
        for pattern, op in _YEARS:
            match = pattern.match(rest)
            if match is None or attribute is None:
                continue
            numbers = [_year_of(text) for text in match.groups() if text]
            first, last = numbers[0], numbers[-1]
            spans: dict[str, tuple[str, float | tuple[float, float]]] = {
                "between": ("between", (min(numbers), max(numbers))),
                "d": ("between", (first, first + 9)),
                "dd": ("between", (min(first, last), max(first, last) + 9)),
                "<d": ("<", first),
                ">d": (">", first + 9),
                ">=d": (">=", first),
            }
            self.slots.condition(attribute, *spans.get(op, (op, first)))
            return len(match[0])
        return 0

    def _comparative(self, rest: str) -> int:
        relations = self.context.names.ontology.relations
        for iri, words in self.context.speech.relations["zh"].items():
            if relations[iri].range not in ORDERED:
                continue
            for more, forms in ((True, words.more), (False, words.less)):
                either = "|".join(map(re.escape, sorted(forms, key=len, reverse=True)))
                match = either and re.match(
                    rf"{_THAN}(?P<degree>更加?|再|稍微?|要|还要|不要太|别太|不太|不那么|没那么)?"
                    rf"(?:{either})(?P<little>{_LITTLE})(?!闻|手|年|娱|师|婆|公|实)",
                    rest,
                )
                if match and (match["than"] or match["degree"] or match["little"]):
                    denied = bool(re.match(r"不|别|没", match["degree"] or ""))
                    self._compare(iri, match["than"], more=more != denied)
                    return len(match[0])
        return 0

    def _degree(self, rest: str) -> int:
        match = re.match(
            rf"{_THAN}(?P<degree>{_LESS}|{_MORE})(?P<what><e\d+>|[\u4e00-\u9fff]{{1,4}}?)"
            rf"(?={_LITTLE}(?:的|一点|些|$|[,.;!?]|{ITEM}))",
            rest,
        )
        if match is None:
            return 0
        node = self._subject(match["what"])
        if node is None:
            return 0
        self._compare(node, match["than"], more=not re.fullmatch(_LESS, match["degree"]))
        return len(match[0])

    def _subject(self, what: str) -> Iri | None:
        if what.startswith("<"):
            return self.marked.found[int(what[2:-1])].nodes[0]
        return self._meaning(what) or self.context.names.subject(what)

    def _meaning(self, word: str) -> Iri | None:
        for node, words in self.context.speech.hidden.items():
            if (word, "zh") in words:
                return node
        return None

    def _compare(self, attribute: Iri, than: str | None, *, more: bool) -> None:
        item = self.marked.node(than) if than and than.startswith("<") else None
        self.slots.compared(attribute, more=more, than=item)
        self.slots.turn("include")

    def _count(self, rest: str) -> int:
        one = _ONE.match(rest)
        if one:
            return len(one[0])
        match = _COUNT.match(rest)
        if match is None:
            return 0
        self.slots.k = _DIGITS.get(match[1]) or (int(match[1]) if match[1].isdigit() else 10)
        return len(match[0])

    def _similar(self, rest: str) -> int:
        """Read "跟X差不多", "除了X还有类似的": these words around a name make it an example."""
        match = _SIMILAR.match(rest) or _BESIDES.match(rest)
        if match is None:
            return 0
        node = self.marked.node(match["item"])
        self.slots.turn("like")
        if node is not None:
            self.slots.add((node,))
        self.slots.turn("include")
        return len(match[0])

    def _cue(self, rest: str) -> int:
        asked = re.match(_ASKED, rest)
        if asked:
            self.slots.turn("include")
            return len(asked[0])
        if rest.startswith("的<") and self._describes:
            self.slots.turn("include")
            return 1
        for mode, pattern in _PATTERNS:
            match = pattern.match(rest)
            if match:
                self._describes = bool(re.match(r"没有|不含|不带|无|非", match[0]))
                if mode == "include" and self.slots.mode == "exclude" and self.slots.fresh:
                    return len(match[0])
                self.slots.turn(mode)
                return len(match[0])
        return 0

    def _pause(self, rest: str) -> int:
        match = re.match(r"[,、]|和|或者?|以及|跟|与", rest)
        if match is None:
            return 0
        if not rest[len(match[0]) :].startswith("<") and match[0] == ",":
            self.slots.turn("include")
        return len(match[0])

    def _name(self, rest: str) -> int:
        match = re.match(r"<[a-z]+-?\d*>", rest)
        if match is None:
            return 0
        nodes = self.marked.nodes(match[0])
        after = rest[len(match[0]) :]
        bad = re.match(
            r"(?:我)?(?:不太?喜欢|讨厌|受不了|不要|除外|没(?:有|什么)?兴趣|不感兴趣|无感)", after
        )
        good = None if bad else _LIKED_AFTER.match(after)
        if good:
            self.slots.turn("like")
        if bad:
            self.slots.turn("exclude" if re.match(r"不要|除外", after) else "dislike")
        wished = match[0] == "<he>" and after.startswith(("的", "演", "主演", "导"))
        if nodes and (wished or match[0] not in {"<it>", "<he>"} or self.slots.mode != "include"):
            self.slots.add(nodes)
        judged = good["said"] if good else bad[0] if bad else ""
        return len(match[0]) + (len(judged) if judged and after.startswith(judged) else 0)

    def _adjective(self, rest: str) -> int:
        """Read a word that means a genre or subject: "吓人" means horror."""
        for node, words in self.context.speech.hidden.items():
            for word, language in words:
                if language == "zh" and rest.startswith(word):
                    self.slots.add((node,))
                    return len(word)
        return 0

    def _skip(self, rest: str) -> int:
        match = _SKIP.match(rest)
        return len(match[0]) if match else 0


def _year_of(text: str) -> int:
    """Return the year that digits or a Chinese numeral stand for."""
    if text in {"零零", "〇〇"}:
        return 2000
    number = _TENS[text] if text in _TENS else int(text)
    if number >= 100:  # noqa: PLR2004 - a whole year
        return number
    return number + (1900 if number >= 30 else 2000)  # noqa: PLR2004 - the turn of the century
