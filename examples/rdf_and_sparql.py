"""RDF in, SPARQL over facts and interactions, RDF out."""
# ruff: noqa: INP001, T201 - examples print, and are no package

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from kg_rec import Recommender

FACTS = """
@prefix schema: <http://schema.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix movies: <https://w3id.org/kg-rec/movies#> .
@prefix ex: <https://example.org/> .

ex:heat schema:director ex:mann ; schema:genre movies:Crime .
ex:collateral schema:director ex:mann ; schema:genre movies:Crime, movies:Thriller .
ex:ronin schema:director ex:frankenheimer ; schema:genre movies:Action .
ex:up schema:genre movies:Animation .
ex:mann a schema:Person ; rdfs:label "Michael Mann" .
ex:frankenheimer a schema:Person ; rdfs:label "John Frankenheimer" .
"""
NAMES = ["heat", "collateral", "ronin", "up"]
ITEMS = pd.DataFrame(
    {
        "id": NAMES,
        "label": [name.title() for name in NAMES],
        "iri": [f"https://example.org/{name}" for name in NAMES],
    }
)
LIKES = pd.DataFrame({"user": ["ann", "ben", "ben"], "item": ["heat", "heat", "ronin"]})
QUERY = """
SELECT ?name (COUNT(DISTINCT ?user) AS ?users) WHERE {
    ?user kgrec:ratedUp ?film . ?film schema:director ?person . ?person rdfs:label ?name
} GROUP BY ?name ORDER BY DESC(?users)
"""


def main() -> None:
    """Read RDF, query the graph, follow a reason through it, export it."""
    with tempfile.TemporaryDirectory() as folder:
        facts = Path(folder, "facts.ttl")
        facts.write_text(FACTS, encoding="utf-8")
        model = Recommender.fit(
            items=ITEMS, interactions=LIKES, graph=facts, config={"embeddings": {"epochs": 0}}
        )
        graph = model.graph

        print("Directors by people who like a film of theirs:")
        for row in graph.sparql(QUERY):
            print(f"  {row['name'].value}: {row['users'].value}")

        best = model.recommend("ann", k=1)[0]
        print(f"\n{best.label}, and the strongest reason as a path:")
        for hop in best.contributions[0].path:
            print(f"  {hop.triple} {'backwards' if hop.reverse else ''}")
            assert hop.triple in graph  # noqa: S101 - this is what the example shows

        without_people = graph.select(["facts"])
        out = Path(folder, "facts-only.ttl")
        out.write_bytes(without_people.serialize("ttl"))
        print(f"\nAll parts: {len(graph)} triples; facts only: {len(without_people)}")
        print(f"rdflib holds {len(graph.to_rdflib())} different triples")
        print(f"networkx holds {graph.to_networkx().number_of_edges()} edges")


if __name__ == "__main__":
    main()
