"""The shipped domains: whole, bilingual, valid, and read from texts.

The texts were written by hand after the forms, by the same people; the figures that they give are
those of a check, not of a benchmark.
"""

from __future__ import annotations

import re

import pandas as pd
import pytest
import rdflib

from kg_rec import Document, Iri, Ontology, Recommender, Statement, Triple, extract
from kg_rec.graph import KnowledgeGraph
from kg_rec.ids import RDFS, Literal
from kg_rec.ontology import ITEM, TYPE
from kg_rec.text.pipelines import installed_pipelines
from kg_rec.validation import SH, validate

DOMAINS = ["books", "movies", "music", "news", "people", "products"]
Facts = set[tuple[str, str]]
ITEM_NODE = Iri("urn:item")

# domain: (title, text, facts); a fact is the local name of a relation and the name of its object
TEXTS: dict[str, list[tuple[str, str, Facts]]] = {
    "music": [
        (
            "Harbour Lights",
            (
                "Recorded in Lisbon, this album by Maria Almeida was produced by Tom Heller. "
                "It was released by Northern Records."
            ),
            {
                ("locationCreated", "Lisbon"),
                ("byArtist", "Maria Almeida"),
                ("producer", "Tom Heller"),
                ("recordLabel", "Northern Records"),
            },
        ),
        (
            "Slow Rivers",
            "A jazz record featuring Helen Carter and David Mills, made in Copenhagen.",
            {
                ("genre", "Jazz"),
                ("contributor", "Helen Carter"),
                ("contributor", "David Mills"),
                ("locationCreated", "Copenhagen"),
            },
        ),
        (
            "Winter Songs",
            "Anna Berg's debut is a folk album, produced by Paul Winter in Oslo.",
            {("byArtist", "Anna Berg"), ("genre", "Folk"), ("producer", "Paul Winter")},
        ),
        (
            "Iron Garden",
            "James Rowe recorded this heavy metal album in Berlin with producer Karl Stein.",
            {
                ("byArtist", "James Rowe"),
                ("genre", "Metal"),
                ("locationCreated", "Berlin"),
                ("producer", "Karl Stein"),
            },
        ),
        (
            "Night Train",
            "Singer Laura Quinn returns with a soul record. John Price produced the album.",
            {("byArtist", "Laura Quinn"), ("genre", "Soul"), ("producer", "John Price")},
        ),
    ],
    "books": [
        (
            "The Glass Orchard",
            "This novel by Margaret Hale is set in Venice. It was translated by Peter Lang.",
            {
                ("author", "Margaret Hale"),
                ("contentLocation", "Venice"),
                ("translator", "Peter Lang"),
            },
        ),
        (
            "Small Hours",
            (
                "Written by Daniel Okafor and illustrated by Ruth Bell, this fantasy takes place "
                "in London."
            ),
            {
                ("author", "Daniel Okafor"),
                ("illustrator", "Ruth Bell"),
                ("genre", "Fantasy"),
                ("contentLocation", "London"),
            },
        ),
        (
            "Cold Harbour",
            (
                "A crime novel set in Dublin, with Detective Alice Moran. Novelist Simon Kerr "
                "wrote it."
            ),
            {
                ("genre", "Crime"),
                ("contentLocation", "Dublin"),
                ("character", "Alice Moran"),
                ("author", "Simon Kerr"),
            },
        ),
        (
            "Letters to the River",
            "Helen Novak's memoir was published by Random House and translated by George Ellis.",
            {
                ("author", "Helen Novak"),
                ("genre", "Biography"),
                ("publisher", "Random House"),
                ("translator", "George Ellis"),
            },
        ),
        (
            "The Last Station",
            "Written by Thomas Reed, the thriller follows Emma Stone in Berlin.",
            {("author", "Thomas Reed"), ("genre", "Thriller"), ("character", "Emma Stone")},
        ),
    ],
    "news": [
        (
            "Vote",
            (
                "A politics report: Maria Sanchez said that she would not resign. "
                "The election in Madrid was reported by Reuters."
            ),
            {
                ("person", "Maria Sanchez"),
                ("contentLocation", "Madrid"),
                ("publisher", "Reuters"),
                ("articleSection", "Politics"),
            },
        ),
        (
            "Merger",
            (
                "A business story: Microsoft announced a merger. Chief executive Robert Lane met "
                "analysts in London."
            ),
            {
                ("organization", "Microsoft"),
                ("person", "Robert Lane"),
                ("contentLocation", "London"),
                ("articleSection", "Business"),
            },
        ),
        (
            "Final",
            (
                "In this sports article, Peter Novak praised the team after the match in Munich. "
                "The story was written by Clara Jones."
            ),
            {
                ("person", "Peter Novak"),
                ("contentLocation", "Munich"),
                ("author", "Clara Jones"),
                ("articleSection", "Sport"),
            },
        ),
        (
            "Trial",
            (
                "Helen Brooks rejected the appeal. According to Reuters, the trial in Chicago "
                "will go on."
            ),
            {
                ("person", "Helen Brooks"),
                ("publisher", "Reuters"),
                ("contentLocation", "Chicago"),
            },
        ),
        (
            "Flood",
            "A climate story: a flood hit the coast near Naples. Luca Rossi visited the port.",
            {
                ("articleSection", "Environment"),
                ("contentLocation", "Naples"),
                ("person", "Luca Rossi"),
            },
        ),
    ],
    "products": [
        (
            "Aero 3",
            "This camera is made by Sony in Japan. It is compatible with Canon.",
            {
                ("brand", "Sony"),
                ("category", "Photography"),
                ("isAccessoryOrSparePartFor", "Canon"),
            },
        ),
        (
            "Lounge",
            "A leather chair designed by Anna Holm and made in Denmark.",
            {
                ("material", "Leather"),
                ("category", "Furniture"),
                ("designer", "Anna Holm"),
                ("countryOfOrigin", "Denmark"),
            },
        ),
        (
            "Trail 40",
            "The nylon backpack was designed by Mark Olsen. It is produced in Vietnam.",
            {
                ("material", "Nylon"),
                ("category", "Outdoor"),
                ("designer", "Mark Olsen"),
                ("countryOfOrigin", "Vietnam"),
            },
        ),
        (
            "Chef 20",
            "A stainless steel knife, forged in Germany and designed by Peter Kraus.",
            {
                ("material", "Steel"),
                ("category", "Kitchen"),
                ("countryOfOrigin", "Germany"),
                ("designer", "Peter Kraus"),
            },
        ),
        (
            "Buds",
            "Samsung launched this headphones set. It works with Apple.",
            {
                ("brand", "Samsung"),
                ("category", "Audio"),
                ("isAccessoryOrSparePartFor", "Apple"),
            },
        ),
    ],
    "people": [
        (
            "Ada Moreno",
            (
                "She was born in Lisbon and studied physics at Cambridge University. "
                "She works for Siemens as a machine learning engineer."
            ),
            {
                ("birthPlace", "Lisbon"),
                ("alumniOf", "Cambridge University"),
                ("worksFor", "Siemens"),
                ("knowsAbout", "Machine learning"),
                ("hasOccupation", "Engineer"),
            },
        ),
        (
            "Ben Carter",
            "A journalist who works for the BBC. He lives in Manchester.",
            {
                ("hasOccupation", "Journalist"),
                ("worksFor", "BBC"),
                ("homeLocation", "Manchester"),
            },
        ),
        (
            "Chen Li",
            "Born in Shanghai, this engineer graduated from Stanford University and joined Google.",
            {
                ("birthPlace", "Shanghai"),
                ("hasOccupation", "Engineer"),
                ("alumniOf", "Stanford University"),
                ("worksFor", "Google"),
            },
        ),
        (
            "Dora Klein",
            "She teaches at Harvard University and worked with Paul Simmons. She lives in Boston.",
            {
                ("worksFor", "Harvard University"),
                ("colleague", "Paul Simmons"),
                ("homeLocation", "Boston"),
            },
        ),
        (
            "Erik Lund",
            "A surgeon at the Mayo Clinic. He grew up in Sweden and is married to Karin Berg.",
            {
                ("hasOccupation", "Doctor"),
                ("worksFor", "Mayo Clinic"),
                ("birthPlace", "Sweden"),
                ("spouse", "Karin Berg"),
            },
        ),
    ],
}
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.85
"""Measured: precision 1.00 in each; recall .89 of books, .94 to .95 of the others."""
UNJUDGED = {"about", "mentions", "hasWord"}


