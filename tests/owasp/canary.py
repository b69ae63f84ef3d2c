"""A neighbour on this machine that nobody has any business with, and who notes who comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def canary() -> AsyncIterator[tuple[int, list[bytes]]]:
    """Its port, and the first words of everybody who came."""
    heard: list[bytes] = []

    async def notes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65_536))
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(notes, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], heard
