"""A SPARQL 1.1 server over HTTP: asked and told with retries, time limits and no half answers.

SPARQL 1.1 Protocol (https://www.w3.org/TR/sparql11-protocol/): queries and updates are posted as
they are, answers are wanted as JSON. What may pass is tried again, after a wait that doubles: no
connection, a broken or late answer, and the statuses 429, 500, 502, 503 and 504. Whatever is sent
must therefore do no harm when it is done twice. Redirects are not followed: a header that proves
who asks goes to the server that was named, and to no other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit, urlunsplit

import pyoxigraph as ox

from kg_rec._version import __version__
from kg_rec.errors import ConfigError, EndpointError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx
    import tenacity

__all__ = ["Endpoint", "headers_from", "is_endpoint"]

_PASSING = {429, 500, 502, 503, 504}
_OK, _REDIRECT, _BAD = 200, 300, 400
_LONGEST_WAIT = 30.0
_MOST_BYTES = 1 << 30
_JSON = "application/sparql-results+json"
_QUOTED = 200


class _PassingError(Exception):
    """A failure that may pass; how many seconds the server wants us to wait."""

    def __init__(self, message: str, wait: float = 0.0) -> None:
        super().__init__(message)
        self.wait = wait


def is_endpoint(name: str) -> bool:
    """Return whether the name of a graph is that of a server, not of a file.

    Examples:
        >>> is_endpoint("https://example.org/query"), is_endpoint("facts.ttl")
        (True, False)
    """
    return name.lower().startswith(("http://", "https://"))


def headers_from(variables: Mapping[str, str]) -> dict[str, str]:
    """Return headers whose values are in environment variables.

    Args:
        variables: Name of the header to name of the variable.

    Raises:
        ConfigError: A variable is not set.
    """
    missing = [name for name in variables.values() if not os.environ.get(name)]
    if missing:
        raise ConfigError(f"the environment variable {missing[0]} is not set, or empty")
    return {header: os.environ[name] for header, name in variables.items()}


@dataclass(frozen=True)
class Endpoint:
    """A SPARQL 1.1 server.

    Use it in ``with`` to close its connections.

    Attributes:
        url: Where queries go.
        update_url: Where updates go. By default ``…/update`` beside ``…/query`` or ``…/sparql``
            (Oxigraph, Fuseki), and ``url`` itself where it ends otherwise.
        headers: Sent with each request, as ``{"Authorization": "Bearer …"}``; never shown.
        timeout: Seconds that the server may take to connect, and between two parts of an answer.
        tries: How often a request is made at most.
        wait: Seconds before the second try; doubled before each further one.
        page: Most triples of one request.

    Raises:
        ConfigError: The URL is not one of HTTP, or holds a password; a number is out of range.

    Examples:
        >>> Endpoint("https://example.org/music/query").update_to
        'https://example.org/music/update'
        >>> Endpoint("https://example.org/query", headers={"Authorization": "secret"})
        Endpoint(url='https://example.org/query', update_url=None, timeout=60.0, tries=5, wait=0.5, page=50000)
    """  # noqa: E501 - one value

    url: str
    update_url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeout: float = 60.0
    tries: int = 5
    wait: float = 0.5
    page: int = 50_000

    def __post_init__(self) -> None:
        for url in (self.url, self.update_url):
            if url is not None:
                _check(url)
        if not (self.timeout > 0 and self.tries >= 1 and self.wait >= 0 and self.page >= 1):
            msg = "endpoint: expected timeout > 0, tries >= 1, wait >= 0, page >= 1"
            raise ConfigError(msg)
        for name, value in self.headers.items():
            if not value or not (name + value).isascii() or not (name + value).isprintable():
                msg = f"endpoint: the value of header {name!r} is empty, or not printable ASCII"
                raise ConfigError(msg)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if client := self.__dict__.pop("_client", None):
            client.close()  # another is made when it is needed

    @property
    def update_to(self) -> str:
        """Where updates go."""
        if self.update_url is not None:
            return self.update_url
        parts = urlsplit(self.url)
        start, slash, end = parts.path.rstrip("/").rpartition("/")
        if end not in {"query", "sparql"}:
            return self.url
        return urlunsplit(parts._replace(path=f"{start}{slash}update"))

    def select(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a SELECT, whole or not at all; terms are those of pyoxigraph.

        Raises:
            EndpointError: The server does not answer, or answers something else.
        """
        content = self._send(self.url, "application/sparql-query", query, _JSON)
        found = self._parsed(content)
        if isinstance(found, bool):
            raise EndpointError(f"{_shown(self.url)}: answered true or false, not rows")
        return found

    def ask(self, query: str) -> bool:
        """Return the answer to an ASK.

        Raises:
            EndpointError: The server does not answer, or answers something else.
        """
        content = self._send(self.url, "application/sparql-query", query, _JSON)
        return self._parsed(content) is True

    def update(self, text: str) -> None:
        """Run an update, which must do no harm when it is done twice.

        Raises:
            EndpointError: The server does not answer, or refuses.
        """
        self._send(self.update_to, "application/sparql-update", text, "*/*")

    # --- one request ---------------------------------------------------------------------------

    @cached_property
    def _client(self) -> httpx.Client:
        import httpx  # noqa: PLC0415 - serving does not need it

        agent = {"User-Agent": f"kg_rec/{__version__}"}
        return httpx.Client(timeout=self.timeout, headers={**agent, **self.headers})

    def _send(self, url: str, kind: str, text: str, accept: str) -> bytes:
        import tenacity  # noqa: PLC0415 - serving does not need it

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(self.tries),
            wait=self._wait,
            retry=tenacity.retry_if_exception_type(_PassingError),
            reraise=True,
        )
        headers = {"Content-Type": kind, "Accept": accept}
        try:
            return retrying(self._once, url, headers, text.encode())
        except _PassingError as error:
            tries = "1 try" if self.tries == 1 else f"{self.tries} tries"
            raise EndpointError(f"{_shown(url)}: {error} ({tries})") from None

    def _wait(self, state: tenacity.RetryCallState) -> float:
        wanted = self.wait * 2.0 ** (state.attempt_number - 1)
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, _PassingError):
            wanted = max(wanted, error.wait)
        return min(wanted, _LONGEST_WAIT)

    def _once(self, url: str, headers: Mapping[str, str], content: bytes) -> bytes:
        import httpx  # noqa: PLC0415 - serving does not need it

        try:
            with self._client.stream("POST", url, headers=headers, content=content) as response:
                body = _read(response, url)
                self._check_status(response, body, url)
                return body
        except httpx.InvalidURL as error:
            raise EndpointError(f"{_shown(url)}: {error}") from None
        except httpx.TimeoutException:
            raise _PassingError(f"no answer within {self.timeout:g} s") from None
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _PassingError(f"no whole answer: {error or type(error).__name__}") from None

    def _check_status(self, response: httpx.Response, body: bytes, url: str) -> None:
        status = response.status_code
        if _OK <= status < _REDIRECT:
            return
        message = f"HTTP {status} {response.reason_phrase}"
        if status in _PASSING:
            raise _PassingError(message, _seconds(response.headers.get("Retry-After", "")))
        if status < _BAD:
            raise EndpointError(f"{_shown(url)}: {message}: it is elsewhere; redirects are refused")
        said = self._without_secrets(" ".join(body.decode(errors="replace").split()))
        raise EndpointError(f"{_shown(url)}: {message}{': ' if said else ''}{said[:_QUOTED]}")

    def _without_secrets(self, text: str) -> str:
        """Return what a server says, which may repeat what it was sent."""
        for value in self.headers.values():
            for secret in {value, *value.split()[1:]} - {""}:
                text = text.replace(secret, "***")
        return text

    def _parsed(self, content: bytes) -> list[tuple[Any, ...]] | bool:
        try:
            found = ox.parse_query_results(content, format=ox.QueryResultsFormat.JSON)
            if isinstance(found, ox.QueryBoolean):
                return bool(found)
            return [tuple(solution) for solution in found]
        except (SyntaxError, ValueError) as error:
            message = f"the answer is not JSON of SPARQL results: {error}"
            raise EndpointError(f"{_shown(self.url)}: {message}") from None


