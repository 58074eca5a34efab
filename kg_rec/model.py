"""A fitted model: made by ``building``, kept by ``bundle``, asked by ``recommender``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from scipy import sparse

    from kg_rec.config import Config, RankingConfig
    from kg_rec.embeddings import NodeVectors
    from kg_rec.event_log import EventLog
    from kg_rec.explanations.tuning import Wishes
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import IdIndex, Iri
    from kg_rec.ontology import Ontology
    from kg_rec.vectors import Fitted, ItemVectors

__all__ = ["CatalogueItem", "Model"]


class CatalogueItem(NamedTuple):
    """An item: its id, its node in the graph, its name."""

    id: str
    iri: Iri
    label: str


@dataclass(frozen=True)
class Model:
    """All that ranks and explains.

    Attributes:
        config: The settings it was built with; the weights of the ranking are the learned ones.
        given: The weights before any were learned.
        ontology: The domain.
        graph: Facts, what users did and said, and the links that the model has learned.
        items: The catalogue, sorted by id; its order is the row order.
        users: Ids of the users who have events or texts; their order is the row order.
        log: What users did, row by row.
        events: float64 CSR (users × items) of signed weights: what the log comes to.
        fitted: What was known of the items when their vectors were weighed.
        texts: float32 array (items × dimensions): vectors of the items' texts, zeros for none.
        vectors: The named item vectors, each block times its weight.
        node_vectors: The graph embeddings.
        encoders: Name of the model behind each similarity predicate.
        remembered: What users want of their lists, by id.
        event_times: float64 array, one for each value of ``events``: seconds since 1970 of the
            latest event, NaN where it is not known; None where no time is.
        features: Vectors that came with the items, by name: float32 arrays (items × dimensions),
            zeros for none.
        journal: Number of the last entry of a journal that the model holds; 0 for none.
    """

    config: Config
    given: RankingConfig
    ontology: Ontology
    graph: KnowledgeGraph
    items: tuple[CatalogueItem, ...]
    users: IdIndex
    log: EventLog
    events: sparse.csr_array
    fitted: Fitted
    texts: NDArray[np.float32]
    vectors: ItemVectors
    node_vectors: NodeVectors
    encoders: Mapping[Iri, str]
    event_times: NDArray[np.float64] | None = None
    remembered: Mapping[str, Wishes] = field(default_factory=dict)
    features: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)
    journal: int = 0
