"""R1: how soon a killed service answers again. R10: what five hundred slow sockets do to others."""

import asyncio
import json
import os
import signal
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import quantiles

from bench.histories import prepare_ours
from bench.load import Ask, Connection, get, post, run
from bench.process import free_port, running, service
from bench.row import Row

SESSIONS = 8
TURNS = 30
KILLS = 5
PLAYED = 0.3
"""Seconds of play before each kill."""
SLOW = 500
DRIP = 1.0
"""Seconds between two bytes of a slow head."""
READS = 3000
MOST_MEMORY = 20
"""MiB that they may cost."""
STATE = get("/api/state?session_id=s0")


async def restarting() -> list[Row]:
    """R1: kill -9 while eight sessions play, and start a whole process anew."""
    took: list[float] = []
    with tempfile.TemporaryDirectory(prefix="elsewhere-bench-") as name:
        folder, port = Path(name) / "sessions", free_port()
        await prepare_ours(folder, SESSIONS, TURNS)
        command = ("bench.servers", "ours", str(folder), str(port), "null")
        ready = "/api/state?session_id=s0"
        for _ in range(KILLS + 1):
            async with running(*command, port=port, ready=ready) as started_in:
                took.append(started_in)
                await _killed(port)
    worst = max(took[1:])
    what = f"kill -9 to first answer, {SESSIONS} sessions, the longest of {KILLS}"
    return [Row("R1", what, "-", f"{worst:.2f} s", "", "< 2 s", worst < 2)]


async def _killed(port: int) -> None:
    playing = asyncio.create_task(run(port, SESSIONS, 10**9, _acts))
    await asyncio.sleep(PLAYED)
    pid = (await _told(port, "/bench/process"))["pid"]
    os.kill(int(pid), signal.SIGKILL)
    await asyncio.wait({playing})
    assert isinstance(playing.exception(), OSError | EOFError), "the service lives"


def _acts(n: int) -> Ask:
    body = {"session_id": f"s{n}", "choice": "Listen to the wire", "fate": "LUCKY"}
    return lambda _: post("/api/game/action", json.dumps(body))


async def slow_heads() -> list[Row]:
    """R10: others read while five hundred sockets say a byte of their head each second."""
    async with service("ours", "null", sessions=1, turns=5) as ours:
        await _reads(ours.port)
        quiet = await _reads(ours.port)
        memory = (await _told(ours.port, "/bench/lag"))["rss"]
        async with _slow(ours.port) as dripping:
            busy = await _reads(ours.port)
            grown = (await _told(ours.port, "/bench/lag"))["rss"] - memory
            held = sum(not task.done() for task in dripping)
        quiet = [*quiet, *await _reads(ours.port)]
    before, during = _p99(quiet), _p99(busy)
    ratio = during / before
    return [
        Row("R10", f"p99 of reading beside {held} slow sockets", f"{before * 1000:.2f} ms",
            f"{during * 1000:.2f} ms", f"{ratio:.2f}x", "< 2x", ratio < 2 and held == SLOW),
        Row("R10", "memory that they cost", "-", f"{grown:.1f} MiB", "", f"< {MOST_MEMORY} MiB",
            grown < MOST_MEMORY),
    ]  # fmt: skip


@asynccontextmanager
async def _slow(port: int) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Sockets that go on saying a head; a task is done when its socket was let go."""
    tasks = [asyncio.create_task(_drip(port)) for _ in range(SLOW)]
    await asyncio.sleep(DRIP)
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def _drip(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for byte in STATE:
            writer.write(bytes([byte]))
            await asyncio.wait({leaving := asyncio.create_task(reader.read(1))}, timeout=DRIP)
            if leaving.done():
                return
            leaving.cancel()
    finally:
        writer.transport.abort()


async def _reads(port: int) -> list[float]:
    return list((await run(port, 1, READS, lambda _: lambda _: STATE)).latencies)


def _p99(latencies: list[float]) -> float:
    return quantiles(latencies, n=100, method="inclusive")[98]


async def _told(port: int, path: str) -> dict[str, float]:
    connection = await Connection.open(port)
    _, answer = await connection.ask(get(path))
    connection.close()
    told: dict[str, float] = json.loads(answer)
    return told
