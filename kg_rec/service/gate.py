"""Who may ask, how much and for how long; every request is counted and logged once.

Three ASGI layers, from outside: :class:`Watch`, :class:`Guard`, :class:`Bounds`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import secrets
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.datastructures import Headers, MutableHeaders

from kg_rec.service.errors import ServiceError, answer_of
from kg_rec.service.logs import frames, log

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from kg_rec.service.metrics import Metrics
    from kg_rec.service.settings import ServiceSettings

__all__ = ["Bounds", "Guard", "Watch", "is_loopback"]

OPEN = frozenset({"/", "/health", "/openapi.json", "/favicon.ico"})
"""Paths for which no token is needed: none of them tells anything of the model."""
_OPEN_FOLDER = "/page/"
_OVER = 5
"""Seconds over which the rate of a client is taken."""
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_SERVER_ERROR = 500


def is_loopback(host: str) -> bool:
    """Return whether an address or a name is of this machine alone.

    Examples:
        >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost")
        (True, True, True)
        >>> is_loopback("0.0.0.0"), is_loopback("example.org")
        (False, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Watch:
    """Gives each request an id, counts and logs it, and answers what nobody foresaw.

    Args:
        application: What is watched.
        metrics: Where it is counted.
    """

    def __init__(self, application: ASGIApp, metrics: Metrics) -> None:
        self._application = application
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        name, start, status = uuid.uuid4().hex, time.perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(message, name)
            await send(message)

        self._metrics.at_work.inc()
        try:
            await self._application(scope, receive, answer)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged and answered
            log("failure", logging.ERROR, request=name, **frames(error))
            if not status:
                await answer_of(error)(scope, receive, answer)
        finally:
            self._metrics.at_work.dec()
            self._count(scope, status, name, time.perf_counter() - start)

    def _count(self, scope: Scope, status: int, name: str, seconds: float) -> None:
        route = getattr(scope.get("route"), "path_format", "other")
        method = scope["method"] if route != "other" else "other"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        level = logging.ERROR if status >= _SERVER_ERROR else logging.INFO
        milliseconds = round(1000 * seconds, 2)
        fields = {"method": method, "route": route, "status": status, "ms": milliseconds}
        log("request", level, request=name, **fields)


def _add_headers(message: Message, name: str) -> None:
    headers = MutableHeaders(scope=message)
    headers["X-Request-Id"] = name
    for header, value in _SAFE.items():
        headers[header] = value
    headers.setdefault("Cache-Control", "no-store")


class Guard:
    """Lets those in who may ask: with the token, or, if there is none, from this machine.

    Without a token a page of another site that is open in a browser on this machine is kept out,
    too: by the name of the host that it believes to ask (DNS rebinding) and by its origin.

    Args:
        application: What is guarded.
        settings: Token and rate.
    """

    def __init__(self, application: ASGIApp, settings: ServiceSettings) -> None:
        self._application = application
        token = settings.token
        self._token = None if token is None else token.get_secret_value().encode()
        self._rate = RateLimitItemPerSecond(settings.rate * _OVER, _OVER)
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            try:
                self._check(scope)
            except ServiceError as error:
                await answer_of(error)(scope, receive, send)
                return
        await self._application(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers, client = Headers(scope=scope), (scope.get("client") or ("local", 0))[0]
        if not self._limiter.hit(self._rate, client):
            raise ServiceError(429, "too many requests", headers={"Retry-After": str(_OVER)})
        if self._token is None:
            _check_local(headers, client)
        elif scope["path"] not in OPEN and not scope["path"].startswith(_OPEN_FOLDER):
            _check_token(headers.get("authorization", ""), self._token)


def _check_token(given: str, token: bytes) -> None:
    scheme, _, value = given.partition(" ")
    same = secrets.compare_digest(value.strip().encode(), token)
    if scheme.lower() != "bearer" or not same:
        said = "a wrong token" if given else "no token"
        message = f"{said}; expected the header Authorization: Bearer TOKEN"
        raise ServiceError(401, message, headers={"WWW-Authenticate": "Bearer"})


def _check_local(headers: Headers, client: str) -> None:
    host = headers.get("host", "")
    if client != "local" and not is_loopback(client):
        raise ServiceError(403, "without a token only this machine may ask")
    if host and not is_loopback(_host_name(f"//{host}")):
        raise ServiceError(403, "without a token the host must be asked as 127.0.0.1 or localhost")
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != host:
        raise ServiceError(403, "without a token pages of other sites may not ask")


def _host_name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


class Bounds:
    """Bounds the body of a request and its time.

    Args:
        application: What is bounded.
        settings: The bounds.
    """

    def __init__(self, application: ASGIApp, settings: ServiceSettings) -> None:
        self._application = application
        self._most = settings.max_body
        self._seconds = settings.timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; what is too large is refused, what takes too long is given up."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        started = False

        async def answer(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            self._check(scope)
            async with asyncio.timeout(self._seconds):
                await self._application(scope, self._bounded(receive), answer)
        except (TimeoutError, ServiceError) as error:
            if not started:
                await answer_of(self._error(error))(scope, receive, send)

    def _error(self, error: Exception) -> Exception:
        if isinstance(error, ServiceError):
            return error
        return ServiceError(504, f"not answered within {self._seconds:g} s")

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self._most:
            raise self._too_large()
        has_body = length != "0" or "transfer-encoding" in headers
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if has_body and scope["path"] != "/sparql" and kind != "application/json":
            raise ServiceError(
                415, f"the body is {kind or 'of no type'}, expected application/json"
            )

    def _bounded(self, receive: Receive) -> Receive:
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message: Any = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise self._too_large()
            return message  # type: ignore[no-any-return]

        return bounded

    def _too_large(self) -> ServiceError:
        message = f"the body has more than {self._most:,} bytes"
        return ServiceError(413, message, headers={"Connection": "close"})
