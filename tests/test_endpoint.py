"""A SPARQL server as source and target: a real one, and a proxy before it that fails."""

from __future__ import annotations

import contextlib
import http.server
import shutil
import socket
import subprocess
import sys
import sysconfig
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kg_rec import (
    ConfigError,
    DataError,
    Endpoint,
    EndpointError,
    KgRecError,
    KnowledgeGraph,
    Recommender,
    cli,
)
from kg_rec.graph import remote
from kg_rec.graph.provenance import PART_GRAPHS
from kg_rec.ids import XSD, BlankNode, Iri, Literal
from kg_rec.io.endpoint import headers_from
from kg_rec.statements import DERIVED, FACTS, USERS, Evidence, Statement, Triple

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = "Bearer s3cr3t-of-the-test"  # noqa: S105 - of the test
DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
P, Q = Iri("urn:p"), Iri("urn:q")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def start_server(folder: Path, *options: str) -> tuple[subprocess.Popen[bytes], str]:
    """Start Oxigraph on loopback; return its process and its URL."""
    beside = Path(sysconfig.get_path("scripts")) / "oxigraph"
    command = str(beside) if beside.exists() else shutil.which("oxigraph")
    if command is None:
        pytest.skip("needs the Oxigraph server: pip install oxigraph")
    port = free_port()
    words = [command, "serve", "--location", str(folder), "--bind", f"127.0.0.1:{port}", *options]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return process, f"http://127.0.0.1:{port}"
        assert process.poll() is None, "the server ended"
        time.sleep(0.05)
    process.kill()
    pytest.fail("the server did not start")


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(20)


@pytest.fixture(scope="module")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    process, url = start_server(tmp_path_factory.mktemp("oxigraph"))
    yield url
    stop(process)


@pytest.fixture
def server(oxigraph: str) -> str:
    """Return the URL of an empty server."""
    with Endpoint(f"{oxigraph}/query") as endpoint:
        endpoint.update("DROP ALL")
    return oxigraph


@pytest.fixture(scope="module")
def graph() -> KnowledgeGraph:
    """Return a graph of all that is hard to carry: texts, types, languages, blank nodes, parts."""
    texts = [
        '"',
        "\\",
        "\\u0041",
        "\\\\u0041 }",
        "\\U00000041",
        "a\nb\r\t",
        "霸王别姬 🎬",
        "'} ; DROP ALL #",
    ]
    nodes = [Iri(f"urn:n{number}") for number in range(40)]
    blank = [BlankNode(f"_:x{number}") for number in range(3)]
    triples = [
        *(Triple(nodes[n], P, Literal(text)) for n, text in enumerate(texts)),
        *(Triple(n, Q, m) for n in nodes[:12] for m in nodes[30:]),
        Triple(nodes[0], P, Literal("heist", language="en-gb")),
        Triple(nodes[0], P, Literal("1.5", XSD["decimal"])),
        Triple(nodes[0], P, Literal("any", Iri("urn:type"))),
        Triple(blank[0], Q, blank[1]),
        Triple(blank[1], Q, blank[2]),
        Triple(nodes[0], Q, blank[0]),
    ]
    statements = [Statement(t) for t in triples]
    statements.append(
        Statement(Triple(nodes[1], P, nodes[2]), (Evidence("d", 0, 4, "Heat"),), 0.5, "form:x")
    )
    statements.append(Statement(Triple(nodes[3], P, nodes[4]), part=USERS))
    statements.append(Statement(Triple(nodes[3], P, nodes[5]), part=DERIVED))
    statements.append(Statement(Triple(nodes[3], P, blank[1]), part="urn:other"))
    return KnowledgeGraph.from_statements(statements, {"d": "Heat"})


def lines(graph: KnowledgeGraph, profile: str = "plain") -> bytes:
    return graph.serialize("nq", profile)


# --- there and back ------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [1, 7, 10_000])
def test_there_and_back(server: str, graph: KnowledgeGraph, page: int) -> None:
    endpoint = Endpoint(f"{server}/query", page=page)
    assert graph.to_endpoint(endpoint, users=True) == len(graph)
    assert lines(KnowledgeGraph.from_endpoint(endpoint)) == lines(graph)


def test_evidence_comes_back(server: str, graph: KnowledgeGraph) -> None:
    graph.to_endpoint(f"{server}/query", profile="evidence", users=True)
    back = KnowledgeGraph.from_endpoint(f"{server}/query")
    assert lines(back, "evidence") == lines(graph, "evidence")
    assert list(back.statements()) != []


