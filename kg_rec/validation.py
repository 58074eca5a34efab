"""Is a graph as its shapes say? SHACL validation through pyshacl, findings in plain words.

Shapes are those of the vocabulary (``ontologies/kgrec-shapes.ttl``) and those that the domain's
ontology holds. Of a large graph only what the shapes can ask for is handed to pyshacl.
"""

from __future__ import annotations

import contextlib
import logging
import warnings
from dataclasses import asdict, astuple, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg_rec.errors import OntologyError
from kg_rec.ids import PREFIXES, RDF, RDFS, SCHEMA, BlankNode, Iri, Namespace
from kg_rec.ontology import Ontology
from kg_rec.ontology.reading import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    import rdflib
    from rdflib.term import Node

    from kg_rec.graph import KnowledgeGraph

__all__ = ["Finding", "Report", "shapes_of", "validate"]

SH = Namespace("http://www.w3.org/ns/shacl#")
_SEVERITIES = ("Violation", "Warning", "Info")
_TARGETS = ("targetClass", "targetNode", "targetSubjectsOf", "targetObjectsOf")
_RDF = "rdf:"
_NEEDS_ALL = ("closed", "select", "ask")
_HINTS = {
    "ClassConstraintComponent": "state the type of the value, or point to a node of that class",
    "ClosedConstraintComponent": "remove the property, or add it to the shape",
    "DatatypeConstraintComponent": "write the value with the datatype, and in its form",
    "DisjointConstraintComponent": "remove one of the two statements",
    "HasValueConstraintComponent": "add the value that is required",
    "InConstraintComponent": "use one of the values that are allowed",
    "LanguageInConstraintComponent": "use one of the languages that are allowed",
    "LessThanConstraintComponent": "the first value must be below the second",
    "LessThanOrEqualsConstraintComponent": "the first value must not be above the second",
    "MaxCountConstraintComponent": "keep fewer values",
    "MaxInclusiveConstraintComponent": "use a smaller number",
    "MaxLengthConstraintComponent": "use a shorter text",
    "MinCountConstraintComponent": "add what is missing",
    "MinInclusiveConstraintComponent": "use a larger number",
    "MinLengthConstraintComponent": "use a longer text",
    "NodeKindConstraintComponent": "use an IRI where one is expected, a literal where not",
    "PatternConstraintComponent": "write the value in the form that is expected",
    "QualifiedMinCountConstraintComponent": "add a value of the kind that is missing",
    "UniqueLangConstraintComponent": "keep one value for each language",
}
"""How to mend what breaks a constraint, where the shape has no ``sh:description``."""


@dataclass(frozen=True)
class Finding:
    """Where a graph is not as a shape says.

    Attributes:
        file: Where the node comes from, as in ``"facts.ttl"`` or ``"table"``; empty if unknown.
        node: The node that was looked at.
        path: The property that was looked at, or empty.
        value: The value at fault, or empty.
        rule: The constraint that is broken, as in ``"MinCount of shapes:Item"``.
        severity: ``"Violation"``, ``"Warning"`` or ``"Info"``.
        message: What is wrong.
        hint: How to mend it.
    """

    file: str
    node: str
    path: str
    value: str
    rule: str
    severity: str
    message: str
    hint: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.node}" if self.file else self.node
        value = f" (found {self.value})" if self.value and self.value != self.node else ""
        return f"{place}: {self.message}{value}"

    def to_dict(self) -> dict[str, str]:
        """Return plain values for JSON."""
        return asdict(self)


@dataclass(frozen=True)
class Report:
    """What validation found.

    Attributes:
        findings: Violations first, then by node.
        rdf: The SHACL validation report.
        checked: Triples that were handed to pyshacl.
    """

    findings: tuple[Finding, ...]
    rdf: rdflib.Graph
    checked: int

    @property
    def violations(self) -> tuple[Finding, ...]:
        """The findings that are violations, not warnings."""
        return tuple(f for f in self.findings if f.severity == "Violation")

    @property
    def conforms(self) -> bool:
        """Whether there is no violation."""
        return not self.violations


