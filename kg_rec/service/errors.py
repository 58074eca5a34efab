"""Errors as answers: all of one shape, none with what is inside."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kg_rec.errors import (
    ConfigError,
    DataError,
    KgRecError,
    MissingDependencyError,
    ModelError,
    UnknownIdError,
)
from kg_rec.service.logs import frames, log

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapi import FastAPI, Request

__all__ = ["ServiceError", "answer_of", "handle_errors"]

_CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "internal",
    501: "not_available",
    503: "busy",
    504: "timeout",
}
_SERVER_ERROR = 500
_NAMED = 5
"""Most faults of an input that a message names."""


class ServiceError(HTTPException):
    """An answer that is an error.

    Args:
        status: The HTTP status.
        message: What is wrong and what was expected.
        code: A name for programs; by default that of the status.
        headers: Further headers.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message, headers)
        self.code = code or _CODES.get(status, "error")


class _Meaning(NamedTuple):
    """How an error of the package is answered."""

    kind: type[KgRecError]
    status: int
    code: str


_MEANINGS = (
    _Meaning(UnknownIdError, 404, "unknown"),
    _Meaning(DataError, 422, "invalid"),
    _Meaning(ConfigError, 422, "invalid"),
    _Meaning(MissingDependencyError, 501, "not_available"),
)


def answer_of(error: Exception) -> JSONResponse:
    r"""Return an error as an answer.

    Examples:
        >>> answer_of(UnknownIdError("item", "x")).body
        b'{"error":{"code":"unknown","message":"unknown item \'x\'"}}'
        >>> answer_of(RuntimeError("a detail")).status_code
        500
    """
    found = _service_error(error)
    content = {"error": {"code": found.code, "message": str(found.detail)}}
    headers = None if found.headers is None else dict(found.headers)
    return JSONResponse(content, found.status_code, headers)


def _service_error(error: Exception) -> ServiceError:
    match error:
        case ServiceError():
            return error
        case HTTPException():
            return ServiceError(error.status_code, str(error.detail), headers=error.headers)
        case RequestValidationError():
            return _of_validation(error.errors())
    if isinstance(error, ModelError):  # its message names files of the server
        return ServiceError(503, "the model or its journal cannot be read or written", "model")
    for meaning in _MEANINGS:
        if isinstance(error, meaning.kind):
            return ServiceError(meaning.status, str(error), meaning.code)
    return ServiceError(500, "an error on our side; the log has it under this request's id")


def _of_validation(errors: Sequence[Any]) -> ServiceError:
    """Return what is wrong with the input, without the input."""
    if any(error["type"] == "json_invalid" for error in errors):
        return ServiceError(400, "the body is not JSON", "bad_json")
    said = [f"{'.'.join(map(str, error['loc']))}: {_said(error)}" for error in errors[:_NAMED]]
    more = f"; and {len(errors) - _NAMED} more" if len(errors) > _NAMED else ""
    return ServiceError(422, "; ".join(said) + more)


def _said(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ")


def handle_errors(application: FastAPI) -> None:
    """Make an application answer all errors in one shape."""

    async def handle(_: Request, error: Exception) -> JSONResponse:
        answer = answer_of(error)
        if answer.status_code >= _SERVER_ERROR and not isinstance(error, HTTPException):
            log("failure", logging.ERROR, **frames(error))
        return answer

    for kind in (HTTPException, RequestValidationError, KgRecError):
        application.add_exception_handler(kind, handle)
