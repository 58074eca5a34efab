"""Where a text says that something is liked or disliked, and how far that reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from spacy.tokens import Token

    from kg_rec.text.cues import Cue, CueTable
    from kg_rec.text.mentions import Mention
    from kg_rec.text.page import Page

__all__ = ["Signal", "SignalReader", "clauses", "is_negation", "lemma", "phrase_end", "reads"]

_NEAR = 3
_PRONOUNS = {"it", "them", "him", "her", "those", "these"}


class Signal(NamedTuple):
    """A cue at tokens ``start`` to ``end``, with its strength after negation.

    ``back`` if it speaks, by a pronoun, of the clause before: "… but I love *it*".
    """

    start: int
    end: int
    strength: float
    before: bool
    weak: bool = False
    reach: int = 0
    back: bool = False


class SignalReader:
    """Finds the cues of a table on pages.

    Args:
        table: How a language says what is liked.
    """

    def __init__(self, table: CueTable) -> None:
        self.table = table
        self._by_first: dict[str, list[Cue]] = {}
        for cue in table.cues:
            self._by_first.setdefault(cue.phrase[0], []).append(cue)

    def signals(self, page: Page) -> list[Signal]:
        """Return the cues of a page, left to right, negation applied, without overlaps."""
        found: list[Signal] = []
        i = 0
        while i < len(page.doc):
            mention = page.mention_at(i)
            first = mention is not None and mention.length == 1 and not mention.entities
            named = mention is not None and not (first and page.doc[i].is_sent_start)
            if named and mention is not None and self.opens_name(page, mention, i):
                named = False
            cue = None if named else self._cue_at(page, i)
            if cue is None:
                i += 1
                continue
            end = phrase_end(page, i, cue.phrase)
            inner = [t.lower_ for t in page.doc[i:end] if not {t.lower_, lemma(t)} & {*cue.phrase}]
            denied = self._is_denied(page, i, found)
            denied = denied or not self.table.negations.isdisjoint(inner)
            denied = denied and not self._is_praise(page, end)
            strength = cue.denied if denied else cue.strength
            if not cue.before and self._is_of_others(page.doc[i]):
                strength = 0.0
            reach = _reach(page, i, cue) if cue.before and strength < 0 else 0
            found.append(Signal(i, end, strength, cue.before, cue.weak, reach))
            i = end
        return found

    def opens_name(self, page: Page, mention: Mention, i: int) -> bool:
        """Return whether a capital verb was taken into a name: "*Love* Jake Gyllenhaal"."""
        word = page.doc[i]
        opens = word.is_sent_start or page.doc[i - 1].is_punct
        verb = any(cue.phrase == (word.lower_,) for cue in self._by_first.get(word.lower_, ()))
        return opens and verb and i == mention.start and mention.length > 1 and not mention.entities

    def turned_back(
        self, page: Page, signals: Sequence[Signal], starts: Sequence[int], parts: Sequence[range]
    ) -> list[Signal]:
        """Return the signals; one that nothing follows speaks of what precedes it.

        ``Sad dramas I avoid``; ``when vampires fall in love, I leave the room``. And the other way
        round: ``not my thing, fantasy``.
        """
        turned = []
        for signal in signals:
            k = next(k for k, c in enumerate(parts) if signal.start in c)
            clause = parts[k]
            follows = any(signal.end <= start < clause.stop for start in starts)
            if k and not follows and self._is_back(page, signal, clause, starts):
                start = parts[k - 1].stop - 1
                signal = signal._replace(before=True, start=start, back=True)  # noqa: PLW2901
            elif not signal.before and not follows and self._closes(page, signal.end):
                condition = k > 0 and page.doc[parts[k - 1].start].lower_ in self.table.conditions
                start = parts[k - 1].stop - 1 if condition else signal.start
                signal = signal._replace(before=True, start=start)  # noqa: PLW2901
            elif signal.before and not any(clause.start <= s < signal.start for s in starts):
                signal = signal._replace(before=False)  # noqa: PLW2901
            turned.append(signal)
        return turned

    def _is_back(self, page: Page, signal: Signal, clause: range, starts: Sequence[int]) -> bool:
        """Return whether a cue of the speaker's speaks of the clause before: "… I love it"."""
        if any(start in clause for start in starts) or not signal.strength:
            return False
        i = signal.end
        if not signal.before and i < len(page.doc) and page.doc[i].lower_ in _PRONOUNS:
            return self._closes(page, i + 1)
        own = any(t.lower_ == "i" for t in page.doc[clause.start : signal.start])
        return own and lemma(page.doc[signal.start]) == "do" and self._closes(page, i)

    def _is_praise(self, page: Page, i: int) -> bool:
        """Return whether a denied cue is praise: "can't recommend it *enough*"."""
        for token in page.doc[i:]:
            if token.is_punct or token.lower_ in self.table.contrasts:
                return False
            if token.lower_ in {"enough", "highly"}:
                return self._closes(page, token.i + 1)
        return False

    def _closes(self, page: Page, i: int) -> bool:
        """Return whether a clause ends before a token."""
        if i >= len(page.doc):
            return True
        token = page.doc[i]
        ends = token.lower_ in self.table.contrasts | self.table.conditions
        return ends or token.is_punct or bool(token.is_sent_start)

    def _is_of_others(self, token: Token) -> bool:
        """Return whether somebody else is the subject of a verb: "my wife loves musicals"."""
        verb = token.head if token.dep_ == "xcomp" else token
        subjects = [child for child in verb.children if child.dep_ == "nsubj"]
        before = [child for child in subjects if child.i < token.i] or subjects
        if not before or token.pos_ != "VERB":
            return False
        subject = before[-1]
        person = subject.pos_ == "PRON" or subject.lemma_.lower() in self.table.people
        person = person or any(c.dep_ == "poss" for c in subject.children)
        return person and subject.lower_ not in self.table.speakers

    def _cue_at(self, page: Page, i: int) -> Cue | None:
        token = page.doc[i]
        for key in dict.fromkeys((token.lower_, lemma(token))):
            for cue in self._by_first.get(key, ()):
                if phrase_end(page, i, cue.phrase) and self._is_cue(page, i, cue):
                    return cue
        return None

    def _is_cue(self, page: Page, i: int, cue: Cue) -> bool:
        """Rule out words that only look like a cue: "films like these", "in no time"."""
        word = page.doc[i]
        if cue.phrase == ("like",) and page.trained:
            return word.pos_ == "VERB" or (word.pos_ != "ADP" and _after_person(page, i))
        end = phrase_end(page, i, cue.phrase)
        last = end >= len(page.doc) or page.doc[end].is_punct
        if cue.phrase == ("please",):
            return False
        return not cue.final or (i > 0 and last)

    def _is_denied(self, page: Page, i: int, found: Sequence[Signal]) -> bool:
        """Return whether a negation stands shortly before, in no other cue."""
        low = max(0, i - _NEAR, found[-1].end if found else 0)
        for k in range(i - 1, low - 1, -1):
            token = page.doc[k]
            if is_negation(page, k, self.table):
                return True
            if token.is_punct or token.lower_ in self.table.contrasts or token.is_sent_end:
                return False
        return False


