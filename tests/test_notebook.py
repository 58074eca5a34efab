"""The notebook of the examples runs in an empty folder, and shows what it is to show."""

from __future__ import annotations

import base64
import re
import shutil
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kg_rec.report.shown import Explanation, Recommendations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg_rec import Recommender

TOUR = Path(__file__).parent.parent / "examples" / "tour.ipynb"
nbformat = pytest.importorskip("nbformat", reason="needs nbformat (pip install nbclient)")


def shown(cells: Sequence[Any], code: str) -> str:
    """Return the HTML that the cell of some code has shown."""
    (cell,) = [cell for cell in cells if cell.cell_type == "code" and cell.source == code]
    return str(cell.outputs[0]["data"]["text/html"])


def test_the_notebook_is_stripped() -> None:
    notebook = nbformat.read(TOUR, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # those of jupyter are not ours
def test_the_tour(demo_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = pytest.importorskip("nbclient", reason="needs nbclient (pip install nbclient)")
    pytest.importorskip("ipykernel", reason="needs ipykernel (pip install ipykernel)")
    for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / ".jupyter"))
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    shutil.copytree(demo_folder, tmp_path / "demo" / "model")
    notebook = nbformat.read(TOUR, as_version=4)
    where = {"metadata": {"path": str(tmp_path)}}
    client.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=where).execute()
    assert "Taxi Driver (1976)" in shown(notebook.cells, "best[0]")
    assert "kg-rec-fragment" in shown(notebook.cells, "best[0]")
    assert "What the model makes of it" in shown(notebook.cells, "model.profile(demo.RATED_USER)")
    picture = shown(notebook.cells, 'model.around("Christopher Nolan")')
    drawn = base64.b64decode(picture.split("base64,")[1].split('"')[0]).decode()
    assert "Inception (2010)" in "".join(ET.fromstring(drawn).itertext())  # noqa: S314 - our own
    pages = [(tmp_path / f"{name}.html").read_text("utf-8") for name in ("taste", "inception")]
    assert all(page.startswith("<!doctype html>") for page in pages)
    assert "Who would like Inception (2010)?" in pages[1]


def test_what_shows_itself(tiny: Recommender) -> None:
    best = tiny.recommend("u", k=2)
    assert isinstance(best, Recommendations)
    assert isinstance(best[0], Explanation)
    pages = [best._repr_html_(), best[0]._repr_html_(), tiny.profile("u")._repr_html_()]
    for page in pages:
        assert page.count("<style>") == 1
        style = page.split("<style>")[1].split("</style>")[0]
        for selectors in re.findall(r"([^{}]+)\{", style):
            assert all(s.strip().startswith(".kg-rec-fragment") for s in selectors.split(","))
    assert "in the genre Crime" in pages[2] or "genre Crime" in pages[2]
    assert tiny.recommend("u", k=2, language="zh").words.language == "zh"
    assert "理由" in tiny.recommend("u", k=2, language="zh")._repr_html_()


def test_what_is_around_shows_itself_as_an_image(tiny: Recommender) -> None:
    around = tiny.around("a")
    html = around._repr_html_()
    assert html.startswith('<img alt="What is around Alpha: ')
    assert "Crime" in html.split('"')[1]
    data = base64.b64decode(html.split("base64,")[1].split('"')[0])
    assert ET.fromstring(data).tag.endswith("svg")  # noqa: S314 - our own
    assert tiny.around("a", users=True).links > around.links
