"""Precision and recall of the facts read from two sets of film texts with hand-listed facts.

* ``gold``: 60 of the shipped texts, drawn with a fixed seed (``tests/fixtures/gold_facts.json``).
* ``unusual``: 60 texts on other films, written to be phrased out of the ordinary, and never used
  for mending (``tests/fixtures/unusual_texts.jsonl``). A lower bound.

    python tests/benchmarks/extraction.py
"""

from __future__ import annotations

import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from kg_rec import Document, Iri, Literal, Ontology
from kg_rec.demo import DEMO_CONFIG
from kg_rec.ids import SCHEMA, Namespace
from kg_rec.ontology import LABEL
from kg_rec.text import Extractor

if TYPE_CHECKING:
    from collections.abc import Iterable

FIXTURES = Path(__file__).parent.parent / "fixtures"
MOVIES = Namespace("https://w3id.org/kg-rec/movies#")
RELATIONS = {
    "director": SCHEMA["director"],
    "actor": SCHEMA["actor"],
    "writer": SCHEMA["author"],
    "source_author": MOVIES["sourceAuthor"],
}
Facts = set[tuple[str, str, str]]


def key(name: str) -> str:
    """Return a name without accents, case, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.casefold())


def read(texts: Iterable[dict[str, str]]) -> Facts:
    """Return (film, relation, person) as read from texts."""
    extractor = Extractor(Ontology.load("movies"), base_iri="https://example.org/")
    documents = [
        Document(t["id"], t["text"], Iri(f"urn:{t['id']}"), title=f"{t['title']} ({t['year']})")
        for t in texts
    ]
    names: dict[Iri, str] = {}
    found = []
    for statement in extractor.extract(documents):
        subject, predicate, value = statement.triple
        if predicate == LABEL and isinstance(value, Literal):
            names[subject] = value.value
        found += [(subject, r, value) for r, iri in RELATIONS.items() if iri == predicate]
    return {(s.removeprefix("urn:"), r, key(names[o])) for s, r, o in found if isinstance(o, Iri)}


def lines(path: Path) -> list[dict[str, str]]:
    """Return the rows of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def main() -> None:
    """Print a table a set."""
    gold = json.loads((FIXTURES / "gold_facts.json").read_text(encoding="utf-8"))["films"]
    shipped = [t for t in lines(DEMO_CONFIG.parent / "texts.jsonl") if t["id"] in gold]
    unusual = lines(FIXTURES / "unusual_texts.jsonl")
    for name, texts, facts in (
        ("gold", shipped, gold),
        ("unusual", unusual, {t["id"]: t for t in unusual}),
    ):
        found = read(texts)
        for relation in RELATIONS:
            true = {(film, relation, key(n)) for film, f in facts.items() for n in f[relation]}
            read_here = {fact for fact in found if fact[1] == relation}
            hits = len(true & read_here)
            precision, recall = hits / (len(read_here) or 1), hits / len(true)
            print(f"{name:8} {relation:14} precision {precision:.3f} recall {recall:.3f}")


if __name__ == "__main__":
    main()
