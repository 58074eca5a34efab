"""Knowledge-graph recommendations in which every score is an exact sum of named, traceable reasons.

The way of the data, and the modules that each step may use (those above it):

 1. ``errors``, ``config``, ``ids``: one error tree, frozen settings, IRIs and indexes.
 2. ``statements``: triples, evidence, documents.
 3. ``ontology``: classes, relations, how they are said, which are reasons.
 4. ``io``: tables, documents and RDF in, checked row by row.
 5. ``text``: documents to statements (spaCy).
 6. ``graph``: statements to :class:`KnowledgeGraph`; RDF, networkx, PyKEEN, CSR are views of it.
    ``validation``: graphs against shapes (SHACL).
 7. ``embeddings``: graph to node vectors (PyKEEN), text to token vectors (language models).
 8. ``collaborative``: what is liked together; ``popularity``; ``vectors``: the named, weighted,
    sparse item matrices; ``segments``: what people of one kind like; ``community``: friends and
    predictions; ``likeness``: alike concepts.
 9. ``ranking``: cosine kernel, exact top-k, ridge profile, re-ranking, exploration; ``filters``,
    ``reordering``, ``listing``: which items may be listed, in which order and why.
10. ``sources``, ``profiles``, ``tastes``, ``attributes``: what speaks for a user; ``strategies``:
    what of it counts; ``blocks``: what describes an item;
    ``batch``: lists for many; ``blending``: learned weights.
11. ``explanations``: the terms of a score as paths with evidence.
12. ``report``: explanations to self-contained HTML, plain text and RDF.
13. ``inputs``, ``locating``, ``memory``, ``event_log``, ``model``, ``building``, ``bundle``: make
    a model.
14. ``serving``, ``history``, ``journal``, ``folding``, ``live``: use a model, and change it
    meanwhile; ``pseudonyms``: people under other names.
15. ``asking``, ``recommender``: the façade, :class:`Recommender`; ``dialogue``: plain language.
16. ``evaluation``: splits, metrics, protocol, ablation, tuning.
17. ``service``: a model over HTTP, with a page; ``demo``, ``cli``: the command ``kg-rec``.

Names below are imported when first used, so that ``import kg_rec`` is quick and a saved model is
served without spaCy, torch or PyKEEN.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from kg_rec._version import __version__

if TYPE_CHECKING:
    from kg_rec.config import Config
    from kg_rec.errors import (
        ConfigError,
        DataError,
        DataWarning,
        EndpointError,
        ExtractionWarning,
        KgRecError,
        MissingDependencyError,
        ModelError,
        OntologyError,
        UnknownIdError,
    )
    from kg_rec.evaluation import Evaluation, evaluate
    from kg_rec.explanations import Contribution, Hop, Recommendation
    from kg_rec.graph import KnowledgeGraph
    from kg_rec.ids import Iri, Literal
    from kg_rec.io.endpoint import Endpoint
    from kg_rec.ontology import Ontology
    from kg_rec.profiles import Preference, Source
    from kg_rec.recommender import Recommender
    from kg_rec.statements import Document, Evidence, Statement, Triple
    from kg_rec.text.extraction import extract

_HOMES = {
    "Config": "config",
    "ConfigError": "errors",
    "Contribution": "explanations",
    "DataError": "errors",
    "DataWarning": "errors",
    "Document": "statements",
    "Endpoint": "io.endpoint",
    "EndpointError": "errors",
    "Evaluation": "evaluation",
    "Evidence": "statements",
    "ExtractionWarning": "errors",
    "Hop": "explanations",
    "Iri": "ids",
    "KgRecError": "errors",
    "KnowledgeGraph": "graph",
    "Literal": "ids",
    "MissingDependencyError": "errors",
    "ModelError": "errors",
    "Ontology": "ontology",
    "OntologyError": "errors",
    "Preference": "profiles",
    "Recommendation": "explanations",
    "Recommender": "recommender",
    "Source": "profiles",
    "Statement": "statements",
    "Triple": "statements",
    "UnknownIdError": "errors",
    "evaluate": "evaluation",
    "extract": "text.extraction",
}

__all__ = [
    "Config",
    "ConfigError",
    "Contribution",
    "DataError",
    "DataWarning",
    "Document",
    "Endpoint",
    "EndpointError",
    "Evaluation",
    "Evidence",
    "ExtractionWarning",
    "Hop",
    "Iri",
    "KgRecError",
    "KnowledgeGraph",
    "Literal",
    "MissingDependencyError",
    "ModelError",
    "Ontology",
    "OntologyError",
    "Preference",
    "Recommendation",
    "Recommender",
    "Source",
    "Statement",
    "Triple",
    "UnknownIdError",
    "__version__",
    "evaluate",
    "extract",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
