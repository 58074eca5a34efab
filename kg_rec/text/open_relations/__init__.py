"""Open relations: what a sentence says, without an ontology (spaCy's parse, no training)."""

from __future__ import annotations

from kg_rec.text.open_relations.model import OpenRelation
from kg_rec.text.open_relations.reading import open_relations

__all__ = ["OpenRelation", "open_relations"]