def _check(url: str) -> None:
    """Refuse what is no URL of a server.

    Raises:
        ConfigError: It is none, or holds a password.
    """
    try:
        parts = urlsplit(url)
        whole = is_endpoint(url) and bool(parts.hostname) and (parts.port is None or parts.port)
    except ValueError:
        parts, whole = urlsplit(""), False
    if not whole or any(not c.isprintable() or c == " " for c in url):
        raise ConfigError(f"{url!r} is not the URL of a SPARQL endpoint, as http://…/query")
    if "@" in parts.netloc:
        raise ConfigError(f"{_shown(url)}: give a password in a header, not in the URL")


def _shown(url: str) -> str:
    """Return a URL without what may be secret: user, password, query."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, netloc, parts.path, "", ""))


def _read(response: httpx.Response, url: str) -> bytes:
    """Return the body of a response, if it is not beyond all measure."""
    parts, size = [], 0
    for part in response.iter_bytes():
        size += len(part)
        if size > _MOST_BYTES:
            raise EndpointError(f"{_shown(url)}: the answer is longer than {_MOST_BYTES:,} bytes")
        parts.append(part)
    return b"".join(parts)


def _seconds(text: str) -> float:
    """Return the seconds of a header Retry-After; a date counts as none."""
    return float(text) if text.isascii() and text.isdigit() else 0.0
