"""Hostile and odd graphs: a clear error or the right result, no network, bounded memory."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg_rec import DataError, Iri, KnowledgeGraph, Literal, Statement, Triple
from kg_rec.graph import FORMATS
from kg_rec.ids import BlankNode
from kg_rec.io import formats

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

XML = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
XML_NODE = '<rdf:Description rdf:about="http://e/a"><e:p>{}</e:p></rdf:Description></rdf:RDF>'
NT = b"<http://e/a> <http://e/p> "


def read(name: str, content: bytes | str, **options: str) -> KnowledgeGraph:
    data = content.encode() if isinstance(content, str) else content
    return KnowledgeGraph.read(
        formats.Source(Path(f"x.{name}"), formats.FORMATS[name], data),
        **options,  # type: ignore[arg-type]
    )


def refused(name: str, content: bytes | str) -> str:
    with pytest.raises(DataError) as caught:
        read(name, content)
    assert str(caught.value).startswith(f"x.{name}")
    return str(caught.value)


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Record every attempt to connect or to look up a name."""
    tried: list[object] = []

    def record(*arguments: object, **_: object) -> None:
        tried.append(arguments)
        raise OSError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", record)
    monkeypatch.setattr(socket, "getaddrinfo", record)
    yield tried
    assert tried == []


# --- entities of XML -----------------------------------------------------------------------------


def doctype(*entities: str) -> str:
    return f"<?xml version='1.0'?>\n<!DOCTYPE x [{''.join(entities)}]>{XML}{XML_NODE}"


def test_entities_that_stand_for_names_are_read() -> None:
    content = doctype('<!-- it\'s -->\n<!ENTITY e "http://e/">').format("&e;b")
    assert next(read("rdf", content).triples()).object == Literal("http://e/b")


@pytest.mark.parametrize(
    ("entity", "message"),
    [
        ('<!ENTITY a "ha"><!ENTITY b "&a;&a;">', "entity 'b' refers to another entity"),
        ("<!ENTITY a '&#38;b;'>", "entity 'a' refers to another entity"),
        ('<!ENTITY % a "x">%a;<!ENTITY b "%a;">', "entity 'b' refers to another entity"),
        (f'<!ENTITY b "{"x" * 5000}">', "entity 'b' is longer than 4096 bytes"),
        ('<!ENTITY b SYSTEM "file:///etc/passwd">', "entity 'b' is in another file"),
        ('<!ENTITY b PUBLIC "x" "http://e/">', "entity 'b' is in another file"),
        (f"<!--{'x' * 2**20}--><!ENTITY b 'x'>", "does not end in the first million bytes"),
    ],
)
@pytest.mark.usefixtures("no_network")
def test_entities_that_grow_or_reach_out_are_refused(entity: str, message: str) -> None:
    found = refused("rdf", doctype(entity).format("&b;"))
    assert message in found
    assert "line" in found or "million" in found


def test_an_entity_behind_a_hidden_end_is_found() -> None:
    content = doctype('<!ENTITY c "]>"><!ENTITY a "x"><!ENTITY b "&a;&a;">').format("&b;")
    assert "refers to another" in refused("rdf", content)


# --- JSON-LD -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "context",
    [
        '"https://schema.org/"',
        '"http://127.0.0.1:9/c.jsonld"',
        '{"@import": "http://127.0.0.1:9/c.jsonld"}',
        '"file:///etc/hostname"',
        '"../../../etc/hostname"',
        '{"t": {"@id": "http://e/t", "@context": "http://127.0.0.1:9/c.jsonld"}}',
    ],
)
@pytest.mark.usefixtures("no_network")
def test_contexts_are_never_fetched(context: str) -> None:
    document = f'{{"@context": {context}, "@id": "http://e/a", "t": {{"http://e/p": 1}}}}'
    assert "is neither in the document nor a file beside it" in refused("jsonld", document)


def test_a_context_in_a_file_beside_the_document(tmp_path: Path) -> None:
    (tmp_path / "context.jsonld").write_text('{"@context": {"p": "http://e/p"}}')
    path = tmp_path / "d.jsonld"
    path.write_text('{"@context": "context.jsonld", "@id": "http://e/a", "p": "x"}')
    assert list(KnowledgeGraph.read(path)) == [
        Triple(Iri("http://e/a"), Iri("http://e/p"), Literal("x"))
    ]
    (tmp_path / "inside").mkdir()
    below = tmp_path / "inside/d.jsonld"
    below.write_text('{"@context": "../context.jsonld", "@id": "http://e/a", "p": "x"}')
    with pytest.raises(DataError, match="nor a file beside it"):
        KnowledgeGraph.read(below)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ('{"@context": {},\n"@id": "http://e/a" "p": 1}', "line 2: not JSON: Expecting ','"),
        (b'{"@context": {},\n"http://e/p": "\xff"}', "line 2: byte 0xff is not UTF-8"),
        ('{"@context": {"p": "http://e/p"}, "p": ' + "[" * 99999 + "]" * 99999 + "}", "too deeply"),
        ("[" * 99999, "Max stack size"),
        ('{"@context": {"p": "http://e/p"}, "@id": "a", "p": 1}', "'a' is a relative IRI"),
        ('{"@id": "a", "http://e/p": 1}', "'a' is a relative IRI"),
        ('{"@context": {"p": {"@id": "http://e/p", "@type": 5}}}', "invalid type mapping"),
    ],
)
def test_broken_json_ld(document: bytes | str, message: str) -> None:
    assert message in refused("jsonld", document)


