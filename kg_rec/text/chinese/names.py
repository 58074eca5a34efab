"""Names in Chinese text: known labels, foreign names by their shape, Chinese names by jieba.

A foreign name is written with characters that transcribe sounds, its parts joined by a dot:
``克里斯托弗·诺兰``. Which characters transcribe was read off the transcribed names of jieba's
dictionary.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kg_rec.ids import Iri
    from kg_rec.text.chinese.segmenting import Word

__all__ = [
    "ITEM_NAME",
    "KNOWN",
    "PERSON_NAME",
    "SHORT_NAME",
    "WORK_NAME",
    "Name",
    "find_names",
    "plain",
]

_SOUNDS = (
    "尔斯拉克特里夫德阿卡布维格巴哈尼瓦罗科塔多奥亚普纳洛利马伊诺基托达弗西萨雷姆莱勒蒂帕埃茨莫贝曼迪塞兰"
    "库加奇比什菲赫耶鲁圣恩波伯伦图穆威朗默吉索戈列古韦顿安杜切坦林希雅乌瑟森梅法内扎涅沃堡博佩凯霍约兹费皮努"
    "迈彼海得娜艾杰坎福麦劳谢玛文卢蒙哥登金丁路因施逊万罕瓜莎查佐提易卜"
    "埃爱昂澳白拜邦包保鲍本毕宾玻勃察戴丹代道邓东厄凡范方芬丰冯伏盖甘冈高歌葛根圭郭汉豪黑亨洪侯胡华怀惠季贾简津京"
    "考柯可肯孔夸奎昆赖蕾莉丽莲连琳龙吕门孟米密明缪墨木南瑙嫩妮宁纽农欧潘庞平珀齐恰乔琴青丘琼让热仁荣茹瑞若赛桑沙"
    "山尚申史丝司苏泰汤唐腾滕廷汀旺魏温翁伍武锡席夏香肖辛欣休许雪扬杨叶英尤泽曾詹珍朱孜宗芙芮茜黛洁婕琪佳嘉薇"
    "翠露璐萝茱蓓蔓珊姗缇拿娅迦帝狄尧奈耐柏派拓陀滋赞梭撒汶雯娃巍翰汗彻隆松卓嘉澈当舒"
    "治度廉摩大李素佛谭蓝敦苔雍匡邱贡强梦盛裘祖姬妥陶渥菈黎仑寇钦璜弥聂塔卫果康契喀额舍钱歇修雨娥芭儒谦理区赵"
)
_BY_SENSE = {  # what transcribes, but not before these
    "本": "人片色身作剧领就来",
    "特": "别意地效立色",
    "格": "外",
    "加": "盟入上冕以演",
    "利": "用",
    "科": "幻学",
    "奇": "幻妙异遇",
    "安": "排",
    "博": "士",
    "夫": "妇妻人",
    "温": "情暖柔",
    "华": "丽",
    "德": "国",
    "法": "国律",
    "美": "国丽",
    "英": "国雄",
    "黑": "帮白色",
    "爱": "情上",
    "高": "超中",
    "青": "年",
    "当": "年时",
    "曾": "经凭在",
    "根": "据",
    "保": "持",
    "提": "名供",
    "得": "到以主",
    "代": "表",
    "连": "续",
    "明": "星",
    "武": "侠打",
    "史": "诗",
    "白": "的",
    "包": "括",
    "平": "淡静",
    "万": "人",
    "多": "次年",
    "海": "报",
    "门": "下",
    "热": "情",
    "道": "出",
    "约": "会",
    "易": "的",
    "尚": "未",
    "若": "是",
    "大": "师片导获受银学家量多胆概约战",
    "治": "愈好",
    "度": "过假",
    "强": "烈大调",
    "梦": "想境幻",
    "卫": "星视冕",
    "果": "然断真",
    "拿": "到下走着起",
    "修": "复改建",
    "雨": "天中夜里",
    "康": "复",
    "钱": "财",
    "理": "解想由",
    "区": "别域",
    "让": "",
    "可": "谓能以是说惜",
    "因": "此为本片这",
}
_NOT_FIRST = "让可因当曾若尚得被"
_DOT = "[·•・‧∙⋅･]"
_SOUND = (
    "(?:"
    + "|".join(f"{c}(?![{after}])" for c, after in _BY_SENSE.items() if after)
    + f"|[{''.join(c for c in dict.fromkeys(_SOUNDS) if c not in _BY_SENSE)}])"
)
_FIRST = f"小?(?:(?![{_NOT_FIRST}]){_SOUND}|[{_NOT_FIRST}](?={_DOT}))"
_MORE = (
    f"(?:{_DOT}(?:[A-Z]\\.?|(?:(?![和与及跟的在是由有让])[\u4e00-\u9fff]){{1,6}}(?={_DOT})"
    f"|{_SOUND}+(?:[-—]{_SOUND}+)?))"
)
_FOREIGN = re.compile(f"(?:{_FIRST}{_SOUND}*(?:-{_SOUND}+)?|让-{_SOUND}+|[A-Z]\\.?){_MORE}+")
_TITLE = re.compile("《([^《》]{1,30})》")
_DOTS = re.compile(_DOT)
_IDEOGRAPH = re.compile("[\u4e00-\u9fff]")
_SHORT, _LONG = 2, 4
_FAMILY = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜戚谢邹章苏潘葛范彭鲁韦马苗方俞任袁柳鲍史唐费岑薛"
    "雷贺倪汤罗毕郝邬安常乐于傅皮齐康伍余顾孟黄穆萧尹姚邵汪祁毛米贝戴宋庞熊纪舒屈项祝董梁杜阮蓝闵季贾江童颜郭梅林钟徐"
    "邱骆高夏蔡田胡凌霍万柯管卢莫房丁宣邓单洪包左石崔吉程邢裴陆翁荀惠曲封靳段巫焦巴侯宁仇甘厉叶刘黎白池乔翟谭申冉桑桂"
    "温庄阎连习艾向易廖耿满文寇师聂关荆游权盖欧阳司马上官诸葛成宫渡朴"
)
_NO_PEOPLE = frozenset(
    {"奥斯卡", "金球", "戛纳", "格莱美", "好莱坞", "迪士尼", "皮克斯", "童星", "令人"}
)

ITEM_NAME, WORK_NAME, PERSON_NAME, SHORT_NAME, KNOWN = "item", "work", "person", "short", "known"


class Name(NamedTuple):
    """A name at characters ``start`` to ``end``.

    ``kind`` is what shape tells: a work in title marks, a person, the short name of a foreign
    one, or something known by its label.
    """

    text: str
    start: int
    end: int
    kind: str
    entities: tuple[Iri, ...] = ()


def plain(name: str) -> str:
    """Return a name with one kind of dot.

    Examples:
        >>> plain("雷德利・斯科特")
        '雷德利·斯科特'
    """
    return _DOTS.sub("·", name)


def find_names(
    text: str, words: Sequence[Word], known: Mapping[str, tuple[Iri, ...]], title: str = ""
) -> list[Name]:
    """Return the names in a text, from left to right, without overlaps.

    Args:
        text: The text.
        words: Its words.
        known: Label to entities, the dots plain.
        title: The label of what the text is about.
    """
    found = [*_titles(text, known, title), *_foreign(text, known)]
    found += _labels(text, words, known)
    found += [
        Name(w.text, w.start, w.end, SHORT_NAME if w.tag == "nrt" else PERSON_NAME)
        for w in words
        if _is_single_name(w)
    ]
    taken: set[int] = set()
    kept = []
    for name in found:
        if taken.isdisjoint(range(name.start, name.end)):
            taken.update(range(name.start, name.end))
            kept.append(name)
    return sorted(kept, key=lambda name: name.start)


def _titles(text: str, known: Mapping[str, tuple[Iri, ...]], title: str) -> Iterable[Name]:
    for match in _TITLE.finditer(text):
        name = match[1]
        entities = known.get(plain(name), ())
        kind = ITEM_NAME if name == title else KNOWN if entities else WORK_NAME
        yield Name(name, match.start(), match.end(), kind, entities)


def _foreign(text: str, known: Mapping[str, tuple[Iri, ...]]) -> Iterable[Name]:
    for match in _FOREIGN.finditer(text):
        name = plain(match[0])
        yield Name(name, match.start(), match.end(), PERSON_NAME, known.get(name, ()))


def _labels(
    text: str, words: Sequence[Word], known: Mapping[str, tuple[Iri, ...]]
) -> Iterable[Name]:
    """Yield known labels that begin and end with words, the longest first at each place."""
    ends = {word.end for word in words}
    longest = max(map(len, known), default=0)
    written = plain(text)
    for word in words:
        for end in range(min(len(text), word.start + longest), word.start + 1, -1):
            label = written[word.start : end]
            if label in known and (end in ends or len(label) >= _LONG):
                yield Name(label, word.start, end, KNOWN, known[label])
                break


def _is_single_name(word: Word) -> bool:
    if not word.tag.startswith("nr") or word.text in _NO_PEOPLE or not _is_han(word.text):
        return False
    foreign = word.tag == "nrt" and len(word.text) <= _LONG + 1
    return foreign or (_SHORT <= len(word.text) < _LONG and word.text[0] in _FAMILY)


def _is_han(text: str) -> bool:
    return all(_IDEOGRAPH.match(c) for c in text)
