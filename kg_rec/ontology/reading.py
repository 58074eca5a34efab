"""Ontology files to plain facts: several files, their imports, one node a subject."""

from __future__ import annotations

import io
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote, urlsplit

import pyoxigraph as ox

from kg_rec.errors import OntologyError, UnknownIdError
from kg_rec.ids import OWL, PREFIXES, SCHEMA, SKOLEM, Iri, Term, from_oxigraph

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = [
    "Facts",
    "Node",
    "Source",
    "canonical",
    "facts_of",
    "parse",
    "read_source",
    "shipped_names",
]

Node = dict[Iri, list[Term]]
Facts = dict[Iri, Node]

_SHIPPED = (
    Path(__file__).parent.parent / "ontologies",  # in a wheel
    Path(__file__).parent.parent.parent / "ontologies",  # in a checkout
)
_BASE = "file:///"
"""Where relative IRIs of a file start; a real path would name the machine in the model."""
_HTTPS = "https://schema.org/"
_NAMES = {"ns": "kgrec"}
_FORMATS = {"rdfs": ox.RdfFormat.RDF_XML, "owl": ox.RdfFormat.RDF_XML, "n3": ox.RdfFormat.TURTLE}


class Source(NamedTuple):
    """An ontology as it was read.

    Attributes:
        turtle: All files and imports as one Turtle text.
        name: Their names, for error messages.
        facts: Subject to predicate to objects.
        missing: Imports that are neither shipped nor beside the file; nothing is fetched.
    """

    turtle: str
    name: str
    facts: Facts
    missing: tuple[Iri, ...]


def canonical(iri: Iri) -> Iri:
    """Return an IRI with ``https://schema.org/`` as ``http://schema.org/``; they mean the same.

    Examples:
        >>> canonical(Iri("https://schema.org/Movie"))
        Iri('http://schema.org/Movie')
    """
    return SCHEMA[iri.removeprefix(_HTTPS)] if iri.startswith(_HTTPS) else iri


def shipped_names() -> list[str]:
    """Return the names of the domains that come with the package, the vocabulary itself apart."""
    names = {path.stem for folder in _SHIPPED for path in folder.glob("*.ttl")}
    return sorted(name for name in names if not name.startswith("kgrec"))


def read_source(names: Sequence[str | Path]) -> Source:
    """Read ontologies by shipped name or path, with all that they import and is found locally.

    Raises:
        UnknownIdError: A name is neither shipped nor a file.
        OntologyError: A file is broken, or of an unknown kind.
    """
    loader = _Loader()
    for name in names:
        loader.read(_find(name))
    title = ", ".join(Path(name).name for name in map(_find, names))
    if len(loader.texts) == 1 and loader.is_whole:
        turtle = loader.texts[0]
    else:
        turtle = _turtle(loader.quads)
    return Source(turtle, title, facts_of(loader.quads), loader.missing)


def facts_of(quads: Iterable[ox.Quad | ox.Triple]) -> Facts:
    """Return triples as subject to predicate to objects, in their order, each once."""
    facts: Facts = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        values = facts[_node(quad.subject)][_node(quad.predicate)]
        term = quad.object
        value = from_oxigraph(term) if isinstance(term, ox.Literal) else _node(term)
        if value not in values:
            values.append(value)
    return facts


def _node(term: object) -> Iri:
    """Return the IRI of a node; that of a blank node is made up (RDF 1.1 Concepts, 3.5)."""
    if isinstance(term, ox.NamedNode):
        return canonical(Iri(term.value))
    if isinstance(term, ox.BlankNode):
        return SKOLEM[term.value]
    msg = f"{term} is neither an IRI nor a blank node"
    raise OntologyError(msg)


def parse(text: str, format_: ox.RdfFormat, source: str, base: str | None = None) -> list[ox.Quad]:
    """Parse an ontology.

    Raises:
        OntologyError: It is broken; the message names the line.
    """
    try:
        return list(ox.parse(text, format=format_, base_iri=base))
    except SyntaxError as error:
        line = f", line {error.lineno}" if error.lineno else ""
        raise OntologyError(f"{source}{line}: not {format_.name}: {error.msg}") from None


