"""Exact top-k of sparse inner products, the cosine kernel, the ridge profile: pure functions."""

from __future__ import annotations

from kg_rec.ranking.kernels import cosine, ridge_profile
from kg_rec.ranking.top import ItemIndex, TopK, mark, top_k

__all__ = ["ItemIndex", "TopK", "cosine", "mark", "ridge_profile", "top_k"]
