from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import pyoxigraph
import pytest
import rdflib

from kg_rec import DataWarning, Recommender, __version__, cli, demo
from kg_rec.cli import models
from kg_rec.graph import FORMATS as KNOWN_FORMATS
from kg_rec.ids import KGREC
from kg_rec.profiles import Preference

if TYPE_CHECKING:
    from pathlib import Path

TASTE = "I love films with Nina Holt but I can't stand horror."


class Result(NamedTuple):
    """What a command has left."""

    code: int
    out: str
    err: str


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command in this process."""

    def command(*words: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["kg-rec", *map(str, words)])
        capsys.readouterr()
        code: object = 0
        with warnings.catch_warnings():
            warnings.simplefilter("always", DataWarning)
            try:
                cli.main()
            except SystemExit as stop:
                code = stop.code
        out, err = capsys.readouterr()
        return Result(0 if code is None else int(str(code)), out, err)

    return command


def shell(*words: object, folder: Path, **variables: str) -> Result:
    """Run the command as a person does, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "kg_rec", *map(str, words)],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        timeout=300,
        check=False,
    )
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())


def one_line(result: Result) -> str:
    """Return the message of an error: exit code 1, one line, no traceback, no output."""
    assert result.code == 1
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert result.err.startswith("kg-rec: error: ")
    assert "Traceback" not in result.err
    return result.err.removeprefix("kg-rec: error: ").rstrip("\n")


# --- as a person runs it ----------------------------------------------------------------------


def test_help_needs_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; sys.argv = ['kg-rec', '--help']\n"
        "from kg_rec import cli\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'scipy', 'pydantic', 'pandas', 'spacy', 'torch', 'pykeen', 'rdflib'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"
    for command in ("demo", "init", "build", "recommend", "explain", "report", "export"):
        assert f"  {command} " in done.stdout
    assert "..." not in done.stdout.split("Commands:")[1]


