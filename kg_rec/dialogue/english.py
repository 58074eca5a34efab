"""What somebody says in English, understood: the intent first, then its slots."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kg_rec.dialogue.building import hidden
from kg_rec.dialogue.english_questions import again, question, without_lead
from kg_rec.dialogue.english_signs import (
    ASKS,
    BAD,
    COMPARING,
    DENIED,
    GOOD,
    HELP,
    HIDE,
    HIGHER,
    LOWER,
    MORE_LIKE,
    NO_VERDICT,
    NOUNS,
    PROFILE,
    RESET,
    SEEN,
    SHOW,
    SOMETHING,
    THAT,
    TO_MACHINE,
    UNDO,
    WHY,
)
from kg_rec.dialogue.english_wishes import class_nouns, wishes
from kg_rec.dialogue.english_words import CONTRACTIONS, NUMBERS, ORDINALS, REQUEST
from kg_rec.dialogue.marking import ENTITY, ITEM
from kg_rec.dialogue.requests import Request

if TYPE_CHECKING:
    from kg_rec.dialogue.marking import Marked
    from kg_rec.ids import Iri

__all__ = ["parse", "tidy"]


def parse(marked: Marked) -> Request:
    """Return what an English text asks for; ``marked.text`` is in lower case."""
    plain = tidy(marked.text)
    placed = _with_places(plain, marked)
    intent = None if "<" in plain else _plain_intent(plain, placed, marked)
    if intent is not None:
        return intent
    seen = marked.with_text(_with_pronouns(placed, marked))
    for read in (_to_machine, _why, _compared, _more_like, again, question, _feedback):
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
    if "<" in placed or WHY.search(core):
        return Request("undo") if UNDO.search(core) and not WHY.search(core) else None
    listing = re.search(
        r"\b(?:list|show|name|which are|what are) (?:me )?(?:them|those|they)", core
    )
    if listing and marked.context.asked is not None:
        relation, node = marked.context.asked
        return Request("question", relation=relation, object=node, kind="list")
    signs = (
        ("reset", RESET),
        ("profile", PROFILE),
        ("help", HELP),
        ("undo", UNDO),
        ("show", SHOW),
    )
    found = next((intent for intent, sign in signs if sign.search(core)), None)
    if found == "show" and re.search(r"\b(?:never|not)\b", core):
        return None
    return Request(found) if found else None


def _with_places(text: str, marked: Marked) -> str:
    """Return a text with places of the list as marks."""
    nouns = f"(?:{NOUNS}|{'|'.join(map(re.escape, class_nouns(marked.context)))})"
    words = "|".join(sorted(ORDINALS, key=len, reverse=True))
    many = "|".join(NUMBERS)
    text = re.sub(
        rf"\bthe (first|last) ({many}|\d{{1,2}})\b(?: {nouns}s?)?(?! years?)", _several, text
    )
    text = re.sub(r"(?:\b(?:number|no \.|nr \.|no|nr) |# ?)(\d{1,2})\b", r"<p\1>", text)
    text = re.sub(r"\bnumber (one|two|three|four|five|six|seven|eight|nine|ten)\b", _spelt, text)
    text = re.sub(
        rf"\b{THAT}(?P<from>{words}|next)(?: {nouns})? (?:to|from) (?:the )?(?:last|bottom|end)\b"
        rf"(?: {nouns}\b)?",
        lambda m: f"<p-{abs(ORDINALS.get(m['from'], 2))}>",
        text,
    )
    text = re.sub(
        rf"\b{THAT}(?:last but one|penultimate|one before (?:the )?last)\b(?: {nouns}\b)?",
        "<p-2>",
        text,
    )
    text = re.sub(r"\bthe (?:top|very first) (?:one|film|movie)\b", "<p1>", text)
    text = re.sub(r"\bthe (?:bottom|very last) (?:one|film|movie)\b", "<p-1>", text)
    text = re.sub(r"\bthe one (?:at|on) the (?:very )?top\b", "<p1>", text)
    text = re.sub(r"\bthe one at the (?:very )?(?:bottom|end)\b", "<p-1>", text)
    after = r"(?! (?:time|world|of|half|hand|name|place|night|year|week|month|decade|century|day))"
    after += rf"(?! (?:{many}|\d+) )"
    return re.sub(
        rf"\b{THAT}({words})\b{after}(?: {nouns}\b)?(?: on the list| in the list)?",
        lambda m: f"<p{ORDINALS[m[1]]}>" if _is_place(m[0], m[1]) else m[0],
        text,
    )


def _is_place(whole: str, word: str) -> bool:
    """Return whether an ordinal means a place: "last" alone may mean a time."""
    clear = whole.startswith(("the ", "that ", "this ")) or whole.endswith(" one")
    return word not in {"last", "final"} or clear


def _several(match: re.Match[str]) -> str:
    count = NUMBERS.get(match[2]) or int(match[2])
    places = range(1, count + 1) if match[1] == "first" else range(-count, 0)
    return " and ".join(f"<p{place}>" for place in places)


def _spelt(match: re.Match[str]) -> str:
    return f"<p{1 if match[1] == 'one' else NUMBERS[match[1]]}>"


def _with_pronouns(text: str, marked: Marked) -> str:
    """Return a text with pronouns as marks."""
    nouns = f"(?:{NOUNS}|{'|'.join(map(re.escape, class_nouns(marked.context)))})"
    labels = {
        re.escape(label.lower())
        for relation in marked.context.names.ontology.relations.values()
        for label in relation.labels.get("en", ())
    }
    who = "|".join(sorted({*labels, "person", "man", "woman", "guy", "artist", "author"}))
    text = re.sub(rf"\b(?:that|this|the same) (?:{who})\b", "<he>", text)
    text = re.sub(
        rf"\b(?:that|this) {nouns}\b|\bthe (?:one|film|movie)\b(?! with| by| about| <[ie])",
        "<it>",
        text,
    )
    text = re.sub(r"(?<!<)\bit\b(?! all)", "<it>", text)
    text = re.sub(r"\bmore (like|of) (?:those|these|them)\b", r"more \1 <it>", text)
    text = re.sub(
        r"\b(like|hide|of|seen|loved|liked|about|hated|watched|why|for|remove|in|not|to|than|enjoyed"
        r"|saw|explain|as|recommend|suggest|show|me|again) (?:that|this)"
        r"(?= [.,;!?]| please| too| already| again| instead| there|$)",
        r"\1 <it>",
        text,
    )
    return re.sub(r"\b(?:he|him|she|her|his|they)\b", "<he>", text)


def _items(marked: Marked) -> list[Iri]:
    """Return the items that are marked, in order; those at places that there are not left out."""
    nodes = (marked.node(m) for m in marked.marks(ITEM))
    return list(dict.fromkeys(node for node in nodes if node is not None))


def _to_machine(marked: Marked) -> Request | None:
    """Return that a question to the machine itself is not understood: "how old are you?"."""
    if re.search(ITEM, marked.text) or not TO_MACHINE.search(without_lead(marked.text)):
        return None
    return Request("unknown", lost=(marked.original.strip(),))


def _why(marked: Marked) -> Request | None:
    """Return a question for reasons."""
    text = marked.text
    if not WHY.search(text):
        return None
    items = _items(marked)
    if len(items) > 1 and (HIGHER.search(text) or LOWER.search(text)):
        swapped = bool(LOWER.search(text))
        pair = (items[1], items[0]) if swapped else (items[0], items[1])
        return Request("compare", items=pair)
    marks = marked.marks(ITEM)
    if not items and (marks or re.search(ENTITY, text)):
        return Request("why_not" if DENIED.search(text) else "why")
    if not items and len(text.split()) > _SHORT_WHY:
        return None
    default = marked.nodes("<it>")
    return Request("why_not" if DENIED.search(text) else "why", items=tuple(items or default))


_SHORT_WHY = 4


def _compared(marked: Marked) -> Request | None:
    """Return a comparison that does not ask "why"."""
    items = _items(marked)
    if len(items) > 1 and COMPARING.search(marked.text):
        return Request("compare", items=(items[0], items[1]))
    return None


def _more_like(marked: Marked) -> Request | None:
    """Return a wish for more of the kind of an item, unless it says more than that."""
    match = MORE_LIKE.search(marked.text)
    if match is None:
        return None
    item = marked.node(match["item"])
    if item is None:
        return Request("more_like")
    rest = marked.with_text(f"{marked.text[: match.start()]} {marked.text[match.end() :]}")
    more = wishes(rest)
    if more.has_wishes and replace(more, like=()).has_wishes:
        return wishes(marked)
    return Request("more_like", items=(item,), lost=more.lost)


def _feedback(marked: Marked) -> Request | None:
    """Return a verdict on an item, unless more is said."""
    text = marked.text
    if NO_VERDICT.match(text) or not re.search(ITEM, text):
        return None
    verdict = _verdict(text)
    if not verdict or re.search(r"\b(?:films?|movies?|one) like <", text):
        return None
    if verdict == "like" and re.search(r"\b(?:some|any)thing\b", text):
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
    signs = (("hide", HIDE), ("dislike", BAD), ("like", GOOD), ("seen", SEEN))
    return next((verdict for verdict, sign in signs if sign.search(text)), "")


def _recommended(marked: Marked) -> Request:
    """Return the wishes of a text, or that it is not understood."""
    found = wishes(marked)
    text = marked.text
    nouns = class_nouns(marked.context)
    strong = bool(SOMETHING.search(text)) or any(word in nouns for word in text.split())
    asked = strong or bool(REQUEST.search(text))
    lost = [word for word in found.lost if " " not in word]
    if not found.has_wishes:
        meant = strong if lost else asked
        return found if meant and (strong or "<" not in text) else _unknown(found, marked)
    named = found.like or found.dislike or found.exclude or found.where or found.compare
    if re.match(r"(?:who|whose|when|where)\b", text) and not REQUEST.search(text):
        return _unknown(found, marked)
    if (ASKS.match(text) and not asked) or (lost and not asked and not named):
        return _unknown(found, marked)
    return hidden(found, marked)


def _unknown(found: Request, marked: Marked) -> Request:
    return Request("unknown", lost=found.lost or (marked.original.strip(),))
