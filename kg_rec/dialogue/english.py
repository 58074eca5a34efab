"""What somebody says in English, understood: the intent first, then its slots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg_rec.dialogue.english_questions import question
from kg_rec.dialogue.english_wishes import class_nouns, wishes
from kg_rec.dialogue.english_words import CONTRACTIONS, NUMBERS, ORDINALS, REQUEST, any_of
from kg_rec.dialogue.marking import ANY, ENTITY, ITEM
from kg_rec.dialogue.requests import Request

if TYPE_CHECKING:
    from kg_rec.dialogue.marking import Marked
    from kg_rec.ids import Iri

__all__ = ["parse", "tidy"]

_RESET = any_of(
    r"start(?:ing)? (?:all )?(?:over|again|afresh|anew|from scratch|fresh)",
    r"from scratch",
    r"reset",
    r"forget (?:all|everything|what i|about (?:all|everything|what)|it all|the lot)",
    r"clear (?:everything|all|my|the)",
    r"new (?:search|session|conversation|start)",
    r"begin again",
    r"wipe",
    r"fresh start",
)
_UNDO = any_of(
    r"undo",
    r"undone",
    r"(?:take|took) (?:that|it|this|the last one) back",
    r"take back (?:that|it|this|the last|what)",
    r"go(?:ing)? back",
    r"revert",
    r"(?:scrap|scratch|cancel|ignore|reverse) (?:that|the last|it|my last)",
    r"never ?mind(?: that)?",
    r"i did not mean (?:that|to)",
    r"(?:one )?step back",
    r"back one",
    r"roll ?back",
    r"bring (?:it|that|that one) back",
    r"that was a mistake",
)
_PROFILE = any_of(
    r"know(?:n)? (?:about|of) (?:me|my)",
    r"my (?:profile|tastes?|preferences|data)",
    r"(?:learn(?:ed|t)|remember(?:ed)?|stored?|noted|gathered|saved?|have|got|hold) (?:about|on) me",
    r"(?:think|know|learned|believe|remember) (?:that )?i (?:like|love|enjoy|prefer|want)",
    r"what (?:do|did|have) i (?:like|liked|love|say|said|told)",
    r"what i (?:like|told you|said)",
    r"who am i",
)
_SHOW = any_of(
    r"(?:show|list|repeat|display|read|print|see|give)(?: me)?(?: out)? (?:the|my|that|this)"
    r"(?: whole| current| full| last| updated| new)? (?:list|recommendations|suggestions|results)",
    r"(?:what is|what was|what are|whats) (?:left |still )?(?:on|in) (?:the|my) list",
    r"(?:the|my) (?:current |whole |full )?list(?: again| now| please)?$",
    r"(?:show|list|repeat|see|say)(?: me)? (?:them|those|it|that|these|all)(?: all)?"
    r"(?: again| once more| please)*$",
    r"show(?: me)? again",
    r"(?:^|please )repeat",
    r"what did you (?:recommend|suggest|say)",
    r"what were (?:they|those|the)",
    r"where were we",
    r"current list",
    r"list again",
    r"(?:^)list$",
)
_HELP = any_of(
    r"^help(?: me)?(?: please)?$",
    r"^(?:please )?help$",
    r"(?:need|want) (?:some )?help$",
    r"what can (?:you|i|this) (?:do|ask|say|tell|type)",
    r"what (?:do|can|should|could) i (?:say|ask|type|tell)",
    r"how (?:do|does|can|should|would) (?:i|this|it|that|you) (?:use|work|talk|ask|function)",
    r"how to use",
    r"what are you(?: for)?$",
    r"what (?:kinds?|sorts?) of (?:things|questions)",
    r"instructions",
    r"what are my options",
    r"what else can (?:i|you) (?:ask|do|say)",
)
_WHY = any_of(
    r"why",
    r"how come",
    r"what makes",
    r"what made",
    r"reasons?",
    r"explain",
    r"justify",
    r"explanation",
    r"what speaks for",
    r"on what grounds",
    r"what puts",
    r"for what reason",
)
_HIGHER = any_of(
    r"above",
    r"over",
    r"before",
    r"ahead of",
    r"higher(?: up)?",
    r"better",
    r"beat(?:s|en)?",
    r"rather than",
    r"instead of",
    r"(?:and|but) not",
    r"outranks?",
    r"preferred",
    r"prefer",
    r"than",
    r"in front of",
    r"first",
    r"on top of",
    r"win(?:s|ning)?",
    r"and",
)
_LOWER = any_of(
    r"below",
    r"under",
    r"behind",
    r"lower(?: down)?(?: than)?",
    r"after",
    r"beaten by",
    r"worse",
    r"beneath",
    r"lose(?:s)? to",
    r"further down",
)
_DENIED = any_of(
    r"not",
    r"missing",
    r"absent",
    r"left out",
    r"leave out",
    r"excluded?",
    r"skip(?:ped)?",
    r"omit(?:ted)?",
    r"never",
    r"without",
    r"no",
)
_COMPARING = any_of(r"compare", r"versus", r"vs", r"differences? between", r"better than")
_MORE_LIKE = re.compile(
    r"(?:\bmore|\banother(?: one)?|\bothers?|\banything else|\bsomething else)"
    r"(?: (?!than)[\w']+){0,3}? (?:like|similar to|in the (?:style|vein|spirit) of"
    r"|along the lines of|such as|of|resembling|as) (?P<item>" + ITEM + ")"
)
_HIDE = any_of(
    r"hide",
    r"remove",
    r"delete",
    r"drop",
    r"take (?:<\w+-?\d*> )?(?:off|out|away)",
    r"get rid of",
    r"block",
    r"never (?:ever )?(?:show|recommend|suggest|give|offer)",
    r"do not (?:ever )?(?:want to see|want|show|recommend|suggest|give|offer|list|need)",
    r"stop (?:showing|recommending|suggesting)",
    r"not interested",
    r"no interest",
    r"banish",
    r"ban",
    r"kick (?:<\w+-?\d*> )?out",
    r"not <[ip]-?\w+> again",
    r"leave <\w+-?\d*> out",
    r"leave out",
    r"skip",
    r"away with",
    r"not (?:show|recommend|suggest)",
)
_SEEN = any_of(
    r"seen",
    r"watched",
    r"saw",
    r"i (?:already )?know",
    r"already (?:know|knew|read|heard|own|have|had|played|finished)",
    r"(?:have|has) (?:already )?(?:read|heard|played|finished|visited)",
    r"i (?:have )?(?:read|heard)",
    r"(?:read|heard|played) <\w+-?\d*> (?:already|before|last|twice|once)",
    r"know <\w+-?\d*> already",
    r"listened to",
)
_BAD = any_of(
    r"not (?:really |particularly |much |even |at all )?(?:like|love|enjoy|care|for me|my|a fan|keen"
    r"|fond|good|great|into|impressed|bother)",
    r"(?:did|do) not (?:really |much |particularly )?(?:like|love|enjoy|care|do it|work)",
    r"hate[ds]?",
    r"dislike[ds]?",
    r"awful|terrible|boring|bored|bad|overrated|rubbish|dull|worst|horrible|stupid|dreadful",
    r"disappoint(?:ing|ed|ment)",
    r"(?:can|could) not (?:stand|bear|finish|get into)",
    r"thumbs down",
    r"suck(?:s|ed)?",
    r"meh",
    r"waste of time",
    r"detest(?:ed)?|loathe[d]?",
    r"no good",
)
_GOOD = any_of(
    r"(?:i|we|and|also|really|quite|do|did|rather|absolutely|actually) (?:like|love|enjoy|adore)",
    r"liked|loved|adored?|enjoyed",
    r"love",
    r"great|brilliant|amazing|fantastic|excellent|wonderful|good|superb|perfect|awesome|fabulous",
    r"favou?rites?",
    r"masterpiece",
    r"thumbs up",
    r"fan of",
    r"best",
    r"(?:big|huge) fan",
    r"lovely|beautiful|terrific",
)
_NO_VERDICT = re.compile(
    r"^(?:(?:have|did|do|can|could|would|will) you|is|was|are|were|what|which|who|where|when|how)\b"
)
_NOUNS = "one|ones|film|movie|item|title|result|recommendation|suggestion|pick|entry|option|choice"


def parse(marked: Marked) -> Request:
    """Return what an English text asks for; ``marked.text`` is in lower case."""
    plain = tidy(marked.text)
    placed = _with_places(plain, marked)
    intent = None if "<" in plain else _plain_intent(plain, placed, marked)
    if intent is not None:
        return intent
    seen = marked.with_text(_with_pronouns(placed, marked))
    for read in (_why, _compared, _more_like, question, _feedback):
        found = read(seen)
        if found is not None:
            return found
    return _recommended(seen)


def tidy(text: str) -> str:
    """Return a text with its contractions written out and punctuation apart.

    Examples:
        >>> tidy("what's <i0>'s genre? isn't it drama")
        "what is <i0> 's genre ? is not it drama"
    """
    text = text.replace("’", "'").replace("`", "'")
    for pattern, words in CONTRACTIONS:
        text = pattern.sub(words, text)
    text = re.sub(r"([,;!?…()]|\.(?!\d)|:)", r" \1 ", text)
    return " ".join(text.split())


def _plain_intent(text: str, placed: str, marked: Marked) -> Request | None:
    """Return an intent that names nothing; one may take back the last of a list's places."""
    core = text.strip(" .,;!?")
    if "<" in placed or _WHY.search(core):
        return Request("undo") if _UNDO.search(core) and not _WHY.search(core) else None
    listing = re.search(r"\b(?:list|show|name|which are|what are) (?:me )?(?:them|those|they)", core)
    if listing and marked.context.asked is not None:
        relation, node = marked.context.asked
        return Request("question", relation=relation, object=node, kind="list")
    signs = (
        ("reset", _RESET),
        ("profile", _PROFILE),
        ("help", _HELP),
        ("undo", _UNDO),
        ("show", _SHOW),
    )
    return next((Request(intent) for intent, sign in signs if sign.search(core)), None)


