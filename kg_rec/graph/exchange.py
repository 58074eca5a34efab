"""Graphs for other tools: TSV, PyKEEN, GraphML, GEXF, Neo4j, RecBole.

None of these holds all that RDF can say. TSV keeps every triple; PyKEEN triples are those between
nodes. In GraphML, GEXF and Neo4j a node is an IRI or blank node, an edge is a triple between nodes,
and literals are attributes of their nodes.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from kg_rec.graph.blank import canonical_names
from kg_rec.graph.columns import take
from kg_rec.ids import PREFIXES, Iri, Literal
from kg_rec.ontology import TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import networkx as nx

    from kg_rec.graph.columns import Columns
    from kg_rec.graph.knowledge_graph import KnowledgeGraph
    from kg_rec.ids import Term

__all__ = ["gexf", "graphml", "neo4j_files", "pykeen_triples", "tsv"]

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ROWS = 1 << 16
SEPARATOR = "\x1f"
"""Stands between several values of one attribute (the "unit separator" of ASCII)."""


def tsv(columns: Columns) -> Iterator[bytes]:
    """Yield the triples as lines of head, relation and tail.

    An IRI is written as it is, a literal as in N-Triples, which escapes tabs and line feeds.
    """
    columns = canonical_names(columns)
    cells = columns.terms.keys()
    codes = columns.triple_codes
    for start in range(0, len(codes), _ROWS):
        rows = codes[start : start + _ROWS].tolist()
        yield b"".join(b"%s\t%s\t%s\n" % (cells[s], cells[p], cells[o]) for s, p, o in rows)


def pykeen_triples(columns: Columns) -> Iterator[bytes]:
    """Yield the triples between nodes as lines, as ``TriplesFactory.from_path`` reads them."""
    between = (columns.triple_codes[:, 2] < columns.terms.nodes).nonzero()[0]
    return tsv(take(columns, between))


# --- GraphML and GEXF ----------------------------------------------------------------------------


def graphml(graph: KnowledgeGraph) -> Iterator[bytes]:
    """Yield a GraphML file, through networkx."""
    import networkx as nx  # noqa: PLC0415 - other formats do without it

    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    for line in nx.generate_graphml(_property_graph(graph), named_key_ids=True):
        yield line.encode() + b"\n"


def gexf(graph: KnowledgeGraph) -> Iterator[bytes]:
    """Yield a GEXF 1.2 file, through networkx."""
    import networkx as nx  # noqa: PLC0415 - other formats do without it

    yield b'<?xml version="1.0" encoding="UTF-8"?>\n'
    for line in nx.generate_gexf(_property_graph(graph), version="1.2draft"):
        yield re.sub(r' lastmodifieddate="[^"]*"', "", line).encode() + b"\n"


def _property_graph(graph: KnowledgeGraph) -> nx.MultiDiGraph[str]:
    import networkx as nx  # noqa: PLC0415 - see above

    found: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, attributes in _nodes(graph).items():
        shown = {name: _xml(SEPARATOR.join(sorted(v))) for name, v in sorted(attributes.items())}
        found.add_node(str(node), **{"label": _xml(graph.label(node)), **shown})
    for number, (s, p, o, attributes) in enumerate(_edges(graph)):
        found.add_edge(str(s), str(o), key=str(number), predicate=str(p), **attributes)
    return found


def _nodes(graph: KnowledgeGraph) -> dict[Iri, dict[str, set[str]]]:
    """Return nodes in order, each with its literals by property, and its types."""
    found: dict[Iri, dict[str, set[str]]] = {}
    for s, p, o in graph:
        attributes = found.setdefault(s, defaultdict(set))
        if isinstance(o, Literal):
            attributes[short_name(p)].add(o.value)
        elif p == TYPE:
            attributes["type"].add(graph.label(o))
        else:
            found.setdefault(o, defaultdict(set))
    return found


def _edges(graph: KnowledgeGraph) -> Iterator[tuple[Iri, Iri, Iri, dict[str, Any]]]:
    for row, (s, p, o) in enumerate(graph):
        if isinstance(o, Iri) and p != TYPE:
            part = graph.part_names[graph.part_codes[row]]
            confidence = float(graph.confidences[row])
            yield s, p, o, {"label": _xml(graph.label(p)), "part": part, "confidence": confidence}


def short_name(iri: Term) -> str:
    """Return an IRI with a prefix, if a known one fits.

    Examples:
        >>> short_name(Iri("http://schema.org/actor"))
        'schema:actor'
    """
    for prefix, namespace in PREFIXES.items():
        if isinstance(iri, Iri) and iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return str(iri)


def _xml(text: str) -> str:
    """Return a text with what XML cannot hold as U+FFFD, and our separator as '; '."""
    return _NO_XML.sub("\ufffd", text.replace(SEPARATOR, "; "))


# --- Neo4j ---------------------------------------------------------------------------------------


def neo4j_files(graph: KnowledgeGraph) -> dict[str, Iterable[bytes]]:
    """Return the files of a bulk import (``neo4j-admin database import``): nodes, relationships."""
    nodes = _nodes(graph)
    names = sorted({name for attributes in nodes.values() for name in attributes} - {"type"})
    header = ["iri:ID", "label:string", *(f"{name}:string[]" for name in names), ":LABEL"]
    rows = (
        [
            str(node),
            graph.label(node),
            *(SEPARATOR.join(sorted(attributes.get(name, ()))) for name in names),
            SEPARATOR.join(sorted(attributes.get("type", {"Node"}))),
        ]
        for node, attributes in nodes.items()
    )
    edges = (
        [str(s), str(o), short_name(p), str(a["confidence"]), a["part"]]
        for s, p, o, a in _edges(graph)
    )
    types = [":START_ID", ":END_ID", ":TYPE", "confidence:double", "part:string"]
    return {
        "nodes.csv": _csv(header, rows),
        "relationships.csv": _csv(types, edges),
        "import.txt": [_NEO4J_COMMAND],
    }


_NEO4J_COMMAND = (
    b"neo4j-admin database import full --nodes=nodes.csv --relationships=relationships.csv"
    b" --array-delimiter=U+001F --multiline-fields=true neo4j\n"
)


def _csv(header: list[str], rows: Iterable[list[str]]) -> Iterator[bytes]:
    for row in (header, *rows):
        line = io.StringIO()
        csv.writer(line, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).writerow(row)
        yield line.getvalue().encode()
