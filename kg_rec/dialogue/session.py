"""A session in plain language: what is said changes wishes, asks the graph, or asks for reasons."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from kg_rec.dialogue.answers import Answer
from kg_rec.dialogue.lists import Speaker
from kg_rec.dialogue.marking import Context
from kg_rec.dialogue.requests import slots_of
from kg_rec.dialogue.state import State
from kg_rec.dialogue.tastes import by_taste
from kg_rec.dialogue.turns import Turn
from kg_rec.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from kg_rec.dialogue.requests import Request
    from kg_rec.dialogue.turns import Said
    from kg_rec.dialogue.understanding import Understanding
    from kg_rec.dialogue.wording import Wording

__all__ = ["Dialogue"]

_LONGEST = 1_000
"""Most characters of a question."""
_KEPT = 50
"""Most changes that can be undone."""


class Dialogue:
    """A session in plain language, in English and Chinese; made by :meth:`Recommender.dialogue`.

    Wishes add up until others take their place or they are taken back. Answers are made of facts of
    the graph, and of reasons of the recommender; nothing is drawn by chance.

    Args:
        recommender: What recommends.
        speaker: Who speaks.
        language: Of answers to what has no language, such as a title alone: ``en``, ``zh``.
        phrase: Makes the text of an answer from the answer, as a language model does; the facts of
            the answer remain as they are.
        told: Called with the id of an item and a verdict (``like``, ``dislike``, ``hide``,
            ``seen``, ``clear``) when one is given or taken back, so that it can be kept.

    Attributes:
        recommender: What recommends; may be replaced by another model of the same catalogue.
        state: What is kept from turn to turn.
    """

    def __init__(
        self,
        recommender: Any,
        speaker: Speaker | None = None,
        *,
        language: str = "en",
        phrase: Callable[[Answer], str] | None = None,
        told: Callable[[str, str], None] | None = None,
        state: State | None = None,
        past: Sequence[State] = (),
    ) -> None:
        self.recommender = recommender
        self.speaker = speaker or Speaker()
        self.language = language
        self.state = state or State()
        self._phrase = phrase
        self._told = told
        self._past = list(past)

    def ask(self, question: str) -> Answer:
        """Take a turn.

        Args:
            question: What is said: a wish, a question, a verdict; English or Chinese.

        Returns:
            The answer, with what was understood of the question and what was not.

        Raises:
            DataError: The question is empty or longer than 1,000 characters.
        """
        if not question.strip() or len(question) > _LONGEST:
            found = f"{len(question):,} characters" if question.strip() else "nothing"
            raise DataError(f"question: expected 1 to {_LONGEST:,} characters, found {found}")
        question = self.recommender.redacted(question)
        mind = self._mind
        self.state = self.state.among(mind.names.items)
        request, language = mind.parse(question, self._context(mind))
        request = by_taste(request, question, self.recommender, mind.names)
        turn = Turn(self, mind, request, self._spoken(question, language))
        said = turn.answer()
        said = said._replace(state=replace(said.state, question=request.question))
        if said.changes:
            self._past = [*self._past, self.state][-_KEPT:]
        elif request.intent == "undo" and self._past:
            self._past.pop()
        self._tell(said.state)
        self.state = said.state
        return self._made(request, said, turn.wording)

    def show(self, items: Sequence[str]) -> None:
        """Take a list that was shown elsewhere: places in what is said are then its places.

        Raises:
            UnknownIdError: The catalogue has no such item.
        """
        index, known = self.recommender._item_index, self.recommender.items  # noqa: SLF001
        shown = tuple(known[index.row(item)].iri for item in items)
        self.state = replace(self.state, shown=shown, item=None)

    def to_dict(self) -> dict[str, Any]:
        """Return what is kept, as plain values for JSON; :meth:`of` goes on from there."""
        return {
            "user": self.speaker.user,
            "history": self.speaker.history
            if self.speaker.history is None or hasattr(self.speaker.history, "keys")
            else list(self.speaker.history),
            "text": self.speaker.text,
            "language": self.language,
            "state": self.state.to_dict(),
            "past": [state.to_dict() for state in self._past],
        }

    @classmethod
    def of(
        cls,
        recommender: Any,
        values: Mapping[str, Any],
        *,
        phrase: Callable[[Answer], str] | None = None,
        told: Callable[[str, str], None] | None = None,
    ) -> Self:
        """Return the dialogue that :meth:`to_dict` told, with a recommender.

        Raises:
            DataError: The values are of something else.
        """
        try:
            speaker = Speaker(values["user"], values["history"], values["text"])
            state, past = State.of(values["state"]), [State.of(one) for one in values["past"]]
            language = values["language"]
        except (KeyError, TypeError) as error:
            raise DataError(f"dialogue: {error!r} is missing or not as expected") from None
        kept = {"language": language, "state": state, "past": past}
        return cls(recommender, speaker, phrase=phrase, told=told, **kept)

    # --- inside ----------------------------------------------------------------------------------

    @property
    def _mind(self) -> Understanding:
        found: Understanding = self.recommender._understanding  # noqa: SLF001 - a part of the façade
        return found

    def _context(self, mind: Understanding) -> Context:
        state = self.state
        parts = (state.shown, state.item, state.person, state.asked, state.question)
        return Context(mind.names, mind.speech, *parts)

    def _spoken(self, question: str, language: str) -> str:
        """Return the language to answer in: that of the question, if it has words of one."""
        words = [word for word in question.split() if word.isascii() and word.islower()]
        return language if language == "zh" or words else self.language

    def _tell(self, state: State) -> None:
        """Tell the verdicts that are new or were taken back."""
        if self._told is None or state.verdicts == self.state.verdicts:
            return
        ids = {item.iri: item.id for item in self.recommender.items}
        before, after = dict(self.state.verdicts), dict(state.verdicts)
        for item in {**before, **after}:
            if before.get(item) != after.get(item):
                self._told(ids[item], after.get(item, "clear"))

    def _made(self, request: Request, said: Said, wording: Wording) -> Answer:
        understood = (*wording.understood(request), *said.understood)
        lost = (*request.lost, *said.lost)
        parts = [said.text]
        if understood and request.intent in {"recommend", "more_like"}:
            whole = wording.join([one.text for one in understood])
            parts.insert(0, wording("understood", all=whole))
        if lost and request.intent != "unknown":
            words = wording.join(lost)
            parts.insert(0, wording("lost", words=words))
        answer = Answer(
            request.intent,
            slots_of(request, wording.names),
            "\n".join(part for part in parts if part),
            understood,
            lost,
            said.found,
            said.facts,
            said.sparql,
            language=wording.language,
        )
        answer = replace(answer, plain=answer.text)
        return answer if self._phrase is None else replace(answer, text=self._phrase(answer))
