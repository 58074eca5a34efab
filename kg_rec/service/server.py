"""The process that serves: its socket, its signals, its logs."""

from __future__ import annotations

import contextlib
import gc
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING

import uvicorn
from threadpoolctl import threadpool_limits

from kg_rec.errors import ConfigError
from kg_rec.service.application import app
from kg_rec.service.gate import is_loopback
from kg_rec.service.logs import log, log_to
from kg_rec.service.settings import ServiceSettings

if TYPE_CHECKING:
    from pathlib import Path

    from kg_rec.service.state import State

__all__ = ["check_host", "serve"]

_LEAST_TOKEN = 16
_TURN = 0.0005
"""Seconds after which a thread lets others go on, if they wait: what takes requests waits least."""
_CONNECTIONS = 1000
"""Most connections at once; others are told to come again (503)."""
_IDLE = 30
"""Seconds for which a connection stays open without a request."""


def check_host(host: str, settings: ServiceSettings) -> None:
    """Check that a host may be served at.

    Raises:
        ConfigError: Others could ask, and there is no token or one that is guessed too easily.
    """
    token = settings.token
    if token is None and not is_loopback(host):
        message = "without a token (KG_REC_TOKEN) only this machine may ask: 127.0.0.1 or ::1"
        raise ConfigError(f"host {host!r}: {message}")
    if token is not None and len(token.get_secret_value()) < _LEAST_TOKEN:
        raise ConfigError(f"the token has less than {_LEAST_TOKEN} characters")


def serve(
    folder: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    journal: Path | None = None,
    settings: ServiceSettings | None = None,
) -> None:
    """Serve a model until the process is told to end (SIGTERM, SIGINT); SIGHUP reads it again.

    Requests that have begun are answered first. Logs go to standard error, one JSON object a line.

    Args:
        folder: The model folder.
        host: The address to serve at.
        port: The port; 0 is any that is free, and the log tells which.
        journal: A file that keeps changes.
        settings: Limits.

    Raises:
        ConfigError: The host needs a token.
        ModelError: The folder is no model, or the journal is in use or broken.
        OSError: The port is in use.
    """
    settings = settings or ServiceSettings()
    check_host(host, settings)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=512) as listening:
        log_to()
        application = app(folder, journal=journal, settings=settings)
        _answer_signals(application.state.service.state)
        gc.freeze()  # the model stays: collecting garbage need not look at it again and again
        sys.setswitchinterval(_TURN)
        threadpool_limits(1)  # requests run at once; threads of BLAS beside them wait in loops
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=_IDLE,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=int(settings.timeout) + 1,
        )
        name = f"[{host}]" if family == socket.AF_INET6 else host
        log("listening", url=f"http://{name}:{listening.getsockname()[1]}")
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
        log("stopped")


def _answer_signals(state: State) -> None:
    """Read the model again on SIGHUP; a clean end by SIGTERM is no failure."""

    def reload(*_: object) -> None:
        threading.Thread(target=_reload, args=(state,), name="reload", daemon=True).start()

    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, reload)
    signal.signal(signal.SIGTERM, lambda *_: None)  # the server takes it first


def _reload(state: State) -> None:
    with contextlib.suppress(Exception):  # it is in the log
        state.reload()
