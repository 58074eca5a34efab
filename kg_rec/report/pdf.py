"""Pages as PDF, printed by Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from kg_rec.errors import DataError, MissingDependencyError

__all__ = ["BROWSERS", "find_browser", "print_page"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Names of the command, in the order in which they are looked for."""
VARIABLE = "KG_REC_CHROMIUM"
"""The environment variable that names another one."""
SECONDS = 120.0
"""Longest time for one page."""


def find_browser() -> str:
    """Return the path of Chromium or Chrome.

    Raises:
        MissingDependencyError: There is none on the ``PATH``, and ``KG_REC_CHROMIUM`` names none.
    """
    named = os.environ.get(VARIABLE)
    for name in (named,) if named else BROWSERS:
        if path := shutil.which(name):
            return path
    where = f"{VARIABLE} is {named!r}" if named else f"none of {', '.join(BROWSERS)} is on the PATH"
    raise NoBrowserError(where)


class NoBrowserError(MissingDependencyError):
    """PDF is asked for, and there is no Chromium."""

    def __init__(self, where: str) -> None:
        ImportError.__init__(
            self, f"PDF needs Chromium or Chrome: {where}; print the HTML page instead"
        )


def print_page(html: str) -> bytes:
    """Return a page as tagged PDF on A4, with an outline of its headings.

    The browser loads nothing from the network. The bytes hold the time of printing.

    Raises:
        MissingDependencyError: There is no Chromium or Chrome.
        DataError: It failed; the message has its last line.
    """
    browser = find_browser()
    with tempfile.TemporaryDirectory(prefix="kg-rec-", ignore_cleanup_errors=True) as folder:
        page, printed = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_text(html, encoding="utf-8")
        _run([browser, *_options(folder), f"--print-to-pdf={printed}", page.as_uri()])
        if not printed.is_file():
            raise DataError(f"{browser} wrote no PDF")
        return printed.read_bytes()


def _options(folder: str) -> list[str]:
    options = [
        "--headless",
        "--disable-gpu",
        "--disable-extensions",
        "--no-first-run",
        "--no-pdf-header-footer",
        "--export-tagged-pdf",
        "--generate-pdf-document-outline",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder}/profile",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")  # as root it starts only without; the page has no script
    return options


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603 - a browser on our own page
    except subprocess.TimeoutExpired:
        raise DataError(f"{command[0]} printed nothing in {SECONDS:g} seconds") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.decode(errors="replace").strip().splitlines() or ["no message"]
        raise DataError(f"{command[0]} failed: {lines[-1]}") from None
