"""The client against the whole service: in this process, and over a real socket."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from app.engine.world.world import World
from app.main import create_app
from app.settings import ServiceSettings
from clients.game_client import GameClient, Retries, Timing
from clients.game_client.direct import direct_client
from tests.doubles import QuickFilmmaker, QuickIllustrator
from tests.http.conftest import Clock
from tests.tapes.decks import QuickDeck

QUICK = Retries(first_delay=0.001)
BASE = "http://elsewhere.test"

AppMaker = Callable[..., FastAPI]
ServiceMaker = Callable[..., AbstractAsyncContextManager[GameClient]]
Answering = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def an_app(tmp_path: Path, clock: Clock, worlds: Mapping[str, World]) -> AppMaker:
    """A service over the same folder each time, quick unless it is given doubles."""

    def make(*, narrator: Any = None, illustrator: Any = None, **settings: Any) -> FastAPI:
        given = {"sessions_dir": tmp_path / "sessions", "durability": "process", **settings}
        app = create_app(
            ServiceSettings(**given),
            narrator=narrator,
            illustrator=illustrator or QuickIllustrator(),
            filmmaker=QuickFilmmaker(),
            worlds=worlds,
            clock=clock,
        )
        app.state.service.game.tapes._deck = QuickDeck()
        return app

    return make


@pytest.fixture
def a_service(an_app: AppMaker) -> ServiceMaker:
    """`async with a_service(narrator=...) as client`: direct mode."""

    @asynccontextmanager
    async def make(*, timing: Timing | None = None, **more: Any) -> AsyncIterator[GameClient]:
        async with direct_client(app=an_app(**more), retries=QUICK, timing=timing) as client:
            yield client

    return make


@pytest.fixture
async def client(a_service: ServiceMaker) -> AsyncIterator[GameClient]:
    async with a_service() as made:
        yield made


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """Serve `app` on a free port of this loop; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    async with app.router.lifespan_context(app):
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            app.state.service.game.events.close()
            server.should_exit = True
            await serving
            listener.close()


def answered_by(answering: Answering, *, retries: Retries = QUICK, **more: Any) -> GameClient:
    """A client whose every request is answered by a function."""
    return GameClient(BASE, transport=httpx.MockTransport(answering), retries=retries, **more)


def good(data: object) -> httpx.Response:
    return httpx.Response(200, json={"success": True, "message": "", "data": data})
