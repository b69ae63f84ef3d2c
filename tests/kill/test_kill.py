"""kill -9 at random moments while eight sessions play over HTTP: nothing is lost (R1)."""

import asyncio
import json
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from app.storage.history import CLOSING
from tests.conftest import Measured

SESSIONS = 8


@dataclass
class Player:
    """One client: plays, remembers what was acknowledged, and asks again after a crash."""

    name: str
    draw: random.Random
    told: dict[int, str] = field(default_factory=dict)
    asked: int = 0
    in_doubt: tuple[str, dict[str, object]] | None = None

    async def play(self, http: httpx.AsyncClient, acknowledged: asyncio.Semaphore) -> None:
        """Play until the connection breaks."""
        while True:
            path, body = self.in_doubt or self._next()
            self.in_doubt = (path, body)
            key = f"{self.name}-{self.asked}"
            try:
                answer = await http.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                return
            await self._read(answer)
            self.in_doubt = None
            self.asked += 1
            acknowledged.release()

    def _next(self) -> tuple[str, dict[str, object]]:
        if not self.told:
            return "/api/game/intro", {"session_id": self.name, "seed": self.draw.randrange(10**6)}
        if self.told.get(max(self.told)) == "":
            return "/api/state/reset", {"session_id": self.name}
        words = f"wait and count to {self.asked}"
        body: dict[str, object] = {"session_id": self.name, "choice": words, "fate": "LUCKY"}
        return "/api/game/action", body | {"expected_turn": max(self.told)}

    async def _read(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        if data["turn"] == -1:
            self.told.clear()
            return
        expected = max(self.told, default=-1) + 1
        assert data["turn"] == expected, (self.name, data["turn"], expected)
        over = data["phase"] == "over"
        self.told[data["turn"]] = "" if over else data["dispatch"]

    async def check(self, http: httpx.AsyncClient) -> None:
        """After a restart: all that was acknowledged is there, and at most one turn more."""
        answer = await http.get("/api/sessions/" + self.name + "/history", params={"limit": 200})
        if answer.status_code == 404:
            assert not self.told
            return
        items = answer.json()["data"]["items"]
        kept = {item["turn"]: item["dispatch"] for item in items}
        if self.in_doubt and self.in_doubt[0] == "/api/state/reset" and len(kept) < len(self.told):
            return
        for turn, dispatch in self.told.items():
            assert turn in kept, (self.name, turn, sorted(kept))
            assert dispatch in ("", kept[turn])
        assert len(kept) - len(self.told) in (0, 1)
        assert sorted(kept) == list(range(len(kept)))


class Service:
    """A service process that can be killed and started again."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process, self._port = process, port

    async def start(self) -> int:
        """Start and wait for the first answer. Returns the pid."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{self._port}\n".encode())
        pid = int(await self._line())
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self._port}") as http:
            while True:
                try:
                    await http.get("/api/health")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.005)  # A port has no event to wait for.
        return pid

    async def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        assert await self._line() == "dead"

    async def _line(self) -> str:
        assert self._process.stdout is not None
        return (await self._process.stdout.readline()).decode().strip()


@asynccontextmanager
async def a_service(folder: Path, *options: str) -> AsyncIterator[tuple[Service, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.kill.zygote",
        str(folder),
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Service(process, port), f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


def _all_parse(folder: Path) -> None:
    """Every file is whole JSON."""
    for path in folder.glob("*/*.json"):
        json.loads(path.read_bytes())


def _all_committed_parses(folder: Path) -> None:
    """The same of what a kill left behind, before anything has repaired it.

    A kill ends a large write at any page, so that a record which was never committed may be torn:
    what is committed of a history, closed, is JSON all the same.
    """
    for path in folder.glob("*/*.json"):
        data = path.read_bytes()
        if path.name == "history.json":
            state = json.loads(path.with_name("state.json").read_bytes())
            data = data[: state["history_bytes"]] + CLOSING
        json.loads(data)


async def _kills(folder: Path, kills: int, seed: int, measured: Measured) -> None:
    draw, loop, longest = random.Random(seed), asyncio.get_running_loop(), 0.0
    players = [Player(f"p{n}", random.Random(f"{seed}|{n}")) for n in range(SESSIONS)]
    async with a_service(folder) as (service, url):
        pid = await service.start()
        for _ in range(kills):
            acknowledged = asyncio.Semaphore(0)
            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                await asyncio.gather(*(player.check(http) for player in players))
                await asyncio.to_thread(_all_parse, folder)
                playing = [asyncio.create_task(p.play(http, acknowledged)) for p in players]
                for _ in range(draw.randrange(1, 24)):
                    await acknowledged.acquire()
                for _ in range(draw.randrange(60)):
                    await asyncio.sleep(0)
                await service.kill(pid)
                await asyncio.gather(*playing)
            await asyncio.to_thread(_all_committed_parses, folder)
            begun = loop.time()
            pid = await service.start()
            longest = max(longest, loop.time() - begun)
        async with httpx.AsyncClient(base_url=url) as http:
            await asyncio.gather(*(player.check(http) for player in players))
        await service.kill(pid)
    acknowledgements = sum(player.asked for player in players)
    assert acknowledgements > kills
    measured("kills", kills)
    measured("calls acknowledged", acknowledgements)
    measured("lost", 0)
    measured("longest restart of a process that has its imports", f"{longest:.2f} s")


@pytest.mark.slow
@pytest.mark.timeout(420)
async def test_fifty_kills_lose_nothing_that_was_acknowledged(
    tmp_path: Path, measured: Measured
) -> None:
    await _kills(tmp_path / "sessions", 50, 20261122, measured)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_a_thousand_kills_lose_nothing_that_was_acknowledged(
    tmp_path: Path, measured: Measured
) -> None:
    await _kills(tmp_path / "sessions", 1000, 9, measured)
