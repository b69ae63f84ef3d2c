"""kill -9 in the middle of an encoding, with real processes."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

import httpx
import pytest

SERVER = """
import sys
import uvicorn
from pathlib import Path
from app.main import create_app
from app.settings import ServiceSettings
from tests.doubles import QuickIllustrator
from tests.tapes.runs import SMALL
from dataclasses import replace

settings = ServiceSettings(sessions_dir=Path(sys.argv[1]), log_level="error")
app = create_app(settings, illustrator=QuickIllustrator())
# Large enough that a film takes a while, or small enough that it takes none.
app.state.service.game.tapes._form = replace(SMALL, width=int(sys.argv[3]), height=int(sys.argv[4]))
uvicorn.run(app, port=int(sys.argv[2]), log_level="error", access_log=False)
"""
FILM = "/api/sessions/default/tapes"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _serve(folder: Path, port: int, size: tuple[int, int]) -> asyncio.subprocess.Process:
    arguments = [str(folder), str(port), *map(str, size)]
    return await asyncio.create_subprocess_exec(sys.executable, "-c", SERVER, *arguments)


async def _answers(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                if (await http.get("/api/health")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


async def _until(http: httpx.AsyncClient, status: str, *, progress: float = 0.0) -> dict[str, str]:
    async with asyncio.timeout(90):
        while True:
            items = (await http.get(FILM)).json()["data"]["items"]
            if items and items[0]["status"] == status and items[0]["progress"] >= progress:
                found: dict[str, str] = items[0]
                return found
            await asyncio.sleep(0.02)


def _workers(parent: int) -> list[int]:
    """Processes that `parent` has started."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == parent:
                found.append(int(entry.name))
    return found


async def _gone(pids: list[int]) -> None:
    async with asyncio.timeout(20):
        while any(Path(f"/proc/{pid}").exists() and not _zombie(pid) for pid in pids):
            await asyncio.sleep(0.02)


def _zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.slow
async def test_a_kill_in_mid_encoding_leaves_nothing_served_and_the_film_is_made_after_it(
    tmp_path: Path,
) -> None:
    folder, port = tmp_path / "sessions", _free_port()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
        server = await _serve(folder, port, (960, 720))
        try:
            await _answers(http)
            await http.post("/api/game/intro", json={"seed": 7})
            for _ in range(3):
                await http.post("/api/game/action", json={"choice": "wait"})
            asked = (await http.post(FILM)).json()["data"]
            await _until(http, "making", progress=0.05)
            workers = _workers(server.pid)
        finally:
            os.kill(server.pid, signal.SIGKILL)
            await server.wait()
        assert workers
        await _gone(workers)
        assert {one.suffix for one in (folder / "default" / "tapes").iterdir()} == {".vtt"}
        assert list((folder / ".incoming").iterdir()), "it was in the middle of it"
        server = await _serve(folder, port, (96, 72))
        try:
            await _answers(http)
            tape = await _until(http, "ready")
            assert tape["name"] == asked["name"]
            film = await http.get(tape["url"])
            assert film.status_code == 200
            assert film.content[4:8] == b"ftyp"
            assert not list((folder / ".incoming").iterdir())
        finally:
            server.terminate()
            await server.wait()
