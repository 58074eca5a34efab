"""The training loop: PyKEEN's models and losses, sparse steps, negatives shared in a batch.

What makes it quick beside ``pykeen.training.SLCWATrainingLoop`` on processors:

* A step touches only the rows of its nodes: gradients of tables are sparse, and the constraint of
  a model (vectors of length 1) is kept on those rows alone.
* All triples of a batch share one pool of random nodes as false heads and tails (as in
  PyTorch-BigGraph: Lerer et al., MLSys 2019), so that scores are one matrix product.
* Triples stay one tensor: there is no loader, no collation, no garbage collection a step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from pykeen.nn.representation import Embedding, Representation

from kg_rec.embeddings import models
from kg_rec.embeddings.facts import split
from kg_rec.embeddings.ranks import Ranks
from kg_rec.embeddings.scoring import score_heads, score_tails

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from pykeen.models import Model
    from torch import Tensor

    from kg_rec.config import EmbeddingsConfig
    from kg_rec.embeddings.facts import Facts

__all__ = ["CHECK_EVERY", "Trained", "Trainer"]

CHECK_EVERY = 5
"""Epochs between two checks of the held-out triples."""
HELD_OUT = 0.05
"""Share of the triples that early stop is decided on, at most."""
MOST_HELD_OUT = 500
STEPS = 32
"""Steps that an epoch has at least, unless batches would be smaller than ``SMALLEST``."""
SMALLEST = 64
MANY = 4
"""From how many times the rows that a step reads on a table is worth sparse steps."""
ASKED = 128
"""Heads scored at a time."""
CANDIDATES = 1000
"""Nodes that the held-out ones are ranked among at a check."""


class Trained(NamedTuple):
    """What training ends with.

    Attributes:
        nodes: float32 array (nodes × dimensions).
        relations: float32 array (relations × their dimensions).
        epochs: Passes up to the state that was kept.
        rank: Its mean reciprocal rank among all nodes, or NaN.
        norm: Which norm the model measures distances in.
    """

    nodes: NDArray[np.float32]
    relations: NDArray[np.float32]
    epochs: int
    rank: float
    norm: int


class Trainer:
    """Trains one model; its whole state can be saved between two epochs.

    Args:
        facts: What is embedded.
        config: Model and settings.
        seed: Same seed, same vectors.
    """

    def __init__(self, facts: Facts, config: EmbeddingsConfig, seed: int) -> None:
        self.config = config
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        share = HELD_OUT if config.patience else 0.0
        training, held_out = split(facts.triples, share, MOST_HELD_OUT, seed)
        self.model: Model = models.make(config, facts, seed).to(self.device)
        self.triples = self._with_inverse(torch.as_tensor(training)).to(self.device)
        self.batch_size = min(config.batch_size, max(len(self.triples) // STEPS, SMALLEST))
        read = 2 * self.batch_size + config.negatives
        sparse = len(facts.nodes) > MANY * read
        self.steps = _Steps(self.model, config.learning_rate, sparse=sparse)
        self.random = torch.Generator().manual_seed(seed)
        self.epoch = 0
        nodes = len(facts.nodes)
        known = facts.triples
        self._quick = Ranks(held_out, known, nodes, CANDIDATES) if len(held_out) else None
        self._whole = Ranks(held_out, known, nodes) if len(held_out) else None
        self.best = _Best()

    def _with_inverse(self, triples: Tensor) -> Tensor:
        if not self.model.use_inverse_triples:
            return triples
        h, r, t = triples.T
        both = (torch.stack([h, 2 * r, t], dim=1), torch.stack([t, 2 * r + 1, h], dim=1))
        return torch.cat(both)

    def train(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Train up to the next check, or to the end."""
        self.model.train()
        end = min(self.config.epochs, (self.epoch // CHECK_EVERY + 1) * CHECK_EVERY)
        while self.epoch < end:
            self._pass()
            self.epoch += 1
        if progress:
            progress(self.epoch, self.config.epochs)
        if self._quick is not None:
            self.best.look(self.model, self.epoch, self._quick.mean_reciprocal(self.model))

    @property
    def ended(self) -> bool:
        """Whether all epochs are trained, or more would not help."""
        tired = self._quick is not None and self.best.failures >= self.config.patience
        return tired or self.epoch >= self.config.epochs

    def _pass(self) -> None:
        order = torch.randperm(len(self.triples), generator=self.random).to(self.device)
        for chosen in torch.split(order, self.batch_size):
            pool = torch.randint(
                self.model.num_entities, (self.config.negatives,), generator=self.random
            ).to(self.device)
            batch = self.triples[chosen]
            loss = self._loss(batch, pool)
            self.steps.take(loss, torch.cat([batch[:, 0], batch[:, 2], pool]))

    def _loss(self, batch: Tensor, pool: Tensor) -> Tensor:
        scores = [score_tails(self.model, batch, pool)]
        if not self.model.use_inverse_triples:
            scores.append(score_heads(self.model, batch, pool))
        loss: Tensor = self.model.loss.process_slcwa_scores(
            self.model.score_hrt(batch),
            torch.cat(scores, dim=1),
            num_entities=self.model.num_entities,
        )
        return loss + self.model.collect_regularization_term()

    def result(self) -> Trained:
        """Return the best vectors, with their rank among all nodes."""
        if self.best.state:
            self.model.load_state_dict(self.best.state)
        epochs = self.best.epoch if self.best.state else self.epoch
        rank = self._whole.mean_reciprocal(self.model) if self._whole else math.nan
        self.model.eval()
        relations = models.vectors_of(getattr(self.model, "relation_representations", ()))
        return Trained(
            models.vectors_of(getattr(self.model, "entity_representations", ())),
            relations[::2] if self.model.use_inverse_triples else relations,
            epochs,
            rank,
            int(getattr(getattr(self.model, "interaction", None), "p", 2)),
        )

    @torch.no_grad()
    def scores(
        self, heads: NDArray[np.int64], relation: int, tails: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the plausibility of each head and tail, as float32 array (heads × tails)."""
        self.model.eval()
        number = 2 * relation if self.model.use_inverse_triples else relation
        ends = torch.as_tensor(tails, device=self.device)
        blocks = []
        for block in torch.split(torch.as_tensor(heads, device=self.device), ASKED):
            triples = torch.stack([block, torch.full_like(block, number), block], dim=1)
            blocks.append(score_tails(self.model, triples, ends).cpu())
        return torch.cat(blocks).numpy() if blocks else np.zeros((0, len(tails)), dtype=np.float32)

    def state(self) -> dict[str, Any]:
        """Return all that the next epoch depends on: tensors, numbers and plain containers."""
        return {
            "epoch": self.epoch,
            "model": self.model.state_dict(),
            "steps": self.steps.state(),
            "random": self.random.get_state(),
            "global_random": torch.get_rng_state(),
            "best": self.best.state_of(),
        }

    def resume(self, state: dict[str, Any]) -> None:
        """Go on from a state of the same facts and settings."""
        self.epoch = state["epoch"]
        self.model.load_state_dict(state["model"])
        self.steps.resume(state["steps"])
        self.random.set_state(state["random"])
        torch.set_rng_state(state["global_random"])
        self.best.resume(state["best"])


class _Best:
    """Keeps the best state of a model, and counts the checks since."""

    def __init__(self) -> None:
        self.state: dict[str, Tensor] = {}
        self.rank = math.nan
        self.epoch = 0
        self.failures = 0

    def look(self, model: Model, epoch: int, rank: float) -> None:
        if rank <= self.rank:
            self.failures += 1
            return
        self.rank, self.epoch, self.failures = rank, epoch, 0
        self.state = {name: value.clone() for name, value in model.state_dict().items()}

    def state_of(self) -> dict[str, Any]:
        return dict(vars(self))

    def resume(self, state: dict[str, Any]) -> None:
        vars(self).update(state)


class _Steps:
    """Steps of Adam: sparse ones for tables of which only some rows are read, dense otherwise."""

    def __init__(self, model: Model, rate: float, *, sparse: bool) -> None:
        self.model = model
        tables = models.plain_embeddings(model) if sparse else []
        for table in tables:
            table.sparse = True
        rows = [table.weight for table in tables]
        chosen = {id(weight) for weight in rows}
        rest = [p for p in model.parameters() if p.requires_grad and id(p) not in chosen]
        self.optimisers: list[torch.optim.Optimizer] = []
        if rows:
            self.optimisers.append(torch.optim.SparseAdam(rows, lr=rate))
        if rest:
            self.optimisers.append(torch.optim.Adam(rest, lr=rate))
        self.constraints = _Constraints(model, chosen)

    def take(self, loss: Tensor, rows: Tensor) -> None:
        """Take a step down a loss.

        Args:
            loss: A number.
            rows: The nodes that the loss depends on, some of them more than once.
        """
        for optimiser in self.optimisers:
            optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call] # torch has no type for it
        for optimiser in self.optimisers:
            optimiser.step()
        self.constraints.keep(rows)

    def state(self) -> list[dict[str, Any]]:
        return [optimiser.state_dict() for optimiser in self.optimisers]

    def resume(self, states: list[dict[str, Any]]) -> None:
        for optimiser, state in zip(self.optimisers, states, strict=True):
            optimiser.load_state_dict(state)


class _Constraints:
    """Keeps vectors as their model wants them after a step: of length 1, say.

    A table of which only some rows were changed is looked after there only.
    """

    def __init__(self, model: Model, sparse: set[int]) -> None:
        self.rows: list[tuple[Tensor, Callable[[Tensor], Tensor]]] = []
        self.whole: list[Any] = []
        for module in model.modules():
            update = getattr(type(module), "post_parameter_update", None)
            if module is model or update in {None, Representation.post_parameter_update}:
                continue
            if not isinstance(module, Embedding):
                self.whole.append(module)
            elif module.constrainer is not None:
                weight = module._embeddings.weight  # noqa: SLF001 - PyKEEN keeps the table there
                if id(weight) in sparse and len(module._shape) == 1:  # noqa: SLF001
                    self.rows.append((weight, module.constrainer))
                else:
                    self.whole.append(module)

    @torch.no_grad()
    def keep(self, changed: Tensor) -> None:
        """Constrain what a step changed."""
        for module in self.whole:
            module.post_parameter_update()
        for weight, constrain in self.rows:
            used = torch.unique(changed)
            weight[used] = constrain(weight[used])
