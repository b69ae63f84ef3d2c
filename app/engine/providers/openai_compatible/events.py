"""Server-sent events as chat servers write them: read by us, because the SDK fails over an event
without data and reads one of any size at a go."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, Final

MAX_EVENT: Final = 1024 * 1024
"""Bytes of one event: a thousand times what one holds."""
DONE: Final = "[DONE]"

_DATA: Final = b"data:"


async def events(pieces: AsyncIterator[bytes]) -> AsyncGenerator[Mapping[str, Any] | None, None]:
    """The JSON object of each event, and None when the server says that it is done.

    Raises `ValueError` or `TypeError` for an event that is no JSON object or is far too large.
    """
    async with aclosing(_lines(pieces)) as lines, aclosing(_texts(lines)) as texts:
        async for text in texts:
            event = None if text.strip() == DONE else json.loads(text)
            if not isinstance(event, dict | None):
                raise TypeError("an event that is no object")
            yield event


async def _texts(lines: AsyncIterator[bytes]) -> AsyncGenerator[str, None]:
    """The data of each event that has any."""
    data: list[bytes] = []
    size = 0
    async for line in lines:
        if line.startswith(_DATA):
            data.append(line[len(_DATA) :].removeprefix(b" "))
            size += len(line)
            if size > MAX_EVENT:
                raise ValueError("an event larger than any")
        elif not line and data:
            yield b"\n".join(data).decode()
            data, size = [], 0
    if data:
        yield b"\n".join(data).decode()


async def _lines(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """Whole lines without their ends; the last one need not have an end."""
    pending = bytearray()
    async for piece in pieces:
        searched = len(pending)
        pending += piece
        while (end := pending.find(b"\n", searched)) >= 0:
            yield bytes(pending[:end]).removesuffix(b"\r")
            del pending[: end + 1]
            searched = 0
        if len(pending) > MAX_EVENT:
            raise ValueError("an event larger than any")
    if pending:
        yield bytes(pending).removesuffix(b"\r")
