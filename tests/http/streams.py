"""Reading event streams in tests: over a socket with httpx, or in this process."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from fastapi import FastAPI

PATIENCE = 20


@dataclass(frozen=True)
class Heard:
    """One event, as a browser would be given it."""

    event: str
    data: Any
    id: str | None = None


def heard(frame: str) -> Heard | None:
    """An event; None for a comment."""
    fields: dict[str, str] = {}
    for line in frame.split("\n"):
        name, _, value = line.partition(": ")
        if name:
            fields[name] = value
    if "data" not in fields:
        return None
    data = json.loads(fields["data"])
    assert data["type"] == fields["event"]
    return Heard(fields["event"], data, fields.get("id"))


@dataclass
class Stream:
    """An open stream and what it has told so far, but for who came and went."""

    pieces: AsyncGenerator[bytes, None]
    status: int
    headers: Mapping[str, str]
    told: list[Heard] = field(default_factory=list)
    text: str = ""
    _rest: str = ""

    @property
    def kinds(self) -> list[str]:
        return [one.event for one in self.told]

    @property
    def last_id(self) -> str:
        return next(one.id for one in reversed(self.told) if one.id is not None)

    async def more(self) -> bool:
        """Read another piece; False at the end."""
        async with asyncio.timeout(PATIENCE):
            piece = await anext(self.pieces, None)
        if piece is None:
            return False
        self.text += piece.decode()
        *frames, self._rest = (self._rest + piece.decode()).split("\n\n")
        found = [one for frame in frames if (one := heard(frame)) is not None]
        self.told.extend(one for one in found if one.event != "presence")
        return True

    async def until(self, event: str, *, turn: int | None = None) -> Heard:
        """The first event of that name (and turn), as soon as it is there."""
        seen = 0
        while True:
            for one in self.told[seen:]:
                if one.event == event and turn in (None, one.data["turn"]):
                    return one
            seen = len(self.told)
            assert await self.more(), f"no {event} among {self.kinds}"

    async def to_the_end(self) -> None:
        while await self.more():
            pass


@asynccontextmanager
async def over_http(
    http: httpx.AsyncClient, session_id: str = "default", **more: Any
) -> AsyncIterator[Stream]:
    path = f"/api/sessions/{session_id}/events"
    async with http.stream("GET", path, timeout=PATIENCE, **more) as response:
        pieces = _bytes(response)
        try:
            yield Stream(pieces, response.status_code, response.headers)
        finally:
            await pieces.aclose()


async def _bytes(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    async for piece in response.aiter_bytes():
        yield piece


@asynccontextmanager
async def in_process(
    app: FastAPI,
    session_id: str = "default",
    *,
    after: str | None = None,
    last_event_id: str | None = None,
    host: str = "127.0.0.1",
) -> AsyncIterator[Stream]:
    """httpx's own transport into an app waits for the end of an answer; a stream has none."""
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    leaves = asyncio.Event()
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        message = next(asked, None)
        if message is None:
            await leaves.wait()
            return {"type": "http.disconnect"}
        return message

    async def pieces() -> AsyncGenerator[bytes, None]:
        while True:
            message = await messages.get()
            if message["body"]:
                yield message["body"]
            if not message.get("more_body"):
                return

    scope = {**_scope(session_id, after, last_event_id), "client": (host, 1)}
    serving = asyncio.create_task(app(scope, receive, messages.put))  # type: ignore[arg-type]
    async with asyncio.timeout(PATIENCE):
        start = await messages.get()
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    stream = Stream(pieces(), start["status"], headers)
    try:
        yield stream
    finally:
        leaves.set()
        async with asyncio.timeout(PATIENCE):
            await serving
        await stream.pieces.aclose()


def _scope(session_id: str, after: str | None, last_event_id: str | None) -> dict[str, Any]:
    path = f"/api/sessions/{session_id}/events"
    headers = [(b"host", b"elsewhere.test")]
    if last_event_id is not None:
        headers.append((b"last-event-id", last_event_id.encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode({"after": after} if after is not None else {}).encode(),
        "headers": headers,
        "server": ("elsewhere.test", 80),
        "root_path": "",
    }
