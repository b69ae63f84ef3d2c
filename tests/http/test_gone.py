"""A client that is gone in the middle of its turn, over real sockets (R6)."""

import asyncio
import json
import random

from app.engine.ports import Hear, Purse
from app.engine.providers.offline.narrator import OfflineNarrator
from app.models.narration import Brief, Telling
from tests.conftest import Measured
from tests.http.conftest import Client, ClientMaker
from tests.http.served import Line, line_to, post, served

LEAVES = 200
MOST_PASSES = 60
"""Passes of the loop before a client leaves: a turn takes fewer."""


class CountingNarrator(OfflineNarrator):
    """Counts what it tells, and takes a few passes of the loop for it."""

    def __init__(self) -> None:
        self.told = 0

    async def tell(self, brief: Brief, *, hear: Hear, purse: Purse) -> Telling:
        self.told += 1
        for _ in range(5):
            await asyncio.sleep(0)
        return await super().tell(brief, hear=hear, purse=purse)


async def test_two_hundred_sockets_are_reset_mid_turn(
    a_client: ClientMaker, measured: Measured
) -> None:
    """Whole or absent; the same key gives the same turn, told once."""
    draw, narrator = random.Random(20261122), CountingNarrator()
    found = 0
    async with a_client(narrator=narrator) as client, served(client.app) as port:
        turn = (await client.intro(seed=0))["turn"]
        for n in range(LEAVES):
            turn = await _still_playing(client, turn)
            told = narrator.told
            body = {"session_id": "default", "choice": f"wait {n}", "fate": "LUCKY"}
            request = post("/api/game/action", body, f"Idempotency-Key: k{n}")
            async with line_to(port) as line:
                await line.say(request)
                for _ in range(draw.randrange(MOST_PASSES)):
                    await asyncio.sleep(0)
                line.writer.transport.abort()
            found += await _history(client) == turn + 2
            again = await _asked(port, request)
            turn += 1
            assert again["turn"] == turn
            assert await _history(client) == turn + 1
            assert narrator.told == told + 1
            if n % 20 == 0:
                assert await _asked(port, request) == again
        assert client.app.state.service.game.jobs.count() == 0
        assert client.app.state.service.game.store.locks_held == 0
    measured("clients gone", LEAVES)
    measured("of whose turns were whole when they were gone", found)


async def _still_playing(client: Client, turn: int) -> int:
    state = await client.data("GET", "/api/state")
    if state["phase"] != "over":
        return turn
    await client.data("POST", "/api/state/reset", json={})
    return int((await client.intro(seed=turn))["turn"])


async def _asked(port: int, request: bytes) -> dict[str, object]:
    async with line_to(port) as line:
        return await _data(line, request)


async def _data(line: Line, request: bytes) -> dict[str, object]:
    await line.say(request)
    answer = await line.answer()
    assert answer.status_code == 200, answer.text
    data: dict[str, object] = json.loads(answer.content)["data"]
    return data


async def _history(client: Client) -> int:
    """Turns that are there."""
    page = await client.data("GET", "/api/sessions/default/history", params={"limit": 1})
    return int(page["total"])
