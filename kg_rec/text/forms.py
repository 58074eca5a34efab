r"""Lexical forms, compiled: how the ontology says that text states a relation.

A form is a phrase with ``{object}``, as in ``"directed by {object}"``. Its words match by lemma
(a trained pipeline) or as they are (a blank one). In it

* ``{subject}`` stands for the item: a noun of its class, a pronoun, or its title;
* ``{ClassName}`` stands for a noun of that class, or a name of one of it;
* ``a|b`` is either word, ``(a)`` may be missing;
* a comma is any pause, or the start of a sentence;
* ``(`` and ``)`` apart from a word are brackets in the text;
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
    from collections.abc import Set as AbstractSet

    from spacy.language import Language
    from spacy.tokens import Token

    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology, Relation

__all__ = ["CompiledForm", "Element", "FormIndex", "check_forms", "compile_forms"]

OBJECT, SUBJECT, COMMA, REST = "{object}", "{subject}", ",", "..."
_PIECE = re.compile(r"\{\w+\}('s)?|\.\.\.|\(\S+\)|[^\s{}]+('s)?|\S")
_PAUSES = frozenset({",", ";", ":", "(", "–", "—", "-"})
_POSSESSIVES = frozenset({"'s", "’s", "'", "’"})
_PARTICIPLES = frozenset({"VBN", "VBG"})
_STAND_INS = {OBJECT: "Alice", SUBJECT: "the film"}


class Element(NamedTuple):
    """One place of a form: a word with its lemma, or a slot such as ``{object}``.

    ``ways`` are all the lower-case words and lemmas by which a text may write the word.
    """

    text: str
    lemma: str = ""
    kind: Iri | None = None
    noun: bool = False
    inflected: frozenset[str] = frozenset()
    ways: frozenset[str] = frozenset()

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
        if lower == self.text or not self.lemma:
            return lower == self.text
        return token.lemma_.lower() == self.lemma or lower in self.inflected


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """A form of a relation without alternatives.

    Attributes:
        relation: What it says.
        text: The form as the ontology has it.
        elements: Its places, in order.
        anchor: Index of the first word that is not a comma.
        needs: Per word, the ways in which a text may write it.
    """

    relation: Relation
    text: str
    elements: tuple[Element, ...]
    anchor: int
    needs: tuple[frozenset[str], ...] = ()

    def may_be_in(self, words: AbstractSet[str]) -> bool:
        """Return whether a text with these lower-case words and lemmas has all of the form's."""
        return not any(need.isdisjoint(words) for need in self.needs)

    @property
    def takes_rest(self) -> bool:
        """Whether it ends in any complement."""
        return self.elements[-1].text == REST

    @property
    def is_loose(self) -> bool:
        """Whether any words may stand inside it; such a form yields to all others."""
        return any(element.text == REST for element in self.elements[:-1])


_Numbered = tuple[int, CompiledForm]


class FormIndex:
    """Compiled forms by the word that they are found by, and by another word of theirs.

    Attributes:
        anchors: All lower-case words and lemmas by which forms are found.
    """

    def __init__(self, forms: Iterable[CompiledForm]) -> None:
        self.anchors: set[str] = set()
        self._alone: dict[str, list[_Numbered]] = {}
        self._with: dict[str, dict[str, list[_Numbered]]] = {}
        for number, form in enumerate(forms):
            for key in form.elements[form.anchor].ways:
                self.anchors.add(key)
                if len(form.needs) == 1:
                    self._alone.setdefault(key, []).append((number, form))
                    continue
                others = self._with.setdefault(key, {})
                for way in min(form.needs[1:], key=len):
                    others.setdefault(way, []).append((number, form))

    def at(self, lower: str, lemma: str, words: AbstractSet[str]) -> list[CompiledForm]:
        """Return the forms whose anchor a token may be, and whose other words are in the text.

        Args:
            lower: The token in lower case.
            lemma: Its lemma, in lower case.
            words: All lower-case words and lemmas of the text.
        """
        found: dict[int, CompiledForm] = {}
        for key in (lower,) if lemma == lower else (lower, lemma):
            found.update(self._alone.get(key, ()))
            others = self._with.get(key, {})
            for way in others.keys() & words:
                found.update((n, f) for n, f in others[way] if f.may_be_in(words))
        return [found[number] for number in sorted(found)]


