"""kill -9 while turns are being told: who watches misses nothing and is told nothing twice."""

import asyncio
import random
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from app.engine.channel import EventId
from tests.http.streams import Heard, over_http
from tests.kill.test_kill import a_service

KILLS = 12


@dataclass
class Watcher:
    """A client that shows a game: it draws what it is told, and resumes after a crash."""

    last_id: str | None = None
    turns: dict[int, str] = field(default_factory=dict)
    text: dict[int, str] = field(default_factory=dict)
    """What was heard of the turn that is being made."""
    cut_off: int = 0
    resyncs: int = 0
    resets: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self, http: httpx.AsyncClient) -> None:
        """Until the connection breaks."""
        headers = {} if self.last_id is None else {"Last-Event-ID": self.last_id}
        self.text.clear()
        try:
            async with over_http(http, "tale", headers=headers) as stream:
                seen = 0
                while await stream.more():
                    for one in stream.told[seen:]:
                        await self._draw(http, one)
                    seen = len(stream.told)
        except httpx.TransportError:
            self.cut_off += bool(self.text)

    async def _draw(self, http: httpx.AsyncClient, one: Heard) -> None:
        if one.event == "hello" and (running := one.data["running_turn"]) is not None:
            self.text[running["turn"]] = running["text"]
        elif one.event == "dispatch.delta":
            self._hear(one.data["turn"], one.data["offset"], one.data["text"])
        elif one.event == "turn.committed":
            turn = one.data["turn"]
            assert turn == len(self.turns), "no gap, and nothing twice"
            assert one.data["dispatch"].startswith(self.text.pop(turn, "").rstrip())
            self.turns[turn] = one.data["dispatch"]
        elif one.event == "session.reset":
            self.turns.clear()
            self.resets += 1
        elif one.event == "resync":
            assert one.data["reason"] == "reset"
            self.resyncs += 1
            self.turns = await history(http)
        if one.id is not None:
            before = EventId.parse(self.last_id or "0")
            now = EventId.parse(one.id)
            assert before is not None
            assert now is not None
            assert now > before or one.event == "hello"
            self.last_id = one.id
        self.changed.set()

    def _hear(self, turn: int, offset: int, text: str) -> None:
        known = self.text.setdefault(turn, "")
        assert offset <= len(known), "no word is missing"
        self.text[turn] = known[:offset] + text

    async def until(self, turn: int) -> None:
        async with asyncio.timeout(20):
            while max(self.turns, default=-1) != turn:
                self.changed.clear()
                await self.changed.wait()


@dataclass
class Player:
    """Plays until the connection breaks, and asks again for what was in doubt."""

    asked: int = 0
    turn: int = -1
    over: bool = False
    resets: int = 0

    async def play(self, http: httpx.AsyncClient, acknowledged: asyncio.Semaphore) -> None:
        try:
            while True:
                await self._next(http)
                self.asked += 1
                acknowledged.release()
        except httpx.TransportError:
            return

    async def _next(self, http: httpx.AsyncClient) -> None:
        headers = {"Idempotency-Key": f"k{self.asked}"}
        if self.over:
            # What a crash cut off may have been done: a second reset of a new run is harmless.
            answer = await http.post("/api/state/reset", json={"session_id": "tale"})
            self.resets += 1
            self.turn, self.over = -1, False
        elif self.turn < 0:
            body = {"session_id": "tale"}
            answer = await http.post("/api/game/intro", json=body, headers=headers)
            self.turn = 0
        else:
            body = {"session_id": "tale", "choice": f"wait and count to {self.asked}"}
            answer = await http.post("/api/game/action", json=body, headers=headers)
            data = answer.json()["data"]
            self.turn, self.over = data["turn"], data["phase"] == "over"
        assert answer.status_code == 200, answer.text


async def history(http: httpx.AsyncClient) -> dict[int, str]:
    answer = await http.get("/api/sessions/tale/history", params={"limit": 200})
    items = answer.json()["data"]["items"]
    return {item["turn"]: item["dispatch"] for item in reversed(items)}


@pytest.mark.slow
async def test_who_watches_over_kills_sees_every_turn_once_and_whole(tmp_path: Path) -> None:
    draw, watcher, player = random.Random(5), Watcher(), Player()
    async with a_service(tmp_path / "sessions", "wordy") as (service, url):
        pid = await service.start()
        async with httpx.AsyncClient(base_url=url) as http:
            await http.post("/api/sessions", json={"session_id": "tale", "seed": 7})
        for _ in range(KILLS):
            acknowledged = asyncio.Semaphore(0)
            async with httpx.AsyncClient(base_url=url, timeout=30) as http:
                watching = asyncio.create_task(watcher.watch(http))
                playing = asyncio.create_task(player.play(http, acknowledged))
                for _ in range(draw.randrange(1, 6)):
                    await acknowledged.acquire()
                for _ in range(draw.randrange(40)):
                    await asyncio.sleep(0.001)
                await service.kill(pid)
                await asyncio.gather(watching, playing)
            pid = await service.start()
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            kept = await history(http)
            watching = asyncio.create_task(watcher.watch(http))
            await watcher.until(max(kept))
            await service.kill(pid)
            await watching
    assert watcher.turns == kept
    assert watcher.cut_off, "no kill came while a turn was being told"
    assert watcher.resyncs <= player.resets
    assert player.asked > KILLS
