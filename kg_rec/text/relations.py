"""Facts about the item of a document: forms matched, then weighed against each other.

Precision first: what is said of another work, what is denied, and who is only a role are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg_rec.ontology import PERSON
from kg_rec.text.clauses import clause_subjects
from kg_rec.text.facts import Fact, is_beaten, is_outnamed, strongest
from kg_rec.text.forms import OBJECT
from kg_rec.text.item_phrases import ItemPhrases
from kg_rec.text.names import name_key
from kg_rec.text.resolving import full_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.tokens import Token

    from kg_rec.ids import Iri
    from kg_rec.text.gazetteer import Gazetteer
    from kg_rec.text.matching import Match, Matcher
    from kg_rec.text.mentions import Mention
    from kg_rec.text.page import Nouns, Page

__all__ = ["RelationReader"]

_MISREAD = {"ORG", "WORK_OF_ART", "PRODUCT", "FAC", "NORP", "LAW", "EVENT", "LOC", "GPE", ""}
_BEGINS_OBJECT = {"DET", "ADJ", "NOUN", "PROPN", "NUM", "PRON"}
_AUXILIARY = {"ADV", "AUX", "PART"}
_ENDS_COMPLEMENT = {"ADP", "PUNCT", "CCONJ", "VERB"}
_OFTEN_PEOPLE = {"ORG", "EVENT", "NORP", ""}
_OFTEN_CLAUSES = {"ORG", "EVENT"}
_PLACES = {"GPE", "LOC", "NORP"}
_LOOK_BACK = 4
_FULL_NAME = 2
_BESIDE = 2
_LONGEST = 6


class RelationReader:
    """Reads facts about the item of a page.

    Args:
        matcher: Finds the forms.
        nouns: The nouns of the ontology's classes.
        gazetteer: What is known.
        generic: Common nouns; a capitalised phrase that ends in one names no person.
    """

    def __init__(
        self, matcher: Matcher, nouns: Nouns, gazetteer: Gazetteer, generic: frozenset[str]
    ) -> None:
        self.matcher = matcher
        self.nouns = nouns
        self.gazetteer = gazetteer
        self.generic = generic
        self.items = ItemPhrases(nouns, gazetteer)

    def facts(self, page: Page) -> list[Fact]:
        """Return the facts of a page, and what it denies, in the order of their mentions.

        Of two readings of one mention with the same relation class the longer form holds.
        """
        fitting = [m for m in self.matcher.matches(page) if self._holds(page, m)]
        matches = [m for m in fitting if _denial(page, m) is None]
        roles = self._roles(page, [m for m in matches if not is_beaten(m, matches)])
        for match in matches:
            others = [m for m in matches if m.form.relation is not match.form.relation]
            if match.rest is not None and is_beaten(match, others):
                match.objects = [m for m in match.objects if m.start < match.rest]
        found = [f for match in matches for f in self._read(page, match, roles)]
        kept = [f for f in strongest(found) if not is_outnamed(f, found)]
        kept += self._parallel(page, kept, roles)
        kept += self._denied(page, [m for m in fitting if m not in matches], kept)
        return sorted(kept, key=lambda f: (f.mention.start, f.relation.iri))

    def _denied(
        self, page: Page, matches: Sequence[Match], facts: Sequence[Fact]
    ) -> Iterator[Fact]:
        """Yield what is said not to hold, from the word that denies it on."""
        told = {(f.relation.iri, name_key(f.mention.name)) for f in facts}
        for match in matches:
            denial = _denial(page, match)
            for fact in strongest(list(self._read(page, match, set()))):
                if (fact.relation.iri, name_key(fact.mention.name)) not in told:
                    start = min(fact.start, denial if denial is not None else fact.start)
                    yield fact._replace(start=start, denied=True)

    def _parallel(self, page: Page, facts: Sequence[Fact], roles: set[str]) -> Iterator[Fact]:
        """Yield what a clause says by its place beside others of one sentence.

        ``A is the king, B rules the roost and C his wife``: what holds of A and C holds of B, if
        nothing else is said of B and at least two others have the relation as subjects.
        """
        if len(facts) < _BESIDE:
            return
        told = {f.mention.start for f in facts}
        for opening in clause_subjects(page):
            beside = [f for f in facts if f.active and opening.sentence_of(f.mention)]
            kinds = [f.relation.iri for f in beside]
            model = next((f for f in beside if kinds.count(f.relation.iri) >= _BESIDE), None)
            if model is None:
                continue
            for mention in opening.group.members:
                sure = self.items.fits(mention, model.kind) and mention.length > 1
                role = name_key(mention.name) in roles or self.items.is_this(page, mention)
                if sure and not role and mention.start not in told:
                    end = max(mention.end, opening.verb + 1)
                    words = range(opening.verb, opening.verb + 1)
                    yield model._replace(
                        mention=mention, start=mention.start, end=end, words=words, loose=True
                    )

    def _read(self, page: Page, match: Match, roles: set[str]) -> Iterator[Fact]:
        relation = match.form.relation
        kind = relation.range
        if kind is None:
            return
        objects = self._fitting(page, match, kind)
        for mention in objects:
            key = name_key(mention.name)
            if self.items.is_this(page, mention) or _is_titular(page, mention, match):
                continue
            if kind == PERSON and not mention.entities and key in roles:
                continue
            start, end = _span(match, mention)
            yield Fact(
                relation,
                mention,
                kind,
                start,
                end,
                match.form.text,
                match.width,
                range(match.start, match.end),
                match.form.is_loose,
                tuple(match.objects),
                match.form.elements[0].text == OBJECT and page.doc[match.start].tag_ != "POS",
                subject=match.subject,
            )

    def _fitting(self, page: Page, match: Match, kind: Iri) -> list[Mention]:
        """Return the objects of a match that can be of the class that its relation asks for."""
        objects = [m for m in match.objects if not self._is_owner(page, match, m)]
        objects = [m for m in objects if m.entities or not _is_styled(page, m)]
        people = sum(self.items.fits(m, kind) for m in objects)
        if _is_bare(page, match) and people < _FULL_NAME:
            return []
        sure = [
            m for m in objects if self.items.fits(m, kind) and self._is_named(page, m, match, kind)
        ]
        named = self.nouns.ontology.classes.get(kind)
        if kind != PERSON and not (named and "PERSON" in named.ner_labels):
            return sure if sure or len(match.form.elements) > _FULL_NAME else []
        return [
            m
            for m in objects
            if m in sure or self._may_be_person(page, m, match, listed=bool(sure))
        ]

    def _is_named(self, page: Page, mention: Mention, match: Match, kind: Iri) -> bool:
        """Return whether a name is full enough: a first name alone is mostly a role."""
        if kind != PERSON or mention.entities or len(full_name(page, mention).split()) > 1:
            return True
        if page.is_short_for(mention) or _is_introduced(page, mention):
            return True
        return any(e.text == "'s" for e in match.form.elements) or _has_agent(page, match)

    def _is_thing(self, name: str) -> bool:
        """Return whether a capitalised name ends in a common noun: ``Wall Street``."""
        last = name.rsplit(maxsplit=1)[-1].lower()
        return last in self.generic and len(last) > _LOOK_BACK - 1

    def _may_be_person(self, page: Page, mention: Mention, match: Match, *, listed: bool) -> bool:
        """Return whether a name that the pipeline takes for no person may be one here."""
        full = full_name(page, mention)
        words = full.split()
        if mention.entities or mention.label not in _MISREAD or len(words) > _LONGEST:
            return False
        if self._is_thing(full) or any(c.isdigit() for c in full):
            return False
        made_by = _has_agent(page, match)
        if _has_article(page, mention) and not made_by:
            return False
        single = len(words) < _FULL_NAME and not page.is_short_for(mention)
        if single and not (made_by and mention.label not in _PLACES):
            return False
        return listed or self._asks_for_person(page, mention, match, words[0])

    def _asks_for_person(self, page: Page, mention: Mention, match: Match, first: str) -> bool:
        """Return whether a form leaves little but a person for a slot of that class."""
        form, elements = match.form, match.form.elements
        if form.takes_rest:
            copula = page.doc[match.start].pos_ == "AUX"
            return mention.label in (_OFTEN_CLAUSES if copula else _OFTEN_PEOPLE)
        if elements[1].text == "'s":
            return first not in page.words.place_words
        active = elements[0].text == OBJECT and not form.is_loose
        if mention.label == "NORP" and mention.length > 1:
            return True
        return active or _has_agent(page, match) or mention.label not in _PLACES

    def _is_owner(self, page: Page, match: Match, mention: Mention) -> bool:
        """Return whether a mention only owns what is meant: ``with A, B and C's songs``."""
        after = page.doc[mention.end] if mention.end < len(page.doc) else None
        owner = after is not None and after.text in {"'s", "’s"}
        if owner and not any(e.text == "'s" for e in match.form.elements):
            return not self._is_titled(page, match, mention)
        right = match.form.elements[-1].text == OBJECT
        if not right or after is None:
            return False
        modifies = after.pos_ == "NOUN" and mention.label not in {"PERSON", ""}
        return modifies or _acts(page, mention.end)

    def _is_titled(self, page: Page, match: Match, mention: Mention) -> bool:
        """Return whether the form is a title before a name: ``writer-director X's film``."""
        title = match.form.elements[-1].text == OBJECT and match.end == mention.start
        if not title or page.doc[match.end - 1].pos_ not in {"NOUN", "PROPN"}:
            return False
        head = page.phrase_head(mention.end + 1, self.matcher.items(page))
        return head is not None and self.items.is_item(page, head)

    def _roles(self, page: Page, matches: Sequence[Match]) -> set[str]:
        """Return the keys of names that someone appears as on this page."""
        found = [m for m in page.mentions if m.role and not m.entities]
        for match in matches:
            if match.rest is not None and match.rest < len(page.doc):
                for i in range(match.rest, min(match.rest + _LOOK_BACK, len(page.doc))):
                    mention = page.mention_at(i)
                    if mention and not mention.entities and not _owns(page, mention):
                        found.append(mention)
                    if mention or page.doc[i].pos_ in _ENDS_COMPLEMENT:
                        break
        return {name_key(m.name) for m in found}

    def _holds(self, page: Page, match: Match) -> bool:
        if _is_unreal(page, match) or _is_compound(page, match) or _is_alias(page, match):
            return False
        if match.subject is not None:
            return self.items.is_item(page, match.subject)
        if match.form.anchor and match.form.elements[0].text == OBJECT:
            return self.items.elides_item(page, match)
        return self.items.modifies_item(page, match)


