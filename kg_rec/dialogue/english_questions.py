"""Questions in English about what the graph says: which relation, of what, in which form."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg_rec.dialogue.asking import best_relation, default_relation, linked_relation, sort_of, stem
from kg_rec.dialogue.english_signs import NOUNS
from kg_rec.dialogue.english_wishes import class_nouns, wishes
from kg_rec.dialogue.english_words import COMMON
from kg_rec.dialogue.following import asked_words, continued
from kg_rec.dialogue.marking import ANY, ITEM, PERSON_MARK
from kg_rec.dialogue.requests import Request

if TYPE_CHECKING:
    from kg_rec.dialogue.marking import Marked
    from kg_rec.ids import Iri

__all__ = ["again", "question", "without_lead"]

_LEAD = re.compile(
    r"^(?:(?:ok|okay|and|but|so|well|oh|hey|hi|hello|also|now|thanks|great|cool|please|tell me|then"
    r"|do you know|can you tell me|could you tell me|i wonder|just|by the way|btw|nice|hmm|sorry"
    r"|i would like to know|remind me|actually|you know|let me know|any idea)(?: [,.!])* )+"
)
_COUNT = re.compile(r"\b(?:how many|what number of|number of|count(?: all| the)?)\b")
_AUX = re.compile(r"^(?:is|was|are|were|does|did|do|has|have|had)\b")
_LIST = re.compile(
    r"^(?:list|name|enumerate)\b|\b(?:what|which) (?:else|other|others)\b|\bwhat all\b|^all\b"
    r"|\bwhich of\b|^(?:can|could) you (?:list|name)\b"
    r"|^(?:what|which) <e\d+>(?: \w+)? (?:do you (?:have|know)|have you got|are there|is there)"
)
_WH = re.compile(r"\b(who|whom|whose|when|where|what|which|how long|how old)\b")
_REQUEST = re.compile(
    r"\b(?:recommend|suggest|should i|can i|could i|would i|do you (?:recommend|suggest)"
    r"|what about|how about|something|anything|in the mood|show me|give me|find me"
    r"|any good|know any|have any)\b"
)


_MORE = (
    r"(?:(?:(?:the )?same(?: question)?|again|and|or|but|so|ok|okay|then|now|well|also|oh|plus)"
    r"(?: ,)? )*"
    r"(?:(?:what|how) about )?"
)
_AGAIN = re.compile(
    rf"(?P<lead>{_MORE})(?:that |those |the ones? )?(?:(?:in|for|of|with|by|from|about|to|at) )?"
    rf"(?:an? |the (?:(?P<noun>[a-z]+) )?)?(?P<mark>{ANY})"
    r"(?: (?:then|too|as well|instead))?(?: [,.!?])*"
)
_NOUN = re.compile(
    rf"(?P<lead>{_MORE})(?P<of>the |its |his |her |their |<it> 's )?"
    rf"(?P<noun>[a-z][\w-]*(?: [a-z][\w-]*){{0,2}}?)"
    rf"(?: (?:of|for|in|to) {ITEM})?(?: (?:then|too|as well))?(?: [,.!?])*"
)
_DUTIES = frozenset(
    (
        "responsible",
        "charge",
        "handle",
        "handles",
        "handled",
        "credited",
        "provided",
        "supplied",
        "contributed",
        "took",
        "gets",
        "got",
        "credit",
        "credits",
        "worked",
    )
)
"""Words of "who was responsible for …": that somebody did it."""


def without_lead(text: str) -> str:
    """Return a text without what questions begin with: "ok, do you know …"."""
    return _LEAD.sub("", text).strip()


def again(marked: Marked) -> Request | None:
    """Return a question that says only what is other than before: "and in <i0>?", "the writer?"."""
    match = _AGAIN.fullmatch(marked.text)
    nouns = {None, *NOUNS.split("|"), *class_nouns(marked.context)}
    said = match and match["noun"] in nouns and (match["lead"] or marked.text.endswith("?"))
    if match and said:
        found = continued(marked, match["mark"])
        if found is not None:
            return found
    return _noun(asked_words(marked, "en"))


def _noun(marked: Marked) -> Request | None:
    """Return a question by the noun of a relation alone: "and the music?"."""
    match = _NOUN.fullmatch(marked.text)
    subject = _subject(marked) or marked.context.item
    if match is None or subject is None or not (match["lead"] or marked.text.endswith("?")):
        return None
    if not match["of"] and marked.context.question is None and not marked.text.endswith("?"):
        return None  # "and music" is a wish
    relation = best_relation(marked.with_text(match["noun"]), "en")
    if relation is None or set(match["noun"].split()) - _words_of(marked, relation):
        return None
    kind = _kind(marked, relation, "what")
    return Request("question", items=(subject,), relation=relation, subject=subject, kind=kind)


def _words_of(marked: Marked, relation: Iri) -> set[str]:
    """Return the words that ask for a relation."""
    asking = marked.context.speech.relations["en"][relation].asking
    return {word for phrase in asking for word in (*phrase.split(), *f"{phrase}s".split())}


def question(marked: Marked) -> Request | None:
    """Return the question that a text with marks asks about the graph; None if it is none."""
    text = without_lead(marked.text)
    said = marked.with_text(text)
    if _REQUEST.search(text):
        return None
    if _COUNT.search(text):
        return _counted(said)
    if _AUX.match(text):
        return _yes_or_no(said)
    wh = _WH.search(text)
    if _LIST.search(text) or (wh and _asks_items(said)):
        return _listed(said)
    if wh is not None:
        return _of_item(asked_words(said, "en"), wh[1])
    return _fragment(said)


def _asks_items(marked: Marked) -> bool:
    """Return whether items are asked for: "which films did she direct"."""
    nouns = "|".join(map(re.escape, class_nouns(marked.context)))
    return bool(
        re.search(
            rf"\b(?:what|which)(?: other| else| of the)? (?:{nouns})\b(?! is <i)", marked.text
        )
        and not re.search(ITEM, marked.text)
    )


def _counted(marked: Marked) -> Request | None:
    value = _value(marked)
    if value is not None:
        relation = _relation_to(marked, value)
        return _about_items(relation, value, "count")
    subject = _subject(marked)
    relation = best_relation(marked, "en")
    if subject is None or relation is None:
        return None
    return Request("question", items=(subject,), relation=relation, subject=subject, kind="count")


def _listed(marked: Marked) -> Request | None:
    value = _value(marked)
    if value is None:
        return None
    relation = _relation_to(marked, value)
    return _about_items(relation, value, "list")


def _about_items(relation: Iri | None, value: Iri, kind: str) -> Request | None:
    if relation is None:
        return None
    return Request("question", relation=relation, object=value, kind=kind)


def _yes_or_no(marked: Marked) -> Request | None:
    subject, value = _subject(marked), _value(marked)
    asks = not re.search(r"\b(?:there|you|any|some)\b", marked.text)
    if subject is None and asks and value is not None and best_relation(marked, "en", value=value):
        subject = next(iter(marked.nodes("<it>")), None)
    if subject is None or value is None:
        return None if subject is None else _of_value(marked, subject)
    relation = _relation_to(marked, value)
    if relation is None:
        return None
    return Request(
        "question", items=(subject,), relation=relation, subject=subject, object=value, kind="yesno"
    )


def _of_value(marked: Marked, subject: Iri) -> Request | None:
    """Return the question whether a value of an item meets a condition: "is it from 1995?"."""
    found = wishes(marked).where
    if len(found) != 1 or len(set(marked.marks(ITEM))) > 1:
        return None
    return Request(
        "question",
        items=(subject,),
        relation=found[0].attribute,
        subject=subject,
        where=found,
        kind="yesno",
    )


def _of_item(marked: Marked, wh: str) -> Request | None:
    """Return a question for the values of an item."""
    relation = best_relation(marked, "en", wh)
    if relation is None:
        return None
    subject = _subject(marked)
    kind = {"who": "who", "whom": "who", "whose": "who", "when": "when"}.get(wh, "what")
    if subject is None and _value(marked) is not None:
        return _listed(marked)
    if subject is None and not re.search(ITEM, marked.text):
        strange = _strange(marked)
        if strange or len(marked.text.split()) > _SHORT:
            return (
                Request("question", relation=relation, kind=kind, lost=strange) if strange else None
            )
        subject = next(iter(marked.nodes("<it>")), None)
    kind = _kind(marked, relation, kind)
    if subject is None:
        return Request("question", relation=relation, kind=kind)
    return Request("question", items=(subject,), relation=relation, subject=subject, kind=kind)


_SHORT = 10


def _strange(marked: Marked) -> tuple[str, ...]:
    """Return the words of a question that neither ask nor name anything known."""
    own = marked.context.speech.relations["en"].values()
    asking = {stem(word) for words in own for phrase in words.asking for word in phrase.split()}
    words = re.findall(r"(?<![<\w])[a-z][\w-]*(?![\w>])", marked.text)
    known = COMMON | _DUTIES | class_nouns(marked.context)
    return tuple(w for w in words if w not in known and stem(w) not in asking)


def _kind(marked: Marked, relation: Iri, kind: str) -> str:
    """Return the kind of question by what the relation leads to: people, moments, things."""
    return sort_of(marked.context, relation) or kind


def _fragment(marked: Marked) -> Request | None:
    """Return a question without a question word: "the director?", "director of Heat"."""
    text = marked.text
    about = re.fullmatch(r"(?:more )?about (" + ITEM + r")(?: [.!?])*", text)
    nouns = about or re.match(r"(?:the |its )?(\w+)(?: of (" + ITEM + r"))?(?: [?.!])*$", text)
    if nouns is None:
        return None
    relation = best_relation(marked, "en")
    if relation is None or not (about or nouns[2] or text.endswith("?")):
        return None
    subject = _subject(marked) or next(iter(marked.nodes("<it>")), None)
    if subject is None:
        return None
    kind = _kind(marked, relation, "what")
    return Request("question", items=(subject,), relation=relation, subject=subject, kind=kind)


def _subject(marked: Marked) -> Iri | None:
    nodes = [marked.node(m) for m in marked.marks(ITEM)]
    return next((node for node in nodes if node is not None), None)


def _value(marked: Marked) -> Iri | None:
    nodes = [marked.node(m) for m in marked.marks(PERSON_MARK)]
    return next((node for node in nodes if node is not None), None)


def _relation_to(marked: Marked, value: Iri) -> Iri | None:
    """Return the relation to a value: by a verb, by the word before it, by what it is."""
    return (
        best_relation(marked, "en", value=value)
        or linked_relation(marked, value)
        or default_relation(marked.context, value)
    )
