"""What a dialogue says, in English and Chinese; names and values come from facts alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.dialogue.answers import Understood
from kg_rec.dialogue.requests import attribute_name
from kg_rec.ontology.speech import NUMBERS
from kg_rec.report.language import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec.dialogue.facts import Asked
    from kg_rec.dialogue.names import Names
    from kg_rec.dialogue.requests import Compare, Request, Where
    from kg_rec.ids import Iri
    from kg_rec.ontology.speech import Speech

__all__ = ["Wording"]

_MOST = 12
"""Most names in a sentence."""
_SAID = {
    "en": {
        "understood": "I understood: {all}.",
        "lost": "I did not understand: {words}.",
        "like": "like {name}",
        "dislike": "you dislike {name}",
        "exclude": "without {name}",
        "include": "with {name}",
        "more": "more: {name}",
        "less": "less: {name}",
        "between": "{attribute} from {low} to {high}",
        "outside": "{attribute} not from {low} to {high}",
        "where !=": "{attribute} not {value}",
        "where >": "{attribute} above {value}",
        "where <": "{attribute} below {value}",
        "where >=": "{attribute} at least {value}",
        "where <=": "{attribute} at most {value}",
        "where ==": "{attribute} {value}",
        "than": "{word} than {value}",
        "of": " ({name})",
        "of list": " (the middle of the list)",
        "unknown value": "{attribute} of {name} is not in the graph",
        "k": "{k} items",
        "others": "others than those shown",
        "item": "{name}",
        "verdict like": "you like {name}",
        "verdict dislike": "you dislike {name}",
        "verdict hide": "{name} is to be hidden",
        "verdict seen": "you know {name} already",
        "noted": "Noted: {all}.",
        "list": "Here is the list:",
        "nothing": "Nothing in the catalogue fits all of that; say “undo” to take it back.",
        "fewer": "Only these fit.",
        "no list": "There is no list yet. Ask for something, as in “recommend something”.",
        "no item": "I don't know which item you mean.",
        "no answer": "The graph does not say it: {relation} of {name}.",
        "no items": "The graph has nothing that is {wording}.",
        "answer": "{name}: {wording}.",
        "yes": "Yes. {name}: {wording}.",
        "no": "The graph does not say so.",
        "instead": " What it says of {name}: {wording}.",
        "count": "{n} {kind} in the catalogue: {wording}.",
        "items": "{n} {kind} in the catalogue, {wording}: {items}.",
        "place": "{name} is at place {rank} of the list.",
        "rank": "{name} is at rank {rank} of the catalogue.",
        "for": "What counts:",
        "undone": "Undone.",
        "nothing to undo": "There is nothing to undo.",
        "reset": "We start over: what you said here is forgotten.",
        "known": "I know this of you:",
        "knows nothing": "I know nothing of you yet.",
        "still": "What was known before this talk stays: {all}.",
        "liked": "liked: {all}",
        "disliked": "disliked: {all}",
        "wished": "wished for here: {all}",
        "barred": "{name} is not listed because of what you asked for: {all}.",
        "known item": "{name} is one of the items you know; these are never recommended.",
        "in list": "{name} is in the list, at rank {rank}.",
        "unknown": "I did not understand: {words}.",
        "help": "You can wish (“something like … but newer”, “nothing with …”, “from the"
        " nineties”), ask about the list (“why the second?”, “why not …?”), ask what the graph"
        " knows (“who directed it?”), say what you think (“I loved …”, “hide the first”), and say"
        " “undo”, “start over” or “what do you know about me?”.",
    },
    "zh": {
        "understood": "我的理解：{all}。",
        "lost": "没有听懂：{words}。",
        "like": "像{name}",
        "dislike": "不喜欢{name}",
        "exclude": "不要{name}",
        "include": "要有{name}",
        "more": "多一些{name}",
        "less": "少一些{name}",
        "between": "{attribute}从{low}到{high}",
        "outside": "{attribute}不在{low}到{high}之间",
        "where !=": "{attribute}不为{value}",
        "where >": "{attribute}大于{value}",
        "where <": "{attribute}小于{value}",
        "where >=": "{attribute}不小于{value}",
        "where <=": "{attribute}不大于{value}",
        "where ==": "{attribute}为{value}",
        "than": "比{value}{word}",
        "of": "（{name}）",
        "of list": "（列表的中间值）",
        "unknown value": "图谱里没有{name}的{attribute}",
        "k": "{k}项",
        "others": "换一批",
        "item": "{name}",
        "verdict like": "你喜欢{name}",
        "verdict dislike": "你不喜欢{name}",
        "verdict hide": "隐藏{name}",
        "verdict seen": "你已经知道{name}",
        "noted": "记下了：{all}。",
        "list": "列表如下：",
        "nothing": "目录里没有符合所有要求的；可以说“撤销”。",
        "fewer": "符合所有要求的只有这些。",
        "no list": "还没有列表。可以先说“推荐几部”。",
        "no item": "不知道你指的是哪一项。",
        "no answer": "图谱里没有说：{name}的{relation}。",
        "no items": "图谱里没有这样的：{wording}。",
        "answer": "{name}：{wording}。",
        "yes": "是的。{name}：{wording}。",
        "no": "图谱里没有这样说。",
        "instead": "关于{name}，图谱里说的是：{wording}。",
        "count": "目录里有{n}项：{wording}。",
        "items": "目录里有{n}项，{wording}：{items}。",
        "place": "{name}排在列表第{rank}位。",
        "rank": "{name}排在目录第{rank}位。",
        "for": "起作用的是：",
        "undone": "已撤销。",
        "nothing to undo": "没有可以撤销的。",
        "reset": "重新开始：你在这里说过的都忘掉了。",
        "known": "我知道的是：",
        "knows nothing": "我对你还一无所知。",
        "still": "谈话之前知道的仍然保留：{all}。",
        "liked": "喜欢：{all}",
        "disliked": "不喜欢：{all}",
        "wished": "在这里提出的：{all}",
        "barred": "因为你的要求，{name}没有列出：{all}。",
        "known item": "{name}是你已经知道的，不会再推荐。",
        "in list": "{name}在列表里，排在第{rank}位。",
        "unknown": "没有听懂：{words}。",
        "help": "可以提要求（“像……但更新一点”、“不要……”、“九十年代的”），"
        "问列表（“为什么推荐第二部？”、“为什么没有……？”），问图谱（“它是谁导演的？”），说看法（“我喜欢……”、“隐藏第一部”），"
        "也可以说“撤销”、“重新开始”、“你知道我什么？”。",
    },
}


class Wording:
    """Says things in a language.

    Args:
        names: Names of nodes.
        speech: How people speak of the domain.
        language: ``en`` or ``zh``.
    """

    def __init__(self, names: Names, speech: Speech, language: str) -> None:
        self.names = names
        self._speech = speech
        self.language = language if language in _SAID else "en"
        self._said = _SAID[self.language]
        self._words = Words(self.language)

    def __call__(self, phrase: str, **values: object) -> str:
        """Return a phrase with its values."""
        return self._said[phrase].format_map(values)

    def name(self, node: Iri) -> str:
        """Return the name of a node; titles in Chinese have their marks."""
        label = self.names.label(node, self.language)
        return f"《{label}》" if self.language == "zh" and self.names.is_item(node) else label

    def join(self, parts: Sequence[str]) -> str:
        """Return things one after the other."""
        return self._words.semicolon.join(parts)

    def listed(self, nodes: Sequence[Iri]) -> str:
        """Return names as a list in a sentence."""
        return self._words.list_comma.join(self.name(node) for node in nodes)

    def sentences(self, parts: Sequence[str]) -> str:
        """Return sentences one after the other."""
        return self._words.space.join(part for part in parts if part)

    # --- what was understood ---------------------------------------------------------------------

    def understood(self, request: Request) -> list[Understood]:
        """Return all that a request says, in words."""
        found = [
            Understood(slot, self(slot, name=self.name(node)), (node,))
            for slot in ("like", "dislike", "include", "exclude")
            for node in getattr(request, slot)
        ]
        found += [self.where(one) for one in request.where]
        if request.k:
            found.append(Understood("k", self("k", k=request.k)))
        if request.others:
            found.append(Understood("others", self("others")))
        if request.verdict:
            name = f"verdict {request.verdict}"
            items = request.items
            return [Understood("verdict", self(name, name=self.name(i)), (i,)) for i in items]
        found += [Understood("item", self.name(item), (item,)) for item in request.items]
        if request.object is not None:
            found.append(Understood("object", self.name(request.object), (request.object,)))
        if request.relation is not None:
            found.append(Understood("relation", self.attribute(request.relation)))
        return found

    def where(self, one: Where) -> Understood:
        """Return a condition in words."""
        attribute = self.attribute(one.attribute)
        if isinstance(one.value, tuple):
            low, high = one.value
            text = self(one.op, attribute=attribute, low=f"{low:g}", high=f"{high:g}")
        else:
            text = self(f"where {one.op}", attribute=attribute, value=f"{one.value:g}")
        return Understood("where", text)

    def compared(self, one: Compare, value: float | None) -> Understood:
        """Return a comparison in words, with the value that it came to."""
        nodes = () if one.than is None else (one.than,)
        if value is None:
            text = self("more" if one.more else "less", name=self.attribute(one.attribute))
            if one.than is not None:
                text += self("of", name=self.name(one.than))
            return Understood("compare", text, (one.attribute, *nodes))
        text = self._than(one, f"{value:g}")
        text += self("of list") if one.than is None else self("of", name=self.name(one.than))
        return Understood("compare", text, nodes)

    def _than(self, one: Compare, value: str) -> str:
        """Return a comparison with a value, with the word of the ontology if it has one."""
        own = self._speech.relations[self.language].get(one.attribute)
        words = () if own is None else (own.more if one.more else own.less)
        if not words:
            side = "where >" if one.more else "where <"
            return self(side, attribute=self.attribute(one.attribute), value=value)
        zh = self.language == "zh" and not words[0].startswith("更")
        return self("than", word=f"更{words[0]}" if zh else words[0], value=value)

    def attribute(self, attribute: Iri) -> str:
        """Return what an attribute is called."""
        relation = self.names.ontology.relations.get(attribute)
        if relation is None:
            return self.names.label(attribute, self.language)
        labels = relation.labels.get(self.language) or relation.labels.get("en")
        return labels[0] if labels else attribute_name(attribute, self.names)

    # --- facts -----------------------------------------------------------------------------------

    def answered(self, request: Request, asked: Asked) -> str:
        """Return what a question found, in words; made of its facts alone."""
        relation = request.relation
        assert relation is not None  # noqa: S101 - a question has one
        if request.kind == "yesno" and request.subject:
            return self._yes_or_no(request.subject, relation, asked)
        if request.subject is not None:
            return self._of(request.subject, relation, asked)
        assert request.object is not None  # noqa: S101 - or the other end
        wording = self.phrase(relation, [self.name(request.object)])
        if not asked.facts:
            return self("no items", wording=wording)
        number = len(asked.values)
        if request.kind == "count":
            return self("count", n=number, kind=self._kind(number), wording=wording)
        names = self.listed([fact.triple.subject for fact in asked.facts])
        kind = self._kind(number)
        return self("items", n=number, kind=kind, wording=wording, items=names)

    def _kind(self, number: int) -> str:
        """Return the English noun for a number of items."""
        ontology = self.names.ontology
        found = ontology.classes.get(ontology.item_class)
        noun = found.labels.get("en", ("item",))[0] if found else "item"
        return noun if number == 1 else f"{noun}s"

    def _of(self, subject: Iri, relation: Iri, asked: Asked) -> str:
        name = self.name(subject)
        if not asked.facts:
            return self("no answer", relation=self.attribute(relation), name=name)
        return self("answer", name=name, wording=self._told(relation, asked))

    def _yes_or_no(self, subject: Iri, relation: Iri, asked: Asked) -> str:
        name = self.name(subject)
        if asked.holds:
            return self("yes", name=name, wording=self._told(relation, asked))
        text = self("no")
        if asked.facts:
            text += self("instead", name=name, wording=self._told(relation, asked))
        return text

    def _told(self, relation: Iri, asked: Asked) -> str:
        names = list(dict.fromkeys(fact.labels[2] for fact in asked.facts))
        return self.phrase(relation, names[:_MOST])

    def phrase(self, relation: Iri, values: Sequence[str]) -> str:
        """Return how the ontology says a relation, of some values."""
        found = self.names.ontology.relations[relation]
        if found.range in NUMBERS and relation not in self.names.ontology.reasons:
            return f"{self.attribute(relation)} {self._words.list_comma.join(values)}"
        joined = self._words.join(list(values), most=len(values))
        return found.words(self.language).format(object=joined)
