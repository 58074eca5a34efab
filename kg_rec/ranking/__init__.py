"""Exact top-k of sparse inner products, the cosine kernel, ridge profiles: pure functions."""

from __future__ import annotations

from kg_rec.ranking.kernels import cosine
from kg_rec.ranking.ridge import RidgeProfiles
from kg_rec.ranking.top import ItemIndex, TopK, best_of, mark, top_k

__all__ = ["ItemIndex", "RidgeProfiles", "TopK", "best_of", "cosine", "mark", "top_k"]
