"""The service behind a real socket in this process, with the connections that `serve` makes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from app.edge.limits.sockets import WASTED_SECONDS, Config, Patience
from app.limit_settings import LimitSettings

PATIENCE = 20


@asynccontextmanager
async def served(
    app: FastAPI, *, wasted_seconds: float = WASTED_SECONDS, **settings: Any
) -> AsyncIterator[int]:
    """The port. The app's lifespan is the caller's."""
    config = Config(
        app,
        patience=replace(Patience.of(LimitSettings(**settings)), wasted_seconds=wasted_seconds),
        refused=app.state.service.metrics.refused,
        port=0,
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


@dataclass(frozen=True, slots=True)
class Line:
    """A connection of which every byte is ours."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
        await self.writer.drain()

    async def rest(self) -> bytes:
        """Everything that still comes, until the server hangs up."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read()

    async def answer(self) -> httpx.Response:
        """The next answer, whose length must be told."""
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, *lines = head.split("\r\n")[:-2]
            parts = [line.partition(": ") for line in lines]
            headers = httpx.Headers([(name, value) for name, _, value in parts])
            body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return httpx.Response(int(status.split()[1]), headers=headers, content=body)

    async def is_over(self) -> bool:
        """Whether the server hangs up without another word."""
        return await self.rest() == b""


@asynccontextmanager
async def line_to(port: int) -> AsyncIterator[Line]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Line(reader, writer)
    finally:
        writer.transport.abort()


def post(path: str, body: object, *headers: str) -> bytes:
    """A whole request."""
    content = json.dumps(body).encode()
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json"]
    lines += [f"Content-Length: {len(content)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + content


GET = b"GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
