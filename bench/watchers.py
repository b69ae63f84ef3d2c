"""R12: a thousand clients watch one session being played; one in ten of them never reads."""

import asyncio
import json
import random
import re
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Final

from bench.load import Connection, get, post
from bench.process import service
from bench.row import Row

WATCHERS: Final = 1000
NEVER_READS: Final = 10
"""Every so manieth."""
LEAVES: Final = 100
"""Every so manieth leaves in the middle, and resumes."""
WARM_UP: Final = 5
TURNS: Final = 30
FLAT: Final = 4.0
"""MiB. Garbage and buffers come and go; a leak of what is told would be many times that."""

_ID: Final = re.compile(rb"^id: ([0-9.]+)$", re.MULTILINE)
_TOLD_AT: Final = re.compile(rb"@(\d+\.\d+)")
_SMALL: Final = 4096
"""Bytes that the socket of a client that never reads takes in by itself, or nearly so few."""


@dataclass(eq=False)
class Watcher:
    """One client: it reads, leaves and resumes, or never reads until the end."""

    port: int
    session: str
    ids: list[str] = field(default_factory=list)
    turns_after: list[float] = field(default_factory=list)
    """Seconds from the end of the telling to the whole turn; the commit is among them."""
    words_after: list[float] = field(default_factory=list)
    dropped: int = 0
    _last: str = ""
    _reader: asyncio.StreamReader | None = None
    _writer: asyncio.StreamWriter | None = None

    async def open(self, *, small: bool = False) -> None:
        probe = socket.socket()
        if small:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        probe.setblocking(False)  # noqa: FBT003 (the socket's own)
        await asyncio.get_running_loop().sock_connect(probe, ("127.0.0.1", self.port))
        limit = _SMALL if small else 1 << 18
        self._reader, self._writer = await asyncio.open_connection(sock=probe, limit=limit)
        last = f"Last-Event-ID: {self._last}\r\n" if self._last else ""
        path = f"/api/sessions/{self.session}/events"
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{last}\r\n".encode())

    async def greeted(self) -> None:
        while not self._last:
            await self._frame()

    async def read(self, last_id: str | None = None) -> None:
        """Until the event of that id, or for ever; resumes whenever it is let go."""
        while last_id is None or self._last != last_id:
            try:
                await self._frame()
            except (asyncio.IncompleteReadError, ConnectionError):
                self.dropped += 1
                await self.open()

    async def leave(self) -> None:
        assert self._writer is not None
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _frame(self) -> None:
        assert self._reader is not None
        frame = await self._long_frame(self._reader)
        now = time.time()
        if (told := _TOLD_AT.findall(frame)) and b"event: turn.committed" in frame:
            self.turns_after.append(now - float(told[-1]))
        elif told and b"event: dispatch.delta" in frame:
            self.words_after.append(now - float(told[-1]))
        if (found := _ID.search(frame)) is not None:
            self._last = found[1].decode()
            if b"event: hello" not in frame:
                self.ids.append(self._last)

    async def _long_frame(self, reader: asyncio.StreamReader) -> bytes:
        """A frame may be longer than the little that a slow client takes in at once."""
        pieces = []
        while True:
            try:
                pieces.append(await reader.readuntil(b"\n\n"))
                return b"".join(pieces)
            except asyncio.LimitOverrunError as error:
                pieces.append(await reader.readexactly(error.consumed))


@dataclass(frozen=True)
class Watched:
    """What became of a crowd."""

    watchers: tuple[Watcher, ...]
    readers: int
    grown: float
    """MiB that the service held more at the end of the measured turns than at their begin."""

    @property
    def whole(self) -> bool:
        """Whether everybody heard everything, once and in the same order."""
        return all(one.ids == self.watchers[1].ids for one in self.watchers)

    @property
    def dropped(self) -> int:
        return sum(one.dropped for one in self.watchers)

    def p99(self, what: str) -> float:
        """Of `turns_after` or `words_after`, over those who read. Seconds."""
        measured = [s for one in self.watchers[: self.readers] for s in getattr(one, what)]
        worst: float = quantiles(measured, n=100, method="inclusive")[98]
        return worst


async def watch(port: int, session: str, watchers: int, turns: int) -> Watched:
    """Have a crowd watch while `turns` turns are played, some leave, and some never read."""
    crowd = [Watcher(port, session) for _ in range(watchers)]
    silent = crowd[::NEVER_READS]
    readers = [one for one in crowd if one not in silent]
    await _in_turn(one.open(small=one in silent) for one in crowd)
    await asyncio.gather(*(one.greeted() for one in crowd))
    reading = {id(one): asyncio.create_task(one.read()) for one in readers}
    draw = random.Random(watchers)
    await _play(port, session, WARM_UP)
    before = await _rss(port)
    for turn in range(turns):
        leaving = [one for n, one in enumerate(readers) if n % LEAVES == turn % LEAVES]
        await asyncio.gather(
            _play(port, session, 1), *(_leave(one, reading, draw) for one in leaving)
        )
    grown = await _rss(port) - before
    last_id = await _last_id(port, session)
    for task in reading.values():
        task.cancel()
    await asyncio.wait(reading.values())
    await asyncio.gather(*(one.read(last_id) for one in crowd))
    for one in crowd:
        await one.leave()
    return Watched((*readers, *silent), len(readers), grown)


