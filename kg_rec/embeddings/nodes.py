"""Vectors of graph nodes, trained with PyKEEN; torch is imported when they are made."""

from __future__ import annotations

import contextlib
import gc
import logging
import warnings
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from kg_rec.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from pykeen.models import Model
    from pykeen.triples import TriplesFactory

    from kg_rec.config import EmbeddingsConfig
    from kg_rec.graph import KnowledgeGraph

__all__ = ["NodeVectors", "train"]

_CHECK_EVERY = 10
"""Epochs between two checks of the held-out triples."""
_HELD_OUT = 0.05
"""Share of the triples that early stop is decided on."""
_NOT_FOR_USERS = ("'pin_memory' argument is set as true", "Training instances are always shuffled")


@dataclass(frozen=True)
class NodeVectors:
    """Vectors of nodes.

    Attributes:
        names: The nodes, as PyKEEN labels them: IRIs, or literals in N-Triples.
        matrix: float32 array (nodes × dimensions); complex embeddings are split into real and
            imaginary halves.
        epochs: Passes that were trained.
        mean_reciprocal_rank: Of the held-out triples, filtered, at the best check; from 0 to 1,
            or NaN if there was no check.
    """

    names: tuple[str, ...]
    matrix: NDArray[np.float32]
    epochs: int
    mean_reciprocal_rank: float

    @classmethod
    def empty(cls) -> NodeVectors:
        """Return the vectors of no nodes."""
        return cls((), np.zeros((0, 1), dtype=np.float32), 0, float("nan"))

    @cached_property
    def _row(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.names)}

    def rows(self, names: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of some nodes, zeros for those that have none."""
        found = np.zeros((len(names), self.matrix.shape[1]), dtype=np.float32)
        for row, name in enumerate(names):
            if name in self._row:
                found[row] = self.matrix[self._row[name]]
        return found


@contextlib.contextmanager
def _quick_and_quiet() -> Iterator[None]:
    """Spare PyKEEN's garbage collection after each epoch the objects that exist already.

    On a small graph that collection took nine tenths of the time. Warnings that say nothing to
    users (there is no GPU, PyKEEN calls itself in a deprecated way) are kept from them, too.
    """
    loggers = [logging.getLogger(name) for name in ("pykeen", "torch_max_mem")]
    levels = [logger.level for logger in loggers]
    gc.collect()
    gc.freeze()
    try:
        with warnings.catch_warnings():
            for message in _NOT_FOR_USERS:
                warnings.filterwarnings("ignore", message=message)
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
    finally:
        gc.unfreeze()
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@_quick_and_quiet()
def train(
    graph: KnowledgeGraph,
    config: EmbeddingsConfig,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> NodeVectors:
    """Train a PyKEEN model on a graph and return its node vectors.

    One triple in twenty is held out; training stops early when their filtered mean reciprocal
    rank has not risen for ``config.patience`` checks, and the best vectors are kept.

    Args:
        graph: What is embedded; literals are nodes, too.
        config: Model and settings.
        seed: Same seed, same vectors.
        progress: Called with (epochs done, most epochs).

    Raises:
        ConfigError: PyKEEN knows no such model.
        DataError: The graph has no triples.
    """
    import torch  # noqa: PLC0415 - heavy
    from pykeen.training import SLCWATrainingLoop  # noqa: PLC0415 - heavy

    whole = graph.to_pykeen()
    training, held_out = _split(whole, seed)
    model = _model(config, training, seed)
    parameters = [p for p in model.parameters() if p.requires_grad]
    loop = SLCWATrainingLoop(
        model=model,
        triples_factory=training,
        optimizer=torch.optim.Adam(parameters, lr=config.learning_rate),
        negative_sampler_kwargs={"num_negs_per_pos": config.negatives},
    )
    stopper = _EarlyStop(model, training, held_out, config.patience)
    for done in range(0, config.epochs, _CHECK_EVERY):
        epochs = min(done + _CHECK_EVERY, config.epochs)
        loop.train(
            training,
            num_epochs=epochs,
            batch_size=config.batch_size,
            use_tqdm=False,
            continue_training=done > 0,
        )
        if progress:
            progress(epochs, config.epochs)
        if stopper.should_stop(epochs):
            break
    return NodeVectors(
        tuple(whole.entity_id_to_label[i] for i in range(whole.num_entities)),
        stopper.best_vectors(),
        stopper.best_epoch,
        stopper.best_rank,
    )


def _split(whole: TriplesFactory, seed: int) -> tuple[TriplesFactory, TriplesFactory | None]:
    if whole.num_triples * _HELD_OUT < 1:
        return whole, None
    training, held_out = whole.split([1 - _HELD_OUT, _HELD_OUT], random_state=seed)
    return training, held_out


def _model(config: EmbeddingsConfig, training: TriplesFactory, seed: int) -> Model:
    from pykeen.models import model_resolver  # noqa: PLC0415 - heavy

    try:
        cls: Any = model_resolver.lookup(config.model)
    except KeyError:
        known = ", ".join(sorted(c.__name__ for c in model_resolver.lookup_dict.values()))
        msg = f"embeddings.model: PyKEEN has no model {config.model!r}; it has {known}"
        raise ConfigError(msg) from None
    model: Model = cls(triples_factory=training, embedding_dim=config.dimension, random_seed=seed)
    return model


class _EarlyStop:
    """Keeps the vectors of the best check, and says when patience is at its end."""

    def __init__(
        self,
        model: Model,
        training: TriplesFactory,
        held_out: TriplesFactory | None,
        patience: int,
    ) -> None:
        self.model, self.training, self.held_out = model, training, held_out
        self.patience = patience
        self.failures = 0
        self.best_rank = float("nan")
        self.best_epoch = 0
        self._best: NDArray[np.float32] | None = None

    def should_stop(self, epoch: int) -> bool:
        if self.held_out is None:
            self.best_epoch = epoch
            return False
        rank = self._mean_reciprocal_rank()
        if not rank <= self.best_rank:
            self.best_rank, self.best_epoch, self.failures = rank, epoch, 0
            self._best = _vectors(self.model)
        else:
            self.failures += 1
        return self.failures >= self.patience

    def best_vectors(self) -> NDArray[np.float32]:
        return _vectors(self.model) if self._best is None else self._best

    def _mean_reciprocal_rank(self) -> float:
        from pykeen.evaluation import RankBasedEvaluator  # noqa: PLC0415 - heavy

        assert self.held_out is not None  # noqa: S101 - should_stop has looked
        results = RankBasedEvaluator(filtered=True).evaluate(
            model=self.model,
            mapped_triples=self.held_out.mapped_triples,
            additional_filter_triples=[self.training.mapped_triples],
            batch_size=256,
            use_tqdm=False,
        )
        return float(results.get_metric("mean_reciprocal_rank"))


def _vectors(model: Any) -> NDArray[np.float32]:
    tensor = model.entity_representations[0]().detach().cpu()
    matrix = tensor.reshape(len(tensor), -1).numpy()
    if np.iscomplexobj(matrix):
        matrix = np.hstack([matrix.real, matrix.imag])
    return np.ascontiguousarray(matrix, dtype=np.float32)