def _with_places(text: str, marked: Marked) -> str:
    """Return a text with places of the list as marks."""
    nouns = f"(?:{_NOUNS}|{'|'.join(map(re.escape, class_nouns(marked.context)))})"
    words = "|".join(sorted(ORDINALS, key=len, reverse=True))
    many = "|".join(NUMBERS)
    text = re.sub(
        rf"\bthe (first|last) ({many}|\d{{1,2}})\b(?: {nouns}s?)?(?! years?)", _several, text
    )
    text = re.sub(r"(?:\b(?:number|no \.|nr \.|no|nr) |# ?)(\d{1,2})\b", r"<p\1>", text)
    text = re.sub(r"\bnumber (one|two|three|four|five|six|seven|eight|nine|ten)\b", _spelt, text)
    text = re.sub(r"\bthe (?:top|very first) (?:one|film|movie)\b", "<p1>", text)
    text = re.sub(r"\bthe (?:bottom|very last) (?:one|film|movie)\b", "<p-1>", text)
    text = re.sub(r"\bthe one (?:at|on) the (?:very )?top\b", "<p1>", text)
    text = re.sub(r"\bthe one at the (?:very )?(?:bottom|end)\b", "<p-1>", text)
    after = r"(?! (?:time|world|of|half|hand|name|place|night|year|week|month|decade|century|day))"
    return re.sub(
        rf"\b(?:the )?({words})\b{after}(?: {nouns}\b)?(?: on the list| in the list)?",
        lambda m: f"<p{ORDINALS[m[1]]}>" if _is_place(m[0], m[1]) else m[0],
        text,
    )