def _has_agent(page: Page, match: Match) -> bool:
    """Return whether a form says who did it: ``made by {object}``."""
    return any(element.text in page.words.agents for element in match.form.elements)


def _acts(page: Page, i: int) -> bool:
    """Return whether a participle follows: what stands before it does something else."""
    while i < len(page.doc) and page.doc[i].pos_ == "ADV":
        i += 1
    return i < len(page.doc) and page.doc[i].tag_ == "VBG"


def _is_introduced(page: Page, mention: Mention) -> bool:
    """Return whether a profession stands before a name: ``the singer Rihanna``."""
    before = page.doc[mention.start - 1] if mention.start else None
    return before is not None and before.lower_ in page.words.professions


def _is_titular(page: Page, mention: Mention, match: Match) -> bool:
    """Return whether someone in the title does something: a character, more often than not."""
    acts = match.form.takes_rest or match.form.is_loose
    return acts and mention.length > 1 and mention.name in page.document.title


def _is_bare(page: Page, match: Match) -> bool:
    """Return whether a form is a mere preposition: only a list after it says something."""
    elements = match.form.elements
    return (
        len(elements) == _FULL_NAME
        and page.doc[match.start].pos_ == "ADP"
        and (elements[0].text in page.words.companions)
    )


def _is_styled(page: Page, mention: Mention) -> bool:
    """Return whether a name is a style and one more word, as of a role: ``Dr Watson``."""
    first = page.doc[mention.start].text
    return first in page.words.honorifics and mention.length <= _FULL_NAME


