"""Bytes of HTTP/1.1 answers, written by hand so that they can be wrong."""

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Response
from fastapi.responses import StreamingResponse

from tests.providers.asked import Asked
from tests.providers.fake_openai import FakeOpenAI, Said

REASONS: Final = {200: "OK", 302: "Found", 429: "Too Many Requests"}


class Hangup(Exception):
    """Nothing more is said on this connection."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One request that is about to be answered wrongly, and the means to do it."""

    writer: asyncio.StreamWriter
    asked: Asked
    fake: FakeOpenAI

    @property
    def streamed(self) -> bool:
        """Whether the answer was asked for as a stream."""
        return self.asked.kind == "text" and bool(self.asked.json.get("stream"))

    async def raw(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(
        self, status: int, body: bytes, media_type: str = "application/json", **headers: str
    ) -> None:
        """A whole answer; a header's name is written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"content-type": media_type, "content-length": str(len(body))} | named
        await self.raw(head(status, given) + body)

    async def json(self, status: int, content: Any, **headers: str) -> None:
        await self.answer(status, json.dumps(content).encode(), **headers)

    async def error(self, status: int, message: str, code: str = "", **headers: str) -> None:
        """An error in the API's own shape."""
        error = {"message": message, "type": "error", "code": code, "param": None}
        await self.json(status, {"error": error}, **headers)

    async def said(self, said: Said) -> None:
        await send_answer(self.writer, self.fake.say(self.asked, said))

    async def well(self) -> tuple[Mapping[str, str], bytes]:
        """Headers and body of the right answer."""
        response = await self.fake.respond(self.asked)
        body = b"".join([piece async for piece in pieces(response)])
        media_type = response.headers["content-type"]
        return {"content-type": media_type, "content-length": str(len(body))}, body

    async def told(self) -> str:
        """What a well model says: the content of the message alone."""
        return json.dumps(self.fake.story(self.asked))

    def reset(self) -> None:
        """Break the connection off so that the other side gets an error, not an end."""
        raw: socket.socket = self.writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        raise Hangup


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Broken')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def pieces(response: Response) -> AsyncIterator[bytes]:
    """An answer's body as it would be sent."""
    if isinstance(response, StreamingResponse):
        async for piece in response.body_iterator:
            yield piece.encode() if isinstance(piece, str) else bytes(piece)
    else:
        yield bytes(response.body)


def chunk(piece: bytes) -> bytes:
    """One piece of a body of unknown length; the empty one ends it."""
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


async def send_answer(writer: asyncio.StreamWriter, response: Response) -> None:
    """A right answer, streamed if it is a stream."""
    headers = dict(response.headers)
    streamed = isinstance(response, StreamingResponse)
    if streamed:
        headers["transfer-encoding"] = "chunked"
    writer.write(head(response.status_code, headers))
    async for piece in pieces(response):
        writer.write(chunk(piece) if streamed else piece)
        await writer.drain()
    if streamed:
        writer.write(chunk(b""))
    await writer.drain()