def _is_place(whole: str, word: str) -> bool:
    """Return whether an ordinal means a place: "last" alone may mean a time."""
    return word not in {"last", "final"} or whole.startswith("the ")


def _several(match: re.Match[str]) -> str:
    count = NUMBERS.get(match[2]) or int(match[2])
    places = range(1, count + 1) if match[1] == "first" else range(-count, 0)
    return " and ".join(f"<p{place}>" for place in places)


def _spelt(match: re.Match[str]) -> str:
    return f"<p{1 if match[1] == 'one' else NUMBERS[match[1]]}>"


def _with_pronouns(text: str, marked: Marked) -> str:
    """Return a text with pronouns as marks."""
    nouns = f"(?:{_NOUNS}|{'|'.join(map(re.escape, class_nouns(marked.context)))})"
    labels = {
        re.escape(label.lower())
        for relation in marked.context.names.ontology.relations.values()
        for label in relation.labels.get("en", ())
    }
    who = "|".join(sorted({*labels, "person", "man", "woman", "guy", "artist", "author"}))
    text = re.sub(rf"\b(?:that|this|the same) (?:{who})\b", "<he>", text)
    text = re.sub(rf"\b(?:that|this) {nouns}\b|\bthe (?:one|film|movie)\b(?! with| by| about)", "<it>", text)
    text = re.sub(r"\bit\b(?! all)", "<it>", text)
    text = re.sub(
        r"\b(like|hide|of|seen|loved|liked|about|hated|watched|why|for|remove|in|not|to|than|enjoyed"
        r"|saw|explain|as) (?:that|this)(?= [.,;!?]| please| too| already| again| instead| there|$)",
        r"\1 <it>",
        text,
    )
    return re.sub(r"\b(?:he|him|she|her|his|they)\b", "<he>", text)


