"""Forms matched on a page: a trigger word, then the rest to its right and its slots.

A word of a form is found next to the word before it, but for what may stand between: modifiers,
auxiliaries, joined verbs ("written *and directed* by"). Where other words come between, the
dependency tree may still link the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg_rec.text.clauses import (
    acting,
    bridges,
    describes,
    gapped,
    is_active,
    is_linked,
    may_be_subject,
    meant_by_pronoun,
    possessors,
    sentence_end,
    subjects,
)
from kg_rec.text.forms import COMMA, OBJECT, REST, SUBJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Token

    from kg_rec.text.forms import CompiledForm, Element, FormIndex
    from kg_rec.text.mentions import Group, Mention
    from kg_rec.text.page import Nouns, Page

__all__ = ["Match", "Matcher"]

_LIGHT = {"ADV", "AUX", "PART", "DET", "ADJ", "NUM"}
_NOMINAL = {"NOUN", "PROPN", "DET", "ADJ", "NUM", "ADV"}
_VERBAL = {"VERB", "AUX"}
_FINITE = {"VBD", "VBZ", "VBP", "MD"}
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
        anchors = self.index.anchors & page.vocabulary
        for i, (lower, lemma) in enumerate(zip(page.lowers, page.lemmas, strict=True)):
            if lower not in anchors and lemma not in anchors:
                continue
            token = page.doc[i]
            for form in self.index.at(lower, lemma, page.vocabulary):
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
        found = {i for i in self.nouns.candidates(page) if self.nouns.is_a(page.doc[i], item_class)}
        found |= {i for i, lower in enumerate(page.lowers) if lower in page.words.pronouns}
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
        end = sentence_end(page, last)
        if "-" in {element.text, page.doc[last].text}:
            end = min(end, last + 2)
        for i in range(last + 1, min(last + _FARTHEST, end)):
            possible = page.lowers[i] in element.ways or page.lemmas[i] in element.ways
            if possible and element.matches(page.doc[i]):
                linked = is_linked(page, last, i)
                named = page.doc[i - 1].pos_ == "DET"
                if element.noun and page.doc[i].pos_ in _VERBAL and not named:
                    continue
                if linked or bridges(page, last + 1, i, noun=page.doc[i].pos_ in {"NOUN", "PROPN"}):
                    match.end = i + 1
                    match.width += "-" not in {page.doc[i].text, page.doc[i - 1].text}
                    return i
                if not page.trained:
                    return None
        return None

    def _object_after(self, page: Page, last: int, match: Match) -> int | None:
        end = sentence_end(page, last)
        for i in range(last + 1, min(last + 1 + _GAP, end)):
            group = page.group_at(i)
            if group is not None:
                match.objects = [m for m in group.members if m.start >= i]
                return match.objects[-1].end - 1 if match.objects else None
            if not page.trained or not describes(page.doc[i]):
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
            if not bridges(page, last + 1, start + 1, noun=False):
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
                pause = _is_start(page, i) or element.matches(page.doc[i - 1])
                if not pause:
                    return False
                i -= 1
            elif element.text == REST and page.doc[i].pos_ == "SCONJ":
                return False
            elif element.text == REST:
                match.objects = acting(page, i)
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
            if k in items and (bridges(page, k + 1, i, noun=False) or governor == k):
                match.width += 1
                if subject:
                    match.subject = k
                else:
                    match.start = k
                return True
            if page.doc[k].is_sent_start:
                break
        if not subject and self._is_source(page, i, match):
            return True
        return self._subject_of_verb(page, i, items, match) if subject else False

    def _is_source(self, page: Page, i: int, match: Match) -> bool:
        """Return whether a title stands before token ``i``: ``based on A Tale of Two``."""
        for k in range(i - 1, max(0, i - _FARTHEST), -1):
            token = page.doc[k]
            if token.lower_ in page.words.sources and k + 1 < i:
                titled = page.doc[k + 1].is_title and page.doc[k - 1].tag_ == "VBN"
                match.start, match.width = (k, match.width + 2) if titled else (i, match.width)
                return titled
            if token.is_punct or token.pos_ in {"VERB", "AUX"}:
                return False
        return False

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
            return possessors(page, group, i) if group else []
        if token.tag_ == "VBN" and any(child.dep_ == "auxpass" for child in token.children):
            return []
        person = meant_by_pronoun(page, token)
        if person is not None:
            return [person]
        group = self._adjacent(page, i)
        misled = group is not None and not any(
            m.entities or m.label in {"PERSON", "ORG", ""} for m in group.members
        )
        if (group is None or misled) and page.trained and is_active(token):
            group = next((g for k in subjects(page, i) if (g := page.group_at(k))), None)
            if group is not None and any(t.text == ";" for t in page.doc[group.end : i]):
                group = None
        if group is None or (i + 1 < len(page.doc) and page.doc[i + 1].lower_ in page.words.agents):
            return []
        return [m for m in group.members if m.end <= i]

    def _adjacent(self, page: Page, i: int) -> Group | None:
        """Return the list that ends before token ``i``, if it can be its subject."""
        for k in range(i - 1, max(-1, i - _FARTHEST), -1):
            group = page.group_at(k)
            if group is not None:
                free = page.doc[i].pos_ == "ADP" or may_be_subject(page, group)
                return group if free and bridges(page, k + 1, i, noun=False, verb=True) else None
            if not page.trained or page.doc[k + 1].is_sent_start:
                return None
        return None


def _is_start(page: Page, i: int) -> bool:
    """Return whether a sentence begins at a token, also after an abbreviation: ``Jr. With``."""
    token = page.doc[i]
    if i == 0 or token.is_sent_start:
        return True
    return token.nbor(-1).text.endswith(".") and token.is_title and token.pos_ == "ADP"
