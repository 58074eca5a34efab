"""A model as a service over HTTP: ``kg-rec serve MODEL``; needs the extra ``serve``.

* ``settings``: limits; ``asked``, ``answered``: what goes in and out, with examples;
* ``state``: the model of the moment, which readers share and one writer replaces;
* ``workers``: threads that answer, bounded; ``sparql``: processes that answer queries;
* ``gate``: who may ask, how much and for how long; ``errors``, ``logs``, ``metrics``;
* ``routes``: the endpoints; ``application``: all of it as an ASGI application;
* ``server``: the process: signals, sockets, logs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg_rec.service.application import app
    from kg_rec.service.server import serve
    from kg_rec.service.settings import ServiceSettings

__all__ = ["ServiceSettings", "app", "serve"]

_HOMES = {"ServiceSettings": "settings", "app": "application", "serve": "server"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
