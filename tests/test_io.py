from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from pyarrow import parquet

from kg_rec import DataError, io
from kg_rec.config import Config, InteractionsConfig
from kg_rec.ids import Iri, mint
from kg_rec.ontology import Ontology

if TYPE_CHECKING:
    from collections.abc import Iterable

TRIPLE = b"<http://a.example/b> <http://a.example/c> <http://a.example/d> .\n"
ODD_IDS = [
    "a b",
    'a"b',
    "a'b",
    "a>b",
    "a<b",
    "a/b",
    "a%b",
    "a%20b",
    "a_b",
    "a\\b",
    "a{b}",
    "a[b]",
    "a#b",
    "a?b",
    "é",
    "e\u0301",
    "霸王",
    "\U0001f3ac",
    "\ue000",
    "a\u200bb",
    "a\tb",
    "0050083",
    "50083",
    ".",
    "..",
    "~",
    "A",
    "a",
]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


# --- tables ----------------------------------------------------------------------------------


def test_csv_tsv_and_json_lines_give_one_table(tmp_path: Path) -> None:
    expected = {"id": ["1", "2"], "text": ["x, y", None]}
    csv = write(tmp_path, "t.csv", 'id,text\n1,"x, y"\n2,\n')
    tsv = write(tmp_path, "t.tsv", "id\ttext\r\n1\tx, y\r\n2\t\r\n")
    lines = write(tmp_path, "t.jsonl", '{"id": "1", "text": "x, y"}\n\n{"id": "2"}\n')
    assert [io.read_table(p).columns for p in (csv, tsv, lines)] == [expected] * 3


def test_rows_know_the_line_they_start_in(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", 'id,text\n\n1,"two\nlines"\n,\n2,x\n')
    table = io.read_table(path)
    assert table.columns == {"id": ["1", "2"], "text": ["two\nlines", "x"]}
    assert [table.place(row) for row in range(2)] == ["row 1 (line 3)", "row 2 (line 6)"]
    lines = io.read_table(write(tmp_path, "t.jsonl", '{"id": 1}\n\n{"id": 2}\n'))
    assert lines.place(1) == "row 2 (line 3)"


def test_line_separators_of_unicode_stay_inside_a_cell(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "id,text\n1,a\u2028b\x0bc\x85d\n")
    assert io.read_table(path).columns["text"] == ["a\u2028b\x0bc\x85d"]


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.jsonl"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, name: str) -> None:
    content = {"t.csv": "id\n5\n", "t.tsv": "id\n5\n", "t.jsonl": '{"id": "5"}'}[name]
    path = write(tmp_path, name, b"\xef\xbb\xbf" + content.encode())
    assert io.read_table(path).columns == {"id": ["5"]}


def test_columns_without_a_name_are_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "id,,\n5,,\n")
    assert io.read_table(path).columns == {"id": ["5"]}


def test_text_that_looks_like_a_missing_value_stays_text(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "id,label\nNA,null\nnan,None\n")
    assert io.read_table(path).columns == {"id": ["NA", "nan"], "label": ["null", "None"]}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.csv", "", "t.csv: the file is empty, expected a header"),
        ("t.tsv", "\n\n", "t.tsv: the file is empty, expected a header"),
        ("t.csv", "a,b\n1,2\n1,2,3\n", "t.csv, line 3: 3 cells, expected 2 as in the header"),
        ("t.csv", "a,b\n1,2,3\n", "t.csv, line 2: 3 cells, expected 2 as in the header"),
        ("t.csv", "a,b\n1,2\n\n1\n", "t.csv, line 4: 1 cells, expected 2 as in the header"),
        ("t.csv", "a,b,a\n", "t.csv: column 'a' is there twice"),
        ("t.csv", 'a,b\n1,2\n"open,2\n', "t.csv, line 3: not a table: unexpected end of data"),
        ("t.csv", b"a,b\n1,caf\xe9\n", "t.csv, line 2: byte 0xe9 is not UTF-8"),
        ("t.jsonl", b'{"a": 1}\n\n{"a": "\xff"}\n', "t.jsonl, line 3: byte 0xff is not UTF-8"),
        ("t.jsonl", '{"a": 1}\n{"a": }\n', "t.jsonl, line 2: not JSON: Expecting value"),
        ("t.jsonl", '{"a": 1}\n[1]\n', "t.jsonl, line 2: expected a JSON object, found list"),
        ("t.jsonl", '{"a": "\\ud800"}', "t.jsonl, line 1: half of a surrogate pair"),
        ("t.parquet", b"PAR1 no", "t.parquet: not Parquet: "),
        ("t.xlsx", b"PK", "t.xlsx: unknown kind of table; known: .csv, .tsv, .jsonl, .parquet"),
    ],
)
def test_a_broken_file_is_named_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(DataError) as caught:
        io.read_table(path)
    assert str(caught.value).startswith(f"{tmp_path}/{message}")


