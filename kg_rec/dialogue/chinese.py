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
from kg_rec.dialogue.chinese_wishes import wishes
from kg_rec.dialogue.following import asked_words, continued
from kg_rec.dialogue.marking import ANY, ITEM, PERSON_MARK
from kg_rec.dialogue.requests import Request

if TYPE_CHECKING:
    from kg_rec.dialogue.marking import Marked
    from kg_rec.ids import Iri

__all__ = ["parse", "tidy"]

_DIGITS = {c: n for n, c in enumerate("一二三四五六七八九十", start=1)} | {"两": 2}
_COUNTERS = "部|个|本|张|首|片|条|项|款|名|位"
_NOUNS = "电影|影片|片子|片|作品|书|小说|专辑|唱片|推荐"
_PLACE = re.compile(
    rf"(?:列表里?的?|名单里?的?)?[那这]?第([一二三四五六七八九十两]|\d{{1,2}})(?:{_COUNTERS})?(?:{_NOUNS})?"
)
_SEVERAL = re.compile(rf"(前|头|最后|后)([两三四五二]|\d)(?:{_COUNTERS})(?:{_NOUNS})?")
_LAST = re.compile(
    rf"(?:[那这])?(?:最后面?|末尾|最末|最下面|最底下|垫底|排最后|末)的?[那这]?一?(?:{_COUNTERS})(?:{_NOUNS})?"
)
_FROM_LAST = re.compile(
    rf"(?:[那这])?倒数第([一二三四五六七八九十两]|\d{{1,2}})(?:{_COUNTERS})?(?:{_NOUNS})?"
)
_FIRST = re.compile(rf"(?:最前面|最上面|排第一|头一)(?:的)?(?:那|这)?一?(?:{_COUNTERS})?")
_THIS = re.compile(
    rf"(?:这|那|该|此)一?(?:{_COUNTERS})(?:{_NOUNS})?|这(?:{_NOUNS})|(?<!其)它|该片|本片|此片|这片子|那片子"
)
_LIKE_THIS = re.compile(r"(像|类似|跟|和)(?:这|那)(样|种|个)|(?<=[多来些点部])(?:类似|[这那]样)的")
_HE = re.compile(
    r"他们|她们|(?<!其)他|她|(?:这|那|该)(?:位|个)?(?:导演|演员|作者|作家|歌手|艺人|编剧|人)(?!呢)"
)

