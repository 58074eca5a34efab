"""The checks of a change. All sessions run in the environment that nox itself is in.

pip install -c constraints.txt -e '.[dev]' && nox

One environment for all: torch and spaCy are large, and nothing here needs them twice.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "types", "layers", "tests", "examples", "docs"]

ROOT = Path(__file__).parent
BIN = Path(sys.executable).parent
PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def tool(session: nox.Session, name: str, *arguments: str) -> None:
    session.run(str(BIN / name), *arguments, external=True)


@nox.session
def lint(session: nox.Session) -> None:
    tool(session, "ruff", "format", "--check", ".")
    tool(session, "ruff", "check", ".")


@nox.session
def types(session: nox.Session) -> None:
    tool(session, "mypy")


@nox.session
def layers(session: nox.Session) -> None:
    tool(session, "lint-imports")


@nox.session
def tests(session: nox.Session) -> None:
    tool(session, "pytest", *session.posargs)
    if not session.posargs:
        doctests(session)


@nox.session
def doctests(session: nox.Session) -> None:
    tool(session, "pytest", "--doctest-modules", "--pyargs", "kg_rec")


@nox.session
def examples(session: nox.Session) -> None:
    """Run the examples, and the Python of README.md and of each page of the docs."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    scripts = {path: path.read_text("utf-8") for path in sorted(ROOT.glob("examples/*.py"))}
    scripts |= {path: "\n".join(PYTHON_BLOCK.findall(path.read_text("utf-8"))) for path in pages}
    with tempfile.TemporaryDirectory() as folder:
        for number, (path, code) in enumerate(scripts.items()):
            if not code:
                continue
            session.log(f"running {path.relative_to(ROOT)}")
            place = Path(folder, str(number))
            place.mkdir()
            (place / "page.py").write_text(code, "utf-8")
            with session.chdir(place):
                session.run(sys.executable, "page.py", external=True, silent=True)


@nox.session
def docs(session: nox.Session) -> None:
    tool(session, "mkdocs", "build", "--strict")