def test_a_pair_of_surrogates_is_a_character(tmp_path: Path) -> None:
    path = write(tmp_path, "t.jsonl", '{"a": "\\ud83c\\udfac"}')
    assert io.read_table(path).columns == {"a": ["\U0001f3ac"]}


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: no such file"):
        io.read_table(tmp_path / "none.csv")


@pytest.mark.parametrize("source", [5, object(), {"id": [1]}, pl.LazyFrame({"id": [1]})])
def test_what_is_no_table_is_named(source: object) -> None:
    found = type(source).__name__
    with pytest.raises(DataError, match=f"^items: expected a file name or a table, found {found}$"):
        io.read_table(source, "items")


def test_a_dataframe_with_a_column_twice_is_refused() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["id", "id"])
    with pytest.raises(DataError, match=r"^items: .*unique column names.*'id' 2 times$"):
        io.read_table(frame, "items")


def test_a_long_cell_is_read_and_the_limit_of_csv_is_put_back(tmp_path: Path) -> None:
    import csv  # noqa: PLC0415 - its state is looked at

    before = csv.field_size_limit()
    path = write(tmp_path, "t.csv", f"id,text\n1,{'x' * 300_000}\n")
    assert len(io.read_table(path).columns["text"][0]) == 300_000
    assert csv.field_size_limit() == before
    with pytest.raises(DataError):
        io.read_table(write(tmp_path, "t.csv", "a,b\n1\n"))
    assert csv.field_size_limit() == before


def test_parquet_is_read(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"id": [1, 2], "text": ["x", None]}), tmp_path / "t.parquet")
    assert io.read_table(tmp_path / "t.parquet").columns == {"id": [1, 2], "text": ["x", None]}


# --- ids -------------------------------------------------------------------------------------


def items(table: Any, **config: Any) -> list[io.Item]:
    settings = Config.parse({"items": config})
    table = io.read_table(table, "items")
    ontology = Ontology.load("movies")
    return io.read_items(
        table, settings.items, ontology, settings.base_iri, drop=settings.bad_rows == "drop"
    )


def ids(table: Any) -> list[str]:
    return [item.id for item in items(table)]


def test_ids_that_look_like_numbers_keep_their_zeros(tmp_path: Path) -> None:
    path = write(tmp_path, "items.csv", "id,label\n0050083,x\n1e5,y\n1.0,z\n")
    assert ids(path) == ["0050083", "1e5", "1.0"]


@pytest.mark.parametrize(
    "values",
    [
        pd.DataFrame({"id": [5, 7]}),
        pd.DataFrame({"id": [5.0, 7.0]}),
        pd.DataFrame({"id": [5, 7]}, dtype="Int64"),
        pd.DataFrame({"id": [5, 7]}, dtype=object),
        pd.DataFrame({"id": ["5", "7"]}),
        pl.DataFrame({"id": [5, 7]}),
        pl.DataFrame({"id": [5.0, 7.0]}),
        pa.table({"id": [5, 7]}),
    ],
)
def test_whole_numbers_are_ids_without_a_fraction(values: Any) -> None:
    assert ids(values) == ["5", "7"]


