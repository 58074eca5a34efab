"""A tiny world for the report: films, texts about them, and people, without any fitted model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from kg_rec.explanations import Explainer, Recommendation
from kg_rec.graph import KnowledgeGraph
from kg_rec.ids import SCHEMA, Iri, Literal
from kg_rec.ontology import (
    LABEL,
    LIKED_WITH,
    RARELY_LIKED_WITH,
    SIMILAR_IN_GRAPH,
    SIMILAR_IN_TEXT,
    Ontology,
)
from kg_rec.profiles import EVERYONE, REST, Profile, Source
from kg_rec.report import Audience, ReportView
from kg_rec.report.changes import Changes, Muted, Without
from kg_rec.report.leanings import LeaningsMaker
from kg_rec.report.page import Person
from kg_rec.statements import DERIVED, Document, Evidence, Statement, Triple
from kg_rec.vectors import POPULARITY, Column, ItemVectors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TURTLE = """
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix schema: <http://schema.org/> .
@prefix kgrec: <https://w3id.org/kg-rec/ns#> .
schema:Movie a rdfs:Class ; rdfs:subClassOf kgrec:Item ; rdfs:label "film"@en .
schema:director a rdf:Property ; rdfs:label "director"@en ;
    kgrec:wording "directed by {object}"@en ; kgrec:reason true .
schema:actor a rdf:Property ; rdfs:label "actor"@en ;
    kgrec:wording "with {object}"@en ; kgrec:reason true .
schema:genre a rdf:Property ; rdfs:label "genre"@en ;
    kgrec:wording "in the genre {object}"@en ; kgrec:reason true .
schema:about a rdf:Property ; rdfs:label "subject"@en ;
    kgrec:wording "about {object}"@en ; kgrec:reason true .