def test_a_saved_model_is_served_without_what_builds_one(tiny_folder: Path) -> None:
    code = (
        f"import sys; sys.argv = ['kg-rec', 'recommend', {str(tiny_folder)!r}, '--user', 'u']\n"
        "from kg_rec import cli\n"
        "cli.app(standalone_mode=False)\n"
        "heavy = {'pandas', 'spacy', 'torch', 'pykeen', 'wordllama', 'rdflib', 'networkx'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
    assert "Beta" in done.stdout


def test_exit_codes_and_streams(tiny_folder: Path, tmp_path: Path) -> None:
    good = shell("recommend", tiny_folder, "--user", "u", "--format", "json", folder=tmp_path)
    assert (good.code, good.err) == (0, "")
    assert json.loads(good.out)["user"] == "u"
    unknown = shell("recommend", tiny_folder, "--user", "uu", folder=tmp_path)
    assert one_line(unknown) == "unknown user 'uu'"  # other users are not told
    wrong = shell("recommend", tiny_folder, folder=tmp_path)
    assert (wrong.code, wrong.out) == (2, "")
    assert wrong.err.startswith("Usage: ")
    assert "Traceback" not in wrong.err


def test_output_is_utf_8_whatever_the_locale(tmp_path: Path, fit: Callable[..., Any]) -> None:
    import pandas as pd  # noqa: PLC0415

    frame = pd.DataFrame({"id": ["é", "霸"], "label": ["Été", "霸王别姬"]})
    fit(frame, interactions=pd.DataFrame({"user": ["ü"], "item": ["é"]})).save(tmp_path / "m")
    for words in (["--format", "json"], []):
        result = shell(
            "recommend", "m", "--user", "ü", *words, folder=tmp_path, PYTHONIOENCODING="ascii"
        )
        assert (result.code, result.err) == (0, "")
        assert "霸王别姬" in result.out


def test_lines_have_no_trailing_space_and_fit(starter_folder: Path, tmp_path: Path) -> None:
    for columns in (80, 100):
        result = shell(
            "recommend", starter_folder, "--user", "ann", folder=tmp_path, COLUMNS=str(columns)
        )
        assert result.code == 0
        lines = result.out.splitlines()
        assert max(map(len, lines)) <= columns
        assert [line for line in lines if line != line.rstrip()] == []


def test_a_closed_pipe_is_no_error(starter_folder: Path, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "kg_rec", "recommend", starter_folder, "--user", "ann"]
    with subprocess.Popen(
        [*map(str, words), "--format", "json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


# --- wrong usage ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["recommend", "MODEL"],
        ["recommend", "MODEL", "--user", "u", "--text", "I love horror"],
        ["explain", "MODEL", "--item", "a"],
        ["explain", "MODEL", "--item", "a", "--user", "u", "--text", "I love horror"],
        ["explain", "MODEL", "--user", "u"],
        ["report", "MODEL", "--out", "x.html"],
        ["report", "MODEL", "--user", "u"],
        ["recommend", "MODEL", "--user", "u", "-k", "0"],
        ["recommend", "MODEL", "--user", "u", "-k", "many"],
        ["recommend", "MODEL", "--user", "u", "--format", "xml"],
        ["recommend", "MODEL", "--user", "u\udcff"],
        ["recommend", "MODEL", "--text", "I love \udcff"],
        ["export", "MODEL", "--out", "x", "--format", "word"],
        ["export", "MODEL"],
        ["build", "kg-rec.toml"],
        ["init"],
        ["bogus"],
        ["--bogus"],
    ],
)
def test_wrong_usage_is_exit_code_2(run: Run, tiny_folder: Path, words: list[str]) -> None:
    result = run(*(tiny_folder if word == "MODEL" else word for word in words))
    assert (result.code, result.out) == (2, "")
    assert "Error: " in result.err


def test_version(run: Run) -> None:
    assert run("--version") == Result(0, f"kg-rec {__version__}\n", "")


# --- expected errors --------------------------------------------------------------------------


def test_expected_errors_are_one_line(run: Run, tiny_folder: Path, tmp_path: Path) -> None:
    none = tmp_path / "none"
    assert one_line(run("recommend", none, "--user", "u")) == f"{none}: no such folder"
    assert "is not a kg_rec model" in one_line(run("report", tmp_path, "--user", "u", "--out", "x"))
    item = one_line(run("explain", tiny_folder, "--item", "aa", "--user", "u"))
    assert item == "unknown item 'aa'; did you mean 'a'?"
    out = none / "x.ttl"
    expected = f"{out}: cannot be written: No such file or directory"
    assert one_line(run("export", tiny_folder, "--out", out)) == expected
    assert one_line(run("report", tiny_folder, "--user", "u", "--out", out)) == expected
    assert "it is a folder" in one_line(run("export", tiny_folder, "--out", "."))
    assert "No such file" in one_line(run("build", none, "--out", tmp_path / "m"))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("seed = \n", "not TOML"),
        ("sed = 1\n", "unknown key 'sed'; did you mean 'seed'?"),
        ("[items]\npth = 'items.csv'\n", "unknown key 'items.pth'; did you mean 'path'?"),
        ("seed = 'x\\ny'\n", "'seed': "),
        ("", "no items: "),
        ("[items]\npath = 'none.csv'\n", "none.csv: no such file"),
        ("[items]\npath = 'items.csv'\nid = 'key'\n", "items.csv: no column 'key'"),
        ("ontology = 'moveis'\n[items]\npath = 'items.csv'\n", "did you mean 'movies'?"),
    ],
)
def test_a_wrong_configuration_is_one_line(
    run: Run, tmp_path: Path, settings: str, message: str
) -> None:
    (tmp_path / "items.csv").write_text("id\na\n")
    config = tmp_path / "kg-rec.toml"
    config.write_text(settings)
    assert message in one_line(run("build", config, "--out", tmp_path / "m", "--quiet"))
    assert not (tmp_path / "m").exists()


