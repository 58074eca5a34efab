"""The formats of reports, and folders of them."""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from kg_rec import io
from kg_rec.errors import DataError
from kg_rec.listing import Listing
from kg_rec.report.data import render_json
from kg_rec.report.markdown import render_markdown
from kg_rec.report.page import (
    Audience,
    IndexLine,
    render_audience,
    render_index,
    render_report,
)
from kg_rec.report.pdf import find_browser, print_page
from kg_rec.tastes import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kg_rec.report.compose import Report, Reporter

__all__ = ["Format", "file_name", "format_of", "read_users", "render", "write_folder"]

LONGEST = 60
"""Most characters of an id in a file name."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


class Format(StrEnum):
    """What a report is written as."""

    html = "html"
    md = "md"
    json = "json"
    ttl = "ttl"
    pdf = "pdf"


_DATA = {Format.json, Format.ttl}
"""The formats that are read by machines; in them users go by pseudonyms."""


def format_of(path: str | Path) -> Format:
    """Return the format that the end of a file name tells; HTML if it tells none.

    Examples:
        >>> format_of("ann.pdf"), format_of("ann")
        (<Format.pdf: 'pdf'>, <Format.html: 'html'>)
    """
    suffix = Path(path).suffix.lower().removeprefix(".")
    return Format(suffix) if suffix in set(Format) else Format.html


def render(report: Report, format: Format = Format.html) -> bytes:  # noqa: A002 - the option's name
    """Return a report in a format.

    Args:
        report: What to write.
        format: Its format; PDF is printed by Chromium, and has the time in it.

    Raises:
        MissingDependencyError: PDF is asked for, and there is no Chromium.
    """
    match format:
        case Format.html:
            return page_of(report).encode()
        case Format.md:
            return render_markdown(report.view).encode()
        case Format.json:
            return render_json(report.view, report.people).encode()
        case Format.ttl:
            return b"\n".join(graph.serialize("ttl") for graph in report.graphs())
        case Format.pdf:
            return print_page(page_of(report))


def page_of(report: Report) -> str:
    """Return a report as an HTML page."""
    view = report.view
    return render_audience(view) if isinstance(view, Audience) else render_report(view)


def write_folder(
    reporter: Reporter,
    users: Sequence[str],
    folder: str | Path,
    *,
    k: int = 10,
    format: Format = Format.html,  # noqa: A002 - the option's name
    progress: Callable[[str, int, int], None] | None = None,
) -> Path:
    """Write a report on each of many users, and an index page of them.

    The index is written last. All users are looked up before the first file is written. Where
    reports name users by pseudonyms, files and index do.

    Args:
        reporter: Makes the reports.
        users: Ids of users of the model.
        folder: Where to write; it is made if need be. Files of the same names are replaced.
        k: How many items each.
        format: What each report is written as; the index is HTML.
        progress: Called with ("reports", reports done, reports in all).

    Returns:
        The index page.

    Raises:
        UnknownIdError: The model has no such user; nothing is written.
        MissingDependencyError: PDF is asked for, and there is no Chromium; nothing is written.
        DataError: The folder cannot be written to.
    """
    reporter.model.users.rows(users)
    if format is Format.pdf:
        find_browser()
    folder = _made(Path(folder))
    hidden = format in _DATA and not reporter.real_ids
    shown = [reporter.recommender.pseudonyms(u) for u in users] if hidden else list(users)
    names = _file_names(shown, format)
    lines = []
    for done, (user, called, name) in enumerate(zip(users, shown, names, strict=True), start=1):
        report = reporter.person(Ask(user), Listing(k))
        io.write_file(folder / name, render(report, format))
        best = next((r.label for _, found in report.lists for r in found), "")
        lines.append(IndexLine(name, reporter.words("User {id}", id=called), best))
        if progress:
            progress("reports", done, len(users))
    page = render_index(reporter.words("Recommendations"), lines, reporter.language)
    return io.write_file(folder / "index.html", page.encode())


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(f"{folder}: cannot be written: {error.strerror}") from None
    return folder


def _file_names(users: Sequence[str], format: Format) -> list[str]:  # noqa: A002 - as above
    """Return a file name for each user; none differ by case only."""
    stems = [file_name(user) for user in users]
    folded = [stem.casefold() for stem in stems]
    return [
        f"{stem if folded.count(low) == 1 else file_name(user, told_apart=True)}.{format}"
        for user, stem, low in zip(users, stems, folded, strict=True)
    ]


def file_name(user: str, *, told_apart: bool = False) -> str:
    """Return a name of a file, without ending, that every file system takes.

    Args:
        user: An id.
        told_apart: Whether to add a hash of the id; one is always there if the id had to change.

    Examples:
        >>> file_name("ann"), file_name("../ann")
        ('user-ann', 'user-___ann-0dd1f074')
    """
    safe = _UNSAFE.sub("_", user)[:LONGEST].replace("..", "__")
    if safe == user and not told_apart:
        return f"user-{safe}"
    digest = hashlib.blake2b(user.encode(errors="replace"), digest_size=4).hexdigest()
    return f"user-{safe}-{digest}"


def read_users(path: str | Path) -> list[str]:
    """Return the ids of a file with one id a line; empty lines and repeated ids are left out.

    Raises:
        DataError: The file cannot be read, is not UTF-8 or names nobody.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}") from None
    users = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not users:
        raise DataError(f"{path}: expected one user id a line, found none")
    return users
