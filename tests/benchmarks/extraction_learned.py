"""Learned forms on WebNLG and CoNLL04: strict triples, micro averages.

Learned from the train split; the dev split is only measured.
"""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from kg_rec import Ontology, extract
from kg_rec.text import load_pipeline
from kg_rec.text.candidates import candidates, named
from kg_rec.text.examples import Example, Mark, aligned
from kg_rec.text.label_patterns import with_label_patterns
from kg_rec.text.learning import learn_forms
from kg_rec.text.pairs import PairReader
from kg_rec.text.words import words_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from spacy.language import Language
    from spacy.tokens import Doc

Triple = tuple[Any, str, Any]
_OWL = "http://www.w3.org/2002/07/owl#ObjectProperty"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


class Row(NamedTuple):
    """A line of the table."""

    data: str
    system: str
    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, data: str, system: str, found: list[set[Triple]], gold: list[set[Triple]]) -> Row:
        """Count hits over all texts."""
        hits = sum(len(f & g) for f, g in zip(found, gold, strict=True))
        read, true = sum(map(len, found)), sum(map(len, gold))
        f1 = 2 * hits / max(1, read + true)
        return cls(data, system, hits / max(1, read), hits / max(1, true), f1)


def bare_ontology(relations: Iterable[str]) -> Ontology:
    """Return properties with labels only."""
    lines = [
        f"<https://example.org/{quote(name, safe='')}> a <{_OWL}> ;"
        f" <{_LABEL}> {json.dumps(name)}@en ."
        for name in sorted(set(relations))
    ]
    return Ontology("\n".join(lines), "labels")


def webnlg(folder: Path, split: str) -> list[Example]:
    """Return a split of WebNLG as examples."""
    rows = json.loads((folder / f"{split}_triples.json").read_text(encoding="utf-8"))
    return [
        Example(f"{split}/{k}", row["text"], tuple(tuple(t) for t in row["triple_list"]))
        for k, row in enumerate(rows)
    ]


def webnlg_rows(data: Path, test: str = "val") -> Iterator[Row]:
    """Measure on a split of WebNLG (``val`` is its dev split)."""
    folder = data / "webnlg-triples" / "WebNLG"
    train, texts = webnlg(folder, "train"), webnlg(folder, test)
    nlp = load_pipeline()
    labels = bare_ontology(r for e in (*train, *texts) for _, r, _ in e.triples)
    start = time.perf_counter()
    learned = learn_forms(train, labels, pipeline=nlp)
    print(f"learned {len(learned):,} patterns in {time.perf_counter() - start:.0f} s; held out of")
    print(f"train: F1 {learned.held_out.f1:.3f}, threshold {learned.threshold}")
    ontology = Ontology(learned.turtle, "learned")
    docs = list(nlp.pipe(example.text for example in texts))
    gold: list[set[Triple]] = [set(example.triples) for example in texts]
    title = f"WebNLG {test}"

    def given(reader: PairReader) -> list[set[Triple]]:
        pairs = zip(docs, texts, strict=True)
        return [_read(reader, doc, aligned(doc, example)[0]) for doc, example in pairs]

    found = given(PairReader(ontology, nlp))
    yield Row.of(title, "learned, mentions given", found, gold)
    known = {triple for example in train for triple in example.triples}
    yield Row.of(
        title,
        "  only facts that train does not have",
        [f - known for f in found],
        [g - known for g in gold],
    )
    alone = PairReader(with_label_patterns(labels), nlp)
    yield Row.of(title, "forms of labels, mentions given", given(alone), gold)
    yield Row.of(title, "learned, own mentions (extract)", _extracted(ontology, texts, nlp), gold)
    words = words_for("en")
    reader = PairReader(ontology, nlp)
    bare = [_read(reader, doc, named(candidates(doc, words))) for doc in docs]
    yield Row.of(title, "  without names of train", bare, gold)
    own = [_read(alone, doc, named(candidates(doc, words))) for doc in docs]
    yield Row.of(title, "forms of labels, own mentions", own, gold)
    yield from _textacy(title, docs, gold)


