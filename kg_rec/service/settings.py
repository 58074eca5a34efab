"""The limits of the service."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

__all__ = ["ServiceSettings"]

Seconds = Annotated[float, Field(gt=0, le=3600)]
Many = Annotated[int, Field(ge=1, le=1_000_000)]


class ServiceSettings(BaseModel):
    """Who may ask, how much, and for how long.

    Examples:
        >>> ServiceSettings(timeout=2).timeout
        2.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    token: SecretStr | None = None
    """What clients send as ``Authorization: Bearer …``. Without one only this machine may ask."""
    max_body: Many = 1 << 19
    """Most bytes of the body of a request."""
    timeout: Seconds = 10.0
    """Most seconds that a request may take."""
    threads: Many = 4
    """How many requests are worked on at once."""
    waiting: Many = 64
    """How many more may wait for that; others are told to come again (503)."""
    rate: Many = 200
    """Most requests a second of one address, over five seconds; others are told to wait (429)."""
    sparql_timeout: Seconds = 5.0
    """Most seconds of a SPARQL query; its process is ended then."""
    sparql_rows: Many = 1000
    """Most rows or triples that a SPARQL query gives."""
    sparql_workers: Annotated[int, Field(ge=0, le=64)] = 1
    """How many processes answer SPARQL, each with the facts in memory; 0 is no SPARQL."""
    sparql_memory: Many = 4096
    """Most megabytes of address space that such a process may take (POSIX)."""
    texts: bool = True
    """Whether what reads texts is loaded at the start; else the first text waits for it."""
    sessions: Many = 1000
    """Most dialogues that are kept; the one that was silent longest goes first."""
    session_age: Seconds = 1800.0
    """Seconds after which a silent dialogue is forgotten."""
    watch: Annotated[float, Field(ge=0, le=3600)] = 2.0
    """Seconds between looks for a newer model in the folder; 0 is never."""