def validate(
    graph: KnowledgeGraph,
    shapes: str | None = None,
    ontology: Ontology | None = None,
) -> Report:
    """Return where a graph is not as its shapes say.

    Args:
        graph: What to look at.
        shapes: Shapes as Turtle; without them those of the vocabulary and of the ontology.
        ontology: The domain: its class tree says what is an item, its shapes are used, too.

    Raises:
        OntologyError: The shapes are broken.

    Examples:
        >>> from kg_rec.graph import KnowledgeGraph
        >>> from kg_rec.ids import KGREC
        >>> from kg_rec.statements import Statement, Triple
        >>> likes = Triple(Iri("urn:u"), KGREC["likes"], Iri("urn:x"))
        >>> report = validate(KnowledgeGraph.from_statements([Statement(likes)]))
        >>> print(report.findings[0])
        table: urn:u: who rates or likes must be a kgrec:User
    """
    from pyshacl import validate as shacl  # noqa: PLC0415 - serving does without, and it is slow
    from pyshacl.errors import ReportableRuntimeError, ShapeLoadError  # noqa: PLC0415

    rules, tree = _known(ontology) if shapes is None else _of(shapes, ontology)
    part = _needed(graph, rules, tree)
    try:
        with _quiet():
            data = part.to_rdflib()
            _, found, _ = shacl(data, shacl_graph=rules, ont_graph=tree, inplace=True)
    except (ReportableRuntimeError, ShapeLoadError) as error:
        raise OntologyError(f"shapes: {' '.join(str(error).split())}") from None
    if not isinstance(found, type(rules)):
        raise OntologyError(f"shapes: {found}")
    return Report(tuple(_findings(found, rules, graph)), found, len(part))


def _of(shapes: str, ontology: Ontology | None) -> tuple[rdflib.Graph, rdflib.Graph]:
    return _parse(shapes, "shapes"), _class_tree(ontology)


@lru_cache(maxsize=4)
def _known(ontology: Ontology | None) -> tuple[rdflib.Graph, rdflib.Graph]:
    """Return shapes and class tree; a model asks for those of its ontology again and again."""
    return shapes_of(ontology), _class_tree(ontology)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep rdflib from telling of values that are not of their datatype: findings tell of them."""
    log = logging.getLogger("rdflib.term")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module=r"rdflib\.term")
            yield
    finally:
        log.setLevel(before)


def shapes_of(ontology: Ontology | None = None) -> rdflib.Graph:
    """Return the shapes of the vocabulary, and those that an ontology holds."""
    shipped = Ontology.load("kgrec-shapes")
    rules = _parse(shipped.turtle, shipped.source)
    if ontology is not None:
        own = _parse(ontology.turtle, ontology.source)
        for prefix, namespace in own.namespaces():
            rules.bind(prefix, namespace)
        rules += own
    return rules


def _parse(turtle: str, source: str) -> rdflib.Graph:
    """Parse shapes; schema.org is one namespace, whether http or https.

    Raises:
        OntologyError: They are not Turtle; the message names the line.
    """
    import rdflib  # noqa: PLC0415 - see validate

    parse(turtle, ox.RdfFormat.TURTLE, source)  # its errors name a line
    text = turtle.replace("https://schema.org/", SCHEMA)
    return rdflib.Graph().parse(data=text, format="turtle")


def _class_tree(ontology: Ontology | None) -> rdflib.Graph:
    """Return the class tree of the vocabulary and of an ontology."""
    import rdflib  # noqa: PLC0415 - see validate

    tree = rdflib.Graph()
    for source in (Ontology.load("kgrec"), ontology):
        for iri, kind in source.classes.items() if source else ():
            for parent in kind.parents:
                tree.add((_uri(iri), _uri(RDFS["subClassOf"]), _uri(parent)))
    return tree


# --- what pyshacl needs to see --------------------------------------------------------------------


def _needed(graph: KnowledgeGraph, rules: rdflib.Graph, tree: rdflib.Graph) -> KnowledgeGraph:
    """Return the triples that the shapes can ask for.

    Paths, targets and pairs of properties all name their predicates in the shapes, so the triples
    of the IRIs that shapes mention are enough; but a closed shape and a query may ask for any.
    """
    holders = {h for name in _NEEDS_ALL for h in rules.subjects(_uri(SH[name]))}
    owners = {shape for holder in holders for shape in _owners(holder, rules)}
    if any(_may_apply(shape, graph, rules, tree) for shape in owners):
        return graph
    mentioned = _mentioned(rules)
    always = {RDF["type"], RDFS["subClassOf"], RDF["first"], RDF["rest"]}
    return graph.select(predicates=mentioned | always)


@lru_cache(maxsize=4)
def _mentioned(rules: rdflib.Graph) -> frozenset[Iri]:
    """Return the IRIs that shapes mention."""
    return frozenset(Iri(o) for o in rules.objects() if isinstance(o, type(_uri(""))))


def _owners(holder: Node, rules: rdflib.Graph) -> set[Node]:
    """Return the shapes that a constraint is in: all nodes that lead to it, and itself."""
    found, waiting = {holder}, [holder]
    while waiting:
        new = set(rules.subjects(None, waiting.pop())) - found
        found |= new
        waiting += new
    return found


def _may_apply(shape: Node, graph: KnowledgeGraph, rules: rdflib.Graph, tree: rdflib.Graph) -> bool:
    """Return whether a shape may have a target: whether the graph names one, or a class below."""
    below = _uri(RDFS["subClassOf"])
    targets = {t for name in _TARGETS for t in rules.objects(shape, _uri(SH[name]))}
    if (shape, _uri(RDF["type"]), _uri(RDFS["Class"])) in rules:
        targets.add(shape)
    if (None, _uri(SH["target"]), None) in rules:  # targets that queries find
        return True
    if targets and graph.terms.code(RDFS["subClassOf"]) is not None:
        return True
    kinds = {str(kind) for target in targets for kind in tree.transitive_subjects(below, target)}
    return any(graph.terms.code(Iri(kind)) is not None for kind in kinds if ":" in kind)


# --- findings -------------------------------------------------------------------------------------


def _findings(report: rdflib.Graph, rules: rdflib.Graph, graph: KnowledgeGraph) -> list[Finding]:
    """Return the results of a report, those inside others (``sh:detail``) apart."""
    inner = set(report.objects(None, _uri(SH["detail"])))
    results = report.subjects(_uri(RDF["type"]), _uri(SH["ValidationResult"]))
    found = [_finding(report, r, rules, graph) for r in results if r not in inner]
    return sorted(found, key=lambda f: (_SEVERITIES.index(f.severity), *astuple(f)))


def _finding(
    report: rdflib.Graph, result: Node, rules: rdflib.Graph, graph: KnowledgeGraph
) -> Finding:
    def one(name: str) -> Node | None:
        return report.value(result, _uri(SH[name]))

    shape = one("sourceShape")
    component = _local(one("sourceConstraintComponent"))
    severity = _local(one("resultSeverity"))
    messages = [str(m) for m in report.objects(result, _uri(SH["resultMessage"]))]
    node = one("focusNode")
    return Finding(
        file=_origin(graph, node),
        node=_shown(node),
        path=_path(one("resultPath"), report),
        value=_shown(one("value")),
        rule=f"{component.removesuffix('ConstraintComponent')} of {_name(shape, rules)}",
        severity=severity if severity in _SEVERITIES else _SEVERITIES[0],
        message=min(messages, default=component),
        hint=_hint(shape, component, rules),
    )


def _hint(shape: Node | None, component: str, rules: rdflib.Graph) -> str:
    """Return how to mend what a constraint found: what the shape says, else what is usual."""
    described = rules.value(shape, _uri(SH["description"])) if shape is not None else None
    return str(described or _HINTS.get(component, "see the constraint in the shape"))


def _name(shape: Node | None, rules: rdflib.Graph) -> str:
    """Return the name of a shape; that of a blank one is its nearest owner's."""
    import rdflib  # noqa: PLC0415 - see validate

    named, waiting = "a shape", [] if shape is None else [shape]
    seen = set(waiting)
    while waiting:
        current = waiting.pop(0)
        if isinstance(current, rdflib.URIRef):
            return rules.namespace_manager.normalizeUri(current)
        new = set(rules.subjects(None, current)) - seen
        seen |= new
        waiting += sorted(new, key=str)
    return named