def test_integers_beside_an_empty_cell_keep_their_ids() -> None:
    events = pd.DataFrame({"user": [1, None, 2], "item": [5, 5, None]})
    with pytest.raises(DataError, match="interactions, row 2, column 'user': empty"):
        io.read_interactions(
            io.read_table(events, "interactions"), InteractionsConfig(), ["5"], dislike=1.0
        )
    with pytest.warns(match="^2 rows of interactions dropped; the first: interactions, row 2"):
        found = io.read_interactions(
            io.read_table(events, "interactions"),
            InteractionsConfig(),
            ["5"],
            dislike=1.0,
            drop=True,
        )
    assert found == [io.Event("1", "5", 1.0)]


def test_odd_ids_never_meet_in_one_iri() -> None:
    for kind in ("item", "user"):
        iris = [mint("https://example.org/", kind, name) for name in ODD_IDS]
        assert len(set(iris)) == len(ODD_IDS)
        assert all(Iri(iri) == iri for iri in iris)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no scheme",
        "a b:c",
        "http://a.example/a b",
        "http://a.example/<b>",
        'http://a.example/"',
        "http://a.example/[b]",
        "http://a.example/%zz",
        "http://a.example:port/",
        "http://a.example/\ue000",
        "http://a.example/#a#b",
        "http://a.example/\n",
        "http://a.example/\ud800",
    ],
)
def test_what_rdf_cannot_hold_is_no_iri(text: str) -> None:
    with pytest.raises(DataError, match="is not an absolute IRI"):
        Iri(text)


# --- items -----------------------------------------------------------------------------------


def test_columns_with_default_names_may_be_missing() -> None:
    assert items(pd.DataFrame({"id": ["x"]}))[0].label == "x"


@pytest.mark.parametrize(
    ("config", "column"),
    [
        ({"id": "key"}, "id"),
        ({"label": "titel"}, "label"),
        ({"iri": "uri"}, "iri"),
        ({"text": "plot"}, "text"),
    ],
)
def test_a_column_that_the_settings_name_must_be_there(config: dict, column: str) -> None:
    with pytest.raises(DataError) as caught:
        items(pd.DataFrame({"id": ["x"], "title": ["y"]}), **config)
    expected = f"items: no column '{config[column]}' (setting items.{column})"
    assert str(caught.value) == f"{expected}; columns: 'id', 'title'"


def test_a_fact_column_that_the_settings_name_must_be_there() -> None:
    with pytest.raises(DataError, match=r"no column 'genres' \(setting items\.facts\.genres\)"):
        items(pd.DataFrame({"id": ["x"]}), facts={"genres": {"relation": "genre"}})


def test_numbers_in_fact_columns_have_no_fraction_either() -> None:
    frame = pd.DataFrame({"id": ["x", "y"], "datePublished": [1999, None], "label": [300.0, 1]})
    found = items(frame)
    assert [value for _, value in found[0].facts] == ["1999"]
    assert found[1].facts == ()
    assert [item.label for item in found] == ["300", "1"]


def test_lists_are_several_values() -> None:
    table = pa.table({"id": ["x"], "genre": [["Crime", None, "", "Drama"]]})
    assert [value for _, value in items(table)[0].facts] == ["Crime", "Drama"]


# --- texts -----------------------------------------------------------------------------------


def test_documents_of_odd_ids_have_distinct_names() -> None:
    config = Config()
    films = items(pd.DataFrame({"id": ["a", "a/2", "a%2F2"]}))
    rows = pd.DataFrame({"item": ["a", "a", "a/2", "a%2F2"], "text": ["1", "2", "3", "4"]})
    found = io.read_texts(io.read_table(rows, "texts"), config.texts, films)
    assert len({document.id for document in found}) == 4
    assert [document.item for document in found] == [films[n].iri for n in (0, 0, 1, 2)]