async def _leave(one: Watcher, reading: dict[int, asyncio.Task[None]], draw: random.Random) -> None:
    await asyncio.sleep(draw.random() / 2)
    reading[id(one)].cancel()
    await asyncio.wait({reading[id(one)]})
    await one.leave()
    await one.open()
    reading[id(one)] = asyncio.create_task(one.read())


async def _play(port: int, session: str, turns: int) -> None:
    connection = await Connection.open(port)
    body = json.dumps({"session_id": session, "choice": "wait", "fate": "LUCKY"})
    for _ in range(turns):
        status, answer = await connection.ask(post("/api/game/action", body))
        assert status == 200, answer
    connection.close()


async def _last_id(port: int, session: str) -> str:
    connection = await Connection.open(port)
    _, answer = await connection.ask(get(f"/api/state?session_id={session}"))
    connection.close()
    return str(json.loads(answer)["data"]["last_event_id"])


async def _rss(port: int) -> float:
    connection = await Connection.open(port)
    _, answer = await connection.ask(get("/bench/lag"))
    connection.close()
    held: float = json.loads(answer)["rss"]
    return held


async def _in_turn(opened: Iterable[object], at_once: int = 50) -> None:
    gate = asyncio.Semaphore(at_once)

    async def one(work: object) -> None:
        async with gate:
            await work  # type: ignore[misc]

    await asyncio.gather(*map(one, opened))


async def begin(port: int, session: str) -> None:
    """A session without pictures, at its intro."""
    connection = await Connection.open(port)
    made = {"session_id": session, "seed": 7, "settings": {"images": False}}
    for path, body in (("/api/sessions", made), ("/api/game/intro", {"session_id": session})):
        status, answer = await connection.ask(post(path, json.dumps(body)))
        assert status < 300, answer
    connection.close()


async def plainly(port: int, watchers: int, seconds: float) -> float:
    """p99 of a server that writes the same bytes to as many sockets, and does nothing else."""
    crowd = [Watcher(port, "s0") for _ in range(watchers)]
    silent = crowd[::NEVER_READS]
    await _in_turn(one.open(small=one in silent) for one in crowd)
    await asyncio.gather(*(one.greeted() for one in crowd))
    readers = [one for one in crowd if one not in silent]
    reading = [asyncio.create_task(one.read()) for one in readers]
    await asyncio.wait(reading, timeout=seconds)
    for task in reading:
        task.cancel()
    await asyncio.wait(reading)
    for one in crowd:
        await one.leave()
    return Watched(tuple(readers), len(readers), 0.0).p99("turns_after")


async def watching() -> list[Row]:
    """R12: memory, latency, and nothing missed or told twice."""
    async with service("fanout", ready="/") as fanout:
        reference = await plainly(fanout.port, WATCHERS, 10)
    async with service("ours", "telling") as ours:
        await begin(ours.port, "s0")
        watched = await watch(ours.port, "s0", WATCHERS, TURNS)
    turns, words = watched.p99("turns_after"), watched.p99("words_after")
    what = f"{WATCHERS} watch, 1 in {NEVER_READS} never reads"
    left = sum(n % LEAVES < TURNS for n in range(watched.readers))
    events = len(watched.watchers[1].ids)
    resumed = f"{events} events each; {left} left and {watched.dropped} were let go, and resumed"
    return [
        Row(
            "R12",
            f"{what}: p99 of a turn",
            f"{reference * 1000:.0f} ms",
            f"{turns * 1000:.0f} ms",
            f"{turns / reference:.1f}x",
            "< 100 ms",
            turns < 0.1,
        ),
        Row(
            "R12",
            "p99 of words as they are written",
            "-",
            f"{words * 1000:.0f} ms",
            "",
            "< 100 ms",
            words < 0.1,
        ),
        Row(
            "R12",
            f"memory grown in {TURNS} turns",
            "-",
            f"{watched.grown:.1f} MiB",
            "",
            f"flat: < {FLAT:.0f} MiB",
            watched.grown < FLAT,
        ),
        Row(
            "R12",
            resumed,
            "-",
            "all whole, in order" if watched.whole else "not whole",
            "",
            "no gap, no double",
            watched.whole,
        ),
    ]