"""
ABOUT = {"Data": "5 films & 6 more", "Seed": "0", "Version": "kg_rec 0.1.0"}
FILMS = {
    "1": "Inception (2010)",
    "2": "Memento (2000)",
    "3": "The Prestige (2006)",
    "4": "Insomnia (2002)",
    "5": "Heat (1995)",
    "6": "Sin City (2005)",
    "11": "Ocean's Eleven (2001)",
    "12": "The Dark Knight (2008)",
    "13": "The Town (2010)",
    "14": "The Conjuring (2013)",
    "15": "The Curious Case of Benjamin Button, or a Life Lived Backwards (2008)",
}
HISTORY = ("1", "2", "3", "4", "5", "6")
DISLIKED = {"6"}
TASTE = (
    "Give me a clever heist with a good crew and I'm happy for the evening. Christopher Nolan is my"
    " favourite director, but I can't stand horror of any kind."
)
TEXTS = {
    "1": "A thief enters dreams. Christopher Nolan directed this heist film, in which Leonardo"
    " DiCaprio leads a crew of specialists.",
    "5": "Michael Mann follows a detective and a robber across Los Angeles. One last heist goes"
    " wrong.",
    "11": "Danny Ocean gathers a crew of eleven. It is a sleek heist at three casinos at once,"
    " with George Clooney, Brad Pitt and Matt Damon among the crew. Steven Soderbergh directs.",
    "12": "The Joker brings chaos to Gotham. Christopher Nolan's film with Christian Bale opens"
    " with a bank heist.",
    "13": "Four friends rob banks in Boston. Ben Affleck directs and stars in this heist drama.",
    "14": "James Wan's horror film follows two investigators of the paranormal to a farmhouse.",
}
FACTS = {
    "1": [("director", "Christopher Nolan"), ("about", "heist")],
    "2": [("director", "Christopher Nolan"), ("genre", "Mystery")],
    "3": [("director", "Christopher Nolan"), ("genre", "Mystery")],
    "4": [("director", "Christopher Nolan")],
    "5": [("director", "Michael Mann"), ("about", "heist"), ("genre", "Crime")],
    "6": [("genre", "Crime")],
    "11": [("about", "heist"), ("genre", "Crime"), ("actor", "Brad Pitt")],
    "12": [("director", "Christopher Nolan"), ("about", "heist"), ("genre", "Crime")],
    "13": [("about", "heist"), ("genre", "Crime")],
    "14": [("genre", "horror")],
    "15": [("genre", "Mystery"), ("actor", "Brad Pitt")],
}
LINKS = {
    LIKED_WITH: [
        *(("11", "1"), ("11", "5"), ("12", "1"), ("12", "2"), ("12", "3"), ("12", "4")),
        *(("13", "5"), ("15", "3"), ("14", "6")),
    ],
    RARELY_LIKED_WITH: [("14", "1")],
    SIMILAR_IN_GRAPH: [("12", "1"), ("12", "2"), ("13", "5"), ("11", "6"), ("11", "5")],
    SIMILAR_IN_TEXT: [("11", "1"), ("13", "5"), ("15", "3")],
}
BLOCKS = {
    LIKED_WITH: "liked_with",
    RARELY_LIKED_WITH: "liked_with",
    SIMILAR_IN_GRAPH: "similar_in_graph",
    SIMILAR_IN_TEXT: "similar_in_text",
}
EVERYONE_COLUMN = (POPULARITY.block, POPULARITY.predicate, POPULARITY.object)
MODELS = {SIMILAR_IN_GRAPH: "TransE", SIMILAR_IN_TEXT: "wordllama"}


def film(number: str) -> Iri:
    """Return the IRI of a film."""
    return Iri(f"http://example.org/film/{number}")


def thing(name: str) -> Iri:
    """Return the IRI of an entity."""
    return Iri(f"http://example.org/thing/{name.replace(' ', '_')}")


class World:
    """Graph, vectors and profiles by hand.

    Args:
        labels: Other names for films and entities.
        films: The films that can be recommended.
    """

    def __init__(
        self, labels: Mapping[str, str] | None = None, films: Mapping[str, str] = FILMS
    ) -> None:
        self.labels = dict(labels or {})
        self.films = {number: self.labels.get(name, name) for number, name in films.items()}
        self.documents = {f"items/{n}": text for n, text in TEXTS.items()}
        self.ontology = Ontology(TURTLE)
        self.graph = KnowledgeGraph.from_statements(self._statements(), self.documents)
        self.columns = self._columns()
        self.place = {(c.block, c.predicate, c.object): n for n, c in enumerate(self.columns)}
        self.vectors = self._vectors()
        self.explainer = Explainer(self.vectors, self.graph, self.ontology, MODELS)

    def _statements(self) -> list[Statement]:
        found = [Statement(Triple(film(n), LABEL, Literal(name))) for n, name in self.films.items()]
        for number, facts in FACTS.items():
            for relation, name in facts:
                label = self.labels.get(name, name)
                found.append(Statement(Triple(thing(name), LABEL, Literal(label))))
                fact = Triple(film(number), SCHEMA[relation], thing(name))
                found.append(Statement(fact, self._evidence(number, name)))
        for predicate, links in LINKS.items():
            for a, b in links:
                found.append(Statement(Triple(film(a), predicate, film(b)), part=DERIVED))
        return found

    def _evidence(self, number: str, name: str) -> tuple[Evidence, ...]:
        start = TEXTS.get(number, "").find(name)
        if start < 0:
            return ()
        return (Document(f"items/{number}", TEXTS[number]).evidence(start, start + len(name)),)

    def _columns(self) -> tuple[Column, ...]:
        facts = {(r, name) for facts in FACTS.values() for r, name in facts}
        return (
            *(Column("facts", SCHEMA[r], thing(name)) for r, name in sorted(facts)),
            *(
                Column(b, p, film(n))
                for p, b in BLOCKS.items()
                if p != RARELY_LIKED_WITH
                for n in FILMS
            ),
            POPULARITY,
        )

    def _vectors(self) -> ItemVectors:
        matrix = np.zeros((len(FILMS), len(self.columns)))
        rows = {number: row for row, number in enumerate(FILMS)}
        for number, facts in FACTS.items():
            for relation, name in facts:
                matrix[rows[number], self.place["facts", SCHEMA[relation], thing(name)]] = 0.5
        for predicate, links in LINKS.items():
            value = -0.1 if predicate == RARELY_LIKED_WITH else 0.2
            column = LIKED_WITH if predicate == RARELY_LIKED_WITH else predicate
            for a, b in links:
                matrix[rows[a], self.place[BLOCKS[predicate], column, film(b)]] = value
        matrix[:, -1] = np.linspace(0.09, 0.01, len(FILMS))
        return ItemVectors(sparse.csr_array(matrix), self.columns)

    # --- people ----------------------------------------------------------------------------

    def history(self) -> Profile:
        """Return someone with six choices, one of them not liked."""
        sources, rows = [], []
        for place, number in enumerate(HISTORY):
            liked = number not in DISLIKED
            strength = 1.0 - place / 10
            label = self.films[number]
            sources.append(Source("history", number, label, film(number), liked, (), strength))
            sign = strength if liked else -strength
            row = {("facts", SCHEMA[r], thing(name)): 0.3 * sign for r, name in FACTS[number]}
            for predicate in (LIKED_WITH, SIMILAR_IN_GRAPH, SIMILAR_IN_TEXT) if liked else ():
                row[BLOCKS[predicate], predicate, film(number)] = 0.5 * sign
            rows.append(row)
        sources += [REST, EVERYONE]
        rows += [{("facts", SCHEMA["genre"], thing("Crime")): -0.08}, {EVERYONE_COLUMN: 0.1}]
        return self._profile(sources, rows)

    def typed(self) -> Profile:
        """Return someone who typed ``TASTE``."""
        said = [("heist", "about", True), ("Christopher Nolan", "director", True)]
        sources, rows = [], []
        for name, relation, positive in [*said, ("horror", "genre", False)]:
            start = TASTE.index(name)
            evidence = Evidence("text", start, start + len(name), name)
            label = self.labels.get(name, name)
            sources.append(
                Source("preference", thing(name), label, thing(name), positive, (evidence,))
            )
            rows.append({("facts", SCHEMA[relation], thing(name)): 0.6 if positive else -0.9})
        for number in ("1", "5"):  # what goes with heists
            rows[0]["liked_with", LIKED_WITH, film(number)] = 0.2
        return self._profile([*sources, EVERYONE], [*rows, {EVERYONE_COLUMN: 0.1}])

    def nobody(self) -> Profile:
        """Return someone of whom nothing is known."""
        return self._profile([EVERYONE], [{EVERYONE_COLUMN: 0.1}])

    def _profile(
        self, sources: Sequence[Source], rows: Sequence[Mapping[tuple[str, Iri, Iri], float]]
    ) -> Profile:
        matrix = np.zeros((len(sources), len(self.columns)))
        for n, row in enumerate(rows):
            for column, value in row.items():
                matrix[n, self.place[column]] = value
        return Profile(tuple(sources), sparse.csr_array(matrix), frozenset())

    # --- what is shown -----------------------------------------------------------------------

    def recommend(self, profile: Profile, k: int = 5) -> list[Recommendation]:
        """Return the best of the films that nobody has seen."""
        found = []
        for row, number in enumerate(FILMS):
            if number not in HISTORY:
                terms = self.explainer.contributions(profile, row, film(number))
                score = math.fsum(t.value for t in terms)
                found.append(
                    Recommendation(number, film(number), self.films[number], 1, score, terms)
                )
        found.sort(key=lambda r: -r.score)
        return [_ranked(r, rank) for rank, r in enumerate(found[:k], start=1)]

    def view(self, profile: Profile, *, k: int = 5, taste: str | None = None) -> ReportView:
        """Return a report on someone."""
        user = "A typed taste" if taste else "Ada"
        best = self.recommend(profile, k)
        leanings = LeaningsMaker(self.vectors, self.graph, self.ontology).of(profile)
        return ReportView(
            "Films for you",
            user,
            taste,
            profile,
            best,
            self.graph,
            self.ontology,
            ABOUT,
            leanings=leanings,
            what_if={r.item: self._what_if(r) for r in best[:3]},
        )

    def _what_if(self, r: Recommendation) -> Changes:
        """Return made-up changes: the page shows any."""
        names = (self.films["1"], self.films["5"])[: 3 - r.rank]
        muted = Muted(f"close to {self.films['1']}", "similar_in_text", 4 * r.rank)
        return Changes(5, muted, Without(names, 9, True))

    def audience(self) -> Audience:
        """Return a report on an item, for two people."""
        people = [
            Person(user, user, self.recommend(profile)[place])
            for user, profile, place in (
                ("Ada", self.history(), 1),
                (self.films["12"], self.typed(), 0),
            )
        ]
        facts = {"genre": ["Crime", self.films["11"]]}
        title = f"Who would like {self.films['11']}?"
        reach = {1: 1, 10: 2, 100: 2}
        return Audience(
            title, self.films["11"], facts, people, reach, 2, 1, self.graph, self.ontology, ABOUT
        )


def _ranked(r: Recommendation, rank: int) -> Recommendation:
    return Recommendation(r.item, r.iri, r.label, rank, r.score, r.contributions)