# --- RDF -------------------------------------------------------------------------------------


def read(path: Path) -> Iterable[Any]:
    return [statement.triple for statement in io.read_rdf(path)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("g.ttl", TRIPLE),
        ("g.nt", TRIPLE),
        ("g.ttl.gz", gzip.compress(TRIPLE, mtime=0)),
        ("g.ttl", b"\xef\xbb\xbf" + TRIPLE),
        (
            "g.jsonld",
            json.dumps(
                {"@id": "http://a.example/b", "http://a.example/c": {"@id": "http://a.example/d"}}
            ).encode(),
        ),
    ],
)
def test_rdf_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    assert read(write(tmp_path, name, content)) == [
        ("http://a.example/b", "http://a.example/c", "http://a.example/d")
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("g.ttl", TRIPLE + b"<http://a.example/b> broken .", "g.ttl, line 2: "),
        ("g.ttl", TRIPLE + b"<http://a.example/\xff> a 1 .", "g.ttl, line 2: "),
        ("g.ttl", b"<relative> a <http://a.example/b> .", "g.ttl, line 1: "),
        ("g.nt", TRIPLE * 2 + b"oops", "g.nt, line 3: "),
        ("g.jsonld", b'{"@id": ', "g.jsonld, line 1: "),
        ("g.rdf", b"<rdf:RDF", "g.rdf: "),
        ("g.ttl.gz", b"not packed", "g.ttl.gz: cannot be read: Not a gzipped file"),
        (
            "g.ttl.gz",
            gzip.compress(TRIPLE, mtime=0)[:-9],
            "g.ttl.gz: cannot be read: Compressed file ended",
        ),
        (
            "g.ttl.gz",
            gzip.compress(TRIPLE * 99, mtime=0)[:30] + b"xxxx",
            "g.ttl.gz: cannot be read: ",
        ),
        ("g.xyz", TRIPLE, "g.xyz: unknown kind of RDF file '.xyz'; known: .ttl, .nt, .jsonld"),
        ("g.gz", b"", "g.gz: unknown kind of RDF file ''"),
        (
            "g.ttl",
            b"<http://a.example/b> a <<( <http://a.example/b> a 1 )>> .",
            "g.ttl: ",
        ),
    ],
)
def test_a_broken_rdf_file_is_named_with_its_line(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = write(tmp_path, name, content)
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{tmp_path}/{message}")
    assert "None" not in str(caught.value)


def test_a_missing_rdf_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.ttl: cannot be read: No such file"):
        read(tmp_path / "none.ttl")


# --- out -------------------------------------------------------------------------------------


def test_a_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, "out.ttl", "old")

    def fail(*_: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(DataError, match=r"out\.ttl: cannot be written: No space left"):
            io.write_file(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["out.ttl"]
    assert path.read_bytes() == b"old"
    io.write_file(path, b"new")
    assert path.read_bytes() == b"new"


def test_what_a_link_points_to_is_replaced(tmp_path: Path) -> None:
    path = write(tmp_path, "out.ttl", "old")
    link = tmp_path / "link.ttl"
    link.symlink_to(path)
    io.write_file(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    import os  # noqa: PLC0415 - makes the pipe
    import threading  # noqa: PLC0415 - a pipe needs a reader

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read_bytes: list[bytes] = []
    reader = threading.Thread(target=lambda: read_bytes.append(pipe.read_bytes()), daemon=True)
    reader.start()
    io.write_file(pipe, b"new")
    reader.join(timeout=10)
    assert read_bytes == [b"new"]
    assert pipe.is_fifo()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, "file", "")
    for path, message in [
        (tmp_path, "it is a folder"),
        (Path(), "it is a folder"),
        (tmp_path / "none" / "x.ttl", "No such file or directory"),
        (file / "x.ttl", "Not a directory"),
    ]:
        with pytest.raises(DataError, match=f"cannot be written: {message}"):
            io.write_file(path, b"")
