"""Chinese texts: names by shape, forms letter by letter, tastes; measured on sixty texts."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from kg_rec import (
    Document,
    Iri,
    MissingDependencyError,
    Ontology,
    Recommender,
)
from kg_rec.ids import SCHEMA
from kg_rec.ontology import DISLIKES, LIKES, Entity
from kg_rec.text import Extractor
from kg_rec.text.chinese.names import find_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec import Statement

pytest.importorskip("jieba", reason="needs jieba: pip install 'kg-rec[zh]'")

import extraction_chinese

FIXTURES = Path(__file__).parent / "fixtures" / "text"
NOLAN, FILM = Iri("urn:nolan"), Iri("urn:film")
TASTE = "我喜欢克里斯托弗·诺兰的科幻片，讨厌恐怖片"
TWIN = "I love science fiction by Christopher Nolan and hate horror"


@pytest.fixture(scope="module")
def extractor() -> Extractor:
    nolan = Entity(
        NOLAN, (SCHEMA["Person"],), {"en": ("Christopher Nolan",), "zh": ("克里斯托弗·诺兰",)}
    )
    return Extractor(Ontology.load("movies"), [nolan], base_iri="https://example.org/")


def _facts(extractor: Extractor, text: str) -> list[Statement]:
    document = Document("d", text, FILM, title="X", lang="zh")
    return [s for s in extractor.extract([document]) if s.triple.subject == FILM]


def _said(extractor: Extractor, text: str, relation: str) -> list[str]:
    wanted = extractor.ontology.relation(relation).iri
    return [s.object_text for s in _facts(extractor, text) if s.triple.predicate == wanted]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("由克里斯托弗·诺兰执导", ["克里斯托弗·诺兰"]),
        ("终于让马丁·斯科塞斯拿到了", ["马丁·斯科塞斯"]),
        ("让·雷诺和娜塔莉·波特曼主演", ["让·雷诺", "娜塔莉·波特曼"]),
        ("雷德利・斯科特与威廉·H·梅西", ["雷德利·斯科特", "威廉·H·梅西"]),
        ("凯瑞-安·莫斯本人", ["凯瑞-安·莫斯"]),
    ],
)
def test_foreign_names_are_told_by_their_shape(text: str, names: Sequence[str]) -> None:
    assert [name.text for name in find_names(text, [], {})] == names


@pytest.mark.parametrize(
    ("text", "directors", "actors"),
    [
        ("影片由大卫·芬奇执导，布拉德·皮特、爱德华·诺顿主演。", 1, 2),
        ("大卫·芬奇导演布拉德·皮特主演", 1, 1),
        ("导演：李安。主演：苏拉·沙玛，伊尔凡·可汗。", 1, 2),
        ("梅尔·吉布森身兼导演与主演。", 1, 1),
        ("本片并非由大卫·芬奇执导。", 0, 0),
        ("《七宗罪》的导演大卫·芬奇曾经看过。", 0, 0),
        ("一个没有名字的人走过街道。", 0, 0),
    ],
)
def test_surface_forms(extractor: Extractor, text: str, directors: int, actors: int) -> None:
    assert len(_said(extractor, text, "director")) == directors
    assert len(_said(extractor, text, "actor")) == actors


def test_a_chinese_label_is_the_same_node_and_short_names_are_the_full_ones(
    extractor: Extractor,
) -> None:
    facts = _facts(extractor, "克里斯托弗・诺兰自编自导的科幻片，诺兰担任编剧。")
    people = {s.triple.object for s in facts if s.triple.predicate != SCHEMA["genre"]}
    assert people == {NOLAN}
    assert all(
        s.evidence[0].text in "克里斯托弗・诺兰自编自导的科幻片，诺兰担任编剧。" for s in facts
    )


def test_the_taste_and_its_english_twin_mean_the_same(extractor: Extractor) -> None:
    said = []
    for text in (TASTE, TWIN):
        found = extractor.extract([Document("t", text, user=Iri("urn:u"))])
        said.append(
            {
                (s.triple.predicate, s.triple.object)
                for s in found
                if s.triple.predicate in {LIKES, DISLIKES}
            }
        )
    assert said[0] == said[1]
    assert len(said[0]) == 3


def test_each_document_is_read_in_its_language(extractor: Extractor) -> None:
    texts = {"en": "Christopher Nolan directed this film.", "zh": "本片由克里斯托弗·诺兰执导。"}
    documents = [Document(lang, text, FILM, title="X", lang=lang) for lang, text in texts.items()]
    for statements in (
        list(extractor.extract(documents)),
        list(extractor.extract(documents[::-1])),
    ):
        directed = [s for s in statements if s.triple.predicate == SCHEMA["director"]]
        assert {s.triple.object for s in directed} == {NOLAN}
        assert {s.evidence[0].document for s in directed} == {"en", "zh"}


def test_reasons_in_chinese(tmp_path: Path) -> None:
    names = tmp_path / "names.ttl"
    names.write_text(
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
        '<urn:a> rdfs:label "盗梦空间"@zh .\n'
        '<urn:nolan> a <http://schema.org/Person> ; rdfs:label "Christopher Nolan"@en, '
        '"克里斯托弗·诺兰"@zh .\n',
        encoding="utf-8",
    )
    items = pd.DataFrame(
        {
            "id": ["a", "b"],
            "label": ["Inception", "Heat"],
            "iri": ["urn:a", "urn:b"],
            "genre": ["Sci-Fi", "Crime"],
        }
    )
    texts = pd.DataFrame({"item": ["a"], "text": ["本片由克里斯托弗·诺兰执导。"], "lang": ["zh"]})
    config = {"embeddings": {"epochs": 0}, "ranking": {"min_items": 1}}
    model = Recommender.fit(items, texts=texts, graph=names, config=config)
    best = model.recommend(text=TASTE, k=1, language="zh")[0]
    assert best.label == "盗梦空间"
    reasons = [c.text for c in best.contributions]
    assert "由克里斯托弗·诺兰执导，正是你喜欢的" in reasons
    assert "属于科幻片，正是你喜欢的" in reasons
    assert abs(sum(c.value for c in best.contributions) - best.score) < 1e-9


def test_the_odd_texts_state_directors_and_leads() -> None:
    found = extraction_chinese.people(FIXTURES, odd=True)
    assert found.precision >= 0.85
    assert found.recall >= 0.85


def test_the_tastes_for_development() -> None:
    assert extraction_chinese.likes(FIXTURES, held_apart=False).f1 >= 0.9


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [("de", "Regie führte Jane Campion.", "Jane Campion"), ("fr", "réalisé par Jane Campion", "")],
)
@pytest.mark.filterwarnings("ignore::kg_rec.ExtractionWarning")
def test_other_languages_fall_back_to_labels_and_forms(language: str, text: str, name: str) -> None:
    del name
    ontology = Ontology(
        """
        @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
        @prefix schema: <http://schema.org/> .
        @prefix kgrec: <https://w3id.org/kg-rec/ns#> .
        schema:Movie a rdfs:Class ; rdfs:subClassOf kgrec:Item ; rdfs:label "Film"@de, "film"@fr .
        schema:Person a rdfs:Class ; rdfs:label "Person"@de, "personne"@fr .
        schema:director a <http://www.w3.org/1999/02/22-rdf-syntax-ns#Property> ;
            rdfs:domain schema:Movie ; rdfs:range schema:Person ;
            kgrec:form "Regie führte {object}"@de, "réalisé par {object}"@fr .
        """
    )
    campion = Entity(Iri("urn:campion"), (SCHEMA["Person"],), {"": ("Jane Campion",)})
    reader = Extractor(ontology, [campion], language=language, base_iri="https://example.org/")
    found = list(reader.extract([Document("d", text, FILM, title="Das Piano")]))
    assert [s.triple.object for s in found if s.triple.predicate == SCHEMA["director"]] == [
        campion.iri
    ]


def test_the_demonstration_has_sixty_texts_in_chinese() -> None:
    from kg_rec import demo  # noqa: PLC0415

    folder = Path(demo.DEMO_CONFIG).parent
    rows = [json.loads(r) for r in (folder / "texts_zh.jsonl").read_text("utf-8").splitlines()]
    assert len({row["id"] for row in rows}) == 60
    assert {row["lang"] for row in rows} == {"zh"}


def test_a_missing_jieba_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Extractor(Ontology.load("movies"), base_iri="https://example.org/")
    monkeypatch.setitem(sys.modules, "jieba", None)
    with pytest.raises(MissingDependencyError, match=r"pip install 'kg-rec\[zh\]'"):
        list(reader.extract([Document("d", TASTE, user=Iri("urn:u"))]))
