from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg_rec import Config, ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rankin": {}}, "unknown key 'rankin'; did you mean 'ranking'?"),
        ({"sed": 1}, "unknown key 'sed'; did you mean 'seed'?"),
        ({"ranking": {"populrity": 1}}, "'ranking.populrity'; did you mean 'popularity'?"),
        (
            {"items": {"facts": {"genre": {"relation": "genre", "seperator": "|"}}}},
            "'items.facts.genre.seperator'; did you mean 'separator'?",
        ),
        ({"users": {"xyz": 1}}, "unknown key 'users.xyz'; known keys: path, id, text"),
    ],
)
def test_a_misspelt_key_is_named_with_what_was_meant(values: dict, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.parse(values, "my.toml")
    assert str(caught.value).startswith("my.toml: unknown key ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("values", "key", "found"),
    [
        ({"seed": "many"}, "seed", "'many'"),
        ({"seed": -1}, "seed", "-1"),
        ({"seed": 1.5}, "seed", "1.5"),
        ({"items": "items.csv"}, "items", "'items.csv'"),
        ({"items": {"path": 3}}, "items.path", "3"),
        ({"items": {"facts": {"genre": "genre"}}}, "items.facts.genre", "'genre'"),
        ({"graph": 3}, "graph", "3"),
        ({"embeddings": {"dimension": 0}}, "embeddings.dimension", "0"),
        ({"embeddings": {"epochs": -1}}, "embeddings.epochs", "-1"),
        ({"embeddings": {"parts": ["fact"]}}, "embeddings.parts.0", "'fact'"),
        ({"ranking": {"ridge": 0}}, "ranking.ridge", "0"),
        ({"ranking": {"facts": float("nan")}}, "ranking.facts", "nan"),
        ({"ranking": {"facts": float("inf")}}, "ranking.facts", "inf"),
        ({"interactions": {"like_at": float("nan")}}, "interactions.like_at", "nan"),
        ({"interactions": {"like_at": "high"}}, "interactions.like_at", "'high'"),
        ({"bad_rows": "ignore"}, "bad_rows", "'ignore'"),
        ({"base_iri": "no iri"}, "base_iri", "'no iri'"),
        ({"base_iri": "http://example.org/a b/"}, "base_iri", "'http://example.org/a b/'"),
        ({"base_iri": "http://example.org"}, "base_iri", "'http://example.org'"),
    ],
)
def test_a_wrong_value_is_named_with_its_key(values: dict, key: str, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.parse(values)
    message = str(caught.value)
    assert message.startswith(f"configuration: {key!r}: ")
    assert message.endswith(f", found {found}")
    assert "\n" not in message


def test_a_huge_wrong_value_is_cut_in_the_message() -> None:
    with pytest.raises(ConfigError) as caught:
        Config.parse({"seed": "x" * 10_000})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"seed = ", "not TOML: Invalid value"),
        (b"seed = 1\nseed = 2\n", "line 2"),
        (b"# caf\xe9\n", "not TOML"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "kg-rec.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        Config.load(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: cannot be read: No such file"):
        Config.load(tmp_path / "none.toml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        Config.load(tmp_path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "kg-rec.toml"
    path.write_bytes(b"\xef\xbb\xbfseed = 7\n")
    assert Config.load(path).seed == 7


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Config().seed = 1
    assert Config().seed == 0
