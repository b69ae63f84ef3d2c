"""Every error there is can be met over HTTP, in the envelope and with its status."""

import asyncio
import errno
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from types import MappingProxyType
from typing import Final

import httpx
import pytest

from app.engine.world.world import World
from app.errors import GameError
from app.storage.io import RealIO
from app.web.spectators import COOKIE
from tests.doubles import (
    FailingNarrator,
    HeldNarrator,
    PricedNarrator,
    SilentNarrator,
)
from tests.http.conftest import Client, ClientMaker, Clock, assert_failed
from tests.http.served import line_to, served


class Stage:
    """What a scenario plays with."""

    def __init__(
        self, make: ClientMaker, clock: Clock, folder: Path, patch: pytest.MonkeyPatch
    ) -> None:
        self.make, self.clock, self.folder, self.patch = make, clock, folder, patch

    @property
    def session(self) -> Path:
        return self.folder / "sessions" / "default"


Scenario = Callable[[Stage], Awaitable[httpx.Response]]


async def internal_error(stage: Stage) -> httpx.Response:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a secret of the inside")

    async with stage.make() as client:
        stage.patch.setattr(World, "begin", breaks)
        response = await client.post("/api/game/intro")
    assert "secret" not in response.text
    return response


async def unauthorized(stage: Stage) -> httpx.Response:
    async with stage.make(access="keys") as client:
        response = await client.get("/api/state")
    assert response.headers["www-authenticate"] == "Bearer"
    return response


