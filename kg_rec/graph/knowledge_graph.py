"""The knowledge graph: one columnar, integer-coded triple table; all else is a view of it.

RDF (rdflib, pyoxigraph), networkx, PyKEEN and sparse matrices are made from the table when asked
for; none is a second store. Views hold the same triples (law 4).
"""

from __future__ import annotations

import io
import re
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyoxigraph as ox
from scipy import sparse

from kg_rec.errors import DataError
from kg_rec.graph.columns import PARTS, columns_of, columns_with_links
from kg_rec.ids import (
    PREFIXES,
    Iri,
    Literal,
    Term,
    from_oxigraph,
    to_oxigraph,
    triple_from_oxigraph,
)
from kg_rec.ontology import ALT_LABEL, LABEL, TYPE
from kg_rec.statements import Evidence, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import networkx as nx
    import rdflib
    from numpy.typing import NDArray
    from pykeen.triples import TriplesFactory

    from kg_rec.graph.columns import Links

__all__ = ["FORMATS", "KnowledgeGraph"]

FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "jsonld": ox.RdfFormat.JSON_LD,
}
"""Export formats by name."""

_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class KnowledgeGraph:
    """Triples with their evidence, as integer columns over a dictionary of terms.

    Make one with :meth:`from_statements`. The order of the statements is irrelevant: terms and
    triples are sorted, equal statements are merged and their evidence is joined.

    Attributes:
        terms: The dictionary: term of each code, sorted.
        triple_codes: int32 array (triples × 3) of subject, predicate and object codes, sorted.
        part_codes: int8 array: the part of each triple, as in ``facts``, ``users``, ``derived``.
        confidences: float64 array in [0, 1], one a triple; the highest of merged statements.
        strengths: float64 array in [-1, 1], one a triple: polarity times strength; 1 for a fact.
        extractors: What found each triple: code into ``extractor_names``.
        spans: int32 array (evidence × 4) of triple row, document code, start, end.
        documents: Document id to text, for the documents that evidence cites.

    Examples:
        >>> from kg_rec.statements import Statement, Triple
        >>> heat, pacino = Iri("http://example.org/Heat"), Iri("http://example.org/Pacino")
        >>> actor = Iri("http://schema.org/actor")
        >>> graph = KnowledgeGraph.from_statements([Statement(Triple(heat, actor, pacino))])
        >>> len(graph), Triple(heat, actor, pacino) in graph
        (1, True)
        >>> graph.to_networkx().number_of_edges()
        1
    """

    def __init__(  # noqa: PLR0913 - one name a column
        self,
        *,
        terms: tuple[Term, ...],
        triple_codes: NDArray[np.int32],
        part_codes: NDArray[np.int8],
        confidences: NDArray[np.float64],
        strengths: NDArray[np.float64],
        extractors: NDArray[np.int32],
        extractor_names: tuple[str, ...],
        spans: NDArray[np.int32],
        documents: Mapping[str, str],
    ) -> None:
        self.terms = terms
        self.triple_codes = triple_codes
        self.part_codes = part_codes
        self.confidences = confidences
        self.strengths = strengths
        self.extractors = extractors
        self.extractor_names = extractor_names
        self.spans = spans
        self.documents = dict(documents)

    @classmethod
    def from_statements(
        cls, statements: Iterable[Statement], documents: Mapping[str, str] | None = None
    ) -> KnowledgeGraph:
        """Build the table from statements.

        Args:
            statements: In any order.
            documents: Id to text, of every document that evidence cites.

        Raises:
            DataError: Evidence cites a document that is not given, or is not its slice.
        """
        return cls(**columns_of(statements, documents or {}))

    # --- reading ---------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.triple_codes)

    def __iter__(self) -> Iterator[Triple]:
        return self.triples()

    def __contains__(self, triple: object) -> bool:
        return self._row_of(triple) is not None

    def __repr__(self) -> str:
        return f"<KnowledgeGraph: {len(self):,} triples, {len(self.terms):,} terms>"

    def triples(
        self,
        subject: Iri | None = None,
        predicate: Iri | None = None,
        object: Term | None = None,  # noqa: A002 - the RDF name
    ) -> Iterator[Triple]:
        """Return the triples that match, in order; ``None`` matches all."""
        wanted = np.ones(len(self), dtype=bool)
        for column, term in enumerate((subject, predicate, object)):
            if term is not None:
                wanted &= self.triple_codes[:, column] == self._code.get(term, -1)
        yield from (self._triple(row) for row in np.flatnonzero(wanted).tolist())

    def statements(self) -> Iterator[Statement]:
        """Return the triples with all that is known of them."""
        yield from (self._statement(row) for row in range(len(self)))

    def evidence(self, triple: Triple) -> tuple[Evidence, ...]:
        """Return the passages that state a triple; empty if it came from a table."""
        row = self._row_of(triple)
        return () if row is None else self._evidence(row)

    def label(self, term: Term) -> str:
        """Return the name of a term: its ``rdfs:label``, else the end of its IRI."""
        if isinstance(term, Literal):
            return term.value
        return self._labels.get(term, term.local_name.replace("_", " "))

    def names(self, term: Iri) -> tuple[str, ...]:
        """Return all names of a term: its labels and alternative labels."""
        found = [self._labels[term]] if term in self._labels else []
        return (*found, *self._alternative_labels.get(term, ()))

    @cached_property
    def types(self) -> dict[Iri, tuple[Iri, ...]]:
        """The classes of each typed node."""
        found: dict[Iri, list[Iri]] = defaultdict(list)
        for triple in self.triples(predicate=TYPE):
            if isinstance(triple.object, Iri):
                found[triple.subject].append(triple.object)
        return {iri: tuple(types) for iri, types in found.items()}

    def select(
        self,
        parts: Iterable[str] = PARTS,
        predicates: Iterable[Iri] | None = None,
    ) -> KnowledgeGraph:
        """Return the graph of some parts and predicates only."""
        wanted = np.isin(self.part_codes, [PARTS.index(part) for part in parts])
        if predicates is not None:
            codes = [self._code[p] for p in predicates if p in self._code]
            wanted &= np.isin(self.triple_codes[:, 1], codes)
        chosen = (self._statement(row) for row in np.flatnonzero(wanted).tolist())
        return KnowledgeGraph.from_statements(chosen, self.documents)

    def with_statements(
        self, statements: Iterable[Statement], documents: Mapping[str, str] | None = None
    ) -> KnowledgeGraph:
        """Return a graph that holds these statements, too."""
        both = [*self.statements(), *statements]
        return KnowledgeGraph.from_statements(both, {**self.documents, **(documents or {})})

    def with_links(self, nodes: Sequence[Iri], links: Iterable[Links]) -> KnowledgeGraph:
        """Return a graph that holds derived links between its nodes, too.

        Args:
            nodes: What rows and columns of the links are; all are terms of this graph.
            links: The links, each predicate once; this graph holds no derived triples yet.
        """
        return KnowledgeGraph(**columns_with_links(self, nodes, links))

    # --- views -----------------------------------------------------------------------------

    def to_rdflib(self) -> rdflib.Graph:
        """Return the triples as an rdflib graph with prefixes bound."""
        import rdflib  # noqa: PLC0415 - a fifth of a second that serving does not need

        def convert(term: Term) -> rdflib.URIRef | rdflib.Literal:
            if isinstance(term, Iri):
                return rdflib.URIRef(term)
            return rdflib.Literal(
                term.value, lang=term.language, datatype=term.datatype, normalize=False
            )

        graph = rdflib.Graph()
        for prefix, namespace in PREFIXES.items():
            graph.bind(prefix, namespace)
        for s, p, o in self:
            graph.add((convert(s), convert(p), convert(o)))
        return graph

    def to_networkx(self) -> nx.MultiDiGraph[Term]:
        """Return a directed multigraph: terms are nodes, the key of an edge is its predicate."""
        import networkx as nx  # noqa: PLC0415 - serving does not need it

        graph: nx.MultiDiGraph[Term] = nx.MultiDiGraph()
        for row, (s, p, o) in enumerate(self):
            for term in (s, o):
                if term not in graph:
                    graph.add_node(term, label=self.label(term))
            graph.add_edge(s, o, key=p, confidence=float(self.confidences[row]))
        return graph

    def to_pykeen(self) -> TriplesFactory:
        """Return the triples as a PyKEEN factory; literals are written as in N-Triples."""
        from pykeen.triples import TriplesFactory  # noqa: PLC0415 - imports torch

        labels = np.array(
            [str(t) if isinstance(t, Iri) else str(to_oxigraph(t)) for t in self.terms]
        )
        if not len(self):
            msg = "a graph without triples has no PyKEEN view"
            raise DataError(msg)
        return TriplesFactory.from_labeled_triples(labels[self.triple_codes])

    def adjacency(self, predicate: Iri | None = None) -> sparse.csr_array:
        """Return a terms × terms matrix: how many predicates (or one) link row to column."""
        codes = self.triple_codes
        if predicate is not None:
            codes = codes[codes[:, 1] == self._code.get(predicate, -1)]
        size = len(self.terms)
        ones = np.ones(len(codes), dtype=np.int32)
        return sparse.coo_array((ones, (codes[:, 0], codes[:, 2])), shape=(size, size)).tocsr()

    def sparql(self, query: str) -> Any:
        """Run a SPARQL 1.1 query (SELECT, ASK, CONSTRUCT or DESCRIBE) with Oxigraph.

        Common prefixes (``rdf rdfs owl xsd skos schema kgrec movies dbr``) are known.

        Returns:
            ``list[dict[str, Term | None]]`` for SELECT, ``bool`` for ASK, ``list[Triple]`` else.

        Raises:
            DataError: The query is broken; the message says where.

        Examples:
            >>> KnowledgeGraph.from_statements([]).sparql("ASK { ?s ?p ?o }")
            False
        """
        try:
            result = self._store.query(query, prefixes=PREFIXES)
        except SyntaxError as error:
            msg = f"SPARQL query: {error}"
            raise DataError(msg) from None
        if isinstance(result, ox.QueryBoolean):
            return bool(result)
        if isinstance(result, ox.QuerySolutions):
            names = [variable.value for variable in result.variables]
            return [
                {n: None if row[n] is None else from_oxigraph(row[n]) for n in names}
                for row in result
            ]
        return [Triple(*triple_from_oxigraph(triple)) for triple in result]

    def serialize(self, format: str = "ttl") -> bytes:  # noqa: A002 - rdflib's name
        """Return the triples in an RDF format of ``FORMATS``; same graph, same bytes."""
        if format not in FORMATS:
            msg = f"unknown RDF format {format!r}; known: {', '.join(FORMATS)}"
            raise DataError(msg)
        output = io.BytesIO()
        triples = sorted({tuple(row) for row in self.triple_codes.tolist()})
        nodes = [to_oxigraph(term) for term in self.terms]
        ox.serialize(
            (ox.Triple(nodes[s], nodes[p], nodes[o]) for s, p, o in triples),
            output,
            FORMATS[format],
            prefixes=self._safe_prefixes(),
        )
        return output.getvalue()

    # --- inside ----------------------------------------------------------------------------

    def _safe_prefixes(self) -> dict[str, str]:
        r"""Return the prefixes under which all names are plain.

        Turtle lets a name hold escaped punctuation (``dbr:R.I.P.D\.``), but not every reader
        does; such namespaces are written in full.
        """
        iris = [term for term in self.terms if isinstance(term, Iri)]
        return {
            prefix: namespace
            for prefix, namespace in PREFIXES.items()
            if all(
                _PLAIN_NAME.fullmatch(iri, len(namespace))
                for iri in iris
                if iri.startswith(namespace)
            )
        }

    @cached_property
    def _code(self) -> dict[Term, int]:
        return {term: code for code, term in enumerate(self.terms)}

    @cached_property
    def _keys(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return one number for each triple, sorted, and the rows in that order."""
        keys = self._key(self.triple_codes.astype(np.int64))
        order = np.argsort(keys, kind="stable")
        return keys[order], order

    def _key(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        size = len(self.terms)
        used = np.searchsorted(self._predicates, codes[..., 1])
        return (codes[..., 0] * size + codes[..., 2]) * (len(self._predicates) + 1) + used

    @cached_property
    def _predicates(self) -> NDArray[np.int32]:
        return np.unique(self.triple_codes[:, 1])

    def _row_of(self, triple: object) -> int | None:
        """Return the first row of a triple."""
        if not isinstance(triple, tuple) or not all(term in self._code for term in triple):
            return None
        codes = np.array([self._code[term] for term in triple], dtype=np.int64)
        keys, order = self._keys
        place = int(np.searchsorted(keys, self._key(codes)))
        if place == len(keys):
            return None
        row = int(order[place])
        return row if np.array_equal(self.triple_codes[row], codes) else None

    @cached_property
    def _labels(self) -> dict[Iri, str]:
        return {
            t.subject: t.object.value
            for t in reversed(list(self.triples(predicate=LABEL)))
            if isinstance(t.object, Literal)
        }

    @cached_property
    def _alternative_labels(self) -> dict[Iri, list[str]]:
        found: dict[Iri, list[str]] = defaultdict(list)
        for t in self.triples(predicate=ALT_LABEL):
            if isinstance(t.object, Literal):
                found[t.subject].append(t.object.value)
        return found

    @cached_property
    def _span_start(self) -> NDArray[np.int64]:
        return np.searchsorted(self.spans[:, 0], np.arange(len(self) + 1))

    @cached_property
    def _document_ids(self) -> tuple[str, ...]:
        return tuple(sorted(self.documents))

    @cached_property
    def _store(self) -> ox.Store:
        store = ox.Store()
        store.bulk_extend(
            ox.Quad(ox.NamedNode(s), ox.NamedNode(p), to_oxigraph(o)) for s, p, o in self
        )
        return store

    def _triple(self, row: int) -> Triple:
        s, p, o = self.triple_codes[row]
        return Triple(self.terms[s], self.terms[p], self.terms[o])

    def _evidence(self, row: int) -> tuple[Evidence, ...]:
        found = []
        for _, document, start, end in self.spans[
            self._span_start[row] : self._span_start[row + 1]
        ]:
            name = self._document_ids[document]
            text = self.documents[name][start:end]
            found.append(Evidence(name, int(start), int(end), text))
        return tuple(found)

    def _statement(self, row: int) -> Statement:
        return Statement(
            self._triple(row),
            self._evidence(row),
            float(self.confidences[row]),
            self.extractor_names[self.extractors[row]],
            PARTS[self.part_codes[row]],
            -1 if self.strengths[row] < 0 else 1,
            abs(float(self.strengths[row])),
        )