_RESET = re.compile(
    r"重新(?:来过|来|开始|再来)|从头(?:再)?(?:来|开始)|重来|重置|清空|全部?(?:忘掉|忘了|取消|清除|不算)"
    r"|(?:忘掉|忘了|清除|抹掉)(?:刚才|之前|前面|以前|所有|全部|一切|这些|我说)|另起炉灶|归零|推倒重来"
    r"|(?:前面|之前|刚才|以前)(?:的|说的)?(?:都|全)+(?:忘|清|删|不算)"
)
_UNDO = re.compile(
    r"撤销|撤回|撤消|退回|回退|返回上一步|上一步|取消(?:刚才|上一|前一|那)|反悔|收回|不算数|(?:刚才|刚刚)(?:那个|的)?(?:不算|说错|弄错)"
    r"|恢复(?:刚才|上一|原)|还原|倒回去|^取消[了吧]?[.!]?$"
)
_SHOW = re.compile(
    r"(?:列表|清单|名单|单子)|再(?:给我)?(?:看|显示|列|说|念)(?:一)?[遍次下]|还剩(?:下)?(?:哪些|什么|几)"
    r"|(?:刚才|刚刚|之前|目前|现在)(?:都)?(?:推荐|列)(?:了|的)(?:哪些|什么|都)?|重复一遍|列出来(?:看看)?$|都有哪些推荐|(?:现在|目前)有(?:哪些|什么)推荐"
)
_PROFILE = re.compile(
    r"关于我.*(?:知道|了解|掌握|有)(?:些|了)?(?:什么|哪些|多少)|(?:知道|了解|记得|掌握|记住|记录|清楚)(?:了)?(?:关于)?我(?:的)?(?:什么|哪些|多少|喜好|口味|偏好|喜欢|情况|信息|资料)"
    r"|(?:对|关于)我(?:的)?(?:都)?(?:了解|知道|有什么|有多少|掌握|记)|我(?:的)?(?:口味|喜好|档案|偏好|资料|画像|信息)"
    r"|(?:觉得|认为|知道|记得)我(?:都)?(?:喜欢|爱|想|讨厌)|我(?:都)?(?:说过|喜欢|告诉过你)(?:些|了)?什么"
)
_HELP = re.compile(
    r"怎么(?:用|使用|玩|操作|问)|(?:你|这个?|它)(?:都)?(?:会|能|可以)(?:做|干|帮我做|帮我干|问)?(?:些)?(?:什么|啥|哪些|嘛)"
    r"|^帮助|能帮我(?:做|干)?(?:些)?什么|使用(?:说明|方法)|能问(?:你)?(?:些)?(?:什么|哪些)|我(?:能|可以)(?:问|说|做|怎么)(?:你)?|有(?:什么|哪些)功能|求助|^帮帮我"
    r"|有(?:什么|哪些)用法|能(?:做|干)(?:些|点)?(?:什么|啥)"
)
_WHY = re.compile(
    r"为什么|为何|为啥|凭什么|凭啥|理由|原因|怎么会|干嘛|解释|怎么(?=没|不|把|推荐|排|就)|何以|什么道理"
)
_DENIED = re.compile(r"(?:为什么|为何|为啥|怎么|怎么会|凭什么)?(?:没有|没|不(?!太)|漏了|漏掉|缺)")
_HIGHER = re.compile(
    r"比|前面|之前|靠前|更高|上面|高于|优先|胜过|先于|而不是|排在.*前|更好|超过|领先|赢"
)
_LOWER = re.compile(r"后面|之后|靠后|下面|更低|低于|不如|落后|输给")
_COMPARING = re.compile(r"比较|对比|区别|差别|哪个好|哪部好")
_MORE_LIKE = re.compile(
    r"(?:再|多|更多|继续|另外|还要|还想|接着|再多).*(?:像|类似|跟|和|与|如|同).*?(?P<item>"
    + ITEM
    + r")"
)
_MORE_OF = re.compile(
    r"(?P<item>" + ITEM + r")(?:这|那)?(?:样|种|类|一类|类型)?的?(?:.{0,4})(?:再|多)来"
)
_ALREADY = re.compile(r"看过|看完|听过|读过|玩过|看了|读了|听了|早看|早就看|知道了|有了|买过|刷过")
_BAD = re.compile(
    r"(?:不|没)(?:太|怎么|是很|大|那么|算|够)?(?:喜欢|爱|好看|行|感兴趣|感冒|中意|合|对)|讨厌|难看|无聊|失望|太?烂|反感|受不了"
    r"|看不下去|没意思|不怎么样|很差|太差|一般般|差劲|恶心|踩雷"
)
_GOOD = re.compile(
    r"喜欢|爱(?!情)|好看|不错|精彩|棒|赞|神作|经典|最爱|好评|过瘾|喜爱|中意|优秀|完美|牛|佳作"
)
_HIDE = re.compile(
    r"隐藏|去掉|删掉|删除|移除|移走|拿掉|拿走|屏蔽|藏起来|剔除|(?:不要|别|不用|不想)再?(?:给我)?(?:推荐|显示|出现|看到|看见|看|列|放|提)"
    r"|不想(?:再)?看(?:到|见)?|踢掉|划掉|别再|不感兴趣|没兴趣|过滤|不要了"
)
_COUNT = re.compile(rf"多少|几(?:{_COUNTERS})")
_SOME = re.compile(rf"(?:来|推荐|找|看|给我|要|想看|再来)(?:点|些)?几(?:{_COUNTERS})")
_LIST = re.compile(
    r"(?:过|了)(?:些)?(?:什么|啥)|还.*[过了](?:别的|其他|其它)|列(?:一下|个)|哪些|哪几|什么(?=电影|作品|片|书|小说|专辑)|有什么|都有(?:哪|谁|什么)|列出|列举|还有哪|全部|全都|都列"
)
_YES = re.compile(r"吗|么[？?]?$|是不是|有没有|是否|对不对|没有[？?]?$|对吧|吧[？?]$")
_WH = (
    ("who", re.compile(r"谁|哪位|何人|什么人")),
    ("when", re.compile(r"哪一?年|什么时候|何时|几几年|哪年|多少年|什么年|几年")),
    ("where", re.compile(r"哪里|哪儿|什么地方|在哪|何处|何地|哪座")),
    ("what", re.compile(r"什么|哪种|哪类|啥|怎样|哪个|如何|哪本|哪部小说")),
)
_REQUEST = re.compile(
    r"推荐|想看|想要|想找|来(?:点|些|几|一|两|三|部|个)|有没有|有什么|找|给我|给几|换|看点|看些|看部|还有|再来|要(?:看|一|些|点|新|老|有|求)"
    r"|随便|电影|影片|片|书|小说|专辑|唱片|别的|其他|其它|另外|更|一点|只要|只看|不要|别|作品|什么好|好看的"
)


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
        ("reset", _RESET),
        ("undo", _UNDO),
        ("profile", _PROFILE),
        ("help", _HELP),
        ("show", _SHOW),
    )
    return next((Request(intent) for intent, sign in signs if sign.search(text)), None)


