"""Vectors of graph nodes, trained with PyKEEN; torch is imported when they are made."""

from __future__ import annotations

import contextlib
import logging
import random
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kg_rec.embeddings.facts import facts_of
from kg_rec.embeddings.vectors import NodeVectors, contexts_of, facts_of_nodes
from kg_rec.errors import DataWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg_rec.config import EmbeddingsConfig
    from kg_rec.embeddings.facts import Facts
    from kg_rec.embeddings.training import Trainer
    from kg_rec.graph import KnowledgeGraph

__all__ = ["train"]

_NOT_FOR_USERS = ("Sparse invariant checks are implicitly disabled",)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what says nothing to users from them, and the state of random numbers as it is.

    PyKEEN logs what it makes of its settings, warns of torch's ways, and seeds all generators.
    """
    import torch  # noqa: PLC0415 - heavy

    loggers = [logging.getLogger(name) for name in ("pykeen", "torch_max_mem")]
    levels = [logger.level for logger in loggers]
    state, numpy_state = random.getstate(), np.random.get_state()  # noqa: NPY002 - what PyKEEN seeds
    try:
        with warnings.catch_warnings(), torch.random.fork_rng():
            for message in _NOT_FOR_USERS:
                warnings.filterwarnings("ignore", message=message)
            for logger in loggers:
                logger.setLevel(logging.ERROR)
            yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def train(
    graph: KnowledgeGraph,
    config: EmbeddingsConfig,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> NodeVectors:
    """Train a PyKEEN model on a graph and return its node vectors.

    Up to 500 triples (at most one in twenty) are held out; training stops early when their
    filtered mean reciprocal rank among a thousand nodes has not risen for ``config.patience``
    checks, and the best vectors are kept. With ``patience = 0`` all triples are trained on.

    Args:
        graph: What is embedded; literals that are no numbers are nodes, too.
        config: Model and settings.
        seed: Same seed, same vectors (on processors; a GPU adds up in any order).
        progress: Called with (epochs done, most epochs).

    Raises:
        ConfigError: PyKEEN knows no such model or loss, or the model refuses the settings.
        DataError: The graph has no triples.
    """
    with _quiet():
        from kg_rec.embeddings import models  # noqa: PLC0415 - imports torch
        from kg_rec.embeddings.training import Trainer  # noqa: PLC0415 - imports torch

        literal = models.is_literal(config.model)
        facts = facts_of(graph, "attributes" if literal else config.numbers)
        trainer = Trainer(facts, config, seed)
        _run(trainer, facts, seed, progress)
        found = trainer.result()
    return NodeVectors(
        facts.nodes,
        found.nodes,
        found.epochs,
        found.rank,
        model=type(trainer.model).__name__,
        relations=facts.relations,
        relation_matrix=found.relations,
        norm=found.norm,
        context_matrix=contexts_of(found.nodes, facts.triples),
        counts=facts_of_nodes(facts.triples, len(facts.nodes)),
    )


def _run(
    trainer: Trainer, facts: Facts, seed: int, progress: Callable[[int, int], None] | None
) -> None:
    """Train to the end, from a checkpoint and with checkpoints if the settings name a file."""
    from kg_rec.embeddings import checkpoints  # noqa: PLC0415 - imports torch

    path = trainer.config.checkpoint
    mark = checkpoints.fingerprint(facts, trainer.config, seed) if path else ""
    if path and Path(path).exists():
        state = checkpoints.read(path, mark)
        if state is None:
            message = f"embeddings.checkpoint: {path} is of other facts or settings; begun anew"
            warnings.warn(message, DataWarning, stacklevel=3)
        else:
            trainer.resume(state)
    while not trainer.ended:
        trainer.train(progress)
        if path:
            checkpoints.write(path, trainer.state(), mark)
