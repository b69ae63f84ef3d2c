"""A service in a process of its own, which a test may kill."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def killable(folder: Path, port: int) -> AsyncIterator[httpx.AsyncClient]:
    """Serves until the end of the block, and is then killed, whatever it is at.

    The client that is given speaks to it.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.slow_server", str(folder), str(port)
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
            while not await _answers(http):
                assert process.returncode is None
                await asyncio.sleep(0.02)
            yield http
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def _answers(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/api/health")).is_success
    except httpx.TransportError:
        return False
