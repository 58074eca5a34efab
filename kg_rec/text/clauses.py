"""Grammar of clauses: what may stand between words, who the subject is, what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacy.tokens import Span, Token

    from kg_rec.text.matching import Match
    from kg_rec.text.mentions import Group, Mention
    from kg_rec.text.page import Page

__all__ = [
    "acting",
    "bridges",
    "clause_subjects",
    "describes",
    "gapped",
    "is_active",
    "is_linked",
    "may_be_subject",
    "meant_by_pronoun",
    "possessors",
    "sentence_end",
    "subjects",
]

_LIGHT = {"ADV", "AUX", "PART", "DET", "ADJ", "NUM"}
_NOMINAL = {"NOUN", "PROPN", "DET", "ADJ", "NUM", "ADV"}
_VERBAL = {"VERB", "AUX"}
_FINITE = {"VBD", "VBZ", "VBP", "MD"}
_FARTHEST = 14
_GAP = 7


def is_linked(page: Page, last: int, i: int) -> bool:
    """Return whether a preposition hangs on the word before it in the form."""
    token = page.doc[i]
    inner = page.doc[last + 1 : i]
    return token.head.i == last and token.pos_ == "ADP" and all(t.pos_ != "ADP" for t in inner)


def acting(page: Page, end: int) -> list[Mention]:
    """Return who, earlier in the sentence, is the subject of a main clause."""
    start = page.doc[end].sent.start if page.trained else end
    found = []
    for i in range(start, end):
        group = page.group_at(i)
        if group is None or group.start != i:
            continue
        opens = i == start or _opens(page, i)
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
    for i in range(match.rest, sentence_end(page, match.rest - 1)):
        mention = page.mention_at(i)
        if page.doc[i].text == ";":
            break
        if mention is None or mention.start != i or mention.end >= len(page.doc):
            continue
        after = page.doc[mention.end]
        role = after.lower_ in page.words.roles
        begins = (after.pos_ in {"DET", "ADP"} and not role) or after.tag_ == "PRP$"
        if begins and _opens(page, i) and mention.start > match.rest:
            found += [
                m for m in _list_of(page, mention) if m.start > match.rest and m.end <= mention.end
            ]
    return found


class Opening(NamedTuple):
    """A list that begins a clause of tokens' sentence ``start`` to ``end``, with its verb."""

    group: Group
    verb: int
    start: int
    end: int

    def sentence_of(self, mention: Mention) -> bool:
        """Return whether a mention stands in the same sentence, outside the list."""
        inside = self.start <= mention.start < self.end
        return inside and mention not in self.group.members


def meant_by_pronoun(page: Page, verb: Token) -> Mention | None:
    """Return who "he", "she" or "who" before a verb is, if that is clear."""
    own = [c for c in verb.children if c.dep_ == "nsubj" and c.i < verb.i]
    if not own and verb.dep_ == "conj":
        own = [c for c in verb.head.children if c.dep_ == "nsubj" and c.i < verb.head.i]
    return page.pronouns.get(own[0].i) if own else None


def clause_subjects(page: Page) -> Iterator[Opening]:
    """Yield the lists that begin a clause: a finite verb follows, a pause precedes."""
    if not page.trained:
        return
    for group in page.groups:
        start = page.doc[group.start].sent.start
        verb, end = group.end, sentence_end(page, group.start)
        while verb < end and page.doc[verb].pos_ == "ADV":
            verb += 1
        opens = group.start == start or _opens(page, group.start)
        if opens and verb < end and page.doc[verb].tag_ in _FINITE:
            yield Opening(group, verb, start, end)


def _opens(page: Page, i: int) -> bool:
    """Return whether a clause may begin at a token: after a pause or a conjunction."""
    before = page.doc[i - 1]
    return before.text in {",", ";"} or before.lower_ in page.words.conjunctions


