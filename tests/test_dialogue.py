"""Conversations in plain language: what is understood, what is answered, and from which facts."""

from __future__ import annotations

import importlib.util
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from kg_rec import DataError, Literal, Recommender, UnknownIdError
from kg_rec.cli import app
from kg_rec.dialogue import INTENTS, Answer, Dialogue, unfounded
from kg_rec.dialogue.state import State
from kg_rec.ids import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType


def _benchmark() -> ModuleType:
    """Return the script that judges exchanges."""
    path = Path(__file__).parent / "benchmarks" / "dialogue.py"
    spec = importlib.util.spec_from_file_location("dialogue_benchmark", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


benchmark = _benchmark()
FIXTURES = Path(__file__).parent / "fixtures" / "dialogue"
QUICK = {"embeddings": {"epochs": 0}}
BOOKS = pd.DataFrame(
    {
        "id": ["dune", "emma", "ring", "ulysses", "hobbit"],
        "label": ["Dune", "Emma", "The Lord of the Rings", "Ulysses", "The Hobbit"],
        "author": [
            "Frank Herbert",
            "Jane Austen",
            "J. R. R. Tolkien",
            "James Joyce",
            "J. R. R. Tolkien",
        ],
        "translator": ["", "", "Margaret Carroux", "Hans Wollschläger", ""],
        "datePublished": ["1965", "1815", "1954", "1922", "1937"],
    }
)


@pytest.fixture(scope="module")
def films(demo_folder: Path) -> Recommender:
    return Recommender.load(demo_folder)


@pytest.fixture(scope="module")
def books() -> Recommender:
    events = pd.DataFrame({"user": ["u", "v", "v", "w"], "item": ["ring", "ring", "emma", "dune"]})
    return Recommender.fit(BOOKS, interactions=events, ontology="books", config=QUICK)


@pytest.fixture
def talk(films: Recommender) -> Dialogue:
    return films.dialogue()


def labels(answer: Answer) -> list[str]:
    return [item.label for item in answer.recommendations or ()]


def years(films: Recommender, answer: Answer) -> list[int]:
    published = SCHEMA["datePublished"]
    nodes = [item.iri for item in answer.recommendations or ()]
    terms = [t.object for node in nodes for t in films.graph.triples(node, published)]
    return [int(term.value) for term in terms if isinstance(term, Literal)]


# --- what is understood --------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["en", "zh"])
def test_written_exchanges_are_understood(films: Recommender, language: str) -> None:
    exchanges = json.loads((FIXTURES / "dev.json").read_text(encoding="utf-8"))
    wrong = []
    for exchange in exchanges:
        if exchange["language"] == language:
            turns = benchmark.judge(films, exchange)
            wrong += [(t["say"], t["found"], t["gold"]) for t in turns if not t["slots"]]
    assert wrong == []


def test_answers_to_exchanges_state_nothing_that_is_not_in_the_graph(films: Recommender) -> None:
    exchanges = json.loads((FIXTURES / "dev.json").read_text(encoding="utf-8"))
    turns = [turn for exchange in exchanges for turn in benchmark.judge(films, exchange)]
    assert len(turns) > 90
    assert [t for t in turns if t["unfounded"]] == []


def test_whatever_is_said_is_answered_from_the_graph(films: Recommender) -> None:
    exchanges = json.loads((FIXTURES / "dev.json").read_text(encoding="utf-8"))
    said = [turn["say"] for exchange in exchanges for turn in exchange["turns"]]
    words = sorted({word for text in said for word in text.split()})
    draw = random.Random(7)  # noqa: S311 - a test
    talk = films.dialogue()
    names, graph = films._understanding.names, films.graph
    for _ in range(150):
        mixed = " ".join(draw.sample(words, draw.randint(1, 8)))
        title = f"{draw.choice(said)} {draw.choice(films.items).label}"
        answer = talk.ask(draw.choice([draw.choice(said), mixed, title]))
        assert answer.intent in INTENTS
        assert unfounded(answer, graph, names) == []


def test_the_check_of_facts_can_fail(films: Recommender, talk: Dialogue) -> None:
    answer = talk.ask("who directed Heat?")
    names, graph = films._understanding.names, films.graph
    assert unfounded(answer, graph, names) == []
    lie = Answer(answer.intent, {}, "", facts=answer.facts, plain="Heat was made by Ridley Scott.")
    assert unfounded(lie, graph, names) == ["named without a fact: 'Ridley Scott'"]
    false = answer.facts[0]._replace(
        triple=answer.facts[0].triple._replace(
            object=talk.ask("who directed Alien?").facts[0][0][2]
        )
    )
    assert unfounded(Answer("question", {}, "", facts=(false,)), graph, names)


@pytest.mark.parametrize(
    ("said", "intent", "slots"),
    [
        ("why not Alien?", "why_not", {"item": "Alien (1979)"}),
        ("why isn't Inception there", "why_not", {"item": "Inception (2010)"}),
        (
            "why is Argo ranked higher than Lincoln?",
            "compare",
            {"item": "Argo (2012)", "other": "Lincoln (2012)"},
        ),
        (
            "I loved Heat, nothing with Tom Cruise, from the nineties",
            "recommend",
            {
                "like": ["Heat (1995)"],
                "exclude": ["Tom Cruise"],
                "where": [{"attribute": "year", "op": "between", "value": [1990, 1999]}],
            },
        ),
        ("films like heat", "recommend", {"like": ["Heat (1995)"]}),
        ("films like the dark knigth", "recommend", {"like": ["The Dark Knight (2008)"]}),
        ("I loved Se7en. More like that!", "more_like", {"item": "Se7en (1995)"}),
        ("Do you have anything by Hitchcock?", "recommend", {"include": ["Alfred Hitchcock"]}),
        ("never recommend The Hangover again", "feedback", {"item": "The Hangover (2009)"}),
        ("tell me a joke", "unknown", {}),
        ("want a table for two", "unknown", {}),
        ("没有外星人的科幻片", "recommend", {"include": ["Sci-Fi"], "exclude": ["alien"]}),
        ("第一部为什么不在？", "why_not", {}),
        ("讲个笑话", "unknown", {}),
    ],
)
def test_what_is_said(talk: Dialogue, said: str, intent: str, slots: dict[str, Any]) -> None:
    answer = talk.ask(said)
    assert answer.intent == intent
    found = {name: value for name, value in answer.slots.items() if name != "verdict"}
    assert benchmark.plain(found) == benchmark.plain(slots)


BLADE, HEAT, ALIEN = "Blade Runner (1982)", "Heat (1995)", "Alien (1979)"
LISTED = (HEAT, ALIEN, BLADE)


@pytest.mark.parametrize(
    ("said", "like", "dislike"),
    [
        ("i love sci-fi, hate romance", ["Sci-Fi"], ["Romance"]),
        ("love westerns, can't stand musicals", ["Western"], ["Musical"]),
        ("I'm crazy about westerns", ["Western"], []),
        ("sci-fi is my favourite", ["Sci-Fi"], []),
        ("I'm a big western fan, not a horror fan", ["Western"], ["Horror"]),
        ("westerns I love, musicals I can't stand", ["Western"], ["Musical"]),
        ("我爱科幻片，讨厌爱情片", ["Sci-Fi"], ["Romance"]),
        ("科幻片和西部片我都爱看", ["Sci-Fi", "Western"], []),
        ("我是科幻片迷", ["Sci-Fi"], []),
        ("本人钟情动画片", ["Animation"], []),
        ("西部片是我的最爱，战争片我不喜欢", ["Western"], ["War"]),
    ],
)
def test_opinions_of_genres_are_tastes(
    talk: Dialogue, said: str, like: list[str], dislike: list[str]
) -> None:
    answer = talk.ask(said)
    expected = {"like": like, "dislike": dislike}
    assert benchmark.plain(answer.slots) == benchmark.plain(expected)


@pytest.mark.parametrize("said", ["I'd love a western", "想看西部片", "i feel like a western"])
def test_a_wish_is_no_opinion(talk: Dialogue, said: str) -> None:
    assert talk.ask(said).slots == {"include": ["Western"]}


@pytest.mark.parametrize(
    ("said", "relation"),
    [
        ("who did the music?", "musicBy"),
        ("who does the music in it?", "musicBy"),
        ("whose music is it?", "musicBy"),
        ("who is responsible for the music?", "musicBy"),
        ("who handled the script?", "author"),
        ("who was behind the camera?", "director"),
        ("and the director?", "director"),
        ("the writer?", "author"),
        ("what about the music?", "musicBy"),
        ("how about the composer?", "musicBy"),
        ("and the release year?", "year"),
        ("and its genre?", "genre"),
        ("音乐是谁做的？", "musicBy"),
        ("剧本出自谁手？", "author"),
        ("导演呢？", "director"),
        ("那编剧呢？", "author"),
        ("它的配乐呢", "musicBy"),
        ("那上映年份呢？", "year"),
    ],
)
def test_nouns_of_relations_ask_about_the_item_talked_of(
    talk: Dialogue, said: str, relation: str
) -> None:
    talk.ask("who is in Blade Runner?")
    slots = talk.ask(said).slots
    assert (slots.get("relation"), slots.get("subject")) == (relation, BLADE)


def test_a_noun_alone_is_no_question_when_nothing_was_talked_of(talk: Dialogue) -> None:
    assert talk.ask("and the music?").intent != "question"
    talk.ask("I loved Heat")
    assert talk.ask("and music").slots == {"include": ["Music"]}


@pytest.mark.parametrize(
    ("said", "intent", "item"),
    [
        ("hide that last one", "feedback", BLADE),
        ("remove last one please", "feedback", BLADE),
        ("i've seen that second one", "feedback", ALIEN),
        ("more like that first one", "more_like", HEAT),
        ("why the second to last?", "why", ALIEN),
        ("hide the last but one", "feedback", ALIEN),
        ("最后一个去掉", "feedback", BLADE),
        ("隐藏最后面那个", "feedback", BLADE),
        ("倒数第二部我看过", "feedback", ALIEN),
        ("那第二部为什么？", "why", ALIEN),
    ],
)
def test_places_of_the_list(
    films: Recommender, talk: Dialogue, said: str, intent: str, item: str
) -> None:
    ids = {item.label: item.id for item in films.items}
    talk.show([ids[label] for label in LISTED])
    answer = talk.ask(said)
    assert (answer.intent, answer.slots["item"]) == (intent, item)


@pytest.mark.parametrize(
    ("first", "then", "changed"),
    [
        ("who is in Alien?", "and in Blade Runner?", {"subject": BLADE}),
        ("who directed Alien?", "what about Heat?", {"subject": HEAT}),
        ("who directed Alien?", "Heat?", {"subject": HEAT}),
        ("when was Alien made?", "and for Heat?", {"subject": HEAT}),
        ("is Al Pacino in Heat?", "and Robert De Niro?", {"object": "Robert De Niro"}),
        ("is Al Pacino in Heat?", "and in Alien?", {"subject": ALIEN}),
        ("is Heat a comedy?", "or a drama?", {"object": "Drama"}),
        ("how many westerns are there?", "and comedies?", {"object": "Comedy"}),
        ("which films did Ridley Scott direct?", "and Michael Mann?", {"object": "Michael Mann"}),
        ("《Alien》的导演是谁", "那《Heat》呢？", {"subject": HEAT}),
        ("《Alien》里有谁", "《Heat》里呢？", {"subject": HEAT}),
        ("有多少部西部片", "喜剧片呢？", {"object": "Comedy"}),
    ],
)
def test_a_question_goes_on_with_another_name(
    films: Recommender, first: str, then: str, changed: dict[str, str]
) -> None:
    talk = films.dialogue()
    before = talk.ask(first)
    talk = Dialogue.of(films, json.loads(json.dumps(talk.to_dict())))
    answer = talk.ask(then)
    assert answer.intent == "question"
    assert answer.slots == {**before.slots, **changed}


@pytest.mark.parametrize("before", ["films like Alien", "why Alien?", "I loved Alien"])
def test_only_a_question_goes_on(talk: Dialogue, before: str) -> None:
    talk.ask("who directed Alien?")
    talk.ask(before)
    assert talk.ask("and Heat?").intent == "recommend"


@pytest.mark.parametrize(
    "said",
    [
        "how old are you?",
        "who made you?",
        "where are you from?",
        "when were you made?",
        "who is your director?",
        "are you a robot?",
        "where do you live?",
        "你多大了？",
        "谁写的你？",
        "你是哪年做出来的？",
        "你来自哪里？",
    ],
)
def test_questions_to_the_machine_are_not_taken_for_the_item(talk: Dialogue, said: str) -> None:
    talk.ask("who directed Heat?")
    assert talk.ask(said).intent == "unknown"


@pytest.mark.parametrize(
    "said", ["can you tell me who wrote it?", "do you know the writer?", "你知道编剧是谁吗？"]
)
def test_questions_by_way_of_the_machine_are_answered(talk: Dialogue, said: str) -> None:
    talk.ask("who directed Heat?")
    assert talk.ask(said).slots["relation"] == "author"


@pytest.mark.parametrize(
    ("said", "op", "value", "begins"),
    [
        ("was it made in 1995?", "==", 1995, "Yes."),
        ("is it from 2010?", "==", 2010, "The graph does not say so."),
        ("is it from the nineties?", "between", [1990, 1999], "Yes."),
        ("was it released before 1990?", "<", 1990, "The graph does not say so."),
        ("它是1995年的吗？", "==", 1995, "是的"),
        ("是不是1979年拍的？", "==", 1979, "图谱里没有这样说"),
    ],
)
def test_whether_a_year_is_so(
    talk: Dialogue, said: str, op: str, value: object, begins: str
) -> None:
    talk.ask("who directed Heat?")
    answer = talk.ask(said)
    condition = {"attribute": "year", "op": op, "value": value}
    expected = {"relation": "year", "kind": "yesno", "subject": HEAT, "where": [condition]}
    assert (answer.intent, answer.slots) == ("question", expected)
    assert answer.text.startswith(begins)
    assert [fact.labels[2] for fact in answer.facts] == ["1995"]


@pytest.mark.parametrize(
    "said", ["films, not from the nineties", "nothing from the nineties", "不要九十年代的"]
)
def test_years_are_excluded(films: Recommender, talk: Dialogue, said: str) -> None:
    talk.ask("films from 1985 to 2005")
    kept = years(films, talk.ask(f"and {said}" if said.isascii() else said))
    assert kept
    assert all(1985 <= year < 1990 or 1999 < year <= 2005 for year in kept)


def test_a_year_is_excluded(films: Recommender, talk: Dialogue) -> None:
    assert 2013 in years(films, talk.ask("films from 2010 or later"))
    kept = years(films, talk.ask("but not from 2013"))
    assert kept
    assert {*kept} <= {2010, 2011, 2012}


def test_an_unclear_time_is_not_a_place(films: Recommender, talk: Dialogue) -> None:
    talk.show([films.items[0].id])
    assert talk.ask("films from the last ten years").slots == {}


def test_somebody_unknown_is_not_taken_for_a_namesake(talk: Dialogue) -> None:
    answer = talk.ask("I love Tom Hanks and Meg Ryan")
    assert answer.slots == {"like": ["Tom Hanks"]}
    assert "meg" in answer.not_understood


@pytest.mark.parametrize(
    "said",
    [
        "I am fascinated by heist films, musicals make me yawn",
        "Heist films are my jam, musicals bore me to tears",
    ],
)
def test_tastes_in_other_words_are_read_by_the_text_stage(talk: Dialogue, said: str) -> None:
    answer = talk.ask(said)
    assert answer.slots == {"like": ["heist"], "dislike": ["Musical"]}


def test_what_cannot_be_expressed_is_told(talk: Dialogue) -> None:
    answer = talk.ask("something shorter with Al Pacino")
    assert answer.slots == {"include": ["Al Pacino"]}
    assert answer.not_understood == ("shorter",)
    assert answer.text.startswith("I did not understand: shorter.")


# --- wishes --------------------------------------------------------------------------------------


def test_wishes_hold_in_the_list(films: Recommender, talk: Dialogue) -> None:
    newer = talk.ask("films like Heat but newer and less violent")
    assert min(years(films, newer)) > 1995
    assert "Heat (1995)" not in labels(newer)
    assert newer.text.startswith(
        "I understood: like Heat (1995); newer than 1995 (Heat (1995)); less"
    )
    without = talk.ask("nothing with Leonardo DiCaprio")
    cast = {t.subject for t in films.graph.triples() if "Leonardo_DiCaprio" in str(t.object)}
    assert cast.isdisjoint(item.iri for item in without.recommendations or ())
    assert min(years(films, without)) > 1995, "wishes add up"
    older = talk.ask("comedies from before 1990")
    assert max(years(films, older)) < 1990, "a new wish takes their place"


def test_less_of_a_subject_lowers_what_has_it(films: Recommender) -> None:
    plain = films.dialogue().ask("something like Kill Bill: Vol. 1")
    less = films.dialogue().ask("something like Kill Bill: Vol. 1 but less violent")
    state = films.dialogue()
    state.ask("something like Kill Bill: Vol. 1 but less violent")
    (lean,) = state.state.lean
    assert lean[1] == -1
    having = films._catalogue.having(lean[0])
    rank = {i.item: i.rank for i in less.recommendations or ()}
    for item in plain.recommendations or ():
        if films._item_index.row(item.item) in having:
            assert rank.get(item.item, 99) >= item.rank


def test_undo_reset_and_others(talk: Dialogue) -> None:
    first = talk.ask("crime films")
    others = talk.ask("anything else?")
    assert set(labels(first)).isdisjoint(labels(others))
    assert labels(talk.ask("undo")) == labels(first)
    hidden = talk.ask("hide the first")
    assert labels(first)[0] not in labels(hidden)
    talk.ask("undo")
    assert talk.state.verdicts == ()
    assert labels(talk.ask("show me the list")) == labels(first)
    assert "forgotten" in talk.ask("start over").text
    assert talk.state == State()
    assert labels(talk.ask("undo")) == labels(first)
    assert talk.ask("undo").text == "Undone."
    assert talk.ask("undo").text == "There is nothing to undo."


def test_verdicts_are_told(films: Recommender) -> None:
    told: list[tuple[str, str]] = []
    talk = Dialogue(films, told=lambda item, verdict: told.append((item, verdict)))
    talk.ask("I've seen Heat")
    talk.ask("I loved it")
    talk.ask("undo")
    talk.ask("undo")
    ids = {item.label: item.id for item in films.items}
    heat = ids["Heat (1995)"]
    assert told == [(heat, "seen"), (heat, "like"), (heat, "seen"), (heat, "clear")]


def test_nothing_fits(talk: Dialogue) -> None:
    answer = talk.ask("westerns with Emma Stone")
    assert "Nothing in the catalogue fits all of that" in answer.text
    assert labels(answer) == []
    assert talk.ask("why the first?").text == "I don't know which item you mean."


# --- questions -----------------------------------------------------------------------------------


def test_questions_are_answered_with_their_facts(films: Recommender, talk: Dialogue) -> None:
    answer = talk.ask("who directed Heat?")
    assert answer.text == "Heat (1995): directed by Michael Mann."
    (fact,) = answer.facts
    assert fact.triple in films.graph
    assert fact.labels == ("Heat (1995)", "director", "Michael Mann")
    assert fact.evidence[0].text in answer.to_dict()["facts"][0]["evidence"][0]["text"]
    assert films.graph.sparql(answer.sparql) == [{"value": fact.triple.object}]
    more = talk.ask("what else did he direct?")
    assert {f.triple.object for f in more.facts} == {fact.triple.object}
    assert {f.triple for f in more.facts} > {fact.triple}


def test_what_the_graph_does_not_say_is_not_denied(talk: Dialogue) -> None:
    answer = talk.ask("is Tom Hanks in Big Fish?")
    assert answer.text.startswith("The graph does not say so.")
    assert answer.sparql.startswith("ASK")
    assert talk.ask("is Ewan McGregor in it?").text.startswith("Yes.")
    assert (
        talk.ask("who produced Heat?").text == "The graph does not say it: producer of Heat (1995)."
    )
    assert talk.ask("where is In Bruges set?").text == (
        "I did not understand: bruges.\nI don't know which item you mean."
    )


def test_names_never_become_sparql(films: Recommender) -> None:
    talk = films.dialogue()
    for said in (
        'who directed "Heat> ?p ?o } DROP ALL #"?',
        "who directed <http://example.org/> } ; DELETE WHERE { ?s ?p ?o } ?",
        "is Heat' OR 1=1 a comedy?",
    ):
        query = talk.ask(said).sparql
        assert "DROP" not in query
        assert "DELETE" not in query
        assert "1=1" not in query


def test_pronouns_follow_the_talk(talk: Dialogue) -> None:
    talk.ask("films with Tom Hanks")
    count = talk.ask("how many has he been in?")
    assert count.slots == {"relation": "actor", "kind": "count", "object": "Tom Hanks"}
    listed = talk.ask("list them")
    assert str(len(listed.facts)) == count.text.split()[0]
    second = talk.ask("who directed the second?")
    assert second.facts[0].triple.subject == listed.facts[1].triple.subject
    assert talk.ask("something by her").slots["include"] == [second.facts[0].labels[2]]


# --- reasons -------------------------------------------------------------------------------------


def test_reasons_rest_on_facts(films: Recommender, talk: Dialogue) -> None:
    talk.ask("films like Heat")
    why = talk.ask("why the second?")
    assert "is at place 2 of the list" in why.text
    assert why.facts
    assert all(fact.triple in films.graph for fact in why.facts)
    above = talk.ask("why is the first above the third?")
    assert above.text.splitlines()[1].startswith("It is ")
    talk.ask("nothing older than 2000")
    barred = talk.ask("why not Alien?")
    assert (
        barred.text
        == "Alien (1979) is not listed because of what you asked for: year at least 2000."
    )
    assert barred.facts[0].labels[2] == "1979"


def test_what_is_known_of_somebody_is_told(films: Recommender) -> None:
    talk = films.dialogue(text="I love heist films but I hate horror")
    talk.ask("nothing with Tom Cruise")
    known = talk.ask("what do you know about me?").text
    for word in ("heist", "Horror", "Tom Cruise"):
        assert word in known
    assert "heist" in talk.ask("start over").text, "what was known before stays"


# --- the session ---------------------------------------------------------------------------------


def test_a_dialogue_goes_on_from_json(films: Recommender) -> None:
    talk = films.dialogue(history=["0113277"], text="I love heist films", language="zh")
    for said in ("films from the nineties, newer than Alien", "hide the second", "who made Heat?"):
        talk.ask(said)
    kept = json.loads(json.dumps(talk.to_dict()))
    again = Dialogue.of(films, kept)
    assert again.to_dict() == talk.to_dict()
    for said in ("what else did he direct?", "why the first?", "undo", "more like the third"):
        assert again.ask(said) == talk.ask(said)


def test_a_dialogue_goes_on_without_items_that_were_removed(
    fit: Callable[..., Recommender],
) -> None:
    model = fit()
    talk = model.dialogue()
    for said in ("recommend something", "hide the first", "I have seen the second", "undo"):
        talk.ask(said)
    kept = talk.to_dict()
    assert kept["past"]
    model.remove_items([item.id for item in model.items[1:3]])
    again = Dialogue.of(model, kept)
    for said in ("why the first?", "undo", "anything else?", "undo", "show me the list"):
        assert again.ask(said).intent in INTENTS
    left = {item.iri for item in model.items}
    assert set(again.state.shown) <= left


@pytest.mark.parametrize(
    "broken",
    [{}, {"state": 1}, {"state": {"like": 3}}, {"state": {"what": ()}}, {"state": {"where": [1]}}],
)
def test_a_broken_state_is_refused(films: Recommender, broken: dict[str, Any]) -> None:
    whole = films.dialogue().to_dict()
    with pytest.raises(DataError):
        Dialogue.of(films, {} if not broken else whole | broken)


def test_answers_do_not_depend_on_chance(films: Recommender) -> None:
    said = ["like Heat, with robots", "why the first?", "who directed it?", "more like the last"]
    first, second = films.dialogue(), films.dialogue()
    assert [first.ask(s) for s in said] == [second.ask(s) for s in said]


def test_a_hook_phrases_the_answer_and_facts_remain(films: Recommender) -> None:
    def phrase(answer: Answer) -> str:
        return "; ".join(" ".join(fact.labels) for fact in answer.facts)

    answer = films.dialogue(phrase=phrase).ask("who directed Heat?")
    assert answer.text == "Heat (1995) director Michael Mann"
    assert answer.plain == "Heat (1995): directed by Michael Mann."
    assert len(answer.facts) == 1


def test_bad_questions_are_refused(films: Recommender, talk: Dialogue) -> None:
    for said in ("", "  \n", "x" * 1001):
        with pytest.raises(DataError, match="question: expected 1 to 1,000 characters"):
            talk.ask(said)
    with pytest.raises(UnknownIdError):
        films.dialogue("nobody")
    for said in ("?!", "<i0>", "<p1> <it>", "why <i7>?", "\x00\x1b[2J", "🎬", "like " * 150):
        assert talk.ask(said).intent in INTENTS


# --- other domains -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("who wrote Dune?", "Dune: written by Frank Herbert."),
        ("who translated Ulysses?", "Ulysses: translated by Hans Wollschläger."),
        ("when was Emma published?", "Emma: year 1815."),
        ("how many books by Tolkien?", "2 books in the catalogue: written by J. R. R. Tolkien."),
        ("did Jane Austen write Emma?", "Yes. Emma: written by Jane Austen."),
        ("《Dune》的作者是谁？", "《Dune》：Frank Herbert所著。"),
        ("I've read Emma", "Noted: you know Emma already."),
    ],
)
def test_books_are_talked_of_by_their_ontology(books: Recommender, said: str, text: str) -> None:
    assert books.ask(said).text == text


