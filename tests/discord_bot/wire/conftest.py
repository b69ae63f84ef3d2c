"""The whole bot on the loopback Discord, with the real service behind it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from clients.discord_bot.bot import GameBot
from clients.discord_bot.settings import BotSettings
from clients.game_client import GameClient
from clients.game_client.direct import direct_client
from tests.clients.conftest import AppMaker, an_app
from tests.discord_bot.wire.asked import Asked
from tests.discord_bot.wire.minidiscord import TOKEN, MiniDiscord
from tests.discord_bot.wire.payloads import MANAGE_GUILD, Json, User
from tests.http.conftest import Clock

__all__ = ("an_app",)

ALICE: Final = User(501, "alice")
BEN: Final = User(502, "ben")
HANNA: Final = User(503, "hanna", locale="de")
HOST: Final = User(504, "host", permissions=MANAGE_GUILD)
PATIENCE: Final = 20.0

BotMaker = Callable[..., AbstractAsyncContextManager[GameBot]]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def mini() -> AsyncIterator[MiniDiscord]:
    async with MiniDiscord.serving() as served:
        with served.instead_of_the_real_one():
            yield served


@pytest.fixture
def channel(mini: MiniDiscord) -> int:
    return mini.world.add_channel("general")


@pytest.fixture(autouse=True)
def nothing_breaks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """discord.py only logs what breaks in a button."""
    yield
    records = (*caplog.get_records("setup"), *caplog.get_records("call"))
    broken = [one for one in records if one.levelno >= logging.ERROR]
    assert [f"{one.name}: {one.getMessage()} {one.exc_text or ''}" for one in broken] == []


@pytest.fixture
def a_bot(mini: MiniDiscord, an_app: AppMaker, tmp_path: Path) -> BotMaker:
    """`async with a_bot() as bot`: logged in and ready, in direct mode unless it has a client."""

    @asynccontextmanager
    async def make(
        client: AbstractAsyncContextManager[GameClient] | None = None, **settings: Any
    ) -> AsyncIterator[GameBot]:
        given = BotSettings(file=tmp_path / "bot.json").model_copy(update=settings)
        bot = GameBot(given, client or direct_client(app=an_app(), client_name="discord"))
        # discord.py waits that long for guilds that never come.
        bot._connection.guild_ready_timeout = 0.02
        mini.gateway.ready.clear()
        task = asyncio.create_task(bot.start(TOKEN))
        try:
            async with asyncio.timeout(PATIENCE):
                await mini.gateway.ready.wait()
                await bot.wait_until_ready()
            yield bot
        finally:
            await bot.close()
            await task

    return make


async def answered(asked: Asked) -> Asked:
    """Wait until who asked has something to read."""
    async with asyncio.timeout(PATIENCE):
        await asked.answered.wait()
    return asked


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something that the bot does by itself."""
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.01)


def turns(mini: MiniDiscord, channel: int) -> list[Json]:
    """The messages of turns, oldest first."""
    return mini.world.history(channel)
