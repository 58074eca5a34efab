"""SPARQL in process: a graph as an Oxigraph dataset, and answers in the forms that SPARQL names.

The default graph holds all triples, each once. ``GRAPH <…>`` reaches one part alone: the named
graphs are those of ``PART_GRAPHS``, those that were read, and that of evidence. This last tells of
each triple that was read in a text where it stands, and is no part of the default graph.
"""

from __future__ import annotations

import csv
import io
import json
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyoxigraph as ox

from kg_rec.errors import DataError
from kg_rec.graph.columns import take
from kg_rec.graph.provenance import EVIDENCE_GRAPH, evidence_triples, graph_of_part
from kg_rec.ids import (
    PREFIXES,
    BlankNode,
    Literal,
    Term,
    from_oxigraph,
    to_oxigraph,
    triple_from_oxigraph,
)
from kg_rec.statements import Triple
from kg_rec.terms import term_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg_rec.graph.knowledge_graph import KnowledgeGraph

__all__ = ["Dataset", "Solutions", "results_csv", "results_json"]


class Solutions(NamedTuple):
    """What a SELECT finds.

    Attributes:
        variables: The names, without ``?``.
        rows: A term or ``None`` for each of them; made while they are read.
    """

    variables: tuple[str, ...]
    rows: Iterator[tuple[Term | None, ...]]


class Dataset:
    """A graph as Oxigraph stores in memory, made when first asked.

    Args:
        graph: The graph.
    """

    def __init__(self, graph: KnowledgeGraph) -> None:
        self._graph = graph

    def ask(self, query: str) -> Solutions | bool | Iterator[Triple]:
        """Run a query; see ``KnowledgeGraph.sparql``. Rows are made while they are read.

        Raises:
            DataError: The query is broken, or would ask another server.
        """
        words = _bare(query)
        if "SERVICE" in words:
            msg = "SPARQL query: SERVICE would ask another server, which is not done here"
            raise DataError(msg)
        store = self._store_for(words, query)
        try:
            found: Any = store.query(query, prefixes=PREFIXES)
        except (SyntaxError, ValueError) as error:
            raise DataError(f"SPARQL query: {error}") from None
        if isinstance(found, ox.QueryBoolean):
            return bool(found)
        if isinstance(found, ox.QuerySolutions):
            return Solutions(tuple(v.value for v in found.variables), map(_row, found))
        return (Triple(*triple_from_oxigraph(triple)) for triple in found)

    def answers(self, query: str) -> Any:
        """Return what a query finds, all of it; see ``KnowledgeGraph.sparql``."""
        found = self.ask(query)
        if isinstance(found, bool):
            return found
        if isinstance(found, Solutions):
            return [dict(zip(found.variables, row, strict=True)) for row in found.rows]
        return list(found)

    @cached_property
    def _plain(self) -> ox.Store:
        store, nodes = ox.Store(), self._nodes
        codes = self._graph.triple_codes.tolist()
        store.bulk_extend(ox.Quad(nodes[s], nodes[p], nodes[o]) for s, p, o in codes)
        return store

    @cached_property
    def _parts(self) -> ox.Store:
        """The store with the parts as named graphs beside the default graph; as big again."""
        store, graph, nodes = ox.Store(), self._graph, self._nodes
        names = [_graph_name(part) for part in graph.part_names]
        rows = zip(graph.triple_codes.tolist(), graph.part_codes.tolist(), strict=True)
        store.bulk_extend(self._plain)
        store.bulk_extend(ox.Quad(nodes[s], nodes[p], nodes[o], names[g]) for (s, p, o), g in rows)
        return store

    @cached_property
    def _all(self) -> ox.Store:
        """The store with the evidence, too, which can be the greatest part."""
        store, graph = ox.Store(), self._graph
        read = take(graph.columns, np.unique(graph.spans[:, 0]))
        evidence = evidence_triples(read, triple_terms=False)
        told = (map(_of_key, triple) for triple in evidence)
        name = ox.NamedNode(EVIDENCE_GRAPH)
        store.bulk_extend(self._parts)
        store.bulk_extend(ox.Quad(s, p, o, name) for s, p, o in told)
        return store

    def _store_for(self, words: str, query: str) -> ox.Store:
        """Return a store with all graphs that a query can reach."""
        if "GRAPH" not in words and "FROM" not in words:
            return self._plain
        any_graph = re.search(r"GRAPH\s*\?", words)
        named = "evidence" in query or "PREFIX" in words or "BASE" in words or "\\" in query
        return self._all if any_graph or named else self._parts

    @cached_property
    def _nodes(self) -> list[Any]:
        return [to_oxigraph(term) for term in self._graph.terms]


_QUIET = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'(?:[^'\\\n]|\\.)*'"
    r"|<[^<>\"{}|^`\s]*>"
    r"|\#[^\n\r]*|[?$]\w+|:[\w%-]+|\\.",
    re.DOTALL,
)
"""What stands in a query and holds no keyword: strings, IRIs, comments, variables, local names."""


def _bare(query: str) -> str:
    """Return a query in capitals, with keywords and little else; variables are ``?``."""
    return _QUIET.sub(lambda found: " ? " if found[0][0] in "?$" else " ", query).upper()


def _row(solution: ox.QuerySolution) -> tuple[Term | None, ...]:
    return tuple(None if term is None else from_oxigraph(term) for term in solution)


def _of_key(key: bytes) -> Any:
    return to_oxigraph(term_of(key))


def _graph_name(part: str) -> Any:
    key = graph_of_part(part)
    return _of_key(key) if key else ox.DefaultGraph()


# --- results -------------------------------------------------------------------------------------


def results_json(variables: Sequence[str], rows: Iterable[Sequence[Term | None]]) -> str:
    r"""Return solutions as JSON (SPARQL 1.1 Query Results JSON Format).

    Examples:
        >>> results_json(["x"], [[Literal("Heat", language="en")]])
        '{"head": {"vars": ["x"]}, "results": {"bindings": [\n{"x": {"type": "literal", "value": "Heat", "xml:lang": "en"}}\n]}}'
    """  # noqa: E501 - one value
    bindings = (
        {
            name: _json_term(term)
            for name, term in zip(variables, row, strict=True)
            if term is not None
        }
        for row in rows
    )
    lines = ",\n".join(json.dumps(binding, ensure_ascii=False) for binding in bindings)
    head = json.dumps({"vars": list(variables)}, ensure_ascii=False)
    return f'{{"head": {head}, "results": {{"bindings": [\n{lines}\n]}}}}'


def _json_term(term: Term) -> dict[str, str]:
    if isinstance(term, Literal):
        found = {"type": "literal", "value": term.value}
        if term.datatype:
            found["datatype"] = term.datatype
        return found | ({"xml:lang": term.language} if term.language else {})
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term[2:]}
    return {"type": "uri", "value": str(term)}


def results_csv(variables: Sequence[str], rows: Iterable[Sequence[Term | None]]) -> str:
    r"""Return solutions as CSV (SPARQL 1.1 Query Results CSV Format): values alone, without types.

    Examples:
        >>> results_csv(["x", "y"], [[Literal("Heat"), Literal("a, b")]])
        'x,y\r\nHeat,"a, b"\r\n'
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(variables)
    writer.writerows(["" if t is None else _plain_text(t) for t in row] for row in rows)
    return text.getvalue()


def _plain_text(term: Term) -> str:
    return term.value if isinstance(term, Literal) else str(term)
