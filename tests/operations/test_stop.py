"""SIGTERM under load: turns finish or roll back in time, nothing acknowledged is lost (R13)."""

import asyncio
import random
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.conftest import Measured
from tests.doubles import HeldNarrator
from tests.http.conftest import ClientMaker, assert_failed
from tests.operations.conftest import Command
from tests.operations.uneven_service import NEVER_TOLD

CLIENTS = 16
STOPS = 3
SHUTDOWN_SECONDS = 3
IN_TIME = 10
PATIENCE = 60


@dataclass
class Player:
    """Plays until it gets no good answer, and knows what was acknowledged."""

    name: str
    told: list[str] = field(default_factory=list)
    asked: int = 0
    over: bool = False
    in_doubt: bool = False
    turned_away: int = 0
    """Times that it was told that the service stops."""

    async def play(self, http: httpx.AsyncClient, acknowledged: asyncio.Semaphore) -> None:
        while not self.over:
            self.in_doubt = True
            try:
                answer = await self.ask(http)
            except httpx.TransportError:
                return
            if answer.status_code != httpx.codes.OK:
                assert_failed(answer, 503, "not_ready")
                self.turned_away += 1
                return
            self.take(answer)
            acknowledged.release()

    async def ask(self, http: httpx.AsyncClient) -> httpx.Response:
        path, body = "/api/game/intro", {"session_id": self.name, "seed": 5}
        if self.told:
            path = "/api/game/action"
            body = {"session_id": self.name, "choice": "Wait", "fate": "LUCKY"}
            body["expected_turn"] = len(self.told) - 1
        key = f"{self.name}-{self.asked}"
        return await http.post(path, json=body, headers={"Idempotency-Key": key})

    def take(self, answer: httpx.Response) -> None:
        data = answer.json()["data"]
        assert data["turn"] == len(self.told), "a turn was played twice, or lost"
        self.told.append(data["dispatch"])
        self.over = data["phase"] == "over"
        self.asked += 1
        self.in_doubt = False

    async def check(self, http: httpx.AsyncClient) -> None:
        """What was acknowledged is there, and at most the one turn that was in doubt besides."""
        answer = await http.get(f"/api/sessions/{self.name}/history", params={"limit": 200})
        if not self.told and answer.status_code == httpx.codes.NOT_FOUND:
            return
        kept = [item["dispatch"] for item in answer.json()["data"]["items"]][::-1]
        assert kept[: len(self.told)] == self.told, self.name
        assert len(kept) - len(self.told) in ((0, 1) if self.in_doubt else (0,)), self.name
        if self.in_doubt and self.name != NEVER_TOLD:  # The same key: the same turn, made once.
            self.take(await self.ask(http))


@dataclass
class Watcher:
    """Watches a session until its stream ends, and knows whether that was in order."""

    name: str
    heard: bytes = b""
    ended_well: bool = False

    async def watch(self, http: httpx.AsyncClient, begun: asyncio.Semaphore) -> None:
        async with http.stream("GET", f"/api/sessions/{self.name}/events") as answer:
            assert answer.status_code == httpx.codes.OK
            async for piece in answer.aiter_bytes():
                if not self.heard:
                    begun.release()
                self.heard += piece
        self.ended_well = True