def _list_of(page: Page, mention: Mention) -> list[Mention]:
    group = page.group_at(mention.start)
    return group.members if group and group.start > 0 else [mention]


def sentence_end(page: Page, i: int) -> int:
    """Return the token after the sentence of a token."""
    return page.sentence_end(i)


def describes(token: Token) -> bool:
    """Return whether a word may stand between a preposition and a name."""
    return token.pos_ in _NOMINAL or token.text in {"-", "“", '"'} or token.tag_ == "PRP$"


def bridges(page: Page, start: int, end: int, *, noun: bool, verb: bool = False) -> bool:
    """Return whether the words between two places of a form may be passed over."""
    gap = page.doc[start:end]
    if not len(gap):
        return True
    if not page.trained or len(gap) > _GAP + (3 if verb else 0):
        return False
    joined = _joins_verbs(page, gap, verb=verb)
    passable = _fine_words(page, gap) if verb else frozenset()
    return all(
        token.pos_ in _LIGHT
        or (noun and (token.pos_ in _NOMINAL or _is_attribute(token)))
        or (joined and _is_of_verbs(page, token))
        or token.i in passable
        for token in gap
    )


def _joins_verbs(page: Page, gap: Span, *, verb: bool) -> bool:
    """Return whether a gap holds verbs that share a place: ``wrote, produced and``."""
    joined = any(t.lower_ in page.words.conjunctions for t in gap)
    if not verb:
        return joined and page.doc[gap.start - 1].pos_ == "VERB"
    listed = any(t.text == "," and t.i > gap.start and t.nbor(-1).pos_ == "VERB" for t in gap)
    return joined or listed


def _is_of_verbs(page: Page, token: Token) -> bool:
    if token.pos_ in _VERBAL or token.lower_ in page.words.conjunctions or token.text == ",":
        return True
    return "-" in {t.text for t in page.doc[max(0, token.i - 1) : token.i + 2]}


def _fine_words(page: Page, gap: Span) -> frozenset[int]:
    """Return the tokens between a subject and its verb that may be passed over."""
    words = page.words
    if _is_inserted(gap):
        return frozenset(t.i for t in gap)
    fine = {t.i for t in gap if t.lower_ in words.reflexives | words.personal}
    if gap[0].text == "," and len(gap) > 1 and gap[1].lower_ in words.personal:
        fine.add(gap[0].i)
    return frozenset(fine)


def _is_attribute(token: Token) -> bool:
    """Return whether a participle stands before a noun: "her first *leading* role"."""
    return token.tag_ in {"VBG", "VBN"} and token.dep_ in {"amod", "compound"}


def _is_inserted(gap: Span) -> bool:
    """Return whether a gap is an apposition: ``, known for comedies,``."""
    if len(gap) < 3 or gap[0].text != "," or gap[-1].text != ",":  # noqa: PLR2004
        return False
    return all(t.tag_ not in _FINITE for t in gap)


def may_be_subject(page: Page, group: Group) -> bool:
    """Return whether a list is governed by no preposition."""
    before = (
        page.doc[group.start - 1]
        if group.start and not page.doc[group.start].is_sent_start
        else None
    )
    if before is None or before.pos_ != "ADP":
        return True
    after = page.doc[group.end : group.end + 2]
    return any(t.lower_ in page.words.relatives for t in after)


def possessors(page: Page, group: Group, i: int) -> list[Mention]:
    """Return who owns what follows a possessive: the last of a list, or both of a pair."""
    members = [m for m in group.members if m.end <= i]
    if not members:
        return []
    pair = members[-2:]
    between = page.doc[pair[0].end : pair[-1].start].text.lower()
    joined = len(pair) == len(members) and between in page.words.conjunctions
    return members if joined else members[-1:]


def is_active(token: Token) -> bool:
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
        if own[0].lower_ not in page.words.personal and page.group_at(token.head.i) is not None:
            return []
        own = [token.head]
    return [own[0].i, *(c.i for c in own[0].conjuncts)]
