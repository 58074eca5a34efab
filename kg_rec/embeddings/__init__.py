"""Vectors of graph nodes (PyKEEN) and of texts (language-model tokens).

torch, PyKEEN, wordllama, transformers and gensim are imported when vectors are made, never before.
"""

from __future__ import annotations

from kg_rec.embeddings.cache import CachedEncoder
from kg_rec.embeddings.encoders import (
    TextEncoder,
    TokenEncoder,
    TransformerEncoder,
    WordVectorEncoder,
    encoder_of,
)
from kg_rec.embeddings.facts import numeric_relations
from kg_rec.embeddings.given import Encoder, GivenVectors, ItemEncoder, read_vectors
from kg_rec.embeddings.linking import predicted_likes, top_predicted
from kg_rec.embeddings.nodes import Likes, train, train_and_predict
from kg_rec.embeddings.vectors import NodeVectors

__all__ = [
    "CachedEncoder",
    "Encoder",
    "GivenVectors",
    "ItemEncoder",
    "Likes",
    "NodeVectors",
    "TextEncoder",
    "TokenEncoder",
    "TransformerEncoder",
    "WordVectorEncoder",
    "encoder_of",
    "numeric_relations",
    "predicted_likes",
    "read_vectors",
    "top_predicted",
    "train",
    "train_and_predict",
]
