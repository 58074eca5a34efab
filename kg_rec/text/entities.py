"""Entity resolution over a collection: which mentions, in which documents, mean the same thing."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from kg_rec.errors import DataError
from kg_rec.ids import Iri, mint
from kg_rec.text.merging import Match, NameIndex, compare, name_of, short_for
from kg_rec.text.names import canonical_name, clean_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from kg_rec.text.merging import Name

__all__ = ["Encoder", "EntityResolver", "Known", "NameMention", "Resolution"]

PERSON, WORK, PLACE, GROUP, THING = "person", "work", "place", "group", "thing"
"""The sorts of things that names are told apart by; ``""`` where it is not known."""

_SORT = 0.15
_ALIAS = re.compile(
    r"(?:who is |who was |or |now |then |he is |she is )?"
    r"(?:better |also |otherwise |professionally |formerly |best )?"
    r"(?:known|credited|billed|performing|writing) as"
    r"|a\.?k\.?a\.?|alias|born|née|né|formerly|real name|stage name|whose real name (?:is|was)"
)
_name = lru_cache(maxsize=1 << 16)(name_of)


class Encoder(Protocol):
    """Anything with text vectors, such as :class:`kg_rec.embeddings.TokenEncoder`."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit vector for each text."""


class Known(NamedTuple):
    """Something that names may mean.

    Attributes:
        iri: Its IRI.
        labels: Its names.
        sort: ``"person"``, ``"work"``, ``"place"``, ``"group"`` or ``""``.
        text: What is said of it; tells it from others of the same name.
    """

    iri: Iri
    labels: tuple[str, ...]
    sort: str = ""
    text: str = ""


class NameMention(NamedTuple):
    """A name in a document.

    Attributes:
        document: Id of the document.
        text: The name as it stands there.
        sort: What it seems to name, as in :class:`Known`.
        context: The words around it.
        iri: The IRI it gets if it is new; None mints one from the name.
    """

    document: str
    text: str
    sort: str = ""
    context: str = ""
    iri: Iri | None = None


class Resolution(NamedTuple):
    """What a mention means.

    Attributes:
        iri: The entity.
        name: The name it goes by.
        reason: Why: ``"label"``, ``"initials"``, ``"surname in the document"``, ``"new"``, ….
        score: How sure, from 0 to 1.
        is_new: Whether nobody knew it before.
    """

    iri: Iri
    name: str
    reason: str
    score: float
    is_new: bool


class _Candidate(NamedTuple):
    match: Match
    iri: Iri
    name: str
    text: str
    is_new: bool
    sort: str = ""


