"""Pictures of the real bot, as Discord shows its messages.

`python -m tests.discord_bot.screenshots` (`make screenshots-discord`) plays in simcord's virtual
Discord, with real pictures, and writes docs/pictures/discord-*.webp. What a page of simcord's
preview looks like is Discord's look rebuilt, and not Discord itself. It needs the system's
Chromium (`make chromium`).
"""

import asyncio
import io
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from unittest import mock

import discord
import simcord
from PIL import Image
from playwright.async_api import BrowserType

from app.main import create_app
from app.settings import ServiceSettings
from clients.discord_bot import clock
from clients.discord_bot.pacing import LoopClock
from clients.discord_bot.ui import ids
from tests.discord_bot.sim.stage import Party, Stage, presses

PICTURES: Final = Path(__file__).parents[2] / "docs" / "pictures"
WIDTH: Final = 760
HEIGHT: Final = 1180
SEED: Final = 7
MORTAL: Final = 5
"""A seed whose story ends early for somebody who does nothing."""
PLAYED: Final = 2
"""Turns before the one that is shown."""
LONGEST: Final = 40

Scene = Callable[[Stage, Party], Awaitable[discord.Message]]


async def a_turn(stage: Stage, party: Party) -> discord.Message:
    """A few turns in."""
    message = await party.begin()
    for _ in range(PLAYED):
        await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[0])
        await stage.settled()
        message = party.present()
    return message


async def a_vote(stage: Stage, party: Party) -> discord.Message:
    """Three have voted, and the clock runs."""
    await party.host.slash(party.channel, "settings mode", value="vote")
    await party.host.slash(party.channel, "settings timer", seconds=60)
    message = await party.begin()
    for who, number in ((party.alice, 0), (party.bob, 2), (party.host, 2)):
        await who.click(message, custom_id=presses(message, ids.VOTE)[number])
        await stage.settled()
    await stage.env.advance_time(6)
    await stage.settled()
    return party.present()


async def a_death(stage: Stage, party: Party) -> discord.Message:
    """Nobody decides, until it is too late."""
    await stage.service_client.reset(seed=MORTAL)
    message = await party.begin()
    await party.alice.click(message, custom_id=presses(message, ids.CHOOSE)[1])
    await stage.settled()
    await party.host.slash(party.channel, "settings timer", seconds=30)
    for _ in range(LONGEST):
        await stage.settled()
        for shown in party.channel.history():
            if presses(shown, ids.AGAIN):
                return shown
        await stage.env.advance_time(31)
    raise AssertionError("nobody died")


SCENES: Final = MappingProxyType[str, Scene]({"turn": a_turn, "vote": a_vote, "death": a_death})


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """A bot and a service as they ship, in a virtual Discord."""
    stage = Stage(folder)
    stage.app = create_app(
        ServiceSettings(sessions_dir=folder / "sessions", durability="process"),
        clock=lambda: stage.env.now(),
    )

    async def pause(seconds: float) -> None:
        await stage.env.external_wait(asyncio.sleep(seconds), reason="the bot's own clock")

    paced = LoopClock.wait

    async def wait(budget: LoopClock, event: asyncio.Event, seconds: float) -> None:
        await stage.env.external_wait(paced(budget, event, seconds), reason="room for an edit")

    stage.bot = stage.make_bot()
    stage.env = simcord.Env(stage.bot, shard_count=1)
    stage.env.backend.bot_user.name = "Elsewhere"
    with mock.patch.object(clock, "pause", pause), mock.patch.object(LoopClock, "wait", wait):
        async with stage.app.router.lifespan_context(stage.app):
            await stage.env.start()
            try:
                with stage.env.time_context():
                    yield stage
            finally:
                await stage.bot._opened.aclose()
                await stage.env.shutdown()


async def photograph(name: str) -> bytes:
    """One scene as PNG."""
    with tempfile.TemporaryDirectory() as folder:
        async with staged(Path(folder)) as stage:
            party = Party(stage)
            await stage.service_client.reset(seed=SEED)
            message = await SCENES[name](stage, party)
            preview = stage.env.preview(
                party.channel,
                viewers=[party.alice],
                display="fixed",
                width=WIDTH,
                height=HEIGHT,
                presentation_time=stage.env.now(),
            )
            async with preview:
                capture = await preview.screenshot(target=message)
    assert capture.ready
    assert capture.png is not None
    return capture.png


def keep(png: bytes, file: Path) -> None:
    """As WebP, as it is on the page."""
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").save(file, "WEBP", quality=86, method=6)


async def main(folder: Path) -> None:
    launch = BrowserType.launch
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    chromium = os.environ.get("CHROMIUM") or found

    async def here(kind: BrowserType, **more: Any) -> Any:
        # simcord asks for the browser that Playwright downloads; this is the system's own.
        return await launch(kind, **more, executable_path=chromium, args=["--no-sandbox"])

    with mock.patch.object(BrowserType, "launch", here):
        for name in SCENES:
            keep(await photograph(name), folder / f"discord-{name}.webp")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES))