def test_what_is_no_model_is_refused_before_anything_is_built(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    message = one_line(run("build", tmp_path / "none.toml", "--out", tmp_path))
    assert message == f"{tmp_path} exists and is not a kg_rec model; it is not overwritten"
    (tmp_path / "demo" / "model").mkdir(parents=True)
    (tmp_path / "demo" / "model" / "mine.txt").write_text("mine")
    assert "it is not overwritten" in one_line(run("demo", "--out", tmp_path / "demo"))


# --- init and build ---------------------------------------------------------------------------


def test_init_then_build_works_as_it_is(tmp_path: Path, starter: Recommender) -> None:
    init = shell("init", "my data", folder=tmp_path)
    assert (init.code, init.out) == (0, "")
    written = sorted(path.name for path in (tmp_path / "my data").iterdir())
    assert written == ["interactions.csv", "items.csv", "kg-rec.toml", "users.csv"]
    assert init.err == "".join(f"wrote my data/{name}\n" for name in written)
    built = shell("build", "my data/kg-rec.toml", "--out", "m", "--quiet", folder=tmp_path)
    assert built == Result(0, "", "")
    model = Recommender.load(tmp_path / "m")
    assert model.users == starter.users
    assert model.model.node_vectors.epochs > 0


def test_init_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text("mine")
    expected = f"{tmp_path / 'users.csv'} exists already; nothing was written"
    assert one_line(run("init", tmp_path)) == expected
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("users.csv", "mine")]


def test_init_into_what_is_no_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "file" / "deeper"):
        assert f"{place}: cannot be written: " in one_line(run("init", place))
    assert (tmp_path / "file").read_text() == "mine"


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    """A configuration that builds at once."""
    (tmp_path / "items.csv").write_text("id,genre\na,Crime\nb,Crime\n")
    (tmp_path / "events.csv").write_text("user,item\nu,a\nu,zz\n")
    config = tmp_path / "kg-rec.toml"
    config.write_text(
        "bad_rows = 'drop'\n[items]\npath = 'items.csv'\n[interactions]\npath = 'events.csv'\n"
        "[embeddings]\nepochs = 0\n"
    )
    return config


def test_build_says_what_it_made_and_what_it_dropped(run: Run, quick: Path, tmp_path: Path) -> None:
    warning = (
        "kg-rec: warning: 1 row of events.csv dropped; the first: "
        "events.csv, row 2 (line 3), column 'item': unknown item 'zz'\n"
    )
    result = run("build", quick, "--out", tmp_path / "m")
    assert (result.code, result.out) == (0, "")
    assert result.err.startswith(f"{warning}about ")
    assert f"\n{tmp_path / 'm'}: 2 items, 1 users, " in result.err
    assert run("build", quick, "--out", tmp_path / "m", "-q") == Result(0, "", warning)
    in_shell = shell("build", quick, "--out", tmp_path / "m", "-q", folder=tmp_path)
    assert in_shell == Result(0, "", warning)


# --- recommend, explain, report ---------------------------------------------------------------


def keys(value: dict[str, Any]) -> list[str]:
    return list(value)


def check_schema(found: dict[str, Any]) -> None:
    assert keys(found)[:2] == ["user", "items"]
    assert set(keys(found)) <= {"user", "items", "strategy", "why"}
    for rank, item in enumerate(found["items"], start=1):
        told = ["rank", "item", "iri", "label", "score", "strategy", "contributions"]
        assert keys(item) == told
        assert (item["strategy"] != "") == bool(item["contributions"])
        assert item["rank"] == rank
        assert isinstance(item["score"], float)
        for term in item["contributions"]:
            backing = ["support"] if "support" in term else []
            assert keys(term) == ["value", "source", "path", "text", "evidence", *backing]
            assert keys(term["source"]) == ["kind", "id", "label"]
            assert term["source"]["kind"] in {"history", "preference", "profile", "popularity"}
            for hop in term["path"]:
                assert keys(hop) == ["subject", "predicate", "object", "reverse"]
                assert isinstance(hop["reverse"], bool)
            for passage in term["evidence"]:
                assert keys(passage) == ["document", "start", "end", "text"]


