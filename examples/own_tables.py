"""From pandas tables to recommendations, explanations, a report and a model folder."""
# ruff: noqa: INP001, T201 - examples print, and are no package

from __future__ import annotations

import tempfile
from pathlib import Path

import pandas as pd

from kg_rec import Recommender

ITEMS = pd.DataFrame(
    [
        ("m1", "The Long Vault", ["Crime", "Thriller"], "A heist film directed by Ada Quill."),
        ("m2", "Harbour Lights", ["Drama", "Romance"], "A romance, directed by Ada Quill."),
        ("m3", "The Second Key", ["Crime", "Mystery"], "Oskar Lind directed this heist mystery."),
        ("m4", "Red Orchard", ["Horror"], "A farmer digs in this horror film by Oskar Lind."),
        ("m5", "Paper Moons", ["Comedy", "Family"], "A family comedy about a school and a rocket."),
    ],
    columns=["id", "label", "genre", "text"],
)
RATINGS = pd.DataFrame(
    [("ann", "m1", 9), ("ann", "m4", 3), ("ben", "m1", 8), ("ben", "m2", 9), ("dan", "m3", 8)],
    columns=["user", "item", "rating"],
)
SETTINGS = {
    "interactions": {"weight": "rating", "like_at": 7},
    "embeddings": {"epochs": 0},  # five films are too few for graph embeddings
}


def main() -> None:
    """Fit, recommend, explain, write a report, save and load."""
    model = Recommender.fit(items=ITEMS, interactions=RATINGS, config=SETTINGS)
    print(model.graph)

    print("\nFor ann, known by ratings:")
    for found in model.recommend("ann", k=2):
        print(f"  {found.rank}. {found.label} {found.score:+.3f}")

    print("\nFor someone new who says what they like:")
    taste = "I love crime films by Ada Quill, but I can't stand horror."
    best = model.recommend(text=taste, k=1)[0]
    print(f"  {best.label} {best.score:+.3f}")
    for reason in best.contributions:
        quoted = ", ".join(f"“{evidence.text}”" for evidence in reason.evidence)
        print(f"    {reason.value:+.3f}  {reason.text}  {quoted}")

    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "report.html")
        model.report("ann", k=3, out=page)
        print(f"\nThe report has {page.stat().st_size:,} bytes.")
        model.save(Path(folder, "model"))
        again = Recommender.load(Path(folder, "model"))
        same = again.recommend("ann", k=2) == model.recommend("ann", k=2)
        print(f"A saved and loaded model gives the same list: {same}")


if __name__ == "__main__":
    main()