async def validation_error(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.post("/api/game/action", json={"choice": 7})


async def invalid_session_id(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.get("/api/state", params={"session_id": "../default"})


async def choice_not_offered(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        await client.intro()
        return await client.post("/api/game/action", json={"choice_id": "nothing"})


async def idempotency_mismatch(stage: Stage) -> httpx.Response:
    key = {"Idempotency-Key": "once"}
    async with stage.make() as client:
        await client.intro()
        await client.data("POST", "/api/game/action", json={"choice": "Wait"}, headers=key)
        return await client.post("/api/game/action", json={"choice": "Run"}, headers=key)


async def route_not_found(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.get("/api/nothing/here")


async def session_not_found(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.get("/api/state", params={"session_id": "nobody"})


async def archive_not_found(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.get("/api/archives/nobody_20261122T200000000Z")


async def media_not_found(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.get("/api/sessions/default/images/000000-000000000000.webp")


async def world_not_found(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.get("/api/worlds/atlantis")


async def turn_not_found(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        await client.intro()
        return await client.post("/api/sessions/default/rewind", json={"turn": 7})


async def method_not_allowed(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        response = await client.put("/api/state")
    assert response.headers["allow"] == "GET"
    return response


async def payload_too_large(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.post("/api/game/action", json={"choice": "x" * 70_000})


async def request_timeout(stage: Stage) -> httpx.Response:
    async def never() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    async with stage.make(body_seconds=0.01) as client:
        response = await client.post("/api/game/intro", content=never())
    assert response.headers["retry-after"] == "1"
    return response


async def rate_limited(stage: Stage) -> httpx.Response:
    async with stage.make(unlimited="", rate_changes="1/minute") as client:
        await client.intro()
        response = await client.post("/api/game/action", json={"choice": "Wait"})
    assert 1 <= int(response.headers["retry-after"]) <= 60
    return response


async def malformed_request(stage: Stage) -> httpx.Response:
    async with stage.make() as client, served(client.app) as port, line_to(port) as line:
        await line.say(b"Hello there\r\n\r\n")
        return await line.answer()


async def range_not_satisfiable(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        turn = await client.intro()
        return await client.get(turn["image"]["url"], headers={"Range": "bytes=1000000-"})


async def session_exists(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.post("/api/sessions", json={"session_id": "default"})


async def session_protected(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.delete("/api/sessions/default")


async def not_started(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        return await client.post("/api/game/action", json={"choice": "Wait"})


async def turn_in_progress(stage: Stage) -> httpx.Response:
    narrator = HeldNarrator()
    narrator.release.set()
    async with stage.make(narrator=narrator) as client:
        await client.intro()
        narrator.release.clear()
        held = asyncio.create_task(client.act(choice="Wait"))
        await narrator.entered.acquire()
        await narrator.entered.acquire()
        response = await client.post("/api/game/action", json={"choice": "Wait"})
        narrator.release.set()
        await held
    assert response.headers["retry-after"] == "1"
    return response


async def stale_turn(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        await client.intro()
        body = {"choice": "Wait", "expected_turn": 4}
        return await client.post("/api/game/action", json=body)


async def deadline_not_reached(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        settings = {"settings": {"deadline_seconds": 60}}
        await client.data("PATCH", "/api/sessions/default", json=settings)
        await client.intro()
        stage.clock.passes(59)
        return await client.post("/api/game/timeout_penalty")


async def no_deadline(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        await client.intro()
        body = {"action": "hold"}
        return await client.post("/api/sessions/default/deadline", json=body)


async def session_over(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        await client.die()
        return await client.post("/api/game/action", json={"choice": "Wait"})


async def provider_failed(stage: Stage) -> httpx.Response:
    async with stage.make(narrator=FailingNarrator()) as client:
        response = await client.post("/api/game/intro")
    assert response.headers["retry-after"] == "5"
    return response


async def provider_timeout(stage: Stage) -> httpx.Response:
    async with stage.make(narrator=SilentNarrator(), text_deadline_seconds=0.01) as client:
        return await client.post("/api/game/intro")


async def budget_exhausted(stage: Stage) -> httpx.Response:
    async with stage.make(narrator=PricedNarrator()) as client:
        settings = {"settings": {"budget_usd": 1, "on_provider_failure": "error"}}
        await client.data("PATCH", "/api/sessions/default", json=settings)
        await client.intro()
        return await client.post("/api/game/action", json={"choice": "Wait"})


async def forbidden(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        await client.intro()
        client.cookies.set(COOKIE, "default")
        return await client.post("/api/game/action", json={"choice": "Wait"})


async def not_ready(stage: Stage) -> httpx.Response:
    async with stage.make(min_free_mb=1 << 20) as client:
        return await client.get("/api/ready")


async def storage_failed(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        await client.intro()
        _disk_fails(stage, errno.EIO)
        response = await client.post("/api/game/action", json={"choice": "Wait"})
        stage.patch.undo()
    return response


async def storage_full(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        await client.intro()
        _disk_fails(stage, errno.ENOSPC)
        response = await client.post("/api/game/action", json={"choice": "Wait"})
        stage.patch.undo()
    return response


async def session_damaged(stage: Stage) -> httpx.Response:
    async with stage.make() as client:
        await client.intro()
    state = stage.session / "state.json"
    state.write_bytes(state.read_bytes().replace(b'"turn":0', b'"turn":9', 1))
    async with stage.make() as client:
        return await client.get("/api/state")


def _disk_fails(stage: Stage, number: int) -> None:
    def fails(*_: object, **__: object) -> None:
        raise OSError(number, "the disk says no")

    stage.patch.setattr(RealIO, "write_at", fails)


SCENARIOS: Final = MappingProxyType(
    {
        scenario.__name__: scenario
        for scenario in (
            internal_error,
            unauthorized,
            validation_error,
            invalid_session_id,
            choice_not_offered,
            idempotency_mismatch,
            route_not_found,
            session_not_found,
            archive_not_found,
            media_not_found,
            world_not_found,
            turn_not_found,
            method_not_allowed,
            payload_too_large,
            request_timeout,
            rate_limited,
            malformed_request,
            range_not_satisfiable,
            session_exists,
            session_protected,
            not_started,
            turn_in_progress,
            stale_turn,
            deadline_not_reached,
            no_deadline,
            session_over,
            provider_failed,
            provider_timeout,
            budget_exhausted,
            forbidden,
            not_ready,
            storage_failed,
            storage_full,
            session_damaged,
        )
    }
)


def _tree(cls: type[GameError] = GameError) -> dict[str, int]:
    found = {cls.code: cls.status}
    for child in cls.__subclasses__():
        found.update(_tree(child))
    return found


CODES: Final = MappingProxyType(_tree())
NEVER_RAISED: Final = frozenset(("conflict",))
"""Only what is in common to errors that are raised."""


def test_the_scenarios_cover_the_whole_tree_of_errors() -> None:
    assert set(SCENARIOS) == set(CODES) - NEVER_RAISED


@pytest.mark.parametrize("code", sorted(SCENARIOS))
async def test_every_error_code_can_be_met(
    code: str, a_client: ClientMaker, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    response = await SCENARIOS[code](Stage(a_client, clock, tmp_path, monkeypatch))
    assert_failed(response, CODES[code], code)
    assert response.headers["cache-control"] == "no-store"


async def test_an_error_tells_nothing_of_the_inside(client: Client, tmp_path: Path) -> None:
    response = await client.get("/api/sessions/nobody/images/..%2f..%2fstate.json")
    told = json.dumps(response.json())
    assert str(tmp_path) not in told
    assert "Traceback" not in told
