"""What somebody says in Chinese, understood: the intent first, then its slots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg_rec.dialogue.asking import (
    best_relation,
    default_relation,
    relation_of_word,
    sort_of,
)
from kg_rec.dialogue.building import hidden
from kg_rec.dialogue.chinese_signs import (
    ALREADY,
    BAD,
    COMPARING,
    COUNT,
    DENIED,
    DIGITS,
    FIRST,
    FROM_LAST,
    GOOD,
    HE,
    HELP,
    HIDE,
    HIGHER,
    LAST,
    LIKE_THIS,
    LIST,
    LOWER,
    MORE_LIKE,
    MORE_OF,
    PLACE,
    PROFILE,
    REQUEST,
    RESET,
    SEVERAL,
    SHOW,
    SOME,
    THIS,
    UNDO,
    WH,
    WHY,
    YES,
    YOU,
)
from kg_rec.dialogue.chinese_wishes import wishes
from kg_rec.dialogue.following import asked_words, continued
from kg_rec.dialogue.marking import ANY, ITEM, PERSON_MARK
from kg_rec.dialogue.requests import Request

if TYPE_CHECKING:
    from kg_rec.dialogue.marking import Marked
    from kg_rec.ids import Iri

__all__ = ["parse", "tidy"]


def tidy(text: str) -> str:
    """Return a text with half-width punctuation and without spaces between characters.

    Examples:
        >>> tidy("《盗梦空间》 的导演，是谁？")
        '《盗梦空间》的导演,是谁?'
    """
    table = str.maketrans("，。？！；：（）、", ",.?!;:(),")
    text = text.translate(table)
    return re.sub(r"(?<=[^a-z0-9])\s+|\s+(?=[^a-z0-9])", "", text.strip())


def parse(marked: Marked) -> Request:
    """Return what a Chinese text asks for; ``marked.text`` is in lower case."""
    plain = tidy(marked.text)
    if not re.search(r"<", plain) and (intent := _plain_intent(plain, marked)):
        return intent
    seen = marked.with_text(_with_places(plain))
    for read in (_to_machine, _again, _why, _more_like, _feedback, _question, _compared):
        found = read(seen)
        if found is not None:
            return found
    return _recommended(seen)


def _plain_intent(text: str, marked: Marked) -> Request | None:
    """Return an intent that names nothing."""
    asked = marked.context.asked
    if asked is not None and re.search(
        r"(?:都|全部?)?(?:列出|列举|列一下|列给|是哪些|有哪些|哪几)", text
    ):
        return Request("question", relation=asked[0], object=asked[1], kind="list")
    signs = (
        ("reset", RESET),
        ("undo", UNDO),
        ("profile", PROFILE),
        ("help", HELP),
        ("show", SHOW),
    )
    return next((Request(intent) for intent, sign in signs if sign.search(text)), None)


def _with_places(text: str) -> str:
    """Return a text with places and pronouns as marks."""
    text = SEVERAL.sub(_places, text)
    text = FROM_LAST.sub(lambda m: f"<p-{_number(m[1])}>", text)
    text = LAST.sub("<p-1>", text)
    text = PLACE.sub(lambda m: f"<p{_number(m[1])}>", text)
    text = FIRST.sub("<p1>", text)
    text = HE.sub("<he>", text)
    text = LIKE_THIS.sub(lambda m: f"{m[1] or '像'}<it>{m[2] or '这样的'}", text)
    return THIS.sub("<it>", text)


def _places(match: re.Match[str]) -> str:
    count = _number(match[2])
    first = match[1] in {"前", "头"}
    return "和".join(f"<p{n}>" for n in (range(1, count + 1) if first else range(-count, 0)))


def _number(text: str) -> int:
    return DIGITS.get(text) or int(text)


def _items(marked: Marked) -> list[Iri]:
    nodes = (marked.node(m) for m in marked.marks(ITEM))
    return list(dict.fromkeys(node for node in nodes if node is not None))


_AGAIN = re.compile(
    rf"(?P<lead>(?:那么?|还有|然后|而|,|至于|换成|换作|换|如果是|要是)*)(?P<mark>{ANY})(?:里面?|中|里头|的)?(?P<end>呢|又呢)?[?]?"
)
_NOUN = re.compile(
    rf"(?P<lead>(?:那么?|还有|然后|,|至于)*)(?:{ITEM}的?|它的)?(?P<noun>[^<>,?呢]{{1,6}})(?:呢)[?]?"
)


def _to_machine(marked: Marked) -> Request | None:
    """Return that a question to the machine itself is not understood: "你多大了"."""
    if re.search(ITEM, marked.text) or not YOU.search(marked.text):
        return None
    return Request("unknown", lost=(marked.original.strip(),))


def _again(marked: Marked) -> Request | None:
    """Return a question that says only what is other than before: "那<i0>呢", "导演呢"."""
    match = _AGAIN.fullmatch(marked.text)
    if match is not None and (match["lead"] or match["end"] or marked.text.endswith("?")):
        found = continued(marked, match["mark"])
        if found is not None:
            return found
    said = asked_words(marked, "zh")
    noun = _NOUN.fullmatch(said.text)
    subject = next(iter([*_items(said), *said.nodes("<it>")]), None)
    if noun is None or subject is None:
        return None
    relation = best_relation(said.with_text(noun["noun"]), "zh")
    if relation is None:
        return None
    kind = sort_of(said.context, relation)
    return Request("question", items=(subject,), relation=relation, subject=subject, kind=kind)


def _why(marked: Marked) -> Request | None:
    text = marked.text
    if not WHY.search(text):
        return None
    items = _items(marked)
    if len(items) > 1 and (HIGHER.search(text) or LOWER.search(text)):
        low = LOWER.search(text) and not re.search(r"比.*(?:靠前|前面|高|好)", text)
        first, second = items[:2]
        return Request("compare", items=(second, first) if low else (first, second))
    if not items and len(text) > _SHORT_WHY and not marked.marks(ANY):
        return None
    if not items and marked.marks(ANY):
        return Request("why_not" if DENIED.search(text) else "why")
    items = items or list(marked.nodes("<it>"))
    return Request("why_not" if DENIED.search(text) else "why", items=tuple(items[:1]))


_SHORT_WHY = 8


def _compared(marked: Marked) -> Request | None:
    items = _items(marked)
    if len(items) > 1 and COMPARING.search(marked.text):
        return Request("compare", items=(items[0], items[1]))
    return None


def _more_like(marked: Marked) -> Request | None:
    match = MORE_LIKE.search(marked.text) or MORE_OF.search(marked.text)
    if match is None:
        return None
    item = marked.node(match["item"])
    rest = f"{marked.text[: match.start('item')]}{marked.text[match.end('item') :]}"
    more = wishes(marked.with_text(rest))
    if more.has_wishes and (more.where or more.compare or more.exclude or more.include):
        return None
    return Request("more_like", items=() if item is None else (item,))


def _feedback(marked: Marked) -> Request | None:
    text = marked.text
    items = _items(marked)
    if re.fullmatch(r"(?:我)?(?:已经|早就)?(?:看|读|听)过了?[.!]?", text):
        items = list(marked.nodes("<it>"))
    if not items or re.search(r"(?:像|类似|差不多|谁|什么(?!都)|哪|多少|几)", text):
        return None
    if re.search(r"吗|是不是|有没有|是否", text):
        return None
    signs = (("hide", HIDE), ("dislike", BAD), ("like", GOOD), ("seen", ALREADY))
    verdict = next((name for name, sign in signs if sign.search(_bare(text))), "")
    if not verdict:
        return None
    if verdict in {"like", "dislike"}:
        found = wishes(marked)
        named = {*found.like, *found.dislike} - set(items)
        if found.where or found.compare or found.include or found.exclude or named:
            return None
    return Request("feedback", items=tuple(items), verdict=verdict)


def _bare(text: str) -> str:
    return re.sub(ANY, "", text)


def _question(marked: Marked) -> Request | None:
    text = marked.text
    items, value = _items(marked), _value(marked)
    if COUNT.search(text) and not SOME.search(text) and not re.search(r"多少年|几年", text):
        return _counted(marked, items, value)
    if not items and value is not None and re.fullmatch(r"是(?:不是)?<e\d+>[吗?]*", text):
        items = list(marked.nodes("<it>"))
    if value is None and YES.search(text) and not _wh(text):
        talked = marked.nodes("<it>") if re.match(r"是|那是", text) and marked.context.item else ()
        met = _of_value(marked, items or list(talked))
        if met is not None:
            return met
    if items and value is not None and YES.search(text) and not _wh(text):
        relation = _relation_to(marked, value)
        return (
            None
            if relation is None
            else Request(
                "question",
                items=(items[0],),
                relation=relation,
                subject=items[0],
                object=value,
                kind="yesno",
            )
        )
    if (
        value is not None
        and not items
        and LIST.search(text)
        and not re.search(r"推荐|想看|好看", text)
    ):
        relation = _relation_to(marked, value)
        return _about_items(relation, value, "list")
    return _of_item(marked, items)


def _of_value(marked: Marked, items: list[Iri]) -> Request | None:
    """Return the question whether a value of an item meets a condition: "它是1979年的吗"."""
    found = wishes(marked.with_text(marked.text.replace("是不是", "是"))).where
    if len(found) != 1 or len(items) != 1:
        return None
    relation, subject = found[0].attribute, items[0]
    return Request(
        "question",
        items=(subject,),
        relation=relation,
        subject=subject,
        where=found,
        kind="yesno",
    )


def _about_items(relation: Iri | None, value: Iri, kind: str) -> Request | None:
    if relation is None:
        return None
    return Request("question", relation=relation, object=value, kind=kind)


def _counted(marked: Marked, items: list[Iri], value: Iri | None) -> Request | None:
    if value is not None:
        relation = _relation_to(marked, value)
        return _about_items(relation, value, "count")
    relation = best_relation(marked, "zh")
    if not items or relation is None:
        return None
    return Request("question", items=(items[0],), relation=relation, subject=items[0], kind="count")


def _of_item(marked: Marked, items: list[Iri]) -> Request | None:
    """Return a question for the values of an item; without one, of that talked of."""
    text = marked.text
    wh = _wh(text) or ("what" if re.fullmatch(rf"{ITEM}的?\w{{2,5}}[?]?", text) else "")
    if not wh or (not items and (_value(marked) is not None or len(text) > _SHORT_QUESTION)):
        return None
    relation = _of_noun(marked, wh) or best_relation(marked, "zh", "" if wh == "what" else wh)
    if relation is None or re.search(r"推荐|想看|有什么(?!.*类型)", text):
        return None
    kind = sort_of(marked.context, relation)
    subject = items[0] if items else next(iter(marked.nodes("<it>")), None)
    if subject is None:
        return Request("question", relation=relation, kind=kind)
    return Request("question", items=(subject,), relation=relation, subject=subject, kind=kind)


def _of_noun(marked: Marked, wh: str) -> Iri | None:
    """Return the relation that the noun of a question names, before its verb: "曲子是谁写的"."""
    noun = _NOUN_OF_WHO.search(marked.text)
    if wh != "who" or noun is None:
        return None
    return best_relation(marked.with_text(noun[1] or noun[2]), "zh", wh)


_NOUN_OF_WHO = re.compile(
    r"(?:^|[>的里中,])([^<>是由谁的里中,]{2,4})(?:是|由|出自)?谁"
    r"|谁(?:来)?(?:写|做|作|负责|创作|操刀)(?:的|了)?([^<>的了?]{2,4})[?]?$"
)
_SHORT_QUESTION = 14


def _wh(text: str) -> str:
    return next((wh for wh, sign in WH if sign.search(text)), "")


def _value(marked: Marked) -> Iri | None:
    nodes = [marked.node(m) for m in marked.marks(PERSON_MARK)]
    return next((node for node in nodes if node is not None), None)


def _relation_to(marked: Marked, value: Iri) -> Iri | None:
    having = re.search(r"有(?:没有)?<(?:e\d+|he)>", marked.text)
    return (
        best_relation(marked, "zh", value=value)
        or (relation_of_word(marked.context, "with", value) if having else None)
        or default_relation(marked.context, value)
    )


_ELSE = re.compile(r"[唱吃喝订买听]|天气|新闻|翻译")
"""Signs that something else is wanted than what is recommended here."""


def _recommended(marked: Marked) -> Request:
    found = wishes(marked)
    text = marked.text
    asked = REQUEST.search(text)
    if not found.has_wishes:
        if _ELSE.search(text):
            return Request("unknown", lost=found.lost or (marked.original.strip(),))
        meant = (
            re.search(r"[片部太]|电影|一点|一些|书|专辑|推荐|不要|别", text)
            if found.lost
            else asked
        )
        known = meant and asked and not re.search(ANY, text)
        return found if known else Request("unknown", lost=found.lost or (marked.original.strip(),))
    if found.lost and not asked and not found.include and not found.like:
        return Request("unknown", lost=found.lost)
    return hidden(found, marked)
