"""A bot in a virtual Discord, against the real service with its built-in narrator."""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import simcord
from discord import app_commands

from app.engine.world.world import World
from app.main import create_app
from app.settings import ServiceSettings
from clients.discord_bot import clock
from clients.discord_bot.pacing import LoopClock
from clients.discord_bot.refusals import Refusal
from clients.game_client import ServiceError
from tests.discord_bot.sim.stage import Stage
from tests.doubles import QuickIllustrator

StageMaker = Callable[..., AbstractAsyncContextManager[Stage]]
MOST_EDITS = 4
"""Of one message: a choice, two frames of fate, a late picture."""


@pytest.fixture(autouse=True)
def nothing_is_logged_as_an_error(caplog: pytest.LogCaptureFixture) -> Any:
    """discord.py only logs what breaks in a button's callback."""
    yield
    for when in ("setup", "call"):
        broken = [
            record
            for record in caplog.get_records(when)
            if record.levelno >= logging.ERROR
            and record.name.split(".")[0] in ("discord", "clients", "asyncio", "app")
        ]
        assert broken == [], [record.getMessage() for record in broken]


def everybody_was_answered(stage: Stage) -> None:
    for interaction in stage.env.backend.interactions.values():
        assert interaction.responded, f"{interaction} failed"
        assert not interaction.loading, f"{interaction} waits for ever"


def edits_are_within_budget(stage: Stage, most: int = MOST_EDITS) -> None:
    edits = Counter(
        request.path
        for request in stage.env.http_requests
        if request.method == "PATCH"
        and "/messages/" in request.path
        and "@original" not in request.path
    )
    assert all(count <= most for count in edits.values()), edits


def _is_said(error: BaseException) -> bool:
    """Whether it is one that players are told."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    return isinstance(error, Refusal | ServiceError | app_commands.CommandOnCooldown)


@pytest.fixture
def a_stage(
    tmp_path: Path, worlds: Mapping[str, World], monkeypatch: pytest.MonkeyPatch
) -> StageMaker:
    """`async with a_stage(narrator=...) as stage`"""

    @asynccontextmanager
    async def make(
        *,
        narrator: Any = None,
        illustrator: Any = None,
        service: Mapping[str, Any] = MappingProxyType({}),
        most_edits: int = MOST_EDITS,
        **bot: Any,
    ) -> AsyncIterator[Stage]:
        stage = Stage(tmp_path)
        stage.app = create_app(
            ServiceSettings(
                **{
                    "sessions_dir": tmp_path / "sessions",
                    "durability": "process",
                    "tapes": False,
                    **service,
                }
            ),
            narrator=narrator,
            illustrator=illustrator or QuickIllustrator(),
            worlds=worlds,
            clock=lambda: stage.env.now() - stage.service_is_behind,
        )

        async def pause(seconds: float) -> None:
            await stage.env.external_wait(asyncio.sleep(seconds), reason="the bot's own clock")

        paced = LoopClock.wait

        async def wait(budget: LoopClock, event: asyncio.Event, seconds: float) -> None:
            await stage.env.external_wait(paced(budget, event, seconds), reason="room for an edit")

        # What the bot waits for by itself comes when a test says so, and never by the wall clock.
        monkeypatch.setattr(clock, "pause", pause)
        monkeypatch.setattr(LoopClock, "wait", wait)
        stage.bot = stage.make_bot(**bot)
        stage.env = simcord.Env(stage.bot, shard_count=1)
        async with stage.app.router.lifespan_context(stage.app):
            await stage.env.start()
            try:
                with stage.env.time_context():
                    yield stage
                    await stage.settled()
                everybody_was_answered(stage)
                edits_are_within_budget(stage, most_edits)
            finally:
                await stage.bot._opened.aclose()
                await stage.env.shutdown()
            broken = [error for error in stage.env.errors if not _is_said(error)]
            assert broken == [], broken

    return make