class Service:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said: list[bytes] = []

    async def url(self) -> str:
        async for line in self._lines():
            if found := re.search(rb"(http://[0-9.:]+)", line):
                return found[1].decode()
        raise AssertionError(b"".join(self._said).decode())

    async def stop(self, signals: int) -> tuple[float, str]:
        """Ask it to, so often; how long it took, and all that was logged."""
        clock = asyncio.get_running_loop().time
        began = clock()
        for _ in range(signals):
            self._process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.05)
        async for _ in self._lines():
            pass
        await self._process.wait()
        return clock() - began, b"".join(self._said).decode()

    async def _lines(self) -> AsyncIterator[bytes]:
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            self._said.append(line)
            yield line


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Service]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.operations.uneven_service"),
        *("serve", "--port", "0", "--sessions-dir", str(folder)),
        env={"LC_ALL": "C", "ELSEWHERE_SHUTDOWN_SECONDS": str(SHUTDOWN_SECONDS)},
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    try:
        yield Service(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def stopped_under_load(
    folder: Path, players: list[Player], *, turns: int, signals: int
) -> tuple[float, str]:
    acknowledged, begun = asyncio.Semaphore(0), asyncio.Semaphore(0)
    watchers = [Watcher(player.name) for player in players[:4]]
    async with serving(folder) as service, asyncio.timeout(PATIENCE):
        url = await service.url()
        async with httpx.AsyncClient(base_url=url, timeout=PATIENCE) as http:
            for player in players:
                await player.check(http)
            playing = [asyncio.create_task(one.play(http, acknowledged)) for one in players]
            for _ in range(turns):
                await acknowledged.acquire()
            watching = [asyncio.create_task(one.watch(http, begun)) for one in watchers]
            for _ in watchers:
                await begun.acquire()
            seconds, logged = await service.stop(signals)
            await asyncio.gather(*playing, *watching)
    assert all(watcher.ended_well for watcher in watchers), "a stream was cut off"
    return seconds, logged


@pytest.mark.slow
async def test_a_stop_under_load_loses_nothing(
    tmp_path: Path, elsewhere: Command, measured: Measured
) -> None:
    folder, draw = tmp_path / "sessions", random.Random(13)
    names = [NEVER_TOLD, *(f"s{number}" for number in range(CLIENTS - 1))]
    players = [Player(name) for name in names]
    longest = 0.0
    for number in range(1, STOPS + 1):
        turns = CLIENTS + draw.randrange(20)
        signals = draw.randrange(1, 4)
        seconds, logged = await stopped_under_load(folder, players, turns=turns, signals=signals)
        assert seconds < IN_TIME
        longest = max(longest, seconds)
        assert "app.main closed" in logged
        assert "Traceback" not in logged
        assert len(players[0].told) == 1, "the turn that never ends was rolled back"
        assert players[0].turned_away == number, "and its client was told"
        checked = elsewhere("check")
        assert checked.status == 0, checked.out
        assert "left behind" not in checked.out, checked.out
        assert checked.line(NEVER_TOLD).startswith(f"{NEVER_TOLD}: well; 1 turn,")
    async with serving(folder) as service, asyncio.timeout(PATIENCE):
        async with httpx.AsyncClient(base_url=await service.url(), timeout=PATIENCE) as http:
            for player in players:
                await player.check(http)
        await service.stop(1)
    told = sum(len(player.told) for player in players)
    assert told > CLIENTS * STOPS
    measured("stops", STOPS)
    measured("turns acknowledged and kept", told)
    measured("longest stop", f"{longest:.1f} s")


async def test_a_turn_that_does_not_end_in_time_is_rolled_back_and_no_other_begins(
    a_client: ClientMaker,
) -> None:
    narrator = HeldNarrator("ours")
    async with a_client() as client:
        before = await client.intro("ours")
        await client.intro("theirs")
    async with a_client(narrator=narrator) as client:
        body = {"session_id": "ours", "choice": "Wait"}
        playing = asyncio.create_task(client.post("/api/game/action", json=body))
        await narrator.entered.acquire()
        await client.app.state.service.game.jobs.close(0)
        assert_failed(await playing, 503, "not_ready")
        body["session_id"] = "theirs"
        assert_failed(await client.post("/api/game/action", json=body), 503, "not_ready")
        state = await client.data("GET", "/api/state", params={"session_id": "ours"})
        assert (state["turn"], state["dispatch"]) == (0, before["dispatch"])
    async with a_client() as client:
        assert (await client.act("ours"))["turn"] == 1