class EntityResolver:
    """Decides which names mean the same.

    Names are taken from the fullest to the shortest, whatever the order of the documents, so that
    the same collection gives the same IRIs.

    Args:
        known: What names may mean.
        base_iri: Where IRIs of others are minted.
        encoder: Text vectors, to tell apart what bears the same name; without one, common words.
        overrides: Name to IRI, or None for a thing of its own, for those who know better; a name
            with ``@document`` behind it holds in that document only.

    Examples:
        >>> resolver = EntityResolver([], base_iri="https://example.org/")
        >>> names = [("d", "J.J. Abrams"), ("d", "Abrams"), ("e", "JJ Abrams")]
        >>> found = resolver.resolve([NameMention(d, n, "person") for d, n in names])
        >>> [(r.iri.local_name, r.reason) for r in found]  # doctest: +NORMALIZE_WHITESPACE
        [('J._J._Abrams', 'new'), ('J._J._Abrams', 'surname in the document'),
         ('J._J._Abrams', 'spelling')]
    """

    def __init__(
        self,
        known: Iterable[Known],
        *,
        base_iri: str,
        encoder: Encoder | None = None,
        overrides: Mapping[str, Iri | None] | None = None,
    ) -> None:
        self.base_iri = base_iri
        self.encoder = encoder
        self.overrides = dict(overrides or {})
        self._known: NameIndex[tuple[Known, str]] = NameIndex()
        self.learn(known)
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def learn(self, known: Iterable[Known]) -> None:
        """Take up more of what names may mean."""
        for entity in sorted(known):
            for label in entity.labels:
                self._known.add(_name(label), (entity, label))

    def resolve(self, mentions: Sequence[NameMention]) -> list[Resolution]:
        """Return what each mention means.

        Args:
            mentions: All mentions of the collection.
        """
        counts = Counter((m.text, m.sort) for m in mentions)
        order = sorted(
            range(len(mentions)),
            key=lambda k: (
                -len(_name(mentions[k].text).words),
                -counts[mentions[k].text, mentions[k].sort],
                mentions[k].text,
                k,
            ),
        )
        found: dict[int, Resolution] = {}
        minted: NameIndex[NameMention] = NameIndex()
        within: dict[str, list[tuple[NameMention, Resolution]]] = defaultdict(list)
        for k in order:
            mention = mentions[k]
            resolution = self._one(mention, within[mention.document], minted)
            if resolution.reason.startswith("alias") or _named(mention).year:
                minted.add(_named(mention), mention._replace(iri=resolution.iri))
            within[mention.document].append((mention, resolution))
            found[k] = resolution
        return [found[k] for k in range(len(mentions))]

    def _one(
        self,
        mention: NameMention,
        earlier: Sequence[tuple[NameMention, Resolution]],
        minted: NameIndex[NameMention],
    ) -> Resolution:
        for key in (f"{mention.text}@{mention.document}", mention.text):
            if key in self.overrides:
                chosen = self.overrides[key]
                iri = self._mint(mention) if chosen is None else chosen
                return Resolution(iri, mention.text, "override", 1.0, is_new=chosen is None)
        name = _named(mention)
        if not name.words:
            raise DataError(f"document {mention.document!r}: {mention.text!r} is no name")
        single = len(name.words) == 1
        steps: list[Callable[[], Resolution | None]] = [
            lambda: self._labelled(mention, name),
            lambda: self._in_document(mention, name, earlier),
            lambda: None if single else self._like_known(mention, name),
            lambda: self._short_for_known(mention, name),
            lambda: self._like_minted(mention, name, minted),
        ]
        if single and mention.sort in {PERSON, ""}:
            steps[0], steps[1] = steps[1], steps[0]
        for step in steps:
            resolution = step()
            if resolution is not None:
                return resolution
        minted.add(name, mention)
        return Resolution(self._mint(mention), mention.text, "new", 1.0, is_new=True)

    def _mint(self, mention: NameMention) -> Iri:
        if mention.iri is not None:
            return mention.iri
        kind = (mention.sort or "entity").capitalize()
        person = mention.sort == PERSON
        written = canonical_name(mention.text) if person else clean_name(_named(mention).text)
        return mint(self.base_iri, kind, written)

    def _labelled(self, mention: NameMention, name: Name) -> Resolution | None:
        """Return the known thing of exactly this name."""
        same = [
            _Candidate(Match("label", 1.0), e.iri, label, e.text, False, e.sort)
            for _, (e, label) in self._known.exact(name)
        ]
        return self._best(mention, same)

    def _in_document(
        self,
        mention: NameMention,
        name: Name,
        earlier: Sequence[tuple[NameMention, Resolution]],
    ) -> Resolution | None:
        """Return what a name of the same document means that this one is, or is short for."""
        found = []
        for other, resolution in earlier:
            if not _fits(mention.sort, other.sort):
                continue
            person = _people(mention.sort, other.sort)
            full = _named(other)
            match = compare(name, full, person=person)
            if match is None and (short := short_for(name, full, person=person)):
                match = Match(f"{short.reason} in the document", short.score)
            if match is None and _is_alias(mention.text, other.text, mention.context):
                match = Match("alias in the document", 0.9)
            if match:
                found.append(
                    _Candidate(match, resolution.iri, resolution.name, "", resolution.is_new)
                )
        top = max((c.match.score for c in found), default=0.0)
        best = [c for c in found if c.match.score == top]
        if len({c.iri for c in best}) != 1:
            return None
        return Resolution(best[0].iri, best[0].name, best[0].match.reason, top, best[0].is_new)

    def _like_known(self, mention: NameMention, name: Name) -> Resolution | None:
        """Return the known thing whose name is most like this one."""
        return self._best(mention, self._candidates(mention, name, compare))

    def _short_for_known(self, mention: NameMention, name: Name) -> Resolution | None:
        """Return the only known thing that a name may be short for, or an acronym of."""
        found = [
            *self._candidates(mention, name, compare),
            *self._candidates(mention, name, short_for),
        ]
        return self._best(mention, found)

    def _candidates(
        self, mention: NameMention, name: Name, relation: Callable[..., Match | None]
    ) -> list[_Candidate]:
        found = []
        for other, (entity, label) in self._known.near(name):
            if _fits(mention.sort, entity.sort):
                person = _people(mention.sort, entity.sort)
                match = relation(name, other, person=person)
                if match:
                    found.append(_Candidate(match, entity.iri, label, entity.text, is_new=False))
        return found

    def _like_minted(
        self,
        mention: NameMention,
        name: Name,
        minted: NameIndex[NameMention],
    ) -> Resolution | None:
        """Return the new thing of another document that has this name, or nearly."""
        found, others = [], set()
        for other, new in minted.near(name):
            if name.year and other.year and name.year != other.year:
                others.add(self._mint(new))
            person = _people(mention.sort, new.sort)
            if not _fits(mention.sort, new.sort):
                continue
            match = compare(name, other, person=person)
            if match:
                found.append(_Candidate(match, self._mint(new), new.text, "", is_new=True))
        return self._best(mention, [c for c in found if c.iri not in others])

    def _best(self, mention: NameMention, found: Sequence[_Candidate]) -> Resolution | None:
        """Return the candidate with the best match; of several, the one that the context fits."""
        top = max((c.match.score for c in found), default=0.0)
        best = {c.iri: c for c in found if c.match.score == top}
        if not best:
            return None
        chosen = next(iter(best.values()))
        match = chosen.match
        if len(best) > 1:
            by_context = self._fitting(mention, list(best.values()))
            if by_context is None:
                return None
            chosen, match = by_context, Match(f"{match.reason}, by context", match.score * 0.9)
        return Resolution(chosen.iri, chosen.name, match.reason, match.score, chosen.is_new)

    def _fitting(self, mention: NameMention, candidates: Sequence[_Candidate]) -> _Candidate | None:
        """Return the candidate whose text and sort fit best; None if nothing tells them apart."""
        scores = [
            self._closeness(mention.context, c.text) + _SORT * (mention.sort == c.sort != "")
            for c in candidates
        ]
        best = int(np.argmax(scores))
        return candidates[best] if scores[best] > 0 and scores.count(scores[best]) == 1 else None

    def _closeness(self, context: str, text: str) -> float:
        if not context or not text:
            return 0.0
        a, b = _words(context), _words(text)
        common = len(a & b) / max(1, min(len(a), len(b)))
        if self.encoder is None:
            return common
        for words in (context, text):
            if words not in self._vectors:
                self._vectors[words] = self.encoder.encode([words])[0]
        return common + float(self._vectors[context] @ self._vectors[text])


