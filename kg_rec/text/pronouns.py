"""Who "he", "she" and "who" are: the nearest person that fits, or nobody.

Rules, not guesses. The antecedent is the one person named before the pronoun in its sentence, else
the one in the sentence before, else the subject of that sentence. Two people that fit, or someone
who is described but not named, leave it open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from kg_rec.text.names import name_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from spacy.tokens import Token

    from kg_rec.text.mentions import Mention
    from kg_rec.text.page import Page

__all__ = ["people_meant"]

_SUBJECTS = {"nsubj", "nsubjpass"}


class _Table(NamedTuple):
    """Words of a language.

    Attributes:
        pronouns: Pronoun to its gender: ``"m"``, ``"f"``.
        relatives: Relative pronouns for people.
        gendered: Title or noun before a name, to the gender of the person.
        people: Nouns for people; one that is not named may be who is meant.
    """

    pronouns: Mapping[str, str]
    relatives: frozenset[str]
    gendered: Mapping[str, str]
    people: frozenset[str]

    @property
    def said(self) -> frozenset[str]:
        """All the pronouns."""
        return self.relatives.union(self.pronouns)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _genders(masculine: str, feminine: str) -> dict[str, str]:
    return dict.fromkeys(masculine.split(), "m") | dict.fromkeys(feminine.split(), "f")


_TABLES = {
    "en": _Table(
        pronouns=_genders("he him his himself", "she her hers herself"),
        relatives=frozenset({"who", "whom"}),
        gendered=_genders(
            "mr mr. sir lord king prince father son brother husband uncle nephew businessman"
            " cameraman frontman",
            "mrs mrs. ms ms. miss lady queen princess mother daughter sister wife aunt niece"
            " actress heroine comedienne ballerina",
        ),
        people=_set(
            "man woman boy girl guy lady gentleman father mother son daughter brother sister"
            " husband wife uncle aunt cousin friend lover detective cop policeman officer soldier"
            " lawyer doctor teacher student king queen prince princess priest thief killer spy"
            " agent hero heroine boss colleague neighbour neighbor partner child kid teenager"
            " reporter journalist scientist hitman assassin sheriff gangster boxer captain nurse"
            " professor wizard widow orphan stranger"
        ),
    )
}


def people_meant(page: Page, language: str, is_person: Callable[[Mention], bool]) -> None:
    """Fill ``page.pronouns``: the tokens of personal pronouns, each with who is meant.

    Args:
        page: A page read by a trained pipeline; nothing is resolved on others.
        language: ISO 639-1 code of its language.
        is_person: Whether a mention names a person.
    """
    table = _TABLES.get(language)
    if table is None or not page.trained:
        return
    if page.vocabulary.isdisjoint(table.said):
        return
    found = [page.doc[i] for i, lower in enumerate(page.lowers) if lower in table.said]
    reader = _Reader(page, table, [m for m in page.mentions if not m.role and is_person(m)])
    for token in found:
        relative = token.lower_ in table.relatives
        meant = reader.described(token) if relative else reader.antecedent(token)
        if meant is not None:
            page.pronouns[token.i] = meant


class _Candidate(NamedTuple):
    """A person, and the tokens that stand for the person: a name or a pronoun."""

    tokens: range
    person: Mention


class _Reader:
    def __init__(self, page: Page, table: _Table, people: Sequence[Mention]) -> None:
        self.page = page
        self.table = table
        self.people = people
        self.genders: dict[str, str] = {}
        for person in people:
            before = page.doc[person.start - 1].lower_ if person.start else ""
            first = page.doc[person.start].lower_
            gender = table.gendered.get(before) or table.gendered.get(first)
            if gender:
                self.genders[self.key(person)] = gender

    def key(self, person: Mention) -> str:
        """Return what two mentions of one person share: the last name, or the entity."""
        return person.entities[0] if person.entities else name_key(person.name).split(" ")[-1]

    def described(self, token: Token) -> Mention | None:
        """Return the person whom a relative clause describes."""
        i = token.i - 1
        if i >= 0 and self.page.doc[i].text == ",":
            i -= 1
        mention = self.page.mention_at(i) if i >= 0 else None
        return mention if mention in self.people else None

    def antecedent(self, token: Token) -> Mention | None:
        """Return the only person that a pronoun can stand for."""
        gender = self.table.pronouns[token.lower_]
        start = token.sent.start
        if self._is_open(start, token.i):
            return None
        near = self._fitting(start, token.i, gender)
        if not near and start:
            before = self.page.doc[start - 1].sent.start
            if self._is_open(before, start):
                return None
            near = self._fitting(before, start, gender)
            if len(self._keys(near)) > 1:
                near = [c for c in near if self._is_subject(c.tokens)]
        if len(self._keys(near)) != 1:
            return None
        person = max((c.person for c in near), key=lambda m: m.length)
        self.genders[self.key(person)] = gender
        return person

    def _keys(self, found: Iterable[_Candidate]) -> set[str]:
        return {self.key(candidate.person) for candidate in found}

    def _fitting(self, start: int, end: int, gender: str) -> list[_Candidate]:
        """Return the people named in a stretch, or meant by a pronoun there, of a gender."""
        named = [m for m in self.people if start <= m.start < end]
        sure = [m for m in named if m.entities or m.label == "PERSON"]
        found = [_Candidate(range(m.start, m.end), m) for m in sure or named]
        found += [
            _Candidate(range(i, i + 1), m)
            for i, m in self.page.pronouns.items()
            if start <= i < end
        ]
        known = [c for c in found if self.genders.get(self.key(c.person)) == gender]
        return known or [c for c in found if self.key(c.person) not in self.genders]

    def _is_open(self, start: int, end: int) -> bool:
        """Return whether someone is described there without a name: "a lonely detective"."""
        for token in self.page.doc[start:end]:
            if token.pos_ != "NOUN" or token.lemma_.lower() not in self.table.people:
                continue
            after = self.page.mention_at(token.i + 1)
            copula = token.dep_ in {"attr", "appos"}
            if after not in self.people and not copula:
                return True
        return False

    def _is_subject(self, tokens: range) -> bool:
        found = (self.page.doc[i] for i in tokens)
        return any(t.dep_ in _SUBJECTS and t.head.dep_ == "ROOT" for t in found)
