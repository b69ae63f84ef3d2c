"""A model server over real sockets that misbehaves on purpose, each case in its own way.

    async with FaultServer.open(fake) as server:
        server.plan("case-1", text=["status_500"])    # each call of a kind takes the next fault;
        server.base_url("case-1")                      # the last one stays
        server.heal("case-1")

What is not planned is answered as `fake` answers it. The faults themselves are in `faults.py`.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Self

from tests.providers.asked import Asked, Kind, read
from tests.providers.fake_openai import FakeOpenAI
from tests.providers.faults import FAULTS
from tests.providers.wire import Hangup, Wire, send_answer

WELL: Final = "well"
"""In a plan: this call is answered well."""


@dataclass(slots=True)
class Plan:
    """What goes wrong in one case, by kind of call."""

    faults: dict[Kind, list[str]] = field(default_factory=dict)

    def next(self, kind: Kind) -> str | None:
        left = self.faults.get(kind)
        if not left:
            return None
        return left[0] if len(left) == 1 else left.pop(0)


class FaultServer:
    """Speaks just enough HTTP/1.1 to break it."""

    def __init__(self, fake: FakeOpenAI) -> None:
        self.fake = fake
        self.asked: list[tuple[str, Asked]] = []
        """Every request, with its case."""
        self._plans: dict[str, Plan] = {}
        self._talks: set[asyncio.Task[None]] = set()
        self._wronged: dict[asyncio.Task[None], str] = {}
        self._servers: list[asyncio.Server] = []
        self._held: list[socket.socket] = []
        self._port = 0

    @classmethod
    @asynccontextmanager
    async def open(cls, fake: FakeOpenAI) -> AsyncIterator[Self]:
        """Listen until the block ends; then whoever still waits is hung up on."""
        server = cls(fake)
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        server._port = listener.getsockname()[1]
        await server._accept(listener)
        try:
            yield server
        finally:
            await server._close()

    def base_url(self, case: str) -> str:
        return f"http://127.0.0.1:{self._port}/{case}/v1"

    def plan(self, case: str, **faults: Iterable[str]) -> None:
        """What goes wrong: a sequence of faults for each kind of call."""
        self._plans[case] = Plan({kind: list(names) for kind, names in faults.items()})  # type: ignore[misc]

    def heal(self, case: str) -> None:
        self._plans.pop(case, None)

    def calls(self, case: str, kind: Kind) -> list[Asked]:
        return [asked for owner, asked in self.asked if owner == case and asked.kind == kind]

    async def let_go(self, case: str) -> None:
        """Wait until nobody of this case is left on a connection that went wrong."""
        while waiting := [one for one, owner in self._wronged.items() if owner == case]:
            await asyncio.wait(waiting)

    # -- a door of one's own: faults that come before any request ---------------------------

    def shut_door(self, *, silently: bool) -> "Door":
        """An address that refuses, or (silently) never accepts, until it is opened."""
        listener = socket.socket()
        self._held.append(listener)
        listener.bind(("127.0.0.1", 0))
        if silently:
            listener.listen(0)
            filler = socket.create_connection(listener.getsockname())  # The queue holds one.
            self._held.append(filler)
        return Door(self, listener)

    async def _accept(self, listener: socket.socket) -> None:
        self._servers.append(await asyncio.start_server(self._greet, sock=listener, backlog=512))

    # -- talking -----------------------------------------------------------------------------

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        try:
            while await self._talk(reader, writer):
                pass
        except (Hangup, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # Either side hung up: what happens here.
        finally:
            self._talks.discard(talk)
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether there may be another."""
        case, asked = await _heard(reader)
        self.asked.append((case, asked))
        plan = self._plans.get(case)
        fault = plan.next(asked.kind) if plan else None
        if fault in (None, WELL):
            await send_answer(writer, await self.fake.respond(asked))
            return True
        wrong = asyncio.ensure_future(FAULTS[fault or WELL](Wire(writer, asked, self.fake)))
        self._wronged[wrong] = case
        left = asyncio.create_task(_left(reader))
        try:
            await asyncio.wait({wrong, left}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._wronged[wrong]
            for task in (wrong, left):
                task.cancel()
            await asyncio.wait({wrong, left})
        if not wrong.cancelled():
            wrong.result()
        return False

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for talk in list(self._talks):
            talk.cancel()
        if self._talks:
            await asyncio.wait(self._talks)
        for server in self._servers:
            await server.wait_closed()
        for held in self._held:
            held.close()


@dataclass(frozen=True, slots=True)
class Door:
    """An address that nobody gets through yet."""

    server: FaultServer
    listener: socket.socket

    def base_url(self, case: str) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}/{case}/v1"

    async def open(self) -> None:
        await self.server._accept(self.listener)


async def _left(reader: asyncio.StreamReader) -> None:
    """Ends when the other side closes: it has nothing more to say until it is answered."""
    with suppress(ConnectionError):
        await reader.read(1)


async def _heard(reader: asyncio.StreamReader) -> tuple[str, Asked]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    line, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = line.split(" ")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    if headers.get("transfer-encoding") == "chunked":
        body = await _unchunked(reader)
    else:
        body = await reader.readexactly(int(headers.get("content-length", 0)))
    case, _, path = target.removeprefix("/").partition("/")
    return case, read(method, f"/{path}", headers, body)


async def _unchunked(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readline()
    return body
