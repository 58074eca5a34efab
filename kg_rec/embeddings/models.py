"""PyKEEN models by name: made from facts, whatever each of them asks for; imports torch."""

from __future__ import annotations

from inspect import signature
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from pykeen.losses import loss_resolver
from pykeen.models import LiteralModel, Model, model_resolver
from pykeen.nn.representation import CombinedRepresentation, Embedding
from pykeen.triples import KGInfo, TriplesFactory, TriplesNumericLiteralsFactory
from pykeen.utils import get_batchnorm_modules

from kg_rec.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from kg_rec.config import EmbeddingsConfig
    from kg_rec.embeddings.facts import Facts

__all__ = ["PARTS", "better", "class_of", "is_literal", "make", "plain_embeddings", "vectors_of"]

_INVERSE = frozenset({"ConvE", "CompGCN", "NodePiece", "TuckER"})
"""Models that ask for the inverse of each relation, and then score tails only."""
PARTS = {"ComplEx": 2, "ComplExLiteral": 2, "RotatE": 2, "QuatE": 4}
"""Models whose numbers are complex or quaternions, and of how many real ones each is made."""
_DISTANCE = frozenset({"RotatE", "TransE", "TransD", "TransH", "TransR", "MuRE", "PairRE"})
"""Models whose score is a distance, below 0: cross-entropy pays no heed to where 0 is."""
_DISTANCE_LOSS = {
    "loss": "nssa",
    "loss_kwargs": {"margin": 6.0, "adversarial_temperature": 1.0},
}
"""Self-adversarial negative sampling, as for RotatE (Sun et al., ICLR 2019)."""
_BETTER = {"TransE": {"scoring_fct_norm": 2, "entity_constrainer": None}}
"""Arguments of models that measured better than PyKEEN's own."""
_OWN_LOSS = frozenset({"ConvE", "TuckER"})
"""Models whose own loss is the better one: they score one pair with all nodes, true or false."""


def class_of(name: str) -> type[Model]:
    """Return a PyKEEN model class.

    Raises:
        ConfigError: PyKEEN knows no such model.
    """
    try:
        found: type[Model] = model_resolver.lookup(name)
    except KeyError:
        known = ", ".join(sorted(c.__name__ for c in model_resolver.lookup_dict.values()))
        msg = f"embeddings.model: PyKEEN has no model {name!r}; it has {known}"
        raise ConfigError(msg) from None
    return found


def is_literal(name: str) -> bool:
    """Return whether a model takes the numbers that nodes bear."""
    return issubclass(class_of(name), LiteralModel)


def make(config: EmbeddingsConfig, facts: Facts, seed: int) -> Model:
    """Return an untrained model for the nodes and relations of facts.

    Raises:
        ConfigError: PyKEEN has no such model or loss, or the model refuses the settings.
    """
    cls: Any = class_of(config.model)
    options: dict[str, Any] = {"random_seed": seed, **_loss(config, cls), **better(config.model)}
    options.update(config.options)
    names = signature(cls.__init__).parameters
    if "embedding_dim" in names:
        parts = PARTS.get(cls.__name__, 1)
        options.setdefault("embedding_dim", max(config.dimension // parts, 1))
    try:
        model: Model = cls(triples_factory=_factory(facts, cls), **options)
    except (TypeError, ValueError, NotImplementedError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:300]
        raise ConfigError(f"embeddings: {cls.__name__} cannot be made: {reason}") from error
    if not any(p.requires_grad for p in model.parameters()):
        raise ConfigError(f"embeddings.model: {cls.__name__} has nothing to train, so no vectors")
    return model


def better(name: str) -> dict[str, Any]:
    """Return the arguments of a model that measured better than PyKEEN's own."""
    return _BETTER.get(class_of(name).__name__, {})


def _loss(config: EmbeddingsConfig, cls: type[Model]) -> Mapping[str, Any]:
    if config.loss is None:
        if cls.__name__ in _OWN_LOSS:
            return {}
        return _DISTANCE_LOSS if cls.__name__ in _DISTANCE else {"loss": "crossentropy"}
    try:
        return {"loss": loss_resolver.lookup(config.loss)}
    except KeyError:
        known = ", ".join(sorted(loss_resolver.lookup_dict))
        msg = f"embeddings.loss: PyKEEN has no loss {config.loss!r}; it has {known}"
        raise ConfigError(msg) from None


def _factory(facts: Facts, cls: type[Model]) -> KGInfo:
    if issubclass(cls, LiteralModel):
        return TriplesNumericLiteralsFactory(
            **_labels(facts),
            numeric_literals=facts.numbers,
            literals_to_id={name: n for n, name in enumerate(facts.attributes)},
        )
    return TriplesFactory(**_labels(facts), create_inverse_triples=cls.__name__ in _INVERSE)


def _labels(facts: Facts) -> dict[str, Any]:
    return {
        "mapped_triples": torch.as_tensor(facts.triples),
        "entity_to_id": {name: n for n, name in enumerate(facts.nodes)},
        "relation_to_id": {name: n for n, name in enumerate(facts.relations)},
    }


def plain_embeddings(model: Any) -> list[torch.nn.Embedding]:
    """Return the tables of node vectors from which a step reads only the rows that it needs.

    None for models that read all of them at every step: graph networks, and those with a
    penalty on whole tables.
    """
    if get_batchnorm_modules(model) or len(getattr(model, "weight_regularizers", ())):
        return []
    tables = []
    for representation in getattr(model, "entity_representations", ()):
        parts = [representation]
        if isinstance(representation, CombinedRepresentation):
            parts = list(representation.base)
        if not all(type(part) is Embedding for part in parts):
            return []
        tables += [part._embeddings for part in parts if part._embeddings.weight.requires_grad]  # noqa: SLF001 - PyKEEN keeps the table there
    return tables


@torch.no_grad()
def vectors_of(representations: Any) -> NDArray[np.float32]:
    """Return the first vectors of nodes or relations as rows, real and imaginary halves apart."""
    if not len(representations):
        return np.zeros((0, 1), dtype=np.float32)
    tensor = representations[0]().detach().cpu()
    matrix = tensor.reshape(len(tensor), -1).numpy()
    if np.iscomplexobj(matrix):
        matrix = np.hstack([matrix.real, matrix.imag])
    return np.ascontiguousarray(matrix, dtype=np.float32)