def _reach(page: Page, i: int, cue: Cue) -> int:
    """Return the first token that a cue speaks of: its subject's, or the last pause before."""
    token = page.doc[i]
    found = [c for c in token.children if c.dep_ in {"nsubj", "nsubjpass"} and c.i < i]
    if found:
        pronoun = found[0].pos_ == "PRON"
        return 0 if pronoun else int(found[0].left_edge.i)
    pauses = {","} if cue.final else {",", ";", "and", "so"}
    return next((k + 1 for k in range(i - 2, -1, -1) if page.doc[k].lower_ in pauses), 0)


def is_negation(page: Page, i: int, table: CueTable) -> bool:
    """Return whether a token negates; "not only" does not."""
    after = page.doc[i + 1].lower_ if i + 1 < len(page.doc) else ""
    return page.doc[i].lower_ in table.negations and after not in {"only", "just", "merely"}


def lemma(token: Token) -> str:
    """Return the lemma in lower case; the word itself where there is none."""
    return token.lemma_.lower() or token.lower_


def reads(page: Page, i: int, phrase: Sequence[str]) -> bool:
    """Return whether the tokens from ``i`` on are a phrase, word by word or by lemma."""
    return phrase_end(page, i, phrase) == i + len(phrase)


def phrase_end(page: Page, i: int, phrase: Sequence[str]) -> int:
    """Return where a phrase that begins at a token ends, or 0 if it does not stand there.

    Words match as they are or by lemma; an adverb may stand between: "put me *right* off".
    """
    doc = page.doc
    for k, word in enumerate(phrase):
        while (
            0 < k < len(phrase)
            and i < len(doc)
            and word not in {doc[i].lower_, lemma(doc[i])}
            and (doc[i].pos_ in {"ADV", "INTJ"} or doc[i].dep_ == "neg")
        ):
            i += 1
        if i >= len(doc) or word not in {doc[i].lower_, lemma(doc[i])}:
            return 0
        i += 1
    return i


def _after_person(page: Page, i: int) -> bool:
    before = page.doc[max(0, i - 2) : i]
    return any(t.pos_ in {"PRON", "AUX", "PART"} for t in before)


def clauses(page: Page, table: CueTable, signals: Sequence[Signal]) -> list[range]:
    """Return the stretches that a cue reaches over: cut at sentence ends and contrasts.

    A comma or "and" cuts too if a new cue, or a new subject with a verb, follows at once.
    """
    starts = [0]
    opens = {signal.start for signal in signals if not signal.before}
    inner = {i for signal in signals for i in range(signal.start + 1, signal.end)}
    inner |= _exceptive(page, table)
    for token in page.doc:
        i = token.i
        if i == 0 or i in inner:
            continue
        previous = page.doc[i - 1]
        proviso = any(reads(page, i, phrase) for phrase in table.provisos)
        fresh = proviso or token.is_sent_start or previous.lower_ in table.contrasts - {"but"}
        joined = previous.text in {",", "and", "–", "-"}
        begins = joined and (i in opens or _begins_clause(page, i))
        if fresh or token.lower_ in table.contrasts or begins:
            starts.append(i)
    ends = [*starts[1:], len(page.doc)]
    return [range(start, end) for start, end in zip(starts, ends, strict=True)]


def _exceptive(page: Page, table: CueTable) -> set[int]:
    """Return the contrasts that end an exception ("anything but") and so cut nothing."""
    return {
        i + len(phrase) - 1
        for i in range(len(page.doc))
        for phrase in table.exceptions
        if phrase[-1] in table.contrasts and reads(page, i, phrase)
    }


def _begins_clause(page: Page, i: int) -> bool:
    return page.doc[i].dep_ == "nsubj" and page.doc[i].pos_ == "PRON"
