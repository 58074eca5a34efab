"""Structured logs without personal data: templates of paths, never ids, texts or addresses."""

from __future__ import annotations

import datetime as dt
import json
import logging
import sys
import traceback
from pathlib import Path
from typing import Any

__all__ = ["JsonLines", "frames", "log", "log_to"]

_LOGGER = logging.getLogger("kg_rec.service")


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, event, and what belongs to it.

    What other libraries log is told by its first words alone, without what they fill in.

    Examples:
        >>> record = logging.LogRecord("x", 20, "f.py", 1, "up at %s", ("here",), None)
        >>> json.loads(JsonLines().format(record))["message"]
        'up at %s'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON."""
        time = dt.datetime.fromtimestamp(record.created, dt.UTC)
        found: dict[str, Any] = {
            "time": time.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
        }
        fields = getattr(record, "fields", None)
        if fields is None:
            found |= {"event": "log", "logger": record.name, "message": str(record.msg)}
            if record.exc_info and record.exc_info[1]:
                fields = frames(record.exc_info[1])
        return json.dumps(found | (fields or {}), ensure_ascii=False)


def log(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Write a line."""
    if _LOGGER.isEnabledFor(level):
        _LOGGER.log(level, event, extra={"fields": {"event": event, **fields}})


def frames(error: BaseException) -> dict[str, Any]:
    """Return the kind of an error and where it was raised: not its message, which may quote."""
    stack = traceback.extract_tb(error.__traceback__)[-8:]
    return {
        "error": type(error).__name__,
        "at": [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in stack],
    }


def log_to(stream: Any = None) -> None:
    """Send the logs of the service and of its server to a stream, and nothing anywhere else."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    for name in ("kg_rec.service", "uvicorn", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.handlers = [handler] if name != "uvicorn.error" else []
        logger.setLevel(logging.INFO)
        logger.propagate = name == "uvicorn.error"
    logging.getLogger("uvicorn.access").disabled = True