def _items(marked: Marked) -> list[Iri]:
    """Return the items that are marked, in order; those at places that there are not left out."""
    nodes = (marked.node(m) for m in marked.marks(ITEM))
    return list(dict.fromkeys(node for node in nodes if node is not None))


def _why(marked: Marked) -> Request | None:
    """Return a question for reasons."""
    text = marked.text
    if not _WHY.search(text):
        return None
    items = _items(marked)
    if len(items) > 1 and (_HIGHER.search(text) or _LOWER.search(text)):
        swapped = bool(_LOWER.search(text))
        pair = (items[1], items[0]) if swapped else (items[0], items[1])
        return Request("compare", items=pair)
    marks = marked.marks(ITEM)
    if not items and (marks or re.search(ENTITY, text)):
        return Request("why_not" if _DENIED.search(text) else "why")
    if not items and len(text.split()) > _SHORT_WHY:
        return None
    default = marked.nodes("<it>")
    return Request("why_not" if _DENIED.search(text) else "why", items=tuple(items or default))


_SHORT_WHY = 4


def _compared(marked: Marked) -> Request | None:
    """Return a comparison that does not ask "why"."""
    items = _items(marked)
    if len(items) > 1 and _COMPARING.search(marked.text):
        return Request("compare", items=(items[0], items[1]))
    return None


def _more_like(marked: Marked) -> Request | None:
    """Return a wish for more of the kind of an item, unless it says more than that."""
    match = _MORE_LIKE.search(marked.text)
    if match is None:
        return None
    item = marked.node(match["item"])
    if item is None:
        return Request("more_like")
    rest = marked.with_text(f"{marked.text[: match.start()]} {marked.text[match.end() :]}")
    more = wishes(rest)
    if more.has_wishes:
        return wishes(marked)
    return Request("more_like", items=(item,), lost=more.lost)


def _feedback(marked: Marked) -> Request | None:
    """Return a verdict on an item, unless more is said."""
    text = marked.text
    if _NO_VERDICT.match(text) or not re.search(ITEM, text):
        return None
    verdict = _verdict(text)
    if not verdict or re.search(r"\b(?:something|anything|films?|movies?|one) like <", text):
        return None
    items = _items(marked)
    if verdict in {"like", "dislike"} and (
        re.search(ENTITY, text) or _says_more(marked) or len(items) > 1
    ):
        return None
    return Request("feedback", items=tuple(items), verdict=verdict)


def _says_more(marked: Marked) -> bool:
    found = wishes(marked)
    return bool(found.where or found.compare or found.exclude or found.include or found.k)


def _verdict(text: str) -> str:
    """Return the verdict of a text; opinions outweigh that something was seen."""
    signs = (("hide", _HIDE), ("dislike", _BAD), ("like", _GOOD), ("seen", _SEEN))
    return next((verdict for verdict, sign in signs if sign.search(text)), "")


def _recommended(marked: Marked) -> Request:
    """Return the wishes of a text, or that it is not understood."""
    found = wishes(marked)
    text = marked.text
    nouns = class_nouns(marked.context)
    asked = REQUEST.search(text) or any(word in nouns for word in text.split())
    questioned = re.match(r"(?:what|who|when|where|how|which|is|was|does|did|can|could)\b", text)
    lost = [word for word in found.lost if " " not in word]
    if not found.has_wishes:
        known = asked and not lost and not re.search(ANY, text)
        return found if known else Request("unknown", lost=found.lost or (text,))
    if (questioned and not asked) or (lost and not asked):
        return Request("unknown", lost=found.lost or (text,))
    return found
