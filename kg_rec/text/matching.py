"""Forms matched on a page: a trigger word, then the rest to its right and its slots.

A word of a form is found next to the word before it, but for what may stand between: modifiers,
auxiliaries, joined verbs ("written *and directed* by"). Where other words come between, the
dependency tree may still link the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg_rec.text.forms import COMMA, OBJECT, REST, SUBJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Span, Token

    from kg_rec.text.forms import CompiledForm, Element, FormIndex
    from kg_rec.text.mentions import Group, Mention
    from kg_rec.text.page import Nouns, Page

__all__ = ["Match", "Matcher", "gapped", "subjects"]

_LIGHT = {"ADV", "AUX", "PART", "DET", "ADJ", "NUM"}
_NOMINAL = {"NOUN", "PROPN", "DET", "ADJ", "NUM", "ADV"}
_VERBAL = {"VERB", "AUX"}
_FINITE = {"VBD", "VBZ", "VBP", "MD"}
_AND = {"and", "&"}
_FARTHEST = 14
_GAP = 7


@dataclass(slots=True)
class Match:
    """A form found on a page.

    Attributes:
        form: The form.
        start: First token of its words (slots left out).
        end: Token after the last of its words.
        objects: Who or what stands at ``{object}``.
        subject: The head of what stands at ``{subject}``.
        rest: Where ``...`` begins.
    """

    form: CompiledForm
    start: int
    end: int
    objects: list[Mention]
    subject: int | None = None
    rest: int | None = None
    width: int = 0


class Matcher:
    """Finds forms on pages.

    Args:
        index: The compiled forms.
        nouns: The nouns of the ontology's classes.
    """

    def __init__(self, index: FormIndex, nouns: Nouns) -> None:
        self.index = index
        self.nouns = nouns

    def matches(self, page: Page) -> Iterator[Match]:
        """Yield every way that a form fits, from left to right."""
        for token in page.doc:
            for form in self.index.at(token):
                if form.elements[form.anchor].matches(token):
                    found = self._match(page, form, token)
                    if found:
                        yield found

    def items(self, page: Page) -> set[int]:
        """Return the tokens that may stand for the item of a page."""
        if page.items is None:
            page.items = self._find_items(page)
        return page.items

    def _find_items(self, page: Page) -> set[int]:
        item_class = self.nouns.ontology.item_class
        found = {t.i for t in page.doc if self.nouns.is_a(t, item_class)}
        found |= {t.i for t in page.doc if t.lower_ in page.words.pronouns}
        item = page.document.item
        for mention in page.mentions:
            if item in mention.entities or mention.name == page.document.title:
                found.add(mention.end - 1)
        return found

    def _match(self, page: Page, form: CompiledForm, token: Token) -> Match | None:
        match = Match(form, token.i, token.i + 1, [], width=1)
        if not self._right(page, form, match) or not self._left(page, form, match):
            return None
        if form.elements[0].text == OBJECT:
            match.objects += [m for m in gapped(page, match) if m not in match.objects]
        return match if match.objects else None

    def _right(self, page: Page, form: CompiledForm, match: Match) -> bool:
        last = match.start
        for element in form.elements[form.anchor + 1 :]:
            if element.text == REST:
                match.rest = last + 1
                continue
            found = self._next(page, element, last, match)
            if found is None:
                return False
            last = found
        return True

    def _next(self, page: Page, element: Element, last: int, match: Match) -> int | None:
        """Return the last token of the next element, or None."""
        if element.text == OBJECT:
            return self._object_after(page, last, match)
        if element.text == SUBJECT:
            return self._subject_after(page, last, match)
        if element.is_slot:
            return self._class_after(page, element, last, match)
        sentence_end = _sentence_end(page, last)
        for i in range(last + 1, min(last + _FARTHEST, sentence_end)):
            if element.matches(page.doc[i]):
                linked = _is_linked(page, last, i)
                if element.noun and page.doc[i].pos_ in _VERBAL:
                    continue
                if linked or _bridges(
                    page, last + 1, i, noun=page.doc[i].pos_ in {"NOUN", "PROPN"}
                ):
                    match.end = i + 1
                    match.width += "-" not in {page.doc[i].text, page.doc[i - 1].text}
                    return i
                if not page.trained:
                    return None
        return None

    def _object_after(self, page: Page, last: int, match: Match) -> int | None:
        sentence_end = _sentence_end(page, last)
        for i in range(last + 1, min(last + 1 + _GAP, sentence_end)):
            group = page.group_at(i)
            if group is not None:
                match.objects = [m for m in group.members if m.start >= i]
                return match.objects[-1].end - 1 if match.objects else None
            if not page.trained or not _describes(page.doc[i]):
                break
        return None

    def _subject_after(self, page: Page, last: int, match: Match) -> int | None:
        items = self.items(page)
        start = last + 1
        owner = page.mention_at(start)
        if owner is not None and owner.end - 1 in items:
            match.subject = owner.end - 1
            match.width += 1
            return match.subject
        if owner is not None and owner.end < len(page.doc) and page.doc[owner.end].tag_ == "POS":
            start = last = owner.end + 1
            last -= 1
        while start < len(page.doc) and start - last < _GAP:
            head = page.phrase_head(start, items)
            if head is not None:
                match.subject = head
                match.width += 1
                return head
            if not _bridges(page, last + 1, start + 1, noun=False):
                return None
            start += 1
        return None

    def _class_after(self, page: Page, element: Element, last: int, match: Match) -> int | None:
        if element.kind is None:
            return None
        mention = next(
            (m for i in range(last + 1, min(last + 4, len(page.doc))) if (m := page.mention_at(i))),
            None,
        )
        heads = {
            i
            for i in range(last + 1, min(last + 9, len(page.doc)))
            if self.nouns.is_a(page.doc[i], element.kind)
        }
        head = page.phrase_head(last + 1, heads)
        if head is None and mention is not None and self._named(page, mention, element):
            group = page.group_at(mention.start)
            head = (group.end if group else mention.end) - 1
        if head is not None:
            match.end = head + 1
            match.width += 1
        return head

    def _named(self, page: Page, mention: Mention, element: Element) -> bool:
        cls = self.nouns.ontology.classes.get(element.kind) if element.kind else None
        this = mention.end - 1 in self.items(page)
        return cls is not None and mention.label in cls.ner_labels and not this

    def _left(self, page: Page, form: CompiledForm, match: Match) -> bool:
        i = match.start
        for element in reversed(form.elements[: form.anchor]):
            if element.text == COMMA:
                pause = i == 0 or page.doc[i].is_sent_start or element.matches(page.doc[i - 1])
                if not pause:
                    return False
                i -= 1
            elif element.text == REST:
                match.objects = _acting(page, i)
                return bool(match.objects)
            elif element.text == OBJECT:
                match.objects = self._objects_before(page, form, i)
                if not match.objects:
                    return False
            elif not self._noun_before(page, element, i, match):
                return False
        return True

    def _noun_before(self, page: Page, element: Element, i: int, match: Match) -> bool:
        """Return whether ``{subject}`` or a noun of a class stands before token ``i``."""
        subject = element.text == SUBJECT
        kind = self.nouns.ontology.item_class if subject else element.kind
        if kind is None:
            return False
        items = (
            self.items(page)
            if subject
            else {t.i for t in page.doc[max(0, i - _FARTHEST) : i] if self.nouns.is_a(t, kind)}
        )
        governor = page.doc[i].head.i
        for k in range(i - 1, max(-1, i - _FARTHEST), -1):
            if page.mention_at(k) is not None and k not in items:
                governor = -1
            if k in items and (_bridges(page, k + 1, i, noun=False) or governor == k):
                match.width += 1
                if subject:
                    match.subject = k
                else:
                    match.start = k
                return True
            if page.doc[k].is_sent_start:
                break
        return self._subject_of_verb(page, i, items, match) if subject else False

    def _subject_of_verb(self, page: Page, i: int, items: set[int], match: Match) -> bool:
        found = next((k for k in subjects(page, i) if k in items), None)
        if found is None:
            return False
        match.subject = found
        match.width += 1
        return True

    def _objects_before(self, page: Page, form: CompiledForm, i: int) -> list[Mention]:
        token = page.doc[i]
        if form.elements[form.anchor].text == "'s":
            group = page.group_at(i - 1)
            return _possessors(page, group, i) if group else []
        if token.tag_ == "VBN" and any(child.dep_ == "auxpass" for child in token.children):
            return []
        group = self._adjacent(page, i)
        if group is None and page.trained and _is_active(token):
            group = next((g for k in subjects(page, i) if (g := page.group_at(k))), None)
            if group is not None and any(t.text == ";" for t in page.doc[group.end : i]):
                group = None
        if group is None or (i + 1 < len(page.doc) and page.doc[i + 1].lower_ == "by"):
            return []
        return [m for m in group.members if m.end <= i]

    def _adjacent(self, page: Page, i: int) -> Group | None:
        """Return the list that ends before token ``i``, if it can be its subject."""
        for k in range(i - 1, max(-1, i - _FARTHEST), -1):
            group = page.group_at(k)
            if group is not None:
                free = page.doc[i].pos_ == "ADP" or _may_be_subject(page, group)
                return group if free and _bridges(page, k + 1, i, noun=False, verb=True) else None
            if not page.trained or page.doc[k + 1].is_sent_start:
                return None
        return None


def _is_linked(page: Page, last: int, i: int) -> bool:
    """Return whether a preposition hangs on the word before it in the form."""
    token = page.doc[i]
    inner = page.doc[last + 1 : i]
    return token.head.i == last and token.pos_ == "ADP" and all(t.pos_ != "ADP" for t in inner)


def _acting(page: Page, end: int) -> list[Mention]:
    """Return who, earlier in the sentence, is the subject of a main clause."""
    start = page.doc[end].sent.start if page.trained else end
    found = []
    for i in range(start, end):
        group = page.group_at(i)
        if group is None or group.start != i:
            continue
        opens = i == start or page.doc[i - 1].text in {";", "and", ","}
        k = group.end
        while k < end and page.doc[k].pos_ == "ADV":
            k += 1
        if opens and k < end and (page.doc[k].tag_ in _FINITE or page.doc[k].pos_ in _VERBAL):
            found += group.members
    return found


def gapped(page: Page, match: Match) -> list[Mention]:
    """Return who stands for ``{object}`` in clauses that leave the verb out.

    ``A plays the king, B a fool and C his wife`` says it of B and C too.
    """
    if match.rest is None or not page.trained:
        return []
    found = []
    for i in range(match.rest, _sentence_end(page, match.rest - 1)):
        mention = page.mention_at(i)
        if page.doc[i].text == ";":
            break
        if mention is None or mention.start != i or mention.end >= len(page.doc):
            continue
        after, before = page.doc[mention.end], page.doc[i - 1]
        articled = after.pos_ == "DET" or after.tag_ == "PRP$"
        if articled and before.text in {",", "and"} and mention.start > match.rest:
            found += [
                m for m in _list_of(page, mention) if m.start > match.rest and m.end <= mention.end
            ]
    return found


def _list_of(page: Page, mention: Mention) -> list[Mention]:
    group = page.group_at(mention.start)
    return group.members if group and group.start > 0 else [mention]


def _sentence_end(page: Page, i: int) -> int:
    end = i + 1
    while end < len(page.doc) and not page.doc[end].is_sent_start:
        end += 1
    return end


def _describes(token: Token) -> bool:
    """Return whether a word may stand between a preposition and a name."""
    return token.pos_ in _NOMINAL or token.text in {"-", "“", '"', "both"}


def _bridges(page: Page, start: int, end: int, *, noun: bool, verb: bool = False) -> bool:
    """Return whether the words between two places of a form may be passed over."""
    gap = page.doc[start:end]
    if not len(gap):
        return True
    if not page.trained or len(gap) > _GAP + (3 if verb else 0):
        return False
    joined = any(t.lower_ in {"and", "&", "or"} for t in gap)
    joined = joined and (verb or page.doc[start - 1].pos_ == "VERB")
    relative = gap[0].text == "," and len(gap) > 1 and gap[1].lower_ == "who"
    inserted = _is_inserted(gap)
    for k, token in enumerate(gap):
        fine = token.pos_ in _LIGHT or (noun and token.pos_ in _NOMINAL)
        fine = fine or (
            joined and (token.pos_ in _VERBAL or token.lower_ in {"and", "&", "or", ","})
        )
        fine = fine or (joined and "-" in {t.text for t in page.doc[token.i - 1 : token.i + 2]})
        fine = fine or (verb and token.lower_ in {"himself", "herself", "themselves", "who"})
        fine = fine or (verb and inserted)
        fine = fine or (verb and relative and k == 0)
        if not fine:
            return False
    return True


def _is_inserted(gap: Span) -> bool:
    """Return whether a gap is an apposition: ``, known for comedies,``."""
    if len(gap) < 3 or gap[0].text != "," or gap[-1].text != ",":  # noqa: PLR2004
        return False
    return all(t.tag_ not in _FINITE for t in gap)


def _may_be_subject(page: Page, group: Group) -> bool:
    before = (
        page.doc[group.start - 1]
        if group.start and not page.doc[group.start].is_sent_start
        else None
    )
    if before is None or before.pos_ != "ADP":
        return True
    after = page.doc[group.end : group.end + 2]
    return any(t.lower_ in page.words.relatives for t in after)


def _possessors(page: Page, group: Group, i: int) -> list[Mention]:
    members = [m for m in group.members if m.end <= i]
    pair = members[-2:]
    joined = len(pair) == len(members) and page.doc[pair[0].end : pair[-1].start].text in _AND
    return members if joined else members[-1:]


def _is_active(token: Token) -> bool:
    """Return whether a verb is finite, or a participle with an auxiliary."""
    helped = any(child.dep_ in {"aux", "auxpass"} for child in token.children)
    return token.tag_ in _FINITE or (token.pos_ in _VERBAL and helped)


def subjects(page: Page, i: int) -> list[int]:
    """Return the tokens that a verb has as subject, also across joined and relative verbs."""
    token = page.doc[i]
    for _ in range(_GAP):
        own = [c for c in token.children if c.dep_ in {"nsubj", "nsubjpass"}]
        if own:
            break
        if token.dep_ != "conj" or token.head.pos_ not in _VERBAL | {"NOUN"}:
            return []
        token = token.head
    else:
        return []
    if own[0].lower_ in page.words.relatives and token.dep_ == "relcl":
        if own[0].lower_ != "who" and page.group_at(token.head.i) is not None:
            return []
        own = [token.head]
    return [own[0].i, *(c.i for c in own[0].conjuncts)]