def test_what_users_did_stays_unless_asked_for(server: str, graph: KnowledgeGraph) -> None:
    graph.to_endpoint(f"{server}/query")
    back = KnowledgeGraph.from_endpoint(f"{server}/query")
    assert lines(back) == lines(graph.without_users())
    assert len(back) == len(graph) - 1
    assert PART_GRAPHS[USERS] not in lines(back).decode()


def test_graphs_are_replaced_or_added_to(server: str) -> None:
    one, two = (
        KnowledgeGraph.from_statements([Statement(Triple(Iri(f"urn:{n}"), P, BlankNode("_:b")))])
        for n in "ab"
    )
    url = f"{server}/query"
    with Endpoint(url) as endpoint:
        endpoint.update(
            "INSERT DATA { GRAPH <urn:theirs> { <urn:a> <urn:b> 1 } <urn:c> <urn:d> 2 }"
        )
    one.to_endpoint(url)
    two.to_endpoint(url)
    assert {t.subject for t in KnowledgeGraph.from_endpoint(url)} == {"urn:b", "urn:a", "urn:c"}
    assert len(KnowledgeGraph.from_endpoint(url, graphs=[PART_GRAPHS[FACTS]])) == 1
    one.to_endpoint(url, replace=False)
    assert len(KnowledgeGraph.from_endpoint(url, graphs=[PART_GRAPHS[FACTS]])) == 2
    assert len(KnowledgeGraph.from_endpoint(url, graphs=[""])) == 1
    with pytest.raises(DataError, match=r"no graph 'urn:none'; known: .*urn:theirs"):
        KnowledgeGraph.from_endpoint(url, graphs=["urn:none"])


