"""Speed and memory of extraction, beside spaCy's bare pipeline in the same run.

    python tests/benchmarks/extraction_speed.py --data FOLDER [--texts 20000] [--only SECTION]

FOLDER holds ``ml-latest-small-tmdb/films_with_text.csv``; its overviews are combined to as many
texts as asked. Sections:

* ``throughput``: texts a second of ``extract`` over those of ``nlp.pipe`` with the same components,
  in turns of 500 texts, with the film ontology (a film each) and without one;
* ``workers``: the time of one process over that of two, start included; the time of the
  processors tells whether the machine was busy with something else;
* ``memory``: resident memory after 10,000 and 50,000 documents.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import resource
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from kg_rec import Document, Iri, Ontology, extract
from kg_rec.text import Extractor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

TURN = 500
ROUNDS = 2


def texts_of(folder: Path, count: int) -> list[str]:
    """Return overviews of films, then pairs of halves of them, by a fixed seed."""
    path = folder / "ml-latest-small-tmdb" / "films_with_text.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        whole = [row["overview"] for row in csv.DictReader(stream) if row["overview"].strip()]
    draw = random.Random(0)  # noqa: S311 - no secret
    texts = list(whole[:count])
    while len(texts) < count:
        one, two = (draw.choice(whole).split(". ") for _ in range(2))
        texts.append(". ".join([*one[: (len(one) + 1) // 2], *two[len(two) // 2 :]]))
    return texts


def documents_of(texts: Sequence[str]) -> Iterator[Document]:
    """Yield the texts as documents about a film each."""
    for number, text in enumerate(texts):
        yield Document(f"d{number}", text, Iri(f"urn:film:{number}"))


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of this process that some work takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def throughput(texts: Sequence[str]) -> None:
    """Print the ratio of throughputs, with and without an ontology."""
    for name in ("movies", None):
        extractor = Extractor(Ontology.load(name) if name else None, base_iri="urn:x:")
        documents = list(documents_of(texts))
        consume(extractor.extract(documents[:100]))
        bare = ours = 0.0
        for start in range(0, len(texts), TURN):
            turn, same = texts[start : start + TURN], documents[start : start + TURN]
            bare += seconds(lambda: consume(extractor.nlp.pipe(turn, batch_size=64)))  # noqa: B023
            ours += seconds(lambda: consume(extractor.extract(same)))  # noqa: B023
        rates = f"nlp.pipe {len(texts) / bare:6.0f}/s  extract {len(texts) / ours:6.0f}/s"
        print(f"throughput, ontology {name}: {rates}  ratio {bare / ours:.3f}")


def workers(texts: Sequence[str]) -> None:
    """Print how much faster two processes are than one."""
    for _ in range(ROUNDS):
        times, processor = {1: 0.0, 2: 0.0}, {1: 0.0, 2: 0.0}
        for count in times:
            start, used = time.perf_counter(), processor_time()
            consume(extract(documents_of(texts), "movies", language="en", workers=count))
            times[count] = time.perf_counter() - start
            processor[count] = processor_time() - used
        print(
            f"workers: one {times[1]:.1f} s, two {times[2]:.1f} s, ratio {times[1] / times[2]:.2f}"
            f" (of the processors {processor[1]:.1f} s and {processor[2]:.1f} s)",
            flush=True,
        )


def processor_time() -> float:
    """Return the processor time of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def memory(texts: Sequence[str]) -> None:
    """Print resident memory on the way through 50,000 documents."""
    extractor = Extractor(Ontology.load("movies"), base_iri="urn:x:")
    documents = (Document(str(n), texts[n % len(texts)], Iri("urn:film")) for n in range(50_000))
    found = extractor.read(documents)
    sizes = {}
    for done in (1_000, 10_000, 20_000, 30_000, 40_000, 50_000):
        consume(islice(found, done - max(sizes, default=0)))
        sizes[done] = resident()
        print(f"memory after {done:,} documents: {sizes[done]:.1f} MB", flush=True)
    print(f"memory: growth from 10,000 to 50,000 {sizes[50_000] / sizes[10_000] - 1:+.1%}")


def consume(stream: Iterator[object]) -> None:
    """Use up an iterator."""
    for _ in stream:
        pass


def resident() -> float:
    """Return the resident memory of this process in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Run the sections asked for."""
    sections = {"throughput": throughput, "workers": workers, "memory": memory}
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--texts", type=int, default=20_000)
    parser.add_argument("--only", choices=sections)
    given = parser.parse_args()
    texts = texts_of(given.data, given.texts)
    for name, section in sections.items():
        if given.only in {None, name}:
            section(texts)


if __name__ == "__main__":
    main()
