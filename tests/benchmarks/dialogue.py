"""How many written exchanges with a recommender are understood: intents and slots.

An exchange counts if all of its turns have the right intent and the right slots. Run it on the
model of the demonstration:

    kg-rec demo --out demo
    python tests/benchmarks/dialogue.py demo/model

``--held`` judges the half that was put aside; ``--show`` prints what was not understood.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

from kg_rec import Recommender
from kg_rec.dialogue import Dialogue, unfounded

FIXTURES = Path(__file__).parent.parent / "fixtures" / "dialogue"
_SETS = {"like", "dislike", "exclude", "include", "where", "compare"}


def plain(slots: dict[str, Any]) -> dict[str, Any]:
    """Return slots in a form that can be compared: lists are sets."""
    return {
        name: sorted(json.dumps(one, sort_keys=True) for one in value) if name in _SETS else value
        for name, value in slots.items()
        if value not in (None, [], "")
    }


def judge(model: Recommender, exchange: dict[str, Any]) -> list[dict[str, Any]]:
    """Return each turn of an exchange with what was understood, and what answers lack a ground."""
    setup = exchange["setup"]
    dialogue = model.dialogue(
        history=setup.get("history"), text=setup.get("text"), language=exchange["language"]
    )
    ids = {item.label: item.id for item in model.items}
    return [_turn(model, dialogue, ids, turn) for turn in exchange["turns"]]


def _turn(
    model: Recommender, dialogue: Dialogue, ids: dict[str, str], turn: dict[str, Any]
) -> dict[str, Any]:
    if "given" in turn:
        dialogue.show([ids[label] for label in turn["given"]])
    start = time.perf_counter()
    answer = dialogue.ask(turn["say"])
    seconds = time.perf_counter() - start
    slots = plain(dict(answer.slots))
    return {
        "say": turn["say"],
        "gold": (turn["intent"], turn["slots"]),
        "found": (answer.intent, dict(answer.slots)),
        "intent": answer.intent == turn["intent"],
        "slots": answer.intent == turn["intent"] and slots == plain(turn["slots"]),
        "unfounded": unfounded(answer, model.graph, model._understanding.names),
        "seconds": seconds,
    }


def report(name: str, judged: list[tuple[str, list[dict[str, Any]]]], *, show: bool) -> None:
    """Print the shares of turns and exchanges that were understood."""
    for language in ("en", "zh", "all"):
        chosen = [turns for own, turns in judged if language in {own, "all"}]
        turns = [turn for exchange in chosen for turn in exchange]
        whole = sum(all(t["slots"] for t in exchange) for exchange in chosen)
        intents, slots = sum(t["intent"] for t in turns), sum(t["slots"] for t in turns)
        print(
            f"{name:5} {language:3}  exchanges {whole}/{len(chosen)} = {whole / len(chosen):.1%}"
            f"  turns: intent {intents / len(turns):.1%}, intent and slots {slots / len(turns):.1%}"
            f" of {len(turns)}"
        )
    every = [turn for _, turns in judged for turn in turns]
    print(f"{name:5} without a ground: {sum(bool(t['unfounded']) for t in every)} answers")
    waits = sorted(t["seconds"] for t in every)
    print(
        f"{name:5} median {waits[len(waits) // 2] * 1e3:.0f} ms, slowest {waits[-1] * 1e3:.0f} ms"
    )
    wrong = Counter(t["gold"][0] for t in every if not t["slots"])
    print(f"{name:5} not understood, by intent: {dict(wrong) or 'none'}")
    for turn in every if show else ():
        if not turn["slots"] or turn["unfounded"]:
            print(f"  {turn['say']}\n    found {turn['found']}\n    gold  {turn['gold']}")
            for problem in turn["unfounded"]:
                print(f"    {problem}")


def main() -> None:
    """Judge the exchanges."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("model", type=Path)
    parser.add_argument("--held", action="store_true", help="judge held.json, too")
    parser.add_argument("--show", action="store_true", help="print what was not understood")
    given = parser.parse_args()
    model = Recommender.load(given.model)
    for name in ("dev", "held") if given.held else ("dev",):
        exchanges = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
        judged = [(exchange["language"], judge(model, exchange)) for exchange in exchanges]
        report(name, judged, show=given.show)


if __name__ == "__main__":
    main()
