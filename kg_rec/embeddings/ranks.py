"""The filtered mean reciprocal rank of held-out triples; imports torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from kg_rec.embeddings.scoring import score_heads, score_tails

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pykeen.models import Model

__all__ = ["Ranks"]

_BLOCK = 128


class Ranks:
    """Ranks true heads and tails of held-out triples among nodes, known triples left out.

    The rank is the mean of the best and the worst rank among equal scores ("realistic" in PyKEEN),
    and nodes that are known to be true are filtered (Bordes et al., NIPS 2013).

    Args:
        held_out: int64 array (triples × 3).
        known: int64 array of all triples known.
        nodes: How many nodes there are.
        candidates: How many nodes, drawn at random, stand for all: enough to compare two states of
            a model, but the ranks are better than among all. ``None`` ranks among all.
    """

    def __init__(
        self,
        held_out: NDArray[np.int64],
        known: NDArray[np.int64],
        nodes: int,
        candidates: int | None = None,
    ) -> None:
        self.held_out = held_out
        self.candidates = np.arange(nodes)
        if candidates is not None and candidates < nodes:
            drawn = np.random.default_rng(0).permutation(nodes)[:candidates]
            self.candidates = np.sort(drawn)
        self._place = np.full(nodes, -1, dtype=np.int64)
        self._place[self.candidates] = np.arange(len(self.candidates))
        self._true = {side: _true(held_out, known, side) for side in (0, 2)}

    @torch.no_grad()
    def mean_reciprocal(self, model: Model) -> float:
        """Return the mean over the heads and tails of the held-out triples."""
        model.eval()
        found = [
            self._ranks(model, start, side)
            for start in range(0, len(self.held_out), _BLOCK)
            for side in (0, 2)
        ]
        model.train()
        return float(np.mean(1.0 / np.concatenate(found)))

    def _ranks(self, model: Model, start: int, side: int) -> NDArray[np.float64]:
        block = self.held_out[start : start + _BLOCK]
        triples = torch.as_tensor(block, device=model.device)
        if model.use_inverse_triples:  # PyKEEN numbers a relation 2r, and its inverse 2r + 1
            triples = triples * torch.tensor([1, 2, 1], device=model.device)
        nodes = torch.as_tensor(np.concatenate([self.candidates, block[:, side]]))
        score = score_tails if side else score_heads
        scores = score(model, triples, nodes.to(model.device)).cpu().numpy()
        size = len(self.candidates)
        own = scores[np.arange(len(block)), size + np.arange(len(block))][:, None]
        others = scores[:, :size].copy()
        for row, known in enumerate(self._true[side][start : start + _BLOCK]):
            places = self._place[known]
            others[row, places[places >= 0]] = -np.inf
        better, same = (others > own).sum(axis=1), (others == own).sum(axis=1)
        return np.asarray(1.0 + better + 0.5 * same)


def _true(
    held_out: NDArray[np.int64], known: NDArray[np.int64], side: int
) -> list[NDArray[np.int64]]:
    """Return for each held-out triple all nodes that stand in its place in a known one."""
    one, other = (1, 2) if side == 0 else (0, 1)
    size = int(max(known.max(), held_out.max(initial=0))) + 1
    order = np.argsort(known[:, one] * size + known[:, other], kind="stable")
    keys = (known[:, one] * size + known[:, other])[order]
    asked = held_out[:, one] * size + held_out[:, other]
    low, high = (np.searchsorted(keys, asked, side=end) for end in ("left", "right"))
    return [known[order[a:b], side] for a, b in zip(low, high, strict=True)]
