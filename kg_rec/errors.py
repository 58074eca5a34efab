"""The errors of kg_rec, one tree.

::

    KgRecError
    ├── ConfigError            (also ValueError)   a setting is misspelt or out of range
    ├── DataError              (also ValueError)   a table, document or RDF file is not as expected
    │   └── OntologyError                          an ontology lacks what it must say
    ├── EndpointError          (also OSError)      a SPARQL server fails, or answers something else
    ├── UnknownIdError         (also KeyError)     a user, item or entity not in the model
    ├── ModelError             (also ValueError)   no model, or a changed one
    └── MissingDependencyError (also ImportError)  an optional package is needed

Every message says where, what was found and what was expected.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "ConfigError",
    "DataError",
    "DataWarning",
    "EndpointError",
    "ExtractionWarning",
    "KgRecError",
    "MissingDependencyError",
    "ModelError",
    "OntologyError",
    "UnknownIdError",
]


class KgRecError(Exception):
    """Base of all errors that kg_rec raises on purpose."""


class ConfigError(KgRecError, ValueError):
    """A setting is misspelt, missing or out of range."""


class DataError(KgRecError, ValueError):
    """Input data is not as expected; the message names file, row and column."""


class OntologyError(DataError):
    """An ontology is unreadable, or lacks a class or relation that is needed."""


class EndpointError(KgRecError, OSError):
    """A SPARQL server does not answer, refuses, or answers something else; names URL and status."""


class UnknownIdError(KgRecError, KeyError):
    """An id that the model does not hold.

    Args:
        kind: What was looked up, as in ``"user"``.
        value: The id that was asked for.
        known: Ids that exist; close ones are named in the message.
    """

    def __init__(self, kind: str, value: object, known: Iterable[str] = ()) -> None:
        close = _close(str(value), list(known))
        hint = f"; did you mean {', '.join(map(repr, close))}?" if close else ""
        self.message = f"unknown {kind} {str(value)!r}{hint}"
        super().__init__(self.message)

    def __str__(self) -> str:
        """Return the message as it is (KeyError would show its repr)."""
        return self.message


_MANY = 5_000
"""Names from which on ``difflib`` takes too long to look for close ones."""


def _close(value: str, known: Sequence[str]) -> list[str]:
    """Return at most three names that are close to a value, the closest first."""
    if len(known) < _MANY:
        return difflib.get_close_matches(value, known, n=3)
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - few errors need it

    found = process.extract(value, known, scorer=fuzz.ratio, score_cutoff=60, limit=3)
    return [name for name, *_ in found]


class ModelError(KgRecError, ValueError):
    """A folder is not a kg_rec model, is of another format, or was changed after saving."""


class MissingDependencyError(KgRecError, ImportError):
    """An optional package is needed for what was asked.

    Args:
        package: The package that is missing.
        extra: The extra of kg-rec that brings it.
        purpose: What it is needed for.
    """

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs {package}: pip install 'kg-rec[{extra}]'")


class ExtractionWarning(UserWarning):
    """Text is read with less than the full language pipeline; the message says what is lost."""


class DataWarning(UserWarning):
    """Bad rows were left out, as asked; the message says how many and names the first."""
