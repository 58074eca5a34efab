"""Pseudonyms of users: keyed hashes of their ids, for what leaves the house.

A pseudonym is HMAC-SHA-256 (RFC 2104) of the id under a secret key, cut to 128 bits and written in
base 32: ``p-`` and 26 letters. Without the key it tells nothing of the id, however few ids there
are to guess from; under the same key the same id has the same pseudonym everywhere, so that what
is exported today can be joined with what is exported tomorrow. A new key cuts that tie.

The key is in the environment variable ``KG_REC_PSEUDONYM_KEY``, or in a file beside the model
folder that only its owner can read. It is never in a model, a graph or a report.
"""

from __future__ import annotations

import base64
import contextlib
import hmac
import os
import secrets
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import unquote

from kg_rec.errors import ConfigError
from kg_rec.graph.renaming import with_people_renamed
from kg_rec.ids import Iri, Literal, Term, mint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kg_rec.graph import KnowledgeGraph
    from kg_rec.statements import Evidence

__all__ = ["KEY_VARIABLE", "People", "Pseudonyms", "list_node", "pseudonymous"]

_T = TypeVar("_T", bound=Term | str)

KEY_VARIABLE = "KG_REC_PSEUDONYM_KEY"
"""The environment variable with the key."""
LEAST = 16
"""Least bytes of a key."""
_BYTES = 16
_ONE_AT_A_TIME = threading.Lock()
_OTHERS = 0o077
_TEXTS = "users/"
_FRIEND = "community"


class Pseudonyms:
    """Gives users pseudonyms.

    Args:
        key: The secret, at least 16 bytes; or what gives it when it is first needed.

    Raises:
        ConfigError: The key is too short.

    Examples:
        >>> names = Pseudonyms(b"sixteen bytes at least")
        >>> names("ann"), names("ann") == names("bob")
        ('p-n3glccfnzy3fxk5flzirujru3u', False)
    """

    def __init__(self, key: bytes | Callable[[], bytes]) -> None:
        self._give = None if isinstance(key, bytes) else key
        self._key = _checked(key) if isinstance(key, bytes) else b""

    def __call__(self, user: str) -> str:
        """Return the pseudonym of a user."""
        if self._give is not None and not self._key:
            with _ONE_AT_A_TIME:
                self._key = self._key or _checked(self._give())
        digest = hmac.digest(self._key, user.encode(), "sha256")[:_BYTES]
        return "p-" + base64.b32encode(digest).decode().lower().rstrip("=")

    @classmethod
    def of_environment(cls) -> Self:
        """Return pseudonyms under the key of the environment; without one, of this process only."""
        return cls(lambda: _environment() or secrets.token_bytes(32))

    @classmethod
    def beside(cls, folder: str | Path) -> Self:
        """Return pseudonyms under the key of the environment or of a file beside a model folder.

        The file is ``NAME.pseudonym-key``; it is made when a pseudonym is first asked for.

        Args:
            folder: The model folder.

        Raises:
            ConfigError: When a pseudonym is asked for: the file cannot be read or made, others
                can read it, or it holds no key.
        """
        folder = Path(folder).resolve()
        return cls(lambda: _environment() or _kept(folder.parent / f"{folder.name}.pseudonym-key"))


def _checked(key: bytes) -> bytes:
    if len(key) < LEAST:
        raise ConfigError(f"key of pseudonyms: {len(key)} bytes, expected {LEAST} or more")
    return key


def _environment() -> bytes | None:
    told = os.environ.get(KEY_VARIABLE)
    return told.encode() if told else None


def _kept(file: Path) -> bytes:
    """Return the key of a file, which is made if there is none."""
    if not file.exists():
        try:
            _make(file)
        except OSError as error:
            msg = f"{file}: no key of pseudonyms can be made: {error.strerror}"
            raise ConfigError(f"{msg}; set {KEY_VARIABLE}") from None
    return _read(file)


def _make(file: Path) -> None:
    """Write a new key beside and link it, so that of two processes one wins; the owner's only."""
    made, beside = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(made, "w", encoding="ascii") as opened:
            opened.write(secrets.token_hex(32) + "\n")
        with contextlib.suppress(FileExistsError):
            os.link(beside, file)
    finally:
        Path(beside).unlink()