def compile_forms(ontology: Ontology, nlp: Language, language: str) -> FormIndex:
    """Compile the forms of all relations in a language; they are checked already."""
    forms = [
        (relation, form.text)
        for relation in ontology.relations.values()
        for form in relation.forms
        if form.language == language
    ]
    words = _read_words(ontology, nlp, dict.fromkeys(text for _, text in forms))
    return FormIndex(
        _compile(ontology, relation, text, pieces, words[text], nlp)
        for relation, text in forms
        for pieces in _variants(text)
    )


def _read_words(
    ontology: Ontology, nlp: Language, texts: Iterable[str]
) -> dict[str, dict[str, tuple[str, bool]]]:
    """Return per form the lemma of each word, and whether it is a noun there.

    As few sentences are read as show every alternative once.
    """
    samples = [(text, _sentence(ontology, pieces)) for text in texts for pieces in _samples(text)]
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for doc, text in nlp.pipe(((sentence, text) for text, sentence in samples), as_tuples=True):
        words = found.setdefault(text, {})
        for token in doc:
            words.setdefault(token.lower_, (_lemma(token), token.pos_ == "NOUN"))
    return found


def _samples(text: str) -> Iterator[tuple[str, ...]]:
    choices = _choices(text)
    for k in range(max(len(options) for options in choices)):
        pieces = [options[k % len(options)] for options in choices]
        yield tuple(piece for piece in pieces if piece)


def _variants(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the forms without ``|`` and ``()`` that a form stands for."""
    for pieces in itertools.product(*_choices(text)):
        yield tuple(piece for piece in pieces if piece)


def _choices(text: str) -> list[tuple[str, ...]]:
    """Return what may stand at each place of a form."""
    choices: list[tuple[str, ...]] = []
    for match in _PIECE.finditer(text):
        piece = match.group()
        optional = piece.startswith("(") and piece.endswith(")")
        options = (piece,) if piece in {"(", ")"} else tuple(piece.strip("()").split("|"))
        if piece.endswith("'s") and piece != "'s":
            choices += [(piece.removesuffix("'s"),), ("'s",)]
        else:
            choices.append((*options, "") if optional else options)
    return choices


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


def _inflected(lemma: str) -> frozenset[str]:
    """Return regular forms of a verb, for where the pipeline sees none."""
    stem = lemma.removesuffix("e")
    return frozenset({f"{stem}ed", f"{stem}es", f"{lemma}s"})


def check_forms(ontology: Ontology, language: str) -> None:
    """Check the forms of all relations in a language, without reading their words.

    Raises:
        OntologyError: A form has no ``{object}``, no word, or a class that does not exist.
    """
    for relation in ontology.relations.values():
        for form in relation.forms:
            if form.language == language:
                for pieces in _variants(form.text):
                    _check(ontology, relation, form.text, pieces)


def _check(ontology: Ontology, relation: Relation, text: str, pieces: tuple[str, ...]) -> None:
    for piece in pieces:
        named = piece.startswith("{") and piece not in {OBJECT, SUBJECT}
        if named and _class_named(ontology, piece) is None:
            msg = f"{ontology.source}: form {text!r} of <{relation.iri}>: no class {piece}"
            raise OntologyError(msg)
    words = [p for p in pieces if not p.startswith("{") and p not in {REST, COMMA}]
    if OBJECT not in pieces or not words:
        msg = f"{ontology.source}: form {text!r} of <{relation.iri}> needs {{object}} and a word"
        raise OntologyError(msg)


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
            elements.append(Element(piece, kind=_class_named(ontology, piece)))
        else:
            tokens = [t.text.lower() for t in nlp.make_doc(piece)]
            for text_of in tokens:
                lemma, noun = lemmas.get(text_of, ("", False))
                compound = len(tokens) > 1
                verb = bool(lemma) and (text_of not in tokens[:1] if compound else not noun)
                inflected = _inflected(lemma) if verb else frozenset()
                elements.append(
                    Element(text_of, lemma, noun=noun and not compound, inflected=inflected)
                )
    words = [k for k, e in enumerate(elements) if not e.is_slot and e.text != COMMA]
    places = tuple(element._replace(ways=_ways(element)) for element in elements)
    return CompiledForm(relation, text, places, words[0], tuple(places[k].ways for k in words))


def _ways(element: Element) -> frozenset[str]:
    """Return how a text may write a word of a form: as it is, by its lemma, or inflected."""
    if element.text in {"'s", COMMA}:
        return _POSSESSIVES if element.text == "'s" else _PAUSES
    return element.inflected | {element.text, element.lemma or element.text}
