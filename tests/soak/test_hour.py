"""An hour of play with models that fail one time in twenty: nothing grows (FIGURES.md R16).

`SOAK_MINUTES` makes it shorter or longer.
"""

import asyncio
import logging
import os
import random
import signal
import socket
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

import httpx
import pytest

from tests.conftest import Measured
from tests.providers.asked import Kind
from tests.providers.fake_openai import FakeOpenAI
from tests.providers.fault_server import FaultServer, Plan
from tests.providers.faults import FAULTS

logger = logging.getLogger(__name__)

MINUTES: Final = float(os.environ.get("SOAK_MINUTES", "60"))
ELSEWHERE: Final = str(Path(sys.executable).parent / "elsewhere")
SAMPLE_SECONDS: Final = 5.0
FAULTY: Final = 0.05
PLAYERS: Final = 12
WATCHERS: Final = 12
TURNS_A_RUN: Final = 30
PAUSE_SECONDS: Final = 2.5
"""At most, between two turns of a player: about half of what two cores carry with the load's own
work beside it."""
ALLOWED: Final[Mapping[str, Callable[[float], float]]] = MappingProxyType(
    {
        "descriptors": lambda before: before + 4,
        "tasks": lambda before: before + 4,
        "memory": lambda before: before * 1.05,
    }
)
"""What the last quarter of the time may hold, by what the second one held."""
EXPECTED: Final = frozenset((402, 409, 502, 503, 504))
"""What a player may be answered besides a turn, while models fail."""
SETTINGS: Final = {
    "LC_ALL": "C",
    "ELSEWHERE_TEXT_MODEL": "double",
    "ELSEWHERE_IMAGE_MODEL": "double",
    "ELSEWHERE_TEXT_DEADLINE_SECONDS": "5",
    "ELSEWHERE_IMAGE_DEADLINE_SECONDS": "5",
    "ELSEWHERE_LATE_IMAGE_SECONDS": "10",
    "ELSEWHERE_LOG_LEVEL": "error",
    "ELSEWHERE_TAPES": "false",  # at this pace runs end faster than two cores make films
}


