"""Chinese: directors and leads of 60 texts, and likes and dislikes of 40, against gold.

python tests/benchmarks/extraction_chinese.py

The forms were made on the even texts (by place in the file, from 0) and on the tastes that are not
held apart; the names of the films' people are not known to the reader.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kg_rec import Document, Iri, Ontology
from kg_rec.ids import SCHEMA
from kg_rec.ontology import DISLIKES, LIKES, Entity
from kg_rec.text import Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable

FIXTURES = Path(__file__).parent.parent / "fixtures" / "text"
BASE = "https://example.org/"


class Score(NamedTuple):
    """Right, found and true ones."""

    right: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        return self.right / max(self.found, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.true, 1)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(self.found + self.true, 1)


def people(
    folder: Path = FIXTURES, *, odd: bool, relations: Iterable[str] = ("director", "actor")
) -> Score:
    """Score the people of the even or odd texts, by name as the text has it."""
    extractor = Extractor(Ontology.load("movies"), base_iri=BASE)
    texts, gold = _lines(folder / "films_zh.jsonl"), _lines(folder / "films_zh_gold.jsonl")
    right = found = true = 0
    for row, wanted in list(zip(texts, gold, strict=True))[odd::2]:
        document = Document(row["id"], row["text"], Iri("urn:x"), title=row["title"], lang="zh")
        statements = list(extractor.extract([document]))
        for relation in relations:
            said = {s.object_text for s in statements if s.triple.predicate == SCHEMA[relation]}
            right += len(said & set(wanted[relation]))
            found += len(said)
            true += len(set(wanted[relation]))
    return Score(right, found, true)


def likes(folder: Path = FIXTURES, *, held_apart: bool) -> Score:
    """Score likes and dislikes: the polarity is equal, and one name is the end of the other.

    What gold marks as weak or as a reference may be found or not. The titles of the Chinese film
    texts are known, as they are in a catalogue.
    """
    ontology = Ontology.load("movies")
    titles = _lines(folder / "films_zh.jsonl")
    films = [
        Entity(Iri(f"urn:{row['id']}"), (ontology.item_class,), {"zh": (row["title"],)})
        for row in titles
    ]
    extractor = Extractor(ontology, films, base_iri=BASE)
    right = found = true = 0
    for row in _lines(folder / "tastes_zh.jsonl"):
        if row["held_apart"] is not held_apart:
            continue
        document = Document(row["id"], row["text"], user=Iri("urn:u"), lang="zh")
        said = {
            (s.object_text.strip("《》"), s.polarity)
            for s in extractor.extract([document])
            if s.triple.predicate in {LIKES, DISLIKES}
        }
        wanted = {(t["text"], t["polarity"]): _is_optional(t) for t in row["tastes"]}
        hits = {w for w in wanted if any(_same(s, w) for s in said)}
        optional = {w for w in wanted if wanted[w]}
        spare = {s for s in said if not any(_same(s, w) for w in wanted)}
        right += len(hits - optional)
        found += len(hits - optional) + len(spare)
        true += len(wanted) - len(optional)
    return Score(right, found, true)


def _is_optional(taste: dict[str, Any]) -> bool:
    return bool(taste.get("weak")) or taste.get("role", "taste") != "taste"


def _same(one: tuple[str, int], other: tuple[str, int]) -> bool:
    ends = one[0].endswith(other[0]) or other[0].endswith(one[0])
    return one[1] == other[1] and ends


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Print the table."""
    rows = [
        (f"{name}, {half} texts", people(odd=odd, relations=relations))
        for half, odd in (("even", False), ("odd", True))
        for name, relations in (
            ("director", ("director",)),
            ("actor", ("actor",)),
            ("both", ("director", "actor")),
        )
    ]
    rows += [
        ("likes, for development", likes(held_apart=False)),
        ("likes, held apart", likes(held_apart=True)),
    ]
    print("| | precision | recall | F1 |\n|---|---|---|---|")
    for name, score in rows:
        print(f"| {name} | {score.precision:.3f} | {score.recall:.3f} | {score.f1:.3f} |")


if __name__ == "__main__":
    main()
