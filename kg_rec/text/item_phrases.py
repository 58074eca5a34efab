"""Phrases of a page that stand for the item, and those that stand for another work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.ontology import PERSON
from kg_rec.text.clauses import subjects
from kg_rec.text.forms import COMMA

if TYPE_CHECKING:
    from kg_rec.ids import Iri
    from kg_rec.text.gazetteer import Gazetteer
    from kg_rec.text.matching import Match
    from kg_rec.text.mentions import Mention
    from kg_rec.text.page import Nouns, Page

__all__ = ["ItemPhrases"]

_BEGINS_OBJECT = {"DET", "ADJ", "NOUN", "PROPN", "NUM", "PRON"}
_AUXILIARY = {"ADV", "AUX", "PART"}
_FULL_NAME = 2


class ItemPhrases:
    """Tells what stands for the item of a page.

    Args:
        nouns: The nouns of the ontology's classes.
        gazetteer: What is known.
    """

    def __init__(self, nouns: Nouns, gazetteer: Gazetteer) -> None:
        self.nouns = nouns
        self.gazetteer = gazetteer
        self._crafts = {
            word
            for relation in nouns.ontology.relations.values()
            if relation.range == PERSON
            for names in relation.labels.values()
            for word in names
        }

    def fits(self, mention: Mention, kind: Iri) -> bool:
        """Return whether a mention can be of a class."""
        if mention.entities:
            known = (self.gazetteer.by_iri[iri] for iri in mention.entities)
            return any(self.gazetteer.is_a(entity, kind) for entity in known)
        cls = self.nouns.ontology.classes.get(kind)
        return bool(cls and mention.label in cls.ner_labels)

    def is_item(self, page: Page, head: int) -> bool:
        """Return whether a noun phrase stands for the item, not for another work."""
        doc, words = page.doc, page.words
        if doc[head].lower_ in words.pronouns:
            return True
        start = page.phrase_start(head)
        if doc[start].lower_ in words.demonstratives:
            return True
        if doc[head].tag_ == "NNS":
            return False
        if any(t.lower_ in words.others for t in doc[start:head]) or _is_told_apart(
            page, start, head
        ):
            return False
        return not self._is_governed(page, start)

    def _is_governed(self, page: Page, start: int) -> bool:
        """Return whether a phrase is what another thing comes from: ``a remake of …``."""
        doc, words = page.doc, page.words
        if start == 0 or doc[start].is_sent_start:
            return False
        before = doc[start - 1]
        owner = page.mention_at(start - 2) if before.tag_ == "POS" else None
        if owner is not None:
            return self._is_governed(page, owner.start)
        if before.lower_ not in words.kinship or start < _FULL_NAME:
            return before.lower_ in words.sources
        kin = doc[start - 2]
        return self.nouns.is_a(kin, self.nouns.ontology.item_class) or kin.lemma_ in self._crafts

    def elides_item(self, page: Page, match: Match) -> bool:
        """Return whether an active form without ``{subject}`` can be meant of the item."""
        if match.rest is not None and not self._has_rest(page, match.rest):
            return False
        elements = match.form.elements
        if elements[-1].is_slot or len(elements) > _FULL_NAME or match.end >= len(page.doc):
            return True
        group = page.group_at(match.end)
        if group is not None:
            kind = match.form.relation.range or PERSON
            return any(self.fits(m, kind) for m in group.members)
        after = page.doc[match.end]
        return after.pos_ not in _BEGINS_OBJECT or after.lower_ in page.words.reflexives

    def _has_rest(self, page: Page, i: int) -> bool:
        """Return whether a complement begins at a token, not a participle or a full stop."""
        while i < len(page.doc) and page.doc[i].pos_ == "ADV":
            i += 1
        return i < len(page.doc) and page.doc[i].pos_ not in {"VERB", "PUNCT", "SCONJ"}

    def modifies_item(self, page: Page, match: Match) -> bool:
        """Return whether a form without ``{subject}`` hangs on the item or on nothing."""
        doc, first = page.doc, match.form.elements[0]
        heads = [k for k in subjects(page, match.start) if doc[match.start].tag_ == "VBN"]
        if heads and self.nouns.is_a(doc[heads[0]], self.nouns.ontology.item_class):
            return self.is_item(page, heads[0])
        if first.kind is not None or doc[match.start].is_sent_start:
            return True
        i = self._before(page, match.start)
        comma = i >= 0 and doc[i].text == ","
        if i < int(comma) or (comma and first.text == COMMA):
            return True
        return self._may_follow(page, i - 1 if comma else i, comma=comma)

    def _may_follow(self, page: Page, k: int, *, comma: bool) -> bool:
        """Return whether what a participle follows at ``k`` is the item or no work at all."""
        mention = page.mention_at(k)
        if mention is not None:
            return not self._is_work(mention) or self.is_this(page, mention)
        if comma:
            return True
        if self.nouns.is_a(page.doc[k], self.nouns.ontology.item_class):
            return self.is_item(page, k)
        return not self._is_other_work(page, k)

    def _before(self, page: Page, start: int) -> int:
        """Return the token that a participle hangs on, to its left."""
        i = start - 1
        while i >= 0 and (page.doc[i].pos_ in _AUXILIARY or self._is_joined(page, i)):
            i -= 1
        return i - 1 if i >= 0 and page.doc[i].lower_ in page.words.relatives else i

    def _is_joined(self, page: Page, i: int) -> bool:
        token = page.doc[i]
        return token.lower_ in page.words.conjunctions or (
            token.tag_ == "VBN"
            and i + 1 < len(page.doc)
            and page.doc[i + 1].lower_ in page.words.conjunctions
        )

    def _is_other_work(self, page: Page, i: int) -> bool:
        token = page.doc[i]
        classes = self.nouns.classes(token) - {PERSON}
        return bool(classes) and not self.nouns.is_a(token, self.nouns.ontology.item_class)

    def _is_work(self, mention: Mention) -> bool:
        item = self.nouns.ontology.item_class
        if mention.entities:
            return any(
                self.gazetteer.is_a(self.gazetteer.by_iri[e], item) for e in mention.entities
            )
        return mention.label == "WORK_OF_ART"

    def is_this(self, page: Page, mention: Mention) -> bool:
        """Return whether a mention names the item."""
        document = page.document
        return document.item in mention.entities or mention.name == document.title


def _is_told_apart(page: Page, start: int, head: int) -> bool:
    """Return whether a phrase tells one of several apart: "the 1932 film", "the first film"."""
    if page.doc[start].lower_ not in page.words.definites:
        return False
    ordinal = any(t.ent_type_ == "ORDINAL" for t in page.doc[start:head])
    alone = head + 1 >= len(page.doc) or page.doc[head + 1].pos_ in {"PUNCT", "CCONJ"}
    return (ordinal and alone) or any(_is_year(t.text) for t in page.doc[start:head])


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit()  # noqa: PLR2004
