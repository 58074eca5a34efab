"""How well likes and dislikes are read: precision, recall and F1 of (target, polarity).

python tests/benchmarks/extraction_users.py [--dev]   # --dev also prints what was missed

The texts (tests/fixtures/text/likes.jsonl) were written and marked by somebody who did not know
the reader, before it was written. One half is for development, the other is only measured.

A target counts as found if one of the two texts holds the other in whole words: "heist films" and
"heist". Polarities must agree.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg_rec import Document, Iri, Ontology, demo
from kg_rec.embeddings import TokenEncoder
from kg_rec.ontology import CRITICISED_FOR, DISLIKES, LIKES, PRAISED_FOR, Entity
from kg_rec.text import Extractor
from kg_rec.text.entities import Encoder, EntityResolver, Known, NameMention
from kg_rec.text.sorts import sort_of

if TYPE_CHECKING:
    from spacy.language import Language

FIXTURES = Path(__file__).parent.parent / "fixtures" / "text"
BASE = "https://example.org/"
TASTES = {LIKES, DISLIKES, PRAISED_FOR, CRITICISED_FOR}


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def holds(whole: list[str], part: list[str]) -> bool:
    places = range(len(whole) - len(part) + 1)
    return bool(part) and any(whole[i : i + len(part)] == part for i in places)


def agrees(one: str, other: str) -> bool:
    """Return whether one text holds the other, in whole words."""
    a, b = words(one), words(other)
    return holds(a, b) or holds(b, a)


def read(lines: list[dict[str, Any]], extractor: Extractor) -> list[list[tuple[str, int]]]:
    """Return the targets and polarities found in each text."""
    user, found = Iri(BASE + "user"), []
    for line in lines:
        item = Iri(BASE + "item") if line.get("item") else None
        document = Document(line["id"], line["text"], item, user, title=line.get("item", ""))
        statements = [s for s in extractor.extract([document]) if s.triple.predicate in TASTES]
        found.append([(s.object_text, s.polarity) for s in statements])
    return found


def score(
    lines: list[dict[str, Any]], found: list[list[tuple[str, int]]], *, show: bool = False
) -> dict[str, float]:
    """Return precision, recall and F1 over all texts."""
    right = given = found_of = wanted = 0
    for line, tastes in zip(lines, found, strict=True):
        marked = [(t["text"], t["polarity"]) for t in line["tastes"]]
        wrong = [t for t in tastes if not any(_same(t, m) for m in marked)]
        missed = [m for m in marked if not any(_same(t, m) for t in tastes)]
        given, wanted = given + len(tastes), wanted + len(marked)
        right, found_of = right + len(tastes) - len(wrong), found_of + len(marked) - len(missed)
        if show and (wrong or missed):
            print(f"{line['id']} {line['text']}\n    missed {missed}\n    wrong  {wrong}")
    precision, recall = right / max(given, 1), found_of / max(wanted, 1)
    both = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"texts": len(lines), "precision": precision, "recall": recall, "f1": both}


def _same(one: tuple[str, int], other: tuple[str, int]) -> bool:
    return one[1] == other[1] and agrees(one[0], other[0])


def known_entities() -> list[Entity]:
    """Return the films of the demonstration: what a user may name."""
    with (demo.DEMO_CONFIG.parent / "movies.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    film = Ontology.load("movies").item_class
    return [
        Entity(
            Iri(f"{BASE}{row['movie_id']}"),
            (film,),
            {"": (re.sub(r" \(\d+\)$", "", row["title"]),)},
        )
        for row in rows
    ]


SORTS = {
    "person": "person",
    "film": "work",
    "movie": "work",
    "book": "work",
    "novel": "work",
    "album": "work",
    "song": "work",
    "work": "work",
    "series": "work",
    "place": "place",
    "city": "place",
    "country": "place",
    "band": "group",
    "company": "group",
    "organization": "group",
    "organisation": "group",
    "group": "group",
    "studio": "group",
    "thing": "thing",
    "character": "person",
}


def resolve(
    case: dict[str, Any], nlp: Language, encoder: Encoder | None, *, typed: bool
) -> list[str]:
    """Return the IRI that each mention is resolved to; ``typed`` gives the marked type."""
    known = [
        Known(
            Iri(k["iri"]), tuple(k["labels"]), SORTS.get(k["type"].lower(), ""), k.get("text", "")
        )
        for k in case["known"]
    ]
    docs = {d["id"]: nlp(d["text"]) for d in case["documents"]}
    mentions = []
    for m in case["mentions"]:
        doc = docs[m["document"]]
        span = doc.char_span(m["start"], m["end"], alignment_mode="expand")
        given = SORTS.get(str(m.get("type", "")).lower(), "")
        sort = given if typed else sort_of(span)
        mentions.append(NameMention(m["document"], m["text"], sort, doc.text))
    found = EntityResolver(known, base_iri=BASE, encoder=encoder).resolve(mentions)
    return [r.iri for r in found]


def pairs(
    cases: list[dict[str, Any]], nlp: Language, *, typed: bool = False, show: bool = False
) -> dict[str, float]:
    """Return precision, recall and F1 over pairs of mentions, known entities counting as mentions.

    A case that is not all right is printed if ``show``.
    """
    encoder, right, given, wanted = TokenEncoder(), 0, 0, 0
    for case in cases:
        named = [k["iri"] for k in case["known"]]
        gold = [m["entity"] for m in case["mentions"]] + named
        found = resolve(case, nlp, encoder, typed=typed) + named
        both = [(a, b) for a in range(len(gold)) for b in range(a)]
        same = {(a, b) for a, b in both if gold[a] == gold[b]}
        merged = {(a, b) for a, b in both if found[a] == found[b]}
        right += len(same & merged)
        given += len(merged)
        wanted += len(same)
        if show and same != merged:
            texts = [d["text"] for d in case["documents"]]
            print(case["id"], texts, found[: len(case["mentions"])])
    precision, recall = right / max(given, 1), right / max(wanted, 1)
    both_f1 = 2 * precision * recall / max(precision + recall, 1e-9)
    return {"cases": len(cases), "precision": precision, "recall": recall, "f1": both_f1}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", action="store_true", help="print what was missed in that half")
    show = parser.parse_args().dev
    lines = [json.loads(line) for line in (FIXTURES / "likes.jsonl").open(encoding="utf-8")]
    extractor = Extractor(Ontology.load("movies"), known_entities(), base_iri=BASE)
    for apart in (False, True):
        half = [line for line in lines if line["held_apart"] is apart]
        figures = score(half, read(half, extractor), show=show and not apart)
        name = "held apart" if apart else "development"
        print(name, " ".join(f"{key} {value:.3f}" for key, value in figures.items()))
    for file in ("entities_dev.jsonl", "entities.jsonl"):
        if (FIXTURES / file).is_file():
            cases = [json.loads(line) for line in (FIXTURES / file).open(encoding="utf-8")]
            for typed in (False, True):
                figures = pairs(cases, extractor.nlp, typed=typed, show=show and "dev" in file)
                name = f"{file} (types {'given' if typed else 'judged'})"
                print(name, " ".join(f"{key} {value:.3f}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