def test_questions_about_books_go_on(books: Recommender) -> None:
    talk = books.dialogue()
    said = ["who wrote Ulysses?", "and the translator?", "and The Lord of the Rings?", "作者呢？"]
    texts = [talk.ask(one).text for one in said]
    assert texts[1] == "Ulysses: translated by Hans Wollschläger."
    assert texts[2] == "The Lord of the Rings: translated by Margaret Carroux."
    assert "J. R. R. Tolkien" in texts[3]


def test_books_are_compared_by_their_ontology(books: Recommender) -> None:
    found = books.ask("something older than Dune, nothing by James Joyce")
    assert {item.item for item in found.recommendations or ()} == {"emma", "ring", "hobbit"}


def test_music_is_talked_of_by_its_ontology() -> None:
    albums = pd.DataFrame(
        {
            "id": ["blue", "kind"],
            "label": ["Blue", "Kind of Blue"],
            "byArtist": ["Joni Mitchell", "Miles Davis"],
            "recordLabel": ["Reprise", "Columbia"],
            "datePublished": ["1971", "1959"],
        }
    )
    model = Recommender.fit(albums, ontology="music", config=QUICK)
    assert model.ask("who recorded Kind of Blue?").text == "Kind of Blue: by Miles Davis."
    assert model.ask("when did it come out?", history=["kind"]).intent == "question"
    assert model.ask("what label is Blue on?").text == "Blue: released on Reprise."
    older = model.ask("something older than Blue")
    assert [item.item for item in older.recommendations or ()] == ["kind"]


