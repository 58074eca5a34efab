"""Vectors of graph nodes, trained with PyKEEN; torch is imported when they are made."""

from __future__ import annotations

import contextlib
import logging
import random
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from kg_rec.embeddings.facts import facts_of
from kg_rec.embeddings.linking import top_predicted
from kg_rec.embeddings.vectors import NodeVectors, contexts_of, facts_of_nodes
from kg_rec.errors import DataWarning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from scipy import sparse

    from kg_rec.config import EmbeddingsConfig
    from kg_rec.embeddings.facts import Facts
    from kg_rec.embeddings.training import Trainer
    from kg_rec.graph import KnowledgeGraph

__all__ = ["Likes", "train", "train_and_predict"]


class Likes(NamedTuple):
    """Whose likes are to be predicted.

    Attributes:
        users: Nodes of users.
        items: Nodes of items.
        relation: The relation that says that a user likes an item.
        keep: Most predictions of a user.
        known: CSR (users × items), nonzero where an item is known and takes no place.
    """

    users: Sequence[str]
    items: Sequence[str]
    relation: str
    keep: int = 100
    known: sparse.csr_array | None = None


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
        return _trained(graph, config, seed, progress)[1]


def train_and_predict(
    graph: KnowledgeGraph,
    config: EmbeddingsConfig,
    likes: Likes,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[NodeVectors, sparse.csr_array]:
    """Train as :func:`train`, and predict which items each user would like.

    Any PyKEEN model predicts here, also those that have no formula in :func:`predicted_likes`.

    Args:
        graph: Facts and interactions.
        config: Model and settings.
        likes: What is asked.
        seed: Same seed, same vectors.
        progress: Called with (epochs done, most epochs).

    Returns:
        The vectors, and float64 CSR (users × items) as :func:`top_predicted` returns it; empty
        where the graph holds no such relation.

    Raises:
        ConfigError: As :func:`train`.
        DataError: The graph has no triples.
    """
    with _quiet():
        trainer, vectors = _trained(graph, config, seed, progress)
        scores = _scores(trainer, vectors, likes)
    return vectors, top_predicted(scores, likes.keep, likes.known)


def _trained(
    graph: KnowledgeGraph,
    config: EmbeddingsConfig,
    seed: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[Trainer, NodeVectors]:
    from kg_rec.embeddings import models  # noqa: PLC0415 - imports torch
    from kg_rec.embeddings.training import Trainer  # noqa: PLC0415 - imports torch

    literal = models.is_literal(config.model)
    facts = facts_of(graph, "attributes" if literal else config.numbers)
    trainer = Trainer(facts, config, seed)
    _run(trainer, facts, seed, progress)
    found = trainer.result()
    return trainer, NodeVectors(
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


def _scores(trainer: Trainer, vectors: NodeVectors, likes: Likes) -> NDArray[np.float32]:
    """Return the model's scores, -inf where user, item or relation are not in the graph."""
    scores = np.full((len(likes.users), len(likes.items)), -np.inf, dtype=np.float32)
    users, items = vectors.places(likes.users), vectors.places(likes.items)
    if likes.relation in vectors.relations:
        relation = vectors.relations.index(likes.relation)
        found = trainer.scores(users[users >= 0], relation, items[items >= 0])
        scores[np.ix_(users >= 0, items >= 0)] = found
    return scores


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
