"""Precision and recall of the facts read from two sets of film texts with hand-listed facts.

* ``gold``: 60 of the shipped texts, drawn with a fixed seed (``tests/fixtures/gold_facts.json``).
* ``unusual``: 60 texts on other films, written to be phrased out of the ordinary, and never used
  for mending (``tests/fixtures/unusual_texts.jsonl``). A lower bound.

    python tests/benchmarks/extraction.py

With the folder of public test collections it learns forms and measures them, too; ``--only`` picks
a section. Others have scripts of their own: ``extraction_carb.py`` (open relations),
``extraction_users.py`` (likes, resolution of entities), ``extraction_speed.py``, ``text_cold.py``.

    python tests/benchmarks/extraction.py --data FOLDER
    python tests/benchmarks/extraction.py --data FOLDER --only webnlg
"""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import extraction_learned
from extraction_learned import Row

from kg_rec import Document, Iri, Literal, Ontology
from kg_rec.demo import DEMO_CONFIG
from kg_rec.ids import SCHEMA, Namespace
from kg_rec.ontology import LABEL
from kg_rec.text import Extractor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

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


def films(_: Path | None = None) -> Iterator[Row]:
    """Measure the shipped forms on film texts."""
    gold = json.loads((FIXTURES / "gold_facts.json").read_text(encoding="utf-8"))["films"]
    shipped = [t for t in lines(DEMO_CONFIG.parent / "texts.jsonl") if t["id"] in gold]
    unusual = lines(FIXTURES / "unusual_texts.jsonl")
    for name, texts, facts in (
        ("films, gold", shipped, gold),
        ("films, unusual", unusual, {t["id"]: t for t in unusual}),
    ):
        found = read(texts)
        for relation in RELATIONS:
            true = {(film, relation, key(n)) for film, f in facts.items() for n in f[relation]}
            here = {fact for fact in found if fact[1] == relation}
            yield Row.of(name, relation, [here], [true])


SECTIONS: dict[str, Callable[..., Iterator[Row]]] = {
    "films": films,
    **extraction_learned.SECTIONS,
}


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, help="folder with webnlg-triples/ and conll04/")
    parser.add_argument("--only", choices=SECTIONS)
    parser.add_argument("--split", help="split to measure on instead of dev, as in test")
    chosen = parser.parse_args()
    names = [chosen.only] if chosen.only else list(SECTIONS) if chosen.data else ["films"]
    if chosen.data is None and names != ["films"]:
        parser.error(f"--only {chosen.only} needs --data")
    print(f"{'data':16} {'system':42} precision recall    F1")
    for name in names:
        split = {"test": chosen.split} if chosen.split and name != "films" else {}
        for row in SECTIONS[name](chosen.data, **split):
            numbers = f"{row.precision:9.3f} {row.recall:6.3f} {row.f1:5.3f}"
            print(f"{row.data:16} {row.system:42} {numbers}", flush=True)


if __name__ == "__main__":
    main()
