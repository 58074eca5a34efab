from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg_rec import ConfigError, DataError, Iri, Preference, Recommender, UnknownIdError
from kg_rec.embeddings import TokenEncoder
from kg_rec.ontology import CONCEPT, PERSON
from kg_rec.tastes import ConceptLinker

if TYPE_CHECKING:
    from pathlib import Path


def test_someone_unknown_with_the_same_history_gets_the_same_list(tiny: Recommender) -> None:
    for user in tiny.users:
        history = {h.item: h.weight for h in tiny.history(user)}
        known = [r.to_dict() for r in tiny.recommend(user, k=9)]
        assert [r.to_dict() for r in tiny.recommend(history=history, k=9)] == known


def test_a_list_of_items_is_a_history_of_likes(tiny: Recommender) -> None:
    first = tiny.items[0].id
    by_list, by_weight = tiny.recommend(history=[first]), tiny.recommend(history={first: 1.0})
    assert [r.to_dict() for r in by_list] == [r.to_dict() for r in by_weight]
    assert first not in {r.item for r in by_list}


def test_nobody_gets_what_is_popular_and_is_told_so(tiny: Recommender) -> None:
    for best in tiny.recommend():
        assert {t.source.kind for t in best.contributions} <= {"popularity"}


def test_explain_gives_the_rank_and_score_of_the_list(tiny: Recommender) -> None:
    user = tiny.users[0]
    for best in tiny.recommend(user, k=9):
        assert tiny.explain(best.item, user).to_dict() == best.to_dict()


def test_an_item_of_the_own_history_is_explained_beside_the_rest(tiny: Recommender) -> None:
    user = tiny.users[0]
    own = tiny.history(user)[0].item
    why = tiny.explain(own, user)
    assert 1 <= why.rank <= len(tiny.items)
    assert sum(t.value for t in why.contributions) == pytest.approx(why.score)


def test_text_adds_to_what_is_known(starter: Recommender) -> None:
    kinds = {
        term.source.kind
        for best in starter.recommend("ben", text="I hate horror.", k=9)
        for term in best.contributions
    }
    assert {"history", "preference"} <= kinds


def test_an_unknown_subject_gives_way_to_the_closest_in_meaning() -> None:
    robbery, opera, person = Iri("urn:robbery"), Iri("urn:opera"), Iri("urn:person")
    linker = ConceptLinker({robbery: "robbery", opera: "opera"}, TokenEncoder())
    said = [
        Preference(Iri("urn:unknown"), -1.0, "bank robbery"),
        Preference(Iri("urn:far"), 1.0, "gardening"),
        Preference(opera, 1.0, "opera"),
        Preference(person, 1.0, "robbery"),
    ]
    kinds = {p.entity: [CONCEPT] for p in said} | {person: [PERSON]}
    near, far, known, other = linker.link(said, kinds)
    assert near.entity == robbery
    assert near.label == "bank robbery (close in meaning to robbery)"
    assert -1.0 < near.strength < -0.7
    assert [far, known, other] == said[1:]


def test_notebooks_show_tables(tiny: Recommender) -> None:
    found = tiny.recommend(tiny.users[0], k=2)
    assert found[0].label in found._repr_html_()
    assert found[0].label in tiny.explain(found[0].item, tiny.users[0])._repr_html_()


def test_a_report_is_returned_and_written(tiny: Recommender, tmp_path: Path) -> None:
    page = tiny.report(tiny.users[0], k=2, out=tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page
    one = tiny.report(tiny.users[0], item=tiny.items[0].id)
    assert f"Why {tiny.items[0].label}?" in one


def test_what_is_asked_wrongly_is_an_error(tiny: Recommender) -> None:
    with pytest.raises(DataError, match="k is 0, expected at least 1"):
        tiny.recommend(k=0)
    with pytest.raises(UnknownIdError, match="unknown item 'nope'"):
        tiny.recommend(history=["nope"])
    with pytest.raises(DataError, match="expected finite weights"):
        tiny.recommend(history={tiny.items[0].id: float("nan")})
    with pytest.raises(UnknownIdError, match="unknown user 'nobody'"):
        tiny.history("nobody")
    with pytest.raises(ConfigError, match="expected settings or a TOML file, found int"):
        Recommender.fit(items="items.csv", config=5)  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="no items"):
        Recommender.fit()
