r"""Lexical forms, compiled: how the ontology says that text states a relation.

A form is a phrase with ``{object}``, as in ``"directed by {object}"``. Its words match by lemma
(a trained pipeline) or as they are (a blank one). In it

* ``{subject}`` stands for the item: a noun of its class, a pronoun, or its title;
* ``{ClassName}`` stands for a noun of that class, or a name of one of it;
* ``a|b`` is either word, ``(a)`` may be missing;
* a comma is any pause, or the start of a sentence;
* ``...`` at the end stands for any complement, inside for any words after a subject.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.errors import OntologyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from spacy.language import Language
    from spacy.tokens import Token

    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology, Relation

__all__ = ["CompiledForm", "Element", "FormIndex", "compile_forms"]

OBJECT, SUBJECT, COMMA, REST = "{object}", "{subject}", ",", "..."
_PIECE = re.compile(r"\{\w+\}('s)?|\.\.\.|\(\S+\)|[^\s{}]+('s)?|\S")
_PAUSES = frozenset({",", ";", ":", "(", "–", "—", "-"})
_POSSESSIVES = frozenset({"'s", "’s", "'", "’"})
_PARTICIPLES = frozenset({"VBN", "VBG"})
_STAND_INS = {OBJECT: "Alice", SUBJECT: "the film"}


class Element(NamedTuple):
    """One place of a form: a word with its lemma, or a slot such as ``{object}``."""

    text: str
    lemma: str = ""
    kind: Iri | None = None
    noun: bool = False

    @property
    def is_slot(self) -> bool:
        """Whether it is ``{…}`` or ``...``."""
        return self.text.startswith("{") or self.text == REST

    def matches(self, token: Token) -> bool:
        """Return whether a token is this word."""
        if self.text == "'s":
            return token.text in _POSSESSIVES and token.i > 0 and not token.nbor(-1).whitespace_
        if self.text == COMMA:
            return token.text in _PAUSES
        lower = token.lower_
        return lower == self.text or (bool(self.lemma) and token.lemma_.lower() == self.lemma)


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """A form of a relation without alternatives.

    Attributes:
        relation: What it says.
        text: The form as the ontology has it.
        elements: Its places, in order.
        anchor: Index of the first word that is not a comma.
    """

    relation: Relation
    text: str
    elements: tuple[Element, ...]
    anchor: int

    @property
    def has_subject(self) -> bool:
        """Whether it names the item."""
        return any(element.text == SUBJECT for element in self.elements)

    @property
    def takes_rest(self) -> bool:
        """Whether it ends in any complement."""
        return self.elements[-1].text == REST

    @property
    def is_loose(self) -> bool:
        """Whether any words may stand inside it; such a form yields to all others."""
        return any(element.text == REST for element in self.elements[:-1])


class FormIndex:
    """Compiled forms by the word that they are found by."""

    def __init__(self, forms: Iterable[CompiledForm]) -> None:
        self._by_word: dict[str, list[CompiledForm]] = {}
        for form in forms:
            anchor = form.elements[form.anchor]
            for key in sorted({anchor.text, anchor.lemma} - {""}):
                self._by_word.setdefault(key, []).append(form)
        for mark in sorted(_POSSESSIVES - {"'s"}):
            self._by_word[mark] = self._by_word.get("'s", [])

    def at(self, token: Token) -> list[CompiledForm]:
        """Return the forms whose anchor this token may be."""
        found = self._by_word.get(token.lower_, [])
        lemma = token.lemma_.lower()
        if lemma and lemma != token.lower_:
            found = [*found, *(f for f in self._by_word.get(lemma, []) if f not in found)]
        return found


def compile_forms(ontology: Ontology, nlp: Language, language: str) -> FormIndex:
    """Compile the forms of all relations in a language.

    Raises:
        OntologyError: A form has no ``{object}``, no word, or a class that does not exist.
    """
    variants = [
        (relation, form.text, pieces)
        for relation in ontology.relations.values()
        for form in relation.forms
        if form.language == language
        for pieces in _variants(form.text)
    ]
    sentences = [_sentence(ontology, pieces) for _, _, pieces in variants]
    lemmas = [{t.lower_: (_lemma(t), t.pos_ == "NOUN") for t in doc} for doc in nlp.pipe(sentences)]
    return FormIndex(
        _compile(ontology, relation, text, pieces, known, nlp)
        for (relation, text, pieces), known in zip(variants, lemmas, strict=True)
    )


def _variants(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the forms without ``|`` and ``()`` that a form stands for."""
    choices: list[tuple[str, ...]] = []
    for match in _PIECE.finditer(text):
        piece = match.group()
        optional = piece.startswith("(") and piece.endswith(")")
        options = tuple(piece.strip("()").split("|"))
        if piece.endswith("'s") and piece != "'s":
            choices += [(piece.removesuffix("'s"),), ("'s",)]
        else:
            choices.append((*options, "") if optional else options)
    for pieces in itertools.product(*choices):
        yield tuple(piece for piece in pieces if piece)


def _sentence(ontology: Ontology, pieces: tuple[str, ...]) -> str:
    words = [_STAND_INS.get(p, "" if p == REST else p) for p in pieces]
    shown = ["the book" if _class_named(ontology, w) else w for w in words]
    return " ".join(shown).replace(" 's", "'s").strip(" ,") + "."


def _class_named(ontology: Ontology, piece: str) -> Iri | None:
    name = piece.strip("{}")
    if not piece.startswith("{"):
        return None
    return next((iri for iri in ontology.classes if iri.local_name == name), None)


def _lemma(token: Token) -> str:
    """Return the lemma of a form's word; none for participles, which match as they are."""
    participle = token.tag_ in _PARTICIPLES or (token.i == 0 and token.tag_ == "VBD")
    return "" if participle else token.lemma_.lower()


def _compile(
    ontology: Ontology,
    relation: Relation,
    text: str,
    pieces: tuple[str, ...],
    lemmas: dict[str, tuple[str, bool]],
    nlp: Language,
) -> CompiledForm:
    elements: list[Element] = []
    for piece in pieces:
        if piece in {OBJECT, SUBJECT, REST, COMMA, "'s"}:
            elements.append(Element(piece, kind=relation.range if piece == OBJECT else None))
        elif piece.startswith("{"):
            kind = _class_named(ontology, piece)
            if kind is None:
                msg = f"{ontology.source}: form {text!r} of <{relation.iri}>: no class {piece}"
                raise OntologyError(msg)
            elements.append(Element(piece, kind=kind))
        else:
            tokens = [t.text.lower() for t in nlp.make_doc(piece)]
            for text_of in tokens:
                lemma, noun = lemmas.get(text_of, ("", False))
                elements.append(Element(text_of, lemma, noun=noun))
    words = [k for k, e in enumerate(elements) if not e.is_slot and e.text != COMMA]
    if OBJECT not in pieces or not words:
        msg = f"{ontology.source}: form {text!r} of <{relation.iri}> needs {{object}} and a word"
        raise OntologyError(msg)
    return CompiledForm(relation, text, tuple(elements), words[0])
