"""A load of plain HTTP/1.1 requests from one process, as light as Python allows.

The generator shares the machine with the service, so what it costs is taken from both sides of
a ratio alike; it speaks over raw streams because a full client costs more than the service.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import quantiles

Request = bytes


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of requests came to. Seconds."""

    requests: int
    seconds: float
    latencies: tuple[float, ...]
    refused: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds

    def percentile(self, percent: int) -> float:
        return quantiles(self.latencies, n=100, method="inclusive")[percent - 1]


def post(path: str, body: str) -> Request:
    data = body.encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


def get(path: str) -> Request:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


class Connection:
    """One connection, one request at a time; opened anew where the server closes it."""

    def __init__(
        self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._port, self._reader, self._writer = port, reader, writer

    @classmethod
    async def open(cls, port: int) -> "Connection":
        return cls(port, *await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, request: Request) -> tuple[int, bytes]:
        """Send and read the whole answer: status and body."""
        self._writer.write(request)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.index(b"\r\n", at)])
        body = await self._reader.readexactly(length)
        if b"connection: close" in head:
            self._writer.close()
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return int(head[9:12]), body

    def close(self) -> None:
        self._writer.close()


Ask = Callable[[bytes], Request | None]
"""The next request, given the answer to the last one (empty at first); None ends."""


async def run(port: int, clients: int, requests: int, client: Callable[[int], Ask]) -> Load:
    """`clients` connections send `requests` in all; `client(n)` asks for the n-th of them."""
    connections = [await Connection.open(port) for _ in range(clients)]
    latencies: list[float] = []
    refused = 0
    left = requests

    async def one(ask: Ask, connection: Connection) -> None:
        nonlocal left, refused
        answer = b""
        while left > 0 and (request := ask(answer)) is not None:
            left -= 1
            begun = time.perf_counter()
            status, answer = await connection.ask(request)
            latencies.append(time.perf_counter() - begun)
            refused += status >= 400

    begun = time.perf_counter()
    await asyncio.gather(*(one(client(n), connection) for n, connection in enumerate(connections)))
    seconds = time.perf_counter() - begun
    for connection in connections:
        connection.close()
    return Load(len(latencies), seconds, tuple(latencies), refused)
