"""Pictures as reasons: vectors of colour and texture, made of small images.

The posters are drawn here, so that the example needs no file: each film has a palette and a
pattern, and what people choose follows their looks. Pictures that a library reads serve as well.
"""
# ruff: noqa: INP001, T201 - examples print, and are no package

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from kg_rec import Recommender

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

PALETTES = {"neon": (220, 30, 160), "desert": (210, 150, 70), "sea": (30, 90, 190)}
PATTERNS = ("stripes", "dots", "plain")
SIZE = 32
DOT = 2.5


def drawn(palette: str, pattern: str, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a poster: an array of 32 × 32 × 3 colours."""
    colour = np.array(PALETTES[palette]) + rng.normal(0, 12, 3)
    x, y = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    light = {
        "stripes": (x + int(rng.integers(4))) // 4 % 2,
        "dots": np.hypot(x % 8 - 4, y % 8 - 4) < DOT,
        "plain": np.zeros((SIZE, SIZE)),
    }[pattern]
    image = colour + 90 * light[:, :, None] + rng.normal(0, 6, (SIZE, SIZE, 3))
    return image.clip(0, 255).astype(np.uint8)


class Looks:
    """Colour and texture of pictures: an encoder of items (``kg_rec.embeddings.ItemEncoder``).

    Colour is a histogram of 4 × 4 × 4 colours (Swain & Ballard, IJCV 7, 1991); texture is one of
    the directions of edges, weighted by their strength (Dalal & Triggs, CVPR 2005).
    """

    name = "colour and texture"

    def __init__(self, pictures: Mapping[str, NDArray[np.uint8]]) -> None:
        self.pictures = pictures

    def encode(self, things: Sequence[Mapping[str, Any]], /) -> NDArray[np.float64]:
        """Return an array (items × 72)."""
        return np.stack([self._looks(self.pictures[row["picture"]]) for row in things])

    def _looks(self, picture: NDArray[np.uint8]) -> NDArray[np.float64]:
        cells = (picture // 64).reshape(-1, 3) @ [16, 4, 1]
        colours = np.sqrt(np.bincount(cells, minlength=64) / len(cells))
        down, right = np.gradient(picture.mean(axis=2))
        strength = np.hypot(down, right).ravel()
        angles = ((np.arctan2(down, right) % np.pi) / np.pi * 8).astype(int).ravel() % 8
        edges = np.bincount(angles, weights=strength, minlength=8) / (strength.sum() + 1.0)
        return np.concatenate([colours, edges])


rng = np.random.default_rng(0)
looks = [(palette, pattern) for palette in PALETTES for pattern in PATTERNS for _ in range(4)]
films = pd.DataFrame(
    {
        "id": [f"f{number:02}" for number in range(len(looks))],
        "label": [
            f"{pattern} of {palette} {n % 4 + 1}" for n, (palette, pattern) in enumerate(looks)
        ],
        "picture": [f"{number}.png" for number in range(len(looks))],
    }
)
posters = {f"{number}.png": drawn(*look, rng) for number, look in enumerate(looks)}

likes = []
for person in range(40):
    palette, pattern = list(PALETTES)[person % 3], PATTERNS[person // 3 % 3]
    alike = [n for n, look in enumerate(looks) if look[0] == palette or look[1] == pattern]
    likes += [(f"u{person}", films["id"][n]) for n in rng.choice(alike, 5, replace=False)]
events = pd.DataFrame(likes, columns=["user", "item"])
new = films["id"].isin(["f03", "f20"])  # nobody has seen these two yet

model = Recommender.fit(
    films[~new],
    interactions=events[~events["item"].isin(films["id"][new])],
    vectors={"poster": Looks(posters)},
    config={"vectors": [{"name": "poster", "wording": {"en": "looks like {object}"}}]},
)
added = model.add_items(films[new], vectors={"poster": Looks(posters)})
print("added, without training:", ", ".join(added))

for best in model.recommend("u0", k=3, only=added):
    print(f"{best.label} for u0, who likes neon and stripes")
    for reason in best.contributions[:3]:
        share = reason.value / best.score
        print(f"    {share:+.0%}  {reason.text}")

without = [best.label for best in model.recommend("u0", k=2, only=added, mute="similar_in_poster")]
print("in this order without posters:", ", ".join(without))
