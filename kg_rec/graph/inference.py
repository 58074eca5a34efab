"""What follows from a graph: subclasses, subproperties, inverses, chains; computed on arrays.

===============  ===================================================  =============================
rule             premises                                             conclusion
===============  ===================================================  =============================
``subclass``     x type C, C rdfs:subClassOf D                        x type D
``subproperty``  x p y, p rdfs:subPropertyOf q                        x q y
``inverse``      x p y, p owl:inverseOf q (either way)                y q x
``symmetric``    x p y, p a owl:SymmetricProperty                     y p x
``transitive``   x p y, y p z, p a owl:TransitiveProperty             x p z
``broader``      x p c, c skos:broader d, p says what x is about      x p d
===============  ===================================================  =============================

The first five are rules cax-sco, prp-spo1, prp-inv1, prp-inv2, prp-symp and prp-trp of OWL 2 RL
(https://www.w3.org/TR/owl2-profiles/, section 4.3). The rules that are asked for run together until
nothing new follows; a literal becomes no subject.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from scipy import sparse

from kg_rec.graph.columns import join
from kg_rec.graph.knowledge_graph import KnowledgeGraph
from kg_rec.graph.raw import Raw
from kg_rec.ids import OWL, RDFS, SCHEMA, SKOS, Iri
from kg_rec.ontology import CONCEPT, TYPE
from kg_rec.statements import FACTS
from kg_rec.terms import key_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from numpy.typing import NDArray

    from kg_rec.ontology import Ontology
    from kg_rec.statements import Triple

    _Codes = NDArray[np.int64]

__all__ = ["INFERRED", "RULES", "Rule", "infer", "rule_of"]

Rule = Literal["subclass", "subproperty", "inverse", "symmetric", "transitive", "broader"]
RULES: tuple[Rule, ...] = get_args(Rule)
"""The rules, in the order in which they are tried: a triple is named after the first that fits."""
INFERRED = "inferred:"
"""Start of the extractor of an inferred triple, as in ``inferred:subclass``."""
_NONE = -1


def infer(
    graph: KnowledgeGraph, rules: Collection[Rule] = RULES, ontology: Ontology | None = None
) -> KnowledgeGraph:
    """Return a graph that holds what follows from its facts, too, marked as inferred.

    An inferred triple has the confidence and the evidence of its premise. A chain (``transitive``)
    has no evidence of its own, and the lowest confidence of all triples of its property.

    Args:
        graph: The premises are its facts; what users did is left alone.
        rules: Which rules to use.
        ontology: Where class tree and kinds of properties are stated, beside the graph itself.

    Returns:
        The same graph if nothing follows.

    Examples:
        >>> from kg_rec.ontology import Ontology
        >>> from kg_rec.statements import Statement, Triple
        >>> heat, mann = Iri("urn:heat"), Iri("urn:mann")
        >>> made = Statement(Triple(mann, Iri("urn:made"), heat))
        >>> inverse = Statement(Triple(Iri("urn:made"), OWL["inverseOf"], Iri("urn:by")))
        >>> graph = infer(KnowledgeGraph.from_statements([made, inverse]), ["inverse"])
        >>> next(graph.triples(heat)).object, rule_of(graph, Triple(heat, Iri("urn:by"), mann))
        (Iri('urn:mann'), 'inverse')
    """
    chosen = [rule for rule in RULES if rule in rules]
    closure = _Closure(graph, _Schema.of(graph, ontology))
    while closure.grows(chosen):
        pass
    added = closure.added()
    return graph if added is None else KnowledgeGraph(join([graph.columns, added]))


def rule_of(graph: KnowledgeGraph, triple: Triple) -> str:
    """Return the rule that a triple was inferred by; empty for a stated one."""
    rows = graph.rows(*triple)
    names = [graph.extractor_names[code] for code in graph.extractors[rows].tolist()]
    if not names or not all(name.startswith(INFERRED) for name in names):
        return ""
    return str(names[0]).removeprefix(INFERRED)


@dataclass(frozen=True)
class _Schema:
    """What is stated of classes, properties and concepts, as pairs of terms.

    Attributes:
        classes: (class, superclass).
        properties: (property, superproperty).
        inverses: (property, its inverse), each way.
        symmetric: Properties.
        transitive: Properties.
        topics: Properties that say what something is about.
        broader: (concept, broader concept).
    """

    classes: set[tuple[Iri, Iri]]
    properties: set[tuple[Iri, Iri]]
    inverses: set[tuple[Iri, Iri]]
    symmetric: set[Iri]
    transitive: set[Iri]
    topics: set[Iri]
    broader: set[tuple[Iri, Iri]]

    @classmethod
    def of(cls, graph: KnowledgeGraph, ontology: Ontology | None) -> _Schema:
        classes = set(_pairs(graph, RDFS["subClassOf"]))
        properties = set(_pairs(graph, RDFS["subPropertyOf"]))
        inverses = set(_pairs(graph, OWL["inverseOf"]))
        kinds = ("SymmetricProperty", "TransitiveProperty")
        symmetric, transitive = (
            {triple.subject for triple in graph.triples(None, TYPE, OWL[kind])} for kind in kinds
        )
        topics = {SCHEMA["about"]}
        if ontology is not None:
            relations = ontology.relations.values()
            classes |= {(c.iri, p) for c in ontology.classes.values() for p in c.parents}
            properties |= {(r.iri, p) for r in relations for p in r.parents}
            inverses |= {(r.iri, other) for r in relations for other in r.inverses}
            symmetric |= {r.iri for r in relations if r.symmetric}
            transitive |= {r.iri for r in relations if r.transitive}
            topics |= {r.iri for r in relations if r.range and ontology.is_a(r.range, CONCEPT)}
        inverses |= {(q, p) for p, q in inverses}
        broader = {*_pairs(graph, SKOS["broader"])}
        broader |= {(narrow, broad) for broad, narrow in _pairs(graph, SKOS["narrower"])}
        return cls(classes, properties, inverses, symmetric, transitive, topics, broader)


def _pairs(graph: KnowledgeGraph, predicate: Iri) -> Iterator[tuple[Iri, Iri]]:
    for triple in graph.triples(predicate=predicate):
        if isinstance(triple.object, Iri):
            yield triple.subject, triple.object


class _Closure:
    """The facts of a graph, stated first, then what followed, as growing columns of codes."""

    def __init__(self, graph: KnowledgeGraph, schema: _Schema) -> None:
        self.graph = graph
        self.schema = schema
        self._new_terms: dict[Iri, int] = {}
        part = graph.part_names.index(FACTS)
        rows = np.flatnonzero((graph.part_codes == part) & (graph.strengths > 0))
        self._stated = len(rows)
        self.triples = graph.triple_codes[rows].astype(np.int64)
        self.premises = rows.astype(np.int64)
        self.confidences = graph.confidences[rows]
        self.rules = np.full(len(rows), _NONE, dtype=np.int8)
        self._pairs = {
            "subclass": self._coded(schema.classes),
            "subproperty": self._coded(schema.properties),
            "inverse": self._coded(schema.inverses),
            "symmetric": self._coded((p, p) for p in schema.symmetric),
            "broader": self._coded(schema.broader),
        }
        self._transitive = self._codes(schema.transitive)
        self._topics = self._codes(schema.topics)
        self._type = self._code(TYPE)
        self._size = len(graph.terms) + len(self._new_terms)
        pairs = [self._pairs[rule] for rule in ("subproperty", "inverse")]
        used = [self.triples[:, 1], np.array([self._type]), *(pair.ravel() for pair in pairs)]
        self._predicates: _Codes = np.unique(np.concatenate(used))
        self._known = np.unique(self._keys(self.triples))
        self._done = dict.fromkeys(RULES, 0)

    def grows(self, rules: Iterable[Rule]) -> bool:
        """Apply each rule once; return whether anything new came of it."""
        before = len(self.triples)
        for rule in rules:
            self._apply(rule)
        return len(self.triples) > before

    def _apply(self, rule: Rule) -> None:
        """Add what a rule says of the facts that it has not seen."""
        first = self._done[rule]
        self._done[rule] = len(self.triples)
        if first == len(self.triples):
            return
        number = RULES.index(rule)
        if rule == "transitive":
            for predicate in self._transitive.tolist():
                self._add(number, *self._chains(predicate))
        else:
            column = {"subclass": 2, "broader": 2}.get(rule, 1)
            rows, values = _matches(self.triples[first:, column], self._pairs[rule])
            rows += first
            self._add(number, *self._concluded(rule, rows, values))

    def added(self) -> Raw | None:
        """Return what followed as columns; None if nothing did."""
        new = slice(self._stated, None)
        triples, premises = self.triples[new], self.premises[new]
        if not len(triples):
            return None
        used, codes = np.unique(triples, return_inverse=True)
        names = dict(zip(self._new_terms.values(), self._new_terms, strict=True))
        terms = self.graph.terms
        size = len(terms)
        keys = [terms.key(c) if c < size else key_of(names[c]) for c in used.tolist()]
        return Raw(
            keys=keys,
            triple_codes=codes.reshape(-1, 3).astype(np.int32),
            part_codes=np.zeros(len(triples), dtype=np.int8),
            confidences=self.confidences[new],
            strengths=np.ones(len(triples)),
            extractors=self.rules[new].astype(np.int32),
            spans=self._spans(premises),
            document_names=tuple(self.graph.documents),
            documents=self.graph.documents,
            extractor_names=tuple(INFERRED + rule for rule in RULES),
            part_names=(FACTS,),
        )

    # --- rules ------------------------------------------------------------------------------

    def _concluded(self, rule: Rule, rows: _Codes, values: _Codes) -> tuple[_Codes, _Codes]:
        """Return the triples that a rule makes of some rows, each with what it matched, and rows.

        Args:
            rule: Any but ``transitive``.
            rows: Rows of premises.
            values: What the pair of the rule says of each: superclass, property, concept.
        """
        s, p, o = self.triples[rows].T
        match rule:
            case "subclass":
                made, holds = (s, p, values), p == self._type
            case "broader":
                made, holds = (s, p, values), np.isin(p, self._topics)
            case "subproperty":
                made, holds = (s, values, o), np.ones(len(rows), dtype=bool)
            case _:
                made, holds = (o, values, s), self._are_nodes(o)
        return np.stack(made, axis=1)[holds], rows[holds]

    def _chains(self, predicate: int) -> tuple[_Codes, _Codes]:
        """Return the pairs that a chain of a predicate joins; they have no one premise."""
        edges = self.triples[self.triples[:, 1] == predicate]
        if not len(edges):
            return edges, edges[:, 0]
        nodes, places = np.unique(edges[:, [0, 2]], return_inverse=True)
        rows, columns = places.reshape(-1, 2).T
        shape = (len(nodes), len(nodes))
        reached = sparse.csr_array((np.ones(len(rows), dtype=bool), (rows, columns)), shape=shape)
        count = -1
        while count != reached.nnz:  # doubles the length of the chains
            count = reached.nnz
            reached = reached + reached @ reached
        pairs = reached.tocoo()
        subjects, objects = nodes[pairs.row], nodes[pairs.col]
        found = np.stack([subjects, np.full(len(subjects), predicate), objects], axis=1)
        return found, np.full(len(found), _NONE, dtype=np.int64)

    def _add(self, rule: int, triples: _Codes, rows: _Codes) -> None:
        """Take up the triples that are new; the first of equal ones counts."""
        keys, firsts = np.unique(self._keys(triples), return_index=True)
        new = ~_among(keys, self._known)
        if not new.any():
            return
        chosen = np.sort(firsts[new])
        triples, rows = triples[chosen], rows[chosen]
        chains = rows == _NONE
        sure = self.confidences[rows]
        if chains.any():
            sure[chains] = self._least(triples[chains][:, 1])
        premises = np.where(chains, _NONE, self.premises[rows])
        self.triples = np.concatenate([self.triples, triples])
        self.premises = np.concatenate([self.premises, premises])
        self.confidences = np.concatenate([self.confidences, sure])
        self.rules = np.concatenate([self.rules, np.full(len(chosen), rule, dtype=np.int8)])
        self._known = np.union1d(self._known, keys[new])

    def _least(self, predicates: _Codes) -> NDArray[np.float64]:
        """Return the lowest confidence that the triples of each predicate have."""
        least = {
            p: self.confidences[self.triples[:, 1] == p].min() for p in set(predicates.tolist())
        }
        return np.array([least[p] for p in predicates.tolist()])

    # --- codes ------------------------------------------------------------------------------

    def _code(self, term: Iri) -> int:
        """Return the code of a term; one that the graph lacks gets the next free one."""
        code = self.graph.terms.code(term)
        if code is not None:
            return code
        return self._new_terms.setdefault(term, len(self.graph.terms) + len(self._new_terms))

    def _codes(self, terms: Iterable[Iri]) -> _Codes:
        return np.array([self._code(term) for term in sorted(terms)], dtype=np.int64)

    def _coded(self, pairs: Iterable[tuple[Iri, Iri]]) -> _Codes:
        """Return pairs as codes (pairs × 2), sorted by the first, then the second."""
        codes = [(self._code(a), self._code(b)) for a, b in sorted(pairs)]
        return np.array(sorted(codes), dtype=np.int64).reshape(-1, 2)

    def _keys(self, triples: _Codes) -> _Codes:
        """Return one number for each triple."""
        s, p, o = triples.T
        predicate = np.searchsorted(self._predicates, p)
        keys: _Codes = (s * len(self._predicates) + predicate) * self._size + o
        return keys

    def _are_nodes(self, codes: _Codes) -> NDArray[np.bool_]:
        """Return which codes are IRIs and blank nodes: literals come last in the dictionary."""
        size = len(self.graph.terms)
        nodes: NDArray[np.bool_] = (codes < self.graph.terms.nodes) | (codes >= size)
        return nodes

    def _spans(self, premises: _Codes) -> NDArray[np.int32]:
        """Return the evidence of the premises as that of their conclusions."""
        spans = self.graph.spans
        starts, ends = (
            np.searchsorted(spans[:, 0], np.maximum(premises, 0), side)
            for side in ("left", "right")
        )
        counts = np.where(premises == _NONE, 0, ends - starts)
        rows = np.repeat(np.arange(len(premises)), counts)
        places = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        found: NDArray[np.int32] = spans[np.repeat(starts, counts) + places].copy()
        found[:, 0] = rows
        return found


def _matches(codes: _Codes, pairs: _Codes) -> tuple[_Codes, _Codes]:
    """Return (place, value) for each code and each pair that starts with it."""
    starts, ends = (np.searchsorted(pairs[:, 0], codes, side) for side in ("left", "right"))
    counts = ends - starts
    places = np.repeat(np.arange(len(codes)), counts)
    offsets = np.arange(len(places)) - np.repeat(np.cumsum(counts) - counts, counts)
    return places, pairs[np.repeat(starts, counts) + offsets, 1]


def _among(keys: _Codes, known: _Codes) -> NDArray[np.bool_]:
    """Return which keys are among the known ones, which are sorted."""
    places = np.searchsorted(known, keys)
    found: NDArray[np.bool_] = known[np.minimum(places, len(known) - 1)] == keys
    return (places < len(known)) & found