def test_nothing_passing_is_left(server: str, graph: KnowledgeGraph) -> None:
    graph.to_endpoint(f"{server}/query", users=True)
    with Endpoint(f"{server}/query") as endpoint:
        names = {
            g.value for (g,) in endpoint.select("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
        }
    assert names == {*map(str, PART_GRAPHS.values()), "urn:other"}


def test_an_empty_graph(server: str) -> None:
    nothing = KnowledgeGraph.from_statements([])
    assert nothing.to_endpoint(f"{server}/query") == 0
    assert len(KnowledgeGraph.from_endpoint(f"{server}/query")) == 0


def test_numbers_that_the_server_keeps_as_one(server: str) -> None:
    numbers = [Literal(text, XSD["integer"]) for text in ("1", "01")]
    twice = KnowledgeGraph.from_statements(Statement(Triple(P, P, n)) for n in numbers)
    assert twice.to_endpoint(f"{server}/query") == 2
    assert [t.object for t in KnowledgeGraph.from_endpoint(f"{server}/query")] == numbers[:1]


def test_a_server_whose_default_graph_holds_all(tmp_path: Path, graph: KnowledgeGraph) -> None:
    process, url = start_server(tmp_path / "union", "--union-default-graph")
    try:
        graph.to_endpoint(f"{url}/query", users=True)
        with Endpoint(f"{url}/query") as endpoint:
            endpoint.update("INSERT DATA { <urn:alone> <urn:p> <urn:b> }")
        back = KnowledgeGraph.from_endpoint(f"{url}/query")
    finally:
        stop(process)
    alone = Statement(Triple(Iri("urn:alone"), P, Iri("urn:b")))
    assert lines(back) == lines(graph.with_statements([alone]))


@pytest.mark.slow
def test_edge_lists_of_dbpedia_come_back_equal(server: str) -> None:
    folder = DATA / "lastfm-dbpedia" / "graphs"
    if not folder.is_dir():
        pytest.skip(f"needs lastfm-dbpedia beside the project: {folder.name}")
    edges = KnowledgeGraph.read(*sorted(folder.glob("*.edgelist")))
    endpoint = Endpoint(f"{server}/query", page=60_000)
    assert edges.to_endpoint(endpoint) == len(edges) == 110_921
    back = KnowledgeGraph.from_endpoint(endpoint)
    assert list(back) == list(edges)
    assert set(back.to_networkx().edges) == set(edges.to_networkx().edges)


# --- a proxy that fails --------------------------------------------------------------------------


class Proxy:
    """Passes requests on to a server, after failing in the ways that it is told."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.failures: list[str] = []
        self.after: dict[int, str] = {}
        self.seen: list[tuple[str, dict[str, str], str]] = []
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                number = len(proxy.seen)
                proxy.seen.append((self.path, dict(self.headers), body.decode()))
                queued = proxy.failures.pop(0) if proxy.failures else ""
                proxy.serve(self, body, proxy.after.get(number, queued))

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def serve(self, to: Any, body: bytes, failure: str) -> None:
        if failure.isdigit():
            to.send_response(int(failure))
            to.send_header("Retry-After", "0")
            to.send_header("Location", "http://127.0.0.1:1/")
            to.end_headers()
            to.wfile.write(b"Not today, " + to.headers.get("Authorization", "").encode())
            return
        if failure == "drop":
            to.connection.shutdown(socket.SHUT_RDWR)
            return
        status, kind, answer = self.ask(to, body)
        if failure == "slow":
            time.sleep(1.3)
        if failure == "lost":  # done, and nobody knows
            to.connection.shutdown(socket.SHUT_RDWR)
            return
        with contextlib.suppress(OSError):  # who waits no longer has hung up
            to.send_response(status)
            to.send_header("Content-Type", kind)
            to.send_header("Content-Length", str(len(answer)))
            to.end_headers()
            to.wfile.write(answer[: len(answer) // 2] if failure == "half" else answer)
        if failure == "half":
            to.close_connection = True

    def ask(self, to: Any, body: bytes) -> tuple[int, str, bytes]:
        headers = {name: to.headers[name] for name in ("Content-Type", "Accept")}
        request = urllib.request.Request(self.target + to.path, body, headers, method="POST")  # noqa: S310
        try:
            with urllib.request.urlopen(request) as found:  # noqa: S310 - loopback
                return found.status, found.headers.get("Content-Type", ""), found.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, "text/plain", error.read()


@pytest.fixture
def proxy(server: str) -> Iterator[Proxy]:
    found = Proxy(server)
    thread = threading.Thread(target=found.http.serve_forever, args=(0.02,))
    thread.start()
    yield found
    found.http.shutdown()
    thread.join()
    found.http.server_close()


def quick(url: str, **options: Any) -> Endpoint:
    return Endpoint(url, **{"timeout": 1.0, "wait": 0.01, "page": 100, **options})


def test_failures_that_pass_do_not_matter(proxy: Proxy, graph: KnowledgeGraph) -> None:
    proxy.failures = ["503", "503", "", "drop", "slow", "", "lost", "half", "429", "504"]
    graph.to_endpoint(quick(f"{proxy.url}/query"), users=True)
    assert not proxy.failures
    proxy.failures = ["503", "503", "", "drop", "half", "", "slow", "500"]
    assert lines(KnowledgeGraph.from_endpoint(quick(f"{proxy.url}/query"))) == lines(graph)
    assert not proxy.failures


@pytest.mark.parametrize("failure", ["lost", "drop", "half", "503"])
def test_each_request_can_fail_once(
    proxy: Proxy, server: str, graph: KnowledgeGraph, failure: str
) -> None:
    """Whichever request is done twice, the graph is there once."""
    graph.to_endpoint(quick(f"{proxy.url}/query"), users=True)
    for number in range(len(proxy.seen)):
        proxy.seen.clear()
        proxy.after = {number: failure}
        graph.to_endpoint(quick(f"{proxy.url}/query"), users=True)
        assert lines(KnowledgeGraph.from_endpoint(f"{server}/query")) == lines(graph), number


def test_a_write_that_fails_changes_nothing(
    proxy: Proxy, server: str, graph: KnowledgeGraph
) -> None:
    before = KnowledgeGraph.from_statements([Statement(Triple(P, P, Q))])
    graph.to_endpoint(quick(f"{proxy.url}/query"), users=True)
    requests = len(proxy.seen)
    before.to_endpoint(f"{server}/query")
    with Endpoint(f"{server}/query") as endpoint:
        endpoint.update("DROP ALL")
    before.to_endpoint(f"{server}/query")
    for number in range(requests - 1):  # the last one drops the passing graphs
        proxy.seen.clear()
        proxy.after = {number: "400"}
        with pytest.raises(EndpointError, match="HTTP 400"):
            graph.to_endpoint(quick(f"{proxy.url}/query"), users=True)
        assert lines(KnowledgeGraph.from_endpoint(f"{server}/query")) == lines(before)
        with Endpoint(f"{server}/query") as endpoint:
            assert endpoint.select("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }") == [
                tuple(row)
                for row in endpoint.select(f"SELECT ?g {{ BIND(<{PART_GRAPHS[FACTS]}> AS ?g) }}")
            ]


def test_a_read_that_fails_gives_nothing(proxy: Proxy, graph: KnowledgeGraph) -> None:
    graph.to_endpoint(f"{proxy.url}/query")
    proxy.seen.clear()
    KnowledgeGraph.from_endpoint(quick(f"{proxy.url}/query"))
    for number in range(len(proxy.seen)):
        proxy.seen.clear()
        proxy.after = {number: "403"}
        with pytest.raises(EndpointError, match="HTTP 403"):
            KnowledgeGraph.from_endpoint(quick(f"{proxy.url}/query"))


def test_a_graph_that_changes_while_it_is_read_is_refused(
    proxy: Proxy, server: str, graph: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.to_endpoint(f"{server}/query")
    whole = remote._Reader._pages

    def changed(self: Any, name: str, pattern: str, size: Any) -> Any:
        yield from whole(self, name, pattern, size)
        with Endpoint(f"{server}/query") as endpoint:
            endpoint.update(
                f"INSERT DATA {{ GRAPH <{PART_GRAPHS[FACTS]}> {{ <urn:a> <urn:b> 7 }} }}"
            )

    monkeypatch.setattr(remote._Reader, "_pages", changed)
    with pytest.raises(EndpointError, match=r"were promised, .* found: it was changed"):
        KnowledgeGraph.from_endpoint(f"{proxy.url}/query")


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        ("503", r"HTTP 503 Service Unavailable \(3 tries\)"),
        ("drop", r"no whole answer: .* \(3 tries\)"),
        ("half", r"no whole answer: .* \(3 tries\)"),
        ("slow", r"no answer within 0.3 s \(3 tries\)"),
        ("401", "HTTP 401 Unauthorized: Not today, "),
        ("302", "HTTP 302 Found: it is elsewhere; redirects are refused"),
    ],
)
def test_failures_that_stay_are_told_without_secrets(
    proxy: Proxy, failure: str, message: str
) -> None:
    proxy.failures = [failure] * 9
    options = {"tries": 3, "timeout": 0.3, "headers": {"Authorization": SECRET}}
    asked = quick(f"{proxy.url}/query?key=hidden", **options)
    with pytest.raises(EndpointError, match=message) as caught:
        KnowledgeGraph.from_endpoint(asked)
    said = f"{caught.value!r} {caught.value} {asked!r}"
    assert f"{proxy.url}/query: " in said
    assert "s3cr3t" not in said
    assert "hidden" not in str(caught.value)
    assert len(proxy.seen) == (3 if message.endswith(r"tries\)") else 1)
    assert {headers["Authorization"] for _, headers, _ in proxy.seen} == {SECRET}
    assert isinstance(caught.value, KgRecError | OSError)


def test_waits_double_and_follow_the_server(proxy: Proxy) -> None:
    proxy.failures = ["503", "503", "503"]
    start = time.monotonic()
    Endpoint(f"{proxy.url}/query", wait=0.1).ask("ASK {}")
    assert 0.7 <= time.monotonic() - start < 3


def test_nobody_listens() -> None:
    url = f"http://127.0.0.1:{free_port()}/query"
    with pytest.raises(EndpointError, match=r"no whole answer: .*refused.* \(2 tries\)"):
        KnowledgeGraph.from_endpoint(quick(url, tries=2))


def test_what_is_no_endpoint() -> None:
    for url in ("ftp://example.org/", "http://", "query", "http://exa mple.org/", "http://a:x/"):
        with pytest.raises(ConfigError, match="is not the URL of a SPARQL endpoint"):
            Endpoint(url)
    with pytest.raises(ConfigError, match="https://h/q: give a password in a header") as caught:
        Endpoint("https://user:word@h/q")
    assert "word@" not in str(caught.value)
    for value in ("", "a\nb", "ü"):
        with pytest.raises(ConfigError, match="printable ASCII"):
            Endpoint("http://a/", headers={"Authorization": value})
    with pytest.raises(ConfigError, match="tries >= 1"):
        Endpoint("http://a/", tries=0)


def test_an_answer_of_another_kind(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (200, "text/html", b"<html>Sign in</html>")
    monkeypatch.setattr(proxy, "ask", lambda *_: page)
    with pytest.raises(EndpointError, match="the answer is not JSON of SPARQL results"):
        KnowledgeGraph.from_endpoint(f"{proxy.url}/query")


def test_where_updates_go() -> None:
    for url, update in (
        ("http://h/query", "http://h/update"),
        ("http://h/ds/sparql", "http://h/ds/update"),
        ("http://h/ds/sparql?x=1", "http://h/ds/update?x=1"),
        ("http://h/repositories/r", "http://h/repositories/r"),
    ):
        assert Endpoint(url).update_to == update
    assert Endpoint("http://h/query", "http://h/u").update_to == "http://h/u"


def test_headers_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", SECRET)
    assert headers_from({"Authorization": "A_TOKEN"}) == {"Authorization": SECRET}
    with pytest.raises(ConfigError, match="variable NO_TOKEN is not set"):
        headers_from({"Authorization": "NO_TOKEN"})


# --- models --------------------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the command in this process."""

    def command(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["kg-rec", *map(str, words)])
        code: object = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code or 0
        return int(str(code)), *capsys.readouterr()

    monkeypatch.setenv("A_TOKEN", SECRET)
    return command


def test_a_model_is_written_to_a_server(
    run: Any, proxy: Proxy, server: str, tiny: Recommender, tiny_folder: Path
) -> None:
    url = f"{proxy.url}/query"
    words = ("export", tiny_folder, "--to", url, "--header", "Authorization=A_TOKEN")
    shared = tiny.graph.without_users()
    assert run(*words) == (0, "", f"wrote {url}: {len(shared):,} triples\n")
    assert {headers["Authorization"] for _, headers, _ in proxy.seen} == {SECRET}
    assert lines(KnowledgeGraph.from_endpoint(f"{server}/query")) == lines(shared)
    assert run(*words, "--users", "--real-ids")[0] == 0
    assert lines(KnowledgeGraph.from_endpoint(f"{server}/query")) == lines(tiny.graph)
    proxy.failures = ["401"]
    code, _, err = run(*words)
    assert code == 1
    assert "HTTP 401" in err
    assert "s3cr3t" not in err
    assert err.count("\n") == 1
    assert "NO_TOKEN is not set" in run(*words[:-1], "Authorization=NO_TOKEN")[2]
    for wrong in (
        [],
        ["--to", url, "--header", "X"],
        ["--to", url, "--format", "nt"],
        ["--out", "x", "--update-url", url],
        ["--out", "x", "--to", url],
    ):
        assert run("export", tiny_folder, *wrong)[0] == 2


def test_a_build_reads_a_server(
    proxy: Proxy, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    director = Iri("http://schema.org/director")
    items = [Iri(f"urn:film:{name}") for name in "abc"]
    facts = [Statement(Triple(item, director, Iri("urn:mann"))) for item in items[:2]]
    KnowledgeGraph.from_statements(facts).to_endpoint(f"{server}/query")
    (tmp_path / "items.csv").write_text(
        "id,iri\n" + "".join(f"{item[-1]},{item}\n" for item in items), encoding="utf-8"
    )
    (tmp_path / "likes.csv").write_text("user,item\nu,a\n", encoding="utf-8")
    settings = f"""graph = "{proxy.url}/query"
        items.path = "items.csv"
        interactions.path = "likes.csv"
        embeddings.epochs = 0
        [endpoint]
        headers = {{ Authorization = "A_TOKEN" }}
        """
    (tmp_path / "kg-rec.toml").write_text(settings, encoding="utf-8")
    monkeypatch.setenv("A_TOKEN", SECRET)
    model = Recommender.fit(config=tmp_path / "kg-rec.toml")
    assert Triple(items[0], director, Iri("urn:mann")) in model.graph
    assert model.recommend("u", k=1)[0].item == "b"
    assert {headers["Authorization"] for _, headers, _ in proxy.seen} == {SECRET}
    kept = b"".join(file.read_bytes() for file in model.save(tmp_path / "model").iterdir())
    assert b"s3cr3t" not in kept
    monkeypatch.delenv("A_TOKEN")
    with pytest.raises(ConfigError, match="A_TOKEN is not set"):
        Recommender.fit(config=tmp_path / "kg-rec.toml")