def _fits(one: str, other: str) -> bool:
    """Return whether two sorts may be one: pipelines mix up people and groups."""
    return not one or not other or one == other or {one, other} == {PERSON, GROUP}


def _named(mention: NameMention) -> Name:
    """Return the name of a mention, with the year that follows it in its context."""
    if mention.sort == PERSON or "(" not in mention.context:
        return _name(mention.text)
    year = re.search(rf"{re.escape(mention.text)} \((\d{{4}})\)", mention.context)
    return _name(f"{mention.text} ({year[1]})" if year else mention.text)


def _is_alias(one: str, other: str, text: str) -> bool:
    """Return whether a text says that two names are of one: "A, better known as B"."""
    between = re.findall(
        rf"(?:{re.escape(one)}|{re.escape(other)})(.{{1,40}}?)(?:{re.escape(other)}|{re.escape(one)})",
        text,
    )
    return any(_ALIAS.fullmatch(words.strip(" ,(")) for words in between)


def _people(one: str, other: str) -> bool | None:
    """Return whether two names are of people: True, False, or None where it is open."""
    sorts = {one, other}
    if sorts == {PERSON}:
        return True
    return None if sorts <= {PERSON, GROUP, ""} and sorts != {GROUP} else False


def _words(text: str) -> frozenset[str]:
    return frozenset(w for w in re.findall(r"\w+", text.casefold()) if len(w) > 3)  # noqa: PLR2004
