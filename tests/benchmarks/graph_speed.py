"""How fast graphs are read and written, and what memory that takes, beside rdflib and pyoxigraph.

    python tests/benchmarks/graph_speed.py [--triples 1000000] [--repeat 3] [--big 10000000]

Makes an N-Triples and a Turtle file of films, each measurement in a process of its own. "Bare" is
pyoxigraph's parser without keeping anything, and its serialiser on quads that are there.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PREFIXES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "schema": "http://schema.org/",
    "item": "https://example.org/item/",
    "person": "https://example.org/person/",
}
PER_FILM = 10


def film(number: int, films: int, draw: random.Random) -> Iterator[tuple[str, str]]:
    """Yield ten properties of a film with their values, in Turtle."""
    yield "a", "schema:Movie"
    yield "rdfs:label", f'"Film {number} – der Fünfte"@en'
    yield "schema:datePublished", f'"{draw.randrange(1900, 2025)}"^^xsd:gYear'
    yield "schema:description", f'"A heist number {number} goes \\"wrong\\", again and again."'
    yield "schema:director", f"person:p{draw.randrange(films // 5 + 1)}"
    for place in range(3):
        yield "schema:actor", f"person:p{int(draw.paretovariate(1)) % (films // 2 + 1)}x{place}"
    yield "schema:genre", f"item:g{draw.randrange(30)}"
    yield "schema:isRelatedTo", f"item:i{draw.randrange(films)}"


def full(term: str) -> str:
    """Return a term of Turtle as N-Triples has it."""
    if term == "a":
        return f"<{PREFIXES['rdf']}type>"
    if term.startswith('"'):
        return term.replace("^^xsd:gYear", f"^^<{PREFIXES['xsd']}gYear>")
    prefix, name = term.split(":", 1)
    return f"<{PREFIXES[prefix]}{name}>"


def generate(folder: Path, triples: int) -> None:
    """Write the same graph as ``graph.nt`` and ``graph.ttl``."""
    films, draw = triples // PER_FILM, random.Random(7)  # noqa: S311 - no secret
    with (
        (folder / "graph.nt").open("w", encoding="utf-8") as lines,
        (folder / "graph.ttl").open("w", encoding="utf-8") as turtle,
    ):
        turtle.writelines(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
        for number in range(films):
            pairs = list(film(number, films, draw))
            subject = f"item:i{number}"
            lines.writelines(f"{full(subject)} {full(p)} {full(o)} .\n" for p, o in pairs)
            turtle.write(subject + " " + " ;\n    ".join(" ".join(pair) for pair in pairs) + " .\n")


# --- what is measured: each returns (seconds to read, seconds to write) --------------------------


def ours(path: Path) -> tuple[float, float]:
    from kg_rec.graph import KnowledgeGraph  # noqa: PLC0415 - only here

    start = time.perf_counter()
    graph = KnowledgeGraph.read(path)
    middle = time.perf_counter()
    graph.write(path.with_name(f"ours{path.suffix}"))
    return middle - start, time.perf_counter() - middle


def bare(path: Path) -> tuple[float, float]:
    import pyoxigraph as ox  # noqa: PLC0415 - only here

    start = time.perf_counter()
    for _ in ox.parse(path=path):
        pass
    middle = time.perf_counter()
    triples = [quad.triple for quad in ox.parse(path=path)]
    ready = time.perf_counter()
    ox.serialize(triples, str(path.with_name(f"bare{path.suffix}")), prefixes=PREFIXES)
    return middle - start, time.perf_counter() - ready


def with_rdflib(path: Path) -> tuple[float, float]:
    import rdflib  # noqa: PLC0415 - only here

    start = time.perf_counter()
    graph = rdflib.Graph().parse(path)
    middle = time.perf_counter()
    form = {".nt": "nt11", ".ttl": "turtle"}[path.suffix]
    graph.serialize(path.with_name(f"rdflib{path.suffix}"), format=form)
    return middle - start, time.perf_counter() - middle


READERS: dict[str, Callable[[Path], tuple[float, float]]] = {
    "ours": ours,
    "bare": bare,
    "rdflib": with_rdflib,
}


def measure(reader: str, path: Path, repeat: int = 1) -> dict[str, float]:
    """Return the least seconds and memory (MB) of processes that read and write a file."""
    command = [sys.executable, __file__, "--one", reader, "--file", str(path)]
    found: list[dict[str, float]] = [
        json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        for _ in range(repeat)
    ]
    return {name: min(each[name] for each in found) for name in found[0]}


def one(reader: str, path: Path) -> None:
    """Measure in this process, and print."""
    read, write = READERS[reader](path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"read": read, "write": write, "peak": peak}))


def table(folder: Path, repeat: int) -> None:
    """Measure all and print a table."""
    print("| file | reader | read s | write s | peak MB |\n|---|---|---|---|---|")
    for name in ("graph.nt", "graph.ttl"):
        found = {}
        for reader in READERS:
            found[reader] = f = measure(reader, folder / name, repeat)
            print(f"| {name} | {reader} | {f['read']:.2f} | {f['write']:.2f} | {f['peak']:.0f} |")
        ours_, bare_, rdflib_ = (found[reader] for reader in ("ours", "bare", "rdflib"))
        for step in ("read", "write"):
            slow, fast = rdflib_[step] / ours_[step], bare_[step] / ours_[step]
            print(
                f"{name} {step}: {slow:.1f} times rdflib's speed, {fast:.2f} of bare pyoxigraph's"
            )
        print(f"{name} peak: {ours_['peak'] / rdflib_['peak']:.3f} of rdflib's")


def main() -> None:
    """Parse arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--triples", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3, help="the best of so many runs counts")
    parser.add_argument("--big", type=int, help="also read this many triples, N-Triples")
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--one", choices=sorted(READERS))
    parser.add_argument("--file", type=Path)
    options = parser.parse_args()
    if options.one:
        one(options.one, options.file)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        generate(Path(folder), options.triples)
        table(Path(folder), options.repeat)
        if options.big:
            generate(Path(folder), options.big)
            print(f"{options.big:,} triples: {measure('ours', Path(folder) / 'graph.nt')}")


if __name__ == "__main__":
    main()
