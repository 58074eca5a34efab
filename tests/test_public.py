"""What a user imports changes on purpose or not at all; serving stays light."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import kg_rec
from kg_rec import Recommender

if TYPE_CHECKING:
    from pathlib import Path

PUBLIC = [
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

SERVE = """
import sys
from kg_rec import Recommender
model = Recommender.load(sys.argv[1])
user = model.users[0]
best = model.recommend(user, k=3)
model.explain(best[0].item, user)
assert "<html" in model.report(user)
heavy = {"spacy", "torch", "pykeen", "pandas", "rdflib", "networkx", "wordllama"} & set(sys.modules)
print(sorted(heavy))
"""


def test_public_names() -> None:
    assert sorted(kg_rec.__all__) == sorted(PUBLIC)
    assert dir(kg_rec) == sorted(PUBLIC)
    for name in PUBLIC:
        assert getattr(kg_rec, name) is not None
    assert not hasattr(kg_rec, "nope")


def run(code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_import_is_light() -> None:
    heavy = "{'numpy', 'scipy', 'spacy', 'torch', 'pandas', 'pydantic'}"
    assert run(f"import sys, kg_rec; print(sorted({heavy} & set(sys.modules)))") == "[]\n"


def test_serving_imports_neither_spacy_nor_torch_nor_pykeen(
    starter: Recommender, tmp_path: Path
) -> None:
    assert run(SERVE, str(starter.save(tmp_path / "model"))) == "[]\n"