def _with_places(text: str) -> str:
    """Return a text with places and pronouns as marks."""
    text = _SEVERAL.sub(_places, text)
    text = _FROM_LAST.sub(lambda m: f"<p-{_number(m[1])}>", text)
    text = _LAST.sub("<p-1>", text)
    text = _PLACE.sub(lambda m: f"<p{_number(m[1])}>", text)
    text = _FIRST.sub("<p1>", text)
    text = _HE.sub("<he>", text)
    text = _LIKE_THIS.sub(lambda m: f"{m[1] or '像'}<it>{m[2] or '这样的'}", text)
    return _THIS.sub("<it>", text)


def _places(match: re.Match[str]) -> str:
    count = _number(match[2])
    first = match[1] in {"前", "头"}
    return "和".join(f"<p{n}>" for n in (range(1, count + 1) if first else range(-count, 0)))


def _number(text: str) -> int:
    return _DIGITS.get(text) or int(text)


def _items(marked: Marked) -> list[Iri]:
    nodes = (marked.node(m) for m in marked.marks(ITEM))
    return list(dict.fromkeys(node for node in nodes if node is not None))


_YOU = re.compile(
    r"^(?:(?:那|请问|对了|话说|嗯)[,、]?)*你们?(?:是(?!不是(?:有|推荐)|否|说|指)|叫|多大|几岁|多少岁|来自|住|在哪|喜欢|爱|今年|从哪"
    r"|什么时候|哪年|何时|的(?!列表|清单|推荐|建议))"
    r"|(?:谁|什么人|哪家公司|何时|什么时候|哪年)[^<]{0,4}"
    r"(?:写|做|造|开发|创造|发明|设计|制作|训练|编|拍)(?:出来?|了|的|成)*你们?(?:的)?[?!.啊呀呢]*$"
)
"""Questions to the machine itself."""
_AGAIN = re.compile(
    rf"(?P<lead>(?:那么?|还有|然后|而|,|至于)*)(?P<mark>{ANY})(?:里面?|中|里头|的)?(?P<end>呢|又呢)?[?]?"
)
_NOUN = re.compile(
    rf"(?P<lead>(?:那么?|还有|然后|,|至于)*)(?:{ITEM}的?|它的)?(?P<noun>[^<>,?呢]{{1,6}})(?:呢)[?]?"
)


def _to_machine(marked: Marked) -> Request | None:
    """Return that a question to the machine itself is not understood: "你多大了"."""
    if re.search(ITEM, marked.text) or not _YOU.search(marked.text):
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
    if not _WHY.search(text):
        return None
    items = _items(marked)
    if len(items) > 1 and (_HIGHER.search(text) or _LOWER.search(text)):
        low = _LOWER.search(text) and not re.search(r"比.*(?:靠前|前面|高|好)", text)
        first, second = items[:2]
        return Request("compare", items=(second, first) if low else (first, second))
    if not items and len(text) > _SHORT_WHY and not marked.marks(ANY):
        return None
    if not items and marked.marks(ANY):
        return Request("why_not" if _DENIED.search(text) else "why")
    items = items or list(marked.nodes("<it>"))
    return Request("why_not" if _DENIED.search(text) else "why", items=tuple(items[:1]))


_SHORT_WHY = 8


def _compared(marked: Marked) -> Request | None:
    items = _items(marked)
    if len(items) > 1 and _COMPARING.search(marked.text):
        return Request("compare", items=(items[0], items[1]))
    return None


def _more_like(marked: Marked) -> Request | None:
    match = _MORE_LIKE.search(marked.text) or _MORE_OF.search(marked.text)
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
    signs = (("hide", _HIDE), ("dislike", _BAD), ("like", _GOOD), ("seen", _ALREADY))
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
    if _COUNT.search(text) and not _SOME.search(text) and not re.search(r"多少年|几年", text):
        return _counted(marked, items, value)
    if not items and value is not None and re.fullmatch(r"是(?:不是)?<e\d+>[吗?]*", text):
        items = list(marked.nodes("<it>"))
    if items and value is not None and _YES.search(text) and not _wh(text):
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
        and _LIST.search(text)
        and not re.search(r"推荐|想看|好看", text)
    ):
        relation = _relation_to(marked, value)
        return _about_items(relation, value, "list")
    return _of_item(marked, items)


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
    relation = best_relation(marked, "zh", "" if wh == "what" else wh)
    if relation is None or re.search(r"推荐|想看|有什么(?!.*类型)", text):
        return None
    kind = sort_of(marked.context, relation)
    subject = items[0] if items else next(iter(marked.nodes("<it>")), None)
    if subject is None:
        return Request("question", relation=relation, kind=kind)
    return Request("question", items=(subject,), relation=relation, subject=subject, kind=kind)


_SHORT_QUESTION = 14


def _wh(text: str) -> str:
    return next((wh for wh, sign in _WH if sign.search(text)), "")


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
    asked = _REQUEST.search(text)
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