class OneInTwenty(Plan):
    """Any of the faults there are, now and then, for as long as it goes on."""

    def __init__(self, seed: int) -> None:
        super().__init__({})
        self._random = random.Random(seed)
        self.given: Counter[str] = Counter()

    def next(self, kind: Kind) -> str | None:
        if self._random.random() >= FAULTY:
            return None
        fault = self._random.choice(sorted(FAULTS))
        self.given[fault] += 1
        return fault


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds at one moment."""

    descriptors: float
    tasks: float
    memory: float
    """Bytes."""


@dataclass
class Hour:
    """The load, and what came of it."""

    http: httpx.AsyncClient
    faults: FaultServer
    ends: float
    answers: Counter[int] = field(default_factory=Counter)
    acknowledged: dict[str, int] = field(default_factory=dict)
    heard: int = 0

    def goes_on(self) -> bool:
        return asyncio.get_running_loop().time() < self.ends

    async def ask(self, method: str, path: str, **more: object) -> httpx.Response:
        response = await self.http.request(method, path, **more)  # type: ignore[arg-type]
        self.answers[response.status_code] += 1
        assert response.is_success or response.status_code in EXPECTED, response.text
        return response

    async def play(self, number: int) -> None:
        """Runs of one player, one after another; now and then a fork, an export, a new session."""
        dice, run = random.Random(number), 0
        while self.goes_on():
            session = f"soak-{number}-{run % 2}"
            settings = {
                "images": number % 3 == 0,
                "on_provider_failure": "offline" if number % 2 else "error",
            }
            await self.http.delete(f"/api/sessions/{session}", params={"archive": False})
            body = {"session_id": session, "seed": run, "settings": settings}
            await self.ask("POST", "/api/sessions", json=body)
            self.acknowledged[session] = -1
            await self.run(session, dice)
            await self.branch(session, dice)
            run += 1

    async def run(self, session: str, dice: random.Random) -> None:
        for number in range(TURNS_A_RUN):
            if not self.goes_on():
                return
            turn = self.acknowledged[session]
            path = "/api/game/action" if turn >= 0 else "/api/game/intro"
            body = {"session_id": session, "expected_turn": turn}
            if turn >= 0:
                body["choice"] = f"Wait, and listen {number}"
            headers = {"Idempotency-Key": f"{session}-{turn}-{number}"}
            answer = await self.ask("POST", path, json=body, headers=headers)
            if answer.is_success:
                turn = answer.json()["data"]["turn"]
                assert turn == self.acknowledged[session] + 1
                self.acknowledged[session] = turn
                if answer.json()["data"]["phase"] == "over":
                    return
            await asyncio.sleep(dice.uniform(0, PAUSE_SECONDS))

    async def branch(self, session: str, dice: random.Random) -> None:
        turn = self.acknowledged[session]
        if turn < 1:
            return
        other = f"{session}-fork"
        made = await self.ask(
            "POST", f"/api/sessions/{session}/fork", json={"turn": turn // 2, "session_id": other}
        )
        if made.is_success:
            await self.ask("GET", f"/api/sessions/{other}/export")
            await self.ask("DELETE", f"/api/sessions/{other}", params={"archive": False})
        if dice.random() < 0.3:
            await self.ask("POST", f"/api/sessions/{session}/rewind", json={"turn": 0})
            self.acknowledged[session] = 0
            for archive in (await self.ask("GET", "/api/archives")).json()["data"]["items"]:
                if archive["session_id"] == session:
                    await self.ask("DELETE", f"/api/archives/{archive['name']}")

    async def watch(self, number: int) -> None:
        """Streams that are opened, listened to for a while and dropped without a word."""
        dice = random.Random(-number)
        while self.goes_on():
            session = f"soak-{number % PLAYERS}-{dice.randrange(2)}"
            try:
                async with (
                    asyncio.timeout(dice.uniform(0.2, 8)),
                    self.http.stream("GET", f"/api/sessions/{session}/events") as stream,
                ):
                    async for piece in stream.aiter_bytes():
                        self.heard += len(piece)
            except TimeoutError:
                pass
            await asyncio.sleep(0.2)

    async def sample(self) -> list[Sample]:
        taken = []
        while self.goes_on():
            await asyncio.sleep(SAMPLE_SECONDS)
            taken.append(await self.now())
            self.faults.asked.clear()  # A record of an hour's requests is a leak of our own.
            self.faults.fake.asked.clear()
        return taken

    async def now(self) -> Sample:
        values = figures((await self.http.get("/metrics")).text)
        return Sample(
            descriptors=values["process_open_fds"],
            tasks=values["elsewhere_tasks"],
            memory=values["process_resident_memory_bytes"],
        )


def figures(text: str) -> Mapping[str, float]:
    """The samples without labels."""
    lines = (line.split(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, value, *_ in lines if "{" not in name}


@asynccontextmanager
async def serving(folder: Path, models: str) -> AsyncIterator[httpx.AsyncClient]:
    """The service as a process of its own, and a client of it. What goes wrong in it is shown."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(ELSEWHERE, "serve", "--port", str(port), "--sessions-dir", str(folder)),
        env={**SETTINGS, "ELSEWHERE_TEXT_BASE_URL": models, "ELSEWHERE_IMAGE_BASE_URL": models},
        cwd=folder.parent,
    )
    url, limits = f"http://127.0.0.1:{port}", httpx.Limits(max_connections=None)
    try:
        async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as http:
            await ready(http)
            yield http
        process.terminate()
        # uvicorn hands the signal on once it has stopped in order.
        assert await asyncio.wait_for(process.wait(), 30) in (0, -signal.SIGTERM)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def ready(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                await http.get("/api/health")
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


def kept(figure: str, samples: list[Sample]) -> float:
    """What is held whatever is asked at the moment: requests come and go, a leak stays. Memory
    is given back late, so that its middle says more."""
    values = sorted(getattr(one, figure) for one in samples)
    return float(values[len(values) // (2 if figure == "memory" else 10)])


async def at_rest(hour: Hour, before: Sample) -> Sample:
    """Nobody asks any more: as many tasks as before anybody did, as soon as late pictures are
    there or given up."""
    async with asyncio.timeout(60):
        while (now := await hour.now()).tasks > before.tasks:
            await asyncio.sleep(0.5)
    return now


@pytest.mark.soak
@pytest.mark.timeout(MINUTES * 60 + 600)
async def test_an_hour_with_failing_models_leaves_nothing_behind(
    tmp_path: Path, measured: Measured
) -> None:
    folder, plan = tmp_path / "sessions", OneInTwenty(7)
    async with AsyncExitStack() as stack:
        faults = await stack.enter_async_context(FaultServer.open(FakeOpenAI()))
        faults._plans["soak"] = plan
        http = await stack.enter_async_context(serving(folder, faults.base_url("soak")))
        hour = Hour(http, faults, asyncio.get_running_loop().time() + MINUTES * 60)
        unasked = await hour.now()
        async with asyncio.TaskGroup() as load:
            sampling = load.create_task(hour.sample())
            for number in range(PLAYERS):
                load.create_task(hour.play(number))
            for number in range(WATCHERS):
                load.create_task(hour.watch(number))
        samples = sampling.result()
        for session, turn in hour.acknowledged.items():
            status = await hour.ask("GET", f"/api/sessions/{session}/status")
            assert status.json()["data"]["turn"] == turn, session
        rested = await at_rest(hour, unasked)
    logger.info("answers %s, faults %s", dict(hour.answers), plan.given.total())
    assert hour.answers[200] > 10 * PLAYERS
    assert plan.given.total() > 0
    assert hour.heard
    measured("minutes", f"{MINUTES:.0f}")
    measured("answers of 200", hour.answers[200])
    measured("faults met", plan.given.total())
    quarter = len(samples) // 4
    early, late = samples[quarter : 2 * quarter], samples[-quarter:]
    measured("tasks before and after", f"{unasked.tasks:.0f} and {rested.tasks:.0f}")
    for figure, allowed in ALLOWED.items():
        before, after = kept(figure, early), kept(figure, late)
        measured(figure, f"{before:.0f} in the second quarter and {after:.0f} in the last")
        assert after <= allowed(before), figure
    checking = await asyncio.create_subprocess_exec(
        *(ELSEWHERE, "check", "--sessions-dir", str(folder)), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await checking.communicate()
    assert checking.returncode == 0, said.decode()