def read(domain: str, title: str, text: str) -> Facts:
    """What is read of an item, with the names of objects as the ontology or the text has them."""
    document = Document("d", text, ITEM_NODE, title=title)
    statements = list(extract([document], domain, language="en"))
    graph = KnowledgeGraph.from_statements(statements, {"d": text})
    ontology = Ontology.load(domain)

    def name(node: Iri) -> str:
        entity = ontology.entities.get(node)
        return entity.labels["en"][0] if entity else graph.label(node)

    return {
        (s.triple.predicate.local_name, re.sub(r"^[Tt]he ", "", name(s.triple.object)))
        for s in statements
        if s.triple.subject == ITEM_NODE and isinstance(s.triple.object, Iri)
        if s.triple.predicate.local_name not in UNJUDGED and s.triple.predicate != TYPE
    }


def scores(domain: str) -> tuple[float, float, list[tuple[str, Facts, Facts]]]:
    """Precision, recall, and what differs in each text: too much, too little."""
    right = found = wanted = 0
    differs = []
    for title, text, facts in TEXTS[domain]:
        got = read(domain, title, text)
        right, found, wanted = right + len(got & facts), found + len(got), wanted + len(facts)
        if got != facts:
            differs.append((title, got - facts, facts - got))
    return right / max(found, 1), right / wanted, differs


