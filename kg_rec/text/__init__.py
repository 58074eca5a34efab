"""Texts to statements, with spaCy: names, facts about items, subjects, likes and dislikes.

::

    preprocessing   texts made fit to read (markup, aligned: the way back to the original)
    detection       which language a text is in
    pipelines       which spaCy pipeline reads; own_pipeline: one that finds relations itself
    pieces          long texts in pieces, offsets kept
    gazetteer       what is known, by its labels
    mentions        names in a text, and the lists they stand in
    pronouns        who "he", "she" and "who" are
    forms           lexical forms of the ontology, compiled
    matching        forms found on a page
    relations       facts about the item (item_phrases: what stands for it; facts)
    pairs           relations between any two names, by patterns (pair_patterns, templates,
                    label_patterns; candidates: what may be named; pair_statements)
    learning        patterns from examples (examples, fitting, known_names; learned: as Turtle)
    concepts        genres and subjects
    preferences     what a user likes (cues: the words for it)
    entities        which names mean the same (merging: why; unifying: one node for each thing)
    open_relations  what sentences say without an ontology (open_statements: as statements)
    reader          all of it for one language, reading: what one document says
    extractor       documents in, statements out
    extraction      the function extract, and many processes
"""

from __future__ import annotations

from kg_rec.text.examples import Example
from kg_rec.text.extractor import Extractor
from kg_rec.text.learning import LearnedForms, learn_forms
from kg_rec.text.names import canonical_name, clean_name, name_key
from kg_rec.text.pipelines import installed_pipelines, load_pipeline
from kg_rec.text.unifying import Unifier, read_overrides, unify

__all__ = [
    "Example",
    "Extractor",
    "LearnedForms",
    "Unifier",
    "canonical_name",
    "clean_name",
    "installed_pipelines",
    "learn_forms",
    "load_pipeline",
    "name_key",
    "read_overrides",
    "unify",
]