# --- IRIs, lines, bytes --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ttl", "nt", "nq", "trig"])
@pytest.mark.parametrize(
    "iri",
    ["a", "http://e/a b", "http://e/{a}", "http://e:x/", "http://e/%zz", "http://e/\\u0020"],
)
def test_invalid_iris_are_refused_with_their_line(name: str, iri: str) -> None:
    good = "<http://e/a> <http://e/p> <http://e/b> .\n"
    message = refused(name, f"{good}<http://e/a> <http://e/p> <{iri}> .\n")
    assert message.startswith(f"x.{name}, line 2: ")


def test_relative_iris_are_resolved_by_choice() -> None:
    assert "No scheme" in refused("ttl", "<a> <b> <c> .")
    graph = read("ttl", "<a> <b> <../c> .", resolve="http://e/x/y")
    assert next(iter(graph)) == Triple(Iri("http://e/x/a"), Iri("http://e/x/b"), Iri("http://e/c"))


@pytest.mark.parametrize("name", ["nt", "nq", "ttl", "trig"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_mixed_ends_of_lines_and_byte_order_marks(name: str, mark: bytes) -> None:
    lines = [NT + b'"%d" .' % number for number in range(4)]
    content = mark + lines[0] + b"\r\n" + lines[1] + b"\n\n" + lines[2] + b"\r" + lines[3]
    assert [t.object for t in read(name, content)] == [Literal(str(n)) for n in range(4)]


@pytest.mark.parametrize(
    "line",
    [
        b"# a comment\n",
        b"\n",
        b"   \t \n",
        b'<http://e/a>\t<http://e/p>\t"x"\t.\n',
        b'<http://e/a><http://e/p>"x".\n',
        b'  <http://e/a>   <http://e/p>  "x"  . # a "comment" .\n',
        NT + b'"x" . # <http://e/a> <http://e/p> "y" .\n',
        NT + b'"\\u0078" .\n',
        NT + b'"x"^^<http://www.w3.org/2001/XMLSchema#string> .\n',
    ],
)
def test_lines_that_are_valid_but_not_plain(line: bytes) -> None:
    plain = NT + b'"x" .\n'
    assert list(read("nt", plain + line + plain)) == list(read("nt", plain))


@pytest.mark.parametrize(
    "line",
    [
        NT + b'"x" . ' + NT + b'"y" .\n',
        NT + b'"x"\n',
        NT + b'"x" ..\n',
        NT + b'"x" . .\n',
        NT + b"x .\n",
        NT + b'"x" <http://e/g> .\n',
        NT + b'"a"@en_us .\n',
        NT + b'"a"@ .\n',
        NT + b'"a\\x" .\n',
        NT + b'"a"b" .\n',
        NT + b'"\xc3" .\n',
        NT + b'"\xed\xa0\x80" .\n',
        NT + b'"a"^^<t> .\n',
        NT + b'"a"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#langString> .\n',
        b'"x" <http://e/p> <http://e/b> .\n',
        b"<http://e/a> _:p <http://e/b> .\n",
        b'<http://e/a> "p" <http://e/b> .\n',
        b"<http://e/a> <http://e/p> .\n",
        b"<http://e/a> .\n",
        b"#x <http://e/p> <http://e/b> .\n<http://e/a> <http://e/p> .\n",
        b"_:a# <http://e/p> <http://e/b> .\n",
        b'VERSION "1.2" .\n',
        b"@prefix e: <http://e/> .\n",
    ],
)
def test_the_quick_way_refuses_what_the_grammar_refuses(line: bytes) -> None:
    """Each line among good ones: refused with its line, as pyoxigraph refuses it."""
    good = NT + b'"x" .\n'
    with pytest.raises(SyntaxError):
        list(ox.parse(good + line + good, format=ox.RdfFormat.N_TRIPLES))
    assert ", line " in refused("nt", good + line + good)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                NT,
                b'"x"',
                b" ",
                b".",
                b"\n",
                b"<",
                b">",
                b"_:b",
                b"#",
                b"@en",
                b"\\",
                b'"',
                b"\t",
                b"<http://e/g>",
                b" .\n",
                b"\r",
                b"^^",
                b"\xc3\xa9",
            ]
        ),
        max_size=14,
    )
)
def test_lines_are_read_as_pyoxigraph_reads_them(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    for name in ("nt", "nq"):
        try:
            expected = len(set(ox.parse(content, format=formats.FORMATS[name].rdf)))
        except SyntaxError:
            refused(name, content)
        else:
            assert len(read(name, content)) == expected


def test_a_literal_of_ten_megabytes() -> None:
    value = "x" * 10_000_000
    graph = read("nt", NT + b'"' + value.encode() + b'" .\n')
    assert next(iter(graph)).object == Literal(value)
    assert read("ttl", graph.serialize("ttl")).terms == graph.terms


def test_a_list_that_contains_itself() -> None:
    first = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#first>"
    rest = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#rest>"
    graph = read("ttl", f"_:a {first} 1 ; {rest} _:b . _:b {first} 2 ; {rest} _:a .")
    for name in FORMATS:
        assert len(read(name, graph.serialize(name))) == 4


def test_deep_nesting_is_read_or_refused() -> None:
    assert "line 1" in refused("ttl", "@prefix : <http://e/> . :a :p " + "(" * 100_000)
    nested = "@prefix : <http://e/> . :a :p " + "( " * 5_000 + ") " * 5_000 + "."
    assert len(read("ttl", nested)) == 9_999


def test_memory_is_bounded(tmp_path: Path) -> None:
    """A packed file of 300 MB, one line again and again, is read without being held."""
    code = """
import gzip, resource, sys, tempfile, pathlib
from kg_rec import KnowledgeGraph
path = pathlib.Path(sys.argv[1], "x.nt.gz")
with gzip.open(path, "wb", compresslevel=1) as stream:
    for _ in range(100):
        stream.write(b'<http://e/a> <http://e/p> "%s" .\\n' % (b"x" * 1000) * 3000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert len(KnowledgeGraph.read(path)) == 1
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
assert grown < 60_000, grown
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, timeout=120)


# --- whatever we write comes back ----------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cn", "Co"]), max_size=6
).map(lambda text: "".join(c for c in text if c not in '<>"{}|^`\\%[]#?/'))


def iri(text: str) -> Iri | None:
    try:
        return Iri(f"http://example.org/{text}")
    except DataError:
        return None


iris = names.map(iri).filter(bool)
literals = st.one_of(
    texts.map(Literal),
    st.builds(Literal, texts, st.none(), st.sampled_from(["en", "zh-hans", "de-at"])),
    st.builds(Literal, texts, st.just(Iri("http://e/t"))),
    st.builds(
        Literal, texts, st.none(), st.sampled_from(["ar", "en"]), st.sampled_from(["ltr", "rtl"])
    ),
)
blank = st.sampled_from(["_:a", "_:b", "_:c"]).map(BlankNode)
triples = st.lists(
    st.builds(Triple, st.one_of(iris, blank), iris, st.one_of(iris, blank, literals)), max_size=8
)


def fits_xml(facts: list[Triple]) -> bool:
    """Whether XML 1.0 has a way to write all literals, and an element for each predicate."""
    values = "".join(t.object.value for t in facts if isinstance(t.object, Literal))
    control = re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", values)
    return not control and all(re.search("[A-Za-z_][A-Za-z0-9_.-]*$", t.predicate) for t in facts)


@settings(max_examples=150, deadline=None)
@given(triples, st.sampled_from(FORMATS))
def test_what_is_written_is_read_again(facts: list[Triple], name: str) -> None:
    graph = KnowledgeGraph.from_statements(Statement(t) for t in facts)
    if name == "rdf" and not fits_xml(facts):
        with pytest.raises(DataError, match="RDF/XML cannot hold"):
            graph.serialize(name)
        return
    content = graph.serialize(name)
    back = read(name, content)
    assert back.serialize("nq") == graph.serialize("nq")


@settings(max_examples=150, deadline=None)
@given(triples, st.permutations(["_:x1", "_:y2", "_:z3"]), st.randoms(use_true_random=False))
def test_names_of_blank_nodes_do_not_depend_on_labels_or_order(
    facts: list[Triple], labels: list[str], draw: Random
) -> None:
    new = dict(zip(["_:a", "_:b", "_:c"], map(BlankNode, labels), strict=True))
    renamed = [
        Triple(new.get(s, s), p, new.get(o, o) if isinstance(o, Iri) else o) for s, p, o in facts
    ]
    draw.shuffle(renamed)
    one, other = (
        KnowledgeGraph.from_statements(Statement(t) for t in each) for each in (facts, renamed)
    )
    assert one.serialize("nt") == other.serialize("nt")


def test_nodes_that_look_alike_are_named_alike_in_any_order() -> None:
    """Rings: refinement alone tells no node of them apart."""
    ring = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "e"), ("e", "d")]
    one = " ".join(f"_:{s} <http://e/p> _:{o} ." for s, o in ring)
    table = str.maketrans("abcde", "edcba")
    other = " ".join(
        f"_:{s.translate(table)} <http://e/p> _:{o.translate(table)} ." for s, o in reversed(ring)
    )
    assert read("ttl", one).serialize("nt") == read("ttl", other).serialize("nt")


def test_a_change_renames_no_other_blank_nodes() -> None:
    before = (
        "<http://e/a> <http://e/p> [ <http://e/q> 1 ], [ <http://e/q> 2 ], [ <http://e/q> 3 ] ."
    )
    after = before.replace("2", "20")
    lines = [set(read("ttl", text).serialize("nt").splitlines()) for text in (before, after)]
    assert len(lines[0] & lines[1]) == 4
