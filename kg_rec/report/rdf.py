"""Recommendations and explanations as RDF, in the terms of ``ontologies/kgrec.ttl``.

A list is a ``kgrec:RecommendationList``; each ``kgrec:Recommendation`` has an item, a rank, a score
and its contributions; each of these a value, a source and a path of hops in order. A hop names the
statement it walks along by the node that exports with evidence use, too, and that has the
passages that state it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from kg_rec._version import __version__
from kg_rec.community import BLOCK as COMMUNITY
from kg_rec.graph import KnowledgeGraph
from kg_rec.graph.inference import rule_of
from kg_rec.graph.provenance import RECOMMENDATION_GRAPH, document_iri, statement_iri
from kg_rec.ids import KGREC, OA, PROV, RDF, SCHEMA, XSD, Iri, Literal, Term
from kg_rec.ontology import LABEL, TYPE, USER
from kg_rec.statements import Statement, Triple
from kg_rec.terms import key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kg_rec.explanations import Contribution, Hop, Recommendation
    from kg_rec.pseudonyms import People
    from kg_rec.statements import Evidence

    _Triples = Iterator[tuple[Iri, Iri, Term]]

__all__ = ["recommendation_graph"]

_T = TypeVar("_T", bound=Term)

_KINDS = {
    "history": KGREC["History"],
    "preference": KGREC["Preference"],
    "community": KGREC["Community"],
    "model": KGREC["Prediction"],
    "profile": KGREC["Profile"],
    "popularity": KGREC["Popularity"],
    "rerank": KGREC["Rerank"],
}


def recommendation_graph(
    found: Sequence[Recommendation],
    graph: KnowledgeGraph,
    *,
    name: Iri,
    user: Iri | None = None,
    people: People | None = None,
) -> KnowledgeGraph:
    """Return recommendations with all terms of their scores as a graph of its own.

    Same recommendations, same graph. It holds labels of the nodes that it names, so that it can be
    read alone; it tells what the user did and said, so it is personal data.

    Args:
        found: What was recommended or explained.
        graph: The graph of the model.
        name: The node of the list; those of its parts begin with it.
        user: The node of the user.
        people: Gives users pseudonyms; their own words are left out then. Without it users are
            named and quoted as they are.
    """
    writer = _Writer(graph, name, people)
    triples = writer.list(found, user)
    part = str(RECOMMENDATION_GRAPH)
    statements = (Statement(Triple(*t), extractor="recommendation", part=part) for t in triples)
    return KnowledgeGraph.from_statements(statements)


class _Writer:
    """Writes a list as triples; what several parts share is written once by merging."""

    def __init__(self, graph: KnowledgeGraph, name: Iri, people: People | None = None) -> None:
        self.graph = graph
        self.name = name
        self.people = people

    def list(self, found: Sequence[Recommendation], user: Iri | None) -> _Triples:
        name, run, model = self.name, self._part("run"), self._part("model")
        yield name, TYPE, KGREC["RecommendationList"]
        yield name, PROV["wasGeneratedBy"], run
        yield run, TYPE, KGREC["RecommendationRun"]
        yield run, PROV["used"], model
        yield model, TYPE, KGREC["Model"]
        yield model, SCHEMA["softwareVersion"], Literal(f"kg_rec {__version__}")
        if user is not None:
            yield name, KGREC["forUser"], self._shown(user)
            yield self._shown(user), TYPE, USER
            yield from self._label(user)
        for recommendation in found:
            node = self._part(f"r{recommendation.rank}")
            yield name, SCHEMA["itemListElement"], node
            yield from self._recommendation(node, recommendation)

    def _recommendation(self, node: Iri, recommendation: Recommendation) -> _Triples:
        yield node, TYPE, KGREC["Recommendation"]
        yield node, SCHEMA["position"], _whole(recommendation.rank)
        yield node, SCHEMA["item"], recommendation.iri
        yield recommendation.iri, LABEL, Literal(recommendation.label)
        yield node, KGREC["score"], _number(recommendation.score)
        if recommendation.strategy:
            yield node, KGREC["strategy"], Literal(recommendation.strategy)
        if recommendation.chance is not None:
            yield node, KGREC["chance"], _number(recommendation.chance)
        for place, contribution in enumerate(recommendation.contributions, start=1):
            part = Iri(f"{node}c{place}")
            yield node, KGREC["contribution"], part
            yield from self._contribution(part, contribution)

    def _contribution(self, node: Iri, contribution: Contribution) -> _Triples:
        source = contribution.source
        yield node, TYPE, KGREC["Contribution"]
        yield node, KGREC["value"], _number(contribution.value)
        yield node, SCHEMA["description"], Literal(self._text(contribution), language="en")
        yield node, KGREC["sourceKind"], _KINDS[source.kind]
        if source.iri is not None:
            yield node, KGREC["source"], self._shown(source.iri)
            yield node, KGREC["positive"], _truth(source.positive)
            yield from self._label(source.iri)
        for passage in self._quoted(source.evidence):
            yield from _passage(node, KGREC["said"], passage)
        if contribution.path:
            yield from self._path(node, contribution.path)

    def _path(self, node: Iri, hops: Sequence[Hop]) -> _Triples:
        path = Iri(f"{node}p")
        yield node, KGREC["path"], path
        yield path, TYPE, KGREC["Path"]
        for place, hop in enumerate(hops, start=1):
            step = Iri(f"{node}h{place}")
            yield path, KGREC["hop"], step
            yield step, TYPE, KGREC["Hop"]
            yield step, SCHEMA["position"], _whole(place)
            yield step, KGREC["reverse"], _truth(hop.reverse)
            yield step, KGREC["statement"], self._statement_node(hop.triple)
            yield from self._statement(hop.triple)

    def _statement(self, triple: Triple) -> _Triples:
        node = self._statement_node(triple)
        yield node, TYPE, RDF["Statement"]
        yield node, RDF["subject"], self._shown(triple.subject)
        yield node, RDF["predicate"], triple.predicate
        yield node, RDF["object"], self._shown(triple.object)
        yield node, KGREC["confidence"], _number(self._confidence(triple))
        if rule := rule_of(self.graph, triple):
            yield node, KGREC["inferredBy"], Literal(rule)
        for passage in self._quoted(self.graph.evidence(triple)):
            yield from _passage(node, PROV["wasDerivedFrom"], passage)
        for term in triple:
            yield from self._label(term)

    def _statement_node(self, triple: Triple) -> Iri:
        rows = self.graph.rows(*triple)
        part = self.graph.part_names[self.graph.part_codes[rows[0]]]
        return statement_iri(part, [key_of(self._shown(term)) for term in triple])

    def _confidence(self, triple: Triple) -> float:
        return float(self.graph.confidences[self.graph.rows(*triple)].max())

    def _label(self, term: Term) -> _Triples:
        if isinstance(term, Iri):
            name = self.people.name(term) if self.people else None
            yield self._shown(term), LABEL, Literal(name or self.graph.label(term))

    def _shown(self, term: _T) -> _T | Iri:
        """Return a term as it is written: a user by the pseudonym."""
        return self.people.node(term) if self.people else term

    def _text(self, contribution: Contribution) -> str:
        """Return the words of a reason; a friend who is named goes by the pseudonym."""
        source, text = contribution.source, contribution.text
        if self.people is None or source.kind != COMMUNITY or source.iri is None:
            return text
        return text.replace(source.label, self.people.names(source.id))

    def _quoted(self, evidence: Sequence[Evidence]) -> Iterator[Evidence]:
        """Yield the passages that may be quoted."""
        yield from (e for e in evidence if not (self.people and self.people.wrote(e)))

    def _part(self, name: str) -> Iri:
        return Iri(f"{self.name}#{name}")


def _passage(node: Iri, predicate: Iri, passage: Evidence) -> _Triples:
    document = document_iri(passage.document)
    place = Iri(f"{document}#char={passage.start},{passage.end}")  # RFC 5147
    position, quote = Iri(f"{place}&position"), Iri(f"{place}&quote")
    yield node, predicate, place
    yield place, TYPE, OA["SpecificResource"]
    yield place, OA["hasSource"], document
    yield place, OA["hasSelector"], position
    yield place, OA["hasSelector"], quote
    yield position, TYPE, OA["TextPositionSelector"]
    yield position, OA["start"], _offset(passage.start)
    yield position, OA["end"], _offset(passage.end)
    yield quote, TYPE, OA["TextQuoteSelector"]
    yield quote, OA["exact"], Literal(passage.text)
    yield document, TYPE, KGREC["Document"]
    yield document, SCHEMA["identifier"], Literal(passage.document)


def _number(value: float) -> Literal:
    return Literal(repr(float(value)), XSD["double"])


def _whole(value: int) -> Literal:
    return Literal(str(value), XSD["integer"])


def _offset(value: int) -> Literal:
    return Literal(str(value), XSD["nonNegativeInteger"])


def _truth(value: bool) -> Literal:  # noqa: FBT001 - the value itself
    return Literal("true" if value else "false", XSD["boolean"])