@pytest.mark.parametrize("domain", TEXTS)
def test_texts_are_read(domain: str) -> None:
    if not any(name.startswith("en_") for name in installed_pipelines()):
        pytest.skip("needs an English spaCy pipeline: pip install 'kg-rec[en]'")
    precision, recall, differs = scores(domain)
    assert precision >= LEAST_PRECISION, (precision, differs)
    assert recall >= LEAST_RECALL, (recall, differs)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_is_whole(domain: str) -> None:
    ontology = Ontology.load(domain)
    assert ITEM in ontology.classes[ontology.item_class].parents
    assert ontology.missing == ()
    for kind in ontology.classes.values():
        assert {"en", "zh"} <= kind.labels.keys(), kind.iri
    for relation in ontology.relations.values():
        assert relation.labels.get("en"), relation.iri
        for language in ("en", "zh"):
            assert relation.wordings.get(language, "").count("{object}") == 1, relation.iri
        assert relation.domain in ontology.classes
        datatype = str(relation.range).startswith("http://www.w3.org/2001/XMLSchema#")
        assert datatype or relation.range in ontology.classes
        assert relation.reason is False or 0 < relation.weight <= 1
        languages = {form.language for form in relation.forms}
        assert not relation.forms or "en" in languages, relation.iri
    assert len(ontology.reasons) >= 5


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_has_shapes_that_find(domain: str) -> None:
    ontology = Ontology.load(domain)
    item = Iri("urn:x")
    shapes = rdflib.Graph().parse(data=ontology.turtle, format="turtle")
    assert list(shapes.subjects(rdflib.RDF.type, rdflib.URIRef(SH["NodeShape"])))
    relation = next(r for r in ontology.relations.values() if r.reason)
    named = [Triple(item, TYPE, ontology.item_class), Triple(item, RDFS["label"], Literal("X"))]
    good = [*named, Triple(item, relation.iri, Iri("urn:y"))]
    bad = [*named, Triple(item, relation.iri, Literal("y"))]
    fine, broken = (
        validate(KnowledgeGraph.from_statements(map(Statement, triples)), ontology=ontology)
        for triples in (good, bad)
    )
    assert fine.findings == ()
    assert [f.node for f in broken.violations] == ["urn:x"]


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_recommends_with_its_words(domain: str) -> None:
    ontology = Ontology.load(domain)
    best = max(ontology.relations.values(), key=lambda r: (r.reason, r.weight, r.iri))
    name = best.iri.local_name
    items = pd.DataFrame(
        {"id": list("abcd"), "label": list("ABCD"), name: ["Ann", "Ann", "Bob", "Bob"]}
    )
    events = pd.DataFrame({"user": ["u", "v"], "item": ["a", "c"]})
    model = Recommender.fit(
        items, interactions=events, ontology=domain, config={"embeddings": {"epochs": 0}}
    )
    (found,) = model.recommend("u", k=1)
    assert found.item == "b"
    assert any(best.words().format(object="Ann") in c.text for c in found.contributions)
