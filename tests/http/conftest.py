"""The whole service in this process, over real files, spoken to over HTTP."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.engine.ports import Filmmaker, Illustrator, Narrator
from app.engine.world.world import World
from app.main import create_app
from app.settings import ServiceSettings
from tests.doubles import QuickFilmmaker, QuickIllustrator


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Client(httpx.AsyncClient):
    """An HTTP client that says plainly what it expects."""

    app: FastAPI

    async def data(self, method: str, path: str, **more: Any) -> Any:
        """The `data` of an answer that must be good."""
        response = await self.request(method, path, **more)
        body = response.json()
        assert response.is_success, body
        assert body["success"] is True
        assert isinstance(body["message"], str)
        return body["data"]

    async def intro(self, session_id: str = "default", **more: Any) -> Any:
        return await self.data("POST", "/api/game/intro", json={"session_id": session_id, **more})

    async def act(self, session_id: str = "default", **more: Any) -> Any:
        """Play the first choice, unless told otherwise."""
        if not {"choice", "choice_id"} & more.keys():
            state = await self.data("GET", "/api/state", params={"session_id": session_id})
            more["choice_id"] = state["choices"][0]["id"]
        return await self.data("POST", "/api/game/action", json={"session_id": session_id, **more})

    async def die(self, session_id: str = "default") -> Any:
        """Hesitate until it kills."""
        turn = await self.intro(session_id)
        for _ in range(300):
            if turn["phase"] == "over":
                return turn
            body = {"session_id": session_id}
            turn = await self.data("POST", "/api/game/timeout_penalty", json=body)
        raise AssertionError("hesitation never killed")


def assert_failed(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The answer is an error, and tells of it in the envelope."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body.get("code")) == (status, code), body
    assert set(body) == {"success", "error", "details", "code"}
    assert body["success"] is False
    assert body["error"]
    assert response.headers["content-type"] == "application/json"
    return body


ClientMaker = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def a_client(tmp_path: Path, clock: Clock, worlds: Mapping[str, World]) -> ClientMaker:
    """`async with a_client(narrator=...) as client`; the same folder each time, so that a second
    service finds what the first one left. Further settings are passed by name."""

    @asynccontextmanager
    async def make(
        *,
        narrator: Narrator | None = None,
        illustrator: Illustrator | None = None,
        filmmaker: Filmmaker | None = None,
        worlds: Mapping[str, World] = worlds,
        **settings: Any,
    ) -> AsyncIterator[Client]:
        given = {
            "sessions_dir": tmp_path / "sessions",
            "durability": "process",
            "tapes": False,  # what is not about films need not make one
            **settings,
        }
        app = create_app(
            ServiceSettings(**given),
            narrator=narrator,
            illustrator=illustrator or QuickIllustrator(),
            filmmaker=filmmaker or QuickFilmmaker(),
            worlds=worlds,
            clock=clock,
        )
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            Client(transport=transport, base_url="http://elsewhere.test") as client,
        ):
            client.app = app
            yield client

    return make


@pytest.fixture
async def client(a_client: ClientMaker) -> AsyncIterator[Client]:
    async with a_client() as made:
        yield made
