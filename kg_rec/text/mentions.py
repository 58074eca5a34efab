"""Mentions: the names in a text, and the lists they stand in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg_rec.text.gazetteer import trained
from kg_rec.text.names import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from spacy.tokens import Doc, Span, Token

    from kg_rec.ids import Iri
    from kg_rec.text.gazetteer import Hit
    from kg_rec.text.words import Words

__all__ = ["Group", "Mention", "find_mentions", "groups"]

_DESCRIPTORS = {"DET", "ADJ", "NOUN", "NUM", "PART", "ADV"}
_CLOSED = {"DET", "ADP", "SCONJ", "CCONJ", "PRON", "ADV", "PART", "INTJ"}
_ROLE_LENGTH = 14
_LONGEST_NAME = 7
_SHORT_NAME = 2
_MOST_DESCRIPTORS = 4


@dataclass(slots=True)
class Mention:
    """A name at tokens ``start`` to ``end``.

    Attributes:
        start: First token.
        end: Token after the last.
        name: The name as it is shown.
        label: spaCy entity type, or ``""``.
        entities: IRIs of the known entities that are called so.
        role: True if it is what someone appears *as*, not who appears.
    """

    start: int
    end: int
    name: str
    label: str = ""
    entities: tuple[Iri, ...] = ()
    role: bool = False

    @property
    def length(self) -> int:
        """Number of words of the name."""
        return len(self.name.split())


@dataclass(slots=True)
class Group:
    """Mentions joined by commas and conjunctions: ``A as the king, B and C``."""

    members: list[Mention] = field(default_factory=list)

    @property
    def start(self) -> int:
        """First token."""
        return self.members[0].start

    @property
    def end(self) -> int:
        """Token after the last."""
        return self.members[-1].end


def find_mentions(
    doc: Doc,
    hits: Sequence[Hit],
    words: Words,
    *,
    title: str = "",
    roles: frozenset[str] = frozenset(),
) -> list[Mention]:
    """Return the names in a text: known ones, and runs of capitalised words, in order.

    Args:
        doc: The text.
        hits: Known names in it.
        words: The word lists of the language.
        title: The label of what the text is about; of several words, it is a name too.
        roles: Nouns that stand before names and are no part of them, as in "Director Jane Doe".
    """
    known = [
        Mention(
            hit.start,
            hit.end,
            clean_name(doc[hit.start : hit.end].text),
            entities=tuple(entity.iri for entity in hit.entities),
        )
        for hit in hits
    ]
    taken = {i for mention in known for i in range(mention.start, mention.end)}
    for span in _title_spans(doc, title):
        if taken.isdisjoint(range(span.start, span.end)):
            known.append(Mention(span.start, span.end, title, "WORK_OF_ART"))
            taken.update(range(span.start, span.end))
    found = [*known, *_runs(doc, taken, words, roles)] if trained(doc) else known
    found.sort(key=lambda mention: mention.start)
    for mention in found:
        mention.role = _is_role(doc, mention, words)
    return found


def groups(doc: Doc, mentions: Sequence[Mention], words: Words) -> list[Group]:
    """Return the lists that the mentions stand in; a lone mention is a list of one.

    What someone appears as is passed over: ``A as B, C`` is the list A, C.
    """
    found: list[Group] = []
    for mention in mentions:
        if mention.role:
            continue
        last = found[-1] if found else None
        if last and _joins(doc, last, mention, words):
            last.members.append(mention)
        else:
            found.append(Group([mention]))
    return found


def _title_spans(doc: Doc, title: str) -> Iterator[Span]:
    if len(title.split()) < _SHORT_NAME:
        return
    start = doc.text.find(title)
    while start >= 0:
        span = doc.char_span(start, start + len(title))
        if span is not None and not _continues_name(span):
            yield span
        start = doc.text.find(title, start + len(title))


def _continues_name(span: Span) -> bool:
    """Return whether a title is the tail of a longer name: "Evil Dead" in "The Evil Dead"."""
    if span[0].is_sent_start or span.start == 0:
        return False
    before = span.doc[span.start - 1]
    return before.text[:1].isupper() and before.is_alpha


def _runs(doc: Doc, taken: set[int], words: Words, roles: frozenset[str]) -> Iterator[Mention]:
    done = 0
    for i in [t.i for t in doc if t.text[0].isupper() or t.text in words.suffixes]:
        end = _run_end(doc, i, taken, words) if i >= done else i
        if end == i:
            continue
        start, stop = _trim(doc, i, end, words, roles)
        if start < stop and (name := clean_name(doc[start:stop].text)):
            yield Mention(start, stop, name, _label(doc[start:stop]))
        done = end


def _run_end(doc: Doc, start: int, taken: set[int], words: Words) -> int:
    """Return the token after the run of capitalised words that starts here."""
    end = i = start
    while i < len(doc) and i not in taken and i - start < _LONGEST_NAME:
        if i > start and doc[i].is_sent_start and not _is_initial(doc[i - 1]):
            break
        if i > start and doc[i - 1].text[-1] == "." and _begins_anew(doc, start, i):
            break
        if i > start + 1 and doc[i - 1].text in words.suffixes and doc[i - 1].text[-1] == ".":
            break  # "… and Robert Downey Jr. David Fincher directed"
        if _is_name_word(doc[i], words):
            end = i = i + 1
        elif i > start and (_is_hyphen(doc, i) or _is_particle(doc, i, words) or _is_title(doc, i)):
            i += 1
        else:
            break
    while start < end < len(doc) - 1 and _is_hyphen(doc, end):
        end += 2  # the lower-case half of "Chan-wook"
    return end


def _begins_anew(doc: Doc, start: int, i: int) -> bool:
    """Return whether a sentence begins after a dot: after ``Jr.`` or ``Edward I.``."""
    numbered = doc[i - 1].text == "." or doc[i - 1].text in {"I.", "V."}
    return doc[i].pos_ in _CLOSED or (numbered and i - 1 > start)


def _is_title(doc: Doc, i: int) -> bool:
    """Return whether a token is inside the title of a work: ``of`` in "Heart of Darkness"."""
    capital = i + 1 < len(doc) and doc[i + 1].text[:1].isupper()
    inside = doc[i].ent_type_ == "WORK_OF_ART" and doc[i].ent_iob_ == "I"
    return inside or (capital and doc[i].lower_ == "of" and doc[i - 1].ent_type_ == "WORK_OF_ART")


def _is_particle(doc: Doc, i: int, words: Words) -> bool:
    """Return whether a lower-case word is inside a name: ``von``, or ``the`` in a byname."""
    token = doc[i]
    if token.text in words.particles:
        return True
    first = i == 1 or not doc[i - 2].text[:1].isupper()
    return token.text in words.definites and first and doc[i - 1].ent_type_ in {"PERSON", ""}


def _is_name_word(token: Token, words: Words) -> bool:
    text = token.text
    return (
        text[0].isupper() and (token.is_alpha or any(c.isalpha() for c in text)) and text != "I"
    ) or (text in words.suffixes and token.i > 0)


def _is_initial(token: Token) -> bool:
    return token.text.endswith(".") and token.text[0].isupper() and token.text != "I."


def _is_hyphen(doc: Doc, i: int) -> bool:
    """Return whether token ``i`` is a hyphen inside a word."""
    if doc[i].text not in {"-", "‑", "–"} or i == 0 or i + 1 >= len(doc):
        return False
    return not doc[i - 1].whitespace_ and not doc[i].whitespace_ and doc[i + 1].is_alpha


def _trim(doc: Doc, start: int, end: int, words: Words, roles: frozenset[str]) -> tuple[int, int]:
    while start < end and (doc[start].lower_ in roles or _is_ordinary(doc[start], end, words)):
        start += 1
    while start < end and doc[end - 1].text in {"-", "–"}:
        end -= 1
    return start, end


def _is_ordinary(token: Token, run_end: int, words: Words) -> bool:
    """Return whether a capitalised word is no part of the name after it."""
    if token.text in words.honorifics:
        return False
    begins = _begins_sentence(token)
    if begins and token.lower_ in words.professions and run_end - token.i > 1:
        return True
    if token.ent_type_ == "PERSON" and (not begins or token.pos_ == "PROPN"):
        return token.lower_ in words.articles
    return _is_common(token, run_end, words, begins=begins)


def _begins_sentence(token: Token) -> bool:
    """Return whether a capital may be due to the place: first, or after a colon or a dot."""
    if token.i == 0 or token.is_sent_start:
        return True
    before = token.nbor(-1).text
    return before in {":", ";"} or (before.endswith(".") and token.pos_ in _CLOSED)


def _is_common(token: Token, run_end: int, words: Words, *, begins: bool) -> bool:
    if token.ent_type_ in {"NORP", "DATE", "ORDINAL", "CARDINAL"} and token.pos_ == "ADJ":
        return True
    if begins:
        short = run_end - token.i <= _SHORT_NAME
        if token.tag_ == "NNPS" and not short:
            return True
        return token.pos_ in _CLOSED or (token.pos_ != "PROPN" and not short)
    return token.lower_ in words.articles


def _label(span: Span) -> str:
    counts: dict[str, int] = {}
    for token in span:
        if token.ent_type_:
            counts[token.ent_type_] = counts.get(token.ent_type_, 0) + 1
    if "PERSON" in counts:
        return "PERSON"
    return max(counts, key=lambda label: counts[label]) if counts else ""


def _is_role(doc: Doc, mention: Mention, words: Words) -> bool:
    i = mention.start - 1
    while i >= 0 and doc[i].pos_ in _DESCRIPTORS and mention.start - i <= _MOST_DESCRIPTORS:
        i -= 1
    return i > 0 and doc[i].lower_ in words.roles


def _joins(doc: Doc, group: Group, mention: Mention, words: Words) -> bool:
    """Return whether the words between a list and a mention only join them."""
    whole = list(doc[group.end : mention.start])
    if not whole or any(t.is_sent_start for t in whole) or doc[mention.start].is_sent_start:
        return False
    gap = _without_role(whole, words)
    long = len(whole) > len(gap) or whole[0].text == ","
    if long and _is_object(doc, group) and _is_actor(doc, mention.end):
        return False
    if _is_modifier(doc, mention):
        return False
    if gap and gap[0].text == ",":
        gap = gap[1:]
        joined = True
    else:
        joined = False
    if gap and gap[0].lower_ in words.conjunctions:
        gap = gap[1:]
        joined = True
    if len(gap) > 1 and gap[0].text == "," and _without_role(gap, words) != gap:
        gap = _without_role(gap, words)
        gap = gap[1:] if gap and gap[0].text == "," else gap
    if joined and gap and gap[0].text == ",":
        gap = _after_inserted(gap)
    return joined and _describes(gap, words)


def _is_object(doc: Doc, group: Group) -> bool:
    return group.start > 0 and doc[group.start - 1].pos_ in {"ADP", "NOUN", "DET", "ADJ"}


def _is_actor(doc: Doc, i: int) -> bool:
    """Return whether a finite verb follows: the name before it begins a clause."""
    while i < len(doc) and doc[i].pos_ == "ADV":
        i += 1
    return i < len(doc) and doc[i].tag_ in {"VBD", "VBZ", "VBP", "MD"}


def _is_modifier(doc: Doc, mention: Mention) -> bool:
    """Return whether a name stands before a noun that it modifies: ``this New York comedy``."""
    if mention.label not in {"GPE", "LOC", "NORP", "DATE"} or mention.end >= len(doc):
        return False
    return doc[mention.end].pos_ in {"NOUN", "ADJ"}


def _without_role(gap: list[Token], words: Words) -> list[Token]:
    """Drop ``as …``, ``(…)`` and ``, who …,`` from the words after a mention."""
    if gap[0].text == "(":
        close = next((k for k, t in enumerate(gap) if t.text == ")"), None)
        return gap[close + 1 :] if close is not None else gap
    inner = gap[1].lower_ if len(gap) > 1 and gap[0].text == "," else ""
    if inner in words.personal | words.owning:
        gap = _after(gap[2:], frozenset({","}))
        again = len(gap) > 1 and gap[1].lower_ in words.roles
        return _without_role(gap[1:], words) if again else gap
    if inner in words.roles:
        return _after(gap[2:], frozenset({","}))
    if gap[0].lower_ in words.roles:
        return _after(gap[1:], words.conjunctions | {","})
    return gap


def _after_inserted(gap: list[Token]) -> list[Token]:
    """Drop ``, in a small part,`` before a mention."""
    close = next((k for k, t in enumerate(gap) if k and t.text == ","), None)
    verbal = any(t.pos_ in {"VERB", "AUX"} for t in gap)
    return gap if close is None or verbal else gap[close + 1 :]


def _after(gap: list[Token], stops: frozenset[str]) -> list[Token]:
    """Return the tail from the last stop on, if what precedes it is short."""
    places = [k for k, t in enumerate(gap[:_ROLE_LENGTH]) if t.lower_ in stops]
    if not places:
        return []
    k = places[-1]
    return gap[k - 1 :] if k and gap[k - 1].text == "," else gap[k:]


def _describes(gap: Sequence[Token], words: Words) -> bool:
    if len(gap) > _MOST_DESCRIPTORS:
        return False
    kin = len(gap) > 1 and gap[0].tag_ == "PRP$"
    return all(
        (t.pos_ in _DESCRIPTORS and t.lower_ not in words.no_descriptors) or (kin and t is gap[0])
        for t in gap
    )
