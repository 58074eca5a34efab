"""Texts to statements, with spaCy: names, facts about items, subjects, likes and dislikes.

::

    pipelines     which spaCy pipeline reads
    pieces        long texts in pieces, offsets kept
    gazetteer     what is known, by its labels
    mentions      names in a text, and the lists they stand in
    forms         lexical forms of the ontology, compiled
    matching      forms found on a page
    relations     facts about the item
    concepts      genres and subjects
    preferences   what a user likes (cues: the words for it)
    extractor     all of it, documents in, statements out
"""

from __future__ import annotations

from kg_rec.text.extractor import Extractor
from kg_rec.text.names import canonical_name, clean_name, name_key
from kg_rec.text.pipelines import installed_pipelines, load_pipeline

__all__ = [
    "Extractor",
    "canonical_name",
    "clean_name",
    "installed_pipelines",
    "load_pipeline",
    "name_key",
]