def _read(file: Path) -> bytes:
    try:
        if os.name == "posix" and file.stat().st_mode & _OTHERS:
            raise ConfigError(f"{file}: others can read it, expected a mode of 600")
        return file.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None


class People:
    """The users of a graph under pseudonyms, node by node.

    Args:
        base_iri: Start of the users' nodes.
        names: Gives a user a pseudonym.

    Examples:
        >>> people = People("https://example.org/", lambda user: "p-1")
        >>> people.node(Iri("https://example.org/user/ann"))
        Iri('https://example.org/user/p-1')
        >>> people.node(Iri("https://example.org/item/heat"))
        Iri('https://example.org/item/heat')
    """

    def __init__(self, base_iri: str, names: Callable[[str], str]) -> None:
        self.base_iri = base_iri
        self.names = names
        self._start = mint(base_iri, "user", "")

    def name(self, term: Term | str) -> str | None:
        """Return the pseudonym of a user by node; None for what is no user."""
        if not isinstance(term, str) or not term.startswith(self._start):
            return None
        return self.names(unquote(term.removeprefix(self._start)))

    def node(self, term: _T) -> _T | Iri:
        """Return the new node of a user; other terms as they are."""
        name = self.name(term)
        return term if name is None else mint(self.base_iri, "user", name)

    @staticmethod
    def wrote(evidence: Evidence) -> bool:
        """Return whether a passage is of a user's own text."""
        return evidence.document.startswith(_TEXTS)

    def values(self, value: Any) -> Any:
        """Return plain values, as of a report, with users renamed and without what they wrote."""
        if isinstance(value, dict):
            found = {key: self.values(inside) for key, inside in value.items()}
            return self._friend(found)
        if isinstance(value, list):
            return [self.values(inside) for inside in value if not _is_passage_of_user(inside)]
        return self.node(value) if isinstance(value, str) else value

    def _friend(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return a source that is a friend, or a reason that starts from one, without the name."""
        if value.get("kind") == _FRIEND and "id" in value:
            name = self.names(value["id"]) if value["label"] == value["id"] else value["id"]
            return {**value, "id": name, "label": name}
        of_friend = _FRIEND in {value.get("kind"), (value.get("source") or {}).get("kind")}
        if of_friend and "text" in value:
            kept = {key: said for key, said in value.items() if key not in {"text", "sources"}}
            return {**kept, "text": "chosen by a friend"}
        return value


def _is_passage_of_user(value: Any) -> bool:
    document = value.get("document", "") if isinstance(value, dict) else ""
    return isinstance(document, str) and document.startswith(_TEXTS)


def list_node(base_iri: str, user: str) -> Iri:
    """Return the node of the list that is recommended to a user."""
    return mint(base_iri, "list", f"user-{user}")


def pseudonymous(
    graph: KnowledgeGraph, users: Iterable[str], base_iri: str, names: Callable[[str], str]
) -> KnowledgeGraph:
    """Return a graph in which users go by pseudonyms, and none of their words is quoted.

    Args:
        graph: The graph of a model, or recommendations as RDF.
        users: Ids of all users who may be in it.
        base_iri: Start of their nodes.
        names: Gives a user a pseudonym.

    Examples:
        >>> from kg_rec import KnowledgeGraph, Statement, Triple
        >>> heat, base = Iri("urn:heat"), "https://example.org/"
        >>> liked = Statement(Triple(mint(base, "user", "ann"), Iri("urn:likes"), heat))
        >>> graph = KnowledgeGraph.from_statements([liked])
        >>> next(pseudonymous(graph, ["ann"], base, lambda user: "p-1").triples()).subject
        Iri('https://example.org/user/p-1')
    """
    called = {user: names(user) for user in users}
    nodes = {mint(base_iri, "user", u): mint(base_iri, "user", n) for u, n in called.items()}
    lists = {list_node(base_iri, u): list_node(base_iri, n) for u, n in called.items()}
    labels = {mint(base_iri, "user", user): Literal(name) for user, name in called.items()}
    texts = [f"{_TEXTS}{user}" for user in called]
    return with_people_renamed(graph, {**nodes, **lists}, labels, texts)
