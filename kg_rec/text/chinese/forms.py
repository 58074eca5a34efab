"""Surface forms of the ontology, matched letter by letter.

Names become one letter each (of Unicode's private use), so that a form is a regular expression. A
form's ``{object}`` is a name or a list of names, ``...`` a few letters of the same clause;
words next to each other stand next to each other in the text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kg_rec.ontology import PERSON
from kg_rec.text.chinese.names import ITEM_NAME, PERSON_NAME, SHORT_NAME, WORK_NAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kg_rec.ids import Iri
    from kg_rec.ontology import Ontology, Relation
    from kg_rec.text.chinese.names import Name

__all__ = ["Said", "SurfaceForms"]

_ITEM, _PERSON, _WORK, _OTHER = "\ue001", "\ue002", "\ue003", "\ue004"
_GAP = f"[^，。！？；,!?;\n{_ITEM}{_PERSON}]{{0,14}}?"
_ROLE = "(?:[（(][^（）()]{0,20}[）)])?"
_JOINS = "(?:[、/]|、?(?:以及|还有|[和与及跟]))"
_DENIED = re.compile(r"(?:并非|不是|没有|未能|原定|原本|本应|本来|拒绝|无缘)[^，。；]{0,3}$")
_OTHERS = re.compile(f"{_WORK}的?$")
_REST = "..."


class Said(NamedTuple):
    """A relation to a name, as said at characters ``start`` to ``end``."""

    relation: Relation
    name: Name
    start: int
    end: int
    form: str


class _Form(NamedTuple):
    relation: Relation
    text: str
    pattern: re.Pattern[str]
    loose: bool


class _Match(NamedTuple):
    form: _Form
    names: tuple[Name, ...]
    start: int
    end: int
    words: frozenset[int]

    @property
    def order(self) -> tuple[bool, int, int]:
        """Strict forms first, then those with more letters, then from left to right."""
        return self.form.loose, -len(self.words), self.start


class SurfaceForms:
    """Finds what the forms of an ontology say.

    Args:
        ontology: The domain.
        language: Which forms to use.
    """

    def __init__(self, ontology: Ontology, language: str) -> None:
        self._nouns = {
            name
            for iri, cls in ontology.classes.items()
            if ontology.is_a(iri, ontology.item_class)
            for name in cls.labels.get(language, ())
        }
        self._forms = [
            _Form(
                relation, form.text, self._compiled(form.text, relation.range), "..." in form.text
            )
            for relation in ontology.relations.values()
            for form in relation.forms
            if form.language == language
        ]

    def said(
        self, text: str, names: Sequence[Name], fits: Callable[[Name, Iri], bool]
    ) -> list[Said]:
        """Return what a text says of its item, each relation to a name once.

        Of two forms that use the same letters the stricter and longer one holds, and a loose form
        says nothing of a name that a strict form says something of.

        Args:
            text: The text.
            names: The names in it.
            fits: Tells whether a name may be of a class.
        """
        written, places = _encoded(text, names, fits)
        refused: set[int] = set()
        matches = sorted(
            self._matches(written, places, names, fits, refused), key=lambda m: m.order
        )
        found: dict[tuple[int, Iri], Said] = {}
        used: dict[int, _Match] = {}
        for match in matches:
            rivals = [used[k] for k in match.words if k in used]
            if any(r.form.relation is match.form.relation for r in rivals):
                continue
            new = [n for n in match.names if not match.form.loose or _is_free(n, match, found)]
            new = [n for n in new if n.start not in refused or not match.form.loose]
            if not match.words:
                told = [start for start, _ in found]
                new = [n for n in new if _is_of_credits(text, n, told)]
            if not new:
                continue
            used.update(dict.fromkeys(match.words, match))
            for name in new:
                start, end = min(match.start, name.start), max(match.end, name.end)
                said = Said(match.form.relation, name, start, end, match.form.text)
                found.setdefault((name.start, said.relation.iri), said)
        return sorted(found.values(), key=lambda s: (s.name.start, s.relation.iri))

    def _matches(
        self,
        written: str,
        places: Sequence[int],
        names: Sequence[Name],
        fits: Callable[[Name, Iri], bool],
        refused: set[int],
    ) -> Iterator[_Match]:
        """Yield how forms fit; names that a form says something else of go into ``refused``."""
        by_start = {name.start: name for name in names}
        for form in self._forms:
            for match in form.pattern.finditer(written):
                before = written[max(0, match.start() - 8) : match.start()]
                elsewhere = _DENIED.search(before) or _OTHERS.search(before)
                first, last = match.span("object")
                inside = [by_start.get(places[k]) for k in range(first, last)]
                kind = form.relation.range or PERSON
                objects = _alike([n for n in inside if n is not None and fits(n, kind)])
                words = frozenset(
                    k
                    for group, (start, end) in enumerate(match.regs)
                    if group and match.re.groupindex["object"] != group
                    for k in range(start, end)
                )
                if elsewhere:
                    refused.update(name.start for name in objects)
                elif objects:
                    yield _Match(form, objects, places[match.start()], places[match.end()], words)

    def _compiled(self, text: str, kind: Iri | None) -> re.Pattern[str]:
        letter = _PERSON if kind == PERSON else f"[{_WORK}{_OTHER}]"
        one = f"{letter}{_ROLE}"
        listed = f"(?P<object>{one}(?:{_JOINS}{one})*)"
        if re.search(r"[：:]\S*\)? \{object\}$", text):  # "主演：甲，乙。"
            listed = f"(?P<object>{one}(?:(?:{_JOINS}|[，,\\s]+(?={letter}[，,、。\\s])){one})*)"
        return re.compile("".join(self._piece(piece, listed) for piece in text.split()))

    def _piece(self, piece: str, listed: str) -> str:
        if piece == "{object}":
            return listed
        if piece == _REST:
            return _GAP
        if piece == "{Person}":
            return _PERSON
        if piece == "{CreativeWork}":
            return _WORK
        if piece == "{subject}":
            return "(" + "|".join([_ITEM, *map(re.escape, sorted(self._nouns))]) + ")"
        optional = piece.startswith("(") and piece.endswith(")") and len(piece) > len("()")
        ways = piece[1:-1] if optional else piece
        found = "|".join(map(re.escape, sorted(ways.split("|"), key=len, reverse=True)))
        return f"({found})?" if optional else f"({found})"


def _encoded(
    text: str, names: Sequence[Name], fits: Callable[[Name, Iri], bool]
) -> tuple[str, list[int]]:
    """Return the text with one letter a name, and where each of its letters stood."""
    letters: list[str] = []
    places: list[int] = []
    done = 0
    for name in names:
        letters += [*text[done : name.start], _letter(name, fits)]
        places += [*range(done, name.start), name.start]
        done = name.end
    return "".join([*letters, *text[done:]]), [*places, *range(done, len(text) + 1)]


def _letter(name: Name, fits: Callable[[Name, Iri], bool]) -> str:
    if name.kind == ITEM_NAME:
        return _ITEM
    if name.kind in {PERSON_NAME, SHORT_NAME} or fits(name, PERSON):
        return _PERSON
    return _WORK if name.kind == WORK_NAME else _OTHER


def _alike(names: list[Name]) -> tuple[Name, ...]:
    """Return the names of a list; beside a full foreign name a short one is somebody else."""
    full = "·" in names[0].text if names else False
    return tuple(name for name in names if not full or "·" in name.text or name.entities)


def _is_free(name: Name, match: _Match, found: dict[tuple[int, Iri], Said]) -> bool:
    """Return whether a loose form may say something of a name: a short one is often a role."""
    told = any(start == name.start for start, _ in found)
    full = name.kind != SHORT_NAME if match.words else "·" in name.text
    return not told and (full or bool(name.entities))


def _is_of_credits(text: str, name: Name, told: Sequence[int]) -> bool:
    """Return whether a name stands where people are named, not the story's own.

    The story is told first: names in the first sentence count if others there are told of.
    """
    end = _first_sentence(text)
    return name.start >= end or any(start < end for start in told)


def _first_sentence(text: str) -> int:
    found = re.search(r"[。！？!?\n]", text)
    return found.end() if found and found.end() < len(text) else 0