def _read(reader: PairReader, doc: Doc, names: Any) -> set[Triple]:
    return {
        (fact.subject.text, fact.relation.labels["en"][0], fact.object.text)
        for fact in reader.facts(doc, names)
    }


def _extracted(ontology: Ontology, texts: list[Example], nlp: Language) -> list[set[Triple]]:
    """Read with the public function."""
    found: dict[str, set[Triple]] = {example.id: set() for example in texts}
    documents = ({"id": example.id, "text": example.text} for example in texts)
    for said in extract(documents, ontology, pipeline=nlp, language="en", clean=False):
        relation = ontology.relations.get(said.triple.predicate)
        if relation is not None and said.polarity > 0:
            name = relation.labels["en"][0]
            triple = (said.subject_text, name, said.object_text)
            found[said.evidence[0].document].add(triple)
    return list(found.values())


def _textacy(title: str, docs: list[Doc], gold: list[set[Triple]]) -> Iterator[Row]:
    """Measure textacy: subject, verb, object; a verb that is the relation's label is right."""
    try:
        from textacy.extract import subject_verb_object_triples  # noqa: PLC0415
    except ImportError as error:
        print(f"textacy is not measured: {error}")
        return
    found, loose = [], []
    for doc, true in zip(docs, gold, strict=True):
        read = [
            (_words(t.subject), " ".join(v.lemma_ for v in t.verb), _words(t.object))
            for t in subject_verb_object_triples(doc)
        ]
        found.append(set(read))
        names = {(s, o): r for s, r, o in true}
        loose.append({(s, names.get((s, o), r), o) for s, r, o in read})
    yield Row.of(title, "textacy SVO", found, gold)
    yield Row.of(title, "  any verb counts as right", loose, gold)


def _words(tokens: Any) -> str:
    return " ".join(token.text for token in tokens)


def conll(folder: Path, split: str) -> list[Example]:
    """Return a split of CoNLL04 as examples with their entities marked."""
    rows = json.loads((folder / f"conll04_{split}.json").read_text(encoding="utf-8"))
    return [_conll_example(row, f"{split}/{k}") for k, row in enumerate(rows)]


def _conll_example(row: dict[str, Any], name: str) -> Example:
    tokens: list[str] = row["tokens"]
    starts = [sum(len(t) + 1 for t in tokens[:k]) for k in range(len(tokens))]
    spans = re.finditer(r"U|BI*L", "".join(tag[0] for tag in row["tags"]))
    marks = tuple(
        Mark(
            starts[m.start()],
            starts[m.end() - 1] + len(tokens[m.end() - 1]),
            row["tags"][m.start()][2:],
        )
        for m in spans
    )
    triples = tuple((r["head"], r["type"], r["tail"]) for r in row["relations"])
    return Example(name, " ".join(tokens), triples, marks)


def conll_rows(data: Path, test: str = "dev") -> Iterator[Row]:
    """Measure on a split of CoNLL04 with entities given: spans and types."""
    folder = data / "conll04"
    train, texts = conll(folder, "train"), conll(folder, test)
    nlp = load_pipeline()
    labels = bare_ontology(r for e in train for _, r, _ in e.triples)
    learned = learn_forms(train, labels, pipeline=nlp)
    reader = PairReader(Ontology(learned.turtle, "learned"), nlp)
    found: list[set[Triple]] = []
    for doc, example in zip(nlp.pipe(e.text for e in texts), texts, strict=True):
        names, _ = aligned(doc, example)
        number = {places[0]: k for k, places in enumerate(names)}
        found.append(
            {
                (number[fact.subject], fact.relation.labels["en"][0], number[fact.object])
                for fact in reader.facts(doc, names)
            }
        )
    gold: list[set[Triple]] = [set(example.triples) for example in texts]
    print(f"learned {len(learned):,} patterns; held out of train: F1 {learned.held_out.f1:.3f}")
    yield Row.of(f"CoNLL04 {test}", "learned, entities given", found, gold)


SECTIONS: dict[str, Callable[..., Iterator[Row]]] = {
    "webnlg": webnlg_rows,
    "conll04": conll_rows,
}
