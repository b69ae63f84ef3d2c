"""A measured service in a process of its own."""

import asyncio
import contextlib
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.histories import prepare_ours, prepare_previous
from bench.load import Connection, get


@dataclass(frozen=True, slots=True)
class Service:
    port: int
    folder: Path
    started_in: float
    """Seconds from the order to start to the first answer."""


@asynccontextmanager
async def service(
    kind: str, *options: str, ready: str = "/api/state", sessions: int = 0, turns: int = 0
) -> AsyncIterator[Service]:
    """Run `bench.servers KIND` on a fresh folder until the block ends.

    The folder already holds `sessions` sessions (`s0`, `s1`, ...) of `turns` turns each.
    """
    with tempfile.TemporaryDirectory(prefix="elsewhere-bench-") as name:
        folder, port = Path(name) / "sessions", free_port()
        if sessions:
            prepare = prepare_previous if kind == "previous" else prepare_ours
            await prepare(folder, sessions, turns)
        command = ("bench.servers", kind, str(folder), str(port), *options)
        async with running(*command, port=port, ready=ready) as started_in:
            yield Service(port, folder, started_in)


@asynccontextmanager
async def running(module: str, *options: str, port: int, ready: str) -> AsyncIterator[float]:
    """Run a module until the block ends; gives the seconds until it first answered."""
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *options)
    try:
        await _answers(port, ready)
        yield time.perf_counter() - begun
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _answers(port: int, path: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                connection = await Connection.open(port)
            except OSError:
                await asyncio.sleep(0.01)
                continue
            await connection.ask(get(path))
            connection.close()
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
