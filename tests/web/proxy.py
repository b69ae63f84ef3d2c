"""Something between the browser and the server that does to bytes what networks do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

Fault = Literal["none", "hold", "stall", "half"]


class Proxy:
    """Passes everything on, except what `fault` says of event streams:

    `hold` keeps them back from the first byte, as a buffering proxy does; `stall` lets them go
    quiet without closing them, as a lost radio does; `half` ends one in the middle of the next
    turn that it tells, once.
    """

    def __init__(self, host: str, port: int) -> None:
        self.fault: Fault = "none"
        self.url = ""
        self._upstream = host, port
        self._writers: set[asyncio.StreamWriter] = set()

    def cut(self) -> None:
        """Close every connection, in the middle of whatever it says."""
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream = await asyncio.open_connection(*self._upstream)
        self._writers |= {writer, upstream}
        streams = asyncio.Event()
        try:
            await asyncio.gather(
                self._ask(reader, upstream, streams), self._answer(upstream_reader, writer, streams)
            )
        finally:
            self._writers -= {writer, upstream}

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, streams: asyncio.Event
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if b"/events" in data.split(b"\r\n", 1)[0]:
                    streams.set()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, streams: asyncio.Event
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if streams.is_set() and self.fault == "half":
                    if b"event: turn.committed" in data:
                        self.fault = "none"
                        writer.write(data[: len(data) // 2])
                        break
                elif streams.is_set() and self.fault != "none":
                    continue  # Nothing of it ever arrives.
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def between(url: str) -> AsyncIterator[Proxy]:
    host, _, port = url.removeprefix("http://").partition(":")
    proxy = Proxy(host, int(port))
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        proxy.cut()
        server.close()