class _Loader:
    """Reads files and their imports, each once."""

    def __init__(self) -> None:
        self.quads: list[ox.Quad] = []
        self.texts: list[str] = []
        self.is_whole = True  # one Turtle file says it all
        self._read: set[Path] = set()
        self._wanted: dict[Iri, None] = {}
        self._declared: set[Iri] = set()

    @property
    def missing(self) -> tuple[Iri, ...]:
        return tuple(iri for iri in self._wanted if iri not in self._declared)

    def read(self, path: Path) -> None:
        if path.resolve() in self._read:
            return
        self._read.add(path.resolve())
        text = _text(path)
        format_ = _format(path, text)
        quads = parse(text, format_, path.name, f"{_BASE}{quote(path.name)}")
        scope = f"f{len(self.texts)}"
        self.texts.append(text)
        self.quads += _apart(quads, scope)
        self.is_whole &= format_ == ox.RdfFormat.TURTLE and not _has_relative(quads)
        self._follow(quads, path)

    def _follow(self, quads: Iterable[ox.Quad], path: Path) -> None:
        for quad in quads:
            if not isinstance(quad.object, ox.NamedNode):
                continue
            target = Iri(quad.object.value)
            if quad.predicate.value == OWL["imports"]:
                self._import(target, path)
            elif target == OWL["Ontology"] and isinstance(quad.subject, ox.NamedNode):
                self._declared.add(Iri(quad.subject.value))

    def _import(self, iri: Iri, path: Path) -> None:
        found = _local(iri, path)
        if found is None:
            self._wanted[iri] = None
        else:
            self.read(found)


def _apart(quads: Iterable[ox.Quad], scope: str) -> Iterator[ox.Quad]:
    """Return the triples of a file with blank nodes of its own, named alike in every run."""
    names: dict[str, ox.BlankNode] = {}

    def own(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Any:
        if isinstance(term, ox.BlankNode):
            return names.setdefault(term.value, ox.BlankNode(f"{scope}b{len(names)}"))
        return term

    for quad in quads:
        yield ox.Quad(own(quad.subject), quad.predicate, own(quad.object))


def _has_relative(quads: Iterable[ox.Quad]) -> bool:
    terms = (t for q in quads for t in (q.subject, q.predicate, q.object))
    return any(isinstance(t, ox.NamedNode) and t.value.startswith(_BASE) for t in terms)


def _find(name: str | Path) -> Path:
    """Return the file of a shipped ontology by name, or of any by path."""
    candidates = [Path(name), *(folder / f"{name}.ttl" for folder in _SHIPPED)]
    path = next((p for p in candidates if p.is_file()), None)
    if path is None:
        raise UnknownIdError("ontology", name, shipped_names())
    return path


def _local(iri: Iri, path: Path) -> Path | None:
    """Return the file that an import stands for: beside the importing one, or a shipped one."""
    parts = urlsplit(iri)
    if parts.scheme == "file":
        beside = path.parent / unquote(parts.path).lstrip("/")
        return beside if beside.is_file() else None
    if iri.startswith("https://w3id.org/kg-rec/"):
        name = iri.local_name
        file = f"{_NAMES.get(name, name)}.ttl"
        return next((f / file for f in _SHIPPED if (f / file).is_file()), None)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise OntologyError(f"{path}: byte {error.start} is not UTF-8") from None
    except OSError as error:
        raise OntologyError(f"{path}: cannot be read: {error.strerror}") from None


def _format(path: Path, text: str) -> ox.RdfFormat:
    """Return the format of a file by its extension; ``.owl`` may be Turtle or RDF/XML."""
    extension = path.suffix.lstrip(".").lower()
    if extension == "owl" and not text.lstrip().startswith("<?xml") and "<rdf:RDF" not in text:
        return ox.RdfFormat.TURTLE
    found = _FORMATS.get(extension) or ox.RdfFormat.from_extension(extension)
    if found is None:
        known = ".ttl, .n3, .nt, .owl, .rdf, .rdfs, .xml, .jsonld"
        raise OntologyError(f"{path}: unknown kind of ontology {path.suffix!r}; known: {known}")
    return found


def _turtle(quads: Iterable[ox.Quad]) -> str:
    output = io.BytesIO()
    triples = dict.fromkeys(ox.Triple(q.subject, q.predicate, q.object) for q in quads)
    ox.serialize(triples, output, ox.RdfFormat.TURTLE, prefixes=dict(PREFIXES))
    return output.getvalue().decode()
