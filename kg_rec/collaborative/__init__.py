"""What is liked together: item-to-item weights learned from events, with facts as side information.

Each learner takes the events X (users × items, not negative) and returns weights B, CSR (items ×
items) with zero diagonal: row j says what liking item j speaks for. Scores are ``X @ B``, so every
term is "liked by those who like j".
"""

from __future__ import annotations

from kg_rec.collaborative.autoencoder import ease, ease_bytes, slim, weigh_users
from kg_rec.collaborative.members import MEMBERS, blended, default_weights, members
from kg_rec.collaborative.neighbourhood import item_cosine, rp3beta
from kg_rec.collaborative.sparse import largest, witnessed

__all__ = [
    "MEMBERS",
    "blended",
    "default_weights",
    "ease",
    "ease_bytes",
    "item_cosine",
    "largest",
    "members",
    "rp3beta",
    "slim",
    "weigh_users",
    "witnessed",
]
