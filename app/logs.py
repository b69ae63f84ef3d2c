"""Structured logs: `key=value` for people, JSON lines for machines; one line an event.

An event is a phrase and its `extra`. Player text and keys are never put into either.
"""

import json
import logging
import sys
import time
from contextvars import ContextVar
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, Literal, TextIO

REQUEST_ID: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)
"""The request on whose behalf the present task works; jobs it starts carry it on."""
SESSION_ID: Final[ContextVar[str | None]] = ContextVar("session_id", default=None)
"""The session that request is about, where it named one."""

_OWN_FIELDS: Final = frozenset(
    (*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "color_message")
)
"""What every log record has; anything beside it was given as `extra`."""

_NESTED: Final = (dict, list, tuple)

_FIRST_EXTRA: Final = len(vars(logging.makeLogRecord({})))

_QUIETER: Final = MappingProxyType(
    {
        "uvicorn.error": logging.WARNING,
        "asyncio": logging.WARNING,
        # They log whole addresses, and that of a picture may be all that protects it.
        "httpx": logging.WARNING,
        "httpx2": logging.WARNING,
    }
)


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """The `extra` of a record, with the session and the request it belongs to."""
    # A record keeps its own fields first and the extra ones after them, in order.
    fields = {
        name: value
        for name, value in islice(vars(record).items(), _FIRST_EXTRA, None)
        if name not in _OWN_FIELDS
    }
    for name, variable in (("session_id", SESSION_ID), ("request_id", REQUEST_ID)):
        value = variable.get()
        if value is not None:
            fields.setdefault(name, value)
    return fields


class TextFormatter(logging.Formatter):
    """`2026-11-22T13:22:01.123Z INFO app.engine.turns turn played session_id=a turn=3`."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={_text(value)}" for name, value in fields_of(record).items())
        message = _one_line(record.getMessage())
        line = f"{_time(record)} {record.levelname} {record.name} {message}{fields}"
        trace = _trace(self, record)
        return f"{line}\n{trace}" if trace else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line, a traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **fields_of(record),
        }
        trace = _trace(self, record)
        if trace:
            line["exception"] = trace
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(
    *, style: Literal["text", "json"], level: str, stream: TextIO | None = None
) -> logging.Handler:
    """Send every log of the process to `stream` (the error output), whatever the locale is."""
    stream = stream or sys.stderr
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        # The ascii locale must not cost a line, and a lone surrogate must not raise.
        reconfigure(encoding="utf-8", errors="backslashreplace")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter() if style == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, floor in _QUIETER.items():
        logging.getLogger(name).setLevel(max(floor, root.level))
    return handler


def _time(record: logging.LogRecord) -> str:
    second, part = divmod(record.created, 1)
    at = time.gmtime(second)
    return f"{at[0]}-{at[1]:02}-{at[2]:02}T{at[3]:02}:{at[4]:02}:{at[5]:02}.{int(part * 1000):03}Z"


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    parts = []
    if record.exc_info:
        parts.append(formatter.formatException(record.exc_info))
    if record.stack_info:
        parts.append(formatter.formatStack(record.stack_info))
    return "\n".join(parts)


def _text(value: object) -> str:
    if isinstance(value, _NESTED):
        return json.dumps(value, ensure_ascii=False, default=str)
    text = str(value)
    # Four tests of a string are a third of one match of a pattern, and this is every field.
    plain = text and text.isprintable() and " " not in text and '"' not in text and "=" not in text
    return text if plain else json.dumps(text, ensure_ascii=False)


def _one_line(text: str) -> str:
    return text if text.isprintable() else json.dumps(text, ensure_ascii=False)[1:-1]
