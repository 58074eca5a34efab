"""The data that ships: complete, consistent, and read as well as we say."""

from __future__ import annotations

import csv
import json
from importlib import resources

import pytest

DATA = resources.files("kg_rec") / "data" / "movietweetings"


def lines(name: str) -> list[dict[str, str]]:
    text = (DATA / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture(scope="module")
def movies() -> dict[str, str]:
    rows = csv.DictReader((DATA / "movies.csv").read_text(encoding="utf-8").splitlines())
    return {row["movie_id"]: row["title"] for row in rows}


def test_counts(movies: dict[str, str]) -> None:
    rows = (DATA / "ratings.csv").read_text(encoding="utf-8").splitlines()[1:]
    ratings = [row.split(",") for row in rows]
    assert (len(movies), len(ratings), len({r[0] for r in ratings})) == (492, 33_670, 1_736)
    assert {r[1] for r in ratings} == set(movies)


def test_every_film_has_its_own_text_with_title_and_year(movies: dict[str, str]) -> None:
    texts = lines("texts.jsonl")
    assert {t["id"]: f"{t['title']} ({t['year']})" for t in texts} == movies
    assert len(texts) == len({t["text"] for t in texts}) == 492
    assert all(20 <= len(t["text"].split()) <= 80 for t in texts)
    openings = [" ".join(t["text"].split()[:3]) for t in texts]
    assert max(map(openings.count, openings)) <= 12


def test_forty_people_say_what_they_like_and_have_no_ratings() -> None:
    tastes = lines("tastes.jsonl")
    raters = {row.split(",")[0] for row in (DATA / "ratings.csv").read_text().splitlines()}
    assert (
        len(tastes) == len({t["user_id"] for t in tastes}) == len({t["text"] for t in tastes}) == 40
    )
    assert raters.isdisjoint(t["user_id"] for t in tastes)


def test_both_licences_ship() -> None:
    assert "Copyright (c) 2013 Simon Dooms" in (DATA / "LICENSE.movietweetings").read_text()
    assert "Copyright (c) 2015 Jaroslav" in (DATA / "LICENSE.mappings").read_text(encoding="utf-8")