def _origin(graph: KnowledgeGraph, node: Node | None) -> str:
    """Return where the triples of a node come from: files first, else what found them."""
    import rdflib  # noqa: PLC0415 - see validate

    if isinstance(node, rdflib.Literal) or node is None:
        return ""
    term = BlankNode(f"_:{node}") if isinstance(node, rdflib.BNode) else Iri(str(node))
    rows = graph.rows(term)
    if not len(rows):
        rows = graph.rows(None, None, term)
    names = sorted({graph.extractor_names[code] for code in graph.extractors[rows].tolist()})
    files = [name.removeprefix(_RDF) for name in names if name.startswith(_RDF)]
    return next(iter(files or names), "")


def _path(path: Node | None, report: rdflib.Graph) -> str:
    """Return a property path as SPARQL writes it (SHACL, section 2.3.1)."""
    from pyshacl.helper.path_helper import shacl_path_to_sparql_path  # noqa: PLC0415
    from pyshacl.shapes_graph import ShapesGraph  # noqa: PLC0415

    if path is None:
        return ""
    return str(shacl_path_to_sparql_path(ShapesGraph(report), path, prefixes=PREFIXES))


def _shown(node: Node | None) -> str:
    import rdflib  # noqa: PLC0415 - see validate

    if node is None:
        return ""
    return f"_:{node}" if isinstance(node, rdflib.BNode) else str(node)


def _local(node: Node | None) -> str:
    return "" if node is None else str(node).rpartition("#")[2]


def _uri(iri: str) -> rdflib.URIRef:
    import rdflib  # noqa: PLC0415 - see validate

    return rdflib.URIRef(iri)