def _owns(page: Page, mention: Mention) -> bool:
    return mention.end < len(page.doc) and page.doc[mention.end].tag_ == "POS"


def _has_article(page: Page, mention: Mention) -> bool:
    i = mention.start - 1
    while i > 0 and page.doc[i].pos_ == "ADJ":
        i -= 1
    return i >= 0 and page.doc[i].pos_ == "DET"


def _before_form(page: Page, match: Match) -> Iterator[Token]:
    """Yield the few words before a form that it may hang on, the nearest first."""
    for i in range(match.start - 1, max(-1, match.start - 1 - _LOOK_BACK), -1):
        yield page.doc[i]
        if page.doc[i].is_punct or page.mention_at(i) or page.doc[i + 1].is_sent_start:
            return


def _denial(page: Page, match: Match) -> int | None:
    """Return the word that denies a form: ``not``, ``never``."""
    for token in _before_form(page, match):
        if token.dep_ == "neg" and token.lower_ in page.words.negations:
            return int(token.i)
    return None


def _is_unreal(page: Page, match: Match) -> bool:
    """Return whether a form speaks of what is not, was, or may be: "no", "formerly", "would"."""
    words = page.words
    return any(
        token.lower_ in words.modals | words.bygone
        or (token.lower_ in words.negations and token.dep_ != "neg")
        for token in _before_form(page, match)
    )


def _is_compound(page: Page, match: Match) -> bool:
    """Return whether a form ends in a noun that only modifies the next: ``X's music film``."""
    if match.form.elements[-1].is_slot or match.end >= len(page.doc):
        return False
    return page.doc[match.end - 1].pos_ == "NOUN" and page.doc[match.end].tag_ == "NN"


def _is_alias(page: Page, match: Match) -> bool:
    """Return whether a bracket stands after a name: ``A (B)`` is not the family ``cop (B)``."""
    bracket = match.form.elements[0].text == "("
    return bracket and (match.start == 0 or page.mention_at(match.start - 1) is not None)


def _span(match: Match, mention: Mention) -> tuple[int, int]:
    tokens = [match.start, match.end, mention.start, mention.end]
    if match.subject is not None:
        tokens += [match.subject, match.subject + 1]
    return min(tokens), max(tokens)