@pytest.mark.parametrize("who", [["--user", "ann"], ["--user", "eve"], ["--text", TASTE]])
def test_reasons_add_up_are_in_the_graph_and_are_said(
    run: Run, starter_folder: Path, tmp_path: Path, who: list[str]
) -> None:
    result = run("recommend", starter_folder, *who, "--format", "json")
    assert (result.code, result.err) == (0, "")
    found = json.loads(result.out)
    check_schema(found)
    assert found["user"] == (who[1] if who[0] == "--user" else None)
    run("export", starter_folder, "--out", tmp_path / "graph.ttl")
    graph = rdflib.Graph().parse(tmp_path / "graph.ttl")
    lines = (starter_folder / "documents.jsonl").read_text(encoding="utf-8").splitlines()
    documents = {d["id"]: d["text"] for d in map(json.loads, lines)} | {"text": TASTE}
    terms = [term for item in found["items"] for term in item["contributions"]]
    for item in found["items"]:
        total = sum(term["value"] for term in item["contributions"])
        assert total == pytest.approx(item["score"], rel=1e-6, abs=1e-12)
    hops = [hop for term in terms for hop in term["path"]]
    assert hops
    for hop in hops:
        s, p, o = (rdflib.URIRef(hop[part]) for part in ("subject", "predicate", "object"))
        typed = who[0] == "--text" and s.endswith("/user/anonymous")
        assert typed or (s, p, o) in graph
    passages = [passage for term in terms for passage in term["evidence"]]
    assert passages
    for passage in passages:
        document = documents[passage["document"]]
        assert document[passage["start"] : passage["end"]] == passage["text"]


def test_how_many(run: Run, starter_folder: Path) -> None:
    result = run("recommend", starter_folder, "--user", "eve", "-k", "2", "--format", "json")
    assert [item["rank"] for item in json.loads(result.out)["items"]] == [1, 2]


def test_the_table(run: Run, tiny_folder: Path) -> None:
    result = run("recommend", tiny_folder, "--user", "u")
    assert (result.code, result.err) == (0, "")
    title, header, first, *_ = result.out.splitlines()
    assert title == "For user u"
    assert header.split() == ["#", "item", "score", "strongest", "reason"]
    assert first.split()[:2] == ["1", "Beta"]


def test_a_table_without_reasons_or_items(
    run: Run, tmp_path: Path, fit: Callable[..., Recommender]
) -> None:
    import pandas as pd  # noqa: PLC0415

    frame = pd.DataFrame({"id": ["a", "b"], "label": ["A", "B\n\x1b[31m[bold]red"]})
    both = pd.DataFrame({"user": ["u", "u", "v"], "item": ["a", "b", "a"]})
    fit(frame, interactions=both[both["item"] == "a"]).save(tmp_path / "m")
    result = run("recommend", tmp_path / "m", "--user", "v")
    assert "B [31m[bold]red" in result.out
    assert "\x1b" not in result.out
    assert result.code == 0
    fit(frame, interactions=both).save(tmp_path / "m")
    result = run("recommend", tmp_path / "m", "--user", "u")
    assert result.out == "For user u\nnothing is left to recommend\n\n"


def test_a_taste_that_says_nothing_gets_a_note(run: Run, starter_folder: Path) -> None:
    result = run("recommend", starter_folder, "--text", "It is Tuesday.", "--format", "json")
    assert result.code == 0
    assert result.err.startswith("kg-rec: note: no like or dislike was understood")
    assert result.err.count("\n") == 1
    check_schema(json.loads(result.out))


def test_a_like_that_no_item_meets_gets_a_note(tiny: Recommender) -> None:
    heist = Preference(KGREC["heist"], 1.0, "heist", ())
    assert (
        models._note([heist], tiny.recommend("u")) == "none of these items has to do with 'heist'"
    )
    dislike = heist._replace(strength=-1.0)
    assert models._note([dislike], tiny.recommend("u")) is None
    met = heist._replace(entity=tiny.recommend("u")[0].contributions[0].source.id)
    assert models._note([met], tiny.recommend("u")) is None


def test_an_empty_taste(run: Run, starter_folder: Path) -> None:
    assert "the text is empty" in one_line(run("recommend", starter_folder, "--text", "  "))


