"""The knowledge graph: one columnar, integer-coded triple table; all else is a view of it.

RDF (rdflib, pyoxigraph), networkx, PyKEEN and sparse matrices are made from the table when asked
for; none is a second store. Views hold the same triples (law 4).
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from kg_rec.errors import DataError
from kg_rec.graph import views
from kg_rec.graph.columns import Columns, columns_of, join, only, take
from kg_rec.graph.files import write_graph
from kg_rec.graph.indexes import Indexes
from kg_rec.graph.inserting import changed
from kg_rec.graph.names import Names
from kg_rec.graph.provenance import RECOMMENDATION_GRAPH
from kg_rec.graph.raw import raw_links, raw_statements
from kg_rec.graph.reading import merge_same, only_languages, read_columns, with_namespace
from kg_rec.graph.remote import read_endpoint, write_endpoint
from kg_rec.graph.sparql import Dataset
from kg_rec.graph.writing import rdf_chunks
from kg_rec.ids import Iri, Literal, Term
from kg_rec.io import formats
from kg_rec.ontology import TYPE
from kg_rec.statements import FACTS, USERS, Evidence, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import networkx as nx
    import rdflib
    from numpy.typing import NDArray
    from pykeen.triples import TriplesFactory

    from kg_rec.graph.raw import Links
    from kg_rec.io.endpoint import Endpoint

__all__ = ["BASE_IRI", "FORMATS", "KnowledgeGraph"]

FORMATS = ("ttl", "nt", "jsonld", "rdf", "nq", "trig")
"""Names of the RDF formats that a graph is written in; ``kg_rec.io.formats`` has more."""

_AT_ONCE = 4096
BASE_IRI = "https://w3id.org/kg-rec/id/"
"""What names become IRIs below, unless told otherwise."""


class KnowledgeGraph:
    """Triples with their evidence, as integer columns over a dictionary of terms.

    Make one with :meth:`from_statements`. The order of the statements is irrelevant: terms and
    triples are sorted, equal statements are merged and their evidence is joined.

    Args:
        columns: The table; its columns are attributes of the graph, too.

    Attributes:
        terms: The dictionary: term of each code, sorted.
        triple_codes: int32 array (triples × 3) of subject, predicate and object codes, sorted.
        part_codes: int array: the part of each triple, code into ``part_names``.
        part_names: ``facts``, ``users``, ``derived``, then the names of other named graphs.
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

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.terms = columns.terms
        self.triple_codes = columns.triple_codes
        self.part_codes = columns.part_codes
        self.part_names = columns.part_names
        self.confidences = columns.confidences
        self.strengths = columns.strengths
        self.extractors = columns.extractors
        self.extractor_names = columns.extractor_names
        self.spans = columns.spans
        self.documents = dict(columns.documents)

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
        return cls(columns_of(statements, documents or {}))

    @classmethod
    def read(
        cls,
        *paths: str | Path | formats.Source,
        format: str | None = None,  # noqa: A002 - rdflib's name
        base_iri: str = BASE_IRI,
        resolve: str | None = None,
        part: str = FACTS,
        evidence: bool = True,
    ) -> KnowledgeGraph:
        """Read files as one graph: RDF, plain triple files, RecBole atomic files, HDT.

        Blank nodes of different files stay apart. The named graphs of our own exports become parts
        again, other named graphs become parts of their names.

        Args:
            *paths: The files; ``.gz``, ``.bz2``, ``.xz`` and ``.zst`` are unpacked.
            format: One of ``kg_rec.io.formats.FORMATS``; by default the name of the file tells.
            base_iri: Names in plain triple files become IRIs below it.
            resolve: What relative IRIs in RDF are relative to; without it they are refused.
            part: The part of what is in no named graph; ``""`` keeps it the default graph.
            evidence: Whether triples of the profiles ``evidence`` and ``rdf12`` become evidence.

        Raises:
            DataError: A file is missing, of an unknown kind or broken; the message names the line.
            MissingDependencyError: An optional package is needed to read one.
        """
        sources = [source for path in paths for source in formats.sources_of(path, format)]
        columns = read_columns(
            sources, base_iri=base_iri, resolve=resolve, part=part, evidence=evidence
        )
        return cls(columns)

    @classmethod
    def from_endpoint(
        cls,
        endpoint: str | Endpoint,
        *,
        graphs: Iterable[str] | None = None,
        part: str = FACTS,
    ) -> KnowledgeGraph:
        """Read the graphs of a SPARQL 1.1 server, whole or not at all.

        The named graphs of our own exports become parts again, as in :meth:`read`.

        Args:
            endpoint: Its URL for queries, or an ``Endpoint`` with headers and limits.
            graphs: Names of graphs, ``""`` for the default graph; by default all.
            part: The part of what is in the default graph.

        Raises:
            EndpointError: The server fails, or its graphs change while they are read.
            DataError: The server has no graph of a name, or what it gives is not as expected.
        """
        return cls(read_endpoint(endpoint, graphs, part))

    def to_endpoint(
        self,
        endpoint: str | Endpoint,
        *,
        profile: str = "plain",
        users: bool = False,
        replace: bool = True,
    ) -> int:
        """Write the graph to a SPARQL 1.1 server, whole or not at all; its parts are named graphs.

        Args:
            endpoint: Its URL for queries, or an ``Endpoint`` with headers and limits.
            profile: As in :meth:`serialize`.
            users: Whether what users did and said, and what was recommended to them, goes, too.
            replace: Whether graphs of the same names are replaced; else triples are added to them.
                Other graphs of the server stay as they are.

        Returns:
            How many triples were written.

        Raises:
            EndpointError: The server fails; its graphs are as they were.
        """
        columns = (self if users else self.without_users()).columns
        return write_endpoint(columns, endpoint, profile, replace=replace)

    def without_users(self) -> KnowledgeGraph:
        """Return the graph without what users did and said, and what was recommended to them."""
        private = {USERS, str(RECOMMENDATION_GRAPH)}
        return self.select([part for part in self.part_names if part not in private])

    @property
    def nbytes(self) -> int:
        """How many bytes the table takes: columns and dictionary, without indexes and objects."""
        arrays = (
            self.triple_codes,
            self.part_codes,
            self.confidences,
            self.strengths,
            self.extractors,
            self.spans,
            self.terms.ends,
        )
        texts = sum(len(text.encode()) for text in self.documents.values())
        return sum(array.nbytes for array in arrays) + len(self.terms.block) + texts

    # --- reading ---------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.triple_codes)

    def __iter__(self) -> Iterator[Triple]:
        return self.triples()

    def __contains__(self, triple: object) -> bool:
        return self._row_of(triple) is not None

    def __repr__(self) -> str:
        return f"<KnowledgeGraph: {len(self):,} triples, {len(self.terms):,} terms>"

    def rows(
        self,
        subject: Iri | None = None,
        predicate: Iri | None = None,
        object: Term | None = None,  # noqa: A002 - the RDF name
    ) -> NDArray[np.int32]:
        """Return the rows of the triples that match, ascending; ``None`` matches all."""
        wanted = (subject, predicate, object)
        codes = [None if term is None else self.terms.code(term) for term in wanted]
        if any(c is None and t is not None for c, t in zip(codes, wanted, strict=True)):
            return np.zeros(0, dtype=np.int32)
        return self.indexes.rows((codes[0], codes[1], codes[2]))

    def triples(
        self,
        subject: Iri | None = None,
        predicate: Iri | None = None,
        object: Term | None = None,  # noqa: A002 - the RDF name
    ) -> Iterator[Triple]:
        """Return the triples that match, in order; ``None`` matches all."""
        rows, term = self.rows(subject, predicate, object), self.terms.made.__getitem__
        for start in range(0, len(rows), _AT_ONCE):
            columns = self.triple_codes[rows[start : start + _AT_ONCE]].T.tolist()
            yield from map(Triple, *(map(term, column) for column in columns))

    def statements(self) -> Iterator[Statement]:
        """Return the triples with all that is known of them."""
        yield from (self._statement(row) for row in range(len(self)))

    def evidence(self, triple: Triple) -> tuple[Evidence, ...]:
        """Return the passages that state a triple; empty if it came from a table."""
        row = self._row_of(triple)
        return () if row is None else self._evidence(row)

    def label(self, term: Term, language: str | None = None) -> str:
        """Return the name of a term: its ``rdfs:label``, else the end of its IRI.

        Args:
            term: A term; the name of a literal is its value.
            language: A label of this language is preferred, as in ``"zh"``.
        """
        return self._names.label(term, language)

    def names(self, term: Iri) -> tuple[str, ...]:
        """Return all names of a term: its labels and alternative labels."""
        return self._names.all(term)

    @cached_property
    def types(self) -> dict[Iri, tuple[Iri, ...]]:
        """The classes of each typed node."""
        found: dict[Iri, list[Iri]] = defaultdict(list)
        for triple in self.triples(predicate=TYPE):
            if isinstance(triple.object, Iri):
                found[triple.subject].append(triple.object)
        return {iri: tuple(types) for iri, types in found.items()}

    # --- other graphs ----------------------------------------------------------------------

    def select(
        self,
        parts: Iterable[str] | None = None,
        predicates: Iterable[Iri] | None = None,
    ) -> KnowledgeGraph:
        """Return the graph of some parts and predicates only; ``None`` keeps all."""
        wanted = np.ones(len(self), dtype=bool)
        if parts is not None:
            chosen = [self.part_names.index(part) for part in parts if part in self.part_names]
            wanted &= np.isin(self.part_codes, chosen)
        if predicates is not None:
            codes = [code for p in predicates if (code := self.terms.code(p)) is not None]
            wanted &= np.isin(self.triple_codes[:, 1], codes)
        return self if wanted.all() else self.take(np.flatnonzero(wanted))

    def take(self, rows: NDArray[np.integer]) -> KnowledgeGraph:
        """Return the graph of some rows, which ascend."""
        return KnowledgeGraph(take(self.columns, rows))

    def with_statements(
        self, statements: Iterable[Statement], documents: Mapping[str, str] | None = None
    ) -> KnowledgeGraph:
        """Return a graph that holds these statements, too."""
        added = raw_statements(statements, {**self.documents, **(documents or {})})
        return KnowledgeGraph(changed(self.columns, [added]))

    def with_links(self, nodes: Sequence[Iri], links: Iterable[Links]) -> KnowledgeGraph:
        """Return a graph that holds derived links between its nodes, too.

        Args:
            nodes: What rows and columns of the links are.
            links: The links.
        """
        return KnowledgeGraph(changed(self.columns, [raw_links(nodes, links)]))

    def changed(
        self,
        statements: Iterable[Statement] = (),
        documents: Mapping[str, str] | None = None,
        *,
        goes: NDArray[np.bool_] | None = None,
        nodes: Sequence[Iri] = (),
        links: Iterable[Links] = (),
    ) -> KnowledgeGraph:
        """Return a graph without some rows, and with statements and links; quick if these are few.

        Args:
            statements: What comes.
            documents: Id to text, of the documents that their evidence cites.
            goes: bool array, one a row: what goes.
            nodes: What rows and columns of the links are.
            links: Links that come.
        """
        said = raw_statements(statements, {**self.documents, **(documents or {})})
        return KnowledgeGraph(changed(self.columns, [said, raw_links(nodes, links)], goes))

    def only(self, rows: NDArray[np.bool_]) -> KnowledgeGraph:
        """Return a graph of some rows with the dictionary of this one: quick, for a look at them.

        Args:
            rows: bool array, one a row.
        """
        return KnowledgeGraph(only(self.columns, rows))

    def merge_same(self, prefer: Sequence[str] = ()) -> KnowledgeGraph:
        """Return the graph with nodes that ``owl:sameAs`` links merged into one.

        The one that stays is an IRI if any is, begins with the first possible of ``prefer``, and
        comes first in sorted order.

        Args:
            prefer: Starts of IRIs, the most wanted first.
        """
        return KnowledgeGraph(merge_same(self.columns, prefer))

    def with_namespace(self, old: str, new: str) -> KnowledgeGraph:
        """Return the graph with IRIs that begin with ``old`` beginning with ``new`` instead."""
        return KnowledgeGraph(with_namespace(self.columns, old, new))

    def only_languages(self, languages: Iterable[str]) -> KnowledgeGraph:
        """Return the graph without literals of other languages; ``de`` keeps ``de-at``."""
        return self.take(np.flatnonzero(only_languages(self.columns, languages)))

    @classmethod
    def merged(cls, graphs: Iterable[KnowledgeGraph]) -> KnowledgeGraph:
        """Return one graph of all; equal triples are merged as in :meth:`from_statements`."""
        return cls(join([graph.columns for graph in graphs]))

    # --- views -----------------------------------------------------------------------------

    def to_rdflib(self) -> rdflib.Graph:
        """Return the triples as an rdflib graph with prefixes bound."""
        return views.rdflib_view(self)

    def to_networkx(self) -> nx.MultiDiGraph[Term]:
        """Return a directed multigraph: terms are nodes, the key of an edge is its predicate."""
        return views.networkx_view(self)

    def to_pykeen(self) -> TriplesFactory:
        """Return the triples as a PyKEEN factory; literals are written as in N-Triples."""
        return views.pykeen_view(self)

    def adjacency(self, predicate: Iri | None = None) -> sparse.csr_array:
        """Return a terms × terms matrix: how many predicates (or one) link row to column."""
        codes = self.triple_codes
        if predicate is not None:
            codes = codes[self.rows(predicate=predicate)]
        size = len(self.terms)
        ones = np.ones(len(codes), dtype=np.int32)
        return sparse.coo_array((ones, (codes[:, 0], codes[:, 2])), shape=(size, size)).tocsr()

    @cached_property
    def dataset(self) -> Dataset:
        """The graph for SPARQL; ``dataset.ask`` gives rows while they are found."""
        return Dataset(self)

    def sparql(self, query: str) -> Any:
        """Run a SPARQL 1.1 query (SELECT, ASK, CONSTRUCT or DESCRIBE) with Oxigraph.

        Common prefixes (``rdf rdfs owl xsd skos schema kgrec movies dbr``) are known. The default
        graph holds all triples, each once; ``GRAPH <https://w3id.org/kg-rec/graph/facts>`` and
        ``…/users``, ``…/derived``, ``…/evidence`` reach one part alone. Nothing is asked of other
        servers.

        Returns:
            ``list[dict[str, Term | None]]`` for SELECT, ``bool`` for ASK, ``list[Triple]`` else.

        Raises:
            DataError: The query is broken (the message says where), or has a SERVICE clause.

        Examples:
            >>> KnowledgeGraph.from_statements([]).sparql("ASK { ?s ?p ?o }")
            False
        """
        return self.dataset.answers(query)

    def serialize(
        self,
        format: str = "ttl",  # noqa: A002 - rdflib's name
        profile: str = "plain",
        *,
        named: bool | None = None,
    ) -> bytes:
        """Return the graph in an RDF format; same graph, same bytes.

        Blank nodes are named after what is said of them.

        Args:
            format: One of ``FORMATS``.
            profile: ``plain``: the triples; ``evidence``: also confidence, extractor, part and
                passages of text, in RDF 1.1; ``rdf12``: the same with triple terms.
            named: Whether parts are named graphs; by default in N-Quads and TriG only.

        Raises:
            DataError: Format or profile is unknown, or cannot hold the graph.
        """
        if format not in FORMATS:
            msg = f"unknown RDF format {format!r}; known: {', '.join(FORMATS)}"
            raise DataError(msg)
        return b"".join(rdf_chunks(self.columns, formats.FORMATS[format], profile, named=named))

    def write(
        self,
        path: str | Path,
        format: str | None = None,  # noqa: A002 - rdflib's name
        profile: str = "plain",
        *,
        named: bool | None = None,
        base_iri: str = BASE_IRI,
    ) -> Path:
        """Write the graph to a file, or for RecBole and Neo4j to a folder, whole or not at all.

        Args:
            path: The file or folder; ``.gz``, ``.bz2``, ``.xz`` and ``.zst`` are packed.
            format: One of ``kg_rec.io.formats.FORMATS``; by default the name of the file tells.
            profile: As in :meth:`serialize`; RDF only.
            named: As in :meth:`serialize`.
            base_iri: What RecBole's ids are below.

        Raises:
            DataError: The format is unknown or cannot hold the graph, or the file cannot be
                written.
        """
        return write_graph(self, path, format, profile, named=named, base_iri=base_iri)

    # --- inside ----------------------------------------------------------------------------

    @cached_property
    def indexes(self) -> Indexes:
        """The indexes of the table."""
        return Indexes(self.triple_codes, len(self.terms))

    def _row_of(self, triple: object) -> int | None:
        """Return the first row of a triple."""
        if not isinstance(triple, tuple) or len(triple) != 3:  # noqa: PLR2004 - a triple
            return None
        if not all(isinstance(term, Iri | Literal) for term in triple):
            return None
        rows = self.rows(*triple)
        return int(rows[0]) if len(rows) else None

    @cached_property
    def _names(self) -> Names:
        return Names(self)

    @cached_property
    def _span_start(self) -> NDArray[np.int64]:
        return np.searchsorted(self.spans[:, 0], np.arange(len(self) + 1))

    @cached_property
    def _document_ids(self) -> tuple[str, ...]:
        return tuple(sorted(self.documents))

    def _triple(self, row: int) -> Triple:
        s, p, o = self.triple_codes[row].tolist()
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
            self.part_names[self.part_codes[row]],
            -1 if self.strengths[row] < 0 else 1,
            abs(float(self.strengths[row])),
        )
