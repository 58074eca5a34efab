"""Mentions resolved to IRIs: known entities, short names of the document, or minted ones."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ids import mint
from kg_rec.ontology import CONCEPT, PERSON
from kg_rec.text.names import canonical_name, clean_name, name_key

if TYPE_CHECKING:
    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology
    from kg_rec.text.gazetteer import Gazetteer
    from kg_rec.text.mentions import Mention
    from kg_rec.text.page import Page

__all__ = ["Resolved", "Resolver", "full_name"]


_PEOPLE = {"PERSON", "ORG", ""}  # small pipelines take many a person for a company


class Resolved(NamedTuple):
    """What a mention stands for; ``minted`` if nobody knew it before."""

    iri: Iri
    kind: Iri
    name: str
    minted: bool


class Resolver:
    """Resolves the mentions of one document; it remembers the people named in full.

    Args:
        ontology: The domain.
        gazetteer: What is known.
        base_iri: Where new IRIs are minted.
    """

    def __init__(self, ontology: Ontology, gazetteer: Gazetteer, base_iri: str) -> None:
        self.ontology = ontology
        self.gazetteer = gazetteer
        self.base_iri = base_iri
        self._by_last: dict[str, dict[str, None]] = {}
        self._by_first: dict[str, dict[str, None]] = {}

    def remember(self, page: Page) -> None:
        """Take note of the full names on a page, for the short ones that follow."""
        for mention in page.mentions:
            words = name_key(mention.name).split()
            person = mention.label in _PEOPLE or self._is_known_person(mention)
            if person and not mention.role and mention.length > 1 and len(words) > 1:
                self._by_last.setdefault(words[-1], {})[mention.name] = None
                self._by_first.setdefault(words[0], {})[mention.name] = None

    @property
    def surnames(self) -> frozenset[str]:
        """Last words of the full names so far, case folded."""
        return frozenset(self._by_last)

    def resolve(self, page: Page, mention: Mention, kind: Iri) -> Resolved | None:
        """Return what a mention of a class stands for; None if that is open."""
        if mention.entities:
            return self._known(page, mention, kind)
        if kind == PERSON:
            return self._person(full_name(page, mention))
        return self.mint(kind, mention.name)

    def mint(self, kind: Iri, name: str) -> Resolved:
        """Return a new entity of a class."""
        return _minted(self.base_iri, kind, name)

    def concept(self, label: str) -> Resolved:
        """Return the concept of a label, known or new."""
        known = self.gazetteer.concept(label)
        if known is not None:
            return Resolved(known, CONCEPT, label, minted=False)
        return self.mint(CONCEPT, label)

    def _person(self, name: str) -> Resolved | None:
        known = self.gazetteer.person(name)
        if known is None and len(name.split()) == 1:
            fuller = self._fuller(name)
            if len({name_key(full) for full in fuller}) > 1:
                return None
            known = None if fuller else self.gazetteer.surname(name)
            name = fuller[0] if fuller else name
            known = known or self.gazetteer.person(name)
        if known is not None:
            return Resolved(known, PERSON, name, minted=False)
        return self.mint(PERSON, name) if canonical_name(name) else None

    def _fuller(self, name: str) -> list[str]:
        """Return the full names so far that a single name may be short for."""
        words = name_key(name).split()
        if not words:
            return []
        none: dict[str, None] = {}
        return list(self._by_last.get(words[-1]) or self._by_first.get(words[0], none))

    def _known(self, page: Page, mention: Mention, kind: Iri) -> Resolved | None:
        fit = [
            iri for iri in mention.entities if self.gazetteer.is_a(self.gazetteer.by_iri[iri], kind)
        ]
        if page.document.item in fit:
            fit = [iri for iri in fit if iri == page.document.item]
        return Resolved(fit[0], kind, mention.name, minted=False) if len(fit) == 1 else None

    def is_person(self, mention: Mention) -> bool:
        """Return whether a mention may name a person: small pipelines call many a one an ORG."""
        if mention.entities:
            return self._is_known_person(mention)
        return mention.label == "PERSON" or (mention.label in _PEOPLE and mention.length > 1)

    def _is_known_person(self, mention: Mention) -> bool:
        return any(self.gazetteer.is_a(self.gazetteer.by_iri[e], PERSON) for e in mention.entities)


@lru_cache(maxsize=1 << 14)  # the same names come again and again, in many texts
def _minted(base_iri: str, kind: Iri, name: str) -> Resolved:
    written = canonical_name(name) if kind == PERSON else clean_name(name)
    return Resolved(mint(base_iri, kind.local_name, written), kind, clean_name(name), minted=True)


def full_name(page: Page, mention: Mention) -> str:
    """Return a name with the family name that it shares: ``Lana and Lilly Wachowski``."""
    group = page.group_at(mention.start)
    if group is None or mention.length > 1 or page.is_short_for(mention):
        return mention.name
    k = group.members.index(mention)
    after = group.members[k + 1] if k + 1 < len(group.members) else None
    between = page.doc[mention.end : after.start].text if after else ""
    if mention.start and page.doc[mention.start - 1].tag_ == "NN":
        return mention.name
    if after is None or after.length != 2 or between not in {"and", "&"}:  # noqa: PLR2004
        return mention.name
    return f"{mention.name} {after.name.split()[-1]}"