# --- the command ---------------------------------------------------------------------------------


def test_the_command_answers_one_question(demo_folder: Path) -> None:
    run = CliRunner().invoke(app, ["ask", str(demo_folder), "who directed Heat?"])
    assert run.exit_code == 0
    assert run.stdout.splitlines()[0] == "Heat (1995): directed by Michael Mann."
    assert "Heat (1995) — director — Michael Mann" in run.stdout


def test_the_command_reads_lines(demo_folder: Path) -> None:
    lines = "films like Heat\n\nwhy the second?\n" + "x" * 2000 + "\nundo\n"
    run = CliRunner().invoke(app, ["ask", str(demo_folder), "--format", "json"], input=lines)
    assert run.exit_code == 0
    answers = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    assert [a["intent"] for a in answers] == ["recommend", "why", "undo"]
    assert len(answers[0]["items"]) == 10
    assert "expected 1 to 1,000 characters" in run.stderr


def test_the_command_prints_lists(demo_folder: Path) -> None:
    run = CliRunner().invoke(app, ["ask", str(demo_folder), "three crime films with Al Pacino"])
    assert run.exit_code == 0
    assert "I understood: with Crime; with Al Pacino; 3 items." in run.stdout
    assert "strongest reason" in run.stdout


def test_wrong_usage(demo_folder: Path) -> None:
    run = CliRunner().invoke(app, ["ask", str(demo_folder), "--format", "xml", "hi"])
    assert run.exit_code == 2