def test_explain(run: Run, starter_folder: Path) -> None:
    who = ["explain", starter_folder, "--item", "m2", "--user", "ann"]
    text = run(*who)
    assert (text.code, text.err) == (0, "")
    assert "Harbour Lights (2004)" in text.out.splitlines()[0]
    plain = run(*who, "--format", "json")
    assert (plain.code, plain.err) == (0, "")
    found = json.loads(plain.out)
    (item,) = found["items"]
    check_schema({**found, "items": [{**item, "rank": 1}]})
    assert item["item"] == "m2"
    page = run(*who, "--format", "html")
    assert (page.code, page.err) == (0, "")
    assert page.out.lstrip().lower().startswith("<!doctype html>")
    assert "Harbour Lights (2004)" in page.out
    assert page.out.rstrip().endswith("</html>")


def test_report(run: Run, starter_folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    result = run("report", starter_folder, "--user", "ann", "--out", out)
    assert result == Result(0, "", f"wrote {out}\n")
    page = out.read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "Nina Holt" in page


# --- export -----------------------------------------------------------------------------------

FORMATS = {
    "ttl": ("turtle", pyoxigraph.RdfFormat.TURTLE, "turtle"),
    "nt": ("nt", pyoxigraph.RdfFormat.N_TRIPLES, "ntriples"),
    "jsonld": ("json-ld", pyoxigraph.RdfFormat.JSON_LD, None),
}


@pytest.fixture(scope="module")
def exports(starter_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The graph of the starter in all formats."""
    folder = tmp_path_factory.mktemp("exports")
    for format_ in FORMATS:
        graph = Recommender.load(starter_folder).graph
        (folder / format_).write_bytes(graph.serialize(format_))
    return folder


@pytest.mark.parametrize("format_", FORMATS)
def test_export(
    run: Run, starter: Recommender, starter_folder: Path, tmp_path: Path, format_: str
) -> None:
    count = len(set(starter.graph))
    out = tmp_path / f"graph.{format_}"
    result = run("export", starter_folder, "--out", out, "--format", format_, "--users")
    assert result == Result(0, "", f"wrote {out}: {count:,} triples\n")
    rdflib_name, ox_format, _ = FORMATS[format_]
    assert len(rdflib.Graph().parse(out, format=rdflib_name)) == count
    quads = pyoxigraph.parse(io.BytesIO(out.read_bytes()), format=ox_format)
    assert len({(q.subject, q.predicate, q.object) for q in quads}) == count
    again = tmp_path / "again"
    run("export", starter_folder, "--out", again, "--format", format_, "--users")
    assert again.read_bytes() == out.read_bytes()


def test_export_offers_the_formats_of_the_graph() -> None:
    assert [*models.RdfFormat] == [*KNOWN_FORMATS]


def test_users_are_left_out_of_an_export_unless_asked_for(
    run: Run, starter: Recommender, starter_folder: Path, tmp_path: Path
) -> None:
    run("export", starter_folder, "--out", tmp_path / "graph.nt", "--format", "nt")
    content = (tmp_path / "graph.nt").read_text(encoding="utf-8")
    assert "/user/" not in content
    assert len(content.splitlines()) == len({*starter.graph.select(["facts", "derived"])})


@pytest.mark.skipif(
    shutil.which("rapper") is None, reason="needs rapper: apt install raptor2-utils"
)
@pytest.mark.parametrize("format_", ["ttl", "nt"])
def test_rapper_reads_the_export(starter: Recommender, exports: Path, format_: str) -> None:
    words = ["rapper", "-q", "-i", str(FORMATS[format_][2]), "-o", "ntriples"]
    done = subprocess.run(
        [*words, str(exports / format_)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert len(set(done.stdout.splitlines())) == len(set(starter.graph))


# --- demo (the pieces; the whole takes a minute) ----------------------------------------------


def test_the_demonstration_names_people_who_are_there() -> None:
    ratings = (demo.DEMO_CONFIG.parent / "ratings.csv").read_text(encoding="utf-8")
    tastes = (demo.DEMO_CONFIG.parent / "tastes.jsonl").read_text(encoding="utf-8")
    assert f"\n{demo.RATED_USER}," in ratings
    assert f'"{demo.TOLD_USER}"' in tastes
