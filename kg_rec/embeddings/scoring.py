"""Scores of many nodes in one place of a triple, the other two places given; imports torch.

PyKEEN scores a batch against candidates through broadcasting. For the four models below the same
scores are one matrix product or one table of distances between queries and candidates, which a
processor does many times as fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from pykeen.models import ComplEx, DistMult, RotatE, TransE

if TYPE_CHECKING:
    from collections.abc import Callable

    from pykeen.models import Model
    from torch import Tensor

__all__ = ["score_heads", "score_tails"]


def score_tails(model: Model, triples: Tensor, tails: Tensor) -> Tensor:
    """Return ``f(h, r, t')`` for the head and relation of each triple and each tail ``t'``.

    Args:
        model: Any PyKEEN model.
        triples: int64 tensor (batch × 3), relations as the model numbers them.
        tails: int64 tensor (candidates).

    Returns:
        Tensor (batch × candidates).
    """
    quick = _QUICK.get(type(model))
    if quick is None:
        return model.score_t(triples[:, :2], tails=tails)
    return quick(model, triples[:, 0], triples[:, 1], tails, True)


def score_heads(model: Model, triples: Tensor, heads: Tensor) -> Tensor:
    """Return ``f(h', r, t)`` for the relation and tail of each triple and each head ``h'``."""
    if model.use_inverse_triples:
        inverse = torch.stack([triples[:, 2], triples[:, 1] + 1, triples[:, 0]], dim=1)
        return score_tails(model, inverse, heads)
    quick = _QUICK.get(type(model))
    if quick is None:
        return model.score_h(triples[:, 1:], heads=heads)
    return quick(model, triples[:, 2], triples[:, 1], heads, False)


def _tables(model: Any) -> tuple[Any, Any]:
    return model.entity_representations[0], model.relation_representations[0]


def _flat(values: Tensor) -> Tensor:
    return torch.view_as_real(values).flatten(1)


def _trans_e(model: Any, given: Tensor, relation: Tensor, other: Tensor, tails: bool) -> Tensor:  # noqa: FBT001
    nodes, relations = _tables(model)
    step = relations(relation) if tails else -relations(relation)
    return -torch.cdist(nodes(given) + step, nodes(other), p=float(model.interaction.p))


def _dist_mult(model: Any, given: Tensor, relation: Tensor, other: Tensor, tails: bool) -> Tensor:  # noqa: ARG001, FBT001 - symmetric
    nodes, relations = _tables(model)
    scores: Tensor = (nodes(given) * relations(relation)) @ nodes(other).T
    return scores


def _compl_ex(model: Any, given: Tensor, relation: Tensor, other: Tensor, tails: bool) -> Tensor:  # noqa: FBT001
    nodes, relations = _tables(model)
    turn = relations(relation) if tails else relations(relation).conj()
    return _flat(nodes(given) * turn) @ _flat(nodes(other)).T


def _rotat_e(model: Any, given: Tensor, relation: Tensor, other: Tensor, tails: bool) -> Tensor:  # noqa: FBT001
    nodes, relations = _tables(model)
    turn = relations(relation) if tails else relations(relation).conj()
    return -torch.cdist(_flat(nodes(given) * turn), _flat(nodes(other)), p=2.0)


_QUICK: dict[type, Callable[[Any, Tensor, Tensor, Tensor, bool], Tensor]] = {
    TransE: _trans_e,
    DistMult: _dist_mult,
    ComplEx: _compl_ex,
    RotatE: _rotat_e,
}
